"""How much of what belongs in this case is there."""

from models.lnr.rules.registry import rule

SHARE = 0.2


@rule("R-43")
def share_of_unknown(case):
    answers = [value for value in case.values if value.item.conformance == "R" and value.item.section != "A"]
    unknown = sum(value.null is not None for value in answers)
    if answers and unknown > SHARE * len(answers):
        yield case.hit("gestational_age_days", share=round(100 * unknown / len(answers)))


@rule("R-49")
def expected(case):
    for item in case.of.by_rule["R-49"]:
        for scope in case.rows_of(item):
            if case.lacks(item.name, scope) and (item.condition is None or case.holds(item.condition, scope)):
                yield case.hit(item.name, "", scope)
