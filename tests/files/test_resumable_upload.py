"""A file that comes in parts, by the tus protocol: it goes on where it stopped, and becomes a file by the gate of all files."""

import hashlib
import io
import os
import threading
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta

import pytest

from models import MODELS, clock
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.cases.theme import RequestedDocument
from models.files import storage, upload_limits
from models.files.document import Document
from models.files.resumable import resumable_upload as resumable
from models.files.resumable.resumable_upload import Joining, ResumableUpload, WrongOffset
from models.files.resumable.sealed_part import SealedPart
from models.files.stores import bucket as buckets
from models.files.upload_limits import DayFull
from models.operations import integrity_check
from models.operations.keys import key_rotation
from models.retention import destruction
from models.retention.erasure_request import ErasureRequest
from models.retention.legal_hold import LegalHold
from settings import settings
from tests import make
from tests.files import samples
from tests.web.pages import form_key

pytestmark = pytest.mark.db_dialect

# A clip that goes on to the end of the file.
CLIP = b"\0\0\0\x18ftypisom" + bytes(12) + b"\0\0\0\0mdat" + os.urandom(300_000)
PIECE = 100_000
SIZE = len(CLIP)


BOTH = pytest.mark.parametrize("place", ["folder", "bucket"], indirect=True)


@pytest.fixture(autouse=True)
def place(request, monkeypatch, tmp_path):
    """An empty place for bytes: a folder, or the bucket when the test says so."""
    there = {"documents_dir": tmp_path / "files"}
    if getattr(request, "param", "folder") == "bucket":
        there["s3"] = request.getfixturevalue("object_store").settings(prefix=tmp_path.name)
    for module in (storage, buckets):
        monkeypatch.setattr(module, "settings", replace(settings, **there))
    storage._folder_and_bucket.cache_clear()
    yield
    storage._folder_and_bucket.cache_clear()


@pytest.fixture
def melder(client, login):
    user = make.user()
    login(client, user)
    return user


@pytest.fixture
def case(melder):
    return make.case(by=melder)


def begin(case, size=SIZE, name="echo.mp4", **more):
    return ResumableUpload.begin(case, more.pop("by", case.reporter), name, size, **more)


def append(upload, content, offset=None, by=None):
    offset = upload.received if offset is None else offset
    return upload.append(io.BytesIO(content), offset, by or upload.sender, len(content))


def whole(case, content=CLIP):
    upload = begin(case, len(content))
    for at in range(0, len(content), PIECE):
        append(upload, content[at : at + PIECE])
    return upload


def kept():
    """What lies in the storage, marks included."""
    return {name for name, _ in storage.keys()}


class Broken(io.RawIOBase):
    """A line that breaks after these bytes."""

    def __init__(self, content):
        self.rest = io.BytesIO(content)

    def read(self, size=-1):
        if block := self.rest.read(size):
            return block
        raise ConnectionResetError("the line broke")


# ---- the verbs -------------------------------------------------------------------------------------------------------------


@BOTH
def test_parts_become_one_file_and_go(monkeypatch):
    monkeypatch.setattr(resumable, "PART", 70_000)  # a piece that is sent is sealed as several parts
    upload = whole(case := make.case())
    assert upload.parts.count() > 4 and Document.select().count() == 0
    for key in kept():
        with storage.sealed(key) as file:
            assert file.read(21) == b"age-encryption.org/v1"
    document = upload.finish(upload.sender)
    assert (document.size, document.sha256, document.name) == (len(CLIP), hashlib.sha256(CLIP).hexdigest(), "echo.mp4")
    assert b"".join(storage.read(document.blob, document.sha256)) == CLIP
    assert kept() == {document.blob} and SealedPart.select().count() == 0
    assert Case.get_by_id(case.id).uploads == 1
    assert ResumableUpload.get_by_id(upload.id).finish(upload.sender) == document  # asked again, it is the same file


@BOTH
def test_what_came_before_the_line_broke_is_kept():
    upload = begin(make.case())
    assert upload.append(Broken(CLIP[:123_456]), 0, upload.sender, len(CLIP)) == 123_456
    again = ResumableUpload.get_by_id(upload.id)
    assert append(again, CLIP[123_456:]) == len(CLIP)
    assert again.finish(again.sender).sha256 == hashlib.sha256(CLIP).hexdigest()


