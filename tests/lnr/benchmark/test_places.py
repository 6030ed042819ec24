"""Where children made by hand stand in every indicator, with the reason; each answer follows from what differs in the child."""

from collections import defaultdict

import pytest

from models.lnr.benchmark.chain import Chain, End, Link
from models.lnr.benchmark.indicator import all_indicators, places
from models.lnr.benchmark.places.answer import INDICATORS, PLACES, SENTENCES, Reason
from models.lnr.dataset.definition import AGB, URA
from models.lnr.derived.derivation import derivations
from tests.lnr.benchmark.children import CONFIRMED, HERE, NICUS, NOT_NICU, SUSPECTED, THERE, died, moved, stay, where

UNKNOWN, OTHER = {"null": "UNK"}, {"code": "OTH", "text": "zeldzaam"}
# Away at 38+3, and not said whether alive.
FATE = {"said": {"deceased": UNKNOWN, "discharge_destination": None}, "derived": {"discharged_alive": None}}
OLD = {"gestation": 280, "said": {"birth_weight_g": 3400}}


def said(code, expected, *, also=(), **values):
    return pytest.param(code, stay(said=values, **dict(also)), expected, id=f"{code}: {values}")


def reckoned(code, expected, *, also=(), **values):
    return pytest.param(code, stay(derived=values, **dict(also)), expected, id=f"{code}: {values}")


def open_because(code, expected, **why):
    return pytest.param(code, stay(why=why), expected, id=f"{code}: {why}")


def hie(severity, status=CONFIRMED, *procedures):
    row = {"neuro_problem_code": "703300001", "neuro_problem_status": status, "encephalopathy_severity": severity}
    told = {name: value for name, value in row.items() if value}
    return {
        "neuro_problems_present": True,
        "neuro_problems": [told],
        "neuro_procedures": [{"neuro_procedure_code": code} for code in procedures],
    }


def infection(of_line, status=CONFIRMED, code="10001005"):
    told = {"infection_code": code, "infection_status": status, "line_sepsis": of_line}
    return {name: value for name, value in told.items() if value is not None}


def line(expected, *infections, id, **said):
    told = {"lines": [{}], "infections": list(infections)} | said
    return pytest.param("lijnsepsis", stay(said=told, derived={"line_days": 7}), expected, id=id)


