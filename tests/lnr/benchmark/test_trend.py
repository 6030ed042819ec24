"""Charts in time, on numbers worked by hand."""

import math
import random
from datetime import date, datetime
from fractions import Fraction

import pytest

from admin_views.lnr import benchmark_file
from models.access import Role
from models.accounts.hospital import Hospital
from models.lnr.benchmark import counting, figure
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.indicator import named
from models.lnr.benchmark.statistics import trend
from models.lnr.benchmark.trend import event_gaps, trend_picture
from models.lnr.benchmark.trend.own_trend import OwnTrend
from models.lnr.registry.stay import Stay
from tests import make
from tests.lnr.benchmark.synthetic import hospital_year


def test_run_and_crossings_of_24_points():
    assert (trend.longest_run(24), trend.fewest_crossings(24)) == (8, 8)


def test_a_chart_needs_twelve_quarters():
    assert trend.p_chart([1] * 11, [50] * 11) is None
    assert trend.p_chart([1] * 16, [50] * 16, rebased_at=5) is None
    assert trend.p_chart([0] * 12, [0] * 12) is None
    # Quarters without children are none of the twelve.
    assert trend.p_chart([5] * 11 + [0], [50] * 11 + [0]) is None
    late = trend.p_chart([0, *[5] * 12, 20], [0, *[50] * 13])
    assert (late.centre, late.outside) == (0.1, [13])


def test_a_point_outside_a_run_and_too_few_crossings():
    chart = trend.p_chart([5] * 12 + [20], [50] * 13)
    assert (chart.centre, chart.outside, chart.signals) == (0.1, [12], ["outside"])
    # Twelve quarters of alternating 4 and 6, then ten in a row above: a run of ten with 22 useful points (7 allowed).
    shifted = trend.p_chart([4, 6] * 6 + [7] * 10, [50] * 22)
    assert (shifted.run, shifted.longest, shifted.signals) == (11, 7, ["run"])
    slow = trend.p_chart([4] * 6 + [6] * 6, [50] * 12)
    assert (slow.crossings, slow.fewest, slow.signals) == (1, 3, ["crossings"])


def test_a_rebase_moves_the_centre_and_keeps_the_numbers_of_the_quarters():
    chart = trend.p_chart([1] * 4 + [10] * 12 + [30], [50] * 17, rebased_at=4)
    assert (chart.centre, chart.outside) == (0.2, [16])


def test_rare_events():
    assert trend.is_rare([4, 5, 5, 5]) and not trend.is_rare([5] * 4)
    assert not trend.is_rare([]) and not trend.is_rare([0, 0, 0])  # nobody knows yet
    assert trend.rolling([1, 2, 3, 4], 3) == [6, 9]
    assert trend.children_between([False, False, True, True, False]) == [2, 0, 1]
    assert trend.days_between([date(2026, 3, 1), date(2026, 1, 1)]) == [59]
    assert trend.expected_minus_observed([0.5, 0.25], [False, True]) == [0.5, -0.25]


def test_gaps_between_rare_events_by_hand():
    """Twelve gaps of 19, together 228 children. One gap more holds at least 173 of 228 + 173 in one of 758 ways."""
    assert trend.gap_chart([3] + [19] * 11 + [0]) is None and trend.gap_chart([]) is None
    assert trend.gap_chart([3] + [0] * 12 + [0]) is None  # every child had the event

    def ways(gap):
        return math.prod(Fraction(228 + one, 228 + one + gap) for one in range(1, 13))

    assert ways(173) < Fraction("0.00135") <= ways(172)
    chart = trend.gap_chart([3] + [19] * 12 + [172])
    assert (chart.limits[-1], round(chart.centre, 2), chart.outside) == ((0.0, 172.0), 13.51, [])
    # Of the twelve themselves the total is known: (228 - 105 + 1)...(228 - 105 + 11) / (229 ... 239) is 0.00139.
    within = [math.prod(Fraction(228 - gap + one, 228 + one) for one in range(1, 12)) for gap in (105, 106)]
    assert chart.limits[:12] == [(0.0, 105.0)] * 12 and within[1] < Fraction("0.00135") <= within[0]
    assert trend.gap_chart([3] + [19] * 12 + [173]).outside == [12]  # it still grows, and is beyond the line already
    assert trend.gap_chart([3] + [19] * 12 + [173, 0]).outside == [12]
    assert "run" in chart.signals and trend.gap_chart([3] + [5, 33] * 6 + [0]).signals == []
    # 1 in 2000: two in a row come by chance in 0.0005 < 0.00135, and with one child between in 0.001 still.
    few = trend.gap_chart([3] + [1999] * 12 + [0, 0])
    assert few.limits[0][0] == few.limits[-1][0] == 2.0 and few.outside == [12]


