"""An episode as a page shows it: all its streams on one clock. Pictures, curves, marks and sound, each read only as far as one looks.

Pictures are those of the contact sheets (episode/sheet): any signal of a camera or a sensor in colours, with the key to them. Curves come
with the least and the greatest value of each piece of time, so that no peak is lost however far one looks from.
"""

from __future__ import annotations

import io
import struct
import threading
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lifeworld.core.errors import InputError, UnknownName
from lifeworld.core.signal import RATE_HZ, Stream
from lifeworld.episode.episode import Episode
from lifeworld.episode.sheet import colors
from lifeworld.episode.sheet.curve import XYZ, plotted
from lifeworld.episode.sheet.frame import SEEN, cameras, sensors
from lifeworld.episode.sheet.glance import Glance
from lifeworld.episode.sheet.panel import Panel, Scale
from lifeworld.episode.sheet.paper import Bar, Chips, Words
from lifeworld.episode.sheet.sensed import SENSED
from lifeworld.worlds.record import STATE

MOST_PX = 640
BLOCK = 16
"""Pictures that are sent at a time."""
PEEKED = 5
"""Moments whose values set the range of a track's colours."""
MOST_LINES = 12
MOST_POINTS = 4_000
MOST_MARKS = 2_000
MOST_SOUND_S = 60.0
JPEG_QUALITY = 84
TOLD = ("on", "in", "open", "held", "toppled", "under")
"""Facts whose beginning and end are marked."""
FIRST = ("action", "reward", "goal_progress", "embodiment_state", "reading", "position_m", "linear_velocity_m_s", "energy_j")
SAID = {
    "touch_begins": "touches",
    "touch_ends": "lets go of",
    "comes_on": "comes onto",
    "comes_off": "comes off",
    "support_changes": "is now on",
    "enters": "goes into",
    "leaves": "comes out of",
    "spills": "spills out of",
    "lands": "lands on",
    "grasps": "is grasped by",
    "releases": "is let go by",
    "picked_up": "is picked up by",
    "put_down": "is put down by",
    "dropped": "is dropped by",
    "rights": "stands up",
    "starts": "begins to move",
    "stops": "comes to rest",
}
"""Kinds of events as verbs; the others are verbs already."""


@dataclass(frozen=True, slots=True)
class Track:
    """Pictures of one camera or sensor: a panel of the sheets."""

    panel: Panel
    source: str

    @property
    def name(self) -> str:
        return f"{self.panel.signal}@{self.source}"


