"""What a stranger gets who installs the wheel: `python scripts/fresh.py` (`make fresh`).

Builds it, installs it into a new virtual environment with a new home and with pip's cache as it is, and does there what the README says
first: lines of Python, `scene`, `edit`, `doctor`; with `--extras studio` it enters a world too, until the first picture has come. Prints
what it weighs and how long it took, and ends with 1 where a promise is not kept.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST_WHEEL_MB, MOST_BASE_MB, MOST_STANDING_S = 15.0, 250.0, 120.0
WEIGHTS = "lifeworld/models/ready/"
NOT_OURS = ("pip", "setuptools", "pkg_resources", "_distutils_hack")
"""What a virtual environment has before anything is installed into it."""
FIRST_PICTURE = """
import sys
from lifeworld.studio.client import Client
with Client(sys.argv[1], sys.argv[2]) as me:
    me.watch("rgb@front")
    assert me.seen("rgb@front").any()
"""


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--extras", default="", help="separated by commas; none is the base alone")
    said = ask.parse_args()
    work = Path(tempfile.mkdtemp(prefix="lifeworld-fresh-"))
    try:
        return fresh(work, [one for one in said.extras.split(",") if one])
    finally:
        shutil.rmtree(work, ignore_errors=True)


def fresh(work: Path, extras: list[str]) -> int:
    wheel = built(work)
    light, weights = weighed(wheel)
    kept = [
        told(f"wheel: {light:.1f} MB and {weights:.1f} MB of weights", light <= MOST_WHEEL_MB, f"at most {MOST_WHEEL_MB:g} without weights")
    ]
    begin, cpu_s = time.perf_counter(), spent_cpu_s()
    bin_ = installed(work, wheel, extras)
    sizes = sizes_mb(next(work.glob("env/lib/python3*/site-packages")))
    whole = sum(sizes.values())
    parts = ", ".join(f"{name} {size:.0f}" for name, size in sizes.most_common(8))
    print(f"installed {wheel.name}{extras or ''} in {time.perf_counter() - begin:.0f} s")
    if extras:
        print(f"on the disk: {whole:.0f} MB ({parts})")
    else:
        kept.append(told(f"on the disk: {whole:.0f} MB ({parts})", whole <= MOST_BASE_MB, f"at most {MOST_BASE_MB:g}"))
    if "studio" in extras:
        entered(bin_, work)
        spent = time.perf_counter() - begin
        kept.append(
            told(
                f"first picture of the world, {spent:.0f} s after `pip install` began ({spent_cpu_s() - cpu_s:.0f} s of a core)",
                spent <= MOST_STANDING_S,
                f"at most {MOST_STANDING_S:g} s",
            )
        )
    lines = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[0]
    for name, command in (
        ("the README's first lines", ["python", "-c", lines]),
        ("lifeworld scene", ["lifeworld", "scene", "tabletop", "-o", "mine.toml"]),
        ("lifeworld edit", ["lifeworld", "edit", "mine.toml", "put a glass on the table", "-o", "mine.toml"]),
        ("lifeworld doctor", ["lifeworld", "doctor"]),
    ):
        begin = time.perf_counter()
        done = subprocess.run(
            [str(bin_ / command[0]), *command[1:]], cwd=work, env=clean(work), capture_output=True, text=True, check=False
        )
        kept.append(told(f"{name}: {time.perf_counter() - begin:.1f} s", done.returncode == 0, (done.stderr or done.stdout).strip()[-500:]))
    return 0 if all(kept) else 1


def built(work: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(work)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = work.glob("*.whl")
    return wheel


def weighed(wheel: Path) -> tuple[float, float]:
    """What it weighs without weights, and they [MB]."""
    with zipfile.ZipFile(wheel) as archive:
        weights = sum(one.compress_size for one in archive.infolist() if one.filename.startswith(WEIGHTS))
    return (wheel.stat().st_size - weights) / 1e6, weights / 1e6


def installed(work: Path, wheel: Path, extras: list[str]) -> Path:
    """The folder of the programs of a new environment in which the wheel is."""
    subprocess.run([sys.executable, "-m", "venv", str(work / "env")], check=True)
    bin_ = work / "env" / "bin"
    what = f"{wheel}[{','.join(extras)}]" if extras else str(wheel)
    cache = subprocess.run([sys.executable, "-m", "pip", "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()
    env = {**clean(work), "PIP_CACHE_DIR": cache}
    subprocess.run([str(bin_ / "python"), "-m", "pip", "install", "--quiet", what], check=True, env=env)
    return bin_


def sizes_mb(packages: Path) -> Counter[str]:
    """What each package takes on the disk [MB of 10⁶ bytes], compiled Python with it."""
    sizes = Counter[str]()
    for top in packages.iterdir():
        name = top.name.removesuffix(".libs").partition("-")[0]
        if name not in NOT_OURS:
            files = [top] if top.is_file() else [one for one in top.rglob("*") if one.is_file()]
            sizes[name] += sum(one.stat().st_blocks * 512 for one in files) / 1e6
    return sizes


def entered(bin_: Path, work: Path) -> None:
    """Enter a world and wait for its first picture."""
    command = [str(bin_ / "lifeworld"), "enter", "tabletop", "--headless", "--port", "0"]
    with subprocess.Popen(command, cwd=work, env=clean(work), stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            said: dict[str, str] = {}
            while "key" not in said:
                line = server.stderr.readline()
                if not line:
                    raise SystemExit(f"lifeworld enter ended with {server.wait()}")
                word, _, rest = line.strip().partition(" ")
                said[word] = rest
            looked = [str(bin_ / "python"), "-c", FIRST_PICTURE, said["address"], said["key"]]
            subprocess.run(looked, cwd=work, env=clean(work), check=True)
        finally:
            server.send_signal(signal.SIGINT)
            server.stderr.close()


def spent_cpu_s() -> float:
    """By the processes that have ended, on all cores [s]: what a crowded machine does not change."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def clean(work: Path) -> dict[str, str]:
    """This environment, but at home in a new place, and without what leads to other packages."""
    home = work / "home"
    home.mkdir(exist_ok=True)
    gone = ("PYTHONPATH", "VIRTUAL_ENV", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "LIFEWORLD_CACHE")
    return {**{name: value for name, value in os.environ.items() if name not in gone}, "HOME": str(home)}


def told(what: str, kept: bool, promise: str) -> bool:
    print(f"{'✓' if kept else '✗'} {what}{'' if kept else f'   ({promise})'}", flush=True)
    return kept


if __name__ == "__main__":
    sys.exit(main())
