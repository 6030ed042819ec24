"""The way of a case."""

import threading
from datetime import date, datetime, timedelta

import pytest

from models.access import Process, Role
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.cases.remark import Remark
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.status import TRANSITIONS, Status
from models.mail.outbox import Mail
from models.monthly.month_answer import MonthAnswer, MonthAnswerKind
from models.monthly.monthly_request import MonthlyCall
from tests import make

MOMENT = datetime(2026, 11, 5, 9)


def mails(case):
    return [mail.name for mail in Mail.select().where(Mail.case_id == case.id).order_by(Mail.id)]


def story(case):
    return [event.action for event in AuditEvent.of_case(case)]


def act(case, verb, by):
    more = {
        "mark_incomplete": ["Ontbreekt."],
        "ask": ["Hoe laat was dat?"],
        "reopen": ["Toch nog."],
        "withdraw": ["Fout."],
        "dismiss": ["dubbel", "Zie N-1."],
    }
    return getattr(case, verb)(by, *more.get(verb, []))


def process_of(verb):
    return Process.LZA1 if verb == "ask" else Process.NETHOSS


# Undoing is for who judged a moment ago only: review/test_verdict_undo.py.
MOVES = [verb for verb in TRANSITIONS if verb != "undo_verdict"]


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("verb", MOVES)
def test_only_the_moves_of_the_table_exist_and_each_leaves_one_line(verb, status):
    case = make.case(status=status, theme=make.theme(process_of(verb)))
    origins, target, ability = TRANSITIONS[verb]
    by = make.coordinator(process_of(verb)) if ability == "review" else case.reporter
    before = story(case)
    if status == Status.CONCEPT and verb == "submit":
        make.document(case)
        before = story(case)
    possible = status in origins
    if verb == "restore":
        possible = status == Status.INGETROKKEN
    if verb == "reopen" and status == Status.INGETROKKEN:
        possible = False  # it was a concept: nobody ever submitted it

    if possible:
        act(case, verb, by)
        assert Case.get_by_id(case.id).status == target
        assert story(case) == [*before, f"case.{verb}"]
    else:
        with pytest.raises(Refused):
            act(case, verb, by)
        assert Case.get_by_id(case.id).status == status
        assert story(case) == before


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("verb", MOVES)
def test_only_the_right_role_of_the_right_hospital_moves_a_case(verb, role):
    origins, _, ability = TRANSITIONS[verb]
    case = make.case(status=origins[0], theme=make.theme(process_of(verb)))
    if verb == "submit":
        make.document(case)
    stranger = make.user(role=role)
    may = ability == "review" and role == (Role.LZA1_COORDINATOR if verb == "ask" else Role.COORDINATOR)

    if may:
        act(case, verb, stranger)
    else:
        with pytest.raises(Refused):
            act(case, verb, stranger)
        assert Case.get_by_id(case.id).status == origins[0]


def test_a_melder_opens_a_case_as_concept_with_a_number_of_its_own_series():
    nethoss, lza1 = make.case(), make.case(theme=make.theme(process=Process.LZA1))

    assert (nethoss.status, nethoss.number, lza1.number) == (Status.CONCEPT, "N-00001", "L-00001")
    assert len(nethoss.key) == 22 and nethoss.key != lza1.key


def test_an_invoerder_opens_nothing_and_reads_why():
    with pytest.raises(Refused, match="Alleen melders"):
        Case.open(make.user(role=Role.INVOERDER), make.theme())
    assert Case.select().count() == 0


def test_an_lza1_melder_opens_lza1_only():
    by = make.user(role=Role.LZA1_MELDER)
    Case.open(by, make.theme(process=Process.LZA1))

    with pytest.raises(Refused):
        Case.open(by, make.theme())


def test_the_same_form_sent_twice_makes_one_case():
    by, theme = make.user(), make.theme()

    assert Case.open(by, theme, request_key="formulier") == Case.open(by, theme, request_key="formulier")
    assert Case.select().count() == 1


def test_the_same_form_sent_twice_at_the_same_moment_makes_one_case():
    by, theme = make.user(), make.theme()
    made, gate = [], threading.Barrier(4)

    def click():
        with db.connection_context():
            gate.wait()
            made.append(Case.open(by, theme, request_key="formulier").id)

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()

    assert len(made) == 4 and len(set(made)) == 1
    assert Case.select().count() == 1