CASES = [
    said("steroiden", "t0"),
    said("steroiden", "n0", antenatal_steroids_given=False),
    said("steroiden", "uNOT_ANSWERED", antenatal_steroids_given=None),
    said("steroiden", "uSAID_UNKNOWN", antenatal_steroids_given=UNKNOWN),
    said("steroiden", "t0", also={"gestation": 237}),
    said("steroiden", "bOTHER_AGE", also={"gestation": 238}),
    said("steroiden", "t0", also={"gestation": 161}),
    said("steroiden", "bOTHER_AGE", also={"gestation": 160}),
    said("steroiden-kuur", "t0"),
    said("steroiden-kuur", "n0", antenatal_steroids_course="255599008434601000124108"),
    said("steroiden-kuur", "uNOT_ANSWERED", antenatal_steroids_course=None),
    said("steroiden-kuur", "uSAID_UNKNOWN", antenatal_steroids_course=UNKNOWN),
    said("steroiden-kuur", "n0", antenatal_steroids_given=False, antenatal_steroids_course=None),
    said("steroiden-kuur", "uSAID_UNKNOWN", antenatal_steroids_given=UNKNOWN),
    said("magnesium", "t0"),
    said("magnesium", "n0", magnesium_sulphate=False),
    said("magnesium", "uSAID_UNKNOWN", magnesium_sulphate=UNKNOWN),
    said("magnesium", "bOTHER_AGE", also={"gestation": 210}),
    reckoned("geboren-in-nicu", "t0", also={"gestation": 188}),
    said("geboren-in-nicu", "bOTHER_AGE"),
    reckoned("geboren-in-nicu", "n0", also={"gestation": 188}, outborn=True),
    reckoned("geboren-in-nicu", "uBIRTH_PLACE", also={"gestation": 188}, outborn=None),
    pytest.param(
        "geboren-in-nicu",
        stay(gestation=188, said={"birth_institution_ids": [[AGB, "06990002"]]}, derived={"outborn": True}),
        "t0",
        id="born in another NICU",
    ),
    pytest.param(
        "geboren-in-nicu",
        stay(gestation=188, said={"birth_institution_ids": [[AGB, "06990077"]]}, derived={"outborn": True}),
        "n0",
        id="born in a hospital without a NICU",
    ),
    pytest.param(
        "geboren-in-nicu",
        stay(gestation=188, said={"birth_institution_ids": [[URA, "06990002"]]}, derived={"outborn": True}),
        "uBIRTH_PLACE",
        id="born in a hospital that is named by another number",
    ),
    said("afnavelen", "t0"),
    said("afnavelen", "n0", deferred_cord_clamping=False),
    said("afnavelen", "uNOT_ANSWERED", deferred_cord_clamping=None),
    reckoned("afnavelen", "bOUTBORN", outborn=True),
    reckoned("afnavelen", "uBIRTH_PLACE", outborn=None),
    said("temperatuur", "t0"),
    said("temperatuur", "n0", admission_temperature=36.4),
    said("temperatuur", "t0", admission_temperature=36.5),
    said("temperatuur", "t0", admission_temperature=37.5),
    said("temperatuur", "n0", admission_temperature=37.6),
    said("temperatuur", "t0", admission_temperature_at="2026-01-10T05:00:00Z"),
    said("temperatuur", "n0", admission_temperature_at="2026-01-10T05:01:00Z"),
    said("temperatuur", "uINPUT", admission_temperature_at="2026-01-10"),
    said("temperatuur", "uINPUT", admission_temperature_at=None),
    said("temperatuur", "uINPUT", admission_temperature_at="2026-01-10T03:59:00Z"),
    said("temperatuur", "uNOT_ANSWERED", admission_temperature=None),
    reckoned("temperatuur", "bOUTBORN", outborn=True),
    said("onderkoeld", "n0", admission_temperature=36.5),
    said("onderkoeld", "t0", admission_temperature=36.4),
    said("onderkoeld", "t0", admission_temperature=36.4, admission_temperature_at=None),
    said("onderkoeld", "uSAID_UNKNOWN", admission_temperature=UNKNOWN),
    said("antibiotica", "t0"),
    said("antibiotica", "n0", antibiotics_first_3_days=False),
    said("antibiotica", "uNOT_ANSWERED", antibiotics_first_3_days=None),
    said("surfactant", "t0"),
    said("surfactant", "n0", respiratory_medication=None),
    said("surfactant", "uNOT_ANSWERED", respiratory_medication=None, respiratory_problems_present=None),
    said("surfactant", "uSAID_UNKNOWN", respiratory_medication=[{"surfactant": UNKNOWN}]),
    said("rop-screening", "t0"),
    said("rop-screening", "n0", rop_screening_done=False, fu_rop_screening_done=False),
    said("rop-screening", "uAFTERWARDS", rop_screening_done=False),
    said("rop-screening", "uSAID_UNKNOWN", rop_screening_done=False, fu_rop_screening_done=UNKNOWN),
    said("rop-screening", "uNOT_ANSWERED", rop_screening_done=None, fu_rop_screening_done=False),
    said("rop-screening", "n0", also={"last": 27}, rop_screening_done=None, fu_rop_screening_done=False),
    said("rop-screening", "uNOT_ANSWERED", also={"last": 27}, rop_screening_done=None),
    pytest.param("rop-screening", died(40, said={"rop_screening_done": False}), "n0", id="died, not screened"),
    pytest.param("rop-screening", stay(last=None, said={"rop_screening_done": False}), "uNOT_YET", id="not screened yet"),
    said("rop-screening", "t0", rop_screening_done=False, fu_rop_screening_done=True),
    said("rop-screening", "uNOT_ANSWERED", rop_screening_done=None),
    reckoned("rop-screening", "bNOT_DUE", rop_at_risk=False),
    reckoned("rop-screening", "bDIED_BEFORE", lived_28_days=False),
    open_because("rop-screening", "uNOT_YET", lived_28_days="not_yet"),
    open_because("rop-screening", "uINPUT", rop_at_risk="input"),
    said("gehoorscreening", "t0"),
    said("gehoorscreening", "n0", aabr_done=False, fu_aabr_done=False),
    said("gehoorscreening", "uAFTERWARDS", aabr_done=False),
    said("gehoorscreening", "uSAID_UNKNOWN", aabr_done=False, fu_aabr_done=UNKNOWN),
    said("gehoorscreening", "uNOT_ANSWERED", aabr_done=None, fu_aabr_done=False),
    said("gehoorscreening", "t0", aabr_done=None, fu_aabr_done=True),
    said("gehoorscreening", "uNOT_ANSWERED", aabr_done=None),
    pytest.param("gehoorscreening", moved(), "bNOT_HOME", id="not home"),
    pytest.param("gehoorscreening", stay(**OLD), "t0", id="at term"),
    said("moedermelk", "t0"),
    said("moedermelk", "n0", feeding_at_discharge=["386127005"]),
    said("moedermelk", "t0", feeding_at_discharge=["386127005", "226789007"]),
    said("moedermelk", "uSAID_UNKNOWN", feeding_at_discharge=["UNK"]),
    said("moedermelk", "uSAID_UNKNOWN", feeding_at_discharge=["386127005", "UNK"]),
    said("moedermelk", "uSAID_UNKNOWN", feeding_at_discharge=["386127005", UNKNOWN]),
    said("moedermelk", "uNOT_ANSWERED", feeding_at_discharge=None),
    said("moedermelk", "uSAID_UNKNOWN", feeding_at_discharge=UNKNOWN),
    pytest.param("moedermelk", died(60), "bNOT_HOME", id="died"),
    pytest.param("sterfte", died(3), "t0", id="died"),
    pytest.param("sterfte", stay(), "n0", id="home"),
    pytest.param("sterfte", moved(last=20), "uCHAIN_OPEN", id="moved at 30+2"),
    pytest.param("sterfte", moved(last=65), "nCOUNTED_ALIVE", id="moved at 36+5"),
    pytest.param("sterfte", stay(last=None), "uNOT_YET", id="still there"),
    pytest.param("sterfte", stay(said={"discharge_destination": "L35-3"}), "n0", id="abroad"),
    pytest.param(
        "sterfte", stay(said={"deceased": True, "death_datetime": "2026-05-01T00:00:00Z"}), "n0", id="died after going home"
    ),
    pytest.param("sterfte", stay(**FATE), "uINPUT", id="not said whether alive"),
    pytest.param("sterfte-28-dagen", stay(**FATE), "uINPUT", id="28 days, not said whether alive"),
    pytest.param("sterfte-12-uur", stay(**FATE), "uINPUT", id="12 hours, not said whether alive"),
    pytest.param("bpd-of-overleden", stay(**FATE), "uINPUT", id="36 weeks, not said whether alive"),
    pytest.param("sterfte-28-dagen", died(27), "t0", id="died on day 27"),
    pytest.param("sterfte-28-dagen", died(28), "n0", id="died on day 28"),
    pytest.param("sterfte-28-dagen", died(9, said={"death_datetime": None}), "uINPUT", id="died, unknown when"),
    pytest.param("sterfte-28-dagen", moved(last=12), "uCHAIN_OPEN", id="moved on day 12"),
    pytest.param("sterfte-28-dagen", moved(last=29), "n0", id="moved on day 29"),
    pytest.param("sterfte-28-dagen", stay(last=None), "uNOT_YET", id="here on day 25"),
    pytest.param("sterfte-12-uur", stay(), "bALIVE", id="alive"),
    pytest.param("sterfte-12-uur", died(1), "n0", id="after a day"),
    pytest.param("sterfte-12-uur", died(0, said={"death_within_12h": True}), "t0", id="after hours"),
    pytest.param("sterfte-12-uur", died(0, said={"death_within_12h": None}), "uNOT_ANSWERED", id="not said"),
    reckoned("bpd", "n0"),
    reckoned("bpd", "t0", bpd_grade_jobe_bancalari=2),
    open_because("bpd", "uPERIOD", bpd_grade_jobe_bancalari="period"),
    pytest.param("bpd", died(20, why={"bpd_grade_jobe_bancalari": "not_reached"}), "bDIED_BEFORE", id="died before 36 weeks"),
    pytest.param("bpd", moved(why={"bpd_grade_jobe_bancalari": "elsewhere"}), "uCHAIN_OPEN", id="moved, no word since"),
    reckoned("bpd-jensen", "n0"),
    reckoned("bpd-jensen", "t0", bpd_grade_jensen=3),
    reckoned("bpd-jensen", "n0", bpd_grade_jensen=1),
    open_because("bpd-jensen", "uNOT_ANSWERED", bpd_grade_jensen="section"),
    reckoned("bpd-of-overleden", "n0"),
    reckoned("bpd-of-overleden", "t0", bpd_grade_jobe_bancalari=3),
    pytest.param(
        "bpd-of-overleden", died(20, why={"bpd_grade_jobe_bancalari": "not_reached"}), "t0", id="died before 36 weeks"
    ),
    open_because("bpd-of-overleden", "uPERIOD", bpd_grade_jobe_bancalari="period"),
    reckoned("ernstige-ivh", "n0"),
    reckoned("ernstige-ivh", "t0", severe_ivh=True),
    open_because("ernstige-ivh", "uSTATUS", severe_ivh="status"),
    open_because("ernstige-ivh", "uNAME", severe_ivh="name"),
    open_because("ernstige-ivh", "uCOMMITTEE", severe_ivh="committee"),
    pytest.param(
        "ernstige-ivh", stay(why={"severe_ivh": "suspected"}, derived={"severe_ivh": False}), "nSUSPECTED", id="suspected"
    ),
    reckoned("cysteuze-pvl", "n0"),
    reckoned("cysteuze-pvl", "t0", cystic_pvl=True),
    open_because("cysteuze-pvl", "uGRADE", cystic_pvl="grade"),
    reckoned("hersenletsel", "n0"),
    reckoned("hersenletsel", "t0", hydrocephalus=True),
    reckoned("hersenletsel", "t0", severe_ivh=True),
    open_because("hersenletsel", "uGRADE", cystic_pvl="grade"),
    pytest.param(
        "hersenletsel", stay(derived={"severe_ivh": True}, why={"cystic_pvl": "grade"}), "t0", id="one true, one unknown"
    ),
    reckoned("nec", "n0"),
    reckoned("nec", "t0", nec_bell="IIA"),
    open_because("nec", "uGRADE", nec_bell="grade"),
    open_because("nec", "uNOT_ANSWERED", nec_bell="section"),
    reckoned("nec-laparotomie", "n0"),
    pytest.param("nec-laparotomie", stay(derived={"nec_bell": "IIIB"}, said={"gi_problems_present": True}), "n0", id="NEC"),
    reckoned("nec-laparotomie", "uNOT_ANSWERED", nec_bell="IIIB"),
    pytest.param(
        "nec-laparotomie",
        moved(derived={"nec_bell": "IIA"}, said={"gi_problems_present": True}),
        "uCHAIN_OPEN",
        id="moved with NEC, no word since",
    ),
    open_because("nec-laparotomie", "uGRADE", nec_bell="grade"),
    pytest.param(
        "nec-laparotomie",
        stay(derived={"nec_bell": "IIIB"}, said={"gi_procedures": [{"gi_procedure_code": "86481000"}]}),
        "t0",
        id="laparotomy",
    ),
    pytest.param(
        "nec-laparotomie", stay(derived={"nec_bell": "IIIB"}, said={"gi_procedures": [{}]}), "uNAME", id="procedure, not which"
    ),
    reckoned("ernstige-rop", "n0"),
    reckoned("ernstige-rop", "t0", severe_rop=True),
    open_because("ernstige-rop", "uSCREENING", severe_rop="screening"),
    open_because("ernstige-rop", "bNOT_DUE", severe_rop="not_due"),
    reckoned("late-sepsis", "n0"),
    reckoned("late-sepsis", "t0", late_sepsis=True),
    open_because("late-sepsis", "uONSET", late_sepsis="onset"),
    pytest.param("late-sepsis", died(2, why={"late_sepsis": "not_reached"}), "bDIED_BEFORE", id="died on day 2"),
    reckoned("vroege-sepsis", "n0"),
    reckoned("vroege-sepsis", "t0", early_sepsis=True),
    open_because("vroege-sepsis", "uONSET", early_sepsis="onset"),
    reckoned("lijnsepsis", "bNO_LINE"),
    open_because("lijnsepsis", "bNO_LINE", line_days="section"),
    pytest.param("lijnsepsis", stay(said={"lines": [{}]}, why={"line_days": "period"}), "uPERIOD", id="line without a start"),
    line("n0", id="line without infection", infection_present=False),
    line("uNOT_ANSWERED", id="line, infections not asked"),
    line("uSAID_UNKNOWN", id="line, infections unknown", infection_present=UNKNOWN),
    line("uNOT_ANSWERED", id="line, an infection that is not there", infection_present=True),
    line("n0", infection(False), id="line, sepsis of something else"),
    line("n0", infection(None, code="233604007"), id="line, pneumonia", infection_present=True),
    line("uNOT_ANSWERED", infection(None, code="233604007"), id="line, pneumonia, infections not asked"),
    line(
        "uSAID_UNKNOWN", infection(None, code="233604007"), id="line, pneumonia, infections unknown", infection_present=UNKNOWN
    ),
    line("uNOT_ANSWERED", infection(None), id="line, sepsis and not said of what"),
    line("uNOT_ANSWERED", infection(UNKNOWN), id="line, sepsis of what is unknown"),
    line("uNAME", infection(None, code=None), id="line, infection without a name"),
    line("t0", infection(True), id="line sepsis"),
    line("t0", infection(True, code=None), id="line sepsis without a code"),
    line("uSTATUS", infection(True, status=None), id="line sepsis without a status"),
    line("uSTATUS", infection(True), infection(True, status=UNKNOWN), id="line sepsis, and one of which the status is unknown"),
    line("n0", infection(True, status="410516002"), id="line sepsis known absent"),
    *(
        line(expected, infection(None, "410516002", code), id=f"line, {name} known absent, {said}", infection_present=said)
        for name, code in (("an infection of an unknown kind", UNKNOWN), ("another infection", OTHER))
        for said, expected in ((True, "n0"), (None, "uNOT_ANSWERED"))
    ),
    line("nSUSPECTED", infection(True, status=SUSPECTED), id="suspected line sepsis"),
    line("nSUSPECTED", infection(True, code="9331000146100"), id="confirmed code of a suspicion"),
    line("t0", infection(True), infection(True, status=SUSPECTED), id="line sepsis and a suspected one"),
    reckoned("pneumothorax", "n0"),
    reckoned("pneumothorax", "t0", pneumothorax=True),
    open_because("pneumothorax", "uNOT_ANSWERED", pneumothorax="section"),
    pytest.param("koeling", stay(gestation=280, said=hie("24484000", CONFIRMED, "182660006")), "t0", id="cooled"),
    pytest.param("koeling", stay(gestation=280, said=hie("6736007")), "n0", id="not cooled"),
    pytest.param("koeling", stay(gestation=280, said=hie("255604002")), "bNO_HIE", id="mild"),
    pytest.param("koeling", stay(gestation=280, said=hie("6736007", SUSPECTED)), "bNO_HIE", id="suspected"),
    pytest.param("koeling", stay(gestation=280, said=hie(None)), "uGRADE", id="no severity"),
    pytest.param("koeling", stay(gestation=280, said=hie("6736007", None)), "uSTATUS", id="no status"),
    pytest.param("koeling", stay(gestation=280, said={"neuro_problems_present": None}), "uNOT_ANSWERED", id="not answered"),
    pytest.param("koeling", stay(gestation=280, said={"neuro_problems_present": True}), "uNAME", id="a problem, not which"),
    pytest.param(
        "koeling", stay(gestation=280, said={"neuro_problems": [{"neuro_problem_status": CONFIRMED}]}), "uNAME", id="no name"
    ),
    pytest.param(
        "koeling", stay(gestation=280, said={"neuro_problems": [{"neuro_problem_code": "87476004"}]}), "bNO_HIE", id="another"
    ),
    pytest.param(
        "koeling",
        stay(gestation=280, said={"neuro_problems_present": None, "neuro_problems": [{"neuro_problem_code": "87476004"}]}),
        "uNOT_ANSWERED",
        id="another, not answered",
    ),
    pytest.param(
        "koeling", stay(gestation=280, said=hie("6736007") | {"neuro_procedures": [{}]}), "uNAME", id="treated, not said how"
    ),
    pytest.param("koeling", stay(gestation=251), "bOTHER_AGE", id="35+6"),
    reckoned("overleving-zonder-complicatie", "t0"),
    reckoned("overleving-zonder-complicatie", "n0", late_sepsis=True),
    pytest.param("overleving-zonder-complicatie", died(3), "n0", id="died"),
    pytest.param("overleving-zonder-complicatie", moved(), "uCHAIN_OPEN", id="moved"),
    pytest.param("overleving-zonder-complicatie", stay(last=None), "uNOT_YET", id="still there"),
    pytest.param("overleving-zonder-complicatie", stay(said={"discharge_destination": "L35-3"}), "uELSEWHERE", id="abroad"),
    open_because("overleving-zonder-complicatie", "uSTATUS", severe_ivh="status"),
    reckoned("beademingsdagen", "t0"),
    reckoned("beademingsdagen", "bNOT_VENTILATED", invasive_days=0),
    open_because("beademingsdagen", "uPERIOD", invasive_days="period"),
    open_because("beademingsdagen", "bADMITTED", nicu_days="not_yet"),
    open_because("beademingsdagen", "uINPUT", nicu_days="input"),
    pytest.param(
        "beademingsdagen", stay(derived={"invasive_days": 0}, why={"nicu_days": "not_yet"}), "bNOT_VENTILATED", id="no"
    ),
    reckoned("opnameduur", "t0"),
    open_because("opnameduur", "bADMITTED", nicu_days="not_yet"),
    open_because("opnameduur", "uINPUT", nicu_days="input"),
    pytest.param("op-tijd", stay(), "t0", id="after five days"),
    pytest.param("op-tijd", stay(last=None), "bADMITTED", id="still there"),
    pytest.param("op-tijd", stay(last=0, accepted_at=stay(last=26).stay.first_at), "n0", id="after 31 days, refused before"),
    pytest.param("keten-bekend", stay(), "bNOT_MOVED", id="home"),
    pytest.param("keten-bekend", moved(), "n0", id="moved, no word"),
    pytest.param("keten-bekend", died(10), "bNOT_MOVED", id="died here"),
    pytest.param("keten-bekend", stay(said={"discharge_destination": None}), "uNOT_ANSWERED", id="not said whereto"),
    pytest.param("keten-bekend", stay(said={"discharge_destination": UNKNOWN}), "uSAID_UNKNOWN", id="unknown whereto"),
    pytest.param("open-fouten", stay(errors=2), "t0", id="two errors"),
    pytest.param("open-fouten", stay(), "n0", id="none"),
    # What holds for every indicator.
    pytest.param("surfactant", stay(hospital=NOT_NICU), "bNOT_NICU", id="no NICU"),
    pytest.param("ernstige-ivh", stay(hospital=NOT_NICU), "bNOT_NICU", id="no NICU, child"),
    pytest.param("surfactant", stay(intensive=False), "bNOT_INTENSIVE", id="not intensive"),
    pytest.param("surfactant", stay(intensive=None), "uINPUT", id="unknown whether"),
    pytest.param("bpd", stay(intensive=None), "uINPUT", id="unknown whether, child"),
    pytest.param("surfactant", stay(intensive=None, gestation=280), "bOTHER_AGE", id="unknown whether, at term"),
    pytest.param(
        "surfactant", stay(intensive=None, said={"death_in_delivery_room": True}), "bNOT_INTENSIVE", id="never admitted"
    ),
    reckoned("surfactant", "bOUT_OF_SCOPE", in_scope=False),
    reckoned("bpd", "bOUT_OF_SCOPE", in_scope=False),
    said("surfactant", "uAGE_UNKNOWN", also={"gestation": None}),
    said("bpd", "uAGE_UNKNOWN", also={"gestation": None}),
    said("surfactant", "bNO_AGE", also={"gestation": None}, birth_weight_g=1500),
    said("surfactant", "bNO_AGE", also={"gestation": None}, birth_weight_g=None),
    said("koeling", "bNO_AGE", also={"gestation": None}),
    reckoned("afnavelen", "bOUTBORN", also={"gestation": None}, outborn=True),
    pytest.param("bpd", stay(first=28, last=77), "bNO_FIRST", id="admitted on day 28"),
    pytest.param("bpd", stay(first=27, last=77), "n0", id="admitted on day 27"),
    pytest.param("temperatuur", stay(first=28), "bNO_FIRST", id="first stay on day 28"),
]


