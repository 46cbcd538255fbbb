"""RLDS episodes (TensorFlow Datasets, Open X-Embodiment): TFRecord shards beside features.json and dataset_info.json.

    steps/observation/image_0      rgb@image_0, as the JPEG or PNG it is
    steps/action[/PART …]          action@robot, the parts one after the other
    steps/observation/state        embodiment_state@robot (also proprio, robot_state)
    steps/…language_instruction    instruction, where it changes
    steps/reward, is_terminal      reward, terminated; is_last without is_terminal is truncated
    any other number of a step     reading@NAME
    what is not of a step          labels

RLDS keeps no times: steps are put `fps` apart, and the clock says that nobody knows how well (`uncertainty_ns` is None). The action of a
step follows its observation and stands at the same time.

Source: google-research/rlds, README (dataset format); tensorflow_datasets/core/features (features.json, example encoding).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import ForeignFileError, InputError, ShapeError, UnreadableFile
from lifeworld.core.origin import Origin, Provenance, Terms
from lifeworld.core.signal import SIGNALS, Stream, stream_name
from lifeworld.core.time import Clock
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.clock import from_rate
from lifeworld.episode.formats.report import Report
from lifeworld.episode.formats.source import Source, files_in, word
from lifeworld.episode.formats.stills import Stills
from lifeworld.episode.formats.tfrecord import Feature, example, records

USUAL_FPS = Fraction(10)
"""Where nobody says how fast the steps followed each other; of the recordings in Open X-Embodiment most lie between 3 and 15."""
MOST_JSON_BYTES = 16 << 20
STATES = ("state", "proprio", "robot_state", "eef_state")
SAID = ("language_instruction", "natural_language_instruction", "instruction")
FLAGS = ("is_first", "is_last", "is_terminal")
_MOST_LETTERS = SIGNALS["instruction"].dtype.itemsize // 4
PICTURES = (b"\xff\xd8\xff", b"\x89PNG")


@dataclass(frozen=True, slots=True)
class Leaf:
    """What features.json says of one value of a step: its shape, dtype, and whether it is a picture or text."""

    shape: tuple[int, ...]
    dtype: str
    sort: str  # "number", "image" or "text"


def read(path: Path, *, report: Report, fps: float | Fraction | None = None, license: str = "") -> Iterator[Episode]:
    """The episodes of a data set's folder (any above its shards), or of one .tfrecord shard, a record an episode.

    `fps` is how many steps a second; 10 if nobody says. A record that is broken is skipped, and the rest of its shard with it.

    Raises:
        UnreadableFile: if there are no shards, or features.json is none.
        InputError: if `fps` is not above 0.
    """
    rate = Fraction(fps).limit_denominator(10_000) if fps is not None else USUAL_FPS
    if rate <= 0:
        raise InputError("steps a second must be above 0", got=fps)
    shards = [path] if path.is_file() else [p for p in files_in(path) if ".tfrecord" in p.name]
    if not shards:
        raise UnreadableFile("there is no TFRecord here", where=str(path), expected="*.tfrecord, *.tfrecord-00000-of-00001 …")
    if fps is None:
        report.note(f"RLDS keeps no times: steps are put {float(1 / USUAL_FPS):g} s apart (fps={USUAL_FPS}); give fps= if you know better")
    for shard in shards:
        leaves = _leaves_beside(shard, report)
        name, terms = _dataset(shard)
        source, number = Source.of(shard), 0
        try:
            for record in records(shard):
                where = f"{shard.name}, record {number}"
                try:
                    flat = example(record, where=where)
                    made = source.provenance("rlds", number)
                    yield _episode(flat, leaves, rate, where, name, made, Terms(license=license or terms), report)
                except InputError as error:
                    report.skip(where, str(error))
                number += 1
        except ForeignFileError as error:  # what follows a broken record cannot be found
            report.skip(str(shard), str(error))


def _episode(
    flat: Mapping[str, Feature],
    leaves: Mapping[str, Leaf],
    rate: Fraction,
    where: str,
    dataset: str,
    made: Provenance,
    terms: Terms,
    report: Report,
) -> Episode:
    steps = {name.removeprefix("steps/"): value for name, value in flat.items() if name.startswith("steps/")}
    count = _count(steps, leaves, where)
    times = from_rate(count, float(rate))
    clock = Clock(source="steps", uncertainty_ns=None)
    streams: dict[str, Stream] = {}
    legend: dict[str, tuple[str, ...]] = {}

    def put(signal: str, values: Any, *, source: str = "", at: NDArray[np.int64] = times, names: tuple[str, ...] = ()) -> None:
        key = stream_name(signal, source)
        streams[key] = Stream(SIGNALS[signal], at, values, origin=Origin.MEASURED, source=source, terms=terms, clock=clock)
        if names:
            legend[key] = names

    numbers: dict[str, NDArray[Any]] = {}
    said: list[str] | None = None
    for name, value in sorted(steps.items()):
        leaf = leaves.get(name)
        short = name.rpartition("/")[2]
        if isinstance(value, np.ndarray):
            if value.size and not _ragged(name):
                numbers[name] = value.reshape(count, -1)
            else:
                report.note(f"left out steps/{name}: {'it has another length in each step' if value.size else 'it is empty'}")
        elif short in SAID:
            said = [text.decode("utf-8", "replace") for text in value]
        elif leaf is not None and leaf.sort == "image" and (leaf.dtype != "uint8" or leaf.shape[-1:] != (3,)):
            report.note(f"left out steps/{name}: pictures of {leaf.dtype} {leaf.shape}, of which RLDS does not say the unit")
        elif len(value) == count and value[0].startswith(PICTURES):
            put("rgb", Stills(value, where=f"{where}, {name}"), source=_source(name, streams, "rgb"))
        else:
            report.note(f"left out steps/{name}: texts for which there is no signal")
    acted = {name: numbers.pop(name) for name in sorted(numbers) if name == "action" or name.startswith("action/")}
    if acted:
        names = tuple(f"{name.removeprefix('action/')} {i}" for name, block in acted.items() for i in range(block.shape[1]))
        put("action", np.concatenate([block.astype(np.float64) for block in acted.values()], axis=1), source="robot", names=names)
    state = next((f"observation/{name}" for name in STATES if f"observation/{name}" in numbers), None)
    if state is not None:
        block = numbers.pop(state).astype(np.float64)
        put("embodiment_state", block, source="robot", names=tuple(f"{state.rpartition('/')[2]} {i}" for i in range(block.shape[1])))
    _ends(numbers, count, put, report)
    for name, block in numbers.items():
        short = name.rpartition("/")[2]
        exact = block.astype(np.float64)
        if block.dtype == np.int64 and not np.array_equal(exact.astype(np.int64), block):
            report.note(f"left out steps/{name}: its whole numbers are too large to be kept as they are")
            continue
        names = (short,) if block.shape[1] == 1 else tuple(f"{short} {i}" for i in range(block.shape[1]))
        put("reading", exact, source=_source(name, streams, "reading"), names=names)
    if said:
        if max(map(len, said)) > _MOST_LETTERS:
            report.note(f"an instruction is cut at {_MOST_LETTERS} letters")
        first = [0] + [i for i in range(1, len(said)) if said[i] != said[i - 1]]
        put("instruction", np.array([said[i][:_MOST_LETTERS] for i in first], SIGNALS["instruction"].dtype), at=times[first])
    title = said[0] if said and said[0] else f"{dataset} {where.rpartition(' ')[2]}"
    return Episode(streams=streams, provenance=made, title=title[:200], labels=_labels(flat, dataset, report), legend=legend)


def _ends(numbers: dict[str, NDArray[Any]], count: int, put: Any, report: Report) -> None:
    """Reward and the flags, where they have their meaning; takes them out of `numbers`."""
    if "reward" in numbers and numbers["reward"].shape == (count, 1):
        put("reward", numbers.pop("reward")[:, 0].astype(np.float64))
    terminal = numbers.pop("is_terminal", None)
    if terminal is not None:
        put("terminated", terminal[:, 0].astype(bool))
    last = numbers.pop("is_last", None)
    if last is not None:
        ended = np.zeros(count, bool) if terminal is None else terminal[:, 0].astype(bool)
        put("truncated", last[:, 0].astype(bool) & ~ended)
    if numbers.pop("is_first", None) is not None:
        report.note("is_first is not kept: an episode begins where it begins")


def _count(steps: Mapping[str, Feature], leaves: Mapping[str, Leaf], where: str) -> int:
    """How many steps there are: all values must agree. Without features.json one number a step is what the flags and texts have."""
    counts: dict[str, int] = {}
    for name, value in steps.items():
        leaf = leaves.get(name, Leaf((), "", "number") if name in FLAGS else None)
        if isinstance(value, tuple):
            counts[name] = len(value)
        elif leaf is not None and leaf.sort == "number" and value.size and not _ragged(name):
            counts[name] = value.size // prod(leaf.shape) if prod(leaf.shape) > 0 else 0
    if not counts:
        raise UnreadableFile("the number of steps cannot be known", where=where, fix="Put features.json beside the shard.")
    low, high = min(counts, key=counts.__getitem__), max(counts, key=counts.__getitem__)
    count = counts[low]
    if count != counts[high] or count < 1:
        got = f"{count} of {low}, {counts[high]} of {high}"
        raise ShapeError("the values of an episode disagree on the number of steps", where=where, got=got, expected="one number, above 0")
    for name, value in steps.items():
        if isinstance(value, np.ndarray) and value.size % count and not _ragged(name):
            raise ShapeError(f"steps/{name} is not whole steps", where=where, got=f"{value.size} numbers", expected=f"{count} steps")
    return count


def _labels(flat: Mapping[str, Feature], dataset: str, report: Report) -> dict[str, str]:
    """What is said of the whole episode. Paths are left out: they carry the names of people and of their machines."""
    labels = {"dataset": dataset}
    for name, value in flat.items():
        if name.startswith("steps/"):
            continue
        short = name.rpartition("/")[2]
        if "path" in short or (isinstance(value, tuple) and any(text.startswith((b"/", b"gs://", b"C:\\")) for text in value)):
            report.note(f"left out {name}: a path may carry people's names")
        elif len(value) == 1:
            only = value[0]
            labels[short] = only.decode("utf-8", "replace")[:200] if isinstance(only, bytes) else f"{only:g}"
        else:
            report.note(f"left out {name}: {len(value)} values of the whole episode")
    return labels


def _ragged(name: str) -> bool:
    return "/ragged_" in name


def _source(name: str, streams: Mapping[str, Stream], signal: str) -> str:
    """A stream's source from the last part of a name; with what is before it, where that is taken."""
    parts = [word(part) for part in name.split("/")]
    for take in range(1, len(parts) + 1):
        source = "_".join(parts[-take:])
        if f"{signal}@{source}" not in streams:
            return source
    raise InputError("two values of a step have the same name", got=name)


