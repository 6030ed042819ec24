"""Advice of refusals, followed to the letter and to its end: what was refused passes once it was done.

A function here yields what is refused with its sentence, then does what the sentence says, and yields what passes. Advice about
what was typed or sent is followed by the neighbour in the pair of the sentence; `advice.csv` says so, or names another test.
"""

import csv
import io
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from commands import main
from models import clock
from models.access import Process, Role
from models.accounts.deputies.absence import Absence
from models.accounts.hospital import Hospital
from models.accounts.saved_view import MOST as MOST_VIEWS
from models.accounts.saved_view import SavedView
from models.accounts.user import User
from models.annual_report.edition import ReportEdition
from models.annual_report.second_source import SecondSourceList
from models.approval.held_change import HeldChange
from models.approval.row_sheet import read_sheet
from models.audit.monthly_review import AuditReview
from models.cases.case import DISMISSALS, Case
from models.cases.remark import Remark
from models.cases.status import Status
from models.committee import consensus
from models.committee.committee_form import CommitteeForm
from models.committee.lesson_letter import LessonLetter
from models.committee.meeting_agenda import close_meeting
from models.committee.package.dossier_package import DossierPackage
from models.committee.rules.attendance import Attendance
from models.committee.rules.committee_settings import CommitteeSettings
from models.committee.treatment import Treatment, TreatmentState
from models.files import storage, upload_limits
from models.files.document import Document
from models.files.file_state import FileState
from models.files.privacy import inspection, metadata_removal
from models.files.resumable.resumable_upload import MOST as MOST_UPLOADS
from models.files.resumable.resumable_upload import ResumableUpload
from models.lnr.entry import draft
from models.lnr.entry.draft import StayDraft
from models.lnr.intake.portal_messages import withdraw
from models.lnr.year_report.lnr_edition import LnrEdition
from models.mail.mail_preference import MailPreference, Way
from models.mail.mail_schedule import MailSchedule
from models.mail.sending_hold import SendingHold
from models.mail.wording.mail_wording import MailWording
from models.monthly.month_answer import MonthAnswer, Proof
from models.monthly.monthly_request import MOST_CHANGES, MonthlyCall
from models.operations import backup, database_dump, schema
from models.questionnaires.definition.draft_version import Draft
from models.questionnaires.form import Form
from models.questionnaires.query import DataQuery
from models.questionnaires.version_upgrade import carry_over
from models.retention.legal_hold import LegalHold
from models.retention.retention_term import RetentionTerm
from models.review.call_log import LoggedCall
from models.review.correction.theme_correction import correct_theme, outlook
from models.review.correction.theme_outlook import mark
from models.review.notes.hospital_note import HospitalNote
from models.review.verdict_undo import take_back
from models.staff.nomination import end, nominate
from models.upload_links.upload_code import MOST_A_DAY, TRIES, UploadCode
from models.upload_links.upload_link import MOST_A_DAY as MOST_QUESTIONS
from models.upload_links.upload_link import MOST_FILES, UploadLink
from settings import ROOT
from tests import filling, make
from tests.annual_report import test_refusals as reports
from tests.committee import test_refusals as committee
from tests.files import samples
from tests.files import test_refusals as files
from tests.filling import question
from tests.lnr import test_refusals as lnr
from tests.lnr.test_draft import finished
from tests.mail import test_refusals as mails
from tests.operations import test_refusals as operations
from tests.refusals import Advice, advises, says, sentences
from tests.retention import test_refusals as terms
from tests.test_refusals import knows, pairs
from tests.upload_links import test_refusals as links
from tests.upload_links.test_upload_link import ask

advice = Advice()
GOODBYE = "Werkt hier niet meer."
CALLED_BACK = "Teruggebeld via het ziekenhuis."


# ---- accounts and people ------------------------------------------------------------------------------------------------


@advice("Alleen melders kunnen een nieuwe melding maken. Vraag een melder van uw ziekenhuis om de melding aan te maken;")
def case_by_who_may_only_complete():
    by, theme = make.user(role=Role.INVOERDER), make.theme()
    yield lambda: Case.open(by, theme)
    case = Case.open(make.user(hospital=by.hospital), theme)
    yield lambda: make.document(case, by=by)


@advice("U kunt uzelf geen rol geven. Vraag een andere beheerder om dat te doen.")
def role_for_oneself():
    by, other = _boss(), _boss()
    yield lambda: by.grant([Role.BEHEERDER, Role.COORDINATOR], by=by)
    yield lambda: by.grant([Role.COORDINATOR], by=other, agreed=True)


@advice("Dit is de laatste beheerder. Maak eerst iemand anders beheerder.")
def last_who_manages():
    by = _boss()
    yield lambda: by.grant([], by=by)
    other = _boss()
    yield lambda: by.grant([], by=other)


@advice("U kunt uw eigen beheer niet beëindigen. Vraag een andere beheerder om dat te doen.")
def own_management():
    by, other = _boss(), _boss()
    yield lambda: by.grant([], by=by)
    yield lambda: by.grant([], by=other)


@advice("Dit is het laatste account met de rol NethOSS-coördinator. Geef die rol eerst aan iemand anders.")
def last_coordinator():
    by, account, heir = _boss(), make.coordinator(), make.user(role=Role.COMMISSIELID)
    yield lambda: account.deactivate(by)
    heir.grant([Role.COMMISSIELID, Role.COORDINATOR], by=by, agreed=True)
    yield lambda: account.deactivate(by)


@advice("Uw eigen einddatum kunt u niet wijzigen. Vraag de beheerder of een andere ziekenhuisbeheerder.")
def own_end_date():
    by, day = _manager(), clock.today() + timedelta(days=9)
    yield lambda: by.end_per(day, by)
    by.end_per(day, make.user(hospital=by.hospital, appoints_since=clock.now()))
    yield lambda: by.end_per(day + clock.DAY, _boss())


@advice("is niet actief. Vraag eerst om het weer actief te maken.")
def end_date_of_who_ended():
    account, by, day = make.user(active=False), _boss(), clock.today() + timedelta(days=9)
    yield lambda: account.end_per(day, by)
    HeldChange.revive(account, by).confirm(_boss())
    yield lambda: type(account).get_by_id(account.id).end_per(day, by)


@advice("Kies een dag na vandaag. Moet het vandaag al, beëindig dan het account.")
def end_date_of_today():
    account, by = make.user(), _boss()
    yield lambda: account.end_per(clock.today(), by)
    yield lambda: account.deactivate(by)


