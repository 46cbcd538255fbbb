"""Video written is video read, in colour and in order; what cameras wrote is read frame by frame as FFmpeg plays it; damage is named."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from benchmarks.priority import ordinary_priority
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, LimitError, ShapeError, UnreadableFile
from lifeworld.episode.codec.decoder import CONVERSION
from lifeworld.episode.codec.encoder import GOP, KEPT_DB
from lifeworld.episode.codec.mp4 import read_plain
from lifeworld.episode.codec.packets import read_packets
from lifeworld.episode.codec.video import Video, copy_video, scan_video, write_video

DATA = Path(__file__).parents[4] / "shared/data"
FPS = Fraction(30)
Frames = NDArray[np.uint8]


def moving(count: int, height: int, width: int, *, seed: int = 0) -> Frames:
    """Smooth colours that move, each frame another."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] / 24
    a, b, c = rng.uniform(0.3, 1.0, (3, 3))
    t = np.arange(count)[:, None, None, None] / 5
    return np.asarray(128 + 90 * np.sin(x[..., None] * a + y[..., None] * b + t * c), dtype=np.uint8)


def times(count: int) -> NDArray[np.int64]:
    return np.arange(count) * 33_333_333


def psnr(a: Frames, b: Frames) -> float:
    return float(10 * np.log10(255**2 / max(np.mean((a.astype(float) - b) ** 2), 1e-9)))


def opened(path: Path) -> Video:
    found = scan_video(path)
    return Video(path, count=len(found.times_ns), height=found.height, width=found.width)


def played(path: Path) -> Frames:
    """All frames as FFmpeg plays them from the start to the end, converted as ours are."""
    with av.open(str(path)) as file:
        return np.stack([frame.to_ndarray(format="rgb24", interpolation=CONVERSION) for frame in file.decode(video=0)])


# -- ours ------------------------------------------------------------------------------------------------------------------


@given(count=st.integers(1, 40), height=st.integers(16, 70), width=st.integers(16, 70), seed=st.integers(0, 9))
@settings(max_examples=12, deadline=None)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, count: int, height: int, width: int, seed: int) -> None:
    frames = moving(count, height, width, seed=seed)
    path = tmp_path_factory.mktemp("video") / "a.mp4"
    write_video(path, frames, times(count), fps=FPS)
    video = Video(path, count=count, height=height, width=width)
    got = video[:]
    assert got.shape == frames.shape
    assert min(psnr(a, b) for a, b in zip(got, frames, strict=True)) >= KEPT_DB
    some = np.random.default_rng(seed).integers(0, count, 11)
    assert np.array_equal(video[some], got[some])
    found = scan_video(path)
    assert np.array_equal(found.keyframes, np.arange(0, count, GOP))
    assert np.array_equal(found.times_ns, np.round(np.arange(count) * 1e9 / 30))
    assert np.array_equal(played(path)[:, :height, :width], got)


def test_flat_colours_come_back(tmp_path: Path) -> None:
    colours = np.random.default_rng(1).integers(0, 256, (64, 3), dtype=np.uint8)
    colours[:3] = [[0, 0, 0], [255, 255, 255], [128, 128, 128]]
    frames = np.repeat(np.repeat(colours.reshape(4, 4, 4, 3), 16, axis=1), 16, axis=2)
    write_video(tmp_path / "a.mp4", frames, times(4), fps=FPS)
    got = opened(tmp_path / "a.mp4")[:]
    error = (got.astype(float) - frames).reshape(4, 4, 16, 4, 16, 3)[:, :, 6:10, :, 6:10]  # away from the edges
    assert np.abs(error.mean((0, 1, 2, 3, 4))).max() < 0.5
    assert np.abs(error.mean((2, 4))).max() <= 3
    assert np.abs(error[0, 0, :, :3]).max() <= 1  # black, white and grey
    with av.open(str(tmp_path / "a.mp4")) as file:
        frame = next(file.decode(video=0))
        assert (frame.colorspace, frame.color_range, frame.color_primaries, frame.color_trc) == (1, 1, 1, 1)


def test_the_same_frames_give_the_same_bytes_and_no_frame_waits(tmp_path: Path) -> None:
    frames = moving(40, 64, 64)
    for name in ("a.mp4", "b.mp4"):
        write_video(tmp_path / name, list(frames), times(40), fps=FPS)
    raw = (tmp_path / "a.mp4").read_bytes()
    assert raw == (tmp_path / "b.mp4").read_bytes()
    assert raw.index(b"moov") < raw.index(b"mdat")
    with av.open(str(tmp_path / "a.mp4")) as file:
        packets = [p for p in file.demux(video=0) if p.size]
    assert all(p.pts == p.dts for p in packets)


