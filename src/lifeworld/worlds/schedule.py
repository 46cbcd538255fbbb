"""When events are due: a pure function of the seed, the events, what has happened and the time, whoever asks and however often."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from lifeworld.core.seed import generator
from lifeworld.scene.event import Event
from lifeworld.worlds.happened import Due, Happened


def schedule(events: Mapping[str, Event], *, seed: int, after_tick: int, happened: Sequence[Happened], tick_s: float) -> tuple[Due, ...]:
    """All that is known to be due after a tick, the earliest first: of what comes by chance the next arrival only."""
    due: list[Due] = []
    for event in events.values():
        if is_spent(event, happened):
            continue
        if event.at_s is not None:
            due.append(Due(tick_of(event.at_s, tick_s), event.name))
        elif event.rate_per_min is not None:
            due.append(next(one for one in arrivals(event, seed, tick_s) if one.tick > after_tick))
        elif event.after is not None:
            due += [following(event, one, tick_s) for one in happened if one.event == event.after]
    return tuple(sorted((one for one in due if one.tick > after_tick), key=lambda one: (one.tick, one.event, one.arrival)))


def arrivals(event: Event, seed: int, tick_s: float, since: Due | None = None) -> Iterator[Due]:
    """The arrivals of an event by chance, one after the other, from the first or after one of them.

    The gaps between them are exponential: a Poisson process of the event's rate.
    """
    assert event.rate_per_min is not None
    time_s, number = (0.0, 0) if since is None else (since.time_s, since.arrival)
    while True:
        number += 1
        time_s += float(generator(seed, "event", event.name, "gap", number).exponential(60.0 / event.rate_per_min))
        yield Due(tick_of(time_s, tick_s), event.name, time_s, number)


def following(event: Event, first: Happened, tick_s: float) -> Due:
    """When an event that comes after another is due; not in the same tick before that one."""
    return Due(first.tick + round(event.delay_s / tick_s), event.name)


def is_spent(event: Event, happened: Sequence[Happened]) -> bool:
    """Whether an event has happened as often as it may."""
    return event.times is not None and sum(one.event == event.name for one in happened) >= event.times


def tick_of(time_s: float, tick_s: float) -> int:
    """The first tick that does not begin before a time [s]."""
    return math.ceil(time_s / tick_s - 1e-9)
