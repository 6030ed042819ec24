"""Days for a calendar: read back line by line as RFC 5545 folds and escapes them, from the mails that bring them."""

import re
from datetime import date, datetime, timedelta

import pytest

from models import clock
from models.cases.status import Status
from models.committee.assessment import Assessment
from models.committee.following.assessor_terms import extend, remind_due, withdraw
from models.committee.member import CommitteeMember
from models.committee.treatment import Treatment
from models.lnr.suppliers import key_expiry_mails
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.supplier import Supplier
from models.lnr.suppliers.supplier import SupplierStatus as Supply
from models.mail import daily_mail
from models.mail.calendar.calendar_file import WITH_CALENDAR, CalendarDay, calendar_files, note
from models.mail.mail_preference import MailPreference, Way
from models.mail.mail_status import MAIL_LABELS
from models.mail.outbox import Mail
from models.mail.wording import wording_proof
from models.mail.wording.mail_wording import can_change, delivered
from models.staff import ending
from models.staff.account_review import stop_per
from models.upload_links.upload_link import UploadLink
from settings import settings
from tests import make

NOW = datetime(2026, 11, 29, 10, 30)


def read(content):
    """The events of a file, each {name with its parameters: text}."""
    text = content.decode()
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    lines = text.replace("\r\n ", "").strip().split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-1] == "END:VCALENDAR"
    (method,) = [line.partition(":")[2] for line in lines if line.startswith("METHOD:")]
    events = []
    for line in lines:
        if line == "BEGIN:VEVENT":
            events.append({"METHOD": method})
        elif events and not line.startswith("END:"):
            name, _, value = line.partition(":")
            assert name not in events[-1]
            events[-1][name] = re.sub(r"\\([\\;,])", r"\1", value)
    return events


def brought(mail, now=None):
    """The events of every file with this mail; what the mail says of each file is there too."""
    message, events = mail.render(now), []
    said = message.get_body(["plain"]).get_content()
    for part in message.iter_attachments():
        assert part.get_content_type() == "text/calendar" and part.get_filename() in said
        (found,) = read(part.get_content().encode())
        assert found["METHOD"] == part["Content-Type"].params["method"]
        events.append(found)
    return events


def day_of(event):
    first, after = (datetime.strptime(event[f"{name};VALUE=DATE"], "%Y%m%d").date() for name in ("DTSTART", "DTEND"))
    assert after == first + timedelta(days=1)
    return first


def queued(name):
    return Mail.select().where(Mail.name == name).order_by(Mail.id.desc()).first()


def one(day=date(2027, 3, 28), title="Vergadering", about="a", **more):
    return CalendarDay(about, day, title, "https://portaal.example/", **more)


def events(days, now=NOW):
    return [event for file in calendar_files(days) for event in read(file.content(now))]


@pytest.mark.parametrize(("month", "day"), [(3, 28), (10, 31), (12, 31), (1, 1)])
def test_a_day_stays_that_day_also_when_the_clock_changes(month, day):
    (event,) = events([one(date(2027, month, day))])
    assert day_of(event) == date(2027, month, day)
    assert event["DTSTAMP"] == "20261129T103000Z" and not any("TZID" in name for name in event)


@pytest.mark.parametrize("title", ["Commissie; ‘A, B’ \\ C", "é" * 90, "x" * 200, "🗓" * 40, "a\r\nBEGIN:VEVENT"])
def test_every_title_comes_out_as_it_went_in_on_one_line(title):
    assert [event["SUMMARY"] for event in events([one(title=title)])] == [" ".join(title.split())]


def test_another_day_of_the_same_replaces_it_and_what_was_cancelled_goes():
    (before,), (after,) = events([one()]), events([one(date(2027, 4, 2))], NOW + clock.DAY)
    (gone,) = events([one(cancelled=True)], NOW + 2 * clock.DAY)
    assert before["UID"] == after["UID"] == gone["UID"]
    assert int(before["SEQUENCE"]) < int(after["SEQUENCE"]) < int(gone["SEQUENCE"]) < 2**31
    assert [(event["METHOD"], event["STATUS"]) for event in (after, gone)] == [
        ("PUBLISH", "CONFIRMED"),
        ("CANCEL", "CANCELLED"),
    ]
    (other,) = events([one(about="b")])
    assert other["UID"] != before["UID"] and other["UID"].endswith(f"@{settings.host}")


def test_of_the_same_thing_only_the_last_day_is_told_and_what_goes_has_a_file_of_its_own():
    days = [one(), one(date(2027, 4, 2)), one(about="b"), one(about="b", cancelled=True)]
    assert [(event["METHOD"], day_of(event).month) for event in events(days)] == [("PUBLISH", 4), ("CANCEL", 3)]
    assert calendar_files([]) == [] and note([]) == ""


