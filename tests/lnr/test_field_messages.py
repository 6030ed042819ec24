"""Complaints from the field of suppliers, each made from our own example `minimaal.xml`, by the route that they use."""

import io
import zipfile

import pytest

from models.lnr.dataset.definition import BSN
from models.lnr.intake.upload_batch import UploadBatch
from models.lnr.message.message_writer import build
from models.lnr.registry.stay import Stay
from models.lnr.specification.examples import late_preterm
from tests.lnr.messages import hospital
from tests.lnr.test_delivery_api import MESSAGES, sender
from tests.lnr.test_upload import contact, put

__all__ = ["contact", "sender"]
PLACE = "06990001"
MINIMAL = build(late_preterm())


def instead(old, new):
    assert MINIMAL.count(old) >= 1, old
    return MINIMAL.replace(old, new, 1)


MADE = b'value="2026-05-01T08:00:00"'
CHILD = b'<identificatienummer value="VB-1001"/>'
# A complaint from the field each: what was sent, the status, the rule and variant, and words of the reason.
SENT = {
    # .NET writes seven digits of a second, always, for the moment of now.
    "seven decimals": (instead(MADE, b'value="2026-05-01T08:00:00.1234567+02:00"'), 200, None, None, ""),
    # It was told of a processing instruction and a stylesheet.
    "blank line first": (b"\r\n" + MINIMAL, 400, "R-01", "before", "Vóór het begin van de XML"),
    # It was told to fail the 11-test.
    "BSN without its zero": (
        instead(CHILD, f'<identificatienummer value="12345672" root="{BSN}"/>'.encode()),
        422, "R-05", "short", "een nul aan het begin",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SENT)
def test_a_message_of_a_supplier_is_taken_or_hears_the_true_reason(sender, name):
    raw, status, rule, variant, words = SENT[name]
    one = sender(at=hospital(PLACE))
    errors = _delivered(one, raw, status)
    if rule is None:
        assert errors == [] and _accepted() == 1
        return
    ((code, told, said),) = errors
    assert (code, told) == (rule, variant) and words in said
    assert _accepted() == 0
    # Its nearest neighbour is the example as it is, about another stay.
    assert _delivered(one, MINIMAL.replace(b"minimaal", b"ander"), 200) == []


def _accepted():
    return Stay.select().where(Stay.version.is_null(False)).count()


def _delivered(one, raw, status):
    answer = one.post(raw, MESSAGES, Accept="application/json")
    assert answer.status_code == status, answer.text
    return [(one["rule"], one["variant"], one["nl"]) for one in answer.json["findings"] if one["severity"] == "fout"]


def test_a_zip_of_windows_powershell_is_read_with_its_folder(client, contact):
    contact.hospital.agb = PLACE
    contact.hospital.save()
    report = _uploaded(client, packed("berichten\\een.xml"))
    assert report == {"total": 1, "done": 1, "accepted": 1, "refused": 0, "finished": True}


@pytest.mark.parametrize("name", ["..\\een.xml", "C:\\een.xml"])
def test_a_name_that_leads_out_of_the_zip_stays_refused(client, contact, name):
    assert _uploaded(client, packed(name))["refused"] == 1


def packed(name):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        info = zipfile.ZipInfo(name)
        info.filename = name  # as it is, backslashes too
        target.writestr(info, MINIMAL)
    return out.getvalue()


def _uploaded(client, content):
    address = put(client, content, "archief.zip").json["address"]
    UploadBatch.work_waiting()
    return client.get(f"{address}stand").json
