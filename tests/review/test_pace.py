from datetime import date

import pytest

from models import clock
from models.access import Process, Role
from models.base import Refused
from models.cases.status import Status
from models.review.figures.pace import WEEKS, Week, WorkPace
from tests import make

NOW = clock.start_of(date(2026, 10, 1), 12)  # a Thursday
MONDAY = date(2026, 9, 28)


def test_the_pace_counts_what_waits_and_what_came_and_went_week_by_week(client, login):
    coordinator, melder, theme = make.coordinator(), make.user(), make.theme()
    for days in (0, 7, 8, 40):
        make.case(Status.INGEDIEND, by=melder, theme=theme, at=NOW - days * clock.DAY)
    make.case(Status.GOEDGEKEURD, by=melder, theme=theme, at=NOW - 9 * clock.DAY)
    make.case(Status.INGEDIEND, by=make.user(role=Role.LZA1_MELDER), theme=make.theme(Process.LZA1), at=NOW)

    pace = WorkPace.of(coordinator, NOW)
    assert pace.ages == [40, 8, 7, 0]
    assert pace.by_age == [
        ("tot en met 7 dagen", 2), ("8 tot en met 14 dagen", 1), ("15 tot en met 30 dagen", 0), ("meer dan 30 dagen", 1),
    ]  # fmt: skip
    assert len(pace.weeks) == WEEKS and pace.weeks[-1] == Week(MONDAY, 1, 0)
    assert [(week.handed_in, week.judged) for week in pace.weeks[-3:-1]] == [(0, 0), (3, 1)]
    assert sum(week.handed_in for week in pace.weeks) == 5
    with pytest.raises(Refused):
        WorkPace.of(melder)
    login(client, coordinator)
    page = client.get("/beoordelen/tempo").text
    assert page.count('<circle class="dot"') == 4 and "Wachttijd en tempo" in client.get("/beoordelen/").text


def test_an_empty_work_list_has_a_pace_of_nothing(client, login):
    login(client, make.coordinator())
    assert "Er wacht niets." in client.get("/beoordelen/tempo").text
