"""Two people: what opens cases waits for a second one, or a day in which anybody can stop it (trust.md F4, F16)."""

import re
from datetime import timedelta

import pytest

from models import AuditEvent, Mail, User, clock
from models.access import Role
from models.approval import four_eyes
from models.approval.change_kind import ChangeKind, ChangeOutcome
from models.approval.four_eyes import ALONE
from models.approval.held_change import HeldChange
from models.base import Refused
from models.mail.mail_status import MailStatus
from tests import make
from tests.web.pages import edit, form_of, send

NOW = clock.now()
REASON = "Teruggebeld via het ziekenhuis."


@pytest.fixture
def bea():
    return make.user(role=Role.BEHEERDER, name="Bea Beheer")


@pytest.fixture
def enter(app, login):
    return lambda user: login(app.test_client(), user)


def kept(user):
    return User.get_by_id(user.id)


def fields(user, **more):
    return {"name": user.name, "email": user.email, "phone": user.phone, "hospital": user.hospital} | more


def told(now=NOW):
    """As if every mail about it had left at `now`."""
    Mail.update(status=MailStatus.VERZONDEN, sent_at=now).execute()


def keys():
    """What stands in the links 'dit klopt niet', per address."""
    texts = {mail.to: mail.render().get_body(("plain",)).get_content() for mail in Mail.select()}
    return {to: re.search(r"dit-klopt-niet/([\w-]+)", text).group(1) for to, text in texts.items() if "klopt-niet" in text}


ASKED = {
    ChangeKind.ACCESS: lambda user, by: HeldChange.amend(user, by, [Role.MELDER, Role.INVOERDER], now=NOW, **fields(user))[0],
    ChangeKind.ADDRESS: lambda user, by: HeldChange.amend(
        user, by, [Role.MELDER], now=NOW, **fields(user, email="dief@example.com")
    )[0],
    ChangeKind.FACTOR: lambda user, by: HeldChange.reset_factor(user, by, REASON, now=NOW),
    ChangeKind.REVIVE: lambda user, by: HeldChange.revive(user, by, now=NOW),
}


def asked(kind, by, user=None):
    """A melder of whom a change of this kind waits, and the change."""
    user = user or make.user(
        name="Mia", active=kind != ChangeKind.REVIVE, tf_primary_method="authenticator", tf_totp_secret="geheim"
    )
    return kept(user), ASKED[kind](user, by)


def happened(kind, user):
    user = kept(user)
    return {
        ChangeKind.ACCESS: Role.INVOERDER in user.role_names,
        ChangeKind.ADDRESS: user.email == "dief@example.com",
        ChangeKind.FACTOR: user.tf_totp_secret is None,
        ChangeKind.REVIVE: user.active,
    }[kind]


@pytest.mark.parametrize("kind", list(ChangeKind))
def test_one_beheerder_alone_changes_nothing_and_a_second_one_does(bea, kind):
    user, change = asked(kind, bea)
    assert not happened(kind, user)
    for alone in (bea, user):
        if kept(alone).is_active:
            with pytest.raises(Refused, match="Iemand anders moet dit bevestigen"):
                change.confirm(kept(alone))
    assert not happened(kind, user)

    change.confirm(make.user(role=Role.BEHEERDER))

    assert happened(kind, user) and HeldChange.get().outcome == ChangeOutcome.CONFIRMED
    actions = [event.action for event in AuditEvent.select().order_by(AuditEvent.id)]
    assert actions[:1] + [one for one in actions if one.startswith("change.")][1:] == ["change.ask", "change.confirm"]


def test_the_list_and_the_form_of_the_account_say_that_it_waits(bea, app, login):
    user, change = asked(ChangeKind.ADDRESS, bea)
    client = login(app.test_client(), second := make.user(role=Role.BEHEERDER))
    listed, form = "/beheer/gebruikers/", f"/beheer/gebruikers/edit/?id={user.id}"
    assert client.get(listed).text.count("1 wijziging wacht</") == 1
    shown = client.get(form).text
    assert change.what in shown and f"Gevraagd door {bea.name}" in shown and 'href="/wijzigingen/"' in shown
    change.stop(second)
    assert "wijziging wacht" not in client.get(listed).text and "wijziging wacht" not in client.get(form).text


