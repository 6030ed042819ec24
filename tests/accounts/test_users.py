"""The work in the lists: hospitals, accounts, themes and asked documents, the outbox, the trail."""

import re

import pytest

from models import AuditEvent, HeldChange, Hospital, Mail, RequestedDocument, Theme, User, clock
from models.access import HOSPITAL_ROLES, ROLE_LABELS, Process, Role
from models.base import Refused
from models.cases.status import Status
from models.files.dossier import Dossier
from models.mail.outbox import MailStatus
from tests import make
from tests.web.pages import edit, form_of, send

TODAY = clock.today


@pytest.fixture
def enter(app, login):
    """enter(user): a browser of its own in which this person is logged in."""
    return lambda user: login(app.test_client(), user)


@pytest.fixture
def boss(enter):
    return enter(make.user(role=Role.BEHEERDER, name="Bea Beheer"))


def second():
    """Another beheerder confirms everything that waits."""
    for change in HeldChange.select().where(HeldChange.open()):
        change.confirm(make.user(role=Role.BEHEERDER))


@pytest.fixture
def coordinator(enter):
    return enter(make.coordinator())


# ---- hospitals -------------------------------------------------------------------------------------------------------


def test_a_hospital_is_added_and_its_line_names_it(boss):
    page = boss.get("/beheer/ziekenhuizen/new/")
    answer = send(boss, "/beheer/ziekenhuizen/new/", form_of(page), name=" Ziekenhuis Oost ", code="oost", agb="06010101")

    assert answer.status_code == 302
    made = Hospital.get()
    assert (made.name, made.code, made.agb, made.ura, made.active) == ("Ziekenhuis Oost", "oost", "06010101", None, True)
    assert AuditEvent.get(AuditEvent.action == "row.create").subject == "Ziekenhuizen: Ziekenhuis Oost"


def test_a_form_says_what_it_does_to_which_row_and_has_one_button(boss):
    east = make.hospital(name="Ziekenhuis Oost")
    for address, title in (("new/", "Ziekenhuis toevoegen"), (f"edit/?id={east.id}", "Ziekenhuis Oost wijzigen")):
        page = boss.get(f"/beheer/ziekenhuizen/{address}").text
        assert re.search(r"<h1[^>]*>\s*(.+?)\s*</h1>", page)[1] == title
        form = page[page.index('class="admin-form') :].partition("</form>")[0]
        assert form.count("<button") == 1 and "Opslaan" in form
    assert "Gebruiker uitnodigen</h1>" in boss.get("/beheer/gebruikers/new/").text


def test_numbers_of_a_hospital_are_digits(boss):
    answer = send(boss, "/beheer/ziekenhuizen/new/", name="Oost", code="o", agb="06-01", active="y")
    assert "alleen cijfers" in answer.text and not Hospital.select().exists()


def test_a_hospital_with_too_few_melders_stands_out(boss):
    lonely, fine = make.hospital(name="Eenzaam"), make.hospital(name="Goed")
    make.user(hospital=lonely)
    make.user(hospital=lonely, active=False)
    for _ in range(2):
        make.user(hospital=fine)
    page = boss.get("/beheer/ziekenhuizen/").text
    assert page.count("te weinig") == 1 and "1: te weinig" in page


# ---- accounts --------------------------------------------------------------------------------------------------------


