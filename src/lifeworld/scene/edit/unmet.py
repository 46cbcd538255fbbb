"""Why an edit does not fit, as values: for buttons that are greyed out, for an assistant that tries again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lifeworld.core.errors import InputError
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.edit.apply import step
from lifeworld.scene.edit.needs import needs
from lifeworld.scene.edit.plan import Edits, edits_of
from lifeworld.scene.scene import Scene


@dataclass(frozen=True, slots=True)
class Unmet:
    """One thing that keeps an edit from fitting: a stable `code`, what is wrong, how to mend it, and which of several edits (from 0)."""

    code: str
    message: str
    fix: str | None = None
    at: int = 0


def unmet(scene: Scene, edits: Edits, *, seed: int = 0, assets: Mapping[str, Assembly] | None = None) -> tuple[Unmet, ...]:
    """All that keeps an edit from fitting, or the first of several that does not; nothing exactly if `apply` would do it."""
    for at, edit in enumerate(edits_of(edits)):
        found: list[Unmet] = []
        try:
            for error in needs(scene, edit, assets=assets):
                found.append(_told(error, at))
            if found:
                return tuple(found)
            scene = step(scene, edit, seed=seed, assets=assets)
        except InputError as error:
            return (*found, _told(error, at))
    return ()


def _told(error: InputError, at: int) -> Unmet:
    whole = str(error)
    message = whole.removesuffix(error.fix).rstrip() if error.fix else whole
    return Unmet(getattr(error, "reason", error.code), message, error.fix, at)
