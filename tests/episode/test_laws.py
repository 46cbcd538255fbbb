"""The laws of an Episode hold for what we make, and each catches an episode broken in one way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from bundles import WHO, episode, episodes, scenery, stream
from hypothesis import HealthCheck, given, settings

from lifeworld.core.errors import InputError
from lifeworld.core.origin import Consent, Origin, Terms
from lifeworld.core.signal import SIGNALS, Stored, Stream
from lifeworld.core.time import Clock
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.episode import Episode
from lifeworld.episode.seal import append_to
from lifeworld.testing import EPISODE_LAWS, EpisodeLaw, EpisodeTrial, LawBroken, check_episode
from lifeworld.testing.episode import (
    law_a_bundle_keeps_it,
    law_at_tells_what_was_known,
    law_between_cuts,
    law_clocks_run_forward,
    law_names_are_true,
    law_nothing_changes_it,
    law_origin_is_told,
    law_parts_are_the_whole,
    law_reading_changes_nothing,
    law_values_are_what_they_say,
    psnr_db,
)

PERSON = Terms(license="CC-BY-4.0", consents=(Consent(subject="p1", terms="study 1", receipt="r1", purposes=("train",)),))


class Lazy(Stored):
    """Values in memory, read as from a file."""

    def __init__(self, values: Any, ragged: bool = False) -> None:
        self.held, self.ragged = values, ragged
        self.shape = (len(values), *np.shape(values[0])[1:]) if ragged else values.shape
        self.dtype = values[0].dtype if ragged else values.dtype

    def take(self, index: Any) -> Any:
        return tuple(self.held[i].copy() for i in index) if self.ragged else self.held[index].copy()


def everything() -> Episode:
    """Vectors, words, rows, maps, pictures and sound; measured and simulated; even and uneven clocks; in memory and not."""
    rng = np.random.default_rng(5)
    made = [
        stream("position_m", rng, count=40, even=False),
        stream("quat_wxyz", rng, count=3),
        stream("captions", rng, count=30),
        stream("contacts", rng, count=6, even=False),
        stream("depth_m", rng, count=5),
        stream("audio_stereo", rng, count=4),
        stream("reward", rng, count=0),
        Stream(
            SIGNALS["action"],
            [0, 7, 20],
            rng.normal(size=(3, 2)),
            origin="measured",
            source="hand",
            clock=Clock(source="device", drift_ppm=0.5),
        ),
        Stream(SIGNALS["skeleton_pose"], [1, 2], rng.normal(size=(2, 4, 7)), origin="measured", source="p1", terms=PERSON),
        Stream(SIGNALS["rgb"], np.arange(20) * 40_000_000, Lazy(scenery(20, 24, 32)), origin="measured", source="front"),
        Stream(SIGNALS["mass_kg"], np.arange(30), Lazy(rng.normal(size=(30, 2))), origin="dreamed"),
    ]
    events = stream("events", rng, count=5)
    made.append(Stream(events.signal, events.times_ns, Lazy([np.array(v) for v in events.values], ragged=True), origin="mixed"))
    return episode(*made)


@pytest.mark.parametrize("law", EPISODE_LAWS, ids=lambda law: law.__name__)
def test_an_episode_keeps_the_law(law: EpisodeLaw) -> None:
    law(EpisodeTrial(everything()))


def test_a_bundle_and_what_is_read_from_it_keep_the_laws(tmp_path: Any) -> None:
    with append_to(tmp_path / "b") as writer:
        writer.add(everything())
        writer.add(episode())
    check_episode(open_bundle(tmp_path / "b"), psnr_db=37.5)  # what was encoded once is encoded again
    video = next((tmp_path / "b").rglob("*.mp4"))
    video.write_bytes(video.read_bytes()[:-50])
    with pytest.raises(LawBroken, match=f"bundle is sound: .*{video.name}"):
        check_episode(open_bundle(tmp_path / "b"))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(made=episodes(most=4))
def test_any_mixture_keeps_them(made: Episode) -> None:
    check_episode(made)


# -- each law catches something --------------------------------------------------------------------------------------------


def changed(name: str, **change: Any) -> Episode:
    s = everything()[name]
    held = Stream(s.signal, s.times_ns, s.values, origin=s.origin, source=s.source, terms=s.terms)
    for field, value in change.items():
        object.__setattr__(held, field, value)
    return Episode(streams={name: held}, provenance=WHO)


class Forgetful(Lazy):
    """Read again, a value is another."""

    def take(self, index: Any) -> Any:
        self.held = self.held + 1
        return super().take(index)


class Sorted(Lazy):
    """Whatever the order asked for, it comes in order."""

    def take(self, index: Any) -> Any:
        return super().take(np.sort(index))


class Shared(Lazy):
    """What is read is the store's own memory."""

    def take(self, index: Any) -> Any:
        return self.held[index[0] : index[0] + 1] if len(index) == 1 else self.held[index]


