"""Signals are watched: pictures in colours, rows of numbers, sound and words, at a rate that holds up nobody; what cannot be is told."""

from __future__ import annotations

import io
import json
import threading
import time
from functools import partial
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from visiting import Page, keyed

from lifeworld.core.signal import SIGNALS
from lifeworld.scene import starter
from lifeworld.studio import paint, wire
from lifeworld.studio.pane import Pane, offered, shows
from lifeworld.studio.serve import Server
from lifeworld.studio.session import Session
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.physics import thumbnail
from lifeworld.worlds.physics.engine import WorldPhysics


def watched(page: Page, streams: list[str], hz: float = 20.0, *, least: int = 1) -> dict[str, tuple[dict[str, Any], list[Any]]]:
    """What is said of each stream that is watched, and its binary messages, `least` of each."""
    page.panes.clear()
    answer = page.answer("watch", streams=streams, hz=hz)
    assert answer["is"] == "panes"
    assert [pane["stream"] for pane in answer["panes"]] == streams
    numbers = {pane["stream"]: pane["pane"] for pane in answer["panes"]}
    said: dict[str, dict[str, Any]] = {}

    def all_came(news: dict[str, Any]) -> bool:
        if news["is"] == "panes":
            said.update({pane["stream"]: pane for pane in news["panes"]})
        return set(said) >= set(streams) and all(len(page.panes.get(number, [])) >= least for number in numbers.values())

    page.until(all_came)
    return {stream: (said[stream], page.panes[number]) for stream, number in numbers.items()}


def test_pictures_numbers_tables_sound_and_words_are_watched(page: Page) -> None:
    streams = ["depth_m@front", "instance_ids@front", "contacts", "position_m", "audio_stereo@front", "questions", "goal_progress"]
    got = watched(page, streams)
    depth, messages = got["depth_m@front"]
    assert (depth["shows"], depth["unit"], depth["key"]["sort"], depth["origin"]) == ("picture", "m", "bar", "simulated")
    assert 0 < depth["key"]["low"] < depth["key"]["high"]
    assert Image.open(io.BytesIO(messages[-1][1])).size == (depth["width"], depth["height"]) == (320, 240)
    assert messages[-1][0][6] >= 1  # the version of what was said of it
    names = dict(got["instance_ids@front"][0]["key"]["names"])
    ids = np.array(Image.open(io.BytesIO(got["instance_ids@front"][1][-1][1])).convert("RGB")).reshape(-1, 3)
    seen = {"#{:02x}{:02x}{:02x}".format(*color) for color in np.unique(ids, axis=0).tolist()}
    assert {names["mug"], names["table"], names["background"]} <= seen <= set(names.values())
    contacts, messages = got["contacts"]
    rows = np.frombuffer(messages[-1][1], "<f4").reshape(-1, len(contacts["columns"]))
    column = [one["name"] for one in contacts["columns"]]
    called = contacts["legend"]["instance_ids"]
    pairs = {frozenset((called[int(row[column.index("body_a")])], called[int(row[column.index("body_b")])])) for row in rows}
    assert frozenset(("table", "mug")) in pairs
    position, messages = got["position_m"]
    assert ([c["name"] for c in position["columns"]], "mug" in position["rows"]) == (["x", "y", "z"], True)
    assert np.frombuffer(messages[-1][1], "<f4").size == 3 * len(position["rows"])
    sound, messages = got["audio_stereo@front"]
    assert (sound["rate_hz"], sound["channels"], len(messages[-1][1]) % (2 * 960 * 2)) == (48_000, 2, 0)
    assert all(isinstance(word, str) for row in json.loads(got["questions"][1][-1][1]) for word in row)
    assert got["goal_progress"][0]["rows"] == ["apple_on_plate", "mug_by_bottle"]


def test_a_pixel_is_probed(page: Page) -> None:
    watched(page, ["depth_m@front", "instance_ids@front"])
    found = page.answer("probe", stream="instance_ids@front", x=160, y=140)
    assert found["said"] == "plate"
    far = page.answer("probe", stream="depth_m@front", x=160, y=140)
    assert (far["is"], far["unit"]) == ("probed", "m")
    assert 0.3 < far["values"][0] < 5
    assert page.answer("probe", stream="depth_m@front", x=320, y=0)["code"] == "limit_error"
    assert page.answer("probe", stream="normals@front", x=0, y=0)["code"] == "signal_unavailable"


