"""Numbers of an episode on a sheet: a line for each over time, or, of many, a row of colours for each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lifeworld.core.signal import Stream
from lifeworld.episode.episode import Episode
from lifeworld.episode.sheet import colors
from lifeworld.episode.sheet.panel import color_of
from lifeworld.episode.sheet.paper import INK, RULE, SMALL, SOFT, chip, lettered, plain, width, write

CURVE, KEYS = 96, 20
MOST_LINES, MOST_KEYS, MOST_ROWS = 32, 8, 96
XYZ = ("position_m", "quat_wxyz", "linear_velocity_m_s", "angular_velocity_rad_s", "accelerometer_m_s2", "gyro_rad_s")
"""Signals of three or four numbers a thing that need no names but those of the axes."""
LEFT = 46
"""Room for the scale."""
PLOTTED = ("action", "embodiment_state", "reading", "reward", "goal_progress", "accelerometer_m_s2", "gyro_rad_s")
"""What is plotted beside pictures, if it changes; of an episode without pictures all that can be."""


def plotted(episode: Episode, *, alone: bool) -> list[str]:
    """The streams that are to be plotted; `alone`: there is nothing else to see."""
    fine = [name for name, stream in episode.streams.items() if _can(stream)]
    return fine if alone else [name for name in fine if name.partition("@")[0] in PLOTTED and _changes(episode.streams[name])]


def _changes(stream: Stream) -> bool:
    values = np.asarray(stream.values)
    return bool(((values != values[:1]) & (values == values)).any())


def _can(stream: Stream) -> bool:
    signal = stream.signal
    numbers = signal.dtype.kind in "fiub" and not signal.ragged and signal.family != "hear" and signal.shape[:2] != ("height", "width")
    return numbers and len(stream) > 1 and 0 < int(np.prod(stream.values.shape[1:])) <= 65_536 and signal.name != "skeleton_pose"


def height(stream: Stream) -> int:
    """How high the plot of a stream is [px]."""
    return CURVE + (KEYS if _channels(stream) <= MOST_LINES else 0)


def says(stream: Stream) -> str:
    """How many numbers, how often, in what unit."""
    span = int(stream.times_ns[-1] - stream.times_ns[0])
    rate = (len(stream) - 1) * 1e9 / span if span else 0.0
    count = _channels(stream)
    told = f"{count} numbers" if count > 1 else ""
    unit = stream.signal.unit if len(stream.signal.unit) < 12 and stream.signal.unit != "1" else ""
    return ", ".join(filter(None, (told, f"{rate:.3g} Hz", unit)))


def strip(stream: Stream, wide: int, names: tuple[str, ...], duration_ns: int) -> Image.Image:
    """A picture (wide, height(stream)) of a stream's numbers over the episode; `names` are those of the numbers."""
    image = Image.new("RGB", (wide, height(stream)), (247, 245, 240))
    draw = ImageDraw.Draw(image)
    draw.rectangle((LEFT, 0, wide, CURVE - 1), fill=colors.GROUND)
    values = np.asarray(stream.values).reshape(len(stream), -1).astype(np.float64)
    values[~np.isfinite(values)] = np.nan
    if not np.isfinite(values).any():
        write(draw, (LEFT + 8, CURVE / 2), "nothing known", SMALL, color=SOFT)
        return image
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    x = LEFT + (wide - LEFT - 1) * stream.times_ns / max(duration_ns, 1)
    _scale(draw, low, high)
    if values.shape[1] <= MOST_LINES:
        _lines(image, draw, x, values, low, high, _breaks(stream))
        _keys(draw, stream.signal.name, values.shape[1], names, wide)
    else:
        image.paste(_rows(values, x, wide, low, high), (LEFT, 0))
    return image


def _channels(stream: Stream) -> int:
    return int(np.prod(stream.values.shape[1:]))


