"""`.world`: a world with its whole timeline in one file, for somebody else.

    pack("mine.world", world, line, seed=7, title="A table")
    found = unpack("mine.world", into)         # the world, its timeline as it was left, to the bit; assets go to the folder `into`

A zip whose entries are stored, so that a signature fits into it (C2PA takes no packed ones):

    world.json       format 1: title, seed, what made it (engine, version …), the timeline: nodes, places, marks, as numbers
    scene.toml       the scene as it was left: what there is to see without any engine, and to begin from in another version of one
    actions          what was done, msgpack: of each node runs of (ticks, embodiment → numbers)
    states/0 …       the states it refers to, as `World.save` writes them: where nodes begin and end, and one every few seconds
    assets/…         the imported assets of its scenes, by digest

Everything in it is data. It is read within limits of bytes, entries and states; names lead nowhere else; an asset is checked by the
importers' child process before it is used; a state of another version is not guessed at: the scene is there to begin from.
"""

from __future__ import annotations

import hashlib
import math
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from lifeworld.core.errors import EditError, FileTooLarge, InputError, StateError, UnreadableFile, UnsafeFile
from lifeworld.core.storage import on_disk
from lifeworld.core.write import replace_file
from lifeworld.scene.formats.archive import ArchiveSource
from lifeworld.scene.formats.limits import Limits
from lifeworld.scene.formats.load import load_asset
from lifeworld.scene.formats.source import confined
from lifeworld.scene.scene import Scene
from lifeworld.scene.text import parse, to_text
from lifeworld.worlds.course import Course
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.happened_saved import FORMAT as EVENTS_FORMAT
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.state import STATE_FORMAT
from lifeworld.worlds.record import described
from lifeworld.worlds.timeline import Node, Place, Timeline
from lifeworld.worlds.world import Action

FORMAT = 1
SUFFIX = ".world"
KEY_TICKS = 250
"""A state is written every 5 s: who seeks goes through half of that on average."""
MOST_NODES, MOST_STATES, MOST_TICKS = 2_000, 5_000, 2_000_000
MOST_WORDS = 2_000
MOST_TEXT, MOST_STATE = 5_000_000, 16_000_000
LIMITS = Limits(source_bytes=400_000_000, zip_bytes=400_000_000, zip_entries=8_000)
_MADE = (1980, 1, 1, 0, 0, 0)
"""The same world gives the same bytes: no clock in the zip."""


