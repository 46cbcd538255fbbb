"""Who is erased is gone from every byte of the store, and what is left is a whole bundle, whenever the process was killed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from bundles import episode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from people import ANNA, BEN, CARA, MARK, fingerprint, make_bundle, measured, pictures, remains, terms, windows, words

from lifeworld.core.errors import InputError, UnknownName, UnreadableFile
from lifeworld.core.origin import Provenance
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.bundle import Bundle, open_bundle
from lifeworld.episode.check import check
from lifeworld.episode.check.files import check_snapshots
from lifeworld.episode.episode import Episode
from lifeworld.episode.erase import Erased, erase
from lifeworld.episode.head import locked, read_info, read_snapshot, snapshot_path
from lifeworld.episode.journal import Journal
from lifeworld.episode.keys import KeyMissing, Keys
from lifeworld.episode.ledger import ERASING, append_tombstone, tombstone, tombstones
from lifeworld.episode.seal import append_to

HERE = Path(__file__).parent
MADE = Provenance.now(engine="test", engine_version="1")


def sound(root: Path, keys: Keys | None = None) -> None:
    """Nothing is wrong with it, though much may be said."""
    assert [str(p) for p in check(root, deep=True, keys=keys) if not p.warning] == []


def strewn(root: Path) -> None:
    """Leave her in a cache, in a recording that was not sealed, in one that was cut off, and in what killed writers left."""
    with Journal(root, provenance=MADE, origin="measured", title=f"{MARK} again") as journal:
        journal.open("action", source="hand", origin="measured", terms=terms(ANNA))
        journal.write("action@hand", 0, np.array([1.0, 2.0]))
    whole = journal.path.read_bytes()
    torn = journal.path.with_name("torn.mcap")
    torn.write_bytes(whole[: whole.index(ANNA.encode()) + 40])
    with Journal(root, provenance=MADE, origin="measured", title="somebody else") as other:
        other.open("action", source="hand", origin="measured", terms=terms(BEN))
        other.write("action@hand", 0, np.array([1.0, 2.0]))
    for place in (
        "cache/clips/x.u8",
        "streams/.part-00ff00",
        "index/.part-00ff11.parquet",
        "index/g0000-000009.parquet",
        "staging/0-0/a.parquet",
    ):
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_bytes(b"..." + MARK.encode())


@pytest.mark.parametrize("encrypted", [False, True])
def test_no_byte_of_her_is_left(tmp_path: Path, encrypted: bool) -> None:
    root, keys = tmp_path / "b", Keys(tmp_path / "k")
    make_bundle(root, encrypt=keys if encrypted else None)
    strewn(root)
    pieces = windows(root, ANNA)
    assert len(pieces) > 40
    before = remains(root, pieces, MARK, ANNA)
    for sort in ("manifest.json", "scene.toml", "ledger/consent/", "index/g0000", "cache/", ".mcap", "staging/0-0", ".parquet"):
        assert any(sort in place for place in before), sort
    kept = open_bundle(root, keys=keys)
    wanted = [fingerprint(kept[i], names) for i, names in ((1, ["rgb@front", "action@arm", "rgb@side"]), (4, kept[4].streams))]
    chain = [(root / snapshot_path(n)).read_bytes() for n in range(1, 6)]

    done = erase(root, subject=ANNA, keys=keys)

    assert remains(root, pieces, MARK, ANNA) == []
    sound(root, keys)
    uids = kept.uids
    assert set(done.episodes) == {uids[0]}
    assert {s.partition(": ")[2] for s in done.streams} == {f"skeleton_pose@{ANNA}", "captions", "rgb@front"}
    assert done.recordings == 2
    assert done.still_named == ()
    assert done.files >= 15
    assert (done.key_id is not None) == encrypted
    after = open_bundle(root, keys=keys)
    assert after.uids == uids[1:]
    assert list(after[0].streams) == ["rgb@front", "action@arm", "rgb@side"]
    assert [fingerprint(after[0], after[0].streams), fingerprint(after[3], after[3].streams)] == wanted
    assert (after[0].title, after[0].labels, dict(after[0].legend)) == ("", {}, {"action@arm": ("x", "y", "z")})
    assert (after[3].title, after[3].labels) == ("ben again", {"weather": "rain", "ö": "ß"})
    assert [path.name for path in (root / "staging").glob("*.mcap")] != []  # Ben's
    assert [(root / snapshot_path(n)).read_bytes() for n in range(1, 6)] == chain  # what was is still proved
    sealed, problems = check_snapshots(root, after.head)
    assert problems == []
    assert not any((root / path).exists() for path in sealed.gone)
    [stone] = tombstones(root)
    assert stone.is_of(ANNA)
    assert not stone.is_of(BEN)
    assert stone.episodes == (uids[0],)
    listed = {file.sha256 for n in range(1, 6) for file in read_snapshot(root, n).added}
    assert set(stone.removed) <= listed
    with pytest.raises(InputError):
        keys.of(ANNA)


def test_what_is_encrypted_dies_with_its_key_in_copies_too(tmp_path: Path) -> None:
    root, copy, keys = tmp_path / "b", tmp_path / "copy", Keys(tmp_path / "k")
    make_bundle(root, encrypt=keys)
    theirs = open_bundle(root, keys=Keys(tmp_path / "stranger"))
    assert "rgb@front" in theirs[0].streams  # everybody sees that it is there
    with pytest.raises(KeyMissing, match=f"the key of '{ANNA}' is not here"):
        theirs[0]["rgb@front"]
    with pytest.raises(KeyMissing):
        theirs[2]["rgb@front"]
    warned = [p for p in check(root, keys=Keys(tmp_path / "stranger")) if "not looked at" in p.what]
    assert len(warned) == 13
    assert all(p.warning for p in warned)
    shutil.copytree(root, copy)
    erase(root, subject=ANNA, keys=keys)
    old = open_bundle(copy, keys=keys)
    for i, name in ((0, "rgb@front"), (0, "depth_m@front"), (0, "audio_mono@front"), (0, "captions"), (1, "captions"), (2, "rgb@front")):
        with pytest.raises(KeyMissing, match="was destroyed on"):
            old[i][name]
    assert len(old[1]["rgb@side"].values[:]) == 5  # Ben's own
    assert any("erase" in (p.fix or "") for p in check(copy, keys=keys) if "destroyed" in p.what)
    erase(copy, subject=ANNA, keys=keys)
    sound(copy, keys)


def test_the_view_no_longer_shows_her(tmp_path: Path) -> None:
    root, rng = tmp_path / "b", np.random.default_rng(3)

    def take(person: str, title: str) -> Episode:
        return episode(pictures(rng, person), measured("action", rng, person, source="hand"), title=title)

    with append_to(root) as writer:
        for person, title in ((BEN, "pour"), (ANNA, f"{MARK} stirs"), (BEN, "stir"), (ANNA, "pour"), (BEN, "pour")):
            writer.add(take(person, title))
    assert open_bundle(root).info["total_episodes"] == 5
    erase(root, subject=ANNA, keys=Keys(tmp_path / "k"))
    after = open_bundle(root)
    assert (after.info["total_episodes"], after.info["total_frames"], after.info["total_tasks"]) == (3, 15, 2)
    assert after.index.number.tolist() == [0, 2, 4]
    assert remains(root, [], MARK, ANNA) == []
    with append_to(root) as writer:  # and it grows on
        writer.add(take(BEN, "wash"))
    sound(root)
    assert open_bundle(root).index.number.tolist() == [0, 2, 4, 5]  # numbers are never used again


def test_what_is_left_of_an_episode_leaves_the_view(tmp_path: Path) -> None:
    root, rng = tmp_path / "b", np.random.default_rng(3)
    with append_to(root) as writer:
        for person in (ANNA, BEN):
            writer.add(episode(pictures(rng), measured("action", rng, person, source="hand")))
    erase(root, subject=ANNA, keys=Keys(tmp_path / "k"))
    after = open_bundle(root)
    assert after.index.number.tolist() == [-1, 1]
    assert after.index.row(0)["left_out"] == "something in it was erased"
    assert len(after[0]["rgb@front"].values[:]) == 5
    sound(root)


def test_an_episode_is_erased_by_its_uid(tmp_path: Path) -> None:
    root, keys = tmp_path / "b", Keys(tmp_path / "k")
    make_bundle(root, encrypt=keys)
    uids = open_bundle(root).uids
    done = erase(root, episode=uids[0], keys=keys)
    assert done.episodes == (uids[0],)
    assert done.key_id is None
    assert keys.of(ANNA)  # she is in others
    assert open_bundle(root).uids == uids[1:]
    assert not list(root.rglob(f"*{uids[0]}*"))
    sound(root, keys)
    assert erase(root, episode=uids[0], keys=keys) == Erased()  # again is nothing
    for uid in uids[1:]:
        erase(root, episode=uid, keys=keys)
    sound(root, keys)
    assert len(open_bundle(root)) == 0
    assert list((root / "ledger" / "consent").glob("*")) == []


def test_whole_takes_all_she_is_in(tmp_path: Path) -> None:
    root = tmp_path / "b"
    make_bundle(root)
    uids = open_bundle(root).uids
    assert erase(root, subject=ANNA, whole=True, keys=Keys(tmp_path / "k")).episodes == tuple(uids[:3])
    assert open_bundle(root).uids == uids[3:]
    sound(root)


def test_what_was_made_of_her_goes_too(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    root = tmp_path / "b"

    def made_of(name: str, *parents: str, source: str = "arm") -> Stream:
        s = measured(name, rng, source=source)
        how = Provenance.now(engine="tracker", engine_version="1", parents=parents)
        return Stream(s.signal, s.times_ns, s.values, origin="measured", source=s.source, provenance=how)

    with append_to(root) as writer:
        uid = writer.add(
            episode(
                pictures(rng, ANNA),
                made_of("skeleton_pose", "rgb@front", source="body"),
                made_of("reading", "skeleton_pose@body", source="pulse"),
                made_of("action", "a joystick"),
            )
        )
    assert erase(root, subject=ANNA, keys=Keys(tmp_path / "k")).streams == tuple(
        f"{uid}: {name}" for name in ("rgb@front", "skeleton_pose@body", "reading@pulse")
    )
    assert list(open_bundle(root)[0].streams) == ["action@arm"]


def test_what_still_names_her_is_said(tmp_path: Path) -> None:
    rng, root = np.random.default_rng(0), tmp_path / "b"
    with append_to(root) as writer:
        uid = writer.add(episode(words(rng, ANNA), measured("action", rng, source="arm"), title="x"))
        other = writer.add(episode(measured("action", rng, source="arm"), title=f"without {ANNA}"))
    done = erase(root, subject=ANNA, keys=Keys(tmp_path / "k"))
    assert done.still_named == (f"streams/{other}/manifest.json",)
    assert uid not in "".join(done.still_named)


def test_mistakes_erase_nothing(tmp_path: Path) -> None:
    root, keys = tmp_path / "b", Keys(tmp_path / "k")
    make_bundle(root, encrypt=keys)
    keys.make(CARA)
    before = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
    with pytest.raises(UnknownName, match=r"Did you mean 'anna-4711'"):
        erase(root, subject="anna-4712", keys=keys)
    with pytest.raises(UnknownName, match="no subject 'cara-1234'"):
        erase(root, subject=CARA, keys=keys)
    assert keys.of(CARA)  # of another dataset
    with pytest.raises(UnknownName, match="no episode"):
        erase(root, episode="0", keys=keys)
    with pytest.raises(InputError, match="names the person"):
        erase(root, subject=ANNA, reason=f"{ANNA} asked", keys=keys)
    for both in ({}, {"subject": ANNA, "episode": "0"}):
        with pytest.raises(InputError, match="whom or what"):
            erase(root, keys=keys, **both)
    with pytest.raises(UnreadableFile, match="no bundle"):
        erase(tmp_path, subject=ANNA, keys=keys)
    with locked(root), pytest.raises(InputError, match="another process is writing"):
        erase(root, subject=ANNA, keys=keys)
    with Journal(root, provenance=MADE) as journal:
        journal.open("action", source="hand", origin="measured", terms=terms(ANNA))
        journal.write("action@hand", 0, np.zeros(2))
        while ANNA.encode() not in journal.path.read_bytes():
            pass
        with pytest.raises(InputError, match="being recorded now"):
            erase(root, subject=ANNA, keys=keys)
    journal.path.unlink()
    assert {p: p.read_bytes() for p in root.rglob("*") if p.is_file()} == before
    assert keys.of(ANNA)


def test_a_damaged_list_is_named(tmp_path: Path) -> None:
    root = tmp_path / "b"
    make_bundle(root)
    (root / ERASING).write_text("{")
    with pytest.raises(UnreadableFile, match=r"erasing\.json"):
        erase(root, subject=ANNA, keys=Keys(tmp_path / "k"))
    assert any(p.where == ERASING for p in check(root))


def test_tombstones_survive_a_torn_line(tmp_path: Path) -> None:
    first, second = (tombstone(subject=s, time="now", reason="asked for", episodes=(), removed=()) for s in (ANNA, BEN))
    append_tombstone(tmp_path, first)
    path = tmp_path / "ledger" / "tombstones.jsonl"
    path.write_bytes(path.read_bytes() + b'{"id": "x", "ti')
    append_tombstone(tmp_path, second)
    append_tombstone(tmp_path, second)  # once
    assert tombstones(tmp_path) == [first, second]
    assert first.is_of(ANNA)
    assert first.subject != tombstone(subject=ANNA, time="now", reason="", episodes=(), removed=()).subject  # salted
    path.write_bytes(path.read_bytes() + b'{"id": 3}\n')
    with pytest.raises(UnreadableFile, match="line 4"):
        tombstones(tmp_path)


# -- whoever is in whatever ------------------------------------------------------------------------------------------------

NAMES = ("rgb", "action", "captions", "skeleton_pose", "mass_kg", "depth_m")
CAST = st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from([ANNA, BEN, CARA]), max_size=2), min_size=1, max_size=4)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(casts=st.lists(CAST, min_size=1, max_size=3), whom=st.sampled_from([ANNA, BEN]), encrypted=st.booleans(), simulated=st.booleans())
def test_whoever_is_in_whatever(
    tmp_path_factory: pytest.TempPathFactory, casts: list[dict[str, set[str]]], whom: str, encrypted: bool, simulated: bool
) -> None:
    tmp = tmp_path_factory.mktemp("e")
    root, keys, rng = tmp / "b", Keys(tmp / "k"), np.random.default_rng(1)
    before = []
    with append_to(root, encrypt=keys if encrypted else None) as writer:
        for cast in casts:
            streams = [pictures(rng, *who) if name == "rgb" else measured(name, rng, *who) for name, who in cast.items()]
            if simulated:
                streams.append(Stream(SIGNALS["position_m"], [0, 1], rng.normal(size=(2, 1, 3)), origin="simulated"))
            before.append((writer.add(episode(*streams)), episode(*streams)))
    pieces = windows(root, whom)
    if not any(whom in who for cast in casts for who in cast.values()):
        with pytest.raises(UnknownName):
            erase(root, subject=whom, keys=keys)
        return
    read = open_bundle(root, keys=keys)
    known = {uid: {n: fingerprint(read.episode(uid), [n]) for n in e.streams} for uid, e in before}
    erase(root, subject=whom, keys=keys)
    sound(root, keys)
    assert remains(root, pieces, whom) == []
    after = open_bundle(root, keys=keys)
    for uid, e in before:
        theirs = [n for n, s in e.streams.items() if whom in {c.subject for c in s.terms.consents}]
        left = [n for n in e.streams if n not in theirs]
        if theirs and not any(e[n].origin == "measured" for n in left):
            assert uid not in after.uids
            continue
        assert list(after.episode(uid).streams) == left
        assert {n: fingerprint(after.episode(uid), [n]) for n in left} == {n: known[uid][n] for n in left}
        assert after.episode(uid).title == ("" if theirs else e.title)


# -- killed ----------------------------------------------------------------------------------------------------------------


def _killed(tmp_path: Path, *moments: str) -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, str(HERE / "killed_erasing.py"), str(tmp_path), *moments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def _fine(said: dict[str, object]) -> None:
    assert said["remains"] == [], said
    assert said["problems"] == [], said
    assert said["same"], said
    assert said["readable"], said


def test_killed_at_some_moments_it_is_finished_by_doing_it_again(tmp_path: Path) -> None:
    """At a share of all moments at which something becomes another on the disk."""
    runs = _killed(tmp_path, "share", "6")
    assert len(runs) == 7
    assert {bool(run["killed"]) for run in runs} == {True, False}
    for said in runs:
        _fine(said)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_at_every_moment_it_is_finished_by_doing_it_again(tmp_path: Path) -> None:
    runs = _killed(tmp_path, "share", "1000")
    for said in runs:
        _fine(said)
    assert sum(bool(run["killed"]) for run in runs) > 40


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_by_the_clock_it_is_finished_by_doing_it_again(tmp_path: Path) -> None:
    """`kill -9` after some milliseconds, not at a call of Python's: inside of what C++ writes, too."""
    for said in _killed(tmp_path, "clock", "50"):
        _fine(said)


def test_readers_of_what_was_open_are_told(tmp_path: Path) -> None:
    root = tmp_path / "b"
    make_bundle(root)
    open_before: Bundle = open_bundle(root)
    erase(root, subject=ANNA, keys=Keys(tmp_path / "k"))
    with pytest.raises(UnreadableFile):
        open_before[0]
    assert read_info(root).head.snapshot == open_before.snapshot + 1
