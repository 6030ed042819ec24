"""`lnr-fit`: fit a model of expected deaths, by an analyst, with statsmodels (the extra `analysis`); web and worker never do.

A logistic regression by maximum likelihood (GLM, binomial). Deterministic: the same children give the same file, its day apart.
"""

import hashlib
import json
import math
import os
import random
import statistics
from collections import defaultdict
from importlib import import_module
from pathlib import Path

from models import clock, dutch
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.lnr.benchmark.limits import Z95, quantile
from models.lnr.benchmark.risk.case_mix_model import CaseMixModel
from models.lnr.benchmark.risk.cohort import cohort, cohort_size
from models.lnr.benchmark.risk.model_file import OUTCOME, POPULATION, first_wrong, read, written
from models.lnr.benchmark.statistics.calibration import auc, auc_interval, brier, by_decile, logistic
from models.lnr.benchmark.statistics.casemix import KNOWN, coded, terms
from settings import VERSION, settings

KNOTS = (0.05, 0.35, 0.65, 0.95)  # quantiles of gestational age at which the spline bends
FEWEST = 10  # children of a week of gestation, below which their weights tell no mean and spread
BOOTSTRAPS = 200
SEED = 20260101
MISSING = (
    "Hiervoor is statsmodels nodig, en dat hoort niet bij het portaal zelf. Doe dit op de machine van een analist: "
    'python -m pip install "statsmodels>=0.15,<0.16"'
)


LEFT_OUT = "weggelaten: een kenmerk onbekend, te weinig kinderen van die week, of niet te openen"
WRONG = {
    "code": "Een code is een naam en een versie, zoals sterfte-1.",
    "first": "Een opnamejaar heeft vier cijfers, vanaf 2000.",
    "last": "Het laatste opnamejaar ligt niet voor het eerste.",
    "made_by": "Noem wie het model maakt, op één regel van hoogstens 120 letters.",
}


def fit(chosen):
    """Fit a model on the registry's own children, and write its file: what is asked is looked at before a record is opened."""
    library()
    about = {"code": chosen.code, "first": chosen.first, "last": chosen.last, "made_by": chosen.by}
    if wrong := first_wrong(about):
        raise Refused(WRONG[wrong])
    CaseMixModel.demand_new(chosen.code)
    out = Path(chosen.out)
    if out.is_dir() or not os.access(out if out.exists() else out.parent, os.W_OK):
        raise Refused(f"{out}: hier kan geen bestand komen.")
    years = f"opnamejaren {chosen.first} tot en met {chosen.last}"
    told = f"{years}, {dutch.plural(cohort_size(chosen.first, chosen.last), 'kind', 'kinderen')}, door {chosen.by}"
    AuditEvent.log("lnr.model_fit", subject=f"LNR-model {chosen.code}", detail=told)
    rows = list(cohort(chosen.first, chosen.last))
    text = fitted(rows, about | {"made_on": f"{clock.today():%Y-%m-%d}", "invented": settings.demo})
    model = read(text)
    out.write_text(text, encoding="utf-8")
    card = model.card
    print(
        f"{chosen.out}: {model.name}, {dutch.plural(card['children'], 'kind', 'kinderen')}, {card['deaths']} overleden, "
        f"{card['left_out']} {LEFT_OUT}. AUC {card['auc']:.3f}, helling {card['slope']:.3f}."
    )
    print(
        "\n".join(model.shortcomings) or "Het model voldoet aan de eisen. Twee mensen van het LNR-beheer nemen het in gebruik."
    )


def library():
    """(GLM, Binomial) of statsmodels. Raises Refused with one sentence where it is not installed."""
    try:
        glm = import_module("statsmodels.genmod.generalized_linear_model").GLM
        return glm, import_module("statsmodels.genmod.families").Binomial
    except ImportError:
        raise Refused(MISSING) from None


def fitted(rows, about, bootstraps=BOOTSTRAPS):
    """The text of the model file of these [(predictors, band, died)]; `about`: what else stands in it."""
    known = [(child, band, died) for child, band, died in rows if all(child.get(name) is not None for name in KNOWN)]
    ages = [child["age"] for child, _, _ in known]
    weights = _weights(known)
    knots = [round(quantile(ages, level), 6) for level in KNOTS] if ages else []
    if len(set(knots)) < len(KNOTS):
        raise Refused("In deze jaren zijn er te weinig kinderen met een bekende uitkomst voor een model.")
    told = [(coded(child, knots, weights), band, died) for child, band, died in known]
    used = [(row, band, died) for row, band, died in told if row is not None]
    names = terms(len(knots))
    table, deaths = [[row[name] for name in names] for row, _, _ in used], [died for _, _, died in used]
    if not 0 < sum(deaths) < len(deaths):
        raise Refused("In deze jaren overleed niemand, of overleefde niemand: daarop past geen model.")
    coefficients, covariance = _regression(table, deaths)
    risks = _risks(table, coefficients)
    file = {
        **about,
        "outcome": OUTCOME,
        "population": POPULATION,
        "program": f"meldportaal {VERSION}",
        "rows_sha256": hashlib.sha256(json.dumps([table, deaths]).encode()).hexdigest(),
        "coefficients": dict(zip(names, coefficients, strict=True)),
        "covariance": covariance,
        "knots": knots,
        "weights": {str(week): list(pair) for week, pair in sorted(weights.items())},
        "card": _card(used, table, deaths, risks, len(rows) - len(used), bootstraps),
    }
    return written(file)


