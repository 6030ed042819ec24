"""The receipt of use: what a case taught, told to its hospital when it happens, also years later.

A case of more hospitals is told to each of them, by its own part of it.
"""

from contextlib import suppress
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from peewee import CharField, Check, DateField, DateTimeField, ForeignKeyField, IntegrityError

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import PartOf, Record, Refused, db
from models.cases.case import Case
from models.committee.meeting import demand_lessons
from models.mail.outbox import Mail
from models.typed_text import one_line


class UseKind(StrEnum):
    BESPROKEN = "besproken"
    JAARVERSLAG = "jaarverslag"
    RICHTLIJN = "richtlijn"
    ONDERWIJS = "onderwijs"
    PUBLICATIE = "publicatie"


USE_LABELS = {
    UseKind.BESPROKEN: "Besproken door de commissie",
    UseKind.JAARVERSLAG: "Telt mee in het jaarverslag",
    UseKind.RICHTLIJN: "Droeg bij aan een richtlijn",
    UseKind.ONDERWIJS: "Gebruikt in onderwijs",
    UseKind.PUBLICATIE: "Gebruikt in een publicatie",
}


class CaseUse(PartOf, Record):
    """One use of one case. `said`: which report or guideline; `link`: where to read it."""

    case = ForeignKeyField(Case, backref="uses", on_delete="RESTRICT")
    kind = CharField(max_length=12, choices=list(USE_LABELS.items()))
    day = DateField()
    said = CharField(max_length=200, default="")
    link = CharField(max_length=300, default="")
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField()

    class Meta:
        indexes = ((("case", "kind", "said"), True),)
        constraints = [
            Check("kind IN ({})".format(", ".join(f"'{kind}'" for kind in UseKind)), "case_use_kind"),
        ]

    @property
    def label(self) -> str:
        return USE_LABELS[self.kind]

    @classmethod
    def of_case(cls, case: Case) -> list["CaseUse"]:
        """What this case was used for, the first use ahead."""
        return list(cls.select().where(cls.case == case).order_by(cls.day, cls.id))

    @classmethod
    def receive(cls, case: Case, day: date, kinds: Any, by: User, now: datetime) -> None:
        """Write the receipt at closing, in the caller's transaction; a use that stands there already is not told twice."""
        wanted = [UseKind.BESPROKEN, *(kind for kind in UseKind if kind in kinds)]
        said = {UseKind.JAARVERSLAG: str(day.year)}
        uses = [{"kind": kind, "said": said.get(kind, ""), "day": day} for kind in wanted]
        for one in case.at_hospitals():
            cls._keep(one, uses, "use.receipt", by, now)

    @classmethod
    def counted(cls, case: Case, kind: UseKind, said: str, by: User, now: datetime) -> None:
        """Write in the caller's transaction that the case counts in the report `said`, unless that stands there already."""
        for one in case.at_hospitals():  # without a mail: of a whole year it would be one for each case of a reporter
            cls._keep(one, [{"kind": kind, "said": said, "day": clock.today(now)}], "use.receipt", by, now, tell=False)

    @classmethod
    def add(cls, case: Case, by: User, kind: str, said: str, link: str = "", now: datetime | None = None) -> "CaseUse":
        """Tell each hospital of a use that happened since. The same use twice is one."""
        now = now or clock.now()
        access.demand(by, "review", case.process)
        demand_lessons(case.process)
        said, link = one_line(said or "", 200, "De omschrijving"), (link or "").strip()
        if kind not in USE_LABELS or not said:
            raise Refused("Kies waarvoor de casus is gebruikt, en noem het verslag, de richtlijn of de publicatie.")
        if link and (not link.startswith("https://") or len(link) > 300):
            raise Refused("Een link begint met https:// en is hoogstens 300 tekens.")
        use = {"kind": kind, "said": said, "link": link, "day": clock.today(now)}
        with suppress(IntegrityError), db.atomic():  # the other click of a double click was first
            for one in case.at_hospitals():
                cls._keep(one, [use], "use.add", by, now)
        return cls.get(cls.case == case, cls.kind == kind, cls.said == said)

    @classmethod
    def _keep(cls, case, uses, action, by, now, tell=True):
        """Write at one hospital those uses that do not stand there, with one mail about them to each of its people, or none."""
        new = [
            one
            for one in uses
            if not cls.select().where(cls.case == case, cls.kind == one["kind"], cls.said == one["said"]).exists()
        ]
        if not new:
            return
        made = [cls.create(case=case, by=by, at=now, **one) for one in new]
        AuditEvent.log(action, by=by, case=case, detail=", ".join(one.kind for one in made), at=now)
        for person in case.people() if tell else ():
            Mail.queue("case_use", person, once=f"case_use:{made[0].id}:{person.id}", case=case, now=now)


def _case_use(mail):
    case = Case.get_by_id(mail.case_id)
    return case.mail_facts if CaseUse.of_case(case) and case.is_open_to(mail.user) else None


CONTEXTS = {"case_use": _case_use}
