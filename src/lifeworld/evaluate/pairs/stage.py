"""The stage that all stories are played on: smooth ground before an eye, plain things in drawn colours, screens to hide behind.

The ground is slippery, so that what slides goes on as it moved; pictures have no shadows, which would tell what a screen hides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from numpy.random import Generator

from lifeworld.core.pose import Pose
from lifeworld.scene.scene import CameraMount, Ground, Scene, Thing

SIZE_PX = 64
EYE_M = (0.0, -3.4, 1.25)
LOOKED_AT_M = (0.0, 0.0, 0.66)
FOV_DEG = 36.0
MOVERS = ("ball", "cube", "cylinder")
STRONG = ("red", "blue", "yellow", "green", "orange", "purple", "teal", "black", "brown", "navy")
"""Colours of things: each stands out from every ground."""
GROUNDS = ("beige", "ivory", "light_grey", "grey", "#c9d3c0", "#d8c7b0", "#b9c4d0", "#a89f94")
SLIPPERY = 0.0
SCREEN_Y_M = -0.75
"""How far before the lane, which is at y = 0, screens stand: nothing that happens on the stage touches them."""
AWAY_M = 0.02
"""What is to be hidden is hidden by at least so much [m]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is drawn once for a story: colours, sizes, which way it goes. `way` is 1 for to the right, -1 for to the left."""

    rng: Generator
    hidden: bool
    way: int
    colors: tuple[str, ...]
    ground: str
    aside_m: float

    @classmethod
    def drawn(cls, rng: Generator, *, hidden: bool) -> Stage:
        return cls(
            rng=rng,
            hidden=hidden,
            way=1 if rng.random() < 0.5 else -1,
            colors=tuple(str(c) for c in rng.permutation(STRONG)),
            ground=str(rng.choice(GROUNDS)),
            aside_m=float(rng.uniform(-0.12, 0.12)),
        )

    def between(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def scene(self, *things: Thing) -> Scene:
        """These things before the eye, and a mark far behind them."""
        eye = (EYE_M[0] + self.aside_m, EYE_M[1], EYE_M[2])
        camera = CameraMount(name="eye", pose=Pose.look_at(eye, LOOKED_AT_M), fov_y_deg=FOV_DEG, width_px=SIZE_PX, height_px=SIZE_PX)
        mark = self.block("mark", (6.0 * self.aside_m, 2.2, 0.0), (0.3, 0.1, 0.4), self.colors[-1])
        ground = Ground(material="painted_wood", color=self.ground, friction=SLIPPERY)
        return Scene(name="stage", moving=True, ground=ground, things=(*things, mark), cameras=(camera,))

    def mover(
        self,
        name: str,
        at_m: tuple[float, float, float],
        velocity_m_s: tuple[float, float, float],
        *,
        kind: str,
        size_m: float,
        color: str,
        restitution: float = 0.8,
    ) -> Thing:
        """What moves; `at_m` is where the middle of its underside is."""
        return Thing(
            name=name,
            kind=kind,
            size_m=(size_m, size_m, size_m),
            color=color,
            mass_kg=1.0,
            friction=SLIPPERY,
            restitution=restitution,
            pose=Pose(at_m),
            linear_velocity_m_s=velocity_m_s,
        )

    def block(self, name: str, at_m: tuple[float, float, float], size_m: tuple[float, float, float], color: str) -> Thing:
        """What stands fast; `at_m` is where the middle of its underside is."""
        return Thing(name=name, kind="cube", size_m=size_m, color=color, friction=SLIPPERY, restitution=0.8, fixed=True, pose=Pose(at_m))

    def slab(self, name: str, at_m: tuple[float, float, float], size_m: tuple[float, float, float], color: str) -> Thing:
        """The same, longer than a block can be."""
        return replace(self.block(name, at_m, size_m, color), kind="floor_slab")

    def screen(self, name: str, x_m: float, wide_m: float, *, low_m: float = 0.0, high_m: float) -> Thing:
        """A screen so placed that it hides what is at x within `wide_m`, between two heights, on the lane y = 0."""
        nearer = (SCREEN_Y_M - EYE_M[1]) / -EYE_M[1]  # how much smaller a screen there is than what it hides
        x = EYE_M[0] + self.aside_m + nearer * (x_m - EYE_M[0] - self.aside_m)
        low, high = (max(0.0, EYE_M[2] + nearer * (z - EYE_M[2])) if z > 0 else 0.0 for z in (low_m, high_m))
        return self.block(name, (x, SCREEN_Y_M, low), (nearer * wide_m, 0.03, high - low), self.colors[-2])
