"""Indexes by which a page reads its own rows and not those of the whole country, in the place of those that could not."""

from peewee import SQL, BooleanField, CharField, DatabaseProxy, DateTimeField, IntegerField, Model

db = DatabaseProxy()


class Row(Model):
    class Meta:
        database = db
        legacy_table_names = False


class AuditEvent(Row):
    case_id = IntegerField(null=True)
    action = CharField(max_length=40)
    at = DateTimeField()

    class Meta:
        table_name = "event"


class Case(Row):
    hospital = IntegerField(column_name="hospital_id")
    process = CharField(max_length=10)
    status = CharField(max_length=20)


class CountCell(Row):
    year = IntegerField()
    indicator = CharField(max_length=40)
    hospital = IntegerField(column_name="hospital_id")

    class Meta:
        table_name = "lnr_count_cell"


class Document(Row):
    removed_at = DateTimeField(null=True)


class OpenFinding(Row):
    test = BooleanField()
    rule = CharField(max_length=12)
    severity = CharField(max_length=14)
    first_at = DateTimeField()

    class Meta:
        table_name = "lnr_flaw"


NEW = (
    Case.index(Case.hospital, Case.process, Case.status, name="case_hospital_id_process_status"),
    CountCell.index(CountCell.year, CountCell.indicator, CountCell.hospital, name="lnr_count_cell_year_indicator_hospital_id"),
    Document.index(Document.removed_at, where=SQL("removed_at IS NOT NULL"), name="document_removed"),
    AuditEvent.index(AuditEvent.case_id, AuditEvent.action, AuditEvent.at, name="event_case_id_action_at"),
    OpenFinding.index(
        OpenFinding.test,
        OpenFinding.first_at,
        OpenFinding.rule,
        OpenFinding.severity,
        name="lnr_flaw_test_first_at_rule_severity",
    ),
)
OLD = (
    Document.index(Document.removed_at, name="document_removed_at"),
    AuditEvent.index(AuditEvent.case_id, name="event_case_id"),
    OpenFinding.index(OpenFinding.rule, OpenFinding.first_at, name="lnr_flaw_rule_first_at"),
)


def up(migrator, database):
    _exchange(database, NEW, OLD)


def down(migrator, database):
    _exchange(database, OLD, NEW)


def _exchange(database, made, dropped):
    db.initialize(database)
    for index in made:
        db.execute(index)
    for index in dropped:
        db.execute(SQL(f"DROP INDEX {index._name}"))
