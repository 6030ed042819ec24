"""Refusals about backups, keys and commands: the act that earns the sentence, and its nearest neighbour, which passes."""

import json
import tempfile
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock, patch

import pytest

from commands import lnr, lnr_model, start
from commands.demo import synthetic
from models import clock
from models.accounts.hospital import Hospital
from models.base import Refused
from models.files import storage
from models.lnr.suppliers.api_key import ApiKey
from models.operations import after_restore, backup, database_dump, schema
from models.operations.keys import key_fingerprint, key_rotation
from models.operations.keys.key_fingerprint import KeyFingerprint
from settings import settings
from tests import make
from tests.lnr import messages
from tests.refusals import Pairs

pair = Pairs()


# ---- making a copy ------------------------------------------------------------------------------------------------------


@pair(" is niet leeg. Noem een map die er nog niet is.")
def copy_over_a_copy(earns):
    folder = _copy()
    backup.make(folder if earns else folder.with_name("andere"))


@pair("De database is van een nieuwere versie van het portaal. Gebruik die versie.")
def copy_of_a_newer_database(earns):
    with patch.object(schema, "unknown", return_value=["9999_later"] if earns else []):
        _copy()


@pair("De database is nog niet op deze versie. Voer eerst uit: python app.py migrate")
def copy_of_an_older_database(earns):
    with patch.object(schema, "pending", return_value=["9999_later"] if earns else []):
        _copy()


@pair("false is niet gelukt: zonder uitleg")
def program_that_fails(earns):
    with database_dump._running("false" if earns else "true"):
        pass


# ---- restoring it: what is looked at before anything changes ------------------------------------------------------------


@pair("De reservekopie is beschadigd: trail-checkpoints.txt ontbreekt of is veranderd. Er is niets teruggezet.")
def copy_that_was_changed(earns):
    (folder := _folder()).joinpath(backup.CHECKPOINTS).write_text("regel")
    digest = backup._digest(folder / backup.CHECKPOINTS)
    if earns:
        (folder / backup.CHECKPOINTS).write_text("andere regel")
    backup._demand_whole(folder, {backup.CHECKPOINTS: digest})


@pair("De reservekopie is van een nieuwere versie van het portaal. Gebruik die versie.")
def copy_of_later(earns):
    backup._manifest(_copy(**({"step": "9999_later"} if earns else {})))


@pair(" Kies dezelfde soort.")
def copy_of_another_kind(earns):
    backup._manifest(_copy(**({"database": "oracle"} if earns else {})))


@pair(" is geen hele reservekopie: manifest.json ontbreekt of is beschadigd.")
def copy_without_a_list(earns):
    folder = _copy()
    if earns:
        (folder / backup.MANIFEST).unlink()
    backup._manifest(folder)


@pair(". Zet een kopie terug in een lege installatie.")
def restored_over_what_is_there(earns):
    nothing = patch.object(storage, "keys", return_value=[])
    tables = patch.object(type(backup.db.obj), "get_tables", return_value=["case"] if earns else [])
    with nothing, tables, patch.object(backup.checkpoint, "path", return_value=_folder() / "geen"):
        backup._demand_empty(True, None)


@pair("Er is geen account met e-mailadres weg@example.com.")
def account_that_is_not_there(earns):
    _release(end_accounts=("weg@example.com" if earns else make.user().email,))


@pair("Er is geen LNR-sleutel met nummer 987.")
def key_that_is_not_there(earns):
    hospital = Hospital.get_or_none(Hospital.agb == messages.AGB_NUMBER) or messages.hospital()
    ApiKey.issue(messages.supplier(), hospital)
    _release(end_keys=(987 if earns else ApiKey.select().first().id,))


# ---- keys ---------------------------------------------------------------------------------------------------------------


@pair("Ontbreekt: pseudonym_key. Zet de sleutels van deze installatie in ")
def key_that_is_missing(earns):
    key_fingerprint.demand_present(["pseudonym_key"] if earns else [])


@pair("age_identity: er staat geen sleutel in. Zet de sleutels van deze installatie in ")
def key_file_that_is_empty(earns):
    here = key_fingerprint.at_hand()
    with patch.object(key_fingerprint, "at_hand", return_value=here | ({"age_identity": []} if earns else {})):
        KeyFingerprint.demand_fit()


