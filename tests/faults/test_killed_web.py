"""F-01, F-02, F-03: the process that answers is killed with -9 while people upload, hand in, judge and answer.

Jepsen's form: what was acknowledged is there, what was refused is not, what got no answer is there or not, but never half.
"""

import hashlib
import random
import threading
import time
from collections import Counter

import pytest

from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.cases.status import Status
from models.files import storage
from models.files.document import Document
from models.monthly.month_answer import MonthAnswer
from models.questionnaires.form import Answer, Form
from tests import filling, make
from tests.faults.invariants import after_the_sweep, broken, in_clear, within
from tests.faults.killing import hang_up
from tests.faults.size import sized
from tests.faults.web import Person, Server

pytestmark = pytest.mark.db_dialect

SECONDS = sized(4, 60)  # of killing, for each seed
CLIENTS = sized(3, 20)  # who upload at once
LARGEST = sized(3_000_000, 20_000_000)  # bytes
CANARY = b"CNRY-CLEAR-TEXT"


@pytest.fixture
def server():
    with Server() as server:
        yield server


class Killer:
    """Does something while the server is killed at a moment of chance within the time that it took before."""

    def __init__(self, server, seed):
        self.server, self.chance, self.longest = server, random.Random(seed), 0.05

    def strike(self, *acts):
        """Carry out `acts` beside each other and kill the server meanwhile, most times."""
        threads = [threading.Thread(target=act) for act in acts]
        began = time.monotonic()
        [thread.start() for thread in threads]
        if self.chance.random() < 0.8:
            time.sleep(self.chance.uniform(0, self.longest))
            self.server.kill()
            [thread.join() for thread in threads]
        else:
            [thread.join() for thread in threads]
            self.longest = (time.monotonic() - began) * 1.2


@pytest.mark.parametrize("seed", [1, 2])
def test_an_upload_that_was_acknowledged_is_whole_and_one_that_was_not_is_never_half(app, server, seed, record_property):
    case = make.case()
    melder, killer = Person(app, server, case.reporter), Killer(server, seed)
    sent, heard = {}, {}
    hang_up()
    for _ in within(SECONDS):
        if len(sent) % 100 > 100 - CLIENTS:  # a case takes no more than 200
            case = make.case(by=case.reporter, theme=case.theme)
            hang_up()
        keys = [f"s{seed}-{len(sent) + number}" for number in range(CLIENTS)]
        for key in keys:
            sent[key] = _content(killer.chance)
        killer.strike(*(lambda key=key, case=case: heard.update({key: _upload(melder, case, key, sent[key])}) for key in keys))
        for key in keys[1:]:  # the browser tries again; the first was given up by its person
            while heard[key] is None:
                heard[key] = _upload(melder, case, key, sent[key])

    record_property("tried", len(sent))
    kept = {document.upload_key: document for document in Document.select()}
    assert Document.select().count() == len(kept)
    assert [key for key, answer in heard.items() if answer and answer.status != 201] == []
    assert [key for key, answer in heard.items() if answer and key not in kept] == []
    for key, document in kept.items():
        assert (document.size, document.sha256) == (len(sent[key]), hashlib.sha256(sent[key]).hexdigest())
    some = killer.chance.choice(list(kept.values()))
    assert melder.ask("GET", f"/melding/{some.case.key}/bestanden/{some.key}/download").body == sent[some.upload_key]
    assert broken() == []
    assert in_clear(CANARY) == []
    assert after_the_sweep() == []
    assert {name for name, _ in storage.keys()} == {document.blob for document in kept.values()}


