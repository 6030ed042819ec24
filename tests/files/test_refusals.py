"""Refusals about files in pairs: the act that earns the sentence, and its nearest neighbour, which passes."""

import io
from contextlib import nullcontext
from unittest.mock import patch

import pytest

from models import clock
from models.cases.case import Case
from models.cases.requested_document import RequestedDocument
from models.cases.status import Status
from models.files import file_type, page_view, storage, upload_limits
from models.files.document import Document
from models.files.file_state import FileState
from models.files.privacy import gate, inspection, metadata_removal
from models.files.privacy.privacy_decision import HARMLESS, SENT, PrivacyDecision
from models.files.privacy.privacy_findings import Kind, PrivacyFinding
from models.files.resumable import resumable_upload
from models.files.resumable.resumable_upload import ResumableUpload
from models.files.sandbox.start import NoAnswer, NotStarted
from models.questionnaires.query import DataQuery
from settings import settings
from tests import make
from tests.files import samples
from tests.refusals import Pairs

pair = Pairs()


# What the sandbox answers, without a process for each: that is tried in test_page_view.py and test_metadata_removal.py.
def drawn(job, blocks, *seconds):
    return {"count": 1, "width": 1, "height": 1, "text": b"".join(blocks)[:4]}, b""


def cleaned(job, blocks, *seconds):
    return (None, b"".join(blocks))


def failing(problem):
    def start(*about):
        raise problem

    return start


@pair("Dit bestand is leeg.")
def empty(earns):
    make.document(make.case(), content=b"" if earns else make.PDF)


@pair("Dit document hoort niet bij het thema van deze melding.")
def of_another_theme(earns):
    theme = make.theme()
    case, other = make.case(theme=theme), make.theme()
    asked = RequestedDocument.get(RequestedDocument.theme == (other if earns else theme))
    make.document(case).link(asked, case.reporter)


@pair("Dit bestand hoort bij een melding die u niet kunt inzien.")
def of_another_hospital(earns):
    case = make.case()
    make.document(case).content(make.user() if earns else case.reporter)


@pair("Dit bestand is definitief verwijderd.")
def purged(earns):
    case = make.case()
    document = make.document(case)
    document.remove(case.reporter)
    if earns:
        Document.update(purged_at=clock.now()).where(Document.id == document.id).execute()
    document.restore(case.reporter)


@pair("Bij een melding kunnen hoogstens")
def too_many(earns):
    case = make.case()
    with patch.object(upload_limits, "MAX_FILES", 2):
        for _ in range(2 + earns):
            make.document(case)


@pair("Voor het begin van dit PDF-bestand staat een programma of webpagina.")
def page_before_a_pdf(earns):
    make.document(make.case(), content=(b"<p>" if earns else b"Geachte\n") + make.PDF)


@pair("Voor het begin van dit PDF-bestand staat te veel tekst. Maak de PDF opnieuw en voeg die toe.")
def text_before_a_pdf(earns):
    make.document(make.case(), content=b"X-Kop: een regel\r\n" * 70 * earns + make.PDF)


@pair("In deze tekst staan tekens die een printer of apparaat aansturen. Druk de tekst af naar PDF en voeg dat toe.")
def text_for_a_printer(earns):
    make.document(make.case(), content=b"\x1bE Hb 4,2 mmol/l, bloedverlies 2400 ml" if earns else make.PDF)


@pair("Dit DICOM-beeld mist zijn begin. Exporteer het opnieuw als DICOM-bestand, of als JPG of MP4, en voeg dat toe.")
def dicom_without_its_begin(earns):
    make.document(make.case(), content=samples.dicom()[128 * earns :])


@pair("Geluid kunnen wij niet aannemen. Schrijf op wat er wordt gezegd en voeg dat als Word-document of PDF toe.")
def sound(earns):
    # What it advises is its nearest neighbour; by its brands the recording of a phone is one of a clip as well.
    recording = samples.box(b"ftyp", b"M4A \0\0\0\0M4A mp42isom")
    make.document(make.case(), content=recording if earns else samples.docx("Gesprek met de anesthesioloog"))


