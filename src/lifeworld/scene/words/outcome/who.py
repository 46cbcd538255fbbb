"""Of whom something is asked: "any of the blocks", "the mug and the bowl", "nothing", "at least two things"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from lifeworld.core.errors import WordsError
from lifeworld.scene.possible import is_fixed
from lifeworld.scene.scene import Scene
from lifeworld.scene.words.clause import Phrase, Span
from lifeworld.scene.words.grammar.read import read
from lifeworld.scene.words.grounding.cast import Cast, Referent
from lifeworld.scene.words.grounding.ground import Finder
from lifeworld.scene.words.outcome.verbs import Words, lexicon
from lifeworld.scene.words.tagging.units import measure_at

SORTS = ("thing", "part", "ground", "embodiment", "space", "group")
STACKS = frozenset({"tower", "stack", "pile", "column"})
LEAST = 0.7
"""Nobody is asked about who is found less surely than this."""
VERB = "remove "
"""Phrases are read as what an order is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Those who are meant: how many of them it is asked of (`least`; None: all), with `denied` of none.

    `loosely` says that they were not named one by one, so that those it can never be true of do not count. `stack` are the members of
    a stack from below, where one was meant.
    """

    referents: tuple[Referent, ...]
    least: int | None = None
    denied: bool = False
    loosely: bool = False
    stack: tuple[str, ...] = ()


def whole_of(words: Words, text: str, scene: Scene, cast: Cast) -> Who:
    """As `who_of`, where a part stands for its whole: which of its drawers something is in, no condition tells."""
    try:
        return who_of(words, text, scene, cast)
    except WordsError as error:
        if error.reason != "ambiguous":
            raise
        meant = {(name.partition("/")[0]) for name in error.suggestions}
        whole = cast.named(meant.pop()) if len(meant) == 1 else None
        if whole is None:
            raise
        return Who(referents=(whole,))


def who_of(words: Words, text: str, scene: Scene, cast: Cast, *, sorts: Sequence[str] = SORTS) -> Who:
    """Whom some words of a text mean.

    Raises:
        WordsError: as `Finder.find`; `unsupported` for how many cannot be asked of.
    """
    both = words[1:] if words and words[0].low in ("both", "either", "neither") else words
    for joint in ("and", "or", "nor"):
        at = next((i for i, w in enumerate(both) if w.low == joint and 0 < i < len(both) - 1), None)
        if at is not None:
            parts = [who_of(side, text, scene, cast, sorts=sorts) for side in (both[:at], both[at + 1 :])]
            known = tuple(dict.fromkeys(r for part in parts for r in part.referents))
            none = joint == "nor" or words[0].low == "neither"
            return Who(referents=known, least=None if joint == "and" and not none else 1, denied=none)
    least, denied, quantified, rest = _quantity(words)
    if rest is None or (len(rest) == 1 and rest[0].low in lexicon()["quantifiers"]["things"]):
        free = {t.name for t in scene.things if not is_fixed(t)}
        return Who(referents=tuple(r for r in cast.referents if r.name in free), least=least, denied=denied, loosely=True)
    if not rest:
        raise WordsError(
            "of whom is this asked?", reason="unsupported", span=(0, len(text)), suggestions=("the mug falls", "anything falls")
        )
    if rest[-1].low in STACKS and (stack := _stack(cast)) and not any(rest[-1].low in r.words for r in cast.referents):
        end = next((w.low for w in rest[:-2] if w.low in ("top", "bottom")), None)
        if end is not None:
            return Who(referents=tuple(r for r in cast.referents if r.name == stack[-1 if end == "top" else 0]))
        return Who(referents=tuple(r for r in cast.referents if r.name in stack), stack=stack)
    phrase = _phrase(rest, text)
    finder = Finder(cast=cast, text=text, typos=False, least=LEAST)
    found = finder.find(phrase, sorts, any_number=quantified).referents
    members = {m for r in found if r.sort == "group" for g in scene.groups if g.name == r.name for m in g.members}
    found = tuple(dict.fromkeys((*(r for r in found if r.sort != "group"), *(r for r in cast.referents if r.name in members))))
    return Who(referents=found, least=least, denied=denied, loosely=quantified)


def _quantity(words: Words) -> tuple[int | None, bool, bool, Words | None]:
    """(of how many, of none, whether it is of any number, the phrase itself; None for things of any sort)."""
    known = lexicon()["quantifiers"]
    if len(words) > 1 and words[-1].low in ("all", "both", "each"):  # "the dominoes all topple"
        words = (words[-1], *words[:-1])
    lows = [w.low for w in words]
    if lows in (["anything"], ["something"]):
        return 1, False, True, None
    if lows in (["everything"], ["nothing"]):
        return (None, False, True, None) if lows == ["everything"] else (1, True, True, None)
    bounds = (
        (("at", "least"), 0),
        (("more", "than"), 1),
        (("at", "most"), -1),
        (("no", "more", "than"), -1),
        (("fewer", "than"), -2),
        (("less", "than"), -2),
    )
    for phrase, extra in bounds:
        if tuple(lows[: len(phrase)]) == phrase and (count := measure_at(words, len(phrase))) is not None and count.kind == "count":
            rest = _of(words[len(phrase) + count.words :])
            number = int(count.value)
            return {0: number, 1: number + 1, -1: number + 1, -2: number}[extra], extra < 0, True, rest
    for phrase in (("not", "a", "single"), ("not", "one", "single"), ("not", "one"), ("not", "any"), ("not", "a"), ("not", "an")):
        if tuple(lows[: len(phrase)]) == phrase:
            return 1, True, True, _of(words[len(phrase) :]) or None
    if lows and lows[0] in ("exactly", "only", "not"):
        raise WordsError(
            f"{lows[0]!r} so many cannot be asked of", reason="unsupported", span=words[0].span, suggestions=("at least two blocks fall",)
        )
    count = measure_at(words, 0) if words else None
    if count is not None and count.kind == "count" and count.value >= 1 and lows[0] not in ("a", "an"):
        return int(count.value), False, True, _of(words[count.words :])
    for name, said in (("any", known["any"]), ("all", known["all"]), ("none", known["none"])):
        if lows and lows[0] in said:
            rest = _of(words[1:])
            return (None if name == "all" else 1), name == "none", True, rest or None
    plural = len(lows) > 1 and lows[0] == "the" and lows[-1] in known["things"]
    return None, False, plural, words


def _of(words: Words) -> Words:
    """The phrase after a quantifier: "of the blocks" is the blocks."""
    if words and words[0].low == "of":
        words = words[1:]
    return words[1:] if words and words[0].low in ("the", "them", "these", "those") else words


def _phrase(words: Words, text: str) -> Phrase:
    """The words as a phrase, whose spans are those of the text."""
    start, end = words[0].span[0], words[-1].span[1]
    said = text[start:end] if all(a.span[1] <= b.span[0] for a, b in pairwise(words)) else " ".join(w.low for w in words)
    shift = start - len(VERB)
    try:
        clauses = read(VERB + said)[0].clauses
    except WordsError as error:
        error.span = (max(0, error.span[0] + shift), max(0, error.span[1] + shift))
        raise
    if len(clauses) != 1 or len(clauses[0].things) != 1 or clauses[0].links:
        raise WordsError(
            f"{said!r} is no thing that can be asked of", reason="unsupported", span=(start, end), suggestions=("the mug falls",)
        )
    return _shifted(clauses[0].things[0], shift)


def _shifted(phrase: Phrase, by: int) -> Phrase:
    """The phrase with its spans, and those of all it speaks of, so many characters farther on; none before the text."""

    def moved(span: Span) -> Span:
        return max(0, span[0] + by), max(0, span[1] + by)

    links = tuple(replace(link, span=moved(link.span), to=tuple(_shifted(to, by) for to in link.to)) for link in phrase.links)
    return replace(phrase, span=moved(phrase.span), of=None if phrase.of is None else _shifted(phrase.of, by), links=links)


def _stack(cast: Cast) -> tuple[str, ...]:
    """The longest stack of things, from below: each of one kind on the one before."""
    below = {r.name: other for r in cast.referents for kind, other in r.facts if kind == "on" and r.sort == "thing"}
    kinds = {r.name: r.words for r in cast.referents if r.sort == "thing"}
    best: tuple[str, ...] = ()
    for top in below:
        chain = [top]
        while (under := below.get(chain[-1])) in kinds and under not in chain and set(kinds[under]) & set(kinds[top]):
            chain.append(under)
        best = max(best, tuple(reversed(chain)), key=len)
    return best if len(best) > 2 else ()
