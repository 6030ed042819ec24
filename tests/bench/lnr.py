"""Messages over HTTP with one web process and four senders, durable when answered, against bare parsing and validation."""

import http.client
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

from lxml import etree

from app import create_app
from models import clock
from models.accounts.hospital import Hospital
from models.base import connect, db
from models.lnr.message.message_writer import build
from models.lnr.message.validation import check
from models.lnr.registry.message import Message
from models.lnr.specification.examples import preterm
from models.lnr.specification.site_files import FOLDER
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.supplier import Supplier
from models.operations import schema
from settings import settings
from tests.bench.measure import percentile, table, timed
from tests.cluster import Cluster, programs
from tests.smtp import free_port

SENDERS = 4
MESSAGES = int(os.environ.get("LNR_MESSAGES", "2000"))
ROUNDS = 500


def main():
    """On SQLite, and on a durable PostgreSQL where there is one."""
    if "--there" in sys.argv:
        return _deliver()
    _run(f"sqlite:///{settings.data_dir / 'portal.db'}")
    if programs():
        cluster = Cluster(durable=True)
        cluster.start()
        try:
            _run(cluster.url)
        finally:
            cluster.stop()


def _run(url):
    environment = {**os.environ, "DATABASE_URL": url}
    subprocess.run([sys.executable, "-m", "tests.bench.lnr", "--there"], env=environment, check=True)


def _deliver():
    create_app()
    schema.migrate()
    token = _key()
    connect(settings.database_url)
    port = free_port()
    web = subprocess.Popen([sys.executable, "app.py", "web", "--port", str(port)])
    try:
        raws = [_message(number) for number in range(MESSAGES + 40)]
        _senders(port, token, raws[:40], [])
        worker = _worker(web.pid)
        before, took = _memory(worker), []
        bare = _bare(raws[-1])
        judged = _judged(raws[-1])
        with timed(whole := []):
            _senders(port, token, raws[40:], took)
        grown = _memory(worker) - before
    finally:
        web.terminate()
        web.wait()
    with db.connection_context():
        kept = Message.select().where(Message.outcome == "aanvaard").count()
    each = whole[0] / MESSAGES
    rows = [
        ("parse and XSD alone", f"{1000 * bare:.2f}", "1.0", f"{1 / bare:.0f}", "", ""),
        ("check()", f"{1000 * judged:.2f}", f"{judged / bare:.1f}", f"{1 / judged:.0f}", "", ""),
        (
            "delivered and durable",
            f"{1000 * each:.2f}",
            f"{each / bare:.1f}",
            f"{1 / each:.0f}",
            f"{1000 * percentile(took, 0.95):.0f}",
            f"{grown / 1000:+.1f} MB",
        ),
    ]
    database = settings.database_url.partition(":")[0]
    heads = ("step", "ms each", "times bare", "a second", "p95 ms", "memory")
    table(f"{kept} LNR messages of {len(raws[0]) / 1000:.1f} kB, {SENDERS} senders, {database}", heads, rows)


def _key():
    hospital = Hospital.enrol("bench", "Ziekenhuis Meetlat", agb="06990001")
    supplier = Supplier.enrol("Meetlat")
    supplier.move("toegelaten")
    key, token = ApiKey.issue(supplier, hospital)
    ApiKey.update(per_minute=10**9).where(ApiKey.id == key.id).execute()
    db.close()
    return token


def _message(number):
    values = preterm(f"meting-{number}")
    return build(values | {"processing_code": "P", "child_ids": [("", f"M-{number}")]})


def _senders(port, token, raws, took):
    threads = [threading.Thread(target=_send, args=(port, token, raws[part::SENDERS], took)) for part in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _send(port, token, raws, took):
    connection = _reached(port)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/xml"}
    for raw in raws:
        with timed(took):
            connection.request("POST", "/lnr/v1/berichten", raw, headers)
            answer = connection.getresponse()
            said = answer.read()
        assert answer.status == 200, (answer.status, said)


def _reached(port):
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("localhost", port, timeout=60)
            connection.connect()
            return connection
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the web did not start")


def _bare(raw):
    schema_of = etree.XMLSchema(etree.parse(str(FOLDER / "lnr-1.0.xsd")))
    begun = time.perf_counter()
    for _ in range(ROUNDS):
        assert schema_of.validate(etree.fromstring(raw))
    return (time.perf_counter() - begun) / ROUNDS


def _judged(raw):
    begun = time.perf_counter()
    for _ in range(ROUNDS):
        assert not check(raw, clock.now()).refused
    return (time.perf_counter() - begun) / ROUNDS


def _worker(master):
    (child,) = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return int(child)


def _memory(pid):
    """Resident kB."""
    return int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1])


if __name__ == "__main__":
    main()
