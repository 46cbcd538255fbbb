"""Light and view: lamps fail or are switched, clouds pass, a camera is knocked."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.edit.values import SetCamera, SetLight, TurnOff, TurnOn
from lifeworld.scene.events.draw import Draw, vec3
from lifeworld.scene.events.kind import Done, event_kind
from lifeworld.scene.events.takes import lamp, lit, sunny
from lifeworld.scene.magnitude import Magnitude


@event_kind(
    "power_cut",
    befalls="scene",
    needs=lit,
    strength=Magnitude(a=1.0),
    unit="",
    means="nothing",
    by=("turn_off", "set_light"),
    safety="caution",
    rate_per_min=1.0,
    synonyms=("blackout_of_lamps", "power_failure", "outage", "power_goes_out"),
)
def power_cut(draw: Draw) -> Done:
    """The power fails: every lamp and appliance goes off. Daylight stays."""
    for thing in draw.scene.things:
        if thing.turned_on:
            yield TurnOff(thing.name)
    for one in draw.scene.lights:
        if one.kind != "sun" and one.intensity > 0:
            yield SetLight(one.name, replace(one, intensity=0.0))


@event_kind(
    "lamp_switched",
    befalls="thing",
    takes=lamp,
    strength=Magnitude(a=1.0),
    unit="",
    means="nothing",
    by=("turn_on", "turn_off"),
    synonyms=("lamp", "switch", "light_switch"),
)
def lamp_switched(draw: Draw) -> Done:
    """Somebody switches a lamp: on if it was off, off if it was on."""
    yield TurnOff(draw.thing.name) if draw.thing.turned_on else TurnOn(draw.thing.name)


@event_kind(
    "cloud_passes",
    befalls="scene",
    needs=sunny,
    strength=Magnitude(law="uniform", a=0.25, b=0.7),
    unit="of the sun",
    means="what is left of it",
    by=("set_light",),
    rate_per_min=2.0,
    synonyms=("cloud", "gets_dark"),
)
def cloud_passes(draw: Draw) -> Done:
    """A cloud comes before the sun: its light is weaker from now on, and its shadows are gone."""
    for one in draw.scene.lights:
        if one.kind == "sun" and one.intensity > 0:
            yield SetLight(one.name, replace(one, intensity=round(one.intensity * draw.strength, 6)))


@event_kind(
    "camera_knock",
    befalls="camera",
    strength=Magnitude(law="lognormal", a=4.0, b=0.5, low=1.0, high=15.0),
    unit="°",
    means="how far it is turned",
    by=("set_camera",),
    rate_per_min=2.0,
    synonyms=("camera_bump", "view_change", "camera"),
)
def camera_knock(draw: Draw) -> Done:
    """A camera is knocked: it is turned by some degrees and pushed by some millimetres, and stays so."""
    camera = draw.camera
    # Mostly sideways and up or down; a camera on its stand hardly rolls.
    axis = np.array([draw.between(-0.7, 0.7), draw.between(-1.0, 1.0), draw.between(-0.25, 0.25)])
    axis /= np.linalg.norm(axis)
    half = math.radians(draw.strength) / 2
    turn = (math.cos(half), *(math.sin(half) * axis).tolist())
    moved = np.array([draw.between(-1, 1), draw.between(-1, 1), draw.between(-1, 1)]) * 0.002 * draw.strength
    knocked = camera.pose @ Pose(vec3(moved), turn)
    yield SetCamera(camera.name, replace(camera, pose=knocked))
