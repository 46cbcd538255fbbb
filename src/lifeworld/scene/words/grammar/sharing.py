"""What clauses take from each other: a verb said once, a noun for "one", a place for "it", a time that was waited for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.scene.words.clause import Clause, Link, Phrase
from lifeworld.scene.words.grammar.syntax import Flat, Item, Tie
from lifeworld.scene.words.grammar.ways import Group
from lifeworld.scene.words.tagging.tokens import SAYING

INDICATIVE = ("is", "are", "'s", "'re", "was", "were", "has", "have", "is not", "are not")
"""What says how things are rather than how they should be."""


def led(flats: Sequence[Flat]) -> list[Flat]:
    """Clauses with what stood before their verb ("in the drawer, find the cup"), or with the verb before ("turn right, then left")."""
    out: list[Flat] = []
    before: tuple[Item, ...] = ()
    spoken: Phrase | None = None
    for i, flat in enumerate(flats):
        told = flat.copula is not None and flat.copula.said in INDICATIVE and flat.verb is None and flat.when is None
        if told and i + 1 < len(flats) and any(each.verb is not None for each in flats[i + 1 :]):
            spoken = flat.items[0] if isinstance(flat.items[0], Phrase) else None
            continue  # "the mug is too big, make it smaller": a reason, and what "it" is
        if spoken is not None and spoken.pronoun is None and flat.verb is not None:
            flat, spoken = _about(flat, spoken), None
        if flat.opened_by == "where":
            continue  # "walk to where you put the cup": nothing that can be looked up
        if flat.verb is not None and flat.verb.said in ("put", "drop") and out and out[-1].verb is not None and out[-1].verb.name == "open":
            flat = _put_in(flat)
        bare = (
            flat.verb is None and flat.when is None and flat.copula is None and bool(flat.items) and not isinstance(flat.items[0], Phrase)
        )
        if bare and i + 1 < len(flats) and flats[i + 1].verb is not None and flats[i + 1].opened_by in ("", "implied", "comma"):
            before = flat.items
            continue
        if bare and out and out[-1].verb is not None and out[-1].verb.name in ("go", "rotate", "move", "push", "slide"):
            again = tuple(item for item in out[-1].items if isinstance(item, Phrase))[:1]
            flat = replace(flat, verb=out[-1].verb, items=(*again, *flat.items))
        elif bare and out and out[-1].verb is not None and isinstance(flat.items[0], Tie) and flat.items[0].to is not None:
            out[-1] = replace(out[-1], items=(*out[-1].items, *flat.items))  # "Put a mug. On the table."
            continue
        elif before and flat.verb is not None:
            going = flat.verb.name == "go"
            kept = tuple(item for item in before if not (going and isinstance(item, Tie) and item.tag.name in ("with", "in")))
            first = next((i + 1 for i, item in enumerate(flat.items) if isinstance(item, Phrase)), len(flat.items))
            flat = replace(flat, items=(*flat.items[:first], *kept, *flat.items[first:]))
        before = ()
        out.append(flat)
    return out


def _about(flat: Flat, spoken: Phrase) -> Flat:
    """A clause with what was spoken of in the place of its first "it"."""
    at = next((i for i, item in enumerate(flat.items) if isinstance(item, Phrase) and item.pronoun == "it" and not item.noun), None)
    if at is None:
        return flat
    it = flat.items[at]
    assert isinstance(it, Phrase)
    return replace(flat, items=(*flat.items[:at], replace(spoken, span=it.span), *flat.items[at + 1 :]))


def _put_in(flat: Flat) -> Flat:
    """ "open the fridge and put in the egg": the egg goes in, not something into the egg."""
    first = flat.items[0] if flat.items else None
    if not isinstance(first, Tie) or first.to is None or first.tag.said not in ("in", "on") or len(flat.items) > 1:
        return flat
    return replace(flat, items=(first.to, replace(first, to=None)))


def landmarks(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """ "put A left of the plate and B right of it": where a verb is said once, "it" is where the first went to."""
    first = next((link.to[0] for link in groups[0].links if link.to and link.to[0].noun), None) if len(groups) > 1 else None
    if first is None:
        return groups

    def same(link: Link) -> Link:
        named = (replace(first, span=to.span, article="the") if to.pronoun == "it" and not to.noun else to for to in link.to)
        return replace(link, to=tuple(named))

    return (groups[0], *(replace(group, links=tuple(map(same, group.links))) for group in groups[1:]))


def joined(clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    """Times and events go to the clause they are about, waits to the clause after them, tools to what they are used for."""
    out: list[Clause] = []
    waiting: Clause | None = None
    for each in clauses:
        clause = _copied(out, each)
        if clause.verb == "when":
            if out and waiting is None and each is clauses[-1]:
                out[-1] = replace(out[-1], when=clause.when, at_s=clause.at_s)
            else:
                waiting = clause
        elif clause.value("instead") is not None:
            out.append(_instead(out, clause))
        elif clause.verb == "time" and clause.at_s is not None and not clause.values and each is not clauses[-1]:
            waiting = clause
        else:
            out.append(clause if waiting is None else replace(clause, when=waiting.when, at_s=waiting.at_s))
            waiting = None
    return tuple(out)


def _copied(before: list[Clause], clause: Clause) -> Clause:
    """ "copy the chair and put the copy next to it": the copy is what was made last."""
    if not before or before[-1].verb != "copy":
        return clause
    things = tuple(replace(t, noun="", pronoun="it") if t.noun in ("copy", "duplicate", "clone") else t for t in clause.things)
    return replace(clause, things=things)


def _instead(before: list[Clause], clause: Clause) -> Clause:
    """ "remove the cup and put a glass in its place" is to replace it; "keep it where it is" asks for nothing."""
    rest = tuple(pair for pair in clause.values if pair[0] != "instead")
    if before and before[-1].verb == "remove" and clause.things and clause.things[0].article in ("the", "this", "that"):
        raise WordsError(
            "where something was that is gone is not known any more",
            reason="unsupported",
            span=clause.span,
            suggestions=("swap the mug and the can", "replace the can with a bottle"),
            fix="Say what it is to be put on, or swap the two.",
        )
    if before and before[-1].verb == "remove" and clause.verb in ("add", "place") and clause.things:
        removed = before.pop()
        return replace(clause, verb="replace", things=removed.things, with_=clause.things, values=rest)
    if clause.verb in ("place", "pick", "move") and not clause.links:
        raise WordsError(
            "it asks for nothing to change", reason="unsupported", span=clause.span, suggestions=(SAYING,), fix="Say what is to change."
        )
    return replace(clause, values=rest)


def named_ones(clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    """ "the red mug and the blue one": the noun said last goes for "one"."""
    noun = ""

    def named(phrase: Phrase) -> Phrase:
        nonlocal noun
        if phrase.pronoun == "one" and not phrase.noun and noun:
            phrase = replace(phrase, noun=noun)
        noun = phrase.noun or noun
        own = noun
        links = tuple(replace(link, to=tuple(named(to) for to in link.to)) for link in phrase.links)
        noun = own
        return replace(phrase, links=links)

    out = []
    for clause in clauses:
        clause = replace(clause, things=_told_again(_shared(clause.things)))
        if clause.with_ and clause.with_[0].noun and not noun:
            noun = clause.with_[0].noun  # "a green bowl instead of the teal one"
        things = tuple(named(thing) for thing in clause.things)
        own = noun
        with_ = tuple(named(thing) for thing in clause.with_)
        links = tuple(replace(link, to=tuple(named(to) for to in link.to)) for link in clause.links)
        noun = own
        out.append(replace(clause, things=things, with_=with_, links=links))
    return tuple(out)


def _told_again(things: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    """ "that lamp, the one on the desk" is one lamp."""
    if len(things) != 2 or things[1].pronoun != "one" or things[1].noun or things[1].article != "the" or not things[1].links:
        return things
    first, again = things
    plain = not (first.words or first.links or first.order or first.compare or first.count)
    if first.article not in ("the", "this", "that") or not plain:
        return things
    return (replace(first, words=again.words, links=again.links, order=again.order, compare=again.compare),)


def _shared(things: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    """ "the steel and wooden balls": the noun is said once, for two."""
    out = list(things)
    for i in range(len(out) - 2, -1, -1):
        one, other = out[i], out[i + 1]
        telling = one.words or one.order or one.compare
        if one.pronoun == "one" and not one.noun and telling and other.noun and (other.words or other.order or other.compare):
            out[i] = replace(one, noun=other.noun, pronoun=None)
            out[i + 1] = replace(other, article=other.article or one.article, plural=False)
    return tuple(out)
