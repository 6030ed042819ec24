"""Content counts and not rows: what is left out weighs as what is unknown, and a row has to say something."""

from datetime import datetime

import pytest

from models.lnr.dataset.definition import definition
from models.lnr.message.message_writer import build
from models.lnr.message.validation import check
from models.lnr.specification.examples import (
    CONFIRMED,
    SECTIONS,
    answered,
    died_in_delivery_room,
    died_in_nicu,
    interim,
    late_preterm,
    preterm,
    transferred,
    without,
)

NOW = datetime(2026, 6, 1)
UNKNOWN, NOT_APPLICABLE = {"null": "UNK"}, {"null": "NA"}
BPD_1, BPD_3 = "22021000146102", "22041000146108"


def judged(values):
    return check(build(values), NOW)


def found(values, rule):
    return [one.variant for one in judged(values).findings if one.rule == rule]


def lung(*codes):
    return [{"respiratory_problem_code": code, "respiratory_problem_status": CONFIRMED} for code in codes]


def test_the_minimum_is_accepted_with_warnings_and_is_not_in_order():
    verdict = judged(late_preterm())
    assert not verdict.refused and verdict.count("waarschuwing") == 1 + len(SECTIONS)
    assert verdict.completeness["filled"] * 2 < verdict.completeness["applicable"]


def test_a_stay_with_everything_answered_has_no_finding():
    assert judged(answered()).findings == judged(preterm("x")).findings == ()


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_without_an_answer_is_missed_and_one_that_is_unknown_is_an_answer(section):
    dropped = {"respiratory_supports"} if section == "respiratory_support_given" else set()
    assert found(without(answered(), section, *dropped), "R-49") == [""]
    assert found(answered(**{section: UNKNOWN}), "R-49") == []


@pytest.mark.parametrize("name", ["apgar_5", "delivery_mode", "cord_ph_arterial", "congenital_present", "birth_weight_g"])
def test_saying_nothing_never_scores_better_than_saying_unknown(name):
    silent, unknown = (judged(values).completeness for values in (without(answered(), name), answered(**{name: UNKNOWN})))
    assert silent["filled"] == unknown["filled"] == judged(answered()).completeness["filled"] - 1
    assert silent["applicable"] == unknown["applicable"]


@pytest.mark.parametrize("name", ["apgar_5", "delivery_mode", "cord_ph_arterial", "congenital_present", "birth_weight_g",
                                  "deceased", "discharge_destination", "discharge_weight_g", "still_admitted"])  # fmt: skip
def test_that_something_does_not_apply_fills_nothing_where_the_child_says_it_does(name):
    said, unknown = (judged(answered(**{name: flavour})) for flavour in (NOT_APPLICABLE, UNKNOWN))
    assert [one.path.rpartition("/")[2] for one in said.findings if one.rule == "R-57"] == [definition().items[name].tag]
    assert not said.refused and said.completeness == unknown.completeness and name in said.completeness["unknown"]


@pytest.mark.parametrize(("base", "name", "hits"), [
    (died_in_nicu(), "death_within_12h", 1), (died_in_delivery_room(), "death_within_12h", 0),
    (died_in_nicu(), "discharge_weight_g", 0), (interim(), "discharge_weight_g", 0), (preterm("x"), "discharge_weight_g", 1),
    (preterm("x"), "oxygen_day_28", 1), (answered(), "oxygen_day_28", 0), (answered(), "magnesium_sulphate", 0),
    (preterm("x"), "magnesium_sulphate", 1), (preterm("x"), "feeding_at_discharge", 1), (interim(), "feeding_at_discharge", 0),
    (died_in_delivery_room(), "admission_datetime", 0), (preterm("x"), "intensive_care_admission", 1),
    (transferred(), "fu_oxygen_day_28", 1), (preterm("x"), "fu_oxygen_day_28", 0), (transferred(), "fu_bpd_grade", 0),
    (preterm("x"), "birth_order", 0), (preterm("x", multiple_birth=True), "birth_order", 1),
])  # fmt: skip
def test_whether_something_applies_follows_from_the_child(base, name, hits):
    flavour = [NOT_APPLICABLE] if name == "feeding_at_discharge" else NOT_APPLICABLE
    assert len(found(base | {name: flavour}, "R-57")) == hits


