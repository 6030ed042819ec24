"""The benchmark as its readers see it: the own figure beside all, its own children, and nothing of another hospital."""

import re
from io import BytesIO

import pytest
from openpyxl import load_workbook

from models import clock
from models.access import Role
from models.accounts.hospital import Hospital
from models.audit.audit_event import AuditEvent
from models.lnr.benchmark import counting, disclosure, picture
from models.lnr.benchmark.agreement import Agreement, Level
from models.lnr.benchmark.cell import CountCell
from models.lnr.benchmark.children import why
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.figure import Judgement, chance, figure
from models.lnr.benchmark.indicator import named
from models.lnr.benchmark.places.answer import Reason, sentence
from models.lnr.registry.stay import Stay
from tests import make
from tests.bench.measure import counted as statements
from tests.lnr.test_facts import FIRST, HOME, OTHER, SECOND, Registry

IVH = named("ernstige-ivh")
UNITS = {1: (31, 140), 2: (12, 150), 3: (9, 120), 4: (14, 161), 5: (3, 8)}


def counted(units=UNITS):
    return {number: Count(events=o, children=n) for number, (o, n) in units.items()}


def test_a_figure_is_judged_by_the_drawn_line():
    # 69 of 579 together, 11.9%. P(O >= 31 of 140) = 0.0005: a signal. 12 of 150: P(O <= 12) = 0.09.
    everybody = sum(counted().values(), Count())
    worst, inside = figure(IVH, counted(), 1, everybody), figure(IVH, counted(), 2, everybody)
    assert (worst.verdict, inside.verdict) == (Judgement.SIGNAAL, Judgement.BINNEN)
    assert worst.own.rate > worst.lines[0.001][1] and inside.lines[0.025][0] < inside.own.rate < inside.lines[0.025][1]
    assert figure(IVH, counted(), 5).verdict is Judgement.KLEIN and figure(IVH, counted(), 9).verdict is Judgement.KLEIN
    assert figure(IVH, counted({1: (31, 140), 2: (1, 90)}), 1).verdict is Judgement.GEEN  # two hospitals are no comparison
    assert figure(named("surfactant"), counted(), 1).verdict is Judgement.GEEN  # neither good nor bad
    assert figure(named("moedermelk"), counted(), 1).verdict is Judgement.GUNSTIG  # where more is better
    assert figure(IVH, counted({number: (0, 40) for number in range(4)}), 1).verdict is Judgement.GEEN  # a target of 0


def test_what_chance_would_flag_stands_beside_what_is_seen():
    told = chance([figure(IVH, counted(), number) for number in UNITS])
    assert (told.judged, told.seen95, told.seen998) == (4, 1, 1)
    assert 0 < told.expected998 < 4 * 2 * 0.001 and told.expected998 < told.expected95 < 4 * 2 * 0.025


@pytest.fixture
def nicus():
    return [make.hospital(f"NICU {letter}", nicu=True) for letter in "ABCD"]


def test_others_are_seen_only_when_every_nicu_agreed(nicus):
    units = {one.id: Count(events=10, children=144 + number) for number, one in enumerate(nicus)}
    people = [make.user(role=Role.LNR_CONTACT, hospital=one) for one in nicus]

    def seen(years=(2026,), oversees=False):
        return disclosure.others(units, nicus[0].id, years, oversees)

    assert seen() == [] and {dot.name for dot in seen(oversees=True)} == {"NICU B", "NICU C", "NICU D"}
    for person in people[1:]:
        Agreement.state(person, 2026, Level.GENOEMD, "Het bestuur")
    assert seen() == []  # who gives nothing gets nothing
    Agreement.state(people[0], 2026, Level.ONGENOEMD, "Het bestuur")
    dots = seen()
    assert [dot.name for dot in dots] == [""] * 3 and {dot.children for dot in dots} <= {140.0, 150.0}
    assert seen((2025, 2026)) == []
    mine = figure(IVH, units, nicus[0].id, sum(units.values(), Count()))
    rows = picture.caterpillar(picture.bars(mine, dots, "NICU A"), mine.target).rows
    assert [row.text for row in rows].count("andere NICU") == 3 and {row.said for row in rows if row.shape == "other"} == {""}
    assert picture.bars(mine, [], "NICU A") == []  # alone it is no order
    Agreement.state(people[0], 2026, Level.GENOEMD, "Het bestuur")
    assert {dot.name for dot in seen()} == {"NICU B", "NICU C", "NICU D"}
    rows = picture.caterpillar(picture.bars(mine, seen(), "NICU A"), mine.target).rows
    assert [row.text for row in rows] == [f"NICU {letter}, {144 + place} kinderen" for place, letter in enumerate("ABCD")][::-1]
    assert all(row.low < row.x < row.high for row in rows) and [row.y for row in rows] == sorted(row.y for row in rows)
    assert AuditEvent.select().where(AuditEvent.action == "lnr.agreement").count() == 5


