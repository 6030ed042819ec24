from contextlib import contextmanager
from datetime import timedelta

import pytest

from models import clock
from models.access import Role
from models.audit.audit_event import AuditEvent, origin
from models.base import Refused
from models.lnr.suppliers import key_expiry_mails
from models.lnr.suppliers.api_key import A_MINUTE, PREFIX, REFUSALS, WARNED_DAYS, ApiKey
from models.lnr.suppliers.supplier import Supplier, SupplierStatus
from models.mail.outbox import Mail
from tests import make
from tests.lnr.messages import supplier

NOW = clock.now().replace(second=5, microsecond=0)


def test_a_key_is_shown_once_and_stands_nowhere():
    key, token = ApiKey.issue(supplier(), make.hospital())

    assert token.startswith(PREFIX) and len(token) > 40
    assert ApiKey.opened_by(token) == key
    kept = str([*ApiKey.select().dicts(), *AuditEvent.select().dicts()])
    assert token not in kept and token[12:] not in kept


@pytest.mark.parametrize("token", ["", "lnr_", "lnr_" + "a" * 43, "lnr_é", "lnr_" + "a" * 5000, "Basic abc"])
def test_what_is_no_key_opens_nothing(token):
    ApiKey.issue(supplier(), make.hospital())

    assert ApiKey.opened_by(token) is None


def test_two_keys_are_valid_at_a_time_and_a_third_only_after_one_ended():
    maker, hospital = supplier(), make.hospital()
    old, text = ApiKey.issue(maker, hospital)
    ApiKey.issue(maker, hospital)

    with pytest.raises(Refused, match="twee geldige"):
        ApiKey.issue(maker, hospital)
    ApiKey.issue(maker, make.hospital())  # another hospital has its own two
    old.revoke()
    ApiKey.issue(maker, hospital)
    assert ApiKey.opened_by(text) is None


def test_a_key_ends_at_its_last_day():
    key, token = ApiKey.issue(supplier(), make.hospital(), days=30, now=NOW)

    assert ApiKey.opened_by(token, NOW + timedelta(days=29, hours=23)) == key
    assert ApiKey.opened_by(token, NOW + timedelta(days=30)) is None
    assert (key.state(NOW), key.state(NOW + timedelta(days=30))) == ("geldig", "verlopen")


def test_the_same_page_sent_twice_makes_one_key():
    maker, hospital = supplier(), make.hospital()
    ApiKey.issue(maker, hospital, request="a" * 22)

    with pytest.raises(Refused, match="al gemaakt"):
        ApiKey.issue(maker, hospital, request="a" * 22)
    assert ApiKey.select().count() == 1


def test_a_key_takes_so_many_messages_a_minute_and_then_says_how_long_to_wait():
    key, _ = ApiKey.issue(supplier(), make.hospital(), now=NOW)

    assert [key.take(NOW) for _ in range(A_MINUTE)] == [0] * A_MINUTE
    assert key.take(NOW + timedelta(seconds=15)) == 40
    assert key.take(NOW + timedelta(seconds=55)) == 0


def test_one_key_does_not_use_up_the_minute_of_another():
    maker, hospital = supplier(), make.hospital()
    one, other = (ApiKey.issue(maker, hospital)[0] for _ in range(2))
    for _ in range(A_MINUTE + 1):
        one.take(NOW)

    assert one.take(NOW) and not other.take(NOW)


def test_only_the_management_of_the_lnr_makes_and_ends_keys_and_the_trail_tells():
    key, _ = ApiKey.issue(supplier(), make.hospital(), by=make.user(role=Role.LNR_BEHEER))
    for role in (Role.LNR_CONTACT, Role.BEHEERDER, Role.COORDINATOR):
        person = make.user(role=role)
        with pytest.raises(Refused):
            ApiKey.issue(key.supplier, key.hospital, by=person)
        with pytest.raises(Refused):
            key.revoke(by=person)
        with pytest.raises(Refused):
            key.supplier.move(SupplierStatus.GESCHORST, by=person)
    key.revoke()
    key.revoke()

    actions = [event.action for event in AuditEvent.select().where(AuditEvent.action.startswith("lnr.key"))]
    assert actions == ["lnr.key", "lnr.key_end"]


@pytest.mark.parametrize("name", ["", "  ", "a" * 81, "naam\x00"])
def test_a_supplier_has_a_name_that_can_be_read(name):
    with pytest.raises(Refused, match="naam"):
        Supplier.enrol(name)


def test_the_name_of_a_supplier_is_one_line_without_marks_that_nobody_sees():
    assert Supplier.enrol("twee\nregels\u202e").name == "twee regels"


def test_a_name_belongs_to_one_supplier():
    Supplier.enrol("Dossier BV")

    with pytest.raises(Refused, match="al een leverancier"):
        Supplier.enrol(" Dossier  BV ")


def test_a_request_without_a_valid_key_is_told_once_a_minute_for_an_address_and_never_with_what_was_sent():
    key, token = ApiKey.issue(supplier(), make.hospital())
    key.revoke()
    with _from("10.0.0.1"):
        ApiKey.refuse(token, now=NOW)
        ApiKey.refuse("lnr_iets-anders", now=NOW)
    with _from("10.0.0.2"):
        ApiKey.refuse("geheim \udcff \x00", now=NOW)
        ApiKey.refuse("", now=NOW + clock.MINUTE)
    known, strange, later = AuditEvent.select().where(AuditEvent.action == "lnr.key_refused").order_by(AuditEvent.id)
    assert known.subject == f"Leverancier {key.supplier}" and known.hospital == key.hospital and "ingetrokken" in known.detail
    assert strange.subject == "LNR-sleutel" and strange.result == later.result == "geweigerd"
    assert not any(text in line.detail + line.subject for line in (known, strange) for text in (token, "geheim"))


def test_many_addresses_without_a_key_do_not_fill_the_trail():
    for number in range(30):
        with _from(f"10.0.1.{number}"):
            ApiKey.refuse("lnr_geraden", now=NOW)
    assert AuditEvent.select().where(AuditEvent.action == "lnr.key_refused").count() == REFUSALS


@contextmanager
def _from(address):
    before = origin.set(address)
    try:
        yield
    finally:
        origin.reset(before)


def test_the_registry_and_the_supplier_are_told_once_before_a_key_ends():
    maker, hospital, beheer = supplier(), make.hospital(), make.user(role=Role.LNR_BEHEER)
    maker.contact = "techniek@example.com"
    maker.save()
    key, _ = ApiKey.issue(maker, hospital, now=NOW)
    soon = key.expires_at - timedelta(days=WARNED_DAYS)

    key_expiry_mails.warn(soon - timedelta(seconds=1))
    assert Mail.select().count() == 0 and key.days_left(soon - timedelta(days=2)) is None
    key_expiry_mails.warn(soon)
    key_expiry_mails.warn(soon + timedelta(days=1))
    assert sorted(mail.to for mail in Mail.select()) == sorted([beheer.email, "techniek@example.com"])
    assert all(hospital.name in mail.render(soon).get_body("html").get_content() for mail in Mail.select())
    assert key.days_left(soon) == WARNED_DAYS

    ApiKey.issue(maker, hospital, now=soon)
    assert [mail.render(soon) for mail in Mail.select()] == [None, None], "its successor is there"
