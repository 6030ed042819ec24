"""F-10: no room for documents, no room for the database. Told in words, nothing half, and well again without a restart."""

import os
import resource
import shutil
import subprocess
from dataclasses import replace

import pytest

from models import base
from models.cases.case import Case
from models.cases.status import Status
from models.files import storage
from models.files.document import Document
from settings import settings
from tests import make
from tests.faults.invariants import after_the_sweep, broken
from tests.faults.web import Person, Server

pytestmark = pytest.mark.db_dialect

MEGABYTE = 1 << 20
LARGE = make.PDF.replace(b"\n", b"\n%" + os.urandom(2 * MEGABYTE).hex().encode() + b"\n", 1)


def put(person, case, key, content=make.PDF):
    return person.put(f"/melding/{case.key}/bestanden?sleutel={key}", content, f"{key}.pdf")


def told(answer):
    """The sentence that a script shows."""
    assert answer.status == 503, (answer.status, answer.text)
    assert "kan nu niet worden opgeslagen" in answer.text and "Traceback" not in answer.text


def limit(server, size):
    """Let no file of the running server grow beyond `size` bytes; a disk that is full, but for the number of the error."""
    resource.prlimit(server.worker(), resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.fixture
def server():
    with Server() as server:
        yield server


def test_a_document_for_which_there_is_no_room_is_refused_in_words_and_the_rest_goes_on(app, server):
    case = make.case()
    person = Person(app, server, case.reporter)
    limit(server, 2 * MEGABYTE)

    told(put(person, case, "large", LARGE))
    assert put(person, case, "small").status == 201
    assert person.ask("GET", f"/melding/{case.key}/").status == 200

    limit(server, resource.RLIM_INFINITY)
    assert put(person, case, "large", LARGE).status == 201
    assert sorted(document.upload_key for document in Document.select()) == ["large", "small"]
    assert broken() == [] and after_the_sweep() == []


@pytest.mark.only_sqlite  # the files of PostgreSQL are those of another process
def test_a_database_that_cannot_grow_refuses_in_words_and_is_still_read(app, server):
    case = make.case(status=Status.INGEDIEND)
    judge, melder = Person(app, server, make.coordinator()), Person(app, server, case.reporter)
    limit(server, 4096)

    refused = judge.post(f"/beoordelen/{case.key}/goedkeuren", ronde=case.round, toch="1")
    assert refused.status == 503 and "Uw verzoek is niet uitgevoerd" in refused.text and refused.headers["Retry-After"]
    assert Case.get_by_id(case.id).status == Status.INGEDIEND
    # What is not written down is not shown; a list of one's own work is.
    assert melder.ask("GET", f"/melding/{case.key}/").status == 503
    assert melder.ask("GET", "/meldingen/").status == 200
    assert judge.ask("GET", "/healthz").status == 200

    limit(server, resource.RLIM_INFINITY)
    assert judge.post(f"/beoordelen/{case.key}/goedkeuren", ronde=case.round, toch="1").status == 302
    assert Case.get_by_id(case.id).status == Status.GOEDGEKEURD and broken() == []


@pytest.fixture
def small_disk(tmp_path, require):
    """A disk of 3 MB and few files for the documents, which only root can make."""
    require("a small disk")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m,nr_inodes=40", "none", str(tmp_path)], check=True)
    yield tmp_path
    base.db.close()
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


@pytest.mark.parametrize("lacking", ["bytes", "files"])
def test_a_disk_that_is_really_full_does_no_more_harm(app, small_disk, monkeypatch, lacking):
    monkeypatch.setattr(storage, "settings", replace(settings, documents_dir=small_disk))
    case = make.case()
    with Server(STORAGE_URL=f"file:{small_disk}") as server:
        person = Person(app, server, case.reporter)
        assert put(person, case, "before").status == 201

        _fill(small_disk, lacking)
        for number in range(3):
            told(put(person, case, f"full-{number}", LARGE if lacking == "bytes" else make.PDF))
        assert person.ask("GET", f"/melding/{case.key}/").status == 200
        assert Document.select().count() == 1

        shutil.rmtree(small_disk / "others")
        assert put(person, case, "after").status == 201
    assert broken() == [] and after_the_sweep() == []


def _fill(disk, lacking):
    others = disk / "others"
    others.mkdir()
    try:
        if lacking == "bytes":
            (others / "one").write_bytes(bytes(4 * MEGABYTE))
        for number in range(100 if lacking == "files" else 0):
            (others / str(number)).touch()
    except OSError:
        pass  # full, as it should be
