"""The one definition, and everything that is made from it."""

import csv
import shutil
from types import ModuleType

import pytest
from lxml import etree

from models.lnr import rules
from models.lnr.dataset.definition import DATA, Definition, definition
from models.lnr.dataset.xsd import xsd
from models.lnr.message import message_reader
from models.lnr.message.message_writer import build
from models.lnr.message.xml_tree import grow
from models.lnr.rules import registry
from models.lnr.specification import site_files
from models.lnr.specification.examples import late_preterm

BELOW = "kind/opname_gegevens/onderzoek/be"
NEW_PATH = "kind/opname_gegevens/onderzoek/lactaat"


@pytest.fixture
def with_one_item_more(tmp_path):
    """The definition with a line for lactate, behind that of base excess."""
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    with open(folder / "dataset.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    place = next(at for at, row in enumerate(rows) if row["path"] == BELOW)
    new = rows[place] | {"path": NEW_PATH, "name": "lactate", "low": "0", "high": "40", "nl": "Lactaat", "en": "Lactate"}
    rows.insert(place + 1, new)
    with open(folder / "dataset.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return Definition(folder)


def test_it_has_the_items_paths_and_lists_of_the_kernset_and_eleven_more():
    of = definition()
    assert len(of.items) == 164
    assert len([one for one in of.elements if one.concept]) == 245
    added = [one.name for one in of.items.values() if not one.concept]
    assert added == [
        "schema_version",
        "processing_code",
        "action",
        "supplier_id",
        "software_version",
        "document_type",
        "deferred_cord_clamping",
        "apgar_10",
        "oxygen_36w",
        "support_36w",
        "pvl_grade",
    ]
    assert {"L17b", "L29b"} < of.lists.keys() and len(of.lists) == 48


def test_every_item_has_names_in_two_languages_and_a_section_that_exists():
    for one in definition().items.values():
        assert one.nl and one.en and one.section in definition().sections


def test_every_coded_item_has_codes_and_every_code_two_names():
    of = definition()
    assert all(of.choices(one) for one in of.items.values() if one.type == "code")
    assert all(code.code and code.system and code.nl and code.en for code in of.codes)
    assert {code.list for code in of.codes} == set(of.lists)


def test_a_code_stands_once_in_the_lists_of_an_item():
    of = definition()
    for one in of.items.values():
        codes = [choice.code for choice in of.choices(one)] if one.type == "code" else []
        assert len(codes) == len(set(codes)), one.name


def test_every_condition_looks_at_an_item_or_a_derived_value():
    derived = {"day_28_follows", "week_36_follows", "lived_days_in_stay", "rop_at_risk", "discharged_alive"}
    asked = {one.condition.item for one in definition().items.values() if one.condition}
    assert asked <= definition().items.keys() | derived


def test_every_rule_has_a_function_and_sentences_and_the_definition_asks_for_none_else():
    numbers = set(registry.rules())
    assert numbers == {f"R-{number:02}" for number in range(1, 58)}
    assert set(rules.FUNCTIONS) == numbers - {"R-01"}
    assert all(rule.sentences for rule in registry.rules().values())
    assert {one.asked_by for one in definition().items.values()} - {""} <= numbers


def test_a_number_is_the_mark_of_one_function():
    twice = ModuleType("twice")
    twice.one, twice.other = registry.rule("R-99")(lambda case: ()), registry.rule("R-99")(lambda case: ())
    with pytest.raises(ValueError, match="R-99"):
        registry.marked(twice)


def test_the_published_files_are_current():
    assert site_files.outdated() == [], "python app.py lnr-dataset"


def test_a_changed_published_file_is_noticed_and_written_again(tmp_path):
    site_files.write(tmp_path)
    (tmp_path / "codelijsten.csv").write_text("leeg")
    (tmp_path / "oud.xsd").write_text("leeg")
    assert site_files.outdated(tmp_path) == ["codelijsten.csv", "oud.xsd"]
    assert site_files.write(tmp_path) == ["codelijsten.csv", "oud.xsd"]
    assert site_files.outdated(tmp_path) == []


def test_one_line_more_reaches_schema_reader_message_documentation_and_form(with_one_item_more):
    of = with_one_item_more
    raw = build(late_preterm() | {"lactate": 3.4}, of)
    assert etree.XMLSchema(etree.fromstring(xsd(of).encode())).validate(etree.fromstring(raw))
    assert not etree.XMLSchema(etree.fromstring(xsd().encode())).validate(etree.fromstring(raw))
    assert message_reader.plain(message_reader.read(grow(raw).root, of))["lactate"] == 3.4
    assert b"\nlactate,D,/lnr_aanlevering/kernset_neonatologie/kind" in site_files.items_csv(of)
    assert "lactate" in [one.name for section, items in of.by_section() for one in items if section["en"] == "Birth"]


def test_a_name_outside_the_dataset_is_not_built():
    with pytest.raises(KeyError):
        build(late_preterm() | {"shoe_size": 15})
