"""What a person finds, and what nobody finds: other hospitals' words, what was removed, erased, or meant for others only."""

import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from models import MODELS, clock, encrypted_fields
from models.access import Process, Role
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit import audit_log
from models.audit.audit_event import AuditEvent
from models.base import db
from models.cases.case import Case
from models.cases.remark import Remark
from models.cases.status import Status
from models.operations.keys import key_rotation
from models.questionnaires.form import Form
from models.questionnaires.query import DataQuery
from models.retention.case_erasure import erase
from models.search import word_index
from models.search.find import SEARCHED, find
from models.search.word_index import SearchWord
from settings import settings
from tests import filling, make
from tests.grid.test_scoped_views import queries

pytestmark = pytest.mark.db_dialect


def found(text, user):
    """{kind: [number of the case, or name of the row]} of what this person finds."""
    return {group.kind: [str(hit.case or hit.row) for hit in group.hits] for group in find(text, user)}


@pytest.fixture
def world():
    """One case with something in every corner, and one of another hospital with the same words."""

    class World:
        east, west = make.hospital("Ziekenhuis Oost"), make.hospital("Sint Élisabeth")
        marieke = make.user(name="Mariëke de Boer", hospital=east)
        other = make.user(name="Jan Marikenburg", hospital=west)
        coordinator = make.coordinator()
        case = make.case(by=marieke, patient_number="PAT 0071", theme=filling.crf().theme)
        foreign = make.case(by=other, patient_number="PAT 0071", theme=case.theme)

    for case in (World.case, World.foreign):
        make.document(case, name="Embolieverslag_café.pdf")
        form = Form.start(case, case.reporter)
        form.put("A1", "gynaecoloog", case.reporter)
        case.submit(case.reporter)
        case.note(World.coordinator, "Overleg met de pathologe gevoerd.")
        DataQuery.ask(case, World.coordinator, "Klopt de crèche?", document=case.documents.get())
        case.mark_incomplete(World.coordinator, "Stuur het obductieverslag, s.v.p.")
    return World


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("pat 0071", "case"), ("{number}", "case"), ("marie", "melder"), ("embolieverslag", "file"), 
        ("CAFE embolieverslag", "file"),
        ("obductieverslag", "remark"), ("creche", "inquiry"), ("gynaecoloog", "answer"),
    ],
)  # fmt: skip
def test_a_melder_finds_the_own_case_by_everything_and_no_other_one(world, text, kind):
    assert found(text.format(number=world.case.number), world.marieke) == {kind: [world.case.number]}


@pytest.mark.parametrize(
    "text",
    [
        "pathologe",
        "{number}",
        "marikenburg",
        "elisabeth",
        "boerin",
        "embolie",
        "ob",
        "' OR 1=1 --",
        "%",
        "*",
        "x\x00y",
        "é" * 500,
    ],
)
def test_a_melder_finds_no_notes_no_other_hospital_and_no_part_of_a_word(world, text):
    assert found(text.format(number=world.foreign.number), world.marieke) == {}


def test_a_coordinator_finds_both_with_the_notes_but_no_patient_number(world):
    both = sorted([world.case.number, world.foreign.number])

    assert sorted(found("pathologe", world.coordinator)["remark"]) == both
    assert sorted(found("embolieverslag", world.coordinator)["file"]) == both
    assert sorted(found("mari", world.coordinator)["melder"]) == both
    assert found("elisa", world.coordinator) == {"hospital": ["Sint Élisabeth"]}
    assert found("pat 0071", world.coordinator) == {}


@pytest.mark.parametrize("role", [Role.LNR_CONTACT, Role.LNR_BEHEER, Role.LZA1_COORDINATOR, Role.BEHEERDER])
def test_who_has_nothing_to_do_with_these_cases_finds_nothing_of_them(world, role):
    user = make.user(role=role, hospital=world.east)
    for text in ("pathologe", "embolieverslag", "obductieverslag", "creche", "pat 0071", world.case.number):
        assert found(text, user) == {}


