"""Whom events can befall: what a thing, a camera or a body must be for something physical to come of it, and why not where it is not."""

from __future__ import annotations

from lifeworld.scene import archetype
from lifeworld.scene.assembly import Joint
from lifeworld.scene.body import body_of
from lifeworld.scene.check import is_asset
from lifeworld.scene.events.kind import Body, Refusal
from lifeworld.scene.mass import mass_of
from lifeworld.scene.opening import opening_joints
from lifeworld.scene.possible import is_fixed, stands
from lifeworld.scene.scene import Embodiment, Scene, Thing
from lifeworld.scene.stance import upright

MOST_KG = 60.0
"""What one person moves by bumping into it; what is heavier stays where it is."""
SQUAT = 0.75
"""What is wider at its foot than this share of its height slides before it tips, with the friction that most things have."""


def loose(scene: Scene, one: Body) -> Refusal | None:
    """A thing that is free to move."""
    assert isinstance(one, Thing)
    if is_fixed(one):
        return "fixed", f"{one.name!r} is fixed"
    return ("not_held", f"{one.name!r} is held fast") if one.attach is not None else None


def light(scene: Scene, one: Body) -> Refusal | None:
    """A free thing that a person moves."""
    refused = loose(scene, one)
    assert isinstance(one, Thing)
    if refused is None and (mass_of(one) or 0.0) > MOST_KG:
        return "fixed", f"{one.name!r} weighs {mass_of(one):.3g} kg: no person moves it by the way"
    return refused


def rigid(scene: Scene, one: Body) -> Refusal | None:
    """A free thing that is not soft, and that a person moves."""
    refused = light(scene, one)
    assert isinstance(one, Thing)
    if refused is None and not is_asset(one) and archetype.build(one).soft is not None:
        return "soft", f"{one.name!r} is soft"
    return refused


def hard(scene: Scene, one: Body) -> Refusal | None:
    """A thing that is not soft, free or fixed."""
    assert isinstance(one, Thing)
    return ("soft", f"{one.name!r} is soft") if not is_asset(one) and archetype.build(one).soft is not None else None


def standing(scene: Scene, one: Body) -> Refusal | None:
    """A rigid thing that stands so that a push tips it over: narrow for its height, and no ball."""
    refused = rigid(scene, one)
    assert isinstance(one, Thing)
    if refused is not None or is_asset(one):
        return refused
    body = body_of(one, {})
    feet = upright(body).contact_m
    narrow = float((feet.max(axis=0) - feet.min(axis=0)).min())
    if not stands(one, body) or narrow > SQUAT * float(body.size_m[2]):
        return "nobody", f"{one.name!r} is round, or lies flat, or is squat: pushed, it slides and does not tip over"
    return None


def laden(scene: Scene, one: Body) -> Refusal | None:
    """A thing that free things were put on."""
    carries = any(r.kind == "on" and r.thing == one.name for t in scene.things if not is_fixed(t) for r in t.relations)
    return None if carries else ("nobody", f"nothing that is free stands on {one.name!r}")


def opens(scene: Scene, one: Body) -> Refusal | None:
    """A thing with a door, a drawer or a lid."""
    return None if joints_that_open(one) else ("no_joint", f"{one.name!r} has no door, drawer or lid")


def jointed(scene: Scene, one: Body) -> Refusal | None:
    """A thing with any joint that has a range."""
    assert isinstance(one, Thing)
    known = () if is_asset(one) else tuple(j for j in archetype.build(one).joints if j.range is not None)
    return None if known else ("no_joint", f"{one.name!r} has no joints")


def drawered(scene: Scene, one: Body) -> Refusal | None:
    """A thing with a drawer."""
    slides = [j for j in joints_that_open(one) if j.kind == "slide"]
    return None if slides else ("no_joint", f"{one.name!r} has no drawer")


def hinged(scene: Scene, one: Body) -> Refusal | None:
    """A thing with a door or a lid on hinges."""
    return None if [j for j in joints_that_open(one) if j.kind == "hinge"] else ("no_joint", f"{one.name!r} has no door and no lid")


