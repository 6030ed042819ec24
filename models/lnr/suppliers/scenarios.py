"""The scenarios of qualification: test patients of the examples, entered in the supplier's own software and sent as a test.

A message belongs to the step whose test patient it carries, by the child's number or by the name of the stay. What it is held
against is what our own reader makes of the example: identifiers and institutions are the supplier's, all else must be equal.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from models import clock
from models.lnr.dataset.definition import definition
from models.lnr.dataset.wording import EN, NL
from models.lnr.message.message_writer import build
from models.lnr.message.validation import check
from models.lnr.message.validation_report import Severity, ValidationReport
from models.lnr.specification import examples
from models.lnr.specification.examples import Example

REFUSED, ACCEPTED = ("geweigerd", "refused"), ("geaccepteerd", "accepted")


class ScenarioState(StrEnum):
    """How far a step or a scenario is."""

    OPEN = "open"
    GOED = "goed"
    AFWIJKEND = "afwijkend"


@dataclass(frozen=True)
class Scenario:
    """One story. `steps`: the examples to send, in order; `nl`, `en` what it is, `todo_…` what to do."""

    name: str
    nl: str
    en: str
    todo_nl: str
    todo_en: str
    steps: tuple


@dataclass(frozen=True)
class Wanted:
    """An example with what is expected of the message that a supplier makes of it."""

    example: Example
    verdict: ValidationReport
    number: str  # of the child
    set_id: str

    @property
    def action(self) -> Any:
        return self.verdict.header.action  # type: ignore[union-attr]


def _refused():
    wrong = examples.answered("geweigerd", child_ids=[("", "VB-8008")], discharge_datetime="2026-03-02T09:30:00")
    return Example("geweigerd", "Ontslag vóór de opname", "Discharge before admission", build(wrong), (("R-08", "discharge"),))


def _repaired():
    right = examples.answered("geweigerd", child_ids=[("", "VB-8008")]) | {"message_id": (examples.SENDER, "hersteld-1")}
    return Example("hersteld", "Het ontslag hersteld", "The discharge repaired", build(right))


ENTER = (
    "Voer deze patiënt in uw software in en verstuur het bericht als test.",
    "Enter this patient in your software and send the message as a test.",
)
SCENARIOS = (
    Scenario("minimaal", "Het minimum", "The minimum", *ENTER, ("minimaal",)),
    Scenario("maximaal", "Alles wat gevraagd kan worden", "Everything that can be asked", *ENTER, ("maximaal",)),
    Scenario(
        "tweeling",
        "Tweeling",
        "Twin",
        "Verstuur voor elk kind een eigen bericht.",
        "Send a message of its own for each child.",
        ("tweeling-1", "tweeling-2"),
    ),
    Scenario("overleden-nicu", "Overleden op de NICU", "Died in the NICU", *ENTER, ("overleden-nicu",)),
    Scenario(
        "overleden-verloskamer", "Overleden op de verloskamer", "Died in the delivery room", *ENTER, ("overleden-verloskamer",)
    ),
    Scenario(
        "overplaatsing",
        "Overplaatsing, met gegevens van na ontslag",
        "Transfer out, with follow-up",
        *ENTER,
        ("overplaatsing",),
    ),
    Scenario("tussentijds", "Nog opgenomen", "Still admitted", *ENTER, ("tussentijds",)),
    Scenario(
        "geweigerd",
        "Geweigerd en hersteld",
        "Refused and repaired",
        "Verstuur de patiënt eerst met het ontslag vóór de opname, lees het verslag, herstel de datum en verstuur opnieuw.",
        "First send the patient with the discharge before the admission, read the report, repair the date and send again.",
        ("geweigerd", "hersteld"),
    ),
    Scenario(
        "verbetering",
        "Verbetering",
        "Correction",
        "Wijzig het geboortegewicht van de patiënt van ‘Het minimum’ en verstuur een vervanging met een hoger versienummer.",
        "Change the birth weight of the patient of ‘The minimum’ and send a replacement with a higher version number.",
        ("minimaal", "correctie"),
    ),
    Scenario(
        "intrekking",
        "Intrekking",
        "Withdrawal",
        "Trek daarna dezelfde opname in.",
        "Then withdraw the same stay.",
        ("minimaal", "correctie", "intrekking"),
    ),
)


@cache
def wanted() -> dict:
    """{name: Wanted} of every step of every scenario."""
    known = {one.name: one for one in (*examples.good(), _refused(), _repaired())}
    names = dict.fromkeys(name for scenario in SCENARIOS for name in scenario.steps)
    return {name: _wanted(known[name]) for name in names}


def _wanted(example):
    verdict = check(example.raw, clock.now(), example.context)
    return Wanted(example, verdict, verdict.identity.child_numbers[0][1], verdict.header.set_id)


def meant(verdict: ValidationReport) -> Any:
    """The Wanted that this verdict's message belongs to; None when it is about no test patient of ours.

    A replacement may also put right what an earlier message of its stay said; the step it fits best is meant.
    """
    if verdict.header is None or verdict.header.action is None:
        return None
    numbers = {number for _, number in verdict.identity.child_numbers} if verdict.identity else set()
    fitting = [
        one
        for one in wanted().values()
        if verdict.header.action in (one.action, {"nieuw": "vervanging"}.get(one.action))
        and (one.number in numbers or one.set_id == verdict.header.set_id)
    ]

    def distance(one):
        return one.verdict.refused != verdict.refused, len(differences(one, verdict)), one.action != verdict.header.action

    return min(fitting, key=distance, default=None)


def differences(one: Any, verdict: ValidationReport) -> list[Any]:
    """What the message of `verdict` says otherwise than the Wanted: [{"path", "expected", "found"}], and both in English with
    `_en` behind the name; none: the step is done."""
    if verdict.refused != one.verdict.refused:
        return _refusals(verdict) if verdict.refused else [_difference("/", REFUSED, ACCEPTED)]
    if verdict.refused:
        rules = sorted(set(_rules(one.verdict)) ^ set(_rules(verdict)))
        said = (", ".join(_rules(judged)) for judged in (one.verdict, verdict))
        return [_difference("/", *((rules, rules) for rules in said))] if rules else []
    return list(_compared(_resolved(one.verdict.stay), _resolved(verdict.stay), "")) if one.verdict.stay else []


def _rules(verdict):
    return sorted({one.rule for one in verdict.findings if one.severity == Severity.FOUT})


def _refusals(verdict):
    wrong = (one for one in verdict.findings if one.severity == Severity.FOUT)
    return [_difference(one.path, ACCEPTED, (f"{one.rule}: {one.nl}", f"{one.rule}: {one.en}")) for one in wrong]


def _difference(path, expected, found):
    """`expected`, `found`: in Dutch and in English."""
    return {"path": path, "expected": expected[0], "found": found[0], "expected_en": expected[1], "found_en": found[1]}


def _compared(expected, found, place):
    of = definition()
    for name in [*expected, *(name for name in found if name not in expected)]:
        if "institution" in name:
            continue
        if name in of.groups:
            yield from _rows(of.groups[name], expected.get(name, []), found.get(name, []), place)
        elif _set(expected.get(name)) != _set(found.get(name)):
            item = of.items[name]
            said = ([_told(item, value.get(name), tongue) for tongue in (NL, EN)] for value in (expected, found))
            yield _difference(place + _below(item), *said)


def _rows(group, expected, found, place):
    """Rows have no order: each expected one is held against the found one that is most like it."""
    left = list(found)
    for number, row in enumerate(expected, 1):
        most = max(left, key=lambda other: sum(other.get(name) == value for name, value in row.items()), default={})
        if most in left:
            left.remove(most)
        yield from _compared(row, most, f"{place}{_below(group)}#{number}/")
    for number, row in enumerate(left, len(expected) + 1):
        yield from _compared({}, row, f"{place}{_below(group)}#{number}/")


def _below(one):
    return one.path.removeprefix(one.row_group.path + "/") if one.row_group else one.path


def _set(value):
    return sorted(map(str, value)) if isinstance(value, list) else value


def _resolved(stay):
    """The stay with references to problems replaced by their codes: the ids of rows are the sender's own."""
    of = definition()
    rows = [(row, name) for name in stay if name in of.groups for row in stay[name]]
    codes = {row["id"]: next(row[name] for name in row if name in of.items) for row, _ in rows if "id" in row}

    def plain(scope):
        kept = {}
        for name, value in scope.items():
            if name in of.groups:
                kept[name] = [plain(row) for row in value]
            elif name != "id":
                item = of.items[name]
                kept[name] = codes.get(value, value) if item.type == "verwijzing" and isinstance(value, str) else value
        return kept

    return plain(stay)


def _told(item, value, tongue):
    """A value as people read it; None where nothing stands."""
    if isinstance(value, list):
        return ", ".join(_told(item, one, tongue) for one in value)
    if isinstance(value, dict):
        return value.get("null") or f"{value['code']} ({value['text']})"
    if isinstance(value, bool):
        return str(value).lower()
    codes = definition().choices(item) if item.type == "code" else ()
    named = next((getattr(code, tongue) for code in codes if code.code == value), None)
    return None if value is None else f"{value} ({named})" if named else str(value)
