"""Correcting a wrong theme: what goes along, what becomes loose, what rests, and that correcting back puts all of it back."""

import re
from datetime import timedelta
from unittest.mock import patch

import pytest

from models import clock
from models.access import Process, Role
from models.annual_report.edition import ReportEdition
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.case_part import PartSlot
from models.cases.doubles.duplicate_clue import DuplicateClue
from models.cases.remark import Remark
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.status import Status
from models.committee.treatment import Treatment
from models.files.document import Document
from models.files.dossier import Dossier
from models.files.resumable.resumable_upload import ResumableUpload
from models.mail.outbox import Mail
from models.monthly.month_answer import MonthAnswer
from models.questionnaires.export import pdf_attachment
from models.questionnaires.form import Form
from models.questionnaires.query import DataQuery
from models.review import case_mails, verdict_undo, work_list
from models.review.correction import theme_correction
from models.review.correction.theme_correction import correct_theme, outlook
from models.review.correction.theme_outlook import mark
from models.review.reminder import Reminder
from models.upload_links.upload_link import UploadLink
from tests import filling, make
from tests.bench.measure import counted
from tests.filling import question
from tests.web.pages import form_key

pytestmark = pytest.mark.db_dialect
WHY = "Dit is een relaparotomie en geen hysterectomie."


def fresh(row):
    return type(row).get_by_id(row.id)


def asked(theme, label):
    return next(line for line in theme.asked if line.label == label)


@pytest.fixture
def boss():
    return make.coordinator()


@pytest.fixture
def wrong():
    return make.theme(name="Hysterectomie", asked=("partusverslag", "OK-verslag", "pathologierapport", "ontslagbrief"))


@pytest.fixture
def right():
    return make.theme(name="Relaparotomie", asked=("OK-verslag", "Partusverslag ", "decursus", "ontslagbrief"))


@pytest.fixture
def case(wrong):
    """Handed in, with a file at a document of both themes, one at a document of the old one, a loose one, and two answers."""
    made = make.case(theme=wrong, patient_number="P-1")
    for name, label in (("partus.pdf", "partusverslag"), ("pa.pdf", "pathologierapport"), ("los.pdf", None)):
        make.document(made, name=name, asked=label and asked(wrong, label))
    later = clock.today() + timedelta(days=30)
    RequestedDocumentAnswer.give(made, asked(wrong, "ontslagbrief"), made.reporter, expected_on=later)
    RequestedDocumentAnswer.give(made, asked(wrong, "OK-verslag"), made.reporter, reason="Er is niet geopereerd.")
    made = fresh(made)
    made.submit(made.reporter)
    return fresh(made)


def told(case):
    """{label: (names of the files, state)} and the names of the loose ones, as the pages show them."""
    dossier = Dossier.of(fresh(case))
    lines = {line.asked.label.strip(): ([one.name for one in line.documents], line.state) for line in dossier.lines}
    return lines, [one.name for one in dossier.loose]


def test_what_both_themes_ask_goes_along_and_the_rest_is_loose(case, right, boss):
    correct_theme(case, boss, right, WHY)
    lines, loose = told(case)
    assert lines == {
        "OK-verslag": ([], "niet beschikbaar"),
        "Partusverslag": (["partus.pdf"], "aanwezig"),
        "decursus": ([], "ontbreekt"),
        "ontslagbrief": ([], "volgt later"),
    }
    assert loose == ["pa.pdf", "los.pdf"]
    line = AuditEvent.get(AuditEvent.case_id == case.id, AuditEvent.action == "case.theme")
    assert (line.actor, line.detail) == (boss, "Hysterectomie > Relaparotomie")
    assert (fresh(case).theme, fresh(case).status, fresh(case).uploads) == (right, Status.INGEDIEND, 3)


