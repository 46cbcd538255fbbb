"""What was measured, for people to look at and for programs to read: one page that needs no network, numbers and pictures beside it.

    with replace_folder("report") as folder:
        write(report, folder)

    report/
      index.html          everything on one page, pictures inline
      report.json         the same, exact
      strips/*.png        the pictures, each a strip

This folder says how a report is drawn: `page` of one model, `beside` of several, `curve`, `dots`, `strip` what is on them,
`told` the JSON.
"""

from __future__ import annotations

from pathlib import Path

from lifeworld.evaluate.compare import Comparison
from lifeworld.evaluate.judged import Report
from lifeworld.evaluate.report import beside, page, told
from lifeworld.evaluate.report.strip import png


def write(report: Report, folder: Path) -> None:
    """Fill an empty folder with one model's report."""
    (folder / "strips").mkdir(parents=True)
    for name, strip in report.strips():
        (folder / "strips" / name).write_bytes(png(strip))
    (folder / "report.json").write_text(told.text_of(report), encoding="utf-8")
    (folder / "index.html").write_text(page.html_of(report), encoding="utf-8")


def write_several(comparison: Comparison, folder: Path) -> None:
    """Fill an empty folder with several models side by side; each has its own report in `1/`, `2/` … beside the page."""
    for number, report in enumerate(comparison.reports, 1):
        write(report, folder / str(number))
    (folder / "report.json").write_text(told.text_of_several(comparison), encoding="utf-8")
    (folder / "index.html").write_text(beside.html_of(comparison), encoding="utf-8")
