"""A bundle gives back what was put into it, at once and whole; it can be appended to, and shows nothing half-written."""

from __future__ import annotations

import json
import multiprocessing
import shutil
from pathlib import Path

import numpy as np
import pytest
from bundles import PICTURES, episode, episodes, psnr, stream
from hypothesis import HealthCheck, given, settings

from lifeworld.core.errors import InputError, UnreadableFile, UnsafeFile
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.amend import set_aside
from lifeworld.episode.bundle import inside, open_bundle
from lifeworld.episode.episode import Episode
from lifeworld.episode.erase import erase
from lifeworld.episode.head import read_info, read_snapshot
from lifeworld.episode.index import ROWS, Index, append_rows
from lifeworld.episode.seal import append_to, new_uid

ORDER = np.random.default_rng(0)


def same(before: Stream, after: Stream) -> bool:
    """Equal, or of pictures close enough to the eye."""
    if before.signal.name not in PICTURES or len(before) < 2:
        return before == after
    alike = np.array_equal(before.times_ns, after.times_ns) and (before.signal, before.origin) == (after.signal, after.origin)
    return alike and psnr(np.asarray(before.values), np.asarray(after.values)) >= 38


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=episodes())
def test_what_is_written_is_what_is_read(tmp_path_factory: pytest.TempPathFactory, before: Episode) -> None:
    root = tmp_path_factory.mktemp("b") / "bundle"
    with append_to(root) as writer:
        uid = writer.add(before)
    after = open_bundle(root).episode(uid)
    assert list(after.streams) == list(before.streams)
    for name in before.streams:
        assert same(before[name], after[name]), name
    assert (after.title, after.labels, after.legend) == (before.title, before.labels, before.legend)
    assert (after.scene, after.provenance, after.origin, after.duration_ns) == (
        before.scene,
        before.provenance,
        before.origin,
        before.duration_ns,
    )


@pytest.mark.parametrize("name", sorted(SIGNALS))
def test_every_signal_can_be_read_in_any_order(tmp_path: Path, name: str) -> None:
    before = stream(name, ORDER, count=21, even=False)
    with append_to(tmp_path / "b", exact=PICTURES) as writer:
        writer.add(episode(before))
    [after] = open_bundle(tmp_path / "b")
    [read] = after.streams.values()
    assert read == before
    chosen = [20, 3, 3, 0, -1]
    wanted = [before.values[i] for i in chosen]
    got = read.values[chosen]
    assert len(got) == len(wanted)
    assert all(np.asarray(a).tobytes() == np.asarray(b, a.dtype).tobytes() for a, b in zip(got, wanted, strict=True))
    part = read.between(int(before.times_ns[4]), int(before.times_ns[9]))
    assert part == before.between(int(before.times_ns[4]), int(before.times_ns[9]))
    assert len(part) == 5


def test_a_bundle_grows_and_what_is_open_stays_as_it_was(tmp_path: Path) -> None:
    root, rng = tmp_path / "b", np.random.default_rng(1)
    with append_to(root) as writer:
        first = writer.add(episode(stream("rgb", rng), stream("mass_kg", rng)))
    before = open_bundle(root)
    with append_to(root) as writer:
        more = [writer.stage(episode(stream("mass_kg", rng, count=n))) for n in (1, 2, 3)]
        assert open_bundle(root).uids == [first]  # staged is not sealed
        writer.commit(more)
    after = open_bundle(root)
    assert (len(before), before.uids) == (1, [first])
    assert after.uids == [first, *more]
    assert sorted(after.uids) == after.uids  # uids sort by time
    assert [len(e["mass_kg"]) for e in after] == [5, 1, 2, 3]
    assert (before.snapshot, after.snapshot) == (1, 2)
    spans = after.index.spans("mass_kg")
    assert (spans.rows.tolist(), spans.count.tolist()) == ([0, 1, 2, 3], [5, 1, 2, 3])
    assert spans.last_ns.tolist() == [int(e["mass_kg"].times_ns[-1]) for e in after]
    assert after.index.spans("rgb@front").rows.tolist() == [0]
    assert after.index.spans("no such").rows.size == 0