@advice("Een coördinator of beheerder heeft geen einddatum. Beëindig het account als er een opvolger is.")
def end_date_of_a_coordinator():
    account, by = make.coordinator(), _boss()
    yield lambda: account.end_per(clock.today() + timedelta(days=9), by)
    make.coordinator()
    yield lambda: account.deactivate(by)


@advice("Uw eigen tweede stap kunt u niet opnieuw instellen. Vraag een andere beheerder om dat te doen.")
def own_second_step():
    by, other = _boss(), _boss()
    yield lambda: HeldChange.reset_factor(by, by, CALLED_BACK)
    asked = HeldChange.reset_factor(by, other, CALLED_BACK)
    yield lambda: asked.confirm(_boss())


@advice("Laat die eerst bevestigen, of houd die tegen.")
def change_that_is_asked_already():
    account, by = make.user(), _boss()
    asked = HeldChange.reset_factor(account, by, CALLED_BACK)
    yield lambda: HeldChange.reset_factor(account, by, CALLED_BACK)
    asked.confirm(_boss())
    yield lambda: HeldChange.reset_factor(account, by, CALLED_BACK)


@advice(f"U hebt hier al {MOST_VIEWS} weergaven. Wis er eerst een.")
def view_too_many():
    by = make.user()
    kept = [SavedView.keep("/lijst", f"Weergave {number}", "a=1", False, by) for number in range(MOST_VIEWS)]
    yield lambda: SavedView.keep("/lijst", "Nog een", "a=1", False, by)
    SavedView.discard("/lijst", str(kept[0].id), by)
    yield lambda: SavedView.keep("/lijst", "Nog een", "a=1", False, by)


@advice("Nomineer eerst een opvolger, of bevestig dat er geen opvolger is.")
def last_melder_with_an_heir():
    account, boss = _manager(), _boss()
    by = account
    yield lambda: end(account, boss, GOODBYE)
    heir = nominate(by, "Noor", "noor@example.com", "", [Role.MELDER])
    HeldChange.get(HeldChange.account == heir).confirm(_boss())
    yield lambda: end(account, boss, GOODBYE)


@advice("Er is geen ziekenhuis met de code ")
def hospital_that_was_not_made():
    yield lambda: Hospital.by_code("nieuw")
    with pytest.raises(SystemExit) as end:
        main(["create-hospital", "nieuw", "Ziekenhuis Nieuw"])
    assert not end.value.code
    yield lambda: Hospital.by_code("nieuw")


# ---- cases, their review and their months -------------------------------------------------------------------------------


@advice("Deze melding is intussen gewijzigd en heeft nu de status Ingediend. Bekijk die opnieuw.")
def moved_meanwhile():
    case = make.case(Status.INGEDIEND)
    seen = case.round
    case.mark_incomplete(make.coordinator(), "Het verslag ontbreekt.")
    case.submit(case.reporter)
    yield lambda: case.as_seen(seen)
    yield lambda: case.as_seen(Case.get_by_id(case.id).round)


@advice("Voeg eerst minstens één bestand toe. Daarna kunt u de melding indienen.")
def handed_in_without_a_file():
    case = make.case()
    yield lambda: case.submit(case.reporter)
    make.document(case)
    yield lambda: case.submit(case.reporter)


@advice("Niemand kan de bestanden bij deze melding openen. Voeg eerst een ander bestand toe.")
def handed_in_with_a_virus():
    case = make.case()
    make.document(case)
    Document.update(state=FileState.BESMET).execute()
    yield lambda: case.submit(case.reporter)
    make.document(case, content=samples.pdf("Verslag"))
    yield lambda: case.submit(case.reporter)


@advice("Deze melding is afgesloten. Heropen die eerst; daarna kunt u het thema corrigeren.")
def theme_of_what_was_closed():
    case, by, theme = make.case(Status.INGEDIEND), make.coordinator(), make.theme()
    case.dismiss(by, "dubbel", "Al gemeld.")
    yield lambda: correct_theme(Case.get_by_id(case.id), by, theme, "Anders.")
    Case.get_by_id(case.id).reopen(by, "Toch niet dubbel.")
    yield lambda: correct_theme(Case.get_by_id(case.id), by, theme, "Anders.")


@advice("Deze melding is goedgekeurd. Heropen die eerst; daarna kunt u het thema corrigeren.")
def theme_of_what_was_approved():
    case, by, theme = make.case(Status.GOEDGEKEURD), make.coordinator(), make.theme()
    yield lambda: correct_theme(Case.get_by_id(case.id), by, theme, "Anders.")
    Case.get_by_id(case.id).reopen(by, "Het thema klopt niet.")
    yield lambda: correct_theme(Case.get_by_id(case.id), by, theme, "Anders.")


@advice("is goedgekeurd. Heropen dat eerst; daarna kunt u het thema corrigeren.")
def theme_of_a_case_with_an_approved_part():
    case, other, by, theme = make.case(Status.INGEDIEND), make.user(), make.coordinator(), make.theme()
    part = case.invite(other.hospital, by)
    make.document(part, by=other)
    Case.get_by_id(part.id).submit(other)
    Case.get_by_id(part.id).approve(by)
    yield lambda: correct_theme(Case.get_by_id(case.id), by, theme, "Anders.")
    Case.get_by_id(part.id).reopen(by, "Het thema klopt niet.")
    yield lambda: correct_theme(Case.get_by_id(case.id), by, theme, "Anders.")


@advice("Corrigeer het thema bij die casus; dit deel gaat dan mee.")
def theme_of_a_part():
    case, by, theme = make.case(Status.INGEDIEND), make.coordinator(), make.theme()
    part = case.invite(make.user().hospital, by)
    yield lambda: correct_theme(Case.get_by_id(part.id), by, theme, "Anders.")
    yield lambda: correct_theme(Case.get_by_id(case.id), by, theme, "Anders.")
    assert Case.get_by_id(part.id).theme == theme


@advice("Het ziekenhuis heeft deze melding nog niet ingediend. Daarna kunt u het thema corrigeren.")
def theme_of_a_concept():
    case, by, theme = make.case(), make.coordinator(), make.theme()
    yield lambda: correct_theme(Case.get_by_id(case.id), by, theme, "Anders.")
    make.document(case)
    case.submit(case.reporter)
    yield lambda: correct_theme(Case.get_by_id(case.id), by, theme, "Anders.")


