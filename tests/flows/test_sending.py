"""The coordinator's clock in a real browser: what leaves next month, one mail held, a hospital paused, other texts."""

import os
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import expect

from models import clock
from models.cases.status import Status
from models.mail.mail_schedule import MailSchedule
from models.mail.outbox import Mail, MailStatus
from models.mail.sending_hold import SendingHold
from models.mail.wording.mail_wording import MailWording, phrases
from tests import make
from tests.flows.walk import enter, faults, follow

SHOTS = os.environ.get("SCREENSHOTS")
WIDTHS = (320, 390, 1280)


def test_the_rehearsal_of_next_month_and_what_is_set_for_it(window):
    boss = make.coordinator()
    make.user(name="Mia Melder-van den Heuvel", hospital=make.hospital("Ziekenhuis Oost"))
    second = make.user(name="Jan Smit", hospital=make.hospital("Academisch Ziekenhuis Zuidwest"))
    today = clock.today()
    # Of January the births are asked too.
    day = clock.first_of(clock.add_months(clock.month_of(today), 2 if today.month == 12 else 1))
    # Its reminders are due on other days than the request.
    waits = 16 if (day - today).days in (13, 41) else 15
    make.case(by=second, status=Status.ONVOLLEDIG, at=clock.now() - timedelta(days=waits))
    Mail.update(status=MailStatus.VERZONDEN).execute()
    wrong = []
    page = enter(window(1280), boss, f"/verzenden/dag/?op={day}")

    def look(name):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            wrong.extend(f"{width}: {fault}" for fault in faults(page))
            if SHOTS:
                page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}.png"), full_page=True)

    # Next month: two requests; one is held.
    expect(page.locator("main")).to_contain_text("2 mails")
    row = page.get_by_role("row").filter(has_text="Mia Melder")
    row.locator("summary").click()
    row.get_by_label("Waarom?").fill("met verlof")
    look("dag")
    follow(page, row.get_by_role("button", name="Houd tegen"))
    expect(page.locator("#wacht")).to_contain_text("Mia Melder")
    expect(page.locator("main")).to_contain_text("1 mail")
    look("dag-tegengehouden")
    assert SendingHold.get().until == day

    # The other hospital is paused, and says so in the grid.
    page.goto(f"/ziekenhuizen/{second.hospital.code}/")
    page.get_by_text("Dit ziekenhuis pauzeren").click()
    page.get_by_label("Tot en met").fill(str(day + timedelta(days=5)))
    page.locator("#pauze-reden").fill("Fusie met het Noorderziekenhuis")
    look("pauzeren")
    follow(page, page.get_by_role("button", name="Pauzeer"))
    expect(page.locator("#pauze")).to_contain_text("Fusie")
    page.goto("/maanden/")
    expect(page.locator("main")).to_contain_text("gepauzeerd t/m")
    look("maanden")
    page.goto(f"/verzenden/dag/?op={day}")
    expect(page.locator("main")).to_contain_text("gaat er niets uit")
    look("dag-leeg")
    page.goto("/verzenden/")
    look("lijst")

    # Other terms: first what they would send at once, then kept.
    SendingHold.resume(second.hospital, boss)
    page.goto("/beheer/planning/wijzigen/")
    page.get_by_label("Eerste herinnering na (weken)").fill("2")
    follow(page, page.get_by_role("button", name="Bekijk wat dit doet"))
    expect(page.locator("main")).to_contain_text("Herinnering openstaande meldingen aan Jan Smit")
    look("planning-gevolg")
    follow(page, page.get_by_role("button", name="Planning opslaan"))
    assert MailSchedule.current().weeks == (2, 8, 12)
    look("planning")

    # Another text: a mistake at its field, the preview of what was typed, then kept.
    page.goto("/beheer/mailteksten/monthly_request/")
    page.get_by_label("Tekst", exact=False).last.fill("Was er in {mand} iets te melden?")
    follow(page, page.get_by_role("button", name="Opslaan"))
    expect(page.locator("#text-fout")).to_contain_text("{mand}")
    look("mailtekst-fout")
    page.locator("#text").fill("Was er in {maand} iets te melden uit {ziekenhuis}?")
    page.get_by_role("button", name="Toon voorbeeld").click()
    frame = page.frame_locator("iframe[name=voorbeeld]")
    expect(frame.locator("body")).to_contain_text("iets te melden uit Ziekenhuis Oost?")
    expect(frame.get_by_role("link", name="Nee, geen casus")).to_be_visible()
    assert MailWording.select().count() == 0
    follow(page, page.get_by_role("button", name="Opslaan"))
    assert "{maand}" in MailWording.current("monthly_request").text
    look("mailtekst")
    page.goto("/beheer/mailteksten/")
    look("mailteksten")

    # A reason that stands in no mail, on the same screen.
    page.get_by_role("link", name="Reden van afsluiten: dubbel").click()
    page.get_by_label("Tekst", exact=True).fill("Deze casus kennen wij al")
    look("reden")
    follow(page, page.get_by_role("button", name="Opslaan"))
    expect(page.get_by_role("listitem").filter(has_text="Reden van afsluiten: dubbel")).to_contain_text("aangepast op")
    assert phrases("closed_double") == {"closed_double": "Deze casus kennen wij al"}
    assert wrong == []
