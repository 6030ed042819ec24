"""Statements whose SQL is written once say and do what Peewee's own do."""

from datetime import timedelta

import pytest
from peewee import IntegrityError

from models import clock
from models.accounts.hospital import Hospital
from models.audit.audit_event import AuditEvent
from models.base import db, losable, on_postgresql
from models.database import prepared_statements
from models.database.prepared_statements import Hole, Prepared
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.supplier import Supplier
from tests import make

NOW = clock.now()


def _keys():
    return (
        ApiKey.select(ApiKey, Hospital)
        .join(Hospital)
        .where(ApiKey.hospital == Hole("of"), ApiKey.expires_at > Hole("now"))
        .order_by(ApiKey.id)
    )


def _issued(hospital, name="Maker"):
    return ApiKey.issue(Supplier.enrol(name), hospital, now=NOW)[0]


def test_the_rows_are_those_of_now_and_not_of_the_first_time():
    one, other, question = make.hospital("een"), make.hospital("twee"), Prepared(_keys)
    assert question.all(of=one, now=NOW) == []
    first, second = _issued(one), _issued(other, "Andere maker")
    assert question.all(of=one, now=NOW) == [first]
    assert question.all(of=other, now=NOW) == [second]
    assert question.first(of=one, now=NOW + timedelta(days=400)) is None


def test_a_foreign_key_takes_a_row_or_its_number_and_joined_rows_are_at_hand():
    hospital, question = make.hospital(), Prepared(_keys)
    _issued(hospital)
    sent = []
    db.obj.query_hooks.append(sent.append)
    try:
        assert question.first(of=hospital.id, now=NOW).hospital.name == hospital.name
    finally:
        db.obj.query_hooks.remove(sent.append)
    assert len(sent) == 1


def test_nothing_equals_a_value_that_is_not_there():
    _issued(make.hospital())
    assert Prepared(lambda: ApiKey.select().where(ApiKey.revoked_by == Hole("by"))).all(by=None) == []


def test_a_value_can_not_become_part_of_the_statement():
    question = Prepared(lambda: Hospital.select().where(Hospital.code == Hole("code")))
    make.hospital()
    assert question.all(code="' OR 1 = 1 --") == []


def test_an_inserted_row_is_the_row_that_is_read():
    supplier = prepared_statements.insert(Supplier(name="O'Maker", contact="é@example.com"))
    read = Supplier.get_by_id(supplier.id)
    assert read.__data__ == supplier.__data__ and not supplier.is_dirty()
    supplier.contact = ""
    supplier.save()
    assert Supplier.get_by_id(supplier.id).contact == ""


def test_an_insert_that_breaks_a_rule_raises_what_peewee_raises():
    prepared_statements.insert(Supplier(name="Maker"))
    with pytest.raises(IntegrityError), db.atomic():
        prepared_statements.insert(Supplier(name="Maker"))


def test_a_line_of_the_trail_falls_with_the_act_around_it():
    lines = AuditEvent.select().count()
    with pytest.raises(ZeroDivisionError), db.atomic():
        AuditEvent.log("lnr.supplier", subject="Leverancier")
        raise ZeroDivisionError
    assert AuditEvent.select().count() == lines
    assert not list(AuditEvent.broken_links())


@pytest.mark.only_postgresql
def test_only_the_losable_write_waits_for_no_disk():
    hospital = make.hospital()
    with db.atomic():
        Hospital.update(name="Anders").where(Hospital.id == hospital, losable()).execute()
        assert db.execute_sql("SHOW synchronous_commit").fetchone() == ("off",)
    assert db.execute_sql("SHOW synchronous_commit").fetchone() == ("on",)
    assert on_postgresql() and Hospital.get_by_id(hospital.id).name == "Anders"
