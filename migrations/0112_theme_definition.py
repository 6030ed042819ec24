"""What each theme meant since when; of before today nobody kept it."""

from datetime import UTC, datetime

from peewee import DatabaseProxy, DateTimeField, ForeignKeyField, Model, TextField

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class Theme(Frozen):
    definition = TextField()


class ThemeDefinition(Frozen):
    theme = ForeignKeyField(Theme, on_delete="RESTRICT")
    text = TextField()
    since = DateTimeField()

    class Meta:
        indexes = ((("theme", "since"), True),)


def up(migrator, database):
    db.initialize(database)
    db.create_tables([ThemeDefinition])
    now = datetime.now(UTC).replace(tzinfo=None)
    for theme in Theme.select(Theme.id, Theme.definition):
        ThemeDefinition.create(theme=theme, text=theme.definition, since=now)


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([ThemeDefinition])