def test_somebody_new_is_enrolled_and_invited(boss):
    hospital = make.hospital()
    fields = form_of(boss.get("/beheer/gebruikers/new/"))
    answer = send(
        boss,
        "/beheer/gebruikers/new/",
        fields,
        name="Mia Melder",
        email="Mia@Example.com",
        hospital=hospital.id,
        role_names=["melder", "invoerder"],
    )

    assert answer.status_code == 302
    mia = User.by_email("mia@example.com")
    assert mia.role_names == set() and mia.state == "uitgenodigd"
    assert Mail.get(Mail.user == mia).name == "invitation"
    second()
    mia = User.get_by_id(mia.id)
    assert mia.role_names == {"melder", "invoerder"} and mia.hospital == hospital
    assert {event.action for event in AuditEvent.select()} >= {"row.create", "user.invite"}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"role_names": ["melder"]}, "hoort bij een ziekenhuis"),
        ({"role_names": ["commissielid"]}, "Kies voor een commissielid de commissie"),
        ({"role_names": ["coordinator"], "hospital": True}, "Een landelijke rol hoort niet bij één ziekenhuis"),
        ({"role_names": []}, "Kies minstens één rol"),
        ({"role_names": ["koning"]}, "role_names"),
        ({"role_names": ["coordinator"], "email": "geen adres"}, "volledig e-mailadres"),
        ({"role_names": ["coordinator"], "email": "BESTAAT@example.com"}, "Er is al een account"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(boss, fields, sentence):
    hospital = make.hospital()
    make.user(role=Role.COORDINATOR, email="bestaat@example.com")
    if fields.get("hospital"):
        fields = {**fields, "hospital": hospital.id}
    form = form_of(boss.get("/beheer/gebruikers/new/"))
    answer = send(boss, "/beheer/gebruikers/new/", form, **{"name": "Nieuw", "email": "nieuw@example.com", **fields})

    assert answer.status_code == 200 and sentence in answer.text and form_of(answer)["name"] == "Nieuw"
    assert User.select().count() == 2 and not Mail.select().exists()


def test_an_account_is_amended_with_its_roles(boss):
    user = make.user(role=Role.INVOERDER, address_refused_at=clock.now())
    address = f"/beheer/gebruikers/edit/?id={user.id}"
    assert edit(boss, address, role_names=["melder", "invoerder"], email="ander@example.com").status_code == 302
    second()

    changed = User.get_by_id(user.id)
    assert changed.role_names == {"melder", "invoerder"} and changed.email == "ander@example.com"
    assert changed.address_refused_at is None and changed.password == user.password
    assert "E-mailadres" in {line.detail for line in AuditEvent.select().where(AuditEvent.action == "row.update")}


def test_the_trail_tells_which_roles_came_and_went(boss):
    user = make.user(role=Role.INVOERDER)
    edit(boss, f"/beheer/gebruikers/edit/?id={user.id}", role_names=["melder", "lza1-melder"])
    second()
    edit(boss, f"/beheer/gebruikers/edit/?id={user.id}", phone="020")

    (line,) = AuditEvent.select().where(AuditEvent.action == "user.roles")
    assert (line.detail, line.subject, line.hospital) == ("+lza1-melder +melder -invoerder", user.in_trail, user.hospital)


def test_a_new_address_is_told_to_the_old_one_as_well(boss):
    user = make.user(email="oud@example.com")
    edit(boss, f"/beheer/gebruikers/edit/?id={user.id}", email="nieuw@example.com")
    second()

    done = Mail.once.contains("gedaan")
    assert {mail.to for mail in Mail.select().where(done)} == {"oud@example.com", "nieuw@example.com"}
    text = Mail.get(Mail.to == "oud@example.com", done).render().get_body(("plain",)).get_content()
    assert "gewijzigd van oud@example.com in nieuw@example.com" in " ".join(text.split())
    assert AuditEvent.get(AuditEvent.action == "user.address").detail == "oud@example.com > nieuw@example.com"


def test_nobody_gives_themselves_a_role(boss):
    make.user(role=Role.BEHEERDER)
    bea = User.get(User.name == "Bea Beheer")
    for role in Role:
        hospital = make.hospital().id if role in HOSPITAL_ROLES else "__None"
        edit(boss, f"/beheer/gebruikers/edit/?id={bea.id}", role_names=["beheerder", role], hospital=hospital)
    with pytest.raises(Refused, match="uzelf geen rol"):
        (other := make.coordinator()).grant(["coordinator", "lza1-coordinator"], by=other)
    assert User.get_by_id(bea.id).role_names == {"beheerder"}


@pytest.mark.parametrize("role", ["coordinator", "lza1-coordinator", "lnr-beheer"])
def test_a_beheerder_has_no_other_role(boss, role):
    user = make.user(role=role)
    answer = edit(boss, f"/beheer/gebruikers/edit/?id={user.id}", role_names=[role, "beheerder"])
    assert "Een beheerder ziet geen meldingen" in answer.text and User.get_by_id(user.id).role_names == {role}


def test_two_people_at_one_account_do_not_overwrite_each_others_roles(boss, enter):
    user = make.user(role=Role.INVOERDER)
    other = enter(make.user(role=Role.BEHEERDER))
    address = f"/beheer/gebruikers/edit/?id={user.id}"
    mine = form_of(other.get(address))
    edit(boss, address, role_names=["melder"])
    second()

    answer = send(other, address, mine, phone="020")

    assert "Iemand heeft dit intussen gewijzigd" in answer.text and User.get_by_id(user.id).role_names == {"melder"}


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.LZA1_COORDINATOR, Role.LNR_BEHEER])
def test_the_last_one_of_a_national_role_is_not_ended(role):
    bea = make.user(role=Role.BEHEERDER)
    last, others = make.user(role=role), [one for one in User.with_role(role)]
    for other in others:
        if other != last:
            other.deactivate(bea)
    for verb in (lambda: last.deactivate(bea), lambda: User.get_by_id(last.id).grant([], bea)):
        with pytest.raises(Refused, match=f"laatste account met de rol {ROLE_LABELS[role]}"):
            verb()
    assert User.get_by_id(last.id).active and role in User.get_by_id(last.id).role_names
    make.user(role=role)
    last.deactivate(bea)
    assert not User.get_by_id(last.id).active