class _Place(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    node: int
    ticks: int
    state: int


class _Node(msgspec.Struct, forbid_unknown_fields=True):
    said: str
    ticks: int
    end: int
    keys: dict[int, int]
    left: _Place | None = None


class _Said(msgspec.Struct, forbid_unknown_fields=True):
    """world.json."""

    lifeworld: int
    title: str
    seed: int
    engine: dict[str, str]
    nodes: list[_Node]
    now: _Place
    ahead: list[_Place]
    marks: list[tuple[str, _Place]]
    states: int
    assets: dict[str, str]


_Runs = list[tuple[int, dict[str, list[float]]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """What was in a file. `line` is None, and `why` says why, where its states are of another version: `scene` is what is left."""

    world: WorldEventful
    scene: Scene
    title: str
    seed: int
    line: Timeline[Any] | None
    why: str = ""


def pack(path: Path | str, world: WorldEventful, line: Timeline[Any], *, seed: int, title: str) -> None:
    """Write a world with its timeline, whole or not at all. `world` is used: hand in one of your own (`beside.like`).

    Raises:
        EditError: for a game or a dream. LimitError, FileTooLarge: for more than fits. StorageError: if the disk refuses.
    """
    if not isinstance(world, WorldEventful):
        raise EditError("only physical worlds fit into a file so far", got=type(world).__name__, reason="cannot")
    states = _States(world)
    nodes = [_node(node, states) for node in line.nodes]
    now = states.place(line.now)
    scene = world.scene(line.state)
    assets = {digest: folder for state in states.all for digest, folder in _assets(world.scene(state))}
    said = _Said(
        FORMAT,
        _plain(title),
        seed,
        _engine(world),
        nodes,
        now,
        [states.place(place) for place in line.ahead],
        [(_plain(name), states.place(place)) for name, place in line.marks],
        len(states.all),
        assets,
    )
    if len(nodes) > MOST_NODES or len(states.all) > MOST_STATES:
        raise FileTooLarge("there is too much for one file", got=f"{len(nodes):,} branches", expected=f"at most {MOST_NODES:,}")
    actions = msgspec.msgpack.encode([_runs(node) for node in line.nodes])
    with on_disk(path), replace_file(path) as beside, zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED) as out:
        _put(out, "world.json", msgspec.json.format(msgspec.json.encode(said), indent=1))
        _put(out, "scene.toml", to_text(scene).encode())
        _put(out, "actions", actions)
        for number, state in enumerate(states.all):
            _put(out, f"states/{number}", world.save(state))
        for digest, folder in assets.items():
            held = load_asset(Path(world.assets) / folder)
            for file in ("asset.toml", *(each.name for each in held.files)):
                _put(out, f"assets/{digest}/{file}", (held.folder / file).read_bytes())


def unpack(path: Path | str, into: Path) -> Unpacked:
    """What is in a file; its assets are written under the folder `into`, which has to stay while the world is used.

    Raises:
        UnreadableFile, UnsafeFile, FileTooLarge: for what is no such file, reaches elsewhere or is too much.
        SceneError: if its scene is none.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError("there is no such file", got=str(path))
    source = ArchiveSource(file, LIMITS)
    said = _decoded(_read(source, "world.json", MOST_TEXT), _Said, file.name)
    _check(said, file.name)
    scene = parse(_text(_read(source, "scene.toml", MOST_TEXT), file.name), source=f"{file.name}/scene.toml")
    _lay_out(source, said.assets, into, file.name)
    engine = said.engine
    if not (frame_ticks := engine.get("frame_ticks", "2")).isdecimal():
        raise UnreadableFile("the file is damaged", where=file.name, got=f"frame_ticks={frame_ticks}"[:80])
    physics = WorldPhysics(assets=into, frame_ticks=int(frame_ticks), hearing=engine.get("hearing") == "true")
    world = WorldEventful(physics)
    world.reset(scene, seed=said.seed)
    if engine != (here := _engine(world)):
        other = next(key for key in {**here, **engine} if here.get(key) != engine.get(key))
        why = f"its past was made with {other} {str(engine.get(other))[:60]}, here it is {here.get(other)}: it begins from its scene"
        return Unpacked(world=world, scene=scene, title=said.title, seed=said.seed, line=None, why=why)
    try:
        line = _line(source, said, world, file.name)
    except StateError as error:
        raise UnreadableFile("the file is damaged", where=file.name, got=str(error)[:200]) from None
    return Unpacked(world=world, scene=scene, title=said.title, seed=said.seed, line=line)


# -- writing ---------------------------------------------------------------------------------------------------------------


class _States:
    """The states a timeline refers to, each once, by number."""

    def __init__(self, world: WorldEventful) -> None:
        self._world = world
        self.all: list[Any] = []
        self._numbers: dict[int, int] = {}

    def number(self, state: Any) -> int:
        if id(state) not in self._numbers:
            self._numbers[id(state)] = len(self.all)
            self.all.append(state)
        return self._numbers[id(state)]

    def place(self, place: Place[Any]) -> _Place:
        return _Place(place.node, place.ticks, self.number(place.state))


def _node(node: Node[Any], states: _States) -> _Node:
    keys = {
        tick: states.number(node.course.keys[tick])
        for tick in sorted(node.course.keys)
        if tick % KEY_TICKS == 0 and tick <= node.course.ticks
    }
    return _Node(
        _plain(node.said), node.course.ticks, states.number(node.state), keys, None if node.left is None else states.place(node.left)
    )


def _runs(node: Node[Any]) -> _Runs:
    """What was done, with how often in a row."""
    out: _Runs = []
    for action in node.course.actions[: node.course.ticks]:
        plain = {name: np.asarray(numbers, dtype=np.float64).tolist() for name, numbers in action.items()}
        if out and out[-1][1] == plain:
            out[-1] = (out[-1][0] + 1, plain)
        else:
            out.append((1, plain))
    return out


def _engine(world: WorldEventful) -> dict[str, str]:
    """What has to be the same for its states to be read."""
    said = {name: value for name, _, value in (pair.partition("=") for pair in described(world.spec))}
    return {**said, "states": f"{STATE_FORMAT}.{EVENTS_FORMAT}"}


def _assets(scene: Scene) -> Iterator[tuple[str, str]]:
    for ref in scene.assets:
        yield ref.sha256, ref.folder


def _plain(words: str) -> str:
    """Words as a line of bounded length."""
    return "".join(c if c.isprintable() else " " for c in words)[:MOST_WORDS]


def _put(out: zipfile.ZipFile, name: str, data: bytes) -> None:
    out.writestr(zipfile.ZipInfo(name, _MADE), data)


# -- reading ---------------------------------------------------------------------------------------------------------------


def _line(source: ArchiveSource, said: _Said, world: WorldEventful, shown: str) -> Timeline[Any]:
    runs = _decoded(_read(source, "actions", MOST_TEXT * 10), list[_Runs], shown, packed=True)
    if len(runs) != len(said.nodes):
        raise UnreadableFile("the file is damaged", where=shown, got=f"actions of {len(runs)} branches", expected=str(len(said.nodes)))
    states = [world.load(_read(source, f"states/{number}", MOST_STATE)) for number in range(said.states)]

    def place(saved: _Place) -> Place[Any]:
        return Place(saved.node, saved.ticks, states[saved.state])

    nodes = []
    for node, run in zip(said.nodes, runs, strict=True):
        actions = _actions(run, node.ticks, shown)
        course = Course({tick: states[number] for tick, number in node.keys.items()}, actions, node.ticks)
        nodes.append(Node(course, states[node.end], node.said, None if node.left is None else place(node.left)))
    line = Timeline(tuple(nodes), place(said.now), tuple(map(place, said.ahead)), tuple((name, place(one)) for name, one in said.marks))
    world.edit(line.state, ())  # what a world says of itself is of the state it saw last
    return line


def _actions(runs: _Runs, ticks: int, shown: str) -> list[Action]:
    if sum(count for count, _ in runs) != ticks or any(count < 1 for count, _ in runs):
        raise UnreadableFile("the file is damaged", where=shown, got="actions that are not as many as its ticks")
    out: list[Action] = []
    for count, plain in runs:
        if not all(math.isfinite(x) for numbers in plain.values() for x in numbers):
            raise UnreadableFile("the file is damaged", where=shown, got="an action that is not finite")
        action = {name: np.array(numbers, dtype=np.float64) for name, numbers in plain.items()}
        for numbers in action.values():
            numbers.flags.writeable = False
        out += [action] * count
    return out


def _check(said: _Said, shown: str) -> None:
    """Every number leads somewhere: to a node before it, a tick there is, a state there is."""
    if said.lifeworld != FORMAT:
        raise UnreadableFile("a .world of another format", where=shown, got=said.lifeworld, expected=FORMAT, fix="Update lifeworld.")
    ticks = sum(max(node.ticks, 0) for node in said.nodes)
    if len(said.nodes) > MOST_NODES or not 0 < said.states <= MOST_STATES or ticks > MOST_TICKS or len(said.assets) > 100:
        raise FileTooLarge("there is too much in the file", where=shown, got=f"{len(said.nodes):,} branches of {ticks:,} ticks in all")

    def leads(place: _Place, before: int) -> bool:
        return 0 <= place.node < before and 0 <= place.ticks <= said.nodes[place.node].ticks and 0 <= place.state < said.states

    good = 0 <= said.seed < 2**63 and bool(said.nodes)
    for number, node in enumerate(said.nodes):
        good = good and (leads(node.left, number) if node.left is not None else number == 0)
        good = good and node.ticks >= 0 and 0 <= node.end < said.states and 0 in node.keys
        good = good and all(0 <= tick <= node.ticks and 0 <= state < said.states for tick, state in node.keys.items())
    words = (said.title, *(node.said for node in said.nodes), *(name for name, _ in said.marks))
    good = good and all(len(word) <= MOST_WORDS and word.isprintable() for word in words)
    good = good and all(leads(place, len(said.nodes)) for place in (said.now, *said.ahead, *(place for _, place in said.marks)))
    if not good:
        raise UnreadableFile("the file is damaged", where=shown, got="a timeline whose places lead nowhere, or names that are none")


def _lay_out(source: ArchiveSource, assets: Mapping[str, str], into: Path, shown: str) -> None:
    """The assets to where the scenes say; each is checked, in a child, before anybody uses it."""
    for digest, folder in assets.items():
        inside = confined(folder, "")
        target = into / inside
        if target.resolve() != (into.resolve() / inside) or inside in (".", ""):
            raise UnsafeFile("an asset that lies elsewhere", where=shown, got=folder[:200])
        start = f"assets/{digest}/"
        for name in (name for name in source.names if name.startswith(start)):
            place = target / confined(name.removeprefix(start), "")
            data = source.read(name, most=LIMITS.mesh_bytes, what="asset's file")
            try:
                with on_disk(place):
                    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                    with place.open("xb") as out:
                        out.write(data)
            except OSError as error:  # two files of one name, a file that is a folder, a name that is too long
                raise UnsafeFile("an asset's files are in each other's way", where=shown, got=f"{name[:200]}: {error.strerror}") from None
        held = load_asset(target)
        if held.digest != digest:
            raise UnsafeFile("an asset is not the one the world was made with", where=shown, got=held.digest, expected=digest)


def _read(source: ArchiveSource, name: str, most: int) -> bytes:
    found = source.find(name)
    if found is None:
        raise UnreadableFile(
            "this is no .world: something is missing", got=f"no {name}", expected="world.json, scene.toml, actions, states/"
        )
    return source.read(found, most=most, what=name)


def _decoded(data: bytes, kind: Any, shown: str, *, packed: bool = False) -> Any:
    try:
        return msgspec.msgpack.decode(data, type=kind) if packed else msgspec.json.decode(data, type=kind)
    except (ValueError, TypeError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise UnreadableFile("the file is damaged", where=shown, got=str(error)[:200]) from None


def _text(data: bytes, shown: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableFile("the scene is no text", where=shown, got=str(error)[:100]) from None


def digest_of(scene: Scene) -> str:
    """The SHA-256 of a scene's canonical text: what a provenance calls it by."""
    return hashlib.sha256(to_text(scene).encode()).hexdigest()
