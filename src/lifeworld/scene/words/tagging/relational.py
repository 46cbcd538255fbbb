"""How things stand to each other, on which side, and how much: relations, sides, numbers and measures."""

from __future__ import annotations

from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.scene.words.clause import Value
from lifeworld.scene.words.tagging.adjectives import comparative, quality_of
from lifeworld.scene.words.tagging.scan import NOUNISH, PLACES, Scan, Tag
from lifeworld.scene.words.tagging.units import ORDINALS, PARTS, measure_at, not_a_number
from lifeworld.scene.words.tagging.verbal import verb_at


def number(scan: Scan) -> bool:
    """Numbers and measures, ordinals."""
    low = scan.low()
    if scan.words[scan.at].sort == "color":
        return scan.add("ADJ" if scan.nounish(scan.at + 1) else "STATE", 1, name=low, unit="color")
    if not_a_number(scan.words, scan.at):
        raise WordsError(f"{low!r} is no number", reason="unsafe_number", span=scan.words[scan.at].span, fix="Say a finite number.")
    if low in ("left", "right") and scan.low(1) == "most":
        return scan.add("ORD", 2, number=1.0, name=low)
    if low in ORDINALS and scan.kind() != "NUM" and not (low == "second" and scan.kind() == "NUM"):
        follows = scan.low(1)
        side = scan.known.sides.first(scan.lows, scan.at + 1)
        if scan.kind() == "NOUN" and follows == "from" and side is not None:
            return scan.add("SIDE", 1 + side[1], name=side[0], number=float(ORDINALS[low]))
        if (
            scan.nounish(scan.at + 1)
            or follows in ("one", "from", "largest", "smallest", "biggest", "tallest", "of")
            or scan.kind() == "ART"
        ):
            return scan.add("ORD", 1, number=float(ORDINALS[low]))
    if share(scan):
        return True
    part = 1 if low in PARTS else 2 if low == "a" and scan.low(1) in PARTS else 0
    if part and comparative(scan, scan.at + part) is not None:
        return scan.add("MEASURE", part, number=PARTS[scan.low(part - 1)], unit="ratio")  # "a quarter bigger"
    manner = scan.known.manner.first(scan.lows, scan.at)
    measure = measure_at(scan.words, scan.at)
    if manner is not None and (measure is None or manner[1] >= measure.words) and is_manner(scan, manner[0], manner[1]):
        return scan.add("MANNER", manner[1], value=manner[0])
    if measure is None:
        return False
    if measure.kind == "count":
        if low == "one" and scan.low(1) == "of" and scan.starts_phrase(scan.at + 2):
            return scan.add("NUM", 1, number=1.0)
        if low == "one" and not scan.nounish(scan.at + 1):
            return False
        each = scan.at + measure.words
        sized = measure_at(scan.words, each) if each < len(scan.words) else None
        if sized is not None and sized.kind in ("length", "mass") and scan.nounish(each + sized.words):
            return scan.add("NUM", measure.words, number=measure.value)  # "two 5 cm balls"
        if (
            scan.nounish(scan.at + measure.words)
            or scan.low(measure.words) in ("of", "more", "other")
            or scan.known.small["quantity"].first(scan.lows, scan.at + measure.words if scan.at + measure.words < len(scan.lows) else 0)
        ):
            count = measure.words + (1 if scan.low(measure.words) in ("more", "other") else 0)
            return scan.add("NUM", count, number=measure.value)
        if measure.words == 1 and scan.words[scan.at].sort == "number" and scan.kind() == "NOUN" and not scan.measures():
            return scan.add("NOUN", 1, name=low)  # "block 5"
        return scan.add("MEASURE", measure.words, number=measure.value, unit="count")
    inside = scan.kind() in ("ART", "ADJ", "COMP", "NUM") and measure.kind in ("length", "mass") and (scan.nounish(scan.at + measure.words))
    bound = scan.lows[scan.at - 1] if scan.at and scan.lows[scan.at - 1] in ("to", "from") else ""  # "increase it to 2 kg"
    return scan.add("AMOUNT" if inside else "MEASURE", measure.words, name=bound, number=measure.value, unit=measure.kind)


def share(scan: Scan) -> bool:
    """ "twice its height", "half the size", "a third of its width", "50% of its current size": a factor, and of what."""
    at = scan.at
    manner = next((hit for hit in scan.known.manner.at(scan.lows, at) if hit[0][0] == "factor"), None)
    part = 1 if scan.low() in PARTS else 2 if scan.low() == "a" and scan.low(1) in PARTS else 0
    measure = measure_at(scan.words, at)
    fraction = measure is not None and measure.kind == "count" and scan.low_at(at + measure.words - 1) in PARTS
    if measure is not None and (measure.kind in ("factor", "ratio") or fraction):
        factor, at = measure.value, at + measure.words
    elif manner is not None:
        factor, at = float(manner[0][1]), at + manner[1]
    elif part:
        factor, at = PARTS[scan.lows[at + part - 1]], at + part
    else:
        return False
    while scan.low_at(at) in ("of", "as", "its", "their", "the", "it", "his", "her", "current", "original", "present", "normal", "usual"):
        at += 1
    if scan.low_at(at) not in scan.known.properties or (scan.low_at(at + 1) == "of" and scan.low_at(at - 1) not in ("the", "its", "their")):
        return False
    dimension = scan.low_at(at)
    count = at + 1 - scan.at
    scan.add("MANNER", count, value=("factor", factor))
    if dimension != "size":
        scan.tags.append(replace(scan.tags[-1], value=("dimension", dimension)))
    return scan.low() != "of" or scan.skip(1)


