"""The values of a thing as a clause says them, and how they are told."""

from __future__ import annotations

from dataclasses import replace

from lifeworld.core.errors import LifeworldError, WordsError, close_names
from lifeworld.scene import archetype
from lifeworld.scene.check import is_asset
from lifeworld.scene.edit.values import Set
from lifeworld.scene.mass import mass_of
from lifeworld.scene.scene import MAX_MASS_KG, MAX_SIZE_M, MIN_SIZE_M, Thing
from lifeworld.scene.shape import Vec3
from lifeworld.scene.words.clause import Clause
from lifeworld.scene.words.grounding.cast import Referent
from lifeworld.scene.words.planning.amounts import safe
from lifeworld.scene.words.planning.draft import Draft, refused

NOTCH = {"mass": 1.5, "friction": 2.0, "brightness": 1.5}


def values_of(draft: Draft, clause: Clause, one: Referent) -> tuple[Set, list[str]]:
    """The values of a thing that were said, as an edit, and how they are told."""
    from lifeworld.scene.words.lexicon import color_of, material_of

    thing = draft.scene.thing(one.name)
    change = Set(one.name)
    told: list[str] = []
    color, material = clause.value("color"), clause.value("material")
    if color is not None:
        named = color_of(str(color)) or (str(color) if str(color).startswith("#") else None)
        if named is None:
            raise WordsError(
                f"{color!r} is no colour that is known",
                reason="unknown_word",
                span=clause.span,
                suggestions=close_names(str(color), _colors()),
            )
        change = replace(change, color=named)
        told.append(f"the colour {named.replace('_', ' ')}")
    if material is not None:
        stuff = material_of(str(material))
        if stuff is None:
            raise WordsError(
                f"{material!r} is no material that is known", reason="unknown_word", span=clause.span, suggestions=("wood", "glass")
            )
        change = replace(change, material=stuff)
        if color is None and thing.color is not None:
            change = replace(change, color=None)  # else the wood would stay as blue as the plastic was
        told.append(f"the material {stuff.replace('_', ' ')}")
    mass, friction, restitution = clause.value("mass_kg"), clause.value("friction"), clause.value("restitution")
    dimension, way, factor = clause.value("dimension"), clause.value("way"), clause.value("factor")
    by_kg, by_friction = clause.value("by_kg"), clause.value("by_friction")
    if by_kg is not None:  # "2 kg heavier"
        mass = _own_mass(thing, clause) + _more(by_kg, MAX_MASS_KG, "a difference of mass [kg]", clause)
    elif by_friction is not None:
        friction = _friction(thing) + _more(by_friction, 10.0, "a difference of friction", clause)
    elif dimension in ("mass", "friction") and mass is None and friction is None:
        by = safe(factor, 0.001, 1000.0, "a factor", clause.span) if factor is not None else NOTCH[str(dimension)]
        by = 1.0 / by if way in ("less", "least") and by > 1.0 else by
        if dimension == "mass":
            mass = round(by * _own_mass(thing, clause), 6)
        else:
            friction = min(by * _friction(thing), 10.0)
    if dimension == "restitution" and restitution is None:
        now = thing.restitution or 0.0
        restitution = now / 2.0 if way in ("less", "least") else (1.0 + now) / 2.0  # half of the way to none, or to all
    if restitution is not None:
        keeps = safe(restitution, 0.0, 1.0, "a restitution", clause.span)
        change = replace(change, restitution=keeps)
        told.append(f"a restitution of {keeps:.3g}")
    if mass is not None:
        kg = safe(mass, 1e-6, MAX_MASS_KG, "a mass [kg]", clause.span)
        change = replace(change, mass_kg=kg)
        told.append(f"a mass of {kg:.4g} kg")
    if friction is not None:
        rubs = safe(friction, 0.0, 10.0, "a friction", clause.span)
        change = replace(change, friction=rubs)
        told.append(f"a friction of {rubs:.3g}")
    size = size_of(clause, thing)
    if size is not None:
        change = replace(change, size_m=size)
        told.append("the size " + " × ".join(f"{s:.3g}" for s in size) + " m")
    return change, told


def as_said(clause: Clause, thing: Thing) -> Thing:
    """A new thing with what a clause says of its size and its mass.

    Raises:
        WordsError: `unsafe_number`, or as the scene refuses such a thing.
    """
    size, mass = size_of(clause, thing), clause.value("mass_kg")
    if size is not None:
        thing = replace(thing, size_m=size)
    if mass is not None:
        thing = replace(thing, mass_kg=safe(mass, 1e-6, MAX_MASS_KG, "a mass [kg]", clause.span))
    if size is not None:
        try:
            archetype.check(thing)
        except LifeworldError as error:
            raise refused(error, clause.span) from error
    return thing


def _more(by: object, most: float, what: str, clause: Clause) -> float:
    """How much more that is; less than nothing where less was said."""
    more = safe(by, -most, most, what, clause.span)
    return -more if clause.value("way") in ("less", "least") else more


def _own_mass(thing: Thing, clause: Clause) -> float:
    """What a thing weighs [kg].

    Raises:
        WordsError: `unsupported`, for an imported thing that does not say.
    """
    mass = mass_of(thing)
    if mass is None:
        raise WordsError(
            f"what {thing.name!r} weighs is not known, so that nothing can be added to it",
            reason="unsupported",
            span=clause.span,
            suggestions=(f"set the mass of {thing.name} to 1 kg",),
            fix="Say what it is to weigh.",
        )
    return mass


def size_of(clause: Clause, thing: Thing) -> Vec3 | None:
    """The sizes that were said: one side, or the longest of them with the others in proportion."""
    if is_asset(thing):
        return None
    x, y, z = thing.size_m or archetype.kind(thing.kind).size_m
    whole = clause.value("size_m")
    if whole is not None:
        factor = safe(whole, MIN_SIZE_M, MAX_SIZE_M, "a size [m]", clause.span) / max(x, y, z)
        return (x * factor, y * factor, z * factor)
    sides = {"width_m": 0, "length_m": 0, "depth_m": 1, "height_m": 2, "thickness_m": 2}
    size = [x, y, z]
    by = clause.value("by_m")
    if by is not None:  # "5 cm taller"
        more = _more(by, MAX_SIZE_M, "a difference [m]", clause)
        axis = sides.get(f"{clause.value('dimension')}_m")
        grown = [s + more if axis in (None, i) else s for i, s in enumerate(size)]
        for side in grown:
            safe(side, MIN_SIZE_M, MAX_SIZE_M, "a size [m]", clause.span)
        return (grown[0], grown[1], grown[2])
    given = [(k, clause.value(k)) for k in sides if clause.value(k) is not None]
    for key, value in given:
        size[sides[key]] = safe(value, MIN_SIZE_M, MAX_SIZE_M, f"a {key.removesuffix('_m')} [m]", clause.span)
    return (size[0], size[1], size[2]) if given else None


def _friction(thing: Thing) -> float:
    from lifeworld.scene.material import MATERIALS

    if thing.friction is not None:
        return thing.friction
    what = None if is_asset(thing) else archetype.kind(thing.kind)
    if what is not None and what.friction is not None:
        return what.friction
    return MATERIALS[thing.material or (what.material if what is not None else "plastic")].friction


def _colors() -> tuple[str, ...]:
    from lifeworld.scene.material import COLORS

    return tuple(COLORS)
