"""`lifeworld erase`: a person, or an episode, is gone from a bundle, and what is left is a whole bundle."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import tyro

from lifeworld.commands.verb import Common, Outcome


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Erase a person or an episode from a bundle: files, rows of the index, view, caches, recordings, agreements, key.

    What is left is whole, and older snapshots still prove what was. There is no way back. Killed, it is finished by doing it again.
    """

    path: tyro.conf.Positional[Path]
    """The folder of the bundle."""
    subject: str | None = None
    """Whom: the pseudonym that stands in their consents."""
    episode: str | None = None
    """Or which episode, by its uid."""
    whole: bool = False
    """Take episodes that the person is in whole, whatever else is in them."""
    reason: str = "asked for"
    """Kept in the tombstone; name nobody."""
    keys: Path | None = None
    """The folder of the keys; the usual one if not given."""


def run(options: Options) -> Outcome:
    from lifeworld.episode.erase import erase
    from lifeworld.episode.keys import Keys

    done = erase(
        options.path,
        subject=options.subject,
        episode=options.episode,
        whole=options.whole,
        reason=options.reason,
        keys=Keys(options.keys),
    )
    lines = [
        f"{done.files} files ({done.bytes:,} bytes) are gone: {len(done.episodes)} whole episodes, {len(done.streams)} streams of others"
    ]
    if done.recordings:
        lines.append(f"recordings that were not sealed: {done.recordings}")
    if done.key_id is not None:
        lines.append(f"key {done.key_id} is destroyed: what it closes is unreadable in every copy")
    lines += [f"the name still stands in {place}" for place in done.still_named]
    if not (done.files or done.key_id):
        lines = ["it was erased before: nothing is left to do", *lines[1:]]
    return Outcome(text="\n".join(lines), value=asdict(done))
