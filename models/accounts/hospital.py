"""A hospital that reports."""

from peewee import BooleanField, CharField, DateTimeField, IntegrityError, fn

from models import access, clock
from models.access import LZA1
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, Record, Refused, db
from models.database.prepared_statements import Prepared
from models.typed_text import plain

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
}


class Hospital(Record):
    """One reporting unit. Ended hospitals stay, because their cases and answers do."""

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
    active = BooleanField(default=True)
    mail_on_approval = BooleanField(default=False)
    lza1_kept_apart = BooleanField(default=False)  # such a case is more sensitive than the rest
    created_at = DateTimeField(default=clock.now)

    def __str__(self):
        return self.name

    @property
    def kept_apart(self):
        """The processes of which only the melder and named colleagues see a case; in the others the whole hospital does."""
        return LZA1 if self.lza1_kept_apart else frozenset()

    @classmethod
    def owned_by(cls, hospital, processes):
        return cls.id == hospital

    @classmethod
    def of_process(cls, processes):
        return EVERYBODY

    @classmethod
    def for_management(cls):
        return EVERYBODY

    @classmethod
    def delivered_by(cls, hospital):
        return cls.id == hospital

    @classmethod
    def of_lnr(cls):
        return EVERYBODY

    @classmethod
    def matching(cls, text, user=None):
        """Whose name holds `text` or whose code is `text`, as an expression."""
        return cls.name.contains(text) | (fn.LOWER(cls.code) == text.lower())

    @classmethod
    def named(cls, text):
        """The ids of the hospitals that `text` matches, as a sub-query."""
        return cls.select(cls.id).where(cls.matching(text))

    @classmethod
    def reporting(cls):
        """The hospitals that take part, by name."""
        return cls.select().where(cls.active).order_by(cls.name)

    @classmethod
    def add(cls, by, **fields):
        """Make a hospital with these fields. Raises IntegrityError when something of it is taken: a form says which field."""
        access.demand_of(by, "manage")
        with db.atomic():
            made = cls.create(**fields)
            AuditEvent.log("row.create", by=by, hospital=made, subject=f"Ziekenhuizen: {made}")
        return made

    @classmethod
    def enrol(cls, code, name, by=None, agb=None, ura=None, perined=None):
        """Make a hospital. Raises Refused when a number (agb, ura, perined) is wrong, or something of it is taken."""
        access.demand_of(by, "manage")
        numbers = {kind: number for kind, number in (("agb", agb), ("ura", ura), ("perined", perined)) if number}
        code, name = plain(code).strip(), plain(name).strip()
        if not code or not name:
            raise Refused("Een ziekenhuis heeft een code en een naam.")
        if wrong := [number for number in numbers.values() if not number.isdigit() or len(number) > 8]:
            raise Refused(f"{wrong[0]} is geen nummer van hoogstens acht cijfers.")
        try:
            return cls.add(by, code=code, name=name, **numbers)
        except IntegrityError:
            raise Refused("Er is al een ziekenhuis met deze code, deze naam of een van deze nummers.") from None

    @classmethod
    def nicus(cls):
        """{id: AGB} of the hospitals with a NICU."""
        return dict(NICUS.all())

    def amend(self, by, **fields):
        """Correct the hospital: `fields` by name. Raises IntegrityError when something of it is taken."""
        access.demand(by, "manage")
        with db.atomic():
            changed = [name for name, value in fields.items() if (value or None) != (getattr(self, name) or None)]
            for name in changed:
                setattr(self, name, fields[name])
            self.save()
            if changed:
                said = ", ".join(FIELD_LABELS[name] for name in changed)
                AuditEvent.log("row.update", by=by, hospital=self, subject=f"Ziekenhuizen: {self}", detail=said)

    def hold(self):
        """Keep everybody else who holds it waiting until the transaction ends: what they count stays so."""
        query = Hospital.select(Hospital.id).where(Hospital.id == self.id)
        # Not the strongest lock: rows that refer to the hospital may be added meanwhile.
        (query.for_update("FOR NO KEY UPDATE") if db.for_update else query).get()

    @classmethod
    def by_code(cls, code):
        """The hospital with this code. Raises Refused when there is none."""
        if hospital := cls.get_or_none(cls.code == code):
            return hospital
        raise Refused(f"Er is geen ziekenhuis met de code {code}. Maak het met: python app.py create-hospital")


# Asked for every message of a machine.
NICUS = Prepared(lambda: Hospital.select(Hospital.id, Hospital.agb).where(Hospital.nicu == True).tuples())  # noqa: E712
