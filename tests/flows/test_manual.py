"""The manual's four steps, by its own labels, in a real browser: from the mail to an approved case."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from models import clock
from models.access import Role
from models.cases.case import Case
from models.cases.status import Status
from models.files.document import Document
from models.mail.outbox import Mail, MailStatus
from models.monthly.month_answer import MonthAnswer, MonthAnswerKind
from models.monthly.monthly_request import MonthlyCall
from models.review.reminder import Reminder
from settings import settings
from tests import make
from tests.flows.walk import enter, follow, log_in


@pytest.fixture
def theme():
    return make.theme(name="Relaparotomie na sectio", asked=("partusverslag", "OK-verslag", "ontslagbrieven"))


def link(mail, words):
    """The address behind a button of the mail, as its HTML has it."""
    html = mail.get_body(("html",)).get_content()
    (address,) = set(re.findall(rf'href="([^"]+)"[^>]*>\s*{re.escape(words)}', html))
    return address.removeprefix(settings.portal_url)


def report(page, theme, patient_number=""):
    """Step 2, by its labels."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Nieuwe melding maken")
    page.get_by_role("radio", name=theme.name).check()
    page.get_by_label("Patiëntnummer", exact=True).fill(patient_number)
    page.get_by_role("button", name="+ Melding aanmaken").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Melding aanvullen")
    return Case.select().order_by(Case.id.desc()).get()


def add(page, files):
    """Step 3: choose files with the '+', and wait until their tiles are there."""
    before = page.locator(".tile:not(.tile-add)").count()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Bestanden toevoegen").click()
    chooser.value.set_files(files)
    expect(page.locator(".tile:not(.tile-add)")).to_have_count(before + len(files))
    # A tile is there as soon as the file is kept; the answer comes when it was looked at.
    expect(page.locator("[data-submit-hint]")).not_to_contain_text("verstuurd")


def hand_in(page):
    page.get_by_role("button", name="Melding indienen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Uw melding is ingediend")