def test_what_the_world_cannot_give_is_told_with_what_it_can(page: Page) -> None:
    wrong = page.answer("watch", streams=["depth@front"])
    assert wrong["code"] == "signal_unavailable"
    assert "depth_m@front" in wrong["message"]
    assert "more than one stream" in page.answer("watch", streams=["depth_m"])["message"]
    for how in ({"streams": ["contacts"], "hz": 0}, {"streams": ["contacts"], "hz": 1e9}, {"streams": [f"rgb@{i}" for i in range(99)]}):
        assert page.answer("watch", **how)["code"] == "limit_error"


def test_a_pane_whose_camera_is_gone_is_told_and_the_others_go_on(page: Page) -> None:
    watched(page, ["depth_m@side", "contacts"])
    assert page.answer("change", plan={"plan": 1, "edits": [{"type": "set_camera", "name": "side", "camera": None}]})["is"] == "done"
    wrong = page.until(lambda said: said["is"] == "wrong")
    assert (wrong["code"], "depth_m@side" in wrong["message"]) == ("signal_unavailable", True)
    page.panes.clear()
    page.until(lambda said: len(page.panes) == 1)
    ((messages,),) = [page.panes.values()]
    assert messages[-1][0][0] == wire.NUMBERS


def test_watching_slows_the_world_for_nobody(page: Page) -> None:
    def ticks(seconds: float) -> int:
        first = page.until(lambda said: said["is"] == "line")["tick"]
        end = time.monotonic() + seconds
        return int(page.until(lambda said: said["is"] == "line" and time.monotonic() > end)["tick"]) - first

    watched(page, ["rgb@front"])  # the first picture takes as long as the driver takes
    page.answer("watch", streams=[])
    alone = ticks(1.5)
    watched(page, ["rgb@front", "normals@front", "flow_forward@side", "part_ids@hand_eye", "contacts", "depth_m@front"], hz=25.0)
    assert ticks(1.5) > 0.6 * alone


def test_nothing_new_is_sent_while_time_stands(page: Page) -> None:
    page.answer("pause")
    watched(page, ["depth_m@front"])
    page.panes.clear()
    for _ in range(3):
        page.until(lambda said: said["is"] == "outline")
    assert page.panes == {}
    page.answer("step", ticks=2)
    page.until(lambda said: bool(page.panes))


def test_two_who_watch_the_same_are_told_the_same(server: Server, session: Session, page: Page) -> None:
    watched(page, ["normals@front"])
    guest = Page(server, session, keyed(server))
    got = watched(guest, ["normals@front", "contacts"])
    page.answer("watch", streams=[])
    guest.panes.clear()
    guest.until(lambda said: len(guest.panes) == 2)
    assert got["normals@front"][0]["pane"] in guest.panes
    guest.leave()


def test_threads_take_turns_to_draw(page: Page) -> None:
    """The process has one OpenGL context: a picture for the library, drawn elsewhere, takes none away from who watches."""
    drawn: list[int] = []

    def library() -> None:
        for _ in range(2):
            drawn.append(thumbnail.drawn(starter.load("tabletop")).ndim)

    elsewhere = threading.Thread(target=library)
    watched(page, ["rgb@front"])
    elsewhere.start()
    watched(page, ["rgb@front", "normals@side"], least=3)
    elsewhere.join()
    watched(page, ["rgb@side"])
    assert drawn == [3, 3]


