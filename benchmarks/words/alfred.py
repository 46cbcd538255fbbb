"""ALFRED's steps: what is done, and with what (MIT, ALFRED; sentences of the training split by people, 2,000 of its trajectories).

A step is right where its action and its first argument are: the thing picked up, put down, sliced …, and the place gone to. The cast
is what the plans of all trajectories of the same floor plan name, first what those of the developers' half name most. What the robot
holds and where it stands are known, as they are to a robot that did the steps before as they were meant: "it" is the one, else the other.
Where a step goes is often left to the step after it ("turn around and take two steps" before "pick up the knife on the table"), so every
step is judged twice: by its own sentence, and read in the list as a robot has it, where one goes to where the next step says that it acts.

The labels name where ALFRED's planner went: to the counter, or to the knife itself, where people say "go to the sink" of both. So going is
an unsure answer (`UNSURE`), but where sentence and next sentence name one place and the next acts inside it; that was settled on `dev`,
where the two agree in 87 of 100 steps that act on a place, and in 98 of 100 that act inside it.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks.words.split import Half, half
from benchmarks.words.steps import Act, fits, told
from benchmarks.words.tally import LANGUAGE, Outcome
from lifeworld.core.errors import WordsError
from lifeworld.scene.words.grounding.cast import Cast, Referent

GOING, PICKING, PUTTING = "GotoLocation", "PickupObject", "PutObject"
NO_GUESS = 0.55
ASIDE = ("left_of", "right_of", "in_front_of", "behind", "beside", "near", "between", "under")
UNSURE = 0.65
"""The most that going is sure by a sentence alone, or by two of which nothing says that they must mean one place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step: its sentence, who is there, the action and its first argument, what is held and where, the sentence after it ("": none)."""

    task: str
    text: str
    cast: Cast
    action: str
    thing: str
    held: str | None
    here: str | None
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A sentence in ALFRED's words: the action ("" if none), its thing, the place where it is done, and how sure these are.

    `how` the thing is to the place: "in" what holds it, as a fridge does, no other place will do; beside it, that may be anywhere.
    """

    action: str = ""
    thing: str | None = None
    score: float = 0.0
    place: str | None = None
    place_score: float = 0.0
    how: str = ""
    told: str = ""


def steps(which: Half, *, every: int = 1) -> Iterator[Step]:
    """The steps of a half, of every so manieth trajectory; none where the data is not."""
    path = LANGUAGE / "alfred_train_2000.jsonl"
    if not path.exists():
        return
    trajectories = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rooms: dict[str, Counter[str]] = {}
    for one in trajectories:
        there = rooms.setdefault(one["scene"], Counter())
        there.update({name: half(one["task"]) == "dev" for _, names in one["plan"] for name in names if name})
    mine = [one for one in trajectories if half(one["task"]) == which]
    for one in mine[::every]:
        there = rooms[one["scene"]]
        names = sorted(there, key=lambda name: (-there[name], name))
        cast = Cast(referents=tuple(Referent(name=name, words=tuple(_tables()["words"][name])) for name in names))
        for annotation in one["annotations"]:
            if annotation.get("aligned", True):
                yield from _steps(one, annotation["steps"], cast)


def judge(step: Step, *, in_list: bool = False) -> Outcome:
    """Whether a step's action and thing are understood; `in_list` with the step after it to look at."""
    start = process_time()
    done = understood(step.text, step)
    if in_list:
        done = _in_list(done, step)
    elif done.action == GOING:
        done = replace(done, score=min(done.score, UNSURE))
    made = f"{done.action} {done.thing}  [{done.told}]"
    return Outcome(
        task=step.task, text=step.text, sort=step.action, wanted=f"{step.action} {step.thing}", made=made,
        right=(done.action, done.thing) == (step.action, step.thing), score=done.score, seconds=process_time() - start,
    )  # fmt: skip


