"""The hash of what a bundle holds: it follows what happened, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bundles import episode, stream
from people import ANNA, measured

from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.content import content
from lifeworld.episode.episode import Episode
from lifeworld.episode.keys import Keys
from lifeworld.episode.seal import append_to


def sealed(root: Path, *episodes: Episode, keys: Keys | None = None) -> Path:
    with append_to(root, encrypt=keys) as writer:
        for one in episodes:
            writer.add(one)
    return root


def of(root: Path) -> str:
    return content(open_bundle(root)).sha256


@pytest.fixture
def happened() -> Episode:
    rng = np.random.default_rng(3)
    return episode(*(stream(name, rng) for name in ("position_m", "contacts", "depth_m", "rgb")))


def test_two_bundles_of_the_same_have_one_hash(happened: Episode, tmp_path: Path) -> None:
    """Though their uids, their dates and what is said of them are others."""
    made = replace(happened.provenance, machine="other", created="2027-01-01T00:00:00+00:00")
    other = replace(happened, title="another", labels={"a": "b"}, provenance=made)
    first, second = (sealed(tmp_path / name, one) for name, one in (("a", happened), ("b", other)))
    assert open_bundle(first).uids != open_bundle(second).uids
    assert of(first) == of(second)
    told = content(open_bundle(first))
    assert (told.streams, told.left_out) == (3, 1), "the film is lossy"


def test_what_happened_otherwise_has_another(happened: Episode, tmp_path: Path) -> None:
    was = happened["position_m"]
    moved = np.array(was.values[:])
    moved.view(np.uint8).reshape(-1)[0] ^= 1  # one bit
    later = np.array(was.times_ns)
    later[-1] += 1
    others = {
        "as it was": happened,
        "a bit": happened.with_stream(Stream(was.signal, was.times_ns, moved, origin=was.origin, source=was.source)),
        "a nanosecond": happened.with_stream(Stream(was.signal, later, was.values[:], origin=was.origin, source=was.source)),
        "an origin": happened.with_stream(Stream(was.signal, was.times_ns, was.values[:], origin="edited", source=was.source)),
        "a stream less": replace(happened, streams={name: s for name, s in happened.streams.items() if name != "position_m"}),
        "a legend": replace(happened, legend={**happened.legend, "instance_ids": ("x", "y")}),
    }
    hashes = {name: of(sealed(tmp_path / name, one)) for name, one in others.items()}
    hashes["twice"] = of(sealed(tmp_path / "twice", happened, happened))
    assert len(set(hashes.values())) == len(hashes), hashes


def test_what_is_encrypted_is_left_out(tmp_path: Path) -> None:
    """Its files are salted anew each time: nothing can be said of them without the keys."""
    rng = np.random.default_rng(3)
    belt = measured("position_m", rng, ANNA)
    open_to_all = stream("contacts", rng)
    roots = [sealed(tmp_path / name, episode(belt, open_to_all), keys=Keys(tmp_path / "keys")) for name in "ab"]
    first, second = (content(open_bundle(root)) for root in roots)
    assert first == second
    assert (first.streams, first.left_out) == (1, 1)
    assert SIGNALS["contacts"].ragged


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_same_seed_makes_the_same_in_other_processes(tmp_path: Path) -> None:
    """By one worker or two, with events and pictures."""
    said = {}
    for name, seed, workers in (("one", 7, 1), ("two", 7, 2)):
        command = (
            f"make tabletop --episodes 2 --seconds 0.3 --events bump:30/min --pixels 64x48 --seed {seed} --workers {workers} --json -o"
        )
        said[name] = told(*command.split(), str(tmp_path / name))
    print(said)
    assert said["one"] == said["two"]
    assert told("show", str(tmp_path / "one"), "--json") == said["one"]


def told(*command: str) -> str:
    """The hash that a command says, in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "lifeworld", *command], capture_output=True, text=True, check=True)
    return str(json.loads(done.stdout)["content_sha256"])
