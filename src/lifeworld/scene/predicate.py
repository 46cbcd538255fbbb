"""Predicates: what can be so of things, and come to be so, in one table that goals, conditions and outcomes share.

What each means to the last millimetre is told by the senses (`tell`) and by the watch (`worlds/physics/watch`), which agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

PredicateName = Literal[
    "on", "in", "under", "beside", "left_of", "right_of", "in_front_of", "behind", "facing", "touching",
    "open", "closed", "upright", "toppled", "moving", "still", "held", "higher", "faster", "nearer", "beyond",
    "falls", "falls_off", "tips_over", "moves", "hits", "leaves", "spills", "opens", "closes",
]  # fmt: skip
"""What can be so of one moment, and (from `falls`) what can have happened since one."""

Other = Literal["none", "thing", "ground", "space", "maybe"]
"""What a predicate is said of besides its thing: nothing, a thing, a thing or the ground, a thing or a space, a thing if at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """One predicate: `to` is what it needs beside its thing, `amount` the unit of the number it takes and `usual` that number if unsaid.

    `joint` says whether it may name (or, with `beyond`, must name) a joint; `past` that it is of what happened since somebody began to
    look, and stays true once it is.
    """

    means: str
    to: Other = "none"
    amount: str | None = None
    usual: float = 0.0
    joint: bool = False
    past: bool = False


PREDICATES: dict[PredicateName, Predicate] = {
    "on": Predicate(means="is on", to="ground"),
    "in": Predicate(means="is in", to="space"),
    "under": Predicate(means="is under", to="thing"),
    "beside": Predicate(means="is beside", to="thing"),
    "left_of": Predicate(means="is left of", to="thing"),
    "right_of": Predicate(means="is right of", to="thing"),
    "in_front_of": Predicate(means="is in front of", to="thing"),
    "behind": Predicate(means="is behind", to="thing"),
    "facing": Predicate(means="faces", to="thing"),
    "touching": Predicate(means="touches", to="ground"),
    "open": Predicate(means="is open", amount="of its way", usual=0.1, joint=True),
    "closed": Predicate(means="is closed", joint=True),
    "upright": Predicate(means="is tilted by less than 15°"),
    "toppled": Predicate(means="is tilted by more than 60°"),
    "moving": Predicate(means="moves faster than 0.05 m/s or turns faster than 0.5 rad/s"),
    "still": Predicate(means="moves slower than 0.005 m/s and turns slower than 0.05 rad/s"),
    "held": Predicate(means="is between the two fingers of a hand", to="maybe"),
    "higher": Predicate(means="has its centre of mass higher than", amount="m"),
    "faster": Predicate(means="has its centre of mass faster than", amount="m/s", usual=1.0),
    "nearer": Predicate(means="is nearer than that to", to="thing", amount="m", usual=0.1),
    "beyond": Predicate(means="has its joint farther from zero than", amount="rad or m", joint=True),
    "falls": Predicate(means="comes down freely by more than", amount="m", usual=0.1, past=True),
    "falls_off": Predicate(means="was on, by way of others too, and is off it and lower than where it stood", to="thing", past=True),
    "tips_over": Predicate(means="was tilted by less than 60°, and is by more", past=True),
    "moves": Predicate(means="has its centre of mass farther from where it was than", amount="m", usual=0.05, past=True),
    "hits": Predicate(means="comes upon, with an impulse of more than", to="ground", amount="N·s", past=True),
    "leaves": Predicate(means="was in (or on), and is no longer", to="space", past=True),
    "spills": Predicate(means="loses something that was in it while it is tilted by more than 30°", past=True),
    "opens": Predicate(means="was not open, and is", amount="of its way", usual=0.1, joint=True, past=True),
    "closes": Predicate(means="was not closed, and is", joint=True, past=True),
}
PREDICATE_NAMES: tuple[PredicateName, ...] = get_args(PredicateName)
assert set(PREDICATE_NAMES) == set(PREDICATES)
