"""For everything that a rule can find: the nearest message that it has to let pass, so near that one step more is too far.

The messages that it must catch are those of models/lnr/specification/broken_examples.py.
"""

from models.lnr.dataset.definition import BSN
from models.lnr.message.message_writer import Raw, build
from models.lnr.message.validation_context import ALONE, Context
from models.lnr.message.xml_tree import SIZE
from models.lnr.specification import examples
from models.lnr.specification.broken_examples import (
    AGED,
    BPD_1,
    CHOLESTASIS,
    DECLARATION,
    DIED,
    IVH,
    LONG,
    MAXIMAL,
    NEC,
    PNEUMONIA,
    PRETERM,
    ROOM,
    ROOT_END,
    ROP,
    SHORT,
    TWO_SUPPORTS,
    UNKNOWN,
    Answering,
    _first,
    _infection,
    _note,
    _text,
)
from models.lnr.specification.examples import (
    CONFIRMED,
    INSTITUTION,
    OTHER_INSTITUTION,
    SENDER,
    Delivered,
    Withdrawn,
    interim,
    transferred,
    twin,
    without,
)

ABSENT = "410516002"
ELSEWHERE = {"origin": "4563007", "origin_institution_ids": [OTHER_INSTITUTION], **_first(
    PRETERM, "respiratory_problems", respiratory_problem_onset_place="58841000146101")}  # fmt: skip
MINIMAL = build(examples.late_preterm())


