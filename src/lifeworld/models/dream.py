"""WorldDream: a learned model under the World protocol. What it shows is dreamed, says so, and says how sure it is.

    world = WorldDream("model")
    state = world.reset(bundle[2], seed=0)             # from the first real pictures of an episode
    state = world.step(state, {"pusher": np.array([-0.3, 0.0])})
    seen = world.observe(state, ["rgb"])
    seen["rgb"], seen.certainty["rgb@above"]           # (64, 64, 3), and the chance of each pixel being right (64, 64)

A state is a value like any other world's: keep it and you have forked the dream. One step is one picture. A dream cannot be edited: there
are no things in it, only pictures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from lifeworld.core.errors import ActionError, EditError, StateError
from lifeworld.core.origin import Origin
from lifeworld.episode.clips.resize import resized
from lifeworld.episode.episode import Episode
from lifeworld.models.checkpoint import Card, load
from lifeworld.models.dreamer import Dreamer, State, each_part, single, together
from lifeworld.models.threads import on_threads
from lifeworld.scene.edit import Edits
from lifeworld.scene.scene import Scene
from lifeworld.worlds.world import Action, ActionSpec, Observation, WorldSpec

FORMAT = 1
MOST_TICKS = 2**40
MOST_AT_ONCE = 256


@dataclass(frozen=True, slots=True, eq=False)
class DreamState:
    """One moment of a dream: the model's state of a batch of one, never written to, and how many pictures it is from the last real one."""

    inner: State = field(repr=False)
    tick: int


