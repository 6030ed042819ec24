"""Editions of an annual report: its content as it was settled, never changed after, and told to the hospitals of its cases."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, IntegrityError, TextField

from models import access, clock
from models.access import Process
from models.accounts.user import User
from models.annual_report.annual_figures import YearFigures
from models.annual_report.annual_report import annual_report
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, NOBODY, Record, Refused, db
from models.cases.status import Status
from models.committee.case_use import CaseUse, UseKind
from models.report.content import ReportContent
from models.report.settled import edition_says
from models.typed_text import required

LONGEST = 500
TOO_EARLY = "Het jaar {} is nog niet voorbij. Tot die tijd kunt u het voorlopige verslag bekijken en exporteren."


class ReportEdition(Record):
    """One settled edition. Its PDF and spreadsheet are made of `content` each time, and come out byte for byte the same."""

    year = IntegerField()
    number = IntegerField()
    content = TextField()
    hash = CharField(max_length=64)
    why = TextField(default="")  # what a later edition corrects
    settled_at = DateTimeField()
    settled_by = ForeignKeyField(User, on_delete="RESTRICT")

    class Meta:
        table_name = "annual_report_edition"
        indexes = ((("year", "number"), True),)

    def __str__(self):
        return f"Jaarverslag NethOSS {self.year}, uitgave {self.number}"

    @classmethod
    def owned_by(cls, hospital: Any, processes: Collection[str]) -> Any:
        return NOBODY

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Any:
        return EVERYBODY if Process.NETHOSS in processes else NOBODY

    @classmethod
    def settle(cls, year: int, by: User, why: str = "", now: datetime | None = None) -> "ReportEdition":
        """Settle the report of `year` as it stands, and write a receipt of use at each approved case of the year.

        Raises Refused for a year that is not over, for a second edition without a reason, and when nothing changed.
        """
        access.demand(by, "follow")
        now = now or clock.now()
        if year >= clock.today(now).year:
            raise Refused(TOO_EARLY.format(year))
        figures = YearFigures(year, now)
        content = annual_report(year, by, figures)
        earlier = cls.of_year(year)
        if not earlier:
            why = ""  # there is nothing yet to correct
        else:
            why = required(why, LONGEST, "De reden", "Schrijf wat deze uitgave verbetert; dat staat in het verslag.")
            if earlier[0].parsed.sections == ReportContent.parsed(content.json).sections:
                raise Refused("Er is sinds de vorige uitgave niets veranderd.")
        number = earlier[0].number + 1 if earlier else 1
        try:
            with db.atomic():
                made = cls.create(
                    year=year, number=number, content=content.json, hash=content.hash, why=why, settled_at=now, settled_by=by
                )
                AuditEvent.log("report.settle", by=by, subject=str(made), detail=made.hash, at=now)
                for case in figures.cases:
                    if case.status == Status.GOEDGEKEURD:
                        CaseUse.counted(case, UseKind.JAARVERSLAG, str(year), by, now)
        except IntegrityError:
            raise Refused("Een collega heeft dit verslag zojuist vastgesteld. Bekijk eerst die uitgave.") from None
        return made

    @classmethod
    def of_year(cls, year: int) -> list["ReportEdition"]:
        """The editions of a year, the latest first."""
        return list(cls.select(cls, User).join(User).where(cls.year == year).order_by(cls.number.desc()))

    @property
    def parsed(self) -> ReportContent:
        return ReportContent.parsed(self.content)

    @property
    def said(self) -> str:
        """What the edition says of itself, below its title."""
        return edition_says(self.number, self.settled_at, self.why)
