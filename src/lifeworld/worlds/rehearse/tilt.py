"""Tilting: futures drawn so that what is rare comes often, and weighed so that nothing is made up by it.

Events come more (or less) often, and their strengths by laws that are moved. Some futures are drawn with the strengths as they are, some
by the natural laws altogether, and weights are over the mixture of all three, so that none can be large. Where to tilt to is learned
from pilot futures, by cross-entropy: the laws that the futures with the outcome would have been likeliest under.

Source: R. Y. Rubinstein and D. P. Kroese, The Cross-Entropy Method (2004); T. Hesterberg, Weighted average importance sampling and
defensive mixture distributions (1995).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.event import MAX_RATE_PER_MIN, Event, Who
from lifeworld.scene.events import kind
from lifeworld.scene.events.choose import could
from lifeworld.scene.magnitude import Magnitude
from lifeworld.scene.scene import Scene
from lifeworld.worlds.rehearse.future import Fate

Array = NDArray[np.float64]
PARTS = (0, 1, 1, 1, 2, 2, 2, 2, 2, 2)
"""Of ten futures one is drawn by the natural laws, three with events that come more often and are as strong as ever, six with all moved."""
LEAST_RATE, MOST_RATE = 0.2, 100.0
"""How much rarer and how much more often an event is made to come."""
MOST_EVENTS = 8.0
"""More than so many of one event in a future are not aimed at: they hide each other."""
PRIOR = 4.0
"""As if so many hits had been seen under the laws so far: a few say little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tilt:
    """Other laws than the natural ones: how many times as often events come, and how strong they are."""

    rates: Mapping[str, float] = field(default_factory=dict)
    strengths: Mapping[str, Magnitude] = field(default_factory=dict)

    def events(self, events: Sequence[Event]) -> tuple[Event, ...]:
        """The events as they come under it."""
        return tuple(self._event(event) for event in events)

    def _event(self, event: Event) -> Event:
        if event.rate_per_min is not None and event.name in self.rates:
            event = replace(event, rate_per_min=event.rate_per_min * self.rates[event.name])
        return replace(event, strength=self.strengths[event.name]) if event.name in self.strengths else event

    def of(self, number: int) -> Tilt:
        """What the future of this number is drawn from: of ten one from the natural laws, three from events that only come more often."""
        return (Tilt(), Tilt(rates=self.rates), self)[PARTS[number % len(PARTS)]]

    def log_ratio(self, fate: Fate, events: Mapping[str, Event]) -> float:
        """The logarithm of how much likelier a future, until its end, is under it than under the natural laws of `events`."""
        ratio = 0.0
        for name, times in self.rates.items():
            rate = events[name].rate_per_min
            if rate is not None:
                count, exposed_s = exposure(fate, events[name])
                ratio += count * math.log(times) - (times - 1.0) * rate * exposed_s / 60.0
        for one in fate.happened:
            if one.event in self.strengths and one.strength is not None:
                natural = strength_of(events[one.event])
                assert natural is not None
                ratio += _log(self.strengths[one.event].density(one.strength)) - _log(natural.density(one.strength))
        return ratio


def weights(fates: Sequence[Fate], tilt: Tilt, events: Sequence[Event]) -> Array:
    """How much each future (n,) counts: natural density over that of the mixture they were drawn from."""
    named = {event.name: event for event in events}
    drawn = np.bincount([PARTS[fate.number % len(PARTS)] for fate in fates], minlength=3) / max(len(fates), 1)
    mixture = np.zeros(len(fates))
    for share, part in zip(drawn.tolist(), (Tilt(), Tilt(rates=tilt.rates), tilt), strict=True):
        ratios = np.array([part.log_ratio(fate, named) for fate in fates])
        mixture += share * np.exp(np.minimum(ratios, 700.0))
    return np.asarray(1.0 / mixture)


def wide(events: Sequence[Event], ticks_s: float) -> Tilt:
    """A first tilt: twice as much of all, events at least as often as once in a future of so many seconds, and stronger."""
    rates, strengths = {}, {}
    for event in events:
        if event.rate_per_min is not None:
            natural = event.rate_per_min * ticks_s / 60.0
            rates[event.name] = _rate(max(2.0, 1.0 / natural), natural)
        law = strength_of(event)
        if law is not None and law.law != "fixed":
            strengths[event.name] = moved(law, _up(law))
    return Tilt(rates=rates, strengths=strengths)


