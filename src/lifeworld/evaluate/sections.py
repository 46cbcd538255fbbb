"""What a model is asked, in the order of the report: a family of measurements each.

    sections = ask(Asked(subject=subject, heldout=heldout, seed=0), only=("fidelity", "control"))

To add a family: write `def NAME(subject, heldout, *, seed) -> Section` in `NAME.py`, and its line in SECTIONS.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module

from lifeworld.core.errors import InputError, UnknownName
from lifeworld.evaluate.adapters.checked import Checked
from lifeworld.evaluate.heldout import HeldOut
from lifeworld.evaluate.section import Section
from lifeworld.evaluate.subject import Subject


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """Who is asked, and about what: so many `pairs` of films of each family of physics, and as many things to be remembered.

    `plan` goes for goals, where an arena is named.
    """

    subject: Subject
    heldout: HeldOut
    seed: int
    plan: Callable[[], Section] | None = None
    pairs: int = 40


def ask(
    asked: Asked, only: Sequence[str] = (), *, on_section: Callable[[str, float], None] = lambda name, seconds: None
) -> tuple[Section, ...]:
    """All families, or only these, in their order; `on_section` is told each when it is done, with how long it took.

    Raises:
        UnknownName: for a family that there is not.
        InputError: if a family was asked for by name and nothing of it can be measured.
    """
    check(only)
    asked = replace(asked, subject=Checked(asked.subject))
    sections = []
    for name, question in SECTIONS.items():
        if only and name not in only:
            continue
        begin = time.perf_counter()
        section = question(asked)
        if only and not section.measured:
            why = "; ".join(f"{what}: {reason}" for what, reason in section.without.items())
            raise InputError(f"nothing of {name} can be measured", where=asked.subject.name, got=why)
        sections.append(section)
        on_section(name, time.perf_counter() - begin)
    return tuple(sections)


def check(only: Sequence[str]) -> None:
    """Whether these are families that there are.

    Raises:
        UnknownName: naming the nearest.
    """
    for name in only:
        if name not in SECTIONS:
            raise UnknownName("section", name, SECTIONS, fix=f"There are: {', '.join(SECTIONS)}.")


def _family(name: str) -> Callable[[Asked], Section]:
    """The family that the function of this name, in the file of this name, measures."""

    def question(asked: Asked) -> Section:
        module = import_module(f"lifeworld.evaluate.{name}")
        found: Section = getattr(module, name)(asked.subject, asked.heldout, seed=asked.seed)
        return found

    return question


def _surprise(asked: Asked) -> Section:
    from lifeworld.evaluate.surprise import surprise

    return surprise(asked.subject, asked.heldout, seed=asked.seed, count=asked.pairs)


def _horizon(asked: Asked) -> Section:
    from lifeworld.evaluate.horizon import horizon

    return horizon(asked.subject, asked.heldout, seed=asked.seed, things=asked.pairs)


def _planning(asked: Asked) -> Section:
    from lifeworld.evaluate.planning import TITLE

    if asked.plan is not None:
        return asked.plan()
    says = "Goals are gone for with plans made in the model, and at random from the same starts."
    return Section(name="planning", title=TITLE, says=says, without={"success, excess": "no arena is named: --planning tworoom"})


SECTIONS: Mapping[str, Callable[[Asked], Section]] = {
    "fidelity": _family("fidelity"),
    "control": _family("control"),
    "counterfactual": _family("counterfactual"),
    "surprise": _surprise,
    "probes": _family("probes"),
    "planning": _planning,
    "certainty": _family("certainty"),
    "horizon": _horizon,
    "speed": _family("speed"),
}
"""By name; what a family needs is loaded when it is asked."""
