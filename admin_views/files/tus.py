"""What one speaks of the tus protocol (https://tus.io/protocols/resumable-upload, 1.0.0): headers in, answers out.

The screens that take large files in parts say what is announced, and who brings it: of a case, and of an upload link.
"""

import binascii
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from flask import abort, request

from admin_views.files.receiving import NO_LENGTH, hear_out
from admin_views.web.error_pages import wants_json
from models.base import Refused
from models.files.document import Document
from models.files.file_name import shortened
from models.files.privacy import inspection
from models.files.resumable.resumable_upload import Joining, ResumableUpload, WrongOffset
from models.files.upload_limits import DayFull
from tasks import scan

VERSION = "1.0.0"
PIECE = "application/offset+octet-stream"
SPOKEN = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
OTHER_VERSION = f"Dit adres spreekt versie {VERSION} van het tus-protocol."
NOT_A_PIECE = f"Stuur de inhoud als {PIECE}."
NOT_SAID = "Zeg met Upload-Length hoe groot het bestand is, en met Upload-Offset waar dit deel begint."
BRIDGE = "X-HTTP-Method-Override"  # where a network lets no PATCH through


def announced(begin: Callable[..., ResumableUpload], place: Callable[[ResumableUpload], str], status: Callable) -> Any:
    """The answer to an announcement. `begin` gets name, size, modified (ms since 1970) and what else the metadata says;
    `place` tells the address of what was begun, `status` that of a refusal."""
    if wrong := _wrong_version():
        return wrong
    size, about = _number("Upload-Length"), _metadata()
    if size is None:
        return answer({"error": NOT_SAID}, 400)
    modified = int(about["lastmodified"]) if about.get("lastmodified", "").isdecimal() else 0
    try:
        upload = begin(about.get("filename", ""), size, min(modified, 1 << 53), about)
    except Refused as reason:
        return answer({"error": str(reason)}, status(reason))
    return answer("", 201, Location=place(upload))


def how_far(upload: ResumableUpload) -> Any:
    """How many bytes are here."""
    if upload.ended_at and upload.received < upload.size:
        return answer("", 410)
    return answer("", 200, **{"Upload-Offset": str(upload.received), "Upload-Length": str(upload.size)})


def brought(
    upload: ResumableUpload, append: Callable[..., Any], finish: Callable[[], Document], status: Callable[[Refused], int]
) -> Any:
    """The answer to bytes from Upload-Offset on. `append` gets the stream, the offset and how many are announced; with the
    last of them `finish` makes the file, and the same one when asked again."""
    if request.method == "POST" and request.headers.get(BRIDGE) != "PATCH":
        abort(405)
    if wrong := _wrong_version():
        return wrong
    if request.mimetype != PIECE:
        return answer({"error": NOT_A_PIECE}, 415)
    offset = _number("Upload-Offset")
    if offset is None:
        return answer({"error": NOT_SAID}, 400)
    try:
        if "Transfer-Encoding" in request.headers:
            raise Refused(NO_LENGTH)
        if request.content_length or upload.received < upload.size:
            append(request.stream, offset, request.content_length or 0)
        return _finished(upload, finish()) if upload.received == upload.size else answer("", 204, upload)
    except WrongOffset as reason:
        hear_out(request.stream)
        return answer({"error": str(reason)}, 409, upload.as_it_is())
    except Joining as reason:
        return answer({"error": str(reason)}, 503, upload, **{"Retry-After": "5"})
    except Refused as reason:
        hear_out(request.stream)
        # All of it is here, and stays: what is in its way is not the file. A 413 or 422 would let the page throw it away.
        waits = upload.received == upload.size and not upload.ended_at and type(reason) in (Refused, DayFull)
        return answer({"error": str(reason)}, 409 if waits else status(reason))


def answer(said: Any, status: int, upload: ResumableUpload | None = None, **headers: str) -> Any:
    """An answer of tus; with how far `upload` is."""
    far = {"Upload-Offset": str(upload.received)} if upload else {}
    return said, status, SPOKEN | far | headers


def _finished(upload, document):
    if inspection.look_at_arrival(document):
        scan.wake()
    if not wants_json():
        return answer("", 204, upload)
    note = shortened(upload.name, document.media_type)
    return answer({"key": document.key, "name": document.name, "size": document.size, "note": note}, 201, upload)


def _wrong_version():
    """The answer to who speaks another version; None for who speaks ours."""
    if request.headers.get("Tus-Resumable") == VERSION:
        return None
    return answer({"error": OTHER_VERSION}, 412, **{"Tus-Version": VERSION})


def _number(header):
    """A whole number in a header, or None."""
    said = request.headers.get(header, "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 16 else None


def _metadata():
    """{name: text} of Upload-Metadata; what cannot be read is left out."""
    about = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        name, _, value = pair.strip().partition(" ")
        try:
            about[name.lower()] = b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    return about
