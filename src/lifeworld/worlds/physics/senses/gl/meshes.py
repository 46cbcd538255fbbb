"""Meshes in the driver's memory: kept by content for the whole process, so that a scene edited is a table rewritten.

All meshes share one buffer of corners and one of triangles, and are drawn by their place in them. What no open painter uses is
dropped, oldest first, when there is more than MOST_BYTES.
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses.gl.context import Buffer

MOST_BYTES = 256_000_000
CORNER = 8  # floats: place, normal, uv
POSES, LOOKS = 8, 9  # which buffers the rows of things are read from, beside those of the corners

Triangles = tuple[NDArray[np.float32], NDArray[np.uint32]]  # corners (n, CORNER), triangles (m, 3)
Maker = Callable[[], Triangles]


@dataclass(slots=True, eq=False)
class Kept:
    """One mesh: corners (n, 8) float32 and triangles (m, 3) uint32; where they begin in the shared buffers; who uses it.

    `closed` says that from outside none of its triangles is seen from behind.
    """

    key: bytes
    corners: NDArray[np.float32]
    triangles: NDArray[np.uint32]
    closed: bool
    first_corner: int = 0
    first_index: int = 0
    users: int = 0

    @property
    def nbytes(self) -> int:
        return self.corners.nbytes + self.triangles.nbytes


@dataclass(slots=True)
class Meshes:
    """The shared buffers. `version` changes when meshes move in them; `uploads` counts what was sent."""

    version: int = 0
    uploads: int = 0
    _kept: dict[bytes, Kept] = field(default_factory=dict)
    _corners: int = 0
    _indices: int = 0
    _room: tuple[int, int] = (0, 0)
    _filled: tuple[int, int] = (0, 0)
    _array: int = 0

    def keep(self, key: bytes, make: Maker) -> Kept:
        """The mesh of this key, with one user more; made if it is not there yet."""
        found = self._kept.pop(key, None)
        fresh = found is None
        if found is None:
            corners, triangles = make()
            found = Kept(key, corners, triangles, is_closed(corners[:, :3], triangles))
        self._kept[key] = found  # the last used is the last to go
        if fresh:
            self._append(found)
        found.users += 1
        return found

    def drop(self, meshes: list[Kept]) -> None:
        """One user fewer for each."""
        for mesh in meshes:
            mesh.users -= 1
        held = sum(m.nbytes for m in self._kept.values())
        gone = [m for m in self._kept.values() if m.users == 0] if held > MOST_BYTES else []
        for mesh in gone:
            del self._kept[mesh.key]
        if gone:
            self._rebuild()

    def bind(self, poses: Buffer, looks: Buffer) -> None:
        """Draw from the shared buffers; a draw's first instance says which row of `poses` and `looks` all its corners have."""
        from OpenGL import GL

        self._bind()
        GL.glBindVertexBuffer(POSES, poses.id, 0, 48)
        GL.glBindVertexBuffer(LOOKS, looks.id, 0, 64)

    def _bind(self) -> None:
        from OpenGL import GL

        if not self._array:
            self._array = GL.glGenVertexArrays(1)
            GL.glBindVertexArray(self._array)
            for rows, places in ((POSES, ((3, 0), (4, 16), (5, 32))), (LOOKS, ((6, 16), (7, 32), (8, 48)))):
                GL.glVertexBindingDivisor(rows, 1)
                for place, at in places:
                    GL.glVertexAttribFormat(place, 4, GL.GL_FLOAT, GL.GL_FALSE, at)
                    GL.glVertexAttribBinding(place, rows)
                    GL.glEnableVertexAttribArray(place)
        GL.glBindVertexArray(self._array)

    def _append(self, mesh: Kept) -> None:
        from OpenGL import GL

        corners, indices = self._filled
        mesh.first_corner, mesh.first_index = corners, indices
        self._filled = (corners + len(mesh.corners), indices + mesh.triangles.size)
        if self._filled[0] > self._room[0] or self._filled[1] > self._room[1]:
            self._rebuild()
            return
        for target, buffer, at, part in (
            (GL.GL_ARRAY_BUFFER, self._corners, corners * CORNER * 4, mesh.corners),
            (GL.GL_COPY_WRITE_BUFFER, self._indices, indices * 4, mesh.triangles),
        ):
            GL.glBindBuffer(target, buffer)
            GL.glBufferSubData(target, at, part.nbytes, part)
        self.uploads += 1

    def _rebuild(self) -> None:
        """All kept meshes anew, one after the other, with room for as much again."""
        from OpenGL import GL

        self._bind()
        if not self._corners:
            self._corners, self._indices = GL.glGenBuffers(2)
        corners = sum(len(m.corners) for m in self._kept.values())
        indices = sum(m.triangles.size for m in self._kept.values())
        self._room = (max(65_536, 2 * corners), max(262_144, 2 * indices))
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self._corners)
        GL.glBufferData(GL.GL_ARRAY_BUFFER, self._room[0] * CORNER * 4, None, GL.GL_STATIC_DRAW)
        for place, width, at in ((0, 3, 0), (1, 3, 12), (2, 2, 24)):
            GL.glVertexAttribPointer(place, width, GL.GL_FLOAT, GL.GL_FALSE, CORNER * 4, ctypes.c_void_p(at))
            GL.glEnableVertexAttribArray(place)
        GL.glBindBuffer(GL.GL_ELEMENT_ARRAY_BUFFER, self._indices)
        GL.glBufferData(GL.GL_ELEMENT_ARRAY_BUFFER, self._room[1] * 4, None, GL.GL_STATIC_DRAW)
        self._filled = (0, 0)
        for mesh in self._kept.values():
            self._append(mesh)
        self.version += 1


