"""Whatever strangers send is refused with a code, and no session is any the worse for it."""

from __future__ import annotations

import base64
import json
import os
import socket
import ssl
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from websockets.sync.client import connect

from lifeworld.core.errors import InputError
from lifeworld.provenance import Authority
from lifeworld.studio import converse, guard, impatient, serve, wire
from lifeworld.studio.app import Studio
from lifeworld.studio.bucket import Buckets
from lifeworld.studio.client import Client
from lifeworld.studio.guard import MOST_TRIES, Door
from lifeworld.studio.library import Library
from lifeworld.studio.serve import Server, listening
from lifeworld.studio.session import Session

PORT = 8123
HERE = f"http://127.0.0.1:{PORT}"
PATIENCE_S = 30.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        server.studio.add(Session("tabletop")).wait()
        yield server


def seated(server: Server) -> Client:
    return Client(f"http://127.0.0.1:{server.studio.door.port}", server.studio.door.bearer)


# -- the API ---------------------------------------------------------------------------------------------------------------


def _studio() -> Studio:
    def begin(word: str, *, episode: str | None = None, tick: int = 0) -> Session:
        raise InputError("nothing begins here", got=word)

    studio = Studio(Door(PORT), Library((), begin))
    studio.app._asks = studio.app._openings = Buckets(1e9, 1e9)
    return studio


STUDIO = _studio()
INSIDE = {"authorization": f"Bearer {STUDIO.door.bearer}", "host": f"127.0.0.1:{PORT}"}
SCHEMA = schemathesis.openapi.from_dict(TestClient(STUDIO.app, base_url=HERE, headers=INSIDE).get("/api/openapi.json").json())


@SCHEMA.exclude(path=list(guard.FILES)).parametrize()
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_breaks_the_api(case: Any) -> None:
    """By its own schema, schemathesis asks for what is allowed and for what is not: never is it our fault, and a refusal has a code."""
    answered(case)


@pytest.mark.slow  # a process looks into each file
@SCHEMA.include(path=list(guard.FILES)).parametrize()
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_file_breaks_the_api(case: Any) -> None:
    answered(case)


def answered(case: Any) -> None:
    client = TestClient(STUDIO.app, base_url=HERE, raise_server_exceptions=False)
    how = case.as_transport_kwargs(base_url=HERE)
    how["headers"] = {str(k): v for k, v in dict(how.pop("headers", {})).items() if str(k).lower() not in ("host", "origin")} | INSIDE
    for unknown in set(how) - {"method", "url", "headers", "params", "json", "data", "content", "files"}:
        how.pop(unknown)
    how["data" if isinstance(how.get("data"), dict) else "content"] = how.pop("data", None)
    try:
        answer = client.request(**how)
    except (UnicodeEncodeError, ValueError):  # what no client can send
        return
    assert answer.status_code < 500 or answer.status_code == 503, (how, answer.text)
    if 400 <= answer.status_code < 500 and answer.headers.get("content-type", "").startswith("application/json"):
        said = answer.json()
        assert {"code", "message"} <= set(said.get("detail", said)), said


# -- limits ----------------------------------------------------------------------------------------------------------------


@given(st.floats(0.1, 100), st.floats(1, 50), st.lists(st.floats(0, 2), max_size=80))
def test_nobody_takes_more_than_the_bucket_holds(rate: float, burst: float, waits: list[float]) -> None:
    buckets, now, got = Buckets(rate, burst), 0.0, 0
    for wait in waits:
        now += wait
        got += buckets.take("me", now=now)
    assert got <= burst + now * rate + 1e-6
    assert got >= min(len(waits), 1)
    assert buckets.take("other", now=now)  # others have their own


def test_who_asks_too_fast_waits() -> None:
    studio = Studio(Door(PORT))
    studio.app._asks = Buckets(0.001, 5)
    client = TestClient(studio.app, base_url=HERE, headers={"authorization": f"Bearer {studio.door.bearer}"})
    codes = [client.get("/api/sessions").status_code for _ in range(8)]
    assert codes == [200] * 5 + [429] * 3
    assert client.get("/api/sessions").json()["code"] == "too_fast"


def test_tokens_cannot_be_guessed_fast() -> None:
    studio = Studio(Door(PORT))
    client = TestClient(studio.app, base_url=HERE, headers={"origin": HERE})
    codes = [client.post("/api/open", json={"token": f"guess {i}"}).status_code for i in range(14)]
    assert codes[:10] == [403] * 10
    assert codes[-1] == 429


