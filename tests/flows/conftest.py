"""A portal on a free loopback port, and a real browser that looks at it."""

import threading
import time

import pytest
from playwright.sync_api import expect, sync_playwright
from werkzeug.serving import make_server

# Chromium names itself 'headless' otherwise, which the portal takes for a scanner.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"


# Seconds are no promise here: five, the usual patience, is what an upload may take on a busy machine.
expect.set_options(timeout=30_000)


class Busy:
    """The application, and how many requests it is answering."""

    def __init__(self, app):
        self.app, self.count, self.lock = app, 0, threading.Lock()

    def __call__(self, environ, start_response):
        with self.lock:
            self.count += 1
        try:
            return self.app(environ, start_response)
        finally:
            with self.lock:
                self.count -= 1

    def wait(self):
        """Until nothing was asked for a moment: the next test takes the database away."""
        quiet = 0
        while quiet < 5:
            time.sleep(0.02)
            quiet = 0 if self.count else quiet + 1


@pytest.fixture(scope="session")
def busy(app):
    return Busy(app)


@pytest.fixture(scope="session")
def portal(busy):
    """The address of the portal, which runs in threads of its own."""
    server = make_server("localhost", 0, busy, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.port}"
    server.shutdown()
    thread.join()


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
        page.on("console", lambda message: _serious(message) and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open
    for context in contexts:
        context.close()
    busy.wait()
    assert complaints == []


def _serious(message):
    # A page that says 404 or 410 on purpose is an error to the console too.
    return message.type == "error" and not message.text.startswith("Failed to load resource")
