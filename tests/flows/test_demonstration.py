"""Every page that an account of the demonstration reaches by links, at each width: nothing grave for axe, nothing sideways."""

from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Error
from werkzeug.exceptions import HTTPException

from admin_views.accounts.demo_accounts import accounts
from tests.flows.conftest import WIDTHS, serious
from tests.flows.walk import faults, log_in
from tests.operations.test_processes import Portal
from tests.rights import lets_in

# Who leaves comes back to the log-in page, which each walk begins with.
LEAVES = {"security.logout"}
# Looked at by who is not logged in: the same for everybody.
FOR_ALL = {endpoint for endpoint, method in lets_in("niemand") if method == "GET"}
# Fewer than these, and the walk went astray.
LEAST = 5
LINKS = "[...document.querySelectorAll('main a[href], nav a[href], header a[href], footer a[href]')].map(one => one.href)"


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory):
    with Portal(tmp_path_factory.mktemp("demonstration"), "run") as portal:
        yield f"http://localhost:{portal.ready().port}"


def _known(account):
    return account.email.split("@")[0] if account else "niemand"


@pytest.mark.parametrize("account", [None, *accounts()], ids=_known)
def test_every_page_that_is_reached_by_links_is_for_everybody(require, request, app, demonstration, account):
    require("chromium")
    context = request.getfixturevalue("chromium").new_context(base_url=demonstration, reduced_motion="reduce", locale="nl-NL")
    page, wrong = context.new_page(), []
    # The browser lays out a file of XML with a style of its own, and then complains of it.
    page.on(
        "console", lambda said: serious(said) and not page.url.endswith(".xml") and wrong.append(f"{page.url}: {said.text}")
    )
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error.message}"))
    page.goto("/inloggen")
    if account:
        log_in(page, account, account.password)
        assert page.get_by_role("link", name="Uitloggen").or_(page.get_by_role("button", name="Uitloggen")).count()

    addresses, seen = app.url_map.bind("localhost"), LEAVES | (FOR_ALL if account else set())
    waiting, looked_at = [page.url], 0
    while waiting:
        address = waiting.pop(0)
        name = _endpoint(addresses, address)
        if not address.startswith(demonstration) or name in seen:
            continue
        seen.add(name)
        try:
            answer = page.goto(address)
        except Error as error:
            if "Download is starting" not in error.message:
                raise
            continue
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        if answer.status != 200:
            wrong.append(f"{address}: {answer.status}")
        looked_at += 1
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            wrong += [f"{width}: {fault}" for fault in faults(page)]
        waiting += [urljoin(address, link) for link in page.evaluate(LINKS)]
    context.close()
    assert wrong == [] and looked_at >= LEAST


def _endpoint(addresses, address):
    """The name of the page that answers there, so that of a thousand cases one is looked at; None for what is no page."""
    try:
        return addresses.match(urlsplit(address).path)[0]
    except HTTPException:
        return None
