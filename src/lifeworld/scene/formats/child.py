"""The process that reads foreign files: `python -m lifeworld.scene.formats.child`, a job as JSON in, an answer as JSON out.

It binds itself first (CPU, memory, file size, handles), then reads. Whatever the engine prints goes to stderr, so that the
answer on stdout is alone. Only `sandbox.py` starts it.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import msgspec

from lifeworld.core.errors import FileTooLarge, LifeworldError, MissingExtra, UnreadableFile
from lifeworld.scene.formats.limits import Limits
from lifeworld.scene.formats.sandbox import Answer, Failure, Job

TASKS = {
    "mjcf": "mjcf",
    "urdf": "urdf",
    "mesh": "mesh",
    "sh3f": "sh3f",
    "catalogue": "sh3f",
    "check": "check",
}
"""task → the module of this package with a function of that name, `task(job)`, that does it."""


def main() -> int:
    """Reads one job, does it, writes one answer; the exit status is 0 whenever there is an answer."""
    answer_to = os.dup(1)
    os.dup2(2, 1)  # the engine may print; the answer must stand alone
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    bind(job.limits)
    answer = answered(job)
    with os.fdopen(answer_to, "wb") as pipe:
        pipe.write(msgspec.json.encode(answer))
    return 0


def answered(job: Job) -> Answer:
    """The answer to a job: its result, or its failure."""
    shown = os.path.basename(job.source)
    try:
        module = importlib.import_module(f"lifeworld.scene.formats.{TASKS[job.task]}")
        result: Any = getattr(module, job.task)(job)
        return Answer(result=msgspec.Raw(msgspec.json.encode(result)))
    except LifeworldError as error:
        if error.where is None:
            error.where = shown
        return Answer(failure=_packed(error))
    except MemoryError:
        over = FileTooLarge(f"it takes more than {job.limits.memory_bytes:,} bytes of memory", where=shown, fix="Simplify the file.")
        return Answer(failure=_packed(over))
    except RecursionError:
        return Answer(failure=_packed(FileTooLarge("it is nested too deeply", where=shown)))
    except OSError as error:
        if error.errno == 27:  # EFBIG: over RLIMIT_FSIZE with the signal ignored, as Python does
            over = FileTooLarge(f"it makes more than {job.limits.output_bytes:,} bytes of files", where=shown)
            return Answer(failure=_packed(over))
        return Answer(failure=_packed(UnreadableFile(f"it cannot be read: {error.strerror or type(error).__name__}", where=shown)))


def bind(limits: Limits) -> None:
    """Limits this process for good: the hard limits are set too, so that nothing in it can raise them again."""
    try:
        import resource
    except ImportError as error:  # Windows
        raise SystemExit("foreign files can only be read where a process can be bounded: Linux or macOS") from error

    bounds = {
        resource.RLIMIT_CPU: limits.cpu_s,
        resource.RLIMIT_FSIZE: limits.output_bytes,
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_AS: limits.memory_bytes,
    }
    for which, most in bounds.items():
        hard = resource.getrlimit(which)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        # two seconds more before the hard stop, so that going over ends in SIGXCPU, which names the limit
        last = most + 2 if which == resource.RLIMIT_CPU and hard in (resource.RLIM_INFINITY, max(hard, most + 2)) else most
        try:
            resource.setrlimit(which, (most, last))
        except (ValueError, OSError):  # macOS bounds no address space; the others must hold everywhere
            if which != resource.RLIMIT_AS or sys.platform != "darwin":
                raise


def _packed(error: LifeworldError) -> Failure:
    def text(value: object) -> str | None:
        return None if value is None else (value if isinstance(value, str) else repr(value))[:1000]

    extra = error.extra if isinstance(error, MissingExtra) else None
    return Failure(
        type(error).__name__, error.what[:2000], text(error.where), text(error.got), text(error.expected), text(error.fix), extra
    )


if __name__ == "__main__":
    sys.exit(main())
