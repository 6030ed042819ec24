"""A case of two hospitals: each its own part, the coordinator and the committee the whole, counted once."""

import re
from datetime import timedelta

import pytest

from models import MODELS, access, clock
from models.access import Process
from models.accounts.hospital import Hospital
from models.annual_report.annual_figures import YearFigures
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.case_part import CasePart
from models.cases.doubles.duplicate_clue import DuplicateClue
from models.cases.remark import Remark
from models.cases.status import Status
from models.committee.assessment import Assessment
from models.committee.package.package_contents import PackageContents
from models.committee.treatment import Treatment
from models.files.document import Document
from models.files.dossier import Dossier
from models.files.privacy import gate
from models.mail.outbox import Mail
from models.monthly.month_answer import MonthAnswer
from models.operations import integrity_check
from models.retention.case_erasure import erase
from models.retention.erasure_request import ErasureRequest
from models.retention.legal_hold import LegalHold
from models.review import case_mails, case_sheet
from models.review.reminder import Reminder
from tests import make

pytestmark = pytest.mark.db_dialect
MONTH = "2026-10"


def fresh(case):
    return Case.get_by_id(case.id)


@pytest.fixture
def coordinator():
    return make.coordinator()


@pytest.fixture
def other():
    """A melder of another hospital, and a colleague there."""
    melder = make.user()
    make.user(hospital=melder.hospital)
    return melder


def handed_in(case, by):
    make.document(case, by=by)
    case = fresh(case)
    case.submit(by)
    return fresh(case)


def test_the_invited_hospital_has_its_own_part_and_every_melder_there_gets_mail(coordinator, other):
    whole = make.case(Status.INGEDIEND, month=MONTH, patient_number="A-1")
    asked = whole.theme.asked.first()
    part = whole.invite(other.hospital, coordinator, "Bel ons gerust.", [str(asked.id)])
    assert (part.number, part.hospital, part.month) == (f"{whole.number}-2", other.hospital, None)
    assert [line.asked for line in Dossier.of(part).lines] == [asked]
    assert Mail.select().where(Mail.name == "case_part").count() == 2
    assert list(access.visible(Case, other)) == [part]
    assert whole not in access.visible(Case, other) and part not in access.visible(Case, whole.reporter)
    assert {event.action for event in AuditEvent.of_case(whole)} >= {"case.invite"}
    # Who invited is not told to the other hospital.
    assert [event.actor for event in AuditEvent.of_case(part)] == [None]
    for text in (part.number, part.number.lower(), part.number.removeprefix("N-")):
        assert list(Case.ids_numbered(text).tuples()) == [(part.id,)], text


def test_a_melder_invites_for_the_own_case_only(coordinator, other):
    whole, stranger = make.case(Status.INGEDIEND), make.user()
    with pytest.raises(Refused, match="niet van uw ziekenhuis"):
        whole.invite(other.hospital, stranger)
    part = whole.invite(other.hospital, whole.reporter, "Bericht")
    assert part.remarks.get().signed == "Het ziekenhuis dat u uitnodigde"
    refused = ((other.hospital, "al een deel"), (whole.hospital, "ander ziekenhuis"), (make.hospital(), "geen melder"))
    for hospital, sentence in refused:
        with pytest.raises(Refused, match=sentence):
            whole.invite(hospital, coordinator)
    with pytest.raises(Refused, match="al een deel van een andere"):
        part.invite(stranger.hospital, coordinator)
    assert Case.select().count() == 2


def test_both_hand_in_by_themselves_and_approval_asks_about_an_open_part(coordinator, other):
    whole = make.case(month=MONTH)
    part = whole.invite(other.hospital, whole.reporter)
    whole = handed_in(whole, whole.reporter)
    assert fresh(part).status == Status.CONCEPT
    with pytest.raises(gate.AskedAnyway, match="Van deze casus is deel"):
        gate.approve(whole, coordinator)
    gate.approve(whole, coordinator, anyway=True)
    part = handed_in(part, other)
    assert fresh(whole).status == Status.GOEDGEKEURD and part.status == Status.INGEDIEND
    gate.approve(part, coordinator)


