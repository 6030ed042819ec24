"""What a rule finds beyond its broken example, and what it lets be."""

from datetime import datetime

import pytest

from models.lnr.dataset.definition import definition
from models.lnr.message.message_writer import build
from models.lnr.message.validation import check
from models.lnr.rules.envelope import telling
from models.lnr.specification import examples
from models.lnr.specification.broken_examples import BPD_1, _infection
from models.lnr.specification.examples import CONFIRMED, late_preterm, preterm, without

NOW = datetime(2026, 6, 1)
UNKNOWN = {"null": "UNK"}


def found(values, rule):
    """The variants of this rule that are found in a message with these values."""
    return [one.variant for one in check(build(values), NOW).findings if one.rule == rule]


@pytest.mark.parametrize(("text", "variant"), [
    ("999900006", "number"), ("9999.00.006", "number"), ("999/900/006", "number"), ("９９９９００００６", "number"),
    ("٩٩٩٩٠٠٠٠٦", "number"), ("999\u2011900\u2011006", "number"), ("999 - 900 - 006", "number"), ("999900007", None),
    ("06-12345678", "telephone"), ("(06) 12345678", "telephone"), ("06.12.34.56.78", "telephone"), ("06/12345678", "telephone"),
    ("bel 06-12345678.", "telephone"), ("+31 (0)6 12345678", "telephone"), ("0031 6 12 34 56 78", "telephone"),
    ("０６－１２３４５６７８", "telephone"), ("(030) 123 45 67", "telephone"), ("06 \u2013 123 45 678", "telephone"),
    ("jan@example.com", "email"), ("jan＠example.com", "email"),
    ("gemeten 05-03-2026 13:30", None), ("05.03.2026, 06.03.2026", None), ("2026-03-05 09:30", None),
    ("om 08:00 08:10 08:20", None), ("36,8 37,1 36,9", None), ("infuus 0,123456789", None), ("dossier 12345", None),
])  # fmt: skip
def test_free_text_names_nobody_however_a_number_is_written(text, variant):
    assert telling(text) == variant
    assert telling(f"zie {text} (kind)") == variant


@pytest.mark.parametrize(("changed", "variants"), [
    ({"number_born": 0, "birth_order": 3}, ["order"]), ({"number_born": 3, "birth_order": 3}, []), ({"birth_order": 3}, []),
    ({"gravidity": 1, "parity_before": 2}, ["parity"]), ({"gravidity": 1, "parity_before": 0}, []),
])  # fmt: skip
def test_a_number_of_a_child_is_at_most_the_number_of_children(changed, variants):
    assert found(late_preterm(**changed), "R-16") == variants


def test_a_death_needs_its_date_and_not_the_reason_why_there_is_none():
    assert found(examples.died_in_nicu() | {"death_datetime": UNKNOWN}, "R-10") == ["date"]
    assert found(late_preterm(death_datetime={"null": "NA"}), "R-10") == []


@pytest.mark.parametrize(("written", "variants"), [("2026-02-06T08:00:00", ["young"]), ("2026-02-07T08:00:00", [])])
def test_oxygen_on_day_28_is_not_known_before_that_day(written, variants):
    # Born January 10: 27 days old on February 6, 28 on February 7.
    assert found(examples.interim() | {"created_at": written}, "R-25") == variants


@pytest.mark.parametrize(("born", "variants"), [
    ("2024-01-10", [""]), ("2014-01-11", [""]), ("2014-01-10", []),        # 2, 11, 12 that very day
    ("1965-01-11", []), ("1965-01-10", [""]), ("1919-12-31", [""]),        # 60 for one day more, 61, 106
])  # fmt: skip
def test_a_mother_is_12_to_60_years_old_when_her_child_is_born(born, variants):
    assert found(preterm("x", mother_birth_date=born), "R-51") == variants  # January 10, 2026


@pytest.mark.parametrize(("changed", "variants"), [
    ({"birth_weight_at": "2026-01-11T04:12:00"}, []), ({"birth_weight_at": "2026-01-11T04:13:00"}, ["birth"]),  # 24:00, 24:01
    ({"birth_weight_at": "2026-01-11"}, []),                                        # that day, perhaps before 04:12
    ({"discharge_weight_at": "2026-03-28"}, []), ({"discharge_weight_at": "2026-03-28T12:00:00"}, []),  # an hour after 11:00
    ({"discharge_hc_at": "2026-03-29"}, ["discharge"]), ({"discharge_hc_at": "2026-03-28T12:01:00"}, ["discharge"]),
])  # fmt: skip
def test_a_measurement_is_of_the_moment_it_stands_for(changed, variants):
    assert found(preterm("x", **changed), "R-52") == variants


@pytest.mark.parametrize(("verified", "variants"), [
    ("2026-05-01", []), ("2026-05-01T08:00:00", []), ("2026-05-01T08:00:01", [""]), ("2026-05-02", [""]),
])  # fmt: skip
def test_a_message_is_verified_before_it_is_made(verified, variants):
    assert found(preterm("x", verified_by_clinician=True, verified_at=verified), "R-53") == variants


