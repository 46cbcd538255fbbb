"""The laws of an Episode, each a function of its own: for what we record, what importers make, and what outsiders write."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, LifeworldError, SignalUnavailable
from lifeworld.core.origin import Origin
from lifeworld.core.seed import generator
from lifeworld.core.signal import SIGNALS, Stored, Stream
from lifeworld.core.time import How
from lifeworld.episode.bundle import Bundle, open_bundle
from lifeworld.episode.check import check
from lifeworld.episode.episode import Episode
from lifeworld.episode.keys import Keys
from lifeworld.episode.seal import append_to
from lifeworld.testing.trial import LawBroken

MOST_MOMENTS = 24
"""How many moments of a stream a law looks at: the first and last, and others by chance."""


class EpisodeTrial:
    """An episode on trial; `psnr_db` is how like the original its pictures must be after a bundle has kept them [dB]."""

    def __init__(self, episode: Episode, *, seed: int = 0, psnr_db: float = 38.0) -> None:
        self.episode, self.seed, self.psnr_db = episode, seed, psnr_db

    def moments(self, stream: Stream, why: str) -> NDArray[np.int64]:
        """Some moments of a stream in order, its first and last among them; none of an empty one."""
        count = len(stream)
        if count <= MOST_MOMENTS:
            return np.arange(count, dtype=np.int64)
        drawn = generator(self.seed, "law", why).choice(count, MOST_MOMENTS - 2, replace=False)
        return np.unique(np.append(drawn, [0, count - 1]).astype(np.int64))


EpisodeLaw = Callable[[EpisodeTrial], None]


def check_episode(what: Episode | Bundle, *, seed: int = 0, psnr_db: float = 38.0) -> None:
    """Put an episode, or all those of a bundle and the bundle itself, through every law.

    Args:
        seed: settles which moments are looked at.
        psnr_db: how like the original pictures must be after a bundle has kept them [dB]; less for pictures that no camera makes.

    Raises:
        LawBroken: naming the law.
    """
    if isinstance(what, Bundle):
        problems = [p for p in check(what, deep=True) if not p.warning]
        if problems:
            raise LawBroken("bundle is sound: " + "; ".join(map(str, problems)))
    for episode in what if isinstance(what, Bundle) else [what]:
        trial = EpisodeTrial(episode, seed=seed, psnr_db=psnr_db)
        for law in EPISODE_LAWS:
            law(trial)


def law_names_are_true(t: EpisodeTrial) -> None:
    """A stream is found under its signal's name and its source; a name that is not there is refused, naming those that are."""
    for name, stream in t.episode.streams.items():
        if name != stream.name or t.episode[name] is None:
            raise LawBroken(f"names are true: {name!r} holds {stream.name!r}")
    try:
        t.episode["smell_of_coffee"]
    except LifeworldError as error:
        if not isinstance(error, SignalUnavailable) or not set(t.episode.streams) <= set(error.available):
            raise LawBroken(f"names are true: the error does not name the streams there are: {error}") from error
        return
    raise LawBroken("names are true: a stream that is not there was given")


def law_clocks_run_forward(t: EpisodeTrial) -> None:
    """Times are whole nanoseconds, one for each value, each after the one before, and nobody can change them."""
    last = 0
    for name, stream in t.episode.streams.items():
        times = stream.times_ns
        if times.dtype != np.int64 or times.ndim != 1 or len(times) != len(stream.values) or len(times) != len(stream):
            raise LawBroken(f"clocks run forward: {name}: {times.dtype}{times.shape} for {len(stream.values)} values")
        if np.any(np.diff(times) <= 0):
            raise LawBroken(f"clocks run forward: {name}: a time does not come after the one before")
        if times.flags.writeable:
            raise LawBroken(f"clocks run forward: {name}: its times can be written to")
        last = max(last, int(times[-1]) if len(times) else 0)
    if t.episode.duration_ns != last:
        raise LawBroken(f"clocks run forward: it lasts {t.episode.duration_ns} ns, the last time is {last} ns")


