"""The ledger of a bundle: agreements that are whole and of somebody in it, tombstones that can be read, nobody back from the dead."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from lifeworld.core.errors import LifeworldError
from lifeworld.core.origin import Consent
from lifeworld.episode.check.problem import Problem
from lifeworld.episode.index import Index
from lifeworld.episode.ledger import CONSENTS, TOMBSTONES, tombstones


def check_ledger(root: Path, index: Index) -> Iterator[Problem]:
    subjects = {subject for subjects in index.table["subjects"].to_pylist() for subject in subjects}
    for path in sorted((root / CONSENTS).glob("*")):
        where = f"{CONSENTS}/{path.name}"
        raw = path.read_bytes() if path.is_file() else b""
        if path.name != f"{hashlib.sha256(raw).hexdigest()}.json":
            yield Problem(where=where, what="not the agreement that its name is the hash of", fix="Bring it back from a copy.")
            continue
        try:
            consent = Consent.from_json(raw)
        except LifeworldError as error:
            yield Problem.of(error, where=where)
            continue
        if consent.subject not in subjects:
            yield Problem(
                where=where,
                what="an agreement of somebody who is in no episode",
                fix=f"`lifeworld erase --subject {consent.subject}` removes it.",
                warning=True,
            )
    try:
        tombstones(root)
    except LifeworldError as error:
        yield Problem.of(error, where=TOMBSTONES)
