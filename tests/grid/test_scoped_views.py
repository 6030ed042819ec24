"""The walls of every auto-generated screen: own rows only, no mass assignment, no way to delete, no address that breaks it."""

from contextlib import contextmanager
from io import BytesIO

import pytest
from openpyxl import load_workbook

from admin_views.grid import list_export, paging
from admin_views.grid.scoped_views import ScopedModelView
from models import AuditEvent, Case, Hospital, Mail, Remark, RequestedDocument, Theme, User, clock
from models.access import ABILITIES, Process, Role
from models.base import db
from models.cases.status import Status
from models.lnr.suppliers.supplier import Supplier
from models.staff.account_review import AccountReview
from tests import make
from tests.web.pages import edit, form_of, send

LISTS = {
    "/meldingen/": Role.MELDER,
    "/alle-meldingen/": Role.COORDINATOR,
    "/lza1-register/": Role.LZA1_COORDINATOR,
    "/opmerkingen/": Role.COORDINATOR,
    "/antwoorden/": Role.COORDINATOR,
    "/ziekenhuizen/": Role.COORDINATOR,
    "/gesprekken/": Role.COORDINATOR,
    "/afwezigheid/": Role.COORDINATOR,
    "/collegas/afwezigheid/": Role.MELDER,
    "/geboorten/": Role.COORDINATOR,
    "/tweede-bron/": Role.COORDINATOR,
    "/beheer/themas/": Role.COORDINATOR,
    "/beheer/documenten/": Role.COORDINATOR,
    "/beheer/ziekenhuizen/": Role.BEHEERDER,
    "/beheer/gebruikers/": Role.BEHEERDER,
    "/beheer/controles/": Role.BEHEERDER,
    "/beheer/controles/<review>/": Role.BEHEERDER,
    "/collegas/": Role.MELDER,
    "/beheer/mail/": Role.BEHEERDER,
    "/beheer/contact/": Role.BEHEERDER,
    "/beheer/planning/": Role.BEHEERDER,
    "/beheer/mailteksten/": Role.BEHEERDER,
    "/verzenden/": Role.COORDINATOR,
    "/beheer/logboek/": Role.BEHEERDER,
    "/beheer/logboek/gebruiker/<user>/": Role.BEHEERDER,
    "/beheer/controle/": Role.BEHEERDER,
    "/beheer/toestand/": Role.BEHEERDER,
    "/beheer/toestand/terugzetten/": Role.BEHEERDER,
    "/inzage/<key>/": Role.COORDINATOR,
    "/beheer/commissieleden/": Role.BEHEERDER,
    "/beheer/werkplekken/": Role.BEHEERDER,
    "/beheer/commissie/": Role.COORDINATOR,
    "/wijzigingen/": Role.BEHEERDER,
    "/wijzigingen/meldingen/": Role.BEHEERDER,
    "/beheer/bewaartermijnen/": Role.BEHEERDER,
    "/bewaarplicht/": Role.COORDINATOR,
    "/wissen-op-verzoek/": Role.COORDINATOR,
    "/commissie/": Role.COMMISSIELID,
    "/vergaderingen/": Role.COORDINATOR,
    "/beheer/vragenlijsten/": Role.COORDINATOR,
    "/lnr/opnamen/": Role.LNR_CONTACT,
    "/lnr/fouten/": Role.LNR_CONTACT,
    "/lnr/zonder-opname/": Role.LNR_CONTACT,
    "/lnr/wissen-op-verzoek/": Role.LNR_CONTACT,
    "/lnr/bewaarplicht/": Role.LNR_BEHEER,
    "/lnr/alle-opnamen/": Role.LNR_BEHEER,
    "/lnr/alle-fouten/": Role.LNR_BEHEER,
    "/lnr/invoeren/": Role.LNR_CONTACT,
    "/lnr/aanleveren/": Role.LNR_CONTACT,
    "/lnr/jaarverslagen/": Role.LNR_CONTACT,
    "/lnr/onderzoek/": Role.LNR_BEHEER,
    "/lnr/indicatoren/": Role.LNR_BEHEER,
    "/lnr/modellen/": Role.LNR_BEHEER,
    "/lnr/leveranciers/": Role.LNR_BEHEER,
    "/lnr/leveranciers/<supplier>/": Role.LNR_BEHEER,
    "/lnr/kwalificatie/": Role.LNR_BEHEER,
}
# What the address of a list names, made for a test.
SUBJECTS = {
    "<user>": lambda: make.user().id,
    "<key>": lambda: make.case(status=Status.INGEDIEND).key,
    "<review>": lambda: (AccountReview.get_or_none() or AccountReview.begin(make.user().hospital, clock.now())).id,
    "<supplier>": lambda: (Supplier.named("Dossier BV") or Supplier.enrol("Dossier BV")).id,
}
ODD = (
    "page=99999999999999999999", "page=-5", "page=abc", "page=%00", "page=1e9", "page_size=1000000", "page_size=-1", "sort=99",
    "sort=-1", "sort=abc", "sort=99999999999999999999", "sort=0&desc=abc", "search=%00", "search=%25", "search=" + "x" * 10_000,
    "search='%20OR%201=1--", "search=%F0%9F%98%80%E2%80%AE", "search=%FF%FE", "flt0_0=1", "flt=1", "flt0_status_is=%00",
    "flt0_status_is=bestaat-niet", "fltx_status_is=concept", "flt0_thema_is=abc", "flt0_thema_is=99999999999999999999",
    "flt0_aangemaakt_ligt_tussen=gisteren", "flt0_aangemaakt_ligt_tussen=0001-01-01 to 9999-12-31", "flt0_maand_is=2026-13",
    "flt0_wanneer_ligt_tussen=2026-02-30 to 2026-03-01", "eind=1", "eind=1&page=99999", "url=//evil.example", "a" * 5000 + "=1",
    "&".join(f"flt{n}_status_is=concept" for n in range(500)),
)  # fmt: skip


