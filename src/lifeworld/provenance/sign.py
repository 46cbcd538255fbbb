"""A file is signed: what it is made of and by whom goes into it, and nobody changes a byte of it unseen.

    sign("tabletop.png", Made(title="A table", origin=Origin.SIMULATED, provenance=…))

PNG, JPEG, MP4, WAV and `.world` (a zip whose entries are stored) carry a C2PA manifest. No thumbnail is added, nothing is fetched, and no
authority is asked for the time: `created` is what this machine's clock said.

Source: C2PA 2.2; c2pa-python, docs/context-settings.md.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from lifeworld.core.errors import InputError, LifeworldError, MissingExtra, UnreadableFile
from lifeworld.core.storage import on_disk
from lifeworld.core.write import replace_file
from lifeworld.provenance.authority import Authority
from lifeworld.provenance.made import LABEL, SOURCE, Made

SETTINGS: dict[str, Any] = {
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": True},
    "core": {"allowed_network_hosts": []},
}
FORMATS = {"png": "image/png", "jpeg": "image/jpeg", "mp4": "video/mp4", "wav": "audio/wav", "world": "zip"}
"""Our name → what the C2PA library calls it."""
_HEADS = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"PK\x03\x04", "world"))
MOST_SOURCES = 16


def sign(path: Path | str, made: Made, *, authority: Authority | None = None, sources: Sequence[Path | str] = ()) -> None:
    """Sign a file where it lies: whole, or as it was.

    Args:
        authority: who signs; this user if not given.
        sources: files it was made of; what their own manifests say goes along.

    Raises:
        UnreadableFile: for a file of a sort that cannot carry a signature, or is damaged.
        MissingExtra: without c2pa-python.
        StorageError: if the disk refuses.
    """
    c2pa = library()
    file, signer = Path(path), authority or Authority.usual()
    form = format_of(file)
    if len(sources) > MOST_SOURCES:
        raise InputError("a file is made of too many files", got=len(sources), expected=f"at most {MOST_SOURCES}")
    manifest = {
        "claim_generator_info": [{"name": "lifeworld", "version": _version()}],
        "title": made.title or file.name,
        "format": FORMATS[form],
        "ingredients": [{"title": uid, "instance_id": uid, "relationship": "inputTo"} for uid in made.provenance.parents],
        "assertions": [
            {"label": "c2pa.actions", "data": {"actions": [{"action": "c2pa.created", "digitalSourceType": SOURCE[made.origin]}]}},
            {"label": LABEL, "data": {**made.said(), "authority": signer.pem}},
        ],
    }
    info = c2pa.C2paSignerInfo("es256", signer.chain.encode(), signer.key, None)
    try:
        with (
            on_disk(file),
            replace_file(file) as beside,
            c2pa.Context.from_dict(SETTINGS) as context,
            c2pa.Signer.from_info(info) as by,
            c2pa.Builder(json.dumps(manifest), context=context) as builder,
        ):
            for source in sources:
                with Path(source).open("rb") as stream:
                    said = {"title": Path(source).name, "relationship": "inputTo"}
                    builder.add_ingredient_from_stream(json.dumps(said), FORMATS[format_of(Path(source))], stream)
            with file.open("rb") as stream, beside.open("w+b") as out:
                builder.sign(by, FORMATS[form], stream, out)
    except c2pa.C2paError as error:
        raise refused(error, file) from error


def format_of(path: Path) -> str:
    """What a file is by its first bytes: a key of `FORMATS`.

    Raises:
        UnreadableFile: if it is none of them. InputError: if there is no such file.
    """
    if not path.is_file():
        raise InputError("there is no such file", got=str(path))
    with path.open("rb") as file:
        head = file.read(16)
    for start, form in _HEADS:
        if head.startswith(start):
            return form
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    if head[4:8] == b"ftyp":
        return "mp4"
    raise UnreadableFile(
        "a file of this sort carries no signature",
        where=path.name,
        expected="PNG, JPEG, MP4, WAV or .world",
        fix="Put it into one that does.",
    )


def refused(error: Exception, path: Path) -> LifeworldError:
    """An error of the C2PA library as one of ours."""
    return UnreadableFile("the file cannot be read as what it is said to be", where=path.name, got=str(error)[:200])


def library() -> Any:
    """The C2PA library.

    Raises:
        MissingExtra: if it is not installed.
    """
    try:
        import c2pa  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtra("signing", "studio") from error
    return c2pa


def _version() -> str:
    try:
        return version("lifeworld")
    except PackageNotFoundError:
        return "not installed"
