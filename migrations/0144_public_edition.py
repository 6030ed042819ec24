"""Who made the national year report of the LNR public, and when; empty while it is not."""

from peewee import DatabaseProxy, DateTimeField, ForeignKeyField, Model

db = DatabaseProxy()


class User(Model):
    class Meta:
        database = db
        legacy_table_names = False


def up(migrator, database):
    db.initialize(database)
    migrator.migrate(
        migrator.add_column("lnr_edition", "published_at", DateTimeField(null=True)),
        migrator.add_column("lnr_edition", "published_by_id", ForeignKeyField(User, User.id, null=True, on_delete="RESTRICT")),
    )


def down(migrator, database):
    migrator.migrate(
        migrator.drop_column("lnr_edition", "published_by_id"), migrator.drop_column("lnr_edition", "published_at")
    )
