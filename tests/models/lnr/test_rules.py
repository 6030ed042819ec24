"""What a rule finds beyond its broken example, and what it lets be."""

from datetime import datetime

import pytest

from models.lnr import examples
from models.lnr.builder import build
from models.lnr.check import check
from models.lnr.examples import CONFIRMED, late_preterm
from models.lnr.rules.envelope import telling

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


def test_two_eyes_may_have_rop_after_discharge_and_other_problems_beside():
    rop, plus = ({"fu_senses_code": code, "fu_senses_status": CONFIRMED} for code in ("408848001", "56341000146109"))
    assert found(examples.transferred() | {"fu_senses_problems": [rop, plus, rop]}, "R-27") == []
    assert found(examples.transferred() | {"fu_senses_problems": [rop, plus, rop, rop, rop]}, "R-27") == ["rop"]
