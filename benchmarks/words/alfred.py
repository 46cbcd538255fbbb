"""ALFRED's steps: what is done, and with what (MIT, ALFRED; sentences of the training split by people, 2,000 of its trajectories).

A step is right where its action and its first argument are: the thing picked up, put down, sliced …, and the place gone to. The cast
is what the plans of all trajectories of the same floor plan name; "it" is what the robot holds. Where a step goes is often left to the
step after it ("turn around and take two steps" before "pick up the knife on the table"), so going is judged twice: by its own sentence,
and read in the list as a robot has it, where a step that goes nowhere known goes to where the next one acts.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.words.split import Half, half
from benchmarks.words.steps import Act, acts, fits
from benchmarks.words.tally import LANGUAGE, Outcome
from lifeworld.core.errors import WordsError
from lifeworld.scene.words.cast import Cast, Referent

GOING = "GotoLocation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step: its sentence, who is there and what is held, the action and its first argument, the sentence after it ("" for the last)."""

    task: str
    text: str
    cast: Cast
    action: str
    thing: str
    held: str | None
    then: str


@dataclass(frozen=True, slots=True)
class Done:
    """A sentence in ALFRED's words: the action ("" if none), its thing, the place where it is done, and how sure that is."""

    action: str
    thing: str | None
    place: str | None
    score: float
    told: str


def steps(which: Half, *, every: int = 1) -> Iterator[Step]:
    """The steps of a half, of every so manieth trajectory; none where the data is not."""
    path = LANGUAGE / "alfred_train_2000.jsonl"
    if not path.exists():
        return
    trajectories = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rooms: dict[str, set[str]] = {}
    for one in trajectories:
        rooms.setdefault(one["scene"], set()).update(name for _, names in one["plan"] for name in names if name)
    mine = [one for one in trajectories if half(one["task"]) == which]
    for one in mine[::every]:
        cast = Cast(referents=tuple(Referent(name=n, words=tuple(_tables()["words"][n])) for n in sorted(rooms[one["scene"]])))
        for annotation in one["annotations"]:
            if annotation.get("aligned", True):
                yield from _steps(one, annotation["steps"], cast)


def judge(step: Step, *, in_list: bool = False) -> Outcome:
    """Whether a step's action and thing are understood; `in_list` with the step after it to look at."""
    start = perf_counter()
    done = understood(step.text, _holding(step.cast, step.held))
    if in_list and step.action == GOING and step.then and (done.thing is None or done.action != GOING):
        # It is a going by its sentence or by saying nothing that is done; where to, the next step tells.
        after = understood(step.then, _holding(step.cast, step.held))
        if done.action in ("", GOING) and after.place is not None:
            done = Done(GOING, after.place, None, after.score * 0.9, f"{done.told} … {after.told}")
    made = f"{done.action} {done.thing}  [{done.told}]"
    return Outcome(
        task=step.task, text=step.text, sort=step.action, wanted=f"{step.action} {step.thing}", made=made,
        right=(done.action, done.thing) == (step.action, step.thing), score=done.score, seconds=perf_counter() - start,
    )  # fmt: skip


def understood(text: str, cast: Cast) -> Done:
    """A sentence in ALFRED's words."""
    try:
        said, score = acts(text, cast, held=cast.last[0] if cast.last else None)
    except WordsError as error:
        return Done("", None, None, 0.0, f"{error.reason}: {error}")
    told = "; ".join(map(str, said))
    for action in _tables()["action"]:
        if any(fits(pattern, said) for pattern in action["when"]):
            thing = _thing(action, said)
            place = action.get("at") or _place(action, said, thing)
            if action["name"] == GOING:
                thing, place = place, None
            return Done(action["name"], thing, place, score if thing is not None else min(score, 0.4), told)
    return Done("", None, None, 0.0, told)


def _thing(action: dict[str, Any], said: tuple[Act, ...]) -> str | None:
    """What is acted on: the thing of the first of the action's verbs that has one."""
    things = [thing for verb in action.get("of", ()) for act in said if act.verb == verb for thing in act.things]
    return next((t for t in things if t != action.get("at")), None)


def _place(action: dict[str, Any], said: tuple[Act, ...], thing: str | None) -> str | None:
    """Where it is done: the last place that an act of the action's verbs names, or what it faces or goes to."""
    verbs = action.get("place", action.get("of", ()))
    if action["name"] == "ToggleObject":
        return thing
    for act in reversed(said):
        if act.verb in verbs:
            if act.places:
                return act.places[-1][1]
            if action["name"] == GOING and act.things:
                return act.things[0]
    return None


def _steps(one: dict[str, Any], texts: list[str], cast: Cast) -> Iterator[Step]:
    held: str | None = None
    for i, (text, (action, names)) in enumerate(zip(texts, one["plan"], strict=False)):
        then = texts[i + 1] if i + 1 < len(texts) else ""
        yield Step(task=one["task"], text=text, cast=cast, action=action, thing=names[0], held=held, then=then)
        if action == "PickupObject":
            held = names[0]
        elif action == "PutObject":
            held = None


def _holding(cast: Cast, held: str | None) -> Cast:
    return Cast(referents=cast.referents, last=(held,) if held else ())


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("alfred.toml").read_text(encoding="utf-8"))