def test_correcting_back_puts_everything_where_it_was(case, right, wrong, boss):
    before, files = told(case), {one.id: one.asked_id for one in Document.select()}
    correct_theme(case, boss, right, WHY)
    extra = make.document(fresh(case), name="decursus.pdf", asked=asked(right, "decursus"))
    correct_theme(fresh(case), boss, wrong, "Toch niet.")
    lines, loose = told(case)
    assert (lines, loose) == (before[0], ["los.pdf", "decursus.pdf"])
    assert {one.id: one.asked_id for one in Document.select() if one != extra} == files
    correct_theme(fresh(case), boss, right, "Toch wel.")
    assert told(case)[0]["decursus"] == (["decursus.pdf"], "aanwezig")


@pytest.fixture
def between():
    return make.theme(name="Fluxus", asked=("decursus",))


@pytest.mark.parametrize("order", ["between, right, wrong", "right, between, wrong", "between, right, between, right, wrong"])
def test_what_had_no_place_for_a_while_goes_along_to_a_later_theme(case, right, between, wrong, boss, order):
    before, files = told(case), {one.id: one.asked_id for one in Document.select()}
    other = make.user()
    part = case.invite(other.hospital, boss, asked=[str(asked(wrong, "OK-verslag").id)])
    for name in order.split(", "):
        theme = {"right": right, "between": between, "wrong": wrong}[name]
        correct_theme(fresh(case), boss, theme, WHY)
        if theme == right:
            lines, loose = told(case)
            assert (lines["Partusverslag"], lines["ontslagbrief"]) == ((["partus.pdf"], "aanwezig"), ([], "volgt later"))
            assert lines["OK-verslag"] == ([], "niet beschikbaar") and loose == ["pa.pdf", "los.pdf"]
        assert set(told(part)[0]) == (set() if theme == between else {"OK-verslag"})
    assert told(case) == before and {one.id: one.asked_id for one in Document.select()} == files


def test_the_page_names_what_gets_a_place_after_it_had_none(client, login, case, right, between, boss):
    correct_theme(case, boss, between, WHY)
    (one,) = outlook(fresh(case), right, boss)
    assert [line.asked.label for line in one.moving] == ["partusverslag", "OK-verslag", "ontslagbrief"]
    page = login(client, boss).get(f"/beoordelen/{case.key}/thema/?naar={right.id}").text
    said = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "partusverslag: 1 bestand" in said and "ontslagbrief: volgt later" in said


def test_a_removed_file_comes_back_at_its_new_place(wrong, right, boss):
    case = make.case(Status.ONVOLLEDIG, theme=wrong)
    file = make.document(case, name="partus.pdf", asked=asked(wrong, "partusverslag"))
    file.remove(case.reporter)
    correct_theme(fresh(case), boss, right, WHY)
    fresh(file).restore(case.reporter)
    assert told(case)[0]["Partusverslag"] == (["partus.pdf"], "aanwezig")


def test_eight_parts_and_fifteen_documents_take_few_queries(case, boss):
    target = make.theme(name="Lang", asked=[f"document {number}" for number in range(15)])
    source = make.theme(name="Ook lang", asked=[f"Document {number}" for number in range(15)])
    long = make.case(Status.INGEDIEND, theme=source)
    for _ in range(7):
        long.invite(make.user().hospital, boss, asked=[str(line.id) for line in source.asked])
    with counted() as queries:
        outlooks = outlook(fresh(long), target, boss)
    assert [len(one.slots) for one in outlooks] == [15] * 8
    assert len(queries) <= 56, queries  # of which five for each part, its form and its questionnaire; none for a line


def test_the_hospital_reads_why_and_gets_one_mail(case, right, boss):
    correct_theme(case, boss, right, WHY)
    message = Remark.messages(case).first()
    assert message.text == f"Het thema van deze melding was ‘Hysterectomie’ en is nu ‘Relaparotomie’.\n\n{WHY}"
    mail = Mail.get(Mail.case_id == case.id, Mail.name == "case_theme")
    assert mail.user == case.reporter and WHY not in str(mail.__data__)
    assert case_mails.CONTEXTS["case_theme"](mail)["number"] == case.number
    Case.update(status=Status.INGETROKKEN, closed_why="Dubbel").where(Case.id == case.id).execute()
    assert case_mails.CONTEXTS["case_theme"](mail) is None


