"""The outbox. A mail is a row, written in the transaction of the act it tells about; a worker sends the rows.

Texts live in templates/mail/<name>/, and are made at the moment of sending, so that a mail never tells what is no
longer true. A mail is never sent twice by the machine and never lost in silence.
"""

import json
import logging
from datetime import datetime
from email.message import EmailMessage
from functools import partial
from typing import Any

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, IntegrityError, Node, TextField, fn

from models import access, clock
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, Record, Refused, db
from models.encrypted_fields import SealedField
from models.long_work.shutdown import unbroken, until_asked
from models.mail import letter
from models.mail.mail_preference import MailPreference
from models.mail.mail_status import MAIL_LABELS, MAIL_STATUS_LABELS, MailStatus
from models.mail.outgoing_hold import OutgoingHold
from models.mail.sending_hold import SendingHold
from models.mail.smtp import Deferred, PostDown, Rejected, TakenBack, Uncertain, Undeliverable, open_post

log = logging.getLogger(__name__)

# Minutes until the next try after a temporary refusal; after the last one the mail has failed.
WAITS = (1, 5, 15, 60, 240, 720, 1440)
LEASE_MINUTES = 15
DOUBTS, REST_MINUTES = 3, 15  # after so many in a row about which the server said nothing, how long no mail is tried
BOUNCED_DAYS = 40  # longer than from one monthly request to the next


