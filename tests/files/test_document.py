"""Files of a case."""

import io
import os
import threading
import tracemalloc
import zipfile
from datetime import datetime, timedelta

import pytest

from models import MODELS
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.cases.status import Status
from models.cases.theme import RequestedDocument
from models.files import document as documents
from models.files import file_type, storage, upload_limits
from models.files.document import Document, tidy_name
from models.retention.destruction import destroy_due
from settings import settings
from tests import make

PDF = "application/pdf"


def uploads(case):
    return Case.get_by_id(case.id).uploads


def on_disk():
    return {key for key, _ in storage.keys()}


@pytest.fixture(autouse=True)
def clean_disk():
    for key in on_disk():
        storage.delete(key)


def package(packed=zipfile.ZIP_STORED, **parts):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", packed) as file:
        for name, text in parts.items():
            file.writestr(name.replace("__", "/").replace("_X", "."), text)
    return sink.getvalue()


def damaged(content, after):
    """The same bytes but for four right behind the first `after`."""
    at = content.index(after) + len(after)
    return content[:at] + b"\xff\xff\xff\xff" + content[at + 4 :]


OPC = "http://schemas.openxmlformats.org/package/2006"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
DOCX = {
    "[Content_Types].xml": f'<Types xmlns="{OPC}/content-types"><Override PartName="/word/document.xml" '
    f'ContentType="{WORD}"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{OPC}/relationships"><Relationship Id="r1" Target="word/document.xml" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>',
    "word/document.xml": "<x/>",
}


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.7 x", PDF),
        (b"\xff\xd8\xff\xe0 x", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n x", "image/png"),
        (b"II*\x00 x", "image/tiff"),
        (b"\x00\x00\x00\x18ftypheic x", "image/heic"),
        (b"\x00\x00\x00\x18ftypisom x", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  x", "video/quicktime"),
        (b"{\\rtf1 x}", "application/rtf"),
        (b"\x00" * 128 + b"DICM x", "application/dicom"),
        (b"Verslag van de operatie.\r\nBloedverlies 2 l.", "text/plain"),
        ("Verslag, één keer".encode("cp1252"), "text/plain"),
        (package(**DOCX), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (package(mimetype="application/vnd.oasis.opendocument.text"), "application/vnd.oasis.opendocument.text"),
    ],
)
def test_the_kind_of_a_file_is_told_by_its_content(content, media_type):
    assert make.document(make.case(), name="wat.dan.ook", content=content).media_type == media_type


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("verslag.pdf", b"MZ\x90\x00 een programma"),
        ("verslag.pdf", b"<html><script>alert(1)</script></html>"),
        ("plaatje.png", b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("verslag.txt", b"#!/bin/sh\nrm -rf /"),
        ("verslag.txt", b"\x00\x01\x02\x03"),
        ("verslag.pdf", b"\x7fELF\x02\x01"),
        ("alles.zip", package(a="1")),
        ("kapot.docx", b"PK\x03\x04 kapot"),
        ("kapot.odt", damaged(package(mimetype="application/vnd.oasis.opendocument.text"), b"opendocument")),
        ("ingepakt.odt", damaged(package(zipfile.ZIP_DEFLATED, mimetype="x" * 5000), b"mimetype")),
        ("vreemd.odt", package(zipfile.ZIP_LZMA, mimetype="application/vnd.oasis.opendocument.text")),
        ("lang.docx", package(**DOCX, **{f"{number:0250}": "" for number in range(3600)})),
        ("beeld.dcm", b"MZ".ljust(128, b"\x00") + b"DICM x"),
        ("beeld.dcm", b"PK\x03\x04".ljust(128, b"\x00") + b"DICM x"),
        ("beeld.dcm", b" <html>".ljust(128, b" ") + b"DICM x"),
        ("film.avi", b"RIFF\x00\x00\x00\x00AVI LIST"),
        ("leeg.pdf", b""),
    ],
)
def test_what_is_not_accepted_is_refused_with_the_reason_and_leaves_nothing(name, content):
    case = make.case()

    with pytest.raises(Refused) as refusal:
        make.document(case, name=name, content=content)
    assert str(refusal.value).endswith(".") and len(str(refusal.value)) > 30
    assert Document.select().count() == uploads(case) == 0
    assert on_disk() == set()


