"""What the mails about a case may tell: its number and where to read on, and only while it is still true."""

from models.cases.case import Case
from models.cases.status import Status
from models.files.document import Document
from models.mail.mail_texts import tells
from models.questionnaires.query import DataQuery


@tells("case_incomplete")
def _case_incomplete(mail):
    case = Case.get_by_id(mail.case_id)
    return case.mail_facts if case.status == Status.ONVOLLEDIG else None


@tells("case_submitted")
def _case_submitted(mail):
    return {**Case.get_by_id(mail.case_id).mail_facts, "by": mail.facts["by"]}


@tells("case_approved")
def _case_approved(mail):
    case = Case.get_by_id(mail.case_id)
    return case.mail_facts if case.status == Status.GOEDGEKEURD else None


@tells("case_reopened")
def _case_reopened(mail):
    return Case.get_by_id(mail.case_id).mail_facts


@tells("case_closed")
def _case_closed(mail):
    case = Case.get_by_id(mail.case_id)
    return case.mail_facts if case.dismissed else None


@tells("file_blocked")
def _file_blocked(mail):
    gone = Document.get_by_id(mail.facts["file"]).removed_at
    return None if gone else {**Case.get_by_id(mail.case_id).mail_facts, "infected": mail.facts["infected"]}


@tells("case_question")
def _case_question(mail):
    case, count = Case.get_by_id(mail.case_id), DataQuery.waiting(mail.case_id)
    return {**case.mail_facts, "count": count} if count and case.is_open_to(mail.user) else None
