import html
import logging
import re
from datetime import datetime, timedelta

import pytest

from models import clock
from models.access import Role
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.registry.admissions import Admissions
from models.lnr.registry.year_figures import closings, senders, volumes
from tests import make
from tests.lnr.messages import hospital, message, supplier

NOW = datetime(2026, 6, 1, 12)


@pytest.fixture
def place():
    return hospital()


@pytest.fixture
def contact(place):
    return make.user(role=Role.LNR_CONTACT, hospital=place)


@pytest.fixture
def delivered(place):
    """Two stays of March, one of half past midnight on 1 April, all home on 5 April; one refused, one test."""
    sent = supplier(name="Epd")
    for number, about in enumerate(
        (
            {},
            {"weight": 5000},
            {"born": "2026-03-31T23:30:00", "admitted": "2026-04-01T00:30:00"},
            {"discharged": "2026-01-01T10:00:00"},
            {"processing": "T"},
        )
    ):
        deliver(Delivery(place, sent), message(f"b{number}", f"o{number}", child=(("2.16.1", str(number)),), **about), NOW)
    return sent


def test_a_year_is_told_as_if_it_closed_today(place, contact, delivered):
    Admissions.state(contact, "2026-03", 3, NOW)
    found = closings(2026, place, NOW)[place.id]

    assert (found.received, found.refused, found.staying) == (3, 1, 0)
    assert [(month.month, month.received, month.stated, month.missing) for month in found.months[2:4]] == [
        ("2026-03", 2, 3, 1),
        ("2026-04", 1, None, None),
    ]
    assert (found.found, found.stated, len(found.unstated)) == (2, 3, 5)
    # From 5 April to 1 June is 57 days.
    assert found.late == 3 and round(found.median_delay) == 57
    assert (found.deadline.isoformat(), found.days_left) == ("2027-03-01", 273)


def test_the_delay_is_the_median_until_the_discharge_was_told(place):
    maker, home = supplier(), {"discharged": "2026-04-10T10:00:00"}

    def send(number, version, at, action="vervanging", **about):
        raw = message(f"{number}-{version}", f"o{number}", version, action, child=(("2.16.9", f"{number}"),), **about)
        assert deliver(Delivery(place, maker), raw, at).status == 200

    # All told before that the child was still there; a message after the one that told of the discharge changes nothing.
    for number, after in enumerate((timedelta(hours=1), 1 * clock.DAY, 20 * clock.DAY, 24 * clock.DAY)):
        told = datetime(2026, 4, 10, 8) + after
        send(number, 1, datetime(2026, 4, 7), "nieuw", discharged=None)
        send(number, 2, told, **home)
        send(number, 3, told + clock.DAY, **home)
    assert round(closings(2026, place, NOW)[place.id].median_delay, 3) == 10.5
    send(4, 1, NOW, "nieuw", **home)
    assert round(closings(2026, place, NOW)[place.id].median_delay, 3) == 20
    assert closings(2025, place, NOW)[place.id].median_delay is None


def test_months_compare_stays_on_the_nicu_and_tell_the_other_ones_apart(place, delivered):
    elsewhere = message("x", "x", child=(("2.16.1", "x"),)).replace(
        b'<ic_opnameq value="true"/>', b'<ic_opnameq value="false"/>'
    )
    undated = message("y", "y", child=(("2.16.1", "y"),))
    undated = undated.replace(b'<opname_datum value="2026-03-01T09:00:00"/>', b'<opname_datum nullFlavor="UNK"/>')
    assert [deliver(Delivery(place, delivered), raw, NOW).status for raw in (elsewhere, undated)] == [200, 200]
    found = closings(2026, place, NOW)[place.id]

    assert (found.received, found.beside) == (5, 2)
    assert [month.received for month in found.months[2:4]] == [2, 1]


def test_every_figure_leads_to_exactly_its_stays(client, login, place, contact, delivered, monkeypatch):
    deliver(Delivery(place, delivered), message("b9", "o0", 2, "vervanging", discharged="2026-01-01T10:00:00"), NOW)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    login(client, contact)
    page = client.get("/lnr/volledigheid/").text
    tiles = re.findall(
        r'<a class="stat[^"]*" href="([^"]+)">\s*<span class="stat-value">(\d+)</span> <span class="stat-label">([^<]+)', page
    )

    assert {label: int(count) for _, count, label in tiles} == {
        "tellen mee": 3,
        "met een waarschuwing": 3,
        "met een fout": 1,
        "tellen niet mee": 1,
    }
    for href, count, label in tiles:
        listed = client.get(html.unescape(href)).text
        assert len(set(re.findall("LNR-[0-9]{7}", listed))) == int(count), label


