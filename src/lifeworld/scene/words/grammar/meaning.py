"""What a verb means by what it is said with.

"make the mug twice as big"      set     →  scale, factor 2
"turn the cup into a bowl"       rotate  →  replace it with a bowl
"turn left"                      rotate  →  go, direction left: nothing is said to be turned
"""

from __future__ import annotations

from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.scene.words.clause import Clause, Link, Phrase, Span
from lifeworld.scene.words.grammar.measuring import properties, units
from lifeworld.scene.words.grammar.saying import Saying, say
from lifeworld.scene.words.grammar.ways import Group
from lifeworld.scene.words.tagging.units import HOURS
from lifeworld.scene.words.tagging.vocabulary import VerbForm, vocabulary

IT = Phrase(noun="", span=(0, 0), pronoun="it")
ITSELF = ("stand", "stand up", "sit", "return", "rest", "lean", "set out", "bring back")
"""Forms of `place` and `move` that somebody can do without moving a thing."""
TRANSITIVE = ("place", "pick", "remove", "open", "close", "slice", "heat", "cool", "clean", "push", "pull", "slide", "lift", "fill")
THROWS = ("throw", "toss", "fling", "lob", "sling", "chuck")
ALIGNS = ("align", "line up")
PIECES = ("slice", "piece", "half", "chunk", "part", "cube", "quarter", "wedge", "strip", "ring", "third")
PLACED = ("on", "in", "under", "above", "beside", "near", "left_of", "right_of", "in_front_of", "behind", "between", "against", "facing")
WISHED = ("want", "need", "would like", "would love", "have")
"""Wishes: "I want a cup" adds one, "I want the cup on the table" puts it there."""
CLEARS = ("clear", "clear off", "clear out")
BODILY = ("size", "height", "width", "length", "depth", "thickness")
STATES = {
    "open": "open", "closed": "close", "on": "turn_on", "off": "turn_off", "clean": "clean", "wet": "clean", "hot": "heat", "cold": "cool",
}  # fmt: skip
"""What brings a state about."""
HEIGHTS = frozenset({"height", "altitude"})
"""What is named with a measure that something falls."""


def clause_of(form: VerbForm, verb: str, group: Group, *, said: str, span: Span, negated: bool) -> Clause:
    """The clause of a verb and what is tied to it."""
    saying = Saying(verb, form, span, _both(group.things), group.links, values=dict(form.values))
    say(saying, group.loose)
    for rule in (properties, _weighed, _of_stuff, _at_rest, _brings, _counts, _arranged, _becomes, _goes, _named, _stands):
        rule(saying)
    units(saying)
    return Clause(
        verb=saying.verb, said=said, span=span, things=saying.things, with_=saying.with_, links=saying.links,
        values=tuple(sorted(saying.values.items())), negated=negated, at_s=saying.at_s,
    )  # fmt: skip


