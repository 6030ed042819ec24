"""How much of what belongs in this case is there: of the stay by item, and of each row.

What a stay says of each item is kept in its fact as one letter an item; a page of a year counts letters, and opens no message.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from models.lnr.dataset.definition import Element, definition
from models.lnr.message.message_reader import plain
from models.lnr.rules.problems import EYES
from models.lnr.rules.registry import Hit, rule

if TYPE_CHECKING:
    from models.lnr.rules.subject import RuleSubject

SHARE = 0.2
COUNTED = {"janee", "code", "geheel", "getal", "moment"}
# What is asked of a child that was never admitted.
BEFORE_ADMISSION = "BCDQ"
OF_AN_ADMISSION = ("death_within_12h", "intensive_care_withdrawn")
AFTERWARDS = ("fu_oxygen_day_28",)  # the list of the grade of BPD has NA for 'no BPD'
KNOWN, UNKNOWN, MISSING, NOT_ASKED = "kom-"
LETTERS = {"known": KNOWN, "unknown": UNKNOWN, "missing": MISSING}


def completeness(case: "RuleSubject") -> dict:
    """{"applicable", "filled": how many items; "known", "unknown", "missing": their names} of the stay itself.

    An item belongs here when the dataset asks for it and its condition holds. Leaving it out counts as 'unknown' does, and so
    does 'not applicable' (NA): what does not apply to this child does not belong here.
    """
    items = [item for item in case.items.values() if _belongs(item, case)]
    unknown = [item.name for item in items if (sent := case.stay.sent(item.name)) and sent.null is not None]
    missing = [item.name for item in items if case.lacks(item.name)]
    lacking = {*unknown, *missing}
    known = [item.name for item in items if item.name not in lacking]
    return {"applicable": len(items), "filled": len(known), "known": known, "unknown": unknown, "missing": missing}


def _belongs(item: Element, case: "RuleSubject") -> bool:
    # The moment of a measurement stands with it, and an item that may be given more than once is none of a fixed number.
    return not item.repeats and not item.name.endswith("_at") and _applies(item, case)


def _applies(item: Element, case: "RuleSubject") -> bool:
    """Whether the stay itself has to have this item, as the rest of the message tells."""
    never_admitted = case.stay.one("death_in_delivery_room")
    sections = BEFORE_ADMISSION if never_admitted else "BCDEFGHIJKLMNOPQ"
    asked = item.conformance in ("R", "C") and item.section in sections and item.type in COUNTED and item.row_group is None
    if not asked or (never_admitted and item.name in OF_AN_ADMISSION):
        return False
    return item.condition is None or case.holds(item.condition, case.stay)


@cache
def order() -> tuple[Element, ...]:
    """The items in the order of their letters. What a later version brings comes behind, so that older facts keep theirs."""
    return tuple(sorted(definition().items.values(), key=lambda item: [int(part) for part in item.since.split(".")]))


@cache
def version() -> str:
    """Differs as soon as what is asked does."""
    told = " ".join(f"{item.name}:{item.conformance}:{item.condition}" for item in order())
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def written(completeness: Mapping[str, Sequence[str]]) -> str:
    """The letters of a stay, from what `rules/complete.py` says of its message; '' of one that was not asked yet."""
    if "known" not in completeness:
        return ""
    found = {name: letter for part, letter in LETTERS.items() for name in completeness[part]}
    return "".join(found.get(item.name, NOT_ASKED) for item in order())


@rule("R-43")
def share_of_unknown(case: Any) -> "Iterator[Hit]":
    found = case.completeness
    if (lacking := found["applicable"] - found["filled"]) > SHARE * found["applicable"]:
        yield case.hit("gestational_age_days", share=round(100 * lacking / found["applicable"]))


@rule("R-49")
def expected(case: "RuleSubject") -> "Iterator[Hit]":
    for item in case.of.by_rule["R-49"]:
        for scope in case.rows_of(item):
            if case.lacks(item.name, scope) and (item.condition is None or case.holds(item.condition, scope)):
                yield case.hit(item.name, "", scope)


@rule("R-55")
def rows_that_say_something(case: "RuleSubject") -> "Iterator[Hit]":
    for item in case.of.by_rule["R-22"]:
        name = case.items[item.condition.item]
        yield from (case.hit(name.name, "name", row) for row in case.rows_of(item) if case.lacks(name.name, row))
    kinds = case.stay.each("respiratory_supports")
    yield from (
        case.hit("respiratory_support_type", "kind", row) for row in kinds if case.lacks("respiratory_support_type", row)
    )
    for group, rows in case.stay.rows.items():
        seen = []
        for row in rows if group not in EYES else ():  # each eye may have the same
            told = plain(row)
            if told and told in seen:
                yield Hit(row.node, "double")
            seen.append(told)


@rule("R-57")
def not_applicable(case: "RuleSubject") -> "Iterator[Hit]":
    for item in case.items.values():
        sent = case.stay.sent(item.name)
        if sent and sent.null == "NA" and item.asked_by != "R-10" and _is_asked(item, case):
            yield case.hit_at(sent)
    # Of a problem there are always a name and a status, and of a period its kind.
    for item in (*case.of.by_rule["R-21"], *case.of.by_rule["R-22"], *case.of.by_rule["R-24"]):
        for row in case.rows_of(item) if item.row_group else ():
            if (sent := row.sent(item.name)) and sent.null == "NA" and case.holds(item.condition, row):
                yield case.hit_at(sent)


def _is_asked(item: Element, case: "RuleSubject") -> bool:
    return case.holds(item.condition, case.stay) if item.name in AFTERWARDS and item.condition else _applies(item, case)