@BOTH
def test_a_line_that_breaks_at_once_leaves_nothing():
    upload = begin(make.case())
    assert upload.append(Broken(b""), 0, upload.sender, 10) == 0
    assert kept() == set()


def test_bytes_that_do_not_follow_are_refused():
    upload = begin(make.case())
    append(upload, CLIP[:1000])
    for offset in (0, 999, 1001):
        with pytest.raises(WrongOffset, match="Ga daar verder"):
            append(upload, b"x", offset)
    assert ResumableUpload.get_by_id(upload.id).received == 1000 and len(kept()) == 1


def test_more_than_was_said_is_refused_and_nothing_of_it_kept():
    upload = begin(make.case(), size=1000)
    with pytest.raises(storage.TooLarge, match="meer binnen dan"):
        append(upload, CLIP[:1001])
    assert upload.append(io.BytesIO(CLIP), 0, upload.sender) == 1000  # who says no length is read no further


def test_of_two_who_send_the_same_bytes_one_is_taken(monkeypatch):
    """Two tabs, or two webs: each has read the row before the other wrote it."""
    upload = begin(make.case())
    one, other = (ResumableUpload.get_by_id(upload.id) for _ in range(2))
    append(one, CLIP[:1000])
    with pytest.raises(WrongOffset):
        append(other, CLIP[:2000])
    assert ResumableUpload.get_by_id(upload.id).received == 1000
    assert kept() == {part.blob for part in SealedPart.select()} and SealedPart.select().count() == 1


def test_bytes_without_a_row_go_and_those_with_one_stay(monkeypatch):
    """The web is killed with -9 between the bytes and their row: its mark says so."""
    upload = begin(make.case())
    append(upload, CLIP[:1000])
    storage.save(io.BytesIO(b"left by a kill"), 100, mark=True)
    # And one killed between the row and taking the mark away.
    part = upload.parts.get()
    storage._stores()[-1].put("ab" * 16, lambda sink: sink.write(b"age"), mark=True)
    SealedPart.create(upload=upload, start=5000, size=3, sha256="0" * 64, blob="ab" * 16)
    later = clock.now() + timedelta(days=2)
    integrity_check.clear_leftovers(later)
    assert kept() == {part.blob, "ab" * 16}
    assert [said for said in integrity_check.documents(later) if "opslag" in said] == []


def test_the_type_is_refused_at_the_first_part():
    upload = begin(make.case())
    with pytest.raises(Refused, match="Dit soort bestand"):
        append(upload, b"MZ" + bytes(PIECE))
    assert kept() == set() and ResumableUpload.get_by_id(upload.id).ended_at


def test_a_first_part_of_some_bytes_tells_nothing_of_the_kind():
    upload = begin(make.case())
    assert append(upload, CLIP[:3]) == 3
    append(upload, CLIP[3:])
    assert upload.finish(upload.sender).media_type == "video/mp4"


def test_what_shows_only_at_the_end_is_refused_there_and_the_parts_go():
    upload = whole(make.case(), samples.package({"los.exe": b"MZ" + os.urandom(PIECE)}))
    with pytest.raises(Refused, match="ZIP-bestand"):
        upload.finish(upload.sender)
    assert kept() == set() and ResumableUpload.standing(upload.case, upload.sender) == []
    with pytest.raises(Refused, match="gestopt"):
        upload.finish(upload.sender)


def test_what_is_too_large_to_look_into_is_refused_at_its_first_part():
    upload = begin(make.case(), size=upload_limits.LARGEST + 1, name="verslag.pdf")
    with pytest.raises(storage.TooLarge, match="te groot om te controleren"):
        append(upload, make.PDF + b"%" * 10_000)
    assert kept() == set() and ResumableUpload.get_by_id(upload.id).ended_at


def test_a_damaged_part_ends_the_upload_and_is_no_file():
    upload = whole(make.case())
    part = upload.parts.order_by(SealedPart.start.desc()).first()
    storage.delete(part.blob)
    with pytest.raises(storage.BrokenOff, match="niet helemaal aangekomen"):
        upload.finish(upload.sender)
    assert Document.select().count() == 0 and kept() == set()


