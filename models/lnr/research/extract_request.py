"""Data for research: one person of the LNR's management asks with a purpose, another approves, and only then it can be made."""

from peewee import BooleanField, CharField, DateTimeField, ForeignKeyField, IntegerField, TextField

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import NOBODY, Refused, db, new_key
from models.lnr.registry.registry_row import LnrRow
from models.typed_text import one_line

OPEN_DAYS = 30  # after approval, in which the file can be made
SHORTEST = 30  # letters of a purpose
LONGEST = 4000
OLDEST = 2000


class ExtractRequest(LnrRow):
    """One request: the stays admitted in the years `first` to `last`. `approved` None: nobody decided yet."""

    key = CharField(max_length=22, unique=True, default=new_key)
    purpose = TextField()
    first = IntegerField()
    last = IntegerField()
    asked_by = ForeignKeyField(User, on_delete="RESTRICT")
    asked_at = DateTimeField()
    decided_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)
    approved = BooleanField(null=True)
    reason = TextField(default="")

    class Meta:
        table_name = "lnr_research"

    @classmethod
    def delivered_by(cls, hospital):
        return NOBODY

    @property
    def number(self):
        return f"LNR-EXPORT-{self.id:04d}"

    @classmethod
    def ask(cls, by, purpose, first, last, now=None):
        """Ask for the data of these years. Raises Refused without a real purpose or real years."""
        access.demand(by, "oversee")
        now, purpose = now or clock.now(), one_line(purpose, LONGEST, "Het doel")
        if len(purpose) < SHORTEST:
            raise Refused("Beschrijf het doel in een paar zinnen: welke vraag, door wie, en waar de gegevens blijven.")
        if not OLDEST <= first <= last <= clock.today(now).year:
            raise Refused("Kies een eerste en een laatste jaar; het laatste ligt niet in de toekomst.")
        with db.atomic():
            asked = cls.create(purpose=purpose, first=first, last=last, asked_by=by, asked_at=now)
            AuditEvent.log("lnr.export_ask", by=by, subject=asked.number, detail=f"jaren {first} tot en met {last}", at=now)
        return asked

    def decide(self, by, approved, reason="", now=None):
        """Approve or reject. Raises Refused for who asked, and when somebody decided already."""
        access.demand(by, "oversee")
        if by.id == self.asked_by_id:
            raise Refused("Iemand anders moet deze aanvraag beoordelen: niemand keurt de eigen aanvraag goed.")
        now, reason = now or clock.now(), one_line(reason, LONGEST, "De reden")
        if not approved and not reason:
            raise Refused("Schrijf erbij waarom de aanvraag wordt afgewezen.")
        with db.atomic():
            told = {"approved": approved, "decided_by": by, "decided_at": now, "reason": reason}
            if (
                not ExtractRequest.update(**told)
                .where(ExtractRequest.id == self.id, ExtractRequest.decided_at.is_null())
                .execute()
            ):
                raise Refused("Over deze aanvraag is al beslist.")
            AuditEvent.log(
                "lnr.export_decide", by=by, subject=self.number, detail="goedgekeurd" if approved else "afgewezen", at=now
            )

    def state(self, now=None):
        """'aangevraagd', 'goedgekeurd', 'afgewezen' or 'verlopen'."""
        if self.decided_at is None:
            return "aangevraagd"
        if not self.approved:
            return "afgewezen"
        return "goedgekeurd" if (now or clock.now()) < self.decided_at + OPEN_DAYS * clock.DAY else "verlopen"

    def demand_open(self, by, now=None):
        """Raise Refused unless the file may be made now."""
        access.demand(by, "oversee")
        if self.state(now) != "goedgekeurd":
            raise Refused("Deze aanvraag is niet (meer) goedgekeurd. Vraag de gegevens opnieuw aan.")

    @classmethod
    def all(cls):
        """Every request with its people, newest first."""
        decider = User.alias()
        query = cls.select(cls, User, decider).join(User, on=cls.asked_by).switch(cls)
        return list(query.left_outer_join(decider, on=cls.decided_by == decider.id, attr="decided_by").order_by(cls.id.desc()))
