"""Values that the registry computes itself, in one place, from the values of one stay.

Only problems with status 'confirmed present' count. None means: cannot be told from what was sent. How days are counted and
grades are found stands with each function; the supplier's site shows these sentences.
"""

from datetime import date, timedelta

from models.lnr import moment

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WEEKS_36 = 252  # days of postmenstrual age
EARLY = timedelta(hours=72)
SEPSIS = {"sepsis", "meningitis"}


def derive(stay, now, context):
    """The derived values of a Scope by name; JSON can hold them all."""
    return (
        _age_at_birth(stay) | _length(stay) | _days_of_support(stay, now) | _support_at(stay, now) | _bpd(stay, now)
        | _brain(stay) | _bowel(stay) | _eyes(stay, now) | _sepsis(stay) | _place(stay, context)
    )  # fmt: skip


def age_in_days(stay, name):
    """Whole calendar days from birth to this moment of the stay; None when either is unknown."""
    born, then = stay.one("birth_datetime"), stay.one(name)
    return (then.day - born.day).days if born and then else None


def end_of_stay(stay):
    """The moment of discharge, or of death; None while the child is admitted or when neither is known."""
    return stay.one("discharge_datetime") or stay.one("death_datetime")


def confirmed(stay, group, code, status):
    """The words of meaning of every confirmed problem in this group, row by row."""
    return [row.means(code) for row in stay.each(group) if "confirmed" in row.means(status)]


def _age_at_birth(stay):
    """Gestational age in weeks and days; the mother's age in whole years; minutes of age at admission."""
    days, born, mother = stay.one("gestational_age_days"), stay.one("birth_datetime"), stay.one("mother_birth_date")
    admitted = stay.one("admission_datetime")
    exact = born and admitted and born.exact and admitted.exact
    weeks, rest = divmod(int(days), 7) if days is not None else (None, None)
    return {
        "ga_weeks": weeks,
        "ga_days": rest,
        "gestational_age": None if weeks is None else f"{weeks}+{rest}",
        "mother_age": _years(mother.day, born.day) if mother and born else None,
        "age_at_admission_minutes": int((admitted.first - born.first) / timedelta(minutes=1)) if exact else None,
    }


def _years(since, until):
    return until.year - since.year - ((until.month, until.day) < (since.month, since.day))


def _length(stay):
    """Days of the stay: dates of the Dutch calendar, the day of discharge not counted, at least one.

    `lived_days_in_stay`: age in days at the end of the stay. `discharged_alive`: left, and did not die before leaving.
    """
    admitted, ended = stay.one("admission_datetime"), end_of_stay(stay)
    left, died = stay.one("discharge_datetime"), stay.one("death_datetime")
    alive = None
    if stay.one("still_admitted") is not True and left:
        alive = not (died or stay.one("deceased")) or bool(died and left.surely_before(died, HOUR))
    if stay.one("death_in_delivery_room"):
        alive = False
    return {
        "nicu_days": max(1, (ended.day - admitted.day).days) if admitted and ended else None,
        "lived_days_in_stay": age_in_days(stay, "discharge_datetime" if left else "death_datetime"),
        "discharged_alive": alive,
    }


def _days_of_support(stay, now):
    """Calendar days on which support of a class was given; a day counts once, however many periods touch it.

    A period without an end goes on until the end of the stay, or until now.
    """
    return {f"{word}_days": _days(stay, word, now) for word in ("invasive", "noninvasive", "oxygen")}


def _days(stay, word, now):
    days, counted = 0, date.min
    for first, last in sorted(_periods(stay, word, now)):
        days += max(0, (last - max(first, counted + DAY)).days + 1)
        counted = max(counted, last)
    return days


def _periods(stay, word, now):
    """The (first day, last day) of every period of this class of support that has a start."""
    otherwise = end_of_stay(stay) or moment.at(now)
    for row in stay.each("respiratory_supports"):
        start, end = row.one("respiratory_support_start"), row.one("respiratory_support_end") or otherwise
        if start and start.day <= end.day and word in row.means("respiratory_support_type"):
            yield start.day, end.day


