"""Episodes as .rrd, which the Rerun viewer shows: cameras where they stand, pictures, depth, boxes, bodies, numbers and words over time.

    world                          +Z up; boxes, things, bodies
    world/cameras/CAM              where it stands and what it sees: rgb (the video as it is), depth_m, instance_ids …
    pictures/CAM                   the same of cameras that do not say where they stand
    numbers/STREAM                 scalars, by the names of the legend
    words/STREAM                   texts
    about                          title, origin, licence, who made it

What Rerun has no shape for (sound, rows of events) is left out; `write` says what.
"""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Any

import numpy as np

from lifeworld.core.errors import MissingExtra
from lifeworld.core.pose import xyzw_from_wxyz
from lifeworld.core.signal import Stream
from lifeworld.core.write import replace_file
from lifeworld.episode.codec.video import Video, scan_video
from lifeworld.episode.entry import PICTURES
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.stills import Stills
from lifeworld.episode.sheet.colors import id_colors
from lifeworld.episode.sheet.figure import parents_of

TIMELINE = "time"
MOST_SCALARS = 64
DEPTHS, IDS = ("depth_m", "depth_noisy_m"), ("instance_ids", "part_ids", "semantic_ids")


def write(episode: Episode, path: Path | str) -> list[str]:
    """Write an episode beside its place, then rename it; the names of the streams that are left out.

    Raises:
        MissingExtra: without rerun-sdk.
    """
    try:
        import rerun as rr
    except ImportError:
        raise MissingExtra("writing .rrd", "viewer") from None
    said = f"{episode.title}\0{episode.provenance.created}\0{sorted(episode.streams)}".encode()
    known = str(uuid.UUID(bytes=hashlib.sha256(said).digest()[:16]))
    recording = rr.RecordingStream("lifeworld", recording_id=known, send_properties=False)
    recording.set_log_time_enabled(False)  # no wall clock: the same episode makes the same recording
    recording.set_log_tick_enabled(False)
    with replace_file(path) as beside:
        recording.save(beside, default_blueprint=_blueprint(episode))
        left = _Sender(rr, recording, episode).send()
        recording.flush()
        recording.disconnect()
    return left


