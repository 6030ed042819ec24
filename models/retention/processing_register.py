"""Register of processing (GDPR art. 30) and facts for a DPIA, made from the models: it cannot say less than there is.

What the models cannot know, such as who the controller is, stands in docs/security.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models import access, encrypted_fields
from models.access import BOTH
from models.accounts.user import User
from models.base import NOBODY, Record
from models.cases.case import Case
from models.retention.case_erasure import below
from models.retention.due import ALONG, DUE, OF_A_CASE
from models.retention.retention_kind import KINDS, RetentionKind
from models.retention.retention_term import RetentionTerm

ROOMS = {
    "accounts": "Ziekenhuizen, accounts en inloggen",
    "annual_report": "Jaarverslag",
    "approval": "Bevestiging door een tweede persoon",
    "audit": "Logboek",
    "cases": "Meldingen",
    "committee": "Behandeling door de commissie",
    "files": "Bestanden bij meldingen",
    "lnr": "Landelijke Neonatale Registratie",
    "lza1": "LZA1",
    "mail": "Mail",
    "monthly": "Maandelijkse uitvraag",
    "operations": "Beheer van het portaal",
    "questionnaires": "Vragenlijsten",
    "retention": "Bewaren en vernietigen",
    "review": "Opvolging door de coördinator",
    "search": "Zoeken",
    "staff": "Mensen van ziekenhuizen",
    "upload_links": "Documenten van collega's",
}
# The questions of a model (models/base.py), in the words of who is asked about.
REACHED = (
    ("owned_by", "eigen ziekenhuis", (0, BOTH)),
    ("of_process", "coördinator", (BOTH,)),
    ("studied_by", "commissie", (User(id=0), BOTH)),
    ("for_management", "beheerder", ()),
    ("delivered_by", "LNR-contactpersoon", (0,)),
    ("of_lnr", "LNR-beheer", ()),
)


@dataclass(frozen=True)
class Processing:
    """One table: its fields, which of them are encrypted, who reaches rows of it through a list, and what is destroyed when."""

    room: str
    table: str
    fields: list[str]
    sealed: list[str]
    reached_by: list[str]
    terms: list[str]


def processing_register(models: Sequence[type[Record]], user: User) -> list[Processing]:
    """What every one of `models` keeps, by room. Raises Refused for who does not manage the portal."""
    access.demand(user, "manage")
    days = {term.kind: term.days for term in RetentionTerm.select()}
    of_case = {Case, *(model for model, _ in below(models) if encrypted_fields.columns(model))}
    rows = [_of(model, days, model in of_case) for model in models]
    return sorted(rows, key=lambda row: (row.room, row.table))


def kinds_of(model: type[Record], of_case: bool) -> list[RetentionKind]:
    """By which terms rows of a table, or their sealed texts, go; `of_case`: they go with a case."""
    own = [kind for kind, due in DUE.items() if due.model is model]
    along = [*ALONG.get(model, ()), *(OF_A_CASE if of_case else ())]
    return own + [kind for kind in along if kind not in own]


def _of(model, days, of_case):
    fields = model._meta.sorted_fields
    terms = [f"{KINDS[kind].label}: {days[kind]} dagen na {KINDS[kind].counts_from}" for kind in kinds_of(model, of_case)]
    return Processing(
        room=ROOMS[model.__module__.split(".")[1]],
        table=model._meta.table_name,
        fields=[field.column_name for field in fields],
        sealed=[field.column_name for field in encrypted_fields.columns(model)],
        reached_by=[who for question, who, asked in REACHED if _answers(model, question, asked)],
        terms=terms,
    )


def _answers(model: Any, question: str, asked: tuple) -> bool:
    """Whether somebody reaches rows of the model by this question."""
    try:
        return getattr(model, question)(*asked) is not NOBODY
    except (LookupError, AttributeError):
        return False
