"""Clauses that change what a thing is like: turn, scale, set, open, close, switch, fill, attach, rename, group."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lifeworld.core.errors import WordsError, close_names
from lifeworld.scene import archetype
from lifeworld.scene.check import is_asset
from lifeworld.scene.edit.needs import HELD_M
from lifeworld.scene.edit.values import (
    Attach,
    Close,
    Detach,
    Fill,
    Open,
    Place,
    Relate,
    Remove,
    Rename,
    Rotate,
    Scale,
    Set,
    SetGroup,
    SetLight,
    TurnOff,
    TurnOn,
)
from lifeworld.scene.group import Group
from lifeworld.scene.opening import opening_joints
from lifeworld.scene.room import Room
from lifeworld.scene.scene import MAX_MASS_KG, MAX_SIZE_M, MIN_SIZE_M, Relation, Thing
from lifeworld.scene.shape import Vec3
from lifeworld.scene.words.clause import Clause, Phrase
from lifeworld.scene.words.grounding.asking import ambiguous, impossible, listed
from lifeworld.scene.words.grounding.cast import ASIDE, Referent
from lifeworld.scene.words.grounding.ground import OPENING
from lifeworld.scene.words.grounding.mass import mass_of
from lifeworld.scene.words.planning.coming import coming
from lifeworld.scene.words.planning.draft import Draft
from lifeworld.scene.words.planning.placing import members, put
from lifeworld.scene.words.planning.where import carrier_of, safe

QUARTER_DEG = 90.0
MORE, LESS = 1.25, 0.8
"""How much larger "bigger" is, where nobody says how much."""
NOTCH = {"mass": 1.5, "friction": 2.0, "brightness": 1.5}
TELLING = ("on", "in", "under", "beside", "near", "left_of", "right_of", "behind", "in_front_of", "from", "between")
"""Relations of a clause that places nothing: they tell which things are meant."""


def rotate(draft: Draft, clause: Clause) -> None:
    """Things about the vertical, over, or to face something."""
    facing = [link for link in clause.links if link.relation in ("facing", "toward", "to") and link.to]
    if facing:
        return face(draft, replace(clause, links=tuple(facing)))
    said, way = clause.value("angle_deg"), clause.value("direction")
    angle = safe(said, -3600.0, 3600.0, "an angle [degrees]", clause.span) if said is not None else None
    for one in _things(draft, clause):
        if way == "upside_down":
            draft.do(Rotate(one.name, 180.0, "x"), f"{one.name} turns upside down", clause.span)
        elif way == "on_its_side":
            draft.do(Rotate(one.name, 90.0, "x"), f"{one.name} lies down on its side", clause.span)
        elif way == "upright":
            draft.do(Place(one.name), f"{one.name} stands up again", clause.span)
        else:
            # Seen from above, as maps are: to the left is counter-clockwise.
            turn = 180.0 if way == "around" and angle is None else QUARTER_DEG if angle is None else angle
            turn = -abs(turn) if way in ("right", "clockwise") else abs(turn) if way in ("left", "counterclockwise") else turn
            which = "clockwise" if turn < 0 else "counter-clockwise"
            draft.do(Rotate(one.name, turn), f"{one.name} turns by {abs(turn):g}° {which}, seen from above", clause.span)
    return None


def face(draft: Draft, clause: Clause) -> None:
    """Things turned where they stand, until their fronts point to another."""
    targets = [p for link in clause.links if link.relation in ("facing", "toward", "to", "at") for p in link.to]
    phrases = clause.things
    if not targets and len(phrases) > 1:
        phrases, targets = phrases[:1], list(phrases[1:])
    if not targets:
        raise WordsError("to face what?", reason="ambiguous", span=clause.span, question="What is it to face?", suggestions=_names(draft))
    found = _things(draft, replace(clause, things=phrases, links=()))
    other = draft.find(targets[0], ("thing", "camera"), but={one.name for one in found}).referents[0]
    if other.sort == "camera":
        camera = next(c for c in draft.scene.cameras if c.name == other.name)
        spot = camera.pose.position_m if camera.attach is None else None
    else:
        spot = None if other.position_m is None else np.asarray(other.position_m)
    for one in found:
        thing = draft.scene.thing(one.name)
        if thing.pose is None or spot is None or one.position_m is None:
            if other.sort == "camera":
                raise WordsError(f"{other.name!r} hangs on something that moves", reason="unsupported", span=clause.span)
            relations = (*(r for r in thing.relations if r.kind != "facing"), Relation(kind="facing", thing=other.name))
            draft.do(Place(one.name, relations), f"{one.name} faces {other.name}", clause.span)
            continue
        forward = -thing.pose.rotation[:2, 1]
        way = (spot[0] - float(thing.pose.position_m[0]), spot[1] - float(thing.pose.position_m[1]))
        if math.hypot(*way) < 1e-3:
            raise impossible(f"{one.name!r} is right under or over {other.name!r}", clause.span)
        angle = math.degrees(math.atan2(way[1], way[0]) - math.atan2(float(forward[1]), float(forward[0])))
        angle = round((angle + 180.0) % 360.0 - 180.0, 3)
        draft.do(Rotate(one.name, angle), f"{one.name} turns to face {other.name}", clause.span)
        if other.sort == "thing":
            after = draft.scene.thing(one.name)
            kept = tuple(r for r in after.relations if r.kind != "facing" and r.yaw_deg is None)
            draft.do(Relate(one.name, (*kept, Relation(kind="facing", thing=other.name))), "", clause.span)
    draft.speak(*(one.name for one in found), other.name)


def scale(draft: Draft, clause: Clause) -> None:
    """Things larger or smaller: by a factor, a notch, or to a size."""
    axes = {"height": (2,), "thickness": (2,), "length": (0,), "width": (0,), "depth": (1,)}
    dimension, way = clause.value("dimension"), clause.value("way")
    said = clause.value("factor")
    if dimension in ("mass", "friction", "brightness", "amount", "temperature", "opacity"):
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
    for one in _things(draft, clause):
        by: float | Vec3 = factor
        if dimension in axes:
            along = axes[str(dimension)]
            by = (factor if 0 in along else 1.0, factor if 1 in along else 1.0, factor if 2 in along else 1.0)
        what = f" {dimension}" if dimension in axes else " size"
        draft.do(Scale(one.name, by), f"{one.name} becomes {factor:g} times its{what}", clause.span)
    return None


def set_(draft: Draft, clause: Clause) -> None:
    """What was said of things: colour, material, mass, friction, size, state."""
    from lifeworld.scene.words.planning.staging import gravity, light

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
    found = _things(draft, clause)
    for one in found:
        values, told = _values(draft, clause, one)
        if not values:
            raise WordsError(
                f"what is {one.name!r} to be like?",
                reason="unsupported",
                span=clause.span,
                suggestions=(f"make the {one.words[0] if one.words else one.name} blue",),
                fix="Colour, material, mass, friction and size can be set.",
            )
        draft.do(Set(one.name, **values), f"{one.name} gets {listed(told)}", clause.span)  # type: ignore[arg-type]
    return None


def open_(draft: Draft, clause: Clause) -> None:
    amount = clause.value("amount")
    fraction = 1.0 if amount is None else safe(amount, 0.0, 1.0, "how far it is open", clause.span)
    how = "" if fraction == 1.0 else f" by {fraction * 100:g} %"
    _each_joint(draft, clause, lambda name, joint: Open(name, joint, fraction), f"open {{}}{how}")


def close(draft: Draft, clause: Clause) -> None:
    amount = clause.value("amount")
    if amount is not None and safe(amount, 0.0, 1.0, "how far it is closed", clause.span) < 1.0:
        left = 1.0 - float(amount)
        _each_joint(draft, clause, lambda name, joint: Open(name, joint, left), f"close {{}} to {left * 100:g} %", every=True)
        return
    _each_joint(draft, clause, lambda name, joint: Close(name, joint), "close {}", every=True)


def turn_on(draft: Draft, clause: Clause) -> None:
    _switch(draft, clause, on=True)


def turn_off(draft: Draft, clause: Clause) -> None:
    _switch(draft, clause, on=False)


def fill(draft: Draft, clause: Clause) -> None:
    """Things into a container; with amount 0, what is in it out of it."""
    said = clause.value("amount")
    amount = 1.0 if said is None else safe(said, 0.0, 1.0, "how full it is", clause.span)
    withs = [*clause.with_, *(p for link in clause.links if link.relation == "with" for p in link.to)]
    into = [p for link in clause.links if link.relation in ("in", "on", "to") for p in link.to]
    if into and not withs:  # "pour the marbles into the bowl", "load the plates into the dishwasher"
        return put(draft, replace(clause, verb="place"))
    found = _things(draft, clause, sorts=("thing", "part"), fits=lambda r: ("holds", "") in r.facts)
    for one in found:
        name = one.part_of or one.name
        container = one.name.split("/", 1)[1] if one.part_of is not None else None
        if ("holds", "") not in one.facts and amount == 0.0:
            for each in [r.name for r in draft.cast.referents if r.sort == "thing" and ("on", one.name) in r.facts]:
                draft.do(Remove(each), f"remove {each}", clause.span)
            continue
        if ("holds", "") not in one.facts:
            raise impossible(f"{one.spoken} has no inside to be filled", clause.span)
        if amount == 0.0:
            _empty(draft, clause, one)
            continue
        if not withs:
            raise WordsError(
                f"what is {one.name} to be filled with?",
                reason="ambiguous",
                span=clause.span,
                question=f"What is {one.name} to be filled with?",
                suggestions=("with apples", "with marbles"),
            )
        what = coming(draft, replace(withs[0], count=None, plural=False))
        told = f"fill {one.spoken} with {what.noun}" + ("" if amount == 1.0 else f", {amount * 100:g} %")
        draft.do(Fill(name, what.thing, amount, container), told, clause.span)
    return None


def attach(draft: Draft, clause: Clause) -> None:
    phrases = list(clause.things)
    others = [p for link in clause.links if link.relation not in ("from", "with") or len(phrases) == 1 for p in link.to] + list(
        clause.with_
    )
    if not others and len(phrases) > 1:
        others = [phrases.pop()]
    found = [r for p in phrases for r in draft.find(p).referents]
    if not others:
        if len(found) < 2:
            raise WordsError(
                "to what?", reason="ambiguous", span=clause.span, question="What is it to be attached to?", suggestions=_names(draft)
            )
        others_found, found = found[-1:], found[:-1]
    else:
        others_found = list(draft.find(others[0], but={r.name for r in found}).referents)
    for one in found:
        if _apart_m(draft, one, others_found[0]) > HELD_M:
            near = Relation(kind="beside", thing=others_found[0].name, distance_m=HELD_M / 4)
            draft.do(Place(one.name, (near,)), f"{one.name} goes right beside {others_found[0].name}", clause.span)
        draft.do(Attach(one.name, others_found[0].name), f"{one.name} is held fast to {others_found[0].name}", clause.span)
    draft.speak(*(one.name for one in found), others_found[0].name)


def detach(draft: Draft, clause: Clause) -> None:
    for one in _things(draft, replace(clause, links=())):
        if draft.scene.thing(one.name).attach is None:
            held = [t.name for t in draft.scene.things if t.attach is not None]
            raise impossible(f"{one.name!r} is not held fast to anything", clause.span, suggestions=held)
        draft.do(Detach(one.name), f"{one.name} is let go", clause.span)


def rename(draft: Draft, clause: Clause) -> None:
    wish = clause.value("name")
    found = draft.find(clause.things[0], ("thing", "camera", "light", "group", "embodiment")).referents if clause.things else ()
    if not found or wish is None:
        raise WordsError("what is to be called how?", reason="ambiguous", span=clause.span, question="Which name is it to have?")
    if len(found) > 1:
        raise ambiguous(clause.things[0], found, draft.cast, draft.text)
    name = "_".join("".join(c if c.isascii() and c.isalnum() else " " for c in str(wish)).split()).lower()
    if not name[:1].isalpha() or len(name) > 64:
        raise WordsError(
            f"{str(wish)!r} is no name",
            reason="impossible",
            span=clause.span,
            fix="A letter, then letters, digits or _, at most 64 in all.",
        )
    if name in set(draft.scene.names()) and name != found[0].name:
        raise impossible(f"there is a {name!r} already", clause.span, suggestions=(draft.free_name(name),))
    draft.do(Rename(found[0].name, name), f"{found[0].name} is called {name}", clause.span)
    draft.spoken = [tuple(name if n == found[0].name else n for n in names) for names in draft.spoken]
    draft.speak(name)


def group(draft: Draft, clause: Clause) -> None:
    found = _things(draft, clause)
    if len(found) < 2:
        raise impossible(f"a group takes two things or more, this is {listed([r.name for r in found])} alone", clause.span)
    wish = clause.value("name")
    name = draft.free_name(str(wish) if wish is not None else "group")
    draft.do(
        SetGroup(name, Group(name=name, members=tuple(r.name for r in found))), f"{listed([r.name for r in found])} are {name}", clause.span
    )


def _things(
    draft: Draft,
    clause: Clause,
    *,
    sorts: tuple[str, ...] = ("thing", "group"),
    fits: Callable[[Referent], bool] | None = None,
) -> list[Referent]:
    """The things a clause changes."""
    phrases = clause.things or (Phrase(noun="", span=clause.span, pronoun="it"),)
    links = tuple(k for k in clause.links if k.to and k.relation in TELLING)
    found: list[Referent] = []
    for phrase in phrases:
        told = replace(phrase, links=(*phrase.links, *links)) if phrase.noun else phrase
        for one in draft.find(told, sorts, fits=fits).referents:
            found += members(draft, one)
    names = tuple(dict.fromkeys(one.name for one in found))
    draft.speak(*names)
    return [one for name in names for one in found if one.name == name][: len(names)]


def _values(draft: Draft, clause: Clause, one: Referent) -> tuple[dict[str, object], list[str]]:
    """The values of a thing that were said, and how they are told."""
    from lifeworld.scene.words.lexicon import color_of, material_of

    thing = draft.scene.thing(one.name)
    values: dict[str, object] = {}
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
        values["color"] = named
        told.append(f"the colour {named.replace('_', ' ')}")
    if material is not None:
        stuff = material_of(str(material))
        if stuff is None:
            raise WordsError(
                f"{material!r} is no material that is known", reason="unknown_word", span=clause.span, suggestions=("wood", "glass")
            )
        values["material"] = stuff
        if color is None and thing.color is not None:
            values["color"] = None  # else the wood would stay as blue as the plastic was
        told.append(f"the material {stuff.replace('_', ' ')}")
    mass, friction = clause.value("mass_kg"), clause.value("friction")
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
    if mass is not None:
        values["mass_kg"] = safe(mass, 1e-6, MAX_MASS_KG, "a mass [kg]", clause.span)
        told.append(f"a mass of {float(values['mass_kg']):.4g} kg")  # type: ignore[arg-type]
    if friction is not None:
        values["friction"] = safe(friction, 0.0, 10.0, "a friction", clause.span)
        told.append(f"a friction of {float(values['friction']):.3g}")  # type: ignore[arg-type]
    size = _size(draft, clause, thing)
    if size is not None:
        values["size_m"] = size
        told.append("the size " + " × ".join(f"{s:.3g}" for s in size) + " m")
    return values, told


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


def _size(draft: Draft, clause: Clause, thing: Thing) -> Vec3 | None:
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
        found = draft.find(bare.things[0], ("thing",), fits=_switches).referents if bare.things else ()
        return _switch(draft, bare, on=any(("turned_off", "") in r.facts for r in found))
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


def _each_joint(draft: Draft, clause: Clause, edit: Callable[[str, str | None], Open | Close], told: str, *, every: bool = False) -> None:
    phrases = clause.things or (Phrase(noun="", span=clause.span, pronoun="it"),)
    links = tuple(k for k in clause.links if k.to)
    names: list[str] = []
    for phrase in phrases:
        whole = replace(phrase, links=(*phrase.links, *links)) if phrase.noun else phrase
        for one in draft.find(whole, OPENING, fits=_opens).referents:
            for name, joint in _joints(draft, clause, phrase, one, every=every):
                spoken = draft.cast.named(f"{name}/{joint}") if joint is not None else None
                draft.do(
                    edit(name, joint),
                    told.format(spoken.spoken if spoken is not None and len(_own_joints(draft, name)) > 1 else name),
                    clause.span,
                )
                names.append(one.name)
    draft.speak(*names, *(n.split("/")[0] for n in names if "/" in n))


def _joints(draft: Draft, clause: Clause, phrase: Phrase, one: Referent, *, every: bool) -> list[tuple[str, str | None]]:
    """The joints that open what is meant: of a part its own, of a whole its only one, its pair, or its main one."""
    if one.part_of is not None:
        own = _own_joints(draft, one.part_of)
        joint = one.name.split("/", 1)[1]
        if joint in own:
            return [(one.part_of, joint)]
        raise impossible(f"{one.spoken} has nothing that opens", clause.span, suggestions=[f"{one.part_of}/{j}" for j in own])
    joints = _own_joints(draft, one.name)
    if not joints:
        opening = [r.name for r in draft.cast.referents if r.sort == "thing" and _opens(r)]
        raise impossible(
            f"{_kind_said(draft, one.name)} has nothing that opens",
            clause.span,
            suggestions=opening,
            fix=f"What opens here: {listed(opening)}." if opening else None,
        )
    if every:
        return [(one.name, None)]
    stems = {ASIDE.sub("", j) for j in joints}
    if len(joints) > 1 and len(stems) == 1:
        return [(one.name, j) for j in joints]  # the two leaves of one door
    numbered = [j for j in joints if j[-1].isdigit()]
    if len(numbered) > 1 and not phrase.plural:
        parts = [r for r in draft.cast.referents if r.part_of == one.name and r.name.split("/", 1)[1] in numbered]
        raise ambiguous(phrase, parts, draft.cast, draft.text)
    return [(one.name, j) for j in (numbered if phrase.plural and numbered else joints[:1])]


def _own_joints(draft: Draft, name: str) -> list[str]:
    thing = draft.scene.thing(name)
    return [] if is_asset(thing) else [j.name for j in opening_joints(archetype.build(thing))]


def _opens(one: Referent) -> bool:
    return any(k in ("open", "closed") for k, _ in one.facts)


def _switches(one: Referent) -> bool:
    return any(k in ("turned_on", "turned_off") for k, _ in one.facts)


def _switch(draft: Draft, clause: Clause, *, on: bool) -> None:
    from lifeworld.scene.words.planning.staging import LIT

    found = _things(draft, clause, sorts=("thing", "light", "camera", "embodiment"), fits=_switches)
    for one in found:
        if one.sort == "light":
            lamp = next(light for light in draft.scene.lights if light.name == one.name)
            draft.do(
                SetLight(one.name, replace(lamp, intensity=LIT if on else 0.0)),
                f"the light {one.name} goes {'on' if on else 'off'}",
                clause.span,
            )
            continue
        if not _switches(one):
            able = [r.name for r in draft.cast.referents if r.sort == "thing" and _switches(r)]
            what = f"the {one.sort} {one.name!r}" if one.sort != "thing" else _kind_said(draft, one.name)
            raise impossible(
                f"{what} cannot be turned {'on' if on else 'off'}",
                clause.span,
                suggestions=able,
                fix=f"What can: {listed(able)}." if able else None,
            )
        draft.do(TurnOn(one.name) if on else TurnOff(one.name), f"{one.name} goes {'on' if on else 'off'}", clause.span)


def _empty(draft: Draft, clause: Clause, one: Referent) -> None:
    """What is in it goes beside it."""
    whole = one.part_of or one.name
    inside = [r for r in draft.cast.referents if ("in", one.name) in r.facts and r.sort == "thing"]
    if not inside:
        raise impossible(f"{one.spoken} is empty already", clause.span)
    base = carrier_of(draft, whole)
    relations = (*((replace(base, at_m=None),) if base is not None else ()), Relation(kind="beside", thing=whole))
    for each in inside:
        draft.do(Place(each.name, relations), f"{each.name} goes beside {whole}", clause.span)


def _apart_m(draft: Draft, one: Referent, other: Referent) -> float:
    """The gap [m] between the boxes around two things; 0 where it is not known."""
    room = Room(draft.scene, draft.assets)
    if one.name not in room.placed or other.name not in room.placed:
        return 0.0
    (low, high), (low_b, high_b) = room[one.name].bounds_m, room[other.name].bounds_m
    return float(np.linalg.norm(np.maximum(np.maximum(low_b - high, low - high_b), 0.0)))


def _kind_said(draft: Draft, name: str) -> str:
    kind = draft.scene.thing(name).kind.replace("_", " ")
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _friction(thing: Thing) -> float:
    from lifeworld.scene.material import MATERIALS

    if thing.friction is not None:
        return thing.friction
    what = None if is_asset(thing) else archetype.kind(thing.kind)
    if what is not None and what.friction is not None:
        return what.friction
    return MATERIALS[thing.material or (what.material if what is not None else "plastic")].friction


def _names(draft: Draft) -> list[str]:
    return [t.name for t in draft.scene.things][:6]


def _colors() -> tuple[str, ...]:
    from lifeworld.scene.material import COLORS

    return tuple(COLORS)