def test_a_month_and_a_list_of_the_year_count_as_before(case, right, wrong, boss):
    answer = MonthAnswer.select().where(MonthAnswer.hospital == case.hospital_id).dicts().get()
    correct_theme(case, boss, right, WHY)
    assert MonthAnswer.select().where(MonthAnswer.hospital == case.hospital_id).dicts().get() == answer
    assert fresh(case).month == case.month and Case.alike(case.reporter, right, "P-1") == [case]
    assert Case.alike(case.reporter, wrong, "P-1") == []


def test_a_report_that_was_settled_keeps_the_theme_it_printed(right, wrong, boss):
    month = clock.month_of(clock.today().replace(year=clock.today().year - 1, month=3, day=1))
    case = make.case(Status.GOEDGEKEURD, theme=wrong, month=month)
    edition = ReportEdition.settle(int(month[:4]), boss)
    before = fresh(edition).content
    case = fresh(case)
    case.reopen(boss, "Het thema klopt niet.")
    correct_theme(case, boss, right, WHY)
    fresh(case).approve(boss)
    assert fresh(edition).content == before
    assert fresh(ReportEdition.settle(int(month[:4]), boss, "Het thema van een casus klopte niet.")).content != before


def test_duplicates_are_sought_under_the_theme_of_now(right, wrong, boss):
    month, first = clock.month_of(clock.today()), make.case(Status.INGEDIEND, theme=right)
    second = make.case(Status.INGEDIEND, theme=wrong)
    Case.update(month=month).where(Case.id.in_([first.id, second.id])).execute()
    for one, other in ((first, second), (second, first)):
        DuplicateClue.tell(fresh(one), one.reporter, "30-34", other.hospital)
    assert DuplicateClue.meets(fresh(second)) == []
    correct_theme(fresh(second), boss, right, WHY)
    assert DuplicateClue.meets(fresh(second)) == [first.id]


# ---- the questionnaire ------------------------------------------------------------------------------------------------


@pytest.fixture
def asking(case, wrong):
    """The questionnaire of the old theme, complete, with its document, and a question about it."""
    filling.questionnaire(question("A1", "ja/nee"), theme=wrong)
    form = Form.start(case, case.reporter)
    form.put("A1", "ja", case.reporter)
    pdf_attachment.attach_due()
    DataQuery.ask(case, make.coordinator(), "Klopt dit?", code="A1")
    return fresh(form)


def test_the_old_questionnaire_rests_and_comes_back_with_its_answers(case, right, wrong, asking, boss):
    new = filling.questionnaire(question("B1", "ja/nee"), theme=right)
    document = asking.document
    correct_theme(case, boss, right, WHY)

    assert Form.of(case) is None and fresh(asking).replaced_at and fresh(document).superseded
    assert "Vragenlijst" not in str(told(case)[1]) and DataQuery.waiting(case) == []
    begun = Form.start(fresh(case), case.reporter)
    assert begun.version.questionnaire == new
    with pytest.raises(Refused, match="intussen vervangen"):
        asking.put("A1", "nee", case.reporter, 1)

    correct_theme(fresh(case), boss, wrong, "Toch niet.")
    back = Form.of(case)
    assert (back, back.given()["A1", 0].kept) == (asking, "ja") and fresh(begun).replaced_at
    pdf_attachment.attach_due()
    made = fresh(asking).document
    assert made.removed_at is None and made != document and made in Dossier.of(fresh(case)).loose
    correct_theme(fresh(case), boss, right, "Toch wel.")
    assert Form.of(case) == begun