@pytest.mark.parametrize(("march", "april", "told"), [(2, 1, ""), (1, 1, "maart 2026"), (1, 0, "maart 2026, april 2026")])
def test_a_month_with_more_than_was_stated_is_told_in_the_headline(
    client, login, place, contact, delivered, monkeypatch, march, april, told
):
    for month, count in {"2026-03": march, "2026-04": april}.items():
        Admissions.state(contact, month, count, NOW)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    login(client, contact)
    page = client.get("/lnr/volledigheid/").text

    assert ("meer opnamen dan u opgaf" in page) == bool(told) and told in page
    tile = re.search(r'class="stat ([^"]*)"[^>]*>\s*<span class="stat-value">100%', page)
    assert ("warning" if told else "success") in tile[1]


def test_a_hospital_of_which_nothing_came_has_a_year_too(place):
    found = closings(2026, place, NOW)[place.id]
    assert (found.received, found.stated, len(found.months)) == (0, 0, 6)


def test_volumes_and_suppliers_count_production_apart_from_tests(delivered):
    assert volumes(NOW)[-1] == ("2026-06", 3, 1)
    (sender,) = senders(NOW)
    assert (sender.accepted, sender.refused, sender.tests, sender.share, sender.last) == (3, 1, 1, 25, NOW)


def drawn(page, name):
    """The heights of the bars of one colour, from left to right."""
    return [float(high) for high in re.findall(rf'<rect class="{name}"[^>]* height="([\d.]+)"', page)]


def row(page, label):
    """The numbers of one row of a table, as it is read."""
    cells = re.search(rf'<th scope="row">{label}</th>(.*?)</tr>', page, re.S)[1]
    return [int(number) for number in re.findall(r'class="number">(\d+)<', cells)]


def test_the_bars_of_messages_and_the_table_beneath_tell_the_same(client, login, delivered, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    login(client, make.user(role=Role.LNR_BEHEER))
    page = client.get("/lnr/overzicht/", query_string={"jaar": "2026"}).text

    accepted, refused = row(page, "Aangenomen"), row(page, "Geweigerd")
    assert (sum(accepted), sum(refused)) == (3, 1) and len(accepted) == len(refused) >= 12
    assert [round(high * 4 / 96, 1) for high in drawn(page, "goed")] == accepted, "four are the whole height"
    assert [round(high * 4 / 96, 1) for high in drawn(page, "fout")] == refused


def test_the_columns_of_a_hospital_and_the_table_beneath_tell_the_same(client, login, contact, delivered, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    Admissions.state(contact, "2026-03", 5, NOW)
    login(client, contact)
    page = client.get("/lnr/volledigheid/", query_string={"jaar": "2026"}).text

    received = [int(number) for number in re.findall(r'data-label="Ontvangen van de NICU"><span>(\d+)<', page)]
    stated = [int(number or 0) for number in re.findall(r'<input class="lnr-count"[^>]* value="(\d*)"', page)]
    assert sum(received) == 3 and (sum(stated), max(stated)) == (5, 5)
    assert [round(high * 5 / 100, 1) for high in drawn(page, "received")] == received
    assert [round(high * 5 / 100, 1) for high in drawn(page, "stated")] == stated


def test_a_contact_states_the_admissions_of_months(client, login, app, monkeypatch, contact):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    login(client, contact)
    month = clock.month_of(clock.today())

    def state(**fields):
        return client.post(
            "/lnr/volledigheid", data={f"aantal-{name}": text for name, text in fields.items()}, follow_redirects=True
        )

    assert "1 maand is opgeslagen" in state(**{month: "12"}).text
    assert Admissions.of_year(contact.hospital_id, month[:4]) == {month: 12}
    assert "niets veranderd" in state(**{month: "12"}).text
    assert "heel getal" in state(**{month: "-1"}).text and "heel getal" in state(**{month: "veel"}).text
    assert "nog niet begonnen" in state(**{clock.add_months(month, 1): "3"}).text
    assert state(onzin="3").status_code == 404
    assert Admissions.of_year(contact.hospital_id, "") == {month: 12}


def test_the_management_sees_numbers_of_every_hospital_in_few_questions(client, login, delivered, place, caplog):
    deliver(Delivery(other := hospital("06020202"), delivered), message("x", "x", agb="06020202"), NOW)
    login(client, make.user(role=Role.LNR_BEHEER))
    caplog.set_level(logging.DEBUG, "peewee")
    caplog.clear()
    page = client.get("/lnr/overzicht/", query_string={"jaar": "2026"}).text

    assert len([one for one in caplog.records if one.name == "peewee"]) <= 16  # two of them for what is being derived anew
    assert place.name in page and other.name in page and "Epd" in page and "R-08" in page
