"""Questions read: every way to cut one into a subject and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lifeworld.scene.words.lexicon.lemma import lemma
from lifeworld.scene.words.outcome.verbs import Meaning, Words, classes, lexicon, meanings, state

LEADS = (
    "what is the probability that", "what is the chance that", "what is the risk that", "what is the likelihood that",
    "what are the chances that", "what are the odds that", "how likely is it that", "how probable is it that", "how often is it that",
    "how often does", "how often do", "how likely is it for", "is it likely that", "is it possible that", "is there a chance that",
    "the probability that", "the chance that", "the risk that", "could it be that", "can it happen that", "does it happen that",
    "i wonder whether", "i wonder if", "check whether", "check that", "check if", "make sure that", "make sure", "whether", "if", "that",
    "does", "do", "did", "will", "would", "can", "could", "might", "may", "should",
)  # fmt: skip
"""What a question may begin with before it says what it is about."""
BE = frozenset({"is", "are", "was", "were", "be", "been", "being", "'s", "’s"})
GET = frozenset({"get", "gets", "got", "gotten", "getting"})
HELPERS = frozenset({
    "does", "do", "did", "will", "would", "could", "may", "might", "should", "has", "have", "had", "'ll", "’ll", "also", "then", "just",
    "actually", "simply", "even", "probably", "going", "about", "by", "accident",
})  # fmt: skip
NOT = frozenset({"not", "n't", "n’t"})
NO_START = frozenset({
    "the", "a", "an", "of", "any", "some", "every", "all", "each", "both", "no", "none", "neither", "at", "to", "two", "least", "more",
    "than",
})  # fmt: skip
"""What a verb does not come after: what follows is a noun, or belongs to one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One way to read a question: of whom, what, and how."""

    subject: Words
    meaning: Meaning
    negated: bool = False
    still: bool = False


def without_lead(words: Words) -> Words:
    lows = [w.low for w in words]
    for lead in sorted(LEADS, key=len, reverse=True):
        said = lead.split()
        noun = len(said) == 1 and len(lows) > 1 and lemma(lows[1], "verb") != lows[1] and classes(words[1])  # "can falls over"
        if lows[: len(said)] == said and len(lows) > len(said) + 1 and not noun:
            return words[len(said) :]
    return words


def readings(words: Words) -> Iterator[Asked]:
    """Every way to cut a question into a subject and what is said of it, the first verb first."""
    if words and words[0].low in BE:  # "is the mug on the table"
        for i in range(2, len(words)):
            negated = words[i].low in NOT
            found = state(words[i + negated :], how="at_end")
            if found is not None:
                yield Asked(subject=words[1:i], meaning=found, negated=negated)
        return
    for i in range(1, len(words)):
        verb = words[i]
        verbal = verb.low in BE | GET | HELPERS | NOT | {"still", "can"} or classes(verb)
        bare = i == 1 and words[0].low in lexicon()["quantifiers"]["things"]
        late = i > 2 and words[i - 1].low in ("all", "both", "each")
        if verbal and (words[i - 1].low not in NO_START or bare or late):
            yield from _predicates(words[:i], words[i:])


def _predicates(subject: Words, tail: Words) -> Iterator[Asked]:
    """What a verb with its helpers says."""
    at, negated, still, passive, got = 0, False, False, False, False
    while at < len(tail) and (tail[at].low in BE | GET | HELPERS | NOT or tail[at].low in ("still", "can")):
        negated ^= tail[at].low in NOT
        still |= tail[at].low == "still"
        passive |= tail[at].low in BE | GET
        got |= tail[at].low in GET
        at += 1
    rest = tail[at:]
    if passive and not got and (found := state(rest, how="at_end")) is not None:
        yield Asked(subject=subject, meaning=found, negated=negated, still=still)
    if rest and classes(rest[0]):
        for meaning in meanings(rest[0], rest[1:], passive=passive):
            yield Asked(subject=subject, meaning=meaning, negated=negated, still=still)
    if got:  # "gets closer than", "gets out of", "gets open"
        word = next(w for w in reversed(tail[:at]) if w.low in GET)
        for meaning in meanings(word, rest, passive=False):
            yield Asked(subject=subject, meaning=meaning, negated=negated, still=still)
        if (found := state(rest, how="ever")) is not None:
            yield Asked(subject=subject, meaning=found, negated=negated, still=still)
