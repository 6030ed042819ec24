"""The questionnaire for maternal death in a real browser: filled in, read back from its PDF, by two people, offline."""

import io
import re

import pypdf
import pytest
from playwright.sync_api import expect

from models.access import Role
from models.accounts.session import LogIn
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.files.document import Document
from models.forms.filled_form import Given
from models.questionnaires.export.pdf_attachment import attach_due
from models.questionnaires.form import Answer, Form
from tests import filling, make
from tests.filling import question
from tests.flows.walk import enter, follow, log_in, passes

DEATH = {
    "B1": "34",
    "B2": "13-3-2026",
    "B7": "39+2",
    "C6": "168",
    "C7": "71,5",
    "K2": "12-3-2026 14:20",
    "P7": "Dag 12: overleden.",
}
SHORT = {**DEATH, "B3": "zwanger", "B7": "18+0", "E1": "1", "E2": "0"}
LONG = {
    **DEATH, "B3": "0-42 dagen na einde", "B4": "levend geboren", "B5": "1-3-2026", "F2": "2", "E1": "4", "E2": "3", "D1": "ja",
    "D5": "ja", "F7": "ja", "G1": "infectie", "H4": "sectio tijdens baring", "H6": "spinaal", "J1": "4-3-2026", "J2": "ja",
    "J3": "LMWH", "K9": "ja", "L1": "ja", "L2": "laparotomie", "L2b": "ja", "L4": "ja", "L8": "ja", "M1": "ja", "M2": "ja",
    "O4": "volledig", "O7": "ja, positief", "P2": "ja", "E3": "1", "F8": "160", "F8a": "100",
    "N15": "bekend met plan", "N18": "ja",
}  # fmt: skip
# cause -> a question that only this cause has
CAUSES = {"bloeding": "N1", "hart": "N14", "suïcide/psychisch": "N16", "trombo-embolie": "N8"}
MOMENT = "12-3-2026 14:20"


@pytest.fixture
def case():
    made = filling.crf()
    return make.case(theme=made.theme)


@pytest.fixture
def small():
    """A short questionnaire, begun."""
    made = filling.questionnaire(
        question("A1", "ja/nee"),
        question("A2", "keuze: thuis; ziekenhuis", "V*", 'A1 = "ja"'),
        question("A3", "getal (1-5)", checks="vraag als A3 > 3 | Meer dan drie is ongewoon. Klopt dit?"),
        question("A4", "lang (500)", "O"),
        question("A5", "lijst: tijd = datum + tijd | pols = getal (0-300)", "O"),
        question("A6", "auto: A3 * 2", ""),
        question("A7", "meer: geen!; koorts; pijn", "O"),
        question("B1", "tekst (100)", "O"),
    )
    case = make.case(theme=made.theme)
    return Form.start(case, case.reporter)


def address(case, rest=""):
    return f"/melding/{case.key}/vragenlijst/{rest}"


def of(page, code, number=0):
    return page.locator(f"#vraag-{code}" + (f"-{number}" if number else ""))


def kept(form):
    return {code: given.kept for (code, _), given in form.given().items() if given.kept}


def saved(page):
    """Wait until nothing is on its way any more."""
    expect(page.locator("[data-save-state]")).to_have_attribute("data-look", "saved", timeout=15_000)


# ---- from the first question to the document -------------------------------------------------------------------------


def fill_in(page, answers, everything):
    """Answer what the section asks, and what appears while answering, as a person would: by its fields."""
    done = set()
    while True:
        places = page.locator("[data-question]:not([hidden]):not([data-calculated])").evaluate_all(
            "all => all.map(one => [one.dataset.question, one.querySelector('.is-required') !== null])"
        )
        waiting = [at for at, required in places if at not in done and (required or everything)]
        if not waiting:
            return
        answer(page, waiting[0], answers.get(waiting[0].split(".")[0]))
        done.add(waiting[0])
        # What hangs on this answer is there once it was saved.
        state = f"[data-question='{waiting[0]}'] [data-question-state]"
        expect(page.locator(state)).to_have_attribute("data-look", "saved")


def answer(page, at, wanted):
    box = page.locator(f"[data-question='{at}']")
    choices = box.locator(".options input")
    if choices.count():
        choice = box.get_by_label(wanted, exact=True) if wanted else choices.first
        return choice.check()
    for field in box.locator(".entry :is(input, textarea), [data-row]:first-child :is(input, textarea, select)").all():
        name = field.get_attribute("name")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(index=1)
        elif name.endswith((".dag", ".tijd")):
            field.fill((wanted or MOMENT).split(" ")[name.endswith(".tijd")])
        elif name.endswith((".weken", ".dagen")):
            field.fill((wanted or "32+4").split("+")[name.endswith(".dagen")])
        else:
            field.fill(wanted or _fitting(field))
    page.keyboard.press("Tab")


