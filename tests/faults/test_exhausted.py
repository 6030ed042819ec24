"""F-24: the process that answers has no file descriptors or no memory left. What it acknowledged is there; it comes back."""

import os
import re
import resource
import threading
import time
from pathlib import Path

import pytest

from models.cases.remark import Remark
from models.cases.status import Status
from models.files.document import Document
from tests import make
from tests.faults.invariants import after_the_sweep, broken, within
from tests.faults.killing import hang_up
from tests.faults.size import sized
from tests.faults.web import PATIENCE, Person, Server
from tests.wait import until

pytestmark = pytest.mark.db_dialect

SECONDS = sized(3, 30)
LARGE = make.PDF.replace(b"\n", b"\n%" + os.urandom(2 << 20).hex().encode() + b"\n", 1)


@pytest.mark.parametrize("lacking", ["descriptors", "memory"])
def test_a_process_that_has_nothing_left_keeps_what_it_acknowledged_and_comes_back(app, lacking, record_property):
    case, handed_in, judge = make.case(), make.case(status=Status.INGEDIEND), make.coordinator()
    with Server() as server:
        reporter, coordinator = Person(app, server, case.reporter), Person(app, server, judge)
        hang_up()
        heard = []

        def uploading(worker):
            for number, _ in enumerate(within(SECONDS)):
                key = f"{worker}-{number}"
                address = f"/melding/{case.key}/bestanden?sleutel={key}"
                heard.append((key, reporter.put(address, LARGE if number % 3 == 0 else make.PDF, f"{key}.pdf")))

        def noting():
            for number, _ in enumerate(within(SECONDS)):
                heard.append((f"N{number}", coordinator.post(f"/beoordelen/{handed_in.key}/notitie", notitie=f"N{number}")))

        take_away(server.worker(), lacking)
        people = [threading.Thread(target=uploading, args=(number,)) for number in range(3)] + [threading.Thread(target=noting)]
        [person.start() for person in people]
        [person.join() for person in people]
        record_property("tried", len(heard))
        give_back(until(server.worker, PATIENCE))
        assert until(lambda: (said := coordinator.ask("GET", "/beoordelen/")) and said.status == 200, PATIENCE)
        assert reporter.put(f"/melding/{case.key}/bestanden?sleutel=after", make.PDF, "after.pdf").status == 201

    told = {key for key, answer in heard if answer and answer.status in (201, 302)}
    kept = {file.upload_key for file in Document.select()} | {str(remark) for remark in Remark.select()}
    assert told <= kept
    refused = {answer.status for _, answer in heard if answer} - {201, 302}
    assert refused <= {400, 500, 503} and len(told) < len(heard), refused  # 400: a body that broke off
    wrong = [answer.text for _, answer in heard if answer and answer.status in (500, 503)]
    assert not any("Traceback" in text for text in wrong)
    bare = [text[:300] for text in wrong if not re.search("probeer het (later )?(opnieuw|over)", text, re.I)]
    assert not bare, bare
    assert broken() == [] and after_the_sweep() == []


def take_away(process, lacking):
    """Leave the running process next to nothing of what it may open, or of what it may grow by."""
    if lacking == "descriptors":
        held = len(os.listdir(f"/proc/{process}/fd"))
        resource.prlimit(process, resource.RLIMIT_NOFILE, (held + 6, 4096))
    else:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[0])
        room = pages * resource.getpagesize() + (8 << 20)
        resource.prlimit(process, resource.RLIMIT_AS, (room, resource.RLIM_INFINITY))
    time.sleep(0.1)


def give_back(process):
    resource.prlimit(process, resource.RLIMIT_NOFILE, (4096, 4096))
    resource.prlimit(process, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