def test_the_committee_reads_the_whole_and_a_part_only_once_it_is_approved(coordinator, other):
    whole = make.case(Status.GOEDGEKEURD)
    reader = make.reader(whole)
    part = handed_in(whole.invite(other.hospital, coordinator), other)
    file = Document.get(Document.case == part)
    assert part not in access.visible(Case, reader) and file not in access.visible(Document, reader)
    assert case_sheet.CaseSheet.of(whole, reader).parts == []
    part.approve(coordinator)
    assert file in access.visible(Document, reader)
    assert [one for one, _ in case_sheet.CaseSheet.of(whole, reader).parts] == [part]
    names = [entry.name for entry in PackageContents.of(fresh(whole)).entries]
    assert [name.split("_")[0] for name in names] == [whole.number, part.number]
    # While the whole is open again nobody of the committee reads it, nor what hangs on it.
    fresh(whole).reopen(coordinator, "Er kwam nog iets.")
    assert not {whole, part} & set(access.visible(Case, reader)) and file not in access.visible(Document, reader)


def test_an_approved_part_is_taken_up_again(coordinator, other):
    part = handed_in(make.case(month=MONTH).invite(other.hospital, coordinator), other)
    part.approve(coordinator)
    fresh(part).reopen(coordinator, "Er kwam een stuk bij.")
    assert fresh(part).status == Status.INGEDIEND


def test_conflicts_count_both_hospitals_before_and_after(coordinator, other):
    whole = make.case(Status.GOEDGEKEURD)
    theirs, chair, free = make.member(hospital=other.hospital), make.member(hospital=other.hospital, chair=True), make.member()
    treatment = make.treatment(whole, [theirs, free])
    part = whole.invite(other.hospital, coordinator)
    assert [one.assessor for one in Assessment.of(treatment)] == [free]
    assert whole not in access.visible(Case, theirs) and whole not in access.visible(Case, chair)
    assert treatment.reasons_against([theirs])[theirs.id]
    part = handed_in(part, other)
    part.approve(coordinator)
    with pytest.raises(Refused, match="Dit is een deel van een casus"):
        make.treatment(part)
    assert part not in list(Treatment.waiting(coordinator, part.process))


def test_two_reports_of_one_woman_are_joined_counted_once_and_parted_again(coordinator):
    theme = make.theme()
    first = make.case(Status.INGEDIEND, theme=theme, month=MONTH)
    second = make.case(Status.INGEDIEND, theme=theme, month=MONTH)
    first.join(second, coordinator)
    figures = YearFigures(2026)
    assert [case.id for case in figures.cases] == [first.id]
    # Each hospital did answer its month, and the trail of both knows why they count once.
    assert MonthAnswer.select().where(MonthAnswer.ended_at.is_null()).count() == 2
    assert list(integrity_check.months()) == [] and list(integrity_check.cases()) == []
    assert AuditEvent.select().where(AuditEvent.action == "case.join").count() == 2
    assert Mail.select().where(Mail.name == "case_part", Mail.user == second.reporter).count() == 1
    with pytest.raises(Refused, match="al een deel"):
        first.join(second, coordinator)
    fresh(second).separate(coordinator, "Toch een ander.")
    assert len(YearFigures(2026).cases) == 2


def test_a_case_with_a_part_is_not_left_by_its_hospital(coordinator, other):
    whole = make.case()
    part = whole.invite(other.hospital, coordinator)
    with pytest.raises(Refused, match=part.number):
        whole.withdraw(whole.reporter, "Vergissing.")
    with pytest.raises(Refused, match=part.number):
        whole.dismiss(coordinator, "dubbel", "Toelichting.")
    part.withdraw(other, "Wij kennen deze vrouw niet.")
    whole.withdraw(whole.reporter, "Vergissing.")


def test_who_invited_and_the_coordinator_hear_that_a_part_was_withdrawn_and_the_coordinator_reads_why(
    client, login, coordinator, other
):
    whole = make.case(Status.INGEDIEND, month=MONTH)
    part = whole.invite(other.hospital, whole.reporter)
    fresh(part).withdraw(other, "Wij kennen deze vrouw niet.")

    mails = {mail.user: mail for mail in Mail.select().where(Mail.name == "part_withdrawn")}
    assert set(mails) == {whole.reporter, coordinator}
    for mail in mails.values():
        said = mail.render().get_body(["plain"]).get_content()
        assert part.number in said and "Wij kennen" not in said
    login(client, coordinator)
    page = client.get(f"/beoordelen/{whole.key}/").text
    assert other.hospital.name in page and "Wij kennen deze vrouw niet." in page

    fresh(part).restore(other)
    assert mails[coordinator].render() is None
    assert "Wij kennen deze vrouw niet." not in client.get(f"/beoordelen/{whole.key}/").text


