"""Probabilities of futures: intervals, weights, curves and factors against what can be worked out by hand."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import LimitError, ShapeError
from lifeworld.core.interval import wilson
from lifeworld.core.seed import generator
from lifeworld.worlds.rehearse.curve import curve
from lifeworld.worlds.rehearse.factor import factors, somers
from lifeworld.worlds.rehearse.instructive import instructive, logistic
from lifeworld.worlds.rehearse.share import Share, difference, effective, share

Z = NormalDist().inv_cdf(0.975)
counts = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


# -- shares ------------------------------------------------------------------------------------------------------------------


@given(counts)
def test_wilsons_interval_holds_exactly_what_a_test_would_not_reject(pair: tuple[int, int]) -> None:
    """At its ends the hits are z deviations from what is expected there: (p̂ − p)² = z² p (1 − p) / n."""
    hits, n = pair
    low, high = wilson(hits, n)
    assert 0.0 <= low <= hits / n <= high <= 1.0
    for p in (low, high):
        if 0.0 < p < 1.0:
            assert (hits / n - p) ** 2 == pytest.approx(Z * Z * p * (1 - p) / n, rel=1e-9, abs=1e-12)
    assert wilson(n - hits, n) == pytest.approx((1 - high, 1 - low), abs=1e-12)


def test_wilsons_interval_is_the_one_in_the_tables() -> None:
    assert wilson(10, 100) == pytest.approx((0.0552291, 0.1743657), abs=5e-7)
    assert wilson(0, 10) == pytest.approx((0.0, Z**2 / (10 + Z**2)), abs=1e-12)


@given(counts)
def test_equal_weights_are_no_weights(pair: tuple[int, int]) -> None:
    hits, n = pair
    hit = np.arange(n) < hits
    plain, weighted = share(hit), share(hit, np.full(n, 0.37))
    assert (plain.value, plain.effective) == pytest.approx((hits / n, n))
    assert (plain.low, plain.high) == pytest.approx(wilson(hits, n), abs=1e-9)
    assert (weighted.value, weighted.low, weighted.high, weighted.effective) == pytest.approx(
        (plain.value, plain.low, plain.high, plain.effective), abs=1e-9
    )


@given(st.lists(st.tuples(st.booleans(), st.floats(0.01, 100.0)), min_size=1, max_size=60), st.integers(2, 4))
def test_a_weight_is_how_often_a_future_counts(futures: list[tuple[bool, float]], times: int) -> None:
    hit, w = np.array([h for h, _ in futures]), np.array([x for _, x in futures])
    one = share(hit, w)
    assert one.value == pytest.approx(w[hit].sum() / w.sum())
    assert one.low - 1e-12 <= one.value <= one.high + 1e-12
    assert 1.0 - 1e-9 <= effective(w) <= len(w) + 1e-9
    assert effective(np.repeat(w, times)) == pytest.approx(times * effective(w))
    assert share(np.repeat(hit, times), np.repeat(w, times)).width <= one.width + 1e-12


def test_tilted_draws_cover_the_tail_they_were_tilted_to() -> None:
    """P(X > 6.9) of an exponential of mean 1 is 1.0e-3: from 600 draws of mean 4, a tenth of them of mean 1, in 95 of 100 cases."""
    truth, inside, widths = math.exp(-6.9), 0, []
    for seed in range(400):
        rng = generator(seed, "tail")
        plain = rng.random(600) < 0.1
        x = rng.exponential(np.where(plain, 1.0, 4.0))
        w = np.exp(-x) / (0.1 * np.exp(-x) + 0.9 * np.exp(-x / 4) / 4)
        one = share(x > 6.9, w)
        inside += one.low <= truth <= one.high
        widths.append(one.width)
    assert 0.92 <= inside / 400 <= 0.98
    low, high = wilson(6, 6_000)
    assert np.mean(widths) < high - low  # what ten times as many plain draws would give


def test_no_hit_leaves_room_for_some() -> None:
    one = share(np.zeros(50, bool), np.geomspace(1, 10, 50))
    assert (one.value, one.low) == (0.0, 0.0)
    assert one.high > wilson(0, 50)[1]


@given(counts, counts)
def test_a_difference_lies_between_what_both_may_be(a: tuple[int, int], b: tuple[int, int]) -> None:
    one, two = (share(np.arange(n) < hits) for hits, n in (a, b))
    low, high = difference(one, two)
    assert low <= one.value - two.value <= high
    assert one.low - two.high - 1e-12 <= low
    assert high <= one.high - two.low + 1e-12


def test_newcombes_example() -> None:
    """56 of 70 against 48 of 80: 0.0524 to 0.3339 in his table II, method 10."""
    a, b = share(np.arange(70) < 56), share(np.arange(80) < 48)
    assert difference(a, b) == pytest.approx((0.0524, 0.3339), abs=5e-5)


# -- when --------------------------------------------------------------------------------------------------------------------


def test_the_product_limit_curve_of_a_textbook() -> None:
    """Remission times of 21 children on 6-MP (Freireich 1963): 0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448 survive."""
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    came = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    one = curve(weeks, came)
    assert one.times_s.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert (1 - one.share).round(3).tolist() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert one.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    greenwood = np.cumsum([3 / (21 * 18), 1 / (17 * 16), 1 / (15 * 14), 1 / (12 * 11), 1 / (11 * 10), 1 / (7 * 6), 1 / (6 * 5)])
    reach = Z * np.sqrt(greenwood) / -np.log(1 - one.share)
    assert 1 - one.high == pytest.approx((1 - one.share) ** np.exp(reach), abs=1e-9)
    assert 1 - one.low == pytest.approx((1 - one.share) ** np.exp(-reach), abs=1e-9)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 20), st.floats(0.1, 10.0)), min_size=2, max_size=80))
def test_uncut_the_curve_is_the_share_that_has_had_it(futures: list[tuple[int, float]]) -> None:
    times, w = np.array([t for t, _ in futures], float), np.array([x for _, x in futures])
    happened = times < 15.0
    one = curve(np.minimum(times, 15.0), happened, w)
    for t in range(16):
        had = share(happened & (times <= t), w)
        assert one.at(t)[0] == pytest.approx(had.value, abs=1e-9)
    assert np.all(one.low <= one.share + 1e-12)
    assert np.all(one.share <= one.high + 1e-12)


def test_the_curve_covers_an_exponential_that_was_cut_at_random() -> None:
    inside = []
    for seed in range(300):
        rng = generator(seed, "cut")
        tilted = rng.random(200) < 0.5
        happens = rng.exponential(np.where(tilted, 2.0, 5.0))
        weights = (np.exp(-happens / 5) / 5) / (0.5 * np.exp(-happens / 5) / 5 + 0.5 * np.exp(-happens / 2) / 2)
        cut = rng.exponential(8.0, 200)
        low, high = curve(np.minimum(happens, cut), happens <= cut, weights).at([1.0, 3.0, 6.0])[1:]
        inside.append((low <= (truth := 1 - np.exp(-np.array([1.0, 3.0, 6.0]) / 5))) & (truth <= high))
    assert np.all(np.abs(np.mean(inside, axis=0) - 0.95) < 0.04)


# -- why ---------------------------------------------------------------------------------------------------------------------


def test_the_effect_of_two_normal_laws_is_known() -> None:
    """Hits one deviation higher than misses: D = 2 Φ(1/√2) − 1."""
    rng = generator(0, "effect")
    hit = rng.random(20_000) < 0.3
    effect, deviation = somers(rng.normal(np.where(hit, 1.0, 0.0)), hit)
    assert effect == pytest.approx(2 * NormalDist().cdf(math.sqrt(0.5)) - 1, abs=4 * deviation)
    assert deviation < 0.01


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans(), st.integers(1, 3)), min_size=4, max_size=40))
def test_the_effect_is_a_count_of_pairs(futures: list[tuple[int, bool, int]]) -> None:
    x, hit, w = (np.array(column) for column in zip(*futures, strict=True))
    if hit.all() or not hit.any():
        assert factors({"x": x}, hit, w) == ()
        return
    signs, pairs = np.sign(x[hit][:, None] - x[~hit][None]), w[hit][:, None] * w[~hit][None]
    assert somers(x, hit, w)[0] == pytest.approx((signs * pairs).sum() / pairs.sum())
    assert somers(-x, hit, w)[0] == pytest.approx(-somers(x, hit, w)[0])
    assert somers(np.exp(x), hit, w) == pytest.approx(somers(x, hit, w))


def test_the_factor_that_matters_comes_first_and_chance_says_nothing() -> None:
    clear = np.zeros(60)
    for seed in range(60):
        rng = generator(seed, "why")
        columns = {f"noise_{i}": rng.normal(size=400) for i in range(20)} | {"push": rng.exponential(size=400)}
        hit = rng.random(400) < 0.1 + 0.5 * (columns["push"] > 1.0)
        found = factors(columns, hit)
        assert found[0].name == "push"
        assert found[0].clear
        assert found[0].difference[0] > 0.0
        clear[seed] = sum(f.clear for f in found[1:])
    assert (clear > 0).mean() <= 0.12  # one family in twenty, told for sixty of them


def test_what_is_rare_itself_can_be_told_from_chance() -> None:
    """32 % of 40 against 9 % of 310: Fisher's p is 1e-4, and the effect, tied as it is, says so; shuffled it says nothing."""
    bottle = np.r_[np.ones(40), np.zeros(310)]
    hit = np.r_[np.ones(13), np.zeros(27), np.ones(27), np.zeros(283)].astype(bool)
    assert factors({"bottle": bottle}, hit, among=10)[0].clear
    shuffled = [factors({"bottle": generator(i, "shuffle").permutation(bottle)}, hit)[0].clear for i in range(400)]
    assert np.mean(shuffled) <= 0.08


