"""One stay of one child in one hospital, as its newest message tells it; made for lists of a million."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from peewee import BooleanField, CharField, Check, DateTimeField, ForeignKeyField, IntegerField, ModelSelect, Node

from models import clock
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.base import any_of, db, new_key, on_postgresql
from models.database.prepared_statements import Hole, Prepared
from models.lnr.dataset import moment
from models.lnr.dataset.definition import BSN
from models.lnr.message.validation_report import Identity
from models.lnr.registry.pseudonym import of_patient, of_person, pseudonym, pseudonyms
from models.lnr.registry.registry_row import LnrRow

CHILD_LOCK = 7516
NAME = 64  # letters of an identifier of a sender, and of its root


class StayState(StrEnum):
    """What the registry holds of a stay."""

    ONTVANGEN = "ontvangen"
    GEWEIGERD = "geweigerd"
    INGETROKKEN = "ingetrokken"


STATE_LABELS = {StayState.ONTVANGEN: "Ontvangen", StayState.GEWEIGERD: "Nog geweigerd", StayState.INGETROKKEN: "Ingetrokken"}


class Stay(LnrRow):
    """Named by hospital, production or test, and the sender's own set id. The values themselves stand with the message.

    Withdrawn, or erased on request, it is a tombstone: its name and versions stay, everything about the child goes. Once
    erased (`erased_at`) nothing brings it back.
    """

    key = CharField(max_length=22, unique=True, default=new_key)
    hospital = ForeignKeyField(Hospital, backref="stays", on_delete="RESTRICT")
    test = BooleanField()
    set_root = CharField(max_length=NAME)
    set_id = CharField(max_length=NAME)
    version = IntegerField(null=True)  # of the newest message that was accepted
    state = CharField(
        max_length=12,
        choices=list(STATE_LABELS.items()),
        constraints=[Check("state IN ({})".format(", ".join(f"'{state}'" for state in StayState)))],
    )
    child = CharField(max_length=64, null=True, index=True)
    mother = CharField(max_length=64, null=True, index=True)
    own_number = CharField(max_length=64, null=True)
    born = DateTimeField(null=True)
    admitted = DateTimeField(null=True)
    discharged = DateTimeField(null=True)
    # Child and minute of admission: the same twice is one stay too many.
    place = CharField(max_length=90, null=True)
    intensive = BooleanField(null=True)
    gestation = IntegerField(null=True)  # days
    year = IntegerField(null=True)  # the data year, in the Netherlands: of admission; where that is unknown see `describe`
    errors = IntegerField(default=0)  # open ones
    warnings = IntegerField(default=0)
    first_at = DateTimeField()  # when the first message came, accepted or not
    accepted_at = DateTimeField(null=True)  # when the first came that was accepted
    last_at = DateTimeField()  # when the newest message came, accepted or not
    # When the newest came that was accepted. A program of before leaves it, NULL or too early; benchmark/recompute.py mends it.
    told_at = DateTimeField(null=True)
    discharge_told_at = DateTimeField(null=True)  # when the first accepted one came that told of the discharge
    erased_at = DateTimeField(null=True)

    class Meta:
        indexes = (
            (("hospital", "test", "set_id", "set_root"), True),
            (("hospital", "test", "place"), True),
            (("hospital", "test", "last_at"), False),
            (("test", "last_at"), False),
            (("test", "year", "hospital"), False),
            (("hospital", "own_number"), False),
            (("hospital", "admitted"), False),
            (("own_number", "test"), False),
            (("child", "test"), False),
        )

    def __str__(self):
        return self.number

    @property
    def number(self) -> str:
        """Our own number, by which people speak of a stay."""
        return f"LNR-{self.id:07d}"

    @classmethod
    def counting(cls) -> Node:
        """Which stays count: not those of test messages; as an expression."""
        # Not `~`: SQLite looks up an equality in an index, and not the opposite of a column.
        return cls.test == 0

    @classmethod
    def real(cls) -> ModelSelect:
        """The stays that count."""
        return cls.select().where(cls.counting())

    @classmethod
    def of_set(cls, hospital: Any, test: Any, root: Any, set_id: Any) -> Node:
        """Which stay a sender names so, as an expression."""
        return (cls.hospital == hospital) & (cls.test == test) & (cls.set_id == set_id) & (cls.set_root == (root or ""))

    @classmethod
    def of_hospital(cls, hospital: Hospital) -> ModelSelect:
        """The stays of a hospital that count, the one that changed last first."""
        return cls.real().where(cls.hospital == hospital).order_by(cls.last_at.desc(), cls.id.desc())

    @classmethod
    def since(cls, moment: datetime) -> Node:
        """Which stays had a message after `moment`, as an expression."""
        return cls.last_at > moment

    @classmethod
    def with_own_number(cls, hospital: Hospital, number: Any) -> Node:
        """Which stays carry exactly this number of the hospital with this id, as an expression; one look-up in an index."""
        return (cls.hospital == hospital) & cls.own_number.in_(pseudonyms(*of_patient("kind", hospital, number)))

    @classmethod
    def numbered(cls, text: str) -> Any:
        """Which stay a person means who types 'LNR-0000012' or '12', as an expression; None when it is no number."""
        digits = text.strip().upper().removeprefix("LNR-")
        return cls.id == int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None

    @classmethod
    def matching(cls, text: str, user: User) -> Node:
        """The stay with our number, with the sender's set id, or with the own hospital's number of the child."""
        ways = [cls.set_id == text.strip()]
        if (numbered := cls.numbered(text)) is not None:
            ways.append(numbered)
        if user.hospital_id:
            ways.append(cls.with_own_number(user.hospital_id, text))
        return any_of(ways)

    @classmethod
    def open_findings(cls) -> Node:
        """Which stays still have an error or a warning, as an expression."""
        return (cls.errors > 0) | (cls.warnings > 0)

    @classmethod
    def beside_the_nicu(cls) -> Node:
        """Which stays no month of the NICU counts: not known to be on it, or not since when; as an expression."""
        return cls.intensive.is_null() | (cls.intensive == False) | cls.admitted.is_null()  # noqa: E712  an expression

    # ---- what the delivery asks ---------------------------------------------------------------------------------------

    @classmethod
    def held(cls, hospital: Hospital, test: bool, root: str, set_id: str) -> Any:
        """The stay that a sender names so, held until the transaction ends; None when there is none."""
        return HELD.first(hospital=hospital, test=test, root=root or "", set_id=set_id)

    @classmethod
    def standing_of(cls, hospital: Any, test: bool, root: str, set_id: str) -> Any:
        """(newest version, state, erased_at) of the stay that a sender names so, the version None when none was accepted."""
        return STANDING.first(hospital=hospital, test=test, root=root or "", set_id=set_id)

    @classmethod
    def begun(cls, hospital: Hospital, test: bool, root: str, set_id: str, now: datetime) -> "Stay":
        """A stay of which nothing was accepted yet; not saved."""
        named = {"hospital": hospital, "test": test, "set_root": root or "", "set_id": set_id}
        return cls(**named, state=StayState.GEWEIGERD, first_at=now, last_at=now)

    def accept(self, version: int, withdrawn: bool, now: datetime) -> None:
        """Take this version as the newest; a withdrawal empties the row."""
        self.version, self.state, self.told_at = version, StayState.ONTVANGEN, now
        self.accepted_at = self.accepted_at or now
        if withdrawn:
            self.empty(PEOPLE if self.on_hold else ())

    @property
    def on_hold(self) -> bool:
        """Whether a legal hold stands."""
        return any(hold.lifted_at is None for hold in self.holds)

    def empty(self, besides: Sequence[str] = ()) -> None:
        """Only its name and versions stay, and the columns `besides`; the caller saves it."""
        self.state, self.errors, self.warnings = StayState.INGETROKKEN, 0, 0
        for name in set(ABOUT_THE_CHILD) - set(besides):
            setattr(self, name, None)

    def describe(self, values: Mapping[str, int | str], identity: Identity) -> None:
        """What lists show and look for, from the values of a message and the numbers of its people.

        Without a moment of admission (a death in the delivery room) the year is that of discharge, else of birth, else of
        the first message: every stay counts in some year.
        """
        for name, number in names_of(self.hospital_id, identity.child_numbers, identity.mother_numbers).items():
            setattr(self, name, number)
        self.born, self.admitted, self.discharged = (_moment(values.get(name)) for name in MOMENTS)
        if self.state == StayState.ONTVANGEN:
            self.discharge_told_at = self.discharged and (self.discharge_told_at or self.told_at)
        self.gestation = _plain(values.get("gestational_age_days"), int | float)
        self.intensive = _plain(values.get("intensive_care_admission"), bool)
        self.year = clock.local_date(self.admitted or self.discharged or self.born or self.first_at).year
        exact = self.state == StayState.ONTVANGEN and "T" in str(values.get("admission_datetime"))
        self.place = f"{self.child or self.own_number} {self.admitted:%Y-%m-%dT%H:%M}" if exact else None

    def rename(self, identity: Identity) -> None:
        """Name the people anew, by the newest key of the pseudonyms."""
        before = self.child or self.own_number
        for name, number in names_of(self.hospital_id, identity.child_numbers, identity.mother_numbers).items():
            setattr(self, name, number)
        self.place = self.place and self.place.replace(before, self.child or self.own_number)
        self.save()

    @property
    def names(self) -> dict[str, str | None]:
        """The names of its child, as `of_child` takes them."""
        return {"child": self.child, "own_number": self.own_number}

    @classmethod
    def of_child(cls, test: bool, names: Mapping[str, str | None]) -> Any:
        """The accepted stays of the child with these names (see `names_of`), in any hospital."""
        return OF_CHILD.all(test=test, child=names.get("child"), own_number=names.get("own_number"))

    @classmethod
    def hold_children(cls, *children: dict[str, str | None], wait: bool = True) -> bool:
        """Let one message at a time through about the children with these names, until the transaction ends.

        Of two that arrive together the second sees the first. Without `wait`: False where another does. SQLite has one writer.
        """
        names = sorted({name for names in children for name in names.values() if name}) if on_postgresql() else ()
        asked = f"SELECT pg_{'' if wait else 'try_'}advisory_xact_lock(%s, hashtext(%s))"
        return all(db.execute_sql(asked, (CHILD_LOCK, name)).fetchone()[0] is not False for name in names)

    def goes_on(self, first: datetime, last: datetime) -> bool:
        """Whether any of this stay is between these moments."""
        return self.admitted is not None and self.admitted < last and (self.discharged is None or self.discharged > first)

    def may_precede(self, admitted: datetime) -> bool:
        """Whether it began before this moment, as far as both are known."""
        return self.admitted is None or admitted is None or self.admitted < admitted

    def began_at(self, admitted: datetime) -> bool:
        """Whether it began in this very minute."""
        return self.admitted is not None and self.admitted.replace(second=0, microsecond=0) == admitted.replace(
            second=0, microsecond=0
        )


def _named(*columns):
    return Stay.select(*columns).where(Stay.of_set(*(Hole(name) for name in ("hospital", "test", "root", "set_id"))))


def _held():
    return _named().for_update() if db.for_update else _named()


def _of_child():
    # One look-up in an index each: with OR, SQLite and PostgreSQL read every stay there is.
    inner = Stay.alias()
    by_child, by_number = (
        inner.select(inner.id).where(getattr(inner, name) == Hole(name), inner.test == Hole("test"))
        for name in ("child", "own_number")
    )
    # Outside only what no index begins with: SQLite would rather go by the index of all tests.
    return Stay.select().where(Stay.id.in_(by_child | by_number), Stay.state == StayState.ONTVANGEN).order_by(Stay.id)


STANDING, HELD = Prepared(lambda: _named(Stay.version, Stay.state, Stay.erased_at).tuples()), Prepared(_held)
OF_CHILD = Prepared(_of_child)
MOMENTS = ("birth_datetime", "admission_datetime", "discharge_datetime")
PEOPLE = ("child", "mother", "own_number")  # by which is asked what is kept of somebody
ABOUT_THE_CHILD = (*PEOPLE, "born", "admitted", "discharged", "discharge_told_at", "gestation", "intensive", "year", "place")


def _moment(said):
    """When a value of a stay begins, in UTC; None where it is unknown."""
    return moment.read(said).first if isinstance(said, str) else None


def _plain(said, kind):
    return said if isinstance(said, kind) else None


def names_of(hospital: Any, child: Any = (), mother: Any = (), name: Any = pseudonym) -> dict[str, str | None]:
    """{column: pseudonym} of the people in a message, by pairs (root, number); None where no such number was sent.

    With `name=pseudonyms` the names under every key."""
    return {
        "child": _person("kind", child, name),
        "own_number": _patient("kind", hospital, child, name),
        "mother": _person("moeder", mother, name) or _patient("moeder", hospital, mother, name),
    }


def _person(who, numbers, name):
    return next((name(*of_person(who, number)) for root, number in numbers if root == BSN), None)


def _patient(who, hospital, numbers, name):
    return next((name(*of_patient(who, hospital, number)) for root, number in numbers if root != BSN), None)
