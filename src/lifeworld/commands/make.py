"""`lifeworld make`: a scene becomes a settled world, and the world becomes episodes."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from lifeworld.commands.verb import Common, Outcome, progress, say
from lifeworld.core.errors import Diverged, LimitError, UnknownName
from lifeworld.core.parallel import cores, spread
from lifeworld.core.seed import child_seed
from lifeworld.core.signal import SIGNALS
from lifeworld.core.write import MARK, replace_file, replace_folder

if TYPE_CHECKING:
    from lifeworld.episode.episode import Episode
    from lifeworld.scene.scene import Scene
    from lifeworld.scene.score import Score
    from lifeworld.worlds.agent import Agent
    from lifeworld.worlds.world import World

MOST_EPISODES = 100_000
MOST_WORKERS = 256
TRIES = 2
"""Workers that may die of an episode, of want of memory most often, before the others' work is given up too."""
USUAL = "rgb,depth_m,instance_ids,camera_pose,camera_intrinsics_px,contacts,impulses,be"
"""What is recorded if nothing is said: what things look like, where they are, what they touch and how hard. Everything there is
takes about ten times as long and thirty times the disk."""
USUAL_S, USUAL_AGENT = 5.0, "curious"
ANEW = 3
"""So many times as many episodes as were asked for are tried at most, where some are rejected."""
LOOK_S = 1.0
"""How much of the first episode is taken again for a sheet of signals that are not recorded [s]."""


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Make a scene into a settled world and record episodes in it; or play in an arena, where planning is learned (docs/arenas.md).

    The output folder becomes a bundle of episodes (docs/episode-format.md), or grows if it is one; beside them lie scene.toml (settled),
    first.png, sheet.png, and with --sheet also sheet_CAMERA.png for each camera.
    """

    scene: tyro.conf.Positional[str]
    """A starter's name (see `lifeworld scenes`), the path of a scene file, an arena (tworoom, pusht, reacher), or possible
    (docs/pairs.md)."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """The bundle to write to; made if it is not there."""
    anew: bool = False
    """Delete the episodes that are in the bundle first."""
    episodes: int = 1
    """How many episodes."""
    seconds: float | None = None
    """How long each lasts [s]: 5 if nothing is said, in an arena as long as its plays are."""
    signals: str = USUAL
    """What to record: all, or families (see, touch, hear, range, tell, be), signals and streams (rgb@front) separated by commas."""
    pixels: str | None = None
    """Width and height of all cameras' pictures, 96x96 or 160x120; as the scene says if nothing is."""
    sheet: bool = False
    """Draw all that each camera sees in one frame, side by side, whether it is recorded or not."""
    agent: str | None = None
    """Who acts: player (whom an arena has), curious (reaches for things), random (wanders), rest (nobody), or an expert with its task, like
    pick_and_place:apple,plate (docs/experts.md); without things it does what a goal of the scene asks for. If nothing is said it is
    curious, in an arena its player."""
    events: str = ""
    """What happens by itself, drawn anew in each episode: kinds of events with how often or when, bump:2/min,slip,door@4s
    (docs/events.md). Those of the scene happen in any case."""
    keep_rejected: bool = False
    """Keep episodes that the auditor rejects, labelled as such: in which something passes through another, or moves as nothing can."""
    licence: str = ""
    """What others may do with it, as an SPDX word: CC0-1.0, CC-BY-4.0, … Nobody can tell if nothing is said."""
    renderer: Literal["auto", "egl", "osmesa", "rays"] = "auto"
    """What draws the pictures; auto takes the first that works."""
    quality: Literal["draft", "standard", "high"] = "standard"
    """Shadows and smoothing of the pictures."""
    workers: int | None = None
    """How many processes make episodes at a time; one for each core if nothing is said. The episodes are the same."""