def _weights(known):
    """{whole week: (mean, sd) of ln birth weight}, of weeks with enough children."""
    found = defaultdict(list)
    for child, _, _ in known:
        found[int(child["age"])].append(math.log(child["weight"]))
    told = {week: (statistics.fmean(logs), statistics.stdev(logs)) for week, logs in found.items() if len(logs) >= FEWEST}
    return {week: (round(mean, 9), round(sd, 9)) for week, (mean, sd) in told.items() if sd > 0.001}


def _regression(table, deaths, offset=None):
    """(coefficients, covariance) of the logistic regression of deaths on the columns of a table."""
    glm, binomial = library()
    found = glm([float(died) for died in deaths], table, family=binomial(), offset=offset).fit(tol=1e-10, maxiter=100)
    pairs = found.params.tolist(), found.cov_params().tolist()
    if not found.converged or not all(math.isfinite(one) for one in [*pairs[0], *(one for row in pairs[1] for one in row)]):
        raise Refused("De regressie komt niet tot een uitkomst: een kenmerk scheidt overleden van levende kinderen helemaal.")
    return pairs


def _risks(table, coefficients):
    return [logistic(math.fsum(b * x for b, x in zip(coefficients, row, strict=True))) for row in table]


def _card(used, table, deaths, risks, left_out, bootstraps):
    """How good a model is on its own children, and corrected for optimism (Harrell) by drawing them anew."""
    died, found = sum(deaths), auc(risks, deaths)
    low, high = auc_interval(found, died, len(deaths) - died)
    optimism, corrected, drawn = _optimism(table, deaths, bootstraps)
    logits = [_logit(risk) for risk in risks]
    (intercept, slope), spread = _regression([[1.0, one] for one in logits], deaths)
    (large,), ((wide,),) = _regression([[1.0]] * len(logits), deaths, offset=logits)
    bands = defaultdict(lambda: [0, 0, 0.0])
    for (_, band, _), dead, risk in zip(used, deaths, risks, strict=True):
        bands[band] = [bands[band][0] + 1, bands[band][1] + dead, bands[band][2] + risk]
    return {
        "children": len(deaths),
        "deaths": died,
        "left_out": left_out,
        "bootstraps": drawn,
        "auc": found,
        "auc_low": low,
        "auc_high": high,
        "auc_corrected": min(1.0, found - optimism),
        "slope_corrected": corrected,
        "brier": brier(risks, deaths),
        **_with_interval("intercept", intercept, spread[0][0]),
        **_with_interval("slope", slope, spread[1][1]),
        **_with_interval("in_the_large", large, wide),
        "tenths": [list(group) for group in by_decile(risks, deaths)],
        "bands": dict(sorted(bands.items())),
    }


def _with_interval(name, value, variance):
    reach = Z95 * math.sqrt(variance)
    return {name: value, f"{name}_low": value - reach, f"{name}_high": value + reach}


def _optimism(table, deaths, bootstraps):
    """(by how much an AUC is larger on the children it was fitted on than on others, the slope of the calibration on those, n).

    `n`: of how many draws; one in which no regression has an outcome tells nothing and is not among them.
    """
    luck, found, slopes, size = random.Random(SEED), [], [], range(len(deaths))
    for _ in range(bootstraps):
        drawn = luck.choices(size, k=len(deaths))
        rows, ends = [table[place] for place in drawn], [deaths[place] for place in drawn]
        try:
            coefficients, _ = _regression(rows, ends)
            risks = _risks(table, coefficients)
            slopes.append(_regression([[1.0, _logit(risk)] for risk in risks], deaths)[0][1])
        except Refused:
            continue
        found.append(auc(_risks(rows, coefficients), ends) - auc(risks, deaths))
    if not found:
        raise Refused("Het model is niet te herhalen op getrokken kinderen: er zijn er te weinig.")
    return statistics.fmean(found), statistics.fmean(slopes), len(found)


def _logit(risk):
    return math.log(risk / (1 - risk))
