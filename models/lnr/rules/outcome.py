"""Discharge and death."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from models.lnr.rules.registry import rule

if TYPE_CHECKING:
    from models.lnr.rules.registry import Hit
    from models.lnr.rules.subject import RuleSubject

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOT_BEFORE_DISCHARGE = ("discharge_datetime", "discharge_destination", "discharge_weight_g")


@rule("R-10")
def death_and_date(case: "RuleSubject") -> "Iterator[Hit]":
    deceased = case.stay.one("deceased")
    died = case.stay.one("death_datetime")
    if deceased is True and not died:
        yield case.hit("death_datetime", "date")
    if deceased is not True and died:
        yield case.hit("death_datetime", "deceased")


@rule("R-11")
def discharge_of_the_dead(case: "RuleSubject") -> "Iterator[Hit]":
    died, left = case.stay.one("death_datetime"), case.stay.one("discharge_datetime")
    if not died or not left:
        return
    outside = left.surely_before(died, HOUR)
    if outside and case.lacks("discharge_destination"):
        yield case.hit("death_datetime", "late")
    if not outside and case.stay.one("discharge_destination"):
        yield case.hit("discharge_destination", "destination")


@rule("R-12")
def circumstances(case: "RuleSubject") -> "Iterator[Hit]":
    for item in case.of.by_rule["R-12"]:
        if case.stay.one("deceased") is True and case.lacks(item.name):
            yield case.hit(item.name)


@rule("R-13")
def within_12_hours(case: "RuleSubject") -> "Iterator[Hit]":
    said, admitted, died = (case.stay.one(name) for name in ("death_within_12h", "admission_datetime", "death_datetime"))
    if said is None or not admitted or not died:
        return
    surely, perhaps = died.last - admitted.first < 12 * HOUR, died.first - admitted.last < 12 * HOUR
    if (said and not perhaps) or (surely and not said):
        yield case.hit("death_within_12h")


@rule("R-14")
def delivery_room(case: "RuleSubject") -> "Iterator[Hit]":
    if case.stay.one("death_in_delivery_room") is not True:
        return
    born, died = case.stay.one("birth_datetime"), case.stay.one("death_datetime")
    if born and died and born.surely_before(died, DAY):
        yield case.hit("death_datetime", "time")
    if case.stay.one("discharge_destination"):
        yield case.hit("discharge_destination", "destination")
    if sent := next((value for value in case.values if value.item.section == "R" and value.value is not None), None):
        yield case.hit_at(sent, "follow_up")


@rule("R-33")
def still_admitted(case: "RuleSubject") -> "Iterator[Hit]":
    if case.stay.one("still_admitted") is not True:
        return
    yield case.hit("still_admitted", "interim")
    yield from (case.hit(name, "contradiction") for name in NOT_BEFORE_DISCHARGE if case.stay.one(name) is not None)


@rule("R-34")
def discharge_weight(case: "RuleSubject") -> "Iterator[Hit]":
    weight, born, age = case.stay.one("discharge_weight_g"), case.stay.one("birth_weight_g"), case.derived["lived_days_in_stay"]
    if weight is None or born is None or age is None:
        return
    if not 0.7 * born <= weight <= born + 60 * age + 500:
        yield case.hit("discharge_weight_g", value=float(weight))


@rule("R-35")
def head(case: "RuleSubject") -> "Iterator[Hit]":
    before, after = case.stay.one("head_circumference_cm"), case.stay.one("discharge_hc_cm")
    if before is not None and after is not None and after < before - 1:
        yield case.hit("discharge_hc_cm")


@rule("R-36")
def support_at_home(case: "RuleSubject") -> "Iterator[Hit]":
    elsewhere = case.stay.one("discharge_destination") and "home" not in case.stay.means("discharge_destination")
    if elsewhere and case.stay.all("home_support"):
        yield case.hit("home_support")
