"""A legal hold is lifted by two people: what the terms destroy then cannot come back."""

from datetime import timedelta

import pytest

from models import clock
from models.access import Process, Role
from models.approval.four_eyes import ALONE
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.mail.mail_status import MailStatus
from models.mail.outbox import Mail
from models.retention.legal_hold import LegalHold
from tests import make

NOW = clock.now()


@pytest.fixture
def hold():
    return LegalHold.place(make.case(), make.coordinator(), "Rechtszaak.")


def stands(hold):
    return LegalHold.get_by_id(hold.id).lifted_at is None


def test_nobody_lifts_a_hold_alone(hold):
    first, second = make.coordinator(), make.user(role=Role.BEHEERDER)
    with pytest.raises(Refused, match="Vraag eerst"):
        hold.lift(first)
    hold.ask_to_lift(first)
    with pytest.raises(Refused, match="niemand heft alleen"):
        hold.lift(first)
    with pytest.raises(Refused, match="al gevraagd"):
        hold.ask_to_lift(second)
    assert stands(hold)
    hold.lift(second)
    assert not stands(hold)
    for verb in (hold.lift, hold.keep, hold.ask_to_lift):
        with pytest.raises(Refused, match="al opgeheven"):
            verb(second)
    told = AuditEvent.select(AuditEvent.action).where(AuditEvent.action.contains("_hold")).order_by(AuditEvent.id)
    assert [line.action for line in told] == ["case.ask_lift_hold", "case.lift_hold"]


def test_who_does_not_agree_keeps_it(hold):
    first, second = make.coordinator(), make.coordinator()
    hold.ask_to_lift(first)
    hold.keep(second)
    with pytest.raises(Refused, match="Vraag eerst"):
        hold.lift(second)
    assert stands(hold) and LegalHold.get_by_id(hold.id).state == "geldt"


def test_who_does_not_curate_the_case_has_no_part_in_it(hold):
    hold.ask_to_lift(make.coordinator())
    for other in (make.user(), make.coordinator(Process.LZA1), make.user(role=Role.COMMISSIELID)):
        for verb in (hold.lift, hold.keep, hold.ask_to_lift):
            with pytest.raises(Refused, match="Alleen de coördinator of de beheerder"):
                verb(other)
    assert stands(hold)


def made_alone(by, email, *roles):
    """An account that `by` asked for, and that nobody confirmed or stopped within a day."""
    made = HeldChange.invite(by, email, email, "", roles, now=NOW - timedelta(days=3))
    Mail.update(status=MailStatus.VERZONDEN, sent_at=NOW - timedelta(days=2)).execute()
    assert HeldChange.take_effect(NOW - timedelta(days=2) + ALONE) == 1
    return type(made).get_by_id(made.id)


def test_two_accounts_that_one_person_made_are_no_two_people(hold):
    boss = make.user(role=Role.BEHEERDER)
    one = made_alone(boss, "een@example.com", Role.COORDINATOR)
    other = made_alone(boss, "twee@example.com", Role.BEHEERDER)
    third = made_alone(other, "drie@example.com", Role.COORDINATOR)  # by an account that the same person may stand behind
    hold.ask_to_lift(one)
    for puppet in (boss, other, third):
        with pytest.raises(Refused, match="of iemand anders die van u allebei"):
            hold.lift(puppet)
    maker = make.user(role=Role.BEHEERDER)
    pair = [made_alone(maker, f"{number}@example.com", Role.BEHEERDER) for number in "45"]
    change = HeldChange.reset_factor(make.user(), pair[0], "Teruggebeld.")
    with pytest.raises(Refused, match="of iemand anders die van u allebei"):
        change.confirm(pair[1])
    assert stands(hold) and HeldChange.get_by_id(change.id).outcome is None

    honest = make.user(role=Role.BEHEERDER)
    change.confirm(honest)
    hold.lift(honest)
    assert not stands(hold)


def test_who_was_confirmed_by_somebody_is_a_person_beside_who_asked(hold):
    boss = make.user(role=Role.BEHEERDER)
    made = HeldChange.invite(boss, "nieuw@example.com", "Nieuw", "", [Role.COORDINATOR])
    made.held.confirm(make.user(role=Role.BEHEERDER))
    hold.ask_to_lift(boss)
    hold.lift(type(made).get_by_id(made.id))
    assert not stands(hold)
