import hashlib
import io
import re
import socket
import threading
import time
import zipfile
from urllib.parse import quote, urlencode, urlsplit

import pytest
from flask import session
from werkzeug.serving import make_server
from werkzeug.test import EnvironBuilder

from admin_views.files import receiving
from admin_views.web.incoming import Incoming
from models.access import Process, Role
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.cases.status import Status
from models.cases.theme import RequestedDocument
from models.files import age_writer, storage, upload_limits
from models.files import document as documents
from models.files.document import Document
from models.files.stores import Unanswered
from models.files.stores.folder import Folder
from settings import settings
from tests import make
from tests.files import samples
from tests.web.pages import form_key, send

PNG = b"\x89PNG\r\n\x1a\n" + b"beeld" * 100
RAW = "application/octet-stream"


@pytest.fixture
def melder(client, login):
    user = make.user()
    login(client, user)
    return user


@pytest.fixture
def case(melder):
    return make.case(by=melder)


def put(client, case, content=make.PDF, naam="partusverslag.pdf", key=None, **more):
    """Send one file as the page's script does."""
    query = {"sleutel": "s1", **more}
    headers = {"X-CSRFToken": key or form_key(client), "Accept": "application/json", "X-File-Name": quote(naam)}
    address = f"/melding/{case.key}/bestanden?{urlencode(query)}"
    return client.put(address, data=content, content_type=RAW, headers=headers)


def act(client, file, verb, **fields):
    return send(client, f"/melding/{file.case.key}/bestanden/{file.key}/{verb}", fields)


def get(client, document, what="download", **more):
    return client.open(f"/melding/{document.case.key}/bestanden/{document.key}/{what}", **more)


def lines(case):
    """The asked documents of the case, in their order."""
    return list(case.theme.asked.order_by(RequestedDocument.position))


def zipped(**parts):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as package:
        for name, content in parts.items():
            package.writestr(name.replace("__", "/").replace("_", "."), content)
    return sink.getvalue()


def kept():
    """Everything that lies in the documents folder."""
    return [path for path in settings.documents_dir.rglob("*") if path.is_file()]


@pytest.fixture(autouse=True)
def clean_folder():
    for path in kept():
        path.unlink()


# ---- in -------------------------------------------------------------------------------------------------------------


def test_a_file_arrives_whole_and_never_lies_in_clear(client, case):
    answer = put(client, case)
    assert answer.status_code == 201 and answer.json["name"] == "partusverslag.pdf"
    document = Document.get()
    assert (document.size, document.sha256) == (len(make.PDF), hashlib.sha256(make.PDF).hexdigest())
    assert all(b"Catalog" not in path.read_bytes() for path in kept())
    assert "partusverslag.pdf" in client.get(f"/melding/{case.key}/").text


def test_the_tile_shows_name_date_and_size_as_the_manual_does(client, case):
    make.document(case, content=b"%PDF-" + b"x" * 51_995, at=case.created_at.replace(month=3, day=5, hour=12))
    text = re.sub(r"<[^>]+>", " ", client.get(f"/melding/{case.key}/").text)
    assert re.search(rf"partusverslag\.pdf\s+5-3-{case.created_at.year}\s+52KB", text)


def test_the_same_upload_sent_again_is_the_same_file(client, case):
    keys = {put(client, case).json["key"] for _ in range(2)}
    assert len(keys) == 1 == Document.select().count() == len(kept())


@pytest.mark.parametrize("key", ["", "x" * 44, "\x00", "a b", "é", "'; --"])
def test_an_odd_upload_key_does_no_harm(client, case, key):
    assert put(client, case, sleutel=key).status_code == 201
    assert put(client, case, sleutel=key).status_code == 201
    assert Document.select().count() == 2


def test_a_file_dropped_on_an_asked_document_belongs_to_it(client, case):
    asked = lines(case)[1]
    put(client, case, document=asked.id)
    assert Document.get().asked == asked


