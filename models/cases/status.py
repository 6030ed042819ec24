"""The statuses of a case, what they mean to a person, and which moves exist between them."""

from enum import StrEnum

from models.mail.wording.standard_phrase import STANDARD_PHRASES


class Status(StrEnum):
    CONCEPT = "concept"
    INGEDIEND = "ingediend"
    ONVOLLEDIG = "onvolledig"
    GOEDGEKEURD = "goedgekeurd"
    INGETROKKEN = "ingetrokken"


STATUS_LABELS = {status: status.capitalize() for status in Status}

STATUS_MEANING = {
    Status.CONCEPT: "Voeg de gevraagde documenten toe en dien de melding in.",
    Status.INGEDIEND: "De melding ligt ter beoordeling bij de coördinator. U hoeft niets te doen.",
    Status.ONVOLLEDIG: "De coördinator mist nog documenten. Voeg ze toe en dien de melding opnieuw in.",
    Status.GOEDGEKEURD: "De commissie neemt de casus in behandeling. U hoeft niets meer te doen.",
    Status.INGETROKKEN: "Deze melding is afgesloten en wordt niet beoordeeld.",
}

# The hospital has to do something; everywhere else it does not.
WITH_HOSPITAL = (Status.CONCEPT, Status.ONVOLLEDIG)

TRANSITIONS = {  # verb: (from, to, ability)
    "submit": (WITH_HOSPITAL, Status.INGEDIEND, "complete"),
    "mark_incomplete": ((Status.INGEDIEND,), Status.ONVOLLEDIG, "review"),
    "approve": ((Status.INGEDIEND,), Status.GOEDGEKEURD, "review"),
    # models/review/verdict_undo.py
    "undo_verdict": ((Status.GOEDGEKEURD, Status.ONVOLLEDIG, Status.INGETROKKEN), Status.INGEDIEND, "review"),
    "ask": ((Status.GOEDGEKEURD,), Status.ONVOLLEDIG, "review"),
    # or back to the hospital, when there is nothing to judge
    "reopen": ((Status.GOEDGEKEURD, Status.INGETROKKEN), Status.INGEDIEND, "review"),
    "withdraw": ((Status.CONCEPT,), Status.INGETROKKEN, "create"),
    "restore": ((Status.INGETROKKEN,), Status.CONCEPT, "create"),
    "dismiss": ((Status.CONCEPT, Status.INGEDIEND, Status.ONVOLLEDIG), Status.INGETROKKEN, "review"),
}

# why a coordinator closes a case -> the standard phrase that says so
DISMISSALS = {"dubbel": "closed_double", "definitie": "closed_outside"}
DOUBLED = ("dubbel", STANDARD_PHRASES[DISMISSALS["dubbel"]].text)  # as it is kept, and was before its words could be changed
