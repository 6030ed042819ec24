"""Reading the trail: one case, one account, a month that somebody signs for."""

import csv
import io
from datetime import datetime

import pytest

from models import clock
from models.access import Process, Role
from models.audit import audit_log, checkpoint, monthly_review
from models.audit.audit_event import AuditEvent
from models.audit.monthly_review import AuditReview, Figures
from models.base import Refused, db
from models.cases.remark import Remark
from models.cases.status import Status
from models.files.privacy.privacy_decision import PrivacyDecision
from models.files.sandbox import Kind
from tasks import upkeep
from tests import make
from tests.web.pages import send

LAST = clock.previous_month(clock.today())


@pytest.fixture
def enter(app, login):
    return lambda user: login(app.test_client(), user)


@pytest.fixture
def case():
    return make.case(status=Status.INGEDIEND)


def moment(day, hour):
    """A stored moment in last month, by the clock on the wall."""
    return clock.start_of(clock.first_of(LAST).replace(day=day), hour)


def actions(case):
    return [event.action for event in AuditEvent.of_case(case)]


# ---- one case --------------------------------------------------------------------------------------------------------


def test_the_coordinator_reads_who_when_by_which_rule_and_from_where(enter, case):
    coordinator = make.coordinator(name="Coördinator Coco")
    browser = enter(coordinator)
    browser.get(f"/beoordelen/{case.key}/")

    page = browser.get(f"/inzage/{case.key}/").text

    read = AuditEvent.get(AuditEvent.action == "case.read")
    assert clock.local(read.at).strftime("%d-%m-%Y %H:%M:%S") in page
    assert "(+01:00)" in page or "(+02:00)" in page
    for word in ("Coördinator Coco", "NethOSS-coördinator", "Melding ingezien", "landelijk coördinator", "127.0.0.1", "gelukt"):
        assert word in page


def test_a_hospital_reads_who_looked_without_names_of_others_and_without_addresses(enter, case):
    coordinator = make.coordinator(name="Coördinator Coco")
    enter(coordinator).get(f"/beoordelen/{case.key}/")
    case.note(coordinator, "Alleen voor ons.")

    page = enter(case.reporter).get(f"/inzage/{case.key}/").text

    assert "Melding ingezien" in page and "Perined Beoordelaar" in page and case.reporter.name in page
    assert "Coco" not in page and "127.0.0.1" not in page and "Interne notitie" not in page


def test_who_was_refused_stands_in_the_trail_of_the_case_but_not_by_name_for_the_hospital(enter, case):
    stranger = make.user(name="Buurman")
    assert enter(stranger).get(f"/melding/{case.key}/").status_code == 404

    own = enter(case.reporter).get(f"/inzage/{case.key}/").text
    national = enter(make.coordinator()).get(f"/inzage/{case.key}/").text

    assert "Toegang geweigerd" in own and "Iemand van een ander ziekenhuis" in own and "Buurman" not in own
    assert "Buurman" in national
    assert AuditEvent.get(AuditEvent.action == "access.refused").rule == "geen"


def test_reading_the_trail_is_in_the_trail(enter, case):
    browser = enter(make.coordinator())
    browser.get(f"/inzage/{case.key}/")
    browser.get(f"/inzage/{case.key}/export/csv/")

    assert actions(case)[-2:] == ["trail.read", "trail.export"]
    assert "Logboek geëxporteerd" in browser.get(f"/inzage/{case.key}/").text


@pytest.mark.parametrize("person", ["colleague", "other process", "committee", "management"])
def test_the_trail_of_a_case_is_for_its_own_people_only(enter, case, person):
    people = {
        "colleague": make.user(),
        "other process": make.coordinator(Process.LZA1),
        "committee": make.user(role=Role.COMMISSIELID),
        "management": make.user(role=Role.BEHEERDER),
    }
    for corner in ("", "export/csv/"):
        answer = enter(people[person]).get(f"/inzage/{case.key}/{corner}")
        assert answer.status_code in (403, 404) and case.number not in answer.text


def test_both_pages_of_a_case_lead_to_its_trail(enter, case):
    for browser, page in ((enter(case.reporter), "melding"), (enter(make.coordinator()), "beoordelen")):
        assert f'href="/inzage/{case.key}/"' in browser.get(f"/{page}/{case.key}/").text


