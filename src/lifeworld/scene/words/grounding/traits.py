"""What a phrase says of a thing besides its noun: colour, stuff, state, size, place in a row; each keeps some of several candidates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from lifeworld.scene.material import rgba
from lifeworld.scene.words.clause import Phrase, Way
from lifeworld.scene.words.grounding.called import Called
from lifeworld.scene.words.grounding.cast import Cast, Referent
from lifeworld.scene.words.grounding.view import sideways
from lifeworld.scene.words.lexicon.color import color_name

PLACES: dict[str, tuple[str, ...]] = {
    "top": ("upper", "topmost", "uppermost", "highest", "high"), "bottom": ("lower", "lowest", "bottommost", "low", "lowermost"),
    "middle": ("centre", "center", "central", "mid"), "left": ("leftmost", "left-hand", "lefthand", "far left"),
    "right": ("rightmost", "right-hand", "righthand", "far right"), "front": ("nearest", "closest", "foremost", "near", "frontmost"),
    "back": ("rear", "farthest", "furthest", "far", "hind", "backmost"),
}  # fmt: skip
"""Words for places among several of one sort, the word parts are known by first."""
FACT_OF = {"on": "turned_on", "off": "turned_off"}
"""States whose facts have another name."""
KNOWN_FACTS = frozenset({"open", "closed", "turned_on", "turned_off", "empty", "full"})
SAYS_NOTHING = frozenset(
    [
        "new",
        "other",
        "another",
        "same",
        "own",
        "whole",
        "entire",
        "single",
        "only",
        "very",
        "nice",
        "pretty",
        "lovely",
        "old",
        "nearby",
        "here",
        "there",
        "present",
        "existing",
        "both",
        "all",
    ]
)
LEVEL_M = 0.02
SHADES = {"dark": -1, "deep": -1, "light": 1, "pale": 1, "bright": 1}
UNHEARD, OTHER_SORT, UNTOLD = 0.93, 0.76, 0.68
"""What is left of how sure a noun is where an adjective of it was not heard, or a noun before it: a tea pot may be no pot that is here.

The last, where it would have told several apart.
"""
ALIKE = 0.75
"""Colours less alike than this do not go by one word."""


def fact_of(word: str) -> str | None:
    """The fact a word for a state speaks of: "turned_on" of "lit", "closed" of "shut"; None if it is no state."""
    from lifeworld.scene.words.lexicon import state_of

    state = state_of(word)
    return None if state is None else FACT_OF.get(state, state)


def place_of(word: str) -> str | None:
    """The place a word means: "top" of "upper"; None if it means none."""
    return next((place for place, words in PLACES.items() if word == place or word in words), None)


def kept(called: Sequence[Called], phrase: Phrase, cast: Cast) -> tuple[list[Called], str | None, tuple[str, ...]]:
    """Those who are as the phrase's adjectives say; the first adjective that none of them answers to; and what spoke for the choice."""
    left = list(called)
    told: list[str] = []
    relative: list[str] = []
    for word in left[0].words if left else ():
        before = left
        now, how = _by_word(left, word, cast)
        if how == "relative":
            relative.append(word)
        elif how == "unknown":  # not a word that tells things apart here: it weighs on the score, no more
            worth = OTHER_SORT if _names_a_sort(word) else UNHEARD if len(left) == 1 else UNTOLD
            left = [replace(c, score=round(c.score * worth, 3)) for c in left]
        elif not now:
            return [], word, tuple(told)
        else:
            left = now
            if how is not None and len(now) < len(before):
                told.append(f"{word} ({how}): {_names(now)}")
    many = phrase.count if phrase.plural and phrase.count is not None else 1
    for word in relative:  # after what is said for certain: the big one of the red ones
        now = _extreme(left, word, cast) if many < 2 else _most(left, word, cast, many)
        if len(now) < len(left):
            told.append(f"{word}: {_names(now)}")
        left = now
    if len(left) > 1:
        plain = _fewest_unsaid(left, phrase)
        if len(plain) < len(left):
            told.append(f"no other colour was said: {_names(plain)}")
        left = plain
    return left, None, tuple(told)


