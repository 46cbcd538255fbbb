"""What somebody takes away from a session: a picture, a film, a sound, the world itself; each signed, with its origin inside.

POST /api/sessions/{name}/export   {"form": "png", "stream": "rgb@front"}      the file, for the owner
"""

from __future__ import annotations

import tempfile
import threading
import wave
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from fastapi import APIRouter, HTTPException, Request, Response
from PIL import Image
from pydantic import BaseModel, Field

from lifeworld.core.errors import EditError, InputError, LimitError
from lifeworld.core.origin import Provenance
from lifeworld.core.signal import RATE_HZ
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.film_write import write_mp4
from lifeworld.provenance import Authority, Made, sign
from lifeworld.provenance.made import MOST_TITLE
from lifeworld.studio import eye, wire
from lifeworld.studio.keep import pieces
from lifeworld.studio.scenery import physical
from lifeworld.studio.session import Session
from lifeworld.worlds.game import WorldGame
from lifeworld.worlds.package import digest_of, pack
from lifeworld.worlds.record import record_from
from lifeworld.worlds.replay import AgentRecorded, record_line
from lifeworld.worlds.timeline import Timeline
from lifeworld.worlds.world import World

Form = Literal["png", "mp4", "wav", "world"]
MEDIA = {"png": "image/png", "mp4": "video/mp4", "wav": "audio/wav", "world": "application/octet-stream"}
MOST_S = 120.0
"""How long a film or a sound may be: its pictures are drawn again while the world goes on."""
MOST_CHANGES = 60
FULL_SCALE = 32_767


class Export(BaseModel):
    """What is asked for. Of a physical world a picture can be seen from anywhere: from `eye_m`, looking at `at_m`."""

    form: Form
    stream: str | None = Field(None, max_length=200)
    eye_m: tuple[float, float, float] | None = None
    at_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    fov_deg: float = Field(50.0, ge=10.0, le=120.0)
    width_px: int = Field(1280, ge=64, le=1280)
    height_px: int = Field(720, ge=64, le=1280)


class Sessions(Protocol):
    """Who knows the sessions."""

    def session(self, name: str) -> Session: ...


def routes(studio: Sessions) -> APIRouter:
    """The route of exports: one at a time, since each takes what a world takes."""
    router, turn = APIRouter(), threading.Lock()

    @router.post("/api/sessions/{name}/export", response_class=Response)
    def export(name: str, asked: Export, request: Request) -> Response:
        session = studio.session(name)
        if not session.owns(request.scope["who"]):
            raise HTTPException(403, {"code": "guest", "message": "You are a guest here: its owner takes things away."})
        if not turn.acquire(blocking=False):
            raise HTTPException(409, {"code": "busy", "message": "Something is being taken away already: wait until that is done."})
        try:
            data = exported(session, asked)
        finally:
            turn.release()
        disposition = f'attachment; filename="{named(session.title, asked.form)}"'
        return Response(data, media_type=MEDIA[asked.form], headers={"content-disposition": disposition, "cache-control": "no-store"})

    return router


def exported(session: Session, asked: Export, *, authority: Authority | None = None) -> bytes:
    """The bytes of a signed file.

    Raises:
        InputError: for what this world does not show, or that is too long; EditError: for what only physical worlds have.
        StorageError: if the disk refuses. MissingExtra: without c2pa-python.
    """
    world, line, seed = session.copied()
    with tempfile.TemporaryDirectory(prefix="lifeworld-export-") as folder:
        file = Path(folder) / named(session.title, asked.form)
        made = _WRITERS[asked.form](file, world, line, seed, session.title[:MOST_TITLE], asked)
        sign(file, made, authority=authority or Authority.usual(), sources=[session.source] if session.source else [])
        return file.read_bytes()


def named(title: str, form: str) -> str:
    """A file's name by a title: plain letters, so that no system trips over it."""
    plain = "".join(c if c.isascii() and c.isalnum() else " " for c in title).split()
    return f"{'-'.join(plain)[:60].lower() or 'world'}.{form}"


# -- one function a form ---------------------------------------------------------------------------------------------------


def _png(file: Path, world: World[Any], line: Timeline[Any], seed: int, title: str, asked: Export) -> Made:
    state, body = line.state, physical(line.state)
    if asked.eye_m is not None:
        if body is None:
            raise EditError("only physical worlds can be seen from anywhere", got=world.spec.engine, reason="cannot")
        look = wire.Draw(0, eye_m=asked.eye_m, at_m=asked.at_m, fov_deg=asked.fov_deg, width_px=asked.width_px, height_px=asked.height_px)
        eye.check(look)
        seer = eye.Eye()
        try:
            picture = seer.picture(body, look)
        finally:
            seer.close()
    else:
        stream = asked.stream or _first(world, "rgb")
        if world.spec.signals.get(stream) != "rgb":
            raise InputError(
                "this is no picture", got=stream, expected=", ".join(s for s, sort in world.spec.signals.items() if sort == "rgb")
            )
        picture = world.observe(state, [stream])[stream]
    Image.fromarray(picture).save(file, format="PNG")
    return _made(world, line, seed, title)


