"""Episodes of another bundle of our own, as they are: its uids become their parents, everything else stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lifeworld.core.errors import ForeignFileError
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.report import Report


def read(path: Path, *, report: Report) -> Iterator[Episode]:
    """The episodes of a bundle; those that are damaged are skipped.

    Raises:
        UnreadableFile: if the bundle itself is damaged.
    """
    bundle = open_bundle(path)
    for index, uid in enumerate(bundle.uids):
        try:
            episode = bundle[index]
        except ForeignFileError as error:
            report.skip(f"{path.name}, episode {index}", str(error))
            continue
        parents = (f"episode:{uid} {path.resolve().name}", *episode.provenance.parents)
        yield replace(episode, provenance=replace(episode.provenance, parents=parents))
