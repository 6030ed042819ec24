"""The file of a model of expected deaths: JSON with a checksum, read strictly (benchmark.md 3.5).

code           name and version: 'sterfte-2'
outcome        the code of the indicator that it is about; population: of which children
first, last    the years of admission that it was fitted on; rows_sha256: over the children used
coefficients   {term: number}; covariance: rows in the order of casemix.terms
knots, weights how age and birth weight are coded (casemix.coded)
card           CARD below: numbers of children, discrimination and calibration with 95% intervals, tenths and bands
made_on, made_by, program, invented, sha256 (of all the rest)
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from models.base import Refused
from models.lnr.benchmark.statistics.casemix import RiskModel, terms
from models.typed_text import keepable, plain

LARGEST = 100_000  # bytes
OUTCOME, POPULATION = "sterfte", "V32"  # the one indicator that has models
CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*-[1-9][0-9]{0,2}")
LONGEST_CODE = 30
KEYS = {
    "code", "outcome", "population", "first", "last", "rows_sha256", "coefficients", "covariance", "knots", "weights", "card",
    "made_on", "made_by", "program", "invented", "sha256",
}  # fmt: skip
# What a card tells -> between which bounds. `left_out`: children of whom a predictor was unknown, of a week with too few of
# them, or whose record could not be opened; `bootstraps`: draws that gave a model.
COUNTS = {"children": 10_000_000, "deaths": 10_000_000, "left_out": 10_000_000, "bootstraps": 100_000}
SHARES = ("auc", "auc_low", "auc_high", "auc_corrected", "brier")
LOGITS = (
    "intercept", "intercept_low", "intercept_high", "slope", "slope_low", "slope_high", "slope_corrected", "in_the_large",
    "in_the_large_low", "in_the_large_high",
)  # fmt: skip
CARD = {*COUNTS, *SHARES, *LOGITS, "tenths", "bands"}
WITH_INTERVAL = ("auc", "intercept", "slope", "in_the_large")
WEEKS, STEEPEST = (20, 45), 1000.0
WEEK_NAMES = {str(week) for week in range(WEEKS[0], WEEKS[1] + 1)}  # '024' would be a second week of 24
NOT_ONE = "Dit is geen modelbestand: {}."


def fingerprint(told: Mapping[str, object]) -> str:
    """The sha256 of what a model file says, its own sum apart."""
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def written(told: Mapping[str, Any]) -> str:
    """The text of a model file with its checksum."""
    return json.dumps({**told, "sha256": fingerprint(told)}, sort_keys=True, indent=1) + "\n"


def read(raw: bytes | str) -> RiskModel:
    """The model of a file. Raises Refused for what is not whole, not by the rules, or changed since it was made."""
    raw = raw.encode() if isinstance(raw, str) else raw
    if len(raw) > LARGEST:
        raise Refused(f"Een modelbestand is hoogstens {LARGEST // 1000} kB groot.")
    try:
        told = json.loads(raw.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused(NOT_ONE.format("het is geen leesbare JSON")) from None
    if not isinstance(told, dict) or told.keys() != KEYS:
        strange = sorted(KEYS ^ told.keys()) if isinstance(told, dict) else sorted(KEYS)
        raise Refused(NOT_ONE.format(f"deze onderdelen ontbreken of horen er niet: {', '.join(strange)[:200]}"))
    if told["sha256"] != fingerprint({name: value for name, value in told.items() if name != "sha256"}):
        raise Refused("Het modelbestand is veranderd sinds het gemaakt is: de controlesom klopt niet.")
    if wrong := next(_wrong(told), None):
        raise Refused(NOT_ONE.format(f"‘{wrong}’ klopt niet"))
    wanted = set(terms(len(told["knots"])))
    if strange := sorted(wanted ^ told["coefficients"].keys()):
        raise Refused(f"In het modelbestand ontbreken termen of staan er te veel: {', '.join(strange)[:200]}.")
    about = ("code", "coefficients", "knots", "card", "first", "last", "made_on", "made_by", "sha256", "invented")
    weights = {int(week): (mean, sd) for week, (mean, sd) in told["weights"].items()}
    return RiskModel(weights=weights, **{name: told[name] for name in about})


def first_wrong(told: Mapping[str, Any]) -> str:
    """The first of these parts of a model file that is not by the rules; '' when all are."""
    checks = _checks(told)
    return next((name for name in checks if name in told and not checks[name](told[name])), "")


def _checks(told):
    """{part: whether a value of it is by the rules}."""
    return {
        "code": lambda x: isinstance(x, str) and len(x) <= LONGEST_CODE and CODE.fullmatch(x),
        "outcome": lambda x: x == OUTCOME,
        "population": lambda x: x == POPULATION,
        "first": lambda x: _whole(x, 9999) and x >= 2000,
        "last": lambda x: _whole(x, 9999) and x >= told["first"],
        "made_on": _day,
        "made_by": _line,
        "program": _line,
        "invented": lambda x: isinstance(x, bool),
        "rows_sha256": lambda x: isinstance(x, str) and re.fullmatch("[0-9a-f]{64}", x),
        "coefficients": lambda x: isinstance(x, dict) and all(_number(one, STEEPEST) for one in x.values()),
        "knots": _knots,
        "weights": lambda x: isinstance(x, dict) and x and all(_weight(*pair) for pair in x.items()),
        "covariance": lambda x: _square(x, len(told["coefficients"])),
        "card": lambda x: isinstance(x, dict) and x.keys() == CARD,
    }


def _wrong(told):
    """The names of the parts that are not by the rules, as far as the first matters."""
    if wrong := first_wrong(told):
        yield wrong
    card = told["card"]
    yield from (name for name, most in COUNTS.items() if not _whole(card[name], most))
    yield from (name for name in SHARES if not (_number(card[name], 1) and card[name] >= 0))
    yield from (name for name in LOGITS if not _number(card[name], STEEPEST))
    yield from (name for name in WITH_INTERVAL if not card[f"{name}_low"] <= card[name] <= card[f"{name}_high"])
    for name, low in (("tenths", 10), ("bands", 1)):
        groups = card[name].values() if isinstance(card[name], dict) else card[name]
        right = isinstance(groups, list if name == "tenths" else type({}.values())) and len(groups) >= low
        if not right or len(groups) > 10 or not all(map(_group, groups)) or _sums(groups) != (card["children"], card["deaths"]):
            yield name
    # Both are of the same children.
    if not math.isclose(_expected(card["tenths"]), _expected(card["bands"].values()), rel_tol=1e-6):
        yield "bands"


def _once(pairs):
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name stands there twice")
    return dict(pairs)


def _no_number(text):
    raise ValueError(text)


def _number(x, most):
    return isinstance(x, int | float) and not isinstance(x, bool) and abs(x) <= most  # which NaN and infinity are not


def _whole(x, most):
    return isinstance(x, int) and not isinstance(x, bool) and 0 <= x <= most


def _line(x):
    right = isinstance(x, str) and 0 < len(x) <= 120 and "\n" not in x
    return right and keepable(x) and plain(x) == x


def _day(x):
    try:
        return isinstance(x, str) and date.fromisoformat(x).isoformat() == x
    except ValueError:
        return False


def _knots(x):
    whole = isinstance(x, list) and 3 <= len(x) <= 7 and all(_number(one, WEEKS[1]) and one >= WEEKS[0] for one in x)
    return whole and x == sorted(set(x))


def _weight(week, pair):
    right = week in WEEK_NAMES and isinstance(pair, list) and len(pair) == 2
    return right and all(_number(one, 10) for one in pair) and pair[1] > 0.001


def _square(x, size):
    rows = isinstance(x, list) and len(x) == size and all(isinstance(row, list) and len(row) == size for row in x)
    return rows and all(_number(one, STEEPEST**2) for row in x for one in row)


def _group(x):
    """(children, observed, expected)."""
    whole = isinstance(x, list) and len(x) == 3 and all(_whole(one, 10_000_000) for one in x[:2])
    return whole and x[1] <= x[0] and _number(x[2], x[0]) and x[2] >= 0


def _sums(groups):
    return sum(one[0] for one in groups), sum(one[1] for one in groups)


def _expected(groups):
    return math.fsum(one[2] for one in groups)
