"""The example messages: stories with fictitious children, which are accepted; broken.py has those that are not.

Suppliers build against them, the tests hold every one to its expected report, and qualification asks for them.
"""

from dataclasses import dataclass
from typing import Any

from models.lnr.dataset.definition import AGB, BSN
from models.lnr.message.message_writer import build
from models.lnr.message.validation_context import ALONE, Context
from models.lnr.specification.filled_example import filled

INSTITUTION, OTHER_INSTITUTION = (AGB, "06990001"), (AGB, "06990002")
SENDER = "2.16.840.1.113883.2.4.3.11.999.1"  # the root under which the fictitious software numbers its messages
SUPPLIER = "voorbeeld-epd"
CONFIRMED, HOSPITAL_BIRTH, HOME, OTHER_HOSPITAL = "410605003", "56321000146103", "306689006", "115851000146108"
MALE, FEMALE = "M", "F"


@dataclass(frozen=True)
class Example:
    """A message with what is expected of it: the (rule, variant) pairs of its findings, in order; none: clean."""

    name: str
    nl: str
    en: str
    raw: bytes
    expected: tuple = ()
    context: Context = ALONE
    broken: bool = False

    @property
    def alone(self) -> bool:
        """Whether the message is judged so by itself, whatever was sent before and whoever sends it."""
        return self.context is ALONE


def envelope(name: Any, version: Any = 1, action: str = "nieuw", set_name: Any = None) -> dict[str, str | tuple[str, str]]:
    """The envelope of a test message."""
    return {
        "schema_version": "1.0", "processing_code": "T", "action": action, "supplier_id": SUPPLIER, "software_version": "1.0",
        "message_id": (SENDER, f"{name}-{version}"), "created_at": "2026-05-01T08:00:00",
        "case_set_id": (SENDER, set_name or name), "version_number": version, "software_name": "Voorbeeld-EPD",
        "sending_institution_ids": [INSTITUTION],
    }  # fmt: skip


def late_preterm(name: str = "minimaal", **more: Any) -> Any:
    """The least that is accepted: 35+0 weeks, home after four days. What it leaves out is told by warnings."""
    return envelope(name) | {
        "child_ids": [("", "VB-1001")], "birth_datetime": "2026-03-02T09:15:00", "sex": FEMALE, "deceased": False,
        "gestational_age_days": 245, "birth_weight_g": 2410,
        "admission_datetime": "2026-03-02T09:40:00", "intensive_care_admission": True, "admission_indication": ["366323009"],
        "discharge_datetime": "2026-03-06T11:00:00", "still_admitted": False, "discharge_destination": HOME,
        "feeding_at_discharge": ["226789007"], "aabr_done": True, "aabr_abnormal": False,
    } | more  # fmt: skip


def answered(name: str = "volledig", **more: bool | dict[str, str]) -> Any:
    """The same with every question that belongs to it answered: accepted without a remark."""
    told = {
        "mother_ids": [("", "VB-M-1001")], "mother_birth_date": "1990-05-04", "gravidity": 1, "parity_before": 0,
        "pregnancy_complications_present": False, "multiple_birth": False, "delivery_mode": "274130007",
        "birth_place_type": HOSPITAL_BIRTH, "birth_institution_ids": [INSTITUTION], "readmission": False,
        "origin": "59151000146103", "length_at_admission": 46, "admission_temperature": 36.9,
        "admission_temperature_at": "2026-03-02T09:45:00", "admission_temperature_site": "307047009",
        "head_circumference_cm": 32, "apgar_1": 8, "apgar_5": 9, "cord_ph_arterial": 7.28, "base_excess": -3,
        "antibiotics_first_3_days": False,
    } | {name: False for name in SECTIONS}  # fmt: skip
    return late_preterm(name) | told | more


SECTIONS = (
    "birth_trauma_present", "respiratory_support_given", "respiratory_problems_present", "circulatory_problems_present",
    "infection_present", "gi_problems_present", "haematology_problems_present", "metabolic_problems_present",
    "neuro_problems_present", "senses_problems_present", "congenital_present",
)  # fmt: skip