class Mail(Record):
    """One mail to one person."""

    name = CharField(max_length=40, choices=list(MAIL_LABELS.items()))
    user = ForeignKeyField(User, null=True, backref="mails", on_delete="RESTRICT")
    to = CharField(max_length=254, column_name="to_address")
    hospital = ForeignKeyField(Hospital, null=True, on_delete="RESTRICT")
    case_id = IntegerField(null=True, index=True)
    month = CharField(max_length=7, null=True)
    about = SealedField(default="")  # JSON of what `queue` was told; while the mail waits, links that open something too
    once = CharField(max_length=120, unique=True, null=True)
    status = CharField(max_length=10, default=MailStatus.WACHT, choices=list(MAIL_STATUS_LABELS.items()))
    attempts = IntegerField(default=0)
    not_before = DateTimeField()
    claimed_at = DateTimeField(null=True)
    handed_at = DateTimeField(null=True, index=True)  # committed just before the text goes: from then on it may have left
    sent_at = DateTimeField(null=True)
    bounced_at = DateTimeField(null=True, index=True)  # when it came back after it was taken (models/operations/bounces.py)
    error = CharField(max_length=500, default="")
    subject = CharField(max_length=200, default="")
    text = TextField(default="")
    created_at = DateTimeField(index=True)

    class Meta:
        indexes = (
            (("status", "not_before"), False),
            (("status", "created_at"), False),
            (("name", "created_at"), False),
            (("hospital", "month"), False),
            (("name", "month", "status", "hospital"), False),
        )

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def matching(cls, text: str, user: User | None = None) -> Node:
        """The mails to the people that `text` names, as an expression."""
        return cls.user.in_(User.named(text))

    @classmethod
    def undecided(cls) -> dict[MailStatus, int]:
        """{status: number} of the mails about which a person has to decide."""
        waiting = cls.select(cls.status, fn.COUNT(cls.id)).where(cls.status.in_([MailStatus.ONZEKER, MailStatus.MISLUKT]))
        return {MailStatus(status): count for status, count in waiting.group_by(cls.status).tuples()}

    @classmethod
    def queue(
        cls,
        name: str,
        to: User,
        once: str | None = None,
        case: Any = None,
        hospital: Hospital | int | None = None,
        month: str | None = None,
        now: datetime | None = None,
        address: str | None = None,
        **about: Any,
    ) -> "Mail | None":
        """Put a mail to the User `to` in the outbox; returns its row, or None when `once` was used before.

        `address` is named when it is not their own. `once` is also the memory of what was asked or reminded: the database
        keeps it unique.
        """
        now = now or clock.now()
        row = dict(
            name=name,
            user=to,
            to=address or to.email,
            once=once,
            case_id=case and case.id,
            month=month,
            hospital=hospital or to.hospital_id,
            about=json.dumps(about) if about else "",
            not_before=now,
            created_at=now,
        )
        return cls._queue(row | MailPreference.beginning(to, name))

    @classmethod
    def queue_to(
        cls, name: str, address: str, once: str | None = None, now: datetime | None = None, case: Any = None, **about: Any
    ) -> "Mail | None":
        """The same to somebody outside, who has no account here."""
        now = now or clock.now()
        told = dict(case_id=case and case.id, about=json.dumps(about))
        return cls._queue(dict(name=name, to=address, once=once, not_before=now, created_at=now, **told))

    @classmethod
    def _queue(cls, row):
        once = row["once"]
        try:
            with db.atomic():
                return cls.create(**row)
        except IntegrityError:
            if once and cls.select().where(cls.once == once).exists():
                return None
            raise

    @property
    def facts(self) -> Any:
        """What `queue` was told about, as a dict."""
        return json.loads(self.about or "{}")

    @classmethod
    def waiting(cls, now: datetime | None = None) -> list[int]:
        """The ids of what may be sent now, oldest first."""
        now = now or clock.now()
        due = cls.select(cls.id).where(cls.status == MailStatus.WACHT, cls.not_before <= now, ~SendingHold.stops(cls, now))
        return [mail_id for (mail_id,) in due.order_by(cls.id).tuples()]

    @classmethod
    def unfinished(cls) -> dict[str, int]:
        """{status: how many} of the mails that did not reach their end."""
        left = cls.status.not_in([MailStatus.VERZONDEN, MailStatus.VERVALLEN])
        counts = cls.select(cls.status, fn.COUNT(cls.id)).where(left).group_by(cls.status).order_by(cls.status)
        return dict(counts.tuples())

    @classmethod
    def send_waiting(cls, now: datetime | None = None, post: Any = None) -> int:
        """Send what waits, unless a restore holds it; returns how many were taken. While the mail server is down all wait."""
        if OutgoingHold.standing():
            return 0
        cls.settle_held(now)
        if cls.resting_until(now):
            return 0
        sent = 0
        with post or open_post() as way_out:
            for mail_id in until_asked(cls.waiting(now)):
                try:
                    left = cls.send(mail_id, way_out, now)
                except PostDown as problem:
                    cls._put_back(mail_id, str(problem))
                    break
                sent += left
                if not left and cls.resting_until(now):
                    break
        return sent

    @classmethod
    def resting_until(cls, now: datetime | None = None) -> datetime | None:
        """Until when no mail is tried, and then one: the server left the latest in doubt. None while it is well."""
        handed = cls.select(cls.status, cls.handed_at).where(cls.handed_at.is_null(False))
        latest = list(handed.order_by(cls.handed_at.desc(), cls.id.desc()).limit(DOUBTS))
        if len(latest) < DOUBTS or any(mail.status != MailStatus.ONZEKER for mail in latest):
            return None
        until = latest[0].handed_at + REST_MINUTES * clock.MINUTE
        return until if until > (now or clock.now()) else None

    @classmethod
    @unbroken
    def send(cls, mail_id: int, post: Any, now: datetime | None = None) -> bool:
        """Send one mail unless somebody else took it; True when the server took it. Raises PostDown with the mail claimed."""
        now = now or clock.now()
        claim = {"status": MailStatus.BEZIG, "claimed_at": now, "handed_at": None}
        if not cls.update(claim).where(cls.id == mail_id, cls.status == MailStatus.WACHT).execute():
            return False
        try:
            mail = cls.select(cls, User).left_outer_join(User).where(cls.id == mail_id).get()
            message = mail.render(now)
        except letter.NotKnown as problem:
            mail._wait_longer(now, str(problem))
            return False
        except Exception:
            # One broken text may not hold up the mails behind it.
            log.exception("Mail %s could not be written", mail_id)
            failed = {"status": MailStatus.MISLUKT, "error": "De tekst van deze mail kon niet worden gemaakt."}
            cls.update(failed, claimed_at=None).where(cls.id == mail_id).execute()
            return False
        if message is None:
            mail._settle(MailStatus.VERVALLEN)
            return False
        try:
            post.deliver(message, mail.to, partial(mail._hand_over, now))
        except TakenBack:
            return False
        except Deferred as problem:
            mail._wait_longer(now, str(problem))
        except Rejected as problem:
            mail._settle(MailStatus.MISLUKT, error=str(problem))
        except Undeliverable as problem:
            with db.atomic():
                mail._settle(MailStatus.MISLUKT, error=str(problem))
                User.update(address_refused_at=now).where(User.email == mail.to).execute()
        except Uncertain as problem:
            mail._settle(MailStatus.ONZEKER, error=str(problem))
        else:
            mail._sent(now)
            return True
        return False

    def render(self, now: datetime | None = None) -> EmailMessage | None:
        """The finished message as it is true at `now`, or None when there is nothing left to tell."""
        self.leaves_at = now or clock.now()
        return letter.write(self)

    def _hand_over(self, now):
        """Write down that the text goes now. Raises TakenBack when this worker was so slow that another got the mail."""
        mine = (Mail.id == self.id) & (Mail.status == MailStatus.BEZIG) & (Mail.claimed_at == self.claimed_at)
        if not Mail.update(handed_at=now).where(mine).execute():
            raise TakenBack

    def _settle(self, status, **more):
        # Links that open something are not kept once the mail has left.
        about = "" if status in (MailStatus.VERZONDEN, MailStatus.VERVALLEN) else self.about
        Mail.update(
            status=status,
            claimed_at=None,
            subject=self.subject,
            text=self.text,
            about=about,
            **{key: value[:500] if key == "error" else value for key, value in more.items()},
        ).where(Mail.id == self.id, Mail.claimed_at == self.claimed_at).execute()

    def _sent(self, now):
        with db.atomic():
            self._settle(MailStatus.VERZONDEN, sent_at=now, error="")
            refused = self.user is None or self.user.email != self.to or self.user.address_refused_at
            # Taken says little of an address whose mails came back lately after they were taken.
            came_back = Mail.select().where(Mail.to == self.to, Mail.bounced_at > now - BOUNCED_DAYS * clock.DAY)
            if refused and not came_back.exists():
                User.update(address_refused_at=None).where(User.email == self.to).execute()

    def _wait_longer(self, now, problem):
        if self.attempts >= len(WAITS):
            return self._settle(MailStatus.MISLUKT, error=problem)
        later = now + WAITS[self.attempts] * clock.MINUTE
        self._settle(MailStatus.WACHT, attempts=self.attempts + 1, not_before=later, error=problem)

    @classmethod
    def _put_back(cls, mail_id, problem):
        """Nothing was sent: offer it again at the next round."""
        cls.update(status=MailStatus.WACHT, claimed_at=None, error=problem[:500]).where(
            cls.id == mail_id, cls.status == MailStatus.BEZIG
        ).execute()

    @classmethod
    def settle_held(cls, now: datetime | None = None) -> None:
        """What a dead worker held is offered again while its text did not go; else it may have left: a person decides (C17)."""
        since = (now or clock.now()) - LEASE_MINUTES * clock.MINUTE
        held = (cls.status == MailStatus.BEZIG) & (cls.claimed_at < since)
        cls.update(status=MailStatus.WACHT, claimed_at=None).where(held, cls.handed_at.is_null()).execute()
        sentence = "De verzending is onderbroken. Het is niet zeker of deze mail is aangekomen."
        cls.update(status=MailStatus.ONZEKER, error=sentence).where(held).execute()

    def offer_again(self, now: datetime | None = None, by: User | None = None) -> None:
        """Send a mail that failed or is uncertain once more, at the wish of a person."""
        access.demand_of(by, "manage")
        self._decide("mail.resend", by, MailStatus.WACHT, attempts=0, not_before=now or clock.now(), claimed_at=None)

    def drop(self, by: User | None = None) -> None:
        """Leave a mail that failed or is uncertain as it is: it will not be sent again."""
        access.demand_of(by, "manage")
        self._decide("mail.drop", by, MailStatus.VERVALLEN, about="")

    def _decide(self, action, by, status, **more):
        open_ends = Mail.status.in_([MailStatus.ONZEKER, MailStatus.MISLUKT])
        with db.atomic():
            if not Mail.update(status=status, **more).where(Mail.id == self.id, open_ends).execute():
                raise Refused("Over deze mail hoeft niets meer beslist te worden.")
            AuditEvent.log(action, by=by, subject=f"mail {self.id}: {MAIL_LABELS[self.name]}", hospital=self.hospital_id)
