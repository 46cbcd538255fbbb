"""What somebody enters by a word: an episode, replayed and stepped into; a recording of pictures; a dream; what means nothing is told."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from visiting import Page, keyed

from lifeworld.core.errors import InputError, LifeworldError
from lifeworld.core.origin import Provenance
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.episode import Episode
from lifeworld.episode.seal import append_to
from lifeworld.provenance import verify
from lifeworld.scene import starter
from lifeworld.studio import wire
from lifeworld.studio.export import Export, exported
from lifeworld.studio.opening import begun, opened
from lifeworld.studio.scenery import Sceneries, physical
from lifeworld.studio.serve import Server
from lifeworld.studio.session import Session
from lifeworld.testing import check_world
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.record import record
from lifeworld.worlds.recording import WorldRecording
from lifeworld.worlds.replay import open_past

SECONDS = 1.0


class Reaching:
    """Moves the hand, so that there is something to be seen."""

    signals: tuple[str, ...] = ()

    def begin(self, spec: Any, *, seed: int) -> None: ...

    def act(self, observation: object, *, time_ns: int) -> dict[str, np.ndarray]:
        return {"hand": np.array([0.1, 0.0, -0.2, 0, 0, 0, 1.0])}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two episodes: one that keeps its states, and measured pictures with depth and nothing else."""
    folder = tmp_path_factory.mktemp("bundle") / "out"
    world = WorldEventful(WorldPhysics())
    lived = record(world, Reaching(), starter.load("tabletop"), seconds=SECONDS, seed=3, signals=["position_m"])
    times = np.arange(20) * 50_000_000
    frames = np.arange(20, dtype=np.uint8)[:, None, None, None] * np.ones((20, 48, 64, 3), np.uint8) * 10
    seen = {
        "rgb@left": Stream(SIGNALS["rgb"], times, frames, origin="measured", source="left"),
        "rgb@right": Stream(SIGNALS["rgb"], times, 255 - frames, origin="measured", source="right"),
        "depth_m@left": Stream(SIGNALS["depth_m"], times, np.full((20, 48, 64), 1.5, np.float32), origin="measured", source="left"),
        "audio_mono@left": Stream(SIGNALS["audio_mono"], times, np.zeros((20, 2400), np.float32), origin="measured", source="left"),
    }
    made = Provenance.now(engine="camera", engine_version="1")
    with append_to(folder, exact=("rgb",)) as writer:
        writer.commit([writer.stage(lived), writer.stage(Episode(streams=seen, provenance=made, title="on a desk"))])
    return folder


def visited(server: Server, session: Session) -> Page:
    server.studio.add(session).wait()
    return Page(server, session, keyed(server))


def ended(server: Server, session: Session, page: Page) -> None:
    page.leave()
    session.stop()
    del server.studio.sessions[session.name]


def line(page: Page, **so: Any) -> dict[str, Any]:
    return page.until(lambda said: said["is"] == "line" and all(said[key] == value for key, value in so.items()))


def test_an_episode_is_gone_along_and_stepped_into(server: Server, bundle: Path) -> None:
    from lifeworld.episode.bundle import open_bundle

    session = begun(opened(str(bundle), episode=0, tick=10))
    page = visited(server, session)
    now = line(page, tick=10)
    assert (now["playing"], now["along"], now["recorded"], len(now["nodes"])) == (False, True, 50, 1)
    page.answer("step", ticks=20)
    now = line(page, tick=30, playing=False)
    assert len(now["nodes"]) == 1  # along what was done: no branch
    past = open_past(open_bundle(bundle)[0])
    body = physical(past.at(30))
    assert body is not None
    assert np.array_equal(page.shown(), Sceneries().numbers(body))
    page.answer("play", along=True, speed=4.0)
    now = line(page, tick=50, playing=False)  # the recording is over: time stands
    page.answer("seek", tick=20)
    page.ask("act", embodiment="hand", value=[0, 0, 0, 0, 0, 0, 0.0])  # taking hold of it
    page.answer("step", ticks=5)
    now = page.until(lambda said: said["is"] == "line" and len(said["nodes"]) == 2 and not said["playing"])
    assert (now["along"], now["nodes"][1]["left"], now["nodes"][0]["ticks"]) == (False, 20, 50)
    assert page.answer("say", text="remove the can")["is"] == "done"
    ended(server, session, page)


def test_a_stepped_into_episode_is_saved_and_gone_on_with(server: Server, bundle: Path, tmp_path: Path) -> None:
    for life in range(2):
        session = begun(opened(str(bundle), episode=0), state=tmp_path)
        page = visited(server, session)
        now = line(page)
        if life:
            assert (now["node"], now["tick"], now["recorded"], session.resumed is not None) == (1, 3, 50, True)
            assert "can" not in page.names()
        else:
            page.answer("seek", tick=25)
            page.answer("say", text="remove the can")
            page.answer("step", ticks=3)
            line(page, node=1, tick=3, playing=False)
        ended(server, session, page)


