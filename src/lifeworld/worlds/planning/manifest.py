"""Frozen errands: which starts and goals a planner is judged by, written down once, with a hash over all of it.

    made = freeze(named("pusht"), count=100, seed=42)
    write(made, "pusht-42.json")
    again = read("pusht-42.json")                     # UnreadableFile if a letter of it has changed
    arena, world = again.arena(), again.world()
    for start, goal, seed in again.errands(world): ...

Starts that are where the goal is by either rules are left out, and counted. States are kept as the world saves them: those of a flat world
are good for ever, those of our physics for one version of its engine.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from lifeworld.core.errors import InputError, LimitError, UnreadableFile
from lifeworld.core.seed import child_seed
from lifeworld.core.write import replace_file
from lifeworld.worlds.planning.arena import Arena
from lifeworld.worlds.planning.arenas import named
from lifeworld.worlds.world import World

FORMAT = "lifeworld-errands-1"
MOST_ERRANDS = 10_000
MOST_BYTES = 256 * 2**20


class Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """One errand: the seed that all that is drawn for it hangs on, its start and its goal as the world saves them (base64)."""

    seed: int
    start: str
    goal: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """See the head of this file.

    `rules` are the arena's numbers and where they are published; `variation` the options of its world; `engine` and its version made the
    states; `left_out` starts were solved already.
    """

    format: str
    name: str
    rules: dict[str, str | int]
    variation: dict[str, Any]
    engine: str
    engine_version: str
    seed: int
    left_out: int
    frozen: tuple[Frozen, ...]
    sha256: str = ""

    def sum(self) -> str:
        """The hash of everything but itself."""
        return hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(self, sha256=""), order="sorted")).hexdigest()

    def arena(self) -> Arena:
        """The arena whose rules these are.

        Raises:
            UnknownName: if there is none of this name.
            InputError: if its rules have changed since.
        """
        arena = named(self.name)
        if (now := _rules(arena)) != self.rules:
            changed = ", ".join(sorted(key for key in {*now, *self.rules} if now.get(key) != self.rules.get(key)))
            raise InputError("the arena has other rules by now", where=self.name, got=changed, fix="Freeze its errands anew.")
        return arena

    def world(self) -> World[Any]:
        """The world that the errands are in."""
        return self.arena().world(**self.variation)

    def errands(self, world: World[Any]) -> Iterator[tuple[Any, Any, int]]:
        """Start, goal and seed of each.

        Raises:
            StateError: if the states are of another version of the engine.
        """
        for one in self.frozen:
            yield world.load(base64.b64decode(one.start)), world.load(base64.b64decode(one.goal)), one.seed


def freeze(
    arena: Arena,
    *,
    count: int,
    seed: int,
    variation: Mapping[str, Any] | None = None,
    on_errand: Callable[[], None] = lambda: None,
) -> Manifest:
    """Draw so many errands by the arena's rules. The first of many are those of few.

    Raises:
        LimitError: for none, or too many.
        InputError: if the arena finds none that is worth going.
    """
    if not 1 <= count <= MOST_ERRANDS:
        raise LimitError("that many errands cannot be frozen", got=count, expected=f"1 to {MOST_ERRANDS}")
    world, frozen, number = arena.world(**variation or {}), list[Frozen](), 0
    while len(frozen) < count:
        if number >= 2 * count + 100:
            raise InputError("most starts are solved already", where=arena.name, got=f"{number - len(frozen)} of {number}")
        own = child_seed(seed, "errand", number)
        number += 1
        start = arena.start(world, seed=own)
        goal = arena.goal(world, start, seed=own)
        if any(arena.reached(world, start, goal)):
            continue
        saved = [base64.b64encode(world.save(state)).decode() for state in (start, goal)]
        frozen.append(Frozen(seed=own, start=saved[0], goal=saved[1]))
        on_errand()
    made = Manifest(
        format=FORMAT,
        name=arena.name,
        rules=_rules(arena),
        variation=dict(variation or {}),
        engine=world.spec.engine,
        engine_version=world.spec.engine_version,
        seed=seed,
        left_out=number - count,
        frozen=tuple(frozen),
    )
    return msgspec.structs.replace(made, sha256=made.sum())


def write(manifest: Manifest, path: Path | str) -> None:
    """Write it as JSON, whole or not at all."""
    with replace_file(Path(path)) as beside:
        beside.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")


def read(path: Path | str) -> Manifest:
    """What `write` wrote.

    Raises:
        UnreadableFile: if it is not there, no manifest, or its hash differs from what it says.
    """
    try:
        if Path(path).stat().st_size > MOST_BYTES:
            raise UnreadableFile("this is too large for a manifest", where=str(path), expected=f"at most {MOST_BYTES >> 20} MB")
        manifest = msgspec.json.decode(Path(path).read_bytes(), type=Manifest)
    except OSError as error:
        raise UnreadableFile("there is no such manifest", where=str(path), got=error.strerror) from error
    except msgspec.MsgspecError as error:
        raise UnreadableFile("this is no manifest", where=str(path), got=str(error), expected="a file written by freeze") from error
    if manifest.format != FORMAT:
        raise UnreadableFile("this is a manifest of another format", where=str(path), got=manifest.format, expected=FORMAT)
    if (sha256 := manifest.sum()) != manifest.sha256:
        raise UnreadableFile(
            "the manifest is not what was frozen: its hash differs",
            where=str(path),
            got=f"{sha256[:12]}…",
            expected=f"{manifest.sha256[:12]}…",
            fix="Take the original, or freeze errands anew; what was measured by the one is not comparable to the other.",
        )
    return manifest


def _rules(arena: Arena) -> dict[str, str | int]:
    return {
        "source": arena.source,
        "hold_ticks": arena.hold,
        "budget_decisions": arena.budget,
        "ahead_decisions": arena.ahead,
        "still_ticks": arena.still,
    }
