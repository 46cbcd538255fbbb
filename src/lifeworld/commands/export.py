"""`lifeworld export`: episodes of a bundle, or a model, in the formats of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from lifeworld.commands.verb import Common, Outcome, progress, say
from lifeworld.commands.words import counted, weight
from lifeworld.core.errors import InputError, LimitError

if TYPE_CHECKING:
    from lifeworld.episode.bundle import Bundle
    from lifeworld.episode.episode import Episode

FOLDERS = ("lerobot", "webdataset", "onnx")
SUFFIX = {"mcap": ".mcap", "rerun": ".rrd", "mp4": ".mp4", "gif": ".gif"}
FILMS = ("mp4", "gif")


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Write episodes of a bundle, or a model, in a format of others.

    lerobot: a packed LeRobotDataset v3.0. mcap: one file with everything in it, which `lifeworld import` reads back to the bit. rerun: an
    .rrd for the Rerun viewer. webdataset: tar shards. mp4, gif: a film of the cameras side by side. onnx: a model as graphs, played faster
    on a processor, and without PyTorch.
    """

    bundle: tyro.conf.Positional[Path]
    """The bundle's folder; of onnx the model's."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """The file to write; of lerobot, webdataset and onnx the folder."""
    format: Annotated[Literal["lerobot", "mcap", "rerun", "webdataset", "mp4", "gif", "onnx"], tyro.conf.arg(name="as")]
    """What to write."""
    episode: int | None = None
    """Which episode, counted from 0, from the end if below 0; all if not given (of rerun the first)."""
    camera: str | None = None
    """Which cameras a film shows, separated by commas, in that order; all if not given."""
    fps: float | None = None
    """Frames a second of a film; those of the fastest camera if not given, at most 60 (of gif 10)."""
    clip_s: float | None = None
    """Cut webdataset samples to so many seconds; whole episodes if not given."""
    overwrite: bool = False
    """Replace a folder that holds something else."""


def run(options: Options) -> Outcome:
    from lifeworld.episode.bundle import open_bundle
    from lifeworld.episode.formats.report import Report

    _check(options)
    if options.format == "onnx":
        return _graphs(options)
    bundle, report = open_bundle(options.bundle), Report()
    chosen = _chosen(options, bundle)
    with progress(f"episodes as {options.format}", len(chosen)) as done:
        written = _WRITERS[options.format](options, _each(bundle, chosen, done), report)
    files = [p for p in options.out.rglob("*") if p.is_file()] if options.out.is_dir() else [options.out]
    size = sum(file.stat().st_size for file in files)
    subjects = sorted({subject for i in chosen for subject in bundle.index.table["subjects"][i].as_py()})
    if subjects:
        say(f"note: it holds data of {', '.join(subjects)}, in plain; erasing them from the bundle does not reach it")
    for what, why in report.skipped:
        say(f"left out: {what}: {why}")
    for note in report.notes:
        say(f"note: {note}")
    what = counted(written, "sample" if options.format == "webdataset" else "episode")
    return Outcome(
        text=f"{what} in {options.out}, {weight(size)}",
        value={
            "out": str(options.out),
            "as": options.format,
            "written": written,
            "bytes": size,
            "files": len(files),
            "subjects": subjects,
            "skipped": [list(pair) for pair in report.skipped],
            "notes": report.notes,
        },
    )


def _check(options: Options) -> None:
    """What does not fit the format is said before anything is written."""
    suffix = SUFFIX.get(options.format)
    if suffix is not None and options.out.suffix.lower() != suffix:
        raise InputError(f"{options.format} is a file that ends in {suffix}", where="--out", got=str(options.out), expected=f"NAME{suffix}")
    if suffix is None and options.out.is_file():
        raise InputError(f"{options.format} is a folder", where="--out", got=f"{options.out}, a file")
    for name, fit in (("camera", FILMS), ("fps", FILMS), ("clip_s", ("webdataset",)), ("overwrite", FOLDERS)):
        if getattr(options, name) and options.format not in fit:
            raise InputError(f"--{name.replace('_', '-')} is for {' and '.join(fit)}", got=f"--as {options.format}")
    if options.format == "onnx" and options.episode is not None:
        raise InputError("a model has no episodes", where="--episode", got=options.episode)
    if options.fps is not None and not 0.1 <= options.fps <= 240:
        raise LimitError("a film has 0.1 to 240 frames a second", got=options.fps)


def _chosen(options: Options, bundle: Bundle) -> list[int]:
    if not len(bundle):
        raise InputError("the bundle is empty", where=str(options.bundle))
    number = 0 if options.episode is None and options.format == "rerun" else options.episode
    if number is None:
        return list(range(len(bundle)))
    if not -len(bundle) <= number < len(bundle):
        raise InputError("there is no such episode", where=str(options.bundle), got=number, expected=f"0 to {len(bundle) - 1}")
    return [number % len(bundle)]


def _each(bundle: Bundle, chosen: Iterable[int], done: Callable[[], None]) -> Iterator[Episode]:
    for number in chosen:
        yield bundle[number]
        done()


def _graphs(options: Options) -> Outcome:
    """A model as ONNX."""
    from lifeworld.commands.learn import check_torch

    check_torch()
    from lifeworld.models.play.onnx import write_onnx

    say("writing the graphs takes about half a minute, of a small model one and a half")
    write_onnx(options.bundle, options.out, overwrite=options.overwrite)
    files = sorted(options.out.glob("*.onnx"))
    size = sum(file.stat().st_size for file in files)
    return Outcome(
        text=f"{', '.join(file.stem for file in files)} in {options.out}, {weight(size)}; lifeworld dream {options.out} --from BUNDLE",
        value={"out": str(options.out), "as": "onnx", "bytes": size, "files": len(files)},
    )


# -- one function a format ---------------------------------------------------------------------------------------------------


def _lerobot(options: Options, episodes: Iterator[Episode], report: Any) -> int:
    from lifeworld.episode.formats.lerobot_write import write

    return write(episodes, options.out, report=report, overwrite=options.overwrite)


def _mcap(options: Options, episodes: Iterator[Episode], _report: Any) -> int:
    from lifeworld.episode.formats.mcap_write import write

    return write(episodes, options.out)


def _rerun(options: Options, episodes: Iterator[Episode], report: Any) -> int:
    from lifeworld.episode.formats.rerun import write

    for episode in episodes:
        for name in write(episode, options.out):
            report.skip(name, "Rerun has no shape for it")
    return 1


def _webdataset(options: Options, episodes: Iterator[Episode], _report: Any) -> int:
    from lifeworld.episode.formats.webdataset import write

    return write(episodes, options.out, clip_s=options.clip_s, overwrite=options.overwrite)


def _film(options: Options, episodes: Iterator[Episode], _report: Any) -> int:
    from lifeworld.episode.formats.film_write import write_gif, write_mp4

    cameras = [name.strip() for name in options.camera.split(",") if name.strip()] if options.camera else None
    fps = Fraction(options.fps).limit_denominator(1001) if options.fps else None
    write = write_mp4 if options.format == "mp4" else write_gif
    return write(episodes, options.out, cameras=cameras, fps=fps)


_WRITERS: dict[str, Callable[[Options, Iterator[Episode], Any], int]] = {
    "lerobot": _lerobot,
    "mcap": _mcap,
    "rerun": _rerun,
    "webdataset": _webdataset,
    "mp4": _film,
    "gif": _film,
}
