"""One broken message for everything that a rule can find: a good one changed in one place, with what is expected of it."""

from functools import partial

from models.lnr.dataset.definition import BSN
from models.lnr.message.message_writer import Raw, build
from models.lnr.message.validation_context import ALONE, Context
from models.lnr.message.xml_tree import SIZE
from models.lnr.rules.registry import rules
from models.lnr.specification import examples
from models.lnr.specification.examples import CONFIRMED, INSTITUTION, OTHER_HOSPITAL, Delivered, Example, Withdrawn, without

SNOMED = "2.16.840.1.113883.6.96"


class Answering(Context):
    """A context that gives one other answer than the plain one."""

    def __init__(self, question, answer):
        setattr(self, question, lambda *_: answer)


def _text(old, new):
    """The minimal message with these bytes changed."""
    raw = build(examples.late_preterm())
    if old not in raw:
        raise ValueError(f"The minimal message does not hold {old}")
    return raw.replace(old, new, 1)


DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'
BORN = b'<geboortedatum value="2026-03-02T09:15:00"/>'
ROOT_END = b"</kernset_neonatologie>"
BYTES = {
    "not_xml": partial(_text, DECLARATION, DECLARATION + b"\n<!-- een -- twee -->"),
    "other_kind": partial(bytes, b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"),
    "no_start": partial(bytes, b"C:\\export\\bericht.xml"),
    "cut": partial(_text, b"</lnr_aanlevering>", b""),
    "after": partial(_text, b"</lnr_aanlevering>", b"</lnr_aanlevering>\n<einde/>"),
    "second": partial(_text, DECLARATION, DECLARATION + b"\n" + DECLARATION),
    "declaration": partial(_text, b"<?xml", b"<?XML"),
    "escape": partial(_text, b"Voorbeeld-EPD", b"Jansen & Zonen"),
    "entity": partial(_text, b"Voorbeeld-EPD", b"Voorbeeld&nbsp;EPD"),
    "quote": partial(_text, b'value="Voorbeeld-EPD"', "value=”Voorbeeld-EPD”".encode()),
    "twice": partial(_text, b'value="Voorbeeld-EPD"', b'value="Voorbeeld-EPD" value="EPD"'),
    "crossed": partial(_text, b"</kind>", b"</kid>"),
    "letter": partial(_text, b"Voorbeeld-EPD", b"Voorbeeld\x0bEPD"),
    "prefix": partial(_text, b"<bevallingsgegevens>", b"<x:een/><bevallingsgegevens>"),
    "other_message": partial(bytes, b'<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/></Bundle>'),
    "namespace": partial(_text, b"urn:meldportaal:lnr:1", b"urn:meldportaal:lnr:2"),
    "invisible": partial(_text, b"<bevallingsgegevens>", b"\xef\xbb\xbf<bevallingsgegevens>"),
    "name": partial(_text, b"<bevallingsgegevens>", "<\u1200/><bevallingsgegevens>".encode()),
    "empty": bytes,
    "doctype": partial(_text, DECLARATION, DECLARATION + b"\n<!DOCTYPE lnr_aanlevering>"),
    "instruction": partial(_text, DECLARATION, DECLARATION + b'\n<?xml-stylesheet href="stijl.xsl"?>'),
    "before": partial(_text, DECLARATION, b"\r\n" + DECLARATION),
    "json": partial(_text, DECLARATION, b'{"bericht": 1}'),
    "zero": partial(_text, b"Voorbeeld-EPD", b"Voorb\0"),
    "foreign": partial(_text, b' schemaversie="1.0"', b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
                       b' xsi:schemaLocation="urn:meldportaal:lnr:1 lnr.xsd" schemaversie="1.0"'),
    "version": partial(_text, b'version="1.0" enc', b'version="1.1" enc'),
    "encoding": partial(_text, b'encoding="UTF-8"', b'encoding="ISO-8859-1"'),
    "not_utf8": partial(_text, b"Voorbeeld-EPD", b"Voorb\xe9\xe9ld"),
    "size": lambda: _text(ROOT_END, b"<!--" + b"x" * SIZE + b"-->" + ROOT_END),
    "deep": partial(_text, ROOT_END, b"<kind>" * 300 + b"</kind>" * 300 + ROOT_END),
    "many": partial(_text, ROOT_END, b"<kind/>" * 11_000 + ROOT_END),
    "long": partial(_text, b"Voorbeeld-EPD", b"x" * 21_000),
    "root": partial(bytes, b'<melding xmlns="urn:iets:anders"/>'),
    "unexpected": partial(_text, b"<bevallingsgegevens>", b'<aantal_vingers value="10"/><bevallingsgegevens>'),
    "repeated": partial(_text, BORN, BORN + BORN),
    "missing": partial(build, without(examples.late_preterm(), "sex", "deceased")),
    "attribute": partial(_text, b' codeSystem="2.16.840.1.113883.5.1"', b""),
    "strange": partial(_text, b' codeSystem="2.16.840.1.113883.5.1"', b' codeSystem="2.16.840.1.113883.5.1" kleur="groen"'),
    "form": partial(_text, b'value="2026-03-02T09:15:00"', b'value="2026-02-30T09:15:00"'),
    "blank": partial(_text, b'value="2026-03-02T09:15:00"', b'value=""'),
    "text": partial(_text, b"<bevallingsgegevens>", b"<bevallingsgegevens>prematuur"),
}  # fmt: skip


def _first(base, group, **changed):
    """The rows of a group of the story, the first one changed."""
    rows = base[group]
    return {group: [rows[0] | changed, *rows[1:]]}


PRETERM = examples.preterm("")
DIED = examples.died_in_nicu()
ROOM = examples.died_in_delivery_room()
MAXIMAL = examples.maximal()
TWO_SUPPORTS = [
    PRETERM["respiratory_supports"][0],
    PRETERM["respiratory_supports"][0] | {"respiratory_support_start": "2026-01-12T10:00:00",
                                          "respiratory_support_end": "2026-01-15T10:00:00"},
]  # fmt: skip
SEPSIS = {"infection_code": "10001005", "infection_start": "2026-01-18T03:00:00", "infection_status": CONFIRMED,
          "infection_onset_place": "58841000146101", "sepsis_organism": ["116197008"], "line_sepsis": False,
          "sepsis_onset": "303115001"}  # fmt: skip
PNEUMONIA = {"infection_code": "233604007", "infection_status": CONFIRMED}
IVH = {"neuro_problem_code": "206395003", "neuro_problem_status": CONFIRMED}
NEC = {"gi_problem_code": "788988003", "gi_problem_status": CONFIRMED}
CHOLESTASIS = {"gi_problem_code": "33688009", "gi_problem_status": CONFIRMED}
BPD_1 = {"respiratory_problem_code": "22021000146102", "respiratory_problem_status": CONFIRMED}
ROP = {"fu_senses_code": "408848001", "fu_senses_status": CONFIRMED}
UNKNOWN = {"null": "UNK"}
SHORT = without(examples.answered(), "mother_birth_date", "mother_ids", "admission_temperature", "admission_temperature_at",
                "admission_temperature_site")  # fmt: skip
AGED = SHORT | {"birth_datetime": "2025-02-01", "oxygen_day_28": False}
LONG = SHORT | {"birth_datetime": "2025-03-01", "admission_datetime": "2025-03-02",
                                  "oxygen_day_28": False}  # fmt: skip


def _infection(**changed):
    return {"infection_present": True, "infections": [SEPSIS | changed]}


def _note(text):
    return {"admission_temperature_note": text}


# rule, variant, base, what is changed, what is left out, context
CHANGES = (
    ("R-02", "form", PRETERM, {"sending_institution_ids": [("2.16.840.1.113883.2.4.6.1", "123")]}, (), ALONE),
    ("R-02", "other", PRETERM, {}, (), Answering("may_send_for", False)),
    ("R-02", "admitted", PRETERM, {"processing_code": "P", "child_ids": [("", "VB-1")]}, (),
     Answering("production_allowed", False)),
    ("R-03", "", PRETERM, {}, (), Answering("same_message_other_content", True)),
    ("R-04", "older", PRETERM, {"action": "vervanging"}, (), Delivered(2)),
    ("R-04", "known", PRETERM, {"version_number": 2}, (), Delivered(1)),
    ("R-04", "unknown", PRETERM, {"action": "vervanging"}, (), Context()),
    ("R-04", "nothing", examples.withdrawn(), {}, (), Context()),
    ("R-04", "withdrawn", PRETERM, {"action": "vervanging", "version_number": 3}, (), Withdrawn(2)),
    ("R-04", "erased", PRETERM, {"version_number": 3}, (), Answering("is_erased", True)),
    ("R-04", "again", PRETERM, {"version_number": 3}, (), Withdrawn(2)),
    ("R-05", "test", PRETERM, {"child_ids": [(BSN, "123456789")]}, (), ALONE),
    ("R-05", "zero", PRETERM, {"child_ids": [(BSN, "000000000")]}, (), ALONE),
    ("R-05", "example", PRETERM, {"processing_code": "P"}, (), ALONE),
    ("R-05", "short", PRETERM, {"child_ids": [(BSN, "12345672")]}, (), ALONE),
    ("R-05", "form", PRETERM, {"child_ids": [(BSN, "VB-2002")]}, (), ALONE),
    ("R-06", "list", PRETERM, {"delivery_mode": Raw({"code": "12345", "codeSystem": SNOMED})}, (), ALONE),
    ("R-06", "other", PRETERM, {"admission_indication": [{"code": "OTH"}]}, (), ALONE),
    ("R-07", "unit", PRETERM, {"birth_weight_g": Raw({"value": "1010", "unit": "ons"})}, (), ALONE),
    ("R-07", "fraction", PRETERM, {"gestational_age_days": Raw({"value": "25.6", "unit": "weken"})}, (), ALONE),
    ("R-07", "spelling", PRETERM, {"birth_weight_g": Raw({"value": "1010", "unit": "gram"})}, (), ALONE),
    ("R-08", "admission", PRETERM, {"admission_datetime": "2026-01-10T03:50:00"}, (), ALONE),
    ("R-08", "discharge", SHORT, {"discharge_datetime": "2026-03-02T09:20:00"}, (), ALONE),
    ("R-09", "future", PRETERM, {"created_at": "2099-01-01"}, (), ALONE),
    ("R-09", "before", PRETERM, {"length_at": "2026-01-08"}, (), ALONE),
    ("R-10", "date", DIED, {}, ("death_datetime",), ALONE),
    ("R-10", "deceased", DIED, {"deceased": False}, (), ALONE),
    ("R-11", "late", DIED, {"discharge_datetime": "2026-02-06T12:00:00", "feeding_at_discharge": [UNKNOWN], "aabr_done": False,
                            **_first(DIED, "respiratory_supports", respiratory_support_end="2026-02-06T12:00:00")}, (), ALONE),
    ("R-11", "destination", DIED, {"discharge_destination": OTHER_HOSPITAL}, (), ALONE),
    ("R-12", "", DIED, {}, ("cause_of_death",), ALONE),
    ("R-13", "", DIED, {"death_within_12h": True}, (), ALONE),
    ("R-14", "time", ROOM, {"death_datetime": "2026-02-13T14:10:00"}, (), ALONE),
    ("R-14", "destination", ROOM, {"discharge_destination": OTHER_HOSPITAL}, (), ALONE),
    ("R-14", "follow_up", ROOM, {"fu_oxygen_day_28": False}, (), ALONE),
    ("R-15", "", PRETERM, {"apgar_5": 11}, (), ALONE),
    ("R-16", "range", PRETERM, {"gravidity": 76}, (), ALONE),
    ("R-16", "parity", PRETERM, {"parity_before": 3}, (), ALONE),
    ("R-16", "order", examples.twin(1), {"birth_order": 3}, (), ALONE),
    ("R-17", "", PRETERM, {"birth_weight_g": 2050}, (), ALONE),
    ("R-18", "", ROOM, {"gestational_age_days": 150}, (), ALONE),
    ("R-19", "", examples.answered(), {"gestational_age_days": 266}, (), ALONE),
    ("R-20", "number", examples.twin(1), {}, ("number_born",), ALONE),
    ("R-20", "order", examples.twin(1), {}, ("birth_order",), ALONE),
    ("R-21", "none", PRETERM, {"circulatory_problems_present": True}, (), ALONE),
    ("R-21", "some", PRETERM, {"respiratory_problems_present": False}, (), ALONE),
    ("R-22", "", PRETERM, {"respiratory_problems": [{"respiratory_problem_code": "46775006"}]}, (), ALONE),
    ("R-23", "order", PRETERM, _first(
        PRETERM, "respiratory_supports", respiratory_support_start="2026-01-15T04:40:00"), (), ALONE),
    ("R-23", "outside", PRETERM, {"respiratory_supports": [PRETERM["respiratory_supports"][1] | {
        "respiratory_support_end": "2026-03-29T12:00:00"}]}, (), ALONE),
    ("R-23", "overlap", PRETERM, {"respiratory_supports": TWO_SUPPORTS}, (), ALONE),
    ("R-24", "none", PRETERM, {}, ("respiratory_supports",), ALONE),
    ("R-24", "some", PRETERM, {"respiratory_support_given": False}, (), ALONE),
    ("R-25", "", examples.transferred(), {"oxygen_day_28": True}, (), ALONE),
    ("R-25", "young", examples.interim(), {"created_at": "2026-02-06T08:00:00"}, (), ALONE),
    ("R-26", "", examples.transferred(), {"respiratory_problems": [{
        "respiratory_problem_code": "22021000146102", "respiratory_problem_status": CONFIRMED}]}, (), ALONE),
    ("R-27", "ivh", PRETERM, {"neuro_problems_present": True, "neuro_problems": [
        IVH, IVH | {"neuro_problem_code": "206396002"}]}, (), ALONE),
    ("R-27", "nec", PRETERM, {"gi_problems_present": True, "gi_problems": [
        NEC, NEC | {"gi_problem_code": "788990002"}]}, (), ALONE),
    ("R-27", "bpd", PRETERM, {"respiratory_problems": [
        BPD_1, BPD_1 | {"respiratory_problem_code": "22041000146108"}]}, (), ALONE),
    ("R-27", "rop", examples.transferred(), {"fu_senses_problems": [ROP, ROP, ROP]}, (), ALONE),
    ("R-28", "sepsis", PRETERM, {"infection_present": True, "infections": [PNEUMONIA | {"line_sepsis": False}]}, (), ALONE),
    ("R-28", "congenital", PRETERM, {"infection_present": True, "infections": [
        PNEUMONIA | {"congenital_infection_organism": "407444007"}]}, (), ALONE),
    ("R-29", "", PRETERM, _infection(line_sepsis=True), (), ALONE),
    ("R-30", "", PRETERM, _infection(sepsis_onset="303114002"), (), ALONE),
    ("R-31", "", PRETERM, {"aabr_done": False}, (), ALONE),
    ("R-32", "", PRETERM, {}, ("rop_screening_done", "rop_screening_closed"), ALONE),
    ("R-33", "contradiction", examples.interim(), {"discharge_weight_g": 2650}, (), ALONE),
    ("R-33", "interim", examples.interim(), {}, (), ALONE),
    ("R-34", "", PRETERM, {"discharge_weight_g": 9100}, (), ALONE),
    ("R-35", "", PRETERM, {"discharge_hc_cm": 24}, (), ALONE),
    ("R-36", "", examples.transferred(), {"home_support": ["57485005"]}, (), ALONE),
    ("R-37", "missing", PRETERM, {"origin": "4563007", **_first(
        PRETERM, "respiratory_problems", respiratory_problem_onset_place="58841000146101")}, (), ALONE),
    ("R-37", "same", PRETERM, {"origin": "4563007", "origin_institution_ids": [INSTITUTION], **_first(
        PRETERM, "respiratory_problems", respiratory_problem_onset_place="58841000146101")}, (), ALONE),
    ("R-37", "form", PRETERM, {"origin": "4563007", "origin_institution_ids": [(INSTITUTION[0], "+5")], **_first(
        PRETERM, "respiratory_problems", respiratory_problem_onset_place="58841000146101")}, (), ALONE),
    ("R-38", "form", PRETERM, {"birth_institution_ids": [(INSTITUTION[0], "234")]}, (), ALONE),
    ("R-38", "", PRETERM, {}, ("birth_institution_ids",), ALONE),
    ("R-39", "unknown", MAXIMAL, _first(MAXIMAL, "gi_procedures", gi_procedure_indication_ref="nergens"), (), ALONE),
    ("R-39", "double", MAXIMAL, {"metabolic_problems": [MAXIMAL["metabolic_problems"][0], {
        "id": "ivh", "metabolic_problem_code": "14783006", "metabolic_problem_status": "415684004"}]}, (), ALONE),
    ("R-40", "", PRETERM, {}, (), Answering("overlaps_elsewhere", True)),
    ("R-41", "", PRETERM, {}, (), Answering("same_admission", True)),
    ("R-42", "number", PRETERM, _note("zie dossier 999900006"), (), ALONE),
    ("R-42", "email", PRETERM, _note("vraag j.jansen@example.com"), (), ALONE),
    ("R-42", "telephone", PRETERM, _note("bel 06-12345678"), (), ALONE),
    ("R-43", "", examples.answered(), dict.fromkeys(
        ("gravidity", "parity_before", "delivery_mode", "readmission", "apgar_1", "apgar_5", "cord_ph_arterial", "base_excess",
         "length_at_admission", "antibiotics_first_3_days"), UNKNOWN), (), ALONE),
    ("R-44", "", PRETERM, {}, ("magnesium_sulphate",), ALONE),
    ("R-45", "", PRETERM, {"admission_temperature_at": "2026-01-10T09:00:00"}, (), ALONE),
    ("R-46", "", PRETERM, {}, ("birth_weight_g",), ALONE),
    ("R-47", "", PRETERM, {"admission_temperature": 52}, (), ALONE),
    ("R-48", "", PRETERM, {"cord_ph_arterial": 6.7}, (), ALONE),
    ("R-49", "", PRETERM, {}, ("feeding_at_discharge",), ALONE),
    ("R-50", "neither", PRETERM, {"apgar_1": Raw({})}, (), ALONE),
    ("R-50", "both", PRETERM, {"apgar_1": Raw({"value": "5", "nullFlavor": "UNK"})}, (), ALONE),
    ("R-50", "flavour", PRETERM, {"apgar_1": Raw({"nullFlavor": "NASK"})}, (), ALONE),
    ("R-51", "", PRETERM, {"mother_birth_date": "1923-07-21"}, (), ALONE),
    ("R-52", "birth", PRETERM, {"birth_weight_at": "2026-01-12T08:00:00"}, (), ALONE),
    ("R-52", "discharge", PRETERM, {"discharge_weight_at": "2026-03-28T13:00:00"}, (), ALONE),
    ("R-53", "", PRETERM, {"verified_by_clinician": True, "verified_at": "2026-05-01T08:01:00"}, (), ALONE),
    ("R-53", "document", PRETERM, {"created_at": "2026-03-26T08:00:00"}, (), ALONE),
    ("R-54", "age", AGED, {"birth_datetime": "1926-03-01"}, (), ALONE),
    ("R-54", "age_odd", AGED, {}, (), ALONE),
    ("R-54", "stay", LONG, {"admission_datetime": "2023-12-02", "birth_datetime": "2023-12-01"}, (), ALONE),
    ("R-54", "stay_odd", LONG, {}, (), ALONE),
    ("R-55", "name", PRETERM, {"gi_problems_present": True, "gi_problems": [{"gi_problem_status": CONFIRMED}]}, (), ALONE),
    ("R-55", "kind", PRETERM, {"respiratory_supports": [
        {"respiratory_support_start": "2026-01-10T04:40:00", "respiratory_support_end": "2026-01-14T10:00:00"}]}, (), ALONE),
    ("R-55", "double", PRETERM, {"gi_problems_present": True, "gi_problems": [CHOLESTASIS, CHOLESTASIS]}, (), ALONE),
    ("R-56", "oxygen", PRETERM, {"respiratory_problems": [BPD_1], "oxygen_day_28": False}, (), ALONE),
    ("R-56", "grade", PRETERM, {"respiratory_support_given": False, "respiratory_problems": [BPD_1]},
     ("respiratory_supports", "oxygen_day_28"), ALONE),
    ("R-57", "", PRETERM, {"discharge_weight_g": {"null": "NA"}}, (), ALONE),
)  # fmt: skip
# What cannot be wrong by itself.
ALSO = {
    ("R-25", "young"): (("R-25", "young"), ("R-33", "interim")),
    ("R-33", "contradiction"): (("R-33", "interim"), ("R-33", "contradiction")),
    ("R-56", "grade"): (("R-49", ""), ("R-56", "grade")),
    ("R-11", "late"): (("R-11", "late"), ("R-49", "")),
}


def broken() -> list[Example]:
    """Every broken example, in the order of the rules."""
    found = [_example("R-01", variant, make(), ALONE) for variant, make in BYTES.items()]  # type: ignore[operator]
    for rule, variant, base, changed, left_out, context in CHANGES:
        name = _name(rule, variant)
        values = (
            without(base, *left_out) | {"message_id": (examples.SENDER, name), "case_set_id": (examples.SENDER, name)} | changed
        )
        found.append(_example(rule, variant, build(values), context))
    return found


def _example(rule, variant, raw, context):
    said = rules()[rule]
    expected = ALSO.get((rule, variant), ((rule, variant),))
    return Example(_name(rule, variant), said.nl, said.en, raw, expected, context, broken=True)


def _name(rule, variant):
    return f"{rule.lower()}-{variant}".strip("-").replace("_", "-")
