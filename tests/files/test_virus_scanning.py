"""Files past a malware scanner: a real clamd where it is installed, and scanners that misbehave."""

import re
import socket
from datetime import timedelta

import pytest

from models import clock
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.files import virus_scanning
from models.files.clamav import Clean, CouldNotScan, Infected, Reason
from models.files.document import Document
from models.files.file_state import FileState
from models.mail.outbox import Mail
from models.operations import integrity_check
from settings import SettingsError, read, settings
from tests import make
from tests.files.test_clamav import EICAR, clamd  # noqa: F401  the fixture

VIRUS = make.PDF + EICAR


@pytest.fixture
def scanner(monkeypatch):
    """scanner(outcome): a scanner that gives this outcome, or calls it with the bytes."""

    def says(outcome):
        def scan(blocks, url):
            content = b"".join(blocks)
            return outcome(content) if callable(outcome) else outcome

        monkeypatch.setattr(virus_scanning, "scan", scan)

    monkeypatch.setitem(settings.__dict__, "clamd_url", "tcp://127.0.0.1:1")
    says(Clean())
    return says


def fresh(document):
    return Document.get_by_id(document.id)


def test_without_a_scanner_a_file_is_not_scanned_and_opens():
    document = make.document(make.case())

    assert virus_scanning.scan_waiting() == 0
    assert fresh(document).state == FileState.NIET_GESCAND and fresh(document).may_open


def test_a_real_scanner_lets_a_clean_file_open_and_keeps_an_infected_one_shut(clamd, monkeypatch):  # noqa: F811
    monkeypatch.setitem(settings.__dict__, "clamd_url", clamd[0])
    case = make.case()
    clean, bad = make.document(case), make.document(case, content=VIRUS)
    assert not fresh(clean).may_open

    assert virus_scanning.scan_waiting() == 2

    assert fresh(clean).state == FileState.SCHOON and b"".join(fresh(clean).content(case.reporter)) == make.PDF
    assert fresh(bad).state == FileState.BESMET and "Eicar" in fresh(bad).state_said
    with pytest.raises(Refused, match="virus"):
        fresh(bad).content(case.reporter)


@pytest.mark.parametrize("reason", [Reason.DOWN, Reason.HANGING, Reason.CLOSED, Reason.GARBLED])
def test_a_scanner_that_fails_never_means_clean_and_is_asked_again(scanner, reason):
    document = make.document(make.case())
    scanner(CouldNotScan(reason))

    virus_scanning.scan_waiting()
    assert fresh(document).state == FileState.WACHT and not fresh(document).may_open

    scanner(Clean())
    virus_scanning.scan_waiting(clock.now() + timedelta(minutes=16))
    assert fresh(document).may_open


def test_a_case_with_a_file_that_waits_can_be_submitted(scanner):
    case = make.case()
    make.document(case)

    case.submit(case.reporter)

    assert Case.get_by_id(case.id).status == Status.INGEDIEND


@pytest.mark.parametrize("outcome", [Infected("Proef"), CouldNotScan(Reason.TOO_LARGE)])
def test_a_file_that_nobody_can_open_is_not_a_file_of_the_case(scanner, outcome):
    case = make.case()
    asked = case.theme.asked.first()
    make.document(case, asked=asked)
    scanner(outcome)
    virus_scanning.scan_waiting()

    with pytest.raises(Refused, match="Niemand kan de bestanden"):
        case.submit(case.reporter)


def test_who_added_an_infected_file_is_told_and_the_coordinator_once_the_case_was_shared(scanner):
    case, coordinator = make.case(), make.coordinator()
    make.document(case, name="Anna Jansen.pdf")
    scanner(Infected("Proef.Virus"))
    virus_scanning.scan_waiting()
    assert [mail.user for mail in Mail.select().where(Mail.name == "file_blocked")] == [case.reporter]

    shared = make.case(status=Status.INGEDIEND, by=case.reporter, theme=case.theme)
    Document.update(state=FileState.WACHT, scan_due=clock.now()).where(Document.case == shared).execute()
    virus_scanning.scan_waiting()

    told = list(Mail.select().where(Mail.case_id == shared.id, Mail.name == "file_blocked"))
    assert {mail.user for mail in told} == {case.reporter, coordinator}
    for mail in Mail.select().where(Mail.name == "file_blocked"):
        text = mail.render().as_string()
        assert "virus" in text and "Anna" not in text and "Proef" not in text
    assert AuditEvent.select().where(AuditEvent.action == "document.infected").count() == 2


def test_clean_about_a_file_that_was_removed_meanwhile_is_thrown_away(scanner):
    case = make.case()
    document = make.document(case)

    def removed_meanwhile(content):
        fresh(document).remove(case.reporter)
        return Clean()

    scanner(removed_meanwhile)
    virus_scanning.scan_waiting()
    assert fresh(document).state == FileState.WACHT

    fresh(document).restore(case.reporter)
    assert not fresh(document).may_open
    scanner(Clean())
    virus_scanning.scan_waiting()
    assert fresh(document).may_open


def test_clean_is_thrown_away_when_the_file_was_put_back_or_judged_while_it_was_asked(scanner):
    case = make.case()
    document = make.document(case)

    def away_and_back(content):
        fresh(document).remove(case.reporter)
        fresh(document).restore(case.reporter)
        return Clean()

    scanner(away_and_back)
    virus_scanning.scan_waiting()

    assert fresh(document).state == FileState.WACHT


