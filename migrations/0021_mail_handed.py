"""When the text of a mail was handed to the server: one that a dead worker held before that did not leave."""

from peewee import DateTimeField


def up(migrator, database):
    migrator.migrate(migrator.add_column("mail", "handed_at", DateTimeField(null=True)))
    migrator.migrate(migrator.add_index("mail", ("handed_at",)))
    # Held by an older program, which did not write down how far it came.
    database.execute_sql("UPDATE mail SET handed_at = claimed_at WHERE status = 'bezig'")


def down(migrator, database):
    migrator.migrate(migrator.drop_column("mail", "handed_at"))
