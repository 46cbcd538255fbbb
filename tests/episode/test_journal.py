"""What is written to a journal is what is sealed, and others can read it while it grows."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from bundles import WHO, episode, episodes, psnr, scenery, stream
from hypothesis import HealthCheck, given, settings
from journalling import MS, begin, journalled, messages, records_of, same
from mcap.records import Channel, Message, Schema

from lifeworld.cli import main
from lifeworld.core.errors import InputError, LimitError, ShapeError, UnknownName
from lifeworld.core.origin import Consent, Terms
from lifeworld.core.signal.signal import signal
from lifeworld.core.time import Clock
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.codec.encoder import GOP
from lifeworld.episode.episode import Episode
from lifeworld.episode.foxglove import VIDEO, video_data
from lifeworld.episode.journal import recover, sweep_bundle
from lifeworld.episode.keys import Keys
from lifeworld.episode.seal import append_to, clear


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=episodes())
def test_what_is_journalled_is_what_is_sealed(tmp_path_factory: pytest.TempPathFactory, before: Episode) -> None:
    root = tmp_path_factory.mktemp("b") / "bundle"
    journal = journalled(before, root)
    uid = journal.seal()
    if not any(len(s) for s in before.streams.values()):
        assert len(open_bundle(root)) == 0
        return
    after = open_bundle(root).episode(uid)
    assert set(after.streams) == set(before.streams)
    for name in before.streams:
        assert same(before[name], after[name]), name
    fields = ("title", "labels", "legend", "scene", "provenance", "origin", "duration_ns")
    assert [getattr(after, f) for f in fields] == [getattr(before, f) for f in fields]
    assert list((root / "staging").iterdir()) == []


def test_a_sealed_journal_is_the_same_bundle_as_a_sealed_episode(tmp_path: Path) -> None:
    """But for pictures, which were encoded as they came."""
    rng = np.random.default_rng(0)
    names = ("depth_m", "audio_stereo", "contacts", "reading", "instruction", "instance_ids")
    before = episode(*(stream(name, rng, count=30) for name in names))
    journalled(before, tmp_path / "a").seal()
    with append_to(tmp_path / "b") as bundle:
        bundle.add(before)
    a, b = (
        sorted(
            (e.file.rsplit("/")[-1], e.codec, e.sizes, e.count, [f.sha256 for f in e.files])
            for e in open_bundle(p).manifest(0).streams.values()
        )
        for p in (tmp_path / "a", tmp_path / "b")
    )
    assert a == b


def test_pictures_are_sealed_without_a_second_loss(tmp_path: Path) -> None:
    """What a decoder makes of the journal's own units is to the bit what the bundle gives; odd sizes too, uneven clocks too."""
    pictures = scenery(40, 51, 67)
    times = np.cumsum(np.random.default_rng(1).integers(1, 60 * MS, 40))
    with begin(tmp_path / "b", origin="measured") as journal:
        for t, picture in zip(times, pictures, strict=True):
            journal.write("rgb@front", t, picture)
    shutil.copy(journal.path, tmp_path / "kept.mcap")
    uid = journal.seal()
    decoder = av.CodecContext.create("h264", "r")
    units = [video_data(m.data, where="test") for m in messages(tmp_path / "kept.mcap")]
    frames = [f for unit in units for f in decoder.decode(av.Packet(unit))] + decoder.decode(None)
    stream = open_bundle(tmp_path / "b").episode(uid)["rgb@front"]
    assert stream.values.shape == (40, 51, 67, 3)
    assert stream.times_ns.tolist() == times.tolist()
    sealed = [f for f in av.open(str(stream.values.file)).decode(video=0)]
    assert len(frames) == len(sealed) == len(units) == 40
    for a, b in zip(frames, sealed, strict=True):
        assert np.array_equal(a.to_ndarray(), b.to_ndarray())
    assert [i for i, f in enumerate(sealed) if f.key_frame] == list(range(0, 40, GOP))
    assert psnr(stream.values[:], pictures) >= 38


def test_pictures_are_exact_where_that_was_asked(tmp_path: Path) -> None:
    pictures = scenery(5, 24, 32)
    with begin(tmp_path / "b", origin="dreamed", exact=["rgb@top"]) as journal:
        for i, picture in enumerate(pictures):
            journal.write("rgb@top", i * MS, picture)
            journal.write("rgb@front", i * MS, picture)
            journal.write("rgb@tiny", i * MS, picture[:8, :8])
    uid = journal.seal()
    after = open_bundle(tmp_path / "b").episode(uid)
    assert np.array_equal(after["rgb@top"].values, pictures)
    assert np.array_equal(after["rgb@tiny"].values, pictures[:, :8, :8])
    assert not np.array_equal(after["rgb@front"].values, pictures)
    assert after.origin == "dreamed"


