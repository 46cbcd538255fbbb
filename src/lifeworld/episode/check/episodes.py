"""The episodes of a bundle: what manifest, index, signal table, ledger and files say of each must be the same thing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from lifeworld.core.errors import LifeworldError
from lifeworld.core.origin import Consent, Origin
from lifeworld.core.signal import SIGNALS, stream_name
from lifeworld.core.time import clock
from lifeworld.episode.audit import REJECTED, audit
from lifeworld.episode.bundle import inside, load_manifest, open_episode
from lifeworld.episode.check.files import Sealed
from lifeworld.episode.check.problem import Problem
from lifeworld.episode.codec.table import read_times
from lifeworld.episode.codec.video import scan_video
from lifeworld.episode.entry import SUFFIX
from lifeworld.episode.episode import Episode
from lifeworld.episode.head import Head
from lifeworld.episode.index import Index, row_of
from lifeworld.episode.keys import KeyMissing, Keys
from lifeworld.episode.ledger import consent_path
from lifeworld.episode.manifest import Entry, Manifest, Regular, signal_of

MOST_FINDINGS = 3
MOST_NAMED = 6
SAMPLE = 3
"""How many moments of a stream are read unless all are."""
BLOCK = 64
RESEAL = "Bring the episode back from a copy, or seal it again."
_OF_PEOPLE = ("skeleton_pose", "skeleton_confidence")
_MAY_SHOW_PEOPLE = ("see", "hear")


@dataclass(slots=True)
class Noticed:
    """What is said once for the whole bundle, however often it was seen: in how many episodes each stream has it."""

    unasked: dict[str, int] = field(default_factory=dict)
    unlicensed: dict[str, int] = field(default_factory=dict)

    def problems(self) -> Iterator[Problem]:
        for name, count in sorted(self.unasked.items()):
            if name.partition("@")[0] in _OF_PEOPLE:
                what, fix = (
                    f"somebody was measured in {_episodes(count)}, and nothing says that they agreed",
                    "Take it in again with --subject, --agreement and --receipt (`lifeworld import`), or seal it with Terms(consents=…).",
                )
            else:
                what = f"measured in {_episodes(count)}, with no consent: if there are people in it, they were not asked"
                fix = "Take it in again with --subject …, seal it with Terms(consents=…), or know that nobody is in it."
            yield Problem(where=name, what=what, fix=fix, warning=True)
        for count in sorted(set(self.unlicensed.values())):
            names = sorted(name for name, times in self.unlicensed.items() if times == count)
            streams = names[0] if len(names) == 1 else f"{len(names)} streams"
            what = f"in {_episodes(count)} nobody said what may be done with {'it' if len(names) == 1 else 'them'}"
            listed = ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "") if len(names) > 1 else None
            fix = "Make it or take it in with --licence, or seal it with Terms(license=…)."
            yield Problem(where=streams, what=what, got=listed, fix=fix, warning=True)


def check_episodes(root: Path, head: Head, index: Index, sealed: Sealed, *, keys: Keys, deep: bool) -> Iterator[Problem]:
    """Every row of the index with its episode."""
    noticed, seen = Noticed(), set[str]()
    for i, uid in enumerate(index.uids):
        folder = f"{head.streams_path}/{uid}"
        if uid in seen:
            yield Problem(where=f"{head.index}, row {i}", what="an episode is listed twice", got=uid)
            continue
        seen.add(uid)
        try:
            manifest = load_manifest(root, folder)
        except LifeworldError as error:
            yield Problem.of(error, where=f"{folder}/manifest.json")
            continue
        yield from check_manifest(root, manifest, uid, index.row(i), sealed, noticed)
        yield from check_values(root, manifest, keys=keys, deep=deep, seed=i)
    yield from noticed.problems()


def check_manifest(root: Path, manifest: Manifest, uid: str, row: dict[str, Any], sealed: Sealed, noticed: Noticed) -> Iterator[Problem]:
    """What one manifest says, against the index, the snapshots, the ledger and the table of signals."""
    where = f"streams/{uid}/manifest.json"
    if manifest.uid != uid:
        yield Problem(where=where, what="the manifest of another episode", got=manifest.uid, expected=uid, fix=RESEAL)
    origins = [entry.origin for entry in manifest.streams.values()]
    if origins and manifest.origin is not Origin.mix(*origins):
        mixed = Origin.mix(*origins).value
        yield Problem(where=where, what="the episode's origin is not that of its streams", got=manifest.origin.value, expected=mixed)
    said = row_of(manifest, number=row["number"], left_out=row["left_out"])
    for word, value in said.items():
        if row[word] != value:
            what = f"the index says another {word} than the manifest"
            yield Problem(where=where, what=what, got=_short(value), expected=_short(row[word]), fix=RESEAL)
    if where not in sealed.live:
        yield Problem(where=where, what="no snapshot lists the manifest", fix=RESEAL)
    for name, entry in manifest.streams.items():
        place = f"{where}: {name}"
        for file in entry.files:
            if sealed.live.get(file.path) != file:
                what = f"manifest and snapshots disagree on {file.path}"
                yield Problem(where=place, what=what, got=_short(sealed.live.get(file.path)), expected=_short(file), fix=RESEAL)
        paths = {entry.file if entry.codec != "zarr" else f"{entry.file}/zarr.json"}
        paths |= set() if isinstance(entry.times, Regular) else {entry.times}
        for path in sorted(paths - {file.path for file in entry.files}):
            yield Problem(where=place, what="a file that is not among the stream's files", got=path, fix=RESEAL)
        yield from _check_entry(name, entry, place)
        yield from _check_consents(root, name, entry, place, noticed)


def check_values(root: Path, manifest: Manifest, *, keys: Keys, deep: bool, seed: int) -> Iterator[Problem]:
    """Times and values of one episode's streams, a few of them or all; and its scene."""
    try:
        episode = open_episode(manifest, lambda path: inside(root, path), keys=keys)
    except LifeworldError as error:
        yield Problem.of(error, where=f"streams/{manifest.uid}/scene.toml")
        episode = open_episode(_without_scene(manifest), lambda path: inside(root, path), keys=keys)
    for name, entry in manifest.streams.items():
        place = f"streams/{manifest.uid}/manifest.json: {name}"
        try:
            if entry.encryption is None:
                yield from _check_files(root, entry, place)
            yield from _check_stream(episode, name, entry, place, deep=deep, seed=seed)
        except KeyMissing as error:
            yield _unread(error, place)
        except LifeworldError as error:
            yield Problem.of(error, where=place)
        except OSError as error:  # named as missing already, or unreadable to this user
            yield Problem(where=place, what="a file cannot be read", got=f"{type(error).__name__}: {error}", fix=RESEAL)
    yield from _check_audit(episode, manifest)


