"""How much a foreign file may ask for. Every bound here is refused by name, before or while the file is read."""

from __future__ import annotations

from dataclasses import dataclass, fields

from lifeworld.core.errors import LimitError


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds for one import; the defaults hold every robot and piece of furniture we met, with room to spare.

    Bytes, counts, pixels a side, and seconds or bytes of the child process that does the reading.
    """

    xml_bytes: int = 5_000_000
    xml_elements: int = 20_000  # after replicate, attach and include are written out
    xml_depth: int = 200
    replicas: int = 2_000  # product of nested replicate counts
    soft_points: int = 10_000  # points of one flexcomp, or cells of its grid
    mesh_bytes: int = 64_000_000
    mesh_faces: int = 1_000_000
    visual_faces: int = 50_000  # drawn; more are thinned out
    materials: int = 128
    texture_px: int = 4096
    texture_bytes: int = 64_000_000
    hfield_points: int = 4_194_304
    files: int = 2_000  # one import may read
    source_bytes: int = 512_000_000  # one import may read, all files together
    zip_bytes: int = 1_000_000_000  # what an archive claims to hold, unpacked
    zip_entries: int = 20_000
    zip_ratio: int = 200  # of entries over 1 MB
    output_bytes: int = 256_000_000
    hulls: int = 32  # convex parts of one body
    cpu_s: int = 90
    wall_s: int = 600  # only what sleeps: on a crowded machine honest work waits too
    memory_bytes: int = 4 << 30

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 1 << 40:
                raise LimitError(f"the limit {each.name} is a whole number over zero", got=value)
