"""What the coordinator misses is read at its place by the hospital, until something is put there; and at the next review."""

import re
from datetime import timedelta

import pytest
from peewee import IntegrityError

from models import access, clock
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.cases.remark import MissingDocument, Remark
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.status import Status
from models.cases.theme import RequestedDocument
from models.dutch import long_date
from models.files.document import Document
from models.files.dossier import Dossier, missed_in
from models.review import verdict_undo
from models.review.correction.theme_correction import correct_theme
from tests import make
from tests.review.test_case_sheet import lines, post

pytestmark = pytest.mark.db_dialect
BEFORE = clock.now() - timedelta(days=9)


def fresh(case):
    return Case.get_by_id(case.id)


def places(case):
    return [RequestedDocument.get_by_id(one) for one in lines(case)]


def missed(case):
    """{label: whether it is filled} of what is missed at a case."""
    case = fresh(case)
    found = missed_in(case, Dossier.of(case))
    return {row.asked.label: filled for row, filled in found.values()}


@pytest.fixture
def boss():
    return make.coordinator()


@pytest.fixture
def case(boss):
    """Handed in with one file at the first of two documents, and sent back for both."""
    made = make.case(theme=make.theme(asked=("partusverslag", "OK-verslag")), at=BEFORE)
    make.document(made, asked=places(made)[0], at=BEFORE)
    made = fresh(made)
    made.submit(made.reporter, BEFORE)
    first, second = lines(made)
    made.mark_incomplete(boss, "Zie de regels.", BEFORE, {first: " alleen  bladzijde 1 ", second: ""})
    return fresh(made)


def words(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def test_the_hospital_reads_at_the_place_what_is_missed_until_something_is_there(client, login, case, boss):
    login(client, case.reporter)
    page = words(client.get(f"/melding/{case.key}/"))
    since = f"Sinds {long_date(BEFORE)}"
    assert f"De coördinator mist dit document: alleen bladzijde 1 {since}" in page
    assert page.count("De coördinator mist dit document") == 2 and f"mist dit document. {since}" in page

    first, second = places(case)
    RequestedDocumentAnswer.give(case, second, case.reporter, reason="niet verricht")
    part = words(client.get(f"/melding/{case.key}/lijst"))
    assert part.count("De coördinator mist dit document") == 1
    RequestedDocumentAnswer.give(case, second, case.reporter)  # taken back
    assert missed(case) == {"partusverslag": False, "OK-verslag": False}

    loose = make.document(case, name="volledig.pdf")
    assert missed(case)["partusverslag"] is False  # a loose file is at no place
    loose.link(first, case.reporter)
    assert missed(case)["partusverslag"] is True
    loose.remove(case.reporter)
    assert missed(case)["partusverslag"] is False


def test_the_next_review_tells_which_of_them_were_filled(client, login, case, boss):
    make.document(case, name="volledig.pdf", asked=places(case)[0])
    case = fresh(case)
    case.submit(case.reporter)
    login(client, boss)
    page = words(client.get(f"/beoordelen/{case.key}/"))
    assert f"aangevuld gemist sinds {long_date(BEFORE)}: alleen bladzijde 1" in page
    assert f"nog niet aangevuld gemist sinds {long_date(BEFORE)}" in page
    told = [event.detail for event in AuditEvent.of_case(case) if event.action == "case.mark_incomplete"]
    assert told == [", ".join(f"document {one}" for one in lines(case))] and "partusverslag, OK-verslag" in page

    first, second = lines(case)
    answer = post(client, case, "onvolledig", ontbreekt=[first, second, "999999"], bericht="", **{f"wat-{second}": "blz 2"})
    assert answer.status_code == 302
    rows = {row.asked_id: row for row in MissingDocument.standing(fresh(case))}
    assert {one: row.text for one, row in rows.items()} == {first: "", second: "blz 2"}
    assert "- OK-verslag: blz 2" in Remark.messages(case).first().text, "what was typed stands in the message too"
    assert rows[second].since == BEFORE and rows[first].since > BEFORE  # what came in between begins anew


def test_a_verdict_that_is_undone_misses_what_was_missed_before(case, boss):
    now = clock.now()
    case.submit(case.reporter, now)
    case.mark_incomplete(boss, "Nog steeds.", now, {lines(case)[1]: "blz 2"})
    assert missed(case) == {"OK-verslag": False}
    verdict_undo.take_back(fresh(case), boss, now + timedelta(seconds=20))
    assert missed(case) == {"partusverslag": False, "OK-verslag": False}
    again = fresh(case)
    again.approve(boss, now + timedelta(seconds=30))
    assert missed(case) == {}
    verdict_undo.take_back(fresh(case), boss, now + timedelta(seconds=40))
    assert missed(case) == {"partusverslag": False, "OK-verslag": False}
    fresh(case).approve(boss)
    fresh(case).reopen(boss, "Er is nog iets.")
    assert missed(case) == {}  # an approval ends it


def test_a_corrected_theme_takes_along_what_is_missed(case, boss):
    other = make.theme(asked=("decursus", "OK-verslag"))
    correct_theme(fresh(case), boss, other, "Verkeerd thema gekozen.")
    assert missed(case) == {"OK-verslag": False}
    correct_theme(fresh(case), boss, case.theme, "Toch niet.")
    assert missed(case) == {"partusverslag": False, "OK-verslag": False}


def test_each_hospital_of_a_case_reads_only_what_is_missed_of_its_part(client, login, case, boss):
    other = make.user(hospital=make.hospital("Ziekenhuis Bravo"))
    part = case.invite(other.hospital, boss, asked=[str(one) for one in lines(case)])
    make.document(part, by=other)
    part = fresh(part)
    part.submit(other)
    part.mark_incomplete(boss, "Zie de regels.", missing={lines(case)[1]: "uw deel graag"})
    login(client, other)
    assert "uw deel graag" in client.get(f"/melding/{part.key}/").text
    login(client, case.reporter)
    own = client.get(f"/melding/{case.key}/").text
    assert "uw deel graag" not in own and "alleen bladzijde 1" in own
    seen = access.visible(MissingDocument, case.reporter)
    assert {row.case_id for row in seen} == {case.id}


def test_the_database_lets_one_stand_for_a_place_and_the_words_are_sealed(case, boss):
    row = MissingDocument.standing(case)[0]
    with pytest.raises(IntegrityError), db.atomic():
        MissingDocument.create(case=case, asked=row.asked, round=row.round, since=BEFORE, at=BEFORE)
    kept = MissingDocument.select(MissingDocument.text).tuples()
    plain = db.execute_sql("SELECT text FROM missing_document").fetchall()
    assert ("alleen bladzijde 1",) in list(kept) and not any("bladzijde" in text for (text,) in plain)
    case.submit(case.reporter)
    with pytest.raises(Refused), db.atomic():
        case.mark_incomplete(boss, "Zie de regels.", missing={row.asked_id: "x" * 201})
    assert fresh(case).status == Status.INGEDIEND and Document.select().count() == 1
