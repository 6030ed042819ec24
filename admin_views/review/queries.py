"""Questions of the coordinator about one answer or one file: asked while reviewing, answered by the hospital in place.

A refusal is a page of its own, behind which the browser keeps what was typed (static/draft.js).
"""

from flask import abort, redirect, url_for
from flask_admin import expose

from admin_views.cases.overview import CasesView
from admin_views.grid import request_values
from admin_views.grid.act_forms import ActForm, Pressed, TextField
from admin_views.grid.acts import act
from admin_views.grid.row_pages import RowPage
from admin_views.grid.scoped_views import find, who
from admin_views.questionnaires.questionnaire_page import anchor, split
from admin_views.web.screen import Screen
from models import access
from models.cases.case import Case
from models.files.document import Document
from models.questionnaires.form import Form
from models.questionnaires.query import DataQuery
from models.typed_text import keepable


class NewQuery(ActForm):
    """A question about the answer or the file that `over` names: 'B3.0', or 'bestand.' and its key."""

    text = TextField(name="vraag")
    over = TextField(name="over")


class Reply(ActForm):
    text = TextField(name="antwoord")
    in_form = Pressed(name="vragenlijst")


def ask(case, by, text, over):
    """Ask about one answer or one file."""
    DataQuery.ask(case, by, text, **_about(case, over))


def reply(inquiry, by, text, in_form):
    """The hospital's reply; returns where it was written."""
    inquiry.answer(by, text)
    return _written_at(inquiry, in_form)


def _about(case, over):
    if not keepable(over):
        abort(404)
    code, rest = split(over)
    if code == "bestand":
        document = find(Document, rest)
        return {"document": document} if document.case_id == case.id else abort(404)
    number = request_values.whole_number(rest, 99)
    return {"code": code, "repeat": -1 if number is None else number}


def _written_at(inquiry, in_form):
    form = Form.of(inquiry.case) if in_form and inquiry.code else None
    if form is None or inquiry.code not in form.structure.items:
        return url_for("reporting.case", key=inquiry.case.key, _anchor="vragen")
    block = form.structure.block_of[inquiry.code].code
    at = f"vraag-{anchor(inquiry.code, inquiry.repeat)}"
    return url_for("questionnaire.section", key=inquiry.case.key, section=block, _anchor=at)


class InquiriesView(RowPage):
    """Addresses that are only posted to; the questions stand on the pages of the case."""

    screen = Screen("inquiries", "/melding/<key>/vragen", "Vragen bij een melding", listed=False, below=CasesView)
    ability = "complete"
    others = ("review",)

    @expose("/")
    def index(self, key):
        """Where a reload, or the log-in after a session that ended, arrives: at the case."""
        case = self.row(key)
        mine = access.may(who(), "complete", case.process)
        return redirect(url_for("reporting.case" if mine else "review.detail", key=key))

    ask = act(
        "/stellen",
        ask,
        form=NewQuery,
        done="Uw vraag is gesteld. Het ziekenhuis krijgt bericht en antwoordt hier.",
        anchor="over-{sent.over.data}",
    )
    answer = act(
        "/<inquiry>/beantwoorden",
        reply,
        form=Reply,
        done="Uw antwoord is naar de coördinator.",
        then=lambda view, address, inquiry: redirect(address),
    )
    settle = act("/<inquiry>/afgehandeld", DataQuery.settle, anchor="vragenlijst")

    def rows(self, key, inquiry=None):
        case = self.row(key)
        if inquiry is None:
            return (case,)
        row = self.find(DataQuery, inquiry)
        if row.case_id != case.id:
            abort(404)
        row.case = case
        return (row,)

    def onward(self, row, anchor=None):
        case = row if isinstance(row, Case) else row.case
        return redirect(url_for("review.detail", key=case.key, _anchor=anchor))

    def refused(self, reason, form, *rows, anchor=None):
        raise reason
