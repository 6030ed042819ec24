import re
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from models import clock
from models.access import Role
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import db
from models.dutch import month_name
from models.mail.outbox import Mail, MailStatus
from models.mail.sending_hold import SendingHold
from models.monthly.link_visit import LinkVisit
from models.monthly.month_answer import MonthAnswer, Proof
from models.monthly.monthly_request import MonthlyCall
from models.monthly.response import silent
from tests import make

NOW = clock.now()
THIS = clock.month_of(clock.today())
LAST = clock.add_months(THIS, -1)


@pytest.fixture
def coordinator(client, login):
    """The coordinator, logged in."""
    user = make.coordinator()
    login(client, user)
    return user


@pytest.fixture
def melder():
    """A melder with a colleague, in a hospital that was asked about last month."""
    melder = make.user(
        hospital=make.hospital("Ziekenhuis Amstel", phone="020-5551234"), name="Dr. Anna de Wit", phone="06-55512345"
    )
    make.user(hospital=melder.hospital)
    ask()
    return melder


def ask(month=LAST):
    MonthlyCall.open_all(month, now=NOW)
    Mail.update(status=MailStatus.VERZONDEN, sent_at=NOW).where(Mail.status == MailStatus.WACHT).execute()


def place(melder, month=LAST):
    return f"/maanden/{melder.hospital.code}/{month}/"


def post(client, address, page=None, **fields):
    """Press a button that leads to `address`."""
    page = page or client.get("/maanden/")
    key = re.search(r'name="csrf_token" value="([^"]+)"', page.text).group(1)
    return client.post(address, data={"csrf_token": key, **fields})


def said(page):
    """What the page says in its messages on top."""
    flashes = re.search(r"data-flashes.*?<h1", page.text, re.S).group(0)
    return " ".join(re.sub(r"<[^>]+>", " ", flashes).split())


def cells(page):
    """What the grid says in words: {'Ziekenhuis, maand': state}."""
    words = re.findall(r'<a class="cell [^>]*title="([^"]+)"', page.text)
    return dict(word.split(": ", 1) for word in words)


def named(melder, month=LAST):
    return f"{melder.hospital.name}, {month_name(month)}"


@contextmanager
def counted():
    """Gather the queries of the block; waiting for one's turn in the trail is none."""
    queries, run = [], db.obj.execute_sql

    def execute(sql, *more, **options):
        if "pg_advisory" not in sql:
            queries.append(sql)
        return run(sql, *more, **options)

    db.obj.execute_sql = execute
    try:
        yield queries
    finally:
        del db.obj.execute_sql


# ---- who comes in, and where ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.MELDER, Role.INVOERDER, Role.LZA1_COORDINATOR, Role.COMMISSIELID, Role.BEHEERDER])
def test_only_the_nethoss_coordinator_comes_here(client, login, melder, role):
    login(client, make.user(role))
    for address in ("/maanden/", f"/maanden/{LAST}/", place(melder)):
        assert client.get(address).status_code == 403


