"""How an indicator is used in a year: who reads it follows, a closed year stands, and nothing that is withheld opens."""

import io
import json
import math
from datetime import date, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from peewee import IntegrityError

from models import clock
from models.access import Role
from models.accounts.hospital import Hospital
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.lnr.benchmark import children, counting, disclosure, figure, limits, picture, recompute
from models.lnr.benchmark.agreement import Agreement, Level
from models.lnr.benchmark.amounts.amount_cell import AmountCell, Amounts
from models.lnr.benchmark.amounts.amount_figure import amount_figure
from models.lnr.benchmark.cell import CountCell, UncountedYear
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.figure import Judgement
from models.lnr.benchmark.indicator import named
from models.lnr.benchmark.method import carry_over, method_change
from models.lnr.benchmark.method.indicator_setting import IndicatorSetting, YearMethod
from models.lnr.benchmark.method.method_change import SettingChoice
from models.lnr.benchmark.statistics.distribution import Distribution
from models.lnr.closing import year_closing
from models.lnr.closing.rehearsal import rehearsal
from models.lnr.closing.year_closing import YearClosing
from models.lnr.registry.closed_year import ClosedYear
from models.lnr.registry.stay import Stay
from models.lnr.research.extract import Extract
from models.lnr.year_report import lnr_edition
from tests import make
from tests.lnr.benchmark.synthetic import hospital_year
from tests.web.pages import form_of

pytestmark = pytest.mark.db_dialect

IVH, BPD, NEC = named("ernstige-ivh"), named("bpd"), named("nec")
DAYS, LINE = named("opnameduur"), named("lijnsepsis")
YEAR = 2025
AFTER = datetime(2026, 3, 2, 12)  # a day after 2025 no longer counts
DELIVERED = {"active": True, "target": None, "source": "", "source_date": None, "wider": False, "smallest": 10}


def choice(note="Er zijn te weinig antwoorden.", **changed):
    return SettingChoice(**DELIVERED | changed, note=note)


def norm(target, **more):
    return choice(target=target, source="Richtlijn", source_date=date(2024, 1, 1), **more)


@pytest.fixture
def manager():
    return make.user(role=Role.LNR_BEHEER)


def filled(units, year=YEAR):
    """A hospital with a NICU for each (events, children) of severe IVH; counted."""
    places = [make.hospital(f"NICU {chr(65 + number)}", nicu=True) for number in range(len(units))]
    nicus = Hospital.nicus()
    for place, (events, number) in zip(places, units, strict=True):
        stays = [(3, "<26+0", {IVH.number: "t0" if one < events else "n0", BPD.number: "n0"}) for one in range(number)]
        hospital_year(place, year, stays, nicus)
    counting.refresh()
    return places


def test_each_change_is_a_version_of_its_year_with_its_line(manager):
    first = method_change.change(manager, YEAR, IVH, 0, norm(0.08))
    second = method_change.change(manager, YEAR, BPD, 1, choice(active=False))
    assert (first.number, second.number, str(YearMethod.of(YEAR)), str(YearMethod.of(YEAR + 1))) == (1, 2, "2025-2", "2026-0")
    method_change.change(manager, YEAR, BPD, 2, choice(smallest=25))
    method = YearMethod.of(YEAR)
    assert method.setting(BPD).smallest == 25 and method.uses(BPD) and IndicatorSetting.select().count() == 3  # rows stay
    assert [one for one, _ in method.changed] == [BPD, IVH]
    lines = [
        (one.subject, one.detail)
        for one in AuditEvent.select().where(AuditEvent.action == "lnr.method").order_by(AuditEvent.id)
    ]
    assert lines[0] == (
        "LNR-indicator ernstige-ivh 2025-1",
        "staat aan > staat aan, norm 8% (Richtlijn, 1-1-2024). Er zijn te weinig antwoorden.",
    )
    assert lines[1][1].startswith("staat aan > staat uit.")


def test_of_two_tabs_one_is_refused(manager, monkeypatch):
    method_change.change(manager, YEAR, IVH, 0, choice(active=False))
    with pytest.raises(Refused, match="intussen gewijzigd"):
        method_change.change(manager, YEAR, BPD, 0, choice(active=False))
    # Both looked before either wrote: the database holds the order.
    monkeypatch.setattr(YearMethod, "of", classmethod(lambda cls, year: cls(year, 0, {})))
    with pytest.raises(Refused, match="intussen gewijzigd"):
        method_change.change(manager, YEAR, BPD, 0, choice(active=False))
    assert IndicatorSetting.select().count() == 1 and AuditEvent.select().where(AuditEvent.action == "lnr.method").count() == 1


def test_only_the_management_changes_it():
    for role in (Role.LNR_CONTACT, Role.BEHEERDER, Role.COORDINATOR):
        for act in (method_change.change, method_change.effect):
            with pytest.raises(Refused):
                act(make.user(role=role), YEAR, IVH, 0, choice(active=False))
    assert IndicatorSetting.select().count() == 0


@pytest.mark.parametrize("smallest, target", ((9, None), (10, 1.5)))
def test_the_database_holds_the_bounds(manager, smallest, target):
    with pytest.raises(IntegrityError):
        row = dict(year=YEAR, number=1, indicator=IVH.number, note="x", changed_by=manager, changed_at=AFTER)
        IndicatorSetting.create(**row, smallest=smallest, target=target, source_date=date(2024, 1, 1))


