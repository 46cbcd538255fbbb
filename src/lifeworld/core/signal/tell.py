"""What can be said of a moment: what is so, what has just happened, in words, as questions, and how far a goal is."""

from __future__ import annotations

from functools import partial

import numpy as np

from lifeworld.core.signal.rows import CAPTION_DTYPE, EVENT_DTYPE, FACT_DTYPE, HAPPENED_DTYPE, QUESTION_DTYPE
from lifeworld.core.signal.signal import Signal, signal

_told = partial(signal, family="tell")
_TESTS = "tests/worlds/senses/test_tell.py"
_WORDS = "tests/worlds/senses/test_tell_words.py"

TELL: tuple[Signal, ...] = (
    _told(
        "relations", FACT_DTYPE, (), "1", "none", "world", rate="tick", ragged=True,
        meaning="What is so at this moment: on, in, touching, open …, one row a fact, in FACT_DTYPE; the legend names the predicates.",
        computed="From contacts, poses and joints at this state; on, in, left of … as in scene text (scene/relation.py).",
        exactness="Each fact is what its definition says of the state; on and in are those of the scene's relations, to 0.1 µm.",
        test=f"{_TESTS}::test_facts_are_what_the_scene_was_built_to_be",
    ),
    _told(
        "events", EVENT_DTYPE, (), "as the kind says", "none", "world", rate="tick", ragged=True,
        meaning="What happened in the last tick: contacts begin and end, supports change, things fall, open, spill …, in EVENT_DTYPE.",
        computed="What is so now and was not a tick ago, and the other way round; short touches, from the tick's engine steps.",
        exactness="Exactly that difference and those touches; none at the start.",
        test=f"{_TESTS}::test_events_are_the_change_of_facts",
    ),
    _told(
        "happened", HAPPENED_DTYPE, (), "ns, N·s, N·m·s, J, 1", "world", "world", rate="tick", ragged=True,
        meaning="What the scene's own events did to each thing in the last tick, and what that gave it, in HAPPENED_DTYPE.",
        computed="Forces times the tick, and their work; of edits the change of momentum and energy from before to after.",
        exactness="What a free rigid thing was given is what its motion changes by, gravity and contacts accounted for, to 2 %.",
        test="tests/worlds/events/test_ledger.py::test_what_is_given_is_what_motion_changes_by",
    ),
    _told(
        "captions", CAPTION_DTYPE, (), "text", "none", "world", rate="frame", ragged=True,
        meaning="Sentences about this frame: what happened since the last one; in the first, what is there.",
        computed="Written from the facts of this frame and the last by rule; what another sentence implies is left out; at most 12.",
        exactness="Every sentence follows from a fact or an event.",
        test=f"{_WORDS}::test_every_sentence_is_true",
    ),
    _told(
        "questions", QUESTION_DTYPE, (), "text", "none", "world", rate="frame", ragged=True,
        meaning="Questions about this frame and their answers.",
        computed="Written from facts, events, materials, masses and poses by rule; which are asked is drawn by the tick; at most 8.",
        exactness="Every answer follows from the state.", test=f"{_WORDS}::test_every_answer_is_right",
    ),
    _told(
        "goal_progress", np.float64, ("goals",), "1", "none", "world", rate="tick",
        meaning="How far each of the scene's goals is reached: 1 when it holds, less the farther from it.",
        computed="0.99 exp(−d / 0.3 m), d how far the thing is from where it would hold; of doors and angles the share of the way.",
        exactness="1 when and only when the predicate holds.", blend="linear",
        test=f"{_TESTS}::test_progress_is_one_when_and_only_when_the_goal_holds",
    ),
    _told(
        "embedding", np.float32, ("numbers",), "1", "none", "world", rate="frame",
        meaning="What a model makes of this moment's picture: numbers with a mean of 0 and a spread of about 1; like moments lie near.",
        computed="By a model that foresees embeddings (kind jepa): of a real picture by its encoder, of one to come by its predictor.",
        exactness="What the model says, the same whether moments are foreseen one by one or at once, to 1e-4; its doubt is the certainty.",
        test="tests/models/test_jepa.py::test_at_once_is_one_by_one",
    ),
)  # fmt: skip