def is_manner(scan: Scan, value: tuple[str, Value], count: int) -> bool:
    """Whether a word of degree is one here: "wide open", not "a wide table"."""
    following = scan.at + count
    low = scan.low()
    related = scan.known.relations.first(scan.lows, scan.at)
    if low == "wide" and scan.kind() == "MEASURE":
        return False  # "2 m wide"
    if scan.kind() in ("ART", "ADJ", "NUM") or (related is not None and related[1] > count):
        return False
    if value[0] == "amount" and low == "to":
        return not scan.nounish(following)  # "to the top drawer"
    if value[0] == "view":
        return scan.low(count) != "of" and not scan.nounish(following)
    if value[0] == "degree":
        return not scan.starts_phrase(following) or comparative(scan, following) is not None
    if low in ("half", "double", "wide", "triple", "way", "far", "much") and count == 1:
        return following >= len(scan.words) or not scan.nounish(following)
    return True


def relation(scan: Scan) -> bool:
    """How things stand to each other, and sides: the longest that fits here."""
    relation = scan.known.relations.first(scan.lows, scan.at)
    side = scan.known.sides.first(scan.lows, scan.at)
    frame = scan.known.frames_said.first(scan.lows, scan.at)
    if frame is not None and (relation is None or frame[1] > relation[1]) and scan.kind() not in ("SEP",):
        return scan.add("MANNER", frame[1], value=("frame", frame[0]))
    stated = scan.kind() in ("COPULA", "WHO") or (scan.kind() == "NOUN" and not scan.has_verb())
    if stated and scan.low() in ("on", "off") and not scan.starts_phrase(scan.at + 1):
        return scan.add("STATE", 1, name=scan.low(), unit="state")
    gives = scan.sets() or scan.may_state()
    if scan.low() in ("face", "faces") and (
        scan.kind() == "COPULA" or (gives and scan.kind() in NOUNISH and scan.starts_phrase(scan.at + 1))
    ):
        return scan.add("REL", 1, name="facing")
    if (
        scan.low() == "back"
        and scan.has_verb()
        and not scan.nounish(scan.at + 1)
        and relation is None
        and scan.kind() not in ("ART", "ADJ")
    ):
        moving = next((tag.name for tag in reversed(scan.tags) if tag.kind == "VERB"), "") in (
            "move",
            "push",
            "pull",
            "slide",
            "go",
            "rotate",
        )
        if moving and scan.low(1) != "up":
            return scan.add("SIDE", 1, name="back")
    if nearest(scan) or stuff(scan) or alike(scan):
        return True
    if (
        scan.low() in PLACES
        and scan.kind() in ("ART", "ADJ", "ORD", "COMP", "OWN", "AMOUNT")
        and not (relation is not None and relation[1] > 1)
    ):
        return place(scan)
    if side is not None and (
        relation is None or side[1] > relation[1] or (side[1] == relation[1] and not scan.starts_phrase(scan.at + side[1]))
    ):
        for name, count in scan.known.sides.at(scan.lows, scan.at):
            if side_ends(scan, count) and (relation is None or count >= relation[1]):
                return scan.add("SIDE", count, name=name)
    idle = scan.known.small["fillers"].first(scan.lows, scan.at)
    if relation is not None and idle is not None and idle[1] > relation[1]:
        return scan.skip(idle[1])  # "for me", "in the scene"
    if relation is None:
        return place(scan) if scan.low() in PLACES and scan.nounish(scan.at + 1) else False
    if scan.low() == "in" and scan.at + 1 < len(scan.words):
        time = measure_at(scan.words, scan.at + 1)
        if time is not None and time.kind == "time" and not scan.nounish(scan.at + 1 + time.words):
            return scan.add("WHEN", 1, name="in")
    last = scan.at + relation[1] - 1
    if relation[1] > 1 and scan.lows[last] == "to":
        longer = scan.known.relations.first(scan.lows, last)
        if (longer is not None and longer[1] > 1) or verb_at(scan, last + 1, after="TO") is not None:
            return scan.add("SIDE", 1, name="back") if scan.low() == "back" else scan.skip(relation[1] - 1)  # "back | to face it"
    (name, spot), count = relation
    said = " ".join(scan.lows[scan.at : scan.at + count])
    part = 1 if scan.low(1) in PARTS else 2 if scan.low(1) == "a" and scan.low(2) in PARTS else 0
    how_much = measure_at(scan.words, scan.at + 1) if scan.at + 1 < len(scan.words) else None
    if said == "by" and part and not scan.nounish(scan.at + 1 + part) and (how_much is None or how_much.words <= part):
        return scan.add("MEASURE", 1 + part, number=PARTS[scan.low(part)], unit="ratio")  # "by a third"
    if name == "by" or (said == "by" and measure_follows(scan, scan.at + 1)):
        return scan.skip(count)
    if scan.kind() in ("ART", "ADJ", "COMP", "ORD", "OWN") and count == 1:
        return False
    if scan.kind() != "VERB" and scan.turns() and said in ("into", "to", "in to"):
        name = "as"  # "turn the cup into a bowl"
    if said == "by" and any(tag.kind == "VERB" and tag.name == "replace" for tag in scan.open_clause()):
        name = "with"
    stuff_of = quality_of(scan.low(1), scan.known) in ("color", "material") and not scan.nounish(scan.at + 2)
    if said == "from" and scan.sets() and stuff_of:
        return scan.skip(2)  # "from wood to metal"
    if said in ("in", "of") and scan.sets() and stuff_of:
        return scan.skip(1)  # "paint it in red"
    if count == 1 and said in ("over", "along", "off", "past", "before", "next", "by", "round") and not scan.starts_phrase(scan.at + 1):
        return scan.skip(1)
    return scan.add("REL", count, name=name, spot=spot)


