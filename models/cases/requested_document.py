"""What a hospital answers about a requested document without a file: not available, or will follow."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from peewee import Check, DateField, DateTimeField, ForeignKeyField

from models import clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import PartOf, Record, Refused, db
from models.cases.case import Case
from models.cases.theme import RequestedDocument
from models.encrypted_fields import SealedField
from models.typed_text import one_line


class RequestedDocumentAnswer(PartOf, Record):
    """'Niet beschikbaar' with a reason, or 'volgt later' with a date, for one asked document of one case."""

    case = ForeignKeyField(Case, backref="asked_answers", on_delete="RESTRICT")
    asked = ForeignKeyField(RequestedDocument, on_delete="RESTRICT")
    reason = SealedField(default="")
    expected_on = DateField(null=True)
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField()

    class Meta:
        table_name = "asked_answer"
        indexes = ((("case", "asked"), True),)
        constraints = [Check("(reason <> '') <> (expected_on IS NOT NULL)", "askedanswer_one_of")]

    @classmethod
    def give(
        cls,
        case: Case,
        asked: RequestedDocument,
        by: User,
        reason: str = "",
        expected_on: date | None = None,
        now: datetime | None = None,
    ) -> None:
        """Answer an asked document without a file; with neither reason nor date, take the answer back."""
        reason = one_line(reason, 200, "De reden")
        if reason and expected_on:
            raise Refused("Kies 'niet beschikbaar' met een reden, of 'volgt later' met een datum.")
        now = now or clock.now()
        with db.atomic():
            case = Case.held(case.id)  # its theme may just have been corrected
            if asked.theme_id != case.theme_id:
                raise Refused("Dit document hoort niet bij het thema van deze melding.")
            case.open_for(by, case.may_add, "Bij een melding met de status {} kan dit niet meer.")
            cls.delete().where(cls.case == case, cls.asked == asked).execute()
            if reason or expected_on:
                cls.create(case=case, asked=asked, reason=reason, expected_on=expected_on, by=by, at=now)
            AuditEvent.log("asked.answer", by=by, case=case, detail=f"document {asked.id}", at=now)


def same_document(asked: RequestedDocument | int, case: Any) -> RequestedDocument | None:
    """What the theme of the case asks of it by the same label as `asked`; None when it does not."""
    line = asked if isinstance(asked, RequestedDocument) else RequestedDocument.get_by_id(asked)
    return alike(line, case, RequestedDocument.of_theme(case.theme_id))


def alike(asked: RequestedDocument, case: Any, lines: Iterable[RequestedDocument]) -> RequestedDocument | None:
    """The one of `lines` that is asked of this case by the same label as `asked`; None when there is none."""
    label, day = asked.label.casefold().split(), clock.local_date(case.created_at)
    return next((one for one in lines if one.label.casefold().split() == label and one.holds_on(day)), None)
