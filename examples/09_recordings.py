"""Somebody else's recordings are taken in, and clips to learn from come out: a batch of them, seen. Yours, if you name a folder.

python examples/09_recordings.py [FOLDER [OUT.jpg]]         # out/clips.jpg; without a folder, of a LeRobot data set made here
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.clips import Clips
from lifeworld.episode.formats import lerobot_write, open_recording
from lifeworld.episode.seal import append_to
from lifeworld.episode.sheet.paper import NAME, SMALL, SOFT, sheet_of_paper, write
from lifeworld.scene import starter
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.pusher import AgentPusher
from lifeworld.worlds.record import record

LENGTH, BATCH, ACROSS = 16, 6, 8
WIDE, GAP, LINE = 118, 4, 30


def main(theirs: Path | None, out: Path) -> None:
    """Take in, cut, look."""
    with tempfile.TemporaryDirectory() as folder:
        recording = open_recording(theirs or made(Path(folder) / "lerobot"))
        with append_to(Path(folder) / "bundle") as bundle:
            for episode in recording.episodes:  # read as they are asked for
                bundle.add(episode)
        for what, why in recording.report.skipped:
            print(f"skipped {what}: {why}")
        episodes = open_bundle(Path(folder) / "bundle")
        camera = next(name for name in episodes[0].streams if name.startswith("rgb@"))
        clips = Clips(Path(folder) / "bundle", signals=[camera], length=LENGTH, batch=BATCH, seed=0, size=(96, 96))
        batch = next(iter(clips))
        print(f"{len(episodes)} episodes, {clips.clips} clips of {LENGTH} pictures of {camera}; a batch is {batch[camera].shape}")
        sheet(batch[camera], [f"episode {n}, picture {s}" for n, s in zip(batch.episode, batch.start, strict=True)], out)

        assert batch[camera].shape == (BATCH, LENGTH, 96, 96, 3)
        assert clips.report.failed == 0
        first = np.asarray(episodes[int(batch.episode[0])][camera].values[int(batch.start[0])])  # the clip begins where it says it does
        small = np.asarray(Image.fromarray(first).resize((96, 96), Image.Resampling.BOX), float)
        assert np.abs(small - batch[camera][0, 0]).mean() < 8


def made(folder: Path) -> Path:
    """Six plays of a table on which blocks are pushed, as LeRobot's people would have them."""
    world, table = WorldPhysics(), starter.load("push_table")
    plays = [record(world, AgentPusher(), table, seconds=3.0, seed=seed, signals=["rgb@above"]) for seed in range(6)]
    lerobot_write.write(plays, folder)
    return folder


def sheet(pictures: np.ndarray, names: list[str], out: Path) -> None:
    """A row a clip: every second of its pictures."""
    page, draw = sheet_of_paper(2 * GAP + ACROSS * (WIDE + GAP), LINE + len(names) * (WIDE + LINE))
    write(draw, (GAP, LINE / 2), "a batch of clips, scattered over all episodes", NAME)
    for row, (clip, name) in enumerate(zip(pictures, names, strict=True)):
        top = LINE + row * (WIDE + LINE)
        for column, picture in enumerate(clip[:: LENGTH // ACROSS]):
            page.paste(Image.fromarray(picture).resize((WIDE, WIDE), Image.Resampling.LANCZOS), (GAP + column * (WIDE + GAP), top))
        write(draw, (GAP, top + WIDE + 12), name, SMALL, color=SOFT)
    out.parent.mkdir(parents=True, exist_ok=True)
    page.save(out, quality=82)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None, Path(sys.argv[2] if len(sys.argv) > 2 else "out/clips.jpg"))
