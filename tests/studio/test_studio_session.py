"""Somebody enters, says a sentence, goes back, goes on otherwise; others look on. Over a real server and real sockets."""

from __future__ import annotations

import io
import resource
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image
from visiting import TICK_S, Page, keyed

from lifeworld.core.errors import InputError
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.check import check
from lifeworld.episode.erase import erase
from lifeworld.studio import wire
from lifeworld.studio.scenery import Sceneries, physical
from lifeworld.studio.seats import Seats
from lifeworld.studio.serve import Server
from lifeworld.studio.session import Session
from lifeworld.studio.viewer import Viewer
from lifeworld.worlds.game import WorldGame
from lifeworld.worlds.replay import open_past


def test_a_sentence_changes_the_world_and_undo_takes_it_back(server: Server, session: Session, page: Page) -> None:
    welcome = page.until(lambda said: said["is"] == "welcome")
    assert (welcome["seat"], welcome["origin"], welcome["editable"]) == ("owner", "simulated", True)
    page.answer("pause")
    before = page.names()
    page.shown()
    portrait = page.state[6]
    ghost = page.answer("read", text="put a glass on the magazine")
    assert ghost["is"] == "understood"
    assert [g["kind"] for g in ghost["ghosts"]] == ["glass"]
    done = page.answer("say", text="put a glass on the magazine")
    assert done["is"] == "done"
    outline = page.until(lambda said: said["is"] == "outline" and len(said["things"]) > len(before))
    (new,) = {thing["name"] for thing in outline["things"]} - before
    assert ["on", new, "magazine"] in outline["facts"]
    page.until(lambda said: page.state[6] != portrait)  # what is said comes before what is drawn
    scenery = f"http://127.0.0.1:{server.studio.door.port}/api/sessions/{session.name}/portraits/{page.state[6]}"
    look = httpx2.get(scenery, headers={"authorization": f"Bearer {server.studio.door.bearer}"}).json()
    assert new in look["things"]
    assert page.numbers.size == 7 * len(look["frames"])
    page.answer("undo")
    page.until(lambda said: said["is"] == "outline" and {t["name"] for t in said["things"]} == before)
    page.answer("redo")
    page.until(lambda said: said["is"] == "outline" and new in {t["name"] for t in said["things"]})


def test_what_cannot_be_followed_is_told_and_changes_nothing(page: Page) -> None:
    page.answer("pause")
    before = page.names()
    wrong = page.answer("say", text="put a glass on the magazin")
    assert (wrong["is"], wrong["reason"]) == ("wrong", "unknown_word")
    assert "magazine" in wrong["message"]
    assert page.answer("change", plan={"plan": 1, "edits": [{"type": "remove", "name": "nobody"}]})["is"] == "wrong"
    assert page.answer("undo")["message"].startswith("there is nothing to undo")
    assert page.names() == before


def test_time_goes_on_stands_and_goes_back_to_the_bit(page: Page) -> None:
    page.answer("pause")
    early = page.step(12)["tick"]
    then = page.numbers.copy()
    late = page.step(8)["tick"]
    assert late == early + 8
    assert not np.array_equal(page.numbers, then)
    page.answer("seek", tick=early)
    page.until(lambda said: said["is"] == "line" and said["tick"] == early)
    assert np.array_equal(page.shown(), then)
    assert len(page.line["nodes"]) == 1
    page.answer("step", ticks=2)  # going on from the past begins a branch beside it
    line = page.until(lambda said: said["is"] == "line" and len(said["nodes"]) == 2 and not said["playing"])
    assert line["nodes"][1]["parent"] == 0
    assert line["nodes"][0]["ticks"] == late


def test_a_hand_is_moved_and_its_input_comes_back(page: Page) -> None:
    welcome = page.until(lambda said: said["is"] == "welcome")
    (hand,) = [a for a in welcome["actions"] if a["kind"] == "hand"]
    value = list(hand["rest"])
    value[2] = hand["high"][2]
    page.until(lambda said: said["is"] == "line" and page.numbers.size > 0)
    first = page.numbers.copy()
    seq = page.ask("act", embodiment=hand["name"], value=value)
    page.until(lambda said: said["is"] == "line" and page.state[5] == seq)
    assert np.abs(page.numbers - first).max() > 0.01


def test_guests_look_on(server: Server, session: Session, page: Page) -> None:
    page.until(lambda said: said["is"] == "welcome")
    guest = Page(server, session, keyed(server))
    assert guest.until(lambda said: said["is"] == "welcome")["seat"] == "guest"
    for do, how in (("say", {"text": "remove the can"}), ("undo", {}), ("pause", {})):
        assert guest.answer(do, **how)["code"] == "guest"
    page.answer("say", text="remove the can")
    guest.until(lambda said: said["is"] == "outline" and "can" not in {t["name"] for t in said["things"]})
    guest.leave()


