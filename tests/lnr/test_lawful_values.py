"""What XML Schema and UCUM allow is taken, and what is refused hears the true reason: a message in pairs."""

import io
import zipfile
from datetime import datetime

import pytest

from models.lnr.dataset import moment
from models.lnr.dataset.definition import BSN
from models.lnr.intake import zip_upload
from models.lnr.message.message_writer import Raw, build
from models.lnr.message.validation import check
from models.lnr.specification.examples import died_in_nicu, late_preterm, preterm, without

NOW = datetime(2026, 12, 1)
PLAIN = build(late_preterm())
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'


def found(raw, severity=None):
    raw = raw if isinstance(raw, bytes) else build(raw)
    return [(one.rule, one.variant) for one in check(raw, NOW).findings if severity in (None, one.severity)]


def wrong(raw):
    return found(raw, "fout")


def said(rule, **changed):
    return [one.nl for one in check(build(preterm("x", **changed)), NOW).findings if one.rule == rule]


@pytest.mark.parametrize("when", [
    "2026-05-01T08:00:00.1234567+02:00", "2026-05-01T08:00:00.123456789Z", "2026-05-01T08:00:00.1", "2026-05-01Z",
    "2026-05-01+02:00", "2026-05-01", "2026-05-01T24:00:00", "2026-05-01T24:00:00.000Z",
    "2026-05-01-14:00", "2026-05-01T08:00:00-00:00", "  2026-05-01 ",
])  # fmt: skip
def test_a_lawful_date_or_time_is_taken(when):
    assert wrong(late_preterm(created_at=Raw({"value": when}))) == []


@pytest.mark.parametrize(
    "when",
    [
        "2026-05",
        "2026-05-01T08:00",
        "2026-05-01T25:00:00",
        "2026-05-01T08:00:00+15:00",
        "01-05-2026",
        "2026-05-01T08:00:60",
        "2026-05-01T08:00:00,5",
        "-2026-05-01",
        "12026-05-01",
    ],
)
def test_an_unlawful_date_or_time_is_refused(when):
    assert wrong(late_preterm(created_at=Raw({"value": when}))) == [("R-01", "form")]


@pytest.mark.parametrize(
    ("number", "kept"), [("+5", 5), (".5", 0.5), ("5.", 5), ("005", 5), ("-.5", -0.5), ("5.250000000", 5.25)]
)
def test_a_lawful_decimal_is_taken(number, kept):
    verdict = check(build(preterm("x", base_excess=Raw({"value": number, "unit": "mmol/l"}))), NOW)
    assert not verdict.refused and verdict.stay["base_excess"] == kept


@pytest.mark.parametrize("number", ["5,25", "1e1", "NaN", "+", "."])
def test_what_is_no_decimal_is_refused(number):
    assert wrong(preterm("x", base_excess=Raw({"value": number, "unit": "mmol/L"}))) == [("R-01", "form")]


@pytest.mark.parametrize(("sent", "kept"), [("1", True), ("0", False), ("true", True), ("false", False), (" true\n", True)])
def test_the_booleans_of_xml_schema_are_taken(sent, kept):
    verdict = check(build(preterm("x", readmission=Raw({"value": sent}))), NOW)
    assert not verdict.refused and verdict.stay["readmission"] is kept


@pytest.mark.parametrize("flavour", ["NASK", "NAV", "TRC", "OTH", "QS", "INV"])
def test_another_null_flavour_of_the_standard_is_read_as_unknown_with_a_remark(flavour):
    raw = build(preterm("x", apgar_1=Raw({"nullFlavor": flavour})))
    assert wrong(raw) == [] and ("R-50", "flavour") in found(raw) and check(raw, NOW).stay["apgar_1"] == {"null": "UNK"}


def test_a_code_that_is_another_null_flavour_is_read_as_unknown_too():
    code = Raw({"code": "NASK", "codeSystem": "2.16.840.1.113883.5.1008"})
    raw = build(preterm("x", delivery_mode=code))
    assert wrong(raw) == [] and check(raw, NOW).stay["delivery_mode"] == {"null": "UNK"}


@pytest.mark.parametrize("flavour", ["NI", "UNK", "ASKU", "MSK", "NA"])
def test_our_own_null_flavours_get_no_remark(flavour):
    assert ("R-50", "flavour") not in found(preterm("x", apgar_1={"null": flavour}))


def test_a_null_flavour_that_is_none_is_refused():
    assert wrong(preterm("x", apgar_1=Raw({"nullFlavor": "WEETNIET"}))) == [("R-01", "form")]


# The clock goes back on October 25, 2026: 02:00 to 03:00 comes twice.
@pytest.mark.parametrize(("born", "admitted", "variants"), [
    ("2026-10-25T02:50:00", "2026-10-25T02:10:00", []),                       # the second 02:10 may be meant
    ("2026-10-25T02:50:00+01:00", "2026-10-25T02:10:00+01:00", ["admission"]),
    ("2026-10-25T01:50:00", "2026-10-25T01:10:00", ["admission"]),            # only once
    ("2026-10-25T02:50:00+02:00", "2026-10-25T02:10:00+01:00", []),
])  # fmt: skip
def test_in_the_double_hour_of_autumn_nothing_is_surely_wrong(born, admitted, variants):
    changed = {"birth_datetime": born, "admission_datetime": admitted, "discharge_datetime": "2026-10-29",
               "created_at": "2026-11-01"}  # fmt: skip
    assert [one for rule, one in wrong(late_preterm(**changed)) if rule == "R-08"] == variants


