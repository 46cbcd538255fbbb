"""The episodes of a bundle in a page: looked at, cut, relabelled, flagged, deleted and brought back; entered again at any tick.

GET  /api/library/{card}/episodes                              a row for each, those that were deleted, what can be undone
GET  /api/library/{card}/episodes/{uid}                        one: what is known of it, its tracks, curves, marks, sounds
GET  …/{uid}/cover                                             its middle, JPEG
GET  …/{uid}/pictures/{track}?first=                           sixteen pictures (tracks.py); /clock/{track} their times
GET  …/{uid}/curve/{stream}?from_s=&to_s=&points=              numbers, thinned
GET  …/{uid}/sound/{stream}?from_s=&seconds=                   WAV
POST …/{uid}/relabel  {"title", "labels"}                      null takes a label away
POST …/{uid}/cut      {"from_s", "to_s"}                       a new episode; the whole one is deleted
POST …/{uid}/delete   …/{uid}/back   …/{uid}/erase             out of sight; in sight again; gone for good
POST …/{uid}/enter    {"at_s"}                                 a session in it
POST …/{uid}/export   {"form", "from_s", "to_s"}               a file of it, to take away (taken.py)
POST /api/library/{card}/undo                                  the last of these but erasing, taken back

What is not erased is never lost: values are sealed (episode/amend.py).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Protocol, TypeVar

import numpy as np
from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel, Field

from lifeworld.core.errors import LifeworldError, UnknownName
from lifeworld.episode import amend
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.cut import cut
from lifeworld.episode.erase import erase
from lifeworld.episode.keys import Keys
from lifeworld.episode.seal import append_to
from lifeworld.studio.cover import covered
from lifeworld.studio.library import Library, begun
from lifeworld.studio.session import Session
from lifeworld.studio.taken import Taken, taken
from lifeworld.studio.tracks import MOST_SOUND_S, Tracks
from lifeworld.worlds.record import STATE
from lifeworld.worlds.recording import WorldRecording

T = TypeVar("T")
MOST_OPEN = 8
MOST_UNDO = 50
WAIT_S = 10.0
"""For another who writes to the same bundle."""


class Relabel(BaseModel):
    title: str | None = Field(None, max_length=amend.MOST_TITLE)
    labels: dict[str, str | None] = Field(default_factory=dict, max_length=amend.MOST_LABELS)


class Cut(BaseModel):
    from_s: float = Field(ge=0, allow_inf_nan=False)
    to_s: float = Field(gt=0, le=86_400, allow_inf_nan=False)


class Enter(BaseModel):
    at_s: float = Field(0.0, ge=0, le=86_400, allow_inf_nan=False)


class Turn(Protocol):
    """How an episode is taken out of sight, or into it."""

    def __call__(self, bundle: Path, uid: str, /, *, wait_s: float) -> object: ...


@dataclass(slots=True)
class _Undo:
    told: str
    work: Callable[[], object]


@dataclass(slots=True)
class Desk:
    """What is open, and what was changed in each bundle since the server began."""

    library: Library
    done: dict[Path, list[_Undo]] = field(default_factory=dict)
    _open: OrderedDict[tuple[Path, str, int], Tracks] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def tracks(self, card: str, uid: str) -> Tracks:
        """An episode that is open, or is opened now."""
        folder = self.library.bundle(card)
        bundle = open_bundle(folder)
        key = (folder, uid, bundle.snapshot)
        with self._lock:
            if key in self._open:
                self._open.move_to_end(key)
                return self._open[key]
        opened = Tracks(bundle.episode(uid))
        with self._lock:
            self._open[key] = opened
            while len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)
        return opened

    def did(self, folder: Path, told: str, work: Callable[[], object]) -> None:
        """What was done, and how it is undone."""
        done = self.done.setdefault(folder, [])
        done.append(_Undo(told, work))
        del done[:-MOST_UNDO]

    def turned(self, folder: Path, uid: str, told: str, way: Turn, *, back: Turn) -> dict[str, Any]:
        """An episode taken out of sight or into it; what would be undone then."""
        _mended(lambda: way(folder, uid, wait_s=WAIT_S))
        self.did(folder, told, lambda: back(folder, uid, wait_s=WAIT_S))
        return {"undo": self.told(folder)}

    def undo(self, folder: Path) -> str:
        done = self.done.get(folder)
        if not done:
            raise HTTPException(409, {"code": "nothing_to_undo", "message": "There is nothing to undo."})
        last = done.pop()
        last.work()
        return last.told

    def told(self, folder: Path) -> str | None:
        """What would be undone."""
        done = self.done.get(folder)
        return done[-1].told if done else None


def routes(library: Library, add: Callable[[Session], Session]) -> APIRouter:
    """The routes of a library's bundles; `add` takes the sessions that begin in an episode."""
    router, desk, turn = APIRouter(), Desk(library), Lock()
    one = "/api/library/{card}/episodes/{uid}"

    @router.get("/api/library/{card}/episodes")
    def overview(card: str) -> dict[str, Any]:
        folder = library.bundle(card)
        return _mended(lambda: _overview(folder)) | {"undo": desk.told(folder), "card": card}

    @router.get(one)
    def episode(card: str, uid: str) -> dict[str, Any]:
        return _mended(lambda: _episode(library.bundle(card), uid, desk.tracks(card, uid)))

    @router.get(one + "/pictures/{track}")
    def pictures(card: str, uid: str, track: str, first: int = Query(0, ge=0, le=2**40)) -> Response:
        return _bytes(_mended(lambda: desk.tracks(card, uid).pictures(track, first)))

    @router.get(one + "/cover")
    def cover(card: str, uid: str) -> Response:
        made = _mended(lambda: covered(open_bundle(library.bundle(card)).episode(uid)))
        if made is None:
            raise HTTPException(404, {"code": "no_picture", "message": "There is no picture in this episode."})
        return Response(made, media_type="image/jpeg", headers={"cache-control": "private, max-age=600"})

    @router.get(one + "/clock/{track}")
    def clock(card: str, uid: str, track: str) -> Response:
        return _bytes(_mended(lambda: desk.tracks(card, uid).clock(track)))

    @router.get(one + "/curve/{stream}")
    def curve(
        card: str, uid: str, stream: str, from_s: float = Query(0, allow_inf_nan=False, ge=-1e6, le=1e6),
        to_s: float = Query(1e6, allow_inf_nan=False, ge=-1e6, le=1e6), points: int = Query(1_000, ge=1, le=100_000),
    ) -> dict[str, Any]:  # fmt: skip
        return _mended(lambda: desk.tracks(card, uid).curve(stream, from_s, to_s, points))

    @router.get(one + "/sound/{stream}")
    def sound(
        card: str, uid: str, stream: str, from_s: float = Query(0, allow_inf_nan=False, ge=0, le=1e6),
        seconds: float = Query(MOST_SOUND_S, allow_inf_nan=False, gt=0, le=MOST_SOUND_S),
    ) -> Response:  # fmt: skip
        return _bytes(_mended(lambda: desk.tracks(card, uid).sound(stream, from_s, seconds)), "audio/wav")

    @router.post(one + "/relabel")
    def relabel(card: str, uid: str, asked: Relabel) -> dict[str, Any]:
        folder = library.bundle(card)
        was = _mended(lambda: amend.relabel(folder, uid, title=asked.title, labels=asked.labels, wait_s=WAIT_S))
        title = was.title if asked.title is not None else None
        desk.did(folder, "other words", lambda: amend.relabel(folder, uid, title=title, labels=was.labels, wait_s=WAIT_S))
        return {"undo": desk.told(folder)}

    @router.post(one + "/cut")
    def cut_out(card: str, uid: str, asked: Cut) -> dict[str, Any]:
        folder = library.bundle(card)
        new = _mended(lambda: _cut(folder, uid, asked.from_s, asked.to_s))

        def undo() -> None:
            amend.bring_back(folder, uid, wait_s=WAIT_S)
            amend.set_aside(folder, new, wait_s=WAIT_S)

        desk.did(folder, "the cut", undo)
        return {"uid": new, "undo": desk.told(folder)}

    @router.post(one + "/delete")
    def delete(card: str, uid: str) -> dict[str, Any]:
        return desk.turned(library.bundle(card), uid, "the deletion", amend.set_aside, back=amend.bring_back)

    @router.post(one + "/back")
    def back(card: str, uid: str) -> dict[str, Any]:
        return desk.turned(library.bundle(card), uid, "the return", amend.bring_back, back=amend.set_aside)

    @router.post(one + "/erase")
    def erase_it(card: str, uid: str) -> dict[str, Any]:
        folder = library.bundle(card)
        done = _mended(lambda: erase(folder, episode=uid, wait_s=WAIT_S))
        desk.done.pop(folder, None)  # what was done before cannot be taken back past this
        return {"files": done.files, "bytes": done.bytes}

    @router.post("/api/library/{card}/undo")
    def undo(card: str) -> dict[str, Any]:
        folder = library.bundle(card)
        told = _mended(lambda: desk.undo(folder))
        return {"told": told, "undo": desk.told(folder)}

    @router.post(one + "/enter")
    def enter(card: str, uid: str, asked: Enter) -> dict[str, str]:
        folder = library.bundle(card)
        tick = _mended(lambda: _tick(folder, uid, asked.at_s))
        return {"session": add(begun(library.begin, str(folder), episode=uid, tick=tick)).name}

    @router.post(one + "/export", response_class=Response)
    def export(card: str, uid: str, asked: Taken) -> Response:
        bundle = open_bundle(library.bundle(card))
        if not turn.acquire(blocking=False):
            raise HTTPException(409, {"code": "busy", "message": "Something is being taken away already: wait until that is done."})
        try:
            return _mended(lambda: taken(bundle, uid, asked))
        finally:
            turn.release()

    return router


