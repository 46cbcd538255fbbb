"""`lifeworld show` and `lifeworld export`, as they are called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lifeworld.cli import main
from lifeworld.core.origin import Provenance, Terms
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats import open_recording
from lifeworld.episode.seal import append_to

MADE = Provenance.now(engine="test", engine_version="1")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Two episodes with a camera, and one that LeRobot cannot see."""
    times = np.arange(6, dtype=np.int64) * 100_000_000
    rgb = np.random.default_rng(1).integers(0, 256, (6, 32, 48, 3), dtype=np.uint8)
    action = np.arange(12.0).reshape(6, 2)
    terms = Terms(license="MIT")
    cam = Stream(SIGNALS["rgb"], times, rgb, origin="measured", source="cam", terms=terms)
    act = Stream(SIGNALS["action"], times, action, origin="measured", source="arm", terms=terms)
    place = Stream(SIGNALS["position_m"], times, np.zeros((6, 1, 3)), origin="simulated")
    with append_to(tmp_path / "b") as writer:
        for title in ("first", "second"):
            writer.add(Episode(streams={"rgb@cam": cam, "action@arm": act}, provenance=MADE, title=title))
        writer.add(Episode(streams={"position_m": place}, provenance=MADE, title="third"))
    return tmp_path / "b"


def called(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> dict[str, Any]:
    assert main([*map(str, words), "--json"]) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_bundle_in_words(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = called(capsys, "show", bundle)
    assert (said["episodes"], said["frames"], said["origins"]) == (3, 12, {"measured": 2, "simulated": 1})
    assert said["lerobot"]["episodes"] == 2
    assert sum(said["lerobot"]["left_out"].values()) == 1
    assert said["licences"] == {"MIT": 4, "not said": 1}
    assert main(["show", str(bundle)]) == 0
    text = capsys.readouterr().out
    for word in ("rgb@cam", "32 × 48 × 3", "10 Hz", "second", "2 of 3 episodes", "--episode 0"):
        assert word in text


def test_an_episode_in_words_and_on_a_sheet(bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = called(capsys, "show", bundle, "--episode", 0, "-o", tmp_path / "sheet.png")
    assert said["streams"]["rgb@cam"]["rate_hz"] == pytest.approx(10)
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert len(np.unique(np.asarray(sheet))) > 100
    last = called(capsys, "show", bundle, "--episode", -1)
    assert last["title"] == "third"
    assert Path(last["sheet"]).is_file()  # numbers are drawn where there is nothing else
    assert called(capsys, "show", bundle, "--episode", 3, code=2)["error"] == "input_error"


@pytest.mark.parametrize("form", ["mcap", "rerun", "webdataset", "mp4", "gif", "lerobot"])
def test_every_format_is_written(bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    if form == "rerun":
        pytest.importorskip("rerun")
    out = tmp_path / {"mcap": "a.mcap", "rerun": "a.rrd", "mp4": "a.mp4", "gif": "a.gif"}.get(form, "a")
    said = called(capsys, "export", bundle, "-o", out, "--as", form, "--episode", 0)
    assert said["written"] == 1
    assert said["bytes"] > 500
    if form == "mcap":
        (back,) = open_recording(out).episodes
        want = open_bundle(bundle)[0]
        assert all(back[name] == want[name] for name in want.streams)


def test_what_does_not_fit_is_said_before_anything_is_written(bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ("a.avi", "mp4"),
        ("a.mcap", "mcap", "--fps", 5),
        ("a.mp4", "mp4", "--episode", 9),
        ("a.gif", "gif", "--camera", "x", "--episode", 0),
    ):
        out, form, *more = words
        assert called(capsys, "export", bundle, "-o", tmp_path / out, "--as", form, *more, code=2)["ok"] is False
        assert not (tmp_path / out).exists()


def test_episodes_that_differ_are_not_said_to_be_as_the_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with append_to(tmp_path / "b") as writer:
        for count, step_ns, width in ((2, 11_000_000, 48), (40, 50_000_000, 48), (40, 50_000_000, 64)):
            times = np.arange(count, dtype=np.int64) * step_ns
            rgb = Stream(SIGNALS["rgb"], times, np.zeros((count, 32, width, 3), np.uint8), origin="measured", source="cam")
            action = Stream(SIGNALS["action"], times, np.zeros((count, 2)), origin="measured", source="car")
            writer.add(Episode(streams={"rgb@cam": rgb, "action@car": action}, provenance=MADE))
    assert main(["show", str(tmp_path / "b")]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.startswith("  ")}
    assert "20 Hz" in lines["action@car"]  # of most values, not the 91 Hz of the first two
    assert "32 × 48 × 3 and 1 other" in lines["rgb@cam"]
