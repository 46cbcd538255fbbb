"""What verbs say of what becomes of things: a verb of a class, its particle, and what follows it make a predicate."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from lifeworld.core.errors import WordsError
from lifeworld.scene.outcome import How
from lifeworld.scene.predicate import PredicateName
from lifeworld.scene.words.lexicon.lemma import lemma
from lifeworld.scene.words.outcome.amount import Amount, amount_of
from lifeworld.scene.words.tagging.tokens import Word

Words = tuple[Word, ...]
MOTION = ("fall", "move", "push", "land")
RELATIONS: tuple[tuple[tuple[str, ...], PredicateName], ...] = (
    (("to", "the", "left", "of"), "left_of"), (("on", "the", "left", "of"), "left_of"), (("left", "of"), "left_of"),
    (("to", "the", "right", "of"), "right_of"), (("on", "the", "right", "of"), "right_of"), (("right", "of"), "right_of"),
    (("in", "front", "of"), "in_front_of"), (("behind",), "behind"), (("next", "to"), "beside"), (("beside",), "beside"),
    (("by",), "beside"), (("near", "to"), "nearer"), (("near",), "nearer"), (("close", "to"), "nearer"), (("on", "top", "of"), "on"),
    (("on",), "on"), (("onto",), "on"), (("upon",), "on"), (("atop",), "on"), (("inside", "of"), "in"), (("inside",), "in"),
    (("into",), "in"), (("in", "contact", "with"), "touching"), (("in",), "in"), (("within",), "in"), (("underneath",), "under"),
    (("under",), "under"), (("beneath",), "under"), (("below",), "under"), (("facing",), "facing"), (("touching",), "touching"),
    (("against",), "touching"),
)  # fmt: skip
PHRASES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("on", "its", "side"), "toppled"), (("on", "their", "sides"), "toppled"), (("upside", "down"), "toppled"), (("at", "rest"), "still"),
    (("in", "place"), "place"), (("where", "it", "is"), "place"), (("where", "it", "was"), "place"), (("where", "they", "are"), "place"),
    (("where", "they", "were"), "place"), (("in", "motion"), "moving"), (("in", "the", "hand"), "held"), (("on", "its", "feet"), "upright"),
    (("on", "fire"), "never"), (("in", "pieces"), "never"), (("in", "one", "piece"), "never"),
)  # fmt: skip
IDLE = frozenset({"still", "just", "standing", "lying", "resting", "sitting", "left"})
"""Words before a state that say nothing more: "still standing on the table"."""
FULLY, HALF = 0.95, 0.5
WHOLLY = {"fully": FULLY, "completely": FULLY, "wide": FULLY, "entirely": FULLY, "half": HALF, "halfway": HALF}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What is asked of a subject: `predicate` of it, to what `other` says (None: to nobody), so `much`, `how` where no time was said.

    `predicate` is one of the table's, or `stack` (it stands as it stands), `place` (it does not move), `never` (nothing here can do it).
    With `swapped` the subject is the other. `denied`: the predicate is to be not so.
    """

    predicate: str
    other: Words | None = None
    much: float | None = None
    how: How = "ever"
    swapped: bool = False
    denied: bool = False


