"""What one may read of all NICUs together, on every page, file and report at once: no small count follows from it."""

import itertools
import random
import re
from fractions import Fraction

import pytest

from models.access import Role
from models.lnr.benchmark import disclosure
from models.lnr.benchmark.agreement import Agreement, Level
from models.lnr.benchmark.cell import CountCell
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.disclosure import WITH_UNKNOWN
from models.lnr.benchmark.fact import BANDS
from models.lnr.benchmark.indicator import named
from tests import make
from tests.lnr.benchmark.test_known_truth import safe

IVH = named("ernstige-ivh")
YEARS = (2023, 2024, 2025, 2026)
WINDOWS = [(year,) for year in YEARS] + [(2023, 2024, 2025), (2024, 2025, 2026)]
ATOMS = list(itertools.product(YEARS, WITH_UNKNOWN))


def registry(luck):
    """{year: {hospital: {band: Count}}} of four to six hospitals, with many small counts."""
    hospitals, sizes = range(luck.randrange(4, 7)), (0, 3, 12, 25, 60, 90)
    return {
        year: {
            place: {
                band: Count(events=sum(luck.random() < 0.12 for _ in range(children)), children=children)
                for band in WITH_UNKNOWN
                if (children := luck.choice(sizes) if band else luck.choice((0, 0, 0, 1)))
            }
            for place in hospitals
        }
        for year in YEARS
    }


def told(truth):
    """{(years, band): its atoms} of all that a hospital may read somewhere."""
    found = {}
    for window in WINDOWS:
        for band in ("", *(name for _, name in BANDS)):
            if disclosure.told([truth[year] for year in window], band) is not None:
                found[window, band] = frozenset(atom for atom in ATOMS if atom[0] in window and band in ("", atom[1]))
    return found


def counted(truth, atoms):
    places = {place for bands in truth.values() for place in bands}
    return {place: sum((truth[year][place].get(band, Count()) for year, band in atoms), Count()) for place in places}


def reduced(rows):
    """The rows as a basis in echelon form: {place of the pivot: row}."""
    basis = {}
    for row in rows:
        row = remainder(basis, [Fraction(atom in row) for atom in ATOMS])
        pivot = next((at for at, number in enumerate(row) if number), None)
        if pivot is not None:
            basis[pivot] = [number / row[pivot] for number in row]
    return basis


def remainder(basis, row):
    for at in sorted(basis):
        if row[at]:
            row = [one - row[at] * other for one, other in zip(row, basis[at], strict=True)]
    return row


def test_no_sum_or_difference_of_all_that_is_told_gives_a_small_count():
    """Of everything told at once: by linear algebra no unsafe cell, or two of them together, follows."""
    cells = windows = 0
    for seed in range(60):
        truth = registry(random.Random(seed))
        shown = told(truth)
        basis = reduced(shown.values())
        cells += len(shown)
        windows += sum(len(years) == 3 for years, _ in shown)
        unsafe = [atom for atom in ATOMS if any(one.children for one in counted(truth, [atom]).values())]
        unsafe = [atom for atom in unsafe if not safe(counted(truth, [atom]))]
        pairs = [pair for pair in itertools.combinations(unsafe, 2) if not safe(counted(truth, pair))]
        for region in [*((atom,) for atom in unsafe), *pairs]:
            assert any(remainder(basis, [Fraction(atom in region) for atom in ATOMS])), (seed, region)
        for one, other in itertools.permutations(shown.values(), 2):
            if other < one and any(count.children for count in counted(truth, one - other).values()):
                assert safe(counted(truth, one - other)), seed
    assert cells > 300 and windows > 20


def test_three_years_of_a_band_are_not_told_where_two_would_give_the_third_away():
    band = {place: {"<26+0": Count(12, 60), "26+0-27+6": Count(9, 90)} for place in range(4)}
    few = {place: {"<26+0": Count(int(place == 0), 60), "26+0-27+6": Count(9, 90)} for place in range(4)}
    assert disclosure.told([band] * 3, "<26+0") == Count(144, 720) and disclosure.told([band] * 3) == Count(252, 1800)
    assert disclosure.told([band, few, band], "<26+0") is None and disclosure.told([band], "<26+0") == Count(48, 240)
    # In that year the other band is withheld along with it: the total would give it away.
    assert disclosure.told([few], "26+0-27+6") is None and disclosure.told([few]) == Count(37, 600)
    assert disclosure.told([band, {}, band]) == Count(168, 1200)  # a year without children tells nothing


