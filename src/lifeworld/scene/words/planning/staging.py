"""Clauses about the scene as a whole: cameras, lights, the time of day, events and goals."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.core.pose import Pose
from lifeworld.scene.condition import GROUND as FLOOR
from lifeworld.scene.condition import Condition
from lifeworld.scene.deed import Push
from lifeworld.scene.edit.values import Edit, SetCamera, SetEvent, SetGoal, SetLight, SetScene, SetTime
from lifeworld.scene.event import Event
from lifeworld.scene.goal import ALONE, GOAL_PREDICATES, Goal
from lifeworld.scene.scene import Light
from lifeworld.scene.words.acts import acts_of
from lifeworld.scene.words.clause import Clause, Reading
from lifeworld.scene.words.goals import Literal, literals_of
from lifeworld.scene.words.grounding.asking import impossible
from lifeworld.scene.words.grounding.view import worldwards
from lifeworld.scene.words.planning.amounts import safe
from lifeworld.scene.words.planning.draft import Draft
from lifeworld.scene.words.planning.shifting import STEP_M, WAYS

LIT = 0.7
"""How bright a light is that is turned on, where nobody says."""
NOTCH = 1.5
EARTH_M_S2 = (0.0, 0.0, -9.81)
ZOOM = 1.4
PUSH_M_S = 1.0
"""How fast a thing is that is pushed or kicked in an event."""
MAX_AT_S = 86_400.0
FALLING = frozenset({"fall", "drop", "land", "hit", "touch", "collide", "reach", "push", "go", "place", "move"})


def time(draft: Draft, clause: Clause) -> None:
    hour = clause.value("hour")
    if hour is None:
        raise WordsError(
            "which time of day?", reason="ambiguous", span=clause.span, question="Which hour, 0 to 24?", suggestions=("make it 8 pm",)
        )
    at = safe(hour, 0.0, 24.0, "an hour of the day", clause.span)
    draft.do(SetTime(at), f"it is {int(at):02d}:{round(at % 1 * 60):02d}", clause.span)


def light(draft: Draft, clause: Clause) -> None:
    """Lights brighter, dimmer, of another colour; the time of day, if one was said."""
    from lifeworld.scene.words.lexicon import color_of

    if clause.value("hour") is not None:
        return time(draft, clause)
    spoken = [p for p in clause.things if p.noun and not (p.noun in ("light", "lighting") and p.plural | (not draft.scene.lights))]
    named = [r for p in spoken for r in draft.find(p, ("light", "thing", "scene")).referents]
    lamps = [r.name for r in named if r.sort == "thing"]
    if lamps:
        raise WordsError(
            f"the brightness of {lamps[0]!r} is its kind's own",
            reason="unsupported",
            span=clause.span,
            suggestions=(f"turn on the {lamps[0]}",),
        )
    wanted = {r.name for r in named if r.sort == "light"} or {one.name for one in draft.scene.lights}
    if not wanted:
        return _first_light(draft, clause)
    intensity, way, color = clause.value("intensity"), clause.value("way"), clause.value("color")
    for one in [one for one in draft.scene.lights if one.name in wanted]:
        changed = one
        if intensity is not None:
            changed = replace(changed, intensity=safe(intensity, 0.0, 10.0, "an intensity", clause.span))
        elif way is not None:
            factor = safe(clause.value("factor") or NOTCH, 0.01, 100.0, "a factor", clause.span)
            factor = 1.0 / factor if way in ("less", "least") and factor > 1.0 else factor
            changed = replace(changed, intensity=min(one.intensity * factor, 10.0))
        if color is not None:
            changed = replace(changed, color=color_of(str(color)) or str(color))
        if changed == one:
            raise WordsError(
                f"what is the light {one.name!r} to be like?",
                reason="unsupported",
                span=clause.span,
                suggestions=("make it brighter", "make it 8 pm"),
            )
        draft.do(SetLight(one.name, changed), f"the light {one.name} has the intensity {changed.intensity:.3g}", clause.span)
    return None


def camera(draft: Draft, clause: Clause) -> None:
    """The camera nearer, farther, turned to something, or moved."""
    sorts = ("camera", "thing", "part", "scene")
    named = [r for p in clause.things if p.noun for r in draft.find(p, sorts, any_number=p.noun == "camera").referents]
    names = [r.name for r in named if r.sort == "camera"]
    name = draft.cast.viewer if not names or draft.cast.viewer in names else names[0]
    if name is None:
        raise impossible("there is no camera here", clause.span)
    one = next(c for c in draft.scene.cameras if c.name == name)
    targets = [r for link in clause.links for p in link.to for r in draft.find(p, ("thing", "part")).referents]
    targets += [r for p in clause.things if p.noun and p.noun != "camera" for r in draft.find(p, sorts).referents if r.sort != "camera"]
    changed = one
    told = []
    spot = next((t.position_m for t in targets if t.position_m is not None), None)
    if spot is not None and one.attach is None:
        changed = replace(changed, pose=Pose.look_at(one.pose.position_m, spot))
        told.append(f"looks at {targets[0].spoken}")
    way = clause.value("way")
    if way is not None or (clause.value("factor") is not None):
        factor = safe(clause.value("factor") or ZOOM, 0.01, 100.0, "a factor", clause.span)
        half = math.tan(math.radians(one.fov_y_deg) / 2) * (factor if way in ("less", "least") else 1.0 / factor)
        changed = replace(changed, fov_y_deg=round(min(max(2 * math.degrees(math.atan(half)), 1.0), 170.0), 3))
        told.append(f"sees {changed.fov_y_deg:g}° from top to bottom")
    direction, distance = clause.value("direction"), clause.value("distance_m")
    if isinstance(direction, str) and direction in WAYS and one.attach is None:
        by = safe(5 * STEP_M if distance is None else distance, 0.0, 20.0, "a distance [m]", clause.span)
        right, away, up = WAYS[direction]
        if direction in ("front", "back"):
            away = -away  # forward is where it looks
        x, y = worldwards(draft.cast.viewer_yaw_deg, right * by, away * by)
        changed = replace(changed, pose=Pose(one.pose.position_m + (x, y, up * by), one.pose.quat_wxyz))
        told.append(f"moves {by:g} m {direction}")
    if changed == one:
        raise WordsError(
            f"what is the camera {name!r} to do?",
            reason="unsupported",
            span=clause.span,
            suggestions=("zoom in", "point the camera at the mug"),
        )
    draft.do(SetCamera(name, changed), f"the camera {name} {' and '.join(told)}", clause.span)


def gravity(draft: Draft, clause: Clause) -> None:
    """Gravity off, on, weaker or stronger."""
    now = draft.scene.gravity_m_s2
    said = clause.value("factor")
    way = clause.value("way")
    if clause.verb in ("turn_off", "remove") or clause.value("count") == 0:
        factor = 0.0
    elif clause.value("gravity") is not None:
        now, factor = EARTH_M_S2, safe(clause.value("gravity"), 0.0, 1000.0, "a gravity [m/s²]", clause.span) / -EARTH_M_S2[2]
    elif clause.verb == "turn_on":
        now, factor = EARTH_M_S2, 1.0
    elif said is not None or way is not None:
        factor = safe(said if said is not None else NOTCH, 0.0, 100.0, "a factor", clause.span)
        factor = 1.0 / factor if way in ("less", "least") and factor > 1.0 else factor
    else:
        raise WordsError(
            "how strong is gravity to be?", reason="ambiguous", span=clause.span, question="How strong?", suggestions=("turn gravity off",)
        )
    made = (now[0] * factor, now[1] * factor, now[2] * factor)
    draft.do(SetScene(gravity_m_s2=made), f"gravity is {abs(made[2]):.3g} m/s²", clause.span)


def goal(draft: Draft, clause: Clause) -> None:
    """What is to become so, kept with the scene as its goals."""
    for literal in _literals(draft, clause):
        thing, joint = _split(literal.thing)
        to = None if literal.to is None else _split(literal.to)[0]
        known = {"turned_on": None, "turned_off": None}
        if literal.predicate not in GOAL_PREDICATES or literal.predicate in known:
            near = [p for p in GOAL_PREDICATES if p in ("on", "in", "open")]
            raise WordsError(
                f"{literal.predicate.replace('_', ' ')!r} is no goal that can be kept",
                reason="unsupported",
                span=clause.span,
                suggestions=near,
            )
        alone = literal.predicate in ALONE
        name = draft.free_name("_".join((thing, literal.predicate, *(() if to is None else (to,)))))
        made = Goal(
            name=name,
            predicate=literal.predicate,
            thing=thing,
            to=None if alone else to,
            joint=joint if literal.predicate in ("open", "closed") else None,
        )
        draft.do(
            SetGoal(name, made),
            f"the goal is that {thing} is {literal.predicate.replace('_', ' ')}{'' if to is None else f' {to}'}",
            clause.span,
        )
        draft.speak(thing)


def event(draft: Draft, clause: Clause, plan_one: Callable[[Draft, Clause], None]) -> None:
    """What a clause asks for, once its time comes or its condition holds."""
    when = None if clause.when is None else _condition(draft, clause.when)
    at = None if clause.at_s is None or when is not None else safe(clause.at_s, 0.0, MAX_AT_S, "a time [s]", clause.span)
    bare = replace(clause, when=None, at_s=None)
    if when is not None:
        draft.speak(when.thing)
    if at is None and when is None:
        raise WordsError("when?", reason="ambiguous", span=clause.span, question="When is it to happen?", suggestions=("after 2 seconds",))
    pushes: list[Push] = []
    edits: tuple[Edit, ...] = ()
    told: list[str] = []
    if clause.verb in ("push", "pull", "slide") and not any(link.to for link in clause.links):
        pushes = _pushes(draft, bare)
    else:
        steps = draft.later(lambda: plan_one(draft, bare))
        edits, told = tuple(step.edit for step in steps), [step.told for step in steps if step.told]
    name = draft.free_name("event")
    made = Event(name=name, at_s=at, when=when, edits=edits, deeds=tuple(pushes))
    trigger = f"at {at:g} s" if at is not None else _told(when) if when is not None else ""
    what = f"{clause.verb} {', '.join(p.thing for p in pushes)}" if pushes else "; ".join(told)
    draft.do(SetEvent(name, made), f"{trigger}: {what}", clause.span)


def _told(when: Condition) -> str:
    to = "" if when.to is None else f" {'the ground' if when.to == FLOOR else when.to}"
    return f"once {when.thing} is {when.predicate.replace('_', ' ')}{to}"


def _condition(draft: Draft, when: Clause) -> Condition:
    literals = _literals(draft, when)
    if literals:
        literal = literals[0]
        thing, joint = _split(literal.thing)
        to = None if literal.to is None else _split(literal.to)[0]
        predicate = literal.predicate
        if predicate not in GOAL_PREDICATES:
            raise WordsError(
                f"nobody can tell when something is {predicate.replace('_', ' ')}",
                reason="unsupported",
                span=when.span,
                suggestions=("open", "touching"),
            )
        keep = joint if predicate in ("open", "closed") else None
        return Condition(predicate=predicate, thing=thing, to=None if predicate in ALONE else to, joint=keep)
    found = [r for p in when.things for r in draft.find(p).referents]
    if not found:
        raise WordsError(
            "when what happens?", reason="unsupported", span=when.span, suggestions=("when the mug hits the floor", "after 2 seconds")
        )
    others = [r for link in when.links for p in link.to for r in draft.find(p, ("thing", "part", "ground")).referents]
    to = FLOOR if not others or others[0].sort == "ground" else others[0].part_of or others[0].name
    return Condition(predicate="touching", thing=found[0].name, to=to)


def _literals(draft: Draft, clause: Clause) -> list[Literal]:
    """The literals of a clause, after its phrases have been found without a guess."""
    sorts = ("thing", "part", "ground", "scene")
    for phrase in (*clause.things, *(p for link in clause.links for p in link.to)):
        draft.find(phrase, sorts)
    said = acts_of(Reading(clauses=(replace(clause, when=None, at_s=None),), score=1.0), draft.cast, draft.text)
    return literals_of(said.acts, draft.cast)


def _pushes(draft: Draft, clause: Clause) -> list[Push]:
    """A push for each thing, to the speed of a push."""
    direction = clause.value("direction")
    way = WAYS.get(direction if isinstance(direction, str) else "back", WAYS["back"])
    x, y = worldwards(draft.cast.viewer_yaw_deg, way[0], way[1])
    found = [r for p in clause.things for r in draft.find(p).referents]
    velocity = (round(x * PUSH_M_S, 6), round(y * PUSH_M_S, 6), round(way[2] * PUSH_M_S, 6))
    return [Push(thing=one.name, velocity_m_s=velocity) for one in found]


def _first_light(draft: Draft, clause: Clause) -> None:
    """A scene without lights of its own gets one, so that it can be brighter or darker than it was."""
    way = clause.value("way")
    said = clause.value("intensity")
    intensity = (
        safe(said, 0.0, 10.0, "an intensity", clause.span) if said is not None else LIT * (1 / NOTCH if way in ("less", "least") else NOTCH)
    )
    name = draft.free_name("sun")
    draft.do(SetLight(name, Light(name=name, intensity=intensity)), f"a light {name} of the intensity {intensity:.3g}", clause.span)


def _split(name: str) -> tuple[str, str | None]:
    whole, _, part = name.partition("/")
    return whole, part or None
