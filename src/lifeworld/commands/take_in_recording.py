"""`lifeworld import` of a recording: its episodes are added to a bundle, each sealed whole, none twice."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifeworld.commands.verb import LONG_S, Outcome, bars, say
from lifeworld.core.errors import InputError, LimitError, UnreadableFile
from lifeworld.core.origin import Consent, Origin, Terms

if TYPE_CHECKING:
    from lifeworld.commands.take_in import Options
    from lifeworld.episode.bundle import Bundle
    from lifeworld.episode.episode import Episode
    from lifeworld.episode.formats import Recording, Report
    from lifeworld.episode.seal import Writer

COMMIT_S = 2.0
"""So often [s] what has been encoded becomes part of the bundle: what is lost at a power cut is younger."""
SHOWN = 12
"""Skipped files and notes shown; --json gives all."""
PURPOSES = ("train", "infer", "publish", "derive")


@dataclass(slots=True)
class _Tally:
    """What has been added so far."""

    episodes: int = 0
    again: int = 0
    frames: int = 0
    duration_ns: int = 0
    streams: Counter[str] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    uids: list[str] = field(default_factory=list)

    def add(self, uid: str, episode: Episode) -> None:
        self.uids.append(uid)
        self.episodes += 1
        self.duration_ns += episode.duration_ns
        for name, stream in episode.streams.items():
            self.streams[name] += 1
            self.values[name] += len(stream)
            self.frames += len(stream) if stream.signal.name == "rgb" else 0


def run(options: Options) -> Outcome:
    """Add the recording at `options.path` to the bundle `options.out`."""
    from lifeworld.episode.bundle import open_bundle
    from lifeworld.episode.formats import open_recording
    from lifeworld.episode.seal import append_to

    out = options.out
    if out is None:
        raise InputError("say which bundle to add to", expected="-o FOLDER")
    if options.limit is not None and options.limit < 1:
        raise LimitError("so many episodes cannot be taken", got=options.limit, expected="1 or more")
    terms = _terms(options)
    given = {key: value for key in ("fps", "unit", "up", "cut") if (value := getattr(options, key)) is not None}
    with bars(after_s=LONG_S) as bar:
        recording = open_recording(options.path, on_read=bar, **given)
        say(f"{options.path}: {_what(recording)}")
        if out.resolve() == options.path.resolve() or options.path.resolve() in out.resolve().parents:
            raise InputError("a bundle cannot lie in the recording it is made from", where=str(out), fix="Choose another folder.")
        tally = _Tally()
        first = next(recording.episodes, None)
        if first is None:  # before a bundle is made
            reasons = "; ".join(f"{what}: {why}" for what, why in recording.report.skipped[:3]) or "it holds no episode"
            fix = "--fps N helps where nothing says when things were taken."
            raise UnreadableFile("no episode could be taken in", where=str(options.path), got=reasons, fix=fix)
        with append_to(out) as writer:
            known = set() if options.again else _known(open_bundle(out))
            try:
                _add(writer, chain([first], recording.episodes), recording.report, known, terms, options, tally)
            except KeyboardInterrupt:
                say(f"{_count(tally.episodes, 'episode')} added to {out}; the same command goes on from there")
                raise
        return _outcome(out, recording, tally, len(open_bundle(out)))


def _add(
    writer: Writer, episodes: Iterator[Episode], report: Report, known: set[str], terms: Terms, options: Options, tally: _Tally
) -> None:
    from lifeworld.episode.parted import places

    staged: list[str] = []
    last = time.monotonic()
    films = places(known)  # cut otherwise, perhaps

    def commit() -> None:
        ready = staged.copy()
        staged.clear()  # first: a commit that is interrupted is not begun again, the next writer tidies up
        if ready:
            writer.commit(ready)

    try:
        for episode in episodes:
            mine = identities(episode)
            if mine & known or any(one.shares(other) for one in places(mine) for other in films):
                tally.again += 1
                continue
            if options.limit is not None and tally.episodes == options.limit:
                report.note(f"stopped after {_count(options.limit, 'episode')}, as --limit says; there are more")
                break
            known |= set() if options.again else mine
            sealed = _under(episode, terms, options.name, tally.episodes)
            try:
                staged.append(writer.stage(sealed))
            except InputError as error:  # what is read only now, pictures above all, may be broken
                report.skip(episode.title, str(error))
                continue
            tally.add(staged[-1], sealed)
            if time.monotonic() - last > COMMIT_S:
                commit()
                say(f"  {_count(tally.episodes, 'episode')} …")
                last = time.monotonic()
    except InputError as error:
        if not tally.episodes:
            raise
        report.skip(f"what comes after {_count(tally.episodes, 'episode')}", str(error))
    finally:
        commit()  # at Ctrl-C too: what is whole is kept


def identities(episode: Episode) -> set[str]:
    """What an imported episode is known by again: the digests of the file and the part of it that it was read from."""
    return {parent.split(" ", 1)[0] for parent in episode.provenance.parents if parent.startswith(("sha256:", "episode:"))}


def _known(bundle: Bundle) -> set[str]:
    known: set[str] = set()
    for index in range(len(bundle)):
        manifest = bundle.manifest(index)
        known.add(f"episode:{manifest.uid}")
        if manifest.provenance.engine.startswith("import "):
            known |= {parent.split(" ", 1)[0] for parent in manifest.provenance.parents}
    return known


def _under(episode: Episode, terms: Terms, name: str | None, number: int) -> Episode:
    """The episode with these terms on what was measured, where it has none of its own yet, and called by this name."""
    streams = {}
    for key, s in episode.streams.items():
        mine = Terms(
            license=s.terms.license or terms.license, consents=s.terms.consents or (terms.consents if s.origin != Origin.SIMULATED else ())
        )
        if mine != s.terms:
            s = replace(s, terms=mine)
        streams[key] = s
    return replace(episode, streams=streams, title=episode.title if name is None else f"{name} {number}")


def _terms(options: Options) -> Terms:
    """Licence and consent as the command line says them."""
    consents: tuple[Consent, ...] = ()
    if options.subject is None:
        for other in ("agreement", "purposes", "receipt"):
            if getattr(options, other) is not None:
                raise InputError(f"--{other} is of a person; say of whom", expected="--subject P7 (a pseudonym, never a name)")
    else:
        if options.agreement is None or options.receipt is None:
            raise InputError(
                "a person's consent needs what was agreed to, and where that is shown",
                expected="--agreement TEXT-AND-VERSION --receipt ID --purposes train,infer",
            )
        purposes = tuple(word for each in (options.purposes or "").split(",") if (word := each.strip()))
        consents = (Consent(subject=options.subject, terms=options.agreement, receipt=options.receipt, purposes=purposes),)
    return Terms(license=options.licence or "", consents=consents)


def _outcome(out: Path, recording: Recording, tally: _Tally, whole: int) -> Outcome:
    report = recording.report
    hours = tally.duration_ns / 3.6e12
    length = f"{hours:.2f} h" if hours >= 0.1 else f"{tally.duration_ns / 1e9:.1f} s"
    width = max(map(len, tally.streams), default=0)
    frames = f"{tally.frames:,} frames, " if tally.frames else ""
    lines = [
        f"{out}: {_count(tally.episodes, 'episode')} added, {whole:,} in all; {frames}{length}",
        *(f"  {name:<{width}}  {tally.values[name]:>10,} values in {_count(n, 'episode')}" for name, n in sorted(tally.streams.items())),
    ]
    if tally.again:
        lines.append(f"  {_count(tally.again, 'episode')} not added: already there, from the same file (--again adds them once more)")
    lines += _some("note", report.notes)
    lines += _some("skipped", [f"{what}: {why}" for what, why in report.skipped])
    if report.skipped:
        lines.append(f"  {len(report.skipped)} skipped")
    value: dict[str, Any] = {
        "bundle": str(out),
        "format": recording.format,
        "episodes": tally.episodes,
        "already_there": tally.again,
        "in_all": whole,
        "uids": tally.uids,
        "frames": tally.frames,
        "seconds": tally.duration_ns / 1e9,
        "streams": dict(tally.values),
        "notes": report.notes,
        "skipped": [{"what": what, "why": why} for what, why in report.skipped],
    }
    return Outcome(text="\n".join([*lines, f"lifeworld show {out}"]), value=value)


def _some(word: str, lines: list[str]) -> list[str]:
    more = [f"  {word}: … and {len(lines) - SHOWN} more (--json lists them)"] if len(lines) > SHOWN else []
    return [f"  {word}: {line}" for line in lines[:SHOWN]] + more


def _what(recording: Recording) -> str:
    from lifeworld.episode.formats import FORMATS

    if recording.format in FORMATS:
        return FORMATS[recording.format].what
    return f"a folder with {_count(recording.pieces, 'recording')}"


def _count(n: int, thing: str) -> str:
    return f"{n:,} {thing}" + ("" if n == 1 else "s")