def _fitting(field):
    if field.get_attribute("placeholder"):
        return "13-3-2026"
    if field.get_attribute("inputmode") in ("numeric", "decimal"):
        least = "one => one.closest('.question').querySelector('.unit .muted')?.textContent.match(/\\d+/)?.[0]"
        cell = field.evaluate("one => one.closest('.cell-field')?.textContent") or ""
        return field.evaluate(least) or ("37" if "temp" in cell else "10")
    return "Een toelichting."[: int(field.get_attribute("data-limit"))]


# One of each: test_crf.py walks the shortest and the longest path of every cause.
@pytest.mark.parametrize(("cause", "everything"), [("hart", False), ("bloeding", True)], ids=["shortest", "longest"])
def test_a_questionnaire_is_filled_in_and_comes_back_as_a_pdf(window, case, cause, everything, tmp_path):
    page = enter(window(), case.reporter, f"/melding/{case.key}/")
    page.locator(".tile-form").get_by_role("button", name="Beginnen").click()
    answers, seen = {**(LONG if everything else SHORT), "K1": cause}, set()
    for _ in range(60):
        fill_in(page, answers, everything)
        seen |= set(page.locator("[data-question]:not([hidden])").evaluate_all("all => all.map(one => one.dataset.question)"))
        follow(page, page.locator("[data-onward]"))
        if page.url.endswith("/vragenlijst/"):
            break

    # Some sections appear through later ones; the overview leads back to what is open.
    while page.get_by_role("link", name=re.compile("Verder met")).count():
        page.get_by_role("link", name=re.compile("Verder met")).click()
        fill_in(page, answers, everything)
        page.goto(address(case))
    expect(page.locator("main")).to_contain_text("De vragenlijst is compleet")
    form = Form.of(case)
    assert form.complete and f"{CAUSES[cause]}.0" in seen
    others = {f"{code}.0" for other, code in CAUSES.items() if other != cause}
    assert not seen & others

    assert attach_due() == 1
    page.goto(f"/melding/{case.key}/")
    expect(page.locator(".tile-form")).to_contain_text("compleet")
    page.locator("summary", has_text="Meer over Vragenlijst").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile(r"^Download Vragenlijst")).click()
    content = download.value.path().read_bytes()
    text = "\n".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(content)).pages)
    assert case.number in text and cause in text and "pagina 1 van" in text
    assert "2026-03" not in text and "13-3-2026" not in text and case.reporter.name not in text
    assert ("dag 12 postpartum" in text) is everything
    assert case.uploads == 0 == Case.get_by_id(case.id).uploads, "it never counts as the obligatory file"


# ---- while typing ------------------------------------------------------------------------------------------------------


def test_the_page_follows_each_answer(window, small):
    page = enter(window(), small.case.reporter, address(small.case, "A/"))
    expect(of(page, "A2")).to_be_hidden()
    of(page, "A1").get_by_label("ja").check()
    expect(of(page, "A2")).to_be_visible()
    expect(page.locator("[data-counted]")).to_have_text("2 van 7 open")

    of(page, "A3").locator("input[inputmode]").fill("4")
    expect(of(page, "A6").locator("output")).to_have_text("8")
    expect(of(page, "A3").get_by_text("Meer dan drie is ongewoon. Klopt dit?")).to_be_visible()
    of(page, "A3").get_by_label("Uw toelichting").fill("Vijfling.")
    page.keyboard.press("Tab")
    expect(page.locator("[data-counted]")).to_have_text("1 van 7 open")
    expect(page.locator("[data-open-here]")).to_have_text("Nog open in dit onderdeel: A2")
    expect(page.locator("[data-save-text]")).to_have_text(re.compile(r"Opgeslagen om \d\d:\d\d"))

    of(page, "A7").get_by_label("koorts").check()
    of(page, "A7").get_by_label("geen").check()
    expect(of(page, "A7").get_by_label("koorts")).not_to_be_checked()
    of(page, "A1").get_by_role("button", name="Antwoord wissen").click()
    expect(of(page, "A2")).to_be_hidden()
    saved(page)
    assert kept(small) == {"A3": 4, "A7": ["geen"]}