def test_what_is_known_late_is_noted(tmp_path: Path) -> None:
    said = {"meaning": "How fast sap rises.", "computed": "Measured.", "exactness": "To 1 %.", "test": "none"}
    own = signal("sap_flow", np.float32, (2,), "m/s", "none", "sensor", family="log", rate="tick", **said)
    terms = Terms(license="CC-BY-4.0", consents=(Consent(subject="P7", terms="v1", receipt="r1", purposes=("train",)),))
    clock = Clock(source="tree", offset_ns=-3, drift_ppm=2.0, uncertainty_ns=None)
    with begin(tmp_path / "b", labels={"success": "?", "site": "9"}, legend={"x": ("a",)}) as journal:
        name = journal.open(own, source="oak", origin="measured", terms=terms, clock=clock, provenance=WHO)
        journal.write(name, -5, np.array([1.5, np.nan], np.float32))  # times before the start are times
        journal.note(labels={"success": "yes"}, legend={name: ("up", "down")})
        journal.write(name, 7, np.array([2, 3], np.float32))
    uid = journal.seal()
    after = open_bundle(tmp_path / "b").episode(uid)
    stream = after["sap_flow@oak"]
    assert (stream.signal.meaning, stream.signal.unit, stream.terms, stream.clock, stream.provenance) == (
        own.meaning,
        "m/s",
        terms,
        clock,
        WHO,
    )
    assert stream.times_ns.tolist() == [-5, 7]
    assert after.labels == {"success": "yes", "site": "9"}
    assert after.legend == {"x": ("a",), name: ("up", "down")}


