"""A portal on a free loopback port, and a real browser that looks at it."""

import os
import socket
import threading
import time
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright
from werkzeug.serving import ThreadedWSGIServer

from models import clock
from models.mail.outbox import Mail
from models.mail.smtp import FolderPost
from models.review.verdict_undo import UNDO
from tests import make
from tests.flows.walk import faults

# Chromium names itself 'headless' otherwise, which the portal takes for a scanner.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"


SHOTS = os.environ.get("SCREENSHOTS")
WIDTHS = (1280, 390, 320)

# Seconds are no promise here: five, the usual patience, is what an upload may take on a busy machine.
expect.set_options(timeout=30_000)


class Portal(ThreadedWSGIServer):
    """The portal in threads, which knows how many connections it has accepted and not let go."""

    def __init__(self, app):
        super().__init__("localhost", 0, app)
        self.open, self.lock = 0, threading.Lock()

    def process_request(self, request, client_address):
        with self.lock:
            self.open += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        super().shutdown_request(request)
        with self.lock:
            self.open -= 1

    def wait(self):
        """Until nobody asks for anything: the next test takes the database away.

        Whoever was let in before this line of our own is counted by then, however slow the machine is.
        """
        with socket.create_connection(self.server_address[:2]):
            pass
        quiet, patience = 0, time.monotonic() + 30
        while quiet < 5 and time.monotonic() < patience:
            time.sleep(0.02)
            quiet = 0 if self.open else quiet + 1


@pytest.fixture(scope="session")
def busy(app):
    """The running portal."""
    server = Portal(app)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def portal(busy):
    """The address of the portal."""
    return f"http://localhost:{busy.port}"


@pytest.fixture(scope="session")
def chromium():
    """The browser; a test asks for `page` or makes contexts of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def window(require, request, portal, busy):
    """window(width=, **more): a page of a browser of its own; what its console complains about fails the test."""
    require("chromium")
    contexts, complaints = [], []

    def open(width=1280, **more):
        options = {"base_url": portal, "locale": "nl-NL", "user_agent": AGENT, "viewport": {"width": width, "height": 800}}
        options["reduced_motion"] = "reduce"  # axe would measure the colours of a change half-way
        context = request.getfixturevalue("chromium").new_context(**{**options, **more})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: serious(message) and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error.stack}"))
        return page

    yield open
    for context in contexts:
        context.close()
    busy.wait()
    assert complaints == []


@pytest.fixture
def look():
    """look(page, name): nothing grave for axe and nothing that scrolls sideways, at each width; told when the story is over.

    Once for each name: the second assessor meets the same page.
    """
    wrong, seen = [], set()

    def at_each_width(page, name):
        if name in seen:
            return
        seen.add(name)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            wrong.extend(f"{width}: {fault}" for fault in faults(page))
            if SHOTS:
                page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}.png"), full_page=True)
        page.set_viewport_size({"width": 1280, "height": 800})

    yield at_each_width
    assert wrong == []


@pytest.fixture
def files(tmp_path):
    """Two reports on the person's own computer."""
    paths = [tmp_path / name for name in ("partusverslag.pdf", "ontslagbrief.pdf")]
    for path in paths:
        path.write_bytes(make.PDF)
    return [str(path) for path in paths]


@pytest.fixture
def posted(tmp_path):
    """posted(): a minute later, when no verdict can be undone, what waits leaves for a folder; the mails there, newest last."""
    folder = tmp_path / "mail"

    def send():
        Mail.send_waiting(clock.now() + UNDO, FolderPost(folder))
        mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))]
        return {(mail["To"], mail["Subject"]): mail for mail in mails}

    return send


def serious(message):
    # A page that says 404 or 410 on purpose is an error to the console too.
    return message.type == "error" and not message.text.startswith("Failed to load resource")
