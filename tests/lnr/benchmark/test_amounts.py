"""Indicators of days: median, quartiles and rate per 1000 days, from the message to the page, and what of it may be told."""

import json
import random
import re
import statistics
from fractions import Fraction
from math import comb

import pytest

from models.access import Role
from models.accounts.hospital import Hospital
from models.lnr.benchmark import counting, disclosure, limits
from models.lnr.benchmark import recompute as again
from models.lnr.benchmark.agreement import Agreement, Level
from models.lnr.benchmark.amounts.amount_cell import AmountCell, Amounts, amounts_of_all
from models.lnr.benchmark.amounts.amount_figure import amount_figure
from models.lnr.benchmark.amounts.amount_picture import amount_picture
from models.lnr.benchmark.cell import CountCell, UncountedYear
from models.lnr.benchmark.chain import Chain
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.fact import BANDS, StayFact
from models.lnr.benchmark.figure import Judgement
from models.lnr.benchmark.indicator import amounts, named, of_days, places
from models.lnr.benchmark.method.indicator_setting import IndicatorSetting
from models.lnr.benchmark.statistics.distribution import QUARTILES, Distribution
from tests import make
from tests.lnr.benchmark.children import NICUS, stay
from tests.lnr.benchmark.test_places import infection
from tests.lnr.test_facts import FIRST, HOME, OTHER, SECOND, Registry

LINE, VENTILATED, LENGTH = named("lijnsepsis"), named("beademingsdagen"), named("opnameduur")


# ---- the numbers ---------------------------------------------------------------------------------------------------------


def test_median_quartiles_and_interval_by_hand():
    # Ranks 0 to 9; the median between 6 and 8; quartiles at 2.25 and 6.75: 3 + 0.25 * 1, 10 + 0.75 * 2.
    ten = Distribution.of([12, 1, 2, 3, 4, 6, 8, 10, 30, 60])
    assert (ten.size, ten.total, ten.median, ten.quartiles) == (10, 136, 7, (3.25, 11.5))
    # P(B <= 1) = 11/1024 < 0.025 <= P(B <= 2) = 56/1024: one is left out at each side, and the ends are not shown.
    assert ten.median_interval == (2, 30)
    assert Distribution.of([]).quantile(0.5) is None and Distribution().median_interval is None
    assert Distribution.of([4]).quartiles == (4, 4)
    assert [ten.up_to(number) for number in (0, 1, 5, 60, 99)] == [0, 1, 4, 10, 10]
    assert [ten.from_on(number) for number in (0, 1, 5, 60, 61)] == [10, 10, 6, 1, 0]


def test_a_distribution_is_what_its_single_numbers_give():
    """By our own quantile and by that of Python; and the interval is exact: no rank more could be left out."""
    luck = random.Random(3)
    for _ in range(200):
        numbers = [luck.randrange(1, luck.choice((4, 120))) for _ in range(luck.randrange(2, 90))]
        half = luck.randrange(len(numbers))
        found = Distribution.of(numbers[:half]) + Distribution.of(numbers[half:])
        assert found == Distribution.of(numbers)
        for level in (*QUARTILES, 0.9):
            assert found.quantile(level) == pytest.approx(limits.quantile(numbers, level))
        low, high = found.quartiles
        assert (low, found.median, high) == pytest.approx(statistics.quantiles(numbers, n=4, method="inclusive"))
        low, _, high = limits.median_interval(numbers)
        assert found.median_interval == (low, high)


@pytest.mark.parametrize("n", [*range(6, 60), 501])
def test_the_interval_leaves_out_at_most_a_fortieth_at_each_side(n):
    low, high = Distribution.of(range(n)).median_interval  # of ranks
    below = [Fraction(sum(comb(n, k) for k in range(upto)), 2**n) for upto in (low + 1, low + 2)]
    assert below[0] < Fraction(1, 40) <= below[1] and high == n - 1 - low
    assert n < 9 or low > 0


# ---- of a stay -----------------------------------------------------------------------------------------------------------


def told(child):
    chain = Chain([child], NICUS)
    found = amounts(child, places(chain, child))
    return {int(number): tuple(pair) for number, pair in json.loads(found or "{}").items()}


