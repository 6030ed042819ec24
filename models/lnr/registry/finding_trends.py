"""The standing list of what is wrong: in words, how old, and whether it grows or shrinks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from models import access, clock
from models.accounts.user import User
from models.base import count_of
from models.lnr.dataset.definition import CORE, definition
from models.lnr.registry.open_finding import ERROR, WARNING, OpenFinding
from models.lnr.rules.registry import rules

MONTHS = 12
AGES = (7, 28)  # days: what is younger than the first is new, what is older than the last is old


@dataclass(frozen=True)
class Point:
    """How many errors and warnings stood open at the end of a month, or now for the running one."""

    month: str
    errors: int
    warnings: int


def sentences(flaw: OpenFinding) -> tuple[str, str]:
    """(what is wrong, what to do) as the sender was told; by the rule alone when it was found beside a message."""
    for finding in flaw.message.report["findings"]:
        if (finding["rule"], (finding["path"] or "")[:300]) == (flaw.rule, flaw.path):
            return finding["nl"], finding["hint_nl"]
    said = next(iter(rules()[flaw.rule].sentences.values()))
    return said.nl, said.hint_nl


def place(path: Any) -> str:
    """The item that a path of a finding leads to, as a person knows it; '' when it is the message as a whole."""
    bare = "/".join(part.partition("[")[0] for part in path.split("/"))
    found = definition().by_path.get(bare.rpartition(f"{CORE}/")[2])
    return found.nl if found is not None and found.nl else ""


def told(flaw: OpenFinding) -> tuple[str, str, str]:
    """(the item or '', what is wrong, what to do); an item that the sentence names is not named twice."""
    wrong, hint = sentences(flaw)
    item = place(flaw.path)
    return ("" if item.rstrip("?").casefold() in wrong.casefold() else item), wrong, hint


def _of(user):
    return access.reach(OpenFinding, user) & (OpenFinding.test == 0) & OpenFinding.stay.is_null(False)


def trend(user: User, now: datetime | None = None) -> list:
    """The Points of the last MONTHS months, oldest first, within what this person may see; one query."""
    now = now or clock.now()
    months = clock.months_until(clock.month_of(clock.today(now)), MONTHS)
    ends = [min(now, clock.start_of(clock.first_of(clock.add_months(month, 1)))) for month in months]
    stood = [
        (OpenFinding.first_at <= end) & (OpenFinding.resolved_at.is_null() | (OpenFinding.resolved_at > end)) for end in ends
    ]
    columns = [count_of(open_then & (OpenFinding.severity == severity)) for open_then in stood for severity in (ERROR, WARNING)]
    counts = OpenFinding.select(*columns).where(_of(user)).tuples().get()
    return [Point(month, *counts[2 * number : 2 * number + 2]) for number, month in enumerate(months)]


def ages(user: User, now: datetime | None = None) -> tuple[Any, ...]:
    """(new, older, old, when the oldest was first found) of the errors and warnings that stand open; see AGES."""
    now = now or clock.now()
    new, old = (OpenFinding.first_at > now - days * clock.DAY for days in AGES)
    columns = count_of(new), count_of(~new & old), count_of(~old), fn.MIN(OpenFinding.first_at)
    still = _of(user) & OpenFinding.resolved_at.is_null()
    *counts, oldest = OpenFinding.select(*columns).where(still).tuples().get()
    return (*counts, OpenFinding.first_at.python_value(oldest))


def solved(user: User, now: datetime | None = None) -> int:
    """How many errors and warnings were solved in the last AGES[0] days."""
    since = (now or clock.now()) - AGES[0] * clock.DAY
    return OpenFinding.select().where(_of(user), OpenFinding.resolved_at > since).count()
