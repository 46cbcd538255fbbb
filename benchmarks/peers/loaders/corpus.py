"""The corpus that every loader reads: a block pushed about at 96², a tabletop at 256², a room's camera at 480 × 640.

    push    200 episodes of 92-100 frames, drawn: a disc pushes a T over a plane, after PushT; action = where the disc is sent [px]
    table   100 episodes of 72-80 frames: four recordings of our own tabletop (WorldPhysics, an agent that reaches for things) at 320²,
            each episode another window on one of them: another start, mirror, gain of colours, and a pan of its own
    room    30 episodes of 72-80 frames: the same from recordings of 800 × 600, with the noise of a sensor (sigma 2 of 255) put in

Each is sealed by ours into a bundle, H.264 as we write it. **The pixels of the corpus are those that its mp4 files decode to**: whoever
keeps them in another form is given these (`frames`), and what is lost in the other form is measured against these.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.seed import generator
from lifeworld.core.write import replace_file, replace_folder

Frames = NDArray[np.uint8]
Actions = NDArray[np.float32]
HOME = Path("out/loader-peers")
EDITION = 1
"""Of the corpus: raised when what is drawn or how it is written changes, so that nobody reads an older one."""
MASTERS = 4
CAMERA, ROBOT = "top", "hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One third of the corpus. `batch` is how many clips a batch has; at 480 × 640 a batch of 32 would be 470 MB."""

    name: str
    height: int
    width: int
    episodes: int
    frames: int
    fps: int
    batch: int
    seen: tuple[int, int] = (0, 0)
    noise: float = 0.0

    @property
    def home(self) -> Path:
        return HOME / self.name

    @property
    def bundle(self) -> Path:
        return self.home / "bundle"

    @property
    def sealed(self) -> Path:
        """There when the bundle is whole and of this corpus."""
        return self.home / f"sealed-{EDITION}"

    @property
    def actions_wide(self) -> int:
        return 9 if self.seen[0] else 2

    def lengths(self) -> list[int]:
        """Frames of each episode: not all the same, so that nobody reckons with one length."""
        return [self.frames - (7 * episode) % 9 for episode in range(self.episodes)]


SIZES = {
    size.name: size
    for size in (
        Size(name="push", height=96, width=96, episodes=200, frames=100, fps=10, batch=32),
        Size(name="table", height=256, width=256, episodes=100, frames=80, fps=25, batch=32, seen=(320, 320)),
        Size(name="room", height=480, width=640, episodes=30, frames=80, fps=25, batch=8, seen=(600, 800), noise=2.0),
    )
}


def drawn(size: Size, episode: int) -> tuple[Frames, Actions]:
    """What the camera saw, before it is encoded: frames (n, height, width, 3) and actions (n, 2 or 9), no row of which comes twice."""
    if not size.seen[0]:
        return _pushed(size, episode)
    return _panned(size, episode)


# A T pushed by a disc ------------------------------------------------------------------------------------------------------

BAR, STEM, STEM_AT, DISC_PX = np.array([11.5, 3.0]), np.array([3.0, 9.0]), np.array([0.0, 12.0]), 3.5
PAPER, GOAL, BLOCK, HAND = (np.array(c, dtype=np.float64) for c in ((255, 255, 255), (144, 238, 144), (119, 136, 153), (65, 105, 225)))


def _pushed(size: Size, episode: int) -> tuple[Frames, Actions]:
    rng, count, edge = generator(episode, "push"), size.lengths()[episode], float(size.width)
    place, turn = rng.uniform(0.3 * edge, 0.7 * edge, 2), rng.uniform(-np.pi, np.pi)
    disc, sent = rng.uniform(8, edge - 8, 2), place.copy()
    y, x = np.mgrid[: size.height, : size.width] + 0.5
    grid = np.stack([x, y], axis=-1)
    paper = _over(np.broadcast_to(PAPER, (*grid.shape[:2], 3)), GOAL, _tee(grid, np.array([48.0, 40.0]), np.pi / 4))
    frames, actions = np.empty((count, size.height, size.width, 3), np.uint8), np.empty((count, 2), np.float32)
    for i in range(count):
        if np.hypot(*(sent - disc)) < 3:  # there: now to somewhere near the block, often right through it
            sent = np.clip(place + rng.normal(0, 16, 2), 6, edge - 6)
        actions[i] = sent + rng.normal(0, 0.5, 2)  # a hand is never quite still
        way = actions[i] - disc
        disc = disc + way * min(1.0, 2.5 / max(np.hypot(*way), 1e-9))
        place, turn = _shoved(place, turn, disc, edge)
        picture = _over(_over(paper, BLOCK, _tee(grid, place, turn)), HAND, np.hypot(*(grid - disc).T).T - DISC_PX)
        frames[i] = np.rint(picture)
    return frames, actions


def _tee(points: NDArray[np.float64], place: NDArray[np.float64], turn: float) -> NDArray[np.float64]:
    """The distance [px] to a T, negative inside."""
    cos, sin = np.cos(turn), np.sin(turn)
    local = (points - place) @ np.array([[cos, -sin], [sin, cos]])

    def box(at: Any, half: NDArray[np.float64]) -> NDArray[np.float64]:
        beyond = np.abs(local - at) - half
        return np.asarray(np.hypot(*np.moveaxis(np.maximum(beyond, 0), -1, 0)) + np.minimum(beyond.max(axis=-1), 0))

    return np.minimum(box(0.0, BAR), box(STEM_AT, STEM))