def test_irregular_times_are_kept_where_no_rate_is_given(tmp_path: Path) -> None:
    when = np.cumsum(np.random.default_rng(0).integers(1, 90, 20)) * 1_000_000
    write_video(tmp_path / "a.mp4", moving(20, 32, 32), when, fps=None)
    assert np.abs(scan_video(tmp_path / "a.mp4").times_ns - (when - when[0])).max() <= 1_000


def test_every_group_of_pictures_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lifeworld.episode.codec import decoder

    write_video(tmp_path / "a.mp4", moving(64, 32, 32), times(64), fps=FPS)
    video = opened(tmp_path / "a.mp4")
    decoded: list[int] = []
    number = decoder.Decoder._number

    def counted(self: Any, frame: Any) -> int:
        decoded.append(number(self, frame))
        return decoded[-1]

    monkeypatch.setattr(decoder.Decoder, "_number", counted)
    video[[60, 3, 50, 3, 20, 49, 1]]
    assert len(decoded) == len(set(decoded)) == 4 + 5 + 13
    decoded.clear()
    for start in range(0, 64, 8):  # goes on where it was
        video[start : start + 8]
    assert decoded == list(range(64))


def test_reading_resized_into_a_part_of_a_batch(tmp_path: Path) -> None:
    frames = moving(20, 65, 97)
    write_video(tmp_path / "a.mp4", frames, times(20), fps=FPS)
    video = opened_as(tmp_path / "a.mp4", frames)
    batch = np.zeros((2, 6, 33, 40, 3), np.uint8)
    video.read_into(batch[1], np.arange(12, 18))
    assert not batch[0].any()
    reference = [np.asarray(_pillow(f).resize((40, 33), 5)) for f in video[12:18]]  # 5: by area
    assert np.abs(batch[1].astype(float) - np.stack(reference)).mean() < 2
    assert np.abs((batch[1].astype(float) - np.stack(reference)).mean((0, 1, 2))).max() < 0.7
    with pytest.raises(ShapeError, match="uint8"):
        video.read_into(batch[1].astype(np.float32), np.arange(12, 18))


def test_bytes_are_read_as_files_are(tmp_path: Path) -> None:
    from lifeworld.episode.codec import decoder

    write_video(tmp_path / "a.mp4", moving(20, 32, 32), times(20), fps=FPS)
    video = Video((tmp_path / "a.mp4").read_bytes(), count=20, height=32, width=32)
    assert np.array_equal(video[:], opened(tmp_path / "a.mp4")[:])
    assert "bytes" in {key[0] for key in decoder._indexes}
    del video  # what was decrypted does not stay in memory
    assert "bytes" not in {key[0] for key in decoder._indexes} | {key[0] for key, _ in decoder._idle.values()}


def test_a_file_that_is_replaced_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    for seed, count in ((1, 20), (2, 21)):
        frames = moving(count, 32, 32, seed=seed)
        write_video(path, frames, times(count), fps=FPS)
        assert psnr(opened(path)[:], frames) > 38


