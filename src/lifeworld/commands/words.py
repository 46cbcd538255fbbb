"""Numbers and tables in words, for people at a terminal."""

from __future__ import annotations

from collections.abc import Sequence

MOST_WIDE = 44
"""Letters of one cell; what is longer is cut."""


def table(rows: Sequence[Sequence[str]], heads: Sequence[str] = (), *, right: Sequence[int] = ()) -> str:
    """Rows in columns, those of `right` set to the right; columns that are empty in every row are left out."""
    cut = [[cell if len(cell) <= MOST_WIDE or heads == () else cell[: MOST_WIDE - 1] + "…" for cell in row] for row in rows]
    kept = [i for i in range(max(map(len, cut), default=0)) if any(i < len(row) and row[i] for row in cut)]
    if heads:
        cut = [list(heads), *cut]
    wide = {i: max(len(row[i]) for row in cut if i < len(row)) for i in kept}
    lines = []
    for row in cut:
        cells = [row[i].rjust(wide[i]) if i in right else row[i].ljust(wide[i]) for i in kept if i < len(row)]
        lines.append("  " + "  ".join(cells).rstrip())
    return "\n".join(lines)


def weight(size: int) -> str:
    """Bytes in words: 940 B, 18.2 MB."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 999.5 or unit == "TB":
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 99.95 else f"{amount:.1f} {unit}"
        amount /= 1000
    raise AssertionError


def spoken(seconds: float) -> str:
    """A duration in words: 4.2 s, 12 min 26 s, 3 h 5 min."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"


def counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
