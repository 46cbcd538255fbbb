"""What things are to be like: larger, smaller, of a colour, a material, a mass, or in a state, which the verb for it brings about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.scene.edit.values import Scale
from lifeworld.scene.shape import Vec3
from lifeworld.scene.words.clause import Clause
from lifeworld.scene.words.grounding.asking import listed
from lifeworld.scene.words.planning.amounts import safe
from lifeworld.scene.words.planning.draft import Draft
from lifeworld.scene.words.planning.filling import fill
from lifeworld.scene.words.planning.meant import things_of
from lifeworld.scene.words.planning.naming import rename
from lifeworld.scene.words.planning.opening import close, open_
from lifeworld.scene.words.planning.staging import gravity, light
from lifeworld.scene.words.planning.switching import switch, switches, turn_off, turn_on
from lifeworld.scene.words.planning.turning import rotate
from lifeworld.scene.words.planning.values import values_of

MORE, LESS = 1.25, 0.8
"""How much larger "bigger" is, where nobody says how much."""


def scale(draft: Draft, clause: Clause) -> None:
    """Things larger or smaller: by a factor, a notch, or to a size."""
    axes = {"height": (2,), "thickness": (2,), "length": (0,), "width": (0,), "depth": (1,)}
    dimension, way = clause.value("dimension"), clause.value("way")
    said = clause.value("factor")
    if dimension in ("mass", "friction", "restitution", "brightness", "amount", "temperature", "opacity"):
        return set_(draft, clause)
    if any(clause.value(k) is not None for k in ("size_m", "height_m", "width_m", "length_m", "depth_m", "thickness_m")):
        return set_(draft, clause)
    if clause.value("by_m") is not None:
        return set_(draft, clause)
    factor = MORE if way in ("more", "most") else LESS if way in ("less", "least") else None
    if said is not None:
        factor = safe(said, 0.001, 1000.0, "a factor", clause.span)
        if way in ("less", "least") and factor > 1.0:
            factor = 1.0 / factor
    if factor is None:
        raise WordsError(
            "how much larger or smaller?",
            reason="ambiguous",
            span=clause.span,
            question="By how much?",
            suggestions=("twice as big", "half as big"),
        )
    for one in things_of(draft, clause):
        by: float | Vec3 = factor
        if dimension in axes:
            along = axes[str(dimension)]
            by = (factor if 0 in along else 1.0, factor if 1 in along else 1.0, factor if 2 in along else 1.0)
        what = f" {dimension}" if dimension in axes else " size"
        draft.do(Scale(one.name, by), f"{one.name} becomes {factor:g} times its{what}", clause.span)
    return None


def set_(draft: Draft, clause: Clause) -> None:
    """What was said of things: colour, material, mass, friction, size, state."""
    if clause.value("gravity") is not None or clause.value("dimension") == "gravity":
        return gravity(draft, clause)
    if clause.value("hour") is not None or clause.value("intensity") is not None or clause.value("dimension") == "brightness":
        return light(draft, clause)
    if clause.value("name") is not None:
        return rename(draft, clause)
    state = clause.value("state") or next((link.state for link in clause.links if link.state is not None), None)
    if state is not None:
        return _set_state(draft, clause, str(state))
    if clause.value("factor") is not None and clause.value("dimension") in (
        None,
        "size",
        "height",
        "width",
        "length",
        "depth",
        "thickness",
    ):
        return scale(draft, clause)
    if (
        clause.value("way") is not None
        and clause.value("by_m") is None
        and clause.value("dimension") in ("size", "height", "width", "length", "depth", "thickness")
    ):
        return scale(draft, clause)
    if clause.value("angle_deg") is not None:
        return rotate(draft, clause)
    found = things_of(draft, clause)
    for one in found:
        change, told = values_of(draft, clause, one)
        if not change.given():
            raise WordsError(
                f"what is {one.name!r} to be like?",
                reason="unsupported",
                span=clause.span,
                suggestions=(f"make the {one.words[0] if one.words else one.name} blue",),
                fix="Colour, material, mass, friction, restitution and size can be set.",
            )
        draft.do(change, f"{one.name} gets {listed(told)}", clause.span)
    return None


def _set_state(draft: Draft, clause: Clause, state: str) -> None:
    """Open, closed, on, off, empty, upright: the verb that makes it so."""
    from lifeworld.scene.words.grounding.traits import fact_of
    from lifeworld.scene.words.lexicon import color_of, material_of

    fact = fact_of(state) or state
    for key, value in (("color", color_of(state)), ("material", material_of(state))):
        if value is not None:
            left = tuple(v for v in clause.values if v[0] != "state")
            bare = replace(clause, links=tuple(k for k in clause.links if k.state is None), values=(*left, (key, value)))
            return set_(draft, bare)
    bare = replace(
        clause, links=tuple(k for k in clause.links if k.state is None), values=tuple(v for v in clause.values if v[0] != "state")
    )
    if fact == "toggle":
        found = draft.find(bare.things[0], ("thing",), fits=switches).referents if bare.things else ()
        return switch(draft, bare, on=any(("turned_off", "") in r.facts for r in found))
    if fact == "empty":
        return fill(draft, replace(bare, values=(*bare.values, ("amount", 0.0))))
    verbs: dict[str, Callable[[Draft, Clause], None]] = {"open": open_, "closed": close, "turned_on": turn_on, "turned_off": turn_off}
    if fact in ("upright", "upside_down"):
        return rotate(draft, replace(bare, values=(*bare.values, ("direction", fact))))
    if fact not in verbs:
        raise WordsError(
            f"nothing can be made {state} here", reason="unsupported", span=clause.span, suggestions=("open the drawer", "turn on the lamp")
        )
    return verbs[fact](draft, bare)
