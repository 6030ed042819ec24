"""The gate before the application: an event loop receives what people send, so that a slow sender holds no thread.

ASGI in front of WSGI. A body is gathered here, within a time and a size, before one of the THREADS is asked to work; only the
raw upload of a file passes through as it comes, and those hold at most half of the threads. Headers have their own deadline
(commands/web_worker.py). What was measured before this was chosen stands in docs/architecture.md, 'The web server'.
"""

import asyncio
import errno
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

from a2wsgi import WSGIMiddleware
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadData
from peewee import PeeweeException
from playhouse.pool import MaxConnectionsExceeded
from werkzeug.http import parse_cookie

from admin_views.web.application import MEGABYTE, create_app
from admin_views.web.request_frame import HEADERS
from models.base import db, let_go
from models.lnr.suppliers.api_key import ApiKey
from models.operations.health import log_lines
from models.operations.keys.key_fingerprint import KeyFingerprint

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

log = logging.getLogger(__name__)

THREADS = 8
RAW_METHODS = ("PUT", "PATCH")  # of a file, whole or a part of it
UPLOADS = THREADS // 2  # places of files that are coming in
ANONYMOUS = 64_000  # bytes of a body of who did not log in, was not invited and has no key
LARGEST = 4 * MEGABYTE  # bytes of any other body that is gathered
GATHERED = 64 * MEGABYTE  # bytes of all bodies that are being gathered, together
MACHINES = "/lnr/v1/"  # whose programs send everything before they read an answer: what is too much is read, and thrown away
HEARD_OUT = 5 * LARGEST  # bytes of that
KNOWN = {"_user_id", "uploadlinks"}  # in the session of who logged in, or gave the code of an upload link
LENGTHS = (b"transfer-encoding", b"content-length")
OPEN_TO_ALL = ("/lnr/specificatie/",)  # where who has no account may send a whole message to try it

GRACE = 10  # seconds before a pace is asked for
PACE = 4_000  # bytes a second, at least
LONGEST = 60  # seconds for a body that is gathered
LONGEST_UPLOAD = 4 * 3600
WAIT_FOR_PLACE = 60

SLOW = (408, "Uw verzoek kwam te langzaam binnen. Probeer het opnieuw.")
LARGE = (413, "Wat u verstuurde is te groot. Maak het kleiner of verdeel het, en probeer het opnieuw.")
BUSY = (503, "Het portaal is even bezet. Probeer het over een minuut opnieuw.")


class RequestRefused(Exception):
    """The request goes no further; `answer` is the status and the sentence."""

    def __init__(self, answer: tuple[int, str]) -> None:
        self.answer = answer


class Pace:
    """How fast somebody sends or takes: RequestRefused when slower than PACE after GRACE, or after `longest` seconds in all."""

    def __init__(self, longest: float) -> None:
        self.began, self.longest, self.moved = time.monotonic(), longest, 0

    async def within(self, step: Awaitable[Any], size: Callable[[Any], int]) -> Any:
        """What `step` gives, if it comes in time; `size` tells how many bytes that moved."""
        allowed = min(self.longest, GRACE + self.moved / PACE) - (time.monotonic() - self.began)
        try:
            came = await asyncio.wait_for(step, max(0.01, allowed))
        except TimeoutError:
            raise RequestRefused(SLOW) from None
        self.moved += size(came)
        return came


def _exhausted(problem: Exception) -> bool:
    """Whether the process has no memory, no memory for another thread, or no file descriptor left."""
    if isinstance(problem, OSError):
        return problem.errno in (errno.EMFILE, errno.ENFILE)
    return isinstance(problem, MemoryError) or "new thread" in str(problem)


class Shown(NamedTuple):
    """The session in a Cookie header that this portal signed, and whether it is of somebody who is known. '' for none."""

    session: str = ""
    known: bool = False


