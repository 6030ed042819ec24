"""Derived values of children made by hand; each answer is worked out beside it."""

from datetime import datetime

import pytest

from models.lnr.message.message_writer import build
from models.lnr.message.validation import check
from models.lnr.message.validation_context import Alone
from models.lnr.specification.examples import CONFIRMED, INSTITUTION, OTHER_INSTITUTION, late_preterm, preterm, without

NOW = datetime(2026, 6, 1)
IPPV, HFO, CPAP, NIV, HIGH_FLOW = "408853006", "243155002", "47545007", "428311008", "57485005:424226004=426854004"
OXYGEN, CANNULA, ECMO = "57485005", "371907003", "233573008"
SUSPECTED = "415684004"


def derived(values, context=None):
    verdict = check(build(values), NOW, context or Alone())
    assert verdict.stay is not None, verdict.findings
    return verdict.derived


def support(*periods):
    """Periods of respiratory support (code, first, last)."""
    names = ("respiratory_support_type", "respiratory_support_start", "respiratory_support_end")
    return {"respiratory_supports": [dict(zip(names, period, strict=False)) for period in periods]}


def problem(group, name, *codes, status=CONFIRMED):
    status_name = name.replace("_code", "_status")
    return {group: [{name: code, status_name: status} for code in codes]}


@pytest.mark.parametrize(("days", "said"), [(179, "25+4"), (245, "35+0"), (160, "22+6")])
def test_gestational_age_is_told_in_weeks_and_days(days, said):
    told = derived(preterm("x", gestational_age_days=days))
    assert told["gestational_age"] == said and 7 * told["ga_weeks"] + told["ga_days"] == days


def test_the_day_of_discharge_does_not_count_as_a_day_of_stay():
    # January 10 to March 28: 21 days left of January, 28 of February, 28 of March.
    assert derived(preterm("x"))["nicu_days"] == 77
    same_day = late_preterm(discharge_datetime="2026-03-02T20:00:00")
    assert derived(same_day)["nicu_days"] == 1


def test_the_stay_counts_by_dutch_days_whatever_the_offset():
    # 23:30 UTC on March 2 is 00:30 on March 3 in the Netherlands: one day until March 4.
    values = late_preterm(admission_datetime="2026-03-02T23:30:00Z", discharge_datetime="2026-03-04T10:00:00")
    assert derived(values)["nicu_days"] == 1


def test_the_age_of_the_mother_is_in_whole_years():
    assert derived(preterm("x"))["mother_age"] == 32  # born July 1993, January 2026: not yet 33
    assert derived(preterm("x", mother_birth_date="1993-01-10"))["mother_age"] == 33


def test_age_at_admission_is_in_minutes_when_both_times_are_known():
    assert derived(preterm("x"))["age_at_admission_minutes"] == 28  # 04:12 to 04:40
    assert derived(preterm("x", admission_datetime="2026-01-10"))["age_at_admission_minutes"] is None


def test_days_of_support_are_calendar_days_that_count_once():
    told = derived(
        preterm("x")
        | support(
            (IPPV, "2026-01-10T05:00:00", "2026-01-12T06:00:00"),  # 10, 11, 12
            (HFO, "2026-01-12T06:00:00", "2026-01-13"),  # 12 again, 13
            (CPAP, "2026-01-13", "2026-01-15"),  # 13, 14, 15
            (NIV, "2026-01-14", "2026-01-14"),  # within the one before
            (HIGH_FLOW, "2026-01-20", "2026-01-20"),  # 20
            (CANNULA, "2026-01-21", "2026-01-23"),  # 21, 22, 23
            (ECMO, "2026-01-11", "2026-01-11"),  # of no class
        )
    )
    assert (told["invasive_days"], told["noninvasive_days"], told["oxygen_days"]) == (4, 4, 3)


def test_a_period_without_an_end_goes_on_until_discharge():
    told = derived(preterm("x") | support((CPAP, "2026-03-25")))
    assert told["noninvasive_days"] == 4  # 25, 26, 27, 28


def test_support_at_28_days_and_36_weeks_is_the_strongest_of_that_day():
    # Born January 10 at 27+3 (192 days): day 28 is February 7; 36 weeks is 60 days after birth, March 11.
    told = derived(
        preterm("x")
        | support(
            (CANNULA, "2026-02-01", "2026-02-10"), (CPAP, "2026-02-07", "2026-02-07"), (OXYGEN, "2026-03-11", "2026-03-12")
        )
    )
    assert (told["support_at_28d"], told["support_at_36w"]) == ("noninvasive", "oxygen")
    told = derived(preterm("x") | support((CANNULA, "2026-02-08", "2026-03-10")))
    assert (told["support_at_28d"], told["support_at_36w"]) == ("none", "none")


