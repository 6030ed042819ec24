import io
import struct
import threading
import zipfile
from datetime import datetime, timedelta

import pytest

from models import MODELS
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.lnr.intake import upload_batch, zip_upload
from models.lnr.intake.upload_batch import UploadBatch, UploadPart
from models.lnr.registry.message import Message
from models.lnr.registry.stay import Stay
from models.long_work import shutdown
from models.operations.keys import key_rotation
from models.retention.destruction import destroy_due
from tests import make
from tests.lnr.messages import hospital, message

NOW = datetime(2026, 5, 1, 12)


@pytest.fixture
def contact():
    return make.user(role=Role.LNR_CONTACT, hospital=hospital())


def packed(*contents, method=zipfile.ZIP_DEFLATED, **named):
    """A ZIP of these contents, and of what `named` names."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as file:
        for number, content in enumerate(contents):
            file.writestr(f"map/bericht-{number}.xml", content)
        for name, content in named.get("files", {}).items():
            file.writestr(name, content)
    return target.getvalue()


def messages(count):
    return [message(f"b{number}", f"opname-{number}", child=(("2.16.1", f"{number}"),)) for number in range(count)]


def take(contact, content, name="mei.zip", request=None):
    return UploadBatch.take(contact, name, content, request, NOW)


def again(one):
    return UploadBatch.get_by_id(one.id)


def test_one_message_is_delivered_at_once_like_any_other(contact):
    one = again(take(contact, message(), "kind.xml"))

    assert (one.total, one.accepted, one.refused, one.finished_at, one.due) == (1, 1, 0, NOW, None)
    assert Message.get().route == "bestand" and Message.get().by == contact and Stay.select().count() == 1


def test_a_zip_waits_for_the_worker_and_then_has_a_report_on_each_message(contact):
    one = take(contact, packed(*messages(3), message("slecht", "opname-9", discharged="2026-01-01T10:00:00"), b"<geen"))
    assert again(one).done == 0

    UploadBatch.work_waiting(NOW)
    statuses = [part.status for part in UploadPart.page(one)[0]]
    assert statuses == [200, 200, 200, 422, 400]
    assert (again(one).accepted, again(one).refused, again(one).finished_at) == (3, 2, NOW)
    assert {finding["rule"] for finding in UploadPart.page(one)[0][3].answer["findings"]} >= {"R-08"}
    assert [part.status for part in UploadPart.page(one, refused_only=True)[0]] == [422, 400]


def test_a_worker_that_stops_leaves_the_rest_to_the_next_at_once(contact, monkeypatch):
    one = take(contact, packed(*messages(3)))
    asked, deliver = threading.Event(), UploadPart.deliver
    monkeypatch.setattr(shutdown, "asked", asked)
    monkeypatch.setattr(UploadPart, "deliver", lambda part, *more: asked.set() or deliver(part, *more))

    assert UploadBatch.work_waiting(NOW) == 0 and again(one).done == 1

    asked.clear()
    monkeypatch.setattr(UploadPart, "deliver", deliver)
    assert UploadBatch.work_waiting(NOW) == 1 and again(one).done == 3


def test_what_another_hospital_sent_is_refused_with_a_report_and_kept_nowhere(contact):
    one = take(contact, message(agb="06999999"), "vreemd.xml")
    (part,) = UploadPart.page(one)[0]

    assert part.status == 403 and part.answer["findings"] and part.message is None and Message.select().count() == 0


def test_a_worker_that_dies_loses_nothing_and_does_nothing_twice(contact, monkeypatch):
    one = take(contact, packed(*messages(4)))
    delivered = []

    def dies(*arguments):
        delivered.append(arguments)
        answer = batch_deliver(*arguments)
        if len(delivered) == 2:
            raise KeyboardInterrupt  # as a kill would: after the message was taken in, before that was noted
        return answer

    batch_deliver = upload_batch.deliver
    monkeypatch.setattr(upload_batch, "deliver", dies)
    with pytest.raises(KeyboardInterrupt):
        UploadBatch.work_waiting(NOW)
    monkeypatch.setattr(upload_batch, "deliver", batch_deliver)

    assert UploadBatch.work_waiting(NOW + timedelta(seconds=30)) == 0, "somebody else may still be at it"
    assert UploadBatch.work_waiting(NOW + upload_batch.LEASE + timedelta(seconds=1)) == 1
    assert (again(one).accepted, again(one).refused, Message.select().count(), Stay.select().count()) == (4, 0, 4, 4)


@pytest.mark.parametrize("at", ["_fill", "_begin"])
def test_an_upload_that_died_on_its_way_in_goes_on_when_it_is_sent_again(contact, monkeypatch, at):
    def dies(self, *arguments):
        if at == "_fill":
            UploadPart.insert(UploadPart.row(self, 0, arguments[0])).execute()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(UploadBatch, at, dies)
        with pytest.raises(KeyboardInterrupt):
            take(contact, packed(*messages(3)), request="zelfde")
    one = take(contact, packed(*messages(3)), request="zelfde")
    UploadBatch.work_waiting(NOW)

    assert UploadBatch.select().count() == 1 and (again(one).total, again(one).accepted, again(one).finished_at) == (3, 3, NOW)
    assert AuditEvent.select().where(AuditEvent.action == "lnr.upload").count() == 1


def test_two_workers_do_not_hold_the_same_upload(contact):
    one = take(contact, packed(*messages(2)))
    mine, theirs = again(one), again(one)

    assert mine._claim(mine.due, NOW) and theirs._claim(theirs.due, NOW) is None


def test_the_messages_themselves_are_gone_once_they_were_delivered(contact):
    one = take(contact, packed(*messages(2)))
    assert UploadPart.select().where(UploadPart.content.is_null(False)).count() == 2

    UploadBatch.work_waiting(NOW)
    assert one.parts.where(UploadPart.content.is_null(False)).count() == 0


def test_a_double_click_uploads_once(contact):
    assert take(contact, packed(*messages(2)), request="zelfde") == take(contact, packed(*messages(2)), request="zelfde")
    assert UploadPart.select().count() == 2


def test_who_may_no_longer_deliver_leaves_their_messages_undelivered(contact):
    one = take(contact, packed(*messages(2)))
    contact.active = False
    contact.save()
    UploadBatch.work_waiting(NOW)

    assert (again(one).refused, Message.select().count()) == (2, 0)
    assert "LNR-contactpersoon" in UploadPart.page(one)[0][0].problem


@pytest.mark.parametrize("name", ["../../etc/x.xml", "/etc/x.xml", "a\\..\\x.xml", "x\x07.xml", "n" * 300 + ".xml"])
def test_an_odd_name_refuses_that_file_alone(contact, name):
    one = take(contact, packed(message(), files={name: message("b2", "opname-2")}))
    UploadBatch.work_waiting(NOW)

    assert [(part.status, bool(part.problem)) for part in UploadPart.page(one)[0]] == [(200, False), (None, True)]
    assert all(part.name.isprintable() and len(part.name) <= zip_upload.LONGEST_NAME for part in UploadPart.page(one)[0])


def test_a_zip_in_a_zip_is_not_opened_and_what_programs_add_is_left_out(contact):
    files = {"meer.zip": packed(message()), "__MACOSX/._bericht.xml": b"x", ".DS_Store": b"x"}
    one = take(contact, packed(message(), files=files))

    assert [part.name for part in UploadPart.page(one)[0]] == ["map/bericht-0.xml", "meer.zip"]
    assert "ZIP in een ZIP" in UploadPart.page(one)[0][1].problem


def test_a_message_that_unpacks_to_too_much_is_cut_off_and_refused(contact):
    one = take(contact, packed(b"<a>" + b" " * 60_000_000))
    UploadBatch.work_waiting(NOW)

    assert UploadPart.page(one)[0][0].status == 413


def _overlapping():
    """Two entries of the list of contents that lead to the same bytes."""
    content = bytearray(packed(message() * 40))
    start = content.rindex(b"PK\x01\x02")
    end = content.rindex(b"PK\x05\x06")
    entry = content[start:end]
    tail = bytearray(content[end:])
    copies = 30
    struct.pack_into("<HHI", tail, 8, copies, copies, len(entry) * copies)
    return bytes(content[:start] + entry * copies + tail)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", zip_upload.NEITHER),
        (b"%PDF-1.4", zip_upload.NEITHER),
        (packed(), zip_upload.EMPTY),
        (packed(b"<a/>")[:-30], zip_upload.BROKEN),
        (b"PK\x03\x04" + b"\x00" * 100, zip_upload.BROKEN),
        (_overlapping(), zip_upload.BROKEN),
    ],
    ids=["empty", "a pdf", "an empty zip", "a zip cut off", "a zip of zeros", "overlapping entries"],
)
def test_a_file_that_cannot_be_used_is_refused_as_a_whole(contact, content, said):
    with pytest.raises(Refused, match=said.split("(")[0][:40]):
        take(contact, content)
    assert UploadBatch.select().count() == UploadPart.select().count() == 0


def test_a_zip_of_too_many_is_refused_before_it_is_read(contact, monkeypatch):
    monkeypatch.setattr(zip_upload, "MOST", 3)
    with pytest.raises(Refused, match="meer dan"):
        take(contact, packed(*messages(4)))


def test_bytes_of_any_zip_give_an_upload_or_a_sentence(contact):
    whole = packed(message(), message("b2", "opname-2"))
    for place in range(0, len(whole), 7):
        content = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        try:
            for one in zip_upload.read("x.zip", content):
                assert one.content is not None or one.problem
        except Refused:
            pass


def test_old_reports_and_broken_off_uploads_go(contact):
    one = take(contact, message(), "kind.xml")
    half = UploadBatch.create(hospital=contact.hospital, by=contact, name="x", size=1, request="half", created_at=NOW)
    UploadPart.create(batch=half, position=0, name="x", content=b"x")

    assert UploadBatch.forget_broken(NOW + timedelta(days=2)) == 1 and UploadBatch.get() == one
    assert destroy_due(MODELS, NOW + timedelta(days=89)) == {}
    assert destroy_due(MODELS, NOW + timedelta(days=91)) == {"lnr_upload": 1} and UploadPart.select().count() == 0
    assert Message.select().count() == 1


def test_messages_that_wait_are_sealed_anew_with_the_rest(contact):
    one = take(contact, packed(*messages(2)))
    before = db.execute_sql("SELECT content FROM lnr_part ORDER BY id").fetchall()

    assert "LNR-bestanden: 3" in list(key_rotation.reseal())
    assert db.execute_sql("SELECT content FROM lnr_part ORDER BY id").fetchall() != before
    UploadBatch.work_waiting(NOW)
    assert (again(one).accepted, again(one).name) == (2, "mei.zip")
