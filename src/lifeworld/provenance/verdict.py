"""What is known about a file, as a value that crosses processes, and in words."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from lifeworld.provenance.authority import spoken

Standing = Literal["known", "stranger", "unsigned", "changed"]
EXIT = {"known": 0, "stranger": 3, "unsigned": 4, "changed": 5}
"""How `lifeworld verify` ends."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a file.

    standing: `known` (signed, unchanged, by an authority that is known here), `stranger` (signed and unchanged, by one that is not),
        `unsigned` (it says nothing, or cannot), `changed` (bytes are other than those that were signed, or damaged).
    fingerprint: of the authority, proven by its signature; None where the file does not bring its certificate along.
    made: what our own assertion says (origin, engine, seed …), None in files of others.
    parents: what it was made of: a title, and for files whether their own signature held (None: a name only).
    """

    file: str
    format: str | None
    sha256: str
    bytes: int
    standing: Standing
    who: str | None = None
    by: str | None = None
    fingerprint: str | None = None
    authority: str | None = None
    origin: str | None = None
    made: dict[str, Any] | None = None
    parents: tuple[dict[str, Any], ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        return EXIT[self.standing]

    @property
    def told(self) -> str:
        """In words, a line each."""
        return "\n".join([self._first(), *self._rest()])

    def _first(self) -> str:
        match self.standing:
            case "unsigned":
                return f"{self.file}: not signed. Nothing is known about it. ({'; '.join(self.problems) or 'it brings no manifest'})"
            case "changed":
                return f"{self.file}: changed since it was signed, or damaged: believe nothing it says. ({'; '.join(self.problems)})"
            case "known":
                return f"{self.file}: signed by {self.who!r}, whose authority is known here; not a byte was changed since."
        return (
            f"{self.file}: signed, and not a byte was changed since; but nobody here knows the authority, so {self.who!r} may be anybody."
        )

    def _rest(self) -> list[str]:
        if self.standing in ("unsigned", "changed"):
            return []
        made, lines = self.made or {}, []
        if self.origin:
            engine = " ".join(filter(None, (made.get("engine"), made.get("engine_version"))))
            seed = f", seed {made['seed']}" if "seed" in made else ""
            lines.append(f"{self.origin}{f' by {engine}{seed}' if engine else ''}{f', made with {self.by}' if self.by else ''}")
        if created := made.get("created"):
            lines.append(f"made {created}, by the clock of who made it")
        if scene := made.get("scene_sha256"):
            lines.append(f"of the scene {scene[:16]}…")
        lines += [f"done: {change}" for change in made.get("changes", ())]
        for parent in self.parents:
            held = {True: "signed, unchanged", False: "its signature does not hold", None: "by name"}[parent["held"]]
            lines.append(f"made of: {parent['title']} ({held})")
        if self.fingerprint:
            lines.append(f"authority: {spoken(self.fingerprint)}")
        return [f"  {line}" for line in lines]
