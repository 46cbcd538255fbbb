"""Somebody who plays a game without knowing it: holds keys for a while, rather right than left, then others."""

from __future__ import annotations

import numpy as np

from lifeworld.core.errors import ActionError
from lifeworld.core.seed import generator
from lifeworld.worlds.world import Action, ActionSpec, Observation, WorldSpec

ARROWS = {("left", "right"): (0.2, 0.5), ("down", "up"): (0.1, 0.4)}
"""Keys of which one at a time is held, and how often each: games that go somewhere go right, and up is a jump in many."""
OTHERS = 0.2
"""How often one of the other keys is held, beside arrows."""
RESTS = 0.4
"""How often a number that is no key rests."""


class AgentSticky:
    """Holds an action drawn at random for a while drawn at random, then another; what belongs together is drawn together.

    An arrow key excludes its opposite, and any other key the rest of them. Numbers that are no keys rest or lie anywhere within their
    bounds; of those that can only be positive (pedals), one at a time is off its rest.

    Args:
        hold_s: how long an action is held on average [s].
    """

    signals: tuple[str, ...] = ()

    def __init__(self, *, hold_s: float = 0.5) -> None:
        self._hold_s = hold_s
        self._spec: WorldSpec | None = None

    def begin(self, spec: WorldSpec, *, seed: int) -> None:
        self._spec = spec
        self._rng = generator(seed, "agent", "sticky")
        self._change = min(1.0, spec.tick_ns * 1e-9 / self._hold_s)
        self._groups = {action.name: _groups(action) for action in spec.actions}
        self._held = {action.name: np.array(action.rest) for action in spec.actions}
        for action in spec.actions:
            for numbers, shares in self._groups[action.name]:
                self._draw(action, numbers, shares)

    def act(self, observation: Observation | None, *, time_ns: int) -> Action:
        if self._spec is None:
            raise ActionError("the agent has not begun", fix="Call begin(spec, seed=0) first.")
        for action in self._spec.actions:
            for numbers, shares in self._groups[action.name]:
                if self._rng.random() < self._change:
                    self._draw(action, numbers, shares)
        return {name: held.copy() for name, held in self._held.items()}

    def _draw(self, action: ActionSpec, numbers: tuple[int, ...], shares: tuple[float, ...]) -> None:
        held, rng = self._held[action.name], self._rng
        held[list(numbers)] = np.array(action.rest)[list(numbers)]
        chosen = int(rng.choice(len(numbers) + 1, p=[*shares, 1 - sum(shares)]))
        if chosen < len(numbers):
            number = numbers[chosen]
            held[number] = 1.0 if _is_key(action, number) else rng.uniform(action.low[number], action.high[number])


def _groups(action: ActionSpec) -> list[tuple[tuple[int, ...], tuple[float, ...]]]:
    """The numbers of an action that are drawn together, of which one at a time is off its rest, and how often each is."""
    groups: list[tuple[tuple[int, ...], tuple[float, ...]]] = [
        (tuple(action.labels.index(key) for key in pair), shares) for pair, shares in ARROWS.items() if set(pair) <= set(action.labels)
    ]
    arrows = {number for numbers, _ in groups for number in numbers}
    keys = tuple(i for i in range(action.size) if _is_key(action, i) and i not in arrows)
    if keys:
        some = OTHERS if arrows else len(keys) / (len(keys) + 1)
        groups.append((keys, (some / len(keys),) * len(keys)))
    numbers = [i for i in range(action.size) if not _is_key(action, i)]
    pedals = tuple(i for i in numbers if action.low[i] == action.rest[i])
    if pedals:
        groups.append((pedals, ((1 - RESTS) / len(pedals),) * len(pedals)))
    return groups + [((i,), (1 - RESTS,)) for i in numbers if i not in pedals]


def _is_key(action: ActionSpec, number: int) -> bool:
    """Whether a number is a key, pressed or not: a number of a game that has no keys is called nothing but a number."""
    bounds = (action.low[number], action.high[number], action.rest[number])
    return bounds == (0.0, 1.0, 0.0) and not action.labels[number].startswith("number_")
