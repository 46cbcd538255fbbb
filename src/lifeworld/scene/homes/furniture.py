"""What stands in rooms: ensembles by name, each drawn in the ways it may be made, the best first; and which of them a room has.

An ensemble that does not fit is tried in its next way. `MUST` has to fit, or the room is drawn anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from numpy.random import Generator

from lifeworld.scene.homes.ensemble import NAMELESS, REACH_M, Draft, Ensemble, Item, before
from lifeworld.scene.homes.style import Style
from lifeworld.scene.scene import Thing
from lifeworld.scene.shape import Vec3
from lifeworld.scene.space import SpaceKind

Ways = Callable[[Generator, Style], Iterator[Ensemble]]
SIDE_M = 0.72
"""Floor beside a bed."""
TUCK_M = 0.2
"""How far a chair's seat is pushed under its table."""
WALL_UNIT_M = 1.45
"""How high wall cupboards hang."""


@dataclass(frozen=True, slots=True)
class Wish:
    """An ensemble a room has with some `chance`; 1 means it must have it."""

    ways: Ways
    chance: float


# -- kitchen -----------------------------------------------------------------------------------------------------------------


def kitchen_run(rng: Generator, style: Style) -> Iterator[Ensemble]:
    """Fridge, worktop, sink and stove in a row, with wall cupboards where no window is."""
    for spare, basin, machine, hung in (
        (1.2, 1.0, True, True), (0.9, 1.0, True, True), (0.9, 1.0, True, False), (0.6, 1.0, False, True), (0.6, 0.9, False, False),
        (0.0, 0.8, False, True), (0.0, 0.8, False, False),
    ):  # fmt: skip
        draft = Draft()
        unit = Thing(name=NAMELESS, kind="counter", size_m=(0.6, 0.64, 0.9), color=style.fronts, options=(("top", style.worktop),))
        row = [
            Thing(name=NAMELESS, kind="fridge", color="silver" if style.worktop == "steel" else "white"),
            *([replace(unit, size_m=(spare, 0.64, 0.9))] if spare else []),
            replace(unit, kind="sink", size_m=(basin, 0.64, 0.9)),
            *([Thing(name=NAMELESS, kind="dishwasher", color="white")] if machine else []),
            unit,
            Thing(name=NAMELESS, kind="stove"),
        ]
        draft.row(row if rng.random() < 0.5 else row[::-1])
        low = [i for i in draft.items if i.thing.kind in ("counter", "sink", "dishwasher")]
        if hung:
            for item in low:
                wide = float(item.high_m[0] - item.low_m[0])
                doors = (("doors", 1 if wide < 0.7 else 2),)
                draft.put("wall_cabinet", float(item.pose.position_m[0]), None, WALL_UNIT_M, size_m=(wide - 0.004, 0.37, 0.7),
                          color=style.fronts, options=doors)  # fmt: skip
        front = min(float(i.low_m[1]) for i in draft.items)
        left, right = min(float(i.low_m[0]) for i in draft.items), max(float(i.high_m[0]) for i in draft.items)
        yield draft.made(anchor="corner", access=[(left, front - REACH_M, right, front)])


def dining(rng: Generator, style: Style) -> Iterator[Ensemble]:
    """A table with chairs around it."""
    back = (("back", str(rng.choice(["slats", "panel"]))),)
    for wide, seats in ((1.6, 6), (1.4, 4), (1.2, 4), (1.0, 2)):
        if seats == 6 and rng.random() < 0.5:
            continue
        draft = Draft()
        table = draft.put("table", 0.0, 0.0, size_m=(wide, 0.8, 0.74), material=style.wood)
        _chairs(draft, table, seats, style, back)
        yield draft.made(anchor="free", prefers="middle", access=[_around(draft)])
    draft = Draft()
    table = draft.put("round_table", 0.0, 0.0, size_m=(0.9, 0.9, 0.74), material=style.wood)
    _chairs(draft, table, 2, style, back)
    yield draft.made(anchor="free", access=[_around(draft)])


