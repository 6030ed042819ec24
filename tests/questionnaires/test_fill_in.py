"""Filling in a questionnaire on the screen: with and without script, by one person and by two."""

import re

import pytest

from models.access import Role
from models.audit.audit_event import AuditEvent
from models.cases.status import Status
from models.questionnaires.definition.draft_version import Draft
from models.questionnaires.export.pdf_attachment import attach_due
from models.questionnaires.form import Form
from models.questionnaires.query import DataQuery
from tests import filling, make
from tests.bench.measure import counted
from tests.filling import block, question
from tests.web.pages import form_key, send

QUESTIONS = (
    question("A1", "ja/nee"),
    question("A2", "keuze: thuis; ziekenhuis", "V*", 'A1 = "ja"'),
    question("A3", "getal (1-5)", "O", checks="vraag als A3 > 3 | Meer dan drie is ongewoon. Klopt dit?"),
    question("A4", "tekst (100)", "O"),
    question("A5", "meer: geen!; koorts; pijn", "O"),
    question("A6", "datum; of: niet ontslagen", "O", checks="weiger als A6 > vandaag() | Die dag ligt in de toekomst."),
    question("A7", "datum + tijd", "O"),
    question("A8", "weken + dagen", "O"),
    question("A9", "lijst: tijd = tijd | pols = getal (0-300) | soort = keuze: a; b", "O"),
    question("A10", "lijst: product = rij: bloed; plasma | aantal = getal (0-20)", "O"),
    question("A11", "auto: A3 * 2", ""),
    question("B1", "keuze: leeft; overleden", "V*"),
    question("B2", "getal (0-10)", "V*", 'B1 = "leeft"'),
)
BLOCKS = (block("A"), block("B", "A3 ingevuld", "A3"))


@pytest.fixture
def form():
    made = filling.questionnaire(*QUESTIONS, blocks=BLOCKS)
    case = make.case(theme=made.theme)
    return Form.start(case, case.reporter)


@pytest.fixture
def browser(client, login, form):
    return login(client, form.case.reporter)


def test_choices_and_lists_are_tied_to_what_is_wrong_with_them(browser, form):
    page = browser.get(address(form, "A/")).text
    for at, tag in (("A1", "input"), ("A5", "input"), ("A9", "input"), ("A9", "select")):
        part = page.split(f'id="vraag-{at}"')[1].split("</fieldset>")[0]
        fields = [
            one
            for one in re.findall(rf"<{tag}\b[^>]*>", part)
            if "hidden" not in one and ".anders" not in one and "data-row-count" not in one
        ]
        assert f'id="vraag-{at}-fout"' in part and part.startswith(f' aria-describedby="vraag-{at}-fout"')
        assert fields and all(f'aria-describedby="vraag-{at}-fout"' in one for one in fields), fields


def address(form, rest=""):
    return f"/melding/{form.case.key}/vragenlijst/{rest}"


def answer(browser, form, at, fields=(), seen=0, **more):
    """Save one answer as the script does; returns the answer of the portal."""
    sent = {"vraag": at, "versie": form.version.key, f"{at}.gezien": seen, **dict(fields), **more}
    headers = {"Accept": "application/json", "X-CSRFToken": form_key(browser)}
    return browser.post(address(form, "antwoord"), data=sent, headers=headers)


def kept(form):
    return {code if not repeat else (code, repeat): given.kept for (code, repeat), given in form.given().items() if given.kept}


def fields_of(page):
    """What the page's own form would send when nothing is touched, from its inputs."""
    fields = {}
    for tag in re.findall(r"<input\b[^>]*>", page.text.split("data-questions")[1]):
        given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if given.get("type") not in ("radio", "checkbox") or " checked" in tag:
            fields[given.get("name")] = given.get("value", "")
    for name, text in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?([^<]*)<', page.text):
        fields[name] = text
    fields.pop(None, None)
    return fields


def save(browser, form, code="A", **changed):
    """Send the section's form, as without script, with these fields in place."""
    changed = {name.replace("_", "."): value for name, value in changed.items()}
    return send(browser, address(form, f"{code}/"), {**fields_of(browser.get(address(form, f"{code}/"))), **changed})


# ---- beginning ---------------------------------------------------------------------------------------------------


