"""The VLAD: deaths of the own hospital in the order of admission, beside what the model expected of each child."""

import csv
import io
import re

import pytest

from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.lnr.benchmark import counting
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.risk.vlad import LifeAdjusted, by_month, life_adjusted, signed, vlad
from models.lnr.registry.stay import Stay
from tests import make
from tests.lnr.benchmark.test_smr import DEATH, Nicus, own, propose


@pytest.fixture
def nicus(managers):
    made, (anna, bert) = Nicus(), managers
    propose(anna).decide(bert, True)
    counting.refresh()
    return made


@pytest.fixture
def contact(nicus):
    return make.user(role=Role.LNR_CONTACT, hospital=nicus.places[0])


def course(nicus, by, **more):
    return life_adjusted(by, nicus.places[0], DEATH, [2025], more.pop("models", ["proef-1"]), **more)


def test_worked_by_hand():
    steps, total = [], 0.0
    for month, risk, died in ((1, 0.25, False), (1, 0.5, True), (3, 0.125, False), (3, 0.875, True)):
        total += risk - died
        steps.append(LifeAdjusted(None, 2025, month, risk, died, total))
    assert [one.total for one in steps] == [0.25, -0.25, -0.125, -0.25]
    assert [(one.name, one.children, one.died, one.expected, one.total) for one in by_month(steps)] == [
        ("januari 2025", 2, 1, 0.75, -0.25), ("maart 2025", 2, 1, 1.0, -0.25),
    ]  # fmt: skip
    drawn = vlad(steps)
    heights = [float(point.split(",")[1]) for point in drawn.path.split()]
    (zero, _) = [float(point.split(",")[1]) for point in drawn.lines["target"].split()]
    # Upwards is a smaller y: above the line of nothing once, below it afterwards.
    assert [(height < zero, height > zero) for height in heights[1:]] == [(True, False)] + 3 * [(False, True)]
    assert heights[0] == zero and heights[2] == heights[4]
    assert [mark.text for mark in drawn.marks] == [
        "januari 2025: overleden, kans vooraf 0,50, stand daarna −0,2",
        "maart 2025: overleden, kans vooraf 0,88, stand daarna −0,2",
    ]  # fmt: skip
    assert [name for _, name in drawn.across] == ["1e kwartaal 2025"]
    assert vlad([]) is None and [signed(number) for number in (1.23, -0.04, 0.04, -0.06)] == ["+1,2", "0,0", "0,0", "−0,1"]


def test_it_ends_at_expected_minus_observed_and_goes_by_admission(nicus, contact):
    found, told = course(nicus, contact), own(nicus)
    assert len(found) == told.children == 12 and sum(one.died for one in found) == told.events == 2
    assert found[-1].total == pytest.approx(told.expected - told.events)
    moments = [Stay.get_by_id(one.stay.id).admitted for one in found]
    assert moments == sorted(moments)
    band = found[0] and StayFact.get(StayFact.stay == found[0].stay.id).band
    only = course(nicus, contact, band=band)
    assert [one.stay for one in only] == [one.stay for one in found if StayFact.get(StayFact.stay == one.stay.id).band == band]


def test_by_another_model_or_without_an_outcome_a_child_is_not_in_it(nicus, contact):
    assert course(nicus, contact, models=["ander-1"]) == []
    StayFact.update(risk=None).where(StayFact.stay == course(nicus, contact)[0].stay.id).execute()
    assert len(course(nicus, contact)) == 11


def test_only_for_who_consults_and_always_in_the_trail(nicus, contact):
    for stranger in (make.coordinator(), make.user(), make.user(role=Role.BEHEERDER)):
        with pytest.raises(Refused):
            course(nicus, stranger)
    assert not AuditEvent.select().where(AuditEvent.action == "lnr.indicator").exists()
    course(nicus, contact)
    line = AuditEvent.get(AuditEvent.action == "lnr.indicator")
    assert line.actor == contact and line.detail == "verloop van de sterfte, 2025 tot en met 2025: 12 opnamen"


def test_the_page_draws_it_and_leads_to_the_children(client, login, nicus, contact):
    login(client, contact)
    page = client.get("/lnr/benchmark/sterfte?jaar=2025").text
    shown = page.split('id="verloop-sterfte"')[1]
    died = [one.stay for one in course(nicus, contact) if one.died]
    assert [f"/lnr/opname/{stay.key}/" for stay in died] == re.findall(r'href="(/lnr/opname/[^"]+)"', shown)[:2]
    assert client.get(f"/lnr/opname/{died[0].key}/").status_code == 200
    told = own(nicus)
    assert f"<strong>{signed(told.expected - told.events)}</strong>" in shown and "maart 2025</th><td>12</td>" in shown
    assert "verloop-sterfte" not in client.get("/lnr/benchmark/ernstige-ivh?jaar=2025").text
    assert "verloop-sterfte" not in client.get("/lnr/benchmark/sterfte?jaar=2024").text


def test_its_months_stand_in_the_file_of_the_indicator(client, login, nicus, contact):
    login(client, contact)
    text = client.get("/lnr/benchmark/sterfte/cijfers/csv?jaar=2025").get_data().decode("utf-8-sig")
    rows = [row for row in csv.DictReader(io.StringIO(text), delimiter=";") if row["Beeld"] == "SMR per maand van opname"]
    told = [(row["Ziekenhuis"], row["Gebeurtenissen"], row["Kinderen"], row["Verwacht"]) for row in rows]
    assert told == [("maart 2025", "2", "12", f"{own(nicus).expected:.2f}".replace(".", ","))]
