"""What leaves a session says where it comes from; what comes in from strangers is looked at first; a full disk takes nobody's world."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import urllib.request
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import msgspec
import numpy as np
import pytest
from PIL import Image
from visiting import Page, keyed

from lifeworld.cli import main
from lifeworld.core.errors import UnsafeFile
from lifeworld.provenance import Authority
from lifeworld.provenance.authority import known, remember
from lifeworld.provenance.inspect import inspect
from lifeworld.provenance.verdict import Verdict
from lifeworld.studio.arrival import arrived
from lifeworld.studio.client import Client, Lost, Refused
from lifeworld.studio.export import named
from lifeworld.studio.serve import Server
from lifeworld.studio.session import Session
from lifeworld.worlds.game import WorldGame


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """This user's own authority, in a folder of its own."""
    folder = tmp_path_factory.mktemp("signing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIFEWORLD_SIGNING", str(folder))
        patch.setenv("LIFEWORLD_AUTHOR", "Ada")
        yield folder


@pytest.fixture(scope="module")
def server(signing: Path) -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture(scope="module")
def me(server: Server) -> Iterator[Client]:
    """Somebody who has put a glass on the magazine, a fifth of a second after the beginning."""
    server.studio.add(Session("tabletop")).wait()
    with Client(server.studio.door.address, server.studio.door.bearer) as me:
        me.pause()
        me.fork(0)
        me.step(10)
        me.say("put a glass on the magazine")
        me.step(5)
        yield me


def look(data: bytes, folder: Path, name: str, into: Path) -> Verdict:
    file = into / name
    file.write_bytes(data)
    return inspect(file, known(folder))


@pytest.mark.parametrize("form", ["png", "mp4", "wav", "world"])
def test_what_is_taken_away_says_who_and_what(form: str, me: Client, signing: Path, tmp_path: Path) -> None:
    data = me.export(form, tmp_path / f"kept.{form}")
    assert (tmp_path / f"kept.{form}").read_bytes() == data
    found = look(data, signing, f"x.{form}", tmp_path)
    assert (found.standing, found.who, found.origin) == ("known", "Ada", "simulated")
    assert found.made is not None
    assert found.made["engine_version"].startswith("mujoco")
    assert found.made["seed"] == 0
    assert found.made["changes"] == ["0.20 s: put a glass on the magazine"]
    if form == "png":
        assert Image.open(io.BytesIO(data)).size[0] > 100
    if form == "wav":
        with wave.open(io.BytesIO(data)) as sound:
            assert (sound.getframerate(), sound.getnchannels()) == (48_000, 2)
            assert sound.getnframes() == pytest.approx(0.3 * 48_000, abs=2_000)


def test_a_picture_can_be_seen_from_anywhere(me: Client) -> None:
    near, far = me.picture(eye_m=(0.4, -0.6, 1.1), at_m=(0, 0, 0.75)), me.picture(eye_m=(9, -9, 4), at_m=(0, 0, 0.7), width_px=640)
    assert (near.shape, far.shape) == ((720, 1280, 3), (720, 640, 3))
    assert near[..., 0].std() > far[..., 0].std()  # a table full of things against much sky and ground
    for how in ({"eye_m": (float("1e9"), 0, 0)}, {"stream": "depth_m@front"}, {"stream": "rgb@nowhere"}):
        with pytest.raises(Refused):
            me.picture(**how)


def test_only_its_owner_takes_away(server: Server, me: Client) -> None:
    page = Page(server, server.studio.session(me.session), keyed(server))
    try:
        assert page.until(lambda said: said["is"] == "welcome")["seat"] == "owner"
    finally:
        page.leave()
    from starlette.testclient import TestClient

    origin = server.studio.door.address
    guest = TestClient(server.studio.app, base_url=origin, headers={"cookie": f"lifeworld={keyed(server)}", "origin": origin})
    answer = guest.post(f"/api/sessions/{me.session}/export", json={"form": "png"})
    assert (answer.status_code, answer.json()["detail"]["code"]) == (403, "guest")
    assert guest.post(f"/api/sessions/{me.session}/accept").status_code == 403


