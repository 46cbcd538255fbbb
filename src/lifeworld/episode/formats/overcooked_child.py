"""The child that reads trials of Overcooked-AI: a pickle in, lines of JSON out. It needs nothing but Python, and nothing in a pickle runs.

An unpickler calls what a pickle names. This one knows a handful of names of NumPy and pandas and gives for each a `Made`: a value that
keeps what it was called with and does nothing. Any other name is refused. What cannot be bounded in Python is bounded by the system:
processor time, memory, and no file written.

    python -I overcooked_child.py FILE  →  a line a row: [worker, layout name, round, step, seconds, reward, grid, state, joint action]

Source: HumanCompatibleAI/overcooked_ai, overcooked_ai_py/data/human_data.
"""

import json
import pickle
import resource
import struct
import sys
from typing import Any

SECONDS, BYTES = 120, 4 * 2**30
COLUMNS = ("workerid_num", "layout_name", "round_num", "cur_gameloop", "time_elapsed", "reward", "layout", "state", "joint_action")
CALLED = ("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct", "pandas.core.indexes.base._new_Index")
KEPT = (
    "numpy.ndarray", "numpy.dtype", "pandas.core.frame.DataFrame", "pandas.core.internals.managers.BlockManager",
    "pandas.core.indexes.base.Index", "pandas.core.indexes.numeric.Int64Index", "pandas.core.indexes.range.RangeIndex",
)  # fmt: skip
NUMBERS = {"i8": "q", "f8": "d", "b1": "?"}


class Made:
    """What a pickle would have had made: called with what, and then told what."""

    given: tuple[Any, ...] = ()
    state: Any = None

    def __new__(cls, *given: Any) -> "Made":
        made = object.__new__(cls)
        made.given = given
        return made

    def __init__(self, *given: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        self.state = state


class Reader(pickle.Unpickler):
    """An unpickler that makes nothing but plain values and `Made`."""

    def find_class(self, module: str, name: str) -> Any:
        if f"{module}.{name}" in CALLED or f"{module}.{name}" in KEPT:
            return Made
        raise pickle.UnpicklingError(f"it names {module}.{name}, which no table needs")


def columns(table: Any) -> dict[str, list[Any]]:
    """The columns that are wanted, by name."""
    axes, blocks = (table.state["_data"].state[3]["0.14.1"][key] for key in ("axes", "blocks"))
    names = axes[0].given[1]["data"].state[4]
    found: dict[str, list[Any]] = {}
    for block in blocks:
        values, where = flat(block["values"]), flat(block["mgr_locs"])
        count = len(values) // max(len(where), 1)
        for row, column in enumerate(where):
            if names[column] in COLUMNS:
                found[names[column]] = values[row * count : (row + 1) * count]
    missing = [name for name in COLUMNS if name not in found]
    if missing:
        raise KeyError(f"the table has no {', '.join(missing)}")
    return found


def flat(array: Any) -> list[Any]:
    """An array's values, row by row."""
    _, shape, dtype, by_columns, data = array.state
    if by_columns and len(shape) > 1:
        raise ValueError("an array in the order of its columns")
    if isinstance(data, list):
        return data
    return list(struct.unpack(f"<{len(data) // struct.calcsize(NUMBERS[dtype.given[0]])}{NUMBERS[dtype.given[0]]}", data))


def main(path: str) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        with open(path, "rb") as file:
            table = columns(Reader(file).load())
        for row in zip(*(table[name] for name in COLUMNS), strict=True):
            print(json.dumps(row))
    except Exception as error:  # whatever the pickle does wrong, the parent is told
        print(json.dumps({"wrong": f"{type(error).__name__}: {error}"[:500]}))


if __name__ == "__main__":
    main(sys.argv[1])
