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
from lifeworld.commands.verb import LONG_S, Common, Outcome, bars, need
from lifeworld.core.errors import InputError, LimitError
from lifeworld.core.write import replace_file

if TYPE_CHECKING:
    from lifeworld.episode.bundle import Bundle
    from lifeworld.episode.episode import Episode
    from lifeworld.models.play.dream import WorldDream
    from lifeworld.models.play.steer import Row

ACROSS = 12
"""Pictures in a strip."""


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Dream on from real pictures of an episode, with the actions that you give, or those that were recorded.

    The strip has a row of dreamed pictures, one of how sure the model is of them (white: sure), and with recorded actions one of the truth.
    """

    model: tyro.conf.Positional[Path]
    """The folder of a model, or the name of one that comes with lifeworld: push_table."""
    source: Annotated[Path | None, tyro.conf.arg(name="from")] = None
    """The bundle that the first pictures are taken from, or the recording that was learned from; what was taken in or played for the model,
    if nothing is said."""
    episode: int = 0
    """Which of its episodes."""
    at: int = 0
    """How many pictures into it the dream begins."""
    actions: str = "recorded*32"
    """Words with how many pictures they last, left*8,right+up*4: the names of keys or numbers (steering=-0.4), left, right, up, down (the
    first two numbers at their ends), rest, recorded (inferred from the pictures where none were recorded), or numbers like 0.1/-0.2*8."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("dream.png")
    """The strip of pictures."""
    mp4: Path | None = None
    """A film of the dream."""
    meanings: bool = False
    """Draw what each action does instead, from the same beginnings, and say it in words where it can be measured."""


def run(options: Options) -> Outcome:
    need("pyarrow", "dreaming", "learn")
    from lifeworld.models.play.player import is_graphs

    if not is_graphs(options.model):
        check_torch()
    if options.at < 0:
        raise LimitError("a dream begins at a picture", got=options.at, expected="0 or more")
    from PIL import Image

    from lifeworld.models.data.footage import open_any
    from lifeworld.models.play.dream import WorldDream, opening
    from lifeworld.models.play.steer import steered
    from lifeworld.models.zoo.learned_from import learned_from
    from lifeworld.models.zoo.ready import located

    model = located(options.model)
    world = WorldDream(model)
    source = options.source or learned_from(model, world.card)
    with bars(after_s=LONG_S) as bar:
        bundle = open_any(source, cache=model / "data", notes=[], on_read=bar)
    if not 0 <= options.episode < len(bundle):
        raise InputError("there is no such episode", got=options.episode, expected=f"0 to {len(bundle) - 1}", where=str(source))
    if options.meanings:
        return _meant(options, world, bundle)
    episode = bundle[options.episode]
    if world.card.adapter is not None and world.card.adapter.doing.streams[0] not in episode.streams and _all_recorded(options.actions):
        world = WorldDream(model, adapted=False)  # nobody recorded what was done: it is inferred
    context = world.card.shape.context
    wanted = steered(options.actions, world.spec.actions)
    recorded = all(each is None for each in wanted)
    plan = _filled(wanted, world, episode, options.at)
    truth = opening(episode, world.card, first=options.at, pictures=context + len(plan)) if recorded else None
    state = world.reset(opening(episode, world.card, first=options.at), seed=options.seed)
    begin, pictures, sure = time.perf_counter(), [], []
    for action in plan:
        state = world.step(state, action)
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


def _all_recorded(said: str) -> bool:
    return all(word.strip().partition("*")[0] == "recorded" for word in said.split(","))


def _meant(options: Options, world: WorldDream, bundle: Bundle) -> Outcome:
    """What each action does, from a few beginnings in different episodes."""
    from lifeworld.models.meaning.finish import begun, draw
    from lifeworld.models.meaning.naming import meanings

    found = meanings(world, begun(world, bundle))
    draw(found, options.out)
    lines = [f"{each.name:<16} {each.words}" for each in found]
    return Outcome(
        text="\n".join([*lines, f"{options.out}: each action from the same beginnings"]),
        value={"meanings": {each.name: each.words for each in found}, "strip": str(options.out), "origin": "dreamed"},
    )


def _filled(wanted: list[Row | None], world: WorldDream, episode: Episode, first: int) -> list[Row]:
    """The actions, those that were recorded where they are meant."""
    from lifeworld.models.play.dream import opening

    card, specs = world.card, world.spec.actions
    if all(each is not None for each in wanted):
        return [each for each in wanted if each is not None]
    if (doing := world.told) is None:
        truth, seen = opening(episode, card, first=first, pictures=card.shape.context + len(wanted)), min(2, card.shape.context)
        done = world.inferred(truth[card.shape.context - seen :])[seen - 1 :]
    else:
        late = world.card.adapter.late if card.doing is None and world.card.adapter is not None else 0
        start = int(episode[card.stream].times_ns[0]) + (first + card.shape.context - 1 - late) * card.frame_ns
        done = doing.between(episode, start + np.arange(len(wanted) + 1, dtype=np.int64) * card.frame_ns)
    edges = np.cumsum([spec.size for spec in specs])[:-1]
    rows = [dict(zip((spec.name for spec in specs), np.split(each, edges), strict=True)) for each in done]
    return [rows[i] if each is None else each for i, each in enumerate(wanted)]


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