@pytest.mark.parametrize(
    ("name", "media_type", "shown"),
    [
        ("brief.PDF", PDF, "brief.pdf"),
        ("../../etc/passwd", PDF, "passwd.pdf"),
        ("C:\\stukken\\brief.pdf", PDF, "brief.pdf"),
        ("brief.exe", PDF, "brief.exe.pdf"),
        ("foto\u202egnp.jpg", "image/jpeg", "fotognp.jpg"),
        ("regel\r\neinde.pdf", PDF, "regeleinde.pdf"),
        ("CON.pdf", PDF, "CON-bestand.pdf"),
        ("nul", PDF, "nul-bestand.pdf"),
        ("", PDF, "bestand.pdf"),
        ("...", PDF, "bestand.pdf"),
        ("-rf.pdf", PDF, "rf.pdf"),
        ("a:b?.pdf", PDF, "a-b.pdf"),
        ("foto.jpeg", "image/jpeg", "foto.jpeg"),
        ("verslag 😀 é.pdf", PDF, "verslag 😀 é.pdf"),
        ("病理.pdf", PDF, "病理.pdf"),
    ],
)
def test_names_are_tidied_and_stay_readable(name, media_type, shown):
    assert tidy_name(name, media_type) == shown


def test_a_name_of_ten_thousand_characters_is_shortened():
    assert len(make.document(make.case(), name="x" * 10_000 + ".pdf").name) == 200


def test_what_is_on_the_disk_is_not_the_clear_content():
    document = make.document(make.case(), content=b"%PDF-1.4 geheim verslag")
    (path,) = settings.documents_dir.glob(f"??/{document.blob}")

    assert b"geheim" not in path.read_bytes() and path.read_bytes().startswith(b"age-encryption.org/v1")


def test_what_comes_out_is_what_went_in_and_reading_is_in_the_trail():
    content = b"%PDF-1.4 " + os.urandom(300_000)
    document = make.document(make.case(), content=content)

    assert b"".join(document.content(document.added_by)) == content
    assert AuditEvent.select().where(AuditEvent.action == "document.download").count() == 1


@pytest.mark.parametrize("damage", ["flip", "swap", "cut", "gone"])
def test_a_file_that_was_touched_on_the_disk_is_not_given_out(damage):
    case = make.case()
    document, other = make.document(case, content=b"%PDF-1.4 " + b"a" * 200_000), make.document(case)
    (path,), (second,) = (settings.documents_dir.glob(f"??/{row.blob}") for row in (document, other))
    data = bytearray(path.read_bytes())
    data[150_000] ^= 1
    {
        "flip": lambda: path.write_bytes(data),
        "swap": lambda: path.write_bytes(second.read_bytes()),
        "cut": lambda: path.write_bytes(data[:100_000]),
        "gone": path.unlink,
    }[damage]()

    with pytest.raises(storage.Damaged):
        list(document.content(document.added_by))


def test_the_kind_of_a_package_is_told_without_unpacking_it():
    bomb = package(zipfile.ZIP_DEFLATED, mimetype=bytes(50_000_000))
    tracemalloc.start()
    with pytest.raises(Refused, match="onredelijk groot"):
        file_type.detect(bomb[:8192], lambda: [bomb])
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_what_may_hold_a_program_is_refused_when_it_is_too_large_to_look_into(monkeypatch):
    monkeypatch.setattr(upload_limits, "LARGEST", 1000)
    case = make.case()
    packed = package(**DOCX, more="x" * 1000)

    for content in (
        make.PDF + bytes(1000),
        packed,
        b"\0" * 128 + b"DICM" + bytes(1000),
        b"tekst" * 250,
        b"{\\rtf1 " + b"x" * 1000,
    ):
        with pytest.raises(storage.TooLarge, match="document of DICOM-beeld"):
            make.document(case, content=content)
    for content in (b"\x00\x00\x00\x18ftypisom" + bytes(1000), b"II*\x00" + bytes(1000)):
        assert make.document(case, content=content).size > 1000
    assert len(on_disk()) == 2


def test_a_file_that_is_too_large_leaves_nothing(monkeypatch):
    monkeypatch.setattr(documents, "MAX_SIZE", 1000)

    with pytest.raises(storage.TooLarge):
        make.document(make.case(), content=b"%PDF-1.4" + b"x" * 1000)
    assert on_disk() == set()


def test_half_an_upload_leaves_nothing():
    case = make.case()

    with pytest.raises(storage.BrokenOff, match="niet helemaal aangekomen"):
        Document.attach(case, io.BytesIO(make.PDF), "a.pdf", case.reporter, upload_key="u", length=len(make.PDF) + 1)
    assert on_disk() == set() and uploads(case) == 0


def test_the_same_upload_twice_at_once_is_one_file():
    case, made, gate = make.case(), [], threading.Barrier(3)

    def send():
        with db.connection_context():
            gate.wait()
            made.append(Document.attach(case, io.BytesIO(make.PDF), "a.pdf", case.reporter, upload_key="u").id)

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 3 and len(set(made)) == 1
    assert uploads(case) == 1 and len(on_disk()) == 1


