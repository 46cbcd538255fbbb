"""`python -m benchmarks.peers plan`: our nano that plans beside torch-world's LeWM, on the same data, goals, planner and processor time.

Each learns from the same plays of the arena, on one thread, for the same processor time; each is planned in by the same CEM, from the same
starts to the same goals, and asked by the same probe; all of that again with other seeds of learning. Theirs stays in its own environment
and is asked through `evaluate/adapters`. The table is kept in out/bench-peers-plan.json and docs/benchmarks.md, models and data in
out/peers-plan.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.kept import Run, read
from benchmarks.others import Others
from benchmarks.page import keep
from benchmarks.peers.plan.corpus import Shots, bundle_of, shots, write
from benchmarks.peers.plan.judge import RULES, Asked, planned, probed
from benchmarks.peers.plan.means import means
from benchmarks.peers.plan.ours import learned
from benchmarks.peers.plan.rows import rows
from benchmarks.peers.venvs import NotBuilt, build
from benchmarks.row import machine
from benchmarks.workers import ONE_THREAD
from lifeworld.evaluate.adapters.neighbour import Neighbour
from lifeworld.evaluate.adapters.world import WorldNeighbour
from lifeworld.evaluate.ours import SubjectDream
from lifeworld.evaluate.subject import Subject
from lifeworld.models.data.footage import Footage
from lifeworld.models.play.dream import WorldDream
from lifeworld.worlds.planning.arenas import named
from lifeworld.worlds.planning.cem import CEM
from lifeworld.worlds.planning.mind import Behind, Mind
from lifeworld.worlds.world import World

HERE, OUT, FOLDER = Path(__file__).parent, Path("out/bench-peers-plan.json"), Path("out/peers-plan")
OURS, PEER = "ours, nano", "torch-world"
ACTIONS = 2
CLIPS, RATE = 64, 1e-3
"""Of its updates: as many clips as its own benchmarks take, and the highest learning rate that ours has too, three times theirs: time is
short, and it falls along a cosine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """Who learns and plans: `make` is a function of `lewm.py`, None for ours."""

    name: str
    make: str | None
    note: str


CONTESTANTS = (
    Contestant(
        name=OURS, make=None, note="bfloat16 where it learns, if the processor has it; some of its time goes into drawing and aiming"
    ),
    Contestant(name="LeWM, its own small", make="small", note="two convolutions, as torch-world's own benchmarks, float32"),
    Contestant(name="LeWM, of our size", make="matched", note="ViT, float32"),
)


