"""Advice of scripted pages, followed word for word to its end: what it promises happens."""

import re

import pytest
from playwright.sync_api import expect

from models.access import Role
from models.accounts.session import LogIn
from models.cases.case import Case
from models.cases.status import Status
from models.files.document import Document
from models.lnr.intake.upload_batch import UploadBatch
from tests import make
from tests.files import samples
from tests.flows.walk import enter, log_in
from tests.lnr.messages import hospital, message

FILE = {"name": "verslag.pdf", "mimeType": "application/pdf", "buffer": samples.pdf("Bloedverlies 2400 ml")}


def files(case):
    return [document.name for document in Document.select().where(Document.case == case)]


@pytest.fixture
def case():
    return make.case()


def opened(window, case):
    page = enter(window(), case.reporter, f"/melding/{case.key}/")
    expect(page.get_by_role("heading", name="Bestanden", exact=False).first).to_be_visible()
    return page


def add(page, *files):
    page.locator("#bestanden-kiezen").set_input_files(list(files))


def test_after_the_session_ended_a_new_log_in_in_another_tab_and_again_sends_the_file(window, case):
    page = opened(window, case)
    LogIn.delete().execute()
    add(page, FILE)
    expect(page.get_by_text("Log in een nieuw tabblad in en probeer het dan hier opnieuw.")).to_be_visible()
    enter(page.context.new_page(), case.reporter)
    page.get_by_role("button", name="Opnieuw proberen").click()
    expect(page.get_by_text("ontvangen", exact=True)).to_be_visible()
    assert files(case) == ["verslag.pdf"]


def test_where_a_network_lets_no_put_through_the_file_goes_by_post(window, case):
    page = opened(window, case)
    page.route("**/bestanden?*", lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    add(page, FILE)
    expect(page.get_by_text("ontvangen", exact=True)).to_be_visible()
    assert files(case) == ["verslag.pdf"]


def test_where_a_proxy_forbids_put_the_file_goes_by_post_and_our_own_refusal_stays_the_last_word(window, case):
    page = opened(window, case)
    page.route("**/bestanden?*", lambda route: route.fulfill(status=405, body="<html>proxy</html>")
               if route.request.method == "PUT" else route.continue_())  # fmt: skip
    add(page, FILE, {"name": "film.webm", "mimeType": "video/webm", "buffer": b"\x1aE\xdf\xa3" + bytes(80)})
    expect(page.get_by_text("Sla het op of exporteer het als MP4")).to_be_visible()
    expect(page.get_by_text("ontvangen", exact=True)).to_be_visible()
    assert files(case) == ["verslag.pdf"]


def test_a_line_that_is_down_and_up_again_takes_the_file_at_the_second_try(window, case):
    page = opened(window, case)
    page.route("**/bestanden?*", lambda route: route.abort())
    add(page, FILE)
    expect(page.get_by_text("De verbinding is verbroken.")).to_be_visible()
    page.unroute("**/bestanden?*")
    page.get_by_role("button", name="Opnieuw proberen").click()
    expect(page.get_by_text("ontvangen", exact=True)).to_be_visible()
    assert files(case) == ["verslag.pdf"]


def test_who_hands_in_is_asked_about_files_that_did_not_arrive(window, case):
    page = opened(window, case)
    add(page, FILE)
    expect(page.get_by_text("ontvangen", exact=True)).to_be_visible()
    page.route("**/bestanden?*", lambda route: route.abort())
    add(page, FILE | {"name": "tweede.pdf"})
    expect(page.get_by_text("De verbinding is verbroken.")).to_be_visible()

    page.get_by_role("button", name="Melding indienen").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("Niet aangekomen: tweede.pdf.")
    asked.get_by_role("button", name="Annuleren").click()
    assert Case.get_by_id(case.id).status == Status.CONCEPT

    page.get_by_role("button", name="Melding indienen").click()
    with page.expect_navigation():
        asked.get_by_role("button", name="Verder zonder deze").click()
    assert Case.get_by_id(case.id).status == Status.INGEDIEND


def test_a_name_that_was_cut_is_told_on_the_page(window, case):
    page = opened(window, case)
    add(page, FILE | {"name": f"{'é' * 150}.pdf"})
    expect(page.get_by_text("De naam van dit bestand was te lang en is ingekort.")).to_be_visible()
    assert len(files(case)[0].encode()) <= 200


@pytest.mark.parametrize("status", [403, 405, 501])
def test_a_file_by_another_route_goes_by_post_and_with_a_new_key_after_a_new_log_in(window, status):
    by, case = make.coordinator(), make.case(status=Status.INGEDIEND)
    page = enter(window(), by, f"/beoordelen/{case.key}/")
    page.route("**/bestanden?*", lambda route: route.fulfill(status=status, body="<html>proxy</html>")
               if route.request.method == "PUT" else route.continue_())  # fmt: skip
    page.get_by_text("Bestand toevoegen dat anders binnenkwam").click()
    page.get_by_label("Hoe kwam het binnen?").select_option("per mail")
    page.get_by_label("Bestand", exact=True).set_input_files(FILE)
    LogIn.delete().execute()
    page.get_by_role("button", name="Toevoegen", exact=True).click()
    expect(page.get_by_text("Log in een nieuw tabblad in en probeer het dan hier opnieuw.")).to_be_visible()
    enter(page.context.new_page(), by)
    with page.expect_navigation():
        page.get_by_role("button", name="Toevoegen", exact=True).click()
    expect(page.locator("main")).to_contain_text("Kwam per mail, toegevoegd door de coördinator")
    assert files(case).count("verslag.pdf") == 1


def test_a_folder_that_is_dropped_is_named_as_one_and_the_files_in_it_go_up(window, case, tmp_path):
    """As the person does it: the browser is handed the paths, and the one of a folder is no file."""
    folder = tmp_path / "dossier"
    folder.mkdir()
    paths = [folder / "partus.pdf", tmp_path / "ontslag.pdf"]
    for path in paths:
        path.write_bytes(FILE["buffer"])
    page = opened(window, case)
    drop(page, folder, paths[1])
    expect(page.get_by_text("U sleepte een map. Open de map, en sleep de bestanden die erin staan.")).to_be_visible()
    expect(page.get_by_role("link", name="ontslag.pdf").first).to_be_visible()
    drop(page, paths[0])
    expect(page.get_by_role("link", name="partus.pdf").first).to_be_visible()
    assert sorted(files(case)) == ["ontslag.pdf", "partus.pdf"]


def drop(page, *paths):
    """Drag these from the person's own computer onto the page."""
    session = page.context.new_cdp_session(page)
    carried = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 400, "y": 300, "data": carried})


