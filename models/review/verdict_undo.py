"""Undo of a verdict: for a minute its mails wait, and whoever gave it can take it back as if it had not been given.

What was written to the hospital becomes an internal note: a message is never changed, and this one was not sent. As soon as the
hospital did something with the verdict, or a mail has left, it stands.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from models import access, clock
from models.accounts.user import User
from models.audit.audit_action import STORY, UNDONE, stood
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.cases.remark import MissingDocument, Remark
from models.cases.status import TRANSITIONS, Status
from models.mail.outbox import Mail, MailStatus
from models.questionnaires.query import DataQuery

UNDO = timedelta(minutes=1)
# what the trail calls a verdict: (the status that it gives, the mail that tells of it)
VERDICTS = {
    "case.approve": (Status.GOEDGEKEURD, "case_approved"),
    "case.mark_incomplete": (Status.ONVOLLEDIG, "case_incomplete"),
    "case.dismiss": (Status.INGETROKKEN, "case_closed"),
}
MOVES = [f"case.{verb}" for verb in ("open", *TRANSITIONS)]
WAITED = ("case.submit", UNDONE)  # after which a case waits for a verdict

# Why a verdict stands, and what can be done instead.
NOT_HERE = "Er is geen oordeel van u over deze melding dat nog ongedaan kan worden gemaakt."
OVER = "Dit kan niet meer ongedaan worden gemaakt: de minuut daarvoor is voorbij."
WENT_ON = "Dit kan niet meer ongedaan worden gemaakt: na uw oordeel is er al iets met de melding gedaan."
NOT_WAITING = "Dit kan niet ongedaan worden gemaakt: het ziekenhuis had de melding nog niet, of niet opnieuw, ingediend."
LEFT = "Dit kan niet meer ongedaan worden gemaakt: het versturen van de mail erover is al begonnen."
REOPEN = " U kunt de melding wel heropenen."
CALL = " Bel het ziekenhuis als er toch niets ontbreekt: het kan de melding opnieuw indienen."


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
    try:
        if case:
            _demand_given(case, user, now)
    except Refused:
        return None
    return case


def take_back(case: Case, by: User, now: datetime | None = None) -> Remark | None:
    """Undo the verdict of `by`: the case is handed in as before, its mails do not leave. Returns the message, now a note.

    Raises Refused a minute later, when a mail has left, when somebody else gave it or the case moved on, and for a part that
    has no place any more in its whole.
    """
    access.demand(by, "review", case.process)
    now = now or clock.now()
    with db.atomic():
        if case.status == Status.INGETROKKEN:
            case.demand_place_in_whole()  # as reopening does, which holds the whole before its part too
        fresh = Case.held(case.id)
        event, before = _demand_given(fresh, by, now)
        told = _told(case)
        kept = Mail.status.in_([MailStatus.WACHT, MailStatus.DAGMAIL])
        Mail.update(status=MailStatus.VERVALLEN, about="").where(told, kept).execute()
        if Mail.select().where(told, Mail.status != MailStatus.VERVALLEN).exists():
            raise Refused(LEFT + _instead(fresh))  # a worker has it; the transaction forgets the rest
        # Of a case that was approved before, that first approval stands.
        approval = {"approved_at": None, "approved_by": None} if fresh.approved_at == event.at else {}
        reason = {"closed_why": "", "dismissed": False, "dismissed_as": None}
        case._move("undo_verdict", by, now, status_since=before[-1].at, **approval, **reason)
        MissingDocument.take_back(case, event.at)
        DataQuery.take_back(case, event.at)
        message = case.remarks.where(Remark.shared(), Remark.author == by, Remark.created_at == event.at).first()
        if message:
            Remark.update(taken_back_at=now).where(Remark.id == message.id).execute()
    return message


def judged(events: Iterable[AuditEvent]) -> list[AuditEvent]:
    """What `stood` of a case since it was first handed in: a concept that was closed and reopened was never judged."""
    found = stood(events)
    return found[next((place for place, line in enumerate(found) if line.action == "case.submit"), len(found)) :]


def _demand_given(case: Case, by: User, now: datetime) -> tuple[AuditEvent, list[AuditEvent]]:
    """The line of the verdict of `by` that stands at this case, and the moves before it, of which the last one began the
    waiting. Raises Refused, with why."""
    lines = AuditEvent.select().where(AuditEvent.case_id == case.id, AuditEvent.action.in_(MOVES))
    moves = list(lines.order_by(AuditEvent.id))
    event, before = moves[-1] if moves else None, stood(moves[:-1])
    # Without a line before it, the trail was cut off there.
    if event is None or not before or (event.at, event.actor_id) != (case.status_since, by.id):
        raise Refused(NOT_HERE + _instead(case))
    if event.action not in VERDICTS or case.status != VERDICTS[event.action][0]:
        raise Refused(NOT_HERE + _instead(case))
    if now >= event.at + UNDO:
        raise Refused(OVER + _instead(case))
    if event.action == "case.dismiss" and moves[-2].action not in WAITED:
        raise Refused(NOT_WAITING + _instead(case))  # nobody waited for this verdict
    later = (AuditEvent.case_id == case.id) & (AuditEvent.id > event.id) & AuditEvent.actor.is_null(False)
    if AuditEvent.select().where(later, AuditEvent.action.in_(STORY)).exists():
        raise Refused(WENT_ON + _instead(case))
    return event, before


def _instead(case):
    if case.status == Status.GOEDGEKEURD or case.dismissed:
        return REOPEN
    return CALL if case.status == Status.ONVOLLEDIG else ""


def _told(case):
    names = [mail for _, mail in VERDICTS.values()]
    return (Mail.case_id == case.id) & Mail.name.in_(names) & Mail.once.contains(f":{case.id}:{case.round}:")
