"""CRC-32C (Castagnoli), of many rows at once: NumPy has no such thing, and a loop over bytes would take longer than reading the data.

A CRC is linear over bits, so that of a long text is put together from those of its pieces, each moved on by the zeros after it.

Source: RFC 3720, appendix B.4, for the polynomial and the check values; Mark Adler, crc32_combine of zlib, for joining pieces.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

POLYNOMIAL = 0x82F63B78
"""0x1EDC6F41 with its bits reversed."""
ROW = 64
"""Bytes that are taken one by one, in all rows at once."""


def crc32c(data: bytes) -> int:
    """The CRC-32C of some bytes."""
    head = len(data) % ROW
    state = 0xFFFFFFFF
    for byte in data[:head]:
        state = int(_table()[(state ^ byte) & 0xFF]) ^ (state >> 8)
    rows = np.frombuffer(data, dtype=np.uint8, offset=head).reshape(-1, ROW)
    if len(rows):
        pieces = np.zeros(len(rows), dtype=np.uint32)
        pieces[0] = state  # what came before goes through the first row
        for column in rows.T:
            pieces = _table()[(pieces ^ column) & 0xFF] ^ (pieces >> np.uint32(8))
        state = _joined(pieces)
    return state ^ 0xFFFFFFFF


def _joined(pieces: NDArray[np.uint32]) -> int:
    """Neighbours in pairs until one is left; each time the pieces are twice as long. A piece of zeros in front changes nothing."""
    over = _zeros(ROW)
    while len(pieces) > 1:
        if len(pieces) % 2:
            pieces = np.concatenate([np.zeros(1, dtype=np.uint32), pieces])
        pieces = _apply(over, pieces[0::2]) ^ pieces[1::2]
        over = _apply(over, over)
    return int(pieces[0])


def _apply(matrix: NDArray[np.uint32], states: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """A linear map, given by what becomes of each of the 32 bits, of many states."""
    moved = np.zeros_like(states)
    for bit in range(32):
        moved ^= np.where(states >> np.uint32(bit) & np.uint32(1), matrix[bit], np.uint32(0))
    return moved


@cache
def _zeros(count: int) -> NDArray[np.uint32]:
    """What becomes of each bit of a state when `count` zero bytes follow."""
    states = np.uint32(1) << np.arange(32, dtype=np.uint32)
    for _ in range(count):
        states = _table()[states & 0xFF] ^ (states >> np.uint32(8))
    return states


@cache
def _table() -> NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, table >> np.uint32(1) ^ np.uint32(POLYNOMIAL), table >> np.uint32(1))
    return table