def test_infected_counts_even_when_the_file_was_removed_meanwhile_and_then_it_stays_away(scanner):
    case = make.case()
    document = make.document(case)

    def removed_meanwhile(content):
        fresh(document).remove(case.reporter)
        return Infected("Proef")

    scanner(removed_meanwhile)
    virus_scanning.scan_waiting()

    with pytest.raises(Refused, match="virus"):
        fresh(document).restore(case.reporter)


def test_a_worker_that_died_with_a_file_in_hand_only_makes_it_come_later(scanner):
    document = make.document(make.case())

    def killed(content):
        raise KeyboardInterrupt

    scanner(killed)
    with pytest.raises(KeyboardInterrupt):
        virus_scanning.scan_waiting()
    scanner(Clean())

    assert virus_scanning.scan_waiting() == 0
    assert virus_scanning.scan_waiting(clock.now() + virus_scanning.LEASE) == 1
    assert fresh(document).may_open


def test_two_workers_ask_about_a_file_once(scanner):
    document, asked = make.document(make.case()), []
    due = document.scan_due
    scanner(lambda content: asked.append(content) or Clean())

    assert virus_scanning.scan_one(document.id, due) == Clean()
    assert virus_scanning.scan_one(document.id, due) is None
    assert len(asked) == 1


def test_a_scanner_that_is_down_is_asked_about_one_file_a_round(scanner):
    case, asked = make.case(), []
    for _ in range(3):
        make.document(case)

    scanner(lambda content: asked.append(content) or CouldNotScan(Reason.DOWN))
    virus_scanning.scan_waiting()

    assert len(asked) == 1


def test_a_round_that_hangs_holds_up_no_second_one(scanner):
    make.document(make.case())
    second = []

    def hanging(content):
        # Another of the worker's threads comes by while this one waits.
        second.append(virus_scanning.scan_waiting())
        return Clean()

    scanner(hanging)

    assert virus_scanning.scan_waiting() == 1 and second == [0]


def test_files_from_before_the_scanner_wait_for_it(monkeypatch, scanner):
    monkeypatch.setitem(settings.__dict__, "clamd_url", "")
    document = make.document(make.case())
    assert document.may_open
    monkeypatch.setitem(settings.__dict__, "clamd_url", "tcp://127.0.0.1:1")
    assert not document.may_open

    virus_scanning.scan_waiting()

    assert fresh(document).state == FileState.SCHOON


def test_a_file_found_bad_when_it_is_scanned_again_shuts_from_that_moment(scanner):
    case = make.case()
    document = make.document(case)
    virus_scanning.scan_waiting()
    assert fresh(document).may_open and virus_scanning.scan_waiting() == 0

    scanner(Infected("Nieuw"))
    virus_scanning.scan_waiting(clock.now() + timedelta(days=2))

    assert fresh(document).state == FileState.BESMET


def test_a_scanner_that_cannot_look_into_a_clean_file_again_changes_nothing(scanner):
    document = make.document(make.case())
    virus_scanning.scan_waiting()

    scanner(CouldNotScan(Reason.TOO_LARGE))
    virus_scanning.scan_waiting(clock.now() + timedelta(days=2))

    assert fresh(document).may_open


def test_lists_count_the_files_that_can_be_opened_and_keep_the_others_with_the_case(scanner, app, login):
    coordinator = make.coordinator()
    case = make.case(status=Status.INGEDIEND)
    make.document(case)
    browser = login(app.test_client(), coordinator)

    def told():
        pages = [browser.get(path).text for path in ("/beoordelen/", "/alle-meldingen/export/csv/")]
        return re.search(r'data-label="Bestanden"><span>(\d+)', pages[0]).group(1), pages[1].splitlines()[1].split(";")[6]

    before = Case.get_by_id(case.id).uploads
    assert told() == (str(before), str(before))
    virus_scanning.block(Document.get(case=case), FileState.BESMET, "Virus", clock.now())

    assert told() == (str(before - 1), str(before - 1))
    assert Case.get_by_id(case.id).uploads == before and list(integrity_check.documents()) == []


def test_verify_tells_of_files_that_waited_for_more_than_a_day(scanner):
    make.document(make.case(), at=clock.now() - timedelta(days=2))

    assert any("virusscanner" in problem for problem in integrity_check.problems())


def test_nobody_listening_is_a_scanner_that_is_down(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setitem(settings.__dict__, "clamd_url", f"tcp://127.0.0.1:{port}")
    document = make.document(make.case())

    assert virus_scanning.scan_waiting() == 0 and fresh(document).state == FileState.WACHT


@pytest.mark.parametrize("url", ["http://scanner:3310", "tcp://", "unix:", "scanner:3310"])
def test_an_address_that_no_scanner_can_have_stops_the_start(url):
    with pytest.raises(SettingsError, match="CLAMD_URL"):
        read({"CLAMD_URL": url})


@pytest.mark.parametrize("url", ["", "tcp://127.0.0.1:3310", "tcp://scanner", "unix:/run/clamav/clamd.ctl"])
def test_an_address_of_a_scanner_is_taken_as_it_is(url):
    assert read({"CLAMD_URL": url}).clamd_url == url
