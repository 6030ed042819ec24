"""What the coordinator writes at a case."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from peewee import BooleanField, DateTimeField, DeferredForeignKey, ForeignKeyField, IntegerField, ModelSelect, Node, TextField

from models import access
from models.accounts.user import User
from models.base import PartOf, Record
from models.cases.status import Status
from models.cases.theme import RequestedDocument
from models.encrypted_fields import SealedField
from models.search.word_index import Searched
from models.typed_text import one_line, required

if TYPE_CHECKING:
    from models.cases.case import Case

LONGEST = 5000
LONGEST_LINE = 200
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


class MissingDocument(PartOf, Record):
    """That the coordinator misses a requested document: the hospital reads it at its place, until something is put there.

    `round` is that of the case after the verdict: with the next one it holds no longer. `before` are the files that lay there.
    """

    case = DeferredForeignKey("Case", backref="missed", on_delete="RESTRICT")
    asked = ForeignKeyField(RequestedDocument, on_delete="RESTRICT")
    round = IntegerField()
    text = SealedField(default="")  # what of it is missing, in a line
    before = TextField(default="")  # ids, with a space between
    since = DateTimeField()  # of the first verdict that missed it, when nothing came in between
    at = DateTimeField()

    class Meta:
        indexes = ((("case", "asked", "round"), True),)

    @classmethod
    def standing(cls, case: Any) -> "list[MissingDocument]":
        """What the latest verdict misses of this case, while it lies with its hospital or waits for the next verdict."""
        back = {Status.ONVOLLEDIG: 0, Status.INGEDIEND: 1}.get(case.status)
        if back is None or case.submitted_at is None:
            return []
        return list(cls.select().where(cls.case == case, cls.round == case.round - back))

    @classmethod
    def mark(cls, case: Any, missing: Mapping[int, str], now: datetime) -> None:
        """Keep what a verdict misses, {id of the document: what of it}, in its transaction; its line names them."""
        earlier = {row.asked_id: row for row in cls.select().where(cls.case == case, cls.round == case.round - 2)}
        for asked, text in missing.items():
            said = one_line(text, LONGEST_LINE, "Wat er mist")
            there = [file for file in case.documents if file.asked_id == asked and file.removed_at is None]
            answer = next((one for one in case.asked_answers if one.asked_id == asked), None)
            row = earlier.get(asked)
            cls.create(
                case=case,
                asked=asked,
                round=case.round,
                text=said,
                before=" ".join(str(file.id) for file in there),
                since=row.since if row and not row.filled(there, answer) else now,
                at=now,
            )

    @classmethod
    def take_back(cls, case: Any, at: datetime) -> None:
        """Undo the verdict of then, in the transaction that undoes it: what was missed before it is missed again."""
        cls.delete().where(cls.case == case, cls.at == at).execute()
        cls.update(round=case.round - 1).where(cls.case == case, cls.round == case.round - 3).execute()

    def filled(self, files: Iterable[Any], answer: Any) -> bool:
        """Whether the hospital put a file at the place since, of those that lie there now, or answered anew."""
        before = self.before.split()
        return any(file.counts and str(file.id) not in before for file in files) or (answer is not None and answer.at > self.at)
