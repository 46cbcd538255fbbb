"""What is drawn of a compiled scene: its seen geoms and soft bodies, as tables that the programs read and places in the shared meshes."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.build import ONLY_TOUCHED
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses import soft
from lifeworld.worlds.physics.senses.gl import meshes
from lifeworld.worlds.physics.senses.gl.context import Buffer
from lifeworld.worlds.physics.senses.gl.images import Images, Stack
from lifeworld.worlds.physics.senses.gl.meshes import Kept, Meshes

_GEOM = mujoco.mjtGeom
MESHED = (int(_GEOM.mjGEOM_HFIELD), int(_GEOM.mjGEOM_MESH), int(_GEOM.mjGEOM_SDF))
ROUND = (int(_GEOM.mjGEOM_SPHERE), int(_GEOM.mjGEOM_CAPSULE), int(_GEOM.mjGEOM_ELLIPSOID), int(_GEOM.mjGEOM_CYLINDER))
KINDS = {"meshed": MESHED, "boxes": (int(_GEOM.mjGEOM_BOX),), "round": ROUND, "planes": (int(_GEOM.mjGEOM_PLANE),)}
"""How things are drawn, in the order they are: planes last, since they fill the picture and most of it is hidden by then."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Opaque things of one kind with one stack of pictures (None: none): numbers of drawn things."""

    kind: str
    stack: Stack | None
    things: NDArray[np.int64]


class Drawn:
    """The drawn things of a model, numbered: seen geoms in the model's order, then soft bodies.

    `geoms` (k,) geom of each seen geom; `radius_m` (k,) of a ball around it, inf for planes; `instance` (k + flexes,).
    """

    def __init__(self, compiled: Compiled, kept: Meshes, images: Images) -> None:
        model = compiled.model
        self.model, self._meshes = model, kept
        rgba = _rgba(model)
        known = np.isin(model.geom_type, sum(KINDS.values(), ()))
        self.geoms = np.flatnonzero((model.geom_group < ONLY_TOUCHED) & (rgba[:, 3] > 0) & known)
        kind = model.geom_type[self.geoms]
        n = len(self.geoms)
        self.radius_m = np.full(n + model.nflex, np.inf)
        self.radius_m[:n] = np.where(np.isin(kind, KINDS["planes"]), np.inf, model.geom_rbound[self.geoms])
        self.instance = np.concatenate([compiled.geom_instance[self.geoms], compiled.flex_instance]).astype(np.int32)
        looks = np.zeros((n + model.nflex, 4, 4), dtype=np.float32)  # four rows of four a thing, read in glsl/place.glsl
        looks[:n, 0, :3], looks[:n, 0, 3] = model.geom_size[self.geoms], kind
        looks[:n, 1], looks[n:, 1] = rgba[self.geoms], _flex_rgba(model)
        looks[:, 3, 0] = np.concatenate([self.geoms, model.ngeom + np.arange(model.nflex)])
        looks[:, 3, 1] = self.instance
        self._stacks, self._of = self._dress(images, looks)
        self.looks = Buffer()
        self.looks.write(looks)
        self.shine = Buffer()  # by surface: specular, shininess, reflectance, emission
        self.shine.write(_shine(model))
        self._kept = self._keep_meshes(kind)
        self.closed = np.isin(kind, KINDS["boxes"])
        for number, mesh in self._kept.items():
            self.closed[number] = mesh.closed
        self.opaque = looks[:, 1, 3] >= 1.0
        self.kinds = {name: np.isin(kind, types) for name, types in KINDS.items()}
        self.batches = [
            Batch(name, self._stacks[number], things)
            for name in KINDS
            for number in range(len(self._stacks))
            if len(things := np.flatnonzero((self._of[:n] == number) & self.opaque[:n] & self.kinds[name]))
        ]
        self._version = -1
        self._commands = np.zeros((n, 5), dtype=np.uint32)
        self.soft = Soft(model, n) if model.nflex else None

    def commands(self, things: NDArray[np.int64]) -> NDArray[np.uint32]:
        """Draw commands (n, 5) of meshed things: how many indices, one copy, first index, first corner, number of the thing."""
        if self._version != self._meshes.version:
            for number, mesh in self._kept.items():
                self._commands[number] = (mesh.triangles.size, 1, mesh.first_index, mesh.first_corner, number)
            self._version = self._meshes.version
        return self._commands[things]

    def stack_of(self, thing: int) -> Stack | None:
        """The pictures that a thing wears."""
        return self._stacks[int(self._of[thing])]

    def close(self) -> None:
        """Let go of what the driver holds."""
        self._meshes.drop(list(self._kept.values()))
        self.looks.close()
        self.shine.close()
        if self.soft is not None:
            self.soft.close()

    def _keep_meshes(self, kind: NDArray[np.int32]) -> dict[int, Kept]:
        """The mesh of every thing that has one, by its number."""
        sources: dict[tuple[bool, int], tuple[bytes, meshes.Maker]] = {}
        kept = {}
        for number in np.flatnonzero(np.isin(kind, MESHED)):
            source = (bool(kind[number] == MESHED[0]), int(self.model.geom_dataid[self.geoms[number]]))
            if source not in sources:
                sources[source] = (meshes.height_field if source[0] else meshes.mesh)(self.model, source[1])
            kept[int(number)] = self._meshes.keep(*sources[source])
        return kept

    def _dress(self, images: Images, looks: NDArray[np.float32]) -> tuple[list[Stack | None], NDArray[np.int64]]:
        """Write how pictures lie on things into their looks; the stacks there are (none first) and which is each thing's."""
        model = self.model
        looks[:, 2, 2] = -1.0
        materials = np.concatenate([model.geom_matid[self.geoms], soft.materials(model)])
        stacks: list[Stack | None] = [None]
        of = np.zeros(len(materials), dtype=np.int64)
        for made in np.unique(materials[materials >= 0]):
            texture = int(model.mat_texid[made, int(mujoco.mjtTextureRole.mjTEXROLE_RGB)])
            if texture < 0 or model.tex_type[texture] != int(mujoco.mjtTexture.mjTEXTURE_2D):
                continue
            stack, layer = images.keep(model, texture)
            if stack not in stacks:
                stacks.append(stack)
            for number in np.flatnonzero(materials[: len(self.geoms)] == made):
                geom = int(self.geoms[number])
                span = (
                    1.0 if model.mat_texuniform[made] else 2 * np.maximum(model.geom_aabb[geom, 3:5], 1e-6)
                )  # by the metre, or by the thing
                looks[number, 2] = (*(model.mat_texrepeat[made] / span), layer, float(self._has_uv(geom)))
                of[number] = stacks.index(stack)
        return stacks, of

    def _has_uv(self, geom: int) -> bool:
        model = self.model
        return int(model.geom_type[geom]) == int(_GEOM.mjGEOM_MESH) and int(model.mesh_texcoordadr[model.geom_dataid[geom]]) >= 0