@pytest.mark.parametrize(
    "table",
    [
        [[(3, 40), (12, 40), (20, 40)], [(8, 40), (9, 40), (10, 40)], [(7, 30), (6, 30), (9, 30)]],
        [[(3, 9), (12, 40)], [(8, 40), (9, 40)]],
        [[(0, 40), (12, 40), (39, 40)], [(8, 40), (9, 40), (10, 40)]],
    ],
)
def test_no_hidden_cell_follows_from_its_row_or_column(table):
    shown = disclosure.cells(table)
    for line in [*shown, *zip(*shown, strict=True)]:
        assert sum("van" not in text for text in line) != 1
    assert not any(re.fullmatch(r"[1-4] van \d+", text) for row in shown for text in row)


@pytest.fixture
def registry():
    made = Registry()
    Hospital.update(nicu=True).where(Hospital.id.in_([one.id for one in made.hospitals.values()])).execute()
    return made


def test_from_a_figure_to_the_child_and_its_message(registry, client, login):
    here = registry.hospitals["A"]
    for number in range(12):
        registry.next_child()
        registry.send(set_id=f"kind {number}", to=HOME, died="2026-03-11T10:00:00" if number < 2 else None, **FIRST)
    registry.send(place="B", set_id="ander", to=HOME, **FIRST)
    counting.refresh()
    login(client, make.user(role=Role.LNR_CONTACT, hospital=here))

    overview = client.get("/lnr/benchmark/?jaar=2026").get_data(as_text=True)
    assert "2 van 12" in overview and "16,7%" in overview and registry.hospitals["B"].name not in overview
    page = client.get("/lnr/benchmark/sterfte?jaar=2026").get_data(as_text=True)
    assert "Vergelijken kan vanaf drie ziekenhuizen" in page and registry.hospitals["B"].name not in page
    children = client.get("/lnr/benchmark/sterfte/kinderen?plaats=teller&jaar=2026").get_data(as_text=True)
    dead = [stay for stay in Stay.select().where(Stay.hospital == here).order_by(Stay.id)][:2]
    assert re.findall(r"LNR-\d{7}(?=</a>)", children) == [stay.number for stay in dead]
    assert f"/lnr/opname/{dead[0].key}/" in children and f"/lnr/bericht/{dead[0].messages.get().key}/" in children
    line = AuditEvent.get(AuditEvent.action == "lnr.indicator")
    assert (line.hospital, line.subject) == (here, "LNR-indicator sterfte") and "2 opnamen" in line.detail
    stay = client.get(f"/lnr/opname/{dead[0].key}/").get_data(as_text=True)
    assert "Sterfte tot ontslag naar huis" in stay and "In welke indicatoren telt deze opname" in stay


def test_a_suspicion_of_another_hospital_is_not_told_of_a_child_that_counts():
    suspected = Reason.SUSPECTED.value
    chain, own = named("ernstige-ivh"), named("surfactant")
    assert (chain.attribution, own.attribution) == ("keten", "opname")
    assert why(chain, "n", suspected) == why(chain, "t", suspected) == ""
    assert why(chain, "u", suspected) == why(own, "n", suspected) == sentence(suspected) != ""


def test_a_child_whose_event_another_hospital_told_reads_as_any_other(registry, client, login):
    """No row says 'confirmed' beside values that do not, and no sentence tells whose message decided."""
    here = registry.hospitals["A"]
    registry.send(set_id="zelf", died="2026-03-11T10:00:00", **FIRST)
    registry.next_child()
    registry.send(set_id="verder", to=OTHER, **FIRST)
    registry.send(died="2026-04-05T10:00:00", **SECOND)
    counting.refresh()
    login(client, make.user(role=Role.LNR_CONTACT, hospital=here))
    page = client.get("/lnr/benchmark/sterfte/kinderen?plaats=teller&jaar=2026").get_data(as_text=True)
    cells = re.findall(r'data-label="Waarom hier"><span>([^<]*)<', page)
    assert cells == ["Telt als gebeurtenis, volgens alle opnamen van het kind samen."] * 2 and "bevestigd" not in page
    assert "alleen wat het bericht van deze opname zegt" in page and registry.hospitals["B"].name not in page
    own = client.get("/lnr/benchmark/surfactant/kinderen?plaats=noemer&jaar=2026").get_data(as_text=True)
    assert "volgens alle opnamen" not in own


