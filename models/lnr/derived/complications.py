"""Complications that the registry derives from problems and procedures: brain, bowel, eyes, infection (see `derived.csv`)."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from models.lnr.dataset.moment import Moment
from models.lnr.derived.presence import Graded, Problems, Told, Why, highest
from models.lnr.message.message_reader import Scope

EARLY = timedelta(hours=72)
SEPSIS = {"sepsis", "meningitis"}
BRAIN = ("neuro_problems", "neuro_problem_code", "neuro_problem_status", "neuro_problems_present")
BOWEL = ("gi_problems", "gi_problem_code", "gi_problem_status", "gi_problems_present")
LUNGS = ("respiratory_problems", "respiratory_problem_code", "respiratory_problem_status", "respiratory_problems_present")
INFECTIONS = ("infections", "infection_code", "infection_status", "infection_present")
EYES = ("senses_problems", "senses_problem_code", "senses_problem_status", "senses_problems_present")
EYES_LATER = ("fu_senses_problems", "fu_senses_code", "fu_senses_status", "fu_senses_present")
TREATMENTS = (("senses_procedures", "senses_procedure_code"), ("fu_senses_procedures", "fu_senses_procedure"))
BELL = ("IIA", "IIB", "IIIA", "IIIB")


def derive(stay: Scope, risk: Any, lived: Any, here_until: Moment | None) -> dict:
    """The complications of a Scope by name: a value, a Told or a Why. `risk`: of ROP; `lived`: 28 days.

    `here_until`: until when the child was surely here; None when nobody told.
    """
    chest = {"pneumothorax": Problems(stay, LUNGS).has("pneumothorax")}
    return _brain(stay) | _bowel(stay) | _eyes(stay, risk, lived) | _sepsis(stay, here_until) | chest


def _brain(stay: Scope) -> dict[str, Why | int]:
    problems = Problems(stay, BRAIN)
    ivh = Graded(problems, "ivh", lambda words: highest(words, "ivh"))
    return {
        "ivh_max": _ivh(problems, ivh, (ivh.top or 0) + 1, ivh.top, 0),
        "severe_ivh": (ivh.top or 0) >= 3 or _ivh(problems, ivh, 3, False, False),
        "pvl": problems.has("pvl"),
        "cystic_pvl": _cystic(problems),
        "hydrocephalus": problems.has("hydrocephalus"),
    }


def _ivh(problems: Problems, ivh: Graded, least: int, graded: bool | None, no: int) -> Any:
    """`graded` when a grade is known and none from `least` up is in doubt, `no` without IVH."""
    if least <= 4 and (doubt := ivh.doubt(least)):
        return doubt
    if ivh.top is not None:
        return graded
    if any(one.open or one.state == "confirmed" for one in problems.of("parenchymal")):
        return Why.COMMITTEE  # many code grade 4 so
    return problems.without(ivh.mine, no)


def _cystic(problems: Problems) -> Why | bool:
    """PVL of grade 2 or more of De Vries: cysts."""
    pvl = Graded(problems, "pvl", lambda words: None)
    for one in pvl.mine:
        pvl.grades[one] = one.row.one("pvl_grade")
    sure = [number for one, number in pvl.grades.items() if one.state == "confirmed" and number is not None]
    pvl.top = max(sure, default=None)
    return (pvl.top or 0) >= 2 or pvl.doubt(2) or (False if pvl.top else problems.without(pvl.mine))


def _bowel(stay: Scope) -> dict[str, bool | str]:
    problems = Problems(stay, BOWEL)
    nec, bell = problems.has("nec"), Graded(problems, "nec", _bell)
    stage: Why | str | None = bell.doubt((bell.top or 0) + 1) if bell.top != len(BELL) else None
    if not stage:
        stage = BELL[bell.top - 1] if bell.top else Why.NONE if nec is False or isinstance(nec, Told) else nec
    return {"nec": nec, "nec_bell": stage}


def _bell(words: Collection[str]) -> int | None:
    found = [BELL.index(word.removeprefix("bell")) + 1 for word in words if word.startswith("bell")]
    return max(found, default=None)


def _eyes(stay: Scope, risk: bool, lived: bool) -> dict[str, Why | int]:
    problems = Problems(stay, EYES, EYES_LATER)
    rop = Graded(problems, "rop", lambda words: 3 if "aggressive" in words else highest(words, "rop"))
    stages = Graded(problems, "rop", lambda words: highest(words, "rop"))
    treated = _treated(stay)
    ended = _screening(stay, risk, lived)
    silent = ended or _unanswered(stay)
    if treated is False and silent:
        treated = silent
    severe: Why | bool | None
    if treated is True or (rop.top or 0) >= 3:
        severe = True
    else:
        plus = any(one.open or one.state == "confirmed" for one in problems.of("plus")) and rop.top is None
        severe = rop.doubt(3) or (Why.GRADE if plus else None) or silent or (treated if isinstance(treated, Why) else None)
        severe = severe or (False if rop.top else problems.without(rop.mine) if rop.mine else False)
    stage = (stages.doubt((stages.top or 0) + 1) if stages.top != 5 else None) or stages.top
    return {"rop_max": stage or silent or Why.NONE, "rop_treated": treated, "severe_rop": severe}


def _screening(stay: Scope, risk: bool, lived: bool) -> Why | None:
    """Why no ROP is not yet 'no ROP': None when a screening was closed, here or after discharge."""
    if stay.one("rop_screening_closed") or stay.one("fu_rop_screening_closed"):
        return None
    if stay.one("rop_screening_done") or stay.one("fu_rop_screening_done"):
        return Why.SCREENING
    if risk is False:
        return Why.NOT_DUE
    return Why.NOT_REACHED if lived is False else Why.SCREENING


def _unanswered(stay: Scope) -> Why | None:
    """Why it is not known what a closed screening found: the part of where it was closed says nothing of it, or not what."""
    told = Problems(stay, EYES if stay.one("rop_screening_closed") else EYES_LATER)
    found = told.without(told.of("rop"))
    return found if isinstance(found, Why) else None


def _treated(stay: Scope) -> Any:
    values = [row.values.get(name, ()) for group, name in TREATMENTS for row in stay.each(group)]
    if any(value.known and "roptreatment" in value.known.meaning for found in values for value in found):
        return True
    nameless = any(all(value.known is None or value.null for value in found) for found in values)
    return Why.NAME if nameless else False


def _sepsis(stay: Scope, here_until: Moment | None) -> dict[str, Why | bool]:
    problems = Problems(stay, INFECTIONS)
    mine = [one for one in problems.found if SEPSIS & one.words]
    late, gone = _onset(stay, problems, mine, "late"), _before_late(stay, here_until)
    if (gone is Why.NOT_REACHED and late is not True) or late in (False, Why.SECTION):
        late = gone or late
    early = _onset(stay, problems, mine, "early")
    return {"early_sepsis": Why.NOT_YET if early is False and gone is Why.NOT_YET else early, "late_sepsis": late}


def _onset(stay: Scope, problems: Problems, mine: Sequence, word: str) -> Any:
    mine = [(one, began) for one in mine if (began := onset(stay, one.row)) in (word, None)]
    if any(one.state == "confirmed" and began for one, began in mine):
        return True
    if any(one.state is None for one, _ in mine):
        return Why.STATUS
    if any(one.state == "confirmed" for one, _ in mine):
        return Why.ONSET
    return problems.nameless or problems.without([one for one, _ in mine])


def _before_late(stay: Scope, here_until: Moment | None) -> Why | None:
    """Why a late sepsis could not be seen: the child died, or went to another hospital, within 72 hours of birth, may have
    done so, or is not that old yet."""
    born, died, left = (stay.one(name) for name in ("birth_datetime", "death_datetime", "discharge_datetime"))
    if not born:
        return None
    if died and died.last - born.first <= EARLY:
        return Why.NOT_REACHED
    if here_until is None:
        return Why.INPUT
    if here_until.last - born.first > EARLY or "home" in stay.means("discharge_destination"):
        return None
    if not left:
        return Why.NOT_YET
    return Why.ELSEWHERE if stay.one("discharge_destination") else Why.INPUT


def onset(stay: Scope, row: Scope) -> Any:
    """'early' or 'late' of an infection; None when it was not sent and cannot be told."""
    sent = row.means("sepsis_onset") & {"early", "late"}
    return next(iter(sent), None) or onset_by_date(stay, row)


def onset_by_date(stay: Scope, row: Scope) -> str | None:
    """'early' or 'late' by the start of the infection alone; None when a date without a time leaves it open."""
    born, began = stay.one("birth_datetime"), row.one("infection_start")
    if not born or not began:
        return None
    if began.last - born.first <= EARLY:
        return "early"
    return "late" if began.first - born.last > EARLY else None