NO_PERIOD = {"respiratory_support_type": CPAP}
ALL_STAY = ("2026-01-10", "2026-03-28")


@pytest.mark.parametrize(("changed", "at_28d", "at_36w"), [
    ({}, None, None),                                                                  # given, and nothing about what and when
    ({"respiratory_support_given": {"null": "UNK"}}, None, None),
    ({"respiratory_support_given": False}, "none", "none"),
    ({"respiratory_supports": [NO_PERIOD]}, None, None),                               # CPAP, any day
    ({"respiratory_supports": [NO_PERIOD | {"respiratory_support_end": "2026-02-20"}]}, None, "none"),  # over before March 11
    ({"respiratory_supports": [{"respiratory_support_start": "2026-02-20"}]}, "none", None),     # something, after February 7
    (support((ECMO, *ALL_STAY)), None, None),                                          # what beside it?
    (support((ECMO, *ALL_STAY), (IPPV, "2026-02-01", "2026-02-10")), "invasive", None),
    ({"respiratory_supports": [NO_PERIOD, *support((IPPV, *ALL_STAY))["respiratory_supports"]]}, "invasive", "invasive"),
    ({"respiratory_supports": [NO_PERIOD, *support((OXYGEN, *ALL_STAY))["respiratory_supports"]]}, None, None),
    (support((OXYGEN, "2026-02-01", {"null": "UNK"})), None, None),                    # until when?
])  # fmt: skip
def test_support_that_is_told_by_halves_is_not_known(changed, at_28d, at_36w):
    # Day 28 is February 7, 36 weeks is March 11, as above.
    told = derived(without(preterm("x"), "respiratory_supports", "oxygen_day_28") | changed)
    assert (told["support_at_28d"], told["support_at_36w"]) == (at_28d, at_36w)
    if at_36w is None:
        assert told["bpd_grade_jensen"] is told["bpd_grade_jobe_bancalari"] is None


def test_days_of_support_are_not_known_without_an_answer_or_with_half_of_one():
    silent = without(preterm("x"), "respiratory_supports", "respiratory_support_given")

    def days(**changed):
        told = derived(silent | changed)
        return told["invasive_days"], told["noninvasive_days"], told["oxygen_days"]

    assert days() == days(respiratory_support_given=True) == (None, None, None)
    assert days(respiratory_support_given=False) == (0, 0, 0)
    assert days(respiratory_supports=[NO_PERIOD]) == (None, None, None)
    assert days(respiratory_supports=[NO_PERIOD], respiratory_support_given=True) == (0, None, 0)
    assert days(respiratory_supports=[{"respiratory_support_start": "2026-01-10"}]) == (None, None, None)


def test_support_on_a_day_outside_the_stay_is_not_known():
    told = derived(preterm("x", discharge_datetime="2026-02-06T12:00:00"))
    assert (told["support_at_28d"], told["support_at_36w"]) == (None, None)


@pytest.mark.parametrize(("changed", "grade"), [
    ({"oxygen_day_28": False} | support((IPPV, "2026-01-10", "2026-01-12")), 0),
    ({"oxygen_day_28": True} | support((CPAP, "2026-01-10", "2026-02-20")), 1),            # nothing at 36 weeks
    ({"oxygen_day_28": True} | support((CANNULA, "2026-01-10", "2026-03-20")), 2),         # oxygen at 36 weeks
    ({"oxygen_day_28": True} | support((CPAP, "2026-01-10", "2026-03-20")), 3),            # pressure at 36 weeks
    (support((OXYGEN, "2026-01-10", "2026-02-06"), (CPAP, "2026-03-11", "2026-03-11")), 3),  # 22+6 = 28 days of oxygen
])  # fmt: skip
def test_bpd_by_jobe_and_bancalari(changed, grade):
    values = without(preterm("x"), "oxygen_day_28", "respiratory_supports") | changed
    assert derived(values)["bpd_grade_jobe_bancalari"] == grade


def test_without_28_days_of_oxygen_or_an_answer_bpd_by_jobe_is_not_known():
    values = without(preterm("x"), "oxygen_day_28") | support((OXYGEN, "2026-01-10", "2026-02-05"))  # 27 days
    assert derived(values)["bpd_grade_jobe_bancalari"] is None


