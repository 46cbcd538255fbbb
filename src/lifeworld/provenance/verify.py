"""What is known about a file: who signed it, what it shows and of what it was made, and whether a byte was changed.

    found = verify("tabletop.png")
    found.standing                         # known, stranger, unsigned, changed
    print(found.told)

The file is looked into by a process of its own with bounds on time and memory: what breaks the reader breaks nothing else.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import msgspec

import lifeworld
from lifeworld.core import errors
from lifeworld.core.errors import FileTooLarge, InputError, LifeworldError, MissingExtra, UnreadableFile
from lifeworld.provenance.authority import known, usual_folder
from lifeworld.provenance.child import Answer, Question
from lifeworld.provenance.verdict import Verdict

CPU_S, WALL_S, MEMORY_BYTES = 30, 60.0, 2 << 30
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def verify(path: Path | str, *, folder: Path | None = None) -> Verdict:
    """What is known about a file.

    Args:
        folder: where the authorities lie that are known; this user's if not given.

    Raises:
        InputError: if there is no such file. UnreadableFile: if it breaks the reader.
        FileTooLarge: if looking takes too much time or memory.
        MissingExtra: without c2pa-python.
    """
    if find_spec("c2pa") is None:
        raise MissingExtra("looking into signatures", "studio")
    file = Path(os.path.abspath(path))
    if not file.is_file():
        raise InputError("there is no such file", got=str(path))
    asked = Question(str(file), known(folder or usual_folder()), CPU_S, MEMORY_BYTES)
    package = Path(lifeworld.__file__).resolve().parent.parent
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment |= {"PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-s", "-P", "-m", "lifeworld.provenance.child"],
            input=msgspec.json.encode(asked),
            capture_output=True,
            timeout=WALL_S,
            env=environment,
            start_new_session=True,
        )
        answer = msgspec.json.decode(done.stdout, type=Answer)
    except subprocess.TimeoutExpired:
        raise FileTooLarge("it takes too long to look into", where=file.name, expected=f"at most {WALL_S:g} s") from None
    except msgspec.DecodeError:
        raise UnreadableFile("the file broke its reader", where=file.name, got=f"exit {done.returncode}") from None
    if answer.verdict is None:
        raise _revived(answer, file.name)
    return answer.verdict


def _revived(answer: Answer, shown: str) -> LifeworldError:
    kind = getattr(errors, answer.error or "", UnreadableFile)
    if not issubclass(kind, LifeworldError) or kind is MissingExtra:
        kind = UnreadableFile
    revived: LifeworldError = kind(answer.what, where=shown)
    return revived