def test_the_filter_narrows_by_day_kind_and_result(enter, case):
    enter(make.user()).get(f"/melding/{case.key}/")
    browser, today = enter(make.coordinator()), clock.today()

    def lines(**asked):
        return browser.get(f"/inzage/{case.key}/", query_string=asked).text.count('data-label="Wanneer"')

    everything = lines()
    assert lines(flt0_uitkomst_is="geweigerd") == 1 and 0 < lines(flt0_soort_is="C") < everything
    assert lines(flt0_wanneer_ligt_tussen=f"{today} to {today}") > everything
    assert lines(flt0_wanneer_ligt_tussen="2019-01-01 to 2020-01-01") == 0
    assert lines(flt0_wanneer_ligt_tussen="gisteren", flt1_soort_is="Z", flt2_uitkomst_is="'", page="-1") > everything


@pytest.mark.parametrize(
    "asked",
    [
        {"flt0_wanneer_ligt_tussen": "2026-01-01 to 9999-12-31"},
        {"flt0_wanneer_ligt_tussen": "0001-01-01 to 2026-01-01"},
        {"page": "9" * 30},
        {"flt0_soort_is": "\x00"},
    ],
)
def test_a_strange_filter_breaks_nothing(enter, case, asked):
    assert enter(make.coordinator()).get(f"/inzage/{case.key}/", query_string=asked).status_code == 200


def test_the_export_has_the_columns_of_the_norm_and_a_moment_with_its_offset(enter, case):
    answer = enter(make.coordinator()).get(f"/inzage/{case.key}/export/csv/")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))

    assert list(rows[0]) == list(audit_log.COLUMNS.values())
    opened = next(row for row in rows if row["Gebeurtenis"] == "Melding aangemaakt")
    assert opened["Soort gebeurtenis (CRUDE)"] == "C" and opened["Autorisatieregel"] == "eigen ziekenhuis"
    assert opened["Namens"] == case.hospital.name and opened["Object"] == case.number
    stamp = datetime.fromisoformat(opened["Datum en tijd (ISO 8601)"])
    assert stamp.utcoffset() is not None
    assert stamp.astimezone(clock.UTC).replace(tzinfo=None) == AuditEvent.get(AuditEvent.action == "case.open").at.replace(
        microsecond=0
    )


def test_the_export_of_a_hospital_holds_no_address_and_no_strange_name(enter, case):
    enter(make.coordinator(name="Coco")).get(f"/beoordelen/{case.key}/")
    answer = enter(case.reporter).get(f"/inzage/{case.key}/export/csv/")

    assert "Melding ingezien" in answer.text and "Coco" not in answer.text and "Toegangspunt" not in answer.text


def test_the_patient_number_is_nowhere_in_it(enter):
    case = make.case(patient_number="CNRY-4711", status=Status.INGEDIEND)
    for person in (case.reporter, make.coordinator()):
        browser = enter(person)
        assert "CNRY" not in browser.get(f"/inzage/{case.key}/").text + browser.get(f"/inzage/{case.key}/export/csv/").text


@pytest.mark.parametrize("corner", ["lijst", "ingediend", "nakijken"])
def test_every_page_that_shows_a_case_is_written_down(enter, corner):
    user = make.user()
    case = make.case(Status.INGEDIEND if corner == "ingediend" else Status.CONCEPT, by=user)
    if corner == "nakijken":
        found = [[Kind.BSN, "12•••82", "bladzijde 1"]]
        PrivacyDecision.create(document=make.document(case), kind=Kind.BSN, removable=False, places=found)

    assert enter(user).get(f"/melding/{case.key}/{corner}").status_code == 200

    assert actions(case)[-1] == "case.read"


def test_what_a_page_fetches_anew_is_one_line_a_minute_for_each_person(enter, case):
    browser, colleague = enter(case.reporter), enter(make.user(hospital=case.hospital))
    for one in (browser, browser, colleague):
        one.get(f"/melding/{case.key}/lijst")
    assert actions(case).count("case.read") == 2

    AuditEvent.seen("case.read", case.reporter, case, now=clock.now() + 2 * clock.MINUTE)

    assert actions(case).count("case.read") == 3


