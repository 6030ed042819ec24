import csv
import hashlib
import io
import json
import zipfile
from datetime import datetime, timedelta

import pyarrow.parquet as reader
import pytest

from admin_views.lnr.research import parquet
from models import clock
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.indicator import named
from models.lnr.benchmark.places.answer import PLACES
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.message.message_writer import build
from models.lnr.research import anonymity
from models.lnr.research.extract import EVERYTHING, Extract
from models.lnr.research.extract_request import OPEN_DAYS, ExtractRequest
from models.lnr.specification.examples import maximal, twin
from tests import make
from tests.lnr.messages import hospital, supplier

PURPOSE = "Hoe vaak krijgen kinderen van 27 weken zuurstof op dag 28?"
NOW = datetime(2026, 6, 1, 12)


@pytest.fixture
def people():
    return make.user(role=Role.LNR_BEHEER, name="Anna"), make.user(role=Role.LNR_BEHEER, name="Bert")


@pytest.fixture
def approved(people):
    asked = ExtractRequest.ask(people[0], PURPOSE, 2026, 2026, EVERYTHING)
    asked.decide(people[1], True)
    return ExtractRequest.get_by_id(asked.id)


@pytest.fixture
def delivered():
    place, sent = hospital("06990001"), supplier()
    for values in (twin(1), twin(2), maximal()):
        assert deliver(Delivery(place, sent), build(values | {"processing_code": "P"}), NOW).status == 200
    return place


def fetch(client, login, monkeypatch, app, by, research, kind="csv"):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    login(client, by)
    return client.post(f"/lnr/onderzoek/{research.key}/bestand", data={"soort": kind})


def table(archive, name):
    return list(csv.DictReader(io.StringIO(archive.read(name).decode())))


def test_nobody_approves_their_own_request_and_nobody_decides_twice(people):
    asked = ExtractRequest.ask(people[0], PURPOSE, 2024, 2026, EVERYTHING)
    with pytest.raises(Refused, match="eigen aanvraag"):
        asked.decide(people[0], True)
    with pytest.raises(Refused, match="waarom"):
        asked.decide(people[1], False)
    asked.decide(people[1], False, "Het doel is te ruim.")
    with pytest.raises(Refused, match="al beslist"):
        asked.decide(people[1], True)
    assert ExtractRequest.get_by_id(asked.id).state() == "afgewezen"


@pytest.mark.parametrize(("purpose", "first", "last"), [("kort", 2026, 2026), (PURPOSE, 2026, 2024), (PURPOSE, 2026, 2999)])
def test_a_request_needs_a_purpose_and_real_years(people, purpose, first, last):
    with pytest.raises(Refused):
        ExtractRequest.ask(people[0], purpose, first, last, EVERYTHING)


def test_an_approval_runs_out(approved):
    approved.demand_open(approved.asked_by)
    with pytest.raises(Refused, match="niet"):
        approved.demand_open(approved.asked_by, clock.now() + timedelta(days=OPEN_DAYS + 1))


def test_without_approval_there_is_no_file(client, login, monkeypatch, app, people):
    asked = ExtractRequest.ask(people[0], PURPOSE, 2026, 2026, EVERYTHING)
    assert fetch(client, login, monkeypatch, app, people[0], asked).status_code == 302
    assert not AuditEvent.select().where(AuditEvent.action == "lnr.export").exists()


def test_the_file_tells_of_stays_in_days_from_birth_and_leaves_a_line_in_the_trail(
    client, login, monkeypatch, app, approved, delivered
):
    answer = fetch(client, login, monkeypatch, app, approved.asked_by, approved)
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    first, second, full = table(archive, "opnamen.csv")

    # Born 10 January 04:12, admitted 04:40: 28 minutes; discharged 14 February 10:00.
    assert first["admission_datetime"] == "0.019" and float(first["discharge_datetime"]) == round(35 + (10 - 4.2) / 24, 3)
    assert (first["gestational_age_days"], first["birth_weight_g"], second["birth_weight_g"]) == ("217", "1570", "1660")
    assert first["moeder"] == second["moeder"] != "" and first["kind"] != second["kind"]
    assert first["d_nicu_days"] == "35.0" and first["deceased"] == "0" and full["multiple_birth"] == "1"
    more = table(archive, "meer.csv")
    support = {
        row["gegeven"]: row["waarde"]
        for row in more
        if row["opname"] == first["opname"] and row["groep"] == "respiratory_supports"
    }
    assert support["respiratory_support_type"] == "428311008" and support["respiratory_support_start"] == "0.023"
    assert PURPOSE in archive.read("LEESMIJ.txt").decode()
    event = AuditEvent.get(AuditEvent.action == "lnr.export")
    assert event.subject == approved.number and event.detail.startswith("3 opnamen")


