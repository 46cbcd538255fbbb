"""Every kind of thing, catalogued: a page of what each is, and its portrait, alone on the ground its doors and drawers open.

python examples/01_kinds.py [FOLDER [CATEGORY …]]      (`docs` makes the catalogue of the documentation anew)
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from lifeworld.core.pose import Pose
from lifeworld.core.write import replace_file
from lifeworld.scene.archetype import Archetype, build, kinds
from lifeworld.scene.assembly import Assembly, box_of
from lifeworld.scene.material import MATERIALS
from lifeworld.scene.scene import CameraMount, Ground, Light, Scene, Thing
from lifeworld.worlds.physics.engine import WorldPhysics

COLUMNS, WIDTH_PX, HEIGHT_PX, LABEL_PX = 6, 200, 168, 22
FROM = np.array([0.42, -0.88, 0.52])  # the camera stands in front, a little to the right and above
FOV_Y_DEG = 30.0
FILLS = 0.86  # of the picture's width or height, at most

HEAD = """# Kinds of things

What a scene can be made of: {count} kinds, all made by us, procedurally, at their true sizes. A thing is named by its kind; its size,
colour, material and the kind's options may be given. A size or an option beyond what stands here is refused, and the error says what is
possible; any colour and any material is taken, those named here look as such things do.

```toml
[[thing]]
name = "cupboard"
kind = "cabinet"
size_m = [1.0, 0.42, 0.9]
color = "navy"
options = {{ doors = 2, style = "glass" }}
joints = {{ door_left = 1.2 }}   # radians; drawers in metres
```

The size is width (x), depth (y) and height (z); the front looks to −Y. The mass is that at the true size; a larger one weighs more in
proportion to its volume. *For* names the affordances, *on* the surfaces things may stand on, *in* the containers that hold them (open above
unless it says otherwise), *moves* the joints with their range from closed to open. In the pictures doors, drawers and lids stand open.

