"""The cast of a scene: all that facts are read from and that stays as it is while the world moves, as arrays over all things at once.

A frame is a body of the model, or (after those) a soft thing, which is taken for its block, carried along by the middle of its vertices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import IDENTITY, Pose
from lifeworld.scene import archetype
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.body import Body, Site, body_of
from lifeworld.scene.carry import roof_m, spare_m, window_m
from lifeworld.scene.convex import Solid, joined
from lifeworld.scene.material import MATERIALS
from lifeworld.scene.opening import opening_joints
from lifeworld.scene.possible import stands
from lifeworld.scene.scene import Thing
from lifeworld.worlds.physics import asset
from lifeworld.worlds.physics.build import is_fixed
from lifeworld.worlds.physics.compile import Bound, Compiled
from lifeworld.worlds.physics.gripper import grippers

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Truth = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Sites:
    """Every surface and container (s,), each in the frame it is fixed to; `half_m` (s, 2) of a rectangle, radius of a disc in both."""

    names: tuple[str, ...]
    thing: Ints
    frame: Ints
    centre_m: Array
    axes: Array
    half_m: Array
    disc: Truth
    spare_m: Array
    least_m: Array
    most_m: Array
    top_m: Array
    container: Truth

    def take(self, which: Ints) -> Sites:
        """Some of them."""
        names = tuple(self.names[i] for i in which.tolist())
        arrays = {key: getattr(self, key)[which] for key in self.__slots__ if key != "names"}
        return Sites(names=names, **arrays)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Cast:
    """Who is there. Things are numbered as in the scene: instance id less one.

    `pieces` (p,) in the frames they are fixed to, `start` (things + 1,) where each thing's pieces begin, `weight` (p,) what each adds to
    the centre of mass, `corners_m` (c, 3) [m] those of hulls in their pieces' frames, `corner_start` (p + 1,) where each piece's begin.
    `body` (things,) root bodies; `free` can be moved, `stands` can topple, `fronted` have a left and a right of
    their own. `joint_*` are those that open. `hands` are (instance id, one finger's body, the other's).
    """

    compiled: Compiled
    count: int
    instances: int
    pieces: Solid
    piece_frame: Ints
    piece_thing: Ints
    start: Ints
    weight: Array
    corners_m: Array
    corner_start: Ints
    sites: Sites
    body: Ints
    soft: tuple[tuple[int, int, Array, Array, Array], ...]
    """(thing, flex, the place (3,) and the turn (3, 3) it was laid down with, the middle (3,) of its vertices then)."""
    free: Truth
    stands: Truth
    fronted: Truth
    turned_on: Truth
    weight_n: Array
    joint_name: tuple[str, ...]
    joint_thing: Ints
    joint_qpos: Ints
    joint_closed: Array
    joint_open: Array
    hands: tuple[tuple[int, int, int], ...]
    ground: bool
    gravity_m_s2: float
    down: Array


def cast_of(compiled: Compiled) -> Cast:
    """The cast of a compiled scene; `look.tables(cast_of)` makes it once."""
    scene, model = compiled.scene, compiled.model
    assets = asset.stand_ins(scene, compiled.assets)
    assemblies = [_assembly(t, assets) for t in scene.things]
    bodies = [body_of(_at_rest(t), assets) for t in scene.things]
    frames = _frames(compiled)
    solids, frame, thing, weight = [], [], [], []
    places: list[tuple[int, int, Site, float]] = []
    for i, (what, assembly, body) in enumerate(zip(scene.things, assemblies, bodies, strict=True)):
        parts, poses = list(_part_of_pieces(assembly)), assembly.part_poses()
        moving = {part.name: model.body(f"{what.name}/{part.name}").id for part in assembly.parts[1:]}
        solids += [body.solid.take(np.array([k])).moved(_into(poses, assembly, part)) for k, part in enumerate(parts)]
        frame += [moving.get(part or "", frames[i]) for part in parts]
        thing += [i] * len(parts)
        weight += _weights(what, assembly)
        for part, site in _parted(assembly, body):
            gives = float(body.size_m[2]) if body.soft and site.sort == "surface" else 0.0
            places.append((i, moving.get(part or "", frames[i]), replace(site, pose=_into(poses, assembly, part) @ site.pose), gives))
    corners = [s.centre_m[0] + _corners(s) @ s.axes[0].T for s in solids]
    gravity = np.asarray(scene.gravity_m_s2, dtype=np.float64)
    strength = float(np.linalg.norm(gravity))
    joints = list(_opening(compiled.bounds, assemblies))
    counts = np.bincount(np.array(thing, dtype=np.int64), minlength=len(scene.things))
    return Cast(
        compiled=compiled,
        count=len(scene.things),
        instances=1 + len(scene.things) + len(scene.embodiments),
        pieces=joined(solids),
        piece_frame=np.array(frame, dtype=np.int64),
        piece_thing=np.array(thing, dtype=np.int64),
        start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        weight=np.array(weight, dtype=np.float64),
        corners_m=np.concatenate([np.zeros((0, 3)), *corners]),
        corner_start=np.cumsum([0, *(len(c) for c in corners)]),
        sites=_sites(places),
        body=np.array([b.body for b in compiled.bounds], dtype=np.int64),
        soft=tuple(_soft(compiled)),
        free=np.array([not is_fixed(t) for t in scene.things], dtype=bool),
        stands=np.array(
            [bound.qpos >= 0 and stands(t, b) for t, b, bound in zip(scene.things, bodies, compiled.bounds, strict=True)], dtype=bool
        ),
        fronted=np.array([b.has_front for b in bodies], dtype=bool),
        turned_on=np.array([t.turned_on for t in scene.things], dtype=bool),
        weight_n=model.body_subtreemass[[b.body for b in compiled.bounds]] * strength if scene.things else np.zeros(0),
        joint_name=tuple(name for _, name, *_ in joints),
        joint_thing=np.array([i for i, *_ in joints], dtype=np.int64),
        joint_qpos=np.array([q for _, _, q, *_ in joints], dtype=np.int64),
        joint_closed=np.array([low for *_, low, _ in joints], dtype=np.float64),
        joint_open=np.array([high for *_, high in joints], dtype=np.float64),
        hands=tuple((hand, *gripper.fingers) for hand, gripper in grippers(compiled).items()),
        ground=scene.ground is not None,
        gravity_m_s2=strength,
        down=gravity / strength if strength > 0 else np.zeros(3),
    )


def _at_rest(thing: Thing) -> Thing:
    """The thing with its joints where they are drawn: what each part looks like does not depend on them."""
    return Thing(name=thing.name, kind=thing.kind, size_m=thing.size_m, options=thing.options, material=thing.material)


def _assembly(thing: Thing, assets: dict[str, Assembly]) -> Assembly:
    return assets[thing.kind.removeprefix("asset:")] if asset.is_asset(thing) else archetype.build(thing)


def _part_of_pieces(assembly: Assembly) -> Iterator[str | None]:
    """The part of each piece of the assembly's body, in the order in which `body_of` takes them."""
    parts: list[str | None] = [part.name for part in assembly.parts for geom in part.geoms if geom.role != "visual"]
    yield from parts or [None]