@pair("Dit soort filmpje kunnen wij niet aannemen. Sla het op of exporteer het als MP4 en voeg dat toe.")
def clip_of_the_web(earns):
    make.document(make.case(), content=b"\x1aE\xdf\xa3" + bytes(80) if earns else samples.mp4())


@pair("Dit soort afbeelding kunnen wij niet aannemen. Sla die op als JPG of PNG en voeg die dan toe.")
def moving_picture(earns):
    make.document(make.case(), content=b"GIF89a" + bytes(80) if earns else samples.png())


@pair("Dit is een webpagina, script of gegevensbestand. Druk het af naar PDF en voeg dat toe.")
def page_of_the_web(earns):
    make.document(make.case(), content=b"<html><p>Verslag" if earns else b"<patiente> is 32 jaar")


@pair("Dit soort bestand kunnen wij niet aannemen.")
def bytes_of_nothing(earns):
    make.document(make.case(), content=bytes(range(256)) * 4 if earns else "Coöperatie".encode("cp1252"))


@pair("een document of DICOM-beeld mag hoogstens")
def document_that_nobody_can_look_into(earns):
    with patch.object(upload_limits, "LARGEST", len(make.PDF) - earns):
        make.document(make.case(), content=make.PDF)


@pair("Uw ziekenhuis kan per dag")
def more_than_a_day(earns):
    case = make.case()
    with patch.object(upload_limits, "MAX_DAY", 2 * len(make.PDF) - earns):
        make.document(case)
        make.document(case)


@pair("Het bestand is niet helemaal aangekomen. Probeer het opnieuw.")
def broken_off(earns):
    storage.save(io.BytesIO(b"half"), 100, length=5 if earns else 4)


@pair("Verdeel het over meer bestanden.")
def larger_than_it_may_be(earns):
    storage.save(io.BytesIO(b"half"), 3 if earns else 4)


@pair("Het bestand kan nu niet worden opgeslagen.")
def disk_that_is_full(earns):
    with patch.object(storage.os, "fsync", side_effect=OSError(28, "No space left") if earns else None):
        storage.save(io.BytesIO(b"half"), 4)


@pair("Dit lukt nu niet. Probeer het over een paar minuten opnieuw.")
def machine_that_is_busy(earns):
    with patch.object(file_type, "start", side_effect=NotStarted("vol")) if earns else nullcontext():
        make.document(make.case(), content=samples.docx("Verslag"))


@pair("In dit bestand is een virus gevonden. Het kan niet worden teruggezet.")
def put_back_with_a_virus(earns):
    document = make.document(make.case())
    document.remove(document.case.reporter)
    document.state = FileState.BESMET if earns else FileState.SCHOON
    document.restore(document.case.reporter)


@pair("Dit bestand hoort bij de vragenlijst.")
def removed_though_generated(earns):
    document = make.document(make.case())
    document.generated = earns
    document.remove(document.case.reporter)


@pair("Dit bestand is intussen verwijderd.")
def stripped_after_removal(earns):
    document = _with_author()
    if earns:
        document.remove(document.case.reporter)
        document = Document.get_by_id(document.id)
    with patch.object(metadata_removal, "start", cleaned):
        inspection.strip(document, document.case.reporter)


@pair("Bij een melding met de status Ingediend kunt u geen bestanden meer wijzigen.")
def stripped_after_submitting(earns):
    document = _with_author()
    if earns:
        document.case.submit(document.case.reporter)
    with patch.object(metadata_removal, "start", cleaned):
        inspection.strip(document, document.case.reporter)


@pair("Dit bestand is bij ons beschadigd geraakt. Voeg het opnieuw toe.")
def stripped_though_damaged(earns):
    document = _with_author()
    if earns:
        next(settings.documents_dir.glob(f"??/{document.blob}")).write_bytes(b"x")
    with patch.object(metadata_removal, "start", cleaned):
        inspection.strip(document, document.case.reporter)


