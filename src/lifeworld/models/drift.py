"""What becomes of dreams much longer than the rolls that were learned: how far they are from the truth, and whether they fade.

    print(drift(model, footage))                 # footage cut to windows of context + 500 pictures

Beyond some dozens of pictures nobody could foresee all; but a dream should still show as much as the truth does, obey, and know that it is
unsure. `contrast` is the spread of its colours as a share of the true one: it falls towards 0 where a dream fades to grey.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from lifeworld.core.errors import InputError
from lifeworld.models.data import Footage
from lifeworld.models.dreamer import Dreamer, right
from lifeworld.models.objective import tensors
from lifeworld.models.score import hashed

AHEAD = (50, 200, 500)
OVER = 10
"""Pictures up to each of these, that are measured together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """At each of so many pictures `ahead`, over the ten up to there and all clips: PSNR [dB] of the model and of copying the last real
    picture; contrast of the dream as a share of the true one; how sure it was of its pixels, and how many were right, 0 to 1."""

    ahead: tuple[int, ...]
    clips: int
    data_sha256: str
    psnr_db: tuple[float, ...]
    copying_db: tuple[float, ...]
    contrast: tuple[float, ...]
    sure: tuple[float, ...]
    right: tuple[float, ...]

    def __str__(self) -> str:
        def row(name: str, values: tuple[float, ...], digits: int) -> str:
            return f"{name:<16} " + " ".join(f"{v:5.{digits}f}" for v in values)

        lines = [
            f"drift over the ten pictures up to these, {self.clips} clips (data {self.data_sha256[:12]})",
            f"{'':<16} " + " ".join(f"{a:5d}" for a in self.ahead),
            row("model [dB]", self.psnr_db, 1),
            row("copy the last", self.copying_db, 1),
            row("contrast", self.contrast, 2),
            row("sure", self.sure, 2),
            row("right", self.right, 2),
        ]
        return "\n".join(lines)


@torch.no_grad()
def drift(model: Dreamer, footage: Footage, *, all_of_it: bool = False, most_clips: int = 16) -> Drift:
    """Dream on for as long as the windows of some footage are, open loop with what was done there.

    `all_of_it` is for footage of which nothing was learned from.

    Raises:
        InputError: if nothing held out is so long.
    """
    context, longest = model.shape.context, footage.length - model.shape.context
    ahead = tuple(a for a in AHEAD if a <= longest)
    sides = (True, False) if all_of_it else (True,)
    numbers = np.sort(np.concatenate([footage.numbers(held_out=side, hop=max(1, longest)) for side in sides]))[:most_clips]
    if not len(numbers) or not ahead:
        where = str(footage.bundle.path)
        raise InputError("nothing held out is long enough to measure drift", where=where, expected=f"{context + AHEAD[0]} pictures")
    frames, actions = tensors(footage.windows(numbers))
    actions = torch.cat([model.between(each[None]) for each in frames]) if actions is None else actions
    last, found = frames[:, context - 1], {a: np.zeros(6) for a in ahead}
    with torch.autocast("cpu", torch.bfloat16):
        state = model.encode(frames[:, :context])
        for tick in range(ahead[-1]):
            state = model.step(state, actions[:, context - 1 + tick])
            truth, frame = frames[:, context + tick], state.frame.float().clamp(0, 1)
            for a in ahead:
                if a - OVER <= tick < a:
                    wrong = [float((each - truth).square().mean()) for each in (frame, last)]
                    spread = [float(each.std((2, 3)).mean()) for each in (frame, truth)]
                    sure = float(state.sure.float().sigmoid().mean()), float(right(frame, truth).float().mean())
                    found[a] += np.array([*wrong, *spread, *sure]) / OVER
    model_mse, copy_mse, shown, true, sure_of, was_right = (tuple(float(found[a][i]) for a in ahead) for i in range(6))
    return Drift(
        ahead=ahead,
        clips=len(numbers),
        data_sha256=hashed(footage, footage.episodes(numbers)),
        psnr_db=tuple(-10 * float(np.log10(max(each, 1e-10))) for each in model_mse),
        copying_db=tuple(-10 * float(np.log10(max(each, 1e-10))) for each in copy_mse),
        contrast=tuple(a / max(b, 1e-6) for a, b in zip(shown, true, strict=True)),
        sure=sure_of,
        right=was_right,
    )
