"""New things come in: add two mugs, a bowl of apples, a table with four chairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.scene import archetype
from lifeworld.scene.body import body_of
from lifeworld.scene.edit.values import Add, Fill
from lifeworld.scene.scene import Relation
from lifeworld.scene.words.clause import Clause, Link, Phrase
from lifeworld.scene.words.grounding.ground import ONES
from lifeworld.scene.words.planning.coming import Coming, coming, numbered
from lifeworld.scene.words.planning.draft import Draft
from lifeworld.scene.words.planning.where import a_, place_of_links, usual_place

THREE_ABREAST = 2.2
"""So many times as wide as a ball is a ring of three of them."""


def add(draft: Draft, clause: Clause) -> None:
    """New things, where the links say; where nothing is said, where such things usually are."""
    names: list[str] = []
    for phrase in clause.things:
        names += add_one(draft, phrase, clause.links)
    if not names:
        raise WordsError(
            "what is to be added?", reason="ambiguous", span=clause.span, question="What is to be added?", suggestions=("a glass",)
        )
    draft.speak(*names)


def add_one(draft: Draft, phrase: Phrase, links: Sequence[Link]) -> list[str]:
    """New things of a phrase, placed by the links of the clause and its own; what is in them or with them comes too. Their names."""
    each = next((k for k in links if any(p.article == "every" for p in k.to)), None)
    if each is not None:
        others = [r.name for p in each.to for r in draft.find(p, ("thing", "part")).referents]
        rest = [k for k in links if k is not each]
        return [n for name in others for n in add_one(draft, phrase, (*rest, replace(each, to=(named(name, each.to[0]),))))]
    one = _roomy(draft, phrase, coming(draft, phrase))
    own = [link for link in phrase.links if link.relation != "with"]
    place = place_of_links(draft, [_of_its_sort(link, phrase) for link in (*own, *links)], one.thing, phrase.span)
    place = place or usual_place(draft, one.thing)
    if place.names:
        draft.speak(*place.names)
    names = []
    for thing in numbered(draft, one):
        made = replace(thing, relations=about_others(place.relations, thing.name))
        look = " ".join(w.replace("_", " ") for w in (made.color, made.material) if w is not None and not w.startswith("#"))
        what = f"{look} {one.noun}".strip()
        called = "" if thing.name == one.noun.replace(" ", "_") else f" ({thing.name})"
        draft.do(Add(made), f"add {a_(what)}{called} {place.told}".rstrip(), phrase.span)
        names.append(thing.name)
    _add_contents(draft, phrase, one, names)
    return names


def _add_contents(draft: Draft, phrase: Phrase, one: Coming, names: Sequence[str]) -> None:
    """What comes in a new thing, on it or with it: "a bowl of apples", "a table with four chairs"."""
    for content in (*one.contents, *(p for link in phrase.links if link.relation == "with" for p in link.to)):
        try:
            what = coming(draft, content)
        except WordsError as error:
            if content.article is not None or content.count is not None or content.plural:
                raise
            step = draft.steps[-1]  # "a cup of tea": what is no thing is not made, and that is told
            draft.steps[-1] = replace(step, told=f"{step.told} ({content.noun} is nothing that is made here)")
            draft.evidence.append(str(error))
            continue
        for name in names:
            kind = _goes(draft, name, what)
            if kind == "in" and content.plural and content.count is None:
                draft.do(Fill(name, what.thing), f"fill {name} with {what.noun}s", content.span)
                continue
            told = any(link.to and link.relation != "with" for link in content.links)
            links = () if told else (Link(relation=kind, span=content.span, to=(named(name, content),)),)
            add_one(draft, content, links)


def _goes(draft: Draft, name: str, what: Coming) -> str:
    """How things go with another of which nothing more is said: chairs around a table, apples in a bowl, a lamp on a desk."""
    host, body = body_of(draft.scene.thing(name), {}), body_of(what.thing, {})
    small = max(body.size_m[:2]) < 0.9 * max(host.size_m[:2])
    if host.surfaces and (not small or "sit" in archetype.kind(what.thing.kind).affordances):
        return "around" if what.count > 1 else "in_front_of"
    if host.containers and small:
        return "in"
    return "on" if host.surfaces and small else "beside"


def _roomy(draft: Draft, phrase: Phrase, one: Coming) -> Coming:
    """A container large enough for what is said to be in it, as far as its kind is made so large."""
    several = [
        p for p in (*one.contents, *(q for k in phrase.links if k.relation == "with" for q in k.to)) if p.plural or (p.count or 1) > 1
    ]
    host = body_of(one.thing, {})
    if one.thing.size_m is not None or not several or not host.containers:
        return one
    what = archetype.kind(one.thing.kind)
    try:
        wide = max(float(max(body_of(coming(draft, p).thing, {}).size_m[:2])) for p in several)
    except WordsError:
        return one
    factor = min(what.scale[1], THREE_ABREAST * wide / max(min(site.size_m) for site in host.containers))
    x, y, z = what.size_m
    return one if factor <= 1.0 else replace(one, thing=replace(one.thing, size_m=(x * factor, y * factor, z * factor)))


def _of_its_sort(link: Link, phrase: Phrase) -> Link:
    """ "Another mug beside the red one": the one is a mug."""
    return replace(link, to=tuple(replace(p, noun=phrase.noun, pronoun=None) if p.pronoun in ONES and not p.noun else p for p in link.to))


def named(name: str, near: Phrase) -> Phrase:
    """A phrase that names a thing by its name."""
    return Phrase(noun=name, span=near.span, article="the")


def about_others(relations: tuple[Relation, ...], name: str) -> tuple[Relation, ...]:
    """The relations that are not about the thing itself."""
    return tuple(r for r in relations if name not in r.targets)