@contextmanager
def queries():
    """A list that fills with the statements sent to the database meanwhile, but for PostgreSQL's lock on the trail."""
    database, sent = db.obj, []
    execute = database.execute_sql

    def listen(sql, *args, **kwargs):
        if "advisory" not in sql:
            sent.append(sql)
        return execute(sql, *args, **kwargs)

    database.execute_sql = listen
    try:
        yield sent
    finally:
        del database.execute_sql


@pytest.fixture
def enter(app, login):
    """enter(user): a browser of its own in which this person is logged in."""
    return lambda user: login(app.test_client(), user)


@pytest.fixture
def views(app):
    return [view for view in app.extensions["admin"][0]._views if isinstance(view, ScopedModelView)]


def placed(address):
    """The address of a list, with what it names."""
    for name, made in SUBJECTS.items():
        address = address.replace(name, str(made())) if name in address else address
    return address


# ---- who comes in ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [None, *Role])
def test_a_list_opens_only_for_its_roles(app, views, enter, role):
    browser = enter(make.user(role=role)) if role else app.test_client()
    for view in views:
        granted = frozenset().union(*(ABILITIES[ability].get(role, ()) for ability in (view.ability, *view.others)))
        allowed = view.process in granted if view.process else granted
        expected = 302 if role is None else 200 if allowed else 403
        for address in ("/", "/new/", "/export/csv/"):
            status = browser.get(placed(view.url) + address).status_code
            assert status == expected or (expected == 200 and status in (302, 404)), (view.url, address, role)


def test_every_list_of_the_portal_is_looked_at_here(views):
    assert {view.url + "/" for view in views} == set(LISTS)


def test_an_ended_account_is_out_at_once(enter):
    boss, other = make.user(role=Role.BEHEERDER), make.user(role=Role.BEHEERDER)
    browser = enter(other)
    assert browser.get("/beheer/gebruikers/").status_code == 200

    other.deactivate(boss)

    assert browser.get("/beheer/gebruikers/").status_code == 302