def test_while_the_disk_is_full_what_came_is_kept(monkeypatch):
    upload = whole(make.case())

    def full(*_, **__):
        raise storage.NoRoom(storage.NO_ROOM)

    with monkeypatch.context() as patch:
        patch.setattr(storage, "save", full)
        with pytest.raises(storage.NoRoom):
            upload.finish(upload.sender)
    assert upload.finish(upload.sender).size == len(CLIP)


def test_parts_are_joined_by_one_at_a_time_until_that_one_is_dead():
    upload = whole(make.case())
    upload._claim()
    with pytest.raises(Joining, match="Een ogenblik"):
        upload.finish(upload.sender)
    ResumableUpload.update(joining_until=clock.now() - timedelta(seconds=1)).execute()
    assert upload.finish(upload.sender).size == len(CLIP)


def test_nobody_goes_on_with_what_somebody_else_sends():
    upload = begin(make.case())
    colleague = make.user(hospital=upload.case.hospital)
    for act in (lambda: append(upload, b"x", by=colleague), lambda: upload.finish(colleague), lambda: upload.stop(colleague)):
        with pytest.raises(Refused, match="Een collega is met deze upload begonnen"):
            act()
    assert ResumableUpload.standing(upload.case, colleague) == []


def test_a_case_that_was_closed_meanwhile_takes_no_part_more():
    case = make.case()
    upload = whole(case)
    make.document(case)
    case.submit(case.reporter)
    Case.get_by_id(case.id).approve(make.coordinator())
    for act in (lambda: append(upload, b"", 0), lambda: upload.finish(upload.sender)):
        with pytest.raises(Refused, match="met de status Goedgekeurd kunnen geen bestanden meer"):
            act()
    upload.stop(upload.sender)
    assert SealedPart.select().count() == 0


def test_who_may_no_more_is_refused():
    upload = begin(make.case())
    upload.sender.deactivate(by=make.user(role=Role.BEHEERDER))
    with pytest.raises(Refused):
        append(upload, b"x")


def test_announced_files_count_for_the_day_and_for_the_person(monkeypatch):
    case = make.case()
    monkeypatch.setattr(upload_limits, "MAX_DAY", 1000)
    begin(case, size=600)
    with pytest.raises(DayFull, match="onderweg"):
        begin(case, size=500)
    monkeypatch.setattr(resumable, "MOST", 2)
    begin(case, size=10)
    with pytest.raises(Refused, match="uploads die niet af zijn"):
        begin(case, size=10)
    with pytest.raises(storage.TooLarge):
        begin(case, size=upload_limits.MAX_SIZE + 1)
    with pytest.raises(Refused, match="leeg"):
        begin(case, size=0)


def test_what_stood_still_since_yesterday_keeps_no_room(monkeypatch):
    case = make.case()
    monkeypatch.setattr(upload_limits, "MAX_DAY", 1000)
    before = begin(case, size=600)
    ResumableUpload.update(moved_at=clock.now() - timedelta(days=1)).where(ResumableUpload.id == before.id).execute()
    assert begin(case, size=500)


def test_the_trail_knows_who_began_and_who_stopped():
    upload = begin(make.case())
    upload.stop(upload.sender)
    upload.stop(upload.sender)
    told = AuditEvent.select().where(AuditEvent.action.startswith("upload.")).order_by(AuditEvent.id)
    assert [(line.action, line.actor_id, line.detail) for line in told] == [
        ("upload.begin", upload.sender_id, upload.key),
        ("upload.stop", upload.sender_id, upload.key),
    ]


# ---- the end ---------------------------------------------------------------------------------------------------------------


def test_what_nobody_goes_on_with_is_destroyed_after_its_term():
    upload, fresh = begin(make.case()), begin(make.case())
    append(upload, CLIP[:1000])
    append(fresh, CLIP[:1000])
    ResumableUpload.update(moved_at=clock.now() - timedelta(days=3, minutes=1)).where(ResumableUpload.id == upload.id).execute()
    assert destruction.destroy_due(MODELS) == {"unfinished_upload": 1}
    assert AuditEvent.select().where(AuditEvent.action == "upload.expire").count() == 1
    destruction.destroy_due(MODELS)
    assert kept() == {part.blob for part in fresh.parts}
    destruction.destroy_due(MODELS, clock.now() + timedelta(days=2))
    assert list(ResumableUpload.select()) == [fresh]


