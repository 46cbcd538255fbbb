"""Who can be spoken of: the things of a scene as a sentence knows them, by what they are called and what they are like."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Sort = Literal["thing", "part", "camera", "light", "embodiment", "group", "ground", "scene"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Referent:
    """One that can be meant.

    `words` are the nouns it is called by, the most its own first ("tumbler", "glass", "drinking glass"); what is more general follows
    from the lexicon. `part_of` names the whole of a part ("top drawer" of a cabinet). `facts` are relations that hold now, as (relation,
    other's name): ("on", "magazine"), and states as ("open", "").
    """

    name: str
    sort: Sort = "thing"
    words: tuple[str, ...] = ()
    adjectives: tuple[str, ...] = ()
    color: str | None = None
    material: str | None = None
    size_m: tuple[float, float, float] | None = None
    mass_kg: float | None = None
    position_m: tuple[float, float, float] | None = None
    part_of: str | None = None
    facts: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Everybody who can be meant, and from where they are seen: `viewer_yaw_deg` is the yaw of the frame whose +X is the viewer's right.

    `last` are the names spoken of last, the latest first: what "it" and "the other one" are about.
    """

    referents: tuple[Referent, ...]
    viewer_yaw_deg: float | None = None
    viewer: str | None = None
    last: tuple[str, ...] = field(default=())
