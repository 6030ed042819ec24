"""Pregnancy, birth and where the child came from."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from models.lnr.message.header import is_number, numbers_of
from models.lnr.rules.registry import rule

if TYPE_CHECKING:
    from models.lnr.rules.registry import Hit
    from models.lnr.rules.subject import RuleSubject

# weeks from, weeks up to, usual birth weights in grams
BANDS = (
    (22, 23, 250, 900), (24, 25, 300, 1200), (26, 27, 350, 1600), (28, 29, 450, 2000), (30, 31, 550, 2500),
    (32, 33, 700, 3100), (34, 36, 900, 4700), (37, 45, 1400, 6500),
)  # fmt: skip
YOUNGEST, OLDEST = 12, 60  # mothers, in years
EXTREME, TERM, UNDER_34 = 154, 259, 238  # days


@rule("R-17")
def weight_for_age(case: "RuleSubject") -> "Iterator[Hit]":
    weight, age = case.stay.one("birth_weight_g"), case.stay.one("gestational_age_days")
    if weight is None or age is None:
        return
    weeks = int(age) // 7
    for first, last, low, high in BANDS:
        if first <= weeks <= last and not low <= weight <= high:
            yield case.hit("birth_weight_g", value=float(weight), weeks=weeks, low=low, high=high)


@rule("R-18")
def at_least_22_weeks(case: "RuleSubject") -> "Iterator[Hit]":
    if (case.stay.one("gestational_age_days") or EXTREME) < EXTREME:
        yield case.hit("gestational_age_days")


@rule("R-19")
def premature(case: "RuleSubject") -> "Iterator[Hit]":
    if (case.stay.one("gestational_age_days") or 0) >= TERM:
        yield case.hit("gestational_age_days")


@rule("R-20")
def multiple(case: "RuleSubject") -> "Iterator[Hit]":
    if case.stay.one("multiple_birth") is not True:
        return
    number = case.stay.one("number_born")
    if case.lacks("number_born") or (number is not None and number < 2):
        yield case.hit("number_born", "number")
    if case.lacks("birth_order"):
        yield case.hit("birth_order", "order")


@rule("R-51")
def possible_mother(case: "RuleSubject") -> "Iterator[Hit]":
    age = case.derived["mother_age"]
    if age is not None and not YOUNGEST <= age <= OLDEST:  # type: ignore[operator]
        yield case.hit("mother_birth_date")


@rule("R-37")
def hospital_of_origin(case: "RuleSubject") -> "Iterator[Hit]":
    if "hospital" not in case.stay.means("origin"):
        return
    if case.lacks("origin_institution_ids"):
        yield case.hit("origin_institution_ids", "missing")
    elif not _is_named(case, "origin_institution_ids"):
        yield case.hit("origin_institution_ids", "form")
    elif set(case.stay.all("origin_institution_ids")) & set(case.stay.all("sending_institution_ids")):
        yield case.hit("origin_institution_ids", "same")


@rule("R-38")
def hospital_of_birth(case: "RuleSubject") -> "Iterator[Hit]":
    if "hospital" in case.stay.means("birth_place_type") and case.lacks("birth_institution_ids"):
        yield case.hit("birth_institution_ids")
    elif not _is_named(case, "birth_institution_ids"):
        yield case.hit("birth_institution_ids", "form")


def _is_named(case: "RuleSubject", name: str) -> bool:
    """Whether one of these numbers is an AGB, URA or Perined number; none at all is another finding."""
    sent = case.stay.all(name)
    return not sent or any(is_number(*pair) for pair in numbers_of(sent))


@rule("R-44")
def steroids_and_magnesium(case: "RuleSubject") -> "Iterator[Hit]":
    for item in case.of.by_rule["R-44"]:
        if case.lacks(item.name) and case.holds(item.condition, case.stay):
            yield case.hit(item.name)