def test_the_last_beheerder_stays(boss, enter):
    bea, other = User.get(User.name == "Bea Beheer"), make.user(role=Role.BEHEERDER)
    browser = enter(other)

    answer = edit(boss, f"/beheer/gebruikers/edit/?id={bea.id}", role_names=["coordinator"])
    assert "U kunt uw eigen beheer niet beëindigen" in answer.text
    assert User.get_by_id(bea.id).active and Role.BEHEERDER in User.get_by_id(bea.id).role_names

    assert edit(browser, f"/beheer/gebruikers/edit/?id={bea.id}", role_names=["coordinator"]).status_code == 302
    second()
    User.get(User.id.not_in([bea.id, other.id])).deactivate()
    with pytest.raises(Exception, match="laatste beheerder"):
        other.deactivate()


def test_an_account_ends_and_comes_back(boss):
    user = make.user(role=Role.MELDER)
    for _ in range(2):  # a double click
        send(boss, "/beheer/gebruikers/action/", action="end", rowid=user.id)
    assert not User.get_by_id(user.id).active and User.get_by_id(user.id).fs_uniquifier != user.fs_uniquifier

    send(boss, "/beheer/gebruikers/action/", action="revive", rowid=user.id)
    second()
    assert User.get_by_id(user.id).active
    assert {"user.deactivate", "user.activate"} <= {event.action for event in AuditEvent.select()}


def test_nobody_ends_the_own_account(boss):
    bea = User.get(User.name == "Bea Beheer")
    make.user(role=Role.BEHEERDER)
    page = send(boss, "/beheer/gebruikers/action/", action="end", rowid=bea.id).location
    assert "U kunt uw eigen" in boss.get(page).text and User.get_by_id(bea.id).active


def test_an_invitation_goes_again_only_to_who_has_no_password(boss):
    waiting, present = make.user(password=None), make.user()
    send(boss, "/beheer/gebruikers/action/", action="invite", rowid=[waiting.id, present.id])
    page = boss.get("/beheer/gebruikers/").text
    assert [mail.user_id for mail in Mail.select()] == [waiting.id]
    assert "1 uitnodiging verstuurd" in page and "heeft al een wachtwoord" in page


# ---- themes and asked documents --------------------------------------------------------------------------------------


def test_a_coordinator_adds_a_theme_to_the_own_process(coordinator):
    fields = form_of(coordinator.get("/beheer/themas/new/"))
    send(coordinator, "/beheer/themas/new/", fields, name="Uterusruptuur", long_name="Uterusruptuur", definition="Wat.")
    assert Theme.get(Theme.name == "Uterusruptuur").process == Process.NETHOSS


def test_a_theme_cannot_end_before_it_began(coordinator):
    theme = make.theme()
    answer = edit(coordinator, f"/beheer/themas/edit/?id={theme.id}", valid_to="2001-01-01")
    assert "De laatste dag ligt vóór de eerste dag" in answer.text and Theme.get_by_id(theme.id).valid_to is None


def test_a_document_is_added_behind_the_others(coordinator):
    theme = make.theme(asked=("een", "twee"))
    fields = form_of(coordinator.get("/beheer/documenten/new/"))
    send(coordinator, "/beheer/documenten/new/", fields, theme=theme.id, label="drie", position="")
    assert [line.label for line in theme.asked.order_by(RequestedDocument.position)] == ["een", "twee", "drie"]


def test_documents_move_up_and_down(coordinator):
    theme = make.theme(asked=("een", "twee", "drie"))
    lines = list(theme.asked.order_by(RequestedDocument.position))
    for action, line in (("up", lines[2]), ("up", lines[2]), ("up", lines[2]), ("down", lines[0])):
        send(coordinator, "/beheer/documenten/action/", action=action, rowid=line.id)
    assert [line.label for line in theme.asked.order_by(RequestedDocument.position)] == ["drie", "twee", "een"]