@cache
def lexicon() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The tables of `asking.toml`."""
    text = files("lifeworld.scene.words.outcome").joinpath("asking.toml").read_text(encoding="utf-8")
    return {table: {key: tuple(words) for key, words in rows.items()} for table, rows in tomllib.loads(text).items()}


def classes(word: Word) -> tuple[str, ...]:
    """The classes of verbs a word may be of."""
    base = lemma(word.low, "verb") if word.sort in ("word", "name") else ""
    return tuple(name for name, verbs in lexicon()["verbs"].items() if base in verbs)


def meanings(word: Word, rest: Words, *, passive: bool) -> list[Meaning]:
    """What a verb with what follows it may say, the likeliest first; none where it says nothing here."""
    amount, left = amount_of(rest)
    found = [m for name in classes(word) if (m := _meaning(name, word, left, amount, passive)) is not None]
    return sorted(found, key=lambda m: m.other is None and m.predicate in ("moves", "falls"))


def state(rest: Words, *, how: How) -> Meaning | None:
    """What is said to be so: "on the table", "upright", "more than half open", "within 20 cm of the mug"; None where it is none."""
    while len(rest) > 1 and rest[0].low in IDLE and not (rest[0].low == "left" and rest[1].low == "of"):
        rest = rest[1:]
    if rest and rest[0].low == "not":
        inner = state(rest[1:], how=how)
        return None if inner is None else replace(inner, denied=not inner.denied)
    amount, left = amount_of(rest)
    if amount is not None and amount.kind in ("speed", "length"):
        return _measured(amount, left, how)
    for phrase, predicate in PHRASES:
        if _begins(left, phrase):
            return _so(predicate, None, how)
    for phrase, relation in RELATIONS:
        if _begins(left, phrase) and len(left) > len(phrase):
            return Meaning(predicate=relation, other=left[len(phrase) :], how=how)
    share = next((WHOLLY[w.low] for w in left if w.low in WHOLLY), None if amount is None else amount.value)
    words = [w for w in left if w.low not in (*WHOLLY, "more", "than", "at", "least", "way", "by")]
    if len(words) == 1:
        for predicate, said in lexicon()["states"].items():
            if words[0].low in said:
                return _so(predicate, share, how)
    return None


def _so(predicate: str, share: float | None, how: How) -> Meaning:
    if predicate == "place":
        return Meaning(predicate="moves", how="never")
    return Meaning(predicate=predicate, much=share if predicate == "open" else None, how=how)


def _measured(amount: Amount, rest: Words, how: How) -> Meaning | None:
    """Faster, higher, nearer than an amount."""
    if amount.kind == "speed":
        return Meaning(predicate="faster", much=amount.value, how=how)
    if amount.word in ("higher", "above", "up"):
        return Meaning(predicate="higher", much=amount.value, how=how)
    if rest and rest[0].low in ("of", "to", "from") and amount.word in ("within", "closer", "nearer", "less"):
        return Meaning(predicate="nearer", other=rest[1:], much=amount.value, how=how)
    return None


def _meaning(name: str, word: Word, rest: Words, amount: Amount | None, passive: bool) -> Meaning | None:
    particle, other = _particle(rest)
    match name:
        case "never":
            return Meaning(predicate="never")
        case "hit" | "touch":
            return _contact(name, particle, other, rest, amount, passive)
        case "leave":
            return Meaning(predicate="leaves", other=other or None) if particle in ("", "from") and not passive else None
        case "spill":
            return Meaning(predicate="leaves", other=other) if particle in ("out", "off") and other else Meaning(predicate="spills")
        case "open" | "close":
            share = next((WHOLLY[w.low] for w in rest if w.low in WHOLLY), None if amount is None else amount.value)
            plain = all(w.low in (*WHOLLY, "up", "more", "than", "way", "by", "at", "least") for w in rest)
            return Meaning(predicate=f"{name}s", much=share if name == "open" else None) if plain else None
        case "hold":
            other = tuple(w for w in other if w.low != "up")
            if passive:
                return Meaning(predicate="held", other=other if particle == "by" else None, how="at_end" if word.low == "held" else "ever")
            return Meaning(predicate="held", other=other, swapped=True) if other else None
        case "stop":
            return Meaning(predicate="still") if not rest or rest[0].low == "moving" else None
        case "collapse":
            return Meaning(predicate="stack", denied=True) if not rest else None
        case "stay" | "be":
            return state(rest, how="always" if name == "stay" else "at_end") if not passive or name == "stay" else None
        case "exceed" | "rise" | "swing" | "near":
            return _past(name, amount, rest)
        case "tip":
            return Meaning(predicate="tips_over") if particle in ("", "over") and not other else None
        case _:
            return _moving(name, word, particle, other, rest, amount, passive)


def _contact(name: str, particle: str, other: Words, rest: Words, amount: Amount | None, passive: bool) -> Meaning | None:
    much = amount.value if amount is not None and amount.kind == "impulse" else None
    predicate = "touching" if name == "touch" else "hits"
    if passive:
        return Meaning(predicate=predicate, other=other, much=much, swapped=True) if particle == "by" and other else None
    if particle not in ("", "with", "in", "against", "to", "on") or (other and other[0].low in ("each", "one")):
        return Meaning(predicate=predicate, other=(), much=much) if other and other[0].low in ("each", "one") else None
    return Meaning(predicate=predicate, other=other, much=much)


def _past(name: str, amount: Amount | None, rest: Words) -> Meaning | None:
    """Faster, higher, nearer, or a joint farther, than an amount."""
    if name == "near":
        other = rest[1:] if rest and rest[0].low in ("of", "to") else rest
        return Meaning(predicate="nearer", other=other, much=None if amount is None else amount.value) if other else None
    if amount is None:
        return None
    if name in ("exceed", "rise") and amount.kind in ("speed", "length"):
        return Meaning(predicate="faster" if amount.kind == "speed" else "higher", much=amount.value)
    return Meaning(predicate="beyond", much=amount.value) if amount.kind == "angle" else None


def _moving(name: str, word: Word, particle: str, other: Words, rest: Words, amount: Amount | None, passive: bool) -> Meaning | None:
    """Falls, moves, is pushed, ends up: by its particle."""
    if name == "push" and not passive:
        return None
    if amount is not None and amount.kind in ("speed", "length") and (found := _measured(amount, rest, "ever")) is not None:
        return found
    if _begins(rest, ("to", "rest")) or _begins(rest, ("to", "a", "stop")) or _begins(rest, ("to", "a", "halt")):
        return Meaning(predicate="still")
    end = name == "land" and lemma(word.low, "verb") != "land"
    if end:
        found = state(rest[1:] if rest and rest[0].low == "up" else rest, how="at_end")
        share = amount.value if amount is not None and amount.kind == "ratio" else None
        return replace(found, much=share) if found is not None and found.predicate == "open" and share is not None else found
    if particle == "off" or (particle == "over" and _is_edge(other)):
        return Meaning(predicate="falls_off", other=_without_edge(other) or None)
    if particle == "out":
        return Meaning(predicate="leaves", other=other or None)
    if particle == "over" and not other:
        down = bool(rest) and rest[0].low == "down"
        return Meaning(predicate="falls" if down and name == "fall" else "tips_over") if name in ("fall", "push", "move") else None
    if particle in ("on", "to", "in", "under", "beside") and other:
        relation = {"to": "on", "beside": "beside"}.get(particle, particle)
        return Meaning(predicate=relation, other=other)
    if particle == "against" and other:
        return Meaning(predicate="hits", other=other)
    if particle == "" and not rest and name in ("fall", "move", "push"):
        much = amount.value if amount is not None and amount.kind == "length" else None
        return Meaning(predicate="falls" if name == "fall" else "moves", much=much)
    return None


def _particle(rest: Words) -> tuple[str, Words]:
    """The particle that a verb's rest begins with ("" where there is none), and what comes after it."""
    known = lexicon()["particles"]
    said: list[str] = []
    at = 0
    while at < len(rest):
        low = rest[at].low
        name = next((key for key, words in known.items() if low in words), None)
        if name is None and not (said and low in ("of", "from", "to")) and low not in ("away", "straight", "right"):
            break
        said.append(name or "")
        at += 1
    for name in ("off", "out", "against", "in", "on", "to", "with", "under", "over", "by", "past", "beside", "up"):
        if name in said:
            return name, rest[at:]
    return "", rest[at:]


def _is_edge(words: Words) -> bool:
    return any(w.low in ("edge", "side", "brink", "rim") for w in words[:3])


def _without_edge(words: Words) -> Words:
    """What an edge is of: "the edge of the table" is the table's; the edge alone is nobody's."""
    if not _is_edge(words):
        return words
    of = next((i for i, w in enumerate(words) if w.low == "of"), len(words))
    return words[of + 1 :]


def _begins(words: Sequence[Word], phrase: tuple[str, ...]) -> bool:
    return tuple(w.low for w in words[: len(phrase)]) == phrase


def unsupported(text: str, what: str = "this is no question about what becomes of things") -> WordsError:
    """Nothing here reads it."""
    return WordsError(
        what,
        reason="unsupported",
        span=(0, len(text)),
        suggestions=("the mug falls off the table", "nothing falls", "the drawer opens within 3 seconds", "the mug ends up on the floor"),
    )
