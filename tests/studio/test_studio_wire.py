"""What comes over the wire is one of the questions, or is refused; binary messages say what they hold."""

import json
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifeworld.core.errors import InputError, WordsError
from lifeworld.studio import wire

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def test_questions_are_told_apart() -> None:
    assert wire.question('{"do": "say", "seq": 7, "text": "put it there"}') == wire.Say(7, "put it there")
    assert wire.question(b'{"do": "act", "seq": 1, "embodiment": "hand", "value": [0, 0.5]}') == wire.Act(1, "hand", [0.0, 0.5])


ALMOST = st.builds(lambda do, rest: {"do": do, "seq": 1, **rest}, st.sampled_from(["say", "act", "go"]), st.dictionaries(st.text(), JSON))


@given(JSON | ALMOST)
def test_anything_else_is_refused_and_nothing_more(value: object) -> None:
    with suppress(InputError):
        wire.question(json.dumps(value))


@given(st.binary(max_size=200))
def test_noise_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        wire.question(data)


@pytest.mark.parametrize(
    "text", ["", "[" * 100_000, '{"do":"say","seq":-1,"text":""}', '{"do":"say","seq":1,"text":"' + "a" * 300_000 + '"}',
             '{"do":"say","seq":1,"text":"","more":1}', '{"do":"act","seq":1,"embodiment":"h","value":' + json.dumps([0] * 1000) + "}"],
)  # fmt: skip
def test_what_is_too_much_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        wire.question(text)


def test_a_binary_message_says_what_it_holds() -> None:
    numbers = np.arange(14, dtype=np.float32)
    message = wire.binary(wire.STATE, numbers, seq=5, time_s=1.25, last_input=9, of=2, flags=wire.PAUSED)
    assert wire.HEADER.size == 24
    assert wire.HEADER.unpack_from(message) == (wire.STATE, 0, wire.PAUSED, 5, 1.25, 9, 2)
    assert np.array_equal(np.frombuffer(message, dtype="<f4", offset=24), numbers)


def test_an_error_keeps_what_a_page_can_use() -> None:
    error = WordsError("which one?", reason="ambiguous", span=(2, 5), suggestions=("a", "b"), question="a or b?")
    said = json.loads(wire.text(wire.wrong(error, 3)))
    assert (said["is"], said["seq"], said["code"], said["reason"]) == ("wrong", 3, "words_error", "ambiguous")
    assert (said["span"], said["suggestions"], said["question"]) == ([2, 5], ["a", "b"], "a or b?")