def test_every_list_sorts_on_what_people_look_for(views, enter):
    """By theme, hospital, month and status wherever a list shows them; of the whole LNR only by what an index gives."""
    looked_for = {"theme", "hospital", "month", "status"}
    for view in views:
        wanted = looked_for & set(view.column_list) - ({"hospital"} if view.endpoint.startswith("lnr_all") else set())
        wanted -= {"hospital"} if view.endpoint == "trail" else set()  # a line has a hospital only by way of its row
        assert wanted <= set(view._sortable_columns), view.endpoint
        browser = enter(make.user(role=LISTS[view.url + "/"]))
        for place, (name, _) in enumerate(view._list_columns):
            if view.is_sortable(name):
                assert browser.get(f"{placed(view.url)}/?sort={place}&desc=1").status_code == 200, (view.endpoint, name)


# ---- rows of others --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("corner", ["details", "edit"])
def test_a_foreign_row_is_not_found_and_the_attempt_is_kept(enter, corner):
    foreign = make.theme(process=Process.LZA1)
    browser = enter(make.coordinator())

    assert browser.get(f"/beheer/themas/{corner}/?id={foreign.id}").status_code == 404
    assert browser.get(f"/beheer/themas/{corner}/?id={foreign.id + 1000}").status_code == 404

    refused = AuditEvent.select().where(AuditEvent.action == "access.refused")
    assert [event.subject for event in refused] == [f"Theme {foreign.id}"]


@pytest.mark.parametrize("id", ["abc", "1' OR '1'='1", "-1", "99999999999999999999", "%00", "١", "1&id=2", ""])
def test_a_strange_id_is_not_found(enter, id):
    make.theme()
    browser = enter(make.coordinator())
    for corner in ("details", "edit"):
        assert browser.get(f"/beheer/themas/{corner}/?id={id}").status_code == (404 if id else 302)


def test_a_post_to_a_foreign_row_changes_nothing(enter):
    foreign = make.theme(process=Process.LZA1, name="Van een ander")
    assert send(enter(make.coordinator()), f"/beheer/themas/edit/?id={foreign.id}", name="Overgenomen").status_code == 404
    assert Theme.get_by_id(foreign.id).name == "Van een ander"


def test_an_action_with_one_foreign_row_touches_none(enter):
    own, foreign = make.theme(), make.theme(process=Process.LZA1)
    lines = [*own.asked, *foreign.asked]
    before = [(line.id, line.position) for line in RequestedDocument.select().order_by(RequestedDocument.id)]
    ids = [lines[1].id, lines[3].id]

    assert send(enter(make.coordinator()), "/beheer/documenten/action/", action="up", rowid=ids).status_code == 404

    assert [(line.id, line.position) for line in RequestedDocument.select().order_by(RequestedDocument.id)] == before


def test_a_form_offers_and_takes_only_visible_rows(enter):
    _, foreign = make.theme(name="Eigen thema"), make.theme(process=Process.LZA1, name="Vreemd thema")
    browser = enter(make.coordinator())
    page = browser.get("/beheer/documenten/new/")
    assert "Eigen thema" in page.text and "Vreemd thema" not in page.text

    for strange in (foreign.id, "abc", 10**20, "__None"):
        answer = send(browser, "/beheer/documenten/new/", form_of(page), theme=strange, label="Ingeslopen")
        assert answer.status_code == 200
    assert not RequestedDocument.select().where(RequestedDocument.label == "Ingeslopen").exists()


def test_a_choice_outside_the_own_process_is_refused(enter):
    browser = enter(make.coordinator())
    fields = form_of(browser.get("/beheer/themas/new/"))
    send(browser, "/beheer/themas/new/", fields, name="X", long_name="X", definition="X", belongs_to="lza1")
    assert not Theme.select().where(Theme.name == "X").exists()


def test_a_list_and_its_exports_hold_only_the_own_process(enter):
    make.case(theme=make.theme(process=Process.LZA1, name="Late afbreking"))
    make.case(theme=make.theme(name="Hysterectomie"))
    browser = enter(make.coordinator())
    for address in ("/alle-meldingen/", "/alle-meldingen/export/csv/"):
        page = browser.get(address).text
        assert "Hysterectomie" in page and "Late afbreking" not in page and "L-0000" not in page


