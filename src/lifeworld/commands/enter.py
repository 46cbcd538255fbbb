"""`lifeworld enter`: a world in the browser, for you and whom you invite."""

from __future__ import annotations

import os
import sys
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from lifeworld.commands.verb import Common, Outcome, need, say

if TYPE_CHECKING:
    from lifeworld.studio.guard import Door
    from lifeworld.studio.session import Session


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Enter a world: a server on this machine alone, and a link that opens once. Ctrl-C ends it.

    Walk, act through a body with the keys, say what should change, go back, go on otherwise, compare both, keep one.
    """

    world: tyro.conf.Positional[str | None] = None
    """A starter's name (see `lifeworld scenes`), the path of a scene file or a .world, a game (coinrun and procgen's others,
    CarRacing-v3), the folder of a model, or a bundle of episodes. Any other folder, or none: the library of all there is in it, or here."""
    source: Annotated[Path | None, tyro.conf.arg(name="from")] = None
    """Of a model: the bundle whose real pictures the dream begins from; what was taken in or played for it, if nothing is said."""
    dream: bool = False
    """The model of this name is meant: those that come with lifeworld (push_table, coinrun) are called as what they dream of."""
    episode: int | None = None
    """Which episode of a bundle: it is replayed, and gone on from wherever somebody steps in. Of a model: which one it begins from."""
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
    accept: bool = False
    """Take a stranger's .world for good at once; otherwise it can be looked at only, until it is accepted in the page."""
    lan: bool = False
    """Let guests in from the network too, by TLS and with a code: they look on. Otherwise nobody but this machine gets in."""
    headless: bool = False
    """No page: print an address and a key for programs (`lifeworld.studio.client`)."""
    browser: bool = True
    """Open the link in a browser."""


def run(options: Options) -> Outcome:
    for module in ("fastapi", "uvicorn", "websockets"):
        need(module, "the studio", "studio")
    from lifeworld.studio.arrival import arrived
    from lifeworld.studio.library import Library
    from lifeworld.studio.opening import begun, is_library, opened
    from lifeworld.studio.serve import Server
    from lifeworld.worlds.package import SUFFIX

    usual = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "lifeworld"
    state = (options.state or usual) if options.autosave else None

    def begin(word: str, *, source: Path | None = None, episode: int | str | None = None, tick: int = 0, dream: bool = False) -> Session:
        what = opened(word, source=source, episode=episode, tick=tick, dream=dream)
        return begun(what, seed=options.seed, keep=options.keep, state=state, anew=options.new)

    session, told = None, ""
    folder = Path(options.world) if options.world is not None and is_library(options.world) else None
    if options.world is not None and folder is None and not options.world.endswith(SUFFIX):
        session = begin(options.world, source=options.source, episode=options.episode, dream=options.dream)
    server = Server(
        options.port, library=Library((folder or Path.cwd(), *([options.keep] if options.keep else [])), begin), lan=options.lan
    )
    if options.world is not None and folder is None and session is None:
        session, told = arrived(Path(options.world), server.studio.folder(), keep=options.keep, accepted=options.accept)
    if session is not None:
        server.studio.add(session).wait()
    door = server.studio.door
    guests = server.network.told if server.network is not None else ""
    say("\n".join(filter(None, [*_told(session, told), *_where(door, headless=options.headless), guests])))
    if options.browser and not options.headless and sys.stderr.isatty():
        webbrowser.open(door.link)
    server.run()
    return Outcome(text="The world has ended.", value={"port": door.port, "session": None if session is None else session.name})


def _told(session: Session | None, told: str) -> list[str]:
    """What this is, and what has to be known of it."""
    if session is None:
        return ["The library of what there is here"]
    return [
        session.title,
        told,
        f"{session.foreign.told}\nUntil you accept it, it can be looked at only." if session.foreign is not None else "",
        f"{session.resumed} Begin anew: --new" if session.resumed else "",
    ]


def _where(door: Door, *, headless: bool) -> list[str]:
    """Where it is: for people a link, for programs each a word and what it is, a line."""
    moved = f"Port {door.wanted} is taken: this is {door.port}." if door.port != door.wanted else ""
    if headless:
        return [f"address {door.address}", f"key {door.bearer}", f"link {door.link}", "Ctrl-C ends it."]
    return [moved, door.link, "Opens once, on this machine. Ctrl-C ends it."]
