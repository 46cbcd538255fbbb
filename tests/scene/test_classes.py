"""Classes are numbers for ever: every kind has one, and the file that lists them only grows."""

from __future__ import annotations

import hashlib

from lifeworld.scene.archetype import kinds
from lifeworld.scene.classes import IMPORTED, class_of, classes

FIRST = 158
DIGEST = "b7e7ed1bfd4e8cb5fb0cc14192a2b0f9ce3fb4f3bbcbdba506d739560c6aa180"
"""Of the first lines of classes.txt, when it was first released. Never change these two: add to the end of the file."""


def test_every_kind_has_a_class_of_its_own() -> None:
    numbers = [class_of(name) for name in kinds()]
    assert len(set(numbers)) == len(numbers)
    assert [classes()[n] for n in numbers] == list(kinds())
    assert len(set(classes())) == len(classes())
    for name in ("free_camera", "hand", "pusher", "walker", "robot"):
        assert classes()[class_of(name)] == name


def test_what_we_do_not_know_is_imported_and_nothing_is_background() -> None:
    assert class_of("asset:duck_7") == class_of("no such kind") == classes().index(IMPORTED)
    assert classes()[0] == "background"
    assert all(class_of(name) > 0 for name in kinds())


def test_numbers_never_change_their_meaning() -> None:
    assert len(classes()) >= FIRST
    assert hashlib.sha256("\n".join(classes()[:FIRST]).encode()).hexdigest() == DIGEST