class _Sender:
    """Sends an episode's streams to a recording."""

    def __init__(self, rr: Any, recording: Any, episode: Episode) -> None:
        self.rr, self.recording, self.episode = rr, recording, episode
        self.streams = {name: stream for name, stream in episode.streams.items() if len(stream)}

    def send(self) -> list[str]:
        rr, episode = self.rr, self.episode
        licences = ", ".join(sorted({s.terms.license for s in episode.streams.values() if s.terms.license})) or "not said"
        made = episode.provenance
        about = (
            f"# {episode.title or 'episode'}\n\n**{episode.origin.value}** by {made.engine} {made.engine_version}\n\nlicence: {licences}\n"
        )
        self.recording.send_recording_name(episode.title or "episode")
        self.static("about", rr.TextDocument(about, media_type=rr.MediaType.MARKDOWN))
        self.static("world", rr.ViewCoordinates.RIGHT_HAND_Z_UP)
        left = []
        for source in dict.fromkeys(s.source for s in self.streams.values() if s.signal.name == "camera_pose"):
            self.lens(source)
        for name, stream in self.streams.items():
            if not self.sent(name, stream):
                left.append(name)
        return left

    def sent(self, name: str, stream: Stream) -> bool:
        signal = stream.signal
        if signal.name in PICTURES:
            self.pictures(f"{self.at(stream)}/{signal.name}", stream)
        elif signal.name in DEPTHS:
            for time_ns, value in self.moments(stream):
                self.log(f"{self.at(stream)}/{signal.name}", time_ns, self.rr.DepthImage(np.asarray(value), meter=1.0))
        elif signal.name in IDS:
            self.ids(f"{self.at(stream)}/{signal.name}", stream)
        elif signal.name in ("camera_pose", "camera_intrinsics_px"):
            return f"camera_pose@{stream.source}" in self.streams
        elif signal.name == "box_3d":
            self.boxes(stream)
        elif signal.name == "position_m":
            self.columns("world/things", stream, self.rr.Points3D, positions=np.asarray(stream.values, np.float32))
        elif signal.name == "skeleton_pose":
            self.body(stream)
        elif signal.name in ("instruction", "captions"):
            for time_ns, value in self.moments(stream):
                self.log(f"words/{signal.name}", time_ns, self.rr.TextLog(" ".join(str(row) for row in np.atleast_1d(value))))
        elif (
            signal.dtype.kind in "fiub"
            and not signal.ragged
            and np.prod(stream.values.shape[1:]) <= MOST_SCALARS
            and signal.family != "hear"
        ):
            self.numbers(name, stream)
        else:
            return False
        return True

    def at(self, stream: Stream) -> str:
        return f"world/cameras/{stream.source}" if f"camera_pose@{stream.source}" in self.streams else f"pictures/{stream.source}"

    def static(self, path: str, *what: Any) -> None:
        self.recording.log(path, *what, static=True)

    def log(self, path: str, time_ns: int, what: Any) -> None:
        self.recording.set_time(TIMELINE, duration=np.timedelta64(time_ns, "ns"))
        self.recording.log(path, what)

    def columns(self, path: str, stream: Stream, kind: Any, **rows: Any) -> None:
        """One component a moment each: (n, …), of (n, k, …) k of them at each moment."""
        held = kind.columns(**{name: np.asarray(row).reshape(-1, *np.shape(row)[2:]) for name, row in rows.items()})
        lengths = np.full(len(stream), next(iter(rows.values())).shape[1])
        self.send_columns(path, stream, held.partition(lengths))

    def send_columns(self, path: str, stream: Stream, columns: Any) -> None:
        times = self.rr.TimeColumn(TIMELINE, duration=stream.times_ns.astype("timedelta64[ns]"))
        self.recording.send_columns(path, [times], columns)

    def moments(self, stream: Stream) -> Any:
        return zip(stream.times_ns.tolist(), stream.values, strict=True)

    def lens(self, source: str) -> None:
        """Where a camera stands over time, and how it projects."""
        pose = self.streams[f"camera_pose@{source}"]
        values = np.asarray(pose.values)
        moved = self.rr.Transform3D.columns(translation=values[:, :3], quaternion=xyzw_from_wxyz(values[:, 3:]))
        self.send_columns(f"world/cameras/{source}", pose, moved)
        lens = self.streams.get(f"camera_intrinsics_px@{source}")
        size = next(
            (s.values.shape[1:3] for s in self.streams.values() if s.source == source and s.signal.shape[:2] == ("height", "width")), None
        )
        if lens is not None and size is not None:
            fx, fy, cx, cy = (float(v) for v in np.asarray(lens.values[0]))
            pinhole = self.rr.Pinhole(
                image_from_camera=[[fx, 0, cx], [0, fy, cy], [0, 0, 1]],
                resolution=[size[1], size[0]],
                camera_xyz=self.rr.ViewCoordinates.RDF,
            )
            self.static(f"world/cameras/{source}", pinhole)

    def pictures(self, path: str, stream: Stream) -> None:
        values = stream.values
        if isinstance(values, Video):
            data = values.file if isinstance(values.file, bytes) else values.file.read_bytes()
            self.static(path, self.rr.AssetVideo(contents=data, media_type="video/mp4"))
            shown = scan_video(values.file).times_ns  # where each frame lies in the file, which need not be where it was taken
            self.send_columns(path, stream, self.rr.VideoFrameReference.columns_nanos(shown))
        elif isinstance(values, Stills):
            for time_ns, data in zip(stream.times_ns.tolist(), values.encoded, strict=True):
                self.log(path, time_ns, self.rr.EncodedImage(contents=data))
        else:
            for time_ns, value in self.moments(stream):
                self.log(path, time_ns, self.rr.Image(np.asarray(value)).compress(jpeg_quality=90))

    def ids(self, path: str, stream: Stream) -> None:
        names = self.episode.legend.get(stream.signal.name, ())
        colors = id_colors(np.arange(max(len(names), 1), dtype=np.int32))
        known = [self.rr.AnnotationInfo(id=i, label=name, color=colors[i]) for i, name in enumerate(names) if i < 65_536]
        if known:
            self.static(path, self.rr.AnnotationContext(known))
        for time_ns, value in self.moments(stream):
            self.log(path, time_ns, self.rr.SegmentationImage(np.asarray(value).astype(np.uint16)))

    def boxes(self, stream: Stream) -> None:
        names = self.episode.legend.get("instance_ids", ())
        values = np.asarray(stream.values)
        count = values.shape[1]
        labels = [names[i + 1] if i + 1 < len(names) else f"thing_{i}" for i in range(count)]
        self.static("world/boxes", self.rr.Boxes3D.from_fields(labels=labels, colors=id_colors(np.arange(1, count + 1, dtype=np.int32))))
        flat = values.reshape(-1, 10)
        held = self.rr.Boxes3D.columns(centers=flat[:, :3], quaternions=xyzw_from_wxyz(flat[:, 3:7]), half_sizes=flat[:, 7:] / 2)
        self.send_columns("world/boxes", stream, held.partition(np.full(len(stream), count)))

    def body(self, stream: Stream) -> None:
        path, limbs = f"world/bodies/{stream.source}", stream.values.shape[1]
        parents = parents_of(self.episode.labels.get(f"skeleton_parents@{stream.source}"), limbs)
        places = np.asarray(stream.values)[..., :3].astype(np.float32)
        self.columns(f"{path}/joints", stream, self.rr.Points3D, positions=places)
        if parents is not None:
            for time_ns, place in zip(stream.times_ns.tolist(), places, strict=True):
                bones = [np.stack([place[parent], place[limb]]) for limb, parent in enumerate(parents) if parent >= 0]
                self.log(f"{path}/bones", time_ns, self.rr.LineStrips3D(bones))

    def numbers(self, name: str, stream: Stream) -> None:
        values = np.asarray(stream.values, dtype=np.float64).reshape(len(stream), -1)
        names = self.episode.legend.get(name) or self.episode.legend.get(stream.signal.name, ())
        if len(names) == values.shape[1]:
            self.static(f"numbers/{name}", self.rr.SeriesLines(names=list(names)))
        self.send_columns(f"numbers/{name}", stream, self.rr.Scalars.columns(scalars=values))


