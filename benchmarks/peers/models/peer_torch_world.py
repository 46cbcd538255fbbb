"""torch-world's LeWM at the table: it predicts embeddings, so there are no pictures to play."""

from __future__ import annotations

from importlib.metadata import version

import torch
from torch_world.models import LeWM
from torch_world.nn.encoders import CLSEncoder
from turn import CLIPS, PICTURES, SIDE, Said, clips, millions, per_second, say, seconds, updates


def main() -> None:
    """Take the turn."""
    for_s = seconds()
    frames, actions = clips()
    told = torch.cat([actions, torch.zeros(CLIPS, 1, 2)], 1)
    model = LeWM(
        CLSEncoder(SIDE, 8, embed_dim=72, depth=5, num_heads=3), 2, embed_dim=72, history=PICTURES - 1, depth=4, num_heads=4, head_dim=24,
        mlp_dim=288, proj_dim=288,
    )  # fmt: skip
    samples = CLIPS * per_second(updates([model], lambda: model(frames, told)["loss"]), seconds=for_s)
    say(
        Said(
            name="torch-world LeWM",
            version=version("torch-world"),
            numbers=millions(model),
            samples_per_s=samples,
            played_per_s=None,
            note="predicts embeddings, shows no pictures",
        )
    )


if __name__ == "__main__":
    torch.manual_seed(0)
    main()
