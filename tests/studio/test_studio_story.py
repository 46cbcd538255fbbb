"""The story of issue 9 in a real browser: come in by the link, say a sentence, take it back, go on otherwise, compare both, keep one."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.check import check
from lifeworld.studio.serve import Server
from lifeworld.studio.session import Session

CHROMIUM = Path("/usr/bin/chromium")
BUILT = Path(str(files("lifeworld.studio"))) / "static" / "index.html"
QUIET = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 60_000

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's Chromium is not installed: apt-get install chromium"),
    pytest.mark.skipif(not BUILT.exists(), reason="the page is not built: make page"),
    pytest.mark.slow,
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


class Visit:
    """A page of a browser of its own; what it asks of anybody but us is refused and remembered, and so is what goes wrong in it."""

    def __init__(self, browser: Any, server: Server) -> None:
        self.strangers: list[str] = []
        self.errors: list[str] = []
        self.origin = f"http://127.0.0.1:{server.studio.door.port}/"
        context = browser.new_context(viewport={"width": 900, "height": 700}, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        context.route("**/*", self._routed)
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("websocket", lambda socket: self._known(socket.url.replace("ws://", "http://")))

    def _known(self, url: str) -> bool:
        if not url.startswith(self.origin):
            self.strangers.append(url)
        return url.startswith(self.origin)

    def _routed(self, route: Any) -> None:
        if self._known(route.request.url):
            route.continue_()
        else:
            route.abort()

    def say(self, sentence: str) -> None:
        line = self.page.get_by_label("What should change?")
        line.fill(sentence)
        line.press("Enter")
        playwright.expect(line).to_have_value("", timeout=PATIENCE_MS)  # it was followed

    def there(self, thing: str, *, is_there: bool = True) -> None:
        row = self.page.get_by_role("treeitem", name=thing)
        playwright.expect(row).to_have_count(1 if is_there else 0, timeout=PATIENCE_MS)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()


def test_enter_say_undo_branch_compare_keep_and_come_back(browser: Any, server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    session = server.studio.add(Session("tabletop", keep=folder))
    session.wait()
    link = server.studio.door.link
    visit = Visit(browser, server)
    page, expect = visit.page, playwright.expect

    page.goto(link)
    gate = page.get_by_role("dialog")
    expect(gate).to_contain_text("Simulated")
    expect(gate).to_contain_text("Nothing is kept unless you ask for it")
    assert "#" not in page.url  # the token is not left lying about
    visit.press("Enter")
    visit.there("magazine")
    visit.there("glass", is_there=False)

    line = page.get_by_label("What should change?")
    line.fill("put a glass on the magazin")
    expect(page.get_by_role("alert")).to_contain_text("magazine", timeout=PATIENCE_MS)
    line.fill("put a glass on the magazine")
    expect(page.locator(".reading")).to_contain_text("Add a glass on magazine", timeout=PATIENCE_MS)
    visit.say("put a glass on the magazine")
    visit.there("glass")
    on = page.locator("li", has=page.get_by_role("treeitem", name="magazine")).last
    expect(on.get_by_role("treeitem", name="glass")).to_have_count(1)  # under what carries it

    visit.press("Undo")
    visit.there("glass", is_there=False)
    visit.press("Redo")
    visit.there("glass")
    visit.press("Undo")
    visit.there("glass", is_there=False)
    visit.say("push the bottle at 1 m/s")

    visit.press("Compare")
    compared = page.get_by_role("dialog", name="Two branches compared")
    expect(compared.locator(".words")).to_contain_text("Only in A: glass", timeout=PATIENCE_MS)
    expect(compared.locator("table").first).to_contain_text("bottle")
    expect(compared.locator(".curves svg path.curve").first).to_be_visible()
    expect(compared.locator("figcaption").first).to_contain_text("put a glass on the magazine")
    clock = compared.get_by_label("Ticks since they part")
    clock.focus()
    clock.press("End")
    sides = compared.locator(".views-of-two canvas")
    page.wait_for_timeout(1_500)  # until both are drawn
    one, other = sides.nth(0).screenshot(), sides.nth(1).screenshot()
    assert one != other
    visit.press("Back to the world")

    assert not folder.exists()
    visit.press("nothing is kept")
    visit.press("No, keep nothing")
    assert not folder.exists()
    visit.press("nothing is kept")
    page.get_by_label("Models may learn from it.").check()
    visit.press("Yes, keep it")
    sheet = page.get_by_role("dialog", name="It is kept")
    expect(sheet).to_contain_text(f"lifeworld erase {folder} --subject", timeout=PATIENCE_MS)
    sheet.get_by_role("button").click()
    expect(page.get_by_role("button", name="1 kept")).to_be_visible()
    assert check(folder, deep=True) == []
    (episode,) = open_bundle(folder)
    assert "push the bottle at 1 m/s" in episode.labels["changes"]
    assert "glass" not in episode.labels["changes"]
    assert {c.purposes for stream in episode.streams.values() for c in stream.terms.consents} == {("train",)}

    page.reload()
    expect(page.get_by_role("dialog")).to_contain_text("You own this session", timeout=PATIENCE_MS)
    visit.press("Enter")
    expect(page.locator(".time")).to_contain_text("push the bottle at 1 m/s", timeout=PATIENCE_MS)  # on the branch where they were

    assert visit.errors == []
    again = Visit(browser, server)
    again.page.goto(link)
    expect(again.page.get_by_role("heading")).to_have_text("This link has been used", timeout=PATIENCE_MS)
    assert visit.strangers == again.strangers == []
    session.stop()