def test_a_line_nobody_relies_on_is_simply_changed(coordinator):
    line = make.theme(asked=("partusverslag",)).asked.get()
    assert edit(coordinator, f"/beheer/documenten/edit/?id={line.id}", label="partogram").status_code == 302
    assert [(row.id, row.label) for row in RequestedDocument.select()] == [(line.id, "partogram")]


def test_a_line_that_cases_rely_on_is_not_silently_rewritten(coordinator):
    case = make.case(theme=make.theme(asked=("partusverslag",)))
    line = case.theme.asked.get()
    address = f"/beheer/documenten/edit/?id={line.id}"

    answer = edit(coordinator, address, label="partogram")
    assert "Kies een van beide" in answer.text and RequestedDocument.get().label == "partusverslag"
    assert form_of(answer)["label"] == "partogram"

    assert send(coordinator, address, form_of(answer), how="renew").status_code == 302
    old, new = RequestedDocument.select().order_by(RequestedDocument.id)
    assert (old.label, old.valid_to, new.label, new.valid_from) == ("partusverslag", TODAY(), "partogram", TODAY() + clock.DAY)
    assert [entry.asked.label for entry in Dossier.of(case).lines] == ["partusverslag"]


def test_a_better_wording_may_go_to_old_cases_when_asked_for(coordinator):
    case = make.case(theme=make.theme(asked=("partusverslg",)))
    edit(coordinator, f"/beheer/documenten/edit/?id={case.theme.asked.get().id}", label="partusverslag", how="reword")
    assert [row.label for row in RequestedDocument.select()] == ["partusverslag"]


def test_a_line_cannot_be_taken_from_old_cases(coordinator):
    line = make.case(theme=make.theme(asked=("partusverslag",))).theme.asked.get()
    for change in ({"valid_from": str(TODAY())}, {"valid_to": "2021-01-01"}):
        answer = edit(coordinator, f"/beheer/documenten/edit/?id={line.id}", **change)
        assert "Bij bestaande meldingen hoort deze regel al op de lijst" in answer.text
    assert RequestedDocument.get().valid_to is None

    assert edit(coordinator, f"/beheer/documenten/edit/?id={line.id}", valid_to=str(TODAY())).status_code == 302
    assert RequestedDocument.get().valid_to == TODAY()


# ---- the registry ----------------------------------------------------------------------------------------------------


def test_a_case_is_found_by_its_number_however_it_is_typed(coordinator):
    case, other = make.case(), make.case()
    for typed in (case.number, case.number.lower(), case.number.replace("-", ""), case.number.lstrip("N-0")):
        page = coordinator.get("/alle-meldingen/", query_string={"search": typed}).text
        assert f"/beoordelen/{case.key}/" in page and other.key not in page


def test_cases_are_found_by_hospital_and_filters(coordinator):
    found = make.case(Status.INGEDIEND, by=make.user(hospital=make.hospital(name="Zuiderziekenhuis")))
    make.case(by=found.reporter)
    for query in (
        {"search": "zuider", "flt0_status_is": "ingediend"},
        {"flt0_ziekenhuis_bevat": "zuider", "flt1_status_is": "ingediend", "flt2_thema_is": found.theme_id},
        {"flt0_status_is": "ingediend", "flt1_aangemaakt_ligt_tussen": f"{TODAY()} to {TODAY()}"},
    ):
        page = coordinator.get("/alle-meldingen/", query_string=query).text
        assert "1 resultaat" in page and found.number in page


def test_a_remark_leads_to_its_case(coordinator):
    case = make.case(Status.ONVOLLEDIG)
    assert f"/beoordelen/{case.key}/" in coordinator.get("/opmerkingen/").text


def test_answers_are_named_in_words(coordinator):
    make.zero(month="2026-10")
    page = coordinator.get("/antwoorden/?flt0_maand_is=10-2026").text
    assert "oktober 2026" in page and "Nul-melding" in page


# ---- outbox and trail ------------------------------------------------------------------------------------------------


def a_mail(status, **more):
    mail = Mail.queue("zero_receipt", make.user(), answer=1)
    Mail.update(status=status, error="550 onbekend adres", **more).where(Mail.id == mail.id).execute()
    return mail


def test_what_has_to_be_decided_stands_above_the_outbox(boss):
    a_mail(MailStatus.MISLUKT)
    a_mail(MailStatus.ONZEKER)
    page = boss.get("/beheer/mail/").text
    assert "Hier moet u iets beslissen" in page and "1 mail is mislukt" in page and "1 mail is onzeker" in page
    failed = re.search(r'href="(/beheer/mail/\?flt0_status_is=mislukt)"', page).group(1)
    assert "1 resultaat" in boss.get(failed).text