`lifeworld scenes --kinds` prints this as a table, with `--json` for programs. The page and its pictures are made by
`examples/01_kinds.py`; how a kind is made is said in the
[architecture](architecture.md#kinds).
"""
ABOUT = {
    "furniture": "What rooms are furnished with, kitchens and baths too.",
    "appliance": "Machines of the kitchen and the laundry; their doors open.",
    "opening": "Doors and windows, to be set into a wall.",
    "structure": "Walls and other pieces of buildings.",
    "tableware": "What one eats, drinks and cooks with. Hollow things are hollow.",
    "container": "What holds other things.",
    "food": "Things to eat.",
    "toy": "Things to play with.",
    "tool": "Things to work with.",
    "electronics": "Lamps, screens and other things with a switch.",
    "decor": "Books, plants and other small things of a home.",
    "soft": "Cloth and foam: bodies that bend.",
    "science": "Things to try physics with.",
    "living": "Who comes and goes. They stand still until an [event](events.md) lets them walk.",
}


def main(folder: Path, categories: Sequence[str]) -> None:
    """The page and a sheet for each category."""
    for category in categories or ABOUT:
        sheet([kind for kind in kinds().values() if kind.category == category], folder / "img" / "kinds" / f"{category}.jpg")
    with replace_file(folder / "kinds.md") as beside:
        beside.write_text(page(), encoding="utf-8")
    print(f"{folder / 'kinds.md'}: {len(kinds())} kinds")


# The page ------------------------------------------------------------------------------------------------------------------


def page() -> str:
    """The catalogue as Markdown."""
    assert set(ABOUT) == {kind.category for kind in kinds().values()}, "a category has no line in ABOUT"
    lines = [HEAD.format(count=len(kinds()))]
    for category, about in ABOUT.items():
        lines += [f"## {category.capitalize()}\n", f"{about}\n", f"![Every kind of {category}, by name](img/kinds/{category}.jpg)\n"]
        for kind in kinds().values():
            if kind.category == category:
                lines += entry(kind)
    return "\n".join(lines).rstrip() + "\n"


def entry(kind: Archetype) -> list[str]:
    """What is to be known of one kind."""
    built = build(Thing(name="it", kind=kind.name))
    low, high = kind.scale
    mass = float(f"{mass_kg(kind, built):.2g}")
    facts = [
        f"{' × '.join(f'{side:g}' for side in kind.size_m)} m (made from {low:g} to {high:g} times that), {mass:g} kg"
        + (", stays where it is put" if kind.fixed else "")
        + (f", a soft {built.soft.kind}" if built.soft is not None else "")
    ]
    facts.append(
        "of "
        + " | ".join(f"`{name}`" for name in dict.fromkeys((kind.material, *kind.materials)))
        + (f"; {', '.join(kind.colors)}" if kind.colors else "")
    )
    if kind.affordances:
        facts.append(f"for: {', '.join(f'`{each}`' for each in kind.affordances)}")
    if kind.options:
        facts.append(f"options: {'; '.join(option(name, *allowed) for name, allowed in kind.options.items())}")
    if built.surfaces:
        facts.append(f"on: {names([each.name for each in built.surfaces])}")
    if built.containers:
        inside = [(each.name, each.opening) for each in built.containers]
        above, front = (names([name for name, opening in inside if opening == way]) for way in ("top", "front"))
        facts.append("in: " + "; ".join(filter(None, (above, f"{front} (open to the front)" if front else ""))))
    if built.joints:
        facts.append(f"moves: {', '.join(motion(joint.name, joint.kind, joint.range) for joint in built.joints)}")
    if kind.synonyms:
        facts.append(f"also called {', '.join(kind.synonyms)}")
    return [f"### {kind.name}\n", f"{kind.summary}\n", *(f"- {fact}" for fact in facts), ""]


def mass_kg(kind: Archetype, built: Assembly) -> float:
    """What one of the true size weighs."""
    if kind.mass_kg is not None:
        return kind.mass_kg
    if built.soft is not None:
        return built.soft.mass_kg
    touched = [geom for part in built.parts for geom in part.geoms if geom.role != "visual"]
    return sum(MATERIALS[geom.material or kind.material].density_kg_m3 * geom.shape.volume_m3 for geom in touched)


def option(name: str, default: object, allowed: tuple[object, ...]) -> str:
    """An option, what it is if not given, and what it may be."""
    if isinstance(default, bool):
        return f"`{name}` = {str(default).lower()}"
    if isinstance(default, str):
        return f'`{name}` = "{default}" (' + " | ".join(map(str, allowed)) + ")"
    return f"`{name}` = {default:g} ({allowed[0]:g} to {allowed[1]:g})"


def motion(name: str, sort: str, span: tuple[float, float] | None) -> str:
    """A joint and how far it goes."""
    if span is None:
        return f"`{name}` (turns freely)"
    return f"`{name}` ({span[0]:.3g} to {span[1]:.3g} {'rad' if sort == 'hinge' else 'm'})"


def names(found: list[str]) -> str:
    """Names, a run of numbered ones written as first to last."""
    return ", ".join(f"`{name}`" for name in found)


# The pictures --------------------------------------------------------------------------------------------------------------


def sheet(shown: list[Archetype], path: Path) -> None:
    """The portraits of some kinds on one page, each with its name under it."""
    rows = -(-len(shown) // COLUMNS)
    columns = min(COLUMNS, len(shown))
    high_px = HEIGHT_PX + LABEL_PX
    paper = Image.new("RGB", (columns * WIDTH_PX, rows * high_px), "white")
    pen, font = ImageDraw.Draw(paper), ImageFont.load_default(13)
    for i, kind in enumerate(shown):
        x, y = i % columns * WIDTH_PX, i // columns * high_px
        paper.paste(portrait(kind).resize((WIDTH_PX - 4, HEIGHT_PX), Image.Resampling.LANCZOS), (x + 2, y))
        pen.text((x + WIDTH_PX / 2, y + HEIGHT_PX + LABEL_PX / 2), kind.name, fill=(40, 40, 40), font=font, anchor="mm")
    with replace_file(path) as beside:
        paper.save(beside, format="JPEG", quality=86, optimize=True)
    print(f"{path}: {len(shown)} kinds")


def portrait(kind: Archetype) -> Image.Image:
    """One thing of the kind alone on the ground, as large as the picture allows.

    Raises:
        AssertionError: if it cannot be seen whole.
    """
    thing = Thing(name="it", kind=kind.name, pose=Pose((0.0, 0.0, 0.0002)), turned_on=True)
    built = build(thing)
    joints = half_open(built) if "open" in kind.affordances else {}
    low, high = extent(built, joints)
    camera = framed(low, high, side=-1 if only_right(built) and joints else 1)
    reach = float(np.linalg.norm(high - low))
    middle = (low + high) / 2
    scene = Scene(
        name="portrait",
        things=(Thing(name="it", kind=kind.name, pose=thing.pose, turned_on=True, joints=tuple(joints.items())),),
        cameras=(camera,),
        lights=lights(middle, reach),
        ground=Ground(material="plaster", color="#d3ccbe"),
    )
    world = WorldPhysics(quality="high")
    start = world.reset(scene, seed=0)
    assert joints.items() <= dict(world.scene(start).thing("it").joints).items(), f"{kind.name} does not stand open"
    seen = world.observe(start, ["rgb", "instance_ids", "joint_position"])
    assert set(joints.values()) <= set(seen["joint_position"].tolist()), f"{kind.name} is not seen to stand open"
    ids = seen["instance_ids"]
    edge = np.concatenate([ids[0], ids[-1], ids[:, 0], ids[:, -1]])
    assert (ids == 1).mean() > 0.005, f"{kind.name} is hardly to be seen"
    assert not (edge == 1).any(), f"{kind.name} is cut off"
    return Image.fromarray(np.ascontiguousarray(seen["rgb"]))


def lights(middle_m: NDArray[np.float64], reach_m: float) -> tuple[Light, Light]:
    """A lamp from the left that throws the shadow, and some light from elsewhere without one.

    A sun's shadow is drawn two millimetres fine at best; what is small gets a spot light, whose shadow is as fine as its cone is narrow.
    """
    fill = Light(name="fill", kind="sun", direction=(-0.3, 0.6, -1.0), intensity=0.15, shadow=False)
    direction = (0.5, 0.4, -1.0)
    if reach_m > 0.8:
        return Light(name="lamp", kind="sun", direction=direction, intensity=0.5), fill
    away = 4 * reach_m
    place = middle_m - away * np.array(direction) / np.linalg.norm(direction)
    intensity = 0.46 * (0.6 + 0.6 * away**2)  # the engine's lamps fall off with the distance, this much
    return Light(
        name="lamp",
        kind="spot",
        position_m=(float(place[0]), float(place[1]), float(place[2])),
        direction=direction,
        spread_deg=80.0,
        intensity=intensity,
    ), fill


def half_open(built: Assembly) -> dict[str, float]:
    """Doors and lids wide enough to look in; of several drawers the upper ones less, so that all are looked into."""
    slides = [joint.name for joint in built.joints if joint.kind == "slide"]
    out = {}
    for joint in built.joints:
        if joint.range is not None:
            share = 0.75 if joint.kind == "hinge" else float(np.linspace(0.3, 0.7, len(slides) + 2)[1 + slides.index(joint.name)])
            out[joint.name] = joint.range[0] + share * (joint.range[1] - joint.range[0])
    return out


def extent(built: Assembly, joints: dict[str, float]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least and greatest corner (3,) [m] of all that is seen or touched, leaves that are only seen among it."""
    low, high = (list(corner[None]) for corner in built.bounds(joints))
    for part, pose in built.part_poses(joints).items():
        for geom in next(each.geoms for each in built.parts if each.name == part):
            centre, half = box_of(geom.shape)
            around = pose @ geom.pose @ Pose(centre)
            reach = np.abs(around.rotation) @ np.asarray(half)
            low.append(around.position_m - reach)
            high.append(around.position_m + reach)
    return np.min(low, axis=0), np.max(high, axis=0)


def only_right(built: Assembly) -> bool:
    """Whether its doors are all hinged on the right, so that one has to look in from the left."""
    doors = [part.pose.apply(np.array(part.joint.anchor_m))[0] for part in built.parts if part.joint is not None and part.joint.axis[2]]
    return bool(doors) and min(doors) > 0.0


def framed(low_m: NDArray[np.float64], high_m: NDArray[np.float64], *, side: int) -> CameraMount:
    """A camera that sees a box as large as may be, in the middle of its picture; `side` is 1 from the right, −1 from the left."""
    direction = FROM * (side, 1, 1) / np.linalg.norm(FROM)
    corners = np.array([[x, y, z] for x in (low_m[0], high_m[0]) for y in (low_m[1], high_m[1]) for z in (low_m[2], high_m[2])])
    target, away = (low_m + high_m) / 2, 3.0 * float(np.linalg.norm(high_m - low_m))
    mount = CameraMount(name="front", pose=Pose(), fov_y_deg=FOV_Y_DEG, width_px=2 * WIDTH_PX - 8, height_px=2 * HEIGHT_PX)
    half = np.tan(np.radians(FOV_Y_DEG) / 2) * np.array([mount.width_px / mount.height_px, 1.0])
    for _ in range(12):  # where the corners come to lie tells how to move
        pose = Pose.look_at(target + away * direction, target)
        points = pose.inverse().apply(corners)
        flat = points[:, :2] / points[:, 2:]
        least, most = flat.min(axis=0), flat.max(axis=0)
        across = pose.rotation[:, :2]
        target = target + across @ ((least + most) / 2) * away
        away *= float(np.max((most - least) / (2 * half))) / FILLS
    return CameraMount(
        name="front",
        pose=Pose.look_at(target + away * direction, target),
        fov_y_deg=FOV_Y_DEG,
        width_px=mount.width_px,
        height_px=mount.height_px,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/kinds"), sys.argv[2:])
