"""In which request a line of the trail was written: the number that is in the log and on the error page too."""

from peewee import CharField

# Of before this step no line has one, so that the index is made at once; and an older program writes none.
INDEX = "CREATE INDEX event_request ON event (request) WHERE request IS NOT NULL"


def up(migrator, database):
    migrator.migrate(migrator.add_column("event", "request", CharField(max_length=64, null=True)))
    database.execute_sql(INDEX)


def down(migrator, database):
    database.execute_sql("DROP INDEX event_request")
    migrator.migrate(migrator.drop_column("event", "request"))
