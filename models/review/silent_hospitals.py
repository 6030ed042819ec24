"""What the coordinator follows up: hospitals that have not answered a month, and what stands in the way of asking them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import peewee
from peewee import JOIN, fn

from models import access, clock
from models.access import Process, Role
from models.accounts.hospital import Hospital
from models.accounts.user import User, UserRole
from models.base import Refused
from models.cases.case import Case
from models.cases.status import WITH_HOSPITAL, Status
from models.mail.mail_schedule import MailSchedule
from models.mail.outbox import Mail, MailStatus
from models.mail.sending_hold import SendingHold
from models.monthly import response
from models.monthly.link_visit import LinkVisit
from models.monthly.month_answer import MonthAnswer
from models.monthly.monthly_request import MonthlyCall
from models.monthly.response import REQUEST_ENDS
from models.review.call_log import LoggedCall
from models.review.work_list import in_full

REQUESTS = ("monthly_request", "monthly_reminder")
FEW = 2  # melders; with fewer, one holiday makes a hospital silent
LATE = timedelta(days=2)  # after the schedule, when the request must have left
OPEN = (*WITH_HOSPITAL, Status.INGEDIEND)


@dataclass
class Silence:
    """A hospital that was asked about a month and has not answered."""

    hospital: Hospital
    melders: int = 0
    provisional: MonthAnswer | None = None
    reminded_at: datetime | None = None
    call: LoggedCall | None = None  # the latest about this month
    requests: Counter = field(default_factory=Counter)  # what became of the mails that asked: how many, by REQUEST_ENDS
    pause: SendingHold | None = None
    troubles: dict = field(default_factory=dict)  # account id -> what the mail server said last, until a mail gets through

    def note(self, mail: Mail) -> None:
        """Take one of the mails about the month into account; they come in the order of their making."""
        if mail.name == "monthly_reminder":
            self.reminded_at = mail.created_at
        self.requests += requests([mail])
        if mail.error:
            self.troubles[mail.user_id] = mail.error
        elif mail.status == MailStatus.VERZONDEN:
            self.troubles.pop(mail.user_id, None)


def requests(mails: Iterable[Mail]) -> Counter:
    """How many of the requests among these mails ended how, by the names in REQUEST_ENDS."""
    asked = [mail for mail in mails if mail.name == "monthly_request"]
    return Counter("geweigerd" if mail.bounced_at else REQUEST_ENDS[MailStatus(mail.status)] for mail in asked)


def silences(month: str, page: int = 0, size: int = 50) -> tuple[list[Silence], int]:
    """One page of the hospitals that have not answered about `month`, by name: ([Silence], how many there are in all)."""
    hospitals = list(response.silent(month))
    shown = hospitals[page * size : (page + 1) * size]
    ids = [hospital.id for hospital in shown]
    melders = melder_counts(ids)
    answers = MonthAnswer.select().where(
        MonthAnswer.hospital.in_(ids), MonthAnswer.month == month, MonthAnswer.ended_at.is_null()
    )
    provisional = {answer.hospital_id: answer for answer in answers}
    calls, paused = LoggedCall.latest(ids, month), SendingHold.paused()
    rows = {
        id: Silence(hospital, melders.get(id, 0), provisional.get(id), call=calls.get(id), pause=paused.get(id))
        for id, hospital in zip(ids, shown, strict=True)
    }
    for mail in Mail.select().where(Mail.hospital.in_(ids), Mail.month == month, Mail.name.in_(REQUESTS)).order_by(Mail.id):
        rows[mail.hospital_id].note(mail)
    return list(rows.values()), len(hospitals)


def remind_silent(month: str, by: User, now: datetime | None = None) -> tuple[int, int]:
    """Remind every hospital that has not answered about `month`, each at most once a day: (mails, hospitals)."""
    access.demand(by, "follow")
    mails = [_remind(hospital, month, by, now) for hospital in response.silent(month)]
    return sum(mails), sum(count > 0 for count in mails)


def _remind(hospital, month, by, now):
    try:
        return MonthlyCall.remind(hospital, month, by, now)
    except Refused:
        return 0  # nobody left to ask, or answered a moment ago; the others are reminded all the same


@dataclass
class Asked:
    """One melder who was asked about a month: the mails about it, and how often each of its links was opened."""

    call: MonthlyCall
    mails: list = field(default_factory=list)
    opened: dict = field(default_factory=dict)


def asked(hospital: Hospital, month: str) -> list[Asked]:
    """The melders of a hospital who were asked about `month`, with their mails and what they opened."""
    calls = MonthlyCall.select(MonthlyCall, User).join(User)
    rows = {
        call.user_id: Asked(call)
        for call in calls.where(MonthlyCall.hospital == hospital, MonthlyCall.month == month).order_by(User.name)
    }
    for mail in Mail.select().where(Mail.hospital == hospital, Mail.month == month, Mail.name.in_(REQUESTS)).order_by(Mail.id):
        if mail.user_id in rows:
            rows[mail.user_id].mails.append(mail)
    by_call = {row.call.id: row for row in rows.values()}
    visits = LinkVisit.select(LinkVisit.call, LinkVisit.link, fn.COUNT(LinkVisit.id)).where(
        LinkVisit.call.in_(list(by_call)), LinkVisit.method == "GET"
    )
    purposes = _purposes(by_call)
    for call, link, count in visits.group_by(LinkVisit.call, LinkVisit.link).tuples():
        by_call[call].opened[purposes[link]] = count
    return list(rows.values())


def _purposes(by_call):
    links = LinkVisit.link.rel_model
    return dict(links.select(links.id, links.purpose).where(links.call.in_(list(by_call))).tuples())


def history(hospital: Hospital, month: str) -> list[MonthAnswer]:
    """Every answer of a hospital about `month`, latest first, with who gave it and who ended it."""
    giver, ender = User.alias(), User.alias()
    answers = (
        MonthAnswer.select(MonthAnswer, giver, ender)
        .join_from(MonthAnswer, giver, on=(MonthAnswer.by == giver.id), attr="by")
        .join_from(MonthAnswer, ender, JOIN.LEFT_OUTER, on=(MonthAnswer.ended_by == ender.id), attr="ended_by")
    )
    return list(answers.where(MonthAnswer.hospital == hospital, MonthAnswer.month == month).order_by(MonthAnswer.id.desc()))


def cases(hospital: Hospital, month: str, by: User) -> list:
    """The cases of a hospital that count for `month`, as far as `by` may see them."""
    found = in_full(access.visible(Case, by)).where(Case.hospital == hospital, Case.month == month)
    return list(found.order_by(Case.id))


def hospitals(month: str) -> list[Any]:
    """Every hospital that takes part, by name: (id, code, name, phone, silent), plain because they are many.

    `silent`: 1 when it was asked about `month` and did not answer.
    """
    silent = peewee.Case(None, [(response.silent_about(month), 1)], 0).alias("silent")
    columns = (Hospital.id, Hospital.code, Hospital.name, Hospital.phone, silent)
    return list(Hospital.reporting().select(*columns).namedtuples())


def melder_counts(hospital_ids: Sequence[int] | None = None) -> dict[int, int]:
    """{hospital id: number of active melders}; hospitals without any are left out."""
    holders = UserRole.select(UserRole.user).where(UserRole.name == Role.MELDER)
    query = User.select(User.hospital, fn.COUNT(User.id)).where(User.active, User.id.in_(holders))  # type: ignore[attr-defined]
    if hospital_ids is not None:
        query = query.where(User.hospital.in_(hospital_ids))
    return dict(query.group_by(User.hospital).tuples())


def _reporting(ids, last):
    """Which of these were asked in the year up to the month `last`, or have an open case: one that delivers only to the LNR
    needs no melder."""
    if not ids:
        return set()
    asked = {hospital for hospital, *_ in response.asked_months(ids, clock.months_until(last, 12))}
    own = Case.of_process({Process.NETHOSS}) & Case.hospital.in_(ids) & Case.status.in_(OPEN)
    return asked | {hospital for (hospital,) in Case.select(Case.hospital).where(own).distinct().tuples()}


@dataclass
class Warnings:
    """What keeps the monthly request from reaching people."""

    few_melders: list  # (hospital, number)
    refused: list  # accounts of melders whose address a mail server refused
    uncertain: int  # mails of which nobody knows whether they arrived
    unsent: str | None  # the month about which nobody was asked, though it is time

    def __bool__(self):
        return bool(self.few_melders or self.refused or self.uncertain or self.unsent)

    @classmethod
    def among(cls, hospitals: Sequence[Any], asked: int, now: datetime | None = None) -> "Warnings":
        """The warnings about these hospitals; `asked`: how many of them were really asked about last month."""
        counts, now = melder_counts(), now or clock.now()
        month = clock.previous_month(clock.today(now))
        few = [(hospital, counts.get(hospital.id, 0)) for hospital in hospitals if counts.get(hospital.id, 0) < FEW]
        reporting = _reporting([hospital.id for hospital, count in few if not count], month)
        refused = User.with_role(Role.MELDER).where(User.address_refused_at.is_null(False))
        return cls(
            few_melders=[(hospital, count) for hospital, count in few if count or hospital.id in reporting],
            refused=list(refused.select(User, Hospital).join(Hospital).order_by(Hospital.name)),
            uncertain=Mail.select().where(Mail.status == MailStatus.ONZEKER).count(),
            # A dead-man's check: a worker that stands still reports nothing itself.
            unsent=month if not asked and now >= MailSchedule.current().asks_from(month) + LATE else None,
        )
