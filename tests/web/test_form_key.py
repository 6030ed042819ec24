"""The form key: nothing that may change something is taken without the key of the session that it comes with."""

from urllib.parse import urlencode

import pytest

from admin_views.web.error_pages import STALE
from models.base import db
from tests import make, rights
from tests.web.pages import form_key

SAFE = {"GET", "HEAD", "OPTIONS"}
# What asks for no form key, and why another web site cannot make somebody's browser do it all the same.
EXEMPT = {
    "lnr_api.take": "wants the key of a supplier in the Authorization header, and looks at no cookie",
    "lnr_api.look": "the same",
    "lnr_api.understand": "the same",
    "lnr_api.take_many": "the same",
    "provider_ended": "wants a notice signed by the provider, and looks at no cookie",
}
# What the server keeps of every request, whatever came of it.
OF_ITS_OWN = {"log_in", "failed_attempt"}

# What somebody sends who does not have the key, or cannot put it where our pages put it: arguments for the test client.
WITHOUT = {
    "no key": lambda form, own, other: {"data": form},
    "somebody else's key": lambda form, own, other: {"data": {**form, "csrf_token": other}},
    "somebody else's key in a header": lambda form, own, other: {"data": form, "headers": {"X-CSRFToken": other}},
    "the key in the address": lambda form, own, other: {"data": form, "asked": {"csrf_token": own}},
    "the form as plain text": lambda form, own, other: {
        "data": urlencode({**form, "csrf_token": own}), "content_type": "text/plain",
    },
}  # fmt: skip


def _acts(app, world):
    """(endpoint, method, path, form, person): every act, with somebody who may do it as far as anybody may."""
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - SAFE):
            path, form, name = _best(rule, method, world)
            yield rule.endpoint, method, path, form, world.people[name]


def _best(rule, method, world):
    cells, addresses = rights.matrix(), rights.addresses(rule, world)
    told = [
        (row, name, says)
        for row in addresses
        for name, says in zip(rights.ROLES, cells[rule.endpoint, method, row], strict=True)
        if name in world.people
    ]
    row, name, _ = min(told, key=lambda cell: {"ja": 0, "nee": 1}.get(cell[2], 2))
    return addresses[row], rights.form(rule, world.cases.get(row), world), name


def _everything():
    """Every row of every table."""
    return {table: db.execute_sql(f'SELECT * FROM "{table}"').fetchall() for table in set(db.get_tables()) - OF_ITS_OWN}


@pytest.fixture
def enter(app, login):
    """enter(person): (their browser, the form key of its session), the same every time."""
    known = {}

    def of(person):
        if person not in known:
            browser = login(app.test_client(), person)
            known[person] = browser, form_key(browser)
        return known[person]

    return of


def test_nothing_is_done_without_the_form_key_of_the_own_session(app, world, enter):
    acts = [act for act in _acts(app, world) if act[0] not in EXEMPT]
    (_, other), wrong = enter(make.user()), []
    for *_, person in acts:
        enter(person)
    before = _everything()
    for _, method, path, form, person in acts:
        browser, own = enter(person)
        for how, sent in WITHOUT.items():
            more = sent(form, own, other)
            asked = urlencode(more.pop("asked", {}))
            address = f"{path}{'&' if '?' in path else '?'}{asked}"
            # As a script, for which no page has to be made.
            answer = browser.open(
                address, method=method, headers={"Accept": "application/json"} | more.pop("headers", {}), **more
            )
            if answer.status_code != 400 or STALE[1] not in answer.text:
                wrong.append(f"{method} {path} with {how}: {answer.status_code}")
    assert wrong == []
    assert _everything() == before


def test_what_asks_for_no_form_key_does_not_go_by_the_session(app, world, enter):
    browser, own = enter(world.people["lnr-contact"])
    exempt = [act for act in _acts(app, world) if act[0] in EXEMPT]
    for endpoint, method, path, form, _ in exempt:
        # No provider stands in the settings of the tests; a notice is believed by its signature (accounts/test_openid.py).
        refused = 404 if endpoint == "provider_ended" else 401
        assert browser.open(path, method=method, data=form, headers={"X-CSRFToken": own}).status_code == refused, endpoint
    assert {endpoint for endpoint, *_ in exempt} == set(EXEMPT)
