"""Who comes into an episode while it goes on: everybody keeps their place and their id, from the first frame to the last."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lifeworld.core.errors import LimitError
from lifeworld.core.pose import Pose
from lifeworld.core.signal import SIGNALS
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.check import check
from lifeworld.episode.seal import append_to, create
from lifeworld.scene.edit import Add
from lifeworld.scene.event import Event
from lifeworld.scene.scene import CameraMount, Embodiment, Scene, Thing
from lifeworld.worlds.agent import AGENTS
from lifeworld.worlds.cast import Cast
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.record import record, record_to

BALL = Thing(name="late", kind="ball", pose=Pose((0.15, 0.0, 0.4)))
SCENE = Scene(
    name="room",
    things=tuple(Thing(name=f"block_{i}", kind="block", pose=Pose((0.12 * i - 0.4, 0.1, 0.0))) for i in range(7)),
    embodiments=(Embodiment(name="hand", kind="hand", pose=Pose((0.0, 0.0, 0.25))),),
    cameras=(CameraMount(name="front", pose=Pose.look_at((0.2, -1.0, 0.6), (0.0, 0, 0.1)), width_px=32, height_px=24),),
)
COMES = Event(name="comes", at_s=0.2, edits=(Add(thing=BALL),))


@pytest.fixture(scope="module")
def world() -> WorldPhysics:
    return WorldPhysics(renderer="rays")


def test_all_streams_speak_of_those_who_were_there_at_the_end(world: WorldPhysics, tmp_path: Path) -> None:
    eventful = WorldEventful(world, (COMES,))
    eventful.reset(SCENE, seed=0)
    signals = [s for s in eventful.spec.signals if SIGNALS[eventful.spec.signals[s]].per != "camera" or s.endswith("@front")]
    episode = record(eventful, AGENTS["rest"](), SCENE, seconds=0.4, seed=0, signals=signals)
    names = episode.legend["instance_ids"]
    assert names == ("background", *(f"block_{i}" for i in range(7)), "late", "hand")
    place = np.asarray(episode["position_m"].values)
    assert place.shape[1] == 8
    assert np.isnan(place[:10, 7]).all()
    assert place[10, 7] == pytest.approx((0.15, 0.0, 0.4))
    assert not np.isnan(place[:, :7]).any()
    mass = episode["mass_kg"]  # what is said once is said again when somebody comes
    assert mass.times_ns.tolist() == [0, 200_000_000]
    assert np.isnan(np.asarray(mass.values)).tolist() == [[False] * 7 + [True], [False] * 8]
    ids = np.asarray(episode["instance_ids@front"].values)
    seen = [{names[i] for i in np.unique(frame)} for frame in ids]
    assert all("hand" in frame for frame in seen)
    assert ["late" in frame for frame in seen] == [False] * 5 + [True] * (len(seen) - 5)
    bits = np.unpackbits(np.asarray(episode["amodal_bits@front"].values), axis=-1, bitorder="little")
    for one in range(1, len(names)):  # what is seen of somebody is part of what would be seen of them alone
        assert bits[..., one - 1][ids == one].all()
    for rows in episode["contacts"].values[:]:
        sides = {names[i] for side in ("body_a", "body_b") for i in rows[side]}
        assert "late" not in sides or rows is not episode["contacts"].values[0]
        assert "background" in sides or not len(rows)
    parts = episode.legend["part_ids"]
    shown = [{parts[i].partition("/")[0] for i in np.unique(frame)} for frame in np.asarray(episode["part_ids@front"].values)]
    assert all(frame <= {*names} for frame in shown)
    assert all("hand" in frame for frame in shown)
    with append_to(_bundle(tmp_path)) as bundle:
        bundle.add(episode)
    assert not [p for p in check(tmp_path / "b", deep=True) if not p.warning]
    again = open_bundle(tmp_path / "b")[0]
    assert np.array_equal(np.asarray(again["position_m"].values), place, equal_nan=True)


def _bundle(folder: Path) -> Path:
    create(folder / "b")
    return folder / "b"


def test_what_looks_ahead_looks_across_a_newcomer(world: WorldPhysics) -> None:
    """The flow to the frame in which somebody has come is that of those who were there, as if nobody had."""
    for at_s in (0.06, 0.08):  # within a frame, and between two
        with_one = WorldEventful(world, (replace(COMES, at_s=at_s),))
        falls = replace(SCENE, things=(replace(SCENE.things[0], pose=Pose((0.0, 0.0, 0.15))), *SCENE.things[1:]))
        signals = ["flow_forward@front", "instance_ids@front"]
        one, other = (record(w, AGENTS["rest"](), falls, seconds=0.16, seed=0, signals=signals) for w in (with_one, world))
        flow, without = (np.asarray(e["flow_forward@front"].values) for e in (one, other))
        alike = np.asarray(one["instance_ids@front"].values) < 8
        np.testing.assert_allclose(np.where(alike[:3, ..., None], flow[:3], 0), np.where(alike[:3, ..., None], without[:3], 0), atol=1e-3)
        assert np.nanmax(np.abs(flow[1])) > 0.05


def test_nobody_may_leave_and_a_journal_knows_all_beforehand(world: WorldPhysics, tmp_path: Path) -> None:
    world.reset(SCENE, seed=0)
    start = Cast.of(world.spec)
    with pytest.raises(LimitError, match="without block_2"):
        replace(start, things=tuple(name for name in start.things if name != "block_2")).check_grown(start)
    comes = WorldEventful(world, (replace(COMES, at_s=0.1),))
    with pytest.raises(LimitError, match="late"):
        record_to(_bundle(tmp_path), comes, AGENTS["rest"](), SCENE, seconds=0.2, seed=0, signals=["position_m"])
