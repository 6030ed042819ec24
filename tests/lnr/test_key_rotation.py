import dataclasses

import pytest

from models import encrypted_fields
from models.access import Role
from models.lnr.entry.draft import StayDraft
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.registry import pseudonym
from models.lnr.registry.message import Message
from models.lnr.registry.stay import Stay
from models.operations.keys import key_rotation
from tests import make
from tests.lnr.messages import CHILD_BSN, MOTHER_BSN, OWN, hospital, message, supplier


@pytest.fixture
def keys(monkeypatch):
    """keys(seals, names): run under these keys of both kinds, newest first."""

    def use(seals, names):
        told = dataclasses.replace(encrypted_fields.settings, secret_keys_given=seals, pseudonym_keys_given=names)
        for module in (encrypted_fields, pseudonym):
            monkeypatch.setattr(module, "settings", told)

    return use


def test_after_resealing_both_old_keys_can_go(keys):
    keys(("oud",), ("oud",))
    place, maker = hospital(), supplier()
    people = {"child": (CHILD_BSN, (OWN, "4711")), "mother": (MOTHER_BSN,)}
    deliver(Delivery(place, maker), message(version=1, **people))
    deliver(Delivery(place, maker), message(version=2, action="vervanging", **people))
    deliver(Delivery(place, maker), message(set_id="geweigerd", admitted="2026-02-01", **people))
    before = Stay.get().child

    keys(("nieuw", "oud"), ("nieuw", "oud"))
    assert "LNR-berichten: 3" in list(key_rotation.reseal())
    keys(("nieuw",), ("nieuw",))

    stay = Stay.get()
    assert stay.child != before and stay.place.startswith(stay.child)
    assert Stay.select().where(Stay.with_own_number(place.id, "4711")).count() == 2
    assert Message.standing(stay).record()["stay"]["birth_weight_g"] == 1000
    double = deliver(Delivery(place, maker), message(set_id="dubbel", **people))
    assert double.status == 422 and "R-41" in {finding["rule"] for finding in double.report["findings"]}


def test_a_form_that_is_not_finished_opens_under_the_new_key(keys):
    keys(("oud",), ("oud",))
    contact = make.user(role=Role.LNR_CONTACT, hospital=hospital())
    StayDraft.begin(contact).put("child_ids", {"0": ["4711"]}, contact)

    keys(("nieuw", "oud"), ("oud",))
    assert "LNR-formulieren: 1" in list(key_rotation.reseal())
    keys(("nieuw",), ("oud",))

    assert StayDraft.get().cells() == {"child_ids": ([["", "4711"]], 1)}


def test_under_a_new_key_the_children_of_before_are_still_found(keys):
    keys(("sleutel",), ("oud",))
    place, maker = hospital(), supplier()
    deliver(Delivery(place, maker), message(child=((OWN, "4711"),)))

    keys(("sleutel",), ("nieuw", "oud"))
    assert Stay.select().where(Stay.with_own_number(place.id, "4711")).count() == 1