def test_a_questionnaire_of_the_whole_process_goes_on(right, wrong, boss):
    filling.lza1()
    one, other = (make.theme(process=Process.LZA1, name=name) for name in ("Eerste", "Tweede"))
    boss, case = make.coordinator(Process.LZA1), make.case(Status.INGEDIEND, theme=one)
    form = Form.start(case, case.reporter)
    correct_theme(fresh(case), boss, other, WHY)
    assert Form.of(case) == form and fresh(form).replaced_at is None


# ---- what is under way ------------------------------------------------------------------------------------------------


def test_nobody_is_reminded_anew(right, wrong, boss):
    at = clock.now() - timedelta(weeks=5)
    case = make.case(Status.ONVOLLEDIG, theme=wrong, at=at)
    assert Reminder.send_due(clock.today()) == 1
    correct_theme(fresh(case), boss, right, WHY)
    assert Reminder.send_due(clock.today() + timedelta(days=1)) == 0
    assert fresh(case).status_since == at


def test_a_promise_without_place_holds_no_reminder_back(right, wrong, boss):
    at = clock.now() - timedelta(weeks=5)
    case = make.case(Status.ONVOLLEDIG, theme=wrong, at=at)
    for line in wrong.asked:
        RequestedDocumentAnswer.give(case, line, case.reporter, expected_on=clock.today() + timedelta(days=9))
    assert Reminder.send_due(clock.today()) == 0
    correct_theme(fresh(case), boss, right, WHY)  # which asks 'decursus' too
    assert Reminder.send_due(clock.today()) == 1


def test_a_colleague_is_still_asked_for_what_both_themes_ask(right, wrong, boss):
    melder = make.user(hospital=make.hospital(mail_domains="haven.example"))
    case = make.case(Status.ONVOLLEDIG, by=melder, theme=wrong)
    stays = UploadLink.ask(fresh(case), asked(wrong, "OK-verslag"), melder, "a@haven.example")
    ends = UploadLink.ask(fresh(case), asked(wrong, "pathologierapport"), melder, "b@haven.example")
    over = UploadLink.ask(fresh(case), asked(wrong, "partusverslag"), melder, "c@haven.example")
    UploadLink.update(asked=asked(wrong, "pathologierapport"), expires_at=clock.now()).where(UploadLink.id == over.id).execute()
    correct_theme(fresh(case), boss, right, WHY)
    assert fresh(over).ended_why == "verlopen"
    assert fresh(stays).over() is None and fresh(stays).asked == asked(right, "OK-verslag")
    assert fresh(ends).ended_why == "document niet meer gevraagd"


def test_an_upload_that_is_under_way_arrives_at_its_new_place_or_loose(case, right, wrong, boss):
    def arrive(name, label, meanwhile=None):
        held, started = Case.held, []

        def corrected(id):
            if not started:
                started.append(id)
                with patch.object(Case, "held", held):
                    correct_theme(fresh(case), boss, *meanwhile)
            return held(id)

        with patch.object(Case, "held", corrected):
            make.document(fresh(case), name=name, asked=asked(fresh(case).theme, label))

    arrive("ok.pdf", "OK-verslag", (right, WHY))
    arrive("nog.pdf", "decursus", (wrong, WHY))
    lines, loose = told(case)
    assert lines["OK-verslag"][0] == ["ok.pdf"] and "nog.pdf" in loose


def test_an_upload_in_parts_loses_the_place_that_is_no_more(case, right, wrong, boss):
    begun = [
        ResumableUpload.begin(case, case.reporter, f"{label}.pdf", 60_000_000, asked=asked(wrong, label))
        for label in ("OK-verslag", "pathologierapport")
    ]
    correct_theme(case, boss, right, WHY)
    assert [fresh(one).asked for one in begun] == [asked(right, "OK-verslag"), None]


# ---- parts ------------------------------------------------------------------------------------------------------------


