"""Asking ClamAV about a file, by its own protocol (INSTREAM) over one connection. What is not surely clean is not clean.

clamd must run with `AlertExceedsMax yes` and `AlertEncrypted yes`: without them it calls clean what it did not look into.
"""

import socket
import ssl
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from models import outgoing

BLOCK = 1 << 16
LONGEST_ANSWER = 4096
CONNECT = 5  # seconds
STEP = 30  # seconds without the scanner taking anything
TOTAL = 900  # seconds for one file, its answer included

NOT_LOOKED_INTO = ("Heuristics.Encrypted.", "Heuristics.Limits.Exceeded")


class Reason(StrEnum):
    """Why a file could not be scanned; the value is what a person reads."""

    DOWN = "de virusscanner is niet bereikbaar"
    UNVERIFIED = "het certificaat van de virusscanner klopt niet"
    HANGING = "de virusscanner antwoordt niet op tijd"
    CLOSED = "de virusscanner verbrak de verbinding"
    GARBLED = "de virusscanner gaf een onbegrijpelijk antwoord"
    TOO_LARGE = "het bestand is te groot voor de virusscanner"
    LOCKED = "het bestand is versleuteld, zodat de virusscanner er niet in kan kijken"


@dataclass(frozen=True)
class Clean:
    pass


@dataclass(frozen=True)
class Infected:
    """`name`: what the scanner calls it; printable ASCII."""

    name: str


@dataclass(frozen=True)
class CouldNotScan:
    """`retry`: whether asking again later may help; a file that is too large or locked stays so."""

    reason: Reason

    @property
    def retry(self) -> bool:
        return self.reason not in (Reason.TOO_LARGE, Reason.LOCKED)


def scan(blocks: Iterator[bytes], url: str, connect: Any = CONNECT, step: Any = STEP, total: int = TOTAL) -> CouldNotScan:
    """Let the clamd at `url` look at an iterable of blocks of bytes, one at a time in memory.

    `url`: unix:/path, tls://host:port (verified) or tcp://host:port.

    Returns Clean, Infected or CouldNotScan, within about `connect` + `total` seconds; `step` bounds each single wait.
    Raises ValueError for another kind of address, and whatever the iterable raises: then nothing was decided.
    """
    deadline = time.monotonic() + total
    try:
        line = _connected(url, connect)
    except TimeoutError:
        return CouldNotScan(Reason.HANGING)
    except ssl.SSLCertVerificationError:
        return CouldNotScan(Reason.UNVERIFIED)
    except OSError:
        return CouldNotScan(Reason.DOWN)
    with line:
        for block in _framed(blocks):
            if problem := _sent(line, block, step, deadline):
                return problem
        return _answer(line, deadline, step=total)


def ping(url: str, seconds: float) -> str:
    """Why the clamd at `url` cannot be asked, as a person reads it; "" when it answers."""
    try:
        with _connected(url, seconds) as line:
            line.sendall(b"zPING\0")
            return "" if line.recv(LONGEST_ANSWER).startswith(b"PONG") else str(Reason.GARBLED)
    except TimeoutError:
        return str(Reason.HANGING)
    except ssl.SSLCertVerificationError:
        return str(Reason.UNVERIFIED)
    except OSError:
        return str(Reason.DOWN)


def _connected(url, seconds):
    parts = urlsplit(url)
    if parts.scheme == "tcp" and parts.hostname:
        return socket.create_connection((parts.hostname, parts.port or 3310), seconds)
    if parts.scheme == "tls" and parts.hostname:
        line = socket.create_connection((parts.hostname, parts.port or 3310), seconds)
        return outgoing.context().wrap_socket(line, server_hostname=parts.hostname)
    if parts.scheme != "unix" or not parts.path:
        raise ValueError(f"CLAMD_URL must look like unix:/path, tls://host:3310 or tcp://host:3310; it is {url!r}.")
    line = socket.socket(socket.AF_UNIX)
    try:
        line.settimeout(seconds)
        line.connect(parts.path)
    except BaseException:
        line.close()
        raise
    return line


def _framed(blocks):
    """The command, then every block with its length before it, then the length 0 that ends the file."""
    yield b"zINSTREAM\0"
    for block in blocks:
        view = memoryview(block)
        for at in range(0, len(view), BLOCK):
            part = view[at : at + BLOCK]
            yield struct.pack(">I", len(part)) + part
    yield struct.pack(">I", 0)


def _sent(line, block, step, deadline):
    """None when the scanner took it; else the outcome. An answer before the end is never a clean one."""
    try:
        if (received := _received(line)) is not None:
            return _early(line, deadline, step, received)
        line.settimeout(_left(step, deadline))
        line.sendall(block)
    except TimeoutError:
        return CouldNotScan(Reason.HANGING)
    except OSError:
        return _early(line, deadline, step)
    return None


def _received(line):
    """What the scanner sent before it was asked to: b"" when it closed the line, None when it sent nothing."""
    line.settimeout(0)
    try:
        # Not select(): a TLS line is also readable for what only concerns TLS.
        return line.recv(LONGEST_ANSWER)
    except (BlockingIOError, ssl.SSLWantReadError):
        return None


def _early(line, deadline, step, received=None):
    outcome = CouldNotScan(Reason.CLOSED) if received == b"" else _answer(line, deadline, step, received or b"")
    return CouldNotScan(Reason.GARBLED) if isinstance(outcome, Clean) else outcome


def _left(step, deadline):
    left = min(step, deadline - time.monotonic())
    if left <= 0:
        raise TimeoutError
    return left


def _answer(line, deadline, step, received=b""):
    try:
        while not received.endswith(b"\0"):
            line.settimeout(_left(step, deadline))
            if not (block := line.recv(LONGEST_ANSWER)):
                return CouldNotScan(Reason.GARBLED if received else Reason.CLOSED)
            received += block
            if len(received) > LONGEST_ANSWER:
                return CouldNotScan(Reason.GARBLED)
    except TimeoutError:
        return CouldNotScan(Reason.HANGING)
    except OSError:
        return CouldNotScan(Reason.CLOSED)
    return _judged(received.decode("ascii", "replace"))


def _judged(text):
    """The outcome that one complete answer stands for; every answer but the one for a clean file is something else."""
    text, end, behind = text.partition("\0")
    if not end or behind:
        return CouldNotScan(Reason.GARBLED)
    if text == "stream: OK":
        return Clean()
    if text == "INSTREAM size limit exceeded. ERROR":
        return CouldNotScan(Reason.TOO_LARGE)
    name = text.removeprefix("stream: ").removesuffix(" FOUND")
    if text != f"stream: {name} FOUND" or not name:
        return CouldNotScan(Reason.GARBLED)
    if name.startswith(NOT_LOOKED_INTO):
        return CouldNotScan(Reason.LOCKED if "Encrypted" in name else Reason.TOO_LARGE)
    return Infected("".join(letter if letter.isprintable() and letter.isascii() else "?" for letter in name)[:100])