def _weights(thing: Thing, assembly: Assembly) -> list[float]:
    """What each piece adds to the centre of mass: density times volume."""
    own = thing.material or ("plastic" if asset.is_asset(thing) else archetype.kind(thing.kind).material)
    geoms = [geom for part in assembly.parts for geom in part.geoms if geom.role != "visual"]
    weights = [MATERIALS[g.material or own].density_kg_m3 * g.shape.volume_m3 for g in geoms]
    return weights if sum(weights) > 0 else [1.0] * max(len(geoms), 1)


def _corners(piece: Solid) -> Array:
    """The corners (c, 3) [m] of one piece (1,), about its centre along its axes, each once; none where it is no hull."""
    return np.unique(piece.corners_m[0], axis=0) if piece.hull[0] else np.zeros((0, 3))


def _into(poses: dict[str, Pose], assembly: Assembly, part: str | None) -> Pose:
    """frame_from_thing, for the frame of a part; the root's is the thing's."""
    if part is None or part == assembly.parts[0].name:
        return IDENTITY
    return poses[part].inverse()


def _parted(assembly: Assembly, body: Body) -> Iterator[tuple[str | None, Site]]:
    """Each site of a body with the part it is fixed to; None is the root."""
    named = [s.part for s in assembly.surfaces] or [None] * len(body.surfaces)
    yield from zip(named, body.surfaces, strict=True)
    yield from zip([c.part for c in assembly.containers], body.containers, strict=True)