def test_a_document_of_another_theme_cannot_be_meant(client, case):
    foreign = make.theme().asked.get()
    assert put(client, case, document=foreign.id).status_code == 422
    assert put(client, case, document="abc").status_code == 404
    assert not kept()


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"MZ\x90\x00" + b"\x00" * 100, "verslag.pdf", "Dit soort bestand"),
        (b"<html><script>alert(1)</script>", "verslag.pdf", "Druk het af naar PDF"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "beeld.pdf", "Druk het af naar PDF"),
        (b"#!/bin/sh\nrm -rf /\n", "verslag.txt", "Druk het af naar PDF"),
        (zipped(geheim_txt=b"x"), "archief.docx", "Pak het uit"),
        (samples.docx(**{"word__vbaProject.bin": b"x"}), "brief.docm", "macro's"),
        (b"", "leeg.pdf", "is leeg"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_words_and_leaves_nothing(client, case, content, name, sentence):
    answer = put(client, case, content, name)
    assert answer.status_code == 422 and sentence in answer.json["error"]
    assert not Document.select().exists() and not kept()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        (r"C:\Users\x\verslag.PDF", "verslag.pdf"),
        ("verslag\u202efdp.exe", "verslagfdp.exe.pdf"),
        ("scan 😀.pdf", "scan 😀.pdf"),
        ("CON.pdf", "CON-bestand.pdf"),
        ("", "bestand.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie- x=1.pdf"),
        ("verslag\x00.pdf", "verslag.pdf"),
        ("é" * 10_000, "é" * 98 + ".pdf"),
    ],
)
def test_odd_names_become_sane_ones_and_can_be_downloaded(client, case, name, shown):
    assert put(client, case, naam=name).json["name"] == shown
    answer = get(client, Document.get())
    assert answer.status_code == 200 and answer.data == make.PDF
    header = answer.headers["Content-Disposition"]
    assert header.isascii() and "\n" not in header and header.startswith('attachment; filename="')
    assert client.get(f"/melding/{case.key}/").status_code == 200


def test_a_file_that_is_too_large_is_refused_before_and_while_it_is_read(client, case, monkeypatch):
    monkeypatch.setattr(receiving, "MAX_SIZE", 100)
    answer = put(client, case, b"%PDF-" + b"x" * 200)
    assert (
        answer.status_code == 413 and answer.json["error"] == "Dit bestand is groter dan 2GB. Verdeel het over meer bestanden."
    )
    monkeypatch.undo()
    monkeypatch.setattr(documents, "MAX_SIZE", 100)
    assert put(client, case, b"%PDF-" + b"x" * 200).status_code == 413
    assert not Document.select().exists() and not kept()


def test_more_than_the_general_limit_of_a_request_is_no_problem_for_an_upload(client, case, app):
    frames = b"x" * (app.config["MAX_CONTENT_LENGTH"] + 1000)
    content = b"\0\0\0\x18ftypisom" + bytes(12) + (len(frames) + 8).to_bytes(4, "big") + b"mdat" + frames
    assert put(client, case, content).status_code == 201
    assert Document.get().size == len(content)


def test_a_case_takes_no_more_files_than_can_be_read(client, case, monkeypatch):
    monkeypatch.setattr(upload_limits, "MAX_FILES", 1)
    assert put(client, case).status_code == 201
    assert "hoogstens 1" in put(client, case, sleutel="s2").json["error"]