def _support_at(stay, now):
    """The strongest class of support at an age of 28 days and at 36 weeks; 'none' when the stay covers that day without any."""
    return {"support_at_28d": _support(stay, _day_28(stay), now), "support_at_36w": _support(stay, _day_36w(stay), now)}


def _day_28(stay):
    born = stay.one("birth_datetime")
    return born.day + 28 * DAY if born else None


def _day_36w(stay):
    born, age = stay.one("birth_datetime"), stay.one("gestational_age_days")
    return born.day + DAY * int(WEEKS_36 - age) if born and age is not None else None


def _support(stay, day, now):
    admitted = stay.one("admission_datetime")
    ended = end_of_stay(stay) or moment.at(now)
    if day is None or admitted is None or not admitted.day <= day <= ended.day:
        return None
    if stay.one("respiratory_support_given") is None and not stay.each("respiratory_supports"):
        return None
    classes = ("invasive", "noninvasive", "oxygen")
    covering = (word for word in classes if any(first <= day <= last for first, last in _periods(stay, word, now)))
    return next(covering, "none")


def _bpd(stay, now):
    """BPD as it was sent (`bpd_grade_reported`, 1 to 3), and by two published schemes, whose names stand next to the grade.

    Jobe and Bancalari 2001: extra oxygen for 28 days or more; then at 36 weeks none = mild (1), extra oxygen = moderate (2),
    any positive pressure = severe (3). The share of oxygen is not in the dataset, so severe by 30% oxygen is not seen.
    Jensen 2019: by support at 36 weeks alone: none 0, nasal cannula of at most 2 L a minute 1, more or non-invasive 2,
    invasive 3.
    """
    found = confirmed(stay, "respiratory_problems", "respiratory_problem_code", "respiratory_problem_status")
    grades = [word for words in found for word in words] + list(stay.means("fu_bpd_grade"))
    at_36w = _known_at_36w(stay, now)
    return {
        "bpd_grade_reported": _highest(grades, "bpd"),
        "bpd_grade_jobe_bancalari": _jobe(stay, at_36w, now),
        "bpd_grade_jensen": {"none": 0, "low": 1, "oxygen": 1, "noninvasive": 2, "invasive": 3}.get(at_36w),
    }


def _known_at_36w(stay, now):
    """What was sent about 36 weeks counts before what the periods say."""
    said = stay.means("support_36w")
    word = next((word for word in ("none", "low", "noninvasive", "invasive") if word in said), None)
    return word or _support(stay, _day_36w(stay), now)


def _jobe(stay, at_36w, now):
    answers = {stay.one("oxygen_day_28"), stay.one("fu_oxygen_day_28")}
    if True not in answers and _days(stay, "oxygen", now) < 28:
        return 0 if False in answers else None
    if at_36w in ("invasive", "noninvasive"):
        return 3
    if at_36w in ("oxygen", "low") or stay.one("oxygen_36w"):
        return 2
    return 1 if at_36w == "none" or stay.one("oxygen_36w") is False else None


def _highest(words, prefix):
    """The highest number behind this prefix among words such as 'rop3'; None without any."""
    found = [int(word[len(prefix) :]) for word in words if word.startswith(prefix) and word[len(prefix) :].isdigit()]
    return max(found, default=None)


def _brain(stay):
    """Highest grade of IVH, 0 without IVH when neurological problems were answered; severe is grade 3 or 4."""
    found = confirmed(stay, "neuro_problems", "neuro_problem_code", "neuro_problem_status")
    words = [word for row in found for word in row]
    highest = _highest(words, "ivh")
    if "ivh" not in words and stay.one("neuro_problems_present") is not None:
        highest = 0
    return {"ivh_max": highest, "severe_ivh": None if highest is None else highest >= 3}


