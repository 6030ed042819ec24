"""Workbooks: what a spreadsheet finds in them, and that nothing of them is ever on disk."""

import io
import tempfile
from datetime import date, datetime

import pytest
from openpyxl import load_workbook

from admin_views.grid.workbook import WorkbookPage, workbook

ODD = ["=1+1", "+31 6", "-5", "@x", "\tx", 'Ænéas & "<b>"', " ruimte ", "a\nb", "x" * 40_000, "\x00\x0b\ud800\ufffewég"]


def read(pages):
    return load_workbook(io.BytesIO(workbook(pages)))


def test_every_value_comes_out_as_what_it_is_and_no_text_is_a_formula():
    row = [1, 2.5, -3, True, None, "", date(2026, 3, 5), datetime(2026, 3, 5, 14, 20), *ODD]
    page = read([WorkbookPage("Blad", [row])])["Blad"]
    cells = list(page[1])

    assert [cell.value for cell in cells[:8]] == [
        1,
        2.5,
        -3,
        "ja",
        None,
        None,
        datetime(2026, 3, 5),
        datetime(2026, 3, 5, 14, 20),
    ]
    assert [cell.value for cell in cells[8:]] == [*ODD[:8], "x" * 32_767, "wég"]
    assert {cell.data_type for cell in cells[8:]} <= {"s", "inlineStr"} and cells[6].is_date and cells[7].is_date
    assert [cell.quotePrefix for cell in cells[8:14]] == [1, 1, 1, 1, 1, 0]


def test_pages_have_their_names_headings_that_stay_and_widths():
    heads = [f"kolom {at}" for at in range(60)]
    book = read([WorkbookPage("A/B: [x] & co", [[1]], heads, (9,) * 60), WorkbookPage("T" * 40, [])])

    assert book.sheetnames == ["A B   x  & co", "T" * 31]
    page = book.worksheets[0]
    assert page.freeze_panes == "A2" and page["A1"].font.bold and page["BH1"].value == "kolom 59" and page["A2"].value == 1
    assert page.column_dimensions["A"].width == 9


def test_nothing_is_written_to_a_temporary_file(monkeypatch):
    def forbidden(*args, **kwargs):
        raise AssertionError("a temporary file")

    for name in ("_mkstemp_inner", "gettempdir", *tempfile.__all__):
        if callable(getattr(tempfile, name)):
            monkeypatch.setattr(tempfile, name, forbidden)
    book = load_workbook(io.BytesIO(workbook([WorkbookPage("Blad", ([number, "tekst"] for number in range(5000)))])))
    assert book["Blad"]["A5000"].value == 4999


def test_a_row_wider_than_a_sheet_is_an_error_and_not_a_loss():
    with pytest.raises(ValueError, match="does not fit"):
        workbook([WorkbookPage("Blad", [range(16_385)])])
