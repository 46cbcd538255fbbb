"""A crowd: so many copies of a cast, one for each future, so that what asks of many pairs at once asks of many futures at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses.tell.cast import Cast

Ints = NDArray[np.int64]


def copies(one: Cast, count: int, frames: int) -> Cast:
    """`count` copies of a cast, one after the other, each with its own frames."""

    def tiled(values: NDArray[Any]) -> NDArray[Any]:
        return np.tile(values, (count, *[1] * (values.ndim - 1)))

    def counted(values: Ints, each: int) -> Ints:
        return np.asarray((values + each * np.arange(count)[:, None]).ravel())

    pieces, corners, sites = len(one.pieces), len(one.corners_m), one.sites
    arrays = {key: tiled(getattr(sites, key)) for key in sites.__slots__ if key not in ("names", "thing", "frame")}
    return replace(
        one,
        count=count * one.count,
        pieces=type(one.pieces)(*[tiled(a) for a in one.pieces.arrays()]),
        piece_frame=counted(one.piece_frame, frames),
        piece_thing=counted(one.piece_thing, one.count),
        start=np.append(counted(one.start[:-1], pieces), count * pieces),
        weight=tiled(one.weight),
        corners_m=tiled(one.corners_m),
        corner_start=np.append(counted(one.corner_start[:-1], corners), count * corners),
        sites=type(sites)(names=sites.names * count, thing=counted(sites.thing, one.count), frame=counted(sites.frame, frames), **arrays),
        body=counted(one.body, frames),
    )


def first(many: Cast, one: Cast, count: int) -> Cast:
    """The first `count` of the copies: views of their arrays."""
    p, t, c, s = count * len(one.pieces), count * one.count, count * len(one.corners_m), count * len(one.sites.names)
    sites = many.sites
    arrays = {key: getattr(sites, key)[:s] for key in sites.__slots__ if key != "names"}
    return replace(
        many,
        count=t,
        pieces=type(many.pieces)(*[a[:p] for a in many.pieces.arrays()]),
        piece_frame=many.piece_frame[:p],
        piece_thing=many.piece_thing[:p],
        start=many.start[: t + 1],
        weight=many.weight[:p],
        corners_m=many.corners_m[:c],
        corner_start=many.corner_start[: p + 1],
        sites=type(sites)(names=sites.names[:s], **arrays),
        body=many.body[:t],
    )