@pytest.mark.parametrize("text", ["2026-10-25T02:30:00", "2026-10-25T02:30:00+01:00", "2026-03-29T02:30:00", "2026-05-01"])
def test_a_moment_is_written_as_it_is_read(text):
    assert moment.read(str(moment.read(text))) == moment.read(text)


@pytest.mark.parametrize(("raw", "variant"), [
    (b"\r\n" + PLAIN, "before"), (b" " + PLAIN, "before"), (b"\xef\xbb\xbf\xef\xbb\xbf" + PLAIN, "before"),
    (b"Content-Type: text/xml\r\n\r\n" + PLAIN, "before"),
    (PLAIN.replace(DECLARATION, DECLARATION + b'<?xml-stylesheet href="a.xsl"?>'), "instruction"),
    (PLAIN.replace(b"UTF-8", b"ISO-8859-1").replace(b"Voorbeeld-EPD", b"Voorb\xe9\xe9ld"), "encoding"),
    (PLAIN.replace(b"UTF-8", b"windows-1252"), "encoding"), (PLAIN.decode().encode("utf-16"), "encoding"),
    (PLAIN.decode().encode("utf-16-le"), "encoding"), (PLAIN.replace(b"Voorbeeld-EPD", b"Voorb\xe9\xe9ld"), "not_utf8"),
    (PLAIN.replace(b"Voorbeeld-EPD", b"Voorb\0"), "zero"), (b'{"kind": {}}', "json"), (b"[]", "json"), (b"<kind", "cut"),
    (b"\x0b" + PLAIN + b"\x1c\r", "before"), ("\u200b".encode() + PLAIN, "before"), (b"<!-- x -->" + PLAIN, "before"),
    (b'"' + PLAIN + b'"', "before"), (PLAIN.decode().encode("utf-32"), "encoding"), (PLAIN + b"\x1a", "after"),
    (PLAIN.replace(DECLARATION, b"").replace(b"Voorbeeld-EPD", b"Voorb\xe9"), "not_utf8"),
])  # fmt: skip
def test_what_is_no_message_hears_why(raw, variant):
    assert found(raw) == [("R-01", variant)]
    assert all(one.line is None or (one.line > 0 and one.column > 0) for one in check(raw, NOW).findings)


@pytest.mark.parametrize("raw", [b"\xef\xbb\xbf" + PLAIN, PLAIN + b"\r\n", PLAIN.replace(DECLARATION, b""),
                                 PLAIN.replace(DECLARATION, b"\r\n"), PLAIN.replace(b"\n", b"\r"),
                                 PLAIN.replace(b'"UTF-8"', b"'Utf-8' standalone='no'"), PLAIN.replace(b"<?xml ", b"<?xml\n"),
                                 PLAIN.replace(b"<bevallingsgegevens>", b"<bevallingsgegevens><![CDATA[ ]]>")])  # fmt: skip
def test_what_xml_allows_around_a_message_is_taken(raw):
    assert wrong(raw) == []


def test_too_many_and_foreign_say_where():
    many = PLAIN.replace(b"</kernset_neonatologie>", b"<kind/>" * 11_000 + b"</kernset_neonatologie>")
    foreign = PLAIN.replace(b"<geslacht", b'<geslacht xmlns:x="urn:x" x:y="1"')
    for raw in (many, foreign):
        (one,) = check(raw, NOW).findings
        assert one.line > 1 and one.column


@pytest.mark.parametrize(("number", "variant"), [
    ("12345672", "short"), ("1234567", "short"), ("123456789", "test"), ("000000000", "zero"), ("12345678A", "form"),
    ("1234.56.782", "form"), ("1234567890", "form"), ("111222333", None),
])  # fmt: skip
def test_a_number_that_is_no_bsn_hears_why(number, variant):
    told = [one for rule, one in wrong(preterm("x", child_ids=[(BSN, number)])) if rule == "R-05"]
    assert told == ([variant] if variant else [])


@pytest.mark.parametrize(
    ("value", "unit", "days"), [("245", "d", 245), ("35", "weken", 245), ("35.0", "wk", 245), ("245", "dagen", 245)]
)
def test_whole_weeks_and_days_are_taken(value, unit, days):
    verdict = check(build(late_preterm(gestational_age_days=Raw({"value": value, "unit": unit}))), NOW)
    assert not verdict.refused and verdict.stay["gestational_age_days"] == days


@pytest.mark.parametrize(("value", "unit"), [("25.6", "weken"), ("245.5", "d"), ("35.5", "wk"), ("35.1", "weken")])
def test_a_part_of_a_week_or_day_is_refused(value, unit):
    assert ("R-07", "fraction") in wrong(late_preterm(gestational_age_days=Raw({"value": value, "unit": unit})))


