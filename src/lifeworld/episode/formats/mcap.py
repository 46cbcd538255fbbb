"""MCAP recordings: our own come back to the bit (`mcap_own.py`); of others Foxglove's messages (protobuf or JSON) and ROS 2's (CDR).

    CompressedVideo, CompressedImage, RawImage / Image      rgb@TOPIC; of one channel depth_m@TOPIC: 32FC1 in m, 16UC1 in mm (REP 118)
    RawAudio                                                audio_mono@TOPIC, audio_stereo@TOPIC
    CameraCalibration / CameraInfo                          camera_intrinsics_px@TOPIC
    JointState                                              embodiment_state@TOPIC: positions, then velocities; reading@TOPIC_effort
    Imu                                                     accelerometer_m_s2@TOPIC, gyro_rad_s@TOPIC
    FrameTransform(s), TFMessage                            reading@CHILD, a pose in its parent's frame
    PoseInFrame, Pose(Stamped), Twist(Stamped), numbers     reading@TOPIC
    Log, String                                             captions; of a topic with "instruction" in its name instruction

Anything else is listed as skipped, with its schema. A message's time is that of its header where it has one and these rise; header clocks
that are not the recorder's are moved onto it by the least delay seen, and the stream's clock says by how much. A torn file is read up to
the tear.

Sources: mcap.dev/spec; docs.foxglove.dev (message schemas); ROS REP 118 (depth), REP 103 (units, frames).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from lifeworld.core.errors import InputError, UnreadableFile
from lifeworld.core.origin import Origin, Terms
from lifeworld.core.signal import SIGNALS, Stream, stream_name
from lifeworld.core.time import Clock, Times
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.mcap_file import McapFile
from lifeworld.episode.formats.mcap_messages import Column, columns
from lifeworld.episode.formats.mcap_own import is_own, read_own
from lifeworld.episode.formats.report import Report
from lifeworld.episode.formats.source import Source, files_in

SAME_CLOCK_NS = 10_000_000_000
"""A header that lags the log by less than this is by the same clock: it says when, the log when it was written down."""


def read(path: Path, *, report: Report, origin: str = "measured", license: str = "") -> Iterator[Episode]:
    """The episodes of an .mcap file, or of all in a folder; a recording of others is one episode.

    Raises:
        UnreadableFile: if it is no MCAP file, or nothing in it can be taken.
        FileTooLarge: if it is over a limit.
        MissingExtra: if it holds ROS 2 messages and `mcap-ros2-support` is not installed.
    """
    files = [path] if path.is_file() else [p for p in files_in(path) if p.suffix.lower() == ".mcap"]
    if not files:
        raise UnreadableFile("there is no MCAP file here", where=str(path))
    for each in files:
        file = McapFile(each, report)
        if is_own(file):
            yield from read_own(file, report)
        else:
            yield _foreign(file, Origin(origin), Terms(license=license), report)


def _foreign(file: McapFile, origin: Origin, terms: Terms, report: Report) -> Episode:
    found: list[tuple[Column, Times, Clock]] = []
    for lane in file.lanes.values():
        if not len(lane):
            continue
        try:
            for column in columns(file, lane, report):
                found.append((column, *_times(column, report)))
        except InputError as error:
            report.skip(lane.topic, str(error))
    start = min((int(times[0]) for _, times, _ in found if len(times)), default=None)
    if start is None:
        raise UnreadableFile("there is nothing in it that can be taken", where=str(file.path), got=f"{len(file.lanes)} channels")
    streams: dict[str, Stream] = {}
    legend: dict[str, tuple[str, ...]] = {}
    for column, times, clock in found:
        source, copy = column.source, 2
        while (name := stream_name(column.signal, source)) in streams:
            source, copy = f"{column.source}_{copy}", copy + 1
        try:
            kept = np.flatnonzero(np.concatenate([[True], np.diff(times) > 0])) if len(times) else np.zeros(0, np.int64)
            if len(kept) < len(times):
                report.note(f"{column.topic}: of {len(times) - len(kept)} messages at the time of the one before, none is kept")
            values = column.values if len(kept) == len(times) else column.chosen(kept)
            signal = SIGNALS[column.signal]
            streams[name] = Stream(signal, times[kept] - start, values, origin=origin, source=source, terms=terms, clock=clock)
        except InputError as error:
            report.skip(column.topic, str(error))
            continue
        if column.names:
            legend[name] = column.names
    made = replace(Source.of(file.path).provenance("mcap"), licenses=(terms.license,) if terms.license else ())
    return Episode(streams=streams, provenance=made, title=file.path.stem, labels={"began_ns": str(start)}, legend=legend)


def _times(column: Column, report: Report) -> tuple[Times, Clock]:
    """When each value was [ns since 1970, by the recorder's clock], and by which clock that is known."""
    logged, told = column.logged_ns, column.stamps_ns
    if told is None or not len(told) or not told.any():
        return np.maximum.accumulate(logged), Clock(source="MCAP log", uncertainty_ns=None)
    if (np.diff(told) < 0).any():
        report.note(f"{column.topic}: its headers' times do not rise; the times at which it was logged are taken")
        return np.maximum.accumulate(logged), Clock(source="MCAP log", uncertainty_ns=None)
    lag = logged - told
    least, most = int(lag.min()), int(lag.max())
    if max(abs(least), abs(most)) < SAME_CLOCK_NS:
        report.note(f"{column.topic}: times are its headers', {least / 1e6:.1f} to {most / 1e6:.1f} ms before it was logged")
        return told, Clock(source=f"header of {column.topic}", uncertainty_ns=None)
    report.note(f"{column.topic}: its headers run by another clock, moved by {least / 1e9:.6f} s onto the log's")
    return told + least, Clock(source=f"header of {column.topic}", offset_ns=least, uncertainty_ns=most - least)
