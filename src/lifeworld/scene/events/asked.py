"""What people type to ask for events: `bump:2/min,slip,door@4s:on=fridge`.

A list, with commas between: each the name of a kind and what more is to be said, with `:` or a space between.

| said | means |
|---|---|
| `2/min`, `0.1/s`, `30/hour` | how often, on average; left out: as often as the kind usually is |
| `@4s`, `@500ms`, `@1min` | once, at this time |
| `on=mug`, `on=mug+glass` | whom it befalls |
| `upon=table` | those that stand on this |
| `strength=0.5`, `strength=0.2..0.8` | how strong, in the kind's unit |
| `towards=left` | left, right, front, back, up or down, as the scene's axes say: right is +X, back +Y |
| `of=apple` | what is thrown, dropped or rolled in |
| `times=3` | at most so often |
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from lifeworld.core.errors import InputError, LifeworldError, LimitError, SceneError, UnknownName
from lifeworld.scene import archetype
from lifeworld.scene.event import MAX_TIMES, Event, Who
from lifeworld.scene.events.kind import EventKind, kind
from lifeworld.scene.magnitude import Magnitude
from lifeworld.scene.naming import free_name
from lifeworld.scene.shape import Vec3

MOST_ASKED = 64
MOST_LETTERS = 4_000
PER_MIN = {"s": 60.0, "sec": 60.0, "second": 60.0, "min": 1.0, "minute": 1.0, "m": 1.0, "h": 1 / 60, "hour": 1 / 60}
SECONDS = {"": 1.0, "s": 1.0, "ms": 0.001, "min": 60.0, "m": 60.0, "h": 3600.0}
TOWARDS: dict[str, Vec3] = {
    "right": (1.0, 0.0, 0.0), "left": (-1.0, 0.0, 0.0), "back": (0.0, 1.0, 0.0), "front": (0.0, -1.0, 0.0),
    "up": (0.0, 0.0, 1.0), "down": (0.0, 0.0, -1.0),
}  # fmt: skip
WORDS = ("on", "upon", "strength", "towards", "of", "times")
EXAMPLE = "For example: bump:2/min,slip,door@4s:on=fridge"

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RATE = re.compile(rf"({_NUMBER})\s*/\s*([a-z]+)", re.IGNORECASE)
_TIME = re.compile(rf"({_NUMBER})\s*([a-z]*)", re.IGNORECASE)


def asked(text: str, *, taken: Iterable[str] = ()) -> tuple[Event, ...]:
    """The events a line of text asks for, called by names that are not `taken`.

    Raises:
        UnknownName: for a kind, a unit or a word there is not, with the nearest ones.
        LimitError, SceneError: for numbers out of bounds.
        InputError: for what is not said so, with an example.
    """
    if len(text) > MOST_LETTERS:
        raise LimitError("that is too much to ask", where="--events", got=f"{len(text)} letters", expected=f"at most {MOST_LETTERS}")
    items = [item.strip() for item in text.split(",")]
    if not any(items):
        raise InputError("no events are named", where="--events", got=text, fix=EXAMPLE)
    if len(items) > MOST_ASKED:
        raise LimitError("that is too much to ask", where="--events", got=f"{len(items)} events", expected=f"at most {MOST_ASKED}")
    names = {*taken}
    events = []
    for item in items:
        if not item:
            raise InputError("there is nothing between two commas", where="--events", got=text, fix=EXAMPLE)
        event = _one(item, names)
        names.add(event.name)
        events.append(event)
    return tuple(events)


def _one(item: str, taken: set[str]) -> Event:
    where = f"--events: {item!r}"
    parts = [part for part in re.split(r"[:\s]+", item.replace("@", ":@")) if part]
    if not parts or parts[0].startswith("@"):
        raise InputError("an event begins with its kind", where=where, got=item, fix=EXAMPLE)
    what, said = kind(parts[0], where=where), parts[1:]
    event = Event(name=free_name(what.name, taken), rate_per_min=what.rate_per_min, kind=what.name)
    seen: set[str] = set()
    for part in said:
        key, event = _said(part, event, what, where)
        if key in seen:
            raise InputError(f"{key} is said twice", where=where, got=part, fix="Say it once.")
        seen.add(key)
    if {"rate", "time"} <= seen:
        raise InputError("a rate and a time are two triggers", where=where, fix="Ask for two events: one by its rate, one at its time.")
    return event


def _said(part: str, event: Event, what: EventKind, where: str) -> tuple[str, Event]:
    """What one part says: what it is about, and the event with it."""
    try:
        if part.startswith("@"):
            return "time", replace(event, rate_per_min=None, at_s=_seconds(part[1:], where))
        if "/" in part and "=" not in part:
            return "rate", replace(event, rate_per_min=_rate(part, where))
        key, equals, value = part.partition("=")
        if not equals or not value:
            known = ", ".join(f"{word}=…" for word in WORDS)
            raise InputError("not understood", where=where, got=part, expected=f"a rate (2/min), a time (@4s) or one of {known}")
        return key, _word(key, value, event, what, where)
    except SceneError as error:
        if error.where is None or not error.where.startswith("--events"):
            error.where = where
        raise


def _word(key: str, value: str, event: Event, what: EventKind, where: str) -> Event:
    who = event.who or what.who
    match key:
        case "on":
            names = tuple(value.split("+"))
            return replace(event, who=Who(names=names, pick="all" if len(names) > 1 else "any"))
        case "upon":
            return replace(event, who=replace(who, on=value, category=None))
        case "strength":
            return replace(event, strength=_strength(value, where))
        case "towards":
            if value not in TOWARDS:
                raise UnknownName("direction", value, TOWARDS, where=where, fix=f"It is one of {', '.join(TOWARDS)}.")
            return replace(event, direction=TOWARDS[value])
        case "of":
            return replace(event, of=archetype.kind(value, where=where).name)
        case "times":
            if not value.isdigit():
                raise LimitError("not a number of times", where=where, got=value, expected=f"a whole number from 1 to {MAX_TIMES}")
            return replace(event, most=int(value))
    raise UnknownName("word", key, WORDS, where=where, fix=f"It is one of {', '.join(f'{w}=…' for w in WORDS)}.")


def _rate(part: str, where: str) -> float:
    """Times a minute."""
    match = _RATE.fullmatch(part)
    if match is None:
        raise InputError("not a rate", where=where, got=part, expected="a number and a unit: 2/min, 0.1/s, 30/hour")
    unit = match[2].lower()
    if unit not in PER_MIN:
        raise UnknownName("unit of a rate", match[2], PER_MIN, where=where, fix="Say it per s, min or hour.")
    rate = float(match[1])
    if rate < 0:
        raise LimitError("a rate below zero", where=where, got=part, expected="a rate above zero: 2/min")
    return rate * PER_MIN[unit]


def _seconds(part: str, where: str) -> float:
    match = _TIME.fullmatch(part)
    if match is None:
        raise InputError("not a time", where=where, got=f"@{part}", expected="a number and a unit: @4s, @500ms, @1min")
    if match[2].lower() not in SECONDS:
        raise UnknownName("unit of time", match[2], [u for u in SECONDS if u], where=where, fix="Say it in s, ms, min or h.")
    return float(match[1]) * SECONDS[match[2].lower()]


def _strength(value: str, where: str) -> Magnitude:
    low, dots, high = value.partition("..")
    try:
        if not dots:
            return Magnitude(a=float(low))
        return Magnitude(law="uniform", a=float(low), b=float(high))
    except ValueError:
        raise InputError("not a strength", where=where, got=value, expected="a number, or two: strength=0.5, strength=0.2..0.8") from None
    except LifeworldError as error:
        error.where = where
        raise
