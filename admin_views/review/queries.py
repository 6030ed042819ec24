"""Questions of the coordinator about one answer or one file: asked while reviewing, answered by the hospital in place.

A refusal is a page of its own, behind which the browser keeps what was typed (static/draft.js).
"""

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose

from admin_views.grid.scoped_views import ScopedView, who
from admin_views.questionnaires.questionnaire_page import anchor, split
from models import access
from models.cases.case import Case
from models.files.document import Document
from models.questionnaires.form import Form
from models.questionnaires.query import DataQuery
from models.typed_text import keepable


class InquiriesView(ScopedView):
    """Addresses that are only posted to; the questions stand on the pages of the case."""

    ability = "complete"
    others = ("review",)

    def is_visible(self):
        return False

    @expose("/")
    def index(self, key):
        """Where a reload, or the log-in after a session that ended, arrives: at the case."""
        case = self.find(Case, key)
        mine = access.may(who(), "complete", case.process)
        return redirect(url_for("reporting.case" if mine else "review.detail", key=key))

    @expose("/stellen", methods=("POST",))
    def ask(self, key):
        """Ask about the answer or the file that `over` names: 'B3.0', or 'bestand.' and its key."""
        case, over = self.find(Case, key), request.form.get("over", "")
        DataQuery.ask(case, who(), request.form.get("vraag"), **self._about(case, over))
        flash("Uw vraag is gesteld. Het ziekenhuis krijgt bericht en antwoordt hier.", "success")
        return redirect(url_for("review.detail", key=key, _anchor=f"over-{over}"))

    @expose("/<inquiry>/beantwoorden", methods=("POST",))
    def answer(self, key, inquiry):
        """The hospital's reply."""
        inquiry = self._inquiry(key, inquiry)
        inquiry.answer(who(), request.form.get("antwoord"))
        flash("Uw antwoord is naar de coördinator.", "success")
        return redirect(self._back(inquiry))

    @expose("/<inquiry>/afgehandeld", methods=("POST",))
    def settle(self, key, inquiry):
        """The coordinator needs no more about it."""
        self._inquiry(key, inquiry).settle(who())
        return redirect(url_for("review.detail", key=key, _anchor="vragenlijst"))

    def _inquiry(self, key, inquiry):
        case, row = self.find(Case, key), self.find(DataQuery, inquiry)
        if row.case_id != case.id:
            abort(404)
        row.case = case
        return row

    def _about(self, case, over):
        if not keepable(over):
            abort(404)
        code, rest = split(over)
        if code == "bestand":
            document = self.find(Document, rest)
            return {"document": document} if document.case_id == case.id else abort(404)
        return {"code": code, "repeat": int(rest) if rest.isascii() and rest.isdigit() and len(rest) < 3 else -1}

    def _back(self, inquiry):
        """The page where the reply was written."""
        form = Form.of(inquiry.case) if "vragenlijst" in request.form and inquiry.code else None
        if form is None or inquiry.code not in form.structure.items:
            return url_for("reporting.case", key=inquiry.case.key, _anchor="vragen")
        block = form.structure.block_of[inquiry.code].code
        at = f"vraag-{anchor(inquiry.code, inquiry.repeat)}"
        return url_for("questionnaire.section", key=inquiry.case.key, section=block, _anchor=at)