def preterm(name: str, **more: bool) -> Any:
    """A boy of 27+3 weeks and 1010 g who stays eleven weeks; the base of most examples, accepted without a remark."""
    return envelope(name) | {
        "mother_ids": [("", "VB-M-2002")], "mother_birth_date": "1993-07-21", "gravidity": 2, "parity_before": 0,
        "pregnancy_complications_present": True,
        "pregnancy_complications": [
            {"pregnancy_complication_code": "398254007", "pregnancy_complication_status": CONFIRMED},
        ],
        "magnesium_sulphate": True, "antenatal_steroids_given": True, "antenatal_steroids_course": "255594003434601000124108",
        "child_ids": [("", "VB-2002"), (BSN, "999900006")], "birth_datetime": "2026-01-10T04:12:00", "sex": MALE,
        "postcode": "3511", "multiple_birth": False, "deceased": False,
        "gestational_age_days": 192, "number_born": 1, "delivery_mode": "274130007", "birth_place_type": HOSPITAL_BIRTH,
        "birth_institution_ids": [INSTITUTION], "resuscitation": [{"resuscitation_type": "428311008"}],
        "apgar_1": 5, "apgar_5": 8, "cord_ph_arterial": 7.24, "base_excess": -5.5,
        "admission_datetime": "2026-01-10T04:40:00", "intensive_care_admission": True, "readmission": False,
        "origin": "59151000146103", "admission_indication": ["366323009", "46775006"],
        "discharge_datetime": "2026-03-28T11:00:00",
        "length_at_admission": 36, "birth_weight_g": 1010, "admission_temperature": 36.8,
        "admission_temperature_at": "2026-01-10T04:45:00", "admission_temperature_site": "307047009",
        "head_circumference_cm": 25.5, "birth_trauma_present": False,
        "respiratory_support_given": True,
        "respiratory_supports": [
            {"respiratory_support_start": "2026-01-10T04:40:00", "respiratory_support_end": "2026-01-14T10:00:00",
             "respiratory_support_type": "408853006"},
            {"respiratory_support_start": "2026-01-14T10:00:00", "respiratory_support_end": "2026-02-20T12:00:00",
             "respiratory_support_type": "47545007"},
            {"respiratory_support_start": "2026-02-20T12:00:00", "respiratory_support_end": "2026-03-06",
             "respiratory_support_type": "371907003"},
        ],
        "oxygen_day_28": True,
        "respiratory_problems_present": True,
        "respiratory_problems": [{"respiratory_problem_code": "46775006", "respiratory_problem_status": CONFIRMED}],
        "respiratory_medication": [{"respiratory_stimulant": ["N06BC01"], "surfactant": "R07AA02"}],
        "circulatory_problems_present": False, "infection_present": False, "antibiotics_first_3_days": True,
        "gi_problems_present": False, "haematology_problems_present": False, "metabolic_problems_present": False,
        "neuro_problems_present": False, "neuro_procedures": [{"neuro_procedure_code": "241449005"}],
        "senses_problems_present": False, "rop_screening_done": True, "rop_screening_closed": False,
        "aabr_done": True, "aabr_abnormal": False, "congenital_present": False,
        "still_admitted": False, "discharge_destination": HOME, "discharge_weight_g": 2650, "discharge_hc_cm": 33,
        "feeding_at_discharge": ["226789007"],
    } | more  # fmt: skip


def without(values: Any, *names: str) -> dict[str, str | tuple[str, str]]:
    """The same without these items."""
    return {name: value for name, value in values.items() if name not in names}


AFTER_DISCHARGE = (
    "discharge_destination", "discharge_weight_g", "discharge_hc_cm", "feeding_at_discharge", "aabr_done", "aabr_abnormal",
    "rop_screening_done", "rop_screening_closed", "oxygen_day_28",
)  # fmt: skip


def died_in_nicu() -> Any:
    """A girl of 24+1 weeks who dies on the third day."""
    return without(preterm("overleden-nicu"), *AFTER_DISCHARGE) | {
        "child_ids": [("", "VB-3003")], "sex": FEMALE, "gestational_age_days": 169, "birth_weight_g": 620,
        "length_at_admission": 30, "head_circumference_cm": 21.5,
        "birth_datetime": "2026-02-03T22:05:00", "admission_datetime": "2026-02-03T22:30:00",
        "admission_temperature_at": "2026-02-03T22:35:00", "discharge_datetime": "2026-02-06T17:20:00",
        "respiratory_supports": [{"respiratory_support_start": "2026-02-03T22:30:00",
                                  "respiratory_support_end": "2026-02-06T17:00:00", "respiratory_support_type": "243155002"}],
        "neuro_problems_present": True,
        "neuro_problems": [{"neuro_problem_code": "722580004", "neuro_problem_status": CONFIRMED}],
        "deceased": True, "death_datetime": "2026-02-06T17:20:00", "death_within_12h": False, "death_in_delivery_room": False,
        "cause_of_death": "70611002", "intensive_care_withdrawn": True,
    }  # fmt: skip


