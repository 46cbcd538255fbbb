"""`lifeworld whatif`: a recorded episode is forked, one thing is changed, and what would have been is told and shown."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from lifeworld.commands.verb import Common, Outcome, progress, say
from lifeworld.core.errors import InputError
from lifeworld.core.write import MARK, replace_file, replace_folder

if TYPE_CHECKING:
    from lifeworld.episode.bundle import Bundle
    from lifeworld.scene import outcome
    from lifeworld.scene.edit import Edits
    from lifeworld.scene.scene import Scene
    from lifeworld.worlds.whatif import WhatIf

UNITS = {"": 1.0, "s": 1.0, "ms": 1e-3, "min": 60.0}


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Fork a recorded episode, change something, and see what would have been.

    Both futures are gone through with the same actions; the base is the recording again, to the bit. The output folder becomes a bundle of
    two episodes (as it was, with the change), or grows by them; beside them lie report.txt, report.json, strip.png, side_by_side.mp4 and
    overlay.mp4.
    """

    bundle: tyro.conf.Positional[Path]
    """The bundle that the episode is in."""
    out: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None
    """The bundle to write to; if nothing is said, it is only told what would have been."""
    episode: int = 0
    """Which episode, counted from 0; from the end if below 0."""
    at: str = "0s"
    """When it is forked: 4.2s, 4200ms."""
    change: str | None = None
    """What is changed then, in words: "push the glass at 0.3 m/s", "put a bowl on the table"."""
    plan: Path | None = None
    """The same as JSON instead: edits, or an event as an edit of the scene's events (docs/edits.md)."""
    seconds: float | None = None
    """How long both futures last [s]; if nothing is said, to the end of the recording."""
    ask: tuple[str, ...] = ()
    """What is asked of both, in words: "the glass falls off the table". If nothing is said: who falls, tips over, opens or closes."""
    why: bool = False
    """Take each possible cause away in turn, and say because of which an outcome came about."""
    camera: str | None = None
    """Who looks on; the first camera if nothing is said."""
    replay: bool = False
    """Go through the episode again from its scene first: where its states are missing, or of another engine version."""
    renderer: Literal["auto", "egl", "osmesa", "rays"] = "auto"
    """What draws the pictures; auto takes the first that works."""


def run(options: Options) -> Outcome:
    begin = time.perf_counter()
    from lifeworld.episode.bundle import open_bundle
    from lifeworld.episode.seal import create
    from lifeworld.worlds import replay
    from lifeworld.worlds.whatif import as_json, told, whatif, why

    at_s, change = seconds_of(options.at), _change(options)
    if options.out is not None and options.out.exists():
        create(options.out)  # or say at once that it holds something else
    bundle = open_bundle(options.bundle)
    number = _number(bundle, options.episode)
    episode = bundle[number]
    if options.replay:
        again = replay.replay(episode, assets=options.bundle, renderer=options.renderer)
        say(again.told)
        past = again.past
    else:
        past = replay.open_past(episode, assets=options.bundle, renderer=options.renderer)
    asked = [_asked(words, episode.scene) for words in options.ask] if options.ask and episode.scene is not None else None
    with ExitStack() as bars:
        ticked: list[Callable[[], None]] = []

        def on_tick(_: int, ticks: int) -> None:
            if not ticked:  # what cannot be changed is said without a bar
                ticked.append(bars.enter_context(progress("ticks of both futures", ticks + 1)))
            ticked[0]()

        found = whatif(
            past,
            at_s=at_s,
            change=change,
            seconds=options.seconds,
            outcomes=asked,
            camera=options.camera,
            pictures=options.out is not None,
            seed=options.seed,
            parent=bundle.uids[number],
            on_tick=on_tick,
        )
    text, value = told(found), {"bundle": str(options.bundle), "episode": number, **as_json(found)}
    if options.why:
        reasons = why(found)
        text += "".join(f"\n  {each.told}" for each in reasons)
        value["because"] = [each.as_json() for each in reasons]
    value["files"] = None
    if options.out is None:
        text += "\nnothing is written: -o FOLDER says where to"
    else:
        value["files"] = _written(found, options, text, value)
        text += f"\n{options.out} ({time.perf_counter() - begin:.1f} s)" + (f"; look at {value['files']['strip']}" if found.camera else "")
    return Outcome(text=text, value=value | {"seconds": round(time.perf_counter() - begin, 3)})


def seconds_of(text: str) -> float:
    """A time [s] as people write it: 4.2s, 4.2, 4200ms, 1min.

    Raises:
        InputError: for anything else.
    """
    found = re.fullmatch(r"\s*(\d+\.?\d*|\.\d+)\s*(s|ms|min)?\s*", text)
    if found is None:
        raise InputError("this is no time", where="--at", got=text, expected="a number with its unit: 4.2s, 4200ms, 1min")
    return float(found[1]) * UNITS[found[2] or ""]


def _change(options: Options) -> str | Edits:
    from lifeworld.scene.edit import decode

    if (options.change is None) == (options.plan is None):
        raise InputError("say what is to be otherwise, once", expected='--change "push the glass at 0.3 m/s", or --plan plan.json')
    if options.plan is None:
        return options.change or ""
    try:
        return decode(options.plan.read_bytes(), source=str(options.plan))
    except OSError as error:
        raise InputError("the plan cannot be read", where=str(options.plan), got=error.strerror) from error


def _asked(words: str, scene: Scene) -> outcome.Outcome:
    from lifeworld.scene.words.outcome import outcome_of

    found: outcome.Outcome = outcome_of(words, scene)
    return found


def _number(bundle: Bundle, index: int) -> int:
    count = len(bundle)
    if not -count <= index < count:
        raise InputError("there is no such episode", where=str(bundle.path), got=index, expected=f"0 to {count - 1}")
    return index % count


def _written(found: WhatIf, options: Options, text: str, value: dict[str, Any]) -> dict[str, Any]:
    """Write the two episodes, the report and the pictures; their paths."""
    from lifeworld.episode.seal import append_to
    from lifeworld.worlds.whatif import overlay, side_by_side, strip

    out = options.out
    assert out is not None
    with append_to(out) as bundle:
        uids = [bundle.add(found.base), bundle.add(found.branch)]
    for ref in () if found.branch.scene is None else found.branch.scene.assets:
        source, target = options.bundle / ref.folder, out / ref.folder
        if source.resolve() != target.resolve():
            with replace_folder(target) as beside:
                shutil.copytree(source, beside, ignore=shutil.ignore_patterns(MARK), dirs_exist_ok=True)
    files: dict[str, Any] = {"episodes": uids, "report": str(out / "report.txt"), "json": str(out / "report.json")}
    with replace_file(out / "report.txt") as beside:
        beside.write_text(text + "\n", encoding="utf-8")
    with replace_file(out / "report.json") as beside:
        beside.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if found.camera is not None:
        for name, draw, ending in (("strip", strip, "png"), ("side_by_side", side_by_side, "mp4"), ("overlay", overlay, "mp4")):
            say(f"drawing {name}.{ending}")
            files[name] = str(out / f"{name}.{ending}")
            draw(found, out / f"{name}.{ending}")
    return files
