"""The LNR's year report: of a closed year, the same each time, and of another hospital nothing."""

import csv
import json
import random
import re
import statistics
from argparse import Namespace
from dataclasses import asdict, replace
from datetime import datetime
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from commands import lnr
from models import clock
from models.access import Role
from models.accounts.hospital import Hospital
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.lnr.benchmark import counting, disclosure, limits, picture
from models.lnr.benchmark.agreement import Agreement, Level
from models.lnr.benchmark.cell import CountCell
from models.lnr.benchmark.fact import BANDS, StayFact, rules
from models.lnr.benchmark.figure import figure
from models.lnr.benchmark.indicator import all_indicators, named
from models.lnr.benchmark.method import method_change
from models.lnr.benchmark.method.method_change import SettingChoice
from models.lnr.benchmark.risk.case_mix_model import CaseMixModel
from models.lnr.benchmark.risk.risk_cell import RiskCell
from models.lnr.closing.year_closing import YearClosing
from models.lnr.registry.admissions import Admissions
from models.lnr.registry.closed_year import ClosedYear
from models.lnr.registry.stay import Stay
from models.lnr.registry.year_figures import closings
from models.lnr.year_report import lnr_edition, year_counts
from models.lnr.year_report.lnr_edition import LnrEdition, StayUse
from models.report.content import ReportContent, as_text
from models.report.settled import drawn as report_picture
from models.report.settled import report_pdf
from tests import make
from tests.lnr.benchmark.synthetic import hospital_year
from tests.lnr.benchmark.test_case_mix import model
from tests.web.pages import send

YEAR, AFTER = 2025, datetime(2026, 3, 2, 12)
IVH, DEATH = named("ernstige-ivh"), named("sterfte")
SIZES = {"NICU Noord": 61, "NICU Oost": 83, "NICU Zuid": 47, "NICU West": 71}


@pytest.fixture
def nicus():
    return [make.hospital(name, nicu=True) for name in SIZES]


@pytest.fixture
def two():
    return make.user(role=Role.LNR_BEHEER), make.user(role=Role.LNR_BEHEER)


def fill(nicus):
    """60 to 80 children each in four bands; 'Noord' has many severe IVH."""
    chance = random.Random(5)
    for place, size in zip(nicus, SIZES.values(), strict=True):
        often = 0.5 if place is nicus[0] else 0.1

        def mark(rate):
            return "u1" if chance.random() < 0.05 else "t0" if chance.random() < rate else "n0"

        stays = [
            (1 + number % 12, BANDS[number % 4][1], {IVH.number: mark(often), DEATH.number: mark(0.12)})
            for number in range(size)
        ]
        hospital_year(place, YEAR, stays, Hospital.nicus())


def close(two):
    YearClosing.propose(YEAR, two[0], "Opnieuw, zonder reden van belang.", now=AFTER).confirm(two[1], now=AFTER)


@pytest.fixture
def settled(nicus, two):
    fill(nicus)
    close(two)
    return {one.hospital_id: one for one in LnrEdition.settle(YEAR, two[0], now=AFTER)}


def choice(**chosen):
    told = {"active": True, "target": None, "source": "", "source_date": None, "wider": False, "smallest": 10, "note": "Reden."}
    return SettingChoice(**told | chosen)


def lines(edition, caption):
    """{first cell: the other cells} of one table."""
    found = next(one for section in edition.parsed.sections for one in section.tables if one.caption.startswith(caption))
    return {row[0]: list(row[1:]) for row in found.rows}


def test_an_open_year_has_no_report(nicus, two):
    fill(nicus)
    with pytest.raises(Refused, match="Sluit het jaar eerst"):
        LnrEdition.settle(YEAR, two[0])
    with pytest.raises(Refused):
        LnrEdition.settle(YEAR, make.user(role=Role.LNR_CONTACT))


