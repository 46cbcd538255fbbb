"""What comes over the wire is one of the questions, or is refused; binary messages say what they hold."""

import json
import re
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
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


KINDS = {kind.__struct_config__.tag: kind for kind in get_args(wire.Question)}


@given(JSON | ALMOST)
def test_anything_else_is_refused_and_nothing_more(value: object) -> None:
    """What is read is a question of the kind it says it is, with the number it says, and nothing is added or lost; else it is refused."""
    try:
        asked = wire.question(json.dumps(value))
    except InputError:
        return
    assert isinstance(value, dict)
    assert type(asked) is KINDS[value["do"]]
    assert asked.seq == value["seq"]
    assert {name: field for name, field in msgspec.to_builtins(asked).items() if name in value} == {**value}


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


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text(max_size=12)


def _of(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type that a question has."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is list:
        return st.lists(_of(inside[0]), max_size=4)
    if origin is tuple:
        return st.tuples(*map(_of, inside))
    if origin in (Union, UnionType):
        return st.one_of(*map(_of, inside))
    return {
        int: st.integers(0, 2**31), float: NUMBERS, str: WORDS, bool: st.booleans(), type(None): st.none(),
        msgspec.Raw: st.just(msgspec.Raw(b'{"plan":1,"edits":[]}')),
    }[hint]  # fmt: skip


QUESTIONS = st.one_of([st.builds(kind, **{name: _of(h) for name, h in get_type_hints(kind).items()}) for kind in get_args(wire.Question)])


@given(QUESTIONS)
def test_every_question_is_read_as_it_was_written(asked: Any) -> None:
    assert wire.question(msgspec.json.encode(asked)) == asked


@given(st.integers(0, 255), st.binary(max_size=64), st.integers(0, 2**33), NUMBERS, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_every_binary_message_is_read_as_it_was_written(stream: int, data: bytes, seq: int, time_s: float, act: int, of: int) -> None:
    message = wire.binary(wire.TEXT, data, seq=seq, time_s=time_s, last_input=act, of=of, stream=stream, flags=wire.SURE)
    assert wire.HEADER.unpack_from(message) == (wire.TEXT, stream, wire.SURE, seq % 2**32, time_s, act, of)
    assert message[wire.HEADER.size :] == data


def test_every_answer_says_what_it_is() -> None:
    """The page tells them apart by one word, and each word is in its said.ts."""
    page = (Path(__file__).parents[2] / "web" / "src" / "said.ts").read_text(encoding="utf-8")
    for kind in wire.Answer.__subclasses__():
        assert f'is: "{kind.__struct_config__.tag}"' in page


def test_the_page_knows_every_field_of_what_is_said() -> None:
    """What a page's own types leave out it cannot show."""
    page = (Path(__file__).parents[2] / "web" / "src" / "said.ts").read_text(encoding="utf-8")
    for kind in (wire.Welcome, wire.Outline, wire.Line, wire.Happenings, wire.Goals, wire.Compared, wire.Kept, wire.Wrong):
        body = re.search(rf"export interface {kind.__name__} {{(.*?)\n}}", page, re.DOTALL)
        assert body is not None, kind
        missing = [name for name in kind.__struct_fields__ if name != "seq" and not re.search(rf"\b{name}\??:", body.group(1))]
        assert missing == [], (kind, missing)


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
