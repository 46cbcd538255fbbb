"""Saved states: what was sealed comes back, and a bit that was changed shows."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import StateError
from lifeworld.worlds.sealed import digest_of, sealed, unsealed


class Kept(msgspec.Struct):
    tick: int
    row: bytes
    digest: str = ""


@given(st.integers(0, 2**63 - 1), st.binary(max_size=64), st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_sealed_comes_back_and_any_change_shows(tick: int, row: bytes, data: st.DataObject) -> None:
    kept = sealed(Kept(tick, row))
    found = unsealed(kept, Kept)
    assert (found.tick, found.row) == (tick, row)
    assert digest_of(found) == found.digest
    at = data.draw(st.integers(0, len(kept) - 1))
    changed = kept[:at] + bytes([kept[at] ^ (1 << data.draw(st.integers(0, 7)))]) + kept[at + 1 :]
    try:
        other = unsealed(changed, Kept)
    except StateError:
        return
    assert digest_of(other) != other.digest or other == found


def test_other_bytes_are_no_state() -> None:
    with pytest.raises(StateError, match="not a saved dream"):
        unsealed(b"\xc1", Kept, what="saved dream")
