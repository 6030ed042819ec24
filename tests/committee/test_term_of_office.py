"""The end of a term of office: nothing is read, led or found any more, but for a form that is still awaited."""

import pytest

from models import access, clock
from models.access import Process, Role
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.committee import consensus
from models.committee.assessment import Assessment
from models.committee.member import CommitteeMember
from models.search import find
from tests import make
from tests.committee.test_leading import formality, leader  # noqa: F401
from tests.committee.test_treatment import fresh

pytestmark = pytest.mark.db_dialect


def end_term(*people, days=1):
    """Their last day was so many days ago."""
    last = clock.today() - clock.DAY * days
    CommitteeMember.update(term_until=last).where(CommitteeMember.user.in_(people)).execute()


def read(user):
    return {case.id for case in access.visible(Case, user)}


def test_the_last_day_of_a_term_counts_and_the_day_after_reads_nothing_of_the_whole_committee(client, login):
    case = make.case(Status.GOEDGEKEURD, theme=make.theme(Process.LZA1))
    person = make.member(make.user(role=Role.COMMISSIELID, committee=Process.LZA1))
    end_term(person, days=0)
    browser, page = login(client, person), f"/commissie/{case.key}/"
    assert read(person) == {case.id} and browser.get(page).status_code == 200 and find.find(case.number, person)
    end_term(person)
    assert not read(person) and browser.get(page).status_code == 404 and not find.find(case.number, person)
    overview = browser.get("/commissie/").text
    assert case.number not in overview and "Uw termijn in de commissie is voorbij" in overview and not Case.kept_from(person)


def test_who_led_the_meetings_settles_and_reads_nothing_after_the_term(leader):  # noqa: F811
    treatment = formality(make.coordinator())
    assert treatment.at_table(leader) and CommitteeMember.leads_for(leader, Process.NETHOSS)
    end_term(leader)
    assert not treatment.at_table(leader) and not CommitteeMember.leads_for(leader, Process.NETHOSS)
    assert not read(leader) and not find.find(treatment.case.number, leader)
    with pytest.raises(Refused, match="Alleen de voorzitter, de secretaris of de coördinator"):
        consensus.settle_formalities(treatment.meeting, leader, [treatment.key])


@pytest.mark.parametrize("declared", [True, False])
def test_a_form_that_is_awaited_is_handed_in_after_the_term_of_office_and_no_later_than_its_own(declared):
    pair = [make.member(), make.member()]
    treatment = make.treatment(make.case(Status.GOEDGEKEURD), pair, declared=declared)
    end_term(pair[0])
    (mine,) = Assessment.mine(pair[0])
    assert bool(read(pair[0])) == declared
    Assessment.update(term=clock.today() - clock.DAY).where(Assessment.treatment == treatment).execute()
    assert not Assessment.mine(pair[0]) and not read(pair[0])
    assert Assessment.mine(pair[1])  # only late
    with pytest.raises(Refused, match="op dit moment niet in te zien"):
        mine.demand_own(pair[0])


def test_what_was_handed_in_is_read_no_more_after_the_term_of_office():
    treatment = formality(make.coordinator())
    person = Assessment.of(treatment)[0].assessor
    assert treatment.case_id in read(person)
    end_term(person)
    assert not read(person) and not Assessment.mine(person)
    assert fresh(treatment).state == treatment.state


def test_the_list_of_members_marks_whose_term_is_over(client, login):
    page = login(client, make.user(role=Role.BEHEERDER))
    end_term(make.member(), days=0)
    assert "termijn voorbij" not in page.get("/beheer/commissieleden/").text
    end_term(make.member())
    assert page.get("/beheer/commissieleden/").text.count("termijn voorbij") == 1
