"""Faults of embodiments and cameras: what comes of an action on its way to the motors, and of a picture on its way to whoever looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lifeworld.scene.deed import Blind, Fault
from lifeworld.worlds.physics.deeds.running import Running
from lifeworld.worlds.world import Action, ActionSpec, WorldSpec

PICTURES = ("rgb",)
"""The signals that are what a camera itself shows; all others that are seen are told by the engine, and stay true."""
NOISE_LEVELS = 128.0
"""The standard deviation of noise of amount 1, in levels of 255."""
BLUR_SHARE = 0.05
"""The radius of a blur of amount 1, as a share of the picture's width."""


def faulted(action: Action, running: Sequence[Running], tick: int, spec: WorldSpec) -> tuple[Action, tuple[Running, ...]]:
    """What the motors are told, and the deeds with what frozen ones remember from now on."""
    if not any(isinstance(one.deed, Fault) for one in running):
        return action, tuple(running)
    told, kept = dict(action), list(running)
    for i, one in enumerate(running):
        own = next((a for a in spec.actions if isinstance(one.deed, Fault) and a.name == one.deed.embodiment), None)
        if own is None or not one.lasts(tick):
            continue
        numbers = np.asarray(told.get(own.name, own.rest), dtype=np.float64)
        if numbers.shape != (own.size,) or not np.isfinite(numbers).all():
            continue  # the world itself says what is wrong with it
        told[own.name], kept[i] = _faulted(one, np.clip(numbers, own.low, own.high), own)
    return told, tuple(kept)


def _faulted(one: Running, numbers: NDArray[np.float64], spec: ActionSpec) -> tuple[NDArray[np.float64], Running]:
    deed = one.deed
    assert isinstance(deed, Fault)
    which = np.array([deed.label in (None, label) for label in spec.labels])
    if deed.frozen:
        kept = one if one.keep else replace(one, keep=tuple(numbers[which].tolist()))
        numbers[which] = kept.keep
        return numbers, kept
    return np.where(which, deed.gain * numbers + deed.bias, numbers), one


def dimmed(deed: Blind, picture: NDArray[Any], rng: Generator) -> NDArray[Any]:
    """What a camera with a fault shows instead of a picture (height, width, 3) of sRGB levels."""
    if deed.how == "dropout":
        return np.rint(picture * (1.0 - deed.amount)).astype(picture.dtype)
    if deed.how == "noise":
        noisy = picture + rng.normal(0.0, NOISE_LEVELS * deed.amount, picture.shape)
        return np.clip(np.rint(noisy), 0, 255).astype(picture.dtype)
    radius = round(BLUR_SHARE * deed.amount * picture.shape[1])
    return picture if radius == 0 else _blurred(picture, radius)


def _blurred(picture: NDArray[Any], radius: int) -> NDArray[Any]:
    """The mean over a square around each pixel, twice, which is nearly a Gaussian; the picture's edge goes on beyond it."""
    out = picture.astype(np.float64)
    for axis in (0, 1, 0, 1):
        sums = np.cumsum(
            np.insert(np.pad(out, [(radius, radius) if a == axis else (0, 0) for a in range(3)], mode="edge"), 0, 0.0, axis), axis
        )
        ends, starts = (np.take(sums, np.arange(out.shape[axis]) + k, axis) for k in (2 * radius + 1, 0))
        out = (ends - starts) / (2 * radius + 1)
    return np.rint(out).astype(picture.dtype)
