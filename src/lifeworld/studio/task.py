"""A session as a Gymnasium environment: an agent learns where people look on, and may step in.

    with Client(address, key) as me:
        env = Task(me, "hand", ticks=5, most_steps=200)
        seen, _ = env.reset(seed=0)
        seen, reward, terminated, truncated, told = env.step(env.action_space.sample())

An action is of -1 to 1, from the least to the greatest of each number. An observation is where everything is; a reward what the scene's
goals gave since the last step, so that those of an episode sum to its score. A reset goes back to the tick the environment began at: every
episode stays as a branch of the session's timeline. A step is gone through as fast as it goes, over a socket: for training by the million
use a world itself (`worlds/`).
"""

from __future__ import annotations

import copy
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, LimitError
from lifeworld.studio.client import Client

Seen = NDArray[np.float32]
FAR_M = 1_001.0
"""Who is farther than a kilometre has left the world."""


class Task(gymnasium.Env[Seen, Seen]):
    """The goals of a session's scene, by the body of one embodiment. The client has to own the session.

    Args:
        embodiment: who acts; the first there is if None.
        ticks: how many a step lasts (0.02 s each in physics).
        most_steps: after so many an episode is truncated.

    Raises:
        InputError: where there is nobody to act, or only pictures to be seen.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 10}  # noqa: RUF012  # Gymnasium's own way

    def __init__(
        self, client: Client, embodiment: str | None = None, *, ticks: int = 5, most_steps: int = 200, render_mode: str | None = None
    ) -> None:
        if not 1 <= ticks <= 3_000 or most_steps < 1:
            raise LimitError("a step is 1 to 3000 ticks, an episode at least a step", got=f"ticks={ticks}, most_steps={most_steps}")
        bodies = {action["name"]: action for action in client.welcome["actions"]}
        if not bodies or (embodiment is not None and embodiment not in bodies):
            raise InputError(
                "there is nobody of this name to act", got=embodiment, expected=", ".join(bodies) or "a scene with an embodiment"
            )
        self.client, self.ticks, self.most_steps, self.render_mode = client, ticks, most_steps, render_mode
        self.embodiment = embodiment or next(iter(bodies))
        body = bodies[self.embodiment]
        self._low, self._high, self._rest = (np.asarray(body[key], dtype=np.float64) for key in ("low", "high", "rest"))
        self.action_space = gymnasium.spaces.Box(-1.0, 1.0, self._low.shape, dtype=np.float32)
        client.pause()
        self._begin, self._frames = client.tick, client.portrait["frames"]
        bounds = np.tile(np.array([FAR_M] * 3 + [1.001] * 4, dtype=np.float32), len(self._frames))
        self.observation_space = gymnasium.spaces.Box(-bounds, bounds, dtype=np.float32)
        self._steps, self._score = 0, 0.0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Seen, dict[str, Any]]:
        """Back to where it began; nothing is drawn, so every seed begins the same."""
        super().reset(seed=seed)
        self.client.act(self.embodiment, self._rest)
        self.client.fork(self._begin)
        self._steps, self._score = 0, self._points()
        return self._seen(), self._told()

    def step(self, action: Seen) -> tuple[Seen, float, bool, bool, dict[str, Any]]:
        """Act for `ticks`. It ends when all goals are reached; it is cut off after `most_steps`, or when somebody changed who is there."""
        self.client.act(self.embodiment, self._low + (np.asarray(action, dtype=np.float64) + 1) / 2 * (self._high - self._low))
        self.client.step(self.ticks)
        self._steps += 1
        before, self._score = self._score, self._points()
        passed = bool(self.client.goals and self.client.goals["passed"])
        changed = self.client.portrait["frames"] != self._frames
        return self._seen(), self._score - before, passed, changed or self._steps >= self.most_steps, {**self._told(), "changed": changed}

    def render(self) -> Any:
        """What the scene's first camera sees (height, width, 3)."""
        return self.client.picture() if self.render_mode == "rgb_array" else None

    def _seen(self) -> Seen:
        seen = np.array(self.client.numbers, dtype=np.float32).ravel()
        out = np.zeros(self.observation_space.shape or (), dtype=np.float32)
        out[: min(len(seen), len(out))] = seen[: len(out)]  # of who came in meanwhile nothing is seen: the episode ends here
        return out

    def _points(self) -> float:
        return float(self.client.goals["points"]) if self.client.goals else 0.0

    def _told(self) -> dict[str, Any]:
        return {"tick": self.client.tick, "goals": copy.deepcopy(self.client.goals)}