def test_an_impossible_answer_is_refused_where_it_stands_and_stays(window, small):
    page = enter(window(), small.case.reporter, address(small.case, "A/"))
    field = of(page, "A3").locator("input[inputmode]")
    field.fill("12")
    page.wait_for_timeout(1300)
    expect(of(page, "A3").get_by_text("Vul een getal in van 1 tot en met 5.")).to_be_hidden()
    page.keyboard.press("Tab")
    expect(of(page, "A3").get_by_text("Vul een getal in van 1 tot en met 5.")).to_be_visible()
    passes(page)

    page.locator("[data-onward]").click()
    expect(field).to_be_focused()
    expect(field).to_have_value("12")
    field.fill("2")
    page.locator("[data-onward]").click()
    page.wait_for_url(re.compile("/B/$"))
    assert kept(small) == {"A3": 2}


def test_rows_come_and_go_and_digits_alone_make_a_date(window, small):
    page = enter(window(), small.case.reporter, address(small.case, "A/"))
    rows = of(page, "A5").locator("[data-row]")
    expect(rows).to_have_count(1)
    rows.first.get_by_label("datum").press_sequentially("05032026")
    expect(rows.first.get_by_label("datum")).to_have_value("05-03-2026")
    rows.first.get_by_label("tijd", exact=False).last.press_sequentially("1420")
    of(page, "A5").get_by_role("button", name="Regel toevoegen").click()
    rows.nth(1).get_by_label("pols").fill("80")
    page.keyboard.press("Tab")
    saved(page)
    of(page, "A5").get_by_role("button", name="Regel toevoegen").click()
    saved(page)
    assert kept(small)["A5"] == [{"tijd": "2026-03-05T14:20"}, {"pols": 80}]

    rows.first.get_by_role("button", name="Verwijder").click()
    saved(page)
    page.wait_for_timeout(200)
    assert kept(small)["A5"] == [{"pols": 80}]


def test_a_tick_at_unknown_takes_back_no_answer_for_good(window, small):
    page = enter(window(), small.case.reporter, address(small.case, "A/"))
    of(page, "A4").locator("textarea").fill("Een lang verhaal.")
    cells = of(page, "A5").locator("[data-row]:first-child input:not([type=hidden])")
    cells.last.fill("80")
    page.keyboard.press("Tab")
    saved(page)
    for code in ("A4", "A5"):
        of(page, code).get_by_label("onbekend").check()
        expect(of(page, code).locator("[data-question-state]")).to_have_attribute("data-look", "saved")
    expect(of(page, "A4").locator("textarea")).to_have_value("")
    of(page, "A4").get_by_label("onbekend").uncheck()
    expect(of(page, "A4").locator("textarea")).to_have_value("Een lang verhaal.")
    # Typing on in a list unticks by itself; the other cells come back.
    cells.first.fill("12-3-2026")
    expect(cells.last).to_have_value("80")
    cells.nth(1).fill("14:20")
    page.keyboard.press("Tab")
    saved(page)

    assert kept(small)["A4"] == "Een lang verhaal." and kept(small)["A5"] == [{"tijd": "2026-03-12T14:20", "pols": 80}]


def test_two_people_at_once_see_both_answers_and_choose(window, small):
    colleague = make.user(role=Role.INVOERDER, hospital=small.case.hospital, name="Anna Bakker")
    mine = enter(window(), small.case.reporter, address(small.case, "A/"))
    theirs = enter(window(), colleague, address(small.case, "A/"))
    of(theirs, "A4").locator("textarea").fill("van Anna")
    of(theirs, "A3").locator("input[inputmode]").fill("3")
    theirs.keyboard.press("Tab")
    saved(theirs)

    of(mine, "A4").locator("textarea").fill("van mij")
    mine.keyboard.press("Tab")
    expect(of(mine, "A4").locator("[data-clash]")).to_contain_text("Anna Bakker heeft deze vraag intussen ook beantwoord")
    passes(mine)
    of(mine, "A4").get_by_role("button", name="Mijn antwoord bewaren").click()
    saved(mine)
    assert kept(small) == {"A4": "van mij", "A3": 3}

    # Typed on while the first letters are on their way, and again when the answer is there.
    of(mine, "A3").locator("input[inputmode]").evaluate("""field => {
        const say = (value, type) => { field.value = value; field.dispatchEvent(new Event(type, { bubbles: true })); };
        say("2", "focusout"); say("2", "input"); say("2", "focusout");
        setTimeout(() => say("1", "input"), 10);
    }""")
    expect(of(mine, "A3").locator("[data-clash]")).to_be_visible()
    of(mine, "A3").locator("input[inputmode]").press_sequentially("1")
    of(mine, "A3").get_by_role("button", name="Dat van Anna Bakker houden").click()
    expect(of(mine, "A3").locator("input[inputmode]")).to_have_value("3")
    saved(mine)
    assert kept(small) == {"A4": "van mij", "A3": 3}