def test_many_threads_and_forks_read_the_same(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", moving(64, 48, 48), times(64), fps=FPS)
    video = opened(tmp_path / "a.mp4")
    whole = video[:]
    wrong = []

    def read(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for _ in range(12):
            some = rng.integers(0, 64, 5)
            if not np.array_equal(video[some], whole[some]):
                wrong.append(seed)

    threads = [threading.Thread(target=read, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_no_more_decoders_stay_open_than_are_meant_to(tmp_path: Path) -> None:
    from lifeworld.episode.codec import decoder

    write_video(tmp_path / "0.mp4", moving(1, 16, 16), times(1), fps=FPS)
    raw = (tmp_path / "0.mp4").read_bytes()
    for i in range(1, decoder.MOST_OPEN + 9):
        (tmp_path / f"{i}.mp4").write_bytes(raw)
        Video(tmp_path / f"{i}.mp4", count=1, height=16, width=16)[0]
    assert len(decoder._idle) == decoder.MOST_OPEN
    assert len(os.listdir("/proc/self/fd")) < 2 * decoder.MOST_OPEN + 64


@pytest.mark.parametrize(
    ("frames", "count", "error", "match"),
    [
        (np.zeros((0, 32, 32, 3), np.uint8), 0, InputError, "needs frames"),
        (np.zeros((3, 15, 32, 3), np.uint8), 3, LimitError, "16"),
        (np.zeros((3, 32, 32), np.uint8), 3, ShapeError, "height, width, 3"),
        (np.zeros((3, 32, 32, 3), np.float32), 3, ShapeError, "uint8"),
        (np.zeros((3, 32, 32, 3), np.uint8), 4, ShapeError, "no frame at 3"),
        (np.zeros((3, 32, 32, 3), np.uint8), 2, ShapeError, "no time at 2"),
        ([np.zeros((32, 32, 3), np.uint8), np.zeros((32, 34, 3), np.uint8)], 2, ShapeError, "at 1"),
    ],
)
def test_what_is_no_video_is_refused_and_nothing_is_left(
    tmp_path: Path, frames: Any, count: int, error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        write_video(tmp_path / "a.mp4", frames, times(count), fps=FPS)
    assert not list(tmp_path.iterdir())


# -- from elsewhere --------------------------------------------------------------------------------------------------------


def encoded(
    path: Path, codec: str, frames: Frames, *, options: dict[str, str] | None = None, pix_fmt: str = "yuv420p", rotation: int = 0
) -> Path:
    with ordinary_priority(), av.open(str(path), "w") as out:
        track: Any = out.add_stream(codec, rate=25, options=options or {})
        track.height, track.width, track.pix_fmt = *frames.shape[1:3], pix_fmt
        if rotation:
            track.set_display_rotation(rotation)
        for picture in frames:
            for packet in track.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                out.mux(packet)
        for packet in track.encode(None):
            out.mux(packet)
    return path


FOREIGN = {
    "b_frames.mp4": ("libx264", {"bf": "3", "g": "12", "x264-params": "b-pyramid=normal:scenecut=0"}, "yuv420p"),
    "open_groups.mkv": ("libx264", {"bf": "3", "g": "10", "x264-params": "open-gop=1:b-adapt=0:scenecut=0"}, "yuv420p"),
    "open_groups.mp4": ("libx264", {"bf": "3", "g": "10", "x264-params": "open-gop=1:b-adapt=0:scenecut=0"}, "yuv420p"),
    "hevc.mp4": ("libx265", {"g": "12", "x265-params": "open-gop=1:bframes=3:b-adapt=0:log-level=none:scenecut=0:pools=1"}, "yuv420p"),
    "short_groups.mp4": ("libx264", {"bf": "2", "g": "2", "x264-params": "b-adapt=0"}, "yuv420p"),
    "av1.mp4": ("libsvtav1", {"g": "10", "preset": "12"}, "yuv420p"),
    "vp9.webm": ("libvpx-vp9", {"g": "10", "deadline": "realtime", "cpu-used": "8"}, "yuv420p"),
    "mpeg4.avi": ("mpeg4", {"g": "10"}, "yuv420p"),
    "mpeg4_b.avi": ("mpeg4", {"g": "10", "bf": "2"}, "yuv420p"),
    "h264.avi": ("libx264", {"bf": "0", "g": "10"}, "yuv420p"),
    "mjpeg.mov": ("mjpeg", {}, "yuvj420p"),
    "a.gif": ("gif", {}, "rgb8"),
    "transport.ts": ("libx264", {"bf": "2", "g": "10"}, "yuv420p"),
    "ffv1.mkv": ("ffv1", {"g": "10"}, "yuv444p"),
}  # fmt: skip


@pytest.fixture(scope="module", params=sorted(FOREIGN))
def foreign(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    codec, options, pix_fmt = FOREIGN[request.param]
    return encoded(tmp_path_factory.mktemp("foreign") / request.param, codec, moving(47, 64, 80), options=options, pix_fmt=pix_fmt)


def test_any_frames_of_any_camera_are_those_that_are_played(foreign: Path) -> None:
    whole = played(foreign)
    video = opened(foreign)
    assert len(video) == len(whole) == 47
    rng = np.random.default_rng(0)
    for _ in range(6):
        some = rng.integers(0, 47, 6)
        assert np.array_equal(video[some], whole[some])
    for number in rng.permutation(47).tolist():
        assert np.array_equal(video[number], whole[number]), number


def test_what_is_read_without_ffmpeg_is_what_ffmpeg_reads(foreign: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.mp4"
    write_video(copy, moving(47, 64, 80), times(47), fps=FPS)
    irregular = tmp_path / "irregular.mp4"
    write_video(irregular, moving(47, 64, 80), np.cumsum(np.arange(1, 48)) * 7_000_000, fps=None)
    plain = [path for path in (foreign, copy, irregular) if _same_index(path)]
    assert plain[-2:] == [copy, irregular]


def _same_index(path: Path) -> bool:
    with path.open("rb") as file:
        found = read_plain(file.fileno())
    if found is None:
        return False
    with av.open(str(path)) as container:
        theirs = read_packets(container, path)
    with av.open(str(path)) as container:
        packets = [(p.pos, p.size) for p in container.demux(video=0) if p.size]
    assert list(zip(found.offsets.tolist(), found.sizes.tolist(), strict=True)) == packets
    for field in ("pts", "start", "seek", "keyframes"):
        assert np.array_equal(getattr(found.packets, field), getattr(theirs, field)), field
    assert found.packets.time_base == theirs.time_base
    return True


def test_one_decoder_goes_through_files_that_are_coded_alike(tmp_path: Path) -> None:
    from lifeworld.episode.codec import decoder

    for i in range(4):
        write_video(tmp_path / f"{i}.mp4", moving(20, 48, 48, seed=i), times(20), fps=FPS)
    videos = [opened(tmp_path / f"{i}.mp4") for i in range(4)]
    whole = [video[:] for video in videos]
    before = {id(d) for _, d in decoder._idle.values()}
    for i in np.random.default_rng(0).integers(0, 4, 20).tolist():
        assert np.array_equal(videos[i][7:12], whole[i][7:12])
    assert {id(d) for _, d in decoder._idle.values()} == before


def test_copying_touches_no_packet(foreign: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.mp4"
    if foreign.suffix == ".gif":
        with pytest.raises(InputError, match="cannot hold"):
            copy_video(foreign, copy, fps=FPS)
        assert not copy.exists()
        return
    whole, true = played(foreign), scan_video(foreign).times_ns
    copy_video(foreign, copy, fps=FPS)
    assert np.array_equal(opened(copy)[:], whole)
    assert np.array_equal(played(copy), whole)
    assert np.array_equal(scan_video(copy).times_ns, np.round(np.arange(47) * 1e9 / 30))
    copy_video(foreign, copy, fps=None)
    assert np.array_equal(opened(copy)[:], whole)
    kept = scan_video(copy).times_ns
    assert np.abs((kept - kept[0]) - (true - true[0])).max() <= 1
    with av.open(str(copy)) as file:
        decode_times = [p.dts for p in file.demux(video=0) if p.size]
    assert decode_times == sorted(set(decode_times))
    raw = copy.read_bytes()
    assert raw.index(b"moov") < raw.index(b"mdat")


@pytest.mark.parametrize("degrees", [90, 180, -90])
def test_what_was_filmed_turned_is_read_upright(tmp_path: Path, degrees: int) -> None:
    frames = moving(5, 48, 64)
    path = encoded(tmp_path / "a.mp4", "libx264", frames, options={"crf": "1"}, rotation=degrees)
    upright = np.rot90(frames, degrees // 90, axes=(1, 2))
    found = scan_video(path)
    assert (found.rotation, found.height, found.width) == (degrees, *upright.shape[1:3]) or (abs(found.rotation), degrees) == (180, 180)
    assert psnr(opened(path)[:], upright) > 35
    copy_video(path, tmp_path / "b.mp4", fps=FPS)
    assert psnr(opened(tmp_path / "b.mp4")[:], upright) > 35
    small = np.empty((5, 24, 32, 3) if degrees == 180 else (5, 32, 24, 3), np.uint8)
    opened(path).read_into(small, np.arange(5))
    assert psnr(small, upright.reshape(5, small.shape[1], 2, small.shape[2], 2, 3).mean((2, 4)).astype(np.uint8)) > 35


def test_sound_is_told_with_where_it_begins(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as out:
        video: Any = out.add_stream("libx264", rate=25)
        video.height = video.width = 32
        audio: Any = out.add_stream("aac", rate=48_000)
        for picture in moving(10, 32, 32):
            out.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(video.encode(None))
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        sound.rate, sound.pts = 48_000, 0
        out.mux(audio.encode(sound))
        out.mux(audio.encode(None))
    [found] = scan_video(path).sound
    assert (found.codec, found.rate_hz) == ("aac", 48_000)
    assert abs(found.start_ns) < 30_000_000
    copy_video(path, tmp_path / "b.mp4", fps=FPS)
    assert not scan_video(tmp_path / "b.mp4").sound


# -- damage ----------------------------------------------------------------------------------------------------------------


def test_frames_that_are_not_there_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_video(path, moving(40, 64, 64), times(40), fps=FPS)
    with pytest.raises(UnreadableFile, match="another number of frames; got 40, expected 41"):
        Video(path, count=41, height=64, width=64)[0]
    with pytest.raises(UnreadableFile, match=r"frame 3 has another size; got 64 x 64, expected 64 x 62"):
        Video(path, count=40, height=62, width=64)[3]


def test_a_frame_that_is_broken_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_video(path, moving(48, 64, 64), times(48), fps=FPS)
    whole = opened(path)[:]
    with av.open(str(path)) as file:
        packets = [(p.pos, p.size) for p in file.demux(video=0) if p.size]
    raw = bytearray(path.read_bytes())
    at, size = packets[20]
    raw[at + 4 : at + size] = bytes(size - 4)
    path.write_bytes(raw)
    video = Video(path, count=48, height=64, width=64)
    with pytest.raises(UnreadableFile, match=f"{path}: frame 20 cannot be decoded"):
        video[20]
    assert np.array_equal(video[:16], whole[:16])
    assert np.array_equal(video[32:], whole[32:])


@pytest.mark.parametrize("damage", ["missing", "empty", "half", "noise", "text", "list", "sound"])
def test_what_is_no_video_file_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.mp4"
    write_video(path, moving(20, 64, 64), times(20), fps=FPS)
    raw = path.read_bytes()
    content: dict[str, Callable[[], bytes]] = {
        "empty": lambda: b"",
        "half": lambda: raw[: raw.index(b"mdat") // 2],
        "noise": lambda: np.random.default_rng(0).bytes(5000),
        "text": lambda: b"a film about a dog\n" * 50,
        "list": lambda: f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{tmp_path}/b.mp4\n#EXT-X-ENDLIST\n".encode(),
        "sound": lambda: _tone(tmp_path / "s.wav"),
    }
    (tmp_path / "b.mp4").write_bytes(raw)  # what the list names: not to be opened
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(content[damage]())
    for read in (scan_video, lambda p: Video(p, count=20, height=64, width=64)[0], lambda p: copy_video(p, tmp_path / "c.mp4", fps=FPS)):
        with pytest.raises(UnreadableFile, match=str(path)):
            read(path)
    assert not (tmp_path / "c.mp4").exists()


def test_a_name_is_a_file_and_no_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_video(Path("a.mp4"), moving(3, 32, 32), times(3), fps=FPS)
    Path("concat:a.mp4").write_bytes(Path("a.mp4").read_bytes()[:100])
    with pytest.raises(UnreadableFile):
        scan_video(Path("concat:a.mp4"))


@given(seed=st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_damaged_bytes_never_crash(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.mp4"
    if not path.exists():
        write_video(path, moving(20, 32, 32), times(20), fps=FPS)
    raw, rng = bytearray(path.read_bytes()), np.random.default_rng(seed)
    for at in rng.integers(0, len(raw), rng.integers(1, 30)).tolist():
        raw[at] = int(rng.integers(256))
    try:
        got = Video(bytes(raw), count=20, height=32, width=32)[:]
        assert got.shape == (20, 32, 32, 3)
    except UnreadableFile:
        pass


# -- real recordings -------------------------------------------------------------------------------------------------------


@pytest.mark.data
@pytest.mark.skipif(not DATA.exists(), reason="the recordings are not beside the checkout")
@pytest.mark.parametrize("name", ["robot_g1/original/episode_000029.mp4", "clips/bulk-water.mov"])
def test_frames_of_real_recordings(name: str) -> None:
    whole = played(DATA / name)[:150]
    video = opened(DATA / name)
    for number in np.random.default_rng(0).integers(0, 150, 8).tolist():
        assert np.array_equal(video[number], whole[number])


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.skipif(not DATA.exists(), reason="the recordings are not beside the checkout")
def test_real_recordings_keep_38_db(tmp_path: Path) -> None:
    for name in ("robot_g1/original/episode_000029.mp4", "clips/02_cups.mp4", "clips/solidWhiteRight.mp4", "clips/bottle-detection.mp4"):
        frames = opened(DATA / name)[:24]
        write_video(tmp_path / "a.mp4", frames, times(24), fps=FPS)
        got = opened(tmp_path / "a.mp4")[:]
        assert psnr(got, frames) >= 38, name
        assert np.abs((got.astype(float) - frames).mean((0, 1, 2))).max() < 0.5, name


def opened_as(path: Path, frames: Frames) -> Video:
    return Video(path, count=len(frames), height=frames.shape[1], width=frames.shape[2])


def _pillow(frame: Frames) -> Any:
    from PIL import Image

    return Image.fromarray(frame)


def _tone(path: Path) -> bytes:
    from lifeworld.episode.codec.sound import write_sound

    write_sound(path, np.zeros((50, 960), np.float32) + 0.1)
    return path.read_bytes()
