"""A list as a file: CSV as Dutch Excel reads it, or a workbook with real dates and numbers. Text is never a formula."""

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime

from flask import Response, abort, flash, redirect
from flask_admin import expose
from flask_security import current_user

from admin_views.grid.workbook import FORMULA_STARTS, WorkbookPage, workbook
from models import clock
from models.audit.audit_event import AuditEvent
from models.dutch import number, plural

MOST = 100_000  # rows in one file
TOO_MUCH = f"Dit zijn meer dan {number(MOST)} regels. Maak de lijst kleiner met een filter en exporteer dan opnieuw."


@dataclass
class ExportSheet:
    """What goes into the file: a title, headings, blocks of rows of plain values, and pairs that say what it is."""

    title: str
    headings: list
    blocks: object
    about: list

    @property
    def rows(self):
        for block in self.blocks:
            yield from block

    def answer(self, kind):
        """The file as an answer to download."""
        name = f"{''.join(c if c.isascii() and c.isalnum() else '-' for c in self.title.lower())}-{clock.today():%Y%m%d}.{kind}"
        content, mimetype = KINDS[kind](self)
        return Response(content, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def as_csv(headings, blocks):
    """Rows as the bytes of a CSV file, with its MIME type.

    Written out before the answer begins: a stream would keep this request's context, and so its user, open in the thread
    until the last byte is sent. MOST bounds the memory it takes.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    # The mark tells Excel that this is UTF-8.
    buffer.write("\ufeff")
    writer.writerow(map(harmless, headings))
    for block in blocks:
        writer.writerows([_as_text(value) for value in row] for row in block)
    return buffer.getvalue().encode(), "text/csv; charset=utf-8"


def _as_text(value):
    if isinstance(value, datetime):
        return f"{value:%d-%m-%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d-%m-%Y}"
    if isinstance(value, float):  # Dutch Excel takes 12.5 for the twelfth of May
        return str(value).replace(".", ",")
    return harmless(value) if isinstance(value, str) else value


def harmless(text):
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def as_workbook(*pages, made=None):
    """Pages as the bytes of a workbook, with its MIME type."""
    return workbook(pages, made), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _xlsx(sheet):
    rows = WorkbookPage(sheet.title, sheet.rows, sheet.headings, (22,) * len(sheet.headings))
    return as_workbook(rows, WorkbookPage("Toelichting", sheet.about, widths=(18, 80)))


KINDS = {"csv": lambda sheet: as_csv(sheet.headings, sheet.blocks), "xlsx": _xlsx}


class Exported:
    """The list as it is filtered, as a file, with a line in the trail."""

    export_types = ("xlsx", "csv")
    export_action = "row.export"
    # Else the lists' formatters, which make HTML, would fill the files.
    column_formatters_export = {}

    @expose("/export/<export_type>/")
    def export(self, export_type):
        """What this page's address selects; more than MOST rows are refused in words."""
        if not self.can_export or export_type not in KINDS:
            abort(404)
        asked = self._get_list_extra_args()
        ids = self.selected(asked, MOST + 1)
        if len(ids) > MOST:
            flash(TOO_MUCH, "error")
            return redirect(self._get_list_url(asked))
        # Which filters, not what was typed into them: that may be somebody's name.
        said = [f"{export_type}, {plural(len(ids), 'regel', 'regels')}", *(f"filter {name}" for _, name, _ in asked.filters)]
        AuditEvent.log(self.export_action, by=current_user._get_current_object(), detail="; ".join(said), **self.told())
        return self._sheet(asked, ids).answer(export_type)

    def _sheet(self, asked, ids):
        columns = self._export_columns
        blocks = ([[self._plain(row, name) for name, _ in columns] for row in block] for block in self.blocks(ids))
        return ExportSheet(self.name, [label for _, label in columns], blocks, self._about(asked, len(ids)))

    def _about(self, asked, count):
        said = [f"{self._filters[index].sentence(value)}" for index, _, value in asked.filters]
        return [
            ("Lijst", str(self.name)),
            ("Zoekopdracht", asked.search or "geen"),
            ("Filters", "; ".join(said) or "geen"),
            ("Aantal regels", count),
            ("Gemaakt op", local_moment(clock.now())),
            ("Gemaakt door", f"{current_user.name} ({current_user.email})"),
        ]

    def _plain(self, row, name):
        """The value for a file: a date is a date, a number a number, all else is text."""
        value = self.get_export_value(row, name)
        if isinstance(value, bool):
            return "ja" if value else "nee"
        if isinstance(value, datetime):
            return local_moment(value)
        if value is None or (isinstance(value, date | int | float) and not name.endswith("id")):
            return value
        return ", ".join(map(str, value)) if isinstance(value, list | tuple | set | frozenset) else str(value)


def local_moment(moment):
    """A stored moment as the clock on the wall showed it, to the minute, without a zone: what a spreadsheet can hold."""
    return clock.local(moment).replace(tzinfo=None, second=0, microsecond=0)
