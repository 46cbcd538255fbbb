"""`lifeworld show`: what is in a bundle, or in one of its episodes, in words and as a picture."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from lifeworld.commands.verb import Common, Outcome, say
from lifeworld.commands.words import counted, spoken, table, weight
from lifeworld.core.errors import InputError
from lifeworld.core.signal import SIGNALS
from lifeworld.core.write import replace_file
from lifeworld.episode.manifest import Regular

if TYPE_CHECKING:
    from lifeworld.episode.bundle import Bundle
    from lifeworld.episode.manifest import Entry, Manifest

LISTED = 10
"""Episodes that are listed from the beginning; --json lists all."""
LOOKED_INTO = 1_000
"""Of how many episodes the manifests are read for bytes, content and licences; of the others the index says enough."""


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Show what is in a bundle: its episodes, streams, origins, licences and people, and how much of it LeRobot sees.

    With --episode one episode: every stream with its rate, shape and bytes, and a contact sheet.
    """

    bundle: tyro.conf.Positional[Path]
    """The bundle's folder."""
    episode: int | None = None
    """Which episode, counted from 0; from the end if below 0."""
    out: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None
    """Where to write the contact sheet (.png); into the bundle's cache if nothing is said."""
    rerun: bool = False
    """Open the episode (the first if none is named) in the Rerun viewer; without a display say how to."""


def run(options: Options) -> Outcome:
    from lifeworld.episode.bundle import open_bundle

    bundle = open_bundle(options.bundle)
    if options.rerun:
        return _opened(options, bundle, _number(bundle, options.episode or 0))
    if options.episode is None:
        if options.out is not None:
            raise InputError("a sheet shows one episode", fix="Say which: --episode 0.")
        return _overview(options, bundle)
    return _episode(options, bundle, _number(bundle, options.episode))


# -- the whole bundle --------------------------------------------------------------------------------------------------------


def _overview(options: Options, bundle: Bundle) -> Outcome:
    from lifeworld.episode.content import content
    from lifeworld.episode.entry import PICTURES

    rows = bundle.index.table.select(["number", "title", "origin", "duration_ns", "subjects", "left_out", "streams"]).to_pylist()
    manifests = [bundle.manifest(i) for i in range(min(len(bundle), LOOKED_INTO))]
    entries = [(name, entry) for manifest in manifests for name, entry in manifest.streams.items()]
    size = sum(file.bytes for _, entry in entries for file in entry.files)
    duration = sum(row["duration_ns"] for row in rows) / 1e9
    origins = Counter(row["origin"] for row in rows)
    licences = Counter(entry.license or "not said" for _, entry in entries)
    subjects = Counter(subject for row in rows for subject in row["subjects"])
    left_out = Counter(row["left_out"] for row in rows if row["left_out"])
    seen = sum(row["number"] >= 0 for row in rows)
    counts: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for row in rows:
        for span in row["streams"]:
            held[span["name"]] += 1
            counts[span["name"]] += span["count"]
    frames = sum(count for name, count in counts.items() if name.partition("@")[0] in PICTURES)
    of = "" if len(manifests) == len(bundle) else f" (of the first {len(manifests):,} episodes)"
    fps = bundle.info.get("fps")
    holds = content(bundle) if len(bundle) <= LOOKED_INTO else None
    facts = [
        ("episodes", f"{len(bundle):,}, {spoken(duration)} in all, {frames:,} pictures"),
        ("on the disk", f"{weight(size)}{of}; snapshot {bundle.snapshot}"),
        *(
            [("content", f"{holds.sha256[:16]} of {counted(holds.streams, 'stream')} ({holds.left_out:,} lossy or locked)")]
            if holds
            else ()
        ),
        ("origin", _tally(origins)),
        ("licence", _tally(licences, "stream") + of),
        ("people", _tally(subjects, "episode") if subjects else "nobody is named"),
        ("LeRobot sees", f"{seen:,} of {len(bundle):,} episodes" + (f", at {fps:g} a second" if seen and fps else "")),
        *(("", f"{number:,} not: {why}") for why, number in left_out.most_common(5)),
    ]
    alike: dict[str, list[Entry]] = {}
    for name, entry in entries:
        alike.setdefault(name, []).append(entry)
    streams = [
        (name, f"{held[name]:,}", f"{counts[name]:,}", *(_together(alike[name]) if name in alike else ("", "", "", "")))
        for name in sorted(counts, key=lambda name: (-held[name], _order(name)))
    ]
    listed = [
        (str(i), row["title"] or "", f"{row['duration_ns'] / 1e9:.2f} s", str(len(row["streams"])), row["origin"])
        for i, row in enumerate(rows[:LISTED])
    ]
    more = f"\n… and {len(rows) - LISTED:,} more" if len(rows) > LISTED else ""
    look = f"\n\nlook at one: lifeworld show {options.bundle} --episode 0" if rows else ""
    text = "\n\n".join(
        (
            str(options.bundle) + "\n" + table(facts),
            table(streams, ("stream", "episodes", "values", "shape", "rate", "unit", "kept as"), right=(1, 2)),
            table(listed, ("episode", "title", "lasts", "streams", "origin"), right=(0, 2, 3)) + more,
        )
    )
    value = {
        "bundle": str(options.bundle),
        "episodes": len(bundle),
        "seconds": duration,
        "frames": frames,
        "bytes": size,
        "bytes_of_episodes": len(manifests),
        "snapshot": bundle.snapshot,
        "content_sha256": None if holds is None else holds.sha256,
        "origins": dict(origins),
        "licences": dict(licences),
        "subjects": dict(subjects),
        "lerobot": {"episodes": seen, "fps": fps, "left_out": dict(left_out)},
        "streams": {name: {"episodes": held[name], "values": counts[name]} for name in counts},
        "titles": [row["title"] for row in rows],
    }
    return Outcome(text=text + look, value=value)


