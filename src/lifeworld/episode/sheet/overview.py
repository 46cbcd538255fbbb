"""An episode on one page: times across, cameras side by side, signals down, with words and keys that say what each row is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL import Image, ImageDraw

from lifeworld.core.errors import InputError
from lifeworld.episode.episode import Episode
from lifeworld.episode.sheet import curve, figure, sound
from lifeworld.episode.sheet.curve import plotted
from lifeworld.episode.sheet.frame import SEEN, cameras, legend, legend_height, legends, provenance, sensors
from lifeworld.episode.sheet.glance import Glance
from lifeworld.episode.sheet.panel import Panel, Scale, Size
from lifeworld.episode.sheet.paper import (
    GUTTER,
    HEAD,
    INK,
    KEY,
    MARGIN,
    NAME,
    SECTION,
    SMALL,
    SOFT,
    TITLE,
    key,
    plain,
    sheet_of_paper,
    write,
)
from lifeworld.episode.sheet.sensed import SENSED

SIDE, GAP, KEYS, LINE = 208, 6, 36, 18
ABREAST = 4
"""So many cameras stand side by side; more go below."""
TIMES, WIDTH = {1: 6, 2: 4, 3: 3, 4: 2}, {1: 220, 2: 176, 3: 160, 4: 176}


def sheet(episode: Episode, *, streams: Sequence[str] | None = None) -> Image.Image:
    """All that is seen in an episode at a few times: a row for each signal, each camera's coloured alike all along it.

    Of `streams` only those; by default all that can be drawn, and of what is numbers the actions, states and readings: all numbers, where
    there is nothing else.

    Raises:
        InputError: if there is nothing to draw.
    """
    wanted = set(episode.streams if streams is None else streams)
    bands = [band for names in _abreast(cameras(episode)) if (band := _of_cameras(episode, names, wanted)).rows]
    felt = _of_sensors(episode, wanted)
    bands += [felt] if felt.rows else []
    heard = [name for name in episode.streams if name in wanted and name.startswith("audio_") and len(episode.streams[name])]
    bodies = [name for name, s in episode.streams.items() if name in wanted and s.signal.name == "skeleton_pose" and len(s)]
    numbers = plotted(episode, alone=streams is not None or not (bands or heard or bodies))
    strips = [_sound(episode, name) for name in heard] + [_body(episode, name) for name in bodies]
    strips += [_numbers(episode, name) for name in numbers if name in wanted]
    if not (bands or strips):
        raise InputError("this episode has nothing to put on a sheet", fix="Record it with the signals rgb, depth_m or instance_ids.")
    inner = max([SIDE + band.wide for band in bands], default=SIDE + 800)
    drawn = [(row.panel.signal, g) for band in bands for row in band.rows for g in row.glances if g is not None]
    names = legends([g for _, g in drawn], {signal for signal, _ in drawn})
    high = 2 * MARGIN + HEAD + sum(band.high for band in bands) + sum(strip.high + GUTTER for strip in strips)
    page, draw = sheet_of_paper(inner + 2 * MARGIN, high + sum(legend_height(len(entries), inner) for _, entries in names))
    write(draw, (MARGIN, MARGIN + 10), plain(episode.title) or "episode", TITLE, room_px=inner)
    facts = [f"{episode.duration_ns * 1e-9:.2f} s", provenance(episode)]
    facts += [f"seed {episode.provenance.seed}"] if episode.provenance.seed is not None else []
    write(draw, (MARGIN, MARGIN + 38), "  ·  ".join(facts), NAME, color=SOFT, room_px=inner)
    top = MARGIN + HEAD
    for band in bands:
        top = band.print(page, draw, top)
    for strip in strips:
        for line, text in enumerate(strip.label):
            write(
                draw,
                (MARGIN, top + 8 + LINE * line),
                text,
                SMALL if line else NAME,
                color=SOFT if line else INK,
                room_px=SIDE - strip.left - 12,
            )
        page.paste(strip.draw(inner - SIDE + strip.left), (MARGIN + SIDE - strip.left, top))
        top += strip.high + GUTTER
    for title, entries in names:
        top = legend(draw, MARGIN, top, title, entries, inner)
    return page


@dataclass(frozen=True, slots=True)
class _Strip:
    """A picture of all of a stream, as wide as the page: its name in a few lines, and `draw(width)`; `left` px of it are its scale."""

    label: tuple[str, ...]
    high: int
    draw: Callable[[int], Image.Image]
    left: int = 0


def _sound(episode: Episode, name: str) -> _Strip:
    stream = episode.streams[name]
    label = (stream.signal.name, f"at {stream.source}", sound.says(stream))
    return _Strip(label, sound.height(stream), lambda wide: sound.strip(stream, wide, None))


def _body(episode: Episode, name: str) -> _Strip:
    stream = episode.streams[name]
    parents = figure.parents_of(episode.labels.get(f"skeleton_parents@{stream.source}"), stream.values.shape[1])
    label = (stream.signal.name, f"of {stream.source}", figure.says(stream))
    return _Strip(label, figure.HIGH, lambda wide: figure.strip(stream, wide, parents))


def _numbers(episode: Episode, name: str) -> _Strip:
    stream = episode.streams[name]
    names = episode.legend.get(name) or episode.legend.get(stream.signal.name, ())
    label = (stream.signal.name, *(f"of {stream.source}",) * bool(stream.source), curve.says(stream))
    draw = partial(curve.strip, stream, names=names, duration_ns=episode.duration_ns)
    return _Strip(label, curve.height(stream), draw, curve.LEFT)


@dataclass(frozen=True, slots=True)
class _Row:
    """A panel, and what it looks at in each column; None where there is nothing to see. `label` names it, in two lines."""

    panel: Panel
    glances: Sequence[Glance | None]
    label: tuple[str, str]

    def size(self, glance: Glance, wide: int) -> Size:
        shape = (glance.shape if self.panel in SEEN else None) or (3, 4)
        return wide, max(round(wide * shape[0] / shape[1]), 1)

    def high(self, wide: int) -> int:
        label = KEYS + KEY + LINE * (len({glance.source for glance in self.glances if glance is not None}) - 1)
        return max(label, *(self.size(glance, wide)[1] for glance in self.glances if glance is not None)) + GAP

    def scales(self) -> dict[str, Scale]:
        """The range of the colours of each camera or sensor: alike at all times."""
        own: dict[str, list[Glance]] = {}
        for glance in self.glances:
            if glance is not None:
                own.setdefault(glance.source, []).append(glance)
        return {source: self.panel.scale(glances) for source, glances in own.items()}


@dataclass(frozen=True, slots=True)
class _Band:
    """Rows over the same columns, `tile_px` wide; `heads` says what stands above each column, in ink and in soft ink."""

    rows: tuple[_Row, ...]
    heads: tuple[tuple[str, str], ...]
    tile_px: int

    @property
    def starts(self) -> list[int]:
        """Where each column begins; a new name leaves more room."""
        return [i * (self.tile_px + GAP) + sum(GUTTER - GAP for name, _ in self.heads[1 : i + 1] if name) for i in range(len(self.heads))]

    @property
    def wide(self) -> int:
        return self.starts[-1] + self.tile_px

    @property
    def high(self) -> int:
        return SECTION + sum(row.high(self.tile_px) for row in self.rows) + GUTTER

    def print(self, page: Image.Image, draw: ImageDraw.ImageDraw, top: int) -> int:
        """Print it with its upper end at `top`; where it ends."""
        left, end = MARGIN + SIDE, top + self.high
        for (name, time), start in zip(self.heads, self.starts, strict=True):
            x = left + start + 0.0
            if name:
                x = write(draw, (x, top + 10), name, NAME, room_px=self.tile_px - 48) + 8
            write(draw, (x, top + 11), time, SMALL, color=SOFT)
        top += SECTION - 6
        for row in self.rows:
            scales = row.scales()
            write(draw, (MARGIN, top + 8), row.label[0], NAME, room_px=SIDE - 12)
            write(draw, (MARGIN, top + 26), row.label[1], SMALL, color=SOFT, room_px=SIDE - 12)
            if len(set(scales.values())) == 1:
                key(page, draw, MARGIN, top + KEYS, row.panel.key(next(iter(scales.values()))), SIDE - 16)
            else:
                for line, (source, scale) in enumerate(scales.items()):
                    y = top + KEYS + line * LINE
                    write(draw, (MARGIN, y + KEY // 2 - 2), source, SMALL, color=SOFT, room_px=56)
                    key(page, draw, MARGIN + 62, y, row.panel.key(scale), SIDE - 78)
            for glance, start in zip(row.glances, self.starts, strict=True):
                if glance is not None:
                    page.paste(row.panel.draw(glance, scales[glance.source], row.size(glance, self.tile_px)), (left + start, top))
            top += row.high(self.tile_px)
        return end


def _of_cameras(episode: Episode, names: Sequence[str], wanted: set[str]) -> _Band:
    """A few cameras side by side, each at a few times."""
    instants = _instants(episode, TIMES[len(names)])
    glances = [Glance(episode, name, at) for name in names for at in instants]
    rows = []
    for panel in SEEN:
        asked = [_asked(panel, name, wanted) for name in names for _ in instants]
        shown = [g if yes and panel.of(g) else None for g, yes in zip(glances, asked, strict=True)]
        if any(g is not None for g in shown):
            rows.append(_Row(panel, shown, (panel.signal, panel.note)))
    heads = tuple((g.source if g.at_ns == instants[0] else "", f"{g.at_ns * 1e-9:.2f} s") for g in glances)
    return _Band(tuple(rows), heads, WIDTH[len(names)])


def _of_sensors(episode: Episode, wanted: set[str]) -> _Band:
    """A row for each signal of each sensor."""
    instants = _instants(episode, TIMES[1])
    rows = []
    for sensor in sensors(episode):
        glances = [Glance(episode, sensor, at) for at in instants]
        for panel in SENSED:
            if _asked(panel, sensor, wanted) and all(panel.of(g) for g in glances):
                rows.append(_Row(panel, glances, (panel.signal, f"@{sensor}: {panel.note}")))
    return _Band(tuple(rows), tuple(("", f"{at * 1e-9:.2f} s") for at in instants), WIDTH[1])


def _asked(panel: Panel, source: str, wanted: set[str]) -> bool:
    return bool({panel.signal, f"{panel.signal}@{source}"} & wanted)


def _instants(episode: Episode, count: int) -> list[int]:
    """Times spread evenly over the episode's frames, its first and last among them."""
    times = next((s.times_ns for s in episode.streams.values() if s.signal.rate == "frame" and len(s)), np.array([0, episode.duration_ns]))
    return sorted({int(times[i]) for i in np.linspace(0, len(times) - 1, count).round().astype(int)})


def _abreast(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[i : i + ABREAST] for i in range(0, len(names), ABREAST)]
