"""The trail on its way to a SIEM, and in the format of FHIR."""

import dataclasses
import json
import re
import socket
import threading
from contextlib import contextmanager
from datetime import datetime

import pytest

from commands import main
from models import clock, outgoing
from models.audit import audit_event, fhir_audit_event
from models.audit.audit_event import AuditEvent
from models.base import db, on_postgresql
from models.mail.outgoing_hold import OutgoingHold
from models.operations import schema
from models.operations import siem as shipping
from models.operations.siem import AuditShipment, message
from settings import SettingsError, read
from tests import make
from tests.certificates import REFUSED, Authority

SYSLOG = re.compile(
    r"<(\d+)>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) (\S+) meldportaal - (\S+) "
    r'\[meldportaal@32473((?: \w+="(?:[^"\\\]]|\\.)*")+)\] \ufeff(.+)'
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificaten"))


@pytest.fixture
def trusting(authority, monkeypatch):
    monkeypatch.setattr(outgoing, "settings", dataclasses.replace(outgoing.settings, trusted_ca=authority.file))
    return authority


@contextmanager
def siem(context, hang_up=None):
    """A SIEM; its address and the messages it took. It breaks the line after `hang_up` bytes, once."""
    taken, breaks = [], [hang_up] if hang_up is not None else []

    def serve(listening):
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(line, server_side=True) as secured:
                    received = b""
                    while block := secured.recv(65536):
                        received += block
                        if breaks and len(received) >= breaks[0]:
                            breaks.pop()
                            secured.shutdown(socket.SHUT_RDWR)
                            break
                    else:
                        taken.extend(_messages(received))
                        secured.unwrap()
            except OSError:
                line.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=[listening], daemon=True).start()
        yield f"syslog+tls://127.0.0.1:{listening.getsockname()[1]}", taken
        listening.close()


def _messages(received):
    while received:
        length, _, rest = received.partition(b" ")
        yield rest[: int(length)].decode()
        received = rest[int(length) :]


def test_every_line_arrives_once_in_order_as_rfc_5424(trusting):
    make.case()
    with siem(trusting.serving()) as (url, taken):
        assert AuditShipment.ship(url) == AuditEvent.select().count()
        assert AuditShipment.ship(url) == 0
        make.case()
        AuditShipment.ship(url)
    found = [SYSLOG.fullmatch(one) for one in taken]
    assert all(found), taken
    lines = [int(re.search(r' line="(\d+)"', one[5])[1]) for one in found]
    assert lines == [event.id for event in AuditEvent.select().order_by(AuditEvent.id)]
    assert {one[1] for one in found} <= {"110", "108", "107"} and "case.open" in {one[4] for one in found}


def test_nothing_is_lost_while_it_is_down_or_breaks_off(trusting):
    make.case()
    with socket.create_server(("127.0.0.1", 0)) as gone:
        nobody = f"syslog+tls://127.0.0.1:{gone.getsockname()[1]}"
    assert AuditShipment.ship(nobody) == AuditShipment.reached(nobody) == 0
    with siem(trusting.serving(), hang_up=100) as (url, taken):
        assert AuditShipment.ship(url) == 0 and taken == []
        assert AuditShipment.ship(url) == AuditEvent.select().count() == len(taken)


def test_a_run_ends_in_time_however_much_waits_and_the_next_goes_on(trusting, monkeypatch):
    make.case()
    make.case()
    monkeypatch.setattr(shipping, "AT_ONCE", 1)
    monkeypatch.setattr(shipping, "LONGEST", 0)
    with siem(trusting.serving()) as (url, taken):
        assert [AuditShipment.ship(url), AuditShipment.ship(url)] == [1, 1] and len(taken) == 2


def test_one_worker_ships_at_a_time_and_who_died_is_not_waited_for_long(trusting, monkeypatch):
    make.case()
    send, now = shipping._send, clock.now()
    with siem(trusting.serving()) as (url, taken):

        def meanwhile(*said):
            assert AuditShipment.ship(url) == 0  # the other worker, in the same minute
            send(*said)

        monkeypatch.setattr(shipping, "_send", meanwhile)
        assert AuditShipment.ship(url) == len(taken) == AuditEvent.select().count()

        monkeypatch.setattr(shipping, "_send", send)
        make.case()
        AuditShipment.update(taken_at=now).execute()
        assert AuditShipment.ship(url, now=now + shipping.LEASE) == 0
        assert AuditShipment.ship(url, now=now + shipping.LEASE + clock.MINUTE) > 0