def test_an_open_part_is_reminded_at_its_own_hospital(coordinator, other):
    long_ago = clock.now() - timedelta(days=30)
    whole = make.case(at=long_ago)
    whole.invite(other.hospital, coordinator, now=long_ago)
    Reminder.send_due(clock.today())
    reminded = {row.user.hospital_id for row in Reminder.select().join(CasePart, on=CasePart.case == Reminder.case)}
    assert reminded == {other.hospital_id}


def test_what_holds_or_erases_the_case_does_so_with_its_parts(coordinator, other):
    whole = make.case(Status.INGEDIEND)
    part = handed_in(whole.invite(other.hospital, coordinator, "Bericht"), other)
    hold = LegalHold.place(whole, coordinator, "Onderzoek.")
    assert LegalHold.of(part) == hold
    assert part in Case.select().where(LegalHold.on(Case.id))
    hold.ask_to_lift(coordinator)
    LegalHold.get_by_id(hold.id).lift(make.coordinator())
    blobs = erase(fresh(whole), "op verzoek", clock.now(), MODELS)
    assert len(blobs) == 2 and fresh(part).erased_at
    assert Document.select().where(Document.purged_at.is_null()).count() == 0


def test_what_was_handed_in_for_a_part_that_was_closed_is_held_and_erased_with_the_case(coordinator, other):
    whole = make.case(Status.INGEDIEND)
    part = handed_in(whole.invite(other.hospital, coordinator), other)
    part.dismiss(coordinator, "dubbel", "Zij was niet bij u.")
    hold = LegalHold.place(part, coordinator, "Onderzoek.")
    with pytest.raises(Refused, match="geldt een bewaarplicht"):
        ErasureRequest.ask(coordinator, whole.number, "Op verzoek van de vrouw.")
    hold.ask_to_lift(coordinator)
    LegalHold.get_by_id(hold.id).lift(make.coordinator())
    assert len(erase(fresh(whole), "op verzoek", clock.now(), MODELS)) == 2
    assert fresh(part).erased_at and not Document.select().where(Document.purged_at.is_null()).exists()


def test_a_part_does_not_come_back_to_a_closed_case_or_beside_another_of_its_hospital(coordinator, other):
    whole = make.case()
    first = whole.invite(other.hospital, coordinator)
    first.withdraw(other, "Wij kennen deze vrouw niet.")
    whole.withdraw(whole.reporter, "Vergissing.")
    with pytest.raises(Refused, match=f"Dit is een deel van casus {whole.number}, en die is afgesloten."):
        first.restore(other)
    whole.restore(whole.reporter)
    second = whole.invite(other.hospital, coordinator)
    with pytest.raises(Refused, match="heeft al een deel"):
        first.restore(other)
    second.withdraw(other, "Wij hadden dit al eerder.")
    fresh(first).restore(other)
    assert whole.parts() == [first]
    # The coordinator takes a closed part up again by the same rule.
    first = fresh(first)
    first.dismiss(coordinator, "dubbel", "Wij sloten de casus.")
    fresh(whole).dismiss(coordinator, "dubbel", "Dubbel.")
    with pytest.raises(Refused, match="en die is afgesloten"):
        first.reopen(coordinator, "Toch nodig.")


def test_a_hospital_that_was_invited_and_reported_itself_has_one_part(coordinator, other):
    whole = make.case(Status.INGEDIEND)
    invited = whole.invite(other.hospital, coordinator)
    own = make.case(Status.INGEDIEND, by=other, theme=whole.theme)
    with pytest.raises(Refused, match="heeft al een deel"):
        whole.join(own, coordinator)
    invited.withdraw(other, "Wij meldden haar zelf.")
    whole.join(own, coordinator)
    assert whole.parts() == [own]


