"""The files of a case on their way in and out: uploads, downloads, previews, removing and putting back.

Reporters, coordinators and committee members use the same addresses; `find` decides which files each of them reaches.
"""

from flask import Response, abort, flash, redirect, request, url_for
from flask_admin import expose

from admin_views.cases.overview import CasesView
from admin_views.files.receiving import NOT_RAW, RAW, REFUSALS, announced_length, hear_out, name_in_header, upload_key
from admin_views.files.sending import SEALED, disposition, held_back, with_first
from admin_views.grid import request_values
from admin_views.grid.act_forms import ActForm, RowField, TextField
from admin_views.grid.acts import act
from admin_views.grid.row_pages import RowPage
from admin_views.grid.scoped_views import who
from admin_views.web.error_pages import wants_json
from admin_views.web.screen import Screen
from models import access
from models.base import Refused
from models.cases.theme import RequestedDocument
from models.files import page_view
from models.files.document import Document
from models.files.file_name import shortened
from models.files.privacy import gate, inspection
from models.files.storage import Damaged
from tasks import scan

IN_PAGE = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
# Our own page around a picture, or in place of a file.
MESSAGE = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
# A page of a file: its pixels stand in our own page, and a form leads to another page of it.
PIXELS = MESSAGE.replace("img-src 'self'", "img-src 'self' data:").replace("form-action 'none'", "form-action 'self'")


class OfPage(ActForm):
    """What a page with files knows of itself: its own key, and whether it is the one on which findings are decided about."""

    key = TextField(name="sleutel")
    back = TextField(name="terug")


class ByAnotherRoute(OfPage):
    """What a coordinator says of a file that came otherwise: how, and which requested document it is."""

    route = TextField(name="langs")
    asked = TextField(name="document")


class Linked(ActForm):
    asked = RowField(name="document", model=RequestedDocument, optional=True)


def link(document, by, asked):
    """Say which requested document the file is; None unties it."""
    document.link(asked, by)