def test_a_question_that_is_exchanged_while_its_draft_waits_breaks_no_script(window, small):
    page = enter(window(), small.case.reporter, address(small.case, "A/"))
    of(page, "A4").locator("textarea").fill("net getypt")
    of(page, "A4").evaluate("question => question.remove()")
    page.wait_for_timeout(600)  # a draft is kept after 400 ms; an error of a script fails the test at its end
    assert of(page, "A4").count() == 0


def test_without_connection_nothing_typed_is_lost(window, small):
    page = enter(window(), small.case.reporter, address(small.case, "A/"))
    page.context.set_offline(True)
    of(page, "A4").locator("textarea").fill("onderweg getypt")
    page.keyboard.press("Tab")
    expect(page.locator("[data-save-text]")).to_contain_text("Niet opgeslagen: er is geen verbinding")
    page.locator("[data-onward]").click()
    expect(of(page, "A4").locator("textarea")).to_have_value("onderweg getypt")

    page.context.set_offline(False)
    page.get_by_role("button", name="Opnieuw proberen").or_(page.locator("[data-save-state][data-look=saved]")).first.click()
    saved(page)
    assert kept(small) == {"A4": "onderweg getypt"}


def test_what_was_typed_when_the_session_ended_is_there_after_the_log_in(window, small):
    page = enter(window(), small.case.reporter, address(small.case, "A/"))
    of(page, "A1").get_by_label("nee").check()
    saved(page)
    LogIn.end_all(small.case.reporter)
    of(page, "A5").get_by_role("button", name="Regel toevoegen").click()
    of(page, "A5").locator("[data-row]").nth(1).get_by_label("pols").fill("90")
    of(page, "A4").locator("textarea").fill("lang verhaal")
    page.keyboard.press("Tab")
    expect(page.locator("[data-save-text]")).to_contain_text("u bent niet meer ingelogd")
    page.wait_for_timeout(500)
    page.get_by_role("link", name="Log opnieuw in").click()
    log_in(page, small.case.reporter)

    expect(of(page, "A4").locator("textarea")).to_have_value("lang verhaal")
    saved(page)
    assert kept(small) == {"A1": "nee", "A4": "lang verhaal", "A5": [{"pols": 90}]}
    assert Answer.get(Answer.code == "A1").revision == 1, "what was saved before is not put back"


def test_what_was_saved_is_kept_nowhere_else(window, small):
    page = enter(window(), small.case.reporter, address(small.case, "A/"))
    of(page, "A1").get_by_label("nee").check()
    of(page, "A3").locator("input[inputmode]").fill("4")
    of(page, "A3").get_by_label("Uw toelichting").fill("Vijfling.")
    of(page, "A4").locator("textarea").fill("een verhaal")
    page.keyboard.press("Tab")
    saved(page)
    page.wait_for_timeout(600)  # a draft is written a moment after the last key
    assert page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('concept:'))") == []


def test_a_reason_is_not_sent_again_with_a_later_answer(window, small):
    page = enter(window(), small.case.reporter, address(small.case, "A/"))
    of(page, "A3").locator("input[inputmode]").fill("4")
    of(page, "A3").get_by_label("Uw toelichting").fill("Vijfling.")
    page.keyboard.press("Tab")
    saved(page)
    assert small.given()["A3", 0].reason == "Vijfling."
    of(page, "A3").locator("input[inputmode]").fill("5")
    page.keyboard.press("Tab")
    expect(of(page, "A3").get_by_label("Uw toelichting")).to_have_value("")
    expect(of(page, "A3").get_by_text("Meer dan drie is ongewoon. Klopt dit?")).to_be_visible()
    saved(page)
    assert small.given()["A3", 0] == Given(5, "")


