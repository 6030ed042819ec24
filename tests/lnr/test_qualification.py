import json
from datetime import datetime

import pytest

from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.intake.public_check_limit import A_MINUTE, PublicCheck
from models.lnr.message.validation import check
from models.lnr.suppliers import scenarios
from models.lnr.suppliers.qualification import QualificationAttempt, admit, as_dict, progress
from models.lnr.suppliers.scenarios import SCENARIOS, ScenarioState
from models.lnr.suppliers.supplier import SupplierStatus
from models.mail.outbox import Mail
from tests import make
from tests.lnr.messages import hospital, supplier

NOW = datetime(2026, 11, 23, 12)
AGB = "06990001"  # of the examples


@pytest.fixture
def sender():
    """sender(step, changed): the supplier sends the example of a step, with some bytes replaced; `sender.supplier`."""
    place, maker = hospital(agb=AGB), supplier(SupplierStatus.AANGEMELD)

    def send(step, *changes):
        raw = scenarios.wanted()[step].example.raw
        for old, new in changes:
            assert old in raw
            raw = raw.replace(old, new)
        return deliver(Delivery(place, maker), raw, NOW)

    send.supplier = maker
    return send


def states(of):
    return {one.name: str(state) for one, state, _ in progress(of)}


def test_every_example_of_a_scenario_does_its_own_step():
    for name, one in scenarios.wanted().items():
        assert scenarios.meant(one.verdict).example.name == name
        assert scenarios.differences(one, one.verdict) == []
        assert one.verdict.refused == (name == "geweigerd")


def test_who_sends_every_example_is_tested_and_the_registry_hears_of_it(sender):
    beheer = make.user(role=Role.LNR_BEHEER, hospital=None)
    assert set(states(sender.supplier).values()) == {"open"}

    for step in scenarios.wanted():
        sender(step)

    assert set(states(sender.supplier).values()) == {"goed"}
    assert sender.supplier.select().get().status == SupplierStatus.GETEST
    assert [(mail.name, mail.user) for mail in Mail.select()] == [("lnr_tested", beheer)]
    assert sender.supplier.name in Mail.get().render(NOW)["Subject"]


def test_one_scenario_less_is_not_tested(sender):
    for step in list(scenarios.wanted())[:-1]:
        sender(step)

    assert sender.supplier.select().get().status == SupplierStatus.AANGEMELD
    assert states(sender.supplier)["intrekking"] == "open"


def test_what_differs_is_told_with_path_expected_and_found(sender):
    sender("maximaal", (b'value="1010"', b'value="1020"'))

    attempt = QualificationAttempt.get()
    assert (attempt.step, attempt.state) == ("maximaal", ScenarioState.AFWIJKEND)
    assert attempt.wrong == [
        {
            "path": "kind/opname_gegevens/onderzoek/lichaamsgewicht/gewicht_waarde",
            "expected": "1010",
            "found": "1020",
            "expected_en": "1010",
            "found_en": "1020",
        }
    ]


def test_a_value_in_a_row_a_missing_value_and_one_too_many_are_differences():
    one = scenarios.wanted()["maximaal"]
    raw = one.example.raw.replace(b"2026-01-18T03", b"2026-01-17T03").replace(b'<meerling_indicator value="true"/>', b"")
    found = {
        row["path"].rpartition("/")[2]: (row["expected"], row["found"]) for row in scenarios.differences(one, check(raw, NOW))
    }
    assert found == {
        "probleem_begin_datum": ("2026-01-18T02:00:00Z", "2026-01-17T02:00:00Z"),
        "meerling_indicator": ("true", None),
    }
    back = scenarios.Wanted(one.example, check(raw, NOW), "", "")
    assert {row["path"].rpartition("/")[2] for row in scenarios.differences(back, one.verdict)} == set(found)


def test_the_senders_own_identifiers_and_institutions_do_not_count(sender):
    sender("maximaal", (b"06990002", b"06990009"), (b'"nec"', b'"rij-1"'), (b'value="maximaal"', b'value="eigen-1"'))

    assert QualificationAttempt.get().state == ScenarioState.GOED


def test_a_refused_message_tells_the_rules_that_refused_it(sender):
    sender("tweeling-1", (b'value="2026-02-14T10:00:00"', b'value="2026-01-01T10:00:00"'))

    attempt = QualificationAttempt.get()
    assert attempt.step == "tweeling-1" and attempt.wrong[0]["expected"] == "geaccepteerd"
    assert attempt.wrong[0]["expected_en"] == "accepted"
    assert any(row["found"].startswith("R-08: ") for row in attempt.wrong)


