"""Four sentences, one after the other, change a table; what was understood is told, and what it came to is seen.

python examples/05_words.py [OUT.jpg]         # out/words.jpg
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from lifeworld.core.pose import Pose
from lifeworld.episode.sheet.paper import NAME, SMALL, SOFT, sheet_of_paper, write
from lifeworld.scene import starter
from lifeworld.scene.relation import holds
from lifeworld.scene.scene import CameraMount, Relation, Scene
from lifeworld.scene.words import understand
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.settle import settle

SENTENCES = (
    "put a glass on the magazine",
    "move the red mug to the left of the bowl",
    "lay the can on its side, then put an apple on the box",
    "replace the bottle with a candle, and make it evening",
)
NEAR = CameraMount(name="near", pose=Pose.look_at((0.2, -1.25, 1.45), (0.0, 0.0, 0.72)), fov_y_deg=40, width_px=480, height_px=320)
GAP, LINE = 8, 44


def main(out: Path) -> None:
    """The table before, and after each sentence."""
    world = WorldPhysics(quality="high")
    table = replace(settle(world, starter.load("tabletop"), seed=7), cameras=(NEAR,), embodiments=(), sensors=())
    state = world.reset(table, seed=7)
    pages = [shown(world, state, "before", "")]
    for sentence in SENTENCES:
        said = understand(sentence, world.scene(state), viewer="near")
        print(f"{sentence!r}: {said.told}")
        state = world.edit(state, said.plan)
        pages.append(shown(world, state, f"“{sentence}”", said.told))
    sheet(pages, out)

    after = world.scene(state)
    assert "candle" in after.names()
    assert "bottle" not in after.names()
    assert is_so(after, "glass", "on", "magazine")
    assert is_so(after, "apple_2", "on", "box")


def is_so(scene: Scene, thing: str, kind: str, of: str) -> bool:
    return holds(Relation(kind=kind, thing=of), scene, thing=thing)  # type: ignore[arg-type]


def shown(world: WorldPhysics, state: PhysicsState, title: str, note: str) -> Image.Image:
    """The picture of a state with what was said above it, and what was understood."""
    picture = np.ascontiguousarray(world.observe(state, ["rgb@near"])["rgb@near"])
    page, draw = sheet_of_paper(NEAR.width_px, NEAR.height_px + LINE)
    write(draw, (2, 12), title, NAME, room_px=NEAR.width_px - 4)
    write(draw, (2, 32), note, SMALL, color=SOFT, room_px=NEAR.width_px - 4)
    page.paste(Image.fromarray(picture), (0, LINE))
    return page


def sheet(pages: list[Image.Image], out: Path) -> None:
    """The first in the middle, the others in pairs below it."""
    wide, high = pages[0].size
    page, _ = sheet_of_paper(2 * wide + 3 * GAP, 3 * (high + GAP) + GAP)
    page.paste(pages[0], ((page.width - wide) // 2, GAP))
    for number, each in enumerate(pages[1:]):
        page.paste(each, (GAP + (number % 2) * (wide + GAP), GAP + (1 + number // 2) * (high + GAP)))
    out.parent.mkdir(parents=True, exist_ok=True)
    page.save(out, quality=82)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/words.jpg"))
