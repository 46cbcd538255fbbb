"""The parts the doctor tries, in reading order: the machine, what the base install needs, what the extras need."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from lifeworld.doctor import machine
from lifeworld.doctor.check import Check, Need, tried
from lifeworld.doctor.mend import absent, pip, pip_extra, system, version, wanted

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


_EPISODES = """
import io, json, av, numpy as np, pyarrow as pa, pyarrow.parquet as pq
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from mcap.writer import Writer
from numcodecs.blosc import Blosc
table, packed = pa.table({"t_ns": pa.array([0, 1])}), Blosc(cname="zstd").encode(b"lifeworld")
pq.write_table(table, sink := io.BytesIO(), compression="zstd")
assert pq.read_table(io.BytesIO(sink.getvalue())).equals(table), "a table came back otherwise"
assert bytes(Blosc(cname="zstd").decode(packed)) == b"lifeworld", "an array came back otherwise"
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
versions = f"PyAV {av.__version__}, libavcodec {codec}, Arrow {pa.__version__}"
print(json.dumps({"ok": True, "found": f"{versions}; a film, a table and an array there and back"}))
"""


def _episodes(timeout_s: float) -> Check:
    need = Need(name="episodes", needed_for="recording worlds, and reading recordings (extra: episodes)", mend=pip_extra("episodes"))
    gone = absent("episodes")
    if gone:
        return need.missing(f"not installed: {', '.join(gone)}")
    return tried(replace(need, mend=pip(*wanted("episodes"), again=True)), ["-c", _EPISODES], timeout_s=timeout_s)


_FORMATS = """
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


def _formats(timeout_s: float) -> Check:
    need = Need(name="formats", needed_for="meshes, furniture and recordings from elsewhere (extra: formats)", mend=pip_extra("formats"))
    gone = absent("formats")
    return need.missing(f"not installed: {', '.join(gone)}") if gone else tried(need, ["-c", _FORMATS], timeout_s=timeout_s)


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
from lifeworld.models.layers.short import dtype_on
there = torch.cuda.is_available()
gpu = f"CUDA on {torch.cuda.get_device_name(0)}" if there else "CPU only"
how = str(dtype_on(torch.device("cuda" if there else "cpu"))).removeprefix("torch.")
print(json.dumps({"ok": True, "found": f"{torch.__version__}, {torch.get_num_threads()} threads, {gpu}, learns in {how}"}))
"""


def _torch(timeout_s: float) -> Check:
    mend = f"{pip('torch==2.13.0')} && {pip_extra('learn')}"  # torch by itself first, so that nothing else chooses its build
    need = Need(name="torch", needed_for="learning and dreaming (extra: learn)", mend=mend)
    return need.missing("not installed") if importlib.util.find_spec("torch") is None else tried(need, ["-c", _TORCH], timeout_s=timeout_s)


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


def _studio(_timeout_s: float) -> Check:
    need = Need(name="studio", needed_for="stepping into a world in the browser (extra: studio)", mend=pip_extra("studio"))
    gone = absent("studio")
    if gone:
        return need.missing(f"not installed: {', '.join(gone)}")
    if not files("lifeworld.studio").joinpath("static", "index.html").is_file():
        return replace(need, mend="make page, in the checkout").broken("the page is not built")
    return need.ok(_versions("studio"))


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
        return need.ok(_versions(extra))

    return check


def _versions(extra: str) -> str:
    """Of what it brings beside what every extra for recordings does."""
    return ", ".join(f"{name} {version(name)}" for name in wanted(extra) if name not in wanted("episodes"))


PARTS: tuple[Callable[[float], Check], ...] = (
    machine.python,
    machine.cores,
    machine.memory,
    machine.disk,
    machine.folders,
    _packages,
    _engine,
    _rays,
    _egl,
    _osmesa,
    _episodes,
    _torch,
    machine.gpu,
    _studio,
    machine.browser,
    _formats,
    _furniture,
    _extra("games", "Gymnasium environments as worlds, and back"),
    _extra("onnx", "models without torch, faster on a processor"),
    _extra("viewer", "episodes in Rerun's viewer"),
    _extra("log", "the course of learning in TensorBoard"),
    _plugs,
)