def _check_audit(episode: Episode, manifest: Manifest) -> Iterator[Problem]:
    """Whether what was simulated can have happened. It is no fault of the bundle: it is to be known."""
    of_physics = episode.provenance.engine == "physics" and manifest.origin is Origin.SIMULATED
    if not of_physics or any(entry.encryption is not None for entry in manifest.streams.values()):
        return
    try:
        found = audit(episode)
    except (LifeworldError, OSError):  # a file that cannot be read was named above
        return
    for finding in found.findings[:MOST_FINDINGS]:
        fix = (
            f"Its label {REJECTED!r} says that it was kept all the same."
            if REJECTED in episode.labels
            else "Leave it out of what is learned from."
        )
        yield Problem(where=f"streams/{manifest.uid}", what=f"it cannot have happened: {finding}", fix=fix, warning=True)


def _check_entry(name: str, entry: Entry, place: str) -> Iterator[Problem]:
    """Name, signal, sizes and clock of a stream, as far as the manifest itself can be wrong."""
    wanted = stream_name(entry.signal.name, entry.source)
    if name != wanted:
        yield Problem(where=place, what="the stream has another name than its signal and source", got=name, expected=wanted)
    try:
        signal = signal_of(entry.signal, where=place)
    except LifeworldError as error:
        yield Problem.of(error, where=place)
        return
    ours = SIGNALS.get(signal.name)
    for word in ("dtype", "shape", "unit", "frame", "ragged", "per") if ours is not None else ():
        if getattr(ours, word) != getattr(signal, word):
            what = f"the {word} is not that of the signal {signal.name!r}"
            yield Problem(where=place, what=what, got=str(getattr(signal, word)), expected=str(getattr(ours, word)))
    try:
        signal.sized(entry.sizes, ("rows", *entry.sizes) if signal.ragged else entry.sizes)
    except LifeworldError as error:
        yield Problem.of(error, where=place)
    if entry.count < 0 or any(size < 0 for size in entry.sizes):
        yield Problem(where=place, what="less than nothing", got=f"count {entry.count}, sizes {entry.sizes}")
    if not entry.file.endswith(f".{SUFFIX[entry.codec]}"):
        yield Problem(
            where=place, what=f"codec {entry.codec!r} keeps another sort of file", got=entry.file, expected=f".{SUFFIX[entry.codec]}"
        )
    if isinstance(entry.times, Regular) and entry.times.step_ns <= 0:
        yield Problem(where=place, what="the clock does not run forward", got=f"{entry.times.step_ns} ns a step", expected="more than 0")


