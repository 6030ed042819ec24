import dataclasses

import pytest

from models import encrypted_fields
from models.access import Role
from models.base import Refused
from models.lnr.entry.draft import StayDraft
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.registry import pseudonym
from models.lnr.registry.message import Message, MessageContent
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


def test_a_message_that_does_not_open_holds_up_no_other_and_keeps_the_old_key_needed(keys, monkeypatch):
    keys(("oud",), ("oud",))
    place, maker = hospital(), supplier()
    for set_id in ("een", "twee", "drie"):
        deliver(Delivery(place, maker), message(set_id=set_id, child=((OWN, set_id),)))
    broken, sound = MessageContent.select().order_by(MessageContent.id)[1:]
    keys(("ander",), ("oud",))
    MessageContent.update(original=b"x").where(MessageContent.id == broken.id).execute()

    keys(("nieuw", "oud"), ("nieuw", "oud"))
    retired, said = [], []
    monkeypatch.setattr(key_rotation.KeyFingerprint, "retire", lambda: retired.append(True))
    with pytest.raises(Refused, match=f"onder de oude sleutel: LNR-berichten {broken.id}. Zet ze terug"):
        for line in key_rotation.reseal():
            said.append(line)
    assert "LNR-berichten: 2" in said and said[-1] == "delen van uploads: 0" and not retired
    keys(("nieuw",), ("nieuw",))
    assert MessageContent.get_by_id(sound.id).original