def test_nothing_in_the_file_names_anybody_or_a_day(client, login, monkeypatch, app, approved, delivered):
    answer = fetch(client, login, monkeypatch, app, approved.asked_by, approved)
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    text = "".join(archive.read(name).decode() for name in ("opnamen.csv", "meer.csv"))

    for telling in ("VB-", "999900006", "06990001", "3511", "2026-", "1993", "Voorbeeld", delivered.name):
        assert telling not in text, telling


def test_two_files_cannot_be_laid_next_to_each_other(client, login, monkeypatch, app, people, approved, delivered):
    other = ExtractRequest.ask(people[0], PURPOSE, 2026, 2026, EVERYTHING)
    other.decide(people[1], True)
    children = []
    for research in (approved, ExtractRequest.get_by_id(other.id)):
        answer = fetch(client, login, monkeypatch, app, people[0], research)
        children.append({row["kind"] for row in table(zipfile.ZipFile(io.BytesIO(answer.data)), "opnamen.csv")})
    assert len(children[0]) == 3 and not children[0] & children[1]


def test_every_column_is_in_the_code_book(client, login, monkeypatch, app, approved, delivered):
    archive = zipfile.ZipFile(io.BytesIO(fetch(client, login, monkeypatch, app, approved.asked_by, approved).data))
    told = {(row["groep"], row["kolom"]) for row in table(archive, "codeboek.csv")}

    assert {("", name) for name in table(archive, "opnamen.csv")[0]} <= told
    assert {(row["groep"], row["gegeven"]) for row in table(archive, "meer.csv")} <= told


ROWS = [[True, 1.5, "a"], [None, None, None], [False, -2, "é|b"]] * 7
COLUMNS = [("ja", parquet.BOOLEAN), ("getal", parquet.DOUBLE), ("tekst", parquet.TEXT)]


def test_parquet_is_written_as_the_format_wants():
    written = b"".join(parquet.parquet(COLUMNS, [ROWS, ROWS[:1]]))

    assert hashlib.sha256(written).hexdigest() == "4df27369efdef5a7a491012826f23dd65989ec5cf2d6ddcde50414aa240c5928"


def test_another_program_reads_the_parquet_of_the_export(client, login, monkeypatch, app, approved, delivered):
    archive = zipfile.ZipFile(io.BytesIO(fetch(client, login, monkeypatch, app, approved.asked_by, approved, "parquet").data))
    rows = reader.read_table(io.BytesIO(archive.read("opnamen.parquet"))).to_pylist()

    assert [row["birth_weight_g"] for row in rows] == [1570, 1660, 1010] and rows[0]["deceased"] is False
    assert json.dumps(reader.read_table(io.BytesIO(archive.read("meer.parquet"))).schema.names)


CHOSEN = ("sex", "gestational_age_days", "infection_code", "d_nec")


def test_a_request_without_fields_is_refused(people):
    with pytest.raises(Refused, match="Kies de gegevens"):
        ExtractRequest.ask(people[0], PURPOSE, 2026, 2026)


@pytest.mark.parametrize(
    ("youngest", "oldest", "count"), [(None, None, 3), (31, None, 2), (None, 30, 1), (27, 31, 1), (None, 27, 0)]
)
def test_only_children_of_the_chosen_gestation_are_in_it(people, delivered, youngest, oldest, count):
    # Twins of 31+0 and a boy of 27+3.
    asked = ExtractRequest.ask(people[0], PURPOSE, 2026, 2026, CHOSEN, youngest, oldest)
    assert Extract(asked).count() == count


def test_only_stays_of_the_chosen_hospitals_are_in_it(people, delivered):
    other = hospital("06990002")
    assert Extract(ExtractRequest.ask(people[0], PURPOSE, 2026, 2026, CHOSEN, hospitals=[other.id])).count() == 0
    assert Extract(ExtractRequest.ask(people[0], PURPOSE, 2026, 2026, CHOSEN, hospitals=[delivered.id])).count() == 3


