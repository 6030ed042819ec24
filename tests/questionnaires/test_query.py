"""What a coordinator asks about one answer or one file, and the hospital's reply."""

import pytest

from models import access, clock
from models.access import Process, Role
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.cases.status import Status
from models.files.privacy import gate
from models.mail.outbox import Mail
from models.mail.smtp import FolderPost
from models.questionnaires.form import Form
from models.questionnaires.query import DataQuery
from models.review import verdict_undo, work_list
from tests import filling, make
from tests.filling import question


@pytest.fixture
def case():
    made = filling.questionnaire(question("A1", "tekst (100)"), question("B1", "ja/nee"))
    case = make.case(theme=made.theme)
    filling.save(Form.start(case, case.reporter), "A1", "tekst")
    make.document(case)
    case.submit(case.reporter)
    return Case.get_by_id(case.id)


@pytest.fixture
def coordinator():
    return make.coordinator()


def test_a_question_is_asked_replied_to_and_settled(case, coordinator):
    asked = DataQuery.ask(case, coordinator, "Klopt dit?", code="A1")
    assert (asked.state, asked.about) == ("open", "A1 Vraag A1?")
    asked.answer(case.reporter, "Ja, dat klopt.")
    (asked,) = DataQuery.of_case(case)
    assert (asked.state, asked.reply, asked.replied_by) == ("beantwoord", "Ja, dat klopt.", case.reporter)
    asked.settle(coordinator)
    asked.settle(coordinator)

    (asked,) = DataQuery.of_case(case)
    actions = [event.action for event in AuditEvent.of_case(case) if event.action.startswith("inquiry")]
    assert (asked.state, actions) == ("afgehandeld", ["inquiry.ask", "inquiry.answer", "inquiry.settle"])


def test_what_is_asked_and_said_is_sealed_and_stands_in_no_trail_and_no_mail(case, coordinator, tmp_path):
    DataQuery.ask(case, coordinator, "geheime vraag", document=case.documents.first()).answer(case.reporter, "geheim antwoord")
    DataQuery.ask(case, coordinator, "geheime tweede", code="A1")
    assert "geheim" not in str(db.execute_sql("SELECT text, reply FROM inquiry").fetchall())
    assert "geheim" not in str([event.detail for event in AuditEvent.select()])

    Mail.send_waiting(clock.now(), FolderPost(tmp_path))
    mail = Mail.select().where(Mail.name == "case_question").order_by(Mail.id.desc()).get()
    assert case.number in mail.text and "1 vraag" in mail.text
    assert "geheim" not in mail.text and "partusverslag" not in mail.text and "Vraag A1" not in mail.text


def mailed():
    return [mail.user for mail in Mail.select().where(Mail.name == "case_question")]


def test_several_questions_on_one_day_are_one_mail(case, coordinator):
    for text in ("Een?", "Twee?", "Drie?"):
        DataQuery.ask(case, coordinator, text, code="A1")
    assert mailed() == [case.reporter]


def test_a_question_after_the_reply_to_the_one_before_is_mailed_the_same_day(case, coordinator):
    DataQuery.ask(case, coordinator, "Een?", code="A1").answer(case.reporter, "Ja.")
    DataQuery.ask(case, coordinator, "Twee?", code="A1")
    assert mailed() == [case.reporter, case.reporter]


def test_nothing_is_mailed_about_questions_that_were_all_answered_before(case, coordinator, tmp_path):
    for text in ("Een?", "Twee?", "Drie?"):
        DataQuery.ask(case, coordinator, text, code="A1").answer(case.reporter, "Ja.")
    Mail.send_waiting(clock.now(), FolderPost(tmp_path))
    assert FolderPost(tmp_path).messages() == []


def test_when_the_account_of_the_melder_ended_the_other_melders_are_asked(case, coordinator):
    colleague = make.user(hospital=case.hospital)
    case.reporter.active = False
    case.reporter.save()
    DataQuery.ask(Case.get_by_id(case.id), coordinator, "Klopt dit?", code="A1")
    assert mailed() == [colleague]


def test_a_double_click_asks_once_and_replies_once(case, coordinator):
    first, second = (DataQuery.ask(case, coordinator, "Klopt dit?", code="A1") for _ in range(2))
    for _ in range(2):
        first.answer(case.reporter, "Ja.")
    assert first == second and AuditEvent.select().where(AuditEvent.action == "inquiry.answer").count() == 1


