"""Kills a process at every step of sealing a journal, and looks at what is left.

A program, so that it can fork before any thread has begun: `journal_steps.py BUNDLE UID EVERY WORK`. For each EVERYth change of the file
system (rename, unlink, mkdir, sync …) that recovering BUNDLE makes, it copies it to WORK, recovers there in a child that is killed just
before that change, and lets other children look, recover and recover again. Says how many steps there were; anything that is not as it
should be ends it with a traceback.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.check import check
from lifeworld.episode.journal import recover, sweep_bundle

CHANGES = ("replace", "rename", "unlink", "remove", "rmdir", "mkdir", "fsync", "link")


def die_before(limit: int) -> None:
    """This process kills itself before its change of this number."""
    done = count(1)

    def watched(change: Callable[..., Any]) -> Callable[..., Any]:
        def changing(*args: Any, **more: Any) -> Any:
            if next(done) == limit:
                os.kill(os.getpid(), signal.SIGKILL)
            return change(*args, **more)

        return changing

    for name in CHANGES:
        setattr(os, name, watched(getattr(os, name)))


def forked(work: Callable[[], None]) -> int:
    """How a child ended that did this work: 0, or the signal that killed it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status)
    assert os.WEXITSTATUS(status) == 0, "a child failed"
    return 0


def digest(root: Path, uid: str) -> dict[str, str]:
    """The values of an episode, as hashes by stream: a stream that cannot be read whole is an error."""
    episode = open_bundle(root).episode(uid)
    said = {}
    for name, stream in episode.streams.items():
        values = [v.tobytes() for v in stream.values]
        said[name] = hashlib.sha256(stream.times_ns.tobytes() + b"".join(values)).hexdigest()
    return said


def tree(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def look(root: Path, old: list[str], uid: str) -> None:
    """Just after the kill: what was sealed is whole, and what is being sealed is whole or not there."""
    assert open_bundle(root).uids in (old, [*old, uid])
    for each in open_bundle(root).uids:
        digest(root, each)


def mend(root: Path, old: list[str], uid: str, expected: Path) -> None:
    """Recovering ends what was begun, with the values `expected` (said here, the first time); recovering again changes nothing."""
    found = recover(root)
    assert [f.uid for f in found] in ([uid], []), found
    assert not any(f.problem for f in found), found
    sweep_bundle(root)
    assert open_bundle(root).uids == [*old, uid]
    assert list((root / "staging").iterdir()) == []
    if not expected.exists():
        expected.write_text(json.dumps(digest(root, uid)))
    assert digest(root, uid) == json.loads(expected.read_text())
    problems = [p for p in check(root, deep=True) if not p.warning]
    assert not problems, problems
    before = tree(root)
    assert recover(root) == sweep_bundle(root) == []
    assert tree(root) == before


def main(bundle: Path, uid: str, every: int, work: Path) -> int:
    """How many steps there are. Nothing here may begin a thread: what is forked beside one can hang."""
    old, expected = sorted(p.name for p in (bundle / "streams").iterdir()), work / "expected.json"
    shutil.copytree(bundle, work / "whole")
    forked(lambda: mend(work / "whole", old, uid, expected))
    for step in count(1, every):
        root = work / f"{step}"
        shutil.copytree(bundle, root)

        def recovering(root: Path = root, step: int = step) -> None:
            die_before(step)
            recover(root)

        if forked(recovering) == 0:
            return step
        forked(lambda root=root: look(root, old, uid))
        forked(lambda root=root: mend(root, old, uid, expected))
        shutil.rmtree(root)
    raise AssertionError


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])))