class WorldDream:
    """A World made alive by a model.

    `model` is the network, `card` what it is and was made of.

    Args:
        model: the folder of a model or its weights.
        threads: that it runs on; one is enough for one dream, many futures at once use more.
    """

    def __init__(self, model: Path | str, *, threads: int = 1) -> None:
        self._threads = threads
        self.model, self.card = load(model)
        self._identity = _identity(self.model)
        card = self.card
        self.spec = WorldSpec(
            engine="dream",
            engine_version=f"{card.kind} {self._identity[:12]}",
            tick_ns=card.frame_ns,
            actions=acting(card),
            signals={card.stream: "rgb"},
            things=(),
            origin=Origin.DREAMED,
            renderer="dream",
            frame_ticks=1,
            cannot=("edits", "things", "sound"),
            editable=False,
        )

    # -- the protocol ------------------------------------------------------------------------------------------------------

    def reset(self, start: Episode | NDArray[np.uint8], *, seed: int) -> DreamState:
        """The moment after some real pictures: (context, height, width, 3) of them, or the first of an episode. Nothing is drawn.

        Raises:
            StateError: for anything else, or too few.
        """
        context = self.card.shape.context
        pictures = opening(start, self.card) if isinstance(start, Episode) else start
        if not isinstance(pictures, np.ndarray) or pictures.dtype != np.uint8 or pictures.ndim != 4 or pictures.shape[-1] != 3:
            got = getattr(pictures, "shape", type(pictures).__name__)
            raise StateError("a dream begins with pictures", got=got, expected=f"uint8 ({context}, height, width, 3), or an Episode")
        if len(pictures) < context:
            raise StateError("too few pictures to begin a dream", got=len(pictures), expected=context)
        size = (self.card.shape.height, self.card.shape.width)
        frames = resized(np.ascontiguousarray(pictures[-context:]), size)
        with on_threads(self._threads), torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            return DreamState(_kept(self.model.encode(torch.from_numpy(frames).movedim(-1, -3).float().div(255)[None])), 0)

    def step(self, state: DreamState, action: Action) -> DreamState:
        """The moment one picture later.

        Raises:
            ActionError: for a wrong name, a wrong size or a value that is not finite.
        """
        given = {name: np.asarray(value, dtype=np.float64)[None, None] for name, value in action.items()}
        return DreamState(self._on(state.inner, self._given(given, 1, 1)[:, 0]), state.tick + 1)

    def observe(self, state: DreamState, signals: Collection[str], *, then: DreamState | None = None) -> Observation:
        """The picture, and for each of its pixels (height, width) the chance that it is right to within a tenth.

        Raises:
            SignalUnavailable: naming what there is.
        """
        streams = self.spec.streams(signals)
        values, sure = _shown(state.inner)
        return Observation(
            time_ns=state.tick * self.spec.tick_ns,
            values={stream: values[0] for stream in streams},
            origin=Origin.DREAMED,
            certainty={stream: sure[0] for stream in streams},
        )

    def edit(self, state: DreamState, edit: Edits) -> DreamState:
        """Nothing in a dream can be edited.

        Raises:
            EditError: always.
        """
        raise EditError("a dream cannot be edited", reason="cannot", got=edit, fix="Make a world from a scene (WorldPhysics) to change it.")

    def scene(self, state: DreamState) -> Scene:
        """A scene without things: a dream has only pictures."""
        return Scene(name="dream", title=f"A dream of {self.card.stream}")

    def save(self, state: DreamState) -> bytes:
        """The state as bytes, with the model that it belongs to."""
        parts = [part.contiguous().numpy().tobytes() for part in state.inner]
        saved = _Saved(FORMAT, self._identity, state.tick, parts, "")
        return msgspec.msgpack.encode(msgspec.structs.replace(saved, digest=saved.sum()))

    def load(self, data: bytes) -> DreamState:
        """The state that `save` wrote.

        Raises:
            StateError: for bytes that are no state, are damaged, or are of another model.
        """
        try:
            saved = msgspec.msgpack.decode(data, type=_Saved)
        except (TypeError, ValueError) as error:
            raise StateError("these bytes are not a saved dream", got=str(error)) from error
        if (saved.format, saved.model) != (FORMAT, self._identity):
            raise StateError("the state belongs to another model", got=saved.model[:12], expected=self._identity[:12])
        like = self._like
        if saved.sum() != saved.digest or not 0 <= saved.tick <= MOST_TICKS or [len(p) for p in saved.parts] != [p.nbytes for p in like]:
            raise StateError("the saved dream is damaged")
        parts = [torch.frombuffer(bytearray(p), dtype=t.dtype).view(t.shape) for p, t in zip(saved.parts, like, strict=True)]
        stored = iter(parts)
        return DreamState(_kept(each_part(like, lambda _: next(stored))), saved.tick)

    def rollout(
        self,
        states: Sequence[DreamState],
        actions: Mapping[str, ArrayLike],
        signals: Collection[str] = ("rgb",),
        *,
        ticks: int | None = None,
    ) -> tuple[list[DreamState], Observation]:
        """Many futures at once: `actions` name → (n, ticks, size); values (n, ticks, …). Equal to stepping each alone up to rounding.

        Raises:
            StateError: without a state.
            ActionError: for shapes that disagree, or no tick at all.
        """
        if not states:
            raise StateError("a rollout needs at least one state")
        given = {name: np.asarray(value, dtype=np.float64) for name, value in actions.items()}
        counts = {value.shape[1] for value in given.values() if value.ndim == 3} | ({ticks} if ticks is not None else set())
        if len(counts) != 1 or min(counts) < 1:
            raise ActionError("the actions of a rollout agree in number and ticks", got=sorted(counts), expected="one number of ticks")
        (count,) = counts
        told, streams = self._given(given, len(states), count), self.spec.streams(signals)
        ends: list[DreamState] = []
        shown: list[tuple[NDArray[np.uint8], NDArray[np.float32]]] = []
        for first in range(0, len(states), MOST_AT_ONCE):
            some = states[first : first + MOST_AT_ONCE]
            inner = together([s.inner for s in some])
            seen = []
            for tick in range(count):
                inner = self._on(inner, told[first : first + MOST_AT_ONCE, tick])
                seen.append(_shown(inner) if streams else None)
            ends += [DreamState(single(inner, i), s.tick + count) for i, s in enumerate(some)]
            shown += [(np.stack([p[0] for p in seen if p], 1), np.stack([p[1] for p in seen if p], 1))] if streams else []
        values, sure = (np.concatenate([s[i] for s in shown]) if shown else None for i in (0, 1))
        return ends, Observation(
            time_ns=ends[0].tick * self.spec.tick_ns,
            values={stream: values for stream in streams if values is not None},
            origin=Origin.DREAMED,
            certainty={stream: sure for stream in streams if sure is not None},
        )

    def inferred(self, pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The latent actions (n - 1, size) between pictures (n, height, width, 3) of the model's size, for a model that knows only those.

        Raises:
            InputError: if the model learned from recorded actions.
        """
        with on_threads(self._threads), torch.inference_mode():
            frames = torch.from_numpy(pictures).movedim(-1, -3).float().div(255)
            return self.model.between(frames[None])[0].double().numpy()

    # -- within ------------------------------------------------------------------------------------------------------------

    @cached_property
    def _like(self) -> State:
        """Some state of a batch of one, as all others are in size."""
        shape = self.card.shape
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            return _kept(self.model.encode(torch.zeros(1, shape.context, 3, shape.height, shape.width)))

    def _on(self, inner: State, actions: NDArray[np.float64]) -> State:
        with on_threads(self._threads), torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            return _kept(self.model.step(inner, torch.from_numpy(actions).float()))

    def _given(self, actions: Mapping[str, NDArray[np.float64]], n: int, ticks: int) -> NDArray[np.float64]:
        """The actions (n, ticks, size) of all who act, within their bounds; rest where nobody says anything."""
        for name in actions:
            self.spec.action(name)
        parts = []
        for spec in self.spec.actions:
            value = actions.get(spec.name)
            if value is None:
                value = np.broadcast_to(np.array(spec.rest), (n, ticks, spec.size))
            if value.shape != (n, ticks, spec.size):
                expected = f"({n}, {ticks}, {spec.size})"
                raise ActionError(f"the action of {spec.name!r} has the wrong size", got=value.shape, expected=expected)
            if not np.isfinite(value).all():
                raise ActionError(f"the action of {spec.name!r} is not finite", got=value.tolist())
            parts.append(np.clip(value, spec.low, spec.high))
        return np.concatenate(parts, axis=-1)


def acting(card: Card) -> tuple[ActionSpec, ...]:
    """Who acts in the dreams of a model, and how: those whose actions it learned from, or one with latent numbers from -1 to 1."""
    doing, size = card.doing, card.shape.actions
    if doing is None:
        names = tuple(f"number_{i}" for i in range(size))
        return (ActionSpec(name="latent", labels=names, low=(-1.0,) * size, high=(1.0,) * size, rest=(0.0,) * size),)
    specs = []
    for who, names, part in zip(doing.who, doing.names, doing.parts, strict=True):
        low, high = doing.low[part], doing.high[part]
        rest = tuple(min(max(0.0, one), other) for one, other in zip(low, high, strict=True))
        specs.append(ActionSpec(name=who, labels=names, low=low, high=high, rest=rest))
    return tuple(specs)


def opening(episode: Episode, card: Card, *, first: int = 0, pictures: int | None = None) -> NDArray[np.uint8]:
    """Pictures (n, height, width, 3) of an episode at the pace that a model knows, from the `first` on: those it begins from, or so many.

    Raises:
        SignalUnavailable: if the episode has no such stream.
        StateError: if it is too short.
    """
    stream, count = episode[card.stream], pictures or card.shape.context
    times = stream.times_ns[0] + np.arange(first, first + count, dtype=np.int64) * card.frame_ns
    at = np.searchsorted(stream.times_ns, times - card.frame_ns // 4)
    if at[-1] >= len(stream):
        raise StateError(
            "the episode is too short",
            got=f"{len(stream)} pictures",
            expected=f"{count} from the {first}. on, {card.frame_ns / 1e6:g} ms apart",
        )
    return resized(np.stack([stream.values[i] for i in at.tolist()]), (card.shape.height, card.shape.width))


def _kept(inner: State) -> State:
    """The state as it is kept: numbers of 32 bits, the picture within its range, channels last, so that saved ones go on to the bit."""
    frame = inner.frame

    def part(tensor: Tensor) -> Tensor:
        out = tensor.clamp(0, 1) if tensor is frame else tensor
        out = out.float() if out.is_floating_point() else out
        return out.contiguous(memory_format=torch.channels_last if out.ndim == 4 else torch.contiguous_format)

    return each_part(inner, part)


def _shown(inner: State) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    with torch.inference_mode():
        pictures = inner.frame.float().clamp(0, 1).mul(255).round().to(torch.uint8).movedim(1, -1).contiguous()
        return pictures.numpy(), inner.sure.float().sigmoid().numpy()


def _identity(model: Dreamer) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.float().contiguous().numpy().tobytes())
    return digest.hexdigest()


class _Saved(msgspec.Struct):
    """What is written, as msgpack: the model, the tick and the parts of the state; `digest` is over all of it."""

    format: int
    model: str
    tick: int
    parts: list[bytes]
    digest: str

    def sum(self) -> str:
        return hashlib.sha256(msgspec.msgpack.encode(msgspec.structs.replace(self, digest=""))).hexdigest()
