"""What a hospital answered about a month: one answer stands, and what was before it stays."""

import threading
from datetime import datetime, timedelta

import pytest
from peewee import IntegrityError

from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.cases.status import DISMISSALS
from models.mail.outbox import Mail
from models.monthly.month_answer import MonthAnswer, MonthAnswerKind, Proof
from tests import make

NOW = datetime(2026, 11, 5, 9)
MONTH = "2026-10"
LATER = timedelta(hours=1)


def history(hospital):
    return [(answer.kind, answer.ended_why) for answer in MonthAnswer.history(hospital, MONTH)]


def standing(hospital):
    return MonthAnswer.standing(hospital, MONTH)


def receipts():
    return Mail.select().where(Mail.name == "zero_receipt").count()


def trail():
    return [event.action for event in AuditEvent.select().order_by(AuditEvent.id)]


# ---- zero reports -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("proof", [Proof.APPARAAT, Proof.GEBAAR, Proof.KNOP, Proof.PORTAAL, Proof.TELEFOON])
def test_a_zero_report_with_a_person_behind_it_counts(proof):
    assert make.zero(proof=proof).counts


def test_a_page_that_posted_itself_does_not_count():
    answer = make.zero(proof=Proof.SCRIPT)

    assert not answer.counts and answer.ended_at is None


def test_saying_it_again_changes_nothing():
    melder = make.user()

    answers = {make.zero(melder, proof=Proof.APPARAAT, at=NOW + turn * LATER).id for turn in range(5)}

    assert len(answers) == 1 and history(melder.hospital) == [("nul", "")]
    assert trail() == ["zero.report"] and receipts() == 1


def test_clicks_at_the_same_moment_make_one_answer_and_one_receipt():
    melder = make.user()
    together, answers, failed = threading.Barrier(8), set(), []

    def click():
        with db.connection_context():
            together.wait(5)
            try:
                answers.add(make.zero(melder, proof=Proof.KNOP, at=NOW).id)
            except Exception as problem:
                failed.append(problem)

    db.close()
    clicks = [threading.Thread(target=click) for _ in range(8)]
    [one.start() for one in clicks]
    [one.join() for one in clicks]

    assert failed == [] and len(answers) == 1
    assert MonthAnswer.select().count() == 1 and receipts() == 1


def test_better_proof_confirms_a_provisional_zero_report():
    melder = make.user()
    make.zero(melder, proof=Proof.SCRIPT, at=NOW)

    answer = make.zero(melder, proof=Proof.GEBAAR, at=NOW + LATER)

    assert answer.counts and answer.proof == Proof.GEBAAR and standing(melder.hospital).counts
    assert history(melder.hospital) == [("nul", "")]
    assert trail() == ["zero.report", "zero.confirm"] and receipts() == 1


def test_weaker_proof_takes_nothing_away():
    melder = make.user()
    make.zero(melder, proof=Proof.APPARAAT)

    answer = make.zero(melder, proof=Proof.KNOP, doubt="Verdacht.")

    assert answer.counts and answer.proof == Proof.APPARAAT and answer.doubt == ""


def test_the_reason_for_doubt_is_kept_with_the_provisional_answer():
    melder = make.user()
    make.zero(melder, proof=Proof.SCRIPT)

    make.zero(melder, proof=Proof.GEBAAR, doubt="Beide links van de mail zijn vrijwel tegelijk geopend.")

    answer = standing(melder.hospital)
    assert not answer.counts and answer.proof == Proof.GEBAAR and "Beide links" in answer.doubt


def test_a_colleagues_click_confirms_and_the_answer_holds_for_the_hospital():
    hospital = make.hospital()
    first, second = make.user(hospital=hospital), make.user(hospital=hospital)
    make.zero(first, proof=Proof.SCRIPT)

    assert make.zero(second, proof=Proof.APPARAAT).by == second
    assert make.zero(first, proof=Proof.APPARAAT).by == second
    assert history(hospital) == [("nul", "")]


def test_the_database_itself_lets_only_one_answer_stand():
    answer = make.zero()

    with pytest.raises(IntegrityError), db.atomic():
        MonthAnswer.create(
            hospital=answer.hospital,
            month=MONTH,
            kind=MonthAnswerKind.CASUS,
            proof=Proof.PORTAAL,
            confirmed=True,
            by=answer.by,
            at=NOW,
        )


