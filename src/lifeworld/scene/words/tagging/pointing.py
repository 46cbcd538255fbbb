"""The small words of a phrase, and what tells which one is meant: articles, pronouns, "that is", "standing", "should be"."""

from __future__ import annotations

from lifeworld.scene.words.tagging.adjectives import comparative
from lifeworld.scene.words.tagging.scan import NOUNISH, PLACES, Scan
from lifeworld.scene.words.tagging.units import measure_at
from lifeworld.scene.words.tagging.verbal import verb_form

PUT = frozenset(
    {
        "put",
        "set",
        "placed",
        "moved",
        "located",
        "stored",
        "positioned",
        "kept",
        "left",
        "standing",
        "sitting",
        "lying",
        "hanging",
        "resting",
    }
)
"""What adds nothing after "should be": "the mug should be placed on the plate"."""


OUGHT = frozenset({"should", "must", "shall", "needs", "need", "has", "have", "ought"})
"""What says of a thing that something is to be done with it."""


def small(scan: Scan) -> bool:
    """Articles, pronouns, quantities, "of", "is", "that"."""
    small, low = scan.known.small, scan.low()
    if low in ("named", "called", "labelled", "labeled") and scan.kind() == "NOUN" and scan.at + 1 < len(scan.words):
        scan.skip(1)
        return scan.add("NAME", 1, name=scan.low())  # "a ball called bouncy"
    if low in ("x", "×") and scan.kind() in ("MEASURE", "AMOUNT"):
        return scan.skip(1)  # "50 cm x 50 cm"
    if low == "of" and measured(scan, scan.at + 1):
        return scan.skip(1)  # "a ball of 3 kg"
    if low == "of":
        return scan.add("OF", 1) if scan.kind() in (*NOUNISH, "NUM", "ORD", "COMP", "STATE", "ADJ", "ART") else scan.skip(1)
    if low == "than":
        return scan.add("REL", 1, name="than")
    if who(scan):
        return True
    if copula(scan):
        return True
    found = [(small[name].first(scan.lows, scan.at), name) for name in ("quantity", "articles", "pronouns")]
    best = max(((hit[1], -order, hit[0], name) for order, (hit, name) in enumerate(found) if hit is not None), default=None)
    if best is None:
        return False
    count, _, meaning, name = best
    following = scan.at + count
    if name == "pronouns" and meaning == "rest" and scan.low(count) == "of":
        return scan.add("ART", count, name="every")
    if name != "pronouns" and not scan.starts_phrase(following) and comparative(scan, following) is None and scan.low(count) != "of":
        pronoun = small["pronouns"].first(scan.lows, scan.at)
        if pronoun is not None:
            return scan.add("PRON", pronoun[1], name=pronoun[0])
        alone = {
            "this": "it",
            "that": "it",
            "these": "them",
            "those": "them",
            "all": "all",
            "each": "all",
            "another": "another",
            "both": "both",
            "some": "some",
            "every": "all",
        }
        if low in alone:
            return scan.add("PRON", count, name=alone[low])
        if scan.low(count) in PLACES or scan.low(count) in scan.known.also_noun or verb_noun(scan, following):
            return scan.add("ART", count, name=meaning)
        return scan.skip(count)
    if name == "quantity":
        return scan.add("NUM", count, number=2.0, name="both")
    if name == "articles":
        return scan.add("ART", count, name=meaning)
    if meaning in ("other", "another") and scan.nounish(following):
        return scan.add("ADJ", count, name="other")
    if meaning == "one" and scan.kind() not in ("ART", "ADJ", "COMP", "ORD", "NUM") and low == "one" and scan.low(1) != "of":
        return scan.add("PRON", count, name="one") if not scan.nounish(following) else scan.add("NUM", 1, number=1.0)
    if meaning == "one" and scan.kind() in ("ART", "ADJ", "COMP", "ORD", "NUM"):
        return scan.add("NOUN", count, name="one", plural=low == "ones")
    if meaning in ("there", "here") and scan.kind() not in ("REL",):
        return scan.skip(count) if meaning == "there" else scan.add("PRON", count, name=meaning)
    return scan.add("PRON", count, name=meaning, plural=meaning in ("them", "both", "all"))


def measured(scan: Scan, at: int) -> bool:
    """Whether a mass or a length follows that is nobody's: "3 kg", not "3 kg bag"."""
    found = measure_at(scan.words, at) if at < len(scan.words) else None
    return found is not None and found.kind in ("mass", "length") and not scan.nounish(at + found.words)


def verb_noun(scan: Scan, at: int) -> bool:
    return at < len(scan.words) and scan.words[at].sort == "word" and scan.lows[at] in scan.known.verb_lemmas


