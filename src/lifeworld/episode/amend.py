"""Changing what is said of an episode, setting it aside, bringing it back: nothing is lost, and nothing is half done.

    was = relabel("out/mine", uid, title="the cup falls", labels={"success": "no", "notes": None})
    set_aside("out/mine", uid)                   # deleted, as far as anybody sees who reads the bundle
    bring_back("out/mine", uid)                  # where it stood
    relabel("out/mine", uid, title=was.title, labels=was.labels)

Values are sealed and stay as they are; of an episode that is relabelled the manifest is another. What was set aside keeps its files and is
in the index still, with the time when that was; LeRobot does not see it. `erase` reaches it there as anywhere: it deletes for good.
Killed at any moment, a change is finished by the next who writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from lifeworld.core.errors import InputError, LimitError, UnknownName
from lifeworld.core.write import replace_file
from lifeworld.episode.bundle import inside, load_manifest, open_episode
from lifeworld.episode.check.files import check_snapshots
from lifeworld.episode.entry import ratio
from lifeworld.episode.erasing import NEW, Erasing, begin, finish
from lifeworld.episode.head import Head, locked, read_info
from lifeworld.episode.index import ROWS, Index, append_rows, index_file, next_generation, row_of
from lifeworld.episode.manifest import Manifest, public, write_manifest
from lifeworld.episode.seal import tidy
from lifeworld.episode.view import at_rate, fits, plan_view
from lifeworld.episode.view.tables import DATA, place, read_rows

MOST_TITLE, MOST_WORD, MOST_LABEL, MOST_LABELS = 200, 40, 4_000, 64
OTHER_RATE = "its videos are of another rate than the view that is now"


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of an episode: its title and its labels. `labels` has None for those that were not there."""

    title: str
    labels: Mapping[str, str | None]


def relabel(
    path: Path | str, uid: str, *, title: str | None = None, labels: Mapping[str, str | None] | None = None, wait_s: float = 0.0
) -> Said:
    """Say something else of an episode: another title, other labels (None takes one away); what was said of these before.

    Raises:
        UnknownName: if there is no such episode.
        LimitError, InputError: for words that are too long, or cannot be printed.
    """
    asked = dict(labels or {})
    _check_words(title, asked)
    root = Path(path)
    read_info(root)
    with locked(root, wait_s=wait_s):
        amendment = _Amendment(root)
        manifest = load_manifest(root, f"{amendment.head.streams_path}/{amendment.row(uid)['uid']}")
        now = {name: text for name, text in (dict(manifest.labels) | asked).items() if text is not None}
        if len(now) > MOST_LABELS:
            raise LimitError("too many labels", got=len(now), expected=f"at most {MOST_LABELS}")
        was = Said(manifest.title, {name: manifest.labels.get(name) for name in asked})
        new = msgspec.structs.replace(manifest, title=manifest.title if title is None else title, labels=now)
        if new != manifest:
            amendment.say(new)
            amendment.do()
        return was


def set_aside(path: Path | str, uid: str, *, wait_s: float = 0.0) -> None:
    """Take an episode out of sight; it can be brought back until it is erased.

    Raises:
        UnknownName: if there is no such episode, or it is set aside already.
    """
    root = Path(path)
    read_info(root)
    with locked(root, wait_s=wait_s):
        amendment = _Amendment(root)
        amendment.row(uid)["aside"] = datetime.now(UTC).isoformat(timespec="seconds")
        amendment.do()


def bring_back(path: Path | str, uid: str, *, wait_s: float = 0.0) -> None:
    """An episode that was set aside, where it stood before.

    Raises:
        UnknownName: if none of this uid was set aside.
    """
    root = Path(path)
    read_info(root)
    with locked(root, wait_s=wait_s):
        amendment = _Amendment(root)
        amendment.bring_back(amendment.row(uid, aside=True))
        amendment.do()


def aside(path: Path | str) -> list[dict[str, Any]]:
    """The rows of the index of what was set aside: uid, title, duration_ns, aside (when) …"""
    root = Path(path)
    head = read_info(root).head
    return [row for row in Index.read(root, head.index, head.episodes).table.to_pylist() if row["aside"] is not None]


