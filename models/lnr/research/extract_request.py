"""Data for research: one person of the LNR's management asks with a purpose, another approves, and only then it can be made."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peewee import BooleanField, CharField, DateTimeField, ForeignKeyField, IntegerField, Node, TextField

from models import access, clock, dutch
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import NOBODY, Refused, db, new_key
from models.lnr.registry.registry_row import LnrRow
from models.lnr.research import anonymity
from models.lnr.research.extract import Extract
from models.typed_text import one_line

OPEN_DAYS = 30  # after approval, in which the file can be made
SHORTEST = 30  # letters of a purpose
LONGEST = 4000
OLDEST = 2000
MOVED = "De gegevens zijn opnieuw geteld nadat u deze pagina opende. Bekijk de nieuwe aantallen, en beslis dan."
NOT_APPROVED = "Deze aanvraag is niet (meer) goedgekeurd. Vraag de gegevens opnieuw aan."


class ExtractRequest(LnrRow):
    """One request: fields of the stays admitted in the years `first` to `last`. `approved` None: nobody decided yet.

    `fields`: names of columns and items, a blank between them; '' in a request of before they were chosen: everything.
    `youngest`, `oldest`: gestational age in days from and up to; `hospitals`: their numbers, '' for all. `anonymity`: what
    was counted when it was asked (anonymity.py), as JSON.
    """

    key = CharField(max_length=22, unique=True, default=new_key)
    purpose = TextField()
    first = IntegerField()
    last = IntegerField()
    fields = TextField(default="")
    youngest = IntegerField(null=True)
    oldest = IntegerField(null=True)
    hospitals = CharField(max_length=500, default="")
    anonymity = TextField(default="")
    asked_by = ForeignKeyField(User, on_delete="RESTRICT")
    asked_at = DateTimeField()
    decided_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)
    approved = BooleanField(null=True)
    reason = TextField(default="")

    class Meta:
        table_name = "lnr_research"

    @classmethod
    def delivered_by(cls, hospital: Any) -> Node:
        return NOBODY

    @property
    def number(self) -> str:
        return f"LNR-EXPORT-{self.id:04d}"

    @classmethod
    def ask(
        cls,
        by: User,
        purpose: str,
        first: Any,
        last: Any,
        fields: Any = (),
        youngest: Any = None,
        oldest: Any = None,
        hospitals: Sequence[Hospital] = (),
        now: datetime | None = None,
    ) -> "ExtractRequest":
        """Ask for these fields of the stays of these years, of children from `youngest` up to `oldest` weeks.

        What their combination tells is counted at once. Raises Refused without a real purpose, real years or a field.
        """
        access.demand(by, "oversee")
        now, purpose = now or clock.now(), one_line(purpose, LONGEST, "Het doel")
        if len(purpose) < SHORTEST:
            raise Refused("Beschrijf het doel in een paar zinnen: welke vraag, door wie, en waar de gegevens blijven.")
        if not OLDEST <= first <= last <= clock.today(now).year:
            raise Refused("Kies een eerste en een laatste jaar; het laatste ligt niet in de toekomst.")
        if not fields:
            raise Refused("Kies de gegevens die u voor dit doel nodig hebt.")
        if youngest is not None and oldest is not None and youngest >= oldest:
            raise Refused("De zwangerschapsduur loopt van minder naar meer weken.")
        asked = cls(
            purpose=purpose,
            first=first,
            last=last,
            fields=" ".join(fields),
            youngest=None if youngest is None else 7 * youngest,
            oldest=None if oldest is None else 7 * oldest,
            hospitals=" ".join(str(number) for number in hospitals),
            asked_by=by,
            asked_at=now,
        )
        asked.anonymity = json.dumps(anonymity.counted(Extract(asked)), ensure_ascii=False)
        with db.atomic():
            asked.save()
            detail = f"jaren {first} tot en met {last}, {len(fields)} gegevens, {asked.children}, "
            detail += dutch.plural(len(hospitals), "ziekenhuis", "ziekenhuizen") if hospitals else "alle ziekenhuizen"
            AuditEvent.log("lnr.export_ask", by=by, subject=asked.number, detail=detail, at=now)
        return asked

    @property
    def children(self) -> Any:
        """Which children it is about, in words."""
        since = "" if self.youngest is None else f"vanaf {self.youngest // 7} weken"
        until = "" if self.oldest is None else f"minder dan {self.oldest // 7} weken"
        return " en ".join(filter(None, (since, until))) or "elke zwangerschapsduur"

    @property
    def chosen_hospitals(self) -> list[str]:
        """The names of the hospitals that it is about; empty for all."""
        numbers = [int(number) for number in self.hospitals.split()]
        return [one.name for one in Hospital.select().where(Hospital.id.in_(numbers)).order_by(Hospital.name)]

    @classmethod
    def places(cls) -> list:
        """The hospitals that can be chosen: those that messages can name."""
        named = Hospital.agb.is_null(False) | Hospital.ura.is_null(False) | Hospital.perined.is_null(False)
        return list(Hospital.select().where(named).order_by(Hospital.name))

    @property
    def combination(self) -> Any:
        """What was counted when it was asked; None in a request of before."""
        return json.loads(self.anonymity) if self.anonymity else None

    @property
    def counted_at(self) -> str:
        """When what this row tells was counted, as a form carries it."""
        return self.asked_at.isoformat()

    def decide(self, by: User, approved: bool, reason: str = "", seen: str | None = None, now: datetime | None = None) -> None:
        """Approve or reject. Raises Refused for who may be the one who asked, when decided already, and when counted anew.

        `seen`: the `counted_at` of the page that was decided from; None: this row as it is.
        """
        access.demand(by, "oversee")
        if by.id == self.asked_by_id:
            raise Refused("Iemand anders moet deze aanvraag beoordelen: niemand keurt de eigen aanvraag goed.")
        now, reason = now or clock.now(), one_line(reason, LONGEST, "De reden")
        if not approved and not reason:
            raise Refused("Schrijf erbij waarom de aanvraag wordt afgewezen.")
        with db.atomic():
            if approved:
                HeldChange.demand_second(by, self.asked_by, now)
            told = {"approved": approved, "decided_by": by, "decided_at": now, "reason": reason}
            ours = (ExtractRequest.id == self.id) & (ExtractRequest.asked_at == self.asked_at)
            if seen not in (None, self.counted_at) or not ExtractRequest.select().where(ours).exists():
                raise Refused(MOVED)
            if not ExtractRequest.update(**told).where(ours, ExtractRequest.decided_at.is_null()).execute():
                raise Refused("Over deze aanvraag is al beslist.")
            AuditEvent.log(
                "lnr.export_decide", by=by, subject=self.number, detail="goedgekeurd" if approved else "afgewezen", at=now
            )

    def state(self, now: datetime | None = None) -> str:
        """'aangevraagd', 'goedgekeurd', 'afgewezen' or 'verlopen'."""
        if self.decided_at is None:
            return "aangevraagd"
        if not self.approved:
            return "afgewezen"
        return "goedgekeurd" if (now or clock.now()) < self.decided_at + OPEN_DAYS * clock.DAY else "verlopen"

    def demand_open(self, by: User, now: datetime | None = None) -> Extract:
        """What may be made now, as it was counted: raises Refused where that tells more than was approved."""
        access.demand(by, "oversee")
        self._demand_approved(now)
        extract = Extract(self)
        anonymity.demand_as_approved(extract, self.combination)
        return extract

    def recount(self, by: User, now: datetime | None = None) -> None:
        """Ask an approved request anew as `by`, with the stays of now: a second person decides about it again."""
        access.demand(by, "oversee")
        self._demand_approved(now)
        self.asked_by, self.asked_at = by, now or clock.now()
        told = anonymity.counted(Extract(self))
        anew = {"asked_by": by, "asked_at": self.asked_at, "anonymity": json.dumps(told, ensure_ascii=False)}
        anew |= {"approved": None, "decided_by": None, "decided_at": None, "reason": ""}
        with db.atomic():
            ours = (ExtractRequest.id == self.id) & (ExtractRequest.decided_at == self.decided_at)
            if not ExtractRequest.update(**anew).where(ours).execute():
                raise Refused(NOT_APPROVED)
            AuditEvent.log("lnr.export_ask", by=by, subject=self.number, detail="opnieuw geteld", at=self.asked_at)

    def _demand_approved(self, now):
        if self.state(now) != "goedgekeurd":
            raise Refused(NOT_APPROVED)
