import csv
import hashlib
import io
import json
import re
import zipfile
from datetime import datetime, timedelta

import pyarrow.parquet as reader
import pytest

from admin_views.lnr.research import extract_requests, parquet
from models import clock
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.lnr.benchmark.fact import StayFact
from models.lnr.benchmark.indicator import named
from models.lnr.benchmark.places.answer import PLACES
from models.lnr.dataset.definition import definition
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.message.message_writer import build
from models.lnr.registry.stay import Stay
from models.lnr.research import anonymity
from models.lnr.research.extract import ABOUT, EVERYTHING, Extract, StaysChanged
from models.lnr.research.extract_request import OPEN_DAYS, ExtractRequest
from models.lnr.specification.examples import maximal, preterm, twin
from tests import make
from tests.lnr.messages import hospital, supplier

PURPOSE = "Hoe vaak krijgen kinderen van 27 weken zuurstof op dag 28?"
NOW = datetime(2026, 6, 1, 12)


@pytest.fixture
def people():
    return make.user(role=Role.LNR_BEHEER, name="Anna"), make.user(role=Role.LNR_BEHEER, name="Bert")


@pytest.fixture
def approved(people, delivered):
    return agreed(people, EVERYTHING)


def agreed(people, fields):
    asked = ExtractRequest.ask(people[0], PURPOSE, 2026, 2026, fields)
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
    full, first, second = sorted(table(archive, "opnamen.csv"), key=lambda row: float(row["birth_weight_g"]))

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
    assert AuditEvent.select().where(AuditEvent.action == "lnr.export_done", AuditEvent.actor == event.actor).count() == 1


def test_a_download_that_breaks_off_has_begun_and_was_not_handed_over(client, login, monkeypatch, app, approved):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    login(client, approved.asked_by)
    answer = client.post(f"/lnr/onderzoek/{approved.key}/bestand", data={"soort": "csv"}, buffered=False)
    next(answer.iter_encoded())
    answer.close()
    told = [event.action for event in AuditEvent.select().where(AuditEvent.action.startswith("lnr.export"))]
    assert "lnr.export" in told and "lnr.export_done" not in told


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


def test_no_two_files_of_one_request_share_a_name_and_none_tells_the_order_in_which_stays_came(
    client, login, monkeypatch, app, people, approved
):
    files = []
    for _ in range(2):
        answer = fetch(client, login, monkeypatch, app, people[0], approved)
        archive = zipfile.ZipFile(io.BytesIO(answer.data))
        rows = table(archive, "opnamen.csv")
        files.append({row[name] for row in rows for name in ("opname", "kind", "moeder", "ziekenhuis") if row[name]})
        names = [row["opname"] for row in rows]
        assert names == sorted(names) and {row["opname"] for row in table(archive, "meer.csv")} == set(names)
    assert len(files[0]) > 6 and not files[0] & files[1]


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

    assert {row["birth_weight_g"] for row in rows} == {1570, 1660, 1010} and rows[0]["deceased"] is False
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
    assert told.pop("book")
    assert told == {"stays": 3, "children": 3, "combination": ["jaar", "weken", "geslacht"], "smallest": 1, "few": 3}
    assert anonymity.counted(Extract(ExtractRequest.ask(people[0], PURPOSE, 2026, 2026, ("d_nec",))))["smallest"] == 3


@pytest.mark.parametrize(("fields", "aspect"), [
    (("d_discharged_alive",), "overleden"), (("i_sterfte",), "overleden"), (("cause_of_death",), "overleden"),
    (("birth_order",), "meerling"), (("d_outborn",), "plaats van de bevalling"), (("birth_weight_g",), "geboortegewicht"),
    (("moeder",), "meerling"), (("d_mother_age",), "leeftijd van de moeder"), (("d_nicu_days",), "week van ontslag"),
    (("d_nec",), None),
])  # fmt: skip
def test_what_another_field_tells_as_well_is_in_the_combination(people, delivered, fields, aspect):
    told = anonymity.counted(Extract(ExtractRequest.ask(people[0], PURPOSE, 2026, 2026, fields)))
    assert told["combination"] == ["jaar", *filter(None, [aspect])]
    assert {name for one in anonymity.ASPECTS for name in one.fields} <= set(EVERYTHING)