@advice("Sluit deze af en vraag om een nieuwe.")
def theme_of_another_process():
    case, by, theme = make.case(Status.INGEDIEND), make.coordinator(), make.theme(Process.LZA1)
    yield lambda: correct_theme(Case.get_by_id(case.id), by, theme, "Anders.")
    Case.get_by_id(case.id).dismiss(by, next(iter(DISMISSALS)), "Dit hoort bij LZA1.")
    yield lambda: Case.open(make.user(role=Role.LZA1_MELDER, hospital=case.hospital), theme)


@advice("Er is intussen iets aan deze melding veranderd. Bekijk opnieuw wat er met de stukken gebeurt.")
def theme_when_a_file_came_meanwhile():
    case, by, theme = make.case(Status.INGEDIEND), make.coordinator(), make.theme()
    seen = mark(outlook(case, theme, by))
    make.document(case)
    yield lambda: correct_theme(Case.get_by_id(case.id), by, theme, "Anders.", seen=seen)
    seen = mark(outlook(Case.get_by_id(case.id), theme, by))
    yield lambda: correct_theme(Case.get_by_id(case.id), by, theme, "Anders.", seen=seen)


@advice("Dit formulier is al gebruikt. Open de pagina opnieuw en schrijf de opmerking daar.")
def form_of_another_note():
    by, hospital = make.coordinator(), make.hospital()
    HospitalNote.write(make.hospital(), by, "een", "Belt liever.")
    yield lambda: HospitalNote.write(hospital, by, "een", "Belt nooit.")
    yield lambda: HospitalNote.write(hospital, by, "twee", "Belt nooit.")  # each page brings a key of its own


@advice("Deze opmerking is intussen gewijzigd. Bekijk die opnieuw.")
def note_that_another_tab_changed():
    by = make.coordinator()
    note = HospitalNote.write(make.hospital(), by, "een", "Belt liever.")
    note.amend(by, "Belt nooit.", 1)
    yield lambda: note.amend(by, "Belt soms.", 1)
    yield lambda: HospitalNote.get_by_id(note.id).amend(by, "Belt soms.", 2)


@advice("Bel het ziekenhuis als er toch niets ontbreekt: het kan de melding opnieuw indienen.")
def sent_back_too_long_ago():
    by, now = make.coordinator(), clock.now()
    case = make.case(Status.ONVOLLEDIG, reviewer=by, at=now)
    yield lambda: take_back(case, by, now + timedelta(minutes=2))
    yield lambda: Case.get_by_id(case.id).submit(case.reporter)


@advice("staat al een afwezigheid. Beëindig die eerst.")
def second_absence():
    by, deputy, days = make.coordinator(), make.coordinator(), (clock.today(), clock.today() + timedelta(days=3))
    made = Absence.plan(by, by.id, deputy.id, *days)
    yield lambda: Absence.plan(by, by.id, deputy.id, *days)
    made.end(by)
    yield lambda: Absence.plan(by, by.id, deputy.id, *days)


@advice("Dit formulier is al gebruikt. Open de pagina opnieuw en leg het gesprek daar vast.")
def form_of_another_call():
    by = make.coordinator()
    LoggedCall.log(make.hospital(), by, "een", "gesproken", "Anna")
    hospital = make.hospital()
    yield lambda: LoggedCall.log(hospital, by, "een", "gesproken", "Berta")
    yield lambda: LoggedCall.log(hospital, by, "twee", "gesproken", "Berta")  # each page brings a key of its own


@advice("De commissie stelt vragen over een goedgekeurde casus. Stel uw vraag nu bij de melding zelf.")
def question_before_approval():
    case, by = make.case(Status.INGEDIEND), make.coordinator()
    yield lambda: DataQuery.ask_for_committee(case, by, "Wanneer begon het?")
    yield lambda: DataQuery.ask(case, by, "Wanneer begon het?", document=case.documents.get())


@advice("Deze maand is meer dan twee jaar geleden. Vraag de coördinator om uw nul-melding vast te leggen.")
def old_month():
    by, month = make.user(name="Anna"), clock.add_months(clock.month_of(clock.today()), -25)
    yield lambda: MonthAnswer.zero_in_portal(month, by)
    yield lambda: MonthAnswer.zero_by_telephone(by.hospital, month, make.coordinator(), "Anna")


@advice("Hef de pauze eerst op.")
def reminder_to_a_paused_hospital():
    call, by = _called(), make.coordinator()
    SendingHold.pause(call.hospital, by, clock.today(), "Verhuizing.")
    yield lambda: MonthlyCall.remind(call.hospital, call.month, by)
    SendingHold.resume(call.hospital, by)
    yield lambda: MonthlyCall.remind(call.hospital, call.month, by)


@advice("Er is geen melder met een link die nog werkt. Bel het ziekenhuis.")
def reminder_by_a_link_of_the_past():
    call, by = _called(), make.coordinator()
    MonthlyCall.update(expires_at=clock.now()).execute()
    yield lambda: MonthlyCall.remind(call.hospital, call.month, by)
    yield lambda: MonthAnswer.zero_by_telephone(call.hospital, call.month, by, "Anna")


@advice("Deze link is verlopen. Log in om uw antwoord te wijzigen.")
def changed_by_a_link_of_the_past():
    call = _called()
    call.answer_zero(Proof.KNOP)
    call.expires_at = clock.now()
    yield call.withdraw_zero
    yield lambda: MonthAnswer.standing(call.hospital_id, call.month).withdraw(call.user)


@advice("Het antwoord over deze maand is al vaak gewijzigd. Log in om het nog eens te wijzigen.")
def changed_often():
    call = _called()
    for _ in range(MOST_CHANGES + 1):
        make.zero(call.user, call.month).withdraw(call.user)
    yield lambda: call.answer_zero(Proof.KNOP)
    yield lambda: MonthAnswer.zero_in_portal(call.month, call.user)


@advice("Leg bij de agenda vast wie er is, of zet de casus op een andere vergadering.")
def below_the_quorum():
    by, member = make.coordinator(), make.member()
    treatment = committee._in()
    committee._consensus(treatment, by)
    CommitteeSettings.amend(by, Process.NETHOSS, 0, quorum=1)
    yield lambda: consensus.fix_consensus(treatment, by)
    Attendance.note(treatment.meeting, by, [str(member.id)])
    yield lambda: consensus.fix_consensus(treatment, by)


