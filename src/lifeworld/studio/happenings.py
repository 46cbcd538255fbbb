"""What happens by itself in a session's world, and what is to be reached there: events that can be, have been and will be; goals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from lifeworld.core.errors import EventError
from lifeworld.scene import edit as edits
from lifeworld.scene.edit import EditPlan, SetEvent
from lifeworld.scene.event import Event, Who
from lifeworld.scene.event_words import deed_words, event_words, wanted_words
from lifeworld.scene.events import kinds
from lifeworld.scene.events.choose import could
from lifeworld.scene.events.kind import EventKind
from lifeworld.scene.goal import Goal
from lifeworld.scene.outcome import Outcome
from lifeworld.scene.scene import Scene
from lifeworld.studio import wire
from lifeworld.studio.scenery import physical
from lifeworld.studio.story import Story
from lifeworld.worlds.happened import EventfulState, Happened
from lifeworld.worlds.physics.watch import Seen, Watch

MOST_TOLD = 200


def fitting(scene: Scene) -> tuple[dict[str, Any], ...]:
    """The kinds of events that can befall somebody here; `change` with `plan` makes one happen, now or `at_s` later."""
    return tuple(row for kind in kinds().values() if (row := _kind(kind, scene)) is not None)


def happenings(story: Story) -> wire.Happenings:
    """What has happened on this branch, and what is to come, as far as is known. Ticks count from its first state."""
    state = story.line.state
    if not isinstance(state, EventfulState):
        return wire.Happenings((), ())
    since = state.tick - story.line.tick
    events = {event.name: event for event in (*state.inner.scene.events, *state.extra)}
    due = {one.event: one.tick - since for one in reversed(state.due)}
    spent = {name for name, event in events.items() if event.times is not None and _count(state, name) >= event.times}
    return wire.Happenings(
        tuple(_happened(one, since) for one in state.happened[-MOST_TOLD:]),
        tuple(
            {"event": name, "kind": event.kind, "told": event_words(event), "tick": due.get(name) if event.rate_per_min is None else None}
            for name, event in events.items()
            if name not in spent
        )[:MOST_TOLD],
    )


def _kind(kind: EventKind, scene: Scene) -> dict[str, Any] | None:
    try:
        names = [one.name for one in could(kind, kind.who, scene, where=kind.name)]
    except EventError:
        return None
    low, high = kind.strength.span
    event = Event(name=kind.name, at_s=0.0, kind=kind.name, who=Who(names=(names[0],)) if names else None)
    return {
        "kind": kind.name,
        "family": kind.family,
        "summary": kind.summary,
        "befalls": kind.befalls,
        "who": names,
        "low": low,
        "high": high,
        "unit": kind.unit,
        "means": kind.means,
        "safety": kind.safety,
        "rate_per_min": kind.rate_per_min,
        "plan": msgspec.Raw(edits.encode(EditPlan((SetEvent(event.name, event),)))),
    }


def _happened(one: Happened, since: int) -> dict[str, Any]:
    told = "; ".join([deed_words(deed) for deed in one.deeds] + list(one.edits))
    return {
        "tick": one.tick - since,
        "event": one.event,
        "kind": one.kind,
        "told": told,
        "who": one.who,
        "safety": one.safety,
        "why": one.why,
    }


def _count(state: EventfulState, name: str) -> int:
    return sum(one.event == name for one in state.happened)


# -- goals -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """How the goals of a scene stand at a moment: the tick in which each was reached (None: not yet), and those to keep that were lost."""

    reached: tuple[int | None, ...]
    lost: frozenset[int] = frozenset()

    def after(self, goals: tuple[Goal, ...], holds: tuple[bool, ...], tick: int) -> Standing:
        """The standing at a moment at which so many of the goals hold. Of a chain each counts once the one before is reached."""
        reached, lost = list(self.reached), set(self.lost)
        at = {goal.name: i for i, goal in enumerate(goals)}
        moved = True
        while moved:  # what is reached may let what comes after it count in the same tick
            moved = False
            for i, goal in enumerate(goals):
                counts = goal.after is None or reached[at[goal.after]] is not None
                if not counts or (reached[i] is not None and not goal.keep):
                    continue
                if goal.keep and not holds[i] and i not in lost:
                    lost.add(i)
                if reached[i] is None and holds[i] and i not in lost:
                    reached[i], moved = tick, True
        after = Standing(tuple(reached), frozenset(lost))
        return self if after == self else after


@dataclass(slots=True)
class Progress:
    """How the goals stand all along a timeline: of each node the moments at which their standing changed. For one thread."""

    _changes: dict[int, list[tuple[int, Standing]]] = field(default_factory=dict)
    _watch: Watch | None = None
    _seen: Seen | None = None
    _of: tuple[Any, tuple[Goal, ...]] = (None, ())
    _goals: tuple[Goal, ...] = ()

    def see(self, story: Story, *, ticked: bool) -> None:
        """The moment that is now: a tick after the last one that was seen, or anywhere."""
        body, now = physical(story.line.state), story.line.now
        goals = body.scene.goals if body is not None else ()
        if body is None or not goals:
            self._goals = goals
            return
        if self._watch is None or not ticked or self._of[0] is not body.compiled or self._of[1] != goals:
            self._watch = Watch.of(body, tuple(Outcome(name=g.name, conditions=(g.condition,), how="at_end") for g in goals))
            self._seen, self._of = self._watch.begin(body.vector[None]), (body.compiled, goals)
        else:
            assert self._seen is not None
            self._seen = self._watch.after(self._seen, body.vector[None])
        self._goals = goals
        before = self.at(story, now.node, now.ticks)
        after = before.after(goals, tuple(self._seen.last[0].tolist()), story.line.tick)
        if after is not before:
            changes = self._changes.setdefault(now.node, [])
            changes[:] = [one for one in changes if one[0] < now.ticks]
            changes.append((now.ticks, after))

    def at(self, story: Story, node: int, ticks: int) -> Standing:
        """How the goals stand so many ticks into a node."""
        while True:
            past = [standing for at, standing in self._changes.get(node, ()) if at <= ticks and len(standing.reached) == len(self._goals)]
            if past:
                return past[-1]
            left = story.line.nodes[node].left
            if left is None:
                return Standing((None,) * len(self._goals))
            node, ticks = left.node, left.ticks

    def told(self, story: Story) -> wire.Goals | None:
        """How the goals stand now; None where there are none."""
        goals = self._goals
        if not goals:
            return None
        now = story.line.now
        standing = self.at(story, now.node, now.ticks)
        far = story.world.observe(story.line.state, ["goal_progress"])["goal_progress"].tolist()
        done = [standing.reached[i] is not None and i not in standing.lost for i in range(len(goals))]
        names = {goal.name for goal, so in zip(goals, done, strict=True) if so}
        rows = tuple(
            {
                "name": goal.name,
                "said": wanted_words(goal),
                "hint": goal.hint,
                "points": goal.points,
                "after": goal.after,
                "keep": goal.keep,
                "progress": round(far[i], 3) if goal.after is None or goal.after in names else 0.0,
                "reached": done[i],
                "lost": i in standing.lost,
                "tick": standing.reached[i],
            }
            for i, goal in enumerate(goals)
        )
        following = next((g.name for g, so in zip(goals, done, strict=True) if not so and not g.keep and g.after in (None, *names)), None)
        return wire.Goals(
            goals=rows,
            points=sum(goal.points for goal, so in zip(goals, done, strict=True) if so),
            most=sum(goal.points for goal in goals),
            next=following,
            passed=all(done),
        )
