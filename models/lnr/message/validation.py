"""The one way to judge a message, for every route (N9). It never raises, whatever the bytes are."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from models.lnr import rules
from models.lnr.dataset import xsd
from models.lnr.message import message_reader
from models.lnr.message.header import identity, read_header
from models.lnr.message.validation_context import ALONE
from models.lnr.message.validation_report import ValidationReport
from models.lnr.message.xml_tree import Tree, UnreadableMessage, grow
from models.lnr.rules import structure
from models.lnr.rules.subject import RuleSubject


def check(raw: bytes, now: datetime, context: Any = ALONE) -> ValidationReport:
    """The Verdict on these bytes, received at `now` (UTC, without a zone).

    `context` answers for other messages and stays (context.py); without it the message is judged by itself.
    """
    try:
        tree = grow(raw)
        header = read_header(tree.root)
        if problems := xsd.problems(tree.root):
            return ValidationReport(structure.invalid(tree, problems), header=header)
        return _judge(RuleSubject(message_reader.read(tree.root), header, now, context), tree)
    except UnreadableMessage as problem:
        return ValidationReport(structure.unreadable(problem), malformed=True, too_large=problem.too_large)


def derive(raw: bytes, received_at: Any, context: Any) -> dict[str, Any]:
    """{"stay", "derived", "why"} of an accepted message by the rules of now; ValueError when it can no longer be read."""
    try:
        tree = grow(raw)
    except UnreadableMessage as problem:
        raise ValueError(problem.reason) from None
    return _record(RuleSubject(message_reader.read(tree.root), read_header(tree.root), received_at, context))


def _record(case: RuleSubject) -> dict[str, object]:
    told = {"stay": message_reader.plain(case.stay), "derived": case.derived, "why": case.why}
    return told | {"completeness": case.completeness}


def _judge(case: Any, tree: Tree) -> ValidationReport:
    (found, left_out), named = rules.judge(case, tree), identity(case.stay)
    verdict = ValidationReport(found, left_out=left_out, header=case.header, identity=named)
    if case.header.action == "intrekking":
        return verdict
    return replace(verdict, **_record(case))  # type: ignore[arg-type]
