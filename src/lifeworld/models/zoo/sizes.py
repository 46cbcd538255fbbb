"""One dial for how large a model is: nano learns in minutes on a laptop, small in hours there, base on a graphics card.

    shape = shape_of("forcing", "small", height=64, width=64, actions=2, context=4, latent=False)

A size means about the same for every kind: 1 to 3, 10 to 20, and 40 to 160 million numbers, about.

A small model is to be played on two cores, so of 64 by 64 pixels it sees 16 tokens, with 64 numbers each; nano and base see 64 with 16. For
as many numbers in the network that is a quarter of the work. Source: Micheli et al., Transformers are Sample-Efficient World Models (2023).
"""

from __future__ import annotations

from typing import Any

from lifeworld.core.errors import InputError, UnknownName
from lifeworld.models.tokens.tokenizer import TokenShape
from lifeworld.models.zoo.kinds import kind

MOST_FINE = 144
"""Up to so many tokens of eight by eight pixels; larger pictures have larger ones, and so have small models."""
LEVELS = (8, 5, 5, 5)
_TOKENS: dict[str, dict[str, Any]] = {
    "nano": {"wide": 48, "deep": 96, "layers": 2},
    "small": {"wide": 64, "deep": 192, "layers": 3},
    "base": {"wide": 96, "deep": 256, "layers": 4},
}
_BACKBONE: dict[str, dict[str, Any]] = {
    "nano": {"deep": 192, "layers": 5, "heads": 4, "window": 8},
    "small": {"deep": 384, "layers": 8, "heads": 6, "window": 12},
    "base": {"deep": 768, "layers": 12, "heads": 12, "window": 16},
}
SIZES: dict[str, dict[str, dict[str, Any]]] = {
    "state": {"nano": {"wide": 64, "blocks": 6, "fine": 24}},
    "forcing": _BACKBONE,
    "regression": _BACKBONE,
    "maskgit": _BACKBONE,
    "diffusion": {
        "nano": {"wide": 64, "deep": 128, "blocks": 3},
        "small": {"wide": 160, "deep": 384, "blocks": 4},
        "base": {"wide": 320, "deep": 1024, "blocks": 4},
    },
    "jepa": {
        "nano": {"numbers": 64, "wide": 32, "deep": 160, "layers": 3, "heads": 4},
        "small": {"numbers": 192, "wide": 80, "deep": 320, "layers": 5, "heads": 5},
        "base": {"numbers": 384, "wide": 192, "deep": 768, "layers": 8, "heads": 12},
    },
}
USUAL = {"nano": "state", "small": "forcing", "base": "forcing"}
"""The kind that a size is of, if nobody says."""


def shape_of(name: str, size: str, *, height: int, width: int, actions: int, context: int, latent: bool, codes: int = 0) -> Any:
    """The shape of a model of this kind and size. `codes`: how many different latent actions there are, 0 for numbers without steps.

    Raises:
        InputError: if it does not infer codes.
        UnknownName: if there is no such kind, or it does not come in this size.
        LimitError: if pictures of that height and width do not divide.
    """
    made = kind(name).shape
    if size not in SIZES[name]:
        raise UnknownName(f"size of {name} models", size, SIZES[name])
    common: dict[str, Any] = {"actions": actions, "context": context, "latent": latent}
    if codes:
        if name != "state":
            raise InputError(f"{name} models infer numbers, not codes", got=codes, fix="Give --latent as a number, or --kind state.")
        common["codes"] = codes
    if SIZES[name] is not _BACKBONE:
        return made(height=height, width=width, **common, **SIZES[name][size])
    fine = height * width <= 64 * MOST_FINE and (size != "small" or name == "maskgit")  # a code says little enough of eight by eight
    patch = 8 if fine else 16
    said: dict[str, Any] = {"levels": LEVELS} if name == "maskgit" else {"channels": patch * patch // 4}
    tokens = TokenShape(height=height, width=width, patch=patch, **said, **_TOKENS[size])
    return made(tokens=tokens, **common, **SIZES[name][size])
