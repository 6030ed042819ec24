"""The dossier as one file: what is in it, for whom, made once whatever breaks, and destroyed in time."""

import hashlib
import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from PIL import Image
from pypdf import PdfReader

from models import MODELS, clock
from models.access import Process, Role
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.case_reader import CaseReader
from models.cases.status import Status
from models.cases.theme import RequestedDocument
from models.committee.package import dossier_package
from models.committee.package.dossier_package import CHANGED, FAILED, MOST_TRIES, DossierPackage
from models.files import page_view, storage
from models.files.document import Document
from models.files.file_state import FileState
from models.files.stores.folder import Folder
from models.operations import integrity_check
from models.retention.destruction import destroy_due
from settings import settings
from tests import make

pytestmark = pytest.mark.db_dialect
TEXT = b"Een regel over het verloop van de bevalling.\n" * 5


def picture():
    kept = io.BytesIO()
    Image.new("RGB", (300, 200), "navy").save(kept, "PNG")
    return kept.getvalue()


@pytest.fixture
def case():
    """An approved case with a file for one document, two for another, and a loose one."""
    theme = make.theme(asked=("Partusverslag", "OK-verslag (sectio)", "Ontslagbrieven"))
    made = make.case(Status.CONCEPT, theme=theme)
    first, second, _ = theme.asked.order_by(RequestedDocument.position)
    make.document(made, asked=first)
    make.document(made, name="scan mw. Jansen.png", content=picture(), asked=second)
    make.document(made, name="verloop.txt", content=TEXT, asked=second)
    make.document(made, name="anders.pdf")
    made.submit(made.reporter)
    made.approve(make.coordinator())
    return Case.get_by_id(made.id)


def made(case, by, kind):
    """The package that `by` asks for, and its bytes."""
    DossierPackage.ask(case, by, kind)
    assert DossierPackage.make_waiting() == 1
    row, blocks = DossierPackage.fetch(case, by, kind)
    return row, b"".join(blocks)


def told(content):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_the_zip_holds_every_file_under_its_new_name_with_an_index(case):
    row, content = made(case, make.reader(case), "zip")
    archive = zipfile.ZipFile(io.BytesIO(content))
    number = case.number
    names = [f"{number}_{end}" for end in (
        "inhoud.pdf", "partusverslag_1.pdf", "ok-verslag-sectio_1.png", "ok-verslag-sectio_2.txt", "overig_1.pdf")]  # fmt: skip
    assert archive.namelist() == names and archive.testzip() is None
    assert {hashlib.sha256(archive.read(name)).hexdigest() for name in names[1:]} == {one.sha256 for one in Document.select()}
    index = told(archive.read(names[0]))
    assert all(name in index.replace("\u200b", "").replace("\n", "") for name in names[1:])
    assert "Ontslagbrieven" in index and "Goedgekeurd" in index
    assert row.name == f"{number}_dossier.zip" and (row.done, row.total) == (4, 4)


def test_the_pdf_holds_pages_and_text_and_nobody(case):
    _, content = made(case, make.reader(case), "pdf")
    reader = PdfReader(io.BytesIO(content))
    assert reader.outline[0].title == "Inhoud" and len(reader.outline) == 5
    assert len(reader.pages) >= 5 and sum(len(page.images) for page in reader.pages) == 3
    text = told(content)
    assert "verloop van de bevalling" in text
    for secret in (case.hospital.name, case.reporter.name, "Jansen", case.patient_number or "geen nummer"):
        assert secret not in text and secret.encode() not in content


def test_what_the_gate_holds_back_is_not_in_it_and_the_index_says_so(case):
    blocked, *_ = Document.select().order_by(Document.id)
    Document.update(state=FileState.BESMET, state_said="Eicar").where(Document.id == blocked.id).execute()
    row, content = made(case, make.coordinator(), "zip")
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert f"{case.number}_partusverslag_1.pdf" not in archive.namelist() and row.held_back == 1
    index = told(archive.read(f"{case.number}_inhoud.pdf"))
    assert "Tegengehouden" in index and "virus" in index


def test_a_file_that_is_held_back_later_closes_the_package(case):
    by = make.reader(case)
    made(case, by, "zip")
    Document.update(state=FileState.BESMET).where(Document.id == Document.select().first().id).execute()
    with pytest.raises(Refused, match="tegengehouden"):
        DossierPackage.fetch(case, by, "zip")
    assert CHANGED and Document.select().count() == 4


def test_only_who_reads_the_case_asks_and_fetches_and_only_their_own(case):
    reader, coordinator = make.reader(case), make.coordinator()
    strangers = [
        case.reporter, make.user(role=Role.COMMISSIELID), make.coordinator(Process.LZA1), make.user(role=Role.BEHEERDER),
        make.user(role=Role.COMMISSIELID, committee=Process.LZA1),
    ]  # fmt: skip
    made(case, reader, "zip")
    for by in strangers:
        with pytest.raises(Refused):
            DossierPackage.ask(case, by, "zip")
        with pytest.raises(Refused):
            DossierPackage.fetch(case, by, "zip")
    with pytest.raises(Refused, match="er \\(nog\\) niet"):
        DossierPackage.fetch(case, coordinator, "zip")
    assert DossierPackage.select().count() == 1


