"""A sentence that tells what is to happen, and a scene, make an event; one that changes the scene makes none."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lifeworld.core.errors import EventError, WordsError
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.condition import Condition
from lifeworld.scene.deed import Push
from lifeworld.scene.event import Event
from lifeworld.scene.events.choose import could
from lifeworld.scene.events.drawn import check_of
from lifeworld.scene.events.kind import EventKind, kind
from lifeworld.scene.magnitude import Magnitude
from lifeworld.scene.naming import free_name
from lifeworld.scene.possible import is_fixed
from lifeworld.scene.scene import Scene
from lifeworld.scene.shape import Vec3
from lifeworld.scene.words.grounding.cast import Cast, Referent, cast_of
from lifeworld.scene.words.grounding.view import worldwards
from lifeworld.scene.words.happening.pattern import Bound, bindings
from lifeworld.scene.words.lexicon import kinds_for
from lifeworld.scene.words.outcome.amount import Amount, amount_of
from lifeworld.scene.words.outcome.outcome import outcome_of
from lifeworld.scene.words.outcome.when import When, when_of
from lifeworld.scene.words.outcome.who import SORTS, who_of
from lifeworld.scene.words.tagging.tokens import Word, words_of

PUSH_M_S = 1.0
"""How fast a thing is that is pushed, where nobody says."""
WAYS: Mapping[str, Vec3] = {
    "left": (-1, 0, 0), "leftwards": (-1, 0, 0), "right": (1, 0, 0), "rightwards": (1, 0, 0), "front": (0, -1, 0), "viewer": (0, -1, 0),
    "camera": (0, -1, 0), "back": (0, 1, 0), "behind": (0, 1, 0), "forward": (0, 1, 0), "forwards": (0, 1, 0), "backward": (0, -1, 0),
    "backwards": (0, -1, 0), "up": (0, 0, 1), "upwards": (0, 0, 1), "above": (0, 0, 1), "below": (0, 0, -1), "downwards": (0, 0, -1),
}  # fmt: skip
"""Directions as (to the viewer's right, away from the viewer, up)."""
BARE = frozenset({"left", "leftwards", "right", "rightwards", "forward", "forwards", "backward", "backwards", "upwards", "downwards"})
"""Those that need no "to" or "from"."""
HARD, SOFT = 0.9, 0.1
FORCE = dict.fromkeys(("hard", "strongly", "violently", "strong", "heavy", "violent", "fast", "quickly", "firmly", "fiercely"), HARD)
FORCE |= dict.fromkeys(("gently", "softly", "slightly", "weak", "slowly", "gentle", "light", "lightly", "slight"), SOFT)
WHEN = (("as", "soon", "as"), ("when",), ("once",), ("whenever",), ("if",))
NAMED = 0.6
"""How surely a noun must name the kind of thing that comes in."""
UNSAID = frozenset({
    "a", "an", "the", "some", "one", "something", "anything", "thing", "it", "that", "this", "object", "somebody", "someone"
})  # fmt: skip
"""Words that say nothing of what comes in."""
LEADS = frozenset({"what", "if", "suppose", "imagine", "let", "make", "have", "say"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What a sentence tells besides what happens: when, which way, how hard, by how much."""

    words: tuple[Word, ...]
    when: When
    condition: Condition | None
    way: Vec3 | None
    share: float | None
    amount: Amount | None

    @property
    def at_s(self) -> float | None:
        """When it happens [s]; None where something is waited for."""
        return None if self.condition is not None else self.when.after_s or self.when.moment_s or self.when.within_s or 0.0


def happening_of(text: str, scene: Scene, *, viewer: str | None = None, assets: Mapping[str, Assembly] | None = None) -> Event | None:
    """The event a sentence tells of: "push the glass at 0.3 m/s", "a gust of wind from the left", "the power goes out after 2 seconds".

    It happens at once (`at_s` is 0) unless the sentence says when. None where the sentence tells of no event: what it says may be a change.

    Raises:
        WordsError: as `understand` for who is meant; `impossible`, if it cannot befall them, saying why; `unsupported` for an amount that
            says nothing of it.
    """
    cast = cast_of(scene, viewer, assets=assets)
    told = _told(text, scene, cast, viewer, assets)
    refused: WordsError | None = None
    for bound in bindings(told.words):
        try:
            made = _event(bound, told, text, scene, cast)
        except WordsError as error:
            refused = refused or error
            continue
        if made is not None:
            return made
    if refused is not None:
        raise refused
    return None


def _told(text: str, scene: Scene, cast: Cast, viewer: str | None, assets: Mapping[str, Assembly] | None) -> _Told:
    words: tuple[Word, ...] = tuple(w for w in words_of(text) if w.sort != "mark" or w.low in ("/", "%", "°", "·", ","))
    while len(words) > 1 and words[0].low in LEADS and not (words[0].low == "let" and words[1].low == "go"):
        words = words[1:]
    words, condition = _condition(words, text, scene, viewer, assets)
    when = when_of([w for w in words if w.low != ","])
    words = when.words
    force = next((FORCE[w.low] for w in words if w.low in FORCE), None)
    heavier = any(w.low in ("get", "gets", "become", "becomes", "turn", "turns") for w in words)
    if force is not None and not heavier:
        words = tuple(w for w in words if w.low not in FORCE)
    words, way = _way(words, cast)
    amount, words = _amount(words)
    return _Told(words=words, when=when, condition=condition, way=way, share=None if heavier else force, amount=amount)


def _condition(
    words: tuple[Word, ...], text: str, scene: Scene, viewer: str | None, assets: Mapping[str, Assembly] | None
) -> tuple[tuple[Word, ...], Condition | None]:
    """What is waited for ("when the mug falls"), and the words without it."""
    for lead in WHEN:
        at = next((i for i in range(len(words)) if tuple(w.low for w in words[i : i + len(lead)]) == lead), None)
        if at is None or at + len(lead) >= len(words):
            continue
        start = at + len(lead)
        ends = [i for i in range(start + 2, len(words)) if words[i].low == ","] if at == 0 else []
        cuts = ends or (list(range(len(words) - 1, start + 1, -1)) if at == 0 else [len(words)])
        refused: WordsError | None = None
        for end in cuts:
            said = text[words[start].span[0] : words[end - 1].span[1]]
            rest = words[end:] if at == 0 else words[:at]
            if at == 0 and not ends and not any(True for _ in bindings([w for w in rest if w.low != ","])):
                continue
            try:
                outcome = outcome_of(said, scene, viewer=viewer, assets=assets)
            except WordsError as error:
                refused = refused or error
                continue
            if len(outcome.conditions) == 1:
                return tuple(rest), outcome.conditions[0]
            raise WordsError(
                "one thing at a time can be waited for", reason="unsupported", span=(0, len(text)), suggestions=("when the mug falls, …",)
            )
        if refused is not None:
            raise refused
    return words, None


def _way(words: tuple[Word, ...], cast: Cast) -> tuple[tuple[Word, ...], Vec3 | None]:
    """The direction that was said, world frame, and the words without it."""
    for i, word in enumerate(words):
        if word.low not in WAYS:
            continue
        before = [w.low for w in words[max(0, i - 2) : i]]
        lead = 2 if len(before) == 2 and before[1] == "the" and before[0] in ("from", "to", "towards", "toward") else 0
        lead = lead or (1 if before and before[-1] in ("from", "to", "towards", "toward") else 0)
        if not lead and not (word.low in BARE and i == len(words) - 1):
            continue
        right, away, up = WAYS[word.low]
        sign = -1.0 if words[i - lead].low == "from" else 1.0
        x, y = worldwards(cast.viewer_yaw_deg, sign * right, sign * away)
        return (*words[: i - lead], *words[i + 1 :]), (round(x, 9) + 0.0, round(y, 9) + 0.0, sign * up + 0.0)
    return words, None


def _amount(words: tuple[Word, ...]) -> tuple[Amount | None, tuple[Word, ...]]:
    """The amount that was said, and the words without it and its "at" or "with"."""
    for at in range(len(words)):
        found, left = amount_of(words[at:])
        if found is not None and len(left) < len(words) - at:
            whole = words[:at] + left
            amount, rest = amount_of(words)
            return (amount, rest) if amount is not None else (found, whole)
    return None, words


def _event(bound: Bound, told: _Told, text: str, scene: Scene, cast: Cast) -> Event | None:
    """The event of one way to understand it; None where that is none after all."""
    for stranger in bound.strangers:
        if _known(stranger, text, scene, cast):
            return None  # what is here already is put somewhere, not brought
    who = _who(bound.who, text, scene, cast) if bound.who else ()
    if any(r.sort == "ground" for r in who):
        return None
    if bound.kinds == ("push",):
        return _pushed(who, told, text, scene, cast)
    why: WordsError | None = None
    for name in bound.kinds:
        what = kind(name)
        names = tuple(dict.fromkeys(r.part_of or r.name for r in who))
        if who and not _befalls(what, who):
            continue
        asked = replace(what.who, names=names, pick="all" if len(names) > 1 else "any") if names else what.who
        asked = replace(asked, category=None, free=None) if names else asked
        try:
            could(what, asked, scene, where=f"event {name!r}")
        except EventError as error:
            why = why or WordsError(error.what, reason="impossible", span=(0, len(text)), suggestions=("bump the mug", "a gust of wind"))
            continue
        made = Event(
            name=free_name(name, scene.names()),
            at_s=told.at_s,
            when=told.condition,
            kind=name,
            who=asked if names else None,
            strength=_strength(what, told, text),
            direction=told.way,
            of=_of(bound.strangers, text) if what.of else None,
        )
        try:
            check_of(made, what, f"event {name!r}")
        except EventError as error:
            why = why or WordsError(error.what, reason="impossible", span=(0, len(text)), suggestions=("throw a ball at the mug",))
            continue
        return made
    if why is not None:
        raise why
    return None


def _who(words: Sequence[Word], text: str, scene: Scene, cast: Cast) -> tuple[Referent, ...]:
    """Whom the words mean; of several cameras the one that is looked through."""
    try:
        return who_of(tuple(words), text, scene, cast, sorts=(*SORTS, "camera")).referents
    except WordsError as error:
        viewer = cast.named(cast.viewer or "")
        if error.reason == "ambiguous" and viewer is not None and viewer.name in error.suggestions:
            return (viewer,)
        raise


def _of(strangers: Sequence[Sequence[Word]], text: str) -> str | None:
    """The kind of thing that comes in ("an apple"); None where nobody says ("something").

    Raises:
        WordsError: if it is no thing there is.
    """
    for words in strangers:
        named = [word for word in words if word.low not in UNSAID]
        if not named:
            continue
        for start in range(len(named)):  # "a heavy book": what the whole names, else what its end does
            found = kinds_for(" ".join(word.low for word in named[start:]))
            if found and found[0].score >= NAMED and found[0].how != "typo":
                return found[0].candidate
        span = (named[0].span[0], named[-1].span[1])
        raise WordsError(
            f"there is no thing called {text[span[0] : span[1]]!r}", reason="unknown_word", span=span, suggestions=("a ball", "an apple")
        )
    return None


def _befalls(what: EventKind, who: Sequence[Referent]) -> bool:
    sorts = {"thing": ("thing", "part"), "things": ("thing",), "camera": ("camera",), "embodiment": ("embodiment",), "scene": ()}
    return all(r.sort in sorts[what.befalls] for r in who)


def _known(words: Sequence[Word], text: str, scene: Scene, cast: Cast) -> bool:
    try:
        found = who_of(tuple(words), text, scene, cast)
        return bool(found.referents) and not found.loosely
    except WordsError:
        return False


def _pushed(who: Sequence[Referent], told: _Told, text: str, scene: Scene, cast: Cast) -> Event | None:
    """A push that gives each thing a speed, or an impulse, away from the viewer where nobody says which way."""
    if not who or any(r.sort != "thing" for r in who):
        return None
    fixed = next((r.name for r in who if is_fixed(scene.thing(r.name))), None)
    if fixed is not None:
        raise WordsError(
            f"{fixed!r} is fixed: no push moves it", reason="impossible", span=(0, len(text)), suggestions=("shake the table",)
        )
    amount = told.amount
    if amount is not None and amount.kind not in ("speed", "impulse"):
        return None
    way = np.array(told.way if told.way is not None else (*worldwards(cast.viewer_yaw_deg, 0.0, 1.0), 0.0), dtype=np.float64)
    size = amount.value if amount is not None else PUSH_M_S * {None: 1.0, HARD: 2.0, SOFT: 0.3}[told.share]
    vector: Vec3 = tuple((way / np.linalg.norm(way) * size).round(9).tolist())
    deeds = tuple(
        Push(thing=r.name, impulse_n_s=vector)
        if amount is not None and amount.kind == "impulse"
        else Push(thing=r.name, velocity_m_s=vector)
        for r in who
    )
    return Event(name=free_name("push", scene.names()), at_s=told.at_s, when=told.condition, deeds=deeds)


def _strength(what: EventKind, told: _Told, text: str) -> Magnitude | None:
    """How strong: as was said in the kind's unit, hard or gently, else as the kind has it (None)."""
    if told.amount is not None:
        value = told.amount.value
        fits = {"speed": "m/s", "length": "m", "angle": "°", "ratio": "of", "factor": "times"}.get(told.amount.kind, "")
        if not fits or not (what.unit == fits or (fits in ("of", "times") and what.unit.startswith(fits))):
            raise WordsError(
                f"how strong this is, is told by {what.means} [{what.unit or 'nothing'}]",
                reason="unsupported",
                span=(0, len(text)),
                suggestions=("push the mug at 0.3 m/s", "wind at 8 m/s"),
            )
        return Magnitude(a=math.degrees(value) if told.amount.kind == "angle" else value)
    return None if told.share is None else Magnitude(a=what.strength.quantile(told.share))
