"""A world and an agent make an episode: reset, act, step, observe, each signal at its own pace."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import numpy as np

from lifeworld.core.errors import LimitError
from lifeworld.core.origin import Provenance
from lifeworld.core.signal import SIGNALS, Stream
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
    picture_every: int = 2,
    on_tick: Callable[[int, int], None] | None = None,
) -> Episode:
    """One episode of `agent` in `world` from `start`.

    Signals per camera are taken every `picture_every` ticks, all others every tick, actions at the start of their step.
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
    pictures = tuple(s for s in streams if SIGNALS[spec.signals[s]].per == "camera")
    others = tuple(s for s in streams if s not in pictures)
    agent.begin(spec, seed=seed)
    begin = world.scene(state)
    taken: dict[str, list[tuple[int, Any]]] = {s: [] for s in streams}
    done: dict[str, list[tuple[int, Any]]] = {a.name: [] for a in spec.actions}
    for tick in range(ticks + 1):
        now_ns = tick * spec.tick_ns
        wanted = others + (pictures if tick % picture_every == 0 else ())
        shown = world.observe(state, {*wanted, *agent.signals}) if wanted or agent.signals else None
        for stream in wanted:
            assert shown is not None
            taken[stream].append((now_ns, shown[stream]))
        if tick == 0 and shown is not None:
            check_size(shown, spec, seconds, picture_every=picture_every)
        if on_tick is not None:
            on_tick(tick, ticks)
        if tick == ticks:
            break
        action = agent.act(shown, time_ns=now_ns)
        for one in spec.actions:
            done[one.name].append((now_ns, np.asarray(action.get(one.name, one.rest), dtype=np.float64)))
        state = world.step(state, action)
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


def check_size(shown: Observation, spec: WorldSpec, seconds: float, *, picture_every: int = 2) -> None:
    """Raise LimitError if an episode of what is shown here does not fit into memory."""
    ticks = round(seconds * 1e9 / spec.tick_ns) + 1
    size = 0
    for stream, value in shown.values.items():
        seen = SIGNALS[spec.signals[stream]].per == "camera"
        size += value.nbytes * (-(-ticks // picture_every) if seen else ticks)
    if size > MOST_BYTES:
        raise LimitError(
            "an episode is held in memory until it is written",
            got=f"{size / 2**30:.1f} GB in {seconds:g} s",
            expected=f"at most {MOST_BYTES / 2**30:g} GB",
            fix="Record shorter episodes, smaller pictures, fewer cameras or fewer signals.",
        )


def _values(name: str, rows: list[tuple[int, Any]], signals: Mapping[str, str]) -> Any:
    values = [v for _, v in rows]
    return values if SIGNALS[signals[name]].ragged else np.stack(values)
