"""A hospital's own manager: nominating, ending, a last day, and what nobody reaches by it."""

from datetime import timedelta

import pytest

from models import AuditEvent, HeldChange, Mail, User, clock
from models.access import Process, Role
from models.accounts.hospital import Hospital
from models.accounts.user_role import UserRole
from models.base import Refused
from models.cases.status import Status
from models.staff import ending, nomination
from models.staff.account_review import stop_per
from tests import make
from tests.accounts.test_login import log_in, post
from tests.web.pages import form_of, send

TODAY = clock.today


@pytest.fixture
def place():
    return make.hospital("Ziekenhuis Oost")


@pytest.fixture
def manager(place):
    return make.user(hospital=place, name="Mia Manager", appoints_since=clock.now())


@pytest.fixture
def colleague(place):
    return make.user(hospital=place, name="Jan Smit")


def fresh(user):
    return User.get_by_id(user.id)


def test_only_the_marked_melder_manages_and_only_the_own_hospital(manager, colleague):
    stranger = make.user()
    invoerder = make.user(role=Role.INVOERDER, hospital=manager.hospital, appoints_since=clock.now())
    for by in (colleague, invoerder, make.coordinator()):
        with pytest.raises(Refused, match="ziekenhuisbeheerder"):
            nomination.nominate(by, "Nieuw", "nieuw@example.com", "", [Role.MELDER])
        with pytest.raises(Refused, match="ziekenhuisbeheerder"):
            nomination.end(manager, by, "Werkt hier niet meer.")
    for verb in (
        lambda: nomination.end(stranger, manager, "Weg.", no_melder_left=True),
        lambda: stop_per(stranger, manager, None),
    ):
        with pytest.raises(Refused, match="eigen ziekenhuis"):
            verb()
    assert fresh(stranger).active


def test_who_is_nominated_reaches_nothing_until_somebody_else_confirms(manager, colleague):
    made = nomination.nominate(manager, "Noor Nieuw", "noor@example.com", "", ["melder"], ends_on=TODAY() + timedelta(days=90))
    assert (fresh(made).role_names, made.hospital_id) == (set(), manager.hospital_id)
    change = HeldChange.get()
    with pytest.raises(Refused, match="Iemand anders"):
        change.confirm(manager)
    change.confirm(colleague)

    made = fresh(made)
    assert made.role_names == {"melder"} and made.ends_on == TODAY() + timedelta(days=90)
    assert {mail.user for mail in Mail.select().where(Mail.name == "held_change")} >= {manager, colleague}


def test_a_manager_gives_no_national_role_and_no_role_at_another_hospital(manager):
    for roles in ([Role.COORDINATOR], [Role.MELDER, Role.BEHEERDER], []):
        with pytest.raises(Refused, match="rollen in uw ziekenhuis"):
            nomination.nominate(manager, "Nieuw", "nieuw@example.com", "", roles)
    with pytest.raises(Refused, match="eigen ziekenhuis"):
        HeldChange.invite(manager, "nieuw@example.com", "Nieuw", "", [Role.MELDER], make.hospital())
    assert User.by_email("nieuw@example.com") is None


def test_the_mark_goes_with_the_role_and_the_hospital(manager):
    boss = make.user(role=Role.BEHEERDER)
    manager.place([Role.MELDER], make.hospital(), None, by=boss, agreed=True)
    assert fresh(manager).appoints_since is None

    fresh(manager).appoint(boss)
    manager = fresh(manager)
    assert manager.appoints_since
    UserRole.delete().where(UserRole.user == manager).execute()
    fresh(manager).grant([Role.INVOERDER], by=boss, agreed=True)
    assert fresh(manager).appoints_since is None
    with pytest.raises(Refused, match="geen melder"):
        fresh(manager).appoint(boss)
    told = AuditEvent.select().where(AuditEvent.action == "user.steward", AuditEvent.actor == boss).order_by(AuditEvent.id)
    assert [line.detail for line in told] == ["beëindigd", "aangewezen", "beëindigd"]


