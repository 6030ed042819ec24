"""What a form refuses is said at the field, in view and with the focus there: every form of every role, as good as empty."""

from urllib.parse import urlsplit

import pytest

from tests import rights
from tests.flows.walk import enter
from tests.web.test_surface import own_addresses, routes

# The others fill in the same forms.
ROLES = ("niemand", "melder", "coordinator", "lza1-coordinator", "commissielid", "lnr-contact", "lnr-beheer", "beheerder")
# Acts whose form was asked in this process: that of a second role is the same.
ASKED = set()
# Forms that are not complete as they stand, by their place among the forms of the page.
INCOMPLETE = """() => [...document.forms].flatMap((form, place) =>
    form.method === "post" && !form.noValidate && form.matches(":invalid")
        && form.querySelector("[type=submit]:not([formnovalidate])") ? [[place, form.action]] : [])"""

# Press the button of a form, and tell what is wrong with what the person sees then.
PRESS = """async (place) => {
    const form = document.forms[place];
    const button = form.querySelector("[type=submit]:not([formnovalidate])");
    for (let fold = button.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    button.click();
    await new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 0));
    const field = document.activeElement;
    if (![...form.elements].includes(field) || field.validity.valid) return "the focus is at " + field.outerHTML.slice(0, 80);
    const said = (field.getAttribute("aria-describedby") || "").split(" ").map((id) => document.getElementById(id))
        .find((one) => one && one.classList.contains("field-error"));
    if (!said || !said.innerText.trim()) return "nothing is said at " + field.name;
    for (const one of [field, said]) {
        const box = one.getBoundingClientRect();
        const there = document.elementFromPoint(box.left + Math.min(box.width, 40) / 2, box.top + box.height / 2);
        if (!there || !(one.contains(there) || there.contains(one))) return "out of view: " + one.outerHTML.slice(0, 120);
    }
    return "";
}"""

# The same without the browser's own checks, as an older page or another tab sends it: what the portal answers is asked.
SEND = """(place) => {
    const form = document.forms[place];
    form.noValidate = true;
    form.querySelector("[type=submit]:not([formnovalidate])").click();
    setTimeout(() => document.querySelector("dialog[open] [data-confirm-yes]")?.click(), 300);
}"""
REFUSED = """() => [...document.querySelectorAll(".notice.error, .notice.warning, .notice.info, .field-error")].map((one) => {
    const box = one.getBoundingClientRect();
    const there = document.elementFromPoint(box.left + 20, box.top + Math.min(box.height, 40) / 2);
    return there && (one.contains(there) || there.contains(one)) ? "seen" : one.innerText.slice(0, 80);
})"""


def forms_of(app, world, login, role):
    """The own addresses of this role that hold a form to send."""
    client = app.test_client()
    found = []
    for rule in routes(app, "GET"):
        met = {
            row: cells[list(rights.ROLES).index(role)]
            for (name, _, row), cells in rights.matrix().items()
            if name == rule.endpoint
        }
        if "ja" not in met.values():
            continue
        for path in own_addresses(rule, world):
            if world.people.get(role) and not client.get_cookie(app.config["SESSION_COOKIE_NAME"]):
                login(client, world.people[role])
            answer = client.get(path)
            if answer.status_code == 200 and answer.mimetype == "text/html" and " required" in answer.text:
                found.append(path)
            answer.close()
    return found


@pytest.mark.parametrize("role", ROLES)
def test_what_a_form_lacks_is_said_where_the_person_looks(window, app, world, login, role):
    addresses, wrong, pressed = forms_of(app, world, login, role), [], 0
    page = window(390)
    if world.people.get(role):
        enter(page, world.people[role])
    for address in addresses:
        page.goto(address)
        for place, action in page.evaluate(INCOMPLETE):
            endpoint = app.url_map.bind("localhost").match(urlsplit(action).path, "POST")[0]
            pressed += 1
            if endpoint in ASKED:
                continue  # one form, whoever fills it in
            ASKED.add(endpoint)
            for width in (390, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                wrong += _at(f"{address} at {width}, form {place}", page.evaluate(PRESS, place))
            page.set_viewport_size({"width": 390, "height": 800})
            with page.expect_navigation():
                page.evaluate(SEND, place)
            said = page.evaluate(REFUSED)
            if "seen" not in said:
                wrong.append(f"{address}, form {place}, then {page.url} ({page.title()}): {said or 'nothing is said'}")
            page.goto(address)

    assert not wrong, "\n".join(wrong)
    assert pressed


def _at(where, fault):
    return [f"{where}: {fault}"] if fault else []
