"""The process that looks into a stranger's file: `python -m lifeworld.provenance.child`, a question as JSON in, a verdict out.

It binds its time, memory and handles before it opens the file, as the importers' child does. Only `verify.py` starts it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec

from lifeworld.core.errors import LifeworldError
from lifeworld.provenance.inspect import inspect
from lifeworld.provenance.verdict import Verdict
from lifeworld.scene.formats.child import bind
from lifeworld.scene.formats.limits import Limits


class Question(msgspec.Struct, frozen=True):
    """Which file, and whom we know."""

    path: str
    known: dict[str, str]
    cpu_s: int
    memory_bytes: int


class Answer(msgspec.Struct, frozen=True):
    """The verdict, or the error: its class and its words."""

    verdict: Verdict | None = None
    error: str | None = None
    what: str = ""


def main() -> int:
    answer_to = os.dup(1)
    os.dup2(2, 1)  # what the library prints does not stand in the answer
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    bind(Limits(cpu_s=asked.cpu_s, memory_bytes=asked.memory_bytes, output_bytes=1))
    try:
        answer = Answer(verdict=inspect(Path(asked.path), asked.known))
    except LifeworldError as error:
        answer = Answer(error=type(error).__name__, what=error.what if error.got is None else f"{error.what} ({error.got})")
    with os.fdopen(answer_to, "wb") as pipe:
        pipe.write(msgspec.json.encode(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
