"""What LZA1 has of its own, as people meet it."""

import io
from datetime import timedelta

import pytest

from models import clock
from models.access import Process, Role
from models.accounts.hospital import Hospital
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.cases.status import Status
from models.cases.theme import Theme
from models.lza1.committee_steps import CommitteeStep
from models.mail.outbox import Mail, MailStatus
from models.monthly import response
from models.monthly.month_answer import MonthAnswer
from models.monthly.monthly_request import MonthlyCall
from models.questionnaires.form import Form
from tests import filling, make
from tests.web.pages import form_of

TODAY = clock.today()
PATIENT = "4711-geheim"


@pytest.fixture(autouse=True)
def no_form_keys(app, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)


@pytest.fixture
def as_(app, login):
    """as_(user): a browser of this person."""
    return lambda user: login(app.test_client(), user)


def case_of(status=Status.CONCEPT, ended=None, **more):
    """A case of LZA1 with its questionnaire at hand; `ended`: the day of the termination."""
    if not Theme.select().where(Theme.process == Process.LZA1).exists():
        filling.lza1()
    theme = Theme.get(Theme.process == Process.LZA1)
    case = make.case(theme=theme, patient_number=PATIENT, **more)
    if ended:
        filling.save(Form.start(case, case.reporter), "C1", ended.isoformat(), now=clock.now())
    if status != Status.CONCEPT:
        make.document(case)
        case.submit(case.reporter)
    if status == Status.GOEDGEKEURD:
        case.approve(make.coordinator(Process.LZA1))
    return case


def page(browser, case):
    return browser.get(f"/melding/{case.key}/", follow_redirects=True).text


# ---- the gate ------------------------------------------------------------------------------------------------------------


def test_the_page_begins_with_the_three_questions_until_they_are_answered_with_yes(as_):
    case = case_of()
    browser = as_(case.reporter)
    assert page(browser, case).index("Hoort deze casus hier?") < page(browser, case).index("Bestanden")

    browser.post(f"/melding/{case.key}/lza1/hoort-hier", data={f"antwoord-A{n}": "ja" for n in (1, 2, 3)})

    text = page(browser, case)
    assert "U hebt 3 vragen beantwoord" in text and "Misschien hoort deze casus ergens anders" not in text
    assert Form.of(case).given()["A2", 0].kept == "ja"


def test_a_no_tells_of_the_other_committee_and_offers_to_withdraw(as_):
    case = case_of()
    browser = as_(case.reporter)

    answer = browser.post(
        f"/melding/{case.key}/lza1/hoort-hier",
        data={"antwoord-A1": "ja", "antwoord-A2": "ja", "antwoord-A3": "nee"},
        follow_redirects=True,
    )

    assert "categorie 2" in answer.text and 'href="#reden"' in answer.text and "Melding indienen" in answer.text


def test_a_stale_answer_at_the_gate_shows_both(as_):
    case = case_of()
    colleague = make.user(hospital=case.hospital, name="Coline Leeg")
    as_(colleague).post(f"/melding/{case.key}/lza1/hoort-hier", data={"antwoord-A1": "nee", "gezien-A1": "0"})

    answer = as_(case.reporter).post(
        f"/melding/{case.key}/lza1/hoort-hier", data={"antwoord-A1": "ja", "gezien-A1": "0"}, follow_redirects=True
    )

    assert "Coline Leeg heeft vraag A1 intussen ook beantwoord" in answer.text
    assert Form.of(case).given()["A1", 0].kept == "nee"


@pytest.mark.parametrize(
    "given", [{"antwoord-A1": "misschien"}, {"antwoord-A1": "ja", "gezien-A1": "x" * 99}, {"antwoord-": "ja"}, {}]
)
def test_nonsense_at_the_gate_changes_nothing(as_, given):
    case = case_of()

    assert as_(case.reporter).post(f"/melding/{case.key}/lza1/hoort-hier", data=given).status_code == 302
    assert not (form := Form.of(case)) or form.given() == {}


def test_a_nethoss_case_has_no_gate_and_no_term(as_):
    case = make.case()

    text = page(as_(case.reporter), case)

    assert "Hoort deze casus hier" not in text and "Termijn:" not in text


# ---- the term ------------------------------------------------------------------------------------------------------------


def test_header_and_list_say_until_when_to_report(as_):
    case = case_of(ended=TODAY)
    browser = as_(case.reporter)

    for text in (page(browser, case), browser.get("/meldingen/").text):
        assert "Te melden uiterlijk op" in text


