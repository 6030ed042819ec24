"""What a person does on any page in a browser, and what every page must pass."""

from axe_playwright_python.sync_playwright import Axe

from tests import make


def follow(page, control):
    """Click what leads to another page, and wait until that page is there and listens."""
    with page.expect_navigation():
        control.click()


def log_in(page, user, password=make.PASSWORD):
    """Fill in the log-in page that is open."""
    page.get_by_label("E-mailadres", exact=True).fill(user.email)
    page.get_by_label("Wachtwoord", exact=True).fill(password)
    follow(page, page.get_by_role("button", name="Inloggen", exact=True))


def enter(page, user, path="/"):
    """Go to `path` by way of the log-in page; returns the page."""
    page.goto(f"/inloggen?next={path}")
    log_in(page, user)
    return page


# Of the rules that axe leaves out unless it is asked: targets of 24 pixels (WCAG 2.2, 2.5.8).
WIDE = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
# A colour is the same at every width; the wide window is looked at for it, and it is what costs the most.
NARROW = {"resultTypes": ["violations"], "rules": WIDE["rules"] | {"color-contrast": {"enabled": False}}}

# A bar that sticks to an edge lies over what can be scrolled free of it: a fault or not by a pixel of the page's length.
LET_GO = """document.querySelectorAll("body *").forEach(one => {
  if (getComputedStyle(one).position === "sticky") one.style.position = "static";
})"""
STICK_AGAIN = """document.querySelectorAll("[style]").forEach(one => one.style.removeProperty("position"))"""


def faults(page):
    """What keeps this page, at this width, from being usable for everybody: axe's grave findings, scrolling sideways."""
    page.evaluate(LET_GO)
    found = Axe().run(page, options=NARROW if page.viewport_size["width"] < 1280 else WIDE)
    page.evaluate(STICK_AGAIN)
    grave = [one for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
    found = [f"{page.url}: {one['id']} {one['nodes'][0]['html'][:150]}" for one in grave]
    return found + broad(page) + faint(page)


def faint(page):
    """What cannot be read in the dark scheme, looked at on the wide window only."""
    if page.viewport_size["width"] < 1280:
        return []
    # Without motion: what is on its way from light to dark has neither's contrast.
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    unread = Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return [
        f"{page.url}: faint in the dark: {node['html'][:150]} {node['any'][0]['message']}"
        for one in unread
        for node in one["nodes"][:3]
    ]


def broad(page):
    """Whether the page scrolls sideways, or hides tabs on a wide window, as a list of faults."""
    over = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    found = [f"{page.url}: scrolls sideways"] if over else []
    # With a mouse nothing tells that a row of tabs goes on.
    cut = page.viewport_size["width"] >= 1280 and page.evaluate(
        "[...document.querySelectorAll('.tabs')].some(row => row.scrollWidth > row.clientWidth)"
    )
    return [*found, f"{page.url}: tabs are cut off"] if cut else found


def passes(page):
    """Assert that nothing is wrong with it."""
    found = faults(page)
    assert not found, found
