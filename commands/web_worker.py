"""The gunicorn worker: a connection has a deadline for its headers, and a stop waits for requests only.

gunicorn's own waits for every connection: a browser that opened one ahead and asked nothing held Ctrl-C for 10 seconds.
Read by the arbiter as its settings, so it knows nothing of the application.
"""

import asyncio
import os
from weakref import WeakSet

from gunicorn.workers import gasgi

UNSENT_SECONDS = 1  # what a request that is still being sent may take once a stop was asked
HEADER_SECONDS = 10  # from the connection to the end of the first headers; later ones have gunicorn's keep-alive


class HastyProtocol(gasgi.ASGIProtocol):
    """gunicorn's connection, which gives the headers of later requests a deadline, and the first ones none."""

    open: WeakSet["HastyProtocol"] = WeakSet()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.open.add(self)
        # Its own timer, which it cancels as soon as the headers of a request are whole.
        self._keepalive_handle = self.worker.loop.call_later(HEADER_SECONDS, self._keepalive_timeout)

    def eof_received(self) -> bool:
        """Who stops sending in the middle is still told so: the way back stays open."""
        self.end_if_unsent()
        return True

    def end_if_unsent(self) -> None:
        """Tell the application that no more of a body comes that is not whole."""
        if self._body_receiver is not None and not self._body_receiver._complete:
            self._body_receiver.signal_disconnect()

    def end_if_idle(self) -> None:
        """Close the connection when no request of it is in hand: then that timer runs."""
        if self._keepalive_handle is not None:
            self._keepalive_timeout()


gasgi.ASGIProtocol = HastyProtocol  # the worker has no other way to say which


class PromptWorker(gasgi.ASGIWorker):
    """gunicorn's worker for ASGI."""

    def run(self) -> None:
        super().run()
        # Tidying its memory would take Python another second or two; what is durable is in the database.
        os._exit(0)

    async def _shutdown(self) -> None:
        for server in self.servers:
            server.close()
        for connection in list(HastyProtocol.open):
            connection.end_if_idle()
            self.loop.call_later(UNSENT_SECONDS, connection.end_if_unsent)
        await super()._shutdown()


worker_class = PromptWorker
