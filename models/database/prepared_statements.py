"""Statements that are sent for every message of a machine: their SQL is written once, and not anew each time.

Peewee takes more time to write a statement than the database to answer it.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from peewee import Node

from models.base import Record, db


class Hole(Node):
    """Where a value comes, by name, as the column that it is compared with or put into stores it."""

    def __init__(self, name):
        self.name = name

    def __sql__(self, ctx):
        return ctx.value(_Gap(self.name, ctx.state.converter), converter=False)


class _Gap:
    def __init__(self, name, convert):
        self.name, self.convert = name, convert

    def filled(self, values: Mapping) -> Any:
        value = values[self.name]
        return self.convert(value) if self.convert else value


class Prepared:
    """A SELECT or an UPDATE that `build` makes once, with a Hole for each value that differs from time to time.

    A foreign key takes a row or its number. A Hole stands for one value, never for a list; NULL equals nothing.
    """

    def __init__(self, build):
        self.build, self._written = build, {}

    def all(self, **values: Any) -> list[Any]:
        """The rows, as the query of `build` gives them."""
        query, cursor = self._sent(values)
        return list(query._get_cursor_wrapper(cursor))

    def first(self, **values: Any) -> Any:
        """The first row; None when there is none."""
        return next(iter(self.all(**values)), None)

    def changed(self, **values: Any) -> Any:
        """How many rows the UPDATE changed."""
        return db.rows_affected(self._sent(values)[1])

    def _sent(self, values):
        # Databases differ in what a parameter looks like, and tests go from one to another.
        if db.param not in self._written:
            query = self.build()
            self._written[db.param] = (query, *db.get_sql_context().sql(query).query())
        query, sql, parts = self._written[db.param]
        return query, db.execute_sql(sql, [part.filled(values) if isinstance(part, _Gap) else part for part in parts])


def insert(row: Any) -> Record:
    """Insert a new row as `save` would, and give it its number. Every column is sent."""
    fields = [field for field in row._meta.sorted_fields if not field.primary_key]
    values = [field.db_value(row.__data__.get(field.name)) for field in fields]
    model: Any = type(row)
    row.id = db.execute_sql(_insertion(model, db.param), values).fetchone()[0]
    row._dirty.clear()
    return row


def upsert(row: Any) -> None:
    """Insert a row whose primary key is given, or put it in the place of the one with that key. Every column is sent."""
    values = [field.db_value(row.__data__.get(field.name)) for field in row._meta.sorted_fields]
    model: Any = type(row)
    db.execute_sql(_upsertion(model, db.param), values)
    row._dirty.clear()


def insert_rows(model: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns, by one statement; values as the database keeps them."""
    if rows:
        values = [value for row in rows for value in row.values()]
        db.execute_sql(_insertion_of_rows(model, tuple(rows[0]), len(rows), db.param), values)


@cache
def _insertion_of_rows(model, fields, count, mark):
    names = ", ".join(f'"{model._meta.fields[name].column_name}"' for name in fields)
    values = ", ".join([f"({', '.join([mark] * len(fields))})"] * count)
    return f'INSERT INTO "{model._meta.table_name}" ({names}) VALUES {values}'


@cache
def _upsertion(model, mark):
    columns = [field.column_name for field in model._meta.sorted_fields]
    key = model._meta.primary_key.column_name
    names = ", ".join(f'"{name}"' for name in columns)
    told = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name != key)
    values = ", ".join([mark] * len(columns))
    return f'INSERT INTO "{model._meta.table_name}" ({names}) VALUES ({values}) ON CONFLICT ("{key}") DO UPDATE SET {told}'


@cache
def _insertion(model, mark):
    columns = [field.column_name for field in model._meta.sorted_fields if not field.primary_key]
    names = ", ".join(f'"{name}"' for name in columns)
    return f'INSERT INTO "{model._meta.table_name}" ({names}) VALUES ({", ".join([mark] * len(columns))}) RETURNING "id"'