def gaps(luck, chance, points, often=1):
    """So many gaps that ended and one that grows; after the baseline the event comes so many times as often."""
    between = [0]
    while len(between) < points + 2:
        if luck.random() < chance * (often if len(between) > trend.BASELINE + 1 else 1):
            between.append(0)
        else:
            between[-1] += 1
    return between


@pytest.mark.parametrize("points", [12, 24, 48])
def test_where_nothing_changes_a_chart_of_gaps_cries_wolf_no_more_than_three_sigma_would(points):
    """All its signals together: in no more of the series than 0.27% a point, and its limits in no more points."""
    luck, series, told, outside = random.Random(11), 900, 0, 0
    for number in range(series):
        chart = trend.gap_chart(gaps(luck, (0.005, 0.02, 0.06)[number % 3], points))
        told += bool(chart and chart.signals)
        outside += len(chart.outside) if chart else 0
    most = 1 - (1 - 2 * trend.SPC) ** points
    assert 0 < told <= series * most + 2 * math.sqrt(series * most * (1 - most))
    assert outside <= 2 * trend.SPC * series * points


def test_the_limits_of_gaps_are_drawn_where_they_lie():
    """Those after the baseline lie higher: the picture reaches to them."""
    between = [3, *[19] * 14, 4]
    drawn = trend_picture.gaps(between, trend.gap_chart(between))
    heights = [float(point.split(",")[1]) for point in drawn.lines["upper998"].split()]
    zero = drawn.up[0][0]
    step = (zero - heights[0]) / 105
    assert len(heights) == 15 and len(set(heights[:12])) == len(set(heights[12:])) == 1
    assert (zero - heights[-1]) / step == pytest.approx(172, abs=0.5) and min(heights) > trend_picture.TOP


def test_what_changes_is_seen():
    luck = random.Random(12)
    for often, least in ((3, 0.6), (1 / 3, 0.6)):
        charts = [trend.gap_chart(gaps(luck, 0.02, 36, often)) for _ in range(100)]
        assert sum(bool(chart and chart.signals) for chart in charts) >= 100 * least


@pytest.mark.parametrize("chance", [0.9, 0.5])
def test_where_many_of_few_children_have_the_event_chance_gives_no_signal(chance):
    """4 of 5 children a quarter are fewer than five events, and yet no rare event: most gaps are 0, all below their median."""
    luck, seen = random.Random(3), 0
    for _ in range(200):
        between = trend.children_between([luck.random() < chance for _ in range(200)])
        seen += trend.gap_chart(between) is not None
        assert not trend.sparse(between)
    assert seen == 0
    assert trend.sparse([3] + [9] * 13) and not trend.sparse([3] + [8] * 13)


