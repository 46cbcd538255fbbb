"""A sentence becomes a kitchen table, a ball is thrown at a bottle, and both futures are seen: as it was, and with a heavier bottle.

python examples/06_whatif.py [OUT.gif]         # out/whatif.gif, and beside it whatif.jpg, the same as one page
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from textwrap import wrap

import numpy as np
from PIL import Image, ImageDraw

from lifeworld.core.pose import Pose
from lifeworld.episode.sheet.paper import INK, NAME, PAPER, SOFT, TITLE, write
from lifeworld.scene.events import asked
from lifeworld.scene.scene import CameraMount
from lifeworld.scene.words.outcome import outcome_of
from lifeworld.scene.words.scene_of import scene_of
from lifeworld.worlds.agent import AgentRest
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.settle import settle
from lifeworld.worlds.record import record
from lifeworld.worlds.whatif import WhatIf, strip, told, whatif
from lifeworld.worlds.whatif.follow import Result

SENTENCE = "a kitchen table with three apples, two mugs, a plate and a bottle on it"
EVENT, CHANGE = "throw@0.4s:on=bottle:strength=6", "the bottle should weigh 6 kilos"
ASKED = ("the bottle falls off the table", "any mug tips over")
TYPED = [
    f'lifeworld scene "{SENTENCE}" -o table.toml',
    f"lifeworld make table.toml -o out/ --events {EVENT}",
    f'lifeworld whatif out/ --at 0.2s --change "{CHANGE}" -o branch/',
]
SECONDS, FORK_S, SEED = 2.4, 0.2, 1
LOOK = CameraMount(name="look", pose=Pose.look_at((-0.4, -2.05, 1.6), (-0.33, -0.42, 0.72)), fov_y_deg=33, width_px=640, height_px=400)
WIDE, HIGH, GAP, LINE = 384, 240, 8, 34
FRAME_MS, EACH = 80, 2
"""A picture of the film lasts so long; of those that were taken, 25 a second, it shows every second one."""
YES, NO = (178, 44, 32), (30, 110, 60)


def main(out: Path) -> None:
    """The film, and the page."""
    world = WorldPhysics()
    scene = replace(settle(world, scene_of(SENTENCE, seed=0).scene, seed=0), cameras=(LOOK,))
    eventful = WorldEventful(world, asked(EVENT, taken=scene.names()))
    episode = record(eventful, AgentRest(), scene, seconds=SECONDS, seed=SEED, signals=["position_m"])
    found = whatif(episode, at_s=FORK_S, change=CHANGE, outcomes=[outcome_of(words, scene) for words in ASKED])
    print(told(found))

    out.parent.mkdir(parents=True, exist_ok=True)
    pages = list(film(found))
    palette = palette_of([page for page, _ in pages])
    frames = [page.quantize(palette=palette, dither=Image.Dither.NONE) for page, _ in pages]
    frames[0].save(out, save_all=True, append_images=frames[1:], duration=[ms for _, ms in pages], loop=0, optimize=False)
    strip(found, out.with_suffix(".png"))
    page = Image.open(out.with_suffix(".png")).convert("RGB")
    page.resize((1000, round(page.height * 1000 / page.width)), Image.Resampling.LANCZOS).save(out.with_suffix(".jpg"), quality=80)

    assert found.exact  # the base is the recording again, to the bit
    results = [[came(one) for one in side] for side in (found.base_results, found.branch_results)]
    assert results == [
        [True, True],
        [False, False],
    ]  # the light bottle sweeps over the table and falls off it; the heavy one tips where it is


def film(found: WhatIf) -> Iterator[tuple[Image.Image, int]]:
    """Pages with how long each is shown [ms]: the scene, what was, and both."""
    was, would = (np.asarray(each[f"rgb@{found.camera}"].values)[::EACH] for each in (found.base, found.branch))
    yield paper("A sentence becomes a world.", was[0], TYPED[:1]), 2000
    for picture in was:
        yield paper("A ball is thrown.", picture, TYPED[:2]), FRAME_MS
    yield paper("A ball is thrown.", was[-1], TYPED[:2]), 800
    yield paper("What if?", was[-1], TYPED), 1600
    for a, b in zip(was, would, strict=True):
        yield paper("What if the bottle had weighed 6 kilos?", a, b), FRAME_MS
    yield paper("What if the bottle had weighed 6 kilos?", was[-1], would[-1], found), 3600


def paper(title: str, left: np.ndarray, right: np.ndarray | list[str], found: WhatIf | None = None) -> Image.Image:
    """One page: what is said, two pictures (or one, and what was typed), and in the end what was asked of both."""
    page = Image.new("RGB", (2 * WIDE + 3 * GAP, HIGH + 2 * LINE + GAP + len(ASKED) * 20), PAPER)
    draw = ImageDraw.Draw(page)
    write(draw, (GAP + 4, LINE / 2 + 3), title, TITLE - 4)
    for side, (shown, name) in enumerate(((left, "as it was · simulated"), (right, "with the change · simulated"))):
        x = GAP + side * (WIDE + GAP) + 4
        if isinstance(shown, list):
            lines = [line for text in shown for line in (*wrap(text, 44, subsequent_indent="    "), "")]
            for number, line in enumerate(lines):
                write(draw, (x + 12, LINE + GAP + 22 + number * 22), line.replace("    ", ""), NAME, color=INK)
            continue
        picture = Image.fromarray(np.ascontiguousarray(shown)).resize((WIDE, HIGH), Image.Resampling.LANCZOS)
        page.paste(picture, (x - 4, LINE + GAP))
        write(draw, (x, LINE + HIGH + GAP + 16), name, NAME, color=SOFT)
        for number, words in enumerate(ASKED if found is not None else ()):
            assert found is not None
            answer, color = ("yes", YES) if came((found.base_results, found.branch_results)[side][number]) else ("no", NO)
            y = LINE + HIGH + GAP + 40 + number * 20
            end = write(draw, (x, y), f"{words}: ", NAME, color=INK)
            write(draw, (end + 6, y), answer, NAME, color=color)
    return page


def palette_of(pages: list[Image.Image]) -> Image.Image:
    """A palette for all pages, in which a colour counts once however often it is there: what is small keeps its own."""
    pixels = np.concatenate([np.asarray(page)[::2, ::2].reshape(-1, 3) for page in pages[:: len(pages) // 12]])
    found = np.unique(pixels >> 2, axis=0) << 2
    return Image.fromarray(found[None].astype(np.uint8)).quantize(255, method=Image.Quantize.MEDIANCUT)


def came(result: Result | None) -> bool:
    return result is not None and result.came


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/whatif.gif"))
