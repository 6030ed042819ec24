"""Sealed columns, and finding them again."""

import dataclasses
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from peewee import IntegrityError

from models import MODELS, encrypted_fields
from models.access import Role
from models.accounts.user import User
from models.audit.monthly_review import AuditReview
from models.base import db
from models.cases import case as cases
from models.cases.case import Case
from models.cases.remark import Remark
from models.cases.status import Status
from models.encrypted_fields import CannotDecrypt
from models.files import storage
from models.files.document import Document
from models.operations import integrity_check
from models.operations.keys import key_rotation
from models.questionnaires.form import Answer
from tests import filling, make


@pytest.fixture
def keys(monkeypatch):
    """keys("new", "old"): from now on these are the signing keys, newest first."""

    def use(*names):
        monkeypatch.setattr(
            encrypted_fields, "settings", dataclasses.replace(encrypted_fields.settings, secret_keys_given=names)
        )

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

    with pytest.raises(CannotDecrypt, match=r"case\.patient_number"):
        list(Case.select())


def test_what_was_sealed_for_a_column_of_another_kind_is_not_read():
    user = make.user()
    sealed_text = encrypted_fields.SealedField().db_value("geen lijst")
    db.execute_sql(f"""UPDATE "user" SET mf_recovery_codes = '{sealed_text}'""")

    with pytest.raises(CannotDecrypt, match="mf_recovery_codes"):
        User.get_by_id(user.id)


def test_the_empty_text_stays_empty_so_that_the_database_can_ask_for_text():
    made = make.case(status=Status.INGETROKKEN)

    with pytest.raises(IntegrityError), db.atomic():
        Case.update(closed_why="").where(Case.id == made.id).execute()
    assert Case.get_by_id(made.id).closed_why == "Per ongeluk aangemaakt."


def test_during_a_rotation_old_values_are_read_and_found_and_new_ones_use_the_new_key(keys):
    keys("old")
    made = make.case(patient_number="12")
    keys("new", "old")

    assert Case.get_by_id(made.id).patient_number == "12"
    assert Case.select().where(Case.with_patient_number(made.hospital_id, "12")).exists()


def test_after_resealing_the_old_key_is_no_longer_needed(keys):
    keys("old")
    made = make.case(status=Status.ONVOLLEDIG, patient_number="12")
    AuditReview.sign("2026-09", make.user(role=Role.BEHEERDER), "Niets bijzonders.")
    keys("new", "old")
    assert {"meldingen: 1", "opmerkingen: 1", "aftekeningen van het logboek: 1"} <= set(key_rotation.reseal())
    keys("new")

    assert Case.get_by_id(made.id).patient_number == "12"
    assert Case.select().where(Case.with_patient_number(made.hospital_id, "12")).exists()
    assert Remark.get().text == "Het partusverslag ontbreekt nog."


def test_resealing_leaves_no_sealed_column_out():
    resealed = [model for models in key_rotation.SEALED.values() for model in models]

    assert sorted(resealed, key=MODELS.index) == [model for model in MODELS if encrypted_fields.columns(model)]


def test_resealing_while_people_write_loses_nothing_and_leaves_nothing_under_the_old_key(keys, monkeypatch):
    keys("old")
    codes = [f"A{number}" for number in range(1, 31)]
    form = filling.form(filling.questionnaire(*(filling.question(code, "tekst (100)") for code in codes)))
    for code in codes:
        filling.save(form, code, "voor")
    coordinator = make.coordinator()
    keys("new", "old")
    monkeypatch.setattr(key_rotation, "BATCH", 10)
    # Time to come in between a row that was read and the same row sealed anew.
    monkeypatch.setitem(key_rotation.ALSO, Answer, lambda row: time.sleep(0.02) or {})
    begun = threading.Event()

    def write():
        with db.connection_context():
            for code in reversed(codes):
                form.case.note(coordinator, f"bij {code}")
                filling.save(form, code, f"na {code}")
                begun.set()

    with ThreadPoolExecutor(1) as person:
        written = person.submit(write)
        assert begun.wait(30)
        list(key_rotation.reseal())
        written.result(60)
    keys("new")

    assert {code: given.kept for (code, _), given in form.given().items()} == {code: f"na {code}" for code in codes}
    assert {remark.text for remark in Remark.select()} == {f"bij {code}" for code in codes}
    assert list(integrity_check.sealed_values()) == []


def test_verify_names_what_does_not_open_and_looks_on():
    case = make.case(status=Status.ONVOLLEDIG, patient_number="12")
    db.execute_sql("""UPDATE "case" SET patient_number = 'gAAAAAB'""")
    db.execute_sql("UPDATE document SET name = 'in-clear.pdf'")

    assert list(integrity_check.problems(deep=True)) == [
        f"verzegeld: patient_number van rij {case.id} van tabel case gaat niet open",
        f"verzegeld: name van rij {Document.select(Document.id).scalar()} van tabel document gaat niet open",
    ]


def test_resealing_encrypts_files_to_the_first_identity_only(monkeypatch, tmp_path):
    made = make.case(status=Status.INGEDIEND)
    fresh = tmp_path / "fresh"
    fresh.write_text(str(storage.pyrage.x25519.Identity.generate()) + "\n")
    both = dataclasses.replace(
        storage.settings, age_identities_given=(str(fresh), *map(str, storage.settings.age_identity_files))
    )
    monkeypatch.setattr(storage, "settings", both)
    list(key_rotation.reseal())
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
        for line in key_rotation.reseal():
            said.append(line)

    assert said[-2:] == ["bestanden: 1", "delen van uploads: 0"]
    assert b"".join(storage.read(sound.blob, sound.sha256)) == make.PDF


def test_a_number_that_is_too_long_is_refused_with_a_sentence():
    with pytest.raises(cases.Refused, match="65 tekens, hoogstens 64"):
        make.case(patient_number="9" * 65)
