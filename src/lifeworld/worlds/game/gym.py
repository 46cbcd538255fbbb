"""Any Gymnasium environment that shows pictures, as a game. Going back plays again from the seed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, MissingExtra, StateError, UnknownName
from lifeworld.worlds.game.game import Shown, keys
from lifeworld.worlds.world import ActionSpec

USUAL_FPS = 30.0
MOST_SEED = 2**31


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """A moment as what led to it: the seed, and the actions since, each linked to the one before it."""

    seed: int
    action: NDArray[np.float64] | None = None
    before: Played | None = None
    count: int = 0

    def actions(self) -> list[NDArray[np.float64]]:
        """All actions from the first on."""
        return [played.action for played in reversed(list(self._back())) if played.action is not None]

    def _back(self) -> Iterator[Played]:
        at: Played | None = self
        while at is not None:
            yield at
            at = at.before


class GameGym:
    """An environment by its Gymnasium name; `options` go to `gymnasium.make`.

    A Discrete action is one number a choice (the greatest is taken, none the first), MultiBinary one number a key, a Box its numbers.
    The picture is the observation where that is one, else what the environment renders.

    Raises:
        MissingExtra: without Gymnasium, or what this environment needs beside it.
        UnknownName: if Gymnasium has no such environment.
        InputError: for an environment whose actions or pictures are of no kind we know.
    """

    def __init__(self, name: str, **options: Any) -> None:
        try:
            import gymnasium
            from gymnasium.error import DependencyNotInstalled, NameNotFound, VersionNotFound
        except ImportError as error:
            raise MissingExtra(f"the game {name!r}", "games") from error
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what others deprecate in their own modules; made an error there, it takes Box2D down
                self._env = gymnasium.make(name, render_mode="rgb_array", **options)
        except (NameNotFound, VersionNotFound) as error:
            raise UnknownName("Gymnasium environment", name, gymnasium.envs.registry) from error
        except DependencyNotInstalled as error:
            raise MissingExtra(f"the game {name!r}", "games") from error
        self.name, self.version = name, f"gymnasium {gymnasium.__version__}"
        fps = float(self._env.metadata.get("render_fps") or USUAL_FPS)
        self.tick_ns = round(1e9 / fps)
        space = self._env.observation_space
        self._sees = getattr(space, "dtype", None) == np.uint8 and len(space.shape or ()) == 3 and (space.shape or ())[2] == 3
        self.action = self._spec()
        self._mark = Played(0)
        self._over = True

    def begin(self, seed: int) -> Shown:
        return self._begin(Played(seed))

    def act(self, action: NDArray[np.float64]) -> Shown:
        self._mark = Played(self._mark.seed, action.copy(), self._mark, self._mark.count + 1)
        return self._act(action)

    def mark(self) -> Played:
        return self._mark

    def go_to(self, mark: Played) -> None:
        self._begin(Played(mark.seed))
        for action in mark.actions():
            self._act(action)
        self._mark = mark

    def to_bytes(self, mark: Played) -> bytes:
        actions = mark.actions()
        return msgspec.msgpack.encode((mark.seed, np.array(actions, dtype=np.float64).tobytes()))

    def from_bytes(self, data: bytes) -> Played:
        try:
            seed, given = msgspec.msgpack.decode(data, type=tuple[int, bytes])
            actions = np.frombuffer(given).reshape(-1, self.action.size)
        except (TypeError, ValueError) as error:
            raise StateError("this is no moment of the game", got=str(error)) from error
        mark = Played(seed)
        for action in actions:
            mark = Played(seed, action, mark, mark.count + 1)
        return mark

    def close(self) -> None:
        self._env.close()

    def _begin(self, mark: Played) -> Shown:
        seen, _ = self._env.reset(seed=mark.seed % MOST_SEED)
        self._mark, self._over = mark, False
        return Shown(self._picture(seen))

    def _act(self, action: NDArray[np.float64]) -> Shown:
        if self._over:  # the next game of the same sequence
            seen, _ = self._env.reset()
            self._over = False
            return Shown(self._picture(seen))
        seen, reward, terminated, truncated, _ = self._env.step(self._said(action))
        self._over = bool(terminated or truncated)
        return Shown(self._picture(seen), float(reward), bool(terminated), bool(truncated))

    def _picture(self, seen: Any) -> NDArray[np.uint8]:
        picture = np.asarray(seen if self._sees else self._env.render())
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
            raise InputError(f"{self.name} shows no picture", got=f"{picture.dtype}{picture.shape}", expected="uint8 (height, width, 3)")
        picture = picture.copy()
        picture.flags.writeable = False
        return picture

    def _said(self, action: NDArray[np.float64]) -> Any:
        """The action as the environment takes it."""
        from gymnasium import spaces

        space = self._env.action_space
        if isinstance(space, spaces.Discrete):
            chosen = int(np.argmax(action)) if action.max() >= 0.5 else 0
            return int(space.start) + chosen
        if isinstance(space, spaces.MultiBinary):
            return (action >= 0.5).astype(np.int8)
        assert isinstance(space, spaces.Box)
        return action.astype(space.dtype).reshape(space.shape)

    def _spec(self) -> ActionSpec:
        from gymnasium import spaces

        space = self._env.action_space
        if isinstance(space, spaces.Discrete):
            meanings = getattr(self._env.unwrapped, "get_action_meanings", lambda: [f"choice_{i}" for i in range(int(space.n))])()
            return keys("player", tuple(str(m).lower() for m in meanings))
        if isinstance(space, spaces.MultiBinary) and isinstance(space.n, int | np.integer):
            return keys("player", tuple(f"key_{i}" for i in range(int(space.n))))
        if isinstance(space, spaces.Box):
            low, high = (np.nan_to_num(np.ravel(v), posinf=1.0, neginf=-1.0).astype(float) for v in (space.low, space.high))
            rest = np.clip(0.0, low, high)
            names = tuple(f"number_{i}" for i in range(low.size))
            return ActionSpec(name="player", labels=names, low=tuple(low.tolist()), high=tuple(high.tolist()), rest=tuple(rest.tolist()))
        raise InputError(
            f"the actions of {self.name} are of no kind we know", got=type(space).__name__, expected="Discrete, MultiBinary or Box"
        )
