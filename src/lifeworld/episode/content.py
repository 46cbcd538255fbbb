"""What a bundle holds, in one hash: the same scene, seed and versions give the same on one machine, whoever and how many made it.

    content(open_bundle("out")).sha256                # what `lifeworld make` and `lifeworld show` print

Of every episode, in their order: its scene, its legend, and of every stream that is kept to the bit what its values mean, when they
were, and the hashes of its files, which `check` holds the files to. Not in it is what another run has otherwise: uids, dates, machines.
Nor what is said of an episode but did not happen in it: titles, labels, terms. Video is lossy and the encoder's affair, and what is
encrypted is salted anew each time: such streams are counted, and left out.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec

from lifeworld.episode.bundle import Bundle
from lifeworld.episode.manifest import Entry, Manifest

SCHEMA = "lifeworld-content/1"


@dataclass(frozen=True, slots=True)
class Content:
    """The hash, of how many streams it is, and how many were left out (lossy, or encrypted)."""

    sha256: str
    streams: int
    left_out: int


def content(bundle: Bundle) -> Content:
    """The content of a bundle. Reads its manifests, no values.

    Raises:
        UnreadableFile: if a manifest is missing or damaged.
    """
    whole, streams, left_out = hashlib.sha256(SCHEMA.encode()), 0, 0
    for i in range(len(bundle)):
        manifest = bundle.manifest(i)
        kept = {name: entry for name, entry in manifest.streams.items() if entry.lossless and entry.encryption is None}
        whole.update(hashlib.sha256(_told(manifest, kept)).digest())
        streams, left_out = streams + len(kept), left_out + len(manifest.streams) - len(kept)
    return Content(whole.hexdigest(), streams, left_out)


def _told(manifest: Manifest, kept: dict[str, Entry]) -> bytes:
    """What happened in an episode, as JSON whose keys are in one order."""
    streams = {
        name: {
            "signal": entry.signal,
            "source": entry.source,
            "origin": entry.origin,
            "count": entry.count,
            "sizes": entry.sizes,
            "span_ns": entry.span_ns,
            "clock": entry.clock,
            "times": entry.times if not isinstance(entry.times, str) else "in a file",
            "files": {file.path.partition(manifest.uid)[2]: file.sha256 for file in entry.files},
        }
        for name, entry in kept.items()
    }
    scene = manifest.scene.sha256 if manifest.scene is not None else None
    return msgspec.json.encode({"scene": scene, "legend": manifest.legend, "streams": streams}, order="sorted")
