"""A query within a query within a query is written once."""

import pytest
from peewee import Expression, ModelSelect

from models import base
from models.accounts.hospital import Hospital


class Counted(ModelSelect):
    """A query that counts how often its SQL is written."""

    written = 0

    def __sql__(self, ctx):
        Counted.written += 1
        return super().__sql__(ctx)


def nested(depth, operator):
    query = Counted(Hospital, [Hospital.id]).where(Hospital.active)
    for _ in range(depth):
        query = Hospital.select(Hospital.id).where(getattr(Hospital.id, operator)(query))
    return query


@pytest.mark.parametrize("operator", ["in_", "not_in"])
def test_the_innermost_query_is_written_once_and_the_sql_is_that_of_peewee(monkeypatch, operator):
    monkeypatch.setattr(Counted, "written", 0)
    ours = nested(4, operator).sql()
    assert Counted.written == 1
    monkeypatch.setattr(Expression, "_is_rhs_empty", base._is_list_empty)
    assert nested(4, operator).sql() == ours
    assert Counted.written > 2, "Peewee writes it once by itself: what we changed can go"


def test_an_empty_list_is_still_nothing_and_not_an_error():
    assert nested(0, "in_").where(Hospital.id.in_([])).sql()[0].endswith("(0 = 1))")
    assert not Hospital.select().where(Hospital.id << []).exists()
