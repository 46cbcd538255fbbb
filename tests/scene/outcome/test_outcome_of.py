"""Questions about futures, in the words of people, become the outcomes they ask for; what cannot be asked is refused by its reason."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from lifeworld.core.errors import WordsError
from lifeworld.scene import starter
from lifeworld.scene.condition import Condition
from lifeworld.scene.outcome import Outcome
from lifeworld.scene.possible import is_fixed
from lifeworld.scene.scene import Scene
from lifeworld.scene.words.outcome import outcome_of

FOLDER = Path(__file__).parent
ASKED = [tomllib.loads((FOLDER / name).read_text(encoding="utf-8")) for name in ("asked.toml", "asked_again.toml")]
CASES = [(scene, text, want) for sets in ASKED for scene, sentences in sets.items() for text, want in sentences.items()]
HEAD = re.compile(r"(?P<how>\w+)(?: (?P<least>\d+))?(?: within (?P<within>[\d.]+))?(?: after (?P<after>[\d.]+))?")


@cache
def load(name: str) -> Scene:
    return starter.load(name)


def names(scene: Scene, word: str) -> list[str]:
    free = [t for t in scene.things if not is_fixed(t)]
    if word == "*":
        return [t.name for t in free]
    if word == "red":
        return [t.name for t in free if t.color == "red"]
    return [t.name for t in free if t.name.startswith(word[:-1])] if word.endswith("_*") else [word]


def conditions(scene: Scene, text: str) -> set[Condition]:
    """The conditions of one line of the notation of `asked.toml`."""
    if text.startswith("on block_k block_k-1"):
        stack = sorted((t.name for t in scene.things if t.kind == "block"), key=lambda n: int(n.rpartition("_")[2]))
        return {Condition(predicate="on", thing=b, to=a, holds="not" not in text) for a, b in pairwise(stack)}
    out = set()
    for one in text.split(";"):
        predicate, thing, *more = one.split()
        given: dict[str, object] = {"holds": "not" not in more}
        given |= dict(("joint", w[6:]) if w[0] == "j" else ("amount", float(w[1:])) for w in more if w.startswith(("joint=", ">")))
        to = next((w for w in more if w != "not" and w[0] != ">" and not w.startswith("joint=")), None)
        out |= {Condition(predicate=predicate, thing=name, to=to, **given) for name in names(scene, thing)}  # type: ignore[arg-type]
    return out


def wanted(scene: Scene, want: str) -> tuple[str, int, float | None, float, set[Condition]]:
    head, _, body = want.partition(": ")
    found = HEAD.fullmatch(head)
    assert found is not None, head
    asked = conditions(scene, body)
    least = int(found["least"]) if found["least"] else len(asked)
    return found["how"], least, float(found["within"]) if found["within"] else None, float(found["after"] or 0.0), asked


def made(outcome: Outcome) -> tuple[str, int, float | None, float, set[Condition]]:
    rounded = {c if c.amount is None else _with(c, round(c.amount, 4)) for c in outcome.conditions}
    return outcome.how, outcome.needed, outcome.within_s, outcome.after_s, rounded


def _with(condition: Condition, amount: float) -> Condition:
    return replace(condition, amount=amount)


@pytest.mark.parametrize(("scene", "text", "want"), CASES, ids=[f"{scene}: {text}" for scene, text, _ in CASES])
def test_a_question_becomes_the_outcome_it_asks_for(scene: str, text: str, want: str) -> None:
    if want.startswith("refused: "):
        with pytest.raises(WordsError) as caught:
            outcome_of(text, load(scene))
        assert caught.value.reason == want.removeprefix("refused: "), str(caught.value)
        assert len(str(caught.value)) > 15
        return
    assert made(outcome_of(text, load(scene))) == wanted(load(scene), want)
