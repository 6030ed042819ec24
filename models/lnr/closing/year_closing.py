"""Closing a registry year, and opening it again: one person of the management proposes, another confirms (four-eyes).

Never by waiting, as ErasureRequest (models/retention): a report rests on it. Not a HeldChange, which is about an account.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any

from peewee import (
    JOIN,
    SQL,
    BooleanField,
    CharField,
    Check,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    IntegrityError,
    Node,
    TextField,
)

from models import access, clock, dutch
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import NOBODY, Refused, db
from models.lnr.benchmark import counting
from models.lnr.benchmark.amounts.amount_cell import AmountCell
from models.lnr.benchmark.cell import COUNTS, CountCell, UncountedYear
from models.lnr.benchmark.fact import FIXED, StayFact, rules
from models.lnr.benchmark.indicator import all_indicators
from models.lnr.benchmark.method.indicator_setting import YearMethod
from models.lnr.benchmark.risk.risk_cell import ROW, RiskCell
from models.lnr.benchmark.trend.own_trend import SPAN
from models.lnr.closing import rehearsal
from models.lnr.closing.kept_for_report import KeptForReport
from models.lnr.registry.admissions import deadline
from models.lnr.registry.closed_year import ClosedYear, LateChange
from models.lnr.registry.message import MessageContent
from models.lnr.registry.registry_row import LnrRow
from models.lnr.registry.stay import Stay, StayState
from models.typed_text import one_line

SHORTEST, LONGEST = 10, 500  # letters of a reason
BUSY = "Het portaal herrekent nog {} van {}. Probeer het over enkele minuten opnieuw."
UNREAD = (
    "Het bericht van {} gaat niet open. Laat het ziekenhuis die opname opnieuw sturen, als vervanging, of laat de "
    "operator het bericht terugzetten uit een back-up. Daarna rekent het portaal verder, uiterlijk de nacht erna."
)
SHOWN = 5  # stays that are named


class ClosingKind(StrEnum):
    SLUITEN = "sluiten"
    HEROPENEN = "heropenen"


class YearClosing(LnrRow):
    """One proposal about one year. `confirmed` None: nobody decided yet; False: taken back or rejected."""

    year = IntegerField()
    kind = CharField(max_length=10, constraints=[Check("kind IN ('sluiten', 'heropenen')")])
    reason = TextField(default="")
    asked_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    asked_at = DateTimeField()
    decided_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)
    confirmed = BooleanField(null=True)

    @classmethod
    def delivered_by(cls, hospital: Any) -> Node:
        return NOBODY

    @property
    def subject(self) -> str:
        return f"LNR-jaar {self.year} {self.kind}"

    @classmethod
    def propose(cls, year: int, by: User, reason: str = "", now: datetime | None = None) -> "YearClosing":
        """Propose to close an open year, or to open a closed one again for a reason. Raises Refused for what cannot be."""
        access.demand(by, "oversee")
        now, reason = now or clock.now(), one_line(reason, LONGEST, "De reden")
        kind = ClosingKind.HEROPENEN if ClosedYear.of(year) else ClosingKind.SLUITEN
        if kind is ClosingKind.SLUITEN and clock.today(now) <= deadline(year):
            raise Refused(
                f"Berichten over {year} tellen zeker mee tot en met {dutch.long_date(deadline(year))}. Sluit het jaar daarna."
            )
        if kind is ClosingKind.HEROPENEN and len(reason) < SHORTEST:
            raise Refused(f"Schrijf in ten minste {SHORTEST} letters waarom het jaar weer open moet.")
        try:
            with db.atomic():
                made = cls.create(year=year, kind=kind, reason=reason, asked_by=by, asked_at=now)
                AuditEvent.log("lnr.closing_ask", by=by, subject=made.subject, detail=reason, at=now)
        except IntegrityError:
            raise Refused("Over dit jaar wacht al een voorstel.") from None
        return made

    def confirm(self, by: User, now: datetime | None = None) -> None:
        """Do it, as a second person. Raises Refused for who proposed it, and while facts of the year are being derived anew."""
        now = now or clock.now()
        with db.atomic():
            ClosedYear.hold()
            self._decide(by, True, now)
            if (self.kind == ClosingKind.HEROPENEN) is not (self.year in ClosedYear.standing()):
                raise Refused("Dit jaar is intussen al gesloten of heropend.")
            told = _open(self.year) if self.kind == ClosingKind.HEROPENEN else _close(self.year, now)
            AuditEvent.log("lnr.closing_confirm", by=by, subject=self.subject, detail=told, at=now)

    def reject(self, by: User, now: datetime | None = None) -> None:
        """Leave the year as it is; who proposed it may do this too."""
        now = now or clock.now()
        with db.atomic():
            self._decide(by, False, now)
            AuditEvent.log("lnr.closing_reject", by=by, subject=self.subject, at=now)

    def _decide(self, by, confirmed, now):
        access.demand(by, "oversee")
        if confirmed and by.id == self.asked_by_id:
            raise Refused("Iemand anders van het LNR-beheer moet dit bevestigen: niemand sluit of heropent een jaar alleen.")
        if confirmed:
            HeldChange.demand_second(by, self.asked_by, now)
        told = {"confirmed": confirmed, "decided_by": by, "decided_at": now}
        if not YearClosing.update(told).where(YearClosing.id == self.id, YearClosing.confirmed.is_null()).execute():
            raise Refused("Over dit voorstel is al beslist.")

    @classmethod
    def about(cls, year: int) -> tuple[list["YearClosing"], ClosedYear | None]:
        """(the proposals about a year, newest first, and those about other years that wait; the year when it is closed).

        One query: no year is closed without a proposal.
        """
        query = cls.select(cls, ClosedYear).join(ClosedYear, JOIN.LEFT_OUTER, on=ClosedYear.year == cls.year, attr="closed")
        found = list(query.where((cls.year == year) | cls.confirmed.is_null()).order_by(cls.id.desc()))
        return found, next((getattr(one, "closed", None) for one in found if one.year == year), None)

    @classmethod
    def waiting(cls) -> list["YearClosing"]:
        """What waits for a second person."""
        return list(cls.select().where(cls.confirmed.is_null()).order_by(cls.year))


YearClosing.add_index(
    YearClosing.index(YearClosing.year, unique=True, where=SQL("confirmed IS NULL"), name="lnr_year_closing_standing")
)


def _close(year, now):
    """Fix facts and cells of a year, and keep by which hashes to know them; returns the one of the facts."""
    # Of the years before it the report of this one keeps the cells too.
    open_years = set(counting.years_until(year, SPAN)) - ClosedYear.standing()
    for one in sorted(open_years):
        if behind := StayFact.behind(one).count():
            raise Refused(BUSY.format(dutch.plural(behind, "opname", "opnamen"), one))
    if sealed := [fact.stay for fact in StayFact.sealed(year).limit(SHOWN)]:
        kin = {one.id: one for stay in sealed for one in StayFact.kin(stay)}
        _, shut = MessageContent.readable_records(list(kin.values()))
        raise Refused(UNREAD.format(", ".join(str(kin[number]) for number in sorted(shut)) or ", ".join(map(str, sealed))))
    for one in sorted(open_years):
        counting.refresh(year=one)
    StayFact.update(rules=FIXED).where(StayFact.year == year).execute()
    told = facts_hash(year)
    ClosedYear.insert(
        year=year,
        closed_at=now,
        rules=rules(Hospital.nicus()),
        facts=told,
        cells=cells_hash(year),
        method=YearMethod.of(year).hash,
        versions=json.dumps({one.number: one.version for one in all_indicators()}),
        completeness=rehearsal.written(now, year),
        report=KeptForReport.now(year).written,
    ).execute()
    return told


def _open(year):
    """Let the year be derived and counted anew, with what came after it was closed."""
    ClosedYear.delete().where(ClosedYear.year == year).execute()
    late = [one.stay for one in LateChange.of_year(year)]
    counted = {number for (number,) in StayFact.select(StayFact.stay).where(StayFact.stay.in_(late)).tuples()}
    closed = ClosedYear.standing()
    uncounted = [stay for stay in late if stay.state == StayState.ONTVANGEN and stay.id not in counted]
    for stay in uncounted:
        if stay.year not in closed:
            # Its fact was never written; the worker does so.
            StayFact.create(stay=stay, hospital=stay.hospital_id, year=stay.year, rules="", at=stay.last_at, force_insert=True)
    LateChange.delete().where(LateChange.year == year).execute()
    for stay in uncounted:
        if stay.year in closed:  # it was sent again in another year, which stands
            LateChange.note(stay, stay.year, False, stay.last_at)
    StayFact.update(rules="").where(StayFact.year == year).execute()
    places = CountCell.select(CountCell.hospital).where(CountCell.year == year).distinct().tuples()
    for hospital in {number for (number,) in places} | {stay.hospital_id for stay in late}:
        UncountedYear.mark(hospital, year)
    return dutch.plural(len(late), "opname kwam", "opnamen kwamen") + " na de sluiting"


def facts_hash(year: int) -> str:
    """SHA-256 over the facts of a year, by stay; amounts where there are any, so that a year of before them keeps its own."""
    about = (StayFact.month, StayFact.band, StayFact.inborn, StayFact.first, StayFact.end, StayFact.places, StayFact.risk)
    query = StayFact.select(Stay.key, StayFact.hospital, *about, StayFact.model).join(Stay).where(StayFact.year == year)
    rows = query.select_extend(StayFact.amounts).order_by(StayFact.stay).tuples().iterator()
    return _hash(row if row[-1] else row[:-1] for row in rows)


def cells_hash(year: int) -> str:
    """SHA-256 over the cells of a year; those of risks where there are any, so that a year of before them keeps its own."""
    grain = (CountCell.indicator, CountCell.hospital, CountCell.month, CountCell.band, CountCell.inborn)
    counted = [getattr(CountCell, name) for name in COUNTS]
    # Sorted here: databases differ in the order of letters.
    rows = sorted(CountCell.select(*grain, *counted).where(CountCell.year == year).tuples())
    of_days = (AmountCell.indicator, AmountCell.hospital, AmountCell.band, AmountCell.events, AmountCell.days)
    days = sorted(AmountCell.select(*of_days).where(AmountCell.year == year).tuples())
    risks = RiskCell.select(*(getattr(RiskCell, name) for name in ROW)).where(RiskCell.year == year).tuples()
    return _hash([*rows, *days, *sorted(risks)])


def _hash(rows: Iterable[tuple]) -> str:
    found = hashlib.sha256()
    for row in rows:
        found.update(f"{row!r}\n".encode())
    return found.hexdigest()


def differences() -> Iterator[str]:
    """A Dutch sentence for every closed year that is no longer as it was closed; withdrawn stays explain missing facts."""
    for one in ClosedYear.select().order_by(ClosedYear.year):
        if cells_hash(one.year) != one.cells:
            yield f"LNR: de cellen van {one.year} zijn anders dan toen het jaar werd gesloten"
        if one.method is not None and YearMethod.of(one.year).hash != one.method:
            yield f"LNR: de methode van {one.year} is anders dan toen het jaar werd gesloten"
        withdrawn = LateChange.select().where(LateChange.year == one.year, LateChange.withdrawn).exists()
        if not withdrawn and facts_hash(one.year) != one.facts:
            yield f"LNR: de tellingen van {one.year} zijn anders dan toen het jaar werd gesloten"