def test_each_day_is_a_file_of_its_own_and_the_mail_says_how_many():
    """Outlook opens a file with two days as another calendar, beside the reader's own."""
    first, second, gone = one(), one(about="b"), one(about="c", cancelled=True)
    files = calendar_files([first, gone, second])
    assert [file.name for file in files] == ["agenda-1.ics", "agenda-2.ics", "agenda-vervallen.ics"]
    assert [len(read(file.content(NOW))) for file in files] == [1, 1, 1]
    assert note([first]) == "Open de bijlage agenda.ics om de datum in uw agenda te zetten."
    assert note([first, second]) == "Open de bijlagen agenda-1.ics en agenda-2.ics om de datums in uw agenda te zetten."


def test_of_a_day_that_goes_the_mail_says_which_and_what_to_do_when_a_calendar_keeps_it():
    gone, other = one(cancelled=True), one(about="b", title="Beoordeling", cancelled=True)
    end = "Staat een vervallen dag daarna nog in uw agenda, haal die dag dan zelf weg."
    assert note([gone]) == (
        "Vervallen is: ‘Vergadering’ op 28 maart 2027. "
        f"Open de bijlage agenda-vervallen.ics om die dag uit uw agenda te halen. {end}"
    )
    assert note([gone, other]) == (
        "Vervallen zijn: ‘Vergadering’ op 28 maart 2027 en ‘Beoordeling’ op 28 maart 2027. "
        f"Open de bijlagen agenda-vervallen-1.ics en agenda-vervallen-2.ics om ze uit uw agenda te halen. {end}"
    )


# ---- the mails that bring them ------------------------------------------------------------------------------------


@pytest.fixture
def treatment():
    return make.treatment(make.case(Status.GOEDGEKEURD), [make.member(), make.member()], days=40)


@pytest.mark.parametrize("kind", ["committee_named", "committee_reminder"])
def test_an_assessor_gets_the_term_and_the_meeting(treatment, kind):
    remind_due(treatment.meeting.term)
    term, meeting = brought(queued(kind))
    assert (term["SUMMARY"], day_of(term)) == (f"Beoordeling van {treatment.case.number} inleveren", treatment.meeting.term)
    assert (meeting["SUMMARY"], day_of(meeting)) == ("Commissievergadering NethOSS", treatment.meeting.day)
    assert treatment.case.key not in f"{term}{meeting}"


def test_another_term_and_another_meeting_move_the_day_and_who_is_taken_off_loses_it(treatment):
    coordinator, person = make.coordinator(), Assessment.of(treatment)[0].assessor
    named = Mail.get(Mail.name == "committee_named", Mail.user == person)
    first, before = brought(named)

    extend(treatment, coordinator, person.id, treatment.meeting.day, NOW)
    extend(treatment, coordinator, person.id, treatment.meeting.day, NOW)
    moved = Mail.get(Mail.name == "committee_term")
    later, _ = brought(moved, clock.now() + clock.DAY)
    assert moved.user == person and day_of(later) == treatment.meeting.day != day_of(first)
    assert later["UID"] == first["UID"] and int(later["SEQUENCE"]) > int(first["SEQUENCE"])

    Treatment.schedule(treatment.case, make.meeting(days=60), coordinator)
    mails = list(Mail.select().where(Mail.name == "committee_term").order_by(Mail.id))
    assert len(mails) == 3, "one for the term, and one for each assessor of the case that moved"
    _, meeting, left = brought(mails[-1])
    assert (day_of(meeting), day_of(left)) == (clock.today() + timedelta(days=60), clock.today() + timedelta(days=40))
    assert left["METHOD"] == "CANCEL" and left["UID"] == before["UID"] != meeting["UID"]

    withdraw(Treatment.get_by_id(treatment.id), coordinator, person.id)
    gone, held = brought(queued("committee_withdrawn"), clock.now() + 2 * clock.DAY)
    assert (gone["METHOD"], gone["UID"]) == ("CANCEL", first["UID"]) and int(gone["SEQUENCE"]) > int(later["SEQUENCE"])
    assert (held["METHOD"], held["UID"]) == ("CANCEL", meeting["UID"]), "who comes there for nothing else"
    assert named.render() is None and moved.render() is None

    Assessment.appoint(Treatment.get_by_id(treatment.id), coordinator, [person.id])
    assert queued("committee_withdrawn").render() is None, "named again before the mail left"
    again, _ = brought(queued("committee_named"))
    assert again["UID"] == first["UID"]


@pytest.mark.parametrize(
    ("days", "longer", "moved"),
    [
        (60, 0, "vergadering en inleverdag"),
        (20, 0, "vergadering en inleverdag"),
        (0, 3, "inleverdag"),
    ],
)
def test_the_mail_about_another_date_says_which_one_moved(treatment, days, longer, moved):
    coordinator, row = make.coordinator(), Assessment.of(treatment)[0]
    if days:
        Treatment.schedule(treatment.case, make.meeting(days=days), coordinator)
    else:
        extend(treatment, coordinator, row.assessor_id, row.term + timedelta(days=longer))
    message = Mail.get(Mail.name == "committee_term", Mail.user == row.assessor).render()
    number = treatment.case.number
    assert message["Subject"] == f"NethOSS: andere {moved} voor casus {number}"
    said = " ".join(message.get_body(["plain"]).get_content().split())
    assert f"Casus {number}, die u beoordeelt, heeft een andere {moved}. Lever" in said
    assert len(brought(Mail.get(Mail.name == "committee_term", Mail.user == row.assessor))) == 2 + bool(days)