def test_why_two_cases_were_parted_is_a_note_and_not_in_the_trail(coordinator):
    first, second = (make.case(Status.INGEDIEND, theme=theme) for theme in [make.theme()] * 2)
    first.join(second, coordinator)
    second.separate(coordinator, "De ene vrouw is 23 en heet Jansen.")
    assert {event.detail for event in AuditEvent.select().where(AuditEvent.action == "case.separate")} == {
        first.number, second.number
    }  # fmt: skip
    for case in (first, second):
        (note,) = Remark.notes(case, coordinator)
        assert note.text == "De ene vrouw is 23 en heet Jansen." and not list(Remark.messages(case))


def test_the_mail_asks_for_a_part_only_while_it_is_asked_for(coordinator, other):
    whole = make.case(Status.INGEDIEND)
    part = whole.invite(other.hospital, coordinator)
    mail = Mail.get(Mail.name == "case_part", Mail.user == other)
    assert case_mails.CONTEXTS["case_part"](mail)["whole"] == whole.number
    handed_in(part, other)
    assert case_mails.CONTEXTS["case_part"](mail) is None
    # A report that was joined asks for nothing: what it tells stays true.
    second = make.case(Status.INGEDIEND, theme=whole.theme)
    whole.join(second, coordinator)
    assert case_mails.CONTEXTS["case_part"](Mail.get(Mail.name == "case_part", Mail.case_id == second.id))


def test_a_supplement_comes_in_without_reopening(coordinator):
    whole = make.case(Status.GOEDGEKEURD, month=MONTH)
    approved = whole.approved_at
    one = whole.supplement(whole.reporter)
    assert whole.supplement(whole.reporter) == one  # a second click
    assert Dossier.of(one).wanted == [] and one.is_supplement
    one = handed_in(one, whole.reporter)
    one.approve(coordinator)
    assert (fresh(whole).status, fresh(whole).approved_at) == (Status.GOEDGEKEURD, approved)
    assert whole.supplement(whole.reporter).number == f"{whole.number}-3"
    with pytest.raises(Refused, match="zodra de melding is goedgekeurd"):
        case = make.case(by=whole.reporter)
        case.supplement(whole.reporter)


def test_what_cannot_be_a_part_or_have_one(coordinator, other):
    theme = make.theme()
    whole, second = (make.case(Status.GOEDGEKEURD, theme=theme) for _ in range(2))
    lza1, closed = make.case(theme=make.theme(Process.LZA1)), make.case(Status.INGETROKKEN, theme=theme)
    part = whole.invite(other.hospital, coordinator)
    make.treatment(second)
    nobody, open_one = make.hospital(), make.case()
    refused = (
        (lambda: part.supplement(other), "Dit kan zodra de melding is goedgekeurd"),
        (lambda: part.separate(coordinator, ""), "Schrijf waarom dit toch niet dezelfde casus is."),
        (lambda: part.separate(coordinator, "Anders."), "Alleen een melding die later is samengevoegd"),
        (lambda: whole.dismiss(coordinator, "dubbel", "Dubbel."), "Bij deze casus hoort nog deel"),
        (lambda: lza1.invite(other.hospital, lza1.reporter), "Bij LZA1 bestaat een melding uit één deel."),
        (lambda: closed.invite(other.hospital, coordinator), "Deze melding is afgesloten."),
        (lambda: part.invite(whole.hospital, coordinator), "Dit is al een deel van een andere casus."),
        (lambda: whole.invite(whole.hospital, coordinator), "Kies een ander ziekenhuis dat meedoet."),
        (lambda: whole.invite(other.hospital, coordinator), "heeft al een deel van deze casus."),
        (lambda: whole.invite(nobody, coordinator), "heeft nu geen melder."),
        (lambda: whole.join(make.case(), coordinator), "Alleen meldingen van hetzelfde thema uit twee ziekenhuizen"),
        (lambda: whole.join(second, coordinator), "staat zelf al op een agenda van de commissie."),
        (lambda: part.count_for(coordinator, MONTH), "Een deel van een casus telt niet apart mee."),
        (lambda: DuplicateClue.tell(open_one, open_one.reporter, "30"), "Kies een leeftijd uit de lijst."),
        (lambda: DuplicateClue.tell(lza1, lza1.reporter), "Kies een ander ziekenhuis dan uw eigen."),
    )
    for act, sentence in refused:
        with pytest.raises(Refused, match=re.escape(sentence)):
            act()
    for _ in range(7):
        whole.invite(make.user().hospital, coordinator)
    with pytest.raises(Refused, match="Een casus heeft hoogstens"):
        whole.invite(make.user().hospital, coordinator)