@advice("Iemand heeft de instellingen intussen gewijzigd. Bekijk die opnieuw.")
def settings_that_another_changed():
    by = make.coordinator()
    CommitteeSettings.amend(by, Process.NETHOSS, 0, quorum=3)
    yield lambda: CommitteeSettings.amend(by, Process.NETHOSS, 0, quorum=4)
    yield lambda: CommitteeSettings.amend(by, Process.NETHOSS, 1, quorum=4)


@advice("Iemand heeft de planning intussen gewijzigd. Bekijk die opnieuw.")
def schedule_that_another_changed():
    by = make.coordinator()
    MailSchedule.amend(by, 0, send_hour=9)
    yield lambda: MailSchedule.amend(by, 0, send_hour=10)
    yield lambda: MailSchedule.amend(by, 1, send_hour=10)


@advice("Iemand heeft deze tekst intussen gewijzigd. Bekijk de mail opnieuw.")
def words_that_another_changed():
    yield lambda: mails._amend(seen=1)
    yield lambda: mails._amend(seen=0)


@advice("Iemand heeft deze zin intussen gewijzigd. Bekijk de zin opnieuw.")
def phrase_that_another_changed():
    by, said = make.coordinator(), "Deze casus is al gemeld."
    yield lambda: MailWording.amend(by, "closed_double", 1, "", said)
    yield lambda: MailWording.amend(by, "closed_double", 0, "", said)


@advice("Voor deze mail kunt u dat niet kiezen. Ververs de pagina en kies opnieuw.")
def mail_that_must_come():
    by = make.user()
    yield lambda: MailPreference.choose(by, {"case_incomplete": Way.NEVER})
    yield lambda: MailPreference.choose(by, {"case_approved": Way.NEVER})


@advice("is nog niet voorbij. Teken de maand af als die voorbij is.")
def month_that_goes_on():
    by, month, now = _boss(), clock.month_of(clock.today()), clock.now()
    yield lambda: AuditReview.sign(month, by, "Niets bijzonders.", now)
    yield lambda: AuditReview.sign(month, by, "Niets bijzonders.", now + 32 * clock.DAY)


@advice("Bij LZA1 bestaat een melding uit één deel. Vraag de coördinator om de melding te heropenen.")
def supplement_to_a_case_of_lza1():
    by = make.user(role=Role.LZA1_MELDER)
    case = make.case(Status.GOEDGEKEURD, by=by, theme=make.theme(Process.LZA1))
    yield lambda: case.supplement(by)
    Case.get_by_id(case.id).reopen(make.coordinator(Process.LZA1), "Er komt nog een verslag.")
    yield lambda: make.document(Case.get_by_id(case.id), content=samples.pdf("Aanvulling"), by=by)


@advice("Sluit dat eerst af; bij een ander ziekenhuis doet de coördinator dat.")
def closed_with_a_part():
    case, other, by = make.case(Status.INGEDIEND), make.user(), make.coordinator()
    part = case.invite(other.hospital, by)
    yield lambda: Case.get_by_id(case.id).dismiss(by, "dubbel", "Al gemeld.")
    Case.get_by_id(part.id).dismiss(by, "dubbel", "Al gemeld.")
    yield lambda: Case.get_by_id(case.id).dismiss(by, "dubbel", "Al gemeld.")


@advice("Dit is al een deel van een andere casus. Doe dit bij die casus.")
def part_of_a_part():
    whole, by, third = make.case(Status.INGEDIEND), make.coordinator(), make.user().hospital
    part = whole.invite(make.user().hospital, by)
    yield lambda: Case.get_by_id(part.id).invite(third, by)
    yield lambda: Case.get_by_id(whole.id).invite(third, by)


@advice("heeft nu geen melder. Bel het ziekenhuis of de beheerder.")
def part_of_a_hospital_without_anybody():
    case, by, hospital = make.case(Status.INGEDIEND), make.coordinator(), make.hospital()
    yield lambda: case.invite(hospital, by)
    User.enrol("noor@example.com", "Noor", [], hospital, by=(boss := _boss())).grant([Role.MELDER], by=boss, agreed=True)
    yield lambda: case.invite(hospital, by)


@advice("heeft deze vraag intussen al beantwoord. Ververs de pagina.")
def answered_by_a_colleague():
    case, by = make.case(Status.INGEDIEND), make.coordinator()
    asked = DataQuery.ask(case, by, "Klopt dit?", document=case.documents.get())
    asked.answer(make.user(hospital=case.hospital), "Ja.")
    yield lambda: asked.answer(case.reporter, "Nee.")
    assert DataQuery.get_by_id(asked.id).reply == "Ja."  # what the page shows now
    yield lambda: Remark.write(case, case.reporter, "Het antwoord van mijn collega klopt niet.", clock.now())


# ---- files and links ----------------------------------------------------------------------------------------------------


@advice("Voeg dit bestand morgen toe.")
def uploads_of_a_day():
    case, now = make.case(), clock.now()
    with patch.object(upload_limits, "MAX_DAY", 100):
        ResumableUpload.begin(case, case.reporter, "echo.mp4", 60, now=now)
        yield lambda: ResumableUpload.begin(case, case.reporter, "film.mp4", 60, now=now)
        yield lambda: ResumableUpload.begin(case, case.reporter, "film.mp4", 60, now=now + 2 * clock.DAY)


@advice("In uw bericht staat mogelijk iets waaraan de patiënt te herkennen is. Bel uw collega daarover.")
def note_about_the_patient():
    case = links.case()
    yield lambda: ask(case, note="Het gaat om mevrouw Bakker.")
    yield lambda: ask(case, note="Ik bel u over wie het gaat.")


@advice("Dit bestand is definitief verwijderd. Voeg het opnieuw toe.")
def destroyed():
    case = make.case()
    document = make.document(case)
    document.remove(case.reporter)
    Document.update(purged_at=clock.now()).where(Document.id == document.id).execute()
    yield lambda: Document.get_by_id(document.id).restore(case.reporter)
    yield lambda: make.document(case)


@advice("Dit is een webpagina, script of gegevensbestand. Druk het af naar PDF en voeg dat toe.")
def page_of_the_web():
    case = make.case()
    yield lambda: make.document(case, content=b"<html><p>Verslag")
    yield lambda: make.document(case, content=samples.pdf("Verslag"))


@advice("Dit bestand is bij ons beschadigd geraakt. Voeg het opnieuw toe.")
def damaged():
    document = files._with_author()
    case = document.case
    next(files.settings.documents_dir.glob(f"??/{document.blob}")).write_bytes(b"x")
    with patch.object(metadata_removal, "start", files.cleaned):
        yield lambda: inspection.strip(document, case.reporter)
        again = make.document(case, content=samples.pdf(author="Jan Smit"))
        yield lambda: inspection.strip(again, case.reporter)


