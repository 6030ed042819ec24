"""The monthly mail to five thousand melders, against its floor: a bare loop to the same server with a durable commit a mail."""

import multiprocessing
import os
import smtplib
import sqlite3
import time
from email.message import EmailMessage
from email.policy import SMTP

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from commands.demo import synthetic
from models import base, clock
from models.mail.outbox import Mail, MailStatus
from models.mail.smtp import SmtpPost
from models.monthly.monthly_request import MonthlyCall
from models.operations import schema
from settings import settings
from tests.bench.measure import table, timed
from tests.smtp import free_port

MAILS = int(os.environ.get("MAILS", "5000"))


def main():
    """Ask all melders of 2,500 hospitals, and send."""
    base.connect(settings.database_url)
    schema.migrate()
    synthetic.fill(MAILS // 2, 0, "x", say=lambda said: None)
    Mail.update(status=MailStatus.VERVALLEN).execute()
    asked, sent, bare, floor = [], [], [], []
    with timed(asked):
        MonthlyCall.open_all(clock.month_of(clock.today()))
    size = len(Mail.select().order_by(Mail.id.desc()).first().render().as_bytes())
    with _Server() as server:
        with timed(sent):
            count = Mail.send_waiting(post=SmtpPost(f"smtp://127.0.0.1:{server.port}"))
        with timed(bare):
            _bare_loop(server.port, size, lambda number: None)
        noted = sqlite3.connect(settings.data_dir / "floor.db", isolation_level=None)
        noted.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE sent (number INTEGER)")
        with timed(floor):
            _bare_loop(server.port, size, lambda number: noted.execute("INSERT INTO sent VALUES (?)", (number,)))
    rows = [
        ("make the requests and queue the mails", MAILS, f"{asked[0]:.1f}", f"{MAILS / asked[0]:.0f}"),
        ("send the outbox, each mail committed", count, f"{sent[0]:.1f}", f"{count / sent[0]:.0f}"),
        ("floor: bare loop with a durable commit a mail", MAILS, f"{floor[0]:.1f}", f"{MAILS / floor[0]:.0f}"),
        ("bare smtplib loop, one connection", MAILS, f"{bare[0]:.1f}", f"{MAILS / bare[0]:.0f}"),
    ]
    table("The monthly mail", ("step", "mails", "seconds", "a second"), rows)
    print(f"  the outbox at {floor[0] / sent[0] * count / MAILS:.2f} of the floor")


def _bare_loop(port, size, commit):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, "iemand@example.com", "Kaal"
    message.set_content("\n".join("x" * 70 for _ in range(size // 71)))
    text = message.as_bytes(policy=SMTP)
    with smtplib.SMTP("127.0.0.1", port) as server:
        for number in range(MAILS):
            server.sendmail(settings.mail_from, ["iemand@example.com"], text)
            commit(number)


class _Server:
    """An SMTP server in a process of its own, so that it does not share our interpreter."""

    def __enter__(self):
        self.port = free_port()
        self.process = multiprocessing.get_context("spawn").Process(target=_serve, args=(self.port,), daemon=True)
        self.process.start()
        for _ in range(100):
            try:
                smtplib.SMTP("127.0.0.1", self.port).quit()
                return self
            except OSError:
                time.sleep(0.1)
        raise TimeoutError

    def __exit__(self, *problem):
        self.process.terminate()
        self.process.join()


def _serve(port):
    Controller(Sink(), hostname="127.0.0.1", port=port).start()
    time.sleep(3600)


if __name__ == "__main__":
    main()
