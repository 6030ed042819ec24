"""Letting things leave after a restore: each account, key and month is looked at, and two beheerders agree (F3, R-1)."""

import re

import pytest

from admin_views.accounts import second_factor
from models import clock
from models.access import Role
from models.accounts.session import LogIn
from models.accounts.user import User
from models.approval.change_kind import ChangeKind, ChangeOutcome
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.dutch import month_name
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.supplier import Supplier
from models.mail.mail_schedule import MailSchedule
from models.mail.mail_status import MailStatus
from models.mail.outbox import Mail
from models.mail.outgoing_hold import OutgoingHold
from models.monthly.monthly_request import MonthlyCall, MonthOpening
from models.operations import after_restore
from models.operations.restored_item import ItemDecision, RestoredItem
from tests import make

pytestmark = pytest.mark.db_dialect
PAGE = "/beheer/toestand/terugzetten/"
LAST_MONTH = clock.previous_month(clock.today())  # the links of its request still work


@pytest.fixture
def two():
    return make.user(role=Role.BEHEERDER, name="Bea"), make.user(role=Role.BEHEERDER, name="Cor")


@pytest.fixture
def left(two):
    """Somebody who had left, a key that had been revoked, and a month that may have been asked about: all live again."""
    gone = make.user(name="Vertrokken", email="weg@example.com")
    ApiKey.issue(Supplier.create(name="Leverancier"), make.hospital())
    MonthlyCall.open_all(LAST_MONTH)
    after_restore.begin(clock.now() - clock.DAY)
    return gone


def item(**about):
    return RestoredItem.get(*(getattr(RestoredItem, name) == value for name, value in about.items()))


def press(client, button):
    key = re.search(r'name="csrf-token" content="([^"]+)"', client.get(PAGE).text)[1]
    return client.post(PAGE + button, data={"csrf_token": key}, follow_redirects=True)


def look_through(two, end=()):
    """Decide about everything: of each account another beheerder says that it is right, and nothing was erased meanwhile."""
    after_restore.none_erased(two[1])
    for one in RestoredItem.select().where(RestoredItem.decision.is_null()):
        by = two[one.account_id == two[0].id]
        if one.month:
            one.leave(by)
        elif one.account_id in end or one.key_id:
            one.end(by)
        else:
            one.keep(by)


def test_a_change_that_waited_in_the_copy_does_not_take_effect_by_itself(two):
    """It may have been stopped since; that it was told of a day ago the copy still knows."""
    user, asked_at = make.user(), clock.now() - 3 * clock.DAY
    change = HeldChange.reset_factor(user, two[0], "Teruggebeld via het ziekenhuis.", now=asked_at)
    Mail.update(status=MailStatus.VERZONDEN, sent_at=asked_at).execute()

    after_restore.begin(clock.now() - 2 * clock.DAY)

    assert HeldChange.take_effect() == 0 and HeldChange.get_by_id(change.id).outcome == ChangeOutcome.LAPSED
    assert "misschien" in AuditEvent.get(AuditEvent.action == "change.stop").detail
    assert any(user.email in line and change.label in line for line in after_restore.overview(OutgoingHold.standing()))


