"""A few labelled minutes for a model that infers its actions: what was truly done, beside the latents that the model sees in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lifeworld.core.errors import InputError, SignalUnavailable
from lifeworld.models.actions import adapter
from lifeworld.models.actions.codes import levels
from lifeworld.models.data.doing import doing_of
from lifeworld.models.data.footage import Footage, open_any
from lifeworld.models.dreamer import Dreamer
from lifeworld.models.meaning.probe import AT_ONCE, LONG, inferred
from lifeworld.models.zoo.card import Card

OFF = 0.2
"""How far the pace of labelled pictures may be from the model's, as a share of it."""
MOST_CLIPS = 2000


def open_labels(path: Path, card: Card, *, cache: Path) -> Footage:
    """Pictures with recorded actions, at the pace that a model knows.

    Raises:
        UnreadableFile: if there is nothing that can be read.
        SignalUnavailable: if there are several cameras, and none is the one that the model knows.
        InputError: if no actions were recorded, or the pictures are of another pace, or too few.
    """
    bundle = open_any(path, cache=cache, notes=[])
    doing, pictures = doing_of(bundle), [n for n in bundle.index.stream_names if n.partition("@")[0] == "rgb"]
    if doing is None or not pictures:
        got = ", ".join(bundle.index.stream_names) or "no streams"
        raise InputError("labels are pictures with the actions that were done", where=str(path), got=got, expected="rgb and action")
    if card.stream not in pictures and len(pictures) > 1:
        raise SignalUnavailable(card.stream, pictures)
    stream = card.stream if card.stream in pictures else pictures[0]
    spans = bundle.index.spans(stream)
    long = spans.count > 1
    if not long.any():
        raise InputError("one picture is no video", where=str(path), expected=f"{LONG} or more")
    apart = float(np.median((spans.last_ns - spans.first_ns)[long] / (spans.count[long] - 1)))
    stride = max(1, round(card.frame_ns / apart))
    if abs(stride * apart - card.frame_ns) > OFF * card.frame_ns:
        raise InputError(
            "these labels are of another pace than the model's pictures",
            where=str(path),
            got=f"{1e9 / apart:.3g} pictures a second",
            expected=f"{1e9 / card.frame_ns:.3g} a second, or twice, three times … as many",
            fix="Give labels that were recorded faster, or at the rate of the videos.",
        )
    size = (card.shape.height, card.shape.width)
    footage = Footage(bundle, stream=stream, size=size, stride=stride, frame_ns=card.frame_ns, length=LONG, doing=doing)
    if not len(footage.numbers(held_out=False)):
        raise InputError("no labelled episode is long enough", where=str(path), expected=f"{LONG} pictures {stride} apart")
    return footage


def adapted(model: Dreamer, footage: Footage) -> adapter.Adapter:
    """The adapter from what was truly done to what the model infers.

    Raises:
        InputError: if the model knows recorded actions already, or too little is labelled.
    """
    if not model.shape.latent:
        raise InputError("this model learned from recorded actions: it needs no adapter", fix="Leave out --labels.")
    clips = np.concatenate([footage.numbers(held_out=side, hop=LONG) for side in (False, True)])
    clips = np.sort(clips[np.linspace(0, len(clips) - 1, min(len(clips), MOST_CLIPS)).astype(int)])
    found = [inferred(model, footage, part) for part in np.array_split(clips, -(-len(clips) // AT_ONCE))]
    said, true = (np.concatenate([each[i] for each in found]) for i in (0, 1))
    groups = footage.episodes(clips)
    assert footage.doing is not None
    steps = levels(model.codes) if model.codes else ()
    uids = tuple(footage.bundle.uids[row] for row in np.unique(groups).tolist())
    return adapter.learned(footage.doing, said, true, groups, levels=steps, episodes=uids)
