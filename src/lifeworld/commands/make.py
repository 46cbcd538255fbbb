"""`lifeworld make`: a scene becomes a settled world, and the world becomes episodes."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from lifeworld.commands.verb import Common, Outcome, say, track
from lifeworld.core.errors import LimitError, PlacementError, UnknownName
from lifeworld.core.seed import child_seed
from lifeworld.core.write import MARK, replace_file, replace_folder

if TYPE_CHECKING:
    from lifeworld.scene.scene import Scene
    from lifeworld.worlds.physics.engine import WorldPhysics

MOST_EPISODES = 100_000
DRAWS = 5
PICTURES = ("rgb", "depth_m", "instance_ids")


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
    seeds = [child_seed(options.seed, "episode", index) for index in range(options.episodes)]
    # Imported here, not above: `lifeworld make --help` does not wait for the engine.
    from PIL import Image

    from lifeworld.episode.sheet import sheet
    from lifeworld.episode.store import write_episode
    from lifeworld.scene.starter import find
    from lifeworld.scene.text import to_text
    from lifeworld.worlds.agent import AgentCurious, AgentRandom, AgentRest
    from lifeworld.worlds.physics.engine import WorldPhysics
    from lifeworld.worlds.physics.settle import settle
    from lifeworld.worlds.record import check_seconds, check_size, record

    scene = find(options.scene)
    scene_folder = Path(options.scene).parent if options.scene.endswith(".toml") else Path()
    world = WorldPhysics(renderer=options.renderer, quality=options.quality, assets=scene_folder)
    settled = settle(world, scene, seed=options.seed)
    state = world.reset(settled, seed=options.seed)
    check_seconds(options.seconds, world.spec.tick_ns)
    signals = _signals(options.signals, tuple(world.spec.signals))
    streams = world.spec.streams(signals)
    check_size(world.observe(state, streams), world.spec, options.seconds)

    first = world.observe(state, ["rgb"]).values
    for ref in settled.assets:  # so that the settled scene can be made again from where it now lies
        source, target = scene_folder / ref.folder, options.out / ref.folder
        if source.resolve() != target.resolve():
            with replace_folder(target) as beside:
                shutil.copytree(source, beside, ignore=shutil.ignore_patterns(MARK), dirs_exist_ok=True)
    with replace_file(options.out / "scene.toml") as beside:
        beside.write_text(to_text(settled), encoding="utf-8")
    with replace_file(options.out / "first.png") as beside:
        Image.fromarray(next(iter(first.values()))).save(beside)
    first_s = time.perf_counter() - begin
    say(f"{scene.title or scene.name}: {len(scene.things)} things, drawn by {world.spec.renderer}")
    say(f"first picture after {first_s:.1f} s: {options.out / 'first.png'}")

    agent = {"curious": AgentCurious, "random": AgentRandom, "rest": AgentRest}[options.agent]()
    folders, drawn = [], None
    strangers = _others(options.out, options.episodes)
    ticks = round(options.seconds * 1e9 / world.spec.tick_ns)
    for index, seed in enumerate(track(seeds, f"episodes of {ticks} steps")):
        start = settled if index == 0 else _another(world, scene, seed)
        episode = record(world, agent, start, seconds=options.seconds, seed=seed, signals=signals)
        folders.append(write_episode(episode, options.out / f"episode_{index:05d}"))
        if index == 0 and any(s.signal.name in PICTURES for s in episode.streams.values()):
            drawn = options.out / "sheet.png"
            with replace_file(drawn) as beside:
                sheet(episode).save(beside)
    if drawn is None:  # an earlier run's sheet would show other episodes
        (options.out / "sheet.png").unlink(missing_ok=True)
    if strangers:
        say(f"note: {len(strangers)} episodes of an earlier run are still there, from {strangers[0]} on")
    spent, look = time.perf_counter() - begin, drawn or options.out / "first.png"
    return Outcome(
        text=f"{len(folders)} episodes of {options.seconds:g} s in {options.out} ({spent:.1f} s); look at {look}",
        value={
            "scene": str(options.out / "scene.toml"),
            "episodes": [str(f) for f in folders],
            "first_picture": str(options.out / "first.png"),
            "sheet": None if drawn is None else str(drawn),
            "earlier_episodes": [str(f) for f in strangers],
            "renderer": world.spec.renderer,
            "first_picture_s": round(first_s, 3),
            "seconds": round(spent, 3),
        },
    )


def _another(world: WorldPhysics, scene: Scene, seed: int) -> Scene:
    """The scene settled anew. It has settled once, so a draw that does not stand is drawn again, a few times."""
    from lifeworld.worlds.physics.settle import settle

    for draw in range(1, DRAWS):
        try:
            return settle(world, scene, seed=seed)
        except PlacementError:
            seed = child_seed(seed, "draw", draw)
    return settle(world, scene, seed=seed)


def _others(out: Path, episodes: int) -> list[Path]:
    """Episodes in the folder that this run does not replace."""
    mine = {f"episode_{index:05d}" for index in range(episodes)}
    return sorted(folder for folder in out.glob("episode_*") if folder.name not in mine)


def _signals(words: str, available: tuple[str, ...]) -> tuple[str, ...]:
    if words == "all":
        return available
    chosen = tuple(w.strip() for w in words.split(",") if w.strip())
    if not chosen:
        raise UnknownName("signal", words, available)
    return chosen