class Endless(Lazy):
    """Beyond the end there is more."""

    def __getitem__(self, key: Any) -> Any:
        return self.held[0] if np.ndim(key) == 0 and not isinstance(key, slice) and abs(key) >= len(self) else super().__getitem__(key)


class Wider(Lazy):
    """Says another size than it gives."""

    def __init__(self, values: Any) -> None:
        super().__init__(values)
        self.shape = (*self.shape[:-1], self.shape[-1] + 1)


class Doubles(Lazy):
    """Gives another dtype than it says."""

    def take(self, index: Any) -> Any:
        return super().take(index).astype(np.float32)


class Guessing(Episode):
    """A stream that is not there is empty."""

    def __getitem__(self, name: str) -> Stream:
        return self.streams.get(name, next(iter(self.streams.values())))


class Mute(Episode):
    """Does not say which streams there are."""

    def __getitem__(self, name: str) -> Stream:
        if name not in self.streams:
            raise InputError(f"no {name}")
        return self.streams[name]


class Honest(Episode):
    """A dream passes for measured."""

    @property
    def origin(self) -> Origin:
        return Origin.MEASURED


class Short(Episode):
    """Lasts as long as its first stream."""

    @property
    def duration_ns(self) -> int:
        return int(next(iter(self.streams.values())).times_ns[-1])


class Closed(Episode):
    """What is at the end of a part is in it."""

    def between(self, start_ns: int, stop_ns: int) -> Episode:
        return super().between(start_ns, stop_ns + 1)


class Losing(Episode):
    """Parts do not say whose they are."""

    def between(self, start_ns: int, stop_ns: int) -> Episode:
        part = super().between(start_ns, stop_ns)
        bare = {n: Stream(s.signal, s.times_ns, s.values, origin=s.origin, source=s.source) for n, s in part.streams.items()}
        return replace(part, streams=bare)


class Restarting(Episode):
    """Times of a part begin at 0."""

    def between(self, start_ns: int, stop_ns: int) -> Episode:
        part = super().between(start_ns, stop_ns)
        moved = {}
        for n, s in part.streams.items():
            moved[n] = Stream(s.signal, s.times_ns - start_ns, s.values, origin=s.origin, source=s.source, terms=s.terms, clock=s.clock)
        return replace(part, streams=moved)


class Foresight(Episode):
    """`hold` knows what comes."""

    def at(self, times_ns: Any, *, align: Any = "hold") -> Episode:
        return super().at(times_ns, align="nearest" if align == "hold" else align)


class Inventing(Episode):
    """Before the first sample there is the first sample."""

    def at(self, times_ns: Any, *, align: Any = "hold") -> Episode:
        if isinstance(align, Mapping):
            return super().at(times_ns, align=align)
        first = max((int(s.times_ns[0]) for s in self.streams.values() if len(s)), default=0)
        return super().at(np.maximum(times_ns, first), align=align)


class Consumed(Episode):
    """Cutting uses it up."""

    def between(self, start_ns: int, stop_ns: int) -> Episode:
        part = super().between(start_ns, stop_ns)
        for used in self.streams.values():
            object.__setattr__(used, "times_ns", used.times_ns[:0])
            object.__setattr__(used, "values", used.values[:0])
        return part


class Renamed(Episode):
    """Cutting gives it another title."""

    def between(self, start_ns: int, stop_ns: int) -> Episode:
        object.__setattr__(self, "title", self.title + "!")
        return super().between(start_ns, stop_ns)


def of(kind: type[Episode], *names: str) -> Callable[[], Episode]:
    def made() -> Episode:
        whole = everything()
        return kind(streams={n: whole[n] for n in names or whole.streams}, provenance=WHO, title="t")

    made.__name__ = kind.__name__
    return made


