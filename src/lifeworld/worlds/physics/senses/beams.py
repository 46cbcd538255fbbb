"""Beams from one place: what each hits first, how far away, facing where. What lidars and proximity sensors measure by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.scene.sensor import Pattern, Sensor
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.mount import Mounted
from lifeworld.worlds.physics.senses import soft

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
SEEN_GROUPS = np.array([1, 1, 1, 0, 0, 0], dtype=np.uint8)  # as cameras: not what is there for touching only
_GOLDEN_RAD = np.pi * (3.0 - np.sqrt(5.0))
_MOST_PAIRS = 2_000_000  # of rays and triangles tried at once: 50 MB


@dataclass(frozen=True, slots=True)
class Fan:
    """How a sensor's beams lie: what it was given, or what its kind has by default (docs/scene-format.md, "Sensors")."""

    pattern: Pattern
    rows: int
    columns: int
    fov_deg: tuple[float, float]
    reach_m: float

    @classmethod
    def of(cls, sensor: Sensor) -> Fan:
        """That of a lidar or a proximity sensor."""
        usual = _USUAL[sensor.kind]
        return cls(
            pattern=sensor.pattern or usual.pattern,
            rows=sensor.rows or usual.rows,
            columns=sensor.columns or usual.columns,
            fov_deg=sensor.fov_deg or usual.fov_deg,
            reach_m=sensor.reach_m or usual.reach_m,
        )

    def directions(self) -> Array:
        """Unit vectors (beams, 3) in the sensor's frame, +X ahead and +Z up; kept, so read-only."""
        return _directions(self)


_USUAL = {
    "lidar": Fan("spinning", 16, 360, (360.0, 30.0), 30.0),
    "proximity": Fan("solid_state", 8, 8, (20.0, 20.0), 1.0),
}


@lru_cache(maxsize=64)
def _directions(fan: Fan) -> Array:
    """The beams of each pattern (rows · columns, 3).

    `spinning`: rings from the top of the field to its bottom, each from left to right in even steps, so that they reshape to a
    picture (rows, columns) as seen from the sensor; a single ring is level. `solid_state`: a golden-angle spiral from straight ahead
    to the rim of the ellipse that the field holds, evenly dense in angles.

    Source: Vogel, A better way to construct the sunflower head (1979).
    """
    across, up = np.deg2rad(fan.fov_deg)
    count = fan.rows * fan.columns
    if fan.pattern == "spinning":
        ring, step = np.divmod(np.arange(count), fan.columns)
        azimuth = across * (0.5 - (step + 0.5) / fan.columns)
        elevation = up * (0.5 - ring / (fan.rows - 1)) if fan.rows > 1 else np.zeros(count)
    else:
        number = np.arange(count)
        aside = np.sqrt(number / max(count - 1, 1)) / 2
        azimuth, elevation = across * aside * np.cos(_GOLDEN_RAD * number), up * aside * np.sin(_GOLDEN_RAD * number)
    level = np.cos(elevation)
    out = np.stack([level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation)], axis=1)
    out.flags.writeable = False
    return out


@dataclass(frozen=True, slots=True, eq=False)
class Echoes:
    """What beams (n) meet: `surface` (n,) int32, −1 where nothing within reach; `range_m` (n,), NaN there; `normal` (n, 3), sensor frame,

    unit, on the side that the beam comes from, NaN there.
    """

    surface: NDArray[np.int32]
    range_m: Array
    normal: Array


def sensor_pose(data: mujoco.MjData, mounted: Mounted) -> Pose:
    """world_from_sensor, now."""
    return Pose(data.xpos[mounted.body], data.xquat[mounted.body]) @ mounted.body_from_sensor


def cast(compiled: Compiled, data: mujoco.MjData, mounted: Mounted, directions: Array, reach_m: float) -> Echoes:
    """The first hit of each beam (n, 3), unit, sensor frame; the body that the sensor is mounted on is not there for it.

    The engine's batched rays pass through soft bodies, so those are met triangle by triangle.
    """
    model, world_from_sensor = compiled.model, sensor_pose(data, mounted)
    axes = world_from_sensor.rotation
    rays = np.ascontiguousarray(directions @ axes.T)
    n = len(rays)
    surface, range_m, normal = np.full(n, -1, np.int32), np.empty(n), np.zeros(3 * n)
    own = mounted.body if mounted.body > 0 else -1  # what is fixed to the world sees the ground
    mujoco.mj_multiRay(
        model, data, world_from_sensor.position_m, rays.ravel(), SEEN_GROUPS, True, own, surface, range_m, normal, n, reach_m
    )
    normals: Array = normal.reshape(n, 3)
    range_m[(surface < 0) | (range_m > reach_m)] = np.inf  # a thing partly within reach is cast at as a whole
    for flex in range(model.nflex):
        if compiled.surfaces.part[model.ngeom + flex] != own:
            corners = soft.skin(model, data, flex) - world_from_sensor.position_m
            hit, way, facing = _meet(rays, corners, np.minimum(range_m, reach_m))
            range_m[hit], surface[hit], normals[hit] = way, model.ngeom + flex, facing
    nothing = np.isinf(range_m)
    normals = normals @ axes
    normals *= -np.sign(np.sum(normals * directions, axis=1, keepdims=True))
    surface[nothing], range_m[nothing], normals[nothing] = -1, np.nan, np.nan
    return Echoes(surface, range_m, normals)


def _meet(rays: Array, triangles: Array, before_m: Array) -> tuple[Indices, Array, Array]:
    """Which rays (n, 3) from the origin meet triangles (m, 3, 3) nearer than `before_m` (n,): their index, how far, the normal (k, 3).

    A ray passes a triangle a, b, c where its products with b × c, c × a and a × b have one sign; their share of a · (b × c) is the way.
    """
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    edges = np.stack([np.cross(b, c), np.cross(c, a), np.cross(a, b)])  # (3, m, 3)
    volume = np.sum(a * edges[0], axis=1)
    aimed = np.flatnonzero(_toward(rays, triangles))
    found: list[tuple[Indices, Array, Indices]] = []
    for some in np.array_split(aimed, len(aimed) * len(triangles) // _MOST_PAIRS + 1):
        side = rays[some] @ edges.swapaxes(1, 2)  # (3, rays, m)
        ray, triangle = np.nonzero((side >= 0).all(axis=0) | (side <= 0).all(axis=0))
        total = side[:, ray, triangle].sum(axis=0)
        way = np.divide(volume[triangle], total, out=np.full(len(ray), -1.0), where=total != 0)
        good = (way > 0) & (way < before_m[some[ray]])
        found.append((some[ray[good]], way[good], triangle[good]))
    hit, way, triangle = (np.concatenate(column) for column in zip(*found, strict=True))
    nearest = np.lexsort((way, hit))
    first = nearest[np.unique(hit[nearest], return_index=True)[1]]
    normals = edges[:, triangle[first]].sum(axis=0)
    return hit[first], way[first], normals / np.linalg.norm(normals, axis=1, keepdims=True)


def _toward(rays: Array, triangles: Array) -> NDArray[np.bool_]:
    """Which rays (n, 3) from the origin may meet a ball around the triangles."""
    corners = triangles.reshape(-1, 3)
    middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
    radius = np.linalg.norm(corners - middle, axis=1).max()
    distance = np.linalg.norm(middle)
    if distance <= radius:
        return np.ones(len(rays), dtype=bool)
    return np.asarray(rays @ middle >= np.sqrt(distance**2 - radius**2))
