"""`python -m benchmarks.peers [TABLE …]`: ours beside others, each from a virtual environment of its own, into docs/benchmarks.md.

Tables: cameras, loaders, models, plan; without a word all of them, one after the other. `python -m benchmarks.peers TABLE --help` says what
one of them can be told. Environments are built once, under out/peers.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import time

TABLES = {
    "cameras": "benchmarks.peers.cameras",
    "loaders": "benchmarks.peers.loaders.table",
    "models": "benchmarks.peers.models.table",
    "plan": "benchmarks.peers.plan.table",
}


def main(words: list[str]) -> int:
    """Draw up the table that is named first, told the rest; without words all, each in a process of its own: one that breaks is one."""
    if words and words[0] in TABLES:
        table = importlib.import_module(TABLES[words[0]])
        code: int = table.main(words[1:])
        return code
    if words:
        print(f"{__doc__}\nno table {words[0]}", file=sys.stderr)
        return 2
    broken = []
    for number, name in enumerate(TABLES, 1):
        print(f"\n[{number}/{len(TABLES)}] {name}", flush=True)
        begin = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "benchmarks.peers", name], check=False)
        print(f"  ({(time.perf_counter() - begin) / 60:.0f} min)", flush=True)
        if done.returncode:
            broken.append(name)
    if broken:
        print(f"did not come to their end: {', '.join(broken)}", file=sys.stderr)
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