def test_the_own_figures_are_those_of_the_facts(nicus, settled):
    noord = settled[nicus[0].id]
    places = [one.places[IVH.at] for one in StayFact.select().where(StayFact.hospital == nicus[0])]
    events, children = places.count("t"), places.count("t") + places.count("n")
    told = lines(noord, "Alle indicatoren")[IVH.nl]
    assert told[:3] == [events, children, round(100 * events / children, 1)] and told[-1] == places.count("u")
    assert told[5] == "signaal" and IVH.nl in lines(noord, "Wat opvalt")
    assert lines(noord, "Opnamen naar zwangerschapsduur")["Samen"] == [61, 61, 0]
    assert set(lines(noord, "Alle indicatoren")) == {one.nl for one in all_indicators() if one.kind == "aandeel"}


def test_a_report_holds_nothing_of_another_hospital(nicus, settled):
    for place in nicus:
        text = settled[place.id].content
        assert place.name in text
        assert not any(other.name in text or other.code in text for other in nicus if other is not place)
    assert not any(one.name in settled[None].content or one.code in settled[None].content for one in nicus)


def test_the_country_is_told_without_small_numbers(nicus, settled):
    total = lines(settled[None], "Alle NICU’s samen")
    places = [one.places[IVH.at] for one in StayFact.select()]
    assert total[IVH.nl][:2] == [places.count("t"), places.count("t") + places.count("n")]
    bands = lines(settled[None], "Alle NICU’s samen naar")
    for cells in bands.values():
        assert not any(cell.split(" ")[0] in ("1", "2", "3", "4") for cell in cells if " van " in cell)
        assert sum(bool(cell) and "van" not in cell for cell in cells) != 1


def test_pdf_page_and_workbook_say_the_same_and_the_same_again(nicus, settled, client, login):
    noord = settled[nicus[0].id]
    login(client, make.user(role=Role.LNR_CONTACT, hospital=nicus[0]))
    first = {kind: client.get(f"/lnr/jaarverslag/{noord.key}/bestand/{kind}").data for kind in ("pdf", "xlsx")}
    again = {kind: client.get(f"/lnr/jaarverslag/{noord.key}/bestand/{kind}").data for kind in ("pdf", "xlsx")}
    assert first == again
    page = client.get(f"/lnr/jaarverslag/{noord.key}/").get_data(as_text=True)
    assert noord.hash in page and "61 opnamen" in page
    printed = "".join("".join(one.extract_text() for one in PdfReader(BytesIO(first["pdf"])).pages).split())
    for sheet in load_workbook(BytesIO(first["xlsx"])).worksheets[1:]:
        for row in sheet.iter_rows(values_only=True):
            for value in row:
                if isinstance(value, int | float):
                    assert as_text(value) in printed and as_text(value) in page
    assert client.get(f"/lnr/jaarverslag/{noord.key}/bestand/docx").status_code == 404
    assert AuditEvent.select().where(AuditEvent.action == "lnr.report_read").count() == 5


def test_the_pictures_of_the_screen_stand_on_the_page_and_on_paper(nicus, settled, client, login):
    noord = settled[nicus[0].id]
    drawn = [one for section in noord.parsed.sections for one in section.pictures]
    assert [one.template for one in drawn if IVH.nl in one.caption] == ["lnr/benchmark/funnel.svg", "lnr/benchmark/trend.svg"]
    login(client, make.user(role=Role.LNR_CONTACT, hospital=nicus[0]))
    page = client.get(f"/lnr/jaarverslag/{noord.key}/").get_data(as_text=True)
    assert page.count("<svg xmlns") == len(drawn) and " style=" not in page and "<style" not in page
    made = re.findall(r' id="([^"]+)"', page)
    assert len(made) == len(set(made))
    paper = PdfReader(BytesIO(client.get(f"/lnr/jaarverslag/{noord.key}/bestand/pdf").data))
    alts = {one.alt for one in drawn}
    assert alts and alts == set(figures_of(paper.trailer["/Root"]["/StructTreeRoot"]))
    funnel = next(one for one in drawn if one.caption.startswith(IVH.nl))
    assert report_picture(funnel).count("<style>") == 1 and "signaal" in funnel.alt
    assert funnel.picture == client_funnel(nicus[0])


