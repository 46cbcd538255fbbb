"""`lifeworld rehearse`: many futures of a scene, and how likely what is asked is to happen in them."""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from lifeworld.commands.verb import Common, Outcome, need, progress, say
from lifeworld.commands.words import counted, spoken
from lifeworld.core.errors import InputError
from lifeworld.core.write import replace_folder

if TYPE_CHECKING:
    from lifeworld.worlds.rehearse.answer import Answer
    from lifeworld.worlds.rehearse.filming import Shot
    from lifeworld.worlds.rehearse.risk import Risk

EVERYDAY = "bump:2/min"
"""What happens where neither the scene nor anybody says what does."""
TOLD_FACTORS = 5


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Rehearse a scene: roll many futures of it and say how likely something is to happen, when, and what it hangs on.

    The output folder holds a page to look at for each question (NAME.png), three instructive futures as films, all futures as a table
    (futures.csv), the settled scene, and rehearsal.json. Nobody acts: embodiments hold still.
    """

    scene: tyro.conf.Positional[str]
    """A starter's name (see `lifeworld scenes`) or the path of a scene file."""
    ask: Annotated[tuple[str, ...], tyro.conf.UseAppendAction]
    """What may happen, in words: --ask "the glass falls off the table". Say it again to ask for more."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """The folder to write to."""
    futures: int = 1_000
    """How many futures."""
    seconds: float = 10.0
    """How long each lasts, if nothing is decided before [s]."""
    events: str = ""
    """What happens by itself, drawn anew in each future: bump:2/min,slip,door@4s (docs/events.md); besides what the scene has."""
    rare: bool = False
    """Look for what is rare: draw futures so that the first thing asked happens often, and weigh them so that it counts right."""
    mass: float = 0.1
    """How unsure it is what things weigh: the standard deviation of the logarithm, 0.1 for 10 %."""
    friction: float = 0.2
    """How unsure it is how they rub, likewise."""
    timing: float = 0.0
    """How far from their time events come that come at a time: the standard deviation [s]."""
    films: bool = True
    """Film three instructive futures of each question."""
    camera: str | None = None
    """The camera they are filmed through; the scene's first if nothing is said."""
    renderer: Literal["auto", "egl", "osmesa", "rays"] = "auto"
    """What draws the films; auto takes the first that works."""
    workers: int | None = None
    """How many processes roll futures at a time; one for each core if nothing is said. The futures are the same."""


def run(options: Options) -> Outcome:
    if options.films:
        need("av", "filming futures (--no-films leaves that out)", "episodes")
    begin = time.perf_counter()
    # Imported here, not above: `lifeworld rehearse --help` does not wait for the engine.
    from lifeworld.scene.events import asked
    from lifeworld.scene.starter import find
    from lifeworld.scene.text import to_text
    from lifeworld.scene.words.outcome import outcome_of
    from lifeworld.worlds.physics.asset import stand_ins
    from lifeworld.worlds.physics.engine import WorldPhysics
    from lifeworld.worlds.physics.settle import settle
    from lifeworld.worlds.rehearse.filming import Cameraman
    from lifeworld.worlds.rehearse.risk import rehearse
    from lifeworld.worlds.rehearse.vary import Vary

    vary = Vary(mass=options.mass, friction=options.friction, timing_s=options.timing)
    scene = find(options.scene)
    folder = Path(options.scene).parent if options.scene.endswith(".toml") else Path()
    if not options.ask:
        raise InputError("nothing is asked", fix='Say what may happen: --ask "the glass falls off the table".')
    outcomes = [outcome_of(words, scene, assets=stand_ins(scene, folder)) for words in options.ask]
    world = WorldPhysics(renderer="rays", assets=folder)
    settled = settle(world, scene, seed=options.seed)
    state = world.reset(settled, seed=options.seed)
    given = options.events or ("" if settled.events else EVERYDAY)
    if given != options.events:
        say(f"nothing happens in this scene by itself: rehearsing it with --events {EVERYDAY}")
    events = asked(given, taken=settled.names()) if given else ()
    cameraman = Cameraman(state, camera=options.camera, renderer=options.renderer) if options.films else None
    with progress("futures", options.futures) as done:
        rolling = time.perf_counter()
        risk = rehearse(
            state,
            outcomes=outcomes,
            events=events,
            futures=options.futures,
            seconds=options.seconds,
            seed=options.seed,
            vary=vary,
            workers=options.workers,
            rare=options.rare,
            on_fate=lambda _fate: done(),
        )
        rolling = time.perf_counter() - rolling
    for why in dict.fromkeys(fate.lost for fate in risk.lost):
        say(f"{counted(sum(fate.lost == why for fate in risk.lost), 'future')} lost: {why}")
    with replace_folder(options.out) as beside:
        (beside / "scene.toml").write_text(to_text(settled), encoding="utf-8")
        _table(risk, beside / "futures.csv")
        written = [_shown(risk, answer, settled.title or settled.name, cameraman, beside) for answer in risk.answers]
        value = _value(risk, written, options.out, rolling)
        import msgspec

        (beside / "rehearsal.json").write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n")
    spent = time.perf_counter() - begin
    text = "\n\n".join(_text(risk, answer) for answer in risk.answers)
    speed = f"{spoken(risk.covered_s)} of futures in {spoken(rolling)}: {risk.covered_s / rolling:,.0f} s a second"
    look = options.out / written[0]["page"]
    return Outcome(text=f"{text}\n\n{speed} ({spoken(spent)} in all); look at {look}", value=value)


