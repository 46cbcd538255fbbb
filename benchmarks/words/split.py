"""Which half of a set a task belongs to, by a hash of its name: nobody chooses, and all sentences of a task stay together."""

from __future__ import annotations

from hashlib import sha256
from typing import Literal

Half = Literal["dev", "held"]


def half(task: str) -> Half:
    """`dev` may be read and learned from; `held` is run, and only its rates are looked at."""
    return "held" if sha256(task.encode()).digest()[0] & 1 else "dev"
