"""The expected risk of death by what was known at admission: the terms of a fitted logistic model, and applying it (3.5).

A model is a file with coefficients; applying it is a dot product. It is fitted by an analyst (commands/lnr_model.py). Nothing
that happens after admission is a term, so that care cannot improve its own expectation.

Unknown is not no. Antenatal steroids have a level of their own for unknown; a child of whom any other predictor is unknown
has no risk, and is counted apart. So has a child of a week of gestation that the model does not know.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.lnr.benchmark.statistics.calibration import logistic

DEATHS_PER_TERM, LEAST_AUC, SLOPE = 10, 0.75, (0.9, 1.1)
YES_NO = {
    "male": ("sex", "male"),
    "multiple": ("multiple", True),
    "steroids": ("steroids", True),
    "steroids_unknown": ("steroids", None),
    "outborn": ("outborn", True),
    "anomaly": ("anomaly", True),
}
TERMS = {"weight", "small", *YES_NO}
KNOWN = ("age", "weight", "sex", "multiple", "outborn", "anomaly")  # without any of these there is no risk
Child = Mapping[str, object]


def terms(knots: int) -> list[str]:
    """The names of the terms of a model whose spline has so many knots, in the order of its columns."""
    return ["intercept", *(f"age{place}" for place in range(knots - 1)), "weight", "small", *YES_NO]


def spline(x: float, knots: Sequence[float]) -> list[float]:
    """The terms of a restricted cubic spline (Harrell): x itself and len(knots) - 2 curves, linear beyond the outer knots."""
    *_, before, last = knots
    scale = (last - knots[0]) ** 2

    def cube(knot: float) -> float:
        return max(0.0, x - knot) ** 3

    return [x] + [
        (cube(t) - cube(before) * (last - t) / (last - before) + cube(last) * (before - t) / (last - before)) / scale
        for t in knots[:-2]
    ]


def coded(child: Child, knots: Sequence[float], weights: Mapping[int, tuple[float, float]]) -> dict[str, float] | None:
    """{term: number} of a child {age (weeks), weight (g), sex, multiple, steroids, outborn, anomaly}; None without a risk."""
    if any(child.get(name) is None for name in KNOWN):
        return None
    age, weight = child["age"], child["weight"]
    if not isinstance(age, int | float) or not isinstance(weight, int | float) or weight <= 0 or int(age) not in weights:
        return None
    mean, sd = weights[int(age)]
    z = (math.log(weight) - mean) / sd
    told = {f"age{place}": value for place, value in enumerate(spline(age, knots))}
    told |= {"intercept": 1.0, "weight": z, "small": min(0.0, z + 1)}
    return told | {name: float(child.get(key) == value) for name, (key, value) in YES_NO.items()}


@dataclass(frozen=True, kw_only=True)
class RiskModel:
    """A model as its file tells it (risk/model_file.py).

    `coefficients`: {term: number}; terms are `intercept`, `age0`.. (spline of weeks), `weight`, `small`, then yes or no.
    `weights`: the (mean, sd) of ln birth weight by whole week, from which z is reckoned. `first`, `last`: the years of
    admission of its children. `card`: how good it is. `invented`: not of real children.
    """

    code: str
    coefficients: Mapping[str, float]
    knots: Sequence[float]
    weights: Mapping[int, tuple[float, float]]
    card: Mapping
    first: int
    last: int
    made_on: str
    made_by: str
    sha256: str
    invented: bool = False

    @property
    def name(self) -> str:
        """'Sterftemodel demo, versie 1', with what has to be said of it wherever it is shown."""
        stem, _, version = self.code.rpartition("-")
        return f"model {stem}, versie {version}" + (" (verzonnen model)" if self.invented else "")

    def risk(self, child: Child) -> float | None:
        """The expected chance of death of a child; None where the model tells none."""
        told = coded(child, self.knots, self.weights)
        if told is None:
            return None
        return logistic(math.fsum(self.coefficients[name] * value for name, value in told.items()))

    @property
    def shortcomings(self) -> list[str]:
        """Why it may not be used, in sentences; empty when its card meets the bounds."""
        card, count, wrong = self.card, len(self.coefficients), []
        if card["deaths"] < DEATHS_PER_TERM * count:
            wrong.append(f"{card['deaths']} overleden kinderen zijn te weinig voor {count} coëfficiënten.")
        if card["auc_corrected"] < LEAST_AUC:
            wrong.append(f"Het onderscheidt te weinig: AUC {_decimal(card['auc_corrected'])}.")
        # On the children that it was fitted on the slope is 1, whatever the model.
        if not SLOPE[0] <= card["slope_corrected"] <= SLOPE[1]:
            wrong.append(f"De helling van de kalibratie is {_decimal(card['slope_corrected'])}.")
        return wrong


def _decimal(number):
    return f"{number:.2f}".replace(".", ",")
