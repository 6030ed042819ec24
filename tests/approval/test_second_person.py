"""Two accounts of one person are no two people, wherever a second one is asked."""

import ast
from pathlib import Path

import pytest

from models.access import Role
from models.accounts.user import User
from models.approval.held_change import HeldChange
from models.base import Refused
from models.lnr.closing.year_closing import YearClosing
from models.lnr.research.extract import EVERYTHING
from models.lnr.research.extract_request import ExtractRequest
from tests import make, source
from tests.lnr.test_extract_requests import PURPOSE
from tests.retention.test_erasure_request import let_it_pass

MODELS = Path(__file__).resolve().parents[2] / "models"


def compares_with_who_asked(function):
    """Whether it holds `by.id` against the id of somebody in the row, as who asks a second person does."""
    sides = ((one.left, *one.comparators) for one in ast.walk(function) if isinstance(one, ast.Compare))
    names = [{side.attr for side in pair if isinstance(side, ast.Attribute)} for pair in sides]
    return any("id" in pair and any(name.endswith("_by_id") for name in pair) for pair in names)


def test_who_turns_away_the_one_who_asked_also_asks_whether_they_are_two_people():
    asks = [
        (f"{path.relative_to(MODELS)}:{one.name}", any(getattr(call, "attr", "") == "demand_second" for call in ast.walk(one)))
        for path in sorted(MODELS.rglob("*.py"))
        for one in ast.walk(source.tree(path))
        if isinstance(one, ast.FunctionDef) and one.name != "reject" and compares_with_who_asked(one)
    ]
    assert len(asks) > 5 and [where for where, asked in asks if not asked] == []


@pytest.fixture
def two():
    """Two accounts of LNR-beheer, both made by one beheerder whom nobody confirmed."""
    boss, made = make.user(role=Role.BEHEERDER), []
    for name in ("een", "twee"):
        made.append(HeldChange.invite(boss, f"{name}@example.com", f"Nummer {name}", "", {Role.LNR_BEHEER}).id)
        let_it_pass()
    return [User.get_by_id(number) for number in made]


def test_data_for_research_are_not_approved_by_a_second_account_of_one_person(two):
    asked = ExtractRequest.ask(two[0], PURPOSE, 2024, 2025, EVERYTHING)
    with pytest.raises(Refused, match="zonder dat iemand dat bevestigde"):
        asked.decide(two[1], True)
    assert ExtractRequest.get_by_id(asked.id).state() == "aangevraagd"
    asked.decide(two[1], False, "Toch maar niet.")


def test_a_year_is_not_closed_by_a_second_account_of_one_person(two):
    proposed = YearClosing.propose(2024, two[0])
    with pytest.raises(Refused, match="zonder dat iemand dat bevestigde"):
        proposed.confirm(two[1])
    proposed.reject(two[1])