@pytest.mark.parametrize("month", ["2026-13", "abc", "2026-1", "0000-00", "1999-12", clock.add_months(THIS, 2), "2026-W1"])
def test_a_month_that_cannot_be_is_not_found(client, coordinator, melder, month):
    for address in (f"/maanden/{month}/", f"/maanden/{melder.hospital.code}/{month}/", f"/maanden/?tot={month}"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("code", ["bestaat-niet", "%00", "x" * 300])
def test_an_unknown_hospital_is_not_found(client, coordinator, code):
    assert client.get(f"/maanden/{code}/{LAST}/").status_code == 404


def test_an_address_that_acts_wants_a_button_with_its_form_key(client, coordinator, melder):
    for what in ("herinner", "nul", "intrekken"):
        assert client.get(place(melder) + what).status_code == 405
        assert client.post(place(melder) + what, data={"gesproken": "x"}).status_code == 400
    assert MonthAnswer.select().count() == 0


# ---- the grid -----------------------------------------------------------------------------------------------------------


def test_the_grid_shows_each_answer_in_words(client, coordinator, melder):
    zero, reporter, provisional = make.user(), make.user(), make.user()
    ask()
    make.zero(zero, month=LAST)
    make.case(by=reporter, month=LAST)
    make.zero(provisional, month=LAST, proof=Proof.SCRIPT)
    unasked = make.user()

    shown = cells(client.get("/maanden/"))

    assert shown[named(zero)] == "Nul-melding"
    assert shown[named(reporter)] == "Casus gemeld"
    assert shown[named(provisional)] == "Voorlopige nul-melding (telt nog niet)"
    assert shown[named(melder)] == "Nog geen antwoord"
    assert shown[named(unasked)] == "Geen uitvraag ontvangen"
    assert len(shown) == 5 * 12


def test_the_grid_counts_the_response_per_month_and_per_hospital(client, coordinator, melder):
    other, third, before = make.user(), make.user(), clock.add_months(LAST, -1)
    ask()
    ask(before)
    make.zero(melder, month=LAST)
    make.zero(melder, month=before)
    make.zero(other, month=LAST)
    make.zero(third, month=LAST, proof=Proof.SCRIPT)
    page = re.sub(r"<[^>]+>|\s+", " ", client.get("/maanden/").text)
    page = " ".join(page.split())
    assert "33% 1/3 67% 2/3" in page
    assert "2 van 2" in page and "1 van 2" in page and "0 van 2" in page
    assert f"1 ziekenhuis stil over {month_name(LAST)}" in page
    assert "Respons zegt niet of alle casussen gemeld zijn" in page


def test_the_grid_is_searched_and_paged(client, coordinator, monkeypatch):
    monkeypatch.setattr("admin_views.monthly.month_grid.ROWS", 2)
    for name in ("Alfa", "Bravo", "Charlie"):
        make.hospital(f"Ziekenhuis {name}")

    def shown(query):
        return sorted({cell.split(",")[0].removeprefix("Ziekenhuis ") for cell in cells(client.get(f"/maanden/?{query}"))})

    assert shown("") == ["Alfa", "Bravo"]
    assert shown("bladzijde=1") == ["Charlie"]
    assert shown("zoek=BRAV") == ["Bravo"]
    assert "Geen ziekenhuis gevonden" in client.get("/maanden/?zoek=%25").text
    assert client.get("/maanden/?bladzijde=99999999999999&zoek=%00").status_code == 200


def test_the_grid_goes_back_and_forth_by_twelve_months(client, coordinator, melder):
    earlier = clock.add_months(LAST, -12)
    page = client.get("/maanden/")
    assert f"tot={earlier}" in page.text and "Latere maanden" not in page.text
    page = client.get(f"/maanden/?tot={earlier}")
    assert f"tot={LAST}" in page.text
    assert named(melder, earlier) in cells(page) and named(melder) not in cells(page)


def test_every_cell_leads_to_its_own_page(client, coordinator, melder):
    melder.hospital.code = "a b é?"
    melder.hospital.save()
    link = re.search(rf'href="([^"]+{LAST}/)"[^>]*title="{named(melder)}', client.get("/maanden/").text).group(1)
    assert link == f"a%20b%20%C3%A9%3F/{LAST}/"
    assert named(melder) in client.get(f"/maanden/{link}").text


def test_warnings_stand_on_top(client, coordinator, melder):
    alone = make.user(name="Alleen Hier")
    ask()
    User.update(address_refused_at=NOW).where(User.id == melder.id).execute()
    Mail.update(status=MailStatus.ONZEKER).where(Mail.user == alone).execute()
    page = client.get("/maanden/").text
    assert "1 ziekenhuis heeft minder dan twee melders" in page and f"{alone.hospital.name}: 1 melder" in page
    assert "Van 1 melder wordt het e-mailadres geweigerd" in page and melder.email in page
    assert "Van 1 mail is niet zeker" in page


def test_the_grid_takes_few_queries(client, coordinator, melder):
    for _ in range(80):
        make.zero(make.user(), month=LAST)
    with counted() as queries:
        page = client.get("/maanden/?volgorde=stil")
    assert len(cells(page)) == 81 * 12  # the country on one page
    assert len(queries) <= 12, queries


def test_a_request_that_was_refused_is_told_alike_on_every_page(client, coordinator, melder):
    Mail.update(status=MailStatus.MISLUKT, error="550 weg").execute()
    assert "Geen uitvraag ontvangen" in client.get("/maanden/").text
    cell = re.sub(r"<[^>]+>", " ", client.get(place(melder)).text)
    assert "ja; mail: 2 geweigerd" in cell and "Nog geen antwoord" in cell
    list_of_silent = client.get(f"/maanden/{LAST}/").text
    assert melder.hospital.name in list_of_silent and "kregen de uitvraag" not in list_of_silent
    assert "De mailserver zei: 550 weg" in list_of_silent


# ---- one hospital in one month --------------------------------------------------------------------------------------------


def test_a_cell_tells_its_whole_story(client, coordinator, melder):
    make.zero(melder, month=LAST, proof=Proof.SCRIPT)
    MonthAnswer.standing(melder.hospital, LAST).withdraw(coordinator)
    case = make.case(by=melder, month=LAST, patient_number="PATNR-4711")
    LinkVisit.note(MonthlyCall.get(MonthlyCall.user == melder), "nee", "GET", "192.0.2.1", "Mozilla")

    page = client.get(place(melder)).text

    wanted = [
        "Dr. Anna de Wit",
        melder.email,
        "06-55512345",
        "020-5551234",
        "zonder bewijs van een persoon",
        "Ingetrokken op",
        f"door {coordinator.name}",
        case.number,
        "Casus gemeld",
        "verzonden op",
        "‘Nee’ 1 keer",
        "Geen link geopend",
    ]
    assert [text for text in wanted if text not in page] == []
    assert "PATNR-4711" not in page


def test_a_cell_takes_few_queries(client, coordinator, melder):
    make.zero(melder, month=LAST)
    make.case(by=melder, month=LAST)
    with counted() as queries:
        client.get(place(melder))
    assert len(queries) <= 15, queries


def test_the_coordinator_takes_down_a_zero_by_telephone(client, coordinator, melder):
    for _ in range(2):
        answer = post(client, place(melder) + "nul", client.get(place(melder)), gesproken="mw. Jansen")
        assert answer.status_code == 302
    page = client.get(answer.location)
    assert "is geregistreerd" in said(page) and "Gesproken met mw. Jansen" in page.text
    stands = MonthAnswer.get()
    assert (stands.proof, stands.confirmed, stands.by) == ("telefoon", True, coordinator)
    event = AuditEvent.get(AuditEvent.action == "zero.report")
    assert (event.actor, event.hospital, event.subject) == (coordinator, melder.hospital, LAST)
    assert Mail.select().where(Mail.name == "zero_receipt").count() == 2  # the melders of the hospital read it


@pytest.mark.parametrize("spoken_to", ["", "   "])
def test_a_telephone_zero_needs_who_was_spoken_to(client, coordinator, melder, spoken_to):
    answer = post(client, place(melder) + "nul", gesproken=spoken_to)
    assert answer.status_code == 409 and "Vul in wie u hebt gesproken." in said(answer)
    assert MonthAnswer.select().count() == 0


def test_a_zero_after_a_case_is_refused_with_the_reason(client, coordinator, melder):
    page = client.get(place(melder))
    make.case(by=melder, month=LAST)
    answer = post(client, place(melder) + "nul", page, gesproken="mw. Jansen")
    assert answer.status_code == 409 and "Er is al een casus gemeld" in said(answer)


def test_this_month_is_not_over_yet(client, coordinator, melder):
    assert "Nul-melding per telefoon" not in client.get(place(melder, THIS)).text
    assert post(client, place(melder, THIS) + "nul", gesproken="mw. Jansen").status_code == 409


def test_a_provisional_zero_is_confirmed_by_telephone(client, coordinator, melder):
    make.zero(melder, month=LAST, proof=Proof.SCRIPT)
    post(client, place(melder) + "nul", gesproken="mw. Jansen")
    stands = MonthAnswer.get()
    assert (stands.confirmed, stands.proof, stands.note) == (True, "telefoon", "Gesproken met mw. Jansen")


def test_the_coordinator_withdraws_a_zero_once(client, coordinator, melder):
    make.zero(melder, month=LAST)
    page = client.get(place(melder))
    for _ in range(2):
        assert post(client, place(melder) + "intrekken", page).status_code == 302
    ended = MonthAnswer.get()
    assert (ended.ended_why, ended.ended_by) == ("ingetrokken", coordinator)
    assert AuditEvent.select().where(AuditEvent.action == "zero.withdraw").count() == 1
    assert cells(client.get("/maanden/"))[named(melder)] == "Nog geen antwoord"


def test_a_case_is_not_withdrawn_here(client, coordinator, melder):
    make.case(by=melder, month=LAST)
    answer = post(client, place(melder) + "intrekken")
    assert answer.status_code == 409 and "op de pagina van de melding" in said(answer)


def test_a_reminder_goes_once_a_day(client, coordinator, melder):
    first, second = (post(client, place(melder) + "herinner") for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 409)
    assert "Vandaag is dit ziekenhuis al herinnerd" in said(second)
    assert Mail.select().where(Mail.name == "monthly_reminder").count() == 2
    assert AuditEvent.select().where(AuditEvent.action == "month.remind").count() == 1


# ---- who has not answered ---------------------------------------------------------------------------------------------------


def test_the_list_of_silent_hospitals_shows_whom_to_call(client, coordinator, melder):
    answered, alone = make.user(), make.user()
    ask()
    make.zero(answered, month=LAST)
    Mail.update(status=MailStatus.MISLUKT, error="550 onbekend").where(Mail.user == alone).execute()
    page = client.get(f"/maanden/{LAST}/").text
    assert all(
        text in page
        for text in ("Ziekenhuis Amstel", "020-5551234", "2 melders", alone.hospital.name, "1 melder", "550 onbekend")
    )
    assert answered.hospital.name not in page


def test_the_list_and_the_cell_tell_what_became_of_the_request_and_of_a_pause(client, coordinator, melder):
    Mail.update(status=MailStatus.WACHT, sent_at=None).execute()
    SendingHold.pause(melder.hospital, coordinator, clock.today() + timedelta(days=5), "fusie")

    for address in (f"/maanden/{LAST}/", place(melder)):
        page = client.get(address).text
        assert "wacht nog" in page and "gepauzeerd tot en met" in page.lower() and "geen problemen" not in page, address

    Mail.update(status=MailStatus.VERZONDEN, sent_at=NOW).execute()
    assert "2 verstuurd" in client.get(f"/maanden/{LAST}/").text


def test_a_reminder_from_the_list_comes_back_to_the_list(client, coordinator, melder):
    answer = post(client, place(melder) + "herinner", lijst="ja")
    assert answer.location == f"/maanden/{LAST}/"
    page = client.get(answer.location)
    assert "2 herinneringen gaan naar Ziekenhuis Amstel" in said(page)
    again = post(client, place(melder) + "herinner", lijst="ja")
    assert again.location == f"/maanden/{LAST}/" and "al herinnerd" in said(client.get(again.location))


def test_everybody_is_reminded_once_a_day(client, coordinator, melder):
    make.user()
    ask()
    page = client.get(f"/maanden/{LAST}/")
    assert "Stuurt u een herinnering aan 2 ziekenhuizen?" in page.text
    first, second = (client.get(post(client, f"/maanden/{LAST}/herinner", page).location) for _ in range(2))
    assert "3 herinneringen gaan naar 2 ziekenhuizen." in said(first)
    assert "Er gaat geen nieuwe herinnering uit" in said(second)


def test_nobody_left_to_remind_says_so(client, coordinator, melder):
    make.zero(melder, month=LAST)
    assert "Niemand meer te herinneren" in client.get(f"/maanden/{LAST}/").text


def test_the_list_of_silent_hospitals_takes_few_queries(client, coordinator):
    for _ in range(55):
        make.user()
    ask()
    with counted() as queries:
        page = client.get(f"/maanden/{LAST}/")
    assert page.text.count("Stuur herinnering") == 50
    assert len(queries) <= 12, queries


def test_the_tiles_of_the_work_list_tell_the_response(client, coordinator, melder):
    make.zero(melder, month=LAST)
    make.user()
    ask()
    make.case(by=make.user(), at=NOW - timedelta(days=100))
    page = " ".join(re.sub(r"<[^>]+>", " ", client.get("/beoordelen/").text).split())
    assert "50% Respons over" in page and "1 van 2 ziekenhuizen" in page
    assert "1 Laatste termijn voorbij" in page


def test_the_grid_is_a_workbook_of_every_hospital_in_words(client, coordinator, melder):
    make.zero(melder, LAST)
    quiet = make.user(hospital=make.hospital("=1+1"))
    MonthlyCall.open_all(LAST, now=NOW)
    Mail.update(status=MailStatus.VERZONDEN).execute()
    answer = client.get("/maanden/export")

    rows = [row for row in load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True)]
    told = {row[0]: row[-6:] for row in rows}
    assert told["Ziekenhuis Amstel"] == ("Nul-melding", 1, 1, 0, 0, 0)
    assert told[quiet.hospital.name][1:] == (0, 1, 1, 0, 0)
    assert told["Respons van alle ziekenhuizen"][:3] == ("50%", 1, 2)
    assert AuditEvent.select().where(AuditEvent.action == "row.export").count() == 1


