"""How things are called in sentences: "the red mug", "the second domino", "the floor"; plurals, lists and articles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lifeworld.scene import archetype
from lifeworld.scene.material import COLORS, rgba
from lifeworld.scene.scene import Scene, Thing
from lifeworld.worlds.physics.compile import Compiled

_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth",
    "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",
)  # fmt: skip
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_PLURALS = {
    "knife": "knives", "shelf": "shelves", "mouse": "mice", "loaf": "loaves", "domino": "dominoes", "tomato": "tomatoes",
    "scissors": "scissors", "stairs": "stairs", "flowers": "flowers", "drawers": "drawers", "die": "dice", "cactus": "cacti",
    "bread": "loaves of bread", "cheese": "pieces of cheese", "soap": "bars of soap",
}  # fmt: skip
_MANY = frozenset({"scissors", "stairs", "flowers", "drawers"})
"""Words that are plurals although they name one thing."""
_STUFF = frozenset({"bread", "cheese", "soap"})
"""Words for what one speaks of without an article."""


@dataclass(frozen=True, slots=True)
class Cues:
    """What a scene's instances are called (by id), and whether its things (by number) are one or many: "is" or "are"."""

    names: tuple[str, ...]
    verbs: tuple[str, ...]


def cues_of(compiled: Compiled) -> Cues:
    """Those of a compiled scene; `look.tables(cues_of)` makes them once."""
    return Cues(names(compiled.scene), tuple(is_are(noun(t)) for t in compiled.scene.things))


def names(scene: Scene) -> tuple[str, ...]:
    """What each instance of a scene is called, by its id: the background, the things, the embodiments. No two are called the same."""
    called = ["the floor", *_things(scene.things), *(f"the {_spaced(e.name)}" for e in scene.embodiments)]
    given = ["", *(t.name for t in scene.things), *(e.name for e in scene.embodiments)]
    return tuple(c if i == 0 or called.count(c) == 1 else f"the one called {given[i]}" for i, c in enumerate(called))


def noun(thing: Thing) -> str:
    """What a thing is called among others: its name without its number, spaced."""
    return _spaced(_split(thing.name)[0])


def kind_word(thing: Thing) -> str:
    """The word for the sort of thing it is."""
    return _spaced(thing.kind.removeprefix("asset:"))


def color_word(thing: Thing) -> str | None:
    """The colour somebody gave the thing, if it has a name."""
    if thing.color is None:
        return None
    given = rgba(thing.color)
    return next((_spaced(name) for name in COLORS if rgba(name) == given), None)


def plural(word: str) -> str:
    """Several of them."""
    if " with " in word:
        what, _, more = word.partition(" with ")
        return f"{plural(what)} with {more}"
    head, _, last = word.rpartition(" ")
    if last in _PLURALS:
        many = _PLURALS[last]
    elif re.search(r"(s|x|z|ch|sh)$", last):
        many = f"{last}es"
    elif re.search(r"[^aeiou]y$", last):
        many = f"{last[:-1]}ies"
    else:
        many = f"{last}s"
    return f"{head} {many}".strip()


def is_are(word: str) -> str:
    """The verb of a thing's name."""
    return "are" if word.rpartition(" ")[2] in _MANY else "is"


def a(word: str) -> str:
    """The word with its article."""
    if word.rpartition(" ")[2] in _MANY | _STUFF:
        return word
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def number(count: int) -> str:
    """A count in words up to twelve."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def ordinal(count: int) -> str:
    """A place in an order, in words up to twenty."""
    if 1 <= count <= len(_ORDINALS):
        return _ORDINALS[count - 1]
    ending = "th" if 10 <= count % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    return f"{count}{ending}"


def listed(words: Sequence[str]) -> str:
    """Words in a row: "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def upper(sentence: str) -> str:
    """With a capital first letter."""
    return sentence[:1].upper() + sentence[1:]


def called_so(thing: Thing) -> frozenset[str]:
    """All that a thing may be called: its name, its kind, other words for its kind."""
    synonyms = () if thing.kind.startswith("asset:") else archetype.kind(thing.kind).synonyms
    return frozenset({noun(thing), kind_word(thing), *(_spaced(s) for s in synonyms)})


def _things(things: tuple[Thing, ...]) -> list[str]:
    out = []
    for thing in things:
        alike = [t for t in things if noun(t) == noun(thing)]
        number_of = _split(thing.name)[1]
        colors = [color_word(t) for t in alike]
        numbers = [_split(t.name)[1] for t in alike]
        if len(alike) == 1:
            out.append(f"the {noun(thing)}")
        elif None not in colors and len(set(colors)) == len(alike):
            out.append(f"the {color_word(thing)} {noun(thing)}")
        elif number_of is not None and None not in numbers and len(set(numbers)) == len(alike):
            out.append(f"the {ordinal(number_of)} {noun(thing)}")
        elif noun(thing) == _spaced(thing.name):
            out.append(f"the {noun(thing)}")
        else:
            out.append(f"{noun(thing)} {thing.name[len(_split(thing.name)[0]) :].lstrip('_').upper()}")
    return out


def _split(name: str) -> tuple[str, int | None]:
    """A name without the number at its end, and that number; the names book_a and book_b have no numbers, but a noun too."""
    found = re.fullmatch(r"(.*?[A-Za-z])_?([1-9][0-9]{0,5})", name)
    if found:
        return found[1].rstrip("_"), int(found[2])
    return (name[:-2], None) if re.fullmatch(r".*[A-Za-z0-9]_[a-zA-Z]", name) else (name, None)


def _spaced(name: str) -> str:
    return " ".join(re.sub(r"([a-z])([A-Z])", r"\1 \2", name).replace("_", " ").split()).lower()
