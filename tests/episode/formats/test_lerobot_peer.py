"""Readers that are not ours open a bundle as it lies, and what we pack: Rerun's LeRobotReader (in Rust), and LeRobot's own class."""

from __future__ import annotations

import json
import os
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lifeworld.core.origin import Provenance
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.bundle import Bundle, open_bundle
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats import Report, lerobot
from lifeworld.episode.formats.lerobot_write import write
from lifeworld.episode.seal import append_to
from lifeworld.episode.view import check_view

WHO = Provenance(engine="test", engine_version="1", lifeworld_version="0", machine="none", created="2026-01-01T00:00:00+00:00")
ROOT = Path(__file__).parents[3]
CAMERAS = ("top", "side")
FPS = Fraction(30000, 1001)
LENGTHS = (20, 23, 37, 5, 48)


def scene(frames: int, seed: int) -> NDArray[np.uint8]:
    """Pictures that say their number: squares of 8 px, white for a one of its bits; a grey wave that no two share."""
    out = np.empty((frames, 48, 64, 3), np.uint8)
    wave = np.sin(np.arange(64) / 9 + seed)
    for k in range(frames):
        out[k] = (90 + 30 * wave * np.cos(k / 5))[None, :, None]
        for bit in range(8):
            out[k, 8:16, 8 * bit : 8 * bit + 8] = 235 if (k + 31 * seed) >> bit & 1 else 20
    return out


def said(picture: NDArray[Any]) -> int:
    """The number that a picture says, however it was decoded."""
    return sum(1 << bit for bit in range(8) if picture[10:14, 8 * bit + 2 : 8 * bit + 6].mean() > 128)


