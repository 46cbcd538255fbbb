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
from lifeworld.worlds.physics.senses.look import Look
from lifeworld.worlds.physics.senses.stuff import material_ids, materials
from lifeworld.worlds.physics.senses.tell.facts import Told
from lifeworld.worlds.physics.senses.tell.happenings import Event
from lifeworld.worlds.physics.senses.tell.words import a, called_so, color_word, is_are, kind_word, listed, names, noun, plural

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
    scene = look.compiled.scene
    rng = generator(look.state.tick, "tell", "questions")
    chosen = []
    for choices in (*_asked(look, scene, told), list(_happened(scene, events or []))):
        fit = [(q, answer) for q, answer in choices if len(q) <= LETTERS[0] and len(answer) <= LETTERS[1]]
        if fit:
            chosen.append(fit[int(rng.integers(len(fit)))])
    order = rng.permutation(len(chosen))[:MOST]
    return np.array([chosen[i] for i in order], dtype=QUESTION_DTYPE)


def _asked(look: Look, scene: Scene, told: Told) -> Iterator[list[Pair]]:
    """Of each sort, every question that may be asked."""
    yield list(_exists(scene))
    yield list(_counts(scene))
    yield list(_colors(scene))
    yield list(_materials(look, scene))
    yield list(_places(scene, told))
    yield list(_contents(scene, told))
    yield list(_sides(scene, told))
    yield list(_compared(look, scene, told))
    yield list(_states(scene, told))


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


def _colors(scene: Scene) -> Iterator[Pair]:
    for thing, called in zip(scene.things, names(scene)[1:], strict=False):
        color = color_word(thing)
        if color is not None and color not in called:
            yield f"What colour {is_are(noun(thing))} {called}?", color


def _materials(look: Look, scene: Scene) -> Iterator[Pair]:
    for thing, called, number in zip(scene.things, names(scene)[1:], look.tables(material_ids).tolist(), strict=False):
        if not is_asset(thing):
            yield f"What {is_are(noun(thing))} {called} mostly made of?", materials()[number].replace("_", " ")


def _places(scene: Scene, told: Told) -> Iterator[Pair]:
    called = names(scene)
    for i, thing in enumerate(scene.things, 1):
        for predicate in ("in", "on"):
            where = [b for a_, b in told.pairs[predicate] if a_ == i]
            if where:
                if len(where) == 1:
                    yield f"Where {is_are(noun(thing))} {called[i]}?", f"{predicate} {called[where[0]]}"
                break


def _contents(scene: Scene, told: Told) -> Iterator[Pair]:
    called = names(scene)
    for predicate in ("on", "in"):
        for i in range(1, len(scene.things) + 1):
            what = [a_ for a_, b in told.pairs[predicate] if b == i]
            if what:
                yield f"What is {predicate} {called[i]}?", listed([called[a_] for a_ in what])
                yield f"How many things are {predicate} {called[i]}?", str(len(what))


def _sides(scene: Scene, told: Told) -> Iterator[Pair]:
    called = names(scene)
    for predicate, words in SIDE_WORDS.items():
        for a_, b in told.pairs[predicate]:
            verb = is_are(noun(scene.things[a_ - 1])).capitalize()
            if (a_, b) not in told.pairs[OPPOSITE[predicate]]:
                yield f"{verb} {called[a_]} {words} {called[b]}?", "yes"
                yield f"{verb} {called[a_]} {SIDE_WORDS[OPPOSITE[predicate]]} {called[b]}?", "no"


def _compared(look: Look, scene: Scene, told: Told) -> Iterator[Pair]:
    """Which of two is heavier, of free things; which of two is nearer to a third."""
    called = names(scene)
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


def _states(scene: Scene, told: Told) -> Iterator[Pair]:
    called = names(scene)
    for word, yes, no in (("open", "open", "closed"), ("upright", "upright", "toppled"), ("moving", "moving", "still")):
        for predicate, answer in ((yes, "yes"), (no, "no")):
            for a_, _ in told.pairs[predicate]:
                yield f"{is_are(noun(scene.things[a_ - 1])).capitalize()} {called[a_]} {word}?", answer
    lit = {a_ for a_, _ in told.pairs["turned_on"]}
    for i, thing in enumerate(scene.things, 1):
        if not is_asset(thing) and "turn_on" in kind(thing.kind).affordances:
            yield f"{is_are(noun(thing)).capitalize()} {called[i]} turned on?", "yes" if i in lit else "no"


def _happened(scene: Scene, events: list[Event]) -> Iterator[Pair]:
    """What happened to a thing since the frame before: the most telling of it."""
    called = names(scene)
    seen: set[int] = set()
    for wanted, text in ANSWERS.items():
        for happened, a_, b, _ in events:
            if happened == wanted and a_ not in seen:
                seen.add(a_)
                yield f"What has just happened to {called[a_]}?", text.format(b=called[b])
