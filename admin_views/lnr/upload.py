"""Files with messages, from the hospital's LNR contact: one XML or a ZIP of many, with progress and a report on each."""

from flask import Response, abort, flash, redirect, request, url_for
from flask_admin import expose
from wtforms import FileField

from admin_views.files.receiving import RAW, name_in_header
from admin_views.grid import columns, request_values
from admin_views.grid.act_forms import ActForm, TextField
from admin_views.grid.filters import PeriodFilter, YesNoFilter
from admin_views.grid.list_export import as_csv
from admin_views.grid.scoped_views import ScopedModelView, who
from admin_views.web.screen import Screen
from models import clock, dutch
from models.base import Refused, new_key
from models.lnr.intake.upload_batch import NOT_WHOLE, UploadBatch, UploadPart
from models.lnr.intake.zip_upload import LARGEST, TOO_LARGE

NO_FILE = "Kies eerst een XML-bestand of een ZIP-bestand."
WORDS = {
    200: ("Aangenomen", "success"), 409: ("Al eerder of nieuwer ontvangen", "warning"), 422: ("Geweigerd", "error"),
    403: ("Niet van uw ziekenhuis", "error"), 400: ("Geen leesbaar bericht", "error"), 413: ("Te groot", "error"),
    None: ("Wacht", "neutral"),
}  # fmt: skip
HEADS = ("bestand", "uitkomst", "opname", "regel", "ernst", "plaats", "xml-regel", "melding", "wat te doen")


class SentFile(ActForm):
    file = FileField(name="bestand")
    key = TextField(name="sleutel")


class UploadView(ScopedModelView):
    """'LNR aanleveren': the form, and the uploads of the hospital so far."""

    screen = Screen("lnr_upload", "/lnr/aanleveren", "LNR aanleveren", of=UploadBatch)
    ability = "deliver"
    list_template = "lnr/upload/index.html"
    scope = "arrived"
    related = (UploadBatch.by,)
    intro = "Voor ziekenhuizen waarvan het dossier nog niet zelf berichten stuurt, en om berichten opnieuw aan te bieden."
    empty = ("Nog niets aangeleverd", "Wat u hier aanlevert, staat daarna in deze lijst met een verslag per bericht.")
    column_list = ("name", "created_at", "by", "accepted", "finished_at")
    column_labels = {
        "name": "Bestand", "created_at": "Aangeleverd", "by": "Door", "accepted": "Berichten", "finished_at": "Stand",
    }  # fmt: skip
    column_sortable_list = ("created_at",)
    column_default_sort = ("created_at", True)
    column_filters = (
        YesNoFilter(UploadBatch.finished_at, "Klaar", empty=True),
        PeriodFilter(UploadBatch.created_at, "Aangeleverd"),
    )

    def _state(self, context, row, name):
        if row.finished_at is None:
            return columns.badge(f"{dutch.number(row.done)} van {dutch.number(row.total)}", "info")
        return columns.badge("Klaar", "warning" if row.refused else "success")

    column_formatters = {
        "name": lambda view, context, row, name: columns.link(url_for("lnr_upload.batch", batch=row.key), row.name),
        "created_at": columns.moment,
        "by": lambda view, context, row, name: row.by.name,
        "accepted": lambda view, context, row, name: (
            f"{dutch.number(row.accepted)} aangenomen, {dutch.number(row.refused)} niet"
        ),
        "finished_at": _state,
    }

    def beside(self):
        return {"request_key": new_key(), "largest": LARGEST, "too_large": TOO_LARGE}

    @expose("", methods=("PUT",))
    def take(self):
        """One file as the raw body; answers JSON: where its report will be, or a sentence under `error`."""
        if request.mimetype != RAW:
            return {"error": NOT_WHOLE}, 415
        if (request.content_length or 0) > LARGEST:
            return {"error": TOO_LARGE}, 413
        try:
            content = request.stream.read(LARGEST + 1)
            if len(content) != request.content_length:
                raise Refused(NOT_WHOLE)
            batch = UploadBatch.take(who(), name_in_header(), content, request.args.get("sleutel"))
        except Refused as reason:
            return {"error": str(reason)}, 422
        return {"address": url_for(".batch", batch=batch.key)}, 201

    @expose("", methods=("POST",))
    def take_form(self):
        """The same without script, a small file in an ordinary form; and the raw body where a network lets no PUT through."""
        if request.mimetype == RAW:
            return self.take()
        sent = SentFile.sent()
        try:
            if not sent.file.data:
                raise Refused(NO_FILE)
            batch = UploadBatch.take(who(), sent.file.data.filename, sent.file.data.read(LARGEST + 1), sent.key.data)
        except Refused as reason:
            flash(str(reason), "error")
            return redirect(url_for(".index_view"))
        return redirect(url_for(".batch", batch=batch.key))

    @expose("/<batch>/")
    def batch(self, batch):
        """How far it is, and the report on each message."""
        batch = self.find(UploadBatch, batch)
        page, refused = request_values.page(), request.args.get("toon") == "geweigerd"
        parts, more = UploadPart.page(batch, refused, page)
        return self.render(
            "lnr/upload/batch.html",
            batch=batch,
            parts=parts,
            more=more,
            page=page,
            refused=refused,
            words=WORDS,
            url=lambda number: url_for(".batch", batch=batch.key, bladzijde=number, toon="geweigerd" if refused else None),
        )

    @expose("/<batch>/stand")
    def progress(self, batch):
        """How far it is, for the script of the page."""
        batch = self.find(UploadBatch, batch)
        counts = {name: getattr(batch, name) for name in ("total", "done", "accepted", "refused")}
        return {**counts, "finished": batch.finished_at is not None}

    @expose("/<batch>/verslag")
    def report(self, batch):
        """All findings of all messages, as CSV."""
        batch = self.find(UploadBatch, batch)
        if batch.finished_at is None:
            abort(404)
        # archive.MOST bounds the memory it takes.
        content, mimetype = as_csv(
            HEADS, ((row for part in parts for row in _rows(part)) for parts in UploadPart.blocks(batch))
        )
        name = f"lnr-verslag-{clock.local_date(batch.created_at):%Y%m%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, mimetype=mimetype, headers=headers)


def _rows(part):
    """The lines of a message in the report: one for each finding, or one that says that there is none."""
    outcome = WORDS.get(part.status, WORDS[422])[0] if part.problem is None else "Niet verwerkt"
    answer = part.answer or {}
    about = (part.name, outcome, answer.get("stay") or "")
    if not answer.get("findings"):
        yield (*about, "", "", "", "", part.problem or "", "")
    for one in answer.get("findings", ()):
        yield (*about, one["rule"], one["severity"], one["path"] or "", str(one["line"] or ""), one["nl"], one["hint_nl"])
