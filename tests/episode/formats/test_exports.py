"""Exports as others read them: Rerun's own reader, WebDataset's loader, PyAV, Pillow; and that nothing is left half-written."""

from __future__ import annotations

import io
import json
import tarfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from some_episodes import MADE, ball, stream, whole

from lifeworld.core.errors import InputError, LimitError, UnknownName
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats import film, film_write, mcap_write, rerun, webdataset


def no_pictures() -> Episode:
    return Episode(streams={"action@hand": stream("action@hand", [0, 1], np.ones((2, 1)))}, provenance=MADE)


# -- Rerun -------------------------------------------------------------------------------------------------------------------


def test_rerun_reads_what_was_written(tmp_path: Path) -> None:
    chunk = pytest.importorskip("rerun.chunk")
    made = whole(tmp_path)
    left = rerun.write(made, tmp_path / "a.rrd")
    assert sorted(left) == ["audio_mono@front", "contacts"]
    found: dict[str, Any] = {}
    for each in chunk.RrdReader(str(tmp_path / "a.rrd")).stream().to_chunks():
        if not each.is_static:
            assert each.timeline_names == ["time"]  # no wall clock
            found.setdefault(str(each.entity_path).replace("\\", ""), []).append(each.to_record_batch())
    times = {path: np.sort(np.concatenate([np.asarray(b.column("time")).astype(np.int64) for b in each])) for path, each in found.items()}
    for path, name in {
        "/numbers/action@hand": "action@hand",
        "/world/cameras/front": "camera_pose@front",
        "/world/cameras/front/rgb": "rgb@front",
        "/world/cameras/front/depth_m": "depth_m@front",
        "/pictures/small/rgb": "rgb@small",
        "/world/boxes": "box_3d",
        "/world/things": "position_m",
        "/words/captions": "captions",
        "/world/bodies/P7/joints": "skeleton_pose@P7",
    }.items():
        np.testing.assert_array_equal(times[path], made[name].times_ns, err_msg=path)
    batches = found["/numbers/action@hand"]
    values = np.concatenate([np.stack([np.asarray(v) for v in b.column("Scalars:scalars").to_pylist()]) for b in batches])
    np.testing.assert_array_equal(values, made["action@hand"].values)
    (boxes,) = found["/world/boxes"]
    first = np.asarray(boxes.column("Boxes3D:quaternions").to_pylist()[0])
    np.testing.assert_allclose(first, [[0, 0, 0, 1]] * 2)  # x y z w


def test_the_same_episode_is_the_same_recording_of_rerun(tmp_path: Path) -> None:
    chunk = pytest.importorskip("rerun.chunk")
    made = whole(tmp_path)
    ids = []
    for name in ("a", "b"):
        rerun.write(made, tmp_path / f"{name}.rrd")
        ids.append([entry.recording_id for entry in chunk.RrdReader(str(tmp_path / f"{name}.rrd")).recordings()])
    assert ids[0] == ids[1]


# -- WebDataset --------------------------------------------------------------------------------------------------------------


def test_webdataset_loads_what_was_written(tmp_path: Path) -> None:
    wds = pytest.importorskip("webdataset")
    made = whole(tmp_path)
    assert webdataset.write([made, made], tmp_path / "out") == 2
    with (tmp_path / "out/shard-000000.tar").open("rb") as shard:  # its own opener leaves the file to the garbage collector
        files = wds.tariterators.tar_file_expander([{"url": "shard", "stream": shard}])
        samples = list(map(wds.autodecode.Decoder([]), wds.tariterators.group_by_keys(files)))
    assert [sample["__key__"] for sample in samples] == ["000000", "000001"]
    sample = samples[0]
    about = sample["json"]
    assert about["instruction"] == "röll"
    assert about["streams"]["rgb@front"]["step_ns"] == 50_000_000
    assert about["streams"]["action@hand"]["names"] == ["x [m]", "y [m]", "grip"]
    assert about["streams"]["instruction"]["consents"] == ["r1"]
    np.testing.assert_array_equal(sample["action_hand.npy"], made["action@hand"].values)
    np.testing.assert_array_equal(sample["depth_m_front.npy"], made["depth_m@front"].values)
    np.testing.assert_array_equal(sample["rgb_small.times.npy"], made["rgb@small"].times_ns)
    assert bytes(sample["rgb_front.mp4"]) == made["rgb@front"].values.file.read_bytes()  # as it is
    rows = sample["contacts.npz"]
    np.testing.assert_array_equal(np.diff(rows["offsets"]), [i % 3 for i in range(24)])
    assert len(rows["values"]) == sum(i % 3 for i in range(24))