def test_a_theme_that_is_no_longer_reported_is_refused():
    with pytest.raises(Refused, match="niet geregistreerd"):
        make.case(theme=make.theme(valid_to=date(2021, 1, 1)))


def test_a_case_answers_the_month_that_was_asked_and_ends_its_zero_report():
    by = make.user()
    MonthlyCall.open_all("2026-10", now=datetime(2026, 11, 1, 7))
    zero = make.zero(by, "2026-10")
    case = make.case(by=by, at=MOMENT)

    standing = MonthAnswer.standing(by.hospital_id, "2026-10")
    assert case.month == "2026-10" and standing.kind == MonthAnswerKind.CASUS
    assert MonthAnswer.get_by_id(zero.id).ended_why == "vervangen"


def test_without_a_request_a_case_counts_for_the_running_month():
    assert make.case(at=MOMENT).month == "2026-11"


def test_an_lza1_case_answers_no_month():
    case = make.case(theme=make.theme(process=Process.LZA1), at=MOMENT)

    assert case.month is None and MonthAnswer.select().count() == 0


def test_a_case_without_a_file_is_not_submitted():
    case = make.case()

    with pytest.raises(Refused, match="minstens één bestand"):
        case.submit(case.reporter)


def test_a_case_whose_only_file_was_removed_is_not_submitted():
    case = make.case()
    make.document(case).remove(case.reporter)

    with pytest.raises(Refused, match="minstens één bestand"):
        case.submit(case.reporter)


def test_the_melder_hears_it_when_an_invoerder_submits_and_not_when_doing_it_alone():
    case, own = make.case(), make.case(status=Status.INGEDIEND)
    clerk = make.user(role=Role.INVOERDER, hospital=case.hospital)
    make.document(case, by=clerk)
    case.submit(clerk)

    assert mails(case) == ["case_submitted"] and mails(own) == []


def test_only_who_made_the_case_is_told_so():
    case = make.case()
    clerk = make.user(role=Role.INVOERDER, hospital=case.hospital)
    other = make.user(role=Role.INVOERDER, hospital=case.hospital)
    make.document(case, by=clerk), make.document(case, by=other)
    case.submit(clerk)
    invited = make.case().invite(make.user().hospital, make.coordinator())
    colleague = make.user(hospital=invited.hospital)
    make.document(invited, by=colleague)
    Case.get_by_id(invited.id).submit(colleague)

    told = {
        mail.user_id: mail.render().get_body(["plain"]).get_content()
        for mail in Mail.select().where(Mail.name == "case_submitted")
    }
    assert {user for user, text in told.items() if "die u had aangemaakt" in text} == {case.reporter_id}
    assert "heeft melding" in told[other.id] and set(told) == {case.reporter_id, other.id, invited.reporter_id}


def test_returning_a_case_needs_a_message_and_tells_the_melder_at_once():
    case, coordinator = make.case(status=Status.INGEDIEND), make.coordinator()
    with pytest.raises(Refused, match="Schrijf een bericht"):
        case.mark_incomplete(coordinator, "  ")
    assert (Case.get_by_id(case.id).status, mails(case)) == (Status.INGEDIEND, [])

    Case.get_by_id(case.id).mark_incomplete(coordinator, "De ontslagbrief ontbreekt.")

    assert [remark.text for remark in Remark.messages(case)] == ["De ontslagbrief ontbreekt."]
    assert Remark.get().signed == "Perined Beoordelaar"
    assert mails(case) == ["case_incomplete"]


def test_approving_what_a_colleague_just_returned_is_refused_with_the_new_status():
    case = make.case(status=Status.INGEDIEND)
    mine, theirs = Case.get_by_id(case.id), Case.get_by_id(case.id)
    theirs.mark_incomplete(make.coordinator(), "Ontbreekt.")

    with pytest.raises(Refused, match=r"Iemand was u voor: .* Onvolledig"):
        mine.approve(make.coordinator())


def test_a_page_from_before_a_return_and_a_new_submission_is_stale_though_the_status_is_the_same():
    case = make.case(status=Status.INGEDIEND)
    seen = case.round
    case.mark_incomplete(make.coordinator(), "Ontbreekt.")
    case.submit(case.reporter)

    with pytest.raises(Refused, match="intussen gewijzigd"):
        Case.get_by_id(case.id).as_seen(seen)