def raw(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.studio.door.port), timeout=PATIENCE_S)


def rest(of: socket.socket) -> bytes:
    """All that comes until the other side hangs up."""
    out = b""
    with suppress(ConnectionError):
        while chunk := of.recv(65_536):
            out += chunk
    return out


def test_who_dawdles_over_a_head_is_hung_up_on(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(impatient, "HEAD_S", 0.3)
    with raw(server) as silent, raw(server) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-a: ")
        assert rest(silent) == rest(slow) == b""
    with raw(server) as again:  # and after a whole request, in the next
        host = f"127.0.0.1:{server.studio.door.port}".encode()
        again.sendall(b"GET /api/sessions HTTP/1.1\r\nhost: " + host + b"\r\n\r\n")
        assert b"401" in again.recv(65_536)
        again.sendall(b"GET / HT")
        assert b"200" not in rest(again)


def test_who_dawdles_over_a_body_is_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_S", 0.3)
    port = server.studio.door.port
    with raw(server) as slow:
        head = f"POST /api/open HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\norigin: http://127.0.0.1:{port}\r\n"
        slow.sendall(head.encode() + b'content-type: application/json\r\ncontent-length: 90\r\nconnection: close\r\n\r\n{"tok')
        assert b" 408 " in rest(slow).split(b"\r\n")[0]


def test_only_so_many_come_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(serve._HOW, "limit_concurrency", 4)
    with Server() as small:
        held = [raw(small) for _ in range(4)]
        head = f"GET /api/sessions HTTP/1.1\r\nhost: 127.0.0.1:{small.studio.door.port}\r\nconnection: close\r\n\r\n".encode()
        time.sleep(0.2)
        with raw(small) as one_more:
            one_more.sendall(head)
            assert b" 503 " in rest(one_more).split(b"\r\n")[0]
        for each in held:
            each.close()
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            with raw(small) as again:
                again.sendall(head)
                if b" 401 " in rest(again).split(b"\r\n")[0]:
                    return
        raise AssertionError("nobody gets in any more")


def test_a_taken_port_is_said_and_another_found() -> None:
    with listening() as first:
        number = first.getsockname()[1]
        with listening() as second:
            assert second.getsockname()[1] != number
        with pytest.raises(InputError, match=r"--port \d+"):
            listening(number)
    with pytest.raises(InputError):
        listening(70_000)


# -- frames ----------------------------------------------------------------------------------------------------------------

GOOD = [
    {"do": "act", "seq": 1, "embodiment": "hand", "value": [0, 0, -0.1, 0, 0, 0, 1]},
    {"do": "say", "seq": 2, "text": "put a glass on the magazine", "selected": ["mug"]},
    {"do": "change", "seq": 3, "plan": {"lifeworld": 1, "edits": [{"remove": {"thing": "mug"}}]}},
    {"do": "seek", "seq": 4, "tick": 3}, {"do": "step", "seq": 5, "ticks": 2, "fast": True}, {"do": "play", "seq": 6, "speed": 2.0},
    {"do": "compare", "seq": 7, "nodes": [0, 1]}, {"do": "at", "seq": 8, "tick": 4},
    {"do": "watch", "seq": 9, "streams": ["rgb@front"], "hz": 2},
    {"do": "probe", "seq": 10, "stream": "rgb@front", "x": 3, "y": 4}, {"do": "draw", "seq": 11, "eye_m": [1, 1, 1]},
    {"do": "keep", "seq": 12, "signals": [], "licence": "x", "consent": True},
    {"do": "go", "seq": 13, "node": 0}, {"do": "drawn", "seq": 14},
    {"do": "undo", "seq": 15}, {"do": "redo", "seq": 16}, {"do": "mark", "seq": 17, "name": "here"}, {"do": "again", "seq": 18},
]  # fmt: skip
VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.lists(st.floats() | st.text(max_size=5), max_size=9)
)


@st.composite
def frames(draw: st.DrawFn) -> str | bytes:
    """A message a page could send, with something in it that no page would."""
    said = dict(draw(st.sampled_from(GOOD)))
    match draw(st.integers(0, 4)):
        case 0:
            said[draw(st.sampled_from(sorted(said)))] = draw(VALUES)
        case 1:
            said.pop(draw(st.sampled_from(sorted(said))))
        case 2:
            said[draw(st.text(max_size=8))] = draw(VALUES)
        case 3:
            text = bytearray(json.dumps(said).encode())
            text[draw(st.integers(0, len(text) - 1))] = draw(st.integers(0, 255))
            return bytes(text).decode("utf-8", "replace")
        case 4:
            return draw(st.binary(max_size=60))
    return json.dumps(said)


