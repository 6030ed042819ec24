"""A settled report: its content never changes, and its PDF is made of it each time, byte for byte the same."""

from datetime import datetime

from models.dutch import long_date
from models.pdf.typesetting import pdf
from models.report.content import ReportContent, texts


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
                {"caption": table.caption, "head": list(table.head), "rows": texts(table.rows), "note": table.note}
                for table in one.tables
            ],
        }
        for one in content.sections
    ]
    data = {"about": [said, content.about], "sections": sections, "hash": content.hash}
    return pdf("report/report.typ", data, content.title, made)
