"""Order of moments, and periods. Two moments are out of order only when that is certain: a date covers its whole day."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from models.lnr.dataset import moment
from models.lnr.dataset.moment import Moment
from models.lnr.derived.clinical import age_in_days, end_of_stay
from models.lnr.derived.complications import onset_by_date
from models.lnr.message.message_reader import Scope
from models.lnr.rules.registry import Hit, rule

if TYPE_CHECKING:
    from models.lnr.rules.subject import RuleSubject

# The admission has a rule of its own.
MAY_PRECEDE_BIRTH = ("mother_birth_date", "admission_datetime")
SLACK, HOUR, DAY = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)
PERIODS = (
    ("respiratory_supports", "respiratory_support_start", "respiratory_support_end"),
    ("infections", "infection_start", "infection_end"),
    ("lines", "line_start", "line_end"),
)


@rule("R-08")
def order(case: "RuleSubject") -> "Iterator[Hit]":
    born, admitted, left = (case.stay.one(name) for name in ("birth_datetime", "admission_datetime", "discharge_datetime"))
    if born and admitted and admitted.surely_before(born):
        yield case.hit("admission_datetime", "admission")
    if admitted and left and left.surely_before(admitted):
        yield case.hit("discharge_datetime", "discharge")


@rule("R-09")
def within_time(case: "RuleSubject") -> "Iterator[Hit]":
    now, born = moment.at(case.now), case.stay.one("birth_datetime")
    for value in case.moments:
        if now.surely_before(value.value, SLACK):
            yield case.hit_at(value, "future")
        elif born and value.item.name not in MAY_PRECEDE_BIRTH and value.value.surely_before(born):
            yield case.hit_at(value, "before")


@rule("R-23")
def periods(case: "RuleSubject") -> "Iterator[Hit]":
    for group, first, last in PERIODS:
        for row in case.stay.each(group):
            start, end = row.one(first), row.one(last)
            if start and end and end.surely_before(start):
                yield case.hit(last, "order", row)
    yield from _outside_stay(case)
    yield from _overlapping(case)


def _outside_stay(case: "RuleSubject") -> "Iterator[Hit]":
    born, ended = case.stay.one("birth_datetime"), end_of_stay(case.stay)
    for row in case.stay.each("respiratory_supports"):
        start, end = row.one("respiratory_support_start"), row.one("respiratory_support_end")
        late = ended and any(ended.surely_before(when, HOUR) for when in (start, end) if when)
        if late or (born and end and end.surely_before(born)):
            yield Hit(row.node, "outside")


def _end(row: Scope) -> Moment | None:
    """The end of a period; its start when the end was sent as unknown, None when it goes on."""
    sent = row.sent("respiratory_support_end")
    return row.one("respiratory_support_start") if sent and sent.null else row.one("respiratory_support_end")


def _overlapping(case: "RuleSubject") -> "Iterator[Hit]":
    rows = [
        (row.one("respiratory_support_start"), _end(row) or moment.at(case.now), row)
        for row in case.stay.each("respiratory_supports")
        if row.one("respiratory_support_start") and "invasive" in row.means("respiratory_support_type")
    ]
    rows.sort(key=lambda period: period[0].first)
    for (_, end, _), (start, _, row) in pairwise(rows):
        if start.surely_before(end):
            yield Hit(row.node, "overlap")


@rule("R-25")
def oxygen_on_day_28(case: "RuleSubject") -> "Iterator[Hit]":
    if case.stay.one("oxygen_day_28") is not True:
        return
    age, now = case.derived["lived_days_in_stay"], age_in_days(case.stay, "created_at")
    if age is not None and age < 28:  # type: ignore[operator]
        yield case.hit("oxygen_day_28")
    elif age is None and now is not None and now < 28:
        yield case.hit("oxygen_day_28", "young")


@rule("R-26")
def bpd_at_36_weeks(case: "RuleSubject") -> "Iterator[Hit]":
    born_at, age = case.stay.one("gestational_age_days"), case.derived["lived_days_in_stay"]
    if born_at is None or age is None or born_at + age >= 252:
        return
    for row in case.stay.each("respiratory_problems"):
        graded = row.means("respiratory_problem_code") & {"bpd1", "bpd2", "bpd3"}
        if graded and "absent" not in row.means("respiratory_problem_status"):
            yield case.hit("respiratory_problem_code", "", row)


@rule("R-30")
def onset_agrees(case: "RuleSubject") -> "Iterator[Hit]":
    for row in case.stay.each("infections"):
        by_date, sent = onset_by_date(case.stay, row), row.means("sepsis_onset")
        if by_date and sent and by_date not in sent:
            yield case.hit("sepsis_onset", "", row)


@rule("R-29")
def line_in_place(case: "RuleSubject") -> "Iterator[Hit]":
    for row in case.stay.each("infections"):
        began = row.one("infection_start")
        if row.one("line_sepsis") is True and began and not any(_covers(line, began) for line in case.stay.each("lines")):
            yield case.hit("line_sepsis", "", row)


def _covers(line: Scope, when: Moment) -> bool:
    """Whether a line may have been in place then; of one without a start or an end that is not excluded."""
    placed, removed = line.one("line_start"), line.one("line_end")
    return not (placed and when.surely_before(placed)) and not (removed and removed.surely_before(when))


@rule("R-52")
def measured_in_time(case: "RuleSubject") -> "Iterator[Hit]":
    born, left = case.stay.one("birth_datetime"), case.stay.one("discharge_datetime")
    weighed = case.stay.one("birth_weight_at")
    if born and weighed and born.surely_before(weighed, DAY):
        yield case.hit("birth_weight_at", "birth")
    for name in ("discharge_weight_at", "discharge_hc_at"):
        measured = case.stay.one(name)
        if left and measured and left.surely_before(measured, HOUR):
            yield case.hit(name, "discharge")


@rule("R-53")
def verified_before_sent(case: "RuleSubject") -> "Iterator[Hit]":
    verified, written = case.stay.one("verified_at"), case.stay.one("created_at")
    if verified and written and written.surely_before(verified):
        yield case.hit("verified_at")
    told = [
        name
        for name in ("discharge_datetime", "death_datetime")
        if (when := case.stay.one(name)) and written and written.surely_before(when, HOUR)
    ]
    if told:
        yield case.hit("created_at", "document", told=case.items[told[0]])


LONGEST = {"age": (3 * 365, 365), "stay": (2 * 365, 365)}  # days: more is refused, more is odd


@rule("R-54")
def within_years(case: Any) -> "Iterator[Hit]":
    age, stay = age_in_days(case.stay, "admission_datetime"), case.derived["nicu_days"]
    for what, days, name in (("age", age, "birth_datetime"), ("stay", stay, "discharge_datetime")):
        most, odd = LONGEST[what]
        if days is not None and days > odd:
            yield case.hit(name, what if days > most else f"{what}_odd")


@rule("R-45")
def temperature_in_time(case: "RuleSubject") -> "Iterator[Hit]":
    taken = case.stay.one("admission_temperature_at")
    since = [when for name in ("birth_datetime", "admission_datetime") if (when := case.stay.one(name))]
    if taken and since and not any(_within_an_hour(when, taken) for when in since):
        yield case.hit("admission_temperature_at")


def _within_an_hour(since: Moment, taken: Moment) -> bool:
    return not since.surely_before(taken, HOUR) and not taken.surely_before(since)
