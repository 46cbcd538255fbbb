"""Who is in a session, and who owns it: the first to come; then who asks, once the owner has been away for a while."""

from __future__ import annotations

import threading
import time

from lifeworld.core.errors import InputError
from lifeworld.studio import wire
from lifeworld.studio.guard import SCRIPT
from lifeworld.studio.viewer import Viewer

HAND_OVER_S = 30.0
"""How long an owner who is gone keeps the seat."""


class Seats:
    """The viewers of one session, for all threads."""

    def __init__(self) -> None:
        self._viewers: list[Viewer] = []
        self._owner: str | None = None
        self._left_s = 0.0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._viewers)

    def all(self) -> list[Viewer]:
        """Who is there now."""
        with self._lock:
            return list(self._viewers)

    def owns(self, who: str) -> bool:
        """Whether somebody owns the session."""
        return who in (self._owner, SCRIPT)

    def enter(self, viewer: Viewer) -> None:
        """The first to come owns the session, unless they may not; who comes back has the seat they had."""
        with self._lock:
            if viewer.may_own and viewer.who == SCRIPT:  # its key was printed for who began this: as good as they
                viewer.seat = "owner"
            elif viewer.may_own and self._owner in (None, viewer.who):
                self._owner = viewer.who
                viewer.seat = "owner"
            self._viewers.append(viewer)

    def leave(self, viewer: Viewer) -> None:
        viewer.gone = True
        with self._lock:
            if viewer in self._viewers:
                self._viewers.remove(viewer)
            if viewer.who == self._owner:
                self._left_s = time.monotonic()

    def take(self, viewer: Viewer) -> list[Viewer]:
        """The owner's seat to a guest; whose viewers have it now. Who owned it is a guest when they come back.

        Raises:
            InputError: while the owner is there, or may come back; or to who may only look on.
        """
        with self._lock:
            if viewer.seat == "owner":
                return []
            if not viewer.may_own:
                raise InputError("guests from the network look on", fix="The owner sits at the machine itself.")
            left_s = HAND_OVER_S - (time.monotonic() - self._left_s)
            if any(one.who == self._owner for one in self._viewers):
                raise InputError("the owner's seat is taken", fix="The owner is here.")
            if left_s > 0:
                raise InputError("the owner's seat is taken", fix=f"The owner may come back: ask again in {left_s:.0f} s.")
            self._owner = viewer.who
            mine = [one for one in self._viewers if one.who == viewer.who and one.may_own]
            for one in mine:
                one.seat = "owner"
            return mine

    def tell(self, answer: wire.Answer) -> None:
        """Something to everybody but those who have too much to read still."""
        for viewer in self.all():
            if viewer.has_room:
                viewer.say(answer)
