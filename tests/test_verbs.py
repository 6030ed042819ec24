"""Verbs own right and trail: who does something (`by`) is asked for an ability, and the model writes the line of it."""

import ast
from functools import cache
from pathlib import Path

import pytest

from models.access import Role
from models.accounts.user import User
from models.audit.audit_action import ACTIONS
from models.audit.audit_event import AuditEvent
from models.base import Refused
from tests import make, source

ROOT = Path(__file__).parent.parent
RIGHTS = {"demand", "demand_of", "may", "processes", "visible", "reach"}
LINES = {"log", "seen"}

# Public functions of models/ that take `by` and ask no ability themselves, or write no line, and why that is right.
ASKS_NOTHING = {
    # The audit log itself, and what the portal does by itself after something that did ask.
    "AuditEvent.log", "AuditEvent.seen", "Remark.write", "MonthAnswer.zero", "MonthAnswer.case_reported",
    "MonthAnswer.no_case_left", "MonthAnswer.prove", "MonthlyCall.open_all", "CountsForMonth.answer_month",
    "CountsForMonth.leave_month", "Document.attach_generated", "Document.succeed", "Answer.change", "Form.new",
    "Document.lost", "CommitteeStep.lost", ".carry_over", ".new_version", "KeptApart.may_name",
    # A row of a spreadsheet: who rehearses or takes the sheet asks for its ability first.
    "Sheet.add", "Sheet.finish", "PeopleSheet.finish", "SecondSourceSheet.add",
    # Of this very person, at a list that asked for the right.
    "SavedView.keep", "SavedView.discard",
    # For who reads: of rows that access.visible gave, and of what this very person did.
    "Treatment.shift", "CaseUse.receive", "DossierPackage.standing", "DossierPackage.lost",
    ".was_done", "CommitteeStep.awaited", ".next_case", ".page_of", ".counts", ".choices", ".places",
}  # fmt: skip
LEAVES_NOTHING = {
    "AuditEvent.log",  # is the line
    # Only read, or only say whether something may be done.
    ".demand_agreed", ".demand_steward", ".does_review",
    "KeptApart.open_for", "KeptApart.may_name", "FoundByNumber.alike", "Matter.of", "CommitteeStep.awaited", "CaseSheet.of",
    ".late",
    ".alike", ".was_done", ".studied_by", ".is_studied", ".cases", ".page_of", ".counts", ".next_case", ".choices", ".places",
    "ExtractRequest.demand_open",
    ".take",  # the line of each row is written by the verb that makes it: a test holds that
    "Sheet.add", "Sheet.finish", "PeopleSheet.finish", "SecondSourceSheet.add",  # so too
    "Assessment.candidates", "Assessment.demand_own", "Assessment.mine", "Assessment.own",
    "DossierPackage.standing",
    "Treatment.at_table", "Treatment.demand_table", "Treatment.waiting", "MeetingAgenda.of", ".formalities",
    # Write for a verb that writes the line.
    "Remark.write", "Document.succeed", "Answer.change", "Form.new", "CountsForMonth.leave_month", ".new_version",
    "StayDraft.send",  # what is sent is a message, and its delivery writes the line
}  # fmt: skip


@cache
def functions():
    """{'Class.name' or '.name': its tree, and the name of every other function of its file to its tree} of models/."""
    found = {}
    for path in sorted((ROOT / "models").rglob("*.py")):
        tree = source.tree(path)
        here = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        for owner in [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]:
            for node in owner.body:
                if isinstance(node, ast.FunctionDef):
                    found[f"{getattr(owner, 'name', '')}.{node.name}"] = (node, here)
    return found


def verbs():
    """The public functions of models/ that are told who does it."""
    for name, (node, _) in functions().items():
        arguments = {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
        if "by" in arguments and not node.name.startswith("_") and name != ".demand_of":
            yield name


def reaches(name, wanted):
    """Whether a function calls one of `wanted`, itself or by way of functions of its file or of other verbs of models/."""
    others = {}
    for _, (node, here) in functions().items():
        if any(argument.arg == "by" for argument in node.args.args):
            others.setdefault(node.name, []).append((node, here))
    todo, seen = [functions()[name]], set()
    while todo:
        node, here = todo.pop()
        for call in ast.walk(node):
            called = call.func if isinstance(call, ast.Call) else None
            word = getattr(called, "attr", None) or getattr(called, "id", None)
            if word in wanted:
                return True
            if word and word not in seen:
                seen.add(word)
                todo += others.get(word, []) + ([(here[word], here)] if word in here else [])
    return False


@pytest.mark.parametrize("verb", sorted(verbs()))
def test_a_verb_demands_an_ability_or_says_why_not(verb):
    assert reaches(verb, RIGHTS) or verb in ASKS_NOTHING


@pytest.mark.parametrize("verb", sorted(verbs()))
def test_a_verb_writes_its_own_line_or_says_why_not(verb):
    assert reaches(verb, LINES) or verb in LEAVES_NOTHING


def test_the_lists_name_only_what_is_there():
    assert (ASKS_NOTHING | LEAVES_NOTHING) - set(verbs()) == set()


def test_no_screen_writes_the_line_of_a_change():
    """Screens say that something was read, searched, exported or refused, and what happens at the door: `user.`, `factor.`."""
    door = ("user.", "factor.")
    changes = {action for action, (kind, _) in ACTIONS.items() if kind in "CUD" and not action.startswith(door)}
    written = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.args[0].value}"
        for path in (ROOT / "admin_views").rglob("*.py")
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") == "log"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value in changes
    }
    assert written == set()


def test_a_melder_neither_gives_roles_nor_ends_an_account():
    melder, victim, boss = make.user(), make.user(), make.user(role=Role.BEHEERDER)
    for verb in (
        lambda: victim.grant([Role.INVOERDER], by=melder),
        lambda: victim.deactivate(by=melder),
        lambda: victim.reactivate(by=melder),
        lambda: boss.deactivate(by=melder),
        lambda: victim.lose_second_factor(melder, "Gebeld."),
        lambda: victim.amend(melder, name="X", phone=""),
        lambda: victim.move_address("x@example.com", by=melder),
        lambda: victim.place([], None, None, by=melder),
        lambda: victim.log_out_everywhere(by=melder),
        lambda: User.enrol("nieuw@example.com", "Nieuw", [Role.MELDER], hospital=melder.hospital, by=melder),
        lambda: victim.hospital.amend(melder, name="Anders"),
    ):
        with pytest.raises(Refused, match=r"Alleen de (ziekenhuis)?beheerder"):
            verb()
    assert User.get_by_id(victim.id).active and User.get_by_id(boss.id).active and User.get_by_id(victim.id).name != "X"


def test_ending_an_account_and_opening_it_again_leave_lines():
    victim, boss = make.user(), make.user(role=Role.BEHEERDER)
    victim.deactivate(by=boss)
    victim.reactivate(by=boss, agreed=True)
    lines = AuditEvent.select().where(AuditEvent.actor == boss).order_by(AuditEvent.id)
    assert [(line.action, line.subject) for line in lines] == [
        ("user.deactivate", victim.in_trail),
        ("user.activate", victim.in_trail),
    ]
