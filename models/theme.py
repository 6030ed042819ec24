"""What is reported: themes, and the documents the committee asks for. Coordinators change both without code."""

import json
from pathlib import Path

from peewee import BooleanField, CharField, Check, DateField, ForeignKeyField, IntegerField, TextField

from models import access, clock
from models.access import PROCESS_LABELS
from models.base import EVERYBODY, Record, db

DEFAULTS = Path(__file__).parent / "data" / "themes.json"


class Theme(Record):
    """One kind of case. A theme that is no longer reported gets a last day; its cases stay."""

    process = CharField(max_length=10, choices=list(PROCESS_LABELS.items()))
    name = CharField(max_length=80, unique=True)
    long_name = CharField(max_length=160)
    definition = TextField()
    position = IntegerField(default=0)
    valid_from = DateField(default=clock.today)
    valid_to = DateField(null=True, constraints=[Check("valid_to IS NULL OR valid_to >= valid_from")])

    def __str__(self):
        return self.name

    @classmethod
    def owned_by(cls, hospital, processes):
        return cls.process.in_(processes)

    @classmethod
    def of_process(cls, processes):
        return cls.process.in_(processes)

    approved_in = of_process

    @classmethod
    def for_management(cls):
        return EVERYBODY

    @classmethod
    def pairs(cls, user):
        """(id, name) of the themes that `user` may see, in their order."""
        return [(theme.id, theme.name) for theme in access.visible(cls, user).order_by(cls.position, cls.id)]

    @classmethod
    def reported_on(cls, day):
        """The themes that can be reported on `day`, in their order."""
        return cls.select().where(_valid_on(cls, day)).order_by(cls.position, cls.id)


class AskedDocument(Record):
    """One line of the list 'De commissie ziet graag de volgende documenten tegemoet'."""

    theme = ForeignKeyField(Theme, backref="asked", on_delete="RESTRICT")
    label = CharField(max_length=200)
    if_applicable = BooleanField(default=False)  # nothing is missing when it is not there
    position = IntegerField(default=0)
    valid_from = DateField(default=clock.today)
    valid_to = DateField(null=True, constraints=[Check("valid_to IS NULL OR valid_to >= valid_from")])

    class Meta:
        indexes = ((("theme", "label", "valid_from"), True),)

    def __str__(self):
        return self.label

    def holds_on(self, day):
        """Whether the document is asked for a case that was made on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @classmethod
    def owned_by(cls, hospital, processes):
        return cls.theme.in_(Theme.select(Theme.id).where(Theme.owned_by(hospital, processes)))

    @classmethod
    def of_process(cls, processes):
        return cls.theme.in_(Theme.select(Theme.id).where(Theme.of_process(processes)))

    approved_in = of_process

    @classmethod
    def for_management(cls):
        return EVERYBODY


def load_defaults(since):
    """Fill an empty installation with the six themes and their lists, as models/data/themes.json has them."""
    with db.atomic():
        if Theme.select().exists():
            return
        for position, row in enumerate(json.loads(DEFAULTS.read_text())):
            documents = row.pop("documents")
            theme = Theme.create(position=position, valid_from=since, **row)
            for place, (label, if_applicable) in enumerate(documents):
                AskedDocument.create(theme=theme, label=label, if_applicable=if_applicable, position=place, valid_from=since)


def _valid_on(model, day):
    return (model.valid_from <= day) & (model.valid_to.is_null() | (model.valid_to >= day))