def test_a_leaver_is_ended_with_a_reason_and_the_open_cases_are_offered(manager, colleague, place):
    case = make.case(by=colleague, status=Status.ONVOLLEDIG)
    make.case(by=colleague, status=Status.INGEDIEND)
    with pytest.raises(Refused, match="waarom dit account stopt"):
        nomination.end(colleague, manager, "  ")
    with pytest.raises(Refused, match="Kies een collega"):
        nomination.end(colleague, manager, "Werkt hier niet meer.", successor=make.user().id)
    assert fresh(colleague).active, "a refusal undoes the whole"

    assert nomination.end(colleague, manager, "Werkt hier niet meer.", successor=manager.id) == (1, 0)
    assert not fresh(colleague).active
    assert AuditEvent.get(AuditEvent.action == "user.deactivate").detail == "Werkt hier niet meer."
    mail = Mail.get(Mail.name == "cases_offered")
    said = mail.render(clock.now()).get_body(["plain"]).get_content()
    assert mail.user == manager and case.number in said and "Jan Smit" in said


def test_the_last_melder_is_ended_only_with_the_true_sentence(manager, colleague):
    nomination.end(colleague, manager, "Weg.")
    boss = make.user(role=Role.BEHEERDER)
    with pytest.raises(Refused, match="laatste melder van Ziekenhuis Oost"):
        nomination.end(manager, boss, "Weg.")
    nomination.end(manager, boss, "Weg.", no_melder_left=True)
    assert not fresh(manager).active


def test_nobody_ends_or_extends_their_own_account(manager, colleague):
    with pytest.raises(Refused, match="eigen einddatum"):
        stop_per(manager, manager, TODAY() + timedelta(days=10))
    with pytest.raises(Refused, match="eigen account"):
        nomination.end(manager, manager, "Weg.")


def test_what_is_kept_apart_is_neither_counted_nor_offered_and_that_is_said(place, app, login):
    Hospital.update(lza1_kept_apart=True).where(Hospital.id == place.id).execute()
    manager, other = (make.user(Role.MELDER, Role.LZA1_MELDER, hospital=place) for _ in range(2))
    manager.appoint(make.user(role=Role.BEHEERDER))
    leavers = [make.user(Role.MELDER, Role.LZA1_MELDER, hospital=place) for _ in range(2)]
    for leaver in leavers:
        make.case(by=leaver, theme=make.theme(Process.LZA1))
    make.case(by=leavers[0])
    browser = login(app.test_client(), manager)
    page = browser.get(f"/collegas/{leavers[0].id}/")
    assert "1 melding van" in page.text and "2 meldingen van" not in page.text
    assert "Wie maakt de open" not in browser.get(f"/collegas/{leavers[1].id}/").text
    for leaver, successor in zip(leavers, (other.id, ""), strict=True):
        post(browser, f"/collegas/{leaver.id}/beeindigen", page, reden="Andere baan", opvolger=str(successor))
        said = browser.get("/collegas/").text
        assert "1 open melding is niet aangeboden" in said and "De coördinator wijst daarvoor een collega aan." in said
    (mail,) = Mail.select().where(Mail.name == "cases_offered")
    assert len(mail.facts["cases"]) == 1


# ---- the end date ----------------------------------------------------------------------------------------------------


def test_on_its_day_an_account_opens_nothing_before_any_clock_came_by(manager, colleague, app, login):
    browser = login(app.test_client(), colleague)
    assert browser.get("/account").status_code == 200
    User.update(ends_on=TODAY() + timedelta(days=1)).where(User.id == colleague.id).execute()
    assert browser.get("/account").status_code == 200, "until that day begins"
    User.update(ends_on=TODAY()).where(User.id == colleague.id).execute()
    assert browser.get("/account").status_code in (302, 401) and fresh(colleague).active

    said = log_in(app.test_client(), colleague).text
    assert "gestopt per" in said and "Mia Manager" in said
    assert "gestopt per" not in log_in(app.test_client(), colleague, password="iets anders dan dat").text


def test_without_an_end_date_there_is_no_end(colleague):
    assert colleague.is_active and not colleague.is_over(TODAY() + timedelta(days=36500))


def test_the_person_and_the_manager_hear_of_the_end_in_time_and_once(manager, colleague):
    stop_per(colleague, manager, TODAY() + timedelta(days=40))
    start = clock.now()
    told = [ending.warn(start + timedelta(days=day)) for day in range(39)]
    assert [day for day, count in enumerate(told) if count] == [10, 33]
    assert ending.warn(start + timedelta(days=33)) == 0
    mails = list(Mail.select().where(Mail.name == "account_ending"))
    assert sorted(mail.user.name for mail in mails) == ["Jan Smit", "Jan Smit", "Mia Manager", "Mia Manager"]
    said = next(mail for mail in mails if mail.user == manager).render(start).get_body(["plain"]).get_content()
    assert f"/collegas/{colleague.id}/" in said
    # Extended: what waits has nothing to tell, and the new day is told anew.
    stop_per(fresh(colleague), manager, TODAY() + timedelta(days=100))
    assert all(mail.render(start) is None for mail in mails)
    assert ending.warn(start + timedelta(days=95)) == 1


