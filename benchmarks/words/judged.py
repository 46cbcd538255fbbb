"""Sentences for the starters as people type them: what is to come of each was written down before there was a grammar."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from time import process_time
from typing import Literal

from benchmarks.words.facts import accepts, facts
from benchmarks.words.split import Half
from benchmarks.words.tally import Outcome
from lifeworld.core.errors import WordsError
from lifeworld.scene import starter
from lifeworld.scene.homes import home
from lifeworld.scene.place import place
from lifeworld.scene.scene import Scene

SENTENCES = Path(__file__).parents[2] / "tests" / "scene" / "words" / "judged.toml"
STRANGERS = SENTENCES.with_name("strangers.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What is said at a scene, and what may come of it: one of the lines of facts, or a refusal for one of the reasons."""

    scene: str
    say: str
    accept: tuple[str, ...] = ()
    refuse: tuple[str, ...] = ()
    candidates: tuple[str, ...] = field(default=())


def sentences(which: Half | Literal["late"], path: Path = SENTENCES) -> Iterator[Sentence]:
    """The sentences of a half, or those written last."""
    for row in tomllib.loads(path.read_text(encoding="utf-8")).get(which, ()):
        yield Sentence(**{key: value if isinstance(value, str) else tuple(value) for key, value in row.items()})


def judge(one: Sentence) -> Outcome:
    """Whether one of the answers came of it; a refusal that was wanted counts as an answer one is sure of."""
    from lifeworld.scene.words import understand

    scene = placed(one.scene)
    start = process_time()
    try:
        understood = understand(one.say, scene)
        seconds = process_time() - start
        told = facts(understood.plan, scene)
        right, score = any(accepts(line, told) for line in one.accept), understood.score
        made = "; ".join(" ".join(fact) for fact in told)
    except WordsError as error:
        seconds = process_time() - start
        said = " ".join((str(error), error.question or "", *error.suggestions))
        right = error.reason in one.refuse and all(name in said for name in one.candidates)
        score, made = float(right), f"!{error.reason}: {said}"
    wanted = " // ".join((*one.accept, *(f"!{reason}" for reason in one.refuse), *one.candidates))
    sort = "to do" if not one.refuse else "to refuse" if not one.accept else "either"
    return Outcome(
        task=one.scene, text=one.say, sort=sort, wanted=wanted, made=made, right=right, score=score, seconds=seconds
    )  # fmt: skip


@lru_cache(maxsize=16)
def placed(name: str) -> Scene:
    """A starter with everything in its place; "home_4_3": the home of 4 rooms drawn with seed 3."""
    if name.startswith("home_"):
        rooms, seed = map(int, name.split("_")[1:])
        return home(rooms, seed=seed)
    return place(starter.load(name), seed=0)
