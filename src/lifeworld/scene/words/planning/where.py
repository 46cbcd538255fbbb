"""Where something is to go: the links of a clause as relations of the scene, and how they are said back.

Left, right, in front and behind are the viewer's (the camera that is looked through), but in front of and behind what has a front of its
own (a sofa, a television) are that thing's. Which it was is always told.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.scene.check import CARRYING
from lifeworld.scene.scene import RELATIONS, Relation, Thing
from lifeworld.scene.words.clause import Link, Phrase, Span
from lifeworld.scene.words.grounding.asking import impossible
from lifeworld.scene.words.grounding.cast import Referent
from lifeworld.scene.words.grounding.ground import PLACES
from lifeworld.scene.words.planning.building import corner_of, is_any_wall, on_ground, some_wall, usual_place
from lifeworld.scene.words.planning.carrying import PILES, carrier_of, check_room, top_of_pile
from lifeworld.scene.words.planning.draft import Draft
from lifeworld.scene.words.planning.indoors import within
from lifeworld.scene.words.planning.relating import SIDED, Somewhere, between, to_one


def place_of_links(draft: Draft, links: Sequence[Link], thing: Thing, span: Span, *, but: Collection[str] = ()) -> Somewhere | None:
    """The relations that links (`lifted`) ask of `thing` (which may be new); None if they ask for none.

    Raises:
        WordsError: for others that are not there, and for what cannot be.
    """
    parts: list[Somewhere] = []
    for link in links:
        if link.relation == "from" or link.state is not None:
            continue
        if link.negated and any(not k.negated and k.relation != "from" and (k.to or k.spot) for k in links):
            draft.evidence.append(f"not {link.relation.replace('_', ' ')}: said only to be sure")
            continue  # "on the table, not on the magazine"
        if link.negated:
            raise WordsError(
                "what is not to be where cannot be placed", reason="negated", span=link.span, fix="Say where it is to be instead."
            )
        parts += _of_link(draft, link, thing, but)
    if not parts:
        return None
    kept = _one_carrier(draft, [relation for part in parts for relation in part.relations], thing, span)
    parts = [part for part in parts if not part.relations or set(part.relations) & set(kept)]
    beside = [r for r in kept if r.kind not in CARRYING and r.kind != "between"]
    draft.landmark = beside[0].thing if len(beside) == len(kept) == 1 else None
    told = " ".join(dict.fromkeys(part.told for part in parts if part.told))
    names = tuple(dict.fromkeys(name for part in parts for name in part.names))
    floor = next((part.floor for part in parts if part.floor is not None), None) if not kept else None
    return Somewhere(relations=tuple(kept), told=told, names=names, floor=floor)


def lifted(draft: Draft, links: Sequence[Link]) -> list[Link]:
    """The links, those of a destination among them that it does not need: "on the counter next to the kettle" where there is one counter

    and the kettle is on it.
    """
    out: list[Link] = []
    for link in links:
        out.append(link)
        if link.relation not in ("on", "in") or len(link.to) != 1 or not link.to[0].links:
            continue
        phrase = link.to[0]
        bare = replace(phrase, links=())
        try:
            place = draft.find(bare, PLACES).referents
        except WordsError:
            continue
        for inner in phrase.links:
            if len(place) != 1 or inner.relation not in RELATIONS or inner.relation in ("on", "in", "under", "above") or len(inner.to) != 1:
                continue
            others = draft.find(inner.to[0], PLACES, any_number=True).referents
            if any((kind, place[0].name) in o.facts for o in others for kind in ("on", "in")):
                out[-1] = replace(link, to=(bare,))
                out.append(inner)
    return out


def _of_link(draft: Draft, link: Link, thing: Thing, but: Collection[str]) -> list[Somewhere]:
    if not link.to:
        return _of_spot(draft, link, thing, but)
    if link.relation == "between" and len(link.to) > 1:
        found = [draft.find(p, ("thing",), but={thing.name, *but}).referents[0] for p in link.to[:2]]
        return [between(link, found)]
    places = []
    for phrase in link.to:
        others = _others(draft, link, phrase, thing, but)
        if link.relation == "between":
            return [between(link, others)]
        places += [_to(draft, link, other, thing) for other in others]
    return places


def _others(draft: Draft, link: Link, phrase: Phrase, thing: Thing, but: Collection[str]) -> list[Referent]:
    """Those the link is about."""
    if thing.name in draft.scene.names() and phrase.pronoun is None:
        own = draft.cast.named(thing.name)
        same = draft.find(phrase, (*PLACES, "space", "scene"), any_number=True).referents if own is not None else ()
        if same == (own,):
            raise impossible(f"{thing.name!r} cannot be {link.relation.replace('_', ' ')} itself", phrase.span)
    if draft.text[slice(*phrase.span)].lower() in ("itself", "themselves", "himself", "herself"):
        raise impossible(f"nothing can be {link.relation.replace('_', ' ')} itself", phrase.span)
    carries = "holds" if link.relation == "in" else "carries"

    def fits(one: Referent) -> bool:
        if link.relation in ("on", "in") and one.sort == "part":
            return (carries, "") in one.facts or ("holds", "") in one.facts
        return one.sort in ("thing", "ground", "space", "scene")

    if is_any_wall(link, phrase):
        return [some_wall(draft, phrase, thing)]
    top = top_of_pile(draft, thing.name) if phrase.noun in PILES and link.relation == "on" else None
    if top is not None:
        draft.evidence.append(f"the top of the {phrase.noun}: {top.name}")
        return [top]
    if phrase.pronoun == "it" and link.relation not in ("on", "in") and draft.landmark not in (None, thing.name):
        landmark = draft.cast.named(draft.landmark or "")  # "the can left of the bottle and the spoon right of it"
        if landmark is not None:
            return [landmark]
    try:
        return list(draft.find(phrase, (*PLACES, "space", "scene"), fits=fits, but={thing.name, *but}).referents)
    except WordsError as error:
        alike = [r for name in error.suggestions if (r := draft.cast.named(name)) is not None]
        wholes = {r.part_of for r in alike}
        if error.reason != "ambiguous" or len(wholes) != 1 or any(r.part_of is None or r.adjectives for r in alike):
            raise
        whole = draft.cast.named(next(iter(wholes)) or "")  # the four burners of a stove: any of them
        return [whole] if whole is not None else []


def _of_spot(draft: Draft, link: Link, thing: Thing, but: Collection[str]) -> list[Somewhere]:
    """A place that names no other: "in the corner", "in the middle", "inside"."""
    last = next((r for n in draft.cast.last if n not in {thing.name, *but} and (r := draft.cast.named(n)) is not None), None)
    if link.spot is None and link.relation in ("on", "in", "under", "beside", "near", *SIDED) and last is not None:
        draft.evidence.append(f"{link.relation.replace('_', ' ')} {last.spoken}, spoken of last")
        return [_to(draft, link, last, thing)]
    if link.spot is None and link.relation not in SIDED:
        return []
    spot = link.spot or {"left_of": "left", "right_of": "right", "in_front_of": "front", "behind": "back"}[link.relation]
    here = draft.cast.named(thing.name) is not None
    corner = corner_of(draft, thing) if not here and link.relation == "in" and spot == "corner" else None
    if corner is not None:  # what is new stands nowhere yet: the corner is the room's
        return [corner]
    carrier = carrier_of(draft, thing.name) if here else next(iter(usual_place(draft, thing).relations), None)
    if carrier is None:
        return [on_ground(draft, replace(link, spot=spot, relation="on"), Referent(name="ground", sort="ground"), thing)]
    target = draft.cast.named(carrier.thing)
    return [_to(draft, replace(link, relation=carrier.kind, spot=spot), target, thing)] if target is not None else []


def _to(draft: Draft, link: Link, other: Referent, thing: Thing) -> Somewhere:
    """A link to one other, a thing or a place of the building.

    Raises:
        WordsError: `unsupported`, for one who moves.
    """
    if other.sort == "space" and len(draft.scene.spaces) > 1:
        return within(draft, link, next(s for s in draft.scene.spaces if s.name == other.name), thing)
    if other.sort in ("ground", "space", "scene"):
        return on_ground(draft, link, other, thing)
    if other.sort == "embodiment":
        raise WordsError(
            f"nothing is placed by {other.name!r}, which moves by itself",
            reason="unsupported",
            span=link.span,
            suggestions=(f"put {thing.name} on the floor",),
            fix="Say a thing that stays where it is.",
        )
    return to_one(draft, link, other, thing)


def _one_carrier(draft: Draft, relations: list[Relation], thing: Thing, span: Span) -> list[Relation]:
    """The relations without carriers that follow: in the bowl, and on the table because the bowl is."""
    kept = list(dict.fromkeys(relations))
    carrying = [r for r in kept if r.kind in ("on", "in")]
    for one in carrying:
        stands = draft.cast.named(one.thing)
        under = {name for kind, name in stands.facts if kind in ("on", "in")} if stands is not None else set()
        kept = [r for r in kept if r is one or r.kind not in ("on", "in") or r.thing not in under]
    carrying = [r for r in kept if r.kind in ("on", "in")]
    if len(carrying) > 1:
        where = " and ".join(f"{r.kind} {r.thing!r}" for r in carrying)
        raise impossible(f"{thing.name!r} cannot be {where} at once", span)
    for one in carrying:
        check_room(draft, thing, one, span)
    return kept
