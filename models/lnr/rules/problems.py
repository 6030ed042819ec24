"""Problems, procedures, and the yes or no above them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from models.lnr.message.message_reader import Scope
from models.lnr.rules.registry import Hit, rule

if TYPE_CHECKING:
    from models.lnr.rules.subject import RuleSubject

# yes or no -> problems, procedures that belong to the answer
ANSWERS = {
    "pregnancy_complications_present": ("pregnancy_complications",),
    "birth_trauma_present": ("birth_traumas",),
    "respiratory_problems_present": ("respiratory_problems", "respiratory_procedures"),
    "circulatory_problems_present": ("circulatory_problems", "circulatory_procedures"),
    "infection_present": ("infections",),
    "gi_problems_present": ("gi_problems", "gi_procedures"),
    "haematology_problems_present": ("haematology_problems",),
    "metabolic_problems_present": ("metabolic_problems", "metabolic_procedures"),
    "neuro_problems_present": ("neuro_problems", "neuro_procedures"),
    "senses_problems_present": ("senses_problems", "senses_procedures"),
    "congenital_present": ("congenital_anomalies", "inborn_metabolic", "surgeries"),
    "fu_senses_present": ("fu_senses_problems", "fu_senses_procedures"),
}
EYES = ("senses_problems", "fu_senses_problems")
OF_SEPSIS = ("sepsis_organism", "line_sepsis", "sepsis_onset")
SEPSIS = {"sepsis", "meningitis"}
BPD = {"bpd1", "bpd2", "bpd3"}
AFTER_TEST = (
    ("rop_screening_closed", "rop_screening_done"), ("aabr_abnormal", "aabr_done"), ("bera_abnormal", "bera_done"),
    ("bera_laterality", "bera_abnormal"), ("fu_rop_screening_closed", "fu_rop_screening_done"),
    ("fu_aabr_abnormal", "fu_aabr_done"), ("fu_bera_abnormal", "fu_bera_done"), ("fu_bera_laterality", "fu_bera_abnormal"),
)  # fmt: skip


@rule("R-21")
def answers(case: "RuleSubject") -> "Iterator[Hit]":
    for name, groups in ANSWERS.items():
        rows = [row for group in groups for row in case.stay.each(group)]
        if case.stay.one(name) is True and not rows:
            yield case.hit(name, "none")
        elif case.stay.one(name) is False and any(map(_contradicts, rows)):
            yield case.hit(name, "some")


def _contradicts(row: Scope) -> bool:
    """Not what was looked for and is absent, nor what every child gets: an ultrasound, parenteral feeding."""
    words = {word for values in row.values.values() for value in values if value.known for word in value.known.meaning}
    return bool(row.values) and not words & {"absent", "routine"}


@rule("R-22")
def status(case: Any) -> "Iterator[Hit]":
    for item in case.of.by_rule["R-22"]:
        for row in case.rows_of(item):
            if case.lacks(item.name, row) and not case.lacks(item.condition.item, row):
                yield case.hit(item.name, "", row, group=(row.group.nl.lower(), row.group.en.lower()))


@rule("R-24")
def support(case: "RuleSubject") -> "Iterator[Hit]":
    given, rows = case.stay.one("respiratory_support_given"), case.stay.each("respiratory_supports")
    if given is True and not rows:
        yield case.hit("respiratory_support_given", "none")
    if given is not True and rows:
        yield case.hit("respiratory_support_given", "some")


@rule("R-27")
def one_grade(case: "RuleSubject") -> "Iterator[Hit]":
    for variant, group, name, words, most in (
        ("ivh", "neuro_problems", "neuro_problem", {"ivh"}, 1),
        ("nec", "gi_problems", "gi_problem", {"nec"}, 1),
        ("bpd", "respiratory_problems", "respiratory_problem", BPD, 1),
        ("rop", "fu_senses_problems", "fu_senses", {"rop"}, 2),  # of a stay the schema allows one for each eye
    ):
        there = [row for row in case.stay.each(group) if "absent" not in row.means(f"{name}_status")]
        for row in [row for row in there if row.means(f"{name}_code") & words][most : most + 1]:
            yield Hit(row.node, variant)


@rule("R-28")
def details_of_infection(case: "RuleSubject") -> "Iterator[Hit]":
    for row in case.stay.each("infections"):
        if row.one("infection_code") is None:  # which may be any
            continue
        kind = row.means("infection_code")
        if not kind & SEPSIS:
            yield from (case.hit(name, "sepsis", row) for name in OF_SEPSIS if not case.lacks(name, row))
        if "congenital" not in kind and not case.lacks("congenital_infection_organism", row):
            yield case.hit("congenital_infection_organism", "congenital", row)


@rule("R-31")
def result_of_test(case: "RuleSubject") -> "Iterator[Hit]":
    for name, other in AFTER_TEST:
        if case.stay.one(name) is not None and case.stay.one(other) is not True:
            yield case.hit(name, other=case.items[other])


@rule("R-32")
def rop_screening(case: "RuleSubject") -> "Iterator[Hit]":
    answered = not (case.lacks("rop_screening_done") and case.lacks("fu_rop_screening_done"))
    if case.derived["rop_at_risk"] and case.derived["lived_28_days"] and not answered:
        yield case.hit("rop_screening_done")


@rule("R-39")
def references(case: "RuleSubject") -> "Iterator[Hit]":
    rows = [row for rows in case.stay.rows.values() for row in rows]
    marked = [(mark, row) for row in rows if (mark := row.node.get("id")) is not None]
    seen = set()
    for mark, row in marked:
        if mark in seen:
            yield Hit(row.node, "double")
        seen.add(mark)
    problems = {
        mark for mark, row in marked if any(value.item.asked_by == "R-21" for found in row.values.values() for value in found)
    }
    for value in case.values:
        if value.item.type == "verwijzing" and value.value is not None and value.value not in problems:
            yield case.hit_at(value, "unknown")


@rule("R-56")
def bpd_agrees(case: "RuleSubject") -> "Iterator[Hit]":
    rows = case.stay.each("respiratory_problems")
    confirmed = [
        row
        for row in rows
        if "bpd" in row.means("respiratory_problem_code") and "confirmed" in row.means("respiratory_problem_status")
    ]
    if confirmed and case.stay.one("oxygen_day_28") is False:
        yield case.hit("oxygen_day_28", "oxygen")
    elif (reported := case.derived["bpd_grade_reported"]) and case.derived["bpd_grade_jobe_bancalari"] == 0:
        where = "respiratory_problem_code" if confirmed else "fu_bpd_grade"
        yield case.hit(where, "grade", confirmed[0] if confirmed else None, reported=reported)
