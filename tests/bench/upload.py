"""A file of 2 GB through gunicorn, encrypted and hashed on its way in, whole and in parts, against a plain copy of it."""

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

SIZE = 2_000_000_000
TIMES = 2
PIECE = 16_000_000  # of which the page makes a part
BLOCK = 1 << 20
MB = 1e6


def main():
    """Upload once to warm up, then TIMES; the best of them for each way, as a busy disk says nothing."""
    app = create_app()
    schema.migrate()
    synthetic.fill(8, 10, "x", say=lambda said: None)
    melder = User.by_email(accounts()[0].email)
    case = Case.open(melder, Theme.select().first(), "4711")
    browser = logged_in(app, melder)
    db.close()
    source = settings.data_dir / "source.mp4"
    _make(source)
    copied, took, in_parts, joining = [], [], [], []
    port = free_port()
    web = subprocess.Popen([sys.executable, "app.py", "web", "--port", str(port)])
    try:
        cookie, token = _enter(port, browser, case)
        _put(port, cookie, token, case, source, 0, [], 1_000_000)
        worker = _worker(web.pid)
        before = _status(worker, "VmRSS")
        for number in range(1, TIMES + 1):  # side by side, so that each meets the same weather
            _copy(source, settings.data_dir / "copy", copied)
            _put(port, cookie, token, case, source, number, took, SIZE)
        grown = _status(worker, "VmHWM") - before
        for _ in range(TIMES):
            _send_in_parts(port, cookie, token, case, source, in_parts, joining)
        grown_by_parts = _status(worker, "VmHWM") - before
    finally:
        web.terminate()
        web.wait()
        source.unlink()
    stored = Document.select().where(Document.case == case, Document.size == SIZE).count()
    rows = [
        _row("plain copy with fsync", copied, copied, ""),
        _row("upload through gunicorn", took, copied, f"+{grown / 1000:.0f} MB"),
        _row(f"the same in parts of {PIECE / MB:.0f} MB", in_parts, copied, f"+{grown_by_parts / 1000:.0f} MB"),
        _row("of which making one of the parts", joining, copied, ""),
    ]
    head = ("way", "seconds", "MB/s", "of the copy", "worker's memory")
    table(f"A file of {SIZE / MB / 1000:.0f} GB, {stored} of {2 * TIMES} stored", head, rows)


def _row(way, took, copied, memory):
    return way, f"{min(took):.2f}", f"{SIZE / MB / min(took):.0f}", f"{100 * min(copied) / min(took):.0f}%", memory


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


def _send_in_parts(port, cookie, token, case, source, took, joining):
    """By the tus protocol, as the page does: one request after the other; the last one makes the document."""
    connection = http.client.HTTPConnection("localhost", port, timeout=600, blocksize=BLOCK)
    headers = {"Cookie": cookie, "X-CSRFToken": token, "Tus-Resumable": "1.0.0"}
    about = {"Upload-Length": str(SIZE), "Upload-Metadata": "filename Z3Jvb3QubXA0"}
    with source.open("rb") as file, timed(took):
        connection.request("POST", f"/melding/{case.key}/bestanden/delen", b"", headers | about)
        answer = connection.getresponse()
        answer.read()
        place = answer.getheader("Location")
        for at in range(0, SIZE, PIECE):
            piece = {"Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
            last = joining if at + PIECE >= SIZE else []
            with timed(last):
                connection.request("PATCH", place, file.read(PIECE), headers | piece)
                answer = connection.getresponse()
                said = answer.read()
            assert answer.status == 204, (answer.status, said)


def _worker(master):
    (child,) = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return int(child)


def _status(pid, name):
    """A size in kB from /proc."""
    return int(re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1])


if __name__ == "__main__":
    main()
