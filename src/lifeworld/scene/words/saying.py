"""A tied group and its verb become a clause: what was said of colours, sizes, angles and amounts goes under canonical keys.

"make the mug twice as big"           set     →  scale, factor 2
"set the mass of the box to 2 kg"     place   →  set the box, mass_kg 2
"turn left"                           rotate  →  go, direction left: nothing is said to be turned
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lifeworld.scene.words.attach import Group
from lifeworld.scene.words.clause import Clause, Link, Phrase, Span, Value
from lifeworld.scene.words.scan import Tag
from lifeworld.scene.words.units import HOURS
from lifeworld.scene.words.vocabulary import VerbForm, vocabulary

IT = Phrase(noun="", span=(0, 0), pronoun="it")
ITSELF = ("stand", "stand up", "sit", "return", "rest", "lean", "set out", "bring back")
"""Forms of `place` and `move` that somebody can do without moving a thing."""
TRANSITIVE = ("place", "pick", "remove", "open", "close", "slice", "heat", "cool", "clean", "push", "pull", "slide", "lift", "fill")
CLEARS = ("clear", "clear off", "clear out")
BODILY = ("size", "height", "width", "length", "depth", "thickness")
MOVED = ("move", "push", "pull", "slide", "lift", "go", "place")
MEANT = {"state": {"open": "open", "closed": "close", "on": "turn_on", "off": "turn_off", "clean": "clean", "hot": "heat", "cold": "cool"}}


@dataclass(slots=True)
class Draft:
    """A clause in the making."""

    verb: str
    form: VerbForm
    span: Span
    things: tuple[Phrase, ...]
    links: tuple[Link, ...]
    with_: tuple[Phrase, ...] = ()
    values: dict[str, Value] = field(default_factory=dict)
    at_s: float | None = None


def clause_of(form: VerbForm, verb: str, group: Group, *, said: str, span: Span, negated: bool) -> Clause:
    """The clause of a verb and what is tied to it."""
    draft = Draft(verb, form, span, _both(group.things), group.links, values=dict(form.values))
    _say(draft, group.loose)
    for rule in (_properties, _brings, _becomes, _goes, _named, _stands):
        rule(draft)
    _units(draft)
    return Clause(
        verb=draft.verb, said=said, span=span, things=draft.things, with_=draft.with_, links=draft.links,
        values=tuple(sorted(draft.values.items())), negated=negated, at_s=draft.at_s,
    )  # fmt: skip


def _both(things: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    """ "both the soup and the box" are not two soups."""
    if len(things) == 2 and things[0].count == 2 and not things[0].plural:
        return (replace(things[0], count=None), things[1])
    return things


def _say(draft: Draft, loose: Sequence[Tag]) -> None:
    """Sides, states, measures and adverbs as values, as they were said."""
    values = draft.values
    for tag in loose:
        if tag.kind == "SIDE":
            _side(draft, tag)
        elif tag.kind == "STATE" and tag.unit in ("color", "material", "state"):
            key = "state" if tag.unit == "state" else tag.unit
            values[key] = f"{values[key]} and {_canonical(tag)}" if key in values else _canonical(tag)
        elif tag.kind == "STATE":
            dimension, way = (
                (tag.name, tag.unit) if tag.unit in ("more", "less") else vocabulary().dimensions.get(tag.name, (tag.name, "more"))
            )
            values |= {"dimension": dimension, "way": way}
        elif tag.kind == "MEASURE" and tag.number is not None:
            values[f"said_{tag.unit}"] = tag.number
        elif tag.kind == "MANNER" and tag.value is not None:
            key, value = tag.value
            if key == "frame":
                draft.links = tuple(replace(link, frame=value) for link in draft.links)  # type: ignore[arg-type]
            else:
                values[key] = value
        elif tag.kind == "NAME":
            values["name"] = tag.name


def _canonical(tag: Tag) -> str:
    return vocabulary().states.get(tag.name, tag.name) if tag.unit == "state" else tag.name


def _side(draft: Draft, tag: Tag) -> None:
    if "_" in tag.name and tag.name.split("_")[0] in ("back", "front"):
        draft.links = (*draft.links, Link(relation="on", span=tag.span, spot=tag.name))
    elif tag.name in ("corner", "middle") and draft.verb in ("place", "move", "add", "copy", "push", "slide", "pull"):
        relation, spot = ("in", "corner") if tag.name == "corner" else ("on", "centre")
        draft.links = (*draft.links, Link(relation=relation, span=tag.span, spot=spot))
    else:
        draft.values["direction"] = tag.name


def _properties(draft: Draft) -> None:
    """ "set the mass of the box to 2 kg": the property is what is set, the box what has it."""
    known = vocabulary().properties
    if not draft.things or draft.verb not in ("set", "place", "scale", "lift", "light", "rename", "rotate", "replace", "move", "time"):
        return
    first = draft.things[0]
    head = first.noun.split()[-1] if first.noun else ""
    if head not in known or not (first.of is not None or (draft.verb != "move" and (draft.values or draft.links))):
        return
    key = known[head]
    rest = " ".join(first.noun.split()[:-1])
    owner = first.of or (replace(first, noun=rest) if rest and key != "hour" else None)
    if owner is None and key != "hour":
        return
    draft.values.setdefault("property", key)
    direction = draft.values.pop("direction", None)
    if direction == "down":
        draft.values["way"] = "less"
    if draft.verb == "scale" or "way" in draft.values:
        draft.values |= {"dimension": head if head != "colour" else "color"}
    draft.things = (owner,) if owner is not None else ()
    draft.verb = {"hour": "time", "name": "rename"}.get(key, "set")
    if key == "name":
        return
    for link in draft.links:
        if link.relation in ("to", "as") and link.to:
            draft.values[key] = link.to[0].noun or link.to[0].pronoun or ""
    draft.links = tuple(link for link in draft.links if link.relation not in ("to", "as"))
    draft.with_ = ()


def _brings(draft: Draft) -> None:
    """What is brought in: "replace A with B", "swap A for B", "pour water into the glass"."""
    tied = {link.relation: link for link in draft.links}
    if draft.verb in ("replace", "swap", "set") and "for" in tied and draft.verb != "set":
        other = tied["for"].to
        substituted = draft.form.said.startswith("substitute")
        draft.verb = "replace"
        draft.things, draft.with_ = (other, draft.things) if substituted else (draft.things, other)
        draft.links = tuple(link for link in draft.links if link.relation != "for")
    elif (
        draft.form.said.partition(" ")[0] in ("pour", "load", "stock") and any(name in tied for name in ("in", "on")) and "with" not in tied
    ):
        into = tied.get("in") or tied["on"]
        draft.things, draft.with_ = into.to, draft.things
        draft.links = tuple(link for link in draft.links if link is not into)
    elif draft.verb == "replace" and "near" in tied and "with" not in tied:
        draft.with_ = tied["near"].to  # "replace A by B"
        draft.links = tuple(link for link in draft.links if link.relation != "near")
    elif draft.verb == "remove" and draft.form.said in CLEARS and "from" not in tied and len(draft.things) == 1:
        _cleared(draft)
    elif vocabulary().frames[draft.verb].brings and "with" in tied:
        draft.with_ = tied["with"].to
        draft.links = tuple(link for link in draft.links if link.relation != "with")
        if draft.form.said == "cover":
            draft.verb, draft.things, draft.with_ = "place", draft.with_, ()
            draft.links = (Link(relation="on", span=tied["with"].span, to=draft.things and tied["with"].to and _things(draft)),)
    if draft.verb == "swap" and draft.things and draft.things[0].noun in ("place", "position") and draft.things[0].of is not None:
        draft.things = (draft.things[0].of, *draft.things[1:])  # "swap the places of A and B"
    if draft.verb == "copy" and "factor" in draft.values:
        draft.values["count"] = draft.values.pop("factor")  # "twice"
    if draft.verb == "slice" or draft.verb in ("heat", "cool", "clean"):
        draft.with_ = draft.with_ or (tied["with"].to if "with" in tied else ())
        draft.links = tuple(link for link in draft.links if link.relation != "with")


def _cleared(draft: Draft) -> None:
    """ "clear the table": what is on it is removed, not the table."""
    (thing,) = draft.things
    if not thing.plural and thing.noun and thing.article in ("the", "this", "that", None):
        on = Link(relation="on", span=thing.span, to=(thing,))
        draft.things = (Phrase(noun="", span=thing.span, pronoun="all", plural=True, links=(on,)),)


def _things(draft: Draft) -> tuple[Phrase, ...]:
    return draft.things


def _becomes(draft: Draft) -> None:
    """What `set` means by what it is set to: a colour stays, "open" opens, "bigger" scales, "a glass" replaces, "night" is a time."""
    values = draft.values
    if draft.verb == "add" and draft.things and draft.things[0].article == "no":
        draft.verb = "remove"  # "there should be no cups on the table"
    if draft.verb not in ("set", "place", "rotate", "time"):
        return
    if draft.verb == "rotate" and any(link.relation == "as" for link in draft.links):
        draft.verb = "set"
    if draft.verb in ("place", "rotate"):
        if (not draft.links and ("color" in values or "material" in values)) or "said_hour" in values:
            draft.verb = "set"
        else:
            return
    target = next((link for link in draft.links if link.relation in ("to", "as", "in") and link.to), None)
    last = draft.things[-1] if draft.things else None
    hour = values.get("said_hour")
    for phrase in (*(target.to if target else ()), *([last] if last is not None else [])):
        if phrase.noun in HOURS and hour is None:
            hour = HOURS[phrase.noun]
    if hour is not None:
        draft.verb, draft.things, draft.links = "time", (), ()
        values["hour"] = hour
        values.pop("said_hour", None)
        return
    if ("factor" in values and draft.verb == "set" and values.get("dimension", "size") in BODILY) or (
        values.get("dimension") in BODILY and "property" not in values
    ):
        draft.verb = "scale"
    elif isinstance(values.get("state"), str) and values["state"] in MEANT["state"] and "property" not in values:
        draft.verb = MEANT["state"][str(values.pop("state"))]
    elif target is not None and draft.verb == "set":
        _turned_into(draft, target)


def _turned_into(draft: Draft, target: Link) -> None:
    from lifeworld.scene.words.lexicon import color_of, material_of

    noun = target.to[0].noun
    if not noun or (target.to[0].pronoun == "one" and draft.things and draft.things[0].pronoun == "it"):
        noun = " ".join(target.to[0].words)  # "turn it into a red one"
        target = replace(target, to=(replace(target.to[0], article=None, noun=noun), *target.to[1:]))
    draft.links = tuple(link for link in draft.links if link.relation not in ("to", "as", "in"))
    if target.to[0].article is None and color_of(noun) is not None:
        draft.values["color"] = noun
    elif target.to[0].article is None and material_of(noun) is not None:
        draft.values["material"] = noun
    else:
        draft.verb, draft.with_ = "replace", target.to


def _goes(draft: Draft) -> None:
    """Who is told to move and nothing to be moved goes himself; whom he goes to is where. Who takes a thing somewhere moves it."""
    step = next((thing for thing in draft.things if thing.noun.split()[-1:] in (["step"], ["turn"], ["pace"])), None)
    if step is not None and draft.verb in ("pick", "set", "go", "move"):
        draft.verb, draft.things = "go", ()
        draft.values.setdefault("steps", float(step.count or 1))
    if draft.verb == "pick" and any(link.relation in ("to", "toward") for link in draft.links) and draft.things:
        draft.verb = "move"
    bare = not draft.things and "angle_deg" not in draft.values and "said_angle" not in draft.values
    if bare and (draft.links or draft.values or draft.verb == "rotate") and (draft.verb in ("move", "rotate") or draft.form.said in ITSELF):
        draft.verb = "go"
    if bare and draft.verb in TRANSITIVE:
        draft.things = (replace(IT, span=draft.span),)
    if draft.verb == "attach" and any(link.relation == "in" for link in draft.links):
        draft.verb = "place"
    if draft.verb == "go" and draft.things:
        if draft.form.said == "run":
            draft.verb = "turn_on"
            return
        where = tuple(Link(relation="to", span=thing.span, to=(thing,)) for thing in draft.things if thing.pronoun not in ("me",))
        draft.links, draft.things = (*where, *draft.links), ()
    if draft.verb == "face" and not draft.things:
        draft.things = tuple(phrase for link in draft.links if link.relation in ("at", "to", "toward", "in") for phrase in link.to)
        draft.links = tuple(link for link in draft.links if link.relation not in ("at", "to", "toward", "in"))


def _named(draft: Draft) -> None:
    """ "rename the mug to tea_cup", "into a group called dishes"."""
    if draft.verb not in ("rename", "group"):
        return
    links = []
    for link in draft.links:
        if link.relation in ("to", "as") and link.to and draft.verb == "rename":
            draft.values["name"] = link.to[0].noun
        elif not (draft.verb == "group" and link.relation in ("in", "as", "to") and link.to and link.to[0].noun in ("group", "one", "set")):
            links.append(link)
    draft.links = tuple(links)
    if draft.verb == "rename" and "name" not in draft.values and len(draft.things) > 1:
        draft.values["name"] = draft.things[-1].noun
        draft.things = draft.things[:-1]
    elif draft.verb == "rename" and "name" not in draft.values and draft.things and " " in draft.things[0].noun:
        noun, _, name = draft.things[0].noun.rpartition(" ")
        draft.things, draft.values["name"] = (replace(draft.things[0], noun=noun), *draft.things[1:]), name


def _stands(draft: Draft) -> None:
    """A relation without an other is about what was spoken of last: "open the drawer and put the bowl inside"."""
    draft.links = tuple(
        replace(link, to=(replace(IT, span=link.span),)) if not link.to and link.spot is None and link.relation not in ("state",) else link
        for link in draft.links
        if link.to or link.spot or link.relation not in ("to", "as", "with", "for", "through", "by")
    )


def _units(draft: Draft) -> None:
    """Measures under the key that the verb gives them."""
    values, verb = draft.values, draft.verb
    said = {key.removeprefix("said_"): float(values.pop(key)) for key in [k for k in values if k.startswith("said_")]}
    key = values.pop("property", None)
    way = values.get("way")
    if key is not None and "way" not in values:
        number = next(iter(said.values()), None)
        if number is not None:
            values[str(key)] = number
            return
    if "time" in said:
        if verb == "time":
            draft.at_s = said["time"]
        else:
            values["duration_s"] = said["time"]
    if "angle" in said:
        values["angle_deg"] = said["angle"]
    if "factor" in said:
        values["factor"] = said["factor"]
    if "hour" in said:
        values["hour"] = said["hour"]
    if "mass" in said:
        values["mass_kg"] = said["mass"]
    if "ratio" in said:
        if verb in ("scale", "set", "light") and way in ("more", "less"):
            values["factor"] = 1 + said["ratio"] if way == "more" else 1 - said["ratio"]
        elif verb == "scale":
            values["factor"] = said["ratio"]
        else:
            values["intensity" if verb == "light" else "amount"] = said["ratio"]
    if "length" in said:
        if verb in ("scale", "set"):
            values["by_m" if way else f"{values.pop('dimension', 'size')}_m"] = said["length"]
        elif verb in ("open", "close"):
            values["opening_m"] = said["length"]
        else:
            values["distance_m"] = said["length"]
    if "count" in said:
        bare = {"rotate": "angle_deg", "scale": "factor", "open": "amount", "close": "amount", "fill": "amount", "light": "intensity"}
        values[bare.get(verb, "count")] = said["count"]
