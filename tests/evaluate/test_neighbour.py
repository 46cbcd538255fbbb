"""Others' models: what they answer is what their own arithmetic says, and what is wrong with it is said by its type."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lifeworld import testing
from lifeworld.core.errors import EngineError, InputError, LifeworldError, ShapeError, UnknownName, UnreadableFile, UnsafeFile
from lifeworld.evaluate.adapters.described import read_described, sha256_of
from lifeworld.evaluate.adapters.neighbour import Neighbour, is_neighbour, open_neighbour
from lifeworld.evaluate.adapters.wire import Wire
from lifeworld.evaluate.adapters.world import WorldNeighbour
from lifeworld.worlds.world import ActionSpec

GUESTS = Path(__file__).parent / "guests"
WEIGHTS = np.array([[0.5, 0.0, -0.25], [0.0, 1.0, 0.125]])
PUSHER = ActionSpec(name="pusher", labels=("x", "y"), low=(-1.0, -1.0), high=(1.0, 1.0), rest=(0.0, 0.0))


def described(folder: Path, **changed: object) -> Path:
    """A description beside the guests' file; a key that is None is left out."""
    keys: dict[str, object] = {"protocol": "torch-world", "make": "linear.py:world", "size": [6, 8], "frame_ms": 100, "actions": 2}
    lines = [f"{k} = {repr(v).lower() if isinstance(v, bool) else repr(v)}" for k, v in (keys | changed).items() if v is not None]
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(GUESTS / "linear.py", folder)
    (folder / "subject.toml").write_text("\n".join(lines).replace("(", "[").replace(")", "]") + "\n", encoding="utf-8")
    return folder / "subject.toml"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbour]:
    path = described(tmp_path_factory.mktemp("world"), pixel_mean=[0.5, 0.25, 0.0], pixel_std=[0.5, 1.0, 2.0], action_std=[2.0, 1.0])
    with open_neighbour(f"torch-world:{path.parent}") as subject:
        yield subject


@pytest.fixture(scope="module")
def stable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbour]:
    path = described(tmp_path_factory.mktemp("stable"), protocol="stable-worldmodel", make="linear.py:stable")
    with open_neighbour(f"stable-worldmodel:{path}") as subject:
        yield subject


@pytest.fixture(scope="module")
def tricky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbour]:
    with Neighbour(described(tmp_path_factory.mktemp("tricky"), make="linear.py:tricky")) as subject:
        yield subject


def pictures(*shape: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (*shape, 6, 8, 3), dtype=np.uint8)


def actions(*shape: int, seed: int = 1) -> NDArray[np.float32]:
    return np.random.default_rng(seed).uniform(-1, 1, (*shape, 2)).astype(np.float32)


def colours(frames: NDArray[np.uint8]) -> NDArray[np.float64]:
    return frames.mean((-3, -2)) / 255


class TestWhatItAnswers:
    def test_pictures_and_actions_are_scaled_as_described(self, world: Neighbour) -> None:
        frames, done = pictures(4, 3), actions(4, 1)
        known = (colours(frames) - [0.5, 0.25, 0.0]) / [0.5, 1.0, 2.0]
        assert world.embed(frames) == pytest.approx(known, abs=1e-5)
        ahead = world.ahead(world.begin(frames[:, :1]), done).embeddings
        assert ahead == pytest.approx(1.01 * known[:, :1] + done / [2.0, 1.0] @ WEIGHTS, abs=1e-5)

    def test_what_it_looks_back_on_goes_with_the_state(self, world: Neighbour) -> None:
        """Going on from a state is going on from the beginning: longer than its history, in pieces of any length."""
        done, state = actions(3, 7), world.begin(pictures(3, 1))
        whole = world.ahead(state, done)
        for cut in (1, 2, 4, 6):
            first = world.ahead(state, done[:, :cut])
            rest = world.ahead(first.state, done[:, cut:])
            parts = np.concatenate([first.embeddings, rest.embeddings], 1)
            assert whole.embeddings == pytest.approx(parts, abs=1e-6)
        again = world.ahead(state, done).embeddings
        assert np.array_equal(whole.embeddings, again)  # neither the state nor anything else has changed

    @pytest.mark.parametrize("alike", [False, True])
    def test_stable_worldmodel(self, stable: Neighbour, alike: bool) -> None:
        """Many plans from one picture, and from several, are each as they are alone."""
        frames, done = pictures(1 if alike else 5, 1), actions(5, 4)
        frames = np.broadcast_to(frames, (5, *frames.shape[1:]))
        subject = stable
        first = subject.ahead(subject.begin(frames), done[:, :1])
        rest = subject.ahead(first.state, done[:, 1:])
        whole = colours(frames) + (done @ WEIGHTS).cumsum(1)
        assert np.concatenate([first.embeddings, rest.embeddings], 1) == pytest.approx(whole, abs=1e-5)
        alone = subject.ahead(subject.begin(frames[2:3]), done[2:3]).embeddings
        assert alone == pytest.approx(whole[2:3], abs=1e-5)

    def test_a_world_to_plan_in(self, world: Neighbour) -> None:
        testing.check_world(WorldNeighbour(world, [PUSHER]), pictures(3), tolerance=1e-5)

    def test_what_it_takes_elsewhere_is_counted(self, world: Neighbour) -> None:
        """Its processor time only grows, with what it is asked, and its process is not ours."""
        mind, taken = WorldNeighbour(world, [PUSHER]), [world.elsewhere_s]
        state = mind.reset(pictures(1), seed=0)
        for _ in range(3):
            mind.rollout([state] * 64, {"pusher": actions(64, 20)}, ["embedding"])
            taken.append(mind.elsewhere_s)
        assert taken == sorted(taken)
        assert taken[-1] > taken[0] > 0
        assert world.elsewhere_pid != os.getpid()

    def test_futures_of_states_of_any_age(self, world: Neighbour) -> None:
        """States that have looked back on one, two and three moments go on in one rollout as each does alone."""
        alone = WorldNeighbour(world, [PUSHER])
        states = [alone.reset(pictures(1), seed=0)]
        for _ in range(3):
            states.append(alone.step(states[-1], {"pusher": np.array([0.3, -0.7])}))
        done = actions(4, 3)
        ends, seen = alone.rollout(states, {"pusher": done}, ["embedding"])
        for i, state in enumerate(states):
            end, each = alone.rollout([state], {"pusher": done[i : i + 1]}, ["embedding"])
            assert seen["embedding"][i] == pytest.approx(each["embedding"][0], abs=1e-6)
            assert ends[i].embedding == pytest.approx(end[0].embedding, abs=1e-6)
        assert [end.tick for end in ends] == [3, 4, 5, 6]

    def test_it_says_what_it_does_not_give(self, world: Neighbour) -> None:
        assert world.gives == {"embeddings"}
        with pytest.raises(InputError, match="infers no actions"):
            world.between(pictures(1, 2))

    def test_another_model_is_another_hash(self, tmp_path: Path, world: Neighbour) -> None:
        path = described(tmp_path, weights="lewm.pt")
        hashes = set()
        for weights in (b"one", b"two"):
            (tmp_path / "lewm.pt").write_bytes(weights)
            hashes.add(sha256_of(path, read_described(path)))
        assert len(hashes | {world.sha256}) == 3