def test_who_counts_follows(manager):
    """Off: its cells are gone at once, the others stay; deliveries in between bring none; on: the worker counts them."""
    here, *_ = filled([(5, 40), (4, 40), (3, 40)])
    before = counting.counts([YEAR], IVH.number)[IVH.number]
    method_change.change(manager, YEAR, IVH, 0, choice(active=False))
    assert counting.counts([YEAR], IVH.number) == {} and counting.counts([YEAR], BPD.number)[BPD.number][here.id].children == 40
    assert UncountedYear.select().count() == 3 and counting.refresh() == 3
    assert counting.counts([YEAR], IVH.number) == {} and list(counting.differences()) == []
    UncountedYear.mark(here.id, YEAR)  # as a message does
    counting.refresh()
    assert counting.counts([YEAR], IVH.number) == {} and recompute.remaining() == 0  # no fact is behind: none holds a setting
    assert IVH.nl not in {one.indicator.nl for one in children.standings(Stay.get(Stay.hospital == here))}
    method_change.change(manager, YEAR, IVH, 1, choice())
    counting.refresh()
    assert counting.counts([YEAR], IVH.number)[IVH.number] == before and list(counting.differences()) == []
    CountCell.create(indicator=IVH.number, year=YEAR, hospital=here, month=9, band="", inborn="", **dict.fromkeys(
        ("events", "children", "suspected", "unknown", "outside", "elsewhere"), 1))  # fmt: skip
    assert len(list(counting.differences())) == 1


def test_an_indicator_of_days_is_switched_off_too(manager):
    here, *_ = filled([(5, 40)])
    cell = dict(indicator=DAYS.number, year=YEAR, hospital=here, band="", events=0, days="[[3,1]]")
    AmountCell.create(**cell)
    method_change.change(manager, YEAR, DAYS, 0, choice(active=False))
    assert AmountCell.select().count() == 0


def test_a_switch_that_fails_half_way_changes_nothing(manager, monkeypatch):
    filled([(5, 40), (4, 40), (3, 40)])

    def broken(*said, **more):
        raise OSError

    monkeypatch.setattr(AuditEvent, "log", broken)
    with pytest.raises(OSError):
        method_change.change(manager, YEAR, IVH, 0, choice(active=False))
    assert IndicatorSetting.select().count() == UncountedYear.select().count() == 0 and counting.counts([YEAR], IVH.number)


def test_a_closed_year_is_as_it_was(manager):
    filled([(5, 40), (4, 40), (3, 40)])
    method_change.change(manager, YEAR, BPD, 0, choice(active=False))
    YearClosing.propose(YEAR, manager, now=AFTER).confirm(make.user(role=Role.LNR_BEHEER, email="b@example.com"), AFTER)
    with pytest.raises(Refused, match="gesloten"):
        method_change.change(manager, YEAR, IVH, 1, choice(active=False))
    assert list(year_closing.differences()) == [] and BPD.number not in counting.counts([YEAR])
    method_change.change(manager, YEAR + 1, IVH, 0, choice(active=False))  # of another year, which the closed one does not feel
    assert list(year_closing.differences()) == []
    IndicatorSetting.update(active=True).where(IndicatorSetting.year == YEAR).execute()
    assert [one for one in year_closing.differences() if "methode" in one]
    ClosedYear.update(method=None).execute()  # closed before there was any
    assert list(year_closing.differences()) == []


def test_the_report_of_a_year_tells_its_method(manager):
    here, *_ = filled([(5, 40), (4, 40), (3, 40)])
    method_change.change(manager, YEAR, BPD, 0, choice("Nog niet betrouwbaar.", active=False))
    method_change.change(manager, YEAR, IVH, 1, norm(0.3))
    YearClosing.propose(YEAR, manager, now=AFTER).confirm(make.user(role=Role.LNR_BEHEER, email="b@example.com"), AFTER)
    contents = dict(lnr_edition.reports(YEAR))
    for place in (here.id, None):
        method = next(one for one in contents[place].sections if one.key == "methode")
        assert any("Versie van de methode: 2025-2." in text for text in method.text)
        said = {row[0]: row[1:] for table in method.tables if table.caption == "Anders dan geleverd" for row in table.rows}
        assert said[BPD.nl] == ["staat uit", "Nog niet betrouwbaar."] and "norm 30%" in said[IVH.nl][0]
        told = {
            row[0] for one in contents[place].sections if one.key == "indicatoren" for table in one.tables for row in table.rows
        }
        assert IVH.nl in told and BPD.nl not in told
    ClosedYear.update(method=None).execute()
    before = dict(lnr_edition.reports(YEAR))[None]  # a year that was closed before there was any keeps its report
    assert "Versie van de methode" not in before.json and before.json != contents[None].json


def test_the_rehearsal_names_what_is_used(manager):
    filled([(5, 40), (4, 12), (3, 40)])

    def small():
        return [one.code for row in rehearsal(manager, YEAR, None) for one in row.small]

    assert small() == []
    method_change.change(manager, YEAR, IVH, 0, choice(smallest=20))
    assert small() == ["ernstige-ivh"]
    method_change.change(manager, YEAR, IVH, 1, choice(smallest=20, active=False))
    assert small() == []


