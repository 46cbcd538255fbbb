"""WorldDream: a learned model under the World protocol. What it shows is dreamed, says so, and says how sure it is.

    world = WorldDream("model")
    state = world.reset(bundle[2], seed=0)             # from the first real pictures of an episode
    state = world.step(state, {"pusher": np.array([-0.3, 0.0])})
    seen = world.observe(state, ["rgb"])
    seen["rgb"], seen.certainty["rgb@above"]           # (64, 64, 3), and the chance of each pixel being right (64, 64)

A state is a value like any other world's: keep it and you have forked the dream. One step is one picture. A dream cannot be edited: there
are no things in it, only pictures.

A model that foresees embeddings (kind jepa) shows these too, as `embedding`. A rollout that is asked for nothing else draws nothing, and
foresees all moments at once: that is what planners ask for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import ActionError, EditError, InputError, StateError
from lifeworld.core.origin import Origin
from lifeworld.episode.clips.resize import resized
from lifeworld.episode.episode import Episode
from lifeworld.models.actions.adapter import Adapter
from lifeworld.models.actions.codes import Keys, levels
from lifeworld.models.play.player import open_player
from lifeworld.models.zoo.card import Card
from lifeworld.scene.edit import Edits
from lifeworld.scene.scene import Scene
from lifeworld.worlds.futures import told_of
from lifeworld.worlds.planning.cost import Cost
from lifeworld.worlds.sealed import digest_of, sealed, unsealed
from lifeworld.worlds.world import Action, ActionSpec, Observation, WorldSpec

if TYPE_CHECKING:
    from lifeworld.models.dreamer import Dreamer

FORMAT = 2
EMBEDDING = "embedding"
LATENT = "latent"
"""Who acts in the dreams of a model that infers its actions."""
MOST = 0.8
"""Latent numbers lie nearer to 0 than this but for one in fifty."""
NOTHING = "nothing"
"""What is said of a latent action that does nothing."""
MOST_TICKS = 2**40
MOST_AT_ONCE = 256
_Shown = tuple[NDArray[Any], NDArray[np.float32]]
"""What is shown, and how sure the model is of it."""


@dataclass(frozen=True, slots=True, eq=False)
class DreamState:
    """One moment of a dream: the model's state, a batch of one that is never written to, and how many pictures it is from a real one.

    Of a moment that was only foreseen as an embedding the picture is not in it; it is drawn when somebody looks.
    """

    inner: dict[str, NDArray[Any]] = field(repr=False)
    tick: int


class WorldDream:
    """A World made alive by a model.

    `card` says what the model is and was made of, `told` what true actions it is told, None where they are latent.

    Args:
        model: the folder of a model, its weights, the name of one that comes with lifeworld (`ready`), or a folder of its graphs
            (`lifeworld export … --as onnx`), which ONNX Runtime plays.
        threads: that it runs on; one is enough for one dream, many futures at once use more.
        adapted: whether a model that infers its actions is told true ones, where it knows how (`learn --labels`), not latent ones.
    """

    def __init__(self, model: Path | str, *, threads: int = 1, adapted: bool = True) -> None:
        self._player, self._threads = open_player(model, threads=threads), threads
        self.card, self._identity = self._player.card, self._player.identity
        card = self.card
        self._hears = heard(card, adapted=adapted)
        self.told = card.steered_by if adapted else card.doing
        self.spec = WorldSpec(
            engine="dream",
            engine_version=f"{card.kind} {self._identity[:12]}",
            tick_ns=card.frame_ns,
            actions=acting(card, adapted=adapted),
            signals={card.stream: "rgb"} | ({EMBEDDING: EMBEDDING} if self._player.embeds else {}),
            things=(),
            origin=Origin.DREAMED,
            renderer="dream",
            frame_ticks=1,
            cannot=("edits", "things", "sound"),
            editable=False,
        )

    @property
    def model(self) -> Dreamer:
        """The network.

        Raises:
            InputError: if exported graphs play.
        """
        network: Dreamer | None = getattr(self._player, "model", None)
        if network is None:
            raise InputError("exported graphs hold no network", fix="Open the model that they were exported from.")
        return network

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
        return DreamState(self._player.encode(_floats(frames)[None]), 0)

    def step(self, state: DreamState, action: Action) -> DreamState:
        """The moment one picture later.

        Raises:
            ActionError: for a wrong name, a wrong size or a value that is not finite.
        """
        given = {name: np.asarray(value, dtype=np.float64)[None, None] for name, value in action.items()}
        return DreamState(self._player.step(self._whole(state), self._given(given, 1, 1)[:, 0]), state.tick + 1)

    def observe(self, state: DreamState, signals: Collection[str], *, then: DreamState | None = None) -> Observation:
        """The picture, and for each of its pixels (height, width) the chance that it is right to within a tenth.

        Of an embedding it is the share of its variance (one number) that the model expects to have foreseen. Both fall to nothing where the
        dream began from pictures of a world that the model does not know.

        Raises:
            SignalUnavailable: naming what there is.
        """
        streams = self.spec.streams(signals)
        inner = state.inner if set(streams) <= {EMBEDDING} else self._whole(state)
        shown = {stream: _embedded(inner) if stream == EMBEDDING else _shown(inner) for stream in streams}
        return Observation(
            time_ns=state.tick * self.spec.tick_ns,
            values={stream: values[0] for stream, (values, _) in shown.items()},
            origin=Origin.DREAMED,
            certainty={stream: sure[0] for stream, (_, sure) in shown.items()},
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
        inner = self._whole(state)
        parts = [np.ascontiguousarray(inner[name]).tobytes() for name in self._like]
        saved = _Saved(FORMAT, self._identity, state.tick, parts, "")
        return sealed(saved)

    def load(self, data: bytes) -> DreamState:
        """The state that `save` wrote.

        Raises:
            StateError: for bytes that are no state, are damaged, or are of another model.
        """
        saved = unsealed(data, _Saved, what="saved dream")
        if (saved.format, saved.model) != (FORMAT, self._identity):
            raise StateError("the state belongs to another model", got=saved.model[:12], expected=self._identity[:12])
        like = self._like
        sizes = [part.nbytes for part in like.values()]
        if digest_of(saved) != saved.digest or not 0 <= saved.tick <= MOST_TICKS or [len(p) for p in saved.parts] != sizes:
            raise StateError("the saved dream is damaged")
        parts = zip(saved.parts, like.items(), strict=True)
        return DreamState({name: np.frombuffer(bytearray(p), dtype=t.dtype).reshape(t.shape) for p, (name, t) in parts}, saved.tick)

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
        told, streams = self._given(actions, len(states), ticks), self.spec.streams(signals)
        count = told.shape[1]
        ends: list[DreamState] = []
        shown: dict[str, list[_Shown]] = {stream: [] for stream in streams}
        for first in range(0, len(states), MOST_AT_ONCE):
            some, told_some = states[first : first + MOST_AT_ONCE], told[first : first + MOST_AT_ONCE]
            made, seen = (
                self._foreseen(some, told_some, streams)
                if self._player.embeds and set(streams) <= {EMBEDDING}
                else self._dreamed(some, told_some, streams)
            )
            ends += [DreamState(inner, s.tick + count) for inner, s in zip(made, some, strict=True)]
            for stream, both in seen.items():
                shown[stream].append(both)
        return ends, Observation(
            time_ns=ends[0].tick * self.spec.tick_ns,
            values={stream: np.concatenate([values for values, _ in parts]) for stream, parts in shown.items()},
            origin=Origin.DREAMED,
            certainty={stream: np.concatenate([sure for _, sure in parts]) for stream, parts in shown.items()},
        )

    def inferred(self, pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The latent actions (n - 1, size) between pictures (n, height, width, 3) of the model's size, for a model that infers them.

        They are numbers or keys, as `WorldDream(…, adapted=False)` takes them.

        Raises:
            InputError: if the model learned from recorded actions.
        """
        said = self._player.between(_floats(pictures)[None])[0].astype(np.float64)
        keys = heard(self.card, adapted=False)
        return keys.of(said) if isinstance(keys, Keys) else said

    # -- planning ----------------------------------------------------------------------------------------------------------

    def slope(self, state: DreamState, actions: NDArray[np.float64], cost: Cost) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Costs (n,), summed over the ticks, of actions (n, ticks, A) of all who act, and their gradient (n, ticks, A).

        Raises:
            InputError: if the model foresees no embeddings, or the cost is no goal among them.
            ActionError: for a wrong size.
        """
        import torch

        from lifeworld.models.dreamer import Embedder
        from lifeworld.models.layers.threads import on_threads

        goal, model = self._goal(cost), self.model
        assert isinstance(model, Embedder)
        named = self._parted(actions)
        # beyond its bounds an action does no more than at them
        within = np.concatenate(
            [(part >= spec.low) & (part <= spec.high) for spec, part in zip(self.spec.actions, named.values(), strict=True)], -1
        )
        told = torch.from_numpy(self._given(named, *actions.shape[:2])).requires_grad_(True)
        with on_threads(self._threads), torch.enable_grad():
            parts = {name: torch.from_numpy(part).expand(len(actions), *part.shape[1:]) for name, part in state.inner.items()}
            _, said, _ = model.ahead(model.course(parts), told)
            costs = (said - torch.from_numpy(goal)).square().mean(-1).sum(1)
            (gradient,) = torch.autograd.grad(costs.sum(), told)
        return costs.detach().double().numpy(), np.where(within, gradient.double().numpy(), 0.0)

    def toward(self, state: DreamState, cost: Cost, *, ticks: int) -> dict[str, NDArray[np.float64]]:
        """Actions name → (ticks, size) that lead towards the goal of a cost, as those did who were learned from; the last is held.

        Raises:
            InputError: if the model foresees no embeddings or knows of no actions, or the cost is no goal among embeddings.
        """
        import torch

        from lifeworld.models.dreamer import Embedder
        from lifeworld.models.layers.threads import on_threads

        goal, model = self._goal(cost), self.model
        assert isinstance(model, Embedder)
        with on_threads(self._threads), torch.inference_mode():
            said = model.toward(torch.from_numpy(state.inner[EMBEDDING]), torch.from_numpy(goal)[None])[0].double().numpy()
        some = said[np.minimum(np.arange(ticks), len(said) - 1)]
        parts = self._parted(some[None])
        return {spec.name: np.clip(parts[spec.name][0], spec.low, spec.high) for spec in self.spec.actions}

    def _goal(self, cost: Cost) -> NDArray[np.float32]:
        """The embedding that a cost wants."""
        goal: Any = getattr(cost, "goal", None)  # CostImage's
        if not self._player.embeds or tuple(cost.signals) != (EMBEDDING,) or np.shape(goal) != (self._player.embeds,):
            raise InputError(
                "only where embeddings are foreseen and wanted can this be said",
                got=f"a {self.card.kind} model and {type(cost).__name__} of {', '.join(cost.signals)}",
                expected="a jepa model and the embedding of a picture",
                fix="Plan by trying (cem, icem, mppi).",
            )
        return np.asarray(goal, dtype=np.float32)

    def _parted(self, actions: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Numbers (n, ticks, A) of all who act as those of each."""
        ends = np.cumsum([spec.size for spec in self.spec.actions])
        if actions.ndim != 3 or not len(ends) or actions.shape[2] != ends[-1]:
            raise ActionError(
                "the actions have the wrong size", got=actions.shape, expected=("n", "ticks", int(ends[-1]) if len(ends) else 0)
            )
        return {spec.name: actions[..., end - spec.size : end] for spec, end in zip(self.spec.actions, ends.tolist(), strict=True)}

    # -- within ------------------------------------------------------------------------------------------------------------

    @cached_property
    def _like(self) -> dict[str, NDArray[Any]]:
        """Some state of a batch of one, as all others are in size."""
        shape = self.card.shape
        return self._player.encode(np.zeros((1, shape.context, 3, shape.height, shape.width), np.float32))

    def _whole(self, state: DreamState) -> dict[str, NDArray[Any]]:
        """The parts of a state, its picture among them."""
        return state.inner if "frame" in state.inner else self._player.drawn(state.inner)

    def _dreamed(
        self, states: Sequence[DreamState], told: NDArray[np.float32], streams: Sequence[str]
    ) -> tuple[list[dict[str, NDArray[Any]]], dict[str, _Shown]]:
        """The parts of the last states, and what is shown (n, ticks, …) meanwhile."""
        whole = [self._whole(state) for state in states]
        inner = {name: np.concatenate([each[name] for each in whole]) for name in whole[0]}
        seen: dict[str, list[_Shown]] = {stream: [] for stream in streams}
        for action in np.moveaxis(told, 1, 0):
            inner = self._player.step(inner, np.ascontiguousarray(action))
            for stream, shown in seen.items():
                shown.append(_embedded(inner) if stream == EMBEDDING else _shown(inner))
        ends = [{name: part[i : i + 1].copy() for name, part in inner.items()} for i in range(len(states))]
        return ends, {stream: (np.stack([v for v, _ in shown], 1), np.stack([s for _, s in shown], 1)) for stream, shown in seen.items()}

    def _foreseen(
        self, states: Sequence[DreamState], told: NDArray[np.float32], streams: Sequence[str]
    ) -> tuple[list[dict[str, NDArray[Any]]], dict[str, _Shown]]:
        """The same of embeddings alone, nothing drawn."""
        kept = [name for name in states[0].inner if name not in self._player.undrawn]
        inner = {name: np.concatenate([s.inner[name] for s in states]) for name in kept}
        left, said, doubt = self._player.ahead(inner, told)
        ends = [
            {name: part for name, part in s.inner.items() if name in kept} | {name: part[i : i + 1] for name, part in left.items()}
            for i, s in enumerate(states)
        ]
        return ends, {stream: (said, _expected(doubt, inner["known"][:, None])) for stream in streams}

    def _given(self, actions: Mapping[str, ArrayLike], n: int, ticks: int | None = None) -> NDArray[np.float32]:
        """What the model is told (n, ticks, size) of these actions."""
        told = told_of(self.spec, actions, n, ticks)
        return (told if self._hears is None or not self.spec.actions else self._hears(told)).astype(np.float32)


