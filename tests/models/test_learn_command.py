"""`lifeworld learn` and `lifeworld dream` as one types them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from test_data import film

from lifeworld.cli import main
from lifeworld.models.training.weights import TRAINING
from lifeworld.models.zoo import sizes
from lifeworld.models.zoo.checkpoint import load

SMALL = {"wide": 16, "blocks": 1, "fine": 8}


def said(capsys: pytest.CaptureFixture[str], *args: str | Path) -> tuple[int, dict[str, object], str]:
    code = main([*map(str, args), "--json"])
    out, err = capsys.readouterr()
    return code, json.loads(out), err


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


def test_learned_and_steered(bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sizes.SIZES["state"], "nano", SMALL)
    how = ("--pixels", "16", "--horizon", "4", "--steps", "12", "--threads", "1")
    code, value, _ = said(capsys, "learn", bundle, "-o", tmp_path / "model", *how)
    assert code == 0
    assert value["steps"] == 12
    scores = value["scores"]
    assert isinstance(scores, dict)
    assert scores["copy_psnr_db@4"] > 0
    _, card = load(tmp_path / "model")
    assert card.scores == scores
    code, value, _ = said(capsys, "learn", bundle, "-o", tmp_path / "model", *how)  # it is finished: measured again, not learned
    assert (code, value["steps"]) == (0, 12)
    before = (tmp_path / "model" / "model.safetensors").read_bytes()
    code, value, err = said(capsys, "learn", bundle, "-o", tmp_path / "model", *how[:-4], "--steps", "99", "--threads", "1")
    assert (code, value["error"]) == (2, "input_error")
    assert "another plan" in err
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == before

    strip, film = tmp_path / "strip.png", tmp_path / "dream.mp4"
    args = ("dream", tmp_path / "model", "--from", bundle, "--episode", "2")
    code, value, _ = said(capsys, *args, "--actions", "left*3,up,0.5/-0.5*2,rest", "-o", strip, "--mp4", film)
    assert (code, value["pictures"], value["origin"]) == (0, 7, "dreamed")
    assert size_of(strip) == (7 * 128, 2 * 128)
    assert film.stat().st_size > 500
    code, value, _ = said(capsys, *args, "--actions", "recorded*5", "--at", "3", "-o", strip)
    assert (code, value["pictures"]) == (0, 5)
    assert size_of(strip) == (5 * 128, 3 * 128)  # the truth as well


@pytest.mark.parametrize(
    ("actions", "word"),
    [
        ("left*x", "number of pictures"),
        ("fly", "no action"),
        ("0.1", "2 finite"),
        ("0/nan", "2 finite"),
        ("left*0", "so many"),
        ("left*10001", "so many"),
        ("recorded*99", "too short"),
        ("", "no action"),
    ],
)
def test_actions_that_are_none(
    actions: str, word: str, model: Path, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = said(capsys, "dream", model, "--from", bundle, "--actions", actions, "-o", tmp_path / "x.png")
    assert code == 2
    assert word in err
    assert not (tmp_path / "x.png").exists()


def test_what_cannot_be_learned(tmp_path: Path, model: Path, bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for args, word in (
        (("learn", tmp_path / "nowhere"), "nothing here"),
        (("learn", bundle, "--minutes", "0"), "so long"),
        (("learn", bundle, "--minutes", "nan"), "so long"),
        (("learn", bundle, "--threads", "0"), "threads"),
        (("learn", bundle, "--pixels", "17", "--horizon", "4"), "height"),
        (("dream", model, "--from", bundle, "--episode", "99"), "no such episode"),
        (("dream", tmp_path, "--from", bundle), "no model"),
    ):
        code, _, err = said(capsys, *args, "-o", tmp_path / "out")
        assert (code, word in err) == (2, True), err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_learned(bundle: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from lifeworld.commands import learn; from lifeworld.models.zoo import sizes\n"
        f"sizes.SIZES['state']['nano'] = {SMALL}\n"
        "from lifeworld.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    args = ["learn", str(bundle), "-o", str(tmp_path / "m"), "--pixels", "16", "--horizon", "4", "--steps", "100000", "--threads", "1"]
    with subprocess.Popen([sys.executable, "-c", code, *args], stderr=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "learning" in line or "clips of" in line:
                break
        time.sleep(3)
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(60) == 130, rest
    assert "goes on from there" in rest
    assert (tmp_path / "m" / TRAINING).is_file()
    _, card = load(tmp_path / "m")
    assert 0 <= card.steps < 100000


def test_a_folder_of_videos_is_learned_and_dreamed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sizes.SIZES["state"], "nano", SMALL)
    for i in range(3):
        film(tmp_path / "videos" / f"{i}.mp4", 38, seed=i)  # more, and the square jumps back: a cut
    (tmp_path / "videos" / "broken.mp4").write_bytes(b"no film")
    how = ("--pixels", "16", "--horizon", "4", "--steps", "4", "--threads", "1")
    code, value, err = said(capsys, "learn", tmp_path / "videos", "-o", tmp_path / "model", *how)
    assert (code, value["episodes"]) == (0, 2)
    assert "broken.mp4" in err
    for actions in ("recorded*6", "left*3,0/0/0/1"):
        code, value, _ = said(
            capsys, "dream", tmp_path / "model", "--from", tmp_path / "videos", "--actions", actions, "-o", tmp_path / "x.png"
        )
        assert code == 0
