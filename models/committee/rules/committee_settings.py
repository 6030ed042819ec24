"""Committee settings: how many assess a case, until when, what counts as a tie, and how many a meeting needs.

One row for each change, of each committee by itself: so the list is its own history. What lets a member read a case that a tie
kept away waits until a second person confirms it.
"""

from collections.abc import Callable, Collection
from contextvars import ContextVar
from datetime import date, datetime, timedelta

from peewee import BooleanField, CharField, Check, DateTimeField, ForeignKeyField, IntegerField, IntegrityError, Node, fn

from models import access, clock
from models.access import PROCESS_LABELS
from models.accounts.user import User
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, NOBODY, Record, Refused, db
from models.dutch import plural

ASSESSORS, DUE_DAYS, LOOK_BACK = 2, 7, 24  # as delivered; the last in months
REMINDERS = (7, 3, 0)  # as delivered: how many days before the term assessors are reminded; of the term itself always
FEWEST, MOST_ASSESSORS = 2, 4  # two forms are what differences and agreement are about
MOST_DUE_DAYS, MOST_LOOK_BACK, MOST_QUORUM, MOST_AHEAD = 42, 120, 30, 42
MOVED = "Iemand heeft de instellingen intussen gewijzigd. Bekijk die opnieuw."
# What a request has read, {process: row}; None outside a request, where each asks anew.
known: ContextVar["dict[str, CommitteeSettings] | None"] = ContextVar("committee_settings", default=None)
_watchers: list[Callable[[str, User], None]] = []


def when_ties_change(watch: Callable[[str, User], None]) -> Callable[[str, User], None]:
    """Call `watch(process, by)` in the transaction in which another look-back or region rule begins to count."""
    _watchers.append(watch)
    return watch


