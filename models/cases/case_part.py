"""Two-hospital case: a woman who was treated in more than one hospital is one case, and each hospital has its own part of it.

A part is a row of `Case` with a hospital, files, messages, questionnaire and way to 'goedgekeurd' of its own. So what is one
hospital's is never the other's to see: no list, look-up or file has to tell them apart. This table says which case it is a part
of. That one, the whole, counts for the month of the hospital that reported; a part counts nowhere. A supplement, what comes in
after approval, is a part of the same hospital.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from peewee import SQL, DateTimeField, DeferredForeignKey, Field, ForeignKeyField, IntegrityError, Node, fn

from models import access, clock
from models.access import Process, Role
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import PartOf, Record, Refused, db, through
from models.cases.remark import LONGEST, Remark
from models.cases.status import WITH_HOSPITAL, Status
from models.cases.theme import RequestedDocument
from models.mail.outbox import Mail
from models.typed_text import required, tidy

MOST = 8  # parts of one case
ONLY_NETHOSS = "Bij LZA1 bestaat een melding uit één deel. Vraag de coördinator om de melding te heropenen."
OF_A_PART = "Dit is al een deel van een andere casus. Doe dit bij die casus."
WHOLE_CLOSED = "Dit is een deel van casus {}, en die is afgesloten. Dit deel kan pas weer open als die casus weer open is."
OTHER_THEME = "Het thema van deze melding is intussen gecorrigeerd. Kies opnieuw welke documenten u vraagt."
HAS_PARTS = "Bij deze casus hoort nog deel {}. Sluit dat eerst af; bij een ander ziekenhuis doet de coördinator dat."

# Told (whole, part, by, now) in the transaction in which a part comes, and asked (whole) before a joined part is a case of
# its own again; what one of them refuses does not happen. Filled by `models/__init__.py`.
part_watchers: list[Callable[[Any, Any, User, datetime], None]] = []
part_guards: list[Callable[[Any], None]] = []


class CasePart(PartOf, Record):
    """That a case is a part of another. `invited_by` is empty when the hospital had reported the case itself."""

    case = DeferredForeignKey("Case", backref="part_of", unique=True, on_delete="RESTRICT")
    whole = DeferredForeignKey("Case", backref="part_rows", on_delete="RESTRICT")
    invited_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    at = DateTimeField()

    @classmethod
    def within(cls, question: str, *asked: Any) -> Node:
        # Who reaches the part reaches this row; `whole` is a column here, and not the name of one.
        return through(cls.case, getattr(cls.case.rel_model, question)(*asked))

    studied_by = classmethod(lambda cls, user, processes: cls.within("studied_by", user, processes))

    @classmethod
    def of(cls, case: Any) -> "CasePart | None":
        """Of which case this is a part, and why; None for a whole."""
        return cls.get_or_none(cls.case == case)

    @classmethod
    def there(cls, key: Field) -> Node:
        """Whether the case with this number is a part, as an expression; `key` is a column of another table."""
        return fn.EXISTS(cls.select(SQL("1")).where(cls.case == key))

    @classmethod
    def whole_of(cls, case: Any) -> Any:
        """The case that `case` is a part of, or itself."""
        row = cls.of(case)
        return row.whole if row else case

    @classmethod
    def among(cls, cases: Iterable[Any]) -> "dict[int, CasePart]":
        """{case id: its row} for those of `cases` that are a part, each with its whole and hospital, in one query."""
        cases = list(cases)
        if not cases:
            return {}
        model = cls.whole.rel_model
        found = cls.select(cls, model.id, model.key, model.number, model.hospital, Hospital.id, Hospital.name).join(
            model, on=cls.whole
        )
        return {row.case_id: row for row in found.join(Hospital).where(cls.case.in_([case.id for case in cases]))}


class PartSlot(PartOf, Record):
    """One requested document that a hospital was asked for its part. Without any, a part asks for nothing."""

    case = DeferredForeignKey("Case", backref="part_slots", on_delete="RESTRICT")
    asked = ForeignKeyField(RequestedDocument, on_delete="RESTRICT")

    class Meta:
        indexes = ((("case", "asked"), True),)

    @classmethod
    def chosen(cls, cases: Iterable[Any]) -> dict[int, set[int]]:
        """{case id: ids of the documents that were asked} for those of `cases` that were made as a part."""
        ids = [case.id for case in cases]
        if not ids:
            return {}
        made = CasePart.select(CasePart.case).join(CasePart.case.rel_model, on=CasePart.case)
        asked: dict[int, set[int]] = {
            case: set() for (case,) in made.where(CasePart.case.in_(ids), CasePart.invited_by.is_null(False)).tuples()
        }
        for case, document in cls.select(cls.case, cls.asked).where(cls.case.in_(list(asked))).tuples() if asked else ():
            asked[case].add(document)
        return asked


class Parted:
    """What `Case` knows of its parts."""

    def parts(self) -> list:
        """The parts of this case that stand, by number, each with its hospital and theme."""
        return [part for part in self.parts_ever() if part.status != Status.INGETROKKEN]

    def parts_ever(self) -> list:
        """The same with those that were withdrawn or closed: what was handed in for them is still there."""
        case = type(self)
        theme = case.theme.rel_model
        mine = case.select(case, Hospital, theme).join_from(case, Hospital).join_from(case, theme)
        return list(mine.where(case.id.in_(CasePart.select(CasePart.case).where(CasePart.whole == self))).order_by(case.id))

    def at_hospitals(self) -> list:
        """This case, and the parts that other hospitals handed in: what each of them reads is its own."""
        return [self, *(part for part in self._elsewhere() if part.submitted_at)]

    def not_handed_in(self) -> list:
        """The parts at other hospitals that were never handed in: nothing is told there about this case."""
        return [part for part in self._elsewhere() if not part.submitted_at]

    def _elsewhere(self):
        return [part for part in self.parts() if part.hospital_id != self.hospital_id]

    def open_parts(self) -> list:
        """The parts that are not approved yet."""
        return [part for part in self.parts() if part.status != Status.GOEDGEKEURD]

    @property
    def is_supplement(self) -> bool:
        """Whether this is what its own hospital added after approval."""
        row = CasePart.of(self) if self.number.count("-") > 1 else None
        return row is not None and row.whole.hospital_id == self.hospital_id

    def demand_no_parts(self) -> None:
        """Raise Refused while a part hangs on this case: it would be left behind. In the caller's transaction."""
        type(self).held(self.id)  # a part that comes or comes back meanwhile holds it too
        if parts := self.parts():
            raise Refused(HAS_PARTS.format(parts[0].number))

    def demand_place_in_whole(self) -> None:
        """Raise Refused when this is a part, and its whole is closed or has another one of its hospital by now."""
        if (row := CasePart.of(self)) is None:
            return
        whole = type(self).held(row.whole_id)
        if whole.status == Status.INGETROKKEN:
            raise Refused(WHOLE_CLOSED.format(whole.number))
        whole._demand_only_part_of(self.hospital, self)

    def _demand_only_part_of(self, hospital, but=None):
        # Of its own hospital a case may have several: those are supplements.
        if hospital.id != self.hospital_id and any(part.hospital_id == hospital.id and part != but for part in self.parts()):
            raise Refused(f"{hospital.name} heeft al een deel van deze casus.")

    def invite(
        self,
        hospital: Hospital,
        by: User,
        text: str = "",
        asked: Collection[str] = (),
        now: datetime | None = None,
    ) -> Any:
        """Ask another hospital for its own part of this case, with `text` to its people. Returns the part.

        `asked`: the ids, as text, of the requested documents of this theme that it is asked for.

        For the coordinator, and for who completes the case in its own hospital. Every melder there gets a mail.
        """
        now, text = now or clock.now(), tidy(text, LONGEST, "Het bericht")
        if not access.may(by, "review", self.process):
            self.open_for(by, True, "")
        with db.atomic():
            fresh = self._demand_whole()
            if hospital.id == fresh.hospital_id or not hospital.active:
                raise Refused("Kies een ander ziekenhuis dat meedoet.")
            self._demand_only_part_of(hospital)
            melders = list(User.melders_of(hospital))
            if not melders:
                raise Refused(f"{hospital.name} heeft nu geen melder. Bel het ziekenhuis of de beheerder.")
            if not set(asked) <= {str(one.id) for one in RequestedDocument.of_theme(fresh.theme_id)}:
                raise Refused(OTHER_THEME)
            part = fresh._add_part(melders[0], by, asked, now)
            if text:
                Remark.write(part, by, text, now)
            AuditEvent.log("case.invite", by=by, case=self, detail=f"{part.number} {hospital.code}", at=now)
            for person in melders:
                Mail.queue("case_part", person, once=f"case_part:{part.id}:{person.id}", case=part, now=now)
        return part

    def supplement(self, by: User, now: datetime | None = None) -> Any:
        """Begin what is still to come after approval, without taking the case up again. Returns the supplement, a part.

        The one that is under way is not begun twice.
        """
        now = now or clock.now()
        self.open_for(by, self.status == Status.GOEDGEKEURD, "Dit kan zodra de melding is goedgekeurd; nu is die {}.")
        with db.atomic():
            fresh = self._demand_whole()
            under_way = [one for one in self.parts() if one.hospital_id == self.hospital_id and one.status in WITH_HOSPITAL]
            if under_way:
                return under_way[0]
            part = fresh._add_part(by, by, (), now)
            AuditEvent.log("case.supplement", by=by, case=self, detail=part.number, at=now)
        return part

    def join(self, other: Any, by: User, now: datetime | None = None) -> Any:
        """Let the case that another hospital reported of the same woman be a part of this one. Returns that part.

        Both keep what they have; from now on they count once, for the hospital of this case.
        """
        access.demand(by, "review", self.process)
        now = now or clock.now()
        with db.atomic():
            whole = self._demand_whole()
            part = type(other).held(other.id)._demand_whole()
            if part.hospital_id == whole.hospital_id or part.theme_id != whole.theme_id:
                raise Refused("Alleen meldingen van hetzelfde thema uit twee ziekenhuizen worden één casus.")
            part.demand_no_parts()
            self._demand_only_part_of(part.hospital)
            self._link(part, None, by, now)
            AuditEvent.log("case.join", by=by, case=self, detail=part.number, at=now)
            AuditEvent.log("case.join", by=by, case=part, detail=self.number, at=now)
            part.tell("case_part", now)
        return part

    def separate(self, by: User, reason: str, now: datetime | None = None) -> None:
        """Undo `join`: this part is a case of its own again. Raises Refused for what was made as a part."""
        access.demand(by, "review", self.process)
        reason, now = required(reason, 200, "De reden", "Schrijf waarom dit toch niet dezelfde casus is."), now or clock.now()
        with db.atomic():
            row = CasePart.of(self)
            if row is None or row.invited_by_id:
                raise Refused("Alleen een melding die later is samengevoegd wordt weer een eigen casus.")
            for guard in part_guards:
                guard(row.whole)
            row.delete_instance()
            for case, other in ((self, row.whole), (row.whole, self)):
                # The reason is text about a case: sealed, and destroyed with it. The trail is neither.
                Remark.write(case, by, reason, now, internal=True)
                AuditEvent.log("case.separate", by=by, case=case, detail=other.number, at=now)

    def tell_of_withdrawn_part(self, now: datetime) -> None:
        """Mail who invited and the coordinators that another hospital took its part back. In the caller's transaction."""
        row = CasePart.of(self)
        if row is None or row.whole.hospital_id == self.hospital_id:
            return
        inviter = [row.invited_by] if row.invited_by_id and row.invited_by.active else []
        for person in dict.fromkeys([*inviter, *User.with_role(Role.COORDINATOR)]):
            once = f"part_withdrawn:{self.id}:{self.round}:{person.id}"
            Mail.queue("part_withdrawn", person, once=once, case=row.whole, now=now, part=self.id)

    def _demand_whole(self):
        """The case, held, unless it can have no part or be none."""
        fresh = type(self).held(self.id)
        if fresh.process != Process.NETHOSS:
            raise Refused(ONLY_NETHOSS)
        if fresh.erased_at or fresh.status == Status.INGETROKKEN:
            raise Refused("Deze melding is afgesloten.")
        if CasePart.of(fresh):
            raise Refused(OF_A_PART)
        return fresh

    def _add_part(self, reporter, by, asked, now):
        case = type(self)
        taken = CasePart.select().where(CasePart.whole == self).count()
        if taken >= MOST:
            raise Refused(f"Een casus heeft hoogstens {MOST} delen.")
        number, same = f"{self.number}-{self._next_part()}", {"theme": self.theme_id, "process": self.process}
        times = {"status_since": now, "created_at": now}
        part = case.create(number=number, hospital=reporter.hospital_id, reporter=reporter, **same, **times)
        # Who invited is told in the trail of the whole: the other hospital does not read who works here.
        AuditEvent.log("case.open", by=by if by.hospital_id == part.hospital_id else None, case=part, at=now)
        for document in RequestedDocument.select().where(RequestedDocument.theme == self.theme_id):
            if str(document.id) in asked:
                PartSlot.create(case=part, asked=document)
        self._link(part, by, by, now)
        return part

    def _next_part(self):
        case = type(self)
        numbers = case.select(case.number).where(case.number.in_([f"{self.number}-{one}" for one in range(2, MOST + 3)]))
        return max((int(number.rpartition("-")[2]) for (number,) in numbers.tuples()), default=1) + 1

    def _link(self, part, invited_by, by, now):
        try:
            CasePart.create(case=part, whole=self, invited_by=invited_by, at=now)
        except IntegrityError:
            raise Refused(OF_A_PART) from None
        for watch in part_watchers:
            watch(self, part, by, now)