def in_words(found):
    return found if found[1] == "0" else found[0] + Reason(found[1]).name


@pytest.mark.parametrize("code, child, expected", CASES)
def test_a_child_with_one_stay(code, child, expected):
    assert in_words(where(code, child)) == expected


CHAINS = {
    "severe IVH seen in the second hospital counts for the first": (
        "ernstige-ivh",
        [moved(), stay(2, THERE, 20, derived={"severe_ivh": True})],
        ["t0", "xFIRST"],
    ),
    "a step-down ward that says nothing leaves no doubt": (
        "ernstige-ivh",
        [moved(), stay(2, NOT_NICU, 20, intensive=False, why={"severe_ivh": "section"})],
        ["n0", "xFIRST"],
    ),
    "a NICU that says nothing does": (
        "ernstige-ivh",
        [moved(), stay(2, THERE, 20, why={"severe_ivh": "section"})],
        ["uNOT_ANSWERED", "xFIRST"],
    ),
    "death in the second hospital counts for the first": (
        "sterfte",
        [
            moved(),
            stay(2, THERE, 20, 30, said={"deceased": True, "discharge_destination": None}, derived={"discharged_alive": False}),
        ],
        ["t0", "xFIRST"],
    ),
    "BPD by the hospital where the child was at 36 weeks": (
        "bpd",
        [
            moved(why={"bpd_grade_jobe_bancalari": "elsewhere"}),
            stay(2, NOT_NICU, 20, intensive=False, derived={"bpd_grade_jobe_bancalari": 2}),
        ],
        ["t0", "xFIRST"],
    ),
    "ROP closed elsewhere": (
        "ernstige-rop",
        [moved(last=33, why={"severe_rop": "screening"}), stay(2, NOT_NICU, 33, intensive=False)],
        ["n0", "xFIRST"],
    ),
    "ROP not closed, and nothing since": ("ernstige-rop", [moved(last=33, why={"severe_rop": "screening"})], ["uCHAIN_OPEN"]),
    "ROP screening done elsewhere": (
        "rop-screening",
        [moved(said={"rop_screening_done": False}), stay(2, THERE, 20)],
        ["t0", "xFIRST"],
    ),
    "ROP screening not done there, and not said of here": (
        "rop-screening",
        [moved(said={"rop_screening_done": False}), stay(2, THERE, 20, said={"rop_screening_done": None})],
        ["uNOT_ANSWERED", "xFIRST"],
    ),
    "hearing not tested there, and not said of here": (
        "gehoorscreening",
        [moved(said={"aabr_done": False}), stay(2, THERE, 20, said={"aabr_done": UNKNOWN})],
        ["uSAID_UNKNOWN", "xFIRST"],
    ),
    "ROP screening not done, and nothing since": (
        "rop-screening",
        [moved(said={"rop_screening_done": False})],
        ["uCHAIN_OPEN"],
    ),
    "ROP screening not done in either, nor afterwards": (
        "rop-screening",
        [
            moved(said={"rop_screening_done": False}),
            stay(2, THERE, 20, said={"rop_screening_done": False, "fu_rop_screening_done": False}),
        ],
        ["n0", "xFIRST"],
    ),
    "ROP screening not said of the weeks in which it was due": (
        "rop-screening",
        [
            moved(last=50, said={"rop_screening_done": None}),
            stay(2, THERE, 50, said={"rop_screening_done": False, "fu_rop_screening_done": False}),
        ],
        ["uNOT_ANSWERED", "xFIRST"],
    ),
    "hearing not tested there, and not said of before": (
        "gehoorscreening",
        [moved(), stay(2, THERE, 20, said={"aabr_done": False, "fu_aabr_done": False})],
        ["uNOT_ANSWERED", "xFIRST"],
    ),
    "NEC, and moved to where nothing is told of the bowel": (
        "nec-laparotomie",
        [moved(derived={"nec_bell": "IIIA"}, said={"gi_problems_present": True}), stay(2, THERE, 20)],
        ["uNOT_ANSWERED", "xFIRST"],
    ),
    "NEC, and operated where the child went": (
        "nec-laparotomie",
        [
            moved(derived={"nec_bell": "IIIA"}, said={"gi_problems_present": True}),
            stay(2, THERE, 20, said={"gi_procedures": [{"gi_procedure_code": "86481000"}]}),
        ],
        ["t0", "xFIRST"],
    ),
    "a second stay in the same hospital": ("bpd", [moved(), stay(2, HERE, 30)], ["n0", "bNOT_FIRST"]),
    "every stay of its own": ("surfactant", [moved(), stay(2, THERE, 20, said={"respiratory_medication": None})], ["t0", "n0"]),
    "a later stay of which it is unknown whether in intensive care is not the first": (
        "temperatuur",
        [moved(), stay(2, THERE, 20, intensive=None)],
        ["t0", "bNOT_FIRST"],
    ),
    "an earlier one may be": ("temperatuur", [moved(last=1, intensive=None), stay(2, THERE, 1)], ["uINPUT", "t0"]),
    "so may one of which it is unknown since when": (
        "temperatuur",
        [moved(), stay(2, THERE, 20, intensive=None, admitted=None)],
        ["t0", "uINPUT"],
    ),
    "every stay of its own, unknown whether": (
        "surfactant",
        [moved(), stay(2, THERE, 20, intensive=None)],
        ["t0", "uINPUT"],
    ),
    "temperature of the first stay alone": ("temperatuur", [moved(), stay(2, THERE, 20)], ["t0", "bNOT_FIRST"]),
    "breast milk by the last stay": (
        "moedermelk",
        [moved(), stay(2, THERE, 20, said={"feeding_at_discharge": ["386127005"]})],
        ["n0", "xFIRST"],
    ),
    "the chain is known": ("keten-bekend", [moved(), stay(2, THERE, 20)], ["t0", "xFIRST"]),
    "in two NICUs at the same moment: the lower number": ("bpd", [moved(), stay(2, THERE, 0)], ["n0", "xFIRST"]),
    "elsewhere by then, and the elsewhere tells": (
        "late-sepsis",
        [moved(last=2, why={"late_sepsis": "elsewhere"}), stay(2, THERE, 2)],
        ["n0", "xFIRST"],
    ),
    "elsewhere by then, and nothing since": ("late-sepsis", [moved(last=2, why={"late_sepsis": "elsewhere"})], ["uELSEWHERE"]),
}


