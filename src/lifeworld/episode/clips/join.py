"""Which samples of a stream belong to the instants of a clip, by the rules of `core.time`, and one more: `all` there are meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, UnknownName
from lifeworld.core.signal import Signal
from lifeworld.core.time import How, Times, resample
from lifeworld.episode.clips.shuffle import Numbers

Rule = Literal["hold", "nearest", "linear", "slerp", "all"]
RULES: tuple[Rule, ...] = get_args(Rule)


def rules(align: Rule | Mapping[str, Rule], streams: tuple[str, ...]) -> dict[str, Rule]:
    """The rule of each stream: one for all, or by stream (`hold` for those not named).

    Raises:
        UnknownName: if there is no such rule, or no such stream among them.
    """
    by_stream: Mapping[str, Rule] = align if isinstance(align, Mapping) else dict.fromkeys(streams, align)
    for name, rule in by_stream.items():
        if name not in streams:
            raise UnknownName("stream to align", name, streams)
        if rule not in RULES:
            raise UnknownName("way to align", str(rule), RULES)
    return {name: by_stream.get(name, "hold") for name in streams}


def check_rule(rule: Rule, signal: Signal, stream: str) -> None:
    """Whether a rule fits a signal.

    Raises:
        InputError: if rotations would be mixed as numbers, or numbers turned.
    """
    if rule in ("linear", "slerp") and rule != signal.blend:
        fit = [r for r in ("hold", "nearest", signal.blend, "all") if r != "none"]
        raise InputError(f"{rule!r} does not fit the stream {stream!r}", fix=f"Use {' or '.join(map(repr, fit))}.")


def found(times: Times, at_ns: Times, rule: Literal["hold", "nearest"], most_stale_ns: int | None) -> tuple[Numbers, NDArray[np.bool_]]:
    """The sample (…) for each instant (…), and whether it answers: not before the first of `hold`, nor farther than `most_stale_ns`.

    `times` is a checked clock of one sample or more. Where nothing answers, the sample is the nearest one.
    """
    last = len(times) - 1
    right = np.searchsorted(times, at_ns, side="right")
    before = np.maximum(right - 1, 0)
    if rule == "hold":
        known = right > 0
    else:
        after = np.minimum(right, last)
        before = np.where(np.abs(times[after] - at_ns) < np.abs(at_ns - times[before]), after, before)
        known = np.ones(before.shape, dtype=np.bool_)
    if most_stale_ns is not None:
        known = known & (np.abs(at_ns - times[before]) <= most_stale_ns)
    return before, known


def between(times: Times, at_ns: Times, most_stale_ns: int | None) -> tuple[int, int, Times, NDArray[np.bool_]]:
    """For rules that mix two samples: the samples needed, `first` to before `stop`; the instants brought within them; and which were so.

    An instant is known if both samples around it are within `most_stale_ns`, or it is at a sample.
    """
    inside = np.clip(at_ns, times[0], times[-1])
    before = np.searchsorted(times, inside, side="right") - 1
    after = np.minimum(before + (times[before] != inside), len(times) - 1)
    known = inside == at_ns
    if most_stale_ns is not None:
        known &= (inside - times[before] <= most_stale_ns) & (times[after] - inside <= most_stale_ns)
    return int(before.min()), int(after.max()) + 1, inside, known


def mixed(times: Times, values: NDArray[Any], at_ns: Times, rule: How) -> NDArray[Any]:
    """The values at the instants, as `core.time.resample` gives them."""
    return resample(times, values, at_ns, rule)


def window(times: Times, start_ns: int, stop_ns: int) -> tuple[int, int]:
    """The samples from `start_ns` to `stop_ns`, both included: the first, and the one after the last."""
    first, stop = np.searchsorted(times, [start_ns, stop_ns + 1])
    return int(first), int(stop)