def test_reading_remarks_is_written_down(enter, case):
    coordinator = make.coordinator()
    case.note(coordinator, "Alleen voor ons.")
    browser = enter(coordinator)
    page = browser.get("/opmerkingen/").text
    assert "Alleen voor ons." in page
    browser.get(f"/opmerkingen/details/?id={Remark.get().id}")

    lines = list(AuditEvent.select().where(AuditEvent.action == "remark.read").order_by(AuditEvent.id))
    assert [(line.actor, line.case_id) for line in lines] == [(coordinator, None), (coordinator, case.id)]


# ---- one account -----------------------------------------------------------------------------------------------------


def test_the_beheerder_reads_what_an_account_did_and_what_was_done_to_it(enter, case):
    beheerder = make.user(role=Role.BEHEERDER)
    AuditEvent.log("user.invite", by=beheerder, account=case.reporter)
    browser = enter(beheerder)

    page = browser.get(f"/beheer/logboek/gebruiker/{case.reporter_id}/").text

    assert "Melding aangemaakt" in page and case.number in page and "Uitgenodigd" in page
    assert "partusverslag.pdf" not in page
    assert (
        AuditEvent.select().where(AuditEvent.action == "trail.read", AuditEvent.subject == case.reporter.in_trail).count() == 1
    )


def test_what_was_done_to_an_account_stays_with_it_when_its_address_moves_to_somebody_else(enter):
    beheerder, first, second = make.user(role=Role.BEHEERDER), make.user(email="post@example.com"), make.user()
    AuditEvent.log("user.login_refused", account=first, result="geweigerd")
    for user, address in ((first, "anders@example.com"), (second, "post@example.com")):
        user.move_address(address, beheerder, agreed=True)
    browser = enter(beheerder)

    mine, theirs = (browser.get(f"/beheer/logboek/gebruiker/{user.id}/").text for user in (first, second))

    assert "Inloggen geweigerd" in mine and "Inloggen geweigerd" not in theirs
    assert "E-mailadres gewijzigd" in mine and "E-mailadres gewijzigd" in theirs


def test_only_the_beheerder_reads_accounts(enter, case):
    assert enter(make.coordinator()).get(f"/beheer/logboek/gebruiker/{case.reporter_id}/").status_code == 403
    assert enter(make.user(role=Role.BEHEERDER)).get("/beheer/logboek/gebruiker/99999/").status_code == 404


def test_the_list_of_accounts_leads_to_them(enter, case):
    page = enter(make.user(role=Role.BEHEERDER)).get("/beheer/gebruikers/").text
    assert f'href="/beheer/logboek/gebruiker/{case.reporter_id}/"' in page


# ---- a month ---------------------------------------------------------------------------------------------------------


def test_the_figures_count_what_they_say():
    melder, other = make.user(), make.user()
    cases = [make.case(by=melder) for _ in range(3)]
    monday = next(day for day in range(1, 8) if clock.first_of(LAST).replace(day=day).weekday() == 0)
    for case, day, hour in ((cases[0], monday, 7), (cases[0], monday, 18), (cases[1], monday, 6), (cases[2], monday, 19)):
        AuditEvent.log("case.read", by=melder, case=case, at=moment(day, hour))
    AuditEvent.log("case.read", by=other, case=cases[0], at=moment(monday + 5, 12))
    AuditEvent.log("access.refused", by=other, result="geweigerd", at=moment(1, 0))
    AuditEvent.log("user.login_refused", subject="x", result="geweigerd", at=moment(2, 9))
    AuditEvent.log("row.export", by=other, at=moment(3, 9))
    following = clock.start_of(clock.first_of(clock.add_months(LAST, 1)))
    AuditEvent.log("access.refused", by=other, result="geweigerd", at=following)

    figures = Figures(LAST)

    assert (figures.refused, figures.failed, figures.exports) == (1, 1, 1)
    assert (figures.reads, figures.reads_at_odd_hours) == (5, 3)
    assert [(reader.number, reader.cases) for reader in figures.readers] == [(melder.id, 3), (other.id, 1)]


def test_a_month_stands_beside_the_eleven_before_it():
    before = clock.add_months(LAST, -11)
    for month, count in ((before, 2), (LAST, 1), (clock.add_months(LAST, 1), 4), (clock.add_months(before, -1), 4)):
        for _ in range(count):
            at = clock.start_of(clock.first_of(month))
            AuditEvent.log("user.login_refused", subject="x", result="geweigerd", at=at)
    AuditEvent.log("document.lost", subject="x", result="mislukt", at=clock.start_of(clock.first_of(LAST)))
    months, lines = monthly_review.year_until(LAST)
    assert (months[0], months[-1]) == (before, LAST)
    counts = {line.label: line.counts for line in lines}
    assert counts["Inloggen mislukt"] == [2, *[0] * 10, 1] and counts["Beschadigd"] == [*[0] * 11, 1]
    assert counts["Exports"] == [0] * 12