def test_a_questionnaire_begins_with_one_button_and_a_double_click_makes_one(client, login):
    made = filling.questionnaire(*QUESTIONS, blocks=BLOCKS)
    case = make.case(theme=made.theme)
    login(client, case.reporter)

    assert "Vragenlijst beginnen" in client.get(f"/melding/{case.key}/vragenlijst/").text
    for _ in range(2):
        assert send(client, f"/melding/{case.key}/vragenlijst/beginnen").location.endswith("/vragenlijst/A/")
    assert Form.select().count() == 1


def test_a_case_without_questionnaire_has_no_such_page(client, login):
    case = make.case()
    login(client, case.reporter)
    assert client.get(f"/melding/{case.key}/vragenlijst/").status_code == 404


def test_an_invoerder_of_the_hospital_fills_in_and_a_stranger_does_not(app, login, form):
    colleague = login(app.test_client(), make.user(role=Role.INVOERDER, hospital=form.case.hospital))
    stranger = login(app.test_client(), make.user())

    assert answer(colleague, form, "A4.0", {"A4.0": "tekst"}).status_code == 200
    assert answer(stranger, form, "A4.0", {"A4.0": "anders"}).status_code == 404
    assert stranger.get(address(form)).status_code == 404
    assert kept(form) == {"A4": "tekst"}


# ---- one answer at a time -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "fields", "expected"),
    [
        ("A1.0", {"A1.0": "nee"}, "nee"),
        ("A1.0", {"A1.0": "onbekend"}, {"anders": "onbekend"}),
        ("A3.0", {"A3.0": "2"}, 2),
        ("A3.0", {"A3.0.anders": "onbekend"}, {"anders": "onbekend"}),
        ("A5.0", {"A5.0": ["koorts", "pijn"]}, ["koorts", "pijn"]),
        ("A5.0", {"A5.0": "onbekend"}, {"anders": "onbekend"}),
        ("A6.0", {"A6.0": "2026-03-05"}, "2026-03-05"),
        ("A6.0", {"A6.0": "5-3-2026"}, "2026-03-05"),
        ("A6.0", {"A6.0.anders": "niet ontslagen"}, {"anders": "niet ontslagen"}),
        ("A7.0", {"A7.0.dag": "2026-03-05", "A7.0.tijd": "14:20"}, "2026-03-05T14:20"),
        ("A8.0", {"A8.0.weken": "32", "A8.0.dagen": "4"}, "32+4"),
        ("A8.0", {"A8.0.weken": "32", "A8.0.dagen": ""}, "32+0"),
        ("A9.0", {"A9.0.0.0": "14:20", "A9.0.0.2": "b", "A9.0.3.1": "80", "A9.0.4.1": ""},
         [{"tijd": "14:20", "soort": "b"}, {"pols": 80}]),
        ("A10.0", {"A10.0.0.0": "", "A10.0.1.0": "3"}, [{"product": "plasma", "aantal": 3}]),
    ],
)  # fmt: skip
def test_every_kind_of_answer_is_kept_and_stands_on_the_page_again(browser, form, at, fields, expected):
    told = answer(browser, form, at, fields)

    assert told.status_code == 200 and told.json["revision"] == 1
    assert kept(form) == {at.split(".")[0]: expected}
    assert answer(browser, form, at, fields, seen=1).json["revision"] == 1, "saved again: nothing changed"
    page = fields_of(browser.get(address(form, "A/")))
    assert page[f"{at}.was"] == told.json["mark"]
    again = {name: value for name, value in page.items() if name.startswith(at + ".") or name == at}
    if not isinstance(fields.get(at), list) and "A9.0.0.2" not in fields:
        assert answer(browser, form, at, again, seen=1).json["revision"] == 1, "what the page holds is the same answer"


def test_what_is_shown_calculated_and_open_follows_from_the_reply(browser, form):
    told = answer(browser, form, "A1.0", {"A1.0": "ja"}).json
    assert "A2.0" in told["shown"] and told["open"] == {"A2.0": {"why": "antwoord", "sentence": ""}}

    told = answer(browser, form, "A3.0", {"A3.0": "2"}).json
    assert told["calculated"] == {"A11.0": "4"}
    assert told["progress"] == {"A": [1, 10], "B": [2, 2]} and (told["still"], told["asked"]) == (3, 12)
    assert re.fullmatch(r"\d\d:\d\d", told["at"])
    assert "A2.0" not in answer(browser, form, "A1.0", {"A1.0": "nee"}, seen=1).json["shown"]


