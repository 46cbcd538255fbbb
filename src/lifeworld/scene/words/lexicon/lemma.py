"""The base form of an English word: plurals, -ing and -ed, comparatives, irregular forms.

    lemma("mugs") → "mug"    lemma("knives") → "knife"    lemma("putting") → "put"    lemma("bigger") → "big"

Irregular forms come from WordNet's lists of exceptions, regular ones by its rules of detachment (Miller 1995, `morphy`); what a rule makes
has to be a word we know. Words we do not know lose a regular plural where a noun is asked for, and else stay as they are.
"""

from __future__ import annotations

from functools import lru_cache

from lifeworld.scene.words.lexicon.english import Pos, english, irregular

_NOT_COMPARED = frozenset({"outer"})
_VOWELS = frozenset("aeiou")
# (ending, what stands in its place), tried in this order.
_RULES: dict[Pos, tuple[tuple[str, str], ...]] = {
    "noun": (
        ("ies", "y"), ("ies", "ie"), ("ches", "ch"), ("shes", "sh"), ("ses", "s"), ("xes", "x"), ("zes", "z"), ("oes", "o"),
        ("men", "man"), ("s", ""),
    ),
    "verb": (
        ("ies", "y"), ("ied", "y"), ("ying", "ie"), ("es", "e"), ("es", ""), ("s", ""), ("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", ""),
    ),
    "adj": (("ier", "y"), ("iest", "y"), ("er", "e"), ("est", "e"), ("er", ""), ("est", "")),
}  # fmt: skip
_ORDER: tuple[Pos, ...] = ("noun", "verb", "adj")


@lru_cache(maxsize=1 << 16)
def lemma(word: str, pos: Pos | None = None) -> str:
    """The base form of one word; with `pos` that of the noun, verb or adjective, else of the likeliest of them. Never fails."""
    word = word.casefold().removesuffix("'s").removesuffix("’s")
    if pos == "noun":
        return _base(word, "noun") or (word if word in english() else _plain_plural(word))
    if pos is not None:
        return _base(word, pos) or word
    entry = english().get(word)
    if entry is not None and (entry.singular_s or not word.endswith("s") or "function" in entry.parts or "noun" not in entry.parts):
        return word
    return next((base for which in _ORDER if (base := _base(word, which)) is not None), word if entry is not None else _plain_plural(word))


def _base(word: str, pos: Pos) -> str | None:
    """The base form as this part of speech; None if there is none we know."""
    known = english()
    exact = irregular().get((word, pos))
    if exact is not None:
        return exact
    entry = known.get(word)
    is_plural = pos == "noun" and word.endswith("s") and entry is not None and not entry.singular_s and not word.endswith("ss")
    is_compared = pos == "adj" and word.endswith(("er", "est")) and word not in _NOT_COMPARED  # WordNet has "larger" as a word
    if entry is not None and pos in entry.parts and not (is_plural or is_compared):
        return word
    bases = [
        base
        for ending, instead in _RULES.get(pos, ())
        if word.endswith(ending) and len(word) - len(ending) >= 2
        for base in _stems(word[: -len(ending)], instead, doubled=pos != "noun" and ending[0] in "ei")
        if (found := known.get(base)) is not None and pos in found.parts
    ]
    if is_compared and entry is not None:
        bases = [base for base in bases if known[base].rank < entry.rank]
    if bases:  # "cookies" is of "cookie", not of "cooky"; but "hoped" is of "hope", whatever is commoner
        return min(bases, key=lambda base: known[base].rank) if pos == "noun" else bases[0]
    return word if entry is not None and pos in entry.parts else None


def _stems(stem: str, instead: str, *, doubled: bool) -> tuple[str, ...]:
    """What may stand before an ending: itself, and with a doubled consonant made single ("bigg" → "big")."""
    if doubled and not instead and len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] not in _VOWELS:
        return (stem, stem[:-1])
    if instead == "e" and stem[-1] == "e":
        return ()
    return (stem + instead,)


def _plain_plural(word: str) -> str:
    """A word we do not know without its regular plural: "gizmos" → "gizmo", "gizmoss" as it is."""
    if len(word) > 4 and word.endswith("s") and word[-2] not in "sui":
        if word.endswith("ies") and len(word) > 4:
            return word[:-3] + "y"
        if word.endswith(("ches", "shes", "xes", "zes")):
            return word[:-2]
        return word[:-1]
    return word