@pair("Zet ze terug uit een back-up en geef reseal opnieuw.")
def file_that_is_damaged(earns):
    document = make.document(make.case())
    path = next(settings.documents_dir.glob(f"??/{document.blob}"))
    whole = path.read_bytes()
    path.write_bytes(whole[:-20] + b"x" * 20)
    try:
        if earns:
            list(key_rotation.reseal())
    finally:
        path.write_bytes(whole)
    list(key_rotation.reseal())  # what the sentence says, to the end


# ---- commands -----------------------------------------------------------------------------------------------------------


@pair("serve is voor echte gegevens: haal DEMO weg, of gebruik run voor een demonstratie.")
def real_service_of_a_demonstration(earns):
    nothing = dict.fromkeys(("_together", "_demand_closed_lines", "_demand_real_accounts", "_demand_queue"), lambda *_: None)
    with (
        patch.multiple(start, settings=SimpleNamespace(demo=earns), **nothing),
        patch.object(start.installation, "migrate"), patch.object(start.processes, "check_port"),
    ):  # fmt: skip
        start.serve(SimpleNamespace(port=1, host="127.0.0.1", workers=1))


@pair(" Start die server, of verbeter REDIS_URL.")
def queue_that_does_not_answer(earns):
    amiss = start.system_check.Amiss("De wachtrij antwoordt niet.") if earns else None
    with patch.object(start.system_check, "queue", side_effect=amiss):
        start._demand_queue()


@pair("Geef de opdracht lnr-dataset.")
def specification_of_before(earns):
    with patch.object(lnr.site_files, "outdated", return_value=["gegevens.csv"] if earns else []):
        lnr.dataset(SimpleNamespace(check=True))


@pair("Deze database is niet leeg. Kies voor fill een lege DATA_DIR of DATABASE_URL.")
def invented_cases_among_real_ones(earns):
    make.hospital()
    if not earns:
        Hospital.delete().execute()
    _fill(1)


@pair("Kies minstens één ziekenhuis, en nul of meer meldingen.")
def no_hospital_to_invent(earns):
    _fill(1 - earns)


@pair("De regressie komt niet tot een uitkomst: een kenmerk scheidt overleden van levende kinderen helemaal.")
def regression_without_an_outcome(earns):
    found = SimpleNamespace(params=_Numbers([0.5]), cov_params=lambda: _Numbers([[0.1]]), converged=not earns)
    fitted = SimpleNamespace(fit=lambda **_: found)
    with patch.object(lnr_model, "library", return_value=(lambda *_, **__: fitted, lambda: None)):
        assert lnr_model._regression([[1.0]], [True]) == ([0.5], [[0.1]])


@pair("Het model is niet te herhalen op getrokken kinderen: er zijn er te weinig.")
def model_that_no_draw_repeats(earns):
    outcome = Refused("geen uitkomst") if earns else None
    with patch.object(lnr_model, "_regression", side_effect=outcome, return_value=([0.1, 0.9], None)):
        lnr_model._optimism([[1.0, 0.0], [1.0, 1.0]] * 20, [False, True] * 20, 2)


class _Numbers(list):
    """As numpy answers."""

    def tolist(self):
        return list(self)


def _fill(hospitals):
    with patch.multiple(synthetic, _Registry=MagicMock(), _mend_counters=MagicMock()):
        synthetic.fill(hospitals, 0, "x", lambda told: None)


def _folder():
    return Path(tempfile.mkdtemp(dir=settings.data_dir))


def _copy(**changed):
    """A copy, of which the manifest says something else."""
    folder = _folder() / "kopie"
    manifest = backup.make(folder)
    if changed:
        (folder / backup.MANIFEST).write_text(json.dumps(manifest | changed))
    return folder


def _release(**chosen):
    if not after_restore.OutgoingHold.standing():
        after_restore.begin(clock.now() - timedelta(hours=1))
    after_restore.none_erased()
    after_restore.release(leave_months=tuple(after_restore.months(after_restore.standing())), **chosen)


@pytest.mark.parametrize("sentence", pair)
def test_the_sentence_is_earned_and_its_neighbour_passes(sentence):
    pair.check(sentence)
