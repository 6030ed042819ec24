"""The month book of a hospital: each month of a year with its answer, and what the themes meant then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from peewee import ModelSelect

from models import clock
from models.access import Process
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.cases.theme import Theme, ThemeDefinition
from models.monthly.month_answer import MonthAnswer
from models.monthly.response import Cell


@dataclass(frozen=True)
class Meaning:
    """What a theme meant from one day to another. `text`: None when nobody kept it."""

    first: date
    last: date
    text: str | None


@dataclass(frozen=True)
class MonthBook:
    """`rows`: (month, its cell, the answer that stands); `themes`: (theme, what it meant in the year, the earliest first)."""

    rows: list[tuple[str, Cell, MonthAnswer | None]]
    themes: list[tuple[Theme, list[Meaning]]]

    @classmethod
    def of(cls, hospital: Hospital, year: int, cells: Sequence[tuple[str, Cell]], now: datetime | None = None) -> "MonthBook":
        """The book of `hospital` about the months of `cells`, in three queries."""
        answers: ModelSelect = MonthAnswer.select(MonthAnswer, User).join(User, on=MonthAnswer.by)
        stands = answers.where(
            MonthAnswer.hospital == hospital,
            MonthAnswer.month.in_([month for month, _ in cells]),
            MonthAnswer.ended_at.is_null(),
        )
        given = {answer.month: answer for answer in stands}
        first, last = date(year, 1, 1), min(date(year, 12, 31), clock.today(now))
        reported = (Theme.process == Process.NETHOSS) & (Theme.valid_from <= last)
        reported &= Theme.valid_to.is_null() | (Theme.valid_to >= first)
        themes = list(Theme.select().where(reported).order_by(Theme.position, Theme.id))
        kept: dict[int, list[ThemeDefinition]] = {theme.id: [] for theme in themes}
        for row in ThemeDefinition.select().where(ThemeDefinition.theme.in_(themes)).order_by(ThemeDefinition.since):
            kept[row.theme_id].append(row)
        return cls(
            rows=[(month, cell, given.get(month)) for month, cell in cells],
            themes=[
                (theme, _meanings(kept[theme.id], max(first, theme.valid_from), min(last, theme.valid_to or last)))
                for theme in themes
            ],
        )


def _meanings(rows: list[ThemeDefinition], first: date, last: date) -> list[Meaning]:
    """What held from `first` to `last`, one day after the other; a day on which the text changed has the new one."""
    turns = [(date.min, None), *((clock.local_date(row.since), row.text) for row in rows)]
    found: list[Meaning] = []
    for place, (begins, text) in enumerate(turns):
        ends = turns[place + 1][0] - clock.DAY if place + 1 < len(turns) else last
        begins, ends = max(begins, first), min(ends, last)
        if begins <= ends:
            found.append(Meaning(begins, ends, text))
    return found
