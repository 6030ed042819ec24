import csv
import html
import io
import json
import re
import zipfile
from datetime import datetime
from html.parser import HTMLParser

import pytest
from lxml import etree

from admin_views.lnr.site import supplier_site
from models.access import Role
from models.lnr.dataset.definition import DATA, definition
from models.lnr.intake.public_check_limit import A_MINUTE, PublicCheck
from models.lnr.message.validation_context import ALONE
from models.lnr.registry.message import Message
from models.lnr.rules.registry import rules
from models.lnr.specification import broken_examples, examples, fhir_mapping
from models.lnr.suppliers import scenarios
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.qualification import QualificationAttempt
from models.lnr.suppliers.supplier import Supplier, SupplierStatus
from models.mail.outbox import Mail
from tests import make
from tests.lnr.messages import hospital
from tests.web.pages import send

HOME = "/lnr/specificatie/"
PAGES = ["", *supplier_site.CHAPTERS]


class Marks(HTMLParser):
    """The ids of a page, and where its links lead."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids += [given["id"]] if given.get("id") else []
        self.links += [given["href"]] if given.get("href") and tag in ("a", "link") else []


@pytest.fixture
def judge(client):
    """judge(text, tongue=): what a visitor gets who pastes this message, or chooses a file with these bytes."""

    def ask(message, tongue=""):
        key = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"{HOME}controle").text).group(1)
        body = {"bericht": message} if isinstance(message, str) else {"bestand": (io.BytesIO(message), "bericht.xml")}
        return client.post(f"{HOME}{tongue}controle", data=body | {"csrf_token": key})

    return ask


def raw(name):
    return scenarios.wanted()[name].example.raw


@pytest.mark.parametrize("tongue", ["nl", "en"])
def test_every_page_stands_in_both_languages_and_every_link_leads_somewhere(client, tongue):
    ids, links = {}, set()
    for page in PAGES:
        address = HOME + ("en/" if tongue == "en" else "") + page
        answer = client.get(address)
        assert answer.status_code == 200 and f'<html lang="{tongue}">' in answer.text
        marks = Marks(answer.text)
        assert len(marks.ids) == len(set(marks.ids)), f"an id twice on {address}"
        ids[address] = set(marks.ids)
        links |= {(address, link) for link in marks.links if link.startswith((HOME, "#"))}
    for address, link in links:
        path, _, anchor = link.partition("#")
        path = path or address
        if path not in ids and path not in (HOME + "controle", HOME + "en/controle"):
            answer = client.get(path)
            assert answer.status_code == 200, link
            ids[path] = set(Marks(answer.text).ids) if answer.mimetype == "text/html" else set()
        assert not anchor or anchor in ids[path], f"{link} on {address}"


def test_both_languages_have_the_same_headings_in_the_same_order(client):
    for page in PAGES:
        dutch, english = (Marks(client.get(f"{HOME}{tongue}{page}").text).ids for tongue in ("", "en/"))
        assert dutch == english, page


def test_every_item_rule_and_code_has_its_place(client):
    of = definition()
    assert of.items.keys() <= set(Marks(client.get(f"{HOME}gegevens").text).ids)
    assert rules().keys() <= set(Marks(client.get(f"{HOME}regels").text).ids)
    lists = client.get(f"{HOME}codelijsten").text
    assert of.lists.keys() <= set(Marks(lists).ids) and all(code.code in lists for code in of.codes)


def test_an_item_is_told_in_words(client):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(f"{HOME}gegevens").text))
    assert "getal, 200 tot en met 7000 g" in text and "als ‘Meerling’ is ja" in text
    assert "als ‘Plaats van de bevalling’ is ‘geboorte in ziekenhuis’" in text
    english = re.sub(r"<[^>]+>", " ", client.get(f"{HOME}en/gegevens").text)
    assert "number, 200 to 7000 g" in english and "if ‘Multiple birth’ is yes" in english


def test_an_unknown_page_or_file_is_not_found(client):
    for path in ("niets", "en/niets", "fr/", "bestanden/niets.csv", "bestanden/../settings.py", "bestanden/%2e%2e/settings.py"):
        assert client.get(HOME + path).status_code == 404, path


def test_the_zip_holds_schema_lists_description_and_every_example_with_its_report(client):
    answer = client.get(f"{HOME}bestanden/{supplier_site.zip_name()}")
    files = zipfile.ZipFile(io.BytesIO(answer.data))

    assert files.testzip() is None
    etree.XMLSchema(etree.fromstring(files.read("lnr-1.0.xsd")))
    assert json.loads(files.read("openapi.json"))["openapi"] == "3.1.0"
    assert len(list(csv.DictReader(io.StringIO(files.read("codelijsten.csv").decode())))) == len(definition().codes)
    for one in [*examples.good(), *broken_examples.broken(), *(one.example for one in scenarios.wanted().values())]:
        if f"voorbeelden/{one.name}.xml" in files.namelist():
            assert files.read(f"voorbeelden/{one.name}.xml") == one.raw
            report = json.loads(files.read(f"voorbeelden/{one.name}.verslag.json"))
            assert [finding["rule"] for finding in report["findings"]] == [number for number, _ in one.expected], one.name
    assert {f"voorbeelden/{one.name}.xml" for one in examples.good()} <= set(files.namelist())


@pytest.mark.parametrize(("tongue", "words"), [("", "hangt af van de sleutel"), ("en/", "depends on the key")])
def test_exactly_the_examples_that_are_not_judged_by_themselves_say_so(client, tongue, words):
    rows = re.findall(r'<tr id="([^"]+)" data-row>(.*?)</tr>', client.get(f"{HOME}{tongue}voorbeelden").text, re.S)
    said = {name for name, row in rows if words in row}

    assert said == {one.name for one in [*examples.good(), *broken_examples.broken()] if one.context is not ALONE}
    assert {"r-02-other", "r-03", "r-04-older", "r-41"} <= said and "r-05-zero" not in said


@pytest.mark.parametrize(
    ("tongue", "words"),
    [
        ("", ("andere instelling", "toegelaten", "geschorst", "DOCTYPE")),
        ("en/", ("institution", "admitted", "suspended", "DOCTYPE")),
    ],
)
def test_the_table_of_statuses_tells_every_reason(client, tongue, words):
    rows = dict(re.findall(r'<tr id="status-(\d+)">(.*?)</tr>', client.get(f"{HOME}{tongue}aanleveren").text, re.S))

    assert all(word in rows["403"] for word in words[:3]) and words[3] in rows["400"]
    assert "nee" not in rows["403"] and ">no<" not in rows["403"]
    described = client.get(f"{HOME}openapi.json").json["paths"]["/berichten"]["post"]["responses"]
    assert "institution" in described["403"]["description"] and "DOCTYPE" in described["400"]["description"]


def test_the_examples_that_a_rule_names_do_break_it(client):
    text = client.get(f"{HOME}regels").text
    part = text.partition('id="R-16"')[2].partition("</section>")[0]
    named = re.findall(r'href="/lnr/specificatie/voorbeelden#([\w-]+)"', part)
    assert named and all(("R-16" in dict(one.expected)) for one in broken_examples.broken() if one.name in named)


# ---- looking at a message ----------------------------------------------------------------------------------------------


def test_a_pasted_message_gets_its_report_with_line_rule_and_hint(judge):
    text = raw("geweigerd").decode()
    answer = judge(text)
    line = next(number for number, row in enumerate(text.splitlines(), 1) if "<ontslag_datum" in row)

    assert answer.status_code == 200 and "Geweigerd" in answer.text
    assert f'data-line="{line}"' in answer.text and f'href="{HOME}regels#R-08"' in answer.text
    assert "Het ontslag ligt vóór de opname." in answer.text and "Controleer opnamedatum en ontslagdatum." in answer.text
    assert "The discharge is before the admission." in judge(text, "en/").text


def test_a_chosen_file_is_judged_by_its_bytes(judge):
    assert "Aangenomen" in judge(raw("minimaal")).text
    assert "Windows-1252" in judge(raw("minimaal").replace(b"Voorbeeld-EPD", b"Voorb\xe9\xe9ld")).text


def test_a_look_keeps_nothing_of_the_message(judge):
    judge(raw("minimaal"))
    judge(raw("maximaal").decode())

    assert Message.select().count() == QualificationAttempt.select().count() == 0
    assert PublicCheck.get().count == 2


def test_the_report_never_repeats_a_number_of_a_person(judge):
    changed = raw("maximaal").replace(b'value="999900006"', b'value="999911119"').replace(b"VB-7007", b"CNRY-7007")
    assert changed != raw("maximaal")
    answer = judge(changed)
    assert answer.status_code == 200 and "999911119" not in answer.text and "CNRY-7007" not in answer.text


@pytest.mark.parametrize(
    ("message", "status"),
    [("", 400), (b"", 400), ("  \n", 400), (b"x" * 1_000_001, 413), (b"\x00\xff<", 200), ("<a/>", 200)],
)
def test_what_is_no_message_gets_a_sentence(judge, message, status):
    answer = judge(message)
    assert answer.status_code == status and "data-report" in answer.text
    assert 'class="notice error"' in answer.text or "R-01" in answer.text


def test_script_in_a_pasted_message_is_text(judge):
    answer = judge("</textarea><script>alert(1)</script>")
    assert "<script>alert" not in answer.text and "&lt;script&gt;" in answer.text


def test_who_looks_too_often_is_asked_to_wait(judge, monkeypatch):
    monkeypatch.setattr(supplier_site.clock, "now", lambda: datetime(2026, 11, 23, 12, 0, 50))
    assert [judge("<a/>").status_code for _ in range(A_MINUTE)] == [200] * A_MINUTE

    answer = judge("<a/>")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "10") and "Wacht 10 seconden" in answer.text


def test_another_site_cannot_post_to_the_form(client):
    assert client.post(f"{HOME}controle", data={"bericht": "<a/>"}).status_code == 400


# ---- qualification -----------------------------------------------------------------------------------------------------


@pytest.fixture
def beheer(app, login):
    return login(app.test_client(), make.user(role=Role.LNR_BEHEER, hospital=None))


def test_the_registry_sees_what_is_done_and_what_differs(beheer, deliver):
    deliver("minimaal")
    deliver("maximaal", (b'value="1010"', b'value="1020"'))
    page = beheer.get(f"/lnr/kwalificatie/{deliver.supplier.id}/").text

    assert "gewicht_waarde" in page and ">1010<" in page and ">1020<" in page and "Leverancier toelaten" not in page
    assert "2 van" not in beheer.get("/lnr/kwalificatie/").text and "1 van 12" in beheer.get("/lnr/kwalificatie/").text


def test_the_registry_admits_who_did_everything_and_twice_is_once(beheer, deliver):
    for step in scenarios.wanted():
        deliver(step)
    address = f"/lnr/kwalificatie/{deliver.supplier.id}/"
    assert "Leverancier toelaten" in beheer.get(address).text

    for _ in range(2):
        assert send(beheer, f"{address}toelaten").status_code == 302

    assert Supplier.get_by_id(deliver.supplier.id).status == SupplierStatus.TOEGELATEN
    assert [mail.name for mail in Mail.select().order_by(Mail.id)] == ["lnr_tested", "lnr_admitted"]
    assert "Toegelaten" in beheer.get(address).text


def test_who_did_not_do_everything_is_not_admitted(beheer, deliver):
    address = f"/lnr/kwalificatie/{deliver.supplier.id}/"
    send(beheer, f"{address}toelaten")

    assert "nog niet alle scenario" in beheer.get(address).text
    assert Supplier.get_by_id(deliver.supplier.id).status == SupplierStatus.AANGEMELD


@pytest.mark.parametrize("supplier", ["0", "999999999999999999999", "x", "%00"])
def test_a_supplier_that_is_not_there_is_not_found(beheer, supplier):
    assert beheer.get(f"/lnr/kwalificatie/{supplier}/").status_code == 404


@pytest.fixture
def deliver(client):
    """deliver(step, changes): the supplier's software sends an example over HTTP; `deliver.supplier`, `deliver.key`."""
    maker = Supplier.enrol("Dossierbouwer", "techniek@example.com")
    _, token = ApiKey.issue(maker, hospital(agb="06990001"))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/xml", "Accept": "application/json"}

    def post(step, *changes):
        message = raw(step)
        for old, new in changes:
            message = message.replace(old, new)
        return client.post("/lnr/v1/berichten", data=message, headers=headers)

    post.supplier, post.headers = maker, headers
    return post


