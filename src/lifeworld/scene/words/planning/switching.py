"""Lamps and appliances go on and off."""

from __future__ import annotations

from dataclasses import replace

from lifeworld.scene.edit.values import SetLight, TurnOff, TurnOn
from lifeworld.scene.words.clause import Clause
from lifeworld.scene.words.grounding.asking import a_, impossible, listed
from lifeworld.scene.words.grounding.cast import Referent
from lifeworld.scene.words.planning.draft import Draft
from lifeworld.scene.words.planning.meant import things_of
from lifeworld.scene.words.planning.staging import LIT


def turn_on(draft: Draft, clause: Clause) -> None:
    switch(draft, clause, on=True)


def turn_off(draft: Draft, clause: Clause) -> None:
    switch(draft, clause, on=False)


def switch(draft: Draft, clause: Clause, *, on: bool) -> None:
    found = things_of(draft, clause, sorts=("thing", "light", "camera", "embodiment"), fits=switches)
    for one in found:
        if one.sort == "light":
            lamp = next(light for light in draft.scene.lights if light.name == one.name)
            draft.do(
                SetLight(one.name, replace(lamp, intensity=LIT if on else 0.0)),
                f"the light {one.name} goes {'on' if on else 'off'}",
                clause.span,
            )
            continue
        if not switches(one):
            able = [r.name for r in draft.cast.referents if r.sort == "thing" and switches(r)]
            what = f"the {one.sort} {one.name!r}" if one.sort != "thing" else a_(draft.scene.thing(one.name).kind)
            raise impossible(
                f"{what} cannot be turned {'on' if on else 'off'}",
                clause.span,
                suggestions=able,
                fix=f"What can: {listed(able)}." if able else None,
            )
        draft.do(TurnOn(one.name) if on else TurnOff(one.name), f"{one.name} goes {'on' if on else 'off'}", clause.span)


def switches(one: Referent) -> bool:
    return any(k in ("turned_on", "turned_off") for k, _ in one.facts)