def test_one_hit_proves_nothing() -> None:
    hit = np.arange(300) == 299
    assert not factors({"push": np.arange(300.0)}, hit)[0].clear


def test_a_thing_that_happened_or_not_is_split_where_it_differs() -> None:
    happened = np.r_[np.ones(30), np.zeros(70)]
    found = factors({"bump": happened, "same": np.ones(100)}, np.r_[np.ones(20), np.zeros(80)])
    assert [f.name for f in found] == ["bump"]
    assert (found[0].above.value, found[0].below.value) == (20 / 30, 0.0)


def test_the_logistic_law_finds_its_own_numbers() -> None:
    rng = generator(1, "logistic")
    x = rng.normal(size=(5_000, 2))
    p = 1 / (1 + np.exp(-(-1.0 + 1.5 * x[:, 0])))
    assert np.abs(logistic(x, rng.random(5_000) < p, np.ones(5_000)) - p).max() < 0.06


def test_three_futures_to_look_at() -> None:
    rng = generator(2, "three")
    push = rng.uniform(0, 2, 200)
    hit = rng.random(200) < 1 / (1 + np.exp(-6 * (push - 1)))
    typical, narrow, against = instructive({"push": push}, hit)
    assert [one.why for one in (typical, narrow, against)] == ["typical", "narrow escape", "against the odds"]
    assert hit[typical.future]
    assert push[typical.future] == np.sort(push[hit])[(hit.sum() - 1) // 2]
    assert push[narrow.future] == push[~hit].max()
    assert push[against.future] == push[hit].min()


@pytest.mark.parametrize("hits", [0, 1, 5])
def test_there_are_always_futures_to_look_at(hits: int) -> None:
    found = instructive({"push": np.arange(5.0)}, np.arange(5) >= 5 - hits)
    assert len({one.future for one in found}) == 3
    assert len(instructive({}, np.ones(1, bool))) == 1


# -- what is refused ---------------------------------------------------------------------------------------------------------


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(LimitError, match="no future"):
        share([])
    with pytest.raises(LimitError, match="not negative"):
        share([True, False], [1.0, -1.0])
    with pytest.raises(ShapeError, match="one weight"):
        share([True, False], [1.0])
    with pytest.raises(LimitError, match="between 0 and 1"):
        wilson(1, 2, confidence=95)
    with pytest.raises(LimitError, match="not negative"):
        curve([np.nan], [True])
    with pytest.raises(ShapeError, match="each future"):
        factors({"x": [1.0]}, [True, False])


def test_a_share_says_how_wide_it_is() -> None:
    assert Share(value=0.1, low=0.05, high=0.17, hits=10, count=100, effective=100.0).width == pytest.approx(0.12)