def test_a_clue_of_a_hospital_that_ended_since_is_kept_and_nonsense_clears_nothing(app, login, other, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    case = make.case()
    browser = login(app.test_client(), case.reporter)
    DuplicateClue.tell(case, case.reporter, "30-34", other.hospital)
    Hospital.update(active=False).where(Hospital.id == other.hospital_id).execute()
    page = browser.get(f"/melding/{case.key}/?ander=1").text
    assert f'<option value="{other.hospital_id}" selected>{other.hospital.name} (doet niet meer mee)</option>' in page
    send = lambda **body: browser.post(f"/melding/{case.key}/kenmerken", data=body, follow_redirects=True).text  # noqa: E731
    send(leeftijd="35-39", ander=other.hospital_id)
    assert (DuplicateClue.of(case).age_band, DuplicateClue.of(case).transfer) == ("35-39", other.hospital)
    assert "Kies het andere ziekenhuis uit de lijst." in send(leeftijd="20-24", ander="999999")
    assert DuplicateClue.of(case).transfer == other.hospital
    # Somebody who says it now cannot say an ended one; taking it back is an empty choice.
    second = make.case()
    with pytest.raises(Refused, match="Kies een ander ziekenhuis dat meedoet"):
        DuplicateClue.tell(second, second.reporter, "20-24", Hospital.get_by_id(other.hospital_id))
    send(leeftijd="35-39", ander="")
    assert DuplicateClue.of(case).transfer is None


def test_each_page_shows_its_own_part_and_the_coordinator_the_whole(app, login, coordinator, other, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    whole = make.case(Status.INGEDIEND, patient_number="CNRY-A")
    at_home, at_other, at_office = (login(app.test_client(), one) for one in (whole.reporter, other, coordinator))
    form = at_home.get(f"/melding/{whole.key}/?ander=1").text
    assert other.hospital.name in form and "Welke documenten vraagt u?" in form
    body = {"ander": other.hospital_id, "bericht": "Bel ons.", "gevraagd": whole.theme.asked.first().id}
    said = at_home.post(f"/melding/{whole.key}/uitnodigen", data=body, follow_redirects=True).text
    part = whole.parts()[0]
    assert f"{other.hospital.name} is uitgenodigd" in said and "heeft zijn deel nog niet ingediend" in said
    mine = at_other.get(f"/melding/{part.key}/").text
    assert f"Uw deel van casus {whole.number}" in mine and "Bel ons." in mine
    assert not [secret for secret in ("CNRY-A", whole.reporter.name, "partusverslag.pdf") if secret in mine]
    assert f"uw deel van casus {whole.number}" in at_other.get("/meldingen/").text
    # Neither reaches the other's, nor its file below an address of the own.
    theirs = Document.get(Document.case == whole)
    for browser, key in ((at_other, whole.key), (at_home, part.key)):
        assert browser.get(f"/melding/{key}/").status_code == 404
    assert at_other.get(f"/melding/{part.key}/bestanden/{theirs.key}/download").status_code == 404
    handed_in(part, other)
    office = at_office.get(f"/beoordelen/{whole.key}/?uitnodigen=1").text
    assert f"{other.hospital.name} · {part.number}" in office and "Beoordeel dit deel" in office
    assert "Het deel van" in office and "is nog niet goedgekeurd" in office
    assert f"Deel van casus {whole.number}" in at_office.get(f"/beoordelen/{part.key}/").text
    gate.approve(whole, coordinator, anyway=True)
    reader = login(app.test_client(), make.reader(whole))
    fresh(part).approve(coordinator)
    study = reader.get(f"/commissie/{whole.key}/").text
    assert f"Tweede ziekenhuis · {part.number}" in study and other.hospital.name not in study
    assert reader.get(f"/commissie/{part.key}/").status_code == 404