@pytest.mark.parametrize(
    "child, expected",
    [
        (stay(), {40: (4, 0), 41: (77, 0)}),
        (stay(derived={"invasive_days": 0}), {41: (77, 0)}),
        (stay(gestation=224), {41: (77, 0)}),  # ventilation is of children under 32 weeks
        (stay(why={"invasive_days": "period"}), {41: (77, 0)}),
        (stay(why={"nicu_days": "not_yet"}), {}),  # its days still rise
        (stay(why={"nicu_days": "input", "invasive_days": "input"}), {}),
        (stay(intensive=False), {}),
        (stay(said={"lines": [{}], "infection_present": False}, derived={"line_days": 7}),
         {34: (7, 0), 40: (4, 0), 41: (77, 0)}),
        (stay(said={"lines": [{}], "infections": [infection(True), infection(True), infection(False)]},
              derived={"line_days": 12}), {34: (12, 2), 40: (4, 0), 41: (77, 0)}),
        (stay(said={"lines": [{}], "infections": [infection(True), infection(None)]}, derived={"line_days": 12}),
         {40: (4, 0), 41: (77, 0)}),  # one more episode is possible: the count is not known
        (stay(said={"lines": [{}], "infections": [infection(True)]}, why={"line_days": "period"}), {40: (4, 0), 41: (77, 0)}),
    ],
)  # fmt: skip
def test_the_days_of_a_stay(child, expected):
    assert told(child) == expected


# ---- of a hospital -------------------------------------------------------------------------------------------------------