# ---- zero and case ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("proof", list(Proof))
def test_a_zero_report_after_a_case_is_refused_with_the_reason(proof):
    case = make.case(month=MONTH)

    with pytest.raises(Refused, match="Er is al een casus gemeld over oktober 2026"):
        make.zero(case.reporter, proof=proof)
    assert history(case.hospital) == [("casus", "")] and receipts() == 0


def test_a_case_ends_a_zero_report_and_both_stay_in_the_history():
    melder = make.user()
    make.zero(melder, proof=Proof.APPARAAT, at=NOW)

    make.case(by=melder, month=MONTH, at=NOW + LATER)

    assert history(melder.hospital) == [("nul", "vervangen"), ("casus", "")]
    assert standing(melder.hospital).kind == MonthAnswerKind.CASUS and "zero.supersede" in trail()


def test_a_second_case_is_no_second_answer():
    melder = make.user()
    make.case(by=melder, month=MONTH), make.case(by=melder, month=MONTH)

    assert history(melder.hospital) == [("casus", "")]


def test_a_zero_report_does_not_come_back_when_the_case_is_withdrawn():
    melder = make.user()
    make.zero(melder, proof=Proof.APPARAAT)
    first, second = make.case(by=melder, month=MONTH), make.case(by=melder, month=MONTH)

    first.withdraw(melder, "Dubbel.")
    assert standing(melder.hospital).kind == MonthAnswerKind.CASUS
    second.withdraw(melder, "Dubbel.")

    assert standing(melder.hospital) is None
    assert history(melder.hospital) == [("nul", "vervangen"), ("casus", "ingetrokken")]


@pytest.mark.parametrize("turn", [1, -1])
def test_a_month_with_a_dismissed_case_stays_answered_in_whichever_order_its_cases_were_closed(turn):
    melder, coordinator = make.user(), make.coordinator()
    taken_back = make.case(by=melder, month=MONTH)
    outside = make.case(status="ingediend", by=melder, month=MONTH)
    closing = [
        lambda: taken_back.withdraw(melder, "Per ongeluk."),
        lambda: Case.get_by_id(outside.id).dismiss(coordinator, next(iter(DISMISSALS)), "Dit valt erbuiten."),
    ]

    [close() for close in closing[::turn]]

    assert standing(melder.hospital).kind == MonthAnswerKind.CASUS


def test_a_receipt_that_a_case_overtook_is_not_sent():
    melder = make.user()
    make.zero(melder, proof=Proof.APPARAAT)
    make.case(by=melder, month=MONTH)

    assert Mail.get(Mail.name == "zero_receipt").render() is None


def test_a_receipt_of_what_does_not_count_yet_says_so_and_how_it_will():
    melder = make.user()
    make.zero(melder, proof=Proof.SCRIPT)
    mail = Mail.get(Mail.name == "zero_receipt")

    said = mail.render().get_body(["plain"]).get_content()
    assert "telt nog niet mee" in said and "Ja, dit klopt" in said and "hoeft u niets te doen" not in said
    assert "telt nog niet mee" in mail.render().get_body(["html"]).get_content()

    make.zero(melder, proof=Proof.GEBAAR)  # before the mail left
    said = mail.render().get_body(["plain"]).get_content()
    assert "telt nog niet mee" not in said and "hoeft u niets te doen" in said


# ---- in the portal, and by telephone ------------------------------------------------------------------------------


def test_a_melder_answers_in_the_portal_without_a_mail():
    melder = make.user()

    answer = MonthAnswer.zero_in_portal(MONTH, melder, now=NOW)

    assert answer.counts and answer.proof == Proof.PORTAAL and receipts() == 0


def test_what_the_coordinator_took_down_is_told_to_the_melders_of_the_hospital():
    melder = make.user()
    make.user(hospital=melder.hospital), make.user(role=Role.INVOERDER, hospital=melder.hospital), make.user()
    coordinator = make.coordinator()

    MonthAnswer.zero_by_telephone(melder.hospital_id, MONTH, coordinator, "de secretaris", now=NOW)

    mails = list(Mail.select().where(Mail.name == "zero_receipt"))
    assert len(mails) == 2 and {mail.hospital for mail in mails} == {melder.hospital}
    assert "na een telefoongesprek" in mails[0].render().get_body(["plain"]).get_content()