@pytest.mark.parametrize("path", ["onbekend", "sterfte/kinderen?plaats=x", "sterfte/kinderen?na=%3B1", "sterfte/kinderen?na=a"])
def test_what_is_not_there_is_not_found(registry, client, login, path):
    login(client, make.user(role=Role.LNR_CONTACT, hospital=registry.hospitals["A"]))
    assert client.get(f"/lnr/benchmark/{path}").status_code == 404


def test_an_address_that_says_nonsense_gives_the_newest_year(registry, client, login):
    login(client, make.user(role=Role.LNR_BEHEER))
    page = client.get("/lnr/benchmark/?jaar=abc&periode=x&groep=%3Cb%3E&ziekenhuis=nergens")
    assert page.status_code == 200 and "Nog geen opnamen in" in page.get_data(as_text=True)


def test_it_opens_on_the_newest_year_with_a_figure(nicus, client, login):
    """In January that is the year before; whoever asks for this one gets it."""
    none = dict.fromkeys(("events", "suspected", "unknown", "outside", "elsewhere"), 0)
    this = clock.today().year
    for year, children in ((this - 1, 12), (this, 9)):
        where = {"indicator": named("sterfte").number, "year": year, "hospital": nicus[0], "month": 1, "band": "", "inborn": ""}
        CountCell.create(**where, **none, children=children)
    login(client, make.user(role=Role.LNR_CONTACT, hospital=nicus[0]))
    assert "0 van 12" in client.get("/lnr/benchmark/").get_data(as_text=True)
    assert "0 van 9" in client.get(f"/lnr/benchmark/?jaar={this}").get_data(as_text=True)
    CountCell.update(children=10).where(CountCell.year == this).execute()
    assert "0 van 10" in client.get("/lnr/benchmark/").get_data(as_text=True)


def test_a_hospital_without_a_nicu_hears_so(client, login):
    login(client, make.user(role=Role.LNR_CONTACT))
    assert "Uw ziekenhuis heeft geen NICU" in client.get("/lnr/benchmark/").get_data(as_text=True)


def test_a_funnel_with_a_signal_draws_the_own_dot_and_no_other(nicus, client, login):
    rows = ((31, 140), (12, 150), (9, 120), (14, 161))
    for place, (events, children) in zip(nicus, rows, strict=True):
        CountCell.create(
            indicator=IVH.number,
            year=2026,
            hospital=place,
            month=3,
            band="<26+0",
            inborn="ja",
            events=events,
            children=children,
            suspected=0,
            unknown=0,
            outside=0,
            elsewhere=0,
        )
    login(client, make.user(role=Role.LNR_CONTACT, hospital=nicus[0]))
    page = client.get("/lnr/benchmark/ernstige-ivh?jaar=2026").get_data(as_text=True)
    assert "signaal" in page and page.count('class="own"><title>') == 1 and 'class="other"' not in page
    assert not any(place.name in page or place.code in page for place in nicus[1:])
    assert " style=" not in page


@pytest.mark.parametrize("page, path", [("", "cijfers"), ("ernstige-ivh", "ernstige-ivh/cijfers")])
def test_the_figures_as_a_file_tell_of_others_what_the_page_tells(nicus, client, login, page, path):
    rows = ((31, 140), (12, 151), (9, 123), (14, 167))
    for place, (events, children) in zip(nicus, rows, strict=True):
        count = dict.fromkeys(("suspected", "unknown", "outside", "elsewhere"), 0) | {"events": events, "children": children}
        CountCell.create(indicator=IVH.number, year=2026, hospital=place, month=3, band="<26+0", inborn="ja", **count)
    login(client, make.user(role=Role.LNR_CONTACT, hospital=nicus[0]))

    def told():
        answer = client.get(f"/lnr/benchmark/{path}/csv?jaar=2026")
        assert answer.status_code == 200 and answer.mimetype == "text/csv"
        lines = [line.split(";") for line in answer.get_data(as_text=True).lstrip("\ufeff").splitlines()]
        assert {len(line) for line in lines} == {16}
        return [line[1:9] for line in lines if line[0] == IVH.nl and line[5] not in ("", "0")]

    own = ["trechter", "NICU A", "2026", "alle", "31", "140", "22,14", "0"]
    together = ["trechter", "NICU’s samen", "2026", "alle", "66", "581", "11,36", ""]
    quarter = ["verloop", "NICU A", "1e kwartaal 2026", "alle", "31", "140", "22,14", "0"]
    bands = [["weken", "NICU A", "2026", "<26+0", "31", "140", "", "0"]] if "ivh" in path else []
    assert told() == [own, together, quarter, *bands]
    line = AuditEvent.get(AuditEvent.action == "row.export")
    assert (line.hospital, line.subject) == (nicus[0], "Benchmark") and line.detail.startswith("csv, ")
    seen = client.get(f"/lnr/benchmark/{page}?jaar=2026").get_data(as_text=True)
    assert all(f"/lnr/benchmark/{path}/{kind}?jaar=2026" in seen for kind in ("csv", "xlsx"))
    assert client.get(f"/lnr/benchmark/{path}/xlsx?jaar=2026").data[:2] == b"PK"
    assert client.get(f"/lnr/benchmark/{path}/pdf").status_code == 404

    for level in (Level.ONGENOEMD, Level.GENOEMD):
        for number, place in enumerate(nicus):
            Agreement.state(make.user(role=Role.LNR_CONTACT, hospital=place), 2026, level, f"Het bestuur {number}")
        named_others = ["trechter", "NICU B", "2026", "alle", "12", "151", "7,95", ""]
        assert (named_others in told()) is (level is Level.GENOEMD and "ivh" in path)


