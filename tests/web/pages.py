"""Pages as a person meets them without script: their form with what stands in it, and sending it."""

import re
from html.parser import HTMLParser

from werkzeug.datastructures import MultiDict


class _Form(HTMLParser):
    """The fields of the form with this class."""

    def __init__(self, name):
        super().__init__()
        self.name = name
        self.fields, self.inside, self.select, self.area = MultiDict(), False, None, None

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.inside = self.name in given.get("class", "")
        elif self.inside and tag == "input" and "name" in given:
            self._input(given)
        elif self.inside and tag in ("select", "textarea"):
            self.select, self.area = (given["name"], None) if tag == "select" else (None, given["name"])
        elif self.select and tag == "option" and ("selected" in given or self.select not in self.fields):
            # a browser sends the first option unless another one is chosen
            self.fields[self.select] = given["value"]

    def _input(self, given):
        if given.get("type") in ("checkbox", "radio") and "checked" not in given:
            return
        self.fields.add(given["name"], given.get("value") or ("y" if given.get("type") == "checkbox" else ""))

    def handle_data(self, data):
        if self.area:
            self.fields.add(self.area, data.strip("\r\n"))
            self.area = None

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        if tag in ("select", "textarea"):
            self.select = self.area = None


def form_of(answer, name="admin-form"):
    """What the page's form with this class would send when nothing is touched."""
    parser = _Form(name)
    parser.feed(answer.get_data(as_text=True))
    return parser.fields


def form_key(browser):
    """The key that every form of this browser carries."""
    return re.search(r'name="csrf-token" content="([^"]+)"', browser.get("/account").text).group(1)


def send(browser, address, fields=(), **more):
    """Post `fields`, with `more` in their place, and the form key."""
    sent = MultiDict(fields)
    for name, value in more.items():
        sent.setlist(name, value if isinstance(value, list) else [value])
    sent["csrf_token"] = form_key(browser)
    return browser.post(address, data=sent)


def edit(browser, address, **more):
    """Open the form at `address`, change some fields, and save."""
    return send(browser, address, form_of(browser.get(address)), **more)