def died_in_delivery_room() -> Any:
    """A boy of 23+2 weeks who is never admitted."""
    return envelope("overleden-verloskamer") | {
        "gravidity": 1, "parity_before": 0, "pregnancy_complications_present": False, "delivery_mode": "274130007",
        "cord_ph_arterial": 7.1, "base_excess": -9,
        "child_ids": [("", "VB-4004")], "birth_datetime": "2026-02-11T13:02:00", "sex": MALE, "multiple_birth": False,
        "gestational_age_days": 163, "birth_weight_g": 540, "apgar_1": 2, "apgar_5": 1,
        "magnesium_sulphate": False, "antenatal_steroids_given": {"null": "UNK"},
        "birth_place_type": HOSPITAL_BIRTH, "birth_institution_ids": [INSTITUTION],
        "still_admitted": False, "discharge_datetime": {"null": "NA"},
        "deceased": True, "death_datetime": "2026-02-11T14:10:00", "death_within_12h": {"null": "NA"},
        "death_in_delivery_room": True, "cause_of_death": "771299009", "intensive_care_withdrawn": {"null": "NA"},
    }  # fmt: skip


def transferred() -> dict[str, str | tuple[str, str]]:
    """The boy of `preterm` goes to another hospital after two weeks; what happened there follows from it."""
    supports = preterm("")["respiratory_supports"]
    moved = preterm("overplaatsing") | {
        "discharge_datetime": "2026-01-26T14:00:00", "discharge_destination": OTHER_HOSPITAL, "discharge_weight_g": 1240,
        "discharge_hc_cm": 27, "child_ids": [("", "VB-5005")],
        "respiratory_supports": [supports[0], supports[1] | {"respiratory_support_end": "2026-01-26T14:00:00"}],
        "fu_oxygen_day_28": True, "fu_bpd_grade": "22021000146102", "fu_senses_present": True,
        "fu_senses_problems": [{"fu_senses_code": "408848001", "fu_senses_status": CONFIRMED}],
        "fu_rop_screening_done": True, "fu_rop_screening_closed": True, "fu_aabr_done": True, "fu_aabr_abnormal": False,
        "rop_screening_done": False, "aabr_done": False,
    }  # fmt: skip
    return without(moved, "oxygen_day_28", "rop_screening_closed", "aabr_abnormal")


def twin(order: int) -> Any:
    """One of two girls of 31+0 weeks; each child is a message of its own."""
    return preterm(f"tweeling-{order}") | {
        "child_ids": [("", f"VB-600{order}")], "sex": FEMALE, "multiple_birth": True, "number_born": 2, "birth_order": order,
        "gestational_age_days": 217, "birth_weight_g": 1480 + 90 * order, "length_at_admission": 41,
        "head_circumference_cm": 29,
        "respiratory_supports": [{"respiratory_support_start": "2026-01-10T04:45:00",
                                  "respiratory_support_end": "2026-01-13T09:00:00", "respiratory_support_type": "428311008"}],
        "oxygen_day_28": False, "discharge_datetime": "2026-02-14T10:00:00", "discharge_weight_g": 2380 + 60 * order,
        "discharge_hc_cm": 32.5,
    }  # fmt: skip


def interim() -> Any:
    """A child that is still there; a replacement follows after discharge."""
    still = without(preterm("tussentijds", still_admitted=True), *AFTER_DISCHARGE, "discharge_datetime")
    return still | {"oxygen_day_28": True, "rop_screening_done": True, "rop_screening_closed": False}


def corrected() -> Any:
    """The minimal message again with another weight, as its second version."""
    return late_preterm("correctie") | envelope("correctie", 2, "vervanging", "minimaal") | {"birth_weight_g": 2140}


def withdrawn() -> Any:
    """The minimal message taken back: only who it is about, nothing of what happened."""
    names = ("child_ids", "birth_datetime", "sex")
    child = {name: late_preterm()[name] for name in names}
    return child | envelope("intrekking", 3, "intrekking", "minimaal")


class Delivered(Context):
    """As it is when the first version was delivered before."""

    def __init__(self, newest=1):
        self.newest = newest

    def newest_version(self, set_root: Any, set_id: Any) -> Any:
        return self.newest


class Withdrawn(Delivered):
    """As it is when that version was a withdrawal."""

    def is_withdrawn(self, set_root: str, set_id: str) -> bool:
        return True


LACKING = (("R-43", ""), *[("R-49", "")] * len(SECTIONS))


