"""Which vibrating shape each emitter of a scene is taken for: the background, every thing, every embodiment, in the order of their ids."""

from __future__ import annotations

from collections.abc import Iterator

import mujoco
import numpy as np

from lifeworld.scene import archetype
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.material import Material, material
from lifeworld.scene.scene import Thing
from lifeworld.scene.shape import Cylinder
from lifeworld.worlds.physics import asset
from lifeworld.worlds.physics.build import is_fixed
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses.hear.voice import Form, Voice, voice

FLOOR = Form(shape="plate", size_m=(0.6, 0.6, 0.03), thickness_m=0.03)
"""The ground is heard as the board, tile or patch around the blow."""
SOLID = 0.35  # what fills less of its box is hollow
THINNEST_M = 5e-4
DEEP = 0.35  # a hollow round thing that is flatter is a plate


def voices(compiled: Compiled) -> Iterator[Voice]:
    """The voice of every emitter."""
    scene, model = compiled.scene, compiled.model
    ground = material(scene.ground.material if scene.ground is not None else "wood")
    weight = ground.density_kg_m3 * float(np.prod(FLOOR.size_m))
    yield voice(FLOOR, sound=ground.sound, mass_kg=weight, fixed=True)
    for thing, bound in zip(scene.things, compiled.bounds, strict=True):
        mass = _mass(model, bound.body)
        stuff = _stuff(thing)
        if asset.is_asset(thing):
            shape = _foreign(model, bound.body, mass, stuff)
        else:
            shape = form(archetype.build(thing), mass / stuff.density_kg_m3)
        yield voice(shape, sound=stuff.sound, mass_kg=mass, fixed=is_fixed(thing))
    shell = material("plastic")
    for one in compiled.embodied:
        mass = _mass(model, one.body)
        shape = _foreign(model, one.body, mass, shell)
        yield voice(shape, sound=shell.sound, mass_kg=mass, fixed=False)


def form(assembly: Assembly, volume_m3: float) -> Form:
    """The shape that a thing of so much stuff vibrates as."""
    low, high = assembly.bounds()
    sides = np.maximum(high - low, 1e-3)
    long, middle, short = sorted(sides.tolist(), reverse=True)
    fill = volume_m3 / (long * middle * short)
    if assembly.soft is not None:
        return Form(shape="block", size_m=(long, middle, short), thickness_m=short)
    geoms = [geom for part in assembly.parts for geom in part.geoms if geom.role != "visual"]
    halves = [half for _, half in assembly.boxes()]
    largest = int(np.argmax([np.prod(half) for half in halves]))
    piece, inner = geoms[largest].shape, 2 * np.asarray(halves[largest])
    wide = float(min(sides[0], sides[1]))
    cup = any(c.shape == "disc" and c.opening == "top" for c in assembly.containers)
    drum = isinstance(piece, Cylinder) and fill < SOLID and np.prod(inner) > 0.5 * np.prod(sides)
    if sides[2] > DEEP * wide and (cup or drum):
        height = float(sides[2])
        wall = volume_m3 / (np.pi * wide * height + np.pi * wide**2 / 4)
        return Form(shape="cup", size_m=(height, wide, wide), thickness_m=float(np.clip(wall, THINNEST_M, wide / 4)))
    if long >= 4 * middle:
        return Form(shape="bar", size_m=(long, middle, short), thickness_m=_clip(2 * volume_m3 / (long * middle), short))
    if short <= 0.25 * middle:
        return Form(shape="plate", size_m=(long, middle, short), thickness_m=_clip(1.2 * volume_m3 / (long * middle), short))
    if fill >= SOLID:
        return Form(shape="block", size_m=(long, middle, short), thickness_m=short)
    a, b, c = sorted(np.maximum(inner, 1e-3).tolist(), reverse=True)
    share = volume_m3 * float(np.prod(halves[largest]) / np.sum([np.prod(half) for half in halves]))
    if a >= 4 * b:  # a coat rack's pole
        return Form(shape="bar", size_m=(a, b, c), thickness_m=_clip(share / (a * b), c))
    if c <= 0.25 * b:  # a table's top, a cupboard's side
        thickness = _clip(share / (a * b), c)
        return Form(shape="plate", size_m=(a, b, thickness), thickness_m=thickness)
    return _hollow(long, middle, short, volume_m3)


def _clip(thickness_m: float, most_m: float) -> float:
    return float(np.clip(thickness_m, min(THINNEST_M, most_m), most_m))


def _hollow(long: float, middle: float, short: float, volume_m3: float) -> Form:
    """A box of panels."""
    wall = volume_m3 / (2 * (long * middle + middle * short + short * long))
    return Form(shape="plate", size_m=(long, middle, _clip(wall, short)), thickness_m=_clip(wall, short))


def _stuff(thing: Thing) -> Material:
    """What a thing is mostly made of; an imported one does not say, and sounds as plastic does."""
    if thing.material is not None:
        return material(thing.material)
    if asset.is_asset(thing):
        return material("plastic")
    made = archetype.build(thing)
    soft = made.soft.material if made.soft is not None else None
    return material(soft or archetype.kind(thing.kind).material)


def _foreign(model: mujoco.MjModel, root: int, mass_kg: float, stuff: Material) -> Form:
    """Of imported things and embodiments, whose assembly is not known: the box of panels around their largest geom."""
    mine = np.flatnonzero((model.body_rootid[model.geom_bodyid] == model.body_rootid[root]) & (model.geom_contype > 0))
    if not len(mine):
        return Form(shape="block", size_m=(0.1, 0.1, 0.1), thickness_m=0.1)
    half = model.geom_aabb[mine, 3:]
    sides = 2 * half[np.argmax(half.prod(axis=1))]
    long, middle, short = sorted(np.clip(sides, 1e-3, 10.0).tolist(), reverse=True)
    return _hollow(long, middle, short, mass_kg / stuff.density_kg_m3)


def _mass(model: mujoco.MjModel, root: int) -> float:
    """Of a thing with all its parts [kg]; mocap bodies weigh nothing and count as a gram."""
    return max(float(model.body_subtreemass[root]), 1e-3)
