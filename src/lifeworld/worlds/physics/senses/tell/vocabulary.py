"""The words that `relations` and `events` hold as numbers, and what each means. A number is a word's place in its table."""

from __future__ import annotations

PREDICATES: tuple[tuple[str, str], ...] = (
    ("touching", "a and b touch: the engine has a contact between them. Once a pair, the lesser id first, the background (0) second."),
    ("on", "a is on b as in a scene: its lowest point within 5 mm of a surface of b, its centre of mass over that; b = 0 is the ground. "
     "Left out where a is on or in something else that is on b."),
    ("in", "a is in b as in a scene: its lowest point over a container of b is in it, its centre of mass over that."),
    ("rests_on", "b bears a: contacts with b push a up with at least a fifth of its weight."),
    ("under", "a is under b as in a scene: a part of b is above the middle of a. Left out where a is on or in b."),
    ("beside", "a is beside b as in a scene. This and the next four are told of neighbours only: both on or in one thing (or the ground), "
     "and one among the four nearest of the other."),
    ("left_of", "a is left of b as in a scene: past the left side of b, and no more aside than far."),
    ("right_of", "a is right of b as in a scene."),
    ("in_front_of", "a is in front of b as in a scene."),
    ("behind", "a is behind b as in a scene."),
    ("open", "A door, drawer or lid of a is more than a tenth of its way open."),
    ("closed", "All doors, drawers and lids of a are less than a fiftieth of their ways open."),
    ("upright", "a, free and at least as high as it is narrow and no ball, is tilted by less than 15°."),
    ("toppled", "a, free and at least as high as it is narrow and no ball, is tilted by more than 60°."),
    ("moving", "The centre of mass of a is faster than 0.05 m/s, or a turns faster than 0.5 rad/s."),
    ("still", "The centre of mass of a is slower than 0.005 m/s, and a turns slower than 0.05 rad/s."),
    ("falling", "a touches nothing, nothing is nearer to it than 5 mm, and it goes down (the way of gravity) faster than 0.3 m/s."),
    ("held", "Both fingers of b, a hand or a robot with a gripper, press on a, which is free, from opposite sides."),
    ("lifted", "a is held by b and is on, in and borne by nothing else."),
    ("turned_on", "a is a lamp or an appliance that is turned on."),
)  # fmt: skip
"""What may be so: (predicate, meaning). Lengths are compared on the pieces that things collide with."""

KINDS: tuple[tuple[str, str], ...] = (
    ("touch_begins", "touching(a, b) begins; value: the greatest normal force between them since [N]."),
    ("bumps", "a and b touched in between and do so neither now nor before; value: the greatest normal force between them [N]."),
    ("touch_ends", "touching(a, b) ends; value: the normal force between them before [N]."),
    ("comes_on", "on(a, b) begins and a was on nothing else that it left; value: how fast a is [m/s]."),
    ("comes_off", "on(a, b) ends and a is on nothing else instead; value: how fast a is [m/s]."),
    ("support_changes", "a is on b and no longer on another; value: the instance id of that other."),
    ("enters", "in(a, b) begins; value: how fast a is [m/s]."),
    ("leaves", "in(a, b) ends; value: how fast a is [m/s]."),
    ("spills", "in(a, b) ends while b is tilted by more than 30°; value: that tilt [rad]."),
    ("falls", "falling(a) begins; value: how fast a goes down [m/s]."),
    ("lands", "falling(a) ends, upon b, which a presses on most (0 too where it has left again already); value: how fast it went down "
     "before [m/s]."),
    ("topples", "toppled(a) begins; value: its tilt [rad]."),
    ("rights", "upright(a) begins; value: its tilt [rad]."),
    ("opens", "open(a) begins; value: how far its widest door, drawer or lid is open, 0 to 1."),
    ("closes", "closed(a) begins; value: how far its widest door, drawer or lid is open, 0 to 1."),
    ("starts", "moving(a) begins; value: how fast a is [m/s]."),
    ("stops", "moving(a) ends; value: how fast a is [m/s]."),
    ("grasps", "held(a, b) begins: the hand b has a; value: the least of its fingers' normal forces [N]."),
    ("releases", "held(a, b) ends; value: the least of its fingers' normal forces before [N]."),
    ("picked_up", "lifted(a, b) begins; value: how fast a is [m/s]."),
    ("put_down", "lifted(a, b) ends, and a is on or in or borne by something; value: how fast a is [m/s]."),
    ("dropped", "lifted(a, b) ends in the air; value: how fast a is [m/s]."),
)  # fmt: skip
"""What may happen: (kind, meaning). Each but bumps is a change of facts from one tick to the next."""

PREDICATE: dict[str, int] = {name: number for number, (name, _) in enumerate(PREDICATES)}
KIND: dict[str, int] = {name: number for number, (name, _) in enumerate(KINDS)}