def test_a_standard_judges_in_the_place_of_the_national_rate():
    counted = {1: Count(events=12, children=100), 2: Count(events=2, children=100)}
    assert figure.figure(IVH, counted, 1).verdict is Judgement.GEEN  # two hospitals are nothing to compare with
    setting = IndicatorSetting(target=0.04, source="Richtlijn", source_date=date(2024, 1, 1))
    told = figure.figure(IVH, counted, 1, setting=setting)
    # P(O >= 12 of 100 by 4%) = 0.0007
    assert (told.verdict, told.target, told.national, told.compared) == (Judgement.SIGNAAL, 0.04, None, 0.04)
    assert told.own.rate > told.lines[0.001][1] and not told.withheld
    assert figure.figure(IVH, counted, 2, setting=setting).verdict is Judgement.BINNEN


def test_a_wider_verdict_keeps_the_exact_one_beside_it():
    spread = {number: Count(events=events, children=400) for number, events in enumerate((20, 70, 35, 90, 15, 60, 44, 28))}
    wider, exact = IndicatorSetting(wider=True), IndicatorSetting()
    plain, wide = (figure.figure(IVH, spread, 1, sum(spread.values(), Count()), setting) for setting in (exact, wider))
    assert plain.verdict is Judgement.SIGNAAL and plain.label == "signaal" and plain.wide_lines is None
    assert (wide.verdict, wide.exact, wide.label) == (
        Judgement.BINNEN, Judgement.SIGNAAL, "binnen wat toeval geeft (precies: signaal)",
    )  # fmt: skip
    for q, (low, high) in wide.wide_lines.items():
        assert low < wide.lines[q][0] and high > wide.lines[q][1]
    for number in spread:  # the verdict is the drawn line
        one = figure.figure(IVH, spread, number, sum(spread.values(), Count()), wider)
        low, high = one.wide_lines[0.025]
        assert (one.verdict in (Judgement.LET_OP, Judgement.SIGNAAL)) is (one.own.rate > high)
        assert (one.verdict is Judgement.GUNSTIG) is (one.own.rate < low)
    near = {number: Count(events=40 + number, children=400) for number in range(8)}  # no further apart than chance explains
    few = {number: spread[number] for number in range(4)}  # too few to say
    for units in (near, few):
        one = figure.figure(IVH, units, 1, setting=wider)
        assert one.spread is None and one.verdict is one.exact


UNITS = st.lists(st.integers(10, 90).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=5, max_size=12)


@settings(max_examples=150, deadline=None)
@given(UNITS)
def test_a_wider_verdict_is_never_stricter(units):
    """Neither in words nor as a line: where the widened line lies inside the exact one, the exact one stands."""
    counted = {number: Count(events=events, children=n) for number, (events, n) in enumerate(units)}
    sides = {Judgement.BINNEN: (0, 0), Judgement.GEEN: (0, 0), Judgement.GUNSTIG: (1, 0), Judgement.LET_OP: (0, 1)}
    sides[Judgement.SIGNAAL] = (0, 2)
    for number in counted:
        one = figure.figure(IVH, counted, number, sum(counted.values(), Count()), IndicatorSetting(wider=True))
        assert all(wide <= exact for wide, exact in zip(sides[one.verdict], sides[one.exact], strict=True))
        for q, (low, high) in (one.wide_lines or {}).items():
            assert low <= one.lines[q][0] and high >= one.lines[q][1]


def test_few_children_do_not_narrow_a_wider_verdict():
    ten = {number: Count(events=events, children=40) for number, events in enumerate((0, 1, 1, 2, 2, 2, 3, 3, 6, 7))}
    one = figure.figure(IVH, ten, 0, sum(ten.values(), Count()), IndicatorSetting(wider=True))
    assert one.widened and (one.verdict, one.label) == (Judgement.BINNEN, "binnen wat toeval geeft")
    assert one.wide_lines[0.025][0] == one.lines[0.025][0] and one.wide_lines[0.025][1] > one.lines[0.025][1]
    drawn = picture.funnel(one, [], "NICU A").lines
    for line in ("lower95", "lower998"):
        for wide, exact in zip(drawn[f"wide {line}"].split(), drawn[line].split(), strict=True):
            assert float(wide.split(",")[1]) >= float(exact.split(",")[1])  # downwards in the drawing
    outermost = {number: Count(events=events, children=60) for number, events in enumerate((0, *[4] * 8, 15))}
    one = figure.figure(IVH, outermost, 0, sum(outermost.values(), Count()), IndicatorSetting(wider=True))
    assert one.spread == 0.0 and not one.widened and one.wide_lines is None and one.verdict is one.exact


@pytest.mark.parametrize(
    "units, said",
    (
        ([(3, 40)] * 4, "maar er zijn te weinig ziekenhuizen met genoeg kinderen en antwoorden om te zeggen of"),
        ([(3, 40)] * 5, "maar er is geen aanwijzing dat"),
        ([(0, 60), *[(4, 60)] * 8, (15, 60)], "maar alleen de uiterste ziekenhuizen liggen verder uiteen"),
        ([(2, 40), (18, 40), (4, 40), (20, 40), (3, 40)], "laten ook ruimte voor verschillen"),
    ),
    ids=("too few", "near", "outermost", "apart"),
)
def test_the_page_says_why_a_verdict_is_not_widened(manager, client, login, units, said):
    filled(units)
    method_change.change(manager, YEAR, IVH, 0, choice(wider=True))
    login(client, manager)
    page = client.get(f"/lnr/benchmark/ernstige-ivh?jaar={YEAR}").get_data(as_text=True)
    told = page.partition("Het oordeel is verruimd")[2].partition("</li>")[0]
    assert said in told and ("geen aanwijzing" in told) is ("geen aanwijzing" in said)


