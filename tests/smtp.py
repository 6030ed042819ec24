"""A real SMTP server on a free loopback port, that does as it is told."""

import asyncio
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
    """What the server takes, in `letters`; `refuse` holds its answer to an address, `hang_up` those it drops after the text.

    `refuse_text` holds its answer to the text for an address; `watch` is told of each moment: addressed, received, accepted.
    `refuse_sender` is its answer to whoever the mail is from. `dumb` is how many seconds it says nothing after a text.
    """

    def __init__(self):
        self.letters, self.refuse, self.hang_up, self.refuse_text, self.dumb = [], {}, set(), {}, 0
        self.refuse_sender = None
        self.watch = lambda moment: None

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.refuse_sender:
            return self.refuse_sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        self.watch("addressed")
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(self.dumb)
        for address in self.refuse_text.keys() & set(envelope.rcpt_tos):
            return self.refuse_text[address]
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.letters.append(SimpleNamespace(sender=envelope.mail_from, to=envelope.rcpt_tos, message=message))
        if self.hang_up & set(envelope.rcpt_tos):
            server.transport.abort()
        self.watch("received")
        asyncio.get_running_loop().call_later(0.001, self.watch, "accepted")
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
