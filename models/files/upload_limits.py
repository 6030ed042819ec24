"""What may come in: its type, bytes of a file, files of a case, bytes of a hospital in a day."""

from datetime import datetime
from typing import Any

from peewee import fn

from models import clock, dutch
from models.base import Refused
from models.cases.case import Case
from models.files import file_type, storage
from models.files.sandbox.media_brands import OLD_FILM
from models.files.sandbox.start import LARGEST, NotStarted

MAX_SIZE = 2_000_000_000  # bytes of one file
MAX_FILES = 200  # of one case
MAX_DAY = 20_000_000_000  # bytes that one hospital adds in one day, whatever it removed since
TOO_LARGE = (
    f"Dit bestand is te groot om te controleren: een document of DICOM-beeld mag hoogstens {dutch.size(LARGEST)} zijn. "
    "Verdeel het over meer bestanden."
)
TOO_BIG = f"Dit bestand is groter dan {dutch.size(MAX_SIZE)}. Verdeel het over meer bestanden."
EMPTY_FILE = "Dit bestand is leeg. Controleer het bestand en voeg het opnieuw toe."
BUSY = "Dit lukt nu niet. Probeer het over een paar minuten opnieuw."
CLOSED_FOR_FILES = "Bij een melding met de status {} kunnen geen bestanden meer worden toegevoegd."
DAY_FULL = "Uw ziekenhuis kan per dag {} aan bestanden toevoegen; vandaag {}. Voeg dit bestand morgen toe."


class DayFull(Refused):
    """The hospital added as much as it may in one day."""


class Bounded:
    """The bounds of Document. They hold for good only while the hospital is held: others may be adding as well."""

    select: Any
    size: Any
    added_at: Any
    removed_at: Any

    @classmethod
    def room_today(cls, hospital: Any, now: datetime | None = None) -> int:
        """How many bytes the hospital (its id) may still add today."""
        midnight = clock.start_of(clock.today(now))
        today = cls.select(fn.COALESCE(fn.SUM(cls.size), 0)).join(Case)
        return max(0, MAX_DAY - int(today.where(cls.added_at >= midnight, Case.hospital == hospital).scalar()))

    @classmethod
    def demand_room(cls, case: Case, length: int, now: datetime | None) -> int:
        """How many bytes may still come today. Raises Refused for a file too many, DayFull when that is less than `length`."""
        cls.demand_place(case)
        room = cls.room_today(case.hospital_id, now)
        if length > room or not room:
            raise DayFull(DAY_FULL.format(dutch.size(MAX_DAY), f"nog {dutch.size(room)}" if room else "niets meer"))
        return room

    @classmethod
    def demand_place(cls, case: Any) -> None:
        """Raise Refused unless a file more may be with the case."""
        if case.documents.where(cls.removed_at.is_null()).count() >= MAX_FILES:
            raise Refused(
                f"Bij een melding kunnen hoogstens {MAX_FILES} bestanden. "
                "Verwijder er een, of zet er een paar samen in één PDF."
            )


def demand_lookable(size: int) -> None:
    """Raise TooLarge for so many bytes of what may hold programs: it comes in only when it can be looked into."""
    if size > LARGEST:
        raise storage.TooLarge(TOO_LARGE)


def accepted_type(stored: storage.Stored) -> str:
    """The media type of what was stored. Raises Refused for an empty, unknown or too large one."""
    if stored.size == 0:
        raise Refused(EMPTY_FILE)

    def blocks():
        if stored.head[4:8] not in OLD_FILM:  # of a clip only the beginning is asked for
            demand_lookable(stored.size)
        return storage.read(stored.key)

    try:
        media_type = file_type.detect(stored.head, blocks)
    except NotStarted as problem:
        raise Refused(BUSY) from problem
    if not media_type.startswith(("image/", "video/")):
        demand_lookable(stored.size)
    return media_type
