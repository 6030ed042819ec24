"""What the address of a request asks, read once: a page, a month, a day, a choice. Nonsense is nothing, never an error."""

from datetime import date

from flask import abort, request

from models import clock

LARGEST_PAGE = 9999
FIRST_YEAR, LAST_YEAR = 2000, 2999


def whole_number(text: str, most: int = LARGEST_PAGE) -> int | None:
    """The whole number from 0 to `most` that `text` is, in plain digits; None for everything else."""
    # isdigit alone takes '²' and digits of other scripts, which int() refuses or reads as something else.
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        return None
    return int(text) if int(text) <= most else None


def page(most: int = LARGEST_PAGE) -> int:
    """The page that `?bladzijde=` names, counted from 0; the first when it names none."""
    return whole_number(request.args.get("bladzijde", ""), most) or 0


def day(text: str | None) -> date | None:
    """The day that `text` ('2026-11-28') is; None when it is none, or lies in no century of ours."""
    try:
        found = date.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def month(text: str | None) -> str | None:
    """`text` when it is a month ('2026-10') of our century; else None."""
    try:
        first = clock.first_of(text or "")
    except ValueError:
        return None
    return text if FIRST_YEAR <= first.year <= LAST_YEAR else None


def month_or_404(text: str | None, last: str | None = None) -> str:
    """`text` when it is a month, not after `last`; else the request ends with 404."""
    found = month(text)
    return found if found and (last is None or found <= last) else abort(404)


def one_of(name: str, choices, default=None):
    """The value of `?name=` when it is among `choices`; else `default`."""
    value = request.args.get(name)
    return value if value in choices else default


def row_of(name: str, rows):
    """The row among `rows` whose id `?name=` is; None when it is none of them."""
    return next((row for row in rows if str(row.id) == request.args.get(name)), None)
