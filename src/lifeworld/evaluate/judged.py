"""A report as a value: who was judged, on what, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lifeworld.core.origin import Origin, Provenance
from lifeworld.evaluate.heldout import HeldOut
from lifeworld.evaluate.section import Section, Strip
from lifeworld.evaluate.subject import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A model as a report names it; see `Subject`."""

    name: str
    sha256: str
    context: int
    size: tuple[int, int]
    frame_ns: int
    actions: int
    gives: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedOn:
    """The clips that a model was judged on; `name` is that of the bundle and `origin` that of its pictures. `sha256` as in `HeldOut`."""

    name: str
    origin: Origin
    sha256: str
    clips: int
    episodes: int
    pictures: int
    frame_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """When, with what and where a report was made: all of it that differs from run to run. `seconds` by section."""

    at: str
    lifeworld: str
    machine: str
    seconds: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def now(cls, seconds: Mapping[str, float]) -> Made:
        """Here and now."""
        here = Provenance.now(engine="evaluate", engine_version="")
        return cls(at=here.created, lifeworld=f"lifeworld {here.lifeworld_version}", machine=here.machine, seconds=dict(seconds))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Report:
    """See the head of this file. `command` makes it again."""

    model: Judged
    data: JudgedOn
    seed: int
    command: str
    sections: tuple[Section, ...]
    made: Made

    def strips(self) -> Iterator[tuple[str, Strip]]:
        """Its strips, each with the name of its file."""
        for section in self.sections:
            for number, strip in enumerate(section.strips, 1):
                yield f"{section.name}-{number}.png", strip


def judged(subject: Subject) -> Judged:
    """A subject as a report names it."""
    return Judged(
        name=subject.name,
        sha256=subject.sha256,
        context=subject.context,
        size=subject.size,
        frame_ns=subject.frame_ns,
        actions=subject.actions,
        gives=tuple(sorted(subject.gives)),
    )


def judged_on(heldout: HeldOut, name: str) -> JudgedOn:
    """Clips as a report names them; where they are from nowhere, nobody measured or simulated them: they are MIXED."""
    episodes = sorted(set(heldout.episode.tolist()))
    footage = heldout.footage
    origins = [footage.bundle[each][footage.stream].origin for each in episodes] if footage else [Origin.MIXED]
    return JudgedOn(
        name=name,
        origin=Origin.mix(*origins),
        sha256=heldout.sha256,
        clips=len(heldout.pictures),
        episodes=len(episodes),
        pictures=int(heldout.pictures.shape[1]),
        frame_ns=heldout.frame_ns,
    )
