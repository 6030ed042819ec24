"""Every sealed text has a term: calls, remarks about hospitals, notes of months, reasons of changes, erasures and holds."""

from peewee import CharField, DatabaseProxy, IntegerField, Model

db = DatabaseProxy()
YEAR = 365
TERMS = {
    "call_log": 2 * YEAR, "hospital_note": 3 * YEAR, "month_note": 2 * YEAR, "held_change": 2 * YEAR,
    "erasure_reason": 2 * YEAR, "lnr_erasure_reason": 2 * YEAR, "stay_hold": 2 * YEAR,
}  # fmt: skip
INDEXES = {
    "logged_call_at": "logged_call (at)",
    "hospital_note_at": "hospital_note (at)",
    "monthanswer_noted": "month_answer (at) WHERE note <> ''",
    "heldchange_decided": "held_change (decided_at) WHERE decided_at IS NOT NULL AND (reason <> '' OR address <> '')",
    "erasure_reasoned": "erasure_request (decided_at) WHERE reason <> '' AND granted IS NOT NULL",
    "lnr_stay_erasure_reasoned": "lnr_stay_erasure (decided_at) WHERE reason <> '' AND granted IS NOT NULL",
    "lnr_stay_hold_lifted": "lnr_stay_hold (lifted_at) WHERE reason <> '' AND lifted_at IS NOT NULL",
}


class RetentionTerm(Model):
    kind = CharField(max_length=20, unique=True)
    days = IntegerField()

    class Meta:
        database = db
        legacy_table_names = False


def up(migrator, database):
    db.initialize(database)
    for name, on in INDEXES.items():
        database.execute_sql(f"CREATE INDEX {name} ON {on}")
    for kind, days in TERMS.items():
        RetentionTerm.create(kind=kind, days=days)


def down(migrator, database):
    db.initialize(database)
    RetentionTerm.delete().where(RetentionTerm.kind.in_(list(TERMS))).execute()
    for name in INDEXES:
        database.execute_sql(f"DROP INDEX {name}")
