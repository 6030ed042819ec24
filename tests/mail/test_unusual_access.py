"""Use that stands out in the trail is mailed to the beheerders, once."""

from datetime import date, timedelta

from models import clock
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.committee.member import CommitteeMember
from models.mail import unusual_access
from models.mail.outbox import Mail
from tests import make

DAY = date(2026, 11, 4)
NOON, NIGHT = clock.start_of(DAY, 12), clock.start_of(DAY, 3)


def said():
    return [mail.facts["sentence"] for mail in Mail.select().where(Mail.name == "unusual_access").order_by(Mail.id)]


def read(person, case, times, at, **more):
    for _ in range(times):
        AuditEvent.log("case.read", by=person, case=case, at=at, **more)


def test_many_refusals_in_an_hour_are_told_once():
    make.user(role=Role.BEHEERDER)
    for number in range(unusual_access.THROTTLED):
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


def test_every_beheerder_hears_of_a_change_that_opens_cases_by_itself():
    bea, cor = make.user(role=Role.BEHEERDER, name="Bea"), make.user(role=Role.BEHEERDER)
    hospital, member = make.hospital(lza1_kept_apart=True), make.user(role=Role.COMMISSIELID)
    hospital.amend(bea, phone="076-1234567")
    assert unusual_access.sound() == 0
    hospital.amend(bea, lza1_kept_apart=False)
    CommitteeMember.add(bea, user=member, discipline="gynaecoloog", term_from=DAY, term_until=None, chair=True, secretary=False)

    assert unusual_access.sound() == 4 and unusual_access.sound() == 0
    assert {mail.user for mail in Mail.select().where(Mail.name == "unusual_access")} == {bea, cor}
    assert any("Bea" in one and str(hospital) in one for one in said()) and any(member.email in one for one in said())
    # A tie may be lifted by what is written of a member's work, and by a region.
    CommitteeMember.of(member).amend(bea, user=member, outside=True)
    hospital.amend(bea, region="Noord")
    assert unusual_access.sound() == 4


def test_the_mail_tells_it_in_words():
    make.user(role=Role.BEHEERDER)
    read(reader := make.coordinator(), make.case(), unusual_access.AT_NIGHT, NIGHT)
    unusual_access.sound(NIGHT)
    told = Mail.get(Mail.name == "unusual_access").render().get_body(["plain"]).get_content()
    assert reader.email in told and "logboek" in told
