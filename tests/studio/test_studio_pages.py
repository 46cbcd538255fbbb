"""The pages that are no world: a card leads to the gate, an episode is looked at, cut, said otherwise, deleted and brought back."""

from __future__ import annotations

import struct
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import httpx2
import numpy as np
import pytest
from browsing import AXE, Visit, needed

from lifeworld.core.origin import Provenance
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.check import check
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.mcap import read
from lifeworld.episode.formats.report import Report
from lifeworld.episode.seal import append_to
from lifeworld.provenance import verify
from lifeworld.scene import starter
from lifeworld.scene.text import to_text
from lifeworld.studio.library import Library
from lifeworld.studio.serve import Server
from lifeworld.studio.session import Session
from lifeworld.worlds.agent import AgentRest
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.record import record
from lifeworld.worlds.replay import open_past

STARTS: list[tuple[str, str | None, int]] = []


def begin(word: str, *, episode: str | None = None, tick: int = 0) -> Session:
    STARTS.append((word, episode, tick))
    return Session("cube_toss" if episode else starter.find(word))


def hummed() -> Episode:
    """Somebody hums for a second: a film, two numbers, a sound, what happens."""
    times = np.arange(25) * 40_000_000
    made = Provenance.now(engine="test", engine_version="1", seed=2**60 + 1)
    film = np.zeros((25, 48, 64, 3), dtype=np.uint8) + (10 * np.arange(25, dtype=np.uint8))[:, None, None, None]
    hum = (0.5 * np.sin(2 * np.pi * 440 * np.arange(50 * 960) / 48_000)).astype(np.float32).reshape(50, 960)
    rows = [np.zeros(0, SIGNALS["events"].dtype) for _ in times]
    rows[10] = np.array([(0, 1, 0, 2.0)], dtype=SIGNALS["events"].dtype)
    return Episode(
        streams={
            "rgb@front": Stream(SIGNALS["rgb"], times, film, origin="simulated", source="front"),
            "action@hand": Stream(
                SIGNALS["action"], times, np.stack([np.sin(times / 1e8), times * 1e-9], axis=1), origin="simulated", source="hand"
            ),
            "audio_mono@front": Stream(SIGNALS["audio_mono"], 20_000_000 * np.arange(1, 51), hum, origin="simulated", source="front"),
            "events": Stream(SIGNALS["events"], times, rows, origin="simulated"),
        },
        provenance=made,
        title="a hum",
        legend={"instance_ids": ("background", "cup"), "events": ("falls",), "action@hand": ("x_m_s", "y_m_s")},
    )


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shelf")
    (folder / "own.toml").write_text(to_text(starter.load("cube_toss")).replace("The cube of", "My own cube of"), encoding="utf-8")
    (folder / "broken.toml").write_text("lifeworld = 1\nname = 7\n", encoding="utf-8")
    (folder / "other.toml").write_text("[tool]\nx = 1\n", encoding="utf-8")
    tossed = record(
        WorldEventful(WorldPhysics()), AgentRest(), starter.load("cube_toss"), seconds=1.0, seed=0, signals=("position_m", "events")
    )
    with append_to(folder / "mine") as writer:
        writer.add(hummed())
        writer.add(tossed)
    return folder


@pytest.fixture(scope="module")
def server(shelf: Path) -> Iterator[Server]:
    with Server(library=Library((shelf,), begin)) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx2.Client]:
    door = server.studio.door
    with httpx2.Client(base_url=f"http://127.0.0.1:{door.port}", headers={"authorization": f"Bearer {door.bearer}"}, timeout=60) as client:
        yield client


def cards(client: httpx2.Client) -> dict[str, dict[str, Any]]:
    return {card["name"]: card for card in client.get("/api/library").json()["cards"]}


def bundle_of(client: httpx2.Client) -> str:
    return f"/api/library/{cards(client)['mine']['id']}"


# -- the library -----------------------------------------------------------------------------------------------------------


def test_cards_say_what_they_are(client: httpx2.Client) -> None:
    found = cards(client)
    assert set(starter.names()) <= set(found)
    assert (found["tabletop"]["sort"], found["tabletop"]["origin"], found["tabletop"]["ready"]) == ("scene", "simulated", True)
    assert (found["mine"]["sort"], found["mine"]["detail"]) == ("episodes", "2 episodes, 2.0 s in all")
    assert found["cube_toss"]["ready"]
    assert not found["broken"]["ready"]
    assert "name" in found["broken"]["why"]
    assert "other" not in found  # other TOML is not ours
    assert client.get("/api/library/nothing/picture").status_code == 404
    assert client.post("/api/library/nothing/enter").status_code == 404
    refused = client.post(f"/api/library/{found['broken']['id']}/enter")
    assert (refused.status_code, refused.json()["detail"]["code"]) == (422, "scene_error")


