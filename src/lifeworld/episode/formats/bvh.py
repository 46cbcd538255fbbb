"""Motion capture as BVH text: a HIERARCHY of joints, then a MOTION of one row of numbers a frame; becomes `skeleton_pose@PERSON`.

Each joint's pose is worked out in the world: position [m], quaternion wxyz of its frame, whose axes are the file's. The world is turned so
that +Z is up (`up="y"`, the usual way of BVH: x, y, z becomes x, −z, y). End sites are limbs too (JOINT_end), turned as their joint.

BVH says no unit: by default it is guessed from how tall the skeleton stands in its rest pose, and the report says what was guessed.
Position channels are added to a joint's OFFSET, unless they lie nearer to it than to zero throughout: then they hold the whole of it, as
some exporters write them. A Frame Time that is a whole rate, rounded to the digits written (0.033333), is taken as that rate.

Source: M. Meredith and S. Maddock, Motion Capture File Formats Explained (2001), section on Biovision BVH.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import FileTooLarge, UnreadableFile
from lifeworld.core.origin import Origin, Terms
from lifeworld.core.pose import quat_canonical, quat_multiply, rotate
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.core.time import Clock
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.report import Report
from lifeworld.episode.formats.source import Source

MOST_BYTES, MOST_JOINTS, MOST_DEPTH = 1 << 30, 2000, 200
UNITS = {"m": 1.0, "cm": 0.01, "mm": 0.001, "inch": 0.0254}
TALLEST_M, SHORTEST_M = 2.4, 0.9
"""What a skeleton that somebody moves may measure, rest pose, lowest to highest joint."""
AXES = {"Xrotation": 0, "Yrotation": 1, "Zrotation": 2}
PLACES = {"Xposition": 0, "Yposition": 1, "Zposition": 2}
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Joint:
    """A joint: its parent's index (-1: a root), its OFFSET from it, and its channels, in order, from column `first` of the motion."""

    name: str
    parent: int
    offset: tuple[float, float, float]
    channels: tuple[str, ...]
    first: int


@dataclass(frozen=True, slots=True)
class Motion:
    """A BVH file as read: joints, parents before children; `rows` (frames, channels) in the file's units and degrees."""

    joints: tuple[Joint, ...]
    rows: Array
    frame_time: str


def read(
    path: Path,
    *,
    report: Report,
    unit: Literal["auto", "m", "cm", "mm", "inch"] = "auto",
    up: Literal["y", "z"] = "y",
    license: str = "",
) -> Iterator[Episode]:
    """The one episode of a .bvh file: a person for each ROOT.

    Raises:
        UnreadableFile: if it is not whole; names the line.
        FileTooLarge: if it is over a limit.
    """
    motion = parse(path)
    scale = UNITS[unit] if unit != "auto" else _guessed(motion, 1 if up == "y" else 2, report)
    step = _step(motion.frame_time, path, report)
    times = np.array([round(k * 1_000_000_000 * step) for k in range(len(motion.rows))], dtype=np.int64)
    limbs = poses(motion, report, where=path.name)
    limbs[..., :3] *= scale
    if up == "y":
        half = np.sqrt(0.5)
        limbs[..., :3] = limbs[..., [0, 2, 1]] * [1.0, -1.0, 1.0]
        limbs[..., 3:] = quat_multiply(np.array([half, half, 0.0, 0.0]), limbs[..., 3:])
    limbs[..., 3:] = quat_canonical(limbs[..., 3:])
    roots = [i for i, joint in enumerate(motion.joints) if joint.parent < 0]
    streams, legend, labels = {}, {}, {"unit": unit if unit != "auto" else f"1 unit = {scale:g} m, guessed", "up": up}
    for number, root in enumerate(roots):
        person = "person" if number == 0 else f"person_{number + 1}"
        end = roots[number + 1] if number + 1 < len(roots) else len(motion.joints)
        name = f"skeleton_pose@{person}"
        streams[name] = Stream(
            SIGNALS["skeleton_pose"],
            times,
            limbs[:, root:end],
            origin=Origin.MEASURED,
            source=person,
            terms=Terms(license=license),
            clock=Clock(source="frames", uncertainty_ns=None),
        )
        legend[name] = tuple(joint.name for joint in motion.joints[root:end])
        parents = (joint.parent - root if joint.parent >= 0 else -1 for joint in motion.joints[root:end])
        labels[f"skeleton_parents@{person}"] = " ".join(map(str, parents))
    report.note(f"{path.name}: whose movements these are is not in the file; give consents before it is shared")
    yield Episode(streams=streams, provenance=Source.of(path).provenance("bvh"), title=path.stem, labels=labels, legend=legend)