def good() -> list[Example]:
    """The accepted examples, in the order in which a supplier would try them."""
    return [
        Example("minimaal", "Het minimum: aangenomen, met waarschuwingen over wat ontbreekt",
                "The minimum: accepted, with warnings about what is missing", build(late_preterm()), LACKING),
        Example("volledig", "Een korte opname waarin alles beantwoord is", "A short stay with everything answered",
                build(answered())),
        Example("maximaal", "Alles wat gevraagd kan worden", "Everything that can be asked", build(maximal())),
        Example("tweeling-1", "Tweeling, eerste kind", "Twin, first child", build(twin(1))),
        Example("tweeling-2", "Tweeling, tweede kind", "Twin, second child", build(twin(2))),
        Example("overleden-nicu", "Overleden op de NICU", "Died in the NICU", build(died_in_nicu())),
        Example("overleden-verloskamer", "Overleden op de verloskamer", "Died in the delivery room",
                build(died_in_delivery_room())),
        Example("overplaatsing", "Overplaatsing, met gegevens van na ontslag", "Transfer out, with follow-up",
                build(transferred())),
        Example("tussentijds", "Nog opgenomen", "Still admitted", build(interim()), (("R-33", "interim"),)),
        Example("correctie", "Verbetering van 'minimaal'", "Correction of 'minimaal'", build(corrected()), LACKING,
                Delivered(1)),
        Example("intrekking", "Intrekking van 'minimaal'", "Withdrawal of 'minimaal'", build(withdrawn()), (), Delivered(2)),
    ]  # fmt: skip


def maximal() -> dict[str, str | tuple[str, str]]:
    """Every item that a child who lives can have: the story of `preterm` first, what it does not tell from the definition."""
    return filled(_told_more(), INSTITUTION)


def _told_more():
    return preterm("maximaal") | {
        "child_ids": [("", "VB-7007")], "birth_order": 1, "number_born": 2, "multiple_birth": True, "origin": "4563007",
        "origin_institution_ids": [OTHER_INSTITUTION], "deferred_cord_clamping": True, "apgar_10": 9,
        "length_at": "2026-01-10T05:00:00", "birth_weight_at": "2026-01-10T05:00:00",
        "head_circumference_at": "2026-01-10T05:00:00", "birth_trauma_present": True, "circulatory_problems_present": True,
        "infection_present": True, "gi_problems_present": True, "haematology_problems_present": True,
        "metabolic_problems_present": True, "neuro_problems_present": True, "senses_problems_present": True,
        "congenital_present": True, "fu_senses_present": True,
        "respiratory_problems": [
            {"id": "bpd", "respiratory_problem_code": "22031000146100", "respiratory_problem_start": "2026-03-14",
             "respiratory_problem_status": CONFIRMED, "respiratory_problem_onset_place": "58841000146101"},
        ],
        "infections": [
            {"infection_code": "10001005", "infection_start": "2026-01-18T03:00:00", "infection_end": "2026-01-28",
             "infection_status": CONFIRMED, "infection_onset_place": "58841000146101", "sepsis_organism": ["116197008"],
             "line_sepsis": True, "sepsis_onset": "303115001"},
            {"infection_code": "59527008", "infection_status": CONFIRMED, "congenital_infection_organism": "407444007"},
        ],
        "lines": [{"line_start": "2026-01-10T06:00:00", "line_end": "2026-01-19T12:00:00"}],
        "gi_problems": [{"id": "nec", "gi_problem_code": "788988003", "gi_problem_status": CONFIRMED}],
        "gi_procedures": [{"gi_procedure_indication_ref": "nec", "gi_procedure_code": "86481000"}],
        "metabolic_problems": [{"id": "geel", "metabolic_problem_code": "14783006", "metabolic_problem_status": CONFIRMED}],
        "metabolic_procedures": [{"metabolic_procedure_indication_ref": "geel", "metabolic_procedure_code": "35683002"}],
        "neuro_problems": [
            {"id": "ivh", "neuro_problem_code": "206397006", "neuro_problem_status": CONFIRMED},
            {"id": "pvl", "neuro_problem_code": "230769007", "neuro_problem_status": CONFIRMED, "pvl_grade": 2},
            {"neuro_problem_code": "703300001", "encephalopathy_severity": "255604002", "neuro_problem_status": CONFIRMED},
        ],
        "neuro_procedures": [{"neuro_procedure_indication_ref": "ivh", "neuro_procedure_code": "241449005"}],
        "senses_problems": [{"senses_problem_code": "408849009", "senses_problem_status": CONFIRMED}],
        "support_36w": "lage-flow", "oxygen_36w": True, "aabr_abnormal": True, "bera_done": True, "bera_abnormal": True,
        "bera_laterality": "7771000", "fu_aabr_abnormal": True, "fu_bera_done": True, "fu_bera_abnormal": True,
        "home_support": ["57485005"], "rop_screening_closed": True,
        "verified_by_clinician": True, "verified_at": "2026-04-30T10:00:00",
        "discharge_weight_at": "2026-03-28T08:00:00", "discharge_hc_at": "2026-03-28T08:00:00",
    }  # fmt: skip
