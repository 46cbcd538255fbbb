"""Where the pictures are that a model learned from, if they are still here: a dream begins from real ones."""

from __future__ import annotations

from pathlib import Path

from lifeworld.core.errors import InputError, LifeworldError
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.head import is_bundle
from lifeworld.models.zoo.card import Card

INFO = "meta/info.json"


def learned_from(model: Path, card: Card) -> Path:
    """The bundle that was taken in or played for a model; else one that lies beside it, with an episode that it learned from.

    Raises:
        InputError: if there is none.
    """
    kept = sorted(path.parent.parent for path in (model / "data").glob(f"**/{INFO}"))
    if len(kept) == 1:
        return kept[0]
    learned = set(card.episodes)
    for path in sorted(model.resolve().parent.glob(f"*/{INFO}")):
        try:
            if is_bundle(path.parent.parent) and not learned.isdisjoint(open_bundle(path.parent.parent).uids):
                return path.parent.parent
        except LifeworldError:  # somebody's broken bundle is not what is looked for
            continue
    raise InputError(
        "a dream begins from real pictures",
        where=str(model),
        got=f"{len(kept)} recordings kept with the model, none beside it that it learned from",
        fix="Say of which bundle or recording: --from FOLDER",
    )
