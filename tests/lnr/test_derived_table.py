"""Children worked out by hand: at least two for each derived value, and two for each reason why it is not told.

The boy of `preterm` was born on January 10, 2026 at 04:12 at 27+3, admitted at 04:40, and went home on March 28. Day 28 is
February 7, 36 weeks is March 11. The message was written on May 1.
"""

from collections import Counter
from datetime import datetime

import pytest

from models.lnr.derived.derivation import derivations, reasons
from models.lnr.derived.presence import Why
from models.lnr.message.message_writer import build
from models.lnr.message.validation import check
from models.lnr.message.validation_context import Alone
from models.lnr.specification.examples import (  # fmt: skip
    CONFIRMED,
    HOME,
    INSTITUTION,
    OTHER_HOSPITAL,
    OTHER_INSTITUTION,
    died_in_delivery_room,
    died_in_nicu,
    late_preterm,
    preterm,
    without,
)

NOW = datetime(2026, 6, 1)
SUSPECTED, POSSIBLE, ABSENT = "415684004", "410590009", "410516002"
UNKNOWN = {"null": "UNK"}
IPPV, CPAP, OXYGEN, CANNULA, ECMO = "408853006", "47545007", "57485005", "371907003", "233573008"
BASE = preterm("x")


def child(*left_out, base=BASE, **changed):
    return without(base, *left_out) | changed


def supports(*periods):
    names = ("respiratory_support_type", "respiratory_support_start", "respiratory_support_end")
    return [{name: said for name, said in zip(names, one, strict=False) if said is not None} for one in periods]


def problems(part, *rows):
    """Rows (code, status, more) in a part of the problems; None leaves out what it stands for."""
    group, code, status, _ = PARTS[part]
    return {group: [
        {name: said for name, said in ((code, row[0]), (status, row[1])) if said is not None} | (row[2] if row[2:] else {})
        for row in rows
    ]}  # fmt: skip


PARTS = {
    "lungs": ("respiratory_problems", "respiratory_problem_code", "respiratory_problem_status", "respiratory_problems_present"),
    "brain": ("neuro_problems", "neuro_problem_code", "neuro_problem_status", "neuro_problems_present"),
    "bowel": ("gi_problems", "gi_problem_code", "gi_problem_status", "gi_problems_present"),
    "infection": ("infections", "infection_code", "infection_status", "infection_present"),
    "eyes": ("senses_problems", "senses_problem_code", "senses_problem_status", "senses_problems_present"),
}
OTHER = {"lungs": "46775006", "brain": "87476004", "bowel": "33688009", "infection": "233604007"}
EARLY, LATE = {"infection_start": "2026-01-12T04:00:00"}, {"infection_start": "2026-01-20"}
# value: part, code, more of the row, the value with it, the value without it
BY_PROBLEM = {
    "pneumothorax": ("lungs", "36118008", {}, True, False),
    "bpd_grade_reported": ("lungs", "22031000146100", {}, 2, Why.NONE),
    "ivh_max": ("brain", "206397006", {}, 3, 0),
    "severe_ivh": ("brain", "722580004", {}, True, False),
    "pvl": ("brain", "230769007", {}, True, False),
    "cystic_pvl": ("brain", "230769007", {"pvl_grade": 2}, True, False),
    "hydrocephalus": ("brain", "371116000", {}, True, False),
    "nec": ("bowel", "788989006", {}, True, False),
    "nec_bell": ("bowel", "788990002", {}, "IIIA", Why.NONE),
    "early_sepsis": ("infection", "10001005", EARLY, True, False),
    "late_sepsis": ("infection", "206376005", LATE, True, False),
}
NOT_TOLD_SUSPECTED = {"bpd_grade_reported": Why.SUSPECTED, "nec_bell": Why.NONE}


def by_problem(value):
    part, code, more, there, not_there = BY_PROBLEM[value]
    group, _, _, question = PARTS[part]
    yes, bare = {question: True}, (group, question)
    suspected = NOT_TOLD_SUSPECTED.get(value, (not_there, Why.SUSPECTED))
    yield "bevestigd", child(**yes, **problems(part, (code, CONFIRMED, more))), there
    yield "bevestigd, zonder antwoord erboven", child(*bare, **problems(part, (code, CONFIRMED, more))), there
    yield (
        "bevestigd naast iets anders",
        child(**yes, **problems(part, (OTHER[part], CONFIRMED), (code, CONFIRMED, more))),
        there,
    )
    yield "het antwoord is nee", child(group, **{question: False}), not_there
    yield "bevestigd afwezig", child(**yes, **problems(part, (code, ABSENT, more))), not_there
    yield "afwezig en niets anders gezegd", child(*bare, **problems(part, (code, ABSENT, more))), not_there
    yield "alleen iets anders", child(**yes, **problems(part, (OTHER[part], CONFIRMED))), not_there
    yield "iets anders, en niet geantwoord", child(*bare, **problems(part, (OTHER[part], CONFIRMED))), Why.SECTION
    yield (
        "iets anders, antwoord onbekend",
        child(**{question: UNKNOWN}, **problems(part, (OTHER[part], CONFIRMED))),
        Why.SECTION,
    )
    yield "geen antwoord", child(*bare), Why.SECTION
    yield "antwoord onbekend", child(*bare, **{question: UNKNOWN}), Why.SECTION
    yield "zonder status", child(**yes, **problems(part, (code, None, more))), Why.STATUS
    yield "status onbekend", child(**yes, **problems(part, (code, UNKNOWN, more))), Why.STATUS
    yield "zonder status, antwoord nee", child(**{question: False}, **problems(part, (code, None, more))), Why.STATUS
    yield "een rij zonder naam", child(**yes, **problems(part, (None, CONFIRMED))), Why.NAME
    yield "een lege rij", child(**yes, **problems(part, (None, None, {"id": "leeg"}))), Why.NAME
    yield "ja, en geen rij", child(group, **yes), Why.NAME
    yield "vermoed", child(**yes, **problems(part, (code, SUSPECTED, more))), suspected
    yield "mogelijk", child(**yes, **problems(part, (code, POSSIBLE, more))), suspected