def test_clips_hold_what_lies_in_them(tmp_path: Path) -> None:
    made = whole(tmp_path)
    count = webdataset.write([made], tmp_path / "out", clip_s=0.2)
    with tarfile.open(tmp_path / "out/shard-000000.tar") as tar:
        files = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    assert count == made.duration_ns // 200_000_000 + 1
    actions = [np.load(io.BytesIO(data)) for name, data in sorted(files.items()) if name.endswith("action_hand.npy")]
    np.testing.assert_array_equal(np.concatenate(actions), made["action@hand"].values)
    with av.open(io.BytesIO(files["000000_0001.rgb_front.mp4"])) as video:
        shown = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
    told = json.loads(files["000000_0001.json"])["streams"]["rgb@front"]
    assert (len(shown), told["start_ns"]) == (4, 200_000_000)
    error = np.mean((np.stack(shown).astype(float) - made["rgb@front"].values[4:8]) ** 2)
    assert 10 * np.log10(255**2 / error) > 34


def test_shards_are_the_same_bytes_and_not_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webdataset, "SHARD_BYTES", 200_000)
    made = whole(tmp_path)
    for name in ("a", "b"):
        webdataset.write([made] * 3, tmp_path / name)
    shards = sorted((tmp_path / "a").glob("*.tar"))
    assert len(shards) == 3
    assert [s.read_bytes() for s in shards] == [s.read_bytes() for s in sorted((tmp_path / "b").glob("*.tar"))]
    with pytest.raises(LimitError, match="millisecond"):
        webdataset.write([made], tmp_path / "c", clip_s=0)


# -- films -------------------------------------------------------------------------------------------------------------------


def pictures(path: Path) -> tuple[list[np.ndarray[Any, Any]], Any]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)], dict(container.metadata)


def test_a_film_shows_the_cameras_and_where_it_comes_from(tmp_path: Path) -> None:
    made = whole(tmp_path)
    film_write.write_mp4([made], tmp_path / "a.mp4", cameras=["front"])
    shown, told = pictures(tmp_path / "a.mp4")
    assert len(shown) == 12
    assert told["comment"].startswith("mixed")  # a measured camera is in it, and simulated ones
    page = film.paged(made, film.cameras(made, ["front"]))
    (tile,) = page.tiles
    for index in (0, 6, 11):
        seen = shown[index][tile.top : tile.top + tile.high, tile.left : tile.left + tile.wide]
        red = (seen[..., 0].astype(int) - seen[..., 1] > 90).nonzero()[1].mean() / tile.wide
        true = ((ball(12)[index, ..., 0].astype(int) - ball(12)[index, ..., 1]) > 90).nonzero()[1].mean() / 64
        assert abs(red - true) < 0.02  # the ball is where it is
    bare, _ = page.blank, None
    foot = np.asarray(bare)[-film.FOOT :].astype(int)
    assert np.abs(shown[0][-film.FOOT :].astype(int) - foot).max() > 60  # the origin and the time are written there


def test_the_word_of_origin_is_in_every_picture() -> None:
    """Of two episodes that differ in nothing else, the feet of the films differ."""
    seen = {}
    for origin in ("simulated", "dreamed"):
        rgb = stream("rgb@front", [0, 50_000_000], ball(2), origin=origin)
        episode = Episode(streams={"rgb@front": rgb}, provenance=MADE, title="same")
        page = film.paged(episode, film.cameras(episode))
        seen[origin] = np.stack(list(film.frames(episode, page, Fraction(20))))
    differ = (seen["simulated"] != seen["dreamed"]).any(axis=(2, 3))
    assert differ[:, -film.FOOT :].any(axis=1).all()
    assert not differ[:, : -film.FOOT].any()


