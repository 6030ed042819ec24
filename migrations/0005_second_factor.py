"""The second step of logging in, devices that are trusted for a while, and the one reset link that holds."""

from peewee import (
    BlobField,
    BooleanField,
    CharField,
    DatabaseProxy,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    """Only what the new table points at."""


class Passkey(Frozen):
    user = ForeignKeyField(User, on_delete="CASCADE")
    name = CharField(max_length=64)
    credential_id = BlobField(unique=True)
    public_key = BlobField()
    sign_count = IntegerField()
    transports = TextField()
    extensions = TextField(null=True)
    usage = CharField(max_length=12)
    backup_state = BooleanField()
    device_type = CharField(max_length=20)
    lastuse_datetime = DateTimeField()

    class Meta:
        indexes = ((("user", "name"), True),)


COLUMNS = {
    "user": {
        "reset_key": CharField(max_length=22, null=True),
        "fs_webauthn_user_handle": CharField(max_length=64, null=True, unique=True),
        "tf_primary_method": CharField(max_length=20, null=True),
        "tf_totp_secret": TextField(null=True),
        "tf_last_counter": IntegerField(null=True),
        "mf_recovery_codes": TextField(null=True),
    },
    "known_device": {"trusted_until": DateTimeField(null=True)},
}


def up(migrator, database):
    db.initialize(database)
    migrator.migrate(
        *(migrator.add_column(table, name, field) for table, fields in COLUMNS.items() for name, field in fields.items())
    )
    db.create_tables([Passkey])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([Passkey])
    migrator.migrate(*(migrator.drop_column(table, name) for table, fields in COLUMNS.items() for name in fields))
