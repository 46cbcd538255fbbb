"""Where planning is judged: of each arena some starts, and below each the goal that is to be reached from it.

python examples/04_arenas.py [OUT.jpg]         # out/arenas.jpg
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from lifeworld.worlds.planning.arenas import ARENAS, named

ACROSS, SIDE, GAP, LEFT = 6, 112, 4, 104
INK, PAPER = (40, 38, 36), (246, 245, 240)


def main(out: Path) -> None:
    high = 2 * SIDE + 3 * GAP
    sheet = Image.new("RGB", (LEFT + ACROSS * (SIDE + GAP), len(ARENAS) * high), PAPER)
    draw = ImageDraw.Draw(sheet)
    for row, name in enumerate(ARENAS):
        arena = named(name)
        world, top = arena.world(), row * high + GAP
        draw.text((8, top + 4), name, fill=INK)
        draw.text((8, top + SIDE // 2), "start", fill=INK)
        draw.text((8, top + SIDE + GAP + SIDE // 2), "goal", fill=INK)
        for seed in range(ACROSS):
            start = arena.start(world, seed=seed)
            goal = arena.goal(world, start, seed=seed)
            assert not any(arena.reached(world, start, goal))
            for line, state in enumerate((start, goal)):
                picture = np.asarray(world.observe(state, [arena.camera])[arena.camera])
                shown = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.NEAREST)
                sheet.paste(shown, (LEFT + seed * (SIDE + GAP), top + line * (SIDE + GAP)))
        print(f"{name}: {arena.source}")
    out.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(out, quality=80)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("out/arenas.jpg"))
