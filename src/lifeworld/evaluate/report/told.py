"""A report as JSON: every number exact, with its floor, interval, seeds and hashes; NaN, which JSON has not, is null.

Its pictures lie beside it as PNG, under the names that are told with their hashes.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

from lifeworld.evaluate.compare import Comparison
from lifeworld.evaluate.judged import Report
from lifeworld.evaluate.measured import Measured
from lifeworld.evaluate.report.strip import png
from lifeworld.evaluate.section import Section

FORMAT = 1


def text_of(report: Report) -> str:
    """The report as JSON text."""
    return written(as_json(report)) + "\n"


def text_of_several(comparison: Comparison) -> str:
    """Several models side by side as JSON text; the reports of each lie beside it."""
    return written(several_as_json(comparison)) + "\n"


def several_as_json(comparison: Comparison) -> dict[str, Any]:
    """Several models side by side as what JSON knows."""
    value = {
        "format": FORMAT,
        "models": [_plain(each.model) for each in comparison.reports],
        "data": _plain(comparison.reports[0].data),
        "seed": comparison.reports[0].seed,
        "compared": [
            {"section": section, "name": row.name, "unit": row.unit, "better": row.better, "values": list(row.values)}
            | {"differences": [_plain(each) for each in row.differences]}
            for section, rows in comparison.sections.items()
            for row in rows
        ],
        "only_of_some": {name: list(models) for name, models in comparison.only_of_some.items()},
        "made": _plain(comparison.reports[0].made),
    }
    found: dict[str, Any] = _finite(value)
    return found


def as_json(report: Report) -> dict[str, Any]:
    """The report as what JSON knows."""
    files = {id(strip): name for name, strip in report.strips()}
    value = {
        "format": FORMAT,
        "model": _plain(report.model),
        "data": _plain(report.data),
        "seed": report.seed,
        "command": report.command,
        "sections": [_section(section, files) for section in report.sections],
        "made": _plain(report.made),
    }
    found: dict[str, Any] = _finite(value)
    return found


def written(value: Any, indent: int = 0) -> str:
    """JSON that people can read: an entry a line, but lists of numbers and short things in one."""
    flat = json.dumps(value, ensure_ascii=False, allow_nan=False)
    simple = isinstance(value, list) and not any(isinstance(each, dict | list) for each in value)
    if not isinstance(value, dict | list) or not value or simple or len(flat) <= 110 - indent:
        return flat
    pad, end = " " * (indent + 2), " " * indent
    if isinstance(value, list):
        return "[\n" + ",\n".join(pad + written(each, indent + 2) for each in value) + f"\n{end}]"
    inside = ",\n".join(f"{pad}{json.dumps(key, ensure_ascii=False)}: {written(each, indent + 2)}" for key, each in value.items())
    return "{\n" + inside + f"\n{end}}}"


def _section(section: Section, files: dict[int, str]) -> dict[str, Any]:
    strips = [
        {
            "caption": strip.caption,
            "rows": list(strip.rows),
            "columns": list(strip.columns),
            "dreamed": list(strip.dreamed),
            "origin": None if strip.origin is None else strip.origin.value,
            "file": f"strips/{files[id(strip)]}",
            "sha256": hashlib.sha256(png(strip)).hexdigest(),
        }
        for strip in section.strips
    ]
    return {
        "name": section.name,
        "title": section.title,
        "says": section.says,
        "measured": [_measured(each) for each in section.measured],
        "curves": [_plain(curve) for curve in section.curves],
        "strips": strips,
        "without": dict(section.without),
    }


def _measured(measured: Measured) -> dict[str, Any]:
    value: dict[str, Any] = _plain(measured)
    raw = value.pop("raw")
    return value | {"above_floor": measured.above_floor, "raw": raw}


def _plain(value: Any) -> Any:
    import msgspec

    return msgspec.to_builtins(value, enc_hook=_number)


def _number(value: Any) -> Any:
    """NumPy's numbers are numbers too."""
    if hasattr(value, "item"):
        return value.item()
    raise NotImplementedError(f"no JSON for {type(value).__name__}")


def _finite(value: Any) -> Any:
    """The same with null for NaN and infinite numbers."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value
