"""Another theme of a case that its committee has: what was judged on the form of the old theme is kept, and counts no more.

A form belongs to a theme. So the case goes back to the agenda and assessors are named anew, the same if the coordinator wants.
"""

from datetime import datetime

from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.theme import Theme
from models.committee.assessment import Assessment
from models.committee.committee_form import CommitteeForm
from models.committee.meeting import IN_LESSONS
from models.committee.treatment import Treatment
from models.dutch import plural

DISCUSSED = "De commissie heeft deze casus al besproken, met het formulier van dit thema. Dat ligt nu vast."


def keeps_its_form(case: Case) -> None:
    """Refuse another theme once the meeting settled what it found on the form of this one."""
    treatment = Treatment.of(case)
    if treatment and not treatment.undiscussed:
        raise Refused(DISCUSSED)


def outlook(case: Case, theme: Theme) -> str:
    """What becomes of the treatment of this case under `theme`, in words; empty when the committee has it not."""
    if not (treatment := Treatment.of(case)):
        return ""
    there, agenda = Assessment.of(treatment), f"De casus staat op de agenda van de vergadering van {treatment.meeting}"
    lacking = treatment.lacking_forms(theme) if there or case.process in IN_LESSONS else []
    missing = ""
    if lacking:
        missing = (
            f" Voor ‘{theme.name}’ is nog geen {' en geen '.join(lacking)} in gebruik. Maak dat eerst onder "
            "Vragenlijsten: tot dan kan de commissie deze casus niet afronden."
        )
    if not there:
        return f"{agenda}, en blijft daar.{missing}"
    handed_in = sum(one.handed_in_at is not None for one in there)
    kept = plural(handed_in, "ingeleverde beoordeling", "ingeleverde beoordelingen")
    return (
        f"{agenda}, en is bij {plural(len(there), 'beoordelaar', 'beoordelaars')} met het formulier van ‘{case.theme.name}’. "
        f"Die plaatsen gaan open: noem daarna opnieuw beoordelaars. Dat mogen dezelfde zijn. "
        f"Er {'is' if handed_in == 1 else 'zijn'} {kept}. Wat is ingeleverd blijft bewaard, telt niet mee, en is te lezen "
        f"zodra de nieuwe beoordelingen binnen zijn.{missing}"
    )


def follow(case: Case, by: User, now: datetime) -> None:
    """Open the places of this case again, in the transaction that gave it another theme."""
    if not (treatment := Treatment.of(case)):
        return
    for one in Assessment.of(treatment):
        one.end_by_theme(by, now)
    Treatment.update(compared_at=None).where(Treatment.id == treatment.id).execute()
    treatment = Treatment.get_by_id(treatment.id)
    treatment.case = case
    if form := CommitteeForm.consensus(treatment):
        form.treatment = treatment
        form.restart(by, now)
    AuditEvent.log("treatment.theme", by=by, case=case, detail=case.theme.name, at=now)
