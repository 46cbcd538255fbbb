"""What is wrong with a bundle, one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass

from lifeworld.core.errors import LifeworldError


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Where, what, what was got, what was expected, how to mend it; a `warning` says what should be known and keeps nobody from reading."""

    where: str
    what: str
    expected: str | None = None
    got: str | None = None
    fix: str | None = None
    warning: bool = False

    @classmethod
    def of(cls, error: LifeworldError, *, where: str) -> Problem:
        """What an error says, told where it is."""
        expected, got = (None if said is None else str(said) for said in (error.expected, error.got))
        what = error.what if error.where is None or error.where.endswith(where) else f"{error.where}: {error.what}"
        return cls(where=where, what=what, expected=expected, got=got, fix=error.fix)

    def __str__(self) -> str:
        return str(LifeworldError(self.what, where=self.where, got=self.got, expected=self.expected, fix=self.fix))
