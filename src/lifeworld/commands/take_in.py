"""`lifeworld import`: a robot, a mesh or a piece of furniture from elsewhere becomes an asset and a scene that holds it; a recording,
episodes of a bundle (take_in_recording.py)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro

from lifeworld.commands.verb import Common, Outcome, say
from lifeworld.core.errors import InputError
from lifeworld.core.write import replace_file


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Take in a thing or a recording from elsewhere.

    Things: MJCF, URDF, OBJ, STL, glTF/GLB, or an entry of a Sweet Home 3D catalogue (.sh3f). Writes NAME/ (the asset) and NAME.toml (a
    scene that holds it) to the output folder. The file is read in a child process with limits of time and memory.

    Recordings: LeRobot v2.1 and v3, video and sound, folders of pictures, donkeycar tubs, MCAP, RLDS/tfrecord, HDF5, BVH, CSV, npz, or a
    folder of any of them. Their episodes are added to the bundle in the output folder, which is made if it is not there.
    """

    path: tyro.conf.Positional[Path]
    """The file or folder to take in."""
    out: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None
    """The folder to write to, of a recording the bundle to add to; needed unless --list."""
    name: str | None = None
    """What to call it; from the file's name if not given."""
    limit: int | None = None
    """Recordings: take no more episodes than this."""
    fps: float | None = None
    """Recordings: the rate of frames or rows whose times nothing says."""
    cut: str | None = None
    """Recordings: where a film is cut into episodes: shots, at its cuts, and long shots into pieces of about 20 s (the default); so many
    seconds, the same with other pieces; or none."""
    again: bool = False
    """Recordings: add even what was taken in from the same file before."""
    subject: str | None = None
    """Recordings: the pseudonym of the person in it, never a name."""
    agreement: str | None = None
    """Recordings: the text that person agreed to, with its version."""
    receipt: str | None = None
    """Recordings: the id under which that agreement can be shown and withdrawn."""
    purposes: str | None = None
    """Recordings: what they agreed to, with commas: train,infer,publish,derive; none if not given."""
    entry: str | None = None
    """Which piece of a catalogue: its id or name."""
    list: bool = False
    """List what a catalogue holds instead."""
    licence: str | None = None
    """Its terms, where the file does not say them itself (an SPDX word such as CC0-1.0)."""
    creator: str | None = None
    """Who made it, where the file does not say so itself."""
    fixed: bool | None = None
    """Whether it stays where it is; its own way if not given."""
    actuate: Literal["position", "velocity", "torque"] | None = None
    """What drives the joints of a URDF robot."""
    root: Path | None = None
    """The folder that nothing the file names may leave; its own if not given."""
    unit: Literal["m", "cm", "mm", "inch", "auto"] | None = None
    """What one unit of a mesh or a BVH file is; of a mesh metres if not given."""
    up: Literal["y", "z"] | None = None
    """The axis of a mesh or a BVH file that points up; y for OBJ, glTF and BVH, z for STL if not given."""
    collision: Literal["parts", "hull", "box"] | None = None
    """How a mesh or a piece of furniture is touched: as convex parts, found at leisure (the default), as one hull, or as one box."""
    mass_kg: float | None = None
    """What a mesh or a piece of furniture weighs; guessed, with a note, if not given."""


_OF_THINGS = ("entry", "creator", "fixed", "actuate", "root", "collision", "mass_kg")
_OF_RECORDINGS = ("limit", "fps", "cut", "subject", "agreement", "receipt", "purposes")


def run(options: Options) -> Outcome:
    from lifeworld.scene.formats import SUFFIXES

    thing = options.list or (options.path.suffix.lower() in SUFFIXES and not options.path.is_dir())
    for other in _OF_RECORDINGS if thing else _OF_THINGS:
        if getattr(options, other) is not None:
            sort, not_a = ("recordings", "a thing") if thing else ("things", "a recording")
            raise InputError(f"--{other.replace('_', '-')} is of {sort}, and this is {not_a}", where=str(options.path))
    if thing:
        return _thing(options)
    from lifeworld.commands.take_in_recording import run as take_in_recording

    return take_in_recording(options)