def test_nothing_leaves_until_everything_was_looked_at_and_two_people_agree(two, left):
    asks, second = two
    with pytest.raises(Refused, match="Vraag eerst om vrij te geven"):
        after_restore.confirm(second)
    with pytest.raises(Refused, match="Niemand vraagt nu om vrij te geven"):
        after_restore.take_back(second)
    with pytest.raises(Refused, match="Beslis eerst over alles wat hieronder staat"):
        after_restore.ask(asks)
    look_through(two, end=[left.id])
    OutgoingHold.update(erasures_at=None).execute()
    with pytest.raises(Refused, match="Zeg eerst of er sinds de kopie iets op verzoek is gewist"):
        after_restore.ask(asks)
    after_restore.none_erased(second)
    after_restore.ask(asks)

    with pytest.raises(Refused, match="niemand geeft alleen vrij"):
        after_restore.confirm(asks)
    with pytest.raises(Refused, match="De vrijgave is al gevraagd"):
        after_restore.ask(second)
    with pytest.raises(Refused, match="Neem die vraag eerst terug"):
        item(account=asks.id).end(second)
    for stranger in (make.user(), make.coordinator(), make.user(role=Role.LNR_BEHEER)):
        for verb in (
            after_restore.ask,
            after_restore.none_erased,
            after_restore.confirm,
            after_restore.take_back,
            item(account=asks.id).keep,
        ):
            with pytest.raises(Refused, match="Alleen de beheerder"):
                verb(stranger)
    assert OutgoingHold.standing()

    after_restore.confirm(second)

    assert OutgoingHold.standing() is None and OutgoingHold.get().released_by == second
    assert not User.get_by_id(left.id).active and ApiKey.get().revoked_at and User.get_by_id(asks.id).active
    said = AuditEvent.select().where(AuditEvent.action == "restore.decide").count()
    assert said == RestoredItem.select().count() + 2  # and twice that nothing was erased
    assert AuditEvent.get(AuditEvent.action == "restore.release").actor == second
    with pytest.raises(Refused, match="Er is al vrijgegeven"):
        item(account=asks.id).end(second)
    with pytest.raises(Refused, match="niets vastgehouden"):
        after_restore.confirm(second)


def test_two_accounts_of_one_person_do_not_release(two, left):
    asks, second = two
    look_through(two)
    after_restore.ask(asks)
    alone = {"outcome": ChangeOutcome.ELAPSED, "asked_at": clock.now(), "decided_at": clock.now()}
    HeldChange.create(kind=ChangeKind.ACCESS, account=second, asked_by=asks, stop_hash="x", **alone)
    with pytest.raises(Refused, match="Een van u beiden"):
        after_restore.confirm(second)
    assert OutgoingHold.standing()


def test_nobody_vouches_for_the_own_account_or_ends_it(two, left):
    asks, _ = two
    mine = item(account=asks.id)
    with pytest.raises(Refused, match="Of uw eigen account klopt"):
        mine.keep(asks)
    with pytest.raises(Refused, match="eigen account"):
        mine.end(asks)
    assert item(account=asks.id).decision is None and User.get_by_id(asks.id).active


def test_an_answer_fits_what_it_is_about_and_an_end_is_an_end(two, left):
    asks, _ = two
    month, ended = item(month=LAST_MONTH), item(account=left.id)
    for wrong in (month.keep, month.end, ended.leave, ended.ask_again):
        with pytest.raises(Refused, match="Dit kan niet bij: "):
            wrong(asks)
    month.leave(asks)
    month.ask_again(asks)
    ended.end(asks)
    with pytest.raises(Refused, match="Dit is al beëindigd"):
        ended.keep(asks)


def test_what_was_asked_can_be_taken_back_and_decided_anew(two, left):
    asks, second = two
    look_through(two)
    after_restore.ask(asks)
    after_restore.take_back(second)
    item(account=left.id).end(second)
    item(month=LAST_MONTH).ask_again(second)
    after_restore.ask(second)
    after_restore.confirm(asks)

    assert not User.get_by_id(left.id).active
    assert MonthOpening.select().where(MonthOpening.month == LAST_MONTH).exists()
    assert RestoredItem.months(OutgoingHold.get(), ItemDecision.OPNIEUW) == [LAST_MONTH]


