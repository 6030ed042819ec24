"""Thinning backups: which copies beside a new one may go. Every day of two weeks stays, a copy of each week, one of each month.

After half a year the last goes too: what was destroyed in the portal stays in its copies as long as they do.
"""

import shutil
from datetime import date, timedelta
from pathlib import Path

DAYS, WEEKS, LONGEST = 14, timedelta(weeks=8), timedelta(days=184)


def superseded(days: dict[Path, date], today: date) -> list[Path]:
    """Which of these copies (folder: day) nobody needs any more. The newest never is one of them."""
    kept, seen = set(), set()
    newest_first = sorted(days, key=lambda folder: (days[folder], folder.name), reverse=True)
    for folder in newest_first:
        day = days[folder]
        age = today - day
        if age > LONGEST:
            continue
        if age < timedelta(days=DAYS):
            kept.add(folder)
            continue
        term = ("week", *day.isocalendar()[:2]) if age <= WEEKS else ("month", day.year, day.month)
        if term not in seen:
            seen.add(term)
            kept.add(folder)
    return [folder for folder in newest_first[1:] if folder not in kept]


def remove(folder: Path) -> None:
    """Take a copy away; broken off half-way, what is left is no copy any more."""
    (folder / "manifest.json").unlink()
    shutil.rmtree(folder)
