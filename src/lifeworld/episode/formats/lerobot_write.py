"""Episodes as a packed LeRobotDataset v3.0, to publish: many episodes a file, as LeRobot and its hub like it best.

What is written of an episode is what the LeRobot view shows of it (episode/view/plan.py). Rows go into files of about 100 MB with one
row group an episode; pictures into videos of about 200 MB, the packets of all episodes one after the other, untouched. Where the encoding
changes, a new file begins.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.core.signal import Stream
from lifeworld.core.signal.stored import Index, Stored
from lifeworld.core.write import replace_folder
from lifeworld.episode.codec.packets import opened, read_packets
from lifeworld.episode.codec.video import Video, write_video
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.report import Report
from lifeworld.episode.view import tables
from lifeworld.episode.view.plan import Camera, Plan, at_rate, fits, number, plan_view
from lifeworld.episode.view.stats import Stats, joined, looked_at, of_column, of_pictures
from lifeworld.episode.view.tables import DATA, VIDEO, place

DATA_BYTES, VIDEO_BYTES = 100 * 2**20, 200 * 2**20


def write(
    episodes: Iterable[Episode],
    path: Path | str,
    *,
    size: tuple[int, int] | None = None,
    report: Report | None = None,
    overwrite: bool = False,
) -> int:
    """Write episodes as a data set in a folder, which is whole or not there; how many are in it.

    The first one says what all look like; those that do not fit are left out by name in `report`.

    Args:
        size: height and width [px] of all pictures, encoded anew where they are not of it; None leaves them as they are.
        overwrite: whether a folder that holds something else may be replaced.

    Raises:
        InputError: if no episode has anything that LeRobot reads.
    """
    report = report or Report()
    with replace_folder(path, overwrite=overwrite) as folder, ExitStack() as stack:
        target = _Target(folder, stack)
        for place_, episode in enumerate(episodes):
            name = f"episode {place_} ({episode.title})" if episode.title else f"episode {place_}"
            plan = plan_view(episode, exact_too=True)
            if plan is None:
                report.skip(name, "there is nothing in it that LeRobot reads")
                continue
            plan = _sized(plan, size)
            if (why := fits(target.info, plan)) is not None:
                report.skip(name, why)
                continue
            target.add(episode, at_rate(target.info, plan), size)
        if not target.rows:
            said = "; ".join(f"{what}: {why}" for what, why in report.skipped[:3])
            raise InputError("there is no episode to write", where=str(path), got=said or "no episodes")
        target.finish()
        return len(target.rows)


class _Target:
    """The data set that is being written."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.info = tables.empty_info()
        self.rows: list[dict[str, Any]] = []
        self.tasks: list[str] = []
        self.stats: dict[str, Stats] = {}
        self.reels: dict[str, _Reel] = {}
        self.data = -1
        self.writer: pq.ParquetWriter | None = None
        self.spare = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder.parent, prefix=".part-")))
        stack.callback(self._close)

    def add(self, episode: Episode, plan: Plan, size: tuple[int, int] | None) -> None:
        info = self.info
        videos: dict[str, tuple[int, float, float]] = {}
        stats: dict[str, Stats] = {}
        for name, camera in plan.cameras.items():
            file = self._pictures(episode[name], plan.fps, size)
            reel = self.reels.setdefault(camera.key, _Reel(self.folder, camera.key, plan.fps))
            start = reel.add(file)
            videos[camera.key] = (reel.number, float(start / plan.fps), float((start + len(plan)) / plan.fps))
            shown = Video(file, count=len(plan), height=camera.height, width=camera.width)
            stats[camera.key] = of_pictures(shown[looked_at(len(plan))])
        self.tasks += [task for task in plan.tasks if task not in self.tasks]
        columns = tables.data_columns(
            plan, episode=len(self.rows), first=info["total_frames"], tasks=[self.tasks.index(task) for task in plan.tasks]
        )
        stats |= {key: of_column(values) for key, values in columns.items()}
        if not info["features"]:
            info |= {"fps": number(plan.fps), "robot_type": plan.robot_type, "features": {k: dict(f) for k, f in plan.features.items()}}
        self._data(tables.data_table(columns))
        terms = {stream.terms for stream in episode.streams.values()}
        origin = episode.origin
        self.rows.append(
            tables.episode_row(
                episode=len(self.rows),
                first=info["total_frames"],
                length=len(plan),
                tasks=plan.tasks,
                data=self.data,
                videos=videos,
                stats={key: stats[key] for key in info["features"]},
                extra={
                    "x_world/uid": "",
                    "x_world/consent": sorted({consent.receipt for each in terms for consent in each.consents}),
                    "x_world/licence": " AND ".join(sorted({each.license for each in terms if each.license})),
                    "x_world/source": origin.value,
                },
            )
        )
        self.stats = joined([self.stats, stats])
        info["total_frames"] += len(plan)

    def finish(self) -> None:
        """The tables of meta/."""
        self._close()
        info = self.info | {"total_episodes": len(self.rows), "total_tasks": len(self.tasks), "splits": {"train": f"0:{len(self.rows)}"}}
        for key in tables.video_keys(info["features"]):
            info["features"][key]["info"] = tables.encoded(self.folder / place(VIDEO, 0, key), info["fps"])
        tables.append_rows(self.folder, info["features"], 0, self.rows)
        tables.write_tasks(self.folder, self.tasks)
        tables.write_stats(self.folder, self.stats)
        (self.folder / "meta/info.json").write_text(json.dumps(info, indent=1) + "\n", encoding="utf-8")

    def _data(self, table: Any) -> None:
        path = self.folder / place(DATA, max(self.data, 0))
        if self.writer is None or path.stat().st_size > DATA_BYTES:
            if self.writer is not None:
                self.writer.close()
            self.data += 1
            path = self.folder / place(DATA, self.data)
            path.parent.mkdir(parents=True, exist_ok=True)
            self.writer = pq.ParquetWriter(path, table.schema, compression="zstd")
        self.writer.write_table(table, row_group_size=len(table))

    def _pictures(self, stream: Stream, fps: Fraction, size: tuple[int, int] | None) -> Path | bytes:
        """A video of these pictures: their own if there is one and it is of this size."""
        values: Any = stream.values
        if size is not None and values.shape[1:3] != size:
            values = _Resized(values, size)
        elif isinstance(values, Video):
            return values.file
        path = self.spare / "pictures.mp4"
        write_video(path, values, stream.times_ns, fps=fps)
        return path.read_bytes()

    def _close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        for reel in self.reels.values():
            reel.close()