def test_the_minimum_takes_figures_away_and_no_more():
    counted = {number: Count(events=9, children=30) for number in range(3)} | {9: Count(events=12, children=15)}
    setting = IndicatorSetting(smallest=20)
    told = figure.figure(IVH, counted, 9, setting=setting)
    assert (told.verdict, told.shown, told.hospitals) == (Judgement.KLEIN, False, 3)
    assert figure.figure(IVH, counted, 0, setting=setting).verdict is Judgement.BINNEN


def agreed(places, year, public=False):
    """Every NICU shows its figures by name, before the year can no longer be changed."""
    for place in places:
        by = make.user(role=Role.LNR_CONTACT, hospital=place)
        Agreement.state(by, year, Level.GENOEMD, "Het bestuur", now=datetime(2026, 2, 1), public=public)


def sheet(client, path):
    """All that is in a file of the benchmark."""
    book = load_workbook(io.BytesIO(client.get(f"/lnr/benchmark/{path}/xlsx?jaar={YEAR}").data))
    return str([row for one in book for row in one.values])


def test_nobody_reads_of_another_what_is_below_the_minimum(manager, client, login):
    """Nor in the funnel, the order by size, the table or the file; and the sentences say the minimum that was chosen."""
    places = filled([(9, 60), (12, 60), (8, 60), (3, 20)])
    agreed(places, YEAR)
    login(client, make.user(role=Role.LNR_CONTACT, hospital=places[0]))
    page = f"/lnr/benchmark/ernstige-ivh?jaar={YEAR}"

    def told():
        return client.get(page).get_data(as_text=True), sheet(client, "ernstige-ivh/cijfers")

    before = told()
    assert all("NICU B" in text and "NICU D" in text for text in before) and "minder dan 10 kinderen" in before[1]
    method_change.change(manager, YEAR, IVH, 0, choice(smallest=50))
    after = told()
    assert all("NICU B" in text and "NICU D" not in text for text in after) and "minder dan 50 kinderen" in after[1]
    assert "minder dan 10 kinderen (bij sommige indicatoren 50)" in sheet(client, "cijfers")
    method_change.change(manager, YEAR, IVH, 1, choice(smallest=70))
    assert "met elk ten minste 70 kinderen" in client.get(page).get_data(as_text=True)


def test_nor_of_days(manager, client, login):
    places = filled([(9, 60), (12, 60), (8, 60), (3, 20)])
    for place, number in zip(places, (60, 60, 60, 20), strict=True):
        cell = dict(indicator=DAYS.number, year=YEAR, hospital=place, band="<26+0", events=0, days=f"[[7,{number}]]")
        AmountCell.create(**cell)
        counts = {name: 0 for name in ("suspected", "unknown", "outside", "elsewhere")}
        CountCell.create(indicator=DAYS.number, year=YEAR, hospital=place, month=3, band="<26+0", inborn="", events=number,
                         children=number, **counts)  # fmt: skip
    agreed(places, YEAR)
    login(client, make.user(role=Role.LNR_CONTACT, hospital=places[0]))
    for number, shown in enumerate((True, False)):
        for path in ("", "/cijfers/csv"):
            text = client.get(f"/lnr/benchmark/opnameduur{path}?jaar={YEAR}").get_data(as_text=True)
            assert "NICU B" in text and ("NICU D" in text) is shown
        if shown:
            method_change.change(manager, YEAR, DAYS, number, choice(smallest=50))


def line_days(places, rates, year=YEAR):
    """Facts and cells of line sepsis: for each hospital 40 stays of 10 line days, with this many episodes in all."""
    for place, episodes in zip(places, rates, strict=True):
        stays = [(3, "<26+0", {LINE.number: "t0" if one < episodes else "n0"}) for one in range(40)]
        hospital_year(place, year, stays, Hospital.nicus())
        facts = StayFact.select().where(StayFact.hospital == place, StayFact.year == year).order_by(StayFact.stay)
        for number, fact in enumerate(facts):
            amounts = json.dumps({LINE.number: [10, int(number < episodes)]})
            StayFact.update(amounts=amounts).where(StayFact.stay == fact.stay_id).execute()
        UncountedYear.mark(place.id, year)
    counting.refresh()


def test_a_standard_of_line_days_is_per_thousand_of_them(manager, client, login):
    """Asked, told and judged per 1000 line days; two hospitals are enough to judge by it."""
    places = [make.hospital(f"NICU {letter}", nicu=True) for letter in "AB"]
    line_days(places, (8, 0))
    login(client, manager)
    address = f"/lnr/indicatoren/lijnsepsis/wijzigen/?jaar={YEAR}"
    asked = client.get(address)
    assert "Vaste norm per 1000 lijndagen" in asked.get_data(as_text=True)
    sent = form_of(asked, "card").to_dict() | {
        "standard": "5", "source": "Richtlijn", "source_date": "2024-01-01", "note": "Zo staat het in de richtlijn.",
    }  # fmt: skip
    assert "wider" not in sent
    shown = client.post(address, data=sent)
    assert "NICU A: 2 van 2" in shown.get_data(as_text=True)  # 8 where 2 are expected; before there was no verdict
    assert client.post(address, data=form_of(shown, "card").to_dict()).status_code == 302
    setting = YearMethod.of(YEAR).setting(LINE)
    assert setting.target == pytest.approx(0.005) and "norm 5 per 1000 lijndagen (Richtlijn" in str(setting)
    page = client.get(f"/lnr/benchmark/lijnsepsis?jaar={YEAR}&ziekenhuis={places[0].code}").get_data(as_text=True)
    for said in ("rond de norm", "let op", "Richtlijn", "Vergelijken kan vanaf drie ziekenhuizen"):
        assert said in page
    assert "5 per 1000 lijndagen" in sheet(client, "lijnsepsis/cijfers")