def test_the_second_of_two_log_in_tabs_leads_on(window, case):
    first = window()
    second = first.context.new_page()
    for tab in (first, second):
        tab.goto("/inloggen")
    log_in(first, case.reporter)
    second.bring_to_front()
    log_in(second, case.reporter)
    expect(second.get_by_text("De pagina stond te lang open")).to_have_count(0)
    expect(
        second.get_by_role("button", name="Uitloggen").or_(second.get_by_role("link", name="Uitloggen")).first
    ).to_be_attached()


def test_back_refresh_and_again_lets_in_whose_log_in_page_was_open_for_too_long(window, case):
    page = window()
    page.goto(f"/inloggen?next=/melding/{case.key}/")
    page.context.clear_cookies()
    log_in(page, case.reporter)
    expect(page.get_by_text("Ga terug, ververs de pagina en probeer het opnieuw.")).to_be_visible()
    page.go_back()
    page.reload()
    log_in(page, case.reporter)
    expect(page).to_have_url(re.compile(case.key))


def test_messages_go_by_post_where_no_put_passes_and_with_a_new_key_after_a_new_log_in(window):
    contact = make.user(role=Role.LNR_CONTACT, hospital=hospital())
    page = enter(window(), contact, "/lnr/aanleveren/")
    page.route("**/aanleveren*", lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    LogIn.delete().execute()
    page.get_by_label("XML- of ZIP-bestand").set_input_files({"name": "a.xml", "mimeType": "text/xml", "buffer": message()})
    page.get_by_role("button", name="Aanleveren").click()
    expect(page.get_by_text("Log in een nieuw tabblad in en probeer het dan hier opnieuw.")).to_be_visible()
    enter(page.context.new_page(), contact)
    page.get_by_role("button", name="Aanleveren").click()
    expect(page.get_by_text("1 bericht is aangenomen")).to_be_visible()
    assert UploadBatch.select().count() == 1


@pytest.mark.parametrize("status", [403, 405, 501])
def test_messages_go_by_post_where_a_proxy_forbids_put_and_our_own_refusal_stays_the_last_word(window, status):
    page = enter(window(), make.user(role=Role.LNR_CONTACT, hospital=hospital()), "/lnr/aanleveren/")
    page.route("**/aanleveren*", lambda route: route.fulfill(status=status, body="<html>proxy</html>")
               if route.request.method == "PUT" else route.continue_())  # fmt: skip
    for sent, says in ((b"PK\x03\x04", "Dit ZIP-bestand is beschadigd"), (message(), "1 bericht is aangenomen")):
        page.get_by_label("XML- of ZIP-bestand").set_input_files({"name": "a", "mimeType": "", "buffer": sent})
        page.get_by_role("button", name="Aanleveren").click()
        expect(page.get_by_text(says)).to_be_visible()
    assert UploadBatch.select().count() == 1


def test_an_empty_and_a_too_large_file_say_so_and_smaller_files_go_up(window, case):
    page = opened(window, case)
    add(page, {"name": "leeg.pdf", "mimeType": "application/pdf", "buffer": b""})
    expect(page.get_by_text("Dit bestand is leeg, of het is een map.")).to_be_visible()
    form = page.locator("[data-max-size]")
    form.evaluate("form => { form.dataset.maxSize = 10 }")
    add(page, FILE)
    expect(page.get_by_text(re.compile("Dit bestand is groter dan .*Verdeel het over meer bestanden."))).to_be_visible()
    form.evaluate("form => { form.dataset.maxSize = 2e9 }")
    page.route("**/bestanden?*", lambda route: route.fulfill(status=413, body="<html>proxy</html>"))
    add(page, FILE)
    expect(page.get_by_text("te groot voor deze verbinding. Verdeel het over kleinere bestanden.")).to_be_visible()
    page.unroute("**/bestanden?*")
    add(page, FILE | {"name": "deel 1.pdf"}, {"name": "deel 2.txt", "mimeType": "text/plain", "buffer": b"Hb 4,2 mmol/l."})
    for name in ("deel 1.pdf", "deel 2.txt"):  # its line says 'ontvangen' for some seconds; the list keeps it
        expect(page.get_by_role("link", name=name).first).to_be_visible()
    assert sorted(files(case)) == ["deel 1.pdf", "deel 2.txt"]


def test_messages_that_are_too_large_hear_how_large_they_may_be_and_a_smaller_file_goes_up(window):
    page = enter(window(), make.user(role=Role.LNR_CONTACT, hospital=hospital()), "/lnr/aanleveren/")
    form, field = page.locator("[data-lnr-upload]"), page.get_by_label("XML- of ZIP-bestand")
    sent = {"name": "a.xml", "mimeType": "text/xml", "buffer": message()}
    form.evaluate("form => { form.dataset.largest = 10 }")
    field.set_input_files(sent)
    page.get_by_role("button", name="Aanleveren").click()
    expect(
        page.get_by_text(re.compile("groter dan 50 MB. .*: verdeel de berichten over meer XML- of ZIP-bestanden."))
    ).to_be_in_viewport()
    form.evaluate("form => { form.dataset.largest = 50e6 }")
    page.get_by_role("button", name="Aanleveren").click()
    expect(page.get_by_text("1 bericht is aangenomen")).to_be_visible()


# What stands before the portal says in its place, and what is told of it.
BEFORE_IT = [
    (413, "Dit bestand is te groot voor deze verbinding. Verdeel het over kleinere bestanden."),
    (502, "Het portaal antwoordt nu niet. Wacht een paar minuten en probeer het dan opnieuw."),
    (504, "Het portaal antwoordt nu niet. Wacht een paar minuten en probeer het dan opnieuw."),
    (200, "Dit bestand is niet aangekomen. Ververs de pagina en probeer het opnieuw."),
]


def stopped(page, where, status):
    page.route(where, lambda route: route.fulfill(status=status, body="<html>proxy</html>"))


def test_messages_that_what_stands_before_the_portal_stopped_hear_why_and_go_up_later(window):
    page = enter(window(), make.user(role=Role.LNR_CONTACT, hospital=hospital()), "/lnr/aanleveren/")
    page.get_by_label("XML- of ZIP-bestand").set_input_files({"name": "a.xml", "mimeType": "", "buffer": message()})
    for status, says in BEFORE_IT:
        stopped(page, "**/aanleveren*", status)
        page.get_by_role("button", name="Aanleveren").click()
        expect(page.get_by_text(says)).to_be_in_viewport()
        page.unroute("**/aanleveren*")
    page.get_by_role("button", name="Aanleveren").click()
    expect(page.get_by_text("1 bericht is aangenomen")).to_be_visible()


def test_a_file_by_another_route_that_was_stopped_on_the_way_hears_why_and_goes_up_later(window):
    case = make.case(status=Status.INGEDIEND)
    page = enter(window(), make.coordinator(), f"/beoordelen/{case.key}/")
    page.get_by_text("Bestand toevoegen dat anders binnenkwam").click()
    page.get_by_label("Hoe kwam het binnen?").select_option("per mail")
    page.get_by_label("Bestand", exact=True).set_input_files(FILE)
    for status, says in BEFORE_IT:
        stopped(page, "**/bestanden?*", status)
        page.get_by_role("button", name="Toevoegen", exact=True).click()
        expect(page.get_by_text(says)).to_be_visible()
        page.unroute("**/bestanden?*")
    with page.expect_navigation():
        page.get_by_role("button", name="Toevoegen", exact=True).click()
    assert files(case).count("verslag.pdf") == 1


def test_a_file_of_a_case_that_what_stands_before_the_portal_lost_goes_up_at_the_second_try(window, case):
    page = opened(window, case)
    stopped(page, "**/bestanden?*", 504)
    add(page, FILE)
    expect(page.get_by_text(BEFORE_IT[2][1])).to_be_visible()
    page.unroute("**/bestanden?*")
    page.get_by_role("button", name="Opnieuw proberen").click()
    expect(page.get_by_text("ontvangen", exact=True)).to_be_visible()
    assert files(case) == ["verslag.pdf"]
