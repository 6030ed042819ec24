"""A report as PDF or as workbook, of one content; the same content and moment give the same bytes."""

from datetime import datetime

from flask import Response

from admin_views.grid.list_export import as_workbook
from admin_views.grid.workbook import WorkbookPage
from models.report.content import ReportContent
from models.report.settled import report_pdf

KINDS = ("pdf", "xlsx")
NARROW = 110  # below these letters in a cell a column is as wide as its text


def report_file(content: ReportContent, said: str, made: datetime, kind: str, name: str) -> Response:
    """The answer with the file `name`, of one of KINDS."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    if kind == "pdf":
        return Response(report_pdf(content, said, made), mimetype="application/pdf", headers=headers)
    body, mimetype = as_workbook(*_sheets(content, said), made=made)
    return Response(body, mimetype=mimetype, headers=headers)


def _sheets(content, said):
    """A sheet for what the report says, and one for each table."""
    told = [[content.title], [said], [content.about], [f"SHA-256 van de inhoud: {content.hash}"]]
    for section in content.sections:
        told += [[""], [section.title], *([text] for text in section.text)]
        told += [[f"{table.caption}: {table.note}"] for table in section.tables if table.note]
    yield WorkbookPage("Verslag", told, widths=(NARROW,))
    for section in content.sections:
        for table in section.tables:
            yield WorkbookPage(table.caption, table.rows, table.head, (40, *[18] * (len(table.head) - 1)))