class _Reel:
    """The videos of one camera: packets of one episode after the other, frame k of a file at k / fps."""

    def __init__(self, folder: Path, key: str, fps: Fraction) -> None:
        self.folder, self.key, self.fps = folder, key, fps
        self.number, self.frames, self.bytes = -1, 0, 0
        self.out: Any = None
        self.track: Any = None
        self.like: tuple[object, ...] = ()

    def add(self, file: Path | bytes) -> int:
        """Append a video; the number of its first frame in the file that is open after that."""
        with opened(file) as container:
            packets = read_packets(container, file)
        with opened(file) as container:
            track = container.streams.video[0]
            held = [p for p in container.demux(track) if p.size and p.pts is not None and not p.is_discard]
            ranks = np.searchsorted(packets.pts, [p.pts for p in held])
            delay = int(np.max(np.arange(len(held)) - ranks, initial=0))
            context = track.codec_context
            like = (context.codec.canonical_name, context.width, context.height, context.pix_fmt, context.extradata, delay)
            size = sum(p.size for p in held)
            if self.out is None or like != self.like or self.bytes + size > VIDEO_BYTES:
                self._turn(track, like)
            first = self.frames
            for i, (packet, rank) in enumerate(zip(held, ranks.tolist(), strict=True)):
                packet.pts, packet.dts, packet.duration, packet.time_base = first + rank, first + i - delay, 1, 1 / self.fps
                packet.stream = self.track
                self.out.mux(packet)
            self.frames += len(held)
            self.bytes += size
            return first

    def close(self) -> None:
        if self.out is not None:
            self.out.close()
            self.out = None

    def _turn(self, track: Any, like: tuple[object, ...]) -> None:
        import av

        self.close()
        self.number, self.frames, self.bytes, self.like = self.number + 1, 0, 0, like
        path = self.folder / place(VIDEO, self.number, self.key)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.out = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"})
        self.track = self.out.add_stream_from_template(track, opaque=True)
        self.track.time_base = 1 / self.fps


def _sized(plan: Plan, size: tuple[int, int] | None) -> Plan:
    if size is None:
        return plan
    cameras = {name: Camera.of(camera.key, *size) for name, camera in plan.cameras.items()}
    resized = {camera.key: {**plan.features[camera.key], "shape": [camera.height, camera.width, 3]} for camera in cameras.values()}
    return replace(plan, cameras=cameras, features={**plan.features, **resized})


class _Resized(Stored):
    """Pictures in another size (height, width)."""

    def __init__(self, values: Any, size: tuple[int, int]) -> None:
        self.values, self.size = values, size
        self.shape, self.dtype = (len(values), *size, 3), np.dtype(np.uint8)

    def take(self, index: Index) -> NDArray[np.uint8]:
        from PIL import Image

        out = np.empty((len(index), *self.size, 3), np.uint8)
        if isinstance(self.values, Video):
            self.values.read_into(out, index)
        else:
            for i, picture in enumerate(self.values[index]):
                out[i] = np.asarray(Image.fromarray(picture).resize(self.size[::-1], Image.Resampling.BOX))
        return out
