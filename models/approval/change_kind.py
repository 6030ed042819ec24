"""What may wait for a second person, and what becomes of it."""

from enum import StrEnum


class ChangeKind(StrEnum):
    ACCESS = "access"
    ADDRESS = "address"
    FACTOR = "factor"
    REVIVE = "revive"


class ChangeOutcome(StrEnum):
    CONFIRMED = "bevestigd"
    ELAPSED = "ingegaan"
    STOPPED = "tegengehouden"
    LAPSED = "vervallen"


KIND_LABELS = {
    ChangeKind.ACCESS: "Rollen",
    ChangeKind.ADDRESS: "E-mailadres",
    ChangeKind.FACTOR: "Tweede stap",
    ChangeKind.REVIVE: "Account",
}