def test_what_leaves_is_what_was_chosen_and_the_dictionary_says_so(people, delivered):
    extract = Extract(ExtractRequest.ask(people[0], PURPOSE, 2026, 2026, CHOSEN))
    assert [one.name for one in extract.columns] == ["opname", "kind", "jaar", "sex", "gestational_age_days", "d_nec"]
    assert {row[0] for row in extract.book()} == {"opname", "kind", "jaar", *CHOSEN}
    assert {row[3] for block in extract.more() for row in block} <= set(CHOSEN)
    assert all(len(row) == 6 for block in extract.stays() for row in block)


def test_the_combination_of_the_chosen_fields_is_counted(people, delivered):
    told = anonymity.counted(Extract(ExtractRequest.ask(people[0], PURPOSE, 2026, 2026, ("sex", "gestational_age_days"))))
    # Two girls of 31 weeks share theirs; the boy of 27 weeks is alone.
    assert told == {"stays": 3, "children": 3, "combination": ["jaar", "weken", "geslacht"], "smallest": 1, "few": 3}
    assert anonymity.counted(Extract(ExtractRequest.ask(people[0], PURPOSE, 2026, 2026, ("d_nec",))))["smallest"] == 3


@pytest.mark.parametrize(("fields", "aspect"), [
    (("d_discharged_alive",), "overleden"), (("i_sterfte",), "overleden"), (("cause_of_death",), "overleden"),
    (("birth_order",), "meerling"), (("d_outborn",), "plaats van de bevalling"), (("birth_weight_g",), "geboortegewicht"),
    (("d_nec",), None),
])  # fmt: skip
def test_what_another_field_tells_as_well_is_in_the_combination(people, delivered, fields, aspect):
    told = anonymity.counted(Extract(ExtractRequest.ask(people[0], PURPOSE, 2026, 2026, fields)))
    assert told["combination"] == ["jaar", *filter(None, [aspect])]
    assert {name for one in anonymity.ASPECTS for name in one.fields} <= set(EVERYTHING)


def test_the_places_in_the_indicators_go_along_with_their_reasons(people, delivered):
    fields = ("i_nec", "i_ernstige_ivh")
    extract = Extract(ExtractRequest.ask(people[0], PURPOSE, 2026, 2026, fields))
    assert [one.name for one in extract.columns] == ["opname", "kind", "jaar", *fields[::-1]]
    rows = [row for block in extract.stays() for row in block]
    facts = {fact.stay_id: fact.places for fact in StayFact.select()}
    at = named("nec").at
    assert [row[-1] for row in rows] == [PLACES[places[at]] for _, places in sorted(facts.items())]
    why = {row[3]: row[4] for block in extract.more() for row in block}
    assert set(why) <= set(fields) and all(why.values())
    assert [row[4] for row in extract.book() if row[0] == "i_nec"] == ["teller; noemer; onbekend; buiten; elders"]


def test_the_approver_sees_fields_children_and_combination(client, login, people, delivered, monkeypatch, app):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    login(client, people[0])
    data = {
        "doel": PURPOSE,
        "van": "2026",
        "tot": "2026",
        "veld": ["sex", "d_nec", "onzin"],
        "weken-van": "27",
        "weken-tot": "32",
    }
    client.post("/lnr/onderzoek/aanvragen", data=data)
    asked = ExtractRequest.get()
    assert (asked.fields, asked.youngest, asked.oldest) == ("sex d_nec", 189, 224)
    login(client, people[1])
    assert asked.number in client.get("/lnr/onderzoek/").text
    page = client.get(f"/lnr/onderzoek/{asked.key}/").text
    assert (
        "vanaf 27 weken en minder dan 32 weken" in page and "<code>d_nec</code>" in page and "<code>deceased</code>" not in page
    )
    assert "3 opnamen van 3 kinderen" in page
    for wrong in ({"weken-van": "x"}, {"weken-van": "32", "weken-tot": "27"}, {"veld": []}):
        client.post("/lnr/onderzoek/aanvragen", data=data | wrong)
    assert ExtractRequest.select().count() == 1
