"""Chair and secretary: each right of theirs has its button, and no other member gets one."""

import pytest

from models.access import Process
from models.base import Refused
from models.cases.case_reader import CaseReader
from models.cases.status import Status
from models.committee import consensus
from models.committee.assessment import Assessment
from models.committee.rules.attendance import Attendance
from models.committee.treatment import Treatment, TreatmentState
from tests import filling, make
from tests.committee.test_outcome import CALM, NO_LETTER
from tests.committee.test_treatment import fresh, hand_in

pytestmark = pytest.mark.db_dialect


@pytest.fixture(params=["chair", "secretary"])
def leader(request):
    return make.member(**{request.param: True})


def formality(by):
    """A case of which both assessors want a hamerstuk, before the meeting."""
    filling.crf()
    pair, theme = [make.member(), make.member()], make.theme(name="Peripartum hysterectomie")
    treatment = make.treatment(make.case(Status.GOEDGEKEURD, theme=theme), pair, by)
    for one in Assessment.of(treatment):
        hand_in(one, one.assessor, CALM | NO_LETTER)
    return fresh(treatment)


def test_who_leads_reads_every_case_of_the_agenda_and_a_tie_keeps_it_away(leader):
    case = make.case(Status.GOEDGEKEURD)
    tied = make.member(hospital=case.hospital, secretary=True)
    treatment = make.treatment(case)
    assert CaseReader.reads(case, leader) and not CaseReader.reads(case, tied)
    assert treatment.at_table(leader) and not treatment.at_table(tied)


def test_a_formality_is_settled_on_the_page_of_the_meeting(app, login, leader, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    treatment, member = formality(make.coordinator()), make.member()
    make.reader(treatment.case, member)
    agenda = f"/vergadering/{treatment.meeting.key}/"
    outside = login(app.test_client(), member)
    assert outside.get(agenda).status_code == 404 and "Vergaderingen die u leidt" not in outside.get("/commissie/").text
    assert outside.post(f"{agenda}hamerstukken", data={"casus": treatment.key}).status_code == 404
    with pytest.raises(Refused, match="Alleen de voorzitter, de secretaris of de coördinator"):
        consensus.settle_formalities(treatment.meeting, member, [treatment.key])

    browser = login(app.test_client(), leader)
    assert f'href="{agenda}"' in browser.get("/commissie/").text
    page = browser.get(agenda).text
    assert "Hamerstukken vaststellen" in page and f'href="/commissie/{treatment.case.key}/"' in page
    names = [one.assessor.name for one in Assessment.of(treatment)]
    assert not [
        told for told in ("Vergadering afronden", "Te agenderen", "Wie is er?", "/behandeling/", *names) if told in page
    ]
    for act in ("afronden", "agenderen", "verplaatsen", "aanwezig"):
        browser.post(f"{agenda}{act}", data={"overig": "terug", "casus": treatment.key, "naar": treatment.meeting.key})
    assert (fresh(treatment).state, fresh(treatment.meeting).closed_at) == (TreatmentState.BINNEN, None)
    Attendance.note(treatment.meeting, make.coordinator(), [str(one.assessor_id) for one in Assessment.of(treatment)])
    browser.post(f"{agenda}hamerstukken", data={"casus": treatment.key, "gebruik": "onderwijs"})
    assert fresh(treatment).state == TreatmentState.BESPROKEN


def test_the_page_of_the_case_has_the_buttons_of_who_leads(app, login, leader):
    treatment, member = formality(make.coordinator()), make.member()
    case = treatment.case
    make.reader(case, member)
    browser, home = login(app.test_client(), leader), f"/commissie/{case.key}/"
    buttons = [f'href="{home}{path}"' for path in ("vergelijken/", "consensus/", "vergelijken/brief")]
    for state, wanted in ((TreatmentState.BINNEN, (1, 1, 0)), (TreatmentState.BESPROKEN, (1, 0, 1))):
        Treatment.update(state=state).where(Treatment.id == treatment.id).execute()
        page = browser.get(home).text
        assert tuple(button in page for button in buttons) == wanted
        assert "U leidt de vergadering" not in login(app.test_client(), member).get(home).text
    assert f'href="{home}"' in browser.get(f"{home}vergelijken/").text  # the way back is to a page that is theirs
    assert f'href="{home}"' in browser.get(f"{home}vergelijken/brief").text
    other = make.treatment(make.case(Status.GOEDGEKEURD, theme=make.theme(Process.LZA1)))
    assert browser.get(f"/vergadering/{other.meeting.key}/").status_code == 404
