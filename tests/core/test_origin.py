"""Mixing origins only goes up; provenance and consent survive JSON and refuse what they are not."""

from __future__ import annotations

import dataclasses
import itertools
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifeworld.core.errors import InputError, LimitError, UnknownName
from lifeworld.core.origin import Consent, Origin, Provenance

MIX = Origin.mix
ALL = list(Origin)


def not_below(a: Origin, b: Origin) -> bool:
    return a == b or a == Origin.MIXED


# the laws, over all there are


def test_mixing_is_associative_commutative_and_idempotent() -> None:
    for a, b, c in itertools.product(ALL, repeat=3):
        assert MIX(MIX(a, b), c) == MIX(a, MIX(b, c)) == MIX(a, b, c)
        assert MIX(a, b) == MIX(b, a)
        assert MIX(a, a) == MIX(a) == a


def test_mixing_never_lowers_and_nothing_passes_for_measured() -> None:
    for a, b in itertools.product(ALL, repeat=2):
        assert not_below(MIX(a, b), a)
        assert not_below(MIX(a, b), b)
        assert (MIX(a, b) == Origin.MEASURED) == (a == b == Origin.MEASURED)
        assert (MIX(a, b) == Origin.MIXED) == (a != b or a == Origin.MIXED)


def test_words_are_origins_and_others_are_not() -> None:
    assert Origin("dreamed") is Origin.DREAMED
    assert MIX("dreamed", "dreamed") is Origin.DREAMED
    assert [o.value for o in Origin] == ["measured", "simulated", "dreamed", "edited", "mixed"]
    assert msgspec.json.decode(msgspec.json.encode(Origin.EDITED), type=Origin) is Origin.EDITED
    for wrong in ("measurd", "", None, 3):
        with pytest.raises(UnknownName):
            Origin(wrong)
    with pytest.raises(UnknownName, match="Did you mean 'simulated'"):
        MIX("measured", "simulate")


# provenance and consent

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
lists = st.lists(words, max_size=3).map(tuple)
zones = st.integers(-12, 14).map(lambda h: timezone(timedelta(hours=h)))
provenances = st.builds(
    Provenance,
    engine=words,
    engine_version=words,
    lifeworld_version=words,
    machine=words,
    created=st.datetimes(timezones=zones).map(datetime.isoformat),
    renderer=st.none() | words,
    scene_sha256=st.none() | st.binary(min_size=32, max_size=32).map(bytes.hex),
    seed=st.none() | st.integers(0, 2**63 - 1),
    parents=lists,
    licenses=lists,
)
named = words.filter(str.strip)
consents = st.builds(Consent, subject=named, terms=named, receipt=named, purposes=lists)


@given(provenances)
def test_provenance_round_trips(provenance: Provenance) -> None:
    assert Provenance.from_json(provenance.to_json()) == provenance
    assert hash(Provenance.from_json(provenance.to_json())) == hash(provenance)


@given(consents)
def test_consent_round_trips(consent: Consent) -> None:
    assert Consent.from_json(consent.to_json()) == consent


def test_now_fills_in_this_machine_and_moment() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    made = Provenance.now(engine="physics", engine_version="4.0.1", seed=7, parents=("tabletop",), licenses=("CC0-1.0",))
    assert before <= datetime.fromisoformat(made.created) <= datetime.now(UTC)
    assert (made.engine, made.seed, made.parents, made.licenses) == ("physics", 7, ("tabletop",), ("CC0-1.0",))
    assert "Python 3." in made.machine
    assert made.lifeworld_version


def test_now_names_no_ones_machine() -> None:
    import getpass
    import socket

    made = Provenance.now(engine="physics", engine_version="1").to_json().decode()
    for private in (socket.gethostname(), getpass.getuser(), "/"):
        assert private not in made


GOOD = Provenance(engine="physics", engine_version="1", lifeworld_version="1", machine="m", created="2026-03-01T12:00:00+00:00")


@pytest.mark.parametrize("created", ["yesterday", "2026-03-01T12:00:00", "", "2026-13-01T12:00:00+00:00", None, 5])
def test_a_time_without_zone_is_refused(created: object) -> None:
    with pytest.raises(InputError, match="ISO 8601 time with its zone"):
        dataclasses.replace(GOOD, created=created)


@pytest.mark.parametrize("sha", ["", "ab" * 31, "AB" * 32, "xy" * 32])
def test_what_is_no_hash_is_refused(sha: str) -> None:
    with pytest.raises(InputError, match="64 lower-case"):
        dataclasses.replace(GOOD, scene_sha256=sha)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(LimitError, match="from 0 up"):
        dataclasses.replace(GOOD, seed=-1)


@pytest.mark.parametrize("empty", ["subject", "terms", "receipt"])
def test_a_consent_of_nobody_to_nothing_is_refused(empty: str) -> None:
    with pytest.raises(InputError, match=f"needs its {empty}"):
        Consent(**{"subject": "s", "terms": "t", "receipt": "r", empty: " "})


@pytest.mark.parametrize(
    ("data", "error", "text"),
    [
        (b"", InputError, "no provenance"),
        (b"\xff\xfe", InputError, "no provenance"),
        (b"[]", InputError, "Expected `object`"),
        (b"[" * 100_000, InputError, "no provenance"),
        (b'{"engine": "physics"}', InputError, "missing required field"),
        (GOOD.to_json().replace(b'"physics"', b"5"), InputError, r"\$\.engine"),
        (GOOD.to_json().replace(b'"engine"', b'"engin"'), UnknownName, "no provenance key 'engin'. Did you mean 'engine'"),
        (GOOD.to_json().replace(b'"seed":null', b'"seed":-1'), LimitError, "from 0 up"),
        (GOOD.to_json()[:-1], InputError, "truncated"),
    ],
)
def test_what_is_no_provenance_is_refused(data: bytes, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        Provenance.from_json(data)
