"""Something is wrong with a body or a camera: grips slip, limbs weaken, motors stick, pictures fail."""

from __future__ import annotations

from lifeworld.scene.deed import Blind, Fault
from lifeworld.scene.events.draw import Draw
from lifeworld.scene.events.kind import Done, event_kind
from lifeworld.scene.events.takes import driven, gripping
from lifeworld.scene.magnitude import Magnitude

MOVING = {
    "hand": ("x_m_s", "y_m_s", "z_m_s"),
    "pusher": (),
    "walker": ("forward_m_s", "left_m_s", "turn_left_rad_s"),
    "robot": (),
}
"""The numbers of a body's action that one motor each is behind; none: whichever there are, all at once."""


@event_kind(
    "slip",
    befalls="embodiment",
    takes=gripping,
    strength=Magnitude(law="uniform", a=0.15, b=0.6),
    unit="s",
    means="how long the grip is open",
    by=("fault",),
    safety="caution",
    synonyms=("grip_slips", "lets_go", "fumble"),
)
def slip(draw: Draw) -> Done:
    """A grip slips: the fingers of a hand open for a moment, whatever they are told."""
    yield Fault(embodiment=draw.embodiment.name, label="grip", gain=0.0, bias=1.0, duration_s=draw.strength)


@event_kind(
    "limb_weakens",
    befalls="embodiment",
    takes=driven,
    strength=Magnitude(law="uniform", a=0.15, b=0.7),
    unit="of its strength",
    means="what is left of it",
    by=("fault",),
    synonyms=("weakens", "tired", "weak"),
)
def limb_weakens(draw: Draw) -> Done:
    """A body weakens: for some seconds each of its motors does only a part of what it is told."""
    yield Fault(embodiment=draw.embodiment.name, gain=round(draw.strength, 6), duration_s=draw.between(1.0, 5.0))


@event_kind(
    "motor_sticks",
    befalls="embodiment",
    takes=driven,
    strength=Magnitude(law="uniform", a=0.3, b=1.5),
    unit="s",
    means="how long it stays so",
    by=("fault",),
    safety="caution",
    synonyms=("freeze", "stuck_motor", "lag"),
)
def motor_sticks(draw: Draw) -> Done:
    """A motor sticks: it goes on doing what it did, whatever it is told."""
    yield Fault(embodiment=draw.embodiment.name, label=_label(draw), frozen=True, duration_s=draw.strength)


@event_kind(
    "motor_drifts",
    befalls="embodiment",
    takes=driven,
    strength=Magnitude(law="uniform", a=0.03, b=0.15),
    unit="m/s, rad/s …",
    means="how much is added to what it is told",
    by=("fault",),
    synonyms=("drift", "bias"),
)
def motor_drifts(draw: Draw) -> Done:
    """A motor drifts: for some seconds a little is added to what it is told."""
    sense = 1.0 if draw.between(0, 1) < 0.5 else -1.0
    yield Fault(
        embodiment=draw.embodiment.name, label=_label(draw), bias=round(sense * draw.strength, 6), duration_s=draw.between(1.0, 4.0)
    )


@event_kind(
    "sensor_dropout",
    befalls="camera",
    strength=Magnitude(law="lognormal", a=0.4, b=0.6, low=0.1, high=3.0),
    unit="s",
    means="how long it is dark",
    by=("blind",),
    synonyms=("dropout", "blackout", "camera_fails"),
)
def sensor_dropout(draw: Draw) -> Done:
    """A camera drops out: its picture is black for a moment."""
    yield Blind(camera=draw.camera.name, how="dropout", duration_s=draw.strength)


@event_kind(
    "sensor_noise",
    befalls="camera",
    strength=Magnitude(law="uniform", a=0.1, b=0.6),
    unit="of full scale",
    means="how noisy it is",
    by=("blind",),
    synonyms=("noise", "static"),
)
def sensor_noise(draw: Draw) -> Done:
    """A camera's picture is noisy for a while."""
    yield Blind(camera=draw.camera.name, how="noise", amount=round(draw.strength, 6), duration_s=draw.between(0.5, 3.0))


@event_kind(
    "picture_freezes",
    befalls="camera",
    strength=Magnitude(law="uniform", a=0.2, b=2.0),
    unit="s",
    means="how long it stands still",
    by=("blind",),
    synonyms=("frozen_picture", "stale_picture"),
)
def picture_freezes(draw: Draw) -> Done:
    """A camera's picture stands still for a while."""
    yield Blind(camera=draw.camera.name, how="freeze", duration_s=draw.strength)


@event_kind(
    "lens_blurs",
    befalls="camera",
    strength=Magnitude(law="uniform", a=0.2, b=0.9),
    unit="of its worst",
    means="how blurred it is",
    by=("blind",),
    synonyms=("blur", "out_of_focus", "steam"),
)
def lens_blurs(draw: Draw) -> Done:
    """A lens is steamed up or out of focus for a while."""
    yield Blind(camera=draw.camera.name, how="blur", amount=round(draw.strength, 6), duration_s=draw.between(1.0, 4.0))


def _label(draw: Draw) -> str | None:
    labels = MOVING.get(draw.embodiment.kind, ())
    return draw.one_of(*labels) if labels else None
