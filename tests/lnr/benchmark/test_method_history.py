"""Where a trend breaks: nothing is joined, and no limit reckoned, over a change of method; and the pages say which it was."""

import io
from dataclasses import replace
from datetime import date, datetime

import pytest
from openpyxl import load_workbook

from models.access import Role
from models.accounts.hospital import Hospital
from models.lnr.benchmark import counting
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.indicator import named
from models.lnr.benchmark.method import method_change
from models.lnr.benchmark.method.indicator_setting import YearMethod
from models.lnr.benchmark.method.method_change import SettingChoice
from models.lnr.benchmark.method.method_history import MethodHistory
from models.lnr.benchmark.trend import trend_picture
from models.lnr.benchmark.trend.own_trend import OwnTrend
from models.lnr.closing.year_closing import YearClosing
from models.lnr.registry.closed_year import ClosedYear
from models.lnr.year_report import lnr_edition
from tests import make
from tests.lnr.benchmark.synthetic import hospital_year

pytestmark = pytest.mark.db_dialect

IVH, BPD, DAYS = named("ernstige-ivh"), named("bpd"), named("opnameduur")
YEARS = (2023, 2024, 2025)
AFTER = datetime(2026, 3, 2, 12)  # a day after 2025 no longer counts
DELIVERED = {"active": True, "target": None, "source": "", "source_date": None, "wider": False, "smallest": 10}
NORM = {"target": 0.3, "source": "Richtlijn", "source_date": date(2024, 1, 1)}


@pytest.fixture
def manager():
    return make.user(role=Role.LNR_BEHEER)


def change(by, year, one=IVH, **changed):
    seen = YearMethod.of(year).number
    method_change.change(by, year, one, seen, SettingChoice(**DELIVERED | changed, note="Besloten in het bestuur."))


def filled():
    """Three NICUs with children in every quarter of three years; counted."""
    places = [make.hospital(f"NICU {letter}", nicu=True) for letter in "ABC"]
    for place in places:
        for year in YEARS:
            months = [month for month in (2, 5, 8, 11) for _ in range(20)]
            stays = [(month, "<26+0", {IVH.number: "t0" if one % 4 == 0 else "n0", DAYS.number: "n0"})
                     for one, month in enumerate(months)]  # fmt: skip
            hospital_year(place, year, stays, Hospital.nicus())
    counting.refresh()
    return places


def history():
    return MethodHistory(YearMethod.of_years(YEARS))


def close(by, year):
    YearClosing.propose(year, by, now=AFTER).confirm(make.user(role=Role.LNR_BEHEER, email=f"{year}@example.com"), AFTER)


def test_it_breaks_where_what_judges_changed(manager):
    assert history().breaks(IVH) == {}
    change(manager, 2024, **NORM)
    assert history().breaks(IVH) == {
        2024: "2024 begint volgens een andere methode: staat aan, norm 30% (Richtlijn, 1-1-2024); daarvoor staat aan.",
        2025: "2025 begint volgens een andere methode: staat aan; daarvoor staat aan, norm 30% (Richtlijn, 1-1-2024).",
    }
    change(manager, 2025, **NORM | {"source": "Richtlijn, herzien"})  # the same standard, told otherwise
    assert list(history().by_quarter(IVH)) == [4] and history().breaks(BPD) == {}
    change(manager, 2025, BPD, active=False)
    assert list(history().by_quarter(BPD)) == [8]


def test_it_breaks_where_another_version_counted(manager):
    """Known of a year that keeps its versions; of one from before, unknown is not 'the same'; version 1 never was another."""
    first = named("steroiden")
    second = replace(first, version=2)
    assert history().breaks(second) == {}  # open years are counted by the version of now
    close(manager, 2023)
    assert history().breaks(second) == {
        2024: "2024 begint volgens een andere methode: versie 2 van de indicator, daarvoor versie 1."
    }
    assert history().breaks(replace(DAYS, version=DAYS.version)) == {} == history().breaks(first)
    ClosedYear.update(versions=None).execute()
    assert history().breaks(second) == {
        2024: "2024 begint volgens een andere methode: van welke versie van de indicator de cijfers zijn, is niet van beide "
        "jaren bewaard."
    }
    assert history().breaks(first) == {}


QUARTERS = [Count(events=5 + place % 3, children=40) for place in range(24)]


