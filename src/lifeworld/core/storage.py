"""What a disk refuses, in words that say how to mend it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from lifeworld.core.errors import StorageError

_ROOM = "Free some space there, or write to another disk; what was written before is whole."
_REFUSALS = {
    errno.ENOSPC: ("the disk is full", _ROOM),
    errno.EDQUOT: ("the quota of this disk is used up", _ROOM),
    errno.EFBIG: ("a file would be larger than this system allows", "Raise the limit (ulimit -f), or record shorter episodes."),
    errno.EROFS: ("the disk can only be read", "Mount it for writing, or choose another folder."),
    errno.EACCES: ("this is not allowed to you", "Ask for the right to it, or choose another folder."),
    errno.EPERM: ("this is not allowed to you", "Ask for the right to it, or choose another folder."),
    errno.EIO: ("the disk is broken", "Copy what is on it to another disk, as soon as possible."),
}


@contextmanager
def on_disk(where: str | os.PathLike[str]) -> Iterator[None]:
    """Turn what the disk refuses in here into a StorageError about `where`; any other error stays what it is.

    Raises:
        StorageError: if the disk is full, can only be read, may not be written by us, or is broken.
    """
    try:
        yield
    except OSError as error:
        refused = refusal(error, where)
        if refused is None:
            raise
        raise refused from error


def refusal(error: OSError, where: str | os.PathLike[str]) -> StorageError | None:
    """The StorageError that an OSError is, if the disk is to blame."""
    if error.errno not in _REFUSALS:
        return None
    what, fix = _REFUSALS[error.errno]
    return StorageError(what, where=os.fspath(where), got=error.strerror or str(error), fix=fix)