def test_removing_twice_counts_once_and_can_be_undone():
    case = make.case()
    document = make.document(case)
    document.remove(case.reporter)
    document.remove(case.reporter)
    assert (Document.present(case), uploads(case)) == ([], 0)

    document.restore(case.reporter)
    document.restore(case.reporter)
    assert (Document.present(case), uploads(case)) == ([document], 1)


@pytest.mark.parametrize(("bound", "most", "others"), [("MAX_FILES", 2, False), ("MAX_DAY", 2 * len(make.PDF), True)])
def test_uploads_at_once_do_not_pass_a_bound_together(monkeypatch, bound, most, others):
    monkeypatch.setattr(upload_limits, bound, most)
    case, gate, results = make.case(), threading.Barrier(4), []
    cases = [make.case(by=case.reporter) if others else case for _ in range(4)]

    class Slow(io.BytesIO):
        def read(self, size):
            if not self.tell():
                gate.wait(20)
            return super().read(size)

    def send(case, number):
        with db.connection_context():
            try:
                Document.attach(case, Slow(make.PDF), "a.pdf", case.reporter, f"u{number}", len(make.PDF))
            except Refused as reason:
                results.append(str(reason))

    db.close()
    threads = [threading.Thread(target=send, args=(one, number)) for number, one in enumerate(cases)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Document.select().count() == len(on_disk()) == len(results) == 2


def test_a_file_too_many_is_not_put_back(monkeypatch):
    case = make.case()
    document = make.document(case)
    document.remove(case.reporter)
    make.document(case)
    monkeypatch.setattr(upload_limits, "MAX_FILES", 1)

    with pytest.raises(Refused, match="hoogstens 1 bestanden"):
        document.restore(case.reporter)
    assert uploads(case) == 1


def test_after_submitting_a_file_can_be_added_but_not_removed():
    case = make.case(status=Status.INGEDIEND)
    late = make.document(case)

    with pytest.raises(Refused, match="Ingediend"):
        late.remove(case.reporter)


@pytest.mark.parametrize("status", [Status.GOEDGEKEURD, Status.INGETROKKEN])
def test_a_closed_case_takes_no_files(status):
    with pytest.raises(Refused):
        make.document(make.case(status=status))
    assert len(on_disk()) == (status == Status.GOEDGEKEURD)


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.MELDER, Role.INVOERDER)])
def test_only_the_hospital_adds_files(role):
    case = make.case()
    local = {"hospital": case.hospital} if role in (Role.LZA1_MELDER, Role.LNR_CONTACT) else {}

    with pytest.raises(Refused):
        make.document(case, by=make.user(role=role, **local))


def test_a_colleague_of_another_hospital_adds_nothing():
    with pytest.raises(Refused, match="niet van uw ziekenhuis"):
        make.document(make.case(), by=make.user())


def test_a_file_is_linked_to_a_document_of_its_own_theme_only():
    case = make.case()
    document, foreign = make.document(case), RequestedDocument.get(RequestedDocument.theme == make.theme())
    document.link(RequestedDocument.get(RequestedDocument.theme == case.theme), case.reporter)

    with pytest.raises(Refused, match="hoort niet bij"):
        document.link(foreign, case.reporter)


def test_removed_files_are_destroyed_after_thirty_days_and_not_before():
    case = make.case()
    document = make.document(case)
    at = datetime(2026, 11, 1, 12)
    document.remove(case.reporter, now=at)

    assert destroy_due(MODELS, at + timedelta(days=30)) == {}
    assert destroy_due(MODELS, at + timedelta(days=30, seconds=1)) == {"removed_file": 1}
    assert on_disk() == set()
    with pytest.raises(Refused, match="definitief verwijderd"):
        document.restore(case.reporter)


def test_a_file_stays_when_the_case_is_handed_in_at_that_moment(monkeypatch):
    document = make.document(case := make.case())
    make.document(case)
    monkeypatch.setattr(Document, "_demand_upload", lambda self: case.submit(case.reporter))

    with pytest.raises(Refused, match="Ingediend"):
        document.remove(case.reporter)

    assert Document.get_by_id(document.id).removed_at is None


def test_another_file_under_the_key_of_one_that_came_is_refused_and_the_first_stays():
    case = make.case()

    def send(content, **more):
        return Document.attach(case, io.BytesIO(content), "a.pdf", case.reporter, upload_key="u", **more)

    first = send(make.PDF)
    assert send(make.PDF) == send(make.PDF, length=len(make.PDF)) == first
    for content, more in ((make.PDF + b"%", {}), (make.PDF[:-1] + b"%", {"length": len(make.PDF)}), (b"kort", {"length": 4})):
        with pytest.raises(Refused, match="al een ander bestand verstuurd"):
            send(content, **more)
    assert Document.get().id == first.id and Case.get_by_id(case.id).uploads == 1
