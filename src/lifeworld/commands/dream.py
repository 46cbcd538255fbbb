"""`lifeworld dream`: enter a model from real pictures, steer it, and see what it takes the world to be."""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import tyro
from numpy.typing import NDArray

from lifeworld.commands.learn import check_torch
from lifeworld.commands.verb import Common, Outcome
from lifeworld.core.errors import ActionError, InputError, LimitError
from lifeworld.core.write import replace_file

if TYPE_CHECKING:
    from lifeworld.episode.episode import Episode
    from lifeworld.models.dream import WorldDream
    from lifeworld.worlds.world import ActionSpec

MOST_PICTURES = 10_000
ACROSS = 12
"""Pictures in a strip."""
WORDS = {"left": (0, "low"), "right": (0, "high"), "down": (1, "low"), "up": (1, "high")}
"""What steers the first two numbers of an action to their ends."""


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Dream on from real pictures of an episode, with the actions that you give, or those that were recorded.

    The strip has a row of dreamed pictures, one of how sure the model is of them (white: sure), and with recorded actions one of the truth.
    """

    model: tyro.conf.Positional[Path]
    """The folder of a model."""
    source: Annotated[Path, tyro.conf.arg(name="from")]
    """The bundle that the first pictures are taken from, or the recording that was learned from."""
    episode: int = 0
    """Which of its episodes."""
    at: int = 0
    """How many pictures into it the dream begins."""
    actions: str = "recorded*32"
    """Words with how many pictures they last, left*8,up*4: left, right, up, down (the first two numbers at their ends), rest, recorded
    (inferred from the pictures where none were recorded), or numbers like 0.1/-0.2*8."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("dream.png")
    """The strip of pictures."""
    mp4: Path | None = None
    """A film of the dream."""


def run(options: Options) -> Outcome:
    check_torch()
    if options.at < 0:
        raise LimitError("a dream begins at a picture", got=options.at, expected="0 or more")
    from PIL import Image

    from lifeworld.models.data import open_any
    from lifeworld.models.dream import WorldDream, opening

    world = WorldDream(options.model)
    bundle = open_any(options.source, cache=options.model / "data", notes=[])
    if not 0 <= options.episode < len(bundle):
        raise InputError("there is no such episode", got=options.episode, expected=f"0 to {len(bundle) - 1}", where=str(options.source))
    episode = bundle[options.episode]
    spec, context = world.spec.actions[0], world.card.shape.context
    wanted = _wanted(options.actions, spec)
    recorded = all(each is None for each in wanted)
    plan = _filled(wanted, world, episode, options.at)
    truth = opening(episode, world.card, first=options.at, pictures=context + len(plan)) if recorded else None
    state = world.reset(opening(episode, world.card, first=options.at), seed=options.seed)
    begin, pictures, sure = time.perf_counter(), [], []
    for action in plan:
        state = world.step(state, {spec.name: action})
        seen = world.observe(state, ["rgb"])
        pictures.append(seen["rgb"])
        sure.append(next(iter(seen.certainty.values())))
    rate = len(plan) / (time.perf_counter() - begin)
    certain = np.repeat((np.stack(sure) * 255).astype(np.uint8)[..., None], 3, axis=-1)
    rows = ([] if truth is None else [truth[context:]]) + [np.stack(pictures), certain]
    with replace_file(options.out) as beside:
        Image.fromarray(_strip(rows)).save(beside, format="PNG")
    if options.mp4 is not None:
        _film(options.mp4, np.concatenate(rows, axis=2), world.spec.tick_ns)
    mean = float(np.mean(sure))
    what = "the truth, the dream, how sure it is" if truth is not None else "the dream, how sure it is"
    return Outcome(
        text=f"{len(plan)} pictures dreamed, {rate:.0f} a second, sure of {mean:.0%} of their pixels; {options.out}, from above: {what}",
        value={
            "pictures": len(plan),
            "per_second": round(rate, 1),
            "sure": round(mean, 4),
            "strip": str(options.out),
            "film": None if options.mp4 is None else str(options.mp4),
            "origin": "dreamed",
        },
    )


def _wanted(said: str, spec: ActionSpec) -> list[NDArray[np.float64] | None]:
    """The action of each picture; None where the recorded one is meant."""
    wanted: list[NDArray[np.float64] | None] = []
    for word in said.split(","):
        what, _, times = word.strip().partition("*")
        if times and not times.isdecimal():
            raise ActionError("that is no number of pictures", got=times, expected="left*8")
        count = int(times or 1)
        if not 1 <= count <= MOST_PICTURES - len(wanted):
            raise LimitError("so many pictures are not dreamed at once", got=len(wanted) + count, expected=f"1 to {MOST_PICTURES:,}")
        wanted += [_action(what, spec)] * count
    return wanted


def _action(what: str, spec: ActionSpec) -> NDArray[np.float64] | None:
    value = np.array(spec.rest)
    if what == "recorded":
        return None
    if what in WORDS:
        number, end = WORDS[what]
        if number >= spec.size:
            raise ActionError(f"an action here has {spec.size} number, which {what} does not steer", expected="left, right, rest, recorded")
        value[number] = getattr(spec, end)[number]
    elif what != "rest":
        try:
            value = np.array([float(number) for number in what.split("/")])
        except ValueError:
            raise ActionError(
                "that is no action", got=what, expected=f"{', '.join(WORDS)}, rest, recorded, or numbers like 0.1/-0.2"
            ) from None
    if value.shape != (spec.size,) or not np.isfinite(value).all():
        raise ActionError("that is no action here", got=what, expected=f"{spec.size} finite numbers, with / between them")
    return value


def _filled(wanted: list[NDArray[np.float64] | None], world: WorldDream, episode: Episode, first: int) -> list[NDArray[np.float64]]:
    """The actions, those that were recorded where they are meant."""
    from lifeworld.models.data import between
    from lifeworld.models.dream import opening

    card = world.card
    if all(each is not None for each in wanted):
        return [each for each in wanted if each is not None]
    if card.doing is None:
        truth = opening(episode, card, first=first, pictures=card.shape.context + len(wanted))
        seen = world.inferred(truth[card.shape.context - 1 :])
        return [seen[i] if each is None else each for i, each in enumerate(wanted)]
    pictures = episode[card.stream].times_ns
    start = int(pictures[0]) + (first + card.shape.context - 1) * card.frame_ns
    stream = episode[card.doing.stream]
    edges = start + np.arange(len(wanted) + 1, dtype=np.int64) * card.frame_ns
    done = between(np.asarray(stream.values, dtype=np.float64), stream.times_ns, edges)
    return [done[i] if each is None else each for i, each in enumerate(wanted)]


def _strip(rows: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Some pictures of each row (n, height, width, 3), evenly taken, side by side, the rows below each other."""
    count = len(rows[0])
    some = np.unique(np.linspace(0, count - 1, min(count, ACROSS)).round().astype(int))
    strip = np.concatenate([np.concatenate([row[i] for i in some], axis=1) for row in rows], axis=0)
    larger = max(1, 128 // rows[0].shape[1])
    return strip.repeat(larger, axis=0).repeat(larger, axis=1)


def _film(path: Path, pictures: NDArray[np.uint8], tick_ns: int) -> None:
    from lifeworld.episode.formats.film_write import write_pages

    larger = max(1, 256 // pictures.shape[1])
    pages = (each.repeat(larger, axis=0).repeat(larger, axis=1) for each in pictures)
    write_pages(pages, path, fps=Fraction(10**9, tick_ns).limit_denominator(1000), title="a dream", comment="dreamed; made by lifeworld")
