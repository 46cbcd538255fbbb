"""Deeds: the physical ways an event has into a world, and there are no others but edits. None of them moves a thing by itself.

A deed begins `delay_s` after its event. Vectors are of the world frame unless they say otherwise; what a number of a joint means hangs on
the joint: radians, N·m and N·m·s where it turns, metres, N and N·s where it slides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from lifeworld.core.errors import LimitError, SceneError, UnknownName
from lifeworld.scene.bounds import check_name, finite
from lifeworld.scene.shape import Vec3

MAX_IMPULSE_N_S = 10_000.0
MAX_FORCE_N = 1e6
MAX_SPEED_M_S = 300.0
MAX_LASTS_S = 3_600.0
MIN_LASTS_S = 1e-4
MAX_DELAY_S = 3_600.0
MAX_WAYPOINTS = 256

Dimming = Literal["dropout", "noise", "freeze", "blur"]
DIMMINGS: tuple[Dimming, ...] = get_args(Dimming)
Waypoint = tuple[float, float, float, float]
"""(t [s] since the deed began, x [m], y [m], yaw [degrees])."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A force that swells and ebbs as half a sine for `duration_s` [s], whose integral is `impulse_n_s` (x, y, z) [N·s].

    Or `velocity_m_s` (x, y, z) [m/s]: the impulse that would give it so much speed more if it were free. `spin_n_m_s` is an angular
    impulse (x, y, z) [N·m·s] beside it. It acts at `at_m` (x, y, z) [m] in the thing's frame; None: at its centre of mass.
    """

    thing: str
    impulse_n_s: Vec3 | None = None
    velocity_m_s: Vec3 | None = None
    spin_n_m_s: Vec3 = (0.0, 0.0, 0.0)
    duration_s: float = 0.06
    at_m: Vec3 | None = None
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        check_name(self.thing, "thing")
        if (self.impulse_n_s is None) == (self.velocity_m_s is None):
            raise SceneError("a push says one of two", expected="impulse_n_s = [x, y, z] or velocity_m_s = [x, y, z], and not both")
        if self.impulse_n_s is not None:
            finite("impulse_n_s", self.impulse_n_s, most=MAX_IMPULSE_N_S)
        if self.velocity_m_s is not None:
            finite("velocity_m_s", self.velocity_m_s, most=MAX_SPEED_M_S)
        finite("spin_n_m_s", self.spin_n_m_s, most=MAX_IMPULSE_N_S)
        if self.at_m is not None:
            finite("at_m", self.at_m, most=100.0)
        _lasts(self.duration_s, self.delay_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A push on a joint of a thing: `impulse` [N·m·s or N·s], or the `speed` [rad/s or m/s] it would gain if nothing else held it.

    Positive is towards open.
    """

    thing: str
    joint: str
    impulse: float | None = None
    speed: float | None = None
    duration_s: float = 0.1
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        check_name(self.thing, "thing")
        check_name(self.joint, "joint")
        if (self.impulse is None) == (self.speed is None):
            raise SceneError("a turn says one of two", expected="impulse = … or speed = …, and not both")
        if self.impulse is not None:
            finite("impulse", (self.impulse,), most=MAX_IMPULSE_N_S)
        if self.speed is not None:
            finite("speed", (self.speed,), most=MAX_SPEED_M_S)
        _lasts(self.duration_s, self.delay_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wind:
    """Moving air, which swells and ebbs as half a sine up to `velocity_m_s` (x, y, z) [m/s] and drags what stands in it.

    The drag is ½ρcA|v|v with v the air's velocity over the thing's. `things` are those it blows on; None: all that are free.
    """

    velocity_m_s: Vec3
    duration_s: float = 1.0
    things: tuple[str, ...] | None = None
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        finite("velocity_m_s", self.velocity_m_s, most=MAX_SPEED_M_S)
        _some(self.things)
        _lasts(self.duration_s, self.delay_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shake:
    """The frame things stand in is shaken: each feels −m·a(t), a sine of `frequency_hz` [Hz] and `acceleration_m_s2` (x, y, z) [m/s²].

    It swells and ebbs over `duration_s` [s]. `things` are those shaken; None: all that are free.
    """

    acceleration_m_s2: Vec3
    frequency_hz: float = 4.0
    duration_s: float = 1.0
    things: tuple[str, ...] | None = None
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        finite("acceleration_m_s2", self.acceleration_m_s2, most=1_000.0)
        finite("frequency_hz", (self.frequency_hz,), least=0.01, most=200.0)
        _some(self.things)
        _lasts(self.duration_s, self.delay_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """Somebody drags a thing at `velocity_m_s` (x, y, z) [m/s] with at most `most_n` [N], at `at_m` (x, y, z) [m] in the thing's frame.

    None for `at_m` is its centre of mass; of a cloth it is the vertex nearest to it.
    """

    thing: str
    velocity_m_s: Vec3
    most_n: float
    duration_s: float = 1.0
    at_m: Vec3 | None = None
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        check_name(self.thing, "thing")
        finite("velocity_m_s", self.velocity_m_s, most=MAX_SPEED_M_S)
        finite("most_n", (self.most_n,), least=0.0, most=MAX_FORCE_N)
        if self.at_m is not None:
            finite("at_m", self.at_m, most=100.0)
        _lasts(self.duration_s, self.delay_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Latch:
    """A joint is `held` where it is, or let go; for `duration_s` [s], None: from then on.

    It holds against at most `most` [N·m or N], as a hinge that has become stiff does; None: against whatever comes.
    """

    thing: str
    joint: str
    held: bool = True
    most: float | None = None
    duration_s: float | None = None
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        check_name(self.thing, "thing")
        check_name(self.joint, "joint")
        if self.most is not None:
            finite("most", (self.most,), least=0.0, most=MAX_FORCE_N)
            if not self.held:
                raise SceneError("what is let go holds against nothing", got=self.most, fix="Take away: most = …")
        _lasts(self.duration_s, self.delay_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What a thing is attached to lets go of it: a weld comes off."""

    thing: str
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        check_name(self.thing, "thing")
        _lasts(None, self.delay_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something is wrong with an actuator: the number `label` of the action (None: each) comes as `gain` times itself plus `bias`.

    The bias is in the number's own unit. With `frozen` it stays as it was when the fault began. None for `duration_s`: from then on.
    """

    embodiment: str
    label: str | None = None
    gain: float = 1.0
    bias: float = 0.0
    frozen: bool = False
    duration_s: float | None = None
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        check_name(self.embodiment, "embodiment")
        if self.label is not None and not 0 < len(self.label) <= 64:
            raise LimitError("label is too long or empty", got=self.label, expected="1 to 64 characters")
        finite("gain", (self.gain,), most=100.0)
        finite("bias", (self.bias,), most=1e4)
        if self.frozen and (self.gain, self.bias) != (1.0, 0.0):
            raise SceneError("what is frozen has no gain and no bias", got=(self.gain, self.bias), fix="Take them away, or frozen = true.")
        _lasts(self.duration_s, self.delay_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blind:
    """Something is wrong with what a camera shows: it is black (`dropout`), noisy, frozen or blurred, by `amount` from 0 to 1.

    None for `duration_s`: from then on.
    """

    camera: str
    how: Dimming = "dropout"
    amount: float = 1.0
    duration_s: float | None = None
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        check_name(self.camera, "camera")
        if self.how not in DIMMINGS:
            raise UnknownName("fault of a camera", str(self.how), DIMMINGS)
        finite("amount", (self.amount,), least=0.0, most=1.0)
        _lasts(self.duration_s, self.delay_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A thing goes along `path`, waypoints (t [s], x [m], y [m], yaw [degrees]) in their order, by forces of at most `most_n` [N].

    Never is it driven faster than `most_m_s` [m/s]; what stands in its way may stop it.
    """

    thing: str
    path: tuple[Waypoint, ...]
    most_m_s: float
    most_n: float
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        check_name(self.thing, "thing")
        if not 0 < len(self.path) <= MAX_WAYPOINTS:
            raise LimitError("a way of no waypoints, or of too many", got=len(self.path), expected=f"1 to {MAX_WAYPOINTS}")
        finite("most_m_s", (self.most_m_s,), least=0.001, most=MAX_SPEED_M_S)
        finite("most_n", (self.most_n,), least=0.0, most=MAX_FORCE_N)
        last_s = -1.0
        for t_s, x, y, yaw_deg in self.path:
            finite("time of a waypoint", (t_s,), least=0.0, most=MAX_LASTS_S)
            finite("place of a waypoint", (x, y), most=1_000.0)
            finite("yaw of a waypoint", (yaw_deg,), most=3_600.0)
            if t_s <= last_s:
                raise SceneError("the waypoints of a way come one after another in time", got=t_s, expected=f"more than {last_s:g} s")
            last_s = t_s
        _lasts(None, self.delay_s)

    @property
    def duration_s(self) -> float:
        """When it has arrived [s], if nothing held it up."""
        return self.path[-1][0]


Deed = Push | Turn | Wind | Shake | Pull | Latch | Release | Fault | Blind | Walk
DEEDS: dict[str, type[Deed]] = {sort.__name__.lower(): sort for sort in get_args(Deed)}
"""The deeds by what text calls them: `push`, `turn` …"""


def _lasts(duration_s: float | None, delay_s: float) -> None:
    if duration_s is not None:
        finite("duration_s", (duration_s,), least=MIN_LASTS_S, most=MAX_LASTS_S)
    finite("delay_s", (delay_s,), least=0.0, most=MAX_DELAY_S)


def _some(things: tuple[str, ...] | None) -> None:
    if things is None:
        return
    if not things:
        raise SceneError("no things at all", fix="Name some, or leave out: things = …")
    for name in things:
        check_name(name, "thing")
