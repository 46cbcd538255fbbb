"""The studio by its sockets: from the command to the first frame, from a key to what it did, updates, viewers, rest, a long session.

All of it through the loopback interface, with the server in a process of its own and viewers that draw nothing; what a browser
draws, one row tells, depends on its graphics card. LIFEWORLD_SOAK_S says how long the long session is (two hours: 7200).
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.row import Row
from lifeworld.studio import wire

SHARE_S = 70
LONG_S = 620

CLICKS, SECONDS, VIEWERS, THINGS = 150, 4.0, 8, 100
SOAK_S = 600.0
PATIENCE_S = 120.0
WARM_S = 6.0
HAND = '[[embodiment]]\nname = "hand"\nkind = "hand"\nposition_m = [0.0, 0.0, 0.4]'
CHROMIUM = Path("/usr/bin/chromium")


def run() -> Iterator[Row]:
    """Nothing is averaged over tries: what is said is what happened."""
    yield from _first_frame()
    with served("tabletop") as server:
        with server.viewer() as viewer:
            viewer.watch(2.0)
            yield Row(
                "server at rest, time goes on, one viewer", 100 * server.cpu(SECONDS, viewer), "% of core", 35, lower=True, timed=True
            )
            waits = 1e3 * np.array(list(viewer.clicks(CLICKS)))
            yield Row("from a key to the state that has it, median", float(np.median(waits)), "ms", n=CLICKS)
            yield Row(
                "from a key to the state that has it, 95 % are faster than", float(np.percentile(waits, 95)), "ms", 60, lower=True, n=CLICKS
            )
        yield from _viewers(server)
    with tempfile.TemporaryDirectory() as folder:
        scene = Path(folder) / "many.toml"
        scene.write_text(_many(), encoding="utf-8")
        with served(str(scene)) as server, server.viewer() as viewer:
            viewer.watch(1.0)
            yield Row("things in the larger scene", THINGS, "", THINGS)
            yield Row("updates with so many things and a hand led about: two a tick", viewer.lead(SECONDS) / SECONDS, "1/s", 60)
            viewer.ask("play", speed=4.0)
            viewer.watch(0.5)
            name = "  four times as fast as outside, one a tick: 200 ticks a second"
            yield Row(name, viewer.watch(SECONDS) / SECONDS, "1/s")
        yield from _frames(scene)


def run_long() -> Iterator[Row]:
    """A long session."""
    yield from _soak(float(os.environ.get("LIFEWORLD_SOAK_S", SOAK_S)))


def _many() -> str:
    """A scene of a hundred blocks on the ground, a hand's breadth apart, and a hand over them."""
    side = round(THINGS**0.5)
    places = [(0.15 * (i % side - side / 2), 0.15 * (i // side - side / 2)) for i in range(THINGS)]
    rows = [f'[[thing]]\nname = "block_{i}"\nkind = "block"\nposition_m = [{x:.3f}, {y:.3f}, 0.0]' for i, (x, y) in enumerate(places)]
    return "\n".join(['lifeworld = 1\nname = "many"', *rows, HAND]) + "\n"


def _first_frame() -> Iterator[Row]:
    """From the command to the first state, with everything a page fetches before it draws; the second run, when files are warm."""
    for warm in (False, True):
        begin = time.perf_counter()
        command = [sys.executable, "-m", "lifeworld.cli", "enter", "tabletop", "--no-browser", "--no-autosave"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            assert process.stdout is not None
            link = next(found for line in process.stdout if (found := re.search(r"http://127\.0\.0\.1:(\d+)/#(\S+)", line)))
            port, token = int(link[1]), link[2]
            linked = time.perf_counter() - begin
            key = _opened(port, token)
            (one,) = _get(port, key, "/api/sessions")
            with Viewer.entered(port, f"lifeworld={key}", one["name"], by_cookie=True) as viewer:
                viewer.watch(0.0, least=1)
                portrait = _get(port, key, viewer.scenery)
                for digest in {*portrait["meshes"].values(), *portrait["textures"].values()}:
                    _raw(port, key, f"/api/blobs/{digest}")
            if warm:
                yield Row("from the command to its link, warm", linked, "s")
                yield Row("from the command to the first state and all that it takes to draw it, warm", time.perf_counter() - begin, "s", 5,
                          lower=True)  # fmt: skip
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)


def _frames(scene: Path) -> Iterator[Row]:
    """What a real browser draws of it while somebody turns the view: without a graphics card, as machines that measure have none."""
    name = "pictures a second that Chromium draws of so many things, 1280 × 800, no graphics card"
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        yield Row(name, None, "1/s", note="playwright is not installed")
        return
    if not CHROMIUM.exists():
        yield Row(name, None, "1/s", note=f"there is no {CHROMIUM}")
        return
    with served(str(scene)) as server, sync_playwright() as playing:
        browser = playing.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--enable-unsafe-swiftshader"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(1e3 * PATIENCE_S)
        page.goto(server.link)
        page.get_by_role("button", name="Enter", exact=True).click()
        page.wait_for_function("/fps|still/.test(document.querySelector('.hud')?.innerText)")
        page.mouse.move(500, 300)
        page.mouse.down()
        page.evaluate(
            """() => {
                const says = document.querySelector('[title="Pictures drawn a second"]');
                Object.assign(window, { beats: 0, told: [] });
                (function beat() { window.beats++; requestAnimationFrame(beat); })();
                setInterval(() => window.told.push(parseInt(says.innerText) || 0), 500);
            }"""
        )
        begin, told, beats = time.monotonic(), 0, 0
        while (spent := time.monotonic() - begin) < WARM_S + SECONDS:
            page.mouse.move(500 + 80 * np.sin(spent), 300)
            if spent < WARM_S:  # until it has found how finely it can draw
                told, beats = page.evaluate("[window.told.length, window.beats]")
        drawn, last = page.evaluate("[window.told, window.beats]")
        yield Row(name, float(np.mean(drawn[told:])), "1/s", note="it is drawn more coarsely until a picture takes 45 ms at most")
        yield Row("  pictures a second that it asks for meanwhile", (last - beats) / (time.monotonic() - begin - WARM_S), "1/s")
        browser.close()


def _viewers(server: Served) -> Iterator[Row]:
    """Eight who look on at once."""
    counts = [0] * VIEWERS
    viewers = [server.viewer() for _ in range(VIEWERS)]
    entered = [viewer.__enter__() for viewer in viewers]
    entered[0].ask("play", speed=1.0)

    def look(i: int) -> None:
        counts[i] = entered[i].watch(SECONDS)

    threads = [threading.Thread(target=look, args=(i,)) for i in range(VIEWERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for viewer in viewers:
        viewer.__exit__(None, None, None)
    yield Row("updates of each of several viewers, the fewest", min(counts) / SECONDS, "1/s", 30, n=VIEWERS)


def _soak(seconds: float) -> Iterator[Row]:
    """Somebody acts, says, goes back and goes on otherwise, all the time; how the server's memory grows from the first sixth to the end."""
    with served("tabletop") as server, server.viewer() as viewer:
        begin, done, early = time.monotonic(), 0, 0.0
        while (spent := time.monotonic() - begin) < seconds:
            for _ in viewer.clicks(10):
                pass
            viewer.asked("say", text=("push the bottle at 0.5 m/s", "put a cup on the table")[done % 2])
            viewer.watch(0.5)
            viewer.asked("undo")
            viewer.ask("play", speed=1.0)
            done += 1
            if not early and spent > seconds / 6:
                early = server.memory_mb()
        late = server.memory_mb()
        yield Row(f"a session of {seconds:.0f} s: changes made and taken back", done, "")
        yield Row("its memory at the end", late, "MB")
        yield Row("grown since its first sixth", 100 * (late / early - 1), "%", 5, lower=True)


# -- a server of its own, and who looks on ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Served:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    port: int
    key: str
    session: str
    link: str

    def viewer(self) -> Viewer:
        return Viewer.entered(self.port, f"Bearer {self.key}", self.session)

    def cpu(self, seconds: float, viewer: Viewer) -> float:
        """The share of one core that it takes while somebody looks on."""
        before = self._spent_s()
        viewer.watch(seconds)
        return (self._spent_s() - before) / seconds

    def memory_mb(self) -> float:
        """What it holds in memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1e3  # type: ignore[index]

    def _spent_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(scene: str) -> Iterator[Served]:
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.studio_server", scene], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        yield Served(process, said["port"], said["key"], said["session"], said["link"])
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)  # and close its pipe


@dataclass
class Viewer:
    """Somebody in a session who draws nothing, and says at once that it is drawn."""

    entering: Any
    socket: ClientConnection = field(init=False)
    seq: int = 0
    scenery: str = ""
    actions: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def entered(cls, port: int, key: str, session: str, *, by_cookie: bool = False) -> Viewer:
        origin = {"origin": f"http://127.0.0.1:{port}", "cookie": key} if by_cookie else {"authorization": key}
        address = f"ws://127.0.0.1:{port}/api/sessions/{session}"
        protocols = [Subprotocol(wire.PROTOCOL)]
        return cls(connect(address, subprotocols=protocols, additional_headers=origin, compression=None, close_timeout=1.0, max_size=None))

    def __enter__(self) -> Viewer:
        self.socket = self.entering.__enter__()
        self._until(lambda said: said["is"] == "welcome")
        return self

    def __exit__(self, *why: object) -> None:
        self.entering.__exit__(None, None, None)

    def ask(self, do: str, **how: Any) -> int:
        self.seq += 1
        self.socket.send(json.dumps({"do": do, "seq": self.seq, **how}))
        return self.seq

    def asked(self, do: str, **how: Any) -> dict[str, Any]:
        """The answer to a question, whichever it is."""
        seq = self.ask(do, **how)
        return self._until(lambda said: said.get("seq") == seq and said["is"] != "going")

    def watch(self, seconds: float, *, least: int = 0) -> int:
        """How many states came in a time; `least` so many, however long that takes."""
        count, end = 0, time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 or count < least:
            try:
                count += self._next(max(left, 0.05)) is not None
            except TimeoutError:
                assert time.monotonic() < end + PATIENCE_S
        return count

    def lead(self, seconds: float) -> int:
        """How many states came in a time in which something was led about by hand: round in half a second, again and again."""
        (first, *_) = self.actions
        count, end = 0, time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            value, round_rad = list(first["rest"]), 4 * np.pi * left
            value[:2] = 0.5 * first["high"][0] * np.cos(round_rad), 0.5 * first["high"][1] * np.sin(round_rad)
            self.ask("act", embodiment=first["name"], value=value)
            count += self.watch(min(left, 0.05))
        return count

    def clicks(self, count: int) -> Iterator[float]:
        """How long it takes [s] from each of so many acts to the state that has it in it, at moments that know nothing of the ticks."""
        chance = np.random.default_rng(0)
        (first, *_) = self.actions
        for i in range(count):
            self.watch(float(chance.uniform(0.02, 0.06)))
            value = list(first["rest"])
            value[0] += 0.2 * (first["high"][0] - value[0]) * (1 if i % 2 else -1)
            seq, begin = self.ask("act", embodiment=first["name"], value=value), time.perf_counter()
            while True:
                head = self._next(PATIENCE_S)
                if head is not None and head[5] >= seq:
                    break
            yield time.perf_counter() - begin

    def _next(self, wait_s: float) -> tuple[Any, ...] | None:
        """The header of the next message if it is a state of the world as it is; None of any other."""
        message = self.socket.recv(timeout=wait_s)
        if isinstance(message, bytes):
            head = wire.HEADER.unpack_from(message)
            self.socket.send(json.dumps({"do": "drawn", "seq": head[3]}))
            return head if head[0] == wire.STATE and head[1] == wire.NOW else None
        self._hear(json.loads(message))
        return None

    def _until(self, holds: Any) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            message = self.socket.recv(timeout=PATIENCE_S)
            if isinstance(message, bytes):
                self.socket.send(json.dumps({"do": "drawn", "seq": wire.HEADER.unpack_from(message)[3]}))
                continue
            said: dict[str, Any] = json.loads(message)
            self._hear(said)
            if holds(said):
                return said
        raise TimeoutError("nothing came of it")

    def _hear(self, said: dict[str, Any]) -> None:
        if said["is"] == "welcome":
            self.actions = said["actions"]
        elif said["is"] == "scenery":
            self.scenery = said["url"]


def _opened(port: int, token: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    headers = {"origin": f"http://127.0.0.1:{port}", "content-type": "application/json"}
    connection.request("POST", "/api/open", json.dumps({"token": token}), headers)
    cookie = connection.getresponse().headers["set-cookie"]
    return str(cookie.partition("=")[2].partition(";")[0])


def _raw(port: int, key: str, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    connection.request("GET", path, headers={"cookie": f"lifeworld={key}"})
    return connection.getresponse().read()


def _get(port: int, key: str, path: str) -> Any:
    return json.loads(_raw(port, key, path))


if __name__ == "__main__":
    for row in (*run(), *run_long()):
        print(row.line(), flush=True)
