"""A registry with a known truth is judged rightly; one without differences gives as many signals as chance; nothing leaks."""

import random
from collections.abc import Mapping

import pytest

from models.accounts.hospital import Hospital
from models.lnr.benchmark import counting, disclosure
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.fact import BANDS
from models.lnr.benchmark.figure import Figure, Judgement, chance, figure
from models.lnr.benchmark.indicator import named
from models.lnr.benchmark.method.indicator_setting import IndicatorSetting
from tests import make
from tests.lnr.benchmark.synthetic import hospital_year

IVH, BPD, STEROIDS, ROP = named("ernstige-ivh"), named("bpd"), named("steroiden"), named("rop-screening")
SIZES = (151, 140, 128, 117, 109, 98, 90, 84, 77, 71)  # first NICU stays in a year
OUTLIER = 3


def drawn(luck, size, rate):
    return sum(luck.random() < rate for _ in range(size))


def mark(luck, rate):
    return "t0" if luck.random() < rate else "n0"


def test_one_hospital_with_twice_the_severe_ivh_is_a_signal_and_no_other():
    luck, places = random.Random(2016), [make.hospital(f"NICU {letter}", nicu=True) for letter in "ABCDEFGHIJ"]
    nicus = Hospital.nicus()
    for year in (2023, 2024, 2025):
        for number, (place, size) in enumerate(zip(places, SIZES, strict=True)):
            rate = 0.16 if number == OUTLIER else 0.08
            marks = [("t0" if luck.random() < rate else "n0", "t0" if luck.random() < 0.85 else "n0") for _ in range(size)]
            stays = [
                (1 + at % 12, BANDS[at % 4][1], {IVH.number: ivh, STEROIDS.number: given})
                for at, (ivh, given) in enumerate(marks)
            ]
            hospital_year(place, year, stays, nicus)
    counting.refresh()
    counted = counting.counts([2023, 2024, 2025])
    verdicts = [figure(IVH, counted[IVH.number], place.id).verdict for place in places]
    assert verdicts[OUTLIER] is Judgement.SIGNAAL
    assert all(one in (Judgement.BINNEN, Judgement.GUNSTIG) for at, one in enumerate(verdicts) if at != OUTLIER)
    assert all(figure(STEROIDS, counted[STEROIDS.number], place.id).verdict is not Judgement.SIGNAAL for place in places)
    assert list(counting.differences()) == []


@pytest.mark.parametrize("rate", [0.04, 0.12, 0.4])
def test_registries_without_differences_give_the_signals_that_chance_foretells(rate):
    """200 null registries; 'seen' is a sum of independent draws, so its spread is at most the root of what is expected."""
    luck, country = random.Random(int(1000 * rate)), Count(events=round(rate * 10**6), children=10**6)
    told = [
        chance(Figure(IVH, Count(events=drawn(luck, size, rate), children=size), country, 10) for size in SIZES)
        for _ in range(200)
    ]
    for seen, expected in (("seen95", "expected95"), ("seen998", "expected998")):
        many, mean = (sum(getattr(one, name) for one in told) for name in (seen, expected))
        assert abs(many - mean) <= 4 * mean**0.5, (seen, many, mean)


def test_the_own_children_in_the_target_make_signals_rarer_and_never_more():
    luck, seen, expected = random.Random(7), 0, 0.0
    for _ in range(200):
        counted = {at: Count(events=drawn(luck, size, 0.1), children=size) for at, size in enumerate(SIZES)}
        told = chance(figure(IVH, counted, at) for at in counted)
        seen, expected = seen + told.seen95, expected + told.expected95
    # Of ten hospitals each is a tenth of the target, which takes a tenth of its spread away.
    assert 0.4 * expected < seen <= expected + 4 * expected**0.5


# ---- differencing --------------------------------------------------------------------------------------------------------


def small(count: Count) -> bool:
    return 0 < count.events < 5 or 0 < count.children - count.events < 5 or 0 < count.children < 10


def less(total: Count, own: Count) -> Count:
    return Count(total.events - own.events, total.children - own.children)


def total(cell: Mapping[int, Count]) -> Count:
    return sum(cell.values(), Count())


def tables(luck):
    """A row of bands: {hospital: Count} of 2 to 6 hospitals, many of them small."""
    hospitals = range(luck.randrange(2, 7))
    for _ in range(7):
        cell = {}
        for place in hospitals:
            children = luck.choice((0, 0, 1, 3, 8, 12, 25, 40, 60))
            cell[place] = Count(luck.randrange(children + 1) if children else 0, children)
        yield cell


def safe(cell):
    """Whether neither everybody nor one of the hospitals, which knows its own, learns what is small or of one other."""
    large = [count for count in cell.values() if count.children >= 10]
    return not small(total(cell)) and len(large) >= 3 and not any(small(less(total(cell), own)) for own in cell.values())


def test_no_difference_of_what_may_be_told_gives_a_small_count_or_another_hospital():
    tried = 0
    for seed in range(3000):
        row = list(tables(random.Random(seed)))
        (shown,) = disclosure.banded([row])
        seen = [cell for cell, text in zip(row, shown, strict=True) if " van " in text]
        hidden = [cell for cell, text in zip(row, shown, strict=True) if text and " van " not in text]
        merged = {place: total({at: cell[place] for at, cell in enumerate(row)}) for place in row[0]}
        assert all(safe(cell) for cell in seen), seed
        if disclosure.published(merged):
            assert safe(merged), seed
            if seen and hidden:
                # The total less what is seen is all that is hidden together.
                assert safe({place: total({at: cell[place] for at, cell in enumerate(hidden)}) for place in row[0]}), seed
                tried += 1
    assert tried > 100


# ---- what the norm and the wider lines are made of -------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.005, 0.01, 0.03])
def test_rare_events_are_dispersed_no_more_often_than_chance_foretells(rate):
    """200 null registries at p = 0.05; by the arcsine it was a third of them."""
    luck, wider_setting = random.Random(3), IndicatorSetting(wider=True)
    dispersed = 0
    for _ in range(200):
        counted = {at: Count(events=drawn(luck, 100, rate), children=100) for at in range(10)}
        dispersed += figure(IVH, counted, 0, setting=wider_setting).spread is not None
    assert dispersed <= 10 + 4 * 10**0.5, dispersed


def test_a_hospital_that_leans_sets_the_norm_with_all_others_and_widens_no_line():
    """All of who answered had it done, for it is silent of the others: it counts in the national figure, and is no unit."""
    wider_setting = IndicatorSetting(wider=True)
    apart = {at: Count(events=events, children=100) for at, events in enumerate((72, 75, 76, 78, 80, 81))}
    silent = {6: Count(events=60, children=60, unknown=40)}
    with_it, without = (figure(ROP, counted, 0, setting=wider_setting) for counted in (apart | silent, apart))
    assert with_it.compared == (462 + 60) / 660 and without.compared == 462 / 600
    assert with_it.spread is None and without.spread is None and with_it.units == 6
    answered = {6: Count(events=60, children=60)}
    assert figure(ROP, apart | answered, 0, setting=wider_setting).spread is not None
    few = {at: apart[at] for at in range(4)} | silent
    assert figure(ROP, few, 0, setting=wider_setting).too_few_to_widen
