"""Questions about a frame and their answers, by rule; which are asked is drawn by the tick, so one state has one set of questions.

Where an answer would be a matter of taste (two things almost as heavy, a lid a crack open) the question is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.seed import generator
from lifeworld.core.signal import QUESTION_DTYPE
from lifeworld.scene.archetype import kind, kinds
from lifeworld.scene.scene import Scene
from lifeworld.worlds.physics.asset import is_asset
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses.look import Look
from lifeworld.worlds.physics.senses.stuff import material_ids, materials
from lifeworld.worlds.physics.senses.tell.facts import Told
from lifeworld.worlds.physics.senses.tell.happenings import Event
from lifeworld.worlds.physics.senses.tell.words import (
    Cues,
    a,
    called_so,
    color_word,
    cues_of,
    is_are,
    kind_word,
    listed,
    names,
    noun,
    plural,
)

MOST = 8
"""Questions a frame; there are at least four where there is anything to ask about."""
APART = 1.25
"""How many times as heavy or as far one of two must be to be called the heavier or the farther one."""
LETTERS = (QUESTION_DTYPE["question"].itemsize // 4, QUESTION_DTYPE["answer"].itemsize // 4)
SIDE_WORDS = {"left_of": "to the left of", "right_of": "to the right of", "in_front_of": "in front of", "behind": "behind"}
OPPOSITE = {"left_of": "right_of", "right_of": "left_of", "in_front_of": "behind", "behind": "in_front_of"}
ANSWERS = {
    "picked_up": "{b} picked it up", "dropped": "{b} dropped it", "put_down": "{b} put it down", "spills": "it spilled out of {b}",
    "leaves": "it came out of {b}", "enters": "it went into {b}", "topples": "it toppled over", "opens": "it opened", "closes": "it closed",
    "falls": "it began to fall", "grasps": "{b} took hold of it", "releases": "{b} let go of it",
}  # fmt: skip
"""What happened to a thing, the most telling first."""

Pair = tuple[str, str]


def questions(look: Look, told: Told, events: list[Event] | None) -> NDArray[np.void]:
    """Up to MOST questions (n,) in QUESTION_DTYPE; `events` are those since the frame before, None in the first."""
    cues = look.tables(cues_of)
    rng = generator(look.state.tick, "tell", "questions")
    chosen = []
    sorts = (_places(cues, told), _contents(cues, told), _sides(cues, told), _compared(look, cues, told), _states(look, cues, told))
    for choices in (*look.tables(_lasting), *(list(sort) for sort in sorts), list(_happened(cues, events or []))):
        fit = [(q, answer) for q, answer in choices if len(q) <= LETTERS[0] and len(answer) <= LETTERS[1]]
        if fit:
            chosen.append(fit[int(rng.integers(len(fit)))])
    order = rng.permutation(len(chosen))[:MOST]
    return np.array([chosen[i] for i in order], dtype=QUESTION_DTYPE)


def _lasting(compiled: Compiled) -> tuple[list[Pair], ...]:
    """What may be asked of a scene at any time, sort by sort."""
    scene, called = compiled.scene, names(compiled.scene)
    return list(_exists(scene)), list(_counts(scene)), list(_colors(scene, called)), list(_materials(compiled, called))


def _exists(scene: Scene) -> Iterator[Pair]:
    """As many that are there as that are not."""
    if not scene.things:
        return
    there = sorted({kind_word(t) for t in scene.things})
    not_there = [word for what in kinds() if not any(_maybe(scene, word := what.replace("_", " ")))]
    step = max(len(not_there) // len(there), 1)
    yield from ((f"Is there {a(word)}?", "yes") for word in there)
    yield from ((f"Is there {a(word)}?", "no") for word in not_there[::step][: len(there)])


def _maybe(scene: Scene, word: str) -> Iterator[bool]:
    """For each thing, whether somebody may call it so: a coffee table is a table, and who knows what a stage is."""
    for thing in scene.things:
        yield any(own == word or own.endswith(f" {word}") or word.endswith(f" {own}") for own in called_so(thing))


def _counts(scene: Scene) -> Iterator[Pair]:
    for word in sorted({kind_word(t) for t in scene.things}):
        sure = [word in called_so(t) for t in scene.things]
        if sure == list(_maybe(scene, word)):
            yield f"How many {plural(word)} are there?", str(sum(sure))


def _colors(scene: Scene, called: tuple[str, ...]) -> Iterator[Pair]:
    for thing, name in zip(scene.things, called[1:], strict=False):
        color = color_word(thing)
        if color is not None and color not in name:
            yield f"What colour {is_are(noun(thing))} {name}?", color


def _materials(compiled: Compiled, called: tuple[str, ...]) -> Iterator[Pair]:
    for thing, name, number in zip(compiled.scene.things, called[1:], material_ids(compiled).tolist(), strict=False):
        if not is_asset(thing):
            yield f"What {is_are(noun(thing))} {name} mostly made of?", materials()[number].replace("_", " ")


def _places(cues: Cues, told: Told) -> Iterator[Pair]:
    called = cues.names
    where: dict[int, list[str]] = {}
    inside = {a_ for a_, _ in told.pairs["in"]}
    for predicate in ("in", "on"):
        for a_, b in told.pairs[predicate]:
            if predicate == "in" or a_ not in inside:
                where.setdefault(a_, []).append(f"{predicate} {called[b]}")
    yield from ((f"Where {cues.verbs[a_ - 1]} {called[a_]}?", there[0]) for a_, there in sorted(where.items()) if len(there) == 1)


def _contents(cues: Cues, told: Told) -> Iterator[Pair]:
    called = cues.names
    for predicate in ("on", "in"):
        what: dict[int, list[str]] = {}
        for a_, b in told.pairs[predicate]:
            what.setdefault(b, []).append(called[a_])
        for b, some in sorted(what.items()):
            if b:
                yield f"What is {predicate} {called[b]}?", listed(some)
                yield f"How many things are {predicate} {called[b]}?", str(len(some))


def _sides(cues: Cues, told: Told) -> Iterator[Pair]:
    called = cues.names
    for predicate, words in SIDE_WORDS.items():
        both = set(told.sides[OPPOSITE[predicate]])
        for a_, b in told.sides[predicate]:
            verb = cues.verbs[a_ - 1].capitalize()
            if (a_, b) not in both:
                yield f"{verb} {called[a_]} {words} {called[b]}?", "yes"
                yield f"{verb} {called[a_]} {SIDE_WORDS[OPPOSITE[predicate]]} {called[b]}?", "no"


def _compared(look: Look, cues: Cues, told: Told) -> Iterator[Pair]:
    """Which of two is heavier, of free things; which of two is nearer to a third."""
    called = cues.names
    rng = generator(look.state.tick, "tell", "compared")
    free = np.flatnonzero(told.cast.free)
    mass = look.model.body_subtreemass[told.cast.body]
    place = look.poser.position_m(look.data.xpos)
    for _ in range(4 if len(free) > 1 else 0):
        i, j = rng.choice(free, 2, replace=False).tolist()
        if max(mass[i], mass[j]) > APART * min(mass[i], mass[j]):
            heavier = i if mass[i] > mass[j] else j
            yield f"Which is heavier, {called[i + 1]} or {called[j + 1]}?", called[heavier + 1]
    for _ in range(4 if len(free) > 2 else 0):
        i, j, k = rng.choice(free, 3, replace=False).tolist()
        way_i, way_j = (float(np.linalg.norm(place[x] - place[k])) for x in (i, j))
        if max(way_i, way_j) > APART * min(way_i, way_j):
            yield f"Which is nearer to {called[k + 1]}, {called[i + 1]} or {called[j + 1]}?", called[(i if way_i < way_j else j) + 1]


def _states(look: Look, cues: Cues, told: Told) -> Iterator[Pair]:
    called = cues.names
    for word, yes, no in (("open", "open", "closed"), ("upright", "upright", "toppled"), ("moving", "moving", "still")):
        for predicate, answer in ((yes, "yes"), (no, "no")):
            for a_, _ in told.pairs[predicate]:
                yield f"{cues.verbs[a_ - 1].capitalize()} {called[a_]} {word}?", answer
    lit = {a_ for a_, _ in told.pairs["turned_on"]}
    for i, thing in enumerate(look.compiled.scene.things, 1):
        if not is_asset(thing) and "turn_on" in kind(thing.kind).affordances:
            yield f"{cues.verbs[i - 1].capitalize()} {called[i]} turned on?", "yes" if i in lit else "no"


def _happened(cues: Cues, events: list[Event]) -> Iterator[Pair]:
    """What happened to a thing since the frame before: the most telling of it."""
    called = cues.names
    seen: set[int] = set()
    for wanted, text in ANSWERS.items():
        for happened, a_, b, _ in events:
            if happened == wanted and a_ not in seen:
                seen.add(a_)
                yield f"What has just happened to {called[a_]}?", text.format(b=called[b])
