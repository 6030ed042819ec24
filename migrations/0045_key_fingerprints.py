"""The keys that what is kept here is sealed with, by their fingerprints."""

from peewee import CharField, DatabaseProxy, DateTimeField, Model

db = DatabaseProxy()


class KeyFingerprint(Model):
    kind = CharField(max_length=20)
    fingerprint = CharField(max_length=80)
    since = DateTimeField()
    retired_at = DateTimeField(null=True)

    class Meta:
        database = db
        legacy_table_names = False
        indexes = ((("kind", "fingerprint"), True),)


def up(migrator, database):
    db.initialize(database)
    db.create_tables([KeyFingerprint])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([KeyFingerprint])
