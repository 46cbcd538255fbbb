"""A real browser at a real server: what it asks of anybody but us is refused and remembered, and so is what goes wrong in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from lifeworld.studio.serve import Server

CHROMIUM = Path("/usr/bin/chromium")
BUILT = Path(str(files("lifeworld.studio"))) / "static" / "index.html"
AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
QUIET = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-swiftshader",
)
PATIENCE_MS = 120_000
"""So long for one thing: two worlds that are drawn without a graphics card, on a machine that others use too."""

needed = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's Chromium is not installed: apt-get install chromium"),
    pytest.mark.skipif(not BUILT.exists(), reason="the page is not built: make page"),
    pytest.mark.timeout(600),
]
"""What a module of such tests is marked with."""


class Visit:
    """A page of a browser of its own."""

    def __init__(self, browser: Any, server: Server, *, width: int = 1100, height: int = 640, theme: str = "light") -> None:
        self.strangers: list[str] = []
        self.errors: list[str] = []
        self.origin = f"http://127.0.0.1:{server.studio.door.port}/"
        self.context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce", color_scheme=theme)
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.route("**/*", self._routed)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("websocket", lambda socket: self._known(socket.url.replace("ws://", "http://")))

    def _known(self, url: str) -> bool:
        if url.startswith(("blob:", "data:")):
            return True
        if not url.startswith(self.origin):
            self.strangers.append(url)
        return url.startswith(self.origin)

    def _routed(self, route: Any) -> None:
        if self._known(route.request.url):
            route.continue_()
        else:
            route.abort()

    def arrive(self, link: str, path: str) -> None:
        """In by a link, then to a page."""
        self.page.goto(link)
        self.until(lambda: self.page.locator("h1").count() > 0, "the link opens")
        self.page.goto(f"{self.origin}{path}")

    def say(self, sentence: str) -> None:
        line = self.page.get_by_label("What should change?")
        line.fill(sentence)
        line.press("Enter")
        self.until(lambda: line.input_value() == "", f"{sentence!r} is followed")

    def there(self, thing: str, *, is_there: bool = True) -> None:
        """Until a thing is in the outline, or is not."""
        rows = self.page.get_by_role("treeitem").filter(has_text=thing)
        self.until(lambda: (rows.count() > 0) is is_there, f"{thing} is {'there' if is_there else 'gone'}")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def text(self, locator: str, words: str) -> None:
        """Until a part of the page says so."""
        self.until(lambda: any(words in text for text in self.page.locator(locator).all_inner_texts()), f"{locator} says {words!r}")

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Until something is so.

        Raises:
            AssertionError: if it does not come to be.
        """
        from playwright.sync_api import Error

        def so() -> bool:
            try:
                return holds()
            except Error as error:  # asked while another page was being loaded
                if "context was destroyed" not in str(error):
                    raise
                return False

        end = time.monotonic() + PATIENCE_MS / 1000
        while not so():
            if time.monotonic() > end:
                said = " ".join(self.page.locator("body").inner_text().split())
                raise AssertionError(f"never: {what}; errors: {self.errors}; the page says: {said[:2000]}")
            self.page.wait_for_timeout(50)

    def axe(self) -> list[str]:
        """What axe finds serious on the page as it is."""
        if not self.page.evaluate("typeof axe !== 'undefined'"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run({resultTypes: ['violations'], rules: {'page-has-heading-one': {enabled: false}}})")
        return [
            f"{one['id']}: {node['html'][:160]}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]