def test_threads_may_write_their_streams_at_once(tmp_path: Path) -> None:
    pictures = scenery(60, 32, 32)
    with begin(tmp_path / "b", origin="measured") as journal:

        def camera(name: str) -> None:
            for i, picture in enumerate(pictures):
                journal.write(f"rgb@{name}", i, picture)
                journal.write(f"reading@{name}", i, [float(i)])

        threads = [threading.Thread(target=camera, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    uid = journal.seal()
    after = open_bundle(tmp_path / "b").episode(uid)
    for name in "abcd":
        assert psnr(np.asarray(after[f"rgb@{name}"].values), pictures) >= 38
        assert after[f"reading@{name}"].values[:].ravel().tolist() == list(range(60))


# what cannot be written


@pytest.mark.parametrize(
    ("name", "time_ns", "value", "error", "words"),
    [
        ("reading@imu", 5, [1.0, 2.0], InputError, "strictly"),
        ("reading@imu", 10, [1.0, 2.0], InputError, "strictly"),
        ("reading@imu", 11, [1.0, 2.0, 3.0], ShapeError, "another size"),
        ("reading@imu", 11, [[1.0, 2.0]], ShapeError, "another shape"),
        ("reading@imu", 11, ["a", "b"], ShapeError, "another dtype"),
        ("reading@imu", 11.5, [1.0, 2.0], InputError, "whole number"),
        ("reading@imu", 2**61, [1.0, 2.0], LimitError, "50 years"),
        ("reading", 11, [1.0, 2.0], InputError, "does not say of which"),
        ("reading@../../etc", 11, [1.0, 2.0], InputError, "a file's"),
        ("raeding@imu", 11, [1.0, 2.0], UnknownName, "reading"),
        ("rgb@front", 11, np.zeros((24, 32, 3), np.float32), ShapeError, "another dtype"),
        ("rgb@front", 11, np.zeros((24, 34, 3), np.uint8), ShapeError, "another size"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_else(
    tmp_path: Path, name: str, time_ns: Any, value: Any, error: type[InputError], words: str
) -> None:
    with begin(tmp_path / "b", origin="simulated") as journal:
        journal.write("reading@imu", 10, [1.0, 2.0])
        journal.write("rgb@front", 10, np.zeros((24, 32, 3), np.uint8))
        with pytest.raises(error, match=words):
            journal.write(name, time_ns, value)
        journal.write("reading@imu", 12, [3.0, 4.0])
        journal.write("rgb@front", 12, np.zeros((24, 32, 3), np.uint8))
    uid = journal.seal()
    after = open_bundle(tmp_path / "b").episode(uid)
    assert after["reading@imu"].values[:].tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert len(after["rgb@front"].values[:]) == 2


def test_a_journal_says_what_it_needs(tmp_path: Path) -> None:
    with begin(tmp_path / "b") as journal:
        with pytest.raises(InputError, match="comes from"):
            journal.write("reward", 0, 1.0)
        journal.open("reward", origin="simulated")
        with pytest.raises(InputError, match="open already"):
            journal.open("reward", origin="simulated")
        journal.write("reward", 0, 1.0)
    for late in (lambda: journal.write("reward", 1, 1.0), lambda: journal.note(labels={"a": "b"})):
        with pytest.raises(InputError, match="closed"):
            late()
    journal.close()
    assert journal.seal() == journal.seal() == journal.uid
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="no bundle"):
        begin(tmp_path / "other")


def test_an_error_of_the_recorder_keeps_what_was_written(tmp_path: Path) -> None:
    journal = begin(tmp_path / "b", origin="measured")

    def record() -> None:
        with journal:
            journal.write("reward", 0, 1.0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        record()
    assert len(open_bundle(tmp_path / "b")) == 0
    [found] = recover(tmp_path / "b")
    assert (found.uid, found.streams, found.lost, found.problem) == (journal.uid, {"reward": 1}, 0, "")
    assert open_bundle(tmp_path / "b").uids == [journal.uid]


# recovering


def test_a_journal_whose_writer_lives_is_left_alone(tmp_path: Path) -> None:
    root = tmp_path / "b"
    with begin(root, origin="measured") as living, begin(root, origin="measured") as other:
        living.write("reward", 0, 1.0)
        other.write("reward", 0, 2.0)
        other.close()
        assert [f.uid for f in recover(root)] == [other.uid]
        assert living.path.exists()
        living.write("reward", 1, 3.0)
    living.seal()
    bundle = open_bundle(root)
    assert [bundle.episode(j.uid)["reward"].values[:].tolist() for j in (living, other)] == [[1.0, 3.0], [2.0]]


def test_clearing_a_bundle_leaves_its_journals(tmp_path: Path) -> None:
    root = tmp_path / "b"
    with begin(root, origin="measured") as journal:
        journal.write("reward", 0, 1.0)
        clear(root)
        journal.write("reward", 1, 1.0)
    uid = journal.seal()
    assert len(open_bundle(root).episode(uid)["reward"]) == 2


def test_recovering_twice_is_recovering_once(tmp_path: Path) -> None:
    root = tmp_path / "b"
    journal = journalled(episode(stream("reading", np.random.default_rng(0))), root)
    assert [f.uid for f in recover(root)] == [journal.uid]
    before = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
    assert recover(root) == []
    assert sweep_bundle(root) == []
    assert {p: p.read_bytes() for p in root.rglob("*") if p.is_file()} == before
    assert journal.seal() == journal.uid


def test_a_journal_of_nothing_is_no_episode(tmp_path: Path) -> None:
    with begin(tmp_path / "b") as journal:
        journal.open("reward", origin="measured")
    [found] = recover(tmp_path / "b")
    assert (found.seconds, found.count, found.problem) == (0.0, 0, "")
    assert not journal.path.exists()
    assert len(open_bundle(tmp_path / "b")) == 0


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda p: p.write_bytes(b""), "no journal of ours"),
        (lambda p: p.write_bytes(b"\x89PNG and so on"), "no journal of ours"),
        (lambda p: p.write_bytes(p.read_bytes()[:40]), "no journal of ours"),
        (lambda p: p.write_bytes(p.read_bytes().replace(b"lifeworld-journal/1", b"lifeworld-journal/2")), "lifeworld-journal/1"),
        (lambda p: p.rename(p.with_name("01a1fdff-334e-7229-931f-fb91a1bcac9b.mcap")), "another name"),
        (lambda p: p.write_bytes(p.read_bytes().replace(b'"epoch_ns"', b'"epoch_xx"')), "not a journal"),
    ],
)
def test_what_is_no_journal_is_named_and_left_where_it_is(
    tmp_path: Path, spoil: Any, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "b"
    bad = journalled(episode(stream("reading", np.random.default_rng(0))), root)
    good = journalled(episode(stream("reading", np.random.default_rng(1))), root)
    spoil(bad.path)
    assert main(["recover", str(root), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)["journals"]
    assert {s["uid"] == good.uid: words in s["problem"] for s in said} == {True: False, False: True}
    assert len(list((root / "staging").glob("*.mcap"))) == 1
    assert open_bundle(root).uids == [good.uid]


def test_the_command_tells_what_became_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "b"
    journal = journalled(episode(stream("reading", np.random.default_rng(0))), root)
    with journal.path.open("ab") as file:
        file.write(b"torn")
    (root / "meta" / ".part-0123456789ab.json").write_text("{")
    assert main(["recover", str(root)]) == 0
    said = capsys.readouterr().out
    assert f"{journal.uid}: 0.16 s, 5 values in 1 streams; 4 torn bytes left out" in said
    assert "1 half-written" in said
    assert main(["recover", str(root)]) == 0
    assert "no recording was left" in capsys.readouterr().out
    assert main(["recover", str(tmp_path / "nothing")]) == 2
    assert not (tmp_path / "nothing").exists()


# people


def test_what_is_of_people_is_closed_when_it_is_sealed_even_after_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFEWORLD_KEYS", str(tmp_path / "keys"))
    marker = "the name of a person, planted"
    terms = Terms(consents=(Consent(subject="P7", terms="v1", receipt="r1"),))
    for crash in (False, True):
        root = tmp_path / f"b{crash}"
        with begin(root, encrypt=Keys()) as journal:
            journal.open("instruction", origin="measured", terms=terms)
            journal.write("instruction", 0, marker)
        assert journal.path.stat().st_mode & 0o077 == 0
        if crash:
            assert [f.problem for f in recover(root)] == [""]
        else:
            journal.seal()
        stored = b"".join(p.read_bytes() for p in root.rglob("*") if p.is_file())
        for code in ("utf-8", "utf-32-le"):
            assert marker.encode(code) not in stored
        assert open_bundle(root).episode(journal.uid)["instruction"].values[0] == marker


# others read it too


@pytest.fixture
def growing(tmp_path: Path) -> Iterator[Path]:
    """A copy of a journal while it is written."""
    with begin(tmp_path / "b", origin="measured") as journal:
        for i, picture in enumerate(scenery(20, 48, 64)):
            journal.write("rgb@front", i * 40 * MS, picture)
            journal.write("reading@imu", i * 40 * MS, [float(i)])
        journal._flush()  # what the keeper does every half second
        shutil.copy(journal.path, tmp_path / "growing.mcap")
        yield tmp_path / "growing.mcap"


def test_the_pictures_are_what_protobuf_says_they_are(growing: Path) -> None:
    descriptor_pb2 = pytest.importorskip("google.protobuf.descriptor_pb2")
    from google.protobuf import descriptor_pool, message_factory

    found: dict[type, list[Any]] = {Schema: [], Channel: [], Message: []}
    for record in records_of(io.BytesIO(growing.read_bytes())):
        found.get(type(record), []).append(record)
    [schema] = found[Schema]
    pool = descriptor_pool.DescriptorPool()
    for each in descriptor_pb2.FileDescriptorSet.FromString(schema.data).file:
        pool.Add(each)
    kind = message_factory.GetMessageClass(pool.FindMessageTypeByName(schema.name))
    assert (schema.name, schema.encoding) == (VIDEO, "protobuf")
    [channel] = [c for c in found[Channel] if c.message_encoding == "protobuf"]
    assert (channel.topic, channel.schema_id) == ("rgb@front", schema.id)
    frames = [m for m in found[Message] if m.channel_id == channel.id]
    assert [f.sequence for f in frames] == list(range(20))
    for i, frame in enumerate(frames):
        read = kind.FromString(frame.data)
        assert (read.frame_id, read.format) == ("front", "h264")
        assert read.timestamp.seconds * 10**9 + read.timestamp.nanos == frame.log_time == frames[0].log_time + i * 40 * MS
        assert read.data == video_data(frame.data, where="test")
        kinds = [read.data[m] & 0x1F for m in range(3, len(read.data)) if read.data[m - 3 : m] == b"\0\0\1"]
        assert ({7, 8, 5} <= set(kinds)) == (i % GOP == 0)  # both parameter sets before every key frame
        assert sum(1 <= k <= 5 for k in kinds) == 1  # one slice: one picture
        assert read.SerializeToString(deterministic=True) == frame.data


def test_rerun_shows_a_journal_that_is_still_written(growing: Path) -> None:
    pytest.importorskip("rerun")
    rerun = Path(sys.executable).with_name("rerun")
    rrd = growing.with_suffix(".rrd")
    subprocess.run([rerun, "mcap", "convert", "--recover", growing, "-o", rrd], check=True, capture_output=True, timeout=60)
    said = subprocess.run([rerun, "rrd", "print", rrd], check=True, capture_output=True, timeout=60, text=True).stdout
    [frames] = [line for line in said.splitlines() if "VideoStream:sample" in line]
    assert "with 20 rows" in frames
    assert "VideoStream:codec" in frames
