"""How often whole numbers occur, such as days of a stay: median, quartiles, and how sure the median is (benchmark.md 3.3)."""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from models.lnr.benchmark.limits import WARN
from models.lnr.benchmark.statistics.chance import binomial

QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Distribution:
    """`pairs`: (number, how often) by number, each once. The median and quartiles of nothing are None."""

    pairs: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, numbers: Iterable[int]) -> "Distribution":
        return cls(tuple(sorted(Counter(numbers).items())))

    def __add__(self, other: "Distribution") -> "Distribution":
        found = Counter(dict(self.pairs))
        found.update(dict(other.pairs))
        return Distribution(tuple(sorted(found.items())))

    @cached_property
    def _reach(self) -> list[int]:
        return list(accumulate(times for _, times in self.pairs))

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return self._reach[-1] if self.pairs else 0

    @property
    def total(self) -> int:
        """Their sum."""
        return sum(number * times for number, times in self.pairs)

    def at(self, rank: int) -> int:
        """The number with this rank in order; the lowest has rank 0."""
        return self.pairs[bisect_right(self._reach, rank)][0]

    def up_to(self, number: int) -> int:
        """How many are this number or less."""
        place = bisect_right(self.pairs, (number, math.inf))
        return self._reach[place - 1] if place else 0

    def from_on(self, number: int) -> int:
        """How many are this number or more."""
        return self.size - self.up_to(number - 1)

    def around(self, level: float) -> tuple[int, ...]:
        """The numbers of single ones that a quantile is made of; none of nothing."""
        if not self.pairs:
            return ()
        low = int((self.size - 1) * level)
        return self.at(low), self.at(min(low + 1, self.size - 1))

    def quantile(self, level: float) -> float | None:
        """The quantile with linear interpolation (type 7 of R), as `limits.quantile` takes it of single numbers."""
        if not self.pairs:
            return None
        lower, upper = self.around(level)
        place = (self.size - 1) * level
        return lower + (place - int(place)) * (upper - lower)

    @property
    def median(self) -> float | None:
        return self.quantile(0.5)

    @property
    def quartiles(self) -> tuple[float, float] | None:
        """Between which the middle half lies."""
        low, high = self.quantile(0.25), self.quantile(0.75)
        return None if low is None or high is None else (low, high)

    @property
    def median_interval(self) -> tuple[int, int] | None:
        """The 95% interval of the median by order statistics, exact: each side leaves out at most 2.5%.

        Never the lowest or the highest number itself from nine numbers on; with less than six it is their range.
        """
        if not self.pairs:
            return None
        outer = max(0, binomial(self.size, 0.5).quantile(WARN) - 1)
        return self.at(outer), self.at(self.size - 1 - outer)
