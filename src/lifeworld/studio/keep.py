"""What was done, kept as an episode: only where a folder was given for it, and only after the person was asked, in these words.

The agreement is a `Consent` in the episode and in the bundle's ledger. It names the text by its version, so the text is changed by adding
a version, never in place.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lifeworld.core.errors import InputError
from lifeworld.core.origin import Consent, Terms
from lifeworld.episode.seal import append_to
from lifeworld.studio import wire
from lifeworld.studio.beside import OnTick
from lifeworld.worlds.record import STATE
from lifeworld.worlds.replay import record_line
from lifeworld.worlds.timeline import Timeline

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
    """The branch that is now into the bundle at `folder`, as an episode of `who`, a pseudonym.

    Raises:
        LimitError: for less than a tick or more than an hour, or if something was taken out that was there at the start.
        SignalUnavailable: for what this world does not show.
        StorageError: if the disk refuses. InputError: if the folder holds something else.
    """
    consent = Consent(subject=who, terms=TERMS, receipt=secrets.token_hex(8), purposes=tuple(dict.fromkeys(asked.purposes)))
    terms = Terms(license=asked.licence.strip(), consents=(consent,))
    world.edit(line.nodes[0].course.start, ())  # a world of its own has not heard yet what it is
    episode = record_line(world, line, seed=seed, signals=asked.signals, on_tick=on_tick)
    streams = {name: replace(stream, terms=terms) for name, stream in episode.streams.items()}
    episode = replace(episode, title=title, streams=streams)
    with append_to(folder, wait_s=WAIT_S) as bundle:
        uid = bundle.add(episode)
    return wire.Kept(
        seq=asked.seq,
        uid=uid,
        folder=str(folder),
        seconds=episode.duration_ns * 1e-9,
        streams=tuple(name for name in streams if name != STATE),
        receipt=consent.receipt,
        back=f"lifeworld erase {folder} --subject {who}",
    )
