"""What a sheet draws over a camera's picture: outlines of what is hidden, boxes in the picture and in space, contacts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lifeworld.core.camera import Camera
from lifeworld.core.pose import Pose
from lifeworld.episode.sheet import colors
from lifeworld.episode.sheet.glance import Glance
from lifeworld.episode.sheet.panel import LABELLED_PX, Panel, Scale, Size, amount, around, backdrop, color_of, grown, middle
from lifeworld.episode.sheet.paper import Bar, Key, Label, Words, labels

NEAR_M = 0.02
CORNERS = np.array(list(product((-0.5, 0.5), repeat=3)))
EDGES = [(a, b) for a in range(8) for b in range(a + 1, 8) if (a ^ b) in (1, 2, 4)]


def _amodal(glance: Glance, _scale: Scale, size: Size) -> Image.Image:
    """The outline of every thing as if it stood alone, hatched where it is hidden, and the share that is seen."""
    picture = np.array(backdrop(glance, size))
    bits, ids = glance["amodal_bits"], glance["instance_ids"]
    fraction = glance["visible_fraction"] if "visible_fraction" in glance else np.zeros(0)
    stripes = (np.add(*np.mgrid[: size[1], : size[0]]) // 3) % 2 == 0
    wanted: list[tuple[float, Label]] = []
    for instance in instances(bits):
        mask = ((bits[..., (instance - 1) // 8] >> ((instance - 1) % 8)) & 1).astype(bool)
        color = color_of(instance)
        large = grown(mask, size)
        hidden = grown(mask & (ids != instance), size)
        picture[hidden & stripes] = color
        picture[rim(large)] = color
        if instance <= len(fraction) and fraction[instance - 1] < 0.995:
            seen = float(fraction[instance - 1])
            wanted.append((seen, Label(middle(mask, size), around(mask, size), f"{glance.name(instance)} {100 * seen:.0f} %", color)))
    image = Image.fromarray(picture)
    if size[0] >= LABELLED_PX:
        labels(image, [label for _, label in sorted(wanted, key=lambda pair: pair[0])])
    return image


def instances(bits: NDArray[np.uint8]) -> list[int]:
    """The instances that have any pixel."""
    some = np.bitwise_or.reduce(bits.reshape(-1, bits.shape[-1]), axis=0)
    return (np.flatnonzero(np.unpackbits(some, bitorder="little")) + 1).tolist()


def rim(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels of a mask that have another beside them; the edge of the picture is none."""
    inner = np.pad(mask, 1, mode="edge")
    return np.asarray(mask & ~(inner[:-2, 1:-1] & inner[2:, 1:-1] & inner[1:-1, :-2] & inner[1:-1, 2:]))


def _boxes(glance: Glance, _scale: Scale, size: Size) -> Image.Image:
    image = backdrop(glance, size)
    draw, shape = ImageDraw.Draw(image), glance.shape or size[::-1]
    factor = np.array([size[0] / shape[1], size[1] / shape[0]] * 2)
    whole = glance["box_2d_amodal_px"] if "box_2d_amodal_px" in glance else np.zeros((0, 4))
    for index, box in enumerate(whole):
        if np.isfinite(box).all():
            _dashed(draw, box * factor - (0, 0, 1, 1), color_of(index + 1))
    wanted = []
    for index, box in enumerate(glance["box_2d_px"]):
        if np.isfinite(box).all():
            left, top, right, bottom = (box * factor - (0, 0, 1, 1)).tolist()
            draw.rectangle((left, top, max(right, left), max(bottom, top)), outline=color_of(index + 1), width=2)
            where = (left, top, right, bottom)
            wanted.append(((right - left) * (bottom - top), Label(None, where, glance.name(index + 1), color_of(index + 1))))
    if size[0] >= LABELLED_PX:
        labels(image, [label for _, label in sorted(wanted, key=lambda pair: pair[0])])
    return image


def _dashed(draw: ImageDraw.ImageDraw, box: NDArray[np.float64], color: tuple[int, int, int]) -> None:
    left, top, right, bottom = box.tolist()
    for x in np.arange(left, right, 8).tolist():
        for y in (top, bottom):
            draw.line((x, y, min(x + 4, right), y), fill=color)
    for y in np.arange(top, bottom, 8).tolist():
        for x in (left, right):
            draw.line((x, y, x, min(y + 4, bottom)), fill=color)