def test_a_recording_of_pictures_is_shown_on_one_clock_and_nothing_can_be_done_in_it(server: Server, bundle: Path) -> None:
    session = begun(opened(str(bundle), episode=1))
    page = visited(server, session)
    welcome = page.until(lambda said: said["is"] == "welcome")
    assert (welcome["title"], welcome["origin"], welcome["editable"], welcome["actions"]) == ("on a desk", "measured", False, [])
    assert {stream for row in welcome["signals"] for stream in row["streams"]} == {
        "rgb@left", "rgb@right", "depth_m@left", "audio_mono@left",
    }  # fmt: skip
    now = line(page)
    assert (now["recorded"], now["along"], now["playing"]) == (19, True, False)
    page.answer("watch", streams=["rgb@right", "depth_m@left", "audio_mono@left"])
    page.answer("seek", tick=7)
    page.until(lambda said: said["is"] == "outline" and round(page.state[4] / 0.05) == 7)
    assert page.state[0] == wire.PICTURE
    assert np.array(Image.open(io.BytesIO(page.payload)).convert("RGB")).mean() == 70
    page.until(lambda said: len(page.panes) == 3)
    page.answer("play", along=False, speed=4.0)
    now = line(page, tick=19, playing=False)
    assert len(now["nodes"]) == 1
    assert page.answer("say", text="remove the can")["reason"] == "cannot"
    ended(server, session, page)


def test_a_recording_keeps_the_laws_of_worlds(bundle: Path) -> None:
    from lifeworld.episode.bundle import open_bundle

    check_world(WorldRecording(open_bundle(bundle)[1]), None, ticks=5)


@pytest.mark.slow
def test_a_dream_is_entered_steered_and_cannot_be_edited(server: Server, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from tests.models import tiny

    from lifeworld.models.data.footage import open_footage
    from lifeworld.models.training.plan import Plan
    from lifeworld.models.zoo.card import Card
    from lifeworld.models.zoo.checkpoint import save

    data = tiny.bundle(tmp_path / "play", 6)
    footage = open_footage(data, size=(16, 16), length=10, cache=tmp_path / "cache")
    run = tiny.learn(footage, Plan(steps=20, average=0.9), tmp_path / "run", horizon=4, frames=16)
    model = tmp_path / "models" / "square"
    save(model, run.average, Card.of(tiny.SHAPE, footage, steps=run.step, seed=0))
    with pytest.raises(InputError, match="--from"):
        opened(str(model))
    session = begun(opened(str(model), source=data))
    page = visited(server, session)
    welcome = page.until(lambda said: said["is"] == "welcome")
    assert (welcome["origin"], welcome["editable"]) == ("dreamed", False)
    (square,) = welcome["actions"]
    page.answer("pause")
    page.ask("act", embodiment=square["name"], value=square["high"])
    page.answer("step", ticks=3)
    page.until(lambda said: said["is"] == "line" and not said["playing"] and said["tick"] >= 3)
    assert page.state[0] == wire.PICTURE
    assert page.state[2] & wire.SURE
    assert 0 < page.state[6] <= 10_000
    page.answer("watch", streams=["certainty@above"])
    page.answer("step", ticks=1)
    page.until(lambda said: bool(page.panes))
    assert page.answer("say", text="remove the square")["reason"] == "cannot"
    page.answer("seek", tick=1)
    line(page, tick=1)
    ended(server, session, page)


def test_a_dream_is_entered_by_its_name_and_its_film_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.setenv("LIFEWORLD_SIGNING", str(tmp_path / "signing"))
    assert isinstance(opened("push_table").world, WorldEventful)  # the scene of that name
    session = begun(opened("push_table", dream=True))
    with Server() as server:
        page = visited(server, session)
        (pusher,) = page.until(lambda said: said["is"] == "welcome")["actions"]
        page.answer("pause")
        page.ask("act", embodiment=pusher["name"], value=pusher["high"])
        page.answer("step", ticks=12)
        page.until(lambda said: said["is"] == "line" and not said["playing"] and said["tick"] >= 12)
        lived = np.array(Image.open(io.BytesIO(page.payload)).convert("RGB")).astype(float)
        film = tmp_path / "dream.mp4"
        film.write_bytes(exported(session, Export(form="mp4")))
        ended(server, session, page)
    found = verify(film)
    assert (found.standing, found.origin) == ("known", "dreamed")
    with av.open(str(film)) as held:
        pictures = [frame.to_ndarray(format="rgb24") for frame in held.decode(video=0)]
    assert len(pictures) >= 12
    shown = np.array(Image.fromarray(pictures[-1]).resize(lived.shape[1::-1], Image.Resampling.BOX)).astype(float)
    first = np.array(Image.fromarray(pictures[0]).resize(lived.shape[1::-1], Image.Resampling.BOX)).astype(float)
    assert np.abs(shown - lived).mean() < np.abs(first - lived).mean()  # it ends with what one stood before


@pytest.mark.parametrize(
    ("word", "how", "says"),
    [
        ("tabeltop", {}, "tabletop"),
        ("tabletop", {"episode": 3}, "--episode is for"),
        ("coinrun", {"source": Path("x")}, "--from is for"),
        ("push_tabel", {"dream": True}, "push_table"),
        ("tabletop", {"dream": True}, "no model"),
    ],
)
def test_what_means_nothing_is_told(word: str, how: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        opened(word, **how)


def test_folders_that_mean_nothing_are_told(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="neither a model nor a bundle"):
        opened(str(tmp_path))
    for episode in (7, -1, "nobody"):
        with pytest.raises(LifeworldError, match=r"no (such )?episode"):
            opened(str(bundle), episode=episode)
