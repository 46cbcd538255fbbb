"""A file of an episode, to take away: a film of its cameras with its sound, signed, its origin inside; or all of it as MCAP.

POST /api/library/{card}/episodes/{uid}/export   {"form": "mp4", "from_s": 1.0, "to_s": 4.5}      the file
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Literal

from fastapi.responses import FileResponse
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask

from lifeworld.core.errors import InputError, LimitError, UnknownName
from lifeworld.episode.bundle import Bundle
from lifeworld.episode.cut import cut
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats import mcap_write
from lifeworld.episode.formats.film_write import write_mp4
from lifeworld.provenance import Authority, Made, sign
from lifeworld.studio.export import named

MEDIA = {"mp4": "video/mp4", "mcap": "application/octet-stream"}
MOST_S = {"mp4": 600.0, "mcap": 3_600.0}
"""How long what is taken away may be: it is decoded and written anew while somebody waits."""


class Taken(BaseModel):
    """What is asked for: which form, and which piece, from its beginning or to its end where nothing is said."""

    form: Literal["mp4", "mcap"]
    from_s: float | None = Field(None, ge=0, le=86_400, allow_inf_nan=False)
    to_s: float | None = Field(None, gt=0, le=86_400, allow_inf_nan=False)


def taken(bundle: Bundle, uid: str, asked: Taken, *, authority: Authority | None = None) -> FileResponse:
    """The file; it lies in a folder of its own, which goes when it has been sent.

    Raises:
        UnknownName: for no episode of this bundle. InputError: for a piece that is none, or a film of what has no pictures.
        LimitError: if it is too long. StorageError: if the disk refuses. MissingExtra: without c2pa-python.
    """
    if uid not in bundle.uids:
        raise UnknownName("episode", uid, bundle.uids, where=str(bundle.path))
    episode = _piece(bundle.episode(uid), uid, asked)
    seconds = episode.duration_ns * 1e-9
    if seconds > MOST_S[asked.form]:
        fix, most = "Take a piece of it, or use `lifeworld export`.", f"at most {MOST_S[asked.form]:.0f} s"
        raise LimitError("this is too long to be taken away", where=asked.form, got=f"{seconds:.0f} s", expected=most, fix=fix)
    folder = Path(tempfile.mkdtemp(prefix="lifeworld-taken-"))
    try:
        file = folder / named(episode.title, asked.form)
        if asked.form == "mp4":
            write_mp4([episode], file)
            sign(file, Made.of(episode, uid=uid), authority=authority or Authority.usual())
        else:
            mcap_write.write([episode], file)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    gone = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    return FileResponse(file, media_type=MEDIA[asked.form], filename=file.name, headers={"cache-control": "no-store"}, background=gone)


def _piece(episode: Episode, uid: str, asked: Taken) -> Episode:
    """All of it, or what lies between two moments."""
    end_s = episode.duration_ns * 1e-9
    from_s, to_s = asked.from_s or 0.0, min(end_s, end_s if asked.to_s is None else asked.to_s)
    if from_s >= to_s:
        raise InputError("a piece ends after it begins", got=f"{from_s:g} to {to_s:g} s", expected=f"within 0 to {end_s:g} s")
    if from_s == 0.0 and to_s == end_s:
        return episode
    return replace(cut(episode, round(from_s * 1e9), round(to_s * 1e9), parent=uid), title=episode.title)
