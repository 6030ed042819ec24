"""The pages of a colleague who was asked for a document, and the menu on the page of the case."""

import io
from urllib.parse import quote

import pytest

from models.accounts.hospital import Hospital
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.files.document import Document
from models.mail.outbox import Mail
from models.upload_links.upload_code import UploadCode
from models.upload_links.upload_link import UploadLink
from tests import make, rights
from tests.upload_links.test_upload_link import ADDRESS, ask
from tests.web.pages import send

pytestmark = pytest.mark.db_dialect


@pytest.fixture
def case():
    melder = make.user(name="Marieke de Vries", hospital=make.hospital("Haven", mail_domains="haven.example"))
    return make.case(by=melder, patient_number="P-4711")


@pytest.fixture
def link(case):
    return ask(case)


def post(browser, path, **fields):
    """What a form of this browser sends."""
    return browser.post(path, data={**fields, "csrf_token": browser.get("/sleutel").json["key"]})


def at(link, path=""):
    return f"/uploadlink/{link.token}{path}"


def enter(browser, link):
    """The colleague's browser, after the code of the mail."""
    post(browser, at(link, "/code"))
    code = UploadCode.select().where(UploadCode.link == link).order_by(UploadCode.id.desc()).get()
    assert post(browser, at(link, "/openen"), code=code.digits).location == at(link, "/bestanden")
    return browser


def put(browser, link, content=make.PDF, name="verslag.pdf", key="s1"):
    """Send one file as the page's script does."""
    headers = {"X-CSRFToken": browser.get("/sleutel").json["key"], "Accept": "application/json", "X-File-Name": quote(name)}
    path = at(link, f"/bestanden?sleutel={key}")
    return browser.put(path, data=content, content_type="application/octet-stream", headers=headers)


def test_from_the_link_to_the_receipt_without_script(client, case, link):
    page = client.get(at(link))
    assert "Marieke de Vries" in page.text and link.asked.label in page.text and link.mark in page.text
    answer = post(client, at(link, "/code"))
    assert answer.location == at(link, "/code")
    assert "j…@haven.example" in client.get(answer.location).text
    assert post(client, at(link, "/openen"), code="000000x").location == at(link, "/code")
    assert "klopt niet" in client.get(at(link, "/code")).text
    enter(client, link)
    sent = {
        "bestanden": (io.BytesIO(make.PDF), "verslag.pdf"),
        "sleutel": "k",
        "csrf_token": client.get("/sleutel").json["key"],
    }
    client.post(at(link, "/bestanden"), data=sent)
    assert (
        "verslag.pdf is ontvangen" in (page := client.get(at(link, "/bestanden"))).text and "Ontvangen: 1 bestand" in page.text
    )
    assert post(client, at(link, "/klaar")).location == at(link, "/ontvangen")

    receipt = client.get(at(link, "/ontvangen")).text
    assert "Ontvangen: 1 bestand" in receipt and "U kunt dit venster sluiten" in receipt
    assert Document.get().via == link and Case.get_by_id(case.id).uploads == 1


def test_no_page_says_who_the_patient_is_or_which_case_it_is(client, case, link):
    make.document(case, name="geheim-verslag.pdf")
    post(client, at(link, "/code"))
    mails = [mail.render() for mail in Mail.select().where(Mail.user.is_null())]
    enter(client, link)
    put(client, link)
    pages = [client.get(at(link, path)) for path in ("", "/code", "/bestanden", "/lijst")]
    post(client, at(link, "/klaar"))
    pages.append(client.get(at(link, "/ontvangen")))
    said = [page.text for page in pages] + [
        part.get_content() for mail in mails for part in mail.walk() if not part.is_multipart()
    ]

    assert len(said) == 10
    for secret in ("P-4711", case.number, case.key, case.theme.name, "geheim-verslag"):
        assert not [text for text in said if secret in text], secret


def test_opening_a_link_changes_nothing(client, link):
    before = rights.state()
    for path in ("", "/code", "/bestanden", "/lijst", "/ontvangen"):
        for method in ("GET", "HEAD", "OPTIONS"):
            client.open(at(link, path), method=method)

    assert rights.state() == before
    assert AuditEvent.select().where(AuditEvent.action.startswith("colleague.")).count() == 1  # that it was asked


def test_without_a_code_nothing_comes_in(client, app, link):
    assert client.get(at(link, "/bestanden")).location == at(link)
    answer = put(client, link)
    assert answer.status_code == 410 and "Vraag eerst een code" in answer.json["error"]
    post(client, at(link, "/code"))
    assert put(client, link).status_code == 410
    enter(app.test_client(), link)
    assert put(client, link).status_code == 410, "the visit is another browser's"
    assert Document.select().count() == 0


def test_the_visit_of_one_link_opens_no_other(client, case, link):
    other = ask(case, address="p.pieters@haven.example")
    strange = ask(make.case(by=make.user(hospital=make.hospital(mail_domains="baai.example"))), address="x@baai.example")
    enter(client, link)
    for one in (other, strange):
        assert put(client, one).status_code == 410
        assert post(client, at(one, "/klaar")).status_code == 404
    enter(client, other)
    assert put(client, link, key="a").status_code == put(client, other, key="a").status_code == 201, "two tabs, two links"
    mine = Document.get(Document.via == link)
    assert post(client, at(other, f"/bestanden/{mine.key}/verwijderen")).status_code == 404
    assert [len(code.files()) for code in UploadCode.select().where(UploadCode.used_at.is_null(False))] == [1, 1]


