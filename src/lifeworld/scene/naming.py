"""Names within values: which a scene or an edit speaks of, another put in the place of one, and one that is free."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

T = TypeVar("T")

_KEYS = frozenset(
    {"name", "thing", "to", "and_thing", "attach", "members", "copy", "names", "things", "on", "after", "camera", "embodiment"}
)
"""The fields that hold names of what a scene holds, wherever they stand."""
_OTHERWISE = {"Scene": {"name"}, "SetScene": {"name"}, "AssetRef": {"name"}}
"""… but for these, whose names are of scenes and of folders."""
LONGEST = 64


def mentions(value: object) -> frozenset[str]:
    """Every name of a thing, camera, light … that stands in a value, or in the values it holds."""
    return frozenset(_names(value))


def renamed(value: T, old: str, new: str) -> T:
    """The value with `new` wherever it says the name `old`; itself if it does not."""
    if old not in mentions(value):
        return value
    changed: Any = _renamed(value, old, new, named=False)
    return changed  # type: ignore[no-any-return]  # of the value's own type


def free_name(name: str, taken: Iterable[str]) -> str:
    """The name itself if nobody has it, else with the least number from 2 that makes it free: `glass`, `glass_2`, `glass_3`."""
    taken = set(taken)
    if name not in taken:
        return name
    stem, _, number = name.rpartition("_")
    if not stem or not number.isdigit():
        stem = name
    count = 2
    while (found := f"{stem[: LONGEST - 1 - len(str(count))]}_{count}") in taken:
        count += 1
    return found


def is_name(key: str) -> bool:
    """Whether a field of this name holds names, in what is not a scene as a whole."""
    return key in _KEYS


def _names(value: object) -> Iterable[str]:
    if isinstance(value, tuple | list):
        for one in value:
            yield from _names(one)
    elif is_dataclass(value):
        for f in fields(value):
            held = getattr(value, f.name)
            if _is_name(value, f.name):
                yield from (n for n in (held if isinstance(held, tuple) else (held,)) if isinstance(n, str))
            if not isinstance(held, str):
                yield from _names(held)


def _renamed(value: Any, old: str, new: str, *, named: bool) -> Any:
    if isinstance(value, str):
        return new if named and value == old else value
    if isinstance(value, tuple | list):
        return type(value)(_renamed(one, old, new, named=named) for one in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    given = {f.name: _renamed(getattr(value, f.name), old, new, named=_is_name(value, f.name)) for f in fields(value) if f.init}
    return value if all(given[k] is getattr(value, k) for k in given) else type(value)(**given)


def _is_name(value: object, key: str) -> bool:
    return key in _KEYS and key not in _OTHERWISE.get(type(value).__name__, ())
