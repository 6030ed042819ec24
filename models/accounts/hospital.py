"""A hospital that reports."""

import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from peewee import BooleanField, CharField, DateTimeField, IntegrityError, ModelSelect, Node, fn

from models import access, clock
from models.access import LZA1, Process
from models.accounts.managed_account import demand_agreed
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, Record, Refused, db
from models.database.prepared_statements import Prepared
from models.search.word_index import Searched
from models.typed_text import plain

if TYPE_CHECKING:
    from models.accounts.user import User

FIELD_LABELS = {
    "name": "Naam",
    "code": "Code",
    "phone": "Telefoon",
    "region": "Opvangregio",
    "active": "Doet mee",
    "mail_on_approval": "Mail bij goedkeuring",
    "lza1_kept_apart": "LZA1 alleen zichtbaar voor de melder en aangewezen collega's",
    "nicu": "Heeft een NICU",
    "agb": "AGB-nummer",
    "ura": "URA-nummer",
    "perined": "Perined-nummer",
    "mail_domains": "Maildomeinen",
}
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# Where anybody can have an address. Not every one there is: the beheerder adds what the hospital's own people told.
PUBLIC = frozenset(
    "gmail googlemail outlook hotmail live msn yahoo ymail icloud me mac aol gmx mail ziggo ziggomail kpn kpnmail "
    "kpnplanet planet hetnet xs4all home chello upcmail casema quicknet telfort tele2 online solcon zeelandnet "
    "caiway zonnet wxs tiscali versatel freeler proton protonmail pm tutanota tuta fastmail hey yandex zoho "
    "t-mobilethuis odido delta".split()
)

SUFFIXES = frozenset("co.nl com.nl co.uk org.uk co.be com.be".split())
WAITED = ", na de wachttijd"  # how the line of what nobody stopped ends


Watch = Callable[["Hospital", "User | None"], None]
_watchers: list[Watch] = []


def when_region_changes(watch: Watch) -> Watch:
    """Call `watch(hospital, by)` in the transaction in which a hospital gets another region."""
    _watchers.append(watch)
    return watch


def unopposed(actor: "User | None", agreed: bool) -> str:
    """What the line in the trail adds when nobody did it at that moment: else it would read as the operator's."""
    return WAITED if agreed and actor is None else ""