def test_a_rate_is_judged_by_the_exact_poisson_line():
    # 30 in 9,000 days: 3.33 per 1000. In 3,000 days 10 are expected; P(O >= 22) = 0.0007, P(O >= 17) = 0.027.
    stays = Distribution(((100, 30),))
    for events, verdict in ((22, Judgement.SIGNAAL), (18, Judgement.LET_OP), (10, Judgement.BINNEN), (2, Judgement.GUNSTIG)):
        units = {1: Amounts(stays, events), 2: Amounts(stays, (30 - events + 1) // 2), 3: Amounts(stays, (30 - events) // 2)}
        figure = amount_figure(LINE, units, 1, Count(children=30), sum(units.values(), Amounts()))
        assert figure.verdict is verdict and figure.target == pytest.approx(1000 * 30 / 9000)
        low, high = figure.lines[limits.WARN]
        assert (figure.value > high, figure.value < low) == (events >= 18, events == 2)
        assert figure.interval == limits.ratio_interval(events, 3)
    nothing = {place: Amounts(stays) for place in (1, 2, 3)}
    figure = amount_figure(LINE, nothing, 1, Count(children=30), sum(nothing.values(), Amounts()))
    assert (figure.value, figure.target, figure.verdict, figure.lines) == (0, 0, Judgement.GEEN, None)


def test_chance_explains_how_far_rare_events_lie_apart():
    """Of 4 expected in each: Pearson's 24 / 4 = 6.0 with 4 degrees of freedom, p = 0.199."""
    stays, wider = Distribution(((100, 30),)), IndicatorSetting(wider=True)

    def told(*events, days=stays):
        units = {number: Amounts(days if number == 1 else stays, one) for number, one in enumerate(events, 1)}
        return amount_figure(LINE, units, 2, Count(children=30), setting=wider)

    assert told(1, 2, 5, 5, 7).spread is None and not told(1, 2, 5, 5, 7).too_few_to_widen
    assert told(1, 1, 2, 5, 11).spread  # 72 / 4 = 18.0, p = 0.001
    assert told(0, 2, 5, 5, 7, days=Distribution(((0, 30),))).too_few_to_widen  # four have a day to divide by


def test_days_get_no_verdict_and_few_stays_no_figure():
    units = {place: Amounts(Distribution.of(range(1, 12))) for place in (1, 2, 3)}
    figure = amount_figure(LENGTH, units, 1, Count(events=11, children=11), sum(units.values(), Amounts()))
    assert (figure.verdict, figure.value, figure.target, figure.quartiles) == (Judgement.GEEN, 6, 6, (3.5, 8.5))
    nine = units | {1: Amounts(Distribution.of(range(1, 10)))}
    small = amount_figure(LENGTH, nine, 1, Count(children=9))
    assert (small.verdict, small.value, small.interval, small.quartiles) == (Judgement.KLEIN, None, None, None)
    assert amount_picture(small, [], "A") is None and small.target is None
    two = {1: units[1], 2: units[2]}
    assert amount_figure(LENGTH, two, 1, Count(children=11), sum(two.values(), Amounts())).target is None
    # Of a year that was closed before days were kept there are counts and no days.
    assert amount_figure(LENGTH, {}, 1, Count(children=40)).not_kept


# ---- what may be told ----------------------------------------------------------------------------------------------------


def bands_of(units, band="<26+0"):
    days = {place: {band: amounts_} for place, amounts_ in units.items()}
    counts = {place: {band: Count(events=one.children, children=one.children)} for place, one in units.items()}
    return [counts], [days]


def test_no_quartile_is_one_of_the_outermost_of_what_others_have():
    """A knows its own 20 days. Where those of the others lie together, a quartile of all would be the longest of theirs."""
    others = {2: Amounts(Distribution.of(range(1, 11))), 3: Amounts(Distribution.of(range(1, 11)))}
    apart = others | {1: Amounts(Distribution.of(range(60, 80)))}
    assert (
        disclosure.told_amounts(LENGTH, *bands_of(apart)) is None
    )  # the median lies between 10, the longest of the others, and 60
    among = others | {1: Amounts(Distribution.of([1, 2, 3, 4, 5, 6, 7, 8, 9, 10] * 2))}
    assert disclosure.told_amounts(LENGTH, *bands_of(among)) == sum(among.values(), Amounts())
    assert disclosure.told_amounts(LINE, *bands_of(apart)) == sum(apart.values(), Amounts())  # a rate shows no days of a child
    few = {place: Amounts(Distribution.of([3] * 9)) for place in (1, 2, 3)}
    assert disclosure.told_amounts(LENGTH, *bands_of(few)) is None
    assert disclosure.told_amounts(LENGTH, *bands_of(among), "30+0-31+6") == Amounts()


def test_whatever_hospital_takes_its_own_away_every_number_told_has_five_on_either_side():
    seen = 0
    for seed in range(400):
        luck = random.Random(seed)
        units = {}
        for place in range(luck.randrange(3, 7)):
            middle = luck.choice((3, 10, 60))
            stays = [max(1, round(luck.gauss(middle, middle / 2))) for _ in range(luck.choice((4, 12, 30)))]
            units[place] = Amounts(Distribution.of(stays))
        total = disclosure.told_amounts(LENGTH, *bands_of(units))
        seen += total is not None
        if total is None:
            continue
        numbers = [number for number, times in total.days.pairs for _ in range(times)]
        for place in units:
            rest = list(numbers)
            for number, times in units[place].days.pairs:
                for _ in range(times):
                    rest.remove(number)
            for level in QUARTILES:
                for shown in total.days.around(level):
                    assert sum(one <= shown for one in rest) >= 5 and sum(one >= shown for one in rest) >= 5, (seed, place)
    assert 60 < seen < 400


def test_days_are_withheld_where_their_number_is():
    """A year of which a band is hidden: the days of the band are too, and so those of the band beside it."""
    stays = Amounts(Distribution.of([4, 5, 6, 7] * 5))
    days = [{place: {"<26+0": stays, "26+0-27+6": stays, "28+0-29+6": stays} for place in range(4)}]
    whole = Count(events=20, children=20)
    counts = [{place: {"<26+0": whole, "26+0-27+6": whole, "28+0-29+6": whole} for place in range(4)}]
    assert disclosure.told_amounts(LENGTH, counts, days) == sum([stays] * 12, Amounts())
    del days[0][0]["<26+0"], days[0][1]["<26+0"], counts[0][0]["<26+0"], counts[0][1]["<26+0"]
    shown = {band: disclosure.told_amounts(LENGTH, counts, days, band) for _, band in BANDS[:3]}
    assert shown["<26+0"] is None and [name for name, one in shown.items() if one is None] == ["<26+0", "26+0-27+6"]
    assert disclosure.told_amounts(LENGTH, counts, days) is not None


# ---- from the message to the page ----------------------------------------------------------------------------------------


@pytest.fixture
def registry():
    made = Registry()
    Hospital.update(nicu=True).where(Hospital.id.in_([one.id for one in made.hospitals.values()])).execute()
    return made


@pytest.mark.db_dialect
def test_days_are_counted_with_their_message_and_follow_a_replacement_and_a_withdrawal(registry):
    here = registry.hospitals["A"].id
    registry.send(to=OTHER, **FIRST)
    registry.send(died="2026-04-05T10:00:00", **SECOND)
    counting.refresh()

    def days(place="A"):
        found = amounts_of_all(2026, [LENGTH.number])[LENGTH.number].get(registry.hospitals[place].id, {})
        return {band: one.days.pairs for band, one in found.items()}

    assert days() == {"28+0-29+6": ((10, 1),)} and days("B") == {"28+0-29+6": ((25, 1),)}
    registry.send(version=2, action="vervanging", to=HOME, **FIRST | {"discharged": "2026-03-08T10:00:00"})
    assert days() == {"28+0-29+6": ((10, 1),)}
    assert {(one.hospital_id, one.year) for one in UncountedYear.select()} >= {(here, 2026)}
    counting.refresh()
    assert days() == {"28+0-29+6": ((7, 1),)}
    assert [*again.differences(), *counting.differences()] == []
    registry.send(version=3, action="intrekking", **FIRST)
    counting.refresh()
    assert days() == {} and [*again.differences(), *counting.differences()] == []


@pytest.mark.db_dialect
def test_facts_of_before_are_filled_by_the_worker_and_cells_are_what_a_rebuild_gives(registry):
    registry.send(to=HOME, **FIRST)
    counting.refresh()
    kept = list(AmountCell.select().tuples())
    assert kept
    StayFact.update(rules="", amounts=None).execute()
    AmountCell.delete().execute()
    assert len(list(counting.differences())) == 0  # without days on the facts there are none in the cells
    again.recompute()
    counting.refresh()
    assert [row[1:] for row in AmountCell.select().tuples()] == [row[1:] for row in kept]
    AmountCell.update(days="[[99,1]]").execute()
    assert len(list(counting.differences())) == 1
    StayFact.update(amounts='{"41":[99,0]}').execute()
    assert len(list(again.differences())) == 1


@pytest.fixture
def nicus():
    return [make.hospital(f"NICU {letter}", nicu=True) for letter in "ABCD"]


DAYS = {0: [2, 4, 6, 8, 9], 1: [3, 5, 6, 7, 8], 2: [2, 3, 4, 6, 7], 3: [4, 5, 7, 8, 9]}


def fill(nicus, year=2026):
    """In two bands; 40 stays of each hospital."""
    for one in of_days():
        for number, place in enumerate(nicus):
            for band in ("<26+0", "26+0-27+6"):
                days = [*DAYS[number] * 4]
                grain = {"indicator": one.number, "year": year, "hospital": place, "band": band}
                kept = json.dumps([list(pair) for pair in Distribution.of(days).pairs])
                AmountCell.create(**grain, events=7 + number if one is LINE else 0, days=kept)
                counts = {"events": 6 if one is LINE else 20, "children": 20, "unknown": 3 if number == 0 else 0}
                counts |= dict.fromkeys(("suspected", "outside", "elsewhere"), 0)
                CountCell.create(**grain, month=3, inborn="ja", **counts)


@pytest.mark.parametrize("code, own", [("opnameduur", "mediaan van 40 opnamen"), ("lijnsepsis", "14 episoden in 232 dagen")])
def test_the_page_the_overview_and_the_file_say_the_same(nicus, client, login, code, own):
    fill(nicus)
    login(client, make.user(role=Role.LNR_CONTACT, hospital=nicus[0]))
    overview = client.get("/lnr/benchmark/?jaar=2026").get_data(as_text=True)
    page = client.get(f"/lnr/benchmark/{code}?jaar=2026").get_data(as_text=True)
    answer = client.get(f"/lnr/benchmark/{code}/cijfers/csv?jaar=2026").get_data(as_text=True)
    rows = [line.split(";") for line in answer.lstrip("\ufeff").splitlines()]
    mine = next(row for row in rows if row[1:3] == ["vergelijking", "NICU A"])
    together = next(row for row in rows if row[2] == "NICU’s samen")
    value = {"opnameduur": "6", "lijnsepsis": "60,3"}[code]  # 14 in 232 days
    assert own in overview and f"<strong>{value}</strong>" in overview and f"<strong>{value}</strong>" in page
    assert mine[5] == "40" and mine[8].startswith(value) and mine[13] == "6"
    assert together[5] == "160" and (together[11:13] == ["", ""]) is (code == "opnameduur")
    assert not any(place.name in page + answer + overview or place.code in page for place in nicus[1:])
    assert " style=" not in page and "andere NICU" not in page.replace("andere NICU’s", "")
    assert [row[3] for row in rows if row[1] == "jaar"] == ["2024", "2025", "2026"]
    assert [row[4] for row in rows if row[1] == "weken"] == ["<26+0", "26+0-27+6"]
    assert client.get(f"/lnr/benchmark/{code}/cijfers/xlsx?jaar=2026").data[:2] == b"PK"


def test_others_come_in_as_far_as_all_agreed(nicus, client, login):
    fill(nicus)
    people = [make.user(role=Role.LNR_CONTACT, hospital=place) for place in nicus]

    def page():
        login(client, people[0])
        return client.get("/lnr/benchmark/opnameduur?jaar=2026").get_data(as_text=True)

    assert page().count('class="other"') == 0
    for person in people:
        Agreement.state(person, 2026, Level.ONGENOEMD, "Het bestuur")
    told = page()
    assert told.count("<circle") == 3 and told.count(">andere NICU<") == 3 and "NICU B" not in told
    for person in people:
        Agreement.state(person, 2026, Level.GENOEMD, "Het bestuur")
    told = page()
    assert "NICU B: mediaan 6 dagen (kwartielen 5 en 7) van 40 opnamen" in told


def test_quartiles_of_another_hospital_have_five_stays_on_either_side_or_are_not_told(nicus, client, login):
    """NICU B has ten stays: each of its quartiles would be the third shortest or longest of them; its median may be told."""
    fill(nicus)
    days = AmountCell.hospital == nicus[1]
    AmountCell.delete().where(days, AmountCell.band != "<26+0").execute()
    AmountCell.update(days=json.dumps([[number, 1] for number in range(1, 11)])).where(days).execute()
    for place in nicus:
        Agreement.state(make.user(role=Role.LNR_CONTACT, hospital=place), 2026, Level.GENOEMD, "Het bestuur")
    login(client, make.user(role=Role.LNR_CONTACT, hospital=nicus[0]))
    page = client.get("/lnr/benchmark/opnameduur?jaar=2026").text
    assert "NICU B: mediaan 5,5 dagen van 10 opnamen" in page and "NICU C: mediaan 4 dagen (kwartielen 3 en 6)" in page
    row = page.split('id="vergelijking"')[1].split('data-label="Ziekenhuis"><span>NICU B<')[1].split("</tr>")[0]
    assert "<strong>5,5</strong>" in row and 'data-label="Kwartielen"><span>–</span>' in row
    assert page.count('<rect class="box other"') == 2
    answer = client.get("/lnr/benchmark/opnameduur/cijfers/csv?jaar=2026").text
    told = {row[2]: row[8:11] for line in answer.splitlines() if (row := line.split(";"))[1] == "vergelijking"}
    assert told["NICU B"] == ["5,5", "", ""] and told["NICU C"] == ["4,0", "3,0", "6,0"]


@pytest.mark.parametrize("stays", range(10, 60))
def test_what_a_dot_of_another_hospital_shows_lies_amid_its_stays(stays):
    luck = random.Random(stays)
    days = Distribution.of(luck.choice((range(1, stays + 1), [luck.randrange(1, 9) for _ in range(stays)])))
    numbers = [number for number, times in days.pairs for _ in range(times)]

    def amid(levels):
        shown = [number for level in levels for number in days.around(level)]
        return all(min(sum(one <= at for one in numbers), sum(one >= at for one in numbers)) >= 5 for at in shown)

    dots = disclosure.amounts_seen_by(1, dict.fromkeys((1, 2, 3), Amounts(days)), Level.ONGENOEMD)
    assert amid([0.5]) and [dot.quartiles is not None for dot in dots] == [amid(QUARTILES)] * 2


def test_the_management_sees_any_hospital_and_a_small_one_no_figure(nicus, client, login):
    fill(nicus)
    AmountCell.update(days="[[3,2],[9,2]]").where(AmountCell.hospital == nicus[3]).execute()
    CountCell.update(events=4, children=4).where(CountCell.hospital == nicus[3]).execute()
    login(client, make.user(role=Role.LNR_BEHEER))
    page = client.get(f"/lnr/benchmark/opnameduur?jaar=2026&ziekenhuis={nicus[3].code}").get_data(as_text=True)
    assert "Met minder dan 10 opnamen staat er geen cijfer" in page and "te klein" in page
    answer = client.get(f"/lnr/benchmark/opnameduur/cijfers/csv?jaar=2026&ziekenhuis={nicus[3].code}").get_data(as_text=True)
    assert next(line for line in answer.splitlines() if "vergelijking;NICU D" in line).split(";")[8:13] == [""] * 5


def test_a_year_closed_before_days_were_kept_says_so(nicus, client, login):
    fill(nicus)
    AmountCell.delete().execute()
    login(client, make.user(role=Role.LNR_CONTACT, hospital=nicus[0]))
    assert "gesloten voordat het portaal de dagen bewaarde" in client.get("/lnr/benchmark/opnameduur?jaar=2026").text
    assert "dagen niet bewaard" in client.get("/lnr/benchmark/?jaar=2026").text


@pytest.mark.parametrize("code", ["opnameduur", "lijnsepsis"])
def test_stays_of_a_year_without_kept_days_are_never_told_as_none(nicus, client, login, code):
    """2025 was closed before the days were kept: in the trend, in three years together, and alone."""
    fill(nicus, 2025)
    AmountCell.delete().execute()
    fill(nicus)
    login(client, make.user(role=Role.LNR_CONTACT, hospital=nicus[0]))

    def row(asked, kind, place):
        answer = client.get(f"/lnr/benchmark/{code}/cijfers/csv?{asked}").text.lstrip("\ufeff")
        return next(
            one for line in answer.splitlines() if (one := line.split(";"))[1] == kind and one[place] in ("2025", "NICU A")
        )

    trend = client.get(f"/lnr/benchmark/{code}?jaar=2026").text.split('id="verloop"')[1]
    assert trend.count("40 opnamen, dagen niet bewaard") == 1 and "te klein" not in trend
    told = row("jaar=2026", "jaar", 3)
    assert (told[5], told[6:9], told[13], told[14]) == ("40", [""] * 3, "6", "dagen niet bewaard")
    # Alone: no "te klein", neither as the verdict nor as the reason why there is no figure.
    page = client.get(f"/lnr/benchmark/{code}?jaar=2025").text
    assert "40 opnamen, dagen niet bewaard" in page and "20 opnamen, dagen niet bewaard" in page
    assert not re.search(r"te klein|>0 (opnamen|episoden)", page.split('id="verloop"')[0])
    assert "Met minder dan 10 opnamen" not in page and "Vergelijken kan vanaf" not in page
    told = row("jaar=2025", "vergelijking", 2)
    assert (told[5], told[8], told[14]) == ("40", "", "dagen niet bewaard")
    overview = client.get("/lnr/benchmark/?jaar=2025").text.split('id="dagen"')[1]
    assert "te klein" not in overview
    few = amount_figure(named(code), {1: Amounts(Distribution.of([3] * 4))}, 1, Count(children=40))
    assert few.label == "dagen van 4 bewaard"
    # Together: the figure is of half of them, and says so.
    told = row("jaar=2026&periode=3", "vergelijking", 2)
    verdict = "geen oordeel" if code == "opnameduur" else "binnen wat toeval geeft"
    assert told[5] == "80" and told[8] and told[14] == f"{verdict}, dagen van 40 bewaard"
    assert "dagen van 20 bewaard" in client.get(f"/lnr/benchmark/{code}?jaar=2026&periode=3").text
