"""Stays of the LNR have a term, and which have had it is one look-up."""

from peewee import CharField, DatabaseProxy, IntegerField, Model

db = DatabaseProxy()
DAYS = 30 * 365


class RetentionTerm(Model):
    kind = CharField(max_length=20, unique=True)
    days = IntegerField()

    class Meta:
        database = db
        legacy_table_names = False


def up(migrator, database):
    db.initialize(database)
    database.execute_sql("CREATE INDEX lnr_stay_kept ON lnr_stay (last_at) WHERE state <> 'ingetrokken'")
    RetentionTerm.create(kind="lnr_stay", days=DAYS)


def down(migrator, database):
    db.initialize(database)
    RetentionTerm.delete().where(RetentionTerm.kind == "lnr_stay").execute()
    database.execute_sql("DROP INDEX lnr_stay_kept")