@pytest.mark.parametrize("kind", list(ChangeKind))
def test_the_verbs_of_an_account_do_nothing_for_one_person(bea, kind):
    user = make.user(active=kind != ChangeKind.REVIVE, tf_primary_method="authenticator", tf_totp_secret="geheim")
    direct = {
        ChangeKind.ACCESS: lambda: user.grant([Role.MELDER, Role.INVOERDER], by=bea),
        ChangeKind.ADDRESS: lambda: user.move_address("dief@example.com", by=bea),
        ChangeKind.FACTOR: lambda: user.lose_second_factor(bea, REASON),
        ChangeKind.REVIVE: lambda: user.reactivate(by=bea),
    }
    with pytest.raises(Refused, match="twee mensen"):
        direct[kind]()
    with pytest.raises(Refused, match="twee mensen"):
        User.enrol("collega@example.com", "Collega", [Role.COORDINATOR], by=bea)
    assert not happened(kind, user)


def test_a_melder_confirms_for_the_own_hospital_and_no_other(bea):
    user, change = asked(ChangeKind.FACTOR, bea)
    for stranger in (make.user(), make.user(role=Role.INVOERDER, hospital=user.hospital), make.coordinator()):
        with pytest.raises(Refused, match="Alleen de beheerder en de melders"):
            change.confirm(stranger)
        with pytest.raises(Refused, match="Alleen de beheerder en de melders"):
            change.stop(stranger)
    change.confirm(make.user(hospital=user.hospital))
    assert happened(ChangeKind.FACTOR, user)


def test_who_is_moved_to_a_hospital_is_confirmed_by_its_people(bea):
    user, new = make.user(), make.hospital()
    (change,) = HeldChange.amend(user, bea, [Role.MELDER], **fields(user, hospital=new))
    with pytest.raises(Refused):
        change.confirm(make.user(hospital=user.hospital))
    assert kept(user).hospital != new
    change.confirm(make.user(hospital=new))
    assert kept(user).hospital == new


@pytest.mark.parametrize("kind", list(ChangeKind))
def test_alone_it_waits_a_day_after_the_mails_have_left(bea, kind):
    user, _ = asked(kind, bea)
    assert HeldChange.take_effect(NOW + 3 * ALONE) == 0 and not happened(kind, user)  # no mail has left yet

    told(NOW + timedelta(hours=1))

    assert HeldChange.take_effect(NOW + ALONE) == 0 and not happened(kind, user)
    assert HeldChange.take_effect(NOW + ALONE + timedelta(hours=1)) == 1 and happened(kind, user)
    assert HeldChange.take_effect(NOW + 3 * ALONE) == 0
    assert AuditEvent.select().where(AuditEvent.action == "change.effect").count() == 1


@pytest.mark.parametrize("kind", list(ChangeKind))
def test_who_knows_better_stops_it_without_logging_in(bea, client, kind):
    user, change = asked(kind, bea)
    address = f"/dit-klopt-niet/{keys()[user.email]}/"

    page = client.get(address)
    assert "Klopt deze wijziging niet?" in page.text and REASON not in page.text
    client.head(address), client.options(address)
    assert HeldChange.get().outcome is None

    key = re.search(r'name="csrf_token" value="([^"]+)"', page.text).group(1)
    assert "is tegengehouden" in client.post(address, data={"csrf_token": key}, follow_redirects=True).text
    told()
    assert HeldChange.take_effect(NOW + 3 * ALONE) == 0 and not happened(kind, user)
    with pytest.raises(Refused, match="al beslist"):
        change.confirm(make.user(role=Role.BEHEERDER))
    line = AuditEvent.get(AuditEvent.action == "change.stop")
    assert line.detail.endswith("via de link in de mail") and line.actor is None
    assert Mail.get(Mail.once.startswith(f"held:{change.id}:tegengehouden")).user == bea


def test_the_mail_of_who_asked_is_no_warning_to_anybody(bea):
    """Everybody else's came back or failed: nobody could stop it."""
    make.user(role=Role.BEHEERDER)
    user = make.user()
    ASKED[ChangeKind.ADDRESS](user, bea)
    told()
    Mail.update(bounced_at=NOW).where(Mail.user != bea).execute()
    assert HeldChange.take_effect(NOW + 3 * ALONE) == 0 and not happened(ChangeKind.ADDRESS, user)
    Mail.update(bounced_at=None).where(Mail.user == user).execute()
    assert HeldChange.take_effect(NOW + 3 * ALONE) == 1


