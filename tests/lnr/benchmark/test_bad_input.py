"""Edges and bad input of the benchmark, line by line of its design.

| Edge | Test |
|---|---|
| no hospital with a NICU; one only | `test_none_or_one_nicu`, `test_screens.py` `test_a_hospital_without_a_nicu_hears_so` |
| n = 0, o = 0, o = n, p = 0 or 1 | `test_a_figure_at_its_edges`, `test_limits.py` `test_edges` |
| E = 0 with o > 0, NaN | `test_limits.py` `test_what_means_nothing_is_refused` |
| in two NICUs on one day (R-40), a gap in the chain | `test_one_chain_of_a_child_that_moves` |
| twins with one own number | `test_twins_with_one_own_number_are_two_children` |
| replaced out of the cohort | `test_a_stay_that_leaves_the_cohort` |
| withdrawn | `test_facts.py` `test_a_withdrawal_takes_the_row_away_and_mends_the_chain` |
| a test message | `test_facts.py` `test_a_test_and_a_refused_message_have_none` |
| corrected year of admission | `test_counting.py` `test_a_corrected_date_of_admission_makes_both_years_dirty` |
| new version after closing | `test_year_closing.py` `test_deliveries_after_the_closing_are_kept_and_move_no_cell` |
| a wrong sum, a missing term, NaN in a model | `test_case_mix.py` `test_a_strange_model_file_is_refused` |
| hospital renamed, ended | `test_a_hospital_that_is_renamed_or_ended_keeps_its_children` |
| hospital merged into another | `test_a_hospital_that_goes_up_in_another` |
| unknown code, year, place, page | `test_an_address_of_nothing`, `test_screens.py` `test_what_is_not_there_is_not_found` |
| a stay of another hospital in the address | `test_another_hospital_is_no_page` |
| two workers; killed between cells and dirty | `test_counting.py`, `tests/faults/test_killed_count.py` |
| an indicator switched off half-way a year | `test_indicator_settings.py` `test_who_counts_follows` |
| both databases to the last digit | `test_both_databases_give_the_same_digits` |
| no script | `tests/flows/test_lnr_benchmark.py` `test_without_script_and_at_twice_the_size` |
| the clock jumps | `test_a_clock_that_jumps_loses_no_count` |
| a comma in numbers | `test_screens.py` `test_the_figures_as_a_file_tell_of_others_what_the_page_tells` |
"""

import hashlib
import random
from datetime import datetime

import pytest

from models import clock
from models.access import Role
from models.accounts.hospital import Hospital
from models.lnr.benchmark import counting, picture
from models.lnr.benchmark import recompute as again
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.fact import BANDS, StayFact
from models.lnr.benchmark.figure import Judgement, chance, figure
from models.lnr.benchmark.indicator import named
from models.lnr.benchmark.method.indicator_setting import IndicatorSetting
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.registry.open_finding import OpenFinding
from models.lnr.registry.stay import Stay
from tests import make
from tests.lnr import messages
from tests.lnr.benchmark.synthetic import hospital_year
from tests.lnr.test_facts import FIRST, HOME, NOW, OTHER, SECOND, Registry

pytestmark = pytest.mark.db_dialect

DEATH, IVH = named("sterfte"), named("ernstige-ivh")


@pytest.fixture
def registry():
    made = Registry()
    Hospital.update(nicu=True).where(Hospital.id.in_([one.id for one in made.hospitals.values()])).execute()
    return made


def deaths(year=2026):
    return counting.counts([year], DEATH.number).get(DEATH.number, {})


@pytest.mark.parametrize("nicus", (0, 1))
def test_none_or_one_nicu(client, login, nicus):
    here = make.hospital(nicu=bool(nicus))
    login(client, make.user(role=Role.LNR_BEHEER))
    page = client.get("/lnr/benchmark/").get_data(as_text=True)
    assert ("Nog geen opnamen" in page) is bool(nicus) and ("geen NICU" in page) is not bool(nicus)
    told = figure(IVH, {here.id: Count(events=9, children=40)}, here.id)
    assert (told.verdict, told.compared, told.lines) == (Judgement.GEEN, None, None)
    assert picture.funnel(told, [], lambda dot: "") is None and chance([told]).judged == 0


