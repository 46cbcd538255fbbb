"""An asset folder made elsewhere, checked as any other foreign file: its model may be as hostile as any MJCF."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from lifeworld.core.errors import UnreadableFile, UnsafeFile
from lifeworld.scene.formats.asset import MODEL, read_manifest
from lifeworld.scene.formats.gather import Gatherer
from lifeworld.scene.formats.sandbox import Job
from lifeworld.scene.formats.source import FolderSource

_NOT_IN_AN_ASSET = ("include", "replicate", "flexcomp", "attach", "model", "option", "size", "keyframe")


def check(job: Job) -> dict[str, Any]:
    """Reads the asset folder `job.source` as a stranger's; raises unless it is in the normal form and is what it says."""
    folder = Path(job.source)
    manifest, digest = read_manifest(folder)
    source = FolderSource(folder, job.limits)
    root = Gatherer(source, Path(job.work) / "gathered").gather(MODEL)
    for element in root.iter():
        if element.tag in _NOT_IN_AN_ASSET:
            raise UnsafeFile(
                f"<{element.tag}> has no place in an asset's model", where=f"{folder.name}/{MODEL}", fix="Import the source again."
            )
    listed = {each.name for each in manifest.files}
    if strange := sorted(set(source.read_files) - listed):
        raise UnsafeFile("the model reads a file the asset does not list", where=f"{folder.name}/{MODEL}", got=strange[0][:200])

    from lifeworld.scene.formats.model import check_folder, describe

    found = describe(check_folder(folder))
    for what, says, is_ in (
        ("joints", [(j.name, j.type) for j in manifest.joints], [(j.name, j.type) for j in found.joints]),
        ("actuators", [(a.name, a.kind) for a in manifest.actuators], [(a.name, a.kind) for a in found.actuators]),
        ("fixed", manifest.fixed, found.fixed),
    ):
        if says != is_:
            raise UnreadableFile(f"asset.toml and model.xml disagree about {what}", where=folder.name, got=says, expected=is_)
    spans = [*zip(manifest.size_m, found.size_m, strict=True), *zip(manifest.low_m, found.low_m, strict=True)]
    if not all(math.isclose(a, b, rel_tol=1e-3, abs_tol=1e-4) for a, b in spans):
        raise UnreadableFile(
            "asset.toml and model.xml disagree about the size", where=folder.name, got=manifest.size_m, expected=found.size_m
        )
    return {"digest": digest}