def test_too_late_is_shown_to_hospital_and_coordinator(as_):
    case = case_of(Status.INGEDIEND, ended=TODAY - timedelta(days=300))

    assert "Te laat gemeld" in page(as_(case.reporter), case)
    assert "Te laat gemeld" in as_(make.coordinator(Process.LZA1)).get(f"/beoordelen/{case.key}/").text


# ---- the committee -------------------------------------------------------------------------------------------------------


def place(browser, case, content=make.PDF, **more):
    data = {"oordeel": (io.BytesIO(content), "brief.pdf"), "dag": TODAY.isoformat(), "sleutel": "s1", "toelichting": "", **more}
    return browser.post(f"/melding/{case.key}/lza1/oordeel", data=data, follow_redirects=True)


def test_a_question_goes_to_the_hospital_and_comes_back(as_):
    case = case_of(Status.GOEDGEKEURD)
    coordinator = as_(make.coordinator(Process.LZA1))
    data = {"vraag": "Wanneer was het overleg?", "dag": TODAY.isoformat(), "sleutel": "v1", "ronde": case.round}

    first = coordinator.post(f"/melding/{case.key}/lza1/vraag", data=data, follow_redirects=True)
    again = coordinator.post(f"/melding/{case.key}/lza1/vraag", data=data, follow_redirects=True)

    assert "De vraag is gesteld" in first.text and "intussen gewijzigd" not in again.text
    text = page(as_(case.reporter), case)
    assert "De commissie heeft een vraag" in text and "Wanneer was het overleg?" in text and "Vraag van de commissie" in text
    assert CommitteeStep.select().count() == 1


def test_a_question_from_a_stale_page_is_refused_in_words(as_):
    case = case_of(Status.GOEDGEKEURD)
    data = {"vraag": "Vraag", "dag": TODAY.isoformat(), "sleutel": "v1", "ronde": case.round - 1}

    answer = as_(make.coordinator(Process.LZA1)).post(f"/melding/{case.key}/lza1/vraag", data=data, follow_redirects=True)

    assert "intussen gewijzigd" in answer.text and CommitteeStep.select().count() == 0


def test_a_refused_question_or_verdict_keeps_what_was_typed_and_can_be_sent_again(as_):
    case = case_of(Status.GOEDGEKEURD)
    coordinator = as_(make.coordinator(Process.LZA1))
    tomorrow = {"dag": (TODAY + 9 * clock.DAY).isoformat(), "sleutel": "v1", "ronde": case.round}
    asked = coordinator.post(f"/melding/{case.key}/lza1/vraag", data={**tomorrow, "vraag": "Wanneer was <het> overleg?"})
    judged = place(coordinator, case, **tomorrow, toelichting="Zorgvuldig & goed.")

    assert asked.status_code == judged.status_code == 409
    assert "Wanneer was &lt;het&gt; overleg?</textarea>" in asked.text and "Zorgvuldig &amp; goed.</textarea>" in judged.text
    again = {**tomorrow, "vraag": "Wanneer was <het> overleg?", "dag": TODAY.isoformat()}
    assert coordinator.post(f"/melding/{case.key}/lza1/vraag", data=again).status_code == 302
    assert CommitteeStep.get().remark.text == "Wanneer was <het> overleg?"


def test_the_verdict_is_read_by_the_doctor_and_the_coordinator_sees_that(as_):
    case = case_of(Status.GOEDGEKEURD)
    coordinator, doctor = as_(make.coordinator(Process.LZA1)), as_(case.reporter)

    assert "Nog niet gelezen" in place(coordinator, case, toelichting="Zorgvuldig gehandeld.").text
    text = page(doctor, case)
    assert "Zorgvuldig gehandeld." in text and "De commissie LZA1 heeft de casus beoordeeld" in text
    letter = doctor.get(f"/melding/{case.key}/lza1/oordeel/{CommitteeStep.get().key}")

    assert (
        letter.data == make.PDF and letter.headers["Content-Disposition"] == f'attachment; filename="Oordeel {case.number}.pdf"'
    )
    assert "sandbox" in letter.headers["Content-Security-Policy"]
    assert f"Gelezen door {case.reporter.name}" in coordinator.get(f"/beoordelen/{case.key}/").text


