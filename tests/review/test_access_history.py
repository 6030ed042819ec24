"""'Who could see case 17 on 3 March?': reckoned back from the trail."""

from datetime import timedelta
from unittest.mock import patch

import peewee
import pytest

from models import clock
from models.access import Process, Role
from models.audit.audit_event import AuditEvent
from models.cases.case_reader import CaseReader
from models.cases.status import Status
from models.review.access_history import could_see
from tests import make

TODAY = clock.today()
START = clock.start_of(TODAY - timedelta(days=20), 12)


def day(after):
    return TODAY - timedelta(days=20 - after)


@pytest.fixture
def at():
    """at(3): by the clock it is noon, three days after the case was made."""
    with patch.object(clock, "now") as now:

        def move(days):
            now.return_value = START + timedelta(days=days)
            return now.return_value

        move(0)
        yield move


def names(case, on, of=None):
    return {one.name: one.rule for one in could_see(case, on, of)}


def test_roles_and_ends_are_as_they_were_on_that_day(at):
    before = {"created_at": START - clock.DAY}
    melder, boss = make.user(name="Anna", **before), make.coordinator(name="Coco", **before)
    colleague = make.user(name="Bert", hospital=melder.hospital, **before)
    late = make.user(name="Dien", role=Role.INVOERDER, hospital=melder.hospital, created_at=START + 6 * clock.DAY)
    make.user(name="Vera", **before)
    case = make.case(Status.INGEDIEND, by=melder)
    at(3)
    colleague.deactivate(reason="werkt hier niet meer")
    at(5)
    late.grant([Role.LNR_CONTACT])
    at(8)
    late.grant([Role.INVOERDER])

    assert could_see(case, day(-1)) == []
    everybody = {"Anna": "eigen ziekenhuis", "Bert": "eigen ziekenhuis", "Coco": "landelijk coördinator"}
    assert names(case, day(2)) == everybody
    assert names(case, day(3)) == everybody  # until noon
    assert names(case, day(4)) == {"Anna": "eigen ziekenhuis", "Coco": "landelijk coördinator"}
    assert "Dien" not in names(case, day(7)) and "Dien" in names(case, day(8)) and "Dien" in names(case, day(12))
    assert names(case, day(2), melder.hospital) == {
        "Anna": "eigen ziekenhuis", "Bert": "eigen ziekenhuis", "Perined Beoordelaar": "landelijk coördinator"
    }  # fmt: skip
    AuditEvent.log("case.read", by=boss, case=case, at=clock.start_of(day(4), 9))
    first = could_see(case, day(4))[0]
    assert (first.name, first.roles, first.looked) == ("Coco", "NethOSS-coördinator", 1)


def test_who_was_named_where_the_hospital_keeps_cases_apart_and_a_reader_of_the_committee(at):
    before = {"created_at": START - clock.DAY}
    boss, admin = make.coordinator(Process.LZA1, **before), make.user(role=Role.BEHEERDER, **before)
    melder = make.user(name="Anna", **before)
    one, other = (make.user(name=name, hospital=melder.hospital, **before) for name in ("Bert", "Cees"))
    melder.hospital.amend(admin, lza1_kept_apart=True)
    case = make.case(Status.INGEDIEND, by=melder, theme=make.theme(process=Process.LZA1), reviewer=boss)
    at(2)
    case.entrust(one, melder)
    at(4)
    case.withhold(one, melder)
    at(6)
    melder.hospital.amend(admin, agreed=True, lza1_kept_apart=False)

    hospital = {1: {"Anna"}, 3: {"Anna", "Bert"}, 5: {"Anna"}, 7: {"Anna", "Bert", "Cees"}}
    for after, expected in hospital.items():
        assert {name for name in names(case, day(after)) if name in ("Anna", "Bert", "Cees")} == expected, after

    reader = make.user(name="Lies", role=Role.COMMISSIELID, committee=Process.LZA1, **before)
    CaseReader.let(case, reader, "beoordelaar", at(8))
    CaseReader.end(case, reader, at(10))
    assert ["Lies" in names(case, day(after)) for after in (7, 8, 9, 10, 11)] == [False, True, True, True, False]
    assert other.name in names(case, day(9))


def rows_read(monkeypatch, case, on):
    """How many rows the answer takes from the database."""
    sent, send = [], peewee.Database.execute_sql
    with monkeypatch.context() as patched:
        patched.setattr(peewee.Database, "execute_sql", lambda *asked: sent.append(asked) or send(*asked))
        could_see(case, on)
    return sum(len(send(*asked).fetchall()) for asked in sent)


def test_accounts_that_have_nothing_to_do_with_the_case_are_not_read(at, monkeypatch):
    before = {"created_at": START - clock.DAY}
    melder, leaver = make.user(name="Anna", **before), make.coordinator(name="Coco", **before)
    make.coordinator(**before)
    case = make.case(Status.INGEDIEND, by=melder)
    at(3)
    leaver.grant([Role.BEHEERDER])
    assert "Coco" in names(case, day(2)) and "Coco" not in names(case, day(4))
    had = rows_read(monkeypatch, case, day(2))
    for _ in range(5):
        make.user(**before).grant([Role.INVOERDER])
    assert rows_read(monkeypatch, case, day(2)) == had


def test_the_page_asks_for_a_day_and_tells_a_hospital_no_names_of_others(client, login):
    melder, boss = make.user(name="Anna Eigen"), make.coordinator(name="Coco Landelijk")
    case = make.case(Status.INGEDIEND, by=melder)
    login(client, melder)
    assert "konden deze melding zien" not in client.get(f"/inzage/{case.key}/?dag=onzin").text
    page = client.get(f"/inzage/{case.key}/?dag={TODAY}").text
    assert "konden deze melding zien" in page and "Anna Eigen" in page and boss.name not in page
    assert "was deze melding er nog niet" in client.get(f"/inzage/{case.key}/?dag=2020-01-01").text
