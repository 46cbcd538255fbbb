"""`lifeworld enter`: a world in the browser, for you and whom you invite."""

from __future__ import annotations

import sys
import webbrowser
from dataclasses import dataclass

import tyro

from lifeworld.commands.verb import Common, Outcome, say
from lifeworld.core.errors import MissingExtra


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Enter a world: a server on this machine alone, and a link that opens once. Ctrl-C ends it.

    Walk, act through a body with the keys, say what should change, go back, go on otherwise.
    """

    world: tyro.conf.Positional[str]
    """A starter's name (see `lifeworld scenes`) or the path of a scene file."""
    port: int | None = None
    """Where to listen on 127.0.0.1; the first that is free from 8420 on if not given."""
    browser: bool = True
    """Open the link in a browser."""


def run(options: Options) -> Outcome:
    from pathlib import Path

    from lifeworld.scene.starter import find

    try:
        from lifeworld.studio.serve import Server
        from lifeworld.studio.session import Session
    except ImportError as error:
        raise MissingExtra("the studio", "studio") from error
    from lifeworld.worlds.physics.engine import WorldPhysics

    scene = find(options.world)
    folder = Path(options.world).parent if options.world.endswith(".toml") else Path()
    server = Server(options.port)
    session = server.studio.add(Session(scene, seed=options.seed, world=WorldPhysics(assets=folder)))
    session.wait()
    link = server.studio.door.link
    say(f"{scene.title or scene.name}\n{link}\nOpens once, on this machine. Ctrl-C ends it.")
    if options.browser and sys.stderr.isatty():
        webbrowser.open(link)
    server.run()
    return Outcome(text="The world has ended.", value={"port": server.studio.door.port, "session": session.name})
