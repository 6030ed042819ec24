"""R-01 to R-50. A rule is data (rules.csv, sentences.csv) and a function here, in the file of its subject."""

from itertools import islice

from models.lnr.rules import complete, envelope, family, outcome, problems, times, values  # noqa: F401  they register
from models.lnr.rules.registry import FOR_WITHDRAWALS, FUNCTIONS, report

IN_ORDER = sorted(FUNCTIONS)
MOST = 200  # a message with more is not repaired one by one


def judge(case, tree):
    """The findings on a valid message, in the order of the rules; on a withdrawal only what concerns the envelope."""
    asked = FOR_WITHDRAWALS if case.header.action == "intrekking" else IN_ORDER
    found = (report(number, hit, tree) for number in sorted(asked) for hit in FUNCTIONS[number](case))
    return tuple(islice(found, MOST))
