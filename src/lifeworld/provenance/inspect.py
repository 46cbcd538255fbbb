"""What a file's manifest says and whether it holds. Reads strangers' bytes: in its own process only (`verify.py`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from lifeworld.core.errors import FileTooLarge, UnreadableFile
from lifeworld.provenance.authority import MOST_PEM, fingerprint
from lifeworld.provenance.made import LABEL, SOURCE
from lifeworld.provenance.sign import FORMATS, SETTINGS, format_of, library, refused
from lifeworld.provenance.verdict import Verdict

MOST_BYTES = 2_000_000_000
MOST_WORDS = 2_000
MOST_LISTED = 64
UNSPOKEN = "signingCredential.untrusted"
"""What C2PA calls an authority that is not known: a standing of its own here, no problem of the file."""


def inspect(path: Path, known: Mapping[str, str]) -> Verdict:
    """What is known about a file, `known` being the authorities by fingerprint (PEM).

    Raises:
        FileTooLarge: over 2 GB. InputError: if there is none.
    """
    try:
        form: str | None = format_of(path)
    except UnreadableFile:
        form = None
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise FileTooLarge(
            "the file is too large to be looked into", where=path.name, got=f"{size:,} bytes", expected=f"at most {MOST_BYTES:,}"
        )
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    base: dict[str, Any] = {"file": path.name, "format": form, "sha256": digest, "bytes": size}
    if form is None:
        return Verdict(**base, standing="unsigned", problems=("a file of this sort carries no signature",))
    try:
        said = _read(path, form, "\n".join(known.values()))
    except UnreadableFile as error:  # whether the picture or its manifest is damaged: what it says counts for nothing
        return Verdict(**base, standing="changed", problems=(_word(error.got) or error.what,))
    if said is None:
        return Verdict(**base, standing="unsigned")
    active = said["manifests"].get(said.get("active_manifest"), {})
    state, problems = said.get("validation_state"), _problems(said)
    if state not in ("Valid", "Trusted") or problems:
        return Verdict(**base, standing="changed", problems=problems or (f"the manifest is {state}",))
    made = _made(active)
    own, digits = made.pop("authority", None) if made else None, None
    if isinstance(own, str) and len(own) <= MOST_PEM:
        with suppress(UnreadableFile):
            digits = fingerprint(own)
            again = _read(path, form, own)
            if again is None or again.get("validation_state") != "Trusted":
                own = digits = None  # it brings a certificate that is not the one it was signed under
    info = active.get("signature_info") or {}
    by = (active.get("claim_generator_info") or [{}])[0]
    return Verdict(
        **base,
        standing="known" if state == "Trusted" else "stranger",
        who=_word(info.get("common_name")) or _word(info.get("issuer")),
        by=" ".join(filter(None, (_word(by.get("name")), _word(by.get("version"))))) or None,
        fingerprint=digits,
        authority=own if digits else None,
        origin=_word((made or {}).get("origin")) or _origin(active),
        made=made,
        parents=tuple(_parent(one) for one in (active.get("ingredients") or [])[:MOST_LISTED]),
    )


def _read(path: Path, form: str, anchors: str) -> dict[str, Any] | None:
    """The manifest store as C2PA reads it; None where there is none."""
    c2pa = library()
    settings = {**SETTINGS, **({"trust": {"trust_anchors": anchors}} if anchors else {})}
    try:
        with c2pa.Context.from_dict(settings) as context, path.open("rb") as file:
            reader = c2pa.Reader.try_create(FORMATS[form], file, context=context)
            if reader is None:
                return None
            with reader:
                said = json.loads(reader.json())
    except c2pa.C2paError as error:
        raise refused(error, path) from error
    return said if isinstance(said, dict) else None


def _problems(said: Mapping[str, Any]) -> tuple[str, ...]:
    codes = [str(one.get("code")) for one in said.get("validation_status") or ()]
    return tuple(dict.fromkeys(code[:MOST_WORDS] for code in codes if code != UNSPOKEN))[:MOST_LISTED]


def _made(active: Mapping[str, Any]) -> dict[str, Any] | None:
    """Our assertion, made harmless: words and numbers of bounded length."""
    for assertion in active.get("assertions") or ():
        if assertion.get("label") == LABEL and isinstance(assertion.get("data"), dict):
            return {str(key)[:80]: _bounded(value) for key, value in list(assertion["data"].items())[:MOST_LISTED]}
    return None


def _bounded(value: Any) -> Any:
    if isinstance(value, str):
        return value[: max(MOST_WORDS, MOST_PEM)]
    if isinstance(value, list):
        return [_word(one) for one in value[:MOST_LISTED]]
    return value if value is None or isinstance(value, bool | int | float) else _word(json.dumps(value))


def _word(value: Any) -> str | None:
    if value is None:
        return None
    return "".join(c if c.isprintable() else " " for c in str(value)[:MOST_WORDS])


def _origin(active: Mapping[str, Any]) -> str | None:
    """The origin that a file of others tells in C2PA's words."""
    words = {source: origin.value for origin, source in SOURCE.items()}
    for assertion in active.get("assertions") or ():
        if str(assertion.get("label", "")).startswith("c2pa.actions"):
            for action in (assertion.get("data") or {}).get("actions") or ():
                source = action.get("digitalSourceType")
                if source:
                    return words.get(source) or _word(str(source).rpartition("/")[2])
    return None


def _parent(ingredient: Mapping[str, Any]) -> dict[str, Any]:
    held: bool | None = None
    if results := ingredient.get("validation_results"):
        failures = (results.get("activeManifest") or {}).get("failure") or ()
        held = all(one.get("code") == UNSPOKEN for one in failures)
    return {"title": _word(ingredient.get("title")) or "something", "held": held}
