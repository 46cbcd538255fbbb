"""A report in a terminal: a line a number, beside what costs nothing."""

from __future__ import annotations

from lifeworld.evaluate.compare import Comparison
from lifeworld.evaluate.heldout import alone, counted
from lifeworld.evaluate.judged import Report
from lifeworld.evaluate.report import dots
from lifeworld.evaluate.report.figure import bounds, digits_for, value_of, written
from lifeworld.evaluate.report.sides import said


def of_one(report: Report) -> str:
    """The numbers of a report, of those at several horizons one each."""
    data = report.data
    lines = [f"{report.model.name} on {counted(data.clips, data.episodes)} of {data.name} ({data.origin})"]
    lines += [said for said in [alone(data.episodes)] if said]
    for section in report.sections:
        lines.append(section.title)
        for each in dots.heads(section):
            floor = each.floors[0]
            digits = digits_for(each)
            sure = f" ({bounds(each)})" if bounds(each) else ""
            beside = f"{dots.verdict(each)[1]} {floor.name} {written(floor.value, digits=digits)}"
            lines.append(f"  {each.name:<26} {value_of(each) + sure:<30} {beside}")
        if more := len(section.measured) - len(dots.heads(section)):
            lines.append(f"  and {more} more on the page")
        lines += [f"  {name:<26} – {why}" for name, why in section.without.items()]
    return "\n".join(lines)


def of_several(comparison: Comparison) -> str:
    """The numbers that all have, and the differences to the first."""
    names, data = [each.model.name for each in comparison.reports], comparison.reports[0].data
    lines = [f"{', '.join(names)} on {counted(data.clips, data.episodes)} of {data.name}; differences to {names[0]}"]
    lines += [told for told in [alone(data.episodes)] if told]
    titles = {section.name: section.title for report in comparison.reports for section in report.sections}
    for section, rows in comparison.sections.items():
        lines.append(titles[section])
        chosen = {each.name for each in dots.one_of_each([row.measured[0] for row in rows])[: dots.FEW]}
        for row in (row for row in rows if row.name in chosen):
            values = ", ".join(value_of(each) for each in row.measured)
            differences = "; ".join(said(each, row.unit) for each in row.differences)
            lines.append(f"  {row.name:<26} {values:<30} {differences}")
    return "\n".join(lines)
