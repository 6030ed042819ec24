"""Formalities: which cases they are, what their consensus says, and that nothing is fixed which somebody has still to say."""

import json

import pytest

from models.base import Refused
from models.cases.case import Case
from models.committee import consensus
from models.committee.committee_form import CommitteeForm
from models.committee.rules.attendance import Attendance
from models.committee.treatment import TreatmentState
from tests.committee.test_outcome import GOOD, NO_LETTER, SURE, WITHOUT, assessed, people  # noqa: F401
from tests.committee.test_treatment import finish, fresh

pytestmark = pytest.mark.db_dialect


def test_formalities_are_settled_in_one_act_with_the_consensus_filled_in(assessed, people):  # noqa: F811
    treatment, other = assessed(NO_LETTER, NO_LETTER), assessed({"C10": GOOD}, {"C10": SURE})
    ready = consensus.formalities(treatment.meeting, people[0])
    assert [one.id for one in ready] == [treatment.id]
    with pytest.raises(Refused, match="Niet alles wat u koos, kan"):
        consensus.settle_formalities(treatment.meeting, people[0], [treatment.key, other.key])
    with pytest.raises(Refused, match=r"De consensus is nog niet compleet bij .*Aantal leden dat meebesliste"):
        consensus.settle_formalities(treatment.meeting, people[0], [treatment.key], ["jaarverslag"])
    Attendance.note(treatment.meeting, people[0], [str(one.id) for one in people[1:]])
    with pytest.raises(Refused, match=r"\(Waarvoor wordt de casus gebruikt\?\)"):
        consensus.settle_formalities(treatment.meeting, people[0], [treatment.key])
    assert CommitteeForm.consensus(treatment) is None
    assert consensus.settle_formalities(treatment.meeting, people[0], [treatment.key], ["jaarverslag"]) == 1
    form = CommitteeForm.consensus(treatment)
    assert (form.value("V8"), form.value("V11"), form.still_open) == (GOOD, consensus.FORMALITY, 0)
    said = [form.value(code) for code in ("V2", "V3", "V4", "V13", "W3", "W5", "W6")]
    assert said == [2, 0, "ja", {"geen verschil"}, "nee, alleen bericht van gebruik", {"jaarverslag"}, "ja"]
    assert fresh(treatment).state == TreatmentState.BESPROKEN and fresh(other).state == TreatmentState.BINNEN


@pytest.mark.parametrize(
    ("both", "second", "known"),
    [
        ({}, {"C6": WITHOUT}, {"V13": None, "W3": "nee, alleen bericht van gebruik"}),
        ({"F5": "lessenbrief"}, {}, {"V13": {"geen verschil"}, "W3": "ja", "W4": None}),
        ({"F5": "eerst bespreken"}, {}, {"W3": None}),
        ({"M2": "nee"}, {}, {"V4": "nee"}),
        ({"M2": "grensgeval"}, {}, {"V4": None}),
    ],
)
def test_a_formality_says_what_the_assessors_said_and_else_waits(assessed, people, both, second, known):  # noqa: F811
    treatment, by = assessed(NO_LETTER | both, NO_LETTER | both | second), people[0]
    Attendance.note(treatment.meeting, by, [str(one.id) for one in people[1:]])
    open_still = [code for code, said in known.items() if said is None]
    if open_still:
        with pytest.raises(Refused, match="De consensus is nog niet compleet bij"):
            consensus.settle_formalities(treatment.meeting, by, [treatment.key], ["onderwijs"])
        assert fresh(treatment).state == TreatmentState.BINNEN
    form = consensus.prefill(treatment, by)
    assert {code: form.value(code) for code in known} == known
    finish(form, by, {"W2": "Zo schreef de vergadering het.", "V11": "bij meerderheid"})
    assert consensus.settle_formalities(treatment.meeting, by, [treatment.key]) == 1
    assert CommitteeForm.consensus(treatment).value("V11") == "bij meerderheid"


def test_who_doubts_or_asks_makes_no_formality(assessed, people):  # noqa: F811
    assert consensus.formalities(assessed({}, {"A1": "twijfel, de coördinator kijkt mee"}).meeting, people[0]) == []
    treatment = assessed()
    asks = CommitteeForm.get(CommitteeForm.treatment == treatment)
    assert treatment in consensus.formalities(treatment.meeting, people[0])
    asks.answers = json.dumps(json.loads(asks.answers) | {"A6": {"kept": "Hoeveel bloed?", "reason": "", "revision": 1}})
    asks.save()
    assert treatment not in consensus.formalities(treatment.meeting, people[0])


def test_a_case_that_was_reopened_is_settled_in_no_way(assessed, people):  # noqa: F811
    treatment, by = assessed(NO_LETTER, NO_LETTER), people[0]
    Attendance.note(treatment.meeting, by, [str(one.id) for one in people[1:]])
    Case.get_by_id(treatment.case_id).reopen(by, "Er ontbreekt een brief.")
    with pytest.raises(Refused):
        consensus.settle_formalities(treatment.meeting, by, [treatment.key], ["jaarverslag"])
    assert fresh(treatment).state == TreatmentState.BINNEN


def test_a_consensus_that_sends_the_case_back_is_no_formality(assessed, people):  # noqa: F811
    treatment, by = assessed(NO_LETTER, NO_LETTER), people[0]
    Attendance.note(treatment.meeting, by, [str(one.id) for one in people[1:]])
    finish(consensus.prefill(treatment, by), by, {"W6": "nee, terug op de agenda", "W7": "Wij wachten op de uitslag."})
    with pytest.raises(Refused, match="terug op de agenda"):
        consensus.settle_formalities(treatment.meeting, by, [treatment.key])
    assert fresh(treatment).state == TreatmentState.BINNEN
