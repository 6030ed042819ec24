"""Refusals that a screen says by itself, in pairs: what a browser sends that earns the sentence, and its nearest neighbour.

An act gets a browser of nobody and `earns`, and returns the page that the person reads at the end.
"""

import io
import re
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from admin_views.accounts import second_factor
from admin_views.cases.themes import ThemesView
from models import clock
from models.access import Process, Role
from models.accounts.passkey import Passkey
from models.accounts.session import LogIn
from models.annual_report.births import Births
from models.approval.held_change import HeldChange
from models.base import Refused
from models.cases.status import Status
from models.monthly.monthly_request import MonthlyCall
from models.questionnaires.definition.draft_version import Draft
from models.questionnaires.form import Form
from models.retention.legal_hold import LegalHold
from settings import settings
from tests import filling, make
from tests.committee import test_refusals as committee
from tests.lnr.messages import message
from tests.lnr.test_extract_requests import PURPOSE
from tests.monthly import test_mail_links as monthly
from tests.questionnaires.test_fill_in import QUESTIONS
from tests.refusals import Pairs
from tests.upload_links import test_colleague_pages as colleague
from tests.upload_links.test_upload_link import ask
from tests.web.pages import edit, form_key, form_of, send

pair = Pairs()
TOMORROW = clock.today() + timedelta(days=1)


def enter(browser, user):
    with browser.session_transaction() as session:
        session.update(_user_id=user.fs_uniquifier, _fresh=True, login=LogIn.start(user, "127.0.0.1", "test"))
    return user


def press(browser, address, fields=(), **more):
    """Send it, and go where the answer leads."""
    return onward(browser, send(browser, address, fields, **more))


def onward(browser, answer):
    return browser.get(answer.location) if answer.status_code in (302, 303) else answer


def words(page):
    """What somebody reads of an answer, be it a page or what a script is told."""
    told = page.json["error"] if page.is_json and "error" in page.json else page.text
    return " ".join(re.sub(r"<[^>]+>", " ", told).split())


def told(act):
    """What a function of a screen answers, where no address leads to it alone."""
    try:
        act()
    except Refused as reason:
        return SimpleNamespace(text=str(reason), is_json=False, status_code=409)
    return SimpleNamespace(text="", is_json=False, status_code=200)


# ---- accounts -----------------------------------------------------------------------------------------------------------


@pair("Dit account is beëindigd. Maak het eerst weer actief.")
def invited_who_ended(browser, earns):
    boss, asked = enter(browser, make.user(role=Role.BEHEERDER)), make.user(password=None, active=False)
    if not earns:
        HeldChange.revive(asked, boss).confirm(make.user(role=Role.BEHEERDER))
    return press(browser, "/beheer/gebruikers/action/", action="invite", rowid=asked.id)


@pair("heeft al een wachtwoord en kan bij het inloggen ‘Wachtwoord vergeten’ gebruiken.")
def invited_who_is_in(browser, earns):
    enter(browser, make.user(role=Role.BEHEERDER))
    asked = make.user() if earns else make.user(password=None)
    return press(browser, "/beheer/gebruikers/action/", action="invite", rowid=asked.id)


@pair("Deze herstelcode is al gebruikt. Neem een andere.")
def recovery_code_twice(browser, earns):
    user = make.user(mf_recovery_codes=["aaaa-bbbb-cccc", "dddd-eeee-ffff"])
    assert user.use_recovery_code("aaaa-bbbb-cccc")  # in the other window
    with browser.application.test_request_context():
        codes = second_factor.RecoveryCodes(browser.application)
        return told(lambda: codes.delete_recovery_code(user, "aaaa-bbbb-cccc" if earns else "dddd-eeee-ffff"))


@pair("Dit is uw enige tweede stap. Stel eerst een andere in; daarna kunt u deze verwijderen.")
def only_second_step(browser, earns):
    user = make.user(tf_primary_method=None if earns else "authenticator")
    key = {"credential_id": str(user.id).encode(), "public_key": b"1", "usage": "first", "device_type": "single_device"}
    Passkey.create(user=user, name="telefoon", **key)
    behind = SimpleNamespace(_get_current_object=lambda: user)
    required = patch.object(second_factor, "settings", replace(settings, second_factor="required"))
    with required, browser.application.test_request_context():
        return told(lambda: second_factor._removed(None, behind, "telefoon"))


