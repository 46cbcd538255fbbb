"""Where clauses begin and end: politeness, "and", "then", commas, "when", and questions, which are refused."""

from __future__ import annotations

from lifeworld.core.errors import WordsError
from lifeworld.scene.words.tagging.adjectives import describes, quality_of
from lifeworld.scene.words.tagging.scan import NOUNISH, Scan, Tag
from lifeworld.scene.words.tagging.units import measure_at
from lifeworld.scene.words.tagging.verbal import verb_at
from lifeworld.scene.words.tagging.vocabulary import VerbForm

TRAILING = ("when", "once", "after", "if", "until", "whenever")
"""What a condition begins with that follows what it is for."""
CONDITIONS = frozenset({
    "unless", "as long as", "provided that", "provided", "assuming that", "assuming", "given that", "only if", "only when",
})  # fmt: skip
"""Conditions that no event of a scene stands for: they would have to be looked up, again and again."""


def lead(scan: Scan) -> bool:
    """What politely opens a clause; questions that ask to be told something; "there should be"; "do not"; "when"."""
    small = scan.known.small
    if not scan.opens_clause():
        return False
    if not scan.tags or scan.kind() == "SEP":
        asked = small["asks"].first(scan.lows, scan.at)
        politely = small["leads"].first(scan.lows, scan.at)
        if asked is not None and not known_request(scan, asked[0]) and (politely is None or politely[1] < asked[1]):
            raise WordsError(
                f"{asked[0]!r} asks something; only requests are understood here",
                reason="unsupported",
                span=(scan.words[scan.at].span[0], scan.words[-1].span[1]),
                suggestions=("add a glass on the table", "the glass should be on the table"),
            )
        there = small["there"].first(scan.lows, scan.at)
        if there is not None:
            return scan.add("VERB", there[1], name="add", form=VerbForm("add", there[0]))
    if scan.low() in ("go", "come") and verb_at(scan, scan.at + 1, after="SEP") is not None:
        return scan.skip(1)  # "go open the drawer"
    if not scan.tags and scan.low() == "lets":
        return scan.skip(1)
    if scan.low() == "let" and "be" in scan.lows[scan.at + 2 : scan.at + 8]:
        return scan.skip(1)  # "let the mug be red"
    if scan.low() in ("you", "i", "we") and scan.low(1) in ("are", "am") and scan.known.relations.first(scan.lows, scan.at + 2):
        return scan.add("PRON", 1, name="me")  # "so that you are in front of it"
    if scan.low() == "every" and scan.at + 1 < len(scan.words):
        time = measure_at(scan.words, scan.at + 1)
        if time is not None and time.kind == "time":
            raise WordsError(
                "what happens again and again is not understood",
                reason="unsupported",
                span=(scan.words[scan.at].span[0], scan.words[scan.at + time.words].span[1]),
                suggestions=("after 2 seconds push the ball",),
                fix="Say when it happens once.",
            )
    not_ = small["not"].first(scan.lows, scan.at)
    if not_ is not None and verb_at(scan, scan.at + not_[1], after="NOT") is not None:
        if scan.tags and scan.kind() != "SEP":
            scan.tags.append(Tag(kind="SEP", said="", span=(scan.words[scan.at].span[0],) * 2, name="implied"))
        return scan.add("NOT", not_[1])
    if not_ is not None and not_[0].split()[0] in ("do", "never", "dont", "avoid", "please") and scan.words[scan.at :][not_[1] :]:
        raise WordsError(
            "it says what not to do",
            reason="negated",
            span=(scan.words[scan.at].span[0], scan.words[-1].span[1]),
            fix="Say what is to be done instead.",
        )
    when = small["when"].first(scan.lows, scan.at)
    polite = small["leads"].first(scan.lows, scan.at)
    relation = scan.known.relations.first(scan.lows, scan.at)
    if polite is not None and relation is not None and relation[1] > polite[1]:
        polite = None  # "next to the table" is no "next"
    if when is not None and (polite is None or when[1] > polite[1]) and scan.at + when[1] < len(scan.words):
        scan.add("WHEN", when[1], name=when[0])
        if small["there"].first(scan.lows, scan.at) is not None:
            raise WordsError(
                "whether there is something is not looked up before a change",
                reason="unsupported",
                span=(scan.tags[-1].span[0], scan.words[-1].span[1]),
                suggestions=("remove the mug", "when the mug hits the floor, open the drawer"),
                fix="Say what is to change.",
            )
        return True
    found = verb_at(scan, scan.at, after=scan.kind())
    if polite is None or (found is not None and polite[1] <= found[1]):
        return False
    following = scan.at + polite[1]
    ordinal = polite[0] in ("first", "next", "only") and scan.nounish(following) and verb_at(scan, following, after="SEP") is None
    return not ordinal and scan.skip(polite[1])


def known_request(scan: Scan, asked: str) -> bool:
    """ "which" and "is the" may open a clause after another."""
    return bool(scan.tags) and asked in ("which", "is the", "are the")