def held(kind: type[Lazy]) -> Callable[[], Episode]:
    def made() -> Episode:
        return changed("mass_kg", values=kind(np.random.default_rng(0).normal(size=(30, 2))))

    made.__name__ = kind.__name__
    return made


def misnamed() -> Episode:
    return Episode(streams={"rgb@back": everything()["rgb@front"]}, provenance=WHO)


def backwards() -> Episode:
    return changed("position_m", times_ns=everything()["position_m"].times_ns[::-1])


def standing() -> Episode:
    return changed("mass_kg", times_ns=np.zeros(30, np.int64))


def halves() -> Episode:
    return changed("mass_kg", times_ns=np.arange(30) / 2)


def too_many_times() -> Episode:
    return changed("mass_kg", times_ns=np.arange(31))


def writeable_times() -> Episode:
    return changed("mass_kg", times_ns=np.arange(30))


def other_unit() -> Episode:
    return changed("mass_kg", signal=replace(SIGNALS["mass_kg"], unit="g"))


def writeable_memory() -> Episode:
    s = everything()["action@hand"]
    return changed("action@hand", values=np.array(s.values))


def no_origin() -> Episode:
    return changed("mass_kg", origin="measured by somebody")


BREAKERS: list[tuple[Callable[[], Episode], EpisodeLaw]] = [
    (misnamed, law_names_are_true),
    (of(Guessing), law_names_are_true),
    (of(Mute), law_names_are_true),
    (backwards, law_clocks_run_forward),
    (standing, law_clocks_run_forward),
    (halves, law_clocks_run_forward),
    (too_many_times, law_clocks_run_forward),
    (writeable_times, law_clocks_run_forward),
    (of(Short, "skeleton_pose@p1", "position_m"), law_clocks_run_forward),
    (other_unit, law_values_are_what_they_say),
    (held(Wider), law_values_are_what_they_say),
    (held(Doubles), law_values_are_what_they_say),
    (held(Forgetful), law_parts_are_the_whole),
    (held(Sorted), law_parts_are_the_whole),
    (held(Endless), law_parts_are_the_whole),
    (held(Shared), law_reading_changes_nothing),
    (writeable_memory, law_reading_changes_nothing),
    (of(Honest), law_origin_is_told),
    (no_origin, law_origin_is_told),
    (of(Closed, "position_m"), law_between_cuts),
    (of(Losing, "skeleton_pose@p1"), law_between_cuts),
    (of(Restarting, "skeleton_pose@p1"), law_between_cuts),
    (of(Foresight, "position_m"), law_at_tells_what_was_known),
    (of(Inventing, "skeleton_pose@p1"), law_at_tells_what_was_known),
    (of(Consumed, "position_m"), law_nothing_changes_it),
    (of(Renamed, "position_m"), law_nothing_changes_it),
    (held(Forgetful), law_a_bundle_keeps_it),
]


def test_pictures_less_like_the_original_than_was_asked_are_caught() -> None:
    with pytest.raises(LawBroken, match=r"a bundle keeps it: rgb@front: pictures are like the original to .* dB, expected 90 dB"):
        law_a_bundle_keeps_it(EpisodeTrial(everything(), psnr_db=90))


@pytest.mark.parametrize(("broken", "law"), BREAKERS, ids=lambda x: getattr(x, "__name__", None))
def test_a_law_breaker_is_caught(broken: Callable[[], Episode], law: EpisodeLaw) -> None:
    with pytest.raises(LawBroken) as caught:
        law(EpisodeTrial(broken()))
    assert str(caught.value).startswith(law.__name__.removeprefix("law_").split("_")[0])


def test_every_law_has_a_breaker() -> None:
    assert {law for _, law in BREAKERS} == set(EPISODE_LAWS)


def test_psnr_is_that_of_the_textbook() -> None:
    black, grey = np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 16, np.uint8)
    assert psnr_db(black, grey) == pytest.approx(20 * np.log10(255 / 16))
    assert psnr_db(black, black) == np.inf


def test_what_is_on_trial_is_left_alone() -> None:
    whole = MappingProxyType(dict(everything().streams))
    check_episode(Episode(streams=whole, provenance=WHO))
