"""A process that sees of all that is installed only what `pip install lifeworld` brings: import this first.

What else is installed is hidden as if it were not: `import av` raises ModuleNotFoundError, `find_spec("av")` is None, and it has no
metadata.
"""

from __future__ import annotations

import importlib.metadata
import re
import sys
from collections.abc import Iterator
from typing import Any


def brought(name: str) -> set[str]:
    """The distributions that installing this one without extras brings, itself among them."""
    found, waiting = set[str](), [name]
    while waiting:
        one = _plain(waiting.pop())
        if one in found:
            continue
        try:
            needed = importlib.metadata.requires(one) or []
        except importlib.metadata.PackageNotFoundError:  # wanted by another system or an older Python
            continue
        found.add(one)
        waiting += [match[0] for line in needed if "extra ==" not in line and (match := re.match(r"[\w.-]+", line))]
    return found


class Without:
    """A finder of modules that does not see some."""

    def __init__(self, finder: Any, modules: set[str], kept: set[str]) -> None:
        self.finder, self.modules, self.kept = finder, modules, kept

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        return None if name.partition(".")[0] in self.modules else self.finder.find_spec(name, path, target)

    def find_distributions(self, *args: Any, **named: Any) -> Iterator[importlib.metadata.Distribution]:
        find = getattr(self.finder, "find_distributions", lambda *_args, **_named: ())
        return (one for one in find(*args, **named) if one.name and _plain(one.name) in self.kept)

    def invalidate_caches(self) -> None:
        getattr(self.finder, "invalidate_caches", lambda: None)()


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


KEPT = brought("lifeworld")
HIDDEN = {
    module
    for module, whose in importlib.metadata.packages_distributions().items()
    if module not in sys.stdlib_module_names and not {_plain(one) for one in whose} & KEPT
}
sys.meta_path[:] = [Without(finder, HIDDEN, KEPT) for finder in sys.meta_path]
for loaded in [name for name in sys.modules if name.partition(".")[0] in HIDDEN]:  # what a .pth file had loaded
    del sys.modules[loaded]