def _thing(options: Options) -> Outcome:
    from lifeworld.core.pose import Pose
    from lifeworld.scene.formats import catalogue, import_file
    from lifeworld.scene.scene import AssetRef, CameraMount, Embodiment, Scene, Thing
    from lifeworld.scene.text import to_text

    if options.list:
        entries = catalogue(options.path)
        lines = [
            f"{e.id:<40} {e.category:<14} {' × '.join(f'{s:.2f}' for s in e.size_m)} m  {e.name}  ({e.creator}, {e.licence})"
            for e in entries
        ]
        return Outcome(
            text="\n".join([*lines, f"{len(entries)} pieces"]),
            value={"entries": [{"id": e.id, "name": e.name, "category": e.category} for e in entries]},
        )
    if options.out is None:
        raise InputError("say where to write to", expected="-o FOLDER")
    given = {
        key: value
        for key in ("entry", "actuate", "fixed", "root", "unit", "up", "collision", "mass_kg")
        if (value := getattr(options, key)) is not None
    }
    name = options.name or _name(options.entry or options.path.stem)
    say(f"reading {options.path} in a child process …")
    asset = import_file(options.path, options.out / name, name=name, licence=options.licence, creator=options.creator, **given)
    ref = AssetRef(name=name, folder=name, sha256=asset.digest)
    # A robot keeps its maker's frame, and the maker of one that hangs has put it at its shoulders: nothing begins in the ground.
    stands = Pose((0.0, 0.0, max(0.0, -asset.low_m[2])))
    # Looked at from its front and its right, from twice its size away.
    middle = [low + at + size / 2 for low, at, size in zip(asset.low_m, stands.position_m, asset.size_m, strict=True)]
    away = 2 * max(*asset.size_m, 0.1)
    camera = CameraMount(name="front", pose=Pose.look_at([middle[0] + 0.4 * away, middle[1] - 0.8 * away, middle[2] + 0.45 * away], middle))
    if asset.actuators:
        robot = Embodiment(name="robot", kind="robot", asset=name, pose=stands)
        scene = Scene(name=name, title=asset.summary, assets=(ref,), embodiments=(robot,), cameras=(camera,))
    else:
        thing = Thing(name="it", kind=f"asset:{name}", pose=stands, fixed=asset.fixed)
        scene = Scene(name=name, title=asset.summary, assets=(ref,), things=(thing,), cameras=(camera,))
    path = options.out / f"{name}.toml"
    with replace_file(path) as beside:
        beside.write_text(to_text(scene), encoding="utf-8")
    size = " × ".join(f"{s:.3g}" for s in asset.size_m)
    left = "".join(f"\n  left out: {what}" for what in asset.left_out) + "".join(f"\n  note: {what}" for what in asset.notes)
    movable = sum(j.type != "free" for j in asset.joints)
    terms = f"{asset.licence or 'licence unknown'}, {asset.creator or 'creator unknown'}"
    return Outcome(
        text=f"{asset.name}: {asset.summary} ({size} m, {movable} joints, {len(asset.actuators)} actuators; {terms}){left}\n"
        f"lifeworld make {path} -o out/{name}",
        value={
            "asset": str(asset.folder),
            "scene": str(path),
            "size_m": list(asset.size_m),
            "licence": asset.licence,
            "creator": asset.creator,
            "joints": [j.name for j in asset.joints],
            "actuators": [a.name for a in asset.actuators],
            "left_out": list(asset.left_out),
            "notes": list(asset.notes),
        },
    )


def _name(text: str) -> str:
    kept = "".join(c if c.isascii() and c.isalnum() else "_" for c in text).strip("_") or "asset"
    return (kept if kept[0].isalpha() else f"a_{kept}")[:64]