@pytest.mark.parametrize("kind", [ChangeKind.ACCESS, ChangeKind.REVIVE])
def test_the_mail_of_who_gains_by_it_is_no_warning_either(bea, kind):
    make.user(role=Role.BEHEERDER)
    user, _ = asked(kind, bea)
    told()
    Mail.update(bounced_at=NOW).where(Mail.user != bea, Mail.user != user).execute()
    assert HeldChange.take_effect(NOW + 3 * ALONE) == 0 and not happened(kind, user)
    Mail.update(bounced_at=None).execute()
    assert HeldChange.take_effect(NOW + 3 * ALONE) == 1


def test_who_came_later_and_was_mailed_nothing_keeps_no_change_waiting(bea):
    change = asked(ChangeKind.ACCESS, bea)[1]
    told()
    make.user(role=Role.BEHEERDER)
    assert HeldChange.take_effect(NOW + 3 * ALONE) == 1 and HeldChange.get_by_id(change.id).outcome


def test_an_unknown_link_is_none(client):
    assert client.get("/dit-klopt-niet/verzonnen/").status_code == 404


def test_everybody_who_could_know_better_is_told(bea):
    other, user = make.user(role=Role.BEHEERDER), make.user()
    melder = make.user(hospital=user.hospital)
    make.user(hospital=user.hospital, role=Role.INVOERDER)
    asked(ChangeKind.ADDRESS, bea, user)
    assert {mail.to for mail in Mail.select()} == {bea.email, other.email, user.email, melder.email}
    texts = {mail.to: " ".join(mail.render().get_body(("plain",)).get_content().split()) for mail in Mail.select()}
    assert f"dief@example.com (nu {user.email})" in texts[user.email]
    assert "/wijzigingen/" in texts[other.email] and "/wijzigingen/" not in texts[user.email] + texts[bea.email]


def test_what_was_decided_is_not_asked_about_any_more(bea):
    _, change = asked(ChangeKind.FACTOR, bea)
    change.confirm(make.user(role=Role.BEHEERDER))
    letters = [mail.render() for mail in Mail.select().order_by(Mail.id)]
    assert [letter["Subject"] for letter in letters if letter] == ["De tweede stap van uw account is gewijzigd"]


def test_a_changed_address_is_told_to_the_old_one_as_well_and_its_links_end(bea):
    user, change = asked(ChangeKind.ADDRESS, bea)
    key = user.renew_reset_key()
    change.confirm(make.user(role=Role.BEHEERDER))
    assert kept(user).reset_key != key
    done = list(Mail.select().where(Mail.once.startswith(f"held:{change.id}:gedaan")))
    assert {mail.to for mail in done} == {user.email, "dief@example.com"}
    text = " ".join(done[0].render().get_body(("plain",)).get_content().split())
    assert f"gewijzigd van {user.email} in dief@example.com" in text


def test_a_second_change_of_the_same_kind_waits_for_the_first(bea):
    user, _ = asked(ChangeKind.FACTOR, bea)
    with pytest.raises(Refused, match="Er wacht al een wijziging"):
        HeldChange.reset_factor(user, make.user(role=Role.BEHEERDER), REASON)
    assert HeldChange.select().count() == 1


def test_what_closes_is_done_at_once(bea):
    user = make.user(Role.MELDER, Role.INVOERDER)
    assert HeldChange.amend(user, bea, [Role.INVOERDER], **fields(user, name="Anders", phone="020")) == []
    assert kept(user).role_names == {Role.INVOERDER} and kept(user).name == "Anders" and not Mail.select().exists()

    member = make.user(Role.COORDINATOR, Role.COMMISSIELID)
    assert HeldChange.amend(member, bea, [Role.COORDINATOR], **fields(member)) == []
    assert kept(member).role_names == {Role.COORDINATOR} and kept(member).committee is None


def test_what_nobody_may_ask_for_any_more_does_not_take_effect(bea):
    user, _ = asked(ChangeKind.FACTOR, bea)
    make.user(role=Role.BEHEERDER)
    told()
    bea.deactivate()
    assert HeldChange.take_effect(NOW + 2 * ALONE) == 0 and not happened(ChangeKind.FACTOR, user)
    assert HeldChange.get().outcome == ChangeOutcome.LAPSED


