"""F-01, F-03: a file in parts, sent to one web and the other, each of them killed with -9 while it takes a part in."""

import hashlib
import random
import threading
import time
from base64 import b64encode
from datetime import timedelta

import pytest

from models import clock
from models.files import storage
from models.files.document import Document
from models.files.resumable.resumable_upload import JOINING, ResumableUpload
from models.files.resumable.sealed_part import SealedPart
from models.operations import integrity_check
from tests import make
from tests.faults.invariants import after_the_sweep, broken
from tests.faults.killing import hang_up
from tests.faults.size import sized
from tests.faults.web import Person, Server
from tests.wait import until

pytestmark = pytest.mark.db_dialect

KILLS = sized(6, 60)
SIZE = 1_000_000 * sized(12, 120)
PIECE = 2_000_000
TUS = {"Tus-Resumable": "1.0.0"}


def test_a_file_in_parts_goes_on_whichever_web_is_killed(app):
    chance = random.Random(14)
    content = b"\0\0\0\x18ftypisom" + bytes(12) + b"\0\0\0\0mdat" + chance.randbytes(SIZE)
    case = make.case()
    hang_up()
    with Server() as one, Server() as other:
        webs = [(server, Person(app, server, case.reporter)) for server in (one, other)]
        place = _announced(webs[0][1], case, len(content))
        kills, longest, far = 0, 0.3, 0
        while far < len(content):
            server, person = webs[chance.randrange(2)]
            heard = until(lambda person=person: person.ask("HEAD", place, **TUS), 60)
            before, far = far, int(heard.headers["Upload-Offset"])
            assert before <= far  # what was acknowledged stays
            began, answers = time.monotonic(), []
            send = threading.Thread(target=lambda: answers.append(_send(person, place, content, far)))  # noqa: B023
            send.start()
            if kills < KILLS:
                time.sleep(chance.uniform(0, longest))
                server.kill()
                kills += 1
            send.join()
            if answers[0]:
                assert answers[0].status == 204
                far, longest = int(answers[0].headers["Upload-Offset"]), 1.2 * (time.monotonic() - began)
        # The last answer may be lost too: an empty request asks again, on the other web.
        server, person = webs[chance.randrange(2)]
        ResumableUpload.update(joining_until=clock.now() - JOINING).execute()
        assert until(lambda: person.ask("PATCH", place, b"", **_offset(far)), 60).status == 204
    document = Document.get()
    assert Document.select().count() == 1 and kills == KILLS
    assert document.sha256 == hashlib.sha256(content).hexdigest()
    assert SealedPart.select().count() == 0
    assert broken() == [] and after_the_sweep() == []
    integrity_check.clear_leftovers(clock.now() + timedelta(days=2))
    assert {name for name, _ in storage.keys()} == {document.blob}


def _announced(person, case, size):
    name = b64encode(b"echo.mp4").decode()
    about = {"Upload-Length": str(size), "Upload-Metadata": f"filename {name}", **TUS}
    return person.ask("POST", f"/melding/{case.key}/bestanden/delen", b"", **about).location


def _offset(far):
    return {"Upload-Offset": str(far), "Content-Type": "application/offset+octet-stream", **TUS}


def _send(person, place, content, far):
    return person.ask("PATCH", place, content[far : far + PIECE], **_offset(far))