@pair("Uit dit soort bestand kunnen wij deze gegevens niet halen.")
def stripped_of_a_text(earns):
    kind = ("text/plain", b"Verslag") if earns else ("application/pdf", samples.pdf(author="Jan Smit"))
    with patch.object(metadata_removal, "start", cleaned):
        metadata_removal.strip([kind[1]], kind[0])


@pair("Dit bestand is te groot of te ingewikkeld om gegevens uit te halen.")
def stripped_of_what_never_ends(earns):
    with patch.object(metadata_removal, "start", failing(NoAnswer("te lang")) if earns else cleaned):
        metadata_removal.strip([samples.pdf(author="Jan Smit")], "application/pdf")


@pair("Dit bestand is te groot om hier te laten zien. Download het en open het op uw eigen apparaat.")
def drawn_though_large(earns):
    document = make.document(make.case())
    assert document.content(document.case.reporter)
    with patch.object(page_view, "LARGEST", document.size - earns), patch.object(page_view, "start", drawn):
        page_view.draw(document, 1, None)


@pair("Er worden nu veel bladzijden getekend. Probeer het over een minuut opnieuw.")
def drawn_while_busy(earns):
    document = make.document(make.case())
    with patch.object(page_view, "start", failing(NotStarted("vol")) if earns else drawn):
        page_view.draw(document, 1, None)


@pair("Deze bladzijde kan het portaal niet tekenen")
def drawn_without_end(earns):
    document = make.document(make.case())
    with patch.object(page_view, "start", failing(NoAnswer("te lang")) if earns else drawn):
        page_view.draw(document, 1, None)


@pair("Beslis eerst over wat er in de bestanden is gevonden.")
def handed_in_undecided(earns):
    document = _with_finding()
    if not earns:
        _decide(document, SENT, "Nodig voor de beoordeling.")
    gate.hand_in(document.case, document.case.reporter)


@pair("1 bestand is nog niet nagekeken.")
def handed_in_unseen(earns):
    document = make.document(make.case())
    if earns:
        Document.update(look_due=clock.now()).execute()
    gate.hand_in(document.case, document.case.reporter)


@pair("of het ziekenhuis heeft nog niet beslist over wat daarin is gevonden.")
def approved_undecided(earns):
    case = make.case(Status.INGEDIEND, theme=make.theme(asked=()))
    document = case.documents.get()
    PrivacyDecision.keep(document, FOUND)
    if not earns:
        _decide(document, SENT, "Nodig voor de beoordeling.")
    gate.approve(Case.get_by_id(case.id), make.coordinator())


@pair("Nog niet alle gevraagde documenten zijn er.")
def approved_with_gaps(earns):
    case = make.case(Status.INGEDIEND, theme=make.theme(asked=("partusverslag",) if earns else ()))
    gate.approve(Case.get_by_id(case.id), make.coordinator())


@pair("vraag vervalt bij goedkeuren.")
def approved_with_a_question(earns):
    case, by = make.case(Status.INGEDIEND, theme=make.theme(asked=())), make.coordinator()
    asked = DataQuery.ask(case, by, "Klopt dit?", document=case.documents.get())
    if not earns:
        asked.answer(case.reporter, "Ja.")
    gate.approve(Case.get_by_id(case.id), by)


@pair("het ziekenhuis heeft daarover nog niet beslist.")
def read_undecided(earns):
    document = _with_finding()
    if not earns:
        _decide(document, SENT, "Nodig voor de beoordeling.")
    inspection.demand_safe(Document.get_by_id(document.id))


@pair("Dit bestand is nog niet nagekeken op gegevens waaraan iemand te herkennen is.")
def read_unseen(earns):
    document = make.document(make.case())
    with patch.object(inspection, "look_one", return_value=0):
        document.look_due = clock.now() if earns else None
        document.save()
        inspection.demand_safe(document)