def test_an_address_that_was_taken_meanwhile_lapses(bea):
    user, _ = asked(ChangeKind.ADDRESS, bea)
    make.user(email="dief@example.com")
    told()
    assert HeldChange.take_effect(NOW + 2 * ALONE) == 0
    assert HeldChange.get().outcome == ChangeOutcome.LAPSED and kept(user).email == user.email


def test_two_who_decide_at_once_decide_once(bea):
    user, change = asked(ChangeKind.FACTOR, bea)
    change.stop(make.user(role=Role.BEHEERDER))
    with pytest.raises(Refused, match="al beslist"):
        HeldChange.get_by_id(change.id).confirm(make.user(role=Role.BEHEERDER))
    assert not happened(ChangeKind.FACTOR, user)


# ---- the screens -----------------------------------------------------------------------------------------------------


def test_somebody_new_reaches_nothing_until_a_second_person_confirms(bea, enter):
    hospital = make.hospital()
    boss, colleague = enter(bea), make.user(hospital=hospital)
    form = form_of(boss.get("/beheer/gebruikers/new/"))
    more = {"name": "Collega", "email": "collega@example.com", "role_names": ["melder"], "hospital": hospital.id}
    send(boss, "/beheer/gebruikers/new/", form, **more)
    made, change = User.by_email("collega@example.com"), HeldChange.get()
    assert made.role_names == set() and made.hospital is None

    own = boss.get("/wijzigingen/").text
    assert "collega@example.com" in own and "Gaat vanzelf in" in own
    send(boss, "/wijzigingen/action/", action="confirm", rowid=change.id)
    assert "Iemand anders moet dit bevestigen" in boss.get("/wijzigingen/").text and kept(made).role_names == set()

    page = enter(colleague).get("/wijzigingen/")
    assert "NethOSS-melder · " + hospital.name in page.text
    send(enter(colleague), "/wijzigingen/action/", form_of(page), action="confirm", rowid=change.id)
    assert kept(made).role_names == {Role.MELDER} and kept(made).hospital == hospital


def test_a_melder_sees_what_waits_in_the_own_hospital_only(bea, enter):
    ours, theirs = asked(ChangeKind.FACTOR, bea)[0], asked(ChangeKind.FACTOR, bea)[0]
    page = enter(make.user(hospital=ours.hospital)).get("/wijzigingen/").text
    assert ours.email in page and theirs.email not in page


def test_a_beheerder_logs_somebody_out_everywhere(bea, enter):
    user = make.user()
    theirs = enter(user)
    assert theirs.get("/account").status_code == 200
    send(enter(bea), "/beheer/gebruikers/action/", action="log_out", rowid=user.id)
    assert theirs.get("/account").status_code == 302
    assert AuditEvent.get(AuditEvent.action == "user.logged_out").subject == user.in_trail


def test_an_address_that_was_changed_on_the_screen_waits(bea, enter):
    user = make.user()
    edit(enter(bea), f"/beheer/gebruikers/edit/?id={user.id}", email="dief@example.com")
    assert kept(user).email == user.email and HeldChange.get().kind == ChangeKind.ADDRESS


def test_who_was_invited_and_waits_for_roles_meets_a_page_and_no_error(bea, enter):
    made = HeldChange.invite(bea, "collega@example.com", "Collega", "", [Role.COORDINATOR])
    page = enter(made).get("/", follow_redirects=True)
    assert page.status_code == 200 and "Uw rollen wachten nog op bevestiging" in page.text


def test_changes_that_nobody_could_be_told_of_do_not_keep_a_later_one_waiting(bea, monkeypatch):
    monkeypatch.setattr(four_eyes, "AT_ONCE", 2)
    untold = [asked(ChangeKind.FACTOR, bea)[1] for _ in range(3)]
    Mail.update(status=MailStatus.MISLUKT).execute()
    later = NOW + timedelta(minutes=1)
    user = make.user(active=False)
    change = HeldChange.revive(user, bea, now=later)
    Mail.update(status=MailStatus.VERZONDEN, sent_at=later).where(Mail.once.startswith(f"held:{change.id}:")).execute()

    assert HeldChange.take_effect(later + ALONE) == 1

    assert kept(user).active and all(HeldChange.get_by_id(one.id).outcome is None for one in untold)