def made(seed: int, count: int) -> Episode:
    rng = np.random.default_rng(seed)
    at = np.array([round(k * 10**9 / FPS) for k in range(count)])
    fast = np.arange(4 * count) * 9_000_000
    streams = [Stream(SIGNALS["rgb"], at, scene(count, seed + 100 * c), origin="simulated", source=name) for c, name in enumerate(CAMERAS)]
    streams += [
        Stream(SIGNALS["action"], fast, rng.normal(size=(len(fast), 3)), origin="simulated", source="hand"),
        Stream(SIGNALS["embodiment_state"], fast, rng.normal(size=(len(fast), 6)), origin="simulated", source="hand"),
        Stream(SIGNALS["depth_m"], at[:3], rng.random((3, 24, 32), np.float32), origin="simulated", source="top"),
    ]
    return Episode(
        streams={f"{s.signal.name}@{s.source}": s for s in streams},
        provenance=WHO,
        labels={"task": f"task {seed % 2}"},
        legend={"action@hand": ("x", "y", "grip")},
    )


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A bundle, and the packed data set of it."""
    folder = tmp_path_factory.mktemp("peer")
    with append_to(folder / "bundle") as writer:
        writer.commit([writer.stage(made(seed, count)) for seed, count in enumerate(LENGTHS)])
    write(open_bundle(folder / "bundle"), folder / "packed")
    return folder / "bundle", folder / "packed"


def expected(bundle: Bundle, episode: int) -> dict[str, NDArray[np.float32]]:
    """Actions and states at the frames, by `Episode.at`: not by the way the view goes."""
    held = bundle[episode]
    at = held["rgb@top"].times_ns
    last = held["embodiment_state@hand"].times_ns[-1]
    states = held["embodiment_state@hand"].resampled(np.minimum(np.unique(np.minimum(at, last)), last), "linear").values
    states = np.concatenate([states, np.repeat(states[-1:], len(at) - len(states), axis=0)])
    return {"action": held["action@hand"].resampled(at, "hold").values.astype(np.float32), "observation.state": states.astype(np.float32)}


# -- Rerun -----------------------------------------------------------------------------------------------------------------


def stream(reader: Any, episode: int) -> dict[str, dict[str, list[Any]]]:
    """What Rerun gives of an episode: by entity and component, the values in the order of their frames."""
    found: dict[str, dict[str, list[tuple[int, Any]]]] = {}
    for chunk in reader.stream(episode):
        batch = chunk.to_record_batch()
        frames = batch["frame_index"].to_pylist() if "frame_index" in batch.schema.names else [-1] * len(batch)
        for name in batch.schema.names:
            if ":" in name:
                held = found.setdefault(chunk.entity_path.strip("/"), {}).setdefault(name, [])
                held += [(frame, value) for frame, value in zip(frames, batch[name].to_pylist(), strict=True) if value is not None]
    return {e: {c: [v for _, v in sorted(values, key=lambda fv: fv[0])] for c, values in parts.items()} for e, parts in found.items()}


def decoded(samples: list[Any]) -> list[NDArray[np.uint8]]:
    """H.264 as it came from Rerun, decoded by itself."""
    import av

    codec: Any = av.CodecContext.create("h264", "r")
    codec.thread_count = 1
    frames = [f for sample in samples for f in codec.decode(av.Packet(bytes(np.array(sample[0], np.uint8))))]
    frames += codec.decode(None)
    return [f.to_ndarray(format="rgb24") for f in frames]


@pytest.mark.parametrize("which", [0, 1], ids=["as it lies", "packed"])
def test_rerun_reads_the_right_frames_and_numbers(both: tuple[Path, Path], which: int) -> None:
    rerun = pytest.importorskip("rerun.experimental")
    reader = rerun.LeRobotReader(both[which])
    assert reader.version == "v3"
    assert reader.episodes() == list(range(len(LENGTHS)))
    bundle, rng = open_bundle(both[0]), np.random.default_rng(0)
    for episode, count in enumerate(LENGTHS):
        got = stream(reader, episode)
        assert set(got) == {"action", "observation.state", "task", *(f"observation.images.{c}" for c in CAMERAS)}
        for key, values in expected(bundle, episode).items():
            assert np.array_equal(np.array(got[key]["Scalars:scalars"], np.float32), values), key
        assert [text for [text] in got["task"]["TextDocument:text"]] == [f"task {episode % 2}"] * count
        assert got["action"]["SeriesLines:names"] == [["x", "y", "grip"]]
        for number, camera in enumerate(CAMERAS):
            pictures = decoded(got[f"observation.images.{camera}"]["VideoStream:sample"])
            assert len(pictures) == count
            ours = bundle[episode][f"rgb@{camera}"].values
            for k in rng.integers(0, count, 8).tolist():
                assert said(pictures[k]) == said(ours[k]) == (k + 31 * (episode + 100 * number)) % 256
                assert np.abs(pictures[k].astype(int) - ours[k]).mean() < 2


def test_rerun_reads_what_is_left_after_episodes_are_taken_out(both: tuple[Path, Path], tmp_path: Path) -> None:
    import shutil

    from lifeworld.episode.head import read_info, write_info
    from lifeworld.episode.view import View
    from lifeworld.episode.view.tables import DATA, place

    rerun = pytest.importorskip("rerun.experimental")
    root = tmp_path / "bundle"
    shutil.copytree(both[0], root)
    info = read_info(root)
    view = View(root, info.lerobot)
    view.remove([open_bundle(root).uids[k] for k in (0, 2)])
    write_info(root, view.info, info.head)
    for k in (0, 2):
        (root / place(DATA, k)).unlink()
    reader, bundle = rerun.LeRobotReader(root), open_bundle(both[0])
    assert reader.episodes() == [0, 1, 2]
    for new, old in enumerate((1, 3, 4)):
        got = stream(reader, new)
        assert np.array_equal(np.array(got["action"]["Scalars:scalars"], np.float32), expected(bundle, old)["action"])
        assert [said(p) for p in decoded(got["observation.images.top"]["VideoStream:sample"])] == [
            (k + 31 * old) % 256 for k in range(LENGTHS[old])
        ]


# -- LeRobot ---------------------------------------------------------------------------------------------------------------

LEROBOT = ROOT / "out/peers/lerobot"
OWN = """
import json, sys
from pathlib import Path
sys.path.insert(0, {loaders!r})
import shim
import numpy as np
import pyarrow.parquet as pq
from ledataset.datasets.compute_stats import aggregate_stats, compute_episode_stats
from ledataset.datasets.lerobot_dataset import LeRobotDataset

root = Path(sys.argv[1])
data = LeRobotDataset("a/b", root=root, video_backend="torchcodec")
out = {{"frames": len(data), "episodes": data.num_episodes, "fps": data.fps, "items": []}}
for index in json.loads(sys.argv[2]):
    item = data[index]
    numbers = {{k: np.asarray(v).tolist() for k, v in item.items() if k != "task" and "images" not in k}}
    pictures = {{k: (v.permute(1, 2, 0).numpy() * 255).round().astype(int).tolist() for k, v in item.items() if "images" in k}}
    out["items"].append({{**numbers, **pictures, "task": item["task"]}})