def mesh(model: mujoco.MjModel, index: int) -> tuple[bytes, Maker]:
    """A key of the content of a model's mesh, and what makes its corners and triangles."""
    places = _rows(model.mesh_vert, model.mesh_vertadr, model.mesh_vertnum, index)
    normals = _rows(model.mesh_normal, model.mesh_normaladr, model.mesh_normalnum, index)
    faces = _rows(model.mesh_face, model.mesh_faceadr, model.mesh_facenum, index)
    of_normals = _rows(model.mesh_facenormal, model.mesh_faceadr, model.mesh_facenum, index)
    textured = int(model.mesh_texcoordadr[index]) >= 0
    uvs = _rows(model.mesh_texcoord, model.mesh_texcoordadr, model.mesh_texcoordnum, index) if textured else np.zeros((1, 2), np.float32)
    of_uvs = _rows(model.mesh_facetexcoord, model.mesh_faceadr, model.mesh_facenum, index) if textured else np.zeros_like(faces)

    def make() -> Triangles:
        if len(places) == len(normals) and not textured and np.array_equal(faces, of_normals):
            corner = np.arange(len(places))
            return _corners(places, normals, uvs, corner, corner, np.zeros_like(corner)), np.ascontiguousarray(faces, dtype=np.uint32)
        # A corner is a place, a normal and a uv that go together: each such three once.
        key = (faces.astype(np.int64).ravel() * len(normals) + of_normals.ravel()) * len(uvs) + of_uvs.ravel()
        _, first, again = np.unique(key, return_index=True, return_inverse=True)
        corners = _corners(places, normals, uvs, faces.ravel()[first], of_normals.ravel()[first], of_uvs.ravel()[first])
        return corners, np.ascontiguousarray(again.reshape(-1, 3), dtype=np.uint32)

    return _digest((places, normals, uvs, faces, of_normals, of_uvs)), make


