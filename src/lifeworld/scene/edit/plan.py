"""A plan: edits in a row that are meant as one change, with what was said and why they were chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lifeworld.core.errors import EditError, LimitError
from lifeworld.scene.edit.values import Edit

MAX_EDITS = 10_000
MAX_SAID = 10_000


@dataclass(frozen=True, slots=True)
class EditPlan:
    """`edits` in their order, all of them or none; `said` is the sentence they come from, `evidence` what spoke for them, a line each."""

    edits: tuple[Edit, ...]
    said: str = ""
    evidence: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.edits, tuple) or not all(isinstance(edit, Edit) for edit in self.edits):
            raise EditError("a plan is a tuple of edits", got=self.edits)
        if len(self.edits) > MAX_EDITS:
            raise LimitError("too many edits in a plan", got=len(self.edits), expected=f"at most {MAX_EDITS:,}")
        if len(self.said) > MAX_SAID or sum(map(len, self.evidence)) > MAX_SAID:
            raise LimitError("a plan says too much", got=f"{len(self.said):,} characters", expected=f"at most {MAX_SAID:,}")

    def __iter__(self) -> Iterator[Edit]:
        return iter(self.edits)

    def __len__(self) -> int:
        return len(self.edits)


Edits = Edit | EditPlan | Sequence[Edit]
"""One edit, a plan, or several edits in a row."""


def edits_of(edits: Edits) -> tuple[Edit, ...]:
    """The edits themselves, in their order.

    Raises:
        EditError: for what is no edit.
    """
    if isinstance(edits, EditPlan):
        return edits.edits
    each = tuple(edits) if isinstance(edits, Sequence) else (edits,)
    for edit in each:
        if not isinstance(edit, Edit):
            raise EditError("not an edit", reason="not_an_edit", got=edit)
    return each
