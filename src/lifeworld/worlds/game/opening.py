"""Games by their names."""

from __future__ import annotations

from typing import Any

from lifeworld.core.errors import UnknownName
from lifeworld.worlds.game.game import Game

PROCGEN = (
    "bigfish", "bossfight", "caveflyer", "chaser", "climber", "coinrun", "dodgeball", "fruitbot", "heist", "jumper", "leaper", "maze",
    "miner", "ninja", "plunder", "starpilot",
)  # fmt: skip


def open_game(name: str, **options: Any) -> Game:
    """procgen's games by their names ("coinrun"), Gymnasium's environments by theirs ("CarRacing-v3").

    Raises:
        UnknownName: if neither has it.
        MissingExtra: if what has it is not installed.
    """
    if name in PROCGEN:
        from lifeworld.worlds.game.procgen import GameProcgen

        return GameProcgen(name, **options)
    if "-v" in name:
        from lifeworld.worlds.game.gym import GameGym

        return GameGym(name, **options)
    raise UnknownName("game", name, PROCGEN, fix="Gymnasium's environments have a version in their names: CarRacing-v3.")