@pytest.mark.parametrize(("support_then", "at_home", "grade"), [
    ((), [], 1),                                             # 28 days of oxygen, home without: mild
    (((CANNULA, "2026-02-21", "2026-03-10"),), [], 2),       # still on it
    ((), ["57485005"], 2),                                   # goes home with oxygen
    (((CPAP, "2026-03-05", "2026-03-10"),), [], 3),
])  # fmt: skip
def test_bpd_by_jobe_of_who_goes_home_before_36_weeks_is_graded_that_day(support_then, at_home, grade):
    # 36 weeks is March 11; home at 35+6, March 10. January 20 to February 16 is 12 + 16 = 28 days of oxygen.
    values = without(preterm("x"), "oxygen_day_28") | {"discharge_datetime": "2026-03-10T11:00:00", "home_support": at_home}
    told = derived(values | support((OXYGEN, "2026-01-20", "2026-02-16"), *support_then))
    assert (told["bpd_grade_jobe_bancalari"], told["bpd_grade_jensen"]) == (grade, None)
    moved = derived(values | support((OXYGEN, "2026-01-20", "2026-02-16")) | {"discharge_destination": "115851000146108"})
    assert moved["bpd_grade_jobe_bancalari"] is None  # in the other hospital it may have been anything


@pytest.mark.parametrize(("said", "grade"), [("geen", 0), ("lage-flow", 1), ("neusbril", 2), ("hoge-flow", 2), ("cpap", 2),
                                              ("invasief", 3)])  # fmt: skip
def test_bpd_by_jensen_goes_by_what_was_sent_about_36_weeks(said, grade):
    assert derived(preterm("x", support_36w=said))["bpd_grade_jensen"] == grade


def test_the_grade_that_was_sent_stands_beside_and_only_confirmed_counts():
    bpd2 = "22031000146100"
    assert derived(preterm("x") | problem("respiratory_problems", "respiratory_problem_code", bpd2))["bpd_grade_reported"] == 2
    suspected = problem("respiratory_problems", "respiratory_problem_code", bpd2, status=SUSPECTED)
    assert derived(preterm("x") | suspected)["bpd_grade_reported"] is None
    assert derived(preterm("x", fu_bpd_grade="22041000146108"))["bpd_grade_reported"] == 3


@pytest.mark.parametrize(("codes", "highest", "severe"), [
    (("206395003", "206397006"), 3, True), (("206396002",), 2, False), (("722580004",), 4, True), (("87476004",), 0, False),
    (("23276006",), None, None),  # a bleeding without a grade
])  # fmt: skip
def test_the_highest_grade_of_ivh_counts(codes, highest, severe):
    told = derived(preterm("x", neuro_problems_present=True) | problem("neuro_problems", "neuro_problem_code", *codes))
    assert (told["ivh_max"], told["severe_ivh"]) == (highest, severe)


def test_without_an_answer_about_the_brain_ivh_is_not_known():
    assert derived(without(preterm("x"), "neuro_problems_present"))["ivh_max"] is None


@pytest.mark.parametrize(("codes", "nec", "stage"), [
    (("2707005",), True, None), (("788988003", "788990002"), True, "IIIA"), (("33688009",), False, None),
])  # fmt: skip
def test_nec_and_its_highest_stage(codes, nec, stage):
    told = derived(preterm("x", gi_problems_present=True) | problem("gi_problems", "gi_problem_code", *codes))
    assert (told["nec"], told["nec_bell"]) == (nec, stage)


@pytest.mark.parametrize(("codes", "highest", "severe"), [
    (("408847006",), 1, False), (("408848001", "408849009"), 3, True), (("115871000146100",), 4, True),
    (("115881000146103",), None, True),  # aggressive posterior, without a stage
])  # fmt: skip
def test_the_highest_stage_of_rop_counts(codes, highest, severe):
    seen = preterm("x", senses_problems_present=True, rop_screening_closed=True)
    told = derived(seen | problem("senses_problems", "senses_problem_code", *codes))
    assert (told["rop_max"], told["severe_rop"], told["rop_treated"]) == (highest, severe, False)


@pytest.mark.parametrize(("changed", "severe"), [
    ({"rop_screening_done": False}, None),                   # nobody looked
    ({"rop_screening_done": {"null": "UNK"}}, None),
    ({"rop_screening_done": True}, None),                    # begun: it may still come
    ({"rop_screening_done": True, "rop_screening_closed": True}, False),
    ({"rop_screening_done": False, "fu_rop_screening_done": True}, None),
    ({"rop_screening_done": False, "fu_rop_screening_done": True, "fu_rop_screening_closed": True}, None),  # and found what?
    ({"rop_screening_done": False, "fu_rop_screening_done": True, "fu_rop_screening_closed": True, "fu_senses_present": False},
     False),
    ({"rop_screening_done": True} | problem("senses_problems", "senses_problem_code", "415297005"), None),  # which stage?
])  # fmt: skip
def test_without_screening_or_stage_rop_is_not_known(changed, severe):
    told = derived(without(preterm("x"), "rop_screening_closed") | changed)
    assert (told["rop_max"], told["severe_rop"]) == (None, severe)