def test_a_picture_is_drawn_once_and_kept(client: httpx2.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFEWORLD_CACHE", str(tmp_path))
    at = f"/api/library/{cards(client)['cube_toss']['id']}/picture"
    answers = [client.get(at)]
    while answers[-1].status_code == 202 and len(answers) < 60:
        answers.append(client.get(at))
    assert answers[-1].content.startswith(b"\xff\xd8\xff")
    assert client.get(at).content == answers[-1].content
    assert [path.suffix for path in (tmp_path / "scenes").iterdir()] == [".png"]


# -- episodes, by the API --------------------------------------------------------------------------------------------------


def test_an_episode_is_shown_on_one_clock(client: httpx2.Client) -> None:
    shelf = bundle_of(client)
    rows = client.get(f"{shelf}/episodes").json()["episodes"]
    assert [row["title"] for row in rows] == ["a hum", starter.load("cube_toss").title]
    at = f"{shelf}/episodes/{rows[0]['uid']}"
    found = client.get(at).json()
    assert [track["name"] for track in found["pictures"]] == ["rgb@front"]
    assert [one["name"] for one in found["curves"]] == ["action@hand"]
    assert found["marks"] == [{"time_s": 0.4, "kind": "event", "told": "cup falls"}]
    assert (found["made"]["seed"], found["enterable"]) == (str(2**60 + 1), True)
    times = np.frombuffer(client.get(f"{at}/clock/rgb@front").content)
    assert np.allclose(times, np.arange(25) * 0.04)
    data = client.get(f"{at}/pictures/rgb@front", params={"first": 16}).content
    assert struct.unpack_from("<I", data) == (9,)
    first, size = struct.unpack_from("<dI", data, 4)
    assert first == pytest.approx(0.64)
    assert data[4 + 9 * 12 :][:3] == b"\xff\xd8\xff"
    assert len(data) > size
    curve = client.get(f"{at}/curve/action@hand").json()
    assert curve["names"] == ["x_m_s", "y_m_s"]
    assert np.allclose(curve["lines"][1], np.arange(25) * 0.04)
    wave = client.get(f"{at}/curve/audio_mono@front", params={"points": 400}).json()
    assert len(wave["times_s"]) <= 402
    assert (max(wave["lines"][0]), min(wave["lines"][0])) == pytest.approx((0.5, -0.5), abs=1e-3)  # no peak is lost
    sound = client.get(f"{at}/sound/audio_mono@front", params={"from_s": 0.5, "seconds": 0.2})
    assert sound.content[:4] == b"RIFF"
    assert abs(len(sound.content) - 44 - 2 * 48_000 * 0.2) <= 2 * 960 * 2
    for wrong in ("curve/nothing", "curve/events", "sound/action@hand", "pictures/depth_m@front", "clock/x"):
        assert client.get(f"{at}/{wrong}").status_code in (404, 422), wrong
    assert client.get(f"{shelf}/episodes/0193").status_code == 422


def test_what_is_changed_can_be_undone_and_the_bundle_stays_whole(client: httpx2.Client, shelf: Path) -> None:
    base = bundle_of(client)
    mine = shelf / "mine"

    def shown() -> list[tuple[str, str, dict[str, str]]]:
        return [(row["uid"], row["title"], row["labels"]) for row in client.get(f"{base}/episodes").json()["episodes"]]

    before = shown()
    uid, tossed = before[0][0], before[1][0]
    said = {"title": "a tune", "labels": {"success": "yes", "tags": "loud, short", "notes": "in A", "flag": None}}
    assert client.post(f"{base}/episodes/{uid}/relabel", json=said).json()["undo"] == "other words"
    assert shown()[0] == (uid, "a tune", {"success": "yes", "tags": "loud, short", "notes": "in A"})
    new = client.post(f"{base}/episodes/{tossed}/cut", json={"from_s": 0.45, "to_s": 0.8}).json()["uid"]
    piece = open_bundle(mine).episode(new)
    assert piece.duration_ns == 380_000_000  # from the state that was kept before 0.45 s to the last tick before 0.8 s
    assert open_past(piece).at(3).tick >= 3  # and can be entered
    client.post(f"{base}/episodes/{uid}/delete")
    assert [row[0] for row in shown()] == [new]
    assert check(mine, deep=True) == [] or all(problem.warning for problem in check(mine, deep=True))
    told = [client.post(f"{base}/undo").json()["told"] for _ in range(3)]
    assert told == ["the deletion", "the cut", "other words"]
    assert shown() == before
    assert client.post(f"{base}/undo").status_code == 409
    gone = client.get(f"{base}/episodes").json()["deleted"]
    assert [row["uid"] for row in gone] == [new]
    assert client.post(f"{base}/episodes/{new}/back").status_code == 200
    assert client.post(f"{base}/episodes/{new}/erase").json()["files"] > 0
    assert shown() == before
    for path, body in (
        (f"episodes/{uid}/cut", {"from_s": 5, "to_s": 6}),
        (f"episodes/{uid}/cut", {"from_s": -1, "to_s": 6}),
        (f"episodes/{uid}/cut", {"from_s": "x"}),
        (f"episodes/{uid}/relabel", {"title": "two\nlines"}),
        (f"episodes/{uid}/relabel", {"labels": {"": "x"}}),
        ("episodes/0193/delete", {}),
    ):
        answer = client.post(f"{base}/{path}", json=body)
        assert answer.status_code in (404, 422), path
    assert shown() == before
    assert [str(problem) for problem in check(mine, deep=True) if not problem.warning] == []


def test_an_episode_is_taken_away(client: httpx2.Client, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFEWORLD_SIGNING", str(tmp_path / "signing"))
    between = tmp_path / "between"
    between.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(between))
    bundle = open_bundle(shelf / "mine")
    uid = next(uid for uid in bundle.uids if bundle.episode(uid).title == "a hum")
    at, film, whole = f"{bundle_of(client)}/episodes/{uid}/export", tmp_path / "hum.mp4", tmp_path / "hum.mcap"
    answer = client.post(at, json={"form": "mp4", "from_s": 0.2, "to_s": 0.8})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
    assert answer.headers["content-disposition"] == 'attachment; filename="a-hum.mp4"'
    film.write_bytes(answer.content)
    found = verify(film)
    assert (found.standing, found.origin) == ("known", "simulated")
    assert uid in found.told
    with av.open(str(film)) as held:
        seconds = float(held.streams.video[0].duration * held.streams.video[0].time_base)
    assert 0.55 < seconds < 0.7
    whole.write_bytes(client.post(at, json={"form": "mcap"}).content)
    (back,) = read(whole, report=Report())
    mine = bundle.episode(uid)
    assert back.streams.keys() == mine.streams.keys()
    assert np.array_equal(np.asarray(back["action@hand"].values), np.asarray(mine["action@hand"].values))
    for wrong in ({"form": "gif"}, {"form": "mp4", "from_s": 0.8, "to_s": 0.2}, {"form": "mp4", "from_s": 5.0}):
        assert client.post(at, json=wrong).status_code == 422
    assert client.post(at.replace(uid, "nobody"), json={"form": "mcap"}).status_code == 404
    end = time.monotonic() + 10
    while left := list(between.glob("lifeworld-taken-*")):  # each goes when it has been sent
        assert time.monotonic() < end, left
        time.sleep(0.01)


def test_one_steps_in_at_the_tick_that_is_seen(client: httpx2.Client, shelf: Path) -> None:
    base = bundle_of(client)
    tossed = client.get(f"{base}/episodes").json()["episodes"][1]["uid"]
    answer = client.post(f"{base}/episodes/{tossed}/enter", json={"at_s": 0.5})
    assert answer.status_code == 200
    assert STARTS[-1] == (str(shelf / "mine"), tossed, 25)


# -- in a browser ----------------------------------------------------------------------------------------------------------


class TestInABrowser:
    pytestmark = needed

    def test_a_card_leads_to_the_gate(self, browser: Any, server: Server) -> None:
        visit = Visit(browser, server)
        page = visit.page
        visit.arrive(server.studio.door.invite(), "library")
        visit.text("h1", "Where to?")
        page.get_by_label("Search the library").fill("own cube")
        visit.until(lambda: page.locator(".world.card").count() == 1, "one card is left")
        page.locator(".world.card").click()
        visit.text("[role=dialog]", "Recording: off")
        assert "/world/" in page.url
        page.reload()
        visit.text("[role=dialog]", "Simulated")
        assert (visit.errors, visit.strangers) == ([], [])
        visit.context.close()

    def test_an_episode_is_looked_at_and_said_otherwise(self, browser: Any, server: Server, client: httpx2.Client) -> None:
        base = bundle_of(client)
        uid = client.get(f"{base}/episodes").json()["episodes"][0]["uid"]
        visit = Visit(browser, server)
        page = visit.page
        visit.arrive(server.studio.door.invite(), "library")
        visit.text("h1", "Where to?")
        page.goto(f"{visit.origin}episodes/{base.rsplit('/', 1)[1]}/{uid}")
        visit.text(".about h1", "a hum")
        light = "() => { const c = document.querySelector('.reel canvas'); return c.getContext('2d').getImageData(9, 9, 1, 1).data[0] }"
        visit.until(lambda: page.evaluate(light) < 20, "the first picture is dark")
        page.get_by_label("Time in the episode").press("End")
        visit.until(lambda: page.evaluate(light) > 220, "the last is light")
        page.get_by_role("button", name="cup falls").click()
        visit.until(lambda: page.locator(".transport output").inner_text() == "0:00.4", "a mark leads to its time")
        visit.until(lambda: abs(page.evaluate(light) - 100) < 12, "and its picture")
        assert page.locator(".trace canvas").count() == 1
        page.get_by_label("Flag: what is wrong with it").fill("hoarse")
        visit.press("Save")
        visit.until(lambda: page.get_by_role("button", name="Undo other words").count() == 1, "it is said")
        assert client.get(f"{base}/episodes").json()["episodes"][0]["labels"]["flag"] == "hoarse"
        visit.press("Undo other words")
        visit.until(lambda: "flag" not in client.get(f"{base}/episodes").json()["episodes"][0]["labels"], "and undone")
        visit.press("Delete")
        visit.text(".shelf", "a hum")
        visit.press("Bring back")
        visit.until(lambda: page.get_by_role("link", name="a hum").count() == 1, "it is back")
        assert (visit.errors, visit.strangers) == ([], [])
        visit.context.close()

    @pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: cd web && npm ci")
    @pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
    def test_axe_finds_nothing_serious(self, browser: Any, server: Server, client: httpx2.Client, theme: str) -> None:
        base = bundle_of(client)
        card, uid = base.rsplit("/", 1)[1], client.get(f"{base}/episodes").json()["episodes"][0]["uid"]
        visit = Visit(browser, server, theme=theme)
        found: dict[str, list[str]] = {}
        visit.page.goto(f"{visit.origin}library")  # without a link
        visit.text("h1", "You are not in yet")
        found["door"] = visit.axe()
        visit.page.get_by_label("Link or code").fill(server.studio.door.invite())
        visit.press("Come in")
        visit.text("h1", "Where to?")
        found["library"] = visit.axe()
        for name, path, words in (
            ("bundle", f"episodes/{card}", "mine"),
            ("episode", f"episodes/{card}/{uid}", "a hum"),
            ("verify", "verify", "known"),
        ):
            visit.page.goto(f"{visit.origin}{path}")
            visit.text("h1", words)
            found[name] = visit.axe()
        session = server.studio.add(Session("cube_toss"))
        session.wait()
        visit.page.goto(f"{visit.origin}world/{session.name}")
        visit.text("[role=dialog]", "Recording: off")
        found["gate"] = visit.axe()
        visit.press("Enter")
        visit.there("cube")
        found["world"] = visit.axe()
        session.stop()
        del server.studio.sessions[session.name]
        assert {name: serious for name, serious in found.items() if serious} == {}
        visit.context.close()

    @pytest.mark.slow
    @pytest.mark.parametrize("width", [360, 1280, 2560])
    def test_nothing_is_wider_than_the_window(self, browser: Any, server: Server, client: httpx2.Client, width: int) -> None:
        base = bundle_of(client)
        card, uid = base.rsplit("/", 1)[1], client.get(f"{base}/episodes").json()["episodes"][0]["uid"]
        visit = Visit(browser, server, width=width, height=800)
        visit.arrive(server.studio.door.invite(), "library")
        for path in ("library", "verify", f"episodes/{card}", f"episodes/{card}/{uid}"):
            visit.page.goto(f"{visit.origin}{path}")
            visit.until(lambda: visit.page.locator("h1").count() > 0, path)
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, path
        visit.context.close()