def test_a_repeated_section_is_filled_in_per_child(browser, form):
    answer(browser, form, "A3.0", {"A3.0": "2"})
    page = browser.get(address(form, "B/")).text
    assert "Deel B 1 van 2" in page and "Deel B 2 van 2" in page

    told = answer(browser, form, "B1.2", {"B1.2": "leeft"}).json
    assert set(told["shown"]) == {"B1.1", "B1.2", "B2.2"}
    assert kept(form)["B1", 2] == "leeft"


def test_a_soft_check_asks_why_in_place_and_is_content_with_a_reason(browser, form):
    told = answer(browser, form, "A3.0", {"A3.0": "4"}).json
    assert told["open"]["A3.0"] == {"why": "toelichting", "sentence": "Meer dan drie is ongewoon. Klopt dit?"}

    told = answer(browser, form, "A3.0", {"A3.0": "4"}, seen=1, reden="Vijfling.").json
    assert "A3.0" not in told["open"]
    assert 'value="Vijfling."' in browser.get(address(form, "A/")).text


def test_a_warning_about_who_somebody_is_stands_beside_the_text_and_blocks_nothing(browser, form):
    told = answer(browser, form, "A4.0", {"A4.0": "bel 06-12345678"}).json

    assert told["warnings"] == ["Hier lijkt een telefoonnummer te staan. Haal het weg."]
    assert kept(form) == {"A4": "bel 06-12345678"}
    assert "telefoonnummer" in browser.get(address(form, "A/")).text