def run(options: Options) -> Outcome:
    from lifeworld.commands import make_arena, make_possible

    if make_possible.is_meant(options):
        return make_possible.run(options)
    if make_arena.is_meant(options):
        return make_arena.run(options)
    seconds, agent_name = USUAL_S if options.seconds is None else options.seconds, options.agent or USUAL_AGENT
    begin, first_seed = time.perf_counter(), child_seed(options.seed, "episode", 0)
    if not 1 <= options.episodes <= MOST_EPISODES:
        raise LimitError("that many episodes cannot be made", got=options.episodes, expected=f"1 to {MOST_EPISODES}")
    if options.workers is not None and not 1 <= options.workers <= MOST_WORKERS:
        raise LimitError("that many workers cannot work", got=options.workers, expected=f"1 to {MOST_WORKERS}")
    # Imported here, not above: `lifeworld make --help` does not wait for the engine.
    from PIL import Image

    from lifeworld.core.origin import Terms
    from lifeworld.episode.bundle import open_bundle
    from lifeworld.episode.content import content
    from lifeworld.episode.seal import append_to, clear, create, files_of
    from lifeworld.episode.sheet import drawable, sheet
    from lifeworld.scene.text import to_text
    from lifeworld.worlds.agent import agent_of
    from lifeworld.worlds.physics.engine import WorldPhysics
    from lifeworld.worlds.physics.produce import Job, Made, audited, eventful, produce, score_of
    from lifeworld.worlds.physics.settle import settle
    from lifeworld.worlds.record import HAPPENED, check_seconds, check_size

    scene = _sized(_found(options.scene), options.pixels)
    scene_folder = Path(options.scene).parent if options.scene.endswith(".toml") else Path()
    asked = _asked(options.signals)
    world = WorldPhysics(renderer=options.renderer, quality=options.quality, assets=scene_folder, hearing=_hears(asked))
    settled = settle(world, scene, seed=options.seed)
    state = world.reset(settled, seed=options.seed)
    check_seconds(seconds, world.spec.tick_ns)
    alive = eventful(world, settled, options.events)
    alive.reset(settled, seed=options.seed)
    streams = alive.spec.streams(alive.spec.signals if asked == ("all",) else asked)
    more = (HAPPENED, "goal_progress") if settled.goals else (HAPPENED,)  # kept whatever else is
    streams = tuple(dict.fromkeys((*streams, *(name for name in more if name in alive.spec.signals))))
    check_size(world.observe(state, [s for s in streams if s != HAPPENED]), world.spec, seconds)

    first = world.observe(state, ["rgb"]).values
    terms = Terms(license=options.licence)
    agent = agent_of(agent_name, settled, assets=scene_folder)
    create(options.out)
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
    say(f"recording {len({alive.spec.signals[s] for s in streams})} signals as {len(streams)} streams")

    drawn, frames = None, dict[str, Path]()
    if options.anew:
        clear(options.out)
    earlier = len(open_bundle(options.out))
    ticks = round(seconds * 1e9 / world.spec.tick_ns)
    for old in (options.out / "sheet.png", *options.out.glob("sheet_*.png")):  # an earlier run's would show other episodes
        old.unlink(missing_ok=True)
    with (
        progress(f"steps of {_count(options.episodes, 'episode')}", options.episodes * (ticks + 1)) as done,
        append_to(options.out) as bundle,
    ):
        episode: Episode | None = None
        try:
            episode, found, happened = audited(
                alive, agent, settled, seconds=seconds, seed=first_seed, signals=streams, on_tick=lambda _tick, _ticks: done()
            )
            uid = bundle.add(episode.under(terms)) if found.ok or options.keep_rejected else None
            every = [Made(uid, tuple(str(finding) for finding in found.findings), happened, score_of(episode))]
        except Diverged as error:
            every = [Made(None, (str(error),), {})]
        if episode is not None and drawable(episode):
            drawn = options.out / "sheet.png"
            with replace_file(drawn) as beside:
                sheet(episode).save(beside, format="PNG")
        if episode is not None and options.sheet:
            frames = _frames(alive, agent, settled, episode, min(seconds, LOOK_S), first_seed, options.out)
        one = Job(
            scene=to_text(scene),
            bundle=options.out,
            seed=0,
            seconds=seconds,
            streams=streams,
            agent=agent_name,
            renderer=options.renderer,
            quality=options.quality,
            assets=scene_folder,
            hearing=_hears(asked),
            events=options.events,
            keep_rejected=options.keep_rejected,
            terms=terms,
        )
        # What is rejected is drawn anew, so that there are as many as were asked for.
        while missing := max(0, min(options.episodes - sum(m.uid is not None for m in every), ANEW * options.episodes - len(every))):
            jobs = (replace(one, seed=child_seed(options.seed, "episode", len(every) + i)) for i in range(missing))
            for another in spread(produce, list(jobs), workers=min(options.workers or cores(), missing), tries=TRIES):
                every.append(another)
                if another.uid is not None:
                    bundle.commit([another.uid])
                for _ in range(ticks + 1):
                    done()
    if earlier:
        say(f"note: {_count(earlier, 'episode')} of earlier runs are there too; --anew would delete them")
    rejected = [one for one in every if one.rejected]
    for one_rejected in rejected:
        say(f"{'rejected' if one_rejected.uid is None else 'kept though it cannot have happened'}: {one_rejected.rejected[0]}")
    if (kept := sum(one.uid is not None for one in every)) < options.episodes:
        say(f"only {kept} of {options.episodes}: of {_count(len(every), 'episode')} the others were rejected")
    all_happened = sum((Counter(one.happened) for one in every), Counter())
    if all_happened:
        say("what happened: " + ", ".join(f"{name} {count} ×" for name, count in sorted(all_happened.items())))
    scores = [one.score for one in every if one.score is not None]
    if scores:
        say(goals_told(scores))
    made = open_bundle(options.out)
    size = [sum(file.bytes for file in files_of(options.out, made.manifest(i))) for i in range(earlier, len(made))]
    holds = content(made)
    spent, look = time.perf_counter() - begin, next(iter(frames.values()), drawn or options.out / "first.png")
    return Outcome(
        text=f"{_count(len(size), 'episode')} of {seconds:g} s in {options.out}, {sum(size) / max(len(size), 1) / 1e6:.1f} MB each "
        f"({spent:.1f} s){f', {len(rejected)} rejected' if rejected else ''}; look at {look}\n"
        f"content {holds.sha256[:16]}: the same scene, seed and versions make the same here",
        value={
            "scene": str(options.out / "scene.toml"),
            "bundle": str(options.out),
            "episodes": made.uids[earlier:],
            "first_picture": str(options.out / "first.png"),
            "sheet": None if drawn is None else str(drawn),
            "frame_sheets": {camera: str(path) for camera, path in frames.items()},
            "streams": list(streams),
            "bytes": size,
            "content_sha256": holds.sha256,
            "earlier_episodes": earlier,
            "happened": dict(all_happened),
            "scores": [{"points": s.points, "of": s.most, "reached": list(s.reached)} for s in scores],
            "rejected": [list(one_rejected.rejected) for one_rejected in rejected],
            "renderer": world.spec.renderer,
            "first_picture_s": round(first_s, 3),
            "seconds": round(spent, 3),
        },
    )