def poses(motion: Motion, report: Report, *, where: str) -> Array:
    """Position (file's units) and quaternion wxyz of every joint in the file's world: (frames, joints, 7)."""
    frames = len(motion.rows)
    out = np.zeros((frames, len(motion.joints), 7))
    for index, joint in enumerate(motion.joints):
        offset, turn = np.array(joint.offset), np.tile([1.0, 0.0, 0.0, 0.0], (frames, 1))
        moved = np.zeros((frames, 3))
        placed = [PLACES[channel] for channel in joint.channels if channel in PLACES]
        for place, channel in enumerate(joint.channels):
            column = motion.rows[:, joint.first + place]
            if channel in PLACES:
                moved[:, PLACES[channel]] = column
            else:
                half = np.deg2rad(column) / 2
                about = np.zeros((frames, 4))
                about[:, 0], about[:, 1 + AXES[channel]] = np.cos(half), np.sin(half)
                turn = quat_multiply(turn, about)
        if placed and offset.any() and np.abs(moved - offset)[:, placed].sum() < np.abs(moved)[:, placed].sum():
            report.note(f"{where}: the position channels of {joint.name} hold its whole offset; they replace it")
            moved[:, placed] -= offset[placed]
        if joint.parent < 0:
            out[:, index, :3], out[:, index, 3:] = offset + moved, turn
        else:
            above = out[:, joint.parent]
            out[:, index, :3] = above[:, :3] + rotate(above[:, 3:], offset + moved)
            out[:, index, 3:] = quat_multiply(above[:, 3:], turn)
    return out


# -- the text ----------------------------------------------------------------------------------------------------------------


def parse(path: Path) -> Motion:
    """A BVH file as it is written; every error names its line."""
    if path.stat().st_size > MOST_BYTES:
        raise FileTooLarge(
            "the file is too long", where=path.name, got=f"{path.stat().st_size:,} bytes", expected=f"at most {MOST_BYTES:,}"
        )
    with path.open(encoding="utf-8", errors="replace") as file:
        lines = _Lines(path.name, file.read().splitlines())
    if lines.words() != ["HIERARCHY"]:
        raise lines.wrong("a BVH file begins with HIERARCHY")
    joints: list[Joint] = []
    while (words := lines.words())[:1] == ["ROOT"]:
        _joint(lines, " ".join(words[1:]), -1, joints, 0)
    if words != ["MOTION"] or not joints:
        raise lines.wrong("after the joints comes MOTION")
    if (words := lines.words())[:1] != ["Frames:"] or len(words) != 2 or not words[1].isdecimal() or len(words[1]) > 9:
        raise lines.wrong("here stands how many frames there are", expected="Frames: N")
    count = int(words[1])
    if (words := lines.words())[:2] != ["Frame", "Time:"] or len(words) != 3:
        raise lines.wrong("here stands how long a frame lasts", expected="Frame Time: SECONDS")
    frame_time = words[2]
    (seconds,) = lines.numbers([frame_time], 1)
    if not 1e-5 <= seconds <= 1e4:
        raise lines.wrong("a frame lasts from 10 µs to hours", expected="seconds")
    width = sum(len(joint.channels) for joint in joints)
    rows = []
    for number in range(count):
        words = lines.words()
        if not words:
            raise lines.wrong("the motion is cut off", got=f"{number} frames", expected=f"{count} frames")
        rows.append(lines.numbers(words, width))
    if lines.words():
        raise lines.wrong("there is more motion than the file says", expected=f"{count} frames")
    if not rows:
        raise lines.wrong("there is no motion", got="Frames: 0")
    return Motion(tuple(joints), np.array(rows), frame_time)


