"""Where a value comes from, who made it and on what terms: Origin, Provenance, Consent, Terms.

A dream must never pass for the real thing, so every stream carries an Origin, and what is made of several carries
their mix. Mixing only goes up: two different origins make `mixed`, and nothing makes less of `mixed`.

                        mixed
        ┌──────────┬──────┴────┬──────────┐
    measured   simulated    dreamed    edited
"""

from __future__ import annotations

import platform
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from lifeworld.core.errors import InputError, LimitError, UnknownName

T = TypeVar("T")


class Origin(StrEnum):
    """What kind of thing a value is; `Origin("measured")` reads one, and a wrong word is an UnknownName."""

    MEASURED = "measured"
    """A sensor or a person in the real world produced it."""
    SIMULATED = "simulated"
    """A physics engine computed it."""
    DREAMED = "dreamed"
    """A learned model predicted it."""
    EDITED = "edited"
    """A person or program set it."""
    MIXED = "mixed"
    """It depends on more than one of these."""

    @classmethod
    def _missing_(cls, value: object) -> Origin:
        raise UnknownName("origin", str(value), [o.value for o in cls])

    @staticmethod
    def mix(first: Origin | str, *more: Origin | str) -> Origin:
        """The origin of what is made of values of these: one kind stays that kind, anything else is MIXED."""
        kinds = {Origin(o) for o in (first, *more)}
        return kinds.pop() if len(kinds) == 1 else Origin.MIXED


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Who and what made something, from what. `Provenance.now(...)` fills in this machine and this moment.

    `created` is wall-clock time with its zone in ISO 8601, the only wall clock that is kept; `machine` describes the
    sort of machine and names no one's; `parents` are the names or hashes of what it was made from; `licenses` are the
    terms of those, as SPDX words where there is one.

    Raises:
        InputError: if `created` is no ISO time with a zone or `scene_sha256` no such hash.
        LimitError: if `seed` is negative.
    """

    engine: str
    engine_version: str
    lifeworld_version: str
    machine: str
    created: str
    renderer: str | None = None
    scene_sha256: str | None = None
    seed: int | None = None
    parents: tuple[str, ...] = ()
    licenses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        try:
            zoned = datetime.fromisoformat(self.created).tzinfo is not None
        except (TypeError, ValueError):
            zoned = False
        if not zoned:
            raise InputError("created is an ISO 8601 time with its zone", got=self.created, expected="2026-03-01T12:00:00+00:00")
        sha = self.scene_sha256
        if sha is not None and not (len(sha) == 64 and set(sha) <= set("0123456789abcdef")):
            raise InputError("scene_sha256 is 64 lower-case hexadecimal digits", got=sha)
        if self.seed is not None and self.seed < 0:
            raise LimitError("a seed is a whole number from 0 up", got=self.seed)

    @classmethod
    def now(
        cls,
        *,
        engine: str,
        engine_version: str,
        renderer: str | None = None,
        scene_sha256: str | None = None,
        seed: int | None = None,
        parents: tuple[str, ...] = (),
        licenses: tuple[str, ...] = (),
    ) -> Provenance:
        """The provenance of what is being made here and now."""
        return cls(
            engine=engine,
            engine_version=engine_version,
            lifeworld_version=_lifeworld_version(),
            machine=f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            renderer=renderer,
            scene_sha256=scene_sha256,
            seed=seed,
            parents=parents,
            licenses=licenses,
        )

    def to_json(self) -> bytes:
        """One JSON object, keys in the order above."""
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, data: bytes) -> Provenance:
        """What `to_json` wrote; raises InputError for anything else, UnknownName for a key that is not ours."""
        return _read(data, cls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """On what terms someone's data may be used.

    `subject` is a pseudonym, never a name; `terms` names the text agreed to, with its version; `purposes` are the uses
    allowed (train, infer, publish, derive …), and none means none; `receipt` is the id under which the agreement can be shown and
    withdrawn; `until` is the ISO 8601 time after which the data is to be gone.

    Raises:
        InputError: if subject, terms or receipt is empty: consent nobody gave to nothing is no consent.
    """

    subject: str
    terms: str
    receipt: str
    purposes: tuple[str, ...] = ()
    until: str | None = None

    def __post_init__(self) -> None:
        for name in ("subject", "terms", "receipt"):
            if not getattr(self, name).strip():
                raise InputError(f"a consent needs its {name}", got=getattr(self, name))

    def to_json(self) -> bytes:
        """One JSON object, keys in the order above."""
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, data: bytes) -> Consent:
        """What `to_json` wrote; raises InputError for anything else, UnknownName for a key that is not ours."""
        return _read(data, cls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Whose a stream is and what may be done with it: a licence (an SPDX word, or as it was given), and a consent of each person in it.

    No licence means that nobody said; no consents that there is nobody in it, or that nobody asked: `lifeworld check` tells them
    apart by the stream's origin.
    """

    license: str = ""
    consents: tuple[Consent, ...] = ()

    @property
    def purposes(self) -> tuple[str, ...] | None:
        """What all of them allow; None where nobody had to be asked."""
        if not self.consents:
            return None
        first, *others = self.consents
        return tuple(p for p in first.purposes if all(p in other.purposes for other in others))


def _read(data: bytes, kind: type[T]) -> T:
    names = [f.name for f in fields(kind)]  # type: ignore[arg-type]  # only called with the dataclasses above
    try:
        raw: Any = msgspec.json.decode(data)
        if isinstance(raw, dict):
            for key in raw.keys() - set(names):  # msgspec would drop it without a word
                raise UnknownName(f"{kind.__name__.lower()} key", key, names)
        return msgspec.convert(raw, kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"this is no {kind.__name__.lower()}: {error}") from error


def _lifeworld_version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # 20 ms that only writers pay

    try:
        return version("lifeworld")
    except PackageNotFoundError:
        return "not installed"  # run from a source tree
