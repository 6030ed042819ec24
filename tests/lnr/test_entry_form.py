"""Typing a stay in on the screen: with and without script, by one person and by two."""

from html import unescape

import pytest

from models.access import Role
from models.audit.audit_event import AuditEvent
from models.lnr.dataset.definition import definition
from models.lnr.entry.draft import StayDraft
from models.lnr.entry.draft_message import split
from models.lnr.entry.entry_items import typed
from models.lnr.entry.prefill import taken_over
from models.lnr.registry.message import Message
from models.lnr.registry.stay import Stay, StayState
from models.lnr.specification import examples
from tests import make
from tests.bench.measure import counted
from tests.lnr import messages
from tests.lnr.test_draft import NOW, fill, finished
from tests.web.pages import form_key, form_of


@pytest.fixture
def contact():
    return make.user(role=Role.LNR_CONTACT, hospital=messages.hospital(agb=examples.INSTITUTION[1]))


@pytest.fixture
def browser(client, login, contact):
    return login(client, contact)


@pytest.fixture
def entry(contact):
    return StayDraft.begin(contact, NOW)


def address(entry, rest=""):
    return f"/lnr/invoeren/{entry.key}/{rest}"


def answer(browser, entry, at, fields=(), seen=0):
    """Save one field as the script does; returns the answer of the portal."""
    sent = {"vraag": at, f"{at}.gezien": seen, **dict(fields)}
    return browser.post(address(entry, "antwoord"), data=sent, headers={"X-CSRFToken": form_key(browser)})


def post(browser, path, **fields):
    return browser.post(path, data={"csrf_token": form_key(browser), **fields})


def on_page(browser, entry, section, query=""):
    """The page of a section as text, and what a browser without script would send of it."""
    got = browser.get(address(entry, f"{section}/{query}"))
    return got.text, form_of(got, "questions")


def save(browser, entry, section, query="", naar="hier", **typed_in):
    """Save a section as a browser without script does."""
    _, fields = on_page(browser, entry, section, query)
    for name, value in typed_in.items():
        fields[name.replace("__", ".")] = value
    return browser.post(address(entry, f"{section}/"), data=fields | {"naar": naar})


def test_a_new_stay_is_typed_in_section_by_section_and_sent(browser, contact):
    begun = post(browser, "/lnr/invoeren/beginnen")
    entry = StayDraft.get()
    assert begun.location.endswith(f"/{entry.key}/B/")
    fill(entry, contact, finished(contact).entered(NOW).given)

    page = browser.get(address(entry)).text
    assert "Er zijn geen fouten" in page and "Opname versturen" in page
    sent = post(browser, address(entry, "versturen"))

    stay = Stay.get()
    assert sent.location.endswith(stay.key) or stay.key in sent.location
    assert Message.get().by == contact
    again = post(browser, address(entry, "versturen"))
    assert again.location == sent.location and Message.select().count() == 1
    assert stay.key in browser.get(address(entry)).location  # who comes back is led to the stay


def test_every_item_of_every_section_has_a_field(browser, entry):
    for section, items in definition().by_section():
        if section["section"] != "A":
            text, _ = on_page(browser, entry, section["section"])
            for item in items:
                assert f'{item.name}.gezien"' in text, item.name
                assert item.nl in unescape(text), item.name


def test_a_page_shows_unit_range_list_and_unknown(browser, entry):
    text = unescape(on_page(browser, entry, "E")[0])

    assert "200 tot en met 7000" in text and ">g <" in text and "25 tot en met 45; meestal 30 tot en met 42" in text
    indication = next(code for code in definition().choices(definition().items["admission_indication"]))
    assert indication.nl in text and f'value="{indication.code}"' in text and 'value="UNK"' in text and "onbekend" in text


def test_what_is_typed_is_saved_while_typing_and_tells_what_follows(browser, entry):
    told = answer(browser, entry, "multiple_birth", {"multiple_birth": "true"}).json

    assert told["revision"] == 1 and "birth_order" in told["shown"] and "birth_order" in told["open"]
    assert told["progress"]["C"][0] > 0 and told["still"] <= told["asked"]


