"""What a sentence says, before anybody looks at a scene: clauses of a verb, what it acts on, where to, and how.

    read("put the larger bowl to the left of the plate")[0].clauses
    (Clause(verb="place", things=(Phrase(noun="bowl", article="the", compare=("size", "more")),),
            links=(Link(relation="left_of", to=(Phrase(noun="plate", article="the"),)),)),)

Verbs, relations and dimensions are canonical words (the tables in `verbs.toml`, `relations.toml`); nouns and adjectives are lemmas as
they were said. Spans are (start, end) in characters of the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Span = tuple[int, int]
Article = Literal["a", "the", "this", "that", "every", "another", "no"]
Way = Literal["more", "most", "less", "least"]
Frame = Literal["viewer", "own", "carrier"]
FRAMES: tuple[Frame, ...] = get_args(Frame)
Value = float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A thing as it is spoken of.

    `noun` is its lemma, several words if it is a compound ("coffee table"), empty for a pronoun. `count` is a number that was said,
    `plural` whether the noun is. `words` are adjectives (colours, materials, states, places as in "top drawer"). `order` is an ordinal, 1
    the first and -1 the last, counted from `order_from` ("left"). `compare` is a dimension and which way, as in ("size", "more") of "the
    larger bowl". `of` is whose part it is; `links` are what tells it from others: "the cup left of the plate", "the box that is on the
    shelf".
    """

    noun: str
    span: Span
    article: Article | None = None
    count: int | None = None
    plural: bool = False
    pronoun: str | None = None
    words: tuple[str, ...] = ()
    order: int | None = None
    order_from: str | None = None
    compare: tuple[str, Way] | None = None
    of: Phrase | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How something is, or is to be, to others: `relation` is one of the relations of scenes, or `from`, `to`, `toward`, `with`, `state`.

    `to` has two phrases for `between`; `state` is the word of a relation that needs no other ("open", "empty"). `spot` is "centre", "edge",
    "corner" … of it. `frame` says whose left and right it is, if that was said.
    """

    relation: str
    span: Span
    to: tuple[Phrase, ...] = ()
    state: str | None = None
    spot: str | None = None
    frame: Frame | None = None
    distance_m: float | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One thing that is asked for.

    `things` is what the verb acts on; `with_` what is brought in ("replace the cup with a glass", "fill the bowl with apples"); `links`
    where to or from where. `values` are canonical keys with what was said of them: color, material, factor, angle_deg, size_m, mass_kg,
    by_m, by_kg (so much more, or less by `way`), friction, amount (0 to 1), direction, hour, name, intensity … `when` is what is waited
    for, `at_s` a time; `until`/`goal` sentences have the verb "goal".
    """

    verb: str
    said: str
    span: Span
    things: tuple[Phrase, ...] = ()
    with_: tuple[Phrase, ...] = ()
    links: tuple[Link, ...] = ()
    values: tuple[tuple[str, Value], ...] = ()
    negated: bool = False
    when: Clause | None = None
    at_s: float | None = None

    def value(self, key: str) -> Value | None:
        """What was said of a key; None if nothing was."""
        return dict(self.values).get(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to understand a text: its clauses in order, how sure that is (0 to 1), and by what words."""

    clauses: tuple[Clause, ...]
    score: float
    evidence: tuple[str, ...] = ()
