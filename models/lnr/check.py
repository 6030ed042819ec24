"""The one way to judge a message, for every route (N9). It never raises, whatever the bytes are."""

from models.lnr import record, rules, xsd
from models.lnr.context import ALONE
from models.lnr.derived import derive
from models.lnr.header import identity, read_header
from models.lnr.rules import structure
from models.lnr.tree import Unreadable, grow
from models.lnr.verdict import Verdict


def check(raw, now, context=ALONE):
    """The Verdict on these bytes, received at `now` (UTC, without a zone).

    `context` answers for other messages and stays (context.py); without it the message is judged by itself.
    """
    try:
        root = grow(raw)
        problems = xsd.problems(raw)
    except Unreadable as problem:
        return Verdict(structure.unreadable(problem), malformed=True, too_large=problem.too_large)
    header = read_header(root)
    if problems:
        return Verdict(structure.invalid(root, problems), header=header)
    return _judge(record.read(root), header, now, context)


def _judge(stay, header, now, context):
    if header.action == "intrekking":
        return Verdict(rules.judge(stay, header, now, context), header=header, identity=identity(stay))
    return Verdict(
        rules.judge(stay, header, now, context), header=header, stay=record.plain(stay),
        derived=derive(stay, now, context), identity=identity(stay),
    )  # fmt: skip