def test_a_beheerder_reads_on_every_page_that_nothing_leaves_and_releases_with_another(client, login, two, left):
    asks, second = two
    login(client, User.get_by_id(asks.id))  # whose session key of before has ended
    assert PAGE in client.get("/beheer/gebruikers/").text
    page = client.get(PAGE).text
    for shown in (
        "weg@example.com",
        "NethOSS-melder",
        "Leverancier",
        month_name(LAST_MONTH),
        "Maandelijkse uitvraag: ",
        "Nog nakijken",
    ):
        assert shown in page
    assert "Vrijgeven vragen" not in page and LogIn.select().where(LogIn.ended_at.is_null()).count() == 1

    look_through(two, end=[left.id])
    page = client.get(PAGE).text
    assert "Vrijgeven vragen" in page and "Alles hieronder is nagekeken" in page
    assert press(client, "vrijgave-vragen").status_code == 200
    assert 'action="/beheer/toestand/terugzetten/vrijgeven"' not in client.get(PAGE).text

    login(client, User.get_by_id(second.id))
    said = press(client, "vrijgeven").text
    assert "mail, uitvraag en herinneringen gaan weer uit" in said and "door Cor op verzoek van Bea" in said
    assert PAGE not in client.get("/beheer/gebruikers/").text
    assert Mail.select().where(Mail.name == "monthly_request").count() >= 1


def test_the_page_names_the_changes_that_lapsed_and_nothing_of_them_that_was_typed(client, login, two):
    asks, second = two
    person, why = make.user(name="Anna", email="anna@example.com"), "Teruggebeld via de afdeling"
    HeldChange.reset_factor(person, asks, why)
    HeldChange.reset_factor(make.user(), asks, why).stop(second)  # nothing to ask again
    HeldChange.amend(person, asks, person.role_names, person.name, "anna.nieuw@example.com", "", person.hospital)
    after_restore.begin(clock.now() - clock.DAY)

    login(client, User.get_by_id(second.id))
    page = client.get(PAGE).text

    assert page.count("Anna (anna@example.com). ") == 2 and page.count("Gevraagd door Bea op") == 2
    assert "Tweede stap: gewist" in page and "E-mailadres: anna.nieuw@example.com" in page and why not in page


def test_what_lapsed_is_found_without_reading_every_change(left, asked):
    asked.begin("restored.index_view")
    assert RestoredItem.lapsed(OutgoingHold.get()) == []
    assert asked.sent and not list(asked.faults())


def test_releasing_and_deciding_ask_for_a_second_step_of_just_now(client, login, two, left, monkeypatch):
    asks, second = two
    look_through(two)
    after_restore.ask(asks)
    login(client, User.get_by_id(second.id))
    monkeypatch.setattr(second_factor, "is_fresh", lambda: False)
    key = re.search(r'name="csrf-token" content="([^"]+)"', client.get(PAGE).text)[1]
    for button in ("vrijgeven", "vrijgave-vragen", "action/"):
        answer = client.post(PAGE + button, data={"csrf_token": key, "action": "keep"})
        assert answer.status_code == 302 and "/account/opnieuw-inloggen" in answer.location, button
    assert OutgoingHold.standing()


def test_a_restore_by_an_older_version_has_no_list_and_is_released_on_the_machine(two, left):
    RestoredItem.delete().execute()
    with pytest.raises(Refused, match="geen lijst gemaakt"):
        after_restore.ask(two[0])
    assert OutgoingHold.standing().asked_by is None
    hold = OutgoingHold.standing()
    after_restore.none_erased()
    after_restore.release(leave_months=tuple(after_restore.months(hold)))
    assert OutgoingHold.standing() is None


def test_a_schedule_that_changes_meanwhile_moves_no_month_into_the_release(two, left):
    hold = OutgoingHold.standing()
    # By the schedule of then the request about last month is due; by this one it would not be yet, and the one before was.
    MailSchedule.amend(two[0], 0, hold.restored_at + clock.MINUTE, send_day=28)
    listed = {one.month for one in RestoredItem.select().where(RestoredItem.month.is_null(False))}
    assert set(after_restore.months(hold)) == listed == {LAST_MONTH}
    look_through(two)
    after_restore.ask(two[0])
    after_restore.confirm(two[1])
    assert {row.month for row in MonthOpening.select()} == {LAST_MONTH}