class CommitteeSettings(Record):
    """The settings of one committee until its next row that counts. The latest counts; without any, what was delivered."""

    process = CharField(max_length=10, choices=list(PROCESS_LABELS.items()))
    number = IntegerField()  # one more than that of the row it replaces: of two who change at once, one does
    assessors = IntegerField(default=ASSESSORS, constraints=[Check("assessors BETWEEN 2 AND 4")])
    due_days = IntegerField(default=DUE_DAYS, constraints=[Check("due_days BETWEEN 1 AND 42")])
    look_back = IntegerField(default=LOOK_BACK, constraints=[Check("look_back BETWEEN 0 AND 120")])  # months
    region_blocks = BooleanField(default=True)
    quorum = IntegerField(null=True, constraints=[Check("quorum BETWEEN 1 AND 30")])  # empty: none is asked
    first_reminder = IntegerField(default=REMINDERS[0], constraints=[Check("first_reminder BETWEEN 2 AND 42")])
    second_reminder = IntegerField(default=REMINDERS[1], constraints=[Check("second_reminder BETWEEN 1 AND 41")])
    changed_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    changed_at = DateTimeField(null=True)
    confirmed_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    counts_from = DateTimeField(null=True)  # empty: waits for a second person, or was overtaken

    class Meta:
        indexes = ((("process", "number"), True),)

    def _phrases(self):
        """Each setting in words, in the order of `fields`."""
        return (
            plural(self.assessors, "beoordelaar", "beoordelaars"),
            f"inleveren {plural(self.due_days, 'dag', 'dagen')} voor de vergadering",
            f"werkplekken tot {plural(self.look_back, 'maand', 'maanden')} terug",
            f"opvangregio {'telt als band' if self.region_blocks else 'telt niet als band'}",
            f"quorum {self.quorum or 'geen'}",
            f"eerste herinnering {plural(self.first_reminder, 'dag', 'dagen')} voor de inleverdag",
            f"tweede herinnering {plural(self.second_reminder, 'dag', 'dagen')} voor de inleverdag",
        )

    def beside(self, other: "CommitteeSettings") -> str:
        """In words, what is other than in `other`; everything when nothing is."""
        mine = self._phrases()
        return ", ".join([one for one, its in zip(mine, other._phrases(), strict=True) if one != its] or mine)

    @classmethod
    def owned_by(cls, hospital: int, processes: Collection[str]) -> Node:
        return NOBODY

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return cls.process.in_(processes)

    @classmethod
    def of(cls, process: str) -> "CommitteeSettings":
        """What counts now for the committee of `process`."""
        kept = known.get()
        if kept is not None and process in kept:
            return kept[process]
        rows = cls.select().where(cls.process == process, cls.counts_from.is_null(False)).order_by(cls.number.desc())
        found: CommitteeSettings = rows.first() or cls(process=process, number=0)
        if kept is not None:
            kept[process] = found
        return found

    @classmethod
    def latest(cls, process: str) -> "CommitteeSettings":
        """The last that somebody chose, whether it counts already or waits."""
        rows = cls.select().where(cls.process == process).order_by(cls.number.desc())
        return rows.first() or cls.of(process)

    @property
    def waits(self) -> bool:
        """Whether it waits for a second person; asked of the latest."""
        return self.number > 0 and self.counts_from is None

    @property
    def mark(self) -> int:
        """What a page remembers that it showed; confirming changes it too. Below zero while it waits."""
        return -self.number if self.waits else self.number

    @property
    def fields(self) -> dict[str, int | bool | None]:
        """What can be chosen, by the names that `amend` takes."""
        names = ("assessors", "due_days", "look_back", "region_blocks", "quorum", "first_reminder", "second_reminder")
        return {name: getattr(self, name) for name in names}

    @property
    def reminders(self) -> tuple[int, ...]:
        """How many days before the term assessors are reminded, the first ahead; in the places of REMINDERS."""
        return self.first_reminder, self.second_reminder, REMINDERS[2]

    @property
    def is_delivered(self) -> bool:
        return self.fields == CommitteeSettings().fields

    def left_after(self, day: date) -> date:
        """Who left a workplace after this day still has a tie to it on `day`."""
        return day - timedelta(days=round(self.look_back * 365 / 12))

    @classmethod
    def amend(
        cls, by: User, process: str, seen: int, now: datetime | None = None, **chosen: int | bool | None
    ) -> "CommitteeSettings":
        """Replace the settings whose mark is `seen`; without anything chosen, drop what waits.

        Raises Refused outside the bounds, and when another was first.
        """
        access.demand(by, "curate", process)
        now = now or clock.now()
        try:
            with db.atomic():
                last = cls._held(process)
                was = cls.of(process)
                if last.mark != seen or not (chosen or last.waits):
                    raise Refused(MOVED)
                made = cls(process=process, number=last.number + 1, changed_by=by, changed_at=now, **was.fields | chosen)
                for problem in made.problems():
                    raise Refused(problem)
                if made.fields == was.fields and not last.waits:
                    return was
                made.counts_from = None if made._loosens(was) else now
                made.save()
                detail = (
                    f"{was.beside(made)} > {made.beside(was)}" if made.fields != was.fields else "alles blijft zoals het was"
                )
                detail += "; wacht op een tweede persoon" if made.waits else ""
                detail += f"; gaat niet door: {last.beside(was)}" if last.waits else ""
                AuditEvent.log("committee.settings", by=by, process=process, subject=made._subject, detail=detail, at=now)
                if not made.waits:
                    made._count(by, was)
        except IntegrityError:
            raise Refused(MOVED) from None
        return made

    @classmethod
    def restore(cls, by: User, process: str, seen: int, now: datetime | None = None) -> "CommitteeSettings":
        """Go back to what was delivered."""
        return cls.amend(by, process, seen, now, **cls().fields)

    @classmethod
    def drop(cls, by: User, process: str, seen: int, now: datetime | None = None) -> "CommitteeSettings":
        """What waits for a second person does not go on."""
        return cls.amend(by, process, seen, now)

    @classmethod
    def confirm(cls, by: User, process: str, seen: int, now: datetime | None = None) -> None:
        """Let what waits count, as a second person. Raises Refused for who asked for it."""
        access.demand(by, "curate", process)
        now, newer = now or clock.now(), cls.alias()
        with db.atomic():
            made, was = cls._held(process), cls.of(process)
            if made.mark != seen or not made.waits:
                raise Refused(MOVED)
            if made.changed_by_id == by.id:
                raise Refused("Iemand anders moet dit bevestigen: een andere coördinator, of een beheerder.")
            HeldChange.demand_second(by, made.changed_by, now)
            last = ~fn.EXISTS(newer.select(newer.id).where(newer.process == process, newer.number > made.number))
            waits = (cls.id == made.id) & cls.counts_from.is_null()
            if not cls.update(confirmed_by=by, counts_from=now).where(waits, last).execute():
                raise Refused(MOVED)
            detail = f"bevestigd: {made.beside(was)}"
            AuditEvent.log("committee.settings", by=by, process=process, subject=made._subject, detail=detail, at=now)
            made._count(by, was)

    @classmethod
    def _held(cls, process):
        """The last, while nobody else changes or confirms one of this committee; what the request knew may be old."""
        query = cls.select(cls.id).where(cls.process == process)
        list(query.for_update() if db.for_update else query)
        if (kept := known.get()) is not None:
            kept.pop(process, None)
        return cls.latest(process)

    def problems(self) -> list[str]:
        """What is wrong with it; empty when these can be the settings."""
        wrong = []
        if self.assessors not in range(FEWEST, MOST_ASSESSORS + 1):
            wrong.append(f"Kies {FEWEST} tot en met {MOST_ASSESSORS} beoordelaars.")
        if self.due_days not in range(1, MOST_DUE_DAYS + 1):
            wrong.append(f"Laat de beoordelingen 1 tot en met {MOST_DUE_DAYS} dagen voor de vergadering binnen zijn.")
        if self.look_back not in range(MOST_LOOK_BACK + 1):
            wrong.append(f"Laat een werkplek 0 tot en met {MOST_LOOK_BACK} maanden meetellen.")
        if self.quorum is not None and self.quorum not in range(1, MOST_QUORUM + 1):
            wrong.append(f"Kies een quorum van 1 tot en met {MOST_QUORUM} leden, of laat dit leeg.")
        if self.first_reminder not in range(2, MOST_AHEAD + 1):
            wrong.append(f"Herinner voor het eerst 2 tot en met {MOST_AHEAD} dagen voor de inleverdag.")
        elif self.second_reminder not in range(1, self.first_reminder):
            wrong.append("Laat de tweede herinnering na de eerste komen, en voor de inleverdag zelf.")
        return wrong

    def _loosens(self, was):
        """Whether somebody may read by it what a tie kept away."""
        return self.look_back < was.look_back or was.region_blocks > self.region_blocks

    @property
    def _subject(self):
        return f"Instellingen van de commissie {PROCESS_LABELS[self.process]}"

    def _count(self, by, was):
        if (kept := known.get()) is not None:
            kept.pop(self.process, None)
        same = (self.look_back, self.region_blocks) == (was.look_back, was.region_blocks)
        for watch in () if same else _watchers:
            watch(self.process, by)
