"""Use that stands out in the trail is mailed to the beheerders, once."""

from datetime import date, timedelta

import pytest

from models import clock, dutch
from models.access import Process, Role
from models.audit import audit_event
from models.audit.audit_event import AuditEvent
from models.committee.member import CommitteeMember, Workplace
from models.committee.rules.committee_settings import CommitteeSettings
from models.mail import unusual_access
from models.mail.outbox import Mail
from tests import make

DAY = date(2026, 11, 4)
NOON, NIGHT = clock.start_of(DAY, 12), clock.start_of(DAY, 3)


@pytest.fixture
def come_from():
    """What follows comes from this address."""
    yield audit_event.origin.set
    audit_event.origin.set("")


def said():
    return [mail.facts["sentence"] for mail in Mail.select().where(Mail.name == "unusual_access").order_by(Mail.id)]


def read(person, case, times, at, **more):
    for _ in range(times):
        AuditEvent.log("case.read", by=person, case=case, at=at, **more)


def test_many_refusals_in_an_hour_are_told_once():
    make.user(role=Role.BEHEERDER)
    for number in range(unusual_access.HAMMERED["user.throttled"][0]):
        assert unusual_access.sound(NOON) == 0, number
        AuditEvent.log("user.throttled", subject="iemand", result="geweigerd", at=NOON - timedelta(minutes=number))
    assert unusual_access.sound(NOON) == 1 and unusual_access.sound(NOON + timedelta(minutes=15)) == 0
    assert "10 keer" in said()[0]


def test_who_opens_very_many_cases_is_named_to_every_beheerder(monkeypatch):
    monkeypatch.setattr(unusual_access, "MANY", 3)
    managers, reader, other = [make.user(role=Role.BEHEERDER) for _ in range(2)], make.coordinator(), make.user()
    cases = [make.case() for _ in range(3)]
    for case in cases:
        read(reader, case, 1, NOON)
    read(other, cases[0], 9, NOON)  # one case, often
    assert unusual_access.sound(NOON) == len(managers)
    assert all(reader.email in sentence and "3 verschillende" in sentence for sentence in said())
    assert unusual_access.sound(NOON) == 0


def test_reading_at_night_is_told_and_by_day_it_is_not():
    make.user(role=Role.BEHEERDER)
    reader, case = make.coordinator(), make.case()
    read(reader, case, unusual_access.AT_NIGHT, NOON - clock.DAY)
    assert unusual_access.sound(NOON - clock.DAY) == 0
    read(reader, case, unusual_access.AT_NIGHT, NIGHT)
    assert unusual_access.sound(NIGHT) == 1 and "deze nacht 20 keer" in said()[0]


def test_who_opens_very_many_stays_is_named_and_a_repeat_is_not(monkeypatch):
    monkeypatch.setattr(unusual_access, "MANY", 3)
    make.user(role=Role.BEHEERDER)
    reader, other = make.user(role=Role.LNR_BEHEER), make.user(role=Role.LNR_BEHEER)
    for number in range(3):
        AuditEvent.log("lnr.read", by=reader, subject=f"LNR-{number}", at=NOON)
        AuditEvent.log("lnr.read", by=other, subject="LNR-1", at=NOON)
    assert unusual_access.sound(NOON) == 1
    assert reader.email in said()[0] and "3 verschillende opnamen" in said()[0]


def test_reading_in_a_weekend_is_told():
    make.user(role=Role.BEHEERDER)
    reader, sunday = make.user(role=Role.LNR_BEHEER), clock.start_of(date(2026, 11, 8), 12)
    for _ in range(unusual_access.AT_NIGHT):
        AuditEvent.log("lnr.read", by=reader, subject="LNR-1", at=sunday)
    assert unusual_access.sound(sunday) == 1 and "weekend 20 keer" in said()[0]


