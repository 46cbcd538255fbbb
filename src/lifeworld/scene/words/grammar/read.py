"""A text is read: words, tags, clauses, ties, and the readings that come of it, best first.

    read("add a glass and place it on the magazine")[0].clauses
    → add a glass · place it, on the magazine

Nothing is looked up in a scene here. What is not understood is left out and lowers the score; a text without anything to do is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product

from lifeworld.core.errors import WordsError
from lifeworld.scene.words.clause import Clause, Link, Phrase, Reading, Span
from lifeworld.scene.words.grammar.attach import Tied, tied
from lifeworld.scene.words.grammar.meaning import ALIGNS, clause_of
from lifeworld.scene.words.grammar.sharing import INDICATIVE, joined, landmarks, led, named_ones
from lifeworld.scene.words.grammar.syntax import Flat, Tie, clauses_of
from lifeworld.scene.words.grammar.ways import Group
from lifeworld.scene.words.tagging.joining import CONDITIONS
from lifeworld.scene.words.tagging.scan import Tag
from lifeworld.scene.words.tagging.tags import tagged
from lifeworld.scene.words.tagging.tokens import Word, words_of
from lifeworld.scene.words.tagging.vocabulary import Frame, VerbForm, vocabulary

MOST_READINGS = 6
INFORMS = 0.65
"""How surely somebody asks for something who says "the mug is on the table"."""
UNHEARD = 0.6
"""What a clause that says nothing here leaves of how sure the others are."""
LEFT_OUT = 0.85
"""A word that fits nowhere makes a reading less sure by this."""
LISTED = 1.2
"""How much likelier "A is on B and C on D" speaks of C than that A is on B, on C and on D."""
TYPO = 0.9
SUGGESTED = ("add a glass on the table", "move the mug to the left of the bowl", "open the top drawer")


def read(text: str) -> list[Reading]:
    """The readings of a text, best first; at least one.

    Raises:
        WordsError: `empty`, `too_long`, `not_text`, `not_english`, `unsafe_number`, `unsupported` (a question) or `no_verb`.
    """
    return list(_read(text))


@lru_cache(maxsize=256)
def _read(text: str) -> tuple[Reading, ...]:
    words = words_of(text)
    _refuse_other_languages(text, words)
    tags, slips = tagged(words)
    flats, left_out = clauses_of(tags)
    leading = led(flats)
    every = [_clauses(flat, text) for flat in leading]
    choices = [ways for ways in every if ways]
    unheard = [flat for flat, ways in zip(leading, every, strict=True) if not ways and _says_something(flat)]
    if not any(clauses for ways in choices for clauses, _ in ways):
        raise _no_verb(text, tags)
    evidence = (
        *slips,
        *(f"left out: {tag.said!r}" for tag in left_out if tag.said),
        *(f"not understood: {text[slice(*_span(flat))]!r}" for flat in unheard),
    )
    sure = TYPO ** len(slips) * LEFT_OUT ** sum(tag.kind not in ("AND", "COMMA", "SEP", "COPULA") for tag in left_out)
    sure *= UNHEARD ** len(unheard)
    if not any(flat.verb is not None for flat in flats) and any(
        flat.copula is not None and flat.copula.said in INDICATIVE for flat in flats
    ):
        sure *= INFORMS
    readings = []
    for combination in _best_products(choices):
        score = sure
        clauses: list[Clause] = []
        for chosen, worth in combination:
            clauses += chosen
            score *= worth
        told = named_ones(joined(clauses))
        if told:
            readings.append(Reading(clauses=told, score=round(min(1.0, score), 4), evidence=(*evidence, *_evidence(told))))
    readings.sort(key=lambda reading: -reading.score)
    if not readings:
        raise _no_verb(text, tags)
    return tuple(_distinct(readings)[:MOST_READINGS])


Way = tuple[tuple[Clause, ...], float]


def _says_something(flat: Flat) -> bool:
    """Whether a flat clause speaks of a thing by a noun."""
    phrases = [item.to if isinstance(item, Tie) else item for item in (*flat.items, *flat.states)]
    return any(isinstance(phrase, Phrase) and phrase.noun for phrase in phrases)


def _refuse_other_languages(text: str, words: Sequence[Word]) -> None:
    """A text of four words and more, half of them no English: another language."""
    from lifeworld.scene.words.lexicon import is_known

    plain = [word for word in words if word.sort == "word"]
    odd = [word for word in plain if not is_known(word.low) and word.low not in vocabulary().words and len(word.low) > 1]
    if len(plain) >= 4 and 2 * len(odd) >= len(plain):
        raise WordsError(
            f"{odd[0].low!r} and {len(odd) - 1} more of its {len(plain)} words are not English", reason="not_english", span=odd[0].span,
            suggestions=SUGGESTED, fix="Only English is understood.",
        )  # fmt: skip


def _best_products(choices: Sequence[Sequence[Way]]) -> list[tuple[Way, ...]]:
    """The likeliest combinations of the ways of all clauses, without making all of them."""
    best: list[tuple[tuple[Way, ...], float]] = [((), 1.0)]
    for ways in choices:
        grown = [((*chosen, way), score * way[1]) for (chosen, score), way in product(best, ways[:4])]
        best = sorted(grown, key=lambda one: -one[1])[: 2 * MOST_READINGS]
    return [chosen for chosen, _ in best]


def _distinct(readings: Sequence[Reading]) -> list[Reading]:
    seen: dict[tuple[Clause, ...], Reading] = {}
    for reading in readings:
        seen.setdefault(reading.clauses, reading)
    return list(seen.values())


def _clauses(flat: Flat, text: str) -> list[Way]:
    """The ways to understand one flat clause: each a few clauses and how likely."""
    if flat.when is not None:
        return _condition(flat, text)
    if flat.verb is None or flat.verb.form is None:
        return _verbless(flat, text)
    if flat.copula is not None:
        return _stated(flat, text, flat.verb.form)
    form, verb = flat.verb.form, flat.verb.name
    if (
        verb == "remove"
        and form.said.split()[0] in ("throw", "toss")
        and any(isinstance(i, Tie) and i.tag.name in ("in", "on") for i in flat.items)
    ):
        verb = "place"
    frame = vocabulary().frames[verb]
    frame = replace(frame, brings=True) if form.said in ALIGNS else frame
    return [(tuple(_command(flat, group, form, verb, text) for group in landmarks(way.groups)), way.sure) for way in _ways(flat, frame)]


def _ways(flat: Flat, frame: Frame) -> list[Tied]:
    return tied(flat.items, frame) if flat.items else [Tied((Group((), ()),), 1.0)]


def _command(flat: Flat, group: Group, form: VerbForm, verb: str, text: str) -> Clause:
    assert flat.verb is not None
    spans = [
        flat.verb.span,
        *(phrase.span for phrase in group.things),
        *(link.span for link in group.links),
        *(tag.span for tag in group.loose),
    ]
    span = (min(a for a, _ in spans), max(b for _, b in spans))
    return clause_of(form, verb, group, said=text[slice(*span)], span=span, negated=flat.negated)


def _verbless(flat: Flat, text: str) -> list[Way]:
    """ "the mug should be on the plate" is a goal; "a red mug on the table" asks for one; "mug on the plate" for it to be put there."""
    if flat.copula is not None:
        return _stated(flat, text, VerbForm("place", flat.copula.said))
    phrases = [item for item in flat.items if isinstance(item, Phrase)]
    if not phrases or not isinstance(flat.items[0], Phrase):
        return []
    first = phrases[0]
    wanted = first.article in ("a", "another") or first.count is not None
    linked = any(isinstance(item, Tie) and item.tag.kind == "REL" and item.to is not None for item in flat.items)
    state = next((item for item in flat.items if isinstance(item, Tag) and item.kind == "STATE" and item.unit == "state"), None)
    if not wanted and not linked and state is None:
        return []
    verb, sure = ("add", 0.85) if wanted else ("place", 0.5) if linked else ("set", 0.75)
    span = _span(flat)
    form = VerbForm(verb, "")
    return [
        (tuple(clause_of(form, verb, group, said=text[slice(*span)], span=span, negated=False) for group in way.groups), sure * way.sure)
        for way in tied(flat.items, vocabulary().frames[verb])
    ]


def _stated(flat: Flat, text: str, form: VerbForm) -> list[Way]:
    """What is said to be (to become) true: things, and what they are."""
    span = _span(flat)
    out: list[Way] = []
    for way in tied(flat.items, Frame("scope"), several=False):
        for said in tied(flat.states, Frame("maybe")) if flat.states else [Tied((Group((), ()),), 0.5 if flat.when is None else 1.0)]:
            group = Group(
                (*way.groups[0].things, *said.groups[0].things), (*way.groups[0].links, *said.groups[0].links), said.groups[0].loose
            )
            if not group.things:
                continue
            verb = "goal" if form.verb == "goal" else _to_make(group)
            clause = clause_of(VerbForm(verb, ""), verb, group, said=text[slice(*span)], span=span, negated=flat.negated)
            first = _with_states(clause, group) if verb == "goal" else clause
            rest = said.groups[1:]
            if all(one.things and one.links for one in rest):  # "the apple belongs on the plate and the orange in the bowl"
                worth = min(1.0, said.sure * LISTED) if rest else said.sure
                out.append(((first, *(_said_of(one, verb, text, flat) for one in rest)), way.sure * worth))
    return out


def _said_of(group: Group, verb: str, text: str, flat: Flat) -> Clause:
    """What is said of more things after the first of a statement."""
    spans = [phrase.span for phrase in group.things] + [link.span for link in group.links]
    span = (min(a for a, _ in spans), max(b for _, b in spans))
    return clause_of(VerbForm(verb, ""), verb, group, said=text[slice(*span)], span=span, negated=flat.negated)


def _to_make(group: Group) -> str:
    """What makes a statement true: things are put where they should be, what should be there is added, what should be so is made so."""
    if not group.links:
        return "set"
    return "add" if group.things[0].article in ("a", "another") else "place"


def _with_states(clause: Clause, group: Group) -> Clause:
    """States of a goal as links: "the drawer should be open"."""
    values = dict(clause.values)
    states = []
    for tag in group.loose:
        if tag.kind == "STATE" and tag.unit == "state":
            states.append(Link(relation="state", span=tag.span, state=str(values.pop("state", tag.name))))
    return replace(clause, links=(*clause.links, *states), values=tuple(sorted(values.items())))


def _condition(flat: Flat, text: str) -> list[Way]:
    """ "after 2 seconds" is a time, "when the ball hits the floor" an event; each is for the clause it stands at."""
    assert flat.when is not None
    looked_up = flat.when.name in ("if", "in case") and flat.copula is not None and flat.copula.name in ("be", "not")
    if looked_up or flat.when.name in CONDITIONS:
        raise WordsError(
            "whether something is so is not looked up before a change", reason="unsupported", span=_span(flat),
            suggestions=SUGGESTED, fix="Say what is to change, or what is to happen when something happens.",
        )  # fmt: skip
    times = [item.number for item in flat.items if isinstance(item, Tag) and item.kind == "MEASURE" and item.unit == "time"]
    span = _span(flat)
    if times and times[0] is not None:
        return [((Clause(verb="when", said=text[slice(*span)], span=span, at_s=times[0]),), 1.0)]
    ways = _stated(replace(flat, copula=flat.copula or flat.when), text, VerbForm("goal", flat.when.said))
    event = flat.copula is not None and flat.copula.name not in ("be", "not")
    out: list[Way] = []
    for clauses, worth in ways:
        clause = clauses[0]
        if event and flat.copula is not None:
            clause = replace(clause, things=clause.things[:1], links=_events(flat.copula, clause))
        out.append(((Clause(verb="when", said=clause.said, span=clause.span, when=clause),), worth))
    return out


def _events(hit: Tag, clause: Clause) -> tuple[Link, ...]:
    """ "the ball hits the floor": what touches what; "falls off the table": what is no longer on what."""
    what, others = hit.name, clause.things[1:]
    if what == "fall":
        floor = Phrase(noun="floor", span=hit.span, article="the")
        return (Link(relation="touch", span=hit.span, to=(floor,)),)
    if what in ("open", "closed"):
        return (Link(relation="state", span=hit.span, state=what),)
    end = max([hit.span[1], *(phrase.span[1] for phrase in others)])
    relation = what.removeprefix("not ")
    return (Link(relation=relation, span=(hit.span[0], end), to=others, negated=what.startswith("not")), *clause.links)


def _evidence(clauses: Sequence[Clause]) -> tuple[str, ...]:
    return tuple(f"{clause.said.split()[0].lower()}: {clause.verb}" for clause in clauses if clause.said)


def _span(flat: Flat) -> Span:
    spans = [item.span for item in (*flat.items, *flat.states)]
    spans += [tag.span for tag in (flat.verb, flat.copula, flat.when) if tag is not None]
    return (min(a for a, _ in spans), max(b for _, b in spans))


def _no_verb(text: str, tags: Sequence[Tag]) -> WordsError:
    """What to say where nothing can be done: the first word looks like a verb we do not have, or there is none."""
    first = next((tag for tag in tags if tag.kind in ("NOUN", "ADJ", "STATE")), None)
    end = len(text.rstrip())
    if first is not None and len(tags) > 1 and tags[0] is first and tags[1].kind in ("ART", "PRON"):
        return WordsError(
            f"{first.said!r} is nothing that can be done here", reason="unsupported", span=first.span, suggestions=SUGGESTED,
            fix=f"Say it with another verb, as in {SUGGESTED[0]!r}.",
        )  # fmt: skip
    return WordsError(
        "it says nothing to do", reason="no_verb", span=(len(text) - len(text.lstrip()), end), suggestions=SUGGESTED,
        fix=f"Begin with a verb, as in {SUGGESTED[0]!r}.",
    )  # fmt: skip