def _shoved(place: NDArray[np.float64], turn: float, disc: NDArray[np.float64], edge: float) -> tuple[NDArray[np.float64], float]:
    """The block out of the disc's way: along the shortest way out, and turned by its lever."""
    step = 1e-3
    around = _tee(disc + step * np.array([[0, 0], [1, 0], [0, 1]]), place, turn)
    deep = DISC_PX - around[0]
    if deep <= 0:
        return place, turn
    out = (around[1:] - around[0]) / step
    lever = disc - place
    turned = turn - deep * float(lever[0] * out[1] - lever[1] * out[0]) / 150
    return np.clip(place - deep * out, 0.2 * edge, 0.8 * edge), turned


def _over(below: NDArray[np.float64], color: NDArray[np.float64], distance: NDArray[np.float64]) -> NDArray[np.float64]:
    cover = np.clip(0.5 - distance, 0, 1)[..., None]
    return np.asarray(below + cover * (color - below))


# Windows on recordings of the tabletop ---------------------------------------------------------------------------------------


def _panned(size: Size, episode: int) -> tuple[Frames, Actions]:
    rng, count = generator(episode, size.name), size.lengths()[episode]
    frames, actions = _master(size, episode % MASTERS)
    first = int(rng.integers(0, len(frames) - count + 1))
    room = np.array(size.seen) - (size.height, size.width)
    phase, speed = rng.uniform(0, 2 * np.pi, 2), rng.uniform(0.01, 0.06, 2)
    way = room * (0.5 + 0.5 * np.sin(phase + np.arange(count)[:, None] * speed))
    gain = rng.uniform(0.85, 1.1, 3)
    seen = np.empty((count, size.height, size.width, 3), np.uint8)
    for i, (top, left) in enumerate(np.rint(way).astype(int)):
        window = frames[first + i, top : top + size.height, left : left + size.width] * gain
        if size.noise:
            window += rng.normal(0, size.noise, window.shape)
        seen[i] = np.clip(window, 0, 255)
    if episode // MASTERS % 2:
        seen = seen[:, :, ::-1]
    return seen, np.concatenate([actions[first : first + count], way], axis=1).astype(np.float32)


def _master(size: Size, number: int) -> tuple[Frames, NDArray[np.float64]]:
    path = size.home / f"master-{number}.npz"
    if not path.exists():
        from lifeworld.scene.starter import find
        from lifeworld.worlds.agent import AgentCurious
        from lifeworld.worlds.physics.engine import WorldPhysics
        from lifeworld.worlds.physics.settle import settle
        from lifeworld.worlds.record import record

        scene = find("tabletop")
        scene = replace(scene, cameras=(replace(scene.cameras[0], height_px=size.seen[0], width_px=size.seen[1]),))
        world = WorldPhysics()
        settled = settle(world, scene, seed=number)
        stream = f"rgb@{scene.cameras[0].name}"
        episode = record(world, AgentCurious(), settled, seconds=(size.frames + 24) / size.fps, seed=number, signals=[stream])
        frames, acts = episode[stream], episode["action@hand"]
        acted = frames.times_ns <= acts.times_ns[-1]  # in the last frame nobody acts any more
        with replace_file(path) as beside:
            at = np.searchsorted(acts.times_ns, frames.times_ns[acted])
            np.savez(beside, frames=np.asarray(frames.values)[acted], actions=acts.values[at])
    with np.load(path) as held:
        return held["frames"], held["actions"]


# Sealed, and as it decodes ---------------------------------------------------------------------------------------------------


def seal(size: Size) -> None:
    """Write the bundle and, beside it, the actions as arrays; nothing where both are there already."""
    if size.sealed.exists():
        return
    from lifeworld.core.origin import Origin, Provenance
    from lifeworld.core.signal import SIGNALS, Stream
    from lifeworld.episode.episode import Episode
    from lifeworld.episode.seal import append_to

    shutil.rmtree(size.bundle, ignore_errors=True)
    with replace_folder(size.home / "actions", overwrite=True) as folder, append_to(size.bundle) as writer:
        uids = []
        for number in range(size.episodes):
            frames, actions = drawn(size, number)
            times = np.arange(len(frames)) * 1_000_000_000 // size.fps
            np.save(folder / f"{number:04d}.npy", actions)
            rgb = Stream(SIGNALS["rgb"], times, frames, origin=Origin.SIMULATED, source=CAMERA)
            action = Stream(SIGNALS["action"], times, actions.astype(np.float64), origin=Origin.SIMULATED, source=ROBOT)
            made = Provenance.now(engine=f"benchmarks.peers.loaders, {size.name}", engine_version=str(EDITION), seed=number)
            uids.append(writer.stage(Episode(streams={f"rgb@{CAMERA}": rgb, f"action@{ROBOT}": action}, provenance=made)))
        writer.commit(uids)
    size.sealed.touch()


def stored(size: Size) -> list[Any]:
    """Each episode's frames, as our reader decodes them: what the corpus is. `.file` is the mp4 they lie in."""
    from lifeworld.episode.bundle import open_bundle

    return [episode[f"rgb@{CAMERA}"].values for episode in open_bundle(size.bundle)]


def fingerprint(size: Size) -> str:
    """Of what the corpus decodes to: another one when the files are others, or are decoded otherwise."""
    return hashlib.sha256(stored(size)[0][:16].tobytes()).hexdigest()[:16]


@contextmanager
def frames(size: Size) -> Iterator[Path]:
    """A folder with the corpus's pixels as one .npy an episode, there for those who write it in their own form."""
    folder = size.home / "frames"
    try:
        if not folder.exists():
            with replace_folder(folder) as beside:
                for number, values in enumerate(stored(size)):
                    np.save(beside / f"{number:04d}.npy", values[:])
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
