"""Dangerous files refused, and what tells who somebody is found, decided about and taken out."""

import io
import re
from datetime import timedelta

import pytest

from models import MODELS, clock
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.files.document import Document
from models.files.file_state import FileState
from models.files.privacy import inspection, metadata_removal, privacy_findings
from models.files.privacy.privacy_decision import BESIDE, HARMLESS, SENT, PrivacyDecision
from models.files.sandbox.start import NotStarted
from models.operations.keys.key_rotation import reseal
from models.retention.destruction import destroy_due
from settings import settings
from tests import make
from tests.files import samples
from tests.web.pages import send


@pytest.fixture(autouse=True)
def not_looked_at_yet(monkeypatch):
    monkeypatch.setattr(make, "LOOKED", False)


MACRO = samples.pdf("Verslag", change=samples.with_script)


def looked(case, content, name="verslag.pdf", **more):
    document = make.document(case, name=name, content=content, **more)
    inspection.look_waiting()
    return Document.get_by_id(document.id)


def upload(case, content, name="verslag.pdf"):
    return Document.attach(case, io.BytesIO(content), name, case.reporter, "s1", len(content), inspect=inspection.inspect)


def test_a_dangerous_file_is_refused_at_the_door_and_leaves_nothing():
    case = make.case()

    with pytest.raises(Refused, match="script"):
        upload(case, MACRO)

    assert not Document.select().exists()


def test_a_document_with_macros_is_refused_at_the_door():
    with pytest.raises(Refused, match="macro's"):
        upload(make.case(), samples.docx(**{"word__vbaProject.bin": b"x"}), "brief.docm")


def test_a_dangerous_file_that_came_in_unseen_is_shut_by_the_worker():
    document = looked(make.case(), MACRO)

    assert document.state == FileState.NIET_TE_SCANNEN and not document.may_open
    assert "script" in document.why_closed and document.look_due is None


def test_when_the_machine_cannot_look_a_file_is_taken_in_and_looked_into_later(monkeypatch):
    def not_started(*more):
        raise NotStarted

    case = make.case()
    with monkeypatch.context() as broken:
        broken.setattr(privacy_findings, "start", not_started)
        document = upload(case, samples.pdf("BSN 123456782"))
        assert inspection.look_waiting() == 0
        case.submit(case.reporter)

    assert inspection.look_waiting(clock.now() + timedelta(minutes=16)) == 1
    assert [trace.words for trace in PrivacyDecision.undecided(document.case)] == ["BSN op bladzijde 1"]


def test_a_worker_that_died_while_looking_only_makes_it_come_later(monkeypatch):
    document = make.document(make.case(), content=samples.pdf("BSN 123456782"))

    def killed(*more):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        dying.setattr(privacy_findings, "start", killed)
        inspection.look_waiting()

    assert inspection.look_waiting() == 0
    assert inspection.look_waiting(clock.now() + inspection.LEASE + clock.MINUTE) == 1
    assert PrivacyDecision.get().document == document


def test_what_was_found_is_kept_masked_and_sealed():
    case = make.case()
    looked(case, samples.pdf("Verslag", "BSN 123456782"))

    (trace,) = PrivacyDecision.undecided(case)
    assert trace.words == "BSN op bladzijde 2" and "123456782" not in str(trace.places)
    (row,) = db.execute_sql("SELECT * FROM trace").fetchall()
    assert "bladzijde" not in str(row)
    list(reseal())
    assert PrivacyDecision.get().words == "BSN op bladzijde 2"


def test_the_same_kind_in_one_file_is_decided_about_once():
    case = make.case()
    looked(case, samples.pdf("BSN 123456782", "BSN 111222333"))

    (trace,) = PrivacyDecision.undecided(case)
    assert len(trace.places) == 2 and "bladzijde 1" in trace.words and "bladzijde 2" in trace.words


def test_what_could_not_be_looked_into_is_told_and_asks_nothing():
    case = make.case()
    document = looked(case, make.PDF)

    assert PrivacyDecision.undecided(case) == []
    assert "zonder doorzoekbare tekst" in PrivacyDecision.of_case(case)[document.id][0].words


def test_the_name_of_a_colleague_is_found():
    case = make.case(by=make.user(name="Wilhelmina Oosterbaan"))
    looked(case, samples.pdf("Besproken met Wilhelmina Oosterbaan."))

    assert any("medewerker" in trace.words for trace in PrivacyDecision.undecided(case))


