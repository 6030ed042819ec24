"""`verify` finds what is wrong in what the neonatal registry keeps."""

import pytest

from models.base import db
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.registry.message import Message, MessageContent
from models.lnr.registry.stay import Stay
from models.operations import integrity_check
from tests.lnr.messages import CHILD_BSN, MOTHER_BSN, OWN, hospital, message, supplier


@pytest.fixture
def place():
    """A hospital that delivered two stays, refused one message and withdrew a third stay: all is well."""
    place, maker = hospital(), supplier()
    people = {"child": (CHILD_BSN, (OWN, "4711")), "mother": (MOTHER_BSN,)}
    for sent in (
        message(set_id="een", **people),
        message(set_id="twee", admitted="2026-02-01"),
        message(set_id="weg", admitted="2026-03-01"),
        message(set_id="weg", version=2, action="intrekking", admitted="2026-03-01"),
        message(set_id="een", version=1),
        b"<",
    ):
        deliver(Delivery(place, maker), sent)
    assert list(integrity_check.problems()) == list(integrity_check.problems(deep=True)) == []
    return place


def _stay():
    return Stay.get(Stay.set_id == "een")


@pytest.mark.parametrize("deep", [False, True])
def test_content_that_is_gone_is_told_by_message_and_stay(place, deep):
    told = Message.standing(_stay())
    MessageContent.delete().where(MessageContent.message == told).execute()
    assert list(integrity_check.problems(deep)) == [
        f"LNR: de inhoud van bericht {told.key} van opname {_stay()} is er niet meer"
    ]


@pytest.mark.parametrize("column", ["original", "record"])
def test_content_that_does_not_open_is_told_and_the_rest_still_looked_at(place, column):
    told = Message.standing(_stay())
    Stay.update(child="f" * 64).where(Stay.set_id == "twee").execute()
    spoilt = b"\x80" + bytes(72)
    mark = db.param
    db.execute_sql(f"UPDATE lnr_content SET {column} = {mark} WHERE message_id = {mark}", (spoilt, told.id))
    found = set(integrity_check.problems(deep=True))
    assert f"LNR: de inhoud van bericht {told.key} gaat niet open" in found and len(found) == 2


@pytest.mark.parametrize("column", ["child", "own_number", "mother"])
@pytest.mark.parametrize("name", ["f" * 64, None])
def test_a_stay_under_another_name_than_its_message_says_is_told(place, column, name):
    Stay.update({column: name}).where(Stay.set_id == "een").execute()
    (problem,) = integrity_check.problems()
    assert str(_stay()) in problem and column in problem
