"""Values that the registry computes itself from the values of one stay; those about breathing are in breathing.py.

What each means, for whom and at which moment, stands in `derived.csv`. A value is told, or a Why says why it is not: 'unknown'
is never 'no', and who did not reach the moment is outside.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from models.lnr.dataset import moment
from models.lnr.dataset.definition import definition
from models.lnr.dataset.moment import Moment
from models.lnr.derived import complications
from models.lnr.derived.presence import Why
from models.lnr.message.header import is_number, numbers_of
from models.lnr.message.message_reader import Scope
from models.lnr.message.validation_context import Context

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def derive(stay: Scope, now: Any, context: Any) -> dict:
    """The derived values of a Scope by name: a value, a Told or a Why."""
    found = _age_at_birth(stay) | _length(stay) | {"rop_at_risk": _at_risk(stay), "lived_28_days": _lived_28_days(stay, now)}
    here_until = None if end_is_unknown(stay) else end_of_stay(stay) or known_until(stay, now)
    found |= complications.derive(stay, found["rop_at_risk"], found["lived_28_days"], here_until)
    return found | _lines(stay, now) | _place(stay, context)


def age_in_days(stay: Scope, name: str) -> Any:
    """Whole calendar days from birth to this moment of the stay; None when either is unknown."""
    born, then = stay.one("birth_datetime"), stay.one(name)
    return (then.day - born.day).days if born and then else None


def end_of_stay(stay: Scope) -> Moment:
    """The moment of discharge, or of death; None while the child is admitted or when neither is known."""
    return stay.one("discharge_datetime") or stay.one("death_datetime")


def end_is_unknown(stay: Scope) -> bool:
    """Whether the child may have left at a moment that nobody told: it is not said to be here still."""
    return end_of_stay(stay) is None and stay.one("still_admitted") is not True


def known_until(stay: Scope, now: datetime) -> Moment:
    """The moment until which the message can know: when it was written, at the latest when it was received."""
    written, received = stay.one("created_at"), moment.at(now)
    return written if written and written.last < received.first else received


def days_covered(periods: Sequence[tuple[date, date]], since: date, until: date) -> int:
    """How many days of the calendar these (first, last) periods touch from `since` to `until`; a day counts once."""
    days, counted = 0, since - DAY
    for first, last in sorted(periods):
        first, last = max(first, counted + DAY), min(last, until)
        days += max(0, (last - first).days + 1)
        counted = max(counted, last)
    return days


def last_day(end: Moment, start: Moment | None = None) -> date:
    """The last day of a period that ends at this moment: one that ends at midnight ends the day before."""
    at_midnight = end.exact and end.first == moment.of_day(end.day).first and (start is None or start.first < end.first)
    return end.day - DAY if at_midnight else end.day


def first_and_last(start: Moment | None, end: Moment | None, unknown: bool, until: Moment) -> tuple[date | None, date | None]:
    """The first and the last day of a period, each None when it is not known.

    `unknown`: an end was sent as unknown; without any end the period goes on `until` that moment.
    """
    return start.day if start else None, None if unknown else last_day(end or until, start)


def _age_at_birth(stay: Scope) -> dict[str, int | str]:
    days, born, mother = stay.one("gestational_age_days"), stay.one("birth_datetime"), stay.one("mother_birth_date")
    admitted = stay.one("admission_datetime")
    exact = born and admitted and born.exact and admitted.exact
    weeks, rest = divmod(int(days), 7) if days is not None else (Why.INPUT, Why.INPUT)
    return {
        "ga_weeks": weeks,
        "ga_days": rest,
        "gestational_age": Why.INPUT if days is None else f"{weeks}+{rest}",
        "mother_age": _years(mother.day, born.day) if mother and born else Why.INPUT,
        "age_at_admission_minutes": int((admitted.first - born.first) / timedelta(minutes=1)) if exact else Why.INPUT,
    }


def _years(since: date, until: date) -> int:
    return until.year - since.year - ((until.month, until.day) < (since.month, since.day))


def _length(stay: Scope) -> dict[str, Why | int]:
    admitted, ended = stay.one("admission_datetime"), end_of_stay(stay)
    missing = Why.NOT_YET if stay.one("still_admitted") is True else Why.INPUT
    age = age_in_days(stay, "discharge_datetime" if stay.one("discharge_datetime") else "death_datetime")
    return {
        "nicu_days": max(1, (ended.day - admitted.day).days) if admitted and ended else missing,
        "lived_days_in_stay": missing if age is None else age,
        "discharged_alive": _left_alive(stay),
    }


def _left_alive(stay: Scope) -> Why | bool:
    left, died, deceased = stay.one("discharge_datetime"), stay.one("death_datetime"), stay.one("deceased")
    if stay.one("death_in_delivery_room"):
        return False
    if stay.one("still_admitted") is True and not left:
        return Why.NOT_YET
    if not left:
        return False if died or deceased else Why.INPUT
    if died:
        return left.surely_before(died, HOUR)
    if deceased is None:
        return True if stay.one("discharge_destination") else Why.INPUT
    return not deceased


def _at_risk(stay: Scope) -> Any:
    age, weight = stay.one("gestational_age_days"), stay.one("birth_weight_g")
    told = {None if age is None else age < 224, None if weight is None else weight < 1500}
    return True if True in told else Why.INPUT if None in told else False


def _lived_28_days(stay: Scope, now: datetime) -> Any:
    born, died, left = stay.one("birth_datetime"), stay.one("death_datetime"), age_in_days(stay, "discharge_datetime")
    if born is None:
        return Why.INPUT
    if died:
        return (died.day - born.day).days >= 28
    if left is not None and left >= 28:
        return True
    if stay.one("deceased") is not False:
        return Why.INPUT
    return (known_until(stay, now).day - born.day).days >= 28 or Why.NOT_YET


def _lines(stay: Scope, now: datetime) -> dict[str, Why | int]:
    """Days with a line of this stay: without an end it counts to the end of the stay, without a start the days are unknown."""
    admitted, ended, rows = stay.one("admission_datetime"), end_of_stay(stay) or known_until(stay, now), stay.each("lines")
    starts = [row.one("line_start") for row in rows]
    if not rows:
        return {"line_days": Why.SECTION}
    if admitted is None or not all(starts) or any((sent := row.sent("line_end")) and sent.null for row in rows):
        return {"line_days": Why.INPUT if admitted is None else Why.PERIOD}
    if end_is_unknown(stay) and any(row.one("line_end") is None for row in rows):
        return {"line_days": Why.PERIOD}
    ends = [row.one("line_end") or ended for row in rows]
    periods = [(start.day, last_day(end, start)) for start, end in zip(starts, ends, strict=True)]
    return {"line_days": days_covered(periods, admitted.day, last_day(ended))}


def _place(stay: Any, context: Context) -> dict[str, Why | bool]:
    numbers, ours = (
        {pair for pair in stay.all(name) if numbers_of([pair]) and is_number(*numbers_of([pair])[0])}
        for name in ("birth_institution_ids", "sending_institution_ids")
    )
    place = stay.sent("birth_place_type")
    outborn = Why.INPUT
    if place and place.value is not None and "hospital" not in place.known.meaning:
        outborn = True  # type: ignore[assignment]
    elif {root for root, _ in numbers} & {root for root, _ in ours}:
        outborn = not numbers & ours  # type: ignore[assignment]
    admitted, (root, name) = stay.one("admission_datetime"), stay.one("case_set_id")
    before = any(context.was_in_nicu(child, admitted and admitted.first, root, name) for child in stay.all("child_ids"))
    scope = in_scope(stay.one("intensive_care_admission"), stay.all("admission_indication"), before)
    return {"outborn": outborn, "in_scope": Why.INPUT if scope is None else scope}


def in_scope(intensive: bool | None, indications: Any, before: bool) -> bool | None:
    """Whether a stay belongs in the registry: in intensive care, or of a child that was there `before`; None when unknown.

    `indications`: the codes for which the child was admitted; one of them is that it comes from a NICU, and without any that
    is not known.
    """
    known = definition().choices(definition().items["admission_indication"])
    followed = any("followup" in code.meaning for code in known if code.code in indications)
    if intensive or followed or before:
        return True
    return intensive if indications else None
