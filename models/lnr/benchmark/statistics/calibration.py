"""How good expected risks are: discrimination and calibration of risks against what happened (benchmark.md 3.5)."""

import math
from collections.abc import Sequence

from models.lnr.benchmark.limits import Z95, Limits, quantile


def logistic(x: float) -> float:
    """The chance that belongs to a logit."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


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


def auc_interval(found: float, died: int, lived: int) -> Limits:
    """The 95% interval of an AUC (Hanley and McNeil 1982), cut to [0, 1]."""
    if not (0 <= found <= 1 and died > 0 and lived > 0):
        raise ValueError("an AUC asks for children who died and children who lived")
    one, other = found / (2 - found), 2 * found**2 / (1 + found)
    told = found * (1 - found) + (died - 1) * (one - found**2) + (lived - 1) * (other - found**2)
    reach = Z95 * math.sqrt(max(0.0, told) / (died * lived))
    return max(0.0, found - reach), min(1.0, found + reach)


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
