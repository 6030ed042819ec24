"""What reaches the reader and what does not: XM-02, XM-03, XM-05 and the cases that registries send by mistake."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from models.lnr.message.message_writer import Raw, build
from models.lnr.message.validation import check
from models.lnr.specification.examples import answered, late_preterm, preterm

NOW = datetime(2026, 6, 1)
GOOD = build(answered("minimaal"))
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>'


def variant(raw):
    return [(found.rule, found.variant) for found in check(raw, NOW).findings]


def with_doctype(doctype, inside=b""):
    return GOOD.replace(HEAD, HEAD + doctype).replace(b"Voorbeeld-EPD", inside or b"Voorbeeld-EPD")


BOMB = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))


@pytest.mark.parametrize("doctype", [
    b"<!DOCTYPE lnr_aanlevering>",
    b'<!DOCTYPE l SYSTEM "http://127.0.0.1:9/x.dtd">',
    b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    b'<!DOCTYPE l [<!ENTITY a0 "x">' + BOMB + b"]>",
    b'<!DOCTYPE l [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>',
])  # fmt: skip
def test_any_doctype_is_refused_unread(doctype):
    started = time.monotonic()
    verdict = check(with_doctype(doctype, b"&a11;"), NOW)
    assert verdict.malformed and [found.variant for found in verdict.findings] == ["doctype"]
    assert time.monotonic() - started < 1


def test_an_address_of_a_schema_or_an_include_is_refused_and_nothing_is_fetched():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        place = b"http://127.0.0.1:%d/x" % listener.getsockname()[1]
        schema = (
            b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:meldportaal:lnr:1 ' + place + b'" '
        )
        include = b'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="' + place + b'"/></kernset_neonatologie>'
        for raw in (
            GOOD.replace(b"schemaversie", schema + b"schemaversie", 1),
            GOOD.replace(b"</kernset_neonatologie>", include),
        ):
            verdict = check(raw, NOW)
            assert verdict.malformed and [found.variant for found in verdict.findings] == ["foreign"]
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.parametrize("raw", [
    GOOD.replace(b"Voorbeeld-EPD", b"x" * 11_000_000),
    GOOD.replace(b"</kind>", b"<a>" * 100_000 + b"</a>" * 100_000 + b"</kind>"),
    GOOD.replace(b"</kind>", b"<a/>" * 200_000 + b"</kind>"),
    GOOD.replace(b"<kind>", b"<kind %s>" % b" ".join(b'a%d=""' % n for n in range(10_000))),
    b"<a>" * 300_000,
    b" " * 2_000_000,
], ids=["text", "depth", "siblings", "attributes", "open", "blanks"])  # fmt: skip
def test_too_much_of_anything_is_too_large_at_once(raw):
    started = time.monotonic()
    verdict = check(raw, NOW)
    assert verdict.malformed and verdict.too_large
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037"])
def test_only_utf_8_is_read_whatever_the_message_claims(encoding):
    assert check(GOOD.decode().encode(encoding), NOW).malformed


def test_a_text_in_windows_1252_is_named_with_its_place():
    verdict = check(GOOD.replace(b"Voorbeeld-EPD", "Café".encode("cp1252")), NOW)
    (found,) = verdict.findings
    assert found.variant == "not_utf8"
    line = GOOD.splitlines()[found.line - 1]
    assert line.index(b"Voorbeeld-EPD") + len("Caf") == found.column - 1


def test_a_byte_order_mark_of_utf_8_is_allowed_once():
    assert variant(b"\xef\xbb\xbf" + GOOD) == []
    assert check(b"\xef\xbb\xbf" * 2 + GOOD, NOW).malformed


@pytest.mark.parametrize("letter", [b"\x00", b"\x08", b"&#0;", b"&#x1f;", b"\xed\xa0\x80"])
def test_what_xml_forbids_is_refused(letter):
    assert check(GOOD.replace(b"Voorbeeld-EPD", b"a" + letter), NOW).malformed


def test_text_is_kept_composed():
    verdict = check(build(preterm("x", admission_temperature_note="gee\u0308rfd")), NOW)
    assert verdict.stay["admission_temperature_note"] == "geërfd"


REQUIRED = ["message_id", "case_set_id", "version_number", "sending_institution_ids", "child_ids", "birth_datetime", "sex"]


@pytest.mark.parametrize("item", REQUIRED)
def test_each_required_element_is_missed_by_the_schema(item):
    values = late_preterm()
    del values[item]
    verdict = check(build(values), NOW)
    assert verdict.refused and not verdict.malformed and {found.rule for found in verdict.findings} == {"R-01"}
    assert all(found.line and found.column for found in verdict.findings) and verdict.stay is None


@pytest.mark.parametrize("item", [
    "created_at", "deceased", "gestational_age_days", "birth_weight_g", "admission_datetime",
    "intensive_care_admission", "admission_indication", "still_admitted",
])  # fmt: skip
def test_each_item_that_we_require_is_missed_by_name(item):
    values = late_preterm()
    del values[item]
    assert "R-46" in {found.rule for found in check(build(values), NOW).findings}


@pytest.mark.parametrize("said", ["-1", "NaN", "1e400", "INF", "", " ", "1,5", "12345678901234567890", "٣"])
def test_a_weight_that_is_none_is_refused(said):
    verdict = check(build(late_preterm(birth_weight_g=Raw({"value": said, "unit": "g"}))), NOW)
    assert verdict.refused and not verdict.malformed


@pytest.mark.parametrize("said", ["2026-02-30", "2026", "2026-03", "T-90D", "DOB+3D", "2026-03-05T25:00:00", "2026-03-05T13:30",
                                  "05-03-2026", "20260305", "0000-00-00", "2026-03-05T24:00:01"])  # fmt: skip
def test_a_birth_that_is_no_absolute_date_is_refused(said):
    verdict = check(build(late_preterm(birth_datetime=Raw({"value": said}))), NOW)
    assert [(found.rule, found.variant) for found in verdict.findings] == [("R-01", "form")]


@pytest.mark.parametrize(("said", "kept"), [
    ("2026-03-02T09:15:00", "2026-03-02T08:15:00Z"),
    ("2026-03-02T09:15:00+00:00", "2026-03-02T09:15:00Z"),
    ("2026-03-02T08:15:00.5Z", "2026-03-02T08:15:00.500000Z"),
    ("2026-03-02", "2026-03-02"),
])  # fmt: skip
def test_a_moment_without_an_offset_is_by_the_dutch_clock(said, kept):
    assert check(build(late_preterm(birth_datetime=said)), NOW).stay["birth_datetime"] == kept


def test_another_namespace_or_version_is_an_error_with_its_place():
    other = check(GOOD.replace(b"lnr:1", b"lnr:2"), NOW)
    assert not other.malformed and [found.variant for found in other.findings] == ["namespace"]
    newer = check(GOOD.replace(b'schemaversie="1.0"', b'schemaversie="9.9"'), NOW)
    assert not newer.malformed and newer.header.schema_version == "9.9"
    assert [(found.variant, found.line) for found in newer.findings] == [("form", 2)]


def test_a_prefix_for_the_namespace_changes_nothing():
    raw = GOOD.replace(b"</", b"</l:").replace(b"<", b"<l:").replace(b"<l:/l:", b"</l:").replace(b"<l:?", b"<?")
    assert variant(raw.replace(b"xmlns=", b"xmlns:l=")) == []
    wrong = raw.replace(b"xmlns=", b"xmlns:l=").replace(b'value="VB-1001"', b"")
    assert check(wrong, NOW).findings[0].path.endswith("patient/identificatienummer")


def test_a_complaint_of_the_schema_names_the_right_element_among_many():
    values = preterm("x")
    values["respiratory_supports"][1]["respiratory_support_start"] = Raw({"value": "gisteren"})
    (found,) = check(build(values), NOW).findings
    assert found.path.endswith("/ademhalingsondersteuning/verrichting[2]/verrichting_start_datum")
    line = build(values).splitlines()[found.line - 1]
    assert line[found.column - 1 :].startswith(b'<verrichting_start_datum value="gisteren"')


def test_two_children_in_one_message_are_refused():
    child = GOOD[GOOD.index(b"<kind>") : GOOD.index(b"</kind>") + 7]
    assert variant(GOOD.replace(child, child + child)) == [("R-01", "repeated")]


def test_an_unknown_name_is_not_repeated():
    (found,) = check(GOOD.replace(b"<bevallingsgegevens>", b"<jan_jansen/><bevallingsgegevens>"), NOW).findings
    assert "jansen" not in f"{found.nl}{found.en}{found.path}" and "verwacht" in found.nl


def test_numbers_of_child_and_mother_stand_apart_and_are_not_printed():
    verdict = check(build(preterm("x")), NOW)
    assert verdict.identity.child_numbers == (("", "VB-2002"), ("2.16.840.1.113883.2.4.6.3", "999900006"))
    assert verdict.identity.mother_numbers == (("", "VB-M-2002"),) and verdict.identity.mother_birth_date == "1993-07-21"
    for number in ("VB-2002", "999900006", "VB-M-2002", "1993"):
        assert number not in str(verdict.as_dict()) and number not in repr(verdict.identity)
        assert number not in str(verdict.stay) and number not in verdict.as_xml().decode()


def test_a_practitioner_is_left_out():
    name = (
        b'<zorgverlener><naamgegevens><geslachtsnaam><achternaam value="Jansen"/></geslachtsnaam></naamgegevens></zorgverlener>'
    )
    verdict = check(GOOD.replace(b"<vrouw>", name + b"<vrouw>"), NOW)
    assert not verdict.refused and "practitioner" not in str(verdict.stay) and "Jansen" not in str(verdict)


def test_null_and_other_are_kept_as_such():
    other = {"code": "OTH", "text": "zeldzaam"}
    verdict = check(
        build(preterm("x", apgar_1={"null": "UNK"}, delivery_mode={"null": "NI"}, admission_indication=[other])), NOW
    )
    assert verdict.stay["apgar_1"] == {"null": "UNK"} and verdict.stay["admission_indication"] == [other]
    assert verdict.stay["delivery_mode"] == {"null": "NI"} and not verdict.refused


def test_an_empty_yes_or_no_is_as_none():
    verdict = check(build(preterm("x", readmission=Raw({"value": ""}))), NOW)
    assert "readmission" not in verdict.stay and not verdict.findings


@pytest.mark.parametrize(("said", "kept"), [
    ({"value": "1.01", "unit": "kg"}, 1010),
    ({"value": "1010", "unit": "gram"}, 1010),
    ({"value": "1010.5", "unit": "g"}, 1010.5),
])  # fmt: skip
def test_weights_are_kept_in_grams(said, kept):
    assert check(build(preterm("x", birth_weight_g=Raw(said))), NOW).stay["birth_weight_g"] == kept


@pytest.mark.parametrize(("said", "wanted"), [
    ({"birth_weight_g": Raw({"value": "99999999999", "unit": "g"})}, "hoogstens zes cijfers voor de punt"),
    ({"birth_weight_g": Raw({"value": "zwaar", "unit": "g"})}, "een getal met een punt, zoals 7.25"),
    ({"gravidity": Raw({"value": "9999999"})}, "hoogstens zes cijfers"),
    ({"gravidity": Raw({"value": "2.5"})}, "een geheel getal"),
    ({"birth_weight_g": Raw({"value": "1010", "unit": "gram gram gram gram gram"})}, "g"),
    ({"birth_datetime": Raw({"value": "2026-02-30"})}, "een dag die bestaat, zoals 2026-03-05"),
    ({"birth_datetime": Raw({"value": "30-02-2026"})}, "een datum zoals 2026-03-05 of 2026-03-05T13:30:00"),
    ({"sex": Raw({"code": "M", "codeSystem": "1e9"})}, "een OID zoals 2.16.840.1.113883.5.1"),
    ({"delivery_mode": Raw({"code": "274130007", "codeSystem": "1e9"})}, "een OID zoals 2.16.840.1.113883.6.96"),
    ({"software_name": "x" * 101}, "hoogstens 100 tekens"),
])  # fmt: skip
def test_what_looks_right_and_is_not_is_told_what_is_wrong_with_it(said, wanted):
    (sentence,) = {found.nl for found in check(build(preterm("x", **said)), NOW).findings if found.variant == "form"}
    assert sentence.endswith(f"verwacht wordt {wanted}.")


@pytest.mark.parametrize(("said", "attribute"), [
    ({"birth_datetime": Raw({"value": ""})}, "value"), ({"birth_datetime": Raw({"value": " "})}, "value"),
    ({"delivery_mode": Raw({"code": "", "codeSystem": "2.16.840.1.113883.6.96"})}, "code"), ({"software_name": ""}, "value"),
])  # fmt: skip
def test_an_empty_value_is_told_to_be_empty_and_not_to_have_the_wrong_form(said, attribute):
    (found,) = check(build(preterm("x", **said)), NOW).findings
    assert found.variant == "blank" and found.nl.endswith("is leeg.")
    assert found.nl.startswith(f"De waarde van '{attribute}' in '")


def test_the_xml_report_is_well_formed_whatever_the_sender_wrote():
    strange = late_preterm(message_id=("2.16.1", '"<&>é😀'), software_name="a & b <c>")
    report = check(build(strange), NOW).as_xml(ontvangen="2026-06-01")
    assert "é😀" in report.decode() and b"&amp; b &lt;c&gt;" in report and b'ontvangen="2026-06-01"' in report


def test_a_message_as_full_as_the_limits_allow_is_judged_soon():
    row = {"infection_code": Raw({"code": "1", "codeSystem": "2.16.1"}), "infection_start": "2099-01-01", "line_sepsis": True}
    raw = build(late_preterm(infections=[row] * 1900))
    started = time.thread_time()
    verdict = check(raw, NOW)
    assert len(raw) > 350_000 and len(verdict.findings) == 200 and not verdict.malformed
    assert time.thread_time() - started < 2


def test_infections_and_lines_as_many_as_the_limits_allow_are_judged_soon():
    row = {"infection_code": "10001005", "infection_start": "2026-03-03", "line_sepsis": True}
    line = {"line_start": "2026-03-05", "line_end": "2026-03-06"}
    raw = build(late_preterm(infections=[row] * 900, lines=[line] * 600))
    started = time.thread_time()
    assert check(raw, NOW).left_out > 1000
    assert time.thread_time() - started < 2


def test_warnings_however_many_hide_no_error_and_the_report_says_that_it_is_cut():
    complication = {"pregnancy_complication_code": "398254007"}  # without a status: R-22 warns
    values = preterm("x", pregnancy_complications=[complication] * 250, admission_temperature_note="BSN 999900006")
    del values["birth_weight_g"]
    verdict = check(build(values), NOW)
    errors = [found.rule for found in verdict.findings if found.severity == "fout"]
    assert errors == ["R-42", "R-46"] and verdict.refused
    # 250 warnings, 249 that such a row stands there already, and 2 errors; 200 are told, in the order of the rules.
    assert len(verdict.findings) == 200 and verdict.as_dict()["left_out"] == 301
    assert [found.rule for found in verdict.findings] == ["R-22"] * 198 + errors
    assert b'left_out="301"' in verdict.as_xml()
    assert "left_out" not in check(GOOD, NOW).as_dict()


def test_messages_judged_at_once_do_not_mix():
    wrong = GOOD.replace(b"2026-03-02T09:15:00", b"gisteren")
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda raw: len(check(raw, NOW).findings), [GOOD, wrong] * 200))
    assert counts == [0, 1] * 200