@pytest.mark.slow
def test_of_a_game_there_are_pictures_and_films(server: Server, signing: Path, tmp_path: Path) -> None:
    session = server.studio.add(Session(None, world=WorldGame("coinrun"), title="coinrun"))
    session.wait()
    try:
        with Client(server.studio.door.address, server.studio.door.bearer, session=session.name) as me:
            found = look(me.export("png"), signing, "x.png", tmp_path)
            assert found.made is not None
            assert "coinrun" in found.made["engine_version"]
            me.pause()
            me.act("player", [float(label == "right") for label in me.welcome["actions"][0]["labels"]])
            me.step(12)
            film = me.export("mp4")
            assert look(film, signing, "x.mp4", tmp_path).origin == "simulated"
            pictures = [frame.to_ndarray(format="rgb24") for frame in av.open(io.BytesIO(film)).decode(video=0)]
            assert len(pictures) == me.tick + 1
            assert np.ptp([picture.mean() for picture in pictures]) > 0  # somebody ran
            for form, why in (("wav", "input_error"), ("world", "edit_error")):
                with pytest.raises(Refused) as refused:
                    me.export(form)
                assert refused.value.reason == why
    finally:
        session.stop()
        del server.studio.sessions[session.name]


def test_a_name_is_plain() -> None:
    assert named("A table, with\r\nthings: ../../etc", "png") == "a-table-with-things-etc.png"
    assert named("桌", "world") == "world.world"


def posted(server: Server, path: str, data: bytes) -> Any:
    request = urllib.request.Request(server.studio.door.address + path, data)
    request.add_header("authorization", f"Bearer {server.studio.door.bearer}")
    request.add_header("content-type", "application/octet-stream")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return msgspec.json.decode(answer.read())


def test_the_drop_zone_says_what_is_known(server: Server, me: Client) -> None:
    data = me.export("png")
    said = posted(server, "/api/verify?name=..%2F..%2Fmine.png", data)
    assert (said["standing"], said["file"], said["who"], said["exit_code"]) == ("known", "mine.png", "Ada", 0)
    assert "simulated by physics mujoco" in said["told"]
    assert posted(server, "/api/verify?name=x.png", data[:-40])["standing"] == "changed"
    assert posted(server, "/api/verify?name=", b"hello")["standing"] == "unsigned"


