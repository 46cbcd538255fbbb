"""procgen's games, in a process of their own: they ask for NumPy 1, which we do not have here.

    lifeworld's process ── length, question ──► procgen_child.py, in an environment of its own
                        ◄── length, answer ───

The environment is made once, beside ours (`home`), from `procgen-mirror`: the wheels of Cobbe et al., Leveraging Procedural Generation to
Benchmark Reinforcement Learning (2019), for newer Pythons. Its state can be taken and put back, so every fork is exact.
"""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys
import venv
from pathlib import Path
from typing import IO

import msgspec
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import EngineError, StateError
from lifeworld.worlds.game import procgen_child
from lifeworld.worlds.game.game import Shown, keys

PACKAGE = "procgen-mirror==0.10.7"
TICK_NS = round(1e9 / 15)  # as fast as people play it (procgen/interactive.py)
SIDE_PX = 64
MOST_BYTES = 16_000_000
MOST_SEED = 2**31 - 1
KEYS = ("left", "right", "up", "down", "d", "a", "w", "s", "q", "e")


def home() -> Path:
    """Where the environment lies: in LIFEWORLD_GAMES, else in ours if we are in one, else in the user's data folder."""
    said = os.environ.get("LIFEWORLD_GAMES")
    if said:
        return Path(said).expanduser()
    if sys.prefix != sys.base_prefix:
        return Path(sys.prefix) / "games"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "lifeworld/games"


def prepare() -> Path:
    """Its Python; the environment is made if it is not there (once, 70 MB from the package index).

    Raises:
        EngineError: if it cannot be made, with pip's last words.
    """
    python, ready = home() / "bin/python", home() / "ready"
    if ready.exists() or (os.environ.get("LIFEWORLD_GAMES") and python.exists()):
        return python
    try:
        home().parent.mkdir(parents=True, exist_ok=True)
        with open(home().with_name(home().name + ".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # one makes it, the others wait
            if not ready.exists():
                venv.create(home(), with_pip=True, clear=True)
                subprocess.run([python, "-m", "pip", "install", "--quiet", PACKAGE], capture_output=True, text=True, check=True)
                ready.touch()
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        raise EngineError(
            "the environment of procgen's games cannot be made",
            where=str(home()),
            got=said.strip()[-300:],
            fix=f"Make one by hand and name it in LIFEWORLD_GAMES: python3 -m venv FOLDER && FOLDER/bin/pip install {PACKAGE}",
        ) from error
    return python


class GameProcgen:
    """One of procgen's games. `levels` is how many levels there are to draw from (0: no end), `mode` how hard they are."""

    def __init__(self, name: str, *, levels: int = 0, mode: str = "easy") -> None:
        self.name, self.version = name, PACKAGE
        self.tick_ns, self.action = TICK_NS, keys("player", KEYS)
        self._how = {"env_name": name, "num_levels": levels, "distribution_mode": mode}
        self._child = subprocess.Popen(
            [prepare(), "-I", "-u", procgen_child.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is ours to handle
        )
        self.begin(0)  # a moment can be gone to only where a game has begun

    def begin(self, seed: int) -> Shown:
        return self._shown(self._ask(b"B", msgspec.json.encode(self._how | {"rand_seed": seed % MOST_SEED})))

    def act(self, action: NDArray[np.float64]) -> Shown:
        return self._shown(self._ask(b"A", bytes([combination(action)])))

    def mark(self) -> bytes:
        return self._ask(b"G")

    def go_to(self, mark: bytes) -> None:
        self._ask(b"S", mark)

    def to_bytes(self, mark: bytes) -> bytes:
        return mark

    def from_bytes(self, data: bytes) -> bytes:
        if not 0 < len(data) <= MOST_BYTES:
            raise StateError("this is no moment of the game", got=f"{len(data)} bytes")
        return data

    def close(self) -> None:
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()

    def __del__(self) -> None:
        if getattr(self, "_child", None) is not None and self._child.poll() is None:
            self.close()

    def _shown(self, answer: bytes) -> Shown:
        reward, ended = struct.unpack_from("<f?", answer)
        rgb = np.frombuffer(answer, dtype=np.uint8, offset=5).reshape(SIDE_PX, SIDE_PX, 3)
        return Shown(rgb, float(reward), bool(ended))

    def _ask(self, what: bytes, given: bytes = b"") -> bytes:
        """The child's answer.

        Raises:
            EngineError: if it has died, or says what went wrong.
        """
        out, back = self._child.stdin, self._child.stdout
        assert out is not None
        assert back is not None
        try:
            out.write(struct.pack("<cI", what, len(given)) + given)
            out.flush()
            status, size = struct.unpack("<cI", _exactly(back, 5))
            answer = _exactly(back, min(size, MOST_BYTES))
        except (BrokenPipeError, EOFError) as error:
            raise EngineError(f"the game {self.name!r} has ended by itself", got=self._child.poll(), fix="Make a new world.") from error
        if status != b"o":
            raise EngineError(f"the game {self.name!r} went wrong", got=answer.decode(errors="replace"))
        return answer


def combination(action: NDArray[np.float64]) -> int:
    """procgen's number of the keys that are pressed: arrows together, else one of the others, else none."""
    pressed = {key for key, value in zip(KEYS, action, strict=True) if value >= 0.5}
    across = ("left" in pressed) - ("right" in pressed)
    along = ("down" in pressed) - ("up" in pressed)
    if across or along:
        return (1 - across) * 3 + (1 - along)
    others = [key for key in ("d", "a", "w", "s", "q", "e") if key in pressed]
    return 9 + ("d", "a", "w", "s", "q", "e").index(others[0]) if others else 4


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    """So many bytes, however they come.

    Raises:
        EOFError: if there are fewer.
    """
    parts = b""
    while len(parts) < size:
        part = pipe.read(size - len(parts))
        if not part:
            raise EOFError
        parts += part
    return parts
