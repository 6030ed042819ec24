"""The real server process on a free port, the killing of it, and people who talk to it and write down what they heard."""

import http.client
import os
import re
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from commands import processes
from models.accounts.session import LogIn
from settings import settings
from tests.faults.killing import hang_up
from tests.smtp import free_port
from tests.wait import until

PATIENCE = 60  # seconds; a busy machine is no failure


class Server:
    """The portal's own command, with the application loaded once, so that a killed worker has its successor at once."""

    def __init__(self, under=(), **more):
        hang_up()
        self.port, self.under = free_port(), under
        command = [*under, *processes.web_command("127.0.0.1", self.port, 1), "--preload"]
        self.said = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(command, env={**os.environ, **more}, stderr=self.said, start_new_session=True)

    def __enter__(self):
        until(lambda: self.process.poll() is not None or (self._listens() and self.worker()), PATIENCE)
        assert self.process.poll() is None, self._last_words()
        return self

    def __exit__(self, *problem):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.said.close()

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _last_words(self):
        self.said.seek(0)
        return self.said.read().decode()

    def worker(self):
        """The process that answers now; None between two lives."""
        above = self.process.pid
        if self.under:  # what the command was started by, and then the command itself
            above = next(iter(children(above)), None)
        return next(iter(children(above)), None) if above else None

    def kill(self):
        """End the process that answers, as a power cut would; the next one comes by itself."""
        victim = until(self.worker, PATIENCE)
        os.kill(victim, signal.SIGKILL)
        until(lambda: self.worker() != victim, PATIENCE)


def children(process):
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


class Person:
    """Somebody who is logged in, without going through the log-in page. Each request is a connection of its own."""

    def __init__(self, app, server, user, context=None, log_in=None):
        """`log_in`: the key of one that was made before, where nothing but the server may write any more."""
        browser, key = app.test_client(), log_in or LogIn.start(user, "127.0.0.1", "test")
        with browser.session_transaction() as session:
            session.update({"_user_id": user.fs_uniquifier, "_fresh": True, "login": key})
        cookie = browser.get_cookie(app.config["SESSION_COOKIE_NAME"])
        self.context = context  # of TLS, where a proxy stands in front
        self.port, self.headers = server.port, {"Cookie": f"{cookie.key}={cookie.value}", "Host": settings.host}
        if context:  # a form that came over https says from which page
            self.headers["Referer"] = f"https://{settings.host}/"
        # A server that was just kept busy says 'nu even niet' first.
        page = until(lambda: (heard := self.ask("GET", "/account")) and heard.status == 200 and heard, PATIENCE)
        if fresh := page.cookie:
            self.headers["Cookie"] = fresh
        self.headers["X-CSRFToken"] = re.search(r'name="csrf-token" content="([^"]+)"', page.text)[1]

    def ask(self, method, path, body=None, **headers):
        """The answer, or None when the line broke before it was whole: nobody can know what became of it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        if self.context:
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE, context=self.context)
        try:
            connection.request(method, path, body, {**self.headers, "Accept": "text/html", **headers})
            return Heard(connection.getresponse())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def post(self, path, **form):
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, urlencode(form), **kind)

    def put(self, path, content, name):
        about = {"Content-Type": "application/octet-stream", "X-File-Name": name}
        return self.ask("PUT", path, content, Accept="application/json", **about)


class Heard:
    def __init__(self, answer):
        self.body, self.status, self.location = answer.read(), answer.status, answer.getheader("Location") or ""
        self.cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
        self.headers = answer.headers  # whatever their case

    @property
    def text(self):
        return self.body.decode()
