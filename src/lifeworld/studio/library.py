"""The library: what there is to enter, each with a picture and with what it is.

GET  /api/library                      all cards: scenes that come with lifeworld, those of the given folders, bundles, models, games
GET  /api/library/{card}/picture       a card's picture, drawn by us, once
POST /api/library/{card}/enter         a session in it: {"session": name}

Folders are looked through three levels deep; nothing in them is run, and nothing else on the disk is looked at.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, Literal, Protocol

from fastapi import APIRouter, HTTPException, Response
from fastapi.concurrency import run_in_threadpool

from lifeworld.core.errors import LifeworldError
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.head import is_bundle
from lifeworld.scene import starter
from lifeworld.scene.scene import Scene
from lifeworld.scene.text import read
from lifeworld.studio.cover import pictured
from lifeworld.studio.session import Session

Sort = Literal["scene", "episodes", "model", "game"]
DEEP = 3
WAIT_S = 1.0
"""For a picture that is being drawn."""
MOST_CARDS = 500
MOST_FOLDERS = 2_000
MOST_HEADER = 4_000_000
PASSED_OVER = ("node_modules", "__pycache__", "streams", "videos", "data", "index", "snapshots", "ledger", "staging", "cache")
GAMES = {
    "bigfish": "Eat the smaller fish",
    "bossfight": "Shoot the boss, dodge what it shoots",
    "caveflyer": "Fly through caves",
    "chaser": "Eat all the dots, uncaught",
    "climber": "Climb, and collect stars",
    "coinrun": "Run and jump to the coin",
    "dodgeball": "Throw balls, dodge balls",
    "fruitbot": "Fruit, and nothing else",
    "heist": "Keys, locks and a gem",
    "jumper": "A bunny looks for its carrot",
    "leaper": "Across the road and the river",
    "maze": "Find the way to the cheese",
    "miner": "Dig for diamonds under boulders",
    "ninja": "Jump from ledge to ledge",
    "plunder": "Sink the enemy's ships",
    "starpilot": "Fly, and shoot what comes",
}
GYM = {"CarRacing-v3": "A car on a track, from above"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One world to enter.

    `word` is what `lifeworld enter` takes for it; `origin` how what one sees there comes to be, `replayed` where it has been recorded;
    `ready` whether it can be entered now, else `why` not.
    """

    id: str
    sort: Sort
    word: str
    title: str
    name: str
    origin: str
    detail: str = ""
    where: str = ""
    picture: bool = True
    ready: bool = True
    why: str = ""


class Begin(Protocol):
    """How a session begins in what a word means, at a tick of an episode where it is a bundle."""

    def __call__(self, word: str, *, episode: str | None = None, tick: int = 0) -> Session: ...


class Library:
    """The shelves of a studio.

    Args:
        folders: where the user's own scenes, bundles and models lie.
        begin: begins a session; it is waited for.
    """

    def __init__(self, folders: Sequence[Path], begin: Begin) -> None:
        self.folders, self.begin = tuple(folders), begin
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="library")  # one picture at a time: worlds go on meanwhile
        self._cards: dict[str, Card] = {}
        self._drawn: dict[str, Future[bytes | None]] = {}

    def cards(self) -> list[Card]:
        """All there is now, the scenes that come with lifeworld first."""
        found = [*_starters(), *_ready(), *(card for folder in self.folders for card in _of_folder(folder)), *_games()]
        self._cards = {card.id: card for card in found[:MOST_CARDS]}
        return list(self._cards.values())

    def card(self, card: str) -> Card:
        """One card, by its id."""
        if card not in self._cards:
            self.cards()
        if card not in self._cards:
            raise HTTPException(404, {"code": "no_card", "message": "There is nothing of this name in the library."})
        return self._cards[card]

    def bundle(self, card: str) -> Path:
        """The folder of a bundle by its card."""
        found = self.card(card)
        if found.sort != "episodes":
            raise HTTPException(404, {"code": "no_bundle", "message": "This is no bundle of episodes."})
        return Path(found.word)

    async def picture(self, card: Card) -> bytes | None:
        """A JPEG, or None where there is nothing to be seen.

        Raises:
            TimeoutError: if it is still being drawn: ask again.
        """
        if card.id not in self._drawn:
            self._drawn[card.id] = self._hand.submit(pictured, card.sort, card.word)
        return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self._drawn[card.id])), WAIT_S)

    def close(self) -> None:
        """Begin no more pictures."""
        self._hand.shutdown(wait=False, cancel_futures=True)


def routes(library: Library, add: Callable[[Session], Session]) -> APIRouter:
    """The routes of a library; `add` takes the sessions it begins."""
    router = APIRouter()

    @router.get("/api/library")
    def cards() -> dict[str, Any]:
        return {"cards": [asdict(card) for card in library.cards()], "folders": [str(folder) for folder in library.folders]}

    @router.get("/api/library/{card}/picture")
    async def picture(card: str) -> Response:
        found = await run_in_threadpool(library.card, card)
        try:
            made = await library.picture(found)
        except TimeoutError:  # a browser asks for few things at a time: it is not to wait for this one
            return Response(status_code=202, headers={"retry-after": "2", "cache-control": "no-store"})
        if made is None:
            raise HTTPException(404, {"code": "no_picture", "message": "There is no picture of this."})
        return Response(made, media_type="image/jpeg", headers={"cache-control": "private, max-age=600"})

    @router.post("/api/library/{card}/enter")
    def enter(card: str) -> dict[str, str]:
        return {"session": add(begun(library.begin, library.card(card).word)).name}

    return router