def test_a_committee_finds_its_case_by_number_only(world):
    approved = make.case(Status.GOEDGEKEURD, by=world.marieke, reviewer=world.coordinator)
    member = make.reader(approved)

    assert found(approved.number, member) == {"case": [approved.number]}
    for text in ("marieke", "oost", "partusverslag", "gynaecoloog", world.case.number):
        assert found(text, member) == {}


def test_a_part_is_found_by_its_number_and_a_committee_is_led_to_the_whole(world, app, login):
    whole = make.case(Status.GOEDGEKEURD, by=world.marieke, reviewer=world.coordinator)
    other = make.user()
    part = whole.invite(other.hospital, world.coordinator)
    make.document(part, by=other)
    part = Case.get_by_id(part.id)
    part.submit(other)
    part.approve(world.coordinator)
    for text in (part.number, part.number.removeprefix("N-0000")):
        (group,) = find(text, world.coordinator)
        assert [(hit.case, hit.where) for hit in group.hits] == [(part, "nummer")]
    reader = login(app.test_client(), make.reader(whole))
    page = reader.get(f"/zoeken?q={part.number}").text
    address = re.search(r'<a href="([^"]+)"><strong>' + part.number, page)[1]
    assert address == f"/commissie/{whole.key}/" and reader.get(address).status_code == 200


def test_a_case_kept_apart_is_found_by_who_it_was_entrusted_to_only(world):
    Hospital.update(lza1_kept_apart=True).where(Hospital.id == world.east.id).execute()
    world.east.lza1_kept_apart = True
    mine = make.user(role=Role.LZA1_MELDER, hospital=world.east)
    apart = make.case(by=mine, theme=make.theme(Process.LZA1))
    make.document(apart, name="spinabifida.pdf")

    assert found("spinabifida", mine) == {"file": [apart.number]}
    colleague = make.user(hospital=Hospital.get_by_id(world.east.id))
    assert found("spinabifida", colleague) == found(apart.number, colleague) == {}


def test_what_is_removed_or_erased_is_found_no_more(world):
    world.case.documents.get().remove(world.marieke)
    assert found("embolieverslag", world.marieke) == {}

    with db.atomic():
        erase(Case.held(world.case.id), "test", clock.now(), MODELS)

    assert not SearchWord.select().where(SearchWord.case_id == world.case.id).exists()
    assert found("obductieverslag", world.marieke) == found("creche", world.marieke) == {}


def test_a_change_is_found_and_what_was_there_before_is_not(world):
    world.west.amend(make.user(role=Role.BEHEERDER), name="Zuiderzee")
    assert found("zuider", world.coordinator) == {"hospital": ["Zuiderzee"]}
    assert found("elisabeth", world.coordinator) == {}


def test_a_reply_of_the_hospital_is_found_at_once(world):
    DataQuery.get(DataQuery.case == world.case).answer(world.marieke, "De placenta accreta is bevestigd.")
    assert found("accreta", world.coordinator) == {"inquiry": [world.case.number]}


def test_what_is_written_and_not_kept_is_not_found(world):
    with pytest.raises(ZeroDivisionError), db.atomic():
        world.case.note(world.coordinator, "Stuitligging overwogen.")
        raise ZeroDivisionError
    assert found("stuitligging", world.coordinator) == {}


def test_the_index_holds_no_word_of_what_is_sealed_and_differs_by_hospital(world):
    sealed = {
        word: hospital
        for word, hospital in SearchWord.select(SearchWord.word, Case.hospital)
        .join(Case, on=Case.id == SearchWord.case_id)
        .tuples()
    }
    assert all(len(word) == word_index.HASH and not set(word) - set("0123456789abcdef") for word in sealed)
    of = [
        {word for (word,) in SearchWord.select(SearchWord.word).where(SearchWord.case_id == case.id).tuples()}
        for case in (world.case, world.foreign)
    ]
    assert of[0] and of[1] and not of[0] & of[1]


