"""`lifeworld make`: a scene becomes a settled world, and the world becomes episodes."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro

from lifeworld.commands.verb import Common, Outcome, say, track
from lifeworld.core.errors import LimitError, UnknownName
from lifeworld.core.seed import child_seed
from lifeworld.core.write import MARK, replace_file, replace_folder

MOST_EPISODES = 100_000
PLAIN = ("position_m", "quat_wxyz", "linear_velocity_m_s", "angular_velocity_rad_s", "joint_position", "joint_velocity", "contacts")
SEEN = ("rgb", "depth_m", "instance_ids", "camera_pose")


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Make a scene into a settled world and record episodes in it.

    Writes to the output folder: scene.toml (settled), first.png, sheet.png, and one folder an episode.
    """

    scene: tyro.conf.Positional[str]
    """A starter's name (see `lifeworld scenes`) or the path of a scene file."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """The folder to write to; made if it is not there."""
    episodes: int = 1
    """How many episodes."""
    seconds: float = 5.0
    """How long each lasts [s]."""
    signals: str = "all"
    """What to record: all, or names separated by commas (rgb, depth_m, position_m, rgb@front …)."""
    agent: Literal["curious", "random", "rest"] = "curious"
    """Who acts: somebody who reaches for things, somebody who wanders, or nobody."""
    renderer: Literal["auto", "egl", "osmesa", "rays"] = "auto"
    """What draws the pictures; auto takes the first that works."""
    quality: Literal["draft", "standard", "high"] = "standard"
    """Shadows and smoothing of the pictures."""


def run(options: Options) -> Outcome:
    begin = time.perf_counter()
    if not 1 <= options.episodes <= MOST_EPISODES:
        raise LimitError("that many episodes cannot be made", got=options.episodes, expected=f"1 to {MOST_EPISODES}")
    # Imported here, not above: `lifeworld make --help` does not wait for the engine.
    from PIL import Image

    from lifeworld.episode.sheet import sheet
    from lifeworld.episode.store import write_episode
    from lifeworld.scene.starter import find
    from lifeworld.scene.text import to_text
    from lifeworld.worlds.agent import AgentCurious, AgentRandom, AgentRest
    from lifeworld.worlds.physics.engine import WorldPhysics
    from lifeworld.worlds.physics.settle import settle
    from lifeworld.worlds.record import check_seconds, record

    scene = find(options.scene)
    scene_folder = Path(options.scene).parent if options.scene.endswith(".toml") else Path()
    world = WorldPhysics(renderer=options.renderer, quality=options.quality, assets=scene_folder)
    settled = settle(world, scene, seed=options.seed)
    state = world.reset(settled, seed=options.seed)
    check_seconds(options.seconds, world.spec.tick_ns)
    signals = _signals(options.signals, tuple(world.spec.signals))
    world.spec.streams(signals)

    first = world.observe(state, ["rgb"]).values
    with replace_file(options.out / "scene.toml") as beside:
        beside.write_text(to_text(settled), encoding="utf-8")
    for ref in settled.assets:  # so that the settled scene can be made again from where it now lies
        with replace_folder(options.out / ref.folder, overwrite=True) as beside:
            shutil.copytree(scene_folder / ref.folder, beside, ignore=shutil.ignore_patterns(MARK), dirs_exist_ok=True)
    with replace_file(options.out / "first.png") as beside:
        Image.fromarray(next(iter(first.values()))).save(beside)
    first_s = time.perf_counter() - begin
    say(f"{scene.title or scene.name}: {len(scene.things)} things, drawn by {world.spec.renderer}")
    say(f"first picture after {first_s:.1f} s: {options.out / 'first.png'}")

    agent = {"curious": AgentCurious, "random": AgentRandom, "rest": AgentRest}[options.agent]()
    folders = []
    ticks = round(options.seconds * 1e9 / world.spec.tick_ns)
    for index in track(range(options.episodes), f"episodes of {ticks} steps"):
        seed = child_seed(options.seed, "episode", index)
        start = settled if index == 0 else settle(world, scene, seed=seed)
        episode = record(world, agent, start, seconds=options.seconds, seed=seed, signals=signals)
        folders.append(write_episode(episode, options.out / f"episode_{index:05d}"))
        if index == 0 and any(s.signal.name in SEEN[:3] for s in episode.streams.values()):
            with replace_file(options.out / "sheet.png") as beside:
                sheet(episode).save(beside)
    spent = time.perf_counter() - begin
    return Outcome(
        text=f"{len(folders)} episodes of {options.seconds:g} s in {options.out} ({spent:.1f} s); look at {options.out / 'sheet.png'}",
        value={
            "scene": str(options.out / "scene.toml"),
            "episodes": [str(f) for f in folders],
            "first_picture": str(options.out / "first.png"),
            "sheet": str(options.out / "sheet.png"),
            "renderer": world.spec.renderer,
            "first_picture_s": round(first_s, 3),
            "seconds": round(spent, 3),
        },
    )


def _signals(words: str, available: tuple[str, ...]) -> tuple[str, ...]:
    if words == "all":
        return available
    chosen = tuple(w.strip() for w in words.split(",") if w.strip())
    if not chosen:
        raise UnknownName("signal", words, available)
    return chosen
