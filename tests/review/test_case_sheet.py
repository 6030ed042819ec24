import re
from contextlib import contextmanager
from datetime import timedelta

import pytest

from models import clock
from models.access import Process, Role
from models.audit.audit_event import AuditEvent
from models.base import db
from models.cases.case import Case
from models.cases.remark import Remark
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.status import Status
from models.cases.theme import RequestedDocument
from models.dutch import long_date, month_name, short_date
from models.files.document import Document
from models.mail.outbox import Mail
from models.mail.sending_hold import SendingHold
from models.questionnaires.definition.draft_version import Draft
from models.questionnaires.export.pdf_attachment import attach_due
from models.questionnaires.form import Form
from models.questionnaires.version_upgrade import carry_over
from models.review import case_sheet, work_list
from models.review.reminder import Reminder
from tests import filling, make

DAYS_AGO = [clock.now() - timedelta(days=days) for days in range(120)]


@pytest.fixture
def coordinator(client, login):
    """The coordinator, logged in."""
    user = make.coordinator(name="Marieke Zwart")
    login(client, user)
    return user


def post(client, case, what, page=None, **fields):
    """Press a button of the case's page, as it stands now or stood when `page` was opened."""
    page = page or client.get(f"/beoordelen/{case.key}/")
    key = re.search(r'name="csrf_token" value="([^"]+)"', page.text).group(1)
    round_ = re.search(r'name="ronde" value="(\d+)"', page.text)
    fields = {"csrf_token": key, "ronde": round_ and round_.group(1), **fields}
    return client.post(
        f"/beoordelen/{case.key}/{what}", data={name: value for name, value in fields.items() if value is not None}
    )


def said(page):
    """What the page says in its messages on top."""
    flashes = re.search(r"data-flashes.*?(?=<h1|<div class=\"page-header)", page.text, re.S).group(0)
    return " ".join(re.sub(r"<[^>]+>", " ", flashes).split())


def numbers(page):
    """The case numbers that the page lists, in order."""
    return re.findall(r"<strong>([NL]-\d+)</strong>", page.text)


def fresh(case):
    return Case.get_by_id(case.id)


def actions(case):
    return [event.action for event in AuditEvent.of_case(case)]


def lines(case):
    return [asked.id for asked in case.theme.asked.order_by(RequestedDocument.position)]


@contextmanager
def counted():
    """Gather the queries of the block; waiting for one's turn in the trail is none."""
    queries, run = [], db.obj.execute_sql

    def execute(sql, *more, **options):
        if "pg_advisory" not in sql:
            queries.append(sql)
        return run(sql, *more, **options)

    db.obj.execute_sql = execute
    try:
        yield queries
    finally:
        del db.obj.execute_sql


# ---- who comes in ---------------------------------------------------------------------------------------------------

ROLES = [Role.MELDER, Role.INVOERDER, Role.LZA1_MELDER, Role.COMMISSIELID, Role.LNR_CONTACT, Role.LNR_BEHEER, Role.BEHEERDER]


@pytest.mark.parametrize("role", ROLES)
def test_only_coordinators_come_here(client, login, role):
    case = make.case(Status.INGEDIEND)
    login(client, make.user(role))
    assert client.get("/beoordelen/").status_code == 403
    assert client.get(f"/beoordelen/{case.key}/").status_code == 403
    assert client.get("/beoordelen/volgende").status_code == 403


def test_a_visitor_is_led_to_the_log_in_page(client):
    assert "/inloggen" in client.get("/beoordelen/").location


@pytest.mark.parametrize(("process", "other"), [(Process.NETHOSS, Process.LZA1), (Process.LZA1, Process.NETHOSS)])
def test_the_two_processes_do_not_see_each_other(client, login, process, other):
    def submitted(process):
        role = Role.MELDER if process == Process.NETHOSS else Role.LZA1_MELDER
        return make.case(Status.INGEDIEND, by=make.user(role), theme=make.theme(process))

    mine, theirs = submitted(process), submitted(other)
    login(client, make.coordinator(process))

    assert numbers(client.get("/beoordelen/")) == [mine.number]
    assert client.get(f"/beoordelen/{theirs.key}/").status_code == 404
    page = client.get(f"/beoordelen/{mine.key}/")
    for what in ("goedkeuren", "onvolledig", "afsluiten", "heropenen", "notitie", "maand"):
        assert post(client, theirs, what, page, bericht="x").status_code == 404
    assert fresh(theirs).status == Status.INGEDIEND


