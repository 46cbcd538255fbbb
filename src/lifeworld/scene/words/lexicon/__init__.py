"""What words mean to a scene: which kinds of things a noun names, which colour, material, size or state an adjective."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from lifeworld.scene.archetype import Archetype, kinds
from lifeworld.scene.words.lexicon import entries, taxonomy
from lifeworld.scene.words.lexicon.color import alike, color_name, color_of
from lifeworld.scene.words.lexicon.english import Pos, english
from lifeworld.scene.words.lexicon.lemma import lemma
from lifeworld.scene.words.lexicon.nearest import GENERAL, Match, called
from lifeworld.scene.words.lexicon.qualities import material_of, size_of, state_of
from lifeworld.scene.words.lexicon.term import term

__all__ = [
    "alike", "color_name", "color_of", "is_known", "kinds_for", "material_of", "parts_of_speech", "size_of", "state_of",
]  # fmt: skip

_OTHER = 0.49  # who wants a wheelchair is not given a chair, who wants a statue no vase, though either may be spoken of so
_SURE, _MENDED = 0.935, 0.7  # from here on a match is by the word itself, or by the word without its typing errors
_OWN, _FIRST, _BUILDERS = 1.0, 0.97, 0.94  # by the kind's name, by the lexicon's words for it, by its builder's synonyms


def kinds_for(noun: str) -> list[Match]:
    """The kinds of the library that a noun or compound names, best first: "couch" is a sofa, "fruit" an apple, a banana, an orange …"""
    return list(_kinds_for(noun, tuple(kinds())))


@lru_cache(maxsize=1 << 12)
def _kinds_for(noun: str, library: tuple[str, ...]) -> tuple[Match, ...]:
    words = _kind_words(library)
    best: dict[str, Match] = {}
    for match in called(noun, tuple(words)):
        for kind, worth in words[match.candidate]:
            if worth < _OWN and match.score < (_MENDED if match.how == "typo" else _SURE):
                continue  # "comic" is a word for a magazine; what else comics are is no matter
            score = round(match.score * worth, 3)
            if match.how in ("hyponym", "synonym") and match.score <= GENERAL:
                score = min(score, _OTHER)
            if kind not in best or score > best[kind].score:
                how = "synonym" if match.how in ("exact", "lemma") and worth < _OWN else match.how
                best[kind] = Match(kind, score, how)
    category = _category(noun)
    for kind in library:
        if category is not None and kinds()[kind].category == category and (kind not in best or best[kind].score < _CATEGORY):
            best[kind] = Match(kind, _CATEGORY, "hypernym")
    place = {kind: at for at, kind in enumerate(library)}
    return tuple(sorted(best.values(), key=lambda match: (-match.score, place[match.candidate])))


_CATEGORY = 0.85
_CATEGORIES = {
    "furniture": "furniture", "furnishing": "furniture", "appliance": "appliance", "tableware": "tableware", "dishware": "tableware",
    "food": "food", "toy": "toy", "plaything": "toy", "tool": "tool", "electronics": "electronics", "decoration": "decor", "decor": "decor",
}  # fmt: skip


def _category(noun: str) -> str | None:
    return _CATEGORIES.get(" ".join(term(noun)))


@lru_cache(maxsize=4)
def _kind_words(library: tuple[str, ...]) -> Mapping[str, tuple[tuple[str, float], ...]]:
    """Every word for a kind → the kinds with what the word is worth for each."""
    found: dict[str, dict[str, float]] = {}
    for name in library:
        archetype: Archetype = kinds()[name]
        found.setdefault(name, {})[name] = _OWN
        for words, worth in ((entries.kind_words().get(name, ()), _FIRST), (archetype.synonyms, _BUILDERS)):
            for word in words:
                found.setdefault(word, {}).setdefault(name, worth)
    return {word: tuple(kinds.items()) for word, kinds in found.items()}


@lru_cache(maxsize=1 << 12)
def is_known(word: str) -> bool:
    """Is it an English word (any form, any part of speech) or a compound of such?"""
    words = term(word)
    return bool(words) and (bool(taxonomy.senses(" ".join(words))) or all(map(_is_form, words)))


def _is_form(word: str) -> bool:
    return any(form in english() for form in (word, lemma(word), lemma(word, "verb")))


@lru_cache(maxsize=1 << 12)
def parts_of_speech(word: str) -> tuple[Pos, ...]:
    """The parts of speech of a word or of its lemma, the commonest first; empty if we do not know it."""
    plain = word.casefold()
    entry = english().get(plain) or english().get(lemma(plain))
    return () if entry is None else entry.parts
