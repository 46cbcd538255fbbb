"""How dense arrays and video are packed: bytes, encoding speed, time to decode a clip.

The long part tries every candidate beside what is kept: its tables go to out/codecs.md and into docs/codecs.md, which decides by them.

All times are processor time of all threads, so that what else runs on the machine counts little. A clip is some consecutive frames at a
random start; p50 and p95 are over such clips.
"""

from __future__ import annotations

import io
import math
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks.parts import NotHere
from benchmarks.priority import ordinary_priority
from benchmarks.row import Row, machine
from lifeworld.episode.codec import dense, encoder, video
from lifeworld.scene import starter
from lifeworld.worlds.agent import AgentCurious
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.record import record

SHARE_S = 40
LONG_S = 600

OUT, PAGE = Path("out/codecs.md"), Path("docs/codecs.md")
DATA = Path(__file__).parents[2] / "shared/data"
SIZES = ((64, 64, 10.24), (256, 256, 10.24), (480, 640, 5.08))
"""Height, width [px] and seconds of the tabletop, at 25 frames a second."""
SIGNALS = ("rgb", "depth_m", "depth_noisy_m", "instance_ids", "flow_forward", "normals")
SWEPT = "tabletop, 256 x 256"
COLOURS = ("yuv420p", "yuv444p")
SORTS = ("bytes/frame", "worst dB", "PSNR dB", "encode frames/s", *(f"T={t} {p} ms" for t in (1, 4, 16, 64) for p in ("p50", "p95")))
CLIPS = 60
Arrays = dict[str, NDArray[Any]]
Clip = Callable[[int, int], NDArray[Any]]
"""The frames from one to before another."""


def run() -> Iterator[Row]:
    """What is kept, beside its bars, of the tabletop and of real recordings."""
    with tempfile.TemporaryDirectory() as folder:
        seen = {f"{w} x {h}": seen_by_the_front(h, w, s) for h, w, s in SIZES[:2]}
        for size, arrays in seen.items():
            yield from _dense(Path(folder), size, stored(arrays))
        films = [(f"tabletop, {size}", arrays["rgb"]) for size, arrays in seen.items()]
        for name, frames in (*films, *recorded()):
            yield from _video(Path(folder), name, frames)
    if not DATA.exists():
        raise NotHere(f"the recordings under {DATA}")


def run_long() -> Iterator[Row]:
    """Every candidate, into the tables and the page."""
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(f"{machine()}\n", encoding="utf-8")
    tried = 0
    with tempfile.TemporaryDirectory() as folder:
        seen = {f"{w} x {h}": seen_by_the_front(h, w, s) for h, w, s in SIZES}
        for size, arrays in seen.items():
            tried += _dense_candidates(Path(folder), size, stored(arrays)) + _sixteen_bits(Path(folder), size, sixteen_bits(arrays))
        films = [(f"tabletop, {size}", arrays["rgb"]) for size, arrays in seen.items()]
        kept: list[tuple[Any, ...]] = []
        for name, frames in (*films, *recorded()):
            tried += _video_candidates(Path(folder), name, frames, kept, sweep=name == SWEPT)
        _table("Video as it is kept", SORTS, kept)
    into_page(OUT.read_text(encoding="utf-8"))
    yield Row("settings tried, told in docs/codecs.md", tried, "")


def seen_by_the_front(height: int, width: int, seconds: float) -> Arrays:
    """What the front camera of the tabletop sees while a curious hand plays."""
    scene = starter.load("tabletop")
    front = replace(scene.cameras[0], height_px=height, width_px=width)
    episode = record(
        WorldPhysics(), AgentCurious(), replace(scene, cameras=(front,)), seconds=seconds, seed=3, signals=[f"{s}@front" for s in SIGNALS]
    )
    return {name: np.asarray(episode[f"{name}@front"].values) for name in SIGNALS}


def stored(arrays: Arrays) -> Arrays:
    """As episodes hold them."""
    return {name: values for name, values in arrays.items() if name != "rgb"}