# -- one episode -------------------------------------------------------------------------------------------------------------


def _episode(options: Options, bundle: Bundle, number: int) -> Outcome:
    manifest = bundle.manifest(number)
    whole = sum(file.bytes for entry in manifest.streams.values() for file in entry.files)
    row = bundle.index.table.slice(number, 1).to_pylist()[0]
    made, seconds = manifest.provenance, row["duration_ns"] / 1e9
    told = f"{manifest.origin.value} by {made.engine} {made.engine_version}" + (f", seed {made.seed}" if made.seed is not None else "")
    facts = [
        ("episode", f"{number} of {len(bundle):,}, {manifest.uid}"),
        ("lasts", f"{seconds:.3f} s, {weight(whole)} in {counted(len(manifest.streams), 'stream')}"),
        ("origin", told),
        *(("made from", parent) for parent in made.parents[:3]),
        ("LeRobot", "sees it" if row["number"] >= 0 else f"does not see it: {row['left_out'] or 'it does not fit'}"),
        *sorted(manifest.labels.items()),
    ]
    names = sorted(manifest.streams, key=_order)
    rows = [_row(name, manifest.streams[name], manifest) for name in names]
    heads = ("stream", "values", "shape", "rate", "unit", "bytes", "kept as", "licence", "person", "origin")
    drawn, locked = _drawn(options, bundle, number)
    text = f"{manifest.title or 'untitled'}\n{table(facts)}\n\n{table(rows, heads, right=(1, 5))}"
    text += f"\n\nlocked, and left out of the sheet: {', '.join(locked)}" if locked else ""
    text += f"\n\nlook at {drawn}" if drawn is not None else "\n\nthere is nothing in it to put on a sheet"
    streams = {name: _facts(manifest.streams[name]) for name in names}
    value = {"uid": manifest.uid, "title": manifest.title, "seconds": seconds, "bytes": whole, "origin": manifest.origin.value}
    value |= {"labels": manifest.labels, "streams": streams, "sheet": None if drawn is None else str(drawn), "locked": locked}
    return Outcome(text=text, value=value)


def _row(name: str, entry: Entry, manifest: Manifest) -> tuple[str, ...]:
    shape, rate, unit, kept = _described(entry)
    whose = ", ".join(dict.fromkeys(consent.subject for consent in entry.consents))
    origin = entry.origin.value if entry.origin != manifest.origin else ""
    size = weight(sum(file.bytes for file in entry.files))
    return name, f"{entry.count:,}", shape, rate, unit, size, kept, entry.license, whose, origin


def _facts(entry: Entry) -> dict[str, Any]:
    return {
        "count": entry.count,
        "sizes": list(entry.sizes),
        "rate_hz": _hertz(entry)[0],
        "unit": entry.signal.unit,
        "bytes": sum(file.bytes for file in entry.files),
        "codec": entry.codec,
        "lossless": entry.lossless,
        "license": entry.license,
        "subjects": sorted({consent.subject for consent in entry.consents}),
        "origin": entry.origin.value,
        "encrypted": entry.encryption is not None,
    }


