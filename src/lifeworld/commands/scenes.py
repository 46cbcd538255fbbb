"""`lifeworld scenes`: the starter scenes with a line and a picture each.

With --kinds, everything a scene can be made of; with --events, everything that can happen in one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lifeworld.commands.verb import Common, Outcome, say
from lifeworld.core.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """List the starter scenes, each with one line and the path of its picture."""

    kinds: bool = False
    """List the kinds of things instead, with their sizes and options."""
    events: bool = False
    """List the kinds of events instead, with whom they befall and how strong they are."""
    pictures: bool = True
    """Draw the pictures that are not there yet (about half a second each)."""


def run(options: Options) -> Outcome:
    if options.events:
        return _events()
    return _kinds() if options.kinds else _scenes(pictures=options.pictures)


def _scenes(*, pictures: bool) -> Outcome:
    from lifeworld.scene import starter

    rows = []
    for name in starter.names():
        scene = starter.load(name)
        picture = _thumbnail(name) if pictures else None
        pictures = pictures and picture is not None
        rows.append({"name": name, "title": scene.title, "things": len(scene.things), "picture": str(picture) if picture else None})
    wide = max(len(str(r["name"])) for r in rows)
    lines = [f"{r['name']:<{wide}}  {r['title']}" + (f"\n{'':<{wide}}  {r['picture']}" if r["picture"] else "") for r in rows]
    return Outcome(text="\n".join([*lines, "", "lifeworld make NAME -o FOLDER makes one into a world."]), value={"scenes": rows})


def _thumbnail(name: str) -> Path | None:
    """The path of a scene's picture; None where nothing can be kept."""
    from lifeworld.scene import starter
    from lifeworld.worlds.physics.thumbnail import place, thumbnail

    scene = starter.load(name)
    if not place(scene).exists():
        say(f"drawing {name} …")
    try:
        return thumbnail(scene)
    except (OSError, InputError) as error:  # a read-only home is no reason not to list the scenes
        say(f"no pictures: {error} LIFEWORLD_CACHE says where they are kept.")
        return None


def _kinds() -> Outcome:
    from lifeworld.scene.archetype import kinds

    rows = [
        {
            "name": k.name,
            "summary": k.summary,
            "category": k.category,
            "size_m": list(k.size_m),
            "material": k.material,
            "affordances": list(k.affordances),
            "options": {name: {"default": default, "allowed": list(allowed)} for name, (default, allowed) in k.options.items()},
        }
        for k in kinds().values()
    ]
    lines = [
        f"{k.name:<20} {k.category:<12} {' × '.join(f'{s:g}' for s in k.size_m) + ' m':<24} {k.summary}"
        + (f"  [{', '.join(k.options)}]" if k.options else "")
        for k in kinds().values()
    ]
    return Outcome(text="\n".join([*lines, "", f"{len(rows)} kinds"]), value={"kinds": rows})


def _events() -> Outcome:
    from lifeworld.scene.event_words import magnitude_words
    from lifeworld.scene.events import kinds

    rows = [
        {
            "name": k.name,
            "family": k.family,
            "summary": k.summary,
            "befalls": k.befalls,
            "strength": magnitude_words(k.strength),
            "unit": k.unit,
            "means": k.means,
            "by": list(k.by),
            "safety": k.safety,
            "rate_per_min": k.rate_per_min,
            "synonyms": list(k.synonyms),
        }
        for k in kinds().values()
    ]
    lines = [f"{k.name:<18} {k.befalls:<11} {magnitude_words(k.strength) + ' ' + k.unit:<32} {k.summary}" for k in kinds().values()]
    told = "lifeworld make SCENE --events bump:2/min,gust@4s lets some of them happen."
    return Outcome(text="\n".join([*lines, "", f"{len(rows)} kinds of events. {told}"]), value={"events": rows})
