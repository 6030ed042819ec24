"""Retention: terms, what each night destroyed, legal holds, and when the content of a case was destroyed."""

from peewee import SQL, CharField, DatabaseProxy, DateField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField

db = DatabaseProxy()
DAYS = {
    "closed_case": 90, "patient_number": 180, "approved_case": 5475, "removed_file": 30, "replaced_pdf": 365,
    "ended_account": 30, "session": 90, "link_visit": 90, "device": 400, "mail_text": 365, "lnr_refused": 30,
    "lnr_upload": 90, "lnr_draft": 90,
}  # fmt: skip
# What the night looks for is found without reading what it has emptied before.
INDEXES = {
    "case_closed": "CREATE INDEX case_closed ON \"case\" (status_since) WHERE status = 'ingetrokken' AND erased_at IS NULL",
    "case_numbered": 'CREATE INDEX case_numbered ON "case" (status_since) '
    "WHERE status = 'goedgekeurd' AND patient_number IS NOT NULL",
    "log_in_seen": "CREATE INDEX log_in_seen ON log_in (seen_at)",
    "link_visit_at": "CREATE INDEX link_visit_at ON link_visit (at)",
    "known_device_created": "CREATE INDEX known_device_created ON known_device (created_at)",
    "mail_kept": "CREATE INDEX mail_kept ON mail (created_at) WHERE to_address <> ''",
    "document_replaced": "CREATE INDEX document_replaced ON document (removed_at) "
    "WHERE removed_at IS NOT NULL AND purged_at IS NULL",
}


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    pass


class Case(Frozen):
    pass


class LegalHold(Frozen):
    case = ForeignKeyField(Case, backref="holds", on_delete="RESTRICT")
    reason = TextField()
    placed_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    placed_at = DateTimeField()
    lifted_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    lifted_at = DateTimeField(null=True)


LegalHold.add_index(LegalHold.index(LegalHold.case, unique=True, where=SQL("lifted_at IS NULL"), name="legal_hold_standing"))


class RetentionTerm(Frozen):
    kind = CharField(max_length=20, unique=True)
    days = IntegerField()
    changed_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    changed_at = DateTimeField(null=True)


class Destruction(Frozen):
    night = DateField()
    kind = CharField(max_length=20)
    count = IntegerField()

    class Meta:
        indexes = ((("night", "kind"), True),)


def up(migrator, database):
    db.initialize(database)
    migrator.migrate(migrator.add_column("case", "erased_at", DateTimeField(null=True)))
    db.create_tables([LegalHold, RetentionTerm, Destruction])
    for kind, days in DAYS.items():
        RetentionTerm.create(kind=kind, days=days)
    for statement in INDEXES.values():
        database.execute_sql(statement)


def down(migrator, database):
    db.initialize(database)
    for name in INDEXES:
        database.execute_sql(f"DROP INDEX {name}")
    db.drop_tables([LegalHold, RetentionTerm, Destruction])
    migrator.migrate(migrator.drop_column("case", "erased_at"))
