"""Films of episodes as files: .mp4 (H.264, with sound) and .gif (a palette of 255 colours, at most MOST_GIF_FRAMES frames)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lifeworld.core.errors import InputError
from lifeworld.core.signal import RATE_HZ
from lifeworld.core.time import NS_PER_S
from lifeworld.core.write import replace_file
from lifeworld.episode.codec.encoder import BT709, LIMITED, coded
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.film import Page, cameras, frames, paged, times_ns, usual_fps

CRF, PRESET = 20, "fast"
BIT_RATE = 128_000
GIF_WIDE, GIF_FPS, MOST_GIF_FRAMES = 480, Fraction(10), 200
_BLOCK = RATE_HZ // 50


def write_mp4(episodes: Iterable[Episode], path: Path | str, *, cameras: Sequence[str] | None = None, fps: Fraction | None = None) -> int:
    """Episodes one after the other as one film, written beside its place and then renamed; how many.

    All have the size and rate of the first; the others' pages are laid on paper of that size. Sound is that of an episode's first
    microphone; where one has none it is silent.

    Raises:
        InputError: if one has no pictures.
        UnknownName: if one has no such camera.
    """
    import av

    number, shared = 0, None
    rate = fps
    with replace_file(path) as beside, av.open(str(beside), "w", format="mp4", options={"movflags": "+faststart"}) as out:
        sound: Any = None
        heard = shown = 0
        origins = []
        for episode, page in _pages(episodes, cameras):
            if rate is None:
                rate = usual_fps([tile.stream for tile in page.tiles])
            if shared is None:
                shared = page.blank.size
                video = _video_track(out, shared, rate)
                sound = out.add_stream("aac", rate=RATE_HZ, layout="stereo")
                sound.bit_rate = BIT_RATE
                out.metadata["title"] = episode.title
            origins.append(page.origin)
            out.metadata["comment"] = f"{', '.join(dict.fromkeys(origins))}; made by lifeworld"
            shaper = av.video.reformatter.VideoReformatter()
            for picture in frames(episode, page, rate):
                frame = coded(_fitted(picture, shared), shaper)
                frame.pts, frame.time_base = shown, 1 / rate
                for packet in video.encode(frame):
                    out.mux(packet)
                shown += 1
            until = int(shown * RATE_HZ / rate)
            for block in _sound(episode, page, until - heard):
                frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.T), format="fltp", layout="stereo")
                frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, heard, Fraction(1, RATE_HZ)
                heard += len(block)
                for packet in sound.encode(frame):
                    out.mux(packet)
            number += 1
        if shared is None:
            raise InputError("there is no episode to make a film of", where=str(path))
        for track in (video, sound):
            for packet in track.encode(None):
                out.mux(packet)
    return number


def write_pages(pages: Iterable[NDArray[np.uint8]], path: Path | str, *, fps: Fraction, title: str, comment: str) -> int:
    """Pages that somebody draws (height, width, 3), all of one size and of even sides, as a silent .mp4 to look at; how many.

    Raises:
        InputError: if there is none.
    """
    import av

    number, track, shaper = 0, None, av.video.reformatter.VideoReformatter()
    with replace_file(path) as beside, av.open(str(beside), "w", format="mp4", options={"movflags": "+faststart"}) as out:
        for page in pages:
            if track is None:
                track = _video_track(out, (page.shape[1], page.shape[0]), fps)
                out.metadata["title"], out.metadata["comment"] = title, comment
            frame = coded(page, shaper)
            frame.pts, frame.time_base = number, 1 / fps
            for packet in track.encode(frame):
                out.mux(packet)
            number += 1
        if track is None:
            raise InputError("there is nothing to make a film of", where=str(path))
        for packet in track.encode(None):
            out.mux(packet)
    return number


def write_gif(episodes: Iterable[Episode], path: Path | str, *, cameras: Sequence[str] | None = None, fps: Fraction | None = None) -> int:
    """Episodes one after the other as one .gif that plays at their own speed for ever; how many.

    At most GIF_WIDE px wide, `fps` (by default at most GIF_FPS) frames a second, and MOST_GIF_FRAMES in all: of longer ones fewer a second.

    Raises:
        InputError: if one has no pictures.
    """
    pages = list(_pages(episodes, cameras, across=GIF_WIDE))
    if not pages:
        raise InputError("there is no episode to make a film of", where=str(path))
    streams = [tile.stream for _, page in pages for tile in page.tiles]
    rate = fps or min(usual_fps(streams), GIF_FPS)
    spans = [int(times_ns(page, Fraction(1000))[-1] - times_ns(page, Fraction(1000))[0]) for _, page in pages]
    rate = min(rate, Fraction(MOST_GIF_FRAMES * NS_PER_S, max(sum(spans), 1)), Fraction(50))
    size = pages[0][1].blank.size
    pictures = [Image.fromarray(_fitted(f, size)) for episode, page in pages for f in frames(episode, page, rate)]
    palette = _palette(pictures)
    drawn = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    origins = ", ".join(dict.fromkeys(page.origin for _, page in pages))
    ends = [round(100 * (k + 1) / rate) for k in range(len(drawn))]  # hundredths of a second, without drift
    lasts = [10 * max(end - start, 2) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    with replace_file(path) as beside:
        comment = f"{origins}; made by lifeworld".encode()
        drawn[0].save(beside, format="GIF", save_all=True, append_images=drawn[1:], duration=lasts, loop=0, comment=comment)
    return len(pages)


def _pages(episodes: Iterable[Episode], wanted: Sequence[str] | None, *, across: int = 1920) -> Iterator[tuple[Episode, Page]]:
    for episode in episodes:
        yield episode, paged(episode, cameras(episode, wanted), across=across)


def _video_track(out: Any, size: tuple[int, int], rate: Fraction) -> Any:
    track = out.add_stream("libx264", rate=rate)
    context = track.codec_context
    track.width, track.height, track.pix_fmt = size[0], size[1], "yuv420p"
    context.time_base = 1 / rate
    context.colorspace = context.color_primaries = context.color_trc = BT709
    context.color_range = LIMITED
    track.options = {"crf": str(CRF), "preset": PRESET}
    return track


def _fitted(picture: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A page on paper of another size: made smaller if it must be, in the middle."""
    wide, high = size
    if picture.shape[:2] == (high, wide):
        return picture
    image = Image.fromarray(picture)
    share = min(1.0, wide / image.width, high / image.height)
    image = image.resize((max(int(image.width * share), 1), max(int(image.height * share), 1)), Image.Resampling.LANCZOS)
    sheet = Image.new("RGB", size, tuple(int(c) for c in picture[0, 0]))
    sheet.paste(image, ((wide - image.width) // 2, (high - image.height) // 2))
    return np.asarray(sheet)


def _sound(episode: Episode, page: Page, count: int) -> Iterator[NDArray[np.float32]]:
    """`count` samples (n, 2) from the first picture on, 1,024 at a time: a block is what leads to its time."""
    heard = [s for s in episode.streams.values() if s.signal.name in ("audio_stereo", "audio_mono") and len(s)]
    track = np.zeros((max(count, 0), 2), dtype=np.float32)
    if heard:
        shown = [tile.stream.source for tile in page.tiles]
        stream = min(heard, key=lambda s: (s.source not in shown, s.signal.name != "audio_stereo"))
        begin = min(int(tile.stream.times_ns[0]) for tile in page.tiles)
        for time_ns, block in zip(stream.times_ns.tolist(), stream.values, strict=True):
            samples = np.asarray(block, dtype=np.float32).reshape(len(block), -1)
            at = round((time_ns - begin) * RATE_HZ / NS_PER_S) - len(samples)
            low, high = max(at, 0), min(at + len(samples), len(track))
            if low < high:
                track[low:high] = samples[low - at : high - at, [0, -1]]
    for start in range(0, len(track), 1024):
        yield track[start : start + 1024]


def _palette(pictures: Sequence[Image.Image]) -> Image.Image:
    """255 colours of a few of the pictures, the same for all, so that what stands still does not flicker."""
    chosen = [pictures[int(i)] for i in np.linspace(0, len(pictures) - 1, min(len(pictures), 6)).round()]
    wide, high = chosen[0].size
    page = Image.new("RGB", (wide, high * len(chosen)))
    for place, picture in enumerate(chosen):
        page.paste(picture, (0, place * high))
    return page.quantize(colors=255, method=Image.Quantize.MEDIANCUT)
