"""What assessors hear of a case that they have, and who asked of the answer: a line of each kind in the mail of the day."""

from datetime import timedelta

import pytest

from models import clock
from models.accounts.deputies.absence import Absence
from models.accounts.user import User
from models.cases.case import Case
from models.cases.status import Status
from models.committee import consensus
from models.committee.assessment import Assessment
from models.committee.following.assessor_terms import late, remind_due
from models.committee.treatment import Treatment
from models.mail import daily_mail
from models.mail.mail_preference import MailPreference, Way
from models.mail.mail_status import MailStatus
from models.mail.outbox import Mail
from models.questionnaires.query import DataQuery
from tests import make

pytestmark = pytest.mark.db_dialect


@pytest.fixture
def coordinator():
    return make.coordinator()


@pytest.fixture
def treatment(coordinator):
    return make.treatment(make.case(Status.GOEDGEKEURD), [make.member(), make.member()], by=coordinator, days=40)


def news(treatment):
    """{(account, what)} of the news that waits for the mail of the day."""
    waits = Mail.select().where(Mail.name == "committee_news", Mail.status == MailStatus.DAGMAIL)
    return sorted((one.user_id, one.facts["what"]) for one in waits)


def of_both(treatment, *what):
    return sorted((one.assessor_id, word) for one in Assessment.of(treatment) for word in what)


def morning(person):
    """The text of the daily mail of this person; empty when there is none."""
    daily_mail.gather(clock.now() + timedelta(days=1))
    mail = Mail.select().where(Mail.name == "daily", Mail.user == person).order_by(Mail.id.desc()).first()
    message = mail and mail.render()
    return message.get_body(["plain"]).get_content() if message else ""


def test_a_question_and_its_answers_are_a_line_each_in_the_mail_of_the_day(treatment, coordinator):
    case, (one, other) = treatment.case, Assessment.of(treatment)
    first, second = (consensus.ask_hospital(treatment, coordinator, f"Wat gebeurde er {at}?") for at in ("eerst", "daarna"))
    assert news(treatment) == of_both(treatment, "asked")
    first.answer(case.reporter, "Dit.")
    second.answer(case.reporter, "En dat.")
    assert news(treatment) == of_both(treatment, "answered", "asked")

    text = morning(one.assessor)
    assert text.count(f"casus {case.number}: het ziekenhuis heeft een vraag beantwoord") == 1
    assert "kreeg een vraag" not in text, "it is answered by now"
    assert f"/commissie/{case.key}/" in text and case.hospital.name not in text and "Dit." not in text
    second.settle(coordinator)
    other.give_back(other.assessor, "geen tijd")
    assert "beantwoord" not in morning(other.assessor)


def test_who_asked_hears_of_the_answer_and_who_stands_in_too(treatment, coordinator):
    deputy, case = make.coordinator(), treatment.case
    Absence.plan(coordinator, coordinator.id, deputy.id, clock.today(), clock.today() + timedelta(days=3))
    asked = consensus.ask_hospital(treatment, coordinator, "Wat gebeurde er?")
    earlier = make.case(Status.INGEDIEND)
    before = DataQuery.ask(earlier, coordinator, "Klopt dit?", document=earlier.documents.first())
    for one in (asked, before):
        one.answer(one.case.reporter, "Ja.")
    told = Mail.select().where(Mail.name == "question_answered").order_by(Mail.id)
    assert [(one.user_id, one.case_id) for one in told] == [
        (person.id, about.case_id) for about in (asked, before) for person in (coordinator, deputy)
    ]
    assert "antwoord van het ziekenhuis" in morning(coordinator) and "Ja." not in morning(coordinator)
    asked.settle(coordinator)
    assert case.number not in morning(deputy), "settled before the mail left"


def test_a_supplement_is_told_once_it_can_be_read(treatment, coordinator):
    case = treatment.case
    part = case.supplement(case.reporter)
    make.document(part)
    part.submit(case.reporter)
    assert news(treatment) == []
    Case.get_by_id(part.id).approve(coordinator)
    assert news(treatment) == of_both(treatment, "part")
    assert "er zijn stukken bij gekomen" in morning(Assessment.of(treatment)[0].assessor)


def test_a_case_that_is_open_again_stands_still_and_goes_on(treatment, coordinator):
    case = Case.get_by_id(treatment.case_id)
    case.reopen(coordinator, "Een stuk ontbreekt.")
    assert news(treatment) == of_both(treatment, "stopped")
    case.approve(coordinator)
    assert news(treatment) == of_both(treatment, "resumed", "stopped")
    text = morning(Assessment.of(treatment)[0].assessor)
    assert "gaat verder" in text and "staat stil" not in text


def test_a_case_without_assessors_or_whose_treatment_is_closed_tells_nothing(treatment, coordinator):
    alone = make.treatment(make.case(Status.GOEDGEKEURD), by=coordinator)
    Treatment.update(state="gesloten", closed_at=clock.now()).where(Treatment.id == treatment.id).execute()
    for one in (alone, treatment):
        Case.get_by_id(one.case_id).reopen(coordinator, "Een stuk ontbreekt.")
    assert news(treatment) == []


def test_who_wants_it_at_once_has_it_at_once(treatment, coordinator):
    person = Assessment.of(treatment)[0].assessor
    MailPreference.choose(person, {"committee_news": Way.AT_ONCE})
    consensus.ask_hospital(treatment, coordinator, "Wat gebeurde er?")
    assert Mail.get(Mail.name == "committee_news", Mail.user == person).status == MailStatus.WACHT
    assert MailPreference.of(User.get_by_id(Assessment.of(treatment)[1].assessor_id))["committee_news"] == Way.DAILY


def test_the_clock_of_the_assessors_stops_while_the_hospital_is_asked(treatment, coordinator):
    term = treatment.meeting.term
    asked = consensus.ask_hospital(treatment, coordinator, "Wat gebeurde er?")
    assert remind_due(term) == 0 and late(coordinator, clock.start_of(term + timedelta(days=2))) == []
    asked.answer(treatment.case.reporter, "Dit.")
    assert remind_due(term) == 2 and len(late(coordinator, clock.start_of(term + timedelta(days=2)))) == 2