def test_the_verdict_of_line_days_is_the_line_around_the_standard():
    amounts = {1: Amounts(Distribution.of([10] * 40), 8), 2: Amounts(Distribution.of([10] * 40), 1)}
    counted = Count(events=8, children=40)
    setting = IndicatorSetting(indicator=LINE.number, target=0.005, source="Richtlijn", source_date=date(2024, 1, 1))
    told = amount_figure(LINE, amounts, 1, counted, setting=setting)
    # P(O >= 8 where 400 * 0.005 = 2 are expected) = 0.0011
    assert (told.verdict, told.compared, told.target, told.national) == (Judgement.LET_OP, 5.0, 5.0, None)
    assert told.lines[0.025][1] < told.value < told.lines[0.001][1]
    assert amount_figure(LINE, amounts, 2, counted, setting=setting).verdict is Judgement.BINNEN
    assert amount_figure(LINE, amounts, 1, counted).verdict is Judgement.GEEN  # nothing to compare with
    ventilated = amount_figure(DAYS, amounts, 1, counted, setting=IndicatorSetting(target=0.005))
    assert (ventilated.standard, ventilated.verdict) == (None, Judgement.GEEN)


def rates(*units, wider=True, **about):
    """{number: the AmountFigure} of line sepsis of hospitals with (episodes, line days), 40 stays each."""
    amounts = {number: Amounts(Distribution.of([days // 40] * 40), events) for number, (events, days) in enumerate(units)}
    setting, together = IndicatorSetting(indicator=LINE.number, wider=wider, **about), sum(amounts.values(), Amounts())
    return [amount_figure(LINE, amounts, number, Count(children=40), together, setting) for number in amounts]


def test_a_wider_verdict_of_line_days_keeps_the_exact_one_beside_it():
    apart = [(events, 4000) for events in (8, 10, 12, 14, 30, 32, 34, 36)]  # 22 expected
    exact, wide = rates(*apart, wider=False), rates(*apart)
    expected = 22.0
    z = [math.log(events / expected) * math.sqrt(expected) for events, _ in apart]
    assert wide[0].spread == pytest.approx(limits.overdispersion_ratio([e for e, _ in apart], [expected] * 8)[3])
    assert sum(one**2 for one in z) > 24.3 and wide[0].spread > 0.1  # chi² of 7 above which p < 0.001
    assert exact[7].verdict is Judgement.LET_OP and exact[7].label == "let op" and exact[7].wide_lines is None
    assert (wide[7].verdict, wide[7].exact) == (Judgement.BINNEN, Judgement.LET_OP)
    assert wide[7].label == "binnen wat toeval geeft (precies: let op)"
    for one in wide:  # the verdict is the line
        low, high = one.wide_lines[0.025]
        assert (one.verdict in (Judgement.LET_OP, Judgement.SIGNAAL)) is (one.value > high)
        assert (one.verdict is Judgement.GUNSTIG) is (one.value < low)
    near, few = rates(*[(20 + number, 4000) for number in range(8)]), rates(*apart[2:6])
    none = rates(*[(0, 4000)] * 8)  # nothing happened anywhere: nothing to compare with
    for one in (*near, *few, *none):
        assert one.spread is None and one.verdict is one.exact and one.wide_lines is None
    assert few[0].too_few_to_widen and not near[0].too_few_to_widen and none[0].verdict is Judgement.GEEN
    around = rates(*apart, target=0.005)  # a standard: 20 expected
    assert around[7].exact is Judgement.SIGNAAL and around[7].verdict is Judgement.BINNEN


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 90).map(lambda days: 40 * days)), min_size=5, max_size=12))
def test_a_wider_verdict_of_line_days_is_never_stricter(units):
    sides = {Judgement.BINNEN: (0, 0), Judgement.GEEN: (0, 0), Judgement.GUNSTIG: (1, 0), Judgement.LET_OP: (0, 1)}
    sides[Judgement.SIGNAAL] = (0, 2)
    for one in rates(*units):
        assert all(wide <= exact for wide, exact in zip(sides[one.verdict], sides[one.exact], strict=True))
        for q, (low, high) in (one.wide_lines or {}).items():
            assert low <= one.lines[q][0] and high >= one.lines[q][1]


def test_the_page_of_line_sepsis_says_that_its_verdict_is_widened(manager, client, login):
    places = [make.hospital(f"NICU {letter}", nicu=True) for letter in "ABCDE"]
    line_days(places, (2, 2, 20, 20, 20))
    method_change.change(manager, YEAR, LINE, 0, choice(wider=True))
    login(client, manager)
    page = client.get(f"/lnr/benchmark/lijnsepsis?jaar={YEAR}&ziekenhuis={places[0].code}").get_data(as_text=True)
    assert "Het oordeel is verruimd: de grenzen laten ook ruimte" in page and " Verruimd: 95% tussen" in page


