"""Births are asked for once a year, are a figure or unknown and never 0 by itself, and make what the radar expects."""

from datetime import date

import pytest

from models import clock
from models.annual_report import births_request
from models.annual_report.births import Births
from models.annual_report.radar import Radar, Sign
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.mail.mail_schedule import MailSchedule
from models.mail.outbox import Mail
from models.mail.sending_hold import SendingHold
from models.monthly.monthly_request import MonthlyCall
from models.operations.rehearsal import due_mail
from models.operations.rehearsal.mail_preview import rehearse
from tests import make
from tests.web.pages import send

pytestmark = pytest.mark.db_dialect
DUE = clock.start_of(date(2027, 1, 1), 7)
ADDRESS = "/meldingen/jaar/2026/"


def asked():
    """The addresses that were asked, each as often as it was."""
    return sorted(mail.to for mail in Mail.select().where(Mail.name == "births_request"))


def state(melder, year, count, now=DUE):
    return Births.state(melder, melder.hospital, year, count, "opgegeven door het ziekenhuis", now)


def test_each_melder_is_asked_once_where_nobody_stated_the_births():
    hospital = make.hospital()
    one, colleague, told, paused = make.user(hospital=hospital), make.user(hospital=hospital), make.user(), make.user()
    ended = make.user(hospital=make.hospital(active=False))
    boss = make.coordinator()
    state(told, 2026, 1200)
    SendingHold.pause(paused.hospital, boss, date(2027, 1, 9), "fusie", now=DUE - clock.DAY)
    due_mail.remind(DUE - clock.MINUTE)
    assert asked() == []
    for now in (DUE, DUE + clock.MINUTE, DUE + clock.DAY):
        due_mail.remind(now)
    assert asked() == sorted([one.email, colleague.email]) and ended.email not in asked()
    due_mail.remind(DUE + 9 * clock.DAY)
    assert asked() == sorted([one.email, colleague.email, paused.email])
    lines = AuditEvent.select().where(AuditEvent.action == "births.ask")
    assert {line.hospital_id for line in lines} == {hospital.id, paused.hospital_id} and len(lines) == 2

    mail = Mail.get(Mail.to == one.email)
    text = mail.render(DUE).get_body(["plain"]).get_content()
    assert f"{ADDRESS}#geboorten" in text and "2026" in mail.subject
    state(colleague, 2026, 900)
    assert Mail.get_by_id(mail.id).render(DUE) is None, "a colleague answered meanwhile"


def test_the_coordinator_chooses_the_month_or_none_and_sees_it_foretold(monkeypatch):
    melder, boss = make.user(), make.coordinator()
    monkeypatch.setattr(clock, "now", lambda: DUE - 2 * clock.DAY)
    foretold = [letter for letter in rehearse(date(2027, 1, 1)) if letter.kind == "births_request"]
    assert [(one.to, one.why) for one in foretold] == [
        (melder.email, f"melder van {melder.hospital}, over de geboorten van 2026")
    ]
    MailSchedule.amend(boss, 0, DUE - clock.DAY, births_month=None)
    due_mail.remind(DUE)
    assert asked() == [] and births_request.year_asked(melder.hospital, DUE) is None
    with pytest.raises(Refused, match="1 tot en met 12"):
        MailSchedule.amend(boss, 1, DUE - clock.DAY, births_month=13)
    MailSchedule.amend(boss, 1, DUE - clock.DAY, births_month=3)
    due_mail.remind(clock.start_of(date(2027, 2, 28), 9))
    assert asked() == []
    due_mail.remind(clock.start_of(date(2027, 3, 1), 7))
    assert asked() == [melder.email]
    assert "geboorten vragen: in maart" in str(MailSchedule.current())


@pytest.mark.parametrize("month", [11, 12])
def test_what_is_asked_late_in_a_year_stays_asked_after_new_year(month):
    melder, late, boss = make.user(), make.user(), make.coordinator()
    MailSchedule.amend(boss, 0, DUE - clock.DAY, births_month=month, send_day=28)
    asks = clock.start_of(date(2027, month, 28), 7)
    SendingHold.pause(late.hospital, boss, date(2028, 1, 9), "fusie", now=asks - clock.DAY)
    due_mail.remind(asks)
    assert asked() == [melder.email]
    after = clock.start_of(date(2028, 1, 10), 8)
    due_mail.remind(after)
    assert asked() == sorted([melder.email, late.email]), "who was paused over New Year is asked all the same"
    assert {mail.facts["year"] for mail in Mail.select().where(Mail.name == "births_request")} == {2026}
    assert births_request.year_asked(melder.hospital, after) == 2026
    state(melder, 2026, 900, after)
    assert births_request.year_asked(melder.hospital, after) is None
    assert births_request.year_asked(melder.hospital, clock.start_of(date(2028, month, 28), 7)) == 2027


