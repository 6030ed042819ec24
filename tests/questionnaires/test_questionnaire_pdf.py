"""The document that a complete questionnaire becomes."""

import io
import os
import re
import signal
import threading
from datetime import timedelta

import pytest
from pypdf import PdfReader

from models import MODELS
from models.base import Refused, db
from models.cases.case import Case
from models.cases.status import Status
from models.files import storage
from models.files.document import Document
from models.operations.integrity_check import problems
from models.questionnaires.export import pdf_attachment
from models.questionnaires.export.questionnaire_pdf import answers_pdf
from models.questionnaires.form import Form
from models.retention.destruction import destroy_due
from tests import filling, make

TEXT = "Zij werd op 12-03-2026 gezien; BSN 111222333. Één kamer, crème; D-dimeer ≥ 500 µg/l, trombo 90 ×10⁹/l. 病 <b>=1+1</b>"
BLEEDING = {**filling.DIED, "K1": "bloeding", "F2": 2, "D1": "ja", "P7": TEXT, "G1": ["HELLP"]}


@pytest.fixture
def form():
    return filling.form(filling.crf())


@pytest.fixture
def complete(form):
    made = filling.finished(form, BLEEDING)
    filling.save(made, "D3", TEXT)
    return made


def text_of(content):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def words(content):
    return " ".join(text_of(content).split())


def tiles(case):
    return [document for document in Document.present(case) if document.generated]


def test_it_says_what_was_answered_with_units_and_in_dutch_letters(complete):
    text = words(answers_pdf(complete, complete.filled(now=filling.NOW)))

    assert complete.case.number in text and "versie 1" in text
    assert "168 cm" in text and "71,5 kg" in text and "25,3 kg/m²" in text and "39 weken + 2 dagen" in text
    assert "Één kamer, crème; D-dimeer ≥ 500 µg/l" in text and "<b>=1+1</b>" in text
    assert "I. Kind 1 van 2" in text and "I. Kind 2 van 2" in text and "HELLP" in text


@pytest.mark.parametrize(
    "typed",
    [
        "Hb↓ na β-hCG",
        "Δ 3, Ω ≥ ½",
        "laat-postpartum → IC",
        "✓ gezien",
        "trombo 90 ×10⁹, H₂O, µ en μ",
        "Łódź, Őri, Ążek",
        "#eval(1) *x* $y$",
    ],
)
def test_letters_are_printed_as_typed(typed):
    form = filling.form(filling.questionnaire(filling.question("A1", "tekst (100)")))
    filling.save(form, "A1", typed)
    assert typed in words(answers_pdf(form, form.filled(now=filling.NOW)))


def test_it_has_a_title_a_language_tags_an_outline_and_numbered_pages(complete):
    reader = PdfReader(io.BytesIO(answers_pdf(complete, complete.filled(now=filling.NOW))))
    pages = len(reader.pages)

    assert reader.metadata.title == f"Vragenlijst maternale sterfte, casus {complete.case.number}"
    assert reader.trailer["/Root"]["/Lang"] == "nl" and reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    chapters = [chapter.title for chapter in reader.outline]
    assert chapters[0].startswith("A. ") and "I. Kind 2 van 2" in chapters and len(chapters) == len(complete.filled().parts)
    assert pages > 2
    for number, page in enumerate(reader.pages, 1):
        assert f"pagina {number} van {pages}" in page.extract_text()


def test_questions_keep_their_order_and_those_without_an_answer_are_named_after_them(complete):
    text = words(answers_pdf(complete, complete.filled(now=filling.NOW)))

    assert text.index("C1 ") < text.index("C6 ") < text.index("C10 ") < text.index("Geen antwoord: C2 ") < text.index("D. ")
    assert "–" not in text


def test_it_tells_days_and_never_dates_names_or_numbers(complete):
    text = words(answers_pdf(complete, complete.filled(now=filling.NOW)))

    assert "dag 11 postpartum, 14:20" in text and "dag 12 postpartum" in text and "dag 0 postpartum (2026)" in text
    assert "[dag 11 postpartum]" in text and "[weggelaten]" in text
    assert not re.search(r"\d{1,2}[-/]\d{1,2}[-/]\d{4}|\d{4}-\d{2}-\d{2}|111222333", text)
    assert complete.case.reporter.name not in text and complete.case.hospital.name not in text


def test_for_a_pregnant_woman_days_are_counted_back_from_the_death(form):
    filling.save(form, "B2", "2026-03-13")
    filling.save(form, "B3", "zwanger")
    filling.save(form, "K2", "2026-03-12T14:20")
    text = words(answers_pdf(form, form.filled(now=filling.NOW)))

    assert "1 dag voor het overlijden, 14:20" in text and "op de dag van overlijden (2026)" in text


def test_what_is_hidden_is_not_printed(complete):
    filling.save(complete, "D1", "nee")
    text = words(answers_pdf(complete, complete.filled(now=filling.NOW)))

    assert "D2" not in text and "D3" not in text and "L4a" not in text and "N5" not in text
    assert "D4" in text


def test_the_longest_answers_fit(complete):
    filling.save(complete, "P7", "woord " * 1300)
    filling.save(complete, "D3", "x" * 4000)
    cells = {name: filling.sample(kind) for name, kind in complete.structure.items["K11"].answer.columns}
    filling.save(complete, "K11", [{**cells, "overig": "y" * 200}] * 60)
    reader = PdfReader(io.BytesIO(answers_pdf(complete, complete.filled(now=filling.NOW))))

    text = "".join(page.extract_text() for page in reader.pages).replace("\u200b", "")
    assert text.count("woord") >= 1300 and text.count("x") >= 4000 and text.count("y") >= 200 * 60


