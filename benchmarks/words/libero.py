"""LIBERO's 130 tasks: the sentence, the cast of its own BDDL, and the goal as literals in our words (MIT, Lifelong Robot Learning).

The sentence is the one LIBERO gives to those who act, which it makes of the file's name (`title`); the one inside the file (`text`) says
something else in some 25 of them, and another goal than the file's own in four.
LIBERO's camera looks along −x: +y is the viewer's right and the greater x is nearer, so the viewer's frame is turned by 90°.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks.words.split import Half, half
from benchmarks.words.tally import LANGUAGE, Outcome
from lifeworld.core.errors import WordsError
from lifeworld.scene.words.grounding.cast import Cast, Referent

Literals = frozenset[tuple[str, str, str | None]]
VIEWER_YAW_DEG = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task: its sentence, who is there, and what is to become so (what is so at the start is not asked for: `kept`)."""

    name: str
    text: str
    title: str
    cast: Cast
    goal: Literals
    kept: Literals


def tasks(which: Half) -> Iterator[Task]:
    """The tasks of a half; none where the data is not."""
    for path in sorted((LANGUAGE / "libero_bddl").rglob("*.bddl")):
        name = f"{path.parent.name}/{path.stem}"
        if half(name) == which:
            yield parse(name, path.read_text(encoding="utf-8"))


def judge(task: Task, text: str) -> Outcome:
    """Whether the sentence is made exactly the task's literals."""
    from lifeworld.scene.words.goals import goals_scored

    start = process_time()
    try:
        said, score = goals_scored(text, task.cast)
        made = _renamed(frozenset((g.predicate, g.thing, g.to) for g in said), task.cast) - task.kept
        told = _told(made)
    except WordsError as error:
        made, score, told = frozenset(), 0.0, f"{error.reason}: {error}"
    return Outcome(
        task=task.name, text=text, sort=task.name.split("/")[0], wanted=_told(task.goal), made=told, right=made == task.goal, score=score,
        seconds=process_time() - start,
    )  # fmt: skip


def parse(name: str, bddl: str) -> Task:
    """A task from the text of its BDDL file."""
    kinds = {one: kind for section in ("fixtures", "objects") for some, kind in _declared(bddl, section) for one in some}
    regions = _regions(bddl)
    tables = _tables()
    referents: dict[str, dict[str, Any]] = {}
    for one, kind in kinds.items():
        seen = tables["thing"][kind]
        referents[one] = {
            "name": one, "words": tuple(seen["words"]), "adjectives": tuple(seen.get("adjectives", ())),
            "color": seen.get("color"), "material": seen.get("material"), "facts": set(),
        }  # fmt: skip
        part = tables["part"].get(kind, {"words": [], "regions": {}})
        for region, side in part["regions"].items():
            key = f"{one}/{region}"
            referents[key] = {
                "name": key, "sort": "part", "words": tuple(part["words"]), "adjectives": (side,), "part_of": one, "facts": set(),
            }  # fmt: skip
    for predicate, *names in _literals(bddl[bddl.index("(:init") : bddl.index("(:goal")]):
        _begin(referents, regions, kinds, predicate, names)
    cast = Cast(
        referents=tuple(Referent(**(r | {"facts": frozenset(r["facts"])})) for r in referents.values()),
        viewer_yaw_deg=VIEWER_YAW_DEG, viewer="agentview",
    )  # fmt: skip
    goal = frozenset(_goal(predicate, names, referents, kinds) for predicate, *names in _literals(bddl[bddl.index("(:goal") :]))
    kept = frozenset((fact, r.name, other or None) for r in cast.referents for fact, other in r.facts)
    found = re.search(r"\(:language (.*?)\)", bddl)
    assert found is not None, f"{name} has no sentence"
    title = re.sub(r"^[A-Z_]+SCENE\d+_", "", name.split("/")[1]).replace("_", " ")
    return Task(name=name, text=found[1].strip(), title=title, cast=cast, goal=goal - kept, kept=kept)