def in_order(called: Sequence[Called], order: int, order_from: str | None, cast: Cast, many: int = 1) -> list[Called]:
    """The one (the `many`) from an ordinal on: 1 the first, −1 the last.

    They are counted by their numbers if their names have them, else from the left, or from the top where they are over each other.

    Empty where there are not that many, or it is not known where they are.
    """
    stems = {c.referent.name.rsplit("_", 1)[0] for c in called if c.referent.name.rsplit("_", 1)[-1].isdigit()}
    numbers = {name: 1 for c in called if (name := c.referent.name) in stems}  # before chair_2 comes chair
    numbers |= {name: int(name.rsplit("_", 1)[-1]) for c in called if (name := c.referent.name).rsplit("_", 1)[-1].isdigit()}
    if order_from is None and len(set(numbers.values())) == len(called) and all(c.referent.part_of is None for c in called):
        row = sorted(called, key=lambda c: numbers[c.referent.name])  # they are numbered: the fifth block is block_5
        return _from(row, order, many)
    if any(c.referent.position_m is None for c in called):
        return []
    start = place_of(order_from) if order_from is not None else None
    rows = [_seen(c.referent, cast) for c in called]
    if start is None:
        spread = [max(r[i] for r in rows) - min(r[i] for r in rows) for i in range(3)]
        parts = all(c.referent.part_of is not None for c in called)  # drawers count from the top, what is stacked from the bottom
        over = spread[2] > spread[0] if parts else spread[2] > 2 * max(spread[0], spread[1])  # a drawer stays in its row when it is open
        start = ("top" if parts else "bottom") if over else "left"
    row = sorted(called, key=lambda c: _along(c.referent, start, cast), reverse=True)
    return _from(row, order, many)


def _from(row: list[Called], order: int, many: int) -> list[Called]:
    """So many of a row from an ordinal on, the last ones counted from its end; empty where there are not so many."""
    at = order - 1 if order > 0 else len(row) + order + 1 - many
    return row[at : at + many] if at >= 0 and at + many <= len(row) else []


def compared(called: Sequence[Called], dimension: str, way: Way, cast: Cast, many: int = 1) -> list[Called]:
    """The one (the `many`) that is more, most, less or least of a dimension; more where they are alike in it."""
    measure = _measure(dimension, cast)
    known = [(c, measure(c.referent)) for c in called]
    if any(v is None for _, v in known):
        return list(called)
    values = [(c, v if way in ("more", "most") else -v) for c, v in known if v is not None]
    best = sorted((v for _, v in values), reverse=True)[min(many, len(values)) - 1]
    spare = max(abs(best) * 0.02, 1e-9)
    found = [c for c, v in values if v >= best - spare]
    if len(found) > many and dimension == "height" and all(c.referent.position_m is not None for c in found):
        return compared(found, "top", way, cast, many)  # equally tall: the highest is the one that stands highest
    return found


def _names_a_sort(word: str) -> bool:
    """Whether a word before a noun makes another sort of it: "measuring spoon", but no "slice of bread"."""
    from lifeworld.scene.words.lexicon import parts_of_speech
    from lifeworld.scene.words.lexicon.term import is_measure

    return parts_of_speech(word)[:1] == ("noun",) and not is_measure(word)


def _by_word(left: list[Called], word: str, cast: Cast) -> tuple[list[Called], str | None]:
    """Those a word fits and in what way; `relative` for words that only compare, `unknown` for words that say nothing here."""
    from lifeworld.scene.words.lexicon import alike, color_of, material_of, size_of

    if word in SAYS_NOTHING:
        return left, None
    place = place_of(word)
    own = [c for c in left if word in c.referent.adjectives or (place is not None and place in c.referent.adjectives)]
    color = color_of(word)
    if own and color is None:
        return own, "its name"
    if color is not None:
        named = {c.referent.name for c in own}
        fits = [(c, 1.0 if c.referent.name in named else alike(c.referent.color, color)) for c in left if c.referent.color or c in own]
        best = max((fit for _, fit in fits), default=0.0)
        if best >= ALIKE:
            seen = [replace(c, score=round(c.score * (0.9 + 0.1 * fit), 3)) for c, fit in fits if fit >= best]
            return _shade(seen, word), "colour"
    material = material_of(word)
    if material is not None:
        made = [c for c in left if c.referent.material is not None and _same_stuff(c.referent.material, material)]
        if made:
            return made, "material"
    if color is not None or material is not None:
        unknown = [c for c in left if c.referent.color is None and c.referent.material is None]
        return [replace(c, score=round(c.score * 0.8, 3)) for c in unknown], "its look is not known"
    fact = fact_of(word)
    if fact is not None and any(k in KNOWN_FACTS for c in left for k, _ in c.referent.facts):
        return [c for c in left if (fact, "") in c.referent.facts], "state"
    if place is not None or size_of(word) is not None:
        return left, "relative"
    wholes = {r.name for r in cast.referents if r.sort == "thing" and word in r.words}
    parts = [c for c in left if c.referent.part_of in wholes]
    if parts:
        return parts, "part of it"
    called_so = [c for c in left if any(word in w.split() for w in c.referent.words)]
    return (called_so, "its name") if called_so else (left, "unknown")


