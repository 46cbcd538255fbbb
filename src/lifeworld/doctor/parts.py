"""The parts the doctor tries, in reading order: the machine, what the base install needs, what the extras need."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lifeworld.doctor.check import Check, Need, ran, tried
from lifeworld.doctor.mend import absent, pip, pip_extra, system, version, wanted

GIB = 2**30
CATALOGUES = Path("/usr/share/sweethome3d/furniture")
PROBE = "lifeworld.worlds.physics.probe"  # by name: it loads MuJoCo, and so runs in a child only


def examine(*, timeout_s: float = 60.0) -> list[Check]:
    """All rows, tried side by side.

    Args:
        timeout_s: how long each child process may take [s]; one that takes longer is `broken`.
    """
    with ThreadPoolExecutor(max_workers=min(4, max(2, os.cpu_count() or 2))) as pool:
        return list(pool.map(lambda part: part(timeout_s), PARTS))


def renderer(checks: Sequence[Check]) -> str | None:
    """Which painter `auto` comes to here: `egl`, `osmesa`, `rays`, or None when no picture can be made."""
    works = {check.name for check in checks if check.state == "ok"}
    return next((name for name in ("egl", "osmesa", "rays") if name in works), None)


def _python(_timeout_s: float) -> Check:
    need = Need(name="python", needed_for="everything", mend="install Python 3.11 or newer", base=True)
    found = f"{'.'.join(map(str, sys.version_info[:3]))} ({sys.implementation.name}), {sys.executable}"
    return need.ok(found) if sys.version_info >= (3, 11) else need.broken(found)


def _cores(_timeout_s: float) -> Check:
    there = os.cpu_count() or 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else there
    return Need(name="cores", needed_for="many worlds at once").ok(f"{usable} usable of {there}")


def _memory(_timeout_s: float) -> Check:
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


def _disk(_timeout_s: float) -> Check:
    need = Need(name="disk", needed_for="episodes", mend="free some space here, or work in another folder")
    free_gib = shutil.disk_usage(Path.cwd()).free / GIB
    found = f"{free_gib:.1f} GiB free in this folder"
    return need.ok(found) if free_gib > 1 else need.broken(found)


def _packages(_timeout_s: float) -> Check:
    names, gone = wanted(), absent()
    need = Need(name="packages", needed_for="everything", mend=pip(*gone), base=True)
    if gone:
        return need.broken(f"not installed: {', '.join(gone)}")
    return need.ok(", ".join(f"{name} {version(name)}" for name in names))


def _engine(timeout_s: float) -> Check:
    need = Need(name="mujoco", needed_for="every physical world", mend=pip("mujoco-core>=4.0,<5", again=True), base=True)
    return tried(need, ["-m", PROBE, "engine"], timeout_s=timeout_s)


def _rays(timeout_s: float) -> Check:
    need = Need(name="rays", needed_for="pictures without OpenGL", mend=pip("mujoco-core>=4.0,<5", again=True), base=True)
    return tried(need, ["-m", PROBE, "rays"], timeout_s=timeout_s)


def _egl(timeout_s: float) -> Check:
    mend = system(apt="libegl1 libgl1 libgl1-mesa-dri", dnf="mesa-libEGL libglvnd-glx mesa-dri-drivers", pacman="mesa libglvnd")
    need = Need(name="egl", needed_for="pictures by OpenGL, on a GPU or in software", mend=mend)
    return tried(need, ["-m", PROBE, "egl"], timeout_s=timeout_s)


def _osmesa(timeout_s: float) -> Check:
    mend = system(apt="libosmesa6", dnf="mesa-libOSMesa")
    need = Need(name="osmesa", needed_for="pictures by OpenGL where EGL does not work", mend=mend)
    return tried(need, ["-m", PROBE, "osmesa"], timeout_s=timeout_s)


_VIDEO = """
import io, json, av, numpy as np
file = io.BytesIO()
with av.open(file, "w", format="mp4") as out:
    stream = out.add_stream("libx264", rate=10)
    stream.width = stream.height = 64
    stream.pix_fmt = "yuv420p"
    for i in range(8):
        for packet in stream.encode(av.VideoFrame.from_ndarray(np.full((64, 64, 3), 20 * i, np.uint8), format="rgb24")):
            out.mux(packet)
    for packet in stream.encode():
        out.mux(packet)
file.seek(0)
with av.open(file) as back:
    frames = sum(1 for _ in back.decode(video=0))
