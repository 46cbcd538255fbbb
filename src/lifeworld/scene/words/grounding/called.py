"""Who is called so: the nouns of a phrase against the nouns of a cast."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from lifeworld.scene.words.clause import Phrase
from lifeworld.scene.words.grounding.cast import Cast, Referent

SURE = 0.9
"""From here on the lexicon is sure of a noun; below `TRUSTED` it is not to be trusted at all."""
TRUSTED = 0.5
NEAR_BEST = 0.07
"""Those this much behind the best may be meant as well: mugs, where somebody says cup and there is no cup."""
AS_SAID = ("exact", "lemma", "synonym")
"""Ways a noun is found that need no guess."""
OF_A_SORT = 0.15
"""What a general noun covers, it covers all alike: apples and oranges are fruit, whatever else an orange may be."""
COLLECTIVES = frozenset({
    "fruit", "food", "cutlery", "silverware", "flatware", "crockery", "tableware", "dishware", "glassware", "furniture",
    "kitchenware", "cookware", "bedding", "stationery", "equipment", "jewellery", "jewelry", "clutter", "mess",
})  # fmt: skip
"""Nouns of no plural that speak of many."""
EVERYTHING = ("thing", "object", "item", "everything", "anything", "stuff", "all", "everybody")


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A referent that a noun may mean: how well the noun fits, and how it was found (exact, lemma, synonym, hypernym, typo, vector).

    `words` are the adjectives of the phrase that are no part of the noun.
    """

    referent: Referent
    score: float
    how: str
    word: str
    words: tuple[str, ...]


def called(phrase: Phrase, cast: Cast, sorts: Collection[str], least: float = TRUSTED) -> list[Called]:
    """Everybody of these sorts whom the phrase's noun may mean at least so surely, best first; empty where there is nobody."""
    members = [r for r in cast.referents if r.sort in sorts]
    if phrase.noun in EVERYTHING:
        return [Called(referent=r, score=0.9, how="exact", word=phrase.noun, words=phrase.words) for r in members if r.sort == "thing"]
    best: list[Called] = []
    alone = {c.referent.name: c.score for c in _by_noun(phrase.noun, phrase.words, phrase.plural, members)}
    for noun, words in nouns(phrase):
        found = [c for c in _by_noun(noun, words, phrase.plural, members) if c.score >= least]
        if len(words) < len(phrase.words):  # an adjective belongs to the noun only where it names another or a better one: "trash can"
            found = [c for c in found if c.how in AS_SAID and c.score > alone.get(c.referent.name, 0.0)]
        if found and found[0].score >= SURE:
            return found
        if found and (not best or found[0].score > best[0].score):
            best = found
    return best


def nouns(phrase: Phrase) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The ways to cut a phrase into noun and adjectives, longest noun first: "coffee table"; "table", ("coffee",)."""
    said = (*phrase.words, *phrase.noun.split())
    if not phrase.noun:
        return
    longest = max(0, len(said) - 4)
    for cut in range(longest, len(said)):
        yield " ".join(said[cut:]), said[:cut]


def number_of(name: str, stem: str) -> int:
    """The number of a name that is numbered: 3 of `chair_3` for `chair`; 0 if it is not."""
    head, _, tail = name.lower().rpartition("_")
    return int(tail) if head == stem and tail.isdigit() else 0


def _by_noun(noun: str, words: tuple[str, ...], plural: bool, members: Iterable[Referent]) -> list[Called]:
    from lifeworld.scene.words.lexicon.nearest import called as matches
    from lifeworld.scene.words.lexicon.nearest import loosely

    members = list(members)
    most = loosely(noun, {r.name: r.words for r in members})
    by_name = [r for r in members if r.name.lower() == noun.replace(" ", "_") and r.sort not in ("scene", "ground")]
    one_of = "_" not in noun and any(number_of(r.name, noun.replace(" ", "_")) for r in members)
    if by_name and not plural and not one_of:  # of chair, chair_2 and chair_3 none is "the chair"
        return [Called(referent=r, score=most.get(r.name, 1.0), how="exact", word=noun, words=words) for r in by_name]
    places: dict[str, list[tuple[Referent, int]]] = {}
    for referent in members:
        for rank, word in enumerate(referent.words):
            places.setdefault(word, []).append((referent, rank))
    found: dict[str, Called] = {}
    for match in matches(noun, tuple(sorted(places))):
        if match.score < TRUSTED:
            continue
        for referent, rank in places[match.candidate]:
            # A thing answers first to its own name and kind, then to what else such things are called.
            score = match.score - (0.02 * min(rank, 2) if referent.sort == "part" else 0.0 if rank < 2 else 0.01)
            score = min(score, most.get(referent.name, 1.0))
            old = found.get(referent.name)
            if old is None or old.score < score:
                found[referent.name] = Called(referent=referent, score=round(score, 3), how=match.how, word=match.candidate, words=words)
    order = {r.name: i for i, r in enumerate(members)}
    ranked = sorted(found.values(), key=lambda c: (-c.score, order[c.referent.name]))
    return [c for c in ranked if c.score >= ranked[0].score - (OF_A_SORT if ranked[0].how == c.how == "hypernym" else NEAR_BEST)]
