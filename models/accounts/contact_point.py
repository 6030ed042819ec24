"""How people reach Perined: mail, telephone and hours, for the portal and for each part of its work. A beheerder keeps them."""

from dataclasses import dataclass

from peewee import CharField, Node, PeeweeException

from models import access
from models.access import PROCESS_LABELS
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, Record, db

GENERAL, LNR = "algemeen", "lnr"
FIELD_LABELS = {"mail": "E-mailadres", "phone": "Telefoon", "hours": "Bereikbaar"}
PARTS = {GENERAL: "Het portaal", **PROCESS_LABELS, LNR: "LNR"}  # type: ignore[misc]


@dataclass(frozen=True)
class Contact:
    """The ways to reach somebody, empty where there is none."""

    mail: str = ""
    phone: str = ""
    hours: str = ""

    @property
    def said(self) -> str:
        """'bel 030-1234567 (werkdagen 9-17 uur) of mail naar hulp@example.nl': what to do, in the middle of a sentence."""
        call = f"bel {self.phone}" + (f" ({self.hours})" if self.hours else "") if self.phone else ""
        return " of ".join(filter(None, (call, self.mail and f"mail naar {self.mail}"))) or "neem contact op met Perined"

    @property
    def sentence(self) -> str:
        """The same as a sentence of its own."""
        return f"{self.said[0].upper()}{self.said[1:]}."


class ContactPoint(Record):
    """The contact for one part of the work. What is empty there is that of the portal as a whole."""

    about = CharField(max_length=10, unique=True, choices=list(PARTS.items()))
    mail = CharField(max_length=254, default="")
    phone = CharField(max_length=30, default="")
    hours = CharField(max_length=80, default="")

    def __str__(self):
        return PARTS[self.about]

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    def amend(self, by: User, **fields: str) -> None:
        """Change how people reach this part: mail, phone and hours, by name."""
        access.demand(by, "manage")
        with db.atomic():
            changed = [name for name, value in fields.items() if (value or "") != getattr(self, name)]
            for name in changed:
                setattr(self, name, fields[name] or "")
            self.save()
            if changed:
                detail = ", ".join(FIELD_LABELS[name] for name in changed)
                AuditEvent.log("row.update", by=by, subject=f"Contact: {self}", detail=detail)

    @classmethod
    def of(cls, about: str = GENERAL) -> Contact:
        """The contact for `about` (a Process, LNR, or GENERAL). Answers what it knew when the database does not."""
        try:
            rows = {row.about: row for row in cls.select().where(cls.about.in_((about, GENERAL)))}
        except PeeweeException:
            return _known.get(about, Contact())
        # The hours are of the telephone that is named.
        own, general = (rows.get(part) or cls() for part in (about, GENERAL))
        called = own if own.phone else general
        _known[about] = Contact(own.mail or general.mail, called.phone, called.hours)
        return _known[about]

    @classmethod
    def for_person(cls, user: access.Person | None) -> Contact:
        """The contact for the one part in which `user` works; that of the portal for who works in several, or is not known."""
        parts = frozenset().union(*(access.processes(user, ability) for ability in access.ABILITIES))
        return cls.of(*parts) if len(parts) == 1 else cls.of()

    @classmethod
    def parts(cls) -> list["ContactPoint"]:
        """All of them, that of the portal first."""
        return list(cls.select().order_by(cls.id))


_known: dict[str, Contact] = {}  # the latest answers of this process
