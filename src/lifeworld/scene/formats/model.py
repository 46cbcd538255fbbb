"""A gathered MJCF tree, taken through the engine into our normal form: `model.xml` with its files, and what it is made of.

Runs in the child only. What belongs to a world and not to a thing in it (floor, lights, cameras of the world, options, sizes) is
dropped and said; postures of keyframes are kept as values; the result is compiled again from its folder, and once more attached
under a prefix, before anyone else may see it.
"""

from __future__ import annotations

import math
import posixpath
import re
import shutil
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mujoco
import numpy as np

from lifeworld.core.errors import FileTooLarge, UnreadableFile
from lifeworld.scene.formats.asset import MODEL, AssetActuator, AssetJoint, AssetPose, Vec3, asset_name
from lifeworld.scene.formats.source import bounded_text

SEEN_AND_TOUCHED, SEEN, TOUCHED, NEITHER = 0, 2, 3, 4
"""The geom groups of an asset: its file's first lines say what they mean."""
_WORLDS_OWN = ("option", "size", "visual", "statistic", "extension", "keyframe", "custom")
_REFERENCES = ("geom", "geom1", "geom2", "camera", "light", "objname", "refname", "sidesite", "mesh")
_ENUMS: dict[str, Any] = {"integrator": mujoco.mjtIntegrator, "cone": mujoco.mjtCone, "solver": mujoco.mjtSolver}
_MOST_TEXTURE_BYTES = 512_000_000


@dataclass(slots=True)
class Settled:
    """What the engine found in the asset."""

    fixed: bool
    size_m: Vec3
    low_m: Vec3
    mass_kg: float
    joints: list[AssetJoint]
    actuators: list[AssetActuator]
    poses: list[AssetPose]
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def settle(spec: mujoco.MjSpec, kept: dict[str, str], folder: Path, *, hidden: str) -> Settled:
    """Writes `spec` to `folder` as an asset's model; `kept` maps the paths it reads to the names they should keep.

    Raises:
        UnreadableFile: if it does not compile; `hidden` (a private path) is taken out of the engine's words.
        FileTooLarge: if it compiles to too much.
    """
    left_out = _drop_world(spec)
    _name_all(spec)
    model, notes = compiled(spec, hidden)
    _bounded(model)
    left_out += _options(spec)
    poses = _poses(model)
    if _inertia_by_group(spec):
        spec.compiler.saveinertial = True  # groups change below; masses must not
    _keep_total_mass(spec, model)
    _regroup(spec, model)
    spec.compiler.savecompiled = False  # every number as it was, not to six digits
    spec.compiler.savecanonical = True
    model, _ = compiled(spec, hidden)
    root = ET.fromstring(spec.to_xml())
    _strip(root)
    _write(root, kept, folder)
    again = check_folder(folder)
    _same(model, again)
    settled = describe(again)
    settled.poses = poses
    settled.left_out, settled.notes = left_out, notes
    return settled


def read_spec(root: ET.Element, work: Path) -> mujoco.MjSpec:
    """The spec of a gathered tree, with what belongs to the world alone already dropped from it.

    Raises:
        UnreadableFile: if the engine cannot parse it.
    """
    path = work / "gathered.xml"
    path.write_bytes(ET.tostring(root))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return mujoco.MjSpec.from_file(str(path))
        except ValueError as error:
            raise _unreadable(error, str(work)) from error


def drop_world(root: ET.Element) -> list[str]:
    """Takes the world's own geoms, lights and cameras out of a gathered tree, with all that refers to them; says what went."""
    gone: list[str] = []
    names: set[tuple[str, str]] = set()

    def sweep(parent: ET.Element) -> None:
        for child in list(parent):
            if child.tag in ("geom", "light", "camera"):
                parent.remove(child)
                if name := child.get("name"):
                    names.add((child.tag, name))
                gone.append(f"{child.tag} {child.get('name') or child.get('type') or ''} of the world".replace("  ", " "))
            elif child.tag in ("frame", "replicate"):
                sweep(child)

    bodies = [b for world in root.iter("worldbody") for b in world.iter("body")]
    loose = [g for world in root.iter("worldbody") for g in world.iter("geom") if g.get("type") not in ("plane", "hfield")]
    if not bodies and loose and not any(world.find(".//attach") is not None for world in root.iter("worldbody")):
        _wrap_loose(root)  # a prop drawn straight into the world: that is the thing
    for world in root.iter("worldbody"):
        sweep(world)
    for section in root:
        if section.tag in ("worldbody", "default", "asset"):
            continue
        for parent in list(section.iter()):
            for child in list(parent):
                for attribute in _REFERENCES:
                    for tag in ("geom", "light", "camera"):
                        if (tag, child.get(attribute, "")) in names and child in list(parent):
                            parent.remove(child)
                            gone.append(
                                f"{child.tag} {child.get('name') or ''} (about {child.get(attribute)} of the world)".replace("  ", " ")
                            )
    return [bounded_text(each) for each in _summed(gone)]


