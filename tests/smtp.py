"""A real SMTP server on a free loopback port, that does as it is told."""

import socket
from contextlib import contextmanager
from email import message_from_bytes, policy
from types import SimpleNamespace

from aiosmtpd.controller import Controller


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Office:
    """What the server takes, in `letters`; `refuse` holds its answer to an address, `hang_up` those it drops after the text."""

    def __init__(self):
        self.letters, self.refuse, self.hang_up = [], {}, set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.letters.append(SimpleNamespace(sender=envelope.mail_from, to=envelope.rcpt_tos, message=message))
        if self.hang_up & set(envelope.rcpt_tos):
            server.transport.abort()
        return "250 taken"

    @property
    def addressees(self):
        return [address for letter in self.letters for address in letter.to]


@contextmanager
def serving():
    """An Office, with its address in `url`, as long as the block lasts."""
    office = Office()
    office.port = free_port()
    office.url = f"smtp://127.0.0.1:{office.port}"
    controller = Controller(office, hostname="127.0.0.1", port=office.port)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()