def test_a_provisional_zero_that_was_confirmed_by_telephone_is_told_to_the_melders():
    melder = make.user()
    make.user(hospital=melder.hospital)
    make.zero(melder, proof=Proof.SCRIPT, at=NOW)
    Mail.delete().execute()

    for _ in range(2):
        MonthAnswer.zero_by_telephone(melder.hospital_id, MONTH, make.coordinator(), "de secretaris", now=NOW + LATER)

    mails = list(Mail.select().where(Mail.name == "zero_receipt"))
    assert len(mails) == 2 and {mail.hospital for mail in mails} == {melder.hospital}
    said = mails[0].render().get_body(["plain"]).get_content()
    assert "na een telefoongesprek" in said and "11:00" in said and "telt nog niet mee" not in said


@pytest.mark.parametrize(
    ("month", "said"),
    [("2026-11", "nog niet voorbij"), ("2026-12", "nog niet voorbij"), ("2020-01", "meer dan twee jaar")],
)
def test_a_month_that_is_not_over_or_long_past_is_not_answered_in_the_portal(month, said):
    with pytest.raises(Refused, match=said):
        MonthAnswer.zero_in_portal(month, make.user(), now=NOW)


@pytest.mark.parametrize("role", [Role.INVOERDER, Role.LZA1_MELDER, Role.COORDINATOR, Role.BEHEERDER])
def test_only_a_melder_answers_for_a_hospital(role):
    with pytest.raises(Refused, match="NethOSS-melders"):
        MonthAnswer.zero_in_portal(MONTH, make.user(role=role), now=NOW)


def test_confirming_is_for_the_own_hospital_and_the_coordinator():
    answer = make.zero(proof=Proof.SCRIPT)

    for stranger in (make.user(), make.user(role=Role.INVOERDER, hospital=answer.hospital), make.user(role=Role.BEHEERDER)):
        with pytest.raises(Refused):
            answer.confirm_in_portal(stranger)
    answer.confirm_in_portal(answer.by)
    assert standing(answer.hospital).counts


# ---- undo ---------------------------------------------------------------------------------------------------------


def test_any_melder_of_the_hospital_and_the_coordinator_undo_a_zero_report():
    for undoer in ("colleague", "coordinator"):
        answer = make.zero()
        answer.withdraw(make.user(hospital=answer.hospital) if undoer == "colleague" else make.coordinator())
        assert standing(answer.hospital) is None and history(answer.hospital) == [("nul", "ingetrokken")]


def test_others_do_not_undo_it():
    answer = make.zero()

    for stranger in (make.user(), make.user(role=Role.INVOERDER, hospital=answer.hospital), make.coordinator("lza1")):
        with pytest.raises(Refused):
            answer.withdraw(stranger)
    assert standing(answer.hospital) == answer


def test_undoing_twice_is_harmless_and_the_month_can_be_answered_again():
    melder = make.user()
    answer = make.zero(melder)
    answer.withdraw(melder), answer.withdraw(melder)

    assert trail().count("zero.withdraw") == 1
    assert MonthAnswer.was_withdrawn(melder.hospital, MONTH)
    assert make.zero(melder).counts


def test_proof_that_comes_too_late_does_not_bring_back_what_was_undone():
    melder = make.user()
    seen = make.zero(melder, proof=Proof.SCRIPT)
    standing(melder.hospital).withdraw(melder)

    seen.prove(Proof.GEBAAR, melder)
    seen.confirm_in_portal(melder)

    assert not seen.counts and standing(melder.hospital) is None
    assert trail() == ["zero.report", "zero.withdraw"]


def test_a_case_is_not_undone_as_an_answer():
    case = make.case(month=MONTH)

    with pytest.raises(Refused, match="pagina van de melding"):
        standing(case.hospital).withdraw(case.reporter)
    assert Case.get_by_id(case.id).status == "concept"


# ---- late ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "late"), [(datetime(2026, 11, 30, 22, 59), False), (datetime(2026, 11, 30, 23), True)])
def test_an_answer_is_late_once_the_next_request_went_out(at, late):
    assert make.zero(at=at).late is late