@advice("Verdeel het over meer bestanden.")
def larger_than_it_may_be():
    yield lambda: storage.save(io.BytesIO(b"heel"), 3)
    yield lambda: [storage.save(io.BytesIO(half), 3) for half in (b"he", b"el")]


@advice("Het bestand is niet helemaal aangekomen. Probeer het opnieuw.")
def broken_off():
    yield lambda: storage.save(io.BytesIO(b"half"), 100, length=5)
    yield lambda: storage.save(io.BytesIO(b"heel."), 100, length=5)


@advice("Deze upload is gestopt. Voeg het bestand opnieuw toe.")
def stopped():
    upload = files.announced()
    upload.stop(upload.sender)
    yield lambda: files.brought(upload)
    again = ResumableUpload.begin(upload.case, upload.sender, "echo.mp4", 10)
    yield lambda: files.brought(again)


@advice("Dit bestand kwam in te veel kleine stukken binnen. Voeg het opnieuw toe.")
def cut_too_small():
    upload = files.announced()
    with patch.object(files.resumable_upload, "MOST_PARTS", 2):
        for at in range(2):
            files.brought(upload, b"x", at)
        yield lambda: files.brought(upload, b"x", 2)
        again = ResumableUpload.begin(upload.case, upload.sender, "echo.mp4", 10)
        yield lambda: files.brought(again)


@advice("Deze pagina heeft al een ander bestand verstuurd. Ververs de pagina en voeg dit bestand daarna opnieuw toe.")
def two_files_under_one_key():
    case, other = make.case(), samples.pdf("Een ander verslag")

    def send(content, key):
        Document.attach(case, io.BytesIO(content), "verslag.pdf", case.reporter, upload_key=key, length=len(content))

    send(make.PDF, "een")
    yield lambda: send(other, "een")
    yield lambda: send(other, "twee")  # each page makes a key of its own


@advice("aan bestanden toevoegen; vandaag niets meer. Voeg dit bestand morgen toe.")
def more_than_a_day():
    case, now = make.case(), clock.now()
    with patch.object(upload_limits, "MAX_DAY", 2 * len(make.PDF)):
        for _ in range(2):
            make.document(case, at=now)
        yield lambda: make.document(case, at=now)
        yield lambda: make.document(case, at=now + clock.DAY)


@advice("Er kwam meer binnen dan de grootte die bij het begin is gezegd. Voeg het bestand opnieuw toe.")
def longer_than_said():
    upload = files.announced()
    yield lambda: files.brought(upload, b"x" * 11)
    again = ResumableUpload.begin(upload.case, upload.sender, "echo.mp4", 11)
    yield lambda: files.brought(again, b"x" * 11)


@advice("ontvangen. Ga daar verder.")
def not_where_it_is():
    upload = files.announced()
    files.brought(upload, b"xxxx")
    yield lambda: files.brought(upload, b"x", 6)
    yield lambda: files.brought(upload, b"x", 4)


@advice("uploads die niet af zijn. Maak er een af of verwijder er een,")
def too_many_standing():
    case = make.case()
    standing = [ResumableUpload.begin(case, case.reporter, "echo.mp4", 10) for _ in range(MOST_UPLOADS)]
    yield lambda: ResumableUpload.begin(case, case.reporter, "echo.mp4", 10)
    standing[0].stop(case.reporter)
    yield lambda: ResumableUpload.begin(case, case.reporter, "echo.mp4", 10)


@advice("bestanden. Verwijder er een, of zet er een paar samen in één PDF.")
def too_many_files():
    case = make.case()
    with patch.object(upload_limits, "MAX_FILES", 2):
        first, _ = make.document(case), make.document(case)
        yield lambda: make.document(case)
        first.remove(case.reporter)
        yield lambda: make.document(case)


@advice("Deze code geldt niet meer. Vraag een nieuwe code.")
def old_code():
    link, now = links.ask(links.case()), clock.now()
    UploadCode.send(link, now)
    later = now + timedelta(minutes=10)
    yield lambda: UploadCode.enter(link, links.code_of(link).digits, later)
    UploadCode.send(link, later)
    yield lambda: UploadCode.enter(link, links.code_of(link).digits, later)


@advice("Deze code klopt niet, en geldt nu niet meer. Vraag een nieuwe code.")
def last_try():
    link, now = links.ask(links.case()), clock.now()
    UploadCode.send(link, now)
    for _ in range(TRIES - 1):
        with pytest.raises(Exception, match="keer proberen"):
            UploadCode.enter(link, "x", now)
    yield lambda: UploadCode.enter(link, "x", now)
    later = now + links.LATER
    UploadCode.send(link, later)
    yield lambda: UploadCode.enter(link, links.code_of(link).digits, later)


@advice("Uw bezoek is voorbij. Open de link in de mail opnieuw; wat is ontvangen, is bewaard.")
def after_klaar():
    link, later = links.ask(links.case()), clock.now() + links.LATER
    code = links.visit(link)
    links.receive(code)
    code.finish()
    yield lambda: links.receive(code, key="b")
    again = links.visit(UploadLink.by_token(link.token), later)
    yield lambda: links.receive(again, key="b", now=later)
    assert link.case.documents.count() == 2


@advice("Voeg eerst een bestand toe.")
def klaar_without_a_file():
    code = links.visit(links.ask(links.case()))
    yield code.finish
    links.receive(code)
    yield code.finish


@advice("bestanden worden verstuurd. Zet er een paar samen in één PDF.")
def more_files_than_a_link_takes():
    code = links.visit(links.ask(links.case()))
    made = [links.receive(code, key=str(number)) for number in range(MOST_FILES)]
    yield lambda: links.receive(code, key="meer")
    code.remove(made[0])
    yield lambda: links.receive(code, key="samen")


@advice("Dit bestand kunt u hier niet meer verwijderen. Vraag het de collega die u om het document vroeg.")
def file_of_the_hospital():
    case = links.case()
    own, code = make.document(case), links.visit(links.ask(case))
    yield lambda: code.remove(own)
    yield lambda: own.remove(case.reporter)


