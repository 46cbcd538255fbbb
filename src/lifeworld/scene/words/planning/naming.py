"""Things get another name, or one together."""

from __future__ import annotations

from lifeworld.core.errors import WordsError
from lifeworld.scene.edit.values import Rename, SetGroup
from lifeworld.scene.group import Group
from lifeworld.scene.words.clause import Clause
from lifeworld.scene.words.grounding.asking import ambiguous, impossible, listed
from lifeworld.scene.words.planning.draft import Draft
from lifeworld.scene.words.planning.meant import things_of


def rename(draft: Draft, clause: Clause) -> None:
    wish = clause.value("name")
    found = draft.find(clause.things[0], ("thing", "camera", "light", "group", "embodiment")).referents if clause.things else ()
    if not found or wish is None:
        raise WordsError("what is to be called how?", reason="ambiguous", span=clause.span, question="Which name is it to have?")
    if len(found) > 1:
        raise ambiguous(clause.things[0], found, draft.cast, draft.text)
    name = "_".join("".join(c if c.isascii() and c.isalnum() else " " for c in str(wish)).split()).lower()
    if not name[:1].isalpha() or len(name) > 64:
        raise WordsError(
            f"{str(wish)!r} is no name",
            reason="impossible",
            span=clause.span,
            fix="A letter, then letters, digits or _, at most 64 in all.",
        )
    if name in set(draft.scene.names()) and name != found[0].name:
        raise impossible(f"there is a {name!r} already", clause.span, suggestions=(draft.free_name(name),))
    draft.do(Rename(found[0].name, name), f"{found[0].name} is called {name}", clause.span)
    draft.spoken = [tuple(name if n == found[0].name else n for n in names) for names in draft.spoken]
    draft.speak(name)


def group(draft: Draft, clause: Clause) -> None:
    found = things_of(draft, clause)
    if len(found) < 2:
        raise impossible(f"a group takes two things or more, this is {listed([r.name for r in found])} alone", clause.span)
    wish = clause.value("name")
    name = draft.free_name(str(wish) if wish is not None else "group")
    draft.do(
        SetGroup(name, Group(name=name, members=tuple(r.name for r in found))), f"{listed([r.name for r in found])} are {name}", clause.span
    )
