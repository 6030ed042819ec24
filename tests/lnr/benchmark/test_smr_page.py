"""The pages of the SMR and of its models: who proposes, who approves, and what a hospital reads before and after."""

import csv
import re
from io import BytesIO, StringIO
from types import SimpleNamespace

import pytest
from openpyxl import load_workbook
from peewee import IntegrityError

from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.lnr.benchmark import counting, limits
from models.lnr.benchmark.cell import CountCell
from models.lnr.benchmark.risk import case_mix_model
from models.lnr.benchmark.risk.case_mix_model import CaseMixModel
from models.lnr.registry.closed_year import ClosedYear
from tests import make
from tests.lnr import messages
from tests.lnr.benchmark.test_case_mix import CARD, model
from tests.lnr.benchmark.test_smr import DEATH, NOW, WEIGHTS, Nicus, own, propose


def test_two_people_approve_once_whatever_they_press(managers, app, client, login, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    (anna, bert), made = managers, propose(managers[0])
    decide, withdraw = f"/lnr/modellen/{made.key}/besluit", f"/lnr/modellen/{made.key}/intrekken"

    def press(by, address, **told):
        login(client, by)
        return client.post(address, data=told, follow_redirects=True).get_data(as_text=True)

    def lines():
        return [one.action for one in AuditEvent.select().where(AuditEvent.action.startswith("lnr.model"))]

    for _ in range(2):  # the same person, in two tabs
        assert "niemand keurt het eigen voorstel goed" in press(anna, decide, besluit="goedkeuren")
        assert "niemand keurt het eigen voorstel goed" in press(anna, decide, besluit="afwijzen", reden="Dan maar niet.")
    assert "nog geldt" in press(bert, withdraw, reden="Nog voor het gold.")
    for person in (make.user(role=Role.LNR_CONTACT), make.user(role=Role.COORDINATOR), make.user(role=Role.BEHEERDER)):
        login(client, person)
        assert client.post(decide, data={"besluit": "goedkeuren"}).status_code == 403
    for told in ({}, {"besluit": ""}, {"besluit": "ja"}):  # what is no decision decides nothing
        login(client, bert)
        assert client.post(decide, data={"reden": "Hm.", **told}).status_code == 400
    page = client.get(f"/lnr/modellen/{made.key}/").get_data(as_text=True)
    assert page.index('value="afwijzen"') < page.index('value="goedkeuren"')  # Enter in a text presses the first
    assert CaseMixModel.get().state == "voorgesteld" and lines() == ["lnr.model_propose"]
    with pytest.raises(IntegrityError), db.atomic():  # nor by whoever forgets to ask
        CaseMixModel.update(approved=True, decided_by=anna, decided_at=NOW).execute()
    with pytest.raises(IntegrityError), db.atomic():
        CaseMixModel.update(approved=True, decided_at=NOW).execute()

    assert "is beoordeeld" in press(bert, decide, besluit="goedkeuren")
    assert "al beslist" in press(bert, decide, besluit="goedkeuren")  # the other tab
    assert "al beslist" in press(make.user(role=Role.LNR_BEHEER), decide, besluit="afwijzen", reden="Toch niet.")
    assert "geldt niet meer" in press(anna, withdraw, reden="De kalibratie wijkt af.")
    assert "nog geldt" in press(bert, withdraw, reden="De kalibratie wijkt af.")
    assert "al beslist" in press(bert, decide, besluit="goedkeuren")
    assert CaseMixModel.get().state == "ingetrokken" and CaseMixModel.standing() is None
    assert lines() == ["lnr.model_propose", "lnr.model_decide", "lnr.model_withdraw"]
    with pytest.raises(Refused, match="Er is al een model proef-1"):
        propose(bert)


def test_the_page_shows_the_smr_and_how_good_the_model_is(client, login, managers, monkeypatch, app):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    nicus, (anna, bert) = Nicus(), managers
    counting.refresh()
    contact = make.user(role=Role.LNR_CONTACT, hospital=nicus.places[0])
    login(client, contact)
    page = client.get("/lnr/benchmark/sterfte?jaar=2025").get_data(as_text=True)
    assert "Er is nog geen goedgekeurd model, en daarom geen SMR" in page
    assert "(SMR)" not in client.get("/lnr/benchmark/ernstige-ivh?jaar=2025").get_data(as_text=True)
    assert client.post("/lnr/modellen/voorstellen", data={"bestand": (BytesIO(b"{}"), "m.json")}).status_code == 403

    login(client, anna)
    file = model(invented=False, weights=WEIGHTS).encode()
    page = client.post(
        "/lnr/modellen/voorstellen", data={"bestand": (BytesIO(file), "model.json")}, follow_redirects=True
    ).get_data(as_text=True)
    assert "Het model is voorgesteld" in page and "Voorgesteld" in page
    made = CaseMixModel.get()
    assert "niemand keurt het eigen voorstel goed" in client.get(f"/lnr/modellen/{made.key}/").get_data(as_text=True)
    login(client, contact)
    assert client.get(f"/lnr/modellen/{made.key}/").status_code == 404  # not before it is approved
    assert made.code not in client.get("/lnr/modellen/").get_data(as_text=True)

    login(client, bert)
    done = client.post(f"/lnr/modellen/{made.key}/besluit", data={"besluit": "goedkeuren"}, follow_redirects=True)
    assert "Goedgekeurd" in done.get_data(as_text=True)
    counting.refresh()
    login(client, contact)
    page = client.get("/lnr/benchmark/sterfte?jaar=2025").get_data(as_text=True)
    assert (
        f"SMR {2 / own(nicus).expected:.2f}".replace(".", ",") in page
        and "2 van 12" in page
        and "model proef, versie 1" in page
    )
    assert not any(place.name in page for place in nicus.places[1:]) and " style=" not in page
    card = client.get(f"/lnr/modellen/{made.key}/").get_data(as_text=True)
    assert "10 januari 2026" in card and "0,00 (−0,10 – 0,10)" in card and "-0," not in card and "Ingetrokken" not in card
    assert "0,80 (0,77 – 0,83)" in card and made.parsed.sha256 in card and "Trek dit model in" not in card
    assert client.post(f"/lnr/modellen/{made.key}/intrekken", data={"reden": "Nee."}).status_code == 403

    for number in (0, 1):  # of ten of twelve there is a risk then
        nicus.send(number, 2, multiple_birth={"null": "UNK"})
    counting.refresh()
    page = client.get("/lnr/benchmark/sterfte?jaar=2025").get_data(as_text=True)
    said = "Geen oordeel over de SMR: van 10 van de 12 kinderen is er een verwachting."
    (row,) = smr_rows(client, "sterfte")
    assert said in page and said in row["Oordeel"]

    login(client, bert)
    client.post(f"/lnr/modellen/{made.key}/intrekken", data={"reden": "Er is een beter model."})
    login(client, contact)
    assert "daarom geen SMR" in client.get("/lnr/benchmark/sterfte?jaar=2025").get_data(as_text=True)


def smr_rows(client, code, more=""):
    """The rows of the SMR in the file of an indicator."""
    text = client.get(f"/lnr/benchmark/{code}/cijfers/csv?jaar=2025{more}").get_data().decode("utf-8-sig")
    return [row for row in csv.DictReader(StringIO(text), delimiter=";") if row["Beeld"] == "SMR"]


def comma(*numbers):
    return [str(one).replace(".", ",") for one in numbers]


def test_a_model_of_invented_children_says_so_and_a_real_installation_shows_nothing_of_it(client, login, managers, monkeypatch):
    nicus, (anna, bert) = Nicus(), managers
    monkeypatch.setattr(case_mix_model, "settings", SimpleNamespace(demo=True))
    made = propose(anna, invented=True)
    made.decide(bert, True)
    counting.refresh()
    login(client, make.user(role=Role.LNR_CONTACT, hospital=nicus.places[0]))
    page = client.get("/lnr/benchmark/sterfte?jaar=2025").get_data(as_text=True)
    assert f"SMR {2 / own(nicus).expected:.2f}".replace(".", ",") in page and "Verzonnen model" in page
    assert "Verzonnen model" in client.get(f"/lnr/modellen/{made.key}/").get_data(as_text=True)
    (row,) = smr_rows(client, "sterfte")
    expected = own(nicus).expected
    assert row["Ziekenhuis"] == "NICU 1" and (row["Gebeurtenissen"], row["Kinderen"], row["Onbekend"]) == ("2", "12", "0")
    assert [row[name] for name in ("Verwacht", "SMR")] == comma(round(expected, 2), round(2 / expected, 3))
    low, high = limits.ratio_interval(2, expected)
    assert [row["Interval onder"], row["Interval boven"], row["Percentage"]] == [*comma(round(low, 3), round(high, 3)), ""]
    workbook = load_workbook(BytesIO(client.get("/lnr/benchmark/sterfte/cijfers/xlsx?jaar=2025").data))
    assert any("verzonnen model" in str(cell.value) for cells in workbook["Toelichting"] for cell in cells)
    assert smr_rows(client, "ernstige-ivh") == []

    monkeypatch.setattr(case_mix_model, "settings", SimpleNamespace(demo=False))
    assert smr_rows(client, "sterfte") == []
    page = client.get("/lnr/benchmark/sterfte?jaar=2025").get_data(as_text=True)
    assert "daarom geen SMR" in page and "Verwacht" not in page.replace("Verwachte sterfte (SMR)", "") and "zonnen" not in page


def test_small_counts_of_a_model_are_for_the_management_alone(client, login, managers):
    anna, bert = managers
    tenths = [[200, 2, 3.1], [200, 18, 17.2], *[[200, 22, 22.0]] * 7, [200, 26, 25.7]]
    bands = {"<26+0": [7, 3, 2.4], "26+0-27+6": [400, 97, 97.0], "28+0-29+6": [1593, 100, 100.6]}
    card = {**CARD, "tenths": tenths, "bands": bands}
    made = propose(anna, card=card)
    made.decide(bert, True)

    def rows(person):
        login(client, person)
        page = client.get(f"/lnr/modellen/{made.key}/").get_data(as_text=True)
        found = re.findall(r'<tr>(<th scope="row">.*?)</tr>', page)[:13]
        return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in found]

    told = rows(make.user(role=Role.LNR_CONTACT, hospital=messages.hospital(nicu=True)))
    # Of the second nothing is secret, but the first would follow from it and the total.
    assert told[:3] == [["1e", "1-4", "3,1"], ["2e", "verborgen", "17,2"], ["3e", "22 van 200", "22,0"]]
    assert told[10:12] == [["&lt;26+0", "te klein", "–"], ["26+0-27+6", "verborgen", "97,0"]]
    assert told[12] == ["28+0-29+6", "100 van 1593", "100,6"]
    told = rows(bert)
    assert told[0] == ["1e", "2 van 200", "3,1"] and told[10] == ["&lt;26+0", "3 van 7", "2,4"]


