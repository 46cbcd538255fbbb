"""Every error lifeworld raises on purpose, and one way to word them.

    LifeworldError
    ├── InputError                  what was given cannot be used; the command line exits with 2
    │   ├── SceneError              a scene's text or values; knows file, path and line
    │   │   ├── UnknownName         no such kind, relation, key, material, thing, camera …
    │   │   ├── LimitError          too many, too large, too small, not finite
    │   │   ├── RelationCycle       a stands on b stands on a
    │   │   ├── EventError          an event that nothing physical can come of; says why
    │   │   └── PlacementError      no room, too tall, unstable, nothing to stand on
    │   ├── EditError               an edit that does not fit the scene
    │   ├── WordsError              a sentence that cannot be followed; says which words, and what could be meant
    │   ├── ActionError             an action of the wrong name, shape or value
    │   ├── ShapeError              arrays whose shapes disagree
    │   ├── StateError              bytes that are not a state of this world
    │   ├── SignalUnavailable       a signal this world does not have
    │   └── ForeignFileError        a file from elsewhere
    │       ├── UnreadableFile      broken, truncated, not what its name says
    │       ├── UnsafeFile          reaches outside its folder, or runs code
    │       └── FileTooLarge        over a stated limit of bytes, faces, pixels, time or memory
    ├── EngineError                 the engine gave up
    │   └── Diverged                the state is not finite any more
    ├── AssistantError              a language model that cannot be asked, or answers with no plan that fits
    ├── StorageError                the disk is full, read-only, or broken
    └── MissingExtra                an optional part is not installed; says the pip command

A message says where, what, what was got, what was expected, and how to mend it, in that order.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class LifeworldError(Exception):
    """The root: catch this to catch everything lifeworld raises on purpose.

    Args:
        what: one clause saying what is wrong.
        where: file, path or line it is about.
        got: what was found (shown with repr unless it is a str).
        expected: what would have been right.
        fix: one sentence that says how to mend it.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        got: object = None,
        expected: object = None,
        fix: str | None = None,
    ) -> None:
        self.what = what
        self.where = where
        self.got = got
        self.expected = expected
        self.fix = fix
        super().__init__(what)

    def __reduce__(self) -> tuple[object, ...]:
        """Copied by its fields, not by calling __init__ again: errors cross process borders."""
        return (_rebuilt, (type(self), self.args, self.__dict__))

    @property
    def code(self) -> str:
        """A stable name for programs, the class name: `unknown_name`, `placement_error` …"""
        name = type(self).__name__
        return "".join("_" + c.lower() if c.isupper() and i else c.lower() for i, c in enumerate(name))

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        if self.got is not None:
            text += f"; got {_shown(self.got)}"
        if self.expected is not None:
            text += f", expected {_shown(self.expected)}" if self.got is not None else f"; expected {_shown(self.expected)}"
        if not text.endswith((".", "?", "!")):
            text += "."
        return f"{text} {self.fix}" if self.fix else text

    def at(self, where: str) -> LifeworldError:
        """The same error, told where it is (outer callers know the file, inner ones do not)."""
        self.where = where if self.where is None else f"{where}: {self.where}"
        return self


class InputError(LifeworldError):
    """What was given cannot be used as it is."""


class SceneError(InputError):
    """A scene's text or values are not right."""


class UnknownName(SceneError):
    """A name that does not exist; carries the near ones in `suggestions`."""

    def __init__(self, sort: str, name: str, known: Iterable[str], *, where: str | None = None, fix: str | None = None) -> None:
        known = sorted(known)
        self.sort, self.name, self.known = sort, name, known
        self.suggestions = close_names(name, known)
        super().__init__(
            f"there is no {sort} {name!r}. {did_you_mean(name, known)}".rstrip(),
            where=where,
            fix=fix,
        )


class LimitError(SceneError):
    """Too many, too large, too small, or not finite."""


class RelationCycle(SceneError):
    """Things that stand on each other in a ring."""


class PlacementError(SceneError):
    """A relation that no pose satisfies; `reason` is `no_room`, `too_tall`, `unstable` or `no_surface`."""

    def __init__(self, what: str, *, reason: str, where: str | None = None, fix: str | None = None) -> None:
        self.reason = reason
        super().__init__(what, where=where, fix=fix)


class EventError(SceneError):
    """An event that nothing physical can come of.

    Args:
        reason: a stable name for programs: `nobody` (none of those it could befall is there), `fixed`, `no_joint`, `no_grip`, `no_light`,
            `no_camera`, `no_room` (no free pose or way in), `not_held`, `never`, `holds_nothing`, `soft`, `unknown_mass`.
    """

    def __init__(self, what: str, *, reason: str, where: str | None = None, got: object = None, fix: str | None = None) -> None:
        self.reason = reason
        super().__init__(what, where=where, got=got, fix=fix)


