"""The region that a hospital was asked to go to: it ties at once, and the one of before until the change takes effect."""

from peewee import CharField


def up(migrator, database):
    migrator.migrate(migrator.add_column("hospital", "coming_region", CharField(max_length=40, null=True)))
    database.execute_sql(
        """UPDATE hospital SET coming_region = (SELECT region FROM reach_change WHERE reach_change.hospital_id = hospital.id
           AND reach_change.kind = 'region' AND reach_change.decided_at IS NULL)"""
    )


def down(migrator, database):
    migrator.migrate(migrator.drop_column("hospital", "coming_region"))