def law_values_are_what_they_say(t: EpisodeTrial) -> None:
    """Every value has the dtype and shape its signal promises, the same sizes at all moments; a name of ours means what ours means."""
    for name, stream in t.episode.streams.items():
        signal, ours = stream.signal, SIGNALS.get(stream.signal.name)
        if ours is not None and any(
            getattr(ours, word) != getattr(signal, word) for word in ("dtype", "shape", "unit", "frame", "ragged", "per")
        ):
            raise LawBroken(f"values are what they say: {name}: the signal is not the one of that name")
        seen: set[tuple[int, ...]] = set()
        for i in t.moments(stream, "values"):
            value = stream.values[i]
            try:
                signal.check(value)
            except LifeworldError as error:
                raise LawBroken(f"values are what they say: {name} at {i}: {error}") from error
            dtype = np.asarray(value if signal.ragged else stream.values[np.array([i])]).dtype
            if dtype != signal.dtype:
                raise LawBroken(f"values are what they say: {name} at {i}: {dtype}, the signal is {signal.dtype}")
            seen.add(np.shape(value)[1:] if signal.ragged else np.shape(value))
        if not signal.ragged and seen - {tuple(stream.values.shape[1:])}:
            raise LawBroken(f"values are what they say: {name}: sizes {sorted(seen)}, said to be {stream.values.shape[1:]}")


def law_parts_are_the_whole(t: EpisodeTrial) -> None:
    """A value is the same read alone, among others, twice, in another order, from the end; beyond the end there is none."""
    for name, stream in t.episode.streams.items():
        law = f"parts are the whole: {name}"
        at = t.moments(stream, "parts")
        alone = [stream.values[int(i)] for i in at]
        if isinstance(stream.values, Stored):
            orders = {"backwards": np.arange(len(at))[::-1], "twice": np.repeat(np.arange(len(at)), 2)}
            for how, order in orders.items():
                _same(law, stream.values[at[order]], [alone[i] for i in order], f"read {how}")
            if len(at):
                _same(law, [stream.values[len(stream) - 1], stream.values[-1]], [alone[-1]] * 2, "read from the end")
        if len(stream) <= MOST_MOMENTS:
            _same(law, stream.values[:], alone, "read at once")
        for beyond in (len(stream), -len(stream) - 1):
            try:
                stream.values[beyond]
            except IndexError:
                continue
            raise LawBroken(f"{law}: there is a value at {beyond} of {len(stream)}")


def law_reading_changes_nothing(t: EpisodeTrial) -> None:
    """What was read is the reader's own, or read-only: writing to it changes no later reading."""
    for name, stream in t.episode.streams.items():
        for i in t.moments(stream, "reading")[:4]:
            value = np.asarray(stream.values[int(i)])
            before = value.copy()
            if value.ndim and value.flags.writeable:
                value.view(np.uint8)[...] ^= 0xFF
            _same(f"reading changes nothing: {name}", [stream.values[int(i)]], [before], "after a reader wrote to what it had read")


def law_origin_is_told(t: EpisodeTrial) -> None:
    """Every stream says where it comes from, and the episode's origin is the mix of them: a dream among them shows."""
    origins = {name: stream.origin for name, stream in t.episode.streams.items()}
    for name, origin in origins.items():
        if not isinstance(origin, Origin):
            raise LawBroken(f"origin is told: {name} says {origin!r}")
    if origins and t.episode.origin is not Origin.mix(*origins.values()):
        raise LawBroken(f"origin is told: the episode says {t.episode.origin}, its streams {', '.join(sorted(set(origins.values())))}")


