"""Rows of a list from a spreadsheet: a file, the fate of every row, and only then all of them at once."""

import json

from flask import flash, redirect
from flask_admin import expose

from admin_views.grid.act_forms import ActForm, TextField, Upload
from admin_views.grid.scoped_views import who
from models import dutch
from models.approval import row_sheet
from models.base import Refused

LOOKS = {"nieuw": ("Nieuw", "success"), "bekend": ("Bekend", "neutral"), "fout": ("Kan niet", "error")}


class SheetSent(ActForm):
    """The file, or the rows that it held when their fates were shown."""

    file = Upload(name="bestand", most=row_sheet.LARGEST)
    rows = TextField(name="regels")
    source = TextField(name="bron")  # where a list of cases comes from; others have none


class FromSheet:
    """A list whose rows may come from a spreadsheet. `sheet`: the class of its kind, see `row_sheet.Sheet`."""

    sheet, sheet_columns, sheet_example = None, (), ""
    sheet_source = None  # help at the question where the rows come from, for who has to ask it

    def sheet_of(self, sent):
        """The sheet that this request brought."""
        return self.sheet()

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
            sheet = self.sheet_of(sent)
            if not sent.rows.data:
                rows = row_sheet.read_sheet(sent.file.data, sheet.most)
                return self._sheet_page(rows, row_sheet.rehearse(sheet, rows, who()), sent.source.data)
            made = row_sheet.take(sheet, _shown(sent.rows.data, sheet.most), who(), self.taken)
        except Refused as reason:
            flash(str(reason), "error")
            return self._sheet_page(source=sent.source.data), 409
        flash(f"{dutch.plural(len(made), 'regel is', 'regels zijn')} toegevoegd.", "success")
        return redirect(self.get_url(".index_view"))

    def _sheet_page(self, rows=(), fates=(), source=""):
        count = {kind: sum(fate.kind == kind for fate in fates) for kind in LOOKS}
        shown = {"fates": fates, "count": count, "looks": LOOKS, "rows": json.dumps(list(rows)), "source": source}
        return self.render("approval/sheet.html", most=self.sheet.most, alone=self.sheet.alone, **shown)


def _shown(text, most):
    """The rows of the page. It is what the person sent before: the verbs judge it once more, here only its shape."""
    try:
        rows = json.loads(text)
    except ValueError:
        rows = None
    right = isinstance(rows, list) and 1 < len(rows) <= most + 1
    if not right or not all(isinstance(row, list) and all(isinstance(cell, str) for cell in row) for row in rows):
        raise Refused(row_sheet.UNREADABLE)
    return rows