def test_rotating_keys_leaves_everything_found_and_nothing_under_the_old_key(world, monkeypatch):
    before = {word for (word,) in SearchWord.select(SearchWord.word).where(SearchWord.case_id.is_null(False)).tuples()}
    both = (secrets.token_urlsafe(32), *encrypted_fields.settings.secret_keys)
    rotate = lambda keys: monkeypatch.setattr(encrypted_fields, "settings", replace(settings, secret_keys_given=keys))  # noqa: E731
    rotate(both)
    assert found("obductieverslag", world.marieke) == {"remark": [world.case.number]}

    list(key_rotation.reseal())
    rotate(both[:1])

    assert found("obductieverslag", world.marieke) == {"remark": [world.case.number]}
    assert found("creche", world.marieke) == {"inquiry": [world.case.number]}
    after = {word for (word,) in SearchWord.select(SearchWord.word).where(SearchWord.case_id.is_null(False)).tuples()}
    assert after and not before & after


def test_rebuilding_gives_the_same_index(world):
    rows = SearchWord.select(SearchWord.kind, SearchWord.row_id, SearchWord.case_id, SearchWord.word)
    before = set(rows.tuples())
    SearchWord.delete().execute()

    list(word_index.rebuild(SEARCHED))

    assert set(rows.tuples()) == before


def test_the_page_says_where_it_was_found_what_cannot_be_and_who_looked(world, client, login):
    browser = login(client, world.coordinator)
    with queries() as sent:
        page = browser.get("/zoeken?q=pathologe").text

    assert len(sent) <= 12, "\n".join(sent)
    assert "<mark>pathologe</mark>" in page and "Gevonden in: interne notitie" in page and "versleuteld" in page
    line = AuditEvent.of_case(world.case).where(AuditEvent.action == "search.read").get()
    assert line.actor == world.coordinator and "pathologe" not in line.detail + line.subject
    assert list(AuditEvent.broken_links()) == []
    # A mark of direction and a soft hyphen, as they come along when one copies, are no letters of the word.
    assert "<mark>pathologe</mark>" in browser.get("/zoeken?q=%E2%80%AApatho%C2%ADloge%E2%80%AC").text
    assert "Niets gevonden" in browser.get("/zoeken?q=%3Cu%3Ex").text
    assert "<u>" not in browser.get("/zoeken?q=%3Cu%3Ex").text


@pytest.mark.only_postgresql
def test_who_changes_a_row_while_it_is_indexed_anew_waits(monkeypatch):
    """Else the words of before would be written after the words of now."""
    person, free, plain = make.user(name="Oude Naam"), [], word_index.index

    def meanwhile(row):
        def look():
            with db.connection_context():
                sql = 'SELECT id FROM "user" WHERE id = %s FOR UPDATE SKIP LOCKED'
                return db.execute_sql(sql, (person.id,)).fetchone()

        if row == person:
            with ThreadPoolExecutor(1) as other:
                free.append(other.submit(look).result())
        plain(row)

    monkeypatch.setattr(word_index, "index", meanwhile)
    list(word_index.rebuild([User]))
    assert free == [None]


def test_each_case_that_a_search_told_of_has_its_own_line(world, client, login):
    cases = [make.case(by=world.case.reporter) for _ in range(3)]
    browser = login(client, world.case.reporter)
    for case in cases:
        Remark.create(
            case=case, author=world.case.reporter, text="Overleg met de uitzonderlijke dienst.", created_at=clock.now()
        )
    browser.get("/zoeken?q=uitzonderlijke")
    for case in cases:
        assert AuditEvent.of_case(case).where(AuditEvent.action == "search.read").count() == 1
        assert "search.read" in {line.action for line in audit_log.of_case(case, told=True)}
