"""Depth as LeRobot keeps it in video: 12 bits, levels even in the logarithm of the distance.

Source: huggingface/lerobot, src/lerobot/datasets/depth_utils.py and configs/video.py (v0.6, mid 2026).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import UnreadableFile
from lifeworld.core.signal import Index, Stored
from lifeworld.episode.codec.excerpt import packets_of
from lifeworld.episode.codec.packets import VideoInfo, opened

LEVELS = 4_096
FORMATS = ("gray12le", "yuv420p12le", "yuv422p12le", "yuv444p12le")


@dataclass(frozen=True, slots=True)
class Levels:
    """How far a level is [m]: from `low` (level 0) to `high` (4,095), evenly, or evenly in log(distance + shift)."""

    low_m: float = 0.01
    high_m: float = 10.0
    shift_m: float = 3.5
    log: bool = True

    @classmethod
    def of(cls, info: Mapping[str, Any]) -> Levels:
        """As the `info` of a feature says; LeRobot's defaults where it says nothing.

        Raises:
            UnreadableFile: if that makes no distances.
        """
        said = {name: info.get(f"video.{name}", info.get(name)) for name in ("depth_min", "depth_max", "shift", "use_log")}
        usual = cls()
        low, high, shift = (
            default if value is None else value
            for value, default in ((said["depth_min"], usual.low_m), (said["depth_max"], usual.high_m), (said["shift"], usual.shift_m))
        )
        log = usual.log if said["use_log"] is None else bool(said["use_log"])
        if (
            not all(isinstance(v, int | float) and math.isfinite(v) for v in (low, high, shift))
            or not low < high
            or (log and low + shift <= 0)
        ):
            raise UnreadableFile("the levels of depth make no distances", where="meta/info.json", got=said)
        return cls(float(low), float(high), float(shift), log)

    def table(self) -> NDArray[np.float32]:
        """The distance of each level [m], (4096,); of the lowest NaN: what was not known lies there too."""
        level = np.arange(LEVELS) / (LEVELS - 1)
        if self.log:
            near, far = math.log(self.low_m + self.shift_m), math.log(self.high_m + self.shift_m)
            metres = np.exp(near + level * (far - near)) - self.shift_m
        else:
            metres = self.low_m + level * (self.high_m - self.low_m)
        table = np.asarray(np.clip(metres, self.low_m, self.high_m), dtype=np.float32)
        table[0] = np.nan
        return table


class DepthVideo(Stored):
    """Frames `first` to before `stop` of a video of depth, (n, height, width) float32 [m], decoded when they are asked for."""

    def __init__(self, path: Path, info: VideoInfo, first: int, stop: int, levels: Levels) -> None:
        self.path, self.first, self.metres = path, first, levels.table()
        self.shape, self.dtype = (stop - first, info.height, info.width), np.dtype(np.float32)

    def take(self, index: Index) -> NDArray[np.float32]:
        out = np.empty((len(index), *self.shape[1:]), np.float32)
        wanted, where = np.unique(index + self.first, return_inverse=True)
        packets = packets_of(self.path)
        at = -2
        with opened(self.path) as container:
            track: Any = container.streams.video[0]
            for place, number in enumerate(wanted.tolist()):
                begin = int(packets.start[number])
                if not begin - 1 <= at < number:
                    container.seek(int(packets.seek[begin]), stream=track)
                    frames, at = container.decode(track), begin - 1
                picture = None
                for frame in frames:
                    at = int(np.searchsorted(packets.pts, frame.pts))
                    if at >= number:
                        picture = frame
                        break
                if picture is None or at != number:
                    raise UnreadableFile(f"frame {number} cannot be decoded", where=str(self.path))
                out[where == place] = self.metres[self._levels(picture)]
        return out

    def _levels(self, frame: Any) -> NDArray[np.uint16]:
        """The levels themselves: the first plane as it is coded, which FFmpeg's conversions would stretch."""
        if frame.format.name not in FORMATS:
            raise UnreadableFile("depth is not in 12 bits", where=str(self.path), got=frame.format.name, expected=" or ".join(FORMATS))
        plane = frame.planes[0]
        rows = np.frombuffer(plane, np.uint16).reshape(frame.height, plane.line_size // 2)[:, : frame.width]
        if rows.shape != self.shape[1:] or int(rows.max(initial=0)) >= LEVELS:
            raise UnreadableFile(
                "a frame of depth has another size or more levels", where=str(self.path), got=rows.shape, expected=self.shape[1:]
            )
        return rows
