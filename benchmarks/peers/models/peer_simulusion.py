"""simulusion's Genie at the table: tokenizer, latent actions and dynamics learn at once; played through its own protocol."""

from __future__ import annotations

from importlib.metadata import version

import shim  # noqa: F401  torchvision does not import without it
import torch
from simulusion.models.genie import Genie
from simulusion.world_model.genie import GenieWorldModel
from turn import CLIPS, CONTEXT, PICTURES, SIDE, Said, clips, millions, per_second, say, seconds, updates


def main() -> None:
    """Take the turn."""
    for_s = seconds()
    frames, _ = clips()
    video = frames.movedim(2, 1).contiguous()  # (b c t h w)
    model = Genie(
        num_frames=PICTURES, image_size=SIDE, tokenizer_vocab_size=256, tokenizer_encoder_dim=48, tokenizer_decoder_dim=48,
        action_encoder_dim=48, action_decoder_dim=48, dynamics_dim=64, dynamics_depth=3, dynamics_num_heads=4, encoder_depth=2,
        decoder_depth=2, latent_action_depth=2, tokenizer_num_heads=4, action_num_heads=4,
    )  # fmt: skip
    samples = CLIPS * per_second(updates([model], lambda: model.training_step(video)["total_loss"]), seconds=for_s)
    player = GenieWorldModel(model)
    with torch.inference_mode():
        state = player._encode(frames[:1, :CONTEXT], None)

    def play() -> None:
        nonlocal state
        with torch.inference_mode():
            state = player._step(state, torch.zeros(1, dtype=torch.long)).state
            (player._decode(state).clamp(0, 1) * 255).byte().numpy()

    played = per_second(play, seconds=for_s)
    say(
        Said(
            name="simulusion Genie",
            version=version("simulusion"),
            numbers=millions(model),
            samples_per_s=samples,
            played_per_s=played,
            note="without recorded actions, as Genie learns",
        )
    )


if __name__ == "__main__":
    torch.manual_seed(0)
    main()
