"""`lifeworld make`: what it records when asked by family, and the sheets it draws."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lifeworld.cli import main
from lifeworld.commands.make import USUAL
from lifeworld.core.signal import SIGNALS
from lifeworld.episode.bundle import open_bundle

Capture = pytest.CaptureFixture[str]
SCENE = """lifeworld = 1
name = "s"
[[thing]]
name = "box"
kind = "box"
position_m = [0, 0, 0]
[[camera]]
name = "front"
position_m = [0.6, -1.2, 0.9]
look_at_m = [0, 0, 0.1]
width_px = 48
height_px = 32
[[sensor]]
name = "finger"
kind = "tactile"
attach = "box"
[[sensor]]
name = "balance"
kind = "imu"
attach = "box"
[[sensor]]
name = "scanner"
kind = "lidar"
position_m = [1, 0, 0.3]
rows = 4
columns = 16
[[sensor]]
name = "feeler"
kind = "proximity"
position_m = [1, 0, 0.3]
[[goal]]
name = "stand"
predicate = "upright"
thing = "box"
"""
KEPT = {"state", "happened", "goal_progress"}
"""What every episode keeps, whatever is asked for: its states, what happens in it if anything may, how far the goals of its scene are."""
NOT_HERE = KEPT | {"embedding"} | {s.name for s in SIGNALS.values() if s.per == "embodiment" or s.family == "log"}
"""Nobody acts, nothing is imported, no model is asked."""


def make(tmp_path: Path, capsys: Capture, *args: str) -> dict[str, Any]:
    (tmp_path / "s.toml").write_text(SCENE, encoding="utf-8")
    common = ["--seconds", "0.1", "--renderer", "rays", "--agent", "rest", "--json"]
    code = main(["make", str(tmp_path / "s.toml"), "-o", str(tmp_path / "out"), *common, *args])
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert code == (0 if said["ok"] else 2)
    return said


def recorded(said: dict[str, Any]) -> set[str]:
    """The signals of the first episode, but for what every episode keeps."""
    episode = open_bundle(said["bundle"]).episode(said["episodes"][0])
    return {stream.signal.name for stream in episode.streams.values()} - KEPT


def test_the_usual_signals_are_what_is_seen_where_things_are_and_what_they_touch(tmp_path: Path, capsys: Capture) -> None:
    said = make(tmp_path, capsys)
    names = {name for name in USUAL.split(",") if name != "be"}
    assert recorded(said) == names | {s.name for s in SIGNALS.values() if s.family == "be"} - NOT_HERE
    streams = Path(said["bundle"]) / "streams" / said["episodes"][0]
    videos = (Path(said["bundle"]) / "videos").rglob("*.mp4")
    assert said["bytes"] == [sum(f.stat().st_size for f in (*streams.rglob("*"), *videos) if f.is_file())]
    assert {*said["streams"], "state"} == set(open_bundle(said["bundle"])[0].streams)


def test_pictures_are_as_large_as_asked(tmp_path: Path, capsys: Capture) -> None:
    said = make(tmp_path, capsys, "--pixels", "40x24", "--signals", "rgb")
    episode = open_bundle(said["bundle"])[0]
    assert episode["rgb@front"].values.shape[1:] == (24, 40, 3)


@pytest.mark.parametrize("pixels", ["96", "0x40", "40x", "axb", "5000x40"])
def test_no_such_size_is_refused(pixels: str, tmp_path: Path, capsys: Capture) -> None:
    assert make(tmp_path, capsys, "--pixels", pixels)["error"] == "limit_error"


@pytest.mark.parametrize("family", ["touch", "hear", "tell"])
def test_a_family_is_all_of_its_signals(family: str, tmp_path: Path, capsys: Capture) -> None:
    names = recorded(make(tmp_path, capsys, "--signals", f"{family},rgb@front"))
    assert {SIGNALS[name].family for name in names} == {family, "see"}
    assert {s.name for s in SIGNALS.values() if s.family == family} - NOT_HERE <= names


def test_all_is_all_and_every_visual_signal_is_on_its_sheet(tmp_path: Path, capsys: Capture) -> None:
    said = make(tmp_path, capsys, "--signals", "all", "--sheet")
    assert recorded(said) == set(SIGNALS) - NOT_HERE
    assert set(said["frame_sheets"]) == {"front"}
    with Image.open(said["frame_sheets"]["front"]) as page:
        assert page.height > page.width  # five rows of four pictures and more


def test_what_happens_by_itself_is_recorded_and_told(tmp_path: Path, capsys: Capture) -> None:
    said = make(tmp_path, capsys, "--events", "bump@0.02s,gust@20ms", "--episodes", "2", "--workers", "1")
    assert said["happened"] == {"bump": 2, "gust": 2}
    assert said["rejected"] == []
    for episode in open_bundle(said["bundle"]):
        rows = np.concatenate([np.asarray(part) for part in episode["happened"].values[:]])
        assert {episode.legend["happened"][row["event"]] for row in rows} == {"bump", "gust"}
        assert {event.name for event in episode.scene.events} == {"bump", "gust"}
        assert np.abs(rows["impulse_n_s"]).max() > 0.01


def test_what_cannot_happen_is_refused_before_anything_is_made(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "s.toml").write_text(SCENE, encoding="utf-8")
    for events, why in (("bunp", "bump"), ("door_slam", "befall nobody"), ("bump:-2/min", "rate")):
        assert main(["make", str(tmp_path / "s.toml"), "-o", str(tmp_path / "out"), "--events", events]) == 2
        assert why in capsys.readouterr().err
        assert not (tmp_path / "out").exists()


def test_what_cannot_have_happened_is_rejected_or_kept_and_labelled(tmp_path: Path, capsys: Capture) -> None:
    """Two blocks that begin inside each other, in a scene that is not settled."""
    blocks = "".join(f'[[thing]]\nname = "{n}"\nkind = "block"\nposition_m = [{x}, 0, 0]\n' for n, x in (("one", 0), ("other", 0.02)))
    (tmp_path / "inside.toml").write_text(f'lifeworld = 1\nname = "inside"\nmoving = true\n{blocks}', encoding="utf-8")
    common = ["make", str(tmp_path / "inside.toml"), "-o", str(tmp_path / "out"), "--seconds", "0.1", "--renderer", "rays", "--json"]
    common += ["--signals", "position_m", "--episodes", "2", "--workers", "1"]
    assert main(common) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["episodes"], len(said["rejected"])) == ([], 6)  # each was tried three times
    assert "'one' and 'other' are inside each other" in said["rejected"][0][0]
    assert main([*common, "--keep-rejected", "--signals", "be,contacts,impulses"]) == 0
    kept = open_bundle(json.loads(capsys.readouterr().out)["bundle"])
    assert len(kept) == 2
    assert all("inside each other" in episode.labels["rejected"] for episode in kept)
    assert main(["check", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.count("it cannot have happened: 0.00 s: 'one' and 'other'") == 2


def test_a_sheet_shows_what_is_not_recorded_too_and_goes_with_its_run(tmp_path: Path, capsys: Capture) -> None:
    """The sheet of an episode of poses is that of the same episode with all its pictures."""
    said = make(tmp_path, capsys, "--signals", "position_m", "--sheet")
    assert recorded(said) == {"position_m"}
    page = Path(said["frame_sheets"]["front"])
    with Image.open(page) as image:
        assert image.height > image.width
    again = make(tmp_path, capsys, "--signals", "rgb")
    assert again["frame_sheets"] == {}
    assert not page.exists()


@pytest.mark.parametrize(
    ("asked", "near"), [("sea", "'see'"), ("rbg", "'rgb'"), ("rgb@fornt", "'rgb@front'"), ("depth", "'depth_m'"), ("tel", "'tell'")]
)
def test_a_misspelt_signal_or_family_is_told_the_near_one(asked: str, near: str, tmp_path: Path, capsys: Capture) -> None:
    said = make(tmp_path, capsys, "--signals", asked)
    assert said["error"] == "signal_unavailable"
    assert f"Did you mean {near}" in said["message"]
    assert "instance_ids" in said["message"]
    assert not (tmp_path / "out").exists()


def test_many_workers_make_the_same_episodes(tmp_path: Path, capsys: Capture) -> None:
    made = []
    for workers in ("1", "2"):
        args = ["--episodes", "3", "--seconds", "0.2", "--agent", "random", "--renderer", "rays", "--signals", "be,contacts", "--json"]
        assert main(["make", "tower", "-o", str(tmp_path / workers), "--workers", workers, *args]) == 0
        capsys.readouterr()
        made.append([dict(episode.streams) for episode in open_bundle(tmp_path / workers)])
    assert len(made[0]) == 3
    assert made[0] == made[1]
    assert made[0][1] != made[0][2]


def test_a_bundle_grows_unless_it_is_made_anew(tmp_path: Path, capsys: Capture) -> None:
    first = make(tmp_path, capsys, "--signals", "position_m", "--episodes", "2")
    more = make(tmp_path, capsys, "--signals", "position_m")
    assert (first["earlier_episodes"], more["earlier_episodes"]) == (0, 2)
    assert open_bundle(tmp_path / "out").uids == [*first["episodes"], *more["episodes"]]
    anew = make(tmp_path, capsys, "--signals", "position_m", "--anew")
    assert open_bundle(tmp_path / "out").uids == anew["episodes"]
    assert len(list((tmp_path / "out" / "streams").iterdir())) == 1


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("x", encoding="utf-8")
    said = make(tmp_path, capsys, "--anew")
    assert (said["ok"], said["error"]) == (False, "input_error")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("workers", ["0", "-3", "1000"])
def test_so_many_workers_are_refused(workers: str, tmp_path: Path, capsys: Capture) -> None:
    said = make(tmp_path, capsys, "--workers", workers)
    assert (said["error"], said["ok"]) == ("limit_error", False)
    assert "workers" in said["message"]
    assert not (tmp_path / "out").exists()
