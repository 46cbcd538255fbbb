"""Reacher: an arm of two links on a plane. Hold it as in the picture.

    world = WorldFlat(Reacher())
    world = WorldFlat(Reacher(color="#2080c0", density_kg_m3=700.0))

Rules: `reacher` of dm_control's suite (Apache-2.0, Tassa et al. 2018) in MuJoCo, 20 ms a tick, torques within ±1; only the picture is drawn
here, flat and from where the suite's camera stands. As in stable-worldmodel's `swm/ReacherDMControl-v0` the suite's target is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import LimitError
from lifeworld.core.seed import generator
from lifeworld.scene.scene import Scene
from lifeworld.worlds.flat.canvas import Level, level, levels, painted
from lifeworld.worlds.flat.rules import Rows
from lifeworld.worlds.world import ActionSpec

if TYPE_CHECKING:
    from lifeworld.worlds.physics.arm import Arm

LINK_M, FINGER_M, THICK_M = 0.12, 0.12, 0.01
WRIST_RAD = float(np.deg2rad(160.0))
VIEW_M = 0.74 * float(np.tan(np.deg2rad(22.5)))
"""Half of what the suite's camera sees at the arm's height: 75 cm above the plane, 45° wide."""
WALL_M, WALL_COLOR, ROOT_M = 0.3, "#4d80b3", 0.011
LEAST_PX, MOST_PX = 32, 512


@dataclass(frozen=True, kw_only=True)
class Reacher:
    """The rules. A state is (shoulder, wrist) [rad] and how fast they turn [rad/s].

    Args:
        density_kg_m3: of all that moves.
        size_px: the side of the picture that is seen [px].

    Raises:
        LimitError: for numbers that the published ranges do not have.
    """

    color: str = "#b38050"
    finger_color: str = "#b36633"
    floor: tuple[str, str] = ("#1a334d", "#334d66")
    density_kg_m3: float = 1000.0
    size_px: int = 64

    name: ClassVar[str] = "reacher"
    version: ClassVar[str] = "dm_control 1.0"
    tick_ns: ClassVar[int] = 20_000_000
    hold: ClassVar[int] = 5
    action: ClassVar[ActionSpec] = ActionSpec(name="arm", labels=("shoulder", "wrist"), low=(-1.0, -1.0), high=(1.0, 1.0), rest=(0.0, 0.0))
    things: ClassVar[tuple[str, ...]] = ()
    size: ClassVar[int] = 4
    signals: ClassVar[Mapping[str, str]] = {"rgb@above": "rgb", "embodiment_state@arm": "embodiment_state"}

    def __post_init__(self) -> None:
        for name, (least, most) in {"density_kg_m3": (500.0, 1500.0), "size_px": (LEAST_PX, MOST_PX)}.items():
            if not least <= getattr(self, name) <= most:
                raise LimitError(f"{name} is out of bounds", got=getattr(self, name), expected=f"{least:g} to {most:g}")

    @property
    def options(self) -> Mapping[str, Any]:
        from lifeworld.worlds.physics.arm import VERSION

        return {**asdict(self), "mujoco": VERSION}

    def begin(self, *, seed: int) -> Rows:
        """Both joints anywhere they can be, at rest."""
        rng = generator(seed, "reacher", "begin")
        return np.array([rng.uniform(-np.pi, np.pi), rng.uniform(-WRIST_RAD, WRIST_RAD), 0.0, 0.0])

    def step(self, states: Rows, actions: Rows) -> Rows:
        out = self._arm.step(states, actions)
        out[:, 0] = (out[:, 0] + np.pi) % (2 * np.pi) - np.pi  # the shoulder turns without end
        return out

    def scene(self, row: Rows) -> Scene:
        """A scene without things: an arm is none."""
        return Scene(name=self.name, title=f"{self.name}, {self.version}")

    def show(self, stream: str, states: Rows) -> NDArray[Any]:
        return self._drawn(states) if stream == "rgb@above" else states.copy()

    @staticmethod
    def finger(states: Rows) -> NDArray[np.float64]:
        """Where the finger is (…, 2) [m]."""
        both = states[..., 0] + states[..., 1]
        x = LINK_M * np.cos(states[..., 0]) + FINGER_M * np.cos(both)
        return np.stack([x, LINK_M * np.sin(states[..., 0]) + FINGER_M * np.sin(both)], axis=-1)

    @cached_property
    def _arm(self) -> Arm:
        from lifeworld.worlds.physics.arm import Arm

        return Arm(self.density_kg_m3)

    @cached_property
    def _grid(self) -> Rows:
        """Where the middles of the picture's pixels are (H, W, 2) [m]."""
        at = ((np.arange(self.size_px) + 0.5) / self.size_px * 2.0 - 1.0) * VIEW_M
        return np.stack(np.broadcast_arrays(at[None, :], -at[:, None]), axis=-1)

    @cached_property
    def _empty(self) -> Level:
        """The plane, its walls and the root of the arm."""
        x, y = self._grid[..., 0], self._grid[..., 1]
        dark = (x > 0) == (y > 0)
        picture = np.where(dark[..., None], level(self.floor[0]), level(self.floor[1]))[None]
        wall = WALL_M - np.maximum(np.abs(x), np.abs(y))
        root = np.sqrt(x * x + y * y) - ROOT_M
        picture = painted(picture, self._cover(wall)[None], level(WALL_COLOR))
        whole: Level = painted(picture, self._cover(root)[None], level(WALL_COLOR))[0]
        return whole

    def _cover(self, distance: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much of a pixel lies inside of an edge at this distance [m]."""
        return np.clip(0.5 - distance * (self.size_px / (2.0 * VIEW_M)), 0.0, 1.0)

    def _drawn(self, states: Rows) -> NDArray[np.uint8]:
        elbow = LINK_M * np.stack([np.cos(states[:, 0]), np.sin(states[:, 0])], axis=1)
        finger = self.finger(states)
        tip = elbow + (finger - elbow) * (0.1 / FINGER_M)  # the hand's capsule is a little shorter than its finger is away
        picture = painted(self._empty, self._cover(self._from(np.zeros_like(elbow), elbow)), level(self.color))
        picture = painted(picture, self._cover(self._from(elbow, tip)), level(self.color))
        return levels(painted(picture, self._cover(self._from(finger, finger)), level(self.finger_color)))

    def _from(self, one: Rows, other: Rows) -> NDArray[np.float64]:
        """How far pixels are from a capsule between two places (n, 2) each [m]."""
        grid, along = self._grid - one[:, None, None], (other - one)[:, None, None]
        length = np.maximum((along * along).sum(axis=-1), 1e-12)
        share = np.clip((grid * along).sum(axis=-1) / length, 0.0, 1.0)
        apart = grid - share[..., None] * along
        return np.asarray(np.sqrt(apart[..., 0] ** 2 + apart[..., 1] ** 2) - THICK_M, dtype=np.float64)
