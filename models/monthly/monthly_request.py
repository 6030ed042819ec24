"""The monthly request: one call per melder and month, its two links, and the answer of the hospital."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from peewee import CharField, Check, DateTimeField, ForeignKeyField, Node, fn

from models import access, clock
from models.access import Role
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Record, Refused, db
from models.dutch import long_date, plural
from models.mail.mail_schedule import MailSchedule
from models.mail.outbox import Mail
from models.mail.sending_hold import SendingHold
from models.monthly.month_answer import MonthAnswer, Proof
from settings import settings

CATCH_UP = timedelta(days=14)  # after an outage, or a first start, this late is still in time
MOST_CHANGES = 20  # of a month's answer through links; each may send a receipt


class MonthOpening(Record):
    """A month about which the hospitals were asked; the database lets that happen once."""

    month = CharField(max_length=7, unique=True)
    opened_at = DateTimeField()


class MonthlyCall(Record):
    """One melder, asked about one month."""

    user = ForeignKeyField(User, backref="calls", on_delete="RESTRICT")
    hospital = ForeignKeyField(Hospital, backref="calls", on_delete="RESTRICT")
    month = CharField(max_length=7)
    created_at = DateTimeField()
    expires_at = DateTimeField()

    class Meta:
        indexes = ((("user", "month"), True), (("hospital", "month"), False), (("month",), False))

    @classmethod
    def owned_by(cls, hospital: Hospital, processes: Collection[str]) -> Node:
        return cls.hospital == hospital

    @classmethod
    def open_all(cls, month: str, now: datetime | None = None, by: User | None = None) -> int:
        """Ask every active melder about `month`; returns how many were asked now. Asking again asks nobody twice.

        Hospital by hospital, each in a transaction of its own: who writes meanwhile waits for one hospital, not for all. What
        a run that was broken off left, the next one asks.
        """
        now = now or clock.now()
        clock.first_of(month)
        left = Hospital.id.in_(cls._not_yet_asked(month).select(User.hospital))
        hospitals = list(Hospital.select().where(left).order_by(Hospital.id))
        asked = sum(cls._open(hospital, month, now, by) for hospital in hospitals)
        # Only now: the month is not open before everybody was asked.
        MonthOpening.insert(month=month, opened_at=now).on_conflict_ignore().execute()
        return asked

    @classmethod
    def _open(cls, hospital, month, now, by):
        with db.atomic():
            hospital.hold()  # of two that open the same month at once, one waits here and then finds nobody left
            asked = sum(cls._ask(user, month, now) for user in cls._not_yet_asked(month).where(User.hospital == hospital))
            if asked:
                told = plural(asked, "melder", "melders")
                AuditEvent.log("month.open", by=by, hospital=hospital, subject=month, detail=told, process="nethoss", at=now)
        return asked

    @classmethod
    def ask_again(cls, month: str, now: datetime | None = None) -> int:
        """Ask about `month` anew after a restore: new links for who was asked, and the others too; returns how many."""
        now = now or clock.now()
        with db.atomic():
            again = [call for call in cls.select(cls, User).join(User).where(cls.month == month) if call.is_owned]
            for call in again:
                cls.update(created_at=now, expires_at=_expires(month)).where(cls.id == call.id).execute()
                for link in call.links:
                    link.renew()
                once = f"monthly:{call.id}:{now.isoformat()}"
                Mail.queue("monthly_request", call.user, once=once, month=month, now=now, call=call.id)
            return len(again) + cls.open_all(month, now)

    @classmethod
    def _not_yet_asked(cls, month):
        active = Hospital.select(Hospital.id).where(Hospital.active)
        asked = cls.select().where(cls.user == User.id, cls.month == month)
        melders = User.with_role(Role.MELDER).where(User.hospital.in_(active))
        return melders.where(~fn.EXISTS(asked)).order_by(User.id)

    @classmethod
    def _ask(cls, user, month, now):
        call = cls.create(user=user, hospital=user.hospital_id, month=month, created_at=now, expires_at=_expires(month))
        for purpose in ("nee", "ja"):
            CallLink.make(call, purpose)
        Mail.queue("monthly_request", user, once=f"monthly:{call.id}", month=month, now=now, call=call.id)
        return 1

    @classmethod
    def open_due(cls, now: datetime | None = None) -> int:
        """Ask about a month once the day and hour of the schedule, in the month after it, have come; returns how many."""
        now, schedule = now or clock.now(), MailSchedule.current()
        month = schedule.month_due(now)
        if MonthOpening.select().where(MonthOpening.month == month).exists() or now >= schedule.asks_from(month) + CATCH_UP:
            return 0
        return cls.open_all(month, now)

    @classmethod
    def remind(cls, hospital: Hospital, month: str, by: User, now: datetime | None = None) -> int:
        """Ask the melders of a hospital that did not answer about `month` once more, at most once a day; returns how many.

        Raises Refused when the hospital answered, or when nobody is left whose links still work.
        """
        access.demand(by, "follow")
        now = now or clock.now()
        answer = MonthAnswer.standing(hospital, month)
        if answer and answer.counts:
            raise Refused("Dit ziekenhuis heeft over deze maand al geantwoord.")
        if pause := SendingHold.of_hospital(hospital, clock.today(now)):
            raise Refused(f"Dit ziekenhuis is gepauzeerd tot en met {long_date(pause.until)}. Hef de pauze eerst op.")
        if not (calls := cls.still_open(hospital, month, now)):
            raise Refused("Er is geen melder met een link die nog werkt. Bel het ziekenhuis.")
        with db.atomic():
            hospital.hold()  # the clock looks whether a person was first
            day: dict[str, Any] = {"month": month, "now": now}
            sent = [
                Mail.queue("monthly_reminder", call.user, once=f"again:{call.id}:{clock.today(now)}", call=call.id, **day)
                for call in calls
            ]
            if reminded := sum(mail is not None for mail in sent):
                AuditEvent.log("month.remind", by=by, hospital=hospital, subject=month, process="nethoss", at=now)
        return reminded

    @classmethod
    def still_open(cls, hospital: Hospital, month: str, now: datetime) -> list["MonthlyCall"]:
        """The calls of a hospital about `month` whose links still work."""
        valid = (cls.hospital == hospital) & (cls.month == month) & (cls.expires_at > now)
        return [call for call in cls.select(cls, User).join(User).where(valid) if call.is_owned]

    @classmethod
    def asked(cls, hospital: Hospital, month: str) -> bool:
        """Whether this hospital was asked about `month`."""
        return cls.select().where(cls.hospital == hospital, cls.month == month).exists()

    @classmethod
    def is_open(cls, hospital: Hospital, month: str) -> bool:
        """Whether this hospital was asked about `month` and did not answer so that it counts."""
        answer = MonthAnswer.standing(hospital, month)
        return cls.asked(hospital, month) and not (answer and answer.counts)

    @classmethod
    def month_at_hand(cls, hospital: int, now: datetime | None = None) -> str:
        """Which month a case answers that did not come through the mail: the one asked about now, else the running one.

        A zero report about that month ends by it: a case reported just after 'Nee' more likely mends that answer than not,
        and a false zero is the one error this registry may not make. The coordinator can set another month.
        """
        last = clock.previous_month(clock.today(now))
        asked = cls.select().where(cls.hospital == hospital, cls.month == last).exists()
        return last if asked else clock.month_of(clock.today(now))

    @classmethod
    def by_token(cls, token: str, purpose: str) -> "MonthlyCall | None":
        """The call whose mail held this link; None for a wrong one. Whether it is still valid: `expired`."""
        link = CallLink.get_or_none(CallLink.token_hash == _hash(token), CallLink.purpose == purpose)
        return link.call if link else None

    def expired(self, now: datetime | None = None) -> bool:
        return (now or clock.now()) >= self.expires_at or not self.is_owned

    @property
    def is_owned(self) -> bool:
        """Whether who got the links still answers for this hospital."""
        return self.user.hospital_id == self.hospital_id and access.may(self.user, "answer")

    def _why_expired(self, act):
        return f"Deze link is verlopen. Log in om uw antwoord {act}." if self.is_owned else "Deze link werkt niet meer."

    def address(self, purpose: str) -> str:
        """The full address of one of the two buttons."""
        return self.addresses()[purpose]

    def addresses(self) -> dict[str, str]:
        """{purpose: the full address of the button}, of both."""
        return {link.purpose: f"{settings.portal_url}/uitvraag/{link.token}/{link.purpose}" for link in self.links}

    def mail(self) -> Any:
        """The request's mail, whatever became of it; the last one, when a restore made it be asked again."""
        mine = (Mail.once == f"monthly:{self.id}") | Mail.once.startswith(f"monthly:{self.id}:")
        then = (Mail.name == "monthly_request") & (Mail.created_at == self.created_at)  # by the index of these two
        return Mail.select().where(then, mine).order_by(Mail.id.desc()).first()

    def answer_zero(self, proof: Proof, doubt: str = "", now: datetime | None = None) -> MonthAnswer:
        """Register 'Nee, geen casus' from the mail's link; returns the hospital's answer. Safe to repeat.

        Without a proof that a scanner cannot give, or with a `doubt` about the visit (LinkVisit.doubt), the answer is
        `voorlopig` and does not count. Raises Refused when the link has expired or a case was reported about that month.
        """
        now = now or clock.now()
        if self.expired(now):
            raise Refused(self._why_expired("door te geven"))
        if MonthAnswer.history(self.hospital_id, self.month).count() > MOST_CHANGES:
            raise Refused("Het antwoord over deze maand is al vaak gewijzigd. Log in om het nog eens te wijzigen.")
        doubt = doubt if proof in (Proof.GEBAAR, Proof.KNOP) else ""
        return MonthAnswer.zero(self.hospital_id, self.month, proof, by=self.user, doubt=doubt, now=now)

    def confirm_zero(self, doubt: str = "", now: datetime | None = None) -> Any:
        """A gesture on the page behind 'Nee': the provisional zero report that stands counts from now on, unless in doubt.

        Makes no new one, so that a forgotten page cannot bring back what was taken back. Returns the standing answer or None.
        """
        answer = MonthAnswer.standing(self.hospital_id, self.month)
        if answer and not self.expired(now):
            answer.prove(Proof.GEBAAR, self.user, doubt, now)
        return answer

    def withdraw_zero(self, now: datetime | None = None) -> None:
        """'Ongedaan maken' from the page behind the mail's link: end the hospital's zero report, if one stands."""
        if self.expired(now):
            raise Refused(self._why_expired("te wijzigen"))
        answer = MonthAnswer.standing(self.hospital_id, self.month)
        if answer:
            answer.withdraw(self.user, now)