@pytest.mark.parametrize(
    "code, said",
    (
        ("opnameduur", "Langer is niet beter of slechter"),
        ("beademingsdagen", "Langer is niet beter of slechter"),
        ("surfactant", "Meer of minder is niet beter of slechter"),
        ("lijnsepsis", "Verruimd oordeel"),
        ("bpd", ""),
    ),
)
def test_the_form_offers_no_standard_where_there_is_no_verdict(manager, client, login, code, said):
    login(client, manager)
    answer = client.get(f"/lnr/indicatoren/{code}/wijzigen/?jaar={YEAR}")
    asked, page = form_of(answer, "card").to_dict(), answer.get_data(as_text=True)
    assert ("standard" in asked, 'name="wider"' in page) == (named(code).measure != "", named(code).measure != "")
    assert said in page and ("Een vaste norm kiest u hier niet" in page) is (named(code).measure == "")
    sent = asked | {"standard": "5", "source": "Bron", "source_date": "2024-01-01", "wider": "y", "note": "Een reden."}
    if not named(code).measure:  # what the form does not offer it does not take
        sent |= {"smallest": "20"}
        shown = client.post(f"/lnr/indicatoren/{code}/wijzigen/?jaar={YEAR}", data=sent)
        client.post(f"/lnr/indicatoren/{code}/wijzigen/?jaar={YEAR}", data=form_of(shown, "card").to_dict())
        kept = IndicatorSetting.get()
        assert (kept.target, kept.source, kept.wider, kept.smallest) == (None, "", False, 20)


def test_no_year_report_names_what_is_below_the_minimum(manager):
    places = filled([(9, 60), (12, 60), (8, 60), (6, 20)])
    agreed(places, YEAR, public=True)
    method_change.change(manager, YEAR, IVH, 0, choice(smallest=50))
    YearClosing.propose(YEAR, manager, now=AFTER).confirm(make.user(role=Role.LNR_BEHEER, email="b@example.com"), AFTER)
    contents = dict(lnr_edition.reports(YEAR))
    named_there = {
        row[1]
        for section in contents[None].sections
        for table in section.tables
        for row in table.rows
        if table.caption == "Per ziekenhuis" and row[0] == IVH.nl
    }
    assert named_there == {"NICU A", "NICU B", "NICU C"}
    drawn = [one for section in contents[None].sections for one in section.pictures if one.caption.startswith(IVH.nl)]
    assert drawn and all("NICU B" in one.alt and "NICU D" not in one.alt for one in drawn)
    mine = [one for section in contents[places[0].id].sections for one in section.pictures if one.caption.startswith(IVH.nl)]
    assert mine and "NICU B" in str(mine) and "NICU D" not in str(mine)
    method = next(one for one in contents[None].sections if one.key == "methode")
    assert any("pas vanaf zoveel kinderen" in text for text in method.text)


@pytest.mark.parametrize("smallest", (10, 20, 50, 1000))
def test_a_minimum_only_takes_away_from_what_may_be_told(smallest):
    counted = {number: Count(events=9, children=children) for number, children in enumerate((12, 20, 49, 60, 104, 148, 400))}
    for level in (Level.ONGENOEMD, Level.GENOEMD):
        told = disclosure.seen_by(0, counted, level)
        kept = IndicatorSetting(smallest=smallest).enough(told)
        assert set(kept) <= set(told) and all(dot.children >= smallest for dot in kept)
        assert all(dot.children < smallest for dot in told if dot not in kept)


def test_no_setting_opens_what_is_withheld(manager):
    """Whatever is set, off and on again: of all together the same is told, and of three years only sums of years that are."""
    filled([(5, 40), (4, 40), (0, 8)])  # without the first two the third follows: withheld
    open_years = (YEAR - 1, YEAR - 2)
    for year in open_years:
        for place in figure.nicus():
            hospital_year(
                place, year, [(3, "<26+0", {IVH.number: "t0" if one < 9 else "n0"}) for one in range(40)], Hospital.nicus()
            )
    counting.refresh()
    years = [YEAR, *open_years]

    def told(*asked):
        return disclosure.told([counting.bands_of_all(year, IVH.number).get(IVH.number, {}) for year in asked])

    before = {one: told(*one) for one in ((YEAR,), (YEAR - 1,), (YEAR - 2,), tuple(years))}
    assert before[YEAR,] is None and before[tuple(years)] is None and before[YEAR - 1,]
    seen = []
    for number, chosen in enumerate(
        (choice(active=False), choice(), norm(0.2), choice(smallest=30), choice(wider=True), choice(active=False))
    ):
        method_change.change(manager, YEAR, IVH, number, chosen)
        counting.refresh()
        seen.append(told(*years))
        assert told(YEAR - 1) == before[YEAR - 1,] and told(YEAR) in (None, Count())
    # While it is off, three years are the sum of the two that are told by themselves; that tells nothing of the third.
    assert seen == [before[YEAR - 1,] + before[YEAR - 2,], None, None, None, None, before[YEAR - 1,] + before[YEAR - 2,]]


def test_what_a_change_would_do_is_counts_and_changes_nothing(manager):
    here, *_ = filled([(12, 40), (4, 40), (3, 40), (2, 5)])
    found = {one.hospital.id: (one.changed, one.figures) for one in method_change.effect(manager, YEAR, IVH, 0, norm(0.1))}
    assert found[here.id] == (2, 2)  # of all children, and of its one band
    off = method_change.effect(manager, YEAR, IVH, 0, choice(active=False))
    assert [(one.changed, one.figures) for one in off] == [(2, 2)] * 4
    assert IndicatorSetting.select().count() == UncountedYear.select().count() == 0
    method_change.change(manager, YEAR, IVH, 0, choice(active=False))
    on = method_change.effect(manager, YEAR, IVH, 1, choice())  # of the facts: it has no cells now
    assert [(one.changed, one.figures) for one in on] == [(2, 2)] * 4


