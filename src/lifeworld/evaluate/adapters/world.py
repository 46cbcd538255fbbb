"""A neighbour under the World protocol, so that it is planned in by the same planners, costs and loop as physics and our dreams.

world = WorldNeighbour(subject, arena.world().spec.actions)
state = world.reset(pictures, seed=0)
world.rollout([state] * 300, {"pusher": tried}, ["embedding"])
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import EditError, InputError, StateError
from lifeworld.core.origin import Origin
from lifeworld.episode.clips.resize import resized
from lifeworld.evaluate.adapters.neighbour import Neighbour
from lifeworld.evaluate.adapters.wire import KINDS
from lifeworld.scene.edit import Edits
from lifeworld.scene.scene import Scene
from lifeworld.worlds.futures import told_of
from lifeworld.worlds.sealed import digest_of, sealed, unsealed
from lifeworld.worlds.world import Action, ActionSpec, Observation, WorldSpec

SEEN = "embedding"


@dataclass(frozen=True, slots=True, eq=False)
class GuestState:
    """One moment: the guest's own arrays, a batch of one; the embedding (D,) that it has of it; pictures since the real one."""

    inner: dict[str, NDArray[Any]] = field(repr=False)
    embedding: NDArray[np.float32]
    tick: int


class WorldNeighbour:
    """A World of embeddings. It shows nothing else, and says of none how sure it is: its certainty is NaN, not known.

    Args:
        actions: who acts in the world that it has learned, and within which bounds; together as many numbers as it is told.

    Raises:
        InputError: if they are more, or fewer.
    """

    def __init__(self, subject: Neighbour, actions: Sequence[ActionSpec]) -> None:
        if (numbers := sum(spec.size for spec in actions)) != subject.actions:
            raise InputError(f"{subject.name} is told other actions than this world has", got=subject.actions, expected=numbers)
        self.subject = subject
        self.spec = WorldSpec(
            engine="dream",
            engine_version=f"{subject.said.protocol} {subject.sha256[:12]}",
            tick_ns=subject.frame_ns,
            actions=tuple(actions),
            signals={SEEN: SEEN},
            things=(),
            origin=Origin.DREAMED,
            renderer="none",
            frame_ticks=1,
            cannot=("pictures", "edits", "things", "sound"),
            editable=False,
        )

    def reset(self, start: NDArray[np.uint8], *, seed: int) -> GuestState:
        """The moment of the last of some real pictures (n, height, width, 3). Nothing is drawn.

        Raises:
            StateError: for anything else.
        """
        if not isinstance(start, np.ndarray) or start.dtype != np.uint8 or start.ndim != 4 or start.shape[-1] != 3 or not len(start):
            raise StateError(
                "this world begins with pictures", got=getattr(start, "shape", type(start).__name__), expected="uint8 (n, h, w, 3)"
            )
        picture = resized(np.ascontiguousarray(start[-1:]), self.subject.size)[None]
        return GuestState(self.subject.begin(picture), self.subject.embed(picture)[0, -1], 0)

    def step(self, state: GuestState, action: Action) -> GuestState:
        """The moment one picture later.

        Raises:
            ActionError: for a wrong name, a wrong size or a value that is not finite.
        """
        given = {name: np.asarray(value, dtype=np.float64)[None, None] for name, value in action.items()}
        return self._rolled([state], told_of(self.spec, given, 1, 1))[0][0]

    def observe(self, state: GuestState, signals: Collection[str], *, then: GuestState | None = None) -> Observation:
        """The embedding.

        Raises:
            SignalUnavailable: for anything else.
        """
        streams = self.spec.streams(signals)
        return self._shown(streams, state.embedding, state.tick)

    def edit(self, state: GuestState, edit: Edits) -> GuestState:
        """Nothing can be edited here.

        Raises:
            EditError: always.
        """
        raise EditError("what is only predicted cannot be edited", reason="cannot", got=edit, fix="Edit a world made from a scene.")

    def scene(self, state: GuestState) -> Scene:
        """A scene without things: there are only embeddings."""
        return Scene(name="dream", title=f"Embeddings of {self.subject.name}")

    def save(self, state: GuestState) -> bytes:
        """The state as bytes, with the model that it belongs to."""
        parts = {name: _Part.of(value) for name, value in {**state.inner, SEEN: state.embedding}.items()}
        saved = _Saved(self.subject.sha256, state.tick, parts)
        return sealed(saved)

    def load(self, data: bytes) -> GuestState:
        """The state that `save` wrote.

        Raises:
            StateError: for bytes that are no state, are damaged, or are of another model.
        """
        saved = unsealed(data, _Saved)
        if saved.model != self.subject.sha256:
            raise StateError("the state belongs to another model", got=saved.model[:12], expected=self.subject.sha256[:12])
        if digest_of(saved) != saved.digest or SEEN not in saved.parts or any(part.kind not in KINDS for part in saved.parts.values()):
            raise StateError("the saved state is damaged")
        inner = {name: part.array() for name, part in saved.parts.items()}
        return GuestState(inner, inner.pop(SEEN), saved.tick)

    def rollout(
        self,
        states: Sequence[GuestState],
        actions: Mapping[str, ArrayLike],
        signals: Collection[str] = (SEEN,),
        *,
        ticks: int | None = None,
    ) -> tuple[list[GuestState], Observation]:
        """Many futures at once: `actions` name → (n, ticks, size); embeddings (n, ticks, D).

        Raises:
            StateError: without a state.
            ActionError: for shapes that disagree, or no tick at all.
        """
        told = told_of(self.spec, actions, len(states), ticks)
        streams = self.spec.streams(signals)
        ends, ahead = self._rolled(states, told)
        return ends, self._shown(streams, ahead, ends[0].tick)

    @property
    def elsewhere_s(self) -> float:
        """Processor time [s] that its model has taken, in a process of its own."""
        return self.subject.elsewhere_s

    # -- within ------------------------------------------------------------------------------------------------------------

    def _rolled(self, states: Sequence[GuestState], told: NDArray[np.float64]) -> tuple[list[GuestState], NDArray[np.float32]]:
        """The last states, and the embeddings (n, ticks, D) on the way; states that have gone on equally far go on together."""
        alike: dict[tuple[tuple[int, ...], ...], list[int]] = {}
        for i, state in enumerate(states):
            alike.setdefault(tuple(part.shape for part in state.inner.values()), []).append(i)
        ends: dict[int, GuestState] = {}
        ahead = np.empty((*told.shape[:2], len(states[0].embedding)), np.float32)
        for rows in alike.values():
            inner = {name: np.concatenate([states[i].inner[name] for i in rows]) for name in states[rows[0]].inner}
            went = self.subject.ahead(inner, told[rows].astype(np.float32))
            assert went.embeddings is not None
            ahead[rows] = went.embeddings
            for row, i in enumerate(rows):
                after = {name: part[row : row + 1].copy() for name, part in went.state.items()}
                ends[i] = GuestState(after, went.embeddings[row, -1].copy(), states[i].tick + told.shape[1])
        return [ends[i] for i in range(len(states))], ahead

    def _shown(self, streams: Sequence[str], values: NDArray[np.float32], tick: int) -> Observation:
        unknown = np.full(values.shape[:-1], np.nan, np.float32)
        return Observation(
            time_ns=tick * self.spec.tick_ns,
            values=dict.fromkeys(streams, values),
            origin=Origin.DREAMED,
            certainty=dict.fromkeys(streams, unknown),
        )


class _Part(msgspec.Struct):
    kind: str
    shape: tuple[int, ...]
    data: bytes

    @classmethod
    def of(cls, value: NDArray[Any]) -> _Part:
        return cls(value.dtype.str, value.shape, np.ascontiguousarray(value).tobytes())

    def array(self) -> NDArray[Any]:
        return np.frombuffer(bytearray(self.data), self.kind).reshape(self.shape)


class _Saved(msgspec.Struct):
    """What is written, as msgpack; `digest` is over all of it."""

    model: str
    tick: int
    parts: dict[str, _Part]
    digest: str = ""