def test_the_parts_follow_the_whole_and_each_hospital_is_told(case, right, wrong, boss):
    other = make.user()
    part = case.invite(other.hospital, boss, asked=[str(asked(wrong, name).id) for name in ("OK-verslag", "pathologierapport")])
    make.document(part, by=other, name="ok.pdf", asked=asked(wrong, "OK-verslag"))
    with pytest.raises(Refused, match=f"deel van casus {case.number}"):
        correct_theme(fresh(part), boss, right, WHY)

    correct_theme(fresh(case), boss, right, WHY)

    assert fresh(part).theme == right and told(part)[0] == {"OK-verslag": (["ok.pdf"], "aanwezig")}
    people = {mail.user for mail in Mail.select().where(Mail.name == "case_theme")}
    assert people == {case.reporter, other} and Remark.messages(part).count() == 1
    correct_theme(fresh(case), boss, wrong, "Toch niet.")
    assert set(told(part)[0]) == {"OK-verslag", "pathologierapport"}
    assert PartSlot.select().where(PartSlot.case == part).count() == 3


def test_of_a_part_that_was_not_handed_in_nothing_is_told(client, login, case, right, wrong, boss):
    other = make.user()
    part = case.invite(other.hospital, boss, asked=[str(asked(wrong, "OK-verslag").id)])
    make.document(part, by=other, name="geheim.pdf", asked=asked(wrong, "OK-verslag"))
    page = login(client, boss).get(f"/beoordelen/{case.key}/thema/?naar={right.id}").text
    assert "nog niet ingediend" in page and "geheim.pdf" not in page and "pa.pdf" in page


# ---- what cannot be ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.MELDER, Role.INVOERDER, Role.LZA1_COORDINATOR, Role.COMMISSIELID, Role.BEHEERDER])
def test_only_its_coordinator_corrects_a_theme(client, login, case, right, role):
    hospital = {"hospital": case.hospital} if role in (Role.MELDER, Role.INVOERDER) else {}
    person = make.user(role=role, **hospital)
    with pytest.raises(Refused, match="Alleen de landelijk coördinator"):
        correct_theme(case, person, right, WHY)
    visitor = login(client, person)
    page = visitor.get(f"/beoordelen/{case.key}/thema/")
    assert page.status_code in (403, 404) and case.number not in page.text
    assert fresh(case).theme == case.theme


def test_a_theme_of_the_other_process_a_past_one_and_the_same_are_refused(case, boss):
    ended = make.theme(valid_to=clock.first_of("2021-01"))
    for theme, reason in ((make.theme(Process.LZA1), "LZA1-melding"), (ended, "Kies een ander thema"), (case.theme, "al")):
        with pytest.raises(Refused, match=reason):
            correct_theme(case, boss, theme, WHY)
        assert theme not in theme_correction.themes_for(case)


def test_a_theme_that_began_later_is_not_offered_because_it_would_ask_for_nothing(case, boss):
    at = clock.now() - timedelta(days=40)
    before, later = (make.theme(valid_from=clock.local_date(at) + timedelta(days=days)) for days in (0, 1))
    Case.update(created_at=at).where(Case.id == case.id).execute()
    assert before in theme_correction.themes_for(fresh(case)) and later not in theme_correction.themes_for(fresh(case))
    with pytest.raises(Refused, match="Over dit thema werd niet gemeld toen deze melding"):
        correct_theme(fresh(case), boss, later, WHY)
    correct_theme(fresh(case), boss, before, WHY)
    assert len(Dossier.of(fresh(case)).lines) == 2


def test_the_day_of_a_case_that_was_joined_counts_too(case, wrong, right, boss):
    older = make.case(Status.INGEDIEND, theme=wrong)
    Case.update(created_at=clock.now() - timedelta(days=40)).where(Case.id == older.id).execute()
    later = make.theme(valid_from=clock.today() - timedelta(days=1))
    assert later in theme_correction.themes_for(case)
    case.join(older, boss)
    assert theme_correction.themes_for(fresh(case)) == [right]


