"""URDF, the robots of ROS: links and joints through the engine's own reader, meshes through ours, actuators on request.

Every mesh a link names (STL, OBJ, glTF, COLLADA) is read, bounded and written again by us first; `package://` starts at the root
folder of the import. Visual meshes of several colours become several geoms.
"""

from __future__ import annotations

import copy
import posixpath
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np

from lifeworld.core.errors import FileTooLarge, UnreadableFile, UnsafeFile
from lifeworld.scene.formats.collada import read_collada
from lifeworld.scene.formats.mesh import read_shape
from lifeworld.scene.formats.mjcf import main_file, report
from lifeworld.scene.formats.obj import write_obj
from lifeworld.scene.formats.sandbox import Job
from lifeworld.scene.formats.source import FolderSource, bounded_text
from lifeworld.scene.formats.stl import write_stl
from lifeworld.scene.formats.surface import Shape, Surface, check_shape, joined, thinned, welded
from lifeworld.scene.formats.xml_tree import numbers, read_xml

_STIFF_RAD_S = 30.0  # how quickly a position-controlled joint answers, as the frequency of a spring
_DROOP_RAD = 0.02  # how far it may sag under the robot's own weight
_STABLE_RAD_S = 120.0  # stiffer springs ring at steps of 2 ms


def urdf(job: Job) -> dict[str, Any]:
    """Writes the URDF file `job.source` to `job.work/asset`; what it is made of."""
    source = FolderSource(Path(job.root), job.limits)
    name = main_file(source, job)
    root = read_xml(source.read(name, most=job.limits.xml_bytes, what="XML"), job.limits, where=name)
    if root.tag != "robot":
        raise UnreadableFile(f"the root element is <{bounded_text(root.tag, 40)}>", where=name, expected="<robot>")
    links = _Links(source, name, Path(job.work) / "gathered")
    links.only_the_robot(root)
    if any(each.tag.startswith("xacro:") or any("${" in value for value in each.attrib.values()) for each in root.iter()):
        raise UnreadableFile("this is xacro, not yet URDF", where=name, fix="Run `xacro file.xacro > file.urdf` first.")
    links.rewrite(root)

    import mujoco

    from lifeworld.scene.formats.model import settle

    fixed = job.options.get("fixed")
    spec, notes = _parsed(root, links)
    if fixed is False and (bodies := spec.worldbody.bodies):
        base = bodies[0]
        if not any(int(j.type) == int(mujoco.mjtJoint.mjJNT_FREE) for j in base.joints):
            base.add_freejoint(name="free")
    elif fixed is None:
        notes.append("its base stands still; import it with fixed=False for one that moves")
    if actuate := job.options.get("actuate"):
        _actuate(spec, str(actuate), notes)
    settled = settle(spec, links.kept, Path(job.work) / "asset", hidden=str(links.work))
    settled.left_out[:0] = list(dict.fromkeys(links.left_out))[:50]
    settled.notes[:0] = [*dict.fromkeys(links.notes), *notes][:50]
    return report(settled, source=source, name=root.get("name", ""), category="robot")


