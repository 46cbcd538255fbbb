"""What was measured, for people to look at and for programs to read: one page that needs no network, numbers and pictures beside it.

report/
  index.html          everything on one page, pictures inline
  report.json         the same, exact
  strips/*.png        the pictures, each a strip
"""

from __future__ import annotations

from pathlib import Path

from lifeworld.core.write import replace_folder
from lifeworld.evaluate.compare import Comparison, compared
from lifeworld.evaluate.judged import Report
from lifeworld.evaluate.report import beside, page, told
from lifeworld.evaluate.report.strip import png


def write(report: Report, path: Path) -> None:
    """Put a report into a folder, whole or not at all; a report that lies there is replaced.

    Raises:
        InputError: if the folder holds what no report put there.
    """
    with replace_folder(path) as folder:
        _strips(report, folder / "strips")
        (folder / "report.json").write_text(told.text_of(report), encoding="utf-8")
        (folder / "index.html").write_text(page.html_of(report), encoding="utf-8")


def write_several(reports: list[Report], path: Path) -> Comparison:
    """Put several models, judged on the same, side by side into a folder; each has its own report in `1/`, `2/` … beside the page.

    Raises:
        InputError: if they were not judged on the same, or the folder holds what no report put there.
    """
    comparison = compared(reports)
    with replace_folder(path) as folder:
        for number, report in enumerate(reports, 1):
            own = folder / str(number)
            _strips(report, own / "strips")
            (own / "report.json").write_text(told.text_of(report), encoding="utf-8")
            (own / "index.html").write_text(page.html_of(report), encoding="utf-8")
        (folder / "report.json").write_text(told.text_of_several(comparison), encoding="utf-8")
        (folder / "index.html").write_text(beside.html_of(comparison), encoding="utf-8")
    return comparison


def _strips(report: Report, folder: Path) -> None:
    folder.mkdir(parents=True)
    for name, strip in report.strips():
        (folder / name).write_bytes(png(strip))
