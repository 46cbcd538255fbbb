"""Erase somebody and be killed meanwhile, many times; each time do it again and say what is left, one JSON object a line.

`share N`: at N of all moments at which Python asks for a change on the disk; `clock N`: N times after some milliseconds.
A process of its own: the one that forks has no threads yet, since it works with no Parquet itself.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import av  # noqa: F401  # what a fork would import each time anew
import cryptography.hazmat.primitives.ciphers.aead
import cryptography.hazmat.primitives.kdf.hkdf  # noqa: F401
import numcodecs.blosc  # noqa: F401
from people import ANNA, BEN, MARK, fingerprint, make_bundle, remains, windows

from lifeworld.core.errors import LifeworldError
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.check import check
from lifeworld.episode.erase import erase
from lifeworld.episode.keys import Keys
from lifeworld.episode.seal import append_to

CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.truncate", "shutil.copyfile", "shutil.rmtree"}


def in_child(work: Callable[[], object]) -> tuple[int, object]:
    """What `work` gives, done in a fork; and how the fork ended."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        try:
            said = json.dumps(work()).encode()
            with os.fdopen(writer, "wb") as pipe:
                pipe.write(said)
            os._exit(0)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            os._exit(3)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        raw = pipe.read()
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), json.loads(raw) if raw else None


def erasing(root: Path, keys: Path, *, die_at: int | None) -> int:
    """Erase; die at that change, or count them all."""
    count = 0

    def watch(event: str, args: tuple[object, ...]) -> None:
        nonlocal count
        writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes or event in CHANGES:
            count += 1
            if count == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    erase(root, subject=ANNA, keys=Keys(keys))
    return count


def state(root: Path, keys: Path) -> dict[str, object]:
    bundle = open_bundle(root, keys=Keys(keys))
    return {uid: [fingerprint(bundle.episode(uid), [n]) for n, s in bundle.episode(uid).streams.items()] for uid in bundle.uids}


def readable(root: Path, keys: Path) -> bool:
    """Whether every stream is read, or refused by an error that is one of ours."""
    bundle = open_bundle(root, keys=Keys(keys))
    for i in range(len(bundle)):
        try:
            names = list(bundle[i].streams)
        except LifeworldError:
            continue
        for name in names:
            try:
                list(bundle[i][name].values)
            except LifeworldError:
                continue
    return True


def again(root: Path, keys: Path, *, by_writer: bool) -> dict[str, object]:
    """What a second try, or the next writer, makes of it."""
    if by_writer:
        begun = (root / "ledger" / "erasing.json").exists()
        with append_to(root):
            pass
        if not begun:
            erase(root, subject=ANNA, keys=Keys(keys))
        Keys(keys).destroy(ANNA)
    else:
        erase(root, subject=ANNA, keys=Keys(keys))
    erase(root, subject=ANNA, keys=Keys(keys))  # once more is nothing
    problems = [str(p) for p in check(root, deep=True, keys=Keys(keys)) if not p.warning]
    return {"problems": problems, "state": state(root, keys)}


def main(folder: Path, how: str, number: int) -> None:
    rng = random.Random(0)
    whole, keys = folder / "whole", folder / "keys"
    _, pieces = in_child(lambda: [make_bundle(whole, encrypt=Keys(keys)), [p.hex() for p in windows(whole, ANNA)]][1])
    assert isinstance(pieces, list)
    bytes_of_her = [bytes.fromhex(p) for p in pieces]

    def fresh(name: str) -> tuple[Path, Path]:
        for each in folder.glob("try-*"):
            shutil.rmtree(each)
        shutil.copytree(folder / "whole", folder / name / "b")
        shutil.copytree(keys, folder / name / "k")
        (folder / name / "b" / "cache").mkdir()
        (folder / name / "b" / "cache" / "x").write_text(MARK)
        return folder / name / "b", folder / name / "k"

    root, own = fresh("try-all")
    start = time.monotonic()
    code, count = in_child(lambda: erasing(root, own, die_at=None))
    took = time.monotonic() - start
    assert code == 0
    assert isinstance(count, int)
    _, wanted = in_child(lambda: state(root, own))
    moments = sorted(rng.sample(range(1, count + 1), min(number, count))) if how == "share" else list(range(number))
    for moment in [*moments, 100 * count] if how == "share" else moments:
        root, own = fresh(f"try-{moment}")
        if how == "share":
            code, _ = in_child(lambda root=root, own=own, moment=moment: erasing(root, own, die_at=moment))
        else:
            pid = os.fork()
            if pid == 0:
                erase(root, subject=ANNA, keys=Keys(own))
                os._exit(0)
            time.sleep(rng.uniform(0, 1.2 * took))
            os.kill(pid, signal.SIGKILL)
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        assert code in (0, -signal.SIGKILL), code
        _, seen = in_child(lambda root=root, own=own: readable(root, own))
        code_again, after = in_child(lambda root=root, own=own, moment=moment: again(root, own, by_writer=moment % 3 == 0))
        assert code_again == 0
        assert isinstance(after, dict)
        found = remains(root, bytes_of_her, MARK, ANNA)
        keys_left = [p.name for p in own.glob("*.key") if ANNA.encode() in p.read_bytes()]
        said = {"moment": moment, "killed": code != 0, "remains": found + keys_left, "problems": after["problems"]}
        print(json.dumps(said | {"same": after["state"] == wanted, "readable": bool(seen), "ben": BEN}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
