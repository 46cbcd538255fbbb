"""456 real cube tosses: each simulated from its measured start, final pose against the camera's.

The recordings (DAIRLab contact-nets, BSD-3) are read from LIFEWORLD_DATA or ../shared/data; absent, nothing is measured.
Mass, friction, restitution and edge are the published ones; nothing is fitted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.parts import NotHere
from benchmarks.row import Row
from lifeworld.core.pose import Pose, rotation_angle
from lifeworld.scene.scene import Ground, Scene, Thing
from lifeworld.worlds.physics.engine import WorldPhysics

SHARE_S = 5

PICTURE = Path("out/tosses.png")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tosses:
    """The recordings: rows of all tosses, toss i at offsets[i]:offsets[i + 1]; spin in the body frame; published parameters."""

    offsets: NDArray[np.int64]
    position_m: NDArray[np.float64]
    quat_wxyz: NDArray[np.float64]
    velocity_m_s: NDArray[np.float64]
    spin_body_rad_s: NDArray[np.float64]
    edge_m: float
    mass_kg: float
    friction: float
    restitution: float
    rate_hz: float

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def scene(self, i: int) -> Scene:
        """The cube at the first measured moment of toss i. The origin of our cube is the middle of its bottom face."""
        at = self.offsets[i]
        centre = Pose(self.position_m[at], self.quat_wxyz[at])
        spin = centre.rotation @ self.spin_body_rad_s[at]
        bottom = centre @ Pose((0, 0, -self.edge_m / 2))
        velocity = self.velocity_m_s[at] + np.cross(spin, bottom.position_m - centre.position_m)
        cube = Thing(
            name="cube", kind="cube", size_m=(self.edge_m,) * 3, pose=bottom,
            mass_kg=self.mass_kg, friction=self.friction, restitution=self.restitution,
            linear_velocity_m_s=tuple(velocity.tolist()), angular_velocity_rad_s=tuple(spin.tolist()),
        )  # fmt: skip
        return Scene(name="toss", moving=True, ground=Ground(friction=self.friction), things=(cube,))


def tosses() -> Tosses | None:
    """The recordings, or None where they are not."""
    folder = Path(os.environ.get("LIFEWORLD_DATA", Path(__file__).parents[1] / ".." / "shared" / "data")) / "tosses"
    if not (folder / "tosses.npz").exists():
        return None
    with np.load(folder / "tosses.npz", allow_pickle=False) as d:
        arrays = {k: d[k].astype(np.float64) for k in ("position", "quaternion", "linear_velocity", "angular_velocity")}
        offsets = d["offsets"]
    p = json.loads((folder / "params.json").read_text(encoding="utf-8"))
    return Tosses(
        offsets=offsets, position_m=arrays["position"], quat_wxyz=arrays["quaternion"], velocity_m_s=arrays["linear_velocity"],
        spin_body_rad_s=arrays["angular_velocity"], edge_m=p["edge_length_m"], mass_kg=p["mass_kg"], friction=p["friction"],
        restitution=p["restitution"], rate_hz=p["rate_hz"],
    )  # fmt: skip


def errors(data: Tosses, *, most: int | None = None) -> Iterator[tuple[float, float, float, NDArray[np.float64]]]:
    """Per toss: final position error [m], final rotation error [rad], path length [m], and position error over the path [m]."""
    world = WorldPhysics(renderer="rays")
    centre_from_bottom = Pose((0, 0, data.edge_m / 2))
    for i in range(len(data) if most is None else most):
        rows = slice(data.offsets[i], data.offsets[i + 1])
        measured, turned = data.position_m[rows], data.quat_wxyz[rows]
        times_s = np.arange(len(measured)) / data.rate_hz
        state = world.reset(data.scene(i), seed=0)
        path = []
        for _ in range(int(np.ceil(times_s[-1] / 0.02)) + 1):
            seen = world.observe(state, ["position_m", "quat_wxyz"])
            path.append(Pose(seen["position_m"][0], seen["quat_wxyz"][0]) @ centre_from_bottom)
            state = world.step(state, {})
        at_s = np.arange(len(path)) * 0.02
        ours = np.stack([np.interp(times_s, at_s, np.array([p.position_m[k] for p in path])) for k in range(3)], axis=1)
        off = np.linalg.norm(ours - measured, axis=1)
        last = path[min(round(times_s[-1] / 0.02), len(path) - 1)]
        yield (
            float(off[-1]),
            float(rotation_angle(last.quat_wxyz, turned[-1])),
            float(np.linalg.norm(np.diff(measured, axis=0), axis=1).sum()),
            off,
        )


def run() -> Iterator[Row]:
    """The medians, and the picture of all tosses."""
    data = tosses()
    if data is None:
        raise NotHere("the recorded tosses (LIFEWORLD_DATA says where they are)")
    final, turn, length, paths = (list(column) for column in zip(*errors(data), strict=True))
    edge = data.edge_m
    yield Row("tosses simulated", len(final), "")
    yield Row("final position error, median", 1000 * float(np.median(final)), "mm", n=len(final))
    yield Row("final position error, 90th percentile", 1000 * float(np.percentile(final, 90)), "mm", n=len(final))
    yield Row("final position error, median, in cube edges", float(np.median(final)) / edge, "edges", n=len(final))
    yield Row(
        "final position error, median, share of the path's length",
        100 * float(np.median(np.array(final) / np.array(length))),
        "%",
        n=len(final),
    )
    yield Row("final rotation error, median", float(np.rad2deg(np.median(turn))), "deg", n=len(turn))
    yield Row("tosses that end on another face or > 45° away", 100 * float(np.mean(np.array(turn) > np.pi / 4)), "%", n=len(turn))
    _plot(final, turn, paths, data)
    print(f"  picture: {PICTURE}")


def _plot(final: list[float], turn: list[float], paths: list[NDArray[np.float64]], data: Tosses) -> None:
    """Error over time with its quartiles, and every toss's final errors; drawn by Pillow to need nothing more."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("RGB", (1000, 460), (250, 250, 248))
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(13)
    ink, grey = (34, 36, 40), (170, 172, 176)

    def axes(left: int, title: str, x: str, y: str, x_most: float, y_most: float) -> tuple[int, int, int, int]:
        box = (left + 55, 50, left + 470, 400)
        draw.rectangle(box, outline=grey)
        draw.text((left + 55, 22), title, fill=ink, font=font)
        draw.text((box[2] - 8 * len(x), 426), x, fill=ink, font=font)
        draw.text((left + 60, 54), y, fill=ink, font=font)
        for k in range(5):
            draw.text((box[0] + k * (box[2] - box[0]) / 4 - 8, 405), f"{x_most * k / 4:g}", fill=ink, font=font)
            draw.text((left + 12, box[3] - k * (box[3] - box[1]) / 4 - 7), f"{y_most * k / 4:g}", fill=ink, font=font)
        return box

    n = int(np.percentile([len(p) for p in paths], 50))
    together = np.stack([p[:n] for p in paths if len(p) >= n]) * 1000
    bands = np.percentile(together, [25, 50, 75], axis=0)
    top, last_s = 10 * float(np.ceil(bands.max() / 10)), 0.8
    box = axes(0, f"position error over time, quartiles of {len(together)} tosses", "s", "mm", last_s, top)
    for band, width in zip(bands, (1, 3, 1), strict=True):
        points = [
            (box[0] + i / data.rate_hz / last_s * (box[2] - box[0]), box[3] - e / top * (box[3] - box[1])) for i, e in enumerate(band)
        ]
        draw.line(points, fill=(46, 109, 180), width=width)
    box = axes(500, f"where {len(final)} tosses end, against where they did", "mm", "degrees", 120, 180)
    for e, a in zip(final, turn, strict=True):
        x = box[0] + min(1000 * e / 120, 1) * (box[2] - box[0])
        y = box[3] - np.rad2deg(a) / 180 * (box[3] - box[1])
        draw.ellipse((x - 2, y - 2, x + 2, y + 2), fill=(192, 57, 43))
    PICTURE.parent.mkdir(exist_ok=True)
    page.save(PICTURE)
