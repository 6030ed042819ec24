"""The annual report in a real browser: every figure on the page is that of the rows, and so are the workbook and the PDF."""

import io
import re

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect
from pypdf import PdfReader

from models import clock
from tests.annual_report import recount, recount_committee
from tests.annual_report.filled_year import YEAR, FilledYear
from tests.flows.walk import enter, follow

READ = """() => Object.fromEntries([...document.querySelectorAll('main table')].map(table => [
  table.caption.textContent.trim(),
  [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent.trim())),
]))"""


@pytest.fixture
def told():
    """The year, and {caption: rows as text} of its report as the rows of the database say it."""

    def count():
        return recount.rows_as_text(recount.everything(clock.today()) | recount_committee.everything())

    return FilledYear(), count


def test_every_figure_of_the_year_is_that_of_the_rows(window, look, told):
    year, count = told
    office = enter(window(), year.coordinator)
    office.set_default_timeout(120_000)  # the intervals of so many questions are drawn at the first look
    follow(office, office.get_by_role("navigation").get_by_role("link", name="Jaarverslag", exact=True).first)
    expect(office).to_have_url(re.compile(f"/jaarverslag/{YEAR}/$"))
    page, counted = office.evaluate(READ), count()
    assert {caption: rows for caption, rows in page.items() if counted.get(caption) != rows} == {}
    assert set(page) == set(counted)
    look(office, "jaarverslag")

    text = office.locator("main").inner_text()
    asked, answered, in_time = (sum(row[place] for row in recount.response()) for place in (1, 2, 4))
    share = round(100 * answered / asked)
    assert f"Over {YEAR} zijn {recount.reported()[-1][1]} casussen gemeld." in text
    answers = f"Van {asked} gestelde vragen zijn er {answered} beantwoord ({share}%), waarvan {in_time} binnen veertien dagen."
    assert answers in text
    assert f"In {YEAR} werden in Nederland 167.159 kinderen geboren (bron: CBS)." in text

    book = load_workbook(io.BytesIO(office.request.get(f"/jaarverslag/{YEAR}/voorlopig.xlsx").body()))
    for caption, rows in counted.items():
        sheet = list(book[caption[:31]].iter_rows(min_row=2, values_only=True))
        assert [[recount.said(value) for value in row] for row in sheet] == rows, caption

    paper = PdfReader(io.BytesIO(office.request.get(f"/jaarverslag/{YEAR}/voorlopig.pdf").body()))
    squeezed = squeeze("".join(sheet.extract_text() for sheet in paper.pages))
    for caption, rows in counted.items():
        for row in rows:
            assert squeeze("".join(row)) in squeezed, (caption, row)


def squeeze(text):
    """Without what a line or a page makes of it."""
    return re.sub(r"[\s\u00ad\u200b-]", "", text)