def test_while_the_mail_server_is_in_doubt_the_outbox_says_until_when_mail_waits(boss):
    assert "Mail wacht even" not in boss.get("/beheer/mail/").text
    for _ in range(3):
        a_mail(MailStatus.ONZEKER, handed_at=clock.now())
    assert "Mail wacht even" in boss.get("/beheer/mail/").text


def test_a_mail_is_offered_again_or_dropped_once(boss):
    again, gone = a_mail(MailStatus.MISLUKT), a_mail(MailStatus.ONZEKER)
    for _ in range(2):
        send(boss, "/beheer/mail/action/", action="resend", rowid=again.id)
        send(boss, "/beheer/mail/action/", action="drop", rowid=gone.id)
    assert Mail.get_by_id(again.id).status == MailStatus.WACHT and Mail.get_by_id(gone.id).status == MailStatus.VERVALLEN
    kept = [event.action for event in AuditEvent.select() if event.action.startswith("mail.")]
    assert kept == ["mail.resend", "mail.drop"]
    assert "hoeft niets meer beslist te worden" in boss.get("/beheer/mail/").text


def test_a_mail_that_is_on_its_way_is_left_alone(boss):
    mail = a_mail(MailStatus.VERZONDEN)
    send(boss, "/beheer/mail/action/", action="resend", rowid=mail.id)
    assert Mail.get_by_id(mail.id).status == MailStatus.VERZONDEN


def test_the_details_of_a_mail_show_its_text(boss):
    mail = a_mail(MailStatus.VERZONDEN, subject="Ontvangen", text="Beste Mia, zie https://portaal/uitvraag/…/nee")
    page = boss.get(f"/beheer/mail/details/?id={mail.id}").text
    assert "Beste Mia" in page and "Ontvangen" in page


def test_the_text_of_a_mail_about_a_case_is_not_the_beheerders_to_read(boss):
    case = make.case(Status.INGEDIEND)
    Mail.queue("case_submitted", case.reporter, case=case, by="Ivo")
    Mail.queue("reminder", case.reporter, cases=[case.id])
    Mail.update(status=MailStatus.VERZONDEN, subject=f"Over {case.number}", text=f"Melding {case.number}.").execute()

    for mail in list(Mail.select()):
        page = boss.get(f"/beheer/mail/details/?id={mail.id}").text
        assert case.number not in page and "gaat over een melding" in page


def test_looking_at_the_trail_is_in_the_trail(boss):
    boss.get("/beheer/logboek/")
    boss.get(f"/beheer/logboek/details/?id={AuditEvent.get(AuditEvent.action == 'trail.read').id}")
    assert AuditEvent.select().where(AuditEvent.action == "trail.read").count() == 2


def test_the_trail_is_filtered_by_person_deed_and_case(boss):
    case = make.case(Status.ONVOLLEDIG)
    for query, here in (
        ({"flt0_wie_bevat": case.reporter.email}, "Melding ingediend"),
        ({"flt0_wat_is": "case.submit"}, case.number),
        ({"flt0_nummer_van_de_melding_is": case.number}, "Onvolledig verklaard"),
        ({"flt0_wanneer_ligt_tussen": f"{TODAY()} to {TODAY()}"}, case.number),
    ):
        assert here in boss.get("/beheer/logboek/", query_string=query).text


def test_nobody_writes_in_the_trail_through_its_screen(boss):
    make.case()
    line = AuditEvent.select().first()
    for corner in (f"edit/?id={line.id}", "new/"):
        send(boss, f"/beheer/logboek/{corner}", subject="anders")
    assert AuditEvent.get_by_id(line.id).subject == line.subject and not list(AuditEvent.broken_links())


def test_the_list_of_accounts_tells_who_somebody_is_in_two_columns_so_that_the_last_use_is_in_sight(client, login):
    """Seven columns did not fit in 1280 pixels: the last two stood behind the acts of the row."""
    login(client, make.user(role=Role.BEHEERDER))
    shown = make.user(name="Anna de Boer", email="anna@example.com")
    page = client.get("/beheer/gebruikers/").text
    assert len(re.findall(r'<th scope="col" role="columnheader"(?! class)', page)) == 5 and "Laatst gebruikt" in page
    assert re.search(r"Anna de Boer\s*<br><small>anna@example.com", page)
    assert re.search(rf"{shown.hospital}\s*<br><small>NethOSS-melder", page)
