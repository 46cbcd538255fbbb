"""The engine's warnings: counted and turned into errors, never into a MUJOCO_LOG.TXT in the user's folder."""

from __future__ import annotations

import ctypes

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import Diverged, EngineError

_BAD = ("mjWARN_BADQPOS", "mjWARN_BADQVEL", "mjWARN_BADQACC", "mjWARN_BADCTRL")
_FULL = ("mjWARN_CONTACTFULL", "mjWARN_CNSTRFULL")


def silence() -> None:
    """Send the engine's own warning texts nowhere: the counters say the same, and we read those.

    The handler is libc's strlen, which takes a text and does nothing to it: a Python function could not be called from the
    engine's threads.
    """
    mujoco.set_mju_user_warning(ctypes.cast(ctypes.CDLL(None).strlen, ctypes.CFUNCTYPE(None, ctypes.c_char_p)))


def check(counts: NDArray[np.int_], *, where: str) -> None:
    """Raise for warning counters (…, kinds) that are not zero.

    Raises:
        Diverged: for values that are not finite or huge; the engine has reset its data by then.
        EngineError: if contacts did not fit into memory, so that things may pass through each other.
    """
    if not counts.any():
        return
    if any(counts[..., int(getattr(mujoco.mjtWarning, name))].any() for name in _BAD):
        raise Diverged("the simulation blew up", where=where, fix="Look for things inside each other, or extreme masses and speeds.")
    if any(counts[..., int(getattr(mujoco.mjtWarning, name))].any() for name in _FULL):
        raise EngineError(
            "more things touch each other than the engine has memory for", where=where, fix="Look for many things in one place."
        )
