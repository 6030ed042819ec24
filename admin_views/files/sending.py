"""Sending a file: under its own name, and never whole when it is damaged."""

import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

from flask import Response

from models.accounts.user import User
from models.base import db
from models.files.document import Document
from models.files.storage import Damaged

# Nothing a file holds may run or reach out, whichever page shows it. Chromium's PDF viewer works inside the sandbox.
SEALED = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def pdf_answer(content: bytes, name: str, inline: bool = False) -> Response:
    """A PDF of our own, to keep or to look at."""
    kind = "inline" if inline else "attachment"
    headers = {"Content-Disposition": f'{kind}; filename="{name}"', "Content-Security-Policy": SEALED}
    return Response(content, mimetype="application/pdf", headers=headers)


def disposition(kind: str, name: str) -> str:
    """RFC 6266: the name in plain letters for old programs, and in full."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().replace("\\", "").replace('"', "")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def held_back(document: Document, blocks: Iterator[bytes], by: User) -> Iterator[bytes]:
    """The blocks, each held back until the next one has proved sound: a damaged file never arrives whole."""
    try:
        held = next(blocks)
        for block in blocks:
            yield held
            held = block
    except Damaged:
        # By now the request may be over, and its connection closed.
        opened = db.connect(reuse_if_open=True)
        document.lost(by)
        if opened:
            db.close()
        raise
    yield held


def with_first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """`first`, which was read before the answer began, and the `rest`."""
    yield first
    yield from rest