def _content(chance):
    """A PDF that is like no other, from 10 kB to LARGEST."""
    filler = (
        b"%"
        + chance.randbytes(chance.choice(sized((10_000, 200_000, LARGEST), (10_000,) * 10 + (200_000,) * 9 + (LARGEST,))) // 2)
        .hex()
        .encode()
        + CANARY
        + b"\n"
    )
    head, rest = make.PDF.split(b"\n", 1)
    return head + b"\n" + filler + rest


def _upload(melder, case, key, content):
    return melder.put(f"/melding/{case.key}/bestanden?sleutel={key}", content, f"{key}.pdf")


@pytest.mark.parametrize("seed", [3, 4])
def test_a_move_that_was_acknowledged_stands_in_the_trail_once_and_none_is_half(app, server, seed):
    coordinator, melder = make.coordinator(), make.user()
    theme = make.theme()
    cases = [make.case(status=Status.INGEDIEND, by=melder, theme=theme, month="2026-09") for _ in range(4)]
    judge, reporter = Person(app, server, coordinator), Person(app, server, melder)
    killer, done, unknown = Killer(server, seed), Counter(), Counter()
    for number, _ in enumerate(within(SECONDS)):
        case = Case.get_by_id(killer.chance.choice(cases).id)
        action, act = _next_act(case, judge, reporter, number, killer.chance)
        hang_up()
        heard = []
        killer.strike(lambda act=act, heard=heard: heard.append(act()))
        (done if heard[0] else unknown)[case.id, action] += 1
        if heard[0]:
            assert heard[0].status == 302, (action, heard[0].status)
            assert action != "case.submit" or "ingediend" in heard[0].location

    assert broken() == []
    told = Counter(AuditEvent.select(AuditEvent.case_id, AuditEvent.action).where(AuditEvent.case_id.is_null(False)).tuples())
    for which in done.keys() | unknown.keys():
        before = which[1] == "case.submit"  # each case began handed in
        assert done[which] <= told[which] - before <= done[which] + unknown[which], which
    assert sum(done.values()) > 3 and MonthAnswer.select().count() == 1


def _next_act(case, judge, reporter, number, chance):
    """What somebody may do now, as the action that the trail would tell and the request that does it."""
    review, now = f"/beoordelen/{case.key}", {"ronde": case.round}
    if case.status == Status.ONVOLLEDIG:
        return "case.submit", lambda: reporter.post(f"/melding/{case.key}/indienen", **now)
    if case.status == Status.GOEDGEKEURD:
        return "case.reopen", lambda: judge.post(f"{review}/heropenen", reden=f"Reden {number}.", **now)
    return chance.choice(
        (
            ("case.approve", lambda: judge.post(f"{review}/goedkeuren", toch="1", **now)),
            ("case.mark_incomplete", lambda: judge.post(f"{review}/onvolledig", bericht=f"Bericht {number}.", **now)),
            ("case.note", lambda: judge.post(f"{review}/notitie", notitie=f"Notitie {number}.")),
        )
    )


def test_an_answer_that_was_acknowledged_is_kept_and_counted(app, server):
    form = filling.form(filling.crf())
    person, killer = Person(app, server, form.case.reporter), Killer(server, 5)
    path, common = f"/melding/{form.case.key}/vragenlijst/antwoord", {"vraag": "B1.0", "versie": form.version.key}
    known, unknown, last, began = 0, 0, [], time.monotonic()
    for number, _ in enumerate(within(4 * SECONDS)):
        if known > 3 and time.monotonic() > began + SECONDS:
            break  # a busy machine takes longer for as many
        value, answer = str(15 + number % 40), Answer.get_or_none(form=form, code="B1")
        sent = {**common, "B1.0": value, "B1.0.gezien": answer.revision if answer else 0}
        hang_up()
        heard = []
        killer.strike(lambda sent=sent, heard=heard: heard.append(person.post(path, **sent)))
        if heard[0] is None:
            unknown, last = unknown + 1, [*last, value]
        else:
            assert heard[0].status == 200, heard[0].text
            known, last = known + 1, [value]

    answer, form = Answer.get(form=form, code="B1"), Form.get_by_id(form.id)
    assert known <= answer.revision <= known + unknown and form.revision == answer.revision
    assert str(form.given()["B1", 0].kept) in last and known > 3
    assert broken() == []
