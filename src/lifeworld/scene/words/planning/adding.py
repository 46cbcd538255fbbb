"""New things come in: add two mugs, a bowl of apples, a table with four chairs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.scene import archetype
from lifeworld.scene.body import body_of
from lifeworld.scene.check import CARRYING
from lifeworld.scene.edit.values import Add, Fill
from lifeworld.scene.scene import RELATIONS, Relation, Thing
from lifeworld.scene.words.clause import Clause, Link, Phrase, Span
from lifeworld.scene.words.grounding.asking import a_
from lifeworld.scene.words.grounding.called import SURE, Called, called
from lifeworld.scene.words.grounding.cast import Referent
from lifeworld.scene.words.grounding.ground import ONES, PLACES
from lifeworld.scene.words.grounding.standing import stands
from lifeworld.scene.words.planning.building import is_any_wall, usual_place
from lifeworld.scene.words.planning.carrying import PILES, top_of_pile
from lifeworld.scene.words.planning.coming import Coming, coming, is_new, kind_of, numbered
from lifeworld.scene.words.planning.draft import Draft
from lifeworld.scene.words.planning.indoors import free_pose
from lifeworld.scene.words.planning.relating import Somewhere
from lifeworld.scene.words.planning.values import as_said
from lifeworld.scene.words.planning.where import lifted, place_of_links

THREE_ABREAST = 2.2
"""So many times as wide as a ball is a ring of three of them."""
UNSAID = 0.9
"""How much less sure it is that something new comes too of which nobody says where."""


def add(draft: Draft, clause: Clause) -> None:
    """New things, where the links say; where nothing is said, where such things usually are."""
    names: list[str] = []
    for phrase in clause.things:
        names += add_one(draft, phrase, clause.links, clause if len(clause.things) == 1 else None)
    if not names:
        raise WordsError(
            "what is to be added?", reason="ambiguous", span=clause.span, question="What is to be added?", suggestions=("a glass",)
        )
    draft.speak(*names)


def add_one(draft: Draft, phrase: Phrase, links: Sequence[Link], clause: Clause | None = None) -> list[str]:
    """New things of a phrase, placed by the links of the clause and its own; what is in them or with them comes too. Their names.

    `clause`: what it says of size, mass and name is said of them.
    """
    each = next((k for k in links if any(p.article == "every" for p in k.to)), None)
    if each is not None:
        others = [r.name for p in each.to for r in draft.find(p, ("thing", "part")).referents]
        rest = [k for k in links if k is not each]
        return [n for name in others for n in add_one(draft, phrase, (*rest, replace(each, to=(named(name, each.to[0]),))), clause)]
    hangs = any(k.relation in ("on", "against") and p.noun.split()[-1:] == ["wall"] for k in (*phrase.links, *links) for p in k.to)
    one = coming(draft, phrase, hangs=hangs)
    if clause is not None and clause.values:
        name = clause.value("name")
        one = replace(one, thing=as_said(clause, one.thing), wish=None if name is None else str(name))
    one = _roomy(draft, phrase, one)
    own = [link for link in phrase.links if link.relation != "with"]
    place = place_for(draft, [_of_its_sort(link, phrase) for link in (*own, *links)], one.thing, phrase.span)
    place = place or usual_place(draft, one.thing)
    if place.names:
        draft.speak(*place.names)
    names = []
    for thing in numbered(draft, one):
        made = replace(thing, relations=about_others(place.relations, thing.name))
        if place.floor is not None:
            made = replace(made, pose=free_pose(draft, place.floor, made, phrase.span))
        look = " ".join(w.replace("_", " ") for w in (made.color, made.material) if w is not None and not w.startswith("#"))
        what = f"{look} {one.noun}".strip()
        called = "" if thing.name == one.noun.replace(" ", "_") else f" ({thing.name})"
        draft.do(Add(made), f"add {a_(what)}{called} {place.told}".rstrip(), phrase.span)
        names.append(thing.name)
    _add_contents(draft, phrase, one, names)
    return names


def place_for(draft: Draft, links: Sequence[Link], thing: Thing, span: Span, *, but: Collection[str] = ()) -> Somewhere | None:
    """The relations that links ask of a thing, after those have come that are new among the ones it is to go to: "on a stool".

    Raises:
        WordsError: as `place_of_links`.
    """
    settled: list[Link] = []
    for link in _of_new_places(draft, lifted(draft, links)):
        pair = link.relation == "between" and len(link.to) > 1
        if link.relation == "from" or link.state is not None or link.negated or pair:
            settled.append(link)
        else:
            settled.append(replace(link, to=tuple(p for phrase in link.to for p in _there(draft, link, phrase, thing))))
    return place_of_links(draft, settled, thing, span, but=but)


def _there(draft: Draft, link: Link, phrase: Phrase, thing: Thing) -> list[Phrase]:
    """A phrase of what is there; where it speaks of something new, that comes too, and is named."""
    pile = phrase.noun in PILES and link.relation == "on" and top_of_pile(draft, thing.name) is not None
    if pile or is_any_wall(link, phrase) or not _comes_too(draft, phrase):
        return [phrase]
    draft.score *= 1.0 if phrase.links else UNSAID
    return [named(name, phrase) for name in add_one(draft, phrase, ())]


def _of_new_places(draft: Draft, links: Sequence[Link]) -> list[Link]:
    """The links, where one is to a thing that comes only now the others as its own: "on a stool beside the armchair"."""
    new, rest = next(((k, rest) for k in links if (rest := _told_of_new(draft, k, links)) is not None), (None, ()))
    if new is None:
        return list(links)
    return [*(k for k in links if k is not new and k not in rest), replace(new, to=(replace(new.to[0], links=(*new.to[0].links, *rest)),))]


def _told_of_new(draft: Draft, link: Link, links: Sequence[Link]) -> tuple[Link, ...] | None:
    """The other links, if they tell where that is which this link is to; None if they tell where the thing itself goes."""
    rest = tuple(k for k in links if k is not link and k.relation != "from" and k.to)
    if not link.to or not is_new(link.to[0]):
        return None
    told = _comes_too(draft, replace(link.to[0], links=(*link.to[0].links, *rest))) or (link.relation in CARRYING and rest)
    return rest if told else None


def _comes_too(draft: Draft, phrase: Phrase) -> bool:
    """Whether a phrase speaks of something new: nothing here is called so, or nothing that is so to what else is said."""
    if not is_new(phrase):
        return False
    here = _as_whole(draft, phrase, called(phrase, draft.cast, PLACES, SURE))
    others = [k for k in phrase.links if k.relation in RELATIONS and k.to and not k.negated and not any(map(is_new, k.to))]
    if not here or not others:
        return not here

    def so(one: Referent) -> bool:
        for link in others:
            among = [r for p in link.to for r in called(p, draft.cast, PLACES, SURE)]
            if not any(stands(link.relation, one, (other.referent,), draft.cast) for other in among):
                return False
        return True

    return not any(so(one.referent) for one in here)


def _as_whole(draft: Draft, phrase: Phrase, here: list[Called]) -> list[Called]:
    """Those of them that the whole name fits: a coffee table is no side table, which is a sort of its own."""
    score, count = draft.score, len(draft.evidence)
    try:
        _, words, _ = kind_of(draft, phrase)
    except WordsError:
        return here
    finally:
        draft.score = score
        del draft.evidence[count:]
    return [one for one in here if len(one.words) <= len(words)]


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
            draft.speak(name)
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
