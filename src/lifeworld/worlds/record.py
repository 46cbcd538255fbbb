"""A world and an agent make an episode: reset, act, step, observe, each signal at its own pace."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import numpy as np

from lifeworld.core.errors import LimitError
from lifeworld.core.origin import Provenance
from lifeworld.core.signal import SIGNALS, Rate, Stream
from lifeworld.episode.episode import Episode
from lifeworld.scene.scene import Scene
from lifeworld.scene.text import to_text
from lifeworld.worlds.agent import Agent
from lifeworld.worlds.world import Observation, World, WorldSpec

S = TypeVar("S")
MOST_SECONDS = 3_600.0
MOST_BYTES = 4 * 2**30
"""What one episode may hold: it is kept in memory until it is written."""


def record(
    world: World[S],
    agent: Agent,
    start: Scene,
    *,
    seconds: float,
    seed: int,
    signals: Collection[str],
    on_tick: Callable[[int, int], None] | None = None,
) -> Episode:
    """One episode of `agent` in `world` from `start`.

    Each signal is taken at its own rate: every tick, every frame (`frame_ticks` of the world's spec) or once at the start; actions at
    the start of their step. What looks forward (flow …) is taken when the next frame is known; in the last frame the world goes on
    by itself.
    `on_tick(tick, ticks)` is told how far it is.

    Raises:
        LimitError: for a duration of less than one tick or more than an hour, or more than 4 GB of pictures.
        SignalUnavailable, SceneError, Diverged: as the world does.
    """
    state = world.reset(start, seed=seed)
    spec = world.spec
    check_seconds(seconds, spec.tick_ns)
    ticks = round(seconds * 1e9 / spec.tick_ns)
    streams = spec.streams(signals)
    ahead = tuple(s for s in streams if SIGNALS[spec.signals[s]].forward)
    agent.begin(spec, seed=seed)
    begin = world.scene(state)
    check_size(world.observe(state, streams), spec, seconds)
    taken: dict[str, list[tuple[int, Any]]] = {s: [] for s in streams}
    done: dict[str, list[tuple[int, Any]]] = {a.name: [] for a in spec.actions}
    frame: tuple[int, S] | None = None  # the last frame's time and state, whose forward signals are still to be taken
    for tick in range(ticks + 1):
        now_ns = tick * spec.tick_ns
        wanted = [s for s in streams if s not in ahead and _is_due(SIGNALS[spec.signals[s]].rate, tick, spec.frame_ticks)]
        shown = world.observe(state, {*wanted, *agent.signals}) if wanted or agent.signals else None
        for stream in wanted:
            assert shown is not None
            taken[stream].append((now_ns, shown[stream]))
        if ahead and _is_due("frame", tick, spec.frame_ticks):
            if frame is not None:
                _take(taken, ahead, frame[0], world.observe(frame[1], ahead, then=state))
            frame = (now_ns, state)
        if on_tick is not None:
            on_tick(tick, ticks)
        if tick == ticks:
            break
        action = agent.act(shown, time_ns=now_ns)
        for one in spec.actions:
            done[one.name].append((now_ns, np.asarray(action.get(one.name, one.rest), dtype=np.float64)))
        state = world.step(state, action)
    if frame is not None:
        _take(taken, ahead, frame[0], world.observe(frame[1], ahead))
    made = {
        name: Stream(
            SIGNALS[spec.signals[name]],
            [t for t, _ in rows],
            _values(name, rows, spec.signals),
            origin=spec.origin,
            source=name.partition("@")[2],
        )
        for name, rows in taken.items()
        if rows
    }
    made |= {
        f"action@{name}": Stream(SIGNALS["action"], [t for t, _ in rows], np.stack([v for _, v in rows]), origin=spec.origin, source=name)
        for name, rows in done.items()
    }
    return Episode(
        streams=made,
        scene=begin,
        title=start.title or start.name,
        legend=spec.legend,
        provenance=Provenance.now(
            engine=spec.engine,
            engine_version=spec.engine_version,
            renderer=spec.renderer,
            scene_sha256=hashlib.sha256(to_text(begin).encode()).hexdigest(),
            seed=seed,
        ),
    )


def check_seconds(seconds: float, tick_ns: int) -> None:
    """Raise LimitError unless an episode can last this long."""
    if not tick_ns * 1e-9 <= seconds <= MOST_SECONDS:
        raise LimitError(
            "an episode lasts from one tick to an hour", got=f"{seconds} s", expected=f"{tick_ns * 1e-9:g} to {MOST_SECONDS:g} s"
        )


def check_size(shown: Observation, spec: WorldSpec, seconds: float) -> None:
    """Raise LimitError if an episode of what is shown here does not fit into memory."""
    ticks = round(seconds * 1e9 / spec.tick_ns) + 1
    times = {"tick": ticks, "frame": -(-ticks // spec.frame_ticks), "start": 1}
    size = sum(value.nbytes * times[SIGNALS[spec.signals[stream]].rate] for stream, value in shown.values.items())
    if size > MOST_BYTES:
        raise LimitError(
            "an episode is held in memory until it is written",
            got=f"{size / 2**30:.1f} GB in {seconds:g} s",
            expected=f"at most {MOST_BYTES / 2**30:g} GB",
            fix="Record shorter episodes, smaller pictures, fewer cameras or fewer signals.",
        )


def _is_due(rate: Rate, tick: int, frame_ticks: int) -> bool:
    return tick == 0 or rate == "tick" or (rate == "frame" and tick % frame_ticks == 0)


def _take(taken: dict[str, list[tuple[int, Any]]], streams: Collection[str], time_ns: int, shown: Observation) -> None:
    for stream in streams:
        taken[stream].append((time_ns, shown[stream]))


def _values(name: str, rows: list[tuple[int, Any]], signals: Mapping[str, str]) -> Any:
    values = [v for _, v in rows]
    return values if SIGNALS[signals[name]].ragged else np.stack(values)