def test_a_list_is_searched_for_what_people_see(enter):
    """A name that was copied brings a mark of direction along, or a space that does not break."""
    make.user(name="Anna Bakker")
    browser = enter(make.user(role=Role.BEHEERDER))
    for typed in ("Anna%20Bakker", "%E2%80%AAAnna%C2%A0Bakker%E2%80%AC", "Anna%20Bak%C2%ADker"):
        assert "Anna Bakker" in browser.get(f"/beheer/gebruikers/?search={typed}").text
    assert "Anna Bakker" not in browser.get("/beheer/gebruikers/?search=Anna%20Dekker").text


def test_the_patient_number_leaves_through_no_screen_but_the_own_hospital(enter):
    case = make.case(status=Status.ONVOLLEDIG, patient_number="999-GEHEIM")
    for role in (Role.COORDINATOR, Role.BEHEERDER):
        browser = enter(make.user(role=role))
        for address in LISTS:
            for part in ("", "export/csv/", "details/?id=1"):
                assert "999-GEHEIM" not in browser.get(placed(address) + part).text, (role, address, part)
    assert "Niets gevonden" in enter(make.coordinator()).get("/alle-meldingen/?search=999-GEHEIM").text
    assert "999-GEHEIM" in enter(case.reporter).get("/meldingen/").text


# ---- writing ---------------------------------------------------------------------------------------------------------


def test_fields_outside_the_form_are_ignored(enter):
    hospital = make.hospital(name="Oost")
    more = {"id": "999", "created_at": "2001-01-01 00:00:00", "code": hospital.code, "hospital_id": "7", "csrf": "x"}
    answer = edit(enter(make.user(role=Role.BEHEERDER)), f"/beheer/ziekenhuizen/edit/?id={hospital.id}", phone="1", **more)

    assert answer.status_code == 302
    changed = Hospital.get_by_id(hospital.id)
    assert (changed.phone, changed.created_at) == ("1", hospital.created_at) and Hospital.select().count() == 1


@pytest.mark.parametrize("field", ["password", "fs_uniquifier", "active", "login_count", "roles", "last_login_at"])
def test_an_account_takes_nothing_but_its_form(enter, field):
    user = make.user(role=Role.MELDER)
    before = dict(User.get_by_id(user.id).__data__)
    edit(enter(make.user(role=Role.BEHEERDER)), f"/beheer/gebruikers/edit/?id={user.id}", **{field: "1"})
    assert User.get_by_id(user.id).__data__ == before


def test_deleting_editing_in_the_list_and_lookups_do_not_exist(app, views):
    names = {rule.endpoint for rule in app.url_map.iter_rules()}
    for view in views:
        assert not {f"{view.endpoint}.{gone}" for gone in ("delete_view", "ajax_update", "ajax_lookup")} & names
        assert "delete" not in view._actions_data and not view.can_delete


def test_a_list_that_cannot_be_edited_takes_no_edit(enter):
    case = make.case()
    browser = enter(make.coordinator())
    for corner in (f"edit/?id={case.id}", "new/"):
        assert send(browser, f"/alle-meldingen/{corner}", status="goedgekeurd", number="N-1").status_code == 302
    assert Case.get_by_id(case.id).status == Status.CONCEPT and Case.select().count() == 1


def test_a_save_leaves_a_line_with_names_and_no_values(enter):
    hospital = make.hospital()
    edit(enter(make.user(role=Role.BEHEERDER)), f"/beheer/ziekenhuizen/edit/?id={hospital.id}", phone="020-5551234")
    event = AuditEvent.get(AuditEvent.action == "row.update")
    assert event.detail == "Telefoon" and "5551234" not in event.subject + event.detail


