"""Who is judged, as the command line names it: ours by folder or name, a neighbour's by PROTOCOL:PATH."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lifeworld.evaluate.adapters.neighbour import is_neighbour, open_neighbour
from lifeworld.evaluate.adapters.world import WorldNeighbour
from lifeworld.evaluate.subject import Subject
from lifeworld.worlds.world import World


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contestant:
    """A model as it is asked (`subject`), and as it is planned in: `said` is what it was called."""

    said: str
    subject: Subject
    threads: int

    def world(self, true: World[Any]) -> World[Any]:
        """The model under the World protocol, with the actions of the true world that is planned for."""
        if is_neighbour(self.said):
            return WorldNeighbour(self.subject, true.spec.actions)  # type: ignore[arg-type]  # such a subject is one
        from lifeworld.models.play.dream import WorldDream
        from lifeworld.models.zoo.ready import located

        return WorldDream(located(self.said), threads=self.threads)


@contextmanager
def opened(said: str, *, threads: int = 1) -> Iterator[Contestant]:
    """A model, open while it is asked.

    Raises:
        UnreadableFile, UnsafeFile, UnknownName, InputError: if there is none under this name, or it cannot be read.
        EngineError: if a neighbour's cannot be made.
    """
    if is_neighbour(said):
        with open_neighbour(said, threads=threads) as subject:
            yield Contestant(said=said, subject=subject, threads=threads)
        return
    from lifeworld.evaluate.ours import SubjectDream

    yield Contestant(said=said, subject=SubjectDream(Path(said), threads=threads), threads=threads)