def law_between_cuts(t: EpisodeTrial) -> None:
    """From a time to before another there is what was then, and all of it: two halves are the whole, a half of a half is that half."""
    e = t.episode
    end = e.duration_ns + 1
    start = min((int(s.times_ns[0]) for s in e.streams.values() if len(s)), default=0)
    rng = generator(t.seed, "law", "between")
    for cut in (start, end, *(int(rng.integers(start, end + 1)) for _ in range(3))):
        first, second = e.between(start, cut), e.between(cut, end)
        if first.origin is not e.origin and all(len(s) for s in first.streams.values()):
            raise LawBroken("between cuts: a part is of another origin")
        for name, stream in e.streams.items():
            law = f"between cuts: {name} at {cut} ns"
            if set(first.streams) != set(e.streams):
                raise LawBroken(f"{law}: the part has the streams {sorted(first.streams)}")
            parts = first[name], second[name]
            for part in parts:
                _same_about(law, part, stream)
            before = int(np.searchsorted(stream.times_ns, cut))
            if not all(np.array_equal(p.times_ns, q) for p, q in zip(parts, np.split(stream.times_ns, [before]), strict=True)):
                raise LawBroken(f"{law}: the halves have other times than the whole")
            for i in t.moments(stream, "between"):
                value = parts[0].values[i] if i < before else parts[1].values[i - before]
                _same(law, [value], [stream.values[int(i)]], f"at moment {i}")
            again = first.between(start, cut)[name]
            if not np.array_equal(again.times_ns, parts[0].times_ns):
                raise LawBroken(f"{law}: cutting again changes it")
    if any(len(s) for s in e.between(end, start).streams.values()):
        raise LawBroken("between cuts: from the end to the start there is something")


def law_at_tells_what_was_known(t: EpisodeTrial) -> None:
    """At a sample's time every rule gives it; `hold` gives the newest before, `nearest` the nearest; before the first is refused."""
    for name, stream in t.episode.streams.items():
        law = f"at tells what was known: {name}"
        alone = replace(t.episode, streams={name: stream})
        if not len(stream):
            _refused(law, lambda alone=alone: alone.at([0]), name)  # type: ignore[misc]
            continue
        own = t.moments(stream, "at")
        rules: list[How] = ["hold", "nearest"]
        if stream.signal.blend != "none":
            rules.append(stream.signal.blend)
        for rule in rules:
            there = alone.at(stream.times_ns[own], align=rule)[name]
            _same_about(law, there, stream)
            _same(law, there.values, [stream.values[int(i)] for i in own], f"by {rule!r} at its own times")
        _refused(law, lambda alone=alone, first=int(stream.times_ns[0]) - 1: alone.at([first]), name)  # type: ignore[misc]
        rng = generator(t.seed, "law", "instants")
        low, high = int(stream.times_ns[0]), int(stream.times_ns[-1])
        at = np.unique(rng.integers(low, high + 1000, size=6))
        newest = np.searchsorted(stream.times_ns, at, side="right") - 1
        nearest = [int(np.argmin(np.abs(stream.times_ns - when))) for when in at]
        for rule, chosen in (("hold", newest), ("nearest", nearest)):
            held = alone.at(at, align=rule)[name]
            _same(law, held.values, [stream.values[int(i)] for i in chosen], f"by {rule!r} between its times")
    _refused("at tells what was known", lambda: t.episode.at([0], align={"smell_of_coffee": "hold"}), "smell_of_coffee")


def law_nothing_changes_it(t: EpisodeTrial) -> None:
    """Cutting, resampling and reading leave the episode as it was."""
    before = {name: (stream, stream.times_ns.tobytes(), len(stream.values)) for name, stream in t.episode.streams.items()}
    title, labels, legend = t.episode.title, dict(t.episode.labels), dict(t.episode.legend)
    middle = t.episode.duration_ns // 2
    t.episode.between(0, middle)
    for name, stream in t.episode.streams.items():
        if len(stream):
            replace(t.episode, streams={name: stream}).at(stream.times_ns[:1])
            t.episode.with_stream(stream)
    for name, (stream, times, count) in before.items():
        now = t.episode[name]
        if now.times_ns.tobytes() != times or len(now.values) != count or now.terms != stream.terms:
            raise LawBroken(f"nothing changes it: {name} is another after looking")
    if (title, labels, legend) != (t.episode.title, dict(t.episode.labels), dict(t.episode.legend)) or set(before) != set(
        t.episode.streams
    ):
        raise LawBroken("nothing changes it: what it says of itself is another after looking")