def _shown(risk: Risk, answer: Answer, title: str, cameraman: Any, out: Path) -> dict[str, Any]:
    """The page and the films of an answer, written; what they are called."""
    from lifeworld.worlds.rehearse.film import film
    from lifeworld.worlds.rehearse.filming import shots
    from lifeworld.worlds.rehearse.plot import page

    which, name = risk.answers.index(answer), _called(risk, answer)
    fates = {fate.number: fate for fate in risk.fates}
    seconds = risk.ask.ticks * 0.02
    kept: dict[int, Sequence[Shot]] = {}
    films = {}
    for one in answer.instructive if cameraman is not None else ():
        path = out / f"{name}_{one.why.replace(' ', '_')}.mp4"
        say(f"filming future {one.future}: {one.why}")
        fate = fates[one.future]
        taken = shots(risk.ask, fate, which, cameraman)
        kept[one.future] = film(taken, fate, path=path, title=answer.outcome.name, why=one.why, which=which, seconds=seconds)
        films[one.why] = path.name
    page(risk, answer, kept, title=title).save(out / f"{name}.png", format="PNG")
    return {"page": f"{name}.png", "films": films}


def _called(risk: Risk, answer: Answer) -> str:
    """A file's name for an answer: of its words, and with its number where there are several."""
    stem = re.sub(r"[^a-z0-9]+", "_", answer.outcome.name.lower()).strip("_")[:48] or "answer"
    return stem if len(risk.answers) == 1 else f"{risk.answers.index(answer) + 1}_{stem}"


def _text(risk: Risk, answer: Answer) -> str:
    """An answer in words."""
    from lifeworld.worlds.rehearse.plot import meaning, percent

    share = answer.share
    lines = [
        f"{answer.outcome.name}: {percent(share.value)}",
        f"  between {percent(share.low)} and {percent(share.high)} ({100 * share.confidence:.0f} % confidence): in {share.hits:,} of "
        f"{counted(share.count, 'future')}" + (f", weighted, as good as {share.effective:,.0f}" if risk.ask.tilt is not None else ""),
    ]
    if answer.curve is not None and len(answer.curve.times_s):
        half = answer.curve.quantile(float(answer.curve.share[-1]) / 2)
        what = "it happens" if answer.outcome.how not in ("never", "always") else "it fails"
        lines.append(f"  where {what}, half the time by {half:.1f} s")
    clear = [factor for factor in answer.factors if factor.clear][:TOLD_FACTORS]
    if clear:
        lines.append("  it hangs on")
        wide = max(len(factor.name) for factor in clear)
        lines += [f"    {factor.name.replace('_', ' '):<{wide}}  {meaning(factor)}" for factor in clear]
    elif 0 < share.hits < share.count:
        lines.append("  what it hangs on cannot be told from so few")
    elif not share.hits and risk.ask.tilt is None:
        lines.append("  it came in none of them: --rare looks for what is rare")
    return "\n".join(lines)


def _value(risk: Risk, written: Sequence[dict[str, Any]], out: Path, rolling_s: float) -> dict[str, Any]:
    return {
        "out": str(out),
        "futures": len(risk.fates),
        "pilots": risk.pilots,
        "lost": {why: sum(fate.lost == why for fate in risk.lost) for why in dict.fromkeys(fate.lost for fate in risk.lost)},
        "seed": risk.ask.seed,
        "covered_s": round(risk.covered_s, 6),
        "stepped_s": round(risk.stepped_s, 6),
        "rolling_s": round(rolling_s, 3),
        "effective": risk.effective,
        "answers": [_answer(answer) | files for answer, files in zip(risk.answers, written, strict=True)],
    }


def _answer(answer: Answer) -> dict[str, Any]:
    share, line = answer.share, answer.curve
    return {
        "ask": answer.outcome.name,
        "probability": share.value,
        "interval": [share.low, share.high],
        "confidence": share.confidence,
        "hits": share.hits,
        "count": share.count,
        "effective": share.effective,
        "curve": None if line is None else {key: getattr(line, key).tolist() for key in ("times_s", "share", "low", "high", "at_risk")},
        "factors": [
            {
                "name": factor.name,
                "of": factor.of,
                "effect": factor.effect,
                "interval": [factor.low, factor.high],
                "clear": factor.clear,
                "split": factor.split,
                "above": factor.above.value,
                "below": factor.below.value,
            }
            for factor in answer.factors
        ],
        "instructive": [{"future": one.future, "why": one.why, "odds": one.odds} for one in answer.instructive],
    }


def _table(risk: Risk, path: Path) -> None:
    """A row for each future: its seed and weight, what came of it and when, what happened, and what was drawn."""
    names = [answer.outcome.name for answer in risk.answers]
    drawn = list(risk.ask.laws)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            [
                "future",
                "seed",
                "weight",
                "end_s",
                "lost",
                *(head for name in names for head in (name, f"{name}: time_s")),
                "happened",
                *drawn,
            ]
        )
        for fate, weight in zip(risk.fates, risk.weights, strict=True):
            told: list[Any] = []
            for i in range(len(names)):
                known = fate.came and fate.time_s[i] is not None
                told += [int(fate.came[i]) if fate.came else "", f"{fate.time_s[i]:.2f}" if known else ""]
            happened = "; ".join(f"{o.time_s:.2f} {o.event}{'(' + ' '.join(o.who) + ')' if o.who else ''}" for o in fate.happened)
            numbers = [f"{fate.numbers[name]:.6g}" if name in fate.numbers else "" for name in drawn]
            out.writerow([fate.number, fate.seed, f"{weight:.6g}", f"{fate.end_s:.2f}", fate.lost, *told, happened, *numbers])