class EditError(InputError):
    """An edit that does not fit the scene it is applied to.

    Args:
        reason: a stable name for programs: `name_taken`, `needed` (others hang on it), `no_pose`, `out_of_bounds`, `imported` (its parts
            are not known here), `cannot` (such a thing does not open, shine, hold …), `soft`, `too_far`, `not_attached`, `not_an_edit`,
            `unreadable`, and `does_not_fit` for all else.
    """

    def __init__(
        self,
        what: str,
        *,
        reason: str = "does_not_fit",
        where: str | None = None,
        got: object = None,
        expected: object = None,
        fix: str | None = None,
    ) -> None:
        self.reason = reason
        super().__init__(what, where=where, got=got, expected=expected, fix=fix)


class WordsError(InputError):
    """A sentence that cannot be followed.

    Args:
        reason: a stable name for programs: `empty`, `too_long`, `not_text`, `not_english`, `unknown_word`, `not_present`, `ambiguous`,
            `impossible`, `unsafe_number`, `unsupported`, `negated`, `no_verb`.
        span: (start, end), the characters of the sentence it is about.
        suggestions: what could be said instead, best first: words, names, or whole sentences.
        question: what to ask back where several are meant alike; `suggestions` are then the candidates' names.
        tried: how it was tried to be understood, for people who want to know why.
    """

    def __init__(
        self,
        what: str,
        *,
        reason: str,
        span: tuple[int, int] = (0, 0),
        suggestions: Iterable[str] = (),
        question: str | None = None,
        tried: Iterable[str] = (),
        fix: str | None = None,
    ) -> None:
        self.reason, self.span, self.question = reason, span, question
        self.suggestions, self.tried = tuple(suggestions), tuple(tried)
        super().__init__(what, fix=fix)


class ActionError(InputError):
    """An action with an unknown name, a wrong shape or a value that is not finite."""


class ShapeError(InputError):
    """Arrays whose shapes disagree."""


class StateError(InputError):
    """Bytes or values that are not a state of this world."""


class SignalUnavailable(InputError):
    """A signal the world does not have; says which there are."""

    def __init__(self, name: str, available: Iterable[str], *, why: str | None = None) -> None:
        self.name, self.available = name, sorted(available)
        super().__init__(
            f"no signal {name!r} in this world{f' ({why})' if why else ''}. {did_you_mean(name, self.available)}".rstrip(),
            fix=f"There are: {', '.join(self.available)}.",
        )


class ForeignFileError(InputError):
    """A file from elsewhere that cannot be taken in."""


class UnreadableFile(ForeignFileError):
    """Broken, truncated, or not what its name says."""


class UnsafeFile(ForeignFileError):
    """A file that reaches outside its own folder or asks to run something."""


class FileTooLarge(ForeignFileError):
    """A file over a stated limit of bytes, faces, pixels, time or memory."""


class EngineError(LifeworldError):
    """The engine gave up."""


class Diverged(EngineError):
    """The simulated state is not finite any more."""


class AssistantError(LifeworldError):
    """A language model that cannot be asked, or that answers with no plan that fits.

    Args:
        reason: a stable name for programs: `unreachable`, `timeout`, `refused` (the server said no), `too_large`, `no_plan`, `declined`.
        tried: what was wrong with each answer, in their order.
    """

    def __init__(
        self, what: str, *, reason: str, where: str | None = None, got: object = None, tried: Iterable[str] = (), fix: str | None = None
    ) -> None:
        self.reason, self.tried = reason, tuple(tried)
        super().__init__(what, where=where, got=got, fix=fix)


class StorageError(LifeworldError):
    """The disk does not take or give what it should: full, read-only, over a quota, broken."""


class MissingExtra(LifeworldError):
    """An optional part that is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        self.extra = extra
        super().__init__(f"{what} needs an extra", fix=f'pip install "lifeworld[{extra}]".')


def close_names(name: str, known: Iterable[str], *, most: int = 3) -> list[str]:
    """The names nearest to `name`, best first; empty when none is near."""
    by_lower = {k.lower(): k for k in known}
    near = difflib.get_close_matches(name.lower(), by_lower, n=most, cutoff=0.6)
    return [by_lower[n] for n in near]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`Did you mean 'mug'?`, or an empty string when nothing is near."""
    near = close_names(name, known)
    return f"Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""


def _rebuilt(kind: type[LifeworldError], args: tuple[object, ...], fields: dict[str, object]) -> LifeworldError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(fields)
    return error


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 200 else text[:197] + "..."