def _filler():
    """Comments of which none is long, together as large as a message may be."""
    one = b"<!--" + b"x" * 9_993 + b"-->"
    room = SIZE - len(MINIMAL)
    return one * (room // len(one)) + b" " * (room % len(one))


# The bytes that are nearest to a message that cannot be read, and can be.
READABLE = {
    "not_xml": _text(DECLARATION, DECLARATION + b"\n<!-- een - twee -->"),
    "other_kind": b"\xef\xbb\xbf" + MINIMAL,
    "no_start": MINIMAL,
    "cut": MINIMAL.rstrip(),
    "after": MINIMAL + b"\n<!-- einde -->\n",
    "second": _text(DECLARATION, DECLARATION + b"\n<!-- xml version -->"),
    "declaration": _text(DECLARATION, b"<?xml version='1.0'  encoding='utf-8' standalone='yes' ?>"),
    "escape": _text(b"Voorbeeld-EPD", b"Jansen &amp; Zonen"),
    "entity": _text(b"Voorbeeld-EPD", b"Voorbeeld&#160;EPD"),
    "quote": _text(b'value="Voorbeeld-EPD"', b"value='Voorbeeld \"EPD\"'"),
    "twice": _text(b'value="Voorbeeld-EPD"', b'value="value=EPD"'),
    "crossed": _text(b"</kind>", b"</kind >"),
    "letter": _text(b"Voorbeeld-EPD", b"Voorbeeld&#9;EPD"),
    "prefix": _text(b"<bevallingsgegevens>", b"<!-- x:een --><bevallingsgegevens>"),
    "other_message": MINIMAL.replace(b"<", b"<l:").replace(b"<l:/", b"</l:").replace(b"<l:?", b"<?").replace(
        b"xmlns=", b"xmlns:l="),
    "namespace": _text(b'xmlns="urn:meldportaal:lnr:1"', b"xmlns = 'urn:meldportaal:lnr:1'"),
    "invisible": _text(b"<bevallingsgegevens>", b"\r\n\t <bevallingsgegevens>"),
    "name": _text(b"<bevallingsgegevens>", "<!-- \u1200 --><bevallingsgegevens>".encode()),
    "empty": MINIMAL,
    "doctype": _text(DECLARATION, DECLARATION + b"\n<!-- ! DOCTYPE -->"),
    "instruction": _text(DECLARATION, DECLARATION + b"\n<!-- stijl.xsl -->"),
    "before": b"\xef\xbb\xbf" + MINIMAL,
    "json": _text(b"Voorbeeld-EPD", b"{EPD}"),
    "zero": _text(b"Voorbeeld-EPD", b"Voorbeeld0"),
    "foreign": _text(b' schemaversie="1.0"', b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" schemaversie="1.0"'),
    "version": _text(b'version="1.0" enc', b"version='1.0' enc"),
    "encoding": _text(b'encoding="UTF-8"', b'encoding="utf8"'),
    "not_utf8": _text(b"Voorbeeld-EPD", "Voorbééld-€PD 🏥".encode()),
    "size": _text(ROOT_END, _filler() + ROOT_END),
    "deep": _text(ROOT_END, b"<!--" + b"(" * 300 + b")" * 300 + b"-->" + ROOT_END),
    "many": _text(ROOT_END, b"<!---->" * 9_000 + ROOT_END),
    "long": _text(ROOT_END, b"<!--" + b"x" * (20_000 - 6) + b"-->" + ROOT_END),
    "root": _text(b"<lnr_aanlevering ", b"<!-- melding --><lnr_aanlevering "),
    "unexpected": build(examples.late_preterm(parity_before=0, gravidity=1)),
    "repeated": build(examples.preterm("x")),  # two problems, two periods of support: what may stand there more often
    "missing": build(examples.late_preterm(deceased=UNKNOWN)),
    "attribute": MINIMAL,
    "strange": _text(b' codeSystem="2.16.840.1.113883.5.1"', b'\n\tcodeSystem = "2.16.840.1.113883.5.1"'),
    "form": build(examples.late_preterm() | {"birth_datetime": "2024-02-29T23:59:59"}),
    "blank": build(examples.late_preterm(readmission=Raw({"value": ""}))),  # an empty yes or no is as none
    "text": _text(b"<bevallingsgegevens>", b"<bevallingsgegevens><!-- prematuur -->"),
}  # fmt: skip

# rule, variant: the story, what is changed, what is left out, what is known around it
PASSING = {
    ("R-02", "form"): (PRETERM, {"sending_institution_ids": [(INSTITUTION[0], "123"), INSTITUTION]}, (), ALONE),
    ("R-02", "other"): (PRETERM, {}, (), Answering("may_send_for", True)),
    ("R-02", "admitted"): (PRETERM, {"child_ids": [("", "VB-1")]}, (), Answering("production_allowed", False)),
    ("R-03", ""): (PRETERM, {}, (), Answering("same_message_other_content", False)),
    ("R-04", "older"): (PRETERM, {"action": "vervanging", "version_number": 3}, (), Delivered(2)),
    ("R-04", "known"): (PRETERM, {"action": "vervanging", "version_number": 2}, (), Delivered(1)),
    ("R-04", "unknown"): (PRETERM, {}, (), Context()),
    ("R-04", "nothing"): (examples.withdrawn(), {}, (), Delivered(2)),
    ("R-04", "withdrawn"): (PRETERM, {"action": "vervanging", "version_number": 3}, (), Delivered(2)),
    ("R-04", "erased"): (PRETERM, {"version_number": 3}, (), Answering("is_erased", False)),
    ("R-04", "again"): (PRETERM, {"action": "intrekking", "version_number": 3}, (), Withdrawn(2)),
    ("R-05", "test"): (PRETERM, {"child_ids": [(BSN, "123456782")]}, (), ALONE),
    ("R-05", "zero"): (PRETERM, {"child_ids": [("", "000000000")]}, (), ALONE),
    ("R-05", "example"): (PRETERM, {"processing_code": "P", "child_ids": [(BSN, "123456782")]}, (), ALONE),
    ("R-05", "short"): (PRETERM, {"child_ids": [("", "12345672")]}, (), ALONE),
    ("R-05", "form"): (PRETERM, {"child_ids": [(SENDER, "VB-2002")]}, (), ALONE),
    ("R-06", "list"): (PRETERM, {"delivery_mode": UNKNOWN}, (), ALONE),
    ("R-06", "other"): (PRETERM, {"admission_indication": [{"code": "OTH", "text": "observatie"}]}, (), ALONE),
    ("R-07", "unit"): (PRETERM, {"birth_weight_g": Raw({"value": "1.01", "unit": "kg"})}, (), ALONE),
    ("R-07", "fraction"): (PRETERM, {"gestational_age_days": Raw({"value": "192.0", "unit": "d"})}, (), ALONE),
    ("R-07", "spelling"): (PRETERM, {"birth_weight_g": Raw({"value": "1010", "unit": "g"})}, (), ALONE),
    ("R-08", "admission"): (PRETERM, {"admission_datetime": "2026-01-10T04:12:00"}, (), ALONE),
    ("R-08", "discharge"): (SHORT, {"discharge_datetime": "2026-03-02"}, (), ALONE),  # some time on the day of admission
    ("R-09", "future"): (PRETERM, {"created_at": "2026-06-01"}, (), ALONE),  # the day itself has begun
    ("R-09", "before"): (PRETERM, {"length_at": "2026-01-10"}, (), ALONE),
    ("R-10", "date"): (DIED, {"death_datetime": "2026-02-06"}, (), ALONE),
    ("R-10", "deceased"): (PRETERM, {"death_datetime": {"null": "NA"}}, (), ALONE),
    ("R-11", "late"): (DIED, {"discharge_datetime": "2026-02-06T16:20:00", **_first(
        DIED, "respiratory_supports", respiratory_support_end="2026-02-06T16:20:00")}, (), ALONE),
    ("R-11", "destination"): (DIED, {"discharge_destination": {"null": "NA"}}, (), ALONE),
    ("R-12", ""): (DIED, {"cause_of_death": UNKNOWN}, (), ALONE),
    ("R-13", ""): (DIED, {"death_within_12h": UNKNOWN}, (), ALONE),
    ("R-14", "time"): (ROOM, {"death_datetime": "2026-02-12T13:02:00"}, (), ALONE),
    ("R-14", "destination"): (ROOM, {"discharge_destination": {"null": "NA"}}, (), ALONE),
    ("R-14", "follow_up"): (ROOM, {"fu_oxygen_day_28": {"null": "NA"}}, (), ALONE),
    ("R-15", ""): (PRETERM, {"apgar_5": 10}, (), ALONE),
    ("R-16", "range"): (PRETERM, {"gravidity": 75}, (), ALONE),
    ("R-16", "parity"): (PRETERM, {"parity_before": 2}, (), ALONE),
    ("R-16", "order"): (twin(2), {}, (), ALONE),
    ("R-17", ""): (PRETERM, {"birth_weight_g": 1600}, (), ALONE),
    ("R-18", ""): (ROOM, {"gestational_age_days": 154}, (), ALONE),
    ("R-19", ""): (examples.answered(), {"gestational_age_days": 258}, (), ALONE),
    ("R-20", "number"): (twin(1), {"number_born": UNKNOWN}, (), ALONE),
    ("R-20", "order"): (twin(1), {"birth_order": UNKNOWN}, (), ALONE),
    ("R-21", "none"): (PRETERM, {"circulatory_problems_present": UNKNOWN}, (), ALONE),
    ("R-21", "some"): (PRETERM, {"gi_problems": [NEC | {"gi_problem_status": ABSENT}]}, (), ALONE),
    ("R-22", ""): (PRETERM, {"respiratory_problems": [
        {"respiratory_problem_code": "46775006", "respiratory_problem_status": UNKNOWN}]}, (), ALONE),
    ("R-23", "order"): (PRETERM, _first(
        PRETERM, "respiratory_supports", respiratory_support_start="2026-01-14T10:00:00"), (), ALONE),
    ("R-23", "outside"): (PRETERM, {"respiratory_supports": [PRETERM["respiratory_supports"][1] | {
        "respiratory_support_end": "2026-03-28T12:00:00"}]}, (), ALONE),
    ("R-23", "overlap"): (PRETERM, {"respiratory_supports": [
        TWO_SUPPORTS[0], TWO_SUPPORTS[1] | {"respiratory_support_start": "2026-01-14T10:00:00"}]}, (), ALONE),
    ("R-24", "none"): (PRETERM, {"respiratory_support_given": UNKNOWN}, ("respiratory_supports",), ALONE),
    ("R-24", "some"): (PRETERM, {}, (), ALONE),
    ("R-25", ""): (transferred(), {"oxygen_day_28": UNKNOWN}, (), ALONE),
    ("R-25", "young"): (interim(), {"created_at": "2026-02-07T08:00:00"}, (), ALONE),
    ("R-26", ""): (transferred(), {"respiratory_problems": [BPD_1 | {"respiratory_problem_status": ABSENT}]}, (), ALONE),
    ("R-27", "ivh"): (PRETERM, {"neuro_problems_present": True, "neuro_problems": [
        IVH, IVH | {"neuro_problem_code": "206396002", "neuro_problem_status": ABSENT}]}, (), ALONE),
    ("R-27", "nec"): (PRETERM, {"gi_problems_present": True, "gi_problems": [
        NEC, NEC | {"gi_problem_code": "788990002", "gi_problem_status": ABSENT}]}, (), ALONE),
    ("R-27", "bpd"): (PRETERM, {"respiratory_problems": [
        BPD_1, BPD_1 | {"respiratory_problem_code": "22041000146108", "respiratory_problem_status": ABSENT}]}, (), ALONE),
    ("R-27", "rop"): (transferred(), {"fu_senses_problems": [ROP, ROP, ROP | {"fu_senses_status": ABSENT}]}, (), ALONE),
    ("R-28", "sepsis"): (PRETERM, {"infection_present": True, "infections": [
        {"infection_code": UNKNOWN, "infection_status": CONFIRMED, "line_sepsis": False}]}, (), ALONE),
    ("R-28", "congenital"): (PRETERM, {"infection_present": True, "infections": [
        PNEUMONIA | {"infection_code": "59527008", "congenital_infection_organism": "407444007"}]}, (), ALONE),
    ("R-29", ""): (PRETERM, _infection(line_sepsis=True) | {"lines": [{"line_start": "2026-01-18T03:00:00"}]}, (), ALONE),
    ("R-30", ""): (PRETERM, _infection(sepsis_onset=UNKNOWN), (), ALONE),
    ("R-31", ""): (PRETERM, {"aabr_done": False, "aabr_abnormal": {"null": "NA"}}, (), ALONE),
    ("R-32", ""): (PRETERM, {"rop_screening_done": UNKNOWN}, ("rop_screening_closed",), ALONE),
    ("R-33", "contradiction"): (interim(), {"discharge_weight_g": {"null": "NA"}}, (), ALONE),
    ("R-33", "interim"): (interim(), {"still_admitted": UNKNOWN}, (), ALONE),
    ("R-34", ""): (PRETERM, {"discharge_weight_g": 707}, (), ALONE),
    ("R-35", ""): (PRETERM, {"discharge_hc_cm": 24.5}, (), ALONE),
    ("R-36", ""): (PRETERM, {"discharge_destination": UNKNOWN, "home_support": ["57485005"]}, (), ALONE),
    ("R-37", "missing"): (PRETERM, ELSEWHERE | {"origin": UNKNOWN}, ("origin_institution_ids",), ALONE),
    ("R-37", "same"): (PRETERM, ELSEWHERE, (), ALONE),
    ("R-37", "form"): (PRETERM, ELSEWHERE | {"origin_institution_ids": [(SENDER, "+5"), OTHER_INSTITUTION]}, (), ALONE),
    ("R-38", "form"): (PRETERM, {"birth_institution_ids": [(SENDER, "234"), INSTITUTION]}, (), ALONE),
    ("R-38", ""): (PRETERM, {"birth_place_type": UNKNOWN}, ("birth_institution_ids",), ALONE),
    ("R-39", "unknown"): (MAXIMAL, _first(MAXIMAL, "gi_procedures", gi_procedure_indication_ref="ivh"), (), ALONE),
    ("R-39", "double"): (MAXIMAL, {"metabolic_problems": [MAXIMAL["metabolic_problems"][0], {
        "id": "IVH", "metabolic_problem_code": "14783006", "metabolic_problem_status": "415684004"}]}, (), ALONE),
    ("R-40", ""): (PRETERM, {}, (), Answering("overlaps_elsewhere", False)),
    ("R-41", ""): (PRETERM, {}, (), Answering("same_admission", False)),
    ("R-42", "number"): (PRETERM, _note("zie dossier 999900007"), (), ALONE),
    ("R-42", "email"): (PRETERM, _note("vraag @jansen om 10 @ 12"), (), ALONE),
    ("R-42", "telephone"): (PRETERM, _note("bel 06-1234567"), (), ALONE),
    ("R-43", ""): (examples.answered(), dict.fromkeys(
        ("gravidity", "parity_before", "delivery_mode", "readmission", "apgar_1", "apgar_5"), UNKNOWN), (), ALONE),
    ("R-44", ""): (PRETERM, {"magnesium_sulphate": UNKNOWN}, (), ALONE),
    ("R-45", ""): (PRETERM, {"admission_temperature_at": "2026-01-10T05:40:00"}, (), ALONE),
    ("R-46", ""): (PRETERM, {"birth_weight_g": UNKNOWN}, (), ALONE),
    ("R-47", ""): (PRETERM, {"admission_temperature": 36}, (), ALONE),
    ("R-48", ""): (PRETERM, {"cord_ph_arterial": 6.8}, (), ALONE),
    ("R-49", ""): (PRETERM, {"feeding_at_discharge": [UNKNOWN]}, (), ALONE),
    ("R-50", "neither"): (PRETERM, {"apgar_1": Raw({"nullFlavor": "UNK"})}, (), ALONE),
    ("R-50", "both"): (PRETERM, {"apgar_1": Raw({"value": "5"})}, (), ALONE),
    ("R-50", "flavour"): (PRETERM, {"apgar_1": Raw({"nullFlavor": "MSK"})}, (), ALONE),
    ("R-51", ""): (PRETERM, {"mother_birth_date": "1965-01-11"}, (), ALONE),
    ("R-52", "birth"): (PRETERM, {"birth_weight_at": "2026-01-11T04:12:00"}, (), ALONE),
    ("R-52", "discharge"): (PRETERM, {"discharge_weight_at": "2026-03-28T12:00:00"}, (), ALONE),
    ("R-53", ""): (PRETERM, {"verified_by_clinician": True, "verified_at": "2026-05-01T08:00:00"}, (), ALONE),
    ("R-53", "document"): (PRETERM, {"created_at": "2026-03-28T10:00:00"}, (), ALONE),
    ("R-54", "age"): (AGED, {"birth_datetime": "2023-03-03"}, (), ALONE),
    ("R-54", "age_odd"): (AGED, {"birth_datetime": "2025-03-02"}, (), ALONE),
    ("R-54", "stay"): (LONG, {"admission_datetime": "2024-03-08", "birth_datetime": "2024-03-07"}, (), ALONE),
    ("R-54", "stay_odd"): (LONG, {"admission_datetime": "2025-03-07"}, (), ALONE),
    ("R-55", "name"): (PRETERM, {"gi_problems_present": True, "gi_problems": [
        {"gi_problem_code": UNKNOWN, "gi_problem_status": CONFIRMED}]}, (), ALONE),
    ("R-55", "kind"): (PRETERM, _first(PRETERM, "respiratory_supports", respiratory_support_type=UNKNOWN), (), ALONE),
    ("R-55", "double"): (PRETERM, {"gi_problems_present": True, "gi_problems": [
        CHOLESTASIS, CHOLESTASIS | {"gi_problem_status": "415684004"}]}, (), ALONE),
    ("R-56", "oxygen"): (PRETERM, {"respiratory_problems": [BPD_1 | {"respiratory_problem_status": "415684004"}],
                                   "oxygen_day_28": False}, (), ALONE),
    ("R-56", "grade"): (PRETERM, {"respiratory_support_given": UNKNOWN, "respiratory_problems": [BPD_1]},
                        ("respiratory_supports", "oxygen_day_28"), ALONE),
    ("R-57", ""): (DIED, {"discharge_weight_g": {"null": "NA"}, "oxygen_day_28": {"null": "NA"}}, (), ALONE),
}  # fmt: skip


def neighbours() -> dict[tuple[str, str], tuple[bytes, Context]]:
    """{(rule, variant): (message, what is known around it)}."""
    found = {("R-01", variant): (raw, ALONE) for variant, raw in READABLE.items()}
    for number, (base, changed, left_out, context) in PASSING.items():
        named = {"message_id": (SENDER, "nr-1"), "case_set_id": (SENDER, "nr-1")}
        found[number] = (build(without(base, *left_out) | named | changed), context)
    return found