def test_once_the_committee_discussed_it_the_theme_is_settled(right, boss):
    treatment = make.treatment()
    Treatment.update(state="besproken").where(Treatment.id == treatment.id).execute()
    case = fresh(treatment.case)
    assert "al besproken" in theme_correction.why_not(case)
    with pytest.raises(Refused, match="al besproken"):
        correct_theme(case, boss, right, WHY)


def test_what_was_approved_is_reopened_first_or_its_hospital_could_fill_in_nothing(client, login, case, right, boss):
    filling.questionnaire(question("B1", "ja/nee"), theme=right)
    case.approve(boss)
    with pytest.raises(Refused, match="Heropen die eerst"):
        correct_theme(fresh(case), boss, right, WHY)
    page = login(client, boss).get(f"/beoordelen/{case.key}/thema/?naar={right.id}").text
    assert "Heropen die eerst" in page and "krijgt de vragenlijst" not in page

    part = fresh(case).supplement(case.reporter)
    make.document(part, by=case.reporter)
    fresh(part).submit(case.reporter)
    fresh(part).approve(boss)
    case = fresh(case)
    case.reopen(boss, "Het thema klopt niet.")
    with pytest.raises(Refused, match=f"Deel {part.number} van deze casus is goedgekeurd"):
        correct_theme(case, boss, right, WHY)
    fresh(part).reopen(boss, "Het thema klopt niet.")
    correct_theme(case, boss, right, WHY)
    assert Form.start(fresh(case), case.reporter)


def test_an_approved_part_of_another_hospital_is_reopened_and_then_goes_along(case, right, boss):
    """The advice of the refusal, to its end."""
    other = make.user()
    part = case.invite(other.hospital, boss)
    make.document(part, by=other)
    part.submit(other)
    fresh(part).approve(boss)
    with pytest.raises(Refused, match=f"Deel {part.number} van deze casus is goedgekeurd. Heropen dat eerst"):
        correct_theme(fresh(case), boss, right, WHY)
    fresh(part).reopen(boss, "Het thema klopt niet.")
    correct_theme(fresh(case), boss, right, WHY)
    assert fresh(part).theme == right


def test_an_invitation_from_a_page_of_before_the_correction_asks_for_nothing(case, wrong, right, boss):
    other, chosen = make.user(), asked(wrong, "pathologierapport")
    correct_theme(case, boss, right, WHY)
    with pytest.raises(Refused, match="Kies opnieuw welke documenten"):  # the case as it is read anew for this request
        fresh(case).invite(other.hospital, boss, asked=[str(chosen.id)])
    assert not fresh(case).parts() and not Mail.select().where(Mail.user == other).exists()


def test_who_corrects_from_a_page_of_before_is_told(case, right, boss):
    third, stale = make.theme(name="Derde"), fresh(case)
    shown = mark(outlook(case, right, boss))
    correct_theme(case, boss, third, WHY)
    with pytest.raises(Refused, match="intussen gewijzigd"):
        correct_theme(stale, boss, right, WHY, shown)
    now = fresh(case)
    shown = mark(outlook(now, right, boss))
    make.document(now, name="nieuw.pdf")
    with pytest.raises(Refused, match="Bekijk opnieuw"):
        correct_theme(now, boss, right, WHY, shown)
    assert fresh(case).theme == third


def test_a_verdict_from_a_page_of_before_is_not_given(case, right, boss):
    stale = fresh(case)
    correct_theme(case, boss, right, WHY)
    with pytest.raises(Refused):
        stale.approve(boss)
    with pytest.raises(Refused):  # nor taken back after it: the hospital has been told
        verdict_undo.take_back(fresh(case), boss)


