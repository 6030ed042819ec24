"""The checks of everything that was kept (`verify`), each with how many problems it found."""

from datetime import datetime

from peewee import BooleanField, DateTimeField, IntegerField

from models import clock
from models.base import Record


class IntegrityRun(Record):
    """One check. `deep`: every file was read, and every sealed value opened."""

    at = DateTimeField(index=True)
    deep = BooleanField()
    problems = IntegerField()

    @classmethod
    def note(cls, deep: bool, problems: int, now: datetime | None = None) -> None:
        cls.create(at=now or clock.now(), deep=deep, problems=problems)

    @classmethod
    def last(cls) -> "IntegrityRun | None":
        return cls.select().order_by(cls.at.desc()).first()
