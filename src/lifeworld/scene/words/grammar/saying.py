"""A clause in the making: a verb, what is tied to it, and what was said of sides, states and measures, as it was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lifeworld.scene.words.clause import FRAMES, Link, Phrase, Span, Value
from lifeworld.scene.words.tagging.scan import CORNERS, Tag
from lifeworld.scene.words.tagging.vocabulary import VerbForm, vocabulary


@dataclass(slots=True)
class Saying:
    """What is said so far. Measures are kept under `said_` and their kind until the verb is known."""

    verb: str
    form: VerbForm
    span: Span
    things: tuple[Phrase, ...]
    links: tuple[Link, ...]
    with_: tuple[Phrase, ...] = ()
    values: dict[str, Value] = field(default_factory=dict)
    at_s: float | None = None

    def drop(self, relation: str) -> None:
        """Without the links of a relation."""
        self.links = tuple(link for link in self.links if link.relation != relation)


def say(saying: Saying, loose: Sequence[Tag]) -> None:
    """Sides, states, measures and adverbs as values, as they were said."""
    values = saying.values
    measured = any(tag.kind == "MEASURE" for tag in loose)
    for tag in loose:
        twice = "direction" in values and "said_length" in values and tag.kind in ("SIDE", "MEASURE")
        if twice:
            values["again"] = tag.said  # "10 cm left and 5 cm forward": one way is done, and that is told
        elif tag.kind == "SIDE":
            _side(saying, tag)
        elif tag.kind == "STATE" and tag.unit in ("color", "material", "state"):
            key = "state" if tag.unit == "state" else tag.unit
            values[key] = f"{values[key]} and {_canonical(tag)}" if key in values else _canonical(tag)
        elif tag.kind == "STATE":
            dimension, way = vocabulary().dimensions.get(tag.name, (tag.name, tag.unit))
            plain = tag.name in vocabulary().dimensions and measured  # "2 m wide" is no wider
            values |= {"dimension": dimension} if plain else {"dimension": dimension, "way": way}
        elif tag.kind == "MEASURE" and tag.number is not None:
            values[f"said_{tag.unit}"] = tag.number
            if tag.name:
                values[f"bound_{tag.name}"] = tag.number
        elif tag.kind == "MANNER" and tag.value is not None:
            key, value = tag.value
            if key == "frame":
                whose = next(frame for frame in FRAMES if frame == value)
                saying.links = tuple(replace(link, frame=whose) for link in saying.links)
            else:
                values[key] = value
        elif tag.kind == "NAME":
            values["name"] = tag.name


def _canonical(tag: Tag) -> str:
    return vocabulary().states.get(tag.name, tag.name) if tag.unit == "state" else tag.name


def _side(saying: Saying, tag: Tag) -> None:
    if tag.name in CORNERS:
        saying.links = (*saying.links, Link(relation="on", span=tag.span, spot=tag.name))
    elif tag.name in ("corner", "middle") and saying.verb in ("place", "move", "add", "copy", "push", "slide", "pull", "attach", "stack"):
        relation, spot = ("in", "corner") if tag.name == "corner" else ("on", "centre")
        saying.links = (*saying.links, Link(relation=relation, span=tag.span, spot=spot))
    else:
        saying.values["direction"] = tag.name
