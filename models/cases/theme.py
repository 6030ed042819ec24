"""What is reported: themes, and the documents the committee asks for. Coordinators change both without code."""

import json
from collections.abc import Callable, Collection
from datetime import date, datetime
from pathlib import Path
from typing import Any

from peewee import (
    BooleanField,
    CharField,
    Check,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    Node,
    TextField,
    fn,
)

from models import access, clock
from models.access import PROCESS_LABELS
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, Record, Refused, db

# Asked before a case gets another theme; what one of them refuses does not happen. Filled by `models/__init__.py`.
theme_guards: list[Callable[[Any], None]] = []
# Told before what another theme does to a case, by (case), and done after, by (case, by, now). Filled there too.
theme_followers: list[tuple[Callable[[Any, Any], str], Callable[[Any, Any, datetime], None]]] = []

DEFAULTS = Path(__file__).parent / "data" / "themes.json"

RELIED_ON = (
    "Bij bestaande meldingen hoort deze regel al op de lijst. Daarom ligt de begindatum vast, en kan de regel alleen vanaf "
    "vandaag vervallen. Wilt u een vervallen document opnieuw vragen, voeg het dan opnieuw toe."
)

FIELD_LABELS = {
    "name": "Naam",
    "long_name": "Volledige naam",
    "definition": "Omschrijving",
    "label": "Document",
    "if_applicable": "Indien van toepassing",
    "position": "Plaats",
    "valid_from": "Vanaf",
    "valid_to": "Tot en met",
    "always_discussed": "Altijd bespreken",
}


class Theme(Record):
    """One kind of case. A theme that is no longer reported gets a last day; its cases stay."""

    process = CharField(max_length=10, choices=list(PROCESS_LABELS.items()))
    name = CharField(max_length=80, unique=True)
    long_name = CharField(max_length=160)
    definition = TextField()
    position = IntegerField(default=0)
    valid_from = DateField(default=clock.today)
    valid_to = DateField(null=True, constraints=[Check("valid_to IS NULL OR valid_to >= valid_from")])
    always_discussed = BooleanField(default=False)  # the committee discusses each such case, also when assessors agree

    def __str__(self):
        return self.name

    @classmethod
    def owned_by(cls, hospital: int, processes: Collection[str]) -> Node:
        return cls.process.in_(processes)

    @classmethod
    def entrusted_to(cls, user: User, processes: Collection[str]) -> Node:
        return cls.process.in_(processes)  # the choice of a theme tells nothing of a case

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return cls.process.in_(processes)

    studied_by = classmethod(lambda cls, user, processes: cls.of_process(processes))

    for_management = classmethod(lambda cls: EVERYBODY)

    @classmethod
    def pairs(cls, user: User) -> list[tuple[int, str]]:
        """(id, name) of the themes that `user` may see, in their order."""
        return [(theme.id, theme.name) for theme in access.visible(cls, user).order_by(cls.position, cls.id)]

    @classmethod
    def add(cls, by: User, process: str, **fields: date | int | str | None) -> "Theme":
        """Report about one more theme; `fields` by name. Returns the theme."""
        access.demand(by, "curate", process)
        with db.atomic():
            theme = cls.create(process=process, **fields)
            ThemeDefinition.keep(theme, min(clock.now(), clock.start_of(theme.valid_from)))
            AuditEvent.log("row.create", by=by, process=process, subject=f"Thema's: {theme}")
        return theme

    def amend(self, by: User, **fields: Any) -> None:
        """Correct the theme; its process stays, because its cases carry it."""
        access.demand(by, "curate", self.process)
        changed = [name for name, value in fields.items() if value != getattr(self, name)]
        with db.atomic():
            for name in changed:
                setattr(self, name, fields[name])
            self.save()
            if "definition" in changed:
                ThemeDefinition.keep(self, clock.now())
            if changed:
                said = ", ".join(FIELD_LABELS[name] for name in changed)
                AuditEvent.log("row.update", by=by, process=self.process, subject=f"Thema's: {self}", detail=said)

    @classmethod
    def reported_on(cls, day: date) -> ModelSelect:
        """The themes that can be reported on `day`, in their order."""
        return cls.select().where(_valid_on(cls, day)).order_by(cls.position, cls.id)


class ThemeDefinition(Record):
    """What a theme meant from a moment on. Of before its first row nobody kept it."""

    theme = ForeignKeyField(Theme, backref="definitions", on_delete="RESTRICT")
    text = TextField()
    since = DateTimeField()

    class Meta:
        indexes = ((("theme", "since"), True),)

    @classmethod
    def keep(cls, theme: Theme, since: datetime) -> None:
        """Keep what the theme means from now on, in the caller's transaction."""
        cls.create(theme=theme, text=theme.definition, since=since)