def learned(fates: Sequence[Fate], hit: NDArray[np.bool_], w: Array, *, now: Tilt, events: Sequence[Event], seconds: float) -> Tilt:
    """The tilt under which the weighted hits would have been likeliest, drawn towards the one that they were found with.

    Without a hit: more of everything.
    """
    hits = [(fate, float(x)) for fate, x, yes in zip(fates, w, hit, strict=True) if yes]
    named = {event.name: event for event in events}
    if not hits:
        rates = {name: _rate(2.0 * times, (named[name].rate_per_min or 0.0) * seconds / 60.0) for name, times in now.rates.items()}
        strengths = {name: moved(law, _up(law)) for name, law in now.strengths.items()}
        return Tilt(rates=rates, strengths=strengths)
    unit = sum(x for _, x in hits) / len(hits)  # so that hits count as hits beside the prior
    scaled = [(fate, x / unit) for fate, x in hits]
    rates = {}
    for name, times in now.rates.items():
        rate = named[name].rate_per_min or 0.0
        came = sum(x * exposure(fate, named[name])[0] for fate, x in scaled) + PRIOR * times * rate * seconds / 60.0
        # Of the whole time, though hits end before: else events would come so often that one alone, and late, would weigh much.
        rates[name] = _rate(came / (rate * seconds / 60.0 * (sum(x for _, x in scaled) + PRIOR)), rate * seconds / 60.0)
    strengths = {}
    for name, law in now.strengths.items():
        seen = [(one.strength, x) for fate, x in scaled for one in fate.happened if one.event == name and one.strength is not None]
        strengths[name] = _fitted(law, seen)
    return Tilt(rates=rates, strengths=strengths)


def exposure(fate: Fate, event: Event) -> tuple[int, float]:
    """How often an event came in a future, and for how long [s] it could have."""
    times = [one.time_s for one in fate.happened if one.event == event.name]
    spent = event.times is not None and len(times) >= event.times
    return len(times), times[-1] if spent else fate.end_s


def strength_of(event: Event) -> Magnitude | None:
    """The law of an event's strength; None where nothing is drawn."""
    if event.kind is None:
        return None
    return event.strength or kind(event.kind).strength


def apart(events: Sequence[Event], scene: Scene) -> tuple[Event, ...]:
    """The same events, each that befalls any one of several by chance taken apart into one for each of them.

    A Poisson process whose events each go to one of k with like chance is k processes of a k-th of the rate: the same futures in law, but
    now it can be tilted whom it befalls. Left whole is what others wait for, what may come a limited number of times, and what hangs on
    where things stand then.
    """
    waited = {event.after for event in events}
    out: list[Event] = []
    for event in events:
        out += [event] if event.name in waited else _apart(event, scene)
    return tuple(out)


def _apart(event: Event, scene: Scene) -> list[Event]:
    if event.kind is None or event.rate_per_min is None or event.times is not None:
        return [event]
    what = kind(event.kind)
    who = event.who or what.who
    if what.befalls not in ("thing", "camera", "embodiment") or who.pick != "any" or who.on is not None:
        return [event]
    names = [one.name for one in could(what, who, scene, where=f"event {event.name!r}")]
    if len(names) < 2 or any(len(f"{event.name}_{name}") > 64 for name in names):
        return [event]
    rate = event.rate_per_min / len(names)
    return [replace(event, name=f"{event.name}_{name}", rate_per_min=rate, who=Who(names=(name,))) for name in names]


# -- laws that are moved ---------------------------------------------------------------------------------------------------------


def moved(law: Magnitude, to: float) -> Magnitude:
    """The same law with its middle (mean or median) at another place, over the same numbers.

    A uniform law becomes a normal one over the same span: itself cannot be moved.
    """
    if law.law == "fixed":
        return law
    if law.law == "uniform":
        return Magnitude(law="normal", a=_within(to, law), b=(law.b - law.a) / 2, low=law.span[0], high=law.span[1])
    return replace(law, a=_within(to, law))


def _within(to: float, law: Magnitude) -> float:
    """Not so far away that the bounds would leave nothing of the law."""
    low, high = law.span
    if law.law in ("lognormal", "exponential"):
        to = max(to, 1e-9)
        low = max(low, 1e-9)
    return min(max(to, low), high if math.isfinite(high) else to)


def _up(law: Magnitude) -> float:
    """A place to move a law to where it is stronger: by a deviation, or to twice as much."""
    if law.law == "lognormal":
        return law.a * math.exp(law.b)
    if law.law == "exponential":
        return 2.0 * law.a
    if law.law == "normal":
        return law.a + law.b
    return law.b if law.law == "uniform" else law.a


def _fitted(law: Magnitude, seen: Sequence[tuple[float, float]]) -> Magnitude:
    """The law moved to the weighted mean of some numbers, (number, weight) each, drawn towards where it is."""
    if law.law in ("fixed", "uniform") or not seen:
        return law
    total = sum(x for _, x in seen)
    if law.law == "lognormal":
        middle = sum(x * math.log(value) for value, x in seen) + PRIOR * math.log(law.a)
        return moved(law, math.exp(middle / (total + PRIOR)))
    return moved(law, (sum(x * value for value, x in seen) + PRIOR * law.a) / (total + PRIOR))


def _rate(times: float, natural: float) -> float:
    """A factor on a rate that brings `natural` events in a future, within reason."""
    most = max(MOST_EVENTS / natural, 1.0)
    return max(LEAST_RATE, min(times, MOST_RATE, most, MAX_RATE_PER_MIN))


def _log(density: float) -> float:
    return math.log(density) if density > 0.0 else -math.inf
