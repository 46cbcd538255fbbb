"""Saved states as bytes that show when they were changed: a struct as msgpack, its `digest` over all the rest.

    data = sealed(_Saved(…, digest=""))
    saved = unsealed(data, _Saved)                  # then whose it is, and then:
    if digest_of(saved) != saved.digest: …          # it is damaged

It keeps from accidents, not from malice: whoever changes a state on purpose can seal it again.
"""

from __future__ import annotations

import hashlib
from typing import TypeVar

import msgspec

from lifeworld.core.errors import StateError

S = TypeVar("S", bound=msgspec.Struct)


def sealed(saved: msgspec.Struct) -> bytes:
    """The bytes of a struct that has a `digest`, which is filled in."""
    return msgspec.msgpack.encode(msgspec.structs.replace(saved, digest=digest_of(saved)))


def unsealed(data: bytes, kind: type[S], *, what: str = "saved state") -> S:
    """The struct that `sealed` wrote, damaged or not.

    Raises:
        StateError: for bytes that are none such.
    """
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except (TypeError, ValueError) as error:  # msgspec's own errors are ValueErrors, broken UTF-8 is one of Python's
        raise StateError(f"these bytes are not a {what}", got=str(error)) from error


def digest_of(saved: msgspec.Struct) -> str:
    """What the digest of a struct has to be."""
    return hashlib.sha256(msgspec.msgpack.encode(msgspec.structs.replace(saved, digest=""))).hexdigest()