def _chairs(draft: Draft, table: Item, seats: int, style: Style, back: tuple[tuple[str, str], ...]) -> None:
    low, high = table.low_m, table.high_m
    probe = Draft().put("chair", 0.0, 0.0)
    deep = float(probe.high_m[1] - probe.low_m[1])
    middle = (float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2)
    # Between the table's legs: a chair and a bit stay free to its end.
    aside = min(0.31, float(high[0] - low[0]) / 2 - 0.335)
    xs = [0.0] if seats == 2 else [-aside, aside]
    off = float(high[1]) - middle[1] + deep / 2 - TUCK_M
    for x in xs:
        # A chair's front looks to −Y: at the far side it stands as it is, at the near side it is turned round.
        draft.put("chair", middle[0] + x, middle[1] + off, material=style.wood, options=back)
        draft.put("chair", middle[0] + x, middle[1] - off, yaw_deg=180.0, material=style.wood, options=back)
    if seats == 6:
        off = float(high[0]) - middle[0] + deep / 2 - TUCK_M
        draft.put("chair", middle[0] + off, middle[1], yaw_deg=-90.0, material=style.wood, options=back)
        draft.put("chair", middle[0] - off, middle[1], yaw_deg=90.0, material=style.wood, options=back)


def _around(draft: Draft) -> tuple[float, float, float, float]:
    """Floor at the near side of a free ensemble."""
    low = min(float(i.low_m[1]) for i in draft.items)
    return min(float(i.low_m[0]) for i in draft.items), low - REACH_M, max(float(i.high_m[0]) for i in draft.items), low


# -- living room -------------------------------------------------------------------------------------------------------------


def sofa_corner(rng: Generator, style: Style) -> Iterator[Ensemble]:
    """A sofa with a low table before it; a lamp or a plant beside it, an armchair at its end."""
    cloth = style.fabrics[int(rng.integers(len(style.fabrics)))]
    lamp = str(rng.choice(["floor_lamp", "plant"]))
    for wide, chair, beside in ((2.2, True, True), (2.0, False, True), (1.8, False, True), (1.7, False, False)):
        draft = Draft()
        sofa = draft.put("sofa", 0.0, size_m=(wide, 0.9, 0.82), color=cloth, options=(("seats", 3 if wide > 1.9 else 2),))
        front = float(sofa.low_m[1])
        table = draft.put("coffee_table", 0.0, front - 0.36 - 0.3, size_m=(1.1, 0.6, 0.42), material=style.wood)
        if chair and rng.random() < 0.7:
            probe = Draft().put("armchair", 0.0, 0.0)
            off = float(table.high_m[0]) + 0.36 + float(probe.high_m[1] - probe.low_m[1]) / 2
            side = 1 if rng.random() < 0.5 else -1
            draft.put("armchair", side * off, float(table.pose.position_m[1]), yaw_deg=-90.0 * side, color=cloth)
        if beside:
            probe = Draft().put(lamp, 0.0, 0.0)
            off = float(sofa.high_m[0]) + float(probe.high_m[0] - probe.low_m[0]) / 2 + 0.06
            draft.put(lamp, off if rng.random() < 0.5 else -off, None, turned_on=lamp == "floor_lamp" and bool(rng.random() < 0.5))
        low = float(table.low_m[1])
        yield draft.made(prefers="middle", access=[(float(table.low_m[0]), low - REACH_M, float(table.high_m[0]), low)])


def television(rng: Generator, style: Style) -> Iterator[Ensemble]:
    """A low board with a television, opposite the sofa where there is one; loudspeakers if there is room."""
    askew: list[Ensemble] = []
    for wide, loud in ((1.9, True), (1.6, False), (1.3, False)):
        draft = Draft()
        board = draft.put("tv_stand", 0.0, size_m=(wide, 0.42, 0.5), material=style.wood)
        if loud and rng.random() < 0.5:
            for side in (-1, 1):
                draft.put("speaker", side * (wide / 2 + 0.15), None)
        made = draft.made(prefers="middle", access=[before(board)], faces="sofa")
        yield made
        askew.append(replace(made, faces=""))
    yield from askew