@pytest.mark.parametrize(
    "answer", ["tekst (300)", "lang (8000)", "lijst: a = lang (8000) | b = getal", "lijst: a = tekst (300)"]
)
def test_no_answer_is_too_odd_for_the_page(answer):
    form = filling.form(filling.questionnaire(filling.question("A1", answer), filling.question("A2", "ja/nee")))
    limit = 300 if "300" in answer else 8000
    for text in ("x" * limit, "a\n" * (limit // 2), "病" * limit, "<b>&\t" * (limit // 5)):
        filling.save(form, "A1", [{"a": text}] * 3 if answer.startswith("lijst") else text)
        assert "A2" in words(answers_pdf(form, form.filled(now=filling.NOW)))


def test_nothing_is_attached_before_it_is_complete(form):
    assert pdf_attachment.attach_due() == 0 and tiles(form.case) == []


def test_a_complete_form_becomes_one_tile_that_is_no_upload(complete):
    assert pdf_attachment.attach_due() == 1
    assert pdf_attachment.attach_due() == 0

    (tile,) = tiles(complete.case)
    assert tile.name == f"Vragenlijst maternale sterfte {complete.case.number}.pdf"
    assert b"".join(tile.content(complete.case.reporter)).startswith(b"%PDF")
    assert Case.get_by_id(complete.case_id).uploads == 0
    with pytest.raises(Refused, match="minstens één bestand"):
        complete.case.submit(complete.case.reporter)
    assert list(problems(deep=True)) == []


def test_changed_answers_give_a_new_tile_and_keep_the_older_one(complete):
    pdf_attachment.attach_due()
    (old,) = tiles(complete.case)
    filling.save(complete, "C9", "ja")
    assert Form.get_by_id(complete.id).document_is_older
    assert pdf_attachment.attach_due() == 1

    (new,) = tiles(complete.case)
    assert new != old and Document.earlier(complete.case) == [old] and Document.removed(complete.case) == []
    replaced_at = Document.get_by_id(old.id).removed_at
    assert "replaced_pdf" not in destroy_due(MODELS, replaced_at + timedelta(days=365)) and storage.exists(old.blob)
    for document in (old, new):
        for verb in (document.remove, document.restore):
            with pytest.raises(Refused, match="vragenlijst"):
                verb(complete.case.reporter)

    assert destroy_due(MODELS, replaced_at + timedelta(days=366))["replaced_pdf"] == 1
    assert not storage.exists(old.blob) and storage.exists(new.blob) and Document.earlier(complete.case) == []


def test_a_form_that_is_open_again_keeps_its_last_document_until_it_is_complete(complete):
    pdf_attachment.attach_due()
    (old,) = tiles(complete.case)
    filling.save(complete, "C9", None)
    assert pdf_attachment.attach_due() == 0 and tiles(complete.case) == [old]
    assert Form.get_by_id(complete.id).document_is_older

    filling.save(complete, "C9", "nee")
    assert pdf_attachment.attach_due() == 1 and tiles(complete.case) != [old]


@pytest.mark.parametrize("status", [Status.INGEDIEND, Status.GOEDGEKEURD])
def test_answers_given_in_time_are_attached_though_the_case_went_on(complete, status):
    make.document(complete.case)
    complete.case.submit(complete.case.reporter)
    if status == Status.GOEDGEKEURD:
        complete.case.approve(make.coordinator())
    assert pdf_attachment.attach_due() == 1


def test_two_workers_at_once_make_one_document(complete):
    made, gate = [], threading.Barrier(3)

    def work():
        with db.connection_context():
            form = Form.get_by_id(complete.id)
            gate.wait()
            made.append(pdf_attachment.attach(form))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False, False, True] and Document.select().where(Document.generated).count() == 1


def test_an_answer_that_comes_while_the_document_is_made_is_not_lost(complete, monkeypatch):
    def slow(form, filled):
        content = answers_pdf(form, filled)
        filling.save(Form.get_by_id(form.id), "C9", "ja")
        return content

    monkeypatch.setattr(pdf_attachment, "answers_pdf", slow)
    assert pdf_attachment.attach_due() == 0
    monkeypatch.undo()
    assert pdf_attachment.attach_due() == 1 and Form.get_by_id(complete.id).document_revision == complete.revision + 1


@pytest.mark.parametrize("moment", ["before the bytes", "after the bytes", "before the commit"])
def test_a_killed_worker_loses_nothing_and_makes_no_second_one(complete, moment):
    content = answers_pdf(complete, complete.filled())  # before the fork: the threads of typst do not go along to a child
    _hang_up()
    if not (child := os.fork()):
        pdf_attachment.answers_pdf = lambda form, filled: content
        _work_until(moment)
    _, status = os.waitpid(child, 0)

    assert os.WTERMSIG(status) == signal.SIGKILL
    assert tiles(complete.case) == [] and Form.get_by_id(complete.id).document_revision is None
    assert pdf_attachment.attach_due() == 1 and len(tiles(complete.case)) == 1


def _hang_up():
    """Leave no connection for the child to share."""
    db.close()
    getattr(db.obj, "close_all", lambda: None)()


def _work_until(moment):
    def die(*args, **more):
        os.kill(os.getpid(), signal.SIGKILL)

    save = storage.save
    if moment == "before the bytes":
        pdf_attachment.answers_pdf = die
    elif moment == "after the bytes":
        pdf_attachment.storage.save = lambda *args, **more: (save(*args, **more), die())
    else:
        pdf_attachment.Document.attach_generated = die
    pdf_attachment.attach_due()
    os._exit(0)