def _wrap_loose(root: ET.Element) -> None:
    for world in root.iter("worldbody"):
        body = ET.Element("body", {"name": asset_name(root.get("model", "thing"))})
        for child in list(world):
            if child.tag in ("frame", "site") or (child.tag == "geom" and child.get("type") not in ("plane", "hfield")):
                world.remove(child)
                body.append(child)
        if len(body):
            world.append(body)


def compiled(spec: mujoco.MjSpec, hidden: str = "") -> tuple[mujoco.MjModel, list[str]]:
    """The model of a spec, and what the engine warned about.

    Raises:
        UnreadableFile: if it does not compile.
    """
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            model = spec.compile()
        except (ValueError, mujoco.FatalError) as error:
            raise _unreadable(error, hidden) from error
    said = [bounded_text(_without(str(each.message), hidden)) for each in heard]
    return model, list(dict.fromkeys(f"engine: {each}" for each in said))[:20]


def check_folder(folder: Path) -> mujoco.MjModel:
    """Compiles an asset's model from its folder, alone and attached under a prefix.

    Raises:
        UnreadableFile: if either fails.
    """
    hidden = str(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            spec = mujoco.MjSpec.from_file(str(folder / MODEL))
        except ValueError as error:
            raise _unreadable(error, hidden) from error
    model, _ = compiled(spec, hidden)
    _bounded(model)
    parent = mujoco.MjSpec()
    parent.attach(mujoco.MjSpec.from_file(str(folder / MODEL)), prefix="check/", frame=parent.worldbody.add_frame())
    attached, _ = compiled(parent, hidden)
    _same(model, attached)
    return model


def describe(model: mujoco.MjModel) -> Settled:
    """What a compiled asset is: joints, actuators, box and mass."""
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    low, high = _box(model, data)
    kinds = {0: "free", 1: "ball", 2: "slide", 3: "hinge"}
    joints = []
    for i in range(model.njnt):
        limits = (float(model.jnt_range[i, 0]), float(model.jnt_range[i, 1])) if model.jnt_limited[i] else None
        joints.append(AssetJoint(name=model.joint(i).name, type=kinds[int(model.jnt_type[i])], range=limits))  # type: ignore[arg-type]
    actuators = []
    for i in range(model.nu):
        span = (float(model.actuator_ctrlrange[i, 0]), float(model.actuator_ctrlrange[i, 1])) if model.actuator_ctrllimited[i] else None
        actuators.append(AssetActuator(name=model.actuator(i).name, kind=_kind(model, i), range=span))
    size = (high - low).clip(0.0)
    return Settled(
        fixed=not any(each.type == "free" for each in joints),
        size_m=(float(size[0]), float(size[1]), float(size[2])),
        low_m=(float(low[0]), float(low[1]), float(low[2])),
        mass_kg=float(model.body_mass.sum()),
        joints=joints,
        actuators=actuators,
        poses=[],
    )


def _kind(model: mujoco.MjModel, i: int) -> Any:
    gain, bias = model.actuator_gainprm[i], model.actuator_biasprm[i]
    sorts = int(model.actuator_dyntype[i]), int(model.actuator_gaintype[i])
    plain = sorts == (int(mujoco.mjtDyn.mjDYN_NONE), int(mujoco.mjtGain.mjGAIN_FIXED))
    if plain and int(model.actuator_biastype[i]) == int(mujoco.mjtBias.mjBIAS_NONE):
        return "torque"
    if plain and int(model.actuator_biastype[i]) == int(mujoco.mjtBias.mjBIAS_AFFINE) and gain[0] != 0.0:
        if math.isclose(bias[1], -gain[0]):
            return "position"
        if bias[1] == 0.0 and math.isclose(bias[2], -gain[0]):
            return "velocity"
    return "other"


def _drop_world(spec: mujoco.MjSpec) -> list[str]:
    """As `drop_world`, for what attached models brought into the world."""
    gone = []
    for sort in ("geoms", "lights", "cameras"):
        for each in list(getattr(spec.worldbody, sort)):
            gone.append(f"{sort[:-1]} {each.name} of the world")
            spec.delete(each)
    return [bounded_text(each) for each in _summed(gone)]


def _name_all(spec: mujoco.MjSpec) -> None:
    """Gives a name to every body, joint and actuator without one, so that each can be spoken of."""
    for sort, elements in (("body", spec.bodies[1:]), ("joint", spec.joints), ("actuator", spec.actuators)):
        taken = {each.name for each in elements}
        count = 0
        for each in elements:
            if each.name:
                continue
            free = sort == "joint" and int(each.type) == int(mujoco.mjtJoint.mjJNT_FREE)
            name = "free" if free and "free" not in taken else ""
            while not name or name in taken:
                name, count = f"{sort}_{count}", count + 1
            each.name = name
            taken.add(name)


def _regroup(spec: mujoco.MjSpec, model: mujoco.MjModel) -> None:
    """Puts each geom into the group that says what it is for (see `asset.py`)."""
    paired = {name for pair in spec.pairs for name in (pair.geomname1, pair.geomname2)}
    for body in spec.bodies:
        geoms = list(body.geoms)
        touched = [bool(g.contype or g.conaffinity) or g.name in paired for g in geoms]
        drawn = [not t and g.group <= 2 for g, t in zip(geoms, touched, strict=True)]
        for geom, touches, seen in zip(geoms, touched, drawn, strict=True):
            if touches:
                geom.group = TOUCHED if any(drawn) or geom.group > 2 else SEEN_AND_TOUCHED
            else:
                geom.group = SEEN if seen else NEITHER


def _inertia_by_group(spec: mujoco.MjSpec) -> bool:
    low, high = (int(x) for x in spec.compiler.inertiagrouprange)
    return low > 0 or high < 5


def _keep_total_mass(spec: mujoco.MjSpec, model: mujoco.MjModel) -> None:
    """Writes into the bodies what `settotalmass` made of their masses: it is of a whole world, and an asset is a part of one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the engine calls it deprecated whenever it is touched
        if spec.compiler.settotalmass <= 0:
            return
        spec.compiler.settotalmass = -1
    for body in spec.bodies[1:]:
        i = body.id
        if model.body_mass[i] > 0:
            body.explicitinertial = True
            body.mass, body.inertia = model.body_mass[i], model.body_inertia[i]
            body.ipos, body.iquat = model.body_ipos[i], model.body_iquat[i]
    spec.compiler.inertiafromgeom = int(mujoco.mjtInertiaFromGeom.mjINERTIAFROMGEOM_AUTO)


def _options(spec: mujoco.MjSpec) -> list[str]:
    """What the source wanted of its world, in words: a thing cannot set it, but whoever builds a world may want to know."""
    plain = mujoco.MjSpec().option
    words = []
    for name in ("timestep", "integrator", "cone", "solver", "impratio", "density", "viscosity"):
        value = getattr(spec.option, name)
        if value != getattr(plain, name):
            words.append(f"option {name}={_ENUMS[name](int(value)).name.rpartition('_')[2].lower() if name in _ENUMS else f'{value:g}'}")
    if not np.allclose(spec.option.gravity, plain.gravity):
        words.append(f"option gravity={' '.join(f'{x:g}' for x in spec.option.gravity)}")
    return words


def _poses(model: mujoco.MjModel) -> list[AssetPose]:
    poses: list[AssetPose] = []
    for i in range(min(model.nkey, 100)):
        joints = {
            model.joint(j).name: float(model.key_qpos[i, model.jnt_qposadr[j]])
            for j in range(model.njnt)
            if int(model.jnt_type[j]) in (int(mujoco.mjtJoint.mjJNT_SLIDE), int(mujoco.mjtJoint.mjJNT_HINGE))
        }
        controls = {model.actuator(j).name: float(model.key_ctrl[i, j]) for j in range(model.nu)}
        poses.append(AssetPose(name=bounded_text(model.key(i).name, 60) or f"pose_{i}", joints=joints, controls=controls))
    return poses


def _strip(root: ET.Element) -> None:
    """Takes out what belongs to a world, and assets nothing uses any more."""
    for child in list(root):
        if child.tag in _WORLDS_OWN:
            root.remove(child)
    for compiler in root.findall("compiler"):
        for attribute in ("meshdir", "texturedir", "assetdir", "strippath"):
            compiler.attrib.pop(attribute, None)
    while True:
        used: set[tuple[str, str]] = set()
        for element in root.iter():
            for attribute in ("mesh", "material", "texture", "hfield", "objname", "refname"):
                if value := element.get(attribute):
                    sorts = (attribute,) if attribute not in ("objname", "refname") else ("mesh", "material", "texture", "hfield")
                    used |= {(sort, value) for sort in sorts}
        unused = [
            (asset, each)
            for asset in root.findall("asset")
            for each in asset
            if each.tag in ("mesh", "material", "texture", "hfield") and (each.tag, each.get("name", "")) not in used
        ]
        if not unused:
            return
        for asset, each in unused:
            asset.remove(each)


def _write(root: ET.Element, kept: dict[str, str], folder: Path) -> None:
    """Copies every file the model reads into the folder, under its own name or a near one, and writes `model.xml`."""
    placed: dict[str, str] = {}
    taken: set[str] = set()
    for element in root.iter():
        for attribute in [a for a in element.attrib if a.startswith("file")]:
            path = element.get(attribute, "")
            if path not in kept:
                raise UnreadableFile("the engine reads a file that was not gathered", got=posixpath.basename(path)[:100])
            if path not in placed:
                stem, suffix = posixpath.splitext(kept[path])
                base = (
                    f"{'textures' if element.tag == 'texture' else 'meshes'}/{re.sub(r'[^A-Za-z0-9._-]+', '_', stem).strip('._') or 'file'}"
                )
                name, count = base + suffix, 1
                while name.lower() in taken:
                    name, count = f"{base}_{count}{suffix}", count + 1
                taken.add(name.lower())
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, folder / name)
                placed[path] = name
            element.set(attribute, placed[path])
    ET.indent(root)
    (folder / MODEL).write_text(ET.tostring(root, encoding="unicode") + "\n", encoding="utf-8")


def _bounded(model: mujoco.MjModel) -> None:
    if model.nbody < 2:
        raise UnreadableFile("the file holds no body: nothing is left once its world is taken away")
    if model.ntexdata > _MOST_TEXTURE_BYTES:
        raise FileTooLarge(
            "its textures fill too much memory", got=f"{model.ntexdata:,} bytes", expected=f"at most {_MOST_TEXTURE_BYTES:,}"
        )
    numbers = (model.body_mass, model.body_inertia, model.body_pos, model.geom_size, model.geom_pos, model.jnt_range, model.qpos0)
    if not all(np.isfinite(each).all() for each in numbers):
        raise UnreadableFile("a mass, size, place or range is not finite")


def _same(one: mujoco.MjModel, other: mujoco.MjModel) -> None:
    """Two compilations of one thing: the same parts, the same masses."""
    counts = ("nq", "nv", "nu", "nbody", "njnt", "ngeom", "nsite", "ntendon", "neq", "nsensor")
    for count in counts:
        if getattr(one, count) != getattr(other, count):
            got = f"{getattr(other, count)} instead of {getattr(one, count)}"
            raise UnreadableFile(f"the model changes when it is saved ({count})", got=got)
    if not np.allclose(one.body_mass, other.body_mass, rtol=1e-9, atol=1e-12):
        raise UnreadableFile("the model changes when it is saved (masses)")


def _box(model: mujoco.MjModel, data: mujoco.MjData) -> tuple[np.ndarray, np.ndarray]:
    """The lower and upper corner of all geoms at rest [m]: exact for meshes, by their boxes for the rest."""
    corners: list[np.ndarray] = []
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float)
    for i in range(model.ngeom):
        if int(model.geom_type[i]) == int(mujoco.mjtGeom.mjGEOM_PLANE) or model.geom_group[i] == NEITHER:
            continue
        if int(model.geom_type[i]) == int(mujoco.mjtGeom.mjGEOM_MESH):
            at = model.geom_dataid[i]
            first = model.mesh_vertadr[at]
            local = model.mesh_vert[first : first + model.mesh_vertnum[at]].astype(float)
        else:
            local = model.geom_aabb[i, :3] + signs * model.geom_aabb[i, 3:]
        world = local @ data.geom_xmat[i].reshape(3, 3).T + data.geom_xpos[i]
        corners += [world.min(axis=0), world.max(axis=0)]
    if not corners:
        return np.zeros(3), np.zeros(3)
    stacked = np.stack(corners)
    return stacked.min(axis=0), stacked.max(axis=0)


def _summed(words: Iterable[str]) -> list[str]:
    counts: dict[str, int] = {}
    for word in words:
        counts[word.strip()] = counts.get(word.strip(), 0) + 1
    out = [word if n == 1 else f"{word} ({n} times)" for word, n in counts.items()]
    return out if len(out) <= 50 else [*out[:49], f"and {len(out) - 49} more like these"]


def _unreadable(error: Exception, hidden: str) -> UnreadableFile:
    said = _without(str(error), hidden)
    return UnreadableFile(f"the engine cannot read it: {bounded_text(said, 500)}")


def _without(text: str, hidden: str) -> str:
    return text.replace(hidden + "/", "").replace(hidden, "") if hidden else text
