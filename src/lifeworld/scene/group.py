"""Groups: several things under one name."""

from __future__ import annotations

from dataclasses import dataclass

from lifeworld.core.errors import SceneError
from lifeworld.scene.bounds import check_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Things that are spoken of together, in the order they were named; each may be in several groups."""

    name: str
    members: tuple[str, ...]

    def __post_init__(self) -> None:
        check_name(self.name, "group")
        where = f"group {self.name!r}"
        if not self.members:
            raise SceneError("a group of nothing", where=where, fix='Name its members: members = ["mug", "plate"].')
        for member in self.members:
            check_name(member, "thing")
        if len(set(self.members)) < len(self.members):
            raise SceneError("members names one twice", where=where, got=", ".join(self.members))

    @property
    def targets(self) -> tuple[str, ...]:
        return self.members
