"""Nobody comes in without the token, from another page, or by another name of this machine."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from lifeworld.studio.app import Studio
from lifeworld.studio.guard import HEADERS, MOST_BODY, Door

PORT = 8123
HERE = f"http://127.0.0.1:{PORT}"


@pytest.fixture
def studio() -> Studio:
    return Studio(Door(PORT))


@pytest.fixture
def client(studio: Studio) -> Iterator[TestClient]:
    with TestClient(studio.app, base_url=HERE) as client:
        yield client


def opened(studio: Studio, client: TestClient) -> TestClient:
    assert studio.door.token is not None
    answer = client.post("/api/open", json={"token": studio.door.token}, headers={"origin": HERE})
    assert answer.status_code == 204
    said = answer.headers["set-cookie"]
    assert "HttpOnly" in said
    assert "SameSite=Strict" in said
    return client


def test_the_link_opens_once(studio: Studio, client: TestClient) -> None:
    token = studio.door.token
    assert studio.door.link == f"{HERE}/#{token}"
    assert client.get("/api/sessions").status_code == 401
    assert opened(studio, client).get("/api/sessions").json() == []
    again = TestClient(studio.app, base_url=HERE)
    answer = again.post("/api/open", json={"token": token}, headers={"origin": HERE})
    assert answer.status_code == 403
    assert answer.json()["detail"]["code"] == "wrong_token"
    assert again.get("/api/sessions").status_code == 401
    studio.door.invite()
    opened(studio, again)


def test_two_studios_in_one_browser_do_not_shut_each_other_out() -> None:
    """A browser sends the cookies of all ports of a machine, whoever set them."""
    first, second = Studio(Door(PORT)), Studio(Door(PORT + 1))
    said = []
    for studio in (first, second):
        there = f"http://127.0.0.1:{studio.door.port}"
        answer = TestClient(studio.app, base_url=there).post("/api/open", json={"token": studio.door.token}, headers={"origin": there})
        said.append(answer.headers["set-cookie"].split(";")[0])
    both = {"cookie": "; ".join(said)}
    for studio in (first, second):
        client = TestClient(studio.app, base_url=f"http://127.0.0.1:{studio.door.port}", headers=both)
        assert client.get("/api/sessions").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:1", "127.0.0.1", "localhost.evil.example:8123", ""])
def test_another_name_for_this_machine_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/", headers={"host": host})
    assert (answer.status_code, answer.json()["code"]) == (421, "wrong_host")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:8123", None])
def test_what_changes_comes_from_our_own_page(studio: Studio, client: TestClient, origin: str | None) -> None:
    headers = {} if origin is None else {"origin": origin}
    answer = client.post("/api/open", json={"token": studio.door.token}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_origin")
    opened(studio, client)  # the token has not been spent
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/api/sessions/x", headers=headers, subprotocols=["studio.v1"]):
        pass


def test_a_script_brings_its_key(studio: Studio) -> None:
    client = TestClient(studio.app, base_url=HERE, headers={"authorization": f"Bearer {studio.door.bearer}"})
    assert client.get("/api/sessions").status_code == 200
    client.headers["authorization"] = "Bearer guess"
    assert client.get("/api/sessions").status_code == 401


def test_too_much_is_refused(studio: Studio, client: TestClient) -> None:
    answer = client.post("/api/open", content=b"x" * (MOST_BODY + 1), headers={"origin": HERE, "content-type": "application/json"})
    assert answer.status_code == 413

    def parts() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * (MOST_BODY // 10)

    answer = client.post("/api/open", content=parts(), headers={"origin": HERE, "content-type": "application/json"})
    assert answer.status_code == 413  # without a length it is counted as it comes


def test_every_answer_forbids_the_rest_of_the_web(client: TestClient) -> None:
    for path in ("/", "/api/sessions", "/assets/none.js", "/api/nothing"):
        answer = client.get(path)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, (path, name)
        assert "access-control-allow-origin" not in answer.headers


PAGES = ("/", "/library", "/verify", "/episodes/a", "/episodes/a/b", "/world/x", "/nowhere")


def test_who_is_not_in_sees_the_page_and_no_answer(studio: Studio, client: TestClient) -> None:
    """A bookmark, or another browser: a page that says how one comes in. What it would ask for is closed."""
    for path in PAGES:
        answer = client.get(path)
        assert answer.status_code in (200, 503), path  # 503: the page is not built
        assert answer.headers["content-type"].startswith("text/html"), path
        assert answer.text == client.get("/").text, path
        assert client.post(path, headers={"origin": HERE}).status_code == 401, path
    for path in (
        "/api/sessions",
        "/api/sessions/x",
        "/api/library",
        "/api/verify",
        "/api/openapi.json",
        "/%61pi/sessions",
        "/api/../api/x",
    ):
        assert client.get(path).status_code == 401, path


def test_nothing_but_the_page_is_outside_the_api(studio: Studio) -> None:
    """So that whatever is added is behind the guard."""
    inside: Any = studio.app.app
    assert [path for path in inside.openapi()["paths"] if not path.startswith("/api/")] == ["/{path}"]


@pytest.mark.parametrize(
    "path", ["/assets/../app.py", "/assets/..%2fapp.py", "/assets/%2e%2e/guard.py", "/assets/..", "/assets//etc/passwd"]
)
def test_no_path_leads_out_of_the_page(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert "import" not in answer.text
    assert answer.status_code in (200, 401, 404, 503)
