"""`make pictures`: the pictures of the README, taken anew of a demonstration made for it.

Each is what a window of Chromium shows, from some part of a page downwards. `words.json` beside them keeps the hash of each and
which headings, columns and buttons stand in it; tests/flows/test_pictures.py asks another demonstration whether they still do.
"""

import hashlib
import io
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from admin_views.accounts.demo_accounts import PASSWORD
from models.dutch import MONTHS
from tests.operations.test_processes import Portal

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
WORDS = FOLDER / "words.json"
ABOVE = 8  # CSS pixels above what a picture begins with
# What the design puts there, not the data: and of that neither numbers nor months.
SAID = "h1, h2, thead th, dt, .tile-add .tile-name, .legend li, .sticky .button, .lnr-key span, td > p, td.strong a, td.light a"
CHANGES = re.compile(rf"\d[\d.,]*|\b(?:{'|'.join(name for month in MONTHS for name in (month, month[:3]))}|mrt)\b")


def monthly_mail(page: Page) -> Locator:
    page.goto("/postvak/?aan=melder@example.com")
    page.goto(page.get_by_role("link", name="had u een casus").first.get_attribute("href") + "/html")
    return page.locator("body")


def filling_in(page: Page) -> Locator:
    page.goto("/meldingen/")
    page.get_by_role("row").filter(has_text="Concept").get_by_role("link").first.click()
    return page.locator("#bestanden")


def reviewing(page: Page) -> Locator:
    page.goto("/beoordelen/volgende")
    page.frame_locator("iframe[name=voorbeeld]").locator("img").wait_for()
    return page.locator("h1")


def severe_ivh(page: Page) -> Locator:
    page.goto("/lnr/benchmark/")
    page.get_by_role("link", name="Ernstige IVH").first.click()
    page.get_by_label("Ziekenhuis", exact=True).select_option(label="UMC Noorderdiep")
    page.get_by_role("button", name="Toon").click()
    page.get_by_role("link", name="Drie jaar samen").click()
    return page.locator(".stats")


def top_of(address: str) -> Callable[[Page], Locator]:
    def there(page: Page) -> Locator:
        page.goto(address)
        return page.locator("h1")

    return there


class Picture(NamedTuple):
    """Whose page (None: nobody's), how large the window is, how to get there and what the picture begins with."""

    account: str | None
    width: int
    height: int
    there: Callable[[Page], Locator]


PICTURES = {
    "mail": Picture(None, 640, 700, monthly_mail),
    "aanvullen": Picture("melder", 1000, 1010, filling_in),
    "benchmark": Picture("lnr-beheer", 1000, 720, severe_ivh),
    "overzicht": Picture("melder", 1200, 700, top_of("/meldingen/")),
    "beoordelen": Picture("coordinator", 1280, 800, reviewing),
    "maanden": Picture("coordinator", 1280, 800, top_of("/maanden/")),
}


def windows(browser: Browser, address: str, names: Iterable[str]) -> Iterator[tuple[str, Page]]:
    """(name, its window as the picture shows it) of each of these pictures, of the demonstration that runs at `address`."""
    for name in names:
        account, width, height, there = PICTURES[name]
        size = {"width": width, "height": height}
        page = browser.new_context(base_url=address, locale="nl-NL", viewport=size, reduced_motion="reduce").new_page()
        if account:
            page.goto("/inloggen")
            page.get_by_label("E-mailadres", exact=True).fill(f"{account}@example.com")
            page.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
            with page.expect_navigation():
                page.get_by_role("button", name="Inloggen", exact=True).click()
        top = there(page)
        page.wait_for_load_state("networkidle")
        top.evaluate("(it, above) => scrollTo(0, scrollY + it.getBoundingClientRect().top - above)", ABOVE)
        yield name, page
        page.context.close()


def words(page: Page, whole: bool = False) -> list[str]:
    """What the design puts in this window, or on the whole page, in order."""
    said = page.locator(SAID).evaluate_all(
        """(all, whole) => all.filter(it => {
             const box = it.getBoundingClientRect()
             return it.checkVisibility() && (whole || (box.top >= 0 && box.bottom <= innerHeight))
           }).map(it => it.innerText)""",
        whole,
    )
    return [line for line in dict.fromkeys(CHANGES.sub("…", " ".join(text.split())) for text in said) if line.strip("… ")]


def take(address: str, names: Iterable[str]) -> None:
    """Take these pictures, of the demonstration that runs at `address`, and note what stands in them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        _take(browser, address, names)
        browser.close()


def _take(browser, address, names):
    kept = json.loads(WORDS.read_text()) if WORDS.exists() else {}
    for name, page in windows(browser, address, names):
        path = FOLDER / f"{name}.webp"
        Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(path, lossless=True, method=6)
        kept[name] = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "words": words(page)}
    WORDS.write_text(json.dumps({name: kept[name] for name in PICTURES if name in kept}, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, Portal(Path(folder), "run") as portal:
        take(f"http://localhost:{portal.ready().port}", sys.argv[1:] or PICTURES)
