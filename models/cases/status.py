"""The statuses of a case, and what they mean to a person. Which moves exist: TRANSITIONS in case.py."""

from enum import StrEnum


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

DISMISSALS = {"dubbel": "Dubbel: deze casus is al gemeld", "definitie": "Valt buiten de definitie"}