def figures_of(node):
    """The words for who does not see it of every figure below a node of the tree of a PDF."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        return [alt for one in node for alt in figures_of(one)]
    if not isinstance(node, dict):
        return []
    own = [node["/Alt"]] if node.get("/S") == "/Figure" else []
    return own + (figures_of(node["/K"]) if "/K" in node else [])


def client_funnel(hospital):
    """The picture that the screen draws."""
    bands = [counting.bands_of_all(YEAR, IVH.number)[IVH.number]]
    mine = figure(IVH, counting.together(bands), hospital.id, disclosure.told(bands))
    return json.loads(json.dumps(asdict(picture.funnel(mine, [], hospital.name))))


def give_days():
    """Days for every stay in the report, as the deliveries would: of the length of a stay, and of lines."""
    luck = random.Random(11)
    length, line = named("opnameduur"), named("lijnsepsis")
    for one in StayFact.select():
        days = {length.number: [luck.randrange(1, 90), 0], line.number: [luck.randrange(1, 30), int(luck.random() < 0.2)]}
        places = list(one.places)
        places[length.at : length.at + 2], places[line.at : line.at + 2] = "t0", "t0" if days[line.number][1] else "n0"
        StayFact.update(places="".join(places), amounts=json.dumps(days)).where(StayFact.stay == one.stay_id).execute()


def test_an_edition_comes_out_the_same_whatever_happens_outside_its_year(nicus, two, monkeypatch):
    """An earlier year that is still open, a new name, a NICU that ends, a withdrawal, a setting, an indicator more."""
    for year in (YEAR - 1, YEAR - 2):
        for place in nicus:
            stays = [(1 + one % 12, "<26+0", {IVH.number: "t0" if one % 4 == 0 else "n0"}) for one in range(72)]
            hospital_year(place, year, stays, Hospital.nicus())
    fill(nicus)
    counting.refresh()
    close(two)
    made = {one.hospital_id: one.content for one in LnrEdition.settle(YEAR, two[0], now=AFTER)}
    assert lines(LnrEdition.get(LnrEdition.hospital == nicus[0]), "Verloop in uw ziekenhuis")[IVH.nl][:2] == [25.0, 25.0]

    def again():
        counting.refresh()
        return {place: content.json for place, content in lnr_edition.reports(YEAR)}

    assert again() == made
    more = [(3, "<26+0", {IVH.number: "t0"})] * 40
    hospital_year(make.hospital("NICU Later", nicu=True), YEAR - 1, more, Hospital.nicus())
    late = StayFact.select().where(StayFact.year == YEAR - 1, StayFact.hospital == nicus[0], StayFact.places.contains("n0"))
    for fact in late.limit(20):
        fact.places = fact.places.replace("n0", "t0")
        fact.write({YEAR})
    assert counting.counts([YEAR - 1], IVH.number)[IVH.number][nicus[0].id].events == 18 and again() == made
    assert counting.counts([YEAR - 1], IVH.number)[IVH.number][nicus[0].id].events == 38
    method_change.change(two[0], YEAR - 1, IVH, 0, choice(target=0.2, source="NVK", source_date=AFTER.date()))
    assert again() == made
    Hospital.update(name="Anders", nicu=False).where(Hospital.id == nicus[0]).execute()
    assert again() == made
    StayFact.forget(StayFact.get(StayFact.year == YEAR, StayFact.hospital == nicus[1]).stay, AFTER)
    assert again() == made
    new = replace(IVH, number=43, code="nieuw", nl="Nieuw")
    monkeypatch.setattr(year_counts, "all_indicators", lambda: [*all_indicators(), new])
    assert again() == made and lnr_edition.differences(YEAR) == []


def test_the_indicators_as_a_file_are_those_of_the_report(nicus, settled, client, login):
    login(client, make.user(role=Role.LNR_CONTACT, hospital=nicus[0]))
    for edition, caption in ((settled[nicus[0].id], "Alle indicatoren"), (settled[None], "Alle NICU’s samen")):
        answer = client.get(f"/lnr/jaarverslag/{edition.key}/bestand/csv")
        assert answer.mimetype == "text/csv" and answer.headers["Content-Disposition"].endswith('-uitgave-1.csv"')
        first, *rows = csv.reader(StringIO(answer.data.decode("utf-8-sig")), delimiter=";")
        assert first[0] == "Indicator" and {row[0] for row in rows} == set(lines(edition, caption))
        printed = [["" if cell is None else str(cell) for cell in cells] for cells in lines(edition, caption).values()]
        assert [[cell.replace(",", ".") for cell in row[1:]] for row in rows] == [
            [cell.replace(",", ".") for cell in cells] for cells in printed
        ]
        assert f"/lnr/jaarverslag/{edition.key}/bestand/csv" in client.get(f"/lnr/jaarverslag/{edition.key}/").text
    assert client.get(f"/lnr/jaarverslag/{settled[nicus[1].id].key}/bestand/csv").status_code == 404
    assert client.get(f"/lnr/jaarverslag/{settled[None].key}/bestand/json").status_code == 404


def test_what_changed_since_the_year_before_is_told_of_the_own_figures(nicus, two):
    """Of a year closed before that was kept nothing is told: its report stays as it was."""
    for place in nicus:
        stays = [(1 + one % 12, "<26+0", {IVH.number: "t0" if one % 10 == 0 else "n0"}) for one in range(60)]
        hospital_year(place, YEAR - 1, stays, Hospital.nicus())
    fill(nicus)
    counting.refresh()
    close(two)
    made = dict(lnr_edition.reports(YEAR))
    noord = next(one for one in made[nicus[0].id].sections if one.key == "veranderd")
    (row,) = noord.tables[0].rows
    now = counting.counts([YEAR], IVH.number)[IVH.number][nicus[0].id]
    low, high = limits.difference_interval((6, 60), (now.events, now.children))
    assert row[:3] == [IVH.nl, "6 van 60", f"{now.events} van {now.children}"] and low > 0
    assert row[3:] == [round(100 * now.rate - 10, 1), f"{100 * low:.1f} tot {100 * high:.1f}".replace(".", ",")]
    assert "toeval dat ongeveer 0,1 keer" in noord.text[0] and not any(one.key == "veranderd" for one in made[None].sections)
    assert not any(str(sum(SIZES.values())) in str(cell) for one in noord.tables for cells in one.rows for cell in cells)
    ClosedYear.update(report=None).execute()
    assert not any(one.key == "veranderd" for one in dict(lnr_edition.reports(YEAR))[nicus[0].id].sections)


def test_another_method_is_told_as_the_change(nicus, two):
    for year in (YEAR - 1, YEAR):
        for place in nicus:
            hospital_year(place, year, [(1, "<26+0", {IVH.number: "n0"})] * 40, Hospital.nicus())
    counting.refresh()
    method_change.change(two[0], YEAR, IVH, 0, choice(smallest=20))
    close(two)
    noord = next(one for one in dict(lnr_edition.reports(YEAR))[nicus[0].id].sections if one.key == "veranderd")
    assert not noord.tables and "volgens een andere methode" in noord.text[1] and "vanaf 20" in noord.text[1]


def test_the_days_stand_in_every_form_of_the_report_and_come_out_the_same(nicus, two, client, login):
    fill(nicus)
    give_days()
    close(two)
    made = {one.hospital_id: one for one in LnrEdition.settle(YEAR, two[0], now=AFTER)}
    noord = made[nicus[0].id]
    mine = [json.loads(one.amounts) for one in StayFact.select().where(StayFact.hospital == nicus[0])]
    lengths = [one[str(named("opnameduur").number)][0] for one in mine]
    of_lines = [one[str(named("lijnsepsis").number)] for one in mine]
    told = lines(noord, "Dagen")["Opnameduur op de NICU"]
    assert told[:2] == [len(lengths), statistics.median(lengths)] and told[4] is not None
    episodes, days = sum(one[1] for one in of_lines), sum(one[0] for one in of_lines)
    assert lines(noord, "Per 1000 dagen")[named("lijnsepsis").nl][:3] == [episodes, days, round(1000 * episodes / days, 1)]
    everything = [json.loads(one.amounts)[str(named("opnameduur").number)][0] for one in StayFact.select()]
    country = lines(made[None], "Dagen van alle")
    assert country["Opnameduur op de NICU"][:2] == [len(everything), statistics.median(everything)]
    assert country["Dagen invasieve beademing"] == ["te klein", None, None]
    assert not any(str(max(everything)) in re.findall(r"\d+", str(cells)) for cells in country.values())

    login(client, make.user(role=Role.LNR_CONTACT, hospital=nicus[0]))
    page = client.get(f"/lnr/jaarverslag/{noord.key}/").get_data(as_text=True)
    files = [client.get(f"/lnr/jaarverslag/{noord.key}/bestand/{kind}").data for kind in ("pdf", "xlsx") * 2]
    assert files[:2] == files[2:]
    paper = " ".join(one.extract_text() for one in PdfReader(BytesIO(files[0])).pages)
    sheet = {str(cell) for one in load_workbook(BytesIO(files[1])) for row in one.values for cell in row if cell is not None}
    for one in (told[3], as_text(told[1])):  # the interval and the median
        assert one in page and one in paper
    assert {told[3], str(told[1]).removesuffix(".0")} <= {one.removesuffix(".0") for one in sheet}
    drawn = next(one for section in noord.parsed.sections for one in section.pictures if one.caption.startswith("Opnameduur"))
    assert drawn.alt in page and report_picture(drawn).count("<rect") >= 2
    assert lnr_edition.differences(YEAR) == []


def test_a_year_closed_before_days_were_kept_has_the_report_it_had(settled):
    assert not any(section.key == "dagen" for one in settled.values() for section in one.parsed.sections)
    assert "lijndagen" not in "".join(one.content for one in settled.values())
    assert lnr_edition.differences(YEAR) == []


def expect_deaths(two):
    """A model that stands, by which one in ten of each child was expected to die; of three nothing is expected."""
    made = CaseMixModel.propose(two[0], model(invented=False).encode())
    made.decide(two[1], True)
    known = [one for one in StayFact.select() if one.places[DEATH.at] in "tn"]
    for number, one in enumerate(known):
        StayFact.update(risk=None if number < 3 else 0.1, model=made.code).where(StayFact.stay == one.stay_id).execute()
    return made


def test_the_smr_stands_in_every_form_of_the_report_and_comes_out_the_same(nicus, two, client, login):
    fill(nicus)
    used = expect_deaths(two)
    close(two)
    made = {one.hospital_id: one for one in LnrEdition.settle(YEAR, two[0], now=AFTER)}
    noord, country = made[nicus[0].id], made[None]
    known = [one for one in StayFact.select() if one.risk is not None]
    own = [one for one in known if one.hospital_id == nicus[0].id]
    events = sum(one.places[DEATH.at] == "t" for one in own)
    told = lines(noord, "Overleden naast verwacht")["Uw ziekenhuis"]
    assert told[:4] == [len(own), events, round(len(own) / 10, 1), round(events / (len(own) / 10), 2)]
    assert told[4] == " – ".join(f"{one:.2f}" for one in limits.ratio_interval(events, len(own) / 10)).replace(".", ",")
    assert "3 kinderen, van wie" in noord.content and "Er is nog geen goedgekeurd" not in noord.content
    # Three children of 'Noord' have none: beside the rate of all, the sum would tell what became of them.
    assert "is afgeschermd" in noord.content and lines(country, "Overleden naast verwacht")["NICU’s samen"][0] == "te klein"
    assert lines(noord, "proef-1: hoe goed")["Onderscheid (AUC, 95%-interval)"] == ["0,80 (0,77 – 0,83)"]
    assert used.parsed.sha256 in noord.content and used.parsed.sha256 in country.content

    login(client, make.user(role=Role.LNR_CONTACT, hospital=nicus[0]))
    page = client.get(f"/lnr/jaarverslag/{noord.key}/").get_data(as_text=True)
    files = [client.get(f"/lnr/jaarverslag/{noord.key}/bestand/{kind}").data for kind in ("pdf", "xlsx") * 2]
    assert files[:2] == files[2:]
    paper = " ".join(one.extract_text() for one in PdfReader(BytesIO(files[0])).pages)
    sheet = {str(cell) for one in load_workbook(BytesIO(files[1])).worksheets for row in one.values for cell in row}
    assert all(told[4] in text for text in (page, paper)) and {told[4], str(told[3])} <= sheet
    (drawn,) = next(one for one in noord.parsed.sections if one.key == "smr").pictures
    assert drawn.alt in page and f"SMR {told[3]:.2f}".replace(".", ",") in drawn.alt
    assert "verwachte overlijdens" in report_picture(drawn) and "aantal kinderen" not in report_picture(drawn)

    used.withdraw(two[0], "De kalibratie wijkt af.", AFTER)  # what the year was closed with stays in its report
    assert lnr_edition.differences(YEAR) == []
    RiskCell.update(expected=RiskCell.expected * 2).execute()
    assert len(lnr_edition.differences(YEAR)) == len(nicus)


def test_the_smr_of_all_is_told_where_nobody_stands_apart(nicus, two):
    fill(nicus)
    expect_deaths(two)
    StayFact.update(risk=0.1).where(StayFact.model != "").execute()
    close(two)
    made = {one.hospital_id: one for one in LnrEdition.settle(YEAR, two[0], now=AFTER)}
    known = [one for one in StayFact.select() if one.risk is not None]
    events = sum(one.places[DEATH.at] == "t" for one in known)
    for place in (None, nicus[1].id):
        told = lines(made[place], "Overleden naast verwacht")["NICU’s samen"]
        assert told[:4] == [len(known), events, round(len(known) / 10, 1), round(events / (len(known) / 10), 2)]
    for place in nicus:
        assert not any(other.name in made[place.id].content for other in nicus if other is not place)


def test_who_wants_its_name_in_public_has_its_smr_there_too(nicus, two):
    fill(nicus)
    expect_deaths(two)
    StayFact.update(risk=0.1).where(StayFact.model != "").execute()
    for place in nicus[:2]:
        by = make.user(role=Role.LNR_CONTACT, hospital=place)
        Agreement.state(by, YEAR, Level.GENOEMD, "Het bestuur", public=place is nicus[1], now=datetime(2026, 2, 1))
    close(two)
    made = {one.hospital_id: one for one in LnrEdition.settle(YEAR, two[0], now=AFTER)}
    named_ones, mine = lines(made[None], "SMR per ziekenhuis"), lines(made[nicus[1].id], "Overleden naast verwacht")
    assert named_ones == {nicus[1].name: mine["Uw ziekenhuis"][:5]}


def test_a_year_closed_without_a_model_has_the_report_it_had(settled):
    assert not any(section.key == "smr" for one in settled.values() for section in one.parsed.sections)
    assert all("Er is nog geen goedgekeurd model, en daarom geen gecorrigeerde" in one.content for one in settled.values())


def test_who_agreed_sees_the_others_in_the_report_and_the_country_names_who_wants(nicus, two):
    fill(nicus)
    before = datetime(2026, 2, 1)
    people = [make.user(role=Role.LNR_CONTACT, hospital=one) for one in nicus]
    with pytest.raises(Refused, match="ook de andere NICU’s"):
        Agreement.state(people[0], YEAR, Level.ONGENOEMD, "Het bestuur", public=True, now=before)
    for person, level in zip(people, (Level.GENOEMD, Level.GENOEMD, Level.GENOEMD, Level.ONGENOEMD), strict=True):
        Agreement.state(person, YEAR, level, "Het bestuur", public=level is Level.GENOEMD, now=before)
    close(two)
    made = {one.hospital_id: one for one in LnrEdition.settle(YEAR, two[0], now=AFTER)}
    told = [one.picture for section in made[nicus[3].id].parsed.sections for one in section.pictures]
    assert [len(one["rows"]) for one in told if "rows" in one] == []  # nothing stands out there
    told = [one.picture for section in made[nicus[0].id].parsed.sections for one in section.pictures]
    assert [len(one["rows"]) for one in told if "rows" in one] == [4]
    for place in nicus:
        assert not any(other.name in made[place.id].content for other in nicus if other is not place)
    # Three of four by name would tell the fourth: only the largest is named.
    public = made[None].content
    assert nicus[3].name not in public and nicus[1].name in public
    assert lnr_edition.differences(YEAR) == []


def test_an_edition_of_before_there_were_pictures_keeps_its_hash():
    old = '{"about":"","sections":[{"key":"a","tables":[],"text":[],"title":"A"}],"title":"T"}'
    assert ReportContent.parsed(old).json == old


def test_each_stay_that_counted_has_a_receipt(nicus, two, settled, client, login):
    assert StayUse.select().count() == sum(SIZES.values()) and settled[nicus[1].id].used == 83
    stay = Stay.get(Stay.hospital == nicus[1])
    assert StayUse.of_stay(stay) == [settled[nicus[1].id]]
    login(client, make.user(role=Role.LNR_CONTACT, hospital=nicus[1]))
    assert "Jaarverslag LNR 2025, uitgave 1" in client.get(f"/lnr/opname/{stay.key}/").get_data(as_text=True)
    listed = client.get("/lnr/jaarverslagen/").get_data(as_text=True)
    assert "NICU Oost" in listed and "NICU Noord" not in listed and settled[None].key in listed
    assert client.get(f"/lnr/jaarverslag/{settled[nicus[0].id].key}/").status_code == 404


def test_a_correction_is_a_new_edition_and_the_old_one_stays(nicus, two, settled):
    with pytest.raises(Refused, match="Schrijf wat deze uitgave verbetert"):
        LnrEdition.settle(YEAR, two[0])
    with pytest.raises(Refused, match="niets veranderd"):
        LnrEdition.settle(YEAR, two[0], "Een poging.")
    old = settled[nicus[0].id].content
    close(two)  # opens it
    with pytest.raises(Refused, match="Sluit het jaar eerst"):
        LnrEdition.settle(YEAR, two[0], "Te vroeg.")
    fact = StayFact.select().where(StayFact.hospital == nicus[0], StayFact.places.contains("t0")).first()
    # As the worker leaves them; these facts have no messages behind them from which it could.
    StayFact.update(rules=rules(Hospital.nicus())).execute()
    StayFact.update(places=fact.places.replace("t0", "n0")).where(StayFact.stay == fact.stay_id).execute()
    close(two)
    made = {one.hospital_id: one for one in LnrEdition.settle(YEAR, two[0], "Een kind stond verkeerd.", now=AFTER)}
    assert made[nicus[0].id].number == 2 and "Een kind stond verkeerd." in made[nicus[0].id].said
    assert LnrEdition.get_by_id(settled[nicus[0].id].id).content == old != made[nicus[0].id].content
    assert len(StayUse.of_stay(Stay.get_by_id(fact.stay_id))) == 2


def test_the_command_says_whether_every_report_comes_out_the_same(settled, capsys):
    assert lnr.report(Namespace(year=YEAR, check=True)) == 0
    CountCell.update(events=CountCell.events + 1, children=CountCell.children + 1).where(
        CountCell.indicator == IVH.number
    ).execute()
    assert lnr.report(Namespace(year=YEAR, check=True)) == 1
    assert "komt er nu anders uit dan in uitgave 1" in capsys.readouterr().out


def test_a_hospital_without_children_in_an_indicator_gets_a_report(two):
    """No line of the report may need a figure: one NICU, three stays, nothing stated."""
    alone = make.hospital("NICU Alleen", nicu=True)
    hospital_year(alone, YEAR, [(1, None, {DEATH.number: mark}) for mark in ("t0", "n0", "u1")], Hospital.nicus())
    close(two)
    national, own = LnrEdition.settle(YEAR, two[0], now=AFTER)
    assert "Vergelijken kan vanaf drie ziekenhuizen" in own.content
    assert lines(national, "Alle NICU’s samen")[DEATH.nl] == ["te klein", None, None]
    assert report_pdf(own.parsed, own.said, clock.now())[:4] == b"%PDF"
    assert len(lines(own, "Alle indicatoren")) == len([one for one in all_indicators() if one.kind == "aandeel"])


def test_a_screening_that_leans_to_who_answered_gets_no_verdict(nicus, two):
    """NICU Noord knows it of 15 of 20 children and would stand out; the others know it of all."""
    screening = named("rop-screening")
    for place in nicus:
        marks = ["n0"] * 15 + ["uA"] * 5 if place is nicus[0] else ["t0"] * 18 + ["n0"] * 2
        hospital_year(place, YEAR, [(1, BANDS[0][1], {screening.number: mark}) for mark in marks], Hospital.nicus())
    close(two)
    made = {one.hospital_id: one for one in LnrEdition.settle(YEAR, two[0], now=AFTER)}
    said = "van 15 van de 20 kinderen is het antwoord bekend"
    noord, oost = made[nicus[0].id], made[nicus[1].id]
    assert lines(noord, "Alle indicatoren")[screening.nl][5] == "geen" and said in noord.content
    assert lines(oost, "Alle indicatoren")[screening.nl][5] != "geen" and "is het antwoord bekend" not in oost.content


def test_two_people_close_and_one_settles_on_the_page(nicus, two, client, login):
    fill(nicus)
    close(two)
    login(client, two[0])
    assert "Jaarverslag vaststellen" in client.get(f"/lnr/overzicht/?jaar={YEAR}").get_data(as_text=True)
    send(client, f"/lnr/overzicht/{YEAR}/verslag")
    assert "Uitgave 1 is vastgesteld" in client.get(f"/lnr/overzicht/?jaar={YEAR}").get_data(as_text=True)
    assert LnrEdition.select().count() == 5


def test_a_nicu_of_which_nothing_came_is_missing_and_not_absent(nicus, two):
    silent, mute = make.hospital("NICU Stil", nicu=True), make.hospital("NICU Stom", nicu=True)
    without = make.hospital("Ziekenhuis zonder NICU")
    fill(nicus)
    hospital_year(without, YEAR, [(1, BANDS[0][1], {})], Hospital.nicus())
    Admissions.state(make.user(role=Role.LNR_CONTACT, hospital=silent), f"{YEAR}-03", 12, AFTER)
    stood = closings(YEAR, None, AFTER)
    assert stood.keys() == {one.id for one in (*nicus, silent, mute, without)}
    assert (stood[silent.id].received, stood[silent.id].stated, stood[mute.id].stated) == (0, 12, 0)
    close(two)
    national = next(one for one in LnrEdition.settle(YEAR, two[0], now=AFTER) if one.hospital_id is None)
    (told,) = [one for one in national.parsed.sections if one.key == "volledig"]
    # What one hospital stated is not told; that nothing came of two is. One without a NICU is none of them.
    assert list(told.text) == [
        "Hoeveel er kwam van wat werd opgegeven, staat hier niet: te weinig ziekenhuizen gaven genoeg op.",
        "Van 2 ziekenhuizen met een NICU is geen opname ontvangen.",
        "Bij 5 ziekenhuizen met een NICU is niet bekend hoeveel opnamen er waren.",
    ]
