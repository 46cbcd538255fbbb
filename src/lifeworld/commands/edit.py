"""`lifeworld edit`: a sentence (or a plan) changes a scene, and the scene is written with where everything came to rest."""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from lifeworld.commands.verb import Common, Outcome
from lifeworld.core.errors import InputError, UnknownName, WordsError
from lifeworld.core.pose import rotation_angle
from lifeworld.core.write import MARK, replace_file, replace_folder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lifeworld.scene.edit import EditPlan
    from lifeworld.scene.scene import Scene, Thing
    from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics

SHIFTED_M, TURNED_RAD = 0.001, 0.01
"""Who has moved and turned by less is not told of."""


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Change a scene by a sentence: "add a glass and place it on the magazine".

    Says what it understood, with whose left and right it means, and what it did. What is placed stands free of others, comes to rest and
    stays; what does not is refused with the reason, and nothing is written. Beside OUT.toml lie OUT-before.png and OUT-after.png.
    """

    scene: tyro.conf.Positional[str]
    """A starter's name (see `lifeworld scenes`) or the path of a scene file."""
    words: tyro.conf.Positional[str | None] = None
    """What is to change."""
    out: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None
    """Where to write the scene (.toml); if nothing is said, it is only told what would be done."""
    plan: Path | None = None
    """A plan as JSON instead of words (docs/edits.md)."""
    assistant: bool = False
    """Have a language model make the plan: LIFEWORLD_LLM_URL and LIFEWORLD_LLM_MODEL say which, LIFEWORLD_LLM_KEY opens it."""
    ask_back: bool = False
    """Where several are meant alike, print one question and who could be meant, instead of an error."""
    camera: str | None = None
    """The camera to look through: left and right are meant from it, and the pictures are its; the first if nothing is said."""
    renderer: Literal["auto", "egl", "osmesa", "rays"] = "auto"
    """What draws the pictures; auto takes the first that works."""
    quality: Literal["draft", "standard", "high"] = "standard"
    """Shadows and smoothing of the pictures."""


def run(options: Options) -> Outcome:
    begin = time.perf_counter()
    if (options.words is None) == (options.plan is None):
        raise InputError("say what is to change, once", expected='words, as in "add a glass", or --plan plan.json')
    if options.assistant and options.plan is not None:
        raise InputError("a plan that is there needs no assistant", fix="Leave out --plan or --assistant.")
    if options.out is not None and options.out.suffix != ".toml":
        raise InputError("a scene is a .toml file", where=str(options.out), fix=f"Write to {options.out}.toml.")
    from lifeworld.scene.edit import encode
    from lifeworld.scene.starter import find
    from lifeworld.worlds.physics.engine import WorldPhysics
    from lifeworld.worlds.physics.settle import settle

    start = find(options.scene)
    folder = Path(options.scene).parent if options.scene.endswith(".toml") else Path()
    world = WorldPhysics(renderer=options.renderer, quality=options.quality, assets=folder)
    if any(thing.pose is None for thing in start.things):
        start = settle(world, start, seed=options.seed)
    state = world.reset(start, seed=options.seed)
    before = world.scene(state)
    camera = _camera(world, before, options.camera)
    try:
        plan, told, facts = _plan(options, before, camera, world)
    except WordsError as error:
        if error.question is None or not options.ask_back:
            raise
        return _asked(error)
    there = world.scene(edited := world.edit(state, plan))
    after = _at_rest(world, edited)
    changes = [*_changes(before, there, plan), *_changes(there, after, plan, fell=True)]
    text = f"understood: {told}" + "".join(f"\n  {line}" for line in changes)
    value: dict[str, Any] = {"understood": told, **facts, "plan": json.loads(encode(plan)), "changes": changes}
    value |= {"scene": None, "before": None, "after": None}
    if options.out is None:
        text += "\nnothing is written: -o OUT.toml says where to"
    else:
        value |= _written(options.out, world, state, after, camera, folder)
        text += f"\n{value['scene']} ({time.perf_counter() - begin:.1f} s); look at {value['before']} and {value['after']}"
    return Outcome(text=text, value=value | {"seconds": round(time.perf_counter() - begin, 3)})


def _plan(options: Options, scene: Scene, camera: str, world: WorldPhysics) -> tuple[EditPlan, str, dict[str, Any]]:
    """The plan, what is told of it, and how sure it is."""
    from lifeworld.scene.edit import EditPlan, decode, describe, edits_of
    from lifeworld.scene.words import understand
    from lifeworld.worlds.physics.asset import stand_ins

    if options.plan is not None:
        try:
            content = options.plan.read_bytes()
        except OSError as error:
            raise InputError("the plan cannot be read", where=str(options.plan), got=error.strerror) from error
        found = decode(content, source=str(options.plan))
        plan = found if isinstance(found, EditPlan) else EditPlan(edits_of(found))
        return plan, describe(plan), {"score": 1.0, "evidence": list(plan.evidence)}
    viewer = camera if any(c.name == camera for c in scene.cameras) else None
    if options.assistant:
        from lifeworld.scene.words.assistant import ask
        from lifeworld.scene.words.endpoint import Endpoint

        endpoint = Endpoint.from_environment()
        if endpoint is None:
            fix = "Set LIFEWORLD_LLM_URL, as in http://127.0.0.1:11434/v1, and LIFEWORLD_LLM_MODEL; or leave out --assistant."
            raise InputError("no assistant is known", fix=fix)
        plan = ask(options.words or "", scene, endpoint, viewer=viewer, seed=options.seed, assets=stand_ins(scene, world.assets))
        return plan, describe(plan), {"score": None, "evidence": list(plan.evidence)}
    said = understand(options.words or "", scene, viewer=viewer, assets=stand_ins(scene, world.assets))
    return said.plan, said.told, {"score": said.score, "evidence": list(said.evidence)}


