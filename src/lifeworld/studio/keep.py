"""What was done, kept as an episode: only where a folder was given for it, and only after the person was asked, in these words.

The agreement is a `Consent` in the episode and in the bundle's ledger. It names the text by its version, so the text is changed by adding
a version, never in place.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from lifeworld.core.errors import InputError
from lifeworld.core.origin import Consent, Terms
from lifeworld.episode.episode import Episode
from lifeworld.episode.seal import append_to
from lifeworld.studio import wire
from lifeworld.studio.beside import OnTick
from lifeworld.worlds.cast import Cast
from lifeworld.worlds.record import STATE
from lifeworld.worlds.replay import record_line
from lifeworld.worlds.timeline import Timeline
from lifeworld.worlds.world import WorldSpec

TERMS = "lifeworld studio, keeping a session, version 1"
WORDS = (
    "Kept is this branch from its first moment to now: what you did with your keys and your words, where everything was, and every moment "
    "of the world, so that it can be entered again. No name, no picture of you, no sound of you. It stays in the folder above, on this "
    "machine, under a made-up name. You can take it back at any time, and then it is gone from the folder."
)
PURPOSES = {
    "train": "Models may learn from it.",
    "derive": "Other things may be made of it.",
    "publish": "It may be given to others.",
}
SIGNALS = ("position_m", "quat_wxyz", "contacts", "relations", "events")
"""What is offered beside pictures."""
MOST_LICENCE = 80
WAIT_S = 10.0
"""For another who writes to the same bundle."""


def offer(folder: Path, pictures: Sequence[str]) -> dict[str, Any]:
    """What a page shows before it asks: where to, what, for what, in which words."""
    return {"folder": str(folder), "terms": TERMS, "words": WORDS, "purposes": PURPOSES, "signals": SIGNALS, "pictures": tuple(pictures)}


def check(asked: wire.Keep) -> None:
    """Raise InputError unless the person agreed, to purposes there are, under a licence that fits a line."""
    if not asked.consent:
        raise InputError("nothing is kept unless you say so", got="consent: false")
    if unknown := [purpose for purpose in asked.purposes if purpose not in PURPOSES]:
        raise InputError("there is no such purpose", got=unknown[0], expected=", ".join(PURPOSES))
    if not 0 < len(asked.licence.strip()) <= MOST_LICENCE or not asked.licence.isprintable():
        raise InputError(
            "a licence is a word or a line", got=asked.licence[:MOST_LICENCE], expected="CC-BY-4.0, CC0-1.0, … or your own words"
        )


def keep(folder: Path, world: Any, line: Timeline[Any], asked: wire.Keep, *, title: str, seed: int, who: str, on_tick: OnTick) -> wire.Kept:
    """The branch that is now into the bundle at `folder`, of `who`, a pseudonym: all of its episodes, or none.

    Raises:
        LimitError: for less than a tick or more than an hour.
        SignalUnavailable: for what this world does not show.
        StorageError: if the disk refuses. InputError: if the folder holds something else.
    """
    consent = Consent(subject=who, terms=TERMS, receipt=secrets.token_hex(8), purposes=tuple(dict.fromkeys(asked.purposes)))
    terms = Terms(license=asked.licence.strip(), consents=(consent,))
    episodes: list[Episode] = []
    for piece in pieces(world, line):
        world.edit(piece.nodes[0].course.start, ())  # a world of its own has not heard yet what it is
        episode = record_line(world, piece, seed=seed, signals=asked.signals, on_tick=on_tick)
        episodes.append(replace(episode, title=title).under(terms))
    uids: list[str] = []
    with append_to(folder, wait_s=WAIT_S) as bundle:
        for episode in episodes:
            made = replace(episode.provenance, parents=tuple(uids[-1:]))
            uids.append(bundle.stage(replace(episode, provenance=made)))
        bundle.commit(uids)
    return wire.Kept(
        seq=asked.seq,
        uids=tuple(uids),
        folder=str(folder),
        seconds=sum(episode.duration_ns for episode in episodes) * 1e-9,
        streams=tuple(name for name in episodes[0].streams if name != STATE),
        receipt=consent.receipt,
        back=f"lifeworld erase {folder} --subject {who}",
    )


def pieces(world: Any, line: Timeline[Any]) -> list[Timeline[Any]]:
    """The branch that is now, cut where somebody was taken out: an episode keeps all who are in it."""
    path = line.path()
    begins, before = [0], Cast.of(_spec(world, line, path[0]))
    for i, number in enumerate(path[1:], start=1):
        now = Cast.of(_spec(world, line, number))
        if now.things[: len(before.things)] != before.things:
            begins.append(i)
        before = now
    out = [_piece(line, path, first, last) for first, last in zip(begins, [*begins[1:], len(path)], strict=True)]
    return [piece for piece in out if piece.tick] or out[-1:]


def _spec(world: Any, line: Timeline[Any], number: int) -> WorldSpec:
    world.edit(line.nodes[number].course.start, ())
    return cast(WorldSpec, world.spec)


def _piece(line: Timeline[Any], path: tuple[int, ...], first: int, last: int) -> Timeline[Any]:
    """The nodes from one of a path to before another, as a timeline of their own; now is where they end."""
    nodes = []
    for i, number in enumerate(path[first:last]):
        node = line.nodes[number]
        nodes.append(replace(node, left=replace(node.left, node=i - 1) if i and node.left is not None else None))
    end = line.now if last == len(path) else line.nodes[path[last]].left
    assert end is not None
    return Timeline(tuple(nodes), replace(end, node=len(nodes) - 1))