@pytest.mark.parametrize(("unknown", "withheld"), [(4, True), (0, False)])
def test_no_verdict_where_only_who_answered_counts(nicus, client, login, unknown, withheld):
    """Below 90% known a screening gets no verdict, and page, overview and both files say why; at 90% it gets one."""
    screening, hearing = named("rop-screening"), named("gehoorscreening")
    for place in nicus:
        count = {"events": 30, "children": 40, "unknown": 0}
        own = {"events": 29 - unknown, "children": 36 - unknown, "unknown": 4 + unknown} if place is nicus[0] else count
        for one in (screening, hearing):
            more = dict.fromkeys(("suspected", "outside", "elsewhere"), 0) | own
            CountCell.create(indicator=one.number, year=2026, hospital=place, month=3, band="<26+0", inborn="ja", **more)
    login(client, make.user(role=Role.LNR_CONTACT, hospital=nicus[0]))
    said = f"van {36 - unknown} van de 40 kinderen is het antwoord bekend"
    for code in (screening.code, hearing.code):
        page = client.get(f"/lnr/benchmark/{code}?jaar=2026").get_data(as_text=True)
        assert (said in page, "geen oordeel" in page, "binnen wat toeval geeft" in page) == (withheld, withheld, not withheld)
    assert client.get("/lnr/benchmark/?jaar=2026").get_data(as_text=True).count(said) == 2 * withheld
    for path, times in (("", 2), ("rop-screening/", 1)):
        sheet = client.get(f"/lnr/benchmark/{path}cijfers/csv?jaar=2026").get_data(as_text=True)
        assert sheet.count(said) == times * withheld and sheet.count(";binnen wat toeval geeft;") == times * (not withheld)
        book = load_workbook(BytesIO(client.get(f"/lnr/benchmark/{path}cijfers/xlsx?jaar=2026").data))
        cells = [str(value) for one in book.worksheets for row in one.iter_rows(values_only=True) for value in row]
        assert sum(said in cell for cell in cells) == times * withheld


def test_own_children_read_the_stays_they_show_and_no_figure_of_others(registry, client, login, monkeypatch):
    """A place may hold thousands of stays, and a page fifty: the rest is not read; nor is a cell of another hospital."""
    monkeypatch.setattr("models.lnr.benchmark.children.PAGE", 2)
    for number in range(5):
        registry.next_child()
        registry.send(set_id=f"kind {number}", to=HOME, **FIRST)
    counting.refresh()
    login(client, make.user(role=Role.LNR_CONTACT, hospital=registry.hospitals["A"]))
    address = "/lnr/benchmark/sterfte/kinderen?plaats=noemer&jaar=2026"
    with statements() as sent:
        page = client.get(address).get_data(as_text=True)
    shown = Stay.select().order_by(Stay.id)[:2]
    assert re.findall(r"LNR-\d{7}(?=</a>)", page) == [stay.number for stay in shown] and "Volgende kinderen" in page
    assert not any("lnr_fact" in one.sql and "JOIN" in one.sql for one in sent)
    # Besides the first year of all, which the index gives.
    asked = [one for one in sent if "lnr_count_cell" in one.sql and "MIN(" not in one.sql]
    assert len(asked) == 1 and registry.hospitals["A"].id in asked[0].params
    following = re.search(r"na=(\w+)", page)[1]
    rest = client.get(f"{address}&na={following}").get_data(as_text=True)
    assert re.findall(r"LNR-\d{7}(?=</a>)", rest) == [stay.number for stay in Stay.select().order_by(Stay.id)[2:4]]