def test_access_that_ended_ends_the_package_too(case):
    by = make.reader(case)
    made(case, by, "zip")
    DossierPackage.ask(case, by, "pdf")
    CaseReader.end(case)
    with pytest.raises(Refused, match="niet \\(meer\\)"):
        DossierPackage.fetch(case, by, "zip")
    assert DossierPackage.make_waiting() == 0
    assert "niet (meer)" in DossierPackage.standing(case, by)["pdf"].problem


def test_a_case_that_was_never_handed_in_has_no_package():
    with pytest.raises(Refused):
        DossierPackage.ask(make.case(), make.coordinator(), "zip")


def test_asking_twice_makes_one_and_a_newer_one_replaces_the_older(case):
    by = make.reader(case)
    assert DossierPackage.ask(case, by, "zip").id == DossierPackage.ask(case, by, "zip").id
    DossierPackage.make_waiting()
    (older,) = DossierPackage.select()
    made(case, by, "zip")
    assert not storage.exists(older.blob) and DossierPackage.get_by_id(older.id).destroyed_at
    assert len(DossierPackage.kept()) == 1


def test_who_dies_while_making_only_makes_it_later(case, monkeypatch):
    by = make.reader(case)
    row = DossierPackage.ask(case, by, "zip")
    monkeypatch.setattr(storage, "save", lambda *rest, **more: (_ for _ in ()).throw(SystemExit))
    with pytest.raises(SystemExit):
        row.make()
    monkeypatch.undo()
    assert DossierPackage.make_waiting() == 0
    later = clock.now() + dossier_package.LEASE + timedelta(seconds=1)
    assert DossierPackage.make_waiting(later) == 1


def test_a_machine_that_is_too_busy_is_tried_again_and_at_last_it_is_said(case, monkeypatch):
    by = make.reader(case)
    DossierPackage.ask(case, by, "pdf")
    monkeypatch.setattr(page_view, "draw", lambda *rest: (_ for _ in ()).throw(page_view.DrawingBusy("druk")))
    for minute in range(MOST_TRIES):
        assert DossierPackage.make_waiting(clock.now() + timedelta(minutes=2 * minute)) == 0
    row = DossierPackage.standing(case, by)["pdf"]
    assert (row.problem, row.due, row.tries) == (FAILED, None, MOST_TRIES)


def test_a_file_of_too_many_pages_says_where_the_rest_is(case, monkeypatch):
    monkeypatch.setattr("models.committee.package.package_files.MOST_PAGES", 1)
    _, content = made(case, make.reader(case), "pdf")
    assert "in deze PDF passen niet meer bladzijden" in " ".join(told(content).split())


def test_a_damaged_file_is_left_out_and_told(case):
    document = Document.select().first()
    path = Folder(settings.documents_dir).path(document.blob)
    path.write_bytes(path.read_bytes()[:-20] + b"x" * 20)
    row, content = made(case, make.coordinator(), "zip")
    assert (row.total, row.held_back) == (3, 1)
    assert "beschadigd" in told(zipfile.ZipFile(io.BytesIO(content)).read(f"{case.number}_inhoud.pdf"))


def test_the_term_destroys_it_and_nothing_is_left(case):
    by = make.reader(case)
    row, _ = made(case, by, "zip")
    now = clock.now()
    destroy_due(MODELS, now + timedelta(days=2))
    assert storage.exists(row.blob)
    destroy_due(MODELS, now + timedelta(days=3, minutes=1))
    assert not storage.exists(row.blob) and DossierPackage.standing(case, by) == {}
    assert list(integrity_check.documents()) == []
    trail = [event.action for event in AuditEvent.of_case(case) if event.action.startswith("dossier.")]
    assert trail == ["dossier.ask", "dossier.make", "dossier.download", "dossier.destroy"]


def test_bytes_that_a_kill_left_are_swept(case):
    row, _ = made(case, make.reader(case), "zip")
    row.destroy(clock.now())  # the bytes go after the transaction: here nobody came to that
    destroy_due(MODELS, clock.now())
    assert not storage.exists(row.blob)


def test_the_page_asks_follows_and_fetches(case, login, client):
    by = make.reader(case)
    browser, address = login(client, by), f"/dossier/{case.key}/"
    (token,) = set(re.findall(r'name="csrf_token" value="([^"]+)"', browser.get(address).text))
    assert browser.post(f"{address}maken", data={"soort": "zip", "csrf_token": token}).status_code == 302
    assert "Wacht op zijn beurt" in browser.get(address).text
    assert browser.get(f"{address}stand").json["zip"] == {
        "done": 0, "total": 0, "finished": False, "text": "Wacht op zijn beurt"
    }  # fmt: skip
    DossierPackage.make_waiting()
    assert "ZIP downloaden" in browser.get(address).text
    answer = browser.get(f"{address}ophalen?soort=zip")
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{case.number}_dossier.zip"')
    assert zipfile.ZipFile(io.BytesIO(answer.data)).testzip() is None
    assert json.loads(DossierPackage.get().documents)