class RequestedDocument(Record):
    """One line of the list 'De commissie ziet graag de volgende documenten tegemoet'."""

    theme = ForeignKeyField(Theme, backref="asked", on_delete="RESTRICT")
    label = CharField(max_length=200)
    if_applicable = BooleanField(default=False)  # nothing is missing when it is not there
    position = IntegerField(default=0)
    valid_from = DateField(default=clock.today)
    valid_to = DateField(null=True, constraints=[Check("valid_to IS NULL OR valid_to >= valid_from")])

    class Meta:
        table_name = "asked_document"
        indexes = ((("theme", "label", "valid_from"), True),)

    def __str__(self):
        return self.label

    @property
    def state(self) -> str:
        """'wordt gevraagd', 'begint nog' or 'vervallen', today."""
        if self.valid_from > clock.today():
            return "begint nog"
        return "wordt gevraagd" if self.holds_on(clock.today()) else "vervallen"

    @classmethod
    def of_theme(cls, theme: Any) -> ModelSelect:
        """The lines of this theme in their order, those that ended too."""
        return cls.select().where(cls.theme == theme).order_by(cls.position, cls.id)

    @classmethod
    def asked_on(cls, day: date) -> "dict[int, list[RequestedDocument]]":
        """{theme id: the documents asked for a case that is made on `day`, in their order}; one query."""
        found: dict[int, list[RequestedDocument]] = {}
        for row in cls.select().where(_valid_on(cls, day)).order_by(cls.position, cls.id):
            found.setdefault(row.theme_id, []).append(row)
        return found

    @classmethod
    def in_state(cls, state: Any) -> ModelSelect:
        """The ids of the lines whose `state` is this, as a sub-query."""
        later, ended = cls.valid_from > clock.today(), cls.valid_to < clock.today()
        clause = {"begint nog": later, "vervallen": ended}.get(state, _valid_on(cls, clock.today()))
        return cls.select(cls.id).where(clause)

    @classmethod
    def counts(cls) -> dict[int, int]:
        """{theme id: number of documents asked today}."""
        found = cls.select(cls.theme, fn.COUNT(cls.id)).where(_valid_on(cls, clock.today())).group_by(cls.theme)
        return dict(found.tuples())

    @classmethod
    def add(
        cls, by: User, theme: Theme, position: int | None = None, **fields: bool | date | str | None
    ) -> "RequestedDocument":
        """Ask one more document, at the end of the list unless `position` says where. Returns the line."""
        access.demand(by, "curate", theme.process)
        if position is None:
            last = cls.select(fn.MAX(cls.position)).where(cls.theme == theme).scalar()
            position = 0 if last is None else last + 1
        with db.atomic():
            line = cls.create(theme=theme, position=position, **fields)
            line._log("row.create", by)
        return line

    def _log(self, action, by, detail=""):
        AuditEvent.log(action, by=by, process=self.theme.process, subject=f"Gevraagde documenten: {self}", detail=detail)

    @property
    def relied_on(self) -> bool:
        """Whether a case was made while this line was asked, so that its list holds it."""
        until = {"created_at__lt": clock.start_of(self.valid_to + clock.DAY)} if self.valid_to else {}
        return self.theme.cases.filter(created_at__gte=clock.start_of(self.valid_from), **until).exists()

    def amend(
        self, by: User, renew: bool, label: str, if_applicable: bool, position: int, valid_from: date, valid_to: date | None
    ) -> None:
        """Correct the line. With `renew` it ends today, and goes on as a new line with these words from tomorrow.

        Raises Refused for what would silently take the line from, or add it to, the lists of cases that are there.
        """
        access.demand(by, "curate", self.theme.process)
        today = clock.today()
        if self.relied_on:
            ended = self.valid_to is not None and self.valid_to < today
            if valid_from != self.valid_from or (valid_to != self.valid_to and (ended or (valid_to and valid_to < today))):
                raise Refused(RELIED_ON)
        given = dict(label=label, if_applicable=if_applicable, position=position, valid_from=valid_from, valid_to=valid_to)
        changed = [name for name, value in given.items() if value != getattr(self, name)]
        with db.atomic():
            if renew:
                new = dict(label=label, if_applicable=if_applicable, valid_from=today + clock.DAY, valid_to=valid_to)
                RequestedDocument.create(theme=self.theme, position=position, **new)
                label, if_applicable, valid_to = self.label, self.if_applicable, today
            self.label, self.if_applicable, self.position = label, if_applicable, position
            self.valid_from, self.valid_to = valid_from, valid_to
            self.save()
            if changed:
                self._log("row.update", by, ", ".join(FIELD_LABELS[name] for name in changed))

    def move(self, by: User, step: int) -> None:
        """Change places with the line before (-1) or behind it (1) among those not ended; the last one stays where it is."""
        access.demand(by, "curate", self.theme.process)
        line = RequestedDocument
        standing = line.valid_to.is_null() | (line.valid_to >= clock.today())
        with db.atomic():
            rows = list(line.select().where(line.theme == self.theme_id, standing).order_by(line.position, line.id))
            at = rows.index(self) if self in rows else -1
            if at >= 0 and 0 <= at + step < len(rows):
                rows.insert(at + step, rows.pop(at))
            for place, row in enumerate(rows):
                row.position = place
                row.save()
            self._log("row.update", by, "Plaats")

    def holds_on(self, day: date) -> bool:
        """Whether the document is asked for a case that was made on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @classmethod
    def owned_by(cls, hospital: int, processes: Collection[str]) -> Node:
        return cls.theme.in_(Theme.select(Theme.id).where(Theme.owned_by(hospital, processes)))

    @classmethod
    def entrusted_to(cls, user: User, processes: Collection[str]) -> Node:
        return cls.of_process(processes)

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return cls.theme.in_(Theme.select(Theme.id).where(Theme.of_process(processes)))

    studied_by = classmethod(lambda cls, user, processes: cls.of_process(processes))

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY


def load_defaults(since: date) -> None:
    """Fill an empty installation with the six themes and their lists, as models/data/themes.json has them."""
    with db.atomic():
        if Theme.select().exists():
            return
        for position, row in enumerate(json.loads(DEFAULTS.read_text())):
            documents = row.pop("documents")
            theme = Theme.create(position=position, valid_from=since, **row)
            ThemeDefinition.keep(theme, clock.start_of(since))
            for place, (label, if_applicable) in enumerate(documents):
                RequestedDocument.create(
                    theme=theme, label=label, if_applicable=if_applicable, position=place, valid_from=since
                )


def _valid_on(model, day):
    return (model.valid_from <= day) & (model.valid_to.is_null() | (model.valid_to >= day))