def test_a_full_disk_is_said_in_words_and_leaves_nothing(client, case, monkeypatch):
    def full(*more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(age_writer._Writer, "_write", full)
    answer = put(client, case)
    assert answer.status_code == 503 and "kan nu niet worden opgeslagen" in answer.json["error"]
    assert not Document.select().exists() and not kept()


@pytest.mark.parametrize("status", [Status.GOEDGEKEURD, Status.INGETROKKEN])
def test_a_closed_case_takes_no_files(client, melder, status):
    case = make.case(status, by=melder)
    before = len(kept())
    answer = put(client, case)
    assert answer.status_code == 409 and "kunnen geen bestanden meer worden toegevoegd" in answer.json["error"]
    assert len(kept()) == before


def test_a_case_that_closes_while_a_file_is_on_its_way_does_not_take_it(client, melder, case, monkeypatch):
    save = storage.save

    def slow(*given, **more):
        stored = save(*given, **more)
        Case.get_by_id(case.id).withdraw(melder, "Toch niet.")
        return stored

    monkeypatch.setattr(storage, "save", slow)
    assert "is deze melding Ingetrokken" in put(client, case).json["error"]
    assert not kept()


def test_only_the_raw_file_is_taken_here(client, case):
    headers = {"X-CSRFToken": form_key(client), "Accept": "application/json"}
    answer = client.put(f"/melding/{case.key}/bestanden", data={"a": "b"}, headers=headers)
    assert answer.status_code == 415 and "één bestand tegelijk" in answer.json["error"]


def test_a_name_in_the_address_is_not_taken_and_one_in_no_alphabet_is_made_readable(client, case):
    headers = {"X-CSRFToken": form_key(client), "Accept": "application/json"}
    path = f"/melding/{case.key}/bestanden"
    answer = client.put(f"{path}?naam=mevrouw.pdf&sleutel=a", data=make.PDF, content_type=RAW, headers=headers)
    assert answer.json["name"] == "bestand.pdf"
    headers["X-File-Name"] = "%ff%zz.pdf"
    answer = client.put(f"{path}?sleutel=b", data=make.PDF, content_type=RAW, headers=headers)
    assert answer.status_code == 201 and answer.json["name"].endswith(".pdf")


def test_without_the_form_key_nothing_is_taken(client, case):
    assert put(client, case, key="verkeerd").status_code == 400
    assert not kept()


def test_a_file_of_unknown_length_is_not_taken(client, case):
    headers = {"X-CSRFToken": form_key(client), "Accept": "application/json", "Transfer-Encoding": "chunked"}
    answer = client.put(f"/melding/{case.key}/bestanden", data=make.PDF, content_type=RAW, headers=headers)
    assert answer.status_code == 422 and "hoe groot" in answer.json["error"]


def test_who_was_logged_out_reads_a_sentence(client, app, case):
    answer = app.test_client().put(
        f"/melding/{case.key}/bestanden", data=make.PDF, content_type=RAW, headers={"Accept": "application/json"}
    )
    assert answer.status_code in (400, 401) and answer.json["error"]


def test_small_files_come_in_without_script(client, case):
    upload = {"bestanden": [(io.BytesIO(make.PDF), "een.pdf"), (io.BytesIO(b"MZ\x00"), "twee.exe")], "sleutel": "k"}
    for _ in range(2):
        upload = {**upload, "bestanden": [(io.BytesIO(make.PDF), "een.pdf"), (io.BytesIO(b"MZ\x00"), "twee.exe")]}
        answer = client.post(f"/melding/{case.key}/bestanden", data={**upload, "csrf_token": form_key(client)})
    page = client.get(answer.location).text
    assert "een.pdf is toegevoegd." in page and "twee.exe: Dit soort bestand" in page
    assert [document.name for document in Document.select()] == ["een.pdf"]
    assert "Kies eerst" in client.get(send(client, f"/melding/{case.key}/bestanden").location).text


def test_a_form_with_files_is_never_spooled_to_the_disk(app):
    builder = EnvironBuilder(method="POST", data={"bestanden": (io.BytesIO(b"x" * 2_000_000), "groot.pdf")})
    with app.request_context(builder.get_environ()) as context:
        session["_user_id"] = "somebody"  # who is logged in may send that much
        assert isinstance(context.request, Incoming)
        assert isinstance(context.request.files["bestanden"].stream, io.BytesIO)


# ---- half an upload, over a real connection -------------------------------------------------------------------------


@pytest.fixture
def portal(app):
    server = make_server("localhost", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.port
    server.shutdown()
    thread.join()


def test_an_upload_that_breaks_off_leaves_nothing_and_can_be_sent_again(client, case, portal):
    key = form_key(client)
    cookie = "; ".join(f"{found.key}={found.value}" for found in client._cookies.values())
    path = f"/melding/{case.key}/bestanden?sleutel=s1"
    head = (
        f"PUT {path} HTTP/1.1\r\nHost: localhost:{portal}\r\nContent-Type: {RAW}\r\nContent-Length: 1000000\r\n"
        f"X-CSRFToken: {key}\r\nReferer: http://localhost:{portal}/\r\nCookie: {cookie}\r\nAccept: application/json\r\n\r\n"
    )
    with socket.create_connection(("localhost", portal)) as connection:
        connection.sendall(head.encode() + b"%PDF-1.4 de helft")
        seen = wait_for(lambda: kept())
    assert {path.suffix for path in seen} <= {".half", ".new"}
    wait_for(lambda: not kept())
    assert not kept() and not Document.select().exists()
    assert put(client, case).status_code == 201


def wait_for(happens, seconds=5):
    until = time.monotonic() + seconds
    while not (found := happens()) and time.monotonic() < until:
        time.sleep(0.02)
    return found


# ---- out ------------------------------------------------------------------------------------------------------------


def test_a_download_is_what_was_uploaded_and_cannot_run(client, case):
    content = b"%PDF-1.4 " + bytes(range(256)) * 2000
    document = make.document(case, content=content, name="verslag é 1.pdf")
    answer = get(client, document)
    assert hashlib.sha256(answer.data).hexdigest() == document.sha256
    headers = answer.headers
    assert headers["Content-Type"] == "application/pdf" and int(headers["Content-Length"]) == len(content)
    assert (
        headers["Content-Disposition"] == "attachment; filename=\"verslag e 1.pdf\"; filename*=UTF-8''verslag%20%C3%A9%201.pdf"
    )
    assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin" and "ETag" not in headers


def test_asking_only_for_the_headers_reads_and_logs_nothing(client, case):
    document = make.document(case)
    answer = get(client, document, method="HEAD")
    assert answer.status_code == 200 and answer.data == b"" and int(answer.headers["Content-Length"]) == len(make.PDF)
    assert not AuditEvent.select().where(AuditEvent.action == "document.download").exists()


def test_a_part_of_a_file_cannot_be_asked_for(client, case):
    answer = get(client, make.document(case), headers={"Range": "bytes=5-9"})
    assert answer.status_code == 200 and answer.data == make.PDF


@pytest.mark.parametrize(("what", "action"), [("download", "document.download"), ("bekijken", "document.preview")])
def test_who_fetches_a_file_is_written_down(client, melder, case, what, action):
    get(client, make.document(case), what)
    event = AuditEvent.get(AuditEvent.action == action)
    assert (event.actor, event.case_id) == (melder, case.id)


def test_a_pdf_is_shown_in_our_own_pages_only(client, case):
    answer = get(client, make.document(case), "bekijken")
    assert answer.headers["Content-Disposition"].startswith("inline;")
    assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN" and answer.data == make.PDF


def test_a_picture_is_shown_in_a_page_that_makes_it_fit(client, case):
    document = make.document(case, content=PNG, name="scan.png")
    page = get(client, document, "bekijken")
    assert "<script" not in page.text and f"/bestanden/{document.key}/beeld" in page.text
    answer = get(client, document, "beeld")
    assert answer.data == PNG and answer.headers["Content-Type"] == "image/png"
    assert get(client, make.document(case), "beeld").status_code == 404


def test_what_a_browser_cannot_show_is_said_in_a_sentence(client, case):
    document = make.document(case, content=b"platte tekst", name="notitie.txt")
    answer = get(client, document, "bekijken")
    assert (
        "kan uw browser niet laten zien" in answer.text
        and "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    )
    assert not AuditEvent.select().where(AuditEvent.action == "document.preview").exists()


def test_a_damaged_file_gives_a_page_and_not_a_byte(client, case):
    document = make.document(case)
    (path,) = [path for path in kept() if path.name == document.blob]
    path.write_bytes(path.read_bytes()[:-5] + b"xxxxx")
    for what in ("download", "bekijken"):
        answer = get(client, document, what)
        assert answer.status_code == 410 and "kan niet worden gelezen" in answer.text and b"Catalog" not in answer.data
    path.unlink()
    assert get(client, document).status_code == 410
    assert AuditEvent.select().where(AuditEvent.action == "document.lost").count() == 3


def test_a_file_that_is_damaged_further_on_never_arrives_whole(client, case):
    document = make.document(case, content=b"%PDF-" + b"x" * 500_000)
    (path,) = [path for path in kept() if path.name == document.blob]
    content = path.read_bytes()
    path.write_bytes(content[:-5] + b"xxxxx")
    answer = get(client, document)
    with pytest.raises(storage.Damaged):
        _ = answer.data
    assert AuditEvent.select().where(AuditEvent.action == "document.lost").exists()


def test_a_file_whose_store_gives_no_answer_is_not_called_damaged(client, case, monkeypatch):
    document = make.document(case)

    def hang(folder, key):
        raise Unanswered(key)

    monkeypatch.setattr(Folder, "open", hang)
    for what in ("download", "bekijken"):
        answer = get(client, document, what)
        assert answer.status_code == 503 and "kan nu niet worden gelezen" in answer.text and answer.headers["Retry-After"]
    assert not AuditEvent.select().where(AuditEvent.action == "document.lost").exists()


def test_bytes_of_another_file_are_not_handed_out(client, case):
    document, other = make.document(case), make.document(case, content=b"%PDF-1.4 van een ander")
    mine, theirs = (settings.documents_dir / one.blob[:2] / one.blob for one in (document, other))
    mine.write_bytes(theirs.read_bytes())
    assert get(client, document).status_code == 410


# ---- changing -------------------------------------------------------------------------------------------------------


def test_removing_can_be_undone(client, case):
    document = make.document(case)
    answer = act(client, document, "verwijderen")
    page = client.get(answer.location).text
    assert "partusverslag.pdf is verwijderd." in page and "Ongedaan maken" in page and "Verwijderde bestanden" in page
    assert get(client, document).status_code == 404
    assert Case.get_by_id(case.id).uploads == 0
    for _ in range(2):
        act(client, document, "terugzetten")
    assert get(client, document).data == make.PDF
    assert Case.get_by_id(case.id).uploads == 1


def test_removing_twice_is_removing_once(client, case):
    document = make.document(case)
    for _ in range(2):
        act(client, document, "verwijderen")
    assert Case.get_by_id(case.id).uploads == 0


def test_after_submitting_nothing_is_removed(client, melder):
    case = make.case(Status.INGEDIEND, by=melder)
    answer = act(client, case.documents.get(), "verwijderen")
    assert "kunt u geen bestanden meer verwijderen" in client.get(answer.location).text
    assert Document.get().removed_at is None


def test_a_file_is_linked_to_an_asked_document_and_untied(client, case):
    document = make.document(case)
    asked = lines(case)[0]
    act(client, document, "koppelen", document=asked.id)
    assert Document.get().asked == asked
    act(client, document, "koppelen", document="")
    assert Document.get().asked is None
    assert act(client, document, "koppelen", document=make.theme().asked.get().id).status_code == 302
    assert Document.get().asked is None


def test_a_file_under_the_address_of_another_case_is_not_there(client, melder, case):
    document = make.document(make.case(by=melder))
    document.case = case
    assert get(client, document).status_code == 404


# ---- walls ----------------------------------------------------------------------------------------------------------


def test_another_hospitals_files_are_not_there_and_its_case_takes_none(client, melder):
    case = make.case()
    document = make.document(case)
    for what in ("download", "bekijken", "beeld"):
        assert get(client, document, what).status_code == 404
    for verb in ("verwijderen", "terugzetten", "koppelen"):
        assert act(client, document, verb).status_code == 404
    assert put(client, case).status_code == 404
    assert send(client, f"/melding/{case.key}/bestanden").status_code == 404
    assert Document.select().count() == 1 and Document.get().removed_at is None


def test_a_foreign_upload_is_refused_before_its_body_is_read(client, melder, monkeypatch):
    monkeypatch.setattr(storage, "save", lambda *more: pytest.fail("the body was read"))
    assert put(client, make.case()).status_code == 404


@pytest.mark.parametrize(
    ("role", "status", "answer"),
    [
        (Role.COORDINATOR, Status.CONCEPT, 404),
        (Role.COORDINATOR, Status.INGEDIEND, 200),
        (Role.LZA1_COORDINATOR, Status.INGEDIEND, 404),
        (Role.COMMISSIELID, Status.INGEDIEND, 404),
        (Role.COMMISSIELID, Status.GOEDGEKEURD, 200),
        (Role.BEHEERDER, Status.GOEDGEKEURD, 403),
        (Role.LNR_CONTACT, Status.GOEDGEKEURD, 403),
    ],
)
def test_a_file_reaches_who_works_with_the_case_now(client, login, role, status, answer):
    case = make.case(status)
    document = case.documents.first() or make.document(case)
    person = make.user(role=role)
    make.reader(case, person)
    login(client, person)
    assert get(client, document).status_code == answer
    assert get(client, document, "bekijken").status_code == answer


def test_the_committee_of_the_other_process_reads_nothing(client, login):
    case = make.case(Status.GOEDGEKEURD)
    login(client, make.user(role=Role.COMMISSIELID, committee=Process.LZA1))
    assert get(client, case.documents.get()).status_code == 404


def test_a_coordinator_reads_and_changes_nothing(client, login):
    case = make.case(Status.INGEDIEND)
    document = case.documents.get()
    login(client, make.coordinator())
    assert put(client, case).status_code == 422  # without the route by which it came
    for verb in ("verwijderen", "terugzetten", "koppelen"):
        act(client, document, verb)
    assert Document.select().count() == 1 and Document.get().removed_at is None


def test_a_visitor_is_led_to_the_log_in(client):
    document = make.document(make.case())
    answer = get(client, document)
    assert answer.status_code == 302 and urlsplit(answer.location).path == "/inloggen"


@pytest.mark.parametrize("suffix", ["x.html", ";.css", "download/..", "?type=text/html"])
def test_no_address_changes_the_type_of_a_file(client, case, suffix):
    document = make.document(case)
    answer = client.get(f"/melding/{case.key}/bestanden/{document.key}/download{suffix}")
    assert answer.status_code == 404 or answer.headers["Content-Type"] == "application/pdf"
