"""A large file in parts, by the tus protocol (https://tus.io/protocols/resumable-upload, 1.0.0: core, creation, termination).

POST announces it, HEAD tells how far it is, PATCH brings bytes from there on, DELETE stops it. What a browser remembers is not
needed to go on: the page names what is not whole yet, and whoever chooses the same file goes on with it.
"""

import binascii
from base64 import b64decode

from flask import abort, redirect, request, url_for
from flask_admin import expose

from admin_views.cases.overview import CasesView
from admin_views.files.case_files import status_of
from admin_views.files.receiving import NO_LENGTH, hear_out
from admin_views.grid.acts import act
from admin_views.grid.row_pages import RowPage
from admin_views.grid.scoped_views import who
from admin_views.web.error_pages import wants_json
from admin_views.web.screen import Screen
from models.base import Refused
from models.cases.theme import RequestedDocument
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


def stop(case, upload, by):
    """Stop it; what came is destroyed."""
    upload.stop(by)


class ResumableUploadsView(RowPage):
    """One address per upload, below the files of its case. Nobody sees those of somebody else."""

    screen = Screen("resumable", "/melding/<key>/bestanden/delen", "Uploads in delen", listed=False, below=CasesView)
    ability = "complete"

    @expose("/")
    def index(self, key):
        """Nothing to see here by itself: what is not whole yet stands on the page of the case."""
        return redirect(url_for("reporting.case", key=key))

    @expose("", methods=("POST",))
    def begin(self, key):
        """Announce a file: Upload-Length, and Upload-Metadata with filename, lastmodified and the asked document."""
        case = self.row(key)
        if wrong := _wrong_version():
            return wrong
        size, about = _number("Upload-Length"), _metadata()
        if size is None:
            return _answer({"error": NOT_SAID}, 400)
        wanted = about.get("document")
        asked = self.find(RequestedDocument, wanted, field="id") if wanted else None
        modified = int(about["lastmodified"]) if about.get("lastmodified", "").isdecimal() else 0
        try:
            upload = ResumableUpload.begin(case, who(), about.get("filename", ""), size, min(modified, 1 << 53), asked)
        except Refused as reason:
            return _answer({"error": str(reason)}, status_of(reason, case))
        return _answer("", 201, Location=url_for(".append", key=key, upload=upload.key))

    @expose("/<upload>", methods=("HEAD",))
    def how_far(self, key, upload):
        """How many bytes are here."""
        _, upload = self.rows(key, upload)
        if upload.ended_at and upload.received < upload.size:
            return _answer("", 410)
        return _answer("", 200, **{"Upload-Offset": str(upload.received), "Upload-Length": str(upload.size)})

    @expose("/<upload>", methods=("PATCH", "POST"))
    def append(self, key, upload):
        """Bytes from Upload-Offset on. With the last of them it becomes a file of the case; asked again it is the same file."""
        case, upload = self.rows(key, upload)
        if request.method == "POST" and request.headers.get(BRIDGE) != "PATCH":
            abort(405)
        if wrong := _wrong_version():
            return wrong
        if request.mimetype != PIECE:
            return _answer({"error": NOT_A_PIECE}, 415)
        offset = _number("Upload-Offset")
        if offset is None:
            return _answer({"error": NOT_SAID}, 400)
        try:
            if "Transfer-Encoding" in request.headers:
                raise Refused(NO_LENGTH)
            if request.content_length or upload.received < upload.size:
                upload.append(request.stream, offset, who(), request.content_length or 0)
            return self._finished(upload) if upload.received == upload.size else _answer("", 204, upload)
        except WrongOffset as reason:
            hear_out(request.stream)
            return _answer({"error": str(reason)}, 409, self.find(ResumableUpload, upload.key))
        except Joining as reason:
            return _answer({"error": str(reason)}, 503, upload, **{"Retry-After": "5"})
        except Refused as reason:
            hear_out(request.stream)
            # All of it is here, and stays: what is in its way is not the file. A 413 or 422 would let the page throw it away.
            waits = upload.received == upload.size and not upload.ended_at and type(reason) in (Refused, DayFull)
            return _answer({"error": str(reason)}, 409 if waits else status_of(reason, case))

    @expose("/<upload>", methods=("DELETE",))
    def end(self, key, upload):
        """Stop it; what came is destroyed."""
        _, upload = self.rows(key, upload)
        upload.stop(who())
        return _answer("", 204)

    stop = act("/<upload>/stoppen", stop)

    # ---- behind the addresses ----------------------------------------------------------------------------------------

    def _finished(self, upload):
        document = upload.finish(who())
        if inspection.look_at_arrival(document):
            scan.wake()
        if not wants_json():
            return _answer("", 204, upload)
        note = shortened(upload.name, document.media_type)
        return _answer({"key": document.key, "name": document.name, "size": document.size, "note": note}, 201, upload)

    def onward(self, case, upload, anchor=None):
        """Back to the files of the case."""
        return {"shown": {}} if wants_json() else redirect(url_for("reporting.case", key=case.key, _anchor="bestanden"))

    def rows(self, key, upload):
        case, row = self.row(key), self.find(ResumableUpload, upload)
        return (case, row) if (row.case_id, row.sender_id) == (case.id, who().id) else abort(404)


def _wrong_version():
    """The answer to who speaks another version; None for who speaks ours."""
    if request.headers.get("Tus-Resumable") == VERSION:
        return None
    return _answer({"error": OTHER_VERSION}, 412, **{"Tus-Version": VERSION})


def _answer(said, status, upload=None, **headers):
    """An answer of tus; with how far `upload` is."""
    far = {"Upload-Offset": str(upload.received)} if upload else {}
    return said, status, SPOKEN | far | headers


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
