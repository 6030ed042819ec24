"""A file of 500 MB through gunicorn, encrypted and hashed on its way in, against a plain copy on the same disk."""

import http.client
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from admin_views.accounts.demo_accounts import accounts
from app import create_app
from commands.demo import synthetic
from models.accounts.user import User
from models.base import db
from models.cases.case import Case
from models.cases.theme import Theme
from models.files.document import Document
from models.operations import schema
from settings import settings
from tests.bench.measure import logged_in, table, timed
from tests.smtp import free_port

SIZE = 500_000_000
BLOCK = 1 << 20
MB = 1e6


def main():
    """Upload once to warm up, then three times; the best of three for both, as a busy disk says nothing."""
    app = create_app()
    schema.migrate()
    synthetic.fill(8, 10, "x", say=lambda said: None)
    melder = User.by_email(accounts()[0].email)
    case = Case.open(melder, Theme.select().first(), "4711")
    browser = logged_in(app, melder)
    db.close()
    source = settings.data_dir / "source.mp4"
    _make(source)
    copied, took = [], []
    for _ in range(3):
        _copy(source, settings.data_dir / "copy", copied)
    port = free_port()
    web = subprocess.Popen([sys.executable, "app.py", "web", "--port", str(port)])
    try:
        cookie, token = _enter(port, browser, case)
        _put(port, cookie, token, case, source, 0, [], 1_000_000)
        worker = _worker(web.pid)
        before = _status(worker, "VmRSS")
        for number in range(1, 4):
            _put(port, cookie, token, case, source, number, took, SIZE)
        grown = _status(worker, "VmHWM") - before
    finally:
        web.terminate()
        web.wait()
        source.unlink()
    stored = Document.select().where(Document.case == case, Document.size == SIZE).count()
    rows = [
        ("plain copy with fsync", f"{min(copied):.2f}", f"{SIZE / MB / min(copied):.0f}", ""),
        ("upload through gunicorn", f"{min(took):.2f}", f"{SIZE / MB / min(took):.0f}", f"+{grown / 1000:.0f} MB"),
    ]
    table(f"A file of 500 MB, {stored} of 3 stored", ("way", "seconds", "MB/s", "worker's memory"), rows)


def _make(path):
    with path.open("wb") as file:
        file.write(b"\0\0\0\x18ftypisom" + bytes(12) + b"\0\0\0\0mdat")  # a clip that goes on to the end of the file
        block = os.urandom(BLOCK)
        while (left := SIZE - file.tell()) > 0:
            file.write(block[:left])
        os.fsync(file.fileno())


def _copy(source, target, took):
    with timed(took), source.open("rb") as file, target.open("wb") as copy:
        while block := file.read(BLOCK):
            copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
    target.unlink()


def _enter(port, browser, case):
    """The cookie of a session, and the form key of a page of it."""
    cookie = browser.get_cookie(browser.application.config["SESSION_COOKIE_NAME"])
    headers = {"Cookie": f"{cookie.key}={cookie.value}"}
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("localhost", port, timeout=60)
            connection.request("GET", f"/melding/{case.key}/", headers=headers)
            answer = connection.getresponse()
            page = answer.read().decode()
            break
        except OSError:
            time.sleep(0.1)
    fresh = answer.getheader("Set-Cookie")
    cookie = fresh.split(";")[0] if fresh else headers["Cookie"]
    return cookie, re.search(r'name="csrf-token" content="([^"]+)"', page)[1]


def _put(port, cookie, token, case, source, number, took, size):
    connection = http.client.HTTPConnection("localhost", port, timeout=300, blocksize=BLOCK)
    headers = {
        "Cookie": cookie,
        "X-CSRFToken": token,
        "Content-Type": "application/octet-stream",
        "Content-Length": str(size),
        "Accept": "application/json",
        "X-File-Name": f"groot-{number}.mp4",
    }
    with source.open("rb") as file, timed(took):
        body = file if size == SIZE else file.read(size)
        connection.request("PUT", f"/melding/{case.key}/bestanden?sleutel=bench-{number}", body, headers)
        answer = connection.getresponse()
        said = answer.read()
    assert answer.status == 201, (answer.status, said)


def _worker(master):
    (child,) = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return int(child)


def _status(pid, name):
    """A size in kB from /proc."""
    return int(re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1])


if __name__ == "__main__":
    main()
