"""`lifeworld import` hands its options on, and leaves an asset and a scene that can be made, or nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lifeworld.cli import main
from lifeworld.scene.formats import load_asset
from lifeworld.scene.text import parse

WEDGE = "v 0 0 0\nv 60 0 0\nv 60 0 40\nv 0 0 40\nv 0 30 40\nv 60 30 40\nf 1 2 3 4\nf 4 3 6 5\nf 1 5 6 2\nf 1 4 5\nf 2 6 3\n"


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIFEWORLD_CACHE", str(tmp_path / "cache"))


def test_a_mesh_in_millimetres(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "wedge.obj").write_text(WEDGE, encoding="utf-8")
    out = tmp_path / "assets"
    arguments = ["import", str(tmp_path / "wedge.obj"), "-o", str(out), "--unit", "mm", "--up", "z", "--mass-kg", "0.25", "--json"]
    assert main([*arguments, "--licence", "CC0-1.0", "--creator", "Ada"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["size_m"] == pytest.approx([0.06, 0.03, 0.04])
    assert (said["licence"], said["creator"]) == ("CC0-1.0", "Ada")
    asset = load_asset(out / "wedge")
    assert asset.mass_kg == pytest.approx(0.25)
    (ref,) = parse((out / "wedge.toml").read_text(encoding="utf-8")).assets
    assert (ref.folder, ref.sha256) == ("wedge", asset.digest)


def test_what_is_refused_leaves_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "wedge.obj").write_text(WEDGE.replace("60 30 40", "60000 30 40"), encoding="utf-8")
    assert main(["import", str(tmp_path / "wedge.obj"), "-o", str(tmp_path / "assets")]) == 2
    assert "unit=" in capsys.readouterr().err
    assert not (tmp_path / "assets").exists() or not any((tmp_path / "assets").iterdir())


def test_a_robot_that_hangs_from_its_shoulders_is_not_put_into_the_ground(tmp_path: Path) -> None:
    (tmp_path / "hangs.xml").write_text(
        "<mujoco model='hangs'><worldbody><body name='arm'><joint name='turn'/>"
        "<geom type='box' size='0.05 0.05 0.3' pos='0 0 -0.3'/></body>"
        "</worldbody><actuator><motor name='turn' joint='turn'/></actuator></mujoco>"
    )
    assert main(["import", str(tmp_path / "hangs.xml"), "-o", str(tmp_path / "assets")]) == 0
    asset = load_asset(tmp_path / "assets" / "hangs")
    assert asset.low_m[2] == pytest.approx(-0.6)  # the asset keeps its maker's frame
    (robot,) = parse((tmp_path / "assets" / "hangs.toml").read_text(encoding="utf-8")).embodiments
    assert robot.pose.position_m[2] == pytest.approx(0.6)
