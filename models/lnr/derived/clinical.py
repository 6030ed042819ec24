"""Values that the registry computes itself from the values of one stay; those about breathing are in breathing.py.

Only problems with status 'confirmed present' count. None means: cannot be told from what was sent. How days are counted and
grades are found stands with each function; the supplier's site shows these sentences.
"""

from datetime import timedelta

from models.lnr.dataset import moment
from models.lnr.dataset.definition import definition

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EARLY = timedelta(hours=72)
SEPSIS = {"sepsis", "meningitis"}


def derive(stay, now, context):
    """The derived values of a Scope by name; JSON can hold them all."""
    return (
        _age_at_birth(stay)
        | _length(stay)
        | _brain(stay)
        | _bowel(stay)
        | _eyes(stay, now)
        | _sepsis(stay)
        | _place(stay, context)
    )


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


def highest(words, prefix):
    """The highest number behind this prefix among words such as 'rop3'; None without any."""
    found = [int(word[len(prefix) :]) for word in words if word.startswith(prefix) and word[len(prefix) :].isdigit()]
    return max(found, default=None)


def _brain(stay):
    """Highest grade of IVH, 0 without IVH when neurological problems were answered; severe is grade 3 or 4."""
    found = confirmed(stay, "neuro_problems", "neuro_problem_code", "neuro_problem_status")
    words = [word for row in found for word in row]
    grade = highest(words, "ivh")
    if "ivh" not in words and stay.one("neuro_problems_present") is not None:
        grade = 0
    return {"ivh_max": grade, "severe_ivh": None if grade is None else grade >= 3}


def _bowel(stay):
    """NEC of any kind, and its highest Bell stage ('IIA' to 'IIIB')."""
    found = confirmed(stay, "gi_problems", "gi_problem_code", "gi_problem_status")
    words = [word for row in found for word in row]
    stages = sorted(word.removeprefix("bell") for word in words if word.startswith("bell"))
    answered = stay.one("gi_problems_present") is not None or words
    return {"nec": "nec" in words if answered else None, "nec_bell": stages[-1] if stages else None}


def _eyes(stay, now):
    """Highest stage of ROP here or after discharge; severe is stage 3 or more, aggressive posterior, or treated.

    Without a confirmed ROP none of it is 'no' unless there was a screening. `rop_at_risk`: below 32 weeks or 1500 g.
    `lived_28_days`: did not die before, and was born as long ago.
    """
    words = [
        word
        for group, code, status in (
            ("senses_problems", "senses_problem_code", "senses_problem_status"),
            ("fu_senses_problems", "fu_senses_code", "fu_senses_status"),
        )
        for row in confirmed(stay, group, code, status)
        for word in row
    ]
    screened = stay.one("rop_screening_done") or stay.one("fu_rop_screening_done") or False
    stage, treated = highest(words, "rop"), _treated(stay) or (False if screened or words else None)
    severe = False if stage is not None or (screened and "rop" not in words) else None
    if treated or "aggressive" in words or (stage or 0) >= 3:
        severe = True
    return {
        "rop_max": stage,
        "rop_treated": treated,
        "severe_rop": severe,
        "rop_at_risk": _at_risk(stay),
        "lived_28_days": _lived_28_days(stay, now),
    }


def _treated(stay):
    here = [value for row in stay.each("senses_procedures") for value in row.values.get("senses_procedure_code", ())]
    later = [value for row in stay.each("fu_senses_procedures") for value in row.values.get("fu_senses_procedure", ())]
    return any(value.known and "roptreatment" in value.known.meaning for value in here + later)


def _at_risk(stay):
    age, weight = stay.one("gestational_age_days"), stay.one("birth_weight_g")
    told = {None if age is None else age < 224, None if weight is None else weight < 1500}
    return True if True in told else None if None in told else False


def _lived_28_days(stay, now):
    born, died = stay.one("birth_datetime"), stay.one("death_datetime")
    if born is None or (stay.one("deceased") and died is None):
        return None
    return ((died or moment.at(now)).day - born.day).days >= 28


def _sepsis(stay):
    """Whether there was a confirmed sepsis or meningitis of early and of late onset.

    As sent; where that is missing, early is a start within 72 hours of birth. One whose onset is not known may be either.
    """
    onsets = [
        onset(stay, row)
        for row in stay.each("infections")
        if SEPSIS & row.means("infection_code") and "confirmed" in row.means("infection_status")
    ]
    answered = stay.one("infection_present") is not None or onsets
    open_ = None in onsets or not answered
    return {f"{word}_sepsis": True if word in onsets else None if open_ else False for word in ("early", "late")}


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
    admitted, (root, name) = stay.one("admission_datetime"), stay.one("case_set_id")
    before = any(context.was_in_nicu(child, admitted and admitted.first, root, name) for child in stay.all("child_ids"))
    scope = in_scope(stay.one("intensive_care_admission"), stay.all("admission_indication"), before)
    return {"outborn": outborn, "in_scope": scope}


def in_scope(intensive, indications, before):
    """Whether a stay belongs in the registry: in intensive care, or of a child that was there `before`; None when unknown.

    `indications`: the codes for which the child was admitted; one of them is that it comes from a NICU.
    """
    known = definition().choices(definition().items["admission_indication"])
    followed = any("followup" in code.meaning for code in known if code.code in indications)
    return True if intensive or followed or before else intensive
