"""`make pictures`: the pictures of the README, taken anew from a demonstration of its own, so that they stay true.

Chromium at 1280 by 800 CSS pixels; one page, named by its role and its address, a picture.
"""

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from admin_views.accounts.demo_accounts import PASSWORD
from tests.operations.test_processes import Portal

FOLDER = Path(__file__).parent.parent / "docs" / "img"


def monthly_mail(page: Page) -> None:
    page.goto("/postvak")
    page.get_by_role("link", name=re.compile("een casus in|uitvraag", re.I)).first.click()


def filling_in(page: Page) -> None:
    page.goto("/meldingen/")
    page.get_by_role("row").filter(has_text="Concept").get_by_role("link").first.click()


def reviewing(page: Page) -> None:
    page.goto("/beoordelen/volgende")
    page.frame_locator("iframe[name=voorbeeld]").locator("img").wait_for()


def severe_ivh(page: Page) -> None:
    page.goto("/lnr/benchmark/")
    page.get_by_role("link", name="Ernstige IVH").first.click()
    page.locator(".lnr-plot").first.scroll_into_view_if_needed()


# name -> (account, how to get there)
PICTURES = {
    "mail": (None, monthly_mail),
    "overzicht": ("melder", lambda page: page.goto("/meldingen/")),
    "aanvullen": ("melder", filling_in),
    "beoordelen": ("coordinator", reviewing),
    "maanden": ("coordinator", lambda page: page.goto("/maanden/")),
    "benchmark": ("lnr-beheer", severe_ivh),
}


def take(address: str, names: list[str]) -> None:
    """Take the pictures called `names`, or all, of the demonstration that runs at `address`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, (account, there) in PICTURES.items():
            if names and name not in names:
                continue
            page = browser.new_context(base_url=address, locale="nl-NL", viewport={"width": 1280, "height": 800}).new_page()
            if account:
                page.goto("/inloggen")
                page.get_by_label("E-mailadres", exact=True).fill(f"{account}@example.com")
                page.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
                with page.expect_navigation():
                    page.get_by_role("button", name="Inloggen", exact=True).click()
            there(page)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, Portal(Path(folder), "run") as portal:
        take(f"http://localhost:{portal.ready().port}", sys.argv[1:])
