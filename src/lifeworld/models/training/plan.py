"""How long and how fast a model is trained, whatever it is that it learns."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

from lifeworld.core.errors import LimitError


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`steps` updates at a learning rate of at most `rate`, on so many threads.

    `average` is the share that the averaged weights keep at each step, `clip` the most that the gradients' norm may be, `seed` what
    everything drawn follows from.
    """

    steps: int
    rate: float = 1.5e-3
    average: float = 0.998
    clip: float = 1.0
    seed: int = 0
    bf16: bool = True
    threads: int = 1

    def __post_init__(self) -> None:
        if min(self.steps, self.threads) < 1 or not 0 <= self.average < 1 or not min(self.rate, self.clip) > 0:
            raise LimitError("no such plan", got=asdict(self), expected="1 or more steps and threads, a rate, a norm, an average below 1")

    def rate_at(self, step: int) -> float:
        """The learning rate: a rise of 100 steps, or half of all where those are few; a plain; half a cosine down to a thirtieth.

        A rise over a fifth of 150 steps left models in tokens obeying half as well as one over half of them.
        """
        done = step / self.steps
        fall = 1.0 if done < 0.3 else 0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * (done - 0.3) / 0.7))
        return self.rate * min(1.0, (step + 1) / min(100.0, self.steps / 2)) * fall
