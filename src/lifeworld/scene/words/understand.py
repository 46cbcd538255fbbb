"""A sentence and a scene make a plan of edits, or one error that says why not and what could be said instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lifeworld.core.errors import WordsError
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.edit.plan import EditPlan
from lifeworld.scene.scene import Scene
from lifeworld.scene.words.clause import Reading
from lifeworld.scene.words.grounding.cast import cast_of
from lifeworld.scene.words.planning.draft import Draft
from lifeworld.scene.words.planning.plan import plan

CLOSE = 0.03
"""Two readings this near to each other in score that come to different plans are asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What a sentence comes to: the plan, what is told of it in plain words, how sure it is (0 to 1), and what spoke for it.

    `spoken` are the names it spoke of, the latest first: give them as `last` with the next sentence, so that "it" is known.
    """

    plan: EditPlan
    told: str
    score: float
    evidence: tuple[str, ...]
    reading: Reading
    spoken: tuple[str, ...] = ()


def understand(
    text: str,
    scene: Scene,
    *,
    viewer: str | None = None,
    last: Sequence[str] = (),
    assets: Mapping[str, Assembly] | None = None,
) -> Understood:
    """The plan a sentence asks for in a scene; nothing is changed and nothing is placed yet.

    `viewer` names the camera that left and right are seen from (None: the first); `last` are the names spoken of before, the latest first.

    Raises:
        WordsError: with a reason, the span of the words, suggestions, and where several are meant alike, one question.
        UnknownName: if there is no camera `viewer`.
    """
    from lifeworld.scene.words.grammar.read import read

    best: Understood | None = None
    other: Understood | None = None
    refused: WordsError | None = None
    seen = cast_of(scene, viewer, assets=assets)
    for reading in read(text):
        if best is not None and reading.score < best.score - CLOSE:
            break
        try:
            made = _planned(
                reading, text, Draft(start=scene, text=text, viewer=viewer, assets=assets, seen=seen, spoken=[(name,) for name in last])
            )
        except WordsError as error:
            error.tried = (*error.tried, *reading.evidence)
            refused = error if refused is None or _rank(error) > _rank(refused) else refused
            continue
        if best is None or made.score > best.score + 1e-9:
            best, other = made, best
        elif other is None or made.score > other.score:
            other = made
    if best is None:
        raise refused or WordsError(
            "nothing is asked for", reason="no_verb", span=(0, len(text)), suggestions=("add a glass on the table",)
        )
    if other is not None and other.score >= best.score - CLOSE and other.plan.edits != best.plan.edits:
        raise WordsError(
            "this can be understood in two ways",
            reason="ambiguous",
            span=(0, len(text)),
            suggestions=(best.told, other.told),
            question=f"Do you mean: {best.told}? Or: {other.told}?",
            fix="Say it in other words.",
        )
    return best


def _planned(reading: Reading, text: str, draft: Draft) -> Understood:
    plan(reading, draft)
    if not draft.steps:
        raise WordsError("nothing is asked for", reason="no_verb", span=(0, len(text)), suggestions=("add a glass on the table",))
    told = "; ".join(step.told for step in draft.steps if step.told)
    evidence = tuple(dict.fromkeys((*reading.evidence, *draft.evidence)))
    edits = tuple(step.edit for step in draft.steps)
    return Understood(
        plan=EditPlan(edits, text, _short(evidence)),
        told=told[:1].upper() + told[1:] + ("" if told.endswith((".", "?")) else "."),
        score=round(reading.score * draft.score, 4),
        evidence=evidence,
        reading=reading,
        spoken=tuple(dict.fromkeys(name for names in draft.spoken for name in names)),
    )


def _rank(error: WordsError) -> int:
    """How far it came: who asks back has understood more than who knows nobody of that name."""
    order = ("no_verb", "not_english", "unsupported", "unknown_word", "not_present", "negated", "impossible", "unsafe_number", "ambiguous")
    return order.index(error.reason) if error.reason in order else 0


def _short(evidence: tuple[str, ...]) -> tuple[str, ...]:
    """As much of the evidence as a plan keeps."""
    kept: list[str] = []
    for line in evidence:
        if sum(map(len, kept)) + len(line) > 4_000:
            break
        kept.append(line)
    return tuple(kept)