class RequestGate:
    """An ASGI application around a WSGI application.

    `whose` tells the session that a Cookie header shows; `opens` whether an Authorization header holds a key that is valid.
    """

    def __init__(
        self,
        wsgi: Callable,
        whose: Callable[[str], Shown] = lambda cookie: Shown(cookie),
        opens: Callable[[str], bool] = lambda authorization: False,
    ) -> None:
        self.whose, self.opens = whose, opens
        self.keys = ThreadPoolExecutor(1)  # one question to the database at a time, whatever strangers send
        self.app = WSGIMiddleware(wsgi, workers=THREADS, send_queue_size=16)
        self.places, self.gathered = asyncio.Semaphore(UPLOADS), 0
        self.shares: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        begun = False

        async def told(message):
            nonlocal begun
            begun = True
            await send(message)

        try:
            if scope["method"] in RAW_METHODS:
                await self._pass(scope, receive, told)
            else:
                await self._gather(scope, receive, told)
        except RequestRefused as stop:
            log.warning("a request was refused before the application: %s %s", scope["method"], stop.answer[0])
            await _refuse(send, *stop.answer)
        except (MemoryError, RuntimeError, OSError) as lacking:
            if begun or not _exhausted(lacking):
                raise
            log.error("no memory, thread or file descriptor left for a request")
            await _refuse(send, *BUSY)

    async def _pass(self, scope, receive, send):
        """A file on its way to the disk: as it comes, while it comes fast enough."""
        share = self._share(scope)
        with ExitStack() as held:
            try:
                async with asyncio.timeout(WAIT_FOR_PLACE):
                    for places in (share, self.places):
                        await places.acquire()
                        held.callback(places.release)
            except TimeoutError:
                raise RequestRefused(BUSY) from None
            await self._pass_on(scope, receive, send)

    def _share(self, scope):
        """The places of who shows this session: at most half, so that one sender leaves some to others.

        Who shows none of somebody who is known shares one half with all such: every visitor is given a signed one.
        """
        found = self.whose(_header(scope, b"cookie"))
        shown = found.session if found.known else ""
        if (share := self.shares.get(shown)) is None:
            share = self.shares[shown] = asyncio.Semaphore(UPLOADS // 2)
        return share

    async def _pass_on(self, scope, receive, send):
        pace = Pace(LONGEST_UPLOAD)

        async def paced():
            try:
                return await pace.within(receive(), _size)
            except RequestRefused:
                return {"type": "http.disconnect"}  # the application makes a sentence of a body that is not whole

        await self.app(scope, paced, _outward(send))

    async def _gather(self, scope, receive, send):
        """Any other request: the thread begins when the body is here."""
        headers, held = dict(scope["headers"]), 0
        limit = await self._limit(scope, headers)
        heard_out = HEARD_OUT if scope["path"].startswith(MACHINES) else 0
        if int(headers.get(b"content-length", b"0") or 0) > limit + heard_out:
            raise RequestRefused(LARGE)
        body, pace, more, cut = bytearray(), Pace(LONGEST), True, False
        try:
            while more:
                message = await pace.within(receive(), _size)
                if message["type"] == "http.disconnect":
                    break
                part, more = message.get("body", b""), message.get("more_body", False)
                if len(body) + len(part) > limit:
                    if pace.moved > limit + heard_out:
                        raise RequestRefused(LARGE)
                    cut = True
                    continue
                # Nobody who fills the room keeps others from logging in: small bodies are always taken.
                if self.gathered + len(part) > GATHERED and len(body) + len(part) > ANONYMOUS:
                    raise RequestRefused(BUSY)
                body += part
                held, self.gathered = held + len(part), self.gathered + len(part)
            if more and b"content-length" not in headers:
                raise RequestRefused(SLOW)  # chunks that broke off would look whole
            if cut or b"transfer-encoding" in headers:
                kept = [(name, value) for name, value in scope["headers"] if name not in LENGTHS]
                scope = scope | {"headers": [*kept, (b"content-length", str(len(body)).encode())]}
            last = {"type": "http.disconnect"} if more else {"type": "http.request", "body": b"", "more_body": False}
            parts = [{"type": "http.request", "body": bytes(body), "more_body": more}] if body else []
            waiting = iter([*parts, last])

            async def given():
                return next(waiting, {"type": "http.disconnect"})

            await self.app(scope, given, _outward(send))
        finally:
            self.gathered -= held

    async def _limit(self, scope, headers):
        """How many bytes this body may have, before any of it is read. Only for a large one is asked who sends it."""
        if int(headers.get(b"content-length", b"0") or 0) <= ANONYMOUS and b"transfer-encoding" not in headers:
            return ANONYMOUS
        if scope["path"].startswith(OPEN_TO_ALL):
            return LARGEST
        if scope["path"].startswith(MACHINES):
            asked = asyncio.get_running_loop().run_in_executor(self.keys, self.opens, _header(scope, b"authorization"))
            return LARGEST if await asked else ANONYMOUS
        return LARGEST if self.whose(_header(scope, b"cookie")).known else ANONYMOUS


def _size(message):
    return len(message.get("body", b""))


def _header(scope, named):
    return "; ".join(value.decode("latin-1") for name, value in scope["headers"] if name == named)


def _outward(send):
    """`send`, for an answer that is taken fast enough; the rest of one that is not goes nowhere, and frees its thread."""
    pace, gone = Pace(LONGEST_UPLOAD), False

    async def outward(message):
        nonlocal gone
        if not gone:
            try:
                await pace.within(send(message), lambda _: _size(message))
            except (RequestRefused, OSError):
                gone = True

    return outward


async def _refuse(send, status, sentence):
    body = sentence.encode() + b"\n"
    said = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body)), "Connection": "close"}
    said |= HEADERS | {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
    if status == 503:
        said["Retry-After"] = "60"
    headers = [(name.lower().encode(), value.encode()) for name, value in said.items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def create() -> RequestGate:
    """What gunicorn serves. Raises Refused where the keys are not those of the database."""
    log_lines.begin()
    app = create_app()
    with db.connection_context():
        KeyFingerprint.demand_fit()
    let_go()  # what answers is forked from here: two processes on one line would hear each other's answers
    return RequestGate(app, session_reader(app), holds_key)


def holds_key(authorization: str) -> bool:
    """Whether this header holds a valid key of a supplier.

    Raises RequestRefused while the database does not answer: a message of somebody who may send it is never cut short.
    """
    scheme, _, token = authorization.partition(" ")
    try:
        with db.connection_context():
            return scheme.lower() == "bearer" and ApiKey.opened_by(token.strip()) is not None
    except (PeeweeException, MaxConnectionsExceeded):
        raise RequestRefused(BUSY) from None


def session_reader(app: Flask) -> Callable[[str], Shown]:
    """What tells the session in a Cookie header, and whether somebody logged in or gave the code of an upload link in it."""
    signing, name = SecureCookieSessionInterface().get_signing_serializer(app), app.config["SESSION_COOKIE_NAME"]

    def read(header: str) -> str:
        value = parse_cookie(header).get(name, "")
        try:
            session = signing.loads(value, max_age=int(app.permanent_session_lifetime.total_seconds()))
        except BadData:
            return Shown()
        return Shown(value, not KNOWN.isdisjoint(session))

    return read