def _check_consents(root: Path, name: str, entry: Entry, place: str, noticed: Noticed) -> Iterator[Problem]:
    if not entry.license:
        noticed.unlicensed[name] = noticed.unlicensed.get(name, 0) + 1
    people = entry.signal.family in _MAY_SHOW_PEOPLE or entry.signal.name in _OF_PEOPLE
    if people and not entry.consents and entry.origin in (Origin.MEASURED, Origin.MIXED):
        noticed.unasked[name] = noticed.unasked.get(name, 0) + 1
    for consent in entry.consents:
        yield from _check_consent(root, consent, place)


def _check_consent(root: Path, consent: Consent, place: str) -> Iterator[Problem]:
    path = consent_path(consent)
    if not (root / path).is_file():
        what = f"the agreement of {consent.subject!r} is not in the ledger"
        yield Problem(where=place, what=what, expected=path, fix="Bring it back from a copy.")
    elif (root / path).read_bytes() != consent.to_json():
        yield Problem(where=path, what="the agreement was changed", expected="the bytes its name is the hash of", fix="Bring it back.")
    if consent.until is None:
        return
    try:
        until = datetime.fromisoformat(consent.until)
    except ValueError:
        what = f"nobody can say when the consent of {consent.subject!r} ends"
        yield Problem(where=place, what=what, got=consent.until, expected="an ISO 8601 time, 2027-03-01T12:00:00+00:00")
        return
    if (until if until.tzinfo else until.replace(tzinfo=UTC)) < datetime.now(UTC):
        what = f"the consent of {consent.subject!r} has ended: the data is to be gone"
        yield Problem(where=place, what=what, got=consent.until, fix=f"Run `lifeworld erase --subject {consent.subject}`.")


def _check_files(root: Path, entry: Entry, place: str) -> Iterator[Problem]:
    """What can be counted without decoding: frames by demuxing, times."""
    if entry.codec == "video":
        info = scan_video(inside(root, entry.file))
        if len(info.times_ns) != entry.count:
            yield Problem(
                where=place, what=f"{entry.file} has another number of frames", got=str(len(info.times_ns)), expected=str(entry.count)
            )
        # Odd sides are padded by one, and a camera may have turned its picture.
        sides = {tuple(-(-size // 2) for size in pair) for pair in ((info.height, info.width), (info.width, info.height))}
        if tuple(-(-size // 2) for size in entry.sizes[:2]) not in sides:
            got, expected = f"{info.width} × {info.height}", f"{entry.sizes[1]} × {entry.sizes[0]}"
            yield Problem(where=place, what=f"{entry.file} has pictures of another size", got=got, expected=expected)
    if not isinstance(entry.times, Regular):
        times = read_times(inside(root, entry.times))
        if len(times) != entry.count:
            yield Problem(where=place, what=f"{entry.times} has another number of times", got=str(len(times)), expected=str(entry.count))
        clock(times, name=entry.times)


def _check_stream(episode: Episode, name: str, entry: Entry, place: str, *, deep: bool, seed: int) -> Iterator[Problem]:
    """Open the stream as a reader does, and read."""
    stream = episode[name]
    if len(stream) != entry.count:
        yield Problem(where=place, what="the files hold another number of values", got=str(len(stream)), expected=str(entry.count))
    span = (int(stream.times_ns[0]), int(stream.times_ns[-1])) if len(stream) else (0, 0)
    if span != entry.span_ns:
        yield Problem(where=place, what="the times are others than the manifest says", got=f"{span} ns", expected=f"{entry.span_ns} ns")
    sizes = tuple(stream.values.shape[1:])
    if not stream.signal.ragged and sizes != entry.sizes:
        yield Problem(where=place, what="the files hold values of another size", got=str(sizes), expected=str(entry.sizes))
    if not len(stream):
        return
    if deep:
        for start in range(0, len(stream), BLOCK):
            for value in stream.values[start : start + BLOCK]:
                stream.signal.check(value)
    else:
        drawn = np.random.default_rng(seed).integers(0, len(stream), size=SAMPLE - 2)
        for value in stream.values[np.unique([0, len(stream) - 1, *drawn])]:
            stream.signal.check(value)


def _unread(error: KeyMissing, place: str) -> Problem:
    """An encrypted stream without its key is no fault of the bundle; one that nobody can read again is to be removed."""
    if error.destroyed is None:
        return Problem(where=place, what=f"its values were not looked at: {error.what}", fix=error.fix, warning=True)
    return Problem(where=place, what=error.what, fix="Run `lifeworld erase` on this copy too.", warning=True)


def _without_scene(manifest: Manifest) -> Manifest:
    import msgspec

    return msgspec.structs.replace(manifest, scene=None)


def _episodes(count: int) -> str:
    return "1 episode" if count == 1 else f"{count} episodes"


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 120 else text[:117] + "..."
