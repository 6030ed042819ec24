"""The expected risk of death by what was known at admission: applying a fitted logistic model, and how good it is (3.5).

A model is a file with coefficients; applying it is a dot product. It is fitted by an analyst, elsewhere. Nothing that happens
after admission is a term, so that care cannot improve its own expectation.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.base import Refused
from models.lnr.benchmark.limits import quantile

DEATHS_PER_TERM, LEAST_AUC, SLOPE = 10, 0.75, (0.9, 1.1)


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


@dataclass(frozen=True)
class RiskModel:
    """`coefficients`: {term: number}; terms are `intercept`, `age0`.. (spline of weeks), `weight`, `small`, then yes or no.

    `weights`: the (mean, sd) of ln birth weight by whole week, from which z is reckoned. `invented`: not of real children.
    """

    code: str
    coefficients: Mapping[str, float]
    knots: Sequence[float]
    weights: Mapping[int, tuple[float, float]]
    card: Mapping[str, float]
    invented: bool = False

    @classmethod
    def read(cls, text: str) -> "RiskModel":
        """A model from its file. Raises Refused when its sum is wrong, a term is missing or a coefficient is no number."""
        try:
            told = json.loads(text)
            if told.pop("sha256") != fingerprint(told):
                raise Refused("Het modelbestand is veranderd sinds het gemaakt is: de controlesom klopt niet.")
            weights = {int(week): tuple(pair) for week, pair in told["weights"].items()}
            model = cls(told["code"], told["coefficients"], told["knots"], weights, told["card"], told.get("invented", False))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused(f"Dit is geen modelbestand: {error}.") from error
        numbers = [*model.coefficients.values(), *model.knots, *(number for pair in weights.values() for number in pair)]
        if not all(isinstance(number, int | float) and math.isfinite(number) for number in numbers):
            raise Refused("In het modelbestand staat een coëfficiënt die geen getal is.")
        wanted = {"intercept", *(f"age{place}" for place in range(len(model.knots) - 1)), *TERMS}
        if strange := wanted ^ model.coefficients.keys():
            raise Refused(f"In het modelbestand ontbreken termen of staan er te veel: {', '.join(sorted(strange))}.")
        return model

    def risk(self, child: Mapping[str, object]) -> float | None:
        """The expected chance of death of a child {age (weeks), weight (g), ...}; None without age or weight."""
        age, weight = child.get("age"), child.get("weight")
        if (
            not isinstance(age, int | float)
            or not isinstance(weight, int | float)
            or weight <= 0
            or int(age) not in self.weights
        ):
            return None
        mean, sd = self.weights[int(age)]
        z = (math.log(weight) - mean) / sd
        terms = {f"age{place}": value for place, value in enumerate(spline(age, self.knots))}
        terms |= {"intercept": 1.0, "weight": z, "small": min(0.0, z + 1)}
        terms |= {name: float(child.get(key) == value) for name, (key, value) in YES_NO.items()}
        return logistic(math.fsum(self.coefficients[name] * value for name, value in terms.items()))

    @property
    def shortcomings(self) -> list[str]:
        """Why it may not be used, in sentences; empty when its card meets the bounds."""
        card, terms, wrong = self.card, len(self.coefficients), []
        if card["deaths"] < DEATHS_PER_TERM * terms:
            wrong.append(f"{card['deaths']} overleden kinderen zijn te weinig voor {terms} coëfficiënten.")
        if card["auc"] < LEAST_AUC:
            wrong.append(f"Het onderscheidt te weinig: AUC {card['auc']:.2f}.")
        if not SLOPE[0] <= card["slope"] <= SLOPE[1]:
            wrong.append(f"De helling van de kalibratie is {card['slope']:.2f}.")
        return wrong


YES_NO = {
    "male": ("sex", "male"),
    "multiple": ("multiple", True),
    "steroids": ("steroids", True),
    "steroids_unknown": ("steroids", None),
    "outborn": ("outborn", True),
    "anomaly": ("anomaly", True),
}
TERMS = {"weight", "small", *YES_NO}


def fingerprint(told: Mapping[str, object]) -> str:
    """The sha256 of what a model file says, its own sum apart."""
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


# ---- how good a model is --------------------------------------------------------------------------------------------------


def auc(risks: Sequence[float], deaths: Sequence[bool]) -> float:
    """The chance that one who died had the higher risk (c-statistic); ties count half. Raises ValueError without both."""
    died = sum(deaths)
    if not 0 < died < len(deaths):
        raise ValueError("an AUC asks for children who died and children who lived")
    ordered = sorted(zip(risks, deaths, strict=True))
    ranks, place = 0.0, 0
    while place < len(ordered):
        end = place
        while end < len(ordered) and ordered[end][0] == ordered[place][0]:
            end += 1
        ranks += (place + 1 + end) / 2 * sum(dead for _, dead in ordered[place:end])
        place = end
    return (ranks - died * (died + 1) / 2) / (died * (len(deaths) - died))


def brier(risks: Sequence[float], deaths: Sequence[bool]) -> float:
    """The mean squared distance between risk and outcome."""
    return math.fsum((risk - died) ** 2 for risk, died in zip(risks, deaths, strict=True)) / len(risks)


def calibration(risks: Sequence[float], deaths: Sequence[bool]) -> tuple[float, float]:
    """(intercept, slope) of the logistic regression of the outcome on the logit of the risk; perfect is (0, 1)."""
    logits = [math.log(risk / (1 - risk)) for risk in risks]
    a, b = 0.0, 1.0
    for _ in range(50):
        fitted = [logistic(a + b * x) for x in logits]
        w = [p * (1 - p) for p in fitted]
        r = [died - p for died, p in zip(deaths, fitted, strict=True)]
        g0, g1 = math.fsum(r), math.fsum(x * y for x, y in zip(logits, r, strict=True))
        h00, h01 = math.fsum(w), math.fsum(x * y for x, y in zip(logits, w, strict=True))
        h11 = math.fsum(x * x * y for x, y in zip(logits, w, strict=True))
        room = h00 * h11 - h01 * h01
        if room <= 0:
            raise ValueError("all risks are the same")
        step = (h11 * g0 - h01 * g1) / room, (h00 * g1 - h01 * g0) / room
        a, b = a + step[0], b + step[1]
        if max(map(abs, step)) < 1e-12:
            break
    return a, b


def by_decile(risks: Sequence[float], deaths: Sequence[bool]) -> list[tuple[int, int, float]]:
    """(children, observed, expected) in ten groups of rising risk."""
    cuts = [quantile(risks, place / 10) for place in range(1, 10)]
    groups = [[0, 0, 0.0] for _ in range(10)]
    for risk, died in zip(risks, deaths, strict=True):
        group = groups[sum(risk > cut for cut in cuts)]
        group[0] += 1
        group[1] += died
        group[2] += risk
    return [(n, o, e) for n, o, e in groups]  # type: ignore[misc]
