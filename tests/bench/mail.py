"""The monthly mail to five thousand melders, against a bare loop over one connection to the same server."""

import multiprocessing
import smtplib
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

MAILS = 5000


def main():
    """Ask all melders of 2,500 hospitals, and send."""
    base.connect(settings.database_url)
    schema.migrate()
    synthetic.fill(MAILS // 2, 0, "x", say=lambda said: None)
    Mail.update(status=MailStatus.VERVALLEN).execute()
    asked, sent, bare = [], [], []
    with timed(asked):
        MonthlyCall.open_all(clock.month_of(clock.today()))
    size = len(Mail.select().order_by(Mail.id.desc()).first().render().as_bytes())
    with _Server() as server:
        with timed(sent):
            count = Mail.send_waiting(post=SmtpPost(f"smtp://127.0.0.1:{server.port}"))
        with timed(bare):
            _bare_loop(server.port, size)
    rows = [
        ("make the requests and queue the mails", MAILS, f"{asked[0]:.1f}", f"{MAILS / asked[0]:.0f}"),
        ("send the outbox, each mail committed", count, f"{sent[0]:.1f}", f"{count / sent[0]:.0f}"),
        ("bare smtplib loop, one connection", MAILS, f"{bare[0]:.1f}", f"{MAILS / bare[0]:.0f}"),
    ]
    table("The monthly mail", ("step", "mails", "seconds", "a second"), rows)


def _bare_loop(port, size):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, "iemand@example.com", "Kaal"
    message.set_content("\n".join("x" * 70 for _ in range(size // 71)))
    text = message.as_bytes(policy=SMTP)
    with smtplib.SMTP("127.0.0.1", port) as server:
        for _ in range(MAILS):
            server.sendmail(settings.mail_from, ["iemand@example.com"], text)


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
