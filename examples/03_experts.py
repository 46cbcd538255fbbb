"""Two mishaps and how they are mended, as pictures: an apple slips from the hand, a drawer is torn shut under it.

python examples/03_experts.py [OUT.jpg]        # out/experts.jpg
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from lifeworld.core.pose import Pose
from lifeworld.episode.episode import Episode
from lifeworld.scene import starter
from lifeworld.scene.scene import CameraMount
from lifeworld.worlds.experts.recover import MISHAPS, recoveries
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.settle import settle

WIDE, HIGH, LINE = 240, 200, 30
EYE, AT = (0.75, -0.95, 1.35), (0.0, -0.05, 0.8)
INK, FAILED, MENDING = (40, 38, 36), (178, 44, 32), (176, 112, 12)


def main(out: Path) -> None:
    world, rows = WorldPhysics(quality="high"), []
    for name, words, mishap in (("tabletop", "pick_and_place:apple,plate", "slip"), ("drawer", "open:drawers,drawer_2", "yank")):
        camera = CameraMount(name="close", pose=Pose.look_at(EYE, AT), width_px=WIDE, height_px=HIGH)
        scene = settle(world, replace(starter.load(name), cameras=(camera,)), seed=0)
        chosen = [m for m in MISHAPS[words.partition(":")[0]] if m.name == mishap]  # type: ignore[index]
        _, (one,) = recoveries(world, words, scene, seconds=12.0, spare_s=5.0, seed=1, signals=("rgb@close",), mishaps=chosen)
        print(f"{words}, {mishap} at {one.at_s:.2f} s, {one.broke} breaks at {one.broke_s:.2f} s, verified: {one.verified}")
        assert one.verified
        rows.append(strip(one.episode, one.at_s))
    sheet = Image.new("RGB", (max(r.width for r in rows), sum(r.height for r in rows)), "white")
    for i, row in enumerate(rows):
        sheet.paste(row, (0, i * row.height))
    out.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(out, quality=82)


def strip(episode: Episode, at_s: float) -> Image.Image:
    """Seven moments around a mishap, each with the phase and how it goes."""
    frames, stream = episode["rgb@close"], next(s for name, s in episode.streams.items() if name.startswith("phase@"))
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
    main(Path(*(sys.argv[1:2] or ["out/experts.jpg"])))
