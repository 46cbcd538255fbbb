"""Doors, drawers, lids and what holds things together: slammed, pulled open, stuck, loose."""

from __future__ import annotations

import math

from lifeworld.scene.assembly import Joint
from lifeworld.scene.deed import Latch, Release, Turn
from lifeworld.scene.event import Who
from lifeworld.scene.events.draw import Draw
from lifeworld.scene.events.kind import Done, event_kind
from lifeworld.scene.events.takes import attached, drawered, hinged, joints_that_open, opens
from lifeworld.scene.magnitude import Magnitude

AJAR = 0.1
"""From this share of its way on a door stands open."""


@event_kind(
    "door_slam",
    befalls="thing",
    takes=opens,
    strength=Magnitude(law="lognormal", a=1.6, b=0.4, low=0.6, high=4.0),
    unit="times its way a second",
    means="how fast it goes",
    by=("turn",),
    safety="caution",
    synonyms=("door", "slam", "drawer_slam"),
)
def door_slam(draw: Draw) -> Done:
    """A door, drawer or lid that stands open is slammed shut; one that is shut is flung open."""
    joint, open_ = _drawn(draw, joints_that_open(draw.thing))
    speed = draw.strength * _way(joint)
    yield from _swung(draw, joint, -speed if open_ else speed, 0.8 / draw.strength)


@event_kind(
    "drawer_left_open",
    befalls="thing",
    takes=drawered,
    strength=Magnitude(law="uniform", a=0.4, b=0.95),
    unit="of its way",
    means="how far it is pulled out",
    by=("turn", "latch"),
    expects="opens",
    synonyms=("drawer", "open_drawer"),
)
def drawer_left_open(draw: Draw) -> Done:
    """Somebody pulls a drawer out and leaves it so."""
    yield from _left_open(draw, tuple(j for j in joints_that_open(draw.thing) if j.kind == "slide"))


@event_kind(
    "door_left_open",
    befalls="thing",
    takes=hinged,
    strength=Magnitude(law="uniform", a=0.4, b=0.95),
    unit="of its way",
    means="how far it is opened",
    by=("turn", "latch"),
    expects="opens",
    synonyms=("open_door", "lid_left_open"),
)
def door_left_open(draw: Draw) -> Done:
    """Somebody opens a door or a lid and leaves it so."""
    yield from _left_open(draw, tuple(j for j in joints_that_open(draw.thing) if j.kind == "hinge"))


@event_kind(
    "latch_fails",
    befalls="thing",
    takes=hinged,
    strength=Magnitude(law="uniform", a=0.3, b=0.8),
    unit="times its way a second",
    means="how fast it swings open",
    by=("latch", "turn"),
    expects="opens",
    rate_per_min=2.0,
    synonyms=("latch", "swings_open"),
)
def latch_fails(draw: Draw) -> Done:
    """A latch gives way: a door swings open by itself, and its hinge no longer holds it where it is."""
    closed = [j for j in joints_that_open(draw.thing) if j.kind == "hinge" and not _is_open(draw, j)]
    if not closed:
        raise draw.refusal("no_joint", f"every door of {draw.thing.name!r} stands open already")
    joint, _ = _drawn(draw, tuple(closed))
    yield Latch(thing=draw.thing.name, joint=joint.name, held=False)
    yield from _swung(draw, joint, draw.strength * _way(joint), 0.6)


@event_kind(
    "jam",
    befalls="thing",
    takes=opens,
    strength=Magnitude(law="uniform", a=4.0, b=20.0),
    unit="s",
    means="how long it is stuck",
    by=("latch",),
    synonyms=("stuck", "drawer_jams", "door_jams", "jams"),
)
def jam(draw: Draw) -> Done:
    """A door, drawer or lid is stuck where it is for a while."""
    joint, _ = _drawn(draw, joints_that_open(draw.thing))
    yield Latch(thing=draw.thing.name, joint=joint.name, duration_s=draw.strength)


@event_kind(
    "hinge_stiffens",
    befalls="thing",
    takes=opens,
    strength=Magnitude(law="lognormal", a=4.0, b=0.6, low=1.0, high=25.0),
    unit="N·m or N",
    means="what has to be overcome to move it from then on",
    by=("latch",),
    rate_per_min=1.0,
    synonyms=("stiff_hinge", "rust", "stiff"),
)
def hinge_stiffens(draw: Draw) -> Done:
    """A hinge or a drawer's rail has become stiff, and stays so."""
    joint, _ = _drawn(draw, joints_that_open(draw.thing))
    most = draw.strength * (1.0 if joint.kind == "hinge" else 4.0)
    yield Latch(thing=draw.thing.name, joint=joint.name, most=round(most, 6))


@event_kind(
    "comes_loose",
    befalls="thing",
    takes=attached,
    who=Who(),
    strength=Magnitude(a=1.0),
    unit="",
    means="nothing",
    by=("release",),
    safety="caution",
    expects="falls",
    synonyms=("weld_breaks", "breaks_off", "glue_fails"),
)
def comes_loose(draw: Draw) -> Done:
    """What holds a thing fast to another lets go of it."""
    yield Release(thing=draw.thing.name)


def _left_open(draw: Draw, joints: tuple[Joint, ...]) -> Done:
    """A joint is moved as far as asked, by a push and by a hand that stops it there."""
    shut = tuple(j for j in joints if not _is_open(draw, j))
    if not shut:
        raise draw.refusal("no_joint", f"all of {draw.thing.name!r} stands open already")
    joint, _ = _drawn(draw, shut)
    takes_s = draw.between(0.5, 1.0)
    yield Latch(thing=draw.thing.name, joint=joint.name, held=False, duration_s=takes_s)  # a hand overcomes what holds it
    yield from _swung(draw, joint, draw.strength * _way(joint) / takes_s, takes_s)
    yield Latch(thing=draw.thing.name, joint=joint.name, held=True, duration_s=0.2, delay_s=round(takes_s, 6))


def _swung(draw: Draw, joint: Joint, speed: float, lasts_s: float) -> Done:
    """A joint brought to a speed (towards open where it is positive), and kept at it against what brakes it, for a time."""
    braked = math.copysign(joint.damping * abs(speed) * lasts_s, speed)
    yield Turn(thing=draw.thing.name, joint=joint.name, speed=_signed(joint, speed), duration_s=0.12)
    yield Turn(thing=draw.thing.name, joint=joint.name, impulse=_signed(joint, braked), duration_s=lasts_s)


def _drawn(draw: Draw, joints: tuple[Joint, ...]) -> tuple[Joint, bool]:
    """One of some joints, and whether it stands open."""
    joint = joints[int(draw.rng.integers(len(joints)))]
    return joint, _is_open(draw, joint)


def _is_open(draw: Draw, joint: Joint) -> bool:
    assert joint.range is not None
    at = dict(draw.thing.joints).get(joint.name, joint.range[0])
    return bool(abs(at - joint.range[0]) > AJAR * _way(joint))


def _way(joint: Joint) -> float:
    """How far [rad or m] it goes from closed to open."""
    assert joint.range is not None
    return abs(joint.range[1] - joint.range[0])


def _signed(joint: Joint, speed: float) -> float:
    """A speed towards open as one of the joint's own numbers, of which text needs not the last bits."""
    assert joint.range is not None
    return round(math.copysign(speed, speed * (joint.range[1] - joint.range[0])), 9)
