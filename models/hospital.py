"""A hospital that reports."""

from peewee import BooleanField, CharField, DateTimeField

from models import clock
from models.base import EVERYBODY, Record


class Hospital(Record):
    """One reporting unit. Ended hospitals stay, because their cases and answers do."""

    code = CharField(max_length=20, unique=True)
    name = CharField(max_length=120, unique=True)
    # The numbers by which messages from record systems name the hospital.
    agb = CharField(max_length=8, null=True, unique=True)
    ura = CharField(max_length=8, null=True, unique=True)
    perined = CharField(max_length=8, null=True, unique=True)
    phone = CharField(max_length=30, default="")
    active = BooleanField(default=True)
    mail_on_approval = BooleanField(default=False)
    created_at = DateTimeField(default=clock.now)

    def __str__(self):
        return self.name

    @classmethod
    def owned_by(cls, hospital, processes):
        return cls.id == hospital

    @classmethod
    def of_process(cls, processes):
        return EVERYBODY

    @classmethod
    def for_management(cls):
        return EVERYBODY

    @classmethod
    def reporting(cls):
        """The hospitals that take part, by name."""
        return cls.select().where(cls.active).order_by(cls.name)
