"""A scene from words: "a kitchen with a table, four chairs, a bowl of apples on the table and a cat bed in the corner".

The room comes from the distribution of such rooms (`scene/homes`), bare where its things are named, furnished where they are not; the
things come by the same words that edit a scene.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import PlacementError, WordsError
from lifeworld.core.pose import Pose
from lifeworld.scene.edit import apply
from lifeworld.scene.edit.plan import EditPlan
from lifeworld.scene.embodied import LARGEST_M
from lifeworld.scene.homes import HOMES, home, room
from lifeworld.scene.room import Placed, Room
from lifeworld.scene.scene import CameraMount, Scene
from lifeworld.scene.space import SPACE_KINDS, SpaceKind
from lifeworld.scene.words.clause import Clause, Link, Phrase, Reading
from lifeworld.scene.words.planning.adding import add_one
from lifeworld.scene.words.planning.draft import Draft

HOME_WORDS = ("home", "house", "flat", "apartment")
OTHER_NAMES = {
    "lounge": "living_room",
    "sitting room": "living_room",
    "ward": "clinic_ward",
    "hospital ward": "clinic_ward",
    "study": "office",
}
TRIES = 6
"""So many seeds are tried where what was asked for finds no room."""
TOWARDS_EYE, NEAREST_M = np.array([0.0, -0.8, 0.6]), 0.8
"""From where a camera looks at what is on open ground, and how near it comes: room for a hand above a single mug."""
ROOM_M, STEP_BACK = 0.15, 0.1
"""So far a camera in a room keeps from things, and the steps in which it draws back from them, as a share of the way to its corner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A scene made of words, everything placed, and what was understood, in plain words."""

    scene: Scene
    told: str


def scene_of(text: str, *, seed: int) -> Composed:
    """The scene a text describes; the same text and seed give the same scene. Not settled yet.

    Raises:
        WordsError: for what is not understood, or is no scene.
        PlacementError: where what is asked for finds no room.
    """
    from lifeworld.scene.words.grammar.read import read

    refused: WordsError | PlacementError | None = None
    for reading in read(text):
        try:
            return _composed(reading, text, seed)
        except (WordsError, PlacementError) as error:
            refused = refused or error
    raise refused or WordsError("no scene is described", reason="no_verb", span=(0, len(text)), suggestions=("a kitchen with a table",))


def _composed(reading: Reading, text: str, seed: int) -> Composed:
    first = reading.clauses[0]
    if first.verb not in ("add", "place", "goal", "set") or not first.things:
        raise WordsError(
            "a scene begins with what there is",
            reason="unsupported",
            span=first.span,
            suggestions=("a kitchen with a table and two chairs",),
        )
    where, items = _parted(reading.clauses)
    error: PlacementError | None = None
    for attempt in range(TRIES):
        base, told = _base(where, seed + attempt * 7919, bare=bool(items))
        draft = Draft(start=base, text=text)
        for phrase, links in items:
            draft.speak(*add_one(draft, phrase, links))
        try:
            scene = apply(_titled(base, text), EditPlan(tuple(step.edit for step in draft.steps)), seed=seed)
        except PlacementError as no_room:
            error = error or no_room
            continue
        lines = [told, *(step.told for step in draft.steps if step.told)]
        framed = _framed(scene) if where is None else _turned(scene, set(scene.names()) - set(base.names()))
        return Composed(scene=framed, told="; ".join(lines) + ".")
    assert error is not None
    raise error


def _parted(clauses: Sequence[Clause]) -> tuple[Phrase | None, list[tuple[Phrase, tuple[Link, ...]]]]:
    """The phrase that says where it is (a room, a home), and what is to be there with the links of each."""
    where: Phrase | None = None
    items: list[tuple[Phrase, tuple[Link, ...]]] = []
    for clause in clauses:
        if clause.verb not in ("add", "place", "goal", "set"):
            raise WordsError(
                f"a scene is not described by {clause.said!r}",
                reason="unsupported",
                span=clause.span,
                suggestions=("… and a lamp on the table",),
            )
        listed: list[Phrase] = []
        for phrase in clause.things:
            if where is None and _space(phrase.noun) is not None:
                where = phrase
                if _space(phrase.noun) == "home":
                    continue
                listed += [p for link in phrase.links if link.relation == "with" for p in link.to]
            else:
                listed.append(phrase)
        places = tuple(k for k in clause.links if not any(_space(p.noun) is not None for p in k.to))
        contents = [p for k in places if k.relation == "with" for p in k.to]
        places = tuple(k for k in places if k.relation != "with")
        listed += contents
        for number, phrase in enumerate(listed):
            # What is said of where at the end is said of the last one.
            items.append((phrase, places if number == len(listed) - 1 else ()))
    return where, items


def _base(where: Phrase | None, seed: int, *, bare: bool) -> tuple[Scene, str]:
    """What things are put into: a room, a home, or the bare ground."""
    if where is None:
        return Scene(name="scene"), "on open ground"
    kind = _space(where.noun)
    bare = bare and "furnished" not in where.words
    if kind == "home":
        rooms: int | list[SpaceKind] = _rooms(where)
        scene = home(rooms, seed=seed)
        return scene, f"a home of {len(scene.spaces)} rooms"
    if kind is None or kind not in SPACE_KINDS:
        raise WordsError(f"{where.noun!r} is no room that is made", reason="unknown_word", span=where.span, suggestions=SPACE_KINDS)
    size = (5.0, 4.2) if bare else None
    space: SpaceKind = kind
    scene = room(space, seed=seed, furnished=not bare, size_m=size)
    return scene, f"a {'bare' if bare else 'furnished'} {kind.replace('_', ' ')}"


def _framed(scene: Scene) -> Scene:
    """With a camera as near as it sees all there is, or, where all that can be taken stands on something, all of that."""
    placed = list(Room(scene).placed.values())
    small = [p for p in placed if max(p.bounds_m[1] - p.bounds_m[0]) < LARGEST_M]
    front = CameraMount(name="front", pose=Pose())
    middle, away = _ball(small if small and all(p.thing.relations for p in small) else placed, front)
    return replace(scene, cameras=(replace(front, pose=Pose.look_at(middle + away * TOWARDS_EYE, middle)),))


def _turned(scene: Scene, asked: set[str]) -> Scene:
    """A room whose first camera looks at what was asked for, from between there and its corner: as near as it sees all of it."""
    placed = list(Room(scene).placed.values())
    wanted = [p for p in placed if p.thing.name in asked]
    if not wanted or not scene.cameras or len(scene.spaces) > 1:  # of a home the first camera may be in another room
        return scene
    front, corner = scene.cameras[0], scene.cameras[0].pose.position_m
    middle, away = _ball(wanted, front)
    far = float(np.linalg.norm(corner - middle))
    for share in np.arange(min(away / max(far, away), 1.0), 1.0, STEP_BACK):  # further back where something would be in the way
        eye = middle + share * (corner - middle)
        if all(np.any((eye < p.bounds_m[0] - ROOM_M) | (eye > p.bounds_m[1] + ROOM_M)) for p in placed):
            break
    else:
        eye = corner
    return replace(scene, cameras=(replace(front, pose=Pose.look_at(eye, middle)), *scene.cameras[1:]))


def _ball(wanted: Sequence[Placed], camera: CameraMount) -> tuple[NDArray[np.float64], float]:
    """The middle of some things, and from how far a camera sees all of them [m]."""
    low, high = np.min([p.bounds_m[0] for p in wanted], 0), np.max([p.bounds_m[1] for p in wanted], 0)
    away = float(np.linalg.norm(high - low)) / 2 / math.sin(math.radians(camera.fov_y_deg) / 2)
    return (low + high) / 2, max(NEAREST_M, away)


def _rooms(where: Phrase) -> int | list[SpaceKind]:
    """How many rooms a home is said to have, or which."""
    named: list[SpaceKind] = []
    for link in where.links:
        for phrase in link.to:
            if phrase.noun == "room" and phrase.count is not None:
                if phrase.count not in HOMES:
                    raise WordsError(
                        f"a home of {phrase.count} rooms is not made",
                        reason="unsafe_number",
                        span=phrase.span,
                        fix=f"{min(HOMES)} to {max(HOMES)} rooms.",
                    )
                return phrase.count
            kind = _space(phrase.noun)
            if kind in SPACE_KINDS:
                named += [kind] * (phrase.count or 1)
    return named if len(named) >= min(HOMES) else 4


def _space(noun: str) -> str | None:
    """The kind of room a noun means, `home`, or None if it means neither."""
    from lifeworld.scene.words.lexicon.nearest import nearest

    if noun in HOME_WORDS:
        return "home"
    if noun in OTHER_NAMES:
        return OTHER_NAMES[noun]
    if noun == "room":
        return "living_room"
    names = {kind.replace("_", " "): kind for kind in SPACE_KINDS}
    found = [m for m in nearest(noun, sorted(names)) if m.how in ("exact", "lemma", "synonym") and m.score >= 0.9]
    return names[found[0].candidate] if found else None


def _titled(scene: Scene, text: str) -> Scene:
    title = " ".join(text.split())
    return replace(scene, title=title[:180] if title.isprintable() else "A scene from words")
