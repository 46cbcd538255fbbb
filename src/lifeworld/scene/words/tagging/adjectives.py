"""Adjectives: colours, materials, sizes and states, comparatives; before a noun they describe, else they say how it is to be."""

from __future__ import annotations

from functools import lru_cache

from lifeworld.scene.words.tagging.scan import NOUNISH, PLACES, Scan
from lifeworld.scene.words.tagging.verbal import verb_at
from lifeworld.scene.words.tagging.vocabulary import Vocabulary


def quality(scan: Scan) -> bool:
    """Adjectives: comparatives, colours, materials, states; before a noun they describe, else they say how it is to be."""
    from lifeworld.scene.words.lexicon import parts_of_speech

    compared = comparative(scan, scan.at)
    weighed = scan.kind() == "MEASURE" and scan.tags[-1].unit == "mass"
    if compared is None and weighed and scan.low() in ("more", "less"):
        return scan.add("STATE", 1, name="mass", unit=scan.low())  # "2 kg more"
    if compared is not None:
        dimension, way, count = compared
        following = scan.at + count
        if (
            scan.low(count) in ("of",)
            or scan.nounish(following)
            or scan.low(count) in ("one", "ones")
            or way in ("most", "least")
            or scan.kind() == "ART"
        ):
            return scan.add("COMP", count, name=dimension, unit=way)
        return scan.add("STATE", count, name=dimension, unit=way)
    for count in (2, 1):
        said = " ".join(scan.lows[scan.at : scan.at + count])
        if scan.at + count > len(scan.words) or any(word.sort != "word" for word in scan.words[scan.at : scan.at + count]):
            continue
        unit = quality_of(said, scan.known)
        if unit is None:
            continue
        if unit == "material" and count == 1 and scan.kind() == "NOUN" and not scan.sets():
            return False  # "the wine glass", "the toilet paper roll": a part of the noun
        if unit == "color" and is_compound(scan.low(count - 1), scan.low(count)):
            if count == 1:
                return False  # "the wine glass", "the orange juice"
            continue
        if describes(scan, scan.at + count, unit):
            return scan.add("ADJ", count, name=said)
        if (
            unit == "color"
            and count == 1
            and scan.kind() in ("ART", "NUM", "VERB", "REL", "AND", "COMMA", "ADJ", "SEP")
            and not scan.sets()
            and is_thing_too(said)
        ):
            return False  # "the orange"
        if scan.kind() == "ART" and (unit == "color" or (unit in ("dimension", "state") and parts_of_speech(said)[:1] != ("noun",))):
            return scan.add("ADJ", count, name=said)
        if scan.kind() in ("ART", "OWN", "ADJ", "NUM") and unit in ("material", "dimension") and count == 1:
            return False
        if (
            unit == "material"
            and scan.kind() in ("OF", "REL", "SEP", "VERB", "AND", "COMMA")
            and not (scan.kind() == "REL" and scan.tags[-1].name == "as")
        ):
            return False
        return scan.add("STATE", count, name=said, unit=unit)
    return False


def describes(scan: Scan, at: int, unit: str) -> bool:
    """Whether a noun follows that an adjective describes; "yellow and white mug" too."""
    if scan.low_at(at) in scan.known.states:
        return describes(scan, at + 1, unit)
    if scan.nounish(at):
        return not (verb_at(scan, at, after="STATE") is not None and scan.kind() in NOUNISH)
    low = scan.low_at(at)
    if low in ("one", "ones"):
        return True
    if low in ("and", ",") and at + 1 < len(scan.words):
        again = quality_of(scan.lows[at + 1], scan.known)
        return again is not None and describes(scan, at + 2, again) and scan.kind() not in NOUNISH
    return low in PLACES and scan.nounish(at + 1)


def comparative(scan: Scan, at: int) -> tuple[str, str, int] | None:
    """(dimension, way, words) of "larger", "the most heavy", "less bright"."""
    if at >= len(scan.words) or scan.words[at].sort != "word":
        return None
    low, dimensions = scan.lows[at], scan.known.dimensions
    turned = {"more": "less", "less": "more", "most": "least", "least": "most"}
    if low in ("more", "less", "most", "least") and scan.low_at(at + 1) in dimensions:
        dimension, way = dimensions[scan.low_at(at + 1)]
        if low in ("more", "most"):
            return dimension, way if low == "more" else {"more": "most", "less": "least"}[way], 2
        return dimension, turned[way] if low == "less" else {"more": "least", "less": "most"}[way], 2
    if low in ("leftmost", "rightmost"):
        return None
    irregular = {
        "further": ("distance", "more"),
        "farther": ("distance", "more"),
        "furthest": ("distance", "most"),
        "farthest": ("distance", "most"),
    }
    if low in irregular:
        return (*irregular[low], 1)
    for ending, step in (("est", True), ("er", False)):
        if low.endswith(ending) and len(low) > 4:
            stem = low[: -len(ending)]
            for base in (
                stem,
                stem + "e",
                stem[:-1] if stem[-1:] == stem[-2:-1] else "",
                stem[:-1] + "y" if stem.endswith("i") else "",
            ):
                if base in dimensions:
                    dimension, way = dimensions[base]
                    return dimension, {"more": "most", "less": "least"}[way] if step else way, 1
    return None


def quality_of(said: str, known: Vocabulary) -> str | None:
    """What an adjective is about: color, material, state, dimension; None if it is none."""
    from lifeworld.scene.words.lexicon import color_of, material_of

    if said in known.states:
        return "state"
    if color_of(said) is not None:
        return "color"
    if said in known.dimensions:
        return "dimension"
    return "material" if material_of(said) is not None else None


def is_thing_too(word: str) -> bool:
    """Whether an adjective is a thing as well: "orange", "remote"."""
    from lifeworld.scene.words.lexicon import kinds_for

    return any(match.score >= 0.9 for match in kinds_for(word)[:1])


@lru_cache(maxsize=1 << 10)
def is_compound(first: str, second: str) -> bool:
    """Whether two words are one noun: "wine glass"."""
    from lifeworld.scene.words.lexicon import kinds_for, taxonomy
    from lifeworld.scene.words.lexicon.lemma import lemma

    said = f"{first} {lemma(second, 'noun')}"
    return bool(second) and (bool(taxonomy.senses(said)) or any(match.how == "exact" for match in kinds_for(said)[:1]))