window = {{"observation.images.top": [k / data.fps for k in range(-3, 1)]}}
clip = LeRobotDataset("a/b", root=root, video_backend="torchcodec", delta_timestamps=window)
out["clip"] = (clip[25]["observation.images.top"].permute(0, 2, 3, 1).numpy() * 255).round().astype(int).tolist()
tables = [pq.read_table(file).to_pandas() for file in sorted(root.glob("data/*/*.parquet"))]
parts = [rows for table in tables for _, rows in table.groupby("episode_index")]
each = [compute_episode_stats({{k: np.stack(p[k].to_numpy()) for k in p.columns}}, data.meta.info["features"]) for p in parts]
out["stats"] = {{k: {{w: np.asarray(v, float).tolist() for w, v in s.items()}} for k, s in aggregate_stats(each).items()}}
json.dump(out, open(sys.argv[3], "w"))
"""


@pytest.fixture(scope="module")
def ffmpeg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The FFmpeg of that environment's PyAV under the names by which torchcodec looks for one: there need be none on the machine."""
    folder = tmp_path_factory.mktemp("ffmpeg")
    for library in LEROBOT.glob("lib/python3*/site-packages/av.libs/*.so*"):
        (folder / library.name).write_bytes(library.read_bytes())
        stem, _, version = library.name.partition(".so")
        if stem.split("-")[0] in {f"lib{n}" for n in ("avutil", "avcodec", "avformat", "avdevice", "avfilter", "swscale", "swresample")}:
            (folder / f"{stem.split('-')[0]}.so.{version.split('.')[1]}").symlink_to(library.name)
    return folder


