"""Lifting a legal hold waits for a second person."""

from peewee import DatabaseProxy, DateTimeField, ForeignKeyField, Model

db = DatabaseProxy()


class User(Model):
    class Meta:
        database = db
        legacy_table_names = False


def up(migrator, database):
    db.initialize(database)
    asked_by = ForeignKeyField(User, field=User.id, null=True, on_delete="RESTRICT")
    migrator.migrate(
        migrator.add_column("legal_hold", "lift_asked_by_id", asked_by),
        migrator.add_column("legal_hold", "lift_asked_at", DateTimeField(null=True)),
    )


def down(migrator, database):
    migrator.migrate(
        migrator.drop_column("legal_hold", "lift_asked_at"),
        migrator.drop_column("legal_hold", "lift_asked_by_id"),
    )