assert frames == 8, f"8 frames went in, {frames} came out"
codec = ".".join(map(str, av.library_versions["libavcodec"]))
print(json.dumps({"ok": True, "found": f"PyAV {av.__version__}, libavcodec {codec}, 8 frames to H.264 and back"}))
"""


def _video(timeout_s: float) -> Check:
    need = Need(name="video", needed_for="episodes with pictures", mend=pip("av", again=True), base=True)
    return tried(need, ["-c", _VIDEO], timeout_s=timeout_s)


_MESHES = """
import importlib.metadata, itertools, json, os
import numpy as np
out = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # coacd talks on stdout
import coacd
from lifeworld.scene.formats.convex import hull_of
coacd.set_log_level("off")
box = hull_of(np.array(list(itertools.product((0.0, 1.0), repeat=3))), thin=0.01)
parts = coacd.run_coacd(coacd.Mesh(box.vertices, box.faces), threshold=0.5)
assert len(parts) == 1, f"a box fell into {len(parts)} convex parts"
versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("scipy", "coacd"))
os.write(out, json.dumps({"ok": True, "found": f"{versions}; one convex part found in a box"}).encode())
"""


def _meshes(timeout_s: float) -> Check:
    need = Need(name="meshes", needed_for="meshes and furniture from elsewhere (extra: formats)", mend=pip_extra("formats"))
    gone = absent("formats")
    return need.missing(f"not installed: {', '.join(gone)}") if gone else tried(need, ["-c", _MESHES], timeout_s=timeout_s)


def _furniture(_timeout_s: float) -> Check:
    need = Need(
        name="furniture",
        needed_for="800 real pieces of furniture with their sizes and hinges, CC0 and CC-BY among them",
        mend=system(apt="sweethome3d-furniture"),
    )
    files = list(CATALOGUES.glob("*.sh3f")) if CATALOGUES.is_dir() else []
    return need.ok(f"{len(files)} catalogues in {CATALOGUES}") if files else need.missing(f"no catalogue in {CATALOGUES}")


_TORCH = """
import json, torch
assert (torch.eye(3) @ torch.eye(3)).sum().item() == 3
gpu = f"CUDA on {torch.cuda.get_device_name(0)}" if torch.cuda.is_available() else "CPU only"
print(json.dumps({"ok": True, "found": f"{torch.__version__}, {torch.get_num_threads()} threads, {gpu}"}))
"""


def _torch(timeout_s: float) -> Check:
    mend = f"{pip('torch==2.13.0')} && {pip_extra('learn')}"  # torch by itself first, so that nothing else chooses its build
    need = Need(name="torch", needed_for="learning and dreaming (extra: learn)", mend=mend)
    return need.missing("not installed") if importlib.util.find_spec("torch") is None else tried(need, ["-c", _TORCH], timeout_s=timeout_s)


def _gpu(timeout_s: float) -> Check:
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


def _browser(_timeout_s: float) -> Check:
    need = Need(
        name="browser",
        needed_for="the studio, if it is to be seen on this machine",
        mend=system(apt="chromium", dnf="chromium", pacman="chromium"),
    )
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "firefox", "firefox-esr", "microsoft-edge")
    paths = [path for name in names if (path := shutil.which(name))]
    return need.ok(", ".join(paths)) if paths else need.missing("none in PATH")


_PLUGS = """
import importlib.metadata, json
found = importlib.metadata.entry_points()
plugs = [plug for group in sorted(found.groups) if group.startswith("lifeworld.") for plug in found.select(group=group)]
bad = []
for plug in plugs:
    try:
        plug.load()
    except Exception as error:
        whose = f" of {plug.dist.name} {plug.dist.version}" if plug.dist else ""
        bad.append(f"{plug.group}: {plug.name}{whose} does not load ({type(error).__name__}: {error})")
good = ", ".join(p.name for p in plugs) or "none installed"
print(json.dumps({"ok": False, "missing": False, "why": "; ".join(bad)} if bad else {"ok": True, "found": good}))
"""


def _plugs(timeout_s: float) -> Check:
    need = Need(name="plug-ins", needed_for="what other packages add to lifeworld", mend="upgrade or uninstall the package that is named")
    return tried(need, ["-c", _PLUGS], timeout_s=timeout_s)


def _extra(extra: str, needed_for: str) -> Callable[[float], Check]:
    """A row for an extra whose packages only have to be there."""

    def check(_timeout_s: float) -> Check:
        need = Need(name=extra, needed_for=f"{needed_for} (extra: {extra})", mend=pip_extra(extra))
        gone = absent(extra)
        if gone:
            return need.missing(f"not installed: {', '.join(gone)}")
        return need.ok(", ".join(f"{name} {version(name)}" for name in wanted(extra)))

    return check


PARTS: tuple[Callable[[float], Check], ...] = (
    _python,
    _cores,
    _memory,
    _disk,
    _packages,
    _engine,
    _rays,
    _egl,
    _osmesa,
    _video,
    _meshes,
    _furniture,
    _torch,
    _gpu,
    _extra("studio", "stepping into a world in the browser"),
    _browser,
    _extra("games", "Gymnasium environments as worlds, and back"),
    _extra("ray", "work spread over many machines"),
    _plugs,
)
