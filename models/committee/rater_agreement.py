"""Agreement of two raters on an ordinal scale: weighted kappa (Cohen) and AC2 (Gwet), with a bootstrap interval. Pure.

Pairs rotate, so the table is symmetrised: each pair counts half in both cells. Weights fall linearly with the distance.
Kappa falls when nearly everybody gets the same grade, AC2 does not; so both are shown. Ours, because irrCAC wants numpy, pandas
and scipy (233 MB installed, measured) for the forty lines below, and does not symmetrise.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_PAIRS = 20  # with fewer only the crude agreement is told
DRAWS = 2000
SEED = 7513


@dataclass(frozen=True)
class RaterAgreement:
    """What is told of one question: crude agreement in shares, and kappa and AC2; None where they say nothing."""

    pairs: int
    same: float | None
    near: float | None
    kappa: float | None = None
    ac2: float | None = None
    kappa_range: tuple[float, float] | None = None
    ac2_range: tuple[float, float] | None = None

    @classmethod
    def of(cls, pairs: Sequence[tuple[int, int]], grades: int, ordered: bool = True) -> "RaterAgreement":
        """`pairs`: the places on a scale of `grades` grades; not `ordered`: another grade is another grade, however near."""
        if not pairs:
            return cls(0, None, None)
        same = sum(one == two for one, two in pairs) / len(pairs)
        near = sum(abs(one - two) <= 1 for one, two in pairs) / len(pairs) if ordered else None
        if len(pairs) < LEAST_PAIRS:
            return cls(len(pairs), same, near)
        weights = [[weight(one, two, grades, ordered) for two in range(grades)] for one in range(grades)]
        kappa, ac2 = coefficients(pairs, weights)
        return cls(len(pairs), same, near, kappa, ac2, *_ranges(pairs, weights))


def weight(one: int, two: int, grades: int, ordered: bool = True, power: int = 1) -> float:
    """How much of an agreement two grades are: 1 for the same, 0 for the ends of the scale."""
    if not ordered:
        return float(one == two)
    return 1 - (abs(one - two) / (grades - 1)) ** power


def coefficients(pairs: Sequence[tuple[int, int]], weights: list[list[float]]) -> tuple[float | None, float | None]:
    """(weighted kappa, AC2) of the symmetrised table; kappa is None when all got one grade."""
    grades, count = range(len(weights)), len(pairs)
    shares = Counter(one for pair in pairs for one in pair)
    margin = [shares[grade] / (2 * count) for grade in grades]
    observed = sum(weights[one][two] for one, two in pairs) / count
    by_chance = sum(weights[one][two] * margin[one] * margin[two] for one in grades for two in grades)
    kappa = (observed - by_chance) / (1 - by_chance) if by_chance < 1 else None
    total = sum(map(sum, weights))
    by_gwet = total / (len(weights) * (len(weights) - 1)) * sum(share * (1 - share) for share in margin)
    return kappa, (observed - by_gwet) / (1 - by_gwet)


def _ranges(pairs, weights):
    """95% of DRAWS bootstrap draws of cases, with a fixed seed: the same rows give the same interval."""
    drawn = random.Random(SEED)
    found = [coefficients(drawn.choices(pairs, k=len(pairs)), weights) for _ in range(DRAWS)]
    for place in (0, 1):
        values = sorted(one[place] for one in found if one[place] is not None)
        yield (values[int(0.025 * len(values))], values[int(0.975 * len(values))]) if values else None