@pytest.mark.parametrize("name", CHAINS)
def test_a_child_with_more_stays(name):
    code, stays, expected = CHAINS[name]
    found = [in_words(where(code, *stays, of=number)) for number in range(len(stays))]
    assert [one.replace("eFIRST_ELSEWHERE", "xFIRST") for one in found] == expected


class Noting(dict):
    """Derived values that note in `asked` which of them were asked for."""

    def __init__(self, told, asked):
        super().__init__(told)
        self.asked = asked

    def get(self, name, default=None):
        self.asked.add(name)
        return super().get(name, default)


def test_an_indicator_is_of_no_older_version_than_a_value_that_it_reads():
    """So that a value that changed breaks the trend of what is counted by it."""
    asked = defaultdict(set)
    children = [(case.values[0], [case.values[1]]) for case in CASES] + [(code, stays) for code, stays, _ in CHAINS.values()]
    for code, stays in children:
        where(code, *(Link(one.stay, one.record | {"derived": Noting(one.derived, asked[code])}) for one in stays))
    assert {"bpd_grade_jobe_bancalari", "severe_rop", "late_sepsis"} <= asked["overleving-zonder-complicatie"]
    values = derivations()
    older = [
        f"{one.code} {one.version}: {name} {values[name].version}"
        for one in all_indicators()
        for name in sorted(asked[one.code] - {"in_scope"})  # whatever its version, it holds of all that is in intensive care
        if one.version < values[name].version
    ]
    assert older == []