def test_the_second_of_two_colleagues_hears_who_was_first(case, coordinator):
    colleague = make.user(role=Role.INVOERDER, hospital=case.hospital, name="Anna Bakker")
    asked = DataQuery.ask(case, coordinator, "Klopt dit?", code="A1")
    asked.answer(colleague, "Nee.")
    with pytest.raises(Refused, match="Anna Bakker heeft deze vraag intussen al beantwoord"):
        asked.answer(case.reporter, "Ja.")
    assert DataQuery.get_by_id(asked.id).reply == "Nee."


def test_a_settled_question_wants_no_reply(case, coordinator):
    asked = DataQuery.ask(case, coordinator, "Klopt dit?", code="A1")
    asked.settle(coordinator)
    with pytest.raises(Refused, match="coördinator heeft deze vraag intussen al afgehandeld"):
        asked.answer(case.reporter, "Ja.")


@pytest.mark.parametrize(
    ("text", "about", "sentence"),
    [
        ("", {"code": "A1"}, "Schrijf uw vraag op"),
        ("x" * 2001, {"code": "A1"}, "te lang"),
        ("Ja?", {"code": "Z9"}, "staat niet in de vragenlijst"),
        ("Ja?", {"code": "A1", "repeat": -1}, "staat niet in de vragenlijst"),
    ],
)
def test_a_question_about_nothing_is_refused(case, coordinator, text, about, sentence):
    with pytest.raises(Refused, match=sentence):
        DataQuery.ask(case, coordinator, text, **about)
    assert DataQuery.select().count() == 0


@pytest.mark.parametrize("status", [Status.CONCEPT, Status.GOEDGEKEURD, Status.INGETROKKEN])
def test_nothing_is_asked_about_a_case_that_is_not_under_review(status, coordinator):
    case = make.case(status=status)
    with pytest.raises(Refused, match="kunt u geen vraag stellen"):
        DataQuery.ask(Case.get_by_id(case.id), coordinator, "Ja?", code="A1")


def test_only_the_coordinator_asks_and_only_the_own_hospital_replies(case, coordinator):
    with pytest.raises(Refused):
        DataQuery.ask(case, case.reporter, "Klopt dit?", code="A1")
    asked = DataQuery.ask(case, coordinator, "Klopt dit?", code="A1")
    for stranger in (make.user(), coordinator, make.user(role=Role.COMMISSIELID)):
        with pytest.raises(Refused):
            asked.answer(stranger, "Ja.")
    with pytest.raises(Refused):
        asked.settle(case.reporter)


def test_committees_and_other_hospitals_see_no_questions(case, coordinator):
    DataQuery.ask(case, coordinator, "Klopt dit?", code="A1")
    for person, count in ((case.reporter, 1), (coordinator, 1), (make.user(), 0), (make.user(role=Role.COMMISSIELID), 0)):
        assert access.visible(DataQuery, person).count() == count


def test_a_question_at_a_case_that_is_kept_apart_is_hidden_from_colleagues_who_were_not_named(lza1_case):
    colleague = make.user(hospital=lza1_case.hospital)
    DataQuery.ask(lza1_case, make.coordinator(Process.LZA1), "Klopt dit?", document=lza1_case.documents.first())

    assert access.visible(DataQuery, lza1_case.reporter).count() == 1 and access.visible(DataQuery, colleague).count() == 0
    lza1_case.entrust(colleague, by=lza1_case.reporter)
    assert access.visible(DataQuery, colleague).count() == 1


@pytest.fixture
def lza1_case():
    """A submitted case of a hospital that keeps LZA1 among few."""
    hospital = make.hospital(lza1_kept_apart=True)
    case = make.case(by=make.user(hospital=hospital), theme=make.theme(process=Process.LZA1))
    make.document(case)
    case.submit(case.reporter)
    return Case.get_by_id(case.id)


def test_the_work_list_tells_where_a_reply_waits_until_it_is_settled(case, coordinator):
    def replied():
        return [bool(row.replied) for row in work_list.page_of(work_list.TO_REVIEW, coordinator)[0]]

    asked = DataQuery.ask(case, coordinator, "Klopt dit?", code="A1")
    assert replied() == [False]
    asked.answer(case.reporter, "Ja.")
    assert replied() == [True]
    asked.settle(coordinator)
    assert replied() == [False]


