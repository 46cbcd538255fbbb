"""An episode at one moment, through one camera or sensor: the newest value of each of its streams."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.camera import Camera
from lifeworld.core.pose import Pose
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.episode import Episode


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """What an episode holds at `at_ns` of the camera or sensor `source`, and of the world: `glance["depth_m"]`, or of a moment before.

    A signal is in a glance if the episode has it of this source (or of the world) and has begun to.
    """

    episode: Episode
    source: str
    at_ns: int
    _read: dict[str, NDArray[Any]] = field(default_factory=dict, repr=False)
    """What has been read: a frame of a stored video is decoded once."""

    def stream(self, signal: str) -> Stream | None:
        own = self.episode.streams.get(f"{signal}@{self.source}")
        return own if own is not None else self.episode.streams.get(signal)

    def __contains__(self, signal: str) -> bool:
        stream = self.stream(signal)
        return stream is not None and len(stream) > 0 and bool(stream.times_ns[0] <= self.at_ns)

    def __getitem__(self, signal: str) -> NDArray[Any]:
        stream = self.stream(signal)
        if stream is None or signal not in self:
            raise KeyError(signal)
        if signal not in self._read:
            self._read[signal] = np.asarray(stream.values[int(np.searchsorted(stream.times_ns, self.at_ns, side="right")) - 1])
        return self._read[signal]

    def names(self, signal: str) -> tuple[str, ...]:
        """What the numbers of a signal stand for; () where the episode does not say."""
        return self.episode.legend.get(signal, ())

    def name(self, instance: int) -> str:
        """The name of an instance, or its number."""
        names = self.names("instance_ids")
        return names[instance] if 0 <= instance < len(names) else str(instance)

    @property
    def shape(self) -> tuple[int, int] | None:
        """(height, width) [px] of the camera's pictures, from any signal that has it."""
        for name, signal in SIGNALS.items():
            stream = self.stream(name) if signal.shape[:2] == ("height", "width") and name in self else None
            if stream is not None:
                height, width = stream.values.shape[1:3]
                return height, width
        return None

    @property
    def lens(self) -> tuple[Camera, Pose] | None:
        """The camera and world_from_camera, if the episode holds both."""
        shape = self.shape
        if shape is None or "camera_pose" not in self or "camera_intrinsics_px" not in self:
            return None
        pose, (fx, fy, cx, cy) = self["camera_pose"], self["camera_intrinsics_px"]
        return Camera(width_px=shape[1], height_px=shape[0], fx_px=fx, fy_px=fy, cx_px=cx, cy_px=cy), Pose(pose[:3], pose[3:])
