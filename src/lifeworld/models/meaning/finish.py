"""What follows the training of a model that infers its actions: names for them, and true ones, where somebody labelled a few minutes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.core.write import replace_file
from lifeworld.episode.bundle import Bundle
from lifeworld.models.data.footage import Footage
from lifeworld.models.meaning.labels import adapted, open_labels
from lifeworld.models.meaning.naming import Meaning, meanings, strip
from lifeworld.models.play.dream import DreamState, WorldDream, opening
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.checkpoint import load, save

STRIP = "actions.png"
"""What latent actions do, to look at, beside the model."""
STARTS = 4
"""How many beginnings actions are compared from."""
MOST_NUMBERS = 16


def inferring(said: str) -> tuple[int, int]:
    """How many numbers a latent action has, and how many codes there are (0: as many as one likes): "4", or "codes:8".

    Raises:
        InputError: for anything else.
    """
    from lifeworld.models.actions.codes import levels
    from lifeworld.models.actions.inferred import MOST_CODES

    what, _, count = said.rpartition(":")
    if what in ("", "codes") and count.isdecimal():
        if what and 2 <= int(count) <= MOST_CODES:
            return len(levels(int(count))), int(count)
        if not what and 1 <= int(count) <= MOST_NUMBERS:
            return int(count), 0
    expected = f"1 to {MOST_NUMBERS} numbers, --latent 4, or 2 to {MOST_CODES} codes, --latent codes:8"
    raise InputError("latent actions are numbers or codes", got=said, expected=expected)


def named(folder: Path, footage: Footage) -> dict[str, str]:
    """Say on a model's card what each of its latent actions does, and draw it beside the model; what was said."""
    world = WorldDream(folder, adapted=False)
    found = meanings(world, beginnings(world, footage))
    draw(found, folder / STRIP)
    model, card = load(folder)
    said = {each.name: each.words for each in found}
    save(folder, model, structs.replace(card, meanings=said))
    return said


def labelled(folder: Path, labels: Path) -> Card:
    """Learn which latent actions the true ones of a few labelled minutes are, and keep it on the model's card.

    Raises:
        UnreadableFile, SignalUnavailable, InputError: as `labels.open_labels` and `labels.adapted` do.
    """
    model, card = load(folder)
    adapter = adapted(model, open_labels(labels, card, cache=folder / "labels"))
    card = structs.replace(card, adapter=adapter)
    save(folder, model, card)
    return card


def draw(found: list[Meaning], path: Path) -> None:
    """A strip as a PNG, whole or not at all."""
    from PIL import Image

    with replace_file(path) as beside:
        Image.fromarray(strip(found)).save(beside, format="PNG")


def beginnings(world: WorldDream, footage: Footage) -> list[DreamState]:
    """States to compare actions from, of held-out episodes, or any where none is held out."""
    rows = np.unique(footage.episodes(footage.numbers(held_out=True)))
    rows = rows if len(rows) else np.unique(footage.episodes(footage.numbers(held_out=False)))
    return begun(world, footage.bundle, rows)


def begun(world: WorldDream, bundle: Bundle, rows: NDArray[np.int64] | None = None) -> list[DreamState]:
    """A state from the middle of each of a few episodes, of these if they are named.

    Raises:
        InputError: if all are too short.
    """
    card, states = world.card, list[DreamState]()
    spans = bundle.index.spans(card.stream)
    long = spans.last_ns - spans.first_ns >= (card.shape.context - 1) * card.frame_ns
    usable = spans.rows[long] if rows is None else np.intersect1d(spans.rows[long], rows)
    for row in usable[np.linspace(0, len(usable) - 1, min(len(usable), STARTS)).astype(int)].tolist():
        times = bundle[row][card.stream].times_ns
        pictures = int(times[-1] - times[0]) // card.frame_ns + 1
        states.append(world.reset(opening(bundle[row], card, first=(pictures - card.shape.context) // 2), seed=0))
    if not states:
        raise InputError("no episode is long enough to begin a dream", where=str(bundle.path), expected=f"{card.shape.context} pictures")
    return states
