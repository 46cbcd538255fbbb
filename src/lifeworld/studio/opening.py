"""What a word means that somebody wants to enter: a scene, a game, a model, an episode; made a session.

opened("tabletop")                                    a world made by physics
opened("coinrun")                                     a game
opened("model/", source=Path("data/"))                a dream, begun from real pictures
opened("push_table", dream=True)                      the dream of a model that comes with lifeworld
opened("out/", episode=3)                             an episode: replayed, and gone on from where it keeps its states
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifeworld.core.errors import InputError, StateError, UnknownName
from lifeworld.scene.starter import find
from lifeworld.scene.text import to_text
from lifeworld.studio.autosave import Saving, what_of
from lifeworld.studio.session import Session
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.game.opening import PROCGEN
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.record import STATE
from lifeworld.worlds.recording import WorldRecording
from lifeworld.worlds.replay import open_past
from lifeworld.worlds.world import World

if TYPE_CHECKING:
    from lifeworld.episode.bundle import Bundle
    from lifeworld.episode.episode import Episode

WEIGHTS = "model.safetensors"
GRAPHS = "*.onnx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A world, where it begins (what its `reset` takes, or a timeline), its title, and by what it is known again (`what`).

    `recorded` is whether it begins with what has been recorded.
    """

    world: World[Any]
    start: Any
    title: str
    what: str
    recorded: bool = False


def opened(word: str, *, source: Path | None = None, episode: int | str | None = None, tick: int = 0, dream: bool = False) -> Opened:
    """What a word means.

    Args:
        dream: that a model is meant: those that come with lifeworld are called as what they dream of, a scene or a game.
        source: of a model the bundle whose pictures the dream begins from; without it those that were taken in or played for the model.
        episode: which episode of the bundle, by number or uid.
        tick: of an episode, where in it.

    Raises:
        InputError: for what means nothing, with what is near; or what does not go with it.
    """
    if dream:
        return _dream(_model(word), source, episode)
    path = Path(word)
    if word in PROCGEN or re.fullmatch(r"[\w/]+-v\d+", word):
        _alone(word, source, episode)
        return _game(word)
    if _is_model(path):
        return _dream(path, source, episode)
    if path.is_dir():
        return _episode(path, episode, tick)
    _alone(word, source, episode)
    scene = find(word)
    folder = path.parent if word.endswith(".toml") else Path()
    world = WorldEventful(WorldPhysics(assets=folder, hearing=True))
    return Opened(world=world, start=scene, title=scene.title or scene.name, what=what_of("scene", to_text(scene)))


def begun(what: Opened, *, seed: int = 0, keep: Path | None = None, state: Path | None = None, anew: bool = False) -> Session:
    """A session of it; saved in the folder `state`, if one is given, and gone on with unless it is to begin `anew`."""
    saving = None if state is None else Saving(folder=state, what=what_of(what.what, seed), anew=anew)
    return Session(what.start, seed=seed, world=what.world, title=what.title, keep=keep, saving=saving, recorded=what.recorded)


# -- one sort after the other ----------------------------------------------------------------------------------------------


def _game(name: str) -> Opened:
    from lifeworld.worlds.game import WorldGame

    return Opened(world=WorldGame(name), start=None, title=name, what=what_of("game", name))


def _model(word: str) -> Path:
    """The folder of a model, or of the one that comes with lifeworld under a name.

    Raises:
        UnknownName: if there is none.
    """
    from lifeworld.models.zoo.ready import located, names

    path = located(word)
    if not _is_model(path):
        raise UnknownName("model", word, names(), fix="Name its folder, or one that comes with lifeworld.")
    return path


def is_library(word: str) -> bool:
    """Whether a word is a folder that is neither a model nor a bundle, in which there may be many of them."""
    from lifeworld.episode.head import is_bundle

    return Path(word).is_dir() and not _is_model(Path(word)) and not is_bundle(Path(word))


def _is_model(path: Path) -> bool:
    return path.is_dir() and ((path / WEIGHTS).is_file() or any(path.glob(GRAPHS)))


def _dream(folder: Path, source: Path | None, episode: int | str | None) -> Opened:
    """A dream, from the first real pictures of an episode: the one that is named, else the first that was not learned from."""
    from lifeworld.models.data.footage import open_any
    from lifeworld.models.play.dream import WorldDream
    from lifeworld.models.zoo.learned_from import learned_from

    world = WorldDream(folder)
    bundle = open_any(source or learned_from(folder, world.card), cache=folder / "data", notes=[])
    if episode is None:
        learned = set(world.card.episodes)
        held_out = [uid for uid in bundle.index.uids if uid not in learned]
        episode = (held_out or list(bundle.index.uids))[0]
    chosen = _chosen(bundle, episode)
    name = folder.resolve().name
    title = f"{name} dreams: {chosen.title or world.card.stream}"
    return Opened(world=world, start=chosen, title=title, what=what_of("dream", world.spec.engine_version, bundle.path.resolve(), episode))


def _episode(folder: Path, episode: int | str | None, tick: int) -> Opened:
    """An episode: where it keeps its states the world it was made in, else only what was recorded."""
    from lifeworld.episode.bundle import open_bundle
    from lifeworld.episode.head import is_bundle

    if not is_bundle(folder):
        fix = f"A model has {WEIGHTS} in it, a bundle meta/info.json."
        raise InputError("this folder is neither a model nor a bundle of episodes", where=str(folder), fix=fix)
    bundle = open_bundle(folder)
    chosen = _chosen(bundle, 0 if episode is None else episode)
    title = chosen.title or f"an episode of {folder.resolve().name}"
    what = what_of("episode", folder.resolve(), episode)
    if STATE in chosen.streams and len(chosen[STATE]):
        try:
            past = open_past(chosen, assets=folder)
            line = past.timeline().to(past.world, tick)
            return Opened(world=past.world, start=line, title=title, what=what, recorded=True)
        except StateError:  # of another engine or version: then it is what was recorded, and no more
            if not _has_pictures(chosen):
                raise
    world = WorldRecording(chosen)
    return Opened(world=world, start=world.timeline().to(world, min(tick, world.ticks)), title=title, what=what, recorded=True)


def _has_pictures(episode: Episode) -> bool:
    return any(stream.signal.name == "rgb" and len(stream) for stream in episode.streams.values())


def _chosen(bundle: Bundle, episode: int | str) -> Episode:
    """An episode by its number or uid.

    Raises:
        InputError, UnknownName: if there is none.
    """
    if not len(bundle):
        raise InputError("there is no episode in this bundle", where=str(bundle.path))
    if isinstance(episode, str):
        if episode not in set(bundle.index.uids):
            raise UnknownName("episode", episode, bundle.index.uids, where=str(bundle.path))
        return bundle.episode(episode)
    if not 0 <= episode < len(bundle):
        raise InputError("there is no such episode", got=episode, expected=f"0 to {len(bundle) - 1}", where=str(bundle.path))
    return bundle[episode]


def _alone(word: str, source: Path | None, episode: int | str | None) -> None:
    if source is not None or episode is not None:
        said = "--from" if source is not None else "--episode"
        raise InputError(f"{said} is for models and bundles", got=word, fix=f"Leave it out, or name a folder instead of {word!r}.")