class Soft:
    """The soft bodies' triangles as a table of corners, and their vertices as they are now."""

    def __init__(self, model: mujoco.MjModel, first: int) -> None:
        self._model = model
        self._faces = [soft.faces(model, flex) for flex in range(model.nflex)]
        rows, start = [], 0
        for flex, faces in enumerate(self._faces):
            radius = float(model.flex_radius[flex])
            for side in (1.0, -1.0) if soft.is_sheet(model, flex) else (1.0,):
                corners = np.zeros((len(faces), 3, 4))
                corners[..., 0], corners[..., 1] = first + flex, np.arange(len(faces))[:, None]
                corners[..., 2], corners[..., 3] = faces + start, side * radius
                rows.append(corners.reshape(-1, 4))
            start += int(model.flex_vertnum[flex])
        corners = np.concatenate(rows).astype(np.float32)
        self.count = len(corners)
        self.corners, self.vertices = Buffer(), Buffer()
        self.corners.write(corners)

    def now(self, data: mujoco.MjData) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float32]]:
        """Where each soft body's middle is (flexes, 3) [m], the radius of a ball about it (flexes,), and from the middle the places and

        normals (vertices, 2, 4) of all vertices.
        """
        middles, radius_m, rows = np.zeros((len(self._faces), 3)), np.zeros(len(self._faces)), []
        for flex, faces in enumerate(self._faces):
            places = soft.vertices(self._model, data, flex)
            middles[flex] = places.mean(axis=0)
            radius_m[flex] = np.linalg.norm(places - middles[flex], axis=1).max() + self._model.flex_radius[flex]
            table = np.zeros((len(places), 2, 4), dtype=np.float32)
            table[:, 0, :3], table[:, 1, :3] = places - middles[flex], soft.vertex_normals(places, faces)
            rows.append(table)
        return middles, radius_m, np.concatenate(rows)

    def close(self) -> None:
        self.corners.close()
        self.vertices.close()


def _rgba(model: mujoco.MjModel) -> NDArray[np.float32]:
    """Colours (ngeom, 4): a material's goes before the geom's own."""
    rgba = model.geom_rgba.copy()
    made = model.geom_matid >= 0
    rgba[made] = model.mat_rgba[model.geom_matid[made]]
    return np.asarray(rgba)


def _flex_rgba(model: mujoco.MjModel) -> NDArray[np.float32]:
    rgba = model.flex_rgba[: model.nflex].copy()
    material = soft.materials(model)
    rgba[material >= 0] = model.mat_rgba[material[material >= 0]]
    return np.asarray(rgba)


def _shine(model: mujoco.MjModel) -> NDArray[np.float32]:
    """Specular, shininess, reflectance, emission (surfaces, 4)."""
    material = np.concatenate([model.geom_matid, soft.materials(model)]).astype(np.int64)
    out = np.tile(np.array([0.2, 0.3, 0.0, 0.0], dtype=np.float32), (len(material) + 1, 1))
    made = np.flatnonzero(material >= 0)
    for column, values in enumerate((model.mat_specular, model.mat_shininess, model.mat_reflectance, model.mat_emission)):
        out[made, column] = values[material[made]]
    return out
