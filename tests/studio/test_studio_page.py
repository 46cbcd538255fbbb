"""The built page: whole, small, and of nobody else's."""

import gzip
import re
from importlib.resources import files
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from lifeworld.studio.app import Studio
from lifeworld.studio.guard import Door

STATIC = Path(str(files("lifeworld.studio"))) / "static"
MOST_GZIPPED = 1_500_000

pytestmark = pytest.mark.skipif(not (STATIC / "index.html").exists(), reason="the page is not built: make page")


def test_the_page_and_what_it_loads_are_served() -> None:
    client = TestClient(Studio(Door(8123)).app, base_url="http://127.0.0.1:8123")
    page = client.get("/")
    assert page.status_code == 200
    loaded = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert any(name.endswith(".js") for name in loaded)
    assert any(name.endswith(".css") for name in loaded)
    for name in loaded:
        answer = client.get(name)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert client.get("/assets/nothing.js").status_code == 404


def test_the_page_loads_nothing_from_elsewhere() -> None:
    """No address but those of the specifications that code and pictures name."""
    allowed = re.compile(r"https?://(www\.w3\.org|localhost|127\.0\.0\.1|[a-z.]*\$\{|\$\{)")
    html, css = ((path.read_text() for path in STATIC.rglob(f"*.{kind}")) for kind in ("html", "css"))
    for text in (*html, *css):
        assert not [url for url in re.findall(r"https?://[^\s\"')]+", text) if not allowed.match(url)]
    assert "<script>" not in (STATIC / "index.html").read_text()  # the policy allows no inline script


def test_the_page_is_small() -> None:
    assert sum(len(gzip.compress(path.read_bytes())) for path in STATIC.rglob("*") if path.is_file()) < MOST_GZIPPED
