"""One browser for all tests that want one; a server for a file of tests, and somebody at a table of their own in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from visiting import Page, keyed

from lifeworld.studio.serve import Server
from lifeworld.studio.session import Session


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from browsing import CHROMIUM, QUIET

    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with driver.sync_playwright() as playing:
        browser = playing.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def session(server: Server) -> Iterator[Session]:
    session = server.studio.add(Session("tabletop"))
    session.wait()
    yield session
    session.stop()
    del server.studio.sessions[session.name]


@pytest.fixture
def page(server: Server, session: Session) -> Iterator[Page]:
    page = Page(server, session, keyed(server))
    yield page
    page.leave()
