"""As another is: "the same colour as the bowl", "as heavy as the can", "twice as tall as the bottle"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.scene import archetype
from lifeworld.scene.check import is_asset
from lifeworld.scene.mass import mass_of
from lifeworld.scene.scene import Thing
from lifeworld.scene.words.clause import Clause, Value
from lifeworld.scene.words.grounding.cast import Referent
from lifeworld.scene.words.planning.coming import is_new, kind_of
from lifeworld.scene.words.planning.draft import Draft

Size = tuple[float, float, float]
MEASURED: dict[str, Callable[[Size], float]] = {
    "size_m": max, "height_m": lambda s: s[2], "thickness_m": lambda s: s[2], "width_m": lambda s: s[0], "length_m": lambda s: s[0],
    "depth_m": lambda s: s[1],
}  # fmt: skip


def likened(draft: Draft, clause: Clause) -> Clause:
    """A clause with what it says by the measure of another said in numbers and names; any other clause as it is.

    Raises:
        WordsError: `unsupported`, for what is only to be more than another's, and for what is not known of it.
    """
    link = next((k for k in clause.links if k.relation in ("as", "than") and any(p.noun for p in k.to)), None)
    keys = [key for key in ("alike", "dimension", "color", "material") if clause.value(key) is not None]
    if clause.verb not in ("scale", "set") or link is None or not keys:
        return clause
    measure = next(p for p in link.to if p.noun)
    if link.relation == "than":
        raise WordsError(
            "how much more than another's is not said", reason="unsupported", span=measure.span,
            suggestions=("make the mug as tall as the bottle", "make the mug 12 cm tall"), fix="Say how much, or as which.",
        )  # fmt: skip
    said = str(clause.value(keys[0])) if keys[0] in ("alike", "dimension") else keys[0]
    key = {"mass": "mass_kg", "weight": "mass_kg"}.get(said, said)
    key = f"{key}_m" if f"{key}_m" in MEASURED else key
    factor = clause.value("factor")
    if is_new(measure):  # "as big as a football": as such things are
        what = Thing(name="measure", kind=kind_of(draft, measure)[2])
        size, material = archetype.kind(what.kind).size_m, archetype.kind(what.kind).material
        other = Referent(name=what.kind, size_m=size, mass_kg=mass_of(what), material=material)
    else:
        other = draft.find(measure, ("thing",)).referents[0]
        what = draft.scene.thing(other.name)
    value = _of(what, other, key)
    if value is None or (factor is not None and isinstance(value, str)):
        raise WordsError(
            f"the {said.removesuffix('_kg').removesuffix('_m')} of {other.name!r} is not known", reason="unsupported", span=measure.span,
            suggestions=("make the mug 12 cm tall", "paint the mug red"), fix="Say how it is to be.",
        )  # fmt: skip
    if isinstance(factor, float) and isinstance(value, float):
        value *= factor
    draft.evidence.append(f"as {other.name}: {value if isinstance(value, str) else f'{value:.4g}'}")
    kept = tuple(v for v in clause.values if v[0] not in ("alike", "dimension", "way", "factor", "color", "material"))
    return replace(clause, verb="set", links=tuple(k for k in clause.links if k is not link), values=(*kept, (key, value)))


def _of(thing: Thing, one: Referent, key: str) -> Value | None:
    """What a thing has of a property; None where that is not known."""
    if key == "color":
        own = None if is_asset(thing) else archetype.kind(thing.kind).color
        return (thing.color or (own if thing.material is None else None) or one.color or "").replace("_", " ") or None
    if key == "material":
        return None if one.material is None else one.material.replace("_", " ")
    if key == "mass_kg":
        return one.mass_kg
    return float(MEASURED[key](one.size_m)) if key in MEASURED and one.size_m is not None else None
