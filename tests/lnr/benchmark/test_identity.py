"""Whatever a contact reaches of the LNR by its links, page, file and report, names no other hospital (benchmark.md 12, 6)."""

import html
import io
import re
from collections import deque
from datetime import datetime
from zipfile import ZipFile

import pytest
from pypdf import PdfReader

from models.access import Role
from models.accounts.hospital import Hospital
from models.lnr.benchmark import counting
from models.lnr.benchmark.agreement import Agreement, Level
from models.lnr.benchmark.fact import BANDS
from models.lnr.benchmark.indicator import named
from models.lnr.closing.year_closing import YearClosing
from models.lnr.year_report.lnr_edition import LnrEdition
from tests import make
from tests.lnr.benchmark.synthetic import hospital_year

YEAR, BEFORE, AFTER = 2025, datetime(2026, 2, 1), datetime(2026, 3, 2, 12)
IVH, DEATH = named("ernstige-ivh"), named("sterfte")
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LEFT = ("/lnr/specificatie", "/lnr/opnamen/")  # public; and one page for each own stay
# What has to be among what was reached, so that the search is not of nothing.
REACHED = (
    "/lnr/benchmark/", "/lnr/benchmark/ernstige-ivh", "/lnr/benchmark/opnameduur", "/lnr/benchmark/zichtbaarheid",
    "/lnr/benchmark/ernstige-ivh/kinderen", "/lnr/benchmark/cijfers/csv", "/lnr/benchmark/cijfers/xlsx",
    "/lnr/benchmark/ernstige-ivh/cijfers/csv", "/lnr/benchmark/ernstige-ivh/cijfers/xlsx",
)  # fmt: skip


def told(answer):
    """All that an answer says, also in the parts and the properties of a file."""
    if answer.mimetype == "application/pdf":
        pages = PdfReader(io.BytesIO(answer.data))
        return "\n".join([str(pages.metadata), *(page.extract_text() for page in pages.pages)])
    if answer.mimetype == SPREADSHEET:
        with ZipFile(io.BytesIO(answer.data)) as book:
            return "\n".join(book.read(name).decode() for name in book.namelist())
    return answer.get_data(as_text=True)


def reached(client, *starts):
    """{path: what it says} of everything below /lnr that links lead to, each path as it was met first."""
    waiting, found = deque(starts), {}
    while waiting:
        address = waiting.popleft()
        path = address.partition("?")[0]
        if path in found or path.startswith(LEFT):
            continue
        answer = client.get(address)
        found[path] = str(answer.headers) + told(answer)
        if answer.mimetype == "text/html":
            links = re.findall(r'href="(/lnr/[^"#]*)', answer.get_data(as_text=True))
            waiting.extend(html.unescape(link) for link in links)
    return found


@pytest.mark.parametrize("level", (Level.NIET, Level.ONGENOEMD))
def test_nothing_that_is_reached_names_another_hospital(client, login, level):
    nicus = [make.hospital(f"NICU {name}", nicu=True) for name in ("Noord", "Oost", "Zuid", "West")]
    for place, size in zip(nicus, (61, 83, 47, 71), strict=True):
        marks = [(number, {IVH.number: "t0" if number % 5 == 0 else "n0", DEATH.number: "n0"}) for number in range(size)]
        hospital_year(place, YEAR, [(1 + n % 12, BANDS[n % 4][1], told_) for n, told_ in marks], Hospital.nicus())
        if level is not Level.NIET:
            Agreement.state(make.user(role=Role.LNR_CONTACT, hospital=place), YEAR, level, "Het bestuur", now=BEFORE)
    counting.refresh()
    two = [make.user(role=Role.LNR_BEHEER) for _ in range(2)]
    YearClosing.propose(YEAR, two[0], now=AFTER).confirm(two[1], now=AFTER)
    LnrEdition.settle(YEAR, two[0], now=AFTER)

    login(client, make.user(role=Role.LNR_CONTACT, hospital=nicus[0]))
    found = reached(client, f"/lnr/benchmark/?jaar={YEAR}", "/lnr/jaarverslagen/")
    assert [path for path in REACHED if path not in found] == []
    assert any("application/pdf" in text for text in found.values())
    said = [(path, one.name) for path, text in found.items() for one in nicus[1:] if one.name in text or one.code in text]
    assert said == []