@pytest.mark.parametrize(("changed", "hits"), [
    ({"respiratory_problem_status": NOT_APPLICABLE}, 1), ({"respiratory_problem_status": UNKNOWN}, 0),
    ({"respiratory_problem_code": NOT_APPLICABLE}, 1), ({"respiratory_problem_onset_place": NOT_APPLICABLE}, 0),
])  # fmt: skip
def test_of_a_problem_name_and_status_always_apply(changed, hits):
    row = {"respiratory_problem_code": "46775006", "respiratory_problem_status": CONFIRMED} | changed
    assert len(found(preterm("x", respiratory_problems=[row]), "R-57")) == hits


def test_a_condition_that_does_not_hold_asks_nothing():
    of_the_dead = judged(died_in_delivery_room()).completeness
    assert "death_within_12h" not in [*of_the_dead["known"], *of_the_dead["unknown"], *of_the_dead["missing"]]
    assert "discharge_weight_g" not in judged(died_in_nicu()).completeness["missing"]
    assert "birth_order" not in judged(answered()).completeness["missing"]
    assert "birth_order" in judged(answered(multiple_birth=True)).completeness["missing"]


def test_of_a_child_that_was_never_admitted_nothing_of_an_admission_is_asked():
    assert (
        found(died_in_delivery_room(), "R-49") == []
        and "infection_present" not in judged(died_in_delivery_room()).completeness["missing"]
    )


@pytest.mark.parametrize(("rows", "variants"), [
    ([{"gi_problem_status": CONFIRMED}], ["name"]), ([{"id": "leeg"}], ["name"]),
    ([{"gi_problem_code": "33688009", "gi_problem_status": CONFIRMED}], []),
    ([{"gi_problem_code": "33688009", "gi_problem_status": CONFIRMED}] * 2, ["double"]),
    ([{"gi_problem_code": code, "gi_problem_status": CONFIRMED} for code in ("33688009", "56905009")], []),
])  # fmt: skip
def test_a_row_says_what_there_was_and_once(rows, variants):
    assert found(preterm("x", gi_problems_present=True, gi_problems=rows), "R-55") == variants


@pytest.mark.parametrize(("kind", "variants"), [({}, ["kind"]), ({"respiratory_support_type": "47545007"}, [])])
def test_a_period_says_which_support_it_was(kind, variants):
    period = {"respiratory_support_start": "2026-01-10T04:40:00", "respiratory_support_end": "2026-01-14", **kind}
    assert found(preterm("x", respiratory_supports=[period]), "R-55") == variants


def test_each_eye_may_have_the_same():
    rop = {"senses_problem_code": "408848001", "senses_problem_status": CONFIRMED}
    assert found(preterm("x", senses_problems_present=True, senses_problems=[rop, rop]), "R-55") == []


@pytest.mark.parametrize(("codes", "variants"), [((BPD_1, BPD_3), ["bpd"]), ((BPD_3,), []), ((BPD_3, "46775006"), [])])
def test_there_is_one_grade_of_bpd(codes, variants):
    assert found(preterm("x", respiratory_problems=lung(*codes)), "R-27") == variants


@pytest.mark.parametrize(("changed", "variants"), [
    ({"respiratory_problems": lung(BPD_1), "oxygen_day_28": False}, ["oxygen"]),
    ({"respiratory_problems": lung(BPD_1), "oxygen_day_28": True}, []),
    ({"respiratory_problems": lung("46775006"), "oxygen_day_28": False}, []),
    ({"respiratory_problems": lung(BPD_1), "respiratory_support_given": False}, ["grade"]),
    ({"fu_bpd_grade": BPD_3, "respiratory_support_given": False}, ["grade"]),
    ({"respiratory_support_given": False}, []),
])  # fmt: skip
def test_reported_bpd_is_held_against_oxygen_and_support(changed, variants):
    base = (
        without(preterm("x"), "oxygen_day_28", "respiratory_supports")
        if "respiratory_support_given" in changed
        else preterm("x")
    )
    assert found(base | changed, "R-56") == variants
