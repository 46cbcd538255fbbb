"""What `lifeworld make` refuses and says where plays are recorded that are as they are: those of an arena, and possible courses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifeworld.commands.verb import say
from lifeworld.core.errors import InputError, LimitError
from lifeworld.core.write import replace_file

if TYPE_CHECKING:
    from lifeworld.commands.make import Options
    from lifeworld.episode.bundle import Bundle


def only_usual(options: Options, not_here: Collection[str], *, what: str, where: str) -> None:
    """Refuse options that mean nothing here.

    Raises:
        InputError: naming those that were given.
        LimitError: for no worker at all.
    """
    usual = type(options)(scene=options.scene, out=options.out)
    if changed := [name for name in not_here if getattr(options, name) != getattr(usual, name)]:
        words = ", ".join(f"--{name.replace('_', '-')}" for name in changed)
        raise InputError(what, where=where, got=words, fix="Leave that away, or make a scene.")
    if options.workers is not None and options.workers < 1:
        raise LimitError("that many workers cannot work", got=options.workers, expected="1 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plays:
    """The bundle that plays were added to, how many episodes were there before, and how large each new one is."""

    bundle: Bundle
    uids: Sequence[str]
    earlier: int
    bytes: tuple[int, ...]
    sheet: str

    @property
    def megabytes_each(self) -> float:
        return sum(self.bytes) / len(self.bytes) / 1e6

    def value(self, seconds: float) -> dict[str, Any]:
        """What there is, for a program."""
        from lifeworld.episode.content import content

        return {
            "bundle": str(self.bundle.path),
            "content_sha256": content(self.bundle).sha256,
            "episodes": list(self.uids),
            "earlier_episodes": self.earlier,
            "bytes": list(self.bytes),
            "sheet": self.sheet,
            "seconds": round(seconds, 3),
        }


def added(options: Options, uids: Sequence[str]) -> Plays:
    """The plays that were just added to a bundle; a sheet of the first of them is drawn beside them."""
    from lifeworld.episode.bundle import open_bundle
    from lifeworld.episode.seal import files_of
    from lifeworld.episode.sheet import sheet

    bundle = open_bundle(options.out)
    earlier = len(bundle) - len(uids)
    if earlier:
        say(f"note: {earlier} episodes of earlier runs are there too; --anew would delete them")
    with replace_file(options.out / "sheet.png") as beside:
        sheet(bundle[earlier]).save(beside, format="PNG")
    size = tuple(sum(file.bytes for file in files_of(options.out, bundle.manifest(i))) for i in range(earlier, len(bundle)))
    return Plays(bundle=bundle, uids=uids, earlier=earlier, bytes=size, sheet=str(options.out / "sheet.png"))
