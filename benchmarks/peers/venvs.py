"""One virtual environment a peer, under out/peers: built once, pinned, by pip alone.

A peer that cannot be built is an answer, not an end: the reason is kept and goes into the table.
`python benchmarks/peers/venvs.py [NAME …]` builds the named ones, or all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ENVIRONMENTS = Path("out/peers")
STAMP = "built.json"

# Each list is one `pip install`, in order. torch goes first and alone: genesis-world leaves it to the user, and this way a CPU
# build that is at hand is taken. Blender 4.5 is the last with wheels for Python 3.11.
INSTALLS: dict[str, tuple[tuple[str, ...], ...]] = {
    "mujoco": (("mujoco-core[rendering]==4.0.1", "numpy==2.4.6"),),
    "pybullet": (("numpy==2.4.6",), ("pybullet==3.2.7",)),
    "newton": (("newton==1.8.0", "warp-lang==1.19.0"),),
    "bpy": (("bpy==4.5.15",),),
    "genesis": (("torch==2.13.0",), ("genesis-world==1.4.5",)),
    # Loaders. torchvision asks for a torch of its own, so it comes without what it asks for; see loaders/shim.py.
    "pyav": (("torch==2.13.0",), ("av==18.1.0", "numpy==2.4.6")),
    "h5py": (("torch==2.13.0",), ("h5py==3.16.0", "numpy==2.4.6")),
    "webdataset": (("torch==2.13.0",), ("webdataset==1.0.2", "simplejpeg==1.9.0", "numpy==2.4.6")),
    "lerobot": (
        ("torch==2.13.0",),
        ("--no-deps", "torchcodec==0.13.0", "torchvision==0.28.0"),
        ("lerobot-dataset==0.4.4", "datasets==4.1.1"),
    ),
    "swm": (
        ("torch==2.13.0",),
        ("--no-deps", "torchvision==0.28.0"),
        (
            "stable-worldmodel==0.1.1",
            "lancedb==0.40.0",
            "pylance==14.0.2",
            "h5py==3.16.0",
            "hdf5plugin==7.1.0",
            "decord2==3.4.0",
            "opencv-python-headless==5.0.0.93",
            "imageio==2.38.1",
            "av==18.1.0",
            "simplejpeg==1.9.0",
        ),
    ),
    "episodata": (("torch==2.13.0",), ("episodata==0.2.0", "tensorstore==0.1.86")),
    "grain": (("grain==0.2.18", "array-record==0.8.6", "simplejpeg==1.9.0", "numpy==2.4.6"),),
    "rerun": (("torch==2.13.0",), ("rerun-sdk==0.41.0", "av==18.1.0")),
    # Models. torchvision comes as for lerobot.
    "dreamer4": (("torch==2.13.0",), ("--no-deps", "torchvision==0.28.0"), ("dreamer4==0.20.2", "pillow")),
    "simulusion": (("torch==2.13.0",), ("--no-deps", "torchvision==0.28.0"), ("simulusion==1.1.0", "pillow")),
    "torch-world": (("torch==2.13.0",), ("torch-world==0.2.0", "numpy==2.4.6")),
}


class NotBuilt(Exception):
    """A peer's environment cannot be made here; the text is the reason, on one line."""


def build(name: str) -> Path:
    """The peer's own Python, its environment built unless the same one stands already.

    Raises:
        NotBuilt: with the last line that pip said.
    """
    home = ENVIRONMENTS / name
    python, stamp = (home / "bin" / "python").absolute(), home / STAMP
    wanted = json.dumps([list(step) for step in INSTALLS[name]])
    if stamp.exists() and json.loads(stamp.read_text(encoding="utf-8"))["installs"] == wanted:
        return python
    print(f"peers: building {home}: {', then '.join(' '.join(step) for step in INSTALLS[name])}", file=sys.stderr, flush=True)
    _do([sys.executable, "-m", "venv", "--clear", str(home)])
    for step in INSTALLS[name]:
        _do([str(python), "-m", "pip", "install", "--quiet", *step])
    frozen = _do([str(python), "-m", "pip", "freeze"]).split()
    stamp.write_text(json.dumps({"installs": wanted, "packages": frozen}, indent=1) + "\n", encoding="utf-8")
    return python


def _do(command: list[str]) -> str:
    # An activated environment or a PYTHONPATH of ours must not leak into theirs.
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=clean)
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise NotBuilt(f"{' '.join(command[-3:])}: {said[-1] if said else f'exit {done.returncode}'}")
    return done.stdout


def main() -> int:
    """Build the named environments, or all; say which stand and which do not."""
    failed = 0
    for name in sys.argv[1:] or INSTALLS:
        try:
            print(f"{name}: {build(name)}")
        except NotBuilt as error:
            failed += 1
            print(f"{name}: not built: {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
