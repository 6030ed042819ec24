"""Rows of a list from a spreadsheet: a file, the fate of every row, and only then all of them at once."""

import json

from flask import flash, redirect
from flask_admin import expose

from admin_views.grid.act_forms import ActForm, TextField, Upload
from admin_views.grid.scoped_views import who
from models import dutch
from models.approval import enrolment_sheet
from models.base import Refused

LOOKS = {"nieuw": ("Nieuw", "success"), "bekend": ("Bekend", "neutral"), "fout": ("Kan niet", "error")}


class SheetSent(ActForm):
    """The file, or the rows that it held when their fates were shown."""

    file = Upload(name="bestand", most=enrolment_sheet.LARGEST)
    rows = TextField(name="regels")


class FromSheet:
    """A list whose rows may come from a spreadsheet. `sheet`: of which kind, see `enrolment_sheet`."""

    sheet, sheet_columns, sheet_example = None, (), ""

    def taken(self, made):
        """What follows for a row that was made, in the same transaction."""

    @expose("/inlezen/", methods=("GET",))
    def sheet_form(self):
        return self._sheet_page()

    @expose("/inlezen/", methods=("POST",))
    def sheet_taken(self):
        """Show every row's fate; with rows that were shown, take them."""
        sent = SheetSent.sent()
        try:
            if not sent.rows.data:
                rows = enrolment_sheet.read_sheet(sent.file.data)
                return self._sheet_page(rows, enrolment_sheet.rehearse(self.sheet, rows, who()))
            made = enrolment_sheet.take(self.sheet, _shown(sent.rows.data), who(), self.taken)
        except Refused as reason:
            flash(str(reason), "error")
            return self._sheet_page(), 409
        flash(f"{dutch.plural(len(made), 'regel is', 'regels zijn')} toegevoegd.", "success")
        return redirect(self.get_url(".index_view"))

    def _sheet_page(self, rows=(), fates=()):
        count = {kind: sum(fate.kind == kind for fate in fates) for kind in LOOKS}
        return self.render("approval/sheet.html", fates=fates, count=count, looks=LOOKS, rows=json.dumps(list(rows)))


def _shown(text):
    """The rows of the page. It is what the person sent before: the verbs judge it once more, here only its shape."""
    try:
        rows = json.loads(text)
    except ValueError:
        rows = None
    right = isinstance(rows, list) and 1 < len(rows) <= enrolment_sheet.MOST_ROWS + 1
    if not right or not all(isinstance(row, list) and all(isinstance(cell, str) for cell in row) for row in rows):
        raise Refused(enrolment_sheet.UNREADABLE)
    return rows