class TestWhatIsWrong:
    def ask(self, subject: Neighbour, number: float) -> Any:
        return subject.ahead(subject.begin(pictures(2, 1)), np.full((2, 3, 2), number, np.float32))

    @pytest.mark.parametrize(
        ("number", "error", "says"),
        [
            (1, InputError, "NaN or infinite"),
            (2, EngineError, "out of tune"),
            (3, ShapeError, r"got float32 \(2, 2, 3\)"),
            (4, EngineError, "rollout gave"),
        ],
    )
    def test_it_is_said_and_the_next_answer_is_right(
        self, tricky: Neighbour, number: float, error: type[LifeworldError], says: str
    ) -> None:
        with pytest.raises(error, match=says):
            self.ask(tricky, number)
        assert np.isfinite(self.ask(tricky, 0).embeddings).all()

    def test_who_dies_is_heard(self, tmp_path: Path) -> None:
        with Neighbour(described(tmp_path, make="linear.py:tricky")) as subject:
            for _ in range(2):  # dead once, dead for ever
                with pytest.raises(EngineError, match=r"exit 134; free\(\): invalid pointer"):
                    self.ask(subject, 6)

    def test_nobody_waits_for_ever(self, tmp_path: Path) -> None:
        with Wire(described(tmp_path, make="linear.py:tricky"), Path(sys.executable), patience_s=60) as wire:
            begun = wire.call("begin", pictures=pictures(1, 1))
            wire._patience_s = 0.05
            with pytest.raises(EngineError, match="no answer in time"):
                wire.call("ahead", **begun, actions=np.full((1, 1, 2), 5, np.float32))

    def test_it_cannot_be_made(self, tmp_path: Path) -> None:
        with pytest.raises(EngineError, match=r"FileNotFoundError: lewm\.pt"):
            Neighbour(described(tmp_path, make="linear.py:nothing"))
        with pytest.raises(EngineError, match="cannot be started"):
            Neighbour(described(tmp_path, python="not/here/python"))

    def test_other_pictures_and_actions(self, world: Neighbour) -> None:
        with pytest.raises(ShapeError, match="shown other pictures"):
            world.embed(pictures(2, 1)[:, :, :5])
        with pytest.raises(ShapeError, match="told other actions"):
            world.ahead(world.begin(pictures(1, 1)), np.zeros((1, 2, 3), np.float32))
        with pytest.raises(InputError, match="other actions than this world has"):
            WorldNeighbour(world, [PUSHER, PUSHER])

    @pytest.mark.parametrize(
        ("changed", "error", "says"),
        [
            ({"protocol": "dreamer"}, InputError, "dreamer"),
            ({"make": None}, InputError, "make"),
            ({"colour": "red"}, InputError, "colour"),
            ({"make": "linear"}, InputError, r"lewm\.py:model"),
            ({"make": "../linear.py:world"}, UnsafeFile, "outside"),
            ({"weights": "none.pt"}, UnreadableFile, "no such file"),
            ({"size": [0, 8]}, InputError, "size"),
            ({"actions": 0}, InputError, "actions"),
            ({"frame_ms": float("nan")}, LifeworldError, "frame_ms|TOML"),
            ({"action_std": [1.0]}, InputError, "2 numbers over 0"),
            ({"pixel_std": [1.0, 0.0, 1.0]}, InputError, "3 numbers over 0"),
        ],
    )
    def test_descriptions(self, tmp_path: Path, changed: dict[str, object], error: type[LifeworldError], says: str) -> None:
        with pytest.raises(error, match=says):
            read_described(described(tmp_path, **changed))

    def test_names(self, tmp_path: Path) -> None:
        path = described(tmp_path)
        assert is_neighbour(f"torch-world:{path}")
        assert not is_neighbour("torch-world")
        assert not is_neighbour("C:/models/mine")
        with pytest.raises(UnknownName, match="torch-world"):
            open_neighbour("torch_world:x")
        with pytest.raises(InputError, match="another protocol"):
            open_neighbour(f"stable-worldmodel:{path}")
        with pytest.raises(UnreadableFile, match="no description"):
            open_neighbour(f"torch-world:{tmp_path / 'nothing.toml'}")