def test_every_beheerder_hears_of_what_opens_cases_and_waited_for_none_of_them():
    make.user(role=Role.BEHEERDER), make.user(role=Role.BEHEERDER)
    hospital, member = make.hospital(lza1_kept_apart=True), make.member()
    record, place = CommitteeMember.of(member), Workplace.get()
    hospital.amend(None, phone="076-1234567")
    CommitteeSettings.amend(make.coordinator(), Process.NETHOSS, 0, quorum=5)
    # After the wait: they were asked before, and told (models/committee/ties).
    record.amend(None, agreed=True, chair=True)
    place.amend(None, agreed=True, until=clock.today())
    Workplace.add(None, agreed=True, member=record, hospital=hospital, since=DAY, until=None)
    hospital.amend(None, agreed=True, lza1_kept_apart=False)
    assert unusual_access.sound() == 0

    hospital.amend(None, lza1_kept_apart=True, region="Noord")
    record.amend(None, outside=True)
    Workplace.add(None, member=record, hospital=hospital, since=DAY, until=None)
    assert unusual_access.sound() == 6 and unusual_access.sound() == 0
    assert all(one.startswith("Wie de machine beheert wijzigde wie er meldingen kan lezen") for one in said())
    assert str(hospital) in said()[0] and member.email in said()[2]


def test_the_mail_tells_it_in_words():
    make.user(role=Role.BEHEERDER)
    read(reader := make.coordinator(), make.case(), unusual_access.AT_NIGHT, NIGHT)
    unusual_access.sound(NIGHT)
    told = Mail.get(Mail.name == "unusual_access").render().get_body(["plain"]).get_content()
    assert reader.email in told and "logboek" in told


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("user.login_refused", "mislukte het inloggen 30 keer vanaf 192.0.2.1"),
        ("user.reset_asked", "20 keer een nieuw wachtwoord aangevraagd vanaf 192.0.2.1"),
        ("lnr.key_refused", "10 minuten waarin een LNR-sleutel werd geweigerd vanaf 192.0.2.1"),
    ],
    ids=["log-in", "forgotten password", "key"],
)
def test_who_hammers_from_one_address_is_told_once_a_week(come_from, action, words):
    make.user(role=Role.BEHEERDER)
    border = unusual_access.HAMMERED[action][1]
    come_from("192.0.2.1")
    for day in range(2):
        for minute in range(border - 1):
            AuditEvent.log(action, at=NOON + day * clock.DAY + timedelta(minutes=minute))
    come_from("192.0.2.2")
    AuditEvent.log(action, at=NOON)
    assert unusual_access.sound(NOON + timedelta(minutes=59)) == 0
    come_from("192.0.2.1")
    for day in range(2):
        AuditEvent.log(action, at=NOON + day * clock.DAY + timedelta(minutes=30))
    assert unusual_access.sound(NOON + timedelta(minutes=59)) == 1 and words in said()[0]
    assert unusual_access.sound(NOON + clock.DAY + timedelta(minutes=59)) == 0


def test_who_guesses_from_everywhere_is_told_once_a_day(come_from):
    """One IPv6 network is one address; a hundred others are not."""
    make.user(role=Role.BEHEERDER)
    for number in range(99):
        come_from(f"198.51.100.{number}")
        AuditEvent.log("user.login_refused", at=NOON)
    assert unusual_access.sound(NOON) == 0
    come_from("2001:db8::1")
    AuditEvent.log("user.login_refused", at=NOON)
    assert unusual_access.sound(NOON) == 1 and "mislukte het inloggen 100 keer." in said()[0]
    for number in range(30):
        come_from(f"2001:db8::{number + 1:x}")
        AuditEvent.log("user.login_refused", at=NOON + timedelta(hours=3))
    assert unusual_access.sound(NOON + timedelta(hours=3)) == 1 and "vanaf 2001:db8::/64" in said()[1]


def test_what_lists_and_files_show_of_the_registry_counts_by_how_many_they_hold():
    make.user(role=Role.BEHEERDER)
    reader, other = make.user(role=Role.LNR_BEHEER), make.user(role=Role.LNR_BEHEER)
    for _ in range(5):
        AuditEvent.log("lnr.indicator", by=reader, subject="LNR-indicator N1", detail="teller, 2026: 50 opnamen", at=NOON)
    AuditEvent.log("lnr.export", by=other, subject="Aanvraag 1", detail="299 opnamen, csv", at=NOON)
    assert unusual_access.sound(NOON) == 0
    for person in (reader, other):
        AuditEvent.log("lnr.indicator", by=person, subject="LNR-indicator N1", detail="teller, 2026: 50 opnamen", at=NOON)
    assert unusual_access.sound(NOON) == 2
    assert [(reader.email in one, other.email in one) for one in said()] == [(True, False), (False, True)]
    assert "300 keer een opname" in said()[0] and "349 keer" in said()[1]