def _drawn(options: Options, bundle: Bundle, number: int) -> tuple[Path | None, list[str]]:
    """The contact sheet, written; None if there is nothing to draw. And the streams that nobody here has the keys of."""
    from lifeworld.episode.keys import KeyMissing
    from lifeworld.episode.sheet import drawable, sheet

    episode = bundle[number]
    streams, locked = {}, []
    for name in episode.streams:
        try:
            streams[name] = episode.streams[name]
        except KeyMissing:
            locked.append(name)
    episode = replace(episode, streams=streams)
    if not drawable(episode):
        if options.out is not None:
            raise InputError("there is nothing in this episode to put on a sheet", where=str(options.bundle), got=", ".join(streams))
        return None, locked
    path = options.out or options.bundle / "cache" / f"episode_{number:05d}.png"
    try:
        with replace_file(path) as beside:
            sheet(episode).save(beside, format="PNG")
    except OSError as error:
        raise InputError("the sheet cannot be written there", where=str(path), got=str(error), fix="Say where: -o sheet.png.") from error
    return path, locked


def _opened(options: Options, bundle: Bundle, number: int) -> Outcome:
    """The episode in Rerun's viewer, or how to open it on a machine that has a display."""
    from lifeworld.episode.formats.rerun import write

    path = options.out or options.bundle / "cache" / f"episode_{number:05d}.rrd"
    say(f"writing {path} …")
    write(bundle[number], path)
    command = f"rerun {path}"
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return Outcome(
            text=f"there is no display here; on a machine that has one: {command}",
            value={"recording": str(path), "command": command, "opened": False},
        )
    import subprocess
    import sys

    subprocess.Popen([sys.executable, "-m", "rerun", str(path)], start_new_session=True)
    return Outcome(text=f"opened {path} in the Rerun viewer", value={"recording": str(path), "command": command, "opened": True})


# -- a stream in words -------------------------------------------------------------------------------------------------------


def _described(entry: Entry) -> tuple[str, str, str, str]:
    """Shape, rate, unit, and how it is kept."""
    shape = " × ".join(map(str, entry.sizes)) or "one"
    if entry.signal.ragged:
        shape = "rows" if not entry.sizes else f"rows × {shape}"
    hertz, even = _hertz(entry)
    rate = "" if hertz is None else f"{hertz:.4g} Hz" if even else f"~{hertz:.3g} Hz"
    unit = entry.signal.unit if entry.signal.unit not in ("1", "text") and len(entry.signal.unit) < 14 else ""
    kept = f"{entry.codec}, {'lossless' if entry.lossless else 'lossy'}" + (", encrypted" if entry.encryption is not None else "")
    return shape, rate, unit, kept


def _together(entries: Sequence[Entry]) -> tuple[str, str, str, str]:
    """The same of one stream in many episodes: the commonest of each, with how many others there are; the rate of nine values in ten."""
    sorts = [Counter(sort).most_common() for sort in zip(*map(_described, entries), strict=True)]
    shape, rate, unit, kept = (f"{sort[0][0]} and {len(sort) - 1} other" if len(sort) > 1 else sort[0][0] for sort in sorts)
    rates = sorted((hertz, entry.count) for entry in entries if (hertz := _hertz(entry)[0]) is not None)
    if len(sorts[1]) > 1 and rates:
        before = list(accumulate(count for _, count in rates))
        low, middle, high = (rates[bisect_left(before, share * before[-1])][0] for share in (0.05, 0.5, 0.95))
        rate = f"~{middle:.3g} Hz" if high < 1.05 * low else f"{low:.3g} to {high:.3g} Hz"
    return shape, rate, unit, kept


def _hertz(entry: Entry) -> tuple[float | None, bool]:
    """How often it is taken, None if that cannot be said; and whether exactly evenly."""
    span = entry.span_ns[1] - entry.span_ns[0]
    return ((entry.count - 1) * 1e9 / span if span > 0 else None), isinstance(entry.times, Regular)


def _order(name: str) -> tuple[int, int, str]:
    """Pictures first, then the other signals in the order of the table."""
    signals = list(SIGNALS)
    signal = name.partition("@")[0]
    return (signal not in ("rgb", "depth_m"), signals.index(signal) if signal in SIGNALS else len(signals), name)


def _number(bundle: Bundle, number: int) -> int:
    if not -len(bundle) <= number < len(bundle):
        known = f"0 to {len(bundle) - 1}" if len(bundle) else "none: the bundle is empty"
        raise InputError("there is no such episode", where=str(bundle.path), got=number, expected=known)
    return number % len(bundle)


def _tally(counts: Counter[str], what: str = "") -> str:
    """The commonest first, with how many of each where there are several sorts."""
    if not counts:
        return "nothing"
    if len(counts) == 1 and not what:
        return next(iter(counts))
    shown = [f"{name} ({counted(number, what) if what else f'{number:,}'})" for name, number in counts.most_common(6)]
    return ", ".join(shown) + (f" and {len(counts) - 6} more" if len(counts) > 6 else "")
