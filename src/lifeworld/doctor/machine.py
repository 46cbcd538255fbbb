"""What the machine itself gives: Python, cores, memory, room to write, a GPU, a browser."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from lifeworld.doctor.check import Check, Need, ran
from lifeworld.doctor.mend import system

GIB = 2**30
LEAST_GIB = 1.0
KEPT = {"XDG_CACHE_HOME": ".cache", "XDG_DATA_HOME": ".local/share", "XDG_CONFIG_HOME": ".config", "XDG_STATE_HOME": ".local/state"}
"""Where a user's things are kept: the variable that says so, and the folder at home if it does not."""


def python(_timeout_s: float) -> Check:
    need = Need(name="python", needed_for="everything", mend="install Python 3.11 or newer", base=True)
    found = f"{'.'.join(map(str, sys.version_info[:3]))} ({sys.implementation.name}), {sys.executable}"
    return need.ok(found) if sys.version_info >= (3, 11) else need.broken(found)


def cores(_timeout_s: float) -> Check:
    there = os.cpu_count() or 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else there
    return Need(name="cores", needed_for="many worlds at once").ok(f"{usable} usable of {there}")


def memory(_timeout_s: float) -> Check:
    need = Need(name="memory", needed_for="scenes, episodes, pictures", mend="close other programs, or use a machine with more memory")
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return need.ok("this system does not tell")
    kib = {line.split(":")[0]: int(line.split()[1]) for line in lines if len(line.split()) > 1}
    limit_bytes = _container_limit_bytes()
    free_gib, total_gib = (min(kib[name] * 1024, limit_bytes) / GIB for name in ("MemAvailable", "MemTotal"))
    found = f"{free_gib:.1f} GiB free of {total_gib:.1f} GiB"
    return need.ok(found) if free_gib > 1 else need.broken(found)


def _container_limit_bytes() -> float:
    """The memory a container may use; infinite outside of one."""
    try:
        text = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return float("inf")
    return float(text) if text.isdigit() else float("inf")


def disk(_timeout_s: float) -> Check:
    """This folder, where results go, and the one for temporary files: whether they take a file, and how much more."""
    need = Need(name="disk", needed_for="episodes", mend="free some space there, or work in another folder")
    found = []
    try:
        for what, folder in (("here", Path.cwd()), ("for temporary files", Path(tempfile.gettempdir()))):
            refused = _refused(folder)
            free_gib = shutil.disk_usage(folder).free / GIB
            if refused is not None:
                return need.broken(f"{folder} takes no file: {refused}")
            if free_gib < LEAST_GIB:
                return need.broken(f"{free_gib:.1f} GiB free in {folder}")
            found.append(f"{free_gib:.1f} GiB free {what}")
    except OSError as error:  # no such folder any more, or none at all for temporary files
        return need.broken(f"{type(error).__name__}: {error}")
    return need.ok(", ".join(found))


def folders(_timeout_s: float) -> Check:
    """Where this user's pictures, keys, signatures and sessions lie: whether they can be written."""
    need = Need(
        name="folders",
        needed_for="keeping pictures of scenes, keys of people, who signs, and where you were in the studio",
        mend="give this user a home folder that can be written, or name others: " + " ".join(f"{name}=FOLDER" for name in KEPT),
    )
    there: list[str] = []
    for name, usual in KEPT.items():
        try:
            folder = Path(os.environ.get(name) or Path.home() / usual) / "lifeworld"
        except RuntimeError as error:  # nobody has this number, and HOME is not set
            return need.broken(str(error))
        standing = next(parent for parent in (folder, *folder.parents) if parent.exists())
        if (refused := _refused(standing)) is not None:
            return need.broken(f"{standing} takes no file ({name}): {refused}")
        there.append(str(folder))
    return need.ok(", ".join(there))


def _refused(folder: Path) -> str | None:
    """Why a folder takes no file of ours; None if it does."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"lifeworld")
            file.flush()
    except OSError as error:
        return error.strerror or str(error)
    return None


def gpu(timeout_s: float) -> Check:
    need = Need(
        name="gpu", needed_for="learning large models sooner; all else runs without", mend="use a machine with an NVIDIA GPU and its driver"
    )
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return need.missing("no nvidia-smi in PATH")
    _, out, why = ran([tool, "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"], timeout_s=timeout_s)
    if why or not out.strip():
        return need.broken(why or "nvidia-smi names no GPU")
    return need.ok("; ".join(out.strip().splitlines()))


def browser(_timeout_s: float) -> Check:
    need = Need(
        name="browser",
        needed_for="the studio, if it is to be seen on this machine",
        mend=system(apt="chromium", dnf="chromium", pacman="chromium"),
    )
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "firefox", "firefox-esr", "microsoft-edge")
    paths = [path for name in names if (path := shutil.which(name))]
    return need.ok(", ".join(paths)) if paths else need.missing("none in PATH")