def sixteen_bits(arrays: Arrays) -> Arrays:
    """The same as codecs of 16-bit pictures can hold it: depth in mm (0 unknown), flow in 1/64 px, normals folded onto an octahedron."""
    out = {}
    for name in ("depth_m", "depth_noisy_m"):
        mm = np.nan_to_num(arrays[name] * 1000, nan=0, posinf=65535)
        out[f"{name}, mm"] = np.clip(np.rint(mm), 0, 65535).astype(np.uint16)
    out["instance_ids"] = arrays["instance_ids"].astype(np.uint16)
    flow = np.clip(np.nan_to_num(arrays["flow_forward"]) * 64, -32768, 32767)
    out["flow_forward, 1/64 px"] = (np.rint(flow).astype(np.int32) + 32768).astype(np.uint16)
    n = np.nan_to_num(arrays["normals"])
    n = n / np.maximum(np.abs(n).sum(-1, keepdims=True), 1e-9)
    folded = (1 - np.abs(n[..., 1::-1])) * np.where(n[..., :2] < 0, -1, 1)
    out["normals, octahedral"] = (np.rint(np.where(n[..., 2:] < 0, folded, n[..., :2]) * 32767).astype(np.int32) + 32768).astype(np.uint16)
    return out


def recorded() -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Real recordings, where they lie beside the checkout."""
    files = (
        ("hands of a robot, 320 x 240", next(iter(sorted((DATA / "robot_g1/videos").rglob("*.mp4"))), None), 192),
        ("shell game, 1280 x 720", DATA / "clips/02_cups.mp4", 64),
        ("road, 960 x 540", DATA / "clips/solidWhiteRight.mp4", 64),
    )
    for name, file, count in files:
        if file is not None and file.exists():
            found = video.scan_video(file)
            frames = video.Video(file, count=len(found.times_ns), height=found.height, width=found.width)
            yield name, frames[:count]
    tub = DATA / "rc_car/tub/images"
    if tub.exists():
        from PIL import Image

        names = sorted(tub.iterdir(), key=lambda p: int(p.name.split("_")[0]))[:192]
        yield "small car, 160 x 120", np.stack([np.asarray(Image.open(p).convert("RGB")) for p in names])


# -- dense arrays ----------------------------------------------------------------------------------------------------------


def _dense(folder: Path, size: str, arrays: Arrays) -> Iterator[Row]:
    for name, values in arrays.items():
        bytes_frame, encode_s, latency = _stored(folder / f"{name}.zarr", values)
        yield Row(f"dense {name}, {size}: size", bytes_frame / (values.nbytes / len(values)), "of raw", n=len(values))
        yield Row("  writing", len(values) / encode_s, "frames/s", n=len(values))
        yield Row("  16 frames at a random start, p50", latency[16][0] * 1e3, "ms", n=CLIPS)


def _stored(path: Path, values: NDArray[Any]) -> tuple[float, float, dict[int, tuple[float, float]]]:
    """Bytes a frame, seconds to write all, p50 and p95 [s] of clips by their length: as episodes keep it."""
    _, encode_s = _timed(lambda: dense.write_dense(path, values))
    array = dense.Dense(path)
    size = sum(f.stat().st_size for f in path.rglob("*") if f.is_file()) / len(values)
    latency = {length: _latency(lambda a, b: array[a:b], values, length) for length in (8, 16)}
    shutil.rmtree(path)
    return size, encode_s, latency


def _dense_candidates(folder: Path, size: str, arrays: Arrays) -> int:
    """Every way of packing tried, into a table; how many."""
    candidates = {
        f"{m} moments, {'time fastest' if turned else 'as it lies'}, {shuffle}, zstd {level}": (m, turned, shuffle, level)
        for m, turned, shuffle, level in (
            (8, True, "bits", 5), (16, True, "bits", 1), (16, True, "bits", 3), (16, True, "bits", 5), (16, True, "bits", 7),
            (8, True, "bytes", 5), (16, True, "bytes", 5), (32, True, "bytes", 5), (32, True, "bits", 5),
            (16, False, "bits", 5), (8, False, "bits", 5), (16, False, "bytes", 3),
        )
    }  # fmt: skip
    rows = []
    for name, values in arrays.items():
        for label, (moments, turned, shuffle, level) in candidates.items():
            packed, encode_s = _timed(lambda v=values, m=moments, t=turned, s=shuffle, n=level: _pack(v, m, t, s, n))
            p50, p95 = _latency(lambda a, b, p=packed, m=moments, t=turned, v=values: _unpack(p, m, t, v, a, b), values, 16)
            rows.append((name, label, sum(map(len, packed)) / len(values), len(values) / encode_s, p50, p95))
        bytes_frame, encode_s, latency = _stored(folder / f"{name}.zarr", values)
        for length, (p50, p95) in latency.items():
            rows.append((name, f"write_dense, Dense; clips of {length}", bytes_frame, len(values) / encode_s, p50, p95))
    _table(f"Dense arrays as they are stored, {size}: clips of 16", ("bytes/frame", "encode frames/s", "p50 ms", "p95 ms"), rows)
    return len(rows)


def _sixteen_bits(folder: Path, size: str, arrays: Arrays) -> int:
    """What codecs of 16-bit pictures make of them, into a table; how many ways."""
    rows = []
    for name, values in arrays.items():
        flat = values if values.ndim == 3 else np.concatenate([values[..., 0], values[..., 1]], axis=1)
        for label, pack, unpack in (
            (
                "A: 16 moments, time fastest, bits, zstd 5",
                lambda v: _pack(v, 16, True, "bits", 5),
                lambda p, v, a, b: _unpack(p, 16, True, v, a, b),
            ),
            ("B: the same as it lies", lambda v: _pack(v, 16, False, "bits", 5), lambda p, v, a, b: _unpack(p, 16, False, v, a, b)),
            ("C: as it lies, bytes, zstd 3", lambda v: _pack(v, 16, False, "bytes", 3), lambda p, v, a, b: _unpack(p, 16, False, v, a, b)),
            ("D: FFV1 3, each frame alone", lambda v: _ffv1(folder, v, 1), lambda p, v, a, b: _frames(p, v, a, b)),
            ("D: FFV1 3, groups of 16", lambda v: _ffv1(folder, v, 16), lambda p, v, a, b: _frames(p, v, a, b)),
            ("F: PNG", lambda v: _png(v), lambda p, v, a, b: np.stack([_from_png(x) for x in p[a:b]])),
        ):
            packed, encode_s = _timed(lambda v=flat, f=pack: f(v))
            p50, p95 = _latency(lambda a, b, p=packed, f=unpack, v=flat: f(p, v, a, b), flat, 16)
            rows.append((name, label, sum(map(len, packed)) / len(flat), len(flat) / encode_s, p50, p95))
    _table(f"16-bit pictures, {size}: clips of 16", ("bytes/frame", "encode frames/s", "p50 ms", "p95 ms"), rows)
    return len(rows)


def _pack(values: NDArray[Any], moments: int, turned: bool, shuffle: str, level: int) -> list[bytes]:
    from numcodecs.blosc import BITSHUFFLE, SHUFFLE, Blosc

    codec = Blosc(cname="zstd", clevel=level, shuffle=BITSHUFFLE if shuffle == "bits" else SHUFFLE)
    parts = (values[i : i + moments] for i in range(0, len(values), moments))
    return [bytes(codec.encode(np.ascontiguousarray(np.moveaxis(p, 0, -1) if turned else p))) for p in parts]


def _unpack(packed: list[bytes], moments: int, turned: bool, like: NDArray[Any], start: int, stop: int) -> NDArray[Any]:
    from numcodecs.blosc import Blosc

    parts = []
    for number in range(start // moments, (stop - 1) // moments + 1):
        count = min(moments, len(like) - number * moments)
        flat = np.frombuffer(Blosc().decode(packed[number]), like.dtype)
        part = np.moveaxis(flat.reshape(*like.shape[1:], count), -1, 0) if turned else flat.reshape(count, *like.shape[1:])
        first = number * moments
        parts.append(part[max(0, start - first) : stop - first])
    return np.ascontiguousarray(np.concatenate(parts))


def _ffv1(folder: Path, values: NDArray[np.uint16], gop: int) -> list[bytes]:
    path = folder / "ffv1.nut"
    with av.open(str(path), "w") as out:
        track: Any = out.add_stream("ffv1", rate=25)
        track.height, track.width, track.pix_fmt = *values.shape[1:], "gray16le"
        track.options = {"level": "3", "slices": "4", "slicecrc": "1", "g": str(gop), "coder": "1", "context": "0"}
        track.codec_context.thread_count = 1
        for picture in values:
            for packet in track.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="gray16le")):
                out.mux(packet)
        for packet in track.encode(None):
            out.mux(packet)
    with av.open(str(path)) as file:
        extra = file.streams.video[0].codec_context.extradata or b""
        packets = [(bytes(p), p.is_keyframe) for p in file.demux(video=0) if p.size]
    _EXTRA[gop] = (extra, [k for _, k in packets])
    return [p for p, _ in packets]


_EXTRA: dict[int, tuple[bytes, list[bool]]] = {}


def _frames(packed: list[bytes], like: NDArray[Any], start: int, stop: int) -> NDArray[Any]:
    extra, keys = next(e for e in reversed(_EXTRA.values()) if len(e[1]) == len(packed))
    context: Any = av.CodecContext.create("ffv1", "r")
    context.extradata, context.thread_count = extra, 1
    context.height, context.width, context.pix_fmt = *like.shape[1:], "gray16le"
    begin = max(i for i in range(start + 1) if keys[i])
    frames = [f for p in packed[begin:stop] for f in context.decode(av.Packet(p))] + context.decode(None)
    return np.stack([f.to_ndarray() for f in frames[start - begin :]])


def _png(values: NDArray[np.uint16]) -> list[bytes]:
    from PIL import Image

    out = []
    for picture in values:
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "PNG", compress_level=1)
        out.append(file.getvalue())
    return out


def _from_png(data: bytes) -> NDArray[np.uint16]:
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(data)), dtype=np.uint16)


# -- video -----------------------------------------------------------------------------------------------------------------


def _video(folder: Path, name: str, frames: NDArray[np.uint8]) -> Iterator[Row]:
    """As episodes keep it."""
    path, n = folder / "ours.mp4", len(frames)
    quality, encode_s = _timed(lambda: _kept(path, frames))
    read = video.Video(path, count=len(frames), height=frames.shape[1], width=frames.shape[2])
    worst, psnr, bias = _error(read[:], frames)
    yield Row(f"video {name}: PSNR of the worst picture", worst, "dB", 38, n=n, note=f"{quality.pixels}, crf {quality.crf}")
    yield Row("  of them all", psnr, "dB", n=n)
    yield Row("  bias, the worst of the three colours", bias, "levels", 0.5, lower=True, n=n)
    yield Row("  size", path.stat().st_size / n, "B/frame", n=n)
    yield Row("  encoding, looking at it and encoding again", n / encode_s, "frames/s", n=n)
    p50, _ = _latency(lambda a, b: read[a:b], frames, 16, exact=False)
    yield Row("  16 frames at a random start, p50", p50 * 1e3, "ms", n=CLIPS)


def _kept(path: Path, frames: NDArray[np.uint8]) -> encoder.Quality:
    return video.write_video(path, frames, np.arange(len(frames)) * 40_000_000, fps=Fraction(25))


def _video_candidates(folder: Path, name: str, frames: NDArray[np.uint8], kept: list[tuple[Any, ...]], *, sweep: bool) -> int:
    """Every setting tried, into a table; how many.

    `kept` grows by the one chosen for these frames, and by the same with x264's fast decoding.
    """
    quality = _kept(folder / "ours.mp4", frames)
    pixels, best = quality.pixels, {"preset": encoder.PRESET, "crf": str(quality.crf)}
    usual = {"preset": encoder.PRESET, "crf": "18"}
    chosen = [("libx264", encoder.GOP, pixels, best), ("libx264", encoder.GOP, pixels, best | {"tune": "fastdecode"})]
    kept += [(name, *_swept(folder, frames, *each)) for each in chosen]
    tries = [("libx264", encoder.GOP, colours, usual | {"crf": str(crf)}) for colours in COLOURS for crf in (12, 15, 18, 21)]
    tries += [("libx264", gop, pixels, best) for gop in (8, 32)]
    if sweep:
        for gop in (2, 8, 16, 32):
            tries += [("libx264", gop, "yuv420p", usual | {"preset": preset}) for preset in ("ultrafast", "veryfast", "medium")]
            tries += [("libsvtav1", gop, "yuv420p", {"preset": preset, "crf": "24"}) for preset in ("12", "8")]  # it has no 4:4:4
    _table(f"Video, {name}", SORTS, [(f"{len(frames)} frames", *_swept(folder, frames, *each)) for each in tries])
    return len(tries) + len(chosen)


def _swept(folder: Path, frames: NDArray[np.uint8], codec: str, gop: int, pixels: str, options: dict[str, str]) -> tuple[Any, ...]:
    path = folder / "swept.mp4"
    _, encode_s = _timed(lambda: _encode(path, frames, codec, gop, pixels, options))
    read = video.Video(path, count=len(frames), height=frames.shape[1], width=frames.shape[2])
    worst, psnr, _ = _error(read[:], frames)
    times = [t for n in (1, 4, 16, 64) for t in _latency(lambda a, b: read[a:b], frames, n, exact=False, clips=CLIPS // 2)]
    label = ", ".join(
        [codec.removeprefix("lib"), pixels.removeprefix("yuv")[:3], f"group of {gop}", *(f"{k} {v}" for k, v in options.items())]
    )
    return (label, path.stat().st_size / len(frames), worst, psnr, len(frames) / encode_s, *times)


def _encode(path: Path, frames: NDArray[np.uint8], codec: str, gop: int, pixels: str, options: dict[str, str]) -> None:
    shaper = av.video.reformatter.VideoReformatter()
    if codec == "libx264":
        more = {"x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes=0:open-gop=0:sliced-threads=0:sync-lookahead=0"}
    else:  # low delay: no frame waits for a later one
        more = {"svtav1-params": f"keyint={gop}:pred-struct=1:lp=1:scd=0"}
    with ordinary_priority(), av.open(str(path), "w", options={"movflags": "+faststart"}) as out:
        track: Any = out.add_stream(codec, rate=25)
        height, width = frames.shape[1:3]
        track.height, track.width, track.pix_fmt = height + height % 2, width + width % 2, pixels
        track.codec_context.thread_count = 1
        track.codec_context.colorspace, track.codec_context.color_range = encoder.BT709, encoder.LIMITED
        track.options = options | more
        for k, picture in enumerate(frames):
            frame = encoder.coded(picture, shaper, pixels)
            frame.pts, frame.time_base = k, Fraction(1, 25)
            for packet in track.encode(frame):
                out.mux(packet)
        for packet in track.encode(None):
            out.mux(packet)


def _error(got: NDArray[np.uint8], wanted: NDArray[np.uint8]) -> tuple[float, float, float]:
    """PSNR [dB] of the worst frame and over all, and the largest mean error of a colour."""
    off = got.astype(np.int16) - wanted
    squared = np.mean(np.square(off, dtype=np.float32), axis=(1, 2, 3), dtype=np.float64)
    worst, psnr = (10 * math.log10(255**2 / max(float(e), 1e-9)) for e in (squared.max(), squared.mean()))
    return worst, psnr, float(np.abs(off.mean((0, 1, 2))).max())


# -- measuring -------------------------------------------------------------------------------------------------------------


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    return work(), time.process_time() - start


def _latency(clip: Clip, like: NDArray[Any], length: int, *, exact: bool = True, clips: int = CLIPS) -> tuple[float, float]:
    """p50 and p95 [s] of reading clips at random; the first of them are held to what was written."""
    rng = np.random.default_rng(0)
    times = []
    for i, start in enumerate(rng.integers(0, len(like) - length + 1, clips).tolist()):
        got, seconds = _timed(lambda s=start: clip(s, s + length))
        times.append(seconds)
        if exact and i < 4:
            assert got.tobytes() == like[start : start + length].tobytes()
    return float(np.percentile(times, 50)), float(np.percentile(times, 95))


def _table(title: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    def cell(value: Any) -> str:
        return value if isinstance(value, str) else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"

    lines = [f"\n## {title}\n", "| " + " | ".join(("what", "how", *columns)) + " |", "|---|---|" + "---:|" * len(columns)]
    for what, how, *numbers in rows:
        shown = [cell(n * 1e3 if "ms" in c else n) for n, c in zip(numbers, columns, strict=True)]
        lines.append("| " + " | ".join((what, how, *shown)) + " |")
    with OUT.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def into_page(measured: str) -> None:
    """Put the tables that the page asks for, each between its two marks, into it."""
    tables = dict(part.split("\n\n", 1) for part in measured.split("\n## ")[1:])
    page = PAGE.read_text(encoding="utf-8")

    def table(mark: re.Match[str]) -> str:
        return f"{mark[1]}\n\n{tables[mark[2]].strip()}\n\n{mark[3]}"

    page = re.sub(r"(<!-- table: (.*?) -->).*?(<!-- end -->)", table, page, flags=re.DOTALL)
    machine_line = measured.partition("\n")[0]
    PAGE.write_text(re.sub(r"(?m)^Measured: .*$", f"Measured: {machine_line}.", page), encoding="utf-8")
