"""Foreign files are read in a child process that may use so much and no more; what it says comes back as a value or a typed error.

The child (`child.py`) bounds its own CPU time, memory, file sizes and handles before it opens anything, gets a scrubbed
environment and a private folder to work in, and is killed with everything it started when its time is up. A file that crashes
the engine's parser takes the child with it, not the caller.
"""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

import lifeworld
from lifeworld.core import errors
from lifeworld.core.errors import FileTooLarge, LifeworldError, MissingExtra, UnreadableFile
from lifeworld.scene.formats.limits import Limits

MOST_ANSWER_BYTES = 64_000_000
MOST_STDERR_BYTES = 64_000
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")


class Job(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the child is asked to do: `task` names a function of `child.TASKS`, `options` are its keywords."""

    task: str
    source: str
    root: str
    work: str
    limits: Limits
    options: dict[str, Any]


class Failure(msgspec.Struct, frozen=True):
    """An error of the tree in `core/errors.py`, on its way through the pipe."""

    type: str
    what: str
    where: str | None = None
    got: str | None = None
    expected: str | None = None
    fix: str | None = None
    extra: str | None = None


class Answer(msgspec.Struct, frozen=True):
    """The child's one line of JSON."""

    result: msgspec.Raw = msgspec.Raw(b"null")
    failure: Failure | None = None


@contextmanager
def workplace() -> Iterator[Path]:
    """A private folder for one child, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="lifeworld-import-", ignore_cleanup_errors=True) as folder:
        yield Path(os.path.realpath(folder))


def run_child(job: Job, *, shown: str) -> msgspec.Raw:
    """The result of `job` as raw JSON; `shown` is the file's name in errors.

    Raises:
        UnreadableFile, UnsafeFile, FileTooLarge, MissingExtra …: what the child raised.
        FileTooLarge: if it went over its CPU time, wall-clock time, memory or output.
        UnreadableFile: if the file crashed the reader.
    """
    out, noise, code, over = _communicate(job)
    if over is not None:
        raise _over(over, job.limits, shown)
    if not out:
        raise _death(code, noise, job.limits, shown)
    try:
        answer = msgspec.json.decode(out, type=Answer)
    except msgspec.DecodeError as error:
        raise _death(code, noise, job.limits, shown) from error
    if answer.failure is not None:
        raise _revived(answer.failure)
    return answer.result


def _communicate(job: Job) -> tuple[bytes, str, int, str | None]:
    package = Path(lifeworld.__file__).resolve().parent.parent
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")  # the same hulls each time
    environment |= {"PYTHONPATH": str(package), "HOME": job.work, "TMPDIR": job.work, "PYTHONDONTWRITEBYTECODE": "1", **threads}
    child = subprocess.Popen(
        [sys.executable, "-s", "-P", "-m", "lifeworld.scene.formats.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=job.work,
        env=environment,
        start_new_session=True,
        close_fds=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    deadline = time.monotonic() + job.limits.wall_s
    out, noise, over = bytearray(), bytearray(), None
    try:
        with suppress(BrokenPipeError):  # it died before it read its job; its exit says why
            child.stdin.write(msgspec.json.encode(job))
            child.stdin.close()
        with selectors.DefaultSelector() as waiting:
            for pipe in (child.stdout, child.stderr):
                waiting.register(pipe, selectors.EVENT_READ)
            while waiting.get_map() and over is None:
                left = deadline - time.monotonic()
                if left <= 0:
                    over = "wall_s"
                    break
                for key, _ in waiting.select(timeout=left):
                    chunk = os.read(key.fd, 65_536)
                    if not chunk:
                        waiting.unregister(key.fileobj)
                    elif key.fileobj is child.stdout:
                        out += chunk
                        if len(out) > MOST_ANSWER_BYTES:
                            over = "output_bytes"
                    else:
                        noise = (noise + chunk)[-MOST_STDERR_BYTES:]
        if over is None:
            try:
                child.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                over = "wall_s"
    finally:
        _end(child)
    return bytes(out), noise.decode("utf-8", "replace"), child.returncode, over


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kills the child and all it started (its process group), and leaves no zombie."""
    with suppress(ProcessLookupError, PermissionError):  # all gone already
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None and not pipe.closed:
            with suppress(BrokenPipeError):
                pipe.close()


_OVER = {
    "cpu_s": ("it takes more than {} s of computing", "Simplify the file, take a mesh with --collision hull, or raise Limits(cpu_s=…)."),
    "wall_s": (
        "it takes more than {} s",
        "Simplify the file, take a mesh with --collision hull, or raise Limits(wall_s=…): a busy machine needs longer.",
    ),
    "memory_bytes": ("it takes more than {} bytes of memory", "Simplify the file, or raise Limits(memory_bytes=…)."),
    "output_bytes": ("it makes more than {} bytes of files", "Simplify the file, or raise Limits(output_bytes=…)."),
}


def _over(limit: str, limits: Limits, shown: str) -> FileTooLarge:
    what, fix = _OVER[limit]
    return FileTooLarge(what.format(f"{getattr(limits, limit):,}"), where=shown, fix=fix)


_STARVED = re.compile(r"bad_alloc|MemoryError|(could not|cannot|failed to) allocate|memory allocation|out of memory", re.IGNORECASE)


def _death(code: int, noise: str, limits: Limits, shown: str) -> LifeworldError:
    by = -code if code < 0 else 0
    if by == signal.SIGXCPU:
        return _over("cpu_s", limits, shown)
    if by == signal.SIGXFSZ:
        return _over("output_bytes", limits, shown)
    starved = by == signal.SIGKILL  # the system's own out-of-memory killer
    if starved or _STARVED.search(noise):
        return _over("memory_bytes", limits, shown)
    last = next((line.strip() for line in reversed(noise.splitlines()) if line.strip()), "")
    name = signal.Signals(by).name if by else f"exit {code}"
    return UnreadableFile(f"the file broke its reader ({name})", where=shown, got=last[:300] or None)


def _revived(failure: Failure) -> LifeworldError:
    if failure.type == "MissingExtra":
        return MissingExtra(failure.what.removesuffix(" needs an extra"), failure.extra or "formats")
    kind = getattr(errors, failure.type, None)
    if not (isinstance(kind, type) and issubclass(kind, LifeworldError)):
        kind = UnreadableFile
    try:
        return kind(failure.what, where=failure.where, got=failure.got, expected=failure.expected, fix=failure.fix)
    except TypeError:  # an error with its own way of being made
        return UnreadableFile(failure.what, where=failure.where, fix=failure.fix)