def test_rare_events_get_no_chart_but_years_together_and_gaps():
    years = (2021, 2022, 2023, 2024)
    few = OwnTrend(2021, [Count(events=4, children=50)] * 24)
    assert (few.rare, few.chart, few.charts) == (True, None, {})
    assert [(one.first, one.last, one.count) for one in few.together] == [
        (f"1e kwartaal {year}", f"4e kwartaal {year + 2}", Count(events=48, children=600)) for year in years
    ]
    short = OwnTrend(2021, [Count(events=4, children=50)] * 5)
    assert [(one.first, one.last, one.count.events) for one in short.together] == [("1e kwartaal 2021", "1e kwartaal 2022", 20)]
    enough = OwnTrend(2021, [Count(events=5, children=50)] * 24)
    assert not enough.rare and enough.chart and enough.together == []
    # What is expected is what the baseline tells: that it became rare afterwards is what a chart is for.
    fell = OwnTrend(2021, [Count(events=8, children=50)] * 12 + [Count(children=50)] * 12)
    assert not fell.rare and fell.chart.outside == list(range(12, 24))


def test_a_trend_begins_with_the_first_year_that_has_children():
    quarters = [Count()] * 9 + [Count(events=5, children=50)] * 15
    told = OwnTrend.of(2026, quarters, {4: "voor het begin", 12: "2024", 8: "het eerste jaar"}, {})
    assert (told.first, told.names[0], len(told.quarters), told.breaks) == (2023, "1e kwartaal 2023", 16, {4: "2024"})
    assert OwnTrend.of(2026, [Count()] * 24, {}, {}).first == 2024  # three years at least


def test_the_baseline_stays_where_it_is_when_years_go_by():
    """2018-2020 set the centre of all that follows, also once they are no longer drawn; else a slow rise is never seen."""
    quarters = [Count(events=5, children=50)] * 12 + [Count(events=10, children=50)] * 24
    for until in (2023, 2024, 2026):
        told = OwnTrend.of(until, quarters[: 4 * (until - 2017)], {}, {})
        assert (told.first, told.chart.centre, len(told.chart.limits)) == (until - 5, 0.1, 24)
        assert "run" in told.chart.signals and told.begin == "1e kwartaal 2018"
    rebased = OwnTrend.of(2026, quarters, {}, {12: "Anders", 20: "Weer anders"})  # from 2021-1 and 2023-1
    assert rebased.bases == {0: "Anders", 8: "Weer anders"} and list(rebased.charts) == [0, 8]
    assert OwnTrend.of(2027, [*quarters, *quarters[-4:]], {}, {12: "Anders"}).chart.centre == 0.2
    gone = OwnTrend.of(2027, [*quarters, *quarters[-4:]], {}, {13: "Anders"})
    assert (gone.starts, gone.begin, gone.said(0)) == ([0], "2e kwartaal 2021", ["Anders"])
    assert "base -3" not in trend_picture.trend(gone).lines
    # Another method starts it anew as well, and still does when the break is no longer drawn.
    assert OwnTrend.of(2027, [*quarters, *quarters[-4:]], {12: "Methode"}, {4: "Anders"}).chart.centre == 0.2


def test_a_quarter_that_runs_sets_no_baseline_and_none_comes_after_it():
    quarters = [Count()] * 8 + [Count(events=1, children=5)] * 12 + [Count(events=1, children=5), *[Count()] * 3]
    told = OwnTrend.of(2027, quarters, {}, {}, date(2027, 2, 3))
    assert (told.names[-1], told.running, told.rare) == ("1e kwartaal 2027", True, True)
    assert told.together[-1].last == "1e kwartaal 2027" and len(trend_picture.trend(told).marks) == 13
    ended = OwnTrend.of(2026, quarters[:20], {}, {}, date(2027, 2, 3))
    assert (ended.names[-1], ended.running) == ("4e kwartaal 2026", False)
    fresh = OwnTrend.of(2027, quarters, {}, {20: "Anders"}, date(2027, 2, 3))
    assert fresh.undecided and not fresh.rare and fresh.together == [] and list(fresh.charts) == []
    frequent = [Count()] * 8 + [Count(events=5, children=50)] * 16
    assert OwnTrend.of(2026, frequent[:20], {}, {}, date(2026, 11, 1)).chart is None
    assert OwnTrend.of(2026, frequent[:20], {}, {}, date(2027, 1, 1)).chart