def test_the_dictionary_of_a_research_file_names_the_versions(manager):
    filled([(5, 12)])
    years = {"first": YEAR - 1, "last": YEAR, "youngest": None, "oldest": None}
    asked = SimpleNamespace(fields="", hospitals="", key="k", asked_at=clock.now(), **years)
    method_change.change(manager, YEAR, IVH, 0, choice(active=False))
    extract = Extract(asked)
    assert extract.book()[-1][0] == "methode" and extract.book()[-1][4] == "2024: 0; 2025: 1 (i_ernstige_ivh staat uit)"
    told = {one.code for marks in extract._facts(list(Stay.select())).values() for one, _ in marks}
    assert IVH.code not in told and BPD.code in told
    assert Extract(SimpleNamespace(**vars(asked) | {"fields": "gestation"})).book()[-1][0] != "methode"
    method_change.change(manager, YEAR - 1, BPD, 0, norm(0.08, smallest=25))
    assert Extract(asked).book()[-1][4] == (
        "2024: 1 (i_bpd staat aan, norm 8% (Richtlijn, 1-1-2024), vanaf 25); 2025: 1 (i_ernstige_ivh staat uit)"
    )
    told = Extract(SimpleNamespace(**vars(asked) | {"fields": "i_bpd"})).book()[-1][4]  # only of what is in the file
    assert told == "2024: 1 (i_bpd staat aan, norm 8% (Richtlijn, 1-1-2024), vanaf 25); 2025: 1"


def test_the_pages_say_by_which_method(manager, client, login):
    here, *_ = filled([(12, 40), (4, 40), (3, 40)], year=clock.today().year)
    this = clock.today().year
    method_change.change(manager, this, IVH, 0, norm(0.05))
    login(client, make.user(role=Role.LNR_CONTACT, hospital=here))
    overview = client.get(f"/lnr/benchmark/?jaar={this}").get_data(as_text=True)
    assert f"Methode {this}-1" in overview and "norm 5,0%" in overview
    page = client.get(f"/lnr/benchmark/ernstige-ivh?jaar={this}").get_data(as_text=True)
    assert f"Methode {this}-1" in page and "Richtlijn" in page and "Er zijn te weinig antwoorden." in page
    rows = client.get(f"/lnr/benchmark/ernstige-ivh/cijfers/csv?jaar={this}").get_data(as_text=True)
    assert "NICU A" in rows
    method_change.change(manager, this, IVH, 1, choice(active=False))
    counting.refresh()
    overview = client.get(f"/lnr/benchmark/?jaar={this}").get_data(as_text=True)
    assert f"Niet gebruikt in {this}" in overview and "norm 5,0%" not in overview
    page = client.get(f"/lnr/benchmark/ernstige-ivh?jaar={this}").get_data(as_text=True)
    assert f"Wordt in {this} niet gebruikt" in page and "Er zijn te weinig antwoorden." in page
    for path in ("kinderen?plaats=teller&", "cijfers/csv?"):
        assert client.get(f"/lnr/benchmark/ernstige-ivh/{path}jaar={this}").status_code == 404


def test_a_change_is_shown_before_it_is_kept(manager, client, login):
    filled([(12, 40), (4, 40), (3, 40)], year=clock.today().year)
    this = clock.today().year
    login(client, manager)
    address = f"/lnr/indicatoren/ernstige-ivh/wijzigen/?jaar={this}"
    sent = form_of(client.get(address), "card").to_dict() | {
        "standard": "30,5", "source": "Richtlijn", "source_date": "2024-01-01", "note": "Zo staat het in de richtlijn.",
    }  # fmt: skip
    answer = client.post(address, data=sent)
    shown = answer.get_data(as_text=True)
    assert "veranderen" in shown and "NICU A: 2 van 2" in shown and "Wijziging opslaan" in shown
    assert IndicatorSetting.select().count() == 0
    agreed = form_of(answer, "card").to_dict()
    assert client.post(address, data=agreed | {"standard": "31"}).status_code == 200  # other than was shown: shown again
    assert IndicatorSetting.select().count() == 0
    assert client.post(address, data=agreed).status_code == 302
    assert (made := IndicatorSetting.get()).target == pytest.approx(0.305) and made.changed_by == manager
    page = client.post(address, data=agreed).get_data(as_text=True)  # the second tab, or a double click
    assert "intussen gewijzigd" in page and IndicatorSetting.select().count() == 1
    page = client.get(f"/lnr/indicatoren/?jaar={this}").get_data(as_text=True)
    assert f"{this}-1" in page and "norm 30,5%" in page and "Zo staat het in de richtlijn." in page


