"""CALVIN's 389 paraphrases: which of its 34 tasks is meant (MIT, Oier Mees).

The cast is its table; "it" and "the object" are the block that is held. A task is a table row of patterns over acts (calvin.toml).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks.words.split import Half, half
from benchmarks.words.steps import fits, told
from benchmarks.words.tally import LANGUAGE, Outcome
from lifeworld.core.errors import WordsError
from lifeworld.scene.words.grounding.cast import Cast, Referent


@dataclass(frozen=True, slots=True)
class Paraphrase:
    """One way to say a task."""

    task: str
    text: str


def paraphrases(which: Half) -> Iterator[Paraphrase]:
    """The paraphrases of a half; none where the data is not."""
    path = LANGUAGE / "calvin" / "new_playtable.yaml"
    if not path.exists():
        return
    import yaml

    for task, texts in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        if half(task) == which:
            yield from (Paraphrase(task, text) for text in texts)


def judge(one: Paraphrase) -> Outcome:
    """Whether the sentence is understood as its task."""
    start = process_time()
    try:
        said = told(one.text, cast())
        made, score = next((name for name, patterns in tasks() if any(fits(p, said.acts) for p in patterns)), ""), said.score
        shown = f"{made}  [{'; '.join(map(str, said.acts))}]"
    except WordsError as error:
        made, score, shown = "", 0.0, f"{error.reason}: {error}"
    return Outcome(
        task=one.task, text=one.text, sort=one.task, wanted=one.task, made=shown, right=made == one.task, score=score if made else 0.0,
        seconds=process_time() - start,
    )  # fmt: skip


@lru_cache(maxsize=1)
def cast() -> Cast:
    """What stands on CALVIN's table, the red block in the hand."""
    things = [Referent(**_spoken(thing)) for thing in _tables()["thing"]]
    return Cast(referents=tuple(things), last=("red_block",))


def _spoken(thing: dict[str, Any]) -> dict[str, Any]:
    return thing | {"words": tuple(thing["words"]), "sort": "part" if "part_of" in thing else "thing"}


@lru_cache(maxsize=1)
def tasks() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Every task with its patterns, the words in braces filled in."""
    words = _tables()["words"]
    out = []
    for row in _tables()["task"]:
        keys = [key for key in words if f"{{{key}}}" in row["name"]]
        for chosen in product(*(words[key] for key in keys)):
            filled = dict(zip(keys, chosen, strict=True))
            out.append((row["name"].format(**filled), tuple(p.format(**filled) for p in row["when"])))
    return tuple(out)


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("calvin.toml").read_text(encoding="utf-8"))
