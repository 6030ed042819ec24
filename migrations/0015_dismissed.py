"""Whether the coordinator closed a case, or its melder took it back; until now the words of the reason told them apart."""

# Said in SQL, because peewee would copy the whole table for it on SQLite.
COLUMN = 'ALTER TABLE "case" ADD COLUMN dismissed {BOOL} NOT NULL DEFAULT false'
# No closed case was both: only a concept is withdrawn, and a case that was dismissed never became one again.
WHO_CLOSED = """
    UPDATE "case" SET dismissed = true WHERE status = 'ingetrokken'
    AND EXISTS (SELECT 1 FROM event WHERE event.case_id = "case".id AND event.action = 'case.dismiss')
"""


def up(migrator, database):
    database.execute_sql(COLUMN.format(**database.field_types))
    database.execute_sql(WHO_CLOSED)


def down(migrator, database):
    database.execute_sql('ALTER TABLE "case" DROP COLUMN dismissed')
