"""Questionnaires, their versions and questions, and the forms that are filled in. What was published never changes."""

from peewee import (
    SQL,
    BooleanField,
    CharField,
    Check,
    DatabaseProxy,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    """Only what the new tables point at."""


class Theme(Frozen):
    """Only what the new tables point at."""


class Case(Frozen):
    """Only what the new tables point at."""


class Document(Frozen):
    """Only what the new tables point at."""


class Questionnaire(Frozen):
    code = CharField(max_length=40, unique=True)
    name = CharField(max_length=120)
    theme = ForeignKeyField(Theme, null=True, unique=True, on_delete="RESTRICT")
    process = CharField(max_length=10, null=True, unique=True)

    class Meta:
        constraints = [Check("(theme_id IS NULL) <> (process IS NULL)", "questionnaire_one_of")]


class Version(Frozen):
    key = CharField(max_length=22, unique=True)
    questionnaire = ForeignKeyField(Questionnaire, on_delete="RESTRICT")
    number = IntegerField()
    state = CharField(max_length=12)
    valid_from = DateField(null=True)
    intro = TextField()
    timeline = TextField()
    created_at = DateTimeField()
    created_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    published_at = DateTimeField(null=True)
    published_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")

    class Meta:
        indexes = ((("questionnaire", "number"), True),)
        constraints = [
            Check("state IN ('concept', 'gepubliceerd', 'vervallen')", "version_state"),
            Check("state <> 'gepubliceerd' OR valid_from IS NOT NULL", "version_valid_from"),
        ]


Version.add_index(Version.index(Version.questionnaire, unique=True, where=SQL("state = 'concept'"), name="version_one_draft"))


class Section(Frozen):
    version = ForeignKeyField(Version, on_delete="RESTRICT")
    code = CharField(max_length=4)
    title = CharField(max_length=200)
    shown_when = TextField()
    per = CharField(max_length=8)
    position = IntegerField()

    class Meta:
        indexes = ((("version", "code"), True),)


class Question(Frozen):
    version = ForeignKeyField(Version, on_delete="RESTRICT")
    section = ForeignKeyField(Section, on_delete="RESTRICT")
    code = CharField(max_length=8)
    label = CharField(max_length=300)
    help = TextField()
    answer = TextField()
    unit = CharField(max_length=30)
    required = CharField(max_length=2)
    shown_when = TextField()
    checks = TextField()
    source = CharField(max_length=200)
    position = IntegerField()
    retired = BooleanField()

    class Meta:
        indexes = ((("version", "code"), True), (("section", "position"), False))


class Form(Frozen):
    case = ForeignKeyField(Case, on_delete="RESTRICT")
    version = ForeignKeyField(Version, on_delete="RESTRICT")
    revision = IntegerField()
    still_open = IntegerField()
    asked = IntegerField()
    changed_at = DateTimeField()
    changed_by = ForeignKeyField(User, on_delete="RESTRICT")
    document = ForeignKeyField(Document, null=True, on_delete="RESTRICT")
    document_revision = IntegerField(null=True)
    replaced_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("case", "version"), True),)


Form.add_index(Form.index(Form.case, unique=True, where=SQL("replaced_at IS NULL"), name="form_of_case"))
Form.add_index(
    Form.index(
        Form.id,
        where=SQL("still_open = 0 AND replaced_at IS NULL AND (document_revision IS NULL OR document_revision < revision)"),
        name="form_due",
    )
)


class Answer(Frozen):
    form = ForeignKeyField(Form, on_delete="RESTRICT")
    code = CharField(max_length=8)
    repeat = IntegerField()
    value = TextField(null=True)
    reason = TextField(null=True)
    revision = IntegerField()
    changed_at = DateTimeField()
    changed_by = ForeignKeyField(User, on_delete="RESTRICT")

    class Meta:
        indexes = ((("form", "code", "repeat"), True),)


TABLES = [Questionnaire, Version, Section, Question, Form, Answer]

# The version whose rows these are must be a draft, before and after the change.
DRAFT = "EXISTS (SELECT 1 FROM version WHERE version.id = {row}.version_id AND version.state = 'concept')"
GUARDED = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}

SQLITE = """CREATE TRIGGER {table}_of_draft_{name} BEFORE {change} ON {table} WHEN NOT ({allowed})
BEGIN SELECT RAISE(ABORT, 'a published version does not change'); END"""

REFUSAL = """CREATE FUNCTION published_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a published version does not change' USING ERRCODE = 'integrity_constraint_violation'; END $$"""
POSTGRESQL_ROWS = """CREATE FUNCTION {table}_{name}_of_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF NOT ({allowed}) THEN RAISE EXCEPTION 'a published version does not change'
USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {result}; END $$"""
POSTGRESQL = """CREATE TRIGGER {table}_of_draft_{name} BEFORE {change} ON {table} FOR EACH ROW
EXECUTE FUNCTION {table}_{name}_of_draft()"""

# Of a version that is no draft only these may change.
VERSION = """CREATE TRIGGER version_published_{name} BEFORE {change} ON version {each} WHEN {when} {act}"""
SETTLED = "UPDATE OF key, questionnaire_id, number, intro, timeline, valid_from, published_at, published_by_id"


def up(migrator, database):
    db.initialize(database)
    on_sqlite = isinstance(database, SqliteDatabase)
    kind = "INTEGER NOT NULL DEFAULT 0" if on_sqlite else "BOOLEAN NOT NULL DEFAULT FALSE"
    database.execute_sql(f"ALTER TABLE document ADD COLUMN superseded {kind}")
    db.create_tables(TABLES)
    if not on_sqlite:
        database.execute_sql(REFUSAL)
    for table in ("section", "question"):
        for change, rows in GUARDED.items():
            _guard(database, on_sqlite, table, change, " AND ".join(DRAFT.format(row=row) for row in rows))
    act = (
        "BEGIN SELECT RAISE(ABORT, 'a published version does not change'); END"
        if on_sqlite
        else "EXECUTE FUNCTION published_version()"
    )
    for name, change in (("update", SETTLED), ("delete", "DELETE")):
        statement = VERSION.format(name=name, change=change, each="FOR EACH ROW", when="(OLD.state <> 'concept')", act=act)
        database.execute_sql(statement)


def _guard(database, on_sqlite, table, change, allowed):
    words = {"table": table, "name": change.lower(), "change": change, "allowed": allowed}
    if on_sqlite:
        database.execute_sql(SQLITE.format(**words))
        return
    database.execute_sql(POSTGRESQL_ROWS.format(**words, result="OLD" if change == "DELETE" else "NEW"))
    database.execute_sql(POSTGRESQL.format(**words))
