"""Hypothesis strategies for scenes of every sort: all types, every optional part, real kinds at sizes they are made in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from lifeworld.core.pose import Pose
from lifeworld.scene import archetype
from lifeworld.scene.check import TAKES
from lifeworld.scene.condition import Condition
from lifeworld.scene.deed import DIMMINGS, Blind, Fault, Latch, Pull, Push, Release, Shake, Turn, Walk, Wind
from lifeworld.scene.edit import Add, Move, Remove, Scale, Set, SetTime
from lifeworld.scene.event import PICKS, SAFETIES, Event, Who
from lifeworld.scene.goal import Goal
from lifeworld.scene.group import Group
from lifeworld.scene.magnitude import Magnitude
from lifeworld.scene.material import COLORS, MATERIALS
from lifeworld.scene.naming import renamed
from lifeworld.scene.scene import (
    RELATIONS,
    SPOTS,
    AssetRef,
    CameraMount,
    Embodiment,
    Ground,
    Light,
    Relation,
    Scene,
    Thing,
)
from lifeworld.scene.sensor import Sensor
from lifeworld.scene.space import SPACE_KINDS, Space

KINDS = ("glass",) + tuple(k for k in ("table", "mug", "magazine", "drawer_unit", "shelf", "bowl", "lamp") if k in archetype.kinds())

names = st.from_regex(r"\A[a-zA-Z][a-zA-Z0-9_]{0,12}\Z")
colors = st.sampled_from(sorted(COLORS)) | st.from_regex(r"\A#[0-9a-f]{6}([0-9a-f]{2})?\Z")


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False) | st.integers(int(low) + 1, int(high)).map(float)


def vectors(most: float) -> st.SearchStrategy[tuple[float, float, float]]:
    return st.tuples(*[numbers(-most, most)] * 3)


TITLES = st.text(st.characters(exclude_categories=["C", "Z"]) | st.sampled_from(' "\\#[]'), max_size=30)
"""Built once: to lay out which characters there are takes longer than to draw them."""


@st.composite
def poses(draw: st.DrawFn) -> Pose:
    quat = draw(st.just((1.0, 0.0, 0.0, 0.0)) | st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: sum(x * x for x in q) > 1e-6))
    return Pose(draw(vectors(900)), quat)


@st.composite
def details(draw: st.DrawFn, kind: str, target: Thing, others: list[Thing]) -> dict[str, Any]:
    """What a relation of this kind may say beside the thing: each of it, or not."""
    more: dict[str, Any] = {}
    if kind in ("on", "in"):
        assembly = archetype.build(target)
        places = [p.name for p in (assembly.surfaces if kind == "on" else assembly.containers)]
        more["surface"] = draw(st.sampled_from([None, *places]))
    if kind == "between":
        more["and_thing"] = draw(st.sampled_from([t.name for t in others if t.name != target.name]))
    if kind in TAKES["spot"]:
        more["spot"] = draw(st.sampled_from([None, *(SPOTS if kind != "against" else ("left", "right", "front", "back"))]))
    if kind in TAKES["at_m"] and more["spot"] is None:
        more["at_m"] = draw(st.none() | st.tuples(numbers(-1, 1), numbers(-1, 1)))
    if kind in TAKES["yaw_deg"]:
        more["yaw_deg"] = draw(st.none() | numbers(-360, 360))
    if kind in TAKES["distance_m"]:
        more["distance_m"] = draw(st.none() | numbers(0, 100))
    if kind in TAKES["frame_yaw_deg"] and more.get("spot", kind) is not None:
        more["frame_yaw_deg"] = draw(st.none() | numbers(-360, 360))
    return more


@st.composite
def things(draw: st.DrawFn, name: str, others: list[Thing]) -> Thing:
    what = archetype.kind(draw(st.sampled_from(KINDS)))
    factor = draw(st.none() | st.sampled_from([1.0, what.scale[0], what.scale[1]]) | st.floats(*what.scale))
    options = {}
    for key, (default, allowed) in what.options.items():
        if draw(st.booleans()):
            if isinstance(default, bool | str):
                options[key] = draw(st.sampled_from(allowed))
            elif isinstance(default, int):
                options[key] = draw(st.integers(int(allowed[0]), int(allowed[1])))
            else:
                options[key] = draw(st.floats(float(allowed[0]), float(allowed[1])))
    bare = Thing(
        name=name,
        kind=what.name,
        size_m=None if factor is None else tuple(x * factor for x in what.size_m),  # type: ignore[arg-type]
        options=tuple(options.items()),
    )
    joints = [j for j in archetype.build(bare).joints if j.range is not None] if draw(st.booleans()) else []
    relations = []
    for _ in range(draw(st.integers(0, 3)) if others else 0):
        target = draw(st.sampled_from(others))
        kind = draw(st.sampled_from(RELATIONS if len(others) > 1 else [k for k in RELATIONS if k != "between"]))
        relations.append(Relation(kind=kind, thing=target.name, **draw(details(kind, target, others))))
    return Thing(
        name=name,
        kind=what.name,
        size_m=bare.size_m,
        options=bare.options,
        color=draw(st.none() | colors),
        material=draw(st.none() | st.sampled_from(sorted(MATERIALS))),
        mass_kg=draw(st.none() | numbers(1e-6, 1e5)),
        friction=draw(st.none() | numbers(0, 10)),
        restitution=draw(st.none() | numbers(0, 1)),
        fixed=draw(st.none() | st.booleans()),
        turned_on=draw(st.booleans()),
        pose=draw(st.none() | poses()),
        relations=tuple(relations),
        joints=tuple((j.name, draw(st.floats(min(j.range), max(j.range)))) for j in joints if j.range is not None),
        linear_velocity_m_s=draw(st.just((0.0, 0.0, 0.0)) | vectors(300)),
        angular_velocity_rad_s=draw(st.just((0.0, 0.0, 0.0)) | vectors(1000)),
    )


_above = numbers(0.01, 100)
MAGNITUDES = st.one_of(
    st.builds(Magnitude, a=numbers(-100, 100)),
    st.builds(lambda a, by: Magnitude(law="uniform", a=a, b=a + by), numbers(-100, 100), _above),
    st.builds(lambda a, by: Magnitude(law="uniform", a=a, b=a + by, low=a + by / 4, high=a + 2 * by), numbers(-100, 100), _above),
    st.builds(lambda a, sd: Magnitude(law="normal", a=a, b=sd, low=a - sd), numbers(-100, 100), _above),
    st.builds(lambda a, sd: Magnitude(law="lognormal", a=a, b=sd, high=a), _above, numbers(0.01, 3)),
    st.builds(lambda a: Magnitude(law="exponential", a=a, low=a / 2, high=3 * a), _above),
)
"""Every law, with bounds that leave something of it, and without."""

_lasts: dict[str, Any] = {"duration_s": numbers(1e-4, 3600), "delay_s": st.just(0.0) | numbers(0, 3600)}
_ever: dict[str, Any] = {**_lasts, "duration_s": st.none() | numbers(1e-4, 3600)}
_thing: dict[str, Any] = {"thing": st.just("one")}
_joint: dict[str, Any] = {**_thing, "joint": st.sampled_from(["door", "lid"])}
_some: dict[str, Any] = {**_lasts, "things": st.sampled_from([None, ("one",)])}
_at: dict[str, Any] = {**_thing, "at_m": st.none() | vectors(100), **_lasts}
_way = st.lists(st.tuples(*[numbers(0.01, 9)] * 4), min_size=1, max_size=3)
DEEDS = st.one_of(
    st.builds(Push, impulse_n_s=vectors(9), spin_n_m_s=vectors(9), **_at),
    st.builds(Push, velocity_m_s=vectors(9), **_at),
    st.builds(Turn, speed=numbers(-9, 9), **_joint, **_lasts),
    st.builds(Turn, impulse=numbers(-9, 9), **_joint, **_lasts),
    st.builds(Wind, velocity_m_s=vectors(30), **_some),
    st.builds(Shake, acceleration_m_s2=vectors(9), frequency_hz=numbers(0.01, 200), **_some),
    st.builds(Pull, velocity_m_s=vectors(9), most_n=numbers(0, 1000), **_at),
    st.builds(Latch, most=st.none() | numbers(0, 9), **_joint, **_ever),
    st.builds(Latch, held=st.just(False), **_joint, **_ever),
    st.builds(Release, **_thing, delay_s=numbers(0, 9)),
    st.builds(Fault, embodiment=st.just("one"), label=st.sampled_from([None, "grip"]), gain=numbers(-9, 9), bias=numbers(-9, 9), **_ever),
    st.builds(Fault, embodiment=st.just("one"), frozen=st.just(True), **_ever),
    st.builds(Blind, camera=st.just("one"), how=st.sampled_from(DIMMINGS), amount=numbers(0, 1), **_ever),
    st.builds(
        lambda legs, **more: Walk(path=tuple((sum(leg[0] for leg in legs[: i + 1]), *leg[1:]) for i, leg in enumerate(legs)), **more),
        _way, **_thing, most_m_s=numbers(0.001, 9), most_n=numbers(0, 1000), delay_s=numbers(0, 9),
    ),
)  # fmt: skip
"""Every sort of deed, done to what is called `one`, each number within its bounds."""

WHO = st.builds(
    Who,
    names=st.sampled_from([(), ("one",)]),
    category=st.sampled_from([None, "tableware"]),
    kind=st.sampled_from([None, "glass"]),
    affordance=st.sampled_from([None, "open"]),
    on=st.sampled_from([None, "ground", "one"]),
    free=st.sampled_from([None, True, False]),
    pick=st.sampled_from(PICKS),
)
TRIGGERS = st.one_of(
    st.fixed_dictionaries({"at_s": numbers(0, 100)}),
    st.just({"when": Condition(predicate="touching", thing="one", to="ground"), "most": 3}),
    st.just({"when": Condition(predicate="upright", thing="one")}),
    st.fixed_dictionaries({"rate_per_min": numbers(0.01, 600), "most": st.none() | st.integers(1, 99)}),
    st.fixed_dictionaries({"after": st.just("before"), "delay_s": numbers(0, 9)}),
)
EVENTS = st.fixed_dictionaries(
    {
        "trigger": TRIGGERS,
        "expects": st.none() | st.just(Condition(predicate="touching", thing="one", to="ground")),
        "safety": st.sampled_from([None, *SAFETIES]),
        "kind": st.none() | st.just("bump"),
        "who": st.none() | WHO,
        "strength": st.none() | MAGNITUDES,
        "direction": st.none() | vectors(9).filter(any),
        "deeds": st.lists(DEEDS, min_size=1, max_size=3).map(tuple),
    }
)


@st.composite
def events(draw: st.DrawFn, name: str, thing: str, camera: str | None, body: str | None, before: str | None) -> Event:
    """An event about a thing, and about a camera, an embodiment and the event before it where there are such."""
    given = draw(EVENTS)
    trigger = given.pop("trigger")
    if "after" in trigger and before is None:
        trigger = {"at_s": 1.0}
    edits = [
        Move(thing, None),
        Set(thing, color=None, friction=0.5, options=(("x", 1), ("y", True))),
        Add(Thing(name="brought", kind="glass"), 0),
        SetTime(3.0),
        Remove(thing),
        Scale(thing, (1.0, 2.0, 1.0)),
    ]
    if given["kind"] is None:
        given.update(who=None, strength=None, direction=None, edits=tuple(draw(st.lists(st.sampled_from(edits), max_size=3))))
    else:
        given.pop("deeds")
    of = {Fault: body, Blind: camera}
    named = [(deed, of.get(type(deed), thing)) for deed in given.pop("deeds", ())]
    done = tuple(renamed(deed, "one", one) for deed, one in named if one is not None)
    if named and not done:
        done = (Push(thing=thing, velocity_m_s=(0.0, 0.0, 1.0)),)
    told = Event(name=name, **given, **trigger, deeds=done)
    return renamed(renamed(told, "one", thing), "before", before or "before")


@st.composite
def scenes(draw: st.DrawFn, *, most: int = 4) -> Scene:
    taken = draw(st.lists(names, min_size=14, max_size=14, unique=True))
    made: list[Thing] = []
    for name in taken[: draw(st.integers(0, most))]:
        made.append(draw(things(name, made)))
    if len(made) > 1 and draw(st.booleans()):
        made[0] = replace(made[0], attach=made[-1].name)
    made = draw(st.permutations(made))
    assets = [AssetRef(name="robot_arm", folder="assets/robot arm", sha256="0123456789abcdef" * 4)] if draw(st.booleans()) else []
    cameras = st.builds(
        CameraMount,
        name=st.just(taken[4]),
        pose=poses(),
        fov_y_deg=numbers(1, 170),
        width_px=st.integers(1, 4096),
        attach=st.sampled_from([None, *(t.name for t in made)]),
    )
    lights = st.builds(
        Light,
        name=st.just(taken[5]),
        kind=st.sampled_from(["sun", "spot", "point"]),
        position_m=vectors(1000),
        direction=vectors(1e6).filter(any),
        color=colors,
        intensity=numbers(0, 10),
        spread_deg=numbers(1, 180),
        shadow=st.booleans(),
    )
    bodies = [Embodiment(name=taken[6], kind=draw(st.sampled_from(["free_camera", "hand", "pusher", "walker"])), pose=draw(poses()))]
    if assets:
        action = draw(st.sampled_from([None, "position", "velocity", "torque"]))
        bodies = [Embodiment(name=taken[6], kind="robot", asset="robot_arm", action=action)]
    sensors = st.builds(
        Sensor,
        name=st.just(taken[8]),
        kind=st.sampled_from(["imu", "tactile", "lidar", "proximity"]),
        pose=poses(),
        attach=st.sampled_from([None, *(t.name for t in made)]),
        rows=st.none() | st.integers(1, 128),
        fov_deg=st.none() | st.tuples(numbers(0, 360), numbers(0, 180)),
        reach_m=st.none() | numbers(0.001, 1000),
        pattern=st.sampled_from([None, "spinning", "solid_state"]),
    )
    spaces = st.builds(
        Space,
        name=st.just(taken[10]),
        kind=st.sampled_from(SPACE_KINDS),
        low_m=st.tuples(*[st.floats(-10, -0.1)] * 2),
        high_m=st.tuples(*[st.floats(0, 10)] * 2),
        sensitive=st.booleans(),
    )
    goals: list[Goal] = []
    if len(made) > 1:
        goals = draw(st.sampled_from([[], [Goal(name=taken[9], predicate="on", thing=made[0].name, to=made[1].name)]]))
    elif made:
        goals = [Goal(name=taken[9], predicate="upright", thing=made[0].name)]
    groups: list[Group] = []
    happens: list[Event] = []
    if made:
        members = draw(st.lists(st.sampled_from([t.name for t in made]), min_size=1, unique=True))
        groups = draw(st.sampled_from([[], [Group(name=taken[11], members=tuple(members))]]))
        happens = draw(st.just([]) | st.tuples(events(taken[12], made[0].name, taken[4], taken[6], None)).map(list))
        if happens and draw(st.booleans()):
            happens.append(draw(events(taken[13], made[-1].name, taken[4], taken[6], taken[12])))
    # events may speak of the camera and the embodiment, so with events there are both
    mounted = draw(st.lists(cameras, min_size=int(bool(happens)), max_size=1))
    embodied = bodies if happens else draw(st.sampled_from([[], bodies]))
    ground = st.none() | st.builds(
        Ground, material=st.sampled_from(sorted(MATERIALS)), color=st.none() | colors, friction=st.none() | numbers(0, 10)
    )
    return Scene(
        name=draw(names),
        title=draw(TITLES),
        gravity_m_s2=draw(st.just((0.0, 0.0, -9.81)) | vectors(1000)),
        moving=draw(st.booleans()),
        ground=draw(ground) or (Ground() if happens else None),  # which events may speak of
        things=tuple(made),
        cameras=tuple(mounted),
        lights=tuple(draw(st.lists(lights, max_size=1))),
        embodiments=tuple(embodied),
        sensors=tuple(draw(st.lists(sensors, max_size=1))),
        goals=tuple(goals),
        assets=tuple(assets),
        spaces=tuple(draw(st.lists(spaces, max_size=1))),
        groups=tuple(groups),
        events=tuple(happens),
    )
