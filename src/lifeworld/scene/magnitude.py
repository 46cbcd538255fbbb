"""How much: a number that is drawn by a law, whose density can be told."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal, get_args

from lifeworld.core.errors import LimitError, SceneError, UnknownName
from lifeworld.scene.bounds import finite

if TYPE_CHECKING:
    from numpy.random import Generator

Law = Literal["fixed", "uniform", "normal", "lognormal", "exponential"]
LAWS: tuple[Law, ...] = get_args(Law)
TWO: frozenset[str] = frozenset({"uniform", "normal", "lognormal"})
"""Laws of two numbers; the others have one."""
MOST = 1e6
LEAST_SHARE = 1e-9
"""The least share of a law that bounds may leave: with less, numbers drawn are those of the rounding."""
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Magnitude:
    """A number drawn by `law`, and never below `low` or above `high` (what lies beyond is cut away, not heaped up at the bound).

    `a` and `b` are, by law: `fixed` the number; `uniform` its least and most; `normal` mean and standard deviation; `lognormal` the median
    and the standard deviation of the natural logarithm; `exponential` the mean.
    """

    law: Law = "fixed"
    a: float
    b: float = 0.0
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.law not in LAWS:
            raise UnknownName("law", str(self.law), LAWS, fix=f"It is one of {', '.join(LAWS)}.")
        bounds = [x for x in (self.low, self.high) if x is not None]
        finite(self.law, (self.a, self.b, *bounds), most=MOST)
        if self.law not in TWO and self.b != 0.0:
            raise SceneError(f"{self.law} has one number", got=(self.a, self.b))
        if self.law == "fixed" and bounds:
            raise SceneError("a fixed number has no bounds", got=bounds, fix="Take away low and high.")
        if self.law == "uniform" and not self.a < self.b:
            raise LimitError("uniform goes from less to more", got=[self.a, self.b])
        if self.law in ("normal", "lognormal") and not self.b > 0.0:
            raise LimitError("a spread is more than nothing", got=self.b)
        if self.law in ("lognormal", "exponential") and not self.a > 0.0:
            raise LimitError(f"{self.law} is of numbers above zero", got=self.a)
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise LimitError("low lies below high", got=[self.low, self.high])
        if self.law != "fixed" and self._share() < LEAST_SHARE:
            raise LimitError("the bounds leave nothing of the law", got=bounds, fix="Set them where numbers of this law lie.")

    def draw(self, rng: Generator) -> float:
        """One number; takes one uniform number from `rng` whatever the law, so that what is drawn next does not hang on it."""
        u = float(rng.random())
        if self.law == "fixed":
            return self.a
        below, above = self._cdf(self.low, 0.0), self._cdf(self.high, 1.0)
        x = self._quantile(below + u * (above - below))
        if self.low is not None:
            x = max(x, self.low)
        return x if self.high is None else min(x, self.high)

    def density(self, x: float) -> float:
        """The probability density at `x`, one over the unit of the number; of a fixed number 1 where it is and 0 elsewhere."""
        if self.law == "fixed":
            return float(x == self.a)
        if (self.low is not None and x < self.low) or (self.high is not None and x > self.high):
            return 0.0
        return _DENSITIES[self.law](x, self.a, self.b) / self._share()

    @property
    def median(self) -> float:
        """The number that half of all draws lie below."""
        return self.quantile(0.5)

    def quantile(self, share: float) -> float:
        """The number that this share (0 to 1) of all draws lie below."""
        if self.law == "fixed":
            return self.a
        below, above = self._cdf(self.low, 0.0), self._cdf(self.high, 1.0)
        return self._quantile(below + share * (above - below))

    @property
    def span(self) -> tuple[float, float]:
        """The least and the most that can be drawn."""
        if self.law == "fixed":
            return self.a, self.a
        least = self.a if self.law == "uniform" else 0.0 if self.law in ("lognormal", "exponential") else -math.inf
        most = self.b if self.law == "uniform" else math.inf
        return max(least, self.low if self.low is not None else least), min(most, self.high if self.high is not None else most)

    def _share(self) -> float:
        return self._cdf(self.high, 1.0) - self._cdf(self.low, 0.0)

    def _cdf(self, x: float | None, otherwise: float) -> float:
        return otherwise if x is None else _SHARES[self.law](x, self.a, self.b)

    def _quantile(self, p: float) -> float:
        if self.law == "uniform":
            return self.a + p * (self.b - self.a)
        if self.law == "exponential":
            return -self.a * math.log1p(-min(p, 1.0 - 2**-53))
        z = _NORMAL.inv_cdf(min(max(p, 2**-53), 1.0 - 2**-53))
        return self.a + self.b * z if self.law == "normal" else self.a * math.exp(self.b * z)


_Of = Callable[[float, float, float], float]
_SHARES: dict[str, _Of] = {
    "uniform": lambda x, a, b: min(max((x - a) / (b - a), 0.0), 1.0),
    "normal": lambda x, a, b: _NORMAL.cdf((x - a) / b),
    "lognormal": lambda x, a, b: _NORMAL.cdf(math.log(x / a) / b) if x > 0 else 0.0,
    "exponential": lambda x, a, _: -math.expm1(-x / a) if x > 0 else 0.0,
}
_DENSITIES: dict[str, _Of] = {
    "uniform": lambda x, a, b: 1.0 / (b - a) if a <= x <= b else 0.0,
    "normal": lambda x, a, b: _NORMAL.pdf((x - a) / b) / b,
    "lognormal": lambda x, a, b: _NORMAL.pdf(math.log(x / a) / b) / (b * x) if x > 0 else 0.0,
    "exponential": lambda x, a, _: math.exp(-x / a) / a if x >= 0 else 0.0,
}
