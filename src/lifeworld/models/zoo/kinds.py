"""The kinds of dynamics there are: what a card calls them, how large they can be, and the network.

To add one: a frozen dataclass of its sizes (`dreamer.Sizes`), a `Dreamer` made from it, and its line here. It is then learned, played,
measured, kept and exported like the others.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch

from lifeworld.core.errors import UnknownName
from lifeworld.core.seed import child_seed
from lifeworld.models.data.doing import Doing
from lifeworld.models.dreamer import Dreamer, Sizes, fits
from lifeworld.models.dynamics.diffusion import Diffusion, DiffusionShape
from lifeworld.models.dynamics.forcing import Forcing, ForcingShape
from lifeworld.models.dynamics.maskgit import Maskgit, MaskgitShape
from lifeworld.models.dynamics.regression import Regression, RegressionShape
from lifeworld.models.dynamics.state import Dynamics, Shape
from lifeworld.models.jepa.network import Jepa, JepaShape


class Kind(NamedTuple):
    """How its size is said, and the network made from that."""

    shape: type[Any]
    model: type[Dreamer]


KINDS = {
    "state": Kind(Shape, Dynamics),
    "forcing": Kind(ForcingShape, Forcing),
    "regression": Kind(RegressionShape, Regression),
    "maskgit": Kind(MaskgitShape, Maskgit),
    "diffusion": Kind(DiffusionShape, Diffusion),
    "jepa": Kind(JepaShape, Jepa),
}


def kind_of(shape: Sizes) -> str:
    """What the kind with such a shape is called."""
    return next(name for name, kind in KINDS.items() if type(shape) is kind.shape)


def kind(name: str) -> Kind:
    """The kind of this name.

    Raises:
        UnknownName: naming those there are.
    """
    if name not in KINDS:
        raise UnknownName("kind of model", name, KINDS)
    return KINDS[name]


def fresh(shape: Sizes, doing: Doing | None, *, seed: int) -> Dreamer:
    """A model that has learned nothing yet, for the actions that were recorded, or none.

    Raises:
        InputError: if actions were recorded and the model infers them, or the other way round.
    """
    fits(shape, doing)
    with torch.random.fork_rng(devices=[]):  # nobody's random numbers change by it
        torch.manual_seed(child_seed(seed, "weights"))
        model = KINDS[kind_of(shape)].model(shape)
    if doing is not None:
        model.action_mean.copy_(torch.tensor(doing.mean))
        model.action_std.copy_(torch.tensor(doing.std))
    return model