def test_a_model_that_was_replaced_does_not_come_back(client, login, managers):
    nicus, (anna, bert) = Nicus(), managers
    first, second = propose(anna), propose(bert, code="proef-2")
    first.decide(bert, True)
    second.decide(anna, True)
    assert [CaseMixModel.get_by_id(one.id).state for one in (first, second)] == ["vervangen", "goedgekeurd"]
    counting.refresh()
    assert own(nicus).children == 12 and CaseMixModel.standing() == second
    second.withdraw(anna, "De kalibratie wijkt af.")
    counting.refresh()
    assert [CaseMixModel.get_by_id(one.id).state for one in (first, second)] == ["vervangen", "ingetrokken"]
    assert CaseMixModel.standing() is None and own(nicus).children == 0
    login(client, make.user(role=Role.LNR_CONTACT, hospital=nicus.places[0]))
    assert "daarom geen SMR" in client.get("/lnr/benchmark/sterfte?jaar=2025").get_data(as_text=True)
    assert "Vervangen" in client.get("/lnr/modellen/").get_data(as_text=True)


def test_a_year_without_an_expectation_is_named_and_not_read_as_one_without_children(client, login, managers):
    nicus, (anna, bert) = Nicus(), managers
    counting.refresh()
    made = propose(anna)
    made.decide(bert, True)
    login(client, make.user(role=Role.LNR_CONTACT, hospital=nicus.places[0]))

    def page():
        return client.get("/lnr/benchmark/sterfte?jaar=2025").get_data(as_text=True)

    assert "De verwachting van 2025 wordt nu berekend." in page() and "telt nog geen kind mee" not in page()
    assert smr_rows(client, "sterfte") == []
    (before,) = CountCell.select().where(CountCell.indicator == DEATH.number, CountCell.children > 0).limit(1).dicts()
    CountCell.create(**before | {"id": None, "year": 2024})
    ClosedYear.create(year=2024, closed_at=NOW, rules="", facts="", cells="", completeness="{}")
    counting.refresh()
    window = client.get("/lnr/benchmark/sterfte?jaar=2025&periode=3").get_data(as_text=True)
    assert "Van 2024 is geen verwachting bewaard." in window and "Verwachte sterfte (SMR) van 2025" in window
    (row,) = smr_rows(client, "sterfte", "&periode=3")
    assert row["Periode"] == "2025" and row["Kinderen"] == "12"
