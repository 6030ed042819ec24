"""A new baseline: only by a person with a reason, in the trail, seen everywhere the trend is, and taken back."""

from datetime import datetime

import pytest
from peewee import IntegrityError

from models import clock
from models.access import Role
from models.accounts.hospital import Hospital
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.lnr.benchmark import counting
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.indicator import named
from models.lnr.benchmark.statistics.trend import p_chart
from models.lnr.benchmark.trend import trend_picture
from models.lnr.benchmark.trend.own_trend import OwnTrend
from models.lnr.benchmark.trend.rebase import Rebase, by_place
from models.lnr.closing.year_closing import YearClosing
from models.lnr.year_report import lnr_edition
from tests import make
from tests.lnr.benchmark.synthetic import hospital_year
from tests.web.pages import form_key

pytestmark = pytest.mark.db_dialect

IVH = named("ernstige-ivh")
WHY = "Vanaf hier kreeg elk kind een echo op dag drie."
NOW = datetime(2026, 11, 30, 12)


@pytest.fixture
def here():
    return make.hospital("NICU A", nicu=True)


@pytest.fixture
def contact(here):
    return make.user(role=Role.LNR_CONTACT, hospital=here, name="Anna Bakker")


def test_what_lies_before_keeps_its_centre_and_limits():
    """Twelve quarters of 5 of 50, then thirteen of 15 of 50: without a new baseline each of these is a signal."""
    quarters = [Count(events=5, children=50)] * 12 + [Count(events=15, children=50)] * 13
    whole = OwnTrend(2020, quarters)
    assert (whole.chart.centre, whole.chart.outside[0]) == (0.1, 12) and list(whole.charts) == [0]
    rebased = OwnTrend(2020, quarters, bases={12: "Anders"})
    assert {start: chart.centre for start, chart in rebased.charts.items()} == {0: 0.1, 12: 0.3}
    alone = p_chart([5] * 12, [50] * 12)
    assert rebased.charts[0] == alone and (rebased.chart.outside, rebased.chart.signals) == ([], [])
    drawn = trend_picture.trend(rebased)
    for name in ("target 0", "upper998 0", "target", "upper998", "base 12"):
        assert drawn.lines[name]
    assert len(drawn.lines["upper998 0"].split()) == 12 and len(drawn.lines["upper998"].split()) == 13
    # A new baseline with fewer than twelve quarters has no limits yet; what lies before has its own still.
    assert list(OwnTrend(2020, quarters, bases={20: "Anders"}).charts) == [0]
    # One from before a change of method starts nothing any more.
    broken = OwnTrend.of(2026, [*quarters, *quarters[-3:]], {12: "Methode"}, {4: "Anders"})
    assert (
        list(broken.charts) == [8]
        and broken.bases == {}
        and not any("base" in name for name in trend_picture.trend(broken).lines)
    )


def test_a_rebase_wipes_no_signal_of_what_lies_before():
    """One quarter of 30 of 50 in the sixth; a new baseline after eight leaves fewer than twelve, and the signal stands."""
    quarters = [Count(events=5, children=50)] * 5 + [Count(events=30, children=50)] + [Count(events=5, children=50)] * 18
    whole, rebased = OwnTrend(2020, quarters), OwnTrend(2020, quarters, bases={8: "Anders"})
    assert whole.chart.outside == rebased.charts[0].outside == [5] and rebased.chart.signals == []
    assert rebased.charts[0].centre == whole.chart.centre and rebased.charts[0].limits == whole.chart.limits[:8]
    assert [(until, chart.outside) for until, chart in rebased.earlier] == [("1e kwartaal 2022", [5])]


def test_rare_events_start_anew_too():
    quarters = [Count(events=4, children=50)] * 8 + [Count(events=1, children=50)] * 12
    told = OwnTrend(2020, quarters, bases={8: "Anders"})
    assert told.rare and [(one.first, one.count.events) for one in told.together] == [("1e kwartaal 2022", 12)]


def test_a_person_makes_one_and_takes_it_back(here, contact):
    made = Rebase.make(IVH, contact, "2025-2", WHY, NOW)
    assert str(made) == f"Nieuwe basislijn vanaf 2e kwartaal 2025: {WHY}" and made.signed.endswith("(Anna Bakker, 30-11-2026)")
    assert by_place(Rebase.standing(here.id), range(2021, 2027))[IVH.number] == {17: made}
    assert by_place(Rebase.standing(here.id), range(2019, 2025)) == {}
    assert by_place(Rebase.standing(make.hospital("NICU B").id), range(2021, 2027)) == {}
    with pytest.raises(Refused, match="al een nieuwe basislijn"):
        Rebase.make(IVH, contact, "2025-2", WHY, NOW)
    later = datetime(2026, 12, 1, 9)
    Rebase.undo(IVH, contact, "2025-2", later)
    with pytest.raises(Refused, match="al teruggenomen"):
        Rebase.undo(IVH, contact, "2025-2", later)
    assert Rebase.standing(here.id) == [] and Rebase.standing(here.id, at=datetime(2026, 11, 30, 13)) == [made]
    assert Rebase.standing(here.id, at=datetime(2026, 11, 30, 11)) == []
    Rebase.make(IVH, contact, "2025-2", WHY, later)  # what was taken back does not stand in the way
    lines = AuditEvent.select().where(AuditEvent.action.startswith("lnr.rebase")).order_by(AuditEvent.id)
    assert [(line.action, line.hospital_id, line.subject) for line in lines] == [
        (action, here.id, "LNR-indicator ernstige-ivh") for action in ("lnr.rebase", "lnr.rebase_undo", "lnr.rebase")
    ]
    assert WHY in lines[0].detail


