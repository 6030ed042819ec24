"""Sealed columns, and finding them again."""

import dataclasses

import pytest

from models import case as cases
from models import rotation, sealed, storage
from models.base import db
from models.case import Case
from models.document import Document
from models.remark import Remark
from models.sealed import Unreadable
from models.status import Status
from tests import make


@pytest.fixture
def keys(monkeypatch):
    """keys("new", "old"): from now on these are the signing keys, newest first."""

    def use(*names):
        monkeypatch.setattr(sealed, "settings", dataclasses.replace(sealed.settings, secret_keys_given=names))

    return use


def _raw(table, column):
    return db.execute_sql(f'SELECT {column} FROM "{table}"').fetchone()[0]


def test_the_patient_number_is_not_in_the_database_in_clear():
    made = make.case(patient_number="4711-X")

    assert "4711" not in _raw("case", "patient_number")
    assert Case.get_by_id(made.id).patient_number == "4711-X"


def test_a_remark_is_not_in_the_database_in_clear():
    make.case(status=Status.ONVOLLEDIG)

    assert "partusverslag" not in _raw("remark", "text")
    assert Remark.get().text == "Het partusverslag ontbreekt nog."


def test_the_own_number_is_found_exactly_whatever_its_case_and_spaces():
    made = make.case(patient_number="ab 12")

    assert list(Case.select().where(Case.with_patient_number(made.hospital_id, " AB   12 "))) == [made]
    assert not Case.select().where(Case.with_patient_number(made.hospital_id, "ab 1")).exists()


def test_another_hospital_with_the_same_number_finds_nothing_and_shares_no_fingerprint():
    mine, theirs = make.case(patient_number="77"), make.case(patient_number="77")

    assert mine.patient_hash != theirs.patient_hash
    assert list(Case.select().where(Case.with_patient_number(mine.hospital_id, "77"))) == [mine]


def test_a_value_that_was_tampered_with_is_not_read(keys):
    make.case(patient_number="12")
    raw = _raw("case", "patient_number")
    db.execute_sql(f"""UPDATE "case" SET patient_number = '{raw[:-6]}AAAAA='""")

    with pytest.raises(Unreadable):
        list(Case.select())


def test_during_a_rotation_old_values_are_read_and_found_and_new_ones_use_the_new_key(keys):
    keys("old")
    made = make.case(patient_number="12")
    keys("new", "old")

    assert Case.get_by_id(made.id).patient_number == "12"
    assert Case.select().where(Case.with_patient_number(made.hospital_id, "12")).exists()


def test_after_resealing_the_old_key_is_no_longer_needed(keys):
    keys("old")
    made = make.case(status=Status.ONVOLLEDIG, patient_number="12")
    keys("new", "old")
    assert {"patiëntnummers: 1", "opmerkingen: 1"} <= set(rotation.reseal())
    keys("new")

    assert Case.get_by_id(made.id).patient_number == "12"
    assert Case.select().where(Case.with_patient_number(made.hospital_id, "12")).exists()
    assert Remark.get().text == "Het partusverslag ontbreekt nog."


def test_resealing_encrypts_files_to_the_first_identity_only(monkeypatch, tmp_path):
    made = make.case(status=Status.INGEDIEND)
    fresh = tmp_path / "fresh"
    fresh.write_text(str(storage.pyrage.x25519.Identity.generate()) + "\n")
    both = dataclasses.replace(
        storage.settings, age_identities_given=(str(fresh), *map(str, storage.settings.age_identity_files))
    )
    monkeypatch.setattr(storage, "settings", both)
    list(rotation.reseal())
    monkeypatch.setattr(storage, "settings", dataclasses.replace(both, age_identities_given=(str(fresh),)))

    document = Document.get(Document.case == made)
    assert b"".join(storage.read(document.blob, document.sha256)) == make.PDF


def test_a_damaged_file_keeps_no_other_from_being_sealed_anew():
    case = make.case()
    broken, sound = make.document(case), make.document(case)
    path = storage.settings.documents_dir / broken.blob[:2] / broken.blob
    path.write_bytes(path.read_bytes()[:-5] + b"xxxxx")
    said = []

    with pytest.raises(cases.Refused, match=f"oude sleutel: bestand {broken.id}. "):
        for line in rotation.reseal():
            said.append(line)

    assert said[-1] == "bestanden: 1"
    assert b"".join(storage.read(sound.blob, sound.sha256)) == make.PDF


def test_a_number_that_is_too_long_is_refused_with_a_sentence():
    with pytest.raises(cases.Refused, match="64 tekens"):
        make.case(patient_number="9" * 65)
