"""Of a torn or damaged journal all is given that is whole, nothing that is wrong, and what is lost is counted."""

from __future__ import annotations

import io
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bundles import episode, psnr, scenery, stream
from hypothesis import given, settings
from hypothesis import strategies as st
from journalling import MS, begin, journalled, records_of, same
from mcap.records import Channel, Chunk, Message

from lifeworld.core.errors import LifeworldError, UnreadableFile
from lifeworld.core.signal import Stream
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.codec.encoder import GOP
from lifeworld.episode.episode import Episode
from lifeworld.episode.journal import recover, writer
from lifeworld.episode.journal.read import open_journal


class Long:
    """A journal of many small chunks, closed; where its header ends, and where each chunk does, by MCAP's own reader."""

    def __init__(self, folder: Path, before: Episode) -> None:
        self.before = before
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(writer, "CHUNK_BYTES", 20_000)
            self.uid = journalled(before, folder / "b").uid
        self.data = next((folder / "b" / "staging").glob("*.mcap")).read_bytes()
        self.header, self.ends = ends_of(self.data)

    def read(self, data: bytes, folder: Path) -> tuple[Episode, int]:
        """What a journal of these bytes holds, read; and how many bytes are lost."""
        path = folder / f"{self.uid}.mcap"
        path.write_bytes(data)
        with open_journal(path) as journal, tempfile.TemporaryDirectory() as scratch:
            found = journal.episode(Path(scratch))
            return replace(found, streams={name: in_memory(s) for name, s in found.streams.items()}), journal.lost

    def __repr__(self) -> str:
        return "Long"


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Long:
    rng = np.random.default_rng(3)
    names = ("rgb", "depth_m", "contacts", "reading", "instruction", "audio_mono")
    return Long(tmp_path_factory.mktemp("long"), episode(*(stream(name, rng, count=40) for name in names)))


def ends_of(data: bytes) -> tuple[int, list[int]]:
    """Where the header of a journal ends, and where each of its chunks does."""
    file, header, ends = io.BytesIO(data), 0, []
    for record in records_of(file, emit_chunks=True):
        if isinstance(record, Chunk):
            ends.append(file.tell())
        elif not ends:
            header = file.tell()
    return header, ends


def in_memory(stored: Stream) -> Stream:
    values = stored.values[:] if stored.signal.ragged else np.asarray(stored.values)
    return Stream(stored.signal, stored.times_ns, values, origin=stored.origin, source=stored.source, clock=stored.clock)


@settings(max_examples=40, deadline=None)
@given(where=st.floats(0, 1))
def test_a_torn_journal_holds_all_chunks_that_are_whole(long: Long, tmp_path_factory: pytest.TempPathFactory, where: float) -> None:
    cut, folder = round(where * len(long.data)), tmp_path_factory.mktemp("torn")
    assert len(long.ends) > 20
    if cut < 100:
        with pytest.raises(UnreadableFile, match="no journal of ours"):
            long.read(long.data[:cut], folder)
        return
    whole = max((end for end in long.ends if end <= cut), default=long.header)
    if cut < long.header:
        return
    after, lost = long.read(long.data[:cut], folder)
    counts = Counter({name: 0 for name in long.before.streams})
    topics: dict[int, str] = {}
    for record in records_of(io.BytesIO(long.data[:whole])):
        if isinstance(record, Channel):
            topics[record.id] = record.topic
        elif isinstance(record, Message):
            counts[topics[record.channel_id]] += 1
    assert {name: len(s) for name, s in after.streams.items()} == counts
    assert lost <= max(np.diff([0, *long.ends]))
    for name, found in after.streams.items():
        part = long.before[name].between(0, int(found.times_ns[-1]) + 1 if len(found) else 0)
        assert same(part, found), name


@settings(max_examples=60, deadline=None)
@given(where=st.floats(0, 1), bit=st.integers(0, 7))
def test_a_damaged_journal_gives_nothing_that_is_wrong(
    long: Long, tmp_path_factory: pytest.TempPathFactory, where: float, bit: int
) -> None:
    """A bit that fell over in a chunk: what is given is what was written, and what is left out is counted."""
    data = bytearray(long.data)
    at = long.header + min(int(where * (len(data) - long.header)), len(data) - long.header - 1)
    data[at] ^= 1 << bit
    after, lost = long.read(bytes(data), tmp_path_factory.mktemp("damaged"))
    missing = 0
    for name, found in after.streams.items():
        before = long.before[name]
        kept = np.isin(before.times_ns, found.times_ns)
        assert kept.sum() == len(found)
        missing += int((~kept).sum())
        values = [v for v, k in zip(before.values, kept, strict=True) if k]
        if name == "rgb@front" and len(found):
            assert psnr(np.asarray(found.values), np.stack(values)) >= 38
        else:
            assert [np.asarray(v).tobytes() for v in values] == [np.asarray(v).tobytes() for v in found.values]
    assert set(after.streams) == set(long.before.streams)
    assert (missing > 0) <= (lost > 0)


@settings(max_examples=60, deadline=None)
@given(where=st.floats(0, 1), junk=st.binary(max_size=64))
def test_junk_in_the_header_is_an_error_of_ours_or_changes_no_value(
    long: Long, tmp_path_factory: pytest.TempPathFactory, where: float, junk: bytes
) -> None:
    """What lies behind may be lost, and is counted then; what is given is what was written."""
    at = int(where * (long.header - len(junk)))
    with suppress(LifeworldError):
        found, lost = long.read(long.data[:at] + junk + long.data[at + len(junk) :], tmp_path_factory.mktemp("junk"))
        given = {name: stream for name, stream in found.streams.items() if len(stream)}
        assert lost > 0 or {name: len(s) for name, s in given.items()} == {name: len(s) for name, s in long.before.streams.items()}
        for name, stream in given.items():
            written = long.before[name].values[: len(stream)]
            if name == "rgb@front":
                assert psnr(np.asarray(stream.values), np.asarray(written)) >= 38
            else:
                assert [np.asarray(v).tobytes() for v in stream.values] == [np.asarray(v).tobytes() for v in written]


def test_after_a_gap_pictures_begin_with_one_that_stands_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "CHUNK_BYTES", 1)  # a chunk a value
    pictures = scenery(40, 32, 48)
    with begin(tmp_path / "b", origin="measured") as journal:
        for i, picture in enumerate(pictures):
            journal.write("rgb@front", i * MS, picture)
    data = bytearray(journal.path.read_bytes())
    _, ends = ends_of(bytes(data))
    data[ends[5] - 1] ^= 1  # the sixth picture
    journal.path.write_bytes(data)
    [found] = recover(tmp_path / "b")
    after = open_bundle(tmp_path / "b").episode(journal.uid)["rgb@front"]
    kept = [*range(5), *range(GOP, 40)]
    assert after.times_ns.tolist() == [i * MS for i in kept]
    assert found.streams == {"rgb@front": len(kept)}
    assert found.lost > 0
    assert psnr(np.asarray(after.values), pictures[kept]) >= 38