def _in_list(done: Done, step: Step) -> Done:
    """What a step comes to with the one after it to look at: nobody picks up what is held, or puts down what is put down next."""
    after = understood(step.then, replace(step, here=None)) if step.then else Done()
    held_still = done.action == PICKING and done.thing == step.held
    if step.held is not None and (held_still or done.action == after.action == PUTTING):
        done = Done(action=GOING, thing=done.place, score=done.place_score, told=done.told)
    if done.action not in ("", GOING):
        return done
    if after.place is None or after.action == GOING or after.place_score < min(NO_GUESS, done.score):
        return replace(done, score=min(done.score, UNSURE))
    if after.how in ASIDE and done.thing is not None:
        return replace(done, score=min(done.score, UNSURE))  # "go to the counter", "pick up the knife left of the bread"
    sure = after.how == "in" and after.place == done.thing
    score = after.place_score if sure else min(after.place_score, UNSURE)
    return Done(action=GOING, thing=after.place, score=score, told=f"{done.told} … {after.told}")


def understood(text: str, step: Step) -> Done:
    """A sentence in ALFRED's words, said where a step is."""
    last = tuple(name for name in (step.held, step.here) if name)
    try:
        said = told(text, replace(step.cast, last=last), held=step.held, here=step.here)
    except WordsError as error:
        return Done(told=f"{error.reason}: {error}")
    shown = "; ".join(map(str, said.acts))
    for action in _tables()["action"]:
        if any(fits(pattern, said.acts) for pattern in action["when"]):
            thing, score = _thing(action, said.acts)
            if thing is None and action.get("of_held"):
                thing, score = step.held, NO_GUESS
            place, place_score, how = (action["at"], 1.0, "in") if "at" in action else _place(action, said.acts)
            if action["name"] == GOING:
                thing, score, place, place_score, how = place, place_score, None, 0.0, ""
            elif action.get("at_thing"):
                place, place_score = thing, score
            if (action["name"] == PICKING and step.held is not None) or (action.get("of_held") and thing != step.held):
                score = min(score, UNSURE)  # one hand: what is put, washed or heated is what it holds, and it picks up with an empty one
            score, place_score = said.reading * score, said.reading * place_score
            return Done(
                action=action["name"], thing=thing, score=score, place=place, place_score=place_score, how=how, told=shown
            )  # fmt: skip
    return Done(told=shown)


def _thing(action: dict[str, Any], acts: tuple[Act, ...]) -> tuple[str | None, float]:
    """What is acted on: the thing of the first of the action's verbs that has one."""
    for verb in action.get("of", ()):
        for act in acts:
            things = [thing for thing in act.things if thing != action.get("at")]
            if act.verb == verb and things:
                return things[0], act.score
    return None, 0.0


def _place(action: dict[str, Any], acts: tuple[Act, ...]) -> tuple[str | None, float, str]:
    """Where it is done, how sure that is, and how the thing is to it: what the last act that says so is to, or faces."""
    going = action["name"] == GOING
    order = _tables()["going" if going else "acting"]
    for act in reversed(acts):
        if act.verb in action.get("place", action.get("of", ())):
            ends = sorted((p for p in act.places if p.relation in order), key=lambda p: order.index(p.relation))
            if going and act.things and (act.verb in _tables()["turning"] or not ends):
                return act.things[0], act.score, ""
            if ends:
                return ends[0].name, ends[0].score, ends[0].relation
    return None, 0.0, ""


def _steps(one: dict[str, Any], texts: list[str], cast: Cast) -> Iterator[Step]:
    held: str | None = None
    here: str | None = None
    for i, (text, (action, names)) in enumerate(zip(texts, one["plan"], strict=False)):
        then = texts[i + 1] if i + 1 < len(texts) else ""
        yield Step(task=one["task"], text=text, cast=cast, action=action, thing=names[0], held=held, here=here, then=then)
        if action == "PickupObject":
            held = names[0]
        elif action == "PutObject":
            held = None
        elif action == GOING:
            here = names[0]


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("alfred.toml").read_text(encoding="utf-8"))
