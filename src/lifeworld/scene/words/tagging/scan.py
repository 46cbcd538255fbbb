"""A sentence as it is being tagged: its words, the tags so far, and what can be asked about both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

from lifeworld.scene.words.clause import Span, Value
from lifeworld.scene.words.tagging.tokens import Word
from lifeworld.scene.words.tagging.units import ORDINALS
from lifeworld.scene.words.tagging.vocabulary import VerbForm, Vocabulary

NOUNISH = ("NOUN", "PRON", "NAME", "OWN")
ALSO_ADJECTIVES = frozenset({"half", "wide", "far", "way", "double", "triple", "much", "quarter"})
"""Words of degree that stand before nouns too."""
CORNERS = ("back_left", "back_right", "front_left", "front_right")
MEASURED = ("rotate", "scale", "set", "light", "fill", "open", "close", "time", "lift")
WISHES = frozenset({
    "want", "need", "would like", "would love", "have", "make sure", "make sure that", "ensure", "ensure that", "see to it that",
    "check that", "verify that", "be sure that",
})  # fmt: skip
"""Verbs that may be followed by what is to be: "I want it to be there"."""
OPENS = ("SEP", "NOT", "WHEN", "COMMA")
"""After these a clause can begin."""
PLACES = frozenset({
    "top", "bottom", "left", "right", "middle", "front", "back", "upper", "lower", "centre", "center", "rear", "far", "near", "inner",
    "outer", "side", "topmost", "lowest", "round", "opposite",
})  # fmt: skip
"""Words for where something is that stand before nouns as well: "the top drawer"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """What a word or a few do: `kind` is a terminal of the grammar, `name` what is meant in canonical words, `said` the words.

    `number` is of counts, ordinals and measures, `unit` a measure's kind; `spot` of a relation; `form` of a verb.
    """

    kind: str
    said: str
    span: Span
    name: str = ""
    spot: str | None = None
    number: float | None = None
    unit: str = ""
    form: VerbForm | None = None
    plural: bool = False
    value: tuple[str, Value] | None = None

    def __str__(self) -> str:
        return self.said


class Told(TypedDict, total=False):
    """What is told of a tag beside its words, as in `Tag`."""

    name: str
    spot: str | None
    number: float | None
    unit: str
    form: VerbForm | None
    plural: bool
    value: tuple[str, Value] | None


@dataclass(slots=True)
class Scan:
    """The words of a sentence and the tags of those before `at`; `lows` are the words as they are taken, slips corrected.

    `evidence` is what was taken for something else, each lowering how sure the reading is.
    """

    words: Sequence[Word]
    known: Vocabulary
    lows: list[str]
    tags: list[Tag]
    evidence: list[str]
    at: int = 0

    def kind(self, back: int = 1) -> str:
        return self.tags[-back].kind if len(self.tags) >= back else "SEP"

    def low(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.lows[at] if 0 <= at < len(self.lows) else ""

    def low_at(self, at: int) -> str:
        return self.lows[at] if at < len(self.lows) else ""

    def opens_clause(self) -> bool:
        return not self.tags or self.kind() in OPENS

    def has_verb(self) -> bool:
        """Whether the clause that is open has its verb."""
        return next((tag.kind == "VERB" for tag in reversed(self.tags) if tag.kind in ("VERB", "SEP", "WHEN")), False)

    def open_clause(self) -> list[Tag]:
        start = max((i + 1 for i, tag in enumerate(self.tags) if tag.kind == "SEP"), default=0)
        return self.tags[start:]

    def starts_phrase(self, at: int) -> bool:
        """Whether a phrase about things can begin at a word."""
        if at >= len(self.words):
            return False
        small, word = self.known.small, self.words[at]
        if word.sort in ("name", "quoted", "number", "color"):
            return True
        if any(small[name].first(self.lows, at) for name in ("articles", "pronouns", "quantity")):
            return not (small["pronouns"].first(self.lows, at) and self.lows[at] in ("there", "here"))
        return self.nounish(at) or word.low in ORDINALS

    def nounish(self, at: int) -> bool:
        """Whether a word can be (part of) a noun or what stands before one."""
        if at >= len(self.words):
            return False
        word, small = self.words[at], self.known.small
        if word.sort in ("name", "color"):
            return True
        if word.sort != "word" or word.low in ("and", "or", "of", "than", "as", "if", "while", "because"):
            return False
        if any(small[name].first(self.lows, at) for name in ("articles", "pronouns", "copula", "who", "then", "when", "not")):
            return False
        if self.lows[at] in PLACES:
            return self.nounish(at + 1) or self.lows[at] in ("side", "top", "bottom")
        if self.known.relations.first(self.lows, at) or self.known.sides.first(self.lows, at):
            return False
        if small["fillers"].first(self.lows, at) or (self.lows[at] not in ALSO_ADJECTIVES and self.known.manner.first(self.lows, at)):
            return False
        lemma = self.known.verb_lemmas.get(word.low)
        return lemma is None or lemma in self.known.also_noun or lemma in self.known.also_adjective or word.low.endswith(("ed", "ing"))

    def add(self, kind: str, count: int, **told: Unpack[Told]) -> bool:
        first, last = self.words[self.at], self.words[self.at + count - 1]
        said = " ".join(self.lows[self.at : self.at + count])
        self.tags.append(Tag(kind=kind, said=said, span=(first.span[0], last.span[1]), **told))
        self.at += count
        return True

    def skip(self, count: int) -> bool:
        self.at += count
        return True

    def sets(self) -> bool:
        """Whether the clause's verb gives things qualities: "make the cup glass"."""
        verb = next((tag for tag in reversed(self.open_clause()) if tag.kind == "VERB"), None)
        return verb is not None and verb.name == "set"

    def measures(self) -> bool:
        """Whether the clause's verb may take a bare number: "rotate the box 90"."""
        return any(tag.kind == "VERB" and tag.name in MEASURED for tag in self.open_clause())

    def turns(self) -> bool:
        """Whether the clause's verb makes one thing another with "into": "turn the cup into a bowl"."""
        said = next((tag.form.said for tag in self.open_clause() if tag.kind == "VERB" and tag.form is not None), "")
        return said in ("turn", "make", "change", "convert", "transform") and self.low() != "to"

    def may_state(self) -> bool:
        """Whether the clause's verb is one that states: "I want it to be there"."""
        verb = next((tag for tag in reversed(self.open_clause()) if tag.kind == "VERB" and tag.form is not None), None)
        return verb is not None and verb.form is not None and (verb.name == "goal" or verb.form.said in WISHES)

    def then(self, at: int) -> tuple[str, int] | None:
        """The words that lead on to a next clause; not the "next" of "next to"."""
        hit = self.known.small["then"].first(self.lows, at)
        relation = self.known.relations.first(self.lows, at)
        return None if hit is None or (relation is not None and relation[1] > hit[1]) else hit
