"""A workbook (XLSX) written straight into memory, row by row: nothing in clear reaches the disk, and no formula is ever made.

Only what the portal's exports need: sheets of plain values under bold headings that stay in sight.
"""

import io
import re
from dataclasses import dataclass
from datetime import date, datetime
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

# What XML cannot hold; a spreadsheet refuses the whole file for one of them.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
ILLEGAL_TITLE = re.compile(r"[\\*?:/\[\]]")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
LONGEST_CELL = 32_767
FIRST_DAY = date(1899, 12, 30)  # day 0 of a spreadsheet
PLAIN, BOLD, DAY, MOMENT, QUOTED = range(5)  # places in cellXfs of STYLES

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
FONT = '<sz val="11"/><name val="Calibri"/>'
STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="d\\-m\\-yyyy"/>'
    f'<numFmt numFmtId="165" formatCode="d\\-m\\-yyyy\\ h:mm"/></numFmts><fonts count="2"><font>{FONT}</font>'
    f'<font><b/>{FONT}</font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill>'
    '<patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="5"><xf xfId="0"/><xf xfId="0" fontId="1" applyFont="1"/>'
    '<xf xfId="0" numFmtId="164" applyNumberFormat="1"/><xf xfId="0" numFmtId="165" applyNumberFormat="1"/>'
    '<xf xfId="0" quotePrefix="1"/></cellXfs></styleSheet>'
)


@dataclass
class WorkbookPage:
    """One sheet. `rows`: an iterable of rows of plain values; `heads`: the cells of the first row, which stays in sight."""

    title: str
    rows: object
    heads: list = ()
    widths: tuple = ()


def workbook(pages):
    """The bytes of a workbook with these pages."""
    sink = io.BytesIO()
    with ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=4) as package:
        _around(package, pages)
        for number, page in enumerate(pages, 1):
            with package.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as file:
                _sheet(file, page)
    return sink.getvalue()


def _around(package, pages):
    numbers = range(1, len(pages) + 1)
    parts = {"workbook": "sheet.main", "styles": "styles"} | {f"worksheets/sheet{number}": "worksheet" for number in numbers}
    types = "".join(f'<Override PartName="/xl/{name}.xml" ContentType="{KIND}.{kind}+xml"/>' for name, kind in parts.items())
    names = [escape(ILLEGAL_TITLE.sub(" ", page.title)[:31], {'"': "&quot;"}) for page in pages]
    sheets = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="r{number}"/>' for number, name in zip(numbers, names, strict=True)
    )
    leads = "".join(_lead(f"r{number}", "worksheet", f"worksheets/sheet{number}.xml") for number in numbers)
    files = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/'
        f'vnd.openxmlformats-package.relationships+xml"/>{types}</Types>',
        "_rels/.rels": _leads(_lead("r1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _leads(leads + _lead("r0", "styles", "styles.xml")),
    }
    for name, text in files.items():
        package.writestr(name, HEAD + text)
    package.writestr("xl/styles.xml", STYLES)


def _leads(inside):
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inside}</Relationships>'


def _lead(name, kind, target):
    return f'<Relationship Id="{name}" Type="{OFFICE}/{kind}" Target="{target}"/>'


def _sheet(file, page):
    def put(text):
        file.write(text.encode())

    put(f'{HEAD}<worksheet xmlns="{MAIN}">')
    if page.heads:
        frozen = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        put(f'<sheetViews><sheetView workbookViewId="0">{frozen}</sheetView></sheetViews>')
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>' for at, width in enumerate(page.widths, 1)
    )
    put(f"<cols>{columns}</cols><sheetData>" if columns else "<sheetData>")
    if page.heads:
        put(f"<row>{''.join(_cell(text, BOLD) for text in page.heads)}</row>")
    for row in page.rows:
        put(f"<row>{''.join(map(_cell, row))}</row>")
    put("</sheetData></worksheet>")


def _cell(value, look=PLAIN):
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, bool):
        value = "ja" if value else "nee"
    if isinstance(value, int | float):
        return f'<c s="{look}"><v>{value!r}</v></c>'
    if isinstance(value, date):
        return _moment(value)
    text = ILLEGAL.sub("", str(value))[:LONGEST_CELL]
    # Typed as text: '=1+1' is shown, not calculated; the mark keeps it so when somebody edits the cell.
    look = QUOTED if look == PLAIN and text.startswith(FORMULA_STARTS) else look
    return f'<c s="{look}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _moment(value):
    day = value.date() if isinstance(value, datetime) else value
    number, look = (day - FIRST_DAY).days, DAY
    if isinstance(value, datetime):
        number, look = number + (value.hour * 60 + value.minute) / 1440, MOMENT
    return f'<c s="{look}"><v>{number}</v></c>'