def _frames(compiled: Compiled) -> list[int]:
    """The frame of each thing: its root body, or for a soft thing one of those after the bodies."""
    soft = iter(range(compiled.model.nbody, compiled.model.nbody + len(compiled.bounds)))
    return [next(soft) if bound.soft >= 0 else bound.body for bound in compiled.bounds]


def _soft(compiled: Compiled) -> Iterator[tuple[int, int, Array, Array, Array]]:
    data = mujoco.MjData(compiled.model)
    mujoco.mj_forward(compiled.model, data)
    for i, bound in enumerate(compiled.bounds):
        if bound.soft >= 0:
            pose = compiled.scene.things[i].pose or IDENTITY
            yield i, bound.soft, pose.position_m, pose.rotation, vertices(compiled.model, data, bound.soft).mean(axis=0)


def vertices(model: mujoco.MjModel, data: mujoco.MjData, flex: int) -> Array:
    """Where the vertices (n, 3) [m] of a soft body are."""
    start, count = int(model.flex_vertadr[flex]), int(model.flex_vertnum[flex])
    return np.asarray(data.flexvert_xpos[start : start + count])


def _opening(bounds: tuple[Bound, ...], assemblies: list[Assembly]) -> Iterator[tuple[int, str, int, float, float]]:
    """(thing, joint, qpos address, closed, open) of every joint that opens something; of imported things none is known to."""
    for i, (bound, assembly) in enumerate(zip(bounds, assemblies, strict=True)):
        ranges = {joint.name: joint.range for joint in opening_joints(assembly)}
        for name, qpos, _ in bound.joints:
            wide = ranges.get(name)
            if wide is not None:
                yield i, name, qpos, *wide


def _sites(places: list[tuple[int, int, Site, float]]) -> Sites:
    windows = [window_m(site, gives_m=gives) for _, _, site, gives in places]
    sizes = np.array([(min(s.size_m),) * 2 if s.round else s.size_m for _, _, s, _ in places], dtype=np.float64).reshape(-1, 2)
    return Sites(
        names=tuple(s.name for _, _, s, _ in places),
        thing=np.array([i for i, *_ in places], dtype=np.int64),
        frame=np.array([f for _, f, *_ in places], dtype=np.int64),
        centre_m=np.array([s.pose.position_m for _, _, s, _ in places]).reshape(-1, 3),
        axes=np.array([s.pose.rotation for _, _, s, _ in places]).reshape(-1, 3, 3),
        half_m=sizes / 2,
        disc=np.array([s.round for _, _, s, _ in places], dtype=bool),
        spare_m=np.array([spare_m(s) for _, _, s, _ in places], dtype=np.float64),
        least_m=np.array([w[0] for w in windows], dtype=np.float64),
        most_m=np.array([w[1] for w in windows], dtype=np.float64),
        top_m=np.array([roof_m(s) for _, _, s, _ in places], dtype=np.float64),
        container=np.array([s.sort == "container" for _, _, s, _ in places], dtype=bool),
    )
