"""New things as they are spoken of: "two small red mugs", "a bowl of apples", "a lamp that is on"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lifeworld.core.errors import LifeworldError, WordsError, close_names
from lifeworld.scene import archetype
from lifeworld.scene.material import COLORS, MATERIALS
from lifeworld.scene.opening import opening_joints
from lifeworld.scene.scene import Thing
from lifeworld.scene.words.clause import Phrase
from lifeworld.scene.words.grounding.called import AS_SAID, SURE, nouns
from lifeworld.scene.words.grounding.ground import ONES
from lifeworld.scene.words.planning.draft import Draft, refused

TRUSTED = 0.8
"""A kind that is found less surely is offered, not taken."""
SOME = 3
"""How many "some" are, where nothing else says."""
MOST = 200
FACTORS = {"more": 1.3, "most": 1.3, "less": 0.75, "least": 0.75}


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """What is to be made: `thing` as many as `count` times; `contents` are phrases of what comes in it or on it.

    `wish` is the name it is to have.
    """

    thing: Thing
    count: int
    noun: str
    contents: tuple[Phrase, ...] = ()
    wish: str | None = None


def is_new(phrase: Phrase) -> bool:
    """Whether a phrase speaks of something that is not there yet."""
    return phrase.article in ("a", "another") and phrase.pronoun is None and phrase.order is None and phrase.compare is None


def coming(draft: Draft, phrase: Phrase, *, hangs: bool = False) -> Coming:
    """The new thing a phrase speaks of; one that `hangs`, for a place on a wall.

    Raises:
        WordsError: `unknown_word`, if no kind of the library is called so; `unsafe_number` for counts and sizes.
    """
    if phrase.pronoun in ONES and not phrase.words:
        raise WordsError(
            "one of what, and where?",
            reason="unsupported",
            span=phrase.span,
            suggestions=("add a knife to the left of the plate",),
            fix="Name each thing and its place.",
        )
    if not phrase.noun:
        raise WordsError(
            "what is to be added?", reason="ambiguous", span=phrase.span, question="What is to be added?", suggestions=("a glass",)
        )
    noun, words, kind = kind_of(draft, phrase, hangs=hangs)
    count = phrase.count if phrase.count is not None else SOME if phrase.plural else 1
    if not 1 <= count <= MOST:
        raise WordsError(
            f"{count} of them are too {'few' if count < 1 else 'many'}",
            reason="unsafe_number",
            span=phrase.span,
            fix=f"1 to {MOST} at once.",
        )
    contents = () if phrase.of is None else (phrase.of,)
    made = _described(draft, Thing(name=draft.free_name(noun), kind=kind), words, phrase)
    return Coming(thing=made, count=count, noun=noun, contents=contents)


def kind_of(draft: Draft, phrase: Phrase, *, hangs: bool = False) -> tuple[str, tuple[str, ...], str]:
    """The noun of a phrase, the adjectives that are no part of it, and the kind of thing it names; one that `hangs`, if it may be one.

    Raises:
        WordsError: `unknown_word`, with the nearest kinds.
    """
    from lifeworld.scene.words.lexicon import is_known, kinds_for

    offered: list[str] = []
    alone = {m.candidate: m.score for m in kinds_for(phrase.noun)}
    for noun, words in nouns(phrase):
        found = kinds_for(noun)
        if len(words) < len(phrase.words):
            found = [m for m in found if m.how in AS_SAID and m.score > alone.get(m.candidate, 0.0)]
        if found and found[0].score >= (SURE if noun != phrase.noun else TRUSTED) and found[0].how not in ("typo", "vector"):
            best = found[0]
            if best.how == "hypernym" and noun != best.candidate.replace("_", " "):
                draft.evidence.append(f"{noun}: {best.candidate}, one of {len([m for m in found if m.score >= best.score - 0.15])} kinds")
                noun = best.candidate.replace("_", " ")
            draft.score = min(draft.score, best.score)
            return noun, words, (_hanging(noun) if hangs else None) or best.candidate
        offered += [m.candidate for m in found[:3] if m.score >= 0.4]
    hints = list(dict.fromkeys((*offered, *close_names(phrase.noun, archetype.kinds()))))[:3]
    known = is_known(phrase.noun)
    raise WordsError(
        f"there is no {phrase.noun!r} to be added" + ("" if known else ": no such word is known"),
        reason="unknown_word",
        span=phrase.span,
        suggestions=hints,
        fix=f"Did you mean {' or '.join(hints)}?" if hints else "`lifeworld scenes --kinds` lists all that can be.",
    )


def _hanging(noun: str) -> str | None:
    """The kind that hangs on walls and is called so: "picture" is a painting there; None if none is."""
    for name, what in archetype.kinds().items():
        if what.hangs_m is not None and noun.split()[-1] in {called.split()[-1] for called in (name.replace("_", " "), *what.synonyms)}:
            return name
    return None


def numbered(draft: Draft, one: Coming) -> Iterator[Thing]:
    """The things themselves, each with a name nothing else has; ask for the next when the last one is in the draft."""
    for _ in range(one.count):
        yield replace(one.thing, name=draft.free_name(one.wish or one.noun))


def _described(draft: Draft, thing: Thing, words: Sequence[str], phrase: Phrase) -> Thing:
    """The thing as its adjectives say: colour, stuff, size, state."""
    from lifeworld.scene.words.lexicon import color_of, material_of, size_of, state_of

    what = archetype.kind(thing.kind)
    said = [*words, *(link.state for link in phrase.links if link.state is not None and not link.negated)]
    for word in said:
        color, material, size, state = color_of(word), material_of(word), size_of(word), state_of(word)
        if color is not None and (material is None or word in COLORS):
            thing = replace(thing, color=color)
        elif material is not None and material in MATERIALS:
            thing = replace(thing, material=material)
        elif size is not None and size[0] != "mass":
            thing = replace(thing, size_m=_sized(what, size[0], size[1]))
        elif state in ("on", "turned_on") and "turn_on" in what.affordances:
            thing = replace(thing, turned_on=True)
        elif state == "open":
            joints = opening_joints(archetype.build(thing))
            thing = replace(thing, joints=tuple((j.name, j.range[1]) for j in joints if j.range is not None))
    if phrase.compare is not None:
        thing = replace(thing, size_m=_sized(what, *phrase.compare))
    try:
        archetype.check(thing)
    except LifeworldError as error:
        raise refused(error, phrase.span) from error
    return thing


def _sized(what: archetype.Archetype, dimension: str, way: str) -> tuple[float, float, float]:
    """The kind's size, a notch larger or smaller, as far as it is made."""
    low, high = what.scale
    factor = min(max(FACTORS.get(way, 1.0), low), high)
    x, y, z = what.size_m
    if dimension in ("height", "thickness"):
        return (x, y, z * factor)
    if dimension in ("width", "length"):
        return (x * factor, y, z)
    return (x * factor, y * factor, z * factor)
