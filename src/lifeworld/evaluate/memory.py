"""Memory: what went out of sight in a dream, is it there when it ought to be seen again?

    found = recalled(subject, passings(40, seed=0))
    found[:, -1]                                    # 1: all of what the wide screen hid is where it should be; 0: nothing is

A dream begins before a screen covers anything, and is asked for the first picture in which all of what passed behind it is to be seen. What
it shows there is laid between two true pictures, one with the thing and one without, in which all else is the same. Behind a screen of no
width nothing is hidden: what a dream loses there it loses by its length, the rest by forgetting.

Source: Spelke, Principles of object perception (1990), whose first question this is, asked of what is shown rather than of surprise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.interval import of_sums
from lifeworld.core.origin import Origin
from lifeworld.evaluate.findings import Findings, floor, mean
from lifeworld.evaluate.pairs.passing import HIDDEN, Passings, passings
from lifeworld.evaluate.pairs.story import PICTURE_NS
from lifeworld.evaluate.roll import asked
from lifeworld.evaluate.section import Curve, Line, Strip
from lifeworld.evaluate.subject import Subject
from lifeworld.evaluate.violation import fitted, unfit

AT_ONCE = 32
GUESSES = ("the model", "the model, begun without the thing", "copying the last picture")

Array = NDArray[np.float64]


def memory(found: Findings, *, things: int) -> None:
    """Add what is recalled of so many things to the findings, or why it cannot be asked."""
    subject = found.subject
    if reason := unfit(subject):
        found.without["memory"] = reason
        return
    films = passings(things, seed=found.seed)
    shown = _Shown(subject, films)
    if (least := int(shown.begin.min()) + 1) < subject.context:
        found.without["memory"] = f"it begins from {subject.context} pictures, and only {least} come before the screen"
        return
    dreams = shown.dreamed(subject)
    share = np.stack([shown.share(each) for each in (*dreams, shown.last)], axis=-1)  # (n, screens, guess)
    each = of_sums(np.stack([share, np.ones_like(share)], axis=-1), mean, np.arange(things), seed=found.seed)
    for k, hidden in enumerate(HIDDEN):
        floors = [floor(name, each.at(k, i)) for i, name in enumerate(GUESSES[1:], 1)]
        single, of = share[:, k, 0], "things that pass"
        found.number(f"memory@{hidden}", each.at(k, 0), floors=floors, raw=single, n=things, of=of, data_sha256=films.sha256)
    x = tuple(float(hidden) for hidden in HIDDEN)
    lines = [
        Line(
            name=name,
            x=x,
            y=tuple(each.value[:, i].tolist()),
            low=tuple(each.low[:, i].tolist()),
            high=tuple(each.high[:, i].tolist()),
            floor=i > 0,
        )
        for i, name in enumerate(GUESSES)
    ]
    found.curves.append(Curve(title="Is it there again?", x_label="pictures hidden", y_label="share of it", lines=tuple(lines)))
    found.strips.append(shown.strip(dreams))


class _Shown:
    """The films at a subject's size and pace, and where in them it begins and is asked."""

    def __init__(self, subject: Subject, films: Passings) -> None:
        stride = subject.frame_ns // PICTURE_NS
        self.there, self.gone = fitted(films.there, subject), fitted(films.gone, subject)
        self.begin, self.again = films.begin // stride, -(-films.again // stride)
        self.frame_s = subject.frame_ns * 1e-9

    @property
    def last(self) -> NDArray[np.uint8]:
        """The last picture that is real (n, screens, H, W, 3)."""
        return np.stack([film[:, at] for film, at in zip(self.there, self.begin, strict=True)])

    def dreamed(self, subject: Subject) -> NDArray[np.uint8]:
        """What it dreams of films with the thing, and of those without it, (2, n, screens, T, H, W, 3) from where it begins."""
        ahead = int((self.again - self.begin).max())
        both = np.stack([self.there, self.gone])
        begun = np.stack([both[:, i, :, at + 1 - subject.context : at + 1] for i, at in enumerate(self.begin.tolist())], axis=1)
        flat = begun.reshape(-1, *begun.shape[3:])
        nothing = np.zeros((len(flat), ahead, subject.actions), np.float32)
        parts = []
        for first in range(0, len(flat), AT_ONCE):
            said = asked(subject, flat[first : first + AT_ONCE], nothing[first : first + AT_ONCE]).pictures
            assert said is not None
            parts.append(said)
        return np.concatenate(parts).reshape(*begun.shape[:3], ahead, *subject.size, 3)

    def share(self, guess: NDArray[np.uint8]) -> Array:
        """How much of the thing (n, screens) pictures show where it ought to be seen again.

        They are dreams (n, screens, T, H, W, 3) from where they begin, or a picture each that stays.
        """
        found = np.empty(guess.shape[:2])
        for i, (begin, again) in enumerate(zip(self.begin.tolist(), self.again.tolist(), strict=True)):
            shown = guess[i, :, again - begin - 1] if guess.ndim == self.there.ndim else guess[i]
            without = self.gone[i, :, again].astype(np.float64)
            thing = self.there[i, :, again] - without
            found[i] = ((shown - without) * thing).sum((1, 2, 3)) / (thing * thing).sum((1, 2, 3))
        return found

    def strip(self, dreams: NDArray[np.uint8]) -> Strip:
        """The first thing, behind the widest screen."""
        begin, again = int(self.begin[0]), int(self.again[0])
        ahead = np.unique(np.linspace(1, again - begin, 8).round().astype(int))
        rows = [self.there[0, -1, begin + ahead], *(each[0, -1, ahead - 1] for each in dreams)]
        first = [self.there[0, -1, begin], self.there[0, -1, begin], self.gone[0, -1, begin]]
        return Strip(
            caption="Something passes behind the widest screen. In the last picture all of it ought to be seen again.",
            rows=("what came", "what it says", "begun without it"),
            columns=("last real", *(f"+{a}" for a in ahead.tolist())),
            pictures=np.stack([np.concatenate([one[None], row]) for one, row in zip(first, rows, strict=True)]),
            dreamed=("what it says", "begun without it"),
            origin=Origin.SIMULATED,
        )