def _bowel(stay):
    """NEC of any kind, and its highest Bell stage ('IIA' to 'IIIB')."""
    found = confirmed(stay, "gi_problems", "gi_problem_code", "gi_problem_status")
    words = [word for row in found for word in row]
    stages = sorted(word.removeprefix("bell") for word in words if word.startswith("bell"))
    answered = stay.one("gi_problems_present") is not None or words
    return {"nec": "nec" in words if answered else None, "nec_bell": stages[-1] if stages else None}


def _eyes(stay, now):
    """Highest stage of ROP here or after discharge; severe is stage 3 or more, aggressive posterior, or treated.

    `rop_at_risk`: below 32 weeks or 1500 g. `lived_28_days`: did not die before, and was born as long ago.
    """
    words = [word for group, code, status in (
        ("senses_problems", "senses_problem_code", "senses_problem_status"),
        ("fu_senses_problems", "fu_senses_code", "fu_senses_status"),
    ) for row in confirmed(stay, group, code, status) for word in row]  # fmt: skip
    treated = _treated(stay)
    highest = _highest(words, "rop")
    severe = treated or "aggressive" in words or (highest or 0) >= 3
    known = bool(words) or stay.one("rop_screening_done") is not None or stay.one("fu_rop_screening_done") is not None
    return {
        "rop_max": highest, "rop_treated": treated, "severe_rop": severe if known or treated else None,
        "rop_at_risk": _at_risk(stay), "lived_28_days": _lived_28_days(stay, now),
    }  # fmt: skip


def _treated(stay):
    here = [value for row in stay.each("senses_procedures") for value in row.values.get("senses_procedure_code", ())]
    later = [value for row in stay.each("fu_senses_procedures") for value in row.values.get("fu_senses_procedure", ())]
    return any(value.known and "roptreatment" in value.known.meaning for value in here + later)


def _at_risk(stay):
    age, weight = stay.one("gestational_age_days"), stay.one("birth_weight_g")
    return (age is not None and age < 224) or (weight is not None and weight < 1500)


def _lived_28_days(stay, now):
    born, died = stay.one("birth_datetime"), stay.one("death_datetime")
    if born is None or (stay.one("deceased") and died is None):
        return None
    return ((died or moment.at(now)).day - born.day).days >= 28


def _sepsis(stay):
    """Whether there was a confirmed sepsis or meningitis of early and of late onset.

    As sent; where that is missing, early is a start within 72 hours of birth.
    """
    onsets = [onset(stay, row) for row in stay.each("infections")
              if SEPSIS & row.means("infection_code") and "confirmed" in row.means("infection_status")]  # fmt: skip
    answered = stay.one("infection_present") is not None or onsets
    return {f"{word}_sepsis": word in onsets if answered else None for word in ("early", "late")}


def onset(stay, row):
    """'early' or 'late' of an infection; None when it was not sent and cannot be told."""
    sent = row.means("sepsis_onset") & {"early", "late"}
    return next(iter(sent), None) or onset_by_date(stay, row)


def onset_by_date(stay, row):
    """'early' or 'late' by the start of the infection alone; None when a date without a time leaves it open."""
    born, began = stay.one("birth_datetime"), row.one("infection_start")
    if not born or not began:
        return None
    if began.last - born.first <= EARLY:
        return "early"
    return "late" if began.first - born.last > EARLY else None


def _place(stay, context):
    """`outborn`: not born in a hospital, or in another one. `in_scope`: intensive care, now or in an earlier stay."""
    numbers, place = set(stay.all("birth_institution_ids")), stay.sent("birth_place_type")
    ours = set(stay.all("sending_institution_ids"))
    outborn = None
    if place and place.value is not None and "hospital" not in place.known.meaning:
        outborn = True
    elif {root for root, _ in numbers} & {root for root, _ in ours}:
        outborn = not numbers & ours
    intensive = stay.one("intensive_care_admission")
    followed = any("followup" in value.known.meaning for value in stay.values.get("admission_indication", ()) if value.known)
    later = followed or any(context.was_in_nicu(child) for child in stay.all("child_ids"))
    return {"outborn": outborn, "in_scope": True if intensive or later else intensive}
