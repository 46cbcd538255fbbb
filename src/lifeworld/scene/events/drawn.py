"""One time an event happens: its deeds and edits, with numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from numpy.random import Generator

from lifeworld.core.errors import EventError, LifeworldError, SceneError
from lifeworld.scene import archetype
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.condition import Condition
from lifeworld.scene.deed import Deed
from lifeworld.scene.edit.values import Edit
from lifeworld.scene.event import Event, Safety
from lifeworld.scene.events.choose import chosen, could
from lifeworld.scene.events.draw import Draw
from lifeworld.scene.events.kind import EventKind, kind
from lifeworld.scene.lines import Path
from lifeworld.scene.possible import why_never
from lifeworld.scene.scene import Scene

MOST_TRIED = 6
"""How many of those it could befall are tried, where any one is meant."""
ROUNDS = 4
"""How often they are tried, each time so strong as is drawn anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What happens: first `edits`, then `deeds`; to whom, how strong it is in the unit of its kind, what is likely to come of it."""

    edits: tuple[Edit, ...] = ()
    deeds: tuple[Deed, ...] = ()
    who: tuple[str, ...] = ()
    strength: float | None = None
    expects: Condition | None = None
    safety: Safety = "harmless"


def draw(event: Event, scene: Scene, rng: Generator, *, assets: Mapping[str, Assembly] | None = None) -> Drawn:
    """What happens when an event does, in a scene as it stands (all of it with poses); the same generator draws the same.

    `assets` are the assemblies of imported kinds by name. An event without a kind is as it says.

    Raises:
        EventError: if nothing physical can come of it, saying why.
    """
    if event.kind is None:
        return Drawn(edits=event.edits, deeds=event.deeds, expects=event.expects, safety=event.safety or "harmless")
    where = f"event {event.name!r}"
    what = kind(event.kind, where=where)
    check_of(event, what, where)
    orders = chosen(what, event.who or what.who, scene, rng, where=where, assets=assets)
    law = event.strength or what.strength
    strength = law.draw(rng)
    refused: EventError | None = None
    tried = orders[:MOST_TRIED]
    for i, who in enumerate(tried * (1 if law.law == "fixed" else ROUNDS)):
        if i and i % len(tried) == 0:  # none of them, so strong: from another height there may be room
            strength = law.draw(rng)
        try:
            done = list(_done(event, what, scene, rng, who, strength, assets or {}))
        except EventError as error:
            refused = refused or error
            continue
        return Drawn(
            edits=tuple(one for one in done if not isinstance(one, Deed)),
            deeds=tuple(one for one in done if isinstance(one, Deed)),
            who=who,
            strength=strength,
            expects=event.expects or _expected(what, who, scene),
            safety=event.safety or what.safety,
        )
    assert refused is not None
    raise refused


def _done(
    event: Event, what: EventKind, scene: Scene, rng: Generator, who: tuple[str, ...], strength: float, assets: Mapping[str, Assembly]
) -> Iterator[Deed | Edit]:
    """What a kind draws for those it befalls: for all at once, or for one after the other."""
    for some in [(name,) for name in who] if what.befalls != "things" and who else [who]:
        of = what.of if event.of is None else (event.of,)
        yield from what.draw(
            Draw(event=event.name, scene=scene, rng=rng, who=some, strength=strength, direction=event.direction, of=of, assets=assets)
        )


def check_kinds(scene: Scene) -> None:
    """Raise the first thing that keeps an event of the scene from ever happening.

    Raises:
        UnknownName: for a kind there is not.
        EventError: where nobody could have part in it.
        SceneError: for a trigger that never comes.
    """
    for _, error in event_problems(scene):
        raise error


def event_problems(scene: Scene, *, whom: bool = True) -> Iterator[tuple[Path, LifeworldError]]:
    """What keeps events of a scene from ever happening, with the way to it; without `whom`, only what can be told by their words.

    What an event brings may have part in others, so with such events nobody is missed.
    """
    brought = any(event.brings for event in scene.events)
    for i, event in enumerate(scene.events):
        where = f"event {event.name!r}"
        if whom and event.when is not None and event.when.holds and event.when.thing in {t.name for t in scene.things}:
            why = why_never(event.when, scene)
            if isinstance(why, str):
                yield ("event", i, "when"), EventError(f"what it waits for never comes: {why}", reason="never", where=where)
        if event.kind is None:
            continue
        try:
            what = kind(event.kind, where=where)
        except LifeworldError as error:
            yield ("event", i, "kind"), error
            continue
        try:
            check_of(event, what, where)
        except LifeworldError as error:
            yield ("event", i, "of"), error
            continue
        if not whom:
            continue
        try:
            could(what, event.who or what.who, scene, where=where)
        except EventError as error:
            if not brought:
                yield ("event", i), error


def check_of(event: Event, what: EventKind, where: str) -> None:
    """Raise unless the kind of thing that is to come in is one, can move, and this event brings one in at all."""
    if event.of is None:
        return
    if not what.of:
        raise SceneError(f"nothing comes in by {what.name}", where=where, got=f"of {event.of}", fix="Only throw, roll_in and drop have it.")
    if archetype.kind(event.of, where=where).fixed:
        raise EventError(f"a {event.of.replace('_', ' ')} stands fast: it cannot come in so", reason="fixed", where=where)


def _expected(what: EventKind, who: tuple[str, ...], scene: Scene) -> Condition | None:
    """The kind's expectation of the first it befalls, unless that can never be so of it."""
    if what.expects is None or not who or who[0] not in {t.name for t in scene.things}:
        return None
    expected = Condition(predicate=what.expects, thing=who[0])
    return None if why_never(expected, scene) is not None else expected
