"""How likely is it that somebody who bumps into things makes the bottle fall over? A hundred futures of one table, and what it hangs on.

python examples/07_rehearse.py [OUT.jpg]         # out/risk.jpg
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

from lifeworld.scene import starter
from lifeworld.scene.events import asked
from lifeworld.scene.words.outcome import outcome_of
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.settle import settle
from lifeworld.worlds.rehearse.filming import Cameraman, shots
from lifeworld.worlds.rehearse.plot import page
from lifeworld.worlds.rehearse.risk import rehearse

QUESTION, EVENTS = "the bottle falls over", "bump:12/min"
FUTURES, SECONDS, WIDE = 100, 5.0, 1080


def main(out: Path) -> None:
    """The answer, and a page of it with three futures that are worth looking at."""
    world = WorldPhysics(renderer="rays")
    state = world.reset(settle(world, starter.load("tabletop"), seed=0), seed=0)
    scene = world.scene(state)
    question = outcome_of(QUESTION, scene)
    events = asked(EVENTS, taken=scene.names())
    risk = rehearse(state, events=events, outcomes=[question], futures=FUTURES, seconds=SECONDS, seed=0, workers=1)
    (answer,) = risk.answers
    print(f"{QUESTION}: {answer.share.value:.0%}, between {answer.share.low:.0%} and {answer.share.high:.0%} (95 %)")

    cameraman, fates = Cameraman(state), {fate.number: fate for fate in risk.fates}
    films = {one.future: list(shots(risk.ask, fates[one.future], 0, cameraman)) for one in answer.instructive}
    out.parent.mkdir(parents=True, exist_ok=True)
    drawn = page(risk, answer, films, title=scene.title)
    drawn.resize((WIDE, drawn.height * WIDE // drawn.width), Image.Resampling.LANCZOS).save(out, quality=80)

    assert len(risk.fates) == FUTURES
    assert not risk.lost
    assert answer.share.low < answer.share.value < answer.share.high
    few = rehearse(state, events=events, outcomes=[question], futures=5, seconds=SECONDS, seed=0, workers=1)
    assert [fate.came for fate in few.fates] == [fate.came for fate in risk.fates[:5]]  # a future follows from the seed and its number


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/risk.jpg"))
