"""Every example message gives exactly the report that is published with it, and everything a rule can find has one."""

import json

import pytest

from commands import main
from models.lnr.dataset.definition import definition
from models.lnr.message.message_writer import build
from models.lnr.message.validation import check
from models.lnr.rules.registry import rules
from models.lnr.specification import examples, site_files
from models.lnr.specification.broken_examples import broken
from tests.lnr.neighbours import neighbours

GOOD, BROKEN, NEIGHBOURS = examples.good(), broken(), neighbours()
NOW = site_files.RECEIVED
# The sentence for a complaint of libxml2 that we have never met.
NEVER_MET = {("R-01", "other")}


def name(example):
    return example.name


@pytest.mark.parametrize("example", GOOD + BROKEN, ids=name)
def test_an_example_gives_exactly_the_findings_it_is_made_for(example):
    verdict = check(example.raw, NOW, example.context)
    assert tuple((found.rule, found.variant) for found in verdict.findings) == example.expected
    assert verdict.refused == any(found.severity == "fout" for found in verdict.findings)


@pytest.mark.parametrize("example", GOOD, ids=name)
def test_a_story_is_accepted(example):
    assert not check(example.raw, NOW, example.context).refused


@pytest.mark.parametrize("example", [one for one in GOOD + BROKEN if len(one.raw) <= site_files.LARGEST], ids=name)
def test_the_published_report_is_the_one_that_the_published_message_gets(example):
    place = site_files.FOLDER / "voorbeelden"
    report = json.loads((place / f"{example.name}.verslag.json").read_bytes())
    assert check((place / f"{example.name}.xml").read_bytes(), NOW, example.context).as_dict() == report


def test_everything_that_a_rule_can_find_has_a_message_that_is_broken_so():
    can = {(number, variant) for number, rule in rules().items() for variant in rule.sentences}
    assert {pair for one in BROKEN for pair in one.expected} == can - NEVER_MET


def test_everything_that_a_rule_can_find_has_a_message_beside_it_that_the_rule_lets_pass():
    assert (
        NEIGHBOURS.keys() == {(number, variant) for number, rule in rules().items() for variant in rule.sentences} - NEVER_MET
    )


@pytest.mark.parametrize("number", NEIGHBOURS, ids="-".join)
def test_the_nearest_message_is_let_pass_by_the_rule(number):
    found = {(one.rule, one.variant) for one in check(NEIGHBOURS[number][0], NOW, NEIGHBOURS[number][1]).findings}
    assert number not in found and "R-01" not in {rule for rule, _ in found}  # which would look no further


@pytest.mark.parametrize("example", [one for one in GOOD if one.name != "intrekking"], ids=name)
def test_what_was_read_can_be_written_and_read_again(example):
    verdict = check(example.raw, NOW, example.context)
    child = {"child_ids": list(verdict.identity.child_numbers)}
    again = check(build(examples.envelope("nog-eens") | child | verdict.stay), NOW)
    assert (again.stay, again.derived | {"mother_age": None, "outborn": None}) == (
        verdict.stay,
        verdict.derived | {"mother_age": None, "outborn": None},
    )


def test_the_maximal_message_holds_every_item_that_a_child_who_lives_can_have():
    root = check(next(one.raw for one in GOOD if one.name == "maximaal"), NOW)
    told = json.dumps(root.stay)
    silent = {one.name for one in definition().items.values() if one.section != "A" and f'"{one.name}"' not in told}
    assert silent == {
        "death_datetime",
        "death_within_12h",
        "death_in_delivery_room",
        "cause_of_death",
        "intensive_care_withdrawn",
        "child_ids",
        "mother_ids",
        "mother_birth_date",
    }


def test_a_withdrawal_keeps_nothing_of_the_child():
    verdict = check(next(one.raw for one in GOOD if one.name == "intrekking"), NOW)
    assert verdict.stay is None and verdict.derived == {} and verdict.header.action == "intrekking"


def test_no_report_repeats_a_number_of_child_or_mother_nor_a_date():
    for example in GOOD + BROKEN:
        verdict = check(example.raw, NOW, example.context)
        told = json.dumps([found.__dict__ for found in verdict.findings])
        for value in ("VB-", "999900006", "123456789", "1993-07-21", "2026-01-10", "jansen", "12345678", "Voorb"):
            assert value not in told, example.name


def test_the_command_judges_a_file_as_the_published_report_says(capsys):
    """`lnr-check --json`, for who builds software: what the server would answer, but for what only the server knows."""
    place = site_files.FOLDER / "voorbeelden"
    files = [str(place / f"{name}.xml") for name in ("minimaal", "r-08-discharge")]
    with pytest.raises(SystemExit) as ended:
        main(["lnr-check", "--json", *files])
    told = json.loads(capsys.readouterr().out)
    assert ended.value.code == 1 and [one.pop("file") for one in told] == files
    assert [one["outcome"] for one in told] == ["geaccepteerd", "geweigerd"]
    published = json.loads((place / "r-08-discharge.verslag.json").read_text())
    assert told[1] == published