def _joint(lines: _Lines, name: str, parent: int, joints: list[Joint], depth: int) -> None:
    """One joint and all below it, after its first line has been read."""
    end = name == "" and parent >= 0
    index = len(joints)
    if index >= MOST_JOINTS or depth > MOST_DEPTH:
        raise lines.wrong(f"more than {MOST_JOINTS} joints, or more than {MOST_DEPTH} one below the other")
    if lines.words() != ["{"]:
        raise lines.wrong("a joint opens with {")
    words = lines.words()
    if words[:1] != ["OFFSET"]:
        raise lines.wrong("a joint says its OFFSET first")
    x, y, z = lines.numbers(words[1:], 3)
    channels: tuple[str, ...] = ()
    if not end:
        words = lines.words()
        if words[:1] != ["CHANNELS"] or len(words) < 2 or not words[1].isdecimal():
            raise lines.wrong("a joint says its CHANNELS after its OFFSET", expected="CHANNELS N NAMES")
        channels = tuple(words[2:])
        if len(channels) != int(words[1]):
            raise lines.wrong("the number of channels is not the one that is said", got=len(channels), expected=words[1])
        if len(set(channels)) != len(channels) or not set(channels) <= AXES.keys() | PLACES.keys():
            raise lines.wrong("a channel is none of BVH's, or is there twice", got=" ".join(channels), expected="Xposition … Zrotation")
    taken = {joint.name for joint in joints}
    called = f"{joints[parent].name}_end" if end else name or f"joint_{index}"
    while called in taken:
        called += "_"
    first = sum(len(joint.channels) for joint in joints)
    joints.append(Joint(called, parent, (x, y, z), channels, first))
    while (words := lines.words()) != ["}"]:
        if words[:1] == ["JOINT"] and not end:
            _joint(lines, " ".join(words[1:]), index, joints, depth + 1)
        elif words == ["End", "Site"] and not end:
            _joint(lines, "", index, joints, depth + 1)
        else:
            raise lines.wrong("here a JOINT, an End Site or } was to come")


class _Lines:
    """The lines of a file that hold anything, one after the other."""

    def __init__(self, name: str, lines: list[str]) -> None:
        self.name, self.lines, self.at = name, lines, 0

    def words(self) -> list[str]:
        """The words of the next line; none at the end of the file."""
        while self.at < len(self.lines):
            self.at += 1
            if words := self.lines[self.at - 1].split():
                return words
        return []

    def numbers(self, words: list[str], count: int) -> list[float]:
        """So many finite numbers."""
        if len(words) != count:
            raise self.wrong("a line has another number of numbers", got=len(words), expected=count)
        try:
            values = [float(word) for word in words]
        except ValueError as error:
            raise self.wrong("this is not a number", got=str(error)) from None
        if not np.isfinite(values).all():
            raise self.wrong("a number is not finite")
        return values

    def wrong(self, what: str, *, got: object = None, expected: object = None) -> UnreadableFile:
        line = self.lines[self.at - 1].strip()[:60] if 0 < self.at <= len(self.lines) else "the end of the file"
        return UnreadableFile(what, where=f"{self.name}, line {max(self.at, 1)}", got=line if got is None else got, expected=expected)


def _step(text: str, path: Path, report: Report) -> Fraction:
    """The frame time [s], exactly."""
    told = Fraction(text)
    rate = round(1 / told)
    digits = len(text.partition(".")[2]) if "e" not in text.lower() else 0
    if rate > 0 and digits >= 3 and told.denominator != 1 and abs(told - Fraction(1, rate)) <= Fraction(1, 2 * 10**digits):
        if told != Fraction(1, rate):
            report.note(f"{path.name}: its frame time {text} s is taken as 1/{rate} s, of which it is the rounding")
        return Fraction(1, rate)
    return told


def _guessed(motion: Motion, up: int, report: Report) -> float:
    """Metres a unit, by how tall the skeleton stands; centimetres where no unit gives the height of a person or pet."""
    places = np.zeros((len(motion.joints), 3))
    for index, joint in enumerate(motion.joints):
        places[index] = places[joint.parent] + joint.offset if joint.parent >= 0 else 0.0
    tall = float(np.ptp(places[:, up]))
    fits = [name for name in ("cm", "m", "inch", "mm") if SHORTEST_M <= tall * UNITS[name] <= TALLEST_M]
    chosen = fits[0] if fits else "cm"
    why = f"{tall * UNITS[chosen]:.2f} m tall" if fits else f"{tall:g} units tall, which is no person's height in m, cm, mm or inch"
    report.note(f"BVH says no unit: taken as {chosen}, by which the skeleton is {why}; give unit= if you know better")
    return UNITS[chosen]
