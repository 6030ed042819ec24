"""What leaves by itself: the schedule, what is held back, and that the rehearsal of a day is what the clock then sends."""

from datetime import date, datetime, timedelta

import pytest

from models import clock
from models.access import Process, Role
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.deadline import Deadline
from models.cases.status import Status
from models.mail.mail_schedule import MailSchedule
from models.mail.outbox import Mail, MailStatus
from models.mail.sending_hold import SendingHold
from models.mail.smtp import FolderPost
from models.monthly.monthly_request import MonthlyCall, MonthOpening
from models.operations.rehearsal import due_mail, mail_preview
from models.operations.rehearsal.mail_preview import MailDay, rehearse
from tests import make

TODAY = date(2026, 11, 3)
NOW = clock.start_of(TODAY, 5)


@pytest.fixture
def enter(app, login):
    """enter(user): post(address, data) and get(address) of their browser."""

    def open_browser(user):
        browser = login(app.test_client(), user)
        token = browser.get("/beheer/planning/wijzigen/").text.partition('name="csrf_token" value="')[2].partition('"')[0]
        send = browser.post
        browser.post = lambda address, data=None, **more: send(address, data={"csrf_token": token, **(data or {})}, **more)
        return browser

    return open_browser


@pytest.fixture
def today(monkeypatch):
    """The portal at five in the morning of TODAY; the month was asked about."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    MonthOpening.create(month="2026-10", opened_at=NOW)
    return TODAY


def schedule(number=1, **chosen):
    return MailSchedule.create(number=number, **chosen)


def live(until, post):
    """What the clock sends on each day from TODAY on: {day: sorted (to, kind)}; before, at and after its hour."""
    sent, day = {}, TODAY
    while day <= until:
        for hour in (5, 8, 9, 22):
            now = clock.start_of(day, hour) + 30 * clock.MINUTE
            for work in due_mail.CLOCKS:
                work(now)
            before = {mail.id for mail in Mail.select().where(Mail.status == MailStatus.VERZONDEN)}
            Mail.send_waiting(now, post)
            left = Mail.select().where(Mail.status == MailStatus.VERZONDEN, Mail.id.not_in(before))
            sent.setdefault(day, []).extend((mail.to, mail.name) for mail in left)
        day += timedelta(days=1)
    return {day: sorted(letters) for day, letters in sent.items()}


def test_the_rehearsal_of_a_day_is_what_the_clock_then_sends(today, tmp_path):
    boss = make.coordinator()
    people = [make.user(email=f"m{number}@example.com") for number in range(4)]
    for number, person in enumerate(people):
        # Waiting since different days, so that terms of 2, 5 and 9 weeks fall on different days of these six weeks.
        since = clock.start_of(TODAY - timedelta(days=5 + 9 * number), 12)
        make.case(by=person, status=Status.ONVOLLEDIG, at=since)
    lza1 = make.case(by=make.user(role=Role.LZA1_MELDER, email="l@example.com"), theme=make.theme(process=Process.LZA1))
    Deadline.create(case=lza1, last_day=date(2026, 12, 20))
    Mail.update(status=MailStatus.VERZONDEN).execute()
    schedule(send_day=10, send_hour=9, first_weeks=2, second_weeks=5, third_weeks=9)
    SendingHold.pause(people[0].hospital, boss, date(2026, 11, 24), "fusie", now=NOW)
    SendingHold.hold(boss, people[1].id, "monthly_request", date(2026, 12, 12), "met verlof", now=NOW)
    SendingHold.hold(boss, people[2].id, "reminder", date(2026, 11, 12), "belt zelf", now=NOW)
    MonthOpening.delete().execute()
    with mail_preview.rolled_back():
        sent = live(date(2026, 12, 13), FolderPost(tmp_path))
    busy = {day for day, letters in sent.items() if letters}
    days = sorted({day + timedelta(days=step) for day in busy for step in (-1, 0, 1)} & sent.keys())

    foretold = {day: sorted((letter.to, letter.kind) for letter in rehearse(day) if not letter.held) for day in days}

    assert foretold == {day: sent[day] for day in days} and len(days) > len(busy) > 6
    assert {kind for letters in sent.values() for _, kind in letters} == {"monthly_request", "reminder", "lza1_term"}
    # What was held leaves on the day after, and not before.
    requests = [(day, to) for day in days for to, kind in foretold[day] if kind == "monthly_request"]
    assert (date(2026, 11, 25), "m0@example.com") in requests and (date(2026, 12, 13), "m1@example.com") in requests
    assert [to for day, to in requests if day == date(2026, 11, 10)] == ["m2@example.com", "m3@example.com"]
    assert MonthlyCall.select().count() == 0  # nothing was kept


def test_a_coordinator_sees_no_mail_of_the_other_process(today):
    melder = make.user(Role.MELDER, Role.LZA1_MELDER, email="m@example.com")
    make.case(by=melder, theme=make.theme(process=Process.LZA1), status=Status.CONCEPT, at=NOW - timedelta(days=40))
    make.user(role=Role.BEHEERDER)

    assert [letter.kind for letter in rehearse(TODAY)] == ["reminder"]
    assert MailDay.of(TODAY, make.coordinator()).leaving == []
    with pytest.raises(Refused, match="coördinator"):
        MailDay.of(TODAY, make.user(role=Role.LZA1_COORDINATOR))


@pytest.mark.parametrize("ahead", [-1, 63, None])
def test_a_day_that_cannot_be_rehearsed_is_refused(today, ahead):
    with pytest.raises(Refused, match="twee maanden"):
        MailDay.of(None if ahead is None else TODAY + timedelta(days=ahead), make.coordinator())


# ---- holding back ----------------------------------------------------------------------------------------------------


def test_a_pause_ends_by_itself_or_by_hand_and_leaves_its_lines(today):
    boss, melder = make.coordinator(), make.user()
    with pytest.raises(Refused, match="vanaf vandaag"):
        SendingHold.pause(melder.hospital, boss, TODAY - timedelta(days=1), "fusie")
    with pytest.raises(Refused, match="waarom"):
        SendingHold.pause(melder.hospital, boss, TODAY, "  ")
    SendingHold.pause(melder.hospital, boss, TODAY, "fusie")
    with pytest.raises(Refused, match="al gepauzeerd"):
        SendingHold.pause(melder.hospital, boss, TODAY, "nog eens")
    MonthlyCall.open_all("2026-10", NOW)
    assert Mail.waiting(NOW) == [] and len(Mail.waiting(NOW + clock.DAY)) == 1
    with pytest.raises(Refused, match="gepauzeerd tot en met 3 november 2026"):
        MonthlyCall.remind(melder.hospital, "2026-10", boss)

    SendingHold.resume(melder.hospital, boss)

    assert len(Mail.waiting(NOW)) == 1
    with pytest.raises(Refused, match="niet gepauzeerd"):
        SendingHold.resume(melder.hospital, boss)
    assert [line.action for line in AuditEvent.select().where(AuditEvent.action.startswith("mail."))] == [
        "mail.hold",
        "mail.lift",
    ]
    # One that ended by itself does not stand in the way of the next.
    SendingHold.pause(melder.hospital, boss, TODAY, "fusie")
    SendingHold.pause(melder.hospital, boss, TODAY + timedelta(days=3), "fusie", now=NOW + 2 * clock.DAY)


def test_only_mails_that_can_wait_are_held_and_only_for_who_gets_them(today):
    boss = make.coordinator()
    with pytest.raises(Refused, match="soort"):
        SendingHold.hold(boss, make.user().id, "invitation", TODAY, "omdat")
    lza1 = make.user(role=Role.COMMISSIELID, hospital=None, committee=Process.LZA1)
    for person in (make.user(role=Role.LNR_BEHEER).id, lza1.id, 999_999, 10**30, None):
        with pytest.raises(Refused, match="krijgt zulke mails niet"):
            SendingHold.hold(boss, person, "reminder", TODAY, "omdat")


def test_a_hold_of_reminders_keeps_those_about_the_other_process(today, tmp_path):
    doctor, since = make.user(Role.MELDER, Role.LZA1_MELDER), clock.start_of(TODAY - timedelta(days=30), 12)
    for process in Process:
        make.case(by=doctor, theme=make.theme(process=process), status=Status.ONVOLLEDIG, at=since)
    Mail.update(status=MailStatus.VERZONDEN).execute()
    SendingHold.hold(make.coordinator(), doctor.id, "reminder", TODAY + timedelta(days=9), "belt zelf", now=NOW)

    assert live(TODAY, FolderPost(tmp_path))[TODAY] == [(doctor.email, "reminder")]


# ---- the schedule ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "said"),
    [({"send_day": 29}, "28"), ({"send_day": 0}, "28"), ({"send_hour": 5}, "6 tot"), ({"send_hour": 21}, "6 tot"),
     ({"remind_day": 29}, "28, of laat"), ({"remind_day": 1}, "uitvraag zelf"),
     ({"first_weeks": 8}, "tweede"), ({"third_weeks": 8}, "derde"), ({"third_weeks": 53}, "52"), ({"first_weeks": None}, "52")],
)  # fmt: skip
def test_a_schedule_has_bounds(today, chosen, said):
    with pytest.raises(Refused, match=said):
        MailSchedule.amend(make.coordinator(), 0, **chosen)
    assert MailSchedule.select().count() == 0


def test_of_two_who_change_the_schedule_one_does_and_the_other_hears_it(today):
    boss = make.coordinator()
    MailSchedule.amend(boss, 0, send_day=5)
    with pytest.raises(Refused, match="intussen gewijzigd"):
        MailSchedule.amend(boss, 0, send_day=6)
    MailSchedule.amend(boss, 1, send_day=5)  # nothing changed: no line
    line = AuditEvent.get(AuditEvent.action == "mail.schedule")
    assert "dag 1, 7.00 uur" in line.detail and "dag 5, 7.00 uur" in line.detail
    assert MailSchedule.select().count() == 1 and MailSchedule.current().send_day == 5


def test_a_day_moved_to_one_that_was_over_asks_about_the_month_at_once(today):
    make.user()
    MonthOpening.delete().execute()
    schedule(send_day=28, changed_at=datetime(2026, 10, 1))
    assert MonthlyCall.open_due(datetime(2026, 11, 20, 12)) == 0  # October, on the 28th
    schedule(number=2, send_day=1, changed_at=datetime(2026, 11, 20, 13))
    assert MonthlyCall.open_due(datetime(2026, 11, 20, 14)) == 1
    assert {call.month for call in MonthlyCall.select()} == {"2026-10"}


def test_another_day_asks_about_each_month_once(today):
    make.user()
    schedule(send_day=28)
    for day, month in ((datetime(2026, 11, 27, 12), 0), (datetime(2026, 11, 28, 12), 0), (datetime(2026, 12, 3, 12), 0)):
        assert MonthlyCall.open_due(day) == month  # October was asked about on the first
    assert MonthlyCall.open_due(datetime(2026, 12, 28, 12)) == 1
    schedule(number=2, send_day=1)
    assert MonthlyCall.open_due(datetime(2026, 12, 29, 12)) == 0
    assert MonthlyCall.open_due(datetime(2027, 1, 1, 12)) == 1
    schedule(number=3, send_day=28)
    # Missed on the 28th for an outage over the end of the month: still asked.
    MonthOpening.delete().where(MonthOpening.month == "2026-12").execute()
    assert {call.month for call in MonthlyCall.select()} == {"2026-11", "2026-12"}
    assert MailSchedule.current().month_due(datetime(2027, 2, 2, 12)) == "2026-12"
    assert MailSchedule.current().next_request(datetime(2027, 2, 2, 12)) == date(2027, 2, 28)
    assert MailSchedule.current().next_request(datetime(2027, 2, 28, 12)) == date(2027, 3, 28)


def test_a_change_of_terms_tells_whom_it_would_remind_before_it_is_kept(today, enter):
    boss = make.coordinator()
    person = make.user(email="m@example.com", name="Mia Melder")
    make.case(by=person, status=Status.ONVOLLEDIG, at=NOW - timedelta(days=15))
    Mail.update(status=MailStatus.VERZONDEN).execute()
    assert mail_preview.effect_of(boss, 0, send_hour=8) == []
    browser = enter(boss)
    typed = MailSchedule().fields | {"first_weeks": 2, "nummer": 0}

    shown = browser.post("/beheer/planning/wijzigen/", data=typed).text
    assert "Mia Melder" in shown and "1 mail" in shown and MailSchedule.select().count() == 0
    said = str(MailSchedule(first_weeks=2))
    assert browser.post("/beheer/planning/wijzigen/", data=typed | {"gezien": "iets anders"}).status_code == 200
    assert MailSchedule.select().count() == 0  # what was seen is not what would be kept
    assert browser.post("/beheer/planning/wijzigen/", data=typed | {"gezien": said}).status_code == 302
    assert MailSchedule.current().weeks == (2, 8, 12) and boss.name in browser.get("/beheer/planning/").text
    assert Mail.select().where(Mail.name == "reminder").count() == 0
    back = browser.get("/beheer/planning/wijzigen/?geleverd=1").text
    assert 'name="first_weeks" type="number" value="4"' in back or 'value="4"' in back
    wrong = browser.post("/beheer/planning/wijzigen/", data=typed | {"second_weeks": 1}).text
    assert "De tweede herinnering komt na de eerste" in wrong and "first_weeks-fout" not in wrong


def test_the_screens_tell_hold_and_pause(today, enter):
    boss, melder = make.coordinator(), make.user(name="Mia Melder")
    browser = enter(boss)
    assert "gaat er niets uit" in browser.get(f"/verzenden/dag/?op={TODAY}").text
    page = browser.get("/verzenden/dag/?op=2026-12-01").text
    assert "Mia Melder" in page and "over november 2026" in page and "1 mail" in page

    held = {"persoon": melder.id, "soort": "monthly_request", "tot": "2026-12-04", "reden": "met verlof", "op": "2026-12-01"}
    page = browser.post("/verzenden/tegenhouden", data=held, follow_redirects=True).text
    assert "Wacht, want tegengehouden" in page and "met verlof" in page
    assert browser.get("/verzenden/dag/export?op=2026-12-01").data[:2] == b"PK"
    assert "met verlof" in browser.get("/verzenden/").text

    place = f"/ziekenhuizen/{melder.hospital.code}"
    refused = browser.post(f"{place}/pauze", data={"tot": "", "reden": "fusie", "pauze": "1"})
    assert refused.status_code == 409 and "Kies een dag vanaf vandaag" in refused.text and 'value="fusie"' in refused.text
    browser.post(f"{place}/pauze", data={"tot": "2026-12-04", "reden": "fusie"})
    assert "fusie" in browser.get(f"{place}/").text and "gepauzeerd t/m" in browser.get("/maanden/").text
    browser.post(f"{place}/hervat")
    assert "gepauzeerd t/m" not in browser.get("/maanden/").text


def test_a_mail_that_only_a_newer_version_knows_is_told_and_stops_no_rehearsal(today):
    Mail.queue("reminder", make.user(), now=clock.now())
    Mail.update(name="van_morgen").execute()
    (letter,) = [letter for letter in rehearse(today, today) if letter.kind == "van_morgen"]
    assert letter.name == "een soort mail van een nieuwere versie" and not letter.can_wait
    assert MailDay.of(today, make.coordinator()).counts() is not None