@advice("codes gevraagd. Probeer het morgen opnieuw.")
def too_many_codes():
    link, now = links.ask(links.case()), clock.now()
    for number in range(MOST_A_DAY):
        UploadCode.send(link, now + number * links.LATER)
    yield lambda: UploadCode.send(link, now + MOST_A_DAY * links.LATER)
    yield lambda: UploadCode.send(link, now + MOST_A_DAY * links.LATER + clock.DAY)


@advice("Voor uw ziekenhuis zijn nog geen maildomeinen ingevuld. Vraag de beheerder van het portaal dat te doen.")
def without_domains():
    case = links.case(domains=None)
    yield lambda: links.ask(case)
    case.hospital.amend(_boss(), mail_domains="haven.example")
    yield lambda: links.ask(Case.get_by_id(case.id), by=type(case.reporter).get_by_id(case.reporter_id))


@advice("Deze link werkt niet meer. Overleg met de collega die u om het document vroeg.")
def withdrawn_link():
    case = links.case()
    link = links.ask(case)
    link.withdraw(case.reporter)
    yield lambda: UploadCode.send(link)
    again = links.ask(case)
    yield lambda: UploadCode.send(again)


@advice("keer een collega vragen. Vraag het morgen.")
def too_many_questions():
    case, tomorrow = links.case(), clock.now() + clock.DAY + clock.MINUTE
    for number in range(MOST_QUESTIONS):
        links.ask(case, address=f"collega{number}@haven.example")
    yield lambda: links.ask(case)
    yield lambda: links.ask(case, now=tomorrow)


@advice("Deze collega is al om dit document gevraagd. Trek die vraag eerst in, of vraag opnieuw.")
def same_twice():
    case = links.case()
    link = links.ask(case)
    yield lambda: links.ask(case)
    link.ask_again(case.reporter).withdraw(case.reporter)
    yield lambda: links.ask(case)


# ---- the committee ------------------------------------------------------------------------------------------------------


@advice("Dit account is geen commissielid. Geef het eerst die rol, onder Gebruikers.")
def member_without_the_role():
    user = make.coordinator(committee=Process.NETHOSS)
    yield lambda: committee._add(user)
    user.grant([Role.COORDINATOR, Role.COMMISSIELID], by=_boss(), agreed=True)
    yield lambda: committee._add(type(user).get_by_id(user.id))


@advice("Verklaar eerst dat u deze casus onafhankelijk kunt beoordelen.")
def form_before_the_declaration():
    case = make.case(Status.GOEDGEKEURD, theme=committee._forms())
    first, _ = committee.Assessment.of(make.treatment(case, [make.member(), make.member()], declared=False))
    yield lambda: CommitteeForm.of_assessor(first, first.assessor)
    first.declare(first.assessor)
    yield lambda: CommitteeForm.of_assessor(first, first.assessor)


@advice("Volgens de consensus komt de casus terug op de agenda. Zet de casus op een andere vergadering.")
def consensus_that_is_none():
    treatment, by = committee._in(), make.coordinator()
    committee._consensus(treatment, by, "nee, terug op de agenda")
    yield lambda: consensus.fix_consensus(treatment, by)
    yield lambda: Treatment.schedule(Case.get_by_id(treatment.case_id), make.meeting(days=60), by)


@advice("Deze casus is intussen besproken. Bekijk de pagina opnieuw.")
def page_of_before():
    treatment = committee._discussed()
    yield lambda: treatment.as_seen(treatment.round - 1)
    yield lambda: treatment.as_seen(committee.fresh(treatment).round)


@advice("Deze vergadering is afgerond. Kies een andere.")
def agenda_that_is_over():
    over, other, by, case = make.meeting(), make.meeting(days=60), make.coordinator(), make.case(Status.GOEDGEKEURD)
    close_meeting(over, by)
    yield lambda: Treatment.schedule(case, over, by)
    yield lambda: Treatment.schedule(case, other, by)


@advice("Sinds dit dossier is gemaakt, is een bestand verwijderd of tegengehouden. Vraag het dossier opnieuw.")
def dossier_with_a_file_that_went():
    case, by = make.case(Status.GOEDGEKEURD), make.coordinator()
    held = case.documents.get()
    make_dossier(case, by)
    Document.update(state=FileState.BESMET).where(Document.id == held.id).execute()
    yield lambda: DossierPackage.fetch(case, by, "zip")
    make_dossier(case, by)
    yield lambda: DossierPackage.fetch(case, by, "zip")


@advice("Vraag A5 hoort niet bij deze casus, gezien de andere antwoorden. Ververs de pagina.")
def question_of_the_committee_that_is_not_asked():
    form = committee._form()
    by = form.assessment.assessor
    form.put("A4", "ja", by)
    yield lambda: form.put("A5", "ja", by)
    shown = {code for code, _ in CommitteeForm.of_assessor(form.assessment, by).filled().shows}
    assert "A4" in shown and "A5" not in shown
    yield lambda: form.put("F6", "bespreken", by)


@advice("Niet alles wat u koos, kan (nog) als hamerstuk. Bekijk de lijst opnieuw.")
def formality_that_is_none():
    to_discuss, formality, by = committee._in("bespreken"), committee._in("hamerstuk"), make.coordinator()
    yield lambda: consensus.settle_formalities(to_discuss.meeting, by, [to_discuss.key])
    yield lambda: consensus.settle_formalities(formality.meeting, by, [formality.key])


@advice("Dit is een deel van een casus. Zet de casus zelf op de agenda.")
def agenda_with_a_part():
    whole, other, by = make.case(Status.GOEDGEKEURD), make.user(), make.coordinator()
    part = whole.invite(other.hospital, by)
    make.document(part, by=other)
    Case.get_by_id(part.id).submit(other)
    Case.get_by_id(part.id).approve(by)
    yield lambda: make.treatment(Case.get_by_id(part.id))
    yield lambda: make.treatment(Case.get_by_id(whole.id))


@advice("Iemand was u voor: er is al een brief vrijgegeven. Bekijk de pagina opnieuw.")
def letter_of_two_tabs():
    treatment, by = committee._discussed(), make.coordinator()
    LessonLetter.release(treatment, by, "Meet het bloedverlies.", "", treatment.round)
    with patch.object(LessonLetter, "of_case", return_value=[]):  # as it was a moment ago
        yield lambda: LessonLetter.release(treatment, by, "Weeg de gazen.", "", treatment.round)
    assert LessonLetter.of_case(treatment.case)[-1].text == "Meet het bloedverlies."
    yield lambda: LessonLetter.release(committee.fresh(treatment), by, "Weeg de gazen.", "", treatment.round)