def test_who_coordinates_one_process_and_reads_along_in_the_other_judges_only_the_first(client, login):
    mine = make.case(Status.GOEDGEKEURD)
    theirs = make.case(Status.GOEDGEKEURD, by=make.user(Role.LZA1_MELDER), theme=make.theme(Process.LZA1))
    login(client, make.user(Role.COORDINATOR, Role.COMMISSIELID, committee=Process.LZA1))
    assert numbers(client.get("/beoordelen/?stapel=goedgekeurd")) == [mine.number]
    assert client.get(f"/beoordelen/{theirs.key}/").status_code == 404
    assert numbers(client.get("/commissie/")) == [theirs.number]
    assert client.get(f"/commissie/{theirs.key}/").status_code == 200
    assert client.get(f"/commissie/{mine.key}/").status_code == 404


# ---- the work list ------------------------------------------------------------------------------------------------


def test_the_oldest_submitted_case_stands_on_top(client, coordinator):
    cases = {days: make.case(Status.INGEDIEND, at=DAYS_AGO[days]) for days in (3, 30, 12)}
    page = client.get("/beoordelen/")
    assert numbers(page) == [cases[days].number for days in (30, 12, 3)]
    assert "3 dagen" in page.text and "30 dagen" in page.text
    assert client.get("/beoordelen/volgende").location == f"/beoordelen/{cases[30].key}/"


def test_each_case_stands_on_one_pile(client, coordinator):
    cases = {status: make.case(status, at=DAYS_AGO[10]) for status in Status}
    long_ago = make.case(Status.ONVOLLEDIG, at=DAYS_AGO[85])
    piles = {key: set(numbers(client.get(f"/beoordelen/?stapel={key}"))) for key in work_list.PILES}
    assert piles == {
        "te-beoordelen": {cases[Status.INGEDIEND].number},
        "bij-het-ziekenhuis": {cases[Status.CONCEPT].number, cases[Status.ONVOLLEDIG].number, long_ago.number},
        "uitgeput": {long_ago.number},
        "goedgekeurd": {cases[Status.GOEDGEKEURD].number},
        "afgesloten": {cases[Status.INGETROKKEN].number},
    }
    assert work_list.counts(coordinator) == {key: len(found) for key, found in piles.items()}


@pytest.mark.parametrize(("days", "exhausted"), [(83, False), (84, True)])
def test_reminders_are_exhausted_after_twelve_weeks(coordinator, days, exhausted):
    today = clock.today()
    case = make.case(at=clock.start_of(today - timedelta(days=days), 12))
    found, _ = work_list.page_of(work_list.PILES["uitgeput"], coordinator, today=today)
    assert (case in found) == exhausted


def test_the_exhausted_say_of_whom_nobody_was_reminded(client, coordinator):
    paused, told = make.case(at=DAYS_AGO[90]), make.case(at=DAYS_AGO[90])
    SendingHold.pause(paused.hospital, coordinator, clock.today() + timedelta(days=5), "fusie")
    Reminder.send_due(clock.today())

    rows = dict(re.findall(r"<strong>(N-[^<]+)</strong>(.*?)</tr>", client.get("/beoordelen/?stapel=uitgeput").text, re.S))
    assert "niet herinnerd" in rows[paused.number] and "niet herinnerd" not in rows[told.number]


def test_the_exhausted_show_whom_to_call(client, coordinator):
    melder = make.user(hospital=make.hospital(phone="020-5551234"), phone="06-55512345", name="Dr. Bel Mij")
    make.case(by=melder, at=DAYS_AGO[90])
    page = client.get("/beoordelen/?stapel=uitgeput").text
    assert all(part in page for part in ("020-5551234", "06-55512345", "Dr. Bel Mij", melder.email))


def test_the_list_narrows_to_a_theme_and_a_hospital(client, coordinator):
    theme, melder = make.theme(), make.user()
    both, one = make.case(Status.INGEDIEND, by=melder, theme=theme), make.case(Status.INGEDIEND, theme=theme)
    other = make.case(Status.INGEDIEND, by=melder)
    assert set(numbers(client.get(f"/beoordelen/?thema={theme.id}"))) == {both.number, one.number}
    assert set(numbers(client.get(f"/beoordelen/?ziekenhuis={melder.hospital_id}"))) == {both.number, other.number}
    assert numbers(client.get(f"/beoordelen/?thema={theme.id}&ziekenhuis={melder.hospital_id}")) == [both.number]
    assert "Geen meldingen gevonden" in client.get(f"/beoordelen/?thema={theme.id}&stapel=goedgekeurd").text