def height_field(model: mujoco.MjModel, index: int) -> tuple[bytes, Maker]:
    """A key of the content of a model's height field, and what makes its corners and triangles: its top, four sides and bottom."""
    rows, columns = int(model.hfield_nrow[index]), int(model.hfield_ncol[index])
    start = int(model.hfield_adr[index])
    heights = model.hfield_data[start : start + rows * columns].reshape(rows, columns)
    size = model.hfield_size[index]

    def make() -> Triangles:
        x = np.linspace(-size[0], size[0], columns)
        y = np.linspace(-size[1], size[1], rows)
        top = np.stack([*np.meshgrid(x, y), heights * size[2]], axis=-1)
        slope_y, slope_x = np.gradient(top[..., 2], y, x)
        normals = np.stack([-slope_x, -slope_y, np.ones_like(slope_x)], axis=-1)
        normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
        number = np.arange(rows * columns).reshape(rows, columns)
        a, b, c, d = number[:-1, :-1], number[:-1, 1:], number[1:, :-1], number[1:, 1:]
        triangles = [np.stack([a, b, d], axis=-1).reshape(-1, 3), np.stack([a, d, c], axis=-1).reshape(-1, 3)]
        places, facing = [top.reshape(-1, 3)], [normals.reshape(-1, 3)]
        for edge, out in ((top[0], (0, -1, 0)), (top[-1, ::-1], (0, 1, 0)), (top[::-1, 0], (-1, 0, 0)), (top[:, -1], (1, 0, 0))):
            n, begin = len(edge), sum(map(len, places))
            places += [edge, edge * (1, 1, 0) - (0, 0, size[3])]
            facing += [np.broadcast_to(np.array(out, float), (2 * n, 3))]
            i = begin + np.arange(n - 1)
            triangles += [np.stack([i, i + n, i + n + 1], axis=-1), np.stack([i, i + n + 1, i + 1], axis=-1)]
        begin = sum(map(len, places))
        places.append(np.array([(sx * size[0], sy * size[1], -size[3]) for sx, sy in ((-1, -1), (-1, 1), (1, 1), (1, -1))]))
        facing.append(np.broadcast_to((0.0, 0.0, -1.0), (4, 3)))
        triangles.append(begin + np.array([(0, 1, 2), (0, 2, 3)]))
        place = np.concatenate(places)
        corners = np.concatenate([place, np.concatenate(facing), np.zeros((len(place), 2))], axis=1)
        return corners.astype(np.float32), np.concatenate(triangles).astype(np.uint32)

    return _digest((heights, size, np.array([rows, columns]))), make


def _rows(values: NDArray[Any], starts: NDArray[np.int32], counts: NDArray[np.int32], index: int) -> NDArray[Any]:
    return values[int(starts[index]) : int(starts[index]) + int(counts[index])]


def _corners(places: NDArray[Any], normals: NDArray[Any], uvs: NDArray[Any], *of: NDArray[np.int64]) -> NDArray[np.float32]:
    """Corners (n, CORNER) of the numbers of their places, normals and uvs."""
    return np.concatenate([places[of[0]], normals[of[1]], uvs[of[2]]], axis=1, dtype=np.float32)


def _digest(parts: Iterable[NDArray[Any]]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(str(part.shape).encode())
        digest.update(np.ascontiguousarray(part).data)
    return digest.digest()


def is_closed(places: NDArray[np.float32], triangles: NDArray[np.uint32]) -> bool:
    """Whether every edge is met from both sides and every piece is turned outwards, so that no triangle is seen from behind."""
    # Corners that lie in one place are one point, whatever their normals: equal bits, told apart by a mixed key.
    bits = (places + np.float32(0.0)).view(np.uint32).astype(np.uint64)  # −0 is 0
    mixed = np.bitwise_xor.reduce(bits * np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64), axis=1)
    points, corner = np.unique(mixed, return_inverse=True)
    faces = corner[triangles]
    begin, end = faces[:, [0, 1, 2]].ravel(), faces[:, [1, 2, 0]].ravel()
    apart = begin != end
    begin, end = begin[apart], end[apart]
    if not np.array_equal(np.sort(begin * len(points) + end), np.sort(end * len(points) + begin)):
        return False
    piece = np.arange(len(points))
    while True:  # the least number of all that hang together
        least = piece.copy()
        np.minimum.at(least, begin, piece[end])
        least = least[least]
        if np.array_equal(least, piece):
            break
        piece = least
    a, b, c = (places[triangles[:, k]].astype(np.float64) for k in range(3))
    volume = np.bincount(piece[faces[:, 0]], np.einsum("ij,ij->i", a, np.cross(b, c)), minlength=len(points))
    return bool((volume[np.unique(piece[faces[:, 0]])] > 0).all())
