"""Undo of a verdict: for a minute its mails wait, and whoever gave it can take it back as if it had not been given.

What was written to the hospital becomes an internal note: a message is never changed, and this one was not sent. As soon as the
hospital did something with the verdict, or a mail has left, it stands.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from models import access, clock
from models.accounts.user import User
from models.audit.audit_action import STORY, UNDONE
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import TRANSITIONS, Case
from models.cases.remark import Remark
from models.cases.status import Status
from models.mail.outbox import Mail, MailStatus

UNDO = timedelta(minutes=1)
# what the trail calls a verdict: (the status that it gives, the mail that tells of it)
VERDICTS = {
    "case.approve": (Status.GOEDGEKEURD, "case_approved"),
    "case.mark_incomplete": (Status.ONVOLLEDIG, "case_incomplete"),
    "case.dismiss": (Status.INGETROKKEN, "case_closed"),
}
MOVES = [f"case.{verb}" for verb in ("open", *TRANSITIONS)]
WAITED = ("case.submit", UNDONE)  # after which a case waits for a verdict
TOO_LATE = "Dit kan niet meer ongedaan worden gemaakt: het ziekenhuis heeft bericht. U kunt de melding wel heropenen of bellen."


def let_mails_wait(case: Case) -> None:
    """After a verdict, in its transaction: its mails leave a minute later."""
    later = case.status_since + UNDO
    Mail.update(not_before=later).where(_told(case), Mail.status == MailStatus.WACHT).execute()


def latest(user: User, now: datetime | None = None) -> Case | None:
    """The case about which `user` gave the latest verdict, while that can be taken back."""
    now = now or clock.now()
    given = AuditEvent.select().where(
        AuditEvent.action.in_(list(VERDICTS)), AuditEvent.at > now - UNDO, AuditEvent.actor == user
    )
    event = given.order_by(AuditEvent.id.desc()).first()
    if event is None:
        return None
    case = access.visible(Case, user).where(Case.id == event.case_id).first()
    return case if case and _given(case, user, now) else None


def take_back(case: Case, by: User, now: datetime | None = None) -> Remark | None:
    """Undo the verdict of `by`: the case is handed in as before, its mails do not leave. Returns the message, now a note.

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
        case._move("undo_verdict", by, now, **back, closed_why="", dismissed=False)
        message = case.remarks.where(Remark.shared(), Remark.author == by, Remark.created_at == event.at).first()
        if message:
            Remark.update(taken_back_at=now).where(Remark.id == message.id).execute()
    return message


def stood(events: Iterable[AuditEvent]) -> list[AuditEvent]:
    """The lines of a case without the verdicts that were taken back, and without the taking back."""
    found: list[AuditEvent] = []
    for event in events:
        if event.action == UNDONE:
            given = next(place for place in reversed(range(len(found))) if found[place].action in VERDICTS)
            del found[given]
        else:
            found.append(event)
    return found


def _given(case: Case, by: User, now: datetime) -> Any:
    """The line of the verdict of `by` that stands at this case and can be taken back, or None."""
    moves = AuditEvent.select().where(AuditEvent.case_id == case.id, AuditEvent.action.in_(MOVES))
    event, *before = moves.order_by(AuditEvent.id.desc()).limit(2)
    if event.action not in VERDICTS or (event.at, event.actor_id) != (case.status_since, by.id) or now >= event.at + UNDO:
        return None
    if case.status != VERDICTS[event.action][0]:
        return None
    if event.action == "case.dismiss" and before[0].action not in WAITED:
        return None  # it lay with the hospital: nobody waited for this verdict
    later = (AuditEvent.case_id == case.id) & (AuditEvent.id > event.id) & AuditEvent.actor.is_null(False)
    return None if AuditEvent.select().where(later, AuditEvent.action.in_(STORY)).exists() else event


def _told(case):
    names = [mail for _, mail in VERDICTS.values()]
    return (Mail.case_id == case.id) & Mail.name.in_(names) & Mail.once.contains(f":{case.id}:{case.round}:")