def test_parts_that_a_kill_left_at_the_end_go_with_the_next_night():
    upload = whole(make.case())
    with db.atomic():
        upload.expire(clock.now())
    assert len(kept()) > 1
    ResumableUpload.sweep(clock.now())
    assert kept() == set() and SealedPart.select().count() == 0


def test_a_legal_hold_keeps_what_is_not_whole_yet():
    upload = begin(make.case())
    append(upload, CLIP[:1000])
    ResumableUpload.update(moved_at=clock.now() - timedelta(days=9)).where(ResumableUpload.id == upload.id).execute()
    LegalHold.place(upload.case, make.coordinator(), "Calamiteitenonderzoek.")
    assert destruction.destroy_due(MODELS) == {}
    assert upload.parts.exists()


def test_uploads_that_are_only_remembered_hold_up_no_parts(monkeypatch):
    monkeypatch.setattr(resumable, "EACH", 1)
    case = make.case()
    for number in range(2):
        begin(case, name=f"{number}.mp4").stop(case.reporter)
    left = begin(case)
    append(left, CLIP[:PIECE])
    ResumableUpload.update(ended_at=clock.now()).where(ResumableUpload.id == left.id).execute()  # as a kill leaves it

    ResumableUpload.sweep(clock.now())

    assert not SealedPart.select().exists() and ResumableUpload.select().count() == 3


def test_a_store_that_is_away_loses_no_row_of_what_it_still_has(monkeypatch):
    upload = whole(make.case())

    def away(*_):
        raise OSError("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(storage, "delete", lambda key: None)
        patch.setattr(storage, "exists", away)
        upload.stop(upload.sender)
    assert SealedPart.select().count() == len(kept()) > 0
    ResumableUpload.sweep(clock.now())
    assert kept() == set()


def test_an_erased_case_keeps_no_part():
    upload = whole(case := make.case())
    case.withdraw(case.reporter, "Per ongeluk.")
    Case.update(status_since=clock.now() - timedelta(days=100)).execute()
    destruction.destroy_due(MODELS)
    destruction.destroy_due(MODELS)
    assert kept() == set() and ResumableUpload.get_by_id(upload.id).name == ""


def test_parts_are_sealed_anew_and_one_that_is_damaged_ends_its_upload():
    upload, other = whole(make.case()), whole(make.case())
    before = {key: storage.sealed(key).read() for key in kept()}
    path = storage._stores()[-1].path(other.parts.first().blob)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    list(key_rotation.reseal())
    assert all(storage.sealed(part.blob).read() != before[part.blob] for part in upload.parts)
    assert ResumableUpload.get_by_id(other.id).ended_at
    assert upload.finish(upload.sender).sha256 == hashlib.sha256(CLIP).hexdigest()


# ---- the protocol ----------------------------------------------------------------------------------------------------------


def meta(**about):
    return ",".join(f"{name} {b64encode(str(value).encode()).decode()}" for name, value in about.items())


def ask(client, method, path, body=b"", offset=None, key=None, **more):
    headers = {"Tus-Resumable": "1.0.0", "X-CSRFToken": key or form_key(client), **more}
    if offset is not None:
        headers["Upload-Offset"] = str(offset)
    return client.open(path, method=method, data=body, content_type="application/offset+octet-stream", headers=headers)


def announce(client, case, size=SIZE, **about):
    more = {"Upload-Length": str(size), "Upload-Metadata": meta(filename="echo van één.mp4", **about)}
    return ask(client, "POST", f"/melding/{case.key}/bestanden/delen", **more)


def test_a_program_of_tus_creates_asks_sends_and_stops(client, case):
    answer = announce(client, case)
    assert (answer.status_code, answer.headers["Tus-Resumable"]) == (201, "1.0.0")
    place = answer.location
    far = ask(client, "HEAD", place)
    assert (far.status_code, far.headers["Upload-Offset"], far.headers["Upload-Length"]) == (200, "0", str(len(CLIP)))
    assert far.headers["Cache-Control"] == "no-store"
    answer = ask(client, "PATCH", place, CLIP[:1000], 0)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "1000")
    answer = ask(client, "PATCH", place, CLIP[1000:], 999)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, "1000")
    answer = ask(client, "PATCH", place, CLIP[1000:], 1000)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(CLIP)))
    (document,) = Document.present(case)
    assert (document.name, document.sha256) == ("echo van één.mp4", hashlib.sha256(CLIP).hexdigest())
    assert ask(client, "HEAD", place).headers["Upload-Offset"] == str(len(CLIP))
    other = announce(client, case).location
    assert ask(client, "DELETE", other).status_code == 204
    assert ask(client, "HEAD", other).status_code == 410
    assert ask(client, "PATCH", other, b"x", 0).status_code == 422