def test_an_owner_who_is_gone_for_long_is_followed_by_a_guest(
    server: Server, session: Session, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.until(lambda said: said["is"] == "welcome")
    key = keyed(server)
    guest = Page(server, session, key)
    assert "The owner is here" in guest.answer("take")["message"]
    page.leave()
    guest.until(lambda _said: session.viewers == 1)
    assert "ask again in" in guest.answer("take")["message"]
    monkeypatch.setattr("lifeworld.studio.seats.HAND_OVER_S", 0.0)
    guest.ask("take")
    assert guest.until(lambda said: said["is"] == "welcome" and said["seat"] == "owner")["editable"]
    assert guest.answer("pause")["is"] == "done"
    guest.leave()
    again = Page(server, session, key)  # a lost connection comes back to the seat it had
    assert again.until(lambda said: said["is"] == "welcome")["seat"] == "owner"
    again.leave()


def test_a_page_that_draws_nothing_holds_up_nobody(server: Server, session: Session, page: Page) -> None:
    lazy = Page(server, session, keyed(server))
    line = page.until(lambda said: said["is"] == "line")
    later = page.until(lambda said: said["is"] == "line" and said["tick"] > line["tick"] + 50)
    assert later["playing"]
    lazy.leave()


def test_noise_on_the_socket_is_answered_and_survived(page: Page) -> None:
    for noise in ("", "{}", "[1]", '{"do": "say"}', '{"do": "act", "seq": 1, "embodiment": "hand", "value": [NaN]}', "\x00"):
        page.socket.send(noise)
        assert page.until(lambda said: said["is"] == "wrong")["code"] == "input_error"
    page.socket.send(b"\x00\x01")
    page.until(lambda said: said["is"] == "wrong")
    for value in ([0.0], [1e300] * 7, []):
        page.ask("act", embodiment="hand", value=value)
    page.ask("act", embodiment="nobody", value=[0.0])
    page.until(lambda said: said["is"] == "wrong" and said["code"] == "action_error")
    assert page.answer("pause")["is"] == "done"


def test_a_game_is_shown_by_its_pictures_and_cannot_be_changed(server: Server) -> None:
    session = server.studio.add(Session(None, world=WorldGame("coinrun"), title="coinrun"))
    session.wait()
    page = Page(server, session, keyed(server))
    welcome = page.until(lambda said: said["is"] == "welcome")
    assert (welcome["title"], welcome["editable"]) == ("coinrun", False)
    assert page.answer("say", text="add a coin")["reason"] == "cannot"
    page.answer("pause")
    page.answer("step", ticks=3)
    page.until(lambda said: said["is"] == "line" and said["tick"] >= 3 and not said["playing"])
    assert page.state[0] == wire.PICTURE
    picture = Image.open(io.BytesIO(page.payload))
    assert (picture.format, picture.size) == ("PNG", (64, 64))
    page.answer("seek", tick=1)
    page.until(lambda said: said["is"] == "line" and said["tick"] == 1)
    page.leave()
    session.stop()
    del server.studio.sessions[session.name]


def test_a_push_happens_now_and_can_be_taken_back(page: Page) -> None:
    page.until(lambda said: said["is"] == "welcome")
    page.answer("pause")
    page.names()
    page.step(1)
    assert page.answer("read", text="push the bottle at 1 m/s")["ghosts"] == []
    assert page.answer("say", text="push the bottle at 1 m/s")["is"] == "done"

    def bottle(said: dict[str, Any]) -> np.ndarray:
        return np.array(next(thing["position_m"] for thing in said["things"] if thing["name"] == "bottle"))

    before = bottle(page.until(lambda said: said["is"] == "outline"))
    page.answer("step", ticks=30)
    page.until(lambda said: said["is"] == "line" and said["tick"] == 30 and not said["playing"])
    after = bottle(page.until(lambda said: said["is"] == "outline" and said["tick"] >= 31))
    assert np.linalg.norm(after - before) > 0.05
    page.answer("undo")
    page.answer("step", ticks=30)
    page.until(lambda said: said["is"] == "line" and not said["playing"] and said["node"] != 1)
    still = bottle(page.until(lambda said: said["is"] == "outline"))
    assert np.linalg.norm(still - before) < 0.005


def test_what_is_undone_while_time_goes_on_can_be_redone(page: Page) -> None:
    page.until(lambda said: said["is"] == "line" and said["playing"] and said["tick"] > 2)
    for sentence in ("put a glass on the magazine", "remove the can"):
        assert page.answer("say", text=sentence)["is"] == "done"
    page.answer("undo")
    page.answer("undo")
    page.until(lambda said: said["is"] == "line" and not said["playing"] and said["redo"] and said["node"] == 0)
    assert page.answer("redo")["node"] == 1
    page.until(lambda said: said["is"] == "line" and not said["playing"])  # there is another to redo
    assert page.answer("redo")["node"] == 2
    page.until(lambda said: said["is"] == "line" and said["playing"])
    page.answer("undo")
    page.answer("pause")  # who stops the clock themselves finds it so
    page.answer("say", text="remove the can")
    page.until(lambda said: said["is"] == "line" and not said["playing"] and said["node"] == 3)


def test_branches_are_compared_and_looked_at_side_by_side(page: Page) -> None:
    page.until(lambda said: said["is"] == "welcome")
    page.answer("pause")
    parted = page.step(10)["tick"]  # time went on a tick or two before it stood
    page.answer("say", text="push the bottle at 1 m/s")
    page.step(40)
    page.answer("undo")
    page.answer("say", text="put a glass on the magazine")
    page.step(10)
    found = page.answer("compare", nodes=[1, 2])
    assert found["is"] == "compared"
    (other,) = found["others"]
    assert (found["node"], found["tick"], found["ticks"], found["lived"]) == (0, parted, 50, [40, 10])
    assert found["said"] == ["push the bottle at 1 m/s", "put a glass on the magazine"]
    assert other["came"] == ["glass"]
    (bottle,) = [moved for moved in other["moved"] if moved["thing"] == "bottle"]
    assert len(bottle["apart_m"]) == len(other["times_s"]) == 51
    assert bottle["most_m"] > 0.1
    assert max(bottle["apart_m"]) == pytest.approx(bottle["most_m"], abs=1e-6)
    assert {"side": "branch", "what": "on", "a": "glass", "b": "magazine", "told": "glass is on magazine"} in other["relations"]
    page.ask("at", tick=0)
    sides = page.all(2)
    assert [sides[side][0] for side in (1, 2)] == [pytest.approx(parted * TICK_S)] * 2
    page.ask("at", tick=10)  # where the second branch has come to now: what is shown of it is what there is
    assert np.array_equal(page.all(2)[2][2], page.numbers)
    (back,) = page.answer("compare", nodes=[2, 1])["others"]
    assert back["gone"] == ["glass"]
    assert [m["most_m"] for m in back["moved"]] == [m["most_m"] for m in other["moved"]]
    three = page.answer("compare", nodes=[0, 1, 2])
    assert (three["tick"], three["lived"], len(three["others"])) == (parted, [0, 40, 10], 2)
    page.ask("at", tick=10)
    assert np.array_equal(page.all(3)[3][2], page.numbers)


def test_a_branch_differs_from_what_it_left_only_since_then(page: Page) -> None:
    """A branch that is only gone on from earlier, at rest as before, is the same as far as it goes."""
    page.until(lambda said: said["is"] == "welcome")
    page.answer("pause")
    parted = page.step(12)["tick"] - 7
    page.answer("seek", tick=parted)
    page.answer("step", ticks=6)
    page.until(lambda said: said["is"] == "line" and said["node"] == 1 and said["tick"] == 6)
    found = page.answer("compare", nodes=[0, 1])
    (other,) = found["others"]
    assert (found["tick"], found["lived"], other["nothing"], other["moved"]) == (parted, [7, 6], True, [])
    for nodes in ([0, 0], [0, 7], [-1, 0], [0], [], [0, 1, 0], list(range(5))):
        assert page.answer("compare", nodes=nodes)["code"] == "input_error"


def test_nothing_is_kept_without_a_folder_and_a_yes(server: Server, page: Page, tmp_path: Path) -> None:
    keep = {"signals": ["position_m"], "licence": "CC-BY-4.0", "consent": True}
    assert page.until(lambda said: said["is"] == "welcome")["keep"] is None
    assert "keeps nothing" in page.answer("keep", **keep)["message"]
    session = server.studio.add(Session("tabletop", keep=tmp_path / "mine"))
    session.wait()
    other = Page(server, session, keyed(server))
    try:
        assert other.until(lambda said: said["is"] == "welcome")["keep"]["folder"] == str(tmp_path / "mine")
        for bad in ({"consent": False}, {"licence": ""}, {"licence": "a\nb"}, {"purposes": ["sell"]}):
            assert other.answer("keep", **{**keep, **bad})["code"] == "input_error"
        other.answer("pause")
        other.answer("undo")
        assert not (tmp_path / "mine").exists()
    finally:
        other.leave()
        session.stop()
        del server.studio.sessions[session.name]


def test_what_was_done_is_kept_with_its_consent_entered_again_and_taken_back(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    session = server.studio.add(Session("tabletop", keep=folder))
    session.wait()
    page = Page(server, session, keyed(server))
    try:
        page.until(lambda said: said["is"] == "welcome")
        page.answer("pause")
        changed = page.step(12)["tick"]
        page.answer("say", text="put a glass on the magazine")
        page.step(9)
        shown = page.numbers.copy()
        kept = page.answer("keep", signals=["position_m", "relations"], licence="CC-BY-4.0", consent=True, purposes=["train"])
        assert kept["is"] == "kept"
        assert page.answer("keep", signals=["position_m"], licence="CC0-1.0", consent=True)["is"] == "kept"
        (tmp_path / "a file").write_text("")
        session._keep = tmp_path / "a file" / "mine"
        assert page.answer("keep", signals=["position_m"], licence="CC0-1.0", consent=True)["is"] == "wrong"
        assert page.step(1)["tick"] == 10  # the world goes on
    finally:
        page.leave()
        session.stop()
        del server.studio.sessions[session.name]
    assert check(folder, deep=True) == []
    episode = open_bundle(folder).episode(*kept["uids"])
    assert episode.title == session.title
    assert episode.labels["changes"] == f"{changed * TICK_S:.2f} s: put a glass on the magazine"
    (consent,) = {c for stream in episode.streams.values() for c in stream.terms.consents}
    assert (consent.receipt, consent.purposes) == (kept["receipt"], ("train",))
    assert {stream.terms.license for stream in episode.streams.values()} == {"CC-BY-4.0"}
    past = open_past(episode)
    assert past.ticks == changed + 9
    there = physical(past.at(changed + 9))
    assert there is not None
    assert np.array_equal(Sceneries().numbers(there), shown)
    assert "glass" in {thing.name for thing in past.world.scene(past.at(changed + 9)).things}
    erase(folder, subject=consent.subject)
    assert check(folder, deep=True) == []
    assert len(open_bundle(folder)) == 0


def test_what_was_taken_out_cuts_what_is_kept_in_two_and_cannot_be_compared(server: Server, tmp_path: Path) -> None:
    session = server.studio.add(Session("tabletop", keep=tmp_path))
    session.wait()
    page = Page(server, session, keyed(server))
    try:
        page.until(lambda said: said["is"] == "welcome")
        page.answer("pause")
        changed = page.step(3)["tick"]
        page.answer("say", text="put a glass on the magazine")
        page.step(6)
        page.answer("say", text="remove the glass")
        page.answer("say", text="remove the can")
        page.step(5)
        shown = page.numbers.copy()
        kept = page.answer("keep", signals=["position_m"], licence="CC0-1.0", consent=True)
        assert kept["is"] == "kept"
        page.answer("seek", tick=changed - 1)
        page.answer("say", text="remove the mug")
        wrong = page.answer("compare", nodes=[3, 4])
        assert (wrong["code"], "glass, 7 ticks later" in wrong["message"]) == ("limit_error", True)
        assert page.answer("compare", nodes=[2, 3])["others"][0]["gone"] == ["can"]
    finally:
        page.leave()
        session.stop()
        del server.studio.sessions[session.name]
    assert check(tmp_path, deep=True) == []
    first, second = open_bundle(tmp_path)
    assert second.provenance.parents == (kept["uids"][0],)
    assert [open_past(one).ticks for one in (first, second)] == [changed + 6, 5]
    past = open_past(second)
    there = physical(past.at(5))
    assert there is not None
    assert np.array_equal(Sceneries().numbers(there), shown)
    assert {"can", "glass"}.isdisjoint(thing.name for thing in past.world.scene(past.at(0)).things)


def test_a_full_disk_is_told_and_the_world_goes_on(server: Server, tmp_path: Path) -> None:
    """As the kernel says it: a write beyond what there is room for (here, a limit on files) fails half-way."""
    session = server.studio.add(Session("tabletop", keep=tmp_path / "mine"))
    session.wait()
    page = Page(server, session, keyed(server))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        page.until(lambda said: said["is"] == "welcome")
        page.answer("pause")
        before = page.step(12)["tick"]
        keep = {"signals": ["position_m"], "licence": "CC0-1.0", "consent": True}
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, hard))
        wrong = page.answer("keep", **keep)
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert wrong["code"] == "storage_error"
        assert page.step(1)["tick"] == before + 1
        assert page.answer("keep", **keep)["is"] == "kept"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        page.leave()
        session.stop()
        del server.studio.sessions[session.name]
    assert check(tmp_path / "mine") == []
    assert len(open_bundle(tmp_path / "mine")) == 1


def test_who_may_only_look_on_never_owns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lifeworld.studio.seats.HAND_OVER_S", 0.0)
    seats, looking = Seats(), Viewer("from the network", lambda: None, may_own=False)
    seats.enter(looking)
    assert looking.seat == "guest"
    with pytest.raises(InputError, match="look on"):
        seats.take(looking)
    seats.enter(first := Viewer("here", lambda: None))
    assert (first.seat, seats.owns("here"), seats.owns("from the network")) == ("owner", True, False)
