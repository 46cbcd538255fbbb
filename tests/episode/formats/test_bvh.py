"""BVH: forward kinematics against SciPy's rotations, then every way a file can be broken, with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from lifeworld.core.errors import UnreadableFile
from lifeworld.episode.formats.bvh import parse, read
from lifeworld.episode.formats.report import Report

WALKER = """HIERARCHY
ROOT Hips
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT Spine
  {
    OFFSET 0 60 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 0 20 0
    }
  }
  JOINT Left Leg
  {
    OFFSET 10 -90 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 0 0 15
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.033333
0 90 0  0 0 0  0 0 0  0 0 0
5 91 2  0 0 90  90 0 0  0 30 0
"""


def taken(text: str, tmp_path: Path, **options: Any) -> tuple[Any, Report]:
    path = tmp_path / "walker.bvh"
    path.write_text(text, encoding="utf-8")
    report = Report()
    (episode,) = read(path, report=report, **options)
    return episode, report


def test_a_walker_stands_where_it_should(tmp_path: Path) -> None:
    episode, report = taken(WALKER, tmp_path)
    stream = episode["skeleton_pose@person"]
    assert episode.legend["skeleton_pose@person"] == ("Hips", "Spine", "Spine_end", "Left Leg", "Left Leg_end")
    assert episode.labels["skeleton_parents@person"] == "-1 0 1 0 3"
    assert stream.times_ns.tolist() == [0, 33_333_333]  # 1/30 s, not 0.033333
    first = stream.values[0, :, :3]
    np.testing.assert_allclose(first, [[0, 0, 0.9], [0, 0, 1.5], [0, 0, 1.7], [0.1, 0, 0], [0.1, -0.15, 0]], atol=1e-12)
    # turned a quarter about the vertical: what was on the left (+x) is now towards −z of the file, +y of ours
    np.testing.assert_allclose(stream.values[1, 3, :3], [0.05, -0.02 + 0.1, 0.01], atol=1e-12)
    assert any("taken as cm" in note for note in report.notes)
    assert any("1/30" in note for note in report.notes)


@pytest.mark.parametrize(("unit", "scale"), [("m", 1.0), ("cm", 0.01), ("mm", 0.001), ("inch", 0.0254)])
def test_units_and_the_upward_axis(tmp_path: Path, unit: str, scale: float) -> None:
    episode, _ = taken(WALKER, tmp_path, unit=unit, up="z")
    np.testing.assert_allclose(episode["skeleton_pose@person"].values[0, 2], [0, 170 * scale, 0, 1, 0, 0, 0], atol=1e-12)


@st.composite
def skeletons(draw: st.DrawFn) -> tuple[str, list[Any]]:
    """The text of a random tree, and its joints as (parent, offset, channels)."""
    number = st.floats(-50, 50).map(lambda x: round(x, 3))
    names = ["Xrotation", "Yrotation", "Zrotation"]
    joints: list[Any] = []
    lines = ["HIERARCHY"]

    def grow(parent: int, depth: int) -> None:
        index, pad = len(joints), " " * depth
        offset = [draw(number) for _ in range(3)] if parent >= 0 else [0.0, 0.0, 0.0]
        order = list(draw(st.permutations(names)))
        channels = [*("Xposition", "Yposition", "Zposition"), *order] if parent < 0 else order[: draw(st.integers(0, 3))]
        joints.append((parent, offset, channels))
        lines.extend([f"{pad}{'ROOT' if parent < 0 else 'JOINT'} j{index}", pad + "{", f"{pad}OFFSET {' '.join(map(str, offset))}"])
        lines.append(f"{pad}CHANNELS {len(channels)} {' '.join(channels)}")
        for _ in range(draw(st.integers(0, 2 if depth < 3 else 0))):
            grow(index, depth + 1)
        lines.append(pad + "}")

    grow(-1, 0)
    width = sum(len(c) for _, _, c in joints)
    rows = [[draw(number) * 3 for _ in range(width)] for _ in range(draw(st.integers(1, 3)))]
    lines += ["MOTION", f"Frames: {len(rows)}", "Frame Time: 0.01", *(" ".join(map(str, row)) for row in rows)]
    joints.append(rows)
    return "\n".join(lines) + "\n", joints


@given(skeletons())
@settings(max_examples=30, deadline=None)
def test_poses_are_those_of_scipy(tmp_path_factory: pytest.TempPathFactory, made: tuple[str, list[Any]]) -> None:
    text, (*joints, rows) = made
    episode, _ = taken(text, tmp_path_factory.mktemp("bvh"), unit="m")
    upright = Rotation.from_euler("x", 90, degrees=True)
    for row, found in zip(rows, episode["skeleton_pose@person"].values, strict=True):
        at, turns, places = 0, [], []
        for parent, offset, channels in joints:
            told = dict(zip(channels, row[at : at + len(channels)], strict=True))
            at += len(channels)
            moved = np.array(offset) + [told.get(f"{axis}position", 0.0) for axis in "XYZ"]
            axes = "".join(c[0] for c in channels if c.endswith("rotation"))
            turn = Rotation.from_euler(axes, [told[f"{a}rotation"] for a in axes], degrees=True) if axes else Rotation.identity()
            turns.append(turn if parent < 0 else turns[parent] * turn)
            places.append(moved if parent < 0 else places[parent] + turns[parent].apply(moved))
        np.testing.assert_allclose(found[:, :3], upright.apply(np.array(places)), atol=1e-9)
        for quat, turn in zip(found[:, 3:], turns, strict=True):
            assert (Rotation.from_quat(quat, scalar_first=True).inv() * (upright * turn)).magnitude() < 1e-7
            assert quat[0] >= 0


def test_whole_offsets_in_position_channels_replace_them(tmp_path: Path) -> None:
    six = WALKER.replace("OFFSET 0 60 0\n    CHANNELS 3", "OFFSET 0 60 0\n    CHANNELS 6 Xposition Yposition Zposition")
    rows = "0 90 0 0 0 0  0 60 0 0 0 0  0 0 0\n0 90 0 0 0 0  0 61 0 0 0 0  0 0 0\n"
    six = six[: six.index("0 90 0  0")] + rows
    episode, report = taken(six, tmp_path)
    np.testing.assert_allclose(episode["skeleton_pose@person"].values[:, 1, 2], [1.5, 1.51], atol=1e-12)
    assert any("whole offset" in note for note in report.notes)


BROKEN = [
    ("HIERARCHY", "HIERARCHIE", "begins with HIERARCHY", 1),
    ("OFFSET 0 60 0", "OFFSET 0 60", "another number of numbers", 8),
    ("OFFSET 0 60 0", "OFFSET 0 nan 0", "not finite", 8),
    ("CHANNELS 6 X", "CHANNELS 5 X", "not the one that is said", 5),
    ("Yrotation\n    End", "Wrotation\n    End", "none of BVH's", 9),
    ("  JOINT Spine", "  BONE Spine", "JOINT, an End Site", 6),
    ("Frames: 2", "Frames: -2", "how many frames", 26),
    ("Frames: 2", "Frames: 3", "cut off", 29),
    ("Frames: 2", "Frames: 1", "more motion", 29),
    ("Frames: 2", "Frames: 0", "more motion", 28),
    ("Frame Time: 0.033333", "Frame Time: 0", "from 10 µs", 27),
    ("Frame Time: 0.033333", "Frame Time: soon", "not a number", 27),
    ("5 91 2", "5 inf 2", "not finite", 29),
    ("5 91 2", "5 91", "another number of numbers", 29),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "what", "line"), BROKEN)
def test_what_is_broken_is_named_with_its_line(tmp_path: Path, old: str, new: str, what: str, line: int) -> None:
    with pytest.raises(UnreadableFile, match=what) as caught:
        taken(WALKER.replace(old, new, 1), tmp_path)
    assert f"walker.bvh, line {line}" in str(caught.value)


@given(st.integers(0, len(WALKER) - 4))
@settings(max_examples=40, deadline=None)
def test_a_file_cut_anywhere_is_an_error(tmp_path_factory: pytest.TempPathFactory, end: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "a.bvh"
    path.write_text(WALKER[:end])
    with pytest.raises(UnreadableFile, match="line"):
        parse(path)


def test_a_tree_too_deep_is_refused(tmp_path: Path) -> None:
    joints = "".join("JOINT a\n{\nOFFSET 0 1 0\nCHANNELS 0\n" for _ in range(500))
    path = tmp_path / "deep.bvh"
    path.write_text(f"HIERARCHY\nROOT r\n{{\nOFFSET 0 0 0\nCHANNELS 0\n{joints}")
    with pytest.raises(UnreadableFile, match="one below the other"):
        parse(path)
