"""dreamer4 (lucidrains) at the table: tokenizer and dynamics learn from the same clips; played with two denoising steps and its cache."""

from __future__ import annotations

from importlib.metadata import version

import shim  # noqa: F401  torchvision does not import without it
import torch
from dreamer4 import DynamicsWorldModel, VideoTokenizer
from turn import CLIPS, CONTEXT, PICTURES, SIDE, Said, clips, millions, per_second, say, seconds, updates


def main() -> None:
    """Take the turn."""
    for_s = seconds()
    frames, actions = clips()
    video = frames.movedim(2, 1).contiguous()  # (b c t h w)
    small = {"attn_heads": 4, "attn_dim_head": 24}
    tokenizer = VideoTokenizer(
        dim=64, dim_latent=16, patch_size=8, image_height=SIDE, image_width=SIDE, num_latent_tokens=16, encoder_depth=2, decoder_depth=2,
        lpips_loss_weight=0.0, **small,
    )  # fmt: skip
    world = DynamicsWorldModel(
        dim=64, dim_latent=16, video_tokenizer=tokenizer, copy_video_tokenizer=False, num_continuous_actions=2, num_spatial_tokens=4,
        depth=4, predict_terminals=False, **small,
    )  # fmt: skip
    holder = torch.nn.Module()
    holder.rest = torch.nn.ParameterList([p for name, p in world.named_parameters() if not name.startswith("video_tokenizer")])
    with torch.no_grad():
        latents = tokenizer.tokenize(video)
    told = torch.cat([torch.zeros(CLIPS, 1, 2), actions], 1)  # cloning who acted is left out: its own readout does not take it here

    def cost() -> torch.Tensor:
        return world(latents=latents, continuous_actions=told, add_autoregressive_action_loss=False)

    dynamics = CLIPS * per_second(updates([holder], cost), seconds=for_s)
    tokens = CLIPS * per_second(updates([tokenizer], lambda: tokenizer(video)), seconds=for_s)

    world.eval()
    many = 8

    def play() -> None:
        with torch.inference_mode():
            world.generate(
                CONTEXT + many, num_steps=2, batch_size=1, prompt=video[:1, :, :CONTEXT], prompt_continuous_actions=told[:1, :CONTEXT],
                image_height=SIDE, image_width=SIDE, return_decoded_video=True,
            )  # fmt: skip

    played = many * per_second(play, seconds=for_s, least=2)
    say(
        Said(
            name="dreamer4",
            version=version("dreamer4"),
            numbers=millions(tokenizer, holder),
            samples_per_s=1 / (1 / dynamics + 1 / tokens),
            played_per_s=played,
            note=f"{dynamics:.1f} samples/s for the dynamics alone, on latents that cost nothing; {PICTURES} pictures a clip",
        )
    )


if __name__ == "__main__":
    torch.manual_seed(0)
    main()
