"""Contact sheets: `sheet`, an episode over time; `frame_sheet`, all that is seen in one frame, side by side."""

from lifeworld.episode.sheet.colors import depth_colors, id_colors
from lifeworld.episode.sheet.frame import DRAWN, cameras, drawable, frame_sheet
from lifeworld.episode.sheet.overview import sheet

__all__ = ["DRAWN", "cameras", "depth_colors", "drawable", "frame_sheet", "id_colors", "sheet"]