def main(args: list[str]) -> int:
    """Draw up the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers plan")
    theirs = ", ".join(str(c.make) for c in CONTESTANTS[1:])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these, with ours: {theirs}")
    parser.add_argument("--world", default="tworoom", help="an arena (docs/arenas.md)")
    parser.add_argument("--seconds", type=float, default=90.0, help="processor time that each learns for")
    parser.add_argument("--episodes", type=int, default=300, help="plays to learn from")
    parser.add_argument("--errands", type=int, default=100, help="starts and goals")
    parser.add_argument("--samples", type=int, default=64, help="of the planner, a round; its elites are an eighth of them")
    parser.add_argument("--rounds", type=int, default=5, help="of the planner")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each")
    parser.add_argument("--seed", type=int, default=0, help="of the plays and errands, and of the first training")
    asked = parser.parse_args(args)
    arena = named(asked.world)
    world = arena.world()
    errands = Asked(arena=arena, world=world, errands=asked.errands, seed=asked.seed)
    planner = CEM(horizon=arena.ahead, samples=asked.samples, rounds=asked.rounds, elites=max(1, asked.samples // 8))
    if (numbers := sum(spec.size for spec in world.spec.actions)) != ACTIONS:
        parser.error(f"who acts in {arena.name} is told {numbers} numbers; this table is made for {ACTIONS}")
    footage = bundle_of(arena, FOLDER, episodes=asked.episodes, seed=asked.seed)
    seen, held = shots(footage, held_out=False), shots(footage, held_out=True)
    plays, planning = f"{len(seen.first) - 1} plays of {len(seen.pictures)} pictures", f"{planner.samples} × {planner.rounds}"
    print(f"{machine()}\n{arena.name}: {plays}; {asked.seconds:g} s of one core to learn")
    print(f"CEM {planning}, {planner.elites} elites, {planner.horizon} decisions; {asked.errands} errands\n")
    print(_row("", "numbers", "samples/s", "pictures/s", "success % (moderate)", "strict", "r real", "r +5", "plan"))
    run, others, lines = Run.now(), Others(), list[dict[str, Any]]()
    contestants = [each for each in CONTESTANTS if not asked.names or each.make in (None, *asked.names)]
    for seed in range(asked.seed, asked.seed + asked.seeds):
        for contestant in contestants:
            lines.append(_line(contestant, footage, (seen, held), errands, planner, seconds=asked.seconds, seed=seed))
            print(_text(lines[-1]), flush=True)
            said = vars(asked) | {"machine": machine(), "data_sha256": footage.sha256, "lines": lines}
            OUT.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    said["means"] = means([each.name for each in contestants], lines)
    OUT.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    print("\n" + "\n".join(map(_told, said["means"])))
    keep(read().with_part("peers: plan", rows(said, others.share()), run, drop=False))
    print(f"\nkept in {OUT}")
    return 0


def _line(
    contestant: Contestant, footage: Footage, shown: tuple[Shots, Shots], asked: Asked, planner: CEM, *, seconds: float, seed: int
) -> dict[str, Any]:
    """One training: how it went, what is known of where it is and what is reached; or why nothing is."""
    line: dict[str, Any] = {"name": contestant.name, "note": contestant.note, "seed": seed}
    try:
        folder, line["learned"] = _learned(contestant, footage, shown[0], seconds=seconds, seed=seed)
        with _opened(contestant, folder, asked) as (subject, mind):
            line |= probed(subject, *shown) | planned(asked, mind, planner, on_done=lambda: None)
    except (NotBuilt, subprocess.SubprocessError, ValueError) as error:
        line["note"] = f"no number: {str(error).splitlines()[-1][:300]}"
    return line


def _learned(contestant: Contestant, footage: Footage, seen: Shots, *, seconds: float, seed: int) -> tuple[Path, dict[str, Any]]:
    """Where the model is that has learned, and how that went."""
    folder = FOLDER / (contestant.make or "ours") / str(seed)
    shutil.rmtree(folder, ignore_errors=True)  # learning goes on in what it finds, and this one begins anew
    folder.mkdir(parents=True)
    if contestant.make is None:
        return folder, learned(footage, folder, seconds=seconds, seed=seed)
    shutil.copy(HERE / "lewm.py", folder)
    plan = {"data": str(write(FOLDER / "data.npz", seen)), "make": contestant.make, "out": str(folder), "seconds": seconds, "seed": seed}
    (folder / "plan.json").write_text(json.dumps(plan | {"batch": CLIPS, "rate": RATE, "steps": 0}), encoding="utf-8")
    python = build(PEER)
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))} | ONE_THREAD
    done = subprocess.run(
        [str(python), str(HERE / "peer_torch_world.py"), str(folder / "plan.json")], capture_output=True, text=True, check=False, env=clean
    )
    if done.returncode:
        raise ValueError(done.stderr.strip() or f"exit {done.returncode}")
    mean, std = (getattr(seen.actions[_within(seen)], each)(0).tolist() for each in ("mean", "std"))
    lines = {
        "protocol": PEER, "name": contestant.name, "make": f"lewm.py:{contestant.make}", "weights": "lewm.pt", "python": str(python),
        "size": list(footage.size), "frame_ms": footage.frame_ns / 1e6, "actions": len(mean), "stream": footage.stream,
        "action_mean": mean, "action_std": std,
    }  # fmt: skip
    (folder / "subject.toml").write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in lines.items()), encoding="utf-8")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return folder, found


def _within(seen: Shots) -> list[int]:
    """The pictures after which something is done: all but the last of each episode."""
    return np.setdiff1d(np.arange(len(seen.pictures)), seen.first[1:] - 1).tolist()


@contextmanager
def _opened(contestant: Contestant, folder: Path, asked: Asked) -> Iterator[tuple[Subject, Mind]]:
    """The model as a subject, and as a world to plan in."""
    if contestant.make is None:
        dream = WorldDream(folder)
        yield SubjectDream(folder, name=contestant.name), _behind(dream, dream.card.shape.context, asked)
        return
    with Neighbour(folder / "subject.toml") as subject:
        yield subject, _behind(WorldNeighbour(subject, asked.world.spec.actions), subject.context, asked)


def _behind(world: World[Any], context: int, asked: Asked) -> Mind:
    return Behind.of(world, asked.world, camera=asked.arena.camera, context=context, hold=asked.arena.hold)


def _text(line: dict[str, Any]) -> str:
    """One training."""
    name = f"{line['name']}, {line['seed']}"
    if "moderate" not in line:
        return f"{name:<22} {line['note']}"
    went, over = line["learned"], line["moderate"]["excess"]
    notes = [line["note"], f"{went['steps']} steps in {went['seconds']:.0f} s"]
    notes.append(f"at random {line['moderate']['random'][0]:.0f} %, so {over[0]:+.0f} ({over[1]:+.0f} to {over[2]:+.0f}) points")
    notes.append(f"r of standing still {line['stood_r']:.3f}")
    return f"{_columns(name, line | went)}\n{'':<22} {'; '.join(notes)}"


def _told(mean: dict[str, Any]) -> str:
    """All trainings of one."""
    if not mean["seeds"]:
        return f"{mean['name']:<22} no number"
    each = ", ".join(f"{share:.0f}" for share in mean["moderate"]["each"])
    notes = [f"mean of {len(mean['seeds'])} trainings, moderate {each} %"]
    if "ours_more" in mean["moderate"]:
        notes.append("ours is {:+.0f} ({:+.0f} to {:+.0f}) points beside it".format(*mean["moderate"]["ours_more"]))
    return f"{_columns(mean['name'], mean)}\n{'':<22} {'; '.join(notes)}"


def _columns(name: str, of: dict[str, Any]) -> str:
    shares = ["{:.0f} ({:.0f} to {:.0f})".format(*of[rule]["reached"]) for rule in RULES]
    seen = f"{of['real_r']:.3f}", f"{of['imagined_r']:.3f}", f"{of['plan_ms']:.0f} ms"
    rate = of["samples_per_s"]
    return _row(name, f"{of['numbers']:.2f} M", f"{rate:.0f}", f"{rate * of['pictures_a_sample']:.0f}", *shares, *seen)


def _row(name: str, numbers: str, samples: str, pictures: str, moderate: str, strict: str, real: str, imagined: str, plan: str) -> str:
    return f"{name:<22} {numbers:>8} {samples:>10} {pictures:>10}   {moderate:<21} {strict:<18} {real:>6} {imagined:>6} {plan:>9}"
