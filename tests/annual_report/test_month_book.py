"""The month book of a hospital, with what the themes meant then."""

from datetime import date

import pytest

from models import clock
from models.access import Process
from models.annual_report.month_book import Meaning, MonthBook
from models.cases.theme import Theme, ThemeDefinition
from models.monthly import response
from tests import make

pytestmark = pytest.mark.db_dialect
NOW = clock.start_of(date(2026, 12, 20), 12)


def amended(monkeypatch, theme, boss, day, text):
    with monkeypatch.context() as then:
        then.setattr(clock, "now", lambda: clock.start_of(day, 10))
        theme.amend(boss, definition=text)


def test_each_month_has_its_answer_and_each_theme_what_it_meant_then(monkeypatch):
    boss, melder = make.coordinator(), make.user()
    fields = {"long_name": "Hysterectomie", "definition": "tot 7 dagen", "valid_from": date(2026, 3, 1)}
    theme = Theme.add(boss, Process.NETHOSS, name="Hysterectomie", **fields)
    make.theme(Process.LZA1)
    make.theme(name="Oud", valid_to=date(2025, 12, 31))
    unkept = make.theme(name="Van vroeger")
    amended(monkeypatch, theme, boss, date(2026, 9, 12), "tot 42 dagen")
    amended(monkeypatch, unkept, boss, date(2026, 6, 1), "vanaf toen")
    amended(monkeypatch, theme, boss, date(2026, 9, 12), "tot 42 dagen")  # the same again keeps nothing
    make.zero(melder, month="2026-10", at=NOW)
    months = ["2026-09", "2026-10"]
    cells = response.grid([melder.hospital], months, NOW)[melder.hospital_id]

    book = MonthBook.of(melder.hospital, 2026, [(month, cells[month]) for month in months], NOW)

    assert [(month, answer and answer.by.name) for month, _, answer in book.rows] == [
        ("2026-09", None),
        ("2026-10", melder.name),
    ]
    told = {theme.name: meanings for theme, meanings in book.themes}
    assert told == {
        "Hysterectomie": [
            Meaning(date(2026, 3, 1), date(2026, 9, 11), "tot 7 dagen"),
            Meaning(date(2026, 9, 12), date(2026, 12, 20), "tot 42 dagen"),
        ],
        "Van vroeger": [  # absence is never 'the same'
            Meaning(date(2026, 1, 1), date(2026, 5, 31), None),
            Meaning(date(2026, 6, 1), date(2026, 12, 20), "vanaf toen"),
        ],
    }
    assert ThemeDefinition.select().where(ThemeDefinition.theme == theme).count() == 2


def test_the_page_of_the_year_tells_them(client, login, monkeypatch):
    melder, boss, year = make.user(), make.coordinator(), clock.today().year
    theme = Theme.add(boss, Process.NETHOSS, name="A", long_name="Thema A", definition="eerst", valid_from=date(2020, 1, 1))
    amended(monkeypatch, theme, boss, date(year - 1, 7, 1), "daarna")
    make.zero(melder, month=f"{year - 1}-05")
    login(client, melder)
    page = client.get(f"/meldingen/jaar/{year - 1}/").text
    assert "eerst" in page and "daarna" in page and f"1 juli {year - 1} tot en met" in page
    assert f"{melder.name}, in het portaal, na inloggen" in page
    assert "eerst" in client.get(f"/meldingen/jaar/{year - 2}/").text
    assert "daarna" not in client.get(f"/meldingen/jaar/{year - 2}/").text