def test_approving_asks_about_open_questions_and_settles_those_of_the_coordinator(case, coordinator, client, login):
    kept, open_one = (DataQuery.ask(case, coordinator, text, code="A1") for text in ("Een?", "Twee?"))
    kept.answer(case.reporter, "Ja.")
    login(client, coordinator)
    page = client.get(f"/beoordelen/{case.key}/").text
    form = {"csrf_token": page.split('name="csrf_token" value="')[1].split('"')[0], "ronde": case.round}
    asked = client.post(f"/beoordelen/{case.key}/goedkeuren", data=form)
    assert asked.status_code == 409 and "1 open vraag vervalt" in asked.text
    assert DataQuery.get_by_id(open_one.id).state == "open"

    client.post(f"/beoordelen/{case.key}/goedkeuren", data=form | {"toch": "1"})

    case = Case.get_by_id(case.id)
    assert case.status == Status.GOEDGEKEURD
    assert [one.state for one in DataQuery.of_case(case)] == ["beantwoord", "afgehandeld"]
    assert [event.actor_id for event in AuditEvent.of_case(case) if event.action == "inquiry.settle"] == [coordinator.id]
    login(client, case.reporter)
    page = client.get(f"/melding/{case.key}/").text
    assert "Een vraag van de coördinator" not in page and "wacht op uw antwoord" not in page


def test_a_verdict_that_is_undone_opens_the_questions_again_that_it_settled(case, coordinator):
    settled, replied, still_open = (DataQuery.ask(case, coordinator, text, code="A1") for text in ("Een?", "Twee?", "Drie?"))
    settled.settle(coordinator)
    replied.answer(case.reporter, "Ja.")
    gate.approve(case, coordinator, anyway=True)
    verdict_undo.take_back(Case.get_by_id(case.id), coordinator)
    assert [one.state for one in DataQuery.of_case(case)] == ["afgehandeld", "beantwoord", "open"]
    still_open.answer(case.reporter, "Nee.")


def test_a_question_that_cannot_be_answered_any_more_waits_for_nobody(case, coordinator, client, login, tmp_path):
    """As one from before approving settled what was open."""
    DataQuery.ask(case, coordinator, "Klopt dit?", code="A1")
    case.approve(coordinator)
    case = Case.get_by_id(case.id)
    Mail.send_waiting(clock.now(), FolderPost(tmp_path))
    assert mailed() and not Mail.select().where(Mail.name == "case_question", Mail.status == "verzonden").exists()
    login(client, case.reporter)
    page = client.get(f"/melding/{case.key}/").text
    assert "Een vraag van de coördinator" not in page and "wacht op uw antwoord" not in page

    DataQuery.ask_for_committee(case, coordinator, "Wanneer begon het?")
    assert [one.is_of_committee for one in DataQuery.waiting(case)] == [True]


def test_a_question_of_the_committee_is_told_as_theirs_and_where_it_is_answered(case, coordinator, client, login, tmp_path):
    case.approve(coordinator)
    case = Case.get_by_id(case.id)
    DataQuery.ask_for_committee(case, coordinator, "Wanneer begon het?")
    Mail.send_waiting(clock.now(), FolderPost(tmp_path))
    text = Mail.get(Mail.name == "case_question").text
    assert "De commissie heeft 1 vraag" in text and "op de pagina van de melding" in text and "coördinator" not in text
    login(client, case.reporter)
    page = client.get(f"/melding/{case.key}/").text
    assert "Een vraag van de commissie" in page and "De commissie wacht op uw antwoord" in page


def test_the_list_of_the_hospital_marks_where_a_question_waits(case, coordinator, client, login):
    login(client, case.reporter)
    assert "1 vraag" not in client.get("/meldingen/").text
    asked = DataQuery.ask(case, coordinator, "Klopt dit?", code="A1")
    assert "1 vraag" in client.get("/meldingen/").text
    asked.answer(case.reporter, "Ja.")
    assert "1 vraag" not in client.get("/meldingen/").text
    case.approve(coordinator)
    DataQuery.ask_for_committee(case, coordinator, "Wanneer begon het?")
    assert "1 vraag" in client.get("/meldingen/").text