def begun(begin: Begin, word: str, *, episode: str | None = None, tick: int = 0) -> Session:
    """A session that has begun.

    Raises:
        HTTPException: with what is wrong, if there is no world.
    """
    try:
        session = begin(word, episode=episode, tick=tick)
        session.wait()
    except LifeworldError as error:
        raise HTTPException(422, {"code": error.code, "message": str(error)}) from error
    return session


def _id(sort: Sort, word: str) -> str:
    return hashlib.sha256(f"{sort} {word}".encode()).hexdigest()[:12]


# -- the shelves -----------------------------------------------------------------------------------------------------------


def _starters() -> Iterator[Card]:
    for name in sorted(starter.names(), key=lambda name: -len(_loaded(name).things) if _loaded(name).embodiments else 0):
        yield _scene(name, _loaded(name), where="comes with lifeworld")


@lru_cache
def _loaded(name: str) -> Scene:
    return starter.load(name)


def _scene(word: str, scene: Scene, *, where: str) -> Card:
    detail = f"{len(scene.things)} thing{'' if len(scene.things) == 1 else 's'}"
    if scene.embodiments:
        detail += f", {len(scene.embodiments)} {'bodies' if len(scene.embodiments) > 1 else 'body'} to act with"
    if scene.goals:
        detail += f", a lesson of {len(scene.goals)} goals"
    title = scene.title or scene.name.replace("_", " ")
    return Card(
        id=_id("scene", word), sort="scene", word=word, title=title, name=scene.name, origin="simulated", detail=detail, where=where
    )


def _of_folder(folder: Path) -> Iterator[Card]:
    """What lies in a folder and can be entered."""
    for here in islice(_folders(folder.expanduser().resolve(), DEEP), MOST_FOLDERS):
        if is_bundle(here):
            yield _episodes(here)
            continue
        for file in sorted(here.glob("*.toml"))[:MOST_CARDS]:
            if (card := _own_scene(file)) is not None:
                yield card
        if (here / "model.safetensors").is_file() and (card := _model(here)) is not None:
            yield card


def _folders(folder: Path, deep: int) -> Iterator[Path]:
    if not folder.is_dir():
        return
    yield folder
    if deep and not is_bundle(folder):
        try:
            inner = sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
        except OSError:  # somebody else's
            return
        for path in inner:
            if not path.name.startswith(".") and path.name not in PASSED_OVER:
                yield from _folders(path, deep - 1)


def _own_scene(file: Path) -> Card | None:
    """The card of a scene file; None for other TOML, and with what is wrong for a scene that cannot be read."""
    try:
        if not any(line.split("=")[0].strip() == "lifeworld" for line in file.read_text(encoding="utf-8")[:2_000].splitlines()):
            return None
        return _scene(str(file), read(file), where=str(file.parent))
    except (OSError, UnicodeDecodeError):
        return None
    except LifeworldError as error:
        shown = Card(id=_id("scene", str(file)), sort="scene", word=str(file), title=file.stem.replace("_", " "), name=file.stem,
                     origin="simulated", where=str(file.parent), picture=False, ready=False, why=str(error))  # fmt: skip
        return shown


def _episodes(folder: Path) -> Card:
    name, word = folder.name.replace("_", " "), str(folder)
    try:
        bundle = open_bundle(folder)
    except LifeworldError as error:
        return Card(id=_id("episodes", word), sort="episodes", word=word, title=name, name=folder.name, origin="mixed",
                    where=str(folder.parent), picture=False, ready=False, why=str(error))  # fmt: skip
    origins = sorted(set(bundle.index.table["origin"].to_pylist()))
    seconds = float(bundle.index.duration_ns.sum()) * 1e-9
    lasts = f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
    detail = f"{len(bundle):,} episode{'' if len(bundle) == 1 else 's'}, {lasts} in all"
    origin = origins[0] if len(origins) == 1 else "mixed"
    pictures = any(name.partition("@")[0] == "rgb" for name in bundle.index.stream_names)
    return Card(id=_id("episodes", word), sort="episodes", word=word, title=name, name=folder.name, origin=origin, detail=detail,
                where=str(folder.parent), picture=pictures)  # fmt: skip


def _model(folder: Path) -> Card | None:
    """The card of a model, from the header of its weights; None for weights that are not ours."""
    try:
        with (folder / "model.safetensors").open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            said = json.loads(file.read(size))["__metadata__"]["lifeworld"] if size < MOST_HEADER else "{}"
            card = json.loads(said)
            detail = f"learned from {len(card['episodes'])} episodes, {card['steps']:,} steps"
    except (OSError, ValueError, LookupError, TypeError):
        return None
    word = str(folder)
    return Card(id=_id("model", word), sort="model", word=word, title=folder.name.replace("_", " "), name=folder.name, origin="dreamed",
                detail=detail, where=str(folder.parent))  # fmt: skip


def _ready() -> Iterator[Card]:
    """The models that come with lifeworld."""
    from lifeworld.models.zoo.ready import READY, names

    for name in names():
        if (card := _model(READY / name)) is not None:
            yield replace(card, where="comes with lifeworld")


def _games() -> Iterator[Card]:
    from lifeworld.worlds.game.opening import PROCGEN
    from lifeworld.worlds.game.procgen import home

    if (home() / "bin" / "python").exists():
        for name in PROCGEN:
            yield _game(name, GAMES.get(name, ""), "procgen, installed")
    if find_spec("gymnasium") is not None and find_spec("Box2D") is not None:
        for name, told in GYM.items():
            yield _game(name, told, "Gymnasium, installed")


def _game(name: str, told: str, where: str) -> Card:
    said = name.partition("-v")[0]
    return Card(id=_id("game", name), sort="game", word=name, title=said[:1].upper() + said[1:], name=name, origin="simulated",
                detail=told, where=where)  # fmt: skip