def test_risk_of_rop_is_by_age_or_weight_and_unknown_without_what_decides():
    def risk(**changed):
        return derived(preterm("x", **changed))["rop_at_risk"]

    unknown = {"null": "UNK"}
    assert (
        risk(gestational_age_days=223, birth_weight_g=1600) is risk(gestational_age_days=unknown, birth_weight_g=1499) is True
    )
    assert risk(gestational_age_days=224, birth_weight_g=1500) is False
    assert risk(gestational_age_days=224, birth_weight_g=unknown) is None


def test_treated_rop_is_severe_whatever_its_stage_also_after_discharge():
    stage_2 = problem("fu_senses_problems", "fu_senses_code", "408848001")
    told = derived(preterm("x", fu_senses_procedures=[{"fu_senses_procedure": "109061000146100"}]) | stage_2)
    assert (told["rop_max"], told["severe_rop"], told["rop_treated"]) == (2, True, True)


@pytest.mark.parametrize(("start", "sent", "early", "late"), [
    ("2026-01-13T04:00:00", None, True, False),          # 71:48 after birth
    ("2026-01-13T04:30:00", None, False, True),          # 72:18 after birth
    ("2026-01-13", None, None, None),                    # a sepsis, but before or after 72 hours is not known
    (None, None, None, None),                            # a sepsis, of which nothing says when
    ("2026-01-20", None, False, True),
    ("2026-01-20", "303114002", True, False),            # what was sent goes before the date
])  # fmt: skip
def test_onset_of_sepsis_as_sent_or_by_72_hours(start, sent, early, late):
    row = {"infection_code": "10001005", "infection_status": CONFIRMED}
    row |= ({"sepsis_onset": sent} if sent else {}) | ({"infection_start": start} if start else {})
    told = derived(preterm("x", infection_present=True, infections=[row]))
    assert (told["early_sepsis"], told["late_sepsis"]) == (early, late)


def test_a_sepsis_of_unknown_onset_leaves_the_other_onset_open_only():
    rows = [
        {"infection_code": "10001005", "infection_status": CONFIRMED, **more}
        for more in ({}, {"infection_start": "2026-01-20"})
    ]
    told = derived(preterm("x", infection_present=True, infections=rows))
    assert (told["early_sepsis"], told["late_sepsis"]) == (None, True)  # the second one is late, the first may be early


def test_a_suspected_sepsis_and_a_pneumonia_are_no_sepsis():
    rows = [
        {"infection_code": "10001005", "infection_start": "2026-01-20", "infection_status": SUSPECTED},
        {"infection_code": "233604007", "infection_start": "2026-01-20", "infection_status": CONFIRMED},
    ]
    told = derived(preterm("x", infection_present=True, infections=rows))
    assert (told["early_sepsis"], told["late_sepsis"]) == (False, False)


@pytest.mark.parametrize(("changed", "outborn"), [
    ({"birth_institution_ids": [INSTITUTION]}, False),
    ({"birth_institution_ids": [OTHER_INSTITUTION]}, True),
    ({"birth_place_type": "169813005"}, True),  # at home
])  # fmt: skip
def test_outborn_is_born_elsewhere(changed, outborn):
    assert derived(preterm("x") | changed)["outborn"] is outborn


def test_in_scope_is_intensive_care_now_or_before():
    class Before(Alone):
        def was_in_nicu(self, child, *_):
            return child == ("", "VB-2002")

    assert derived(preterm("x"))["in_scope"] is True
    assert derived(preterm("x", intensive_care_admission=False))["in_scope"] is False
    assert derived(preterm("x", intensive_care_admission=False), Before())["in_scope"] is True
    assert derived(preterm("x", intensive_care_admission=False, admission_indication=["29541000146109"]))["in_scope"] is True


def test_whoever_left_and_died_later_was_discharged_alive():
    died = {"deceased": True, "death_datetime": "2026-04-02T10:00:00"}
    assert derived(preterm("x") | died)["discharged_alive"] is True
    assert derived(preterm("x") | died | {"discharge_datetime": "2026-04-02T10:00:00"})["discharged_alive"] is False
    assert derived(without(preterm("x", still_admitted=True), "discharge_datetime"))["discharged_alive"] is None
