"""The table of loaders: everyone gives clips of one corpus, one at a time, and whoever gives something else has no number."""

import json
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.peers import venvs
from benchmarks.peers.loaders import corpus, report, table
from benchmarks.peers.loaders.contestants import CONTESTANTS, OURS
from benchmarks.peers.loaders.corpus import SIZES, drawn
from benchmarks.peers.loaders.table import HERE, PAGE
from benchmarks.peers.loaders.together import Seat, plan_of, proved
from benchmarks.peers.together import NoTurn
from benchmarks.row import Row

READER = textwrap.dedent(
    """
    import sys, time
    sys.path.insert(0, {here!r})
    import numpy as np
    from turn import clips, take, wanted

    class Plain:
        name, version, note = "plain", "1", ""
        def __init__(self, plan):
            print("a library's greeting on standard output")
            self.plan = plan
        def batches(self):
            while True:
                for episode, start in clips(self.plan):
                    time.sleep(0.002)
                    yield episode, wanted(self.plan, start)
        def arrays(self, batch):
            episode, at = batch
            frames = np.load(f"{{self.plan['frames']}}/{{episode:04d}}.npy")[at]
            action = np.load(f"{{self.plan['actions']}}/{{episode:04d}}.npy")[at]
            {spoil}
            return {{"rgb": frames[None], "action": action[None]}}

    take(Plain)
    """
)