@pair("Vul een dag in, of laat het veld leeg voor geen einddatum.")
def end_date_in_words(browser, earns):
    manager = enter(browser, make.user(appoints_since=clock.now()))
    other = make.user(hospital=manager.hospital)
    return press(browser, f"/collegas/{other.id}/stopt-per", dag="morgen" if earns else TOMORROW.isoformat())


# ---- cases --------------------------------------------------------------------------------------------------------------


def _asked(browser, **sent):
    case = make.case(by=enter(browser, make.user()))
    return press(browser, f"/melding/{case.key}/gevraagd/{case.theme.asked.get().id}", **sent)


@pair("Schrijf kort waarom dit document niet beschikbaar is.")
def unavailable_without_a_reason(browser, earns):
    return _asked(browser, antwoord="niet beschikbaar", reden="  " if earns else "niet verricht")


@pair("Kies de datum waarop u het document verwacht.")
def expected_without_a_day(browser, earns):
    return _asked(browser, antwoord="volgt later", datum="" if earns else TOMORROW.isoformat())


@pair("Kies een datum in de toekomst.")
def expected_today(browser, earns):
    return _asked(browser, antwoord="volgt later", datum=(clock.today() if earns else TOMORROW).isoformat())


@pair("Kies voor welke maand deze melding meetelt.")
def case_of_two_months(browser, earns):
    by, theme = enter(browser, make.user()), make.theme()
    this = clock.month_of(clock.today())
    MonthlyCall.open_all(clock.add_months(this, -1))
    make.zero(by, clock.add_months(this, -1))
    page = browser.get("/melding/nieuw")
    fields = {"sleutel": re.search(r'name="sleutel" value="([^"]+)"', page.text)[1], "theme": theme.id, "patient_number": ""}
    return press(browser, "/melding/nieuw", fields, **({} if earns else {"telt": this}))


@pair("Kies het andere ziekenhuis uit de lijst.")
def no_other_hospital(browser, earns):
    case, other = make.case(by=enter(browser, make.user())), make.user().hospital
    return press(browser, f"/melding/{case.key}/kenmerken", leeftijd="35-39", ander="999999" if earns else other.id)


@pair("is er nu geen nul-melding van uw ziekenhuis.")
def zero_that_is_not_there(browser, earns):
    by, month = enter(browser, make.user()), clock.add_months(clock.month_of(clock.today()), -1)
    MonthlyCall.open_all(month)
    if not earns:
        make.zero(by, month)
    return press(browser, f"/meldingen/maand/{month}", antwoord="intrekken")


@pair("Nog niet opgeslagen. Kies onderaan hoe u dit wilt wijzigen.")
def reworded_without_saying_how(browser, earns):
    by, line = make.coordinator(), make.case().theme.asked.get()
    type(line).update(valid_from=clock.today() - timedelta(days=30)).where(type(line).id == line.id).execute()
    enter(browser, by)
    return onward(
        browser, edit(browser, f"/beheer/documenten/edit/?id={line.id}", label="Anders", how="" if earns else "reword")
    )


@pair("U mag dit niet zo opslaan: u zou het zelf niet meer kunnen zien.")
def saved_out_of_sight(browser, earns):
    """No list lets that happen today; this holds up the one that would."""
    enter(browser, make.coordinator())
    theme = make.theme()
    address = f"/beheer/themas/edit/?id={theme.id}"
    fields, stored = form_of(browser.get(address)), ThemesView.stored
    rows = iter([stored, lambda view, row: None])
    with patch.object(ThemesView, "stored", lambda view, row: (next(rows) if earns else stored)(view, row)):
        answer = send(browser, address, fields, name="Nieuwe naam")
    return onward(browser, answer)