@pytest.mark.parametrize("kind", REFUSED)
def test_a_siem_that_cannot_be_verified_gets_nothing(trusting, kind):
    make.case()
    with siem(trusting.serving(kind)) as (url, taken):
        assert AuditShipment.ship(url) == 0
    assert taken == []


def test_nothing_is_shipped_while_a_restore_is_held(trusting):
    make.case()
    OutgoingHold.create(copied_at=clock.now(), restored_at=clock.now())
    with siem(trusting.serving()) as (url, taken):
        assert AuditShipment.ship(url) == 0 and taken == []


def test_what_stands_in_a_line_cannot_break_out_of_its_field():
    event = AuditEvent.log("row.create", subject='a"] <1>1 \n\\ b', detail="x]")
    said = message(AuditEvent.get_by_id(event.id)).decode()
    assert SYSLOG.fullmatch(said) and "\n" not in said


def test_a_line_of_a_colleague_without_an_account_holds_all_that_its_hash_is_over():
    """So whoever has the shipped line, or the exported one, can tell that the database was changed afterwards."""
    with audit_event.outside("j.jansen@haven.example"):
        event = AuditEvent.log("row.create", subject="iets", at=datetime(2026, 11, 4, 12, 30, 1, 234567))
    said = message(AuditEvent.get_by_id(event.id)).decode()
    assert 'outsider="j.jansen@haven.example"' in said and "12:30:01.234567" in said
    told = fhir_audit_event.audit_event(AuditEvent.get_by_id(event.id))
    facts = {fact["type"]: fact["valueString"] for fact in told["entity"][0]["detail"]}
    assert facts["outsider"] == "j.jansen@haven.example" and told["recorded"] == "2026-11-04T12:30:01.234567Z"


def test_a_siem_without_tls_is_refused():
    with pytest.raises(SettingsError, match="SIEM_URL"):
        read({"SIEM_URL": "syslog://siem.example.nl"})


# ---- NEN 7513 as FHIR ---------------------------------------------------------------------------------------------


def test_the_trail_is_told_as_audit_events_one_a_line(capsys):
    case = make.case()
    AuditEvent.log("user.login_refused", subject="iemand", result="geweigerd")
    day = str(clock.today())
    with pytest.raises(SystemExit) as end:
        main(["audit-export", "--first", day, "--last", day])
    assert not end.value.code
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["id"] for one in told] == [str(event.id) for event in AuditEvent.select().order_by(AuditEvent.id)]
    for one in told:
        assert one["resourceType"] == "AuditEvent" and one["action"] in "CRUDE" and one["outcome"] in ("0", "4", "8")
        assert one["recorded"].endswith("Z") and one["agent"][0]["requestor"] is True and one["source"]["observer"]
    opened = next(one for one in told if one["subtype"][0]["code"] == "case.open")
    assert opened["agent"][0]["who"]["display"] == case.reporter.name
    assert opened["entity"][0]["what"]["identifier"]["value"] == str(case.id)
    assert told[-1]["subtype"][0]["code"] == "trail.export"


def test_only_the_days_that_were_asked_for_are_told():
    make.case()
    long_ago = clock.today() - 30 * clock.DAY
    assert list(fhir_audit_event.export(long_ago, long_ago)) == []


# ---- append-only --------------------------------------------------------------------------------------------------


@pytest.mark.only_sqlite
@pytest.mark.parametrize("table", ["event", "remark", "version"])
def test_a_row_that_may_not_change_is_not_replaced_either(table):
    assert not on_postgresql()
    make.case(status="onvolledig")
    if table == "version":
        schema.migrate()  # brings the questionnaires
    columns = [f'"{column.name}"' for column in db.get_columns(table)]
    before = db.execute_sql(f"SELECT * FROM {table}").fetchall()
    assert before
    with pytest.raises(Exception, match="append-only"), db.atomic():
        names = ", ".join(columns)
        db.execute_sql(f"INSERT OR REPLACE INTO {table} ({names}) SELECT {names} FROM {table} LIMIT 1")
    assert db.execute_sql(f"SELECT * FROM {table}").fetchall() == before


REFUSING = (
    "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE strpos(tgname, '_refuses_') > 0 AND {} (tgtype & 32) <> 0"
)


@pytest.mark.only_postgresql
def test_a_table_that_only_grows_is_not_emptied_either():
    make.case(status="onvolledig")
    guarded, safe = ({table for (table,) in db.execute_sql(REFUSING.format(word)).fetchall()} for word in ("NOT", ""))
    assert guarded - safe == set() and "event" in safe
    for table in safe:
        with pytest.raises(Exception, match="append-only"), db.atomic():
            db.execute_sql(f'TRUNCATE "{table}" CASCADE')
    assert AuditEvent.select().exists()
