"""`python -m benchmarks [NAME …]`: run the benchmarks, print each number beside its bar, write them to out/bench.json."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
import time
from dataclasses import asdict
from pathlib import Path

import benchmarks
from benchmarks.row import machine


def main() -> int:
    """Run the named benchmarks, or all."""
    names = sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name.startswith("bench_"))
    wanted = [f"bench_{name.removeprefix('bench_')}" for name in sys.argv[1:]] or names
    unknown = set(wanted) - set(names)
    if unknown:
        print(
            f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(n.removeprefix('bench_') for n in names)}", file=sys.stderr
        )
        return 2
    print(machine())
    rows = []
    for name in wanted:
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"\n{name.removeprefix('bench_')}: {(module.__doc__ or '').splitlines()[0]}", flush=True)
        start = time.perf_counter()
        for row in module.run():
            print("  " + str(row), flush=True)
            rows.append(asdict(row) | {"benchmark": name, "verdict": row.verdict})
        print(f"  ({time.perf_counter() - start:.1f} s)")
    out = Path("out")
    out.mkdir(exist_ok=True)
    (out / "bench.json").write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