def test_a_colleague_sees_that_there_is_a_verdict_and_not_what_it_says(as_):
    case = case_of(Status.GOEDGEKEURD)
    place(as_(make.coordinator(Process.LZA1)), case, toelichting="Zorgvuldig gehandeld.")
    colleague = as_(make.user(hospital=case.hospital))

    text = page(colleague, case)

    assert "Oordeel van de commissie" in text and "Zorgvuldig" not in text and "Oordeel downloaden" not in text
    assert colleague.get(f"/melding/{case.key}/lza1/oordeel/{CommitteeStep.get().key}").status_code == 404


def test_who_places_a_verdict_reads_who_hears_of_it_or_that_nobody_can_read_it(as_):
    case, coordinator = case_of(Status.GOEDGEKEURD), as_(make.coordinator(Process.LZA1))
    assert f"Bericht dat het klaarstaat, gaat naar {case.reporter.name}." in place(coordinator, case).text
    case.reporter.deactivate()
    told = place(coordinator, case, sleutel="s2").text
    assert "niemand van het ziekenhuis kan het lezen. Wijs eerst een collega aan" in told and "gaat naar" not in told


def test_a_verdict_of_another_case_is_not_found_below_this_one(as_):
    case = case_of(Status.GOEDGEKEURD)
    other = case_of(Status.GOEDGEKEURD, by=case.reporter)
    place(as_(make.coordinator(Process.LZA1)), case)

    assert as_(case.reporter).get(f"/melding/{other.key}/lza1/oordeel/{CommitteeStep.get().key}").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"dag": "morgen"}, "Kies de dag"), ({"dag": (TODAY + 9 * clock.DAY).isoformat()}, "niet in de toekomst"),
        ({"content": b"<html>"}, "als PDF"), ({"content": make.PDF + b" " * 3_000_000}, "hoogstens 3MB"),
        ({"toelichting": "x" * 2001}, "te lang"),
    ],
)  # fmt: skip
def test_what_is_no_verdict_is_refused_in_words(as_, wrong, says):
    case = case_of(Status.GOEDGEKEURD)

    assert says in place(as_(make.coordinator(Process.LZA1)), case, **wrong).text
    assert CommitteeStep.select().count() == 0


def test_without_a_file_or_a_key_nothing_is_placed(as_):
    case = case_of(Status.GOEDGEKEURD)
    coordinator = as_(make.coordinator(Process.LZA1))

    assert coordinator.post(f"/melding/{case.key}/lza1/oordeel", data={"dag": "2026-01-05"}).status_code == 400
    assert coordinator.post(f"/melding/{case.key}/lza1/vraag", data={"sleutel": "x" * 99}).status_code == 400
    data = {"dag": "2026-01-05", "sleutel": "s"}
    assert "als PDF" in coordinator.post(f"/melding/{case.key}/lza1/oordeel", data=data, follow_redirects=True).text


def test_the_hospital_cannot_place_a_verdict(as_):
    case = case_of(Status.GOEDGEKEURD)

    assert "Alleen de landelijk coördinator" in place(as_(case.reporter), case).text
    assert CommitteeStep.select().count() == 0


# ---- cases that are kept apart -------------------------------------------------------------------------------------------


def kept_apart():
    case = case_of(Status.INGEDIEND, by=make.user(hospital=make.hospital(lza1_kept_apart=True)))
    return case, make.user(hospital=case.hospital, name="Coline Leeg")


def test_a_case_that_is_kept_apart_is_nowhere_for_a_colleague(as_):
    case, colleague = kept_apart()
    browser, document = as_(colleague), case.documents.get()

    for address in (
        "/meldingen/",
        f"/meldingen/?search={case.number}",
        f"/meldingen/?search={PATIENT}",
        "/meldingen/export/csv/",
    ):
        assert f"/melding/{case.key}/" not in browser.get(address).text, address
    assert case.number not in browser.get("/meldingen/export/csv/").text
    assert '<span class="count">1</span>' not in browser.get("/meldingen/").text
    for address in (
        "",
        "lijst",
        "ingediend",
        f"bestanden/{document.key}/download",
        f"bestanden/{document.key}/bekijken",
        "lza1/",
    ):
        assert browser.get(f"/melding/{case.key}/{address}").status_code == 404, address
    assert browser.get(f"/inzage/{case.key}/").status_code == 404
    assert browser.get(f"/inzage/{case.key}/export/csv/").status_code == 404
    upload = browser.put(f"/melding/{case.key}/bestanden", data=make.PDF, content_type="application/octet-stream")
    assert upload.status_code == 404
    assert AuditEvent.select().where(AuditEvent.action == "access.refused", AuditEvent.case_id == case.id).count() >= 5


