"""Verbs, and the particles that make them others: "turn the lamp on".

Most verbs are nouns or adjectives too ("place", "light", "open"): what stands before decides, and whether something follows to act on.
"""

from __future__ import annotations

from dataclasses import replace

from lifeworld.scene.words.tagging.scan import NOUNISH, Scan, Tag
from lifeworld.scene.words.tagging.units import measure_at
from lifeworld.scene.words.tagging.vocabulary import VerbForm

STATES_TOO = frozenset({"stand", "sit", "rest", "lean", "hang", "need", "have", "want", "face", "go", "lie", "reach", "stay"})
"""Verbs that also say how things are: "the lamp stands on the table"."""


def verb(scan: Scan) -> bool:
    """A verb, where one can stand; or the particle of one said before ("turn the lamp on")."""
    found = verb_at(scan, scan.at, after=scan.kind() if scan.tags else "SEP")
    if found is not None:
        form, count = found
        if scan.tags and scan.kind() not in ("SEP", "NOT", "WHEN"):
            scan.tags.append(Tag(kind="SEP", said="", span=(scan.words[scan.at].span[0],) * 2, name="implied"))
        return scan.add("VERB", count, name=form.verb, form=form)
    return particle(scan)


def verb_at(scan: Scan, at: int, *, after: str) -> tuple[VerbForm, int] | None:
    """The verb form that begins at a word, if a verb can stand there after a tag of that kind."""
    if at >= len(scan.words) or scan.words[at].sort not in ("word", "tail"):
        return None
    low = scan.lows[at]
    lemma = scan.known.verb_lemmas.get(low)
    if lemma is None:
        return None
    form = verb_form(scan, at, lemma)
    if form is None:
        return None
    related = scan.known.relations.first(scan.lows, at)
    if related is not None and related[1] > form[1] and after not in ("SEP", "NOT"):
        return None  # "the mug close to the plate"
    if related is not None and low.endswith("ing") and after in ("AND", "COMMA"):
        return None  # "left of the armchair, facing the sofa"
    if lemma == "face" and after in NOUNISH and (scan.sets() or scan.may_state()):
        return None  # "make the chair face the window"
    ambiguous = lemma in scan.known.also_noun or lemma in scan.known.also_adjective
    participle = low != lemma and low.endswith(("ing", "ed", "en", "t", "n", "ut", "ung", "eld", "ot"))
    following = at + form[1]
    ends = following >= len(scan.words) or scan.words[following].sort in ("mark", "tail")
    if after in ("ART", "ADJ", "NUM", "ORD", "COMP", "OWN", "OF", "WHO", "COPULA"):
        return None
    if low == "left" or (scan.lows[following : following + 1] == ["of"] and ambiguous):
        return None
    if (
        ambiguous
        and low.endswith("s")
        and low != lemma
        and scan.low_at(following) in ("on", "off", "out")
        and not scan.starts_phrase(following + 1)
    ):
        return None  # "lights off"
    if after in ("SEP", "NOT"):
        if scan.low_at(following) in ("is", "are", "should", "must", "'s", "has", "needs") and ambiguous:
            return None
        if participle and low.endswith("ed") and not scan.starts_phrase(following):
            return None
        return form
    acts = acts_on(scan, following)
    if not acts and scan.known.frames[form[0].verb].links == "goal" and following < len(scan.words):
        goes = scan.known.relations.first(scan.lows, following) or scan.known.sides.first(scan.lows, following)
        acts = "way" if goes else ""
    if after in ("AND", "COMMA"):
        if participle and not low.endswith("ing"):
            return None
        if not ambiguous:
            return form
        return form if form[1] > 1 or (acts and not ends) else None
    if after == "TO":
        return form if low == lemma and (not ambiguous or acts or ends) and not is_thing(scan, at) else None
    if participle or low != lemma:
        return None
    if after in ("NOUN", "PRON", "NAME", "STATE", "SIDE", "MANNER", "MEASURE", "REL"):
        if lemma in scan.known.also_adjective and lemma not in ("open", "clean"):
            return None
        if lemma in (
            "stand",
            "sit",
            "rest",
            "lean",
            "hang",
            "need",
            "have",
            "want",
            "face",
            "go",
            "lie",
            "reach",
            "stay",
        ) and not after_adjunct(scan):
            return None
        if not ambiguous or (acts and after_adjunct(scan)):
            return form
        if after == "REL":
            return None
        return form if acts and after != "NOUN" else (form if acts == "article" and lemma not in ("light",) else None)
    return None


