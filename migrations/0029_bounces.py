"""When a mail came back that a mail server had taken."""

from peewee import DateTimeField


def up(migrator, database):
    migrator.migrate(migrator.add_column("mail", "bounced_at", DateTimeField(null=True)))
    migrator.migrate(migrator.add_index("mail", ("bounced_at",)))


def down(migrator, database):
    migrator.migrate(migrator.drop_column("mail", "bounced_at"))
