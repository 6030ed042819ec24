"""R-01 to R-50. A rule is data (rules.csv, sentences.csv) and a function here, in the file of its subject."""

from itertools import islice

from models.lnr.rules import complete, envelope, family, outcome, problems, times, values  # noqa: F401  they register
from models.lnr.rules.case import Case
from models.lnr.rules.registry import FOR_WITHDRAWALS, FUNCTIONS, report

MOST = 200  # a message with more is not repaired one by one


def judge(stay, header, now, context):
    """The findings on a valid message, in the order of the rules; on a withdrawal only what concerns the envelope."""
    case = Case(stay, header, now, context)
    asked = FOR_WITHDRAWALS if header.action == "intrekking" else FUNCTIONS
    found = (report(number, hit) for number in sorted(asked) for hit in FUNCTIONS[number](case))
    return tuple(islice(found, MOST))