def test_four_coordinators_approving_at_once_leave_one_approval():
    case, coordinators = make.case(status=Status.INGEDIEND), [make.coordinator() for _ in range(4)]
    refused, gate = [], threading.Barrier(4)

    def approve(by):
        with db.connection_context():
            mine = Case.get_by_id(case.id)
            gate.wait()
            try:
                mine.approve(by)
            except Refused as reason:
                refused.append(str(reason))

    threads = [threading.Thread(target=approve, args=[by]) for by in coordinators]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 3
    assert story(case).count("case.approve") == 1
    assert list(AuditEvent.broken_links()) == []


def test_the_approval_mail_is_off_unless_the_hospital_wants_it():
    case = make.case(status=Status.INGEDIEND)
    case.approve(make.coordinator())
    assert mails(case) == []

    wanted = make.case(status=Status.INGEDIEND, by=make.user(hospital=make.hospital(mail_on_approval=True)))
    wanted.approve(make.coordinator())
    assert mails(wanted) == ["case_approved"]


def test_withdrawing_the_only_case_opens_its_month_again_and_no_zero_report_comes_back():
    by = make.user()
    make.zero(by, "2026-10")
    case = make.case(by=by, month="2026-10")
    case.withdraw(by, "Dubbel aangemaakt.")

    assert MonthAnswer.standing(by.hospital_id, "2026-10") is None


def test_withdrawing_one_of_two_cases_leaves_the_month_answered():
    by = make.user()
    first, _ = make.case(by=by, month="2026-10"), make.case(by=by, month="2026-10")
    first.withdraw(by, "Dubbel aangemaakt.")

    assert MonthAnswer.standing(by.hospital_id, "2026-10").kind == MonthAnswerKind.CASUS


def test_undoing_a_withdrawal_answers_the_month_again():
    by = make.user()
    case = make.case(by=by, month="2026-10", status=Status.INGETROKKEN)
    case.restore(by)

    assert MonthAnswer.standing(by.hospital_id, "2026-10").kind == MonthAnswerKind.CASUS


def test_a_case_that_the_coordinator_closed_is_not_restored_by_the_hospital():
    case = make.case(status=Status.INGEDIEND)
    case.dismiss(make.coordinator(), "dubbel", "Zie N-00007.")

    with pytest.raises(Refused, match="Alleen de coördinator"):
        case.restore(case.reporter)


def test_a_concept_that_the_coordinator_closed_is_reopened_as_a_concept_and_restored_by_nobody_else():
    case, coordinator = make.case(month="2026-10"), make.coordinator()
    case.dismiss(coordinator, "dubbel", "Zie N-00007.")

    with pytest.raises(Refused, match="Alleen de coördinator"):
        case.restore(case.reporter)
    case.reopen(coordinator, "Toch geen dubbele.")

    assert (case.status, case.closed_why, case.dismissed) == (Status.CONCEPT, "", False)
    make.document(case)
    case.submit(case.reporter)


def test_a_reason_in_the_words_of_a_dismissal_stays_a_withdrawal():
    case = make.case()
    case.withdraw(case.reporter, "Valt buiten de definitie")

    with pytest.raises(Refused, match="Alleen een melder"):
        case.reopen(make.coordinator(), "Toch wel.")
    case.restore(case.reporter)

    assert case.status == Status.CONCEPT


def test_a_case_without_its_files_is_reopened_for_the_hospital():
    case, coordinator = make.case(Status.ONVOLLEDIG), make.coordinator()
    case.documents.get().remove(case.reporter)
    case.dismiss(coordinator, "dubbel", "Zie N-00007.")

    case.reopen(coordinator, "Toch geen dubbele.")

    assert case.status == Status.ONVOLLEDIG


def test_reopening_answers_a_month_that_was_open_again():
    by, coordinator = make.user(), make.coordinator()
    case, other = make.case(by=by, month="2026-10"), make.case(by=by, month="2026-10")
    case.dismiss(coordinator, "dubbel", "Zie de andere.")
    other.withdraw(by, "Vergissing.")

    case.reopen(coordinator, "Het was deze.")

    assert MonthAnswer.standing(by.hospital_id, "2026-10").kind == MonthAnswerKind.CASUS


def test_every_remark_that_was_left_empty_gets_its_own_sentence():
    coordinator, case = make.coordinator(), make.case(Status.INGEDIEND)
    for verb, more, sentence in (
        ("mark_incomplete", (), "wat er ontbreekt"),
        ("dismiss", ("dubbel",), "waarom u afsluit"),
        ("note", (), "de notitie"),
    ):
        with pytest.raises(Refused, match=sentence):
            getattr(Case.get_by_id(case.id), verb)(coordinator, *more, " ")
    case.approve(coordinator)
    with pytest.raises(Refused, match="waarom u deze melding heropent"):
        case.reopen(coordinator, "")


