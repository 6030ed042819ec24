"""Every page as each role meets it, at 1280, 390 and 320 pixels: for everybody, nothing cut off, nothing from elsewhere."""

import re

import pytest

from models.access import Role
from models.cases import theme as themes
from models.cases.case import Case
from models.cases.status import Status
from tests import make
from tests.flows.walk import enter, faults

PAGES = {
    "niemand": ["/inloggen", "/wachtwoord-vergeten", "/handleiding/", "/handleiding/melden", "/handleiding/it",
                "/bestaat-niet"],
    "melder": ["/meldingen/", "/meldingen/?search=CNRY", "/melding/nieuw", "/melding/{eigen}/", "/melding/{goedgekeurd}/",
               "/melding/{eigen}/ingediend", "/account", "/wachtwoord-wijzigen"],
    "invoerder": ["/meldingen/", "/melding/nieuw"],
    "coordinator": ["/beoordelen/", "/beoordelen/?stapel=goedgekeurd", "/beoordelen/{eigen}/", "/beoordelen/{goedgekeurd}/",
                    "/maanden/", "/maanden/2026-10/", "/maanden/{code}/2026-10/", "/alle-meldingen/", "/opmerkingen/",
                    "/antwoorden/"],
    "commissielid": ["/commissie/", "/commissie/{goedgekeurd}/"],
    "lza1-melder": ["/meldingen/", "/melding/nieuw"],
    "lnr-contact": ["/lnr/opnamen/", "/lnr/aanleveren/", "/lnr/fouten/", "/lnr/volledigheid/", "/lnr/benchmark/"],
    "lnr-beheer": ["/lnr/overzicht/", "/lnr/indicatoren/", "/lnr/modellen/", "/lnr/jaarverslagen/"],
    "beheerder": ["/beheer/ziekenhuizen/", "/beheer/ziekenhuizen/new/", "/beheer/gebruikers/", "/beheer/gebruikers/new/",
                  "/beheer/themas/", "/beheer/documenten/", "/beheer/mail/", "/beheer/logboek/"],
}  # fmt: skip


@pytest.fixture
def page(window, request):
    """A page that remembers every address it fetched."""
    opened = window()
    opened.fetched = []
    opened.on("request", lambda sent: opened.fetched.append(sent.url))
    return opened


@pytest.mark.parametrize("role", PAGES)
def test_every_page_of_a_role_is_for_everybody(page, world, portal, role):
    keys = {name: case.key for name, case in world.cases.items()}
    keys["code"] = world.cases["eigen"].hospital.code
    if role != "niemand":
        enter(page, world.people[role])
    wrong = []
    for path in PAGES[role]:
        expected = {"/bestaat-niet": 404}.get(path, 403 if role == "invoerder" and path == "/melding/nieuw" else 200)
        answer = page.goto(path.format(**keys))
        if answer.status != expected:
            wrong.append(f"{path}: {answer.status}")
        for width in (1280, 390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            wrong += faults(page)
    wrong += {f"fetched {url}" for url in page.fetched if not url.startswith((portal, "data:", "blob:"))}

    assert wrong == []


HEAD = """(shown) => {
  const list = document.querySelector(".model-list"), box = list.parentElement, last = list.rows[list.rows.length - 1];
  last.scrollIntoView({block: "nearest"});
  const head = list.tHead.getBoundingClientRect(), row = last.getBoundingClientRect();
  const heads = [...list.tHead.rows[0].cells].map(one => one.getBoundingClientRect());
  const free = row.top >= Math.max(...heads.map(one => one.bottom)) - 1;
  const above = document.elementFromPoint(heads[1].left + 20, heads[1].top + heads[1].height / 2);
  return [list.rows.length > 40, box.scrollTop > 200, heads.every(one => one.top >= 0 && one.bottom <= innerHeight), free,
          list.tHead.contains(above)];
}"""


def test_a_long_list_keeps_its_head_in_sight(page, world):
    make.theme(asked=[f"Document {number}" for number in range(40)])
    page.set_viewport_size({"width": 1280, "height": 700})
    enter(page, world.people["coordinator"], "/beheer/documenten/")

    assert page.evaluate(HEAD) == [True] * 5
    # Going back up by keyboard: what has the focus is not under the head.
    link = page.locator(".model-list tbody .row-actions a").first
    link.focus()
    assert page.evaluate(
        "document.activeElement === document.elementFromPoint(...(box => [box.left + 9, box.top + 9])"
        "(document.activeElement.getBoundingClientRect())).closest('a')"
    )
    page.set_viewport_size({"width": 390, "height": 700})
    assert page.evaluate("getComputedStyle(document.querySelector('.model-list').parentElement).maxHeight") == "none"


def test_a_case_is_made_and_completed_by_keyboard_alone(page):
    themes.load_defaults(make.clock.first_of("2020-01"))
    melder = make.user(role=Role.MELDER)
    page.goto("/inloggen?next=/melding/nieuw")
    page.keyboard.type(melder.email)
    page.keyboard.press("Tab")
    page.keyboard.type(make.PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("group", name="Thema").wait_for()
    _tab_to(page, "input[name=theme]")
    page.keyboard.press("Space")
    _tab_to(page, "button", "Melding aanmaken")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/melding/[^/]{22}/"))

    made = Case.get()
    assert made.status == Status.CONCEPT and made.reporter == melder


def _tab_to(page, tag, text=""):
    """Press Tab until the focus is on such an element; a hundred times at most."""
    for _ in range(100):
        here = page.evaluate("(tag) => [document.activeElement.matches(tag), document.activeElement.innerText || '']", tag)
        if here[0] and text in here[1]:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no {tag} {text} within a hundred tabs")