@pytest.mark.db_dialect
def test_children_between_come_in_the_order_of_admission(monkeypatch):
    here, there = (make.hospital(f"NICU {letter}", nicu=True) for letter in "AB")
    ivh = named("ernstige-ivh")
    for year, marks in ((2025, "nntn"), (2026, "nnntunbn")):
        stays = [(1 + place, "<26+0", {ivh.number: f"{mark}0"}) for place, mark in enumerate(marks)]
        hospital_year(here, year, stays, Hospital.nicus())
        hospital_year(there, year, [(1, "<26+0", {ivh.number: "t0"})], Hospital.nicus())
        # Who came in last was admitted first.
        numbers = Stay.select(Stay.id).where(Stay.hospital == here, Stay.year == year).order_by(Stay.id)
        for place, stay in enumerate(numbers):
            Stay.update(admitted=datetime(year, 12 - place, 1)).where(Stay.id == stay.id).execute()
            StayFact.update(month=12 - place).where(StayFact.stay == stay.id).execute()
        # Corrected after the year closed: of that the counts know nothing.
        Stay.update(admitted=datetime(year + 3, 1, 1)).where(Stay.id == numbers[0].id).execute()
    own = OwnTrend(2025, [Count(events=1, children=4)] * 8)
    monkeypatch.setattr(trend, "SPARSE", 1)
    assert event_gaps.event_gaps(ivh, here.id, own) == [1, 4, 3]
    assert event_gaps.event_gaps(ivh, here.id, own, "26+0-27+6") == [0]
    monkeypatch.setattr(trend, "SPARSE", 0.1)
    assert event_gaps.event_gaps(ivh, here.id, own) == []  # one in five
    assert event_gaps.event_gaps(ivh, here.id, OwnTrend(2025, [Count(events=9, children=90)] * 8)) == []


def test_page_file_and_report_show_rare_events_together(client, login):
    here, *_ = [make.hospital(f"NICU {letter}", nicu=True) for letter in "ABC"]
    ivh = named("ernstige-ivh")
    for year in (2023, 2024, 2025):
        stays = [
            (month, "<26+0", {ivh.number: "t0" if one == month % 7 else "n0"}) for month in range(1, 13) for one in range(12)
        ]
        hospital_year(here, year, stays, Hospital.nicus())
    counting.refresh()
    login(client, make.user(role=Role.LNR_CONTACT, hospital=here))
    page = client.get("/lnr/benchmark/ernstige-ivh?jaar=2025").get_data(as_text=True)
    assert "minder dan vijf gebeurtenissen per kwartaal" in page and "Kinderen tussen twee gebeurtenissen" in page
    assert "1e kwartaal 2023 tot en met 4e kwartaal 2025" in page and "36 van 432" in page and "6,1% – 11,3%" in page
    assert 'id="trend-titel-tussen"' in page and page.count('class="upper998"') == 1  # of the gaps, and none of the quarters
    sheet = client.get("/lnr/benchmark/ernstige-ivh/cijfers/csv?jaar=2025").get_data(as_text=True)
    assert ";samen;NICU A;1e kwartaal 2023 tot en met 4e kwartaal 2025;alle;36;432;8,33;" in sheet
    assert sheet.count(";tussen gebeurtenissen;NICU A;tussen gebeurtenis ") == 36 and "tussen gebeurtenis 36 en nu" in sheet
    assert sheet.count(";kinderen zonder gebeurtenis;") == 36


def test_the_file_gives_no_percentage_where_the_page_gives_none():
    """Nine children of four quarters together are fewer than ten."""
    one = named("ernstige-ivh")
    own = OwnTrend(2025, [Count(events=1, children=size) for size in (3, 2, 2, 2)])
    asked = {"hospital": "NICU A", "years": [2025], "band": ""}
    row = benchmark_file.rows(figure.figure(one, {}, 1), asked, own)[-1]
    assert row[1] == "samen" and row[5:8] == [4, 9, None] and row[10:12] == [None, None]
