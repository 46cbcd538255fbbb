"""Words become tags: what each does in the sentence, told by the tables and by what stands around it.

"open the open drawer": the first is a verb, for it begins the clause; the second an adjective, for it follows an article. Every rule is
about kinds of words; the words themselves stand in the tables. A word that no table knows is a noun, or an adjective before one.
"""

from __future__ import annotations

from collections.abc import Sequence

from lifeworld.scene.words.tagging.adjectives import describes, is_thing_too, quality, quality_of
from lifeworld.scene.words.tagging.joining import comma, joint, lead
from lifeworld.scene.words.tagging.pointing import small
from lifeworld.scene.words.tagging.relational import number, relation
from lifeworld.scene.words.tagging.scan import NOUNISH, Scan, Tag
from lifeworld.scene.words.tagging.tokens import Word
from lifeworld.scene.words.tagging.verbal import verb
from lifeworld.scene.words.tagging.vocabulary import Vocabulary, vocabulary

FEWEST_LETTERS = 4
"""Shorter small words are not corrected: too many are near each other."""


def tagged(words: Sequence[Word]) -> tuple[list[Tag], list[str]]:
    """The tags of a sentence's words, and what was taken for something else.

    Raises:
        WordsError: `unsafe_number`; `unsupported` for a question that asks to be told something.
    """
    short = {"'re": "are", "'d": "would", "'ll": "will", "'ve": "have", "'m": "am"}
    lows = [short.get(word.low, word.low) for word in words]
    scan = Scan(words=words, known=vocabulary(), lows=lows, tags=[], evidence=[])
    while scan.at < len(words):
        if not any(rule(scan) for rule in (mark, lead, joint, verb, number, relation, small, quality, filler)):
            open_class(scan)
    return scan.tags, scan.evidence


def mark(scan: Scan) -> bool:
    word = scan.words[scan.at]
    if word.sort == "quoted":
        return scan.add("NAME", 1, name=word.low)
    if word.sort == "tail":
        if word.low == "'s" and scan.kind() in NOUNISH and not copula_follows(scan):
            return scan.add("OWN", 1)
        if word.low == "'" and scan.kind() in NOUNISH:
            return scan.add("OWN", 1)
        if word.low == "'s":
            scan.lows[scan.at] = "is"
        return scan.skip(1) if word.low in ("'", "'m") else False
    if word.sort != "mark":
        return False
    if word.low == ",":
        return comma(scan)
    if word.low == ":" and scan.kind() == "VERB":
        return scan.skip(1)  # "goal: the spoon is in the mug"
    if word.low in (".", ";", ":", "!", "?"):
        return scan.add("SEP", 1, name="stop")
    if word.low in ("&", "+"):
        scan.lows[scan.at] = "and"
        return False
    return scan.skip(1)


def copula_follows(scan: Scan) -> bool:
    """Whether an "'s" is "is": "the cup that's on the table", "the mug's on the table"."""
    return scan.tags[-1].kind == "PRON" or (
        scan.at + 1 < len(scan.words) and not scan.nounish(scan.at + 1) and not scan.starts_phrase(scan.at + 1)
    )


def filler(scan: Scan) -> bool:
    low = scan.low()
    if low in ("leftmost", "rightmost"):
        return scan.add("ORD", 1, number=1.0, name=low.removesuffix("most"))
    hit = scan.known.small["fillers"].first(scan.lows, scan.at)
    if hit is not None and scan.kind() not in ("ART", "ADJ"):
        return scan.skip(hit[1])
    if low in ("not", "never"):
        return scan.add("NOT", 1)
    return low in ("and", "or", "of", "as", "'") and scan.skip(1)


def open_class(scan: Scan) -> None:
    """A word of no table: a noun, or before a noun perhaps what describes it."""
    from lifeworld.scene.words.lexicon import parts_of_speech
    from lifeworld.scene.words.lexicon.lemma import lemma

    word = scan.words[scan.at]
    low = scan.low()
    if word.sort == "name":
        scan.add("NOUN", 1, name=word.low)
        return
    if mistyped(scan):
        return
    parts = parts_of_speech(low)
    base = lemma(low, "noun")
    plural = base != low and low.endswith(("s", "en", "ves", "ice", "eet", "eeth"))
    if parts[:1] == ("adv",) and low.endswith("ly"):
        scan.skip(1)
        return
    if scan.kind() == "ART" and not scan.sets() and quality_of(scan.low(1), scan.known) and describes(scan, scan.at + 2, ""):
        scan.add("ADJ", 1, name=low)  # "the akita black bowl"
        return
    if scan.nounish(scan.at + 1):
        adjective = (
            (parts[:1] == ("adj",) and "noun" not in parts[:2])
            or (low.endswith(("ed", "en")) and "noun" not in parts)
            or scan.low() in scan.known.also_adjective
        )
        if adjective:
            scan.add("ADJ", 1, name=low)
            return
    elif scan.kind() in NOUNISH and parts[:1] == ("adj",) and low not in scan.known.properties and not is_thing_too(low):
        scan.add("STATE", 1, name=low, unit="state")
        return
    scan.add("NOUN", 1, name=base, plural=plural)


def mistyped(scan: Scan) -> bool:
    """Corrects a slip in a verb or a small word, where the word is no English one: "mvoe the mug", "undr"."""
    from lifeworld.scene.words.lexicon import is_known

    low = scan.low()
    if len(low) < 3 or is_known(low) or low in scan.known.verb_lemmas:
        return False
    opens = scan.opens_clause() and scan.starts_phrase(scan.at + 1)
    meant = near_word(low, scan.known, verbs=opens)
    if meant is None:
        return False
    scan.evidence.append(f"{low!r} taken for {meant!r}")
    scan.lows[scan.at] = meant
    before = scan.at
    for rule in (joint, verb, relation, small):
        if rule(scan):
            return True
    scan.lows[before] = low
    scan.evidence.pop()
    return False


def near_word(low: str, known: Vocabulary, *, verbs: bool) -> str | None:
    """The verb or small word somebody meant who typed this: the fewest slips, then the longest common beginning."""
    said = sorted({words[0] for words in known.verbs.rows}) if verbs else []
    small = sorted({word for words in known.relations.rows for word in words[:1] if len(word) >= FEWEST_LETTERS})
    return _nearest(low, said, 1 if len(low) < 6 else 2) or (_nearest(low, small, 1) if len(low) >= FEWEST_LETTERS else None)


def _nearest(low: str, among: Sequence[str], slips: int) -> str | None:
    from rapidfuzz.distance import OSA, Prefix
    from rapidfuzz.process import extract

    hits = extract(low, among, scorer=OSA.distance, score_cutoff=slips, limit=8)
    best = min(hits, key=lambda hit: (hit[1], -Prefix.similarity(low, hit[0]), hit[0]), default=None)
    return None if best is None else str(best[0])
