"""How sure the lexicon may be of a noun: its best match for what people called the things they picked up, by the score it gave.

The nouns are cut out of ALFRED's steps by one pattern ("pick up the NOUN from …"), the names are those of the trajectory's room, spaces
left out as ALFRED does. The rates are those of the half that nobody developed on; `LIFEWORLD_WORDS=dev` runs the other one.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections import defaultdict
from collections.abc import Iterator

from benchmarks.parts import NotHere
from benchmarks.row import Row
from benchmarks.words.split import half
from benchmarks.words.tally import LANGUAGE

SHARE_S = 4

_STOP = (
    "from|on|off|in|to|that|which|by|next|with|at|and|closest|near|nearest|under|behind|inside|out|into|onto|up|for|beside|between|above|"
    "below|so|where|is|are|sitting|located|while|then|when|over|against|across|as|it|there"
)
_PICKED = re.compile(
    r"\b(?:pick up|pick|grab|take|get|lift|remove|retrieve)\s+(?:the|a|an|another|one of the)\s+"
    rf"((?:[a-z'-]+ of (?:the )?)?[a-z'-]+(?: [a-z'-]+){{0,3}}?)(?=\s+(?:{_STOP})\b|[,.;]|\s*$)"
)


def run() -> Iterator[Row]:
    """Share of right best matches by score, of all, and the time a call takes that was not made before."""
    from lifeworld.scene.words.lexicon.nearest import nearest

    said = list(_said(os.environ.get("LIFEWORLD_WORDS", "held")))
    if not said:
        raise NotHere("ALFRED's steps (LIFEWORLD_DATA says where they are)")
    nearest("mug", said[0][2])  # the tables are read at the first call
    bins: dict[float, list[bool]] = defaultdict(list)
    times = []
    for noun, thing, names in said:
        start = time.process_time()
        found = nearest(noun, names)
        times.append(time.process_time() - start)
        bins[int(found[0].score * 10) / 10 if found else 0.0].append(bool(found) and found[0].candidate == thing)
    every = [right for rights in bins.values() for right in rights]
    yield Row("ALFRED nouns of things picked up: best match right", 100 * sum(every) / len(every), "%", n=len(every))
    sure = [right for least, rights in bins.items() if least >= 0.9 for right in rights]
    yield Row("… where the score is 0.9 or more", 100 * sum(sure) / len(sure), "%", bar=90.0, n=len(sure))
    yield Row("… which is so for", 100 * len(sure) / len(every), "%", n=len(every))
    for least in sorted(bins, reverse=True):
        if least < 0.9 and len(bins[least]) >= 20:
            rights = bins[least]
            yield Row(f"… where it is {least:.1f} to {least + 0.1:.1f}", 100 * sum(rights) / len(rights), "%", n=len(rights))
    yield Row("… time of a call, 95 of 100 within", 1000 * sorted(times)[int(0.95 * len(times))], "ms", bar=2.0, lower=True, n=len(times))


def _said(which: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(noun, thing, names in the room) of every step that picks something up."""
    path = LANGUAGE / "alfred_train_2000.jsonl"
    if not path.exists():
        return
    trajectories = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rooms: dict[str, set[str]] = defaultdict(set)
    for one in trajectories:
        rooms[one["scene"]].update(name for _, names in one["plan"] for name in names if name)
    for one in trajectories:
        if half(one["task"]) != which:
            continue
        names = tuple(sorted(rooms[one["scene"]]))
        for annotation in one["annotations"]:
            if annotation.get("aligned", True):
                for text, (action, things) in zip(annotation["steps"], one["plan"], strict=True):
                    picked = _PICKED.search(text.lower()) if action == "PickupObject" else None
                    if picked:
                        yield picked[1], things[0], names