def test_a_case_that_comes_back_is_marked(client, coordinator):
    case = make.case(Status.ONVOLLEDIG, reviewer=coordinator)
    case.submit(case.reporter)
    assert "Opnieuw ingediend" in client.get("/beoordelen/").text
    assert "Opnieuw ingediend" in client.get(f"/beoordelen/{case.key}/").text


def test_a_withdrawn_and_restored_concept_is_not_marked(client, coordinator):
    case = make.case(Status.INGETROKKEN)
    case.restore(case.reporter)
    make.document(case)
    case.submit(case.reporter)
    assert "Opnieuw ingediend" not in client.get("/beoordelen/").text


def test_an_empty_list_says_so(client, coordinator):
    assert "Niets te beoordelen" in client.get("/beoordelen/").text
    assert client.get("/beoordelen/volgende").location == "/beoordelen/"


@pytest.mark.parametrize(
    "query", ["stapel=x", "bladzijde=-1", "bladzijde=99999999999999999999", "thema=%00", "ziekenhuis=x", "bladzijde=²"]
)
def test_odd_addresses_are_harmless(client, coordinator, query):
    case = make.case(Status.INGEDIEND)
    page = client.get(f"/beoordelen/?{query}")
    assert page.status_code == 200 and case.number in page.text


@pytest.mark.parametrize("address", ["/beoordelen/bestaat-niet/", "/beoordelen/%00/", "/beoordelen/volgende?na=bestaat-niet"])
def test_an_address_of_nothing_is_not_found(client, coordinator, address):
    assert client.get(address).status_code == 404


def test_pages_follow_each_other_without_a_gap(coordinator, monkeypatch):
    monkeypatch.setattr(work_list, "PAGE", 2)
    theme, melder = make.theme(), make.user()
    made = [make.case(Status.INGEDIEND, by=melder, theme=theme, at=DAYS_AGO[days]) for days in (9, 7, 5, 3, 1)]
    pages = [work_list.page_of(work_list.TO_REVIEW, coordinator, page) for page in range(3)]
    assert [case for cases, _ in pages for case in cases] == made
    assert [more for _, more in pages] == [True, True, False]


def test_the_next_case_goes_round(coordinator):
    first, second, third = (make.case(Status.INGEDIEND, at=DAYS_AGO[days]) for days in (9, 7, 5))
    assert work_list.next_case(coordinator) == first
    assert [work_list.next_case(coordinator, case) for case in (first, second, third)] == [second, third, first]


def test_a_page_of_fifty_cases_takes_few_queries(client, coordinator):
    melder, theme = make.user(), make.theme()
    for days in range(55):
        make.case(Status.INGEDIEND, by=melder, theme=theme, at=DAYS_AGO[days])
    with counted() as queries:
        page = client.get("/beoordelen/")
    assert len(numbers(page)) == 50
    assert len(queries) <= 12, queries


def test_a_page_of_reopened_cases_takes_as_few(client, coordinator):
    melder, theme = make.user(), make.theme()
    for days in range(8):
        make.case(Status.GOEDGEKEURD, by=melder, theme=theme, at=DAYS_AGO[days]).reopen(coordinator, "Nog eens.")
    with counted() as queries:
        page = client.get("/beoordelen/").text
    assert page.count("Heropend") >= 8
    assert len(queries) <= 13, queries


def test_a_case_is_expected_to_be_complete_on_its_last_promised_day(client, coordinator):
    tomorrow, later, over = (clock.today() + timedelta(days=days) for days in (1, 9, -2))
    for days in ((tomorrow, later), (tomorrow, None), (over, over)):
        case = make.case(Status.ONVOLLEDIG, theme=make.theme(asked=("een verslag", "een brief")))
        for asked, day in zip(case.theme.asked.order_by(RequestedDocument.position), days, strict=True):
            RequestedDocumentAnswer.give(case, asked, case.reporter, expected_on=day)
    page = client.get("/beoordelen/?stapel=bij-het-ziekenhuis").text
    assert re.findall("verwacht compleet op ([^<]+)<", page) == [long_date(later)]  # not where something is open besides
    assert re.findall("beloofd voor ([^<,]+), is voorbij", page) == [short_date(over)]


# ---- one case -------------------------------------------------------------------------------------------------------


