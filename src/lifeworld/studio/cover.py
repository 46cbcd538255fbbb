"""What the cards of the library show: a picture of each scene, bundle, game and dream, drawn by us."""

from __future__ import annotations

import hashlib
import io
from contextlib import suppress
from pathlib import Path
from typing import Literal

from PIL import Image

from lifeworld.core.errors import InputError, LifeworldError
from lifeworld.core.write import replace_file
from lifeworld.episode.bundle import Bundle, open_bundle
from lifeworld.episode.episode import Episode
from lifeworld.scene import starter


def pictured(sort: Literal["scene", "episodes", "model", "game"], word: str) -> bytes | None:
    """A JPEG of what a card is of; None where there is nothing to be seen."""
    try:
        match sort:
            case "scene":
                return _scene_picture(word)
            case "episodes":
                return _bundle_picture(open_bundle(word))
            case "game":
                return _game_picture(word)
            case "model":
                return _dream_picture(Path(word))
    except (LifeworldError, OSError):
        return None


def _scene_picture(word: str) -> bytes:
    from lifeworld.worlds.physics.thumbnail import drawn, thumbnail

    scene, folder = starter.find(word), Path(word).parent if word.endswith(".toml") else Path()
    try:
        return _jpeg(Image.open(thumbnail(scene, assets=folder)))
    except OSError:  # nothing can be kept
        return _jpeg(Image.fromarray(drawn(scene, assets=folder)))


def _bundle_picture(bundle: Bundle) -> bytes | None:
    """That of the first episode that has pictures."""
    return next((made for at in range(min(len(bundle), 20)) if (made := covered(bundle[at])) is not None), None)


def covered(episode: Episode) -> bytes | None:
    """A JPEG of the middle of an episode, through its first camera; None if it has no pictures."""
    name = next((name for name, stream in episode.streams.items() if stream.signal.name == "rgb" and len(stream)), None)
    if name is None:
        return None
    film = episode[name].values
    return _jpeg(Image.fromarray(film[len(film) // 2]))


def _game_picture(name: str) -> bytes:
    """What a game looks like a second after its start; it takes seconds to begin one, so that it is kept."""
    from lifeworld.worlds.game import WorldGame
    from lifeworld.worlds.physics.thumbnail import cache

    path = cache() / "games" / f"{name}.jpg"
    if path.exists():
        return path.read_bytes()
    world = WorldGame(name)
    try:
        state = world.reset(None, seed=3)
        for _ in range(20):
            state = world.step(state, {})
        made = _jpeg(Image.fromarray(next(iter(world.observe(state, ["rgb"]).values.values()))))
    finally:
        world.close()
    with suppress(OSError, InputError), replace_file(path) as beside:
        beside.write_bytes(made)
    return made


def _dream_picture(folder: Path) -> bytes:
    """What a model dreams a second after the real pictures that were kept with it; kept, since it takes seconds to wake one."""
    from lifeworld.studio.opening import opened
    from lifeworld.worlds.physics.thumbnail import cache

    weights = (folder / "model.safetensors").stat()
    named = hashlib.sha256(f"{folder} {weights.st_mtime_ns} {weights.st_size}".encode()).hexdigest()[:16]
    path = cache() / "dreams" / f"{named}.jpg"
    if path.exists():
        return path.read_bytes()
    dream = opened(str(folder))
    state = dream.world.reset(dream.start, seed=0)
    for _ in range(max(1, round(1e9 / dream.world.spec.tick_ns))):
        state = dream.world.step(state, {})
    made = _jpeg(Image.fromarray(next(iter(dream.world.observe(state, dream.world.spec.signals).values.values()))))
    with suppress(OSError, InputError), replace_file(path) as beside:
        beside.write_bytes(made)
    return made


def _jpeg(picture: Image.Image) -> bytes:
    """As a page can show it: at most 640 px wide, small ones in plain squares."""
    picture = picture.convert("RGB")
    if picture.width < 320:
        times = 640 // picture.width
        picture = picture.resize((picture.width * times, picture.height * times), Image.Resampling.NEAREST)
    picture.thumbnail((640, 640))
    out = io.BytesIO()
    picture.save(out, format="JPEG", quality=86)
    return out.getvalue()