def nearest(scan: Scan) -> bool:
    """ "closest to", "furthest from": the one for whom the distance is least or most."""
    low, follows = scan.low(), scan.low(1)
    if low in ("nearest", "closest") and scan.kind() not in ("ART", "ADJ") and (follows == "to" or scan.starts_phrase(scan.at + 1)):
        return scan.add("REL", 2 if follows == "to" else 1, name="near", spot="least")
    if low in ("furthest", "farthest") and follows in ("from", "away"):
        return scan.add("REL", 3 if follows == "away" else 2, name="far_from", spot="most")
    return False


def stuff(scan: Scan) -> bool:
    """ "made of wood", "make it out of wood": what things are of."""
    from lifeworld.scene.words.lexicon import material_of

    ahead = 1 if scan.low() in ("made", "consisting") else 0
    of = next((n for n in (2, 1) if " ".join(scan.lows[scan.at + ahead : scan.at + ahead + n]) in ("out of", "of", "from")), 0)
    at = scan.at + ahead + of
    if not of or not (ahead or (of == 2 and scan.sets())) or at >= len(scan.words) or material_of(scan.lows[at]) is None:
        return False
    if scan.nounish(at + 1):
        return False
    described = scan.kind() == "NOUN" and not scan.sets()
    if described:
        scan.tags.append(Tag(kind="WHO", said="", span=(scan.words[scan.at].span[0],) * 2))
    scan.at += ahead + of
    return scan.add("STATE", 1, name=scan.low(), unit="material")


def alike(scan: Scan) -> bool:
    """ "the same colour as the bowl": the property, and whose."""
    at = scan.at + (scan.low() == "the")
    key = scan.known.properties.get(scan.low_at(at + 1))
    if scan.low_at(at) != "same" or key is None or scan.low_at(at + 2) not in ("as", "like"):
        return False
    scan.add("MANNER", at + 2 - scan.at, value=("alike", key))
    return scan.add("REL", 1, name="as")


def place(scan: Scan) -> bool:
    """ "the top drawer", "the back left burner": a place as an adjective, or as a noun where no noun follows."""
    if scan.low(1) == "hand" and scan.low() in ("left", "right") and scan.nounish(scan.at + 2):
        return scan.add("ADJ", 2, name=scan.low())
    if scan.kind() == "NOUN":
        return scan.add("NOUN", 1, name=scan.low())
    if scan.nounish(scan.at + 1) or (scan.low(1) in PLACES and scan.nounish(scan.at + 2)) or scan.low(1) in ("one", "ones"):
        return scan.add("ADJ", 1, name=scan.low())
    return scan.add("NOUN", 1, name=scan.low())


def side_ends(scan: Scan, count: int) -> bool:
    """Whether a side stands by itself: "on the left", not "on the left plate"; "up", not "up the stairs"."""
    following = scan.at + count
    last = scan.low(count - 1)
    if scan.kind() == "ART":
        return False
    if scan.low() == "from" and any(tag.kind == "ORD" for tag in scan.tags[-5:]):
        return scan.low(count) != "of"
    if scan.low(count) == "of" or (scan.nounish(following) and verb_at(scan, following, after="SIDE") is None):
        return False
    return not (
        count == 1 and scan.kind() != "VERB" and last in ("up", "down", "around", "round", "in", "on") and scan.starts_phrase(following)
    )


def measure_follows(scan: Scan, at: int) -> bool:
    """Whether "by" is followed by how much."""
    return at < len(scan.words) and (measure_at(scan.words, at) is not None or scan.known.manner.first(scan.lows, at) is not None)
