"""R-01 to R-57. A rule is data (rules.csv, sentences.csv) and a function here, in the file of its subject."""

from typing import TYPE_CHECKING

from models.lnr.message.validation_report import Finding, Severity
from models.lnr.message.xml_tree import Tree
from models.lnr.rules import complete, envelope, family, outcome, problems, times, values
from models.lnr.rules.registry import marked, report, severity

if TYPE_CHECKING:
    from models.lnr.rules.subject import RuleSubject

FUNCTIONS = marked(complete, envelope, family, outcome, problems, times, values)
FOR_WITHDRAWALS = {number: function for number, function in FUNCTIONS.items() if function.withdrawal}
MOST = 200  # a message with more is not repaired one by one; to say where a finding stands takes longer than to find it
WORST_FIRST = list(Severity)


def judge(case: "RuleSubject", tree: Tree) -> tuple[tuple[Finding, ...], int]:
    """(findings, how many more there are) of a valid message; of a withdrawal only what concerns the envelope.

    The findings are in the order of the rules. Everything is judged; of more than MOST the least severe are left out.
    """
    asked = FOR_WITHDRAWALS if case.header.action == "intrekking" else FUNCTIONS
    hits = [(number, hit) for number, function in asked.items() for hit in function(case)]
    worst = sorted(range(len(hits)), key=lambda place: WORST_FIRST.index(severity(*hits[place])))[:MOST]
    return tuple(report(*hits[place], tree) for place in sorted(worst)), len(hits) - len(worst)