def bookcase(rng: Generator, style: Style) -> Iterator[Ensemble]:
    """A full-height shelf."""
    for wide, high in ((1.0, 2.0), (0.8, 1.8), (0.6, 1.6)):
        draft = Draft()
        shelf = draft.put("shelf", 0.0, size_m=(wide, 0.3, high), material=style.wood, options=(("levels", 5),))
        yield draft.made(prefers="ends", access=[before(shelf)])


def sideboard(rng: Generator, style: Style) -> Iterator[Ensemble]:
    """A cupboard or a chest of drawers."""
    for kind, size in (("cabinet", (1.2, 0.42, 0.85)), ("drawer_unit", (0.8, 0.48, 0.8)), ("cabinet", (0.8, 0.42, 0.85))):
        draft = Draft()
        item = draft.put(kind, 0.0, size_m=size, material=style.wood)
        yield draft.made(access=[before(item)])


def single(
    kind: str,
    *,
    prefers: Literal["middle", "ends", ""] = "",
    reach: bool = True,
    anchor: Literal["wall", "corner"] = "wall",
    size_m: Vec3 | None = None,
    color: str | None = None,
    material: str | None = None,
) -> Ways:
    """One thing against a wall; with `reach` one can walk to it."""

    def ways(rng: Generator, style: Style) -> Iterator[Ensemble]:
        draft = Draft()
        item = draft.put(kind, 0.0, size_m=size_m, color=color, material=material)
        yield draft.made(anchor=anchor, prefers=prefers, access=[before(item)] if reach else [])

    ways.__name__ = kind
    return ways


def armchair(rng: Generator, style: Style) -> Iterator[Ensemble]:
    """An armchair of its own."""
    draft = Draft()
    item = draft.put("armchair", 0.0, color=style.fabrics[int(rng.integers(len(style.fabrics)))])
    yield draft.made(prefers="ends", access=[before(item)])


# -- bedroom -----------------------------------------------------------------------------------------------------------------


def bed(rng: Generator, style: Style) -> Iterator[Ensemble]:
    """A bed with its head at the wall and a small table at one or both sides."""
    for wide, tables in ((1.8, 2), (1.6, 2), (1.4, 2), (1.4, 1), (1.0, 1)):
        draft = Draft()
        it = draft.put("bed", 0.0, size_m=(wide, 2.08, 1.0), material=style.wood, options=(("pillows", 2 if wide > 1.2 else 1),))
        sides = (-1, 1) if tables == 2 else ((-1,) if rng.random() < 0.5 else (1,))
        for side in sides:
            probe = Draft().put("bedside_table", 0.0)
            off = float(it.high_m[0]) + float(probe.high_m[0]) + 0.05
            draft.put("bedside_table", side * off, material=style.wood)
        tables_deep = min(float(i.low_m[1]) for i in draft.items if i.thing.kind == "bedside_table")
        # One side to get in and out; the other may be narrower.
        side = sides[int(rng.integers(len(sides)))]
        a, b = sorted((side * float(it.high_m[0]), side * (float(it.high_m[0]) + SIDE_M)))
        yield draft.made(prefers="middle", access=[(a, float(it.low_m[1]), b, tables_deep - 0.01)])


def wardrobe(rng: Generator, style: Style) -> Iterator[Ensemble]:
    """A wardrobe."""
    for wide in (1.6, 1.2, 0.9):
        draft = Draft()
        item = draft.put("wardrobe", 0.0, size_m=(wide, 0.62, 2.0), material=style.wood)
        yield draft.made(prefers="ends", access=[before(item)])


# -- office ------------------------------------------------------------------------------------------------------------------


