"""An episode on one page: times across, cameras side by side, signals down, with words and keys that say what each row is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from lifeworld.core.errors import InputError
from lifeworld.episode.episode import Episode
from lifeworld.episode.sheet import sound
from lifeworld.episode.sheet.frame import SEEN, cameras, legend, legend_height, legends, provenance, sensors
from lifeworld.episode.sheet.glance import Glance
from lifeworld.episode.sheet.panel import Panel, Scale, Size
from lifeworld.episode.sheet.paper import GUTTER, HEAD, KEY, MARGIN, NAME, SECTION, SMALL, SOFT, TITLE, key, plain, sheet_of_paper, write
from lifeworld.episode.sheet.sensed import SENSED

SIDE, GAP, KEYS, LINE = 208, 6, 36, 18
ABREAST = 4
"""So many cameras stand side by side; more go below."""
TIMES, WIDTH = {1: 6, 2: 4, 3: 3, 4: 2}, {1: 220, 2: 176, 3: 160, 4: 176}


def sheet(episode: Episode, *, streams: Sequence[str] | None = None) -> Image.Image:
    """All that is seen in an episode at a few times: a row for each signal, each camera's coloured alike all along it.

    Of `streams` only those; by default all that can be drawn.

    Raises:
        InputError: if there is nothing to draw.
    """
    wanted = set(episode.streams if streams is None else streams)
    bands = [band for names in _abreast(cameras(episode)) if (band := _of_cameras(episode, names, wanted)).rows]
    felt = _of_sensors(episode, wanted)
    bands += [felt] if felt.rows else []
    heard = [name for name in episode.streams if name in wanted and name.startswith("audio_") and len(episode.streams[name])]
    if not (bands or heard):
        raise InputError("this episode has no pictures to put on a sheet", fix="Record it with the signals rgb, depth_m or instance_ids.")
    inner = max([SIDE + band.wide for band in bands], default=SIDE + 800)
    drawn = [(row.panel.signal, g) for band in bands for row in band.rows for g in row.glances if g is not None]
    names = legends([g for _, g in drawn], {signal for signal, _ in drawn})
    high = 2 * MARGIN + HEAD + sum(band.high for band in bands) + sum(sound.height(episode.streams[name]) + GUTTER for name in heard)
    page, draw = sheet_of_paper(inner + 2 * MARGIN, high + sum(legend_height(len(entries), inner) for _, entries in names))
    write(draw, (MARGIN, MARGIN + 10), plain(episode.title) or "episode", TITLE, room_px=inner)
    facts = [f"{episode.duration_ns * 1e-9:.2f} s", provenance(episode)]
    facts += [f"seed {episode.provenance.seed}"] if episode.provenance.seed is not None else []
    write(draw, (MARGIN, MARGIN + 38), "  ·  ".join(facts), NAME, color=SOFT, room_px=inner)
    top = MARGIN + HEAD
    for band in bands:
        top = band.print(page, draw, top)
    for name in heard:
        write(draw, (MARGIN, top + 8), name.partition("@")[0], NAME, room_px=SIDE - 12)
        write(draw, (MARGIN, top + 26), f"at {name.partition('@')[2]}", SMALL, color=SOFT, room_px=SIDE - 12)
        write(draw, (MARGIN, top + 44), sound.says(episode.streams[name]), SMALL, color=SOFT, room_px=SIDE - 12)
        page.paste(sound.strip(episode.streams[name], inner - SIDE, None), (MARGIN + SIDE, top))
        top += sound.height(episode.streams[name]) + GUTTER
    for title, entries in names:
        top = legend(draw, MARGIN, top, title, entries, inner)
    return page


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