@advice("Iemand was u voor: deze casus is nu gesloten. Bekijk de pagina opnieuw.")
def treatment_of_two_tabs():
    treatment, by = committee._discussed(), make.coordinator()
    consensus.close(committee.fresh(treatment), by)
    yield lambda: treatment.shift(treatment.state, TreatmentState.GESLOTEN, by, "treatment.close")
    yield lambda: consensus.reopen(committee.fresh(treatment), by, "Er kwam een verslag bij.")


# ---- lists, questionnaires and terms ------------------------------------------------------------------------------------


@advice("staat er al een lijst. Neem die eerst terug.")
def second_list():
    reports._list(reports._row())
    yield lambda: reports._list(reports._row())
    SecondSourceList.standing(reports.LAST).take_back(make.coordinator())
    yield lambda: reports._list(reports._row())


@advice("Zet regels over een ander jaar in een eigen bestand.")
def list_of_two_years():
    theme, month, hospital = reports._row()
    other = [theme, f"{reports.LAST - 1}-04", hospital]
    yield lambda: reports._list([theme, month, hospital], other)
    yield lambda: [reports._list(row) for row in ([theme, month, hospital], other)]


@advice("Dit bestand heeft meer dan 500 regels. Verdeel het over meer bestanden.")
def long_file():
    row = b"Amstel;A1\n"
    yield lambda: read_sheet(b"Naam;Code\n" + row * 501)
    yield lambda: [read_sheet(b"Naam;Code\n" + row * count) for count in (500, 1)]


@advice("Deze versie is al in gebruik (geweest) en verandert niet meer. Maak een nieuw concept.")
def change_of_what_was_published():
    made, by = filling.questionnaire(question("A1", "ja/nee")), make.coordinator()
    yield lambda: Draft(made.versions.get(), by).put_block("A", title="Begin")
    yield lambda: Draft.begin(made, by).put_block("A", title="Begin")


@advice("Er is al een concept van deze vragenlijst. Werk daarin verder, of gooi het eerst weg.")
def two_drafts():
    made, by = filling.questionnaire(question("A1", "ja/nee"), publish=False), make.coordinator()
    yield lambda: Draft.begin(made, by)
    yield lambda: Draft(made.versions.get(), by).put_block("A", title="Begin")


@advice("Vraag A2 wordt niet meer gesteld. Ververs de pagina.")
def question_that_was_retired():
    made, by = filling.questionnaire(question("A1", "ja/nee"), question("A2", "ja/nee"), publish=False), make.coordinator()
    draft = Draft(made.versions.get(), by)
    draft.retire_question("A2")
    yield lambda: draft.shift("A2", -1)
    yield lambda: draft.put_question("A1", label="Hoe?")


@advice("Vraag A2 hoort niet bij deze casus, gezien de andere antwoorden. Ververs de pagina.")
def question_that_is_not_asked():
    form = filling.form(filling.questionnaire(question("A1", "ja/nee"), question("A2", "ja/nee", shown_when='A1 = "ja"')))
    by = form.case.reporter
    form.put("A1", "nee", by)
    yield lambda: form.put("A2", "ja", by)
    form.put("A1", "ja", by, 1)
    yield lambda: form.put("A2", "ja", by)


@advice("Deze vragenlijst is intussen vervangen door een nieuwere versie. Ververs de pagina.")
def form_of_an_older_version():
    form = filling.form(filling.questionnaire(question("A1", "ja/nee")))
    by = form.case.reporter
    Draft.begin(form.version.questionnaire, coordinator := make.coordinator()).version.publish(coordinator)
    carry_over(form, by)
    yield lambda: Form.get_by_id(form.id).put("A1", "ja", by)
    yield lambda: Form.of(form.case).put("A1", "ja", by)


@advice("Deze vragenlijst is intussen al overgezet. Ververs de pagina.")
def carried_over_twice():
    form = filling.form(filling.questionnaire(question("A1", "ja/nee")))
    by = form.case.reporter
    Draft.begin(form.version.questionnaire, coordinator := make.coordinator()).version.publish(coordinator)
    carry_over(form, by)
    yield lambda: carry_over(form, by)
    yield lambda: Form.of(form.case).put("A1", "ja", by)


@advice("Deze vraag bestaat niet in deze versie van de vragenlijst. Ververs de pagina.")
def question_of_nowhere():
    form = filling.form(filling.questionnaire(question("A1", "ja/nee")))
    by = form.case.reporter
    yield lambda: form.put("Z9", "ja", by)
    yield lambda: form.put(*next(iter(Form.of(form.case).filled().shows))[:1], "ja", by)


@advice("Dit antwoord kwam niet goed aan. Ververs de pagina en probeer het opnieuw.")
def revision_that_is_none():
    form = filling.form(filling.questionnaire(question("A1", "ja/nee")))
    by = form.case.reporter
    yield lambda: form.put("A1", "ja", by, seen_revision="x")
    yield lambda: form.put("A1", "ja", by, seen_revision="0")


@advice("Een collega heeft dit verslag zojuist vastgesteld. Bekijk eerst die uitgave.")
def report_of_a_colleague():
    by, year = make.coordinator(), reports.LAST
    ReportEdition.settle(year, make.coordinator())
    with patch.object(ReportEdition, "of_year", return_value=[]):  # as it was a moment ago
        yield lambda: ReportEdition.settle(year, by)
    make.zero(make.user(), f"{year}-03")
    reports.Births.state(by, make.hospital(), year, 1200, "Perined")
    yield lambda: ReportEdition.settle(year, by, "De geboorten van een ziekenhuis.")


@advice("geldt een bewaarplicht, ook voor dit deel. Hef die eerst op.")
def part_of_a_case_on_hold():
    by, theme, month = make.coordinator(), make.theme(), "2026-09"
    whole, part = (make.case(Status.INGEDIEND, theme=theme, month=month) for _ in range(2))
    whole.join(part, by)
    hold = LegalHold.place(whole, by, "Rechtszaak.")
    yield lambda: Case.get_by_id(part.id).separate(by, "Toch niet dezelfde.")
    hold.ask_to_lift(by)
    hold.lift(make.coordinator())
    yield lambda: Case.get_by_id(part.id).separate(by, "Toch niet dezelfde.")


@advice("De vragen van dit onderdeel zijn intussen gewijzigd. Ververs de pagina.")
def order_of_some():
    made, by = filling.questionnaire(question("A1", "ja/nee"), question("A2", "ja/nee"), publish=False), make.coordinator()
    draft = Draft(made.versions.get(), by)
    yield lambda: draft.arrange(["A2"])
    yield lambda: draft.arrange(["A2", "A1"])  # what the page shows now


