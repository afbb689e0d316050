"""How long requests are: all alike, or spread as their mean and 95th percentile say.

Log-normal, which is what a mean and a percentile can fix: prompts of production services are log-normal with a longer tail, outputs
nearer to exponential, whose tail is shorter (ServeGen, arXiv 2505.09999). Where that is not near enough, a use case can be split in two.
"""

from dataclasses import dataclass
from functools import cached_property
from math import exp, inf, log, sqrt

Z95 = 1.645  # standard deviations the 95th percentile of a normal distribution is from its mean
MOST_P95 = exp(Z95**2 / 2)  # times the mean: no log-normal distribution has a 95th percentile further from its mean
PARTS = 100


@dataclass(frozen=True)
class Lengths:
    """Tokens of a request, `mean` on average; `sigma` is that of their logarithms, none is longer than `most`."""

    mean: float
    sigma: float = 0.0
    most: float = inf

    def at(self, share: float) -> float:
        """The length that a share of all requests stay below."""
        if not self.sigma:
            return self.mean
        from statistics import NormalDist

        return min(self.most, self.mean * exp(self.sigma * NormalDist().inv_cdf(share) - self.sigma**2 / 2))

    @cached_property
    def each(self) -> tuple[float, ...]:
        """Lengths that stand for all, each as likely as the others."""
        return tuple(self.at((part + 0.5) / PARTS) for part in range(PARTS)) if self.sigma else (self.mean,)

    def moment(self, power: int) -> float:
        """The mean of their powers, over the same power of their mean: 1 where all are alike."""
        mean = sum(self.each) / len(self.each)
        return sum((length / mean) ** power for length in self.each) / len(self.each) if self.sigma else 1.0


def lengths(mean: float, p95: float | None, most: float = inf) -> Lengths:
    """Lengths by their mean and 95th percentile: p95 = mean × exp(1.645 σ − σ² / 2), the flatter of the two σ that solve it."""
    if not p95 or p95 <= mean:
        return Lengths(mean)
    return Lengths(mean, Z95 - sqrt(max(0.0, Z95**2 - 2 * log(p95 / mean))), most)
