"""How far the malware scan of a file has come, and what a person reads about it."""

from enum import StrEnum

from models.base import Refused
from models.files.file_type import ACCEPTED
from settings import settings


class FileState(StrEnum):
    """The values are stored and stay Dutch."""

    NIET_GESCAND = "niet gescand"
    WACHT = "wacht"
    SCHOON = "schoon"
    BESMET = "besmet"
    NIET_TE_SCANNEN = "niet te scannen"


# Nobody opens these, whatever the settings say, and they do not count as a file of the case.
BLOCKED = (FileState.BESMET, FileState.NIET_TE_SCANNEN)

# What the scanner may still change its mind about.
SCANNABLE = (FileState.WACHT, FileState.SCHOON)

FILE_STATE_LABELS = {
    FileState.NIET_GESCAND: "Niet gescand op virussen",
    FileState.WACHT: "Wordt gecontroleerd op virussen",
    FileState.SCHOON: "Geen virus gevonden",
    FileState.BESMET: "Virus gevonden",
    FileState.NIET_TE_SCANNEN: "Kan niet worden gecontroleerd",
}

CLOSED = {
    FileState.BESMET: "In dit bestand is een virus gevonden ({}). Niemand kan het openen. Verwijder het, laat de computer waar "
    "het vandaan komt nakijken, en voeg een schoon bestand toe.",
    FileState.NIET_TE_SCANNEN: "Niemand kan dit bestand openen. {}",
}
NOT_YET = "Dit bestand wordt nog op virussen gecontroleerd. Probeer het over een paar minuten opnieuw."


class Opened:
    """Who has a `name`, a `state` and a `look_due`: whether its content may be seen, and its name, which a person typed."""

    name_held = False  # whether who looks now does not read the name yet (`gate.hide_names`)

    @property
    def shown_name(self) -> str:
        """The name for who looks now: one without anything that a person typed while it is held."""
        return f"Nog niet vrijgegeven{ACCEPTED[self.media_type][0]}" if self.name_held else self.name

    @property
    def counts(self) -> bool:
        """Whether it is a file of the case: one that nobody can ever open is not."""
        return self.state not in BLOCKED

    @property
    def may_open(self) -> bool:
        """Whether anybody may see its content now: with a scanner, only what was found clean."""
        return self.state == FileState.SCHOON or (not settings.clamd_url and self.counts)

    @property
    def state_label(self) -> str:
        return FILE_STATE_LABELS[self.state]

    @property
    def in_the_works(self) -> bool:
        """Whether the worker will still say something about it."""
        return self.look_due is not None or (bool(settings.clamd_url) and self.state == FileState.WACHT)

    @property
    def why_closed(self) -> str:
        """Why nobody may see the content now, in a sentence; empty when they may."""
        if self.state in CLOSED:
            return CLOSED[self.state].format(self.state_said)
        return "" if self.may_open else NOT_YET

    def demand_open(self) -> None:
        """Raise Refused, with the reason, when nobody may see the content now."""
        if reason := self.why_closed:
            raise Refused(reason)