class _Links:
    """Takes the meshes of a URDF's links through our own readers."""

    def __init__(self, source: FolderSource, name: str, work: Path) -> None:
        self.source, self.name, self.work = source, name, work
        self.kept: dict[str, str] = {}
        self.left_out: list[str] = []
        self.notes: list[str] = []
        self._shapes: dict[str, Shape] = {}
        self._written: dict[tuple[str, str], list[tuple[str, Surface]]] = {}
        self._faces = 0
        work.mkdir(parents=True, exist_ok=True)

    def only_the_robot(self, root: ET.Element) -> None:
        """Drops what is meant for other programs (simulator plug-ins, transmissions, sensors): nothing of it is ever loaded."""
        for child in list(root):
            if child.tag not in ("link", "joint", "material", "mujoco") and not child.tag.startswith("xacro:"):
                root.remove(child)
                self.left_out.append(f"<{bounded_text(child.tag, 40)}> elements, meant for other programs")

    def rewrite(self, root: ET.Element) -> None:
        """Changes the tree so that it names only files of ours, and no settings of the engine's."""
        mesh_dir = ""
        for extension in root.findall("mujoco"):
            for compiler in extension.findall("compiler"):
                mesh_dir = compiler.get("meshdir", mesh_dir)
            root.remove(extension)
        for element in root.iter():
            words = [w for k, v in element.attrib.items() if k not in ("name", "link", "filename") for w in v.split()]
            if any(re.fullmatch(r"[+-]?nan.*", word, re.IGNORECASE) for word in words):
                raise UnreadableFile(f"<{element.tag}> holds a number that is none (NaN)", where=self.name)
            if element.tag == "texture":
                element.attrib.clear()
                self.left_out.append("pictures of URDF materials")
        for link in root.iter("link"):
            self._mend_inertia(link)
            for sort in ("visual", "collision"):
                for shape in list(link.findall(sort)):
                    mesh = shape.find("geometry/mesh")
                    if mesh is not None:
                        self._replace(link, shape, mesh, sort, mesh_dir)
        for element in root.iter():
            if "filename" in element.attrib and element.tag != "mesh":
                if element.tag == "texture":
                    continue
                raise UnsafeFile(
                    f"<{bounded_text(element.tag, 40)}> names a file to load", where=self.name, got=element.get("filename", "")[:200]
                )
        extension = ET.SubElement(root, "mujoco")
        ET.SubElement(extension, "compiler", discardvisual="false", fusestatic="false", strippath="false", autolimits="true")

    def _mend_inertia(self, link: ET.Element) -> None:
        """Lifts the moments of a link that has none, or less than none, to a millionth: many exporters write zeros for small parts."""
        inertia = link.find("inertial/inertia")
        if inertia is None:
            return
        keys = ("ixx", "iyy", "izz", "ixy", "ixz", "iyz")
        moments = [numbers(inertia, key, "0", where=self.name) for key in keys]
        if any(len(each) != 1 for each in moments):
            raise UnreadableFile("a moment of inertia that is not one number", where=self.name)
        xx, yy, zz, xy, xz, yz = (each[0] for each in moments)
        values, axes = np.linalg.eigh(np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]))
        if values.min() > 1e-12:
            return
        mended = axes @ np.diag(np.maximum(values, 1e-6)) @ axes.T
        for key, (i, j) in zip(keys, ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)), strict=True):
            inertia.set(key, repr(float(mended[i, j])))
        self.notes.append("links without moments of inertia were given a millionth of a kg·m²")

    def _replace(self, link: ET.Element, shape: ET.Element, mesh: ET.Element, sort: str, mesh_dir: str) -> None:
        found = self._find(mesh.get("filename", ""), mesh_dir)
        at = list(link).index(shape)
        link.remove(shape)
        plain = shape.find("material") is None
        for path, surface in self._files(found, sort):
            one = copy.deepcopy(shape)
            one.find("geometry/mesh").set("filename", path)  # type: ignore[union-attr]
            if sort == "visual" and plain:
                material = ET.SubElement(one, "material", name="look_" + "_".join(f"{round(255 * x):02x}" for x in surface.look.rgba))
                ET.SubElement(material, "color", rgba=" ".join(f"{x:.4g}" for x in surface.look.rgba))
            link.insert(at, one)
            at += 1

    def _find(self, reference: str, mesh_dir: str) -> str:
        folder = posixpath.dirname(self.name)
        if reference.startswith(("package://", "model://")):
            rest = reference.split("://", 1)[1]
            package, _, inside = rest.partition("/")
            # the root may hold the package, or be it under any name
            found = self.source.find(rest) or self.source.find(inside)
            if found is None:
                fix = f"Give the folder that holds {bounded_text(package, 60)!r} as root=…"
                raise UnreadableFile("a mesh of a package is missing", where=self.name, got=reference[:200], fix=fix)
            return found
        found = self.source.find(reference, beside=folder)
        if found is None and mesh_dir:
            found = self.source.find(posixpath.join(mesh_dir, reference), beside=folder)
        if found is None:
            raise UnreadableFile("a mesh is missing", where=self.name, got=reference[:200], fix="Put it where the URDF says it is.")
        return found

    def _files(self, found: str, sort: str) -> list[tuple[str, Surface]]:
        key = (found, sort)
        if key in self._written:
            return self._written[key]
        shape = self._shape(found)
        stem = posixpath.splitext(posixpath.basename(found))[0]
        limits = self.source.limits
        surfaces = joined([Surface("", s.vertices, s.faces, None, s.normals, s.look) for s in shape.surfaces])
        if sum(len(s.faces) for s in surfaces) > limits.visual_faces:
            surfaces = thinned(surfaces, limits.visual_faces)
            self.notes.append(f"{stem}: drawn with {sum(len(s.faces) for s in surfaces):,} triangles of {shape.faces:,}")
        if sort == "collision":
            everything = joined([Surface("", s.vertices, s.faces) for s in surfaces])[0]
            vertices, faces = welded(
                everything.vertices, everything.faces, 1e-6 * max(float(np.ptp(everything.vertices, axis=0).max()), 1e-9)
            )
            out = [(self._write(write_stl(vertices, faces), stem, ".stl"), everything)]
        else:
            out = [(self._write(write_obj(each, limits), stem, ".obj"), each) for each in surfaces]
        self._written[key] = out
        return out

    def _shape(self, found: str) -> Shape:
        if found not in self._shapes:
            if found.lower().endswith(".dae"):
                shape = check_shape(read_collada(self.source, found), self.source.limits, where=found)
            else:
                shape = read_shape(self.source, found)
            if any(s.look.picture for s in shape.surfaces):
                self.left_out.append("pictures of link meshes")
            self.left_out += shape.left_out
            self._faces += shape.faces
            if self._faces > 4 * self.source.limits.mesh_faces:
                raise FileTooLarge(
                    "too many faces in all meshes", where=self.name, expected=f"at most {4 * self.source.limits.mesh_faces:,}"
                )
            self._shapes[found] = shape
        return self._shapes[found]

    def _write(self, data: bytes, stem: str, suffix: str) -> str:
        path = self.work / f"{len(self.kept):03d}_{re.sub(r'[^A-Za-z0-9_-]', '_', stem)[:60]}{suffix}"
        path.write_bytes(data)
        self.kept[str(path)] = path.name[4:]
        return str(path)


