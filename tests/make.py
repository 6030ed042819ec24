"""What tests begin with, in plain functions with defaults: `make.case(status=Status.ONVOLLEDIG)`."""

import io
import itertools
from datetime import timedelta
from functools import lru_cache

from argon2 import PasswordHasher

from models import clock
from models.access import Process, Role
from models.accounts.hospital import Hospital
from models.accounts.user import User, UserRole
from models.cases.case import Case
from models.cases.case_reader import CaseReader
from models.cases.status import Status
from models.cases.theme import RequestedDocument, Theme
from models.committee.assessment import Assessment
from models.committee.lesson_letter import LessonLetter
from models.committee.meeting import Meeting
from models.committee.member import CommitteeMember, Workplace
from models.committee.treatment import Treatment
from models.files.document import Document
from models.monthly.month_answer import MonthAnswer, Proof

PASSWORD = "vier woorden op een rij"
# One empty page: the least that is a whole PDF.
PDF = (
    b"%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj\n"
    b"3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >> endobj\nxref\n0 4\n0000000000 65535 f \n"
    b"0000000009 00000 n \n0000000058 00000 n \n0000000115 00000 n \ntrailer << /Size 4 /Root 1 0 R >>\nstartxref\n186\n%%EOF\n"
)
# Whether files count as looked into for what may tell who somebody is, with nothing found. Tests of that looking say no.
LOOKED = True

_numbers = itertools.count(1)


def hospital(name=None, **more):
    number = next(_numbers)
    return Hospital.create(code=f"ZH{number}", name=name or f"Ziekenhuis {number}", **more)


def user(
    *roles, role=Role.MELDER, hospital=None, email=None, name=None, password=PASSWORD, committee=None, recorded=True, **more
):
    """An account that can log in with PASSWORD; hospital roles get a hospital, a commissielid a committee.

    Where a whole committee reads a case (LZA1), `recorded` says of its member that no tie is there.
    """
    number = next(_numbers)
    roles = roles or (role,)
    local = {Role.MELDER, Role.INVOERDER, Role.LZA1_MELDER, Role.LNR_CONTACT} & set(roles)
    made = User.create(
        email=email or f"persoon{number}@example.com",
        name=name or f"Persoon {number}",
        password=_hash(password) if password else None,
        hospital=(hospital or globals()["hospital"]()) if local else None,
        committee=committee or (Process.NETHOSS if Role.COMMISSIELID in roles else None),
        **more,
    )
    for name in roles:
        UserRole.create(user=made, name=name)
    if made.committee == Process.LZA1 and recorded:
        CommitteeMember.create(user=made, discipline="jurist", term_from=clock.today(), outside=True)
    return made


def coordinator(process=Process.NETHOSS, **more):
    return user(role=Role.COORDINATOR if process == Process.NETHOSS else Role.LZA1_COORDINATOR, **more)


@lru_cache
def _hash(password):
    # The cost of admin_views/login.py, so that a log-in does not store a new hash.
    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1).hash(password)


def theme(process=Process.NETHOSS, name=None, asked=("partusverslag", "OK-verslag"), **more):
    name = name or f"Thema {next(_numbers)}"
    more = {"long_name": name, "definition": f"Wat {name} is.", "valid_from": clock.first_of("2020-01"), **more}
    made = Theme.create(process=process, name=name, **more)
    for position, label in enumerate(asked):
        RequestedDocument.create(theme=made, label=label, position=position, valid_from=made.valid_from)
    return made


def case(status=Status.CONCEPT, by=None, theme=None, patient_number="", month=None, at=None, reviewer=None):
    """A case brought to `status` by the verbs a person would use; `at` is the moment of every step."""
    theme = theme or globals()["theme"]()
    by = by or user(role=Role.MELDER)
    made = Case.open(by, theme, patient_number, month=month, now=at)
    if status == Status.CONCEPT:
        return made
    if status == Status.INGETROKKEN:
        made.withdraw(by, "Per ongeluk aangemaakt.", now=at)
        return made
    document(made, by=by, at=at)
    made.submit(by, now=at)
    reviewer = reviewer or (coordinator(theme.process) if status != Status.INGEDIEND else None)
    if status == Status.ONVOLLEDIG:
        made.mark_incomplete(reviewer, "Het partusverslag ontbreekt nog.", now=at)
    if status == Status.GOEDGEKEURD:
        made.approve(reviewer, now=at)
    return made


def document(case, by=None, name="partusverslag.pdf", content=PDF, at=None, **more):
    source, key = io.BytesIO(content), f"upload-{next(_numbers)}"
    made = Document.attach(case, source, name, by or case.reporter, upload_key=key, length=len(content), now=at, **more)
    if LOOKED:
        Document.update(look_due=None).where(Document.id == made.id).execute()
        made.look_due = None
    return made


def zero(by=None, month="2026-10", proof=Proof.PORTAAL, at=None, **more):
    """A zero report of the melder's hospital; with Proof.SCRIPT it stays provisional."""
    by = by or user(role=Role.MELDER)
    return MonthAnswer.zero(by.hospital_id, month, proof, by, now=at, **more)


def reader(case, user=None):
    """A member of the committee who reads this case."""
    user = user or globals()["user"](role=Role.COMMISSIELID)
    CaseReader.let(case, user, "genoemd in een test")
    return user


def member(user=None, hospital=None, today=None, **more):
    """A commissielid with a record: works at `hospital` (else one of their own), declared today."""
    today = today or clock.today()
    user = user or globals()["user"](role=Role.COMMISSIELID)
    since = today - timedelta(days=900)
    made = CommitteeMember.of(user) or CommitteeMember(user=user)
    for name, value in {
        "discipline": "gynaecoloog",
        "term_from": since,
        "declared_on": today,
        "outside": False,
        **more,
    }.items():
        setattr(made, name, value)
    made.save()
    Workplace.create(member=made, hospital=hospital or globals()["hospital"](), since=since)
    return user


def meeting(process=Process.NETHOSS, days=30):
    day = clock.today() + timedelta(days=days)
    return Meeting.get_or_none(Meeting.process == process, Meeting.day == day) or Meeting.create(process=process, day=day)


def treatment(case=None, assessors=(), by=None, declared=True, **more):
    """An approved case on the agenda of a meeting; these assessors, if any, are named, and declared to be independent."""
    case = case or globals()["case"](Status.GOEDGEKEURD)
    by = by or coordinator(case.process)
    made = Treatment.schedule(case, meeting(case.process, **more), by)
    if assessors:
        for one in Assessment.appoint(made, by, [one.id for one in assessors]):
            if declared:
                one.declare(one.assessor)
    return made


def letter(treatment, text="Meet het bloedverlies vanaf het begin."):
    """A letter of the committee to the hospital of a case, as released."""
    case, fields = treatment.case, {"released_at": clock.now(), "released_by": coordinator(treatment.case.process)}
    return LessonLetter.create(case=case, hospital=case.hospital_id, number=1, text=text, **fields)
