"""Kinds of things. An archetype is a function from a size to an assembly, with the facts about its kind beside it.

    @archetype("mug", category="tableware", size_m=(0.115, 0.085, 0.095), material="ceramic", affordances=("grasp", "fill"))
    def mug(size_m: Vec3) -> Assembly:
        "A cup with a handle."
        ...

The function's docstring is the one-line summary; keyword-only parameters with defaults are the kind's options.
The library (`scene/library/`, one family a file) registers itself when the first kind is asked for.
"""

from __future__ import annotations

import importlib
import inspect
import math
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from lifeworld.core.errors import LimitError, SceneError, UnknownName
from lifeworld.scene.assembly import Assembly, Joint
from lifeworld.scene.material import MATERIALS
from lifeworld.scene.scene import Thing
from lifeworld.scene.shape import Vec3

Category = Literal[
    "furniture",
    "appliance",
    "opening",
    "tableware",
    "container",
    "food",
    "toy",
    "tool",
    "electronics",
    "soft",
    "decor",
    "structure",
    "science",
    "living",
]
Affordance = Literal["open", "close", "turn_on", "turn_off", "fill", "grasp", "sit", "support", "pour", "roll", "press", "read"]
Option = int | float | str | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Archetype:
    """One kind of thing: its true size `size_m` (x, y, z) [m], how far that may be scaled, what it is made of, what it is for.

    `mass_kg` at the true size (None: by density); `hangs_m` how high over the floor [m] its middle is where it hangs on a wall (None: it
    stands); `options` name → (default, allowed: a (least, most) pair or a tuple of strings).
    """

    name: str
    summary: str
    category: Category
    size_m: Vec3
    build: Callable[..., Assembly]
    scale: tuple[float, float] = (0.5, 2.0)
    material: str = "wood"
    color: str | None = None
    mass_kg: float | None = None
    friction: float | None = None
    fixed: bool = False
    hangs_m: float | None = None
    materials: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    affordances: tuple[Affordance, ...] = ()
    synonyms: tuple[str, ...] = ()
    options: Mapping[str, tuple[Option, tuple[Option, ...]]] = field(default_factory=dict)

    @property
    def sound(self) -> str:
        """The class that decides how it rings."""
        return MATERIALS[self.material].sound

    def check_size(self, size_m: Vec3, *, where: str | None = None) -> Vec3:
        """The size, if every side is within the kind's range.

        Raises:
            LimitError: naming the range.
        """
        low, high = self.scale
        for axis, given, true in zip("xyz", size_m, self.size_m, strict=True):
            if not true * low * (1 - 1e-9) <= given <= true * high * (1 + 1e-9):
                raise LimitError(
                    f"a {self.name} is not made at this size (side {axis})",
                    where=where,
                    got=f"{given:g} m",
                    expected=f"{true * low:.4g} to {true * high:.4g} m",
                )
        return size_m


_KINDS: dict[str, Archetype] = {}
Builder = Callable[..., Assembly]


def archetype(name: str, *, options: Mapping[str, tuple[Option, ...]] | None = None, **facts: Any) -> Callable[[Builder], Builder]:
    """Register the builder of a kind. `options` names the allowed values of its keyword-only parameters; `facts` are Archetype's fields."""

    def register(build: Builder) -> Builder:
        if name in _KINDS:
            raise SceneError(f"two archetypes are called {name!r}")
        allowed = dict(options or {})
        params = {p.name: p.default for p in inspect.signature(build).parameters.values() if p.kind is p.KEYWORD_ONLY}
        if set(params) != set(allowed):
            raise SceneError(f"archetype {name!r} must say what its options allow", got=sorted(allowed), expected=sorted(params))
        summary = inspect.getdoc(build) or ""
        _KINDS[name] = Archetype(
            name=name, summary=summary.split("\n")[0], build=build, options={k: (params[k], allowed[k]) for k in params}, **facts
        )
        kinds.cache_clear()
        return build

    return register


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, Archetype]:
    """Every kind there is, by name."""
    from lifeworld.scene import library

    for module in sorted(pkgutil.iter_modules(library.__path__), key=lambda m: m.name):
        importlib.import_module(f"{library.__name__}.{module.name}")
    return dict(sorted(_KINDS.items()))


def kind(name: str, *, where: str | None = None) -> Archetype:
    """The archetype of this name.

    Raises:
        UnknownName: with the nearest names.
    """
    known = kinds()
    if name not in known:
        raise UnknownName("kind", name, known, where=where, fix="`lifeworld scenes --kinds` lists them all.")
    return known[name]


def check(thing: Thing) -> Vec3:
    """The size [m] the thing is built at, if its kind is made at that size and with those options; builds nothing yet.

    Raises:
        UnknownName: for an unknown kind or option.
        LimitError: for a size or an option out of the kind's range.
    """
    where = f"thing {thing.name!r}"
    what = kind(thing.kind, where=where)
    size = what.check_size(thing.size_m or what.size_m, where=where)
    for name, value in thing.options:
        if name not in what.options:
            raise UnknownName(f"option of a {what.name}", name, what.options, where=where)
        _check_option(name, value, *what.options[name], where=where)
    return size


def build(thing: Thing) -> Assembly:
    """The thing as built: its kind's assembly at its size and options.

    Raises:
        UnknownName: for an unknown kind, option or joint.
        LimitError: for a size, an option or a joint position out of the kind's range.
    """
    where = f"thing {thing.name!r}"
    assembly = _built(thing.kind, check(thing), thing.options)
    joints = {j.name: j for j in assembly.joints}
    for name, value in thing.joints:
        if name not in joints:
            raise UnknownName(f"joint of a {thing.kind}", name, joints, where=where)
        bounds = joints[name].range
        low, high = reach(joints[name])
        if bounds is not None and not low <= value <= high:
            raise LimitError(f"joint {name!r} does not reach there", where=where, got=value, expected=f"{min(bounds):g} to {max(bounds):g}")
    return assembly


def reach(joint: Joint) -> tuple[float, float]:
    """The least and the most a joint's position may be said to be: a little beyond its range."""
    if joint.range is None:
        return -math.inf, math.inf
    spare = 0.005 + 0.05 * abs(joint.range[1] - joint.range[0])  # the engine's limits are soft: a slammed door overshoots a little
    return min(joint.range) - spare, max(joint.range) + spare


@lru_cache(maxsize=4096)
def _built(name: str, size_m: Vec3, options: tuple[tuple[str, Option], ...]) -> Assembly:
    return kinds()[name].build(size_m, **dict(options))


def _check_option(name: str, value: Option, default: Option, allowed: tuple[Option, ...], *, where: str) -> None:
    if isinstance(default, bool | str):
        if type(value) is not type(default) or value not in allowed:
            raise LimitError(f"option {name!r}", where=where, got=value, expected=" | ".join(map(str, allowed)))
        return
    low, high = allowed
    whole = isinstance(default, int)
    fine = not isinstance(value, bool | str) and (isinstance(value, int) or not whole)
    if not fine or not float(low) <= float(value) <= float(high):
        raise LimitError(
            f"option {name!r}", where=where, got=value, expected=f"{'a whole number' if whole else 'a number'} from {low} to {high}"
        )
