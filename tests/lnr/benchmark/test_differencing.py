"""Of all that is told of all NICUs together, on every page, file and report: nothing follows of a few children or one hospital.

What may be told, `disclosure.told`, is proved safe in test_disclosure.py, whatever is added to or taken from what; here it is
held that what is printed is that and nothing else, also where it is no proportion.
"""

import csv
import io
import itertools
import random

import pytest

from models.access import Role
from models.dutch import number
from models.lnr.benchmark import counting, disclosure
from models.lnr.benchmark.amounts.amount_cell import Amounts
from models.lnr.benchmark.cell import CountCell
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.disclosure import WITH_UNKNOWN
from models.lnr.benchmark.indicator import named
from models.lnr.benchmark.statistics.distribution import Distribution
from models.lnr.registry.year_figures import Closing, MonthVolume
from models.lnr.year_report import national
from tests import make
from tests.lnr.benchmark.test_known_truth import safe

IVH, NEC = named("ernstige-ivh"), named("nec")
YEARS = (2024, 2025)
BANDS_ASKED = ("", "<26+0", "26+0-27+6", "28+0-29+6")
TOGETHER = "NICU’s samen"


@pytest.fixture
def nicus():
    return [make.hospital(f"NICU {letter}", nicu=True) for letter in "ABCD"]


def fill(nicus):
    """In some years and bands few events, or few hospitals with children."""
    luck = random.Random(3)
    none = dict.fromkeys(("suspected", "unknown", "outside", "elsewhere"), 0)
    for one, year, band in itertools.product((IVH, NEC), YEARS, BANDS_ASKED[1:]):
        often = luck.choice((0.01, 0.15, 0.3))
        for place in nicus:
            children = luck.choice((3, 70, 80, 90))
            events = sum(luck.random() < often for _ in range(children))
            where = {"indicator": one.number, "year": year, "hospital": place, "month": 3, "band": band, "inborn": "ja"}
            CountCell.create(**where, **none, events=events, children=children)


def test_every_page_and_file_prints_what_may_be_told_and_nothing_else(nicus, client, login):
    fill(nicus)
    login(client, make.user(role=Role.LNR_CONTACT, hospital=nicus[0]))
    told_, withheld = 0, 0
    for year, span, band in itertools.product(YEARS, (1, 3), BANDS_ASKED):
        asked = {"jaar": str(year), "periode": str(span), "groep": band}
        pages = {
            path: client.get(f"/lnr/benchmark/{path}", query_string=asked).get_data(as_text=True)
            for path in ("", "ernstige-ivh", "nec", "cijfers/csv", "ernstige-ivh/cijfers/csv", "nec/cijfers/csv")
        }
        for one in (IVH, NEC):
            years = [counting.bands_of_all(at, one.number).get(one.number, {}) for at in range(year - span + 1, year + 1)]
            truth, allowed = sum(counting.together(years, band).values(), Count()), disclosure.told(years, band)
            text = f"{number(truth.events)} van {number(truth.children)}"
            for path in ("cijfers/csv", f"{one.code}/cijfers/csv"):
                rows = [row for row in csv.reader(io.StringIO(pages[path]), delimiter=";") if row[2:3] == [TOGETHER]]
                shown = [tuple(map(int, row[5:7])) for row in rows if row[0] == str(one)]
                assert shown == ([(allowed.events, allowed.children)] if allowed else []), (path, asked)
            if allowed is None:
                assert all(text not in page for page in pages.values()), (one.code, asked)
                assert 'class="upper95"' not in pages[one.code]
                withheld += "afgeschermd" in pages[one.code]
            else:
                assert text in pages[one.code], (one.code, asked)
                told_ += 1
    assert told_ > 8 and withheld > 4


def test_sizes_tell_no_band_of_few_children_or_one_hospital():
    """How many children, beside a total that other tables tell."""
    seen = hidden = 0
    for seed in range(500):
        luck = random.Random(seed)
        places = range(luck.randrange(3, 7))
        row = [{place: luck.choice((0, 0, 4, 12, 60)) for place in places} for _ in WITH_UNKNOWN]
        cells = [{place: Count(children=size) for place, size in cell.items()} for cell in row]
        shown = disclosure.sizes(row)
        for cell, size in zip(cells, shown, strict=True):
            assert size in (0, "te klein", "verborgen") or (safe(cell) and size == sum(cell.values(), Count()).children), seed
            seen += isinstance(size, int) and size > 0
        out = [cell for cell, size in zip(cells, shown, strict=True) if isinstance(size, str)]
        hidden += bool(out)
        if out and any(isinstance(size, int) and size for size in shown):
            assert safe({place: sum((cell[place] for cell in out), Count()) for place in places}), seed
    assert seen > 300 and hidden > 300


def closing(stated, received):
    months = [MonthVolume("2025-01", received, stated)]
    return Closing(2025, None, 0, received, received, 0, 0, 0, 0, 0, None, 0, months)


def test_completeness_of_the_country_is_not_that_of_one_hospital():
    def said(*pairs):
        text, *_ = national._national_completeness({at: closing(*pair) for at, pair in enumerate(pairs)}).text
        return text

    assert "60" not in said((60, 55), (None, 40), (None, 40), (None, 40))
    assert "120" not in said((60, 55), (60, 40), (None, 40))  # each of the two knows its own
    assert "Van 180 NICU-opnamen" in said((60, 55), (60, 40), (60, 40)) and "er 135 ontvangen" in said(*[(60, 45)] * 3)
    assert said((None, 40), (None, 40)).startswith("Geen ziekenhuis gaf op")


def test_days_that_are_kept_of_one_hospital_are_not_those_of_all():
    """The others closed their years before days were kept: of them there are counts, and no days."""
    lines = named("lijnsepsis")
    bands = {place: {"<26+0": Count(12, 60)} for place in range(4)}

    def days(*places):
        return {place: {"<26+0": Amounts(Distribution(((9, 60),)), 12)} for place in places}

    assert disclosure.told_amounts(lines, [bands], [days(0)]) is None
    assert disclosure.told_amounts(lines, [bands], [days(0, 1)]) is None
    assert disclosure.told_amounts(lines, [bands], [days(0, 1, 2)]).events == 36
    assert disclosure.told_amounts(lines, [bands] * 2, [days(0, 1, 2), days(0)]) is None