def acting(card: Card, *, adapted: bool = True) -> tuple[ActionSpec, ...]:
    """Who acts in the dreams of a model, and how: those whose actions it knows, or one with latent numbers or codes."""
    doing, size = card.steered_by if adapted else card.doing, card.shape.actions
    if doing is None and not size:
        return ()
    if doing is None:
        how = heard(card, adapted=adapted)
        if isinstance(how, Keys):
            return (keyed(how),)
        names = tuple(f"number_{i}" for i in range(size))
        return (ActionSpec(name=LATENT, labels=names, low=(-MOST,) * size, high=(MOST,) * size, rest=(0.0,) * size),)
    specs = []
    for who, names, part in zip(doing.who, doing.names, doing.parts, strict=True):
        low, high = doing.low[part], doing.high[part]
        rest = tuple(min(max(0.0, one), other) for one, other in zip(low, high, strict=True))
        specs.append(ActionSpec(name=who, labels=names, low=low, high=high, rest=rest))
    return tuple(specs)


def keyed(keys: Keys) -> ActionSpec:
    """Codes as an action: one number a code."""
    names, zeros = tuple(f"code_{i}" for i in range(keys.count)), (0.0,) * keys.count
    return ActionSpec(name=LATENT, labels=names, low=zeros, high=(1.0,) * keys.count, rest=zeros)