def test_the_page_shows_what_a_coordinator_needs_and_no_patient_number(client, coordinator):
    melder = make.user(name="Dr. Anna de Wit", phone="06-11122233")
    theme = make.theme(asked=("partusverslag", "OK-verslag", "ontslagbrief"))
    case = make.case(by=melder, theme=theme, patient_number="PATNR-4711", month="2026-10")
    first, second, third = theme.asked.order_by(RequestedDocument.position)
    make.document(case, name="verslag bevalling.pdf", asked=first)
    make.document(case, name="los blad.pdf")
    RequestedDocumentAnswer.give(case, second, melder, reason="Geen operatie gedaan")
    case.submit(melder)

    page = client.get(f"/beoordelen/{case.key}/").text

    wanted = [
        case.number,
        "Dr. Anna de Wit",
        melder.email,
        "06-11122233",
        theme.name,
        melder.hospital.name,
        "oktober 2026",
        "verslag bevalling.pdf",
        "los blad.pdf",
        "Geen operatie gedaan",
        third.label,
        "Melding ingediend",
    ]
    assert [text for text in wanted if text not in page] == []
    assert "PATNR-4711" not in page + client.get("/beoordelen/").text


def test_opening_a_case_is_written_down(client, coordinator):
    case = make.case(Status.INGEDIEND)
    client.get(f"/beoordelen/{case.key}/")
    event = AuditEvent.select().order_by(AuditEvent.id.desc()).first()
    assert (event.action, event.actor, event.case_id, event.rule) == (
        "case.read",
        coordinator,
        case.id,
        "landelijk coördinator",
    )


def test_files_of_a_case_that_was_never_submitted_stay_with_the_hospital(client, coordinator):
    case = make.case()
    document = make.document(case, name="nog niet klaar.pdf")
    page = client.get(f"/beoordelen/{case.key}/").text
    assert "nog niet ingediend" in page
    assert document.key not in page and "nog niet klaar.pdf" not in page


def test_what_came_after_the_verdict_is_marked_new(client, coordinator):
    case = make.case(Status.ONVOLLEDIG, reviewer=coordinator, at=DAYS_AGO[20])
    late = make.document(case, name="ontslagbrief.pdf", at=DAYS_AGO[10])
    case.submit(case.reporter, now=DAYS_AGO[9])
    sheet = case_sheet.CaseSheet.of(fresh(case), coordinator)
    assert sheet.new_files == [late]
    assert "1 nieuw bestand" in client.get(f"/beoordelen/{case.key}/").text


def test_what_came_after_the_first_submission_is_marked_new(coordinator):
    case = make.case(Status.INGEDIEND, at=DAYS_AGO[20])
    late = make.document(case, at=DAYS_AGO[10])
    assert case_sheet.CaseSheet.of(fresh(case), coordinator).new_files == [late]


def test_removed_files_are_told(client, coordinator):
    case = make.case(Status.ONVOLLEDIG, reviewer=coordinator)
    make.document(case, name="verkeerde patiënt.pdf").remove(case.reporter)
    case.submit(case.reporter)
    page = client.get(f"/beoordelen/{case.key}/").text
    assert "Verwijderd door het ziekenhuis" in page and "verkeerde patiënt.pdf" in page


def test_looks_at_the_same_thing_are_told_once_a_day(client, coordinator):
    case = make.case(Status.INGEDIEND)
    for _ in range(3):
        AuditEvent.log("case.read", by=coordinator, case=case)
    assert "Melding ingezien (3 keer)" in client.get(f"/beoordelen/{case.key}/").text


def test_a_case_with_twenty_files_takes_few_queries(client, coordinator):
    case = make.case(Status.INGEDIEND)
    for _ in range(19):
        make.document(case)
    client.get(f"/beoordelen/{case.key}/")
    with counted() as queries:
        page = client.get(f"/beoordelen/{case.key}/")
    assert page.text.count("data-file-tile") == 20
    assert len(queries) <= 16, queries  # three of them for a questionnaire and what was asked


# ---- verdicts -------------------------------------------------------------------------------------------------------


def complete(by=None):
    """A submitted case that misses nothing."""
    theme = make.theme(asked=("partusverslag",))
    case = make.case(by=by, theme=theme)
    make.document(case, asked=theme.asked.get())
    case.submit(case.reporter)
    return case


def test_approving_is_recorded_and_leads_to_the_next_case(client, coordinator):
    case, following = complete(), make.case(Status.INGEDIEND)
    answer = post(client, case, "goedkeuren")
    assert answer.location == f"/beoordelen/{following.key}/"
    assert f"Melding {case.number} is goedgekeurd." in said(client.get(answer.location))
    case = fresh(case)
    assert (case.status, case.approved_by) == (Status.GOEDGEKEURD, coordinator)
    assert actions(case)[-1] == "case.approve"


def test_after_the_last_verdict_comes_the_empty_list(client, coordinator):
    assert post(client, complete(), "goedkeuren").location == "/beoordelen/"


