"""What can be said of a moment: facts, events, sentences, questions, and how far goals are."""

from __future__ import annotations

from typing import Any, Literal

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses.impulse import steps
from lifeworld.worlds.physics.senses.look import Look, Sense
from lifeworld.worlds.physics.senses.tell import captions, happenings, questions
from lifeworld.worlds.physics.senses.tell.cast import cast_of
from lifeworld.worlds.physics.senses.tell.facts import Told
from lifeworld.worlds.physics.senses.tell.goals import progress
from lifeworld.worlds.physics.senses.tell.happenings import Event
from lifeworld.worlds.physics.senses.tell.vocabulary import KINDS, PREDICATES
from lifeworld.worlds.physics.senses.tell.words import cues_of

__all__ = ["KINDS", "PREDICATES", "SENSES"]

When = Literal["now", "last", "tick_ago"]


def _told(look: Look, when: When) -> Told:
    moment = getattr(look, when)

    def make() -> Told:
        if moment is not look.now:
            mujoco.mj_forward(look.model, moment.data)  # other moments come with their places alone; facts need contacts and speeds
        return Told(look.tables(cast_of), moment.data, look.poser)

    return look.once(("told", moment), make)


def _since(look: Look, when: When) -> list[Event]:
    def make() -> list[Event]:
        ticks = min(len(look.state.past), look.eyes.frame_ticks if when == "last" else 1)
        peak_n = happenings.peaks_n(steps(look, ticks)) if ticks else {}
        return happenings.happenings(_told(look, when), _told(look, "now"), peak_n)

    return look.once(("happened", when), make)


def _relations(look: Look, _: str) -> NDArray[np.void]:
    return _told(look, "now").rows


def _events(look: Look, _: str) -> NDArray[np.void]:
    return happenings.rows(_since(look, "tick_ago"))


def _captions(look: Look, _: str) -> NDArray[np.str_]:
    since = (_told(look, "last"), _since(look, "last")) if look.state.past else None
    return captions.captions(look.tables(cues_of), _told(look, "now"), since)


def _questions(look: Look, _: str) -> NDArray[np.void]:
    since = _since(look, "last") if look.state.past else None
    return questions.questions(look, _told(look, "now"), since)


def _goal_progress(look: Look, _: str) -> NDArray[Any]:
    return np.array([progress(goal, _told(look, "now")) for goal in look.compiled.scene.goals], dtype=np.float64)


SENSES: dict[str, Sense] = {
    "relations": _relations,
    "events": _events,
    "captions": _captions,
    "questions": _questions,
    "goal_progress": _goal_progress,
}