def test_what_named_hospitals_leave_of_the_total_may_be_told_too():
    """By name for everybody: no small count, and of who did not agree nothing follows, also for one of them."""
    some = 0
    for seed in range(300):
        luck = random.Random(seed)
        row = {place: Count(luck.randrange(0, 30), luck.choice((8, 40, 60, 90))) for place in range(luck.randrange(3, 10))}
        row = {place: Count(min(one.events, one.children), one.children) for place, one in row.items()}
        agreed = {place for place in row if luck.random() < 0.5}
        shown = disclosure.named(row, agreed)
        some += bool(shown)
        left = {place: one for place, one in row.items() if place not in shown}
        assert set(shown) <= agreed
        assert all(one.children >= 10 and one.events not in (1, 2, 3, 4) for one in shown.values())
        if shown and left:
            assert disclosure.published(row) and disclosure.published(left)
    assert some > 60
    whole = {place: Count(12, 60) for place in range(4)}
    # Three of four by name would tell the fourth: the smaller two stay out, and the three that are left may be told.
    assert disclosure.named(whole, {0, 1, 2}) == {2: Count(12, 60)} and disclosure.named(whole, {3}) == {3: Count(12, 60)}
    assert disclosure.named(whole, set(whole)) == whole


@pytest.fixture
def nicus():
    return [make.hospital(f"NICU {letter}", nicu=True) for letter in "ABCD"]


def fill(nicus):
    """One band with few events nationally; in the whole there are many."""
    none = dict.fromkeys(("suspected", "unknown", "outside", "elsewhere"), 0)
    bands = {"<26+0": (12, 60), "26+0-27+6": (9, 90), "28+0-29+6": (8, 95), "30+0-31+6": (0, 110)}
    for number, place in enumerate(nicus):
        for band, (events, children) in bands.items():
            few = 3 if band == "30+0-31+6" and number == 0 else events
            where = {"indicator": IVH.number, "year": 2026, "hospital": place, "month": 3, "band": band, "inborn": "ja"}
            CountCell.create(**where, **none, events=few, children=children + number)


def test_who_was_a_nicu_and_agreed_to_nothing_is_not_shown_once_all_of_now_agree(nicus):
    nicus += [make.hospital(f"NICU {letter}", nicu=True) for letter in "EF"]
    *agreed, left = nicus
    counted = {place.id: Count(12, 60) for place in nicus}
    for place in agreed:
        Agreement.state(make.user(role=Role.LNR_CONTACT, hospital=place), 2026, Level.GENOEMD, "Hoofd")
    assert disclosure.others(counted, agreed[0].id, [2026], False) == []
    left.amend(make.user(role=Role.BEHEERDER), nicu=False)

    shown = {dot.name for dot in disclosure.others(counted, agreed[0].id, [2026], False)}
    assert shown == {place.name for place in agreed[1:]}


def test_pages_and_files_withhold_what_the_report_withholds(nicus, client, login):
    fill(nicus)
    whole, band = "119 van 1.444", "3 van 446"

    def read(user):
        login(client, user)
        pages = {}
        for group in ("", *(name for _, name in BANDS)):
            for path in ("", "ernstige-ivh", "cijfers/csv", "ernstige-ivh/cijfers/csv"):
                asked = {"jaar": "2026", "groep": group, "ziekenhuis": nicus[1].code}
                pages[path, group] = client.get(f"/lnr/benchmark/{path}", query_string=asked).get_data(as_text=True)
        return pages

    own = read(make.user(role=Role.LNR_CONTACT, hospital=nicus[1]))
    assert whole in own["ernstige-ivh", ""] and "afgeschermd" in own["ernstige-ivh", "30+0-31+6"]
    assert 'class="upper95"' in own["ernstige-ivh", ""] and 'class="upper95"' not in own["ernstige-ivh", "30+0-31+6"]
    assert "afgeschermd" in own["", "30+0-31+6"]
    # With the total, the smallest of the other bands is withheld too: whole less the rest would be the few.
    hidden = [group for group in ("<26+0", "26+0-27+6", "28+0-29+6") if "afgeschermd" in own["ernstige-ivh", group]]
    assert hidden == ["<26+0"]
    for (_, group), page in own.items():
        assert band not in page
        if group in ("30+0-31+6", *hidden):
            assert not re.search(r"NICU’s samen(;[^;]*){2};\d", page)
    for place in nicus:
        Agreement.state(make.user(role=Role.LNR_CONTACT, hospital=place), 2026, Level.ONGENOEMD, "Het bestuur")
    agreed = read(make.user(role=Role.LNR_CONTACT, hospital=nicus[1]))
    assert band in agreed["ernstige-ivh", "30+0-31+6"]  # the dots of all are shown, and so the sum of them
    managing = read(make.user(role=Role.LNR_BEHEER))
    assert band in managing["ernstige-ivh", "30+0-31+6"] and "afgeschermd" not in managing["ernstige-ivh", "30+0-31+6"]