def test_the_clock_ends_what_is_due_and_the_day_stays_known(manager, colleague):
    stop_per(colleague, manager, TODAY() + timedelta(days=3))
    for days, ended in ((2, 0), (3, 1), (3, 0)):
        assert ending.end_due(clock.now() + timedelta(days=days)) == ended
    colleague = fresh(colleague)
    assert (colleague.active, colleague.state, colleague.ends_on) == (False, "beëindigd", TODAY() + timedelta(days=3))
    change = HeldChange.revive(colleague, manager)
    change.confirm(make.user(role=Role.BEHEERDER))
    assert fresh(colleague).active and fresh(colleague).ends_on is None


def test_who_comes_back_from_suspension_keeps_the_end_date_that_has_not_been(manager, colleague):
    day = TODAY() + timedelta(days=3)
    stop_per(colleague, manager, day)
    fresh(colleague).suspend(clock.now())
    fresh(colleague).reactivate(agreed=True)
    assert fresh(colleague).is_active and fresh(colleague).ends_on == day

    fresh(colleague).suspend(clock.now())
    User.update(ends_on=TODAY()).where(User.id == colleague.id).execute()
    fresh(colleague).reactivate(agreed=True)
    assert fresh(colleague).is_active and fresh(colleague).ends_on is None


def test_a_role_without_which_nobody_works_has_no_end_date(manager, colleague):
    boss, coordinator = make.user(role=Role.BEHEERDER), make.coordinator()
    with pytest.raises(Refused, match="heeft geen einddatum"):
        stop_per(coordinator, boss, TODAY() + timedelta(days=10))
    stop_per(colleague, boss, TODAY() + timedelta(days=10))
    fresh(colleague).place([Role.COORDINATOR], None, None, by=boss, agreed=True)
    assert fresh(colleague).ends_on is None
    told = AuditEvent.select().where(AuditEvent.action == "user.term", AuditEvent.actor == boss).order_by(AuditEvent.id)
    assert [line.detail for line in told][1:] == ["geen einddatum"]


@pytest.mark.parametrize("days", [0, -1])
def test_a_day_that_has_been_is_no_end_date(manager, colleague, days):
    with pytest.raises(Refused, match="na vandaag"):
        stop_per(colleague, manager, TODAY() + timedelta(days=days))


# ---- the screens -----------------------------------------------------------------------------------------------------


def test_a_manager_nominates_in_the_list_and_sees_nobody_of_elsewhere(manager, colleague, app, login):
    stranger = make.user(name="Vreemde Melder")
    member = make.user(role=Role.COMMISSIELID, name="Lid Van Commissie")
    browser = login(app.test_client(), manager)
    page = browser.get("/collegas/")
    assert "Jan Smit" in page.text and "Vreemde" not in page.text and "Lid Van" not in page.text
    for other in (stranger, member):
        assert browser.get(f"/collegas/{other.id}/").status_code == 404
    new = form_of(browser.get("/collegas/new/"))
    assert set(new) == {"csrf_token", "name", "email", "phone", "ends_on"}, "and the roles, of which none is ticked"
    send(browser, "/collegas/new/", new, name="Noor Nieuw", email="noor@example.com", phone="", roles=["melder"], ends_on="")
    made = User.by_email("noor@example.com")
    assert made.hospital_id == manager.hospital_id and made.ends_on is None and HeldChange.get().account == made
    assert "Noor Nieuw" in browser.get("/collegas/").text
    assert Mail.select().where(Mail.name == "invitation", Mail.user == made).count() == 1


def test_a_manager_ends_a_colleague_on_the_page_of_that_colleague(manager, colleague, app, login):
    make.case(by=colleague)
    browser = login(app.test_client(), manager)
    page = browser.get(f"/collegas/{colleague.id}/")
    refused = post(browser, f"/collegas/{colleague.id}/beeindigen", page, reden="", opvolger="")
    assert refused.status_code == 409 and "waarom dit account stopt" in refused.text
    wrong = post(browser, f"/collegas/{colleague.id}/stopt-per", page, dag="morgen")
    assert wrong.status_code == 409 and "Vul een dag in" in wrong.text
    post(browser, f"/collegas/{colleague.id}/beeindigen", page, reden="Andere baan", opvolger=str(manager.id))
    assert not fresh(colleague).active