@pytest.fixture(scope="module")
def mini(tmp_path_factory):
    """Three short episodes, sealed, and their pixels as arrays."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus, "HOME", tmp_path_factory.mktemp("corpus"))
        size = replace(SIZES["push"], name="mini", height=64, width=64, episodes=3, frames=30, batch=4)
        corpus.seal(size)
        with corpus.frames(size) as folder:
            assert sorted(p.name for p in folder.glob("*.npy")) == ["0000.npy", "0001.npy", "0002.npy"]
            yield size
        assert not folder.exists()


def _plan(size, folder: Path, stride: int = 1) -> dict:
    more = {"proof": str(folder / "proof.npz"), "workers": 0, "cold_s": 0.05, "epoch_s": 0.0}
    return plan_of(size, stride=stride, truth=corpus.stored(size), length=5) | more


def _seat(size, folder: Path, spoil: str = "pass", stride: int = 1) -> Seat:
    script = folder / "plain.py"
    script.write_text(READER.format(here=str(HERE), spoil=spoil))
    return Seat(Path(sys.executable), script, (), _plan(size, folder, stride), folder / "plan.json")


@pytest.mark.parametrize("stride", [1, 4])
def test_who_is_not_on_stands_still(tmp_path, mini, stride):
    seat = _seat(mini, tmp_path, stride=stride)
    first = seat.answer()
    assert first["clips"] / first["whole_s"] <= mini.batch / 0.002
    for _ in range(2):
        time.sleep(0.1)
        said = seat.ask("window", 0.03)
        assert said["whole_s"] >= 0.03
        assert mini.batch <= said["clips"] <= mini.batch * said["whole_s"] / 0.002
    assert seat.ask("memory")["own_mb"] > 5
    seat.ask("prove")
    assert proved(mini, tmp_path / "proof.npz", corpus.stored(mini), stride=stride) == "the same"
    seat.end()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ("frames = np.clip(frames.astype(int) + 2, 2, 253).astype(np.uint8)", "dB"),
        ("frames = frames[::-1].copy(); frames[:, :20] = 0", "other frames"),
        ("frames = frames[:, :32]", "gave frames"),
        ("frames = frames / 255", "gave frames"),
        ("action = action + 1", "not in the corpus"),
        ("action[1] = action[2]", "not in the corpus"),
    ],
)
def test_who_gives_something_else_is_found_out(tmp_path, mini, spoil, said):
    seat = _seat(mini, tmp_path, spoil)
    seat.answer()
    seat.ask("prove")
    seat.end()
    if said == "dB":
        assert float(proved(mini, tmp_path / "proof.npz", corpus.stored(mini), stride=1).removesuffix(" dB")) == pytest.approx(
            42.1, abs=1.5
        )
    else:
        with pytest.raises(NoTurn, match=said):
            proved(mini, tmp_path / "proof.npz", corpus.stored(mini), stride=1)


def test_a_loader_that_fails_says_why(tmp_path, mini):
    seat = _seat(mini, tmp_path, "raise OSError('no decoder in this house')")
    seat.answer()
    with pytest.raises(NoTurn, match="no decoder in this house"):
        seat.ask("prove")


def test_we_take_our_turn_as_the_others_do(tmp_path, mini):
    plan = _plan(mini, tmp_path) | {"epoch_s": 60.0, "cold_s": 0.0}
    seat = Seat(Path(sys.executable), HERE / "ours.py", (), plan, tmp_path / "ours.json")
    first = seat.answer()
    assert first["epoch_clips_s"] > 0
    seat.ask("window", 0.0)
    seat.ask("prove")
    seat.end()
    assert proved(mini, tmp_path / "proof.npz", corpus.stored(mini), stride=1) == "the same"


@pytest.mark.parametrize("name", list(SIZES))
def test_no_two_actions_of_the_corpus_are_the_same(name):
    size = SIZES[name]
    assert len(set(size.lengths())) > 1
    assert min(size.lengths()) >= 16 * 4
    if not size.seen[0]:  # the others need recordings of a world, which take a minute
        frames, actions = zip(*(drawn(replace(size, episodes=2), number) for number in range(2)), strict=True)
        rows = np.concatenate(actions)
        assert len(np.unique(rows, axis=0)) == len(rows) == sum(map(len, frames))
        again, _ = drawn(size, 1)
        np.testing.assert_array_equal(frames[1], again)


def test_the_block_moves_where_it_is_pushed_and_only_there():
    place, turn = np.array([48.0, 48.0]), 0.0
    assert corpus._shoved(place, turn, np.array([80.0, 48.0]), 96.0)[0] is place
    for side in (-1, 1):
        moved, turned = corpus._shoved(place, turn, place + (side * (11.5 + 3.0), 0), 96.0)
        np.testing.assert_allclose(moved, place - (side * 0.5, 0), atol=1e-6)
        assert turned == pytest.approx(0)
    _, turned = corpus._shoved(place, turn, place + (10.0, -6.0), 96.0)
    assert turned != 0
    moved, turned = corpus._shoved(place, turn, place + (10.0, -6.0), 96.0)
    assert corpus._tee(place + (10.0, -6.0), moved, turned) > corpus._tee(place + (10.0, -6.0), place, 0.0)


def test_every_contestant_is_pinned_and_on_the_page():
    page = PAGE.read_text(encoding="utf-8")
    assert CONTESTANTS[0].name == OURS
    assert len({c.name for c in CONTESTANTS}) == len(CONTESTANTS)
    for one in CONTESTANTS:
        assert (HERE / one.script).exists()
        assert f"`{one.name}`" in page
        if one.environment is not None:
            asked = [word for step in venvs.INSTALLS[one.environment] for word in step if not word.startswith("--")]
            assert all("==" in word for word in asked)
    assert report.BEGIN in page
    assert report.END in page


def _windows(rate: float) -> list[dict]:
    return [{"clips": rate * f, "whole_s": 1.0, "busy_s": 0.5} for f in (0.9, 1.0, 1.1)]


def _row(rate: float, ours: float, *, judged: bool = True) -> dict:
    cell = {"windows": _windows(rate), "pixels": "the same", "memory": {"own_mb": 100.0, "shared_mb": 1.0}, "times": [ours / rate] * 3}
    begin = {"clips_s": rate / 2, "whole_s": 2.0, "first_batch_s": 1.25, "busy_ms": 3.0, "epoch_clips_s": None}
    cells = {"rounds-1": [cell | {"times_busy": 1.0}], "rounds-4": [cell | {"times_busy": 1.0}]}
    return cells | {"pages-1": begin, "pages-4": begin, "disk-1": begin, "judged": judged, "disk_mb": 12.0, "workers": 2}


def test_the_bars_are_held_against_the_best_of_those_named():
    rows = {"ours": _row(400, 400, judged=False), "fast": _row(200, 400), "slow": _row(100, 400), "raw": _row(900, 400, judged=False)}
    rows["ours"]["pages-1"] = rows["ours"]["pages-1"] | {"epoch_clips_s": 320.0}
    rows["lost"] = {"judged": True, "why_not": "not built: no wheel"}
    results = {"machine": "a machine", "when": "today", "sizes": {"push": rows}}
    lines = report.text(results, "push").splitlines()
    assert "read before: ours ×2 the best of those named, fast (bar ×3): SHORT" in lines
    assert "first epoch: ours ×1.6 the best of those named, fast (bar ×1.5): ok" in lines
    assert "lost: not built: no wheel" in lines
    assert any(line.startswith("(raw)") for line in lines)
    page = report.markdown(results, f"before\n{report.BEGIN}old{report.END}\nafter\n")
    assert page.startswith("before\n")
    assert page.endswith("\nafter\n")
    assert "old" not in page
    assert "| fast | the same | 200 | ×2 |" in page
    assert report.markdown(results, page) == page


def test_files_are_read_and_forgotten_without_harm(tmp_path):
    path = tmp_path / "some.bin"
    path.write_bytes(bytes(range(256)) * 100)
    table.drop([path])
    table.read_all([path])
    assert path.read_bytes() == bytes(range(256)) * 100


def test_the_page_is_only_written_when_all_was_measured(tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text(f"{report.BEGIN}{report.END}")
    monkeypatch.setattr(table, "PAGE", page)
    monkeypatch.setattr(table, "OUT", tmp_path / "results.json")
    monkeypatch.setattr(table, "_measure", lambda size, folder, wanted, effort, results: table._keep(results))
    monkeypatch.setattr(table, "text", lambda results, size: size)
    monkeypatch.setattr(table, "rows", lambda results, size: [Row(size, 2.0, "x", 3.0)])
    books = []
    monkeypatch.setattr(table, "keep", books.append)
    assert table.main(["pyav", "--quick"]) == 0
    assert not books
    assert table.main(["--sizes", "push"]) == 0
    assert [one.part for one in books[-1].rows if one.row.name == "push"] == ["peers: loaders"]
    assert page.read_text() == f"{report.BEGIN}{report.END}"
    assert json.loads((tmp_path / "results.json").read_text())["quick"] is False
    assert table.main([]) == 0
    assert "Measured" in page.read_text()