class Hospital(Searched, Record):
    """One reporting unit. Ended hospitals stay, because their cases and answers do."""

    searched = ("name", "code")

    code = CharField(max_length=20, unique=True)
    name = CharField(max_length=120, unique=True)
    # The numbers by which messages from record systems name the hospital.
    agb = CharField(max_length=8, null=True, unique=True)
    ura = CharField(max_length=8, null=True, unique=True)
    perined = CharField(max_length=8, null=True, unique=True)
    nicu = BooleanField(
        default=False, index=True
    )  # has a centre for neonatal intensive care; only those are compared in the LNR
    phone = CharField(max_length=30, default="")
    region = CharField(max_length=40, default="")  # in which hospitals send each other patients; empty blocks nothing
    coming_region = CharField(max_length=40, null=True)  # that waits for a second person: it ties already
    active = BooleanField(default=True)
    mail_on_approval = BooleanField(default=False)
    lza1_kept_apart = BooleanField(default=False)  # such a case is more sensitive than the rest
    mail_domains = CharField(max_length=300, null=True)  # of its own people: only they are asked for a document
    created_at = DateTimeField(default=clock.now)

    def __str__(self):
        return self.name

    def found_at(self) -> tuple[None, None]:
        return None, None  # its name is not sealed

    @property
    def own_domains(self) -> frozenset[str]:
        """What stands behind the @ of the hospital's own people; empty while nobody filled it in."""
        return frozenset((self.mail_domains or "").split(", ")) - {""}

    @property
    def regions(self) -> set[str]:
        """Of which regions it ties: its own, and that where it goes."""
        return {self.region, self.coming_region or ""} - {""}

    @property
    def kept_apart(self) -> frozenset[Process]:
        """The processes of which only the melder and named colleagues see a case; in the others the whole hospital does."""
        return LZA1 if self.lza1_kept_apart else frozenset()

    @classmethod
    def owned_by(cls, hospital: "Hospital", processes: Collection[str]) -> Any:
        return cls.id == hospital

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return EVERYBODY

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def delivered_by(cls, hospital: "Hospital") -> Any:
        return cls.id == hospital

    @classmethod
    def of_lnr(cls) -> Node:
        return EVERYBODY

    @classmethod
    def matching(cls, text: str, user: "User | None" = None) -> Node:
        """Whose name holds `text` or whose code is `text`, as an expression."""
        return cls.name.contains(text) | (fn.LOWER(cls.code) == text.lower())

    @classmethod
    def named(cls, text: str) -> ModelSelect:
        """The ids of the hospitals that `text` matches, as a sub-query."""
        return cls.select(cls.id).where(cls.matching(text))

    @classmethod
    def reporting(cls) -> ModelSelect:
        """The hospitals that take part, by name."""
        return cls.select().where(cls.active).order_by(cls.name)

    @classmethod
    def chosen(cls, number: str) -> "Hospital | None":
        """The hospital that somebody chose from a list, which gave its number as text; one that ended too."""
        return cls.get_or_none(cls.id == int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None

    @classmethod
    def add(cls, by: Any, **fields: bool | str) -> "Hospital":
        """Make a hospital with these fields. Raises IntegrityError when something of it is taken: a form says which field."""
        access.demand_of(by, "manage")
        with db.atomic():
            made = cls.create(**_tidied(fields))
            AuditEvent.log("row.create", by=by, hospital=made, subject=f"Ziekenhuizen: {made}")
        return made

    @classmethod
    def enrol(
        cls,
        code: str,
        name: str,
        by: "User | None" = None,
        agb: str | None = None,
        ura: str | None = None,
        perined: str | None = None,
    ) -> "Hospital":
        """Make a hospital. Raises Refused when a number (agb, ura, perined) is wrong, or something of it is taken."""
        access.demand_of(by, "manage")
        numbers = {kind: number for kind, number in (("agb", agb), ("ura", ura), ("perined", perined)) if number}
        code, name = plain(code).strip(), plain(name).strip()
        if not code or not name:
            raise Refused("Een ziekenhuis heeft een code en een naam.")
        if wrong := [number for number in numbers.values() if not (number.isascii() and number.isdigit() and len(number) <= 8)]:
            raise Refused(f"{wrong[0]} is geen nummer van hoogstens acht cijfers.")
        try:
            return cls.add(by, code=code, name=name, **numbers)
        except IntegrityError:
            raise Refused("Er is al een ziekenhuis met deze code, deze naam of een van deze nummers.") from None

    @classmethod
    def nicus(cls) -> dict[int, str | None]:
        """{id: AGB} of the hospitals with a NICU."""
        return dict(NICUS.all())

    def opens(self, lza1_kept_apart: bool = True, region: str | None = None, **_: Any) -> set[str]:
        """Which of these fields let somebody read more cases: colleagues those of LZA1, a committee those of a region."""
        opening = set()
        if self.lza1_kept_apart and not lza1_kept_apart:
            opening.add("lza1_kept_apart")
        # Whoever is alone in a region keeps nobody away by it.
        there = (Hospital.region == self.region) | (Hospital.coming_region == self.region)
        shared = Hospital.select().where(there, Hospital.id != self.id)
        if region is not None and self.region and region != self.region and shared.exists():
            opening.add("region")
        return opening

    def amend(self, by: "User | None", agreed: bool = False, **fields: Any) -> None:
        """Correct the hospital: `fields` by name. Raises IntegrityError when something of it is taken.

        Raises Refused for what opens cases (`opens`) unless a second person `agreed`, see models/committee/ties.
        """
        access.demand_of(None if agreed else by, "manage")
        with db.atomic():
            fields = _tidied(fields)
            self.hold()
            if self.opens(**fields):
                demand_agreed(by, agreed)
            changed = [name for name, value in fields.items() if (value or None) != (getattr(self, name) or None)]
            for name in changed:
                setattr(self, name, fields[name])
            if changed:
                self.save(only=changed)
                said = ", ".join(FIELD_LABELS[name] for name in changed) + unopposed(by, agreed)
                AuditEvent.log("row.update", by=by, hospital=self, subject=f"Ziekenhuizen: {self}", detail=said)
            for watch in _watchers if "region" in changed else ():
                watch(self, by)

    def await_region(self, region: str | None, by: "User | None") -> None:
        """From now on this region ties too, until another one waits, or none (`region` None)."""
        self.coming_region = region or None
        self.save(only=["coming_region"])
        for watch in _watchers if region else ():
            watch(self, by)

    def hold(self) -> None:
        """Keep everybody else who holds it waiting until the transaction ends: what they count stays so. Reads it anew."""
        query = Hospital.select().where(Hospital.id == self.id)
        # Not the strongest lock: rows that refer to the hospital may be added meanwhile.
        self.__data__.update((query.for_update("FOR NO KEY UPDATE") if db.for_update else query).get().__data__)

    @classmethod
    def by_code(cls, code: str) -> "Hospital":
        """The hospital with this code. Raises Refused when there is none."""
        if hospital := cls.get_or_none(cls.code == code):
            return hospital
        raise Refused(f"Er is geen ziekenhuis met de code {code}. Maak het met: python app.py create-hospital")


def _tidied(fields):
    return {name: tidy_domains(value) if name == "mail_domains" else value for name, value in fields.items()}


def tidy_domains(text: str | None) -> str | None:
    """The list of domains as it is kept: 'haven.nl, zorg-haven.nl'. None for an empty one.

    Raises Refused for what is no domain, and for one where anybody can have an address. A subdomain is another domain.
    """
    words = re.split(r"[\s,;]+", plain(text or "").lower())
    domains = sorted({word.removeprefix("@").rstrip(".") for word in words} - {""})
    for domain in domains:
        parts = domain.split(".")
        if len(parts) < 2 or not all(map(LABEL.fullmatch, parts)) or parts[-1].isdigit():
            raise Refused(f"{domain[:60]} is geen maildomein. Vul in wat achter de @ staat, bijvoorbeeld ziekenhuis.nl.")
        if parts[-2] in PUBLIC or domain in SUFFIXES:
            raise Refused(f"Bij {domain[:60]} kan iedereen een adres hebben. Vul alleen eigen domeinen van het ziekenhuis in.")
    if len(kept := ", ".join(domains)) > 300:
        raise Refused("Dit zijn te veel maildomeinen. Vul alleen in wat de mensen van dit ziekenhuis gebruiken.")
    return kept or None


# Asked for every message of a machine.
NICUS = Prepared(lambda: Hospital.select(Hospital.id, Hospital.agb).where(Hospital.nicu == True).tuples())  # noqa: E712