@given(st.lists(frames(), min_size=1, max_size=6))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_frame_breaks_a_session(server: Server, said: list[str | bytes]) -> None:
    """Whatever is said, it answers the next question; where it refuses, there is a code, and never ours to mend."""
    port, session = server.studio.door.port, next(iter(server.studio.sessions))
    address = f"ws://127.0.0.1:{port}/api/sessions/{session}"
    inside = {"authorization": f"Bearer {server.studio.door.bearer}"}
    with connect(address, subprotocols=[wire.PROTOCOL], additional_headers=inside, compression=None) as socket:  # type: ignore[list-item]
        for one in said:
            socket.send(one)
        socket.send('{"do": "pause", "seq": 4000000000}')
        while True:
            answer = socket.recv(timeout=PATIENCE_S)
            if isinstance(answer, bytes):
                continue
            told = json.loads(answer)
            if told["is"] == "wrong":
                assert told["code"] != "internal_error", (said, told)
                assert told["message"]
            if told.get("seq") == 4_000_000_000:
                assert told["is"] == "done"
                return


def upgraded(server: Server) -> socket.socket:
    """A WebSocket after the handshake, as bare bytes."""
    port, session = server.studio.door.port, next(iter(server.studio.sessions))
    one = raw(server)
    key = base64.b64encode(os.urandom(16)).decode()
    one.sendall(
        f"GET /api/sessions/{session} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
        f"sec-websocket-key: {key}\r\nsec-websocket-version: 13\r\nsec-websocket-protocol: studio.v1\r\n"
        f"authorization: Bearer {server.studio.door.bearer}\r\n\r\n".encode()
    )
    head = b""
    while b"\r\n\r\n" not in head:
        head += one.recv(1)
    assert b" 101 " in head.split(b"\r\n")[0]
    return one


@pytest.mark.parametrize(
    "noise",
    [
        b"\x81\x05hello",  # not masked
        b"\xff\x80\0\0\0\0",  # bits and an opcode that nobody has
        b"\x81\xff" + (1 << 40).to_bytes(8, "big") + b"\0\0\0\0",  # a message of a terabyte
        b"\x81\xff" + (400_000).to_bytes(8, "big") + b"\0\0\0\0" + b"a" * 400_000,  # larger than a message may be
        b"\x81\x82\0\0\0\0\xff\xfe",  # no UTF-8
        b"\x80\x80\0\0\0\0",  # goes on with nothing
        os.urandom(500),
    ],
    ids=["unmasked", "opcode", "terabyte", "too long", "no text", "continuation", "noise"],
)
def test_broken_frames_end_their_own_connection_only(server: Server, noise: bytes) -> None:
    with upgraded(server) as bad, seated(server) as good:
        with suppress(ConnectionError):
            bad.sendall(noise)
            bad.shutdown(socket.SHUT_WR)
        rest(bad)
        good.pause()
        before = good.tick
        good.step(2)
        assert good.tick == before + 2


def test_a_flood_is_slowed_then_ended(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converse, "MESSAGES", (0.1, 5.0))
    monkeypatch.setattr(converse, "MOST_REFUSED", 3)
    with upgraded(server) as flood:
        text = b'{"do":"pause","seq":1}'
        with suppress(ConnectionError):
            flood.sendall((bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text) * 40)
        said = b""
        while converse.TOO_FAST.to_bytes(2, "big") + b"too_fast" not in said:  # the frame that closes it
            more = flood.recv(65_536)
            assert more
            said += more
    monkeypatch.undo()
    with seated(server) as good:
        good.pause()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.example"}, 403), ({"origin": "null"}, 403), ({}, 403), ({"host": "evil.example"}, 421),
        ({"authorization": "Bearer guess"}, 403), ({"cookie": "lifeworld=guess"}, 403),
    ],
)  # fmt: skip
def test_no_stranger_opens_a_socket(server: Server, headers: dict[str, str], status: int) -> None:
    port, session = server.studio.door.port, next(iter(server.studio.sessions))
    head = {"host": f"127.0.0.1:{port}", **headers}
    lines = "".join(f"{k}: {v}\r\n" for k, v in head.items())
    with raw(server) as one:
        one.sendall(
            f"GET /api/sessions/{session} HTTP/1.1\r\n{lines}upgrade: websocket\r\nconnection: Upgrade\r\n"
            f"sec-websocket-key: {base64.b64encode(os.urandom(16)).decode()}\r\nsec-websocket-version: 13\r\n"
            "sec-websocket-protocol: studio.v1\r\n\r\n".encode()
        )
        first = one.recv(65_536).split(b"\r\n")[0]
        assert b" 101 " not in first
        assert b" 403 " in first or str(status).encode() in first