# -- what the data set says of itself ----------------------------------------------------------------------------------------


def _dataset(shard: Path) -> tuple[str, str]:
    """Name with version, and licence, from dataset_info.json; the shard's own name and none where it is missing."""
    info = _json(shard.with_name("dataset_info.json"))
    if not isinstance(info, dict):
        return shard.name.partition(".tfrecord")[0], ""
    name = " ".join(str(info[key]) for key in ("name", "version") if info.get(key))
    rights = info.get("redistributionInfo")
    return name or shard.name, str(rights.get("license", ""))[:200] if isinstance(rights, dict) else ""


def _leaves_beside(shard: Path, report: Report) -> dict[str, Leaf]:
    tree = _json(shard.with_name("features.json"))
    if tree is None:
        report.note(f"no features.json beside {shard.name}: shapes are taken from the counts")
        return {}
    found: dict[str, Leaf] = {}
    try:
        _walk(tree, "", found, 0)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableFile(
            "features.json does not describe features", where=str(shard.with_name("features.json")), got=str(error)
        ) from error
    return {name.removeprefix("steps/"): leaf for name, leaf in found.items() if name.startswith("steps/")}


def _walk(tree: Any, name: str, found: dict[str, Leaf], depth: int) -> None:
    if depth > 32:
        raise ValueError("nested more than 32 deep")
    if "featuresDict" in tree:
        for key, inner in tree["featuresDict"]["features"].items():
            _walk(inner, f"{name}/{key}" if name else key, found, depth + 1)
    elif "sequence" in tree:
        _walk(tree["sequence"]["feature"], name, found, depth + 1)
    elif "image" in tree:
        found[name] = Leaf(_shape(tree["image"]), str(tree["image"].get("dtype", "uint8")), "image")
    elif "text" in tree:
        found[name] = Leaf((), "string", "text")
    elif "tensor" in tree:
        dtype = str(tree["tensor"].get("dtype", "float32"))
        plain = str(tree["tensor"].get("encoding", "none")) in ("none", "")
        found[name] = Leaf(_shape(tree["tensor"]), dtype, "text" if dtype in ("string", "object") or not plain else "number")


def _shape(holder: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(int(size) for size in holder.get("shape", {}).get("dimensions", ()))


def _json(path: Path) -> Any:
    """What a .json file holds; None where there is none."""
    if not path.is_file():
        return None
    if path.stat().st_size > MOST_JSON_BYTES:
        raise UnreadableFile("the file is too long for what it should say", where=str(path), expected=f"at most {MOST_JSON_BYTES:,} bytes")
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise UnreadableFile("this is not JSON", where=str(path), got=str(error)) from error