def after_adjunct(scan: Scan) -> bool:
    """Whether the clause began with a relation: "with the cup in hand go to the sink"."""
    clause = [tag for tag in scan.open_clause() if tag.kind != "COMMA"]
    return bool(clause) and clause[0].kind == "REL" and not scan.has_verb()


def is_thing(scan: Scan, at: int) -> bool:
    """Whether a word after "to" is rather a thing: "move to face" no, "to bed" yes."""
    return scan.lows[at] in ("bed",)


def acts_on(scan: Scan, at: int) -> str:
    """Whether something follows that a verb acts on, and what: an article, a pronoun, a way to go."""
    if at >= len(scan.words):
        return ""
    small = scan.known.small
    if small["articles"].first(scan.lows, at) or small["quantity"].first(scan.lows, at):
        return "article"
    if small["pronouns"].first(scan.lows, at):
        return "pronoun"
    if scan.lows[at] in ("on", "off", "up", "down", "around", "left", "right", "back", "to", "out", "over", "forward", "straight"):
        return "way"
    if scan.words[at].sort in ("name", "quoted"):
        return "name"
    return "noun" if scan.nounish(at) else ""


def verb_form(scan: Scan, at: int, lemma: str) -> tuple[VerbForm, int] | None:
    """The longest form of a verb whose words follow at once; "put in the box" is not the form "put in"."""
    lows = [lemma, *scan.lows[at + 1 : at + 6]]
    for form, count in scan.known.verbs.at(lows, 0):
        last = lows[count - 1]
        after = scan.low_at(at + count)
        if (
            count > 1
            and last in ("in", "on")
            and form.verb in ("add", "push", "fill")
            and after not in ("a", "an", "some", "another", "two", "three")
        ):
            continue
        if count > 1 and last in ("out", "off") and after == "of" and form.said not in ("make a copy of",):
            continue
        if count > 1 and last in ("in", "to", "over", "back", "up", "down", "around") and after == "" and form.verb in ("add",):
            continue
        if (
            form.verb == "go"
            and count > 1
            and last == "a"
            and after not in ("left", "right", "step", "few", "couple", "u", "slight", "sharp", "small", "hard")
        ):
            continue
        return form, count
    # "line the cups up": a verb that is one only with its particle
    end = next((i for i in range(at, len(scan.lows)) if scan.words[i].sort == "mark" or scan.lows[i] in ("and", "then")), len(scan.lows))
    apart = (scan.known.verbs.rows.get((lemma, low)) for low in scan.lows[at + 2 : end])
    particled = next((found for found in apart if found is not None), None)
    return None if particled is None else (particled, 1)


def particle(scan: Scan) -> bool:
    """ "turn the lamp on": the particle that makes the clause's verb another."""
    low = scan.low()
    if scan.kind() not in (*NOUNISH, "STATE", "SIDE", "ADJ") or (
        (scan.starts_phrase(scan.at + 1) and not tells_which(scan, scan.at + 1)) and low not in ("open", "shut", "closed", "together")
    ):
        return False
    if scan.low(1) in ("of",) and low in ("out", "off"):
        return False
    return split(scan, low)


def tells_which(scan: Scan, at: int) -> bool:
    """Whether a relative clause begins: "the lamp on | that is by the bed"."""
    return scan.lows[at] in ("that", "which") and scan.known.small["copula"].first(scan.lows, at + 1) is not None


def split(scan: Scan, low: str) -> bool:
    """Joins a particle to the clause's verb, if the two are one form."""
    for i in range(len(scan.tags) - 1, -1, -1):
        tag = scan.tags[i]
        if tag.kind in ("SEP", "WHEN"):
            break
        if tag.kind == "VERB" and tag.form is not None:
            form = scan.known.verbs.rows.get((*tag.form.said.split()[:1], low))
            if form is None or (low in ("in", "on") and form.verb in ("add", "push", "fill", "turn_on") and tag.form.verb == "place"):
                return False
            relation = scan.known.relations.first(scan.lows, scan.at)
            measured = relation is not None and scan.low(relation[1] - 1) == "by" and scan.words[scan.at + relation[1] :][:1] != ()
            if measured and relation is not None and measure_at(scan.words, scan.at + relation[1]) is not None:
                relation = None  # "scale it up by 20 %"
            if relation is not None and relation[1] > 1 and (form.verb == tag.form.verb or low in ("out", "off", "in", "on", "over")):
                return False  # "take it out of the box", "pick it up from the floor"
            scan.tags[i] = replace(tag, name=form.verb, form=form)
            return scan.skip(1)
    return False