def test_a_decision_is_kept_with_its_reason_and_stands_in_the_trail_without_content():
    case = make.case()
    looked(case, samples.pdf("BSN 123456782"))
    (trace,) = PrivacyDecision.undecided(case)

    with pytest.raises(Refused, match="waarom"):
        PrivacyDecision.decide(case, case.reporter, {trace.id: (SENT, " ")})
    with pytest.raises(Refused, match="Kies"):
        PrivacyDecision.decide(case, case.reporter, {})
    PrivacyDecision.decide(case, case.reporter, {trace.id: (SENT, "het is van het laboratorium")})

    assert PrivacyDecision.undecided(case) == []
    kept = PrivacyDecision.get()
    assert (kept.decision, kept.why, kept.decided_by) == (SENT, "het is van het laboratorium", case.reporter)
    line = AuditEvent.get(AuditEvent.action == "document.decide")
    assert SENT in line.detail and "laboratorium" not in line.detail and "782" not in line.detail


def test_nobody_of_another_hospital_decides():
    case = make.case()
    looked(case, samples.pdf("BSN 123456782"))
    (trace,) = PrivacyDecision.undecided(case)

    with pytest.raises(Refused):
        PrivacyDecision.decide(case, make.user(role=Role.MELDER), {trace.id: (HARMLESS, "")})


def test_one_click_puts_the_same_file_without_author_in_place_of_the_first():
    case = make.case()
    asked = case.theme.asked.first()
    first = looked(case, samples.pdf("BSN 123456782", author="Anna de Vries"), asked=asked)
    bsn = next(trace for trace in PrivacyDecision.undecided(case) if trace.kind != BESIDE)
    assert {trace.kind for trace in PrivacyDecision.undecided(case)} == {bsn.kind, BESIDE}

    second = inspection.strip(first, case.reporter)

    assert inspection.strip(Document.get_by_id(first.id), case.reporter) == second
    assert (second.name, second.asked, second.media_type) == (first.name, asked, first.media_type)
    assert b"Anna" not in b"".join(second.content(case.reporter))
    assert [trace.kind for trace in PrivacyDecision.undecided(case)] == [bsn.kind]
    assert Document.present(case) == [second] and Document.removed(case) == [first]
    assert Case.get_by_id(case.id).uploads == 1
    assert AuditEvent.select().where(AuditEvent.action == "document.strip").count() == 1

    assert destroy_due(MODELS, clock.now() + timedelta(days=31))["removed_file"] == 1


def test_a_file_that_was_put_back_is_stripped_again():
    case = make.case()
    first = looked(case, samples.pdf("Verslag", author="Anna de Vries"))
    second = inspection.strip(first, case.reporter)
    second.remove(case.reporter)
    Document.get_by_id(first.id).restore(case.reporter)

    third = inspection.strip(Document.get_by_id(first.id), case.reporter)

    assert third != second and Document.present(case) == [third]
    assert b"Anna" not in b"".join(third.content(case.reporter))
    assert inspection.strip(Document.get_by_id(first.id), case.reporter) == third


@pytest.mark.parametrize(("make_clip", "name"), [(samples.mp4, "echo.mp4"), (samples.mov, "IMG_1.mov")])
def test_the_place_of_a_clip_goes_by_the_button_that_stands_beside_it(client, login, make_clip, name):
    """To the end: the page of what was found offers it, one press takes it out, and nothing is asked any more."""
    case = make.case()
    looked(case, make_clip(), name=name)
    login(client, case.reporter)
    page = client.get(f"/melding/{case.key}/nakijken").get_data(as_text=True)
    assert "laats van opname" in page
    before = page[: page.index("Verwijder auteursgegevens en locatie")]
    send(client, re.findall(r'formaction="([^"]+)"', before)[-1], terug="nakijken")
    (document,) = Document.present(case)
    assert document.name == name and b"+52.0842" not in b"".join(document.content(case.reporter))
    inspection.look_waiting()
    assert PrivacyDecision.undecided(case) == []


def test_what_cannot_be_stripped_stays_and_says_so():
    case = make.case()
    document = make.document(case, content=b"Verslag van de operatie", name="a.txt")

    with pytest.raises(metadata_removal.CannotStrip):
        inspection.strip(document, case.reporter)

    assert Document.present(case) == [document]


def test_a_stripped_file_is_scanned_anew(monkeypatch):
    case = make.case()
    first = make.document(case, content=samples.jpeg(), name="foto.jpg")
    monkeypatch.setitem(settings.__dict__, "clamd_url", "tcp://127.0.0.1:1")

    assert inspection.strip(first, case.reporter).state == FileState.WACHT


def test_a_generated_document_is_scanned_and_not_searched(monkeypatch):
    monkeypatch.setitem(settings.__dict__, "clamd_url", "tcp://127.0.0.1:1")
    case = make.case()
    stored = make.document(case)
    made = Document.attach_generated(case, _Stored(stored), "vragenlijst.pdf", case.reporter, "form-1-1")

    assert made.state == FileState.WACHT and made.look_due is None


class _Stored:
    def __init__(self, document):
        self.columns = {"size": document.size, "sha256": document.sha256, "blob": "0" * 32}