def test_the_notice_stays_until_a_number_is_given_and_unknown_is_no_number(client, login, monkeypatch):
    melder = make.user()
    state(melder, 2025, 1000, clock.start_of(date(2026, 2, 1)))
    monkeypatch.setattr(clock, "now", lambda: DUE)
    login(client, melder)
    notice = "Hoeveel kinderen zijn er in 2026 in uw ziekenhuis geboren?"
    assert notice in client.get("/meldingen/").text
    form = client.get(ADDRESS).text
    assert "Over 2025 gaf uw ziekenhuis 1.000 op" in form and 'value="1' not in form.partition('id="aantal"')[2][:120]

    for unknown in ("", "onbekend"):
        assert send(client, f"{ADDRESS}geboorten", aantal=unknown).status_code == 409
        assert births_request.year_asked(melder.hospital, DUE) == 2026 and notice in client.get("/meldingen/").text
    send(client, f"{ADDRESS}geboorten", aantal="1300")
    assert Births.get(Births.year == 2026).count == 1300, "a warning, and no refusal"
    shown = client.get(ADDRESS).text
    assert "Klopt dit aantal?" in shown and "30% meer dan over 2025 (1.000)" in shown
    assert notice not in client.get("/meldingen/").text
    invoerder = login(client, make.user(role="invoerder"))
    assert notice not in invoerder.get("/meldingen/").text


@pytest.mark.parametrize(
    ("before", "count", "said"),
    [(1000, 1250, ""), (1000, 1251, "25% meer"), (1000, 750, ""), (1000, 749, "25% minder"), (1000, 0, "100% minder"),
     (0, 10, "meer dan over 2025 (0)"), (0, 0, ""), (None, 10, "")],
)  # fmt: skip
def test_more_than_a_quarter_asks_for_a_second_look(before, count, said):
    melder = make.user()
    if before is not None:
        state(melder, 2025, before)
    state(melder, 2026, count)
    found = Births.of_hospital(melder.hospital, (2025, 2026))
    odd = found[2026].odd_change(found.get(2025))
    assert odd.startswith(said) and bool(odd) == bool(said)


def test_what_hospitals_state_is_what_the_radar_expects():
    one, other, silent = make.user(), make.user(), make.user()
    boss, now = make.coordinator(), clock.start_of(date(2027, 1, 20))
    MonthlyCall.open_all("2026-12", DUE)
    Mail.update(status="verzonden", sent_at=DUE).execute()
    theme = make.theme()
    for _ in range(3):
        make.case(by=one, theme=theme, month="2026-12")
    state(one, 2026, 1200)
    state(other, 2026, 2400)
    echoes = {echo.hospital: echo for echo in Radar.of(boss, now).echoes}
    assert [round(echoes[by.hospital].expected, 2) for by in (one, other)] == [1, 2]
    unknown = echoes[silent.hospital]
    assert (unknown.births, unknown.expected, unknown.sign) == (None, None, Sign.ONBEKEND)


def test_the_page_of_a_hospital_tells_the_births_with_who_gave_them(app, login, monkeypatch):
    melder, other, boss = make.user(name="Mia Melder"), make.user(), make.coordinator()
    state(melder, 2025, 1000)
    state(melder, 2026, 1400)
    state(other, 2026, 7654)
    monkeypatch.setattr(clock, "now", lambda: DUE)
    shown = login(app.test_client(), boss).get(f"/ziekenhuizen/{melder.hospital.code}/").text.partition('id="geboorten"')[2]
    card = shown.partition('id="meldingen"')[0]
    assert "1.400" in card and "40% meer dan over 2025 (1.000)" in card and "Mia Melder, 1 januari 2027" in card
    assert card.count("onbekend") == 2 and "7.654" not in card
