"""A language model somewhere: one bounded question over HTTP to a server that speaks the OpenAI chat protocol."""

from __future__ import annotations

import http.client
import json
import os
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from lifeworld.core.errors import AssistantError, InputError
from lifeworld.scene.bounds import finite

MAX_ANSWER = 1_000_000
"""Bytes of an answer that are read at most."""
MAX_TOKENS = 4096
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is asked: the `url` before `/chat/completions`, the `model`'s name there, a `key` if it wants one.

    `timeout_s` is for everything that one request of ours takes, all turns together. A key goes over https or to this machine only.

    Raises:
        InputError: for an address that is none, or a key that would travel in the open.
    """

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    timeout_s: float = 60.0

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise InputError("not an address of a model", got=self.url[:200]) from error
        plain = self.url.isascii() and self.url.isprintable() and " " not in self.url
        if parts.scheme not in ("http", "https") or not host or not plain or parts.query or parts.fragment or port == 0:
            raise InputError("not an address of a model", got=self.url[:200], expected="http://HOST:PORT/v1 or https://…")
        if parts.username is not None or parts.password is not None:
            raise InputError("an address with a password in it", fix="Give the key as key = …")
        if self.key is not None and not (self.key.isascii() and self.key.isprintable()):
            raise InputError("a key is printable ASCII")
        if self.key and parts.scheme == "http" and not _is_here(host):
            raise InputError("a key would travel in the open", got=f"http://{host}", fix="Use https.")
        if not self.model or len(self.model) > 200 or not self.model.isprintable():
            raise InputError("not a name of a model", got=self.model[:200])
        finite("timeout_s", (self.timeout_s,), least=0.01, most=3600.0)

    @property
    def host(self) -> str:
        """Who is asked, for people: `localhost:11434`."""
        return urlsplit(self.url).netloc

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Endpoint | None:
        """The endpoint that LIFEWORLD_LLM_URL, LIFEWORLD_LLM_MODEL and LIFEWORLD_LLM_KEY tell; None without a URL.

        Raises:
            InputError: as the class.
        """
        env = os.environ if environment is None else environment
        url = env.get("LIFEWORLD_LLM_URL")
        if not url:
            return None
        return cls(url, env.get("LIFEWORLD_LLM_MODEL", ""), env.get("LIFEWORLD_LLM_KEY") or None)


def complete(endpoint: Endpoint, messages: Sequence[Mapping[str, str]], *, seed: int, until: float) -> str:
    """The model's answer to a conversation, before `until` on the clock of `time.monotonic` [s].

    Raises:
        AssistantError: `unreachable`, `timeout`, `refused`, `too_large`, or `no_plan` for an answer that is no chat completion.
    """
    body = json.dumps(
        {
            "model": endpoint.model,
            "messages": list(messages),
            "temperature": 0,
            "seed": seed,
            "max_tokens": MAX_TOKENS,
            "stream": False,
            "response_format": {"type": "json_object"},
        }
    ).encode()
    status, content = _post(endpoint, body, until)
    if status != 200:
        said = "".join(c if c.isprintable() else " " for c in content[:200].decode("utf-8", "replace"))
        raise AssistantError("the model's server refused", reason="refused", where=endpoint.host, got=f"HTTP {status} {said}".rstrip())
    try:
        answer: Any = json.loads(content)
        text = answer["choices"][0]["message"]["content"]
    except (ValueError, RecursionError, LookupError, TypeError) as error:
        raise AssistantError("the server's answer is no chat completion", reason="no_plan", where=endpoint.host) from error
    if not isinstance(text, str):
        raise AssistantError("the server's answer has no text", reason="no_plan", where=endpoint.host)
    return text


def _post(endpoint: Endpoint, body: bytes, until: float) -> tuple[int, bytes]:
    """The status and the body of the answer. Nothing is followed elsewhere, no proxy is asked."""
    parts = urlsplit(endpoint.url)
    sort = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = sort(parts.hostname or "", parts.port, timeout=max(until - time.monotonic(), 0.001))
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if endpoint.key:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    watch: threading.Timer | None = None
    over = threading.Event()
    try:
        connection.connect()
        watch = threading.Timer(max(until - time.monotonic(), 0.0), _hang_up, (connection.sock, over))
        watch.daemon = True
        watch.start()
        connection.request("POST", parts.path.rstrip("/") + "/chat/completions", body=body, headers=headers)
        content = bytearray()
        with connection.getresponse() as response:
            while chunk := response.read1(_CHUNK):
                content += chunk
                if len(content) > MAX_ANSWER:
                    raise AssistantError(f"the answer is over {MAX_ANSWER:,} bytes", reason="too_large", where=endpoint.host)
        if over.is_set():
            raise TimeoutError
        return response.status, bytes(content)
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, TimeoutError) or over.is_set():
            raise AssistantError(
                "the model did not answer in time", reason="timeout", where=endpoint.host, got=f"{endpoint.timeout_s:g} s"
            ) from error
        raise AssistantError(
            f"the model cannot be asked: {error or type(error).__name__}", reason="unreachable", where=endpoint.host
        ) from error
    finally:
        if watch is not None:
            watch.cancel()
        connection.close()


def _hang_up(sock: socket.socket, over: threading.Event) -> None:
    """End a connection whose time is over, however slowly the other side still drips."""
    over.set()
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is over already


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