def test_the_commands_of_the_first_page_do_what_it_says_with_the_key_of_any_hospital(client):
    _, token = ApiKey.issue(Supplier.enrol("Dossierbouwer", "techniek@example.com"), hospital(agb="06012345"))
    page = html.unescape(client.get(HOME).text)
    assert "export LNR_AGB='06……'" in page
    for shown, file, status in (("goed", "minimaal.xml", 200), ("fout", "geweigerd.xml", 422)):
        command = re.search(rf'<pre id="{shown}"[^>]*>(.*?)</pre>', page, re.DOTALL)[1]
        old, new = re.search(r'sed "s/(\w+)/\$(\w+)/"', command).groups()
        sent = client.get(f"{HOME}bestanden/voorbeelden/{file}").data
        assert file in command and new == "LNR_AGB" and old.encode() in sent
        headers = dict(re.findall(r'-H "([\w-]+): ([^"]+)"', command.replace("$LNR_SLEUTEL", token)))
        answer = client.post("/lnr/v1/berichten", data=sent.replace(old.encode(), b"06012345"), headers=headers)
        assert answer.status_code == status, answer.text


def test_the_software_asks_how_far_it_is(client, deliver):
    assert deliver("geweigerd").status_code == 422 and deliver("hersteld").status_code == 200
    told = client.get("/lnr/v1/kwalificatie", headers=deliver.headers).json

    done = {one["scenario"]: one["state"] for one in told["scenarios"]}
    assert done["geweigerd"] == "goed" and done["minimaal"] == "open" and (told["done"], told["status"]) == (1, "aangemeld")
    assert client.get("/lnr/v1/kwalificatie").status_code == 401


def test_the_mapping_to_fhir_tells_every_item_once_and_that_nobody_agreed_to_it(client):
    items = [one.name for one in definition().elements if not one.is_group]
    with (DATA / "fhir.csv").open(encoding="utf-8") as file:
        told = [row["item"] for row in csv.DictReader(file)]
    assert len(told) == len(set(told)) and set(told) == set(items)
    places = fhir_mapping.mapping().values()
    assert {place.status for place in places} == set(fhir_mapping.STATUSES)
    # What has no profile of others says that it is ours.
    assert all(place.profile.startswith(("lnr-", "nl-core-")) for place in places)
    assert not [place.item for place in places if place.status == "nl-core" and not place.profile.startswith("nl-core-")]

    page = client.get(f"{HOME}fhir").text
    assert "geen landelijke standaard" in page and "neemt dit portaal nog niet aan" in page
    shown = re.findall(r'<th scope="row"><a href="/lnr/specificatie/gegevens#([a-z0-9_]+)">', page)
    assert set(shown) == set(items)
    assert "does not take messages in FHIR yet" in client.get(f"{HOME}en/fhir").text
