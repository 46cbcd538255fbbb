"""Tilted futures, weighed, say what natural ones say; checked where everything can be worked out."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import FALLS, bumps, moment

from lifeworld.core.seed import generator
from lifeworld.scene.deed import Push
from lifeworld.scene.event import Event
from lifeworld.scene.magnitude import Magnitude
from lifeworld.worlds.rehearse import rehearse
from lifeworld.worlds.rehearse.future import Fate, Occurrence
from lifeworld.worlds.rehearse.share import share
from lifeworld.worlds.rehearse.tilt import PARTS, Tilt, apart, exposure, learned, moved, weights, wide

SECONDS = 10.0
BUMP = Event(name="bump", kind="bump", rate_per_min=1.2, strength=Magnitude(law="lognormal", a=0.5, b=0.5))
LAWS = (
    Magnitude(law="lognormal", a=0.5, b=0.5, high=4.0),
    Magnitude(law="exponential", a=0.3),
    Magnitude(law="normal", a=1.0, b=0.4, low=0.0),
    Magnitude(law="uniform", a=0.2, b=0.8),
)


def drawn(tilt: Tilt, count: int, event: Event = BUMP, *, stops_above: float = math.inf) -> list[Fate]:
    """Futures of one event under a tilt, which end at the first whose strength is above something."""
    fates = []
    for number in range(count):
        rng = generator(5, "drawn", number)
        (own,) = tilt.of(number).events((event,))
        assert own.rate_per_min is not None
        assert own.strength is not None
        time_s, happened = 0.0, []
        while True:
            time_s += float(rng.exponential(60.0 / own.rate_per_min))
            if time_s > SECONDS or (event.most is not None and len(happened) >= event.most):
                break
            happened.append(Occurrence(event="bump", time_s=time_s, strength=own.strength.draw(rng)))
            if (happened[-1].strength or 0.0) > stops_above:
                break
        hit = bool(happened) and (happened[-1].strength or 0.0) > stops_above
        end_s = happened[-1].time_s if hit else SECONDS
        fates.append(Fate(number=number, seed=number, numbers={}, came=(hit,), time_s=(None,), end_s=end_s, happened=tuple(happened)))
    return fates


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.law)
@pytest.mark.parametrize("most", [None, 2])
def test_weighed_they_say_what_natural_ones_would(law: Magnitude, most: int | None) -> None:
    """The chance of at least one strong event in ten seconds: 1 − exp(−λ T P(strong)), whether futures stop at it or not."""
    event = replace(BUMP, strength=law, most=most)
    tilt = Tilt(rates={"bump": 8.0}, strengths={"bump": moved(law, law.median * 1.8)})
    strong = float(np.quantile([law.draw(generator(1, "law", i)) for i in range(4_000)], 0.9))
    exceeds = np.mean([law.draw(generator(2, "law", i)) > strong for i in range(20_000)])
    mean = 1.2 * SECONDS / 60
    truth = 1 - math.exp(-mean * exceeds)
    if most == 2:
        truth = math.exp(-mean) * mean * exceeds + (1 - math.exp(-mean) * (1 + mean)) * (1 - (1 - exceeds) ** 2)
    for stops in (math.inf, strong):
        fates = drawn(tilt, 2_500, event, stops_above=stops)
        hit = [any((o.strength or 0.0) > strong for o in f.happened) for f in fates]
        w = weights(fates, tilt, (event,))
        found = share(hit, w, confidence=0.999)
        assert w.mean() == pytest.approx(1.0, abs=0.1)
        assert found.low <= truth <= found.high
        assert w.max() <= len(PARTS)  # one in ten is natural
        assert np.mean(hit) > 2 * truth


def test_a_tilt_that_is_none_weighs_nothing() -> None:
    assert weights(drawn(Tilt(), 200), Tilt(), (BUMP,)).tolist() == pytest.approx([1.0] * 200)


@settings(max_examples=40)
@given(st.sampled_from(LAWS), st.floats(0.01, 10.0))
def test_a_moved_law_is_of_the_same_numbers(law: Magnitude, to: float) -> None:
    other = moved(law, to)
    assert other.span == pytest.approx(law.span)
    for i in range(20):
        x = law.draw(generator(0, "moved", i))
        assert other.density(x) > 0.0


def test_pilots_learn_where_it_comes_from() -> None:
    """Strong events alone matter: they are made stronger, and come about as often as hits have them."""
    events = (BUMP, replace(BUMP, name="breeze", rate_per_min=6.0))
    now = wide(events, SECONDS)
    assert now.rates["bump"] == pytest.approx(5.0)
    fates = drawn(now, 2_000)
    hit = np.array([any((o.strength or 0.0) > 2.0 for o in f.happened) for f in fates])
    then = learned(fates, hit, weights(fates, now, events), now=now, events=events, seconds=SECONDS)
    assert then.strengths["bump"].a > 1.2
    assert 1.0 <= then.rates["bump"] * 1.2 * SECONDS / 60 <= 2.0
    assert then.rates["breeze"] < 0.3  # none was there when it came
    more = learned(fates, np.zeros(2_000, bool), np.ones(2_000), now=now, events=events, seconds=SECONDS)
    assert more.rates["bump"] == 2 * now.rates["bump"]
    assert more.strengths["bump"].a > now.strengths["bump"].a


def test_an_event_is_exposed_until_it_is_spent() -> None:
    fate = Fate(number=0, seed=0, numbers={}, came=(False,), end_s=9.0, happened=(Occurrence(event="bump", time_s=4.0),))
    assert exposure(fate, BUMP) == (1, 9.0)
    assert exposure(fate, replace(BUMP, most=1)) == (1, 4.0)


def test_events_are_taken_apart_by_whom_they_befall() -> None:
    parts = apart(bumps(6.0), moment().scene)
    assert {e.name: e.who.names for e in parts if e.who is not None} == {"bump_can": ("can",), "bump_block": ("block",)}
    assert sum(e.rate_per_min or 0.0 for e in parts) == pytest.approx(6.0)
    follows = Event(name="then", after="bump", deeds=(Push(thing="can", impulse_n_s=(0.1, 0, 0)),))
    limited = replace(bumps()[0], name="few", most=3)
    assert apart((*bumps(), follows, limited), moment().scene) == (*bumps(), follows, limited)


@pytest.mark.slow
def test_a_rare_outcome_is_found() -> None:
    """A bump a minute that hardly ever throws the can off in two seconds: natural futures find nothing."""
    natural = rehearse(moment(), outcomes=[FALLS], events=bumps(1.0, 0.5), futures=100, seconds=2.0, workers=1)
    tilted = rehearse(moment(), outcomes=[FALLS], events=bumps(1.0, 0.5), futures=150, seconds=2.0, workers=1, rare=True)
    assert natural.answers[0].share.hits == 0
    found = tilted.answers[0].share
    assert found.hits > 5
    assert 0.0 < found.value < 0.01
    assert found.effective > 10 * len(tilted.fates)
    assert tilted.pilots == 45
    assert len(tilted.fates) == 105
    assert tilted.answers[0].factors
