"""Things, parts, materials, cameras and lights written into a MuJoCo spec: what each word of a scene means to the engine.

Names in the model: thing, thing/part, thing/joint. Geom groups: 0 seen and touched, 2 only seen, 3 only touched.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import product
from pathlib import Path

import mujoco
import numpy as np

from lifeworld.core.camera import OPENCV_FROM_OPENGL
from lifeworld.core.errors import SceneError
from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import build, kind
from lifeworld.scene.assembly import Assembly, Geom, Joint, Part, Soft
from lifeworld.scene.material import Material, material, rgba
from lifeworld.scene.possible import is_fixed as is_fixed
from lifeworld.scene.scene import CameraMount, Light, Scene, Thing
from lifeworld.scene.shape import Box, Capsule, Cylinder, Ellipsoid, Mesh, Shape, Sphere
from lifeworld.worlds.physics import asset, texture

TIMESTEP_S = 0.002
WAITING_M = 50.0
SEEN, ONLY_SEEN, ONLY_TOUCHED = 0, 2, 3
ROUND_FOOT, NEARLY_LEVEL = 8, (1.0, 3e-6, 1e-6, 0.0)
"""What stands on round feet has this bit, and touches a ground that leans by 6 µm a metre. The engine's contact of a plane and a cylinder
on it is wrong by up to the radius where they are level to 1e-15: of 400 at rest 29 were thrown up within 12 s, and 1 with the lean."""
SPARE_BODIES = 4
"""Bodies that are nothing. The engine has room for as many pairs as bodies can form and counts those with an endless plane twice, and there
are two: in a heap, or of an apple that falls into a bowl, it would end with "broadphase buffer full"."""
SOLREF_S = 2.5 * TIMESTEP_S  # the stiffest contact the engine integrates well is twice the time step
BOUNCE_RAD_S = 200.0  # natural frequency of a contact that bounces: 16 ms long, so that speeds come out right within 5 % (LOG.md)


class Builder:
    """Adds things to a spec, sharing materials and meshes among them."""

    def __init__(self, spec: mujoco.MjSpec, assets: Path) -> None:
        self.spec = spec
        self.assets = assets
        self.materials: dict[tuple[str, str], str] = {}
        self.meshes: dict[str, str] = {}

    def ground(self, scene: Scene) -> None:
        assert scene.ground is not None
        stuff = material(scene.ground.material)
        geom = self.spec.worldbody.add_geom(name="ground", type=mujoco.mjtGeom.mjGEOM_PLANE, size=(0, 0, 0.5))
        geom.material = self.look(stuff, scene.ground.color or stuff.color, repeat=1.0)
        geom.friction = _friction(stuff if scene.ground.friction is None else replace(stuff, friction=scene.ground.friction))
        geom.solref = (SOLREF_S, 1.0)
        geom.castshadow = False  # nothing is below it, and its huge triangles would speckle at the edge of the shadow map
        foot = self.spec.worldbody.add_body(quat=NEARLY_LEVEL).add_geom(type=mujoco.mjtGeom.mjGEOM_PLANE, size=(0, 0, 0.5))
        foot.friction, foot.solref, foot.material, foot.group = geom.friction, geom.solref, geom.material, ONLY_TOUCHED
        foot.contype, foot.conaffinity, foot.castshadow = 0, ROUND_FOOT, False
        for _ in range(SPARE_BODIES):
            self.spec.worldbody.add_body()

    def thing(self, thing: Thing, scene: Scene) -> None:
        # Free things wait apart from each other until the state says where they are: the engine sizes its memory by who touches whom here.
        pose = (
            thing.pose
            if thing.pose is not None and not is_held(thing)
            else Pose((WAITING_M * (1 + len(self.spec.worldbody.bodies)), 0.0, WAITING_M))
        )
        if asset.is_asset(thing):
            asset.attach_thing(self.spec, thing, scene, self.assets, fixed=is_fixed(thing))
            return
        assembly = build(thing)
        body = self.spec.worldbody.add_body(name=thing.name, pos=pose.position_m, quat=pose.quat_wxyz)
        if assembly.soft is not None:
            self.soft(body, thing, assembly.soft)
            return
        if not is_fixed(thing):
            body.add_freejoint(name=thing.name)
        masses = dict(masses_kg(thing, assembly))
        bodies = {assembly.parts[0].name: body}
        for part in assembly.parts:
            if part.parent is not None:
                bodies[part.name] = self.part(bodies[part.parent], thing, part)
                # MuJoCo lets a child touch its parent when that parent does not move; a door does not collide with its own frame.
                self.spec.add_exclude(bodyname1=bodies[part.parent].name, bodyname2=bodies[part.name].name)
            made = [self.geom(bodies[part.name], thing, geom, masses.get((part.name, index), 0.0)) for index, geom in enumerate(part.geoms)]
            if scene.ground is not None and any(_is_round_foot(geom) for geom in part.geoms):
                self.spec.add_exclude(bodyname1="world", bodyname2=bodies[part.name].name)
                for touching in (geom for geom in made if geom.contype):
                    touching.contype |= ROUND_FOOT
        if thing.turned_on:
            for index, lamp in enumerate(assembly.lamps):
                light = Light(
                    name=f"{thing.name}_lamp{index}",
                    kind="point" if lamp.spread_deg >= 180 else "spot",
                    position_m=lamp.position_m,
                    direction=lamp.direction,
                    color=lamp.color,
                    intensity=lamp.intensity,
                    spread_deg=min(lamp.spread_deg, 179.0),
                )
                add_light(bodies[lamp.part] if lamp.part else body, f"{thing.name}/lamp{index}", light)

    def hold(self, thing: Thing) -> None:
        """Hold a thing fast to the one it is attached to, as they stand to each other: its pose, in a structure, is holder_from_thing."""
        assert thing.attach is not None
        assert thing.pose is not None
        for name in (thing.name, thing.attach):
            if self.spec.flex(name) is not None:
                raise SceneError(
                    f"{name!r} is soft, and cannot be held fast or hold", where=f"thing {thing.name!r}", fix="Take away attach."
                )
        held, holder = (self._bodies(name) for name in (thing.name, thing.attach))
        weld = self.spec.add_equality(
            type=mujoco.mjtEq.mjEQ_WELD, objtype=mujoco.mjtObj.mjOBJ_BODY, name1=holder[0], name2=held[0], solref=(2 * SOLREF_S, 1.0)
        )
        weld.data[:11] = (0.0, 0.0, 0.0, *thing.pose.position_m, *thing.pose.quat_wxyz, 1.0)  # where they meet, the pose, metres a radian
        for one, other in product(holder, held):  # what is held does not push itself off
            self.spec.add_exclude(bodyname1=one, bodyname2=other)

    def _bodies(self, name: str) -> list[str]:
        """The bodies of a thing by name, its root first."""
        root = asset.root_body(self.spec, name).name
        return [root, *(b.name for b in self.spec.bodies if b.name != root and b.name.startswith(f"{name}/"))]

    def part(self, parent: mujoco.MjsBody, thing: Thing, part: Part) -> mujoco.MjsBody:
        body = parent.add_body(name=f"{thing.name}/{part.name}", pos=part.pose.position_m, quat=part.pose.quat_wxyz)
        if part.joint is not None:
            _joint(body, f"{thing.name}/{part.joint.name}", part.joint)
        return body

    def geom(self, body: mujoco.MjsBody, thing: Thing, geom: Geom, mass_kg: float) -> mujoco.MjsGeom:
        stuff = stuff_of(thing, geom)
        made = body.add_geom(pos=geom.pose.position_m, quat=geom.pose.quat_wxyz, mass=mass_kg)
        self.shape(made, geom.shape, touches=geom.role != "visual")
        made.group = {"both": SEEN, "visual": ONLY_SEEN, "collision": ONLY_TOUCHED}[geom.role]
        if geom.role != "collision":
            made.material = self.look(stuff, _color(thing, geom, stuff))
        if geom.role == "visual":
            made.contype = made.conaffinity = 0
            return made
        friction = thing.friction if thing.friction is not None else kind(thing.kind).friction
        made.friction = _friction(stuff if friction is None else replace(stuff, friction=friction))
        made.solref = (max(SOLREF_S, stuff.contact_time_s), 1.0)
        made.condim = 6 if _rolls(geom) else 3
        if thing.restitution is not None:
            made.solref = _bounce(thing.restitution)
            made.priority = 1  # the bouncing thing decides the contact, not the mean of both sides
        if friction is not None and thing.friction is not None:
            made.priority = 1
        return made

    def shape(self, made: mujoco.MjsGeom, shape: Shape, *, touches: bool) -> None:
        match shape:
            case Box():
                made.type, made.size = mujoco.mjtGeom.mjGEOM_BOX, shape.half_m
            case Sphere():
                made.type, made.size = mujoco.mjtGeom.mjGEOM_SPHERE, (shape.radius_m, 0, 0)
            case Ellipsoid():
                made.type, made.size = mujoco.mjtGeom.mjGEOM_ELLIPSOID, shape.radii_m
            case Cylinder():
                made.type, made.size = mujoco.mjtGeom.mjGEOM_CYLINDER, (shape.radius_m, shape.height_m / 2, 0)
            case Capsule():
                made.type, made.size = mujoco.mjtGeom.mjGEOM_CAPSULE, (shape.radius_m, shape.length_m / 2, 0)
            case Mesh():
                made.type, made.meshname = mujoco.mjtGeom.mjGEOM_MESH, self.mesh(shape, touches=touches)

    def mesh(self, mesh: Mesh, *, touches: bool) -> str:
        key = f"{mesh.key}{'t' if touches else ''}"
        if key not in self.meshes and self.spec.mesh(key) is not None:  # from the model this one grows from
            self.meshes[key] = key
        elif key not in self.meshes:
            made = self.spec.add_mesh(name=key)
            made.uservert = mesh.vertices_m.ravel()
            made.userface = mesh.faces.ravel()
            made.smoothnormal = mesh.smooth
            made.inertia = mujoco.mjtMeshInertia.mjMESH_INERTIA_CONVEX if touches else mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL
            self.meshes[key] = key
        return key

    def look(self, stuff: Material, color: str, *, repeat: float = 4.0) -> str:
        key = (stuff.name, color)
        name = f"{stuff.name}:{color}"
        if key not in self.materials and self.spec.material(name) is not None:
            self.materials[key] = name
        elif key not in self.materials:
            made = self.spec.add_material(name=name, rgba=rgba(color))
            made.specular, made.shininess, made.reflectance = stuff.specular, stuff.shininess, stuff.reflectance
            if stuff.texture is not None:
                texture.add(self.spec, made, stuff.texture, repeat=repeat)
            self.materials[key] = name
        return self.materials[key]

    def soft(self, body: mujoco.MjsBody, thing: Thing, soft: Soft) -> None:
        stuff = stuff_of(thing, soft)
        size, count = np.asarray(soft.size_m), np.asarray(soft.count)
        cloth = soft.kind == "cloth"
        if cloth:
            count[2] = 1
        spacing = size / np.maximum(count - 1, 1)
        # The engine wants vertices farther apart than they are wide.
        radius = soft.thickness_m / 2 if cloth else min(0.004, 0.45 * float(np.min(size / count)))
        if not cloth:
            spacing = (size - 2 * radius) / np.maximum(count - 1, 1)  # the skin is as thick as the vertices' radius
        flex = body.make_flex(
            name=f"{thing.name}/",  # its bodies are called thing/_0 …: thing_0 may be another thing
            type="ellipsoid" if soft.shape == "ellipsoid" else "grid",
            dim=2 if cloth else 3,
            dof="full" if cloth else "trilinear",
            count=count,
            spacing=spacing,
            radius=radius,
            mass=thing.mass_kg or soft.mass_kg,
            pos=(0.0, 0.0, radius if cloth else size[2] / 2),
            elastic2d=3 if cloth else 0,
        )
        flex.name = thing.name
        flex.young, flex.poisson, flex.damping = soft.young_pa, soft.poisson, soft.damping
        if cloth:
            flex.thickness = soft.thickness_m
        flex.selfcollide = mujoco.mjtFlexSelf.mjFLEXSELF_NONE
        flex.friction = _friction(stuff)
        flex.solref = (max(SOLREF_S, stuff.contact_time_s), 1.0)
        flex.condim = 3
        flex.contype = flex.conaffinity = 1
        flex.material = self.look(replace(stuff, texture=None), thing.color or soft.color or kind(thing.kind).color or stuff.color)


def stuff_of(thing: Thing, piece: Geom | Soft) -> Material:
    """What a piece of a thing is made of: its own material, else the thing's, else its kind's."""
    return material(piece.material or thing.material or kind(thing.kind).material)


def masses_kg(thing: Thing, assembly: Assembly) -> Iterator[tuple[tuple[str, int], float]]:
    """(part, geom index) → mass [kg] of every geom that collides."""
    what = kind(thing.kind)
    by_density = {
        (part.name, index): stuff_of(thing, geom).density_kg_m3 * geom.shape.volume_m3
        for part in assembly.parts
        for index, geom in enumerate(part.geoms)
        if geom.role != "visual"
    }
    total = sum(by_density.values())
    wanted = thing.mass_kg
    if wanted is None and what.mass_kg is not None:
        size = thing.size_m or what.size_m
        wanted = what.mass_kg * float(np.prod(size) / np.prod(what.size_m))
    share = 1.0 if wanted is None else wanted / total
    yield from ((key, mass * share) for key, mass in by_density.items())


def _color(thing: Thing, geom: Geom, stuff: Material) -> str:
    if geom.color is not None:
        return geom.color
    if geom.material is not None:
        return stuff.color
    if thing.color is not None:
        return thing.color
    return stuff.color if thing.material is not None else (kind(thing.kind).color or stuff.color)


def _rolls(geom: Geom) -> bool:
    """Whether a geom needs friction against rolling and spinning to come to rest: round things, and cylinders that lie.

    A standing cylinder does not, and twice the rows in the solver would be its price.
    """
    _, x, y, _ = geom.pose.quat_wxyz
    upright = abs(1.0 - 2.0 * (x * x + y * y)) > 0.7
    return isinstance(geom.shape, Sphere | Ellipsoid | Capsule) or (isinstance(geom.shape, Cylinder) and not upright)


def _is_round_foot(geom: Geom) -> bool:
    """Whether a geom may stand on the ground by the flat end of a cylinder."""
    return geom.role != "visual" and isinstance(geom.shape, Cylinder) and not _rolls(geom)


def _friction(stuff: Material) -> tuple[float, float, float]:
    """Sliding, spinning [m] and rolling [m] coefficients."""
    return (stuff.friction, 0.002, 0.0004)


@lru_cache(maxsize=256)
def _bounce(restitution: float) -> tuple[float, float]:
    """The engine's (time constant, damping ratio) of a contact that keeps this share of the speed.

    A contact pushes and never pulls, so it lets go when spring and damper cancel, before the spring is back at rest.
    Source: Schwager & Pöschel, Coefficient of restitution and linear-dashpot model revisited (2007), eq. 13.
    """

    def kept(ratio: float) -> float:
        if ratio < 1.0:
            ringing = math.sqrt(1.0 - ratio * ratio)
            return math.exp(-ratio / ringing * (math.pi - math.atan2(2 * ratio * ringing, 1.0 - 2 * ratio * ratio)))
        creeping = math.sqrt(max(ratio * ratio - 1.0, 1e-12))
        return math.exp(-ratio / creeping * math.log((ratio + creeping) / (ratio - creeping)))

    low, high = 1e-4, 20.0  # kept() falls from 1 to 0.0025 in between
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if kept(middle) > restitution else (low, middle)
    return (1.0 / (low * BOUNCE_RAD_S), low)


def _joint(body: mujoco.MjsBody, name: str, joint: Joint) -> None:
    made = body.add_joint(
        name=name,
        type=mujoco.mjtJoint.mjJNT_HINGE if joint.kind == "hinge" else mujoco.mjtJoint.mjJNT_SLIDE,
        axis=joint.axis,
        pos=joint.anchor_m,
        damping=[joint.damping, 0.0, 0.0],
        frictionloss=joint.friction,
        stiffness=[joint.spring, 0.0, 0.0],
        springref=joint.rest,
    )
    made.solimp_friction = (0.999, 0.999, 0.001, 0.5, 2.0)  # softer dry friction creeps: a laptop lid sank by 0.24 rad in 5 s
    if joint.range is not None:
        made.range = sorted(joint.range)
        made.solref_limit = (SOLREF_S * 2, 1.0)
        made.armature = 1e-4


def add_camera(spec: mujoco.MjSpec, camera: CameraMount) -> None:
    body = spec.worldbody if camera.attach is None else asset.root_body(spec, camera.attach)
    pose = camera.pose @ OPENCV_FROM_OPENGL
    body.add_camera(name=camera.name, pos=pose.position_m, quat=pose.quat_wxyz, fovy=camera.fov_y_deg)


def add_light(body: mujoco.MjsBody, name: str, light: Light) -> None:
    r, g, b, _ = rgba(light.color)
    made = body.add_light(name=name, pos=light.position_m, dir=np.asarray(light.direction) / np.linalg.norm(light.direction))
    made.type = mujoco.mjtLightType.mjLIGHT_DIRECTIONAL if light.kind == "sun" else mujoco.mjtLightType.mjLIGHT_SPOT
    made.diffuse = tuple(light.intensity * c for c in (r, g, b))
    made.specular = tuple(0.3 * light.intensity * c for c in (r, g, b))
    made.ambient = (0.0, 0.0, 0.0)
    made.castshadow = light.shadow
    if light.kind != "sun":
        made.attenuation = (0.6, 0.0, 0.6)  # falls with the square of the distance, without a pole at the lamp
    if light.kind == "point":
        made.cutoff, made.exponent, made.castshadow = 180.0, 0.0, False
    elif light.kind == "spot":
        made.cutoff, made.exponent = light.spread_deg / 2, 5.0


def is_held(thing: Thing) -> bool:
    """Whether the thing is held fast to another by a weld; what is fixed already needs none."""
    return thing.attach is not None and not is_fixed(thing)


def is_soft(thing: Thing) -> bool:
    return not asset.is_asset(thing) and build(thing).soft is not None
