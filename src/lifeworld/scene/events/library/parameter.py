"""What things are like changes: heavier, lighter, slippery, sticky. The ledger says what energy that brings or takes."""

from __future__ import annotations

from lifeworld.scene.edit.values import Set
from lifeworld.scene.events.draw import Draw, friction_of
from lifeworld.scene.events.kind import Done, event_kind
from lifeworld.scene.events.takes import rigid
from lifeworld.scene.magnitude import Magnitude


@event_kind(
    "weight_change",
    befalls="thing",
    takes=rigid,
    strength=Magnitude(law="lognormal", a=1.0, b=0.7, low=0.3, high=4.0),
    unit="times its mass",
    means="what it weighs from then on",
    by=("set",),
    rate_per_min=2.0,
    synonyms=("heavier", "lighter", "fills_up", "empties"),
)
def weight_change(draw: Draw) -> Done:
    """A thing weighs more or less from now on, as if it had been filled or emptied."""
    yield Set(draw.thing.name, mass_kg=round(draw.mass_kg(draw.thing) * draw.strength, 9))


@event_kind(
    "friction_loss",
    befalls="thing",
    takes=rigid,
    strength=Magnitude(law="uniform", a=0.08, b=0.4),
    unit="times its friction",
    means="what is left of it",
    by=("set",),
    safety="caution",
    rate_per_min=2.0,
    synonyms=("gets_wet", "slippery", "wet", "oil"),
)
def friction_loss(draw: Draw) -> Done:
    """A thing gets wet: it slides more easily from now on."""
    yield Set(draw.thing.name, friction=round(friction_of(draw.thing) * draw.strength, 6))


@event_kind(
    "gets_sticky",
    befalls="thing",
    takes=rigid,
    strength=Magnitude(law="uniform", a=1.5, b=3.0),
    unit="times its friction",
    means="what it has from then on",
    by=("set",),
    rate_per_min=2.0,
    synonyms=("sticky", "sticks"),
)
def gets_sticky(draw: Draw) -> Done:
    """Something sticky is spilt on a thing: it slides less easily from now on."""
    yield Set(draw.thing.name, friction=round(min(friction_of(draw.thing) * draw.strength, 4.0), 6))


@event_kind(
    "turns_bouncy",
    befalls="thing",
    takes=rigid,
    strength=Magnitude(law="uniform", a=0.5, b=0.85),
    unit="of its speed",
    means="how much of it a bounce keeps",
    by=("set",),
    rate_per_min=2.0,
    synonyms=("bouncy",),
)
def turns_bouncy(draw: Draw) -> Done:
    """A thing bounces from now on, as if it were rubber."""
    yield Set(draw.thing.name, restitution=round(draw.strength, 6))
