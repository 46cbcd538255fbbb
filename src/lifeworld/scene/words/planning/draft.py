"""A plan in the making: the scene as it will be after the edits so far, so that the next clause can speak of it.

Nothing is placed here. A thing that is to be placed has its relations and no pose in the drafted scene.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lifeworld.core.errors import EditError, LifeworldError, LimitError, PlacementError, WordsError
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.edit import apply
from lifeworld.scene.edit.values import Add, Copy, Edit, Fill, Move, Place, Relate, Replace, Rotate
from lifeworld.scene.scene import Scene, Thing
from lifeworld.scene.words.clause import Clause, Phrase, Span
from lifeworld.scene.words.grounding.cast import Cast, Referent, cast_of
from lifeworld.scene.words.grounding.ground import THINGS, Finder, Found

TAKEN = 0.7
"""A scene is not changed for a noun that is found less surely than this."""
UNHEEDED = 0.6
"""How sure a plan still is that leaves out a number or a word of how."""


@dataclass(slots=True)
class Step:
    """One edit, what is told of it, and the words it comes from."""

    edit: Edit
    told: str
    span: Span


@dataclass(slots=True)
class Draft:
    """The steps so far over the scene they started from. `spoken` are the names of each clause, the latest first."""

    start: Scene
    text: str
    viewer: str | None = None
    assets: Mapping[str, Assembly] | None = None
    spoken: list[tuple[str, ...]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    score: float = 1.0
    held: tuple[str, ...] = ()
    """What was picked up and not put down yet; `held_from` is the clause that said from where."""
    held_from: Clause | None = None
    landmark: str | None = None
    """What the last one was put beside, left of, behind …"""
    typos: bool = False
    seen: Cast | None = None
    """The cast of the start, where somebody has it already."""
    _scene: Scene | None = None
    _cast: Cast | None = None

    @property
    def scene(self) -> Scene:
        """The scene after the steps so far."""
        return self.start if self._scene is None else self._scene

    @property
    def cast(self) -> Cast:
        """Who can be spoken of now."""
        if self._cast is None and self._scene is None and self.seen is not None:
            self._cast = self.seen
        if self._cast is None:
            self._cast = cast_of(self.scene, self.viewer, assets=self.assets)
        last = tuple(dict.fromkeys(name for names in self.spoken for name in names))
        return replace(self._cast, last=last)

    def find(
        self,
        phrase: Phrase,
        sorts: Sequence[str] = THINGS,
        *,
        fits: Callable[[Referent], bool] | None = None,
        but: Collection[str] = (),
        any_number: bool = False,
    ) -> Found:
        """As `Finder.find`, among those of the drafted scene; its score and evidence count for the whole plan."""
        them = next((names for names in self.spoken if len(names) > 1), ())
        cast = self.cast
        if phrase.pronoun == "it":  # one of several that were spoken of together is not meant by it
            alone = tuple(names[0] for names in self.spoken if len(names) == 1)
            cast = replace(cast, last=tuple(dict.fromkeys((*alone, *cast.last))))
        finder = Finder(cast=cast, them=them, text=self.text, typos=self.typos, least=TAKEN)
        found = finder.find(phrase, sorts, fits=fits, but=but, any_number=any_number)
        self.score = min(self.score, found.score)
        self.evidence += found.evidence
        return found

    def do(self, edit: Edit, told: str, span: Span) -> None:
        """One edit more.

        Raises:
            WordsError: `impossible` or `unsafe_number`, if it does not fit the scene.
        """
        self._scene = self._after(self.scene, edit, span)
        self._cast = None
        self.steps.append(Step(edit, told, span))

    def redo(self, index: int, step: Step) -> None:
        """Another step in the place of one that was taken.

        Raises:
            WordsError: as `do`; the draft is then no longer of use.
        """
        steps = [*self.steps[:index], step, *self.steps[index + 1 :]]
        self._scene, self._cast, self.steps = None, None, []
        for each in steps:
            self.do(each.edit, each.told, each.span)

    def later(self, make: Callable[[], None]) -> list[Step]:
        """The steps that `make` takes, which are not taken now: the scene stays as it was."""
        scene, cast, count = self._scene, self._cast, len(self.steps)
        make()
        taken = self.steps[count:]
        self._scene, self._cast, self.steps = scene, cast, self.steps[:count]
        return taken

    def speak(self, *names: str) -> None:
        """These were spoken of just now, the first the most."""
        if names:
            self.spoken.insert(0, tuple(dict.fromkeys(names)))

    def free_name(self, wish: str) -> str:
        """A name that nothing in the scene has: glass, glass_2, glass_3 …"""
        taken = set(self.scene.names())
        wish = "".join(c if c.isascii() and c.isalnum() else "_" for c in wish).strip("_")[:56].lower()
        wish = wish if wish[:1].isalpha() else f"thing_{wish}".rstrip("_")
        return next(name for name in (wish, *(f"{wish}_{i}" for i in range(2, len(taken) + 3))) if name not in taken)

    def added(self, name: str) -> int | None:
        """The step that brings a thing, if this plan brings it and nothing else was done to it since."""
        touching = [i for i, step in enumerate(self.steps) if name in _names(step.edit)]
        return touching[0] if len(touching) == 1 and isinstance(self.steps[touching[0]].edit, Add | Copy) else None

    def _after(self, scene: Scene, edit: Edit, span: Span) -> Scene:
        try:
            match edit:
                case Add() | Copy() | Replace():
                    return apply(scene, replace(edit, solve=False), assets=self.assets)
                case Place(name, relations):
                    thing = scene.thing(name)
                    loose = apply(scene, Move(name, None))
                    return apply(loose, Relate(name, thing.relations if relations is None else relations), assets=self.assets)
                case Fill():
                    return scene
                case Rotate(name) if scene.thing(name).pose is None:
                    return scene  # it is turned once it stands
                case _:
                    return apply(scene, edit, assets=self.assets)
        except WordsError:
            raise
        except LifeworldError as error:
            raise refused(error, span) from error


def refused(error: LifeworldError, span: Span) -> WordsError:
    """What a scene refuses, as the words that asked for it: numbers out of bounds are unsafe, all else is impossible."""
    reason = "unsafe_number" if isinstance(error, LimitError) else "impossible"
    what = error.what
    if error.got is not None or error.expected is not None:
        bare = type(error) in (LimitError, EditError)
        what = str(EditError(what, got=error.got, expected=error.expected)).removesuffix(".") if bare else what
    if isinstance(error, PlacementError):
        what = f"{what} ({error.reason})"
    return WordsError(what, reason=reason, span=span, suggestions=getattr(error, "suggestions", ()), fix=error.fix)


def _names(edit: Edit) -> set[str]:
    thing = getattr(edit, "thing", None)
    names = {getattr(edit, "name", None), getattr(edit, "copy", None), thing.name if isinstance(thing, Thing) else None}
    return {n for n in names if isinstance(n, str)}
