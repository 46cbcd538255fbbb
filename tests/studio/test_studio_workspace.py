"""The workspace by its keys alone, in a real browser: select, nudge, go back, branch, watch signals, wake; what axe says of it."""

from __future__ import annotations

from typing import Any

import pytest
from browsing import Visit, needed

from lifeworld.studio.serve import Server
from lifeworld.studio.session import Session

pytestmark = [*needed, pytest.mark.slow]


def place(session: Session, name: str) -> list[float]:
    """Where a thing stands now [m]."""
    pose = session._story.scene.thing(name).pose
    assert pose is not None
    return [float(v) for v in pose.position_m]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_workspace_goes_by_keys_and_axe_finds_nothing_serious(browser: Any, theme: str) -> None:
    with Server() as server:
        session = server.studio.add(Session("tabletop"))
        session.wait()
        visit = Visit(browser, server, width=900, height=600, theme=theme)
        page = visit.page
        page.goto(server.studio.door.link)
        visit.press("Enter")
        visit.there("mug")
        assert visit.axe() == []

        page.keyboard.press("?")
        visit.text("#keys-title", "Keys")
        assert visit.axe() == []
        page.keyboard.press("Escape")
        visit.until(lambda: page.locator("#keys-title").count() == 0, "the sheet is closed")

        page.locator(".view").focus()
        while page.locator('[role="treeitem"][aria-selected="true"]').filter(has_text="mug").count() == 0:
            page.keyboard.press("n")
        assert visit.axe() == []  # with the inspector
        before = place(session, "mug")
        page.keyboard.press("Shift+ArrowLeft")
        visit.until(lambda: place(session, "mug")[0] < before[0] - 0.08, "the mug is 10 cm to the left")
        assert place(session, "mug")[1] == pytest.approx(before[1], abs=5e-3)

        tree = page.get_by_role("slider", name="Tick of this branch")
        tree.focus()
        tree.press("Home")
        visit.until(lambda: session._story.line.tick == 0, "back at the beginning")
        assert place(session, "mug") == pytest.approx(before, abs=1e-3)
        visit.text(".said", "what you do now begins a branch")
        page.locator(".view").focus()
        page.keyboard.press("f")
        visit.until(lambda: len(session._story.line.nodes) == 3, "a branch from the first moment")
        assert [node.parent for node in session._story.line.nodes] == [None, 0, 0]

        page.keyboard.press("e")
        page.get_by_role("button", name="gust").or_(page.get_by_role("button", name="Air and ground")).first.click()
        assert visit.axe() == []
        page.keyboard.press("s")
        page.get_by_role("button", name="depth_m@front", exact=True).click()
        page.keyboard.press("Escape")
        visit.until(lambda: page.locator('article[aria-label="depth_m@front"] .bar-of').count() == 1, "depth with its legend")
        assert visit.axe() == []

        page.locator(".view").focus()
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        visit.text("h1", "You are awake")
        assert visit.errors == []
        assert visit.strangers == []
        session.stop()