def test_approving_says_what_is_missing_and_is_the_coordinators_decision(client, coordinator):
    case = make.case(Status.INGEDIEND)
    page = client.get(f"/beoordelen/{case.key}/").text
    assert "2 ontbreken of volgen nog" in page

    asked = post(client, case, "goedkeuren")
    assert asked.status_code == 409 and "2 documenten ontbreken of volgen nog" in asked.text
    assert "<li>partusverslag</li><li>OK-verslag</li>" in asked.text and asked.text.count('name="toch"') == 1
    assert fresh(case).status == Status.INGEDIEND and "case.gaps" not in actions(case)

    assert post(client, case, "goedkeuren", asked, toch="1").status_code == 302
    assert fresh(case).status == Status.GOEDGEKEURD
    assert AuditEvent.get(AuditEvent.action == "case.gaps").detail == "partusverslag, OK-verslag"


def test_onvolledig_needs_a_message(client, coordinator):
    case = make.case(Status.INGEDIEND)
    answer = post(client, case, "onvolledig", bericht="   ")
    assert answer.status_code == 409 and "Schrijf een bericht" in said(answer)
    assert fresh(case).status == Status.INGEDIEND
    assert Mail.select().where(Mail.name == "case_incomplete").count() == 0


def test_onvolledig_puts_the_message_and_mails_the_melder(client, coordinator):
    case = make.case(Status.INGEDIEND)
    post(client, case, "onvolledig", bericht="De ontslagbrief ontbreekt, graag nog toevoegen. Veel dank!")
    assert fresh(case).status == Status.ONVOLLEDIG
    remark = Remark.messages(case).get()
    assert (remark.text, remark.signed) == ("De ontslagbrief ontbreekt, graag nog toevoegen. Veel dank!", "Perined Beoordelaar")
    mail = Mail.get(Mail.name == "case_incomplete")
    assert mail.to == case.reporter.email
    assert "ontslagbrief" not in mail.render().as_string()


def test_ticked_documents_become_the_message_without_script(client, coordinator):
    case = make.case(Status.INGEDIEND, theme=make.theme(asked=("partusverslag", "OK-verslag", "echo")))
    post(client, case, "onvolledig", ontbreekt=lines(case)[:2], bericht="Dank voor het snelle melden.")
    text = Remark.messages(case).get().text
    assert text.startswith("De volgende documenten ontbreken nog:\n- partusverslag\n- OK-verslag\n")
    assert text.endswith("Veel dank!\n\nDank voor het snelle melden.")
    assert "echo" not in text


def test_what_the_script_wrote_is_not_written_twice(client, coordinator):
    case = make.case(Status.INGEDIEND)
    text = "Kunt u het verslag van de bevalling nog sturen?"
    post(client, case, "onvolledig", ontbreekt=lines(case), bericht=text, samengesteld="ja")
    assert Remark.messages(case).get().text == text


def test_documents_of_another_theme_are_not_asked_for(client, coordinator):
    case, other = make.case(Status.INGEDIEND), make.theme(asked=("iets anders",))
    answer = post(client, case, "onvolledig", ontbreekt=[other.asked.get().id], bericht="")
    assert answer.status_code == 409 and fresh(case).status == Status.INGEDIEND


@pytest.mark.parametrize(("why", "reason"), [("dubbel", "Dubbel"), ("definitie", "Valt buiten de definitie")])
@pytest.mark.parametrize("status", [Status.CONCEPT, Status.INGEDIEND, Status.ONVOLLEDIG])
def test_a_case_can_be_closed_with_a_reason(client, coordinator, status, why, reason):
    case = make.case(status, reviewer=coordinator)
    assert post(client, case, "afsluiten", waarom=why).status_code == 409
    assert post(client, case, "afsluiten", toelichting="Zie N-00001.").status_code == 409
    assert fresh(case).status == status

    post(client, case, "afsluiten", waarom=why, toelichting="Zie N-00001.")
    case = fresh(case)
    assert case.status == Status.INGETROKKEN and case.closed_why.startswith(reason)
    assert Remark.messages(case).first().text == "Zie N-00001."
    assert actions(case)[-1] == "case.dismiss"


def test_a_closed_case_keeps_a_zero_report_from_coming_back(client, coordinator):
    melder = make.user()
    make.zero(melder, month="2026-10")
    case = make.case(Status.INGEDIEND, by=melder, month="2026-10")
    post(client, case, "afsluiten", waarom="definitie", toelichting="Te laat na de bevalling.")
    assert {answer.kind: answer.ended_why for answer in melder.hospital.answers} == {"nul": "vervangen", "casus": ""}