def _parsed(root: ET.Element, links: _Links) -> tuple[Any, list[str]]:
    """The spec, with links the engine would refuse mended, and what was mended."""
    import mujoco

    from lifeworld.scene.formats.model import compiled, read_spec

    tries: list[tuple[dict[str, str], str]] = [
        ({}, ""),
        ({"balanceinertia": "true"}, "inertias no body can have were evened out"),
        ({"balanceinertia": "true", "boundmass": "0.001", "boundinertia": "1e-6"}, "moving links without mass were given 1 g"),
    ]
    notes: list[str] = []
    for attributes, note in tries:
        root.find("mujoco/compiler").attrib.update(attributes)  # type: ignore[union-attr]
        spec = read_spec(root, links.work)
        for mesh in spec.meshes:
            mesh.inertia = (
                mujoco.mjtMeshInertia.mjMESH_INERTIA_CONVEX if mesh.file.endswith(".stl") else mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL
            )
        if note:
            notes.append(note)
        try:
            compiled(spec.copy(), str(links.work))
        except UnreadableFile as error:
            if attributes.get("boundmass") or not re.search(r"mass|inertia", error.what):
                raise
            continue
        return spec, notes
    raise AssertionError("the last try raises")


def _actuate(spec: Any, kind: str, notes: list[str]) -> None:
    """An actuator for each hinge and slide no other joint drives, with gains fit to what it carries."""
    import mujoco

    from lifeworld.scene.formats.model import compiled

    driven = {each.name1 for each in spec.equalities if int(each.type) == int(mujoco.mjtEq.mjEQ_JOINT) and each.name2}
    model, _ = compiled(spec.copy())
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    inertia = np.zeros((model.nv, model.nv))
    mujoco.mj_fullM(model, data, inertia)
    weight = _weight(model)
    for joint in spec.joints:
        slide = int(joint.type) == int(mujoco.mjtJoint.mjJNT_SLIDE)
        if joint.name in driven or not (slide or int(joint.type) == int(mujoco.mjtJoint.mjJNT_HINGE)):
            continue
        i = model.joint(joint.name).id
        dof = int(model.jnt_dofadr[i])
        carried, load = float(inertia[dof, dof]), float(weight[dof])
        effort = float(model.jnt_actfrcrange[i, 1]) if model.jnt_actfrclimited[i] else 0.0
        actuator = spec.add_actuator(name=joint.name, target=joint.name, trntype=mujoco.mjtTrn.mjTRN_JOINT)
        if kind == "torque":
            most = effort or max(3.0 * load, 1.0)
            actuator.set_to_motor()
            actuator.ctrllimited, actuator.ctrlrange = 1, [-most, most]
            continue
        stiff = min(max(carried * _STIFF_RAD_S**2, load / _DROOP_RAD), carried * _STABLE_RAD_S**2)
        if effort:
            actuator.forcelimited, actuator.forcerange = 1, [-effort, effort]
        if kind == "velocity":
            actuator.set_to_velocity(kv=max(2.0 * carried * _STIFF_RAD_S, 1e-6))
            actuator.ctrllimited, actuator.ctrlrange = 1, [-3.0, 3.0] if not slide else [-1.0, 1.0]
            continue
        actuator.set_to_position(kp=stiff, kv=2.0 * float(np.sqrt(stiff * carried)))
        if model.jnt_limited[i]:
            actuator.ctrllimited, actuator.ctrlrange = 1, [float(x) for x in model.jnt_range[i]]
    notes.append(f"{kind} actuators were added, with gains from the masses")


def _weight(model: Any) -> np.ndarray:
    """The most each degree of freedom has to hold against gravity, over a few postures within the limits [N·m or N]."""
    import mujoco

    data = mujoco.MjData(model)
    rng = np.random.default_rng(0)
    most = np.zeros(model.nv)
    for _ in range(16):
        mujoco.mj_resetData(model, data)
        for i in range(model.njnt):
            if int(model.jnt_type[i]) in (int(mujoco.mjtJoint.mjJNT_SLIDE), int(mujoco.mjtJoint.mjJNT_HINGE)):
                low, high = model.jnt_range[i] if model.jnt_limited[i] else (-np.pi, np.pi)
                data.qpos[model.jnt_qposadr[i]] = rng.uniform(low, high)
        mujoco.mj_forward(model, data)
        most = np.maximum(most, np.abs(data.qfrc_bias))
    return most