def heard(card: Card, *, adapted: bool = True) -> Adapter | Keys | None:
    """What makes of an action that somebody gives the one that the model knows; None where it knows it as it is."""
    if adapted and card.adapter is not None:
        return card.adapter
    codes = getattr(card.shape, "codes", 0)  # only some kinds know codes
    if not codes:
        return None
    still = [name for name, words in card.meanings.items() if words.startswith(NOTHING)]
    return Keys(levels=levels(codes), rest=int(still[0].removeprefix("code_")) if still else 0)


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


def _floats(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pictures (…, H, W, 3) as the model takes them (…, 3, H, W), in 0..1."""
    return np.ascontiguousarray(np.moveaxis(pictures, -1, -3), dtype=np.float32) / np.float32(255)


def _shown(inner: dict[str, NDArray[Any]]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The pictures (B, H, W, 3), and the chance (B, H, W) of each pixel being right."""
    pictures = np.ascontiguousarray(np.moveaxis(np.rint(inner["frame"] * 255).astype(np.uint8), 1, -1))
    return pictures, inner["known"][:, None, None] / (1 + np.exp(-inner["sure"].clip(-80, 80)))


def _embedded(inner: dict[str, NDArray[Any]]) -> _Shown:
    """The embeddings (B, D), and the share (B,) of their variance that is expected to be right."""
    return inner[EMBEDDING], _expected(inner["doubt"], inner["known"])


def _expected(doubt: NDArray[np.float32], known: NDArray[np.float32]) -> NDArray[np.float32]:
    """The share of an embedding's variance, which is 1, that is right where its mean square error is expected to be `doubt`."""
    return (known * np.clip(1 - doubt, 0, 1)).astype(np.float32)


class _Saved(msgspec.Struct):
    """What is written, as msgpack: the model, the tick and the parts of the state; `digest` is over all of it."""

    format: int
    model: str
    tick: int
    parts: list[bytes]
    digest: str
