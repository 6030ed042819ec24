"""What the mails about a case may tell: its number and where to read on, and only while it is still true."""

from models import access
from models.cases.case import Case
from models.cases.case_part import CasePart
from models.cases.status import Status
from models.files.document import Document
from models.files.privacy.privacy_decision import PrivacyDecision
from models.questionnaires.query import DataQuery
from settings import settings


def _case_incomplete(mail):
    case = Case.get_by_id(mail.case_id)
    return case.mail_facts if case.status == Status.ONVOLLEDIG else None


def _case_submitted(mail):
    case, row = Case.get_by_id(mail.case_id), CasePart.of(mail.case_id)
    # Of a part the first melder of the hospital is written down as its reporter, whoever made it.
    made = row is None or row.invited_by_id in (None, case.reporter_id)
    return {**case.mail_facts, "by": mail.facts["by"], "own": made and mail.user_id == case.reporter_id}


def _case_approved(mail):
    case = Case.get_by_id(mail.case_id)
    return case.mail_facts if case.status == Status.GOEDGEKEURD else None


def _case_reopened(mail):
    return Case.get_by_id(mail.case_id).mail_facts


def _case_theme(mail):
    case = Case.get_by_id(mail.case_id)
    return case.mail_facts if case.status != Status.INGETROKKEN and case.is_open_to(mail.user) else None


def _case_closed(mail):
    case = Case.get_by_id(mail.case_id)
    return case.mail_facts if case.dismissed else None


def _file_blocked(mail):
    gone = Document.get_by_id(mail.facts["file"]).removed_at
    return None if gone else {**Case.get_by_id(mail.case_id).mail_facts, "infected": mail.facts["infected"]}


def _file_undecided(mail):
    case = Case.get_by_id(mail.case_id)
    if not PrivacyDecision.undecided(case) or not case.is_open_to(mail.user):
        return None
    return {**case.mail_facts, "link": f"{case.mail_facts['link']}nakijken"}


def _case_part(mail):
    case, row = Case.get_by_id(mail.case_id), CasePart.of(mail.case_id)
    # Who was invited is asked for something, and not once a colleague has handed it in.
    if row is None or case.status == Status.INGETROKKEN or (row.invited_by_id and not case.with_hospital):
        return None
    return {**case.mail_facts, "whole": row.whole.number, "invited": row.invited_by_id is not None}


def _part_withdrawn(mail):
    whole, part = Case.get_by_id(mail.case_id), Case.get_by_id(mail.facts["part"])
    coordinating = access.may(mail.user, "review", whole.process)
    inviting = mail.user.hospital_id == whole.hospital_id and whole.is_open_to(mail.user)
    if part.status != Status.INGETROKKEN or not (coordinating or inviting):
        return None
    link = f"{settings.portal_url}/beoordelen/{whole.key}/" if coordinating else whole.mail_facts["link"]
    return {**whole.mail_facts, "link": link, "part": part.number, "coordinating": coordinating}


def _case_question(mail):
    case = Case.get_by_id(mail.case_id)
    waiting = DataQuery.waiting(case)
    if not waiting or not case.is_open_to(mail.user):
        return None
    return {**case.mail_facts, "count": len(waiting), "of_committee": all(one.is_of_committee for one in waiting)}


# What models/__init__.py gives the outbox.
CONTEXTS = {
    "case_incomplete": _case_incomplete,
    "case_submitted": _case_submitted,
    "case_approved": _case_approved,
    "case_reopened": _case_reopened,
    "case_theme": _case_theme,
    "case_closed": _case_closed,
    "file_blocked": _file_blocked,
    "file_undecided": _file_undecided,
    "case_part": _case_part,
    "part_withdrawn": _part_withdrawn,
    "case_question": _case_question,
}
