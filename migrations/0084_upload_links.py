"""Upload links: a colleague without an account sends one requested document; and who did something without an account."""

from peewee import (
    SQL,
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
    pass


class Case(Frozen):
    pass


class RequestedDocument(Frozen):
    class Meta:
        table_name = "asked_document"


class RetentionTerm(Frozen):
    kind = CharField(max_length=20, unique=True)
    days = IntegerField()


class UploadLink(Frozen):
    key = CharField(max_length=22, unique=True)
    case = ForeignKeyField(Case, on_delete="RESTRICT")
    asked = ForeignKeyField(RequestedDocument, on_delete="RESTRICT")
    asked_by = ForeignKeyField(User, on_delete="RESTRICT")
    address = TextField()
    note = TextField(default="")
    standing = CharField(max_length=64, null=True)
    nonce = CharField(max_length=43)
    token_hash = CharField(max_length=64, unique=True)
    round = IntegerField()
    asked_at = DateTimeField()
    expires_at = DateTimeField()
    opened_at = DateTimeField(null=True)
    uploaded_at = DateTimeField(null=True)
    ended_at = DateTimeField(null=True)
    ended_why = CharField(max_length=60, default="")

    class Meta:
        indexes = ((("case", "asked", "standing"), True),)


class UploadCode(Frozen):
    key = CharField(max_length=22, unique=True)
    link = ForeignKeyField(UploadLink, on_delete="RESTRICT")
    nonce = CharField(max_length=43)
    made_at = DateTimeField()
    tries = IntegerField(default=0)
    used_at = DateTimeField(null=True)
    done_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("link", "made_at"), False),)


LIVE, ADDRESSED = SQL("ended_at IS NULL"), SQL("address <> '' AND ended_at IS NOT NULL")
UploadLink.add_index(UploadLink.index(UploadLink.expires_at, where=LIVE, name="upload_link_live"))
UploadLink.add_index(UploadLink.index(UploadLink.asked_at, where=ADDRESSED, name="upload_link_addressed"))


def up(migrator, database):
    db.initialize(database)
    db.create_tables([UploadLink, UploadCode])
    RetentionTerm.create(kind="upload_link", days=180)
    migrator.migrate(
        migrator.add_column("document", "via_id", ForeignKeyField(UploadLink, UploadLink.id, null=True, on_delete="RESTRICT")),
        migrator.add_column("hospital", "mail_domains", CharField(max_length=300, null=True)),
        migrator.add_column("event", "outsider", CharField(max_length=254, null=True)),
    )


def down(migrator, database):
    db.initialize(database)
    migrator.migrate(
        migrator.drop_column("event", "outsider"),
        migrator.drop_column("hospital", "mail_domains"),
        migrator.drop_column("document", "via_id"),
    )
    RetentionTerm.delete().where(RetentionTerm.kind == "upload_link").execute()
    db.drop_tables([UploadCode, UploadLink])