def test_a_date_that_was_put_back_before_the_mail_left_is_not_told(treatment):
    coordinator, row = make.coordinator(), Assessment.of(treatment)[0]
    for day in (row.term + timedelta(days=2), row.term):
        extend(treatment, coordinator, row.assessor_id, day)
    assert Mail.get(Mail.name == "committee_term").render() is None


@pytest.mark.parametrize("stays", ["another case", "chair", "was already"])
def test_a_meeting_that_a_case_left_stays_in_the_calendar_of_who_comes_there_or_came(treatment, stays):
    coordinator, person, now = make.coordinator(), Assessment.of(treatment)[0].assessor, clock.now()
    if stays == "another case":
        make.treatment(make.case(Status.GOEDGEKEURD), [person, make.member()], days=40)
    if stays == "chair":
        CommitteeMember.update(chair=True).where(CommitteeMember.user == person).execute()
    if stays == "was already":
        now += timedelta(days=41)
    Treatment.schedule(treatment.case, make.meeting(days=60), coordinator)
    mine, other = (Mail.get(Mail.name == "committee_term", Mail.user == one.assessor) for one in Assessment.of(treatment))
    assert [event["METHOD"] for event in brought(mine, now)] == ["PUBLISH", "PUBLISH"]
    assert len(brought(other, now)) == 2 + (stays != "was already")


def test_an_end_of_an_account_is_one_day_for_each_reader():
    leaver = make.user(created_at=NOW - timedelta(days=400))
    manager = make.user(hospital=leaver.hospital, appoints_since=NOW)
    stop_per(leaver, manager, NOW.date() + timedelta(days=20), NOW)
    ending.warn(NOW)
    found = [brought(mail, NOW) for mail in Mail.select().where(Mail.name == "account_ending")]
    assert found and {day_of(event) for (event,) in found} == {NOW.date() + timedelta(days=20)}
    assert leaver.name not in str(found) and leaver.hospital.name not in str(found)


def test_a_key_of_the_registry_brings_the_day_on_which_it_expires():
    make.user(role="lnr-beheer")
    supplier = Supplier.create(name="EPD BV", contact="epd@example.com", status=Supply.TOEGELATEN)
    ApiKey.issue(supplier, make.hospital(), days=20, now=NOW)
    key_expiry_mails.warn(NOW)
    key = ApiKey.get()
    (event,) = brought(queued("lnr_key_ending"), NOW)
    assert day_of(event) == clock.local_date(key.expires_at) and key.hint in event["SUMMARY"]


def test_an_upload_link_brings_its_last_day_and_nothing_that_opens_it():
    case = make.case(by=make.user(hospital=make.hospital(mail_domains="haven.example")))
    link = UploadLink.ask(case, case.theme.asked.first(), case.reporter, "j.jansen@haven.example", now=NOW)
    mail = queued("colleague_request")
    (event,) = brought(mail, NOW)
    end = clock.start_of(day_of(event) + timedelta(days=1))
    assert link.over(end - timedelta(seconds=2)) is None and link.over(end)
    assert link.token not in str(event) and "DESCRIPTION" not in event and link.mark in event["SUMMARY"]
    link.ask_again(case.reporter, NOW + clock.DAY)
    (again,) = brought(queued("colleague_request"), NOW + clock.DAY)
    assert (again["UID"], day_of(again)) == (event["UID"], day_of(event) + timedelta(days=1))


def test_the_mail_of_the_day_brings_the_days_of_all_that_it_tells(treatment):
    person = Assessment.of(treatment)[0].assessor
    MailPreference.choose(person, {"committee_term": Way.DAILY, "committee_withdrawn": Way.DAILY})
    other = make.treatment(make.case(Status.GOEDGEKEURD), [person, make.member()], days=40)
    extend(treatment, make.coordinator(), person.id, treatment.meeting.day)
    Assessment.of(other)[0].give_back(person, "geen tijd")
    assert daily_mail.gather() == 1
    told = [(event["METHOD"], event["SUMMARY"]) for event in brought(Mail.get(Mail.name == "daily"))]
    assert told == [
        ("PUBLISH", f"Beoordeling van {treatment.case.number} inleveren"),
        ("PUBLISH", "Commissievergadering NethOSS"),
        ("CANCEL", f"Beoordeling van {other.case.number} inleveren"),
    ]


@pytest.mark.parametrize("kind", can_change())
def test_a_try_out_and_its_preview_bring_an_example_where_the_mail_brings_a_day(kind):
    words, boss = delivered(kind), make.coordinator()
    wording_proof.send(boss, kind, words.subject, words.text, NOW)
    found = brought(queued("wording_test"), NOW)
    assert [event["SUMMARY"] for event in found] == [f"Voorbeeld: {MAIL_LABELS[kind]}"] * (kind in WITH_CALENDAR)
    assert ("Open de bijlage" in wording_proof.shown(kind, words.subject, words.text)[1]) == (kind in WITH_CALENDAR)
