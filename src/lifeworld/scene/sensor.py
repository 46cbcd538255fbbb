"""Sensors that are no cameras, fixed to the world, a thing or an embodiment: inertia, touch, lidar, proximity."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from lifeworld.core.errors import LimitError, SceneError, UnknownName
from lifeworld.core.pose import Pose
from lifeworld.scene.bounds import check_name, finite

SensorKind = Literal["imu", "tactile", "lidar", "proximity"]
Pattern = Literal["spinning", "solid_state"]
MOST_BEAMS = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """A sensor in the scene: `pose` is world_from_sensor, or attach_from_sensor when `attach` names a thing or an embodiment.

    `part` names a part of what it is attached to. An imu's axes are the sensor's own. A lidar and a proximity sensor look along +X, +Z
    up, over `fov_deg` (across, up), as far as `reach_m`. A tactile face lies in the plane z = 0, `size_m` along x and y, +Z outward.
    `rows` and `columns` count a tactile face's taxels (rows along y) or a lidar's beams (rows up). None means: as the sort of sensor
    has it.
    """

    name: str
    kind: SensorKind
    pose: Pose = field(default_factory=Pose)
    attach: str | None = None
    part: str | None = None
    rows: int | None = None
    columns: int | None = None
    size_m: tuple[float, float] | None = None
    fov_deg: tuple[float, float] | None = None
    reach_m: float | None = None
    pattern: Pattern | None = None

    def __post_init__(self) -> None:
        check_name(self.name, "sensor")
        where = f"sensor {self.name!r}"
        for word, value, known in (("kind", self.kind, get_args(SensorKind)), ("pattern", self.pattern, (None, *get_args(Pattern)))):
            if value not in known:
                raise UnknownName(f"{word} of sensor", str(value), [k for k in known if k is not None], where=where)
        if self.part is not None:
            check_name(self.part, "part")
            if self.attach is None:
                raise SceneError("a part of nothing", where=where, got=self.part, fix="Say what it is attached to: attach = …")
        finite("position_m", self.pose.position_m.tolist(), most=1_000.0, where=where)
        for key, count in (("rows", self.rows), ("columns", self.columns)):
            if count is not None and (isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= 4096):
                raise LimitError(f"{key} is out of bounds", where=where, got=count, expected="a whole number from 1 to 4096")
        if (self.rows or 1) * (self.columns or 1) > MOST_BEAMS:
            raise LimitError("too many beams", where=where, got=(self.rows, self.columns), expected=f"at most {MOST_BEAMS:,} in all")
        if self.size_m is not None:
            finite("size_m", self.size_m, least=0.001, most=10.0, where=where)
        if self.fov_deg is not None:
            finite("fov_deg", self.fov_deg[:1], least=0.0, most=360.0, where=where)
            finite("fov_deg (up)", self.fov_deg[1:], least=0.0, most=180.0, where=where)
        if self.reach_m is not None:
            finite("reach_m", (self.reach_m,), least=0.001, most=1_000.0, where=where)