class FilesView(RowPage):
    """One address per file, below its case."""

    screen = Screen("files", "/melding/<key>/bestanden", "Bestanden", listed=False, below=CasesView)
    ability = "complete"
    others = ("review", "study")

    @expose("/")
    def index(self, key):
        """Nothing to see here by itself: the files stand on the page of the case."""
        return redirect(url_for("reporting.case", key=key))

    @expose("", methods=("PUT",))
    def upload(self, key):
        """Take one file as the raw body; answers JSON, a Dutch sentence under `error` when refused."""
        case = self.row(key)
        if request.mimetype != RAW:
            return {"error": NOT_RAW}, 415
        name = name_in_header()
        try:
            document = self._take(case, request.stream, {**request.args, "naam": name}, announced_length())
        except Refused as reason:
            hear_out(request.stream)
            return {"error": str(reason)}, status_of(reason, case)
        note = shortened(name, document.media_type)
        return {"key": document.key, "name": document.name, "size": document.size, "note": note}, 201

    @expose("", methods=("POST",))
    def upload_form(self, key):
        """The same without script, small files in an ordinary form; and the raw body where a network lets no PUT through."""
        if request.mimetype == RAW:
            return self.upload(key)
        case = self.row(key)
        page = ByAnotherRoute.sent()
        files = [file for file in request.files.getlist("bestanden") if file.filename]
        if not files:
            flash("Kies eerst een of meer bestanden.", "error")
        for number, file in enumerate(files):
            about = {"naam": file.filename, "sleutel": f"{page.key.data[:36]}-{number}"}
            about |= {"langs": page.route.data, "document": page.asked.data}
            try:
                document = self._take(case, file.stream, about)
                flash(shortened(file.filename, document.media_type) or f"{document.name} is toegevoegd.", "success")
            except Refused as reason:
                flash(f"{file.filename[:80]}: {reason}", "error")
        return _back(case)

    @expose("/<document>/download")
    def download(self, key, document):
        """The file itself, to keep."""
        document = self._file(key, document)
        return self._send(document, "document.download", "attachment", SEALED)

    @expose("/<document>/bekijken")
    def preview(self, key, document):
        """The file inside our own page; a picture is made to fit, and what no browser shows becomes a sentence.

        The hospital sees its own file; who reads what others sent sees its pages as pixels.
        """
        document = self._file(key, document)
        if not access.may(who(), "complete", document.case.process):
            return self._page(document)
        if held := self._held(document):
            return held
        if document.media_type == "application/pdf":
            return self._send(document, "document.preview", "inline", IN_PAGE)
        return self._message("files/picture.html" if document.shown_in_page else "files/not_shown.html", document)

    @expose("/<document>/bladzijde")
    def page(self, key, document):
        """One page of the file as pixels and text (`?bladzijde=3`, `?groot=1`), or the reason why not."""
        return self._page(self._file(key, document))

    @expose("/<document>/origineel")
    def original(self, key, document):
        """The warning before the file itself is fetched by somebody who did not make it."""
        document = self._file(key, document)
        return self._held(document) or self._message("files/original.html", document)

    @expose("/<document>/beeld")
    def picture(self, key, document):
        """The picture itself, for the page around it."""
        document = self._file(key, document)
        if not document.media_type.startswith("image/") or not document.shown_in_page:
            abort(404)
        return self._send(document, "document.preview", "inline", IN_PAGE)

    remove = act(
        "/<document>/verwijderen", Document.remove, then=lambda view, made, file: _back(file.case, verwijderd=file.key)
    )
    restore = act("/<document>/terugzetten", Document.restore)
    strip = act("/<document>/gegevens-verwijderen", inspection.strip)
    link = act("/<document>/koppelen", link, form=Linked)

    # ---- behind the addresses ----------------------------------------------------------------------------------------

    def _document(self, key, document):
        case, row = self.row(key), self.find(Document, document)
        if row.case_id != case.id:
            abort(404)
        row.case = case
        return row

    def _file(self, key, document):
        """The file to read: one that is there, what a questionnaire's newer document replaced, for who sees its history, or
        what its hospital replaced, for who judged it before."""
        row = self._document(key, document)
        if row.removed_at is None or row.superseded:
            return row
        return row if access.may(who(), "review", row.case.process) and row.was_replaced else abort(404)

    def _held(self, document):
        """The page in place of a file that `who` may not see yet, with the reason; None for one that may be read."""
        try:
            document.demand_open()
            inspection.demand_decided(document, who())
        except Refused as reason:
            if inspection.only_studies(who(), document.case.process):
                gate.hide_names([document])
            return self._message("files/held.html", document, 409, reason=str(reason))
        return None

    def _page(self, document):
        number, large = request_values.page() or 1, "groot" in request.args
        try:
            page = page_view.show(document, number, who(), large)
        except Damaged:
            return self._message("files/lost.html", document, 410)
        except Refused as reason:
            return self._held(document) or self._message("files/undrawn.html", document, 409, reason=str(reason))
        return self._message("files/page.html", document, page=page, large=large, policy=PIXELS)

    def _take(self, case, source, about, length=None):
        wanted = about.get("document")
        asked = self.find(RequestedDocument, wanted, field="id") if wanted else None
        before = self._document(case.key, about["vervangt"]) if about.get("vervangt") else None
        also = {"asked": asked, "route": about.get("langs") or None, "replaces": before, "inspect": inspection.inspect}
        document = Document.attach(case, source, about.get("naam"), who(), upload_key(about.get("sleutel")), length, **also)
        if inspection.look_at_arrival(document):
            scan.wake()
        return document

    def rows(self, key, document):
        return (self._document(key, document),)

    def onward(self, document, anchor=None):
        return _back(document.case)

    def refused(self, reason, form, document, anchor=None):
        if wants_json():
            return {"error": str(reason)}, 409
        return super().refused(reason, form, document)

    def _send(self, document, action, kind, policy):
        """Stream the file. Nothing of a damaged file is sent when that shows at its start, and never its end."""
        if held := self._held(document):
            return held
        answer = Response(content_type=document.media_type)
        answer.headers["Content-Disposition"] = disposition(kind, document.name)
        answer.headers["Content-Security-Policy"] = policy
        answer.headers["Accept-Ranges"] = "none"
        answer.content_length = document.size
        if request.method == "HEAD":
            return answer
        blocks = held_back(document, document.content(who(), action), who())
        try:
            first = next(blocks)
        except Damaged:
            return self._message("files/lost.html", document, 410)
        answer.response = with_first(first, blocks)
        return answer

    def _message(self, template, document, status=200, policy=MESSAGE, **more):
        page = self.render(template, document=document, case=document.case, **more)
        return Response(page, status, {"Content-Security-Policy": policy}, mimetype="text/html")


def status_of(reason, case):
    """The status of an answer to who may not add this file, for this reason."""
    if type(reason) in REFUSALS:
        return REFUSALS[type(reason)]
    if not access.may(who(), "complete", case.process) and not access.may(who(), "review", case.process):
        return 403
    return 422 if case.may_add else 409


def _back(case, **shown):
    if wants_json():
        return {"shown": shown}
    if not access.may(who(), "complete", case.process):
        return redirect(url_for("review.detail", key=case.key, _anchor="bestanden-titel"))
    if OfPage.sent().back.data == "nakijken":
        return redirect(url_for("reporting.check", key=case.key))
    return redirect(url_for("reporting.case", key=case.key, _anchor="bestanden", **shown))