@pair("Kies bij alles wat hieronder staat of er niemand aan te herkennen is, of dat u het toch meestuurt.")
def half_a_decision(earns):
    document = _with_finding()
    _decide(document, "" if earns else HARMLESS, "")


@pair("Schrijf bij wat u toch meestuurt kort waarom dat nodig is.")
def sent_along_for_nothing(earns):
    _decide(_with_finding(), SENT, "" if earns else "Nodig voor de beoordeling.")


@pair("kunnen geen bestanden meer worden toegevoegd.")
def added_after_approval(earns):
    make.document(make.case(Status.GOEDGEKEURD if earns else Status.ONVOLLEDIG))


@pair("het bestand is niet toegevoegd.")
def withdrawn_during_the_upload(earns):
    case = make.case()

    def meanwhile(*about):
        if earns:
            Case.get_by_id(case.id).withdraw(case.reporter, "Dubbel.")

    Document.attach(case, io.BytesIO(make.PDF), "a.pdf", case.reporter, "x", inspect=meanwhile)


@pair("het bestand is niet gewijzigd.")
def withdrawn_during_the_cleaning(earns):
    document = _with_author()

    def clean(*about):
        if earns:
            Case.get_by_id(document.case_id).withdraw(document.case.reporter, "Dubbel.")
        return make.PDF

    with patch.object(metadata_removal, "strip", clean):
        inspection.strip(document, document.case.reporter)


FOUND = [PrivacyFinding(Kind.BSN, "••••••782", "bladzijde 1", "a1")]


def _with_author():
    return make.document(make.case(), content=samples.pdf(author="Jan Smit"))


def _with_finding():
    document = make.document(make.case())
    PrivacyDecision.keep(document, FOUND)
    return document


def _decide(document, decision, why):
    choices = {trace.id: (decision, why) for trace in PrivacyDecision.undecided(document.case)}
    PrivacyDecision.decide(document.case, document.case.reporter, choices)


def announced(size=10, **more):
    return ResumableUpload.begin(case := make.case(), case.reporter, "echo.mp4", size, **more)


def brought(upload, content=b"x" * 10, offset=0, by=None):
    upload.append(io.BytesIO(content), offset, by or upload.sender, len(content))


@pair("Deze upload is gestopt.")
def stopped(earns):
    upload = announced()
    if earns:
        upload.stop(upload.sender)
    brought(upload)


@pair("Dit bestand wordt nu in elkaar gezet. Een ogenblik.")
def joining(earns):
    brought(upload := announced())
    if earns:
        ResumableUpload.update(joining_until=clock.now() + clock.DAY).execute()
    upload.finish(upload.sender)


@pair("Een collega is met deze upload begonnen.")
def of_a_colleague(earns):
    upload = announced()
    brought(upload, by=make.user(hospital=upload.case.hospital) if earns else None)


@pair("Er kwam meer binnen dan de grootte die bij het begin is gezegd.")
def longer_than_said(earns):
    brought(announced(), b"x" * (11 if earns else 10))


@pair("Dit bestand kwam in te veel kleine stukken binnen.")
def cut_too_small(earns):
    upload = announced()
    with patch.object(resumable_upload, "MOST_PARTS", 2):
        for at in range(2 + earns):
            brought(upload, b"x", at)


@pair("ontvangen. Ga daar verder.")
def not_where_it_is(earns):
    brought(announced(), b"x", 1 if earns else 0)


@pair("Met de bestanden die nu onderweg zijn is dit meer dan")
def under_way(earns):
    case = make.case()
    with patch.object(upload_limits, "MAX_DAY", 100):
        for size in (60, 60 if earns else 40):
            ResumableUpload.begin(case, case.reporter, "echo.mp4", size)


@pair("uploads die niet af zijn. Maak er een af of verwijder er een,")
def too_many_standing(earns):
    case = make.case()
    for _ in range(resumable_upload.MOST + earns):
        ResumableUpload.begin(case, case.reporter, "echo.mp4", 10)


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)
