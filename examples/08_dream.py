"""A model that comes along dreams a table on which blocks are pushed: what came, what it dreamed, and how sure it is of every pixel.

python examples/08_dream.py [OUT.jpg]         # out/dream.jpg; needs the extra `learn`
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lifeworld.episode.sheet.paper import NAME, SMALL, SOFT, sheet_of_paper, write
from lifeworld.models.play.dream import WorldDream, opening
from lifeworld.models.zoo.ready import located
from lifeworld.scene import starter
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.pusher import AgentPusher
from lifeworld.worlds.record import record

AHEAD, SHOWN, SEED = 32, (0, 3, 7, 11, 15, 23, 31), 3
"""Pictures that are dreamed, 12.5 a second, and which of them are shown; the seed of a play that the model never saw."""
SIDE, GAP, LEFT, LINE = 128, 6, 130, 26


def main(out: Path) -> None:
    """Play, dream the same with the same actions, and hold both beside each other."""
    world = WorldDream(located("push_table"))
    card, first = world.card, world.card.shape.context
    table = starter.load("push_table")
    play = record(
        WorldPhysics(), AgentPusher(), table, seconds=(first + AHEAD + 2) * card.frame_ns * 1e-9, seed=SEED, signals=[card.stream]
    )
    truth = opening(play, card, pictures=first + AHEAD)

    started = int(play[card.stream].times_ns[0]) + (first - 1) * card.frame_ns
    done = world.told.between(play, started + np.arange(AHEAD + 1, dtype=np.int64) * card.frame_ns)
    state, dreamed, sure = world.reset(truth[:first], seed=0), [], []
    for action in done:
        state = world.step(state, {world.spec.actions[0].name: action})
        seen = world.observe(state, ["rgb"])
        dreamed.append(seen["rgb"])
        sure.append(next(iter(seen.certainty.values())))
    came, dream, copied = truth[first:], np.stack(dreamed), np.broadcast_to(truth[first - 1], (AHEAD, *truth.shape[1:]))
    print(f"after {AHEAD} pictures: the dream {psnr(came, dream):.1f} dB, copying the last real picture {psnr(came, copied):.1f} dB")
    drawn(card.frame_ns * 1e-9, {"what came": came, "dreamed": dream, "how sure": grey(np.stack(sure)), "copied": copied}, out)

    assert seen.origin.value == "dreamed"  # and it says so, whoever asks
    assert psnr(came, dream) > psnr(came, copied) + 1


def psnr(came: NDArray[np.uint8], said: NDArray[np.uint8]) -> float:
    """Of all pixels of all pictures [dB]."""
    return float(10 * np.log10(255**2 / np.mean((came.astype(float) - said) ** 2)))


def grey(sure: NDArray[np.float32]) -> NDArray[np.uint8]:
    """White where the model is sure."""
    return np.repeat((sure * 255).astype(np.uint8)[..., None], 3, axis=-1)


def drawn(frame_s: float, rows: dict[str, NDArray[np.uint8]], out: Path) -> None:
    """A row for each, the same moments above each other."""
    page, draw = sheet_of_paper(LEFT + len(SHOWN) * (SIDE + GAP), LINE + len(rows) * (SIDE + GAP))
    for column, moment in enumerate(SHOWN):
        write(draw, (LEFT + column * (SIDE + GAP), LINE / 2), f"{(moment + 1) * frame_s:.2f} s", SMALL, color=SOFT)
    for row, (name, pictures) in enumerate(rows.items()):
        top = LINE + row * (SIDE + GAP)
        write(draw, (10, top + SIDE / 2), name, NAME)
        for column, moment in enumerate(SHOWN):
            picture = Image.fromarray(np.ascontiguousarray(pictures[moment])).resize((SIDE, SIDE), Image.Resampling.NEAREST)
            page.paste(picture, (LEFT + column * (SIDE + GAP), top))
    out.parent.mkdir(parents=True, exist_ok=True)
    page.save(out, quality=88)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/dream.jpg"))