@pytest.mark.parametrize("action", ["case.export", "form.export", "lza1.export", "row.export", "trail.export"])
def test_who_takes_very_much_out_as_files_is_named(action):
    make.user(role=Role.BEHEERDER)
    one, other, sunday = make.coordinator(), make.coordinator(), clock.start_of(date(2026, 11, 8), 12)
    word = "meldingen" if action == "form.export" else "regels"

    def taken(person, lines, at):
        AuditEvent.log(action, by=person, detail=f"xlsx, {dutch.number(lines)} {word}", at=at)

    for at in (NOON, NIGHT - clock.DAY, sunday):
        taken(other, 299, at)
        assert unusual_access.sound(at) == 0
    taken(one, 2500, NOON), taken(one, 2500, NOON)
    taken(one, 300, NIGHT - clock.DAY), taken(one, 300, sunday)
    assert [unusual_access.sound(at) for at in (NIGHT - clock.DAY, NOON, sunday)] == [1, 1, 1]
    for sentence, words in zip(said(), ("deze nacht 300", "vandaag 5000", "weekend 300"), strict=True):
        assert f"{words} regels" in sentence and one.email in sentence


@pytest.mark.parametrize("action", ["lnr.form_read", "lnr.indicator", "lnr.export", "form.read"])
def test_every_way_of_reading_counts_in_a_weekend_and_at_night(action):
    make.user(role=Role.BEHEERDER)
    reader, case = make.user(role=Role.LNR_BEHEER), make.case() if action == "form.read" else None
    sunday = clock.start_of(date(2026, 11, 8), 12)
    for at, word in ((sunday, "weekend"), (NIGHT, "deze nacht")):
        for _ in range(unusual_access.AT_NIGHT):
            AuditEvent.log(action, by=reader, case=case, subject="LNR", at=at)
        assert unusual_access.sound(at) == 1 and f"{word}" in said()[-1] and "20 keer" in said()[-1]


def test_a_normal_week_gives_no_alarm(come_from):
    """Work of forty people by day, some at a weekend or at night, slips, forgotten passwords, a supplier with an old key."""
    make.user(role=Role.BEHEERDER)
    coordinator, lnr, melders = make.coordinator(), make.user(role=Role.LNR_BEHEER), [make.user() for _ in range(5)]
    cases = [make.case(by=melders[0]) for _ in range(5)]
    monday = date(2026, 11, 2)
    for number in range(7):
        day, weekend = monday + timedelta(days=number), number >= 5
        for turn in range(4 if weekend else 40):
            at = clock.start_of(day, 9) + timedelta(minutes=10 * turn)
            AuditEvent.log("case.read", by=coordinator, case=cases[turn % 5], at=at)
            AuditEvent.log("lnr.read", by=lnr, subject=f"LNR-{turn}", at=at)
            come_from(f"192.0.2.{turn % 8}")
            AuditEvent.log("case.read", by=melders[turn % 5], case=cases[0], at=at)
            AuditEvent.log("user.login_refused", at=at)
        for turn in range(5):
            AuditEvent.log("lnr.indicator", by=lnr, detail="teller, 2026: 50 opnamen", at=clock.start_of(day, 10 + turn))
            AuditEvent.log("user.reset_asked", at=clock.start_of(day, 9))
            AuditEvent.log("case.read", by=melders[0], case=cases[0], at=clock.start_of(day, 23))
            AuditEvent.log("user.throttled", at=clock.start_of(day, 9))
        for hour in range(24):
            AuditEvent.log("lnr.key_refused", at=clock.start_of(day, hour))
        for hour in range(5, 24, 6):
            assert unusual_access.sound(clock.start_of(day, hour)) == 0, said()
    assert unusual_access.sound(clock.start_of(monday + timedelta(days=7))) == 0, said()