def test_after_a_log_in_a_colleagues_newer_answer_is_not_overwritten(window, small):
    colleague = make.user(role=Role.INVOERDER, hospital=small.case.hospital, name="Anna Bakker")
    page = enter(window(), small.case.reporter, address(small.case, "A/"))
    of(page, "A1").get_by_label("nee").check()
    saved(page)
    LogIn.end_all(small.case.reporter)
    of(page, "A4").locator("textarea").fill("van mij")
    page.keyboard.press("Tab")
    expect(page.locator("[data-save-text]")).to_contain_text("u bent niet meer ingelogd")
    page.wait_for_timeout(500)
    filling.save(small, "A4", "van Anna", by=colleague)
    page.get_by_role("link", name="Log opnieuw in").click()
    log_in(page, small.case.reporter)

    expect(of(page, "A4").locator("[data-clash]")).to_contain_text("Anna Bakker heeft deze vraag intussen ook beantwoord")
    expect(of(page, "A4").locator("textarea")).to_have_value("van mij")
    assert kept(small) == {"A1": "nee", "A4": "van Anna"}


def test_a_section_is_filled_in_by_keyboard_alone(window, small):
    page = enter(window(), small.case.reporter, address(small.case, "A/"))
    of(page, "A1").locator("input[type=radio]").first.focus()
    page.keyboard.press("Space")
    expect(of(page, "A2")).to_be_visible()
    page.keyboard.press("Tab")  # to 'Antwoord wissen'
    page.keyboard.press("Tab")
    expect(of(page, "A2").locator("input[type=radio]").first).to_be_focused()
    page.keyboard.press("Space")
    saved(page)
    assert kept(small) == {"A1": "ja", "A2": "thuis"}


def test_without_script_a_section_is_saved_by_its_button(window, small):
    page = enter(window(java_script_enabled=False), small.case.reporter, address(small.case, "A/"))
    of(page, "A1").get_by_label("ja").check()
    of(page, "A4").locator("textarea").fill("tekst")
    page.get_by_role("button", name="Opslaan", exact=True).click()
    expect(page.locator("main")).to_contain_text("Uw antwoorden zijn opgeslagen")
    of(page, "A2").get_by_label("thuis").check()
    page.locator("[data-onward]").click()
    page.wait_for_url(re.compile("/B/$"))
    assert kept(small) == {"A1": "ja", "A2": "thuis", "A4": "tekst"}


@pytest.mark.parametrize("width", [1280, 390])
def test_every_section_is_usable_for_everybody(window, case, width):
    page = enter(window(width), case.reporter, address(case))
    passes(page)
    page.get_by_role("button", name="Vragenlijst beginnen").click()
    for name in "ABDFKLP":
        page.goto(address(case, f"{name}/"))
        passes(page)
    page.goto(address(case))
    passes(page)


# ---- the coordinator ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390])
def test_a_coordinator_asks_about_an_answer_and_reads_the_reply_there(window, case, width):
    form = filling.finished(Form.start(case, case.reporter), {**filling.DIED, "K1": "hart"})
    attach_due()
    make.document(case)
    case.submit(case.reporter)
    review = enter(window(width), make.coordinator(), f"/beoordelen/{case.key}/")
    expect(review.locator("#vragenlijst")).to_contain_text("compleet")
    review.get_by_text("B. Overlijden en tijdlijn").click()
    expect(review.locator("#antwoord-B2")).to_contain_text("13-3-2026")
    review.locator("#antwoord-B5").get_by_role("link", name="Vraag stellen").click()
    review.get_by_label("Uw vraag aan het ziekenhuis").fill("Klopt deze datum?")
    passes(review)
    review.get_by_role("button", name="Vraag stellen", exact=True).click()
    expect(review.locator("#antwoord-B5")).to_contain_text("wacht op het ziekenhuis")

    page = enter(window(width), case.reporter, f"/melding/{case.key}/")
    expect(page.locator("#vragen")).to_contain_text("Klopt deze datum?")
    passes(page)
    page.goto(address(case, "B/"))
    of(page, "B5").locator("input.day").fill("2-3-2026")
    of(page, "B5").get_by_label(re.compile("Uw antwoord")).fill("Nee, het was de tweede.")
    of(page, "B5").get_by_role("button", name="Antwoord versturen").click()
    expect(of(page, "B5").locator(".inquiry")).to_contain_text("Nee, het was de tweede.")
    assert kept(form)["B5"] == "2026-03-02", "what was typed beside the reply is saved as well"

    review.reload()
    expect(review.locator("#antwoord-B5")).to_contain_text("Nee, het was de tweede.")
    review.locator("#antwoord-B5").get_by_role("button", name="Afgehandeld").click()
    expect(review.locator("main")).to_contain_text("Vraag van de coördinator afgehandeld")
    assert attach_due() == 1 and len(Document.earlier(case)) == 1
    assert AuditEvent.select().where(AuditEvent.action == "inquiry.answer").count() == 1