@pytest.mark.parametrize("width", [1280, 390])
def test_from_the_mail_to_an_approved_case(window, theme, files, posted, width):
    melder, coordinator = make.user(), make.coordinator()
    month = clock.previous_month(clock.today())

    # Step 1a: the mail, and 'Ja, 1 of meer casus'.
    MonthlyCall.open_all(month)
    (mail,) = posted().values()
    page = window(width)
    page.goto(link(mail, "Ja, 1 of meer casus"))
    log_in(page, melder)

    # Step 2 and 3.
    case = report(page, theme, "2026-77")
    assert (case.month, case.patient_number) == (month, "2026-77")
    expect(page.locator(".case-facts")).to_contain_text("Concept")
    add(page, files[:1])
    hand_in(page)
    assert Case.get_by_id(case.id).status == Status.INGEDIEND

    # Step 4: the coordinator misses something.
    review = enter(window(width), coordinator)
    review.get_by_role("link", name=case.number).click()
    expect(review.locator("main")).not_to_contain_text("2026-77")
    review.get_by_role("checkbox", name="ontslagbrieven").check()
    expect(review.get_by_label("Bericht aan het ziekenhuis")).to_have_value(re.compile("ontslagbrieven"))
    review.get_by_role("button", name="Onvolledig", exact=True).click()
    review.wait_for_url(re.compile("/beoordelen/$"))
    assert Case.get_by_id(case.id).status == Status.ONVOLLEDIG

    # The hospital hears it, reads it, adds the file and hands in again.
    mails = posted()
    (told,) = (mail for (_, subject), mail in mails.items() if "bericht voor u" in subject)
    page.goto(link(told, "Bericht lezen"))
    expect(page.get_by_role("heading", name="Meest recente opmerking")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Perined Beoordelaar - \d+ \w+ \d{4}"))).to_be_visible()
    add(page, files[1:])
    hand_in(page)

    review.goto("/beoordelen/")
    review.get_by_role("link", name=case.number).click()
    review.get_by_role("button", name="Goedkeuren").click()
    review.get_by_role("button", name="Toch goedkeuren").click()  # not every document is there
    review.wait_for_url(re.compile("/beoordelen/$"))

    page.goto("/meldingen/")
    expect(page.locator("main")).to_contain_text("Goedgekeurd")
    approved = Case.get_by_id(case.id)
    assert (approved.status, approved.approved_by, Document.select().count()) == (Status.GOEDGEKEURD, coordinator, 2)
    assert MonthAnswer.standing(melder.hospital_id, month).kind == MonthAnswerKind.CASUS


def test_yes_survives_a_forgotten_password_in_another_browser(window, theme, posted):
    make.user(password=None)
    MonthlyCall.open_all(clock.previous_month(clock.today()))
    ((address, _), mail) = next(iter(posted().items()))
    page = window()
    page.goto(link(mail, "Ja, 1 of meer casus"))
    page.get_by_role("link", name="Wachtwoord vergeten").click()
    page.get_by_label("E-mailadres").fill(address)
    follow(page, page.locator("main").get_by_role("button"))
    (reset,) = (mail for (_, subject), mail in posted().items() if "wachtwoord" in subject.lower())
    elsewhere = window()
    elsewhere.goto(re.search(r"http://localhost(/wachtwoord-vergeten/\S+)", reset.get_body(("plain",)).get_content())[1])
    for field in elsewhere.locator("input[type=password]").all():
        field.fill("vijf groene fietsen in de regen")
    elsewhere.get_by_role("button", name="Wachtwoord opslaan").click()
    elsewhere.get_by_label("E-mailadres", exact=True).fill(address)
    elsewhere.get_by_label("Wachtwoord", exact=True).fill("vijf groene fietsen in de regen")
    elsewhere.get_by_role("button", name="Inloggen", exact=True).click()

    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Nieuwe melding maken")


@pytest.mark.parametrize("status", [Status.CONCEPT, Status.ONVOLLEDIG])
def test_three_reminders_and_then_somebody_calls(window, posted, status):
    case = make.case(status=status)
    Mail.update(status=MailStatus.VERZONDEN).execute()
    start = clock.local_date(case.status_since)
    page = enter(window(), case.reporter)
    for weeks in (4, 8, 12):
        assert Reminder.send_due(start + timedelta(days=7 * weeks - 1)) == 0
        assert Reminder.send_due(start + timedelta(days=7 * weeks)) == 1
        assert Reminder.send_due(start + timedelta(days=7 * weeks)) == 0
        (mail,) = (mail for (_, subject), mail in posted().items() if "wacht" in subject)
        assert case.number in mail.get_body(("plain",)).get_content()
        page.goto(link(mail, f"Melding {case.number}"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Melding aanvullen")
        expect(page.locator(".case-facts")).to_contain_text(status.capitalize())
    assert Reminder.send_due(start + timedelta(days=200)) == 0
    # By the calendar: 84 times 24 hours before the last hour of a winter day is another day in summer.
    Case.update(status_since=clock.start_of(start - timedelta(days=84), 12)).execute()
    work = enter(window(), make.coordinator(), "/beoordelen/?stapel=uitgeput")
    expect(work.get_by_role("link", name=case.number)).to_be_visible()


def test_an_invoerder_completes_but_does_not_create(window, files, theme):
    melder = make.user()
    case = make.case(by=melder, theme=theme)
    page = enter(window(), make.user(role=Role.INVOERDER, hospital=melder.hospital), "/meldingen/")
    expect(page.get_by_role("link", name="Maak nieuwe melding")).to_have_count(0)
    page.get_by_role("link", name=case.number).click()
    add(page, files)
    hand_in(page)

    assert Case.get_by_id(case.id).status == Status.INGEDIEND
    assert [mail.name for mail in Mail.select()] == ["case_submitted"]


def test_no_file_no_submission(window, theme):
    case = make.case(theme=theme)
    page = enter(window(), case.reporter, f"/melding/{case.key}/")
    page.get_by_role("button", name="Melding indienen").click()

    expect(page.locator("body")).to_contain_text("minstens één bestand")
    assert Case.get_by_id(case.id).status == Status.CONCEPT


def test_no_case_over_a_month_can_be_said_in_the_portal_and_taken_back(window):
    melder, month = make.user(), clock.previous_month(clock.today())
    MonthlyCall.open_all(month)
    page = enter(window(), melder, "/meldingen/")
    page.get_by_role("button", name=re.compile("Geen casus over")).click()
    expect(page.locator("main")).to_contain_text(re.compile("[Nn]ul-melding"))
    assert MonthAnswer.standing(melder.hospital_id, month).counts

    page.get_by_role("button", name="Intrekken", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Intrekken").click()
    page.get_by_role("button", name=re.compile("Geen casus over")).wait_for()
    assert MonthAnswer.standing(melder.hospital_id, month) is None


def test_a_second_window_does_no_harm(window, theme, files):
    case = make.case(theme=theme)
    first, second = (enter(window(), case.reporter, f"/melding/{case.key}/") for _ in range(2))
    add(first, files)
    hand_in(first)
    second.get_by_role("button", name="Melding indienen").click()

    expect(second.locator("body")).to_contain_text("Ingediend")
    assert Case.get_by_id(case.id).round == 2


def test_a_double_click_makes_one_case(window, theme):
    page = enter(window(), make.user(), "/melding/nieuw")
    page.get_by_role("radio", name=theme.name).check()
    page.get_by_role("button", name="+ Melding aanmaken").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Melding aanvullen")

    assert Case.select().count() == 1


def test_the_back_button_after_submitting_does_no_harm(window, theme, files):
    case = make.case(theme=theme)
    page = enter(window(), case.reporter, f"/melding/{case.key}/")
    add(page, files)
    hand_in(page)
    page.go_back()
    button = page.get_by_role("button", name="Melding indienen")
    if button.count():
        follow(page, button)

    assert (Case.get_by_id(case.id).status, Case.get_by_id(case.id).round) == (Status.INGEDIEND, 2)