def joint(scan: Scan) -> bool:
    """ "and", "then", "or", "to do": between things, or between clauses."""
    low = scan.low()
    small = scan.known.small
    excepted = exception(scan, 0)
    if excepted:
        return scan.add("REL", excepted, name="except")
    if low in ("and", "or", "plus") or (low == "as" and scan.low(1) == "well" and scan.low(2) == "as"):
        count = 3 if low == "as" else 1
        if scan.kind() == "ADJ" and quality_of(scan.low(1), scan.known) is not None and describes(scan, scan.at + 2, ""):
            # "the yellow and white mug" is one, "the steel and wooden balls" are two
            return scan.add("AND", 1, name=low) if several(scan, scan.at + 2) else scan.skip(1)
        longer = scan.then(scan.at)
        if (
            longer is not None
            and longer[1] > count
            and (verb_at(scan, past_leads(scan, longer[1]), after="AND") or "then" in longer[0].split())
        ):
            return scan.add("SEP", longer[1], name="then")
        ahead = past_leads(scan, count)
        if verb_at(scan, ahead, after="AND") is not None or clause_begins(scan, ahead):
            return scan.add("SEP", count, name="and")
        return scan.add("AND", count, name=low)
    if low == "to" and scan.low(1) in ("be", "stand", "sit", "lie", "go", "hang") and scan.kind() in NOUNISH and scan.may_state():
        return scan.add("COPULA", 2, name="be")
    if low == "where" and scan.tags and scan.kind() != "SEP" and scan.low(1) not in ("it", "they"):
        return scan.add("SEP", 1, name="where")
    then = scan.then(scan.at)
    if then is not None and not (
        then[0] in ("before", "next", "while", "finally") and not verb_at(scan, past_leads(scan, then[1]), after="AND")
    ):
        return scan.add("SEP", then[1], name="to" if then[0] in ("in order to", "so as to") else "then")
    related = scan.known.relations.first(scan.lows, scan.at)
    if low == "to" and (related is None or related[1] == 1) and scan.low(1) != "be" and verb_at(scan, scan.at + 1, after="TO") is not None:
        return scan.add("SEP", 1, name="to")
    when = small["when"].first(scan.lows, scan.at)
    trails = when is not None and (low in TRAILING or when[0] in CONDITIONS) and scan.at + when[1] < len(scan.words)
    if when is not None and trails and scan.tags and scan.kind() not in ("WHEN", "WHO"):
        return scan.add("WHEN", when[1], name=when[0])
    return False


def exception(scan: Scan, ahead: int) -> int:
    """How many words take things out of those that were named: "but not the can", "all but the can", ", not the can"; 0 if none do."""
    low, following = scan.low(ahead), scan.low(ahead + 1)
    if not any(tag.kind in NOUNISH for tag in scan.open_clause()):
        return 0
    every = any((tag.kind, tag.name) in (("PRON", "all"), ("ART", "every")) for tag in scan.open_clause())
    count = (
        2
        if low in ("but", "and", "just", "only") and following in ("not", "never")
        else 1
        if low == "not" or (low == "but" and every)
        else 0
    )
    at = scan.at + ahead + count
    if not count or at >= len(scan.words) or scan.known.relations.first(scan.lows, at) is not None:
        return 0
    names = scan.starts_phrase(at) or scan.nounish(at)
    return count if names and verb_at(scan, at, after="NOT") is None and not (count == 1 and low == "not" and stated(scan)) else 0


def stated(scan: Scan) -> bool:
    """Whether "not" denies what is said of a thing: "the mug is not red"."""
    return scan.kind() in ("COPULA", "WHO", "REL", "NOT", "VERB")


def comma(scan: Scan) -> bool:
    if scan.low(1) in ("and", "then", "&") or exception(scan, 1):
        return scan.skip(1)
    ahead = past_leads(scan, 1)
    if verb_at(scan, ahead, after="COMMA") is not None or scan.then(ahead):
        return scan.add("SEP", 1, name="comma")
    if any(tag.kind == "WHEN" for tag in scan.open_clause()) and scan.kind() != "WHEN":
        return scan.add("SEP", 1, name="comma")
    return scan.add("COMMA", 1)


def clause_begins(scan: Scan, at: int) -> bool:
    """Whether a new clause without a verb begins: "and there should be …", "and do not …", "and when …"."""
    small = scan.known.small
    if at >= len(scan.words):
        return False
    if any(small[name].first(scan.lows, at) for name in ("there", "not")) or scan.lows[at] == "please":
        return True
    if not scan.starts_phrase(at):
        return False
    end = next((i for i in range(at, len(scan.lows)) if scan.words[i].sort == "mark" or scan.lows[i] in ("and", "that")), len(scan.lows))
    stated = any(tag.kind == "COPULA" for tag in scan.open_clause())
    if (stated or scan.has_verb()) and any(scan.lows[i] in ("should", "must", "shall", "ought") for i in range(at, end)):
        return True
    return stated and any(scan.lows[i] in ("is", "are", "be") for i in range(at, end))


def past_leads(scan: Scan, ahead: int) -> int:
    """The place after leads and fillers that stand `ahead`: "and please put"."""
    at = scan.at + ahead
    while at < len(scan.lows):
        hit = scan.known.small["leads"].first(scan.lows, at) or scan.known.small["fillers"].first(scan.lows, at)
        if hit is None or verb_at(scan, at, after="SEP") is not None or hit[0] in ("on", "off", "out", "in", "by", "along", "there"):
            break
        at += hit[1]
    return at


def several(scan: Scan, at: int) -> bool:
    """Whether the noun that begins at a word is plural."""
    from lifeworld.scene.words.lexicon.lemma import lemma

    while scan.nounish(at + 1):
        at += 1
    return scan.low_at(at).endswith("s") and lemma(scan.low_at(at), "noun") != scan.low_at(at)