def test_sound_is_where_it_was_heard(tmp_path: Path) -> None:
    """A click at 0.3 s, of cameras that begin at 0.1 s."""
    times = 100_000_000 + np.arange(20, dtype=np.int64) * 50_000_000
    blocks = np.zeros((50, 960), np.float32)
    blocks[15, :96] = 0.8  # the block that leads to 0.32 s begins at 0.30 s
    ticks = (1 + np.arange(50, dtype=np.int64)) * 20_000_000
    streams = [stream("rgb@front", times, ball(20)), stream("audio_mono@front", ticks, blocks)]
    episode = Episode(streams={f"{s.signal.name}@front": s for s in streams}, provenance=MADE)
    film_write.write_mp4([episode], tmp_path / "a.mp4")
    with av.open(str(tmp_path / "a.mp4")) as container:
        heard = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    assert abs(np.abs(heard).argmax() / 48_000 - 0.2) < 0.03


def test_films_of_several_episodes_follow_each_other(tmp_path: Path) -> None:
    made = whole(tmp_path)
    small = Episode(streams={"rgb@a": stream("rgb@a", np.arange(6) * 100_000_000, ball(6, 20, 16))}, provenance=MADE, title="second")
    assert film_write.write_mp4([made, small], tmp_path / "a.mp4", fps=Fraction(10)) == 2
    shown, _ = pictures(tmp_path / "a.mp4")
    spans = [film.times_ns(film.paged(e, film.cameras(e)), Fraction(10)) for e in (made, small)]
    assert len(shown) == sum(map(len, spans))


def test_a_gif_plays_at_its_own_speed_and_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = whole(tmp_path)
    film_write.write_gif([made], tmp_path / "a.gif", cameras=["front"])
    with Image.open(tmp_path / "a.gif") as gif:
        lasts = []
        for index in range(gif.n_frames):
            gif.seek(index)
            lasts.append(gif.info["duration"])
        assert gif.width <= film_write.GIF_WIDE
        assert sum(lasts) == pytest.approx(100 * len(film.times_ns(film.paged(made, film.cameras(made, ["front"])), Fraction(10))), abs=20)
        assert gif.info["comment"].startswith(b"mixed")
    monkeypatch.setattr(film_write, "MOST_GIF_FRAMES", 3)
    film_write.write_gif([made], tmp_path / "b.gif", cameras=["front"])
    with Image.open(tmp_path / "b.gif") as gif:
        assert gif.n_frames <= 4


def test_many_cameras_stand_in_a_square() -> None:
    streams = {f"rgb@c{i}": stream(f"rgb@c{i}", [0, 10**8], ball(2, 20 + i, 30)) for i in range(7)}
    episode = Episode(streams=streams, provenance=MADE)
    page = film.paged(episode, film.cameras(episode))
    assert len({tile.top for tile in page.tiles}) == 3
    assert page.blank.width <= 1920
    assert page.blank.width % 2 == page.blank.height % 2 == 0
    for tile in page.tiles:
        assert 0 <= tile.left <= tile.left + tile.wide <= page.blank.width


@pytest.mark.parametrize("write", [film_write.write_mp4, film_write.write_gif])
def test_a_film_without_pictures_is_an_error_and_leaves_no_file(tmp_path: Path, write: Any) -> None:
    path = tmp_path / f"a.{'mp4' if write is film_write.write_mp4 else 'gif'}"
    for episodes in ([], [no_pictures()], [whole(tmp_path), no_pictures()]):
        with pytest.raises(InputError):
            write(episodes, path)
    with pytest.raises(UnknownName, match="fornt"):
        write([whole(tmp_path)], path, cameras=["fornt"])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["front.mp4"]


def test_an_export_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    def broken() -> Any:
        yield whole(tmp_path)
        raise InputError("the second one is broken")

    (tmp_path / "a.mcap").write_bytes(b"before")
    with pytest.raises(InputError, match="second"):
        mcap_write.write(broken(), tmp_path / "a.mcap")
    assert (tmp_path / "a.mcap").read_bytes() == b"before"
    with pytest.raises(InputError, match="second"):
        webdataset.write(broken(), tmp_path / "wds")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mcap", "front.mp4"]
