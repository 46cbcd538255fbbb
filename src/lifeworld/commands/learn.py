"""`lifeworld learn`: a bundle becomes a model that dreams on."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro
from msgspec import structs

from lifeworld.commands.verb import Common, Outcome, progress, say
from lifeworld.core.errors import LimitError, MissingExtra
from lifeworld.core.parallel import cores

if TYPE_CHECKING:
    import torch

    from lifeworld.models.data import Footage
    from lifeworld.models.objective import Objective
    from lifeworld.models.plan import Plan

SIZES = {"nano": {"wide": 64, "deep": 128, "blocks": 3, "fine": 24}}
CONTEXT, DELTA_AT, LATENT = 4, 4, 4
MOST_STEPS, MOST_MINUTES = 10**8, 60.0 * 24 * 30
MEASURED = 4
"""Updates taken for measuring how long one lasts here."""
MEASURED_TO = 32
"""Pictures ahead that a model is measured at."""


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Learn a model from recordings: what comes next, given what is done.

    Ctrl-C keeps what is learned; the same command goes on from there, to the same weights as without the break.
    """

    data: tyro.conf.Positional[Path]
    """A bundle of episodes, or any recording that `lifeworld import` takes in, a folder of videos for example. Recorded actions are used
    where there are some, otherwise inferred from the pictures."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """The folder of the model."""
    size: Literal["nano"] = "nano"
    """How large the model is: nano has 1.5 million numbers and learns in minutes on a laptop."""
    minutes: float = 10.0
    """About how long to learn [min] on this machine as it is now; fixes the number of steps when learning begins."""
    steps: int | None = None
    """How many updates, instead of minutes."""
    horizon: int = 16
    """The longest roll that is learned [pictures]."""
    camera: str | None = None
    """Which pictures, rgb@NAME; the first if not given."""
    pixels: int = 64
    """Height and width that pictures are brought to [px]."""
    rate: float = 1.5e-3
    """The learning rate at its highest."""
    log: tuple[Literal["tensorboard", "wandb"], ...] = ()
    """Where else the course of the training goes; log.jsonl and log.sqlite in the model's folder have it always."""
    threads: int | None = None
    """How many threads learn; None: one, or one a core, whichever is faster on this machine as it is now."""


def run(options: Options) -> Outcome:
    check_torch()
    if options.threads is not None and not 1 <= options.threads <= 256:
        raise LimitError("that many threads cannot learn", got=options.threads, expected="1 to 256")
    if not 0.05 <= options.minutes <= MOST_MINUTES or (options.steps is not None and not 1 <= options.steps <= MOST_STEPS):
        got = f"{options.minutes} minutes, {options.steps} steps"
        raise LimitError("so long cannot be learned", got=got, expected=f"3 s to a month, or 1 to {MOST_STEPS:,} steps")
    from lifeworld.models.logs import check
    from lifeworld.models.shard import processes

    for name in options.log:
        check(name)
    with processes() as device:
        return _learned(options, device)


