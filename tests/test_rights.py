"""Every route x method x row x role against rights.csv, the one list of who may reach what. A route that is not in it fails.

Rows are of the own hospital or another ('vreemd'); those of cases are named after their status, 'eigen' and 'vreemd' being
'ingediend'. In 'lza1-apart' the people of hospitals are another one's: see KEEPS_APART in rights.py.

ja   may do it, within the rules of the case          404  hidden, as if it were not there
nee  sees the row, may not do this: nothing changes   403  refused with the reason
uit  this screen does not offer it to anybody         log  led to the log-in page
"""

import pytest

from app import create_app
from models.audit.audit_event import AuditEvent
from models.files import page_view
from tests import rights

HOSPITAL_A = ("niemand", "melder", rights.MANAGER, "invoerder", "lza1-melder", "lnr-contact")
PATIENT_READERS = ("melder", rights.MANAGER, "invoerder", "lza1-melder")


def _routes(wanted=lambda method: True):
    """(rule, method) of everything the portal answers to, but for the files that everybody may fetch."""
    for rule in sorted(create_app().url_map.iter_rules(), key=lambda rule: rule.endpoint):
        if not rule.endpoint.endswith("static"):
            yield from ((rule, method) for method in sorted(rule.methods - {"HEAD", "OPTIONS"}) if wanted(method))


def outcome(answer, endpoint):
    """What the person met, in the words of the matrix; 'nee' is a 'ja' that changes nothing."""
    generated = endpoint.endswith(("create_view", "edit_view", "details_view")) and answer.request.method == "GET"
    if generated and answer.status_code == 302 and answer.request.path.startswith(answer.location.split("?")[0]):
        return "uit"
    if answer.status_code in (403, 404, 405):
        return str(answer.status_code)
    if answer.status_code == 401 or (answer.status_code == 302 and answer.location.startswith("/inloggen")):
        return "log"
    assert answer.status_code < 500, answer.text[:500]
    return "ja"


@pytest.fixture
def visit(app, login, monkeypatch):
    """visit(person, method, path, form): one request of somebody, with the form key out of the way: it has tests of its own."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    # Who may have a page drawn is asked here; drawing has tests of its own, and takes half a second each time.
    monkeypatch.setattr(page_view, "_drawn", lambda *of: ({"count": 1, "width": 1, "height": 1, "text": ""}, bytes(3)))

    browsers = {}

    def ask(person, method, path, form):
        # Logging in costs as much as asking; a browser serves again until it may have done something.
        browser = browsers.pop(person, None) or app.test_client()
        if person and not browser.get_cookie(app.config["SESSION_COOKIE_NAME"]):
            login(browser, person)
        answer = browser.open(path, method=method, data=None if method == "GET" else form)
        if person and (method == "GET" or answer.status_code in (403, 404, 405)):
            browsers[person] = browser
        return answer

    return ask


def test_every_route_is_in_the_matrix(world):
    cells = {(rule.endpoint, method, row) for rule, method in _routes() for row in rights.addresses(rule, world)}

    assert cells - set(rights.matrix()) == set(), "say in rights.csv who may reach these"


def test_a_door_is_shut_for_every_row_or_for_none():
    """Which is why one row of a route is asked about for who meets it."""
    met = {}
    for (endpoint, method, _), outcomes in rights.matrix().items():
        for name, here in zip(rights.ROLES, outcomes, strict=True):
            met.setdefault((endpoint, method, name), set()).add(here)

    assert [where for where, outcomes in met.items() if outcomes & {"403", "log"} and len(outcomes) > 1] == []


def _screens():
    """{screen: its routes}, as far as one worker asks them after each other."""
    screens = {}
    for rule, method in _routes():
        screens.setdefault(rule.endpoint.split(".")[0], []).append((rule, method))
    return screens


@pytest.mark.parametrize("routes", [pytest.param(routes, id=screen) for screen, routes in _screens().items()])
def test_who_is_refused_changes_nothing_and_sees_nothing(world, visit, routes):
    """Every cell of the matrix but the acts that are allowed, in one world: it must be the same afterwards."""
    matrix, wrong, before = rights.matrix(), [], rights.state()
    for rule, method in routes:
        at_the_door = set()
        for row, path in rights.addresses(rule, world).items():
            body = rights.form(rule, world.cases.get(row), world)
            for name, wanted in zip(rights.ROLES, matrix[rule.endpoint, method, row], strict=True):
                if wanted == "ja" and method != "GET":
                    continue
                if wanted in ("403", "log"):
                    # Turned away before a row is looked for: one row of this route shows it. See the test of the doors.
                    if name in at_the_door or row in rights.ELSEWHERE:
                        continue
                    at_the_door.add(name)
                wrong += _faults(
                    f"{rule.endpoint} {method} {row}", name, wanted, visit(world.person(name, row), method, path, body), rule
                )
        if rights.state() != before:
            wrong.append(f"{rule.endpoint}: a refused request or a GET changed something")
            before = rights.state()
    assert wrong == []


@pytest.mark.db_dialect  # what is refused writes nothing, and its questions are asked on PostgreSQL by whoever asks them
@pytest.mark.parametrize(
    ("rule", "method"), [pytest.param(*route, id=route[0].endpoint) for route in _routes(lambda method: method != "GET")]
)
def test_who_may_act_reaches_the_act(rule, method, world, visit):
    matrix, wrong = rights.matrix(), []
    for row, path in rights.addresses(rule, world).items():
        body = rights.form(rule, world.cases.get(row), world)
        for name, wanted in zip(rights.ROLES, matrix[rule.endpoint, method, row], strict=True):
            if wanted == "ja":
                wrong += _faults(row, name, wanted, visit(world.person(name, row), method, path, body), rule)
    assert wrong == []


def test_a_refusal_of_somebody_elses_row_is_in_the_trail(world, visit):
    for path in ("/melding/{}/", "/melding/{}/indienen"):
        before = AuditEvent.select().where(AuditEvent.action == "access.refused").count()
        assert visit(world.people["melder"], "GET", path.format(world.cases["vreemd"].key), None).status_code == 404
        assert AuditEvent.select().where(AuditEvent.action == "access.refused").count() == before + 1


def _faults(where, name, wanted, answer, rule):
    met = outcome(answer, rule.endpoint)
    if met != wanted and (met, wanted) != ("ja", "nee"):
        yield f"{where}: {name} met {met}, not {wanted} ({answer.status_code} {answer.location or ''})"
    text = answer.get_data().decode(errors="replace") + str(answer.headers)  # a PDF is no text
    if name in HOSPITAL_A and rights.FOREIGN in text:
        yield f"{where}: {name} saw something of hospital B"
    if name not in PATIENT_READERS and rights.PATIENT in text and "%PDF" not in text:
        yield f"{where}: {name} saw the patient number"
    answer.close()


def test_every_line_of_the_matrix_is_about_a_route_that_exists(app):
    exist = {(rule.endpoint, method) for rule in app.url_map.iter_rules() for method in rule.methods}

    assert {(route, method) for route, method, _ in rights.matrix()} - exist == set()


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "TRACE"])
def test_a_method_that_no_route_knows_does_nothing(app, world, visit, method):
    before = rights.state()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.endswith("static"):
            continue
        if "/bestanden/delen/" in rule.rule:  # an upload in parts, which the matrix asks about
            continue
        assert method not in rule.methods, rule
        # By the rule, before any row is looked for: one row of each tells.
        path = next(path for row, path in rights.addresses(rule, world).items() if row not in rights.ELSEWHERE)
        assert visit(world.people["melder"], method, path, {}).status_code in (302, 403, 404, 405), path
    assert rights.state() == before
