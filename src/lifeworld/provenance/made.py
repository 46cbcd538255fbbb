"""What a file says of how it was made: an origin, a provenance, and the words that C2PA has for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import msgspec

from lifeworld.core.errors import InputError
from lifeworld.core.origin import Origin, Provenance
from lifeworld.episode.episode import Episode

LABEL = "org.lifeworld.made"
"""The assertion of ours in a manifest."""
MOST_TITLE = 200
_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SOURCE = {
    Origin.MEASURED: f"{_IPTC}digitalCapture",
    Origin.SIMULATED: f"{_IPTC}algorithmicMedia",
    Origin.DREAMED: f"{_IPTC}trainedAlgorithmicMedia",
    Origin.EDITED: f"{_IPTC}humanEdits",
    Origin.MIXED: f"{_IPTC}composite",
}
"""Source: IPTC's digital source types, the words that C2PA 2.2 takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What goes into a file: what it shows, where that comes from, and what was done in words (`changes`).

    The provenance's `parents` are uids of episodes; its `scene_sha256` is that of the scene's canonical text.
    """

    title: str
    origin: Origin
    provenance: Provenance
    changes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.title) > MOST_TITLE:
            raise InputError("the title is too long", got=f"{len(self.title)} letters", expected=f"at most {MOST_TITLE}")

    @classmethod
    def of(cls, episode: Episode, *, uid: str | None = None) -> Made:
        """What is made of an episode, a film or a table of it. `uid` is the episode's own, which then is the parent.

        Raises:
            InputError: if its title is too long.
        """
        provenance = episode.provenance if uid is None else replace(episode.provenance, parents=(uid,))
        changes = tuple(filter(None, episode.labels.get("changes", "").split("; ")))
        return cls(title=episode.title, origin=episode.origin, provenance=provenance, changes=changes)

    def said(self) -> dict[str, Any]:
        """As the assertion in the manifest; what is not known is left out."""
        told = {key: value for key, value in msgspec.to_builtins(self.provenance).items() if value not in (None, (), [])}
        return {"origin": self.origin.value, "title": self.title, **told, **({"changes": list(self.changes)} if self.changes else {})}
