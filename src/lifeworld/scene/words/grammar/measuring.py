"""How much: properties that are set, and measures under the keys that the verb gives them.

"set the mass of the box to 2 kg"   place  →  set the box, mass_kg 2
"""

from __future__ import annotations

from dataclasses import replace

from lifeworld.scene.words.grammar.saying import Saying
from lifeworld.scene.words.tagging.units import HOURS
from lifeworld.scene.words.tagging.vocabulary import vocabulary

OF_NOBODY = ("hour", "gravity")
"""Properties of the scene itself."""
BARE = {"rotate": "angle_deg", "scale": "factor", "open": "amount", "close": "amount", "fill": "amount", "light": "intensity"}
"""What a number without a unit is of."""
ADDED = {"mass": "by_kg", "friction": "by_friction"}
"""Where a bare number is said of what is to be more or less, it is how much."""


def properties(saying: Saying) -> None:
    """ "set the mass of the box to 2 kg": the property is what is set, the box what has it."""
    known = vocabulary().properties
    if not saying.things or saying.verb not in ("set", "place", "scale", "lift", "light", "rename", "rotate", "replace", "move", "time"):
        return
    given = next((thing for thing in saying.things[1:] if thing.noun in known and thing.words), None)
    if given is not None and saying.verb == "set":  # "give the mug a blue colour"
        saying.values[known[given.noun]] = given.words[-1]
        saying.things = tuple(thing for thing in saying.things if thing is not given)
        return
    first = saying.things[0]
    head = first.noun.split()[-1] if first.noun else ""
    if head not in known or not (first.of is not None or (saying.verb != "move" and (saying.values or saying.links))):
        return
    key = known[head]
    rest = " ".join(first.noun.split()[:-1])
    owner = first.of or (replace(first, noun=rest) if rest and key not in OF_NOBODY else None)
    if owner is None and key not in OF_NOBODY:
        return
    saying.values.setdefault("property", key)
    direction = saying.values.pop("direction", None)
    if direction == "down":
        saying.values["way"] = "less"
    if saying.verb == "scale" or "way" in saying.values:
        saying.values |= {"dimension": head if head != "colour" else "color"}
    saying.things = (owner,) if owner is not None else ()
    saying.verb = {"hour": "time", "name": "rename"}.get(key, "set")
    if key == "name":
        return
    for link in saying.links:
        if link.relation in ("to", "as") and link.to:
            said = link.to[0].noun or link.to[0].pronoun or ""
            saying.values[key] = HOURS[said] if key == "hour" and said in HOURS else said
    saying.links = tuple(link for link in saying.links if link.relation not in ("to", "as"))
    saying.with_ = ()


def units(saying: Saying) -> None:
    """Measures under the key that the verb gives them."""
    values, verb = saying.values, saying.verb
    said = {key.removeprefix("said_"): float(values.pop(key)) for key in [k for k in values if k.startswith("said_")]}
    key = values.pop("property", None)
    values.pop("bound_from", None)
    if values.pop("bound_to", None) is not None and verb in ("set", "scale", "light"):
        values.pop("way", None)  # "increase it to 2 kg": so much it is to be, not so much more
    way = values.get("way")
    if key is not None and "way" not in values:
        number = next(iter(said.values()), None)
        if "ratio" in said and (key == "mass_kg" or str(key).endswith("_m")):  # "set the mass to 50 %": of what it is
            values |= {"factor": said["ratio"], "dimension": str(key).removesuffix("_m").removesuffix("_kg")}
            return
        if number is not None:
            values[str(key)] = number
            return
    if "time" in said:
        if verb == "time":
            saying.at_s = said["time"]
        else:
            values["duration_s"] = said["time"]
    if "angle" in said:
        values["angle_deg"] = said["angle"] * float(values.pop("factor", 1.0) if verb == "rotate" else 1.0)  # "by 90 degrees twice"
    if "factor" in said:
        values["factor"] = said["factor"]
    if "hour" in said:
        values["hour"] = said["hour"]
    if verb == "light" and "amount" in values and way is not None:
        values["factor"] = values.pop("amount")  # "dim the lamps by half"
    if "mass" in said:
        added = verb in ("set", "scale") and way is not None and values.get("dimension") == "mass"
        values["by_kg" if added else "mass_kg"] = said["mass"]
    if "ratio" in said:
        if verb in ("scale", "set", "light") and way in ("more", "less"):
            values["factor"] = 1 + said["ratio"] if way == "more" else 1 - said["ratio"]
        elif verb == "scale":
            values["factor"] = said["ratio"]
        else:
            values["intensity" if verb == "light" else "amount"] = said["ratio"]
    if "length" in said:
        if verb == "add":
            values.pop("way", None)
            values[f"{values.pop('dimension', 'size')}_m"] = said["length"]
        elif verb in ("scale", "set"):
            values["by_m" if way else f"{values.pop('dimension', 'size')}_m"] = said["length"]
        elif verb in ("open", "close"):
            values["opening_m"] = said["length"]
        else:
            values["distance_m"] = said["length"]
    if "count" in said:
        by = ADDED.get(str(values.get("dimension"))) if verb in ("set", "scale") and way is not None else None
        values[by or BARE.get(verb, "count")] = said["count"]