class Tracks:
    """One episode, opened for looking at; used by one thread at a time."""

    def __init__(self, episode: Episode) -> None:
        self.episode = episode
        self._scales: dict[str, Scale] = {}
        self._lock = threading.Lock()

    def said(self) -> dict[str, Any]:
        """What there is, without the values."""
        episode = self.episode
        return {
            "duration_s": episode.duration_ns * 1e-9,
            "pictures": [self._picture_said(track) for track in self.tracks.values()],
            "curves": [self._curve_said(name) for name in sorted(plotted(episode, alone=True), key=_order) if name != STATE],
            "sounds": [
                {"name": name, "channels": 2 if len(stream.signal.shape) > 1 else 1}
                for name, stream in episode.streams.items()
                if stream.signal.family == "hear" and len(stream)
            ],
            "marks": list(self.marks()),
            "enterable": any(len(stream) for stream in episode.streams.values() if stream.signal.name in (STATE, "rgb")),
        }

    @cached_property
    def tracks(self) -> dict[str, Track]:
        """What can be shown as pictures, by name, what a camera takes first."""
        found: list[Track] = []
        for panels, sources in ((SEEN, cameras(self.episode)), (SENSED, sensors(self.episode))):
            for panel in panels:
                for source in sources:
                    if panel.of(Glance(self.episode, source, self.episode.duration_ns)):
                        found.append(Track(panel, source))
        return {track.name: track for track in found}

    # -- pictures ----------------------------------------------------------------------------------------------------------

    def pictures(self, name: str, first: int, count: int = BLOCK) -> bytes:
        """Pictures from number `first` on, as one message: their count u32; of each its time f64 [s] and size u32; then the JPEGs.

        Raises:
            UnknownName: if there is no such track.
        """
        with self._lock:
            track, times = self._track(name), self._times(self._track(name))
            chosen = range(max(first, 0), min(max(first, 0) + min(count, BLOCK), len(times)))
            made = [self._drawn(track, int(times[i])) for i in chosen]
        head = struct.pack("<I", len(made)) + b"".join(
            struct.pack("<dI", times[i] * 1e-9, len(one)) for i, one in zip(chosen, made, strict=True)
        )
        return head + b"".join(made)

    def clock(self, name: str) -> bytes:
        """The times of a track's pictures, float64 [s]."""
        return (self._times(self._track(name)) * 1e-9).astype("<f8").tobytes()

    def picture(self, name: str, at_ns: int) -> Image.Image:
        """A track at a moment."""
        track = self._track(name)
        glance = Glance(self.episode, track.source, at_ns)
        return track.panel.draw(glance, self._scale(track), _size(glance))

    def _drawn(self, track: Track, at_ns: int) -> bytes:
        out = io.BytesIO()
        self.picture(track.name, at_ns).convert("RGB").save(out, format="JPEG", quality=JPEG_QUALITY)
        return out.getvalue()

    def _track(self, name: str) -> Track:
        if name not in self.tracks:
            raise UnknownName("track", name, self.tracks)
        return self.tracks[name]

    def _stream(self, track: Track) -> Stream:
        own = self.episode.streams.get(track.name)
        return own if own is not None else self.episode[track.panel.signal]

    def _times(self, track: Track) -> NDArray[np.int64]:
        times = self._stream(track).times_ns
        seen = self.episode.streams.get(f"rgb@{track.source}")
        return seen.times_ns if seen is not None and len(seen) and len(seen) < len(times) else times

    def _scale(self, track: Track) -> Scale:
        """The range of a track's colours, the same all along."""
        if track.name not in self._scales:
            times = self._times(track)
            some = times[np.unique(np.linspace(0, len(times) - 1, PEEKED).astype(int))]
            glances = [Glance(self.episode, track.source, int(at)) for at in some]
            self._scales[track.name] = track.panel.scale([g for g in glances if track.panel.of(g)])
        return self._scales[track.name]

    def _picture_said(self, track: Track) -> dict[str, Any]:
        stream, times = self._stream(track), self._times(track)
        return {
            "name": track.name,
            "signal": track.panel.signal,
            "source": track.source,
            "note": track.panel.note,
            "meaning": stream.signal.meaning,
            "origin": stream.origin.value,
            "count": len(times),
            "first_s": float(times[0]) * 1e-9,
            "last_s": float(times[-1]) * 1e-9,
            "key": _key_said(track.panel, self._scale(track)),
        }

    # -- curves ------------------------------------------------------------------------------------------------------------

    def curve(self, name: str, from_s: float, to_s: float, points: int) -> dict[str, Any]:
        """A stream's numbers from a time to another [s], of each piece the least and the greatest: what uPlot draws.

        Of many lines those that change most, and how many `more` there are.

        Raises:
            SignalUnavailable: if there is no such stream.
            InputError: if it is none of numbers.
        """
        stream = self.episode[name]
        if stream.signal.ragged or stream.signal.dtype.kind not in "fiub":
            raise InputError("this stream is none of numbers", got=name)
        points = min(max(points, 50), MOST_POINTS)
        with self._lock:
            times, values = self._numbers(stream, from_s, to_s)
        names = self._channels(stream, values.shape[1])
        with np.errstate(invalid="ignore"):
            spread = np.nan_to_num(np.nanmax(values, axis=0) - np.nanmin(values, axis=0)) if len(values) else np.zeros(values.shape[1])
        chosen = np.sort(np.argsort(-spread, kind="stable")[:MOST_LINES])
        at, shown = _thinned(times, values[:, chosen], points)
        lines = [[float(v) if np.isfinite(v) else None for v in line] for line in shown.T]
        more = values.shape[1] - len(chosen)
        return {"times_s": at.tolist(), "lines": lines, "names": [names[i] for i in chosen], "unit": _unit(stream), "more": more}

    def _numbers(self, stream: Stream, from_s: float, to_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Times [s] (n,) and numbers (n, k); of sound every sample."""
        piece = stream.between(round(from_s * 1e9), round(to_s * 1e9) + 1)
        values = np.asarray(piece.values[:] if len(piece) else np.zeros((0, *stream.values.shape[1:]))).astype(np.float64)
        times = np.asarray(piece.times_ns * 1e-9, dtype=np.float64)
        if stream.signal.family != "hear":
            return times, values.reshape(len(values), int(np.prod(values.shape[1:])))
        samples = values.shape[1]
        inside = np.arange(1 - samples, 1) / RATE_HZ
        flat = values.reshape(len(values) * samples, int(np.prod(values.shape[2:])))
        return (times[:, None] + inside).ravel(), flat

    def _channels(self, stream: Stream, count: int) -> list[str]:
        """What each number is called: as the legend says, by thing and axis, or by its place."""
        legend = self.episode.legend.get(stream.name, ())
        if len(legend) == count:
            return list(legend)
        if count == 1:
            return [stream.signal.name]
        goals = self.episode.scene.goals if self.episode.scene is not None else ()
        if stream.signal.name == "goal_progress" and len(goals) == count:
            return [goal.name.replace("_", " ") for goal in goals]
        things, axes = self.episode.legend.get("instance_ids", ())[1:], stream.values.shape[2] if len(stream.values.shape) > 2 else 1
        words = {3: ("x", "y", "z"), 4: ("w", "x", "y", "z")}.get(axes, tuple(str(i) for i in range(axes)))
        if stream.signal.per == "thing" and things and count <= len(things) * axes:
            return [f"{thing.replace('_', ' ')} {word}" if axes > 1 else thing.replace("_", " ") for thing in things for word in words][
                :count
            ]
        if stream.signal.name in XYZ and count in (3, 4):
            return list({3: ("x", "y", "z"), 4: ("w", "x", "y", "z")}[count])
        return [str(i) for i in range(count)]

    def _curve_said(self, name: str) -> dict[str, Any]:
        stream = self.episode[name]
        return {
            "name": name,
            "signal": stream.signal.name,
            "source": stream.source,
            "meaning": stream.signal.meaning,
            "unit": _unit(stream),
            "origin": stream.origin.value,
            "count": len(stream),
            "numbers": int(np.prod(stream.values.shape[1:])),
        }

    # -- marks and sound ---------------------------------------------------------------------------------------------------

    def marks(self) -> Iterator[dict[str, Any]]:
        """What happened, when [s], in words, in the order of time; at most MOST_MARKS."""
        found = sorted((*self._events(), *self._facts(), *self._words()), key=lambda mark: mark["time_s"])
        yield from found[:MOST_MARKS]

    def _name(self, instance: int) -> str:
        names = self.episode.legend.get("instance_ids", ())
        return names[instance].replace("_", " ") if 0 < instance < len(names) else "the ground" if instance == 0 else f"number {instance}"

    def _events(self) -> Iterator[dict[str, Any]]:
        legend = self.episode.legend
        if "events" in self.episode.streams:
            stream, kinds = self.episode["events"], legend.get("events", ())
            for time, rows in zip(stream.times_ns, stream.values, strict=True):
                for row in rows:
                    kind = kinds[row["kind"]] if row["kind"] < len(kinds) else f"event {row['kind']}"
                    verb = SAID.get(kind, kind.replace("_", " "))
                    other = self._name(row["b"]) if row["b"] or verb.endswith((" on", "onto", "touches", " of")) else ""
                    told = f"{self._name(row['a'])} {verb} {other}".strip()
                    yield {"time_s": float(time) * 1e-9, "kind": "event", "told": told}
        if "happened" in self.episode.streams:
            stream, sorts = self.episode["happened"], legend.get("happened", ())
            before: set[tuple[int, int]] = set()
            for time, rows in zip(stream.times_ns, stream.values, strict=True):
                now = {(int(row["event"]), int(row["thing"])) for row in rows}
                for event, thing in sorted(now - before):
                    what = sorts[event] if event < len(sorts) else f"event {event}"
                    of = f": {self._name(thing)}" if thing else ""
                    yield {"time_s": float(time) * 1e-9, "kind": "deed", "told": f"{what.replace('_', ' ')}{of}"}
                before = now

    def _facts(self) -> Iterator[dict[str, Any]]:
        """When something begins or ceases to be so."""
        if "relations" not in self.episode.streams:
            return
        stream, predicates = self.episode["relations"], self.episode.legend.get("relations", ())
        before: set[tuple[str, int, int]] | None = None
        for time, rows in zip(stream.times_ns, stream.values, strict=True):
            said = {(predicates[r["predicate"]], int(r["a"]), int(r["b"])) for r in rows if r["predicate"] < len(predicates)}
            now = {fact for fact in said if fact[0] in TOLD}
            if before is not None:
                for word, change in (("", now - before), ("no longer ", before - now)):
                    for predicate, a, b in sorted(change):
                        told = f"{self._name(a)} {word}{predicate.replace('_', ' ')}{f' {self._name(b)}' if b else ''}"
                        yield {"time_s": float(time) * 1e-9, "kind": "fact", "told": told}
            before = now

    def _words(self) -> Iterator[dict[str, Any]]:
        """Instructions, when they change; phases of experts."""
        if "instruction" in self.episode.streams:
            stream = self.episode["instruction"]
            before = None
            for time, text in zip(stream.times_ns, stream.values, strict=True):
                if str(text) != before:
                    yield {"time_s": float(time) * 1e-9, "kind": "word", "told": f"“{text}”"}
                before = str(text)

    def sound(self, name: str, from_s: float, seconds: float) -> bytes:
        """A piece of a sound as WAV, 16 bits, from a time on.

        Raises:
            SignalUnavailable: if there is no such stream. InputError: if it is none of sound.
        """
        stream = self.episode[name]
        if stream.signal.family != "hear":
            raise InputError("this stream is none of sound", got=name)
        with self._lock:
            _, samples = self._numbers(stream, from_s, from_s + min(max(seconds, 0.02), MOST_SOUND_S))
        out = io.BytesIO()
        with wave.open(out, "wb") as file:
            file.setnchannels(samples.shape[1])
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            file.writeframes((np.clip(np.nan_to_num(samples), -1, 1) * 32_767).astype("<i2").tobytes())
        return out.getvalue()


def _size(glance: Glance) -> tuple[int, int]:
    """How large a picture is sent: as it is, small ones larger, at most MOST_PX wide."""
    shape = glance.shape
    if shape is None:
        return 320, 240
    high, wide = shape
    times = max(1, -(-240 // wide)) if wide < 240 else min(1.0, MOST_PX / wide)
    return round(wide * times), max(round(high * times), 1)


def _key_said(panel: Panel, scale: Scale) -> dict[str, Any]:
    match panel.key(scale):
        case Bar(table, low, high):
            picked = colors.through(table, np.linspace(0, 1, 9)).tolist()
            return {"colors": [_hex(color) for color in picked], "low": low, "high": high}
        case Chips(chips):
            return {"chips": [{"color": _hex(color), "told": told} for color, told in chips]}
        case Words():
            return {}
        case other:
            return {"note": other.note}


def _order(name: str) -> tuple[int, str]:
    """What one wants to see first: what was done, then what came of it."""
    signal = name.partition("@")[0]
    return FIRST.index(signal) if signal in FIRST else len(FIRST), name


def _hex(color: Sequence[int]) -> str:
    return "#" + "".join(f"{int(level):02x}" for level in color)


def _unit(stream: Stream) -> str:
    return "" if stream.signal.unit == "1" else stream.signal.unit


def _thinned(times: NDArray[np.float64], values: NDArray[np.float64], points: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """At most about so many moments: of each piece of time the least and the greatest value of each line, in turn."""
    if len(times) <= points:
        return times, values
    starts: Sequence[int] = np.unique(np.linspace(0, len(times), points // 2, endpoint=False).astype(int)).tolist()
    least, most = (np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts))
    out = np.empty((2 * len(starts), values.shape[1]))
    out[0::2], out[1::2] = least, most
    ends = np.append(starts[1:], len(times)) - 1
    at = np.empty(len(out))
    at[0::2], at[1::2] = times[starts], (times[starts] + times[ends]) / 2
    return at, out
