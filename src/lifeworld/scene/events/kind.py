"""Kinds of events. A kind is a function that draws deeds and edits with numbers, with the facts about it beside it.

    @event_kind("bump", befalls="thing", takes=loose, strength=Magnitude(...), unit="m/s", safety="caution", expects="moves")
    def bump(draw: Draw) -> Done:
        "Somebody bumps into a thing."
        yield Push(thing=draw.thing.name, ...)

The docstring's first line is the summary. The library (`scene/events/library/`, one family a file) registers itself when it is first asked.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from lifeworld.core.errors import UnknownName
from lifeworld.scene.deed import Deed
from lifeworld.scene.edit.values import Edit
from lifeworld.scene.event import Safety, Who
from lifeworld.scene.magnitude import Magnitude
from lifeworld.scene.predicate import PredicateName
from lifeworld.scene.scene import CameraMount, Embodiment, Scene, Thing

if TYPE_CHECKING:
    from lifeworld.scene.events.draw import Draw

Befalls = Literal["thing", "things", "camera", "embodiment", "scene"]
"""Whom a kind befalls: one thing (or each of some), several at once, a camera, an embodiment, or the scene as a whole."""
Done = Iterable[Deed | Edit]
Body = Thing | CameraMount | Embodiment
Refusal = tuple[str, str]
"""(reason, why): what keeps somebody from having part in an event; the reason is one of `EventError`."""
Takes = Callable[[Scene, Body], Refusal | None]
Needs = Callable[[Scene], Refusal | None]

FAMILIES = ("contact", "arrival", "mover", "surroundings", "constraint", "fault", "parameter", "light")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventKind:
    """One kind of event: whom it `befalls`, which of them it `takes`, what it `needs` of a scene, how strong it is in `unit`.

    `who` narrows whom it befalls where nobody says otherwise; `rate_per_min` is how often it happens where nobody says; `by` names the
    deeds and edits it may draw; `of` are kinds of things of which one comes in, if it is not said which; `expects` is a predicate of the
    first it befalls.
    """

    name: str
    family: str
    summary: str
    draw: Callable[[Draw], Done]
    befalls: Befalls
    takes: Takes | None
    needs: Needs | None
    who: Who
    strength: Magnitude
    unit: str
    means: str
    by: tuple[str, ...]
    safety: Safety
    of: tuple[str, ...]
    expects: PredicateName | None
    rate_per_min: float
    synonyms: tuple[str, ...]


_KINDS: dict[str, EventKind] = {}


def event_kind(
    name: str,
    *,
    befalls: Befalls,
    strength: Magnitude,
    unit: str,
    means: str,
    by: tuple[str, ...],
    takes: Takes | None = None,
    needs: Needs | None = None,
    who: Who | None = None,
    safety: Safety = "harmless",
    of: tuple[str, ...] = (),
    expects: PredicateName | None = None,
    rate_per_min: float = 4.0,
    synonyms: tuple[str, ...] = (),
) -> Callable[[Callable[[Draw], Done]], Callable[[Draw], Done]]:
    """Enter a function as a kind of event; `means` says what its strength is."""

    def enter(function: Callable[[Draw], Done]) -> Callable[[Draw], Done]:
        assert name not in _KINDS, f"two kinds of events are called {name!r}"
        _KINDS[name] = EventKind(
            name=name,
            family=function.__module__.rpartition(".")[2],
            summary=(inspect.getdoc(function) or "").partition("\n")[0],
            draw=function,
            befalls=befalls,
            takes=takes,
            needs=needs,
            who=who or Who(),
            strength=strength,
            unit=unit,
            means=means,
            by=by,
            safety=safety,
            of=of,
            expects=expects,
            rate_per_min=rate_per_min,
            synonyms=synonyms,
        )
        return function

    return enter


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, EventKind]:
    """All kinds of events by name, family after family."""
    folder = importlib.import_module("lifeworld.scene.events.library")
    for module in pkgutil.iter_modules(folder.__path__):
        importlib.import_module(f"{folder.__name__}.{module.name}")
    ordered = sorted(_KINDS.values(), key=lambda k: FAMILIES.index(k.family))
    return MappingProxyType({k.name: k for k in ordered})


def kind(name: str, *, where: str | None = None) -> EventKind:
    """A kind by its name, or by one of its synonyms.

    Raises:
        UnknownName: with the nearest names.
    """
    found = _by_name().get(name.lower().replace(" ", "_").replace("-", "_"))
    if found is None:
        raise UnknownName("kind of event", name, _by_name(), where=where, fix="`lifeworld scenes --events` lists them.")
    return found


@lru_cache(maxsize=1)
def _by_name() -> Mapping[str, EventKind]:
    named = {synonym: k for k in kinds().values() for synonym in k.synonyms}
    return {**named, **kinds()}