@pytest.mark.parametrize("status", [Status.GOEDGEKEURD, "afgesloten"])
def test_reopening_needs_a_reason_and_tells_the_melder(client, coordinator, status):
    case = complete()
    if status == Status.GOEDGEKEURD:
        post(client, case, "goedkeuren")
    else:
        post(client, case, "afsluiten", waarom="dubbel", toelichting="Dubbel.")
    assert post(client, case, "heropenen", reden=" ").status_code == 409

    answer = post(client, case, "heropenen", reden="Er komt nog een obductieverslag.")
    assert answer.location == f"/beoordelen/{case.key}/"
    case = fresh(case)
    assert (case.status, case.closed_why) == (Status.INGEDIEND, "")
    assert Remark.messages(case).first().text == "Er komt nog een obductieverslag."
    assert Mail.select().where(Mail.name == "case_reopened", Mail.user == case.reporter).count() == 1
    assert "Heropend" in client.get("/beoordelen/").text


def test_both_sides_of_a_closed_concept_see_who_can_reopen_it(app, client, login, coordinator):
    case = make.case()
    post(client, case, "afsluiten", waarom="dubbel", toelichting="Dubbel.")
    hospital = login(app.test_client(), case.reporter).get(f"/melding/{case.key}/").text
    assert "Intrekken ongedaan maken" not in hospital and "kan die tot dan heropenen" in hospital

    assert "Alleen een melder" not in client.get(f"/beoordelen/{case.key}/").text
    post(client, case, "heropenen", reden="Toch geen dubbele.")
    assert fresh(case).status == Status.CONCEPT


def test_a_concept_that_its_melder_withdrew_is_not_reopened(client, coordinator):
    case = make.case(Status.INGETROKKEN)
    page = client.get(f"/beoordelen/{case.key}/")
    assert "Alleen een melder kan dat ongedaan maken" in page.text
    assert post(client, case, "heropenen", page, reden="Toch wel.", ronde=case.round).status_code == 409
    assert fresh(case).status == Status.INGETROKKEN


# ---- two windows, two coordinators, two clicks -------------------------------------------------------------------------


def test_approving_what_someone_else_just_returned_is_refused(client, coordinator):
    case, colleague = complete(), make.coordinator()
    page = client.get(f"/beoordelen/{case.key}/")
    fresh(case).mark_incomplete(colleague, "Het OK-verslag is van iemand anders.")

    answer = post(client, case, "goedkeuren", page)

    assert answer.status_code == 409
    assert "intussen gewijzigd en heeft nu de status Onvolledig" in said(answer)
    assert "Het OK-verslag is van iemand anders." in answer.text
    assert fresh(case).status == Status.ONVOLLEDIG


def test_a_stale_page_loses_nothing_that_was_typed(client, coordinator):
    case = make.case(Status.INGEDIEND)
    page = client.get(f"/beoordelen/{case.key}/")
    fresh(case).mark_incomplete(coordinator, "Eerst dit.")
    fresh(case).submit(case.reporter)
    chosen = lines(case)[1]

    answer = post(client, case, "onvolledig", page, bericht="Een lang verhaal <b>", ontbreekt=[chosen])

    assert answer.status_code == 409
    assert "Een lang verhaal &lt;b&gt;</textarea>" in answer.text
    assert re.search(rf'value="{chosen}"[^>]* checked', answer.text)
    assert Remark.messages(case).count() == 1
    assert post(client, case, "onvolledig", answer, bericht="Een lang verhaal").status_code == 302