def who(scan: Scan) -> bool:
    """ "that is", "which stands", "standing": what follows tells which one is meant."""
    low, small = scan.low(), scan.known.small
    if scan.kind() not in (*NOUNISH, "SIDE", "STATE", "AND", "COMMA", "ADJ", "ORD", "COMP"):
        return False
    count = 0
    if (low in ("that", "which", "who") and scan.kind() not in ("AND", "COMMA", "SIDE")) or low in ("which", "who"):
        count = 1
        if scan.low(1) in ("you", "i", "we"):
            count = 2
    if count == 1 and scan.low(1) in ("weighs", "weigh", "measures"):
        return scan.skip(2)  # "a box that weighs 2 kg"
    at = scan.at + count
    if scan.tags[-1].said in ("what", "whatever") and low in ("is", "are", "'s"):
        return scan.add("WHO", 1)
    if count:
        hit = small["copula"].first(scan.lows, at) if at < len(scan.lows) else None
        if at < len(scan.words) and scan.words[at].low == "'s":
            hit = ("is", 1)
        if hit is None and not (scan.low_at(at) in ("not",) or posture(scan, at)):
            return False
        at += hit[1] if hit else 0
    negated = scan.low_at(at) == "not" or (count > 0 and "not" in scan.lows[scan.at : at])
    at += scan.low_at(at) == "not"
    postures = posture(scan, at)
    at += postures
    if at == scan.at:
        return False
    marks = count > 0 or any(
        low.endswith(("ing", "ed", "sat", "found", "hung", "stuck", "kept", "stood", "hidden")) for low in scan.lows[scan.at : at]
    )
    taken = at - scan.at
    if not marks:
        return not negated and scan.skip(taken)
    return scan.add("WHO", taken, name="not" if negated else "")


def posture(scan: Scan, at: int) -> int:
    """How many words of posture stand before a relation: "standing right | next to"; none where no relation follows."""
    count = 0
    while at + count < len(scan.words) and scan.known.small["posture"].first(scan.lows, at + count):
        relation = scan.known.relations.first(scan.lows, at + count)
        if (relation is not None and relation[1] > 1) or (relation is not None and scan.lows[at + count] in ("over",)):
            break
        side = scan.known.sides.first(scan.lows, at + count)
        if side is not None and side[1] > 1:
            break
        count += 1
    if count == 0 or at + count >= len(scan.words):
        return 0
    follows = scan.known.relations.first(scan.lows, at + count) or scan.known.sides.first(scan.lows, at + count)
    closest = scan.lows[at + count] in ("closest", "nearest", "furthest", "farthest")
    return count if follows or closest else 0


def copula(scan: Scan) -> bool:
    """ "is", "should be" between what is spoken of and what is said of it."""
    hit = scan.known.small["copula"].first(scan.lows, scan.at)
    if hit is None or scan.kind() not in (*NOUNISH, "STATE", "SIDE", "ADJ", "COMP", "ORD", "NUM"):
        hits = scan.known.small["hits"].first(scan.lows, scan.at)
        if hits is not None and any(tag.kind == "WHEN" for tag in scan.open_clause()) and scan.kind() in NOUNISH:
            return scan.add("COPULA", hits[1], name=hits[0])
        return False
    hits = scan.known.small["hits"].first(scan.lows, scan.at)
    if scan.has_verb() and scan.tags and not scan.may_state():
        if hit[0] in ("is", "are", "'s", "was", "be", "being"):
            return scan.skip(hit[1])
        return False
    negated = "not" in hit[0].split() or scan.low(hit[1]) == "not"
    scan.add("COPULA", hit[1] + (scan.low(hit[1]) == "not"), name="not" if negated else "be")
    if scan.low() == "to" and scan.low(1) == "be":
        scan.skip(2)
    if passive(scan, hit[0]):
        return True
    if scan.low() in PUT and scan.known.relations.first(scan.lows, scan.at + 1) and not scan.known.relations.first(scan.lows, scan.at):
        scan.skip(1)
    return True


def passive(scan: Scan, said: str) -> bool:
    """ "the mug should be turned upside down" asks to turn it: what was said to be becomes what the verb acts on."""
    from lifeworld.scene.words.lexicon import color_of

    low = scan.low()
    lemma = scan.known.verb_lemmas.get(low)
    if said.split()[0] not in OUGHT or lemma is None or low == lemma or low.endswith("ing") or low in PUT or scan.has_verb():
        return False
    states = low in scan.known.states and scan.low(1) != "with"
    form = None if states or color_of(low) is not None else verb_form(scan, scan.at, lemma)
    if form is None or scan.tags[-1].name == "not" or any(tag.kind == "WHEN" for tag in scan.open_clause()):
        return False
    begins = len(scan.tags) - len(scan.open_clause())
    scan.tags.pop()
    scan.add("VERB", form[1], name=form[0].verb, form=form[0])
    scan.tags.insert(begins, scan.tags.pop())
    return True