def _boxes_in_space(glance: Glance, _scale: Scale, size: Size) -> Image.Image:
    image = backdrop(glance, size)
    draw, (camera, world_from_camera) = ImageDraw.Draw(image), _lens(glance)
    camera = camera.resized(*size)
    for index, row in enumerate(glance["box_3d"]):
        if not np.isfinite(row).all():
            continue
        corners = world_from_camera.inverse().apply(Pose(row[:3], row[3:7]).apply(CORNERS * row[7:]))
        for a, b in EDGES:
            ends = before(corners[a], corners[b])
            if ends is not None:
                draw.line([tuple(p) for p in np.clip(camera.project(ends), -1e4, 1e4).tolist()], fill=color_of(index + 1), width=2)
    return image


def before(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The part (2, 3) of a line in the camera's frame that lies before the camera; None if none does."""
    if max(a[2], b[2]) <= NEAR_M:
        return None
    ends = np.stack([a, b])
    for i in (0, 1):
        if ends[i, 2] < NEAR_M:
            other = ends[1 - i]
            ends[i] += (NEAR_M - ends[i, 2]) / (other[2] - ends[i, 2]) * (other - ends[i])
    return ends


def _lens(glance: Glance) -> tuple[Camera, Pose]:
    lens = glance.lens
    assert lens is not None, "a panel that projects needs camera_pose and camera_intrinsics_px"
    return lens


def _contact_scale(glances: Sequence[Glance]) -> Scale:
    forces = np.concatenate([g["contacts"]["force_n"] for g in glances])
    most = max(float(forces.max(initial=0.0)), 0.1)
    return most / 100, most


def _contacts(glance: Glance, scale: Scale, size: Size) -> Image.Image:
    """An arrow from each contact along its normal, from a to b, the strongest on top."""
    image = backdrop(glance, size)
    draw, (camera, world_from_camera) = ImageDraw.Draw(image), _lens(glance)
    camera, rows = camera.resized(*size), glance["contacts"]
    rows = rows[np.argsort(rows["force_n"])]
    share = np.log(np.maximum(rows["force_n"], scale[0]) / scale[0]) / np.log(scale[1] / scale[0])
    tints, unit = colors.through(colors.HEAT, share), size[0] / 110
    starts = world_from_camera.inverse().apply(rows["position_m"].reshape(-1, 3))
    along = world_from_camera.inverse().apply((rows["position_m"] + 0.01 * rows["normal"]).reshape(-1, 3))
    pixels, heads = camera.project(starts), camera.project(along)
    for pixel, head, tint in zip(pixels, heads, tints.tolist(), strict=True):
        if not (np.isfinite(pixel).all() and np.isfinite(head).all() and (pixel >= 0).all() and (pixel < size).all()):
            continue
        way = (head - pixel) / max(float(np.linalg.norm(head - pixel)), 1e-9)
        tip, side = pixel + 4 * unit * way, unit * np.array([-way[1], way[0]])
        barbs = [tuple(tip), tuple(tip - 1.7 * unit * way + side), tuple(tip - 1.7 * unit * way - side)]
        draw.line([tuple(pixel), tuple(tip - unit * way)], fill=tuple(tint), width=1)
        draw.polygon(barbs, fill=tuple(tint))
        draw.ellipse((*(pixel - unit / 2), *(pixel + unit / 2)), fill=tuple(tint))
    return image


def _contact_key(scale: Scale) -> Key:
    return Bar(colors.HEAT, amount(scale[0], "N"), amount(scale[1], "N"))


OVERLAYS: tuple[Panel, ...] = (
    Panel(
        signal="amodal_bits", note="and visible_fraction", draw=_amodal, needs=("instance_ids",),
        key=lambda _: Words("hatched where hidden; share seen"),
    ),
    Panel(
        signal="box_2d_px", note="and box_2d_amodal_px", draw=_boxes, needs=("rgb",),
        key=lambda _: Words("solid: seen; dashed: whole"),
    ),
    Panel(
        signal="box_3d", note="m, world frame", draw=_boxes_in_space, needs=("rgb", "camera_pose", "camera_intrinsics_px"),
        key=lambda _: Words("square to each thing's own frame"),
    ),
    Panel(
        signal="contacts", note="N, logarithmic, a to b", draw=_contacts, key=_contact_key, scale=_contact_scale,
        needs=("rgb", "camera_pose", "camera_intrinsics_px"),
    ),
)  # fmt: skip
