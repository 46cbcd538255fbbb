"""What a model is and what it was made of, as its files say it: read without loading any network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import msgspec

from lifeworld.core.errors import InputError, UnreadableFile
from lifeworld.models.actions.adapter import Adapter
from lifeworld.models.data.doing import Doing

if TYPE_CHECKING:
    from lifeworld.models.data.footage import Footage
    from lifeworld.models.dreamer import Sizes

FORMAT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What playing needs to know of a model's shape; see `dreamer.Sizes`."""

    height: int
    width: int
    actions: int
    context: int
    latent: bool
    codes: int = 0

    @classmethod
    def of(cls, shape: Sizes) -> Played:
        """What playing needs of the shape of any kind, wherever in it that is said."""
        codes: int = getattr(shape, "codes", 0)  # only some kinds know codes
        return cls(height=shape.height, width=shape.width, actions=shape.actions, context=shape.context, latent=shape.latent, codes=codes)


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What a model is and what it was made of.

    `kind` is one of `kinds.KINDS` and `shape` the sizes that such a model has. `doing` says what its actions are, None for latent ones.
    `episodes` are the uids that it learned from, `data_sha256` their hash, `parents` what those were made from and `licenses` the terms of
    both. `scores` hold what was measured on held-out episodes, by name; `adapter` makes latent actions of true ones, where some are
    labelled; `meanings` say in words what latent actions do.
    """

    kind: str
    shape: Any
    stream: str
    frame_ns: int
    doing: Doing | None
    data_sha256: str
    episodes: tuple[str, ...]
    steps: int
    seed: int
    made_with: str
    format: int = FORMAT
    scores: dict[str, float] = {}
    parents: tuple[str, ...] = ()
    licenses: tuple[str, ...] = ()
    adapter: Adapter | None = None
    meanings: dict[str, str] = {}

    @property
    def steered_by(self) -> Doing | None:
        """The true actions that steer it, learned or adapted to; None where only latent ones do."""
        return self.adapter.doing if self.adapter is not None else self.doing

    @classmethod
    def of(cls, shape: Sizes, footage: Footage, *, steps: int, seed: int) -> Card:
        """The card of a model that learned so many steps from this footage."""
        import torch

        from lifeworld.models.zoo.kinds import kind_of

        parents, licenses = _lineage(footage)
        return cls(
            kind=kind_of(shape),
            shape=shape,
            stream=footage.stream,
            frame_ns=footage.frame_ns,
            doing=footage.doing,
            data_sha256=footage.sha256,
            episodes=tuple(footage.uids),
            steps=steps,
            seed=seed,
            made_with=f"lifeworld {version('lifeworld')}, torch {torch.__version__}",
            parents=parents,
            licenses=licenses,
        )


def read_card(said: str, where: str, shape: Callable[[str], type[Any]] = lambda _: Played) -> Card:
    """The card that a file says (JSON); `shape` gives for a kind the class of its shape, all that playing needs if not given.

    Raises:
        UnreadableFile: if it is none, or of another version.
    """
    try:
        found = msgspec.json.decode(said, type=dict[str, Any])
        if found.get("format") != FORMAT:
            what, fix = "this model is of another version", "Train it again with lifeworld learn."
            raise UnreadableFile(what, where=where, got=found.get("format"), expected=FORMAT, fix=fix)
        card = msgspec.convert(found, Card)
        return msgspec.structs.replace(card, shape=msgspec.convert(card.shape, shape(card.kind)))
    except (msgspec.MsgspecError, InputError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile("the card of this model cannot be read", where=where, got=str(error)) from error


def _lineage(footage: Footage) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the episodes learned from were made from, and the terms of them."""
    learned, parents, licenses = set(footage.uids), set[str](), set[str]()
    for row, uid in enumerate(footage.bundle.uids):
        if uid in learned:
            episode = footage.bundle[row]
            parents |= set(episode.provenance.parents)
            licenses |= {*episode.provenance.licenses, episode[footage.stream].terms.license}
    return tuple(sorted(parents)), tuple(sorted(licenses - {""}))
