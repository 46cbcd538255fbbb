"""A question about futures and a scene make an outcome, or one error that says why not and what could be asked instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from lifeworld.core.errors import LifeworldError, WordsError
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.condition import GROUND, Condition
from lifeworld.scene.outcome import MAX_NAME, How, Outcome
from lifeworld.scene.possible import check_condition, is_tall
from lifeworld.scene.predicate import PREDICATES, PredicateName
from lifeworld.scene.scene import Scene
from lifeworld.scene.words.grounding.cast import Cast, Referent, cast_of
from lifeworld.scene.words.outcome.reading import Asked, readings, without_lead
from lifeworld.scene.words.outcome.verbs import Meaning, Words, unsupported
from lifeworld.scene.words.outcome.when import When, when_of
from lifeworld.scene.words.outcome.who import Who, who_of, whole_of
from lifeworld.scene.words.tagging.tokens import words_of

RANK = ("unsupported", "unknown_word", "not_present", "ambiguous", "impossible", "unsafe_number")
JOINING = frozenset({"and", "or", "but", "while", "whereas"})
NEVER = "nothing breaks, burns, melts or gets wet here: things move, fall, open, hit and spill"


def outcome_of(text: str, scene: Scene, *, viewer: str | None = None, assets: Mapping[str, Assembly] | None = None) -> Outcome:
    """The outcome a sentence asks for: "the glass falls off the table", "nothing falls", "the drawer opens within 3 seconds".

    What becomes of something is asked for `ever` ("falls", "opens"), what is to stay so `always` ("stays on"), what is so `at_end` ("is
    on", "ends up in"), unless the sentence says when. `viewer` is as in `understand`, and so are `assets`.

    Raises:
        WordsError: `unsupported` for what is not understood (with suggestions), `impossible` for what can never be (with why), and as
            `understand` for things that are not there, or meant by several names.
    """
    when = when_of([w for w in words_of(text) if w.sort != "mark" or w.low in ("/", "%", "°", "·")])
    words = without_lead(when.words)
    cast = cast_of(scene, viewer, assets=assets)

    def one(words: Words) -> Outcome:
        best: WordsError | None = None
        for asked in readings(words):
            try:
                return _outcome(asked, when, text, scene, cast, assets)
            except WordsError as error:
                best = error if best is None or _rank(error) > _rank(best) else best
        raise best or unsupported(text)

    for i, word in enumerate(words):
        if word.low in JOINING and any(readings(words[:i])) and any(readings(words[i + 1 :])):
            return _both(word.low, one(words[:i]), one(words[i + 1 :]), text)
    return one(words)


def _both(joint: str, first: Outcome, second: Outcome, text: str) -> Outcome:
    """Two outcomes as one, where one can say both: either of two, or two that stay true or are asked of one moment."""
    conditions = tuple(dict.fromkeys((*first.conditions, *second.conditions)))
    how = first.how
    if joint == "or" and first.how == second.how == "ever" and first.needed == second.needed == 1:
        return replace(first, conditions=conditions, least=1 if len(conditions) > 1 else None)
    whole = first.needed == len(first.conditions) and second.needed == len(second.conditions)
    lasting = all(PREDICATES[c.predicate].past and c.holds for c in conditions)
    if joint != "or" and first.how == second.how and whole and (how in ("always", "at_end") or (how == "ever" and lasting)):
        return replace(first, conditions=conditions, least=None)
    raise unsupported(text, "these are two questions: ask them one by one")


def _rank(error: WordsError) -> int:
    return RANK.index(error.reason) if error.reason in RANK else 0


def _outcome(asked: Asked, when: When, text: str, scene: Scene, cast: Cast, assets: Mapping[str, Assembly] | None) -> Outcome:
    meaning = asked.meaning
    subject = who_of(asked.subject, text, scene, cast)
    if meaning.predicate == "never":
        raise WordsError(NEVER, reason="impossible", span=(0, len(text)), suggestions=("the mug falls off the table",))
    how, after_s, within_s = _time(meaning, when, asked)
    if subject.stack:
        conditions, least = _stacked(asked, subject, text), 1 if meaning.denied or _falls(meaning) else None
    else:
        conditions, least = _conditions(meaning, subject, text, scene, cast, assets)
    denied, never = meaning.denied, when.never
    if asked.negated:
        if how in ("at_end", "always") and not never:
            denied = not denied
            how, least = ("ever", least) if how == "always" else (how, least)
        else:
            never = not never
    if subject.denied:
        if how == "ever" or never:
            never = not never
        elif how == "at_end" and least == 1:
            denied, least = not denied, None
        else:
            raise unsupported(text, "this asks of none that it is so all the time")
    if never:
        how = {"ever": "never", "at_end": "never", "always": "never", "never": "ever"}[how]  # type: ignore[assignment]
    if denied and not subject.stack:
        conditions = [replace(c, holds=not c.holds) for c in conditions]
    conditions, least = _possible(conditions, least, subject, scene, assets, text)
    return Outcome(
        name=" ".join(text.split())[:MAX_NAME],
        conditions=tuple(conditions),
        how=how,
        least=None if least is None or least == len(conditions) else least,
        after_s=after_s,
        within_s=within_s,
    )


def _time(meaning: Meaning, when: When, asked: Asked) -> tuple[How, float, float | None]:
    """How, and the time that counts."""
    how = when.how or meaning.how
    if meaning.how == "never" and when.how in ("at_end", "always", "ever"):
        how = "never"
    after, within = when.after_s or 0.0, when.within_s
    if when.throughout_s is not None:
        how, within = ("always" if how == "at_end" else how), when.throughout_s
    if when.moment_s is not None:
        how, within = "at_end", when.moment_s
    elif how == "at_end" and when.after_s is not None and within is None:
        after, within = 0.0, when.after_s
    if asked.still and when.how is None and how == "ever" and meaning.how == "at_end":
        how = "at_end"
    return how, after, within


def _falls(meaning: Meaning) -> bool:
    return meaning.predicate in ("falls", "tips_over", "stack", "toppled")


def _stacked(asked: Asked, subject: Who, text: str) -> list[Condition]:
    """A stack stands where each is on the one below, and falls where one is not."""
    meaning = asked.meaning
    if not (_falls(meaning) or meaning.predicate == "upright"):
        raise unsupported(text, "of a stack can be asked whether it stands or falls")
    stands = not _falls(meaning)
    return [Condition(predicate="on", thing=b, to=a, holds=stands) for a, b in pairwise(subject.stack)]


def _conditions(
    meaning: Meaning, subject: Who, text: str, scene: Scene, cast: Cast, assets: Mapping[str, Assembly] | None
) -> tuple[list[Condition], int | None]:
    """The conditions on those who are meant, and how many of them have to hold."""
    if meaning.predicate == "stack":
        meaning = replace(meaning, predicate="falls", denied=False)
    known = PREDICATES.get(meaning.predicate)  # type: ignore[call-overload]  # what is no predicate has been dealt with
    assert known is not None, meaning.predicate
    one, other = subject, None
    if meaning.other is not None and len(meaning.other):
        other = whole_of(meaning.other, text, scene, cast)
    elif meaning.other is not None and known.to != "none":  # "the mug and the bottle collide"
        if len(subject.referents) < 2 or subject.least not in (None, 1):
            raise unsupported(text, f"{meaning.predicate!r} needs another: what does it hit?")
        first, *rest = subject.referents
        one, other = replace(subject, referents=(first,)), replace(subject, referents=tuple(rest))
    if meaning.swapped and other is not None:
        one, other = other, one
    if other is None and known.to not in ("none", "maybe"):
        return _from_where(meaning, one, text, scene, cast)
    conditions = []
    for thing in one.referents:
        for to in other.referents if other is not None else (None,):
            if to is None or to.name != thing.name:
                conditions += _condition(meaning, thing, to, scene, text)
    conditions = _without_parts(list(dict.fromkeys(conditions)))
    least = one.least
    if other is not None and len(other.referents) > 1:
        if one.least != other.least and len(one.referents) > 1:
            raise unsupported(text, "this asks of some about others: ask of one of them")
        least = other.least
    if meaning.predicate == "falls" and meaning.much is None:
        return _falling(conditions, least, scene, assets)
    return conditions, least


def _without_parts(conditions: list[Condition]) -> list[Condition]:
    """Without those of a thing's single doors and drawers where all of it is asked of as well."""
    whole = {c.thing for c in conditions if c.joint is None}
    return [c for c in conditions if c.joint is None or c.thing not in whole]


def _falling(
    conditions: list[Condition], least: int | None, scene: Scene, assets: Mapping[str, Assembly] | None
) -> tuple[list[Condition], int | None]:
    """What stands tall falls by tipping over as well as by coming down."""
    tall = [c for c in conditions if is_tall(scene.thing(c.thing), assets)]
    tipped = [replace(c, predicate="tips_over") for c in tall]
    if not tall:
        return conditions, least
    if least == 1 or len(conditions) == 1:
        return [*conditions, *tipped], 1
    return [replace(c, predicate="tips_over") if c in tall else c for c in conditions], least


def _from_where(meaning: Meaning, subject: Who, text: str, scene: Scene, cast: Cast) -> tuple[list[Condition], int | None]:
    """Off what, or out of what, where nobody says: what it is on or in now."""
    conditions = []
    for referent in subject.referents:
        kinds = ("on",) if meaning.predicate == "falls_off" else ("in", "on")
        carriers = [(kind, name.partition("/")[0]) for kind, name in sorted(referent.facts) if kind in kinds]
        names = {t.name for t in scene.things}
        of = next((name for kind in kinds for k, name in carriers if k == kind and name in names), None)
        if of is not None:
            conditions.append(Condition(predicate=meaning.predicate, thing=referent.name, to=of))  # type: ignore[arg-type]
    if not conditions:
        raise unsupported(text, "off or out of what?")
    return conditions, subject.least


def _condition(meaning: Meaning, thing: Referent, to: Referent | None, scene: Scene, text: str) -> list[Condition]:
    """The condition on one thing, or on one part of it that opens."""
    predicate: PredicateName = meaning.predicate  # type: ignore[assignment]  # it is one of the table's
    known = PREDICATES[predicate]
    name, joint = (thing.part_of or thing.name), None
    if known.joint and thing.part_of is not None:
        joint = thing.name.partition("/")[2]
    if predicate == "beyond":
        joints = [j for j, _ in scene.thing(name).joints] if any(t.name == name for t in scene.things) else []
        joint = joint or _only_joint(name, joints, scene)
    if thing.sort == "embodiment" or thing.sort == "ground":
        raise WordsError(f"{thing.name!r} is no thing that this can become of", reason="impossible", span=(0, len(text)))
    other = None
    if to is not None:
        other = GROUND if to.sort == "ground" else to.part_of or to.name
        spaces = {s.name for s in scene.spaces}
        if (
            predicate == "in"
            and other not in spaces
            and to.sort == "thing"
            and ("holds", "") not in to.facts
            and predicate != meaning.predicate
        ):
            predicate = "hits"
    much = meaning.much if known.amount is not None else None
    return [Condition(predicate=predicate, thing=name, to=other, joint=joint, amount=much)]


def _only_joint(name: str, posed: list[str], scene: Scene) -> str | None:
    from lifeworld.scene import archetype
    from lifeworld.scene.check import is_asset

    thing = scene.thing(name)
    joints = posed if is_asset(thing) else [j.name for j in archetype.build(thing).joints]
    return joints[0] if len(joints) == 1 else None


def _possible(
    conditions: list[Condition], least: int | None, subject: Who, scene: Scene, assets: Mapping[str, Assembly] | None, text: str
) -> tuple[list[Condition], int | None]:
    """The conditions that may become so; where things were named, all have to.

    Raises:
        WordsError: `impossible`, saying why.
    """
    kept, why = [], None
    for condition in conditions:
        try:
            check_condition(condition, scene, assets)
            kept.append(condition)
        except LifeworldError as error:
            why = why or error
            if not subject.loosely:
                break
    if why is not None and (not subject.loosely or not kept):
        told = why.what if not why.fix else f"{why.what}: {why.fix}"
        raise WordsError(
            told.rstrip("."), reason="impossible", span=(0, len(text)), suggestions=("the mug falls off the table", "nothing moves")
        )
    if least is not None and least > len(kept):
        raise WordsError(
            f"it can become so of {len(kept)} only", reason="impossible", span=(0, len(text)), suggestions=(f"at least {len(kept)} …",)
        )
    return kept, least
