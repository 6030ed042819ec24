"""The oldest lines of the trail go once they had their term: only those before an anchor, and of the last five years none."""

from peewee import CharField, DatabaseProxy, DateTimeField, IntegerField, Model, SqliteDatabase, TextField

db = DatabaseProxy()
DAYS = 15 * 365
CUT_OFF = "COALESCE((SELECT MAX(last) FROM audit_anchor), 0)"
# A day less than five years: a moment of the database has no fractions of a second.
LINE = "SELECT 1 FROM event WHERE id = NEW.last AND hash = NEW.hash AND at = NEW.said_at AND at < {then}"
REFUSED = "RAISE(ABORT, '{} is append-only')"

SQLITE = (
    "DROP TRIGGER event_refuses_delete",
    f"""CREATE TRIGGER event_refuses_delete BEFORE DELETE ON event WHEN OLD.id > {CUT_OFF}
BEGIN SELECT {REFUSED.format("event")}; END""",
    f"""CREATE TRIGGER audit_anchor_refuses_update BEFORE UPDATE OF last, hash, said_at, lines, at ON audit_anchor
BEGIN SELECT {REFUSED.format("audit_anchor")}; END""",
    f"""CREATE TRIGGER audit_anchor_refuses_delete BEFORE DELETE ON audit_anchor
BEGIN SELECT {REFUSED.format("audit_anchor")}; END""",
    f"""CREATE TRIGGER audit_anchor_refuses_replace BEFORE INSERT ON audit_anchor
WHEN EXISTS (SELECT 1 FROM audit_anchor WHERE id = NEW.id OR last >= NEW.last)
BEGIN SELECT {REFUSED.format("audit_anchor")}; END""",
    f"""CREATE TRIGGER audit_anchor_refuses_young BEFORE INSERT ON audit_anchor
WHEN NOT EXISTS ({LINE.format(then="datetime(NEW.at, '-1824 days')")})
BEGIN SELECT {REFUSED.format("event")}; END""",
)
POSTGRESQL = (
    f"""CREATE FUNCTION event_had_its_term() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF OLD.id > {CUT_OFF} THEN
RAISE EXCEPTION 'event is append-only' USING ERRCODE = 'integrity_constraint_violation'; END IF;
RETURN OLD; END $$""",
    "DROP TRIGGER event_refuses_delete ON event",
    "CREATE TRIGGER event_refuses_delete BEFORE DELETE ON event FOR EACH ROW EXECUTE FUNCTION event_had_its_term()",
    f"""CREATE FUNCTION audit_anchor_is_old() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF NOT EXISTS ({LINE.format(then="NEW.at - interval '1824 days'")}) THEN
RAISE EXCEPTION 'event is append-only' USING ERRCODE = 'integrity_constraint_violation'; END IF;
RETURN NEW; END $$""",
    "CREATE TRIGGER audit_anchor_refuses_young BEFORE INSERT ON audit_anchor FOR EACH ROW "
    "EXECUTE FUNCTION audit_anchor_is_old()",
    "CREATE TRIGGER audit_anchor_refuses_update BEFORE UPDATE OF last, hash, said_at, lines, at ON audit_anchor "
    "FOR EACH ROW EXECUTE FUNCTION append_only()",
    "CREATE TRIGGER audit_anchor_refuses_delete BEFORE DELETE ON audit_anchor FOR EACH ROW EXECUTE FUNCTION append_only()",
)


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class AuditAnchor(Frozen):
    last = IntegerField(unique=True)
    hash = CharField(max_length=64)
    said_at = DateTimeField()
    lines = IntegerField()
    at = DateTimeField()
    seal = TextField()


class RetentionTerm(Frozen):
    kind = CharField(max_length=20, unique=True)
    days = IntegerField()


def up(migrator, database):
    db.initialize(database)
    db.create_tables([AuditAnchor])
    for statement in SQLITE if isinstance(database, SqliteDatabase) else POSTGRESQL:
        database.execute_sql(statement)
    RetentionTerm.create(kind="trail", days=DAYS)