# ---- a part of the grid, in another order ------------------------------------------------------------------------------------


@pytest.fixture
def three(coordinator):
    """One hospital that answered the last three months with a case, one that answered the last only, one that never did."""
    loyal, late, mute = (make.user(hospital=make.hospital(f"Ziekenhuis {name}")) for name in ("Alfa", "Bravo", "Charlie"))
    for back in (2, 1, 0):
        ask(clock.add_months(LAST, -back))
        month = clock.add_months(LAST, -back)
        make.case(by=loyal, month=month, at=clock.start_of(clock.first_of(clock.add_months(month, 1))))
    make.zero(late, month=LAST)
    return loyal, late, mute


def names(page):
    return re.findall(r'<th scope="row"><a href="[^"]+">Ziekenhuis (\w+)</a>', page.text)


def test_chips_keep_the_silent_and_the_late_and_the_address_says_it_all(client, three):
    page = client.get("/maanden/")
    assert names(page) == ["Alfa", "Bravo", "Charlie"]
    chips = dict(re.findall(r'<a href="[^"]*toon=([^"&]+)[^"]*">[^<]+ <span class="count">(\d+)</span>', page.text))
    assert chips == {"stil": "1", "te-laat": "2", "drie": "1"}
    assert names(client.get("/maanden/?toon=te-laat")) == ["Bravo", "Charlie"]
    both = client.get("/maanden/?toon=te-laat,drie&volgorde=stil&zoek=ziekenhuis")
    assert names(both) == ["Charlie"]
    assert "/maanden/?zoek=ziekenhuis&amp;toon=te-laat&amp;volgorde=stil" in both.text  # without the chip that is on
    assert 'name="toon" value="te-laat,drie"' in both.text and 'name="volgorde" value="stil"' in both.text
    assert "waarvoor dit alles geldt" in client.get("/maanden/?toon=drie&zoek=alfa").text
    assert len(names(client.get("/maanden/?toon=%00,niets&volgorde=%00"))) == 3


