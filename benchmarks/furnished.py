"""A furnished room of a quarter of a million triangles and more, all of it from our own library: seats, a laid table, full shelves."""

from __future__ import annotations

import math

import mujoco

from lifeworld.core.pose import Pose
from lifeworld.scene.place import place
from lifeworld.scene.scene import CameraMount, Light, Relation, Scene, Thing
from lifeworld.worlds.physics.build import ONLY_TOUCHED
from lifeworld.worlds.physics.compile import Compiled

FLOOR_M = 0.04  # the kind "room" has its floor that thick

# kind, x, y [m], degrees it is turned by
_STANDING = (
    ("sofa", 0.0, 1.75, 0), ("armchair", -1.7, 0.9, 60), ("armchair", 1.7, 0.9, -60), ("coffee_table", 0.0, 0.8, 0),
    ("table", 0.0, -0.9, 0), ("chair", -0.6, 0.0, 0), ("chair", 0.6, 0.0, 0), ("chair", -1.5, -0.9, 90),
    ("shelf", -2.5, 2.05, 0), ("shelf", 2.5, 2.05, 0), ("floor_lamp", -1.45, 2.05, 0), ("plant", 1.5, 2.05, 0),
    ("plant", -2.7, 0.2, 0), ("basket", 2.6, 0.4, 0), ("speaker", -2.7, -0.8, 90),
    ("football", 1.7, -0.2, 0), ("bedside_table", 2.7, 1.3, -90), ("drawer_unit", -2.65, 1.2, 90),
)  # fmt: skip
_LAID = ("plate", "fork", "spoon", "wine_glass")
_SEATS = ((-0.62, 0.28), (0.62, 0.28), (-0.62, -0.28), (0.62, -0.28))
_BESIDE = {"plate": (0.0, 0.0), "fork": (-0.17, 0.0), "spoon": (0.17, 0.0), "wine_glass": (0.15, 0.17)}
_PUT = {
    "coffee_table_0": ("teapot", "saucer", "cup", "saucer", "cup", "magazine", "remote"),
    "shelf_0": ("vase", "book", "bottle", "cactus", "book", "bowl", "notebook"),
    "shelf_1": ("vase", "book", "bottle", "kettle", "book", "bowl", "toy_car"),
    "bedside_table_0": ("table_lamp", "magazine"),
    "drawer_unit_0": ("table_lamp", "speaker", "bottle", "bowl", "jug"),
    "sofa_0": ("book",),
}


def furnished(*, side_px: int = 256, seed: int = 0) -> Scene:
    """The room with everything at its place."""
    count: dict[str, int] = {}

    def thing(kind: str, **more: object) -> Thing:
        count[kind] = count.get(kind, -1) + 1
        return Thing(name=f"{kind}_{count[kind]}", kind=kind, **more)  # type: ignore[arg-type]

    room = Thing(name="room", kind="room", size_m=(6.2, 4.8, 2.6), pose=Pose(), options=(("open_side", "front"), ("door", "right")))
    things = [room]
    for kind, x, y, degrees in _STANDING:
        size = {"size_m": (2.0, 1.0, 0.75)} if kind == "table" else {}
        things.append(thing(kind, pose=Pose.from_yaw((x, y, FLOOR_M), math.radians(degrees)), **size))
    for x, y in _SEATS:
        for kind in _LAID:
            right, away = _BESIDE[kind]
            inward = -1.0 if y > 0 else 1.0
            at = (x + inward * right, y + inward * away)
            things.append(thing(kind, relations=(Relation(kind="on", thing="table_0", at_m=at),)))
    for kind, x in (("flowers", -0.31), ("jug", 0.31)):
        things.append(thing(kind, relations=(Relation(kind="on", thing="table_0", at_m=(x, 0.0)),)))
    for bearer, kinds in _PUT.items():
        things.extend(thing(kind, relations=(Relation(kind="on", thing=bearer),)) for kind in kinds)
    camera = CameraMount(
        name="camera", pose=Pose.look_at((0.3, -3.6, 1.9), (0.0, 0.6, 0.6)), width_px=side_px, height_px=side_px, fov_y_deg=60.0
    )
    scene = Scene(
        name="furnished",
        things=tuple(things),
        cameras=(camera,),
        lights=(Light(name="sun", direction=(0.3, 0.5, -1.0), position_m=(-1.5, -2.5, 5.0)),),
    )
    return place(scene, seed=seed)


def triangles(compiled: Compiled) -> int:
    """How many triangles of meshes there are to be seen, counted once for every geom that has them."""
    model = compiled.model
    seen = (model.geom_type == int(mujoco.mjtGeom.mjGEOM_MESH)) & (model.geom_group != ONLY_TOUCHED)
    return int(model.mesh_facenum[model.geom_dataid[seen]].sum())
