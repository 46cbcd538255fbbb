"""torch-world's LeWM, twice: of the size of our nano, with its own encoder; and as small as its own benchmarks have it.

`peer_torch_world.py` learns one of these in torch-world's own environment, and `lifeworld.evaluate.adapters` opens it there again.
"""

from __future__ import annotations

from torch_world.benchmarks.experiment import lewm_baseline
from torch_world.models import LeWM
from torch_world.nn.encoders import CLSEncoder

SIDE, ACTIONS = 64, 2


def matched() -> LeWM:
    """Its usual proportions: half of its numbers see, half foresee; a ViT with patches of 8 pixels, no dropout less than its default."""
    return LeWM(
        CLSEncoder(SIDE, 8, embed_dim=128, depth=6, num_heads=4), ACTIONS, embed_dim=128, history=3, depth=5, num_heads=4, head_dim=32,
        mlp_dim=512, proj_dim=512,
    )  # fmt: skip


def small() -> LeWM:
    """The model of its `benchmarks.run_experiment`: two convolutions, 32 numbers, one moment to look back on."""
    return lewm_baseline((3, SIDE, SIDE), ACTIONS)
