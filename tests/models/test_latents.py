"""Tokens on the disk: what the pictures' windows say, kept once, resumed, never another tokenizer's, never half written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch

from lifeworld.core.errors import StorageError, UnreadableFile
from lifeworld.models.data.footage import Footage, open_footage
from lifeworld.models.tokens import latents
from lifeworld.models.tokens.latents import ABOUT, Latents, encoded, fingerprint, from_bytes, to_bytes
from lifeworld.models.tokens.tokenizer import Tokenizer, TokenShape


def tokenizer(seed: int = 0, *, causal: bool = False, levels: tuple[int, ...] = ()) -> Tokenizer:
    torch.manual_seed(seed)
    shape = TokenShape(height=16, width=16, channels=4, levels=levels, wide=8, deep=16, fine=8, layers=1, heads=2, causal=causal, window=3)
    return Tokenizer(shape).eval().requires_grad_(False)


def made(footage: Footage, net: Tokenizer, cache: Path) -> Latents:
    found = encoded(footage, net, cache)
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latents, "SHARD", 40)
    monkeypatch.setattr(latents, "AT_ONCE", 15)


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    folder = tmp_path_factory.mktemp("few")
    return open_footage(tiny.bundle(folder / "play", 5), size=(16, 16), length=10, cache=folder / "cache")


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("levels", [(), (4, 3)])
def test_windows_are_those_of_the_pictures_in_tokens(stride: int, levels: tuple[int, ...], footage: Footage, tmp_path: Path) -> None:
    pace = stride * footage.frame_ns
    pictures = Footage(
        footage.bundle, stream=footage.stream, size=footage.size, stride=stride, frame_ns=pace, length=5, doing=footage.doing
    )
    net = tokenizer(levels=levels)
    kept = made(pictures, net, tmp_path)
    numbers = pictures.numbers(held_out=False)[::7]
    window, seen = kept.windows(numbers), pictures.windows(numbers)
    tokens = net.encode(torch.from_numpy(seen.frames).movedim(-1, -3).float() / 255)
    assert np.abs(window.frames.astype(int) - to_bytes(tokens)).max() <= 1  # a rounding's worth
    np.testing.assert_allclose(from_bytes(torch.from_numpy(window.frames), levels), tokens, atol=0.01)
    assert window.actions is not None
    np.testing.assert_array_equal(window.actions, seen.actions)


def test_a_causal_tokenizer_goes_through_each_episode_from_its_beginning(footage: Footage, tmp_path: Path) -> None:
    net = tokenizer(causal=True)
    kept = made(footage, net, tmp_path).cut(24)
    whole = footage.cut(24).windows([0, 1])
    tokens = net.encode(torch.from_numpy(whole.frames).movedim(-1, -3).float() / 255)
    assert np.abs(kept.windows([0, 1]).frames.astype(int) - to_bytes(tokens)).max() <= 1


def test_what_was_stopped_goes_on_and_nothing_is_made_twice(footage: Footage, tmp_path: Path) -> None:
    net, left = tokenizer(), iter(range(2))
    assert encoded(footage, net, tmp_path, stop=lambda: next(left, None) is None) is None
    first = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.npy")}
    assert len(first) == 4
    told: list[tuple[int, int]] = []
    kept = encoded(footage, net, tmp_path, on_shard=lambda done, of: told.append((done, of)))
    assert kept is not None
    assert told[-1][0] == told[-1][1] == len(list(tmp_path.rglob("tokens-*.npy"))) > 2
    assert all(p.stat().st_mtime_ns == then for p, then in first.items())
    assert kept.batch(3, 4, seed=0).frames.tolist() == made(footage, net, tmp_path / "anew").batch(3, 4, seed=0).frames.tolist()


def test_another_tokenizer_makes_its_own(footage: Footage, tmp_path: Path) -> None:
    one, other = made(footage, tokenizer(0), tmp_path), made(footage, tokenizer(1), tmp_path)
    assert one.sha256 != other.sha256 != footage.sha256
    assert fingerprint(tokenizer(0)) == fingerprint(tokenizer(0)) != fingerprint(tokenizer(0, levels=(3,) * 4))
    assert len(list(tmp_path.iterdir())) == 2
    here = next(p for p in tmp_path.iterdir() if one.about.tokenizer_sha256 in (p / ABOUT).read_text())
    there = next(p for p in tmp_path.iterdir() if p != here)
    (here / ABOUT).write_bytes((there / ABOUT).read_bytes())
    with pytest.raises(UnreadableFile, match="another tokenizer"):
        encoded(footage, tokenizer(0), tmp_path)


@pytest.mark.parametrize("cut", [9, 10**6])
def test_damage_is_said(cut: int, footage: Footage, tmp_path: Path) -> None:
    made(footage, tokenizer(), tmp_path)
    path = next(tmp_path.rglob("tokens-00001.npy"))
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(UnreadableFile, match="Delete the folder"):
        encoded(footage, tokenizer(), tmp_path)


def test_a_full_disk_leaves_whole_shards(footage: Footage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save, calls = np.save, iter(range(3))

    def full(file: object, *args: object, **options: object) -> None:
        if next(calls, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        save(file, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(StorageError, match="full"):
        encoded(footage, tokenizer(), tmp_path)
    assert sorted(p.name for p in tmp_path.rglob("*.npy")) == ["actions-00000.npy", "actions-00001.npy", "tokens-00000.npy"]
    assert not [p for p in tmp_path.rglob(".part-*")]
    monkeypatch.setattr(np, "save", save)
    made(footage, tokenizer(), tmp_path)


def test_pictures_without_actions_have_none(tmp_path: Path) -> None:
    silent = open_footage(tiny.bundle(tmp_path / "play", 3, acts=False), size=(16, 16), length=6, cache=tmp_path / "cache")
    assert made(silent, tokenizer(), tmp_path / "latents").windows([0]).actions is None