def _mp4(file: Path, world: World[Any], line: Timeline[Any], seed: int, title: str, asked: Export) -> Made:
    _check_lived(world, line)
    stream = asked.stream or _first(world, "rgb")
    ears = f"audio_stereo@{stream.partition('@')[2]}"
    episodes = _recorded(world, line, seed, title, [stream, *([ears] if ears in world.spec.signals else [])])
    write_mp4(episodes, file)
    return replace(Made.of(episodes[0]), changes=_changes(world, line))


def _wav(file: Path, world: World[Any], line: Timeline[Any], seed: int, title: str, asked: Export) -> Made:
    _check_lived(world, line)
    stream = asked.stream or _first(world, "audio_stereo")
    if world.spec.signals.get(stream) not in ("audio_stereo", "audio_mono"):
        raise InputError("this is no sound", got=stream, expected=_first(world, "audio_stereo"))
    episodes = _recorded(world, line, seed, title, [stream])
    blocks = [np.asarray(block, dtype=np.float32) for episode in episodes for block in episode[stream].values]
    samples = np.concatenate([block.reshape(len(block), -1) for block in blocks])
    with wave.open(str(file), "wb") as out:
        out.setnchannels(samples.shape[1])
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(np.round(np.clip(samples, -1, 1) * FULL_SCALE).astype("<i2").tobytes())
    return replace(Made.of(episodes[0]), changes=_changes(world, line))


def _world(file: Path, world: World[Any], line: Timeline[Any], seed: int, title: str, asked: Export) -> Made:
    pack(file, world, line, seed=seed, title=title)  # type: ignore[arg-type]  # it refuses other worlds itself
    return _made(world, line, seed, title)


_WRITERS = {"png": _png, "mp4": _mp4, "wav": _wav, "world": _world}


# -- below -----------------------------------------------------------------------------------------------------------------


def _recorded(world: World[Any], line: Timeline[Any], seed: int, title: str, signals: list[str]) -> list[Episode]:
    """The branch that is now as episodes: more than one, where somebody was taken out."""
    if not world.spec.editable:
        return [_played(world, line, seed, title, signals)]
    out = []
    for piece in pieces(world, line):
        world.edit(piece.nodes[0].course.start, ())
        out.append(replace(record_line(world, piece, seed=seed, signals=signals), title=title))
    return out


def _played(world: World[Any], line: Timeline[Any], seed: int, title: str, signals: list[str]) -> Episode:
    """Of what cannot be edited: what was done is done again from the first state, a game in a process of its own."""
    first = line.nodes[0].course.start
    if isinstance(world, WorldGame):
        again = WorldGame(world.spec.renderer)
        world, first = again, again.load(world.save(first))
    try:
        seconds = line.tick * world.spec.tick_ns * 1e-9
        return record_from(world, AgentRecorded(line.actions()), first, seconds=seconds, seed=seed, signals=signals, title=title)
    finally:
        if isinstance(world, WorldGame):
            world.close()


def _check_lived(world: World[Any], line: Timeline[Any]) -> None:
    if not world.spec.editable and world.spec.engine not in ("game", "dream"):
        fix = "`lifeworld export` makes films of episodes."
        raise EditError("this is a recording: nothing was made here", got=world.spec.engine, reason="cannot", fix=fix)
    tick_s = world.spec.tick_ns * 1e-9
    if not 1 <= line.tick <= MOST_S / tick_s:
        raise LimitError(
            "a film or a sound is of what has been lived here",
            got=f"{line.tick * tick_s:.2f} s",
            expected=f"{tick_s:g} to {MOST_S:g} s",
            fix="Go to a moment within that, or keep the whole branch as an episode.",
        )


def _made(world: World[Any], line: Timeline[Any], seed: int, title: str) -> Made:
    spec = world.spec
    provenance = Provenance.now(
        engine=spec.engine,
        engine_version=spec.engine_version,
        renderer=spec.renderer,
        scene_sha256=digest_of(world.scene(line.nodes[0].course.start)) if spec.editable else None,
        seed=seed,
    )
    return Made(title=title, origin=spec.origin, provenance=provenance, changes=_changes(world, line))


def _changes(world: World[Any], line: Timeline[Any]) -> tuple[str, ...]:
    tick_s = world.spec.tick_ns * 1e-9
    told = [f"{tick * tick_s:.2f} s: {said}" for tick, _, said in line.changes() if said]
    return tuple(told if len(told) <= MOST_CHANGES else [*told[: MOST_CHANGES - 1], f"and {len(told) - MOST_CHANGES + 1} more"])


def _first(world: World[Any], signal: str) -> str:
    found = [stream for stream, sort in world.spec.signals.items() if sort == signal]
    if not found:
        raise InputError(f"this world has no {signal}", got=", ".join(sorted(set(world.spec.signals.values()))[:12]))
    return found[0]