def goals_told(scores: Sequence[Score]) -> str:
    """How the episodes did by the scene's goals, and a hint where none got further."""
    best = max(scores, key=lambda s: s.points)
    passed = sum(s.passed for s in scores)
    told = f"goals: {len(best.reached)} of {len(best.marks)} reached, {best.points:g} of {best.most:g} points"
    if len(scores) > 1:
        told += f" at best; {passed} of {len(scores)} episodes reached all"
    following = best.next
    return told if following is None else f"{told}; next: {following.name}" + (f" ({following.hint})" if following.hint else "")


def _asked(words: str) -> tuple[str, ...]:
    """The names of families, signals and streams in a list with commas; `all` alone, wherever it stands."""
    chosen = tuple(w.strip() for w in words.split(",") if w.strip())
    if not chosen:
        raise UnknownName("signal", words, SIGNALS)
    return ("all",) if "all" in chosen else chosen


def _found(name: str) -> Scene:
    """The scene of this name or path; of a name that is none, whoever meant an arena is told so."""
    from lifeworld.scene.starter import find, names
    from lifeworld.worlds.planning.arenas import ARENAS

    try:
        return find(name)
    except UnknownName as error:
        if error.sort != "scene":
            raise
        raise UnknownName("scene or arena", name, {*names(), *ARENAS}, fix=error.fix) from None


def _sized(scene: Scene, pixels: str | None) -> Scene:
    """The scene with all of its cameras' pictures brought to a size, and with them those of the eyes of who acts."""
    if pixels is None:
        return scene
    from lifeworld.worlds.physics.compile import DEFAULT_CAMERA

    width, x, height = pixels.partition("x")
    if not (x and width.isdecimal() and height.isdecimal()):
        raise LimitError("no such size of pictures", got=pixels, expected="width and height, like 96x96")
    return replace(scene, cameras=tuple(replace(c, width_px=int(width), height_px=int(height)) for c in scene.cameras or (DEFAULT_CAMERA,)))


def _hears(asked: tuple[str, ...]) -> bool:
    """Whether any of these is sound, which a world has to be made for."""
    signals = {name.partition("@")[0] for name in asked}
    return not signals.isdisjoint({"all", "hear", *(s.name for s in SIGNALS.values() if s.family == "hear")})


def _frames(world: World[Any], agent: Agent, start: Scene, episode: Episode, seconds: float, seed: int, out: Path) -> dict[str, Path]:
    """A sheet of all that each camera sees in the frame at `seconds` of an episode, by camera.

    What of it the episode does not hold is seen by beginning the episode again: the same seed shows the same.
    """
    from lifeworld.episode.sheet import DRAWN, cameras, frame_sheet
    from lifeworld.worlds.record import record

    wanted = [stream for stream, signal in world.spec.signals.items() if signal in DRAWN]
    if not episode.streams.keys() >= set(wanted):
        episode = record(world, agent, start, seconds=seconds, seed=seed, signals=wanted)
    paths = {}
    for camera in cameras(episode):
        paths[camera] = out / f"sheet_{camera}.png"
        with replace_file(paths[camera]) as beside:
            frame_sheet(episode, camera=camera).save(beside, format="PNG")
    return paths


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