# Of a woman, a birth, a stay or an end, and yet no part of what somebody outside the hospital knows of a child.
CARE = "found, measured or done by who treated them"
UNTOLD = {
    "opname": "a name of this file only", "kind": "a name of this file only",
    "intensive_care_admission": "said of nearly every child in the registry", "still_admitted": "of the day of the message",
    "d_gestational_age": "a part of 'weken'",
    **dict.fromkeys(
        """pregnancy_complications_present magnesium_sulphate antenatal_steroids_given antenatal_steroids_course delivery_mode
        deferred_cord_clamping apgar_1 apgar_5 apgar_10 cord_ph_arterial base_excess admission_indication length_at_admission
        length_at birth_weight_at admission_temperature admission_temperature_at admission_temperature_site
        head_circumference_cm head_circumference_at discharge_weight_g discharge_weight_at discharge_hc_method discharge_hc_cm
        discharge_hc_at feeding_at_discharge home_support pregnancy_complication_code pregnancy_complication_status
        resuscitation_type respiratory_support_start respiratory_support_end respiratory_problem_start
        respiratory_problem_onset_place infection_start infection_end infection_onset_place line_start line_end""".split(), CARE
    ),
}  # fmt: skip
# What a field of the registry is about, by its chapter: the woman, the child, the birth, the stay, the discharge, the death.
ABOUT_PEOPLE = set("BCDEPQ")


def test_all_that_is_about_a_person_a_day_an_age_or_a_place_is_counted_or_has_a_reason():
    items = [item for item in definition().items.values() if item.name in EVERYTHING]
    telling = {one.name for one in items if one.section in ABOUT_PEOPLE or one.type in ("moment", "datum")}
    telling |= {name for name, _ in ABOUT} | {one.name for one in items if "place" in one.name or "origin" in one.name}
    telling |= {name for name in EVERYTHING if name.startswith("d_") and {"age", "alive", "outborn"} & set(name.split("_"))}
    known = {name for one in anonymity.ASPECTS for name in one.fields}
    assert telling - known - UNTOLD.keys() == set()
    assert not known & UNTOLD.keys() - {"d_gestational_age"} and UNTOLD.keys() <= set(EVERYTHING)


def test_a_week_of_a_stay_and_the_age_of_the_mother_divide_the_children(people, delivered):
    older = maximal() | {"processing_code": "P", "mother_birth_date": "1980-01-01", "version_number": 2, "action": "vervanging"}
    assert deliver(Delivery(delivered, supplier()), build(older | {"message_id": ("", "m-2")}), NOW).status == 200
    # Two girls share their mother and the week in which they left; the boy shares neither, and all came on their first day.
    for field, smallest in (("d_mother_age", 1), ("discharge_datetime", 1), ("admission_datetime", 3)):
        told = anonymity.counted(Extract(ExtractRequest.ask(people[0], PURPOSE, 2026, 2026, (field,))))
        assert (told["children"], told["smallest"]) == (3, smallest), field


class Alike:
    """An extract of one field, of children who are alike but for what it says of them."""

    def __init__(self, field, *told):
        self.field, self.told = field, told

    def holds(self, name):
        return name == self.field

    def book(self):
        return []

    def records(self):
        for number, (mother, said) in enumerate(self.told):
            yield Stay(child=str(number), mother=mother), {"birth_datetime": "2026-01-01", self.field: said}


MOMENTS = "2026-01-02T10:00:00", "2026-02-02T10:00:00"
OTHERWISE = dict.fromkeys(("admission_datetime", "discharge_datetime", "death_datetime"), MOMENTS) | {
    "gestational_age_days": (190, 197), "d_gestational_age": ("27+1", "28+0"), "birth_weight_g": (999, 1000),
    "d_age_at_admission_minutes": (10, 10090), "d_nicu_days": (6, 7), "cause_of_death": ([{"code": "1"}], [{"code": "2"}]),
    "origin": ({"null": "UNK"}, {"null": "NASK"}),
}  # fmt: skip


@pytest.mark.parametrize("field", sorted({name for one in anonymity.ASPECTS for name in one.fields} - {"moeder"}))
def test_another_value_of_each_field_divides_the_children(field):
    one, other = OTHERWISE.get(field, ("a", "b"))
    assert anonymity.counted(Alike(field, *[(None, one)] * 5))["smallest"] == 5
    told = anonymity.counted(Alike(field, *[(None, one)] * 5, (None, other)))
    assert (told["smallest"], told["few"]) == (1, 1)


def test_the_name_of_a_mother_tells_how_many_of_the_children_are_hers():
    told = anonymity.counted(Alike("moeder", ("x", None), ("x", None), *((str(number), None) for number in range(5))))
    assert (told["smallest"], told["few"]) == (2, 2)


def test_what_is_remembered_no_closer_divides_nobody_and_the_words_of_other_neither():
    told = anonymity.counted(Alike("birth_weight_g", (None, 1001), (None, 1249)))
    assert told["smallest"] == 2
    told = anonymity.counted(Alike("origin", (None, {"code": "1", "text": "a"}), (None, {"code": "1", "text": "b"})))
    assert told["smallest"] == 2