def test_a_taken_name_is_said_in_dutch_and_nothing_is_saved(enter):
    make.hospital(name="Oost")
    browser = enter(make.user(role=Role.BEHEERDER))
    form = form_of(browser.get("/beheer/ziekenhuizen/new/"))
    answer = send(browser, "/beheer/ziekenhuizen/new/", form, name="Oost", code="o2")

    assert answer.status_code == 200 and "Dit bestaat al. Vul iets anders in." in answer.text
    assert "UNIQUE" not in answer.text and "duplicate key" not in answer.text and form_of(answer)["code"] == "o2"
    assert Hospital.select().count() == 1 and not AuditEvent.select().where(AuditEvent.action == "row.create").exists()


def test_a_save_whose_line_cannot_be_written_is_undone(enter, monkeypatch):
    hospital = make.hospital()
    browser = enter(make.user(role=Role.BEHEERDER))
    address = f"/beheer/ziekenhuizen/edit/?id={hospital.id}"
    fields = form_of(browser.get(address))

    monkeypatch.setattr(AuditEvent, "digest", lambda event: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        send(browser, address, fields, phone="1")

    assert Hospital.get_by_id(hospital.id).phone == ""


def test_the_second_of_two_editors_is_told_and_keeps_the_text(enter):
    hospital = make.hospital(name="Oost")
    address = f"/beheer/ziekenhuizen/edit/?id={hospital.id}"
    first, second = enter(make.user(role=Role.BEHEERDER)), enter(make.user(role=Role.BEHEERDER))
    theirs, mine = form_of(first.get(address)), form_of(second.get(address))

    assert send(first, address, theirs, phone="020 111").status_code == 302
    answer = send(second, address, mine, name="Ziekenhuis Oost")

    assert answer.status_code == 200 and "Iemand heeft dit intussen gewijzigd" in answer.text
    assert "Nu opgeslagen: 020 111" in answer.text and form_of(answer)["name"] == "Ziekenhuis Oost"
    assert (Hospital.get_by_id(hospital.id).name, Hospital.get_by_id(hospital.id).phone) == ("Oost", "020 111")

    assert send(second, address, form_of(answer), phone="020 111").status_code == 302
    assert (Hospital.get_by_id(hospital.id).name, Hospital.get_by_id(hospital.id).phone) == ("Ziekenhuis Oost", "020 111")


def test_saving_twice_is_saving_once(enter):
    hospital = make.hospital()
    browser = enter(make.user(role=Role.BEHEERDER))
    address = f"/beheer/ziekenhuizen/edit/?id={hospital.id}"
    fields = form_of(browser.get(address))
    assert [send(browser, address, fields, phone="1").status_code for _ in range(2)] == [302, 302]
    assert AuditEvent.select().where(AuditEvent.action == "row.update").count() == 1


def test_a_form_without_its_stamp_cannot_pass_over_somebody_elses_change(enter):
    hospital = make.hospital(name="Oost")
    browser = enter(make.user(role=Role.BEHEERDER))
    answer = send(browser, f"/beheer/ziekenhuizen/edit/?id={hospital.id}", name="West", code="w")
    assert answer.status_code == 200 and Hospital.get_by_id(hospital.id).name == "Oost"


# ---- addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", LISTS)
def test_no_address_breaks_a_list(enter, address):
    make.case(status=Status.ONVOLLEDIG)
    make.zero()
    browser, address = enter(make.user(role=LISTS[address])), placed(address)
    for odd in ODD:
        assert browser.get(f"{address}?{odd}").status_code == 200, odd
        assert browser.get(f"{address}export/csv/?{odd}").status_code in (200, 404), odd


@pytest.mark.parametrize("address", LISTS)
def test_every_column_can_be_sorted_or_says_it_cannot(views, enter, address):
    make.case(status=Status.ONVOLLEDIG)
    view = next(view for view in views if view.url + "/" == address)
    browser, address = enter(make.user(role=LISTS[address])), placed(address)
    for index in range(len(view._list_columns)):
        for down in ("", "&desc=1"):
            assert browser.get(f"{address}?sort={index}{down}").status_code == 200


@pytest.mark.parametrize(
    "url", ["//evil.example", "http://evil.example", "http:evil.example", "/\\evil.example", "javascript:1"]
)
def test_nobody_is_led_out_of_the_portal(enter, url):
    hospital = make.hospital()
    browser = enter(make.user(role=Role.BEHEERDER))
    page = browser.get("/beheer/ziekenhuizen/edit/", query_string={"id": hospital.id, "url": url})
    assert "evil.example" not in page.text and "javascript:" not in page.text

    answer = send(browser, f"/beheer/ziekenhuizen/edit/?id={hospital.id}", form_of(page), url=url)
    assert answer.status_code == 302 and answer.location.startswith("/beheer/ziekenhuizen/")


@pytest.mark.parametrize("address", LISTS)
def test_a_page_takes_at_most_twelve_queries(enter, address):
    theme = make.theme(Process.LZA1 if "lza1" in address else Process.NETHOSS)
    melders = [make.user(role=Role.MELDER) for _ in range(5)]
    for melder in melders:
        for status in (Status.CONCEPT, Status.ONVOLLEDIG, Status.GOEDGEKEURD):
            make.case(status, by=melder, theme=theme)
    browser = enter(melders[0] if LISTS[address] == Role.MELDER else make.user(role=LISTS[address]))
    address = placed(address)
    browser.get(address)  # the templates are compiled once
    with queries() as sent:
        assert browser.get(address).status_code == 200
    most = 22 if address == "/beheer/toestand/" else 12  # 13 readings above its list: 0.4 ms in all
    assert len(sent) <= most, sent


# ---- long lists ------------------------------------------------------------------------------------------------------


def test_a_long_list_is_counted_up_to_a_point_and_opens_from_its_end(enter, monkeypatch):
    monkeypatch.setattr(paging, "COUNTED", 60)
    monkeypatch.setattr("admin_views.grid.scoped_views.COUNTED", 60)
    for number in range(100):
        make.hospital(name=f"Ziekenhuis {number:03d}")
    browser = enter(make.user(role=Role.BEHEERDER))

    page = browser.get("/beheer/ziekenhuizen/").text
    assert "meer dan 60 resultaten" in page and "Ziekenhuis 000" in page and "eind=1" in page

    last = browser.get("/beheer/ziekenhuizen/?eind=1").text
    assert "Laatste pagina" in last and "Ziekenhuis 099" in last
    assert "Ziekenhuis 075" in last and "Ziekenhuis 074" not in last
    assert last.index("Ziekenhuis 075") < last.index("Ziekenhuis 099")

    further = browser.get("/beheer/ziekenhuizen/?eind=1&page=1").text
    assert "Ziekenhuis 074" in further and "Ziekenhuis 050" in further

    with queries() as sent:
        assert browser.get("/beheer/ziekenhuizen/?page=4000").status_code == 200
    assert not any("OFFSET 100000" in sql for sql in sent)


# ---- exports ---------------------------------------------------------------------------------------------------------


DANGEROUS = ("=1+1", "+31 6 1234", "-2", "@SUM(A1)", "\t=1", "\r=1")


def test_no_cell_of_an_export_is_a_formula(enter):
    for number, name in enumerate(DANGEROUS):
        Hospital.create(code=f"c{number}", name=f"{name} {number}" if name[0] not in "\t\r" else name)
    browser = enter(make.user(role=Role.BEHEERDER))

    cells = browser.get("/beheer/ziekenhuizen/export/csv/").get_data(as_text=True).replace('"', "")
    for name in DANGEROUS:
        assert f"'{name}" in cells

    sheet = load_workbook(BytesIO(browser.get("/beheer/ziekenhuizen/export/xlsx/").data)).worksheets[0]
    texts = [cell for row in sheet.iter_rows(min_row=2) for cell in row if isinstance(cell.value, str)]
    assert all(cell.data_type == "s" for cell in texts)
    assert next(cell for cell in texts if cell.value.startswith("=1+1")).quotePrefix


def test_a_workbook_holds_dates_and_numbers_and_says_what_it_is(enter):
    case = make.case(status=Status.INGEDIEND)
    reviewer = make.coordinator(name="Clara Coördinator")
    book = load_workbook(BytesIO(enter(reviewer).get("/alle-meldingen/export/xlsx/?flt0_status_is=ingediend").data))

    headings, row = book.worksheets[0].iter_rows(values_only=True)
    line = dict(zip(headings, row, strict=True))
    assert line["ID"] == case.number and line["Status"] == "Ingediend" and line["Bestanden"] == 1
    assert line["Aangemaakt"].date() == list_export.local_moment(case.created_at).date()

    about = dict(book.worksheets[1].iter_rows(values_only=True))
    assert about["Filters"] == "Status is Ingediend" and about["Aantal regels"] == 1
    assert "Clara Coördinator" in about["Gemaakt door"]


def test_dutch_excel_can_read_the_csv(enter):
    make.hospital(name="Zuid; én Noord")
    answer = enter(make.user(role=Role.BEHEERDER)).get("/beheer/ziekenhuizen/export/csv/")
    lines = answer.data.decode("utf-8-sig").split("\r\n")
    assert answer.data.startswith(b"\xef\xbb\xbf") and lines[0].startswith("Naam;Code;Melders")
    assert lines[1].startswith('"Zuid; én Noord";') and ";ja;" in lines[1]
    assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_a_search_is_kept_in_the_trail_without_what_was_searched(enter):
    reviewer = make.coordinator()
    enter(reviewer).get("/alle-meldingen/?search=CNRY-4711")

    line = AuditEvent.get(AuditEvent.action == "row.search")
    assert (line.actor, line.kind, line.subject, line.detail) == (reviewer, "E", "Alle meldingen", "0 resultaten")


def test_a_workbook_never_lies_in_clear_on_the_disk(enter, monkeypatch):
    def on_disk(*more, **most):
        raise AssertionError("a temporary file")

    monkeypatch.setattr("openpyxl.worksheet._writer.create_temporary_file", on_disk)
    monkeypatch.setattr("tempfile._mkstemp_inner", on_disk)
    make.case()

    book = load_workbook(BytesIO(enter(make.coordinator()).get("/alle-meldingen/export/xlsx/").data))

    assert book.sheetnames == ["Alle meldingen", "Toelichting"] and book.worksheets[0].freeze_panes == "A2"
    assert book.worksheets[0].column_dimensions["A"].width == 22 and book.worksheets[0].max_row == 2


def test_an_export_is_kept_in_the_trail_without_what_was_searched(enter):
    make.case()
    enter(make.coordinator()).get("/alle-meldingen/export/csv/?search=Geheim&flt0_status_is=concept")
    event = AuditEvent.get(AuditEvent.action == "case.export")
    assert event.detail == "csv, 0 regels; filter Status" and "Geheim" not in event.detail


def test_too_much_at_once_is_refused_in_words(enter, monkeypatch):
    monkeypatch.setattr(list_export, "MOST", 2)
    for _ in range(3):
        make.hospital()
    browser = enter(make.user(role=Role.BEHEERDER))
    answer = browser.get("/beheer/ziekenhuizen/export/xlsx/", follow_redirects=True)
    assert "Maak de lijst kleiner met een filter" in answer.text
    assert not AuditEvent.select().where(AuditEvent.action == "row.export").exists()


def test_an_export_keeps_the_order_and_crosses_its_blocks(enter, monkeypatch):
    for number in range(25):
        make.hospital(name=f"Ziekenhuis {number:02d}")
    monkeypatch.setattr(ScopedModelView.blocks, "__defaults__", (10,))
    lines = enter(make.user(role=Role.BEHEERDER)).get("/beheer/ziekenhuizen/export/csv/?sort=0&desc=1").text.split("\r\n")[1:-1]
    assert [line.split(";")[0] for line in lines] == [f"Ziekenhuis {number:02d}" for number in reversed(range(25))]


def test_rows_that_belong_to_nobody_here_stay_out_of_sight(enter):
    """Mail and remarks have no place in each other's world."""
    make.case(status=Status.ONVOLLEDIG)
    assert Mail.select().exists() and Remark.select().exists()
    assert enter(make.user(role=Role.BEHEERDER)).get("/opmerkingen/").status_code == 403
    assert enter(make.coordinator()).get("/beheer/mail/").status_code == 403
