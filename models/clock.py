"""Moments are stored in UTC without a zone; days and months are those of the Netherlands."""

from datetime import UTC, date, datetime, time, timedelta

from settings import settings


def now() -> datetime:
    """This moment in UTC, without a zone, as every column of the database holds it."""
    return datetime.now(UTC).replace(tzinfo=None)


def local(moment: datetime) -> datetime:
    """A stored moment as the wall clock in the Netherlands showed it (aware)."""
    return moment.replace(tzinfo=UTC).astimezone(settings.timezone)


def local_date(moment: datetime) -> date:
    return local(moment).date()


def today(at: datetime | None = None) -> date:
    """The date in the Netherlands at this moment, or at the stored moment `at`."""
    return local_date(at or now())


def start_of(day: date, hour: int = 0) -> datetime:
    """The stored (UTC) moment at which `hour` o'clock of the local `day` begins."""
    return datetime.combine(day, time(hour), settings.timezone).astimezone(UTC).replace(tzinfo=None)


def month_of(day: date) -> str:
    """The month of a date as 'YYYY-MM', the form in which months are stored and ordered."""
    return f"{day:%Y-%m}"


def first_of(month: str) -> date:
    """First day of 'YYYY-MM'. ValueError for anything else, so that a bad address never reaches a query."""
    if len(month) != 7:
        raise ValueError(month)
    return date.fromisoformat(f"{month}-01")


def add_months(month: str, count: int) -> str:
    first = first_of(month)
    position = first.year * 12 + first.month - 1 + count
    return f"{position // 12:04d}-{position % 12 + 1:02d}"


def previous_month(day: date) -> str:
    """The month that the request sent on `day` asks about (choice C3)."""
    return add_months(month_of(day), -1)


def whole_days(since: datetime, until: datetime) -> int:
    """Days between two moments counted on the calendar, so that summer time neither adds nor takes a day."""
    return (local_date(until) - local_date(since)).days


def months_until(last: str, count: int) -> list[str]:
    """The `count` months up to and including `last`, oldest first."""
    return [add_months(last, back) for back in range(1 - count, 1)]


MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
