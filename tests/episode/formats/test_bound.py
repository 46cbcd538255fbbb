"""Single pictures are bound into a video that keeps their bytes; what no mp4 holds stays, with a note; a broken one costs its episode."""

from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from lifeworld.core.origin import Provenance
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.codec.video import Video
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.bound import bound
from lifeworld.episode.formats.report import Report
from lifeworld.episode.formats.stills import Stills
from lifeworld.episode.seal import append_to

MADE = Provenance.now(engine="test", engine_version="1")
PIXELS = np.random.default_rng(3).integers(0, 256, (4, 24, 40, 3), dtype=np.uint8)


def encoded(pixels: np.ndarray, kind: str = "JPEG", mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(out, format=kind)
    return out.getvalue()


def taken(pictures: list[bytes], *, step_ns: int = 100_000_000) -> Episode:
    times = 5_000_000_000 + step_ns * np.arange(len(pictures), dtype=np.int64)
    stream = Stream(SIGNALS["rgb"], times, Stills(pictures, where="there"), origin="measured", source="cam")
    return Episode(streams={"rgb@cam": stream}, provenance=MADE, title="one")


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("JPEG", "L"), ("PNG", "RGB"), ("PNG", "L")])
def test_every_picture_is_sealed_byte_for_byte(tmp_path: Path, kind: str, mode: str) -> None:
    pictures = [encoded(frame, kind, mode) for frame in PIXELS]
    report = Report()
    (episode,) = bound([taken(pictures)], report)
    assert isinstance(episode["rgb@cam"].values, Video)
    with append_to(tmp_path / "b") as writer:
        writer.add(episode)
    bundle = open_bundle(tmp_path / "b")
    assert bundle.manifest(0).streams["rgb@cam"].lossless
    np.testing.assert_array_equal(bundle[0]["rgb@cam"].times_ns, episode["rgb@cam"].times_ns)
    (file,) = [tmp_path / "b" / f.path for f in bundle.manifest(0).streams["rgb@cam"].files if f.path.endswith(".mp4")]
    with av.open(str(file)) as container:
        assert [bytes(packet) for packet in container.demux(video=0) if packet.size] == pictures
    if kind == "PNG":
        np.testing.assert_array_equal(bundle[0]["rgb@cam"].values[:], taken(pictures)["rgb@cam"].values[:])
    assert not report.notes


def test_what_no_mp4_holds_stays_with_a_note() -> None:
    mixed = [encoded(PIXELS[0], "JPEG"), encoded(PIXELS[1], "PNG")]
    dense = [encoded(frame) for frame in PIXELS]
    for episode in (taken(mixed), taken([encoded(frame, "WEBP") for frame in PIXELS]), taken(dense, step_ns=500)):
        report = Report()
        (same,) = bound([episode], report)
        assert same["rgb@cam"].values is episode["rgb@cam"].values
        assert "encoded anew" in report.notes[0]


def test_a_broken_picture_costs_its_episode_alone() -> None:
    whole = [encoded(frame) for frame in PIXELS]
    other_size = [whole[0], encoded(PIXELS[1][:12])]
    cut = [whole[0], encoded(PIXELS[1], "PNG")[:-400]]
    report = Report()
    found = list(bound([taken(other_size), taken(whole), taken([cut[1]] * 2)], report))
    assert len(found) == 1
    assert [what for what, _ in report.skipped] == ["one", "one"]
    assert "picture 1" in report.skipped[0][1]


def test_a_camera_that_shows_one_picture_is_named() -> None:
    report = Report()
    list(bound([taken([encoded(PIXELS[0])] * 3)], report))
    assert report.notes == ["rgb@cam: all pictures of an episode are one and the same"]