def test_no_line_joins_what_lies_before_and_after():
    drawn = trend_picture.trend(OwnTrend(2023, QUARTERS[:12], {4: "", 8: ""}))
    parts = [drawn.path, drawn.lines["path 4"], drawn.lines["path 8"]]
    assert [len(part.split()) for part in parts] == [4, 4, 4] and len(drawn.marks) == 12
    for place in (4, 8):
        (x, top), (below, bottom) = (point.split(",") for point in drawn.lines[f"break {place}"].split())
        assert x == below and float(top) < float(bottom)
        assert drawn.marks[place - 1].x < float(x) < drawn.marks[place].x
    assert not any(name.startswith(("path", "break")) for name in trend_picture.trend(OwnTrend(2023, QUARTERS[:12])).lines)
    started = [Count()] * 4 + QUARTERS[:8]  # nothing before the break
    assert trend_picture.trend(OwnTrend(2023, started, {4: ""})).path == ""


def test_a_small_line_breaks_too():
    assert [len(part.split()) for part in trend_picture.spark(QUARTERS[:12], {4: ""})] == [4, 8]
    assert [len(part.split()) for part in trend_picture.spark(QUARTERS[:12], {})] == [12]
    assert trend_picture.spark([Count(), *QUARTERS[:2]], {2: ""}) == []  # single points make no line


def test_no_limit_is_reckoned_over_a_break():
    alone = OwnTrend(2023, QUARTERS[:12]).chart
    assert alone and OwnTrend(2023, QUARTERS[:12], {4: ""}).chart is None
    high = [Count(events=38, children=40)] * 4
    broken = OwnTrend(2022, [*high, *QUARTERS[:12]], {4: ""})
    assert (broken.chart.centre, broken.chart.limits) == (alone.centre, alone.limits)
    drawn = trend_picture.trend(broken)
    for name in ("target", "lower998", "upper998"):
        assert drawn.lines[name].split()[0].split(",")[0] == str(drawn.marks[4].x)
    assert len(drawn.lines["upper998"].split()) == 12


def test_page_overview_and_file_break_where_the_method_does(manager, client, login):
    here, *_ = filled()
    login(client, make.user(role=Role.LNR_CONTACT, hospital=here))
    page, overview = "/lnr/benchmark/ernstige-ivh?jaar=2025", "/lnr/benchmark/?jaar=2025"

    def told():
        answer = client.get("/lnr/benchmark/ernstige-ivh/cijfers/xlsx?jaar=2025")
        book = str([row for one in load_workbook(io.BytesIO(answer.data)) for row in one.values])
        return client.get(page).get_data(as_text=True), book

    whole = told()
    assert all("andere methode" not in text for text in whole) and 'class="break' not in whole[0]
    assert "Het verloop past bij toeval" in whole[0]
    lines = client.get(overview).get_data(as_text=True).count("<polyline")
    change(manager, 2024, **NORM)
    change(manager, 2025, **NORM)
    for text in told():
        assert text.count("2024 begint volgens een andere methode") == 1 and "2025 begint" not in text
    shown = told()[0]
    assert 'class="break 4"' in shown and 'class="path 4"' in shown and "De lijn is onderbroken" in shown
    assert "volgens dezelfde methode" in shown and "Het verloop past" not in shown
    assert client.get(overview).get_data(as_text=True).count("<polyline") == lines + 1


def test_days_by_year_say_it_too(manager, client, login):
    here, *_ = filled()
    login(client, make.user(role=Role.LNR_CONTACT, hospital=here))
    change(manager, 2025, DAYS, smallest=20)
    for path in ("", "/cijfers/csv"):
        text = client.get(f"/lnr/benchmark/opnameduur{path}?jaar=2025").get_data(as_text=True)
        assert text.count("2025 begint volgens een andere methode: staat aan, vanaf 20; daarvoor staat aan.") == 1


@pytest.mark.parametrize("changed", ["before the closing", "after it"])
def test_the_year_report_breaks_as_the_page_did_when_the_year_closed(manager, changed):
    here, *_ = filled()
    if changed == "after it":
        close(manager, 2025)
    change(manager, 2024, BPD, smallest=20)
    change(manager, 2024, **NORM)
    if changed == "before the closing":
        close(manager, 2025)

    def told():
        content = dict(lnr_edition.reports(2025))[here.id]
        drawn = [one for section in content.sections for one in section.pictures if one.caption == f"{IVH}: per kwartaal"]
        tables = [one for section in content.sections for one in section.tables if one.caption.startswith("Verloop in uw")]
        return drawn[0], tables[0], content.json

    drawn, table, _ = told()
    if changed == "after it":
        assert drawn.picture["lines"].keys() == {"target", "lower998", "upper998"} and table.note == ""
        return
    assert {"break 4", "path 4", "break 8", "path 8"} == drawn.picture["lines"].keys()
    assert "2024 begint volgens een andere methode" in drawn.alt
    assert f"{IVH}: 2024 begint volgens een andere methode" in table.note
