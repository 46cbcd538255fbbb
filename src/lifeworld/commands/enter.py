"""`lifeworld enter`: a world in the browser, for you and whom you invite."""

from __future__ import annotations

import os
import re
import sys
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tyro

from lifeworld.commands.verb import Common, Outcome, say
from lifeworld.core.errors import MissingExtra

if TYPE_CHECKING:
    from lifeworld.studio.autosave import Saving
    from lifeworld.worlds.world import World


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Enter a world: a server on this machine alone, and a link that opens once. Ctrl-C ends it.

    Walk, act through a body with the keys, say what should change, go back, go on otherwise, compare both, keep one.
    """

    world: tyro.conf.Positional[str]
    """A starter's name (see `lifeworld scenes`), the path of a scene file, or a game: coinrun and procgen's others, CarRacing-v3."""
    port: int | None = None
    """Where to listen on 127.0.0.1; the first that is free from 8420 on if not given."""
    keep: Path | None = None
    """The folder of a bundle that you may keep what you did in, when you are asked and say so; without it nothing is ever kept."""
    autosave: bool = True
    """Save what is done in the world as it is done, here alone, so that entering the same again goes on with it. No recording."""
    state: Path | None = None
    """The folder for that; the one for the state of programs ($XDG_STATE_HOME/lifeworld, ~/.local/state/lifeworld) if not given."""
    new: bool = False
    """Begin anew, and leave aside where you were."""
    browser: bool = True
    """Open the link in a browser."""


def run(options: Options) -> Outcome:
    try:
        from lifeworld.studio.serve import Server
        from lifeworld.studio.session import Session
    except ImportError as error:
        raise MissingExtra("the studio", "studio") from error

    world, start, title = _opened(options.world)
    server = Server(options.port)
    saving = _saving(options, start, title) if options.autosave else None
    session = server.studio.add(Session(start, seed=options.seed, world=world, title=title, keep=options.keep, saving=saving))
    session.wait()
    link = server.studio.door.link
    again = f"{session.resumed} Begin anew: --new\n" if session.resumed else ""
    say(f"{session.title}\n{again}{link}\nOpens once, on this machine. Ctrl-C ends it.")
    if options.browser and sys.stderr.isatty():
        webbrowser.open(link)
    server.run()
    return Outcome(text="The world has ended.", value={"port": server.studio.door.port, "session": session.name})


def _saving(options: Options, start: Any, title: str) -> Saving:
    """Where this is saved, and by what it is known again: the scene as text, the name of a game."""
    from lifeworld.scene.scene import Scene
    from lifeworld.scene.text import to_text
    from lifeworld.studio.autosave import Saving, what_of

    usual = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "lifeworld"
    what = what_of(options.seed, to_text(start) if isinstance(start, Scene) else title)
    return Saving(folder=options.state or usual, what=what, anew=options.new)


def _opened(name: str) -> tuple[World[Any], Any, str]:
    """The world that a word means, where it begins, and what it is called."""
    from lifeworld.scene.starter import find
    from lifeworld.worlds.eventful import WorldEventful
    from lifeworld.worlds.game.opening import PROCGEN
    from lifeworld.worlds.physics.engine import WorldPhysics

    if name in PROCGEN or re.fullmatch(r"[\w/]+-v\d+", name):
        from lifeworld.worlds.game import WorldGame

        return WorldGame(name), None, name
    scene = find(name)
    folder = Path(name).parent if name.endswith(".toml") else Path()
    return WorldEventful(WorldPhysics(assets=folder)), scene, scene.title or scene.name