def _begin(referents: dict[str, Any], regions: dict[str, Any], kinds: dict[str, str], predicate: str, names: list[str]) -> None:
    """What holds at the start: where a thing is, or that it is open or turned on."""
    thing = referents[_spoken(names[0], referents, kinds)]
    if len(names) == 1:
        thing["facts"].add((_tables()["predicate"][predicate], ""))
        return
    place = _spoken(names[1], referents, kinds)
    thing["facts"].add((_tables()["predicate"][predicate], place))
    at = regions.get(names[1])
    if at is not None:
        thing["position_m"] = (*at, 0.0)
    elif (carrier := referents[place.split("/")[0]].get("position_m")) is not None:
        thing["position_m"] = carrier


def _goal(predicate: str, names: list[str], referents: dict[str, Any], kinds: dict[str, str]) -> tuple[str, str, str | None]:
    """A literal of a goal in our words."""
    tables = _tables()
    first = _spoken(names[0], referents, kinds)
    if len(names) == 1:
        return tables["predicate"][predicate], first, None
    owner = _owner(names[1], kinds)
    region = names[1].removeprefix(owner).removeprefix("_")
    for side, relation in tables["side"].items():
        named = region.removesuffix("_" + side)
        of = [one for one, kind in kinds.items() if kind.endswith(named) and one != owner]
        if named != region and of:
            return relation, first, of[0]
    if any(said.endswith(f" {kinds[owner]}/{region}") for said in tables["same"].values()):
        return tables["predicate"][predicate], first, f"{owner}/{region}"
    return tables["predicate"][predicate], first, _spoken(names[1], referents, kinds)


def _renamed(said: Literals, cast: Cast) -> Literals:
    """Our literals, where LIBERO has another word for the same."""
    kinds = {r.name: re.sub(r"_\d+$", "", r.name) for r in cast.referents}
    out = set()
    for predicate, thing, to in said:
        owner, _, region = (to or "").partition("/")
        place = kinds.get(owner, owner) + ("/" + region if region else "")
        if (theirs := _tables()["same"].get(f"{predicate} {place}")) is not None:
            predicate, place = theirs.split(" ")
            to = "/".join((owner, *place.split("/")[1:]))
        out.add((predicate, thing, to))
    return frozenset(out)


def _spoken(place: str, referents: dict[str, Any], kinds: dict[str, str]) -> str:
    """The one of the cast that a name of BDDL is: a thing, a region that is a part, or whose region it is."""
    owner = _owner(place, kinds)
    part = f"{owner}/{place.removeprefix(owner).removeprefix('_')}"
    return part if part in referents else owner


def _owner(place: str, kinds: dict[str, str]) -> str:
    """Whose region it is: the longest name that it begins with."""
    return max((one for one in kinds if place.startswith(one)), key=len)


def _declared(bddl: str, section: str) -> Iterator[tuple[list[str], str]]:
    found = re.search(rf"\(:{section}(.*?)\)", bddl, re.DOTALL)
    for line in found[1].strip().splitlines() if found else ():
        some, kind = line.split(" - ")
        yield some.split(), kind.strip()


def _regions(bddl: str) -> dict[str, tuple[float, float]]:
    """The middle (x, y) [m] of every region that has bounds."""
    number = r"(-?[\d.e-]+)"
    pattern = rf"\((\w+)\s*\(:target (\w+)\)\s*\(:ranges \(\s*\({number} {number} {number} {number}"
    return {
        f"{target}_{region}": ((float(x0) + float(x1)) / 2, (float(y0) + float(y1)) / 2)
        for region, target, x0, y0, x1, y1 in re.findall(pattern, bddl)
    }


def _literals(text: str) -> Iterator[list[str]]:
    for found in re.finditer(r"\(([A-Z][a-z]\w*) ([\w ]+)\)", text):
        yield [found[1], *found[2].split()]


def _told(literals: Literals) -> str:
    return "; ".join(" ".join(word for word in one if word) for one in sorted(literals, key=str)) or "nothing"


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("libero.toml").read_text(encoding="utf-8"))
