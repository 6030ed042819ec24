"""LZA1: colleagues who were named, the term to report in, and what the committee asked and judged."""

from peewee import (
    BooleanField,
    CharField,
    Check,
    DatabaseProxy,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    """Only what the new tables point at."""


class Case(Frozen):
    """Only what the new tables point at."""


class Remark(Frozen):
    """Only what the new tables point at."""


class Entrusted(Frozen):
    case = ForeignKeyField(Case, on_delete="RESTRICT")
    user = ForeignKeyField(User, on_delete="RESTRICT")
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField()

    class Meta:
        indexes = ((("case", "user"), True),)


class Term(Frozen):
    case = ForeignKeyField(Case, unique=True, on_delete="RESTRICT")
    last_day = DateField(index=True)


class CommitteeStep(Frozen):
    key = CharField(max_length=22, unique=True)
    case = ForeignKeyField(Case, on_delete="RESTRICT")
    kind = CharField(max_length=8)
    day = DateField()
    remark = ForeignKeyField(Remark, null=True, on_delete="RESTRICT")
    text = TextField(null=True)
    size = IntegerField(null=True)
    sha256 = CharField(max_length=64, null=True)
    blob = CharField(max_length=32, null=True, unique=True)
    request_key = CharField(max_length=43, unique=True)
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField()

    class Meta:
        constraints = [
            Check(
                "(kind = 'vraag' AND remark_id IS NOT NULL AND blob IS NULL)"
                " OR (kind = 'oordeel' AND remark_id IS NULL AND blob IS NOT NULL)",
                "committee_step_kind",
            )
        ]


TABLES = [Entrusted, Term, CommitteeStep]


def up(migrator, database):
    db.initialize(database)
    migrator.migrate(migrator.add_column("hospital", "lza1_kept_apart", BooleanField(default=False)))
    db.create_tables(TABLES)


def down(migrator, database):
    db.initialize(database)
    db.drop_tables(TABLES)
    migrator.migrate(migrator.drop_column("hospital", "lza1_kept_apart"))