MADE = [(f"{value}: {story}", values, {value: answer}) for value in BY_PROBLEM for story, values, answer in by_problem(value)]
AGE = ("ga_weeks", "ga_days", "gestational_age")
GONE = child(**{"discharge_datetime": "2026-01-26T14:00:00", "discharge_destination": OTHER_HOSPITAL})  # on day 16
HERE = child("discharge_datetime", "discharge_destination", "oxygen_day_28", still_admitted=True)
DIED = died_in_nicu()  # 24+1, born February 3 at 22:05, died February 6 at 17:20
ROOM = died_in_delivery_room()
BY_HAND = [
    # ---- ages and lengths
    ("179 dagen", child(gestational_age_days=179), {"ga_weeks": 25, "ga_days": 4, "gestational_age": "25+4"}),
    ("196 dagen", child(gestational_age_days=196), {"ga_weeks": 28, "ga_days": 0, "gestational_age": "28+0"}),
    ("duur onbekend", child(gestational_age_days=UNKNOWN), dict.fromkeys(AGE, Why.INPUT)),
    ("duur niet gestuurd", child("gestational_age_days"), dict.fromkeys(AGE, Why.INPUT)),
    ("moeder van juli 1993", BASE, {"mother_age": 32, "age_at_admission_minutes": 28, "nicu_days": 77}),
    ("moeder jarig op de dag", child(mother_birth_date="1993-01-10"), {"mother_age": 33}),
    ("moeder zonder datum", child(mother_birth_date=UNKNOWN), {"mother_age": Why.INPUT}),
    ("moeder niet gestuurd", child("mother_ids", "mother_birth_date"), {"mother_age": Why.INPUT}),
    ("opname zonder tijd", child(admission_datetime="2026-01-10"), {"age_at_admission_minutes": Why.INPUT}),
    ("geboorte zonder tijd", child(birth_datetime="2026-01-10"), {"age_at_admission_minutes": Why.INPUT}),
    ("een uur later", child(admission_datetime="2026-01-10T05:12:00"), {"age_at_admission_minutes": 60}),
    ("dezelfde dag weg", child(discharge_datetime="2026-01-10T20:00:00"), {"nicu_days": 1, "lived_days_in_stay": 0}),
    ("naar elders op dag 16", GONE, {"nicu_days": 16, "lived_days_in_stay": 16, "discharged_alive": True}),
    ("nog hier", HERE, dict.fromkeys(("nicu_days", "lived_days_in_stay", "discharged_alive"), Why.NOT_YET)),
    ("nog hier, geen duur", child(base=HERE, gestational_age_days=UNKNOWN),
     dict.fromkeys(("nicu_days", "lived_days_in_stay", "discharged_alive"), Why.NOT_YET)),
    ("ontslag onbekend", child(discharge_datetime=UNKNOWN),
     dict.fromkeys(("nicu_days", "lived_days_in_stay", "discharged_alive"), Why.INPUT)),
    ("geen ontslag gestuurd", child("discharge_datetime"),
     dict.fromkeys(("nicu_days", "lived_days_in_stay", "discharged_alive"), Why.INPUT)),
    # Whether the child was still here on these days, nobody said.
    ("geen ontslag gestuurd, steun tot dag 10",
     child("discharge_datetime", "support_36w", respiratory_supports=supports((CPAP, "2026-01-10", "2026-01-20"))),
     {"support_at_28d": Why.INPUT, "support_at_36w": Why.INPUT, "noninvasive_days": 11, "bpd_grade_jensen": Why.INPUT}),
    ("ontslag onbekend, steun zonder einde",
     child("support_36w", discharge_datetime=UNKNOWN, respiratory_supports=supports((CPAP, "2026-01-10"))),
     {"support_at_28d": Why.PERIOD, "noninvasive_days": Why.PERIOD, "bpd_grade_jensen": Why.PERIOD}),
    ("nog hier, steun tot dag 10",
     child("support_36w", base=HERE, respiratory_supports=supports((CPAP, "2026-01-10", "2026-01-20"))),
     {"support_at_28d": "none"}),
    ("geen ontslag gestuurd, geen BPD", child("discharge_datetime"), {"bpd_grade_reported": Why.INPUT}),
    ("ontslag onbekend, lijn zonder einde",
     child(discharge_datetime=UNKNOWN, lines=[{"line_start": "2026-01-11"}]), {"line_days": Why.PERIOD}),
    ("overleden in de opname", DIED, {"discharged_alive": False, "nicu_days": 3, "lived_days_in_stay": 3}),
    ("overleden op de verloskamer", ROOM, {"discharged_alive": False, "nicu_days": Why.INPUT}),
    ("later overleden", child(deceased=True, death_datetime="2026-04-02T10:00:00"), {"discharged_alive": True}),
    ("naar huis, overleden onbekend", child(deceased=UNKNOWN), {"discharged_alive": True}),
    ("weg, rest onbekend", child("discharge_destination", deceased=UNKNOWN), {"discharged_alive": Why.INPUT}),
    # ---- days of support: January 10 to 14 is 5 days by tube, to February 20 is 38 of CPAP, to March 6 is 15 by cannula
    ("zoals het verhaal", BASE, {"invasive_days": 5, "noninvasive_days": 38, "oxygen_days": 15}),
    ("kwam op dag 3", child(admission_datetime="2026-01-12T04:40:00"), {"invasive_days": 3}),  # 12, 13, 14
    ("tot middernacht", child(respiratory_supports=supports((IPPV, "2026-01-10T05:00:00", "2026-01-13T00:00:00"))),
     {"invasive_days": 3, "noninvasive_days": 0, "oxygen_days": 0}),  # 10, 11, 12
    ("na het ontslag telt niet", child(respiratory_supports=supports((CPAP, "2026-03-27", "2026-04-03"))),
     {"noninvasive_days": 2}),  # 27, 28
    ("geen ondersteuning", child("respiratory_supports", "oxygen_day_28", respiratory_support_given=False),
     {"invasive_days": 0, "noninvasive_days": 0, "oxygen_days": 0, "support_at_28d": "none", "support_at_36w": "none",
      "bpd_grade_jobe_bancalari": 0, "bpd_grade_jensen": 0}),
    ("ja, geen periode", child("respiratory_supports", "oxygen_day_28"),
     dict.fromkeys(("invasive_days", "noninvasive_days", "oxygen_days", "support_at_28d", "support_at_36w", "bpd_grade_jensen"),
                   Why.NAME)),
    ("ja, geen periode, O2 op dag 28 onbekend", child("respiratory_supports", oxygen_day_28=UNKNOWN),
     dict.fromkeys(("invasive_days", "noninvasive_days", "oxygen_days", "support_at_28d", "support_at_36w", "bpd_grade_jensen"),
                   Why.NAME)),
    ("ja, geen periode, O2 na ontslag gezegd", child("respiratory_supports", "oxygen_day_28", fu_oxygen_day_28=True),
     {"bpd_grade_jobe_bancalari": Why.NAME}),
    ("alleen CPAP, en niet geantwoord", child("respiratory_support_given", respiratory_supports=supports(
        (CPAP, "2026-01-11", "2026-01-20"))), {"invasive_days": Why.SECTION, "noninvasive_days": 10, "oxygen_days": Why.SECTION,
        "support_at_28d": Why.SECTION, "support_at_36w": Why.SECTION, "bpd_grade_jensen": Why.SECTION}),
    ("alleen via de tube, en niet geantwoord", child("respiratory_support_given", respiratory_supports=supports(
        (IPPV, "2026-01-11", "2026-01-20"))), {"invasive_days": 10, "noninvasive_days": Why.SECTION,
        "oxygen_days": Why.SECTION}),
    ("alleen CPAP, antwoord onbekend", child(respiratory_support_given=UNKNOWN, respiratory_supports=supports(
        (CPAP, "2026-01-11", "2026-02-20"))), {"invasive_days": Why.SECTION, "support_at_28d": "noninvasive",
        "support_at_36w": Why.SECTION}),
    ("open, ontslagen om middernacht", child(discharge_datetime="2026-01-20T00:00:00", respiratory_supports=supports(
        (CPAP, "2026-01-11"))), {"noninvasive_days": 9}),  # 11 to 19
    ("geschreven om middernacht, nog aan de CPAP", child(base=HERE, created_at="2026-01-20T00:00:00",
     respiratory_supports=supports((CPAP, "2026-01-11"))), {"noninvasive_days": 9, "support_at_28d": Why.NOT_YET}),
    ("naar elders om middernacht van dag 28", child(base=GONE, discharge_datetime="2026-02-07T00:00:00",
     respiratory_supports=supports((CPAP, "2026-01-11"))), {"support_at_28d": Why.ELSEWHERE, "day_28_follows": True,
     "noninvasive_days": 27}),
    ("naar elders om een minuut over middernacht van dag 28", child(base=GONE, discharge_datetime="2026-02-07T00:01:00",
     respiratory_supports=supports((CPAP, "2026-01-11"))), {"support_at_28d": "noninvasive", "day_28_follows": False,
     "noninvasive_days": 28}),
    ("niets over ademhaling", child("respiratory_supports", "respiratory_support_given"),
     dict.fromkeys(("invasive_days", "noninvasive_days", "oxygen_days", "support_at_28d", "support_at_36w",
                    "bpd_grade_jobe_bancalari", "bpd_grade_jensen"), Why.SECTION)),
    ("O2 op dag 28, verder niets", child("respiratory_supports"), {"bpd_grade_jobe_bancalari": Why.NAME}),
    ("O2 op dag 28, niet geantwoord", child("respiratory_supports", "respiratory_support_given"),
     {"bpd_grade_jobe_bancalari": Why.SECTION}),
    ("periode zonder soort", child(respiratory_supports=supports((None, "2026-01-10"))),
     dict.fromkeys(("invasive_days", "noninvasive_days", "oxygen_days", "support_at_28d", "support_at_36w",
                    "bpd_grade_jobe_bancalari", "bpd_grade_jensen"), Why.PERIOD)),
    ("perioden zonder begin", child(respiratory_supports=supports((IPPV,), (CPAP,), (OXYGEN,))),
     dict.fromkeys(("invasive_days", "noninvasive_days", "oxygen_days", "support_at_28d", "support_at_36w",
                    "bpd_grade_jobe_bancalari", "bpd_grade_jensen"), Why.PERIOD)),
    ("opname onbekend", child(admission_datetime=UNKNOWN),
     dict.fromkeys(("invasive_days", "noninvasive_days", "oxygen_days", "support_at_28d", "support_at_36w"), Why.INPUT)),
    ("overleden op de verloskamer, dagen", ROOM, {"invasive_days": Why.INPUT, "noninvasive_days": Why.INPUT,
     "oxygen_days": Why.INPUT, "bpd_grade_jobe_bancalari": Why.NOT_REACHED, "bpd_grade_jensen": Why.NOT_REACHED}),
    ("ECMO ernaast", child(respiratory_supports=supports((ECMO, "2026-01-10", "2026-03-28"))),
     {"support_at_28d": Why.PERIOD, "support_at_36w": Why.PERIOD}),
    # ---- set days
    ("neusbril op dag 28", child(respiratory_supports=supports((CANNULA, "2026-02-01", "2026-02-07"))),
     {"support_at_28d": "oxygen", "support_at_36w": "none"}),
    ("eindigt bij middernacht van dag 28", child(respiratory_supports=supports((CPAP, "2026-02-01", "2026-02-07T00:00:00"))),
     {"support_at_28d": "none"}),
    ("beademd op 36 weken", child(respiratory_supports=supports((IPPV, "2026-03-11T01:00:00", "2026-03-11T05:00:00"))),
     {"support_at_36w": "invasive", "bpd_grade_jensen": 3, "bpd_grade_jobe_bancalari": 3}),
    ("naar elders voor dag 28", child("oxygen_day_28", base=GONE), {"support_at_28d": Why.ELSEWHERE, "day_28_follows": True,
     "support_at_36w": Why.ELSEWHERE, "bpd_grade_jensen": Why.ELSEWHERE, "week_36_follows": True}),
    ("elders na dag 28, zuurstof", child(discharge_datetime="2026-02-20T10:00:00", discharge_destination=OTHER_HOSPITAL),
     {"bpd_grade_jobe_bancalari": Why.ELSEWHERE, "bpd_grade_jensen": Why.ELSEWHERE, "week_36_follows": True}),
    ("kwam na 36 weken", child(admission_datetime="2026-03-12T08:00:00"), {"support_at_28d": Why.ELSEWHERE,
     "support_at_36w": Why.ELSEWHERE, "bpd_grade_jobe_bancalari": Why.ELSEWHERE}),
    ("bestemming onbekend", child("discharge_destination"), {"day_28_follows": Why.INPUT, "week_36_follows": Why.INPUT}),
    ("elders, overlijden onbekend", child(base=GONE, deceased=UNKNOWN), {"day_28_follows": Why.INPUT,
     "week_36_follows": Why.INPUT, "lived_28_days": Why.INPUT}),
    ("elders en daar overleden op 8 februari", child(base=GONE, deceased=True, death_datetime="2026-02-08"),
     {"day_28_follows": True, "week_36_follows": False, "lived_28_days": True}),
    ("elders en daar overleden op 6 februari", child(base=GONE, deceased=True, death_datetime="2026-02-06"),
     {"day_28_follows": False, "week_36_follows": False, "lived_28_days": False, "support_at_28d": Why.NOT_REACHED,
      "bpd_grade_jobe_bancalari": Why.NOT_REACHED}),
    ("overleden op dag 3", DIED, {"support_at_28d": Why.NOT_REACHED, "support_at_36w": Why.NOT_REACHED,
     "bpd_grade_jobe_bancalari": Why.NOT_REACHED, "bpd_grade_jensen": Why.NOT_REACHED, "lived_28_days": False}),
    ("overleden op dag 10, O2 nee", child(deceased=True, death_datetime="2026-01-20T10:00:00", oxygen_day_28=False,
     discharge_datetime="2026-01-20T10:00:00"),
     {"bpd_grade_jobe_bancalari": Why.NOT_REACHED, "support_at_36w": Why.NOT_REACHED}),
    ("geschreven op dag 10", child(base=HERE, created_at="2026-01-20T08:00:00"), dict.fromkeys(
        ("support_at_28d", "support_at_36w", "bpd_grade_jobe_bancalari", "bpd_grade_jensen", "lived_28_days"), Why.NOT_YET)),
    ("geschreven op dag 20", child(base=HERE, created_at="2026-01-30T08:00:00"), dict.fromkeys(
        ("support_at_28d", "support_at_36w", "bpd_grade_jobe_bancalari", "bpd_grade_jensen", "lived_28_days"), Why.NOT_YET)),
    ("geboortedag zonder duur", child(gestational_age_days=UNKNOWN),
     {"support_at_36w": Why.INPUT, "bpd_grade_jobe_bancalari": Why.INPUT, "bpd_grade_jensen": Why.INPUT}),
    ("opname niet gestuurd", child("admission_datetime"), {"support_at_28d": Why.INPUT, "support_at_36w": Why.INPUT,
     "invasive_days": Why.INPUT, "noninvasive_days": Why.INPUT, "oxygen_days": Why.INPUT, "bpd_grade_jensen": Why.INPUT}),
    # ---- BPD
    ("dag 20 thuis, nooit ondersteund", child("respiratory_supports", "oxygen_day_28", respiratory_support_given=False,
     discharge_datetime="2026-01-30T10:00:00"), {"bpd_grade_jobe_bancalari": 0, "bpd_grade_jensen": Why.ELSEWHERE}),
    ("hier nooit ondersteund, naar elders op dag 16", child("respiratory_supports", "oxygen_day_28", base=GONE,
     respiratory_support_given=False), {"bpd_grade_jobe_bancalari": Why.ELSEWHERE}),
    ("33+0, hier nooit ondersteund, naar elders op dag 16", child("respiratory_supports", "oxygen_day_28", base=GONE,
     gestational_age_days=231, respiratory_support_given=False), {"bpd_grade_jobe_bancalari": Why.ELSEWHERE}),
    ("hier nooit ondersteund, kwam op dag 40", child("respiratory_supports", "oxygen_day_28", respiratory_support_given=False,
     admission_datetime="2026-02-19T08:00:00"), {"bpd_grade_jobe_bancalari": Why.ELSEWHERE}),
    ("dag 20 thuis na drie dagen CPAP", child("oxygen_day_28", discharge_datetime="2026-01-30T10:00:00",
     respiratory_supports=supports((CPAP, "2026-01-10", "2026-01-12"))), {"bpd_grade_jobe_bancalari": 0}),
    ("dag 20 thuis met zuurstof", child("oxygen_day_28", discharge_datetime="2026-01-30T10:00:00", home_support=["57485005"],
     respiratory_supports=supports((CPAP, "2026-01-10", "2026-01-12"))), {"bpd_grade_jobe_bancalari": Why.INPUT}),
    ("33+0, neusbril tot dag 46", child("oxygen_day_28", gestational_age_days=231, respiratory_supports=supports(
        (CANNULA, "2026-01-10", "2026-02-25"))), {"bpd_grade_jobe_bancalari": 1, "bpd_grade_jensen": Why.NOT_DUE}),
    ("33+0, CPAP op dag 56", child(gestational_age_days=231, respiratory_supports=supports((CPAP, "2026-03-01", "2026-03-07"))),
     {"bpd_grade_jobe_bancalari": 3, "bpd_grade_jensen": Why.NOT_DUE}),
    ("31+6 telt nog bij 36 weken", child(gestational_age_days=223, respiratory_supports=supports(
        (CANNULA, "2026-01-10", "2026-02-08"))), {"bpd_grade_jobe_bancalari": 2, "bpd_grade_jensen": 1}),
    ("BPD zonder graad", child(**problems("lungs", ("67569000", CONFIRMED))), {"bpd_grade_reported": Why.GRADE}),
    ("BPD zonder graad, nogmaals", child(respiratory_problems_present=True, **problems("lungs", ("67569000", CONFIRMED),
     ("46775006", CONFIRMED))), {"bpd_grade_reported": Why.GRADE}),
    ("graad van na ontslag", child(fu_bpd_grade="22041000146108"), {"bpd_grade_reported": 3}),
    # No BPD in the stay; it is graded on March 11, or on going home before.
    ("naar elders op dag 16, geen BPD", GONE, {"bpd_grade_reported": Why.ELSEWHERE}),
    ("naar elders op dag 41, geen BPD", child(discharge_datetime="2026-02-20T10:00:00", discharge_destination=OTHER_HOSPITAL),
     {"bpd_grade_reported": Why.ELSEWHERE}),
    ("naar elders, en na ontslag onbekend", child(base=GONE, fu_bpd_grade=UNKNOWN), {"bpd_grade_reported": Why.ELSEWHERE}),
    ("naar elders, en na ontslag niet van toepassing", child(base=GONE, fu_bpd_grade={"null": "NA"}),
     {"bpd_grade_reported": Why.NONE}),
    ("naar elders, en na ontslag graad 1", child(base=GONE, fu_bpd_grade="22021000146102"), {"bpd_grade_reported": 1}),
    ("naar huis op dag 20, geen BPD", child("oxygen_day_28", discharge_datetime="2026-01-30T10:00:00"),
     {"bpd_grade_reported": Why.NONE}),
    ("weg op dag 20, waarheen niet gezegd", child("oxygen_day_28", "discharge_destination",
     discharge_datetime="2026-01-30T10:00:00"), {"bpd_grade_reported": Why.INPUT}),
    ("geen BPD, duur onbekend", child(gestational_age_days=UNKNOWN), {"bpd_grade_reported": Why.INPUT}),
    ("geen BPD, nog hier op dag 10", child(base=HERE, created_at="2026-01-20T08:00:00"), {"bpd_grade_reported": Why.NOT_YET}),
    ("geen BPD, nog hier op dag 59", child(base=HERE, created_at="2026-03-10T08:00:00"), {"bpd_grade_reported": Why.NOT_YET}),
    ("geen BPD, nog hier op dag 61", child(base=HERE, created_at="2026-03-12T08:00:00"), {"bpd_grade_reported": Why.NONE}),
    ("geen BPD, overleden op dag 3", DIED, {"bpd_grade_reported": Why.NOT_REACHED}),
    ("geen BPD, overleden op dag 10", child("discharge_destination", deceased=True, death_datetime="2026-01-20T10:00:00",
     discharge_datetime="2026-01-20T10:00:00"), {"bpd_grade_reported": Why.NOT_REACHED}),
    # 'No' of a day that the child spent elsewhere.
    ("naar elders op dag 16, O2 op dag 28 nee", child(base=GONE, oxygen_day_28=False),
     {"bpd_grade_jobe_bancalari": Why.INPUT}),
    ("naar elders op dag 16, O2 op dag 28 daar nee", child("oxygen_day_28", base=GONE, fu_oxygen_day_28=False),
     {"bpd_grade_jobe_bancalari": 0}),
    ("naar huis op dag 20, O2 op dag 28 nee", child(discharge_datetime="2026-01-30T10:00:00", oxygen_day_28=False),
     {"bpd_grade_jobe_bancalari": 0}),
    ("naar elders op dag 16, geen ondersteuning op 36 weken", child(base=GONE, support_36w="geen"),
     {"bpd_grade_jensen": Why.ELSEWHERE}),
    ("nog hier op dag 10, geen ondersteuning op 36 weken", child(base=HERE, created_at="2026-01-20T08:00:00",
     support_36w="geen"), {"bpd_grade_jensen": Why.NOT_YET}),
    ("hier op 36 weken, geen ondersteuning", child(support_36w="geen"), {"bpd_grade_jensen": 0}),
    # ---- brain
    ("IVH zonder graad", child(neuro_problems_present=True, **problems("brain", ("23276006", CONFIRMED))),
     {"ivh_max": Why.GRADE, "severe_ivh": Why.GRADE}),
    ("IVH en stuipen zonder graad", child(**problems("brain", ("23276006", CONFIRMED), ("87476004", CONFIRMED))),
     {"ivh_max": Why.GRADE, "severe_ivh": Why.GRADE}),
    ("graad 2, en 3 zonder status", child(**problems("brain", ("206396002", CONFIRMED), ("206397006", None))),
     {"ivh_max": Why.STATUS, "severe_ivh": Why.STATUS}),
    ("graad 3, en 2 zonder status", child(**problems("brain", ("206397006", CONFIRMED), ("206396002", None))),
     {"ivh_max": 3, "severe_ivh": True}),
    ("graad 1 zonder status", child(**problems("brain", ("206395003", None))), {"ivh_max": Why.STATUS, "severe_ivh": False}),
    ("parenchym zonder IVH", child(neuro_problems_present=True, **problems("brain", ("449020009", CONFIRMED))),
     {"ivh_max": Why.COMMITTEE, "severe_ivh": Why.COMMITTEE}),
    ("parenchym zonder status", child(**problems("brain", ("449020009", None))),
     {"ivh_max": Why.COMMITTEE, "severe_ivh": Why.COMMITTEE}),
    ("parenchym naast graad 4", child(**problems("brain", ("449020009", CONFIRMED), ("722580004", CONFIRMED))),
     {"ivh_max": 4, "severe_ivh": True}),
    ("PVL zonder graad", child(**problems("brain", ("230769007", CONFIRMED))), {"pvl": True, "cystic_pvl": Why.GRADE}),
    ("PVL, graad onbekend", child(**problems("brain", ("230769007", CONFIRMED, {"pvl_grade": UNKNOWN}))),
     {"cystic_pvl": Why.GRADE}),
    ("PVL graad 1", child(**problems("brain", ("230769007", CONFIRMED, {"pvl_grade": 1}))), {"cystic_pvl": False}),
    # ---- bowel
    ("NEC zonder stadium", child(**problems("bowel", ("2707005", CONFIRMED))), {"nec": True, "nec_bell": Why.GRADE}),
    ("NEC en perforatie, geen stadium", child(**problems("bowel", ("2707005", CONFIRMED), ("56905009", CONFIRMED))),
     {"nec": True, "nec_bell": Why.GRADE}),
    ("IIA, en IIIB zonder status", child(**problems("bowel", ("788988003", CONFIRMED), ("788991003", None))),
     {"nec": True, "nec_bell": Why.STATUS}),
    # ---- eyes
    ("risico op duur", child(gestational_age_days=223, birth_weight_g=1600), {"rop_at_risk": True}),
    ("risico op gewicht", child(gestational_age_days=UNKNOWN, birth_weight_g=1499), {"rop_at_risk": True}),
    ("geen risico", child(gestational_age_days=224, birth_weight_g=1500), {"rop_at_risk": False}),
    ("risico onbekend, gewicht", child(gestational_age_days=224, birth_weight_g=UNKNOWN), {"rop_at_risk": Why.INPUT}),
    ("risico onbekend, duur", child(gestational_age_days=UNKNOWN, birth_weight_g=1500), {"rop_at_risk": Why.INPUT}),
    ("leefde 28 dagen, overlijden onbekend", child(deceased=UNKNOWN), {"lived_28_days": True}),
    ("overlijden onbekend, nog hier", child(base=HERE, deceased=UNKNOWN), {"lived_28_days": Why.INPUT}),
    ("screening begonnen", BASE, dict.fromkeys(("rop_max", "rop_treated", "severe_rop"), Why.SCREENING)),
    ("geen screening", child("rop_screening_closed", rop_screening_done=False),
     dict.fromkeys(("rop_max", "rop_treated", "severe_rop"), Why.SCREENING)),
    ("screening gesloten", child(rop_screening_closed=True), {"rop_max": Why.NONE, "rop_treated": False, "severe_rop": False}),
    ("screening na ontslag gesloten", child(fu_rop_screening_done=True, fu_rop_screening_closed=True, fu_senses_present=False),
     {"rop_max": Why.NONE, "rop_treated": False, "severe_rop": False}),
    ("na ontslag gesloten, en niet gezegd wat die vond", child(fu_rop_screening_done=True, fu_rop_screening_closed=True),
     dict.fromkeys(("rop_max", "rop_treated", "severe_rop"), Why.SECTION)),
    ("gesloten, en niets over de ogen", child("senses_problems_present", rop_screening_closed=True),
     dict.fromkeys(("rop_max", "rop_treated", "severe_rop"), Why.SECTION)),
    ("gesloten, iets anders aan de ogen, en niet geantwoord", child("senses_problems_present", rop_screening_closed=True,
     **problems("eyes", ("56281000146105", CONFIRMED))), dict.fromkeys(("rop_max", "rop_treated", "severe_rop"), Why.SECTION)),
    ("gesloten, iets anders aan de ogen, antwoord ja", child(rop_screening_closed=True, senses_problems_present=True,
     **problems("eyes", ("56281000146105", CONFIRMED))), {"rop_max": Why.NONE, "rop_treated": False, "severe_rop": False}),
    ("gesloten, problemen, en niet welke", child(rop_screening_closed=True, senses_problems_present=True),
     dict.fromkeys(("rop_max", "rop_treated", "severe_rop"), Why.NAME)),
    ("ROP 1, later gesloten en niet gezegd wat die vond", child(fu_rop_screening_done=True, fu_rop_screening_closed=True,
     **problems("eyes", ("408847006", CONFIRMED))), {"rop_max": 1, "severe_rop": Why.SECTION}),
    ("voldragen, niet gescreend", child("rop_screening_done", "rop_screening_closed", base=late_preterm()),
     dict.fromkeys(("rop_max", "rop_treated", "severe_rop"), Why.NOT_DUE)),
    ("32 weken en 1500 g, niet gescreend", child("rop_screening_done", "rop_screening_closed", gestational_age_days=224,
     birth_weight_g=1500), dict.fromkeys(("rop_max", "rop_treated", "severe_rop"), Why.NOT_DUE)),
    ("overleden voor de screening", DIED, dict.fromkeys(("rop_max", "rop_treated", "severe_rop"), Why.NOT_REACHED)),
    ("overleden op de verloskamer, ogen", ROOM, dict.fromkeys(("rop_max", "rop_treated", "severe_rop"), Why.NOT_REACHED)),
    ("ROP 3", child(**problems("eyes", ("408849009", CONFIRMED))), {"rop_max": 3, "severe_rop": True}),
    ("ROP 1, gesloten", child(rop_screening_closed=True, **problems("eyes", ("408847006", CONFIRMED))),
     {"rop_max": 1, "severe_rop": False, "rop_treated": False}),
    ("ROP 1, niet gesloten", child(**problems("eyes", ("408847006", CONFIRMED))), {"rop_max": 1, "severe_rop": Why.SCREENING}),
    ("ROP 1 en laser", child(senses_procedures=[{"senses_procedure_code": ["85231002"]}], **problems(
        "eyes", ("408847006", CONFIRMED))), {"severe_rop": True, "rop_treated": True}),
    ("ROP 2, injectie na ontslag", child(fu_senses_procedures=[{"fu_senses_procedure": "109061000146100"}], **problems(
        "eyes", ("408848001", CONFIRMED))), {"severe_rop": True, "rop_treated": True, "rop_max": 2}),
    ("agressief", child(**problems("eyes", ("115881000146103", CONFIRMED))), {"rop_max": Why.GRADE, "severe_rop": True}),
    ("ROP zonder stadium", child(rop_screening_closed=True, **problems("eyes", ("415297005", CONFIRMED))),
     {"rop_max": Why.GRADE, "severe_rop": Why.GRADE}),
    ("alleen plus disease", child(rop_screening_closed=True, **problems("eyes", ("56341000146109", CONFIRMED))),
     {"severe_rop": Why.GRADE}),
    ("ROP 3 zonder status", child(rop_screening_closed=True, **problems("eyes", ("408849009", None))),
     {"rop_max": Why.STATUS, "severe_rop": Why.STATUS}),
    ("ROP 4, status onbekend", child(rop_screening_closed=True, **problems("eyes", ("408850009", UNKNOWN))),
     {"rop_max": Why.STATUS, "severe_rop": Why.STATUS}),
    ("oogprobleem zonder naam", child(rop_screening_closed=True, **problems("eyes", (None, CONFIRMED))),
     {"rop_max": Why.NAME, "severe_rop": Why.NAME}),
    ("lege rij bij de ogen", child(rop_screening_closed=True, **problems("eyes", (None, None, {"id": "leeg"}))),
     {"rop_max": Why.NAME, "severe_rop": Why.NAME}),
    ("verrichting zonder naam", child(rop_screening_closed=True, senses_procedures=[{"id": "leeg"}]),
     {"rop_treated": Why.NAME}),
    ("verrichting na ontslag zonder naam", child(rop_screening_closed=True, fu_senses_procedures=[{"id": "leeg"}]),
     {"rop_treated": Why.NAME}),
    ("ROP 3 vermoed", child(rop_screening_closed=True, **problems("eyes", ("408849009", SUSPECTED))),
     {"severe_rop": (False, Why.SUSPECTED)}),
    ("ROP mogelijk", child(rop_screening_closed=True, **problems("eyes", ("415297005", POSSIBLE))),
     {"severe_rop": (False, Why.SUSPECTED)}),
    # ---- infection
    ("verdenking, bevestigd", child(infection_present=True, **problems("infection", ("9331000146100", CONFIRMED, LATE))),
     {"late_sepsis": (False, Why.SUSPECTED), "early_sepsis": False}),
    ("verdenking zonder status", child(infection_present=True, **problems("infection", ("9331000146100", None, EARLY))),
     {"early_sepsis": (False, Why.SUSPECTED), "late_sepsis": False}),
    ("sepsis op dag 3, zonder tijd", child(infection_present=True, **problems(
        "infection", ("10001005", CONFIRMED, {"infection_start": "2026-01-13"}))),
     {"early_sepsis": Why.ONSET, "late_sepsis": Why.ONSET}),
    ("sepsis zonder datum", child(infection_present=True, **problems("infection", ("7180009", CONFIRMED))),
     {"early_sepsis": Why.ONSET, "late_sepsis": Why.ONSET}),
    ("nog hier, geschreven op dag 2", child(base=HERE, created_at="2026-01-12T04:00:00"),
     dict.fromkeys(("late_sepsis", "early_sepsis"), Why.NOT_YET)),
    ("nog hier, geschreven op dag 1", child(base=HERE, created_at="2026-01-11T04:00:00"),
     dict.fromkeys(("late_sepsis", "early_sepsis"), Why.NOT_YET)),
    ("nog hier, geschreven op dag 4", child(base=HERE, created_at="2026-01-14T08:00:00"),
     dict.fromkeys(("late_sepsis", "early_sepsis"), False)),
    ("weg op dag 2, waarheen niet gezegd", child("discharge_destination", discharge_datetime="2026-01-12T04:00:00"),
     {"late_sepsis": Why.INPUT, "early_sepsis": False}),
    ("geen ontslag gestuurd, geen sepsis", child("discharge_datetime"), {"late_sepsis": Why.INPUT, "early_sepsis": False}),
    ("ontslag onbekend, late sepsis", child(discharge_datetime=UNKNOWN) | problems(
        "infection", ("206376005", CONFIRMED, LATE)), {"late_sepsis": True}),
    ("overleden voor 72 uur", DIED, {"late_sepsis": Why.NOT_REACHED, "early_sepsis": False}),
    ("overleden voor 72 uur, met vroege sepsis", child(base=DIED, infection_present=True, **problems(
        "infection", ("10001005", CONFIRMED, {"infection_start": "2026-02-04T10:00:00"}))),
     {"early_sepsis": True, "late_sepsis": Why.NOT_REACHED}),
    ("overleden voor 72 uur, sepsis zonder datum", child(base=DIED, infection_present=True, **problems(
        "infection", ("10001005", CONFIRMED))), {"late_sepsis": Why.NOT_REACHED}),
    ("vroege sepsis, en naar elders op dag 2", child(base=GONE, discharge_datetime="2026-01-12T04:00:00",
     infection_present=True, **problems("infection", ("10001005", CONFIRMED, {"infection_start": "2026-01-11T04:00:00"}))),
     {"early_sepsis": True, "late_sepsis": Why.ELSEWHERE}),
    ("overleden op de verloskamer, infectie", ROOM, {"late_sepsis": Why.NOT_REACHED}),
    ("naar elders op dag 2", child(base=GONE, discharge_datetime="2026-01-12T04:00:00"), {"late_sepsis": Why.ELSEWHERE}),
    ("naar elders op dag 1", child(base=GONE, discharge_datetime="2026-01-11T04:00:00"), {"late_sepsis": Why.ELSEWHERE}),
    # ---- lines
    ("een lijn van tien dagen", child(lines=[{"line_start": "2026-01-10T06:00:00", "line_end": "2026-01-19T12:00:00"}]),
     {"line_days": 10}),
    ("twee lijnen over elkaar, een open", child(lines=[{"line_start": "2026-03-20", "line_end": "2026-03-26"},
     {"line_start": "2026-03-25"}]), {"line_days": 9}),  # 20 to 28
    ("geen lijnen genoemd", BASE, {"line_days": Why.SECTION}),
    ("geen lijnen genoemd, elders", GONE, {"line_days": Why.SECTION}),
    ("lijn zonder begin", child(lines=[{"line_end": "2026-01-19T12:00:00"}]), {"line_days": Why.PERIOD}),
    ("lijn, einde onbekend", child(lines=[{"line_start": "2026-01-10", "line_end": UNKNOWN}]), {"line_days": Why.PERIOD}),
    ("lijn, opname?", child(admission_datetime=UNKNOWN, lines=[{"line_start": "2026-01-11"}]), {"line_days": Why.INPUT}),
    ("lijn, geen opname", child("admission_datetime", lines=[{"line_start": "2026-01-11"}]), {"line_days": Why.INPUT}),
    # ---- place
    ("hier geboren", BASE, {"outborn": False, "in_scope": True}),
    ("hier geboren, plaats onbekend", child("birth_place_type", birth_institution_ids=[INSTITUTION]), {"outborn": False}),
    ("elders geboren", child(birth_institution_ids=[OTHER_INSTITUTION]), {"outborn": True}),
    ("thuis geboren", child("birth_institution_ids", birth_place_type="169813005"), {"outborn": True}),
    ("ziekenhuis niet genoemd", child("birth_institution_ids"), {"outborn": Why.INPUT}),
    ("een nummer dat er geen is", child(birth_institution_ids=[(INSTITUTION[0], "234")]), {"outborn": Why.INPUT}),
    ("niet op de IC", child(intensive_care_admission=False), {"in_scope": False}),
    ("niet op de IC, indicatie onbekend", child(intensive_care_admission=False, admission_indication=[UNKNOWN]),
     {"in_scope": Why.INPUT}),
    ("niet op de IC, indicatie niet gestuurd", child("admission_indication", intensive_care_admission=False),
     {"in_scope": Why.INPUT}),
    ("na de NICU", child(intensive_care_admission=UNKNOWN, admission_indication=["29541000146109"]), {"in_scope": True}),
    ("IC onbekend", child(intensive_care_admission=UNKNOWN), {"in_scope": Why.INPUT}),
    ("IC niet gestuurd", child("intensive_care_admission"), {"in_scope": Why.INPUT}),
    ("thuis ontslagen", child(discharge_destination=HOME), {"week_36_follows": False, "day_28_follows": False}),
]  # fmt: skip
CHILDREN = MADE + BY_HAND


