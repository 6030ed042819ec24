"""Erasing a stay of the LNR on request (AVG art. 17): everything about the child goes. Two people, and never by waiting.

The stay's own row stays, empty, with the sender's set id: it is the marker by which a message about it that comes again is told
that the stay was erased. Not under a keyed hash: that could not be made anew when the key is replaced, since the original is
gone, and then the next complete delivery of a hospital would bring the child back. By itself it names nobody outside the
hospital, which keeps it anyway. No name of the child is kept, so a stay sent under another set id is a new one.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from peewee import SQL, BooleanField, DateTimeField, ForeignKeyField, IntegrityError, ModelSelect, Node

from models import access, clock
from models.access import Role
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import Refused, any_of, db
from models.encrypted_fields import SealedField
from models.lnr.benchmark.fact import StayFact
from models.lnr.registry import overlapping_stays
from models.lnr.registry.message import Message
from models.lnr.registry.open_finding import OpenFinding
from models.lnr.registry.pseudonym import of_person, pseudonyms
from models.lnr.registry.registry_row import LnrRow
from models.lnr.registry.stay import Stay
from models.mail.outbox import Mail
from models.retention.stay_hold import HELD, StayHold, held_stay
from models.typed_text import required
from settings import settings

LONGEST = 300
MOST = 200  # stays of one child
NUMBER = re.compile(r"LNR-\d{1,9}", re.IGNORECASE)


class StayErasure(LnrRow):
    """One request about one stay. `granted` None: nobody decided yet. `hospital`: of who asked, None for the management."""

    stay = ForeignKeyField(Stay, backref="erasures", on_delete="RESTRICT")
    hospital = ForeignKeyField(Hospital, null=True, backref="+", on_delete="RESTRICT")
    reason = SealedField()
    asked_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    asked_at = DateTimeField()
    decided_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)
    granted = BooleanField(null=True)

    def __str__(self):
        return f"verzoek om {self.number} te wissen"

    @property
    def number(self) -> str:
        return self.stay.number

    @property
    def state(self) -> str:
        """'wacht', 'gewist' or 'afgewezen'."""
        return "wacht" if self.granted is None else "gewist" if self.granted else "afgewezen"

    @classmethod
    def ask(cls, by: User, named: str, reason: str, now: datetime | None = None) -> "list[StayErasure]":
        """Ask for one stay by our number, or for all of a child by its number, as far as `by` sees them.

        The trail has no number of a person.
        """
        access.demand(by, "consult")
        reason = required(reason, LONGEST, "De reden", "Vul in wie dit vraagt en waarom de opname weg moet.")
        stays = list(_named(by, " ".join(named.split())).limit(MOST))
        if not stays:
            raise Refused("Onder dit nummer staat geen opname waarover u gaat.")
        if not (left := [stay for stay in stays if not stay.erased_at]):
            raise Refused("Dit is al op verzoek gewist.")
        if StayHold.select().where(StayHold.stay.in_(left), StayHold.open()).exists():
            raise Refused(HELD)
        now = now or clock.now()
        waits = {one.stay_id for one in cls.select(cls.stay).where(cls.stay.in_(left), cls.granted.is_null())}
        try:
            with db.atomic():
                made = [
                    cls.create(stay=stay, hospital=by.hospital_id, reason=reason, asked_by=by, asked_at=now)
                    for stay in left
                    if stay.id not in waits
                ]
                for one in made:
                    AuditEvent.log("lnr.erasure_ask", by=by, hospital=one.stay.hospital_id, subject=one.number, at=now)
                _tell(made, by, now)
        except IntegrityError:
            made = []
        if not made:
            raise Refused("Over deze opname wacht al een verzoek.")
        return made

    def grant(self, by: User, now: datetime | None = None) -> None:
        """Erase, as a second person. Raises Refused for who asked, who stands behind that account, and the second time."""
        access.demand(by, "oversee")
        if by.id == self.asked_by_id:
            raise Refused("Iemand anders van het LNR-beheer moet dit bevestigen: niemand wist alleen.")
        now = now or clock.now()
        with db.atomic():
            stay = held_stay(self.stay_id)
            self._decide(by, True, now)
            if StayHold.of(stay):
                raise Refused(HELD)
            HeldChange.demand_second(by, self.asked_by, now)
            AuditEvent.log("lnr.erasure_grant", by=by, hospital=stay.hospital_id, subject=stay.number, at=now)
            if not stay.erased_at:
                erase(stay, now)

    def reject(self, by: User, now: datetime | None = None) -> None:
        """Erase nothing; who asked may do this too."""
        if by.id != self.asked_by_id:
            access.demand(by, "oversee")
        access.demand(by, "consult")
        now = now or clock.now()
        with db.atomic():
            self._decide(by, False, now)
            AuditEvent.log("lnr.erasure_reject", by=by, hospital=self.stay.hospital_id, subject=self.number, at=now)

    def _decide(self, by, granted, now):
        told = {"granted": granted, "decided_by": by, "decided_at": now}
        if not StayErasure.update(told).where(StayErasure.id == self.id, StayErasure.granted.is_null()).execute():
            raise Refused("Over het wissen van deze opname is al beslist.")


def _named(by: User, named: str) -> ModelSelect:
    """The stays that are meant; a bare number is one of a child, never ours."""
    if NUMBER.fullmatch(named):
        meant: Node = Stay.numbered(named)
    else:
        ways = [Stay.child.in_(pseudonyms(*of_person("kind", named)))]
        if by.hospital_id:
            ways.append(Stay.with_own_number(by.hospital_id, named))
        meant = any_of(ways)
    return access.visible(Stay, by).where(meant).order_by(Stay.id)


def erase(stay: Stay, now: datetime) -> None:
    """Empty a stay that the caller holds: messages, what is wrong, what is typed, what is counted.

    Closed years keep their cells. The other stays of the child are put right as after a withdrawal.
    """
    # Who asked, and why; not of a request about which somebody still has to decide.
    StayErasure.update(reason="").where(StayErasure.stay == stay, StayErasure.granted.is_null(False)).execute()
    StayHold.update(reason="").where(StayHold.stay == stay).execute()
    stay.erased_at = now
    withdraw(stay, now)


def withdraw(stay: Stay, now: datetime) -> None:
    """Empty a stay that the caller holds as its hospital's withdrawal does; unlike after erasing it may begin again."""
    names = stay.names
    Message.empty(stay)
    OpenFinding.forget(stay)
    StayFact.forget(stay, now)
    stay.empty()
    stay.save()
    Stay.hold_children(names)
    kin = Stay.of_child(stay.test, names)
    overlapping_stays.settle(kin, stay.hospital, now)
    if not stay.test:
        StayFact.settle(kin, stay, now)


def _tell(made: Sequence[StayErasure], by: User, now: datetime) -> None:
    for person in User.with_role(Role.LNR_BEHEER):
        if person.id != by.id and made:
            once = f"stay_erasure:{made[0].id}:{person.id}"
            Mail.queue("stay_erasure", person, once=once, now=now, requests=[one.id for one in made])


def _about(mail):
    """None once nothing of it waits any more."""
    waits = list(StayErasure.select().where(StayErasure.id.in_(mail.facts["requests"]), StayErasure.granted.is_null()))
    if not waits:
        return None
    return {"count": len(waits), "by": waits[0].asked_by.name, "link": f"{settings.portal_url}/lnr/wissen-op-verzoek/"}


CONTEXTS = {"stay_erasure": _about}


StayErasure.add_index(
    StayErasure.index(StayErasure.stay, unique=True, where=SQL("granted IS NULL"), name="lnr_stay_erasure_standing")
)