def _blueprint(episode: Episode) -> Any:
    """Space on the left where there is any, cameras beside it, numbers below."""
    import rerun.blueprint as rrb

    found = {s.signal.name: s for s in episode.streams.values() if len(s)}
    posed = {s.source for s in episode.streams.values() if s.signal.name == "camera_pose"}
    cameras = dict.fromkeys(s.source for s in episode.streams.values() if s.signal.name in PICTURES and len(s))
    seen = [rrb.Spatial2DView(origin=f"{'world/cameras' if c in posed else 'pictures'}/{c}", name=c) for c in cameras]
    space = [rrb.Spatial3DView(origin="world", name="world")] if posed or found.keys() & {"box_3d", "position_m", "skeleton_pose"} else []
    about: Any = rrb.TextDocumentView(origin="about", name="about")
    numbers: Any = rrb.TimeSeriesView(origin="numbers", name="numbers")
    top: list[Any] = [*space, *([rrb.Grid(*seen)] if seen else [])]
    rows: list[Any] = [
        *([rrb.Horizontal(*top)] if top else []),
        rrb.Horizontal(numbers, about),
    ]
    return rrb.Blueprint(rrb.Vertical(*rows, row_shares=[3, 1][: len(rows)] if len(rows) > 1 else None), collapse_panels=True)
