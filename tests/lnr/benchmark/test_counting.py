"""Cells follow from facts, facts from messages: whatever is sent, changed or withdrawn."""

import random

import pytest

from models.accounts.hospital import Hospital
from models.lnr.benchmark import counting
from models.lnr.benchmark import recompute as again
from models.lnr.benchmark.cell import CountCell, UncountedYear
from models.lnr.benchmark.counting import Count
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.indicator import named
from tests.lnr.test_facts import FIRST, HOME, OTHER, SECOND, Registry

DEATH = named("sterfte").number


@pytest.fixture
def registry():
    return Registry()


def with_nicus(registry):
    Hospital.update(nicu=True).where(Hospital.id.in_([one.id for one in registry.hospitals.values()])).execute()
    return registry.hospitals["A"].id, registry.hospitals["B"].id


def test_a_message_is_counted_by_the_worker(registry):
    here, _ = with_nicus(registry)
    registry.send(to=HOME, **FIRST)
    assert CountCell.select().count() == 0 and [(one.hospital_id, one.year) for one in UncountedYear.select()] == [(here, 2026)]

    assert counting.refresh() == 1

    assert counting.counts([2026], DEATH)[DEATH] == {here: Count(children=1)}
    assert counting.counts([2025], DEATH) == {} and UncountedYear.select().count() == 0 and counting.refresh() == 0
    assert counting.by_quarter([2026], DEATH)[here][0] == Count(children=1)


def test_a_child_counts_once_for_the_hospital_of_its_first_stay(registry):
    here, there = with_nicus(registry)
    registry.send(to=OTHER, **FIRST)
    registry.send(died="2026-04-05T10:00:00", **SECOND)
    counting.refresh()

    assert counting.counts([2026], DEATH)[DEATH] == {here: Count(events=1, children=1), there: Count(elsewhere=1)}


def test_what_changes_while_it_is_counted_stays_dirty(registry, monkeypatch):
    here, _ = with_nicus(registry)
    registry.send(to=HOME, **FIRST)
    counted = counting.cells

    def meanwhile(hospital, year):
        UncountedYear.mark(hospital, year)
        return counted(hospital, year)

    monkeypatch.setattr(counting, "cells", meanwhile)
    assert counting.refresh() == 0 and UncountedYear.get().hospital_id == here
    monkeypatch.undo()
    assert counting.refresh() == 1 and UncountedYear.select().count() == 0


def test_a_corrected_date_of_admission_makes_both_years_dirty(registry):
    here, _ = with_nicus(registry)
    registry.send(to=HOME, born="2025-12-20T09:00:00", admitted="2025-12-31T09:00:00", discharged="2026-01-09T09:00:00")
    counting.refresh()
    registry.send(
        to=HOME,
        born="2025-12-20T09:00:00",
        admitted="2026-01-01T09:00:00",
        discharged="2026-01-09T09:00:00",
        version=2,
        action="vervanging",
    )
    assert {(one.hospital_id, one.year) for one in UncountedYear.select()} == {(here, 2025), (here, 2026)}
    counting.refresh()
    assert counting.counts([2025]) == {} and counting.counts([2026], DEATH)[DEATH][here].children == 1


def test_another_list_of_nicus_has_everything_derived_anew(registry):
    registry.send(to=HOME, **FIRST)
    assert again.remaining() == 0
    here, _ = with_nicus(registry)
    assert again.remaining() == 1 and again.recompute() == 1
    counting.refresh()
    assert counting.counts([2026], DEATH)[DEATH] == {here: Count(children=1)}


def test_verifying_tells_of_a_changed_cell_and_a_changed_fact(registry):
    with_nicus(registry)
    registry.send(to=HOME, **FIRST)
    counting.refresh()
    assert [*again.differences(), *counting.differences()] == []

    CountCell.update(events=CountCell.events + 1).where(CountCell.indicator == DEATH).execute()
    assert len(list(counting.differences())) == 1
    StayFact.update(places="").execute()
    assert len(list(again.differences())) == 1


def test_any_series_of_messages_counts_as_a_rebuild_would(registry):
    with_nicus(registry)
    chance = random.Random(11)
    versions = {}
    for _ in range(25):
        if chance.random() < 0.5:
            registry.next_child()
        place, name = chance.choice([("A", "een"), ("B", "twee")])
        version = versions[place, registry.child] = versions.get((place, registry.child), 0) + 1
        dates = FIRST if place == "A" else {name: SECOND[name] for name in FIRST}
        action = "nieuw" if version == 1 else chance.choice(["vervanging", "vervanging", "intrekking"])
        registry.send(
            place,
            name,
            to=chance.choice([HOME, OTHER, None]),
            died=chance.choice([None, None, "2026-03-11T10:00:00"]),
            version=version,
            action=action,
            **dates,
        )
        if chance.random() < 0.4:
            counting.refresh()
    counting.refresh()
    assert StayFact.select().count() > 3
    assert [*again.differences(), *counting.differences()] == []
    before = set(CountCell.select().tuples())
    StayFact.update(rules="").execute()
    again.recompute()
    counting.refresh()
    strip = {row[1:] for row in before}
    assert {row[1:] for row in CountCell.select().tuples()} == strip
