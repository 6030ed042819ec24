"""What a package of a dossier holds: every file under its new name, what is held back and why, and what is not there.

The names say the case and the requested document, and nothing that a person typed: `N-00045_partusverslag_1.pdf`.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime

from models.audit.audit_action import STORY
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.clock import local_date
from models.dutch import long_date, plural
from models.files import storage
from models.files.document import Document
from models.files.dossier import Dossier
from models.files.file_type import ACCEPTED
from models.files.privacy import inspection

LONGEST = 40  # letters of a requested document in the name of a file
ELSE = "overig"
FORM = "vragenlijst"
DAMAGED = "Dit bestand is bij het portaal beschadigd geraakt. De beheerder weet ervan."


@dataclass(frozen=True)
class PackageEntry:
    """One file of the package: its name there, the requested document that it is, and the file itself."""

    name: str
    label: str
    document: Document


@dataclass(frozen=True)
class HeldBack:
    """A file that is not in the package, and why; the name that it would have had."""

    name: str
    label: str
    reason: str


@dataclass(frozen=True)
class PackageContents:
    """The files of a case for a package, in the order of its requested documents."""

    case: Case
    entries: list[PackageEntry]
    held_back: list[HeldBack]
    open_lines: list[tuple[str, str]]  # (requested document, what there is instead of a file)

    @classmethod
    def of(cls, case: Case, now: datetime | None = None) -> "PackageContents":
        """What may go into a package of `case` now. A file that nobody looked into yet is looked into here."""
        entries, held_back, without, parts = [], [], [], []
        for part in case.parts():
            if part.status == Status.GOEDGEKEURD:
                parts.append(part)
            else:
                without.append((f"Deel {part.number} van een ander ziekenhuis", "nog niet goedgekeurd"))
        for one in [case, *parts]:
            dossier = Dossier.of(one)
            for entry in _named(one, dossier):
                try:
                    entry.document.demand_open()
                    inspection.demand_safe(entry.document, now)
                    entries.append(entry)
                except Refused as reason:
                    held_back.append(HeldBack(entry.name, entry.label, str(reason)))
            of_part = "" if one is case else f" ({one.number})"
            without += [(line.asked.label + of_part, _instead(line)) for line in dossier.lines if not line.documents]
        return cls(case, entries, held_back, without)

    @property
    def keys(self) -> set[str]:
        """Which files these are."""
        return {entry.document.key for entry in self.entries}

    def sound(self) -> "PackageContents":
        """The same without files whose bytes are damaged: those are held back. Reads every file once."""
        entries, held_back = [], list(self.held_back)
        for entry in self.entries:
            try:
                for _ in storage.read(entry.document.blob, entry.document.sha256):
                    pass
                entries.append(entry)
            except storage.Damaged:
                entry.document.lost(None)
                held_back.append(HeldBack(entry.name, entry.label, DAMAGED))
        return replace(self, entries=entries, held_back=held_back)

    @property
    def events(self) -> list[tuple[str, str]]:
        """(day, what happened) of the case, the first ahead, without who did it; the same on one day is told once."""
        told = {}
        for event in AuditEvent.of_case(self.case):
            if event.action in STORY:
                day = local_date(event.at)
                told[day, event.label] = told.get((day, event.label), 0) + 1
        return [(long_date(day), _times(label, count)) for (day, label), count in told.items()]


def _times(label, count):
    return label if count == 1 else f"{label} ({plural(count, 'keer', 'keer')})"


def _named(case, dossier):
    """Every file with its name: what the portal made of the questionnaire first, then document by document, then the rest."""
    made = [document for document in dossier.loose if document.generated]
    loose = [document for document in dossier.loose if not document.generated]
    groups = [(FORM, "Vragenlijst", made)]
    groups += [(_slug(line.asked.label), line.asked.label, line.documents) for line in dossier.lines]
    groups += [(ELSE, "Niet bij een gevraagd document", loose)]
    counted = {}
    for slug, label, documents in groups:
        for document in documents:
            counted[slug] = counted.get(slug, 0) + 1
            name = f"{case.number}_{slug}_{counted[slug]}{ACCEPTED[document.media_type][0]}"
            yield PackageEntry(name, label, document)


def _slug(label):
    """'OK-verslag (sectio)' as 'ok-verslag-sectio'."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-") or "document"


def _instead(line):
    if line.state == "ontbreekt" and line.asked.if_applicable:
        return "indien van toepassing; niet aangeleverd"
    return line.state
