"""Respiratory support in days and on set days, and BPD: the derived values about breathing (see derived.py).

A row of support that does not say what, or since when, leaves open whatever it could be: then the answer is None, not 'none'.
"""

from datetime import date, timedelta

from models.lnr.dataset import moment
from models.lnr.derived.clinical import confirmed, end_of_stay, highest

DAY = timedelta(days=1)
WEEKS_36 = 252  # days of postmenstrual age
CLASSES = ("invasive", "noninvasive", "oxygen")  # the strongest first


def derive(stay, now):
    """The derived values about breathing of a Scope, by name; JSON can hold them all."""
    return _days_of_support(stay, now) | _support_at(stay, now) | _bpd(stay, now) | _follows(stay)


def _days_of_support(stay, now):
    """Calendar days on which support of a class was given; a day counts once, however many periods touch it.

    A period without an end goes on until the end of the stay, or until now. ECMO is of no class.
    """
    return {f"{word}_days": _days(stay, word, now) for word in CLASSES}


def _days(stay, word, now):
    rows = [row for row in stay.each("respiratory_supports") if _may_be(row, word)]
    if not _is_answered(stay) or any(_kind(row) is None or None in _first_and_last(stay, row, now) for row in rows):
        return None
    days, counted = 0, date.min
    for first, last in sorted(_first_and_last(stay, row, now) for row in rows):
        days += max(0, (last - max(first, counted + DAY)).days + 1)
        counted = max(counted, last)
    return days


def _is_answered(stay):
    """Whether it was told which support there was, or that there was none."""
    return bool(stay.each("respiratory_supports")) or stay.one("respiratory_support_given") is False


def _kind(row):
    """The words of the kind of support of a row; None when it does not say."""
    return row.means("respiratory_support_type") or None


def _may_be(row, word):
    return word in (_kind(row) or CLASSES)


def _first_and_last(stay, row, now):
    """The first and the last day of a row of support, each None when it is not known."""
    start, end, said = (
        row.one("respiratory_support_start"),
        row.one("respiratory_support_end"),
        row.sent("respiratory_support_end"),
    )
    if end is None and not (said and said.null):
        end = end_of_stay(stay) or moment.at(now)
    return start and start.day, end and end.day


def _support_at(stay, now):
    """The strongest class of support at an age of 28 days and at 36 weeks; 'none' when the stay covers that day without any."""
    return {"support_at_28d": _support(stay, _day_28(stay), now), "support_at_36w": _support(stay, _day_36w(stay), now)}


def _follows(stay):
    """Whether day 28, and 36 weeks, came after the child went elsewhere than home, and before the message was written."""
    return {"day_28_follows": _is_elsewhere(stay, _day_28(stay)), "week_36_follows": _is_elsewhere(stay, _day_36w(stay))}


def _is_elsewhere(stay, day):
    left, died, written = (stay.one(name) for name in ("discharge_datetime", "death_datetime", "created_at"))
    if not left or day is None or stay.one("discharge_destination") is None:
        return None
    lived = (died.day >= day if died else not stay.one("deceased")) and (written is None or written.day >= day)
    return lived and left.day < day and "home" not in stay.means("discharge_destination")


def _day_28(stay):
    born = stay.one("birth_datetime")
    return born.day + 28 * DAY if born else None


def _day_36w(stay):
    born, age = stay.one("birth_datetime"), stay.one("gestational_age_days")
    return born.day + DAY * int(WEEKS_36 - age) if born and age is not None else None


def _support(stay, day, now):
    admitted = stay.one("admission_datetime")
    ended = end_of_stay(stay) or moment.at(now)
    if day is None or admitted is None or not admitted.day <= day <= ended.day or not _is_answered(stay):
        return None
    for word in CLASSES:
        given = {_is_given(stay, row, word, day, now) for row in stay.each("respiratory_supports")}
        if True in given:
            return word
        if None in given:
            return None
    return "none"


def _is_given(stay, row, word, day, now):
    """Whether a row says that support of this class was given on this day; None when it may have been.

    ECMO says nothing of the support beside it.
    """
    kind, (first, last) = _kind(row), _first_and_last(stay, row, now)
    if (first and day < first) or (last and last < day) or not ("ecmo" in (kind or ()) or _may_be(row, word)):
        return False
    sure = kind and word in kind and first and (last or day == first)
    return True if sure else None


def _bpd(stay, now):
    """BPD as it was sent (`bpd_grade_reported`, 1 to 3), and by two published schemes, whose names stand next to the grade.

    Jobe and Bancalari 2001: extra oxygen for 28 days or more; then at 36 weeks, or at discharge home before that, none = mild
    (1), extra oxygen = moderate (2), any positive pressure = severe (3). The share of oxygen is not in the dataset, so severe
    by 30% oxygen is not seen.
    Jensen 2019: by support at 36 weeks alone: none 0, nasal cannula of at most 2 L a minute 1, more or non-invasive 2,
    invasive 3.
    """
    found = confirmed(stay, "respiratory_problems", "respiratory_problem_code", "respiratory_problem_status")
    grades = [word for words in found for word in words] + list(stay.means("fu_bpd_grade"))
    at_36w = _known_at_36w(stay, now)
    return {
        "bpd_grade_reported": highest(grades, "bpd"),
        "bpd_grade_jobe_bancalari": _jobe(stay, _at_discharge_home(stay, now) or at_36w, now),
        "bpd_grade_jensen": {"none": 0, "low": 1, "oxygen": 1, "noninvasive": 2, "invasive": 3}.get(at_36w),
    }


def _known_at_36w(stay, now):
    """What was sent about 36 weeks counts before what the periods say."""
    said = stay.means("support_36w")
    word = next((word for word in ("none", "low", "noninvasive", "invasive") if word in said), None)
    return word or _support(stay, _day_36w(stay), now)


def _at_discharge_home(stay, now):
    """The support with which the child went home before 36 weeks; None when it did not, or that is not known."""
    left, day = stay.one("discharge_datetime"), _day_36w(stay)
    if not left or day is None or left.day >= day or "home" not in stay.means("discharge_destination"):
        return None
    support = _support(stay, left.day, now)
    at_home = any("oxygen" in value.known.meaning for value in stay.values.get("home_support", ()) if value.known)
    return "oxygen" if at_home and support in (None, "none") else support


def _jobe(stay, support, now):
    answers = {stay.one("oxygen_day_28"), stay.one("fu_oxygen_day_28")}
    if True not in answers and (_days(stay, "oxygen", now) or 0) < 28:
        return 0 if False in answers else None
    if support in ("invasive", "noninvasive"):
        return 3
    if support in ("oxygen", "low") or stay.one("oxygen_36w"):
        return 2
    return 1 if support == "none" or stay.one("oxygen_36w") is False else None