def test_snapshots_list_every_sealed_file_and_form_a_chain(tmp_path: Path) -> None:
    import hashlib

    root, rng = tmp_path / "b", np.random.default_rng(1)
    with append_to(root) as writer:
        for _ in range(3):
            writer.add(episode(stream("rgb", rng), stream("depth_m", rng), stream("action", rng, even=False)))
    listed = {}
    for number in (1, 2, 3):
        snapshot = read_snapshot(root, number)
        before = root / f"snapshots/{number - 1:06d}.json"
        assert snapshot.parent == (hashlib.sha256(before.read_bytes()).hexdigest() if number > 1 else "")
        listed |= {file.path: file for file in snapshot.added}
    for path, file in listed.items():
        assert (root / path).stat().st_size == file.bytes
        assert hashlib.sha256((root / path).read_bytes()).hexdigest() == file.sha256
    there = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}
    derived = {p for p in there if p.split("/")[0] in ("meta", "index", "snapshots", ".lock")}
    assert there - derived == set(listed)


def test_the_next_writer_removes_what_a_dead_one_left(tmp_path: Path) -> None:
    root, rng = tmp_path / "b", np.random.default_rng(1)
    with append_to(root) as writer:
        kept = writer.add(episode(stream("rgb", rng)))
        writer.stage(episode(stream("rgb", rng)))
    info = (root / "meta/info.json").read_bytes()
    with append_to(root) as writer:
        lost = writer.add(episode(stream("rgb", rng), title="lost"))
    (root / "meta/info.json").write_bytes(info)  # as if killed just before the head was replaced
    assert open_bundle(root).uids == [kept]
    with append_to(root) as writer:
        again = writer.add(episode(stream("rgb", rng), title="again"))
    bundle = open_bundle(root)
    assert bundle.uids == [kept, again]
    assert [e.title for e in bundle] == ["a test", "again"]
    assert not (root / "streams" / lost).exists()
    assert not any((root / "staging").iterdir())
    assert len(list(root.glob("videos/*/*/*.mp4"))) == len(list(root.glob("data/*/*"))) == 2


def test_an_episode_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    odd = Episode(streams={"../x": stream("mass_kg", rng)}, provenance=episode().provenance)
    with append_to(tmp_path / "b") as writer:
        with pytest.raises(InputError, match="a stream's name"):
            writer.add(odd)
        assert len(open_bundle(tmp_path / "b")) == 0
        assert not any((tmp_path / "b" / "staging").iterdir())
        writer.add(episode(stream("mass_kg", rng)))


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with append_to(tmp_path / "b"):
        with pytest.raises(InputError, match="another process is writing"), append_to(tmp_path / "b"):
            pass
        child = multiprocessing.get_context("spawn").Process(target=_write_late, args=(tmp_path / "b",))
        child.start()
    child.join(60)
    assert child.exitcode == 0
    assert len(open_bundle(tmp_path / "b")) == 1


def _write_late(root: Path) -> None:
    with append_to(root, wait_s=50) as writer:
        writer.add(episode(stream("mass_kg", np.random.default_rng(0))))


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(InputError, match="no bundle"), append_to(tmp_path):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]
    with pytest.raises(UnreadableFile, match="no bundle"):
        open_bundle(tmp_path)
    with pytest.raises(UnreadableFile, match="no bundle"):
        open_bundle(tmp_path / "nowhere")