@pytest.mark.parametrize(("value", "unit", "told"), [
    ("35", "weken", "35 weken is gelezen als 245 d"), ("27", "wk", "27 wk is gelezen als 189 d"), ("192", "dagen", "192 d"),
])  # fmt: skip
def test_a_conversion_is_told_with_its_value(value, unit, told):
    (sentence,) = said("R-07", gestational_age_days=Raw({"value": value, "unit": unit}))
    assert told in sentence


def test_kilograms_are_told_with_their_grams_and_grams_get_no_remark():
    (sentence,) = said("R-07", birth_weight_g=Raw({"value": "1.01", "unit": "kg"}))
    assert "1.01 kg is gelezen als 1010" in sentence and said("R-07") == []


def test_a_large_number_is_written_out():
    (sentence,) = said("R-47", birth_weight_g=241000)
    assert "241000" in sentence and "e+" not in sentence


@pytest.mark.parametrize(("changed", "told"), [
    ({"birth_datetime": "1926-03-02"}, "age"), ({"birth_datetime": "2025-03-02", "oxygen_day_28": False}, None),
    ({"birth_datetime": "2025-02-28"}, "age_odd"), ({"birth_datetime": "2025-03-10"}, None),
    ({"birth_datetime": "2024-01-01", "admission_datetime": "2024-01-02"}, "stay"),
    ({"birth_datetime": "2025-02-01", "admission_datetime": "2025-02-02"}, "stay_odd"),
])  # fmt: skip
def test_a_wrong_year_is_noticed(changed, told):
    assert [one for rule, one in found(late_preterm(**changed)) if rule == "R-54"] == ([told] if told else [])


@pytest.mark.parametrize(("changed", "told"), [
    ({"created_at": "2026-03-26T08:00:00"}, ["document"]), ({"created_at": "2026-03-28T10:30:00"}, []),
    ({"created_at": "2026-03-28"}, []), ({"verified_by_clinician": True, "verified_at": "2026-05-02"}, [""]),
    ({"verified_by_clinician": True, "verified_at": "2026-05-01"}, []),
])  # fmt: skip
def test_dates_of_the_document_are_ordered_by_warnings(changed, told):
    raw = build(preterm("x", **changed))
    assert [one for rule, one in found(raw, "waarschuwing") if rule == "R-53"] == told and wrong(raw) == []


def test_still_admitted_is_asked_only_where_no_death_is_told():
    assert wrong(without(died_in_nicu(), "still_admitted")) == []
    assert wrong(without(late_preterm(), "still_admitted")) == [("R-46", "")]


def test_software_without_a_name_is_a_warning():
    raw = build(without(late_preterm(), "software_name"))
    assert wrong(raw) == [] and ("R-49", "") in found(raw)


@pytest.mark.parametrize(("name", "rule"), [("birth_institution_ids", "R-38"), ("origin_institution_ids", "R-37")])
@pytest.mark.parametrize(("number", "bad"), [("+5", True), ("234", True), ("06990002", False)])
def test_numbers_of_other_institutions_are_checked_for_form(name, rule, number, bad):
    agb = "2.16.840.1.113883.2.4.6.1"
    raw = preterm("x", origin="4563007", **{"birth_institution_ids": [(agb, "06990001")],
                                            "origin_institution_ids": [(agb, "06990003")], name: [(agb, number)]})  # fmt: skip
    assert ((rule, "form") in found(raw)) is bad


def packed(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in names:
            info = zipfile.ZipInfo(name)
            info.filename = name
            target.writestr(info, PLAIN)
    return out.getvalue()


@pytest.mark.parametrize("content", [
    b"\xef\xbb\xbf" + packed("een.xml"), b"PK\x07\x08" + packed("een.xml"), b"MZ" + bytes(300) + packed("een.xml"),
    packed("./een.xml", "map\\"), packed("een.XML"),
])  # fmt: skip
def test_a_zip_is_told_by_its_list_of_contents_and_not_by_its_first_bytes(content):
    (one,) = zip_upload.read("upload", content)
    assert one.content == PLAIN


@pytest.mark.parametrize(("content", "variant"), [
    (PLAIN.decode().encode("utf-16"), "encoding"), (b"\x0b" + PLAIN, "before"),
    (b"Content-Type: text/xml\n\n" + PLAIN, "before"),
])  # fmt: skip
def test_a_message_in_another_dress_hears_its_own_reason_whatever_the_file_is_called(content, variant):
    (one,) = zip_upload.read("bericht.txt", content)
    assert found(one.content) == [("R-01", variant)]


def test_a_zip_of_windows_is_read_with_its_folders():
    one, two = zip_upload.read("x.zip", packed("berichten\\een.xml", "berichten\\maart\\twee.xml"))
    assert one.content == two.content == PLAIN


@pytest.mark.parametrize("name", ["..\\een.xml", "C:\\een.xml", "\\een.xml", "a\\..\\..\\een.xml", "../een.xml", "C:/een.xml"])
def test_a_name_that_leads_elsewhere_stays_refused(name):
    (one,) = zip_upload.read("x.zip", packed(name))
    assert one.content is None and "niet veilig" in one.problem