def test_the_melder_names_a_colleague_who_then_sees_it_everywhere(as_):
    case, colleague = kept_apart()
    melder, browser = as_(case.reporter), as_(colleague)
    assert "Coline Leeg" in page(melder, case)

    melder.post(f"/melding/{case.key}/lza1/collega", data={"collega": colleague.id})

    assert case.number in browser.get("/meldingen/").text and browser.get(f"/melding/{case.key}/").status_code == 200
    assert case.number in browser.get("/meldingen/export/csv/").text
    melder.post(f"/melding/{case.key}/lza1/collega", data={"collega": colleague.id, "weg": "1"})
    assert browser.get(f"/melding/{case.key}/").status_code == 404


def test_only_the_melder_names_and_only_own_colleagues(as_):
    case, colleague = kept_apart()
    stranger = make.user()
    case.entrust(colleague, by=case.reporter)

    assert as_(case.reporter).post(f"/melding/{case.key}/lza1/collega", data={"collega": stranger.id}).status_code == 404
    third = make.user(hospital=case.hospital)
    answer = as_(colleague).post(f"/melding/{case.key}/lza1/collega", data={"collega": third.id}, follow_redirects=True)
    assert "Alleen de melder van deze casus" in answer.text and not case.entrusts(third)
    empty = as_(case.reporter).post(f"/melding/{case.key}/lza1/collega", data={"collega": ""}, follow_redirects=True)
    assert "Maak eerst een keuze" in empty.text
    for wrong in ("x", "9" * 30):
        assert as_(case.reporter).post(f"/melding/{case.key}/lza1/collega", data={"collega": wrong}).status_code == 404


def test_the_coordinator_names_once_the_melder_has_left(as_):
    case, colleague = kept_apart()
    coordinator = as_(make.coordinator(Process.LZA1))
    assert "Collega aanwijzen" not in coordinator.get(f"/beoordelen/{case.key}/").text
    case.reporter.deactivate()

    assert "Collega aanwijzen" in coordinator.get(f"/beoordelen/{case.key}/").text
    coordinator.post(f"/melding/{case.key}/lza1/collega", data={"collega": colleague.id})

    assert as_(colleague).get(f"/melding/{case.key}/").status_code == 200


def test_the_beheerder_switches_it_for_a_hospital(as_):
    case = case_of()
    colleague, manager = as_(make.user(hospital=case.hospital)), as_(make.user(role=Role.BEHEERDER))
    address = f"/beheer/ziekenhuizen/edit/?id={case.hospital_id}"
    assert colleague.get(f"/melding/{case.key}/").status_code == 200

    manager.post(address, data={**form_of(manager.get(address)), "lza1_kept_apart": "y"})

    assert Hospital.get_by_id(case.hospital_id).lza1_kept_apart
    assert colleague.get(f"/melding/{case.key}/").status_code == 404
    assert (
        "LZA1 alleen zichtbaar"
        in AuditEvent.select().order_by(AuditEvent.id.desc()).where(AuditEvent.action == "row.update").first().detail
    )


# ---- apart from NethOSS --------------------------------------------------------------------------------------------------


def test_the_register_shows_and_exports_lza1_only_and_says_so_in_the_trail(as_):
    late = case_of(Status.GOEDGEKEURD, ended=TODAY - timedelta(days=300))
    open_ = case_of(ended=TODAY - timedelta(days=170), by=late.reporter)
    nethoss = make.case(Status.INGEDIEND)
    both = make.user(Role.COORDINATOR, Role.LZA1_COORDINATOR)
    coordinator = as_(both)
    place(coordinator, late)

    shown, exported = coordinator.get("/lza1-register/").text, coordinator.get("/lza1-register/export/csv/").text

    assert "Te melden uiterlijk op" in shown and "Te melden uiterlijk op" in exported
    for text in (shown, exported):
        assert late.number in text and open_.number in text and nethoss.number not in text and PATIENT not in text
    line = next(line for line in exported.splitlines() if late.number in line)
    assert f"{TODAY.day}-{TODAY.month}-{TODAY.year}" in line, "the day of the verdict"
    assert AuditEvent.select().where(AuditEvent.action == "lza1.export", AuditEvent.actor == both).count() == 1


