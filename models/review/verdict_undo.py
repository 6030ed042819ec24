"""Undo of an approval: for a minute its mail waits, and whoever gave it can take it back as if it had not been given.

Not of the other verdicts: the hospital reads their message at once, and a message is never changed (models/cases/remark.py).
"""

from datetime import datetime, timedelta
from typing import Any

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.cases.status import Status
from models.mail.outbox import Mail, MailStatus

UNDO = timedelta(minutes=1)
APPROVED = "case.approve"
TOO_LATE = "Dit kan niet meer ongedaan worden gemaakt: het ziekenhuis heeft bericht. U kunt de melding wel heropenen of bellen."


def let_mails_wait(case: Case) -> None:
    """After a verdict, in its transaction: its mails leave a minute later."""
    later = case.status_since + UNDO
    Mail.update(not_before=later).where(_told(case), Mail.status == MailStatus.WACHT).execute()


def latest(user: User, now: datetime | None = None) -> Case | None:
    """The case about which `user` gave the latest verdict, while that can be taken back."""
    now = now or clock.now()
    given = AuditEvent.select().where(AuditEvent.action == APPROVED, AuditEvent.at > now - UNDO, AuditEvent.actor == user)
    event = given.order_by(AuditEvent.id.desc()).first()
    if event is None:
        return None
    case = access.visible(Case, user).where(Case.id == event.case_id).first()
    return case if case and _given(case, user, now) else None


def take_back(case: Case, by: User, now: datetime | None = None) -> None:
    """Undo the verdict of `by`: the case is handed in as before, its mails do not leave.

    Raises Refused a minute later, when a mail has left, and when somebody else gave it or the case moved on.
    """
    access.demand(by, "review", case.process)
    now = now or clock.now()
    with db.atomic():
        Case.held(case.id)
        event = _given(Case.get_by_id(case.id), by, now)
        told = _told(case)
        kept = Mail.status.in_([MailStatus.WACHT, MailStatus.DAGMAIL])
        Mail.update(status=MailStatus.VERVALLEN, about="").where(told, kept).execute()
        if event is None or Mail.select().where(told, Mail.status != MailStatus.VERVALLEN).exists():
            raise Refused(TOO_LATE)  # one has left, or a worker has it; the transaction forgets the rest
        back = {"status_since": case.submitted_at, "approved_at": None, "approved_by": None}
        case._move("undo_verdict", by, now, **back)


def _given(case: Case, by: User, now: datetime) -> Any:
    """The line of the verdict of `by` that stands at this case and can be taken back, or None."""
    lately = (AuditEvent.case_id == case.id) & (AuditEvent.action == APPROVED) & (AuditEvent.at == case.status_since)
    event = AuditEvent.select().where(lately).order_by(AuditEvent.id.desc()).first()
    stands = event is not None and event.actor_id == by.id and case.status == Status.GOEDGEKEURD
    return event if stands and now < event.at + UNDO else None


def _told(case):
    return (Mail.case_id == case.id) & (Mail.name == "case_approved") & Mail.once.contains(f":{case.id}:{case.round}:")