def joints_that_open(one: Body) -> tuple[Joint, ...]:
    """The joints of a thing's doors, drawers and lids; of an imported thing none are known here."""
    return () if not isinstance(one, Thing) or is_asset(one) else opening_joints(archetype.build(one))


def holding(scene: Scene, one: Body) -> Refusal | None:
    """A free vessel that is open above."""
    refused = rigid(scene, one)
    assert isinstance(one, Thing)
    if refused is not None:
        return refused
    vessels = () if is_asset(one) else tuple(c for c in archetype.build(one).containers if c.opening == "top" and not _moves(one, c.part))
    return None if vessels else ("holds_nothing", f"{one.name!r} holds nothing that could be spilt")


def _moves(thing: Thing, part: str | None) -> bool:
    """Whether a part hangs on a joint, as a drawer does."""
    parts = {p.name: p for p in archetype.build(thing).parts}
    while part is not None and part in parts:
        if parts[part].joint is not None:
            return True
        part = parts[part].parent
    return False


def soft_sheet(scene: Scene, one: Body) -> Refusal | None:
    """A cloth."""
    assert isinstance(one, Thing)
    soft = None if is_asset(one) else archetype.build(one).soft
    return None if soft is not None and soft.kind == "cloth" else ("soft", f"{one.name!r} is no cloth")


def pulled_away(scene: Scene, one: Body) -> Refusal | None:
    """A cloth, or something flat and light that other things stand on."""
    if soft_sheet(scene, one) is None:
        return None
    assert isinstance(one, Thing)
    refused = rigid(scene, one)
    if refused is not None:
        return refused
    x, y, z = one.size_m or ((0, 0, 1) if is_asset(one) else archetype.kind(one.kind).size_m)
    carries = any(one.name == r.thing and r.kind == "on" for t in scene.things for r in t.relations)
    return None if carries and z < 0.3 * min(x, y) else ("nobody", f"{one.name!r} is no cloth, and nothing flat that things stand on")


def attached(scene: Scene, one: Body) -> Refusal | None:
    """A thing that is held fast to another."""
    assert isinstance(one, Thing)
    return None if one.attach is not None else ("not_held", f"{one.name!r} is not attached to anything")


def lamp(scene: Scene, one: Body) -> Refusal | None:
    """A thing that gives light when it is turned on."""
    assert isinstance(one, Thing)
    return None if not is_asset(one) and archetype.build(one).lamps else ("no_light", f"{one.name!r} gives no light")


def lit(scene: Scene) -> Refusal | None:
    """A scene in which something shines that hangs on the mains."""
    shines = any(t.turned_on and lamp(scene, t) is None for t in scene.things)
    shines = shines or any(x.kind != "sun" and x.intensity > 0 for x in scene.lights)
    return None if shines else ("no_light", "no lamp is on; daylight does not fail")


def sunny(scene: Scene) -> Refusal | None:
    """A scene with daylight."""
    bright = any(x.kind == "sun" and x.intensity > 0 for x in scene.lights)
    return None if bright else ("no_light", "there is no sun in this scene")


def moved_by(scene: Scene) -> Refusal | None:
    """A scene with anything in it that is free."""
    return None if any(loose(scene, t) is None for t in scene.things) else ("fixed", "nothing in this scene is free to move")


def driven(scene: Scene, one: Body) -> Refusal | None:
    """A body with motors; a free camera has none."""
    assert isinstance(one, Embodiment)
    return None if one.kind != "free_camera" else ("nobody", f"{one.name!r} has no motors")


def gripping(scene: Scene, one: Body) -> Refusal | None:
    """A body with a grip."""
    assert isinstance(one, Embodiment)
    return None if one.kind == "hand" else ("no_grip", f"{one.name!r} has no grip")


def grounded(scene: Scene) -> Refusal | None:
    """A scene with a ground to come in on."""
    return None if scene.ground is not None else ("no_room", "there is no ground to come in on")
