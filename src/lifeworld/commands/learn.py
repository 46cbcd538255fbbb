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

from lifeworld.commands.verb import LONG_S, Common, Outcome, bars, need, progress, say
from lifeworld.core.errors import InputError, LimitError
from lifeworld.core.parallel import cores

if TYPE_CHECKING:
    import torch

    from lifeworld.models.data.footage import Footage
    from lifeworld.models.training.objective import Objective
    from lifeworld.models.training.plan import Plan

CONTEXT, DELTA_AT, LATENT = 4, 4, "4"
PAST = 2
"""Pictures that a model which plans looks back on: where all is, and how fast."""
MOST_STEPS, MOST_MINUTES = 10**8, 60.0 * 24 * 30
MEASURED = 4
"""Updates taken for measuring how long one lasts here."""
LITTLE = 0.15
"""An adapter that explains a smaller share than this of what a model infers says little of it."""
MEASURED_TO = 32
"""Pictures ahead that a model is measured at."""


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Learn a model from recordings: what comes next, given what is done.

    Ctrl-C keeps what is learned; the same command goes on from there, to the same weights as without the break.
    """

    data: tyro.conf.Positional[Path | None] = None
    """A bundle of episodes, or any recording that `lifeworld import` takes in, a folder of videos for example. Recorded actions are used
    where there are some, otherwise inferred from the pictures."""
    game: str | None = None
    """A game to learn instead, played here first by somebody who holds keys at random: coinrun and procgen's others, or any Gymnasium
    environment that shows pictures (CarRacing-v3)."""
    play: float = 30.0
    """How long that game is played [min of its own time]."""
    latent: str | None = None
    """What is inferred where no actions were recorded, or though some were: so many numbers (4), or one of so many codes for worlds that
    are played by keys (codes:8). 4 if nothing is said."""
    labels: Path | None = None
    """A few minutes of the same with recorded actions, for a model that infers its own: it is then steered by those."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """The folder of the model."""
    size: Literal["nano", "small", "base"] = "nano"
    """How large the model is: nano, about a million numbers, learns in minutes on a laptop; small, 17 million, in hours; base, 100 million,
    on a graphics card."""
    goal: Literal["play", "plan"] = "play"
    """What it is for: to be played, or to plan with: it foresees embeddings then, not pictures (docs/planning.md)."""
    kind: Literal["state", "forcing", "regression", "maskgit", "diffusion", "jepa"] | None = None
    """How it dreams; None: what suits the goal and the size: jepa to plan, state for nano and forcing for larger ones to play
    (docs/models.md)."""
    minutes: float = 10.0
    """About how long to learn [min] on this machine as it is now; fixes the number of steps when learning begins."""
    steps: int | None = None
    """How many updates, instead of minutes."""
    horizon: int = 16
    """The longest roll that is learned [pictures]."""
    camera: str | None = None
    """Which pictures, rgb@NAME; the first if not given."""
    hz: float | None = None
    """Pictures a second that it learns from and goes on in: a model that plans decides so often. About 12.5 if nothing is said."""
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
    if options.hz is not None and not 0.01 <= options.hz <= 1000:
        raise LimitError("a pace of pictures", got=f"{options.hz:g} a second", expected="0.01 to 1000")
    from lifeworld.models.meaning.finish import inferring
    from lifeworld.models.training.logs import check
    from lifeworld.models.training.shard import processes

    for name in options.log:
        check(name)
    inferring(options.latent or LATENT)
    with processes() as device:
        return _learned(options, device)


def _learned(options: Options, device: torch.device) -> Outcome:
    from lifeworld.evaluate.ours import SubjectDream
    from lifeworld.evaluate.score import score
    from lifeworld.models.data.footage import open_footage
    from lifeworld.models.familiar import familiarised
    from lifeworld.models.layers.threads import on_threads
    from lifeworld.models.meaning.finish import inferring
    from lifeworld.models.meaning.labels import open_labels
    from lifeworld.models.training import shard
    from lifeworld.models.training.plan import Plan
    from lifeworld.models.training.resume import planned
    from lifeworld.models.zoo.card import Card
    from lifeworld.models.zoo.checkpoint import save
    from lifeworld.models.zoo.sizes import USUAL, shape_of
    from lifeworld.models.zoo.stages import Stage, learn

    begin = time.perf_counter()
    kind = options.kind or ("jepa" if options.goal == "plan" else USUAL[options.size])
    if kind == "jepa" and (options.latent is not None or options.labels is not None):
        raise InputError("a model that plans infers no actions", got="--latent or --labels", fix="Leave it out; or use --goal play.")
    size, context = (options.pixels, options.pixels), PAST if kind == "jepa" else CONTEXT
    length = context + options.horizon
    with shard.first_alone():
        free, cache = options.latent is None, options.out / "data"
        data = _data(options)
        with bars(after_s=LONG_S) as bar:
            footage = open_footage(
                data, size=size, length=length, cache=cache, stream=options.camera, actions=free, rate_hz=options.hz, on_read=bar
            )
    for note in footage.notes:
        _say(f"note: {note}")
    latent = footage.doing is None
    numbers, codes = inferring(options.latent or LATENT) if footage.doing is None else (len(footage.doing.mean), 0)
    if kind == "jepa" and latent:
        numbers = 0  # it foresees what comes whatever is done
    pixels = {"height": size[0], "width": size[1]}
    shape = shape_of(kind, options.size, **pixels, actions=numbers, context=context, latent=latent, codes=codes)
    if options.labels is not None:  # what is wrong with them is said before learning, not after
        if not latent:
            what, fix = "actions were recorded: labels are for a model that infers them", "Leave out --labels, or give --latent."
            raise InputError(what, got=str(options.labels), fix=fix)
        open_labels(options.labels, Card.of(shape, footage, steps=0, seed=options.seed), cache=options.out / "labels")
    count = len(footage.numbers(held_out=False))
    inferred = f"one of {codes} codes inferred from them" if codes else f"{numbers} numbers inferred from them" if numbers else "no actions"
    told = inferred if footage.doing is None else f"actions of {footage.doing.stream}"
    _say(f"{len(footage.uids)} episodes, {count:,} clips of {length} pictures, {1e9 / footage.frame_ns:g} a second; {told}")

    footage.hold()

    def plan(stage: Stage, objective: Callable[[Plan], Objective], data: Footage, folder: Path) -> Plan:
        steps = None if options.steps is None else max(1, round(stage.share * options.steps))
        begun = Plan(steps=steps or 1, rate=stage.rate * options.rate, seed=options.seed)
        if (earlier := planned(folder)) is None:
            return _measured(objective, data, begun, options, share=stage.share)
        _say(f"going on in {folder}")
        return replace(begun, steps=steps or earlier.steps, threads=options.threads or earlier.threads)

    with _ctrl_c() as stop, bars() as bar:
        learned = learn(
            shape, footage, options.out, plan, seed=options.seed, horizon=options.horizon, device=device, stop=stop, also=options.log,
            on_step=lambda stage, plan, step: bar(f"learning the {stage.name}, steps", step, plan.steps),
            on_shard=lambda done, of: bar("keeping its tokens, shards", done, of),
        )  # fmt: skip
    average, card = learned.model.cpu(), Card.of(shape, footage, steps=learned.steps, seed=options.seed)
    if shard.rank():
        return Outcome(text="", value={})
    save(options.out, average, card)
    if not learned.finished:
        say(f"stopped at step {learned.steps}; the same command goes on from there")
        raise KeyboardInterrupt
    with on_threads(learned.threads):
        average.familiar = familiarised(average, footage, seed=options.seed)
    save(options.out, average, card)
    ahead, measured = min(MEASURED_TO, footage.longest(held_out=True) - context), None
    if ahead >= DELTA_AT and len((held_out := footage.cut(context + ahead)).numbers(held_out=True, hop=ahead)) > 1:
        measured = score(SubjectDream(options.out, threads=learned.threads), held_out, horizon=ahead, seed=options.seed)
        save(options.out, average, structs.replace(card, scores=measured.named()))
    said = [str(measured) if measured is not None else "too little is held out to say what it is worth"]
    meanings, explained = _finished(options, footage, latent and numbers > 0, said)
    spent = time.perf_counter() - begin
    more = "" if options.data is None else f" --from {options.data}"
    return Outcome(
        text="\n".join([*said, f"{options.out}: {learned.steps} steps in {spent:.0f} s", f"lifeworld dream {options.out}{more}"]),
        value={
            "model": str(options.out),
            "steps": learned.steps,
            "seconds": round(spent, 1),
            "episodes": len(card.episodes),
            "data_sha256": card.data_sha256,
            "scores": None if measured is None else measured.named(),
            "meanings": meanings,
            "adapter_explains": explained,
            "notes": footage.notes,
        },
    )


def _data(options: Options) -> Path:
    """What is learned from: what was given, or plays of a game, played now unless they lie there.

    Raises:
        InputError: if neither is given, or both.
    """
    if (options.data is None) == (options.game is None):
        raise InputError(
            "learning needs recordings, or a game",
            got="both" if options.data else "neither",
            expected="lifeworld learn DATA -o MODEL, or lifeworld learn --game coinrun -o MODEL",
        )
    if options.data is not None:
        return options.data
    assert options.game is not None
    from lifeworld.worlds.game.play import play_to, sessions

    count = sessions(options.play)
    with progress(f"playing {options.game}, sessions", count) as advance:
        return play_to(options.out / "data" / "play", options.game, minutes=options.play, seed=options.seed, on_session=advance)


def _finished(options: Options, footage: Footage, latent: bool, said: list[str]) -> tuple[dict[str, str], float | None]:
    """What latent actions do, and how well true ones are told by them; both are `said` too."""
    if not latent:
        return {}, None
    from lifeworld.models.meaning.finish import STRIP, labelled, named

    meanings, explained = named(options.out, footage), None
    said.append(f"what its actions do, also in {options.out / STRIP}:")
    said += [f"  {name:<12} {words}" for name, words in meanings.items()]
    if options.labels is not None:
        adapter = labelled(options.out, options.labels).adapter
        assert adapter is not None
        explained, names = adapter.explained, ", ".join(name for part in adapter.doing.names for name in part)
        said.append(f"steered by {names}: {adapter.moments} labelled moments explain {explained:.0%} of what it infers from others")
        if explained < LITTLE:
            said.append("so little that it may hardly obey them: label more, or steer by what it infers (without --labels)")
    return meanings, explained


def _say(text: str) -> None:
    """Say it once, however many processes learn."""
    from lifeworld.models.training import shard

    if shard.rank() == 0:
        say(text)


def _measured(objective: Callable[[Plan], Objective], footage: Footage, plan: Plan, options: Options, *, share: float) -> Plan:
    """The plan with the threads that are faster here and now, and as many steps as last that share of the time; kept with the training."""
    if options.steps is not None and options.threads is not None:
        return replace(plan, threads=options.threads)
    from lifeworld.models.layers.threads import on_threads
    from lifeworld.models.training.shard import of_first
    from lifeworld.models.training.train import begin, update

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
    steps = plan.steps if options.steps else max(1, round(60 * share * options.minutes / lasts[threads]))
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
    need("torch", "learning", "learn")