def test_a_replacement_puts_a_step_right_and_what_is_right_stays_right(sender):
    sender("overplaatsing", (b'value="1240"', b'value="1250"'))
    assert QualificationAttempt.get().state == ScenarioState.AFWIJKEND

    newer = (b'"overplaatsing-1"', b'"overplaatsing-2"'), (b'versienummer value="1"', b'versienummer value="2"')
    assert sender("overplaatsing", (b'actie="nieuw"', b'actie="vervanging"'), *newer).status == 200
    assert QualificationAttempt.get().state == ScenarioState.GOED

    third = (b'"overplaatsing-1"', b'"overplaatsing-3"'), (b'versienummer value="1"', b'versienummer value="3"')
    sender("overplaatsing", (b'actie="nieuw"', b'actie="vervanging"'), (b'value="1240"', b'value="1260"'), *third)
    assert QualificationAttempt.get().state == ScenarioState.GOED and QualificationAttempt.select().count() == 1


def test_a_message_about_another_child_is_no_attempt(sender):
    sender("minimaal", (b"VB-1001", b"9001"), (b'value="minimaal"', b'value="eigen"'))

    assert QualificationAttempt.select().count() == 0


def test_only_the_registry_admits_and_only_who_is_tested(sender):
    beheer, maker = make.user(role=Role.LNR_BEHEER, hospital=None), sender.supplier
    maker.contact = "techniek@example.com"
    maker.save()
    with pytest.raises(Refused):
        admit(maker, make.user())
    with pytest.raises(Refused, match="scenario"):
        admit(maker, beheer)

    maker.move(SupplierStatus.GETEST)
    admit(maker, beheer)
    admit(maker, beheer)

    assert maker.select().get().status == SupplierStatus.TOEGELATEN
    mail = Mail.get()
    assert (mail.name, mail.to) == ("lnr_admitted", "techniek@example.com") and "toegelaten" in mail.render(NOW)["Subject"]
    assert "Neonatale Registratie (LNR)" in (html := mail.render(NOW).get_body("html").get_content()) and "LZA1" not in html
    assert Mail.select().count() == 1
    assert AuditEvent.select().where(AuditEvent.detail == "naar toegelaten", AuditEvent.actor == beheer).count() == 1


def test_a_suspended_supplier_is_not_admitted(sender):
    sender.supplier.move(SupplierStatus.GESCHORST)
    with pytest.raises(Refused):
        admit(sender.supplier, make.user(role=Role.LNR_BEHEER, hospital=None))


def test_the_software_reads_the_same_as_people(sender):
    sender("minimaal")
    told = as_dict(sender.supplier)

    assert (told["done"], told["of"]) == (1, len(SCENARIOS)) and json.dumps(told)
    first, repaired = told["scenarios"][0], next(one for one in told["scenarios"] if one["scenario"] == "verbetering")
    assert [step["state"] for step in first["steps"]] == ["goed"] and first["steps"][0]["delivery_id"]
    assert [step["state"] for step in repaired["steps"]] == ["goed", "open"] and repaired["state"] == "open"


def test_an_address_may_look_so_often_in_a_minute_and_then_waits():
    assert [PublicCheck.take("192.0.2.1", NOW) for _ in range(A_MINUTE)] == [0] * A_MINUTE
    assert PublicCheck.take("192.0.2.1", NOW.replace(second=20)) == 40
    assert PublicCheck.take("192.0.2.2", NOW) == 0
    assert PublicCheck.take("192.0.2.1", NOW.replace(minute=1)) == 0


def test_no_address_is_kept_longer_than_it_is_needed():
    PublicCheck.take("192.0.2.1", NOW)
    PublicCheck.take("192.0.2.2", NOW.replace(minute=5))

    assert PublicCheck.select().count() == 1 and "192" not in PublicCheck.get().address


def test_who_chooses_among_the_addresses_of_one_ipv6_network_counts_as_one():
    assert [PublicCheck.take(f"2001:db8:1:2::{number:x}", NOW) for number in range(A_MINUTE)] == [0] * A_MINUTE
    assert PublicCheck.take("2001:db8:1:2:ffff::1", NOW) > 0 and PublicCheck.take("2001:db8:1:3::1", NOW) == 0
