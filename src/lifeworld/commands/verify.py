"""`lifeworld verify`: what is known about a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tyro

from lifeworld.commands.verb import Common, Outcome


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Say what is known about a picture, a film, a sound or a .world: who signed it, what it shows (simulated, dreamed, measured), which
    engine, seed and parents, and whether a byte was changed.

    The exit code is 0 if it is signed, unchanged and by somebody known here; 3 if by a stranger; 4 if it is not signed; 5 if it was
    changed.
    """

    file: tyro.conf.Positional[Path | None] = None
    """The file; without one it says who signs here."""
    remember: bool = False
    """From now on whoever signed this file is known here. Compare the authority's numbers with them first."""


def run(options: Options) -> Outcome:
    import msgspec

    from lifeworld.core.errors import InputError
    from lifeworld.provenance import Authority, verify
    from lifeworld.provenance.authority import remember, spoken, usual_folder

    if options.file is None:
        mine = Authority.usual()
        return Outcome(
            text=f"You sign as {mine.name!r}; LIFEWORLD_AUTHOR=… changes that.\n"
            f"  authority: {spoken(mine.fingerprint)}\n  keys: {mine.folder}",
            value={"name": mine.name, "fingerprint": mine.fingerprint, "folder": str(mine.folder)},
        )
    found = verify(options.file)
    if options.remember:
        if found.standing not in ("known", "stranger") or found.authority is None:
            raise InputError(
                "nobody can be remembered by this file",
                where=str(options.file),
                got=found.standing,
                expected="a file that is signed and unchanged, with its authority inside",
            )
        remember(usual_folder(), found.authority)
        found = verify(options.file)
    value = {"standing": found.standing, **msgspec.to_builtins(found)}
    return Outcome(text=found.told, value=value, exit_code=found.exit_code)