def test_what_was_opened_at_odd_hours_stands_beside_the_months_before_it_as_its_tile_says():
    melder, case = make.user(), make.case()
    months = clock.months_until(LAST, 12)
    for number, month in enumerate(months):
        first = clock.first_of(month)
        monday = next(day for day in range(1, 8) if first.replace(day=day).weekday() == 0)
        # In office hours by the wall, in winter and in summer; and a night more each month.
        for day, hour in [(monday, 7), (monday, 18), *[(monday, 23)] * number, (monday + 5, 12)]:
            AuditEvent.log("case.read", by=melder, case=case, at=clock.start_of(first.replace(day=day), hour))
        AuditEvent.log("case.read", subject="niemand", at=clock.start_of(first, 3))  # by no account
    _, lines = monthly_review.year_until(LAST)
    (odd,) = (line.counts for line in lines if line.label == "Ingezien buiten kantooruren")
    assert odd == [1 + number for number in range(12)]
    assert odd[-1] == Figures(LAST).reads_at_odd_hours and odd[0] == Figures(months[0]).reads_at_odd_hours


def test_the_figures_count_the_neonatal_registry_too():
    contact = make.user(role=Role.LNR_CONTACT)
    for subject in ("S-1", "S-1", "S-2"):
        AuditEvent.log("lnr.read", by=contact, subject=subject, at=moment(3, 3))
    for export in ("lnr.export", "lza1.export"):
        AuditEvent.log(export, by=contact, at=moment(3, 9))

    figures = Figures(LAST)

    assert (figures.reads, figures.exports) == (3, 2)
    assert [(reader.number, reader.cases) for reader in figures.readers] == [(contact.id, 2)]


def test_the_figures_count_who_got_rights_or_a_way_in():
    beheerder, user = make.user(role=Role.BEHEERDER), make.user()
    for action in ("user.roles", "user.address", "user.activate", "factor.reset", "user.invite"):
        AuditEvent.log(action, by=beheerder, account=user, at=moment(3, 9))

    assert Figures(LAST).rights == 4


def test_office_hours_follow_the_clock_on_the_wall_through_the_change_to_winter_time():
    case = make.case()
    for hour, day in ((7, 23), (7, 26)):  # Friday in summer time and Monday in winter time, 2026
        AuditEvent.log(
            "case.read", by=case.reporter, case=case, at=clock.start_of(clock.first_of("2026-10").replace(day=day), hour)
        )

    assert (Figures("2026-10").reads, Figures("2026-10").reads_at_odd_hours) == (2, 0)


def test_the_number_of_an_error_page_finds_what_that_request_did(enter):
    refused = [enter(make.user(name=name)).get("/beheer/logboek/") for name in ("Anna Een", "Bas Twee")]
    numbers = [answer.headers["X-Request-ID"] for answer in refused]

    lines = enter(make.user(role=Role.BEHEERDER)).get(
        "/beheer/logboek/", query_string={"flt0_nummer_van_het_verzoek_is": numbers[0]}
    )

    assert "Anna Een" in lines.text and "Bas Twee" not in lines.text
    assert [one.request for one in AuditEvent.select().where(AuditEvent.action == "access.refused")] == numbers
    assert list(AuditEvent.broken_links()) == []


def test_the_page_of_a_month_leads_to_the_lines_behind_its_figures(enter):
    AuditEvent.log("access.refused", by=make.user(name="Buurman"), result="geweigerd", at=moment(5, 9))
    AuditEvent.log("access.refused", by=make.user(name="Vandaag"), result="geweigerd")
    browser = enter(make.user(role=Role.BEHEERDER))
    page = browser.get(f"/beheer/controle/{LAST}/").text

    address = next(part for part in page.split('"') if "access.refused" in part).replace("&amp;", "&")
    lines = browser.get(address).text

    assert "Buurman" in lines and "Vandaag" not in lines


