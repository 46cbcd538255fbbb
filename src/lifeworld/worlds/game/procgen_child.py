"""The child that plays procgen: questions on its standard input, answers on its standard output. It needs nothing of lifeworld.

B begin (JSON) → picture · A act (one byte) → picture · G take the state → bytes · S put a state back → nothing
"""

import json
import struct
import sys
from typing import Any


class Play:
    """One game of procgen, begun anew by every B."""

    def __init__(self) -> None:
        self.env: Any = None
        self.acted = False

    def answer(self, what: bytes, given: bytes) -> bytes:
        if what == b"B":
            from procgen import ProcgenGym3Env  # type: ignore[import-not-found]  # it lives in this child's environment alone

            if self.env is not None:
                self.env.close()
            self.env, self.acted = ProcgenGym3Env(num=1, start_level=0, **json.loads(given)), False
            return self.picture()
        if what == b"A":
            import numpy as np

            self.env.act(np.array([given[0]], dtype=np.int32))
            self.acted = True
            return self.picture()
        if what == b"G":
            return bytes(self.env.callmethod("get_state")[0])
        if what == b"S":
            self.env.callmethod("set_state", [given])
            self.env.observe()
            return b""
        raise ValueError(what)

    def picture(self) -> bytes:
        """Reward, whether a game has ended, and what is seen: of an end already the next level."""
        reward, seen, first = self.env.observe()
        return struct.pack("<f?", float(reward[0]), bool(first[0]) and self.acted) + bytes(seen["rgb"][0].tobytes())


def main() -> None:
    play, questions, answers = Play(), sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what others print is no answer
    while len(head := questions.read(5)) == 5:
        what, size = struct.unpack("<cI", head)
        try:
            status, answer = b"o", play.answer(what, questions.read(size))
        except Exception as error:  # whatever it is, the parent is told
            status, answer = b"e", repr(error).encode()
        answers.write(struct.pack("<cI", status, len(answer)) + answer)
        answers.flush()


if __name__ == "__main__":
    main()
