"""One frame on one page: all that a camera sees at a moment side by side, then the sensors, then the sound, with names and keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from lifeworld.core.errors import InputError, UnknownName
from lifeworld.episode.episode import Episode
from lifeworld.episode.sheet import sound
from lifeworld.episode.sheet.curve import plotted
from lifeworld.episode.sheet.glance import Glance
from lifeworld.episode.sheet.overlay import OVERLAYS
from lifeworld.episode.sheet.panel import PANELS, Panel, Size, color_of
from lifeworld.episode.sheet.paper import (
    CAPTION,
    GUTTER,
    HEAD,
    KEY,
    MARGIN,
    NAME,
    RULE,
    SECTION,
    SMALL,
    SOFT,
    TITLE,
    Color,
    caption,
    chip,
    fitted,
    key,
    plain,
    sheet_of_paper,
    width,
    write,
)
from lifeworld.episode.sheet.sensed import SENSED

ORDER = (
    "rgb", "rgb_blurred", "rgb_noisy", "pixel_events",
    "depth_m", "depth_noisy_m", "normals", "object_coords_m",
    "instance_ids", "part_ids", "semantic_ids", "amodal_bits",
    "box_2d_px", "box_3d", "contacts", "scene_flow_m",
    "flow_forward", "occluded_forward", "flow_backward", "occluded_backward",
)  # fmt: skip
SEEN: tuple[Panel, ...] = tuple(sorted((*PANELS, *OVERLAYS), key=lambda panel: ORDER.index(panel.signal)))
"""All panels of a camera, what belongs together side by side in rows of four."""
MOST_NAMES = 64


def frame_sheet(
    episode: Episode, *, camera: str | None = None, at_ns: int | None = None, columns: int = 4, width_px: int = 320
) -> Image.Image:
    """All visual signals of one frame: pictures `width_px` wide in `columns`, each with its name, unit and key.

    `camera` is by default the first that the episode has, `at_ns` the frame in the middle; a stream shows its newest value at that
    time. Sensors and sound follow below, and the names of what is seen. Signals that the episode does not have are left out.

    Raises:
        InputError: if the episode has nothing to draw, or `at_ns` lies outside of it.
        UnknownName: if it has no such camera.
    """
    known = cameras(episode)
    if camera is not None and camera not in known:
        raise UnknownName("camera with pictures", camera, known, where="frame sheet")
    source = camera or (known[0] if known else "")
    at = moment(episode, source) if at_ns is None else at_ns
    if not 0 <= at <= episode.duration_ns:
        raise InputError("the episode has no such moment", got=f"{at} ns", expected=f"0 to {episode.duration_ns} ns")
    glance = Glance(episode, source, at)
    cells = [Cell(panel, glance, panel.signal) for panel in SEEN if panel.of(glance)] if known else []
    felt = [
        Cell(panel, g, f"{panel.signal}@{g.source}")
        for g in (Glance(episode, sensor, at) for sensor in sensors(episode))
        for panel in SENSED
        if panel.of(g)
    ]
    heard = [s for s in (f"audio_mono@{source}", f"audio_stereo@{source}") if len(episode.streams.get(s, ()))]
    if not (cells or felt or heard):
        raise InputError("this episode has nothing to put on a sheet", fix="Record it with the signals rgb, depth_m or instance_ids.")
    shape = glance.shape or (3, 4)
    sections = [
        ("", cells, (width_px, max(round(width_px * shape[0] / shape[1]), 1))),
        ("sensors", felt, (width_px, round(0.75 * width_px))),
    ]
    inner = columns * width_px + (columns - 1) * GUTTER
    names = legends([glance, *(c.glance for c in felt)], [c.panel.signal for c in (*cells, *felt)])
    high = MARGIN + HEAD + sum(_section_height(title, len(which), columns, size) for title, which, size in sections)
    high += (
        sum(CAPTION + sound.height(episode.streams[name]) + GUTTER for name in heard)
        + sum(legend_height(len(entries), inner) for _, entries in names)
        + MARGIN
    )
    page, draw = sheet_of_paper(inner + 2 * MARGIN, high)
    _head(draw, glance, known, inner)
    top = MARGIN + HEAD
    for title, which, size in sections:
        if which:
            top = _rule(draw, top + GUTTER // 2, title, inner) if title else top
            for index, cell in enumerate(which):
                left = MARGIN + index % columns * (width_px + GUTTER)
                cell.print(page, draw, left, top + index // columns * _cell_height(size), size)
            top += -(-len(which) // columns) * _cell_height(size)
    for name in heard:
        stream = episode.streams[name]
        caption(draw, MARGIN, top, name, f"{sound.says(stream)}; the line is this moment", inner)
        page.paste(sound.strip(stream, inner, at), (MARGIN, top + CAPTION))
        top += CAPTION + sound.height(stream) + GUTTER
    for title, entries in names:
        top = legend(draw, MARGIN, top, title, entries, inner)
    return page


DRAWN = frozenset({s for panel in (*SEEN, *SENSED) for s in (panel.signal, *panel.needs)}) | {
    "visible_fraction",
    "box_2d_amodal_px",
    "audio_mono",
    "audio_stereo",
    "captions",
}
"""All signals that a sheet can show something of."""


def drawable(episode: Episode) -> bool:
    """Whether there is anything in an episode to put on a sheet."""
    seen = any(s.source and s.signal.name in (*DRAWN, "skeleton_pose") and len(s) for s in episode.streams.values())
    return seen or bool(cameras(episode)) or bool(plotted(episode, alone=True))


def moment(episode: Episode, source: str) -> int:
    """The time [ns] of the frame in the middle of an episode."""
    for stream in episode.streams.values():
        if stream.source == source and stream.signal.rate == "frame" and len(stream):
            return int(stream.times_ns[len(stream) // 2])
    return episode.duration_ns // 2


def cameras(episode: Episode) -> list[str]:
    """The cameras that an episode has pictures of, in its order."""
    visual = {panel.signal for panel in SEEN if panel.signal not in ("contacts", "box_3d")}
    return list(dict.fromkeys(s.source for s in episode.streams.values() if s.signal.name in visual and s.source and len(s)))


def sensors(episode: Episode) -> list[str]:
    """The sensors that an episode has streams of, in its order."""
    return list(dict.fromkeys(s.source for s in episode.streams.values() if s.signal.per == "sensor" and len(s)))


@dataclass(frozen=True, slots=True)
class Cell:
    """One panel at its place."""

    panel: Panel
    glance: Glance
    name: str

    def print(self, page: Image.Image, draw: ImageDraw.ImageDraw, left: int, top: int, size: Size) -> None:
        scale = self.panel.scale([self.glance])
        caption(draw, left, top, self.name, self.panel.note, size[0])
        page.paste(self.panel.draw(self.glance, scale, size), (left, top + CAPTION))
        key(page, draw, left, top + CAPTION + size[1] + 2, self.panel.key(scale), size[0])


def _cell_height(size: Size) -> int:
    return CAPTION + size[1] + KEY + GUTTER // 2


def _section_height(title: str, count: int, columns: int, size: Size) -> int:
    return (SECTION + GUTTER // 2 if title else 0) + -(-count // columns) * _cell_height(size) if count else 0


def _head(draw: ImageDraw.ImageDraw, glance: Glance, known: Sequence[str], inner: int) -> None:
    """Title, where and when, by whom it was made; and a sentence about the moment, where the episode has one."""
    episode, made = glance.episode, glance.episode.provenance
    title = plain(episode.title) or (episode.scene.name if episode.scene is not None else "episode")
    write(draw, (MARGIN, MARGIN + 10), title, TITLE, room_px=inner)
    shape = glance.shape
    facts = [
        f"camera {glance.source}" + (f" (of {len(known)})" if len(known) > 1 else "") if known else "",
        f"{shape[1]} x {shape[0]} px" if shape else "",
        f"{glance.at_ns * 1e-9:.2f} s of {episode.duration_ns * 1e-9:.2f} s",
        provenance(episode),
        f"seed {made.seed}" if made.seed is not None else "",
    ]
    end = write(draw, (MARGIN, MARGIN + 38), "  ·  ".join(filter(None, facts)), NAME, color=SOFT, room_px=inner)
    sentences = " ".join(str(row) for row in glance["captions"]) if "captions" in glance else ""
    if sentences and end + 3 * GUTTER < MARGIN + inner - 200:
        said = fitted(sentences, NAME, MARGIN + inner - end - 2 * GUTTER)
        draw_at = end + 2 * GUTTER
        write(draw, (draw_at, MARGIN + 38), said, NAME)


def provenance(episode: Episode) -> str:
    """Where an episode came from, in words: what made it, and what drew its pictures."""
    made = episode.provenance
    taken_in = made.engine.removeprefix("import ")
    if taken_in != made.engine:
        of = " ".join(made.parents[:1]).partition(" ")[2]
        return "  ·  ".join(filter(None, (episode.origin.value, f"taken in from {of} ({taken_in})" if of else f"taken in ({taken_in})")))
    drawn = {"": "", None: "", "rays": "drawn by shaded rays, without OpenGL"}.get(made.renderer, f"drawn by {made.renderer}")
    return "  ·  ".join(filter(None, (f"{episode.origin.value} by {made.engine_version or made.engine}", drawn)))


def _rule(draw: ImageDraw.ImageDraw, top: int, title: str, inner: int) -> int:
    """A line across with a word on it; where what is below begins."""
    end = write(draw, (MARGIN, top + 8), title, NAME, color=SOFT)
    draw.line((end + 10, top + 9, MARGIN + inner, top + 9), fill=RULE)
    return top + SECTION


# Names ---------------------------------------------------------------------------------------------------------------------


def legends(glances: Sequence[Glance], drawn: Iterable[str]) -> list[tuple[str, list[Entry]]]:
    """The names of the things, and of the kinds of things, that the drawn panels colour: (title, colour and word of each)."""
    drawn, out = set(drawn), []
    numbers = {"instance_ids", "part_ids", "amodal_bits", "box_2d_px", "box_3d", "lidar_ids"}
    if drawn & numbers:
        out.append(("things", _entries(glances, "instance_ids")))
    if "semantic_ids" in drawn:
        out.append(("kinds", _entries(glances, "semantic_ids")))
    return [(title, entries) for title, entries in out if entries]


def _entries(glances: Sequence[Glance], signal: str) -> list[Entry]:
    """Those that the pictures show, by number; without pictures all that have a name."""
    names = glances[0].names(signal)
    sources = {signal, "lidar_ids"} if signal == "instance_ids" else {signal}
    shown = [np.unique(glance[s]) for glance in dict.fromkeys(glances) for s in sources if s in glance]
    numbers = np.unique(np.concatenate(shown)) if shown else np.arange(len(names))
    numbers = np.asarray(numbers[numbers > 0], dtype=np.int32)
    entries = [Entry(color_of(n), str(n), names[n] if n < len(names) else "") for n in numbers.tolist()]
    more = len(entries) - MOST_NAMES
    return entries if more <= 0 else [*entries[:MOST_NAMES], Entry(SOFT, "…", f"and {more} more")]


@dataclass(frozen=True, slots=True)
class Entry:
    """A colour, the number it stands for and its name."""

    color: Color
    number: str
    name: str


def _legend_columns(inner: int) -> int:
    return max(inner // 168, 1)


def legend_height(count: int, inner: int) -> int:
    return SECTION + -(-count // _legend_columns(inner)) * 18 + 8


def legend(draw: ImageDraw.ImageDraw, left: int, top: int, title: str, entries: Sequence[Entry], inner: int) -> int:
    """A title on a line and the names in columns under it; where it ends."""
    end = write(draw, (left, top + 8), title, NAME, color=SOFT)
    draw.line((end + 10, top + 9, left + inner, top + 9), fill=RULE)
    columns = _legend_columns(inner)
    wide = inner // columns
    digits = max(width(entry.number, SMALL) for entry in entries)
    for index, entry in enumerate(entries):
        x, y = left + index % columns * wide, top + SECTION + index // columns * 18 + 4
        chip(draw, x, y, entry.color)
        write(draw, (x + 14, y), entry.number, SMALL, color=SOFT)
        write(draw, (x + 20 + digits, y), entry.name, SMALL, room_px=wide - 28 - digits)
    return top + legend_height(len(entries), inner)