def workplace(rng: Generator, style: Style) -> Iterator[Ensemble]:
    """A desk with a chair at it."""
    for wide in (1.5, 1.3, 1.1):
        draft = Draft()
        desk = draft.put("desk", 0.0, size_m=(wide, 0.7, 0.75), material=style.wood, options=(("drawers", 3 if wide > 1.2 else 0),))
        x = -0.16 * wide if wide > 1.2 else 0.0
        probe = Draft().put("office_chair", 0.0, 0.0)
        y = float(desk.low_m[1]) - float(probe.high_m[1]) - 0.02
        chair = draft.put("office_chair", x, y, yaw_deg=180.0, color=str(rng.choice(["black", "grey", "blue"])))
        low = float(chair.low_m[1])
        yield draft.made(access=[(float(desk.low_m[0]), low - 0.45, float(desk.high_m[0]), low)])


# -- bathroom ----------------------------------------------------------------------------------------------------------------


def washing_place(rng: Generator, style: Style) -> Iterator[Ensemble]:
    """A washbasin with a mirror above it."""
    for mirror in (True, False):
        draft = Draft()
        basin = draft.put("washbasin", 0.0)
        if mirror:
            draft.put("mirror", 0.0, None, 1.15, size_m=(0.55, 0.03, 0.75), material="painted_wood")
        yield draft.made(access=[before(basin)])


def bathtub(rng: Generator, style: Style) -> Iterator[Ensemble]:
    """A bathtub along a wall."""
    for long in (1.7, 1.5):
        draft = Draft()
        tub = draft.put("bathtub", 0.0, size_m=(long, 0.72, 0.56))
        yield draft.made(anchor="corner", access=[before(tub)])


# -- clinic ------------------------------------------------------------------------------------------------------------------


def sickbed(rng: Generator, style: Style) -> Iterator[Ensemble]:
    """A hospital bed with a bedside table and a drip stand; a curtain at its side."""
    drip, screen = bool(rng.random() < 0.6), bool(rng.random() < 0.7)
    for curtain in (screen, False):
        draft = Draft()
        it = draft.put("hospital_bed", 0.0)
        side = 1 if rng.random() < 0.5 else -1
        table = draft.put("bedside_table", side * (float(it.high_m[0]) + 0.3), color="white", material="painted_wood")
        if drip:
            draft.put("drip_stand", -side * (float(it.high_m[0]) + 0.32), -0.5)
        if curtain:
            x = side * (max(abs(float(table.low_m[0])), abs(float(table.high_m[0]))) + SIDE_M - 0.1)
            draft.put("privacy_screen", x, -1.2, yaw_deg=90.0)
        a, b = sorted((side * float(it.high_m[0]), side * (float(it.high_m[0]) + SIDE_M)))
        yield draft.made(prefers="", access=[(a, float(it.low_m[1]), b, float(table.low_m[1]) - 0.01)])


# -- on the walls ------------------------------------------------------------------------------------------------------------


def wall_board(rng: Generator, style: Style) -> Iterator[Ensemble]:
    """A board on the wall."""
    for wide in (0.9, 0.6):
        draft = Draft()
        draft.put("wall_shelf", 0.0, None, float(rng.uniform(1.3, 1.5)), size_m=(wide, 0.22, 0.16), material=style.wood)
        yield draft.made()


def picture(rng: Generator, style: Style) -> Iterator[Ensemble]:
    """A picture on the wall, at the height of the eyes."""
    draft = Draft()
    wide, high = float(rng.choice([0.5, 0.7, 0.9])), float(rng.choice([0.5, 0.6, 0.7]))
    motif = str(rng.choice(["hills", "sea", "abstract"]))
    draft.put("painting", 0.0, None, 1.55 - high / 2, size_m=(wide, 0.03, high), options=(("motif", motif),))
    yield draft.made(prefers="middle")


def looking_glass(rng: Generator, style: Style) -> Iterator[Ensemble]:
    """A tall mirror on the wall."""
    draft = Draft()
    draft.put("mirror", 0.0, None, 0.5, size_m=(0.6, 0.03, 1.3))
    yield draft.made()


def heater(rng: Generator, style: Style) -> Iterator[Ensemble]:
    """A radiator."""
    for wide in (1.2, 0.8, 0.6):
        draft = Draft()
        draft.put("radiator", 0.0, size_m=(wide, 0.12, 0.6))
        yield draft.made()