@pytest.mark.parametrize(
    "own, others, verdict",
    (
        ((0, 0), (4, 40), Judgement.KLEIN),
        ((0, 20), (4, 40), Judgement.BINNEN),
        ((40, 40), (4, 40), Judgement.SIGNAAL),
        ((0, 40), (0, 40), Judgement.GEEN),
        ((40, 40), (40, 40), Judgement.GEEN),
    ),
)
def test_a_figure_at_its_edges(own, others, verdict):
    counted = {1: Count(*own), **{place: Count(*others) for place in range(2, 12)}}
    told = figure(IVH, counted, 1, sum(counted.values(), Count()))
    assert told.verdict is verdict
    if told.compared in (0, 1):
        assert set(told.lines.values()) == {(told.compared, told.compared)}
    drawn = picture.funnel(told, [], lambda dot: "")
    assert (drawn is None) is (own == (0, 0))


def test_one_chain_of_a_child_that_moves(registry):
    here, there = (registry.hospitals[letter].id for letter in "AB")
    registry.send(to=OTHER, **FIRST)
    # On the day of discharge in both hospitals, an hour of which together: told to both, counted once.
    registry.send(to=HOME, **SECOND | {"admitted": "2026-03-11T09:00:00"})
    counting.refresh()
    assert deaths() == {here: Count(children=1), there: Count(elsewhere=1)}
    assert OpenFinding.select().where(OpenFinding.rule == "R-40", OpenFinding.resolved_at.is_null()).count() == 2
    registry.next_child()
    registry.send(to=OTHER, **FIRST)
    registry.send(
        died="2026-04-20T10:00:00", **SECOND | {"admitted": "2026-03-25T12:00:00", "discharged": "2026-04-20T10:00:00"}
    )
    counting.refresh()
    assert deaths() == {here: Count(events=1, children=2), there: Count(elsewhere=2)}  # two weeks of which nothing is known


def test_twins_with_one_own_number_are_two_children(registry):
    """The death of one is not the death of both, whichever is told first, and a rebuild says the same."""
    here, own = registry.hospitals["A"], (messages.OWN, "4711")
    for number, minutes in enumerate(("00", "25")):
        asked = FIRST | {"admitted": f"2026-03-01T09:{minutes}:00"}
        raw = messages.message(agb=here.agb, set_id=f"tweeling {number}", child=(registry.child, own), **asked).decode()
        if number:
            dead = '<overlijdens_indicator value="true"/><datum_overlijden value="2026-03-11T10:00:00"/>'
            raw = raw.replace('<overlijdens_indicator value="false"/>', dead)
        assert deliver(Delivery(here, registry.maker), raw.encode(), NOW).status < 400
        registry.next_child()
    counting.refresh()
    assert [fact.first for fact in StayFact.select()] == [True, True]
    assert deaths() == {here.id: Count(events=1, children=1, unknown=1)} and list(again.differences()) == []


def test_a_stay_that_leaves_the_cohort(registry):
    here = registry.hospitals["A"].id
    registry.send(to=HOME, **FIRST)
    counting.refresh()
    assert deaths() == {here: Count(children=1)}
    registry.send(to=HOME, version=2, action="vervanging", days=252, **FIRST)
    counting.refresh()
    assert deaths() == {here: Count(outside=1)}


def test_a_hospital_that_is_renamed_or_ended_keeps_its_children(registry, client, login):
    here = registry.hospitals["A"]
    registry.send(to=HOME, **FIRST)
    counting.refresh()
    Hospital.update(name="Nieuwe Naam", active=False).where(Hospital.id == here.id).execute()
    login(client, make.user(role=Role.LNR_BEHEER))
    page = client.get(f"/lnr/benchmark/sterfte?jaar=2026&ziekenhuis={here.code}").get_data(as_text=True)
    assert "Nieuwe Naam" in page and "0 van 1" in page


def test_a_hospital_that_goes_up_in_another(registry):
    """B ends and is no NICU any more: its children become nobody else's, and what is counted follows from the facts."""
    here, there = (registry.hospitals[letter] for letter in "AB")
    registry.send(place="B", set_id="een", to=OTHER, **FIRST)
    registry.send(to=HOME, **SECOND | {"place": "A"})
    counting.refresh()
    assert deaths() == {there.id: Count(children=1), here.id: Count(elsewhere=1)}
    Hospital.update(nicu=False, active=False).where(Hospital.id == there.id).execute()
    again.recompute()
    counting.refresh()
    assert deaths() == {here.id: Count(outside=1), there.id: Count(outside=1)}
    assert list(again.differences()) == [] and list(counting.differences()) == []


