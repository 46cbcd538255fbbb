"""The words the grammar knows: `verbs.toml`, `relations.toml` and `small.toml`, read once, looked up by the longest match.

Verbs are known in all their forms ("placing", "took"), relations in all the ways their patterns say.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Generic, TypeVar

from lifeworld.scene.words.clause import Value

T = TypeVar("T")

IRREGULAR = {
    "took": "take", "taken": "take", "got": "get", "gotten": "get", "brought": "bring", "held": "hold", "hung": "hang", "laid": "lay",
    "left": "leave", "threw": "throw", "thrown": "throw", "stood": "stand", "sat": "sit", "gave": "give", "given": "give", "made": "make",
    "went": "go", "gone": "go", "drew": "draw", "drawn": "draw", "chose": "choose", "stuck": "stick", "bound": "bind", "spun": "spin",
    "lit": "light", "kept": "keep", "caught": "catch", "hid": "hide", "hidden": "hide", "swept": "sweep", "froze": "freeze",
    "frozen": "freeze", "built": "build", "slid": "slide", "swung": "swing", "struck": "strike", "shook": "shake", "lost": "lose",
    "blew": "blow", "blown": "blow", "shrank": "shrink", "shrunk": "shrink", "grew": "grow", "grown": "grow", "sent": "send",
    "came": "come", "ran": "run", "found": "find", "fed": "feed", "put": "put", "set": "set", "cut": "cut", "shut": "shut",
    "split": "split", "hit": "hit", "let": "let", "tying": "tie", "lying": "lie", "bent": "bend", "strode": "stride",
}  # fmt: skip
DOUBLING = re.compile(r"^(?:[^aeiou]*[aeiou][^aeiouwxy]|.*(?:off|fit))$")


@dataclass(frozen=True, slots=True)
class VerbForm:
    """What a form of words does: a canonical verb, and what the form says besides ("shrink": less of size)."""

    verb: str
    said: str
    values: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """What a verb goes with: `links` are a goal, maybe one, or scope; `brings` whether "with" brings something in.

    `to` is whether "to" is where or what to ("take the cup to the sink"), not whose ("open the door to the fridge"); `two` whether it takes
    two things ("call the mug Bob").
    """

    links: str
    brings: bool = False
    to: bool = True
    two: bool = False


class Table(Generic[T]):
    """Rows of words and what they mean; the longest row that begins at a word is found."""

    def __init__(self, rows: Iterable[tuple[str, T]]) -> None:
        self.rows: dict[tuple[str, ...], T] = {}
        self._longest: dict[str, int] = {}
        for said, meaning in rows:
            words = tuple(said.split())
            self.rows.setdefault(words, meaning)
            self._longest[words[0]] = max(self._longest.get(words[0], 0), len(words))

    def at(self, lows: Sequence[str], at: int) -> Iterator[tuple[T, int]]:
        """What rows begin at a word, with how many words each takes, the longest first."""
        for count in range(min(self._longest.get(lows[at], 0), len(lows) - at), 0, -1):
            found = self.rows.get(tuple(lows[at : at + count]))
            if found is not None:
                yield found, count

    def first(self, lows: Sequence[str], at: int) -> tuple[T, int] | None:
        """The longest row that begins at a word."""
        return next(self.at(lows, at), None) if 0 <= at < len(lows) else None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All tables; `words` are all words in them.

    `verb_lemmas` is from an inflected form to the verb's lemma; `also_noun` are verbs that are nouns or adjectives too.
    """

    verbs: Table[VerbForm]
    verb_lemmas: Mapping[str, str]
    frames: Mapping[str, Frame]
    also_noun: frozenset[str]
    also_adjective: frozenset[str]
    relations: Table[tuple[str, str | None]]
    sides: Table[str]
    dimensions: Mapping[str, tuple[str, str]]
    properties: Mapping[str, str]
    small: Mapping[str, Table[str]]
    states: Mapping[str, str]
    manner: Table[tuple[str, Value]]
    frames_said: Table[str]
    words: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """The tables, read once."""
    verbs, relations, small = (_read(name) for name in ("verbs", "relations", "small"))
    also, said_besides = verbs.pop("also"), verbs.pop("values")
    forms = [
        (said, VerbForm(name, said, tuple(sorted(said_besides.get(said, {}).items()))))
        for name, entry in verbs.items()
        for said in entry["said"]
    ]
    lemmas = {form: said.split()[0] for said, _ in forms for form in inflected(said.split()[0])} | {
        past: base for past, base in IRREGULAR.items() if any(said.split()[0] == base for said, _ in forms)
    }
    grouped = {
        name: Table((row, meaning) for meaning, rows in small[name].items() for row in rows)
        for name in ("articles", "pronouns", "quantity", "hits")
    }
    single = {name: Table((row, row) for row in group["said"]) for name, group in small.items() if "said" in group}
    tables = [*grouped.values(), *single.values()]
    related = [
        (way, (entry["relation"], entry.get("spot"))) for entry in relations["said"] for pattern in entry["as"] for way in ways(pattern)
    ]
    sided = [(way, entry["name"]) for entry in relations["side"] for pattern in entry["as"] for way in ways(pattern)]
    return Vocabulary(
        verbs=Table(forms),
        verb_lemmas=lemmas,
        frames={
            name: Frame(entry["links"], entry.get("with") == "bring", entry.get("to", True), entry.get("two", False))
            for name, entry in verbs.items()
        },
        also_noun=frozenset(also["nouns"]),
        also_adjective=frozenset(also["adjectives"]),
        relations=Table(related),
        sides=Table(sided),
        dimensions={word: (entry[0], entry[1]) for word, entry in relations["dimensions"].items()},
        properties=relations["properties"],
        small=grouped | single,
        states={word: state for state, said in small["states"].items() for word in said},
        manner=Table((row, next(iter(entry.items()))) for row, entry in small["manner"].items()),
        frames_said=Table((row, frame) for frame, rows in small["frames"].items() for row in rows),
        words=frozenset(
            [word for row, _ in (*related, *sided) for word in row.split()]
            + [word for table in tables for row in table.rows for word in row]
            + [*lemmas, *relations["dimensions"], "of", "than", "and", "or", "to"]
        ),
    )


def ways(pattern: str) -> list[str]:
    """All ways a pattern can be said: "(to|on)? the left of" is said in three."""
    grown = [""]
    for part, choice, optional in re.findall(r"(\(([^)]*)\)|\S+?)(\?)?(?:\s+|$)", pattern):
        words = choice.split("|") if choice else [part]
        grown = [f"{head} {word}".strip() for head in grown for word in (*words, *([""] if optional else []))]
    return list(dict.fromkeys(" ".join(way.split()) for way in grown if way))


def inflected(verb: str) -> tuple[str, ...]:
    """The forms of a regular verb: place, places, placed, placing."""
    if verb.endswith("e"):
        return verb, verb + "s", verb + "d", (verb[:-1] if not verb.endswith(("ee", "ye")) else verb) + "ing"
    if verb.endswith("y") and verb[-2:-1] not in tuple("aeiou"):
        return verb, verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing"
    plural = verb + ("es" if verb.endswith(("s", "x", "z", "ch", "sh", "o")) else "s")
    stem = verb + verb[-1] if DOUBLING.match(verb) else verb
    return verb, plural, stem + "ed", stem + "ing"


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("lifeworld.scene.words.tagging").joinpath(f"{name}.toml").read_text(encoding="utf-8"))
