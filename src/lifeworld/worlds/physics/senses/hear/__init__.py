"""Hearing: sound synthesised from contacts.

voice      a thing's modes from its size, make and sound class
bank       the voices of a scene, as tables that a tick is reckoned with at once
contact    the engine's contacts of a tick become blows and rubbing
resonate   blows and rubbing become forces on the modes, the modes a wave around each emitter
listen     the waves come to a camera's ears
"""
