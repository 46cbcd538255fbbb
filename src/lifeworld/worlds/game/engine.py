"""WorldGame: a game under the World protocol, every state a value.

    world = WorldGame("coinrun")                 # procgen's, in a process of its own
    world = WorldGame("CarRacing-v3")            # any Gymnasium environment that shows pictures
    state = world.reset(None, seed=0)
    state = world.step(state, {"player": world.keys("right", "up")})

Going on from the last state is one step of the game. Going on from an earlier one goes back first: procgen restores its own state,
exactly; a Gymnasium environment is played again from its seed, as exact as the game is deterministic. A game cannot be edited, and when
one ends the next begins, with the next action.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import ActionError, EditError, StateError
from lifeworld.core.origin import Origin
from lifeworld.scene.edit import Edits
from lifeworld.scene.scene import Scene
from lifeworld.worlds.futures import told_of
from lifeworld.worlds.game.game import Game, Shown
from lifeworld.worlds.sealed import digest_of, sealed, unsealed
from lifeworld.worlds.world import Action, Observation, WorldSpec

FORMAT = 1
MOST_TICKS = 2**40
SIGNALS = {"rgb@screen": "rgb", "reward": "reward", "terminated": "terminated", "truncated": "truncated"}


@dataclass(frozen=True, slots=True, eq=False)
class GameState:
    """One moment of a game: what is shown, and the mark to go on from."""

    shown: Shown = field(repr=False)
    mark: Any = field(repr=False)
    tick: int


class WorldGame:
    """A World made alive by a game.

    Args:
        game: a name (procgen's or Gymnasium's; see `open_game`), or a Game.
    """

    def __init__(self, game: str | Game, **options: Any) -> None:
        from lifeworld.worlds.game.opening import open_game

        self._game = open_game(game, **options) if isinstance(game, str) else game
        self._at: GameState | None = None  # the state that the game itself is at
        self.spec = WorldSpec(
            engine="game",
            engine_version=f"{self._game.name}, {self._game.version}",
            tick_ns=self._game.tick_ns,
            actions=(self._game.action,),
            signals=SIGNALS,
            things=(),
            origin=Origin.SIMULATED,
            renderer=self._game.name,
            frame_ticks=1,
            cannot=("edits", "things"),
            editable=False,
        )

    def keys(self, *pressed: str) -> NDArray[np.float64]:
        """The action (n,) of these keys, all others let go.

        Raises:
            ActionError: if the game has no such key.
        """
        labels = self._game.action.labels
        for key in pressed:
            if key not in labels:
                raise ActionError("the game has no such key", got=key, expected=", ".join(labels))
        return np.array([float(label in pressed) for label in labels])

    # -- the protocol ------------------------------------------------------------------------------------------------------

    def reset(self, start: None = None, *, seed: int) -> GameState:
        """The first moment of a game; the same seed begins the same one.

        Raises:
            StateError: for a start: a game has its own.
        """
        if start is not None:
            raise StateError("a game begins by itself", got=type(start).__name__, expected="reset(None, seed=…)")
        shown = self._game.begin(seed)
        self._at = GameState(shown, self._game.mark(), 0)
        return self._at

    def step(self, state: GameState, action: Action) -> GameState:
        """The moment after one action.

        Raises:
            ActionError: for a wrong name, a wrong size or a value that is not finite.
        """
        given = self._given(action)
        if self._at is not state:
            self._game.go_to(state.mark)
            self._at = None  # until the step is done, the game is at no state that anybody has
        shown = self._game.act(given)
        self._at = GameState(shown, self._game.mark(), state.tick + 1)
        return self._at

    def observe(self, state: GameState, signals: Collection[str], *, then: GameState | None = None) -> Observation:
        """The asked-for signals; a game has none that looks ahead.

        Raises:
            SignalUnavailable: naming those there are.
        """
        shown = state.shown
        values: dict[str, NDArray[Any]] = {
            "rgb@screen": shown.rgb,
            "reward": np.array(shown.reward),
            "terminated": np.array(shown.terminated),
            "truncated": np.array(shown.truncated),
        }
        streams = self.spec.streams(signals)
        return Observation(
            time_ns=state.tick * self.spec.tick_ns, values={stream: values[stream] for stream in streams}, origin=Origin.SIMULATED
        )

    def edit(self, state: GameState, edit: Edits) -> GameState:
        """Nothing in a game can be edited.

        Raises:
            EditError: always.
        """
        raise EditError("a game cannot be edited", reason="cannot", got=edit, fix="Make a world from a scene (WorldPhysics) to change it.")

    def scene(self, state: GameState) -> Scene:
        """A scene without things: what stands in a game only the game knows."""
        name = "".join(c if c.isalnum() else "_" for c in self._game.name.lower()).strip("_")
        return Scene(name=name, title=self._game.name)

    def save(self, state: GameState) -> bytes:
        """The state as bytes: the game's name and version, its mark, and what is shown."""
        shown = state.shown
        saved = _Saved(
            FORMAT, self._game.name, self._game.version, state.tick, self._game.to_bytes(state.mark), shown.rgb.tobytes(),
            shown.rgb.shape, shown.reward, shown.terminated, shown.truncated, "",
        )  # fmt: skip
        return sealed(saved)

    def load(self, data: bytes) -> GameState:
        """The state that `save` wrote.

        Raises:
            StateError: for bytes that are no state, are damaged, or are of another game or version.
        """
        saved = unsealed(data, _Saved)
        mine = (FORMAT, self._game.name, self._game.version)
        if (saved.format, saved.game, saved.version) != mine:
            got = f"{saved.game} {saved.version}, format {saved.format}"
            raise StateError("the state belongs to another game", got=got, expected=f"{mine[1]} {mine[2]}, format {FORMAT}")
        whole = len(saved.shape) == 3 and saved.shape[2] == 3 and int(np.prod(saved.shape)) == len(saved.rgb)
        if digest_of(saved) != saved.digest or not whole or not 0 <= saved.tick <= MOST_TICKS:
            raise StateError("the saved state is damaged", got=f"digest {digest_of(saved)[:12]}…", expected=f"{saved.digest[:12]}…")
        rgb = np.frombuffer(saved.rgb, dtype=np.uint8).reshape(saved.shape)
        shown = Shown(rgb, saved.reward, saved.terminated, saved.truncated)
        return GameState(shown, self._game.from_bytes(saved.mark), saved.tick)

    def rollout(
        self,
        states: Sequence[GameState],
        actions: Mapping[str, ArrayLike],
        signals: Collection[str] = ("rgb",),
        *,
        ticks: int | None = None,
    ) -> tuple[list[GameState], Observation]:
        """Many futures, one after the other: `actions` name → (n, ticks, size); values (n, ticks, …).

        Raises:
            StateError: without a state.
            ActionError: for shapes that disagree, or no tick at all.
        """
        told = told_of(self.spec, actions, len(states), ticks)
        streams, ends, rows = self.spec.streams(signals), [], []
        for i, state in enumerate(states):
            row = []
            for action in told[i]:
                state = self.step(state, {self._game.action.name: action})
                row.append(self.observe(state, streams).values)
            ends.append(state)
            rows.append(row)
        values = {stream: np.array([[seen[stream] for seen in row] for row in rows]) for stream in streams}
        return ends, Observation(time_ns=ends[0].tick * self.spec.tick_ns, values=values, origin=Origin.SIMULATED)

    def close(self) -> None:
        """Let go of the game."""
        self._game.close()

    def _given(self, action: Action) -> NDArray[np.float64]:
        """The numbers of the player's action, within their bounds; none is rest."""
        told: NDArray[np.float64] = told_of(self.spec, {name: np.asarray(value)[None, None] for name, value in action.items()}, 1, 1)[0, 0]
        return told


class _Saved(msgspec.Struct):
    """What is written, as msgpack; `digest` is over all the rest."""

    format: int
    game: str
    version: str
    tick: int
    mark: bytes
    rgb: bytes
    shape: tuple[int, ...]
    reward: float
    terminated: bool
    truncated: bool
    digest: str