# -- rooms -------------------------------------------------------------------------------------------------------------------

PLANT = single("plant", prefers="ends", reach=False, anchor="corner")
BIN = single("waste_bin", prefers="ends", reach=False)

ROOMS: Mapping[SpaceKind, tuple[Wish, ...]] = {
    "kitchen": (
        Wish(kitchen_run, 1), Wish(dining, 0.9), Wish(single("pedal_bin", reach=False), 0.8), Wish(heater, 0.6), Wish(sideboard, 0.5),
        Wish(wall_board, 0.5), Wish(picture, 0.4), Wish(PLANT, 0.4), Wish(bookcase, 0.2), Wish(single("stool", reach=False), 0.4),
        Wish(single("washing_machine"), 0.2),
    ),
    "living_room": (
        Wish(sofa_corner, 1), Wish(television, 0.95), Wish(bookcase, 0.9), Wish(sideboard, 0.7), Wish(armchair, 0.5), Wish(heater, 0.6),
        Wish(dining, 0.35), Wish(picture, 0.9), Wish(picture, 0.4), Wish(PLANT, 0.8), Wish(single("floor_lamp", reach=False,
            anchor="corner"), 0.5),
        Wish(bookcase, 0.4), Wish(wall_board, 0.5), Wish(single("ottoman", reach=False), 0.4), Wish(single("basket", reach=False), 0.4),
        Wish(single("pet_bed", reach=False, anchor="corner"), 0.25),
    ),
    "bedroom": (
        Wish(bed, 1), Wish(wardrobe, 0.95), Wish(sideboard, 0.6), Wish(workplace, 0.3), Wish(looking_glass, 0.5), Wish(heater, 0.6),
        Wish(picture, 0.7), Wish(wall_board, 0.4), Wish(single("chair", reach=False), 0.4), Wish(bookcase, 0.3),
        Wish(single("laundry_basket", reach=False), 0.5), Wish(PLANT, 0.4), Wish(single("chest"), 0.2), Wish(single("clothes_rail"), 0.2),
    ),
    "bathroom": (
        Wish(single("toilet"), 1), Wish(washing_place, 1), Wish(bathtub, 0.75), Wish(single("washing_machine"), 0.4),
        Wish(single("laundry_basket", reach=False), 0.6), Wish(single("pedal_bin", reach=False), 0.6), Wish(wall_board, 0.7), Wish(heater,
            0.5),
        Wish(single("stool", reach=False), 0.3),
    ),
    "office": (
        Wish(workplace, 1), Wish(workplace, 0.7), Wish(workplace, 0.4), Wish(bookcase, 0.9), Wish(sideboard, 0.6),
        Wish(single("whiteboard"), 0.5), Wish(BIN, 0.8), Wish(heater, 0.5), Wish(picture, 0.5), Wish(PLANT, 0.7), Wish(wall_board, 0.5),
        Wish(single("coat_rack", reach=False, anchor="corner"), 0.4), Wish(armchair, 0.2),
    ),
    "clinic_ward": (
        Wish(sickbed, 1), Wish(sickbed, 1), Wish(sickbed, 0.9), Wish(sickbed, 0.7), Wish(sickbed, 0.4), Wish(washing_place, 0.95),
        Wish(single("cabinet", color="white", material="painted_wood"), 0.8), Wish(single("pedal_bin", reach=False), 0.8),
        Wish(single("chair", reach=False), 0.8), Wish(single("chair", reach=False), 0.5), Wish(heater, 0.5), Wish(picture, 0.5),
        Wish(BIN, 0.4), Wish(PLANT, 0.2),
    ),
    "hall": (
        Wish(single("coat_rack", reach=False, anchor="corner"), 0.8), Wish(looking_glass, 0.7), Wish(single("bench"), 0.4), Wish(picture,
            0.6),
        Wish(single("drawer_unit", size_m=(0.7, 0.4, 0.8)), 0.4), Wish(PLANT, 0.3), Wish(heater, 0.3),
    ),
}  # fmt: skip
"""What each sort of room is furnished with, what matters most first."""
