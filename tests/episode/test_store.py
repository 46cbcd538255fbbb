"""Episodes written are episodes read: lossless streams to the bit, pictures close; damage is named, nothing half-written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import InputError, UnreadableFile
from lifeworld.core.origin import Origin, Provenance
from lifeworld.core.signal import CONTACT_DTYPE, SIGNALS, Stream
from lifeworld.episode.episode import Episode
from lifeworld.episode.sheet import sheet
from lifeworld.episode.store import read_episode, write_episode
from lifeworld.scene.scene import Scene

WHO = Provenance.now(engine="physics", engine_version="mujoco 4", seed=3)


def episode(seed: int, moments: int = 5, *, height: int = 24, width: int = 32) -> Episode:
    """Every sort of stream: plain, ragged, depth with nothing in it, ids, smooth pictures."""
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.integers(1, 5, moments)) * 20_000_000
    even = np.arange(moments) * 40_000_000
    contacts = [np.zeros(int(rng.integers(0, 4)), CONTACT_DTYPE) for _ in range(moments)]
    for rows in contacts:
        rows["force_n"] = rng.uniform(0, 9, len(rows))
    depth = rng.uniform(0.1, 9, (moments, height, width)).astype(np.float32)
    depth[:, :3] = np.inf
    across, down = np.meshgrid(np.linspace(0, 3, width), np.linspace(0, 2, height))
    waves = [127 + 100 * np.sin(across + 0.2 * i) * np.cos(down) for i in range(moments)]
    made = [
        ("position_m", times, rng.normal(size=(moments, 3, 3)), ""),
        ("contacts", times, contacts, ""),
        ("depth_m@front", even, depth, "front"),
        ("instance_ids@front", even, rng.integers(0, 9, (moments, height, width)).astype(np.int32), "front"),
        ("rgb@front", even, np.stack([np.repeat(w[..., None], 3, axis=-1) for w in waves]).astype(np.uint8), "front"),
    ]
    streams = {name: Stream(SIGNALS[name.partition("@")[0]], t, v, origin=Origin.SIMULATED, source=source) for name, t, v, source in made}
    return Episode(streams=streams, provenance=WHO, scene=Scene(name="s"), title="t", labels={"task": "none"})


@given(seed=st.integers(0, 10_000), moments=st.integers(2, 9))
@settings(max_examples=10, deadline=None)
def test_write_then_read_is_equal(tmp_path_factory: pytest.TempPathFactory, seed: int, moments: int) -> None:
    before = episode(seed, moments)
    after = read_episode(write_episode(before, tmp_path_factory.mktemp("e") / "episode"))
    assert set(after.streams) == set(before.streams)
    for name, stream in before.streams.items():
        if name == "rgb@front":
            assert np.array_equal(after[name].times_ns, stream.times_ns)
            error = np.mean((after[name].values.astype(float) - stream.values) ** 2)
            assert 10 * np.log10(255**2 / max(error, 1e-9)) > 35
        else:
            assert after[name] == stream
    assert (after.scene, after.title, after.labels, after.provenance) == (before.scene, before.title, before.labels, before.provenance)
    assert after.origin is Origin.SIMULATED


def test_odd_sides_are_kept(tmp_path: Path) -> None:
    before = episode(1, height=25, width=33)
    after = read_episode(write_episode(before, tmp_path / "e"))
    assert after["rgb@front"].values.shape == before["rgb@front"].values.shape


@pytest.mark.parametrize("damage", ["manifest", "npz", "video", "missing", "version"])
def test_damage_is_named(tmp_path: Path, damage: str) -> None:
    folder = write_episode(episode(2), tmp_path / "e")
    if damage == "manifest":
        (folder / "episode.json").write_text("{", encoding="utf-8")
    elif damage == "npz":
        (folder / "streams.npz").write_bytes((folder / "streams.npz").read_bytes()[:200])
    elif damage == "video":
        (folder / "rgb@front.mp4").write_bytes((folder / "rgb@front.mp4").read_bytes()[:400])
    elif damage == "missing":
        (folder / "streams.npz").unlink()
    else:
        manifest = json.loads((folder / "episode.json").read_text(encoding="utf-8"))
        (folder / "episode.json").write_text(json.dumps(manifest | {"format": 99}), encoding="utf-8")
    with pytest.raises(UnreadableFile) as error:
        read_episode(folder)
    assert str(folder) in str(error.value)


def test_a_folder_of_others_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(InputError, match=r"holiday\.jpg"):
        write_episode(episode(3), tmp_path / "e")
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["holiday.jpg"]


def test_a_sheet_shows_every_picture_row() -> None:
    page = np.asarray(sheet(episode(4)))
    assert len(np.unique(page.reshape(-1, 3), axis=0)) > 100
    with pytest.raises(InputError, match="pictures"):
        sheet(Episode(streams={"position_m": episode(5)["position_m"]}, provenance=WHO))


@given(data=st.data())
@settings(max_examples=120, deadline=None, derandomize=True)
def test_flipped_bytes_raise_our_errors_only(
    whole: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Damage anywhere in any file is named, or leaves an episode."""
    name = data.draw(st.sampled_from(sorted(whole)))
    damaged = bytearray(whole[name])
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    folder = tmp_path_factory.mktemp("damaged")
    for other, content in whole.items():
        (folder / other).write_bytes(bytes(damaged) if other == name else content)
    try:
        read = read_episode(folder)
    except InputError:
        return
    assert set(read.streams) == {"position_m", "contacts", "depth_m@front", "instance_ids@front", "rgb@front"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = write_episode(episode(1), tmp_path_factory.mktemp("whole") / "e")
    return {f.name: f.read_bytes() for f in folder.iterdir() if not f.name.startswith(".")}


@pytest.mark.parametrize("text", ["[]", "3", '{"a":' * 5000, '{"format": 1}', "STREAMS", "ESCAPES", "LABELS"])
def test_strange_manifests_are_refused(tmp_path: Path, text: str) -> None:
    folder = write_episode(episode(1), tmp_path / "e")
    said = json.loads((folder / "episode.json").read_text(encoding="utf-8"))
    strange = {
        "STREAMS": said | {"streams": [1]},
        "ESCAPES": said | {"streams": {"../rgb@front": said["streams"]["rgb@front"]}},
        "LABELS": said | {"labels": 3},
    }
    (folder / "episode.json").write_text(json.dumps(strange[text]) if text in strange else text, encoding="utf-8")
    with pytest.raises(UnreadableFile):
        read_episode(folder)