# -- the network -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def lan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("LIFEWORLD_SIGNING", str(tmp_path / "signing"))
    with Server(lan=True) as server:
        server.studio.add(Session("tabletop")).wait()
        yield server


def asked(server: Server, path: str, body: Any = None, **headers: str) -> tuple[int, Any, Any]:
    """Over the network's gate, with the certificate checked: status, JSON, headers."""
    assert server.network is not None
    context = ssl.create_default_context(cadata=Authority.usual().pem)
    base = f"https://127.0.0.1:{server.network.port}"
    request = urllib.request.Request(base + path, None if body is None else json.dumps(body).encode())
    for name, value in {"origin": base, "content-type": "application/json", **headers}.items():
        request.add_header(name, value)
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S, context=context) as answer:
                said = answer.read()
                return answer.status, json.loads(said) if said[:1] in (b"[", b"{") else said, answer.headers
        except HTTPError as error:
            return error.code, json.loads(error.read()), error.headers
        except URLError as error:  # its thread has just begun
            if time.monotonic() > end or not isinstance(error.reason, ConnectionRefusedError):
                raise


def test_guests_of_the_network_come_by_the_code_and_only_look(lan: Server) -> None:
    assert lan.network is not None
    code = lan.studio.door.code
    assert code is not None
    assert lan.network.link == f"{lan.network.address}#{code}"
    assert len(lan.network.fingerprint) == 64
    assert asked(lan, "/api/sessions")[0] == 401
    status, _, headers = asked(lan, "/api/open", {"token": f"{code[:4].lower()}-{code[4:]}"})
    assert status == 204
    assert "Secure" in headers["set-cookie"]
    cookie = headers["set-cookie"].split(";")[0]
    status, sessions, _ = asked(lan, "/api/sessions", cookie=cookie)
    assert (status, len(sessions)) == (200, 1)
    for path in ("/api/library", "/api/openapi.json", "/api/library/x/episodes"):
        assert asked(lan, path, cookie=cookie)[0] == 403
    assert b"<!doctype html>" in asked(lan, "/episodes/x", cookie=cookie)[1]  # the page, which is told 403 in its turn
    for path in (
        "/api/verify",
        "/api/worlds",
        f"/api/sessions/{sessions[0]['name']}/export",
        f"/api/sessions/{sessions[0]['name']}/accept",
    ):
        assert asked(lan, path, {}, cookie=cookie)[:2] == (
            403,
            {"code": "guest", "message": "You are a guest here: you can look, and not change anything."},
        )
    assert asked(lan, "/api/sessions", cookie=cookie, host="evil.example")[0] == 421
    context = ssl.create_default_context(cadata=Authority.usual().pem)
    base = f"127.0.0.1:{lan.network.port}"
    with connect(f"wss://{base}/api/sessions/{sessions[0]['name']}", ssl=context, subprotocols=["studio.v1"],  # type: ignore[list-item]
                 additional_headers={"cookie": cookie}, origin=f"https://{base}", compression=None) as socket:  # type: ignore[arg-type] # fmt: skip
        told = json.loads(next(m for m in socket if isinstance(m, str)))
        assert (told["is"], told["seat"]) == ("welcome", "guest")  # the first to come, and yet


def test_the_code_is_tried_a_few_times_only(lan: Server) -> None:
    code = lan.studio.door.code
    for _ in range(MOST_TRIES):
        assert asked(lan, "/api/open", {"token": "AAAA-AAAA"})[0] == 403
    assert asked(lan, "/api/open", {"token": code})[0] == 403
    assert lan.studio.door.pairing() != code
    assert asked(lan, "/api/open", {"token": lan.studio.door.code})[0] == 204
    door = lan.studio.door
    assert door.open(door.code or "") is None  # nor does the code open this machine's own gate
    assert asked(lan, "/api/open", {"token": door.token})[0] == 403  # nor the link's token the network's


def test_loopback_is_all_there_is_unless_asked(server: Server) -> None:
    assert server.network is None
    assert server._socket.getsockname()[0] == "127.0.0.1"