def _mended(work: Callable[[], T]) -> T:
    """What `work` gives; an error of ours as an answer with its code."""
    try:
        return work()
    except LifeworldError as error:
        raise HTTPException(404 if isinstance(error, UnknownName) else 422, {"code": error.code, "message": str(error)}) from error


def _bytes(data: bytes, media: str = "application/octet-stream") -> Response:
    return Response(data, media_type=media, headers={"cache-control": "private, max-age=60"})


def _overview(folder: Path) -> dict[str, Any]:
    bundle = open_bundle(folder)
    rows = []
    for at, row in enumerate(bundle.index.table.select(["uid", "title", "origin", "duration_ns", "streams", "number"]).to_pylist()):
        pictured = any(span["name"].partition("@")[0] == "rgb" and span["count"] for span in row["streams"])
        shown = _row(row) | {"streams": len(row["streams"]), "pictured": pictured, "seen_by_lerobot": row["number"] >= 0}
        rows.append(shown | {"labels": bundle.manifest(at).labels if at < 1_000 else {}})
    gone = [_row(row) | {"aside": row["aside"]} for row in amend.aside(folder)]
    return {"folder": str(folder), "name": folder.name, "episodes": rows, "deleted": gone, "snapshot": bundle.snapshot}


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {"uid": row["uid"], "title": row["title"], "origin": row["origin"], "duration_s": row["duration_ns"] * 1e-9}