def _both(things: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    """ "both the soup and the box" are not two soups."""
    if len(things) == 2 and things[0].count == 2 and not things[0].plural:
        return (replace(things[0], count=None), things[1])
    return things


def _weighed(saying: Saying) -> None:
    """ "Add 2 kg to the mug": it is to weigh so much more."""
    if saying.verb not in ("add", "remove", "pick") or "said_mass" not in saying.values or any(p.noun for p in saying.things):
        return
    link = next((k for k in saying.links if k.relation in ("to", "from", "on", "with") and k.to), None)
    if link is not None:
        saying.values |= {"dimension": "mass", "way": "more" if saying.verb == "add" else "less"}
        saying.verb, saying.things, saying.links = "set", link.to, tuple(k for k in saying.links if k is not link)


def _of_stuff(saying: Saying) -> None:
    """ "Make the bowl of wood": no wood comes into it."""
    from lifeworld.scene.words.lexicon import material_of

    if saying.verb != "set" or len(saying.things) != 1 or saying.values:
        return
    (thing,) = saying.things
    stuff = next((k for k in thing.links if k.relation == "with" and k.to and k.to[0].article is None), None)
    if stuff is not None and material_of(stuff.to[0].noun) is not None:
        saying.values["material"] = stuff.to[0].noun
        saying.things = (replace(thing, links=tuple(k for k in thing.links if k is not stuff)),)


def _at_rest(saying: Saying) -> None:
    """ "Drop the ball from 2 m": where things are put they are at rest, and nothing is let fall there.

    Raises:
        WordsError: `unsupported`.
    """
    high = "bound_from" in saying.values or any(
        link.relation == "from" and any(p.noun in HEIGHTS for p in link.to)
        for link in (*saying.links, *(link for thing in saying.things for link in thing.links))
    )
    if saying.verb == "place" and high and "said_length" in saying.values:
        raise WordsError(
            "things are put at rest, none is let fall from a height", reason="unsupported", span=saying.span,
            suggestions=("put the mug on the table",), fix="Say what it is to be put on.",
        )  # fmt: skip


def _brings(saying: Saying) -> None:
    """What is brought in: "replace A with B", "swap A for B", "a bowl instead of the cup", "pour water into the glass"."""
    tied = {link.relation: link for link in saying.links}
    poured = saying.form.said.partition(" ")[0] in ("pour", "load", "stock") and "with" not in tied
    if saying.verb in ("replace", "swap") and "for" in tied:
        swapped = (saying.things, tied["for"].to)
        saying.verb = "replace"
        saying.things, saying.with_ = swapped[::-1] if saying.form.said.startswith("substitute") else swapped
        saying.drop("for")
    elif saying.verb in ("add", "place") and "instead_of" in tied:
        saying.verb, saying.things, saying.with_ = "replace", tied["instead_of"].to, saying.things
        saying.drop("instead_of")
    elif poured and saying.form.said != "load" and "from" in tied:
        saying.things, saying.values["amount"] = tied["from"].to, 0.0  # "pour the water out of the glass"
        saying.drop("from")
    elif poured and ("in" in tied or "on" in tied):
        into = tied.get("in") or tied["on"]
        saying.things, saying.with_ = into.to, saying.things
        saying.drop(into.relation)
    elif saying.form.said in ALIGNS and "with" in tied:
        saying.links = tuple(replace(link, relation="aligned_with") if link.relation == "with" else link for link in saying.links)
    elif saying.form.said in CLEARS and saying.verb == "remove" and "from" not in tied and len(saying.things) == 1:
        _cleared(saying)
    elif vocabulary().frames[saying.verb].brings and "with" in tied:
        saying.with_ = tied["with"].to
        saying.drop("with")


def _cleared(saying: Saying) -> None:
    """ "clear the table": what is on it is removed, not the table."""
    (thing,) = saying.things
    if not thing.plural and thing.noun and thing.article in ("the", "this", "that", None):
        on = Link(relation="on", span=thing.span, to=(thing,))
        saying.things = (Phrase(noun="", span=thing.span, pronoun="all", plural=True, links=(on,)),)


def _counts(saying: Saying) -> None:
    """ "copy it twice", "cut it into three pieces", "the places of A and B": numbers and nouns that say how the verb is meant."""
    if saying.verb == "swap" and saying.things and saying.things[0].noun in ("place", "position") and saying.things[0].of is not None:
        saying.things = (saying.things[0].of, *saying.things[1:])
    if saying.verb in ("set", "add") and saying.things and "copy" in saying.things[0].words:
        first = saying.things[0]
        saying.verb, saying.values["count"] = "copy", float(first.count or 1)
        words = tuple(word for word in first.words if word != "copy")
        saying.things = (replace(first, count=None, article="the", plural=False, words=words), *saying.things[1:])
    counted = saying.things[0].words if saying.things else ()
    alike = tuple(word for link in saying.links if link.relation == "as" for phrase in link.to for word in phrase.words)
    compared = "many" in (*counted, *alike) and saying.verb in ("add", "remove", "copy", "place")  # "twice as many apples"
    if compared or ("number" in counted and saying.verb in ("scale", "set")):
        raise WordsError(
            "how many there are is changed by adding and removing", reason="unsupported", span=saying.span,
            suggestions=("add two chairs", "remove two chairs"), fix="Say what to add or to remove.",
        )  # fmt: skip
    if saying.verb == "copy" and "factor" in saying.values:
        saying.values["count"] = saying.values.pop("factor")
    if saying.verb == "slice":
        pieces = next((link for link in saying.links if link.relation == "in" and link.to and link.to[0].noun in PIECES), None)
        if pieces is not None:
            saying.links = tuple(link for link in saying.links if link is not pieces)
            saying.values |= {"pieces": float(pieces.to[0].count)} if pieces.to[0].count else {}


def _arranged(saying: Saying) -> None:
    """ "put A, B and C in a row": each is aligned with the first; several alike with each other."""
    arrangement = saying.values.pop("arrangement", None)
    aligned = any(link.relation == "aligned_with" or (link.relation, arrangement) == ("on", "pile") for link in saying.links)
    if arrangement is None or aligned:
        return
    if (saying.links and saying.form.said not in ALIGNS) or not saying.things:
        saying.values["arrangement"] = arrangement  # somewhere and in a row: the row is not made, and that is told
        return
    first, others = saying.things[0], saying.things[1:]
    to = first if others else Phrase(noun="", span=first.span, pronoun="each_other")
    saying.things = others or saying.things
    if arrangement == "pile":
        saying.verb = "stack"
    saying.links = (*saying.links, Link(relation="on" if arrangement == "pile" else "aligned_with", span=saying.span, to=(to,)))


def _cleared_of(saying: Saying) -> None:
    """ "there should be no cups on the table", "nothing should be on the table": what is there so is removed."""
    first = saying.things[0]
    pronoun = "all" if first.pronoun == "nothing" else first.pronoun
    saying.verb = "remove"
    saying.things = (replace(first, article="every", pronoun=pronoun, plural=True, links=(*first.links, *saying.links)), *saying.things[1:])
    saying.links = ()


def _becomes(saying: Saying) -> None:
    """What `set` means by what it is set to: a colour stays, "open" opens, "bigger" scales, "a glass" replaces, "night" is a time."""
    values = saying.values
    if saying.verb in ("add", "place") and saying.things and (saying.things[0].article == "no" or saying.things[0].pronoun == "nothing"):
        _cleared_of(saying)
    if saying.form.said == "get" and values.get("state") in STATES:
        saying.verb = STATES[str(values.pop("state"))]  # "get the cloth wet"
    if saying.form.said == "stop" and not saying.things:
        saying.verb = "go"
    if saying.form.said in WISHED and saying.links and all(thing.article in ("the", "this", "that") for thing in saying.things):
        saying.verb = "place"
    if saying.verb == "set" and saying.things and not values and any(link.relation in PLACED for link in saying.links):
        saying.verb = "rotate" if all(link.relation == "facing" for link in saying.links) else "place"  # "make the chair face the wall"
        return
    if saying.verb not in ("set", "place", "rotate", "time"):
        return
    if saying.form.said == "set" and any(k.relation in ("to", "as") and _is_look(k) for k in saying.links):
        saying.verb = "set"  # "set the mug to blue"
    if saying.verb == "place" and not saying.links and values.get("direction") in ("upright", "on_its_side", "upside_down"):
        saying.verb = "rotate"
    if saying.form.said == "roll" and (saying.links or values.get("direction") in ("left", "right", "front", "back")):
        saying.verb = "push"
    if saying.verb == "rotate" and any(link.relation == "as" for link in saying.links):
        saying.verb = "set"
    if saying.verb in ("place", "rotate"):
        nowhere = not any(link.to or link.spot for link in saying.links)
        if (nowhere and ("color" in values or "material" in values)) or "said_hour" in values:
            saying.verb = "set"
        else:
            return
    target = next((link for link in saying.links if link.relation in ("to", "as", "in") and link.to), None)
    last = saying.things[-1] if saying.things else None
    hour = values.get("said_hour")
    for phrase in (*(target.to if target else ()), *([last] if last is not None else [])):
        if phrase.noun.partition(" ")[0] in HOURS and phrase.article in (None, "a") and saying.verb == "set" and hour is None:
            hour = HOURS[phrase.noun.partition(" ")[0]]
    if hour is not None:
        saying.verb, saying.things, saying.links = "time", (), ()
        values["hour"] = hour
        values.pop("said_hour", None)
        return
    if ("factor" in values and saying.verb == "set" and values.get("dimension", "size") in BODILY) or (
        values.get("dimension") in BODILY and "property" not in values
    ):
        saying.verb = "scale"
    elif isinstance(values.get("state"), str) and values["state"] in STATES and "property" not in values:
        saying.verb = STATES[str(values.pop("state"))]
    elif (
        target is not None
        and saying.verb == "set"
        and not (
            target.relation == "as" and values.keys() & {"alike", "dimension", "color", "material"}  # "as heavy as the bowl"
        )
    ):
        _turned_into(saying, target)


def _is_look(link: Link) -> bool:
    """Whether a link is to a colour or a stuff rather than to a thing."""
    from lifeworld.scene.words.lexicon import color_of, material_of

    bare = len(link.to) == 1 and link.to[0].article is None
    return bare and (color_of(link.to[0].noun) is not None or material_of(link.to[0].noun) is not None)


def _turned_into(saying: Saying, target: Link) -> None:
    from lifeworld.scene.words.lexicon import color_of, material_of

    noun = target.to[0].noun
    tied = [*saying.links, *(link for thing in saying.things for link in thing.links)]
    same = next((phrase for link in tied for phrase in link.to if "same" in (*phrase.words, *phrase.noun.split())), None)
    if same is not None:
        raise WordsError(
            "the same as another is not understood", reason="unsupported", span=same.span, suggestions=("paint the mug red",),
            fix="Say which colour, material or size it is to have.",
        )  # fmt: skip
    if not noun or (target.to[0].pronoun == "one" and saying.things and saying.things[0].pronoun == "it"):
        noun = " ".join(target.to[0].words)  # "turn it into a red one"
        target = replace(target, to=(replace(target.to[0], article=None, noun=noun), *target.to[1:]))
    saying.links = tuple(link for link in saying.links if link.relation not in ("to", "as", "in"))
    if target.to[0].article is None and color_of(noun) is not None:
        saying.values["color"] = noun
    elif target.to[0].article is None and material_of(noun) is not None:
        saying.values["material"] = noun
    else:
        saying.verb, saying.with_ = "replace", target.to


def _goes(saying: Saying) -> None:
    """Who is told to move and nothing to be moved goes himself; whom he goes to is where. Who takes a thing somewhere moves it."""
    step = next((thing for thing in saying.things if thing.noun.split()[-1:] in (["step"], ["turn"], ["pace"])), None)
    if step is not None and saying.verb in ("pick", "set", "go", "move", "push", "pull", "slide"):
        saying.things = tuple(thing for thing in saying.things if thing is not step)
        saying.verb = saying.verb if saying.things else "go"
        saying.values.setdefault("steps", float(step.count or 1))
    if saying.verb == "pick" and any(link.relation in ("to", "toward") for link in saying.links) and saying.things:
        saying.verb = "move"
    bare = not saying.things and "angle_deg" not in saying.values and "said_angle" not in saying.values
    himself = saying.verb in ("move", "rotate") or (saying.form.said in ITSELF and bool(saying.links or saying.values))
    if bare and himself:
        saying.verb = "go"
    if bare and saying.verb in TRANSITIVE:
        saying.things = (replace(IT, span=saying.span),)
    stuck = saying.form.said == "stick" and all(link.relation != "to" for link in saying.links)
    if saying.verb == "attach" and saying.links and (stuck or any(link.relation == "in" for link in saying.links)):
        saying.verb = "place"  # "stick the lamp in the corner"
    if saying.form.said in THROWS and any(link.relation in ("at", "toward") for link in saying.links):
        saying.verb = "push"
    if saying.verb == "place" and len(saying.things) == 1 and saying.things[0].pronoun == "me":
        saying.verb, saying.things = "go", ()  # "so that you are in front of it"
    if saying.verb == "go" and saying.things:
        if saying.form.said == "run":
            saying.verb = "turn_on"
            return
        where = tuple(Link(relation="to", span=thing.span, to=(thing,)) for thing in saying.things if thing.pronoun not in ("me",))
        saying.links, saying.things = (*where, *saying.links), ()
    if saying.verb == "face" and not saying.things:
        saying.things = tuple(phrase for link in saying.links if link.relation in ("at", "to", "toward", "in") for phrase in link.to)
        saying.links = tuple(link for link in saying.links if link.relation not in ("at", "to", "toward", "in"))


def _named(saying: Saying) -> None:
    """ "rename the mug to tea_cup", "into a group called dishes"."""
    if saying.verb not in ("rename", "group"):
        return
    links = []
    for link in saying.links:
        named = saying.verb == "rename" or (link.to and link.to[0].article is None and link.to[0].noun not in ("group", "one", "set"))
        if link.relation in ("to", "as") and link.to and named:
            saying.values["name"] = link.to[0].noun
        elif not (
            saying.verb == "group" and link.relation in ("in", "as", "to") and link.to and link.to[0].noun in ("group", "one", "set")
        ):
            links.append(link)
    saying.links = tuple(links)
    if saying.verb == "rename" and "name" not in saying.values and len(saying.things) > 1:
        saying.values["name"] = saying.things[-1].noun
        saying.things = saying.things[:-1]
    elif saying.verb == "rename" and "name" not in saying.values and saying.things and " " in saying.things[0].noun:
        noun, _, name = saying.things[0].noun.rpartition(" ")
        saying.things, saying.values["name"] = (replace(saying.things[0], noun=noun), *saying.things[1:]), name


def _stands(saying: Saying) -> None:
    """A relation without an other is about what was spoken of last: "open the drawer and put the bowl inside"."""
    saying.links = tuple(
        replace(link, to=(replace(IT, span=link.span),)) if not link.to and link.spot is None and link.relation not in ("state",) else link
        for link in saying.links
        if link.to or link.spot or link.relation not in ("to", "as", "with", "for", "from", "through", "by")
    )
