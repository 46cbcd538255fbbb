"""Video and sound files become episodes: every frame at its time, the camera's own packets, sound right to a sample."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from films import frames, packets, picture, turn, write_film
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from lifeworld.core.errors import ForeignFileError, InputError, UnreadableFile
from lifeworld.core.signal import Stored, Stream
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.codec.video import Video
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats import Report, open_recording
from lifeworld.episode.formats.bare import bare
from lifeworld.episode.formats.sidecar import pieces
from lifeworld.episode.formats.sound_track import read_sound
from lifeworld.episode.seal import append_to

DATA = Path(__file__).parents[4] / "shared" / "data"
UNEVEN = (0, 47, 80, 133, 160, 200, 247, 280, 333, 1360, 1400, 1440)
"""Milliseconds: a camera that stutters, and one second without a frame."""


def only(path: Path, **options: Any) -> tuple[Episode, Report]:
    recording = open_recording(path, **options)
    [episode] = recording.episodes
    return episode, recording.report


def psnr(a: Any, b: Any) -> float:
    error = np.mean((np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("a.mp4", "libx264", "yuv420p"),
        ("a.mov", "libx264", "yuv420p"),
        ("a.mkv", "libx264", "yuv420p"),
        ("a.webm", "libvpx-vp9", "yuv420p"),
    ],
)
def test_frames_stand_at_the_times_the_file_says(tmp_path: Path, name: str, codec: str, pixels: str) -> None:
    write_film(tmp_path / name, codec, pixels, times_ms=UNEVEN)
    episode, report = only(tmp_path / name)
    stream = episode["rgb@camera"]
    assert stream.times_ns.tolist() == [t * 1_000_000 for t in UNEVEN]
    assert isinstance(stream.values, Video)
    assert stream.origin == "measured"
    times, pictures = frames(tmp_path / name)
    assert times == stream.times_ns.tolist()
    assert psnr(stream.values, pictures) > 32  # the same frames; the conversion of colours is another
    assert report.skipped == []


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi"])
def test_the_cameras_packets_are_never_touched(tmp_path: Path, name: str) -> None:
    codec = "mpeg4" if name == "a.avi" else "libx264"
    even = tuple(range(0, 800, 40))
    write_film(
        tmp_path / name, codec, times_ms=even if name == "a.avi" else UNEVEN, tick=Fraction(1, 25) if name == "a.avi" else Fraction(1, 1000)
    )
    episode, _ = only(tmp_path / name)
    with append_to(tmp_path / "out") as writer:
        writer.add(episode)
    [sealed] = (tmp_path / "out").rglob("*.mp4")
    assert packets(sealed) == packets(tmp_path / name)
    again = open_bundle(tmp_path / "out")[0]["rgb@camera"]
    assert again.times_ns.tolist() == episode["rgb@camera"].times_ns.tolist()
    assert np.array_equal(np.asarray(again.values), np.asarray(episode["rgb@camera"].values))


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "exact"),
    [
        ("a.gif", "gif", "rgb8", True),
        ("a.avi", "rawvideo", "bgr24", True),
        ("b.avi", "huffyuv", "rgb24", True),
        ("a.webm", "libvpx", "yuv420p", False),
        ("c.avi", "libx264", "yuv420p", False),
    ],
)
def test_what_an_mp4_cannot_hold_is_encoded_anew_and_said(tmp_path: Path, name: str, codec: str, pixels: str, exact: bool) -> None:
    write_film(tmp_path / name, codec, pixels, tick=Fraction(1, 25))
    episode, report = only(tmp_path / name)
    before = np.asarray(episode["rgb@camera"].values)
    assert np.array_equal(before[[3, 3, 1]], np.asarray(episode["rgb@camera"].values[[3, 3, 1]]))  # from anywhere, in any order
    assert episode["rgb@camera"].times_ns.tolist() == [k * 40_000_000 for k in range(20)]
    assert psnr(before, frames(tmp_path / name)[1]) > 32
    with append_to(tmp_path / "out") as writer:
        writer.add(episode)
    after = np.asarray(open_bundle(tmp_path / "out")[0]["rgb@camera"].values)
    assert np.array_equal(before, after) if exact else psnr(before, after) >= 38
    assert any("encoded anew" in note and name in note and ("without loss" in note) == exact for note in report.notes)


@pytest.mark.parametrize(("degrees", "turns"), [(90, 3), (270, 1)])
def test_pictures_are_shown_upright(tmp_path: Path, degrees: int, turns: int) -> None:
    write_film(tmp_path / "a.mp4")
    turn(tmp_path / "a.mp4", degrees)
    episode, _ = only(tmp_path / "a.mp4")
    values = episode["rgb@camera"].values
    assert values.shape == (20, 64, 48, 3)
    assert psnr(values[5], np.rot90(picture(5), turns)) > 28
    with append_to(tmp_path / "out") as writer:
        writer.add(episode)
    assert np.array_equal(np.asarray(open_bundle(tmp_path / "out")[0]["rgb@camera"].values), np.asarray(values))


# -- sound ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start_ms", [0, 130])
@pytest.mark.parametrize("channels", [1, 2])
def test_sound_of_48_khz_is_kept_to_the_bit_and_to_the_sample(tmp_path: Path, start_ms: int, channels: int) -> None:
    samples = np.random.default_rng(7).uniform(-1, 1, (33_333, channels)).astype(np.float32)
    write_film(tmp_path / "a.mkv", times_ms=UNEVEN, sound=(48_000, samples, start_ms))
    episode, _ = only(tmp_path / "a.mkv")
    stream = episode["audio_mono@camera" if channels == 1 else "audio_stereo@camera"]
    blocks = -(-len(samples) // 960)
    assert len(stream) == blocks
    assert stream.times_ns.tolist() == [start_ms * 1_000_000 + 20_000_000 * (k + 1) for k in range(blocks)]
    heard = np.asarray(stream.values).reshape(-1, channels)
    assert np.array_equal(heard[: len(samples)], samples)
    assert not heard[len(samples) :].any()


def test_the_episode_starts_with_the_sound_where_that_is_first(tmp_path: Path) -> None:
    samples = np.ones((9_600, 1), dtype=np.float32)
    write_film(tmp_path / "a.mkv", times_ms=[t + 70 for t in UNEVEN], sound=(48_000, samples, 20))
    episode, _ = only(tmp_path / "a.mkv")
    assert int(episode["rgb@camera"].times_ns[0]) == 50_000_000
    assert int(episode["audio_mono@camera"].times_ns[0]) == 20_000_000


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
def test_sound_of_another_rate_keeps_its_time(tmp_path: Path, rate: int) -> None:
    """A click lies where it was, to a sample of ours or of the file's."""
    samples = np.zeros((rate, 1), dtype=np.float32)
    click = round(0.4567 * rate)
    samples[click] = 1
    write_film(tmp_path / "a.mkv", sound=(rate, samples, 0))
    track = read_sound(tmp_path / "a.mkv")
    assert track is not None
    found = int(np.argmax(np.abs(track.values.reshape(-1))))
    assert abs(found / 48_000 - click / rate) <= 1 / min(rate, 48_000)
    assert track.start_ns == 0


