"""What a physical world looks like, for somebody who draws it elsewhere: shapes on moving frames, sent once; then only the frames move.

portrait(compiled)              every shape that can be seen, its look, the meshes and pictures it wears, cameras and lights
Frames(compiled).poses(vector)  where the moving frames are at one state, cheap enough for every tick
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.camera import OPENCV_FROM_OPENGL
from lifeworld.core.pose import Pose, quat_from_matrix
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.layout import Layout
from lifeworld.worlds.physics.senses import soft
from lifeworld.worlds.physics.senses.gl import meshes
from lifeworld.worlds.physics.surface import seen

ShapeKind = Literal["plane", "height_field", "sphere", "capsule", "ellipsoid", "cylinder", "box", "mesh", "soft"]
_GEOM = mujoco.mjtGeom
_KINDS: dict[int, ShapeKind] = {
    int(_GEOM.mjGEOM_PLANE): "plane",
    int(_GEOM.mjGEOM_HFIELD): "height_field",
    int(_GEOM.mjGEOM_SPHERE): "sphere",
    int(_GEOM.mjGEOM_CAPSULE): "capsule",
    int(_GEOM.mjGEOM_ELLIPSOID): "ellipsoid",
    int(_GEOM.mjGEOM_CYLINDER): "cylinder",
    int(_GEOM.mjGEOM_BOX): "box",
    int(_GEOM.mjGEOM_MESH): "mesh",
    int(_GEOM.mjGEOM_SDF): "mesh",
}
WORLD = -1
"""The frame of what never moves."""
UNSEEN = 1e-4
"""Nobody sees that a number of where things are differs by less: a place [m], a joint [m, rad], a part of a quaternion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One surface. `position_m` and `quat_wxyz` are frame_from_shape; `size_m` half sizes as the engine has them (radius, half length …;

    a plane's 0 means endless). `instance` is the id of whose it is (0: background), `part` thing/part. A texture lies on it `repeat`
    times by the metre, or by the thing where `stretched`, along the mesh's own uv where `uv`. `mesh` and `texture` name what the portrait
    holds. Of soft shapes the corners move: `Frames.soft`, the mesh's corners in their order.
    """

    kind: ShapeKind
    frame: int
    position_m: tuple[float, float, float]
    quat_wxyz: tuple[float, float, float, float]
    size_m: tuple[float, float, float]
    rgba: tuple[float, float, float, float]
    instance: int
    part: str
    specular: float = 0.2
    shininess: float = 0.3
    reflectance: float = 0.0
    emission: float = 0.0
    mesh: str | None = None
    texture: str | None = None
    repeat: tuple[float, float] = (1.0, 1.0)
    stretched: bool = False
    uv: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Eye:
    """A camera: `position_m`, `quat_wxyz` are frame_from_camera, OpenCV's axes (+Z forward, +Y down)."""

    name: str
    frame: int
    position_m: tuple[float, float, float]
    quat_wxyz: tuple[float, float, float, float]
    fov_y_deg: float
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """A light that is on: `position_m` and `direction` in its frame, `rgb` sRGB times its intensity, `spread_deg` 360 all around.

    A sun is far away; the light of others falls with the square of the distance.
    """

    sun: bool
    frame: int
    position_m: tuple[float, float, float]
    direction: tuple[float, float, float]
    rgb: tuple[float, float, float]
    spread_deg: float
    shadow: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """All that is drawn. `frames` are the names of the moving bodies, in the order of `Frames.poses`.

    `meshes` are corners (n, 8) float32 (place [m], normal, uv) and triangles (m, 3) uint32, by the digest of what they are made of;
    `textures` pictures (h, w, 3) uint8. `ambient` is the light from all around, as a share of white.
    """

    shapes: tuple[Shape, ...]
    frames: tuple[str, ...]
    meshes: Mapping[str, tuple[NDArray[np.float32], NDArray[np.uint32]]]
    textures: Mapping[str, NDArray[np.uint8]]
    eyes: tuple[Eye, ...]
    lamps: tuple[Lamp, ...]
    ambient: tuple[float, float, float]


class Frames:
    """Where the moving bodies of a compiled scene are, state by state. Used by one thread at a time."""

    def __init__(self, compiled: Compiled) -> None:
        self._model = model = compiled.model
        self._data = mujoco.MjData(model)
        self._layout = Layout.of(model)
        self.bodies = moving(model)

    def poses(self, vector: NDArray[np.float64]) -> NDArray[np.float32]:
        """World_from_frame (frames, 7) of a state's vector: position [m] and quaternion wxyz."""
        self._set(vector)
        return np.concatenate([self._data.xpos[self.bodies], self._data.xquat[self.bodies]], axis=1, dtype=np.float32)

    def soft(self, vector: NDArray[np.float64]) -> list[NDArray[np.float32]]:
        """Corners (n, 6) of every soft shape, world frame: place [m] and normal."""
        self._set(vector)
        mujoco.mj_flex(self._model, self._data)
        return [_skin(self._model, self._data, flex)[0][:, :6] for flex in range(self._model.nflex)]

    def moved(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
        """Whether anything, or any joint of it, is elsewhere in one state's vector than in another's, by more than what is seen."""
        view = self._layout.view
        return any(bool((np.abs(view(a, part) - view(b, part)) > UNSEEN).any()) for part in ("qpos", "mocap_pos", "mocap_quat"))

    def _set(self, vector: NDArray[np.float64]) -> None:
        data, layout = self._data, self._layout
        data.qpos[:] = layout.view(vector, "qpos")
        data.mocap_pos.ravel()[:] = layout.view(vector, "mocap_pos")
        data.mocap_quat.ravel()[:] = layout.view(vector, "mocap_quat")
        mujoco.mj_kinematics(self._model, data)


def moving(model: mujoco.MjModel) -> NDArray[np.int64]:
    """The bodies (n,) that can move: not welded to the world, or led by hand (mocap)."""
    led = model.body_mocapid[model.body_rootid] >= 0
    return np.flatnonzero((model.body_weldid != 0) | led).astype(np.int64)


def portrait(compiled: Compiled) -> Portrait:
    """What is drawn of a compiled scene; frames that never move are folded into the shapes' own poses."""
    model = compiled.model
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)  # cameras and lights too
    bodies = moving(model)
    frame_of = np.full(model.nbody, WORLD, dtype=np.int64)
    frame_of[bodies] = np.arange(len(bodies))
    made: dict[str, tuple[NDArray[np.float32], NDArray[np.uint32]]] = {}
    worn: dict[str, NDArray[np.uint8]] = {}
    shapes = []
    for geom in np.flatnonzero(seen(model)).tolist():
        if int(model.geom_type[geom]) not in _KINDS:
            continue
        frame = int(frame_of[model.geom_bodyid[geom]])
        if frame == WORLD:
            at = Pose(data.geom_xpos[geom], quat_from_matrix(data.geom_xmat[geom].reshape(3, 3)))
        else:
            at = Pose(model.geom_pos[geom], model.geom_quat[geom])
        kind = _KINDS[int(model.geom_type[geom])]
        shape = Shape(
            kind=kind,
            frame=frame,
            position_m=_three(at.position_m),
            quat_wxyz=_four(at.quat_wxyz),
            size_m=_three(model.geom_size[geom]),
            rgba=_four(model.geom_rgba[geom]),
            instance=int(compiled.geom_instance[geom]),
            part=compiled.surfaces.part_names[int(compiled.surfaces.part[geom])],
            mesh=_mesh(model, geom, kind, made),
        )
        shapes.append(replace(shape, **_look(model, int(model.geom_matid[geom]), geom, worn)))
    for flex, material in enumerate(soft.materials(model).tolist()):
        corners, triangles = _skin(model, data, flex)
        made[f"soft-{flex}"] = (corners, triangles)
        surface = model.ngeom + flex
        shape = Shape(
            kind="soft",
            frame=WORLD,
            position_m=(0.0, 0.0, 0.0),
            quat_wxyz=(1.0, 0.0, 0.0, 0.0),
            size_m=(0.0, 0.0, 0.0),
            rgba=_four(model.flex_rgba[flex]),
            instance=int(compiled.flex_instance[flex]),
            part=compiled.surfaces.part_names[int(compiled.surfaces.part[surface])],
            mesh=f"soft-{flex}",
        )
        shapes.append(replace(shape, **_look(model, material, None, worn)))
    return Portrait(
        shapes=tuple(shapes),
        frames=tuple(model.body(int(b)).name for b in bodies),
        meshes=made,
        textures=worn,
        eyes=tuple(_eye(compiled, data, index, frame_of) for index in range(model.ncam)),
        lamps=tuple(_lamp(model, data, index, frame_of) for index in range(model.nlight) if _shines(model, index)),
        ambient=_three(model.vis.headlight.ambient),
    )


def _mesh(model: mujoco.MjModel, geom: int, kind: ShapeKind, made: dict[str, tuple[NDArray[np.float32], NDArray[np.uint32]]]) -> str | None:
    """The name of a geom's mesh, made if it is not there yet."""
    if kind not in ("mesh", "height_field"):
        return None
    key, make = (meshes.height_field if kind == "height_field" else meshes.mesh)(model, int(model.geom_dataid[geom]))
    if key.hex() not in made:
        made[key.hex()] = make()
    return key.hex()


def _look(model: mujoco.MjModel, material: int, geom: int | None, worn: dict[str, NDArray[np.uint8]]) -> dict[str, Any]:
    """How a material looks; nothing for none. The picture it wears is put into `worn`, by its name."""
    if material < 0:
        return {}
    look: dict[str, Any] = {
        "rgba": _four(model.mat_rgba[material]),
        "specular": float(model.mat_specular[material]),
        "shininess": float(model.mat_shininess[material]),
        "reflectance": float(model.mat_reflectance[material]),
        "emission": float(model.mat_emission[material]),
    }
    texture = int(model.mat_texid[material, int(mujoco.mjtTextureRole.mjTEXROLE_RGB)])
    if texture < 0 or geom is None or model.tex_type[texture] != int(mujoco.mjtTexture.mjTEXTURE_2D):
        return look
    height, width, channels = (int(a[texture]) for a in (model.tex_height, model.tex_width, model.tex_nchannel))
    start = int(model.tex_adr[texture])
    pixels = np.asarray(model.tex_data[start : start + height * width * channels], dtype=np.uint8).reshape(height, width, channels)
    name = hashlib.blake2b(pixels.tobytes(), digest_size=16).hexdigest()
    worn.setdefault(name, np.repeat(pixels, 3, axis=2) if channels == 1 else pixels[..., :3].copy())
    is_mesh = int(model.geom_type[geom]) == int(_GEOM.mjGEOM_MESH)
    return look | {
        "texture": name,
        "repeat": tuple(float(v) for v in model.mat_texrepeat[material]),
        "stretched": not model.mat_texuniform[material],
        "uv": is_mesh and int(model.mesh_texcoordadr[model.geom_dataid[geom]]) >= 0,
    }


def _skin(model: mujoco.MjModel, data: mujoco.MjData, flex: int) -> tuple[NDArray[np.float32], NDArray[np.uint32]]:
    """A soft body's corners (n, 8), moved out by its thickness, and triangles; a sheet has both its sides."""
    places, faces = soft.vertices(model, data, flex), soft.faces(model, flex)
    normals = soft.vertex_normals(places, faces)
    sides = (1.0, -1.0) if soft.is_sheet(model, flex) else (1.0,)
    rows = [np.concatenate([places + way * float(model.flex_radius[flex]) * normals, way * normals], axis=1) for way in sides]
    triangles = [faces if way > 0 else faces[:, ::-1] + len(places) for way in sides]
    corners = np.concatenate(rows)
    return np.concatenate([corners, np.zeros((len(corners), 2))], axis=1).astype(np.float32), np.concatenate(triangles).astype(np.uint32)


def _eye(compiled: Compiled, data: mujoco.MjData, index: int, frame_of: NDArray[np.int64]) -> Eye:
    model = compiled.model
    mount = next(c for c in compiled.cameras if c.name == model.cam(index).name)
    frame = int(frame_of[model.cam_bodyid[index]])
    if frame == WORLD:
        at = Pose(data.cam_xpos[index], quat_from_matrix(data.cam_xmat[index].reshape(3, 3)))
    else:
        at = Pose(model.cam_pos[index], model.cam_quat[index])
    at = at @ OPENCV_FROM_OPENGL
    return Eye(
        name=mount.name,
        frame=frame,
        position_m=_three(at.position_m),
        quat_wxyz=_four(at.quat_wxyz),
        fov_y_deg=mount.fov_y_deg,
        width_px=mount.width_px,
        height_px=mount.height_px,
    )


def _shines(model: mujoco.MjModel, index: int) -> bool:
    return bool(model.light_active[index] and model.light_diffuse[index].any())


def _lamp(model: mujoco.MjModel, data: mujoco.MjData, index: int, frame_of: NDArray[np.int64]) -> Lamp:
    frame = int(frame_of[model.light_bodyid[index]])
    fixed = frame == WORLD
    sun = model.light_type[index] == int(mujoco.mjtLightType.mjLIGHT_DIRECTIONAL)
    around = model.light_type[index] == int(mujoco.mjtLightType.mjLIGHT_POINT) or model.light_cutoff[index] >= 179.0
    return Lamp(
        sun=bool(sun),
        frame=frame,
        position_m=_three(data.light_xpos[index] if fixed else model.light_pos[index]),
        direction=_three(data.light_xdir[index] if fixed else model.light_dir[index]),
        rgb=_three(model.light_diffuse[index]),
        spread_deg=360.0 if around and not sun else 2 * float(model.light_cutoff[index]),
        shadow=bool(model.light_castshadow[index]),
    )


def _three(values: NDArray[np.float64]) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in values)
    return x, y, z


def _four(values: NDArray[np.float64]) -> tuple[float, float, float, float]:
    a, b, c, d = (float(v) for v in values)
    return a, b, c, d