def test_who_acts_while_the_theme_changes_acts_under_the_theme_of_now(case, wrong, right, boss):
    stale, other, twin = fresh(case), make.user(), make.case(Status.INGEDIEND, theme=wrong)
    chosen, answer = (
        asked(wrong, "pathologierapport"),
        RequestedDocumentAnswer.select().where(RequestedDocumentAnswer.case == case),
    )
    correct_theme(case, boss, right, WHY)
    before = answer.count()
    with pytest.raises(Refused, match="hoort niet bij het thema"):
        RequestedDocumentAnswer.give(stale, chosen, case.reporter, reason="Niet gemaakt.")
    with pytest.raises(Refused, match="Kies opnieuw welke documenten"):
        stale.invite(other.hospital, boss, asked=[str(chosen.id)])
    with pytest.raises(Refused, match="hetzelfde thema"):
        stale.join(twin, boss)
    assert stale.invite(other.hospital, boss).theme == right and answer.count() == before
    fresh(case).approve(boss)
    stale.status = Status.GOEDGEKEURD
    assert stale.supplement(case.reporter).theme == right


def test_what_fails_at_its_end_leaves_everything_as_it_was(case, right, asking, boss):
    before = told(case), fresh(case).round, Form.of(case)
    with patch.object(Remark, "write", side_effect=OSError("killed")), pytest.raises(OSError):
        correct_theme(fresh(case), boss, right, WHY)
    assert (told(case), fresh(case).round, Form.of(case)) == before
    assert not AuditEvent.select().where(AuditEvent.action == "case.theme").exists()


# ---- the page ---------------------------------------------------------------------------------------------------------


def post(visitor, case, page, **more):
    fields = dict(re.findall(r'<input type="hidden" name="(ronde|thema|gezien)" value="([^"]*)"', page.text))
    data = {"csrf_token": form_key(visitor), "reden": WHY, **fields, **more}
    return visitor.post(f"/beoordelen/{case.key}/thema/corrigeren", data=data)


def test_the_page_says_before_what_will_happen_and_the_act_does_it(client, login, case, right, asking, boss):
    visitor = login(client, boss)
    assert f"/beoordelen/{case.key}/thema/" in visitor.get(f"/beoordelen/{case.key}/").text
    page = visitor.get(f"/beoordelen/{case.key}/thema/?naar={right.id}")
    said = " ".join(re.sub(r"<[^>]+>", " ", page.text).split())
    assert "partusverslag: 1 bestand" in said and "pathologierapport: pa.pdf komt bij ‘Nog in te delen’" in said
    assert "Vragen die nu worden afgehandeld en links voor collega's die nu vervallen, komen dan niet terug" in said
    assert "wordt bewaard, maar niet meer getoond" in said and "1 vraag daarover wordt afgehandeld" in said
    assert fresh(case).theme == case.theme

    done = post(visitor, case, page)
    assert done.status_code == 302 and fresh(case).theme == right
    assert post(visitor, case, page).status_code == 302  # the other half of a double click
    assert AuditEvent.select().where(AuditEvent.action == "case.theme").count() == 1
    assert "is nu ‘Relaparotomie’" in visitor.get(f"/beoordelen/{case.key}/").text


def test_a_refusal_keeps_what_was_typed(client, login, case, right, boss):
    visitor = login(client, boss)
    page = visitor.get(f"/beoordelen/{case.key}/thema/?naar={right.id}")
    make.document(case, name="nieuw.pdf")
    answer = post(visitor, case, page)
    assert answer.status_code == 409 and WHY in answer.text and "Bekijk opnieuw" in answer.text
    assert post(visitor, case, answer).status_code == 302 and fresh(case).theme == right


def test_the_hospital_sees_reason_list_and_time_line(client, login, case, right, boss):
    correct_theme(case, boss, right, WHY)
    page = login(client, case.reporter).get(f"/melding/{case.key}/").text
    assert WHY in page and "Thema gecorrigeerd" in page and "decursus" in page
    assert [one.id for one in work_list.page_of(work_list.TO_REVIEW, boss)[0]] == [case.id]
