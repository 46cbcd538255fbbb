"""What is changed at a fork: a sentence, a plan or an event, as edits that are made and events that happen, now or a while after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lifeworld.scene.edit import Edit, EditPlan, Edits, SetEvent, describe, edits_of
from lifeworld.scene.event import Event
from lifeworld.scene.event_words import happens_words
from lifeworld.scene.naming import free_name
from lifeworld.scene.scene import Scene

if TYPE_CHECKING:
    from lifeworld.scene.assembly import Assembly

Asked = str | Edits | Event | None
"""What somebody may ask to be otherwise; None is nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`steps` in their order: plans are made and verified, events happen, all before the next tick. `said` is what was asked for,

    `told` what was understood of it, `score` how surely (0 to 1), `spoken` the names it spoke of, the latest first.
    """

    steps: tuple[EditPlan | Event, ...]
    said: str
    told: str
    score: float = 1.0
    spoken: tuple[str, ...] = ()

    def made(self, world: Any, state: Any) -> Any:
        """The state with all of it made, in a world that has `edit` and, for events, `inject`.

        Raises:
            EditError, SceneError, PlacementError: as the world does; the state is as it was.
        """
        for step in self.steps:
            known = {event.name for event in world.scene(state).events}
            past = {one.event for one in getattr(state, "happened", ())} | {event.name for event in getattr(state, "extra", ())}
            if isinstance(step, EditPlan):
                state = world.edit(state, replace(step, edits=tuple(_afresh(edit, past - known, past | known) for edit in step)))
            else:
                state = world.inject(state, _called(step, past | known))
        return state

    @property
    def has_events(self) -> bool:
        """Whether it needs a world in which events happen."""
        return any(isinstance(edit, SetEvent) for step in self.steps if isinstance(step, EditPlan) for edit in step) or any(
            isinstance(step, Event) for step in self.steps
        )


def change_of(
    asked: Asked,
    scene: Scene,
    *,
    now_s: float,
    viewer: str | None = None,
    last: Sequence[str] = (),
    assets: Mapping[str, Assembly] | None = None,
) -> Change:
    """What was asked for as a change of `scene`, the scene as it stands `now_s` [s] after the episode's beginning.

    Times in it count from now: an event at 0 s happens at once, one at 2 s two seconds later. `last` are the names spoken of before.

    Raises:
        WordsError: if a sentence cannot be followed.
        EditError: if what was given is no change.
    """
    if asked is None:
        return Change(steps=(), said="nothing is changed", told="nothing is changed")
    if isinstance(asked, Event):
        return Change(steps=tuple(_from_now((SetEvent(asked.name, asked),), now_s)), said=asked.name, told=happens_words(asked))
    if isinstance(asked, str):
        from lifeworld.scene.words import understand
        from lifeworld.scene.words.happening import happening_of

        event = happening_of(asked, scene, viewer=viewer, assets=assets)
        if event is not None:
            return Change(steps=tuple(_from_now((SetEvent(event.name, event),), now_s)), said=asked, told=happens_words(event))
        understood = understand(asked, scene, viewer=viewer, last=last, assets=assets)
        steps = tuple(_from_now(understood.plan.edits, now_s))
        return Change(steps=steps, said=asked, told=understood.told, score=understood.score, spoken=understood.spoken)
    plan = asked if isinstance(asked, EditPlan) else EditPlan(edits_of(asked))
    told = _told(plan)
    return Change(steps=tuple(_from_now(plan.edits, now_s)), said=plan.said or told, told=told)


def _told(plan: EditPlan) -> str:
    """A plan in words; one that only makes something happen by what happens."""
    events = [edit.event for edit in plan if isinstance(edit, SetEvent) and edit.event is not None]
    return "; ".join(map(happens_words, events)) if events and len(events) == len(plan.edits) else describe(plan)


def _from_now(edits: Sequence[Edit], now_s: float) -> list[EditPlan | Event]:
    """Edits in a row as plans, events that are due at once taken out of them, later ones on the episode's clock."""
    steps: list[EditPlan | Event] = []
    row: list[Edit] = []
    for edit in edits:
        if isinstance(edit, SetEvent) and edit.event is not None and edit.event.at_s is not None:
            if edit.event.at_s <= 0.0:
                steps += [EditPlan(tuple(row))] if row else []
                steps.append(edit.event)
                row = []
                continue
            edit = replace(edit, event=replace(edit.event, at_s=now_s + edit.event.at_s))
        row.append(edit)
    return steps + ([EditPlan(tuple(row))] if row else [])


def _afresh(edit: Edit, spent: set[str], taken: set[str]) -> Edit:
    """The edit; of an event under the name of one that happened and is not in the scene, under another: the old one is over."""
    if not isinstance(edit, SetEvent) or edit.event is None or edit.name not in spent:
        return edit
    event = _called(edit.event, taken)
    return replace(edit, name=event.name, event=event)


def _called(event: Event, taken: set[str]) -> Event:
    """The event under a name that is not taken."""
    name = free_name(event.name, taken)
    return event if name == event.name else replace(event, name=name)
