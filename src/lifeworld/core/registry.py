"""What can be plugged in, by name: kinds, importers, engines, ours and those of other packages.

A package offers a plug-in by an entry point, `[project.entry-points."lifeworld.engines"] mine = "my_package:MyWorld"`.
Entry points are found when a name is first asked for and loaded when that name is asked for, so a plug-in nobody uses
costs nothing, and a broken one stops nobody: it is kept in `Registry.broken` with the reason, for `lifeworld doctor`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from lifeworld.core.errors import InputError, LifeworldError, UnknownName

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

T = TypeVar("T")


class Registry(Generic[T]):
    """Values of one sort by name, those registered here first, then the entry points of one group.

    Args:
        group: the entry-point group, `lifeworld.engines`.
        sort: what one is called in messages, `engine`.
        check: called with what an entry point loaded; returns it typed, or raises if it is not one.
    """

    def __init__(self, group: str, *, sort: str, check: Callable[[Any], T]) -> None:
        self.group, self.sort = group, sort
        self._check = check
        self._values: dict[str, T] = {}
        self._plugs: dict[str, EntryPoint] | None = None  # None: not looked for yet
        self._broken: dict[str, LifeworldError] = {}

    def register(self, name: str, value: T) -> T:
        """Keeps `value` under `name` and returns it.

        A plug-in of the same name gives way: it is listed in `broken`.

        Raises:
            InputError: if the name is registered already.
        """
        if name in self._values and not (self._plugs and name in self._plugs):
            raise InputError(f"there is {self._one} {name!r} already", got=value, fix="Choose another name.")
        self._values[name] = value
        if self._plugs and name in self._plugs:
            self._set_aside(self._plugs.pop(name), "the name is taken by lifeworld")
        return value

    def get(self, name: str) -> T:
        """The value of that name, loaded if it is a plug-in's.

        Raises:
            UnknownName: if there is none; suggests near ones.
            LifeworldError: if the plug-in of that name is broken; says why (MissingExtra if that is why).
        """
        if name in self._values:
            return self._values[name]
        plugs = self._found()
        if name in plugs:
            self._values[name] = self._loaded(plugs[name])
            return self._values[name]
        if name in self._broken:
            raise self._broken[name]
        raise UnknownName(self.sort, name, self.names())

    def names(self) -> list[str]:
        """The names that can be asked for, sorted; plug-ins not yet loaded are among them, those known to be broken are not."""
        return sorted({*self._values, *self._found()} - self._broken.keys() | self._values.keys())

    @property
    def broken(self) -> Mapping[str, LifeworldError]:
        """Plug-ins that could not be used, by name, with the reason."""
        self._found()
        return MappingProxyType(self._broken)

    def load_all(self) -> None:
        """Loads every plug-in, so that `broken` is complete."""
        for name in list(self._found()):
            if name not in self._values:
                try:
                    self.get(name)
                except LifeworldError:
                    continue  # kept in `broken`

    def _found(self) -> dict[str, EntryPoint]:
        if self._plugs is None:
            from importlib.metadata import entry_points  # 20 ms that only those who ask for a plug-in pay

            self._plugs = {}
            for plug in sorted(entry_points(group=self.group), key=lambda p: (p.name, p.value)):
                other = self._plugs.get(plug.name)
                if plug.name in self._values:
                    self._set_aside(plug, "the name is taken by lifeworld")
                elif other is None and plug.name not in self._broken:
                    self._plugs[plug.name] = plug
                elif other is not None and other.value != plug.value:
                    del self._plugs[plug.name]  # choosing one of two by chance would be worse than neither
                    self._set_aside(plug, f"{_package(other)} offers the same name")
        return self._plugs

    def _loaded(self, plug: EntryPoint) -> T:
        try:
            return self._check(plug.load())
        except (Exception, SystemExit) as error:  # whatever a stranger's module does when imported
            del self._found()[plug.name]
            if isinstance(error, LifeworldError):
                self._broken[plug.name] = error
            else:
                self._set_aside(plug, f"{type(error).__name__}: {error}", error)
            raise self._broken[plug.name] from error

    def _set_aside(self, plug: EntryPoint, why: str, cause: BaseException | None = None) -> None:
        error = InputError(
            f"{self._one} {plug.name!r} of {_package(plug)} cannot be used: {why}",
            where=f"entry point {plug.value}",
            fix=f"Mend or uninstall {_package(plug)}.",
        )
        error.__cause__ = cause
        self._broken[plug.name] = error

    @property
    def _one(self) -> str:
        return f"an {self.sort}" if self.sort[0] in "aeiou" else f"a {self.sort}"


def _package(plug: EntryPoint) -> str:
    return plug.dist.name if plug.dist is not None else "an unnamed package"