def _asked(error: WordsError) -> Outcome:
    """The one question, and who could be meant."""
    candidates = [f"  {i}. {name}" for i, name in enumerate(error.suggestions, start=1)]
    value = {"question": error.question, "candidates": list(error.suggestions), "span": list(error.span)}
    return Outcome(text="\n".join([str(error.question), *candidates]), value=value, exit_code=2)


def _camera(world: WorldPhysics, scene: Scene, asked: str | None) -> str:
    """The camera to look through, as it was asked for or the first."""
    known = [stream.partition("@")[2] for stream in world.spec.streams(["rgb"])]
    if asked is not None and asked not in known:
        raise UnknownName("camera", asked, known)
    return asked or known[0]


def _at_rest(world: WorldPhysics, state: PhysicsState) -> Scene:
    """The scene with everything at rest: what stood on what a plan took away has fallen, and says of itself only what is true."""
    from lifeworld.scene.relation import holds
    from lifeworld.worlds.physics.asset import stand_ins
    from lifeworld.worlds.physics.settle import rested

    scene = world.scene(state)
    if scene.moving:
        return scene
    still, assets = rested(world, state), stand_ins(scene, world.assets)
    if not any(_shift(a, b) for a, b in zip(scene.things, still.things, strict=True)):
        return scene
    things = (replace(t, relations=tuple(r for r in t.relations if holds(r, still, thing=t.name, assets=assets))) for t in still.things)
    return replace(still, things=tuple(things))


def _changes(before: Scene, after: Scene, plan: EditPlan, *, fell: bool = False) -> Iterator[str]:
    """What is otherwise now, a line each: who is new, gone, moved, came along or fell, and what else was set."""
    from lifeworld.scene.edit import UNSET, Set, describe, diff

    was, now = ({t.name: t for t in scene.things} for scene in (before, after))
    named = {str(getattr(edit, "name", "")) for edit in plan}
    for name in was.keys() - now.keys():
        yield f"{name} is gone"
    for thing in after.things:
        if thing.name not in was:
            where = ", ".join(f"{r.kind.replace('_', ' ')} {' and '.join(r.targets)}" for r in thing.relations)
            yield f"{thing.name} is new" + (f", {where}" if where else "")
            continue
        if shift := _shift(was[thing.name], thing):
            yield f"{thing.name} {shift}" + ("" if thing.name in named else ", falling" if fell else ", along with it")
        for relation in was[thing.name].relations:
            if relation not in thing.relations and thing.name not in named and now.keys() >= set(relation.targets):
                yield f"{thing.name} is no more {relation.kind.replace('_', ' ')} {' and '.join(relation.targets)}"
        yield from _opened(was[thing.name], thing)
    for edit in () if fell else diff(before, after):
        if isinstance(edit, Set) and set(edit.given()) - {"joints"}:
            yield describe(replace(edit, joints=UNSET))


def _shift(before: Thing, after: Thing) -> str:
    """How a thing has moved, in words; empty if it has not."""
    if before.pose is None or after.pose is None:
        return ""
    moved = math.dist(before.pose.position_m, after.pose.position_m)
    turned = float(rotation_angle(before.pose.quat_wxyz, after.pose.quat_wxyz))
    told = [f"moved by {moved * 100:.3g} cm"] * (moved >= SHIFTED_M) + [f"turned by {math.degrees(turned):.3g}°"] * (turned >= TURNED_RAD)
    return " and ".join(told)


def _opened(before: Thing, after: Thing) -> Iterator[str]:
    """Which joints of a thing of the library are open or shut otherwise than before."""
    from lifeworld.scene.archetype import build
    from lifeworld.scene.check import is_asset

    was = dict(before.joints)
    for joint in () if is_asset(after) else build(after).joints:
        now = dict(after.joints).get(joint.name)
        if now is None or joint.range is None or abs(now - was.get(joint.name, joint.range[0])) < TURNED_RAD:
            continue
        share = (now - joint.range[0]) / (joint.range[1] - joint.range[0])
        yield f"{joint.name} of {after.name} is " + ("closed" if share < 0.01 else "open" if share > 0.99 else f"{share:.0%} open")


def _written(out: Path, world: WorldPhysics, state: PhysicsState, after: Scene, camera: str, folder: Path) -> dict[str, str]:
    """Write the scene, what its imported things need, and the pictures before and after; their paths."""
    from PIL import Image

    from lifeworld.scene.text import to_text

    pictures = {"before": _picture(world, state, camera), "after": _picture(world, world.reset(after, seed=0), camera)}
    for ref in after.assets:  # so that the scene can be made from where it now lies
        source, target = folder / ref.folder, out.parent / ref.folder
        if source.resolve() != target.resolve():
            with replace_folder(target) as beside:
                shutil.copytree(source, beside, ignore=shutil.ignore_patterns(MARK), dirs_exist_ok=True)
    paths = {"scene": str(out)}
    for when, picture in pictures.items():
        path = out.with_name(f"{out.stem}-{when}.png")
        with replace_file(path) as beside:
            Image.fromarray(picture).save(beside)
        paths[when] = str(path)
    with replace_file(out) as beside:
        beside.write_text(to_text(after), encoding="utf-8")
    return paths


def _picture(world: WorldPhysics, state: PhysicsState, camera: str) -> NDArray[np.uint8]:
    """What a camera shows, or the first, where a plan has taken it away."""
    known = world.spec.streams(["rgb"])
    stream = f"rgb@{camera}"
    seen = world.observe(state, [stream if stream in known else known[0]])
    return next(iter(seen.values.values()))
