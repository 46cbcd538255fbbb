"""Events, deeds and conditions in plain words."""

from __future__ import annotations

import math

from lifeworld.scene.condition import Condition
from lifeworld.scene.deed import Blind, Deed, Fault, Latch, Pull, Push, Release, Shake, Turn, Walk, Wind
from lifeworld.scene.event import Event, Who
from lifeworld.scene.goal import Goal
from lifeworld.scene.magnitude import Magnitude
from lifeworld.scene.shape import Vec3

_BLIND = {"dropout": "black out", "noise": "fill with noise", "freeze": "freeze", "blur": "blur"}


def event_words(event: Event) -> str:
    """One line: `at 2 s, push 'ball' by (0.1, 0, 0) N·s`; `about twice a minute, bump any one on 'table'`."""
    return f"{_trigger(event)}, {_what(event)}" + (f", expecting that {wanted_words(event.expects)}" if event.expects is not None else "")


def happens_words(event: Event) -> str:
    """What is made to happen, its time counted from now: `Push 'ball' at (1, 0, 0) m/s, now`; `In 2 s, bump ('ball')`."""
    if event.at_s is not None and event.at_s <= 0.0:
        said = f"{_what(event)}, now"
    elif event.at_s is not None:
        said = f"in {event.at_s:.3g} s, {_what(event)}"
    else:
        said = f"{_trigger(event)}, {_what(event)}"
    return said[0].upper() + said[1:]


def wanted_words(wanted: Goal | Condition) -> str:
    """`'drawer' of 'chest' is open`, `'mug' is on 'table'`."""
    what = f"{wanted.joint!r} of {wanted.thing!r}" if wanted.joint is not None else repr(wanted.thing)
    return f"{what} is {wanted.predicate.replace('_', ' ')}" + (f" {wanted.to!r}" if wanted.to is not None else "")


def deed_words(deed: Deed) -> str:
    """`push 'ball' by (0.1, 0, 0) N·s`."""
    return _deed(deed) + (f" after {deed.delay_s:.3g} s" if deed.delay_s else "")


def magnitude_words(magnitude: Magnitude) -> str:
    """`0.3`, `0.1 to 0.6`, `about 0.3`."""
    match magnitude.law:
        case "fixed":
            return f"{magnitude.a:.3g}"
        case "uniform":
            return f"{magnitude.a:.3g} to {magnitude.b:.3g}"
    return f"about {magnitude.median:.3g}"


def _trigger(event: Event) -> str:
    if event.at_s is not None:
        return f"at {event.at_s:.3g} s"
    times = {None: "", 1: "", 2: ", twice at most"}.get(event.most, f", {event.most} times at most")
    if event.when is not None:
        return f"once {wanted_words(event.when)}{times}"
    if event.after is not None:
        return (f"{event.delay_s:.3g} s after {event.after!r}" if event.delay_s else f"after {event.after!r}") + times
    return f"about {event.rate_per_min:.3g} times a minute" + (", once at most" if event.most == 1 else times)


def _what(event: Event) -> str:
    if event.kind is not None:
        who = "" if event.who is None else f" ({_who(event.who)})"
        strength = "" if event.strength is None else f", strength {magnitude_words(event.strength)}"
        way = "" if event.direction is None else f", towards {_vector(event.direction)}"
        of = "" if event.of is None else f" of {event.of.replace('_', ' ')}"
        return f"{event.kind.replace('_', ' ')}{of}{who}{strength}{way}"
    from lifeworld.scene.edit.describe import describe  # which speaks of events itself

    edits = describe(event.edits) if event.edits else ""
    return "; then ".join([*([edits[0].lower() + edits[1:]] if edits else []), *map(deed_words, event.deeds)])


def _who(who: Who) -> str:
    said = [" or ".join(map(repr, who.names))] if who.names else []
    said += [word.replace("_", " ") for word in (who.category, who.kind) if word is not None]
    said += [f"what one can {who.affordance.replace('_', ' ')}"] if who.affordance is not None else []
    said += [f"on {who.on!r}"] if who.on is not None else []
    said += ["free to move" if who.free else "not free to move"] if who.free is not None else []
    if len(who.names) == 1 and len(said) == 1:
        return said[0]
    pick = {"any": "any one", "all": "all"}.get(who.pick, f"the {who.pick}")
    return f"{pick}: {', '.join(said)}" if said else pick


def _deed(deed: Deed) -> str:
    match deed:
        case Push(thing=thing):
            by = (
                f"by {_vector(deed.impulse_n_s)} N·s"
                if deed.impulse_n_s is not None
                else f"at {_vector(deed.velocity_m_s or (0, 0, 0))} m/s"
            )
            spin = f", spinning it by {_vector(deed.spin_n_m_s)} N·m·s" if any(deed.spin_n_m_s) else ""
            return f"push {thing!r} {by}{spin}"
        case Turn(thing=thing, joint=joint):
            by = f"by {deed.impulse:.3g}" if deed.impulse is not None else f"at {deed.speed:.3g} a second"
            return f"turn {joint!r} of {thing!r} {by}"
        case Wind(velocity_m_s=velocity, things=things):
            return f"wind of {math.hypot(*velocity):.3g} m/s towards {_vector(velocity)}{_on(things)} for {deed.duration_s:.3g} s"
        case Shake(acceleration_m_s2=shaken, things=things):
            return f"shake by {math.hypot(*shaken):.3g} m/s² at {deed.frequency_hz:.3g} Hz{_on(things)} for {deed.duration_s:.3g} s"
        case Pull(thing=thing, velocity_m_s=velocity):
            return f"pull {thing!r} at {_vector(velocity)} m/s with at most {deed.most_n:.3g} N for {deed.duration_s:.3g} s"
        case Latch(thing=thing, joint=joint, held=held):
            how = "let go of" if not held else "hold" if deed.most is None else "stiffen"
            against = f" by {deed.most:.3g}" if deed.most is not None else ""
            return f"{how} {joint!r} of {thing!r}{against}{_for(deed.duration_s)}"
        case Release(thing=thing):
            return f"release {thing!r}"
        case Fault(embodiment=body, label=label):
            what = f"{label!r} of {body!r}" if label is not None else repr(body)
            bias = f" {deed.bias:+.3g}" if deed.bias else ""
            return (f"freeze {what}" if deed.frozen else f"make {what} {deed.gain * 100:.3g} %{bias}") + _for(deed.duration_s)
        case Blind(camera=camera, how=how):
            return f"{_BLIND[how]} {camera!r} by {deed.amount * 100:.3g} %{_for(deed.duration_s)}"
        case Walk(thing=thing, path=path):
            return f"let {thing!r} go to ({path[-1][1]:.3g}, {path[-1][2]:.3g}) m in {path[-1][0]:.3g} s"


def _on(things: tuple[str, ...] | None) -> str:
    return "" if things is None else f" on {', '.join(map(repr, things))}"


def _for(duration_s: float | None) -> str:
    return "" if duration_s is None else f" for {duration_s:.3g} s"


def _vector(v: Vec3) -> str:
    return f"({v[0]:.3g}, {v[1]:.3g}, {v[2]:.3g})"
