"""Large files that come in parts: what is announced, and what arrived of it."""

from peewee import (
    SQL,
    BigIntegerField,
    CharField,
    Check,
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
    pass


class Case(Frozen):
    pass


class RequestedDocument(Frozen):
    class Meta:
        table_name = "asked_document"


class RetentionTerm(Frozen):
    kind = CharField(max_length=20, unique=True)
    days = IntegerField()


class ResumableUpload(Frozen):
    key = CharField(max_length=22, unique=True)
    case = ForeignKeyField(Case, on_delete="RESTRICT")
    asked = ForeignKeyField(RequestedDocument, null=True, on_delete="RESTRICT")
    sender = ForeignKeyField(User, on_delete="RESTRICT")
    name = TextField()
    size = BigIntegerField(constraints=[Check("size > 0")])
    modified = BigIntegerField(default=0)
    received = BigIntegerField(default=0)
    begun_at = DateTimeField()
    moved_at = DateTimeField()
    joining_until = DateTimeField(null=True)
    ended_at = DateTimeField(null=True, index=True)

    class Meta:
        constraints = [Check("received >= 0 AND received <= size", "resumable_upload_received")]


STANDING = SQL("ended_at IS NULL")
ResumableUpload.add_index(ResumableUpload.index(ResumableUpload.moved_at, where=STANDING, name="resumable_upload_standing"))


class SealedPart(Frozen):
    upload = ForeignKeyField(ResumableUpload, on_delete="RESTRICT")
    start = BigIntegerField()
    size = BigIntegerField(constraints=[Check("size > 0")])
    sha256 = CharField(max_length=64)
    blob = CharField(max_length=32, unique=True)

    class Meta:
        indexes = ((("upload", "start"), True),)


def up(migrator, database):
    db.initialize(database)
    db.create_tables([ResumableUpload, SealedPart])
    RetentionTerm.create(kind="unfinished_upload", days=3)


def down(migrator, database):
    db.initialize(database)
    RetentionTerm.delete().where(RetentionTerm.kind == "unfinished_upload").execute()
    db.drop_tables([SealedPart, ResumableUpload])