# ---- bad input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "fields", "sentence"),
    [
        ("A2.0", {"A2.0": "thuis"}, "hoort niet bij deze casus"),
        ("B1.1", {"B1.1": "leeft"}, "hoort niet bij deze casus"),
        ("Z9.0", {"Z9.0": "x"}, "bestaat niet in deze versie"),
        ("", {}, "bestaat niet in deze versie"),
        ("A4", {"A4.": "x"}, "kwam niet goed aan"),
        ("A4.-1", {"A4.-1": "x"}, "kwam niet goed aan"),
        ("A4.9999999999", {"A4.9999999999": "x"}, "kwam niet goed aan"),
        ("A3.0", {"A3.0": "6"}, "van 1 tot en met 5"),
        ("A3.0", {"A3.0": "veel"}, "Vul een getal in"),
        ("A3.0", {"A3.0.anders": "weet niet"}, "kan niet bij deze vraag"),
        ("A1.0", {"A1.0": "misschien"}, "staat niet in de lijst"),
        ("A1.0", {"A1.0": ["ja", "nee"]}, "niet begrepen"),
        ("A5.0", {"A5.0": ["geen", "koorts"]}, "kan niet samen"),
        ("A5.0", {"A5.0": ["onbekend", "koorts"]}, "kan niet samen"),
        ("A6.0", {"A6.0": "2099-01-01"}, "in de toekomst"),
        ("A6.0", {"A6.0": "31-2-2026"}, "bestaat niet"),
        ("A7.0", {"A7.0.dag": "2026-03-05", "A7.0.tijd": ""}, "Vul ook de tijd in"),
        ("A7.0", {"A7.0.dag": "", "A7.0.tijd": "14:20"}, "Vul ook de datum in"),
        ("A8.0", {"A8.0.weken": "", "A8.0.dagen": "3"}, "hele weken"),
        ("A9.0", {"A9.0.0.1": "999"}, "Regel 1, pols"),
        ("A9.0", {f"A9.0.{row}.1": "1" for row in range(70)}, "hoogstens 60 regels"),
        ("A10.0", {"A10.0.7.0": "1"}, "hoogstens 2 regels"),
        ("A11.0", {"A11.0": "9"}, "berekend"),
        ("A4.0", {"A4.0": "x" * 100_000}, "te lang"),
        ("A4.0", {"A4.0": "een\x00twee"}, "niet opgeslagen kunnen worden"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence_and_nothing_is_lost(browser, form, at, fields, sentence):
    answer(browser, form, "A4.0", {"A4.0": "stond er al"})
    told = answer(browser, form, at, fields, seen=1 if at == "A4.0" else 0)

    assert told.status_code == 422 and sentence in told.json["error"]
    assert kept(form) == {"A4": "stond er al"}


def test_html_and_formulas_are_kept_as_text_and_never_run(browser, form):
    text = "<script>alert(1)</script> =1+1 {{ 7*7 }}"
    answer(browser, form, "A4.0", {"A4.0": text})

    assert kept(form) == {"A4": text}
    page = browser.get(address(form, "A/")).text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page and "{{ 7*7 }}" in page


def test_a_page_of_another_version_is_told_to_refresh(browser, form):
    told = answer(browser, form, "A4.0", {"A4.0": "x"}, versie="weg")
    assert told.status_code == 422 and "nieuwere versie" in told.json["error"] and kept(form) == {}


def test_who_is_no_longer_logged_in_hears_so_and_nothing_is_saved(app, form):
    told = app.test_client().post(address(form, "antwoord"), data={"vraag": "A4.0"}, headers={"Accept": "application/json"})
    assert told.status_code in (400, 401) and "error" in told.json and kept(form) == {}


def test_a_case_that_was_closed_meanwhile_takes_no_answers(browser, form):
    form.case.withdraw(form.case.reporter, "Dubbel.")
    told = answer(browser, form, "A4.0", {"A4.0": "x"})
    assert told.status_code == 422 and "Ingetrokken" in told.json["error"]
    assert browser.get(address(form, "A/")).location.endswith("/vragenlijst/")
    assert "Uw antwoorden" in browser.get(address(form)).text


# ---- two people ------------------------------------------------------------------------------------------------------


def test_the_second_of_two_people_is_shown_both_answers_and_chooses(browser, form):
    colleague = make.user(role=Role.INVOERDER, hospital=form.case.hospital, name="Anna Bakker")
    filling.save(form, "A4", "van Anna", by=colleague)

    told = answer(browser, form, "A4.0", {"A4.0": "van mij"})
    assert told.status_code == 409
    assert (told.json["mine"], told.json["theirs"], told.json["by"]) == ("van mij", "van Anna", "Anna Bakker")
    assert 'value="van Anna"' in told.json["html"] and kept(form) == {"A4": "van Anna"}

    assert answer(browser, form, "A4.0", {"A4.0": "van mij"}, seen=told.json["revision"]).status_code == 200
    assert kept(form) == {"A4": "van mij"}


def test_without_script_the_second_of_two_people_keeps_what_they_typed_and_chooses(browser, form):
    page = fields_of(browser.get(address(form, "A/")))
    filling.save(form, "A4", "van Anna", by=make.user(role=Role.INVOERDER, hospital=form.case.hospital))
    told = send(browser, address(form, "A/"), page, **{"A4.0": "van mij", "A1.0": "nee"})

    assert told.status_code == 422 and "Daar staat nu: van Anna" in told.text and 'value="van mij"' in told.text
    assert kept(form) == {"A4": "van Anna", "A1": "nee"}, "the other answers of the page are saved"
    assert send(browser, address(form, "A/"), {**fields_of(told), "A1.0": "nee"}).status_code == 302
    assert kept(form)["A4"] == "van mij"


def test_without_script_an_untouched_answer_does_not_undo_what_a_colleague_did(browser, form):
    filling.save(form, "A4", "oud")
    page = fields_of(browser.get(address(form, "A/")))
    filling.save(form, "A4", "nieuw", by=make.user(role=Role.INVOERDER, hospital=form.case.hospital))

    assert send(browser, address(form, "A/"), page, **{"A3.0": "2"}).status_code == 302
    assert kept(form) == {"A4": "nieuw", "A3": 2}


# ---- without script ----------------------------------------------------------------------------------------------------


def test_without_script_a_section_is_saved_at_once(browser, form):
    told = save(browser, form, A1_0="ja", A3_0="2", A4_0="tekst", A8_0_weken="32", A9_0_0_1="80", naar="hier")
    assert told.location.endswith("/A/")
    assert kept(form) == {"A1": "ja", "A3": 2, "A4": "tekst", "A8": "32+0", "A9": [{"pols": 80}]}

    assert save(browser, form, naar="verder").location.endswith("/B/")
    assert Form.get_by_id(form.id).revision == 5, "what was not touched is not saved again"


def test_without_script_what_was_refused_stays_in_its_field_with_the_sentence(browser, form):
    told = save(browser, form, A3_0="12", A4_0="tekst")

    assert told.status_code == 422 and "van 1 tot en met 5" in told.text and 'value="12"' in told.text
    assert kept(form) == {"A4": "tekst"}


def test_without_script_what_was_typed_beside_a_ticked_unknown_is_asked_about_and_stays(browser, form):
    told = save(browser, form, A3_0="2", **{"A3.0.anders": "onbekend"})
    assert told.status_code == 422 and "Haal een van beide weg." in told.text and 'value="2"' in told.text
    assert kept(form) == {}

    assert save(browser, form, **{"A3.0.anders": "onbekend"}).status_code == 302
    assert kept(form) == {"A3": {"anders": "onbekend"}}
    # What is typed where it stood is the answer; the tick that was left there is not another one.
    assert save(browser, form, A3_0="2").status_code == 302
    assert kept(form) == {"A3": 2}
    assert save(browser, form, **{"A3.0.anders": "onbekend"}).status_code == 422
    assert kept(form) == {"A3": 2}


def test_without_script_answers_that_only_fit_together_are_saved_together(client, login):
    made = filling.questionnaire(
        question("A1", "getal (0-99)", checks="weiger als A1 > A2 | Het eerste is hoogstens het tweede."),
        question("A2", "getal (0-99)"),
    )
    form = filling.form(made)
    filling.save(form, "A2", 5)
    filling.save(form, "A1", 4)
    browser = login(client, form.case.reporter)

    assert save(browser, form, A1_0="40", A2_0="50").status_code == 302
    assert kept(form) == {"A1": 40, "A2": 50}


# ---- around it ---------------------------------------------------------------------------------------------------------


def test_the_overview_links_to_each_question_that_is_open(browser, form):
    answer(browser, form, "A1.0", {"A1.0": "ja"})
    page = browser.get(address(form)).text

    assert "1 van 10 open" in page and f"{address(form, 'A/')}#vraag-A2" in page


def test_a_question_that_is_not_asked_any_more_is_in_the_page_but_hidden(browser, form):
    page = browser.get(address(form, "A/")).text
    (tag,) = re.findall(r'<fieldset[^>]*id="vraag-A2"[^>]*>', page)
    assert " hidden" in tag


def test_reading_is_written_down(browser, form):
    browser.get(address(form, "A/"))
    assert AuditEvent.select().where(AuditEvent.action == "form.read", AuditEvent.detail == "A").count() == 1


def test_an_unknown_section_is_not_found(browser, form):
    assert browser.get(address(form, "Q/")).status_code == 404


@pytest.mark.parametrize("status", [Status.INGEDIEND, Status.ONVOLLEDIG])
def test_a_submitted_case_can_still_be_filled_in(client, login, status):
    made = filling.questionnaire(*QUESTIONS, blocks=BLOCKS)
    case = make.case(theme=made.theme, status=status)
    form = Form.start(case, case.reporter)
    assert answer(login(client, case.reporter), form, "A4.0", {"A4.0": "x"}).status_code == 200


@pytest.mark.parametrize("rest", ["", "A/"])
def test_opening_a_questionnaire_takes_at_most_twelve_queries(browser, form, rest):
    answer(browser, form, "A4.0", {"A4.0": "x"})
    browser.get(address(form, rest))
    with counted() as sent:
        assert browser.get(address(form, rest)).status_code == 200
    asked = [one.sql for one in sent if one.sql.startswith(("SELECT", "INSERT", "UPDATE")) and "advisory" not in one.sql]
    assert len(asked) <= 12, "\n".join(asked)


def test_the_page_of_a_case_tells_how_far_its_questionnaire_is(browser, form):
    def tile():
        return browser.get(f"/melding/{form.case.key}/").text.split("tile-form")[1].split("</li>")[0]

    answer(browser, form, "A1.0", {"A1.0": "ja"})
    assert "1 van 10 open" in tile() and "Verder invullen" in tile()
    answer(browser, form, "A2.0", {"A2.0": "thuis"})
    assert "compleet" in tile() and "Het document wordt gemaakt" in tile()
    assert attach_due() == 1
    assert "Als document toegevoegd" in tile()
    page = browser.get(address(form)).text
    assert f"/bestanden/{Form.get_by_id(form.id).document.key}/download" in page
    answer(browser, form, "A2.0", {"A2.0": "ziekenhuis"}, seen=1)
    assert attach_due() == 1 and "Eerdere versies van het document" in browser.get(address(form)).text


def test_the_coordinator_reads_the_answers_beside_the_files_and_asks_in_place(app, browser, login, form):
    answer(browser, form, "A6.0", {"A6.0": "2026-03-05"})
    make.document(form.case)
    form.case.submit(form.case.reporter)
    coordinator = login(app.test_client(), make.coordinator())
    page = f"/beoordelen/{form.case.key}/"
    assert "5-3-2026" in coordinator.get(page).text and "Vraag stellen" in coordinator.get(page).text

    assert 'name="over" value="A6.0"' in coordinator.get(f"{page}?over=A6.0").text
    told = send(coordinator, f"/melding/{form.case.key}/vragen/stellen", {"over": "A6.0", "vraag": "Klopt dit?"})
    assert told.location.endswith(f"{page}#over-A6.0")
    (asked,) = DataQuery.of_case(form.case)
    for address_ in (f"/melding/{form.case.key}/", address(form, "A/")):
        assert "Klopt dit?" in browser.get(address_).text and "Perined Beoordelaar" in browser.get(address_).text
    send(browser, f"/melding/{form.case.key}/vragen/{asked.key}/beantwoorden", {"antwoord": "Ja zeker.", "vragenlijst": "1"})
    assert "Ja zeker." in coordinator.get(page).text


@pytest.mark.parametrize("over", ["", "Z9.0", "A6", "A6.x", "bestand.geen", "bestand.", "A6.0" * 1000])
def test_a_question_about_nothing_is_answered_with_a_sentence(app, login, form, over):
    make.document(form.case)
    form.case.submit(form.case.reporter)
    coordinator = login(app.test_client(), make.coordinator())
    told = send(coordinator, f"/melding/{form.case.key}/vragen/stellen", {"over": over, "vraag": "Klopt dit?"})
    assert told.status_code in (404, 409) and DataQuery.select().count() == 0


def test_returning_a_case_can_ask_for_the_replies(app, browser, login, form):
    make.document(form.case)
    form.case.submit(form.case.reporter)
    reviewer = make.coordinator()
    DataQuery.ask(form.case, reviewer, "Klopt dit?", code="A1")
    coordinator, page = login(app.test_client(), reviewer), f"/beoordelen/{form.case.key}/"
    assert "antwoord op uw vragen" in coordinator.get(page).text
    send(coordinator, f"{page}onvolledig", {"ontbreekt": "vragen", "ronde": form.case.round, "bericht": ""})
    assert "uw antwoord op onze vragen" in browser.get(f"/melding/{form.case.key}/").text


def test_a_newer_version_is_offered_and_answers_go_along(browser, form):
    reviewer = make.coordinator()
    answer(browser, form, "A4.0", {"A4.0": "gaat mee"})
    draft = Draft.begin(form.version.questionnaire, reviewer)
    draft.put_question("A3", label="Nieuwe vraag?")
    draft.put_question("A95", "A", label="Erbij gekomen", answer="datum", required="O")
    draft.version.publish(reviewer)

    offered = browser.get(address(form)).text
    assert "Verder in versie 2" in offered and "Uw antwoorden gaan mee." in offered
    assert "Anders gevraagd: A3. Nieuwe vraag?" in offered and "Nieuw: A95. Erbij gekomen" in offered
    assert send(browser, address(form, "overzetten")).status_code == 302
    old = answer(browser, form, "A4.0", {"A4.0": "x"}, seen=1)
    assert old.status_code == 422 and "nieuwere versie" in old.json["error"]
    assert "gaat mee" in browser.get(address(form, "A/")).text
