"""The table of peers: everyone draws one scene by one clock, and whoever cannot says why."""

import json
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from benchmarks.bench_senses import feel, look
from benchmarks.peers import venvs
from benchmarks.peers.cameras import CONTESTANTS, HERE
from benchmarks.peers.together import NoTurn, same_view, together
from benchmarks.peers.tumble import FRAMES, described, tumble
from benchmarks.peers.turn import PROVED
from benchmarks.workers import together as work_together

from lifeworld.core.pose import Pose

PAINTER = textwrap.dedent(
    """
    import sys, time
    sys.path.insert(0, {peers!r})
    import numpy as np
    from turn import take

    class Plain:
        name, version, signals, note = "plain", "1", "depth", ""
        def __init__(self, scene):
            print("a library's greeting on standard output")
            self.shape = scene["camera"]["height_px"], scene["camera"]["width_px"]
        def place(self, poses):
            time.sleep(0.01)
        def look(self):
            {look}
        def arrays(self, seen):
            return {{"depth_m": np.full(self.shape, 2.0)}}

    take(Plain)
    """
)


@pytest.fixture(scope="module")
def scene():
    return described(tumble(5, width_px=64, height_px=48))


def _plans(folder: Path, scene: dict, count: int = 2) -> list[Path]:
    plans = [folder / f"{i}.json" for i in range(count)]
    for plan in plans:
        plan.write_text(json.dumps({"scene": scene, "seconds": 0.0, "least": 10, "proof": str(plan.with_suffix(".npz"))}))
    return plans


def _script(folder: Path, look: str) -> Path:
    script = folder / "plain.py"
    script.write_text(PAINTER.format(peers=str(HERE), look=look))
    return script


def test_only_looking_is_on_the_clock(tmp_path, scene):
    turns = together(Path(sys.executable), _script(tmp_path, "time.sleep(0.002)"), (), _plans(tmp_path, scene))
    for turn in turns:
        assert turn["frames"] == 10
        assert 10 * 0.002 <= turn["drawing_s"] <= turn["whole_s"] - 10 * 0.01


def test_a_peer_that_fails_says_why(tmp_path, scene):
    with pytest.raises(NoTurn, match="no GPU in this house"):
        together(Path(sys.executable), _script(tmp_path, "raise OSError('no GPU in this house')"), (), _plans(tmp_path, scene))


def test_an_environment_that_cannot_be_built_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr(venvs, "ENVIRONMENTS", tmp_path)
    monkeypatch.setattr(venvs, "INSTALLS", {"lost": (("./no/such-1.0-py3-none-any.whl",),)})
    with pytest.raises(venvs.NotBuilt, match="no/such"):
        venvs.build("lost")
    assert not (tmp_path / "lost" / venvs.STAMP).exists()


def test_every_contestant_is_pinned_and_there():
    for contestant in CONTESTANTS:
        assert (HERE / contestant.script).exists()
        if contestant.environment is not None:
            assert all("==" in wanted for step in venvs.INSTALLS[contestant.environment] for wanted in step)
            assert contestant.against in {c.name for c in CONTESTANTS if c.environment is None}


def test_we_take_our_turn_as_the_others_do(tmp_path, scene):
    plans = _plans(tmp_path, scene, 1)
    (turn,) = together(Path(sys.executable), HERE / "ours.py", ("draft", "rgb", "depth_m", "instance_ids"), plans)
    assert turn["frames"] == 10
    with np.load(plans[0].with_suffix(".npz")) as proof:
        for frame in PROVED:
            assert set(np.unique(proof[f"ids_{frame}"])) == set(range(6))
            _depth_of_the_ground_is_that_of_the_description(proof[f"depth_m_{frame}"], proof[f"ids_{frame}"], scene)


def _depth_of_the_ground_is_that_of_the_description(depth_m, ids, scene):
    """The ground seen by a pinhole at the described place, reckoned here from nothing but the description."""
    camera = scene["camera"]
    opengl = Pose(camera["position_m"], camera["quat_wxyz_opengl"]).rotation
    y, x = np.nonzero(ids == 0)
    up = np.tan(np.radians(camera["fov_y_deg"]) / 2)
    height, width = camera["height_px"], camera["width_px"]
    rays = np.stack([(2 * x + 1 - width) / height * up, (height - 2 * y - 1) / height * up, -np.ones(len(x))], axis=1) @ opengl.T
    down = rays[:, 2] < -0.05
    np.testing.assert_allclose(depth_m[y, x][down], -camera["position_m"][2] / rays[down, 2], rtol=2e-3)


def test_the_described_things_stay_above_the_ground(scene):
    poses = np.array(scene["poses"])
    assert poses.shape == (FRAMES, 5, 7)
    np.testing.assert_allclose(np.linalg.norm(poses[..., 3:], axis=-1), 1)
    for i, thing in enumerate(scene["things"]):
        x, y, z = (size / 2 for size in thing["size_m"])
        down = np.abs(np.array([[Pose(row[:3], row[3:]).rotation[2] for row in frame] for frame in poses[:, i : i + 1]])[:, 0])
        reach = {
            "box": down @ [x, y, z],
            "sphere": np.full(FRAMES, x),
            "cylinder": x * np.hypot(down[:, 0], down[:, 1]) + z * down[:, 2],
        }[thing["shape"]]
        assert (poses[:, i, 2] - reach > -0.005).all()
        assert poses[-1, i, 2] < poses[0, i, 2]
    assert described(tumble(5, width_px=64, height_px=48)) == scene


def test_another_view_is_noticed(tmp_path):
    def kept(name: str, depth: np.ndarray) -> Path:
        np.savez(tmp_path / name, **{f"depth_m_{frame}": depth for frame in PROVED})
        return tmp_path / name

    depth = np.full((8, 8), 2.0)
    depth[0] = np.inf
    far = np.where(np.isinf(depth), 20.0, depth * 1.01)
    ours = kept("ours.npz", depth)
    assert same_view(ours, kept("far.npz", far)) == 1
    assert same_view(ours, kept("nearer.npz", depth * 0.9)) == pytest.approx(1 / 8)
    assert same_view(ours, kept("flat.npz", np.full((8, 8), 2.0))) == pytest.approx(7 / 8)
    assert same_view(ours, kept("small.npz", depth[:4])) == 0


def test_workers_work_at_once_and_say_what_failed():
    crew = work_together(feel, tumble(3), seconds=0.2)
    assert len(crew.done) == 2
    assert crew.whole_rate < crew.rate == pytest.approx(sum(d.pieces / d.counted_s for d in crew.done))
    with pytest.raises(RuntimeError, match="SignalUnavailable"):
        work_together(look, tumble(3), ("smell",), processes=1)
