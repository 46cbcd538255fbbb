"""The near end of a pipe to a model that runs in a Python of its own: calls with arrays, answers with arrays, and no pickle.

The far end is `models/guest.py`, which says what a frame is.
"""

from __future__ import annotations

import math
import os
import struct
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import EngineError

Arrays = Mapping[str, NDArray[Any]]
PATIENCE_S = 900.0
MOST_HEAD_BYTES, MOST_BYTES = 10_000_000, 4_000_000_000
KINDS = frozenset(np.dtype(kind).str for kind in ("u1", "i4", "i8", "f4", "f8"))


class _Array(msgspec.Struct):
    name: str
    dtype: str
    shape: tuple[int, ...]


class _Head(msgspec.Struct):
    arrays: tuple[_Array, ...] = ()
    error: str | None = None
    call: str = ""
    parameters: int = 0
    busy_s: float = 0.0


class Wire:
    """A running guest. Close it, or use it in a `with`: it ends when the pipe does.

    `busy_s` is the processor time that it has taken until its last answer.

    Args:
        described: the file that says what the guest is (`described.py`).
        threads: that it computes on.
        patience_s: how long it may take for one answer.

    Raises:
        EngineError: if it cannot be started, says that something failed, dies, or takes too long.
    """

    def __init__(self, described: Path, python: Path, *, threads: int = 1, patience_s: float = PATIENCE_S) -> None:
        guest = find_spec("lifeworld.models.guest")
        assert guest is not None
        assert guest.origin is not None
        self._where, self._patience_s, self.busy_s = str(described), patience_s, 0.0
        self._noise = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the guest
        # An activated environment or a PYTHONPATH of ours must not leak into theirs.
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
        clean |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
        command = [str(python), "-P", "-s", guest.origin, str(described), str(threads)]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._noise, env=clean, start_new_session=True
            )
        except OSError as error:
            self._noise.close()
            raise EngineError("its Python cannot be started", where=self._where, got=f"{python}: {error.strerror}") from error
        try:
            self.parameters = self._heard()[0].parameters
        except EngineError:
            self.close()
            raise

    def call(self, name: str, **given: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """What the guest answers to arrays."""
        whole = {key: np.ascontiguousarray(value) for key, value in given.items()}
        listed = tuple(_Array(key, value.dtype.str, value.shape) for key, value in whole.items())
        head = msgspec.json.encode(_Head(listed, call=name))
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(struct.pack("<Q", len(head)) + head)
            for value in whole.values():
                self._process.stdin.write(value.data)
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError) as error:
            raise self._ended() from error
        return self._heard()[1]

    @property
    def pid(self) -> int:
        """The guest's process."""
        return self._process.pid

    def close(self) -> None:
        """End the guest and all that it started."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdout, self._noise):
            pipe.close()
        with suppress(BrokenPipeError):  # what was not written yet is of no use any more
            self._process.stdin.close()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _heard(self) -> tuple[_Head, dict[str, NDArray[Any]]]:
        late = threading.Event()

        def end() -> None:
            late.set()
            self._process.kill()

        watch = threading.Timer(self._patience_s, end)
        watch.daemon = True
        watch.start()
        try:
            return self._frame()
        except EngineError as error:
            if late.is_set():
                raise EngineError("the model gave no answer in time", where=self._where, expected=f"{self._patience_s:g} s") from error
            raise
        finally:
            watch.cancel()

    def _frame(self) -> tuple[_Head, dict[str, NDArray[Any]]]:
        (size,) = struct.unpack("<Q", self._bytes(8))
        if size > MOST_HEAD_BYTES:
            raise EngineError("the model's process does not keep to the protocol", where=self._where, got=f"a head of {size} bytes")
        try:
            head = msgspec.json.decode(self._bytes(size), type=_Head)
        except msgspec.DecodeError as error:
            raise EngineError("the model's process does not keep to the protocol", where=self._where, got=str(error)) from error
        self.busy_s = head.busy_s
        if head.error is not None:
            raise EngineError("the model failed", where=self._where, got=head.error)
        arrays = {}
        for each in head.arrays:
            count = math.prod(each.shape)
            if each.dtype not in KINDS or min(each.shape, default=0) < 0 or count * 8 > MOST_BYTES:
                got = f"{each.name} {each.dtype} {each.shape}"
                raise EngineError("the model's process gives an array that nobody asked for", where=self._where, got=got)
            kind = np.dtype(each.dtype)
            arrays[each.name] = np.frombuffer(self._bytes(count * kind.itemsize), kind).reshape(each.shape)
        return head, arrays

    def _bytes(self, count: int) -> bytes:
        assert self._process.stdout is not None
        try:
            data = self._process.stdout.read(count)
        except ValueError as error:  # it is closed
            raise self._ended() from error
        if len(data) < count:
            raise self._ended()
        return data

    def _ended(self) -> EngineError:
        """What became of a guest that is not there any more: the last that it said."""
        if self._noise.closed:
            return EngineError("the model's process is closed", where=self._where)
        code = self._process.wait()
        self._noise.seek(0, os.SEEK_END)
        self._noise.seek(max(0, self._noise.tell() - 10_000))
        said = [line for line in self._noise.read().decode(errors="replace").splitlines() if line.strip()]
        return EngineError("the model's process ended", where=self._where, got=f"exit {code}; {said[-1].strip() if said else 'not a word'}")