def test_a_bundle_of_the_future_is_not_guessed_at(tmp_path: Path) -> None:
    root = tmp_path / "b"
    with append_to(root) as writer:
        uid = writer.add(episode(stream("mass_kg", np.random.default_rng(0))))
    manifest = root / "streams" / uid / "manifest.json"
    manifest.write_text(manifest.read_text().replace("lifeworld-episode/1", "lifeworld-episode/9"))
    with pytest.raises(UnreadableFile, match=r"another format; got lifeworld-episode/9, expected lifeworld-episode/1"):
        open_bundle(root)[0]
    info = root / "meta/info.json"
    said = json.loads(info.read_text())
    said["x_world"] = {"schema": "lifeworld-episode/9", "what": "ever"}
    info.write_text(json.dumps(said))
    with pytest.raises(UnreadableFile, match=r"another format; got lifeworld-episode/9"):
        open_bundle(root)
    info.write_text(info.read_text()[:40])
    with pytest.raises(UnreadableFile, match="damaged"):
        open_bundle(root)


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "a//b", "", "a\\b", "C:/x", "."])
def test_paths_do_not_leave_the_bundle(tmp_path: Path, path: str) -> None:
    with pytest.raises(UnsafeFile, match="leads out"):
        inside(tmp_path, path)


def test_links_do_not_leave_the_bundle(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "link").symlink_to(tmp_path)
    with pytest.raises(UnsafeFile, match="link"):
        inside(tmp_path / "b", "link/x")


def test_the_index_goes_on_in_the_next_file(tmp_path: Path) -> None:
    row = {
        "uid": "u", "number": -1, "title": "", "origin": "measured", "duration_ns": 5, "subjects": ["P7"], "left_out": "x",
        "streams": [{"name": "rgb@a", "count": 3, "first_ns": 0, "last_ns": 5}],
    }  # fmt: skip
    for first, count in ((0, ROWS - 2), (ROWS - 2, 5), (ROWS + 3, ROWS)):
        append_rows(tmp_path, "index/g0000", first, [row | {"uid": str(first + i)} for i in range(count)])
    index = Index.read(tmp_path, "index/g0000", 2 * ROWS + 3)
    assert index.uids == [str(i) for i in range(2 * ROWS + 3)]
    assert len(list(tmp_path.rglob("*.parquet"))) == 3
    assert [index.row(i)["subjects"] for i in (0, ROWS, 2 * ROWS + 2)] == [["P7"]] * 3
    assert len(Index.read(tmp_path, "index/g0000", 7)) == 7
    assert len(Index.read(tmp_path, "index/g0000", 0)) == 0
    with pytest.raises(UnreadableFile, match="fewer rows"):
        Index.read(tmp_path, "index/g0000", 2 * ROWS + 4)
    shutil.rmtree(tmp_path / "index")
    with pytest.raises(UnreadableFile, match="index is damaged"):
        Index.read(tmp_path, "index/g0000", 7)


def test_uids_are_uuids_of_version_7_in_order() -> None:
    import time
    import uuid

    first = new_uid()
    time.sleep(0.002)
    second = new_uid()
    assert first < second
    assert {uuid.UUID(u).version for u in (first, second)} == {7}
    assert uuid.UUID(first).variant == uuid.RFC_4122
    assert read_info is not None


def test_a_bundle_with_its_episodes_elsewhere_is_read_and_not_written(tmp_path: Path) -> None:
    """Before, what was added to one counted, and nobody found it."""
    root, rng = tmp_path / "b", np.random.default_rng(0)
    with append_to(root) as writer:
        uid = writer.add(episode(stream("reward", rng)))
    (root / "streams").rename(root / "episodes")
    for path in [root / "meta/info.json", *root.glob("episodes/*/manifest.json"), *root.glob("snapshots/*.json")]:
        said = path.read_text().replace('"streams_path": "streams"', '"streams_path": "episodes"')
        path.write_text(said.replace("streams/", "episodes/"))
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    for write in (lambda: append_to(root).__enter__(), lambda: set_aside(root, uid), lambda: erase(root, episode=uid)):
        with pytest.raises(InputError, match="can be read, not written"):
            write()
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
    assert len(open_bundle(root).episode(uid)["reward"]) == 5