class CallLink(Record):
    """One button of one mail. Its token is kept nowhere: it is made again from the nonce and a key outside the database."""

    call = ForeignKeyField(MonthlyCall, backref="links", on_delete="RESTRICT")
    purpose = CharField(max_length=3, constraints=[Check("purpose IN ('nee', 'ja')")])
    nonce = CharField(max_length=43)
    token_hash = CharField(max_length=64, unique=True)

    class Meta:
        indexes = ((("call", "purpose"), True),)

    @classmethod
    def make(cls, call: MonthlyCall, purpose: str) -> "CallLink":
        return cls.create(call=call, purpose=purpose, **cls._drawn())

    def renew(self) -> None:
        """Give the button another token; the one that was mailed opens nothing any more."""
        CallLink.update(**self._drawn()).where(CallLink.id == self.id).execute()

    @staticmethod
    def _drawn():
        nonce = secrets.token_urlsafe(32)
        return {"nonce": nonce, "token_hash": _hash(_token(settings.secret_keys[0], nonce))}

    @property
    def token(self) -> str:
        """The token of this link, whichever of the keys made it."""
        tokens = (_token(key, self.nonce) for key in settings.secret_keys)
        return next(token for token in tokens if _hash(token) == self.token_hash)


def _expires(month):
    """When the links about `month` end: with the mailing after the next (portal.md 4.2)."""
    return MailSchedule.current().request_due(clock.add_months(month, 2))


def _token(key, nonce):
    return hmac.new(key.encode(), nonce.encode(), hashlib.sha256).hexdigest()


def _hash(token):
    return hashlib.sha256(token.encode()).hexdigest()


def _monthly_request(mail):
    related = MonthlyCall.select(MonthlyCall, User, Hospital).join_from(MonthlyCall, User).join_from(MonthlyCall, Hospital)
    call = related.where(MonthlyCall.id == mail.facts["call"]).get()
    if call.expired(mail.leaves_at) or not call.hospital.active:
        return None
    addresses = call.addresses()
    return {
        "month": call.month,
        "hospital": call.hospital.name,
        "no_link": addresses["nee"],
        "yes_link": addresses["ja"],
        "valid_until": call.expires_at,
    }


def _monthly_reminder(mail):
    call = MonthlyCall.get_by_id(mail.facts["call"])
    answer = MonthAnswer.standing(call.hospital_id, call.month)
    context = None if answer and answer.counts else _monthly_request(mail)
    return context and {**context, "provisional": answer is not None}


CONTEXTS = {"monthly_request": _monthly_request, "monthly_reminder": _monthly_reminder}