def test_the_button_and_the_chip_say_stil_of_the_same_hospitals(client, three):
    """Also of a hospital whose request was refused: it is called, though nothing reached it."""
    refused = make.user(hospital=make.hospital("Ziekenhuis Delta"))
    MonthlyCall.open_all(LAST)
    Mail.update(status=MailStatus.MISLUKT).where(Mail.user == refused).execute()
    for until in (LAST, clock.add_months(LAST, -1)):
        page = client.get(f"/maanden/?tot={until}").text
        (chip,) = re.findall(rf'toon=stil[^"]*"[^>]*>Stil over {month_name(until)} <span class="count">(\d+)</span>', page)
        (button,) = re.findall(
            rf'href="/maanden/{until}/"[^>]*>.*?(\d+) ziekenhui\w+ stil over {month_name(until)}', page, re.S
        )
        kept = names(client.get(f"/maanden/?tot={until}&toon=stil"))
        assert chip == button == str(len(kept)) and kept == sorted(one.name.split()[-1] for one in silent(until))
    assert "Delta" in names(client.get("/maanden/?toon=stil"))


def test_the_grid_is_sorted_by_silence_and_by_cases_and_says_so(client, three):
    for order, expected in (("stil", ["Charlie", "Bravo", "Alfa"]), ("casussen", ["Alfa", "Bravo", "Charlie"])):
        page = client.get(f"/maanden/?volgorde={order}")
        assert names(page) == expected and page.text.count('aria-sort="descending"') == 1
    assert 'aria-sort="ascending"' in client.get("/maanden/").text


