"""How well each item is filled in: counted from letters in the facts, with 'unknown' apart from what was not sent."""

import re
from datetime import datetime

import pytest

from models import clock
from models.access import Role
from models.base import db
from models.lnr.benchmark.fact import StayFact
from models.lnr.closing import item_completeness
from models.lnr.dataset.definition import definition
from models.lnr.message.message_writer import build
from models.lnr.message.validation import check
from models.lnr.registry.stay import Stay
from models.lnr.rules import complete
from models.lnr.specification.examples import answered, without
from tests import make
from tests.lnr.test_facts import HOME, Registry

NOW = datetime(2026, 6, 1)


def letters(values):
    told = complete.written(check(build(values), NOW).completeness)
    return dict(zip((item.name for item in complete.order()), told, strict=True))


def test_each_item_has_a_letter_for_known_unknown_not_sent_or_not_asked():
    told = letters(without(answered(apgar_1={"null": "UNK"}, cord_ph_arterial={"null": "NA"}), "apgar_5"))
    assert [told[name] for name in ("birth_weight_g", "apgar_1", "apgar_5", "birth_order")] == ["k", "o", "m", "-"]
    assert told["cord_ph_arterial"] == "o", "that it would not apply is not for the sender to say"
    assert set(told.values()) == set("kom-") and len(told) == len(definition().items)


def test_a_record_of_before_the_letters_has_none_and_is_told_so():
    assert complete.written({"applicable": 3, "filled": 2, "unknown": [], "missing": ["apgar_5"]}) == ""


@pytest.fixture
def facts():
    """Four NICUs with their stays of 2026: one item known, unknown, not sent or not asked in each."""
    hospitals = [make.hospital(f"NICU {name}", nicu=True) for name in "ABCD"]
    place = next(number for number, item in enumerate(complete.order()) if item.name == "apgar_5")

    def add(hospital, *answers, year=2026):
        for letter in answers:
            stay = _stay(hospital)
            written = letter and "-" * place + letter
            StayFact.create(stay=stay, hospital=hospital, year=year, answers=written, at=NOW, force_insert=True)

    add(hospitals[0], *"kkkommm-", "")
    add(hospitals[0], "k", year=2025)
    add(hospitals[1], *"kk")
    return hospitals, add


def _stay(hospital):
    number = Stay.select().count()
    return Stay.create(
        hospital=hospital, test=False, set_root="", set_id=f"o{number}", state="ontvangen", first_at=NOW, last_at=NOW
    )


def test_a_year_counts_what_was_asked_and_tells_unknown_apart(facts):
    (own, *rest), add = facts
    nicus = [own.id, *(one.id for one in rest)]
    told = item_completeness.of_year(2026, own.id, nicus)
    (apgar,) = told.items
    assert (apgar.item.name, apgar.known, apgar.unknown, apgar.missing) == ("apgar_5", 3, 1, 3)
    assert (apgar.asked, apgar.percent, told.stays, told.uncounted) == (7, 42, 9, 1)
    assert told.others is None, "of two hospitals each could reckon the other"

    add(rest[1], *"kokkkkkkkk")
    assert item_completeness.of_year(2026, own.id, nicus).others == {}, "of one large hospital: what the others have follows"
    add(rest[0], *"kkkkkkkk")
    add(own, *"kk")
    assert item_completeness.of_year(2026, own.id, nicus).others == {}, "of two of ten, beside nine of one's own"
    add(own, "k")
    assert item_completeness.of_year(2026, own.id, nicus).others["apgar_5"].asked == 30
    (country,) = item_completeness.of_year(2026, None, nicus).items
    assert (country.known, country.unknown, country.missing) == (25, 2, 3)
    assert item_completeness.of_year(2024, own.id, nicus).items == []


def test_a_hospital_without_a_nicu_does_not_count_among_them(facts):
    (own, *rest), add = facts
    add(rest[1], *"oooooooooo")
    nicus = [one.id for one in rest[:2]] + [own.id]
    add(rest[2], *"mmmm")
    add(rest[0], *"kkkkkkkk")
    add(own, *"kkk")
    told = item_completeness.of_year(2026, rest[2].id, nicus)
    assert told.items[0].missing == 4 and told.others["apgar_5"].missing == 3


@pytest.mark.only_sqlite
def test_a_year_is_found_by_the_index_of_hospital_and_year(facts):
    query = StayFact.select(StayFact.answers).where(StayFact.hospital.in_([1, 2, 3]), StayFact.year == 2026)
    plan = str(db.execute_sql(f"EXPLAIN QUERY PLAN {query.sql()[0]}", query.sql()[1]).fetchall())
    assert "SEARCH" in plan and "year=?" in plan and "SCAN" not in plan


def test_the_contact_sees_the_own_hospital_and_the_management_any(client, login, monkeypatch):
    registry = Registry()
    registry.send(to=HOME)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    contact = make.user(role=Role.LNR_CONTACT, hospital=registry.hospitals["A"])
    login(client, contact)
    assert "/lnr/volledigheid/gegevens?jaar=2026" in client.get("/lnr/volledigheid/").text
    page = client.get("/lnr/volledigheid/gegevens?jaar=2026").text
    assert "‘Niet van toepassing’ telt dan als onbekend" in page and "telt als ingevuld" not in page
    row = re.search(r'id="birth_weight_g">.*?</tr>', page, re.DOTALL)[0]
    assert re.findall(r"<span>(\d+)", row) == ["1", "1", "0", "0"] and "100%" in row
    assert "Wordt herrekend" not in page and "Nog niets over 2025" in client.get("/lnr/volledigheid/gegevens?jaar=2025").text
    StayFact.update(rules="").execute()
    behind, stay = "Wordt herrekend", StayFact.get().stay
    addresses = ["/lnr/volledigheid/", "/lnr/volledigheid/gegevens", "/lnr/benchmark/", f"/lnr/opname/{stay.key}/"]
    registry.hospitals["A"].nicu = True
    registry.hospitals["A"].save()
    assert [behind in client.get(address).text for address in addresses] == [True] * 4

    login(client, make.user(role=Role.LNR_BEHEER))
    page = client.get(f"/lnr/overzicht/gegevens?ziekenhuis={registry.hospitals['A'].code}").text
    assert "selected>" in page and behind in page and 'id="birth_weight_g"' in page
    assert behind in client.get("/lnr/overzicht/").text