def test_a_strangers_world_is_looked_at_first(
    server: Server, me: Client, signing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "theirs.world"
    data = me.export("world", file)
    here = tmp_path / "here"
    monkeypatch.setenv("LIFEWORLD_SIGNING", str(here))
    monkeypatch.delenv("LIFEWORLD_AUTHOR")
    said = posted(server, "/api/worlds?name=theirs.world", data)
    assert (said["accepted"], said["told"]) == (False, "")
    try:
        with Client(server.studio.door.address, server.studio.door.bearer, session=said["session"]) as you:
            assert {name: you.things[name] for name in you.things} == me.things
            assert you.tick == me.tick
            with pytest.raises(Refused) as refused:
                you.say("remove the glass")
            assert refused.value.reason == "not_accepted"
            assert "Ada" in str(refused.value)
            about = you.get(f"/api/sessions/{said['session']}")
            assert (about["accepted"], about["foreign"]["standing"], about["foreign"]["who"]) == (False, "stranger", "Ada")
            you._fetch(f"/api/sessions/{said['session']}/accept", {})
            you.undo()
            assert "glass" not in you.things
            you.say("remove the mug")
            again = look(you.export("world"), here, "again.world", tmp_path)
            assert again.standing == "known"
            assert {p["title"]: p["held"] for p in again.parents} == {"theirs.world": True}
            assert again.who != "Ada"
    finally:
        server.studio.sessions.pop(said["session"]).stop()
    changed = bytearray(data)
    changed[changed.index(b"lifeworld = 1")] ^= 1
    file.write_bytes(changed)
    with pytest.raises(UnsafeFile, match="changed since it was signed"):
        arrived(file, tmp_path / "into")
    file.write_bytes(data)
    remember(here, Authority.at(signing).pem)  # from now on Ada is known here
    (tmp_path / "in").mkdir()
    session, told = arrived(file, tmp_path / "in")
    assert (session.foreign, told) == (None, "")
    session.stop()


def mounted(folder: Path) -> None:
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")


def test_a_full_disk_stops_keeping_and_not_the_world(server: Server, tmp_path: Path) -> None:
    """A disk of 300 kB that is full (ENOSPC by the kernel): it is told, nothing of it counts, and the world goes on."""
    disk = tmp_path / "disk"
    mounted(disk)
    try:
        session = server.studio.add(Session("tabletop", keep=disk / "mine"))
        session.wait()
        with Client(server.studio.door.address, server.studio.door.bearer, session=session.name) as me:
            me.pause()
            me.step(40)
            (disk / "ballast").write_bytes(bytes(40_000))
            with pytest.raises(OSError, match="No space left"):
                (disk / "more").write_bytes(bytes(400_000))
            keep = {"signals": ["position_m", "quat_wxyz", "rgb@front"], "licence": "CC0-1.0", "consent": True}
            with pytest.raises(Refused) as refused:
                me.ask("keep", **keep)
            assert refused.value.reason == "storage_error"
            assert "the disk is full" in str(refused.value)
            before = me.tick
            me.say("put a glass on the magazine")
            me.step(3)
            assert (me.tick, "glass" in me.things) == (before + 3, True)
            for left in ("ballast", "more"):
                (disk / left).unlink()
        if (disk / "mine").exists():
            assert main(["check", str(disk / "mine")]) in (0, 2)
        session.stop()
        del server.studio.sessions[session.name]
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_the_client_says_what_went_wrong(server: Server, me: Client) -> None:
    with pytest.raises(Refused, match="Open the link"):
        Client(server.studio.door.address, "guess")
    with pytest.raises(Refused, match="no session"):
        Client(server.studio.door.address, server.studio.door.bearer, session="none")
    with pytest.raises(Lost, match="nobody answers"):
        Client("http://127.0.0.1:9", "key")
    with pytest.raises(Refused) as refused:
        me.say("put the mugg on the plate")
    assert refused.value.suggestions
    with pytest.raises(Refused, match="not watched"):
        me.seen("rgb@front")
    me.watch("rgb@front", "contacts", "relations")
    assert me.seen("rgb@front").ndim == 3
    assert me.seen("contacts").dtype == np.float32
    me.watch()


def test_two_clients_live_in_one_session(server: Server, me: Client) -> None:
    with Client(server.studio.door.address, server.studio.door.bearer, session=me.session) as other:
        node = me.line["node"]
        me.say("put the can beside the bottle")
        other._until(lambda: other.line["node"] != node)
        assert other.things["can"] == me.things["can"]
        other.undo()
        me._until(lambda: me.line["node"] == node)


@pytest.mark.slow
def test_a_world_is_entered_without_a_page(tmp_path: Path, me: Client, signing: Path) -> None:
    """The command prints where it is and the key; a `.world` of one's own goes on where it was left."""
    me.export("world", tmp_path / "mine.world")
    command = [
        sys.executable,
        "-m",
        "lifeworld.cli",
        "enter",
        str(tmp_path / "mine.world"),
        "--headless",
        "--state",
        str(tmp_path / "state"),
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stderr is not None
        told: dict[str, str] = {}
        for line in process.stderr:
            word, _, rest = line.strip().partition(" ")
            told[word] = rest
            if word == "link":
                break
        with Client(told["address"], told["key"]) as there:
            there.pause()
            assert there.things.keys() == me.things.keys()
            there.undo()
            assert "glass" not in there.things
        process.send_signal(signal.SIGINT)
        assert process.wait(30) in (0, 130)