def test_the_year_is_counted_per_hospital_and_per_month(client, three):
    make.case(by=three[0], month=LAST).withdraw(three[0], "Toch geen casus.")
    page = " ".join(re.sub(r"<[^>]+>", " ", client.get("/maanden/").text).split())
    assert "3 van 3 – – 3" in page and "1 van 3 2 2 – " in page and "0 van 3 3 (3 op rij) 2 –" in page
    assert "44% 4/9 Casussen van alle ziekenhuizen – – – – – – – – – 1 1 1 3 " in page


def test_the_request_is_told_as_the_outbox_has_it(client, three):
    make.user()
    ask()
    told = f"Uitvraag over {month_name(LAST)}: "
    assert told + "4 verstuurd." in client.get("/maanden/").text
    mails = [mail.id for mail in Mail.select().where(Mail.name == "monthly_request", Mail.month == LAST).order_by(Mail.id)]
    Mail.update(status=MailStatus.ONZEKER).where(Mail.id == mails[0]).execute()
    Mail.update(status=MailStatus.WACHT).where(Mail.id == mails[1]).execute()
    Mail.update(bounced_at=NOW).where(Mail.id == mails[2]).execute()
    assert told + "1 verstuurd, 1 geweigerd, 1 onzeker of hij aankwam, 1 wacht nog." in client.get("/maanden/").text
    Mail.update(status=MailStatus.MISLUKT).where(Mail.id == mails[3]).execute()
    assert told + "2 geweigerd, 1 onzeker" in client.get("/maanden/").text
    earlier = clock.add_months(LAST, -12)
    assert f"Over {month_name(earlier)} ging geen uitvraag uit." in client.get(f"/maanden/?tot={earlier}").text


def test_the_workbook_holds_what_the_page_shows(client, three):
    answer = client.get("/maanden/export?toon=te-laat&volgorde=stil")
    book = load_workbook(BytesIO(answer.data))
    rows = [row[0] for row in book.active.iter_rows(values_only=True)]
    assert rows[1:] == [
        "Ziekenhuis Charlie", "Ziekenhuis Bravo", "Respons van alle ziekenhuizen", "Casussen van alle ziekenhuizen",
    ]  # fmt: skip
    about = dict(book["Toelichting"].iter_rows(values_only=True))
    assert about["Filter"] == "Te laat" and about["Uitvraag"] == f"Uitvraag over {month_name(LAST)}: 3 verstuurd."
    assert "/maanden/export?toon=te-laat&amp;volgorde=stil" in client.get("/maanden/?toon=te-laat&volgorde=stil").text