def test_a_file_is_refused_at_the_same_gate(client, case, link):
    enter(client, link)
    for content, name in ((b"MZ\x90\x00 programma", "a.exe"), (b"", "leeg.pdf"), (b"%PDF-1.4 kapot", "kapot.pdf")):
        answer = put(client, link, content, name, key=name[:3])
        assert answer.status_code == 422 and answer.json["error"].endswith("."), name
    assert Document.select().count() == 0
    assert put(client, link, key="twice").json["key"] == put(client, link, key="twice").json["key"]
    assert Document.select().count() == 1


def test_a_case_that_is_handed_in_ends_the_visit_in_the_middle(client, case, link):
    enter(client, link)
    assert put(client, link).status_code == 201
    Case.get_by_id(case.id).submit(case.reporter)

    answer = put(client, link, key="s2")
    assert answer.status_code == 410 and "werkt niet meer" in answer.json["error"]
    for path in ("", "/code", "/bestanden", "/lijst"):
        assert client.get(at(link, path)).status_code == 410, path
    for path in ("/code", "/openen", "/klaar"):
        assert post(client, at(link, path)).status_code == 410, path


def test_a_wrong_address_says_that_the_link_is_broken(client, link):
    for path in (
        "/uploadlink/onzin",
        f"/uploadlink/{'0' * 64}",
        f"/uploadlink/{link.token[:-1]}",
        f"/uploadlink/{link.key}/bestanden",
    ):
        answer = client.get(path)
        assert answer.status_code == 404 and "Deze link klopt niet" in answer.text, path
    assert client.get(f"/uploadlink/{link.token}.").status_code in (200, 302), "a full stop of the mail program"


def test_the_colleague_takes_a_file_back_until_klaar(client, link):
    enter(client, link)
    key = put(client, link).json["key"]
    assert post(client, at(link, "/klaar")).location == at(link, "/ontvangen")
    assert post(client, at(link, f"/bestanden/{key}/verwijderen")).status_code == 410
    enter(client, link)
    assert key not in client.get(at(link, "/lijst")).text, "of an earlier visit nothing is shown"
    other = put(client, link, key="s2").json["key"]
    assert post(client, at(link, f"/bestanden/{key}/verwijderen")).status_code == 404
    post(client, at(link, f"/bestanden/{other}/verwijderen"))
    assert [file.key for file in Document.select().where(Document.removed_at.is_null())] == [key]


# ---- the page of the case ---------------------------------------------------------------------------------------------


def test_the_melder_asks_follows_and_takes_back_on_the_page_of_the_case(client, login, case):
    login(client, case.reporter)
    slot = case.theme.asked.first()
    assert "Vraag een collega" in client.get(f"/melding/{case.key}/").text
    send(client, f"/melding/{case.key}/gevraagd/{slot.id}/collega", adres=f" {ADDRESS.upper()} ", bericht="Graag het verslag.")
    link = UploadLink.get()
    page = client.get(f"/melding/{case.key}/").text
    assert ADDRESS in page and "gevraagd, gevraagd op" in page and link.mark in page

    send(client, f"/melding/{case.key}/vraag/{link.key}/opnieuw")
    second = UploadLink.select().order_by(UploadLink.id.desc()).get()
    assert UploadLink.get_by_id(link.id).state == "opnieuw gevraagd" and second.note == "Graag het verslag."
    send(client, f"/melding/{case.key}/vraag/{second.key}/intrekken")
    assert "ingetrokken, gevraagd op" in client.get(f"/melding/{case.key}/").text


def test_a_question_of_another_case_or_hospital_is_not_found(client, login, case, link):
    login(client, case.reporter)
    other = make.case(by=case.reporter)
    assert send(client, f"/melding/{other.key}/vraag/{link.key}/intrekken").status_code == 404
    login(client, make.user(hospital=make.hospital(mail_domains="haven.example")))
    for verb in ("intrekken", "opnieuw"):
        assert send(client, f"/melding/{case.key}/vraag/{link.key}/{verb}").status_code == 404
    assert UploadLink.get().ended_at is None


def test_without_domains_nothing_is_offered_and_the_page_says_who_fills_them_in(client, login):
    case = make.case()
    login(client, case.reporter)
    page = client.get(f"/melding/{case.key}/").text
    assert "zodra de beheerder van het portaal de maildomeinen" in page and '/collega"' not in page


def test_the_hospital_and_the_coordinator_read_through_whom_a_file_came(client, login, case, link):
    put(enter(client, link), link)
    login(client, case.reporter)
    assert f"via collega {ADDRESS}" in client.get(f"/melding/{case.key}/").text
    Case.get_by_id(case.id).submit(case.reporter)
    login(client, make.coordinator())
    page = client.get(f"/beoordelen/{case.key}/").text
    assert f"Via collega {ADDRESS}" in page


def test_the_beheerder_keeps_the_domains_and_the_trail_knows(client, login):
    hospital, by = make.hospital("Haven"), make.user(role="beheerder")
    hospital.amend(by, mail_domains="@Haven.EXAMPLE; zorg-haven.nl,,haven.example")
    assert Hospital.get_by_id(hospital.id).mail_domains == "haven.example, zorg-haven.nl"
    assert AuditEvent.select().order_by(AuditEvent.id.desc()).get().detail == "Maildomeinen"
    login(client, by)
    assert "haven.example, zorg-haven.nl" in client.get(f"/beheer/ziekenhuizen/edit/?id={hospital.id}").text
