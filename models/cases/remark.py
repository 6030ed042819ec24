"""What the coordinator writes at a case."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from peewee import BooleanField, DateTimeField, DeferredForeignKey, ForeignKeyField, ModelSelect, Node

from models import access
from models.accounts.user import User
from models.base import PartOf, Record
from models.encrypted_fields import SealedField
from models.search.word_index import Searched
from models.typed_text import required

if TYPE_CHECKING:
    from models.cases.case import Case

LONGEST = 5000
NOTHING_WRITTEN = "Schrijf een bericht: zonder bericht weet het ziekenhuis niet wat er ontbreekt."


class Remark(Searched, PartOf, Record):
    """A message to the hospital, or an internal note that the hospital never sees. Neither is ever changed.

    A message whose verdict was undone within its minute (models/review/verdict_undo.py) is as a note from then on.
    """

    searched = ("text",)

    case = DeferredForeignKey("Case", backref="remarks", on_delete="RESTRICT")
    author = ForeignKeyField(User, on_delete="RESTRICT")
    text = SealedField()
    internal = BooleanField(default=False)
    created_at = DateTimeField()
    taken_back_at = DateTimeField(null=True)

    def __str__(self):
        return self.text

    @property
    def is_note(self) -> bool:
        """Whether only coordinators see it."""
        return self.internal or self.taken_back_at is not None

    @classmethod
    def shared(cls) -> Node:
        """Which of them the hospital reads, as an expression."""
        return ~cls.internal & cls.taken_back_at.is_null()

    @property
    def signed(self) -> str:
        """The name under a message; the hospital does not see which reviewer wrote it (R4)."""
        if self.author.hospital_id and not self.is_note:
            return "Het ziekenhuis dat u uitnodigde"
        return self.author.name if self.is_note else "Perined Beoordelaar"

    @classmethod
    def write(
        cls, case: "Case", by: User, text: str, now: datetime, internal: bool = False, otherwise: str = NOTHING_WRITTEN
    ) -> "Remark":
        """Add a remark in the caller's transaction. Raises Refused when it is too long, or, with `otherwise`, empty."""
        text = required(text, LONGEST, "Het bericht", otherwise)
        return cls.create(case=case, author=by, text=text, internal=internal, created_at=now)

    @classmethod
    def messages(cls, case: "Case") -> ModelSelect:
        """What the hospital reads, newest first, with who wrote it at hand."""
        return cls.select(cls, User).join(User).where(cls.case == case, cls.shared()).order_by(cls.id.desc())

    @classmethod
    def notes(cls, case: "Case", user: User) -> ModelSelect:
        """The internal notes, newest first, with who wrote them, for who reviews the case."""
        allowed = access.may(user, "review", case.process)
        mine = (cls.case == case) & ~cls.shared() if allowed else False
        return cls.select(cls, User).join(User).where(mine).order_by(cls.id.desc())

    @classmethod
    def owned_by(cls, hospital: int, processes: Collection[str]) -> Node:
        return cls.shared() & super().owned_by(hospital, processes)

    @classmethod
    def entrusted_to(cls, user: User, processes: Collection[str]) -> Node:
        return cls.shared() & super().entrusted_to(user, processes)