def _episode(folder: Path, uid: str, tracks: Tracks) -> dict[str, Any]:
    bundle = open_bundle(folder)
    if uid not in bundle.uids:
        raise UnknownName("episode", uid, bundle.uids, where=str(folder))
    at = bundle.uids.index(uid)
    manifest, row = bundle.manifest(at), bundle.index.row(at)
    streams = [
        {
            "name": name,
            "meaning": entry.signal.meaning,
            "count": entry.count,
            "unit": "" if entry.signal.unit == "1" else entry.signal.unit,
            "origin": entry.origin.value,
            "kept_as": f"{entry.codec}, {'lossless' if entry.lossless else 'lossy'}",
            "bytes": sum(file.bytes for file in entry.files),
            "license": entry.license,
            "people": sorted({consent.subject for consent in entry.consents}),
        }
        for name, entry in manifest.streams.items()
    ]
    made = manifest.provenance
    return tracks.said() | {
        "uid": uid,
        "number": at,
        "before": bundle.uids[at - 1] if at else None,
        "after": bundle.uids[at + 1] if at + 1 < len(bundle) else None,
        "bundle": folder.name,
        "folder": str(folder),
        "title": manifest.title,
        "labels": manifest.labels,
        "origin": manifest.origin.value,
        "made": {
            "engine": made.engine,
            "version": made.engine_version,
            "seed": None if made.seed is None else str(made.seed),
            "created": made.created,
            "parents": made.parents,
        },
        "lerobot": None if row["number"] >= 0 else row["left_out"],
        "streams": streams,
    }


def _cut(folder: Path, uid: str, from_s: float, to_s: float) -> str:
    """A piece as a new episode; the whole one out of sight. It begins at a kept state where there are any, so that it can be entered."""
    bundle = open_bundle(folder)
    episode = bundle.episode(uid)
    start = round(from_s * 1e9)
    if STATE in episode.streams and len(episode[STATE]):
        times = episode[STATE].times_ns
        start = int(times[max(int(np.searchsorted(times, start, side="right")) - 1, 0)])
    piece = cut(episode, start, round(to_s * 1e9), parent=uid)
    entries = bundle.manifest(bundle.uids.index(uid)).streams
    exact = {name for name, entry in entries.items() if entry.lossless and entry.codec != "video"}
    encrypt = Keys() if any(entry.encryption is not None for entry in entries.values()) else None
    with append_to(folder, exact=exact, encrypt=encrypt, wait_s=WAIT_S) as writer:
        new = writer.add(piece)
    amend.set_aside(folder, uid, wait_s=WAIT_S)
    return new


def _tick(folder: Path, uid: str, at_s: float) -> int:
    """The tick of a moment: as the states of the episode say how long one is, else as it is replayed."""
    episode = open_bundle(folder).episode(uid)
    if STATE not in episode.streams:
        return round(at_s * 1e9 / WorldRecording(episode).spec.tick_ns)
    said = dict(word.partition("=")[::2] for word in episode.legend.get(STATE, ()))
    tick_ns = int(said.get("tick_ns", 0))
    return round(at_s * 1e9 / tick_ns) if tick_ns > 0 else 0
