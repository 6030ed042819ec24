"""Which questions wait for an answer, by the day on which they were asked: the clock reminds of them."""


def up(migrator, database):
    database.execute_sql("CREATE INDEX inquiry_waiting ON inquiry (asked_at) WHERE replied_at IS NULL AND settled_at IS NULL")


def down(migrator, database):
    database.execute_sql("DROP INDEX inquiry_waiting")