def law_a_bundle_keeps_it(t: EpisodeTrial) -> None:
    """Written and read again it is the same: to the bit what is kept without loss, as like as `psnr_db` says what is not."""
    kept = t.episode
    with tempfile.TemporaryDirectory(prefix="lifeworld-law-") as folder:
        keys = Keys(Path(folder) / "keys")
        with append_to(Path(folder) / "bundle", encrypt=keys) as writer:
            uid = writer.add(kept)
        bundle = open_bundle(Path(folder) / "bundle", keys=keys)
        problems = [p for p in check(bundle, deep=True) if not p.warning]
        if problems:
            raise LawBroken("a bundle keeps it: " + "; ".join(map(str, problems)))
        read, manifest = bundle.episode(uid), bundle.manifest(0)
        for word in ("title", "scene", "provenance", "origin", "duration_ns"):
            if getattr(read, word) != getattr(kept, word):
                raise LawBroken(f"a bundle keeps it: the {word} is {getattr(read, word)!r}, was {getattr(kept, word)!r}")
        for word in ("labels", "legend"):
            mine, theirs = ({k: v if isinstance(v, str) else tuple(v) for k, v in getattr(e, word).items()} for e in (read, kept))
            if mine != theirs:
                raise LawBroken(f"a bundle keeps it: the {word} are {mine}, were {theirs}")
        if list(read.streams) != list(kept.streams):
            raise LawBroken(f"a bundle keeps it: the streams are {list(read.streams)}, were {list(kept.streams)}")
        for name, stream in kept.streams.items():
            law = f"a bundle keeps it: {name}"
            _same_about(law, read[name], stream)
            if not np.array_equal(read[name].times_ns, stream.times_ns):
                raise LawBroken(f"{law}: other times")
            at = t.moments(stream, "bundle")
            before, after = [stream.values[int(i)] for i in at], read[name].values[at]
            if manifest.streams[name].lossless:
                _same(law, after, before, "after a bundle kept it")
            elif (like := psnr_db(np.stack(before), np.asarray(after))) < t.psnr_db:
                raise LawBroken(f"{law}: pictures are like the original to {like:.1f} dB, expected {t.psnr_db:g} dB")


def psnr_db(one: NDArray[Any], other: NDArray[Any]) -> float:
    """How like two uint8 pictures of one shape are [dB]: ten times the logarithm of 255² over the mean square of what differs."""
    error = float(np.mean(np.square(one.astype(np.float64) - other.astype(np.float64))))
    return float("inf") if error == 0 else 10 * float(np.log10(255**2 / error))


EPISODE_LAWS: tuple[EpisodeLaw, ...] = (
    law_names_are_true,
    law_clocks_run_forward,
    law_values_are_what_they_say,
    law_parts_are_the_whole,
    law_reading_changes_nothing,
    law_origin_is_told,
    law_between_cuts,
    law_at_tells_what_was_known,
    law_nothing_changes_it,
    law_a_bundle_keeps_it,
)


def _same(law: str, got: Any, wanted: Any, when: str) -> None:
    if len(got) != len(wanted):
        raise LawBroken(f"{law}: {len(got)} values {when}, expected {len(wanted)}")
    for one, other in zip(got, wanted, strict=True):
        a, b = np.asarray(one), np.asarray(other)
        if a.dtype != b.dtype or a.shape != b.shape or not _equal(a, b):
            raise LawBroken(f"{law}: another value {when}")


def _equal(a: NDArray[Any], b: NDArray[Any]) -> bool:
    if a.dtype.names:
        return all(_equal(a[name], b[name]) for name in a.dtype.names)
    return np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")


def _same_about(law: str, got: Stream, wanted: Stream) -> None:
    for word in ("signal", "origin", "source", "terms", "clock", "provenance"):
        if getattr(got, word) != getattr(wanted, word):
            raise LawBroken(f"{law}: the {word} became {getattr(got, word)!r}")


def _refused(law: str, ask: Callable[[], object], name: str) -> None:
    try:
        ask()
    except InputError as error:
        if name not in str(error):
            raise LawBroken(f"{law}: the error does not name {name!r}: {error}") from error
        return
    raise LawBroken(f"{law}: an instant that nobody knows, or a stream that is not there, was answered")