@pytest.mark.parametrize("text", ["a\x00b", "a" * 301])
def test_a_reason_that_cannot_be_kept_as_it_was_typed_is_refused(text):
    case = make.case()
    with pytest.raises(Refused, match="De reden"):
        case.withdraw(case.reporter, text)
    with pytest.raises(Refused, match="De reden"):
        RequestedDocumentAnswer.give(case, case.theme.asked.first(), case.reporter, reason=text)
    with pytest.raises(Refused, match="De naam"):
        MonthAnswer.zero_by_telephone(case.hospital, "2026-01", make.coordinator(), text, now=MOMENT)
    assert Case.get_by_id(case.id).status == Status.CONCEPT and not RequestedDocumentAnswer.select().exists()


# ---- who hears of it ---------------------------------------------------------------------------------------------------


def told(case, name):
    return [mail.user for mail in Mail.select().where(Mail.case_id == case.id, Mail.name == name).order_by(Mail.id)]


@pytest.mark.parametrize("how", ["ended", "moved", "role taken away"])
def test_colleagues_hear_of_a_case_whose_melder_no_longer_works_on_it(how):
    case = make.case(Status.INGEDIEND)
    colleague, coordinator = make.user(hospital=case.hospital), make.coordinator()
    gone = case.reporter
    if how == "ended":
        gone.deactivate()
    elif how == "moved":
        gone.place([Role.MELDER], make.hospital(), None)
    else:
        gone.grant([Role.LNR_CONTACT])
    case = Case.get_by_id(case.id)

    case.mark_incomplete(coordinator, "Het verslag ontbreekt.")

    assert told(case, "case_incomplete") == [colleague]


def test_closing_a_case_is_told_to_its_hospital_without_a_word_of_the_reason():
    case = make.case(Status.INGEDIEND)
    case.dismiss(make.coordinator(), "dubbel", "Zie CANARY.")

    assert told(case, "case_closed") == [case.reporter]
    letter = Mail.get(Mail.name == "case_closed").render()
    assert "afgesloten" in letter["Subject"] and "CANARY" not in letter.as_string()
    case.reopen(make.coordinator(), "Toch niet.")
    assert Mail.get(Mail.name == "case_closed").render() is None


def test_a_dismissed_case_still_answers_its_month():
    case = make.case(status=Status.INGEDIEND, month="2026-10")
    case.dismiss(make.coordinator(), "definitie", "Meer dan 42 dagen na de sectio.")

    assert MonthAnswer.standing(case.hospital_id, "2026-10").kind == MonthAnswerKind.CASUS


def test_the_coordinator_moves_a_case_to_another_month():
    case = make.case(status=Status.INGEDIEND, month="2026-10")
    case.count_for(make.coordinator(), "2026-09")

    assert MonthAnswer.standing(case.hospital_id, "2026-10") is None
    assert MonthAnswer.standing(case.hospital_id, "2026-09").kind == MonthAnswerKind.CASUS


def test_an_internal_note_is_not_a_message():
    case = make.case(status=Status.INGEDIEND)
    case.note(make.coordinator(), "Zelfde vrouw als N-00003?")

    assert not Remark.messages(case).exists()
    assert [note.text for note in Remark.notes(case, make.coordinator())] == ["Zelfde vrouw als N-00003?"]
    assert list(Remark.notes(case, case.reporter)) == []


def test_the_database_itself_refuses_an_approved_case_without_an_approver():
    case = make.case(status=Status.INGEDIEND)

    with pytest.raises(Exception, match=r"(?i)check"):
        Case.update(status=Status.GOEDGEKEURD).where(Case.id == case.id).execute()


def test_the_database_itself_refuses_a_submitted_case_without_files():
    case = make.case(status=Status.INGEDIEND)

    with pytest.raises(Exception, match=r"(?i)check"):
        Case.update(uploads=0).where(Case.id == case.id).execute()


def test_moments_are_utc_and_days_are_dutch():
    case = make.case(at=datetime(2026, 12, 31, 23, 30))

    assert case.month == "2027-01"
    assert case.status_since - datetime(2026, 12, 31, 23, 30) == timedelta(0)
