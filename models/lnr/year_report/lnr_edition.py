"""Editions of the LNR's year report, and the receipt of use: each stay that counted in one, told to its hospital."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from peewee import SQL, CharField, DateTimeField, ForeignKeyField, IntegerField, IntegrityError, Node, TextField, fn

from models import access, clock
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import Refused, db, new_key
from models.lnr.benchmark.fact import StayFact
from models.lnr.registry.closed_year import ClosedYear
from models.lnr.registry.registry_row import LnrRow
from models.lnr.registry.stay import Stay
from models.lnr.year_report.year_report import YearCounts, year_report
from models.report.content import ReportContent
from models.report.settled import edition_says
from models.typed_text import required

LONGEST = 500
SAME = "Er is sinds de vorige uitgave niets veranderd."


class LnrEdition(LnrRow):
    """The report of one hospital, or of the country (`hospital` None), in one edition; `used`: how many stays of it counted."""

    key = CharField(max_length=22, unique=True, default=new_key)
    year = IntegerField()
    hospital = ForeignKeyField(Hospital, null=True, backref="+", on_delete="RESTRICT")
    number = IntegerField()
    used = IntegerField()
    content = TextField()
    hash = CharField(max_length=64)
    why = TextField(default="")  # what a later edition corrects
    settled_at = DateTimeField()
    settled_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    published_at = DateTimeField(null=True)  # of the country's alone: since then everybody reads it
    published_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")

    class Meta:
        table_name = "lnr_edition"
        indexes = ((("year", "hospital", "number"), True),)

    def __str__(self):
        return f"Jaarverslag LNR {self.year}, uitgave {self.number}"

    @classmethod
    def delivered_by(cls, hospital: Any) -> Node:
        return (cls.hospital == hospital) | cls.hospital.is_null()

    @classmethod
    def settle(cls, year: int, by: User, why: str = "", now: datetime | None = None) -> list["LnrEdition"]:
        """Settle the reports of a closed year: of the country and of every hospital, with a receipt for each stay that counted.

        Raises Refused for an open year, for a later edition without a reason, and when nothing changed.
        """
        access.demand(by, "oversee")
        now = now or clock.now()
        try:
            with db.atomic():
                if year not in ClosedYear.standing():
                    raise Refused("Sluit het jaar eerst; dan verandert er niets meer onder het verslag.")
                earlier = cls.newest(year)
                if earlier:
                    why = required(why, LONGEST, "De reden", "Schrijf wat deze uitgave verbetert; dat staat in het verslag.")
                contents = dict(reports(year))
                if earlier and not _changed(earlier, contents):
                    raise Refused(SAME)
                number = max((one.number for one in earlier), default=0) + 1
                made = [
                    cls._made(year, place, number, content, why if earlier else "", by, now)
                    for place, content in contents.items()
                ]
                AuditEvent.log("lnr.report_settle", by=by, subject=str(made[0]), detail=made[0].hash, at=now)
        except IntegrityError:
            raise Refused("Een collega heeft dit verslag zojuist vastgesteld.") from None
        return made

    @classmethod
    def _made(cls, year, place, number, content, why, by, now):
        told = {"content": content.json, "hash": content.hash, "why": why, "settled_at": now, "settled_by": by}
        counted = (StayFact.year == year) & (StayFact.hospital == place) & (StayFact.places != "")
        used = StayFact.select().where(counted).count() if place else 0
        made = cls.create(year=year, hospital=place, number=number, used=used, **told)
        if place:
            StayUse.insert_from(
                StayFact.select(StayFact.stay, SQL(str(made.id))).where(counted), (StayUse.stay, StayUse.edition)
            ).execute()
        return made

    @classmethod
    def newest(cls, year: int) -> list["LnrEdition"]:
        """The reports of the newest edition of a year; empty when there is none."""
        last = cls.select(fn.MAX(cls.number)).where(cls.year == year).scalar()
        return list(cls.select().where(cls.year == year, cls.number == last)) if last else []

    def publish(self, by: User, now: datetime | None = None) -> None:
        """Let everybody read the report of the country, as another person than who settled it. Raises Refused."""
        access.demand(by, "oversee")
        now = now or clock.now()
        if self.hospital_id is not None:
            raise Refused("Alleen het verslag van alle NICU’s samen wordt openbaar.")
        if self.settled_by_id == by.id:
            raise Refused("Iemand anders van het LNR-beheer maakt het openbaar: u stelde het zelf vast.")
        HeldChange.demand_second(by, self.settled_by, now)
        with db.atomic():
            private = (LnrEdition.id == self.id) & LnrEdition.published_at.is_null()
            if not LnrEdition.update(published_at=now, published_by=by).where(private).execute():
                raise Refused("Dit verslag is al openbaar.")
            AuditEvent.log("lnr.report_publish", by=by, subject=str(self), detail=self.hash, at=now)

    def retract(self, by: User, why: str, now: datetime | None = None) -> None:
        """Let nobody else read it any more, at once and by one person. Raises Refused."""
        access.demand(by, "oversee")
        why = required(why, LONGEST, "De reden", "Schrijf waarom het verslag niet meer openbaar is.")
        with db.atomic():
            public = (LnrEdition.id == self.id) & LnrEdition.published_at.is_null(False)
            if not LnrEdition.update(published_at=None, published_by=None).where(public).execute():
                raise Refused("Dit verslag is niet openbaar.")
            AuditEvent.log("lnr.report_retract", by=by, subject=str(self), detail=why, at=now)

    @classmethod
    def public(cls) -> list["LnrEdition"]:
        """What everybody may read: of each year its newest public edition, the latest year ahead."""
        rows = cls.select().where(cls.hospital.is_null(), cls.published_at.is_null(False))
        return list({one.year: one for one in rows.order_by(cls.year.desc(), cls.number)}.values())

    @property
    def parsed(self) -> ReportContent:
        return ReportContent.parsed(self.content)

    @property
    def said(self) -> str:
        """What the edition says of itself, below its title."""
        return edition_says(self.number, self.settled_at, self.why)


LnrEdition.add_index(
    LnrEdition.index(
        LnrEdition.year, LnrEdition.number, unique=True, where=SQL("hospital_id IS NULL"), name="lnr_edition_national"
    )
)


class StayUse(LnrRow):
    """The receipt: this stay counted in this edition."""

    stay = ForeignKeyField(Stay, backref="+", on_delete="CASCADE")
    edition = ForeignKeyField(LnrEdition, backref="+", on_delete="CASCADE")

    class Meta:
        indexes = ((("stay", "edition"), True),)

    @classmethod
    def delivered_by(cls, hospital: Any) -> Node:
        return cls.stay.in_(Stay.select(Stay.id).where(Stay.delivered_by(hospital)))

    @classmethod
    def of_stay(cls, stay: Stay) -> list[LnrEdition]:
        """The editions in which this stay counted, the first ahead."""
        query = LnrEdition.select().join(cls, on=cls.edition == LnrEdition.id).where(cls.stay == stay)
        return list(query.order_by(LnrEdition.settled_at, LnrEdition.id))


def reports(year: int) -> Iterator[tuple[int | None, ReportContent]]:
    """(number of the hospital or None, content) of every report of a closed year, as it comes out now."""
    closed = ClosedYear.of(year)
    if closed is None:
        raise Refused(f"Opnamejaar {year} is niet gesloten.")
    counts = YearCounts(closed)
    yield None, year_report(counts, None)
    for hospital in counts.hospitals:
        yield hospital.id, year_report(counts, hospital)


def differences(year: int) -> list[str]:
    """Which reports of the newest edition of a year come out otherwise now, in Dutch; empty when all come out the same."""
    made, wrong = dict(reports(year)), []
    for one in LnrEdition.newest(year):
        content = made.get(one.hospital_id)
        if content is None or content.hash != one.hash or ReportContent.parsed(one.content).hash != one.hash:
            wrong.append(f"{one.parsed.title}: komt er nu anders uit dan in uitgave {one.number}")
    return wrong


def _changed(earlier, contents):
    before = {one.hospital_id: one.parsed.sections for one in earlier}
    return before != {place: ReportContent.parsed(content.json).sections for place, content in contents.items()}
