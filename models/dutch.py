"""How the portal writes dates, sizes and counts: the Dutch way, the same in screens, mails and documents."""

from datetime import date, datetime
from typing import Any

from models import clock

MONTHS = "januari februari maart april mei juni juli augustus september oktober november december".split()


def _day(value):
    return clock.local_date(value) if isinstance(value, datetime) else value


def long_date(value: Any) -> str:
    """'5 maart 2026'; a stored moment is taken to its local day first. Empty for None."""
    if value is None:
        return ""
    day = _day(value)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def short_date(value: Any) -> str:
    """'5-3-2026'."""
    if value is None:
        return ""
    day = _day(value)
    return f"{day.day}-{day.month}-{day.year}"


def date_and_time(value: datetime | None) -> str:
    """'5 maart 2026, 14:07' by the clock in the Netherlands."""
    if value is None:
        return ""
    return f"{long_date(value)}, {clock.local(value):%H:%M}"


def month_name(month: str) -> str:
    """'oktober 2026' for '2026-10'."""
    first = clock.first_of(month) if isinstance(month, str) else month
    return f"{MONTHS[first.month - 1]} {first.year}"


def short_month(month: str) -> str:
    """'okt 26' for '2026-10', for the head of a narrow column."""
    name = MONTHS[clock.first_of(month).month - 1]
    return f"{'mrt' if name == 'maart' else name[:3]} {month[2:4]}"


def size(count: int) -> str:
    """'52KB', '1,4MB': bytes as the manual shows them, in thousands."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))}KB"
    amount, unit = (count / 1e6, "MB") if count < 1e9 else (count / 1e9, "GB")
    return f"{amount:.1f}".replace(".", ",").removesuffix(",0") + unit


def number(value: int) -> str:
    """'12.345'."""
    return f"{value:,}".replace(",", ".")


def percentage(part: int, whole: int) -> str:
    """'83%', or a dash where there is nothing to count."""
    return f"{round(100 * part / whole)}%" if whole else "–"


def ago(value: datetime, today: date | None = None) -> str:
    """'vandaag', 'gisteren', '12 dagen', '5 weken': how long something has waited."""
    days = ((today or clock.today()) - _day(value)).days
    if days <= 0:
        return "vandaag"
    if days == 1:
        return "gisteren"
    return f"{days} dagen" if days < 21 else f"{days // 7} weken"


def plural(count: int, one: str, many: str) -> str:
    """'1 melding', '3 meldingen'."""
    return f"{number(count)} {one if count == 1 else many}"


def listed(words: Any, most: Any = 3) -> str:
    """'a', 'a en b', 'a, b en c', 'a, b, c en nog 4': never longer than a subject can be."""
    words = list(map(str, words))
    shown = words[:most] + ([f"nog {len(words) - most}"] if len(words) > most else [])
    return " en ".join(filter(None, (", ".join(shown[:-1]), shown[-1]))) if shown else ""


FILTERS = {
    "long_date": long_date, "short_date": short_date, "date_and_time": date_and_time, "month_name": month_name,
    "short_month": short_month,
    "filesize": size, "number": number, "ago": ago, "plural": plural, "listed": listed,
}  # fmt: skip