def test_what_is_whole_waits_for_room_and_is_not_thrown_away(client, case, monkeypatch):
    place = announce(client, case).location
    with monkeypatch.context() as patch:
        patch.setattr(upload_limits, "MAX_DAY", 1000)
        answer = ask(client, "PATCH", place, CLIP, 0)
    # The page takes a 413 or 422 for the end of the upload, and an offset for a reason to go on at once.
    assert answer.status_code == 409 and "Upload-Offset" not in answer.headers
    assert ask(client, "PATCH", place, b"", SIZE).status_code == 204
    assert Document.present(case)


def test_the_page_hears_what_became_of_the_file(client, case):
    asked = RequestedDocument.get(RequestedDocument.theme == case.theme)
    place = announce(client, case, document=asked.id).location
    answer = ask(client, "PATCH", place, CLIP, 0, Accept="application/json")
    document = Document.get()
    assert (answer.status_code, answer.json["key"], answer.json["size"]) == (201, document.key, len(CLIP))
    assert document.asked == asked
    again = ask(client, "PATCH", place, b"", len(CLIP), Accept="application/json")  # its answer was lost
    assert (again.status_code, again.json["key"]) == (201, document.key)
    assert Document.select().count() == 1


def test_where_no_patch_passes_a_post_does(client, case):
    place = announce(client, case).location
    assert ask(client, "POST", place, CLIP[:10], 0).status_code == 405
    answer = ask(client, "POST", place, CLIP, 0, **{"X-HTTP-Method-Override": "PATCH"})
    assert answer.status_code == 204 and Document.select().count() == 1


def test_what_is_no_tus_is_told_so(client, case):
    place = announce(client, case).location
    for method, path in (("POST", place.rsplit("/", 1)[0]), ("PATCH", place)):
        answer = ask(client, method, path, offset=0, **{"Tus-Resumable": "0.2.2"})
        assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")
    headers = {"Tus-Resumable": "1.0.0", "X-CSRFToken": form_key(client)}
    assert client.patch(place, data=b"x", headers=headers | {"Upload-Offset": "0"}).status_code == 415
    for offset in ("", "-1", "één", "1" * 40):
        assert ask(client, "PATCH", place, b"x", **{"Upload-Offset": offset}).status_code == 400
    for length in ("", "-5", "x"):
        assert ask(client, "POST", place.rsplit("/", 1)[0], **{"Upload-Length": length}).status_code == 400
    answer = ask(client, "POST", place.rsplit("/", 1)[0], **{"Upload-Length": "9", "Upload-Metadata": "filename !!, x, y ="})
    assert answer.status_code == 201
    assert announce(client, case, size=upload_limits.MAX_SIZE + 1).status_code == 413
    assert ask(client, "PATCH", place, CLIP + b"x", 0).status_code == 413
    assert ResumableUpload.get(ResumableUpload.key == place.rsplit("/", 1)[1]).received == 0