def test_a_month_is_signed_off_once_with_what_was_found(enter):
    AuditEvent.log("access.refused", by=make.user(), result="geweigerd", at=moment(5, 9))
    beheerder, later = make.user(role=Role.BEHEERDER, name="Ben"), make.user(role=Role.BEHEERDER, name="Later")
    browser = enter(beheerder)

    for _ in range(2):
        assert send(browser, f"/beheer/controle/{LAST}/aftekenen", bevinding="Niets bijzonders.").status_code == 302
    second = send(enter(later), f"/beheer/controle/{LAST}/aftekenen", bevinding="Ik ook.")

    review = AuditReview.get()
    assert (review.month, review.by, review.note) == (LAST, beheerder, "Niets bijzonders.")
    assert second.status_code == 409 and "Ben heeft" in second.text
    assert AuditEvent.select().where(AuditEvent.action == "trail.sign").count() == 1
    assert "Ben" in browser.get("/beheer/controle/").text


@pytest.mark.parametrize("note", ["", "   ", "x" * 2001])
def test_a_signature_says_what_was_found(enter, note):
    browser = enter(make.user(role=Role.BEHEERDER))
    answer = send(browser, f"/beheer/controle/{LAST}/aftekenen", bevinding=note)

    assert answer.status_code == 409 and AuditReview.select().count() == 0
    assert "bevinding" in answer.text


def test_a_month_that_is_not_over_is_not_signed(enter):
    browser, now = enter(make.user(role=Role.BEHEERDER)), clock.month_of(clock.today())

    assert send(browser, f"/beheer/controle/{now}/aftekenen", bevinding="Al gezien.").status_code == 409
    assert "nog niet voorbij" in browser.get(f"/beheer/controle/{now}/").text


def test_nobody_else_signs():
    with pytest.raises(Refused):
        AuditReview.sign(LAST, make.coordinator(), "Gezien.")


@pytest.mark.parametrize("change", ["UPDATE trail_review SET month = '2020-01'", "DELETE FROM trail_review"])
def test_a_signature_cannot_be_changed(change):
    AuditReview.sign(LAST, make.user(role=Role.BEHEERDER), "Gezien.")

    with pytest.raises(Exception, match="append-only"), db.atomic():
        db.execute_sql(change)


@pytest.mark.parametrize("month", ["2026-13", "2026", "abc", "0001-01", "9999-12", "2026-1x"])
def test_a_month_that_cannot_be_is_not_found(enter, month):
    browser = enter(make.user(role=Role.BEHEERDER))
    assert browser.get(f"/beheer/controle/{month}/").status_code == 404
    assert send(browser, f"/beheer/controle/{month}/aftekenen", bevinding="x").status_code == 404


def test_the_beheerder_is_reminded_on_every_page_until_last_month_is_signed(enter):
    banner = "is nog niet nagelezen"
    beheerder, coordinator = make.user(role=Role.BEHEERDER), make.coordinator()
    browser = enter(beheerder)
    assert banner not in browser.get("/beheer/ziekenhuizen/").text, "nothing happened last month"

    AuditEvent.log("user.login", by=beheerder, at=moment(5, 9))
    assert banner in browser.get("/beheer/ziekenhuizen/").text and banner in browser.get("/account").text
    assert banner not in enter(coordinator).get("/beoordelen/").text

    AuditReview.sign(LAST, beheerder, "Gezien.")
    assert banner not in browser.get("/beheer/ziekenhuizen/").text


def test_the_months_begin_where_the_trail_begins():
    beheerder = make.user(role=Role.BEHEERDER)
    assert AuditReview.unsigned() == []
    AuditEvent.log("user.login", by=beheerder, at=clock.start_of(clock.first_of(clock.add_months(LAST, -2))))

    assert AuditReview.unsigned() == [LAST, clock.add_months(LAST, -1), clock.add_months(LAST, -2)]


# ---- the file of checkpoints -----------------------------------------------------------------------------------------


def test_every_hour_the_end_of_the_trail_leaves_the_database(monkeypatch, tmp_path):
    monkeypatch.setattr(checkpoint, "path", lambda: tmp_path / "checkpoints.txt")
    make.case()
    upkeep.note_how_far_the_trail_has_come.call_local()

    assert AuditEvent.select().order_by(AuditEvent.id.desc()).get().hash in checkpoint.path().read_text()
    assert list(checkpoint.broken()) == []


def test_the_trail_of_a_case_is_every_line_about_it(case):
    assert audit_log.of_case(case).count() == len(actions(case))