def _scale(draw: ImageDraw.ImageDraw, low: float, high: float) -> None:
    for value, y in ((high, 8.0), (low, CURVE - 8.0)) if high > low else ((low, CURVE / 2),):
        text = plain(f"{value:.2g}")
        lettered(draw, (LEFT - 8 - width(text, SMALL), y), text, SMALL, SOFT)


def _breaks(stream: Stream) -> NDArray[np.bool_]:
    """Whether a line ends before each sample but the first: where there is a gap."""
    steps = np.diff(stream.times_ns)
    return np.asarray(steps > 5 * np.median(steps))


def _lines(
    image: Image.Image,
    draw: ImageDraw.ImageDraw,
    x: NDArray[np.float64],
    values: NDArray[np.float64],
    low: float,
    high: float,
    breaks: NDArray[np.bool_],
) -> None:
    """Drawn three times as fine and made smaller, so that lines are thin and even."""
    fine = Image.new("RGB", (3 * (image.width - LEFT), 3 * CURVE), colors.GROUND)
    pen = ImageDraw.Draw(fine)
    if low < 0 < high:
        zero = 3 * (4 + (CURVE - 9) * high / (high - low))
        pen.line((0, zero, fine.width, zero), fill=RULE, width=2)
    across = 3 * (x - LEFT)
    y = 3 * (4 + (CURVE - 9) * ((high - values) / (high - low) if high > low else np.full_like(values, 0.5)))
    every = max(len(x) // (2 * image.width), 1)
    for channel in range(values.shape[1]):
        color = INK if values.shape[1] == 1 else color_of(channel + 1)
        ends = breaks | ~np.isfinite(y[1:, channel]) | ~np.isfinite(y[:-1, channel])
        for part in np.split(np.arange(len(x)), np.flatnonzero(ends) + 1):
            points = [(float(across[i]), float(y[i, channel])) for i in part[::every] if np.isfinite(y[i, channel])]
            if len(points) > 1:
                pen.line(points, fill=color, width=4, joint="curve")
            elif points:
                (px, py) = points[0]
                pen.ellipse((px - 4, py - 4, px + 4, py + 4), fill=color)
    image.paste(fine.resize((image.width - LEFT, CURVE), Image.Resampling.LANCZOS), (LEFT, 0))


def _keys(draw: ImageDraw.ImageDraw, shown: str, count: int, names: tuple[str, ...], wide: int) -> None:
    names = names if len(names) == count else {3: ("x", "y", "z"), 4: ("w", "x", "y", "z")}.get(count, ()) if shown in XYZ else ()
    if count == 1 or not names:
        return
    at, end = float(LEFT), wide - 96.0
    for channel, name in enumerate(names):
        if channel >= 2 * MOST_KEYS or at + 14 + width(plain(name), SMALL) > end:
            write(draw, (at, CURVE + KEYS / 2), f"and {count - channel} more", SMALL, color=SOFT)
            return
        chip(draw, at, CURVE + KEYS / 2, color_of(channel + 1))
        at = write(draw, (at + 14, CURVE + KEYS / 2), name, SMALL, color=SOFT) + 14


def _rows(values: NDArray[np.float64], x: NDArray[np.float64], wide: int, low: float, high: float) -> Image.Image:
    """A row of colours for each number, the first on top; the newest value at each place."""
    columns = np.searchsorted(x, np.arange(LEFT, wide) + 0.5, side="right") - 1
    shown = values[np.maximum(columns, 0)].T
    shown[:, columns < 0] = np.nan
    if len(shown) > MOST_ROWS:  # several numbers share a row: the one that is farthest from the middle
        starts = np.linspace(0, len(shown), MOST_ROWS, endpoint=False).astype(int)
        shown = np.maximum.reduceat(shown, starts, axis=0)
    picture = colors.through(colors.MAGNITUDE, (shown - low) / max(high - low, 1e-30))
    return Image.fromarray(picture).resize((wide - LEFT, CURVE), Image.Resampling.NEAREST)
