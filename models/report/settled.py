"""A settled report: its content never changes, and its PDF is made of it each time, byte for byte the same."""

from datetime import datetime

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from models.dutch import long_date
from models.pdf.typesetting import TEMPLATES, pdf
from models.report.content import ReportContent, ReportPicture, texts

# Letters: a column is at most and at least so wide, beside the others; above the last a text is a sentence and no figure.
LONGEST, SHORTEST, WORD = 34, 9, 20
DRAWINGS = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)


def edition_says(number: int, settled_at: datetime, why: str) -> str:
    """What an edition says of itself, below its title; `why`: what a later one corrects."""
    said = f"Uitgave {number}, vastgesteld op {long_date(settled_at)}."
    return f"{said} Deze uitgave verbetert: {why}" if why else said


def report_pdf(content: ReportContent, said: str, made: datetime) -> bytes:
    """The report as a tagged PDF; the same arguments give the same bytes."""
    sections = [
        {
            "title": one.title,
            "text": list(one.text),
            "tables": [
                {
                    "caption": table.caption,
                    "head": list(table.head),
                    "rows": texts(table.rows),
                    "note": table.note,
                    "columns": _columns(table),
                }
                for table in one.tables
            ],
            "pictures": [{"caption": one.caption, "alt": one.alt, "svg": drawn(one)} for one in one.pictures],
        }
        for one in content.sections
    ]
    data = {"about": [said, content.about], "sections": sections, "hash": content.hash}
    return pdf("report/report.typ", data, content.title, made)


def drawn(one: ReportPicture) -> str:
    """The SVG of a picture for paper, with its colours and letters in it: there is no style sheet beside it."""
    return DRAWINGS.get_template(one.template).render(picture=one.picture, label=one.alt, key="", href="", paper=True)


def _columns(table):
    """Of each column its share of the width, by its longest text, and whether it holds text, which stands to the left."""
    rows = texts(table.rows)
    return [
        {
            "width": min(LONGEST, max(SHORTEST, len(head.split(" ")[0]), *(len(row[place]) for row in rows))),
            "text": place == 0 or any(isinstance(row[place], str) and len(row[place]) > WORD for row in table.rows),
        }
        for place, head in enumerate(table.head)
    ]