@pytest.mark.slow
@pytest.mark.skipif(not LEROBOT.is_dir(), reason="needs benchmarks/peers/venvs.py lerobot")
@pytest.mark.parametrize("which", [0, 1], ids=["as it lies", "packed"])
def test_lerobot_itself_reads_the_right_frames_and_numbers(both: tuple[Path, Path], which: int, ffmpeg: Path, tmp_path: Path) -> None:
    bundle = open_bundle(both[0])
    flat = [(episode, k) for episode, count in enumerate(LENGTHS) for k in range(count)]
    chosen = np.random.default_rng(1).integers(0, len(flat), 20).tolist()
    script, answer = tmp_path / "own.py", tmp_path / "own.json"
    script.write_text(OWN.format(loaders=str(ROOT / "benchmarks/peers/loaders")))
    env = {
        **os.environ,
        "LD_LIBRARY_PATH": str(ffmpeg),
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_CACHE": str(tmp_path / "cache"),
        "PYTHONPATH": "",
    }
    command = [str(LEROBOT / "bin/python"), str(script), str(both[which]), json.dumps(chosen), str(answer)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    got = json.loads(answer.read_text())
    assert (got["frames"], got["episodes"], got["fps"]) == (len(flat), len(LENGTHS), float(FPS))
    for index, item in zip(chosen, got["items"], strict=True):
        episode, k = flat[index]
        assert (item["index"], item["episode_index"], item["frame_index"], item["task"]) == (index, episode, k, f"task {episode % 2}")
        for key, values in expected(bundle, episode).items():
            assert np.array_equal(np.float32(item[key]), values[k])
        for number, camera in enumerate(CAMERAS):
            picture = np.array(item[f"observation.images.{camera}"])
            assert said(picture) == (k + 31 * (episode + 100 * number)) % 256
            assert np.abs(picture - bundle[episode][f"rgb@{camera}"].values[k].astype(int)).mean() < 3
    assert [said(np.array(p)) for p in got["clip"]] == [(k + 31) % 256 for k in range(2, 6)]
    stats = json.loads((both[which] / "meta/stats.json").read_text())
    for key, words in got["stats"].items():
        for word, value in words.items():
            spread = np.subtract(words["max"], words["min"]).max()
            near = 0.02 * spread if word.startswith("q") else 1e-6 * max(spread, 1)  # its quantiles are of 5,000 steps, some empty
            np.testing.assert_allclose(stats[key][word], value, atol=near, err_msg=f"{key} {word}")


THEIRS = """
import sys
from pathlib import Path
sys.path.insert(0, {loaders!r})
import shim
import numpy as np
from ledataset.datasets.lerobot_dataset import LeRobotDataset

root, source = Path(sys.argv[1]), np.load(sys.argv[2])
names = ["height", "width", "channels"]
features = {{
    "observation.images.top": {{"dtype": "video", "shape": (48, 64, 3), "names": names}},
    "observation.images.wrist": {{"dtype": "image", "shape": (48, 64, 3), "names": names}},
    "action": {{"dtype": "float32", "shape": (3,), "names": ["x", "y", "grip"]}},
    "observation.state": {{"dtype": "float32", "shape": (6,), "names": None}},
    "next.reward": {{"dtype": "float32", "shape": (1,), "names": None}},
    "next.done": {{"dtype": "bool", "shape": (1,), "names": None}},
    "observation.effort": {{"dtype": "float32", "shape": (1,), "names": None}},
}}
data = LeRobotDataset.create("a/b", 25, features, root=root, robot_type="arm", use_videos=True)
for episode in range(3):
    part = {{k: source[f"{{episode}}/{{k}}"] for k in features}}
    for k in range(len(part["action"])):
        data.add_frame({{key: values[k] for key, values in part.items()}} | {{"task": f"task {{episode % 2}}"}})
    data.save_episode()
data.finalize()
"""


@pytest.mark.slow
@pytest.mark.skipif(not LEROBOT.is_dir(), reason="needs benchmarks/peers/venvs.py lerobot")
def test_what_lerobot_itself_writes_is_read(ffmpeg: Path, tmp_path: Path) -> None:
    rng, source = np.random.default_rng(0), {}
    for episode, count in enumerate(LENGTHS[:3]):
        source |= {
            f"{episode}/observation.images.top": scene(count, episode),
            f"{episode}/observation.images.wrist": scene(count, episode + 9),
            f"{episode}/action": rng.normal(size=(count, 3)).astype(np.float32),
            f"{episode}/observation.state": rng.normal(size=(count, 6)).astype(np.float32),
            f"{episode}/next.reward": rng.normal(size=(count, 1)).astype(np.float32),
            f"{episode}/next.done": np.arange(count)[:, None] == count - 1,
            f"{episode}/observation.effort": rng.normal(size=(count, 1)).astype(np.float32),
        }
    np.savez(tmp_path / "source.npz", **source)
    script = tmp_path / "theirs.py"
    script.write_text(THEIRS.format(loaders=str(ROOT / "benchmarks/peers/loaders")))
    env = {
        **os.environ,
        "LD_LIBRARY_PATH": str(ffmpeg),
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_CACHE": str(tmp_path / "cache"),
        "PYTHONPATH": "",
    }
    command = [str(LEROBOT / "bin/python"), str(script), str(tmp_path / "set"), str(tmp_path / "source.npz")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    report = Report()
    episodes = list(lerobot.read(tmp_path / "set", report=report))
    assert (report.skipped, report.notes, len(episodes)) == ([], [], 3)
    for number, episode in enumerate(episodes):
        held = {key.partition("/")[2]: values for key, values in source.items() if key.startswith(f"{number}/")}
        count = LENGTHS[number]
        at = np.arange(count) * 40_000_000
        for name, key in (
            ("action@arm", "action"),
            ("embodiment_state@arm", "observation.state"),
            ("reading@effort", "observation.effort"),
        ):
            assert np.array_equal(episode[name].values, held[key])
            assert np.array_equal(episode[name].times_ns, at)
        assert np.array_equal(episode["reward"].values, held["next.reward"][:, 0])
        assert np.array_equal(episode["terminated"].values, held["next.done"][:, 0])
        assert np.array_equal(episode["reward"].times_ns, at + 40_000_000)
        assert np.array_equal(episode["rgb@wrist"].values[:], held["observation.images.wrist"])
        top = episode["rgb@top"]
        assert np.array_equal(top.times_ns, at)
        assert [said(p) for p in top.values[:]] == [(k + 31 * number) % 256 for k in range(count)]
        assert str(episode["instruction"].values[0]) == f"task {number % 2}"
        assert episode.legend["action@arm"] == ("x", "y", "grip")
    with append_to(tmp_path / "bundle") as writer:
        writer.commit([writer.stage(episode) for episode in episodes])
    bundle = open_bundle(tmp_path / "bundle")
    assert list(check_view(bundle.path, bundle)) == []
    for before, after in zip(episodes, bundle, strict=True):  # AV1 packets, cut out of the shared file
        assert np.array_equal(before["rgb@top"].values[:], after["rgb@top"].values[:])
