"""Two mishaps and how they are mended, as pictures: a slip on the table by the hand, a drawer torn shut under the arm's hand.

python examples/03_experts.py OUT.png
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from benchmarks.expert_scenes import scene_for
from PIL import Image, ImageDraw

from lifeworld.core.pose import Pose
from lifeworld.episode.episode import Episode
from lifeworld.scene.scene import CameraMount
from lifeworld.worlds.experts.recover import MISHAPS, recoveries
from lifeworld.worlds.physics.engine import WorldPhysics

WIDE, HIGH, LINE = 240, 200, 30
INK, FAILED, MENDING = (40, 38, 36), (178, 44, 32), (176, 112, 12)


def main(out: Path) -> None:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for task, kind, who, mishap, seed in (
            ("pick_and_place", "pick_and_place", "hand", "slip", 6),
            ("open_drawer", "open", "arm", "yank", 1),
        ):
            scene, words = scene_for(task, seed, assets=Path(folder) if who == "arm" else None)
            eye = (0.75, -0.95, 1.35) if who == "hand" else (1.05, -1.55, 1.25)
            at = (0.0, -0.05, 0.8) if who == "hand" else (-0.05, -0.45, 0.6)
            scene = replace(scene, cameras=(CameraMount(name="front", pose=Pose.look_at(eye, at), width_px=WIDE, height_px=HIGH),))
            world = WorldPhysics(assets=folder, quality="high")
            chosen = [m for m in MISHAPS[kind] if m.name == mishap]  # type: ignore[index]
            _, each = recoveries(world, words, scene, seconds=9.0, spare_s=5.0, seed=seed, signals=("rgb@front",), mishaps=chosen)
            (one,) = each
            print(f"{who}: {words}, {mishap} at {one.at_s:.2f} s, {one.broke} breaks at {one.broke_s:.2f} s, verified: {one.verified}")
            rows.append(strip(one.episode, one.at_s))
    sheet = Image.new("RGB", (max(r.width for r in rows), sum(r.height for r in rows)), "white")
    for i, row in enumerate(rows):
        sheet.paste(row, (0, i * row.height))
    sheet.save(out)


def strip(episode: Episode, at_s: float) -> Image.Image:
    """Seven moments around a mishap, each with the phase and how it goes."""
    frames, stream = episode["rgb@front"], next(s for name, s in episode.streams.items() if name.startswith("phase@"))
    rows = [np.asarray(value)[0] for value in stream.values]
    status = [episode.legend["status"][int(row["status"])] for row in rows]
    broke = next(i for i, s in enumerate(status) if s == "failed")
    again = next(i for i, s in enumerate(status) if s == "recovering")
    done = len(status) - 1 - next(i for i, s in enumerate(reversed(status)) if s != "done")
    moments = [0, round(at_s * 50) - 5, broke + 8, again + 20, (again + done) // 2, done - 25, min(done + 30, len(status) - 1)]
    out = Image.new("RGB", (len(moments) * WIDE, HIGH + LINE), "white")
    draw = ImageDraw.Draw(out)
    for i, moment in enumerate(moments):
        frame = int(np.searchsorted(frames.times_ns, moment * 20_000_000))
        out.paste(Image.fromarray(np.asarray(frames.values[min(frame, len(frames.times_ns) - 1)])), (i * WIDE, 0))
        row, how = rows[moment], status[moment]
        words = f"{moment * 0.02:.1f} s  {episode.legend['phase'][int(row['phase'])]}"
        if how in ("failed", "recovering"):
            words += f": {how}, {episode.legend['broken'][int(row['broken'])]} ({episode.legend['cause'][int(row['cause'])]})"
        draw.text((i * WIDE + 6, HIGH + 9), words, fill={"failed": FAILED, "recovering": MENDING}.get(how, INK))
    return out


if __name__ == "__main__":
    main(Path(sys.argv[1]))
