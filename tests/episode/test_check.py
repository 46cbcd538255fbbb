"""Every sort of broken bundle is named by `check`, all that is wrong with it at once; and reading it raises an error that says where."""

from __future__ import annotations

import json
import pickle
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bundles import episode, scenery
from people import ANNA, BEN, measured, pictures, terms

from lifeworld.core.errors import LifeworldError
from lifeworld.core.origin import Consent, Provenance, Terms
from lifeworld.core.signal import Stream
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.check import Problem, check
from lifeworld.episode.head import file_of, read_info, snapshot_path, write_snapshot
from lifeworld.episode.journal import Journal
from lifeworld.episode.journal.annexb import Encoder, write_mp4
from lifeworld.episode.keys import Keys
from lifeworld.episode.ledger import keep_consents
from lifeworld.episode.seal import append_to

COUNT = 20
LAST_FIRST = pa.array(np.arange(COUNT)[::-1])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two episodes: video, sound, map, vectors on an uneven clock, words; the second one also of somebody."""
    root, rng = tmp_path_factory.mktemp("whole") / "b", np.random.default_rng(2)
    free = Terms(license="CC0-1.0")

    def made(name: str, *people: str, source: str = "front", values: Any = None) -> Stream:
        s = measured(name, rng, *people, source=source, count=COUNT, values=values)
        times = np.cumsum(rng.integers(1, 9, COUNT)) if name == "action" else s.times_ns
        return Stream(s.signal, times, s.values, origin="simulated", source=s.source, terms=s.terms if people else free)

    with append_to(root) as writer:
        for people in ((), (BEN,)):
            video = made("rgb", *people, values=scenery(COUNT, 24, 32))
            sound = made("audio_mono", values=(rng.integers(-9999, 9999, (COUNT, 960)) / 2**23).astype(np.float32))
            streams = (video, sound, made("depth_m"), made("action", source="hand"), made("captions"), made("contacts"))
            writer.add(episode(*streams))
    assert check(root, deep=True) == []
    return root


@dataclass(frozen=True)
class Broken:
    """A copy of the bundle to break, and words for its parts."""

    root: Path

    @property
    def uid(self) -> str:
        return open_bundle(self.root).uids[0]

    @property
    def manifest(self) -> Path:
        return self.root / "streams" / self.uid / "manifest.json"

    def file(self, stream: str) -> Path:
        return self.root / json.loads(self.manifest.read_bytes())["streams"][stream]["file"]

    def edit(self, change: Callable[[dict[str, Any]], Any]) -> None:
        """Change what the manifest says."""
        said = json.loads(self.manifest.read_bytes())
        change(said)
        self.manifest.write_text(json.dumps(said))

    def reseal(self) -> None:
        """Make hashes agree with what lies there now: what is wrong then is wrong in itself."""
        for path in (self.root / "streams").glob("*/manifest.json"):
            said = json.loads(path.read_bytes())
            for entry in said["streams"].values():
                entry["files"] = [msgspec.to_builtins(file_of(self.root, f["path"])) if self._is(f["path"]) else f for f in entry["files"]]
            path.write_text(json.dumps(said))
        added = []
        for number in range(1, read_info(self.root).head.snapshot + 1):
            file = self.root / snapshot_path(number)
            added.append([file_of(self.root, f["path"]) for f in json.loads(file.read_bytes())["added"] if self._is(f["path"])])
            file.unlink()
        for number, files in enumerate(added):
            write_snapshot(self.root, number, files)

    def _is(self, path: str) -> bool:
        return ".." not in path and (self.root / path).is_file()

    def wrong(self, **how: Any) -> list[Problem]:
        return [p for p in check(self.root, **how) if not p.warning]


@pytest.fixture
def broken(whole: Path, tmp_path: Path) -> Broken:
    shutil.copytree(whole, tmp_path / "b")
    return Broken(tmp_path / "b")


def cut(path: Path, share: float = 0.5) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])


def flip(path: Path, share: float = 0.5) -> None:
    raw = bytearray(path.read_bytes())
    raw[int(len(raw) * share)] ^= 0x55
    path.write_bytes(raw)


def shard(b: Broken) -> Path:
    return b.file("depth_m@front") / "c/0/0/0"


def rewrite(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    pq.write_table(change(pq.read_table(path, partitioning=None)), path)


def times(path: Path, values: Any) -> None:
    field = pa.field("t_ns", pa.int64(), nullable=False)
    rewrite(path, lambda t: t.set_column(0, field, pa.array(values, pa.int64())))


def no_frames(path: Path) -> None:
    import av

    with av.open(str(path), "w", format="mp4", options={"movflags": "empty_moov+frag_keyframe"}) as out:
        track: Any = out.add_stream("libx264", rate=25)
        track.width, track.height, track.pix_fmt = 32, 24, "yuv420p"
        out.start_encoding()


def two_sizes(path: Path) -> None:
    small, large = Encoder(scenery(1, 24, 32)[0]), Encoder(scenery(1, 48, 64)[0])
    units = [small.encode(p) for p in scenery(10, 24, 32)] + [large.encode(p) for p in scenery(10, 48, 64)]
    write_mp4(path, units, [40_000_000 * k for k in range(20)], height=24, width=32)


def entry(name: str, **change: Any) -> Callable[[Broken], None]:
    return lambda b: b.edit(lambda said: said["streams"][name].update(change))


def said(**change: Any) -> Callable[[Broken], None]:
    return lambda b: b.edit(lambda manifest: manifest.update(change))


def relative(b: Broken, stream: str) -> str:
    return b.file(stream).relative_to(b.root).as_posix()


def reword(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


def signal(name: str, **change: Any) -> Callable[[Broken], None]:
    return lambda b: b.edit(lambda said: said["streams"][name]["signal"].update(change))


# What is done to it, and words that must be among what is said; then, where the damage is not one of bytes, everything is hashed again.
DAMAGE: dict[str, tuple[Callable[[Broken], Any], str]] = {
    "parquet cut off": (lambda b: cut(b.file("captions")), r"captions\.parquet.*another length"),
    "mp4 cut off": (lambda b: cut(b.file("rgb@front")), r"file-000\.mp4.*another length"),
    "zarr cut off": (lambda b: cut(shard(b)), r"depth_m@front\.zarr/c/0/0/0.*another length"),
    "flac cut off": (lambda b: cut(b.file("audio_mono@front")), r"audio_mono@front\.flac.*another length"),
    "a bit of a table": (lambda b: flip(b.file("action@hand")), r"action@hand\.parquet.*was changed"),
    "a bit of a map": (lambda b: flip(shard(b)), r"c/0/0/0.*was changed"),
    "a table is gone": (lambda b: b.file("action@hand").unlink(), r"action@hand\.parquet.*is missing"),
    "a video is gone": (lambda b: b.file("rgb@front").unlink(), r"file-000\.mp4.*is missing"),
    "an episode is gone": (lambda b: shutil.rmtree(b.manifest.parent), r"manifest\.json.*cannot be read"),
    "manifest is no JSON": (lambda b: b.manifest.write_text("{"), r"manifest\.json: the manifest is damaged"),
    "manifest of another format": (said(schema="lifeworld-episode/9"), r"manifest\.json: an episode of another format"),
    "an origin there is not": (entry("captions", origin="remembered"), r"manifest\.json: the manifest is damaged"),
    "snapshot was changed": (
        lambda b: (b.root / "snapshots/000001.json").write_bytes((b.root / "snapshots/000001.json").read_bytes() + b"\n"),
        r"000002\.json: the snapshot does not follow",
    ),
    "snapshot is gone": (lambda b: (b.root / "snapshots/000001.json").unlink(), r"000001\.json.*damaged"),
    "index is cut off": (lambda b: cut(b.root / "index/g0000-000000.parquet"), r"index/g0000.*the index is damaged"),
    "index has too few rows": (lambda b: rewrite(b.root / "index/g0000-000000.parquet", lambda t: t[:1]), "fewer rows"),
    "a pickle": (lambda b: (b.root / "streams/model.bin").write_bytes(pickle.dumps({"a": 1})), r"model\.bin.*a pickle"),
    "a link outside": (lambda b: (b.root / "cache").symlink_to("/"), "cache: a link that leads out"),
    "a link in the place of a file": (
        lambda b: (b.file("captions").unlink(), b.file("captions").symlink_to("/etc/hostname")),
        r"captions\.parquet: a link that leads out",
    ),
    "tasks are gone": (lambda b: (b.root / "meta/tasks.parquet").unlink(), "tasks"),
    "scene is no TOML": (lambda b: (b.manifest.parent / "scene.toml").write_text("= ="), r"scene\.toml"),
    "erasing was cut off": (lambda b: (b.root / "ledger/erasing.json").write_text("{}"), "an erasure or another change was cut off"),
    "agreement is gone": (lambda b: shutil.rmtree(b.root / "ledger/consent"), f"the agreement of '{BEN}' is not in the ledger"),
    "agreement was changed": (
        lambda b: [p.write_text(p.read_text().replace("train", "publish")) for p in (b.root / "ledger/consent").glob("*")],
        "not the agreement that its name is the hash of",
    ),
}  # fmt: skip

SEALED: dict[str, tuple[Callable[[Broken], Any], str]] = {
    "clock runs back": (lambda b: times(b.file("action@hand"), np.arange(COUNT)[::-1]), r"action@hand.*do not rise"),
    "clock stands": (lambda b: times(b.file("action@hand"), np.ones(COUNT)), r"action@hand.*do not rise"),
    "clock of no step": (entry("captions", times={"start_ns": 0, "step_ns": 0}), "clock does not run forward"),
    "other times": (lambda b: times(b.file("action@hand"), np.arange(COUNT)), "the times are others than the manifest says"),
    "too few rows": (lambda b: rewrite(b.file("captions"), lambda t: t[:-1]), "captions.*"),
    "another column": (lambda b: rewrite(b.file("captions"), lambda t: t.rename_columns(["t_ns", "other"])), r"captions.*column"),
    "count": (entry("rgb@front", count=19), "rgb@front: .*another number of frames; got 20, expected 19"),
    "sizes": (entry("rgb@front", sizes=[24, 48, 3]), "pictures of another size"),
    "sizes of a map": (entry("depth_m@front", sizes=[24, 31]), r"depth_m@front: .*"),
    "video without frames": (lambda b: no_frames(b.file("rgb@front")), r"rgb@front: .*(frames|no video)"),
    "frames of two sizes": (lambda b: two_sizes(b.file("rgb@front")), r"rgb@front: "),
    "video is a table": (lambda b: shutil.copy(b.file("captions"), b.file("rgb@front")), r"rgb@front: "),
    "map of another shape": (lambda b: reword(b.file("depth_m@front") / "zarr.json", "20,", "21,"), r"depth_m@front: "),
    "map of another dtype": (lambda b: reword(b.file("depth_m@front") / "zarr.json", "float32", "float64"), r"depth_m@front: "),
    "unit": (signal("depth_m@front", unit="mm"), "the unit is not that of the signal 'depth_m'; got mm, expected m"),
    "dtype": (signal("depth_m@front", dtype="<f8"), "the dtype is not that of the signal 'depth_m'; got float64, expected float32"),
    "shape": (signal("action@hand", shape=["numbers", 2]), "action@hand: .*shape"),
    "a signal that is none": (signal("depth_m@front", dtype="object"), "depth_m@front: the signal 'depth_m' is none"),
    "a name that is another's": (entry("rgb@front", source="back"), "than its signal and source; got rgb@front, expected rgb@back"),
    "codec": (entry("captions", codec="flac"), "codec 'flac' keeps another sort of file"),
    "path outside": (entry("captions", file="../../../etc/passwd.parquet"), "a path that leads out of the bundle"),
    "absolute path": (entry("captions", file="/etc/passwd.parquet"), "a path that leads out of the bundle"),
    "a file of another stream": (lambda b: entry("captions", file=relative(b, "contacts"))(b), "not among the stream's files"),
    "title": (said(title="another"), "another title"),
    "uid": (said(uid="another"), "the manifest of another episode"),
    "origin": (said(origin="measured"), "origin is not that of its streams; got measured, expected simulated"),
    "a stream more in the index": (lambda b: b.edit(lambda m: m["streams"].pop("contacts")), "another streams"),
    "view says other things": (
        lambda b: rewrite(b.root / "data/chunk-000/file-000.parquet", lambda t: t.set_column(0, t.column_names[0], t[0].take(LAST_FIRST))),
        "of data/chunk-000/file-000.parquet is not what the streams say",
    ),
    "consent has ended": (
        lambda b: again_with(b, until=(datetime.now(UTC) - timedelta(days=1)).isoformat()),
        f"the consent of '{BEN}' has ended",
    ),
    "consent ends nobody knows when": (lambda b: again_with(b, until="soon"), "nobody can say when"),
}  # fmt: skip


def again_with(b: Broken, **change: Any) -> None:
    """Ben agreed to something else."""
    path = b.root / "streams" / open_bundle(b.root).uids[1] / "manifest.json"
    said = json.loads(path.read_bytes())
    [consent] = said["streams"]["rgb@front"]["consents"]
    consent.update(change)
    path.write_text(json.dumps(said))
    shutil.rmtree(b.root / "ledger/consent")
    keep_consents(b.root, [msgspec.convert(consent, Consent)])


def said_of(problems: list[Problem]) -> str:
    return "\n".join(map(str, problems))


@pytest.mark.parametrize("name", list(DAMAGE))
def test_damage_is_named(broken: Broken, name: str) -> None:
    how, words = DAMAGE[name]
    how(broken)
    assert_named(broken, words)


@pytest.mark.parametrize("name", list(SEALED))
def test_what_is_wrong_in_itself_is_named(broken: Broken, name: str) -> None:
    how, words = SEALED[name]
    how(broken)
    broken.reseal()
    assert_named(broken, words)


def assert_named(b: Broken, words: str) -> None:
    problems = b.wrong(deep=True)
    assert re.search(words, said_of(problems)), said_of(problems) or "nothing"
    for problem in problems:
        assert problem.where
        assert problem.what
        assert str(b.root) not in str(problem)  # told from the root on


def test_all_is_said_at_once(broken: Broken) -> None:
    cut(broken.file("captions"))
    broken.file("action@hand").unlink()
    flip(shard(broken))
    (broken.root / "snapshots/000001.json").write_bytes(b"{}")
    (broken.root / "streams/x.pkl").write_bytes(b"x")
    rewrite(broken.root / "data/chunk-000/file-001.parquet", lambda t: t[:3])
    broken.edit(lambda said: said["streams"]["contacts"].update(count=3))
    said = said_of(check(broken.root))
    for words in ("captions.parquet", "action@hand.parquet", "000001.json: the snapshot is damaged", "x.pkl", "manifest.json: contacts"):
        assert words in said
    assert "data/chunk-000/file-001.parquet" in said


@pytest.mark.parametrize(
    ("name", "stream"),
    [
        ("parquet cut off", "captions"), ("mp4 cut off", "rgb@front"), ("zarr cut off", "depth_m@front"),
        ("flac cut off", "audio_mono@front"), ("a table is gone", "action@hand"), ("a video is gone", "rgb@front"),
        ("an episode is gone", "rgb@front"), ("manifest is no JSON", "rgb@front"), ("manifest of another format", "rgb@front"),
        ("an origin there is not", "captions"), ("a link in the place of a file", "captions"), ("scene is no TOML", "captions"),
        ("clock runs back", "action@hand"), ("clock of no step", "captions"), ("too few rows", "captions"), ("another column", "captions"),
        ("video without frames", "rgb@front"), ("frames of two sizes", "rgb@front"), ("video is a table", "rgb@front"),
        ("map of another shape", "depth_m@front"), ("map of another dtype", "depth_m@front"), ("dtype", "depth_m@front"),
        ("a signal that is none", "depth_m@front"), ("path outside", "captions"), ("absolute path", "captions"),
        ("count", "rgb@front"),
    ],
)  # fmt: skip
def test_reading_it_says_where(broken: Broken, name: str, stream: str) -> None:
    places = [str(broken.manifest.parent), str(broken.file(stream)), broken.uid, f"{broken.root}: a path that leads out"]
    (DAMAGE.get(name) or SEALED[name])[0](broken)
    with pytest.raises(LifeworldError) as caught:
        read_all(broken.root, stream)
    assert any(place in str(caught.value) for place in places), caught.value


def read_all(root: Path, stream: str) -> None:
    read = open_bundle(root)[0][stream]
    for i in range(len(read)):
        np.asarray(read.values[i])


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda root: None, "no such folder"),
        (lambda root: root.mkdir(), "the folder is empty"),
        (lambda root: (root / "x").mkdir(parents=True), "this is no bundle"),
        (lambda root: root.write_text("x"), "no such folder"),
    ],
)
def test_what_is_no_bundle_is_said_to_be_none(tmp_path: Path, made: Callable[[Path], Any], words: str) -> None:
    made(tmp_path / "b")
    [problem] = check(tmp_path / "b")
    assert words in str(problem)
    assert not problem.warning
    with pytest.raises(LifeworldError):
        open_bundle(tmp_path / "b")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: "{", "the head of the bundle is damaged"),
        (
            lambda s: s.replace("lifeworld-episode/1", "lifeworld-episode/2"),
            "another format; got lifeworld-episode/2, expected lifeworld-episode/1",
        ),
        (lambda s: s.replace('"snapshot": 2', '"snapshot": "two"'), "the head of the bundle is damaged"),
        (lambda s: s.replace('"episodes": 2', '"episodes": -2'), ""),
        (lambda s: s.replace('"snapshot": 2', '"snapshot": 3'), "000003.json"),
        (lambda s: s.replace("index/g0000", "../g0000"), ""),
        (lambda s: s.replace('"streams_path": "streams"', '"streams_path": "/etc"'), ""),
    ],
)
def test_a_broken_head_is_named(broken: Broken, change: Callable[[str], str], words: str) -> None:
    path = broken.root / "meta/info.json"
    path.write_text(change(path.read_text()))
    assert words in said_of(broken.wrong())
    assert broken.wrong() != []


def test_left_overs_are_named_and_harm_nobody(broken: Broken) -> None:
    for place in ("streams/0/a.parquet", "data/chunk-000/file-077.parquet", "staging/1/a.bin", "meta/.part-00aa.json", "notes.txt"):
        (broken.root / place).parent.mkdir(parents=True, exist_ok=True)
        (broken.root / place).write_text("x")
    for place in ("cache/x", "README.md", "scene.toml", "first.png", "sheet.png", "sheet_rgb@front.png"):  # these may be
        (broken.root / place).parent.mkdir(exist_ok=True)
        (broken.root / place).write_text("x")
    with Journal(broken.root, provenance=Provenance.now(engine="t", engine_version="1"), origin="measured") as journal:
        journal.write("mass_kg", 0, np.zeros(2))
    problems = check(broken.root)
    assert all(p.warning for p in problems)
    said = {p.where: str(p) for p in problems}
    assert set(said) == {
        "streams/0/a.parquet",
        "data/chunk-000/file-077.parquet",
        "staging/1/a.bin",
        "meta/.part-00aa.json",
        "notes.txt",
        f"staging/{journal.uid}.mcap",
    }
    assert "lifeworld recover" in said[f"staging/{journal.uid}.mcap"]


def test_who_was_not_asked_is_said_once(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    with append_to(tmp_path / "b") as writer:
        for _ in range(3):
            streams = pictures(rng), measured("skeleton_pose", rng, source="body"), measured("action", rng, source="arm")
            writer.add(episode(*(Stream(s.signal, s.times_ns, s.values, origin="measured", source=s.source) for s in streams)))
    problems = check(tmp_path / "b")
    assert all(p.warning for p in problems)
    said = sorted(str(p) for p in problems)
    assert len(said) == 3  # two that may show people, and three streams without a licence, at once
    assert any(s.startswith("rgb@front: measured in 3 episodes, with no consent") for s in said)
    assert any(s.startswith("skeleton_pose@body: somebody was measured in 3 episodes") for s in said)
    (unlicensed,) = (s for s in said if "nobody said what may be done" in s)
    assert unlicensed.startswith("3 streams: in 3 episodes")
    assert all(name in unlicensed for name in ("action@arm", "rgb@front", "skeleton_pose@body"))


def test_encrypted_bundles_are_checked_with_the_key(tmp_path: Path) -> None:
    root, keys = tmp_path / "b", Keys(tmp_path / "k")
    rng = np.random.default_rng(0)
    with append_to(root, encrypt=keys) as writer:
        uid = writer.add(episode(measured("captions", rng, ANNA), measured("depth_m", rng, ANNA)))
    assert check(root, deep=True, keys=keys) == []
    (path,) = (root / "streams" / uid).glob("captions.*.parquet")
    flip(path, 0.9)
    said = said_of(check(root, keys=keys))
    assert "was changed" in said
    assert "the encrypted file was changed or cut off" in said
    (root / "keys").mkdir()
    assert "the keys lie inside" in said_of(check(root, keys=Keys(root / "keys")))
    assert terms(ANNA).purposes == ("train",)


def test_a_sample_is_read_by_default_and_all_if_asked(broken: Broken) -> None:
    """A word too long, in the middle of many, with hashes made to agree."""
    path = broken.file("captions")
    longer = pa.array([["x" * 999] if k == COUNT // 2 else [] for k in range(COUNT)])
    rewrite(path, lambda t: t.set_column(1, t.schema.field(1), longer.cast(t.schema.field(1).type)))
    broken.reseal()
    assert any("captions" in problem.where for problem in broken.wrong(deep=True))