def _shade(left: list[Called], word: str) -> list[Called]:
    """Of several of one colour, the darkest where the dark one was said, the lightest where the light one was."""
    shade = word.split()[0]
    if len(left) < 2 or shade not in SHADES or any(c.referent.color is None for c in left):
        return left
    light = {c.referent.name: sum(rgba(color_name(c.referent.color or "black"))[:3]) * SHADES[shade] for c in left}
    return [c for c in left if light[c.referent.name] >= max(light.values()) - 0.05]


def _extreme(left: list[Called], word: str, cast: Cast) -> list[Called]:
    from lifeworld.scene.words.lexicon import size_of

    if len(left) < 2:
        return left
    place = place_of(word)
    if place is None:
        dimension, way = size_of(word) or ("size", "more")
        return compared(left, dimension, way, cast)
    if any(c.referent.position_m is None for c in left):
        return left
    if place == "middle":
        spread = {p: _spread(left, p, cast) for p in ("left", "top", "back")}
        along = max(spread, key=lambda p: spread[p])
        row = sorted(left, key=lambda c: _along(c.referent, along, cast))
        return [row[len(row) // 2]] if len(row) % 2 else row
    far = max(_along(c.referent, place, cast) for c in left)
    return [c for c in left if _along(c.referent, place, cast) >= far - LEVEL_M]


def _most(left: list[Called], word: str, cast: Cast, many: int) -> list[Called]:
    """So many of a word that compares: "the top two blocks", "the three small ones"."""
    from lifeworld.scene.words.lexicon import size_of

    place = place_of(word)
    if place is None:
        return compared(left, *(size_of(word) or ("size", "more")), cast, many)
    if place == "middle" or any(c.referent.position_m is None for c in left):
        return left
    row = sorted(left, key=lambda c: -_along(c.referent, place, cast))
    apart = len(row) > many and _along(row[many - 1].referent, place, cast) > _along(row[many].referent, place, cast) + 1e-3
    return row[:many] if apart else left


def _spread(left: list[Called], place: str, cast: Cast) -> float:
    along = [_along(c.referent, place, cast) for c in left]
    return max(along) - min(along)


def _along(one: Referent, place: str, cast: Cast) -> float:
    """How far [m] something is towards a place, as the viewer sees it."""
    right, away, up = _seen(one, cast)
    return {"left": -right, "right": right, "front": -away, "back": away, "top": up, "bottom": -up}[place]


def _seen(one: Referent, cast: Cast) -> tuple[float, float, float]:
    x, y, z = one.position_m or (0.0, 0.0, 0.0)
    return (*sideways(cast.viewer_yaw_deg, x, y), z)


def _measure(dimension: str, cast: Cast) -> Callable[[Referent], float | None]:
    def measure(one: Referent) -> float | None:
        if dimension in ("mass", "weight"):
            # What is not weighed is guessed by its size: enough to tell the heavier of two of one sort.
            return one.mass_kg if one.mass_kg is not None else _volume(one)
        place = place_of(dimension)
        if dimension in ("near", "far"):
            place = "front" if dimension == "near" else "back"
        if place is not None and place != "middle":
            return None if one.position_m is None else _along(one, place, cast)
        if one.size_m is None:
            return None
        x, y, z = one.size_m
        by = {
            "height": z,
            "length": max(x, y),
            "width": min(x, y) if y else x,
            "depth": y,
            "thickness": min(x, y, z),
            "diameter": max(x, y),
        }
        return by.get(dimension, _volume(one))

    return measure


def _volume(one: Referent) -> float | None:
    return None if one.size_m is None else math.prod(s for s in one.size_m if s > 0)


def _same_stuff(has: str, said: str) -> bool:
    """Of one material, or of one sort of materials: "metal" is steel and brass, "wooden" is dark wood."""
    from lifeworld.scene.material import MATERIALS

    if has == said:
        return True
    both = has in MATERIALS and said in MATERIALS
    return both and MATERIALS[has].sound == MATERIALS[said].sound and MATERIALS[has].sound in ("wood", "metal", "cloth", "paper")


def _fewest_unsaid(left: list[Called], phrase: Phrase) -> list[Called]:
    """Those that are the fewest colours nobody said: "the white mug" is the white one before the white and yellow one."""
    from lifeworld.scene.words.lexicon import color_of

    if not any(color_of(w) for w in phrase.words):
        return left
    counts = [len({a for a in c.referent.adjectives if color_of(a)} - set(phrase.words)) for c in left]
    return [c for c, count in zip(left, counts, strict=True) if count == min(counts)]


def _names(called: Sequence[Called]) -> str:
    return ", ".join(c.referent.spoken for c in called[:4]) + (" …" if len(called) > 4 else "")