@pytest.mark.parametrize("quarter", ["", "2025", "2025-5", "2025-0", "2027-1", "2020-4", "x-1"])
def test_only_of_a_quarter_that_is_told(contact, quarter):
    with pytest.raises(Refused, match="Kies een kwartaal"):
        Rebase.make(IVH, contact, quarter, WHY, NOW)


@pytest.mark.parametrize("reason", ["", "  ", "Anders!", "1234567890 12"])
def test_only_with_a_reason(contact, reason):
    with pytest.raises(Refused, match="ten minste tien letters"):
        Rebase.make(IVH, contact, "2026-1", reason, NOW)


def test_only_for_the_own_hospital_by_who_delivers():
    for role in (Role.LNR_BEHEER, Role.BEHEERDER):
        for verb in (lambda by: Rebase.make(IVH, by, "2026-1", WHY, NOW), lambda by: Rebase.undo(IVH, by, "2026-1", NOW)):
            with pytest.raises(Refused):
                verb(make.user(role=role))


def test_the_database_holds_one_of_a_quarter(here, contact):
    told = {"hospital": here, "indicator": 26, "year": 2025, "quarter": 2, "reason": WHY, "made_by": contact, "made_at": NOW}
    Rebase.create(**told, undone_by=contact, undone_at=NOW)
    Rebase.create(**told)
    with pytest.raises(IntegrityError), db.atomic():
        Rebase.create(**told)


def test_page_file_and_report_tell_it(here, contact, client, login):
    """The report as it stood when the year closed: what is done afterwards changes no edition."""
    for year in range(2020, 2026):
        months = [month for month in (2, 5, 8, 11) for _ in range(24)]
        stays = [(month, "<26+0", {IVH.number: "t0" if one % 4 == 0 else "n0"}) for one, month in enumerate(months)]
        hospital_year(here, year, stays, Hospital.nicus())
    counting.refresh()
    login(client, contact)
    page, key = "/lnr/benchmark/ernstige-ivh?jaar=2025", {"csrf_token": form_key(client)}

    def told():
        sheet = client.get("/lnr/benchmark/ernstige-ivh/cijfers/csv?jaar=2025").get_data(as_text=True)
        return client.get(page).get_data(as_text=True), sheet

    assert all(WHY not in text for text in told())
    assert WHY not in client.get("/lnr/benchmark/cijfers/csv?jaar=2025").get_data(as_text=True)
    answer = client.post("/lnr/benchmark/ernstige-ivh/basislijn", data=key | {"kwartaal": "2023-1", "reden": "kort"})
    assert "ten minste tien letters" in answer.get_data(as_text=True) and not Rebase.select().exists()
    form = client.get("/lnr/benchmark/ernstige-ivh/basislijn").get_data(as_text=True)
    today = clock.today()
    assert f'value="{today.year}-{(today.month + 2) // 3}"' in form and f'value="{today.year - 5}-1"' not in form
    assert (
        client.post("/lnr/benchmark/ernstige-ivh/basislijn", data=key | {"kwartaal": "2023-1", "reden": WHY}).status_code == 302
    )
    shown, sheet = told()
    assert WHY in shown and "Anna Bakker" in shown and 'class="base 12"' in shown and 'class="upper998 0"' in shown
    assert f"1e kwartaal 2023: {WHY} (Anna Bakker" in sheet
    assert WHY in client.get("/lnr/benchmark/cijfers/csv?jaar=2025").get_data(as_text=True)
    first = YearClosing.propose(2025, make.user(role=Role.LNR_BEHEER, name="Bert"))
    first.confirm(make.user(role=Role.LNR_BEHEER, name="Carla"))

    def report():
        content = dict(lnr_edition.reports(2025))[here.id]
        return content.hash, content.json

    before, text = report()
    assert WHY in text and "Anna Bakker" not in text
    assert client.post("/lnr/benchmark/ernstige-ivh/basislijn/terug", data=key | {"kwartaal": "2023-1"}).status_code == 302
    assert report()[0] == before and all(WHY not in text for text in told())
    assert client.get("/lnr/benchmark/onbekend/basislijn").status_code == 404
    assert client.get("/lnr/benchmark/opnameduur/basislijn").status_code == 404