def test_a_rule_speaks_at_the_field_with_its_number_and_a_hint(browser, entry):
    told = answer(browser, entry, "apgar_5", {"apgar_5": "11"}).json
    assert told["open"]["apgar_5"]["why"] == "tegenspraak" and "R-15" in told["open"]["apgar_5"]["sentence"]

    text, _ = on_page(browser, entry, "D")
    assert "R-15" in text
    told = answer(browser, entry, "base_excess", {"base_excess": "-35"}).json
    assert any("R-48" in sentence for sentence in told["warnings"])


@pytest.mark.parametrize(
    ("at", "fields"),
    [
        ("apgar_5", {"apgar_5": "zeven"}), ("bestaat_niet", {}), ("", {}), ("infections.0.infection_code", {}),
        ("apgar_5", {"apgar_5": "7", "apgar_5.gezien": "x"}), ("infections.99999.infection_code", {}),
        ("message_id", {"message_id.0": "1"}), ("sex", {"sex": "\x00"}), ("postcode", {"postcode": "1\x00"}),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused_with_a_sentence(browser, entry, at, fields):
    answered = answer(browser, entry, at, fields)

    assert answered.status_code == 422 and answered.json["error"].endswith((".", "?"))
    assert StayDraft.get().cells() == {}


def test_two_people_at_one_field_choose(browser, entry, contact):
    colleague = make.user(role=Role.LNR_CONTACT, hospital=contact.hospital, name="Collega")
    entry.put("apgar_5", {"": ["7"]}, colleague, 0, NOW)

    told = answer(browser, entry, "apgar_5", {"apgar_5": "8"})

    assert told.status_code == 409
    assert (told.json["mine"], told.json["theirs"], told.json["by"]) == ("8", "7", "Collega")
    assert 'value="7"' in told.json["html"]


def test_a_section_is_saved_at_once_without_script(browser, entry):
    saved = save(
        browser, entry, "D", apgar_5="8", gestational_age_days__weken="27", gestational_age_days__dagen="3", naar="verder"
    )

    assert saved.location.endswith("/E/")
    assert {at: kept for at, (kept, _) in StayDraft.get().cells().items()} == {"apgar_5": 8, "gestational_age_days": 192}


def test_what_was_wrong_stands_there_again_without_script(browser, entry):
    saved = save(browser, entry, "D", apgar_5="zeven", apgar_1="6")

    assert saved.status_code == 422
    assert 'value="zeven"' in saved.text and "Vul een getal in" in saved.text
    assert {at: kept for at, (kept, _) in StayDraft.get().cells().items()} == {"apgar_1": 6}


def test_a_field_that_nobody_touched_does_not_overrule_a_colleague_without_script(browser, entry, contact):
    _, fields = on_page(browser, entry, "D")
    entry.put("apgar_5", {"": ["7"]}, contact, 0, NOW)

    fields["apgar_1"] = "6"
    saved = browser.post(address(entry, "D/"), data=fields)

    assert saved.status_code == 302
    assert {at: kept for at, (kept, _) in StayDraft.get().cells().items()} == {"apgar_5": 7, "apgar_1": 6}


def test_rows_are_added_and_removed_with_buttons(browser, entry):
    first = {"infections__1__infection_code": "10001005", "infection_present": "true"}
    added = save(browser, entry, "I", naar="erbij:infections", **first)
    assert "erbij=infections" in added.location
    text, _ = on_page(browser, entry, "I", "?erbij=infections")
    assert 'data-question="infections.2.infection_code"' in text

    save(browser, entry, "I", "?erbij=infections", infections__2__infection_code="59527008", naar="hier")
    assert StayDraft.get().entered(NOW).numbers == {"infections": [1, 2]}
    save(browser, entry, "I", naar="weg:infections.1")
    assert StayDraft.get().entered(NOW).numbers == {"infections": [2]}


@pytest.mark.parametrize("naar", ["weg:", "weg:infections.x", "weg:onzin.1", "erbij:onzin", "erbij:", "iets"])
def test_a_button_that_is_not_there_changes_nothing(browser, entry, naar):
    assert save(browser, entry, "I", naar=naar).status_code == 302
    assert StayDraft.get().cells() == {}


def test_a_procedure_points_at_a_problem_of_the_same_section(browser, entry, contact):
    fill(entry, contact, {"gi_problems_present": True, "gi_problems.1.gi_problem_code": "788988003"})

    text, _ = on_page(browser, entry, "J")

    assert 'value="gi_problems.1"' in text
    at = "gi_procedures.1.gi_procedure_indication_ref"
    assert answer(browser, entry, at, {at: "gi_problems.1"}).status_code == 200


def test_sending_with_errors_says_how_many_and_sends_nothing(browser, entry):
    sent = post(browser, address(entry, "versturen"))

    assert "verbeter eerst" in browser.get(sent.location).text and not Message.select().exists()


def test_a_stay_is_corrected_and_withdrawn_from_its_page(browser, contact):
    finished(contact).send(contact, NOW)
    stay = Stay.get()

    corrected = post(browser, f"/lnr/invoeren/opname/{stay.key}/corrigeren")
    entry = StayDraft.get(StayDraft.stay == stay)
    assert entry.key in corrected.location
    answer(browser, entry, "birth_weight_g", {"birth_weight_g": "2500"}, seen=1)
    post(browser, address(entry, "versturen"))
    assert Stay.get().version == 2

    asked = browser.get(f"/lnr/invoeren/opname/{stay.key}/intrekken")
    assert "kan niet ongedaan" in asked.text and Stay.get().state == StayState.ONTVANGEN
    for _ in range(2):
        post(browser, f"/lnr/invoeren/opname/{stay.key}/intrekken")
    assert (Stay.get().state, Stay.get().version) == (StayState.INGETROKKEN, 3)


def test_a_draft_that_was_thrown_away_answers_plainly_in_another_window(browser, entry):
    post(browser, address(entry, "weggooien"))
    post(browser, address(entry, "weggooien"))

    assert browser.get(address(entry, "D/")).status_code == 302
    assert answer(browser, entry, "apgar_5", {"apgar_5": "7"}).json["error"] == "Dit formulier is weggegooid."
    assert post(browser, address(entry, "versturen")).status_code == 302
    assert "Er ligt geen formulier klaar" in browser.get("/lnr/invoeren/").text


def test_another_hospital_and_the_management_find_nothing(client, login, entry, contact):
    finished(contact).send(contact, NOW)
    stay = Stay.get()
    stranger = make.user(role=Role.LNR_CONTACT, hospital=messages.hospital(agb="06020202"))
    for person, status in ((stranger, 404), (make.user(role=Role.LNR_BEHEER), 403)):
        other = login(client, person)
        for path in (address(entry), address(entry, "C/"), f"/lnr/invoeren/opname/{stay.key}/intrekken"):
            assert other.get(path).status_code == status, path
        for path in (address(entry, "versturen"), address(entry, "antwoord"), f"/lnr/invoeren/opname/{stay.key}/corrigeren"):
            assert post(other, path).status_code == status, path


def test_reading_a_draft_stands_in_the_trail_without_what_is_in_it(browser, entry, contact):
    entry.put("child_ids", {"0": ["CNRY-77"]}, contact, 0, NOW)
    assert "CNRY-77" in browser.get(address(entry, "C/")).text

    read = AuditEvent.get(AuditEvent.action == "lnr.form_read")
    assert read.actor == contact and "CNRY" not in " ".join(f"{one.subject} {one.detail}" for one in AuditEvent.select())


def test_every_word_of_every_choice_can_be_chosen(browser, entry):
    for item in definition().items.values():
        if item.type == "code" and item.section != "A" and item.row_group is None:
            for code in typed(item).answer.options:
                sent = typed(split(item.name)[0]).read({"": [code], "tekst": ["iets"] if code == "OTH" else []})
                assert sent is not None, (item.name, code)


@pytest.mark.parametrize(("path", "most"), [("", 12), ("G/", 12)])
def test_a_full_form_costs_few_queries(browser, entry, contact, path, most):
    browser.get(address(entry))
    with counted() as queries:
        browser.get(address(entry, path))
    empty = len(queries)
    fill(entry, contact, taken_over(examples._told_more()))

    with counted() as queries:
        browser.get(address(entry, path))

    assert len(queries) <= min(most, empty + 3), queries