def test_the_place_in_an_indicator_is_counted_as_the_file_tells_it(people, delivered):
    fact = StayFact.select().order_by(StayFact.stay).first()
    at = named("sterfte").at
    StayFact.update(places=fact.places[:at] + "t0" + fact.places[at + 2 :]).where(StayFact.stay == fact.stay_id).execute()
    told = anonymity.counted(Extract(ExtractRequest.ask(people[0], PURPOSE, 2026, 2026, ("i_sterfte",))))
    assert told["smallest"] == 1


# ---- what leaves is what was approved ---------------------------------------------------------------------------------


def test_a_stay_that_came_after_the_request_is_not_in_its_file(people, delivered):
    research = agreed(people, CHOSEN)
    later = preterm("later") | {"processing_code": "P", "child_ids": [("", "LATER-1")]}
    assert deliver(Delivery(delivered, supplier()), build(later), clock.now() + clock.DAY).status == 200
    research.demand_open(people[0])
    assert Extract(research).count() == 3 and Extract(agreed(people, CHOSEN)).count() == 3


def test_a_file_in_which_fewer_children_are_alike_than_was_approved_is_not_made(
    client, login, monkeypatch, app, people, delivered
):
    research = agreed(people, ("sex",))  # two girls, and a boy
    Stay.update(year=2025).where(Stay.gestation < 210).execute()  # the boy leaves: who is left is no less alike
    research.demand_open(people[0])
    Stay.update(year=2026).execute()
    research = agreed(people, ("d_nec",))  # three who are alike
    Stay.update(year=2025).where(Stay.gestation < 210).execute()

    answer = fetch(client, login, monkeypatch, app, people[0], research)

    assert answer.status_code == 302
    with pytest.raises(Refused, match="de kleinste groep kinderen die op elkaar lijken, telt er 2, en dat waren er 3"):
        research.demand_open(people[0])
    assert not AuditEvent.select().where(AuditEvent.action == "lnr.export").exists()
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    login(client, people[0])
    assert "Tel opnieuw en laat goedkeuren" in client.get(f"/lnr/onderzoek/{research.key}/").text
    assert "opnieuw geteld" in client.post(f"/lnr/onderzoek/{research.key}/opnieuw", follow_redirects=True).text
    research = ExtractRequest.get_by_id(research.id)
    with pytest.raises(Refused, match=r"niet .meer. goedgekeurd"):
        research.demand_open(people[0])
    with pytest.raises(Refused, match="eigen aanvraag"):
        research.decide(people[0], True)
    research.decide(people[1], True)
    assert len(ExtractRequest.get_by_id(research.id).demand_open(people[0]).first) == 2


def test_who_has_it_counted_anew_is_who_asked_and_the_other_may_approve(people, delivered):
    research = agreed(people, CHOSEN)
    research.recount(people[1])
    research = ExtractRequest.get_by_id(research.id)
    assert (research.state(), research.asked_by, research.decided_by) == ("aangevraagd", people[1], None)
    with pytest.raises(Refused, match="eigen aanvraag"):
        research.decide(people[1], True)
    research.decide(people[0], True)
    assert AuditEvent.select().where(AuditEvent.detail == "opnieuw geteld").count() == 1


def test_a_page_of_before_a_recount_decides_nothing(client, login, monkeypatch, app, people, delivered):
    research = agreed(people, CHOSEN)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    login(client, people[1])
    research.recount(people[0])
    address = f"/lnr/onderzoek/{research.key}/"
    seen = re.search(r'name="gezien" value="([^"]+)"', client.get(address).text)[1]
    for _ in range(2):
        ExtractRequest.get_by_id(research.id).decide(people[1], True)
        ExtractRequest.get_by_id(research.id).recount(people[0])
        for chosen in ("goedkeuren", "afwijzen"):
            told = {"besluit": chosen, "reden": "Akkoord.", "gezien": seen}
            assert "opnieuw geteld nadat u" in client.post(f"{address}besluit", data=told, follow_redirects=True).text
        assert ExtractRequest.get_by_id(research.id).state() == "aangevraagd"
    assert "opnieuw geteld nadat u" in client.post(f"{address}besluit", data=told | {"gezien": ""}, follow_redirects=True).text
    told["gezien"] = re.search(r'name="gezien" value="([^"]+)"', client.get(address).text)[1]
    client.post(f"{address}besluit", data=told | {"besluit": "goedkeuren"})
    assert ExtractRequest.get_by_id(research.id).state() == "goedgekeurd"


def test_a_row_that_was_read_before_a_recount_decides_nothing(people, delivered):
    research = agreed(people, CHOSEN)
    research.recount(people[0])
    stale = ExtractRequest.get_by_id(research.id)
    ExtractRequest.get_by_id(research.id).decide(people[1], True)
    ExtractRequest.get_by_id(research.id).recount(people[0])
    with pytest.raises(Refused, match="opnieuw geteld nadat u"):
        stale.decide(people[1], True)


