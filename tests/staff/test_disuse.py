"""Suspension after disuse: who is told, who is suspended, and who never."""

from datetime import timedelta

import pytest

from models import AuditEvent, HeldChange, Mail, User, clock
from models.access import Role
from models.base import Refused
from models.monthly.month_answer import Proof
from models.monthly.monthly_request import MonthlyCall
from models.retention.due import DUE
from models.retention.retention_kind import RetentionKind
from models.staff import disuse
from tests import make
from tests.accounts.test_login import log_in, post

NOW = clock.now()
LONG_AGO = NOW - timedelta(days=400)


def fresh(user):
    return User.get_by_id(user.id)


def quiet(**more):
    return make.user(created_at=LONG_AGO - timedelta(days=100), current_login_at=LONG_AGO, **more)


def test_nobody_is_suspended_without_a_mail_a_month_before():
    person = quiet(role=Role.INVOERDER)
    assert disuse.suspend_due(NOW) == 0 and (disuse.warn(NOW), disuse.warn(NOW)) == (1, 0)
    assert disuse.suspend_due(NOW + timedelta(days=29)) == 0
    assert disuse.suspend_due(NOW + timedelta(days=31)) == 1
    assert (fresh(person).active, fresh(person).state) == (False, "geschorst")
    assert AuditEvent.select().where(AuditEvent.action == "user.suspend").count() == 1


def test_logging_in_after_the_mail_is_enough_and_the_mail_has_nothing_to_tell_any_more():
    person = quiet()
    disuse.warn(NOW)
    mail = Mail.get(Mail.name == "account_unused")
    assert "één keer in" in mail.render(NOW).get_body(["plain"]).get_content()
    User.update(current_login_at=NOW + timedelta(days=3)).where(User.id == person.id).execute()
    assert disuse.suspend_due(NOW + timedelta(days=31)) == 0 and Mail.get_by_id(mail.id).render(NOW) is None
    # A year later it begins anew, with a mail first.
    later = NOW + timedelta(days=3 + 396)
    assert disuse.suspend_due(later + timedelta(days=1)) == 0 and disuse.warn(later + timedelta(days=1)) == 1


@pytest.mark.parametrize(("proof", "counts"), [(Proof.GEBAAR, True), (Proof.KNOP, True), (Proof.SCRIPT, False)])
def test_pressing_the_button_in_the_mail_is_use_and_a_scanner_is_not(proof, counts):
    person = quiet()
    MonthlyCall.open_all(clock.previous_month(clock.today(NOW)))
    MonthlyCall.get(MonthlyCall.user == person).answer_zero(proof, now=NOW)
    assert disuse.warn(NOW) == (0 if counts else 1)


def test_the_last_beheerder_and_the_last_coordinator_stay():
    first, second, coordinator = quiet(role=Role.BEHEERDER), quiet(role=Role.BEHEERDER), quiet(role=Role.COORDINATOR)
    disuse.warn(NOW)
    assert disuse.suspend_due(NOW + timedelta(days=31)) == 1
    assert [fresh(one).active for one in (first, second, coordinator)] == [False, True, True]


def test_the_last_melder_of_a_hospital_stays(monkeypatch):
    monkeypatch.setattr(disuse, "AT_ONCE", 1)
    alone, invoerder = quiet(), quiet(role=Role.INVOERDER)
    first, second = quiet(hospital=alone.hospital), quiet(hospital=invoerder.hospital)
    for _ in range(4):
        disuse.warn(NOW)
    assert [disuse.suspend_due(NOW + timedelta(days=31)) for _ in range(3)] == [1, 1, 0]
    assert [fresh(one).active for one in (alone, first, invoerder, second)] == [False, True, False, True]


def test_of_the_last_melder_the_beheerders_hear(app):
    boss = make.user(role=Role.BEHEERDER)
    alone = quiet(name="Jan Smit")
    assert disuse.warn(NOW) == 1
    mails = {mail.user: mail for mail in Mail.select().where(Mail.name == "account_unused")}

    def said(person):
        return mails[person].render(NOW).get_body(["plain"]).get_content()

    assert mails.keys() == {alone, boss}
    assert "enige melder van uw ziekenhuis" in said(alone) and "op die dag geschorst" not in said(alone)
    assert "Jan Smit" in said(boss) and alone.hospital.name in said(boss) and f"edit/?id={alone.id}" in said(boss)
    make.user(hospital=alone.hospital)
    assert "op die dag geschorst" in said(alone) and mails[boss].render(NOW) is None


def test_who_is_suspended_is_told_at_log_in_and_comes_back_by_two_people(app):
    boss, other = make.user(role=Role.BEHEERDER, name="Bea Beheer"), make.user(role=Role.BEHEERDER)
    person = quiet(role=Role.INVOERDER)
    disuse.warn(NOW)
    disuse.suspend_due(NOW + timedelta(days=31))
    said = log_in(app.test_client(), person).text
    assert "geschorst" in said and "Bea Beheer" in said
    with pytest.raises(Refused, match="twee mensen"):
        fresh(person).reactivate(boss)
    HeldChange.revive(fresh(person), boss).confirm(other)
    back = fresh(person)
    assert back.active and back.suspended_at is None and back.password
    assert disuse.suspend_due(clock.now() + timedelta(days=31)) == 0


def test_a_suspended_account_is_ended_by_its_manager_and_by_a_beheerder(app, login):
    first, second = quiet(), quiet()
    for person in (first, second):
        person.suspend(NOW)
    manager = login(app.test_client(), make.user(hospital=first.hospital, appoints_since=NOW))
    page = manager.get(f"/collegas/{first.id}/")
    assert "Account beëindigen" in page.text
    post(manager, f"/collegas/{first.id}/beeindigen", page, reden="Werkt hier niet meer.", opvolger="")
    boss = login(app.test_client(), make.user(role=Role.BEHEERDER))
    page = boss.get("/beheer/gebruikers/")
    post(boss, "/beheer/gebruikers/action/", page, action="end", rowid=str(second.id))
    assert [fresh(one).state for one in (first, second)] == ["beëindigd"] * 2


def test_a_suspended_account_keeps_what_it_logs_in_with_for_a_year():
    person = quiet()
    person.suspend(LONG_AGO)
    due = DUE[RetentionKind.ENDED_ACCOUNT]
    assert [list(due.rows(LONG_AGO + timedelta(days=days))) for days in (365, 366)] == [[], [person]]
    person.suspend(NOW - timedelta(days=90))
    assert list(due.rows(NOW)) == []
    fresh(person).deactivate(now=LONG_AGO)
    assert list(due.rows(NOW)) == [person] and fresh(person).state == "beëindigd"