def test_a_year_uses_nothing_of_the_one_before_until_it_is_carried_over(manager):
    """As the year before where this one sets nothing: each a version with its line; what it sets itself stands."""
    filled([(5, 40), (4, 40), (3, 40)], year=YEAR + 1)
    method_change.change(manager, YEAR, IVH, 0, norm(0.08))
    method_change.change(manager, YEAR, BPD, 1, choice("Nog niet betrouwbaar.", active=False))
    method_change.change(manager, YEAR, NEC, 2, choice(smallest=20))
    method_change.change(manager, YEAR, NEC, 3, choice())  # as delivered again: nothing to carry over
    method_change.change(manager, YEAR + 1, IVH, 0, norm(0.05))
    assert YearMethod.of(YEAR + 1).uses(BPD) and [one for one, _ in carry_over.missing(YEAR + 1)] == [BPD]
    (made,) = carry_over.carry_over(manager, YEAR + 1, 1, 4)
    method = YearMethod.of(YEAR + 1)
    assert (str(method), method.uses(BPD), method.setting(IVH).target) == (f"{YEAR + 1}-2", False, 0.05)
    assert (made.note, made.why) == ("Nog niet betrouwbaar.", f"Nog niet betrouwbaar. (overgenomen van {YEAR})")
    assert counting.counts([YEAR + 1], IVH.number) and counting.counts([YEAR + 1], BPD.number) == {}  # off: gone at once
    line = AuditEvent.select().where(AuditEvent.action == "lnr.method").order_by(AuditEvent.id.desc()).get()
    assert (line.subject, line.detail) == (f"LNR-indicator bpd {YEAR + 1}-2", f"staat aan > staat uit. {made.why}")
    assert carry_over.missing(YEAR + 1) == [] and str(YearMethod.of(YEAR)) == f"{YEAR}-4"


def test_carrying_over_is_of_what_was_shown(manager, monkeypatch):
    """Refused after a change of either year, for a second press, for a closed year, and for who does not manage."""
    method_change.change(manager, YEAR, IVH, 0, norm(0.08))
    for seen, before in ((0, 0), (1, 1)):
        with pytest.raises(Refused, match="intussen gewijzigd"):
            carry_over.carry_over(manager, YEAR + 1, seen, before)
    for role in (Role.LNR_CONTACT, Role.BEHEERDER, Role.COORDINATOR):
        for act, more in ((carry_over.carry_over, (0, 1)), (carry_over.effect, ())):
            with pytest.raises(Refused):
                act(make.user(role=role), YEAR + 1, *more)
    carry_over.carry_over(manager, YEAR + 1, 0, 1)
    with pytest.raises(Refused, match="intussen gewijzigd"):
        carry_over.carry_over(manager, YEAR + 1, 0, 1)
    methods = YearMethod.of_years([YEAR, YEAR + 1])
    empty = {YEAR: methods[YEAR], YEAR + 1: YearMethod(YEAR + 1, 0, {})}
    with monkeypatch.context() as both:  # both looked before either wrote: the database holds the order
        both.setattr(YearMethod, "of_years", classmethod(lambda cls, years: empty))
        with pytest.raises(Refused, match="intussen gewijzigd"):
            carry_over.carry_over(manager, YEAR + 1, 0, 1)
    assert IndicatorSetting.select().count() == 2
    YearClosing.propose(YEAR, manager, now=AFTER).confirm(make.user(role=Role.LNR_BEHEER, email="b@example.com"), AFTER)
    method_change.change(manager, YEAR - 1, BPD, 0, choice(active=False))
    with pytest.raises(Refused, match="gesloten"):
        carry_over.carry_over(manager, YEAR, 1, 1)


def test_carrying_over_is_shown_before_it_is_kept(manager, client, login):
    this = clock.today().year
    filled([(12, 40), (4, 40), (3, 40)], year=this)
    method_change.change(manager, this - 1, IVH, 0, norm(0.1))
    login(client, manager)
    page = client.get(f"/lnr/indicatoren/?jaar={this}").get_data(as_text=True)
    assert f"Voor {this} is niets ingesteld: elke indicator wordt gebruikt zoals geleverd." in page
    assert f"In {this - 1} is 1 indicator anders ingesteld" in page
    address = f"/lnr/indicatoren/overnemen/?jaar={this}"
    shown = client.get(address)
    text = shown.get_data(as_text=True)
    assert "norm 10%" in text and "NICU A: 2 van 2" in text and f"versie {this}-1" in text
    assert IndicatorSetting.select().count() == 1
    sent = form_of(shown, "card").to_dict()
    for _ in range(2):  # a double click
        page = client.post(address, data=sent, follow_redirects=True).get_data(as_text=True)
    assert "intussen gewijzigd" in page and "Er is niets over te nemen" in page
    assert IndicatorSetting.select().count() == 2 and YearMethod.of(this).setting(IVH).target == 0.1
    page = client.get(f"/lnr/indicatoren/?jaar={this}").get_data(as_text=True)
    assert f"(overgenomen van {this - 1})" in page and "anders ingesteld" not in page
    page = client.get(f"/lnr/benchmark/ernstige-ivh?jaar={this}").get_data(as_text=True)
    assert f"(overgenomen van {this - 1})" in page


@pytest.mark.parametrize("asked", ("niets/", ""))
def test_no_page_for_an_indicator_that_is_not_there(manager, client, login, asked):
    login(client, manager)
    assert client.get(f"/lnr/indicatoren/{asked}wijzigen/").status_code == 404


@pytest.mark.parametrize(
    "field, text", (("standard", "abc"), ("standard", "NaN"), ("smallest", "x"), ("source_date", "31-31"), ("note", ""))
)
def test_nonsense_in_the_form_changes_nothing(manager, client, login, field, text):
    login(client, manager)
    address = "/lnr/indicatoren/ernstige-ivh/wijzigen/"
    sent = form_of(client.get(address), "card").to_dict() | {"note": "Een reden.", "source": "Bron", field: text}
    page = client.post(address, data=sent)
    assert page.status_code == 200 and "Wijziging opslaan" not in page.get_data(as_text=True)
    assert IndicatorSetting.select().count() == 0