def test_only_an_approved_request_is_counted_anew_and_only_once(people, delivered):
    research = agreed(people, CHOSEN)
    second = ExtractRequest.get_by_id(research.id)
    research.recount(people[0])
    for one in (second, research):
        with pytest.raises(Refused, match=r"niet .meer. goedgekeurd"):
            one.recount(people[0])


@pytest.mark.parametrize("change", ["version", "withdrawn", "moved", "new", "place"])
def test_what_changes_after_it_was_counted_does_not_leave(people, delivered, change):
    extract = agreed(people, EVERYTHING).demand_open(people[0])
    stay = Stay.select().order_by(Stay.id).first()
    if change == "version":
        later = twin(1) | {"processing_code": "P", "version_number": 2, "action": "vervanging", "birth_weight_g": 1571}
        assert deliver(Delivery(delivered, supplier()), build(later | {"message_id": ("", "m-2")}), NOW).status == 200
    elif change == "withdrawn":
        Stay.update(version=99).where(Stay.id == stay.id).execute()
    elif change == "moved":
        Stay.update(child="another").where(Stay.id == stay.id).execute()
    elif change == "place":
        at, places = named("sterfte").at, StayFact.get(StayFact.stay == stay).places
        StayFact.update(places=places[:at] + "t0" + places[at + 2 :]).where(StayFact.stay == stay).execute()
    else:
        later = preterm("later") | {"processing_code": "P", "child_ids": [("", "LATER-1")]}
        assert deliver(Delivery(delivered, supplier()), build(later), NOW).status == 200
    for table in (extract.stays, extract.more):
        with pytest.raises(StaysChanged):
            list(table())


def test_a_file_that_changes_while_it_is_made_opens_nowhere(client, login, monkeypatch, app, approved, delivered):
    def then_changed(*asked):
        yield b"a head"
        Stay.update(version=99).execute()
        yield from parquet_of(*asked)

    parquet_of = extract_requests.WRITERS["parquet"]
    monkeypatch.setitem(extract_requests.WRITERS, "parquet", then_changed)
    extract, pieces = approved.demand_open(approved.asked_by), []
    with pytest.raises(StaysChanged):
        pieces.extend(extract_requests._archive(extract, "parquet", "about"))
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(b"".join(pieces)))


@pytest.mark.parametrize(("change", "said"), [
    ({"book": "x"}, "wat ze betekenen"), ({"combination": ["jaar"]}, "wat ze betekenen"),
    ({"children": 2}, "er staan 3 kinderen in, en dat waren er 2"),
    ({"smallest": 2}, "telt er 1, en dat waren er 2"),
    ({"few": 1}, "nu lijken 3 kinderen op minder dan 4 andere, en dat was er 1"),
    ({"children": 9, "few": 9, "stays": 9}, None), ({"smallest": 0}, None),
])  # fmt: skip
def test_each_thing_that_grew_since_the_approval_is_told(people, delivered, change, said):
    extract = Extract(ExtractRequest.ask(people[0], PURPOSE, 2026, 2026, ("sex", "d_mother_age")))
    seen = anonymity.counted(extract) | change
    if said is None:
        anonymity.demand_as_approved(extract, seen)
    else:
        with pytest.raises(Refused, match=said):
            anonymity.demand_as_approved(extract, seen)


@pytest.mark.parametrize("kept", ["", '{"stays": 3, "children": 3, "combination": [], "smallest": 1, "few": 3}'])
def test_a_request_of_before_all_of_it_was_counted_says_so(approved, kept):
    approved.anonymity = kept
    with pytest.raises(Refused, match=r"toen niet geteld\. Laat opnieuw tellen en goedkeuren\."):
        approved.demand_open(approved.asked_by)


def test_one_child_is_told_in_the_singular(people, delivered):
    extract = Extract(ExtractRequest.ask(people[0], PURPOSE, 2026, 2026, CHOSEN, oldest=30))
    seen = anonymity.counted(extract) | {"children": 0, "few": 0}
    told = "er staat 1 kind in, en dat waren er 0 en nu lijkt 1 kind op minder dan 4 andere, en dat waren er 0"
    with pytest.raises(Refused, match=told):
        anonymity.demand_as_approved(extract, seen)


def test_the_places_in_the_indicators_go_along_with_their_reasons(people, delivered):
    fields = ("i_nec", "i_ernstige_ivh")
    extract = Extract(ExtractRequest.ask(people[0], PURPOSE, 2026, 2026, fields))
    assert [one.name for one in extract.columns] == ["opname", "kind", "jaar", *fields[::-1]]
    rows = [row for block in extract.stays() for row in block]
    facts = {fact.stay_id: fact.places for fact in StayFact.select()}
    at = named("nec").at
    assert sorted(row[-1] for row in rows) == sorted(PLACES[places[at]] for places in facts.values())
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