@pytest.mark.parametrize(("changed", "missed"), [
    ({}, {"fu_oxygen_day_28", "fu_bpd_grade"}),                    # left on January 26, day 16
    ({"discharge_datetime": "2026-02-10T14:00:00", "oxygen_day_28": True}, {"fu_bpd_grade"}),  # after day 28, before 36 weeks
    ({"created_at": "2026-02-06T08:00:00"}, set()),                # written on day 27: nobody knows yet
    ({"created_at": "2026-02-07T08:00:00"}, {"fu_oxygen_day_28"}),
    ({"discharge_destination": examples.HOME}, set()),
    ({"deceased": True, "death_datetime": "2026-02-08"}, {"fu_oxygen_day_28"}),
])  # fmt: skip
def test_what_was_found_elsewhere_on_day_28_and_at_36_weeks_is_expected_of_who_was_moved(changed, missed):
    # Born January 10 at 27+3: day 28 is February 7, 36 weeks is March 11.
    told = without(examples.transferred(), "fu_oxygen_day_28", "fu_bpd_grade") | changed
    findings = check(build(told), NOW).findings
    paths = {one.path.rpartition("/")[2] for one in findings if one.rule == "R-49" and "/follow_up/" in one.path}
    names = {"o2_op_dag_28q": "fu_oxygen_day_28", "gradatie_bpd": "fu_bpd_grade"}
    assert {names[path] for path in paths if path in names} == missed


def test_two_eyes_may_have_rop_after_discharge_and_other_problems_beside():
    rop, plus = ({"fu_senses_code": code, "fu_senses_status": CONFIRMED} for code in ("408848001", "56341000146109"))
    assert found(examples.transferred() | {"fu_senses_problems": [rop, plus, rop]}, "R-27") == []
    assert found(examples.transferred() | {"fu_senses_problems": [rop, plus, rop, rop, rop]}, "R-27") == ["rop"]


PVL = {"neuro_problem_code": "230769007", "neuro_problem_status": CONFIRMED}
TUBE = {"respiratory_support_type": "408853006", "respiratory_support_start": "2026-01-10T05:00:00"}
LATER = TUBE | {"respiratory_support_start": "2026-01-20T05:00:00", "respiratory_support_end": "2026-01-21T05:00:00"}


@pytest.mark.parametrize(
    ("rule", "changed", "variants"),
    [
        # An end that is unknown is no end after the next begin; a period without one goes on.
        ("R-23", {"respiratory_supports": [TUBE | {"respiratory_support_end": UNKNOWN}, LATER]}, []),
        ("R-23", {"respiratory_supports": [TUBE, LATER]}, ["overlap"]),
        # A line of which nobody says since when may have been there.
        ("R-29", _infection(line_sepsis=True) | {"lines": [{"line_end": "2026-02-20T03:00:00"}]}, []),
        ("R-29", _infection(line_sepsis=True) | {"lines": [{"line_end": "2026-01-11T03:00:00"}]}, [""]),
        # Who came after weeks elsewhere grew there too.
        ("R-34", {"admission_datetime": "2026-03-20T08:00:00", "discharge_weight_g": 2900}, []),
        ("R-34", {"admission_datetime": "2026-03-20T08:00:00", "discharge_weight_g": 9100}, [""]),
        # What leaves an indicator unknown is asked.
        ("R-49", {"neuro_problems_present": True, "neuro_problems": [PVL]}, ["pvl_grade"]),
        ("R-49", {"neuro_problems_present": True, "neuro_problems": [PVL | {"pvl_grade": UNKNOWN}]}, []),
        ("R-49", {"lines": [{"line_end": "2026-01-19"}]}, ["line_start"]),
        ("R-49", {"lines": [{"line_start": UNKNOWN}]}, []),
        # A BERA after discharge follows an AABR of before.
        ("R-49", {"aabr_abnormal": True, "bera_done": False, "fu_bera_done": True, "fu_bera_abnormal": False}, []),
    ],
)
def test_what_is_unknown_is_no_fault_and_what_is_needed_is_asked(rule, changed, variants):
    findings = [one for one in check(build(preterm("x") | changed), NOW).findings if one.rule == rule]
    names = {item.full_path.rpartition("/")[2]: name for name, item in definition().items.items()}
    told = [names[one.path.rpartition("/")[2]] if rule == "R-49" else one.variant for one in findings]
    assert told == variants


@pytest.mark.parametrize(
    ("rule", "values", "left_out"),
    [
        ("R-26", examples.died_in_nicu() | {"respiratory_problems": [BPD_1]}, ("respiratory_problems",)),
        ("R-25", examples.died_in_nicu() | {"oxygen_day_28": True}, ("oxygen_day_28",)),
    ],
)
def test_the_hint_for_a_child_that_died_can_be_followed(rule, values, left_out):
    hints = [one.hint_nl for one in check(build(values), NOW).findings if one.rule == rule]
    assert len(hints) == 1 and "laat" in hints[0]
    assert found(without(values, *left_out), rule) == []


def test_the_form_asks_for_a_bera_after_discharge_where_the_hearing_was_abnormal_before():
    assert definition().items["fu_bera_done"].condition is None