@pair("Maak eerst een keuze.")
def nobody_chosen(browser, earns):
    by = enter(browser, make.user(role=Role.LZA1_MELDER, hospital=make.hospital(lza1_kept_apart=True)))
    case, other = make.case(by=by, theme=make.theme(Process.LZA1)), make.user(role=Role.LZA1_MELDER, hospital=by.hospital)
    return press(browser, f"/melding/{case.key}/lza1/collega", collega="" if earns else other.id)


# ---- files --------------------------------------------------------------------------------------------------------------


@pair("De browser heeft niet gezegd hoe groot het bestand is. Probeer het met een andere browser.")
def file_of_unknown_length(browser, earns):
    case = make.case(by=enter(browser, make.user()))
    headers = {"X-CSRFToken": form_key(browser), "Accept": "application/json", "X-File-Name": "verslag.pdf"}
    more = {"input_stream": io.BytesIO(make.PDF), "headers": headers | {"Transfer-Encoding": "chunked"}}
    sent = more if earns else {"data": make.PDF, "headers": headers}
    return browser.put(f"/melding/{case.key}/bestanden?sleutel=s1", content_type="application/octet-stream", **sent)


@pair("Vraag eerst een code: open de link in de mail opnieuw.")
def link_without_its_code(browser, earns):
    link = ask(make.case(by=make.user(hospital=make.hospital(mail_domains="haven.example"))))
    if not earns:
        colleague.enter(browser, link)
    return colleague.put(browser, link)


# ---- months -------------------------------------------------------------------------------------------------------------


@pair("Deze pagina is niet meer geldig. Open de knop in de mail opnieuw.")
def page_of_yesterday(browser, earns):
    call = monthly.asked()
    sent = monthly.fields(browser.get(monthly.link(call), headers=monthly.BROWSER)) | {"bewijs": "knop"}
    return browser.post(monthly.link(call), data=sent | ({"sleutel": "van gisteren"} if earns else {}), headers=monthly.BROWSER)


@pair("Vandaag is dit ziekenhuis al herinnerd. Morgen kan het opnieuw.")
def reminded_twice(browser, earns):
    melder, month = make.user(), clock.add_months(clock.month_of(clock.today()), -1)
    MonthlyCall.open_all(month)
    by = enter(browser, make.coordinator())
    if earns:
        MonthlyCall.remind(melder.hospital, month, by)
    return press(browser, f"/maanden/{melder.hospital.code}/{month}/herinner")


@pair("Kies een maand uit de lijst.")
def month_that_is_not_offered(browser, earns):
    last = clock.add_months(clock.month_of(clock.today()), -1)
    case, _ = make.case(Status.INGEDIEND, month=last), enter(browser, make.coordinator())
    return press(browser, f"/beoordelen/{case.key}/maand", maand="2999-01" if earns else clock.add_months(last, -1))


# ---- review -------------------------------------------------------------------------------------------------------------


@pair("Kies aan wie u toewijst.")
def assigned_to_nobody(browser, earns):
    case, by = make.case(Status.INGEDIEND), enter(browser, make.coordinator())
    return press(browser, "/beoordelen/toewijzen", casus=case.key, aan="" if earns else by.id)


@pair("Voor deze melding geldt geen bewaarplicht (meer).")
def hold_that_is_over(browser, earns):
    case, by = make.case(Status.GOEDGEKEURD), enter(browser, make.coordinator())
    if not earns:
        LegalHold.place(case, by, "Verzoek van de inspectie.")
    return press(browser, f"/beoordelen/{case.key}/bewaren/opheffen")


@pair("Ziekenhuis en jaar liggen vast. Kies ‘Geboorten invullen’ voor een ander ziekenhuis of jaar.")
def births_of_another_year(browser, earns):
    by, year = enter(browser, make.coordinator()), clock.today().year - 1
    made = Births.state(by, None, year, 165_000, "CBS")
    return onward(
        browser, edit(browser, f"/geboorten/edit/?id={made.id}", year=str(year - 1 if earns else year), count="166000")
    )


