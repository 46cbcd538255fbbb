"""MJCF, MuJoCo's own format: a robot or a thing with everything its file uses."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from lifeworld.core.errors import UnreadableFile
from lifeworld.scene.formats.gather import Gatherer
from lifeworld.scene.formats.sandbox import Job
from lifeworld.scene.formats.source import FolderSource


def mjcf(job: Job) -> dict[str, Any]:
    """Writes the MJCF file `job.source` to `job.work/asset`; what it is made of."""
    source = FolderSource(Path(job.root), job.limits)
    name = main_file(source, job)
    gatherer = Gatherer(source, Path(job.work) / "gathered")
    root = gatherer.gather(name)

    from lifeworld.scene.formats.model import drop_world, read_spec, settle  # the engine: only now that all is checked

    gone = drop_world(root)
    spec = read_spec(root, gatherer.work)
    settled = settle(spec, gatherer.kept, Path(job.work) / "asset", hidden=str(gatherer.work))
    settled.left_out[:0] = gone
    return report(settled, name=root.get("model", ""), source=source)


def main_file(source: FolderSource, job: Job) -> str:
    """The name of the job's own file inside the source.

    Raises:
        UnsafeFile: if it does not lie in the job's root.
    """
    found = source.find(os.path.relpath(job.source, source.root))
    if found is None:
        raise UnreadableFile("there is no such file")
    return found


def report(settled: Any, *, source: FolderSource, **more: Any) -> dict[str, Any]:
    """What a reader hands back: the engine's findings, the files it read, and `more`."""
    found = {each: getattr(settled, each) for each in settled.__slots__}
    return {**found, "sources": list(source.read_files.values()), **more}
