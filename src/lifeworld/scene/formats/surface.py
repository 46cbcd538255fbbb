"""Triangles with their look, as read from a mesh file: what every mesh reader gives and everything after it takes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import FileTooLarge, UnreadableFile
from lifeworld.scene.formats.limits import Limits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Look:
    """How a surface looks: sRGB colour with alpha, 0 to 1, and the key of a picture in `Shape.pictures` that it is multiplied with."""

    rgba: tuple[float, float, float, float] = (0.8, 0.8, 0.8, 1.0)
    picture: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Triangles of one look and one part.

    `vertices` (n, 3), `faces` (m, 3) indices, counter-clockwise from outside; `uv` (n, 2) from the picture's lower left corner
    and `normals` (n, 3) are None where the file has none.
    """

    part: str
    vertices: Floats
    faces: Ints
    uv: Floats | None = None
    normals: Floats | None = None
    look: Look = field(default_factory=Look)


@dataclass(slots=True)
class Shape:
    """All surfaces of a file, the pictures (still as bytes of a stranger) they use, and what could not be taken along."""

    surfaces: list[Surface] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def faces(self) -> int:
        """Triangles in all."""
        return sum(len(each.faces) for each in self.surfaces)


def check_shape(shape: Shape, limits: Limits, *, where: str) -> Shape:
    """The shape without empty surfaces, if all of it is finite and within the limits.

    Raises:
        UnreadableFile: if nothing is left, an index points nowhere, or a number is not finite.
        FileTooLarge: over `limits.mesh_faces` triangles or `limits.materials` looks.
    """
    shape.surfaces = [each for each in shape.surfaces if len(each.faces)]
    if not shape.surfaces:
        raise UnreadableFile("the file holds no triangles", where=where)
    if shape.faces > limits.mesh_faces:
        raise FileTooLarge("a mesh with too many faces", where=where, got=f"{shape.faces:,}", expected=f"at most {limits.mesh_faces:,}")
    for each in shape.surfaces:
        if each.faces.min() < 0 or each.faces.max() >= len(each.vertices):
            raise UnreadableFile("a face names a vertex that is not there", where=where)
        if not np.isfinite(each.vertices[each.faces.ravel()]).all():
            raise UnreadableFile("a vertex is not finite", where=where)
    looks = {each.look for each in shape.surfaces}
    if len(looks) > limits.materials:
        raise FileTooLarge("too many materials", where=where, got=len(looks), expected=f"at most {limits.materials}")
    return shape


def bounds(surfaces: list[Surface]) -> tuple[Floats, Floats]:
    """The lower and upper corner (3,) of all vertices that faces use."""
    used = [each.vertices[np.unique(each.faces)] for each in surfaces]
    return np.min([v.min(axis=0) for v in used], axis=0), np.max([v.max(axis=0) for v in used], axis=0)


def moved(surface: Surface, linear: Floats, offset_m: Floats) -> Surface:
    """The surface under x → linear · x + offset; a mirroring turns the faces round, so that outside stays outside."""
    normals = surface.normals
    if normals is not None:
        turned = normals @ np.linalg.inv(linear)  # the inverse transpose, from the right
        length = np.linalg.norm(turned, axis=1, keepdims=True)
        normals = turned / np.where(length > 0, length, 1.0)
    faces = surface.faces[:, ::-1] if np.linalg.det(linear) < 0 else surface.faces
    return replace(surface, vertices=surface.vertices @ linear.T + offset_m, faces=np.ascontiguousarray(faces), normals=normals)


def joined(surfaces: list[Surface]) -> list[Surface]:
    """Surfaces of one part and one look put together."""
    groups: dict[tuple[str, Look, bool, bool], list[Surface]] = {}
    for each in surfaces:
        groups.setdefault((each.part, each.look, each.uv is not None, each.normals is not None), []).append(each)
    return [_concatenated(group) for group in groups.values()]


def _concatenated(group: list[Surface]) -> Surface:
    if len(group) == 1:
        return group[0]
    starts = np.cumsum([0, *(len(each.vertices) for each in group[:-1])])
    return replace(
        group[0],
        vertices=np.concatenate([each.vertices for each in group]),
        faces=np.concatenate([each.faces + start for each, start in zip(group, starts, strict=True)]),
        uv=np.concatenate([each.uv for each in group if each.uv is not None]) if group[0].uv is not None else None,
        normals=np.concatenate([each.normals for each in group if each.normals is not None]) if group[0].normals is not None else None,
    )


def welded(vertices: Floats, faces: Ints, tolerance: float) -> tuple[Floats, Ints]:
    """Vertices nearer than `tolerance` made one, faces that thereby lose their area dropped, unused vertices dropped."""
    cells = np.round(vertices / tolerance).astype(np.int64)
    _, first, to = np.unique(cells, axis=0, return_index=True, return_inverse=True)
    faces = to.reshape(-1)[faces]
    faces = faces[(faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])]
    used, faces = np.unique(faces, return_inverse=True)
    return vertices[first][used], faces.reshape(-1, 3)


def thinned(surfaces: list[Surface], most: int) -> list[Surface]:
    """Surfaces with at most `most` triangles in all, by melting the vertices of each cell of ever coarser grids into one.

    Source: Rossignac & Borrel, Multi-resolution 3D approximations for rendering complex scenes (1993): vertex clustering.
    """
    low, high = bounds(surfaces)
    size = float(np.max(high - low))
    cells = 512.0
    while sum(len(each.faces) for each in surfaces) > most:
        surfaces = [each for each in (_clustered(each, low, size / cells) for each in surfaces) if len(each.faces)]
        cells /= 1.3
    return surfaces


def _clustered(surface: Surface, low: Floats, cell: float) -> Surface:
    key = np.floor((surface.vertices - low) / cell).astype(np.int64)
    _, first, to = np.unique(key, axis=0, return_index=True, return_inverse=True)
    to = to.reshape(-1)
    counts = np.bincount(to, minlength=len(first))
    mean = np.stack([np.bincount(to, surface.vertices[:, i], len(first)) / counts for i in range(3)], axis=1)
    faces = to[surface.faces]
    faces = faces[(faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])]
    faces = np.unique(least_first(faces), axis=0) if len(faces) else faces
    used, faces = np.unique(faces, return_inverse=True)
    uv = surface.uv[first][used] if surface.uv is not None else None  # one of the cell's own: a mean would blur seams
    return replace(surface, vertices=mean[used], faces=faces.reshape(-1, 3), uv=uv, normals=None)


def least_first(faces: Ints) -> Ints:
    """Each face begun at its least index, so that equal faces are equal rows."""
    start = np.argmin(faces, axis=1)
    return np.stack([faces[np.arange(len(faces)), (start + i) % 3] for i in range(3)], axis=1)