@pair("Dit formulier hoort bij een andere casus of versie. Ververs de pagina.")
def assessment_of_another_version(browser, earns):
    form = committee._form()
    enter(browser, form.assessment.assessor)
    headers = {"Accept": "application/json", "X-CSRFToken": form_key(browser)}
    sent = {"vraag": "A4.0", "A4.0.gezien": 0, "A4.0": "ja", "versie": "weg" if earns else form.version.key}
    return browser.post(f"/commissie/{form.case.key}/beoordeling/antwoord", data=sent, headers=headers)


# ---- questionnaires -----------------------------------------------------------------------------------------------------


def _fill_in(browser, begun, **sent):
    made = filling.questionnaire(*QUESTIONS)
    case = make.case(theme=made.theme, by=enter(browser, make.user()))
    if begun:
        Form.start(case, case.reporter)
    headers = {"Accept": "application/json", "X-CSRFToken": form_key(browser)}
    sent = {"vraag": "A4.0", "A4.0.gezien": 0, "A4.0": "x", "versie": made.in_force().key, **sent}
    return browser.post(f"/melding/{case.key}/vragenlijst/antwoord", data=sent, headers=headers)


@pair("Deze vragenlijst is nog niet begonnen. Open deze vanaf de melding.")
def answer_before_the_beginning(browser, earns):
    return _fill_in(browser, begun=not earns)


@pair("Deze vragenlijst is intussen in een nieuwere versie verdergegaan. Ververs de pagina om daarin verder te gaan.")
def answer_to_another_version(browser, earns):
    return _fill_in(browser, begun=True, **({"versie": "weg"} if earns else {}))


@pair("Vul een datum in, bijvoorbeeld 2026-12-31.")
def begun_on_no_day(browser, earns):
    by = enter(browser, make.coordinator())
    draft = Draft.begin(filling.questionnaire(*QUESTIONS), by).version
    return press(browser, f"/beheer/vragenlijsten/{draft.key}/in-gebruik", vanaf="31-12" if earns else TOMORROW.isoformat())


@pair("Kies eerst het CSV-bestand dat u wilt inlezen.")
def no_questions_chosen(browser, earns):
    made, _ = filling.questionnaire(*QUESTIONS), enter(browser, make.coordinator())
    there = f"/beheer/vragenlijsten/{made.in_force().key}/"
    content = browser.get(f"{there}bestand").data.replace(b"Is dit zo?", b"Is dat zo?")
    sent = {"csrf_token": form_key(browser)} | ({} if earns else {"bestand": (io.BytesIO(content), "vragen.csv")})
    return onward(browser, browser.post(f"{there}inlezen", data=sent, content_type="multipart/form-data"))


# ---- the neonatal registry ----------------------------------------------------------------------------------------------


@pair("Vul hele weken zwangerschapsduur in, van 20 tot en met 45.")
def gestation_by_halves(browser, earns):
    enter(browser, make.user(role=Role.LNR_BEHEER))
    year, weeks = str(clock.today().year), "27,5" if earns else "27"
    sent = {
        "doel": PURPOSE,
        "van": year,
        "tot": year,
        "veld": ["sex"],
        "weken-van": weeks,
        "weken-tot": "",
    }
    return press(browser, "/lnr/onderzoek/aanvragen", **sent)


@pair("Kies eerst een XML-bestand of een ZIP-bestand.")
def no_message_chosen(browser, earns):
    enter(browser, make.user(role=Role.LNR_CONTACT, hospital=make.hospital(agb="06010101" if earns else "06010102")))
    sent = {"csrf_token": form_key(browser), "sleutel": "k1"}
    sent |= {} if earns else {"bestand": (io.BytesIO(message("b-1", "opname-1")), "mei.xml")}
    return onward(browser, browser.post("/lnr/aanleveren", data=sent, content_type="multipart/form-data"))


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(app, sentence):
    refused = pair[sentence](app.test_client(), True)
    assert sentence in words(refused), words(refused)
    passed = pair[sentence](app.test_client(), False)
    assert passed.status_code < 400 and sentence not in words(passed), words(passed)
    assert "Dit ging niet goed" not in words(passed), words(passed)
