"""The meeting: formalities in one act, the consensus of a case, questions to the hospital, and the end of a treatment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.cases.case_reader import CaseReader
from models.cases.theme import Theme
from models.committee.case_use import CaseUse, UseKind
from models.committee.committee_form import CommitteeForm
from models.committee.comparison import judged, judged_together
from models.committee.following import assessor_news
from models.committee.lesson_letter import LessonLetter
from models.committee.meeting import IN_LESSONS, Meeting, demand_lessons
from models.committee.member import CommitteeMember
from models.committee.rules.attendance import demand_quorum, in_room
from models.committee.treatment import TABLE, Treatment, TreatmentState
from models.dutch import listed
from models.lza1.committee_steps import CommitteeStep, StepKind
from models.questionnaires.query import OF_COMMITTEE, DataQuery
from models.typed_text import one_line

FORMALITY = "hamerstuk, beoordelaars gelijk"
# Where an assessor's answer becomes that of the meeting: question of the consensus -> question of the form.
PREFILLED = {"V4": "M2", "V5": "B2", "V6": "B4", "V7": "M4", "V8": "C10", "V9": "E1", "V10": "D2", "W1": "F2", "W3": "F5"}
USED_FOR = ("alleen cijfers", *(kind for kind in UseKind if kind != UseKind.BESPROKEN))
LETTER = {"lessenbrief": "ja", "alleen bericht van gebruik": "nee, alleen bericht van gebruik"}  # F5 as W3 says it
LACKING = "De consensus is nog niet compleet bij {}. Vul die bij de casus eerst aan, of kies de casus niet."
OPEN_QUESTION = "Er staat nog een vraag open bij het ziekenhuis. Wacht op het antwoord, of handel de vraag af bij de melding."


def formalities(meeting: Meeting, by: User) -> list[Treatment]:
    """The cases of a meeting that can be settled without talk: their assessors agree and want it, nothing is open."""
    rows = access.visible(Treatment, by).where(Treatment.meeting == meeting, Treatment.state == TreatmentState.BINNEN)
    joined = rows.select_extend(Case, Theme).join_from(Treatment, Case).join_from(Case, Theme).order_by(Case.number)
    treatments = list(joined)
    waits = DataQuery.open_of([one.case_id for one in treatments], OF_COMMITTEE)
    return [one.treatment for one in judged_together(treatments) if one.formality and one.treatment.case_id not in waits]


def settle_formalities(
    meeting: Meeting, by: User, cases: list[str], used_for: Sequence[str] = (), now: datetime | None = None
) -> int:
    """Settle the chosen cases (keys of treatments) as hamerstuk; returns how many. One that cannot be refuses all.

    `used_for`: what they are used for, where the consensus of a case says nothing about that yet. Raises Refused where
    the consensus still asks something after it was filled in with what is known.
    """
    now = now or clock.now()
    if not CommitteeMember.leads_for(by, meeting.process):
        raise Refused(TABLE)
    demand_lessons(meeting.process)
    ready = {one.key: one for one in formalities(meeting, by)}
    if not cases:
        raise Refused("Kies eerst een of meer hamerstukken.")
    if not set(cases) <= set(ready):
        raise Refused("Niet alles wat u koos, kan (nog) als hamerstuk. Bekijk de lijst opnieuw.")
    with db.atomic():
        filled = {key: _as_formality(ready[key], by, used_for, now) for key in cases}
        lacking = [f"{ready[key].case.number} ({', '.join(_lacks(form))})" for key, form in filled.items() if form.still_open]
        if lacking:
            raise Refused(LACKING.format(listed(lacking)))
        for key, form in filled.items():
            _discussed(ready[key], form, by, "treatment.formality", now)
    return len(cases)


def _as_formality(treatment, by, used_for, now):
    """The consensus with what follows from being settled without talk; what somebody wrote down before stays."""
    form = prefill(treatment, by, now)
    inside, tied, unknown = in_room(treatment, now)
    known = {"V2": inside, "V3": tied} if inside or tied or unknown else {}
    known |= {"V11": FORMALITY, "W5": list(used_for) or None, "W6": "ja"}
    form.put_all({code: kept for code, kept in known.items() if kept is not None and (code, 0) not in form.rows()}, by, now)
    return form


def _lacks(form):
    return list(dict.fromkeys(place.line.item.label for place in form.filled().open))


def prefill(treatment: Treatment, by: User, now: datetime | None = None) -> CommitteeForm:
    """The consensus with in it what the first assessors said alike; what they did not is left open."""
    form = CommitteeForm.of_meeting(treatment, by, now)
    if form.revision:
        return form
    compared = judged(treatment)
    given = [one.rows() for one in compared.forms[: compared.first]]
    repeated = {code for rows in given for code, place in rows if place}  # which of them is the same one, nobody said
    first, *others = [{code: row.given.kept for (code, _), row in rows.items() if code not in repeated} for rows in given]
    becomes = PREFILLED if treatment.case.process in IN_LESSONS else {code: code for code in first}
    alike = {
        code: first[asked]
        for code, asked in becomes.items()
        if first.get(asked) is not None and all(one.get(asked) == first[asked] for one in others)
    }
    if "W3" in alike:
        alike["W3"] = LETTER.get(alike["W3"])
    if compared.agrees and treatment.case.process in IN_LESSONS:
        alike["V13"] = ["geen verschil"]
    form.put_all({code: kept for code, kept in alike.items() if kept is not None}, by, now or clock.now())
    return form


def fix_consensus(treatment: Treatment, by: User, now: datetime | None = None) -> None:
    """The chair, secretary or coordinator settles the consensus: it changes no more. Raises Refused below the quorum."""
    now = now or clock.now()
    treatment.demand_table(by)
    with db.atomic():
        form = CommitteeForm.consensus(treatment)
        if form is None or form.still_open:
            raise Refused("De consensus is nog niet compleet. Vul eerst in wat er nog openstaat.")
        _discussed(treatment, form, by, "treatment.consensus", now)


def _discussed(treatment: Treatment, form: CommitteeForm, by: User, action: str, now: datetime) -> None:
    treatment.demand_approved()
    if treatment.state != TreatmentState.BINNEN:
        raise Refused(f"Deze casus is {treatment.state_label.lower()}: de consensus kan nu niet worden vastgesteld.")
    if treatment.case.process in IN_LESSONS and str(form.value("W6")).startswith("nee, terug"):
        raise Refused("Volgens de consensus komt de casus terug op de agenda. Zet de casus op een andere vergadering.")
    present = demand_quorum(treatment, by, now)
    CommitteeForm.update(fixed_at=now).where(CommitteeForm.id == form.id).execute()
    treatment.shift(TreatmentState.BINNEN, TreatmentState.BESPROKEN, by, action, present, now)


def ask_hospital(treatment: Treatment, by: User, text: str, now: datetime | None = None) -> DataQuery:
    """Put a question of the committee to the hospital; the case stays Goedgekeurd and the answer comes back here."""
    access.demand(by, "review", treatment.case.process)
    demand_lessons(treatment.case.process)
    if treatment.state == TreatmentState.GESLOTEN:
        raise Refused("De behandeling is gesloten.")
    LessonLetter.demand_nameless(text)
    with db.atomic():
        made = DataQuery.ask_for_committee(treatment.case, by, text, now)
        assessor_news.tell(treatment.case, "asked", now or clock.now())
        AuditEvent.log("treatment.ask", by=by, case=treatment.case, at=now)
    return made


def asked_about(case: Case) -> list[DataQuery]:
    """What the committee asked about this case, with the answers."""
    return [one for one in DataQuery.of_case(case) if one.is_of_committee]


def open_questions(treatment: Treatment) -> list[DataQuery]:
    """What the hospital has still to answer."""
    return [one for one in asked_about(treatment.case) if one.state == "open"]


def close(treatment: Treatment, by: User, reason: str = "", now: datetime | None = None) -> None:
    """Close a case that was discussed: the access of the committee ends, and the hospital gets its receipt of use.

    `reason`: why there is no letter, where the consensus wanted one, or no verdict. Raises Refused with an open question.
    """
    now, case = now or clock.now(), treatment.case
    access.demand(by, "review", case.process)
    form = CommitteeForm.consensus(treatment)
    reason = one_line(reason or "", 300, "De reden")
    with db.atomic():
        treatment.demand_approved()
        if treatment.state != TreatmentState.BESPROKEN or form is None:
            raise Refused(f"Deze casus is {treatment.state_label.lower()}. Sluiten kan na de bespreking.")
        if open_questions(treatment):
            raise Refused(OPEN_QUESTION)
        if not reason:
            _demand_told(case, form)
        also: dict[str, Any] = {"closed_at": treatment.closed_at or now, "closed_why": reason}
        treatment.shift(TreatmentState.BESPROKEN, TreatmentState.GESLOTEN, by, "treatment.close", now=now, **also)
        CaseReader.end(case, now=now)
        if case.process in IN_LESSONS:
            CaseUse.receive(case, treatment.meeting.day, form.value("W5") or (), by, now)


def _demand_told(case, form):
    if case.process not in IN_LESSONS:
        if not any(step.kind == StepKind.OORDEEL for step in CommitteeStep.of_case(case)):
            raise Refused("Er is nog geen oordeel. Plaats dat eerst bij de melding, of schrijf op waarom er geen oordeel komt.")
    elif form.value("W3") == "ja":
        at_hospitals = case.at_hospitals()
        if {one.id for one in at_hospitals} - {letter.case_id for letter in LessonLetter.of_case(*at_hospitals)}:
            raise Refused("De vergadering wil een lessenbrief. Geef die eerst vrij, of schrijf op waarom er geen brief komt.")


def reopen(treatment: Treatment, by: User, reason: str, now: datetime | None = None) -> None:
    """Take a closed case up again, with the reason; the first closing date stays. Assessors do not come back by themselves."""
    access.demand(by, "review", treatment.case.process)
    reason = one_line(reason or "", 300, "De reden")
    if not reason:
        raise Refused("Schrijf op waarom u de behandeling heropent.")
    with db.atomic():
        treatment.demand_approved()
        treatment.shift(TreatmentState.GESLOTEN, TreatmentState.BESPROKEN, by, "treatment.reopen", reason, now)


def returned(case: Case, is_part: bool = False) -> dict[str, list]:
    """What came back to the hospital: the letters, and what the case was used for.

    `is_part`: of a case in another hospital, which may be approved and discussed before this part is.
    """
    if case.approved_at is None and not is_part:  # two questions less on the page of every open case
        return {"letters": [], "uses": []}
    return {"letters": LessonLetter.of_case(case), "uses": CaseUse.of_case(case)}
