import io
import re
from datetime import timedelta

import pypdf
import pytest

from models import clock
from models.access import Process, Role
from models.audit.audit_event import AuditEvent
from models.base import db
from models.cases.case import Case
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.status import STATUS_LABELS, Status
from models.cases.theme import RequestedDocument
from models.dutch import long_date, month_name
from models.monthly.month_answer import MonthAnswer
from models.monthly.monthly_request import MonthlyCall
from tests import make
from tests.web.pages import form_key, send


@pytest.fixture
def melder(client, login):
    """A melder, logged in."""
    user = make.user(name="Marijke de Boer")
    login(client, user)
    return user


def colleague(melder, role, **more):
    return make.user(role=role, hospital=melder.hospital, **more)


def words(page):
    """The page's text as it is read, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def fresh(case):
    return Case.get_by_id(case.id)


def lines(case):
    """The asked documents of the case, in their order."""
    return list(case.theme.asked.order_by(RequestedDocument.position))


def actions(case):
    return [event.action for event in AuditEvent.of_case(case)]


def new(client, theme, **fields):
    """Fill in 'Nieuwe melding maken' and press '+ Melding aanmaken'."""
    page = client.get("/melding/nieuw")
    key = re.search(r'name="sleutel" value="([^"]+)"', page.text).group(1)
    return send(client, "/melding/nieuw", {"sleutel": key, "theme": theme.id, "patient_number": "", **fields})


# ---- a new case -----------------------------------------------------------------------------------------------------


def test_the_page_for_a_new_case_reads_as_the_manual_has_it(client, melder):
    make.theme(name="Maternale sterfte", definition="Wat dat is.")
    make.theme(process=Process.LZA1, name="Late zwangerschapsafbreking (categorie 1)")
    page = client.get("/melding/nieuw")
    text = words(page)
    assert "Start → NethOSS → Melding" in text and "Nieuwe melding maken" in text
    assert "Op dit moment registreren we: Maternale sterfte Wat dat is." in text
    assert "En, via een iets ander proces, maar ook in deze beveiligde omgeving: Late zwangerschapsafbreking" in text
    assert text.index("Thema") < text.index("Op dit moment") < text.index("Patiëntnummer") < text.index("+ Melding aanmaken")


def test_who_reports_lza1_alone_reads_no_also(client, login):
    make.theme(name="Maternale sterfte")
    make.theme(process=Process.LZA1, name="Late zwangerschapsafbreking (categorie 1)")
    login(client, make.user(role=Role.LZA1_MELDER))
    text = words(client.get("/melding/nieuw"))
    assert "Op dit moment registreren we: Late zwangerschapsafbreking" in text and "Start → LZA1 → Melding" in text
    assert "iets ander proces" not in text and "NethOSS → Melding" not in text


def test_what_is_asked_only_if_applicable_is_counted_apart(client, melder):
    theme = make.theme(asked=("partusverslag", "OK-verslag"))
    RequestedDocument.create(theme=theme, label="obductie", if_applicable=True, position=2, valid_from=theme.valid_from)
    case = make.case(by=melder, theme=theme)
    page = client.get(f"/melding/{case.key}/").text
    assert 'data-state="0 van 2 documenten · nog 2 open · 1 alleen indien van toepassing · 0 bestanden"' in page


def test_a_theme_is_chosen_where_it_is_explained(client, melder):
    theme = make.theme(name="Maternale sterfte", definition="Wat dat is.", asked=("partusverslag", "OK-verslag"))
    RequestedDocument.create(theme=theme, label="obductie", if_applicable=True, position=2, valid_from=theme.valid_from)
    RequestedDocument.create(theme=theme, label="later pas", position=3, valid_from=clock.today() + clock.DAY)
    page = client.get("/melding/nieuw").text
    card = page[page.index('class="theme-card"') : page.index("</fieldset>")]
    assert f'id="theme-{theme.id}" value="{theme.id}" required aria-describedby="theme-{theme.id}-wat"' in card
    assert f'<label for="theme-{theme.id}">Maternale sterfte</label>' in card
    assert f'<p id="theme-{theme.id}-wat">Wat dat is.</p>' in card and "checked" not in card
    assert re.findall(r"<li>([^<]+)</li>", card) == ["partusverslag", "OK-verslag", "obductie (indien van toepassing)"]
    assert "Wij vragen 3 documenten" in card and "<select" not in page
    refused = new(client, theme, patient_number="9" * 65).text
    assert re.search(rf'value="{theme.id}" required[^>]* checked', refused)  # what was chosen stays


def test_a_theme_that_is_no_longer_reported_is_not_offered(client, melder):
    make.theme(name="Van vroeger", valid_to=clock.today() - clock.DAY)
    assert "Van vroeger" not in client.get("/melding/nieuw").text


def test_creating_a_case_leads_straight_to_completing_it(client, melder):
    theme = make.theme()
    answer = new(client, theme, patient_number=" 4711  08 ")
    case = Case.get()
    assert (case.status, case.patient_number, case.reporter) == (Status.CONCEPT, "4711 08", melder)
    assert answer.location == f"/melding/{case.key}/"
    assert "Melding aanvullen" in client.get(answer.location).text


def test_pressing_twice_makes_one_case(client, melder):
    theme = make.theme()
    fields = {"sleutel": "a" * 22, "theme": theme.id, "patient_number": "12"}
    first, second = (send(client, "/melding/nieuw", fields) for _ in range(2))
    assert first.location == second.location
    assert Case.select().count() == 1


def test_the_same_form_with_another_theme_is_another_case(client, melder):
    for theme in (make.theme(), make.theme()):
        send(client, "/melding/nieuw", {"sleutel": "a" * 22, "theme": theme.id, "patient_number": ""})
    assert Case.select().count() == 2


@pytest.mark.parametrize("theme", ["", "0", "999999999999999999999", "abc", "1; drop table", "\x00"])
def test_a_case_needs_a_theme_of_the_list(client, melder, theme):
    make.theme()
    answer = send(client, "/melding/nieuw", {"theme": theme, "patient_number": "77"})
    assert answer.status_code == 200 and "Kies een thema." in answer.text
    assert 'value="77"' in answer.text
    assert not Case.select().exists()


@pytest.mark.parametrize(
    ("number", "reason"),
    [("9" * 65, "hoogstens 64 tekens"), ("9" * 10_000, "hoogstens 64 tekens"), ("12\x0045", "zonder te plakken")],
)
def test_an_odd_patient_number_is_refused_in_words_and_kept_in_the_field(client, melder, number, reason):
    theme = make.theme()
    answer = new(client, theme, patient_number=number)
    assert answer.status_code == 200 and reason in answer.text
    assert not Case.select().exists()


def test_the_same_theme_and_patient_number_are_warned_about_and_do_not_block(client, melder):
    case = make.case(by=melder, patient_number="A-12")
    answer = new(client, case.theme, patient_number="a-12")
    assert "Mogelijk is deze casus al gemeld" in answer.text and f"/melding/{case.key}/" in answer.text
    assert Case.select().count() == 1
    assert new(client, case.theme, patient_number="a-12", toch="1").status_code == 302
    assert Case.select().count() == 2


def test_another_hospitals_patient_number_gives_no_warning(client, melder):
    case = make.case(patient_number="A-12")
    assert new(client, case.theme, patient_number="A-12").status_code == 302


def test_an_invoerder_reads_why_not_and_who_may(client, login, melder):
    theme = make.theme()
    login(client, colleague(melder, Role.INVOERDER))
    for answer in (client.get("/melding/nieuw"), send(client, "/melding/nieuw", {"theme": theme.id})):
        assert answer.status_code == 403
        assert "Alleen melders kunnen een nieuwe melding maken" in answer.text
        assert "Marijke de Boer" in answer.text and melder.email in answer.text
    assert not Case.select().exists()
    assert AuditEvent.select().where(AuditEvent.action == "access.refused").count() == 2


def test_an_lza1_melder_reports_only_lza1(client, login, melder):
    theirs, other = make.theme(process=Process.LZA1, name="Categorie 1"), make.theme(name="Maternale sterfte")
    login(client, colleague(melder, Role.LZA1_MELDER))
    assert "Maternale sterfte" not in client.get("/melding/nieuw").text
    assert "Kies een thema." in new(client, other).text
    assert new(client, theirs).status_code == 302


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.COMMISSIELID, Role.BEHEERDER, Role.LNR_CONTACT])
def test_other_roles_do_not_report(client, login, role):
    case = make.case()
    login(client, make.user(role=role))
    assert client.get("/melding/nieuw").status_code == 403
    assert client.get(f"/melding/{case.key}/").status_code == 403


def test_a_visitor_logs_in_first_and_comes_back(client):
    answer = client.get("/melding/nieuw?maand=2026-10")
    assert answer.status_code == 302 and "/inloggen" in answer.location and "maand%3D2026-10" in answer.location


# ---- the month that is answered -------------------------------------------------------------------------------------


def test_the_month_of_the_mail_is_named_and_answered(client, melder):
    month = clock.add_months(clock.month_of(clock.today()), -4)
    MonthlyCall.open_all(month)
    assert (
        f"Deze melding telt mee voor <strong>{month_name(month)}</strong>." in client.get(f"/melding/nieuw?maand={month}").text
    )
    new(client, make.theme(), maand=month)
    assert Case.get().month == month


def test_the_month_may_also_wait_in_the_session_for_one_page(client, melder):
    month = clock.add_months(clock.month_of(clock.today()), -4)
    MonthlyCall.open_all(month)
    with client.session_transaction() as session:
        session["maand"] = month
    assert f'name="maand" value="{month}"' in client.get("/melding/nieuw").text
    assert 'name="maand"' not in client.get("/melding/nieuw").text


def test_the_form_says_that_a_zero_report_ends_and_the_case_which_month_it_counts_for(client, melder):
    month = clock.previous_month(clock.today())
    MonthlyCall.open_all(month)
    make.zero(melder, month)
    make.theme(Process.LZA1)
    page = words(client.get("/melding/nieuw"))
    assert f"{month_name(month)}; uw nul-melding over {month_name(month)} vervalt daarmee" in page
    assert "Een LZA1-melding beantwoordt de uitvraag niet." in page

    new(client, make.theme(), telt=month)
    assert f"Telt mee voor: {month_name(month)}" in words(client.get(f"/melding/{Case.get().key}/"))


def test_without_a_mail_the_reporter_chooses_between_the_month_asked_about_and_the_running_one(client, melder):
    asked, running = clock.previous_month(clock.today()), clock.month_of(clock.today())
    MonthlyCall.open_all(asked)
    page = client.get("/melding/nieuw").text
    assert re.findall(r'name="telt" value="([^"]+)"([^>]*)>', page) == [(asked, " checked"), (running, "")]

    new(client, make.theme(), telt=running)
    assert Case.get().month == running and MonthlyCall.is_open(melder.hospital, asked)


def test_an_answered_month_is_not_chosen_beforehand_and_its_zero_report_stays(client, melder):
    asked, running = clock.previous_month(clock.today()), clock.month_of(clock.today())
    MonthlyCall.open_all(asked)
    zero = make.zero(melder, asked)
    page = client.get("/melding/nieuw").text
    assert re.findall(r'name="telt" value="([^"]+)"([^>]*)>', page) == [(asked, ""), (running, "")]

    for wrong in ("", "2020-01", "x"):
        assert "Kies voor welke maand" in new(client, make.theme(), telt=wrong).text and not Case.select().exists()
    new(client, make.theme(), telt=running)
    assert Case.get().month == running and MonthAnswer.standing(melder.hospital, asked) == zero


def test_the_melder_is_told_from_when_what_is_destroyed(client, melder):
    case, approved = make.case(by=melder), make.case(Status.GOEDGEKEURD, by=melder, patient_number="4711")
    closed, number = (f"vanaf {long_date(clock.today() + timedelta(days=days))}" for days in (90, 180))
    assert closed in words(client.get(f"/melding/{case.key}/"))
    assert number in words(client.get(f"/melding/{approved.key}/"))

    case.withdraw(melder, "Vergissing.")
    page = words(client.get(f"/melding/{case.key}/"))
    assert closed in page and "Intrekken ongedaan maken" in page

    Case.update(erased_at=clock.now()).where(Case.id == case.id).execute()
    page = words(client.get(f"/melding/{case.key}/"))
    assert closed not in page and "Intrekken ongedaan maken" not in page


def test_after_an_lza1_case_the_question_about_the_month_is_still_open(client, melder):
    month = clock.previous_month(clock.today())
    MonthlyCall.open_all(month)
    new(client, make.theme(Process.LZA1), maand=month)
    assert f"De vraag over {month_name(month)} staat nog open" in client.get(f"/melding/{Case.get().key}/").text


@pytest.mark.parametrize("month", ["2026-13", "abc", "2026-10-01", "", "\x00", "1999-01", "9" * 1000])
def test_a_month_that_was_not_asked_about_is_left_aside(client, melder, month):
    page = client.get("/melding/nieuw", query_string={"maand": month})
    assert page.status_code == 200 and month_name(clock.month_of(clock.today())) in page.text
    new(client, make.theme(), maand=month)
    assert Case.get().month == clock.month_of(clock.today())


# ---- completing -----------------------------------------------------------------------------------------------------


def test_the_header_reads_as_the_manual_has_it(client, melder):
    case = make.case(by=melder, patient_number="4711", at=clock.now().replace(month=3, day=5, hour=12))
    text = words(client.get(f"/melding/{case.key}/"))
    for fact in (
        f"ID: {case.number}",
        "Status: Concept",
        f"Thema: {case.theme.name}",
        "Patiëntnummer: 4711",
        "Melder: Marijke de Boer",
        f"Aangemaakt op: 5 maart {clock.today().year}",
    ):
        assert fact in text
    assert "We danken u voor het melden. De commissie ziet graag de volgende documenten tegemoet:" in text
    assert "blijft het de verantwoordelijkheid van de melder om gegevens te anonimiseren." in text
    assert "Het is verplicht om minstens één bestand bij te voegen voor indienen." in text


def test_opening_a_case_is_written_down_once(client, melder):
    case = make.case(by=melder)
    client.get(f"/melding/{case.key}/")
    client.get(f"/melding/{case.key}/lijst")
    assert actions(case).count("case.read") == 1


def test_the_latest_remark_stands_open_and_the_older_ones_are_folded(client, melder):
    case = make.case(Status.ONVOLLEDIG, by=melder)
    case.submit(melder)
    case.mark_incomplete(make.coordinator(name="Geheime Naam"), "De ontslagbrief ontbreekt.\n<b>Graag</b> nog toevoegen.")
    case.note(make.coordinator(), "Alleen voor ons.")
    page = client.get(f"/melding/{case.key}/")
    text = words(page)
    assert "Meest recente opmerking Perined Beoordelaar - " in text
    assert text.index("De ontslagbrief") < text.index("Eerdere opmerkingen") < text.index("Het partusverslag ontbreekt nog.")
    assert "&lt;b&gt;Graag" in page.text
    assert "Geheime Naam" not in text and "Alleen voor ons" not in text


def test_the_time_line_tells_deeds_and_hides_who_judged(client, melder):
    case = make.case(Status.ONVOLLEDIG, by=melder, reviewer=make.coordinator(name="Geheime Naam"))
    client.get(f"/melding/{case.key}/")
    text = words(client.get(f"/melding/{case.key}/"))
    assert text.index("Onvolledig verklaard") < text.index("Melding ingediend") < text.index("Melding aangemaakt")
    assert "Melding ingezien" not in text and "Geheime Naam" not in text


@pytest.mark.parametrize("status", [Status.GOEDGEKEURD, Status.INGETROKKEN])
def test_a_closed_case_is_only_to_be_read(client, melder, status):
    case = make.case(status, by=melder)
    page = client.get(f"/melding/{case.key}/")
    assert "Melding bekijken" in page.text and STATUS_LABELS[status] in page.text
    for act in ("indienen", "patientnummer", "verwijderen", "gevraagd/", "koppelen", 'type="file"'):
        assert act not in page.text
    assert ("Per ongeluk aangemaakt." in page.text) == (status == Status.INGETROKKEN)


def test_after_submitting_files_can_be_added_and_not_removed(client, melder):
    case = make.case(Status.INGEDIEND, by=melder)
    page = client.get(f"/melding/{case.key}/")
    assert 'type="file"' in page.text
    assert "verwijderen" not in page.text and "/indienen" not in page.text


def test_the_patient_number_can_be_corrected(client, melder):
    case = make.case(by=melder, patient_number="1")
    send(client, f"/melding/{case.key}/patientnummer", patient_number="22")
    assert fresh(case).patient_number == "22"
    answer = send(client, f"/melding/{case.key}/patientnummer", patient_number="9" * 65)
    assert "65 tekens, hoogstens 64" in client.get(answer.location).text
    assert fresh(case).patient_number == "22"


def test_a_mark_that_nobody_sees_does_not_count_as_part_of_a_patient_number(client, melder):
    new(client, make.theme(), patient_number="\u202d1234567\u202c")
    assert Case.get().patient_number == "1234567"


# ---- asked documents ------------------------------------------------------------------------------------------------


def test_an_asked_document_can_be_not_available_follow_later_and_be_asked_again(client, melder):
    case = make.case(by=melder)
    asked = lines(case)[0]
    address = f"/melding/{case.key}/gevraagd/{asked.id}"
    send(client, address, antwoord="niet beschikbaar", reden="niet verricht")
    assert "niet beschikbaar: niet verricht" in client.get(f"/melding/{case.key}/").text
    day = clock.today() + timedelta(days=20)
    send(client, address, antwoord="volgt later", datum=day.isoformat())
    assert RequestedDocumentAnswer.get().expected_on == day
    for _ in range(2):
        send(client, address, antwoord="ongedaan")
    assert not RequestedDocumentAnswer.select().exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"antwoord": "niet beschikbaar", "reden": "  "}, "Schrijf kort waarom"),
        ({"antwoord": "volgt later", "datum": ""}, "Kies de datum"),
        ({"antwoord": "volgt later", "datum": "31-02-2026"}, "Kies de datum"),
        ({"antwoord": "volgt later", "datum": "2020-01-01"}, "in de toekomst"),
        ({"antwoord": "volgt later", "datum": "9999-12-31"}, "in de toekomst"),
    ],
)
def test_half_an_answer_is_refused_in_words(client, melder, fields, sentence):
    case = make.case(by=melder)
    answer = send(client, f"/melding/{case.key}/gevraagd/{lines(case)[0].id}", fields)
    assert sentence in client.get(answer.location).text
    assert not RequestedDocumentAnswer.select().exists()


def test_a_document_of_another_theme_is_not_answered(client, melder):
    case, foreign = make.case(by=melder), make.theme().asked.first()
    answer = send(client, f"/melding/{case.key}/gevraagd/{foreign.id}", antwoord="niet beschikbaar", reden="x")
    assert answer.status_code in (302, 404) and not RequestedDocumentAnswer.select().exists()
    assert send(client, f"/melding/{case.key}/gevraagd/abc", antwoord="ongedaan").status_code == 404
    assert send(client, f"/melding/{case.key}/gevraagd/{lines(case)[0].id}", antwoord="x").status_code == 400


def test_a_script_gets_the_refusal_as_a_sentence(client, melder):
    case = make.case(by=melder)
    fields = {"csrf_token": form_key(client), "antwoord": "volgt later"}
    address = f"/melding/{case.key}/gevraagd/{lines(case)[0].id}"
    answer = client.post(address, data=fields, headers={"Accept": "application/json"})
    assert answer.status_code == 409 and answer.json == {"error": "Kies de datum waarop u het document verwacht."}


# ---- handing in -----------------------------------------------------------------------------------------------------


def hand_in(client, case, **fields):
    return send(client, f"/melding/{case.key}/indienen", ronde=fresh(case).round, **fields)


def test_without_a_file_a_case_is_not_handed_in(client, melder):
    case = make.case(by=melder)
    answer = hand_in(client, case)
    assert "Voeg eerst minstens één bestand toe" in client.get(answer.location).text
    assert fresh(case).status == Status.CONCEPT


def test_what_is_still_asked_is_shown_and_holds_nothing_up(client, melder):
    case = make.case(by=melder)
    make.document(case)
    page = client.get(f"/melding/{case.key}/")
    assert "2 gevraagde documenten open" in page.text and "OK-verslag" in page.text
    assert hand_in(client, case).location == f"/melding/{case.key}/ingediend"
    assert fresh(case).status == Status.INGEDIEND


def test_a_complete_case_is_handed_in_at_once(client, melder):
    case = make.case(by=melder)
    make.document(case, asked=lines(case)[0])
    RequestedDocumentAnswer.give(case, lines(case)[1], melder, reason="niet verricht")
    assert hand_in(client, case).location.endswith("/ingediend")


def test_the_receipt_lists_what_was_received_and_what_is_still_asked(client, melder):
    case = make.case(by=melder)
    make.document(case, name="verslag van de OK.pdf", asked=lines(case)[1])
    text = words(client.get(hand_in(client, case).location))
    assert case.number in text and "verslag van de OK.pdf" in text and "1KB" in text
    assert "Nog gevraagd" in text and "partusverslag" in text and "Wat gebeurt er nu?" in text


def test_the_receipt_is_a_pdf_to_keep(client, melder):
    case = make.case(by=melder)
    address = f"/melding/{case.key}/ontvangstbewijs"
    assert client.get(address).location == f"/melding/{case.key}/"
    make.document(case, name="verslag van de OK.pdf", asked=lines(case)[1])
    page = client.get(hand_in(client, case).location)
    assert f'href="{address}"' in page.text

    sent = client.get(address)
    assert sent.mimetype == "application/pdf" and f"Ontvangstbewijs {case.number}.pdf" in sent.headers["Content-Disposition"]
    reader = pypdf.PdfReader(io.BytesIO(sent.data))
    told = " ".join(reader.pages[0].extract_text().split())
    assert case.number in told and "verslag van de OK.pdf" in told and "Nog gevraagd: " in told and "partusverslag" in told
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"] and client.get(address).data == sent.data
    assert actions(case).count("case.read") >= 1


def test_a_double_click_hands_in_once_and_shows_the_receipt_twice(client, melder):
    case = make.case(by=melder)
    make.document(case)
    page = {"ronde": case.round, "toch": "1"}
    for _ in range(2):
        assert send(client, f"/melding/{case.key}/indienen", page).location.endswith("/ingediend")
    assert actions(case).count("case.submit") == 1


def test_going_back_after_handing_in_is_harmless(client, melder):
    case = make.case(Status.INGEDIEND, by=melder)
    assert "Ingediend" in client.get(f"/melding/{case.key}/").text
    case.mark_incomplete(make.coordinator(), "Nog iets.")
    assert client.get(f"/melding/{case.key}/ingediend").location == f"/melding/{case.key}/"


def test_an_old_window_is_told_that_the_case_moved_on(client, melder):
    case = make.case(by=melder)
    make.document(case)
    old = case.round
    case.submit(colleague(melder, Role.INVOERDER))
    case.mark_incomplete(make.coordinator(), "Nog iets.")
    answer = send(client, f"/melding/{case.key}/indienen", ronde=old, toch="1")
    assert "intussen gewijzigd en heeft nu de status Onvolledig" in client.get(answer.location).text
    assert fresh(case).status == Status.ONVOLLEDIG


def test_an_invoerder_completes_and_hands_in(client, login, melder):
    case = make.case(by=melder)
    login(client, colleague(melder, Role.INVOERDER))
    make.document(case)
    assert hand_in(client, case).location.endswith("/ingediend")


# ---- taking back ----------------------------------------------------------------------------------------------------


def test_a_melder_withdraws_a_concept_with_a_reason_and_takes_that_back(client, melder):
    case = make.case(by=melder)
    send(client, f"/melding/{case.key}/intrekken", ronde=case.round, reden=" ")
    assert fresh(case).status == Status.CONCEPT
    send(client, f"/melding/{case.key}/intrekken", ronde=case.round, reden="Dubbel.")
    assert (fresh(case).status, fresh(case).closed_why) == (Status.INGETROKKEN, "Dubbel.")
    assert "Intrekken ongedaan maken" in client.get(f"/melding/{case.key}/").text
    send(client, f"/melding/{case.key}/herstellen", ronde=fresh(case).round)
    assert fresh(case).status == Status.CONCEPT


def test_an_invoerder_does_not_withdraw(client, login, melder):
    case = make.case(by=melder)
    login(client, colleague(melder, Role.INVOERDER))
    assert "intrekken" not in client.get(f"/melding/{case.key}/").text
    answer = send(client, f"/melding/{case.key}/intrekken", ronde=case.round, reden="Dubbel.")
    assert "Alleen melders" in client.get(answer.location).text
    assert fresh(case).status == Status.CONCEPT


# ---- walls ----------------------------------------------------------------------------------------------------------

READ = ["", "lijst", "ingediend"]
WRITE = ["indienen", "intrekken", "herstellen", "patientnummer"]


def test_another_hospitals_case_is_not_there(client, melder):
    case = make.case()
    addresses = [(client.get, path) for path in READ]
    for ask, path in addresses:
        assert ask(f"/melding/{case.key}/{path}").status_code == 404
    for path in [*WRITE, f"gevraagd/{lines(case)[0].id}"]:
        fields = {"ronde": case.round, "reden": "x", "patient_number": "1", "antwoord": "ongedaan"}
        assert send(client, f"/melding/{case.key}/{path}", fields).status_code == 404
    assert (fresh(case).status, fresh(case).patient_number) == (Status.CONCEPT, None)


def test_an_lza1_melder_does_not_see_nethoss_cases(client, login, melder):
    case = make.case(by=melder)
    login(client, colleague(melder, Role.LZA1_MELDER))
    assert client.get(f"/melding/{case.key}/").status_code == 404


@pytest.mark.parametrize("path", WRITE)
def test_without_the_form_key_nothing_happens(client, melder, path):
    case = make.case(by=melder)
    make.document(case)
    assert client.post(f"/melding/{case.key}/{path}", data={"ronde": case.round, "toch": "1", "reden": "x"}).status_code == 400
    assert fresh(case).status == Status.CONCEPT


@pytest.mark.parametrize("key", ["bestaat-niet", "%00", "a" * 500, "..%2f..", "nieuw/x"])
def test_an_address_that_leads_nowhere_says_so(client, melder, key):
    assert client.get(f"/melding/{key}/").status_code == 404


# ---- cost -----------------------------------------------------------------------------------------------------------


def test_opening_a_case_with_twenty_files_takes_few_queries(client, melder):
    case = make.case(Status.ONVOLLEDIG, by=melder)
    for number in range(20):
        make.document(case, asked=lines(case)[number % 2])
    client.get(f"/melding/{case.key}/")
    queries, run = [], db.obj.execute_sql

    def execute(sql, *more, **options):
        queries.append(sql)
        return run(sql, *more, **options)

    db.obj.execute_sql = execute
    try:
        page = client.get(f"/melding/{case.key}/")
    finally:
        del db.obj.execute_sql
    assert page.text.count("data-file-tile") == 21
    asked = [sql for sql in queries if sql.startswith(("SELECT", "INSERT", "UPDATE")) and "advisory" not in sql]
    # three of them for a questionnaire and what was asked
    assert len(asked) <= 17, "\n".join(asked)
