"""Which person at which provider is which account, as the database keeps it."""

from datetime import timedelta

import pytest
from peewee import IntegrityError

from models import clock
from models.access import Role
from models.accounts.identity.identity_provider import IdentityProvider
from models.accounts.identity.linked_identity import HeardLogOut, LinkedIdentity, ProviderLogIn
from models.accounts.session import LogIn
from models.audit.audit_event import AuditEvent
from models.base import db
from models.staff.ending import forget_secrets
from tests import make

ISSUER = "https://inlog.erasmusmc.nl"
HUIS = IdentityProvider("huis", "Erasmus MC", ISSUER, "portaal", "geheim")
ANDER = IdentityProvider("ander", "Elders", "https://elders.nl", "portaal", "geheim")
NOW = clock.now()


def arrived(user, subject="sub-1", session="", at=NOW, **more):
    told = {"issuer": ISSUER, "subject": subject, "session": session, "second_step": False, "id_token": "x.y.z", "at": at}
    return ProviderLogIn.create(user=user, **told | more)


def inside(user, **more):
    """A session that began with an arrival of `user`."""
    login = LogIn.alive(LogIn.start(user, "127.0.0.1", "test"), user) or LogIn.select().order_by(LogIn.id.desc()).get()
    arrived(user, **more).begin(login)
    return login


def lives(login):
    return LogIn.get_by_id(login.id).ended_at is None


def test_the_database_holds_one_person_to_one_account_at_each_provider():
    user, other = make.user(), make.user()
    assert LinkedIdentity.link(user, HUIS, "sub-1") and LinkedIdentity.link(user, ANDER, "sub-1")
    assert not LinkedIdentity.link(user, HUIS, "sub-1")
    for values in ({"user": other, "subject": "sub-1"}, {"user": user, "subject": "sub-2"}):
        with pytest.raises(IntegrityError), db.atomic():
            LinkedIdentity.create(issuer=ISSUER, linked_at=NOW, **values)


def test_an_arrival_counts_a_short_while_once_and_for_its_own_account():
    user = make.user()
    number = arrived(user).id
    assert ProviderLogIn.waiting(number, user, NOW + timedelta(minutes=9)) and ProviderLogIn.waiting(number, now=NOW)
    assert not ProviderLogIn.waiting(number, make.user(), NOW)
    assert not ProviderLogIn.waiting(number, user, NOW + timedelta(minutes=10))
    assert not ProviderLogIn.waiting(number, user, NOW - timedelta(minutes=1))
    inside(user)
    used = ProviderLogIn.get(ProviderLogIn.login.is_null(False))
    assert not ProviderLogIn.waiting(used.id, user, NOW) and not ProviderLogIn.waiting(None)


def test_a_notice_of_a_session_ends_that_one_and_of_a_person_all_of_theirs():
    user = make.user()
    first, second = (inside(user, session=name) for name in ("een", "twee"))
    stranger = inside(make.user(), subject="sub-2", session="een-ander")
    assert ProviderLogIn.end(ISSUER, "", "een", "bericht-1") == 1 and (lives(first), lives(second)) == (False, True)
    assert ProviderLogIn.end(ISSUER, "sub-1", "een-ander", "bericht-2") == 0  # the session of somebody else
    assert ProviderLogIn.end("https://elders.nl", "sub-1", "", "bericht-3") == 0
    assert ProviderLogIn.end(ISSUER, "sub-1", "", "bericht-4") == 1 and not lives(second) and lives(stranger)
    assert ProviderLogIn.end(ISSUER, "sub-1", "", "bericht-5") == 0
    assert {row.id_token for row in ProviderLogIn.select().where(ProviderLogIn.user == user)} == {None}


def test_a_notice_that_somebody_kept_ends_nothing_a_second_time():
    user = make.user()
    first = inside(user)
    assert ProviderLogIn.end(ISSUER, "sub-1", "", "bericht", NOW) == 1 and not lives(first)
    later = inside(user)
    assert ProviderLogIn.end(ISSUER, "sub-1", "", "bericht", NOW) is None and lives(later)
    assert ProviderLogIn.end("https://elders.nl", "sub-1", "", "bericht", NOW) == 0  # the number of another provider
    assert HeardLogOut.forget_old(NOW + timedelta(hours=1)) == 0 and HeardLogOut.forget_old(NOW + timedelta(days=2)) == 2


def test_a_notice_whose_work_failed_may_come_again(monkeypatch):
    first = inside(make.user())
    with monkeypatch.context() as broken, pytest.raises(OSError, match="vol"):
        broken.setattr(AuditEvent, "log", lambda *args, **more: _raise(OSError("vol")))
        ProviderLogIn.end(ISSUER, "sub-1", "", "bericht")
    assert lives(first) and ProviderLogIn.end(ISSUER, "sub-1", "", "bericht") == 1


def _raise(problem):
    raise problem


@pytest.mark.parametrize("way", ["hospital", "factor", "secrets"])
def test_a_link_that_is_taken_away_with_something_else_has_its_line_in_the_trail(way):
    boss, user = make.user(role=Role.BEHEERDER), make.user()
    LinkedIdentity.link(user, HUIS, "sub-1"), LinkedIdentity.link(user, ANDER, "sub-1")
    if way == "hospital":
        user.place(user.role_names, make.hospital(), None, by=boss, agreed=True)
    elif way == "factor":
        user.lose_second_factor(boss, "Teruggebeld.", agreed=True)
    else:
        forget_secrets(user)
    lines = list(AuditEvent.select().where(AuditEvent.action == "user.unlinked").order_by(AuditEvent.id))
    assert [(line.detail, line.subject) for line in lines] == [("https://elders.nl", user.in_trail), (ISSUER, user.in_trail)]
    assert {line.actor_id for line in lines} == {None if way == "secrets" else boss.id}


def test_what_nobody_came_in_with_goes_after_a_day_and_the_rest_with_its_session():
    user = make.user()
    old, login = arrived(user, at=NOW - timedelta(days=2)), inside(user, at=NOW - timedelta(days=2))
    new = arrived(user)
    assert ProviderLogIn.forget_old(NOW) == 1
    assert {row.id for row in ProviderLogIn.select()} == {new.id, old.id + 1}
    login.delete_instance()
    assert [row.id for row in ProviderLogIn.select()] == [new.id]


def test_an_account_that_is_forgotten_keeps_no_link():
    user, other = make.user(active=False), make.user()
    for number, person in enumerate((user, other)):
        LinkedIdentity.link(person, HUIS, f"sub-{number}")
        inside(person, subject=f"sub-{number}")
    forget_secrets(user)
    assert [row.user for row in LinkedIdentity.select()] == [row.user for row in ProviderLogIn.select()] == [other]


def test_the_token_that_ends_the_session_there_is_sealed():
    arrived(make.user(), id_token="kop.anna@erasmusmc.zegel")
    ((kept,),) = db.execute_sql("SELECT id_token FROM provider_log_in").fetchall()
    assert "anna" not in kept
