"""Whatever the pictures, each keeps 38 dB, with its colours halved where that is enough."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from bundles import psnr, scenery
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.episode.codec.encoder import HALVED, KEPT_DB, QUALITIES, WHOLE, Proof, TooLossy, coded, prepare, quality_of
from lifeworld.episode.codec.video import Video, write_video

Frames = NDArray[np.uint8]


def kept(path: Path, frames: Frames) -> float:
    """What the worst frame keeps of it."""
    write_video(path, frames, np.arange(len(frames)) * 40_000_000, fps=Fraction(25))
    got = Video(path, count=len(frames), height=frames.shape[1], width=frames.shape[2])[:]
    return min(psnr(a, b) for a, b in zip(got, frames, strict=True))


def pixels(path: Path) -> str:
    with av.open(str(path)) as file:
        return str(file.streams.video[0].codec_context.pix_fmt)


def stripes(count: int, side: int) -> Frames:
    """Columns red and green by turns, which drift: halved colours are brown."""
    at = (np.arange(side)[None, None, :] + np.arange(count)[:, None, None]) % 2
    frames = np.zeros((count, side, side, 3), np.uint8)
    frames[..., 0], frames[..., 1] = 220 * at, 220 * (1 - at)
    return frames


@given(data=st.data(), count=st.integers(1, 24), height=st.integers(16, 60), width=st.integers(16, 60), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_every_picture_keeps_what_is_promised(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, count: int, height: int, width: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    frames = scenery(count, height, width, seed=seed)
    if data.draw(st.booleans(), label="blocks of colour"):
        blocks = rng.integers(0, 256, (count, 9, 9, 3), dtype=np.uint8)
        frames[:, : height // 2] = blocks[:, np.arange(height // 2)[:, None] * 9 // height, np.arange(width)[None] * 9 // width]
    noisy = data.draw(st.integers(0, count), label="frames of noise at the end")
    frames[count - noisy :] = rng.integers(0, 256, (noisy, height, width, 3), dtype=np.uint8)
    assert kept(tmp_path_factory.mktemp("video") / "a.mp4", frames) >= KEPT_DB


def test_colours_are_halved_where_that_is_enough(tmp_path: Path) -> None:
    assert kept(tmp_path / "soft.mp4", scenery(20, 64, 64)) >= KEPT_DB
    assert kept(tmp_path / "hard.mp4", stripes(20, 64)) >= KEPT_DB
    assert (pixels(tmp_path / "soft.mp4"), pixels(tmp_path / "hard.mp4")) == ("yuv420p", "yuv444p")
    assert quality_of(scenery(1, 64, 64)[0]) is HALVED
    assert quality_of(stripes(1, 64)[0]) is WHOLE


def test_one_frame_at_the_end_is_enough_for_all_to_be_encoded_anew(tmp_path: Path) -> None:
    soft = scenery(70, 48, 48)
    assert kept(tmp_path / "soft.mp4", soft) >= KEPT_DB
    assert kept(tmp_path / "a.mp4", np.concatenate([soft, stripes(1, 48)])) >= KEPT_DB
    assert (pixels(tmp_path / "soft.mp4"), pixels(tmp_path / "a.mp4")) == ("yuv420p", "yuv444p")
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["a.mp4", "soft.mp4"]


def test_what_can_be_gone_through_only_once_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="more than once"):
        write_video(tmp_path / "a.mp4", iter(scenery(3, 32, 32)), range(3), fps=Fraction(25))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("wrong", [None, 7])
def test_a_proof_notices_another_picture(wrong: int | None) -> None:
    context: Any = av.CodecContext.create("libx264", "w")
    context.time_base = Fraction(1, 25)
    context.flags |= av.codec.context.Flags.global_header
    frames = scenery(20, 32, 32)
    prepare(context, frames[0], QUALITIES[-1], more="sync-lookahead=0")
    shaper: Any = av.video.reformatter.VideoReformatter()
    packets = []
    for k, picture in enumerate(frames):
        frame = coded(picture, shaper, QUALITIES[-1].pixels)
        frame.pts = k
        packets += context.encode(frame)
    packets += context.encode(None)
    proof = Proof(context.extradata)
    for k, picture in enumerate(frames):
        proof.give(255 - picture if k == wrong else picture)
    for k, packet in enumerate([*packets, None]):
        if k == wrong:
            with pytest.raises(TooLossy):
                proof.see(packet)
            return
        proof.see(packet)
