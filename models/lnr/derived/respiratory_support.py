"""Respiratory support in days and on set days, and BPD: the derived values about breathing (see derived.py and `derived.csv`).

A row of support that does not say what, or since when, leaves open whatever it could be: then the answer is a Why, not 'none'.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from models.lnr.dataset.moment import Moment
from models.lnr.derived.clinical import days_covered, end_is_unknown, end_of_stay, first_and_last, known_until, last_day
from models.lnr.derived.complications import LUNGS
from models.lnr.derived.presence import Graded, Problems, Told, Why, highest
from models.lnr.message.message_reader import Scope

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WEEKS_36, WEEKS_32 = 252, 224  # days of postmenstrual age
CLASSES = ("invasive", "noninvasive", "oxygen")  # the strongest first
JENSEN = {"none": 0, "low": 1, "oxygen": 1, "noninvasive": 2, "invasive": 3}


def derive(stay: Scope, now: Any) -> dict:
    """The derived values about breathing of a Scope, by name: a value, a Told or a Why."""
    days = {f"{word}_days": _days_here(stay, word, now) for word in CLASSES}
    at = {"support_at_28d": _support(stay, _day_28(stay), now), "support_at_36w": _support(stay, _day_36w(stay), now)}
    follows = {"day_28_follows": _is_elsewhere(stay, _day_28(stay)), "week_36_follows": _is_elsewhere(stay, _day_36w(stay))}
    return days | at | follows | _bpd(stay, now)


def _days_here(stay: Scope, word: str, now: datetime) -> Any:
    """Days of the calendar on which support of a class was given in this stay."""
    admitted, ended = stay.one("admission_datetime"), end_of_stay(stay) or known_until(stay, now)
    if admitted is None:
        return Why.INPUT
    found = _periods(stay, [word], now)
    return found if isinstance(found, Why) else days_covered(found, admitted.day, last_day(ended, admitted))


def _days_ever(stay: Scope, words: Sequence[str], now: datetime) -> Why | int:
    """The same since birth, also before the admission, of any of these classes."""
    found, born = _periods(stay, words, now), stay.one("birth_datetime")
    return (
        found if isinstance(found, Why) else days_covered(found, born.day, max((last for _, last in found), default=born.day))
    )


def _periods(stay: Scope, words: Sequence[str], now: datetime) -> Any:
    """The (first, last) days of every row that may be of these classes; a Why when one of them is told by halves.

    Without such a row: a Why, unless it was told that there was none.
    """
    rows = [row for row in stay.each("respiratory_supports") if any(_may_be(row, word) for word in words)]
    if not rows:
        return _silence(stay) or []
    found = [_first_and_last(stay, row, now) for row in rows]
    halves = any(_kind(row) is None for row in rows) or any(None in period for period in found)
    return Why.PERIOD if halves else found


def _silence(stay: Scope) -> Why | None:
    """Why there may have been a support that no row tells of; None when there was none."""
    given = stay.one("respiratory_support_given")
    if given is None:
        return Why.SECTION
    return Why.NAME if given and not stay.each("respiratory_supports") else None


def _kind(row: Scope) -> Any:
    """The words of the kind of support of a row; None when it does not say."""
    return row.means("respiratory_support_type") or None


def _may_be(row: Scope, word: str) -> bool:
    return word in (_kind(row) or CLASSES)


def _first_and_last(stay: Scope, row: Scope, now: datetime) -> Any:
    """The first and the last day of a row of support, each None when it is not known."""
    start, end, said = (
        row.one("respiratory_support_start"),
        row.one("respiratory_support_end"),
        row.sent("respiratory_support_end"),
    )
    unknown = bool(said and said.null) or (end is None and end_is_unknown(stay))
    return first_and_last(start, end, unknown, end_of_stay(stay) or known_until(stay, now))


def _is_elsewhere(stay: Scope, day: date) -> Why | bool:
    """Whether this day came after the child went elsewhere than home, and before the message was written."""
    left, died, written, deceased = (
        stay.one(name) for name in ("discharge_datetime", "death_datetime", "created_at", "deceased")
    )
    if not left or day is None or stay.one("discharge_destination") is None:
        return Why.INPUT
    if last_day(left) >= day or "home" in stay.means("discharge_destination") or (written and written.day < day):
        return False
    if died:
        return died.day >= day
    return Why.INPUT if deceased is None else not deceased


def _left_before(stay: Scope, day: date) -> bool:
    """Whether the child had left by this day, and not for home: then 'none' is not an answer about this day."""
    left = stay.one("discharge_datetime")
    return bool(left) and last_day(left) < day and "home" not in stay.means("discharge_destination")


def _day_28(stay: Scope) -> Any:
    born = stay.one("birth_datetime")
    return born.day + 28 * DAY if born else None


def _day_36w(stay: Scope) -> Any:
    born, age = stay.one("birth_datetime"), stay.one("gestational_age_days")
    return born.day + DAY * int(WEEKS_36 - age) if born and age is not None else None


def _support(stay: Scope, day: date, now: datetime) -> Any:
    """The strongest class of support on this day of the stay, 'none' without any, or why that is not known."""
    admitted, died = stay.one("admission_datetime"), stay.one("death_datetime")
    if day is None or admitted is None:
        return Why.INPUT
    if died and died.day < day:
        return Why.NOT_REACHED
    ended = end_of_stay(stay)
    if ended is None and known_until(stay, now).day < day:
        return Why.NOT_YET
    if admitted.day > day or (ended and last_day(ended) < day):
        return Why.ELSEWHERE
    for word in CLASSES:
        given = {_is_given(stay, row, word, day, now) for row in stay.each("respiratory_supports")}
        if True in given:
            return word
        if None in given:
            return Why.PERIOD
    return _silence(stay) or (Why.INPUT if end_is_unknown(stay) else "none")


def _is_given(stay: Scope, row: Scope, word: str, day: date, now: datetime) -> Any:
    """Whether a row says that support of this class was given on this day; None when it may have been.

    ECMO says nothing of the support beside it.
    """
    kind, (first, last) = _kind(row), _first_and_last(stay, row, now)
    if (first and day < first) or (last and last < day) or not ("ecmo" in (kind or ()) or _may_be(row, word)):
        return False
    sure = kind and word in kind and first and (last or day == first)
    return True if sure else None


def _bpd(stay: Scope, now: datetime) -> dict[str, Why | int]:
    return {
        "bpd_grade_reported": _reported(stay, now),
        "bpd_grade_jobe_bancalari": _jobe(stay, now),
        "bpd_grade_jensen": _jensen(stay, now),
    }


def _reported(stay: Scope, now: datetime) -> Any:
    """The highest grade that was sent as a confirmed problem, or of after discharge.

    It is graded at 36 weeks, or on going home before: that there was none until an earlier day says nothing.
    """
    problems, later = Problems(stay, LUNGS), highest(stay.means("fu_bpd_grade"), "bpd")
    bpd = Graded(problems, "bpd", lambda words: highest(words, "bpd"))
    top = max((grade for grade in (bpd.top, later) if grade is not None), default=None)
    bpd.top = top
    doubt = bpd.doubt((top or 0) + 1) if top != 3 else None
    if doubt or top:
        return doubt or top
    none = problems.without(bpd.mine)
    if none is False:
        return _not_graded(stay, now) or Why.NONE
    return none.why if isinstance(none, Told) else none


def _not_graded(stay: Scope, now: datetime) -> Why | None:
    """Why no grade was told yet by what a stay and its follow-up say; None when it could have been."""
    day, died, ended = _day_36w(stay), stay.one("death_datetime"), end_of_stay(stay)
    if day is None:
        return Why.INPUT
    if died and died.day < day:
        return Why.NOT_REACHED
    if ended is None:
        if known_until(stay, now).day < day:
            return Why.NOT_YET
        return Why.INPUT if end_is_unknown(stay) else None
    later = stay.sent("fu_bpd_grade")
    if not _left_before(stay, day) or (later and later.null == "NA"):
        return None
    return Why.ELSEWHERE if stay.one("discharge_destination") else Why.INPUT


def _jobe(stay: Any, now: datetime) -> Why | int:
    """Jobe and Bancalari 2001: oxygen for 28 days or more; then by support at the moment of grading.

    That is 36 weeks below 32 weeks of gestation and day 56 from there on, or the day of going home before it.
    """
    born, age, died = stay.one("birth_datetime"), stay.one("gestational_age_days"), stay.one("death_datetime")
    if born is None or age is None or (stay.one("deceased") and died is None):
        return Why.INPUT
    day = _day_36w(stay) if age < WEEKS_32 else born.day + 56 * DAY
    home = _home_before(stay, day)
    if died and died.day < (home.day if home else day):
        return Why.NOT_REACHED
    if not home and not died and known_until(stay, now).day < day:
        return Why.NOT_YET
    oxygen = _oxygen_for_28_days(stay, home, now)
    if oxygen is not True:
        return oxygen or 0
    if home:
        support = _support_going_home(stay, home, now)
    else:
        support = _known_at_36w(stay, now) if age < WEEKS_32 else _support(stay, day, now)
    return _grade(support, stay.one("oxygen_36w") if age < WEEKS_32 and not home else None)


def _grade(support: str, oxygen: bool | None) -> Any:
    """1 without support, 2 with oxygen, 3 with positive pressure. `oxygen`: what was sent about 36 weeks beside it.

    The share of oxygen is not in the dataset, so severe by 30% oxygen is not seen.
    """
    if support in ("invasive", "noninvasive"):
        return 3
    if support in ("oxygen", "low") or (oxygen and support == "none"):
        return 2
    return 1 if support == "none" else support


def _oxygen_for_28_days(stay: Scope, home: Moment | None, now: datetime) -> Why | bool:
    here, later = stay.one("oxygen_day_28"), stay.one("fu_oxygen_day_28")
    answers = {later, None if here is False and _left_before(stay, _day_28(stay)) else here}
    days = _days_ever(stay, ["oxygen"], now)
    if True in answers or (not isinstance(days, Why) and days >= 28):
        return True
    if False in answers:
        return False
    at_home = home and last_day(home) < _day_28(stay) and _support_going_home(stay, home, now) == "none"
    if stay.one("respiratory_support_given") is False and not stay.each("respiratory_supports"):
        # Of a child that was elsewhere on day 28 it says nothing that it had no support here.
        here = _support(stay, _day_28(stay), now)
        return False if at_home or here == "none" else here
    # At home before day 28 without support, and fewer days of any support than that.
    if at_home:
        every = _days_ever(stay, [*CLASSES, "ecmo"], now)
        if not isinstance(every, Why) and every < 28 and _was_here_from_birth(stay):
            return False
    return Why.INPUT


def _was_here_from_birth(stay: Scope) -> Any:
    born, admitted = stay.one("birth_datetime"), stay.one("admission_datetime")
    return bool(admitted) and admitted.day - born.day <= DAY


def _jensen(stay: Scope, now: datetime) -> Why | int:
    """Jensen 2019, below 32 weeks: by support at 36 weeks alone."""
    age, died, day = stay.one("gestational_age_days"), stay.one("death_datetime"), _day_36w(stay)
    if day is None:
        return Why.INPUT
    if age >= WEEKS_32:
        return Why.NOT_DUE
    if died and died.day < day:
        return Why.NOT_REACHED
    found = _known_at_36w(stay, now)
    return found if isinstance(found, Why) else JENSEN[found]


def _known_at_36w(stay: Scope, now: datetime) -> str:
    """What was sent about 36 weeks counts before what the periods say; 'none' not from before that day."""
    said, day = stay.means("support_36w"), _day_36w(stay)
    word = next((word for word in ("none", "low", "noninvasive", "invasive") if word in said), None)
    found = _support(stay, day, now)
    return found if word is None or (word == "none" and (found is Why.NOT_YET or _left_before(stay, day))) else word


def _home_before(stay: Scope, day: date) -> Moment | None:
    """The moment at which the child went home alive before this day; None when it did not, or that is not known."""
    left, died = stay.one("discharge_datetime"), stay.one("death_datetime")
    alive = left and (not died or left.surely_before(died, HOUR))
    return left if alive and last_day(left) < day and "home" in stay.means("discharge_destination") else None


def _support_going_home(stay: Scope, home: Moment, now: datetime) -> Any:
    support = _support(stay, last_day(home), now)
    at_home = any("oxygen" in value.known.meaning for value in stay.values.get("home_support", ()) if value.known)
    return "oxygen" if at_home and (support == "none" or isinstance(support, Why)) else support
