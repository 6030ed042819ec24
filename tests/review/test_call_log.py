from datetime import timedelta

import pytest

from models import clock
from models.access import Process, Role
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.dutch import long_date
from models.mail.outbox import Mail, MailStatus
from models.monthly import response
from models.monthly.monthly_request import MonthlyCall
from models.review.call_log import LoggedCall
from models.review.hospital_sheet import HospitalSheet, follow_ups
from tests import make
from tests.web.pages import send

TODAY = clock.today()
LAST = clock.previous_month(TODAY)


def call(hospital, by, key="een", outcome="gesproken", spoken_to="Mevrouw Smit", **more):
    return LoggedCall.log(hospital, by, key, outcome, spoken_to, **more)


def lines(action):
    return AuditEvent.select().where(AuditEvent.action == action).count()


def asked(*months):
    """All hospitals were asked about these months."""
    for month in months:
        MonthlyCall.open_all(month)
    Mail.update(status=MailStatus.VERZONDEN, sent_at=clock.now()).execute()


def test_a_call_is_kept_sealed_and_in_the_trail():
    hospital = make.hospital("Amstel")
    kept = call(hospital, make.coordinator(), text="Er was een casus, de melding komt.")

    assert LoggedCall.get_by_id(kept.id).text == "Er was een casus, de melding komt."
    raw = db.execute_sql("SELECT text, spoken_to FROM logged_call").fetchone()
    assert "casus" not in raw[0] and "Smit" not in raw[1]
    assert lines("call.log") == 1
    assert "Smit" not in str([(one.subject, one.detail) for one in AuditEvent.select()])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"outcome": "gezwaaid"}, "Kies hoe"),
        ({"spoken_to": " "}, "met wie"),
        ({"call_back": True}, "kalender"),
        ({"call_back_on": TODAY - timedelta(days=1)}, "vanaf vandaag"),
        ({"call_back_on": TODAY + timedelta(days=400)}, "hoogstens een jaar"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(wrong, said):
    with pytest.raises(Refused, match=said):
        call(make.hospital(), make.coordinator(), **wrong)
    assert LoggedCall.select().count() == 0 and lines("call.log") == 0


def test_nobody_needs_to_have_been_spoken_to_when_nobody_was_reached():
    assert call(make.hospital(), make.coordinator(), outcome="niet bereikt", spoken_to="").spoken_to == ""


def test_a_double_click_is_one_call():
    hospital, by = make.hospital(), make.coordinator()
    assert call(hospital, by) == call(hospital, by)
    assert LoggedCall.select().count() == 1 and lines("call.log") == 1


def test_the_key_of_another_call_is_refused_in_words():
    by = make.coordinator()
    call(make.hospital(), by)
    with pytest.raises(Refused, match="al gebruikt"):
        call(make.hospital(), by)
    assert LoggedCall.select().count() == 1


@pytest.mark.parametrize("role", [role for role in Role if role != Role.COORDINATOR])
def test_only_the_coordinator_of_nethoss_calls(role):
    other, hospital = make.user(role=role), make.hospital()
    kept = call(hospital, make.coordinator(), call_back_on=TODAY)
    with pytest.raises(Refused):
        call(hospital, other, key="twee")
    with pytest.raises(Refused):
        kept.settle(other)
    assert LoggedCall.to_do(other, 5) == ([], 0)


def test_a_call_back_comes_on_its_day_and_ends_with_the_call_that_settles_it():
    hospital, by = make.hospital(), make.coordinator()
    day = TODAY + timedelta(days=9)
    first = call(hospital, by, call_back_on=day)

    assert LoggedCall.to_do(by, 5, day - timedelta(days=1)) == ([], 0)
    assert [one.id for one in LoggedCall.to_do(by, 5, day)[0]] == [first.id]
    call(hospital, by, "twee", settles=[first.key])
    assert LoggedCall.to_do(by, 5, day) == ([], 0)
    assert LoggedCall.get_by_id(first.id).settled_by == by and lines("call.settle") == 1
    first.settle(by)
    assert lines("call.settle") == 1


def test_a_call_settles_nothing_of_another_hospital():
    by = make.coordinator()
    other = call(make.hospital(), by, call_back_on=TODAY)
    call(make.hospital(), by, "twee", settles=[other.key])
    assert LoggedCall.get_by_id(other.id).open


def test_who_answered_meanwhile_is_told_so():
    melder, by = make.user(), make.coordinator()
    call(melder.hospital, by, month=LAST, call_back_on=TODAY)
    call(make.hospital(), by, "twee", month=LAST, call_back_on=TODAY)
    make.zero(melder, LAST)
    assert [one.answered for one in LoggedCall.to_do(by, 5)[0]] == [True, False]


def test_three_months_in_a_row_is_counted_from_last_month_back():
    melder, quiet = make.user(), make.user()
    months = clock.months_until(LAST, 3)
    asked(*months)
    make.zero(melder, months[1])

    found = follow_ups([melder.hospital, quiet.hospital])
    assert (found[melder.hospital_id].silent_months, found[quiet.hospital_id].silent_months) == (1, 3)
    assert (found[melder.hospital_id].answered, found[melder.hospital_id].asked) == (1, 3)
    silent = [{row.id for row in response.silent_for(count)} for count in "123"]
    assert silent == [{melder.hospital_id, quiet.hospital_id}, {quiet.hospital_id}, {quiet.hospital_id}]


def test_the_sheet_holds_only_cases_of_nethoss_of_this_hospital():
    melder = make.user()
    own, _ = make.case(by=melder), make.case()
    make.case(by=make.user(role=Role.LZA1_MELDER, hospital=melder.hospital), theme=make.theme(Process.LZA1))
    sheet = HospitalSheet.of(melder.hospital, make.coordinator())
    assert sheet.cases == [own] and sheet.open_cases == 1 and sheet.people == [melder]
    with pytest.raises(Refused):
        HospitalSheet.of(melder.hospital, make.coordinator(Process.LZA1))


def test_the_coordinator_logs_a_call_and_sees_it_come_back_on_the_work_list(client, login):
    melder, by = make.user(name="Dr. Anna de Wit"), make.coordinator()
    asked(LAST)
    login(client, by)
    address = f"/ziekenhuizen/{melder.hospital.code}/"
    page = client.get(f"{address}?maand={LAST}")
    assert "Dr. Anna de Wit" in page.text and f'<option value="{LAST}" selected' in page.text
    typed = {"hoe": "komt nog", "gesproken": "Secretaresse", "tekst": "Casus van de 12e.", "maand": LAST}

    refused = send(client, f"{address}gesprek", **typed, sleutel="a", terugbellen="morgen")
    assert refused.status_code == 409 and "Casus van de 12e." in refused.text and "in de kalender" in refused.text
    send(client, f"{address}gesprek", **typed, sleutel="a", terugbellen=str(TODAY))

    work = client.get("/beoordelen/")
    assert "1 ziekenhuis terug te bellen" in work.text and "Secretaresse" in work.text
    assert "Gesproken, antwoord komt nog" in client.get(f"/maanden/{LAST}/").text
    assert "Casus van de 12e." in client.get(f"/maanden/{melder.hospital.code}/{LAST}/").text
    assert f'href="{address}agenda?gesprek=a">Zet {long_date(TODAY)} in uw agenda' in client.get(address).text
    days = client.get(f"{address}agenda")
    assert days.content_type == "text/calendar; charset=utf-8; method=PUBLISH"
    assert f"DTSTART;VALUE=DATE:{TODAY:%Y%m%d}\r\n" in days.text and "SUMMARY:Terugbellen" in days.text
    assert not [said for said in (melder.hospital.name, melder.hospital.code, "Secretaresse", "Casus") if said in days.text]
    send(client, f"{address}gesprek", **typed, sleutel="b", terugbellen=str(TODAY + timedelta(days=3)))
    days = client.get(f"{address}agenda?gesprek=b").text
    assert f"DTSTART;VALUE=DATE:{TODAY + timedelta(days=3):%Y%m%d}\r\n" in days and days.count("BEGIN:VEVENT") == 1
    elsewhere = make.user().hospital.code
    assert {
        client.get(path).status_code for path in (f"{address}agenda?gesprek=c", f"/ziekenhuizen/{elsewhere}/agenda?gesprek=a")
    } == {404}
    LoggedCall.get(LoggedCall.key == "b").settle(by)
    kept = LoggedCall.get(LoggedCall.key == "a")
    send(client, "/gesprekken/action/", action="settle", rowid=kept.id)
    assert client.get(f"{address}agenda").status_code == 404
    assert "terug te bellen" not in client.get("/beoordelen/").text
    assert long_date(TODAY) not in client.get(address).text.split("Volgende afspraak")[1][:80]