@pytest.mark.parametrize(("values", "expected"), [one[1:] for one in CHILDREN], ids=[one[0] for one in CHILDREN])
def test_a_child_worked_out_by_hand(values, expected):
    verdict = check(build(values), NOW, Alone())
    assert verdict.stay is not None, verdict.findings
    told = {name: (verdict.derived[name], verdict.why.get(name)) for name in expected}
    assert told == {name: pair(answer) for name, answer in expected.items()}
    for name, why in verdict.why.items():
        assert why in derivations()[name].reasons, (name, why)
    assert verdict.derived.keys() == derivations().keys()


def pair(answer):
    return (None, str(answer)) if isinstance(answer, Why) else answer if isinstance(answer, tuple) else (answer, None)


def test_every_value_and_every_reason_has_two_children():
    seen = Counter()
    for _, _, expected in CHILDREN:
        for name, answer in expected.items():
            value, why = pair(answer)
            seen[name, why] += 1
            seen[name, "told"] += value is not None
    wanted = {(one.value, why) for one in derivations().values() for why in ("told", *one.reasons)}
    assert {what: seen[what] for what in wanted if seen[what] < 2} == {}


def test_the_table_names_reasons_that_are_explained():
    assert {why for one in derivations().values() for why in one.reasons} == reasons().keys() == {str(why) for why in Why}


def test_the_documentation_is_the_table(client):
    for tongue, name in (("nl", ""), ("en", "en/")):
        page = client.get(f"/lnr/specificatie/{name}berekend").text
        for one in derivations().values():
            assert f'id="{one.value}"' in page
            for said in (getattr(one, f"{part}_{tongue}") for part in ("population", "moment", "rule")):
                assert said.replace("'", "&#39;") in page