@pytest.mark.parametrize(
    ("what", "fields", "status"),
    [
        ("goedkeuren", {"toch": "1"}, Status.GOEDGEKEURD),
        ("onvolledig", {"bericht": "Graag nog het partusverslag."}, Status.ONVOLLEDIG),
        ("afsluiten", {"waarom": "dubbel", "toelichting": "Dubbel."}, Status.INGETROKKEN),
    ],
)
def test_a_double_click_does_it_once(client, coordinator, what, fields, status):
    case = make.case(Status.INGEDIEND)
    page = client.get(f"/beoordelen/{case.key}/")
    first, second = (post(client, case, what, page, **fields) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert fresh(case).status == status
    assert fresh(case).round == case.round + 1
    assert Remark.messages(case).count() == (0 if what == "goedkeuren" else 1)


def test_a_form_without_its_round_is_refused(client, coordinator):
    case = complete()
    page = client.get(f"/beoordelen/{case.key}/")
    assert post(client, case, "goedkeuren", page, ronde=None).status_code == 409
    assert post(client, case, "goedkeuren", page, ronde="x" * 5000).status_code == 409
    assert fresh(case).status == Status.INGEDIEND


def test_a_form_without_its_key_is_refused(client, coordinator):
    case = complete()
    assert client.post(f"/beoordelen/{case.key}/goedkeuren", data={"ronde": case.round}).status_code == 400
    assert fresh(case).status == Status.INGEDIEND


@pytest.mark.parametrize("what", ["goedkeuren", "onvolledig", "afsluiten", "heropenen", "notitie", "maand"])
def test_looking_at_an_address_that_acts_does_nothing(client, coordinator, what):
    case = complete()
    assert client.get(f"/beoordelen/{case.key}/{what}").status_code in (404, 405)
    assert fresh(case).status == Status.INGEDIEND


# ---- notes and the month ------------------------------------------------------------------------------------------------


def test_notes_stay_among_coordinators(client, coordinator):
    case = make.case(Status.INGEDIEND)
    post(client, case, "notitie", notitie="Gebeld, arts is met verlof.")
    assert "Gebeld, arts is met verlof." in client.get(f"/beoordelen/{case.key}/").text
    assert Remark.messages(case).count() == 0
    assert "case.note" in actions(case)
    assert Mail.select().count() == 0


def test_a_note_that_is_clicked_twice_stands_once(client, coordinator):
    case = make.case(Status.INGEDIEND)
    page = client.get(f"/beoordelen/{case.key}/")
    for _ in range(2):
        assert post(client, case, "notitie", page, notitie="Gebeld.").status_code == 302
    assert Remark.notes(case, coordinator).count() == 1


@pytest.mark.parametrize("text", ["", "x" * 5001])
def test_an_empty_or_endless_note_is_refused_and_kept(client, coordinator, text):
    case = make.case(Status.INGEDIEND)
    answer = post(client, case, "notitie", notitie=text)
    assert answer.status_code == 409 and text in answer.text
    assert Remark.notes(case, coordinator).count() == 0


def test_the_coordinator_sets_the_month_that_a_case_counts_for(client, coordinator):
    melder = make.user()
    month, before = (clock.add_months(clock.month_of(clock.today()), -back) for back in (1, 2))
    case = make.case(Status.INGEDIEND, by=melder, month=month)
    for _ in range(2):
        answer = post(client, case, "maand", maand=before)
        assert answer.location == f"/beoordelen/{case.key}/"
    assert fresh(case).month == before
    answers = {answer.month: answer.ended_why for answer in melder.hospital.answers}
    assert answers == {month: "ingetrokken", before: ""}
    assert actions(case).count("case.month") == 1
    assert f"van {month_name(month)} naar {month_name(before)}" in client.get(f"/beoordelen/{case.key}/").text


@pytest.mark.parametrize("month", ["2026-13", "abc", "", "1999-01", "2999-01", "2026-1\x00"])
def test_a_month_that_cannot_be_is_refused(client, coordinator, month):
    case = make.case(Status.INGEDIEND, month="2026-10")
    assert post(client, case, "maand", maand=month).status_code == 409
    assert fresh(case).month == "2026-10"


def test_lza1_cases_have_no_month(client, login):
    case = make.case(Status.INGEDIEND, by=make.user(Role.LZA1_MELDER), theme=make.theme(Process.LZA1))
    login(client, make.coordinator(Process.LZA1))
    page = client.get(f"/beoordelen/{case.key}/")
    assert "Telt mee voor" not in page.text
    assert post(client, case, "maand", page, maand="2026-10").status_code == 409
    assert "Respons" not in client.get("/beoordelen/").text


# ---- the committee ------------------------------------------------------------------------------------------------------


def test_the_committee_reads_approved_cases_of_its_process_only(client, login):
    approved, submitted = make.case(Status.GOEDGEKEURD), make.case(Status.INGEDIEND)
    theirs = make.case(Status.GOEDGEKEURD, by=make.user(Role.LZA1_MELDER), theme=make.theme(Process.LZA1))
    unnamed, member = make.case(Status.GOEDGEKEURD), make.user(Role.COMMISSIELID)
    for case in (approved, submitted, theirs):
        make.reader(case, member)
    login(client, member)
    assert client.get(f"/commissie/{unnamed.key}/").status_code == 404
    assert numbers(client.get("/commissie/")) == [approved.number]
    assert client.get(f"/commissie/{approved.key}/").status_code == 200
    assert client.get(f"/commissie/{submitted.key}/").status_code == 404
    assert client.get(f"/commissie/{theirs.key}/").status_code == 404


def test_the_committee_sees_files_but_no_hospital_people_or_notes(client, login):
    melder = make.user(name="Dr. Onbekend", hospital=make.hospital("Ziekenhuis Geheim"))
    case, coordinator = make.case(by=melder, patient_number="PATNR-4711"), make.coordinator()
    make.document(case, name="verslag.pdf")
    make.document(case, name="weggehaald.pdf").remove(melder)
    case.submit(melder)
    case.note(coordinator, "Interne twijfel")
    case.mark_incomplete(coordinator, "Bericht aan het ziekenhuis")
    case.submit(melder)
    case.approve(coordinator)
    login(client, make.reader(case))

    page = client.get(f"/commissie/{case.key}/").text + client.get("/commissie/").text

    assert "verslag.pdf" in page
    hidden = [
        "Dr. Onbekend",
        "Ziekenhuis Geheim",
        "PATNR-4711",
        "Interne twijfel",
        "Bericht aan het ziekenhuis",
        "weggehaald.pdf",
    ]
    assert [text for text in hidden if text in page] == []
    assert actions(case)[-1] == "case.read"


@pytest.mark.parametrize("role", [Role.MELDER, Role.COORDINATOR, Role.BEHEERDER])
def test_only_committee_members_come_to_the_committee(client, login, role):
    login(client, make.user(role))
    assert client.get("/commissie/").status_code == 403


# ---- the document of a questionnaire -----------------------------------------------------------------------------------------

OLDER = "heeft oudere antwoorden"


@pytest.fixture
def answered():
    """A submitted case with a complete questionnaire and its document."""
    made = filling.questionnaire(filling.question("A1", "tekst (100)"), filling.question("A2", "ja/nee"))
    case = make.case(theme=made.theme)
    form = Form.start(case, case.reporter)
    filling.save(form, "A1", "hartstilstand", now=clock.now())
    filling.save(form, "A2", "ja", now=clock.now())
    attach_due()
    make.document(case)
    case.submit(case.reporter)
    return Form.of(case)


def test_a_document_with_older_answers_is_marked_wherever_it_is_read_or_judged(client, login, answered):
    case, coordinator, member = answered.case, make.coordinator(), make.reader(answered.case)
    addresses = ((case.reporter, "melding"), (coordinator, "beoordelen"))
    for person, where in addresses:
        login(client, person)
        assert OLDER not in client.get(f"/{where}/{case.key}/").text
    filling.save(answered, "A1", None, now=clock.now())
    for person, where in addresses:
        login(client, person)
        page = client.get(f"/{where}/{case.key}/").text
        assert f"Dit document {OLDER}" in page
    assert f"Het document van de vragenlijst {OLDER}" in page.split('id="oordeel"')[1].split("Als u Onvolledig kiest")[0], (
        "beside 'Goedkeuren'"
    )

    fresh(case).approve(coordinator)
    login(client, member)
    page = client.get(f"/commissie/{case.key}/").text
    assert f"Dit document {OLDER}" in page and f"Het document van de vragenlijst {OLDER}" in page


def test_a_document_that_came_along_from_an_older_version_is_marked_too(client, login, answered, coordinator):
    draft = Draft.begin(answered.version.questionnaire, coordinator)
    draft.put_question("A3", block="A", label="Nieuw?", answer="ja/nee", required="V")
    draft.version.publish(coordinator)
    made, _ = carry_over(answered, answered.case.reporter)

    assert made.document_is_older
    assert OLDER in client.get(f"/beoordelen/{answered.case.key}/").text


def test_documents_that_were_replaced_are_read_by_hospital_and_coordinator_only(client, login, answered):
    case, coordinator = answered.case, make.coordinator()
    old = answered.document
    filling.save(answered, "A1", "longembolie", now=clock.now())
    attach_due()
    address = f"/melding/{case.key}/bestanden/{old.key}/download"
    for person, where in ((case.reporter, f"melding/{case.key}/vragenlijst"), (coordinator, f"beoordelen/{case.key}")):
        login(client, person)
        page = client.get(f"/{where}/").text
        assert address in page and "Verwijderd door het ziekenhuis" not in page
        assert client.get(address).data.startswith(b"%PDF")

    fresh(case).approve(coordinator)
    for person in (make.user(Role.COMMISSIELID), make.user()):
        login(client, person)
        assert client.get(address).status_code == 404


def test_a_file_that_a_person_removed_stays_closed(client, login, coordinator, answered):
    gone = make.document(answered.case)
    Document.update(removed_at=clock.now()).where(Document.id == gone.id).execute()
    assert client.get(f"/melding/{answered.case.key}/bestanden/{gone.key}/download").status_code == 404