def test_the_server_draws_for_a_page_that_cannot(page: Page) -> None:
    page.until(lambda said: said["is"] == "welcome")
    for bad in ({"width_px": 1}, {"fov_deg": 1e9}, {"hz": 1e3}, {"at_m": [1e9, 0, 0]}):
        assert page.answer("draw", **{"eye_m": [1.5, -1.5, 1.6], **bad})["code"] == "limit_error"
    assert page.answer("draw", eye_m=[1.5, -1.5, 1.6], at_m=[0, 0, 0.7], width_px=320, height_px=180)["is"] == "done"
    page.until(lambda said: page.state[0] == wire.PICTURE)
    picture = np.array(Image.open(io.BytesIO(page.payload)).convert("RGB"))
    assert picture.shape == (180, 320, 3)
    assert picture.std() > 10
    time_s = page.state[4]
    page.until(lambda said: page.state[4] > time_s)  # and goes on
    assert page.state[0] == wire.PICTURE
    seq = page.ask("act", embodiment="hand", value=[0.0] * 7)
    page.until(lambda said: page.state[5] == seq)
    assert page.answer("draw")["is"] == "done"
    page.until(lambda said: page.state[0] == wire.STATE)


def test_events_and_goals_are_told(page: Page) -> None:
    welcome = page.until(lambda said: said["is"] == "welcome")
    goals = page.until(lambda said: said["is"] == "goals")
    assert ([g["name"] for g in goals["goals"]], goals["most"], goals["next"]) == (["apple_on_plate", "mug_by_bottle"], 2, "apple_on_plate")
    page.answer("pause")
    bump = next(one for one in welcome["events"] if one["kind"] == "bump")
    assert "mug" in bump["who"]
    plan = bump["plan"]
    plan["edits"][0]["event"]["who"]["names"] = ["mug"]
    assert page.answer("change", plan=plan)["is"] == "done"
    told = page.until(lambda said: said["is"] == "happenings" and len(said["happened"]) > 0)
    assert (told["happened"][0]["kind"], told["happened"][0]["who"]) == ("bump", ["mug"])
    assert page.answer("say", text="bump the mug")["is"] == "done"  # again, under a name of its own
    assert page.answer("say", text="in 2 seconds bump the can")["is"] == "done"
    told = page.until(lambda said: said["is"] == "happenings" and len(said["due"]) > 0)
    assert told["due"][0]["tick"] > 90
    page.answer("say", text="put the apple on the plate")
    goals = page.until(lambda said: said["is"] == "goals" and said["goals"][0]["reached"])
    assert (goals["points"], goals["next"]) == (1, "mug_by_bottle")
    page.answer("undo")
    goals = page.until(lambda said: said["is"] == "goals" and not said["goals"][0]["reached"])
    assert goals["points"] == 0


# -- laws ------------------------------------------------------------------------------------------------------------------


def test_every_stream_of_every_signal_can_be_encoded_and_says_what_it_is() -> None:
    """Of a lesson with joints, sensors, sound and soft things: whatever is offered is shown."""
    for scene in ("tabletop", "soft_things", "kitchen_counter"):
        world = WorldEventful(WorldPhysics(hearing=True, renderer="rays"))
        state = world.reset(starter.load(scene), seed=0)
        small = [row["streams"][0] for row in offered(world.spec) if row["shows"] != "picture"]
        for stream in small if scene != "tabletop" else [row["streams"][0] for row in offered(world.spec)]:
            pane = Pane(stream, 16)
            kind, payload = pane.encode(pane.of(world.observe(state, [pane.asks])), world.spec, partial(world.scene, state))
            assert pane.said["shows"] == shows(SIGNALS[pane.signal])
            if kind == wire.PICTURE:
                assert Image.open(io.BytesIO(payload)).size == (pane.said["width"], pane.said["height"])
            elif kind == wire.NUMBERS:
                width = 4 * len(pane.said["columns"])
                assert len(payload) % max(width, 1) == 0
                if "rows" in pane.said and payload:
                    assert len(payload) == width * len(pane.said["rows"])
            else:
                assert kind in (wire.SOUND, wire.TEXT)


RANGES = st.tuples(st.floats(0, 10), st.floats(0.1, 10)).map(lambda r: (r[0], r[0] + r[1]))


@given(RANGES, RANGES)
@settings(max_examples=50)
def test_a_range_is_kept_until_it_fits_no_more(now: tuple[float, float], found: tuple[float, float]) -> None:
    assert paint.kept(None, found) == found
    assert paint.kept(now, now) == now
    assert paint.kept(now, found) in (now, found)
    assert paint.kept(found, found) == found
