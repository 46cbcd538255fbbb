"""`lifeworld scene`: a room or home drawn from a distribution, or made of words; settled, with a picture."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from lifeworld.commands.verb import Common, Outcome, say
from lifeworld.core.errors import InputError, UnknownName
from lifeworld.core.write import replace_file

if TYPE_CHECKING:
    from lifeworld.scene.scene import Scene

LONGEST_WORD = 64
"""As much of a word that is no scene is said back."""


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Draw a scene: a room, a home of several rooms, a laid table, or what words describe. The same words and --seed give the same scene.

    Everything stands free of everything else, doors open, and one can walk from each door to each other and to what is used.
    """

    what: tyro.conf.Positional[str]
    """kitchen, living_room, bedroom, bathroom, office, clinic_ward, hall, home or tabletop; or a sentence, as
    "a kitchen with a table and four chairs"."""
    rooms: int | None = None
    """How many rooms a home has: 2 to 8; 4 if not given."""
    things: int | None = None
    """How many things in all, walls and doors among them (a tabletop: on the table); as many as come if not given."""
    size_m: tuple[float, float] | None = None
    """Floor of a single room between its walls, along x and y; drawn if not given."""
    density: float = 1.0
    """How full tables and shelves are: 0 is empty, 1 usual."""
    style: str | None = None
    """nordic, classic, modern, country or bright; drawn if not given."""
    bare: bool = False
    """Only walls, doors and windows."""
    nobody: bool = False
    """Without bodies to act through: one who walks, and a hand over what most stands on."""
    out: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None
    """Where to write the scene (.toml); a picture of it goes beside."""
    picture: bool = True
    """Draw a picture."""


def run(options: Options) -> Outcome:
    from lifeworld.scene.embodied import embodied
    from lifeworld.scene.text import save
    from lifeworld.worlds.physics.engine import WorldPhysics
    from lifeworld.worlds.physics.settle import settle

    if options.out is not None and options.out.suffix != ".toml":
        raise InputError("a scene is a .toml file", got=str(options.out), fix="Write: -o scene.toml")
    scene, told = _drawn(options)
    say(f"{len(scene.things)} things placed; letting them settle …")
    world = WorldPhysics()
    scene = settle(world, scene, seed=options.seed)
    if not options.nobody:
        scene = embodied(scene)
    picture = None
    if options.out is not None:
        save(scene, options.out)
        if options.picture:
            from PIL import Image

            picture = options.out.with_suffix(".png")
            seen = world.observe(world.reset(scene, seed=options.seed), [f"rgb@{scene.cameras[0].name}"])
            with replace_file(picture) as beside:
                Image.fromarray(next(iter(seen.values.values()))).save(beside, format="PNG")
    return _told(scene, told, options, picture)


def _drawn(options: Options) -> tuple[Scene, str]:
    """The scene that is asked for, placed, and what of a sentence was understood.

    Raises:
        InputError: for options that do not belong to it, or a sentence that is not understood.
    """
    from lifeworld.scene.generate import tabletop
    from lifeworld.scene.homes import home, room
    from lifeworld.scene.place import place
    from lifeworld.scene.space import SPACE_KINDS

    what = options.what.strip().lower().replace(" ", "_")
    if options.rooms is not None and what != "home":
        raise InputError("only a home has several rooms", got=f"--rooms {options.rooms}", fix="Write: lifeworld scene home --rooms 4")
    if options.size_m is not None and what in ("home", "tabletop"):
        raise InputError("only a single room is given its size", got="--size-m", fix=f"Leave it away for a {what}.")
    if what == "home":
        flat = home(
            4 if options.rooms is None else options.rooms,
            seed=options.seed,
            furnished=not options.bare,
            things=options.things,
            density=options.density,
            style=options.style,
        )
        return flat, ""
    if what == "tabletop":
        return place(tabletop(seed=options.seed, count=options.things), seed=options.seed), ""
    kind = next((k for k in SPACE_KINDS if k == what), None)
    if kind is None:
        return _of_words(options)
    drawn = room(
        kind,
        seed=options.seed,
        furnished=not options.bare,
        things=options.things,
        size_m=options.size_m,
        density=options.density,
        style=options.style,
    )
    return drawn, ""


def _of_words(options: Options) -> tuple[Scene, str]:
    """The scene a sentence describes.

    Raises:
        UnknownName: for a single word that is none.
        WordsError, PlacementError: as `scene_of`.
    """
    from lifeworld.scene.space import SPACE_KINDS
    from lifeworld.scene.words.scene_of import scene_of

    if len(options.what.split()) == 1:
        raise UnknownName("scene to draw", options.what.strip()[:LONGEST_WORD], [*SPACE_KINDS, "home", "tabletop"])
    for name in ("things", "size_m", "style"):
        if getattr(options, name) is not None:
            raise InputError(
                "a sentence says itself what there is", got=f"--{name.replace('_', '-')}", fix="Leave the option away, or name a room."
            )
    composed = scene_of(options.what, seed=options.seed)
    return composed.scene, composed.told


def _missed(scene: Scene, options: Options) -> str | None:
    """What to say where there are not as many things as were asked for; None where there are."""
    if options.things is None:
        return None
    count = len(scene.things) - (options.what.strip().lower() == "tabletop")  # on the table, which is none of them
    if count < options.things:
        return f"--things {options.things}: no more than these find room. More rooms, a larger --size-m or another --seed may hold them."
    if count > options.things:
        return f"--things {options.things}: walls, doors and what such a room must have are more already."
    return None


def _told(scene: Scene, told: str, options: Options, picture: Path | None) -> Outcome:
    out, missed = options.out, _missed(scene, options)
    kinds = Counter(thing.kind for thing in scene.things)
    lines = [f"understood: {told}"] if told else []
    lines.append(f"{scene.title}: {len(scene.things)} things")
    lines += [missed] if missed is not None else []
    for space in scene.spaces:
        x, y = (b - a for a, b in zip(space.low_m, space.high_m, strict=True))
        mark = ", a sensitive space" if space.sensitive else ""
        lines.append(f"  {space.name:<14} {x:.1f} × {y:.1f} m{mark}")
    lines.append("  " + ", ".join(f"{n} {kind}" if n > 1 else kind for kind, n in kinds.most_common()))
    lines += [f"  to act through: {', '.join(f'{e.name} ({e.kind})' for e in scene.embodiments)}"] if scene.embodiments else []
    if out is not None:
        lines.append(f"written to {out}" + (f", seen in {picture}" if picture is not None else ""))
        lines.append(f"lifeworld make {out} -o FOLDER makes it into a world.")
    else:
        lines.append("Say -o scene.toml to keep it.")
    spaces = [
        {"name": s.name, "kind": s.kind, "low_m": list(s.low_m), "high_m": list(s.high_m), "sensitive": s.sensitive} for s in scene.spaces
    ]
    value = {
        "title": scene.title,
        "understood": told or None,
        "things": len(scene.things),
        "missed": missed,
        "kinds": dict(kinds),
        "embodiments": {e.name: e.kind for e in scene.embodiments},
        "spaces": spaces,
    }
    value |= {"scene": None if out is None else str(out), "picture": None if picture is None else str(picture)}
    return Outcome(text="\n".join(lines), value=value)