def test_an_upload_of_somebody_else_is_not_there(client, case, login, app):
    place = announce(client, case).location
    other = make.case(by=case.reporter, theme=case.theme)
    colleague, stranger = make.user(hospital=case.hospital), make.user()
    wrong = place.replace(case.key, other.key)
    assert ask(client, "HEAD", wrong).status_code == 404
    for person in (colleague, stranger):
        browser = app.test_client()
        login(browser, person)
        for method in ("HEAD", "PATCH", "DELETE"):
            assert ask(browser, method, place, b"", 0).status_code == 404
        assert ask(browser, "POST", f"{place}/stoppen").status_code == 404
    assert ResumableUpload.get().ended_at is None


def test_without_the_key_of_the_form_nothing_is_sent(client, case):
    place = announce(client, case).location
    assert ask(client, "PATCH", place, CLIP, 0, key="nonsense").status_code == 400
    assert ResumableUpload.get().received == 0


def test_the_page_of_the_case_offers_to_go_on(client, case):
    upload = begin(case, name="echo <b>.mp4", modified=1234)
    append(upload, CLIP[:1000])
    page = client.get(f"/melding/{case.key}/").text
    assert "Er staat nog een onvolledige upload" in page and "echo &lt;b&gt;.mp4" in page
    assert f'data-size="{len(CLIP)}"' in page and 'data-modified="1234"' in page
    assert ask(client, "POST", f"/melding/{case.key}/bestanden/delen/{upload.key}/stoppen").status_code == 302
    assert "onvolledige upload" not in client.get(f"/melding/{case.key}/").text
    assert kept() == set()


def test_two_at_once_over_two_connections_lose_and_double_nothing(app):
    """Each thread has a connection of its own, as two webs have."""
    upload = begin(make.case())
    met = []

    def send():
        with db.connection_context():
            mine = ResumableUpload.get_by_id(upload.id)
            try:
                met.append(append(mine, CLIP, 0))  # also who comes when the other is done
            except WrongOffset:
                met.append(None)

    db.close()
    threads = [threading.Thread(target=send) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    db.connect(reuse_if_open=True)
    assert sorted(met, key=str) in ([len(CLIP), None], [None, len(CLIP)])
    assert ResumableUpload.get_by_id(upload.id).finish(upload.sender).sha256 == hashlib.sha256(CLIP).hexdigest()


# ---- in the place of another file ------------------------------------------------------------------------------------------


def test_a_large_file_in_parts_takes_the_place_of_another():
    case = make.case()
    asked = case.theme.asked.first()
    before = make.document(case, name="oud.pdf", asked=asked)
    upload = begin(case, replaces=before)
    append(upload, CLIP[:PIECE])
    assert Document.get_by_id(before.id).removed_at is None  # until the new one is whole
    append(upload, CLIP[PIECE:])
    made = ResumableUpload.get_by_id(upload.id).finish(case.reporter)
    before = Document.get_by_id(before.id)
    assert (made.replaces_id, made.asked_id, made.sha256) == (before.id, asked.id, hashlib.sha256(CLIP).hexdigest())
    assert before.removed_at and Case.get_by_id(case.id).uploads == 1
    assert "document.replace" in [line.action for line in AuditEvent.of_case(case)]


def test_what_was_replaced_meanwhile_is_said_before_and_after_and_nothing_is_thrown_away():
    case = make.case()
    before, elsewhere = make.document(case), make.document(make.case())
    with pytest.raises(Refused, match="verwijderd of al vervangen"):
        begin(case, replaces=elsewhere)
    upload = begin(case, replaces=before)
    append(upload, CLIP)
    before.remove(case.reporter)
    with pytest.raises(Refused, match="verwijderd of al vervangen"):
        ResumableUpload.get_by_id(upload.id).finish(case.reporter)
    assert ResumableUpload.get_by_id(upload.id).ended_at is None and SealedPart.select().exists()
    before.restore(case.reporter)
    assert ResumableUpload.get_by_id(upload.id).finish(case.reporter).replaces_id == before.id


def test_the_parts_of_an_erased_case_go_with_it():
    asks, second = make.coordinator(), make.coordinator()
    case = make.case()
    append(begin(case), CLIP[:PIECE])
    assert SealedPart.select().exists() and kept()
    ErasureRequest.ask(asks, case.number, "Op verzoek.").grant(second, MODELS)
    assert not SealedPart.select().exists() and kept() == set()
