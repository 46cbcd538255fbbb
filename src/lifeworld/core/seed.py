"""Randomness that can be had again: a numpy Generator from a seed and what it is for.

There is no global seed. Whoever draws names the purpose, `generator(seed, "scatter", 3)`, and gets numbers of its own:
drawing more in one place changes nothing in another. The derivation is a hash, so it is the same on every machine.
The raw bits are NumPy's to keep (PCG64 and SeedSequence are stable by NEP 19); a distribution such as `normal` may
change between NumPy versions, which is why provenance keeps versions too.
"""

from __future__ import annotations

import hashlib
from operator import index
from typing import TYPE_CHECKING

import numpy as np

from lifeworld.core.errors import InputError, LimitError

if TYPE_CHECKING:
    from numpy.random import Generator


def generator(seed: int, *purpose: str | int) -> Generator:
    """A Generator (PCG64) for one purpose under one seed; equal arguments draw equal numbers, others unrelated ones.

    Raises:
        LimitError: if the seed is negative.
        InputError: if the seed is not a whole number, or no purpose is named.
    """
    return np.random.Generator(np.random.PCG64(int.from_bytes(_digest("generator", seed, purpose), "little")))


def child_seed(seed: int, *purpose: str | int) -> int:
    """A seed in 0..2^63 - 1 for a part that draws under a seed of its own: `child_seed(7, "episode", 3)`."""
    return int.from_bytes(_digest("child_seed", seed, purpose)[:8], "little") >> 1


def _digest(use: str, seed: int, purpose: tuple[str | int, ...]) -> bytes:
    if not purpose:
        raise InputError("say what the random numbers are for", fix=f'Name a purpose: {use}(seed, "scatter").')
    root = _whole("a seed", seed)
    if root < 0:
        raise LimitError("a seed is a whole number from 0 up", got=root, fix="Use abs(seed), or any other number.")
    parts = [b"i%d" % root]
    for part in purpose:
        parts.append(b"s" + part.encode(errors="surrogatepass") if isinstance(part, str) else b"i%d" % _whole("a purpose", part))
    # each part carries its length, so that ("ab", "c") and ("a", "bc") differ; the first word lets the rule change one day
    text = b"lifeworld.1." + use.encode() + b"".join(len(p).to_bytes(8, "little") + p for p in parts)
    return hashlib.sha256(text).digest()


def _whole(what: str, value: object) -> int:
    try:
        if isinstance(value, bool):
            raise TypeError
        return index(value)  # type: ignore[arg-type]  # anything else is the error below
    except TypeError as error:
        raise InputError(f"{what} is {'a word or ' if what == 'a purpose' else ''}a whole number", got=value) from error