@advice("Iemand heeft deze termijn intussen gewijzigd. Bekijk die opnieuw.")
def term_that_moved():
    seen, by = terms._term(fixed=False), _boss()
    RetentionTerm.get_by_id(seen.id).amend(by, seen.facts.least)
    yield lambda: seen.amend(by, seen.facts.most)
    yield lambda: RetentionTerm.get_by_id(seen.id).amend(by, seen.facts.most)


# ---- the registry -------------------------------------------------------------------------------------------------------


@advice("Iemand heeft de methode van ")
def method_of_a_second_tab():
    lnr._method()
    yield lambda: lnr._method(smallest=20)
    yield lambda: lnr._method(seen=1, smallest=20)


@advice("Van uw ziekenhuis staat nog geen AGB-code, URA-nummer of Perined-nummer in het portaal. Vraag de beheerder")
def form_of_a_hospital_without_a_number():
    by = make.user(role=Role.LNR_CONTACT, hospital=make.hospital())
    yield lambda: StayDraft.begin(by, lnr.NOW)
    by.hospital.amend(_boss(), agb="06010109")
    yield lambda: StayDraft.begin(type(by).get_by_id(by.id), lnr.NOW)


@advice("De opname is niet ingetrokken: er kwam intussen een nieuwere versie binnen. Kijk eerst daarnaar.")
def withdrawn_beside_a_newer_version():
    by = lnr._contact()
    stay = lnr._deliver(by.hospital)
    newer = lnr._deliver(by.hospital, version=2, action="vervanging", set_id=stay.set_id)
    yield lambda: withdraw(stay, by, lnr.NOW)
    yield lambda: withdraw(newer, by, lnr.NOW)


@advice("Sluit het jaar eerst; dan verandert er niets meer onder het verslag.")
def report_of_an_open_year():
    yield lambda: LnrEdition.settle(2024, lnr._manager())
    lnr._close(2024)
    yield lambda: LnrEdition.settle(2024, lnr._manager())


@advice("Nog niet verstuurd: er kwam intussen iets anders over deze opname binnen. Bekijk wat er nu mis is.")
def overtaken_while_sending():
    by = lnr._contact()
    form = finished(by)
    with patch.object(draft, "deliver", return_value=SimpleNamespace(status=409)):
        yield lambda: form.send(by, lnr.NOW)
    entered = StayDraft.get_by_id(form.id).entered(lnr.NOW)
    assert not entered.errors  # what the page shows now: nothing is wrong any more
    yield lambda: StayDraft.get_by_id(form.id).send(by, lnr.NOW)


@advice("Dit veld bestaat niet in deze versie van het formulier. Ververs de pagina.")
def field_of_nowhere():
    by = lnr._contact()
    form = StayDraft.begin(by, lnr.NOW)
    yield lambda: form.put("apgar_6", {"": ["7"]}, by, 0, lnr.NOW)
    assert "apgar_5" in form.entered(lnr.NOW).shown and "apgar_6" not in form.entered(lnr.NOW).shown
    yield lambda: form.put("apgar_5", {"": ["7"]}, by, 0, lnr.NOW)


# ---- the installation ---------------------------------------------------------------------------------------------------


@advice("De database is van een nieuwere versie van het portaal. Gebruik die versie.")
def database_of_later():
    with patch.object(schema, "unknown", return_value=["9999_later"]):
        yield schema.demand_this_version
    yield schema.demand_this_version  # the version that knows the step


@advice("De database is nog niet op deze versie. Voer eerst uit: python app.py migrate")
def database_of_before():
    waits = ["9999_later"]
    with patch.object(schema, "pending", side_effect=lambda: list(waits)), patch.object(schema, "migrate", waits.clear):
        yield schema.demand_this_version
        schema.migrate()
        yield schema.demand_this_version


@advice("De reservekopie is van een nieuwere versie van het portaal. Gebruik die versie.")
def backup_of_later():
    folder = operations._copy(step="9999_later")
    yield lambda: backup._manifest(folder)
    with patch.object(schema, "knows", return_value=True):  # the version that knows the step
        yield lambda: backup._manifest(folder)


@advice("is er niet. Installeer de client van PostgreSQL (Debian: postgresql-client).")
def database_without_its_client():
    def run():
        with database_dump._running("true"):
            pass

    with patch.object(database_dump.shutil, "which", return_value=None):
        yield run
    yield run


def _boss():
    return make.user(role=Role.BEHEERDER)


def _manager():
    return make.user(appoints_since=clock.now())


def _called():
    by, month = make.user(), clock.previous_month(clock.today())
    MonthlyCall.open_all(month)
    return MonthlyCall.get(MonthlyCall.user == by)


def make_dossier(case, by):
    DossierPackage.ask(case, by, "zip")
    assert DossierPackage.make_waiting() == 1


with (ROOT / "tests" / "advice.csv").open(encoding="utf-8", newline="") as file:
    TABLE = {row["sentence"]: row["followed_by"] for row in csv.DictReader(file)}
# Advice that no test follows yet. It never grows.
OPEN = 0


@pytest.mark.parametrize("sentence", advice)
def test_what_is_advised_was_done_and_then_it_passes(sentence):
    advice.check(sentence)


def test_all_advice_of_a_refusal_is_followed_here_or_stands_in_the_table():
    advised = {sentence: where for sentence, where in sentences().items() if advises(sentence)}
    alone = {sentence for sentence in advised if not any(says(part, sentence) for part in advice)}
    new = alone - TABLE.keys()
    assert not new, f"follow what it says, to the end, in tests/test_advice.py: {sorted((advised[one], one) for one in new)}"
    gone = TABLE.keys() - alone
    assert not gone, f"these are gone, or are followed by now: take them out of advice.csv: {sorted(gone)}"
    assert len([one for one in TABLE.values() if not one]) == OPEN


def test_all_that_is_followed_here_is_advice_of_the_source():
    known = sentences()
    assert [part for part in advice if not any(says(part, sentence) for sentence in known)] == []


@pytest.mark.parametrize("sentence", [one for one, told in TABLE.items() if told])
def test_what_the_table_names_knows_the_sentence(sentence):
    if TABLE[sentence] == "pair":
        assert any(says(part, sentence) for part in pairs())
    else:
        assert knows(TABLE[sentence], sentence)
