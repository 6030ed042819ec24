"""Each minor finding of the judgement of the registry, by its name: what happened then, and what happens now."""

from datetime import datetime

import pytest

from models.lnr.closing.rehearsal import HospitalRehearsal
from models.lnr.dataset.definition import AGB
from models.lnr.message.message_writer import build
from models.lnr.message.validation import check
from models.lnr.message.xml_tree import ELEMENTS
from models.lnr.registry.year_figures import MonthVolume, closings
from models.lnr.specification.broken_examples import BPD_1
from models.lnr.specification.examples import late_preterm, preterm, without
from settings import ROOT
from tests.lnr.messages import hospital

NOW = datetime(2026, 12, 1)
PLAIN = build(late_preterm())
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'
BACK = "2026-10-25T02:{}:00"  # within the hour that comes twice


def _with(*left_out, **changed):
    return build(without(preterm("x"), *left_out) | changed)


def _schema_of_elsewhere(raw):
    xsi = b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"'
    return raw.replace(b"<kind>", b"<kind" + xsi + b">")


# minor, message -> rule, variant, severity, and words that are said; None for what has to pass
FOUND = [
    ("m1 born a hundred years before", _with(birth_datetime="1926-01-10T04:12:00"), "R-54 age fout", "drie jaar"),
    ("m1 admitted for two years", _with(discharge_datetime="2026-01-12", admission_datetime="2024-01-01",
                                        birth_datetime="2023-12-31"), "R-54 stay fout", "twee jaar"),
    ("m2 written before the discharge", _with(created_at="2026-03-26T08:00:00"), "R-53 document waarschuwing", "Datum en tijd"),
    ("m2 verified after it was written", _with(verified_by_clinician=True, verified_at="2026-05-09"), "R-53  waarschuwing", ""),
    ("m3 the hour that comes twice", build(late_preterm(
        birth_datetime=BACK.format(50), admission_datetime=BACK.format(10), birth_weight_at=BACK.format(55),
        discharge_datetime="2026-10-30T10:00:00", created_at="2026-11-01", mother_birth_date="1993-07-21")), "R-08", None),
    ("m4 weight in full", _with(birth_weight_g=2410), "R-17  waarschuwing", "van 2410 g"),
    ("m5 declared as Latin-1", PLAIN.replace(b"UTF-8", b"ISO-8859-1"), "R-01 encoding fout", "zeggen iets anders"),
    ("m5 a blank line first", b"\n" + DECLARATION + PLAIN.split(b"?>", 1)[1], "R-01 before fout", "een lege regel"),
    ("m5 a second BOM", b"\xef\xbb\xbf" * 2 + PLAIN, "R-01 before fout", "een tweede BOM"),
    ("m6 where an attribute of elsewhere stands", _schema_of_elsewhere(PLAIN), "R-01 foreign fout", ""),
    ("m6 where there are too many", PLAIN.replace(b"<kind>", b"<kind>" + b"<a/>\n" * 2 * ELEMENTS), "R-01 many fout", ""),
    ("m6 where a message of JSON begins", b'{"a": 1}', "R-01 json fout", ""),
    ("m6 the item by its name", _with().replace(b'<geslacht code="M"', b'<geslacht cod="M"'), "R-01", "'geslacht' (Geslacht)"),
    ("m9 a number of birth that is none", _with(birth_institution_ids=[(AGB, "234")]), "R-38 form waarschuwing", "AGB-code"),
    ("m9 a number of origin that is none", _with(origin="4563007", origin_institution_ids=[(AGB, "+5")]),
     "R-37 form waarschuwing", "AGB-code"),
    ("m11 BPD, and by the support none", _with("oxygen_day_28", respiratory_support_given=False, respiratory_supports=[],
     respiratory_problems=[BPD_1]), "R-56 grade waarschuwing", "dat er geen BPD was"),
    ("m11 BPD, and no oxygen on day 28", _with(oxygen_day_28=False, respiratory_problems=[BPD_1]),
     "R-56 oxygen waarschuwing", "zuurstof op dag 28 is nee"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "rule", "words"), [one[1:] for one in FOUND], ids=[one[0] for one in FOUND])
def test_what_is_found(raw, rule, words):
    findings = check(raw, NOW).findings
    told = [one for one in findings if f"{one.rule} {one.variant} {one.severity}".startswith(rule)]
    assert bool(told) == (words is not None), [(one.rule, one.variant, one.nl) for one in findings]
    assert all(words in one.nl for one in told[:1])
    assert all(one.line and one.column for one in told)  # m6


def test_m8_more_than_stated_is_told_and_is_not_complete():
    """The headline of the hospital itself stands in templates/lnr/overview/completeness.html, by the same `beyond`."""
    place = hospital()
    closing = closings(2026, place, NOW)[place.id]
    for received, beyond in ((3, ["2026-01"]), (2, [])):
        closing.months[:] = [MonthVolume("2026-01", received, 2)]
        assert (closing.stated, closing.found, closing.beyond) == (2, 2, beyond)
        assert HospitalRehearsal(place, closing, [], []).complete is not bool(beyond)


@pytest.mark.parametrize(
    ("minor", "file", "name"),
    [
        ("m7 the pages of a hospital fit", "tests/flows/test_lnr.py", "test_the_pages_of_a_stay_can_be_read_by_everybody"),
        (
            "m7 and those of the management",
            "tests/flows/test_lnr.py",
            "test_the_pages_of_the_management_can_be_read_by_everybody",
        ),
        ("m7 no button lies over a command", "tests/flows/test_lnr_site.py", "test_no_button_lies_over_what_it_copies"),
        (
            "m10 the first commands work with the key of any hospital",
            "tests/lnr/test_supplier_site.py",
            "test_the_commands_of_the_first_page_do_what_it_says_with_the_key_of_any_hospital",
        ),
    ],
)
def test_what_another_test_holds(minor, file, name):
    assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), minor
