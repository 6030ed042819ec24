"""The filters above a list: each turns what a person chose into an expression; the base view puts it into the query."""

from datetime import date, timedelta

from flask_admin.contrib.peewee.filters import BasePeeweeFilter

from models import clock
from models.typed_text import keepable, plain

LONGEST = 100


class ListFilter(BasePeeweeFilter):
    """Rows whose `column` is the value, or is among what `find(value)` gives: a sub-query. Shown as '<name> <says> …'.

    `clean` raises ValueError for what cannot be meant.
    """

    def __init__(self, column, name, find=None, says="is", options=None, data_type=None):
        super().__init__(column, name, options=options, data_type=data_type)
        self.find, self.says = find, says

    def operation(self):
        return self.says

    def clean(self, value):
        value = " ".join(plain(value).split())
        if not value or len(value) > LONGEST or not keepable(value):
            raise ValueError(value)
        return value

    def clause(self, value):
        return self.column.in_(self.find(value)) if self.find else self.column == value

    def sentence(self, value):
        """'Status is Ingediend', for the explanation in an export."""
        return f"{self.name} {self.says} {dict(self.choices() or ()).get(value, value)}"

    def get_options(self, view):
        # Asked for at every page instead of once at the start: they may stand in the database.
        return None

    def choices(self):
        """Pairs of value and text, or None for free text."""
        return None


class OneOf(ListFilter):
    """One of fixed values; `options` may be a function that gives the pairs for who is looking."""

    def choices(self):
        pairs = self.options() if callable(self.options) else self.options
        return [(str(value), label) for value, label in pairs]

    def clean(self, value):
        if value not in dict(self.choices()):
            raise ValueError(value)
        return value


class YesNoFilter(OneOf):
    """A boolean column; `empty` asks whether a column that may be empty holds something."""

    def __init__(self, column, name, empty=False):
        super().__init__(column, name, options=(("1", "ja"), ("0", "nee")))
        self.empty = empty

    def clause(self, value):
        return self.column.is_null(value == "0") if self.empty else self.column == (value == "1")


class MonthFilter(ListFilter):
    """A month as '2026-10' or '10-2026'."""

    def clean(self, value):
        first, _, second = super().clean(value).replace("/", "-").partition("-")
        year, month = (first, second) if len(first) == 4 else (second, first)
        return clock.month_of(clock.first_of(f"{year}-{month.zfill(2)}"))


class PeriodFilter(ListFilter):
    """From one local day up to and including another, for a stored moment."""

    def __init__(self, column, name):
        super().__init__(column, name, says="ligt tussen", data_type="daterangepicker")

    def clean(self, value):
        first, last = (date.fromisoformat(day) for day in super().clean(value).split(" to "))
        if not 2000 <= first.year <= last.year < 3000:
            raise ValueError(value)
        return min(first, last), max(first, last)

    def clause(self, days):
        first, last = days
        return (self.column >= clock.start_of(first)) & (self.column < clock.start_of(last + timedelta(days=1)))
