"""`lifeworld import` of recordings: into a bundle, each once, under the terms given, with what was left out said."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.episode.formats.films import write_film

from lifeworld.cli import main
from lifeworld.core.origin import Consent, Terms
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats import csv_log, media


def write_logs(folder: Path, count: int = 3) -> Path:
    folder.mkdir()
    for k in range(count):
        (folder / f"run{k}.csv").write_text(f"t,speed [m/s]\n0,{k}\n0.5,{k + 1}\n", encoding="utf-8")
    return folder


def imported(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert main(["import", *map(str, arguments), "--json"]) == 0
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def test_a_folder_becomes_a_bundle_and_says_how_to_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs, out = write_logs(tmp_path / "logs"), tmp_path / "out"
    (logs / "broken.csv").write_text("t,x\n0,1\n0,2\n", encoding="utf-8")
    (logs / "README.md").write_text("hello", encoding="utf-8")
    assert main(["import", str(logs), "-o", str(out)]) == 0
    text = capsys.readouterr().out
    assert "3 episodes added, 3 in all; 1.5 s" in text
    assert "skipped: broken.csv: line 3: its time does not come after" in text
    assert "1 skipped" in text
    assert "README.md" in text
    assert text.endswith(f"lifeworld show {out}\n")
    bundle = open_bundle(out)
    assert [e.title for e in bundle] == ["run0", "run1", "run2"]
    assert np.array_equal(bundle[2]["reading@run2"].values, [[2], [3]])


def test_nothing_comes_in_twice_unless_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs, out = write_logs(tmp_path / "logs"), tmp_path / "out"
    assert imported(capsys, logs, "-o", out, "--limit", 1)["episodes"] == 1
    first = imported(capsys, logs, "-o", out)
    assert (first["episodes"], first["already_there"], first["in_all"]) == (2, 1, 3)
    moved = logs.rename(tmp_path / "elsewhere")
    second = imported(capsys, moved, "-o", out)
    assert (second["episodes"], second["already_there"]) == (0, 3)
    (moved / "run0.csv").write_text("t,x\n0,7\n", encoding="utf-8")
    assert imported(capsys, moved, "-o", out)["episodes"] == 1
    assert imported(capsys, moved, "-o", out, "--again")["in_all"] == 7


def test_bundles_are_merged_without_what_both_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs = write_logs(tmp_path / "logs", 4)
    imported(capsys, logs, "-o", tmp_path / "a", "--limit", 2)
    imported(capsys, logs, "-o", tmp_path / "b")
    assert imported(capsys, tmp_path / "b", "-o", tmp_path / "a")["episodes"] == 2
    assert imported(capsys, tmp_path / "b", "-o", tmp_path / "a")["episodes"] == 0


def test_terms_and_consent_are_on_every_measured_stream(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs, out = write_logs(tmp_path / "logs"), tmp_path / "out"
    consent = ["--subject", "P7", "--agreement", "form-3/v2", "--receipt", "r-1", "--purposes", "train, infer"]
    imported(capsys, logs, "-o", out, "--licence", "CC-BY-4.0", "--name", "walk", *consent)
    who = Consent(subject="P7", terms="form-3/v2", receipt="r-1", purposes=("train", "infer"))
    for k, episode in enumerate(open_bundle(out)):
        assert episode.title == f"walk {k}"
        assert [s.terms for s in episode.streams.values()] == [Terms(license="CC-BY-4.0", consents=(who,))]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--subject", "P7"], "--agreement"),
        (["--purposes", "train"], "--subject"),
        (["--limit", "0"], "1 or more"),
        (["--mass-kg", "3"], "is of things"),
        (["--up", "y"], "up"),
    ],
)
def test_options_that_do_not_fit_leave_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    logs = write_logs(tmp_path / "logs")
    assert main(["import", str(logs), "-o", str(tmp_path / "out"), *arguments]) == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_is_no_recording_or_no_place_for_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs = write_logs(tmp_path / "logs")
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    for arguments, says in (
        ([logs], "-o FOLDER"),
        ([tmp_path / "gone", "-o", tmp_path / "out"], "no such file"),
        ([tmp_path / "notes.txt", "-o", tmp_path / "out"], "no recording"),
        ([logs, "-o", tmp_path / "full"], "not an empty folder"),
        ([logs, "-o", logs / "out"], "cannot lie in"),
        ([logs, "-o", logs], "cannot lie in"),
        (["robot.urdf", "-o", tmp_path / "out", "--fps", "3"], "is of recordings"),
    ):
        assert main(["import", *map(str, arguments)]) == 2
        assert says in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert sorted(p.name for p in (tmp_path / "full").iterdir()) == ["mine"]


def test_a_source_of_broken_files_only_adds_nothing_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.csv").write_text("t,x\n1,1\n0,2\n", encoding="utf-8")
    assert main(["import", str(tmp_path / "logs"), "-o", str(tmp_path / "out")]) == 2
    assert "a.csv: line 3" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_ctrl_c_keeps_whole_episodes_and_the_same_command_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logs, out = write_logs(tmp_path / "logs", 5), tmp_path / "out"
    real = csv_log.read

    def interrupted(path: Path, **options: Any) -> Iterator[Episode]:
        for episode in real(path, **options):
            if path.stem == "run3":
                raise KeyboardInterrupt
            yield replace(episode, labels={"seen": "yes"})

    with monkeypatch.context() as patch:
        patch.setattr(sys.modules["lifeworld.episode.formats.csv_log"], "read", interrupted)
        assert main(["import", str(logs), "-o", str(out)]) == 130
    assert "3 episodes added" in capsys.readouterr().err
    assert [e.labels for e in open_bundle(out)] == [{"seen": "yes"}] * 3
    assert not any((out / "staging").glob("*"))
    assert imported(capsys, logs, "-o", out)["episodes"] == 2
    assert len(open_bundle(out)) == 5


def test_what_breaks_on_the_way_is_skipped_and_the_rest_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Pictures of RLDS are decoded only when they are sealed; here the second file is cut off after the import has begun."""
    logs, out = write_logs(tmp_path / "logs"), tmp_path / "out"
    for k in range(3):
        write_film(logs / f"film{k}.webm", "libvpx")

    real = media.read

    def cut(path: Path, **options: Any) -> Iterator[Episode]:
        for episode in real(path, **options):
            if path.stem == "film1":
                path.write_bytes(path.read_bytes()[:300])
            yield episode

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(media, "read", cut)
        said = imported(capsys, logs, "-o", out)
    assert said["episodes"] == 5
    assert [each["what"] for each in said["skipped"]] == ["film1"]
    assert [e.title for e in open_bundle(out)] == ["film0", "film2", "run0", "run1", "run2"]
