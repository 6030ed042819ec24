"""Receiving a file as the raw body of a request: what the browser says of it, and what is answered when it is refused."""

import string
from contextlib import suppress
from urllib.parse import unquote

from flask import request
from werkzeug.exceptions import ClientDisconnected

from models.base import Refused, new_key
from models.files.storage import BrokenOff, NoRoom, TooLarge, Unreachable
from models.files.upload_limits import MAX_SIZE, TOO_BIG, DayFull

KEY_LETTERS = frozenset(string.ascii_letters + string.digits + "-_")

RAW = "application/octet-stream"
NOT_RAW = "Dit adres neemt één bestand tegelijk aan, zonder verpakking."
NO_LENGTH = "De browser heeft niet gezegd hoe groot het bestand is. Probeer het met een andere browser."
HEARD_OUT = 16_000_000  # bytes that are still read of a file that is refused
REFUSALS = {TooLarge: 413, DayFull: 413, BrokenOff: 400, NoRoom: 503, Unreachable: 503}


def name_in_header():
    """The name of the file that is the body of this request: percent-encoded UTF-8, and nowhere that addresses are kept."""
    return unquote(request.headers.get("X-File-Name", ""))


def announced_length():
    """How many bytes the browser says will come. Raises Refused when it says nothing, TooLarge for too much."""
    if "Transfer-Encoding" in request.headers:
        raise Refused(NO_LENGTH)  # a broken upload could not be told from a whole one
    length = request.content_length or 0
    if length > MAX_SIZE:
        raise TooLarge(TOO_BIG)
    return length


def hear_out(source):
    """Read on, within bounds: a browser that is still sending loses the sentence when the line closes under it."""
    left = HEARD_OUT
    with suppress(OSError, ClientDisconnected):
        while left > 0 and (block := source.read(min(left, 1 << 20))):
            left -= len(block)


def upload_key(key):
    """What the page made to tell a repeated upload; a new key for anything else."""
    return key if key and len(key) <= 43 and KEY_LETTERS.issuperset(key) else new_key()