@dataclass(slots=True)
class _Amendment:
    """A change in the making, of a bundle that is locked: rows of the index as they will be, and manifests that will be others."""

    root: Path
    head: Head = field(init=False)
    info: dict[str, Any] = field(init=False)
    rows: list[dict[str, Any]] = field(init=False)
    seen: list[str] = field(init=False)
    said: dict[str, Manifest] = field(default_factory=dict)
    told: dict[str, tuple[str, ...]] = field(default_factory=dict)
    back: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tidy(self.root)
        read = read_info(self.root)
        self.head, self.info = read.head, read.lerobot
        self.rows = Index.read(self.root, self.head.index, self.head.episodes).table.to_pylist()
        self.seen = [row["x_world/uid"] for row in read_rows(self.root, self.info["total_episodes"])]

    def row(self, uid: str, *, aside: bool = False) -> dict[str, Any]:
        """The row of an episode that is there, or was set aside."""
        known = {row["uid"]: row for row in self.rows if (row["aside"] is not None) is aside}
        if uid not in known:
            what = "episode that was set aside" if aside else "episode"
            raise UnknownName(what, uid, known, where=str(self.root))
        return known[uid]

    def say(self, manifest: Manifest) -> None:
        row = self.row(manifest.uid)
        self.said[manifest.uid] = manifest
        row |= row_of(manifest, number=row["number"], left_out=row["left_out"])
        if manifest.uid in self.seen:
            plan = plan_view(self._public(manifest))
            assert plan is not None
            self.told[manifest.uid] = plan.tasks

    def bring_back(self, row: dict[str, Any]) -> None:
        """Into the view again, too, if it was in it and still fits."""
        row["aside"] = None
        if row["number"] < 0:
            return
        manifest = load_manifest(self.root, f"{self.head.streams_path}/{row['uid']}")
        plan = plan_view(self._public(manifest))
        assert plan is not None  # it was in the view
        why = fits(self.info, plan)
        if why is None and any(manifest.streams[name].fps != ratio(at_rate(self.info, plan).fps) for name in plan.cameras):
            why = OTHER_RATE
        if why is None:
            self.back[row["uid"]] = row["number"]
        else:
            row["number"], row["left_out"] = -1, why

    def _public(self, manifest: Manifest) -> Any:
        return open_episode(public(manifest), lambda path: inside(self.root, path))

    def do(self) -> None:
        """Write everything beside what is there; from then on it happens."""
        root, head = self.root, self.head
        live = check_snapshots(root, head)[0].live
        index = next_generation(head.index)
        append_rows(root, index, 0, self.rows)
        manifests = []
        for uid, manifest in self.said.items():
            path = f"{head.streams_path}/{uid}/manifest.json"
            with replace_file(root / (path + NEW)) as beside:
                beside.write_bytes(write_manifest(manifest))
            manifests.append(path)
        present = [row for row in self.rows if row["aside"] is None]
        view = [row["uid"] for row in present if row["uid"] in self.back or row["uid"] in self.seen]
        number = {row["uid"]: row["number"] for row in self.rows}
        gone = [uid for uid in self.seen if uid not in view]
        changes_view = bool(gone or self.back or self.told)
        data = [place(DATA, number[uid]) for uid in view if uid not in self.back]
        old = [index_file(root, head.index, first).relative_to(root).as_posix() for first in range(0, head.episodes, ROWS)]
        todo = Erasing(
            snapshot=head.snapshot,
            index=index,
            episodes=len(self.rows),
            out_of_view=tuple(gone),
            manifests=tuple(manifests),
            sealed=(*manifests, *(place(DATA, number[uid]) for uid in gone)),
            other=tuple(old),
            data=tuple(live[path] for path in data) if changes_view else (),
            tombstone=None,
            into_view=tuple(self.back),
            view=tuple(view) if changes_view else None,
            numbers=dict(self.back),
            told=self.told,
        )
        begin(root, todo)
        finish(root)


def _check_words(title: str | None, labels: Mapping[str, str | None]) -> None:
    if title is not None and (len(title) > MOST_TITLE or not title.isprintable()):
        raise LimitError("a title is a line", got=title[:MOST_TITLE], expected=f"at most {MOST_TITLE} characters")
    for name, text in labels.items():
        if not 0 < len(name) <= MOST_WORD or not name.isprintable():
            raise InputError("a label has a name of a word or two", got=name[:MOST_WORD], expected=f"at most {MOST_WORD} characters")
        if text is not None and (len(text) > MOST_LABEL or not text.replace("\n", "").isprintable()):
            raise LimitError(f"the label {name!r} is too long, or not text", got=text[:80], expected=f"at most {MOST_LABEL} characters")