def _learned(options: Options, device: torch.device) -> Outcome:
    from lifeworld.models import shard
    from lifeworld.models.checkpoint import Card, save
    from lifeworld.models.data import open_footage
    from lifeworld.models.dynamics import Shape
    from lifeworld.models.kinds import fresh
    from lifeworld.models.plan import Plan
    from lifeworld.models.resume import planned
    from lifeworld.models.rolls import Rolls
    from lifeworld.models.score import score
    from lifeworld.models.threads import on_threads
    from lifeworld.models.train import train

    begin = time.perf_counter()
    size, length = (options.pixels, options.pixels), CONTEXT + options.horizon
    with shard.first_alone():
        footage = open_footage(options.data, size=size, length=length, cache=options.out / "data", stream=options.camera)
    for note in footage.notes:
        _say(f"note: {note}")
    latent = footage.doing is None
    numbers = LATENT if footage.doing is None else len(footage.doing.mean)
    shape = Shape(height=size[0], width=size[1], actions=numbers, context=CONTEXT, latent=latent, **SIZES[options.size])
    count = len(footage.numbers(held_out=False))
    told = f"{LATENT} actions inferred from them" if footage.doing is None else f"actions of {footage.doing.stream}"
    _say(f"{len(footage.uids)} episodes, {count:,} clips of {length} pictures, {1e9 / footage.frame_ns:g} a second; {told}")

    def objective(plan: Plan) -> Rolls:
        return Rolls(fresh(shape, footage.doing, seed=plan.seed), plan, horizon=options.horizon).to(device)

    plan = Plan(steps=options.steps or 1, rate=options.rate, seed=options.seed)
    if (earlier := planned(options.out)) is not None:
        plan = replace(plan, steps=options.steps or earlier.steps, threads=options.threads or earlier.threads)
        _say(f"going on in {options.out}")
    else:
        plan = _measured(objective, footage, plan, options)
    with _ctrl_c() as stop, _bar(plan.steps) as on_step:
        learned = train(objective(plan), footage, options.out, on_step=on_step, stop=stop, also=options.log)
    average, card = learned.average, Card.of(shape, footage, steps=learned.step, seed=options.seed)
    if shard.rank():
        return Outcome(text="", value={})
    save(options.out, average, card)
    if learned.step < plan.steps:
        say(f"stopped at step {learned.step} of {plan.steps}; the same command goes on from there")
        raise KeyboardInterrupt
    ahead, measured = min(MEASURED_TO, footage.longest(held_out=True) - CONTEXT), None
    if ahead >= DELTA_AT and len((held_out := footage.cut(CONTEXT + ahead)).numbers(held_out=True, hop=ahead)) > 1:
        with on_threads(plan.threads):
            measured = score(average, held_out, horizon=ahead, seed=options.seed)
        save(options.out, average, structs.replace(card, scores=measured.named()))
    spent = time.perf_counter() - begin
    said = str(measured) if measured is not None else "too little is held out to say what it is worth"
    return Outcome(
        text=f"{said}\n{options.out}: {learned.step} steps in {spent:.0f} s\nlifeworld dream {options.out} --from {options.data}",
        value={
            "model": str(options.out),
            "steps": learned.step,
            "seconds": round(spent, 1),
            "episodes": len(card.episodes),
            "data_sha256": card.data_sha256,
            "scores": None if measured is None else measured.named(),
            "notes": footage.notes,
        },
    )


@contextmanager
def _bar(steps: int) -> Iterator[Callable[[int, float], None]]:
    """A bar on stderr, told the number of the step that is done."""
    shown = 0
    with progress("learning, steps", steps) as advance:

        def on_step(step: int, _loss: float) -> None:
            nonlocal shown
            for _ in range(step - shown):
                advance()
            shown = step

        yield on_step


def _say(text: str) -> None:
    """Say it once, however many processes learn."""
    from lifeworld.models import shard

    if shard.rank() == 0:
        say(text)


def _measured(objective: Callable[[Plan], Objective], footage: Footage, plan: Plan, options: Options) -> Plan:
    """The plan with the threads that are faster here and now, and as many steps as last so long; kept with the training."""
    if options.steps is not None and options.threads is not None:
        return replace(plan, threads=options.threads)
    from lifeworld.models.shard import of_first
    from lifeworld.models.threads import on_threads
    from lifeworld.models.train import begin, update

    trial = replace(plan, steps=100)  # steps of which the middle one's rolls are neither short nor long
    run, lasts = begin(objective(trial), footage), dict[int, float]()
    for threads in [options.threads] if options.threads is not None else sorted({1, cores()}):
        with on_threads(threads):
            for first in (True, False):  # the first one waits for memory and files
                run.step, start = 50, time.perf_counter()
                for _ in range(1 if first else MEASURED):
                    update(run, footage)
                lasts[threads] = of_first((time.perf_counter() - start) / MEASURED)
    threads = min(lasts, key=lambda count: lasts[count])
    steps = options.steps or max(1, round(60 * options.minutes / lasts[threads]))
    _say(f"{steps:,} steps of about {1000 * lasts[threads]:.0f} ms on {threads} of {cores()} cores")
    return replace(plan, steps=steps, threads=threads)


@contextmanager
def _ctrl_c() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed: the step that is being done is finished first. A second one stops at once."""
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield pressed.is_set
        return

    def on_press(_number: int, _frame: object) -> None:
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()

    before = signal.signal(signal.SIGINT, on_press)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def check_torch() -> None:
    from importlib.util import find_spec

    if find_spec("torch") is None:
        raise MissingExtra("learning", "learn")
