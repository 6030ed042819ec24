"""One stay of one child in one hospital, as its newest message tells it; made for lists of a million."""

from enum import StrEnum

from peewee import BooleanField, CharField, Check, DateTimeField, ForeignKeyField, IntegerField

from models.base import any_of, new_key
from models.hospital import Hospital
from models.lnr.definition import BSN
from models.lnr.pseudonym import of_patient, of_person, pseudonym, pseudonyms
from models.lnr.row import LnrRow


NAME = 200  # letters of an identifier of a sender, and of its root


class State(StrEnum):
    """What the registry holds of a stay."""

    ONTVANGEN = "ontvangen"
    GEWEIGERD = "geweigerd"
    INGETROKKEN = "ingetrokken"


STATE_LABELS = {State.ONTVANGEN: "Ontvangen", State.GEWEIGERD: "Nog geweigerd", State.INGETROKKEN: "Ingetrokken"}


class Stay(LnrRow):
    """Named by hospital, production or test, and the sender's own set id. The values themselves stand with the message.

    Withdrawn, it is a tombstone: its name and versions stay, everything about the child goes.
    """

    key = CharField(max_length=22, unique=True, default=new_key)
    hospital = ForeignKeyField(Hospital, backref="stays", on_delete="RESTRICT")
    test = BooleanField()
    set_root = CharField(max_length=NAME)
    set_id = CharField(max_length=NAME)
    version = IntegerField(null=True)  # of the newest message that was accepted
    state = CharField(
        max_length=12, choices=list(STATE_LABELS.items()),
        constraints=[Check("state IN ({})".format(", ".join(f"'{state}'" for state in State)))],
    )  # fmt: skip
    child = CharField(max_length=64, null=True, index=True)
    mother = CharField(max_length=64, null=True, index=True)
    own_number = CharField(max_length=64, null=True)
    born = DateTimeField(null=True)
    admitted = DateTimeField(null=True)
    discharged = DateTimeField(null=True)
    gestation = IntegerField(null=True)  # days
    year = IntegerField(null=True)  # of admission, in the Netherlands: the data year
    errors = IntegerField(default=0)  # open ones
    warnings = IntegerField(default=0)
    first_at = DateTimeField()
    last_at = DateTimeField()  # when the newest message came, accepted or not

    class Meta:
        indexes = (
            (("hospital", "test", "set_id", "set_root"), True),
            (("hospital", "test", "last_at"), False),
            (("test", "last_at"), False),
            (("hospital", "own_number"), False),
            (("hospital", "admitted"), False),
        )

    def __str__(self):
        return self.number

    @property
    def number(self):
        """Our own number, by which people speak of a stay."""
        return f"LNR-{self.id:07d}"

    @classmethod
    def real(cls):
        """The stays that count: not those of test messages."""
        return cls.select().where(~cls.test)

    @classmethod
    def of_set(cls, hospital, test, root, set_id):
        """Which stay a sender names so, as an expression."""
        return (cls.hospital == hospital) & (cls.test == test) & (cls.set_id == set_id) & (cls.set_root == (root or ""))

    @classmethod
    def of_hospital(cls, hospital):
        """The stays of a hospital that count, the one that changed last first."""
        return cls.real().where(cls.hospital == hospital).order_by(cls.last_at.desc(), cls.id.desc())

    @classmethod
    def since(cls, moment):
        """Which stays had a message after `moment`, as an expression."""
        return cls.last_at > moment

    @classmethod
    def with_own_number(cls, hospital, number):
        """Which stays carry exactly this number of this hospital, as an expression; one look-up in an index."""
        return (cls.hospital == hospital) & cls.own_number.in_(pseudonyms(*of_patient("kind", hospital, number)))

    @classmethod
    def numbered(cls, text):
        """Which stay a person means who types 'LNR-0000012' or '12', as an expression; None when it is no number."""
        digits = text.strip().upper().removeprefix("LNR-")
        return cls.id == int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None

    @classmethod
    def matching(cls, text, user):
        """The stay with our number, with the sender's set id, or with the own hospital's number of the child."""
        ways = [cls.set_id == text.strip()]
        if (numbered := cls.numbered(text)) is not None:
            ways.append(numbered)
        if user.hospital_id:
            ways.append(cls.with_own_number(user.hospital_id, text))
        return any_of(ways)

    @classmethod
    def open_findings(cls):
        """Which stays still have an error or a warning, as an expression."""
        return (cls.errors > 0) | (cls.warnings > 0)

    # ---- what the delivery asks ---------------------------------------------------------------------------------------

    @classmethod
    def of_child(cls, test, names):
        """Which accepted stays are of the child with these names (see `names_of`), in any hospital, as an expression."""
        columns = {"child": cls.child, "own_number": cls.own_number}
        ways = [column == names[name] for name, column in columns.items() if names.get(name)]
        return (cls.test == test) & (cls.state == State.ONTVANGEN) & any_of(ways)

    @classmethod
    def meanwhile(cls, first, last):
        """Which stays were going on between these moments, as an expression."""
        return (cls.admitted < last) & (cls.discharged.is_null() | (cls.discharged > first))


def names_of(hospital, child=(), mother=()):
    """{column: pseudonym} of the people in a message, by pairs (root, number); None where no such number was sent."""
    return {
        "child": _person("kind", child),
        "own_number": _patient("kind", hospital, child),
        "mother": _person("moeder", mother) or _patient("moeder", hospital, mother),
    }


def _person(who, numbers):
    return next((pseudonym(*of_person(who, number)) for root, number in numbers if root == BSN), None)


def _patient(who, hospital, numbers):
    return next((pseudonym(*of_patient(who, hospital, number)) for root, number in numbers if root != BSN), None)
