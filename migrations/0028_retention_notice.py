"""Terms that become shorter after a while, and what the night looks for in the neonatal registry."""

from peewee import IntegerField


def up(migrator, database):
    migrator.migrate(migrator.add_column("retention_term", "days_before", IntegerField(null=True)))
    database.execute_sql("CREATE INDEX lnr_entry_changed ON lnr_entry (changed_at) WHERE content IS NOT NULL")


def down(migrator, database):
    database.execute_sql("DROP INDEX lnr_entry_changed")
    migrator.migrate(migrator.drop_column("retention_term", "days_before"))