@pytest.mark.parametrize("path, status", (("sterfte?jaar=abc", 200), ("sterfte/kinderen?na=t999999", 200), ("sterfte/x", 404)))
def test_an_address_of_nothing(registry, client, login, path, status):
    login(client, make.user(role=Role.LNR_CONTACT, hospital=registry.hospitals["A"]))
    assert client.get(f"/lnr/benchmark/{path}").status_code == status


def test_another_hospital_is_no_page(registry, client, login):
    registry.send(to=HOME, **FIRST)
    registry.next_child()
    registry.send(to=HOME, **SECOND)
    counting.refresh()
    login(client, make.user(role=Role.LNR_CONTACT, hospital=registry.hospitals["A"]))
    theirs = Stay.get(Stay.hospital == registry.hospitals["B"])
    assert client.get(f"/lnr/opname/{theirs.key}/").status_code == 404
    for asked in (f"ziekenhuis={registry.hospitals['B'].code}", f"na=0{theirs.id - 1}"):
        page = client.get(f"/lnr/benchmark/sterfte/kinderen?plaats=noemer&jaar=2026&{asked}").get_data(as_text=True)
        assert theirs.key not in page and theirs.number not in page and registry.hospitals["B"].name not in page


def test_a_clock_that_jumps_loses_no_count(registry, client, login, monkeypatch):
    here = registry.hospitals["A"]
    registry.send(to=HOME, **FIRST)
    counting.refresh()
    registry.next_child()
    raw = messages.message(agb=here.agb, set_id="terug", child=(registry.child,), **FIRST)
    deliver(Delivery(here, registry.maker), raw, datetime(2026, 4, 20))  # a moment before that of the first
    monkeypatch.setattr(clock, "now", lambda: datetime(2031, 1, 1))
    assert counting.refresh() == 1 and sum(count.children + count.unknown for count in deaths().values()) == 2
    login(client, make.user(role=Role.LNR_BEHEER))
    assert "Nog geen opnamen in 2031" in client.get("/lnr/benchmark/").get_data(as_text=True)


def test_both_databases_give_the_same_digits():
    """This sum was made on SQLite; PostgreSQL sums, sorts and rounds to the same."""
    luck = random.Random(4)
    places = [make.hospital(f"NICU {letter}", nicu=True) for letter in "ABCDEFGH"]
    for number, place in enumerate(places):
        marks = ["t0", "u1", *["n0"] * (2 + 3 * number)]
        stays = [(luck.randrange(1, 13), luck.choice(BANDS)[1], {IVH.number: luck.choice(marks)}) for _ in range(60)]
        hospital_year(place, 2025, stays, Hospital.nicus())
    counting.refresh()
    counted = counting.counts([2025], IVH.number)[IVH.number]
    said = []
    for place in places:
        one = figure(IVH, counted, place.id, sum(counted.values(), Count()), IndicatorSetting(wider=True))
        pairs = [one.interval, *one.lines.values(), *one.wide_lines.values()]
        quarters = [count.events for count in counting.by_quarter([2025], IVH.number)[place.id]]
        told = [one.own.events, one.own.children, one.own.unknown, one.verdict.value, one.exact.value]
        said.append([place.name, *told, quarters, [round(limit, 12) for pair in pairs for limit in pair]])
    assert hashlib.sha256(repr(said).encode()).hexdigest()[:16] == "e47a873385dc5f87"


def test_an_answer_about_one_child_moves_no_other(registry):
    """What was unknown of a child is settled; of every other child nothing changes, not even its moment."""
    registry.send(**FIRST)
    mine = registry.child
    for number in range(3):
        registry.next_child()
        registry.send(set_id=f"ander {number}", to=(HOME, OTHER, None)[number], **FIRST)

    def told():
        return {fact.stay.set_id: (fact.places, fact.answers, fact.amounts, fact.at) for fact in StayFact.select()}

    before, own = told(), f"een {mine[1]}"
    registry.child = mine
    registry.send(to=HOME, version=2, action="vervanging", **FIRST)
    after = told()
    assert [before[own][0][DEATH.at], after[own][0][DEATH.at]] == ["u", "n"]
    assert {name: row for name, row in before.items() if name != own} == {
        name: row for name, row in after.items() if name != own
    }
    counting.refresh()
    assert list(again.differences()) == [] and list(counting.differences()) == []