def test_a_stay_before_the_first_nicu_stay_is_no_part_of_the_chain():
    before, first = stay(1, NOT_NICU, 0, 1, intensive=False), stay(2, HERE, 1)
    chain = Chain([first, before])
    assert chain.first is first and chain.following == [first] and chain.end == End.THUIS


def test_every_stay_has_one_place_in_every_indicator():
    link = stay()
    row = places(Chain([link], NICUS), link)
    assert len(row) == 2 * 55
    used = {one.number for one in all_indicators()}
    for number in range(55):
        letter = row[2 * number]
        assert (letter in PLACES) == (number in used), number


def test_the_tables_agree_with_the_functions():
    assert {one.code for one in all_indicators()} == INDICATORS.keys()
    assert len({one.number for one in all_indicators()}) == len(all_indicators())
    for letter, row in SENTENCES.items():
        assert len(letter) == 1 and (
            letter == "0" or (row["nl"].endswith(".") and row["en"].endswith(".") and row["place"] in PLACES)
        )
    told = {case.values[2][1:] for case in CASES} | {end[1:] for _, _, ends in CHAINS.values() for end in ends}
    assert {reason.name for reason in Reason} - told == {"PLAIN", "FIRST_ELSEWHERE"}
    for one in all_indicators():
        letters = [case.values[2][0] for case in CASES if case.values[0] == one.code]
        assert len(letters) >= 2, one.code
