"""`lifeworld check` and `lifeworld erase`: what they say, and how they end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lifeworld.cli import main
from lifeworld.core.origin import Consent, Provenance, Terms
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.episode import Episode
from lifeworld.episode.keys import Keys
from lifeworld.episode.seal import append_to

MADE = Provenance.now(engine="test", engine_version="1")


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three episodes, two with P7, encrypted."""
    monkeypatch.setenv("LIFEWORLD_KEYS", str(tmp_path / "keys"))
    with append_to(tmp_path / "b", encrypt=Keys()) as writer:
        for people in (("P7",), ("P7", "P8"), ()):
            terms = Terms(license="CC0-1.0", consents=tuple(Consent(subject=p, terms="1", receipt=f"r{p}") for p in people))
            reading = Stream(SIGNALS["reading"], [0, 1, 2], np.ones((3, 2)), origin="measured", source="belt", terms=terms)
            writer.add(Episode(streams={"reading@belt": reading}, provenance=MADE, title="a take"))
    return tmp_path / "b"


def run(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    code = main([str(arg) for arg in args])
    said = capsys.readouterr()
    return code, said.out, said.err


def as_json(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, dict[str, Any]]:
    code, out, _ = run(capsys, *args, "--json")
    return code, json.loads(out)


def test_a_whole_bundle_is_said_to_be_whole(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "check", bundle) == (0, f"{bundle}: nothing is wrong\n", "")
    assert as_json(capsys, "check", bundle, "--deep") == (0, {"ok": True, "problems": [], "wrong": 0, "warnings": 0})


def test_without_the_key_it_is_whole_and_says_so(bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "check", bundle, "--keys", tmp_path / "none")
    assert code == 0
    assert out.count("! ") == 2
    assert "nothing is wrong, 2 to know" in out


def test_a_broken_bundle_ends_with_2_and_all_that_is_wrong(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tables = sorted(bundle.rglob("reading*.parquet"))
    tables[0].write_bytes(b"")
    tables[1].unlink()
    code, said = as_json(capsys, "check", bundle)
    assert (code, said["ok"]) == (2, False)
    assert said["wrong"] == len(said["problems"]) >= 3
    assert {"where", "what", "expected", "got", "fix", "warning"} == set(said["problems"][0])
    code, out, _ = run(capsys, "check", bundle)
    assert code == 2
    assert out.count("✗ ") == said["wrong"]
    assert all(table.name in out for table in tables[:2])


@pytest.mark.parametrize("path", ["nowhere", "."])
def test_what_is_no_bundle_ends_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = run(capsys, "check", path)
    assert code == 2
    assert "✗" in out


def test_a_person_is_erased(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "erase", bundle, "--subject", "P7", "--reason", "withdrew")
    assert code == 0
    assert "2 whole episodes" in out
    assert "is destroyed" in out
    assert len(open_bundle(bundle)) == 1
    assert run(capsys, "check", bundle)[0] == 0
    assert "withdrew" in (bundle / "ledger/tombstones.jsonl").read_text()
    code, out, _ = run(capsys, "erase", bundle, "--subject", "P7")
    assert (code, out) == (0, "it was erased before: nothing is left to do\n")


def test_an_episode_is_erased(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    uid = open_bundle(bundle).uids[0]
    code, said = as_json(capsys, "erase", bundle, "--episode", uid)
    assert (code, said["episodes"], said["key_id"]) == (0, [uid], None)
    assert len(open_bundle(bundle)) == 2


def test_a_mistake_ends_with_2_and_erases_nothing(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for args in (["--subject", "P9"], [], ["--subject", "P7", "--reason", "P7 said so"], ["--episode", "no"]):
        code, said = as_json(capsys, "erase", bundle, *args)
        assert (code, said["ok"]) == (2, False)
    assert len(open_bundle(bundle)) == 3
    assert run(capsys, "check", bundle)[0] == 0
