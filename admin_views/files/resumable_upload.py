"""A large file in parts, by the tus protocol (tus.py; 1.0.0: core, creation, termination).

POST announces it, HEAD tells how far it is, PATCH brings bytes from there on, DELETE stops it. What a browser remembers is not
needed to go on: the page names what is not whole yet, and whoever chooses the same file goes on with it.
"""

from flask import abort, redirect, url_for
from flask_admin import expose

from admin_views.cases.overview import CasesView
from admin_views.files import tus
from admin_views.files.case_files import status_of
from admin_views.grid.acts import act
from admin_views.grid.row_pages import RowPage
from admin_views.grid.scoped_views import who
from admin_views.web.error_pages import wants_json
from admin_views.web.screen import Screen
from models.cases.theme import RequestedDocument
from models.files.document import Document
from models.files.resumable.resumable_upload import ResumableUpload


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
        """Announce a file: Upload-Length, and Upload-Metadata with filename, lastmodified, and the asked document or the
        file that it replaces."""
        case = self.row(key)

        def begin(name, size, modified, about):
            asked = self.find(RequestedDocument, about["document"], field="id") if about.get("document") else None
            before = self.find(Document, about["replaces"]) if about.get("replaces") else None
            return ResumableUpload.begin(case, who(), name, size, modified, asked, replaces=before)

        def place(upload):
            return url_for(".append", key=key, upload=upload.key)

        return tus.announced(begin, place, lambda reason: status_of(reason, case))

    @expose("/<upload>", methods=("HEAD",))
    def how_far(self, key, upload):
        """How many bytes are here."""
        return tus.how_far(self.rows(key, upload)[1])

    @expose("/<upload>", methods=("PATCH", "POST"))
    def append(self, key, upload):
        """Bytes from Upload-Offset on. With the last of them it becomes a file of the case; asked again it is the same file."""
        case, upload = self.rows(key, upload)
        return tus.brought(
            upload,
            lambda source, offset, length: upload.append(source, offset, who(), length),
            lambda: upload.finish(who()),
            lambda reason: status_of(reason, case),
        )

    @expose("/<upload>", methods=("DELETE",))
    def end(self, key, upload):
        """Stop it; what came is destroyed."""
        _, upload = self.rows(key, upload)
        upload.stop(who())
        return tus.answer("", 204)

    stop = act("/<upload>/stoppen", stop)

    # ---- behind the addresses ----------------------------------------------------------------------------------------

    def onward(self, case, upload, anchor=None):
        """Back to the files of the case."""
        return {"shown": {}} if wants_json() else redirect(url_for("reporting.case", key=case.key, _anchor="bestanden"))

    def rows(self, key, upload):
        case, row = self.row(key), self.find(ResumableUpload, upload)
        mine = (row.case_id, row.sender_id, row.via_id) == (case.id, who().id, None)
        return (case, row) if mine else abort(404)