def test_a_gap_in_the_sound_is_a_gap_in_its_times(tmp_path: Path) -> None:
    import av

    with av.open(str(tmp_path / "a.mkv"), "w") as out:
        track = out.add_stream("pcm_f32le", rate=48_000, layout="mono")
        for pts, loud in ((0, 0.25), (1000, 0.25), (50_000, 0.5)):
            frame = av.AudioFrame.from_ndarray(np.full((1, 1000), loud, np.float32), format="flt", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 48_000, pts, Fraction(1, 48_000)
            out.mux(track.encode(frame))
    episode, _ = only(tmp_path / "a.mkv")
    stream = episode["audio_mono@camera"]
    late = round(50_000 / 48) * 1_000_000  # Matroska's milliseconds
    assert stream.times_ns.tolist() == [20_000_000, 40_000_000, 60_000_000, late + 20_000_000, late + 40_000_000]
    assert [float(np.max(block)) for block in np.asarray(stream.values)] == [0.25, 0.25, 0.25, 0.5, 0.5]


# -- what lies beside ---------------------------------------------------------------------------------------------------------


def test_sidecars_become_words_and_labels(tmp_path: Path) -> None:
    write_film(tmp_path / "cup.mp4", times_ms=UNEVEN)
    told = {"instruction": "lift the cup", "caption": "A hand lifts a cup.", "place": "kitchen", "take": 3, "boxes": [1, 2]}
    (tmp_path / "cup.json").write_text(json.dumps(told), encoding="utf-8")
    (tmp_path / "cup.srt").write_text(
        "1\n00:00:00,500 --> 00:00:01,000\n<i>Up</i>\nit goes\n\n2\n00:00:01,100 --> 00:00:02,000\nThere.\n", encoding="utf-8"
    )
    (tmp_path / "cup.txt").write_text("word " * 100, encoding="utf-8")
    recording = open_recording(tmp_path)
    [episode] = recording.episodes
    assert episode.labels == {"place": "kitchen", "take": "3"}
    assert np.asarray(episode["instruction"].values).tolist() == ["lift the cup"]
    captions = episode["captions"]
    assert captions.times_ns.tolist() == [0, 500_000_000, 1_100_000_000]
    assert [rows.tolist() for rows in captions.values][1:] == [["Up it goes"], ["There."]]
    assert captions.values[0][0] == "A hand lifts a cup."
    assert " ".join(captions.values[0][1:]) == ("word " * 100).strip()
    assert any("boxes" in note for note in recording.report.notes)
    assert not any("cup." in note and "left alone" in note for note in recording.report.notes)


@given(st.text(max_size=300), st.integers(1, 30))
def test_a_text_is_cut_between_words_and_nothing_is_lost(text: str, most: int) -> None:
    cut = pieces(text, most)
    assert "".join("".join(cut).split()) == "".join(text.replace("\0", " ").split())
    assert all(0 < len(line) <= most for line in cut)


@pytest.mark.parametrize("text", ["{", '{"caption": "a"', "[" * 100_000, "\xff"])
def test_a_sidecar_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    write_film(tmp_path / "a.mp4")
    (tmp_path / "a.json").write_text(text, encoding="latin-1")
    _, report = only(tmp_path / "a.mp4")
    assert [what for what, _ in report.skipped] == ["a.json"]


# -- broken files ------------------------------------------------------------------------------------------------------------


def test_broken_files_of_a_folder_are_named_and_the_rest_is_taken(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    write_film(tmp_path / "whole.mp4")
    write_film(tmp_path / "more" / "whole.mkv")
    raw = (tmp_path / "whole.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(raw[: len(raw) // 2])
    mkv = (tmp_path / "more" / "whole.mkv").read_bytes()
    (tmp_path / "cut.mkv").write_bytes(mkv[: len(mkv) // 3])
    (tmp_path / "text.mp4").write_text("this is no video", encoding="utf-8")
    (tmp_path / "empty.mov").touch()
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    write_film(tmp_path / "none.mp4", times_ms=())
    recording = open_recording(tmp_path)
    assert [e.title for e in recording.episodes] == ["whole", "whole"]
    assert {what for what, _ in recording.report.skipped} == {"cut.mp4", "cut.mkv", "text.mp4", "empty.mov", "none.mp4"}
    assert all(why for _, why in recording.report.skipped)
    assert any("notes.txt" in note for note in recording.report.notes)


def test_an_mp4_whose_end_is_missing_is_refused(tmp_path: Path) -> None:
    write_film(tmp_path / "a.mp4", times_ms=UNEVEN, options={"g": "4"})
    with_index_in_front = tmp_path / "b.mp4"
    import av

    with av.open(str(tmp_path / "a.mp4")) as source, av.open(str(with_index_in_front), "w", options={"movflags": "+faststart"}) as out:
        track = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = track
                out.mux(packet)
    raw = with_index_in_front.read_bytes()
    with_index_in_front.write_bytes(raw[:-300])
    with pytest.raises(UnreadableFile, match=r"b\.mp4"):
        only(with_index_in_front)


def test_mixed_frame_sizes_are_refused(tmp_path: Path) -> None:
    write_film(tmp_path / "a.ts")
    write_film(tmp_path / "b.ts", size=(64, 48))
    (tmp_path / "c.ts").write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
    with pytest.raises(ForeignFileError, match=r"c\.ts"):
        only(tmp_path / "c.ts")


FLIPPED = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("films")
    noise = np.random.default_rng(1).uniform(-0.1, 0.1, (9_600, 1)).astype(np.float32)
    write_film(folder / "a.mp4", times_ms=UNEVEN)
    write_film(folder / "a.mkv", times_ms=UNEVEN, sound=(48_000, noise, 10))
    write_film(folder / "a.gif", "gif", "rgb8", tick=Fraction(1, 25))
    write_film(folder / "a.avi", "mpeg4", tick=Fraction(1, 25))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@FLIPPED
@given(data=st.data())
def test_torn_and_flipped_files_give_an_episode_or_a_typed_error(tmp_path: Path, film: dict[str, bytes], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(film)))
    raw = bytearray(film[name])
    for _ in range(data.draw(st.integers(0, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    raw = raw[: data.draw(st.integers(1, len(raw)))]
    (tmp_path / name).write_bytes(raw)
    try:
        episode, _ = only(tmp_path / name)
    except InputError:
        return  # anything else than a typed error is a mistake of ours
    for stream in episode.streams.values():
        assert len(stream.values) == len(stream)
        if isinstance(stream.values, Stored):
            stream.values[0]


# -- folders of pictures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("suffix", "codec"), [("jpg", "mjpeg"), ("png", "png")])
def test_a_folder_of_pictures_is_one_episode_of_their_own_bytes(tmp_path: Path, suffix: str, codec: str) -> None:
    folder = tmp_path / "walk"
    folder.mkdir()
    for k in range(12):
        Image.fromarray(picture(k)).save(folder / f"frame{k}.{suffix}")
    episode, report = only(folder, fps=12.5)
    stream = episode["rgb@camera"]
    assert stream.times_ns.tolist() == [k * 80_000_000 for k in range(12)]
    wanted = [np.asarray(Image.open(folder / f"frame{k}.{suffix}").convert("RGB")) for k in range(12)]  # 9 comes before 10
    assert psnr(stream.values, wanted) > (60 if suffix == "png" else 38)
    with append_to(tmp_path / "out") as writer:
        writer.add(episode)
    [sealed] = (tmp_path / "out").rglob("*.mp4")
    assert packets(sealed) == [(folder / f"frame{k}.{suffix}").read_bytes() for k in range(12)]  # they have no metadata
    assert any("12.5 Hz" in note for note in report.notes)


def test_names_that_count_since_1970_are_times(tmp_path: Path) -> None:
    names = ("1403636579763555584", "1403636579813555456", "1403636579863555584")
    for k, name in enumerate(names):
        Image.fromarray(picture(k)).save(tmp_path / f"{name}.png")
    episode, _ = only(tmp_path)
    assert episode["rgb@camera"].times_ns.tolist() == [int(name) - int(names[0]) for name in names]


def test_exif_says_when_and_which_way_up(tmp_path: Path) -> None:
    for k in range(3):
        image = Image.fromarray(picture(k))
        exif = image.getexif()
        exif[274] = 6
        exif.get_ifd(0x8769).update({0x9003: "2024:05:01 12:00:00", 0x9291: f"{25 * k:02d}"})
        image.save(tmp_path / f"IMG_{k}.jpg", exif=exif, quality=95)
    episode, _ = only(tmp_path)
    stream = episode["rgb@camera"]
    assert stream.times_ns.tolist() == [0, 250_000_000, 500_000_000]
    assert psnr(stream.values[1], np.asarray(ImageOps.exif_transpose(Image.open(tmp_path / "IMG_1.jpg")))) > 38


def test_pictures_without_times_of_two_sizes_or_broken(tmp_path: Path) -> None:
    for k in range(3):
        Image.fromarray(picture(k)).save(tmp_path / f"{k}.png")
    with pytest.raises(UnreadableFile, match="--fps"):
        only(tmp_path)
    (tmp_path / "1.png").write_bytes((tmp_path / "1.png").read_bytes()[:100])
    episode, report = only(tmp_path, fps=10)
    assert (len(episode), [what for what, _ in report.skipped]) == (2, ["1.png"])
    Image.fromarray(picture(1, 32, 32)).save(tmp_path / "1.png")
    with pytest.raises(UnreadableFile, match="one size"):
        only(tmp_path, fps=10)


def test_a_reel_lies_on_the_disk_only_while_it_is_used(tmp_path: Path) -> None:
    for k in range(3):
        Image.fromarray(picture(k)).save(tmp_path / f"{k}.png")
    episode, _ = only(tmp_path, fps=10)
    video = episode["rgb@camera"].values
    assert isinstance(video, Video)
    assert isinstance(video.file, Path)
    file = video.file
    assert file.is_file()
    part = episode.between(0, 150_000_000)
    del episode, video
    assert part["rgb@camera"].values[1].shape == (48, 64, 3)
    del part
    assert not file.exists()


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_what_tells_of_people_and_places_is_left_behind(tmp_path: Path, suffix: str) -> None:
    """EXIF with a place and a thumbnail, XMP, comments, and a film that hangs on behind; the pixels stay to the bit."""
    planted, folder = b"SECRET-MARKER", tmp_path / "walk"
    folder.mkdir()
    for k in range(3):
        image = Image.fromarray(picture(k))
        exif = image.getexif()
        exif[271] = planted.decode()
        exif.get_ifd(0x8825).update({1: "N", 29: planted.decode()})
        if suffix == "jpg":
            exif[274] = 3
            image.save(folder / f"{k}.jpg", exif=exif, comment=planted, xmp=b"<x>" + planted + b"</x>", progressive=k == 1, quality=90)
            if k == 2:  # a telephone's two pictures in one file
                image.save(folder / "2.jpg", "MPO", save_all=True, append_images=[Image.fromarray(picture(9))], exif=exif, comment=planted)
        else:
            info = PngInfo()
            info.add_text("place", planted.decode())
            info.add_itxt("who", planted.decode())
            image.save(folder / f"{k}.png", exif=exif, pnginfo=info)
        with (folder / f"{k}.{suffix}").open("ab") as file:
            file.write(planted)
        assert (folder / f"{k}.{suffix}").read_bytes().count(planted) >= 3
    episode, _ = only(folder, fps=10)
    with append_to(tmp_path / "out") as writer:
        writer.add(episode)
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file() and planted in path.read_bytes()]
    [sealed] = (tmp_path / "out").rglob("*.mp4")
    for k, packet in enumerate(packets(sealed)):
        with Image.open(io.BytesIO(packet)) as bare, Image.open(folder / f"{k}.{suffix}") as whole:
            assert np.array_equal(np.asarray(bare), np.asarray(whole))
            assert (bare.info.get("exif") is not None) == (suffix == "jpg")
    assert psnr(episode["rgb@camera"].values[1], np.rot90(picture(1), 2 if suffix == "jpg" else 0)) > 32


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\xff\xd8", b"\xff\xd8\xff\xe1\x00\x08", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xda\x00\x02"]),
)
def test_any_bytes_can_be_bared(data: bytes, head: bytes) -> None:
    with suppress(UnreadableFile):
        once = bare(head + data, where="it")
        assert bare(once, where="it") == once
        assert len(once) <= len(head + data) + 2


def test_a_films_own_metadata_is_left_behind(tmp_path: Path) -> None:
    import av

    write_film(tmp_path / "a.mp4")
    with av.open(str(tmp_path / "a.mp4")) as source, av.open(str(tmp_path / "b.mov"), "w") as out:
        out.metadata.update({"comment": "SECRET-MARKER", "creation_time": "2024-05-01T10:00:00Z", "location": "+12.3456-098.7654/"})
        track = out.add_stream_from_template(source.streams.video[0])
        track.metadata.update({"handler_name": "SECRET-MARKER"})
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = track
                out.mux(packet)
    assert b"SECRET-MARKER" in (tmp_path / "b.mov").read_bytes()
    episode, _ = only(tmp_path / "b.mov")
    assert list(episode.labels) == ["recorded"]
    assert episode.labels["recorded"].startswith("2024-05-01T10:00:00")
    with append_to(tmp_path / "out") as writer:
        writer.add(episode)
    held = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert b"SECRET-MARKER" not in held
    assert b"12.3456" not in held


# -- the clips ---------------------------------------------------------------------------------------------------------------


@pytest.mark.data
def test_the_clips_come_in_with_every_frame_and_all_their_sound(tmp_path: Path) -> None:
    if not (DATA / "clips").is_dir():
        pytest.skip("the recordings are not here")
    for name in ("bulk-water.mov", "car-detection.mp4"):
        shutil.copy(DATA / "clips" / name, tmp_path)
    recording = open_recording(tmp_path, cut="none")
    water, cars = recording.episodes
    assert (len(water["rgb@camera"]), len(cars["rgb@camera"])) == (480, 377)
    assert list(water.streams) == ["rgb@camera"]
    assert set(cars.streams) == {"rgb@camera", "audio_stereo@camera"}
    stream: Stream = cars["audio_stereo@camera"]
    assert abs(cars.duration_ns / 1e9 - 30.16) < 0.05
    assert np.all(np.diff(stream.times_ns) == 20_000_000)
    assert water.provenance.parents[0].startswith("sha256:984a1251e4e8d01f")