@pytest.mark.parametrize(("state", "found"), [("nadert", "L-00001"), ("voorbij", "L-00002"), ("te-laat", "L-00004")])
def test_the_register_finds_terms_that_end_or_have_ended(as_, state, found):
    near = case_of(ended=TODAY - timedelta(days=170))
    case_of(ended=TODAY - timedelta(days=300), by=near.reporter)
    case_of(ended=TODAY, by=near.reporter)
    case_of(Status.INGEDIEND, ended=TODAY - timedelta(days=300), by=near.reporter)
    browser = as_(make.coordinator(Process.LZA1))

    text = browser.get(f"/lza1-register/?flt0_termijn_is={state}").text
    rows = [number for number in ("L-00001", "L-00002", "L-00003", "L-00004") if f">{number}<" in text]

    assert rows == [found]


def test_the_trail_can_be_narrowed_to_a_process(as_):
    lza1, nethoss = case_of(), make.case()
    manager = as_(make.user(role=Role.BEHEERDER))

    text = manager.get("/beheer/logboek/?flt0_proces_is=lza1").text

    assert lza1.number in text and nethoss.number not in text


def test_lza1_answers_no_month_and_counts_in_no_response(as_):
    melder = make.user()
    month = clock.previous_month(TODAY)
    MonthlyCall.open_all(month)
    Mail.update(status=MailStatus.VERZONDEN, sent_at=clock.now()).execute()
    case = case_of(Status.INGEDIEND, by=melder)

    assert case.month is None and MonthAnswer.select().count() == 0
    assert response.by_month([month])[month][0] == 0
    make.zero(melder, month=month)
    assert response.by_month([month])[month][0] == 1, "an LZA1 case stands in the way of no zero report"


def test_the_nethoss_coordinator_meets_lza1_in_no_list_and_no_count(as_):
    case = case_of(Status.INGEDIEND)
    nethoss = as_(make.coordinator())

    for address in (
        "/beoordelen/",
        "/beoordelen/?stapel=goedgekeurd",
        "/alle-meldingen/",
        "/alle-meldingen/export/csv/",
        "/maanden/",
    ):
        text = nethoss.get(address).text
        assert case.number not in text and 'Te beoordelen <span class="count">1' not in text, address
    assert nethoss.get(f"/beoordelen/{case.key}/").status_code == 404
    assert nethoss.get("/lza1-register/").status_code == 403


def test_the_committee_of_nethoss_reads_no_lza1_case_and_that_of_lza1_does(as_):
    case = case_of(Status.GOEDGEKEURD)

    assert as_(make.user(role=Role.COMMISSIELID)).get(f"/commissie/{case.key}/").status_code == 404
    assert as_(make.user(role=Role.COMMISSIELID, committee=Process.LZA1)).get(f"/commissie/{case.key}/").status_code == 200


def test_a_case_that_the_committee_asked_about_stays_on_its_list_and_opens_again_once_it_is_approved(as_):
    case, coordinator = case_of(Status.GOEDGEKEURD), make.coordinator(Process.LZA1)
    member, other = (as_(make.user(role=Role.COMMISSIELID, committee=one)) for one in (Process.LZA1, Process.NETHOSS))
    assert "Wacht op antwoord" not in member.get("/commissie/").text
    CommitteeStep.ask(case, coordinator, "Wanneer was het overleg?", TODAY, "v1", case.round)

    for act in (lambda: Case.get_by_id(case.id).submit(case.reporter), lambda: Case.get_by_id(case.id).approve(coordinator)):
        text = member.get("/commissie/").text
        assert "Wacht op antwoord" in text and case.number in text and case.key not in text
        assert member.get(f"/commissie/{case.key}/").status_code == 404 and case.number not in other.get("/commissie/").text
        act()

    text = member.get("/commissie/").text
    assert "Wacht op antwoord" not in text and case.key in text
    text = member.get(f"/commissie/{case.key}/").text
    assert "Vraag van de commissie" in text and "Wanneer was het overleg?" in text

    Case.get_by_id(case.id).reopen(coordinator, "Verkeerd dossier.")
    assert case.number not in member.get("/commissie/").text, "it was not the committee that asked"


def test_the_committee_sees_when_it_judged_and_not_the_words_for_the_doctor(as_):
    case, coordinator = case_of(Status.GOEDGEKEURD), make.coordinator(Process.LZA1)
    place(as_(coordinator), case, toelichting="Zorgvuldig gehandeld.")

    text = as_(make.user(role=Role.COMMISSIELID, committee=Process.LZA1)).get(f"/commissie/{case.key}/").text
    assert "Oordeel van de commissie" in text and "Zorgvuldig" not in text
