"""The answer on one page: how likely, when, what it hangs on, and three futures in a few pictures each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lifeworld.episode.sheet.colors import BRIGHTER, DARKER, GROUND
from lifeworld.episode.sheet.paper import (
    INK,
    MARGIN,
    NAME,
    PAPER,
    RULE,
    SMALL,
    SOFT,
    TITLE,
    Color,
    sheet_of_paper,
    width,
    write,
)
from lifeworld.worlds.rehearse.answer import Answer
from lifeworld.worlds.rehearse.factor import Factor
from lifeworld.worlds.rehearse.film import ringed, said, verdict
from lifeworld.worlds.rehearse.filming import Shot
from lifeworld.worlds.rehearse.future import Fate
from lifeworld.worlds.rehearse.risk import Risk
from lifeworld.worlds.rehearse.roll import TICK_S

Array = NDArray[np.float64]
WIDE = 1240
LARGE, FINE = 44, 3
PLOT_HIGH, PLOT_WIDE = 250, 560
FACTOR_HIGH, MOST_FACTORS = 44, 6
STILLS = 5
BAND = (222, 208, 190)


def page(risk: Risk, answer: Answer, films: Mapping[int, Sequence[Shot]], *, title: str = "") -> Image.Image:
    """The page of an answer; `films` are the shots of its instructive futures by their number, as far as there are any."""
    chosen = [one for one in answer.instructive if films.get(one.future)]
    inner = WIDE - 2 * MARGIN
    still_wide = (inner - 8 * (STILLS - 1)) // STILLS
    first = next((films[one.future][0].picture for one in chosen), None)
    still_high = 0 if first is None else round(still_wide * first.shape[0] / first.shape[1])
    upper = MARGIN + 96
    lower = upper + 40 + PLOT_HIGH + 56
    sheet, draw = sheet_of_paper(WIDE, lower + len(chosen) * (still_high + 64) + MARGIN)
    _head(draw, risk, answer, title, inner)
    _curve(sheet, draw, risk, answer, (MARGIN, upper))
    _factors(draw, answer, (MARGIN + PLOT_WIDE + 48, upper), inner - PLOT_WIDE - 48)
    fates = {fate.number: fate for fate in risk.fates}
    top = lower
    for one in chosen:
        fate = fates[one.future]
        end = write(draw, (MARGIN, top + 10), one.why, NAME + 2)
        told = f"{verdict(fate, risk.answers.index(answer))}; its odds were {percent(one.odds)}; future {one.future}"
        write(draw, (end + 12, top + 11), told, SMALL, color=SOFT, room_px=inner - end)
        for k, shot in enumerate(stills(films[one.future], fate, risk.answers.index(answer))):
            left = MARGIN + k * (still_wide + 8)
            picture = ringed(shot, fate).resize((still_wide, still_high), Image.Resampling.LANCZOS)
            sheet.paste(picture, (left, top + 26))
            end = write(draw, (left, top + 26 + still_high + 12), f"{shot.time_s:.2f} s", SMALL)
            happened = [o for o in fate.happened if -1e-9 <= shot.time_s - o.time_s <= 0.5]
            if happened:
                write(
                    draw, (end + 8, top + 26 + still_high + 12), said(happened[-1]), SMALL, color=BRIGHTER, room_px=left + still_wide - end
                )
        top += still_high + 64
    return sheet


def percent(value: float) -> str:
    """A probability in per cent, with as many digits as mean something: 0.12 %, 4.1 %, 37 %."""
    if value in (0.0, 1.0):
        return f"{100 * value:.0f} %"
    digits = 1 if 0.01 <= value <= 0.995 else 1 - math.floor(math.log10(100 * min(value, 1 - value)))
    return f"{100 * value:.{digits if value < 0.0995 or value > 0.9 else 0}f} %"


def stills(film: Sequence[Shot], fate: Fate, which: int) -> list[Shot]:
    """Five shots: the beginning, the last event before the end, and from there on to the end, or to a second after."""
    end_s = fate.time_s[which]
    until = film[-1].time_s if end_s is None else min(end_s + 0.6, film[-1].time_s)
    before = [one.time_s for one in fate.happened if not one.why and (end_s is None or one.time_s <= end_s)]
    since = before[-1] if before else 0.0
    if end_s is None and before:
        until = min(since + 1.5, until)
    times = [0.0, *np.linspace(min(since + 0.06, until), until, STILLS - 1).tolist()]
    at = np.array([shot.time_s for shot in film])
    return [film[int(np.argmin(np.abs(at - t)))] for t in times]


def _head(draw: ImageDraw.ImageDraw, risk: Risk, answer: Answer, title: str, inner: int) -> None:
    share = answer.share
    x = write(draw, (MARGIN, MARGIN + 26), percent(share.value), LARGE, color=DARKER) + 28
    write(draw, (x, MARGIN + 12), answer.outcome.name, TITLE, room_px=WIDE - MARGIN - x)
    told = f"between {percent(share.low)} and {percent(share.high)} with {100 * share.confidence:.0f} % confidence"
    told += f"; {share.hits:,} of {share.count:,} futures"
    if share.effective < 0.99 * share.count or share.effective > 1.01 * share.count:
        told += f", weighted: as good as {share.effective:,.0f}"
    write(draw, (x, MARGIN + 42), told, NAME, room_px=WIDE - MARGIN - x)
    lost = f"; {len(risk.lost):,} lost" if risk.lost else ""
    about = ", ".join(dict.fromkeys(event.name.replace("_", " ") for event in risk.ask.events)) or "no events"
    told = f"{title + '; ' if title else ''}{risk.ask.ticks * TICK_S:g} s each; {about}; seed {risk.ask.seed}; simulated{lost}"
    write(draw, (x, MARGIN + 66), told, SMALL, color=SOFT, room_px=WIDE - MARGIN - x)


def _curve(sheet: Image.Image, draw: ImageDraw.ImageDraw, risk: Risk, answer: Answer, at: tuple[int, int]) -> None:
    """In which share it has happened by a time, with the interval, and below it a stroke for each future in which it did."""
    left, top = at
    negated = answer.outcome.how in ("never", "always")
    write(draw, (left, top + 8), "When" if not negated else "When it fails", NAME + 2)
    top += 28
    line, seconds = answer.curve, risk.ask.ticks * TICK_S
    wide, high = PLOT_WIDE - 54, PLOT_HIGH - 50
    plot = (left + 54, top)
    draw.rectangle((plot[0], top, plot[0] + wide, top + high), fill=GROUND)
    if line is None:
        write(draw, (plot[0] + 12, top + high / 2), "it is of the end only", SMALL, color=SOFT)
        return
    most = _nice(float(line.high[-1]) if len(line.high) else 0.01)
    fine = Image.new("RGB", (FINE * wide, FINE * high), GROUND)
    pen = ImageDraw.Draw(fine)
    for k in range(1, 4):
        y = FINE * high * (1 - k / 4)
        pen.line((0, y, fine.width, y), fill=PAPER, width=2)
    times = np.concatenate([[0.0], np.minimum(np.repeat(line.times_s, 2), seconds), [seconds]])

    xs = [FINE * wide * t / seconds for t in times.tolist()]

    def line_of(values: Array) -> list[tuple[float, float]]:
        ys = [0.0, 0.0, *np.repeat(values, 2).tolist()]
        return [(x, FINE * high * (1 - min(y / most, 1.0))) for x, y in zip(xs, ys, strict=True)]

    pen.polygon([*line_of(line.high), *reversed(line_of(line.low))], fill=BAND)
    pen.line(line_of(line.share), fill=DARKER, width=7, joint="curve")
    sheet.paste(fine.resize((wide, high), Image.Resampling.LANCZOS), plot)
    for k in range(5):
        text = percent(most * k / 4) if k else "0"
        write(draw, (plot[0] - 8 - width(text, SMALL), top + high * (1 - k / 4)), text, SMALL, color=SOFT)
    for t in line.times_s[:: max(1, len(line.times_s) // 600)].tolist():
        x = plot[0] + wide * min(t / seconds, 1.0)
        draw.line((x, top + high + 3, x, top + high + 10), fill=DARKER)
    for k in range(6):
        text = f"{seconds * k / 5:g} s"
        x = plot[0] + wide * k / 5
        write(
            draw,
            (min(max(x - width(text, SMALL) / 2, plot[0]), plot[0] + wide - width(text, SMALL)), top + high + 22),
            text,
            SMALL,
            color=SOFT,
        )


def _factors(draw: ImageDraw.ImageDraw, answer: Answer, at: tuple[int, int], room: int) -> None:
    """Each factor with its effect between less likely and more likely, its interval, and what it means in shares."""
    left, top = at
    write(draw, (left, top + 8), "What it hangs on", NAME + 2)
    top += 28
    if not answer.factors:
        write(draw, (left, top + 20), "nothing that can be told apart", SMALL, color=SOFT)
        return
    names = 230
    axis, wide = left + names, room - names
    shown = answer.factors[:MOST_FACTORS]
    bottom = top + FACTOR_HIGH * len(shown)
    middle = axis + wide / 2
    draw.line((middle, top, middle, bottom), fill=RULE, width=1)
    for k, factor in enumerate(shown):
        y = top + FACTOR_HIGH * k + 14
        ink: Color = INK if factor.clear else SOFT
        write(draw, (left, y), factor.name.replace("_", " "), NAME, color=ink, room_px=names - 12)
        write(draw, (left, y + 17), meaning(factor), SMALL, color=SOFT, room_px=room)
        a, b, c = (middle + wide / 2 * v for v in (factor.low, factor.high, factor.effect))
        color = (BRIGHTER if factor.effect > 0 else DARKER) if factor.clear else VAGUE
        draw.line((a, y, b, y), fill=color, width=2)
        draw.ellipse((c - 5, y - 5, c + 5, y + 5), fill=color)
    write(draw, (axis, bottom + 10), "makes it rarer", SMALL, color=DARKER)
    text = "makes it likelier"
    write(draw, (axis + wide - width(text, SMALL), bottom + 10), text, SMALL, color=BRIGHTER)


VAGUE = (178, 172, 160)


def meaning(factor: Factor) -> str:
    """A factor in words: `37 % above 0.31, 2 % below`, or `37 % with it, 2 % without`."""
    if factor.split == 0.0 and factor.of == "events":
        return f"{percent(factor.above.value)} of {factor.above.count:,} such events led to it, {percent(factor.below.value)} of the others"
    return f"{percent(factor.above.value)} above {factor.split:.3g}, {percent(factor.below.value)} below"


def _nice(value: float) -> float:
    """The next of 1, 2, 4, 6, 8 times a power of ten, at most 1."""
    power = 10.0 ** math.floor(math.log10(max(value, 1e-9)))
    return min(next(k * power for k in (1, 2, 4, 6, 8, 10) if k * power >= value * 0.999), 1.0)
