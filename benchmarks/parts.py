"""What there is to run: each `bench_*.py` with what fits its share of ten minutes, `run`, and with what takes longer, `run_long`."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.row import Row

HERE = Path(__file__).parent
WHOLE_S = 600
"""All shares together, on two quiet cores: ten minutes [s]."""
SPANS = {"run": "SHARE_S", "run_long": "LONG_S"}
"""What measures, and the constant that says how long that takes [s]."""


class NotHere(Exception):
    """Something that a benchmark measures is not on this machine; the text says what. Rows it has from elsewhere are kept."""


@dataclass(frozen=True, slots=True)
class Part:
    """`share_s` is how long it takes on two quiet cores [s]: a promise where it is not long, an estimate where it is."""

    bench: str
    long: bool
    share_s: float

    @property
    def name(self) -> str:
        return f"{self.bench}, long" if self.long else self.bench

    def work(self) -> Callable[[], Iterable[Row]]:
        """What measures it; loads whatever that needs."""
        module = importlib.import_module(f"benchmarks.bench_{self.bench}")
        work: Callable[[], Iterable[Row]] = module.run_long if self.long else module.run
        return work


def benches() -> list[str]:
    """The names of all benchmarks."""
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def parts_of(bench: str) -> list[Part]:
    """The parts that a benchmark has, one or two; read, not loaded: some load torch.

    Raises:
        ValueError: it has none, or does not say how long one takes.
    """
    functions, spans = set(), {}
    for node in _tree(bench).body:
        if isinstance(node, ast.FunctionDef):
            functions.add(node.name)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in SPANS.values():
            spans[node.targets[0].id] = float(ast.literal_eval(node.value))
    there = {work: span for work, span in SPANS.items() if work in functions}
    if not there or set(there.values()) != set(spans):
        raise ValueError(f"benchmarks/bench_{bench}.py is to have `run` with SHARE_S, `run_long` with LONG_S, or both")
    return [Part(bench, work == "run_long", spans[span]) for work, span in there.items()]


def told(part: str) -> str:
    """What a kept part measures, in a sentence; nothing for one that there is no longer."""
    kind, _, name = part.removesuffix(", long").rpartition(": ")
    files = (HERE / "peers" / f"{name}.py", HERE / "peers" / name / "table.py") if kind else (HERE / f"bench_{name}.py",)
    first = next((_said(file) for file in files if file.exists()), "").partition("\n")[0]
    return first.rpartition("`: ")[2]  # after the command that runs it, where that comes first


def _said(file: Path) -> str:
    return ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""


def _tree(bench: str) -> ast.Module:
    return ast.parse((HERE / f"bench_{bench}.py").read_text(encoding="utf-8"))
